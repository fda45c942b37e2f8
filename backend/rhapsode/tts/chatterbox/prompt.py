"""What T3 reads before it speaks: the voice, the emotion, the text, the start of speech.

    English, multilingual   speaker | 32 resampled | emotion | text | start ...
    Turbo                   speaker | 375 prompt   |           text ...

Each `...` is where the first step adds the start token. So English sees it twice, as upstream
has it; the model was released with that, and its tokens depend on it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from rhapsode.errors import SynthesisError
from rhapsode.tts.chatterbox.backbone import Backbone
from rhapsode.tts.chatterbox.cache import Recorder
from rhapsode.tts.chatterbox.shapes import upload
from rhapsode.tts.chatterbox.upstream import T3, T3Cond
from rhapsode.tts.chatterbox.voice import T3Voice

BEFORE_TEXT = 1
"""Positions between a voice's prefix and the text: the emotion. Turbo has none."""


@dataclass(frozen=True, slots=True)
class VoicePrefix:
    """The part of T3's reading that depends on the voice only, as keys and values.

    Causal, so the same whatever follows: computed once per voice, shared by all its requests.
    """

    keys: Tensor
    """Shape (layers, heads, positions, head_dim); 33 positions, 376 for Turbo."""

    values: Tensor
    """Same shape."""

    @property
    def positions(self) -> int:
        """How many positions it fills."""
        return self.keys.shape[2]


class PromptReader:
    """Embeds what T3 reads."""

    def __init__(self, t3: T3, backbone: Backbone) -> None:
        """Take a model and the backbone over its weights."""
        self._t3 = t3
        self._backbone = backbone
        self._device = t3.device
        self._dtype = t3.speech_head.weight.dtype

    def voice_prefix(self, voice: T3Voice) -> VoicePrefix:
        """Return the prefix of a voice. Takes one pass over it."""
        cond = T3Cond(
            speaker_emb=voice.speaker.to(self._device, self._dtype),
            cond_prompt_speech_tokens=voice.prompt_tokens.to(self._device),
            emotion_adv=torch.zeros(1, 1, 1, device=self._device, dtype=self._dtype),
        )
        embedded = self._t3.prepare_conditioning(cond)
        if self._t3.hp.emotion_adv:
            embedded = embedded[:, :-1]
        positions = torch.arange(embedded.shape[1], device=self._device)[None]
        recorder = Recorder()
        self._backbone.forward(embedded, positions, recorder.attend)
        return VoicePrefix(*recorder.recorded())

    def embed(self, text_tokens: Tensor, exaggeration: float) -> Tensor:
        """Return embeddings of all that follows the voice's prefix, the last start token left out.

        Args:
            text_tokens: Shape (n,), int64; for English and multilingual in their start and stop
                tokens.
            exaggeration: Emotion, 0 to 2; Turbo has none.

        Returns:
            Shape (2, T, C), with text and without; (1, T, C) for Turbo.

        Raises:
            SynthesisError: The text is longer than the model can read.
        """
        t3, text = self._t3, upload(text_tokens, self._device)[None]
        embedded = t3.text_emb(text)
        places, spoken_places = t3.text_pos_emb, t3.speech_pos_emb
        emotion_of = t3.cond_enc.emotion_adv_fc
        # Turbo has none of these.
        if places is None or spoken_places is None or emotion_of is None:
            return embedded
        if text.shape[1] > places.emb.num_embeddings:
            raise SynthesisError(f"A sentence of {text.shape[1]} text tokens is too long.")
        # Without text means without its words; its places remain.
        pair = torch.cat([embedded, torch.zeros_like(embedded)]) + places(text)
        emotion = torch.full((1, 1, 1), exaggeration, device=self._device, dtype=self._dtype)
        start = torch.full((1, 1), t3.hp.start_speech_token, device=self._device)
        spoken = t3.speech_emb(start) + spoken_places.get_fixed_embedding(0)
        before = emotion_of(emotion).expand(2, -1, -1)
        return torch.cat([before, pair, spoken.expand(2, -1, -1)], dim=1)
