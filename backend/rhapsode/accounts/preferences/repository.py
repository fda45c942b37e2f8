"""SettingsRepository: what people have set, their keys sealed."""

from dataclasses import asdict

from sqlalchemy.orm import Session

from rhapsode.accounts.models import LlmSettingsRow, TtsSettingsRow, UserRow
from rhapsode.accounts.records import FavoriteVoice, LlmSettings, TtsSettings
from rhapsode.accounts.secrets import SecretBox
from rhapsode.database import Database


class SettingsRepository:
    """Reads and writes what users have set. Blocking: call it from a thread."""

    def __init__(self, db: Database, secrets: SecretBox) -> None:
        self._db = db
        self._secrets = secrets

    def tts(self, user_id: int) -> TtsSettings:
        """Return how the user wants to hear stories, with the API key in clear.

        Raises:
            ConfigurationError: The secret key that sealed the API key is gone.
        """
        with self._db.read() as session:
            return self._tts(session, user_id)

    def save_tts(self, user_id: int, settings: TtsSettings, *, instead_of: TtsSettings) -> bool:
        """Store how the user wants to hear stories; the API key is sealed first.

        Returns:
            Whether they were stored. False: they are not `instead_of` any more, because another
            change was quicker.
        """
        columns = asdict(settings)
        columns["sealed_tts_api_key"] = self._sealed(columns.pop("tts_api_key"))
        with self._db.write() as session:
            _hold(session, user_id)
            if self._tts(session, user_id) != instead_of:
                return False
            session.merge(TtsSettingsRow(user_id=user_id, **columns))
        return True

    def llm(self, user_id: int) -> LlmSettings:
        """Return who writes the user's stories, with the API key in clear.

        Raises:
            ConfigurationError: The secret key that sealed the API key is gone.
        """
        with self._db.read() as session:
            return self._llm(session, user_id)

    def save_llm(self, user_id: int, settings: LlmSettings, *, instead_of: LlmSettings) -> bool:
        """Store who writes the user's stories; the API key is sealed first.

        Returns:
            As `save_tts`.
        """
        row = LlmSettingsRow(
            user_id=user_id,
            provider=settings.provider,
            base_url=settings.base_url,
            model=settings.model,
            sealed_api_key=self._sealed(settings.api_key),
            max_tokens=settings.max_tokens,
            temperature=settings.temperature,
        )
        with self._db.write() as session:
            _hold(session, user_id)
            if self._llm(session, user_id) != instead_of:
                return False
            session.merge(row)
        return True

    def _tts(self, session: Session, user_id: int) -> TtsSettings:
        row = session.get(TtsSettingsRow, user_id)
        if row is None:
            return TtsSettings()
        return TtsSettings(
            tts_enabled=row.tts_enabled,
            tts_provider_type=row.tts_provider_type,
            default_voice=row.default_voice,
            speech_speed=row.speech_speed,
            realtime_tts_enabled=row.realtime_tts_enabled,
            min_sentence_length=row.min_sentence_length,
            auto_play_last_scene=row.auto_play_last_scene,
            chunk_size=row.chunk_size,
            exaggeration=row.exaggeration,
            cfg_weight=row.cfg_weight,
            temperature=row.temperature,
            tts_api_url=row.tts_api_url,
            tts_api_key=self._opened(row.sealed_tts_api_key),
            tts_timeout=row.tts_timeout,
            tts_extra_params=row.tts_extra_params,
            favorite_voices=tuple(FavoriteVoice(**voice) for voice in row.favorite_voices),
        )

    def _llm(self, session: Session, user_id: int) -> LlmSettings:
        row = session.get(LlmSettingsRow, user_id)
        if row is None:
            return LlmSettings()
        return LlmSettings(
            provider=row.provider,
            base_url=row.base_url,
            model=row.model,
            api_key=self._opened(row.sealed_api_key),
            max_tokens=row.max_tokens,
            temperature=row.temperature,
        )

    def _sealed(self, secret: str | None) -> str | None:
        return self._secrets.seal(secret) if secret else None

    def _opened(self, sealed: str | None) -> str | None:
        return self._secrets.open(sealed) if sealed else None


def _hold(session: Session, user_id: int) -> None:
    """Let nobody else save settings of the user until the commit. They may have no row yet."""
    session.get(UserRow, user_id, with_for_update={"key_share": True})
