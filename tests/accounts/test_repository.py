import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete

from rhapsode.accounts.models import UserRow
from rhapsode.accounts.repository import AccountRepository
from rhapsode.errors import ConflictError, NotFoundError


def test_the_first_account_is_the_administrators(people):
    assert people.create_user("Ada", "hash").is_admin
    assert not people.create_user("Bob", "hash").is_admin


def test_the_local_user_does_not_count_as_an_account(people):
    assert people.local_user().is_admin
    assert not people.has_accounts()
    assert people.create_user("Ada", "hash").is_admin


def test_two_people_who_are_first_at_once_make_one_administrator(db):
    """Both look for earlier accounts before either is stored, unless one waits for the other."""
    with ThreadPoolExecutor(2) as threads:
        for round in range(10):
            both_ready = threading.Barrier(2)

            def register(name, both_ready=both_ready):
                both_ready.wait()
                return AccountRepository(db).create_user(name, "hash")

            made = list(threads.map(register, (f"Ada{round}", f"Bob{round}")))
            assert [user.is_admin for user in made].count(True) == 1, round
            forget_everybody(db)


def test_a_closed_registration_lets_only_one_of_two_in(db):
    with ThreadPoolExecutor(8) as threads:
        names = [f"user{number}" for number in range(8)]
        made = list(
            threads.map(lambda name: AccountRepository(db).create_first_user(name, "hash"), names)
        )
    assert len([user for user in made if user]) == 1


def test_one_name_asked_for_by_many_at_once_is_given_once(db, ada):
    def register(_):
        try:
            return AccountRepository(db).create_user("Bob", "hash")
        except ConflictError:
            return None

    with ThreadPoolExecutor(8) as threads:
        assert len([user for user in threads.map(register, range(8)) if user]) == 1


def forget_everybody(db):
    with db.write() as session:
        session.execute(delete(UserRow))


def test_the_first_account_takes_over_what_was_written_without_accounts(people, stories):
    local = people.local_user()
    story = stories.create_story(local.id, title="Before")
    ada = people.create_user("Ada", "hash")
    assert stories.get_story(ada.id, story.id).title == "Before"
    assert people.find_credentials("ada").user == ada
    bob = people.create_user("Bob", "hash")
    with pytest.raises(NotFoundError):
        stories.get_story(bob.id, story.id)


def test_after_that_a_server_without_accounts_begins_anew(people):
    people.local_user()
    ada = people.create_user("you", "hash")
    assert people.local_user().id != ada.id
    assert people.local_user() == people.local_user()


def test_there_is_one_local_user_however_many_ask_at_once(db):
    people = AccountRepository(db)
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(people.local_user) for _ in range(16)]
    assert len({user.result().id for user in asked}) == 1


def test_nobody_can_log_in_as_the_local_user(people):
    assert people.find_credentials(people.local_user().username) is None


def test_upper_and_lower_case_are_one_name(people, ada):
    with pytest.raises(ConflictError):
        people.create_user("aDA", "hash")
    assert people.find_credentials("ADA").user == ada
    assert ada.username == "Ada"
