"""Narrations over HTTP: ordered, followed, heard, and kept while they are told live."""

import asyncio
import io
import json
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import av
import httpx2
import numpy as np
import pytest

from rhapsode.api.parts import Parts
from rhapsode.app import create_app
from rhapsode.tts.host import ThreadHost
from tests.api.live_client import LiveClient, live_socket
from tests.doubles import STORY, Reply, ScriptedLLM, Tells, cut, slow
from tests.narrate_later.counting import CountingEngine
from tests.serving import Server, serving_app, settings_for

SETTINGS = "/api/tts/settings"
TEXT = "The lamp in the hall went out. Nobody on the stairs had touched it at all."


@dataclass
class Stage:
    """A running server with a tone engine, and one story in it."""

    server: Server
    http: httpx2.AsyncClient
    engine: CountingEngine
    story_id: int

    @property
    def parts(self) -> Parts:
        return self.server.app.state.parts

    async def write(self, text: str = TEXT) -> int:
        """Put a scene into the story and return its number."""
        user = self.parts.people.local_user()
        scene = self.parts.stories.add_scene(
            user.id,
            self.story_id,
            prompt="",
            content=text,
            status="complete",
            model="m",
        )
        return scene.id

    async def narrate(self, scene_id: int) -> dict:
        ordered = await self.http.post(f"/api/scenes/{scene_id}/narration")
        assert ordered.status_code == 202, ordered.text
        return await self.until(scene_id, "complete")

    async def until(self, scene_id: int, status: str) -> dict:
        """Ask for a narration until it is as far."""
        async with asyncio.timeout(20):
            while True:
                woken = asyncio.Event()
                user_id = self.parts.people.local_user().id
                with self.parts.user_events.subscribe(user_id, woken.set):
                    body = await self.narration(scene_id)
                    if body["status"] == status:
                        return body
                    await woken.wait()

    async def narration(self, scene_id: int) -> dict:
        answer = await self.http.get(f"/api/scenes/{scene_id}/narration")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def scenes(self) -> list[dict]:
        return (await self.http.get(f"/api/stories/{self.story_id}/scenes")).json()

    async def put(self, **changes) -> None:
        assert (await self.http.put(SETTINGS, json=changes)).status_code == 200

    @asynccontextmanager
    async def told(self, reply: Reply, **form) -> AsyncIterator[LiveClient]:
        """Have a scene told live, and listen to it from the beginning."""
        async with ScriptedLLM(reply) as llm:
            model = {
                "provider": "openai",
                "base_url": llm.base_url,
                "model": "scripted",
            }
            changed = await self.http.put("/api/llm/settings", json=model)
            assert changed.status_code == 200, changed.text
            url = f"/api/stories/{self.story_id}/scenes/generate-with-tts-stream"
            started = await self.http.post(url, data=form)
            assert started.status_code == 200, started.text
            address = self.server.ws_url + started.json()["websocket_url"]
            async with live_socket(address) as client:
                await client.start()
                yield client


@asynccontextmanager
async def staged(tmp_path, engine: CountingEngine, **settings) -> AsyncIterator[Stage]:
    app = create_app(
        settings_for(tmp_path, narration_retry_s=0.01, **settings),
        {"tone": ThreadHost(engine)},
    )
    async with serving_app(app) as server, server.client() as http:
        story = (await http.post("/api/stories", json={"title": "The Lighthouse"})).json()
        stage = Stage(server, http, engine, story["id"])
        await stage.put(tts_provider_type="tone")
        yield stage


@pytest.fixture
async def stage(tmp_path) -> AsyncIterator[Stage]:
    async with staged(tmp_path, CountingEngine()) as stage:
        yield stage


async def test_a_scene_says_how_far_its_narration_is(stage):
    scene_id = await stage.write()
    assert (await stage.scenes())[0]["narration"] is None
    body = await stage.narrate(scene_id)
    summary = (await stage.scenes())[0]["narration"]
    assert summary == {
        "status": "complete",
        "chunk_count": 2,
        "chunks_ready": 2,
        "duration_ms": body["samples"] * 1000 // 24_000,
    }
    assert (await stage.http.get(f"/api/scenes/{scene_id}")).json()["narration"] == summary


async def test_a_narration_has_everything_a_player_needs(stage):
    """Proves 003-F3: one sound for each sentence, in order, with the times of its words."""
    scene_id = await stage.write()
    body = await stage.narrate(scene_id)
    position = 0
    for sentence in body["sentences"]:
        assert TEXT[sentence["char_start"] : sentence["char_end"]] == sentence["text"]
        assert sentence["start"] == position
        position += sentence["samples"]
        spoken = [sentence["text"][word["c0"] : word["c1"]] for word in sentence["words"]]
        assert spoken == sentence["text"].split()
    assert position == body["samples"]
    assert body["audio_url"] == f"/api/scenes/{scene_id}/audio"
    assert (body["engine"], body["voice"], body["error"]) == ("tone", "tone", None)


@pytest.mark.parametrize(
    ("format", "media_type"),
    [("wav", "audio/wav"), ("mp3", "audio/mpeg"), ("opus", "audio/ogg")],
)
async def test_a_narration_is_one_file_without_gaps(stage, format, media_type):
    scene_id = await stage.write()
    body = await stage.narrate(scene_id)
    answer = await stage.http.get(body["audio_url"], params={"format": format})
    assert answer.headers["content-type"] == media_type
    assert answer.headers["accept-ranges"] == "bytes"
    with av.open(io.BytesIO(answer.content)) as file:
        frames = list(file.decode(audio=0))
        seconds = sum(frame.samples / frame.sample_rate for frame in frames)
    # Opus leaves out the silence that its delay has swallowed (6.5 ms).
    assert seconds == pytest.approx(body["samples"] / 24_000, abs=0.06)


async def test_the_file_is_the_sentences_one_after_the_other(stage):
    body = await stage.narrate(await stage.write())
    whole = await samples_of(stage, body["audio_url"] + "?format=wav")
    parts = [await samples_of(stage, s["url"] + "&format=wav") for s in body["sentences"]]
    assert [len(part) for part in parts] == [s["samples"] for s in body["sentences"]]
    assert np.array_equal(whole, np.concatenate(parts))
    assert np.abs(whole).max() > 10_000


async def samples_of(stage, url) -> np.ndarray:
    answer = await stage.http.get(url)
    with wave.open(io.BytesIO(answer.content)) as clip:
        return np.frombuffer(clip.readframes(clip.getnframes()), "<i2")


@pytest.mark.parametrize(
    ("range", "part"),
    [
        ("bytes=0-99", slice(0, 100)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-50", slice(-50, None)),
        ("bytes=10-999999999", slice(10, None)),
        ("bytes=-999999999", slice(None)),
    ],
)
async def test_parts_of_a_file_can_be_asked_for(stage, range, part):
    url = (await stage.narrate(await stage.write()))["audio_url"]
    whole = (await stage.http.get(url)).content
    answer = await stage.http.get(url, headers={"Range": range})
    assert answer.status_code == 206
    assert answer.content == whole[part]
    assert answer.headers["content-range"].endswith(f"/{len(whole)}")


async def test_a_part_that_is_not_there_is_refused_in_the_one_shape(stage):
    url = (await stage.narrate(await stage.write()))["audio_url"]
    size = len((await stage.http.get(url)).content)
    answer = await stage.http.get(url, headers={"Range": f"bytes={size}-"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (416, "range")
    assert answer.headers["content-range"] == f"bytes */{size}"


@pytest.mark.parametrize("format", ["wav", "mp3", "opus"])
async def test_the_head_of_a_file_is_that_of_the_file_without_the_file(stage, format):
    url = (await stage.narrate(await stage.write()))["audio_url"] + f"?format={format}"
    head = await stage.http.head(url)
    whole = await stage.http.get(url)
    assert (head.status_code, head.content) == (200, b"")
    for name in (
        "content-length",
        "content-type",
        "etag",
        "accept-ranges",
        "cache-control",
    ):
        assert head.headers[name] == whole.headers[name]
    assert int(head.headers["content-length"]) == len(whole.content)


async def test_the_head_of_a_sentence_has_its_length_too(stage):
    url = (await stage.narrate(await stage.write()))["sentences"][0]["url"]
    head, whole = await stage.http.head(url), await stage.http.get(url)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(whole.content)


async def test_a_part_of_another_version_is_not_mixed_with_this_one(stage):
    url = (await stage.narrate(await stage.write()))["audio_url"]
    etag = (await stage.http.head(url)).headers["etag"]
    wanted = {"Range": "bytes=0-9"}
    same = await stage.http.get(url, headers=wanted | {"If-Range": etag})
    other = await stage.http.get(url, headers=wanted | {"If-Range": '"earlier"'})
    assert (same.status_code, other.status_code) == (206, 200)


@pytest.mark.parametrize("range", ["bytes=a-b", "rows=1-2", "bytes=0-1,5-6"])
async def test_ranges_that_nobody_understands_are_passed_over(stage, range):
    url = (await stage.narrate(await stage.write()))["audio_url"]
    assert (await stage.http.get(url, headers={"Range": range})).status_code == 200


async def test_a_browser_need_not_load_twice_what_has_not_changed(stage):
    scene_id = await stage.write()
    body = await stage.narrate(scene_id)
    for url in (body["audio_url"], body["sentences"][0]["url"]):
        first = await stage.http.get(url)
        again = await stage.http.get(url, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    lasting = await stage.http.get(body["sentences"][0]["url"])
    assert "immutable" in lasting.headers["cache-control"]

    await stage.http.patch(f"/api/scenes/{scene_id}", json={"content": TEXT.replace("lamp", "sun")})
    changed = await stage.until(scene_id, "complete")
    assert changed["sentences"][0]["url"] != body["sentences"][0]["url"]
    assert changed["sentences"][1]["url"] == body["sentences"][1]["url"]
    fresh = await stage.http.get(changed["audio_url"])
    assert fresh.headers["etag"] != first.headers["etag"]


async def test_packets_are_what_the_live_socket_sends(stage):
    body = await stage.narrate(await stage.write())
    sentence = body["sentences"][0]
    answer = await stage.http.get(sentence["url"] + "&format=packets")
    position = packets = 0
    while position < len(answer.content):
        position += 2 + int.from_bytes(answer.content[position : position + 2], "little")
        packets += 1
    assert packets * 480 == sentence["samples"]


async def test_nothing_can_be_heard_before_it_is_made(stage):
    stage.engine.let.clear()
    scene_id = await stage.write()
    await stage.http.post(f"/api/scenes/{scene_id}/narration")
    for path in ("audio", "audio/chunks/1"):
        early = await stage.http.get(f"/api/scenes/{scene_id}/{path}")
        assert (early.status_code, early.json()["error"]["code"]) == (409, "conflict")
    body = await stage.narration(scene_id)
    assert body["status"] in ("queued", "running")
    assert (body["chunk_count"], body["chunks_ready"], body["audio_url"]) == (
        2,
        0,
        None,
    )
    cancelled = await stage.http.delete(f"/api/scenes/{scene_id}/narration")
    assert cancelled.status_code == 204
    assert await asyncio.to_thread(stage.engine.left.wait, 10)
    stage.engine.let.set()
    for path in ("narration", "audio", "audio/chunks/0"):
        assert (await stage.http.get(f"/api/scenes/{scene_id}/{path}")).status_code == 404


async def test_a_scene_without_words_is_refused(stage):
    refused = await stage.http.post(f"/api/scenes/{await stage.write('***')}/narration")
    assert (refused.status_code, refused.json()["error"]["param"]) == (422, "content")


async def test_a_sentence_or_format_that_does_not_exist_is_refused(stage):
    scene_id = await stage.write()
    await stage.narrate(scene_id)
    missing = await stage.http.get(f"/api/scenes/{scene_id}/audio/chunks/2")
    assert missing.status_code == 404
    unknown = await stage.http.get(f"/api/scenes/{scene_id}/audio?format=flac")
    assert unknown.json()["error"]["allowed"] == ["wav", "mp3", "opus"]


async def test_the_wish_for_narration_by_itself_is_a_setting(stage):
    """Proves 003-F1."""
    assert (await stage.http.get(SETTINGS)).json()["auto_play_last_scene"] is False
    await stage.put(auto_play_last_scene=True)
    assert (await stage.http.get(SETTINGS)).json()["auto_play_last_scene"] is True


async def test_a_new_scene_is_narrated_by_itself_and_the_answer_does_not_wait(stage):
    """Proves 003-F2: the voice is held up, and the answer comes all the same; forbids 003-D11."""
    await stage.put(auto_play_last_scene=True)
    stage.engine.let.clear()
    written = await stage.http.post(f"/api/stories/{stage.story_id}/scenes", json={})
    assert written.status_code == 201
    scene = written.json()
    assert scene["narration"]["status"] in ("queued", "running")
    stage.engine.let.set()
    body = await stage.until(scene["id"], "complete")
    assert body["auto_play"] is True
    assert body["chunk_count"] == len(body["sentences"]) > 1


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"auto_play_last_scene": True, "tts_enabled": False},
        {"auto_play_last_scene": False},
    ],
)
async def test_without_the_wish_nothing_is_narrated(stage, settings):
    """Proves 003-F2 and 003-F8: TTS disabled."""
    await stage.put(**settings)
    written = await stage.http.post(f"/api/stories/{stage.story_id}/scenes", json={})
    assert written.json()["narration"] is None
    assert stage.engine.said == []


async def test_a_scene_survives_a_voice_that_fails(tmp_path):
    """Proves 003-F5 and 003-F8: the provider is down."""
    engine = CountingEngine(fails_on="stairs")
    async with staged(tmp_path, engine) as stage:
        scene_id = await stage.write()
        await stage.http.post(f"/api/scenes/{scene_id}/narration")
        failed = await stage.until(scene_id, "failed")
        assert failed["error"]["code"] == "synthesis_failed"
        assert "stairs" in failed["error"]["message"]
        assert (await stage.http.get(f"/api/scenes/{scene_id}")).json()["content"] == TEXT
        engine._fails_on = ""
        assert (await stage.narrate(scene_id))["error"] is None


async def test_a_scene_told_live_is_never_spoken_again(stage):
    async with stage.told(Tells.text()) as client:
        complete = (await client.until("generation_complete"))[-1].body
    said = len(stage.engine.said)
    body = await stage.narration(complete["scene_id"])
    assert complete["audio_url"] == body["audio_url"]
    assert body["status"] == "complete"
    assert body["samples"] == complete["samples"]
    spoken = "".join(s["text"] for s in body["sentences"]).replace(" ", "")
    assert spoken == STORY.replace(" ", "")
    assert (await stage.http.get(body["audio_url"])).status_code == 200
    assert len(stage.engine.said) == said


async def test_a_word_changed_in_a_scene_told_live_is_one_sentence(stage):
    async with stage.told(Tells.text()) as client:
        complete = (await client.until("generation_complete"))[-1].body
    said = len(stage.engine.said)
    url = f"/api/scenes/{complete['scene_id']}"
    await stage.http.patch(url, json={"content": STORY.replace("the wood", "the stone")})
    await stage.until(complete["scene_id"], "complete")
    assert len(stage.engine.said) == said + 1
    assert "the stone" in stage.engine.said[-1]
    await stage.http.patch(url, json={"content": STORY})
    await stage.until(complete["scene_id"], "complete")
    assert len(stage.engine.said) == said + 1


async def test_the_sound_that_was_heard_is_the_sound_that_is_kept(stage):
    async with stage.told(Tells.text()) as client:
        events = await client.until("generation_complete")
    heard = np.concatenate([event.samples for event in events if event.type == "audio"])
    body = await stage.narration(events[-1].body["scene_id"])
    kept = await samples_of(stage, body["audio_url"] + "?format=wav")
    assert len(kept) == len(heard)
    started = [event.body for event in events if event.type == "sentence_started"]
    assert [s["start"] for s in body["sentences"]] == [s["start"] for s in started]
    energy = [np.abs(sound.astype(float)).mean() for sound in (heard, kept)]
    assert energy[1] == pytest.approx(energy[0], rel=0.1)


async def test_a_scene_that_was_stopped_keeps_what_was_heard_and_gets_the_rest(stage):
    async with stage.told(slow(STORY * 3, tokens_per_s=60)) as client:
        await client.until("sentence_finished")
        await client.send(type="stop", keep=True)
        stopped = (await client.until("stopped"))[-1].body
    heard = len(stage.engine.said)
    body = await stage.until(stopped["scene_id"], "complete")
    scene = (await stage.scenes())[0]
    assert scene["status"] == "stopped"
    end = body["sentences"][-1]["char_end"]
    assert scene["content"][end:].strip() == ""
    assert heard < len(stage.engine.said) <= heard + len(body["sentences"])


async def test_a_scene_whose_writer_failed_keeps_what_was_heard(stage):
    async with stage.told(cut(STORY, after=25)) as client:
        failure = (await client.until("error"))[-1].body
    body = await stage.until(failure["scene_id"], "complete")
    assert STORY.startswith(body["sentences"][0]["text"])


async def test_a_scene_written_silently_is_narrated_afterwards_if_wished(stage):
    await stage.put(auto_play_last_scene=True)
    async with stage.told(Tells.text(), enable_tts_stream="false") as client:
        complete = (await client.until("generation_complete"))[-1].body
    assert complete["audio_url"] is None
    assert (await stage.until(complete["scene_id"], "complete"))["auto_play"] is True


async def test_live_speech_does_not_wait_for_narrations_in_the_background(tmp_path):
    engine = CountingEngine(seconds_per_word=0.02, max_concurrency=2)
    async with staged(tmp_path, engine) as stage:
        background = await stage.write(" ".join(f"Line {n} goes on and on." for n in range(400)))
        await stage.http.post(f"/api/scenes/{background}/narration")
        async with stage.told(Tells.text()) as client:
            await client.until("generation_complete")
        assert (await stage.narration(background))["status"] == "running"


async def test_a_listening_position_is_kept_for_each_person_and_scene(stage):
    scene_id = await stage.write()
    url = f"/api/scenes/{scene_id}/position"
    nowhere = (await stage.http.get(url)).json()
    assert nowhere == {
        "scene_id": scene_id,
        "sample": 0,
        "sentence": 0,
        "position_ms": 0,
        "at": None,
    }
    kept = await stage.http.put(url, json={"sample": 36_000, "sentence": 1})
    assert kept.json()["position_ms"] == 1_500
    assert (await stage.http.get(url)).json() == kept.json()
    story = (await stage.http.get("/api/stories")).json()[0]
    at = kept.json()["at"]
    assert story["last_heard"] == {"scene_id": scene_id, "position_ms": 1_500, "at": at}
    refused = await stage.http.put(url, json={"sample": -1})
    assert (refused.status_code, refused.json()["error"]["param"]) == (422, "sample")


async def test_the_last_scene_heard_is_the_one_a_story_names(stage):
    first, second = await stage.write(), await stage.write()
    for scene_id in (first, second, first):
        await stage.http.put(f"/api/scenes/{scene_id}/position", json={"sample": 480})
    story = (await stage.http.get(f"/api/stories/{stage.story_id}")).json()
    assert story["last_heard"]["scene_id"] == first


async def test_evicted_sound_makes_a_narration_incomplete_until_it_is_wanted(tmp_path):
    async with staged(tmp_path, CountingEngine(), audio_bytes=1_000) as stage:
        scene_id = await stage.write()
        await stage.narrate(scene_id)
        await stage.narrate(
            await stage.write("Another lamp burned all night. Nobody saw it do so.")
        )
        body = await stage.narration(scene_id)
        assert body["status"] == "incomplete"
        assert (await stage.scenes())[0]["narration"]["status"] == "incomplete"
        assert (await stage.http.get(f"/api/scenes/{scene_id}/audio/chunks/1")).status_code == 200
        assert json.loads((await stage.http.post(f"/api/scenes/{scene_id}/narration")).text)
        assert (await stage.until(scene_id, "complete"))["chunks_ready"] == 2
