"""Where a finished text is cut, and what an edit leaves standing."""

from hypothesis import example, given
from hypothesis import strategies as st

from rhapsode.narrate_later.planning import complete, plan, replan
from rhapsode.narrate_later.records import Span
from rhapsode.text.speakable import speakable

MIN, MAX = 20, 280

prose = st.lists(
    st.sampled_from(
        [
            "Mara ran. ",
            "No! ",
            "She climbed the last step, and set down her lamp. ",
            "Dr. Lee said etc. and left. ",
            "***",
            "\n\n",
            "\n",
            "*Run!* she cried. ",
            "3.14 is a number",
            " ",
            "word " * 70,
            "“Why?” ",
            "你好。",
            "# A heading",
        ]
    ),
    max_size=25,
).map("".join)


def texts(spans):
    return [span.text for span in spans]


def check_laws(spans, text):
    """What holds for every plan."""
    position = 0
    for span in spans:
        assert text[span.char_start : span.char_end] == span.text
        assert span.char_start >= position
        assert not speakable(text[position : span.char_start])
        assert speakable(span.text)
        position = span.char_end
    assert not speakable(text[position:])


def test_short_sentences_are_joined_within_their_paragraph():
    text = "No! She ran. The door stood open, and nobody was there.\n\nYes.\n\nWhy?"
    assert texts(plan(text, MIN, MAX)) == [
        "No! She ran. The door stood open, and nobody was there.",
        "Yes.",
        "Why?",
    ]


def test_what_has_nothing_to_say_is_left_out():
    assert texts(plan("One sentence stands here.\n\n* * *\n\nAnother one follows it.", 1, MAX)) == [
        "One sentence stands here.",
        "Another one follows it.",
    ]
    assert plan(" \n***\n ", MIN, MAX) == []


@given(prose)
def test_a_plan_speaks_everything_once(text):
    check_laws(plan(text, MIN, MAX), text)


@given(prose, st.sampled_from([1, 20, 200]), st.sampled_from([100, 280, 500]))
def test_a_planned_sentence_is_spoken_as_one(text, min_chars, max_chars):
    for span in plan(text, min_chars, max_chars):
        alone = plan(span.text, len(span.text), max_chars)
        assert alone == [Span(span.text, 0, len(span.text))]


@given(prose, prose, prose)
@example("Mara ran. ", "No! ", "3.14 is a number")
def test_a_new_plan_of_an_edited_text_speaks_everything_once(before, removed, added):
    old = before + removed + "The end of it all stays. "
    new = before + added + "The end of it all stays. "
    check_laws(replan(plan(old, MIN, MAX), len(old), new, MIN, MAX), new)


@given(prose)
def test_a_text_that_did_not_change_keeps_its_plan(text):
    spans = plan(text, 1, MAX)
    assert replan(spans, len(text), text, MIN, MAX) == spans


LIVE = ["He ran.", "No!", "She did not follow him.", "Why?", "It was late by then."]


def live_plan():
    """Cuts that no patient reader would make: everything short stands alone."""
    text, spans = "", []
    for sentence in LIVE:
        spans.append(Span(sentence, len(text), len(text) + len(sentence)))
        text += sentence + " "
    return text, spans


def test_an_edit_keeps_the_cuts_around_it():
    text, spans = live_plan()
    edited = text.replace("follow", "answer")
    assert texts(replan(spans, len(text), edited, MIN, MAX)) == [
        "He ran.",
        "No!",
        "She did not answer him.",
        "Why?",
        "It was late by then.",
    ]


def test_a_full_stop_that_is_taken_away_joins_its_neighbors():
    text, spans = live_plan()
    edited = text.replace("him. Why?", "him why?")
    assert texts(replan(spans, len(text), edited, MIN, MAX))[-2:] == [
        "She did not follow him why?",
        "It was late by then.",
    ]


def test_text_that_is_added_at_the_end_is_planned():
    text, spans = live_plan()
    planned = replan(spans, len(text), text + "The door closed behind her.", MIN, MAX)
    assert texts(planned)[:4] == LIVE[:4]
    assert "The door closed behind her." in planned[-1].text


def test_what_was_not_spoken_live_is_planned_between_what_was():
    text, spans = live_plan()
    planned = complete([spans[0], spans[2]], text, 1, MAX)
    assert texts(planned) == LIVE
    check_laws(planned, text)
