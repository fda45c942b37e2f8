"""Sentences, measured against prose that was marked by hand, and against its traps."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rhapsode.text.sentences import Fragment, SentenceBuffer
from tests.text.prose import FOLDER, Prose, read_prose

TRAPS = (FOLDER / "traps.txt").read_text().splitlines()


def cut(deltas: list[str], max_chars: int = 10_000) -> list[Fragment]:
    """Take after every delta what there is, as a listener does who is never in a hurry."""
    buffer = SentenceBuffer(max_chars)
    fragments = []
    for delta in deltas:
        buffer.push(delta)
        while fragment := buffer.take():
            fragments.append(fragment)
    buffer.close()
    while fragment := buffer.take():
        fragments.append(fragment)
    return fragments


def in_pieces(text: str, sizes: list[int]) -> list[str]:
    """Cut into deltas of these sizes, over and over."""
    pieces, at, turn = [], 0, 0
    while at < len(text):
        pieces.append(text[at : at + sizes[turn % len(sizes)]])
        at += len(pieces[-1])
        turn += 1
    return pieces


@pytest.mark.parametrize("marked", TRAPS)
def test_a_trap_catches_no_sentence(marked):
    """Each line is cut where its bars stand. Forbids defect D1."""
    sentences = marked.split(" | ")
    gap = "" if re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", marked) else " "
    assert [fragment.text for fragment in cut([gap.join(sentences)])] == sentences


@pytest.mark.parametrize("part", ["known", "unseen"])
def test_prose_is_cut_as_a_reader_would(part):
    """At least 97 of 100, and hardly ever inside a sentence: where a voice would fall too early."""
    found = wanted = right = 0
    for prose in read_prose(part):
        ends = {fragment.char_end for fragment in cut([prose.text])}
        found += len(ends)
        wanted += len(prose.ends)
        right += len(ends & set(prose.ends))
    assert wanted > 200
    assert 2 * right / (found + wanted) > 0.97
    assert found - right <= 1


@pytest.mark.parametrize("prose", read_prose("known"), ids=lambda prose: prose.name)
def test_a_letter_at_a_time_gives_the_same_sentences(prose: Prose):
    assert cut(list(prose.text)) == cut([prose.text])


@settings(max_examples=60, deadline=None)
@given(
    prose=st.sampled_from(read_prose("unseen")),
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=8),
)
def test_however_the_text_comes_the_sentences_are_the_same(prose, sizes):
    assert cut(in_pieces(prose.text, sizes)) == cut([prose.text])


NOISE = st.text(
    st.sampled_from(
        "aB.!?…,;:—\"'“”«»()[]*_-#1\n \u00a0\u200d\ufe0f。！」と;Α😀👍🏽é\u0301\ud800\x00"
    ),
    max_size=300,
)


@settings(max_examples=300, deadline=None)
@given(
    text=NOISE,
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    max_chars=st.sampled_from([20, 280]),
)
def test_nothing_is_lost_or_moved_whatever_the_text(text, sizes, max_chars):
    fragments = cut(in_pieces(text, sizes), max_chars)
    for fragment in fragments:
        assert fragment.text == text[fragment.char_start : fragment.char_end]
        assert len(fragment.text) <= max_chars
    edges = [0, *(at for f in fragments for at in (f.char_start, f.char_end)), len(text)]
    assert edges == sorted(edges)
    gaps = list(pairwise(edges))[::2]
    assert all(not text[start:end].strip() for start, end in gaps)
    assert [f.text for f in fragments] == [f.text for f in cut([text], max_chars)]


def test_a_family_is_not_torn_apart():
    """A word of emoji that is too long for an engine is cut between emoji, never inside one."""
    family = "👨‍👩‍👧‍👦"
    fragments = cut([family * 40], max_chars=30)
    assert {fragment.text.replace(family, "") for fragment in fragments} == {""}


@pytest.mark.parametrize(
    "text",
    [
        "word " * 200_000,
        "x" * 1_000_000,
        ". " * 500_000,
        "Yes. " * 200_000,
        "«" * 1_000_000,
        "etc." + " " * 1_000_000,
        "a. " + "x" * 1_000_000,
        "1111111111111111111 1\n" * 50_000,
    ],
)
def test_a_megabyte_in_one_delta_takes_no_more_looks_than_it_has_fragments(text):
    """Each fragment costs a bounded look, so the whole is linear: with a square it took hours."""
    fragments = cut([text], max_chars=280)
    assert "".join("".join(f.text.split()) for f in fragments) == "".join(text.split())


def test_a_megabyte_letter_by_letter_is_no_harder():
    text = "The lamp went out and nobody saw it " * 3000
    assert [f.text for f in cut(list(text), max_chars=280)] == [
        f.text for f in cut([text], max_chars=280)
    ]
