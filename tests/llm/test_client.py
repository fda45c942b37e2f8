"""OpenAIWriter against a real server, well-behaved and broken in every way we know of."""

import asyncio
import logging
from dataclasses import replace

import pytest

from rhapsode.errors import (
    InvalidInputError,
    LLMAuthError,
    LLMEmptyError,
    LLMError,
    LLMInterruptedError,
    LLMModelNotFoundError,
    LLMRateLimitedError,
    LLMServerError,
    LLMTimeoutError,
    LLMUnreachableError,
)
from rhapsode.llm import client
from rhapsode.llm.client import OpenAIWriter, list_models
from rhapsode.llm.connection import MAX_ANSWER_BYTES
from rhapsode.llm.prompt import ScenePrompt
from rhapsode.network import OWN_MACHINE
from tests import doubles
from tests.doubles import STORY, Answers, Hangs, Reply, ScriptedLLM, Streams, Tells, split_deltas

PROMPT = ScenePrompt("The Light", "A lighthouse.", "", "", (), "a door appears", 1, 7)
KEY = "sk-very-secret-key"


def writer_for(address: str, **options: object) -> OpenAIWriter:
    return OpenAIWriter(address, KEY, "scripted", network=OWN_MACHINE, **options)  # type: ignore[arg-type]


async def tell(address: str, **options: object) -> list[str]:
    return [delta async for delta in writer_for(address, **options).write(PROMPT)]


async def tell_until_it_breaks(reply: Reply, **options: object) -> tuple[str, LLMError]:
    heard: list[str] = []

    async def listen(address: str) -> None:
        async for delta in writer_for(address, **options).write(PROMPT):
            heard.append(delta)

    async with ScriptedLLM(reply) as llm:
        with pytest.raises(LLMError) as caught:
            await listen(llm.base_url)
    assert KEY not in caught.value.message
    assert llm.base_url in caught.value.message or isinstance(caught.value, LLMEmptyError)
    return "".join(heard), caught.value


async def test_the_deltas_arrive_as_the_server_sent_them():
    async with ScriptedLLM(Tells.text()) as llm:
        assert await tell(llm.base_url) == split_deltas(STORY)
        await asyncio.to_thread(llm.requests[0].ended.wait, 5)
    assert not llm.requests[0].disconnected


async def test_each_delta_arrives_before_the_next_one_is_written():
    async with ScriptedLLM(doubles.stepped()) as llm:
        deltas = writer_for(llm.base_url).write(PROMPT)
        for expected in split_deltas(STORY):
            llm.step()
            assert await anext(deltas) == expected
        await deltas.aclose()


async def test_the_request_carries_model_key_limits_and_story():
    async with ScriptedLLM() as llm:
        await tell(llm.base_url, max_tokens=321, temperature=0.3)
    request = llm.requests[0]
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body["model"] == "scripted"
    assert request.body["max_tokens"] == 321
    assert request.body["temperature"] == 0.3
    assert request.body["stream"] is True
    assert "a door appears" in str(request.body["messages"])


async def test_without_a_key_the_environments_key_stays_at_home(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    async with ScriptedLLM() as llm:
        async for _ in OpenAIWriter(llm.base_url, None, "scripted", network=OWN_MACHINE).write(
            PROMPT
        ):
            pass
    assert KEY not in str(llm.requests[0].headers)


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch):
    with doubles.refused_address() as nowhere:
        monkeypatch.setenv("HTTP_PROXY", nowhere)
        monkeypatch.setenv("ALL_PROXY", nowhere)
        async with ScriptedLLM() as llm:
            assert "".join(await tell(llm.base_url)) == STORY


@pytest.mark.parametrize("ending", ["/", "/chat/completions", "/models"])
async def test_the_address_may_be_typed_with_an_endpoint(ending: str):
    async with ScriptedLLM() as llm:
        assert "".join(await tell(llm.base_url + ending)) == STORY


async def test_closing_the_generator_hangs_up():
    async with ScriptedLLM(doubles.never_ending()) as llm:
        deltas = writer_for(llm.base_url).write(PROMPT)
        await anext(deltas)
        await deltas.aclose()
        await llm.wait_disconnected()
    assert llm.requests[0].disconnected


async def test_cancelling_the_reader_hangs_up_before_the_first_token():
    async with ScriptedLLM(Hangs()) as llm:
        task = asyncio.create_task(tell(llm.base_url))
        await llm.wait_requested()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await llm.wait_disconnected()


@pytest.mark.parametrize("framing", ["chunked", "close"])
@pytest.mark.parametrize(
    ("finish_reason", "done"), [("stop", False), (None, True), ("length", True), ("stop", True)]
)
async def test_a_finish_reason_or_the_done_mark_is_a_proper_end(
    framing: str, finish_reason: str | None, done: bool
):
    reply = replace(Tells.text(), framing=framing, finish_reason=finish_reason, done=done)
    async with ScriptedLLM(reply) as llm:
        assert "".join(await tell(llm.base_url)) == STORY


async def test_a_stream_that_is_told_byte_by_byte_is_whole():
    async with ScriptedLLM(doubles.byte_by_byte()) as llm:
        assert "".join(await tell(llm.base_url)) == STORY


@pytest.mark.parametrize("framing", ["chunked", "close"])
async def test_a_cut_stream_keeps_its_text_and_is_called_interrupted(framing: str):
    """Proves 003-G15."""
    heard, error = await tell_until_it_breaks(doubles.cut(after=5, framing=framing))
    assert heard == "".join(split_deltas(STORY)[:5])
    assert isinstance(error, LLMInterruptedError)


async def test_nothing_is_asked_again_after_the_first_token():
    async with ScriptedLLM(doubles.cut(after=1)) as llm:
        with pytest.raises(LLMInterruptedError):
            await tell(llm.base_url)
    assert len(llm.requests) == 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, LLMAuthError),
        (403, LLMAuthError),
        (404, LLMModelNotFoundError),
        (429, LLMRateLimitedError),
        (400, LLMServerError),
        (418, LLMServerError),
        (500, LLMServerError),
        (503, LLMServerError),
    ],
)
async def test_a_refusal_has_its_own_error_and_is_not_repeated(
    status: int, expected: type[LLMError]
):
    async with ScriptedLLM(doubles.refuses(status, f"{KEY} is wrong")) as llm:
        with pytest.raises(expected) as caught:
            await tell(llm.base_url)
    assert type(caught.value) is expected
    assert llm.base_url in caught.value.message
    assert KEY not in caught.value.message
    assert len(llm.requests) == 1


async def test_a_rate_limit_says_how_long_to_wait():
    _, error = await tell_until_it_breaks(doubles.refuses(429))
    assert "7 seconds" in error.message


async def test_an_unknown_model_is_named():
    _, error = await tell_until_it_breaks(doubles.refuses(404))
    assert "'scripted'" in error.message


async def test_a_redirect_is_not_followed():
    async with ScriptedLLM() as elsewhere:
        away = (("location", f"{elsewhere.base_url}/chat/completions"),)
        _, error = await tell_until_it_breaks(Answers(307, "", headers=away))
    assert isinstance(error, LLMServerError)
    assert elsewhere.requests == []


async def test_nobody_at_the_address_names_it_and_the_way_out():
    with doubles.refused_address() as nowhere, pytest.raises(LLMUnreachableError) as caught:
        await tell(nowhere)
    assert caught.value.message.startswith(f"No answer from {nowhere}. Is the server running?")


async def test_a_server_that_hangs_up_without_an_answer_is_called_interrupted():
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(LLMInterruptedError):
            await tell(f"http://127.0.0.1:{port}/v1")


@pytest.mark.parametrize(
    "reply",
    [
        doubles.html_page(),
        Answers(200, '{"choices": []}'),
        doubles.garbage(),
        Streams((b"data: 42\n\n",)),
        Streams((b'data: {"choices": 42}\n\n',)),
        Streams((b'data: {"choices": [null]}\n\n',)),
        Streams((b"data: \xff\xfe\n\n",)),
        Streams((b'data: {"error": {"message": "CUDA out of memory"}}\n\n',)),
    ],
)
async def test_an_answer_that_is_no_chat_is_a_server_error(reply: Reply):
    heard, error = await tell_until_it_breaks(reply)
    assert heard == ""
    assert type(error) is LLMServerError
    assert "CUDA" not in error.message


async def test_garbage_after_some_text_keeps_the_text():
    heard, error = await tell_until_it_breaks(doubles.garbage(after="Once upon"))
    assert heard == "Once upon"
    assert isinstance(error, LLMServerError)


async def test_an_error_in_the_stream_with_a_status_is_read_like_one():
    reply = Streams((b'data: {"error": {"message": "slow down", "code": 429}}\n\n',))
    _, error = await tell_until_it_breaks(reply)
    assert isinstance(error, LLMRateLimitedError)


@pytest.mark.parametrize("reply", [doubles.empty(), Tells(deltas=("", "  ", "\n"))])
async def test_an_answer_without_text_is_called_empty(reply: Reply):
    _, error = await tell_until_it_breaks(reply)
    assert isinstance(error, LLMEmptyError)


async def test_what_is_no_character_becomes_the_sign_for_it():
    reply = Streams(
        (
            b'data: {"choices": [{"delta": {"content": "a\\u0000b\\ud83dc"}}]}\n\n',
            b"data: [DONE]\n\n",
        )
    )
    async with ScriptedLLM(reply) as llm:
        assert "".join(await tell(llm.base_url)) == "a\N{REPLACEMENT CHARACTER}b\ufffdc"


async def test_fields_that_are_null_or_missing_do_no_harm():
    reply = Streams(
        (
            b'data: {"choices": null}\n\n',
            b'data: {"choices": [{"delta": null}]}\n\n',
            b'data: {"choices": [{}]}\n\n',
            b'data: {"choices": [{"delta": {"content": null}}]}\n\n',
            b": a comment\n\n",
            b'data: {"choices": [{"delta": {"content": "Once."}, "finish_reason": "stop"}]}\n\n',
        )
    )
    async with ScriptedLLM(reply) as llm:
        assert await tell(llm.base_url) == ["Once."]


@pytest.mark.parametrize("reply", [Hangs(), Hangs(after_headers=True), doubles.stepped()])
async def test_a_server_that_never_begins_runs_into_the_first_timeout(reply: Reply):
    heard, error = await tell_until_it_breaks(reply, first_token_timeout_s=0.2)
    assert heard == ""
    assert isinstance(error, LLMTimeoutError)


async def test_a_server_that_falls_silent_runs_into_the_second_timeout():
    async with ScriptedLLM(doubles.stepped()) as llm:
        deltas = writer_for(llm.base_url, token_timeout_s=0.2).write(PROMPT)
        llm.step(2)
        assert [await anext(deltas), await anext(deltas)] == split_deltas(STORY)[:2]
        with pytest.raises(LLMTimeoutError):
            await anext(deltas)
        await llm.wait_disconnected()


async def test_a_slow_listener_does_not_use_up_the_servers_time():
    async with ScriptedLLM(Tells.text()) as llm:
        heard = ""
        async for delta in writer_for(llm.base_url, token_timeout_s=0.2).write(PROMPT):
            if not heard:
                await asyncio.sleep(0.4)
            heard += delta
    assert heard == STORY


async def test_a_server_that_never_ends_is_cut_off_at_the_limit(caplog: pytest.LogCaptureFixture):
    async with ScriptedLLM(doubles.never_ending()) as llm:
        with caplog.at_level(logging.WARNING):
            heard = "".join(await tell(llm.base_url, max_tokens=50))
        await llm.wait_disconnected()
    assert heard == ((STORY + " ") * 2)[: 50 * 8]
    assert "over 50 tokens" in caplog.text


async def test_reasoning_that_never_ends_is_cut_off_and_called_empty():
    reply = doubles.reasons("I wonder. " * 500)
    _, error = await tell_until_it_breaks(reply, max_tokens=50)
    assert isinstance(error, LLMEmptyError)
    assert "token limit" in error.message


async def test_a_huge_delta_is_cut_to_the_limit():
    async with ScriptedLLM(doubles.huge_delta()) as llm:
        assert len("".join(await tell(llm.base_url, max_tokens=100))) == 100 * 8


async def test_a_line_without_end_does_not_fill_the_memory():
    megabyte = b"x" * 1_000_000
    pieces = (b'data: {"', *(megabyte for _ in range(MAX_ANSWER_BYTES // len(megabyte) + 2)))
    with pytest.raises(LLMServerError, match="more data than any scene"):
        async with ScriptedLLM(Streams(pieces)) as llm:
            await tell(llm.base_url)


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_reasoning_fields_are_neither_shown_nor_taken_for_text(field: str):
    reply = replace(doubles.reasons("The user wants a door."), reasoning_field=field)
    async with ScriptedLLM(reply) as llm:
        assert "".join(await tell(llm.base_url)) == STORY


async def test_reasoning_keeps_the_first_token_from_timing_out():
    reply = replace(doubles.reasons("Let me think about it."), stepped=True)
    async with ScriptedLLM(reply) as llm:
        deltas = writer_for(llm.base_url, first_token_timeout_s=1.0).write(PROMPT)
        first = asyncio.create_task(anext(deltas))
        await llm.wait_requested()
        await asyncio.sleep(1.2)
        llm.step()
        assert await first == "Mara"
        await deltas.aclose()


async def test_a_think_block_in_the_content_is_removed():
    async with ScriptedLLM(Tells.text(f"<think>\nA door, then.\n</think>\n\n{STORY}")) as llm:
        assert "".join(await tell(llm.base_url)) == STORY


@pytest.mark.parametrize("param", ["max_tokens", "temperature"])
async def test_a_parameter_the_server_does_not_take_is_left_out(param: str):
    refusal = doubles.refuses(400, "Unsupported parameter", param=param)
    async with ScriptedLLM(refusal) as llm:
        with pytest.raises(LLMServerError):
            await tell(llm.base_url)
    first, second = (request.body for request in llm.requests)
    assert param in first
    assert param not in second
    assert ("max_completion_tokens" in second) is (param == "max_tokens")


@pytest.mark.parametrize("key", ["sk-naïve", "sk-a\nb", "\N{KEY}"])
def test_a_key_with_impossible_characters_is_refused_at_once(key: str):
    with pytest.raises(InvalidInputError) as caught:
        OpenAIWriter("localhost:1234", key, "m", network=OWN_MACHINE)
    assert caught.value.param == "api_key"
    assert key not in caught.value.message


async def test_list_models_returns_sorted_names():
    async with ScriptedLLM(models=("zephyr", "aurora")) as llm:
        assert await list_models(llm.base_url, None, OWN_MACHINE) == ["aurora", "zephyr"]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (doubles.refuses(401), LLMAuthError),
        (doubles.refuses(404), LLMModelNotFoundError),
        (doubles.html_page(), LLMServerError),
        (Answers(200, "[1, 2]"), LLMServerError),
        (Answers(200, '{"data": null}'), LLMServerError),
        (Answers(200, '{"data": ["a"]}'), LLMServerError),
        (Answers(200, "{"), LLMServerError),
    ],
)
async def test_list_models_says_what_is_wrong(reply: Answers, expected: type[LLMError]):
    async with ScriptedLLM(models_reply=reply) as llm:
        with pytest.raises(expected) as caught:
            await list_models(llm.base_url, None, OWN_MACHINE)
    assert type(caught.value) is expected


async def test_list_models_of_nobody_is_unreachable():
    with doubles.refused_address() as nowhere, pytest.raises(LLMUnreachableError):
        await list_models(nowhere, None, OWN_MACHINE)


async def test_list_models_does_not_wait_forever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "LIST_TIMEOUT_S", 0.2)
    async with ScriptedLLM(models_reply=Hangs()) as llm:
        with pytest.raises(LLMTimeoutError):
            await list_models(llm.base_url, None, OWN_MACHINE)


async def test_the_connection_test_reports_latency_and_a_sample():
    async with ScriptedLLM(doubles.reasons("Hm.")) as llm:
        report = await client.test_connection(llm.base_url, KEY, "scripted", OWN_MACHINE)
    assert report.model == "scripted"
    assert report.latency_ms >= 1
    assert len(report.sample) <= 80
    assert STORY.startswith(report.sample)
    assert report.sample


async def test_the_connection_test_fails_like_writing_does():
    async with ScriptedLLM(doubles.refuses(401)) as llm:
        with pytest.raises(LLMAuthError):
            await client.test_connection(llm.base_url, None, "scripted", OWN_MACHINE)
