"""Which servers users may name, and that nobody gets elsewhere by a detour."""

import asyncio
import ipaddress
import socket

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.errors import ConfigurationError, ForbiddenAddressError, LLMUnreachableError
from rhapsode.llm.client import list_models
from rhapsode.network import OWN_MACHINE, AllowedServer, Network
from tests.doubles import ScriptedLLM
from tests.speech_server import SpeechServer, refuses

PUBLIC = "93.184.215.14"
PRIVATE = [
    *("127.0.0.1", "127.8.9.10", "10.0.0.5", "172.16.3.4", "172.31.255.255", "192.168.1.20"),
    *("169.254.169.254", "169.254.1.1", "100.64.0.1", "100.127.255.254", "0.0.0.0", "0.1.2.3"),
    *("192.0.2.7", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.5", "::ffff:a9fe:a9fe", "::127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a00:5", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
]


def resolving(*answers):
    """Return a resolver that gives one answer after the other, and the last one for ever."""
    left = list(answers)

    async def resolve(host, port):
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


def public_only(*answers, allowed=()):
    return Network(public_only=True, allowed=allowed, resolve=resolving(*answers))


@pytest.mark.parametrize("address", PRIVATE)
async def test_no_address_inside_a_network_is_reached(address):
    with pytest.raises(ForbiddenAddressError):
        await public_only([address]).find("a.example", 443)


@given(st.ip_addresses())
async def test_only_what_is_public_everywhere_is_reached(address):
    """The library's own idea of `global` is the widest that may pass."""
    network = public_only([str(address)])
    inner = getattr(address, "ipv4_mapped", None) or address
    try:
        await network.find("a.example", 443)
    except ForbiddenAddressError:
        return
    if inner not in ipaddress.ip_network("64:ff9b::/96"):
        assert inner.is_global
        assert not inner.is_multicast
    assert not inner.is_private


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946"])
async def test_public_addresses_are_reached(address):
    assert await public_only([address]).find("a.example", 443) == [address]


async def test_one_private_address_among_public_ones_is_too_many():
    with pytest.raises(ForbiddenAddressError):
        await public_only([PUBLIC, "10.0.0.5"]).find("a.example", 443)


@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "017700000001"),
        *("0xa9fea9fe", "2852039166", "1.2.3", "a.example.0x1", "example.1", "1.2.3.4.5"),
    ],
)
async def test_addresses_in_disguise_are_not_even_looked_up(host):
    async def never(_host, _port):
        raise AssertionError("looked up")

    with pytest.raises(ForbiddenAddressError):
        await Network(public_only=True, resolve=never).find(host, 80)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["d", "#x", "#o"]))
async def test_no_number_is_taken_for_a_name(number, form):
    with pytest.raises(ForbiddenAddressError):
        await public_only([PUBLIC]).find(format(number, form).replace("0o", "0"), 80)


@pytest.mark.parametrize("url", ["http://169.254.169.254/v1", "http://[::ffff:169.254.169.254]/v1"])
async def test_the_metadata_of_clouds_is_forbidden_to_everybody(url):
    with pytest.raises(ForbiddenAddressError, match="metadata"):
        await OWN_MACHINE.check(url)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "192.168.1.20", "10.1.2.3"])
async def test_the_owner_of_a_machine_reaches_everything_around_it(host):
    assert await OWN_MACHINE.find(host, 80)


@pytest.mark.parametrize(
    ("allowed", "host", "port", "may"),
    [
        ("ollama", "ollama", 11434, True),
        ("ollama:11434", "OLLAMA.", 11434, True),
        ("ollama:11434", "ollama", 22, False),
        ("192.168.1.20", "192.168.1.20", 8880, True),
        ("192.168.1.20", "192.168.1.21", 8880, False),
        ("[fd00::20]:80", "fd00::20", 80, True),
        ("ollama", "not-ollama", 11434, False),
    ],
)
async def test_the_operator_allows_servers_by_name_or_address(allowed, host, port, may):
    network = public_only(["10.0.0.9"], allowed=[allowed])
    if may:
        assert await network.find(host, port) == ["10.0.0.9"]
    else:
        with pytest.raises(ForbiddenAddressError, match="RHAPSODE_ALLOWED_SERVERS"):
            await network.find(host, port)


@pytest.mark.parametrize("entry", ["", "http://ollama", "ollama:0", "ollama:99999", "a b", "a/b"])
def test_what_names_no_server_cannot_be_allowed(entry):
    with pytest.raises(ConfigurationError, match="RHAPSODE_ALLOWED_SERVERS"):
        AllowedServer.parse(entry)


async def test_a_name_that_changes_between_check_and_connection_leads_nowhere():
    """DNS rebinding: every connection is checked anew, whatever was said of the name before."""
    async with SpeechServer() as server:
        network = public_only([PUBLIC], ["127.0.0.1"])
        address = f"http://rebinding.example:{server.port}/v1"
        await network.check(address)
        async with network.client(5) as http:
            with pytest.raises(ForbiddenAddressError):
                await http.get(f"{address}/models")
    assert server.requests == []


async def test_the_checked_address_is_the_one_connected_to():
    """One look-up for each connection: nobody asks for the name again before the socket opens."""
    asked = []

    async def resolve(host, port):
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    async with SpeechServer() as server:
        network = Network(public_only=False, resolve=resolve)
        url = f"http://only-here.example:{server.port}/v1/models"
        async with network.client(5) as http:
            assert (await http.get(url)).is_success
    assert asked == [("only-here.example", server.port)]
    assert server.requests[0].headers["host"] == f"only-here.example:{server.port}"


async def test_a_dead_address_is_passed_over_for_the_next_one():
    async with SpeechServer() as server:
        network = Network(public_only=False, resolve=resolving(["127.0.0.2", "127.0.0.1"]))
        with socket.socket() as dead:
            dead.bind(("127.0.0.2", server.port))  # taken, but nobody listens
            async with network.client(5) as http:
                url = f"http://two.example:{server.port}/v1/models"
                assert (await http.get(url)).is_success


async def test_no_redirect_leads_out():
    secret = ("Location", "http://169.254.169.254/latest/meta-data")
    async with SpeechServer(voices=refuses(302, secret)) as server, OWN_MACHINE.client(5) as http:
        response = await http.get(f"{server.base_url}/audio/voices")
    assert response.status_code == 302
    assert len(server.requests) == 1


async def test_no_proxy_of_the_environment_is_used(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with SpeechServer() as server, OWN_MACHINE.client(5) as http:
        assert (await http.get(f"{server.base_url}/models")).is_success


async def test_a_name_without_an_address_is_a_failed_connection_not_a_refusal():
    async def nothing(_host, _port):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    network = Network(public_only=True, resolve=nothing)
    await network.check("http://nowhere.example/v1")
    async with network.client(5) as http:
        with pytest.raises(httpx2.ConnectError):
            await http.get("http://nowhere.example/v1")


async def test_encrypted_connections_prove_the_name_and_not_the_address():
    hello = []

    async def listen(reader, writer):
        hello.append(await reader.read(4096))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    network = Network(public_only=False, resolve=resolving(["127.0.0.1"]))
    async with server, network.client(5) as http:
        with pytest.raises(httpx2.TransportError):
            await http.get(f"https://voices.example:{port}/v1")
    assert b"voices.example" in hello[0]


async def test_language_models_are_guarded_by_the_same_rules():
    async with ScriptedLLM() as llm:
        with pytest.raises(LLMUnreachableError, match="RHAPSODE_ALLOWED_SERVERS"):
            await list_models(llm.base_url, None, Network(public_only=True))
        allowed = Network(public_only=True, allowed=[f"127.0.0.1:{llm.port}"])
        assert await list_models(llm.base_url, None, allowed) == ["scripted"]
        assert len(llm.requests) == 1
