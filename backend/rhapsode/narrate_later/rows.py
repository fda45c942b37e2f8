"""What rows say about narrations, as records; and a record as a new row."""

from rhapsode.narrate_later.keys import revision_of
from rhapsode.narrate_later.models import NarrationChunkRow, NarrationRow
from rhapsode.narrate_later.records import Chunk, Delivery, Narration, Span, voice_parameters
from rhapsode.text.speakable import Diction
from rhapsode.text.speakable.pronunciations import Pronunciations
from rhapsode.tts.engine import SpeechOptions, VoiceChoice


def new_narration(user_id: int, scene_id: int, text: str, delivery: Delivery) -> NarrationRow:
    """Return a row that orders a narration, without what is spoken in it."""
    choice = delivery.choice
    return NarrationRow(
        scene_id=scene_id,
        user_id=user_id,
        revision=revision_of(text),
        text_length=len(text),
        engine=choice.engine,
        engine_version=delivery.engine_version,
        voice=choice.voice,
        params=voice_parameters(choice.options),
        min_sentence_length=delivery.min_sentence_length,
        chunk_size=delivery.chunk_size,
        language=delivery.diction.language,
        pronunciations=delivery.diction.pronunciations.to_pairs(),
        status="queued",
    )


def narration_of(row: NarrationRow) -> Narration:
    """Return what a row says."""
    choice = VoiceChoice(row.engine, row.voice, SpeechOptions(**row.params))
    return Narration(
        id=row.id,
        scene_id=row.scene_id,
        user_id=row.user_id,
        revision=row.revision,
        text_length=row.text_length,
        delivery=Delivery(
            choice,
            row.engine_version,
            row.min_sentence_length,
            row.chunk_size,
            diction_of(row.language, row.pronunciations),
        ),
        status=row.status,
        auto_play=row.auto_play,
        chunk_count=row.total_chunks,
        attempts=row.attempts,
        error_code=row.error_code,
        error_message=row.error_message,
        created_at=row.created_at,
        updated_at=row.updated_at,
        finished_at=row.finished_at,
    )


def diction_of(language: str, pronunciations: list[list[str]]) -> Diction:
    """Return what the columns of a row say."""
    return Diction(language, Pronunciations.from_pairs(pronunciations))


def chunk_of(row: NarrationChunkRow) -> Chunk:
    """Return what a row says."""
    return Chunk(row.index, Span(row.text, row.char_start, row.char_end), row.key)
