"""The viseme track: from timed phonemes to the mouth's shape over time.

Sounds blend by dominance functions: each pulls the mouth towards its own shape, strongest at its middle, and the shape
is the mean of all pulls (Cohen and Massaro 1993, "Modeling coarticulation in synthetic visual speech"). Two things are
not left to blending: the lips meet on p, b and m, and the mouth is shut in silence. Knows nothing of pictures.
"""

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from personify.voices.speech import SILENCE, Speech, TimedPhoneme

CHANNELS = ("jaw", "press", "wide", "round", "upper_lip", "tuck", "tongue")
"""jaw: how far the lips part; press: lips pressed together; wide: spread; round: pushed out; upper_lip: raised;
tuck: lower lip under the upper teeth; tongue: its tip up. All from 0 (rest) to 1."""

_ONSET_S, _OFFSET_S = 0.055, 0.065
"""How long before its middle's half a sound is felt, and after it: lips anticipate a little less than they linger."""
_SHUT_AFTER_S, _SHUT_BEFORE_S = 0.07, 0.04
"""In a pause the mouth is shut from so long after its beginning until so long before its end."""


@dataclass(frozen=True)
class VisemeTrack:
    """Mouth shapes: `weights` float32 (n_frames, len(CHANNELS)) in [0, 1]; frame i shows the moment (i + 0.5) / fps."""

    fps: float
    weights: np.ndarray

    @property
    def n_frames(self) -> int:
        """How many frames there are."""
        return len(self.weights)

    def channel(self, name: str) -> np.ndarray:
        """One channel over time, (n_frames,)."""
        return self.weights[:, CHANNELS.index(name)]


@dataclass(frozen=True)
class Shape:
    """What a sound wants of the mouth: `target` (len(CHANNELS),), its `pull`, and whether the lips must meet."""

    target: np.ndarray
    pull: float
    closure: bool = False


@dataclass(frozen=True)
class _Sound:
    start_s: float
    end_s: float
    shape: Shape

    @property
    def middle_s(self) -> float:
        return (self.start_s + self.end_s) / 2


def viseme_track(speech: Speech, *, fps: float = 25.0) -> VisemeTrack:
    """The viseme track of a speech: ceil(duration * fps) frames."""
    n_frames = int(np.ceil(speech.duration_s * fps))
    times = (np.arange(n_frames) + 0.5) / fps
    sounds = _sounds(speech.phonemes)
    if not sounds:
        return VisemeTrack(fps, np.zeros((n_frames, len(CHANNELS)), np.float32))
    weights = _blend(times, sounds)
    weights[:, 0] *= _loudness(speech, times)
    _shut_in_silence(weights, times, speech)
    _close(weights, times, sounds)
    return VisemeTrack(fps, np.clip(weights, 0, 1).astype(np.float32))


def shape_of(letter: str) -> Shape:
    """The shape of one IPA letter; unknown ones get the neutral vowel's."""
    table = _table()
    return table.get(letter) or table["ə"]


def _blend(times: np.ndarray, sounds: list[_Sound]) -> np.ndarray:
    middle = np.array([s.middle_s for s in sounds])
    half = np.array([(s.end_s - s.start_s) / 2 for s in sounds])
    pull = np.array([s.shape.pull for s in sounds])
    target = np.array([s.shape.target for s in sounds])
    away = times[:, None] - middle
    width = np.where(away < 0, _ONSET_S, _OFFSET_S) + 0.35 * half
    dominance = pull * np.exp(-np.maximum(np.abs(away) - 0.5 * half, 0) / width)
    dominance **= 2  # the nearer sound wins more clearly than in the original, which undershoots in fast speech
    return dominance @ target / np.maximum(dominance.sum(axis=1, keepdims=True), 1e-12)


def _loudness(speech: Speech, times: np.ndarray) -> np.ndarray:
    """A factor for the jaw around 1: louder speech opens wider. From the sound's RMS over 60 ms."""
    half = max(1, int(0.03 * speech.sample_rate_hz))
    power = np.concatenate([[0.0], np.cumsum(speech.samples.astype(np.float64) ** 2)])
    centre = (times * speech.sample_rate_hz).astype(int)
    low, high = np.clip(centre - half, 0, len(power) - 1), np.clip(centre + half, 0, len(power) - 1)
    rms = np.sqrt(np.maximum(power[high] - power[low], 0) / np.maximum(high - low, 1))
    usual = np.percentile(rms, 85)
    return np.ones_like(rms) if usual < 1e-5 else np.clip(0.7 + 0.35 * rms / usual, 0.7, 1.15)


def _shut_in_silence(weights: np.ndarray, times: np.ndarray, speech: Speech) -> None:
    spoken = [p for p in speech.phonemes if p.symbol != SILENCE]
    pauses = [(p.start_s, p.end_s) for p in speech.phonemes if p.symbol == SILENCE]
    pauses += [(-1.0, spoken[0].start_s), (spoken[-1].end_s, speech.duration_s + 1)]
    for start, end in pauses:
        fall = np.clip((times - start) / _SHUT_AFTER_S, 0, 1)
        rise = np.clip((end - times) / _SHUT_BEFORE_S, 0, 1)
        within = (times >= start) & (times <= end)
        shut = np.minimum(fall, rise) if end - start > _SHUT_AFTER_S + _SHUT_BEFORE_S else 0.6 * np.minimum(fall, rise)
        weights *= np.where(within, 1 - shut, 1.0)[:, None]


def _close(weights: np.ndarray, times: np.ndarray, sounds: list[_Sound]) -> None:
    """Lips meet on every closure for at least one frame."""
    jaw, press = CHANNELS.index("jaw"), CHANNELS.index("press")
    tuck, upper = CHANNELS.index("tuck"), CHANNELS.index("upper_lip")
    for sound in sounds:
        if not sound.shape.closure:
            continue
        frames = np.flatnonzero((times >= sound.start_s) & (times <= sound.end_s))
        if not frames.size:
            frames = np.array([np.abs(times - sound.middle_s).argmin()])
        weights[frames[:, None], [jaw, tuck, upper]] = 0
        weights[frames, press] = 1


def _sounds(phonemes: tuple[TimedPhoneme, ...]) -> list[_Sound]:
    """The phonemes as single sounds: diphthongs and affricates fall into their letters, long ones get more time."""
    sounds = []
    for phoneme in phonemes:
        letters = split_symbol(phoneme.symbol)
        shares = np.array([share for _, share in letters])
        edges = phoneme.start_s + np.concatenate([[0], np.cumsum(shares)]) / max(shares.sum(), 1e-9) * (
            phoneme.end_s - phoneme.start_s
        )
        sounds += [_Sound(edges[i], edges[i + 1], shape_of(letter)) for i, (letter, _) in enumerate(letters)]
    return sounds


def split_symbol(symbol: str) -> list[tuple[str, float]]:
    """The IPA letters of a symbol without diacritics and ties, each with its share of the time."""
    letters: list[tuple[str, float]] = []
    for char in unicodedata.normalize("NFD", symbol):
        if char == "ː" and letters:
            letters[-1] = (letters[-1][0], 1.7)
        elif char == "ˑ" and letters:
            letters[-1] = (letters[-1][0], 1.3)
        elif char.isalpha() and unicodedata.category(char) != "Lm":
            letters.append((char, 1.0))
    return letters


@lru_cache(maxsize=1)
def _table() -> dict[str, Shape]:
    entries = tomllib.loads(files(__package__).joinpath("visemes.toml").read_text(encoding="utf-8"))["shape"]
    table: dict[str, Shape] = {}
    for entry in entries:
        target = np.array([float(entry.get(name, 0.0)) for name in CHANNELS])
        shape = Shape(target, float(entry.get("pull", 1.0)), bool(entry.get("closure", False)))
        table |= {letters[0]: shape for letters in entry["ipa"].split()}
    return table
