"""Tokens by upstream's loop and by T3Decoder, to be compared.

Upstream has no greedy mode, but `min_p=1` (Turbo: `top_k=1`) leaves only the likeliest token.
"""

import torch

from rhapsode.tts.chatterbox.sampling import Sampling
from rhapsode.tts.chatterbox.t3 import T3Request
from rhapsode.tts.chatterbox.upstream import T3Cond

GREEDY = Sampling(min_p=1.0)


def upstream_tokens(t3, voice, text, number, *, exaggeration=0.5, **settings):
    """What upstream's loop draws; `settings` are its own, greedy unless they say otherwise."""
    cond = T3Cond(
        speaker_emb=voice.t3.speaker,
        cond_prompt_speech_tokens=voice.t3.prompt_tokens,
        emotion_adv=torch.full((1, 1, 1), exaggeration),
    )
    if t3.is_gpt:
        drawn = t3.inference_turbo(cond, text[None], max_gen_len=number - 1, **settings)
    else:
        drawn = t3.inference(
            t3_cond=cond,
            text_tokens=torch.stack([text, text]),
            max_new_tokens=number,
            **({"min_p": 1.0, "top_p": 1.0, "cfg_weight": 0.5} | settings),
        )
    return drawn[0].tolist()


def request(decoder, voice, text, sampling=GREEDY, **options):
    prefix = decoder.voice_prefix(voice.t3)
    return T3Request(prefix, text, sampling, max_new_tokens=200, **options)


def drawn_by(decoder, slots, number):
    """The next tokens of some slots, by slot."""
    tokens = {slot: [] for slot in slots}
    for _ in range(number):
        step = decoder.step().read()
        for slot in slots:
            tokens[slot].append(step[slot])
    return tokens
