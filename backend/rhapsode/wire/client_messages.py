"""What clients say on a live socket, version 1: JSON text frames."""

import dataclasses
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from rhapsode.errors import InvalidInputError
from rhapsode.live.flow import DEFAULT_WINDOW_MS, MAX_WINDOW_MS, MIN_WINDOW_MS
from rhapsode.wire.live import OPUS, PCM, Codec

MAX_MESSAGE_BYTES = 64 * 1024
"""Client messages are some 100 bytes; more is a mistake or an attack."""


class ProtocolViolationError(InvalidInputError):
    """The client sent something that the protocol does not know."""

    code = "protocol"


@dataclasses.dataclass(frozen=True, slots=True)
class Start:
    """The client's first message: what it has, and what it can decode."""

    type: Literal["start"]
    v: Literal[1]
    after_seq: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """The last event it has; 0 = from the beginning."""
    codecs: Annotated[tuple[str, ...], Field(max_length=16)] = (PCM,)
    """In order of preference; unknown ones are passed over."""
    window_ms: Annotated[int, Field(ge=MIN_WINDOW_MS, le=MAX_WINDOW_MS)] = DEFAULT_WINDOW_MS

    def choose_codec(self) -> Codec:
        """Return the first codec that this server can send.

        Raises:
            ProtocolViolationError: There is none.
        """
        for codec in self.codecs:
            if codec in (PCM, OPUS):
                return codec
        raise ProtocolViolationError(
            "None of the codecs can be sent.", param="codecs", allowed=[OPUS, PCM]
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Ack:
    """How far the client is."""

    type: Literal["ack"]
    seq: Annotated[int, Field(ge=0, lt=2**32)]
    """The last event received without a gap."""
    played_sample: Annotated[int, Field(ge=0, lt=2**32)]
    window_ms: Annotated[int, Field(ge=MIN_WINDOW_MS, le=MAX_WINDOW_MS)] | None = None
    underruns: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """How often the sound has run out on this client since the session began."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stop:
    """Write and speak no more."""

    type: Literal["stop"]
    keep: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Skip:
    """The listener goes on with a later sentence."""

    type: Literal["skip"]
    to_sentence: Annotated[int, Field(ge=0, lt=2**16)]


@dataclasses.dataclass(frozen=True, slots=True)
class Ping:
    """Answered at once by a pong with the same number."""

    type: Literal["ping"]
    t: Annotated[float, Field(allow_inf_nan=False)] = 0


ClientMessage = Start | Ack | Stop | Skip | Ping

_client_message: TypeAdapter[ClientMessage] = TypeAdapter(
    Annotated[ClientMessage, Field(discriminator="type")]
)


def decode(text: str) -> ClientMessage:
    """Decode a client's text frame. Fields that are not known are passed over.

    Raises:
        ProtocolViolationError: It is too long, no JSON, or no message of this protocol.
    """
    if len(text) > MAX_MESSAGE_BYTES or len(text.encode()) > MAX_MESSAGE_BYTES:
        raise ProtocolViolationError(f"A message may have {MAX_MESSAGE_BYTES} bytes.")
    try:
        return _client_message.validate_json(text, strict=True)
    except ValidationError as error:
        raise ProtocolViolationError(_first_fault(error)) from error


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {fault['msg']}" if where else fault["msg"]
