"""The remote speech engine, against a real HTTP server of that shape.

Proves 003-G14 for the part of the provider: type, address, key, timeout, extra parameters.
"""

import asyncio
import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.errors import (
    InvalidInputError,
    NoSpeechError,
    SpeechAuthError,
    SpeechInterruptedError,
    SpeechRateLimitedError,
    SpeechRefusedError,
    SpeechServerError,
    SpeechTimeoutError,
    SpeechUnreachableError,
)
from rhapsode.network import OWN_MACHINE, Network
from rhapsode.tts.engine import RemoteServer, SpeechOptions, VoiceChoice
from rhapsode.tts.openai_remote import decoding, request
from rhapsode.tts.openai_remote.formats import recognize
from rhapsode.tts.openai_remote.host import OpenAIHost
from rhapsode.tts.openai_remote.listing import USUAL_VOICES, read_voices
from rhapsode.tts.openai_remote.samples import PcmDecoder, WavDecoder
from rhapsode.tts.pace import Pace
from rhapsode.tts.synthesizer import Synthesizer
from rhapsode.tts.turns import Priority
from tests.doubles import refused_address
from tests.speech_server import (
    CONTENT_TYPES,
    Hangs,
    Speaks,
    SpeechServer,
    answers_json,
    html_page,
    refuses,
    speaks,
    tone,
    tone_as,
)

KEY = "sk-very-secret-key"
TEXT = "The lamp burned low."


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(request, "RETRY_DELAYS_S", (0.0, 0.0))


@pytest.fixture
async def host():
    opened = OpenAIHost(OWN_MACHINE)
    yield opened
    await opened.close()


def at(server, **changes):
    return RemoteServer(server.base_url, **{"api_key": KEY, "timeout_s": 5.0} | changes)


async def hear(host, server, text=TEXT, voice="sky", **options):
    chunks = []
    await host.at(server).speak(text, voice, SpeechOptions(**options), chunks.append)
    assert all(isinstance(chunk, AudioChunk) for chunk in chunks)
    assert {chunk.sample_rate for chunk in chunks} <= {SAMPLE_RATE}
    return np.concatenate([chunk.samples for chunk in chunks]) if chunks else np.zeros(0, "f4")


def pitch(samples):
    spectrum = np.abs(np.fft.rfft(samples))
    return np.argmax(spectrum) * SAMPLE_RATE / len(samples)


async def test_a_sentence_is_asked_for_as_raw_samples_and_heard_as_they_are(host):
    async with SpeechServer() as server:
        extra = {"model": "kokoro", "lang_code": "b"}
        heard = await hear(host, at(server, extra_params=extra), voice="river", speed=1.25)
    assert np.array_equal(np.rint(heard * 32768).astype("<i2"), tone())
    (asked,) = server.spoken
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body == {
        "model": "kokoro",
        "input": TEXT,
        "voice": "river",
        "response_format": "pcm",
        "speed": 1.25,
        "lang_code": "b",
    }


async def test_without_a_key_none_is_sent(host):
    async with SpeechServer() as server:
        await hear(host, at(server, api_key=None))
    assert "authorization" not in server.spoken[0].headers


async def test_sound_is_passed_on_while_the_rest_is_still_to_come(host):
    body = tone_as("pcm", seconds=2)
    reply = Speaks(body, stop_after=9_600, then="stall")
    async with SpeechServer(reply) as server:
        first = asyncio.get_running_loop().create_future()

        def take(chunk):
            if not first.done():
                first.set_result(chunk)

        speaking = asyncio.create_task(
            host.at(at(server)).speak(TEXT, "sky", SpeechOptions(), take)
        )
        async with asyncio.timeout(5):
            assert len((await first).samples)
        assert not speaking.done()
        speaking.cancel()
        await asyncio.wait([speaking])


@pytest.mark.parametrize("format", ["wav", "mp3", "opus", "flac", "aac"])
@pytest.mark.parametrize("declared", ["truth", "lie", "nothing"])
async def test_another_format_is_known_by_its_bytes_whatever_the_header_says(
    host, format, declared
):
    content_type = {"truth": CONTENT_TYPES[format], "lie": "audio/pcm", "nothing": ""}[declared]
    body = tone_as(format)
    reply = Speaks(body, content_type, pieces=(*range(1, 64), 700, 1500, 5000))
    async with SpeechServer(reply) as server:
        heard = await hear(host, at(server))
    assert 0.95 < len(heard) / SAMPLE_RATE < 1.15
    assert pitch(heard) == pytest.approx(220, abs=3)
    assert 0.2 < np.abs(heard).max() < 0.6


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [16_000, 24_000, 44_100])
async def test_a_wav_file_may_have_any_rate_and_two_channels(host, rate, channels):
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((channels, 2, rate, 0, "NONE", ""))
        writer.writeframes(np.repeat(tone(rate=rate), channels).tobytes())
    async with SpeechServer(Speaks(file.getvalue(), "audio/wav")) as server:
        heard = await hear(host, at(server))
    assert len(heard) == pytest.approx(SAMPLE_RATE, abs=2)
    assert pitch(heard) == pytest.approx(220, abs=2)


async def test_a_wav_file_that_does_not_know_its_length_is_heard_to_its_end(host):
    body = bytearray(tone_as("wav"))
    at_data = body.index(b"data")
    body[at_data + 4 : at_data + 8] = struct.pack("<I", 0xFFFF_FFFF)
    async with SpeechServer(Speaks(bytes(body), "audio/wav")) as server:
        assert len(await hear(host, at(server))) == SAMPLE_RATE


async def test_raw_samples_may_say_their_rate(host):
    reply = Speaks(tone(rate=16_000).tobytes(), "audio/L16; rate=16000")
    async with SpeechServer(reply) as server:
        heard = await hear(host, at(server))
    assert pitch(heard) == pytest.approx(220, abs=2)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_raw_samples_are_the_same_however_the_network_cuts_them(data):
    body = tone(0.05).tobytes()
    edges = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=8)))
    for decoder_of, content in (
        (lambda sink: PcmDecoder(SAMPLE_RATE, sink), body),
        (WavDecoder, tone_as("wav", 0.05)),
    ):
        heard = []
        decoder = decoder_of(heard.append)
        for start, end in zip([0, *edges], [*edges, len(content)], strict=True):
            decoder.push(content[start:end])
        asyncio.run(decoder.finish())
        assert np.array_equal(np.rint(np.concatenate(heard) * 32768).astype("<i2"), tone(0.05))


@given(st.binary(max_size=400))
def test_any_bytes_are_recognized_in_the_end(body):
    assert recognize(body, complete=True) is not None


@pytest.mark.parametrize("level", [-1, -2, -1025, -5, 0, 255])
def test_quiet_samples_are_not_mistaken_for_frames(level):
    """Bytes with all bits set are what MP3 and AAC frames begin with, and quiet samples too."""
    assert recognize(np.full(8000, level, "<i2").tobytes(), complete=True) == "pcm"


async def test_a_server_that_knows_no_raw_samples_is_asked_for_wav_and_that_is_remembered(host):
    """Proves 003-U3: what becomes of servers that cannot stream."""

    def reply(asked):
        format = asked.body["response_format"]
        return speaks("wav") if format == "wav" else refuses(422)

    async with SpeechServer(reply) as server:
        for _ in range(2):
            assert len(await hear(host, at(server))) == SAMPLE_RATE
    assert [asked.body["response_format"] for asked in server.spoken] == ["pcm", "wav", "wav"]


async def test_the_format_that_the_user_names_is_the_only_one(host):
    async with SpeechServer() as server:
        await hear(host, at(server, extra_params={"response_format": "mp3"}))
    assert [asked.body["response_format"] for asked in server.spoken] == ["mp3"]


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (refuses(401), SpeechAuthError, "refuses the API key"),
        (refuses(403), SpeechAuthError, "refuses the API key"),
        (refuses(404), SpeechRefusedError, "does not know"),
        (refuses(400), SpeechRefusedError, "status 400"),
        (refuses(302, ("Location", "http://169.254.169.254/")), SpeechRefusedError, "not followed"),
        (refuses(429, ("Retry-After", "60")), SpeechRateLimitedError, "60 seconds"),
        (refuses(500), SpeechServerError, "status 500"),
        (html_page(), NoSpeechError, "web page"),
        (answers_json({"error": {"message": "out of credit"}}), NoSpeechError, "text instead"),
        (Speaks(b""), NoSpeechError, "without any sound"),
        (Speaks(tone_as("wav")[:44], "audio/wav"), NoSpeechError, "without any sound"),
        (Speaks(b"RIFF\x00\x00\x00\x00AVI LIST" + bytes(50)), NoSpeechError, "cannot be read"),
        (Speaks(b"fLaC" + bytes(5000), "audio/flac"), NoSpeechError, "damaged"),
        (Speaks(tone_as("webm"), "audio/webm"), NoSpeechError, "cannot be read"),
        (Speaks(bytes(range(256)) * 50, "audio/mpeg"), NoSpeechError, "announced audio/mpeg"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_what_goes_wrong_is_said_in_our_words(host, reply, error, words):
    async with SpeechServer(reply) as server:
        with pytest.raises(SpeechServerError, match=words) as caught:
            await hear(host, at(server))
    assert type(caught.value) is error
    assert KEY not in caught.value.message
    assert "secret internals" not in caught.value.message


async def test_a_server_that_asks_for_a_key_is_told_from_one_that_refuses_it(host):
    async with SpeechServer(refuses(401)) as server:
        with pytest.raises(SpeechAuthError, match="asks for an API key"):
            await hear(host, at(server, api_key=None))


async def test_nobody_at_the_address_is_unreachable(host):
    with refused_address() as nowhere, pytest.raises(SpeechUnreachableError, match="running"):
        await hear(host, RemoteServer(nowhere, timeout_s=5))


@pytest.mark.parametrize("format", ["pcm", "wav", "mp3"])
async def test_an_answer_that_breaks_off_is_no_complete_sentence(host, format):
    reply = Speaks(tone_as(format), CONTENT_TYPES[format], stop_after=9_001)
    if format == "mp3":
        reply = Speaks(tone_as(format, 4), CONTENT_TYPES[format], stop_after=9_001)
    async with SpeechServer(reply) as server:
        with pytest.raises(SpeechInterruptedError):
            await hear(host, at(server))
    assert len(server.spoken) == 1, "what has begun to sound is not asked for again"


async def test_a_wav_file_that_ends_too_early_is_noticed_though_the_connection_ends_well(host):
    reply = Speaks(tone_as("wav")[:20_000], "audio/wav", framing="close")
    async with SpeechServer(reply) as server:
        with pytest.raises(SpeechInterruptedError, match="only a part"):
            await hear(host, at(server))


@pytest.mark.parametrize("reply", [Hangs(), Speaks(tone_as("pcm"), stop_after=5_000, then="stall")])
async def test_a_server_that_falls_silent_is_not_waited_for(host, reply):
    async with SpeechServer(reply) as server:
        async with asyncio.timeout(5):
            with pytest.raises(SpeechTimeoutError, match="took too long"):
                await hear(host, at(server, timeout_s=0.3))
    assert len(server.spoken) == 1


async def test_a_server_that_drips_is_not_waited_for_either(host, monkeypatch):
    monkeypatch.setattr("rhapsode.tts.openai_remote.host.PATIENCE", 1)
    drip = Speaks(tone_as("pcm", 60), pieces=tuple(range(2, 1_000_000, 2)))
    async with SpeechServer(drip) as server:
        with pytest.raises(SpeechTimeoutError):
            await hear(host, at(server, timeout_s=0.5))


@pytest.mark.parametrize("misfortune", [refuses(503), refuses(429), Speaks(b"x", stop_after=0)])
async def test_bad_luck_before_the_first_byte_is_tried_again(host, misfortune):
    async with SpeechServer(first=[misfortune, misfortune]) as server:
        assert len(await hear(host, at(server))) == SAMPLE_RATE
    assert len(server.spoken) == 3


@pytest.mark.parametrize(("reply", "times"), [(refuses(500), 3), (refuses(401), 1)])
async def test_patience_has_an_end_and_a_refusal_needs_none(host, reply, times):
    async with SpeechServer(reply) as server:
        with pytest.raises(SpeechServerError):
            await hear(host, at(server))
    assert len(server.spoken) == times


@pytest.mark.parametrize("format", ["pcm", "mp3"])
async def test_cancelling_closes_the_connection(host, format):
    reply = Speaks(tone_as(format, 30), CONTENT_TYPES[format], stop_after=20_000, then="stall")
    async with SpeechServer(reply) as server:
        speaking = asyncio.create_task(hear(host, at(server)))
        await server.requested.wait()
        speaking.cancel()
        async with asyncio.timeout(5):
            await asyncio.wait([speaking])
            await server.requests[0].left.wait()
    assert speaking.cancelled()


@pytest.mark.parametrize("format", ["pcm", "flac"])
async def test_sound_without_end_is_cut_off(host, monkeypatch, format):
    monkeypatch.setattr(decoding, "MAX_SOUND_S", 2.0)
    async with SpeechServer(speaks(format, seconds=20)) as server:
        with pytest.raises(NoSpeechError, match="more sound"):
            await hear(host, at(server))


@pytest.mark.parametrize(
    "listing",
    [
        ["sky", "river"],
        {"voices": ["sky", "river"]},
        {"voices": [{"id": "sky", "name": "Sky"}, {"voice_id": "river"}]},
        {"data": [{"name": "sky"}, {"id": "river", "language": "en-GB"}]},
        {"voices": {"sky": {"language": "en"}, "river": {}}},
        ["sky", "sky", {"id": ""}, None, 7, {"id": "river"}],
    ],
)
def test_voices_are_read_in_every_shape_that_servers_send(listing):
    assert [voice.id for voice in read_voices(listing)] == ["sky", "river"]


@pytest.mark.parametrize("nothing", [None, 7, "sky", {}, {"voices": None}, [], [None]])
def test_what_is_no_list_of_voices_is_an_empty_one(nothing):
    assert read_voices(nothing) == []


@pytest.mark.parametrize("reply", [refuses(404), html_page(), answers_json([]), refuses(500)])
async def test_where_no_voices_are_listed_the_usual_ones_are_guessed_and_marked(host, reply):
    async with SpeechServer(voices=reply) as server:
        voices = await host.at(at(server)).voices()
    assert [voice.id for voice in voices] == list(USUAL_VOICES)
    assert all("Not listed" in voice.description for voice in voices)


async def test_listing_voices_fails_where_speaking_would(host):
    async with SpeechServer(voices=refuses(401)) as server:
        with pytest.raises(SpeechAuthError):
            await host.at(at(server)).voices()
    async with SpeechServer(voices=Hangs()) as server:
        with pytest.raises(SpeechTimeoutError):
            await host.at(at(server, timeout_s=0.2)).voices()


async def test_through_the_synthesizer_a_server_speaks_for_its_user_only(host):
    """Two users' servers never mix: address, key, voice and measurements are each one's own."""
    async with (
        Synthesizer({"openai": host}) as synthesizer,
        SpeechServer() as hers,
        SpeechServer() as his,
    ):
        for server, key in ((hers, "sk-hers"), (his, "sk-his")):
            choice = VoiceChoice("openai", "", server=at(server, api_key=key))
            choice = await synthesizer.check(choice)
            assert choice.voice == "sky"
            await synthesizer.speak(TEXT, choice, Priority.LIVE, lambda _piece: None)

        def hers_pace(key: str) -> Pace:
            return synthesizer.pace(VoiceChoice("openai", "sky", server=at(hers, api_key=key)))

        assert hers_pace("sk-hers").first_chunk_s > 0
        assert hers_pace("sk-other").first_chunk_s is None
    assert {asked.headers["authorization"] for asked in hers.requests} == {"Bearer sk-hers"}
    assert {asked.headers["authorization"] for asked in his.requests} == {"Bearer sk-his"}


async def test_four_sentences_at_once_and_the_last_place_is_for_a_listener(host):
    async with Synthesizer({"openai": host}) as synthesizer, SpeechServer(Hangs()) as server:
        choice = VoiceChoice("openai", "sky", server=at(server))

        def speak(priority):
            return asyncio.create_task(
                synthesizer.speak(TEXT, choice, priority, lambda _piece: None)
            )

        background = [speak(Priority.BACKGROUND) for _ in range(6)]
        live = speak(Priority.LIVE)
        async with asyncio.timeout(5):
            while len(server.spoken) < 4:
                server.requested.clear()
                await server.requested.wait()
        for task in (*background, live):
            task.cancel()
        await asyncio.wait([*background, live])
    assert len(server.spoken) == 4


async def test_without_an_address_it_says_what_is_missing(host):
    async with Synthesizer({"openai": host}) as synthesizer:
        (info,) = await synthesizer.engines()
        assert (info.available, info.needs_server) == (True, True)
        with pytest.raises(InvalidInputError, match="address") as caught:
            await synthesizer.check(VoiceChoice("openai", "sky"))
        assert caught.value.param == "server"
        with pytest.raises(InvalidInputError, match="address"):
            await synthesizer.voices("openai")


async def test_a_key_is_in_no_representation():
    server = RemoteServer("https://voices.example/v1", KEY)
    assert KEY not in repr(VoiceChoice("openai", "sky", server=server))


async def test_a_server_in_a_private_network_is_not_connected_to_for_others():
    host = OpenAIHost(Network(public_only=True))
    async with SpeechServer() as server:
        with pytest.raises(SpeechRefusedError, match="RHAPSODE_ALLOWED_SERVERS"):
            await hear(host, at(server))
    await host.close()
    assert server.requests == []
