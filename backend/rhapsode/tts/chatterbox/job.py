"""Job: a sentence on its way from whoever asked for it to its sound."""

from collections import deque
from dataclasses import dataclass, field

from torch import Tensor

from rhapsode.tts.chatterbox.policy import Playhead
from rhapsode.tts.chatterbox.sampling import Sampling
from rhapsode.tts.chatterbox.schedule import Cut
from rhapsode.tts.chatterbox.speakers import Speaker
from rhapsode.tts.chatterbox.ticket import Ticket
from rhapsode.tts.chatterbox.utterance import Utterance
from rhapsode.tts.engine import Demand


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is to be spoken."""

    text_tokens: Tensor
    speaker: Speaker
    sampling: Sampling
    exaggeration: float
    max_tokens: int
    demand: Demand


@dataclass(frozen=True, eq=False, slots=True)
class Job:
    """A sentence that somebody waits for."""

    sentence: Sentence
    ticket: Ticket
    playhead: Playhead


@dataclass(slots=True)
class Speech:
    """What has become of a job since it was begun."""

    utterance: Utterance
    room: int
    """How many tokens it may become."""

    tokens: int = 0
    cuts: deque[Cut] = field(default_factory=lambda: deque[Cut]())
    """Stretches whose tokens are there and which are no sound yet."""

    def push(self, token: int) -> None:
        """Take a token."""
        self.tokens += 1
        if cut := self.utterance.push(token):
            self.cuts.append(cut)

    def finish(self) -> None:
        """Take the end."""
        self.cuts.append(self.utterance.finish())
