"""Alignment: a recording and its text become speech with timed phonemes.

espeak-ng says the text, and its phoneme times are carried over to the recording by time warping: forced alignment by
synthesis (Malfrere and Dutoit 1997), which works in every language that has a voice and needs no model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from personify.voices.engines.espeak import EspeakEngine
from personify.voices.errors import BadInput
from personify.voices.speech import SILENCE, Speech, TimedPhoneme
from personify.voices.tones import Prosody, Tone
from personify.voices.warping import HOP_S, features, normalised, rough_cost, warp

_PAUSE_S = 0.15
"""A pause is at least so long; what is shorter may be the closure of a stop."""
_QUIET_DB, _ABOVE_NOISE_DB = 38.0, 7.0
"""Silence is so much below the loud parts, or within so much of the noise."""
_SHORTEST_S, _SHORTEST_GAP_S = 0.01, 0.04
_FASTEST_HZ, _SLOWEST_HZ = 35.0, 1.5
"""Sounds a second that nobody exceeds, or falls short of, when the text is the recording's."""
_DRAWN_OUT_S = 3.0
"""A word alone may be drawn out to so much: "Hm." and "Oh!" have two sounds and no measure."""
_THROATS = (0.84, 0.92, 1.0, 1.09, 1.19, 1.3)
"""How much higher than the reference's the speaker's formants may lie; the best fit is taken (Eide and Gish 1996)."""


@dataclass(frozen=True)
class _Parts:
    """The stretches of a sound that are spoken, as (start, end) in frames of `HOP_S`, in order of time."""

    edges: tuple[tuple[int, int], ...]

    @property
    def frames(self) -> np.ndarray:
        return np.concatenate([np.zeros(0, int), *(np.arange(a, b) for a, b in self.edges)])

    @property
    def length(self) -> int:
        return sum(b - a for a, b in self.edges)


Warper = Callable[[np.ndarray, int, np.ndarray, Speech, np.ndarray], np.ndarray]
"""From a recording (samples, rate in Hz, numbers of its spoken frames of `HOP_S`) and the reference (with the numbers
of its own) to the place of each spoken frame among the reference's, rising from 0."""


def best_path(samples: np.ndarray, rate: int, spoken: np.ndarray, reference: Speech, said: np.ndarray) -> np.ndarray:
    """The usual `Warper`: mel cepstra and their change, as the speaker's throat fits the reference's best."""
    highest_hz = min(7000.0, 0.45 * rate)
    model = normalised(features(reference.samples, reference.sample_rate_hz, highest_hz)[said])
    candidates = [normalised(features(samples, rate, highest_hz, throat)[spoken]) for throat in _THROATS]
    return warp(min(candidates, key=lambda frames: rough_cost(frames, model)), model)


def align(
    samples: np.ndarray,
    rate: int,
    text: str,
    language: str = "en",
    accent: str | None = None,
    warper: Warper = best_path,
) -> Speech:
    """The recording with the phonemes of `text` where they are spoken, in `language` (a BCP 47 tag) with `accent`, the
    word of a region such as "scottish".

    `samples` are float32 (n,), mono, `rate` in Hz, at least 8000. Raises `BadInput` for silence, for a text with
    nothing to say and for one that can't be this recording's.
    """
    if rate < 8000:
        raise BadInput(f"a recording of {rate} Hz is too dull to find words in; give one of at least 8000 Hz")
    spoken = _spoken_parts(samples, rate)
    if not spoken.length:
        raise BadInput("there is nothing but silence in the recording; record it again with the microphone on")
    reference, said = _reference(text, language, accent, spoken.length * HOP_S)
    path = warper(samples, rate, spoken.frames, reference, said.frames)
    phonemes = [p for p in reference.phonemes if p.symbol != SILENCE]
    starts, ends = (
        _places(path, said, np.array([getattr(p, edge) for p in phonemes])) for edge in ("start_s", "end_s")
    )
    settled = _settled(phonemes, starts, ends, spoken)
    return Speech(text, samples, rate, _with_pauses(settled, len(samples) / rate))


def _spoken_parts(samples: np.ndarray, rate: int) -> _Parts:
    """Where the sound is louder than silence, by its energy."""
    levels = _levels_db(samples, rate)
    if not len(levels) or levels.max() < -70:
        return _Parts(())
    loud = float(np.percentile(levels, 95))
    noise = max(float(np.percentile(levels, 5)), loud - 60)
    spoken = levels > max(loud - _QUIET_DB, min(noise + _ABOVE_NOISE_DB, loud - 12))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], spoken.astype(int), [0]]))).reshape(-1, 2)
    parts: list[tuple[int, int]] = []
    for start, end in edges.tolist():
        if parts and (start - parts[-1][1]) * HOP_S < _PAUSE_S:
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, end))
    return _Parts(tuple((a, b) for a, b in parts if b - a > 2 or b - a == max(d - c for c, d in parts)))


def _levels_db(samples: np.ndarray, rate: int) -> np.ndarray:
    """RMS in dBFS of each frame of `HOP_S`, over twice that."""
    power = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    middle = (np.arange(int(len(samples) / rate / HOP_S)) + 0.5) * HOP_S
    low, high = (np.clip(np.round((middle + d) * rate).astype(int), 0, len(samples)) for d in (-HOP_S, HOP_S))
    return np.asarray(10 * np.log10((power[high] - power[low]) / np.maximum(high - low, 1) + 1e-10))


def _reference(text: str, language: str, accent: str | None, spoken_s: float) -> tuple[Speech, _Parts]:
    """The text in espeak-ng's voice at about the recording's speed, and where it speaks."""
    engine, tone = EspeakEngine(), _plain_tone(175)
    speech = engine.speak(text, tone, language=language, accent=accent)
    said = _said(speech)
    sounds = sum(p.symbol != SILENCE for p in speech.phonemes)
    slowest_hz = _SLOWEST_HZ if spoken_s > _DRAWN_OUT_S else 0.0
    if not slowest_hz <= sounds / spoken_s <= _FASTEST_HZ:
        raise BadInput(
            f"the text has {sounds} sounds, but {spoken_s:.1f} s of the recording are spoken; "
            "give the words that are said in it, or none"
        )
    rate_wpm = int(np.clip(175 * said.length * HOP_S / spoken_s, 80, 450))
    if abs(rate_wpm - 175) > 10:
        speech = engine.speak(text, _plain_tone(rate_wpm), language=language, accent=accent)
        said = _said(speech)
    return speech, said


def _plain_tone(rate_wpm: int) -> Tone:
    return Tone(
        name="reference", title="Reference", description="What recordings are held against.",
        gender="masculine", age="adult", energy=0.5, timbre=("plain", "clear"),
        prosody=Prosody(rate_wpm=rate_wpm),
    )  # fmt: skip


def _said(speech: Speech) -> _Parts:
    """The reference without its longer pauses."""
    total = int(speech.duration_s / HOP_S)
    edges = [0]
    for p in speech.phonemes:
        if p.symbol == SILENCE and p.end_s - p.start_s >= _PAUSE_S:
            edges += [round(p.start_s / HOP_S), round(p.end_s / HOP_S)]
    edges.append(total)
    return _Parts(tuple((a, min(b, total)) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < min(b, total)))


def _places(path: np.ndarray, said: _Parts, moments_s: np.ndarray) -> np.ndarray:
    """The reference's moments as places among the recording's spoken frames, in frames from 0 to len(path)."""
    starts, ends = np.array(said.edges).T
    compact = np.clip(moments_s[:, None] / HOP_S - starts, 0, ends - starts).sum(axis=1)
    reached, first, count = np.unique(path, return_index=True, return_counts=True)
    return np.interp(compact, [0, *(reached + 0.5), said.length], [0, *(first + count / 2), len(path)])


def _settled(
    phonemes: Sequence[TimedPhoneme], starts: np.ndarray, ends: np.ndarray, spoken: _Parts
) -> list[TimedPhoneme]:
    """The phonemes at their places, each within one spoken part, the first and last of a part at its edges."""
    offsets = np.concatenate([[0], np.cumsum([b - a for a, b in spoken.edges])])
    shared = np.minimum(ends[:, None], offsets[1:]) - np.maximum(starts[:, None], offsets[:-1])
    home = np.maximum.accumulate(shared.argmax(axis=1))
    settled: list[TimedPhoneme] = []
    for part, (a, b) in enumerate(spoken.edges):
        inside = np.flatnonzero(home == part)
        if not len(inside):
            continue
        least = min(_SHORTEST_S / HOP_S, (b - a) / len(inside))
        low, high = starts[inside] - offsets[part] + a, ends[inside] - offsets[part] + a
        low[0], high[-1] = a, b
        steps = np.arange(len(inside)) * least
        low = np.minimum(np.maximum.accumulate(low - steps) + steps, b - steps[::-1] - least)
        high = np.append(np.clip(high[:-1], low[:-1] + least, low[1:]), b)
        settled += [
            replace(phonemes[i], start_s=float(s * HOP_S), end_s=float(e * HOP_S))
            for i, s, e in zip(inside, low, high, strict=True)
        ]
    return settled


def _with_pauses(phonemes: Sequence[TimedPhoneme], duration_s: float) -> tuple[TimedPhoneme, ...]:
    """With silence wherever nothing is said, from 0 to the end; gaps too short for a pause go to the sound before."""
    whole: list[TimedPhoneme] = []
    at = 0.0
    for phoneme in phonemes:
        start, end = min(phoneme.start_s, duration_s), min(phoneme.end_s, duration_s)
        if start - at >= _SHORTEST_GAP_S or (start > at and not whole):
            whole.append(TimedPhoneme(SILENCE, at, start))
        elif whole and start > at:
            whole[-1] = replace(whole[-1], end_s=start)
        whole.append(replace(phoneme, start_s=start, end_s=end))
        at = end
    if duration_s > at:
        whole.append(TimedPhoneme(SILENCE, at, duration_s))
    return tuple(whole)
