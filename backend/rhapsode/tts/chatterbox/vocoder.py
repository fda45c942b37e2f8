"""Vocoder: mel frames to samples, piece by piece, without a seam.

A frame sounds up to 12 frames to either side, so the last frames of a piece are held back until
the next one has come, and some frames before it are computed again. Measured against the whole
utterance at once: held back 6 frames, 50 dB; 8 frames, 64 dB; 12 frames, 71 dB, which is how far
upstream's own arithmetic reaches. Pieces are not faded into each other: they agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rhapsode.tts.chatterbox.harmonics import HarmonicSource
from rhapsode.tts.chatterbox.hift import HiftNet
from rhapsode.tts.chatterbox.schedule import (
    CHUNK_TOKENS,
    FRAMES_PER_TOKEN,
    SAMPLES_PER_FRAME,
    StreamPlan,
)
from rhapsode.tts.chatterbox.shapes import Graphs, bucket, doubling, upload
from rhapsode.tts.chatterbox.upstream import HiFTGenerator

LEFT_FRAMES = 20
"""Frames before a piece that are computed again."""

_ALL_SHAPES_TOKENS = sum(CHUNK_TOKENS) + 4 * CHUNK_TOKENS[-1]
"""Tokens after which pieces have one shape for good."""

PITCH_FRAMES = 5
"""How far the pitch of a frame depends on those after it."""


class VocoderStream:
    """One utterance on its way through a `Vocoder`: what it remembers between pieces."""

    def __init__(self, seed: int, silence: Tensor) -> None:
        """Begin with the phase of silence; use `Vocoder.stream`."""
        self.seed = seed
        self.mel = torch.zeros(80, 0, device=silence.device)
        """Shape (80, n): the frames that still matter."""

        self.source = torch.zeros(0, device=silence.device)
        """Shape (480 m,): the source of the first m of them, which will not change."""

        self.phase = silence
        """Shape (harmonics,), in cycles: where that source ends."""

        self.sourced = 0
        """Frames whose source will not change, counted from the beginning."""

        self.emitted = 0
        """Frames whose samples have been handed out."""

        self._first = 0
        """Number of the first frame that still matters."""

    @property
    def unsourced(self) -> int:
        """How many frames, the last ones, have no source yet."""
        return self._first + self.mel.shape[1] - self.sourced

    def extend(self, mel: Tensor) -> None:
        """Append frames, shape (80, n)."""
        self.mel = torch.cat([self.mel, mel], dim=1)

    def keep(self, source: Tensor, phases: Tensor, frames: int) -> None:
        """Remember the source of the next frames.

        Args:
            source: Shape (480 n,): of all frames that had none.
            phases: Shape (harmonics, n): where each of them ends.
            frames: How many of them will not change.
        """
        if frames:
            self.source = torch.cat([self.source, source[: frames * SAMPLES_PER_FRAME]])
            self.phase = phases[:, frames - 1].clone()
            self.sourced += frames

    def take(self, samples: Tensor, hold_frames: int) -> Tensor:
        """Return what of the decoded samples is new and will not change, and forget the past.

        Args:
            samples: Shape (480 n,), of all frames that matter.
            hold_frames: How many at the end still may change.
        """
        end = max(self.emitted, self._first + self.mel.shape[1] - hold_frames)
        start, self.emitted = self.emitted, end
        fresh = samples[
            (start - self._first) * SAMPLES_PER_FRAME : (end - self._first) * SAMPLES_PER_FRAME
        ]
        past = max(0, min(self.emitted, self.sourced) - LEFT_FRAMES - self._first)
        self.mel = self.mel[:, past:]
        self.source = self.source[past * SAMPLES_PER_FRAME :]
        self._first += past
        return fresh


@dataclass(frozen=True, slots=True)
class Piece:
    """The next mel frames of one utterance."""

    stream: VocoderStream
    mel: Tensor
    """Shape (80, n), float32; n may be 0 at the end."""

    hold_frames: int
    """How many frames to keep back; 0 at the end."""

    final: bool
    """Whether the utterance ends here."""


class Vocoder:
    """Computes pieces, many at once. One thread only; grads are off."""

    def __init__(self, upstream: HiFTGenerator, fade_in: Tensor, *, max_batch: int = 16) -> None:
        """Take upstream's vocoder in eval mode.

        Args:
            upstream: S3Gen's `mel2wav`, float32.
            fade_in: Shape (n,): what an utterance's first samples are multiplied with, S3Gen's
                `trim_fade`; it silences what spills over from the voice's clip.
            max_batch: How many pieces are computed at once.
        """
        self._net = HiftNet(upstream)
        self._source = HarmonicSource(upstream.m_source)
        self._fade_in = fade_in.to(self._net.device)
        self._graphs = Graphs(self._net.device)
        self._max_batch = max_batch
        self._batches = doubling(max_batch) if self._graphs.records else ()

    def stream(self, seed: int) -> VocoderStream:
        """Begin an utterance; the same seed and frames give the same samples."""
        with torch.inference_mode():
            return VocoderStream(seed, self._source.silence())

    def warm_up(self) -> None:
        """Record every shape on a GPU, so that no listener waits for it later.

        Speaks, once for every size of a batch, an utterance long enough to have them all.
        """
        for batch in self._batches:
            streams, plan = [self.stream(0) for _ in range(batch)], StreamPlan()
            for cut in filter(None, (plan.push() for _ in range(_ALL_SHAPES_TOKENS))):
                frames = FRAMES_PER_TOKEN * (cut.end - cut.start)
                mel = torch.zeros(80, frames, device=self._net.device)
                self.advance([Piece(stream, mel, cut.hold_frames, False) for stream in streams])

    def advance(self, pieces: Sequence[Piece]) -> list[Tensor]:
        """Return the samples that each piece lets go.

        Args:
            pieces: Of different utterances.

        Returns:
            Shapes (480 n,), float32, in [-1, 1], valid for good; n is 0 while all is held back.
        """
        with torch.inference_mode():
            for piece in pieces:
                piece.stream.extend(piece.mel)
            samples: dict[int, Tensor] = {}
            for alike in _alike(pieces, self._max_batch):
                decoded = self._decoded([pieces[index] for index in alike])
                samples.update(zip(alike, decoded, strict=True))
            return [samples[index] for index in range(len(pieces))]

    def _decoded(self, pieces: Sequence[Piece]) -> list[Tensor]:
        """Return the samples of pieces that are alike in shape."""
        streams, final = [piece.stream for piece in pieces], pieces[0].final
        frames, unsourced = streams[0].mel.shape[1], streams[0].unsourced
        if not frames:
            return [self._fade_in[:0] for _ in pieces]
        settled = unsourced if final else max(0, unsourced - PITCH_FRAMES)
        inputs = self._inputs(streams)
        # The last piece of an utterance has any length: too many shapes to record.
        if final:
            outputs = self._compute(*inputs)
        else:
            key = (len(inputs[0]), frames, unsourced)
            outputs = self._graphs.run(key, self._compute, *inputs)
        let_go: list[Tensor] = []
        for piece, samples, source, phases in zip(pieces, *outputs, strict=False):
            piece.stream.keep(source, phases, settled)
            let_go.append(self._let_go(piece, samples))
        return let_go

    def _inputs(self, streams: Sequence[VocoderStream]) -> tuple[Tensor, ...]:
        batch = bucket(len(streams), self._batches)
        # Unused rows repeat the last one.
        rows = [*streams, *[streams[-1]] * (batch - len(streams))]
        known = torch.tensor([[stream.seed, stream.sourced] for stream in rows])
        seeds, sourced = upload(known, self._net.device).unbind(1)
        return (
            torch.stack([stream.mel for stream in rows]),
            torch.stack([stream.source for stream in rows]),
            torch.stack([stream.phase for stream in rows]),
            seeds,
            sourced,
        )

    def _compute(
        self, mel: Tensor, source: Tensor, phase: Tensor, seeds: Tensor, sourced: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Complete the source and decode; fixed shapes, no host waits."""
        known = source.shape[1] // SAMPLES_PER_FRAME
        pitch = self._net.pitch(mel)[:, known:]
        fresh, phases = self._source.make(pitch, phase, seeds, sourced)
        samples = self._net.decode(mel, torch.cat([source, fresh], dim=1))
        return samples, fresh, phases

    def _let_go(self, piece: Piece, samples: Tensor) -> Tensor:
        start = piece.stream.emitted * SAMPLES_PER_FRAME
        fresh = piece.stream.take(samples, piece.hold_frames).clone()
        fade = self._fade_in[start : start + len(fresh)]
        fresh[: len(fade)] *= fade
        return fresh


def _alike(pieces: Sequence[Piece], most: int) -> list[list[int]]:
    """Return the indexes of pieces in groups of equal shape, `most` at most in each."""
    groups: dict[tuple[int, int, bool], list[int]] = {}
    for index, piece in enumerate(pieces):
        shape = (piece.stream.mel.shape[1], piece.stream.unsourced, piece.final)
        groups.setdefault(shape, []).append(index)
    return [
        group[first : first + most]
        for group in groups.values()
        for first in range(0, len(group), most)
    ]
