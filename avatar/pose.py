"""Pose: turns, nods, tilts and sways a whole character, with parallax from its face's depth, over a still background.

A coarse grid of displacements, one field for each movement, is summed and enlarged for every frame: the movements are
smooth, so nobody sees the grid. Small angles only (a few degrees), which is what a talking head needs.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import LEFT_BROW_UPPER, RIGHT_BROW_UPPER
from personify.avatar.plate import TILE, Plate, enlarged, sampled

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
        self._size: tuple[int, int] = (image.shape[0], image.shape[1])
        # A node stands in the middle of each cell, as cv2.resize has it, with a row of cells beyond every border.
        ys, xs = ((np.arange(-(-n // TILE) * TILE // _STEP + 2) - 0.5) * _STEP - 0.5 for n in self._size)
        self._nodes = np.stack(np.meshgrid(xs, ys), -1).astype(np.float32)
        u, v = np.moveaxis(frame.to_face(self._nodes), -1, 0).astype(np.float32)
        uv = frame.to_face(landmarks)
        hold = _hold(u, v, mask, self._size)
        self._fields = _fields(u, v, uv, _relief(u, v, uv, depth, frame.unit_px), hold, frame)
        self._plate = None if mask is None else Plate(image, mask, _STEP)
        self.character = image if self._plate is None else self._plate.character
        """What `move` moves: the portrait, with the character's own colours up to its edge; uint8 RGB."""

    def move(self, pixels: np.ndarray, shape: PoseShape) -> np.ndarray:
        """The picture (uint8 RGB) with the character in that pose; `pixels` is `character`, drawn upon."""
        nodes = self._nodes - np.einsum("i,iyxc->yxc", _weights(shape), self._fields)
        if self._plate is None:
            return sampled(pixels, enlarged(nodes, _STEP)[: self._size[0], : self._size[1]])
        return self._plate.put(pixels, nodes)


def _weights(shape: PoseShape) -> np.ndarray:
    turns = np.sin(np.radians([shape.yaw, shape.pitch, shape.roll]))
    return np.array([*turns, shape.shift_x, shape.shift_y, shape.brow, shape.breath], np.float32)


def _fields(
    u: np.ndarray, v: np.ndarray, uv: np.ndarray, z: np.ndarray, hold: np.ndarray, frame: FaceFrame
) -> np.ndarray:
    """Forward displacements in pixels, float32 (7, rows, columns, 2): one for each value of a pose, angles per sine."""
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
    """How far each grid point stands out to the viewer, eye distances: the landmarks' depth, smoothed, 0 far away."""
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
