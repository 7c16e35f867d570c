"""The motion track: how eyes, brows and head live while a speech is spoken or listened to; all of it from a seed.

What keeps it from making anybody's head swim: the head turns at no more than 40 degrees a second, practically all of
its motion lies below 3 Hz, and only the eyes jump (saccades of one or two frames). Knows nothing of pictures.
"""

from dataclasses import dataclass

import numpy as np

from personify.avatar.cues import LOOKAHEAD_S, Hearing
from personify.avatar.life import Life
from personify.avatar.moods import mood_of
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.speech import Speech

MOTION = (
    "blink", "squint", "gaze_x", "gaze_y", "lift", "inner", "smile",
    "yaw", "pitch", "roll", "shift_x", "shift_y", "breath",
)  # fmt: skip
"""blink 0 open to 1 shut; squint 0 to 1; gaze_x, gaze_y degrees against the head, right and down in
the picture positive; lift (brows), inner (brows' inner ends) and smile -1 to 1; yaw to the picture's right, pitch chin
up, roll clockwise, degrees; shift_x, shift_y eye distances, right and down; breath -1 to 1. All 0 at rest."""

_CHUNK_S = 4.0
"""So much is worked out at a time: movements that are over cost nothing in the next."""


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
        raise AttributeError(f"a motion track has no {name!r}, only: {', '.join(MOTION)}")


class MotionStream:
    """The motion track of a speech that comes in pieces, on one time line.

    The first frame is at rest, or as `start` (len(MOTION),) says, which eases over from whatever was shown before.
    Frames are handed out once nothing that follows can change them: `LOOKAHEAD_S` of what was pushed is held back.
    However a speech is cut, its frames are the same, as long as the text of each piece is what is said in it.
    Raises `BadInput` for an unknown expression or a senseless seed or frame rate.
    """

    def __init__(
        self, seed: int, fps: float = 25.0, expression: str = "neutral", *, start: np.ndarray | None = None
    ) -> None:
        _check(seed, fps)
        self._fps, self._start = fps, start
        self._life: Life | None = Life(seed, mood_of(expression), fps)
        self._hearing = Hearing()
        self._done = 0

    def push(self, speech: Speech) -> MotionTrack:
        """Takes the next piece; returns the frames that are certain now, maybe none."""
        life = self._alive()
        life.take(self._hearing.hear(speech))
        until_s = self._hearing.seconds - LOOKAHEAD_S
        # frame i shows (i + 0.5) / fps, so all whose moment has come by then
        return self._frames(life, int(np.floor(until_s * self._fps + 0.5)))

    def end(self) -> MotionTrack:
        """The remaining frames; nothing can be pushed any more."""
        life = self._alive()
        self._life = None
        return self._frames(life, int(np.ceil(self._hearing.seconds * self._fps)))

    def _alive(self) -> Life:
        if self._life is None:
            raise PersonifyError("this motion stream has ended; make a new one for what follows")
        return self._life

    def _frames(self, life: Life, until: int) -> MotionTrack:
        parts = [np.zeros((0, len(MOTION)), np.float32)]
        step = max(1, round(_CHUNK_S * self._fps))
        while self._done < until:
            after = min(until, self._done - self._done % step + step)
            if self._done % step == 0:  # always at the same frames, so that sums come out alike however speech is cut
                life.curves.fold(self._done / self._fps)
            times = (np.arange(self._done, after) + 0.5) / self._fps
            life.live(float(times[-1]))
            parts.append(_values(life, times, self._start))
            self._done = after
        return MotionTrack(self._fps, np.concatenate(parts))


def motion_track(
    speech: Speech, *, seed: int, fps: float = 25.0, expression: str = "neutral", start: np.ndarray | None = None
) -> MotionTrack:
    """How a face lives while a speech is spoken: ceil(duration * fps) frames, the first one at rest (or `start`).

    Raises `BadInput` for an unknown expression or a senseless seed or frame rate.
    """
    stream = MotionStream(seed, fps, expression, start=start)
    parts = [stream.push(speech).values, stream.end().values]
    return MotionTrack(fps, np.concatenate(parts))


def idle_track(
    seconds: float,
    *,
    seed: int,
    fps: float = 25.0,
    expression: str = "neutral",
    loop: bool = True,
    start: np.ndarray | None = None,
) -> MotionTrack:
    """How a face lives while it listens.

    A loop has round(seconds * fps) frames, at least one, and after its last the first may follow: all that moves is
    over by then, and the sways' periods divide it. Without `loop` it begins at rest (or at `start`), like a speech.
    Raises `BadInput` for an unknown expression or a senseless seed, frame rate or length.
    """
    _check(seed, fps)
    if not 0 <= seconds <= 3600:
        raise BadInput(f"an idle track of {seconds} s can't be made; ask for 0 to 3600 s")
    if not loop:
        rate_hz = 1000
        silence = Speech("", np.zeros(round(seconds * rate_hz), np.float32), rate_hz, ())
        return motion_track(silence, seed=seed, fps=fps, expression=expression, start=start)
    n_frames = max(1, round(seconds * fps))
    life = Life(seed, mood_of(expression), fps, period_s=n_frames / fps)
    life.live_in_loop()
    return MotionTrack(fps, _values(life, (np.arange(n_frames) + 0.5) / fps, None))


def _values(life: Life, times: np.ndarray, start: np.ndarray | None) -> np.ndarray:
    """Float32 (n, len(MOTION)); rounded, so that the order of sums leaves no trace."""
    channels = life.values(times, None if start is None else dict(zip(MOTION, map(float, start), strict=True)))
    return np.stack([np.round(channels[name], 6) for name in MOTION], axis=1).astype(np.float32) + np.float32(0)


def _check(seed: int, fps: float) -> None:
    if seed < 0:
        raise BadInput(f"the seed {seed} is below 0; take a whole number from 0 on")
    if not 1 <= fps <= 240:
        raise BadInput(f"{fps} frames a second can't be animated; take 1 to 240")
