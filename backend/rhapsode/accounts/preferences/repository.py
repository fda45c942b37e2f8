"""SettingsRepository: what people have set, their keys sealed."""

from dataclasses import asdict

from rhapsode.accounts.models import LlmSettingsRow, TtsSettingsRow
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

    def save_tts(self, user_id: int, settings: TtsSettings) -> None:
        """Store how the user wants to hear stories; the API key is sealed first."""
        columns = asdict(settings)
        columns["sealed_tts_api_key"] = self._sealed(columns.pop("tts_api_key"))
        with self._db.write() as session:
            session.merge(TtsSettingsRow(user_id=user_id, **columns))

    def llm(self, user_id: int) -> LlmSettings:
        """Return who writes the user's stories, with the API key in clear.

        Raises:
            ConfigurationError: The secret key that sealed the API key is gone.
        """
        with self._db.read() as session:
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

    def save_llm(self, user_id: int, settings: LlmSettings) -> None:
        """Store who writes the user's stories; the API key is sealed first."""
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
            session.merge(row)

    def _sealed(self, secret: str | None) -> str | None:
        return self._secrets.seal(secret) if secret else None

    def _opened(self, sealed: str | None) -> str | None:
        return self._secrets.open(sealed) if sealed else None
