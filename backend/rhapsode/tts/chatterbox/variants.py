"""The variants of Chatterbox. Pure data: importing it loads no library."""

from enum import StrEnum


class Variant(StrEnum):
    """Which model speaks."""

    ENGLISH = "english"
    MULTILINGUAL = "multilingual"
    TURBO = "turbo"
    """English, smaller and faster; knows tags like `[laugh]`."""
