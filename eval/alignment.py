"""How well recordings are aligned with their text: espeak-ng's voices, where the truth is known, aligned as recordings.

`python -m personify.eval.alignment [--tones N] [--json]` prints the errors of phoneme starts over languages, tones and
speeds, and of the recordings spoilt by noise, a room and a telephone.
"""

import argparse
import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from importlib.resources import files

import numpy as np

from personify.eval.rates import Rate, as_json, report
from personify.voices import load_tones, speak
from personify.voices.alignment import align
from personify.voices.speech import SILENCE, Speech

MEDIAN_MS, MOST_MS = 40.0, 120.0
"""The targets: the median and the 95th percentile of the errors of phoneme starts."""


@dataclass(frozen=True)
class Case:
    """One recording: `errors_ms`, one a phoneme that both sides have; `kind` is how it was spoilt, or "clean"."""

    language: str
    tone: str
    speed: float
    kind: str
    errors_ms: tuple[float, ...]
    missed: int
    """Phonemes of the truth that the alignment lacks."""


def errors_ms(truth: Speech, found: Speech) -> tuple[tuple[float, ...], int]:
    """Errors of the starts, in ms, of the phonemes that both have in the same order, and how many are missing."""
    real, guessed = ([p for p in speech.phonemes if p.symbol != SILENCE] for speech in (truth, found))
    matcher = SequenceMatcher(None, [p.symbol for p in real], [p.symbol for p in guessed], autojunk=False)
    pairs = [
        (real[block.a + i], guessed[block.b + i]) for block in matcher.get_matching_blocks() for i in range(block.size)
    ]
    return tuple(1000 * (b.start_s - a.start_s) for a, b in pairs), len(real) - len(pairs)


def spoil(speech: Speech, kind: str, seed: int = 3) -> Speech:
    """The recording with `noise` 20 dB below it, in a `room`, over the `telephone`, `quiet`, or `clean` as it is."""
    samples, rate = speech.samples.astype(np.float64), speech.sample_rate_hz
    rng = np.random.default_rng(seed)
    if kind == "noise":
        samples = samples + rng.normal(0, 0.1 * np.sqrt((samples**2).mean()), len(samples))
    elif kind == "room":
        tail = rng.normal(0, 1, int(0.3 * rate)) * np.exp(-np.arange(int(0.3 * rate)) / (0.07 * rate))
        wet = np.convolve(samples, tail)[: len(samples)]
        samples = samples + 0.5 * wet * np.sqrt((samples**2).mean() / (wet**2).mean())
    elif kind == "telephone":
        spectrum, hz = np.fft.rfft(samples), np.fft.rfftfreq(len(samples), 1 / rate)
        samples = np.fft.irfft(spectrum * ((hz > 300) & (hz < 3400)), len(samples))
    elif kind == "quiet":
        samples = samples * 0.01
    return replace(speech, samples=np.clip(samples, -1, 1).astype(np.float32))


def bench(tones: int = 6) -> Iterator[Case]:
    """Every language with every one of `tones` tones in turn, at three speeds; English spoilt in four ways too."""
    catalogue = load_tones()
    names = sorted(catalogue)[:: max(1, len(catalogue) // tones)][:tones]
    sentences: dict[str, str] = tomllib.loads(
        files("personify.eval").joinpath("prompts/alignment.toml").read_text("utf-8")
    )
    for i, (language, text) in enumerate(sentences.items()):
        for j, name in enumerate(names):
            for speed in (0.75, 1.0, 1.35) if language == "en" else ((0.75, 1.0, 1.35)[(i + j) % 3],):
                yield _case(text, name, language, speed, "clean")
    for kind in ("noise", "room", "telephone", "quiet"):
        for name in names:
            yield _case(sentences["en"], name, "en", 1.0, kind)


def _case(text: str, name: str, language: str, speed: float, kind: str) -> Case:
    tone = load_tones()[name]
    prosody = tone.prosody.model_copy(update={"rate_wpm": int(np.clip(tone.prosody.rate_wpm * speed, 80, 450))})
    truth = speak(text, tone.model_copy(update={"prosody": prosody, "accent": None}), language=language)
    recording = spoil(truth, kind)
    found = align(recording.samples, recording.sample_rate_hz, text, language)
    errors, missed = errors_ms(truth, found)
    return Case(language, name, speed, kind, errors, missed)


def rates(cases: Sequence[Case]) -> list[Rate]:
    """The figures over all cases beside their targets, then for each kind, language and tone; the worst cases named."""
    clean = [case for case in cases if case.kind == "clean"]
    worst = sorted(clean, key=lambda case: -np.percentile(np.abs(case.errors_ms), 95))[:8]
    named = tuple(
        f"{case.language} {case.tone} x{case.speed:g}: {np.percentile(np.abs(case.errors_ms), 95):.0f} ms"
        for case in worst
    )
    total = sum(len(case.errors_ms) + case.missed for case in cases)
    found = [
        *_two("phoneme starts", clean, held=True),
        Rate("phonemes found", 1 - sum(case.missed for case in cases) / max(total, 1), total).held_to(least=0.97),
    ]
    found[1] = replace(found[1], misses=named)
    for field in ("kind", "language", "tone", "speed"):
        for value in sorted({getattr(case, field) for case in (cases if field == "kind" else clean)}):
            among = cases if field == "kind" else clean
            found += _two(f"{field} {value}", [case for case in among if getattr(case, field) == value])
    return found


def _two(what: str, cases: Sequence[Case], *, held: bool = False) -> list[Rate]:
    errors = np.abs(np.concatenate([case.errors_ms for case in cases]))
    middle = Rate(f"{what}: median error, ms", float(np.median(errors)), len(errors))
    most = Rate(f"{what}: 95 of 100 within, ms", float(np.percentile(errors, 95)), len(errors))
    return [middle.held_to(most=MEDIAN_MS), most.held_to(most=MOST_MS)] if held else [middle, most]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tones", type=int, default=6)
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    options = parser.parse_args()
    cases = list(bench(options.tones))
    if options.json:
        print(json.dumps({"rates": as_json(rates(cases)), "cases": [asdict(case) for case in cases]}))  # noqa: T201 - an entry point
        return
    report(rates(cases))


if __name__ == "__main__":
    main()
