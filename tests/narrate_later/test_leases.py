"""Several servers on one database: who makes a narration, and who takes it over."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from rhapsode.live.user_events import TtsProgress, TtsReady
from rhapsode.narrate_later.models import RecordingRow
from rhapsode.narrate_later.planning import plan
from rhapsode.narrate_later.queue.repository import NarrationQueue
from rhapsode.narrate_later.repository import NarrationRepository
from tests.narrate_later.conftest import Heard
from tests.narrate_later.counting import TONE

SHORT = "The lamp in the hall went out. Nobody on the stairs had touched it at all."
LONG = " ".join(f"Sentence number {number} is about the sea and the wind." for number in range(40))

shared = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""SQLite serves one server only."""


@pytest.fixture
def order(db, workshop, write):
    """Put a narration into the queue, with nobody there to make it."""

    async def put(user, text=SHORT):
        scene = write(user, text)
        async with workshop() as shop:
            await shop.narrations.order(user.id, scene, TONE)
        return scene

    return put


async def test_a_lease_is_held_by_the_last_who_claimed(db, ada, order):
    await order(ada)
    slow, quick = NarrationQueue(db, lease_s=0), NarrationQueue(db)
    before, after = slow.claim(), quick.claim()
    assert (before.narration.id, before.lease != after.lease) == (after.narration.id, True)
    assert quick.renew([before.lease, after.lease]) == {after.lease}
    assert slow.next_step(before, -1) is None
    assert slow.finish(before) is None
    assert slow.fail(before, "late", "Too late.") is None
    slow.release(before)
    slow.postpone(before, "late", "Too late.", db_now(db))
    assert quick.next_step(after, -1).missing.index == 0
    assert quick.finish(after) is not None


def db_now(db):
    with db.read() as session:
        return db.now(session)


async def test_what_somebody_makes_is_due_when_their_lease_runs_out(db, ada, order):
    assert NarrationQueue(db).wait_s() is None
    await order(ada)
    queue = NarrationQueue(db, lease_s=20)
    assert queue.wait_s() <= 0
    job = queue.claim()
    assert queue.claim() is None
    assert 10 < queue.wait_s() <= 20
    queue.release(job)
    assert queue.wait_s() <= 0


@shared
async def test_a_narration_is_claimed_by_one_of_many(db, ada, bob, order):
    for user in (ada, bob):
        await order(user)
    all_ready = threading.Barrier(8)

    def claim(_):
        all_ready.wait()
        return NarrationQueue(db).claim()

    with ThreadPoolExecutor(8) as threads:
        claimed = [job.narration.id for job in threads.map(claim, range(8)) if job]
    assert len(claimed) == len(set(claimed))


@shared
async def test_two_narrations_of_the_same_sentences_are_finished_at_once(
    db, ada, order, workshop, write
):
    async with workshop() as shop, shop.narrations.running():
        await shop.narrate(ada, write(ada, LONG))
    await order(ada, LONG)
    queue = NarrationQueue(db)
    job = queue.claim()
    with db.write() as session:
        # As PostgreSQL does by itself sooner or later. What it knows of the tables decides in which
        # order it comes by their rows.
        session.execute(text("ANALYZE"))
    keys = select(RecordingRow.key).order_by(RecordingRow.key).with_for_update()
    with ThreadPoolExecutor(1) as thread:
        with db.write() as other:
            # One who finishes as well, and has come as far as the first sentence.
            other.scalars(keys.limit(1)).all()
            finished = thread.submit(queue.finish, job)
            while not somebody_waits(db):
                assert not finished.done()
            assert len(other.scalars(keys).all()) == 40
        assert finished.result(10) is not None


def somebody_waits(db):
    """Tell whether a unit of work waits for a row that another one has locked."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with db.read() as session:
        return session.scalar(waiting) > 0


@shared
async def test_two_servers_never_make_the_same_sentence(workshop, people, write):
    users = [people.create_user(f"user{number}", "hash") for number in range(6)]
    scenes = [write(user, LONG.replace("the sea", user.username)) for user in users]
    heard = Heard()
    async with workshop(heard=heard) as one, workshop(heard=heard) as other:
        for user, scene in zip(users, scenes, strict=True):
            await one.narrations.order(user.id, scene, TONE)
        async with one.narrations.running(), other.narrations.running():
            await heard.until(TtsReady, len(users))
    assert len(heard.of(TtsReady)) == len(users)
    assert one.engine.said
    assert other.engine.said
    said = one.engine.said + other.engine.said
    assert len(said) == len(set(said)) == 40 * len(users)


@shared
async def test_a_server_that_falls_silent_is_relieved_where_it_was(workshop, ada, write):
    scene = write(ada, LONG)
    async with workshop(lease_s=1) as silent, workshop() as other:
        async with silent.narrations.running():
            silent.queue.renew = lambda leases: set(leases)
            silent.queue.release = lambda job: None
            await silent.narrations.order(ada.id, scene, TONE)
            await silent.heard.until(TtsProgress)
            await asyncio.to_thread(silent.engine.asked.wait)
        kept = len(silent.clips(ada, scene))
        async with other.narrations.running():
            await other.heard.until(TtsReady)
    assert silent.heard.of(TtsReady) == []
    assert len(other.engine.said) == 40 - kept
    assert len(other.clips(ada, scene)) == 40


@shared
async def test_a_server_that_ends_in_order_leaves_its_work_to_the_others_at_once(
    workshop, ada, write
):
    scene = write(ada, LONG)
    async with workshop(lease_s=1_000) as first, workshop() as other:
        async with first.narrations.running():
            await first.narrations.order(ada.id, scene, TONE)
            await first.heard.until(TtsProgress)
        async with other.narrations.running():
            await other.heard.until(TtsReady)


@shared
async def test_two_servers_may_be_asked_for_the_same_narration_at_once(db, ada, write, workshop):
    scene = write(ada, SHORT)
    async with workshop() as shop:
        delivery = await shop.narrations._casting.delivery(TONE)
    spans = plan(SHORT, *delivery.cut)
    both_ready = threading.Barrier(4)

    def order(_):
        both_ready.wait()
        return NarrationRepository(db).replace(ada.id, scene.id, SHORT, spans, delivery)

    with ThreadPoolExecutor(4) as threads:
        ordered = list(threads.map(order, range(4)))
    assert NarrationRepository(db).find(ada.id, scene.id).id == max(made.id for made in ordered)
