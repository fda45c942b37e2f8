"""SentenceBuffer and its boundaries."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.text.cuts import Urgency
from rhapsode.text.sentences import MAX_CHARS, Fragment, SentenceBuffer


def drain(buffer: SentenceBuffer, urgency: Urgency = Urgency.SENTENCE) -> list[Fragment]:
    fragments = []
    while (fragment := buffer.take(urgency)) is not None:
        fragments.append(fragment)
    return fragments


def cut(text: str) -> list[str]:
    buffer = SentenceBuffer()
    buffer.push(text)
    buffer.close()
    return [fragment.text for fragment in drain(buffer)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It rained. He left.", ["It rained.", "He left."]),
        ("Dr. Smith met Mr. Lee at 5 p.m. sharp.", ["Dr. Smith met Mr. Lee at 5 p.m. sharp."]),
        ("J. R. R. Tolkien wrote it. I read it.", ["J. R. R. Tolkien wrote it.", "I read it."]),
        ("It was 5 p.m. The bell rang.", ["It was 5 p.m.", "The bell rang."]),
        ("Pi is 3.14 or so. Good.", ["Pi is 3.14 or so.", "Good."]),
        ("See vol. 2, p. 117 there. Go.", ["See vol. 2, p. 117 there.", "Go."]),
        ("He said no. Then he left.", ["He said no.", "Then he left."]),
        ("Take No. 5 home. Now.", ["Take No. 5 home.", "Now."]),
        ("1. Open the door.\n2. Go in.", ["1. Open the door.", "2. Go in."]),
        ("“Run!” she said. He ran.", ["“Run!” she said.", "He ran."]),
        ("“Is it you?” He nodded.", ["“Is it you?”", "He nodded."]),
        ("“Go.” “Why?” “Because.”", ["“Go.”", "“Why?”", "“Because.”"]),
        ("He waited... and waited. Gone.", ["He waited... and waited.", "Gone."]),
        ("He stopped… Then he sang.", ["He stopped…", "Then he sang."]),
        ("What?! No!! Yes.", ["What?!", "No!!", "Yes."]),
        ("Visit example.com today. Or not.", ["Visit example.com today.", "Or not."]),
        ("# The Door\n\nIt was shut.", ["# The Door", "It was shut."]),
        ("The lamp\nwas out. Yes.", ["The lamp\nwas out.", "Yes."]),
        ("門が開いた。彼は入った。", ["門が開いた。", "彼は入った。"]),
        ("「行け！」彼は言った。", ["「行け！」", "彼は言った。"]),
        ("वह गया। वह आया।", ["वह गया।", "वह आया।"]),
        ("هل جاء؟ نعم.", ["هل جاء؟", "نعم."]),
        ("*Stop!* he cried. **Never.** Good.", ["*Stop!* he cried.", "**Never.**", "Good."]),
        ("The U.S. Army came. They left.", ["The U.S. Army came.", "They left."]),
        ("no terminator at all", ["no terminator at all"]),
    ],
)
def test_a_text_is_cut_at_the_ends_of_its_sentences(text: str, sentences: list[str]) -> None:
    """Forbids defect D1."""
    assert cut(text) == sentences


@given(st.text("abc ,.;—\n", max_size=900), st.integers(100, 500), st.sampled_from(Urgency))
def test_no_fragment_is_longer_than_an_engine_takes(text, max_chars, urgency):
    buffer = SentenceBuffer(max_chars)
    buffer.push(text)
    buffer.close()
    fragments = drain(buffer, urgency)
    assert all(len(fragment.text) <= max_chars for fragment in fragments)
    assert "".join("".join(f.text.split()) for f in fragments) == "".join(text.split())


def test_five_sentences_in_one_delta_leave_at_once() -> None:
    """Forbids defect D1; proves 003-G11."""
    buffer = SentenceBuffer()
    buffer.push("One. Two. Three. Four. Five. ")
    assert [f.text for f in drain(buffer)] == ["One.", "Two.", "Three.", "Four.", "Five."]


def test_push_holds_back_until_white_space_proves_the_end() -> None:
    buffer = SentenceBuffer()
    buffer.push("It costs 3.")
    assert buffer.take() is None
    buffer.push("14 euros. ")
    fragment = buffer.take()
    assert fragment is not None
    assert fragment.text == "It costs 3.14 euros."


def test_the_rest_is_flushed_and_white_space_is_not() -> None:
    """Proves 003-G11."""
    assert cut("One. And then") == ["One.", "And then"]
    assert cut("One. \n ") == ["One."]
    assert cut(" \n\t ") == []


def test_an_urgent_listener_gets_the_first_clause() -> None:
    buffer = SentenceBuffer()
    buffer.push("When the tide came in, the old keeper ")
    fragment = buffer.take(Urgency.CLAUSE)
    assert fragment == Fragment("When the tide came in,", 0, 22, True, False)
    buffer.push("slept. ")
    assert buffer.take() == Fragment("the old keeper slept.", 23, 44, False, True)


def test_an_urgent_listener_gets_what_stands_before_a_pause() -> None:
    buffer = SentenceBuffer()
    buffer.push("我一直以为你会回来的……")
    assert buffer.take(Urgency.CLAUSE) is None
    buffer.push("可是你没有")
    assert buffer.take(Urgency.CLAUSE) == Fragment("我一直以为你会回来的……", 0, 12, True, False)


def test_a_listener_with_nothing_to_hear_gets_six_words() -> None:
    buffer = SentenceBuffer()
    buffer.push("Nobody in the whole harbor ever")
    assert buffer.take(Urgency.WORD) is None
    buffer.push(" said")
    fragment = buffer.take(Urgency.CLAUSE)
    assert fragment is None
    buffer.push(" so")
    fragment = buffer.take(Urgency.WORD)
    assert fragment is not None
    assert fragment.text == "Nobody in the whole harbor ever"
    assert not fragment.ends_sentence


def test_short_sentences_are_joined_only_when_relaxed() -> None:
    """Forbids defect D5."""
    buffer = SentenceBuffer()
    buffer.push("It rained. He left. The door stood open all night. ")
    joined = buffer.take(Urgency.RELAXED, min_chars=15)
    assert joined is not None
    assert joined.text == "It rained. He left."
    buffer = SentenceBuffer()
    buffer.push("It rained. ")
    assert buffer.take(Urgency.RELAXED, min_chars=20) is None
    hurried = buffer.take(Urgency.SENTENCE, min_chars=20)
    assert hurried is not None
    assert hurried.text == "It rained."


def test_text_without_an_end_is_given_out_in_pieces_an_engine_can_speak() -> None:
    buffer = SentenceBuffer()
    buffer.push("word " * 2000)
    buffer.close()
    fragments = drain(buffer)
    assert max(len(f.text) for f in fragments) <= MAX_CHARS
    assert " ".join(f.text for f in fragments).split() == ["word"] * 2000
    assert [f.ends_sentence for f in fragments] == [False] * (len(fragments) - 1) + [True]


PROSE = st.lists(
    st.sampled_from(
        [
            "Dr. ",
            "He ran. ",
            "“No!” ",
            "she said. ",
            "3.14",
            " ",
            "\n\n",
            "門。",
            "a.m. ",
            "…",
            "word ",
            "J. ",
            "*b* ",
            "1. ",
        ]
    )
    | st.text(max_size=5),
    max_size=30,
).map("".join)


@given(text=PROSE, data=st.data())
def test_the_sentences_do_not_depend_on_how_the_text_was_cut(
    text: str, data: st.DataObject
) -> None:
    buffer = SentenceBuffer()
    got: list[str] = []
    rest = text
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        buffer.push(rest[:size])
        rest = rest[size:]
        got += [f.text for f in drain(buffer)]
    buffer.close()
    got += [f.text for f in drain(buffer)]
    assert got == cut(text)


@given(text=PROSE, data=st.data())
def test_nothing_is_lost_whatever_the_urgency(text: str, data: st.DataObject) -> None:
    buffer = SentenceBuffer()
    fragments: list[Fragment] = []
    rest = text
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        buffer.push(rest[:size])
        rest = rest[size:]
        urgency = data.draw(st.sampled_from(Urgency))
        fragments += drain(buffer, urgency)
    buffer.close()
    fragments += drain(buffer)
    assert "".join("".join(f.text.split()) for f in fragments) == "".join(text.split())
    for fragment in fragments:
        assert text[fragment.char_start : fragment.char_end] == fragment.text
    assert buffer.exhausted
    boundaries = [f.ends_sentence for f in fragments]
    assert not boundaries or boundaries[-1]
    for before, after in itertools.pairwise(fragments):
        assert after.begins_sentence == before.ends_sentence


def test_an_engine_that_needs_more_gets_what_is_written_and_does_not_wait():
    buffer = SentenceBuffer()
    buffer.push("Yes. It rained. Nobody came ")
    assert buffer.take(Urgency.SENTENCE, min_chars=40).text == "Yes. It rained."
    assert buffer.take(Urgency.SENTENCE, min_chars=40) is None


def test_joined_sentences_may_end_with_a_clause_of_the_next():
    buffer = SentenceBuffer()
    buffer.push("Yes. It rained. Nobody came that day, and nobody")
    assert buffer.take(Urgency.WORD, min_chars=5, wait=True).text == "Yes. It rained."
    buffer = SentenceBuffer()
    buffer.push("Yes. It rained. Nobody came that day, and nobody")
    fragment = buffer.take(Urgency.WORD, min_chars=22, wait=True)
    assert fragment.text == "Yes. It rained. Nobody came that day,"
    assert (fragment.begins_sentence, fragment.ends_sentence) == (True, False)


def test_who_waits_gets_nothing_before_it_is_long_enough():
    buffer = SentenceBuffer()
    buffer.push("Yes. It rained. Nobody came ")
    assert buffer.take(Urgency.WORD, min_chars=40, wait=True) is None
    buffer.close()
    assert buffer.take(Urgency.WORD, min_chars=40, wait=True).text == "Yes. It rained. Nobody came"


def test_joining_stops_at_what_an_engine_can_take():
    buffer = SentenceBuffer(max_chars=40)
    long = "A sentence of thirty-nine characters is."
    buffer.push(f"Yes. {long} And so on.")
    buffer.close()
    assert buffer.take(Urgency.RELAXED, min_chars=20).text == "Yes."
    assert buffer.take(Urgency.RELAXED, min_chars=20).text == long


def test_looking_at_a_fragment_leaves_it_there():
    buffer = SentenceBuffer()
    buffer.push("The lamp went out, and the")
    assert buffer.peek(Urgency.CLAUSE).text == "The lamp went out,"
    buffer.push(" keeper woke. Then ")
    assert buffer.take(Urgency.CLAUSE).text == "The lamp went out, and the keeper woke."
