"""Speaker: a voice in the forms in which the model's parts take it."""

from dataclasses import dataclass

from rhapsode.tts.chatterbox.prompt import VoicePrefix
from rhapsode.tts.chatterbox.voice import FlowVoice


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice, ready to speak; shared by all its sentences."""

    prefix: VoicePrefix
    flow: FlowVoice
