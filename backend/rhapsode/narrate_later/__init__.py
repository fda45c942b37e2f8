"""Narration of finished scenes: in the background, kept, and heard again."""
