"""espeak-ng in this process: text in, samples and timed IPA phonemes out, through its C API.

Knows nothing of effects, loudness or matching. The library keeps its state in globals, so one lock guards the whole
process, and it is loaded afresh for every piece of text: then nothing is left of the speaker before (the phase of the
voice, the place in the flutter) and the same text in the same tone gives the same samples. A load takes 0.6 ms.
"""

import atexit
import ctypes
import re
import shutil
import sys
import tempfile
import threading
import tomllib
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from personify.voices.engines import OnBytes, Status
from personify.voices.engines.espeak_blend import blended_variant
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.languages import espeak_voice, language_of, script_runs
from personify.voices.speech import SILENCE, Speech, TimedPhoneme
from personify.voices.text.cleaning import clean, pieces

if TYPE_CHECKING:
    from personify.voices.models import VoiceModel
    from personify.voices.tones import Tone

# Names and values from espeak-ng's public header `speak_lib.h` (1.52).
_OUTPUT_SYNCHRONOUS = 2
_PHONEME_EVENTS, _PHONEME_IPA, _DONT_EXIT = 0x0001, 0x0002, 0x8000
_CHARS_UTF8, _END_PAUSE = 0x0001, 0x1000
_POSITION_CHARACTER = 1
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_EVENT_END, _EVENT_PHONEME = 0, 7
_IPA_PARTED = 0x02 | ord("_") << 8
_SYMBOL_BYTES = 8

_LONGEST_PATH = 130
_SHORTEST_PAUSE_S = 0.04
"""espeak-ng parts words by 12 ms of nothing; a pause shorter than this is still the sound before it."""
_LANGUAGE_SWITCH = re.compile(r"^\([a-z-]+\)?$")
_ASCII_MARKS = re.compile(r"[^\w\u0300-\u036f\u02b0-\u02ff]|[\d_]")
"""What is no letter of IPA in a symbol that the table lacks."""
_STRESS = {"ˌ": 1, "ˈ": 2}
_VOWELS = frozenset("aeiouyæøœɶɑɒɐʌɛɜɞəɘɵɤɔɪʏʊɨʉɯɚɝ")

_one_speaker = threading.Lock()


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_ubyte * _SYMBOL_BYTES))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass
class _Take:
    """What the library calls back with: 16-bit samples, and (first sample, symbol) of each phoneme event."""

    audio: list[bytes] = field(default_factory=list)
    events: list[tuple[int, str]] = field(default_factory=list)

    rate_hz: int = 0
    error: Exception | None = None
    unwanted: bool = False

    def receive(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, events: "ctypes._Pointer[_Event]") -> int:
        """The library's callback: 0 to go on, 1 to stop. An exception can't cross C, so it waits until C is left."""
        try:
            self._keep(samples, count, events)
        except Exception as error:  # noqa: BLE001 - whatever it is, `_say` raises it
            self.error = error
        return int(self.unwanted or self.error is not None)

    def _keep(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, events: "ctypes._Pointer[_Event]") -> None:
        if samples and count > 0:
            self.audio.append(ctypes.string_at(samples, 2 * count))
        i = 0
        while events[i].type != _EVENT_END:
            if events[i].type == _EVENT_PHONEME:
                # The symbol is cut at 8 bytes by the library, maybe inside a character.
                raw = bytes(events[i].id.string).split(b"\0")[0]
                self.events.append((events[i].sample, raw.decode("utf-8", "ignore")))
            i += 1


class EspeakEngine:
    """The built-in engine: more than 100 languages, formant voices with variants, about 1 ms per second of speech."""

    def speak(self, text: str, tone: "Tone", *, language: str, accent: str | None) -> Speech:
        """`text` in the tone's variant and prosody, cut free of silence at both ends.

        Whatever looks like markup is text. Raises `BadInput` where nothing can be said and for unknown languages.
        """
        language_of(language)
        if tone.sample:
            raise BadInput(f"tone {tone.name!r} is cloned from a recording, which {tone.model!r} can't; try xtts")
        parts = pieces(clean(text))
        if not parts:
            raise BadInput(f"there is nothing to say in {text[:40]!r}; give at least one letter or digit")
        samples: list[np.ndarray] = []
        events: list[tuple[int, str]] = []
        length, rate_hz = 0, 0
        for part in (run for piece in parts for run in script_runs(piece, language)):
            take = _say(part.text, espeak_voice(part.language, accent or tone.accent), tone, pause=part.ends)
            samples.append(np.frombuffer(b"".join(take.audio), "<i2").astype(np.float32) / np.float32(32768))
            events.extend((length + first, symbol) for first, symbol in take.events)
            length += len(samples[-1])
            rate_hz = take.rate_hz
        phonemes = _timed(events, length, rate_hz)
        return _trimmed(Speech(text, np.concatenate(samples), rate_hz, phonemes))

    def status(self, model: "VoiceModel") -> Status:
        """It came with Personify."""
        return Status(True)

    def pull(self, model: "VoiceModel", on_bytes: OnBytes) -> None:
        """There is nothing to fetch."""


def _say(text: str, voice: str, tone: "Tone", *, pause: bool) -> _Take:
    """One piece of text through the library. With `pause` it ends like a sentence, otherwise more of it follows.

    It runs in a thread of its own, because Python handles signals in the main thread: a Ctrl-C that arrives while C
    calls back would be lost. Whoever stops waiting leaves a thread that ends at the next callback and frees the lock.
    """
    take = _Take()
    variant, data = _variant(tone)
    name = f"{voice}+{variant}" if variant else voice
    speaker = threading.Thread(target=_fill, args=(take, text, name, tone, pause, data), name="personify-espeak")
    speaker.start()
    try:
        speaker.join()
    finally:
        take.unwanted = True
    if take.error:
        raise take.error
    return take


def _variant(tone: "Tone") -> tuple[str, str]:
    """The tone's variant, "" for none, and the folder of the data that has it."""
    import espeakng_loader  # only who speaks needs it

    data = espeakng_loader.get_data_path()
    if tone.blend is None:
        return tone.speaker, data
    name, folder = blended_variant(tone.speaker, tone.blend.speaker, tone.blend.share, Path(data))
    return name, str(folder)


def _fill(take: _Take, text: str, voice: str, tone: "Tone", pause: bool, data: str) -> None:
    """Speak `text` into `take`, in the one place where the library is used."""
    try:
        callback = _Callback(take.receive)
        with _one_speaker, _library(data) as (library, take.rate_hz):
            library.espeak_SetSynthCallback(callback)
            _set_up(library, voice, tone)
            encoded = text.encode("utf-8")
            flags = _CHARS_UTF8 | (_END_PAUSE if pause else 0)
            status = library.espeak_Synth(encoded, len(encoded) + 1, 0, _POSITION_CHARACTER, 0, flags, None, None)
            if status != 0 and not take.error:
                raise PersonifyError(f"espeak-ng could not say {text[:40]!r} (status {status})")
    except Exception as error:  # noqa: BLE001 - handed to the thread that waits, which raises it
        take.error = error


def transcribe(text: str, voice: str) -> str:
    """`text` in IPA as espeak-ng writes it in `voice`: "_" between sounds, a space between words, stress marks before.

    Punctuation is left out. Raises `PersonifyError` for a voice that the library lacks.
    """
    clauses: list[str] = []
    with _one_speaker, _library() as (library, _):
        if library.espeak_SetVoiceByName(voice.encode("utf-8")) != 0:
            raise PersonifyError(f"espeak-ng has no voice {voice!r}; reinstall espeakng-loader to mend its data")
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        rest = ctypes.c_char_p(text.encode("utf-8"))
        while rest.value:  # one clause at a time; the library moves the pointer on
            ipa = library.espeak_TextToPhonemes(ctypes.byref(rest), _CHARS_UTF8, _IPA_PARTED)
            clauses.append((ipa or b"").decode("utf-8").strip())
    return re.sub(r"\([a-z-]+\)", "", " ".join(clause for clause in clauses if clause))


def _set_up(library: ctypes.CDLL, voice: str, tone: "Tone") -> None:
    if library.espeak_SetVoiceByName(voice.encode("utf-8")) != 0:
        raise PersonifyError(f"espeak-ng has no voice {voice!r}; reinstall espeakng-loader to mend its data")
    prosody = tone.prosody
    for parameter, value in (
        (_RATE, round(min(450, prosody.rate_wpm * tone.stretch))),
        (_PITCH, prosody.pitch),
        (_RANGE, prosody.range),
        (_VOLUME, 80),  # headroom: some variants clip at the library's own 100
    ):
        library.espeak_SetParameter(parameter, value, 0)


@contextmanager
def _library(data_folder: str | None = None) -> Iterator[tuple[ctypes.CDLL, int]]:
    """A fresh copy of the library, initialised, and its sample rate in Hz. Hold `_one_speaker` around it.

    `data_folder` stands in for its own.

    Where a system keeps the library loaded, speech is as good, only not the same to the last bit from call to call.
    """
    import espeakng_loader  # only who speaks needs it

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    try:
        data = _data_path(data_folder or espeakng_loader.get_data_path()).encode("utf-8")
        # DONT_EXIT: a missing data file must raise here, not end the process.
        rate_hz = library.espeak_Initialize(_OUTPUT_SYNCHRONOUS, 0, data, _PHONEME_EVENTS | _PHONEME_IPA | _DONT_EXIT)
        if rate_hz <= 0:
            raise PersonifyError(
                "espeak-ng could not start; reinstall it with: pip install --force-reinstall espeakng-loader"
            )
        library.espeak_ng_SetRandSeed(ctypes.c_long(1))
        _c_library().srand(1)  # the breath of Klatt voices is the C library's own chance
        yield library, rate_hz
    finally:
        library.espeak_Terminate()
        _unload(library)


@cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)


@cache
def _data_path(path: str) -> str:
    """`path`, or a short link to it: the library cuts the path of its data at 160 bytes."""
    if len(path.encode("utf-8")) <= _LONGEST_PATH:
        return path
    folder = tempfile.TemporaryDirectory(prefix="personify-")
    atexit.register(folder.cleanup)
    link = Path(folder.name) / "espeak-ng-data"
    try:
        link.symlink_to(path, target_is_directory=True)
    except OSError:  # Windows asks for a privilege to make links
        shutil.copytree(path, link)
    return str(link)


def _unload(library: ctypes.CDLL) -> None:
    # ctypes has no public way to give a library back; the standard library's `_ctypes` has the system's own.
    import _ctypes

    if sys.platform == "win32":
        _ctypes.FreeLibrary(library._handle)
    else:
        _ctypes.dlclose(library._handle)


def _timed(events: list[tuple[int, str]], end: int, rate_hz: int) -> tuple[TimedPhoneme, ...]:
    """Events with a first sample each, as phonemes with start and end; the last one lasts until sample `end`."""
    sounds = [(first, symbol) for first, symbol in events if not _LANGUAGE_SWITCH.match(symbol)]
    phonemes: list[TimedPhoneme] = []
    pending = 0
    for (first, raw), (next_first, _) in zip(sounds, [*sounds[1:], (end, "")], strict=True):
        symbol, stress = plain_symbol(raw)
        pending = stress or pending
        if next_first <= first:
            continue
        phoneme = TimedPhoneme(symbol, first / rate_hz, next_first / rate_hz)
        before = phonemes[-1] if phonemes else None
        if (
            symbol == SILENCE
            and before
            and (before.symbol == SILENCE or next_first - first < _SHORTEST_PAUSE_S * rate_hz)
        ):
            phonemes[-1] = replace(before, end_s=phoneme.end_s)
        elif _is_vowel(symbol):
            phonemes.append(replace(phoneme, stress=pending))
            pending = 0
        else:
            phonemes.append(phoneme)
    return tuple(phonemes)


def plain_symbol(raw: str) -> tuple[str, int]:
    """The IPA symbol without stress marks, and the stress that the marks meant."""
    stress = max((_STRESS.get(mark, 0) for mark in raw), default=0)
    symbol = raw.replace("ˈ", "").replace("ˌ", "")
    return _ASCII_MARKS.sub("", _ipa().get(symbol, symbol)), stress


@cache
def _ipa() -> dict[str, str]:
    table: dict[str, str] = tomllib.loads(Path(__file__).with_name("espeak_ipa.toml").read_text("utf-8"))["ipa"]
    return table


def _is_vowel(symbol: str) -> bool:
    """Whether there is a vowel in it; nasal and long vowels count by their letter."""
    return any(unicodedata.normalize("NFD", letter)[0] in _VOWELS for letter in symbol)


def _trimmed(speech: Speech) -> Speech:
    """Without the pauses before the first sound and after the last one."""
    sounding = [p for p in speech.phonemes if p.symbol != SILENCE]
    if not sounding:
        raise BadInput(f"there is nothing to say in {speech.text[:40]!r} in this language")
    first_s, rate_hz = sounding[0].start_s, speech.sample_rate_hz
    first, last = round(first_s * rate_hz), round(sounding[-1].end_s * rate_hz)
    kept = speech.phonemes[speech.phonemes.index(sounding[0]) : len(speech.phonemes)]
    while kept[-1].symbol == SILENCE:
        kept = kept[:-1]
    phonemes = tuple(replace(p, start_s=p.start_s - first_s, end_s=p.end_s - first_s) for p in kept)
    return replace(speech, samples=speech.samples[first:last], phonemes=phonemes)
