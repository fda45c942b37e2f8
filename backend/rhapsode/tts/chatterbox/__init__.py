"""Chatterbox: a neural voice that speaks while its sentence is still being generated.

The model has three parts: T3 writes speech tokens (25 a second), the flow turns tokens into mel
frames (50 a second), the vocoder turns frames into samples (24,000 a second). Here each of them
runs piece by piece and for many listeners at once, over the weights and modules of the
`chatterbox-tts` package. Torch is imported in this folder only, which runs in an environment and
a process of its own.
"""
