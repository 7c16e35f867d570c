"""The talking head: a portrait and a speech, whole or in pieces that are still being spoken, become frames.

Nothing runs beside the reader: the next piece is asked for when all frames that can be known are taken, so whoever
stops reading leaves no thread behind and nothing grows.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

import numpy as np

from personify.avatar.brows import BrowShape
from personify.avatar.eyes import EyeShape
from personify.avatar.motion import MOTION, MotionStream, MotionTrack, idle_track
from personify.avatar.mouth import MouthShape
from personify.avatar.portrait import Portrait
from personify.avatar.pose import PoseShape
from personify.avatar.rig import FaceShape, Rig, build_rig
from personify.avatar.visemes import CHANNELS, VisemeStream, VisemeTrack
from personify.voices.speech import Speech

SHAPE_CHANNELS = CHANNELS + MOTION
"""Every value of a face shape by name: the lips', then the rest of the face's; see `visemes.py` and `motion.py`."""

Part = TypeVar("Part", MouthShape, PoseShape, EyeShape, BrowShape)
Draw = Callable[[FaceShape], np.ndarray]


def animate(
    portrait: Portrait | Rig,
    speech: Speech | Iterable[Speech],
    *,
    seed: int,
    fps: float = 25.0,
    expression: str = "neutral",
) -> Iterator[np.ndarray]:
    """Frames of the portrait speaking, uint8 RGB (H, W, 3), ceil(duration * fps) of them; the first is the portrait.

    Pieces of speech are taken as they come and their frames given out at once, but for about a quarter of a second that
    the next piece can still change; the frames are those of one speech of the same phonemes and samples. Give a `Rig`
    instead of a portrait to make several clips with one. The same arguments give the same bytes.
    Raises `PersonifyError` for a portrait without landmarks and `BadInput` for an unknown expression, a senseless seed
    or frame rate, before the first frame is drawn.
    """
    rig = portrait if isinstance(portrait, Rig) else build_rig(portrait)
    return map(rig.draw, spoken_shapes(speech, seed=seed, fps=fps, expression=expression))


def idle(
    portrait: Portrait | Rig,
    seconds: float,
    *,
    seed: int,
    fps: float = 25.0,
    expression: str = "neutral",
    loop: bool = True,
) -> Iterator[np.ndarray]:
    """Frames of the portrait listening; with `loop` its first frame may follow its last, again and again.

    Errors: as for `animate`.
    """
    rig = portrait if isinstance(portrait, Rig) else build_rig(portrait)
    return map(rig.draw, idle_shapes(seconds, seed=seed, fps=fps, expression=expression, loop=loop))


def spoken_shapes(
    speech: Speech | Iterable[Speech], *, seed: int, fps: float = 25.0, expression: str = "neutral"
) -> Iterator[FaceShape]:
    """The face shapes of a speech or its pieces, one a frame, given out as soon as they are certain."""
    visemes, motion = VisemeStream(fps), MotionStream(seed, fps, expression)
    return _stream([speech] if isinstance(speech, Speech) else speech, visemes, motion)


def idle_shapes(
    seconds: float, *, seed: int, fps: float = 25.0, expression: str = "neutral", loop: bool = True
) -> Iterator[FaceShape]:
    """The face shapes of somebody who listens, one a frame."""
    motion = idle_track(seconds, seed=seed, fps=fps, expression=expression, loop=loop)
    return face_shapes(VisemeTrack(fps, np.zeros((motion.n_frames, len(CHANNELS)), np.float32)), motion)


def face_shapes(visemes: VisemeTrack, motion: MotionTrack) -> Iterator[FaceShape]:
    """One face shape a frame from the two tracks."""
    return (_joined(lips, life) for lips, life in zip(visemes.weights, motion.values, strict=True))


def face_shape(values: Mapping[str, float]) -> FaceShape:
    """The face shape with those of `SHAPE_CHANNELS`; what isn't named is at rest."""
    known = {name: float(values[name]) for name in SHAPE_CHANNELS if name in values}
    return FaceShape(_part(MouthShape, known), _part(PoseShape, known), _part(EyeShape, known), _part(BrowShape, known))


def _part(kind: type[Part], values: Mapping[str, float]) -> Part:
    """A part of the face shape from the values that carry its fields' names."""
    names = (name for name in kind.__dataclass_fields__ if name in values)
    return kind(**{name: values[name] for name in names})


def _stream(pieces: Iterable[Speech], visemes: VisemeStream, motion: MotionStream) -> Iterator[FaceShape]:
    lips: deque[np.ndarray] = deque()
    life: deque[np.ndarray] = deque()
    for piece in pieces:
        lips.extend(visemes.push(piece).weights)
        life.extend(motion.push(piece).values)
        while lips and life:
            yield _joined(lips.popleft(), life.popleft())
    lips.extend(visemes.end().weights)
    life.extend(motion.end().values)
    while lips and life:
        yield _joined(lips.popleft(), life.popleft())


def _joined(lips: np.ndarray, life: np.ndarray) -> FaceShape:
    return face_shape(dict(zip(SHAPE_CHANNELS, [*lips.tolist(), *life.tolist()], strict=True)))
