"""The brows: each lifts, sinks and tilts at its inner end, while the skin around it gives way.

The brow's own pixels move as a band; above it the forehead is pressed together or drawn out, below it the skin down to
the eye. What lies over the skin there, a hat's brim, a fringe or the rim of spectacles, stays. Lengths are in face
units.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from personify.avatar.easing import smooth_step
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import (
    LEFT_BROW_LOWER,
    LEFT_BROW_UPPER,
    LEFT_EYE_UPPER,
    RIGHT_BROW_LOWER,
    RIGHT_BROW_UPPER,
    RIGHT_EYE_UPPER,
)
from personify.avatar.plate import sampled

_LIFT, _SINK, _INNER_UP, _INNER_DOWN, _TOGETHER = 0.1, 0.06, 0.085, 0.07, 0.045
"""How far brows move at the ends of their ranges."""
_ABOVE, _BESIDE = 0.34, 0.16
"""How far the skin gives way above a brow and beside it."""
_LID, _LASHES = 0.02, 0.06
"""How far above the eye's edge the skin stays: the lid's fold is there, and lashes reach beyond it."""
_UP_MOST = 1.35
"""How far lift and inner ends together may go up: the skin below then is drawn out to the most that doesn't fold."""
_SOFT = 0.035
"""How far beyond its landmarks a brow's soft edge, its hairs and its shadow reach."""
_FOREIGN = 52.0
"""A difference in colour from the forehead, in levels, at which something counts as half foreign to it."""


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


@dataclass(frozen=True)
class _Brow:
    """One brow's course: its middle line `v` over `u` (both (n,), u growing), half its thickness, the `inner` end's u,
    the direction in which its outer end lies (-1 or 1), and the upper edge of the eye below it."""

    u: np.ndarray
    v: np.ndarray
    half: float
    inner: float
    outwards: float
    eye: float


class Brows:
    """Both brows of one portrait."""

    def __init__(self, image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame) -> None:
        uv = frame.to_face(landmarks)
        brows = [
            _course(uv, RIGHT_BROW_UPPER, RIGHT_BROW_LOWER, RIGHT_EYE_UPPER, -1.0),
            _course(uv, LEFT_BROW_UPPER, LEFT_BROW_LOWER, LEFT_EYE_UPPER, 1.0),
        ]
        left, right = brows[0].u[0] - _BESIDE, brows[1].u[-1] + _BESIDE
        top = min(float(b.v.min()) - b.half for b in brows) - _LIFT - _ABOVE
        window = frame.window((left, top), (right, max(b.eye for b in brows)), (image.shape[0], image.shape[1]))
        self.windows: list[tuple[slice, slice]] = [window]
        """The pixels (rows, columns) that may change: one window for both brows."""
        u, v = frame.grid(window)
        spectacled = _spectacled(image, frame)
        free, skin = _free(image[window], u, v, brows, 0.02 * frame.unit_px, spectacled)
        skin |= not spectacled
        loose = min(_looseness(free, skin, u, v, brow) for brow in brows)
        ways = loose * (_ways(u, v, brows[0]) + _ways(u, v, brows[1]))
        axes = (np.stack([frame.right, frame.down]) * frame.unit_px).astype(np.float32)
        self._ways = (ways * free[..., None] @ axes).astype(np.float32)
        ys, xs = np.mgrid[0 : u.shape[0], 0 : u.shape[1]]
        self._pixels = np.stack([xs, ys], -1).astype(np.float32)

    def draw(self, picture: np.ndarray, shape: BrowShape) -> None:
        """Draw the brows into the whole picture, uint8 RGB (H, W, 3), which is changed in place."""
        if shape.at_rest:
            return
        up, tilt = max(shape.lift, 0.0), max(shape.inner, 0.0)
        together = min(1.0, _UP_MOST / max(up + tilt, 1e-6))
        weights = (up * together, max(-shape.lift, 0.0), tilt * together, max(-shape.inner, 0.0))
        places = self._pixels.copy()
        for weight, way in zip(weights, self._ways, strict=True):
            if weight > 0:
                places -= np.float32(weight) * way
        window = self.windows[0]
        nothing = np.empty(0, np.float32)
        picture[window] = cv2.remap(
            np.ascontiguousarray(picture[window]), places, nothing, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )


def _course(
    uv: np.ndarray, upper: tuple[int, ...], lower: tuple[int, ...], eye: tuple[int, ...], outwards: float
) -> _Brow:
    edges = [uv[list(numbers)] for numbers in (upper, lower)]
    edges = [edge[np.argsort(edge[:, 0])] for edge in edges]
    middle = (edges[0] + edges[1]) / 2
    half = float(np.clip(np.median(edges[1][:, 1] - edges[0][:, 1]) / 2, 0.025, 0.09))
    inner = float(middle[0, 0] if outwards > 0 else middle[-1, 0])
    return _Brow(middle[:, 0], middle[:, 1], half, inner, outwards, float(np.percentile(uv[list(eye), 1], 20)))


def _ways(u: np.ndarray, v: np.ndarray, brow: _Brow) -> np.ndarray:
    """One brow's four movements, forwards, float32 (4, h, w, 2): lift, sink, inner end up, inner end down.

    Each is whole over the band in which the brow then lies and gives way above and below, over as much room as there
    is, so slopes stay below 1 and nothing folds.
    """
    y: np.ndarray = v - np.interp(u, brow.u, brow.v).astype(np.float32)
    beyond = np.maximum(np.maximum(brow.u[0] - u, u - brow.u[-1]), 0)
    beside = 1 - smooth_step(beyond / _BESIDE)
    length = float(brow.u[-1] - brow.u[0])
    # 1 at the inner end, 0 at the outer one
    inwards = smooth_step(1 - (u - brow.inner) * brow.outwards / (0.85 * length))
    room = float(max(brow.eye - _LID - np.median(brow.v), brow.half + 0.04))
    edge = brow.half + _SOFT

    def band(up: float, down: float) -> np.ndarray:
        above = 1 - smooth_step((-y - edge - up) / _ABOVE)
        low = min(edge + down - up, 0.8 * room)
        return np.asarray(above * (1 - smooth_step((y - low) / max(room - low, 0.02))) * beside)

    way = np.zeros((4, *u.shape, 2), np.float32)
    free = max(room - edge, 0.01)
    lift = min(_LIFT, 0.85 * free)
    sink, down = (min(most, 0.55 * free) for most in (_SINK, _INNER_DOWN))
    inner_up = min(_INNER_UP, 0.85 * free)
    way[0, ..., 1] = -lift * band(lift, 0)
    way[1, ..., 1] = sink * band(0, sink)
    way[2, ..., 1] = -inner_up * band(inner_up, 0) * inwards
    way[3, ..., 1] = down * band(0, down) * inwards
    way[3, ..., 0] = -brow.outwards * _TOGETHER * band(0, down) * inwards
    return way


def _looseness(free: np.ndarray, skin: np.ndarray, u: np.ndarray, v: np.ndarray, brow: _Brow) -> float:
    """How much a brow may move as a whole, 0 to 1: less where something on it is held or lies against it.

    `skin` is all true for a face without spectacles: what is dark beside its brows is their own shadow."""
    y = v - np.interp(u, brow.u, brow.v)
    away = np.abs(y) - brow.half
    along = (u > brow.u[0]) & (u < brow.u[-1])
    near, beside = along & (away < _SOFT), along & (away > 1.6 * _SOFT) & (away < 3 * _SOFT) & (v < brow.eye - _LASHES)
    loose = float(free[near].mean() ** 2) if near.any() else 0.0
    touched = max(float((~skin[side]).mean()) if side.any() else 0.0 for side in (beside & (y < 0), beside & (y > 0)))
    return loose * float(smooth_step(1.25 - touched / 0.4))


def _free(
    pixels: np.ndarray, u: np.ndarray, v: np.ndarray, brows: list[_Brow], px: float, spectacled: bool
) -> tuple[np.ndarray, np.ndarray]:
    """How freely each pixel may move, (h, w) in [0, 1]: skin and brows wholly, what lies over them not at all; and
    which pixels have the skin's colour, bool (h, w)."""
    values = cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), max(0.6, px))
    strange, own = np.full(u.shape, np.inf), np.full(u.shape, np.inf)
    for brow in brows:  # each side of the face has its own light
        y = v - np.interp(u, brow.u, brow.v)
        line, end = np.abs(y) / brow.half, np.maximum(np.maximum(brow.u[0] - u, u - brow.u[-1]), 0)
        forehead = values[(line > 2.2) & (line < 5) & (end < 0.01) & (v < brow.v.mean())]
        skin = np.median(forehead if len(forehead) else values.reshape(-1, 3), axis=0)
        unlike = np.linalg.norm(values - skin, axis=2)
        strange = np.minimum(strange, unlike)
        hairs = values[(line < 0.6) & (end == 0)]
        if not len(hairs):
            continue
        # between a brow's colour and the skin's everything is the brow's own soft edge and its shadow
        to_brow, way = values - skin, np.median(hairs, axis=0) - skin
        along = np.clip(to_brow @ way / max(float(way @ way), 1.0), 0, 1.2)
        other = np.linalg.norm(to_brow - along[..., None] * way, axis=2)
        near = smooth_step((2.6 - line) / 0.8) if spectacled else np.maximum(smooth_step((4 - line) / 1.5), y > 0)
        near = near * (end < 0.08)
        own = np.minimum(own, unlike + (np.minimum(0.45 * other, unlike) - unlike) * near)
    skinlike, strange = strange < _FOREIGN, np.minimum(strange, own)
    foreign = ((strange / _FOREIGN) ** 4 / (1 + (strange / _FOREIGN) ** 4)).astype(np.float32)
    reach = 2 * round(2.5 * px) + 1
    held = cv2.dilate(foreign, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    return np.asarray(1 - cv2.GaussianBlur(held, (0, 0), max(1.0, 2.2 * px)), np.float32), skinlike


def _spectacled(image: np.ndarray, frame: FaceFrame) -> bool:
    """Whether something thin crosses the nose's bridge from side to side, as spectacles do."""
    u, v = np.meshgrid(np.linspace(-0.07, 0.07, 9), np.linspace(-0.4, 0.4, 81))
    places = frame.to_px(np.stack([u, v], -1)).astype(np.float32)
    bridge = sampled(image, places)
    columns = bridge.astype(np.float32)
    usual = np.median(np.stack([np.roll(columns, shift, axis=0) for shift in range(-16, 17, 4)]), axis=0)
    thin = np.linalg.norm(columns - usual, axis=2)[20:-20]
    return bool(np.median(thin.max(axis=0)) > _FOREIGN)
