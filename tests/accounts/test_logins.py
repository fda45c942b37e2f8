import asyncio
from datetime import timedelta

from rhapsode.accounts.logins import Logins
from rhapsode.accounts.tokens import mint_token
from rhapsode.database import utc_now


async def test_a_login_that_ended_elsewhere_is_noticed_after_a_while(db, people, ada):
    token = mint_token()
    people.add_token(ada.id, token, utc_now() + timedelta(days=1))
    logins = Logins(db, people, recheck_s=0.01)
    waiting = asyncio.create_task(logins.wait_ended(token))
    await asyncio.wait([waiting], timeout=0.05)
    assert not waiting.done()
    people.delete_token(token)
    await asyncio.wait_for(waiting, 10)


async def test_a_login_that_has_ended_already_is_not_waited_for(db, people, ada):
    await asyncio.wait_for(Logins(db, people).wait_ended(mint_token()), 10)
