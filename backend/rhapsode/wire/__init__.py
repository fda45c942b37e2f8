"""Encodings of the narration's events: pure functions, no I/O."""
