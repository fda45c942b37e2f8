"""One thread for everybody: lanes, shares, cancelling, broken numbers and steps that hang."""

import queue
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from rhapsode.errors import EngineCrashedError, SynthesisError
from rhapsode.tts.chatterbox.job import Sentence
from rhapsode.tts.chatterbox.sampling import Sampling
from rhapsode.tts.chatterbox.scheduler import Scheduler
from rhapsode.tts.chatterbox.speakers import Speaker
from rhapsode.tts.engine import Demand
from tests.tts.chatterbox import tiny

BACKGROUND = Demand(live=False)
SAMPLES_PER_TOKEN = 960


@contextmanager
def running(model, slots=2, patience_s=60.0, on_hang=lambda: None):
    scheduler = Scheduler(
        model, slots=slots, max_positions=512, patience_s=patience_s, on_hang=on_hang
    )
    try:
        yield scheduler
    finally:
        scheduler.close()


def speaker(scheduler, voice):
    return Speaker(scheduler.decoder.voice_prefix(voice.t3), voice.flow)


def sentence(who, seed=0, tokens=30, demand=None):
    text = tiny.text_tokens(12, seed=seed)
    return Sentence(text, who, Sampling(seed=seed), 0.5, tokens, demand or Demand())


def sound(ticket):
    return np.concatenate([np.zeros(0, np.float32), *ticket])


def is_whole(samples, tokens):
    """Tell whether a sound has all its tokens, some of which are marks without sound."""
    return len(samples) % SAMPLES_PER_TOKEN == 0 and len(samples) > 0.5 * tokens * SAMPLES_PER_TOKEN


def likeness_db(one, other):
    return 10 * np.log10(np.sum(one**2) / max(np.sum((one - other) ** 2), 1e-20))


@contextmanager
def held(scheduler):
    """Keep the engine's thread out of its next turns, so that what comes meanwhile waits."""
    go, turn, began = threading.Event(), scheduler._turn, threading.Event()

    def turn_later():
        began.set()
        go.wait(30)
        turn()

    scheduler._turn = turn_later
    try:
        yield began
    finally:
        scheduler._turn = turn
        go.set()


def test_a_sentence_is_spoken_in_pieces_of_growing_length(tiny_model, ada):
    with running(tiny_model) as scheduler:
        pieces = list(scheduler.speak(sentence(speaker(scheduler, ada), tokens=60)))
    assert len(pieces[0]) == 6 * 480
    assert is_whole(np.concatenate(pieces), 60)
    assert len(pieces) >= 4


def test_listeners_are_admitted_before_background_work_that_came_first(tiny_model, ada):
    finished = []

    def note(name, ticket):
        sound(ticket)
        finished.append(name)

    with running(tiny_model, slots=1) as scheduler:
        who = speaker(scheduler, ada)
        with held(scheduler):
            tickets = {
                f"book {n}": scheduler.speak(sentence(who, n, demand=BACKGROUND)) for n in range(3)
            }
            tickets["scene"] = scheduler.speak(sentence(who, 9))
        threads = [threading.Thread(target=note, args=item) for item in tickets.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert finished[0] == "scene"


def test_a_listener_finds_a_slot_free_however_much_background_work_there_is(tiny_model, ada):
    with running(tiny_model, slots=2) as scheduler:
        who = speaker(scheduler, ada)
        books = [scheduler.speak(sentence(who, n, tokens=300, demand=BACKGROUND)) for n in range(4)]
        scene = scheduler.speak(sentence(who, 9, tokens=20))
        assert is_whole(sound(scene), 20)
        assert scheduler.figures().waiting == 3
        for book in books:
            book.cancel()


def test_a_session_that_asks_for_much_does_not_keep_another_waiting(tiny_model, ada):
    with running(tiny_model, slots=2) as scheduler:
        who = speaker(scheduler, ada)
        with held(scheduler):
            greedy = [
                scheduler.speak(sentence(who, n, tokens=60, demand=Demand("greedy")))
                for n in range(8)
            ]
            modest = scheduler.speak(sentence(who, 50, tokens=20, demand=Demand("modest")))
        assert is_whole(sound(modest), 20)
        assert scheduler.figures().waiting >= 4
        for ticket in greedy:
            ticket.cancel()


def test_cancelling_frees_the_slot_within_one_step(tiny_model, ada):
    with running(tiny_model, slots=1) as scheduler:
        decoder, log = scheduler.decoder, []
        step, release = decoder.step, decoder.release
        decoder.step = lambda: (log.append("step"), step())[1]
        decoder.release = lambda slot: (log.append("release"), release(slot))[1]
        ticket = scheduler.speak(sentence(speaker(scheduler, ada), tokens=400))
        next(iter(ticket))
        log.append("cancel")
        ticket.cancel()
        while "release" not in log:
            time.sleep(0.001)
        between = log[log.index("cancel") : log.index("release")]
        assert between.count("step") <= 1
        after = scheduler.speak(sentence(speaker(scheduler, ada), tokens=10))
        assert is_whole(sound(after), 10)


def test_cancelling_a_sentence_that_waits_or_has_ended_harms_nobody(tiny_model, ada):
    with running(tiny_model, slots=1) as scheduler:
        who = speaker(scheduler, ada)
        first = scheduler.speak(sentence(who, 1, tokens=60))
        waiting = scheduler.speak(sentence(who, 2))
        waiting.cancel()
        assert is_whole(sound(first), 60)
        first.cancel()
        assert is_whole(sound(scheduler.speak(sentence(who, 3, tokens=10))), 10)
        figures = scheduler.figures()
        assert (figures.running, figures.waiting) == (0, 0)
        assert figures.first_chunk_s > 0
        assert figures.rtf > 0


def test_many_at_once_sound_as_each_would_alone(tiny_model, ada, bob):
    """No cross-talk between voices, however slots are shared and batches are filled."""
    with running(tiny_model, slots=4) as scheduler:
        voices = [speaker(scheduler, ada), speaker(scheduler, bob)]
        asked = [sentence(voices[n % 2], n, tokens=20 + 3 * n) for n in range(6)]
        alone = [sound(scheduler.speak(one)) for one in asked]
        together = [sound(ticket) for ticket in [scheduler.speak(one) for one in asked]]
        swapped = sound(scheduler.speak(sentence(voices[1], 0, tokens=20)))
    for one, other in zip(alone, together, strict=True):
        assert one.shape == other.shape
        assert likeness_db(one, other) > 60
    assert likeness_db(alone[0], swapped[: len(alone[0])]) < 10


def poison(decoder, seed, monkeypatch, value=float("nan")):
    """Let the model read something broken for one sentence, the one of this seed."""
    embed = decoder._reader.embed
    marked = tiny.text_tokens(12, seed=seed)

    def broken(text_tokens, exaggeration):
        embedded = embed(text_tokens, exaggeration)
        return embedded * value if torch.equal(text_tokens, marked) else embedded

    monkeypatch.setattr(decoder._reader, "embed", broken)


def test_numbers_that_are_none_cost_their_own_sentence_only(tiny_model, ada, monkeypatch):
    with running(tiny_model, slots=3) as scheduler:
        who = speaker(scheduler, ada)
        whole = [sound(scheduler.speak(sentence(who, n))) for n in (1, 3)]
        poison(scheduler.decoder, 2, monkeypatch)
        tickets = [scheduler.speak(sentence(who, n)) for n in (1, 2, 3)]
        with pytest.raises(SynthesisError, match="lost its way"):
            sound(tickets[1])
        for before, ticket in zip(whole, (tickets[0], tickets[2]), strict=True):
            assert likeness_db(before, sound(ticket)) > 60
        # The slot that was poisoned is clean again.
        again = [scheduler.speak(sentence(who, n)) for n in (1, 3, 1)]
        assert all(np.isfinite(sound(ticket)).all() for ticket in again)


def test_frames_that_are_no_numbers_cost_their_own_sentence_only(tiny_model, ada, monkeypatch):
    with running(tiny_model, slots=2) as scheduler:
        flow = scheduler._renderer._flow._flow
        mel = flow.mel

        def broken(windows):
            return [
                frames * float("nan") if window.seed == 2 else frames
                for window, frames in zip(windows, mel(windows), strict=True)
            ]

        monkeypatch.setattr(flow, "mel", broken)
        who = speaker(scheduler, ada)
        good, bad = (scheduler.speak(sentence(who, n)) for n in (1, 2))
        with pytest.raises(SynthesisError, match="not finite"):
            sound(bad)
        assert is_whole(sound(good), 30)


def test_a_batch_that_breaks_is_tried_one_by_one(tiny_model, ada, monkeypatch):
    with running(tiny_model, slots=2) as scheduler:
        flow = scheduler._renderer._flow._flow
        mel = flow.mel

        def broken(windows):
            if len(windows) > 1 or windows[0].seed == 2:
                raise RuntimeError("out of memory")
            return mel(windows)

        monkeypatch.setattr(flow, "mel", broken)
        who = speaker(scheduler, ada)
        good, bad = (scheduler.speak(sentence(who, n)) for n in (1, 2))
        with pytest.raises(SynthesisError, match="out of memory"):
            sound(bad)
        assert is_whole(sound(good), 30)


def test_a_vocoder_that_breaks_costs_no_sentence_that_waits(tiny_model, ada, monkeypatch):
    with running(tiny_model, slots=1) as scheduler:
        vocoder = scheduler._renderer._vocoder
        advance, broken = vocoder.advance, iter([True])

        def break_once(pieces):
            if next(broken, False):
                raise RuntimeError("out of memory")
            return advance(pieces)

        monkeypatch.setattr(vocoder, "advance", break_once)
        who = speaker(scheduler, ada)
        with held(scheduler):
            bad, waiting = (scheduler.speak(sentence(who, n)) for n in (1, 2))
        with pytest.raises(SynthesisError, match="out of memory"):
            sound(bad)
        assert is_whole(sound(waiting), 30)


def test_a_sentence_that_the_model_cannot_read_costs_itself_only(tiny_model, ada):
    with running(tiny_model) as scheduler:
        who = speaker(scheduler, ada)
        long = Sentence(tiny.text_tokens(2000), who, Sampling(), 0.5, 30, Demand())
        with pytest.raises(SynthesisError, match="too long"):
            sound(scheduler.speak(long))
        assert is_whole(sound(scheduler.speak(sentence(who, tokens=10))), 10)


def test_a_turn_that_breaks_ends_its_sentences_and_not_the_engine(tiny_model, ada, monkeypatch):
    with running(tiny_model) as scheduler:
        who, decoder = speaker(scheduler, ada), scheduler.decoder
        step, broken = decoder.step, iter([True])

        def break_once():
            if next(broken, False):
                raise RuntimeError("a kernel failed")
            return step()

        monkeypatch.setattr(decoder, "step", break_once)
        with pytest.raises(SynthesisError, match="a kernel failed"):
            sound(scheduler.speak(sentence(who)))
        assert is_whole(sound(scheduler.speak(sentence(who, tokens=10))), 10)


def test_an_engine_that_breaks_again_and_again_asks_for_another_process(
    tiny_model, ada, monkeypatch
):
    told = queue.SimpleQueue()
    with running(tiny_model, on_hang=lambda: told.put("over")) as scheduler:

        def break_always():
            raise RuntimeError("device-side assert")

        monkeypatch.setattr(scheduler.decoder, "step", break_always)
        for _ in range(4):
            with pytest.raises(SynthesisError, match="device-side assert"):
                sound(scheduler.speak(sentence(speaker(scheduler, ada))))
        assert told.get(timeout=10) == "over"
        assert told.empty()


def test_a_step_that_hangs_fails_everybody_in_words_and_asks_for_another_process(
    tiny_model, ada, monkeypatch
):
    told, over = queue.SimpleQueue(), threading.Event()
    with running(tiny_model, patience_s=0.3, on_hang=lambda: told.put("over")) as scheduler:
        monkeypatch.setattr(scheduler.decoder, "step", lambda: over.wait(60))
        tickets = [scheduler.speak(sentence(speaker(scheduler, ada), n)) for n in range(2)]
        try:
            for ticket in tickets:
                with pytest.raises(EngineCrashedError, match="hung"):
                    sound(ticket)
            assert told.get(timeout=10) == "over"
            assert told.empty()
        finally:
            over.set()


def test_closing_fails_what_is_open(tiny_model, ada):
    with running(tiny_model) as scheduler:
        ticket = scheduler.speak(sentence(speaker(scheduler, ada), tokens=400))
        next(iter(ticket))
    with pytest.raises(SynthesisError, match="closed"):
        sound(ticket)
