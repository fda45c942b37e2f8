"""What a narration says of what is written, and where its highlights land."""

from rhapsode.narration.events import SentenceStarted, SentenceWords
from rhapsode.narration.pipeline import narrate
from rhapsode.text.speakable import Diction


async def test_words_that_are_read_otherwise_lead_back_to_what_is_displayed(
    heard, river, deltas
) -> None:
    text = "Dr. Webb paid $5.50 twice."
    async with river() as r:
        await narrate(deltas([text]), r.plan(diction=Diction("en")), heard.emit)
    words = heard.of(SentenceWords)[-1].words
    shown = [text[word.c0 : word.c1] for word in words]
    assert shown == ["Dr.", "Webb", "paid", *["$5.50"] * 5, "twice."]
    heard.check_laws()


async def test_code_is_shown_and_not_spoken(heard, river, deltas) -> None:
    text = 'He typed:\n```python\nprint("Hi. There.")\n```\nand waited.'
    async with river() as r:
        await narrate(deltas(text), r.plan(), heard.emit)
    assert heard.text == text
    assert [event.text for event in heard.of(SentenceStarted)] == ["He typed:", "and waited."]
    heard.check_laws()
