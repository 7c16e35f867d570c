"""How well the page tells a voice from a room: how soon it notices one, how many it misses, and how often it is fooled.

`python -m personify.eval.web.hearing [--json]` lets `ui/live/vad.js` hear espeak-ng's voices in headless Chromium,
against noises of which each is so many dB below the voice, and no voice at all; and what is left of the avatar's own
voice while it speaks, with and without somebody who interrupts. The sound comes in blocks as a microphone's does, at
48 kHz.
"""

import argparse
import base64
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from personify.eval.rates import Rate, as_json, report
from personify.eval.web.chromium import chromium, open_scripts
from personify.voices import speak
from personify.voices.errors import PersonifyError
from personify.voices.speech import SILENCE
from personify.voices.tones import BUILT_IN, tones_of
from personify.voices.transcribing.hearing import resampled

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RATE_HZ = 48_000
SENTENCES = (
    "What can you see up there tonight?", "Yes.", "Tell me a story, please.", "Stop.", "Who are you?",
    "I had a long day at work and I am tired.", "Sing something quiet for me.", "Why?",
)  # fmt: skip
SNRS_DB = (20, 10, 5, 0)
KEPT_S = 0.7
"""What `ui/live/mic.js` keeps from before it notices a voice: what begins earlier loses its beginning."""
_LEVEL = 0.05
"""RMS of the voice, about what a headset gives."""
_LEAD_S, _TAIL_S = 2.0, 1.5
_EARLY_S = 0.05
"""A voice that is noticed no more than this before its first sound is noticed, not made up."""
_ECHO_DB = -30.0
"""What browsers' echo cancellers leave of a loudspeaker, against a voice close by."""
_LISTEN = """async ([coded, rate_hz, guarded_s]) => {
  const { VoiceActivity } = await import("/personify/live/vad.js");
  const bytes = Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
  const sound = Float32Array.from(new Int16Array(bytes.buffer), (value) => value / 32768);
  const voice = new VoiceActivity({ rate_hz });
  const [begun, ended] = [[], []];
  for (let at = 0; at < sound.length; at += 512) {
    voice.guarded = guarded_s !== null && at >= guarded_s * rate_hz;
    const told = voice.push(sound.subarray(at, at + 512));
    const now_s = Math.min(at + 512, sound.length) / rate_hz;
    if (told.begun) begun.push(now_s);
    if (told.ended) ended.push(now_s);
  }
  return { begun, ended };
}"""


def _white(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.normal(0, 1, n)


def _pink(rng: np.random.Generator, n: int) -> np.ndarray:
    """Falls by 3 dB an octave, as rain and traffic do."""
    spectrum = np.fft.rfft(rng.normal(0, 1, n))
    return np.asarray(np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), n))


def _fan(rng: np.random.Generator, n: int) -> np.ndarray:
    """Low rumble that wavers."""
    spectrum, hz = np.fft.rfft(rng.normal(0, 1, n)), np.fft.rfftfreq(n, 1 / RATE_HZ)
    rumble = np.fft.irfft(spectrum / (1 + (hz / 400) ** 2), n)
    return np.asarray(rumble * (1 + 0.2 * np.sin(2 * np.pi * 2.3 * np.arange(n) / RATE_HZ)))


def _keys(rng: np.random.Generator, n: int) -> np.ndarray:
    """Somebody types, five keys a second."""
    sound = 0.05 * rng.normal(0, 1, n)
    length, fade = round(0.03 * RATE_HZ), 0.0055 * RATE_HZ
    for at in rng.integers(0, n - length, 5 * n // RATE_HZ):
        sound[at : at + length] += 2 * rng.normal(0, 1, length) * np.exp(-np.arange(length) / fade)
    return sound


NOISES: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "white": _white, "pink": _pink, "fan": _fan, "keys": _keys,
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """`samples` float32 (n,) at `RATE_HZ`, in which somebody speaks from `start_s` to `end_s`; both None where nobody
    does."""

    name: str
    snr_db: int
    samples: np.ndarray
    start_s: float | None
    end_s: float | None
    guarded_s: float | None = None
    """From when on the avatar speaks, if it does."""


@dataclass(frozen=True)
class Noticed:
    """When the page noticed that voices began and ended, in seconds of the case's sound."""

    case: Case
    begun: tuple[float, ...]
    ended: tuple[float, ...]

    @property
    def delay_s(self) -> float | None:
        """From the first sound to the notice; None for a voice that was missed."""
        start_s, end_s = self.case.start_s, self.case.end_s
        assert start_s is not None and end_s is not None
        inside = [at for at in self.begun if start_s - _EARLY_S <= at <= end_s + 0.3]
        return max(0.0, inside[0] - start_s) if inside else None

    @property
    def made_up(self) -> int:
        """How many voices it noticed where nobody spoke."""
        start_s, end_s = self.case.start_s, self.case.end_s
        if start_s is None or end_s is None:
            return len(self.begun)
        return sum(not start_s - _EARLY_S <= at <= end_s + 0.3 for at in self.begun)


def cases(tones: int = 6, snrs_db: Sequence[int] = SNRS_DB, seed: int = 7) -> Iterator[Case]:
    """Each noise and SNR with a sentence in each of so many tones; then a minute of each noise alone; then what is left
    of the avatar's own voice."""
    rng = np.random.default_rng(seed)
    names = sorted(tones_of(BUILT_IN))
    speaking = names[:: max(1, len(names) // tones)][:tones]
    for i, name in enumerate(speaking):
        for j, (kind, noise) in enumerate(NOISES.items()):
            for k, snr_db in enumerate(snrs_db):
                text = SENTENCES[(i + 3 * j + k) % len(SENTENCES)]
                voice, start_s, end_s = _spoken(name, text)
                room = _scaled(noise(rng, len(voice)), _LEVEL * 10 ** (-snr_db / 20))
                told = f"{name}, {kind} at {snr_db} dB: {text}"
                yield Case(told, snr_db, voice + room, start_s, end_s)
    for kind, noise in NOISES.items():
        yield Case(f"{kind} alone", 10, _scaled(noise(rng, 60 * RATE_HZ), _LEVEL * 10 ** (-10 / 20)), None, None)
    for i, name in enumerate(speaking):
        yield from _echoes(rng, name, speaking[(i + 1) % len(speaking)], SENTENCES[i % len(SENTENCES)])


def _echoes(rng: np.random.Generator, own: str, other: str, text: str) -> Iterator[Case]:
    """The avatar's own voice, as the canceller leaves it; then somebody in another tone who interrupts it."""
    parts = [_spoken(own, sentence) for sentence in SENTENCES[:6:2]]
    said = np.concatenate([part[0][round(1.4 * RATE_HZ) :] for part in parts]) * 10 ** (_ECHO_DB / 20)
    guarded_s = parts[0][1] - 1.4
    said = said + _scaled(_white(rng, len(said)), _LEVEL * 10 ** (-40 / 20))
    yield Case(f"{own} from the loudspeaker", 40, said, None, None, guarded_s)
    voice, start_s, end_s = _spoken(other, text)
    voice = np.resize(voice, len(said)) * (np.arange(len(said)) < len(voice))
    yield Case(f"{other} interrupts {own}: {text}", 30, said + voice, start_s, end_s, guarded_s)


def _spoken(tone: str, text: str) -> tuple[np.ndarray, float, float]:
    """The sentence with silence around it, and when its first sound begins and its last ends."""
    speech = speak(text, tones_of(BUILT_IN)[tone])
    sounds = [phoneme for phoneme in speech.phonemes if phoneme.symbol != SILENCE]
    start_s, end_s = sounds[0].start_s, sounds[-1].end_s
    samples = resampled(speech.samples, speech.sample_rate_hz, RATE_HZ).astype(np.float64)
    inside = samples[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
    samples = samples * _LEVEL / np.sqrt((inside**2).mean())
    around = [np.zeros(round(seconds * RATE_HZ)) for seconds in (_LEAD_S, _TAIL_S)]
    return np.concatenate([around[0], samples, around[1]]), _LEAD_S + start_s, _LEAD_S + end_s


def _scaled(noise: np.ndarray, level: float) -> np.ndarray:
    return noise * level / np.sqrt((noise**2).mean())


def listen(browser: "Browser", heard: Iterator[Case]) -> Iterator[Noticed]:
    """What the page notices of each case."""
    page = browser.new_page()
    try:
        open_scripts(page)
        for case in heard:
            coded = base64.b64encode((np.clip(case.samples, -1, 1) * 32767).astype("<i2").tobytes()).decode("ascii")
            told = page.evaluate(_LISTEN, [coded, RATE_HZ, case.guarded_s])
            yield Noticed(case, tuple(told["begun"]), tuple(told["ended"]))
    finally:
        page.close()


def rates(noticed: Sequence[Noticed]) -> list[Rate]:
    """The figures: by SNR, and of what is no voice."""
    found: list[Rate] = []
    spoken = [one for one in noticed if one.case.start_s is not None and one.case.guarded_s is None]
    for snr_db in sorted({one.case.snr_db for one in spoken}, reverse=True):
        found += _of_voices(f"at {snr_db} dB", [one for one in spoken if one.case.snr_db == snr_db])
    ended = [one for one in spoken if one.ended]
    after = sorted(one.ended[-1] - one.case.end_s for one in ended if one.case.end_s is not None)
    found.append(Rate("s from the last sound to the end, median", _at(after, 0.5), len(ended), most=0.9))
    endless = tuple(one.case.name for one in spoken if not one.ended)
    share = len(endless) / max(1, len(spoken))
    found.append(
        Rate(f"share not ended {_TAIL_S:g} s after the last sound", share, len(spoken), endless[:5], most=0.05)
    )
    split = tuple(one.case.name for one in spoken if len(one.begun) - one.made_up > 1)
    found.append(Rate("share of sentences that were split", len(split) / max(1, len(spoken)), len(spoken), split[:5]))
    alone = [one for one in noticed if one.case.start_s is None and one.case.guarded_s is None]
    quiet = spoken + alone
    minutes = sum(_LEAD_S if one.case.start_s else len(one.case.samples) / RATE_HZ for one in quiet) / 60
    fooled = tuple(f"{one.made_up}: {one.case.name}" for one in quiet if one.made_up)
    made_up = sum(one.made_up for one in quiet)
    found.append(Rate("voices made up, a minute", made_up / max(minutes, 1e-9), len(quiet), fooled[:8], most=1.0))
    own = [one for one in noticed if one.case.guarded_s is not None]
    if own:
        by_itself = tuple(f"{one.made_up}: {one.case.name}" for one in own if one.made_up)
        share = len(by_itself) / len(own)
        found.append(Rate("share of avatars that interrupt themselves", share, len(own), by_itself[:5], most=0.0))
        found += _of_voices("while it speaks", [one for one in own if one.case.start_s is not None])
    return found


def _of_voices(where: str, spoken: Sequence[Noticed]) -> list[Rate]:
    delays = [one.delay_s for one in spoken]
    seen = sorted(delay for delay in delays if delay is not None)
    missed = tuple(one.case.name for one, delay in zip(spoken, delays, strict=True) if delay is None)
    kept = sum(delay <= KEPT_S for delay in seen) / max(1, len(seen))
    return [
        Rate(f"share of voices missed {where}", len(missed) / len(spoken), len(spoken), missed[:5], most=0.05),
        Rate(f"s until one is noticed {where}, median", _at(seen, 0.5), len(seen), most=0.25),
        Rate(f"s until one is noticed {where}, 95th percentile", _at(seen, 0.95), len(seen)),
        Rate(f"share that keep their beginning {where}", kept, len(seen), least=0.9),
    ]


def _at(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def main() -> None:
    """Prints a line for each figure, or JSON."""
    parser = argparse.ArgumentParser(description="How well the page tells a voice from a room.")
    parser.add_argument("--json", action="store_true", help="figures for machines")
    parser.add_argument("--tones", type=int, default=6, help="how many of the built-in tones speak")
    told = parser.parse_args()
    try:
        with chromium() as browser:
            found = rates(list(listen(browser, cases(told.tones))))
    except PersonifyError as error:
        sys.exit(str(error))
    if told.json:
        print(json.dumps(as_json(found), indent=2))  # noqa: T201 - an entry point
    else:
        report(found)


if __name__ == "__main__":
    main()
