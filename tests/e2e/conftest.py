"""A real browser, before a real server, with a language model on a string."""

import asyncio
import base64
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from rhapsode.app import create_app
from rhapsode.settings import REPOSITORY
from rhapsode.tts.host import EngineHost
from tests.doubles import ScriptedLLM, Tells
from tests.e2e.client import LiveClient
from tests.serving import Server, serving_app, settings_for

HERE = Path(__file__).parent
AT_HOME = "192.168.7.7"
FAR_AWAY = "stories.test"
CHROMIUM_ARGS = [
    # Two more addresses at which the browser finds this machine.
    f"--host-resolver-rules=MAP {AT_HOME} 127.0.0.1, MAP {FAR_AWAY} 127.0.0.1",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def chromium() -> str:
    """Return the browser; without one these tests fail rather than be skipped."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("RHAPSODE_CHROMIUM") or next(filter(None, map(shutil.which, names)), "")
    assert found, (
        "No Chromium. Install it (Debian: apt-get install chromium) or set RHAPSODE_CHROMIUM."
    )
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGS)
        yield browser
        browser.close()


class Theater:
    """The server, in a thread with an event loop of its own."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self.server = server
        self.url = server.base_url
        self.parts = server.app.state.parts
        self._loop = loop

    def run(self, coroutine) -> object:
        """Run a coroutine in the server's loop and return its result."""
        future: Future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return future.result(60)

    def use_writer(self, llm: ScriptedLLM) -> None:
        self._put("/api/llm/settings", provider="openai", base_url=llm.base_url, model="scripted")

    def set_voice(self, **changes: object) -> None:
        self._put("/api/tts/settings", **changes)

    def voice(self) -> dict:
        """Return the settings of speech, as they are kept."""

        async def get() -> dict:
            async with self.server.client() as client:
                return (await client.get("/api/tts/settings")).json()

        return self.run(get())

    def add_voice(self, name: str, clip: bytes) -> str:
        """Make a voice from a clip, and return its id."""

        async def add() -> str:
            async with self.server.client() as client:
                answer = await client.post(
                    "/api/voices", data={"name": name}, files={"file": ("clip.wav", clip)}
                )
                assert answer.status_code == 201, answer.text
                return answer.json()["id"]

        return self.run(add())

    def new_story(self, title: str = "The Lighthouse", premise: str = "") -> int:
        async def create() -> int:
            async with self.server.client() as client:
                answer = await client.post(
                    "/api/stories", json={"title": title, "premise": premise}
                )
                return answer.json()["id"]

        return self.run(create())

    def scenes(self, story_id: int) -> list[dict]:
        async def get() -> list[dict]:
            async with self.server.client() as client:
                return (await client.get(f"/api/stories/{story_id}/scenes")).json()

        return self.run(get())

    def write_scene(self, story_id: int) -> int:
        """Have a scene written without live audio, and return its number."""

        async def write() -> int:
            async with self.server.client() as client:
                answer = await client.post(f"/api/stories/{story_id}/scenes", json={})
                assert answer.status_code == 201, answer.text
                return answer.json()["id"]

        return self.run(write())

    def sound_of(self, scene_id: int) -> np.ndarray:
        """Return the stored narration of a scene, float32."""

        async def get() -> bytes:
            async with self.server.client() as client:
                answer = await client.get(f"/api/scenes/{scene_id}/audio?format=wav")
                assert answer.status_code == 200, answer.text
                return answer.content

        return np.frombuffer(self.run(get())[44:], np.int16).astype(np.float32) / 32768

    def live_client(self, session_id: str) -> LiveClient:
        """Follow a session from its first event, as an independent second listener."""
        return self.run(LiveClient.follow(self.server, session_id))

    def _put(self, path: str, **body: object) -> None:
        async def put() -> None:
            async with self.server.client() as client:
                answer = await client.put(path, json=body)
                assert answer.status_code == 200, answer.text

        self.run(put())


@contextmanager
def opened_theater(data_dir: Path, hosts: Mapping[str, EngineHost] | None = None, **settings):
    """Run a server in a thread while the block runs."""
    assert (REPOSITORY / "frontend" / "dist" / "index.html").exists(), "Build the page: make setup"
    ready: Future[tuple[Theater, Callable[[], None]]] = Future()

    async def run() -> None:
        app = create_app(settings_for(data_dir, **settings), hosts)
        # From the page's own origin: its content security policy allows worklets from nowhere else.
        app.router.routes.insert(0, Route("/__recorder.worklet.js", _recorder_worklet))
        async with serving_app(app) as server:
            loop, over = asyncio.get_running_loop(), asyncio.Event()
            close = partial(loop.call_soon_threadsafe, over.set)
            ready.set_result((Theater(server, loop), close))
            await over.wait()

    def main() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)
            raise

    thread = threading.Thread(target=main, name="server")
    thread.start()
    try:
        theater, close = ready.result(30)
    except BaseException:
        thread.join(30)
        raise
    try:
        yield theater
    finally:
        close()
        thread.join(30)


async def _recorder_worklet(_request: Request) -> FileResponse:
    return FileResponse(HERE / "recorder.worklet.js", media_type="text/javascript")


@pytest.fixture
def theater(tmp_path) -> Iterator[Theater]:
    with opened_theater(tmp_path) as theater:
        yield theater


@pytest.fixture
def llm() -> Iterator[ScriptedLLM]:
    with ScriptedLLM.in_thread(Tells.text()) as llm:
        yield llm


@pytest.fixture
def context(browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context) -> Page:
    return watched_page(context)


def watched_page(context: BrowserContext, *, scripts: tuple[str, ...] = ("recorder.js",)) -> Page:
    """Open a page that records its sound, and fails the test for errors of its own."""
    page = context.new_page()
    for script in scripts:
        page.add_init_script(path=HERE / script)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    return page


def recorded(page: Page) -> np.ndarray:
    """Return every sample that was rendered so far, float32."""
    return np.frombuffer(base64.b64decode(page.evaluate("window.__recorded()")), np.float32)


def until(condition: Callable[[], object], timeout_s: float = 30, what: str = "") -> object:
    """Wait for what the browser cannot be asked to wait for."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.05)
    raise AssertionError(f"did not happen within {timeout_s} s: {what}")
