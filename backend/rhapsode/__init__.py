"""Rhapsode: writes a story with a language model and reads it aloud while it is being written."""
