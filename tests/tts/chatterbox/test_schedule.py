import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.tts.chatterbox.schedule import LOOKAHEAD_TOKENS, Cut, StreamPlan


def cuts_of(plan: StreamPlan, tokens: int) -> list[Cut]:
    return [cut for _ in range(tokens) if (cut := plan.push())]


def test_the_first_chunk_is_cut_after_nine_tokens():
    plan = StreamPlan()
    assert cuts_of(plan, 8) == []
    assert plan.tokens_wanted == 1
    assert plan.push() == Cut(0, 6, hold_frames=6, final=False)


def test_chunks_grow_and_the_last_size_repeats():
    cuts = cuts_of(StreamPlan(), 6 + 8 + 12 + 16 + 25 + 25 + 25 + LOOKAHEAD_TOKENS)
    assert [cut.end - cut.start for cut in cuts] == [6, 8, 12, 16, 25, 25, 25]
    assert [cut.hold_frames for cut in cuts] == [6, 8, 8, 8, 8, 8, 8]


def test_an_utterance_shorter_than_a_chunk_is_cut_at_its_end():
    plan = StreamPlan()
    assert cuts_of(plan, 4) == []
    assert plan.finish() == Cut(0, 4, hold_frames=0, final=True)


def test_the_end_may_hold_no_token():
    assert StreamPlan().finish() == Cut(0, 0, hold_frames=0, final=True)


@given(st.integers(0, 200), st.integers(0, 3), st.lists(st.integers(4, 40), min_size=1))
def test_every_token_is_in_one_stretch_and_sees_three_more(tokens, tail, chunks):
    plan = StreamPlan(chunks)
    seen: list[tuple[int, Cut]] = []
    for number in range(1, tokens + 1):
        if cut := plan.push():
            seen.append((number, cut))
    last = plan.finish(tail)
    bounds = [0, *(cut.end for _, cut in seen), last.end]
    assert [cut.start for _, cut in seen] + [last.start] == bounds[:-1]
    assert bounds[-1] == tokens + tail
    assert all(cut.end + LOOKAHEAD_TOKENS == number for number, cut in seen)


@pytest.mark.parametrize("chunks", [(), (3,), (6, 2)])
def test_chunks_that_would_make_no_sound_are_refused(chunks):
    with pytest.raises(ValueError, match="at least 4 tokens"):
        StreamPlan(chunks)


def test_the_plan_needs_no_torch():
    module = sys.modules["rhapsode.tts.chatterbox.schedule"]
    assert "torch" not in vars(module)
