"""How well recordings are aligned with their text: espeak-ng's voices, where the truth is known, aligned as recordings.

`python -m personify.eval.alignment [--tones N] [--json]` prints the errors of phoneme starts over languages, tones,
speeds and pitches, and of the recordings spoilt by noise, a room and a telephone. Where librosa is installed, its
cepstra and time warping do the same work on the same clean recordings, for comparison.
"""

import argparse
import json
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from importlib.resources import files
from importlib.util import find_spec

import numpy as np

from personify.eval.rates import Rate, as_json, report
from personify.voices import speak
from personify.voices.alignment import Warper, align, best_path
from personify.voices.speech import SILENCE, Speech
from personify.voices.tones import BUILT_IN, tones_of
from personify.voices.warping import HOP_S

SPEEDS = (0.75, 1.0, 1.35)
MEDIAN_MS, MOST_MS = 40.0, 120.0
"""The targets: the median and the 95th percentile of the errors of phoneme starts."""


@dataclass(frozen=True)
class Case:
    """One recording: `errors_ms`, one a phoneme that both sides have; `kind` is how it was spoilt, or "clean".

    `speed` multiplies the tone's own, `pitch` is added to it, on espeak-ng's scale of 0 to 99. `missed` counts phonemes
    of the truth that the alignment lacks. `length_s` is the recording's, `work_s` the processor's time.
    """

    language: str
    tone: str
    speed: float
    pitch: int
    kind: str
    errors_ms: tuple[float, ...]
    missed: int
    length_s: float
    work_s: float


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


def by_librosa(samples: np.ndarray, rate: int, spoken: np.ndarray, reference: Speech, said: np.ndarray) -> np.ndarray:
    """A `Warper` of librosa's cepstra, their change, and its dynamic time warping, all with their defaults."""
    import librosa

    def frames(sound: np.ndarray, rate_hz: int, wanted: np.ndarray) -> np.ndarray:
        hop = round(HOP_S * rate_hz)
        cepstra = librosa.feature.mfcc(y=sound, sr=rate_hz, n_mfcc=13, hop_length=hop)
        rows = np.concatenate([cepstra, librosa.feature.delta(cepstra, width=5)])
        at = np.round((wanted + 0.5) * HOP_S * rate_hz / hop).astype(int)
        rows = rows[:, np.clip(at, 0, rows.shape[1] - 1)]
        return np.asarray((rows - rows.mean(axis=1, keepdims=True)) / (rows.std(axis=1, keepdims=True) + 1e-3))

    _, pairs = librosa.sequence.dtw(
        X=frames(samples, rate, spoken), Y=frames(reference.samples, reference.sample_rate_hz, said)
    )
    total, count = np.zeros(len(spoken)), np.zeros(len(spoken))
    np.add.at(total, pairs[:, 0], pairs[:, 1])
    np.add.at(count, pairs[:, 0], 1)
    return total / count


def bench(tones: int = 6, warper: Warper = best_path, *, clean: bool = False) -> Iterator[Case]:
    """Every language with every one of `tones` tones in turn, at three speeds; English at two more pitches and, unless
    only `clean` ones are wanted, spoilt in four ways too."""
    catalogue = tones_of(BUILT_IN)
    known = sorted(name for name, tone in catalogue.items() if tone.model == "espeak")  # who knows when it says what
    names = known[:: max(1, len(known) // tones)][:tones]
    sentences: dict[str, str] = tomllib.loads(
        files("personify.eval").joinpath("prompts/alignment.toml").read_text("utf-8")
    )
    for i, (language, text) in enumerate(sentences.items()):
        for j, name in enumerate(names):
            for speed in SPEEDS if language == "en" else (SPEEDS[(i + j) % 3],):
                yield _case(text, name, language, warper, speed=speed)
            for pitch in (-30, 30) if language == "en" else ():
                yield _case(text, name, language, warper, pitch=pitch)
    for kind in () if clean else ("noise", "room", "telephone", "quiet"):
        for name in names:
            yield _case(sentences["en"], name, "en", warper, kind=kind)


def _case(
    text: str, name: str, language: str, warper: Warper, *, speed: float = 1.0, pitch: int = 0, kind: str = "clean"
) -> Case:
    tone = tones_of(BUILT_IN)[name]
    prosody = tone.prosody.model_copy(
        update={
            "rate_wpm": int(np.clip(tone.prosody.rate_wpm * speed, 80, 450)),
            "pitch": int(np.clip(tone.prosody.pitch + pitch, 0, 99)),
        }
    )
    truth = speak(text, tone.model_copy(update={"prosody": prosody, "accent": None}), language=language)
    recording = spoil(truth, kind)
    began = time.process_time()
    found = align(recording.samples, recording.sample_rate_hz, text, language, warper=warper)
    work_s = time.process_time() - began
    errors, missed = errors_ms(truth, found)
    return Case(language, name, speed, pitch, kind, errors, missed, truth.duration_s, work_s)


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
    for field in ("kind", "language", "tone", "speed", "pitch"):
        for value in sorted({getattr(case, field) for case in (cases if field == "kind" else clean)}):
            among = cases if field == "kind" else clean
            found += _two(f"{field} {value}", [case for case in among if getattr(case, field) == value])
    return found


def compared(own: Sequence[Case], librosas: Sequence[Case]) -> list[Rate]:
    """Errors and work on the same clean recordings, Personify's own time warping beside librosa's."""
    found = []
    for name, cases in (("own", [case for case in own if case.kind == "clean"]), ("librosa", librosas)):
        found += _two(f"{name} warping", cases)
        work = 60 * sum(case.work_s for case in cases) / sum(case.length_s for case in cases)
        found.append(Rate(f"{name} warping: work for a minute, s", work, len(cases)))
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
    found = rates(cases)
    if find_spec("librosa"):
        next(bench(1, by_librosa))  # it compiles itself first
        found += compared(cases, list(bench(options.tones, by_librosa, clean=True)))
    if options.json:
        print(json.dumps({"rates": as_json(found), "cases": [asdict(case) for case in cases]}))  # noqa: T201 - an entry point
        return
    report(found)


if __name__ == "__main__":
    main()
