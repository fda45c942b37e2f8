"""A disk without room: said in words, nothing half-written is left, and all goes on after."""

import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.api.test_own_voices import WAV, upload
from tests.serving import serving, settings_for


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, with room for 100 KiB; a clip of 6 s takes 281."""
    place = tmp_path / "small"
    place.mkdir()
    options = ("-t", "tmpfs", "-o", "size=100k", "small", str(place))
    mounted = subprocess.run(("mount", *options), capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(("umount", str(place)), check=True)


def assert_tells_that_the_disk_is_full(answer):
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "disk_full"), answer.text
    assert "disk is full" in answer.json()["error"]["message"]


async def test_a_clip_without_room_is_refused_and_leaves_nothing(tmp_path, small_disk):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "voices").symlink_to(small_disk)
    async with serving(settings_for(tmp_path / "data")) as server, server.client() as client:
        assert_tells_that_the_disk_is_full(await upload(client))
        assert list(small_disk.iterdir()) == []
        assert (await client.get("/api/voices")).json() == []
        assert (await upload(client, content=WAV[:80_044])).status_code == 201


async def test_an_upload_without_room_for_its_temporary_file_is_refused(
    client, small_disk, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    assert_tells_that_the_disk_is_full(await upload(client, content=WAV + bytes(2**21)))
    assert list(small_disk.iterdir()) == []


async def test_a_change_of_a_voice_without_room_changes_nothing(client, server):
    voice = (await upload(client)).json()
    library = server.app.state.parts.voice_library
    full = library._folder / voice["id"] / ".voice.json"
    full.symlink_to(Path("/dev/full"))
    refused = await client.patch(f"/api/voices/{voice['id']}", json={"name": "Zoe"})
    assert_tells_that_the_disk_is_full(refused)
    assert (await client.get("/api/voices")).json() == [voice]
    changed = await client.patch(f"/api/voices/{voice['id']}", json={"name": "Zoe"})
    assert changed.status_code == 200
