"""Stories and their scenes."""
