"""Lanes: who may use each engine next, and how fast it has been lately."""

from dataclasses import dataclass, field

from rhapsode.tts.engine import RemoteServer
from rhapsode.tts.host import EngineHost
from rhapsode.tts.pace import Paces
from rhapsode.tts.turns import Turns

MAX_LANES = 256
"""Beyond these the user's server that was unused longest is forgotten."""


@dataclass(slots=True)
class Lane:
    """One engine, or one user's server."""

    paces: Paces = field(default_factory=Paces)
    _turns: Turns | None = None

    def turns_of(self, host: EngineHost) -> Turns:
        """Return the turns, made at the first sentence: a loaded engine knows how many."""
        if self._turns is None:
            self._turns = Turns(host.concurrency)
        return self._turns


class Lanes:
    """Keeps a lane for every engine, and for every user's server: one never slows another."""

    def __init__(self) -> None:
        self._lanes: dict[tuple[str, RemoteServer | None], Lane] = {}

    def of(self, engine: str, server: RemoteServer | None) -> Lane:
        """Return the lane of an engine, or of a user's server."""
        key = (engine, server)
        lane = self._lanes.pop(key, None) or Lane()
        self._lanes[key] = lane
        if len(self._lanes) > MAX_LANES:
            # Never the lane of an engine of this machine: its turns may all be taken.
            del self._lanes[next(key for key in self._lanes if key[1] is not None)]
        return lane
