"""The motion track: blinks, gaze-free head sway, nods and brows on stressed syllables, breath; all from a seed."""

from dataclasses import dataclass, replace

import numpy as np

from personify.voices.speech import SILENCE, Speech, TimedPhoneme

BLINKS_PER_MINUTE = 16.0
"""Adults at rest and in talk blink 10 to 25 times a minute (Bentivoglio et al. 1997)."""
_CLOSE_S, _HOLD_S, _OPEN_S = 0.08, 0.05, 0.16
_CALM = {"sleepy": 0.55, "stern": 0.6, "shy": 0.75, "dreamy": 0.8, "happy": 1.2, "mischievous": 1.2, "surprised": 1.15}


MOTION = (
    "blink", "squint", "gaze_x", "gaze_y", "lift", "inner", "smile",
    "yaw", "pitch", "roll", "shift_x", "shift_y", "breath",
)  # fmt: skip
"""blink 0 open to 1 shut; squint 0 to 1; gaze_x, gaze_y degrees, right and down in the picture positive; lift, inner,
smile -1 to 1; yaw, pitch, roll degrees; shift_x, shift_y eye distances; breath -1 to 1. All 0 at rest."""


@dataclass(frozen=True)
class MotionTrack:
    """How a face lives: `values` float32 (n_frames, len(MOTION)); frame i shows the moment (i + 0.5) / fps."""

    fps: float
    values: np.ndarray

    @property
    def n_frames(self) -> int:
        """How many frames there are."""
        return len(self.values)

    def channel(self, name: str) -> np.ndarray:
        """One channel of MOTION over time, (n_frames,)."""
        return self.values[:, MOTION.index(name)]

    def __getattr__(self, name: str) -> np.ndarray:
        """The channels by their names; `brow` is `lift`."""
        if name == "brow" or name in MOTION:
            return self.channel("lift" if name == "brow" else name)
        raise AttributeError(name)


class MotionStream:
    """The motion track of a speech that comes in pieces."""

    def __init__(self, seed: int, fps: float = 25.0, expression: str = "neutral") -> None:
        self._seed, self._fps, self._expression = seed, fps, expression
        self._pieces: list[Speech] = []

    def push(self, speech: Speech) -> MotionTrack:
        """Takes the next piece and hands out the frames that nothing later can change."""
        self._pieces.append(speech)
        return MotionTrack(self._fps, np.zeros((0, len(MOTION)), np.float32))

    def end(self) -> MotionTrack:
        """The remaining frames."""
        phonemes: list[TimedPhoneme] = []
        at = 0.0
        for piece in self._pieces:
            phonemes += [replace(p, start_s=p.start_s + at, end_s=p.end_s + at) for p in piece.phonemes]
            at += piece.duration_s
        return _track(at, tuple(phonemes), self._seed, self._fps, self._expression)


def motion_track(speech: Speech, *, seed: int, fps: float = 25.0, expression: str = "neutral") -> MotionTrack:
    """How the head and eyes live while a speech is spoken: ceil(duration * fps) frames, the first one at rest."""
    return _track(speech.duration_s, speech.phonemes, seed, fps, expression)


def idle_track(
    seconds: float, *, seed: int, fps: float = 25.0, expression: str = "neutral", loop: bool = True
) -> MotionTrack:
    """How the head and eyes live while listening."""
    return _track(seconds, (), seed, fps, expression)


def _track(
    duration_s: float, phonemes: tuple[TimedPhoneme, ...], seed: int, fps: float, expression: str
) -> MotionTrack:
    n_frames = int(np.ceil(duration_s * fps))
    times = (np.arange(n_frames) + 0.5) / fps
    rng = np.random.default_rng([seed, 0x6D6F7469])
    ease = _smooth(np.clip((times - 0.5 / fps) / 0.6, 0, 1))
    lively = _CALM.get(expression, 1.0) * ease

    def sway(amount: float, period_s: float) -> np.ndarray:
        return amount * lively * _wander(times, period_s, rng)

    speech = Speech("", np.zeros(round(duration_s * 1000), np.float32), 1000, phonemes)
    accents = _accents(speech, times, rng)
    values = {
        "blink": _blinks(speech, times, rng, expression),
        "yaw": sway(3.2, 2.6),
        "pitch": sway(1.5, 2.1) + 2.2 * lively * accents["nod"],
        "roll": sway(1.9, 3.1),
        "shift_x": sway(0.022, 2.9),
        "shift_y": sway(0.01, 2.3) + 0.012 * lively * accents["nod"],
        "lift": sway(0.12, 2.4) + 0.75 * ease * accents["brow"],
        "breath": ease * np.sin(2 * np.pi * times / 3.8),
    }
    zero = np.zeros(n_frames)
    return MotionTrack(fps, np.stack([values.get(name, zero) for name in MOTION], 1).astype(np.float32))


def _accents(speech: Speech, times: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Brows and nods on some of the stressed vowels; a brow rises a little before its syllable."""
    out = {"brow": np.zeros_like(times), "nod": np.zeros_like(times)}
    last = -1.0
    for phoneme in speech.phonemes:
        if phoneme.stress != 2 or phoneme.start_s - last < 0.45:
            continue
        last = phoneme.start_s
        middle = (phoneme.start_s + phoneme.end_s) / 2
        if rng.random() < 0.55:
            out["nod"] += rng.uniform(0.5, 1.0) * np.exp(-(((times - middle) / 0.13) ** 2))
        if rng.random() < 0.5:
            out["brow"] += rng.uniform(0.4, 1.0) * np.exp(-(((times - middle + 0.06) / 0.16) ** 2))
    return {name: np.clip(track, 0, 1) for name, track in out.items()}


def _blinks(speech: Speech, times: np.ndarray, rng: np.random.Generator, expression: str) -> np.ndarray:
    """Blinks at a natural rate, drawn into pauses where one is near."""
    pauses = [(p.start_s + p.end_s) / 2 for p in speech.phonemes if p.symbol == SILENCE and p.end_s - p.start_s > 0.12]
    rate = BLINKS_PER_MINUTE * (0.8 if expression in ("stern", "surprised") else 1.0)
    out, at = np.zeros_like(times), rng.uniform(0.7, 2.0)
    while at < speech.duration_s - _OPEN_S:
        near = [p for p in pauses if abs(p - at) < 0.5 and p > 0.3]
        moment = min(near, key=lambda p: abs(p - at)) if near else at
        out = np.maximum(out, _one_blink(times, moment))
        at = max(at, moment) + np.clip(rng.gamma(4.0, 60 / rate / 4.0), 1.6, 7.0)
    return out


def _one_blink(times: np.ndarray, moment: float) -> np.ndarray:
    """Quickly shut, a moment held, more slowly open; the frame nearest to the moment is fully shut."""
    if len(times):
        moment = float(times[np.abs(times - moment).argmin()])
    closing = _smooth(np.clip((times - (moment - _HOLD_S / 2 - _CLOSE_S)) / _CLOSE_S, 0, 1))
    opening = _smooth(np.clip((times - (moment + _HOLD_S / 2)) / _OPEN_S, 0, 1))
    return closing * (1 - opening)


def _wander(times: np.ndarray, period_s: float, rng: np.random.Generator) -> np.ndarray:
    """Smooth noise within about [-1, 1]: a few sines of incommensurate periods with random phases."""
    total = np.zeros_like(times)
    for factor, weight in ((1.0, 0.55), (0.618, 0.3), (0.37, 0.15)):
        phase, stretch = rng.uniform(0, 2 * np.pi), rng.uniform(0.85, 1.15)
        total += weight * np.sin(2 * np.pi * times / (period_s * factor * stretch) + phase)
    return total


def _smooth(x: np.ndarray) -> np.ndarray:
    return x * x * (3 - 2 * x)
