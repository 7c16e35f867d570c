"""How a rig's own parts move places of the picture, measured from outside: each part is given coordinates to draw.

A part says where a pixel comes from; a mesh wants to know where a place goes to. So what is measured is inverted.
"""

from collections.abc import Callable

import cv2
import numpy as np

from personify.avatar.brows import Brows, BrowShape
from personify.avatar.eyelids import LowerLid
from personify.avatar.eyes import GAZE_MOST
from personify.avatar.faceframe import FaceFrame
from personify.avatar.irises import GLINT_FOLLOWS, Iris
from personify.avatar.mouth import Mouth, MouthShape
from personify.avatar.pose import Pose, PoseShape

_ROUNDS = 12
"""Of the fixed-point iteration; each divides the error by about the movement's slope, which is below a half."""
_SPAN = 200.0
"""Coordinates are drawn as levels up to this, for a part may keep what it draws within [0, 255]."""
_AGREE_PX = 1.0

_OWN = 0.3
"""Where so much is the iris's own, its colours are what the portrait shows."""

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
        self._scale, self._own = scale, own
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
        sources, moved = self.sources(shape)
        mine = side(sources[moved])
        return _carried(sources[moved][mine], self._own[self.window][moved][mine])


class LowerLidProbe:
    """How places below an eye move with a squint."""

    def __init__(self, image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame, side: str) -> None:
        self._lid = LowerLid(image, landmarks, frame, side)
        rows, columns = self.window = self._lid.window
        self._own = coordinates((rows.stop - rows.start, columns.stop - columns.start))

    def forward(self, raised: float, frame: FaceFrame, edge_v: tuple[np.ndarray, np.ndarray]) -> Forward:
        """How places move when the lid is up by `raised`; those above its edge, (u, v) at rest, don't."""
        own, corner = self._own, np.array([self.window[1].start, self.window[0].start])
        scale = _SPAN / max(own.shape[:2])
        drawn = []
        for levels in (own * scale, _SPAN - own * scale):
            picture = np.dstack([levels, np.full(own.shape[:2], _SPAN)]).round().astype(np.uint8)
            drawn.append(self._lid.draw(picture, raised).astype(np.float32))
        lit = [picture[..., :2] / np.maximum(picture[..., 2:] / _SPAN, 0.05) for picture in drawn]
        sources = (lit[0] + _SPAN - lit[1]) / 2 / scale
        uv = frame.to_face(sources + corner)
        moved = uv[..., 1] > np.interp(uv[..., 0], *edge_v)
        return _carried(sources[moved] + corner, own[moved] + corner)


class IrisLayers(Iris):
    """An iris taken apart into what a renderer needs to move it itself."""

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle at rest, pixels of the portrait."""
        assert self.disc is not None
        return self.disc.x + self.window[1].start, self.disc.y + self.window[0].start

    @property
    def reach(self) -> int:
        """How far it goes at most, with what narrowing adds, pixels."""
        ways = [abs(way) for sign in (-1, 1) for way in self.way(sign * GAZE_MOST, sign * GAZE_MOST)]
        return int(np.ceil(1.15 * max(ways) + 0.12 * max(self._size_px))) + 2

    @property
    def ends(self) -> tuple[float, ...]:
        """The gazes to either side, degrees, at which it reaches the end of its way before the eye does."""
        angles = np.linspace(1, GAZE_MOST, 97)
        found = []
        for sign in (-1, 1):
            ways = np.array([abs(self.way(sign * float(angle), 0)[0]) for angle in angles])
            at = int(np.argmax(ways >= ways[-1] - 1e-6))
            found += [round(sign * float(angles[at]), 1)] if at < len(angles) - 1 else []
        return tuple(found)

    def placed(self, layer: str, angle: float, axis: int) -> tuple[float, float]:
        """How far a layer goes along one axis of the picture for a gaze in degrees, pixels, and how narrow it gets."""
        way = self.way(angle, 0)[0] if axis == 0 else self.way(0, angle)[1]
        if layer == "glint":
            return GLINT_FOLLOWS * way, 1.0
        return way, float(np.cos(np.radians(min(abs(angle), 30.0))))

    def layers(self, pixels: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """The eye without its iris, the iris and its glint, by name in the order in which they are painted: colours
        float32 (h, w, 3) in [0, 255] and alpha (h, w). `pixels`: the window's, uint8 RGB."""
        ys = np.arange(pixels.shape[0], dtype=np.float32)[:, None, None]
        assert self.disc is not None
        # rolled so far up or down, an eye shows its other half without the iris
        up, down = (self.draw(pixels, 0, angle).astype(np.float32) for angle in (-80.0, 80.0))
        eye = np.where(ys < self.disc.y, down, up)
        iris, glint = (
            (layer[..., :3] / np.maximum(layer[..., 3:], 1e-3), layer[..., 3:]) for layer in (self.layer, self.glint)
        )
        # what the three lack of the portrait belongs to the iris, so that it is the portrait's own at rest
        drawn = eye + (iris[0] - eye) * iris[1]
        drawn += (glint[0] - drawn) * glint[1] * iris[1]
        shine = cv2.dilate(glint[1], np.ones((5, 5), np.uint8))[..., None]
        own = (iris[1] > _OWN) & (self.opening[..., None] > _OWN) & (shine < 0.02)
        lacks = np.where(own, (pixels - drawn) / np.maximum(iris[1], _OWN), 0)
        iris = (np.clip(iris[0] + lacks, 0, 255).astype(np.float32), iris[1])
        full = np.ones((*eye.shape[:2], 1), np.float32)
        found = {"eye": (eye, full), "iris": iris, "glint": (glint[0], glint[1] * iris[1])}
        return {name: (colours, np.ascontiguousarray(alpha[..., 0])) for name, (colours, alpha) in found.items()}

    @property
    def _size_px(self) -> tuple[int, int]:
        rows, columns = self.window
        return rows.stop - rows.start, columns.stop - columns.start


def _carried(sources: np.ndarray, own: np.ndarray) -> Forward:
    """How places move if what is at `sources` (n, 2) is seen at `own` (n, 2): as what lies nearest to them does.

    Nothing moves where nothing is seen: the picture's border may cut a face off above its chin.
    """
    from scipy.spatial import cKDTree

    if not len(sources):
        return lambda places: np.zeros(places.shape)
    tree = cKDTree(sources)

    def move(places: np.ndarray) -> np.ndarray:
        _, near = tree.query(places, k=min(3, len(sources)))
        return np.asarray((own[near] - sources[near]).reshape(len(places), -1, 2).mean(axis=1))

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
