"""The eyes: lids that blink, lower lids that squint, and a gaze that moves the irises within the eyes' openings."""

from dataclasses import dataclass

import numpy as np

from personify.avatar.eyelids import Eyelid
from personify.avatar.faceframe import FaceFrame

GAZE_MOST = 25.0
"""Degrees: how far eyes turn before the head does."""


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
        self._lids = [Eyelid(image, landmarks, frame, side) for side in ("right", "left")]
        self.windows = [lid.window for lid in self._lids]
        """The pixels (rows, columns) that may change, one window an eye."""

    def draw(self, picture: np.ndarray, shape: EyeShape) -> None:
        """Draw the eyes into the whole picture, uint8 RGB (H, W, 3), which is changed in place."""
        if shape.at_rest:
            return
        for lid in self._lids:
            picture[lid.window] = lid.draw(picture[lid.window], shape.blink)
