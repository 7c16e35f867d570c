"""The rig: what animates one portrait. Mouth, brows and eyes move in the resting picture, then the pose the whole."""

from dataclasses import dataclass, field, replace

import numpy as np

from personify.avatar.brows import Brows, BrowShape
from personify.avatar.eyes import Eyes, EyeShape
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import COUNT, NOSE_TIP, inter_ocular
from personify.avatar.mouth import Mouth, MouthShape
from personify.avatar.outline import outline
from personify.avatar.plate import Window
from personify.avatar.portrait import Portrait
from personify.avatar.pose import Pose, PoseShape
from personify.voices.errors import PersonifyError

_SMALLEST_PX = 8.0
"""The least distance between the eyes, pixels: less shows no lips."""
_GAZE_STEP, _SHARE_STEP = 0.2, 1 / 128
"""Steps of the gaze (degrees) and of brows (share) that move nothing by more than a tenth of a pixel at 512 px. Eyes
and brows that moved by less are not drawn again: they drift in every frame."""
_BEYOND = 0.25
"""How far, in the picture's sizes, a face that the border cuts may reach beyond it."""


@dataclass(frozen=True)
class FaceShape:
    """Everything that one frame wants of a face; at rest it is the portrait."""

    mouth: MouthShape = field(default_factory=MouthShape)
    pose: PoseShape = field(default_factory=PoseShape)
    eyes: EyeShape = field(default_factory=EyeShape)
    brows: BrowShape = field(default_factory=BrowShape)


@dataclass(frozen=True)
class _UpperFace:
    """Brows and eyes as they were drawn last."""

    brows: BrowShape
    eyes: EyeShape
    pixels: np.ndarray
    changed: np.ndarray | None
    """By how much they differ from the character where the mouth's window reaches, int16, if at all."""


class Rig:
    """Draws frames of one portrait. A frame depends on its shape alone, so frames may be asked for in any order and
    from several threads.

    A portrait without a mask gets one where its outline is plain; where it isn't, only the head moves, softly.
    """

    def __init__(self, portrait: Portrait) -> None:
        landmarks = checked_landmarks(portrait)
        frame = FaceFrame.of(landmarks)
        self._portrait = np.ascontiguousarray(portrait.image)
        mask = outline(self._portrait, landmarks) if portrait.mask is None else portrait.mask
        self._pose = Pose(self._portrait, landmarks, portrait.depth, mask, frame)
        self._character = self._pose.character
        self._mouth = Mouth(self._character, landmarks, frame)
        self._brows = Brows(self._character, landmarks, frame)
        self._eyes = Eyes(self._character, landmarks, frame)
        self._upper = _around([*self._brows.windows, *self._eyes.windows])
        self._shared = _within(self._upper, self._mouth.window)
        self._face = _around([self._upper, self._mouth.window])
        self._last = _UpperFace(BrowShape(), EyeShape(), self._character[self._upper], None)

    def draw(self, shape: FaceShape) -> np.ndarray:
        """One frame, uint8 RGB (H, W, 3)."""
        if shape == FaceShape():
            return self._portrait.copy()
        picture = self._character.copy()
        upper = self._upper_face(picture, shape)
        if not shape.mouth.at_rest:
            picture[self._mouth.window] = self._mouth.draw(shape.mouth)
            if upper.changed is not None:  # what lies in both windows hardly moves: the changes add up
                shared = picture[self._shared]
                np.copyto(shared, np.clip(shared + upper.changed, 0, 255), casting="unsafe")
        return self._pose.move(picture, shape.pose, self._face)

    def _upper_face(self, picture: np.ndarray, shape: FaceShape) -> _UpperFace:
        """Draws brows and eyes into the character's picture, which is changed."""
        brows, eyes = _in_steps(shape.brows, shape.eyes)
        last = self._last
        if (brows, eyes) == (last.brows, last.eyes):
            picture[self._upper] = last.pixels
            return last
        self._brows.draw(picture, brows)
        self._eyes.draw(picture, eyes)
        changed = picture[self._shared].astype(np.int16) - self._character[self._shared]
        drawn = _UpperFace(brows, eyes, picture[self._upper].copy(), changed if changed.any() else None)
        self._last = drawn
        return drawn


def _in_steps(brows: BrowShape, eyes: EyeShape) -> tuple[BrowShape, EyeShape]:
    """The same shapes in steps too small to see."""
    lift, inner = (round(share / _SHARE_STEP) * _SHARE_STEP for share in (brows.lift, brows.inner))
    gaze_x, gaze_y = (round(angle / _GAZE_STEP) * _GAZE_STEP for angle in (eyes.gaze_x, eyes.gaze_y))
    return BrowShape(lift, inner), replace(eyes, gaze_x=gaze_x, gaze_y=gaze_y)


def _around(windows: list[Window]) -> Window:
    """The window (rows, columns) that holds them all."""
    rows, columns = ([window[axis] for window in windows] for axis in (0, 1))
    return _span(rows), _span(columns)


def _span(spans: list[slice]) -> slice:
    return slice(min(span.start for span in spans), max(span.stop for span in spans))


def _within(one: Window, other: Window) -> Window:
    """What lies in both windows, perhaps nothing."""
    starts = [max(a.start, b.start) for a, b in zip(one, other, strict=True)]
    stops = [max(start, min(a.stop, b.stop)) for start, a, b in zip(starts, one, other, strict=True)]
    return slice(starts[0], stops[0]), slice(starts[1], stops[1])


def build_rig(portrait: Portrait) -> Rig:
    """The rig of a portrait; raises `PersonifyError` for one whose parts don't belong together, see `Rig`."""
    return Rig(portrait)


def checked_landmarks(portrait: Portrait) -> np.ndarray:
    """The portrait's landmarks, (478, 2) pixels, if they can be of its picture; else a `PersonifyError`."""
    image, landmarks, depth, mask = portrait.image, portrait.landmarks, portrait.depth, portrait.mask
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise PersonifyError(
            f"a portrait's picture is uint8 RGB (H, W, 3), not {image.dtype} {image.shape}; lay a picture with alpha"
            " over a background first"
        )
    if landmarks is None:
        raise PersonifyError("this portrait has no landmarks, so it can't be animated; draw it again with another seed")
    height, width = image.shape[:2]
    if landmarks.shape != (COUNT, 2) or not np.isfinite(landmarks).all():
        raise PersonifyError(f"a portrait's landmarks are {COUNT} points (x, y), not {landmarks.shape} or not finite")
    if depth is not None and (depth.shape != (COUNT,) or not np.isfinite(depth).all()):
        raise PersonifyError(f"a portrait's depth is one number for each of {COUNT} landmarks, not {depth.shape}")
    if mask is not None and (mask.shape != (height, width) or mask.dtype != np.uint8):
        raise PersonifyError(
            f"the mask (uint8 {height, width}) must be as large as its picture, not {mask.dtype} {mask.shape}"
        )
    if np.abs(landmarks / (width, height) - 0.5).max() > 0.5 + _BEYOND:
        raise PersonifyError("the landmarks lie outside the portrait; they belong to another picture")
    apart = inter_ocular(landmarks)
    if apart < _SMALLEST_PX or not _is_a_face(landmarks):
        raise PersonifyError(
            f"the landmarks are no face that can be moved (its eyes are {apart:.1f} px apart); they belong to another"
            " picture, or the face is too small: draw or crop it larger"
        )
    return landmarks


def _is_a_face(landmarks: np.ndarray) -> bool:
    """True if nose, mouth and chin lie below the eyes, in this order, in the face's own directions."""
    v = FaceFrame.of(landmarks).to_face(landmarks[[NOSE_TIP, 13, 152]])[:, 1]
    return bool(0.05 < v[0] < v[1] < v[2] < 6)
