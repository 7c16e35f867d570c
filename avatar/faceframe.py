"""The face's own coordinates in a picture: u to the right along the eyes, v down the face, 1 = the eyes' distance.

Mouth, eyelids and pose reckon in them, so rolled, small and large faces all move alike.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class FaceFrame:
    """`origin` (2,) pixels, between the eyes; `right`, `down` unit vectors (2,); `unit_px` from eye to eye."""

    origin: np.ndarray
    right: np.ndarray
    down: np.ndarray
    unit_px: float

    @classmethod
    def of(cls, landmarks: np.ndarray) -> "FaceFrame":
        """The frame of landmarks (478, 2) in pixels; the eyes' corners set it."""
        one, other = landmarks[[33, 133]].mean(axis=0), landmarks[[263, 362]].mean(axis=0)
        along = (other - one).astype(float)
        unit = float(np.hypot(*along))
        right = along / unit
        return cls((one + other) / 2, right, np.array([-right[1], right[0]]), unit)

    def to_face(self, points: np.ndarray) -> np.ndarray:
        """Pixels (..., 2) to (u, v)."""
        return (np.asarray(points) - self.origin) @ np.stack([self.right, self.down], 1) / self.unit_px

    def to_px(self, points: np.ndarray) -> np.ndarray:
        """(u, v) to pixels (..., 2)."""
        return np.asarray(points) @ np.stack([self.right, self.down]) * self.unit_px + self.origin

    def grid(self, window: tuple[slice, slice], step: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """u and v of the pixels in a window (rows, columns), float32 each."""
        ys, xs = np.mgrid[window[0].start : window[0].stop : step, window[1].start : window[1].stop : step]
        uv = self.to_face(np.stack([xs, ys], -1).astype(np.float64))
        return uv[..., 0].astype(np.float32), uv[..., 1].astype(np.float32)

    def window(
        self, low: tuple[float, float], high: tuple[float, float], shape: tuple[int, int]
    ) -> tuple[slice, slice]:
        """The pixels (rows, columns) around the box from `low` to `high` in (u, v), within a picture of that shape; at
        least one pixel, at its border, where the box lies outside."""
        corners = self.to_px(np.array([(u, v) for u in (low[0], high[0]) for v in (low[1], high[1])]))
        last = np.array([shape[1] - 1, shape[0] - 1])
        x0, y0 = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, last)
        x1, y1 = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, (shape[1], shape[0]))
        return slice(int(y0), int(max(y1, y0 + 1))), slice(int(x0), int(max(x1, x0 + 1)))
