import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.audio.chunk import AudioChunk
from rhapsode.tts.engine import SpeechOptions, Voice, WordTime
from rhapsode.tts.framing import (
    Cancel,
    Failed,
    Finished,
    FrameDecoder,
    FramingError,
    Message,
    Ready,
    Sound,
    Speak,
    Timed,
    encode,
)

ids = st.integers(0, 2**31)
# Lone surrogates included: a model may produce them, and they must not break the pipe.
texts = st.text(st.characters(exclude_categories=()), max_size=30)
voices = st.builds(Voice, texts, texts, texts, texts, st.booleans())
chunks = st.lists(st.floats(-1, 1, width=32), max_size=50).map(
    lambda values: AudioChunk(np.array(values, np.float32), 22_050)
)
messages = st.one_of(
    st.builds(Speak, ids, texts, texts, st.builds(SpeechOptions, st.floats(0.25, 4))),
    st.builds(Cancel, ids),
    st.builds(Ready, st.integers(1, 96_000), st.integers(1, 8), st.tuples(voices, voices)),
    st.builds(Sound, ids, chunks),
    st.builds(Timed, ids, st.builds(WordTime, ids, ids, ids, ids)),
    st.builds(Finished, ids),
    st.builds(Failed, ids, texts, texts),
)


def comparable(message: Message) -> object:
    """Arrays do not compare to a single truth; bytes do."""
    if isinstance(message, Sound):
        chunk = message.chunk
        return message.id, chunk.samples.dtype, chunk.samples.tobytes(), chunk.sample_rate
    return message


@given(sent=st.lists(messages, max_size=6), data=st.data())
def test_however_the_bytes_are_split_the_same_messages_come_out(sent, data):
    stream = b"".join(encode(message) for message in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    decoder = FrameDecoder()
    received: list[Message] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        received += decoder.push(stream[start:end])
    assert [comparable(m) for m in received] == [comparable(m) for m in sent]


def test_single_bytes_are_enough():
    decoder = FrameDecoder()
    stream = encode(Cancel(7)) + encode(Finished(7))
    received = [message for byte in stream for message in decoder.push(bytes([byte]))]
    assert received == [Cancel(7), Finished(7)]


@pytest.mark.parametrize(
    "garbage",
    [
        b"Segmentation fault (core dumped)\n",
        b"\x02\0\0\0\0\0\0\0{}",
        b"\x02\0\0\0\0\0\0\0[]",
        b"\x10\0\0\0\0\0\0\0" + b'{"type":"Hello"}',
        b"\xff\xff\xff\xff\0\0\0\0",
    ],
)
def test_what_is_no_frame_is_refused(garbage):
    with pytest.raises(FramingError):
        FrameDecoder().push(garbage)
