"""Raw samples and WAV files, read as they arrive. No I/O."""

import struct

import numpy as np

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.audio.pcm import Resampler
from rhapsode.errors import NoSpeechError, SpeechInterruptedError
from rhapsode.tts.openai_remote.decoding import Measured, Sink

_WAV_TYPES: dict[tuple[int, int], str] = {
    (1, 16): "<i2",
    (1, 32): "<i4",
    (3, 32): "<f4",
    (3, 64): "<f8",
}
"""(format, bits per sample) of WAV files, as numpy names them."""

_EXTENSIBLE = 0xFFFE
_UNKNOWN_LENGTH = frozenset({0, 0x7FFF_FFFF, 0xFFFF_FFFF})
"""What a server writes that begins to send before it knows how much."""


class PcmDecoder:
    """Reads raw samples, however the network has cut them."""

    def __init__(
        self, sample_rate: int, sink: Sink, *, dtype: str = "<i2", channels: int = 1
    ) -> None:
        self._dtype = np.dtype(dtype)
        self._channels = channels
        self._resampler = Resampler(sample_rate, SAMPLE_RATE)
        self._output = Measured(sink)
        self._rest = b""

    def push(self, received: bytes) -> None:
        """Take the next bytes; see `Decoder.push`."""
        received = self._rest + received
        frame = self._dtype.itemsize * self._channels
        whole = len(received) // frame * frame
        self._rest = received[whole:]
        samples = np.frombuffer(received[:whole], self._dtype).astype(np.float32)
        if self._dtype.kind == "i":
            samples /= float(2 ** (8 * self._dtype.itemsize - 1))
        if self._channels > 1:
            samples = samples.reshape(-1, self._channels).mean(axis=1, dtype=np.float32)
        self._output.take(self._resampler.push(np.nan_to_num(samples)))

    async def finish(self) -> None:
        """Give out the rest; see `Decoder.finish`. Half a sample at the end is no sound."""
        self._output.take(self._resampler.flush())
        self._output.require()

    async def close(self) -> None:
        """Do nothing: nothing is held."""


class WavDecoder:
    """Reads a WAV file while it is still arriving."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._head = b""
        self._format: tuple[str, int, int] | None = None
        self._samples: PcmDecoder | None = None
        self._left: int | None = None
        """Bytes of sound still to come; None when the file does not say."""

    def push(self, received: bytes) -> None:
        """Take the next bytes; see `Decoder.push`."""
        if self._samples is None:
            self._head += received
            received = self._read_head()
        if self._samples is None:
            return
        if self._left is not None:
            received = received[: self._left]
            self._left -= len(received)
        self._samples.push(received)

    async def finish(self) -> None:
        """Give out the rest; see `Decoder.finish`."""
        if self._samples is None:
            raise NoSpeechError("The speech server sent a WAV file without any sound.")
        await self._samples.finish()
        if self._left:
            raise SpeechInterruptedError("The speech server sent only a part of a WAV file.")

    async def close(self) -> None:
        """Do nothing: nothing is held."""

    def _read_head(self) -> bytes:
        """Read chunks up to the sound; return the sound that has arrived with them."""
        at = 12
        while len(self._head) >= at + 8:
            name, length = struct.unpack_from("<4sI", self._head, at)
            if name == b"data":
                return self._begin_sound(length, self._head[at + 8 :])
            end = at + 8 + length + length % 2
            if len(self._head) < end:
                break
            if name == b"fmt ":
                self._format = _wav_format(self._head[at + 8 : end])
            at = end
        return b""

    def _begin_sound(self, length: int, beginning: bytes) -> bytes:
        if self._format is None:
            raise NoSpeechError("The speech server sent a WAV file that is damaged.")
        dtype, channels, rate = self._format
        self._samples = PcmDecoder(rate, self._sink, dtype=dtype, channels=channels)
        self._left = None if length in _UNKNOWN_LENGTH else length
        self._head = b""
        return beginning


def _wav_format(chunk: bytes) -> tuple[str, int, int]:
    """Return numpy's name of the samples, the channels, and the samples per second."""
    if len(chunk) >= 16:
        kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
        if kind == _EXTENSIBLE and len(chunk) >= 26:
            (kind,) = struct.unpack_from("<H", chunk, 24)
        dtype = _WAV_TYPES.get((kind, bits))
        if dtype and 1 <= channels <= 8 and 4_000 <= rate <= 192_000:
            return dtype, channels, rate
    raise NoSpeechError("The speech server sent a WAV file of a kind that cannot be read.")
