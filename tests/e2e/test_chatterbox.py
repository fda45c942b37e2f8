"""Chatterbox in the story app: the real engine in its own process, with a tiny model."""

import subprocess

import pytest
from playwright.sync_api import expect

from rhapsode.settings import REPOSITORY
from rhapsode.tts.chatterbox.host import ChatterboxHost
from rhapsode.tts.chatterbox.offers import OFFERS, ChatterboxOptions
from tests.doubles import ScriptedLLM, slow
from tests.e2e.conftest import opened_theater, recorded
from tests.e2e.story_page import StoryPage, differing_samples, ended

PYTHON = REPOSITORY / ".venv-chatterbox" / "bin" / "python"
WORKER = REPOSITORY / "tests" / "tts" / "chatterbox" / "tiny_worker.py"
SCENE = "The lamp went out at ten. Nobody saw it. “Who is there?” called Mara."


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Tiny random weights, in upstream's names and formats."""
    folder = tmp_path_factory.mktemp("weights") / "english"
    subprocess.run([PYTHON, WORKER, "write", folder], check=True, timeout=100)
    return folder


def test_a_scene_is_told_live_by_chatterbox_sample_for_sample(page, tmp_path, weights):
    options = ChatterboxOptions(
        voices_dir=tmp_path / "voices", weights_dir=weights, device="cpu", python=PYTHON
    )
    worker = [str(PYTHON), str(WORKER)]
    hosts = {"chatterbox": ChatterboxHost(OFFERS["chatterbox"], options, worker)}
    with (
        ScriptedLLM.in_thread(slow(SCENE, tokens_per_s=30)) as llm,
        opened_theater(tmp_path, hosts) as theater,
    ):
        theater.use_writer(llm)
        theater.set_voice(tts_provider_type="chatterbox", default_voice="default")
        story = StoryPage(page).open(theater.url, theater.new_story()).generate()
        # The tiny model on a processor may be slower than speech; heard from the start when it is
        # done, nothing but its sound is on the record.
        page.get_by_role("button", name="Pause", exact=True).click()
        expect(story.generate_button).to_be_enabled(timeout=90_000)
        page.get_by_role("button", name="Play", exact=True).click()
        ended(page)
        session = theater.live_client(story.session_id)
        assert session.of("sentence_failed") == []
        assert session.of("generation_started")[0]["engine"] == "chatterbox"
        assert len(session.sound) > 24_000
        assert differing_samples(recorded(page), session.sound) == 0
    assert page.errors == []
