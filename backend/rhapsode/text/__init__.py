"""Text: where sentences end, and how written text becomes text to be spoken. No I/O, no clock."""
