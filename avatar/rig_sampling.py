"""How a rig's own parts move places of the picture, measured from outside: each part is given coordinates to draw.

A part says where a pixel comes from; a mesh wants to know where a place goes to. So what is measured is inverted.
"""

from collections.abc import Callable

import cv2
import numpy as np

from personify.avatar.brows import Brows, BrowShape
from personify.avatar.faceframe import FaceFrame
from personify.avatar.mouth import Mouth, MouthShape
from personify.avatar.pose import Pose, PoseShape

_ROUNDS = 12
"""Of the fixed-point iteration; each divides the error by about the movement's slope, which is below a half."""
_SPAN = 200.0
"""Coordinates are drawn as levels up to this, for a part may keep what it draws within [0, 255]."""
_AGREE_PX = 1.0

Forward = Callable[[np.ndarray], np.ndarray]
"""Places (n, 2) pixels to how far they move, (n, 2) pixels."""


def pose_forward(pose: Pose, shape: PoseShape) -> Forward:
    """How places move with the head."""
    nodes = pose.sources(PoseShape())
    away = nodes - pose.sources(shape)
    return _inverted(away, nodes[0, 0], float(nodes[0, 1, 0] - nodes[0, 0, 0]))


def brows_forward(brows: Brows, size: tuple[int, int], shape: BrowShape) -> Forward:
    """How places move with the brows; `size` is the picture's (height, width)."""
    own = coordinates(size)
    drawn = own.copy()
    brows.draw(drawn, shape)
    return _inverted(own - drawn, np.zeros(2), 1.0)


class MouthProbe:
    """How places on either side of the lips' line move with one mouth."""

    def __init__(self, size: tuple[int, int], landmarks: np.ndarray, frame: FaceFrame) -> None:
        scale = _SPAN / max(size)
        own = coordinates(size)
        flat = np.full(size, 100, np.float32)
        self._size, self._scale, self._own = size, scale, own
        self._mouths = [
            Mouth(np.dstack([drawn, flat]).astype(np.float32), landmarks, frame)
            for drawn in (own * scale, _SPAN - own * scale)
        ]
        self.window = self._mouths[0].window

    def sources(self, shape: MouthShape) -> tuple[np.ndarray, np.ndarray]:
        """Where the window's pixels come from, (h, w, 2) pixels, and which of them come from anywhere, bool (h, w).

        What is painted is no coordinate: then the same drawn backwards says something else. The third level tells by
        how much a pixel was lit.
        """
        found = []
        for mouth in self._mouths:
            drawn = np.asarray(mouth.draw(shape), np.float32)
            found.append(drawn[..., :2] / np.maximum(drawn[..., 2:] / 100, 0.05))
        one, other = found[0] / self._scale, (_SPAN - found[1]) / self._scale
        return (one + other) / 2, np.abs(one - other).max(axis=-1) < _AGREE_PX

    def forward(self, shape: MouthShape, side: Callable[[np.ndarray], np.ndarray]) -> Forward:
        """How places move; only pixels whose source `side` (places (n, 2) to bool (n,)) calls its own are looked at."""
        from scipy.spatial import cKDTree

        sources, moved = self.sources(shape)
        own = self._own[self.window][moved]
        sources = sources[moved]
        mine = side(sources)
        tree, to, came = cKDTree(sources[mine]), own[mine], sources[mine]

        def move(places: np.ndarray) -> np.ndarray:
            _, near = tree.query(places, k=3)
            return np.asarray((to[near] - came[near]).mean(axis=1))

        return move


def coordinates(size: tuple[int, int]) -> np.ndarray:
    """A picture (height, width, 2) of its own pixels' places, x first, float32."""
    ys, xs = np.mgrid[0 : size[0], 0 : size[1]]
    return np.stack([xs, ys], -1).astype(np.float32)


def _inverted(away: np.ndarray, first: np.ndarray, step: float) -> Forward:
    """The movement of places from `away` (rows, columns, 2): how far each node lies from where its pixel came from."""
    away = np.ascontiguousarray(away, np.float32)

    def move(places: np.ndarray) -> np.ndarray:
        went = np.zeros_like(places, np.float32)
        for _ in range(_ROUNDS):
            at = ((places + went - first) / step).astype(np.float32)
            went = cv2.remap(
                away, at[None], np.empty(0, np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )[0]
        return went

    return move
