"""How the words of a story are to be said."""
