"""The page's development server in front of the real one."""

import asyncio
import json
import os
import re
from contextlib import asynccontextmanager

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from rhapsode.settings import REPOSITORY
from tests.serving import serving, settings_for

FRONTEND = REPOSITORY / "frontend"


@asynccontextmanager
async def developing(server_url):
    """Run `npm run dev`, without npm, on a free port; give its address."""
    process = await asyncio.create_subprocess_exec(
        "node",
        FRONTEND / "node_modules" / "vite" / "bin" / "vite.js",
        *("--port", "0", "--clearScreen", "false"),
        cwd=FRONTEND,
        env={**os.environ, "RHAPSODE_URL": server_url, "NO_COLOR": "1"},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60):
            while not (
                found := re.search(rb"http://localhost:\d+", await process.stdout.readline())
            ):
                assert process.returncode is None
        yield found.group().decode()
    finally:
        process.terminate()
        await process.communicate()


async def test_its_page_may_use_the_server_and_other_sites_may_not(tmp_path):
    async with (
        serving(settings_for(tmp_path)) as server,
        developing(server.base_url) as page,
        httpx2.AsyncClient(base_url=page, trust_env=False, timeout=30) as browser,
    ):
        made = await browser.post("/api/stories", json={}, headers={"Origin": page})
        assert made.status_code == 201, made.text
        evil = {"Origin": "https://evil.example"}
        assert (await browser.post("/api/stories", json={}, headers=evil)).status_code == 403

        events = page.replace("http", "ws") + "/ws/events"
        async with connect(events, origin=page, proxy=None) as socket:
            assert json.loads(await socket.recv())["type"] == "connected"
        with pytest.raises(InvalidStatus) as refused:
            await connect(events, origin=evil["Origin"], proxy=None)
        assert refused.value.response.status_code == 403
