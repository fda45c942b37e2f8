"""What a reader does on the story page, in words."""

import re
from dataclasses import dataclass

import numpy as np
from playwright.sync_api import Page, expect

GENERATE = "Generate Scene with TTS"
GENERATING = "Generating with audio..."


@dataclass
class StoryPage:
    page: Page
    session_id: str = ""

    def open(self, url: str, story_id: int) -> "StoryPage":
        self.page.goto(f"{url}/stories/{story_id}")
        expect(self.generate_button).to_be_visible()
        return self

    @property
    def generate_button(self):
        return self.page.get_by_role("button", name=GENERATE)

    @property
    def busy_button(self):
        return self.page.get_by_role("button", name=GENERATING)

    def generate(self, prompt: str = "") -> "StoryPage":
        """Press the button, as a newcomer would."""
        if prompt:
            self.page.get_by_role("textbox", name=re.compile("what happens next", re.I)).fill(
                prompt
            )
        with self.page.expect_response(re.compile("generate-with-tts-stream")) as answer:
            self.generate_button.click()
        if answer.value.ok:
            self.session_id = answer.value.json()["session_id"]
        return self


def ended(page: Page) -> None:
    """Wait until the scene has been played to its end."""
    expect(page.get_by_role("button", name="Play again")).to_be_visible(timeout=60_000)


def differing_samples(rendered: np.ndarray, source: np.ndarray) -> int:
    """Count the samples that were rendered otherwise than they were made.

    Args:
        rendered: What went to the loudspeaker, float32, with silence around it.
        source: What the server made, int16.
    """
    heard = np.rint(rendered * 32768).astype(np.int64)
    # Anything between two 16-bit values would mean that something resampled or scaled the sound.
    assert np.array_equal(heard.astype(np.float32) / 32768, rendered)
    first, last = np.flatnonzero(source)[[0, -1]]
    begin = np.flatnonzero(heard)[0]
    length = last - first + 1
    cut = heard[begin : begin + length]
    missing = length - len(cut)
    return int(missing + np.count_nonzero(cut != source[first : first + len(cut)]))
