"""EventStream: the body of a `text/event-stream`, cut into the data of its events. No I/O.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import re

_LINE_END = re.compile(rb"\r\n|\n|\r")
_DONE = re.compile(rb"data:[ \t]*\[DONE\]")


class EventStream:
    """Collects bytes, however they are cut, and gives out the data of each event that is whole."""

    def __init__(self) -> None:
        self._rest = bytearray()
        """The line that is not complete yet."""

        self._after_return = False
        self._data: list[bytes] = []
        self._done = False

    @property
    def done(self) -> bool:
        """True when `[DONE]` has come, by which chat servers say that nothing follows."""
        return self._done or _DONE.match(self._rest) is not None

    def push(self, part: bytes) -> list[bytes]:
        """Add bytes; return the data of the events that end in them, up to `[DONE]`."""
        if not part:
            return []
        if self._after_return:
            part = part.removeprefix(b"\n")
        self._after_return = part.endswith(b"\r")
        self._rest += part
        if _LINE_END.search(part) is None:
            return []
        *lines, rest = _LINE_END.split(bytes(self._rest))
        self._rest = bytearray(rest)
        return self._take(lines)

    def _take(self, lines: list[bytes]) -> list[bytes]:
        events: list[bytes] = []
        for line in lines:
            if _DONE.match(line):
                self._done = True
            if self._done:
                break
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif not line and self._data:
                events.append(b"\n".join(self._data))
                self._data = []
        return events
