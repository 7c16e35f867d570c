"""Poses: a smooth, invertible bend of the picture by head turns and small deformations, exact for points and pixels.

Where a point goes is known by a formula; where a pixel comes from follows by fixed-point iteration on a coarse grid.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from personify.avatar.sketch.figure import FaceSpot

_CELLS = 12
"""Cells of the coarse grid to an eye distance: places between them are off by 0.002 of it at most."""
_ROUNDS = 5


@dataclass(frozen=True)
class Pose:
    """Angles in degrees: `roll` clockwise, `yaw` to the picture's right, `pitch` down; `scale` about the face; `shift`
    in picture units; `waves` (k, 5): small deformations by wave numbers x and y, phase, and amplitudes x and y."""

    roll: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    waves: tuple[tuple[float, float, float, float, float], ...] = ()
    spin: float = 0.0
    """Degrees by which the face slides around the head as on a drum; `Bend.points` doesn't follow it."""

    @property
    def still(self) -> bool:
        """Whether it leaves everything where it is."""
        return self == Pose()


def random_pose(rng: np.random.Generator) -> Pose:
    """A pose within +-20 degrees; one of six looks straight ahead, as the sketch does."""
    if rng.random() < 1 / 6:
        return Pose()
    roll, yaw, pitch = np.clip(rng.normal(0, (7.5, 8.5, 5.5)), -20, 20).tolist()
    waves = tuple(
        (*rng.uniform(-2.6, 2.6, 2).tolist(), float(rng.uniform(0, 6.28)), *rng.normal(0, 0.007, 2).tolist())
        for _ in range(3)
    )
    shift = float(rng.normal(0, 0.03)), float(rng.normal(0, 0.02))
    return Pose(roll, yaw, pitch, float(np.clip(rng.normal(0.97, 0.05), 0.84, 1.08)), shift, waves)


class Bend:
    """A pose about one face in a picture of `size` pixels, whose origin is `centre_px` and eye distance `unit_px`."""

    def __init__(self, pose: Pose, spot: FaceSpot, centre_px: np.ndarray, unit_px: float, size: int) -> None:
        self.pose, self.squeeze, self.size = pose, spot.squeeze, size
        self.centre, self.unit = np.asarray(centre_px, float), float(unit_px)
        a = math.radians(pose.roll)
        self._turn = np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]]) * pose.scale
        self._pivot = self.centre + (0, 0.4 * self.unit)
        self._to = self._pivot + np.array(pose.shift) * size / 2
        self._angles = math.sin(math.radians(pose.yaw)), math.sin(math.radians(pose.pitch))

    def points(self, points: np.ndarray) -> np.ndarray:
        """Where points (n, 2) in pixels go."""
        moved = np.asarray(points, float) + self._offset(np.asarray(points, float))
        return (moved - self._pivot) @ self._turn + self._to

    def sources(self) -> tuple[np.ndarray, np.ndarray]:
        """For every pixel the x and y that it comes from, float32 (size, size) each, as `cv2.remap` takes them."""
        cell = max(4, round(self.unit / _CELLS))
        cells = -(-self.size // cell) + 2
        line = (np.arange(cells) - 0.5) * cell - 0.5
        (xx, xy), (yx, yy) = inverse = np.linalg.inv(self._turn)
        x0, y0 = self._pivot - self._to @ inverse
        start = np.stack(np.meshgrid(line, line), 2).reshape(-1, 2) @ inverse + (x0, y0)
        at = start
        for _ in range(_ROUNDS):
            at = start - self._offset(at)
        if self.pose.spin:
            at = self._spun(at)
        full, inner = cells * cell, slice(cell, cell + self.size)
        moved = (at - start).reshape(cells, cells, 2).astype(np.float32)
        moved = cv2.resize(moved, (full, full), interpolation=cv2.INTER_LINEAR)[inner, inner]
        x, y = np.arange(self.size)[None], np.arange(self.size)[:, None]
        source_x = moved[..., 0] + (x * xx + x0).astype(np.float32) + (y * yx).astype(np.float32)
        source_y = moved[..., 1] + (x * xy + y0).astype(np.float32) + (y * yy).astype(np.float32)
        return source_x, source_y

    def _spun(self, points: np.ndarray) -> np.ndarray:
        """Where on the face's drum the points (n, 2) come from."""
        u, v = ((points - self.centre) / (self.unit, self.unit * self.squeeze)).T
        inside = np.clip((1.15 - np.hypot(u / 1.15, (v - 0.4) / 1.2)) / 0.2, 0, 1)
        angle = np.arcsin(np.clip(u / 1.35, -1, 1)) - math.radians(self.pose.spin)
        away = 1.35 * np.sin(np.clip(angle, -np.pi / 2, np.pi / 2)) - u
        return points + np.stack([away * inside * self.unit, 0 * u], 1)

    def turned(self, slope_x: np.ndarray, slope_y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Slopes turned with the surface."""
        a = math.radians(self.pose.roll)
        c, s = math.cos(a), math.sin(a)
        return slope_x * c - slope_y * s, slope_x * s + slope_y * c

    def _offset(self, points: np.ndarray) -> np.ndarray:
        """The bend itself: parallax of a head-deep dome and a nose before it, and waves."""
        u, v = ((points - self.centre) / (self.unit, self.unit * self.squeeze)).T
        depth = 0.5 * np.exp(-((u / 1.3) ** 2) - ((v - 0.36) / 1.45) ** 2)
        depth += 0.19 * np.exp(-((u / 0.27) ** 2) - ((v - 0.42) / 0.34) ** 2)
        shift = depth[:, None] * (np.array(self._angles) * self.unit)
        x, y = (points / self.size * 2 - 1).T
        for kx, ky, phase, ax, ay in self.pose.waves:
            wave = np.sin(kx * x + ky * y + phase)[:, None]
            shift = shift + wave * (np.array([ax, ay]) * self.size / 2)
        return shift
