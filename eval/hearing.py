"""How well visemes are guessed from the sound alone, held against those of espeak-ng's own phonemes; and the fit.

`python -m personify.eval.hearing [--json]` measures with sentences and tones that the fit has not heard;
`--fit` fits `avatar/audio_visemes.json` anew with scikit-learn (extra `bench`) in about a minute of processor time.
"""

import argparse
import json
import tomllib
import warnings
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

from personify.avatar.audio_visemes import Ear, in_context, known_ear, speech_from_sound
from personify.avatar.coarticulation import known_shapes, shape_of, split_symbol
from personify.avatar.listening import CEPSTRA, HOP_S, Heard, Listener
from personify.avatar.visemes import viseme_track
from personify.eval.alignment import spoil
from personify.eval.rates import Rate, as_json, report
from personify.voices import speak
from personify.voices.speech import SILENCE, Speech
from personify.voices.tones import BUILT_IN, tones_of

LETTERS = tuple("pftsʃɹjkieɛaəɔou")
"""One for each kind of mouth that can be told by ear."""
KINDS = ("clean", "noise", "telephone", "quiet")


def letter_for(letter: str) -> str:
    """Of `LETTERS` the one whose mouth is most like this letter's."""
    wanted = shape_of(letter)
    return min(
        LETTERS,
        key=lambda known: (
            known_shapes()[known].closure != wanted.closure,
            float(np.abs(shape_of(known).target - wanted.target).sum()),
        ),
    )


def speeches(tones: Sequence[str], sentences: str) -> Iterator[tuple[str, Speech]]:
    """(kind, speech) of each language's sentences: each tone in turn, spoilt in one way after the other."""
    texts = tomllib.loads(files("personify.eval").joinpath("prompts/alignment.toml").read_text("utf-8"))
    catalogue = tones_of(BUILT_IN)
    for i, (language, text) in enumerate(texts.items()):
        for j, name in enumerate(tones):
            kind = KINDS[(i + j) % len(KINDS)]
            yield kind, spoil(speak(_half(text, sentences), catalogue[name], language=language), kind)


def _half(text: str, which: str) -> str:
    """The first sentence for measuring, the others for the fit."""
    for mark in (". ", "。", "। "):
        if mark in text:
            first, rest = text.split(mark, 1)
            return first if which == "measure" else rest
    return text


def split_tones() -> tuple[list[str], list[str]]:
    """The tones to fit with, and those to measure with."""
    names = sorted(tones_of(BUILT_IN))
    return [name for i, name in enumerate(names) if i % 3], names[::3]


def fit(path: Path) -> Ear:
    """Fits the ear to espeak-ng's voices, writes it to `path` and returns it."""
    from sklearn.linear_model import LogisticRegression

    spoken = [speech for _, speech in speeches(split_tones()[0], "fit")]
    raw = [(listen(speech, np.zeros(CEPSTRA)), speech) for speech in spoken[::5]]
    usual = np.mean([heard.rows[~heard.quiet].mean(axis=0) for heard, _ in raw], axis=0)
    rows, labels = [], []
    for speech in spoken:
        heard = listen(speech, usual)
        truth = letters_of(speech, len(heard))
        keep = np.flatnonzero(truth >= 0)[::2]
        rows.append(in_context(heard.rows)[keep])
        labels.append(truth[keep])
    model = LogisticRegression(C=0.05, max_iter=120)
    with warnings.catch_warnings():  # more steps change the figures in the third digit only
        warnings.simplefilter("ignore")
        model.fit(np.concatenate(rows), np.concatenate(labels))
    assert list(model.classes_) == list(range(len(LETTERS)))
    ear = Ear(tuple(LETTERS), usual, model.coef_, model.intercept_)
    path.write_text(as_text(ear), encoding="utf-8")
    return ear


def listen(speech: Speech, usual: np.ndarray) -> Heard:
    """A whole speech."""
    listener = Listener(speech.sample_rate_hz, usual)
    return listener.push(speech.samples).then(listener.end())


def letters_of(speech: Speech, n_frames: int) -> np.ndarray:
    """The number of each frame's letter in `LETTERS`, -1 in pauses."""
    truth = np.full(n_frames, -1)
    for phoneme in speech.phonemes:
        parts = split_symbol(phoneme.symbol)
        shares = np.cumsum([0.0, *(share for _, share in parts)])
        edges = phoneme.start_s + shares / max(shares[-1], 1e-9) * (phoneme.end_s - phoneme.start_s)
        for i, (letter, _) in enumerate(parts):
            truth[round(edges[i] / HOP_S) : round(edges[i + 1] / HOP_S)] = LETTERS.index(letter_for(letter))
    return truth


def as_text(ear: Ear) -> str:
    """The JSON of an ear, one line a letter."""

    def row(values: np.ndarray) -> str:
        return "[" + ", ".join(f"{value:.4g}" for value in values) + "]"

    weights = ",\n".join(f"  {row(line)}" for line in ear.weights)
    letters = json.dumps(list(ear.letters), ensure_ascii=False)
    return (
        f'{{\n"about": "Fitted by python -m personify.eval.hearing --fit; see avatar/audio_visemes.py",\n'
        f'"letters": {letters},\n"usual": {row(ear.usual)},\n"bias": {row(ear.bias)},\n"weights": [\n{weights}\n]\n}}\n'
    )


def measure(speech: Speech) -> dict[str, float]:
    """Correlations of the guessed track's channels with the true one's, and the jaw in the middle of true pauses."""
    real = viseme_track(speech)
    guessed = viseme_track(speech_from_sound(speech.samples, speech.sample_rate_hz))
    times = (np.arange(real.n_frames) + 0.5) / real.fps
    figures = {}
    for name in ("jaw", "wide", "round", "press"):
        one, other = real.channel(name), guessed.channel(name)
        figures[name] = float(np.corrcoef(one, other)[0, 1]) if one.std() and other.std() else 0.0
    quiet = [p for p in speech.phonemes if p.symbol == SILENCE and p.end_s - p.start_s > 0.25]
    resting = [guessed.channel("jaw")[(times > p.start_s + 0.1) & (times < p.end_s - 0.1)] for p in quiet]
    figures["pause"] = float(np.concatenate([np.zeros(1), *resting]).mean())
    return figures


def rates() -> list[Rate]:
    """The figures over all held-out tones and sentences, and for each way of spoiling."""
    measured = [(kind, measure(speech)) for kind, speech in speeches(split_tones()[1][::3], "measure")]
    found = []
    for among in ("all", *KINDS):
        figures = [figure for kind, figure in measured if among in ("all", kind)]
        for name in ("jaw", "wide", "round", "press", "pause"):
            what = "jaw in pauses" if name == "pause" else f"correlation of {name}"
            rate = Rate(f"{among}: {what}", float(np.mean([figure[name] for figure in figures])), len(figures))
            if among == "all" and name in ("jaw", "pause"):
                rate = rate.held_to(least=0.6) if name == "jaw" else rate.held_to(most=0.05)
            found.append(rate)
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="fit avatar/audio_visemes.json anew first")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    options = parser.parse_args()
    if options.fit:
        fit(Path(str(files("personify.avatar").joinpath("audio_visemes.json"))))
        known_ear.cache_clear()
    found = rates()
    if options.json:
        print(json.dumps(as_json(found)))  # noqa: T201 - an entry point
        return
    report(found)


if __name__ == "__main__":
    main()
