from datetime import timedelta

import pytest

from rhapsode.accounts.tokens import AccessToken, mint_token, parse_token
from rhapsode.database import utc_now


def test_a_token_survives_being_sent():
    token = mint_token()
    assert parse_token(str(token)) == token


@pytest.mark.parametrize("text", ["", ".", "prefix.", ".secret", "no dot"])
def test_what_cannot_be_a_token_is_none(text):
    assert parse_token(text) is None


def test_a_token_never_shows_its_secret_in_logs():
    token = mint_token()
    assert token.secret not in repr(token)


def test_a_token_finds_its_owner_until_it_is_revoked(people, ada, bob):
    token, other = mint_token(), mint_token()
    people.add_token(ada.id, token, utc_now() + timedelta(days=1))
    people.add_token(bob.id, other, utc_now() + timedelta(days=1))
    assert people.find_token_owner(token) == ada
    people.delete_token(token)
    assert people.find_token_owner(token) is None
    assert people.find_token_owner(other) == bob


def test_a_wrong_secret_neither_finds_nor_revokes(people, ada):
    token = mint_token()
    people.add_token(ada.id, token, utc_now() + timedelta(days=1))
    forged = AccessToken(token.prefix, mint_token().secret)
    assert people.find_token_owner(forged) is None
    people.delete_token(forged)
    assert people.find_token_owner(token) == ada


def test_an_expired_token_finds_nobody(people, ada):
    token = mint_token()
    people.add_token(ada.id, token, utc_now() - timedelta(seconds=1))
    assert people.find_token_owner(token) is None


def test_only_hashes_are_stored(people, ada, stored):
    token = mint_token()
    people.add_token(ada.id, token, utc_now() + timedelta(days=1))
    assert token.prefix in stored()
    assert token.secret not in stored()
