from math import inf

import pytest

from rhapsode.narration.cutting import CutPolicy
from rhapsode.text.cuts import Urgency
from rhapsode.tts.pace import Pace

CHARS_PER_S = 15
QUICK = Pace(first_chunk_s=0.15, rtf=0.1, streaming_rtf=0.1)


def policy(pace: Pace = QUICK, *, alone: bool = False) -> CutPolicy:
    return CutPolicy(pace, alone, min_sentence_chars=20)


@pytest.mark.parametrize(
    ("lead_s", "urgency"),
    [
        (0, Urgency.WORD),
        (0.3, Urgency.CLAUSE),
        (0.5, Urgency.SENTENCE),
        (5, Urgency.RELAXED),
        (inf, Urgency.RELAXED),
    ],
)
def test_the_less_there_is_to_hear_the_less_text_will_do(lead_s, urgency):
    assert policy().cut(lead_s, CHARS_PER_S, begun=True).urgency is urgency


def test_an_engine_that_takes_its_time_is_asked_earlier():
    slow = Pace(first_chunk_s=1.0, rtf=0.5, streaming_rtf=0.5)
    assert policy(slow).cut(1.1, CHARS_PER_S, begun=True).urgency is Urgency.WORD


def test_short_sentences_are_joined_only_while_that_costs_nothing():
    assert policy().cut(10, CHARS_PER_S, begun=True).min_chars == 20
    assert policy().cut(1, CHARS_PER_S, begun=True).min_chars == 1


def test_a_fragment_of_an_engine_that_speaks_alone_pays_for_the_next_ones_first_sound():
    """At 0.8 of real time a second of sound earns a fifth: 1 second earns 0.2."""
    busy = Pace(first_chunk_s=0.2, rtf=0.9, streaming_rtf=0.8)
    assert policy(busy, alone=True).cut(0, CHARS_PER_S, begun=True).min_chars == 15
    assert policy(busy, alone=False).cut(0, CHARS_PER_S, begun=True).min_chars == 1


def test_what_is_done_while_the_first_sound_is_heard_need_not_be_paid_for():
    """Half of a first sound of 0.25 s hides 0.1 s of work at 0.8 of real time."""
    busy = Pace(first_chunk_s=0.2, rtf=0.9, streaming_rtf=0.8, first_sound_s=0.25)
    assert policy(busy, alone=True).cut(0, CHARS_PER_S, begun=True).min_chars == 8
    early = Pace(first_chunk_s=0.2, rtf=0.9, streaming_rtf=0.8, first_sound_s=1.0)
    assert policy(early, alone=True).cut(0, CHARS_PER_S, begun=True).min_chars == 1


def test_only_before_the_first_sound_more_text_is_waited_for():
    busy = policy(Pace(first_chunk_s=0.15, rtf=0.95, streaming_rtf=0.9), alone=True)
    assert busy.cut(0, CHARS_PER_S, begun=False).wait
    assert not busy.cut(0, CHARS_PER_S, begun=True).wait


def test_an_engine_that_cannot_keep_up_gets_long_fragments_and_not_endless_ones():
    hopeless = Pace(first_chunk_s=0.15, rtf=1.5, streaming_rtf=1.5)
    assert policy(hopeless, alone=True).cut(0, CHARS_PER_S, begun=True).min_chars == 120


def test_the_urgency_has_risen_when_the_patience_is_over():
    for lead_s in (0.3, 0.5, 5):
        patience_s = policy().patience_s(lead_s)
        before = policy().cut(lead_s, CHARS_PER_S, begun=True).urgency
        after = policy().cut(lead_s - patience_s, CHARS_PER_S, begun=True).urgency
        assert after > before
    assert policy().patience_s(0) is None
