import time

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from rhapsode.accounts.passwords import Passwords


@pytest.fixture
def passwords():
    opened = Passwords()
    yield opened
    opened.close()


async def test_a_hash_proves_its_password_only(passwords):
    stored = await passwords.hash("correct horse")
    assert stored.startswith("$argon2id$")
    assert await passwords.verify("correct horse", stored) == (True, None)
    assert await passwords.verify("wrong horse", stored) == (False, None)


async def test_a_weak_hash_is_made_anew(passwords):
    weak = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024),)).hash("correct horse")
    right, stronger = await passwords.verify("correct horse", weak)
    assert right
    assert stronger is not None
    assert await passwords.verify("correct horse", stronger) == (True, None)


async def test_nobody_takes_as_long_as_somebody(passwords):
    stored = await passwords.hash("correct horse")
    await passwords.verify("warm up", None)

    async def seconds(password_hash):
        began = time.perf_counter()
        for _ in range(5):
            await passwords.verify("wrong", password_hash)
        return time.perf_counter() - began

    somebody, nobody = await seconds(stored), await seconds(None)
    assert 0.3 < nobody / somebody < 3
