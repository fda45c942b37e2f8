"""Every error this package raises on purpose.

Drawn as a tree::

    RhapsodeError
    ├── InvalidInputError            asked for something that cannot be; names field and allowed
    │   ├── UnknownEngineError
    │   ├── UnknownVoiceError
    │   └── ForbiddenAddressError    a user names a server that this one may not connect to
    ├── NotFoundError                no such object, or not yours (never told apart)
    ├── ConflictError                the object exists already, or is busy
    ├── NotAuthenticatedError        no, wrong or expired credentials
    ├── NotAllowedError              known, but not allowed to do this
    ├── TooManyRequestsError         too often; says when to come back
    ├── RestartingError              the server is shutting down; says when to come back
    ├── DiskFullError                the server has no room left to keep it
    ├── ConfigurationError           the operator's settings cannot work together
    ├── SynthesisError               one sentence could not be spoken; the narration goes on
    │   ├── EngineUnavailableError   the engine is not installed, or not answering
    │   ├── EngineCrashedError       the engine's process died while speaking
    │   └── SpeechServerError        a user's speech server failed (5xx)
    │       ├── SpeechUnreachableError   nobody answers at the address
    │       ├── SpeechAuthError          401 or 403
    │       ├── SpeechRefusedError       any other 4xx, or we may not go there
    │       ├── SpeechRateLimitedError   429; says when to come back
    │       ├── SpeechTimeoutError       no sound within the time allowed
    │       ├── SpeechInterruptedError   the answer broke off before its end
    │       └── NoSpeechError            the answer holds no sound: a web page, nothing, garbage
    ├── LLMError                     the text could not be written; ends the narration
    │   ├── LLMUnreachableError      nobody answers at the address
    │   ├── LLMAuthError             401 or 403
    │   ├── LLMRateLimitedError      429; says when to come back
    │   ├── LLMServerError           5xx, or no event stream
    │   ├── LLMModelNotFoundError    404, or the model is unknown there
    │   ├── LLMInterruptedError      the stream broke before its end
    │   ├── LLMTimeoutError          no token within the time allowed
    │   └── LLMEmptyError            the stream ended without any text
    └── JournalGapError              a reader asks for events that are no longer kept

Each class has a stable `code` for programs; the message is for people and says what to do.
This module knows nothing of HTTP: `api/problems.py` holds the one table that does.
"""

from collections.abc import Sequence
from typing import ClassVar


class RhapsodeError(Exception):
    """The root of the tree."""

    code: ClassVar[str] = "internal"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInputError(RhapsodeError):
    """The caller asked for something that cannot be."""

    code = "invalid_input"

    def __init__(
        self, message: str, *, param: str | None = None, allowed: Sequence[str] | None = None
    ) -> None:
        super().__init__(message)
        self.param = param
        self.allowed = list(allowed) if allowed is not None else None


class UnknownEngineError(InvalidInputError):
    """There is no speech engine of that name."""

    code = "unknown_engine"


class UnknownVoiceError(InvalidInputError):
    """The engine has no voice of that name. Another voice is never put in its place."""

    code = "unknown_voice"


class ForbiddenAddressError(InvalidInputError):
    """A user names a server that this one may not connect to."""

    code = "forbidden_address"


class NotFoundError(RhapsodeError):
    """No such object, or it belongs to somebody else."""

    code = "not_found"


class ConflictError(RhapsodeError):
    """The object exists already, or is busy."""

    code = "conflict"


class NotAuthenticatedError(RhapsodeError):
    """No, wrong or expired credentials."""

    code = "not_authenticated"


class NotAllowedError(RhapsodeError):
    """The caller is known, but not allowed to do this."""

    code = "not_allowed"


class TooManyRequestsError(RhapsodeError):
    """The caller has come too often."""

    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RestartingError(RhapsodeError):
    """The server finishes what it has begun, and begins nothing new."""

    code = "going_away"
    retry_after_s: ClassVar[int] = 2

    def __init__(self) -> None:
        super().__init__("The server is restarting. Please try again in a moment.")


class DiskFullError(RhapsodeError):
    """The server has no room left to keep what it was given."""

    code = "disk_full"

    def __init__(self) -> None:
        super().__init__(
            "The server's disk is full, so nothing of this was saved. Make room on it, or ask "
            "whoever runs the server, and try again."
        )


class ConfigurationError(RhapsodeError):
    """The operator's settings cannot work together."""

    code = "configuration"


class SynthesisError(RhapsodeError):
    """One sentence could not be spoken."""

    code = "synthesis_failed"
    retryable: ClassVar[bool] = True


class EngineUnavailableError(SynthesisError):
    """The engine is not installed, or does not answer."""

    code = "engine_unavailable"


class EngineCrashedError(SynthesisError):
    """The engine's process died while it was speaking."""

    code = "engine_crashed"


class SpeechServerError(SynthesisError):
    """A user's speech server failed."""

    code = "speech_server"


class SpeechUnreachableError(SpeechServerError):
    """Nobody answers at the speech server's address."""

    code = "speech_unreachable"


class SpeechAuthError(SpeechServerError):
    """The speech server refuses the key."""

    code = "speech_auth"
    retryable = False


class SpeechRefusedError(SpeechServerError):
    """Voice, model or address is wrong: asking again will not help."""

    code = "speech_refused"
    retryable = False

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        """What the server answered; None when it was not asked."""


class SpeechRateLimitedError(SpeechServerError):
    """The speech server asks to wait."""

    code = "speech_rate_limited"

    def __init__(self, message: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        """None when the server did not say."""


class SpeechTimeoutError(SpeechServerError):
    """No sound arrived within the time allowed."""

    code = "speech_timeout"


class SpeechInterruptedError(SpeechServerError):
    """The answer broke off before its end."""

    code = "speech_interrupted"


class NoSpeechError(SpeechServerError):
    """The answer holds no sound."""

    code = "speech_no_audio"
    retryable = False


class LLMError(RhapsodeError):
    """The text could not be written."""

    code = "llm_failed"


class LLMUnreachableError(LLMError):
    """Nobody answers at the language model's address."""

    code = "llm_unreachable"


class LLMAuthError(LLMError):
    """The language model's server refuses the key."""

    code = "llm_auth"


class LLMRateLimitedError(LLMError):
    """The language model's server asks to wait."""

    code = "llm_rate_limited"

    def __init__(self, message: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        """None when the server did not say."""


class LLMServerError(LLMError):
    """The language model's server failed, or answered something that is no event stream."""

    code = "llm_server"


class LLMModelNotFoundError(LLMError):
    """The server does not know the model."""

    code = "llm_model_not_found"


class LLMInterruptedError(LLMError):
    """The stream of text broke before its end."""

    code = "llm_interrupted"


class LLMTimeoutError(LLMError):
    """No text arrived within the time allowed."""

    code = "llm_timeout"


class LLMEmptyError(LLMError):
    """The stream ended without any text."""

    code = "llm_empty"


class JournalGapError(RhapsodeError):
    """A reader asks for events that are no longer kept."""

    code = "journal_gap"
