"""Pose: turns, nods, tilts and sways a whole character, with parallax from its face's depth, over a still background.

A coarse grid of displacements, one field for each movement, is summed and enlarged for every frame: the movements are
smooth, so nobody sees the grid. Small angles only (a few degrees), which is what a talking head needs.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import LEFT_BROW_UPPER, RIGHT_BROW_UPPER

_STEP = 8


@dataclass(frozen=True)
class PoseShape:
    """One frame's pose: degrees, shifts in eye distances, brows 0 to 1 (below 0 frowns), breath -1 to 1."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    brow: float = 0.0
    breath: float = 0.0

    @property
    def at_rest(self) -> bool:
        """True if nothing moves."""
        values = (self.yaw, self.pitch, self.roll, self.shift_x, self.shift_y, self.brow, self.breath)
        return max(map(abs, values)) < 1e-3


class Pose:
    """Moves one portrait's character; `mask` uint8 (H, W) is 255 on it, or None where it isn't known."""

    def __init__(
        self,
        image: np.ndarray,
        landmarks: np.ndarray,
        depth: np.ndarray | None,
        mask: np.ndarray | None,
        frame: FaceFrame,
    ) -> None:
        height, width = image.shape[:2]
        self._size = width, height
        self._frame = frame
        u, v = frame.grid((slice(0, height + _STEP), slice(0, width + _STEP)), _STEP)
        uv = frame.to_face(landmarks)
        hold = _hold(u, v, mask, (height, width))
        self._fields = _fields(u, v, uv, _relief(u, v, uv, depth, frame.unit_px), hold, frame)
        ys, xs = np.mgrid[0:height, 0:width]
        self._xs, self._ys = xs.astype(np.float32), ys.astype(np.float32)
        self._plate, self._alpha = (None, None) if mask is None else _plate(image, mask)

    def move(self, pixels: np.ndarray, shape: PoseShape) -> np.ndarray:
        """The picture (uint8 RGB) with the character in that pose."""
        if shape.at_rest:
            return pixels
        map_x, map_y = self._maps(shape)
        moved = cv2.remap(pixels, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        if self._plate is None or self._alpha is None:
            return moved
        alpha = cv2.remap(self._alpha, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return cv2.blendLinear(moved, self._plate, alpha, 1 - alpha)

    def _maps(self, shape: PoseShape) -> tuple[np.ndarray, np.ndarray]:
        weights = np.array(
            [np.sin(np.radians(shape.yaw)), np.sin(np.radians(shape.pitch)), np.sin(np.radians(shape.roll)),
             shape.shift_x, shape.shift_y, shape.brow, shape.breath],
            np.float32,
        )  # fmt: skip
        field = np.tensordot(weights, self._fields, axes=1)
        rows, columns = field.shape[0] * _STEP, field.shape[1] * _STEP
        full = cv2.resize(field, (columns, rows), interpolation=cv2.INTER_LINEAR)
        # cv2.resize puts the first node at the middle of its cell, half a step from where the grid has it
        half = _STEP // 2
        full = full[half : half + self._size[1], half : half + self._size[0]]
        return self._xs - full[..., 0], self._ys - full[..., 1]


def _fields(
    u: np.ndarray, v: np.ndarray, uv: np.ndarray, z: np.ndarray, hold: np.ndarray, frame: FaceFrame
) -> np.ndarray:
    """Forward displacements in pixels, float32 (7, rows, columns, 2): yaw, pitch, roll (per sine), shifts, brows, breath."""
    zero = np.zeros_like(u)
    pivot = 2.1
    brows = zero
    for numbers in (RIGHT_BROW_UPPER, LEFT_BROW_UPPER):
        centre = uv[list(numbers)].mean(axis=0)
        brows = brows + np.exp(-(((u - centre[0]) / 0.42) ** 2) - ((v - centre[1]) / 0.22) ** 2)
    lean = np.clip((pivot - v) / pivot, -0.4, 1.6)
    moves = [
        (z + 0.35 * lean, zero),
        (zero, -z - 0.12 * lean),
        (-(v - pivot), u),
        (np.ones_like(u), zero),
        (zero, np.ones_like(u)),
        (zero, -0.085 * brows),
        (u * 0.006, -0.012 * np.clip((pivot - v) / pivot, 0, 1)),
    ]
    fields = []
    for du, dv in moves:
        along = np.stack([du * hold, dv * hold], -1)
        fields.append(along @ np.stack([frame.right, frame.down]) * frame.unit_px)
    return np.array(fields, np.float32)


def _relief(u: np.ndarray, v: np.ndarray, uv: np.ndarray, depth: np.ndarray | None, unit_px: float) -> np.ndarray:
    """How far each grid point stands out towards the viewer, eye distances: the landmarks' depth, smoothed, 0 far away."""
    if depth is None:
        return 0.8 * np.exp(-((u / 1.2) ** 2) - ((v - 0.4) / 1.4) ** 2)
    height = -(depth - np.percentile(depth, 80)) / unit_px
    near = np.exp(-((u[..., None] - uv[:, 0]) ** 2 + (v[..., None] - uv[:, 1]) ** 2) / (2 * 0.16**2))
    total = near.sum(axis=-1)
    smooth = (near @ height) / (total + 1.5)
    return cv2.GaussianBlur(smooth.astype(np.float32), (0, 0), 1.2)


def _hold(u: np.ndarray, v: np.ndarray, mask: np.ndarray | None, shape: tuple[int, int]) -> np.ndarray:
    """How much of a movement each grid point follows: the head wholly, what stands in the picture's lower edge less,
    and without a mask nothing beyond the head."""
    if mask is None:
        r = np.hypot(u / 1.75, (v - 0.35) / 2.05)
        x = np.clip((1.25 - r) / 0.55, 0, 1)
        return x * x * (3 - 2 * x)
    standing = float((mask[-2:] > 127).mean())
    if standing < 0.02:
        return np.ones_like(u)
    low = np.clip((v - 1.3) / max(float(v.max()) - 1.3, 0.2), 0, 1)
    return 1 - low * low * (3 - 2 * low)


def _plate(image: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The background as it would be without the character, uint8 RGB, and the character's cover, float32 (H, W)."""
    height, width = mask.shape
    small = max(1, max(height, width) // 128)
    size = max(2, width // small), max(2, height // small)
    away = (cv2.dilate(mask, np.ones((9, 9), np.uint8)) < 8).astype(np.float32)
    seen = cv2.resize(image.astype(np.float32) * away[..., None], size, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(away, size, interpolation=cv2.INTER_AREA)
    filled, total = seen.copy(), weight.copy()
    for sigma in (2, 5, 12, 30):  # from near to far: what is still empty takes the colour of a wider neighbourhood
        empty = np.clip(1 - total, 0, 1)
        around = cv2.GaussianBlur(seen, (0, 0), sigma)
        amount = cv2.GaussianBlur(weight, (0, 0), sigma)
        good = empty * np.clip(amount * 8, 0, 1)
        filled += around / np.maximum(amount, 1e-4)[..., None] * good[..., None]
        total += good
    far = cv2.resize(filled / np.maximum(total, 1e-4)[..., None], (width, height), interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(away, (0, 0), 2.0)[..., None] * away[..., None]
    plate = image * soft + far * (1 - soft)
    return np.clip(plate, 0, 255).astype(np.uint8), mask.astype(np.float32) / 255
