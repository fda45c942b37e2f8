"""Addresses of servers as people type them."""

import pytest

from rhapsode.address import normalize_base_url
from rhapsode.errors import InvalidInputError


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("localhost:11434", "http://localhost:11434/v1"),
        ("localhost", "http://localhost/v1"),
        ("  http://localhost:1234/v1/ ", "http://localhost:1234/v1"),
        ("http://x/v1/chat/completions", "http://x/v1"),
        ("http://x/v1/chat/completions/", "http://x/v1"),
        ("http://x/v1/completions", "http://x/v1"),
        ("http://x/v1/models", "http://x/v1"),
        ("http://x", "http://x/v1"),
        ("HTTP://X:80/", "http://x:80/v1"),
        ("gpu-box:8000/v1", "http://gpu-box:8000/v1"),
        ("192.168.1.5", "http://192.168.1.5/v1"),
        ("[::1]:8080", "http://[::1]:8080/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("api.openai.com", "https://api.openai.com/v1"),
        ("api.openai.com/v1", "https://api.openai.com/v1"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1"),
        ("https://g.example/v1beta/openai/", "https://g.example/v1beta/openai"),
    ],
)
def test_what_people_type_becomes_a_base_url(typed: str, expected: str):
    assert normalize_base_url(typed) == expected
    assert normalize_base_url(expected) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "/",
        "http://",
        "ftp://x/v1",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://x:99999/v1",
        "http://x:0/v1",
        "http://[::1/v1",
        "http://a b/v1",
        "http://user:secret@x/v1",
        "http://x/v1?key=secret",
        "http://x/v1#secret",
        "http://-/v1",
        "\N{PILE OF POO}",
    ],
)
def test_what_is_no_address_is_refused_without_quoting_it(typed: str):
    with pytest.raises(InvalidInputError) as caught:
        normalize_base_url(typed)
    assert caught.value.param == "base_url"
    assert "secret" not in caught.value.message
