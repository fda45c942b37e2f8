"""ReasoningFilter: thinking is removed, everything else passes."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.llm.reasoning import ReasoningFilter


def filtered(deltas: list[str]) -> str:
    reasoning = ReasoningFilter()
    return "".join([reasoning.push(delta) for delta in deltas]) + reasoning.flush()


PIECES = ["<think>", "</think>", "<thinking>", "</thinking>", "<reasoning>", "</reasoning>"]
PIECES += ["<THINK>", "<", "</", "<th", ">", " ", "\n", "a", "Hello.", "<b>", "thinking", "é"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.data())
def test_the_result_does_not_depend_on_where_the_deltas_are_cut(text: str, data: st.DataObject):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    bounds = [0, *cuts, len(text)]
    deltas = [text[start:end] for start, end in itertools.pairwise(bounds)]
    assert filtered(deltas) == filtered([text]) == filtered(list(text))


@given(st.text())
def test_text_without_tags_passes_unchanged(text: str):
    lowered = text.lower()
    if not any(piece.lower() in lowered for piece in PIECES[:6]):
        assert filtered(list(text)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<think>plan</think>\n\nOnce.", "Once."),
        ("\n <thinking>plan</thinking> Once.", "Once."),
        ("<REASONING>plan</Reasoning>Once.", "Once."),
        ("Once <think>hm</think> more.", "Once more."),
        ("Once.<think>hm</think> More.", "Once. More."),
        ("One.\n\n<think>hm</think>\n\nTwo.", "One.\n\nTwo."),
        ("plan</think>\nOnce.", "plan\nOnce."),
        ("</think>\n\nOnce.", "Once."),
        ("<think>a<think>b</think>Once.", "Once."),
        ("<think>a</thinking>b</think>Once.", "Once."),
        ("<think></think><think></think>\nOnce.", "Once."),
        ("Once.<think>never ends", "Once."),
        ("<think>never ends", ""),
        ("2 < 3, said <i>she</i>.", "2 < 3, said <i>she</i>."),
        ("ends with <thi", "ends with <thi"),
        ("  two spaces first", "  two spaces first"),
        (" \n", " \n"),
        ("<think", "<think"),
    ],
)
def test_blocks_go_and_prose_stays(text: str, shown: str):
    assert filtered([text]) == shown
    assert filtered(list(text)) == shown


def test_a_lone_bracket_waits_for_one_more_character_only():
    reasoning = ReasoningFilter()
    assert reasoning.push("a <") == "a "
    assert reasoning.push("3") == "<3"


def test_ordinary_deltas_pass_at_once():
    reasoning = ReasoningFilter()
    assert [reasoning.push(delta) for delta in ("Once", " upon", " a")] == ["Once", " upon", " a"]


def test_a_million_brackets_take_no_longer_than_a_million_letters():
    assert filtered(["<" * 1_000_000]) == "<" * 1_000_000
    assert filtered(["<think>" * 10_000]) == ""
