"""Kept sound, found by what is said and who says it."""
