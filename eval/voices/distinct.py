"""How unlike each other the tones are: distances between nearest neighbours in what librosa hears of them.

Features as in speaker recognition before neural networks (Reynolds and Rose 1995): mel cepstra and their change. They
tell throats, rooms and effects apart; two tones that differ in pitch and pace alone lie near each other here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from personify.voices.errors import MissingExtra
from personify.voices.speech import SILENCE, Speech
from personify.voices.tones import Tone

_CEPSTRA = 20
_CLOSEST = 10


@dataclass(frozen=True)
class Pair:
    """Two tones and their distance, in standard deviations of a feature over all tones (root mean square)."""

    first: str
    second: str
    distance: float


@dataclass(frozen=True)
class Distinctness:
    """Each tone's distance to its nearest neighbour, least and median, and the closest pairs, the closest first."""

    tones: int
    least: float
    median: float
    closest: tuple[Pair, ...]


def need_librosa() -> None:
    """Raises `MissingExtra` with the line that installs it."""
    try:
        import librosa  # noqa: F401 - only whether it is there
    except ModuleNotFoundError as error:
        raise MissingExtra(
            "the tones' distances need librosa; install it with: pip install 'personify[bench]'"
        ) from error


def features(speech: Speech) -> np.ndarray:
    """float64 (57,): means and spreads of 19 mel cepstra and the spread of their change, where it speaks; loudness
    (the zeroth) is left out."""
    import librosa

    rate_hz = speech.sample_rate_hz
    spoken = [p for p in speech.phonemes if p.symbol != SILENCE]
    voice = np.concatenate([speech.samples[round(p.start_s * rate_hz) : round(p.end_s * rate_hz)] for p in spoken])
    cepstra = librosa.feature.mfcc(y=voice, sr=rate_hz, n_mfcc=_CEPSTRA, fmax=rate_hz / 2)[1:]
    change = librosa.feature.delta(cepstra)
    return np.concatenate([cepstra.mean(axis=1), cepstra.std(axis=1), change.std(axis=1)]).astype(np.float64)


def distinctness(vectors: Mapping[str, np.ndarray]) -> Distinctness:
    """The distances between the features of at least two tones, by name."""
    names = list(vectors)
    table = np.array([vectors[name] for name in names])
    table = (table - table.mean(axis=0)) / np.maximum(table.std(axis=0), 1e-9)
    apart = np.sqrt(((table[:, None] - table[None]) ** 2).mean(axis=2))
    pairs = [Pair(names[i], names[j], float(apart[i, j])) for i in range(len(names)) for j in range(i)]
    np.fill_diagonal(apart, np.inf)
    nearest = apart.min(axis=1)
    closest = sorted(pairs, key=lambda pair: (pair.distance, pair.first, pair.second))[:_CLOSEST]
    return Distinctness(len(names), float(nearest.min()), float(np.median(nearest)), tuple(closest))


def tone_features(
    tones: Sequence[Tone],
    sentences: Mapping[str, str],
    on_tone: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, np.ndarray]:
    """The features of each tone that speaks one of the languages of `sentences`, in the first of them that it speaks.

    `on_tone` is told how many are done, of how many.
    """
    from personify.voices.speaking import speak

    found: dict[str, np.ndarray] = {}
    for done, tone in enumerate(tones):
        on_tone(done, len(tones))
        language = next((tag for tag in sentences if tone.speaks(tag)), None)
        if language is not None:
            found[tone.name] = features(speak(sentences[language], tone, language=language))
    on_tone(len(tones), len(tones))
    return found
