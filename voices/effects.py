"""Effects: what happens to a voice after the engine, as data run through `pedalboard`, in step with the phonemes.

Knows nothing of tones or engines: speech in, speech out. Plugins keep every sample in its place; `Size` stretches
sound and phonemes alike; a ringing effect lengthens the last pause until it has died away.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from personify.voices.speech import SILENCE, Speech, TimedPhoneme

if TYPE_CHECKING:
    from pedalboard import Plugin

Hz = Annotated[float, Field(gt=0, le=11000)]
Share = Annotated[float, Field(ge=0, le=1)]


_BLOCK = 1 << 18
"""Samples resampled at a time: an hour of speech must not need ten times its own memory."""


def _pedalboard() -> Any:
    """The library, loaded when the first effect sounds and not before: it is native code and takes 0.1 s."""
    import pedalboard

    return pedalboard


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def _plugin(self) -> "Plugin":
        """The `pedalboard` plugin that does it, fresh, so that no earlier sound rings in it."""
        raise NotImplementedError

    def _run(self, samples: np.ndarray, rate_hz: int) -> np.ndarray:
        """float32 (n,) to float32 (n,)."""
        return np.asarray(self._plugin()(samples[None], rate_hz)[0])

    @property
    def rings_s(self) -> float:
        """The longest it can go on sounding after the voice."""
        return 0.0


class Size(_Step):
    """A larger (`factor` > 1) or smaller body: pitch and resonances move together, like a tape at another speed."""

    effect: Literal["size"]
    factor: Annotated[float, Field(ge=0.5, le=2)]

    def _run(self, samples: np.ndarray, rate_hz: int) -> np.ndarray:
        return _resampled(samples, self.factor)


class Lowpass(_Step):
    """Nothing above `hz`, `slopes` times 6 dB per octave."""

    effect: Literal["lowpass"]
    hz: Hz
    slopes: Annotated[int, Field(ge=1, le=8)] = 2

    def _run(self, samples: np.ndarray, rate_hz: int) -> np.ndarray:
        library = _pedalboard()
        board = library.Pedalboard([library.LowpassFilter(self.hz) for _ in range(self.slopes)])
        return np.asarray(board(samples[None], rate_hz)[0])


class Highpass(_Step):
    """Nothing below `hz`, `slopes` times 6 dB per octave."""

    effect: Literal["highpass"]
    hz: Hz
    slopes: Annotated[int, Field(ge=1, le=8)] = 2

    def _run(self, samples: np.ndarray, rate_hz: int) -> np.ndarray:
        library = _pedalboard()
        board = library.Pedalboard([library.HighpassFilter(self.hz) for _ in range(self.slopes)])
        return np.asarray(board(samples[None], rate_hz)[0])


class Peak(_Step):
    """A resonance (or a dip) of `gain_db` around `hz`."""

    effect: Literal["peak"]
    hz: Hz
    gain_db: Annotated[float, Field(ge=-24, le=24)]
    q: Annotated[float, Field(gt=0, le=12)] = 1.0

    def _plugin(self) -> "Plugin":
        return _pedalboard().PeakFilter(self.hz, self.gain_db, self.q)


class Distortion(_Step):
    """Overdriven by `drive_db`."""

    effect: Literal["distortion"]
    drive_db: Annotated[float, Field(ge=0, le=40)]

    def _plugin(self) -> "Plugin":
        return _pedalboard().Distortion(self.drive_db)


class Bitcrush(_Step):
    """As few as `bits` per sample."""

    effect: Literal["bitcrush"]
    bits: Annotated[float, Field(ge=3, le=16)]

    def _plugin(self) -> "Plugin":
        return _pedalboard().Bitcrush(self.bits)


class Chorus(_Step):
    """Several voices that drift against each other."""

    effect: Literal["chorus"]
    rate_hz: Annotated[float, Field(gt=0, le=20)] = 1.0
    depth: Share = 0.25
    mix: Share = 0.5

    def _plugin(self) -> "Plugin":
        return _pedalboard().Chorus(rate_hz=self.rate_hz, depth=self.depth, mix=self.mix)


class Phaser(_Step):
    """Moving notches: something that turns or swirls."""

    effect: Literal["phaser"]
    rate_hz: Annotated[float, Field(gt=0, le=20)] = 0.6
    depth: Share = 0.6
    mix: Share = 0.6

    def _plugin(self) -> "Plugin":
        return _pedalboard().Phaser(rate_hz=self.rate_hz, depth=self.depth, mix=self.mix)


class Echo(_Step):
    """Repeats after `delay_s`; below 0.02 s the repeats fuse into the ring of a pipe or a tin."""

    effect: Literal["echo"]
    delay_s: Annotated[float, Field(gt=0, le=1)]
    feedback: Annotated[float, Field(ge=0, le=0.9)] = 0.3
    mix: Share = 0.3

    def _plugin(self) -> "Plugin":
        return _pedalboard().Delay(self.delay_s, self.feedback, self.mix)

    @property
    def rings_s(self) -> float:
        """Repeats until they are 60 dB down."""
        repeats = 1 + np.log(1e-3) / np.log(max(self.feedback, 1e-3))
        return min(4.0, self.delay_s * float(repeats))


class Reverb(_Step):
    """A room."""

    effect: Literal["reverb"]
    room: Share = 0.5
    wet: Share = 0.25
    damping: Share = 0.5

    def _plugin(self) -> "Plugin":
        return _pedalboard().Reverb(
            room_size=self.room, damping=self.damping, wet_level=self.wet, dry_level=1 - self.wet
        )

    @property
    def rings_s(self) -> float:
        """An upper bound; what has died away sooner is cut off."""
        return 1.0 + 2.5 * self.room


class Ring(_Step):
    """Multiplied with a sine of `hz`: the classic robot."""

    effect: Literal["ring"]
    hz: Hz
    mix: Share = 0.6

    def _run(self, samples: np.ndarray, rate_hz: int) -> np.ndarray:
        carrier = np.sin(2 * np.pi * self.hz / rate_hz * np.arange(len(samples)))
        return np.asarray(samples * (1 - self.mix + self.mix * 1.4 * carrier), dtype=np.float32)


class Tremolo(_Step):
    """Loudness that wavers by `depth`, `rate_hz` times a second."""

    effect: Literal["tremolo"]
    rate_hz: Annotated[float, Field(gt=0, le=40)]
    depth: Share = 0.4

    def _run(self, samples: np.ndarray, rate_hz: int) -> np.ndarray:
        wave = np.sin(2 * np.pi * self.rate_hz / rate_hz * np.arange(len(samples)))
        return np.asarray(samples * (1 - self.depth * (0.5 + 0.5 * wave)), dtype=np.float32)


class Hiss(_Step):
    """Steady noise, `level_db` below full scale; the same noise every time."""

    effect: Literal["hiss"]
    level_db: Annotated[float, Field(ge=-80, le=-20)]

    def _run(self, samples: np.ndarray, rate_hz: int) -> np.ndarray:
        noise = np.random.default_rng(0).standard_normal(len(samples), dtype=np.float32)
        return samples + noise * np.float32(10 ** (self.level_db / 20))


Effect = Annotated[
    Size | Lowpass | Highpass | Peak | Distortion | Bitcrush | Chorus | Phaser | Echo | Reverb | Ring | Tremolo | Hiss,
    Field(discriminator="effect"),
]


def stretch_of(effects: tuple[Any, ...]) -> float:
    """How many times longer the speech gets."""
    return float(np.prod([step.factor for step in effects if isinstance(step, Size)]))


def apply_effects(speech: Speech, effects: tuple[Any, ...]) -> Speech:
    """`speech` through the chain, in order.

    The phonemes follow the sound; what rings after them is part of the last pause.
    """
    if not effects:
        return speech
    rate_hz, stretch = speech.sample_rate_hz, stretch_of(effects)
    rings = round(sum(step.rings_s for step in effects) * rate_hz)
    samples = np.concatenate([speech.samples, np.zeros(rings, np.float32)])
    for step in effects:
        samples = step._run(samples, rate_hz)
    length = round(len(speech.samples) * stretch)
    samples = _without_dead_end(samples, length)
    phonemes = tuple(replace(p, start_s=p.start_s * stretch, end_s=p.end_s * stretch) for p in speech.phonemes)
    return replace(speech, samples=samples, phonemes=_last_pause_until(phonemes, len(samples) / rate_hz))


def _resampled(samples: np.ndarray, factor: float) -> np.ndarray:
    """float32 (n,) to (round(n * factor),): band-limited interpolation with a Hann-windowed sinc (Smith 2002, CCRMA).

    Its fractional positions are rounded to 1/256 of a sample, which is 48 dB below the sound where it is worst.
    """
    taps, phases = 16, 256
    cutoff = min(1.0, factor) * 0.95
    offsets = np.arange(taps) - taps // 2 + 1
    distance = offsets[None, :] - np.arange(phases)[:, None] / phases
    kernel = cutoff * np.sinc(cutoff * distance) * np.cos(np.pi * distance / (taps + 2)) ** 2
    kernel = np.ascontiguousarray((kernel / kernel.sum(axis=1, keepdims=True)).T, dtype=np.float32)
    padded = np.pad(samples, taps)
    result = np.zeros(round(len(samples) * factor), np.float32)
    for start in range(0, len(result), _BLOCK):
        part = result[start : start + _BLOCK]
        positions = np.arange(start, start + len(part)) / factor
        whole = positions.astype(np.int64)
        phase = ((positions - whole) * phases).astype(np.int64)
        for tap, offset in enumerate(offsets):
            part += padded.take(whole + (taps + offset)) * kernel[tap].take(phase)
    return result


def _without_dead_end(samples: np.ndarray, at_least: int) -> np.ndarray:
    """Cut where the sound has fallen 60 dB below its peak for good, but keep `at_least` samples."""
    loud = np.flatnonzero(np.abs(samples) > 1e-3 * float(np.abs(samples).max(initial=0.0)))
    end = max(at_least, int(loud[-1]) + 1 if len(loud) else 0)
    return np.pad(samples[:end], (0, max(0, at_least - len(samples))))


def _last_pause_until(phonemes: tuple[TimedPhoneme, ...], end_s: float) -> tuple[TimedPhoneme, ...]:
    if not phonemes or phonemes[-1].symbol != SILENCE:
        start_s = phonemes[-1].end_s if phonemes else 0.0
        return (*phonemes, TimedPhoneme(SILENCE, start_s, end_s)) if end_s > start_s else phonemes
    return (*phonemes[:-1], replace(phonemes[-1], end_s=end_s))
