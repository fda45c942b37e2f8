"""Finding servers on this machine."""

import json

import pytest

from rhapsode.llm.discover import discover_servers
from tests import doubles
from tests.doubles import Answers, Hangs, ScriptedLLM


async def test_every_server_that_lists_models_is_found_in_the_order_of_the_ports():
    async with ScriptedLLM(models=("b", "a")) as one, ScriptedLLM(models=("c",)) as two:
        found = await discover_servers(ports={two.port: "vLLM", one.port: "LM Studio"})
    assert [(server.base_url, server.models) for server in found] == [
        (two.base_url, ("c",)),
        (one.base_url, ("a", "b")),
    ]


@pytest.mark.parametrize(
    ("owned_by", "name"),
    [
        ("library", "Ollama"),
        ("llamacpp", "llama.cpp"),
        ("vllm", "vLLM"),
        ("koboldcpp", "KoboldCpp"),
        ("organization_owner", "LM Studio"),
        ("somebody", "probably llama.cpp"),
    ],
)
async def test_the_answer_names_the_product_rather_than_the_port(owned_by: str, name: str):
    async with ScriptedLLM(owned_by=owned_by) as llm:
        found = await discover_servers(ports={llm.port: "llama.cpp"})
    assert [server.name for server in found] == [name]


async def test_ollama_without_models_is_known_by_its_version():
    version = {"/api/version": Answers(200, '{"version": "0.11.0"}')}
    async with ScriptedLLM(models=(), pages=version) as llm:
        found = await discover_servers(ports={llm.port: "LM Studio"})
    assert [(server.name, server.models) for server in found] == [("Ollama", ())]


@pytest.mark.parametrize(
    "answer",
    [
        doubles.html_page(),
        doubles.refuses(404),
        doubles.refuses(500),
        Answers(200, "{"),
        Answers(200, "[]"),
        Answers(200, '"models"'),
        Answers(200, '{"data": 3}'),
        Answers(200, '{"data": [{"name": "no id"}]}'),
        Answers(200, json.dumps({"data": [], "pad": "x" * 2_000_000})),
        Hangs(),
    ],
)
async def test_other_services_on_these_ports_are_not_listed(answer: Answers | Hangs):
    async with ScriptedLLM(models_reply=answer) as other:
        assert await discover_servers(ports={other.port: "vLLM"}) == []


async def test_a_redirect_is_not_followed():
    async with ScriptedLLM() as llm:
        away = Answers(302, "", headers=(("location", f"{llm.base_url}/models"),))
        async with ScriptedLLM(models_reply=away) as other:
            assert await discover_servers(ports={other.port: "vLLM"}) == []
    assert llm.requests == []


async def test_nobody_listening_is_no_error():
    with doubles.refused_address() as nowhere:
        port = int(nowhere.rsplit(":", 1)[1].split("/")[0])
        assert await discover_servers(ports={port: "Ollama"}) == []
