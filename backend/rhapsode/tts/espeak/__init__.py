"""The built-in engine: eSpeak NG, which runs anywhere without a download, a GPU or a network."""
