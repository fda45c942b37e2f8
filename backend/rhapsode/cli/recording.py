"""Recording: the end of the river that a terminal and a file make."""

import sys
import time
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.audio.encode import write_audio
from rhapsode.narration.events import (
    NarrationEvent,
    SentenceAudio,
    SentenceFailed,
    SentenceFinished,
    TextDelta,
)

_CLEAR_LINE = "\r\x1b[K"


class Recording:
    """Shows text as it comes, keeps the sound, and says how far it is."""

    def __init__(self, *, show_text: bool, quiet: bool) -> None:
        """Begin; the time to the first sound counts from here.

        Args:
            show_text: Whether text goes to standard output.
            quiet: Whether standard error stays silent.
        """
        self.failures: list[SentenceFailed] = []
        self.sentences = 0
        self._began = time.monotonic()
        self._ttfa_s: float | None = None
        self._pieces: list[NDArray[np.int16]] = []
        self._samples = 0
        self._show_text = show_text
        self._quiet = quiet
        # Text and a progress line on the same terminal would overwrite each other.
        text_on_terminal = show_text and sys.stdout.isatty()
        self._draws = sys.stderr.isatty() and not quiet and not text_on_terminal

    @property
    def duration_s(self) -> float:
        """Length of the sound so far, in seconds."""
        return self._samples / SAMPLE_RATE

    def emit(self, event: NarrationEvent) -> None:
        """Take the next event of the narration."""
        match event:
            case TextDelta(text=text):
                if self._show_text:
                    click.echo(text, nl=False)
            case SentenceAudio(samples=samples):
                self._keep(samples)
            case SentenceFinished():
                self.sentences += 1
                self._draw_progress()
            case SentenceFailed():
                self.failures.append(event)
            case _:
                pass

    def save(self, path: Path) -> None:
        """Write what was spoken so far; nothing where nothing was.

        Raises:
            click.ClickException: The file cannot be written.
        """
        if not self._pieces:
            return
        try:
            write_audio(path, np.concatenate(self._pieces))
        except OSError as error:
            raise click.ClickException(f"Cannot write {path}: {error.strerror}") from error

    def end(self) -> None:
        """Leave the line that the text or the progress ended on."""
        if self._show_text:
            click.echo()
        if self._draws:
            click.echo(_CLEAR_LINE, err=True, nl=False)

    def say(self, message: str) -> None:
        """Tell the person something that is not the story."""
        if not self._quiet:
            click.echo(message, err=True)

    def summary(self) -> str:
        """Return what this came to, in one line."""
        first = "" if self._ttfa_s is None else f", first sound after {self._ttfa_s:.2f} s"
        noun = "sentence" if self.sentences == 1 else "sentences"
        return f"{self.sentences} {noun}, {self.duration_s:.1f} s of audio{first}"

    def _keep(self, samples: NDArray[np.int16]) -> None:
        if self._ttfa_s is None:
            self._ttfa_s = time.monotonic() - self._began
        self._pieces.append(samples)
        self._samples += len(samples)

    def _draw_progress(self) -> None:
        if self._draws:
            click.echo(f"{_CLEAR_LINE}{self.summary()}", err=True, nl=False)
