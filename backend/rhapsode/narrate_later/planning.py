"""Planning: where a finished text is cut, and what of an earlier plan an edit leaves standing.

Pure functions of the text: the same text is always cut the same way, however fast anything was.
"""

from collections.abc import Sequence

from rhapsode.narrate_later.records import Span
from rhapsode.text.code_blocks import without_code
from rhapsode.text.cuts import Urgency
from rhapsode.text.sentences import Fragment, SentenceBuffer
from rhapsode.text.speakable import speakable


def plan(text: str, min_chars: int, max_chars: int) -> list[Span]:
    """Cut a text into the sentences that are spoken one by one.

    What has nothing to say, such as a line of asterisks, is left out.

    Args:
        text: The whole text.
        min_chars: A shorter sentence is joined with the next one of its paragraph.
        max_chars: What is joined gets no longer than this.
    """
    return _cut(without_code(text), 0, len(text), min_chars, max_chars)


def replan(
    before: Sequence[Span], length_before: int, text: str, min_chars: int, max_chars: int
) -> list[Span]:
    """Cut an edited text, keeping the cuts of everything in front of the edit and behind it.

    Without that, one short sentence more could shift how all that follow are joined. It also keeps
    the cuts of a live narration, which depend on how fast everything was.

    Args:
        before: The plan of the earlier text.
        length_before: Characters of the earlier text.
        text: The text as it is now.
        min_chars: See `plan`.
        max_chars: See `plan`.
    """
    text = without_code(text)
    head = _unchanged_head(before, text)
    start = head[-1].char_end if head else 0
    tail = _unchanged_tail(before[len(head) :], len(text) - length_before, text, start)
    end = tail[0].char_start if tail else len(text)
    return [*head, *_cut(text, start, end, min_chars, max_chars), *tail]


def complete(heard: Sequence[Span], text: str, min_chars: int, max_chars: int) -> list[Span]:
    """Plan a text of which some sentences have been spoken already, in order.

    Args:
        heard: What has been spoken; its cuts stand.
        text: The whole text.
        min_chars: See `plan`.
        max_chars: See `plan`.
    """
    text = without_code(text)
    spans: list[Span] = []
    position = 0
    for span in heard:
        spans += _cut(text, position, span.char_start, min_chars, max_chars)
        spans.append(_span(text, span.char_start, span.char_end))
        position = span.char_end
    return [*spans, *_cut(text, position, len(text), min_chars, max_chars)]


def _cut(text: str, start: int, end: int, min_chars: int, max_chars: int) -> list[Span]:
    buffer = SentenceBuffer(max_chars)
    buffer.push(text[start:end])
    buffer.close()
    spans: list[Span] = []
    first: Fragment | None = None
    while (fragment := buffer.take(Urgency.RELAXED, min_chars)) is not None:
        first = first or fragment
        if fragment.ends_sentence:
            span = _span(text, start + first.char_start, start + fragment.char_end)
            first = None
            if speakable(span.text):
                spans.append(span)
    return spans


def _span(text: str, start: int, end: int) -> Span:
    return Span(text[start:end], start, end)


def _unchanged_head(before: Sequence[Span], text: str) -> list[Span]:
    """Return the spans that stand where they stood, and are followed as they were."""
    count = 0
    position = 0
    for span in before:
        moved = _gap_speaks(text, position, span.char_start)
        if moved or text[span.char_start : span.char_end] != span.text:
            break
        position = span.char_end
        count += 1
    # What follows a sentence decides where it ends: `Mr.` before a capital, `etc.` before a small
    # letter. At the end of the text nothing may have been added.
    if count == len(before):
        intact = not _gap_speaks(text, position, len(text))
    else:
        intact = count == 0 or text[position:].lstrip()[:1] == before[count].text[:1]
    return list(before[: count if intact else count - 1])


def _unchanged_tail(before: Sequence[Span], shift: int, text: str, start: int) -> list[Span]:
    """Return the spans at the end that have only moved, and are preceded as they were."""
    tail: list[Span] = []
    position = len(text)
    for place in range(len(before) - 1, -1, -1):
        span = before[place]
        begin, end = span.char_start + shift, span.char_end + shift
        if begin < start or text[begin:end] != span.text or _gap_speaks(text, end, position):
            break
        position = begin
        # Without the mark that ended the sentence before, this one does not begin here.
        if place and _char_before(text, start, begin) != before[place - 1].text[-1:]:
            break
        tail.append(Span(span.text, begin, end))
    return tail[::-1]


def _char_before(text: str, start: int, end: int) -> str:
    """Return the last character of `text[start:end]` that is no white space; "" without one."""
    while end > start and text[end - 1].isspace():
        end -= 1
    return text[end - 1] if end > start else ""


def _gap_speaks(text: str, start: int, end: int) -> bool:
    return bool(text[start:end].strip()) and bool(speakable(text[start:end]))
