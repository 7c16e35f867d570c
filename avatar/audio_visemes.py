"""Speech heard, not read: phonemes guessed from the sound alone, for recordings whose words nobody has written down.

What is guessed is what can be seen: one letter for each kind of mouth shape, so that lips shut in pauses, open with
vowels and round or spread about right. Whoever knows the words should align them instead. Knows nothing of pictures.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

import numpy as np

from personify.avatar.listening import CEPSTRA, HOP_S, NOTHING, Listener
from personify.voices.errors import BadInput
from personify.voices.speech import SILENCE, Speech, TimedPhoneme

CONTEXT = (-6, -3, -1, 0, 1, 3, 6)
"""The frames around one, by which its letter is told."""
_STEADY = 3
"""A frame takes the letter that its neighbours up to so far agree on."""
_PAUSE = 12
"""Frames of quiet that are a pause; fewer may be the closure of a stop."""
_CLICK = 2
"""A noise of at most so many frames doesn't break the quiet."""
_AROUND = max(CONTEXT[-1] + _STEADY, _PAUSE + _CLICK)
"""Frames on either side that a frame's letter depends on."""
_LONGEST = 30
"""Frames after which a lasting sound is handed out and goes on as another one."""
_STRESSED_DB, _STRESSED = 5.0, 7
"""A vowel this near to the loudest level, and as many frames long, is stressed."""
_VOWELS = frozenset("ieɛaəɔou")


@dataclass(frozen=True)
class Ear:
    """Logistic regression from frames in context to letters: `usual` (CEPSTRA,), `weights` (k, len(CONTEXT) * CEPSTRA),
    `bias` (k,). `personify.eval.hearing` fits it and writes `audio_visemes.json`."""

    letters: tuple[str, ...]
    usual: np.ndarray
    weights: np.ndarray
    bias: np.ndarray


@lru_cache(maxsize=1)
def known_ear() -> Ear:
    """The fitted one."""
    entry = json.loads(files(__package__).joinpath("audio_visemes.json").read_text(encoding="utf-8"))
    return Ear(tuple(entry["letters"]), *(np.array(entry[name], np.float32) for name in ("usual", "weights", "bias")))


def in_context(rows: np.ndarray) -> np.ndarray:
    """Each frame beside its neighbours, (n, len(CONTEXT) * CEPSTRA); at the ends the outermost frame stands in."""
    at = np.clip(np.arange(len(rows))[:, None] + np.array(CONTEXT), 0, len(rows) - 1)
    return rows[at].reshape(len(rows), len(CONTEXT) * CEPSTRA)


def speech_from_sound(samples: np.ndarray, rate: int) -> Speech:
    """The sound, float32 mono at `rate` Hz, with guessed phonemes and pauses; its text is empty."""
    stream = SoundStream()
    phonemes: list[TimedPhoneme] = []
    offset_s = 0.0
    for piece in (stream.push(samples, rate), stream.end()):
        for p in piece.phonemes:
            moved = replace(p, start_s=p.start_s + offset_s, end_s=p.end_s + offset_s)
            if phonemes and moved.symbol == phonemes[-1].symbol == SILENCE:
                phonemes[-1] = replace(phonemes[-1], end_s=moved.end_s)
            else:
                phonemes.append(moved)
        offset_s += piece.duration_s
    return Speech("", samples, rate, tuple(phonemes))


class SoundStream:
    """Sound that comes in pieces of any length, as pieces of speech that `VisemeStream` and `animate` take.

    What is handed out lies at most 0.45 s behind what has come. It doesn't matter where the sound was cut.
    """

    def __init__(self) -> None:
        self._rate = 0
        self._samples = np.zeros(0, np.float32)
        self._listener: Listener | None = None
        self._heard, self._first = NOTHING, 0
        self._letters: list[str] = []
        self._levels: list[float] = []
        self._given = 0

    def push(self, samples: np.ndarray, rate: int) -> Speech:
        """The speech that is certain now; it may be empty. Raises `BadInput` for a rate that changes or is too low."""
        if rate < 8000:
            raise BadInput(f"sound of {rate} Hz is too dull to see speech in; give at least 8000 Hz")
        if self._rate not in (0, rate):
            raise BadInput(f"the sound began with {self._rate} Hz and can't go on with {rate} Hz; resample it")
        self._rate = rate
        self._listener = self._listener or Listener(rate, known_ear().usual)
        self._samples = np.concatenate([self._samples, np.asarray(samples, np.float32)])
        self._heard = self._heard.then(self._listener.push(samples))
        self._tell(self._first + len(self._heard) - _AROUND)
        return self._give(final=False)

    def end(self) -> Speech:
        """What was held back."""
        if self._listener:
            self._heard = self._heard.then(self._listener.end())
            self._tell(self._first + len(self._heard))
        return self._give(final=True)

    def _tell(self, end: int) -> None:
        """The letters of the frames up to `end`, which follow on those told before."""
        begin = self._given + len(self._letters)
        if end <= begin:
            return
        told = slice(begin - self._first, end - self._first)
        self._letters += _letters(self._heard.rows, self._heard.quiet, told)
        self._levels += self._heard.levels_db[told].tolist()
        gone = max(0, end - 2 * _AROUND - self._first)
        self._heard, self._first = self._heard.since(gone), self._first + gone

    def _runs(self, *, final: bool) -> Iterator[tuple[int, int]]:
        """The frames of each sound that is over; a pause counts as over at any time."""
        start = 0
        for i in range(1, len(self._letters) + 1):
            last = i == len(self._letters)
            over = final or self._letters[start] == SILENCE if last else self._letters[i] != self._letters[start]
            if over or (i - start == _LONGEST and self._letters[start] != SILENCE):
                yield start, i
                start = i

    def _give(self, *, final: bool) -> Speech:
        runs = list(self._runs(final=final))
        end, rate = runs[-1][1] if runs else 0, self._rate or 22050
        first = round(self._given * HOP_S * rate)
        length = len(self._samples) if final else round((self._given + end) * HOP_S * rate) - first
        phonemes = [self._phoneme(a, b, first, rate, length) for a, b in runs]
        piece = Speech("", self._samples[:length], rate, tuple(p for p in phonemes if p.end_s > p.start_s))
        self._samples, self._given = self._samples[length:], self._given + end
        self._letters, self._levels = self._letters[end:], self._levels[end:]
        return piece

    def _phoneme(self, start: int, end: int, first: int, rate: int, length: int) -> TimedPhoneme:
        letter = self._letters[start]
        loud = max(self._levels[start:end]) > -_STRESSED_DB
        stress = 2 if letter in _VOWELS and loud and end - start >= _STRESSED else 0
        edges = [min(round((self._given + i) * HOP_S * rate) - first, length) / rate for i in (start, end)]
        return TimedPhoneme(letter, edges[0], edges[1], stress)


def _letters(rows: np.ndarray, quiet: np.ndarray, told: slice) -> list[str]:
    """The letters of the frames `told`; those around them are looked at too."""
    low, high = max(0, told.start - _AROUND), min(len(rows), told.stop + _AROUND)
    ear = known_ear()
    scores = in_context(rows[low:high]) @ ear.weights.T + ear.bias
    scores -= scores.max(axis=1, keepdims=True)
    scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
    padded = np.pad(scores, ((_STEADY, _STEADY), (0, 0)), mode="edge")
    best = np.sum([padded[i : i + len(scores)] for i in range(2 * _STEADY + 1)], axis=0).argmax(axis=1)
    silent = _in_pause(quiet[low:high])
    wanted = range(told.start - low, told.stop - low)
    return [SILENCE if silent[i] else ear.letters[best[i]] for i in wanted]


def _in_pause(quiet: np.ndarray) -> np.ndarray:
    """Whether each frame is among at least `_PAUSE` quiet ones in a row; beyond both ends it is quiet."""
    near = np.pad(quiet.astype(int), _CLICK, constant_values=1)
    mostly = np.sum([near[i : i + len(quiet)] for i in range(2 * _CLICK + 1)], axis=0) > _CLICK
    padded = np.pad(mostly.astype(int), _PAUSE, constant_values=1)
    total = np.concatenate([[0], np.cumsum(padded)])
    whole = (total[_PAUSE:] - total[:-_PAUSE] == _PAUSE).astype(int)
    counted = np.concatenate([[0], np.cumsum(whole)])
    first = np.arange(len(quiet)) + 1
    return np.asarray(counted[first + _PAUSE] - counted[first] > 0)
