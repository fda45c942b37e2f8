"""CodeBlocks."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rhapsode.text.code_blocks import CodeBlocks, without_code
from rhapsode.text.sentences import SentenceBuffer

TEXT = "He typed:\n```python\nprint('Hi. There')\n\n# end\n```\nThen he waited."


def sentences(text: str) -> list[str]:
    buffer = SentenceBuffer()
    buffer.push(without_code(text))
    buffer.close()
    found = []
    while (fragment := buffer.take()) is not None:
        found.append(fragment.text)
    return found


def test_code_is_blank_and_what_stands_around_it_is_not() -> None:
    assert sentences(TEXT) == ["He typed:", "Then he waited."]


def test_the_sentence_before_the_code_ends_there() -> None:
    assert sentences("He typed\n~~~sh\nls\n~~~\nand waited.") == ["He typed", "and waited."]


def test_blocks_of_prose_are_read() -> None:
    for kind in ("", "markdown", "text"):
        text = f"```{kind}\nDear Ann, come home.\n```"
        assert without_code(text) == text


def test_a_block_that_is_never_closed_reaches_to_the_end() -> None:
    assert sentences("Look.\n```js\nlet a = 1;") == ["Look."]


def test_inline_code_is_not_a_block() -> None:
    text = "```x``` is inline\n``` `python` ```\n"
    assert without_code(text) == text


def test_a_longer_fence_holds_a_shorter_one() -> None:
    assert sentences("````md2\n```\nstill code\n````\nOut.") == ["Out."]


PIECES = st.lists(st.sampled_from(["```", "`", "~~~", "python", " ", "\n", "a.", "\r", "é"])).map(
    "".join
)


@given(text=PIECES, cuts=st.lists(st.integers(0, 60)))
def test_any_way_of_cutting_blanks_the_same(text: str, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    blocks = CodeBlocks()
    given_out = "".join(blocks.push(text[start:end]) for start, end in pairwise(edges))
    given_out += blocks.close()
    assert given_out == without_code(text)
    assert len(given_out) == len(text)
    assert all(after in {before, " "} for before, after in zip(text, given_out, strict=True))
