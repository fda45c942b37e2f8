import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rhapsode.tts.turns import Priority, Turns

LIVE, BACKGROUND = Priority.LIVE, Priority.BACKGROUND


class Speakers:
    """Tasks that take a turn and hold it until they are told to leave."""

    def __init__(self, limit: int) -> None:
        self.turns = Turns(limit)
        self.holding: list[str] = []
        self._leave: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def ask(self, name: str, priority: Priority) -> None:
        self._leave[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._hold(name, priority))
        await settled()

    async def leave(self, name: str) -> None:
        self._leave[name].set()
        await settled()

    async def cancel(self, name: str) -> None:
        self._tasks[name].cancel()
        await settled()

    async def stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _hold(self, name: str, priority: Priority) -> None:
        async with self.turns.take(priority):
            self.holding.append(name)
            try:
                await self._leave[name].wait()
            finally:
                self.holding.remove(name)


async def settled() -> None:
    """Let every task that can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_live_goes_before_background_that_came_earlier():
    speakers = Speakers(1)
    await speakers.ask("now", BACKGROUND)
    await speakers.ask("background", BACKGROUND)
    await speakers.ask("live", LIVE)
    await speakers.leave("now")
    assert speakers.holding == ["live"]
    await speakers.leave("live")
    assert speakers.holding == ["background"]
    await speakers.stop()


async def test_background_never_takes_the_last_of_several_turns():
    speakers = Speakers(3)
    for name in ("a", "b", "c"):
        await speakers.ask(name, BACKGROUND)
    assert speakers.holding == ["a", "b"]
    await speakers.ask("live", LIVE)
    assert speakers.holding == ["a", "b", "live"]
    await speakers.leave("a")
    assert "c" not in speakers.holding
    await speakers.leave("live")
    assert speakers.holding == ["b", "c"]
    await speakers.stop()


async def test_a_single_turn_serves_background_when_nobody_listens():
    speakers = Speakers(1)
    await speakers.ask("background", BACKGROUND)
    assert speakers.holding == ["background"]
    await speakers.stop()


async def test_a_turn_granted_in_the_moment_of_cancelling_goes_to_the_next():
    turns = Turns(1)
    released = asyncio.Event()

    async def hold() -> None:
        async with turns.take(LIVE):
            await released.wait()

    holder = asyncio.create_task(hold())
    await settled()
    waiter = asyncio.create_task(hold())
    await settled()
    released.set()
    await asyncio.sleep(0)  # The holder ends and grants the turn; the waiter has not run yet.
    waiter.cancel()
    await asyncio.gather(holder, waiter, return_exceptions=True)
    async with asyncio.timeout(5), turns.take(BACKGROUND):
        pass


def test_there_is_at_least_one_turn():
    with pytest.raises(ValueError, match="at least one"):
        Turns(0)


steps = st.lists(
    st.tuples(st.sampled_from(["live", "background", "leave", "cancel"]), st.integers(0, 30)),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(limit=st.integers(1, 4), steps=steps)
def test_whatever_happens_the_limit_holds_and_nobody_is_forgotten(limit, steps):
    asyncio.run(_walk(limit, steps))


async def _walk(limit: int, steps: list[tuple[str, int]]) -> None:
    speakers = Speakers(limit)
    priorities: dict[str, Priority] = {}
    waiting_or_holding: list[str] = []
    for step, (action, pick) in enumerate(steps):
        if action in ("live", "background"):
            name = f"{action}{step}"
            priorities[name] = LIVE if action == "live" else BACKGROUND
            waiting_or_holding.append(name)
            await speakers.ask(name, priorities[name])
        elif waiting_or_holding:
            name = waiting_or_holding[pick % len(waiting_or_holding)]
            holds = name in speakers.holding
            if action == "cancel" or holds:
                waiting_or_holding.remove(name)
                await (speakers.leave(name) if action == "leave" else speakers.cancel(name))
        _assert_fair(limit, speakers.holding, waiting_or_holding, priorities)
    await speakers.stop()


def _assert_fair(
    limit: int, holding: list[str], known: list[str], priorities: dict[str, Priority]
) -> None:
    live = [name for name in known if priorities[name] is LIVE]
    background = [name for name in known if priorities[name] is BACKGROUND]
    held_in_background = [name for name in holding if priorities[name] is BACKGROUND]
    assert len(holding) <= limit
    assert len(held_in_background) <= max(1, limit - 1)
    if len(holding) < limit:
        assert set(live) <= set(holding), "live waits although a turn is free"
    if not live and len(holding) < max(1, limit - 1):
        assert set(background) <= set(holding), "background waits for nobody"
