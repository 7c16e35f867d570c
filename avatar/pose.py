"""Pose: turns, nods, tilts and sways a whole character in three dimensions, over a background that stays still.

Every node of a coarse grid is a point in space: it is turned about the neck and seen in weak perspective, so that what
stands out moves more. The movement is then inverted, because a frame asks for each of its pixels where it came from.
"""

from dataclasses import dataclass

import numpy as np

from personify.avatar.faceframe import FaceFrame
from personify.avatar.headform import HeadForm, head_form
from personify.avatar.plate import TILE, Plate, enlarged, sampled

MOST_DEGREES = 15.0
"""How far a head turns, nods or tilts at most; beyond that a portrait has nothing to show of its sides."""
_VIEWER = 18.0
"""The viewer's distance in face units: about 1.1 m before a face of human size."""
_NECK = 0.2
"""How far the axis of turns and nods lies behind the ears' plane, face units."""
_BREATH_UP, _BREATH_OUT = 0.014, 0.006
_STRENGTHS = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25, 0.12)
_LEAST_AREA = 0.3
"""What is left at least of the area between nodes in the most extreme poses; 0 would be a fold."""


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
    brow: float = 0.0


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
        step = 4 if frame.unit_px < 36 else 8
        # A node stands in the middle of each cell, as cv2.resize has it, with a row of cells beyond every border.
        ys, xs = ((np.arange(-(-n // TILE) * TILE // step + 2) - 0.5) * step - 0.5 for n in self._size)
        self._nodes = np.stack(np.meshgrid(xs, ys), -1).astype(np.float32)
        self._cells = ((self._nodes - self._nodes[0, 0]) / step).astype(np.float32)
        self._step = step
        form = head_form(self._nodes, landmarks, depth, mask, frame, self._size)
        self._space = _Space(form, frame)
        self._strength = _strength(self._space, form.inside, step)
        self._plate = None if mask is None else Plate(image, mask, step)
        self.character = image if self._plate is None else self._plate.character
        """What `move` moves: the portrait, with the character's own colours up to its edge; uint8 RGB."""

    def move(self, pixels: np.ndarray, shape: PoseShape) -> np.ndarray:
        """The picture (uint8 RGB) with the character in that pose; `pixels` is `character`, drawn upon."""
        nodes = self.sources(shape)
        if self._plate is None:
            return sampled(pixels, enlarged(nodes, self._step)[: self._size[0], : self._size[1]])
        return self._plate.put(pixels, nodes)

    def sources(self, shape: PoseShape) -> np.ndarray:
        """Where the nodes' pixels come from, float32 (rows, columns, 2) pixels, x first."""
        moved = self._space.moved(shape) * np.float32(self._strength)
        return _inverse(moved, self._nodes, self._cells, self._step)


class _Space:
    """The nodes as points in space, x to the right of the face, y down, z to the viewer, from the neck's joint."""

    def __init__(self, form: HeadForm, frame: FaceFrame) -> None:
        self._x, self._y = form.u - np.float32(form.pivot[0]), form.v - np.float32(form.pivot[1])
        self._z = form.relief + np.float32(_NECK)
        follow = form.follow * np.float32(frame.unit_px)
        right, down = frame.right.astype(np.float32), frame.down.astype(np.float32)
        # the face's axes in the picture, with what each node follows and its border allows
        self._along_u = np.stack([follow * right[0] * form.free_x, follow * right[1] * form.free_y], -1)
        self._along_v = np.stack([follow * down[0] * form.free_x, follow * down[1] * form.free_y], -1)
        risen = np.clip(-self._y, 0, 1.5) / 1.5
        self._breath = (_BREATH_OUT * self._x, -_BREATH_UP * (0.4 + 0.6 * risen))

    def moved(self, shape: PoseShape) -> np.ndarray:
        """How far each node moves in the picture, float32 (rows, columns, 2) pixels."""
        r = _rotation(shape)
        x, y, z = self._x, self._y, self._z
        near = 1 + (r[2, 0] * x + r[2, 1] * y + (r[2, 2] - 1) * z) * np.float32(1 / _VIEWER)
        du = (r[0, 0] * x + r[0, 1] * y + r[0, 2] * z) * near - x
        dv = (r[1, 0] * x + r[1, 1] * y + r[1, 2] * z) * near - y
        du += np.float32(shape.shift_x) + np.float32(shape.breath) * self._breath[0]
        dv += np.float32(shape.shift_y) + np.float32(shape.breath) * self._breath[1]
        return du[..., None] * self._along_u + dv[..., None] * self._along_v


def _rotation(shape: PoseShape) -> np.ndarray:
    """Yaw, then pitch, then roll as a float32 (3, 3) matrix."""
    angles = np.clip([shape.yaw, shape.pitch, shape.roll], -MOST_DEGREES, MOST_DEGREES)
    (sy, sp, sr), (cy, cp, cr) = np.sin(np.radians(angles)), np.cos(np.radians(angles))
    yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return (roll @ pitch @ yaw).astype(np.float32)


def _inverse(moved: np.ndarray, nodes: np.ndarray, cells: np.ndarray, step: int) -> np.ndarray:
    """Where each node comes from if each place moves by `moved`: the fixed point of source = node - moved(source)."""
    far = float(np.abs(moved).max())
    away, scaled = moved, np.float32(1 / step)
    for _ in range(2 if far < 0.5 * step else 4 if far < 2 * step else 9):
        places = cells - away * scaled
        away = sampled(moved, places)
    return nodes - away


def _strength(space: _Space, inside: np.ndarray, step: int) -> float:
    """The largest share of every movement at which none of the extreme poses folds the character."""
    turns = (-MOST_DEGREES, 0, MOST_DEGREES)
    extremes = [space.moved(PoseShape(yaw, pitch, roll)) / step for yaw in turns for pitch in turns for roll in turns]
    return next((s for s in _STRENGTHS if min(_least_area(s * m, inside) for m in extremes) > _LEAST_AREA), 0.05)


def _least_area(moved: np.ndarray, inside: np.ndarray) -> float:
    """The smallest determinant of the Jacobian of place + moved, in cells, where `inside`."""
    (xy, xx), (yy, yx) = (np.gradient(moved[..., c]) for c in (0, 1))
    return float(((1 + xx) * (1 + yy) - xy * yx)[inside].min(initial=1.0))
