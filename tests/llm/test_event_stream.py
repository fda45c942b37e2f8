import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.llm.event_stream import EventStream

BODY = b': hello\n\ndata: {"a": 1}\n\nevent: x\ndata:two\ndata:  lines\n\nid: 3\n\ndata: last\n\n'
EVENTS = [b'{"a": 1}', b"two\n lines", b"last"]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@given(st.data())
def test_any_way_of_cutting_a_body_gives_the_same_events(line_end: bytes, data: st.DataObject):
    body = BODY.replace(b"\n", line_end)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=8)))
    stream = EventStream()
    parts = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert [event for part in parts for event in stream.push(part)] == EVENTS


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_an_event_is_given_out_with_its_last_byte(line_end: bytes):
    stream = EventStream()
    assert stream.push(b"data: x" + line_end) == []
    assert stream.push(line_end[:1]) == [b"x"]


@pytest.mark.parametrize("sign", [b"data: [DONE]\n\n", b"data:[DONE]", b"data:   [DONE]"])
def test_the_sign_of_the_end_needs_no_line_end(sign: bytes):
    stream = EventStream()
    assert stream.push(b"data: x\n\n" + sign) == [b"x"]
    assert stream.done


def test_nothing_counts_after_the_sign_of_the_end():
    stream = EventStream()
    assert stream.push(b"data: [DONE]\n\ndata: more\n\n") == []
    assert stream.push(b"data: more\n\n") == []


def test_text_that_speaks_of_the_sign_is_none():
    stream = EventStream()
    stream.push(b'data: {"content": "data: [DONE]"}\n\n')
    assert not stream.done
