"""The brows: each lifts, sinks and tilts at its inner end, while the skin around it gives way."""

from dataclasses import dataclass

import numpy as np

from personify.avatar.faceframe import FaceFrame


@dataclass(frozen=True)
class BrowShape:
    """One frame's brows: `lift` -1 to 1 moves both whole brows down or up; `inner` -1 to 1 moves their inner ends, up
    as in sadness, down and together as in anger."""

    lift: float = 0.0
    inner: float = 0.0

    @property
    def at_rest(self) -> bool:
        """True if the portrait's own brows are what is wanted."""
        return max(abs(self.lift), abs(self.inner)) < 1e-3


class Brows:
    """Both brows of one portrait."""

    def __init__(self, image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame) -> None:
        self.windows: list[tuple[slice, slice]] = []
        """The pixels (rows, columns) that may change, one window a brow."""

    def draw(self, picture: np.ndarray, shape: BrowShape) -> None:
        """Draw the brows into the whole picture, uint8 RGB (H, W, 3), which is changed in place."""
        if shape.at_rest:
            return
