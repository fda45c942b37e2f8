import pytest

from tests.serving import serving, settings_for

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def built(tmp_path):
    page = tmp_path / "dist"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html><title>Rhapsode</title>")
    (page / "assets" / "index-1a2b3c.js").write_text("export {};")
    (page / "favicon.svg").write_text("<svg/>")
    (tmp_path / "private.txt").write_text("private")
    return page


@pytest.fixture
async def client(tmp_path, built):
    settings = settings_for(tmp_path / "data", frontend_dir=built)
    async with serving(settings) as server, server.client() as opened:
        yield opened


@pytest.mark.parametrize("path", ["/", "/stories/7", "/stories/7/read", "/index.html"])
async def test_every_address_inside_the_page_is_the_page(client, path):
    answer = await client.get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert "<title>Rhapsode</title>" in answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"


async def test_files_that_carry_a_hash_are_kept_for_ever(client):
    answer = await client.get("/assets/index-1a2b3c.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert (await client.get("/favicon.svg")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["/assets/gone.js", "/..%2fprivate.txt", "/%2e%2e/private.txt", "/assets/%00", "/" + "x" * 999],
)
async def test_what_is_not_there_is_not_found(client, path):
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


async def test_a_page_is_only_read(client):
    assert (await client.post("/", headers=BROWSER)).status_code == 404


async def test_without_a_built_page_the_server_says_how_to_build_it(tmp_path):
    settings = settings_for(tmp_path / "data", frontend_dir=tmp_path / "nowhere")
    async with serving(settings) as server, server.client() as client:
        answer = await client.get("/", headers=BROWSER)
        assert answer.status_code == 503
        assert "make run" in answer.text
        assert (await client.get("/api/stories")).status_code == 200
