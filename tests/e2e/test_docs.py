"""The interactive documentation of the API, without any network but this server."""

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("path", ["docs", "redoc"])
def test_the_documentation_is_served_from_here(page, theater, path):
    elsewhere = []
    page.on(
        "response",
        lambda answer: (
            answer.url.startswith((theater.url, "data:", "blob:")) or elsewhere.append(answer.url)
        ),
    )
    page.goto(f"{theater.url}/{path}")
    expect(page.get_by_text("generate-with-tts-stream").first).to_be_attached()
    assert elsewhere == []
    assert page.errors == []
