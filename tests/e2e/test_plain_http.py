"""Pages that are no secure context: a server at home or elsewhere, opened over plain http."""

import numpy as np
import pytest

from tests.doubles import ScriptedLLM, slow
from tests.e2e.conftest import AT_HOME, FAR_AWAY, opened_theater, recorded, watched_page
from tests.e2e.story_page import StoryPage, differing_samples, ended

SCENE = (
    "The lamp went out at ten. Nobody in the harbor saw it, for the fog lay thick on the water "
    "that night."
)


@pytest.fixture
def hear(context, tmp_path):
    """Hear a scene on a page at another address; returns what was rendered and what was made."""

    def hear(host: str) -> tuple[np.ndarray, np.ndarray]:
        with (
            ScriptedLLM.in_thread(slow(SCENE, tokens_per_s=40)) as llm,
            opened_theater(tmp_path, allowed_hosts=[host]) as theater,
        ):
            theater.use_writer(llm)
            page = watched_page(context, scripts=("plain_recorder.js",))
            url = theater.url.replace("127.0.0.1", host)
            story = StoryPage(page).open(url, theater.new_story()).generate()
            assert page.evaluate("isSecureContext") is False
            ended(page)
            # The recorder takes the sound in blocks of 85 ms; the last ones are on their way.
            page.wait_for_timeout(500)
            assert page.errors == []
            return recorded(page), theater.live_client(story.session_id).sound

    return hear


def test_a_server_at_home_is_heard_sample_for_sample_without_a_secure_page(hear):
    rendered, source = hear(AT_HOME)
    assert differing_samples(rendered, source) == 0


def test_a_server_far_away_sends_opus_that_lands_on_the_same_samples(hear):
    rendered, source = hear(FAR_AWAY)
    wanted = source.astype(np.float64) / 32768
    begin = first_loud(rendered) - first_loud(wanted)
    shifts = range(-48, 49)
    ends = [begin + shift for shift in shifts]
    heard = [rendered[end : end + len(wanted)] for end in ends]
    errors = [float(np.mean((cut - wanted[: len(cut)]) ** 2)) for cut in heard]
    best = int(np.argmin(errors))
    cut = heard[best]
    assert len(cut) >= len(wanted) - 480
    # Opus at 32 kbit/s is not exact; a shift, a hole or another scene would be far worse than this.
    assert np.corrcoef(cut, wanted[: len(cut)])[0, 1] > 0.9


def first_loud(samples: np.ndarray) -> int:
    return int(np.flatnonzero(np.abs(samples) > 0.02)[0])
