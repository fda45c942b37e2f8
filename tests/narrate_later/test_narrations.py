"""Narrations of finished scenes: made in the background, kept, followed, given up."""

import asyncio
from dataclasses import replace

import pytest

from rhapsode.errors import ConflictError, InvalidInputError, NotFoundError
from rhapsode.live.user_events import TtsFailed, TtsProgress, TtsReady
from tests.narrate_later.counting import TONE, CountingEngine

SENTENCES = [f"Sentence number {number} is about the sea and the wind." for number in range(100)]
HUNDRED = " ".join(SENTENCES)
SHORT = "The lamp in the hall went out. Nobody on the stairs had touched it at all."


@pytest.fixture
async def shop(workshop):
    async with workshop() as opened, opened.narrations.running():
        yield opened


async def test_a_scene_is_narrated_sentence_by_sentence(shop, ada, write):
    """Proves 003-F3: the text is cut by the one cutter, and every sentence has its sound."""
    scene = write(ada, SHORT)
    await shop.narrate(ada, scene)
    detail = await shop.state(ada, scene)
    assert detail.narration.status == "complete"
    spans = [part.chunk.span for part in detail.chunks]
    assert [scene.content[s.char_start : s.char_end] for s in spans] == [s.text for s in spans]
    assert [s.text for s in spans] == shop.engine.said
    assert [part.start for part in detail.chunks] == [0, detail.chunks[0].samples]
    for part in detail.chunks:
        words = [part.chunk.span.text[word.c0 : word.c1] for word in part.words]
        assert words == part.chunk.span.text.split()
        assert all(0 <= w.t0 < w.t1 <= part.samples for w in part.words)


async def test_its_user_and_nobody_else_is_told(shop, ada, bob, write):
    """Proves 003-F4, up to the socket."""
    scene = write(ada, SHORT)
    await shop.narrations.order(ada.id, scene, TONE, auto_play=True)
    ready = await shop.heard.until(TtsReady)
    assert (ready.scene_id, ready.chunk_count, ready.auto_play) == (scene.id, 2, True)
    assert {user_id for user_id, _ in shop.heard.events} == {ada.id}
    assert shop.heard.of(TtsProgress)[0].total_chunks == 2


async def test_one_word_changed_is_one_sentence_spoken_and_undone_is_none(shop, ada, write):
    scene = write(ada, HUNDRED)
    await shop.narrate(ada, scene)
    assert len(shop.engine.said) == 100

    scene = write(ada, HUNDRED.replace("number 41 is", "number 41 was"), scene)
    await shop.narrations.follow(ada.id, scene)
    await shop.heard.until(TtsReady, 2)
    assert shop.engine.said[100:] == [SENTENCES[41].replace(" is", " was")]
    detail = await shop.state(ada, scene)
    assert (detail.narration.status, len(detail.chunks)) == ("complete", 100)

    scene = write(ada, HUNDRED, scene)
    await shop.narrations.follow(ada.id, scene)
    await shop.heard.until(TtsReady, 3)
    assert len(shop.engine.said) == 101
    assert (await shop.state(ada, scene)).narration.status == "complete"


async def test_marks_that_are_not_spoken_cost_nothing(shop, ada, write):
    scene = write(ada, SHORT)
    await shop.narrate(ada, scene)
    scene = write(ada, SHORT.replace("Nobody", "**Nobody**"), scene)
    await shop.narrations.follow(ada.id, scene)
    await shop.heard.until(TtsReady, 2)
    assert len(shop.engine.said) == 2
    second = (await shop.state(ada, scene)).chunks[1]
    assert second.chunk.span.text[second.words[0].c0 : second.words[0].c1] == "**Nobody**"[2:-2]


async def test_two_people_share_the_sound_of_the_same_sentence(shop, ada, bob, write):
    hers, his = write(ada, SHORT), write(bob, SHORT)
    await shop.narrate(ada, hers)
    await shop.narrate(bob, his)
    assert len(shop.engine.said) == 2
    assert shop.clips(ada, hers) == shop.clips(bob, his)
    with pytest.raises(NotFoundError):
        await shop.state(bob, hers)
    await shop.narrations.forget(hers.id)
    assert len(shop.clips(bob, his)) == 2


async def test_another_voice_is_other_sound(shop, ada, write):
    scene = write(ada, SHORT)
    await shop.narrate(ada, scene)
    low = shop.clips(ada, scene)
    await shop.narrate(ada, scene, _with(default_voice="high"))
    assert not set(low) & set(shop.clips(ada, scene))
    assert len(shop.engine.said) == 4


async def test_the_same_order_twice_is_one_narration(shop, ada, write):
    scene = write(ada, SHORT)
    await shop.narrate(ada, scene)
    before = (await shop.state(ada, scene)).narration
    await shop.narrations.order(ada.id, scene, TONE)
    assert (await shop.state(ada, scene)).narration == before


@pytest.mark.parametrize("text", ["", "  \n ", "***", "😀"])
async def test_a_scene_with_nothing_to_say_is_refused(shop, ada, write, text):
    with pytest.raises(InvalidInputError, match="nothing to read aloud"):
        await shop.narrations.order(ada.id, write(ada, text), TONE)


async def test_an_unknown_voice_is_refused_at_once(shop, ada, write):
    scene = write(ada, SHORT)
    with pytest.raises(InvalidInputError, match="nobody"):
        await shop.narrations.order(ada.id, scene, _with(default_voice="nobody"))
    with pytest.raises(NotFoundError):
        await shop.state(ada, scene)


@pytest.mark.parametrize("size", [100, 280, 500])
async def test_the_chunk_size_bounds_what_the_engine_is_given(shop, ada, write, size):
    """Proves 003-F8: different chunk sizes."""
    endless = "and then the wind " * 60
    scene = write(ada, endless + "fell. " + SHORT)
    await shop.narrate(ada, scene, _with(chunk_size=size))
    assert max(len(said) for said in shop.engine.said) <= size + 1
    assert (await shop.state(ada, scene)).narration.status == "complete"


async def test_a_scene_as_long_as_a_book_is_narrated_while_others_are_served(
    workshop, ada, bob, write
):
    long_text = " ".join(f"Line {n} of the long story goes on and on." for n in range(2_400))
    assert len(long_text) > 100_000
    engine = CountingEngine(seconds_per_word=0.003)
    async with workshop(engine) as shop, shop.narrations.running():
        hers, his = write(ada, long_text), write(bob, SHORT)
        await shop.narrations.order(ada.id, hers, TONE)
        await shop.heard.until(TtsProgress, 3)
        await shop.narrations.order(bob.id, his, TONE)
        assert (await shop.heard.until(TtsReady)).scene_id == his.id
        await shop.narrations.forget(hers.id)
        assert len(engine.said) < 2_400


async def test_a_failure_is_tried_again_from_where_it_was(workshop, ada, write):
    engine = FailingEngine("touched", times=2)
    async with workshop(engine) as shop, shop.narrations.running():
        scene = write(ada, SHORT)
        await shop.narrate(ada, scene)
        narration = (await shop.state(ada, scene)).narration
        assert (narration.status, narration.attempts, narration.error_code) == ("complete", 0, None)
        assert engine.said.count("The lamp in the hall went out.") <= 1
        assert len(engine.said) == 2 + 2


async def test_three_failures_in_a_row_are_a_failure_that_can_be_tried_by_hand(
    workshop, ada, write
):
    """Proves 003-F5: the scene remains, the user is told why, and can try again."""
    engine = FailingEngine("touched", times=3)
    async with workshop(engine) as shop, shop.narrations.running():
        scene = write(ada, SHORT)
        await shop.narrations.order(ada.id, scene, TONE)
        failed = await shop.heard.until(TtsFailed)
        assert failed.scene_id == scene.id
        assert "told to fail" in failed.message
        detail = await shop.state(ada, scene)
        assert detail.narration.status == "failed"
        assert detail.narration.error_message == failed.message
        assert len(detail.chunks) == 1
        await shop.narrate(ada, scene)
        assert (await shop.state(ada, scene)).narration.status == "complete"


async def test_one_failing_narration_does_not_stop_the_others(workshop, ada, bob, write):
    engine = FailingEngine("touched", times=1_000)
    async with workshop(engine) as shop, shop.narrations.running():
        await shop.narrations.order(ada.id, write(ada, SHORT), TONE)
        other = write(bob, "The sea was calm that night.")
        await shop.narrate(bob, other)
        await shop.heard.until(TtsFailed)
        assert (await shop.state(bob, other)).narration.status == "complete"


async def test_a_voice_without_sound_is_a_failure_with_a_reason(workshop, ada, write):
    async with workshop(MuteEngine()) as shop, shop.narrations.running():
        await shop.narrations.order(ada.id, write(ada, SHORT), TONE)
        assert "no sound" in (await shop.heard.until(TtsFailed)).message


@pytest.mark.parametrize("how", ["cancelled", "scene deleted", "story deleted", "edited"])
async def test_what_nobody_wants_any_more_leaves_the_engine(shop, ada, write, stories, how):
    shop.engine.let.clear()
    scene = write(ada, SHORT)
    await shop.narrations.order(ada.id, scene, TONE)
    await asyncio.to_thread(shop.engine.asked.wait)
    if how == "cancelled":
        await shop.narrations.forget(scene.id)
    elif how == "scene deleted":
        stories.delete_scene(ada.id, scene.id)
        await shop.narrations.review()
    elif how == "story deleted":
        stories.delete_story(ada.id, scene.story_id)
        await shop.narrations.review()
    else:
        scene = write(ada, "Something else entirely stands here now.", scene)
        await shop.narrations.follow(ada.id, scene)
    assert await asyncio.to_thread(shop.engine.left.wait, 10)
    shop.engine.let.set()
    if how == "edited":
        await shop.heard.until(TtsReady)
        assert len((await shop.state(ada, scene)).chunks) == 1
    else:
        other = write(ada, "The next one is made as if nothing had been.")
        await shop.narrate(ada, other)
        assert [event.scene_id for event in shop.heard.of(TtsReady)] == [other.id]
    assert shop.heard.of(TtsFailed) == []


async def test_an_edit_that_leaves_nothing_to_say_ends_the_narration(shop, ada, write):
    scene = write(ada, SHORT)
    await shop.narrate(ada, scene)
    scene = write(ada, "***", scene)
    await shop.narrations.follow(ada.id, scene)
    with pytest.raises(NotFoundError):
        await shop.state(ada, scene)


async def test_a_worker_takes_up_what_the_last_one_left(workshop, ada, write):
    scene = write(ada, HUNDRED)
    async with workshop() as first:
        async with first.narrations.running():
            await first.narrations.order(ada.id, scene, TONE)
            await first.heard.until(TtsProgress)
            await asyncio.to_thread(first.engine.asked.wait)
        done = len(first.clips(ada, scene))
    async with workshop() as second, second.narrations.running():
        await second.heard.until(TtsReady)
        assert len(second.engine.said) == 100 - done
        assert len((await second.state(ada, scene)).chunks) == 100


async def test_a_narration_of_an_earlier_text_is_brought_up_to_date_when_it_is_asked_for(
    shop, ada, write
):
    """A server that dies between an edit and its narration leaves one of the text before."""
    scene = write(ada, SHORT)
    await shop.narrate(ada, scene)
    scene = write(ada, SHORT.replace("stairs", "roof"), scene)
    assert (await shop.state(ada, scene)).narration.status in ("queued", "running", "complete")
    await shop.heard.until(TtsReady, 2)
    assert "roof" in (await shop.state(ada, scene)).chunks[1].chunk.span.text


async def test_the_cap_evicts_what_was_used_longest_ago_and_it_is_made_again_on_demand(
    workshop, ada, write
):
    async with workshop() as probe, probe.narrations.running():
        first = write(ada, SHORT)
        await probe.narrate(ada, first)
        size = sum(map(len, probe.clips(ada, first)))
    async with workshop(max_bytes=round(size * 2.5)) as shop, shop.narrations.running():
        later = [write(ada, SHORT.replace("the", word)) for word in ("a", "this")]
        for scene in later:
            await shop.narrate(ada, scene)
        assert len(shop.clips(ada, first)) < 2
        assert len(shop.clips(ada, later[-1])) == 2
        said = len(shop.engine.said)

        _, recording = await shop.narrations.sentence(ada.id, first, 0)
        assert recording.samples > 0
        assert shop.engine.said[said:] == ["The lamp in the hall went out."]

        if len(shop.clips(ada, first)) < 2:
            with pytest.raises(ConflictError, match="of 2 sentences"):
                await shop.narrations.file(ada.id, first, "wav")
            await shop.heard.until(TtsReady, 3)
        file = await shop.narrations.file(ada.id, first, "wav")
        assert sum([len(part) async for part in file.read(0, file.size)]) == file.size


async def test_a_narration_larger_than_the_cap_is_finished_all_the_same(workshop, ada, write):
    async with workshop(max_bytes=1_000) as shop, shop.narrations.running():
        scene = write(ada, HUNDRED)
        await shop.narrate(ada, scene)
        assert len(shop.engine.said) == 100


async def test_new_scenes_are_narrated_only_if_their_owner_wishes(shop, ada, write):
    """Proves 003-F2: nothing is made with the voice, or the wish, switched off."""
    scene = write(ada, SHORT)
    for settings in (
        TONE,
        _with(auto_play_last_scene=True, tts_enabled=False),
        _with(auto_play_last_scene=False),
    ):
        await shop.narrations.order_if_wished(ada.id, scene, settings)
        assert shop.rows.find(ada.id, scene.id) is None
    await shop.narrations.order_if_wished(ada.id, scene, _with(auto_play_last_scene=True))
    assert (await shop.heard.until(TtsReady)).auto_play is True


async def test_a_wish_that_cannot_be_fulfilled_is_told_and_harms_nothing(shop, ada, write):
    """Proves 003-F5 and 003-F8: the voice is not there when the scene is ready."""
    scene = write(ada, SHORT)
    gone = _with(auto_play_last_scene=True, tts_provider_type="gramophone")
    await shop.narrations.order_if_wished(ada.id, scene, gone)
    assert "gramophone" in (await shop.heard.until(TtsFailed)).message


class FailingEngine(CountingEngine):
    """Fails at sentences with a text in them, so many times."""

    def __init__(self, text: str, times: int) -> None:
        super().__init__(fails_on=text)
        self._text, self._times = text, times

    def synthesize(self, text, voice, options):
        if self._text in text:
            self._times -= 1
            self._fails_on = self._text if self._times >= 0 else ""
        return super().synthesize(text, voice, options)


class MuteEngine(CountingEngine):
    def synthesize(self, text, voice, options):
        super().synthesize(text, voice, options)
        return iter(())


def _with(**changes):
    return replace(TONE, **changes)


async def test_a_database_that_stumbles_does_not_end_the_work(workshop, ada, write):
    """One read fails in the middle of a narration; it is taken up again all the same."""
    async with workshop(lease_s=0.5) as shop:
        fails = iter([True])
        claim = shop.queue.claim

        def claim_and_stumble():
            job = claim()
            if job and next(fails, False):
                raise OSError("the disk was away for a moment")
            return job

        shop.queue.claim = claim_and_stumble
        async with shop.narrations.running():
            scene = write(ada, SHORT)
            await shop.narrate(ada, scene)
            assert (await shop.state(ada, scene)).narration.status == "complete"
