"""The rig: what animates one portrait. Mouth, brows and eyes move in the resting picture, then the pose the whole."""

from dataclasses import dataclass, field

import numpy as np

from personify.avatar.brows import Brows, BrowShape
from personify.avatar.eyes import Eyes, EyeShape
from personify.avatar.faceframe import FaceFrame
from personify.avatar.mouth import Mouth, MouthShape
from personify.avatar.portrait import Portrait
from personify.avatar.pose import Pose, PoseShape
from personify.voices.errors import PersonifyError


@dataclass(frozen=True)
class FaceShape:
    """Everything that one frame wants of a face; at rest it is the portrait."""

    mouth: MouthShape = field(default_factory=MouthShape)
    pose: PoseShape = field(default_factory=PoseShape)
    eyes: EyeShape = field(default_factory=EyeShape)
    brows: BrowShape = field(default_factory=BrowShape)

    def __post_init__(self) -> None:
        if isinstance(self.eyes, float):  # a bare number is how far the lids are shut
            object.__setattr__(self, "eyes", EyeShape(blink=self.eyes))


class Rig:
    """Draws frames of one portrait. Holds no state between frames, so frames may be asked for in any order."""

    def __init__(self, portrait: Portrait) -> None:
        landmarks = portrait.landmarks
        if landmarks is None:
            raise PersonifyError(
                "this portrait has no landmarks, so it can't be animated; draw it again with another seed"
            )
        height, width = portrait.image.shape[:2]
        if not ((landmarks >= -0.25 * width) & (landmarks <= 1.25 * max(width, height))).all():
            raise PersonifyError("the landmarks lie outside the portrait; they belong to another picture")
        frame = FaceFrame.of(landmarks)
        self._portrait = np.ascontiguousarray(portrait.image)
        self._pose = Pose(self._portrait, landmarks, portrait.depth, portrait.mask, frame)
        self._character = self._pose.character
        self._mouth = Mouth(self._character, landmarks, frame)
        self._brows = Brows(self._character, landmarks, frame)
        self._eyes = Eyes(self._character, landmarks, frame)

    def draw(self, shape: FaceShape) -> np.ndarray:
        """One frame, uint8 RGB (H, W, 3)."""
        if shape == FaceShape():
            return self._portrait.copy()
        picture = self._character.copy()
        if not shape.mouth.at_rest:
            picture[self._mouth.window] = self._mouth.draw(shape.mouth)
        self._brows.draw(picture, shape.brows)
        self._eyes.draw(picture, shape.eyes)
        return self._pose.move(picture, shape.pose)


def build_rig(portrait: Portrait) -> Rig:
    """The rig of a portrait; raises `PersonifyError` for one without landmarks of its own."""
    return Rig(portrait)
