"""The motion track: blinks, gaze-free head sway, nods and brows on stressed syllables, breath; all from a seed."""

from dataclasses import dataclass

import numpy as np

from personify.voices.speech import SILENCE, Speech

BLINKS_PER_MINUTE = 16.0
"""Adults at rest and in talk blink 10 to 25 times a minute (Bentivoglio et al. 1997)."""
_CLOSE_S, _HOLD_S, _OPEN_S = 0.08, 0.05, 0.16
_CALM = {"sleepy": 0.55, "stern": 0.6, "shy": 0.75, "dreamy": 0.8, "happy": 1.2, "mischievous": 1.2, "surprised": 1.15}


@dataclass(frozen=True)
class MotionTrack:
    """One value a frame, float32 (n_frames,) each: `blink` 0 open to 1 shut; `yaw`, `pitch`, `roll` degrees; `shift_x`,
    `shift_y` in eye distances; `brow` 0 at rest to 1 raised, below 0 frowning; `breath` -1 to 1."""

    fps: float
    blink: np.ndarray
    yaw: np.ndarray
    pitch: np.ndarray
    roll: np.ndarray
    shift_x: np.ndarray
    shift_y: np.ndarray
    brow: np.ndarray
    breath: np.ndarray

    @property
    def n_frames(self) -> int:
        """How many frames there are."""
        return len(self.blink)


def motion_track(speech: Speech, *, seed: int, fps: float = 25.0, expression: str = "neutral") -> MotionTrack:
    """How the head and eyes live while a speech is spoken; the first frame is at rest."""
    n_frames = int(np.ceil(speech.duration_s * fps))
    times = (np.arange(n_frames) + 0.5) / fps
    rng = np.random.default_rng([seed, 0x6D6F7469])
    ease = _smooth(np.clip((times - 0.5 / fps) / 0.6, 0, 1))
    lively = _CALM.get(expression, 1.0) * ease

    def sway(amount: float, period_s: float) -> np.ndarray:
        return (amount * lively * _wander(times, period_s, rng)).astype(np.float32)

    accents = _accents(speech, times, rng)
    return MotionTrack(
        fps=fps,
        blink=_blinks(speech, times, rng, expression).astype(np.float32),
        yaw=sway(3.2, 2.6),
        pitch=(sway(1.5, 2.1) + 2.2 * lively * accents["nod"]).astype(np.float32),
        roll=sway(1.9, 3.1),
        shift_x=sway(0.022, 2.9),
        shift_y=(sway(0.01, 2.3) + 0.012 * lively * accents["nod"]).astype(np.float32),
        brow=(sway(0.12, 2.4) + 0.75 * ease * accents["brow"]).astype(np.float32),
        breath=(ease * np.sin(2 * np.pi * times / 3.8)).astype(np.float32),
    )


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
