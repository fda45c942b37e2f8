"""What clients may say, and that everything else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.wire.client_messages import (
    Ack,
    ClientMessage,
    Ping,
    ProtocolViolationError,
    Skip,
    Start,
    Stop,
    decode,
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type":"start","v":1}', Start("start", 1)),
        (
            '{"type":"start","v":1,"after_seq":9,"codecs":["opus"],"window_ms":60000}',
            Start("start", 1, 9, ("opus",), 60_000),
        ),
        ('{"type":"ack","seq":3,"played_sample":480}', Ack("ack", 3, 480)),
        (
            '{"type":"ack","seq":3,"played_sample":480,"window_ms":1000}',
            Ack("ack", 3, 480, 1_000),
        ),
        ('{"type":"stop"}', Stop("stop")),
        ('{"type":"stop","keep":false}', Stop("stop", keep=False)),
        ('{"type":"skip","to_sentence":4}', Skip("skip", 4)),
        ('{"type":"ping","t":12.5,"added_later":true}', Ping("ping", 12.5)),
    ],
)
def test_client_messages_are_decoded(text: str, message: ClientMessage) -> None:
    assert decode(text) == message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "null",
        "[]",
        "{}",
        '{"type":"dance"}',
        '{"type":"start"}',
        '{"type":"start","v":2}',
        '{"type":"start","v":1,"after_seq":-1}',
        '{"type":"start","v":1,"after_seq":"1"}',
        '{"type":"start","v":1,"window_ms":999}',
        '{"type":"start","v":1,"window_ms":3600001}',
        '{"type":"start","v":1,"codecs":"opus"}',
        '{"type":"ack","seq":1}',
        '{"type":"ack","seq":1,"played_sample":-1}',
        '{"type":"ack","seq":1,"played_sample":1.5}',
        '{"type":"stop","keep":"yes"}',
        '{"type":"skip","to_sentence":65536}',
        '{"type":"ping","t":NaN}',
        '{"type":"ping","t":1e999}',
        '{"type":"ping","pad":"' + "x" * 65_536 + '"}',
        '{"type":"ping","pad":"' + "é" * 33_000 + '"}',
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ProtocolViolationError):
        decode(text)


@given(st.text())
def test_decode_never_fails_in_any_other_way(text: str) -> None:
    with pytest.raises(ProtocolViolationError):
        decode(text)


@pytest.mark.parametrize(
    ("codecs", "chosen"),
    [
        (("opus", "pcm_s16le"), "opus"),
        (("pcm_s16le", "opus"), "pcm_s16le"),
        (("flac", "opus"), "opus"),
    ],
)
def test_the_client_s_first_codec_that_exists_is_taken(
    codecs: tuple[str, ...], chosen: str
) -> None:
    assert Start("start", 1, codecs=codecs).choose_codec() == chosen


def test_a_client_that_can_decode_nothing_is_told_what_there_is() -> None:
    with pytest.raises(ProtocolViolationError) as refusal:
        Start("start", 1, codecs=("flac",)).choose_codec()
    assert refusal.value.allowed == ["opus", "pcm_s16le"]
