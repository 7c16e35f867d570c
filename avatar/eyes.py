"""The eyes: lids that blink, lower lids that squint, and a gaze that moves the irises within the eyes' openings."""

from dataclasses import dataclass

import numpy as np

from personify.avatar.eyelids import Eyelid, LowerLid
from personify.avatar.faceframe import FaceFrame
from personify.avatar.irises import Iris

GAZE_MOST = 25.0
"""Degrees: how far eyes turn before the head does."""
_LID_FOLLOWS = 0.6
"""The part of the iris's way down that the upper lid goes with it."""
_LID_MOST = 0.45


@dataclass(frozen=True)
class EyeShape:
    """One frame's eyes: `blink` 0 open to 1 shut, `squint` 0 to 1 (lower lids up), `gaze_x`, `gaze_y` in degrees,
    right and down in the picture positive, within 25."""

    blink: float = 0.0
    squint: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0

    @property
    def at_rest(self) -> bool:
        """True if the portrait's own eyes are what is wanted."""
        return max(self.blink, self.squint) < 1e-3 and max(abs(self.gaze_x), abs(self.gaze_y)) < 0.05


class Eyes:
    """Both eyes of one portrait."""

    def __init__(self, image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame) -> None:
        sides = ("right", "left")
        self._uppers = [Eyelid(image, landmarks, frame, side) for side in sides]
        self._lowers = [LowerLid(image, landmarks, frame, side) for side in sides]
        self._irises = [Iris(image, landmarks, frame, side) for side in sides]
        self.gaze_moves = all(iris.found for iris in self._irises)
        """Whether the irises can be told from what is around them, so that a gaze can be drawn."""
        self.windows = [part.window for parts in (self._uppers, self._lowers, self._irises) for part in parts]
        """The pixels (rows, columns) that may change: upper lids, lower lids, irises; the right eye's first."""

    def draw(self, picture: np.ndarray, shape: EyeShape) -> None:
        """Draw the eyes into the whole picture, uint8 RGB (H, W, 3), which is changed in place."""
        if shape.at_rest:
            return
        gaze = [min(max(angle, -GAZE_MOST), GAZE_MOST) for angle in (shape.gaze_x, shape.gaze_y)]
        for upper, lower, iris in zip(self._uppers, self._lowers, self._irises, strict=True):
            closed = shape.blink
            if self.gaze_moves and shape.blink < 0.98:
                picture[iris.window] = iris.draw(picture[iris.window], gaze[0], gaze[1])
                closed += (1 - closed) * lid_follows(iris.way(*gaze)[1], iris.height_px)
            picture[lower.window] = lower.draw(picture[lower.window], shape.squint)
            picture[upper.window] = upper.draw(picture[upper.window], closed)


def lid_follows(down_px: float, height_px: float) -> float:
    """By how much of its way an upper lid comes down with an iris that went down so many pixels in an eye so high."""
    return min(_LID_FOLLOWS * max(down_px, 0.0) / max(height_px, 1.0), _LID_MOST)
