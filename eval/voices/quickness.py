"""How quickly each engine speaks: seconds of work for a second of speech, effects and loudness included."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from personify.voices.models import model_of
from personify.voices.tones import Tone

_TONES, _ROUNDS = 12, 5


@dataclass(frozen=True)
class Quickness:
    """One engine's real-time factor: that of the slowest of some of its tones, each the median of several rounds.

    `wall` by the clock, `cpu` by the processor time of all threads; less than 1 is faster than it is heard.
    """

    engine: str
    tones: int
    wall: float
    cpu: float


def quickness(tones: Sequence[Tone], sentences: Mapping[str, str]) -> list[Quickness]:
    """The engines of `tones`, each by tones from all over its catalogue."""
    engines: dict[str, list[Tone]] = {}
    for tone in tones:
        if any(tone.speaks(tag) for tag in sentences):
            engines.setdefault(model_of(tone.model).engine, []).append(tone)
    found = []
    for engine, own in engines.items():
        chosen = own[:: max(1, -(-len(own) // _TONES))]
        timed = np.array([_factors(tone, sentences) for tone in chosen])
        wall, cpu = timed.max(axis=0)
        found.append(Quickness(engine, len(chosen), float(wall), float(cpu)))
    return found


def _factors(tone: Tone, sentences: Mapping[str, str]) -> tuple[float, float]:
    """(wall, cpu) of one tone. A first round that isn't counted loads what is loaded once."""
    from personify.voices.speaking import speak

    language = next(tag for tag in sentences if tone.speaks(tag))
    duration_s = speak(sentences[language], tone, language=language).duration_s
    rounds = []
    for _ in range(_ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        speak(sentences[language], tone, language=language)
        rounds.append((time.perf_counter() - wall, time.process_time() - cpu))
    usual = np.median(rounds, axis=0) / duration_s
    return float(usual[0]), float(usual[1])
