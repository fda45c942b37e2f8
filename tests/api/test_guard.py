import pytest
import websockets
from websockets.exceptions import InvalidStatus

from tests.serving import serving, settings_for


async def test_a_name_that_is_not_this_machines_is_refused(client):
    """A page that rebinds its name to 127.0.0.1 reaches nothing."""
    for path in ("/", "/api/stories", "/livez"):
        refused = await client.get(path, headers={"Host": "evil.example:9876"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "host_not_allowed")


@pytest.mark.parametrize("host", ["localhost", "localhost:9876", "127.0.0.1:5000", "[::1]:9876"])
async def test_every_name_of_this_machine_is_welcome(client, host):
    assert (await client.get("/api/stories", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", ["", "127.0.0.1.evil.example", "localhost.evil.example", "[::1"])
async def test_names_that_only_look_local_are_refused(client, host):
    assert (await client.get("/api/stories", headers={"Host": host})).status_code in (400, 403)


async def test_the_operator_can_allow_a_name(tmp_path):
    settings = settings_for(tmp_path, allowed_hosts=["Tales.example"])
    async with serving(settings) as server, server.client() as client:
        answer = await client.get("/api/stories", headers={"Host": "tales.example:9876"})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://", "garbage"]
)
async def test_a_page_of_another_site_changes_nothing(client, origin):
    refused = await client.post("/api/stories", json={}, headers={"Origin": origin})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "origin_not_allowed")
    assert (await client.get("/api/stories")).json() == []


async def test_our_own_page_and_programs_are_welcome(client, server):
    own = await client.post("/api/stories", json={}, headers={"Origin": server.base_url})
    program = await client.post("/api/stories", json={})
    assert (own.status_code, program.status_code) == (201, 201)


async def test_with_accounts_the_cookie_of_another_sites_request_is_worth_nothing(ada):
    refused = await ada.post("/api/stories", json={}, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403


async def test_the_operator_can_allow_a_site(tmp_path):
    site = "https://tales.example"
    settings = settings_for(tmp_path, allowed_origins=[site])
    async with serving(settings) as server, server.client() as client:
        answer = await client.post("/api/stories", json={}, headers={"Origin": site})
        assert answer.status_code == 201
        assert answer.headers["access-control-allow-origin"] == site
        other = await client.get("/api/stories", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(
    ("host", "origin"), [("evil.example", None), ("127.0.0.1", "https://evil.example")]
)
async def test_sockets_are_guarded_like_requests(server, host, origin):
    port = int(server.base_url.rpartition(":")[2])
    url = f"ws://{host}:{port}/ws/scene-generation/x?ticket=y"
    with pytest.raises(InvalidStatus) as refused:
        await websockets.connect(url, host="127.0.0.1", port=port, origin=origin, proxy=None)
    assert refused.value.response.status_code == 403


async def test_every_answer_carries_the_headers_that_keep_a_browser_safe(client, server):
    host = server.base_url.removeprefix("http://")
    for path in ("/", "/api/stories", "/api/stories/999", "/api/nothing"):
        headers = (await client.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "script-src 'self' 'wasm-unsafe-eval';" in policy
        assert f"connect-src 'self' ws://{host} wss://{host};" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


async def test_only_the_api_documentation_may_run_a_script_of_its_page(client):
    for path in ("/docs", "/redoc"):
        answer = await client.get(path)
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self' 'wasm-unsafe-eval' 'unsafe-inline';" in policy
        assert "http" not in policy.replace("ws://", "").replace("wss://", "")
    elsewhere = await client.get("/openapi.json")
    assert "'wasm-unsafe-eval';" in elsewhere.headers["content-security-policy"]
