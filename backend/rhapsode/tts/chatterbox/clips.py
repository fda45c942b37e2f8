"""Clips: from a file that somebody uploads to clean sound. Runs in the app, with PyAV.

An upload is an attack until it is proven to be sound: its first bytes decide which one demuxer
reads it, nothing in it can name another file, and decoding ends after `MAX_CLIP_S`.
"""

import io

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.errors import InvalidInputError
from rhapsode.tts.chatterbox.offers import CLIP_FORMATS, MAX_CLIP_BYTES, MAX_CLIP_S, MIN_CLIP_S

_AUDIBLE = 0.01
"""Peak below which nobody hears anything (-40 dB of full scale)."""

_ENOUGH_S = 0.5
"""How much of the clip must be audible."""

_CODECS = ("pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_u8")
_ALLOWED_CODECS = {
    "wav": _CODECS,
    "mp3": ("mp3", "mp3float"),
    "flac": ("flac",),
    "mov": ("aac", "alac"),
    "ogg": ("vorbis", "opus", "libopus", "libvorbis", "flac"),
}


def decode_clip(content: bytes) -> NDArray[np.float32]:
    """Return the sound of an uploaded file, mono, at 24 kHz, shape (n,).

    Args:
        content: The whole file: wav, mp3, flac, m4a or ogg.

    Raises:
        InvalidInputError: It is too large, no such file, damaged, too short or long, or silent.
    """
    if len(content) > MAX_CLIP_BYTES:
        raise _refused(f"The clip is larger than {MAX_CLIP_BYTES // 1024**2} MB.")
    demuxer = _demuxer(content[:16])
    if demuxer is None:
        raise InvalidInputError(
            "This is no sound file that can be read here.", param="file", allowed=CLIP_FORMATS
        )
    from av.error import FFmpegError  # late, as in `rhapsode.audio.opus`

    try:
        samples = _decode(content, demuxer)
    except FFmpegError as error:
        raise _refused(f"The clip cannot be decoded: {error.strerror}.") from error
    except ValueError as error:
        raise _refused(f"The clip cannot be decoded: {error}.") from error
    _check(samples)
    return samples


def _demuxer(head: bytes) -> str | None:
    """Return the demuxer for a file that begins so, None if there is none."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"fLaC":
        return "flac"
    if head[:4] == b"OggS":
        return "ogg"
    if head[4:8] == b"ftyp":
        return "mov"
    # A tag, or the sync word of layer III.
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "mp3"
    return None


def _decode(content: bytes, demuxer: str) -> NDArray[np.float32]:
    import av

    pieces: list[NDArray[np.float32]] = []
    length = 0
    with av.open(io.BytesIO(content), "r", format=demuxer) as container:
        streams = container.streams.audio
        if not streams or streams[0].codec_context.name not in _ALLOWED_CODECS[demuxer]:
            raise ValueError("there is no sound in it, or of an unusual kind")
        resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        for frame in container.decode(streams[0]):
            for resampled in resampler.resample(frame):
                pieces.append(resampled.to_ndarray()[0])
                length += resampled.samples
            if length > (MAX_CLIP_S + 0.5) * SAMPLE_RATE:
                raise _refused(f"The clip is longer than {MAX_CLIP_S:g} s.")
        pieces += [rest.to_ndarray()[0] for rest in resampler.resample(None)]
    return np.concatenate(pieces or [np.zeros(0, np.float32)]).astype(np.float32)


def _check(samples: NDArray[np.float32]) -> None:
    if not np.isfinite(samples).all():
        raise _refused("The clip holds values that are no sound.")
    length_s = len(samples) / SAMPLE_RATE
    if not MIN_CLIP_S <= length_s <= MAX_CLIP_S + 0.5:
        raise _refused(
            f"The clip has {length_s:.1f} s; {MIN_CLIP_S:g} to {MAX_CLIP_S:g} s are needed."
        )
    frame = SAMPLE_RATE // 50
    peaks = np.abs(samples[: len(samples) // frame * frame].reshape(-1, frame)).max(axis=1)
    if (peaks > _AUDIBLE).sum() / 50 < _ENOUGH_S:
        raise _refused("There is hardly anything to hear in the clip.")


def _refused(message: str) -> InvalidInputError:
    return InvalidInputError(message, param="file")
