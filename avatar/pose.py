"""Pose: turns, nods, tilts and sways a whole character in three dimensions, over a background that stays still.

Every node of a coarse grid is a point in space: it is turned about the neck and seen in weak perspective, so that what
stands out moves more. The movement is then inverted, because a frame asks for each of its pixels where it came from.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from personify.avatar.faceframe import FaceFrame
from personify.avatar.headform import HeadForm, head_form
from personify.avatar.plate import BAND, EVERYWHERE, Plate, Window, enlarged, sampled

MOST_DEGREES = 15.0
"""How far a head turns, nods or tilts at most; beyond that a portrait has nothing to show of its sides."""
_VIEWER = 18.0
"""The viewer's distance in face units: about 1.1 m before a face of human size."""
_NECK = 0.2
"""How far the axis of turns and nods lies behind the ears' plane, face units."""
_BREATH_UP, _BREATH_OUT = 0.014, 0.006
_STRENGTHS = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25, 0.12)
_LEAST_AREA, _MOST_AREA = 0.3, 2.4
"""What becomes of an area at least and at most in the most extreme poses; 0 would be a fold, much more a smear."""


@dataclass(frozen=True)
class PoseShape:
    """One frame's pose. Degrees, at most 15 either way: `yaw` to the picture's right, `pitch` chin up, `roll` clockwise
    in the picture; `shift_x`, `shift_y` in eye distances, right and down; `breath` -1 to 1."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    breath: float = 0.0


class Pose:
    """Moves one portrait's character; `mask` uint8 (H, W) is 255 on it, or None where it isn't known.

    Where a border cuts the character off, or its body is close below its chin, all movements are scaled down as far as
    it takes to neither fold nor smear it.
    """

    def __init__(
        self,
        image: np.ndarray,
        landmarks: np.ndarray,
        depth: np.ndarray | None,
        mask: np.ndarray | None,
        frame: FaceFrame,
    ) -> None:
        self._size: tuple[int, int] = (image.shape[0], image.shape[1])
        step = 4 if frame.unit_px < 36 else 8
        # A node stands in the middle of each cell, as cv2.resize has it, with a row of cells beyond every border.
        ys, xs = ((np.arange(-(-n // BAND) * BAND // step + 2) - 0.5) * step - 0.5 for n in self._size)
        self._nodes = np.stack(np.meshgrid(xs, ys), -1).astype(np.float32)
        self._cells = ((self._nodes - self._nodes[0, 0]) / step).astype(np.float32)
        self._step = step
        form = head_form(self._nodes, landmarks, depth, mask, frame, self._size)
        self._space = _Space(form, frame)
        self._strength = _strength(self._space, form.inside, step)
        self._plate = None if mask is None else Plate(image, mask, step)
        self.character = image if self._plate is None else self._plate.character
        """What `move` moves: the portrait, with the character's own colours up to its edge; uint8 RGB."""

    def move(self, pixels: np.ndarray, shape: PoseShape, changed: Window = EVERYWHERE) -> np.ndarray:
        """The picture (uint8 RGB) with the character in that pose; `pixels` is `character`, drawn upon within `changed`
        (rows, columns)."""
        if self._plate is None:
            return sampled(pixels, self.sources(shape))
        return self._plate.put(pixels, self._node_sources(shape), changed)

    def sources(self, shape: PoseShape) -> np.ndarray:
        """Where each pixel of the posed character comes from, float32 (H, W, 2) pixels of `character`, x first."""
        return enlarged(self._node_sources(shape), self._step)[: self._size[0], : self._size[1]]

    def _node_sources(self, shape: PoseShape) -> np.ndarray:
        moved = self._space.moved(shape) * np.float32(self._strength / self._step)
        return cv2.scaleAdd(_inverse(moved, self._cells), -self._step, self._nodes)


class _Space:
    """The nodes as points in space, x to the right of the face, y down, z to the viewer, from the neck's joint."""

    def __init__(self, form: HeadForm, frame: FaceFrame) -> None:
        x, y = form.u - np.float32(form.pivot[0]), form.v - np.float32(form.pivot[1])
        z = form.relief + np.float32(_NECK)
        self._places = cv2.merge([x, y, z]).astype(np.float32)
        risen = np.clip(-y, 0, 1.5) / 1.5
        self._rest = np.stack([x, y, z * np.float32(1 / _VIEWER) - 1]).astype(np.float32)
        """What is taken away again from places that were turned, and from how much nearer they then are."""
        self._breath = np.stack([_BREATH_OUT * x, -_BREATH_UP * (0.4 + 0.6 * risen)]).astype(np.float32)
        # the face's axes in the picture, with what each node follows and its border allows: [u or v][x or y][node]
        axes = np.stack([frame.right, frame.down]) * frame.unit_px
        free = form.follow * np.stack([form.free_x, form.free_y])
        self._axes = (axes[:, :, None, None] * free).astype(np.float32)

    def moved(self, shape: PoseShape) -> np.ndarray:
        """How far each node moves in the picture, float32 (rows, columns, 2) pixels."""
        turn = _rotation(shape)
        turn[2] *= np.float32(1 / _VIEWER)
        x, y, nearer = cv2.split(cv2.transform(self._places, turn))  # not BLAS: its threads cost more than they do here
        nearer -= self._rest[2]
        along, down = (
            place * nearer - rest + np.float32(shape.breath) * breath + np.float32(shift)
            for place, rest, breath, shift in zip(
                (x, y), self._rest, self._breath, (shape.shift_x, shape.shift_y), strict=False
            )
        )
        return cv2.merge([*(along * self._axes[0] + down * self._axes[1])])


def _rotation(shape: PoseShape) -> np.ndarray:
    """Yaw, then pitch, then roll as a float32 (3, 3) matrix."""
    angles = [
        math.radians(min(max(angle, -MOST_DEGREES), MOST_DEGREES)) for angle in (shape.yaw, shape.pitch, shape.roll)
    ]
    (sy, sp, sr), (cy, cp, cr) = map(math.sin, angles), map(math.cos, angles)
    return np.array(
        [
            [cr * cy - sr * sp * sy, -sr * cp, cr * sy + sr * sp * cy],
            [sr * cy + cr * sp * sy, cr * cp, sr * sy - cr * sp * cy],
            [-cp * sy, sp, cp * cy],
        ],
        np.float32,
    )


def _inverse(moved: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """How far each node lies from where it comes from if each place moves by `moved`, in cells: the fixed point of
    away = moved(node - away)."""
    far = max(-cv2.minMaxLoc(moved.reshape(-1))[0], cv2.minMaxLoc(moved.reshape(-1))[1])
    away = moved
    for _ in range(2 if far < 0.5 else 3 if far < 1 else 4 if far < 2 else 9):
        away = sampled(moved, cells - away)
    return away


def _strength(space: _Space, inside: np.ndarray, step: int) -> float:
    """The largest share of every movement at which none of the extreme poses folds or smears the character."""
    ends = (-1, 0, 1)
    most = MOST_DEGREES
    extremes = [
        space.moved(PoseShape(most * yaw, most * pitch, most * roll, 0.1 * yaw, -0.1 * pitch, 1.0)) / step
        for yaw in ends for pitch in ends for roll in ends
    ]  # fmt: skip
    return next((s for s in _STRENGTHS if all(_keeps_area(s * m, inside) for m in extremes)), 0.05)


def _keeps_area(moved: np.ndarray, inside: np.ndarray) -> bool:
    """True if the area between nodes that go to place + moved, in cells, stays within bounds where `inside`."""
    right, down = moved[:-1, 1:] - moved[:-1, :-1], moved[1:, :-1] - moved[:-1, :-1]
    area = (1 + right[..., 0]) * (1 + down[..., 1]) - right[..., 1] * down[..., 0]
    area = area[inside[:-1, :-1]]
    return bool(area.min(initial=1.0) > _LEAST_AREA and area.max(initial=1.0) < _MOST_AREA)
