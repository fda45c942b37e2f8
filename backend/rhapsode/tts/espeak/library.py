"""Library: the C API of libespeak-ng, as far as speaking needs it.

Source: `speak_lib.h` of eSpeak NG 1.52. The library keeps its state in global variables and aborts
the process when two threads are in it, so there is one instance per process, behind a lock.

Two renderings of one sentence differ by a few samples. The cause is the voices' flutter, a slow
waver of the pitch: its phase (`Flutter_ix` in `wavegen.c`) goes on from one utterance to the next,
and neither `espeak_Initialize`, `espeak_Terminate` nor `espeak_ng_SetRandSeed` resets it. With
`flutter 0` in the voice every rendering is the same, but flatter to the ear. Unloading the library
before each sentence would give the same as well, for 0.2 ms; but with voices that know a second
language, such as French, each time leaves 180 KB behind.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from ctypes import POINTER, Structure, Union, c_char, c_char_p, c_int, c_short, c_ubyte, c_uint
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import espeakng_loader  # pyright: ignore[reportMissingTypeStubs]
import numpy as np
from numpy.typing import NDArray

from rhapsode.errors import EngineUnavailableError, SynthesisError

CHUNK_MS = 60
"""How much sound the library hands over at a time; less would cost more calls, not less delay."""

_SYNCHRONOUS = 2
"""Output mode: sound goes to the callback, from within the call of `espeak_Synth`."""

_DONT_EXIT = 0x8000
_UTF8_WITH_END_PAUSE = 0x1 | 0x1000
"""Without the pause at the end, sentences that are synthesized one by one run together."""

_POSITION_IN_CHARACTERS = 1
_STOP, _GO_ON = 1, 0


class Parameter(IntEnum):
    """What can be set before speaking."""

    RATE = 1
    """Words per minute."""

    PITCH = 3
    RANGE = 4


class EventType(IntEnum):
    """The events that matter here; there are others."""

    NO_MORE = 0
    WORD = 1
    SENTENCE = 2
    CLAUSE_END = 5


@dataclass(frozen=True, slots=True)
class Event:
    """Something begins or ends in the sound."""

    type: EventType
    char: int
    """Offset in the text, in code points, from 0."""

    sample: int
    """Where in the utterance."""


@dataclass(frozen=True, slots=True)
class VoiceFile:
    """A voice as the library lists it."""

    identifier: str
    name: str
    language: str


OnSound = Callable[[NDArray[np.int16], list[Event]], bool]
"""Takes the next samples and what happens around them; returns False to stop the synthesis."""


class _EventId(Union):
    _fields_ = (("number", c_int), ("name", c_char_p), ("string", c_char * 8))


class _Event(Structure):
    _fields_ = (
        ("type", c_int),
        ("unique_identifier", c_uint),
        ("text_position", c_int),
        ("length", c_int),
        ("audio_position", c_int),
        ("sample", c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _Voice(Structure):
    _fields_ = (
        ("name", c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", c_char_p),
        ("gender", c_ubyte),
        ("age", c_ubyte),
        ("variant", c_ubyte),
        ("xx1", c_ubyte),
        ("score", c_int),
        ("spare", ctypes.c_void_p),
    )


if TYPE_CHECKING:
    # ctypes has no public name for the type of a pointer.
    from ctypes import _Pointer  # pyright: ignore[reportPrivateUsage]

    _Samples: TypeAlias = _Pointer[c_short]
    _Events: TypeAlias = _Pointer[_Event]

_Callback = ctypes.CFUNCTYPE(c_int, POINTER(c_short), c_int, POINTER(_Event))


class Library:
    """The one libespeak-ng of this process: get it from `the_library`."""

    def __init__(self) -> None:
        """Load the library and its data.

        Raises:
            EngineUnavailableError: It cannot be loaded here.
        """
        try:
            self._lib = ctypes.CDLL(espeakng_loader.get_library_path())
            data_path = espeakng_loader.get_data_path()
        except (OSError, RuntimeError) as error:
            raise EngineUnavailableError(f"eSpeak NG cannot be loaded: {error}") from error
        self._lib.espeak_ListVoices.restype = POINTER(POINTER(_Voice))
        self.sample_rate: int = self._lib.espeak_Initialize(
            _SYNCHRONOUS, CHUNK_MS, data_path.encode(), _DONT_EXIT
        )
        if self.sample_rate <= 0:
            raise EngineUnavailableError(f"eSpeak NG finds no usable data in {data_path}.")
        self._callback = _Callback(self._hand_over)
        self._lib.espeak_SetSynthCallback(self._callback)
        self._on_sound: OnSound = _refuse
        self._lock = threading.Lock()

    def voices(self) -> list[VoiceFile]:
        """Return every voice, in the library's order (by name)."""
        found: list[VoiceFile] = []
        listed = self._lib.espeak_ListVoices(None)
        while listed[len(found)]:
            voice = listed[len(found)].contents
            # `languages` is a priority byte followed by a name, for as many languages as there are.
            language = ctypes.string_at(voice.languages + 1).decode()
            found.append(VoiceFile(voice.identifier.decode(), voice.name.decode(), language))
        return found

    def speak(
        self, text: str, identifier: str, parameters: dict[Parameter, int], on_sound: OnSound
    ) -> None:
        """Synthesize a text, calling `on_sound` from this thread; blocks until the end.

        Args:
            text: No NUL and no surrogates in it.
            identifier: A voice's identifier, with a variant after a plus sign or without.
            parameters: What to set for this text.
            on_sound: Must not raise.

        Raises:
            SynthesisError: The library refuses.
        """
        encoded = text.encode() + b"\0"
        with self._lock:
            self._check(self._lib.espeak_SetVoiceByName(identifier.encode()), "choose the voice")
            for parameter, value in parameters.items():
                self._check(self._lib.espeak_SetParameter(parameter, value, 0), "set the voice")
            self._on_sound = on_sound
            status = self._lib.espeak_Synth(
                encoded,
                len(encoded),
                0,
                _POSITION_IN_CHARACTERS,
                0,
                _UTF8_WITH_END_PAUSE,
                None,
                None,
            )
        self._check(status, "speak")

    def _hand_over(self, samples: _Samples, count: int, events: _Events) -> int:
        # The library reuses both buffers after this call: copy.
        sound = np.ctypeslib.as_array(samples, (count,)).copy() if count > 0 else _NOTHING
        return _GO_ON if self._on_sound(sound, _known_events(events)) else _STOP

    def _check(self, status: int, what: str) -> None:
        if status != 0:
            raise SynthesisError(f"eSpeak NG could not {what} (status {status}).")


@cache
def the_library() -> Library:
    """Return the one library of this process, loading it the first time.

    Raises:
        EngineUnavailableError: It cannot be loaded here.
    """
    return Library()


_NOTHING = np.zeros(0, np.int16)
_KNOWN = {EventType.WORD, EventType.SENTENCE, EventType.CLAUSE_END}


def _known_events(events: _Events) -> list[Event]:
    known: list[Event] = []
    index = 0
    while (event := events[index]).type != EventType.NO_MORE:
        if event.type in _KNOWN:
            # The library counts characters from 1.
            known.append(Event(EventType(event.type), event.text_position - 1, event.sample))
        index += 1
    return known


def _refuse(_samples: NDArray[np.int16], _events: list[Event]) -> bool:
    return False
