"""OpusTrack: one session's sound as Opus packets, made once for all its readers."""

import asyncio
from collections.abc import Sequence

from rhapsode.audio.opus import OpusPackets
from rhapsode.errors import JournalGapError
from rhapsode.live.journal import Journal
from rhapsode.narration.events import SentenceAudio


class OpusTrack:
    """Encodes the sound of a journal in one continuous stream, as far as readers ask for it.

    One encoder per session and not one per sentence or socket: a fresh encoder would click at each
    join, and every reader must get the same packets for the same `seq`. The click is a peak of
    2460 of 32768 in the silence between two sentences, where one encoder leaves 128.

    What is kept of a sentence is encoded apart for that reason. Cut out of this stream, it would
    begin without what its first packets build on (their spectral distance to the source would be
    5.3 dB instead of 3.7), and the same sentence would be other bytes after another one.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._encoder: OpusPackets | None = None
        self._packets: dict[int, Sequence[bytes]] = {}
        self._encoded_seq = 0
        self._turn = asyncio.Lock()

    async def packets(self, seq: int) -> Sequence[bytes]:
        """Return the packets of the `SentenceAudio` numbered `seq`. Encodes in a thread.

        Raises:
            JournalGapError: That event has been dropped meanwhile.
        """
        # Shielded: a reader that leaves must not give the encoder free while a thread is in it.
        await asyncio.shield(asyncio.create_task(self._encode_up_to(seq), name="opus"))
        if seq not in self._packets:
            raise JournalGapError("This part of the sound is no longer kept.")
        return self._packets[seq]

    async def _encode_up_to(self, seq: int) -> None:
        async with self._turn:
            sound = [
                (number, event)
                for number, event in self._journal.kept(self._encoded_seq + 1)
                if number <= seq and isinstance(event, SentenceAudio)
            ]
            if sound:
                self._packets.update(await asyncio.to_thread(self._encode, sound))
                self._encoded_seq = seq
                self._forget_dropped()

    def _encode(self, sound: list[tuple[int, SentenceAudio]]) -> dict[int, Sequence[bytes]]:
        # Made here, in the thread: the first one of the process takes long.
        encoder = self._encoder = self._encoder or OpusPackets()
        return {seq: encoder.push(event.samples) for seq, event in sound}

    def _forget_dropped(self) -> None:
        while self._packets and (oldest := next(iter(self._packets))) < self._journal.first_seq:
            del self._packets[oldest]
