"""The rig: what animates one portrait. Mouth, brows and eyes move in the resting picture, then the pose the whole."""

from dataclasses import dataclass, field

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
_BEYOND = 0.25
"""How far, in the picture's sizes, a face that the border cuts may reach beyond it."""


@dataclass(frozen=True)
class FaceShape:
    """Everything that one frame wants of a face; at rest it is the portrait."""

    mouth: MouthShape = field(default_factory=MouthShape)
    pose: PoseShape = field(default_factory=PoseShape)
    eyes: EyeShape = field(default_factory=EyeShape)
    brows: BrowShape = field(default_factory=BrowShape)


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
        windows = [self._mouth.window, *self._brows.windows, *self._eyes.windows]
        self._face: Window = _around([rows for rows, _ in windows]), _around([columns for _, columns in windows])

    def draw(self, shape: FaceShape) -> np.ndarray:
        """One frame, uint8 RGB (H, W, 3)."""
        if shape == FaceShape():
            return self._portrait.copy()
        picture = self._character.copy()
        if not shape.mouth.at_rest:
            picture[self._mouth.window] = self._mouth.draw(shape.mouth)
        self._brows.draw(picture, shape.brows)
        self._eyes.draw(picture, shape.eyes)
        return self._pose.move(picture, shape.pose, self._face)


def _around(spans: list[slice]) -> slice:
    return slice(min(span.start for span in spans), max(span.stop for span in spans))


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
