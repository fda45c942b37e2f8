"""SpeechPlan: who speaks a narration, for whom, and how eagerly."""

from dataclasses import dataclass, field

from rhapsode.narration.listener import Listener
from rhapsode.text.sentences import MAX_CHARS
from rhapsode.text.speakable import AS_WRITTEN, Diction
from rhapsode.tts.engine import VoiceChoice
from rhapsode.tts.synthesizer import Synthesizer
from rhapsode.tts.turns import Priority


@dataclass(frozen=True, slots=True)
class SpeechPlan:
    """Everything the river needs to turn sentences into sound."""

    synthesizer: Synthesizer
    choice: VoiceChoice
    diction: Diction = AS_WRITTEN
    """How the written text is read; the default knows no language."""

    priority: Priority = Priority.LIVE
    listener: Listener = field(default_factory=Listener)
    min_sentence_length: int = 20
    """Shorter sentences are joined with the next one while enough sound is waiting (characters)."""

    chunk_size: int = MAX_CHARS
    """The most characters that an engine is given at once; longer sentences are cut."""

    max_ahead_s: float = 600.0
    """Speech is generated no further ahead of the listener than this."""
