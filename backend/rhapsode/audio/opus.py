"""OpusPackets: one continuous Opus stream for a whole session.

FFmpeg (`av`) is loaded when sound is first encoded: it takes 80 ms and 18 MB, which neither the
start of the program nor whoever only reads should pay. Call the first time from a thread.
"""

# PyAV leaves the type parameter of its packets open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE

if TYPE_CHECKING:
    import av

PACKET_SAMPLES = 480
"""Samples of one packet at `SAMPLE_RATE`: 20 ms."""

BIT_RATE = 32_000
"""Bits per second, on the average."""

_PACKETS_PER_S = SAMPLE_RATE // PACKET_SAMPLES


class OpusPackets:
    """Encodes 24 kHz mono speech as 20 ms Opus packets.

    Every 480 samples pushed give exactly one packet at once. The encoder looks ahead, so the sound
    in the packets lies `pre_skip` (48 kHz samples; 6.5 ms) later than the samples pushed: a player
    that drops the first `pre_skip` samples has sample n of the input at sample 2n of a 48 kHz
    output. The last 156 input samples pushed are therefore inside the *next* packet; a sentence
    that ends with 160 samples of silence loses nothing by that, and `flush` gives the rest.
    """

    def __init__(
        self, application: Literal["voip", "audio"] = "voip", packet_bytes: int | None = None
    ) -> None:
        """Start a stream.

        Args:
            application: `voip` favors the clarity of speech, `audio` faithfulness.
            packet_bytes: The size of every packet; None lets each be as large as its sound needs,
                at `BIT_RATE`.
        """
        import av

        encoder = av.AudioCodecContext.create("libopus", "w")
        encoder.sample_rate = SAMPLE_RATE
        encoder.layout = "mono"
        encoder.format = "s16"
        encoder.bit_rate = 8 * packet_bytes * _PACKETS_PER_S if packet_bytes else BIT_RATE
        encoder.options = {
            "application": application,
            "frame_duration": "20",
            "vbr": "off" if packet_bytes else "on",
        }
        encoder.open()
        self._encoder = encoder
        self._pushed = 0

    @property
    def head(self) -> bytes:
        """The OpusHead of RFC 7845 section 5.1, which a decoder is configured with."""
        head = self._encoder.extradata
        assert head is not None, "libopus writes it when it is opened"
        return head

    @property
    def pre_skip(self) -> int:
        """How many samples at 48 kHz a player drops from the start of the decoded stream."""
        return int.from_bytes(self.head[10:12], "little")

    def push(self, samples: NDArray[np.int16]) -> list[bytes]:
        """Encode the next samples and return their packets, `len(samples) / 480` of them.

        Args:
            samples: Shape (n,), n a multiple of 480.

        Raises:
            ValueError: n is no multiple of 480; it would shift everything that follows.
        """
        if len(samples) % PACKET_SAMPLES:
            raise ValueError(f"{len(samples)} samples are no whole number of 20 ms packets")
        return [
            packet
            for start in range(0, len(samples), PACKET_SAMPLES)
            for packet in self._encode(samples[start : start + PACKET_SAMPLES])
        ]

    def flush(self) -> list[bytes]:
        """End the stream; return the packet with the samples that the encoder looked ahead at."""
        return self._packets(None)

    def _encode(self, samples: NDArray[np.int16]) -> list[bytes]:
        import av

        frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = self._pushed
        self._pushed += len(samples)
        return self._packets(frame)

    def _packets(self, frame: "av.AudioFrame | None") -> list[bytes]:
        return [bytes(packet) for packet in self._encoder.encode(frame)]
