"""The meshes of an exported rig at rest, and what moves them beside the head: a grid, lids, lips, a mouth's inside.

Layers are painted one over the other, so nothing needs clipping: teeth lie under both lips and show where they part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from personify.avatar.eyes import Eyes, EyeShape
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import (
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    LIPS_INNER_LOWER,
    LIPS_INNER_UPPER,
    RIGHT_EYE_LOWER,
    RIGHT_EYE_UPPER,
)
from personify.avatar.mouth import Mouth, MouthShape
from personify.avatar.rig_sampling import MouthProbe

Move = tuple[str, float, np.ndarray]
"""A channel, its value, and how far each vertex moves then, (n, 2) pixels."""

_EYES = {
    "right": (RIGHT_EYE_UPPER, RIGHT_EYE_LOWER),
    "left": (LEFT_EYE_UPPER, LEFT_EYE_LOWER),
}
_AWAY = (0.0, 0.015, 0.035, 0.06, 0.09, 0.13, 0.18, 0.25, 0.34, 0.45, 0.58, 0.8)
_BELOW = (*_AWAY, 1.0, 1.25, 1.55)
"""Rows of the lips' meshes: how far from the line, face units; close together at the lips."""
_ACROSS, _COLUMNS = 1.0, 41
_LASH, _OVERLAP = 0.045, 0.03
"""How thick the line along a shut lid is, and how far the lid laps over the lower one."""
_LASHES_ABOVE = 0.07
"""How far above an open eye its own lashes reach, which a shut lid covers."""
_NEAR = 0.02
"""Nearer to the lips' line than this, a place moves as one so far from it: on the line itself two lips meet."""


@dataclass(frozen=True)
class Sheet:
    """A mesh at rest: `vertices` (n, 2) pixels, `triangles` (m, 3) numbers, `paint` "picture" or a colour."""

    name: str
    paint: str
    vertices: np.ndarray
    triangles: np.ndarray
    moves: tuple[Move, ...] = ()

    def moved_by(self, moves: Iterable[Move]) -> "Sheet":
        """The same with movements of its own."""
        return replace(self, moves=(*self.moves, *moves))


def grid_sheet(name: str, box: tuple[float, float, float, float], step: float) -> Sheet:
    """A grid over the box (left, top, right, bottom; pixels) with cells of about `step` pixels, of the picture."""
    left, top, right, bottom = box
    xs = np.linspace(left, right, max(2, round((right - left) / step) + 1))
    ys = np.linspace(top, bottom, max(2, round((bottom - top) / step) + 1))
    places = np.stack(np.meshgrid(xs, ys), -1)
    return Sheet(name, "picture", places.reshape(-1, 2), _cells(*places.shape[:2]))


def curves_of(landmarks: np.ndarray, frame: FaceFrame) -> dict[str, np.ndarray]:
    """The contours that a rig file names, (n, 2) pixels each, from the picture's left to its right."""
    found = {"lip_line": frame.to_px(_lip_line(landmarks, frame))}
    for side, (upper, lower) in _EYES.items():
        for edge, numbers in (("upper", upper), ("lower", lower)):
            uv = frame.to_face(landmarks[list(numbers)])
            found[f"{side}_lid_{edge}"] = frame.to_px(uv[np.argsort(uv[:, 0])])
    return found


def eyelid_sheets(image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame) -> list[Sheet]:
    """The upper lids and the lines along their edges; at rest they have no height."""
    sheets = []
    drawn = image.copy()
    Eyes(image, landmarks, frame).draw(drawn, EyeShape(blink=1))
    for side, numbers in _EYES.items():
        upper, lower = (frame.to_face(landmarks[list(n)]) for n in numbers)
        upper, lower = upper[np.argsort(upper[:, 0])], lower[np.argsort(lower[:, 0])]
        u = np.linspace(upper[0, 0], upper[-1, 0], 13)
        top, bottom = np.interp(u, upper[:, 0], upper[:, 1]), np.interp(u, lower[:, 0], lower[:, 1])
        bow = np.sqrt(np.clip(1 - np.linspace(-1, 1, len(u)) ** 2, 0, 1))
        edge = bottom + _OVERLAP * bow
        line = _strip(u, edge - _LASH * bow, edge, frame)
        shut = _strip(u, top - _LASHES_ABOVE * (0.5 + 0.5 * bow), edge, frame)
        rest = _strip(u, top, top, frame)
        skin, dark = _lid_colours(drawn, frame.to_px(upper), frame.to_px(lower))
        for name, paint, there in (("lid", skin, shut), ("lashes", dark, line)):
            moves = (("blink", 1.0, there - rest),)
            sheets.append(Sheet(f"{side}_{name}", _hex(paint), rest, _cells(2, len(u)), moves))
    return sheets


def mouth_sheets(
    image: np.ndarray,
    landmarks: np.ndarray,
    frame: FaceFrame,
    probe: MouthProbe,
    mouths: Sequence[tuple[str, float, MouthShape]],
) -> list[Sheet]:
    """Cavity, tongue and teeth, then the lips with all that moves with them, above their line and below it."""
    line = _lip_line(landmarks, frame)
    centre, half = float(line[[0, -1], 0].mean()), float(np.ptp(line[:, 0]) / 2)
    # columns meet the corners, and lie closer between them than beyond
    u = centre + np.interp(np.linspace(-1, 1, _COLUMNS), [-1, -0.6, 0.6, 1], [-_ACROSS, -half, half, _ACROSS])
    v = np.interp(u, line[:, 0], line[:, 1])

    def above(places: np.ndarray) -> np.ndarray:
        uv = frame.to_face(places)
        return np.asarray(uv[:, 1] < np.interp(uv[:, 0], line[:, 0], line[:, 1]))

    lips = []
    for name, rows, sign in (("upper_lip", _AWAY, -1.0), ("lower_lip", _BELOW, 1.0)):
        vertices, asked = (
            np.clip(frame.to_px(_rows(u, v, sign * np.maximum(rows, least))), 0, np.array(image.shape[1::-1]) - 1)
            for least in (0, _NEAR)
        )
        sheet = Sheet(name, "picture", vertices, _cells(len(rows), len(u)))
        side = above if sign < 0 else (lambda places: ~above(places))
        forwards = ((channel, at, probe.forward(shape, side)) for channel, at, shape in mouths)
        lips.append(sheet.moved_by((channel, at, forward(asked)) for channel, at, forward in forwards))
    inside = np.flatnonzero(np.abs(u - centre) <= half + 1e-6)
    for (_, _, upper), (_, _, lower) in zip(lips[0].moves, lips[1].moves, strict=True):
        joined = np.setdiff1d(np.arange(len(u)), inside[1:-1])  # from the corners on there is no gap
        upper[joined] = lower[joined] = (upper[joined] + lower[joined]) / 2
    return [*_interior(image, landmarks, frame, probe, (u, v), inside, lips), *lips]


def _interior(
    image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame, probe: MouthProbe,
    line: tuple[np.ndarray, np.ndarray], inside: np.ndarray, lips: list[Sheet],
) -> list[Sheet]:  # fmt: skip
    """Cavity and tongue hang on the lips' edges, teeth stay with the skull; colours are those the mouth is drawn in."""
    u, v = line[0][inside], line[1][inside]
    t = np.linspace(-1, 1, len(u))
    edges = [{(name, at): by[inside] for name, at, by in sheet.moves} for sheet in lips]
    dark, tongue, ivory = _inner_colours(image, landmarks, frame, probe)
    thin = 0.006
    rest = _strip(u, v - thin, v + thin, frame)
    keys = list(edges[0])
    cavity = [(name, at, np.concatenate([edges[0][name, at], edges[1][name, at]])) for name, at in keys]
    root = [(name, at, np.concatenate([0.6 * edges[1][name, at], edges[1][name, at]])) for name, at in keys]
    half = np.ptp(u) / 2
    low = v + half * 0.3 * (1 - 0.35 * t**2)
    cells = _cells(2, len(u))
    some = np.abs(t) < 0.8
    high = v - 0.1 * (1 - t**2)
    row = _strip(u[some], high[some], low[some], frame)
    # pushed-out lips leave the teeth far behind
    middle = u.mean()
    behind = _strip((middle + 0.6 * (u - middle))[some], high[some], (v + 0.25 * (low - v))[some], frame)
    bulge = np.abs(t) < 0.7
    both = np.concatenate([bulge, bulge])
    return [
        Sheet("cavity", _hex(dark), rest, cells, tuple(cavity)),
        Sheet("tongue", _hex(tongue), rest[both], _cells(2, int(bulge.sum())),
              tuple((name, at, by[both]) for name, at, by in root)),
        Sheet("teeth", _hex(ivory), row, _cells(2, int(some.sum())), (("round", 1.0, behind - row),)),
    ]  # fmt: skip


def _inner_colours(
    image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame, probe: MouthProbe
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cavity, tongue and teeth as a wide open mouth shows them, RGB (3,) each."""
    wide = MouthShape(jaw=1)
    drawn = Mouth(image, landmarks, frame).draw(wide).astype(float)
    painted = ~probe.sources(wide)[1]
    places = np.argwhere(painted)
    if len(places) < 12:
        return np.array([45.0, 15, 18]), np.array([165.0, 75, 78]), np.array([225.0, 220, 205])
    seen = drawn[painted]
    light = seen.mean(axis=1)
    down = frame.to_face(places[:, ::-1] + [probe.window[1].start, probe.window[0].start])[:, 1]
    lower = seen[down > np.percentile(down, 70)]
    return (
        np.asarray(np.median(seen[light <= np.percentile(light, 30)], axis=0)),
        np.asarray(np.percentile(lower, 65, axis=0)),
        np.asarray(np.median(seen[light >= np.percentile(light, 90)], axis=0)),
    )


def _lip_line(landmarks: np.ndarray, frame: FaceFrame) -> np.ndarray:
    """Where the lips part, in (u, v), from corner to corner."""
    upper, lower = (frame.to_face(landmarks[list(n)]) for n in (LIPS_INNER_UPPER, LIPS_INNER_LOWER))
    corners = frame.to_face(landmarks[[61, 291]])
    points = np.concatenate([corners[:1], (upper + lower) / 2, corners[1:]])
    return points[np.argsort(points[:, 0])]


def _rows(u: np.ndarray, v: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Vertices (len(down) * len(u), 2) in (u, v), row by row."""
    return np.concatenate([np.stack([u, v + by], -1) for by in down])


def _strip(u: np.ndarray, top: np.ndarray, bottom: np.ndarray, frame: FaceFrame) -> np.ndarray:
    """Two rows of vertices, (2 n, 2) pixels."""
    return frame.to_px(np.concatenate([np.stack([u, top], -1), np.stack([u, bottom], -1)]))


def _cells(rows: int, columns: int) -> np.ndarray:
    """Two triangles for each cell of a grid of vertices."""
    at = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (part.ravel() for part in (at[:-1, :-1], at[:-1, 1:], at[1:, :-1], at[1:, 1:]))
    return np.concatenate([np.stack([a, b, c], -1), np.stack([b, d, c], -1)])


def _lid_colours(drawn: np.ndarray, upper: np.ndarray, lower: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The colours of a shut lid and of the line along its edge, RGB (3,) each, from a picture with lids shut."""
    left, right = upper[0], upper[-1]
    middle, low = upper.mean(axis=0) * 0.6 + lower.mean(axis=0) * 0.4, lower[2:-2]
    inner = middle + np.linspace(-0.25, 0.25, 9)[:, None] * (right - left)
    seen, edge = (_at(drawn, places) for places in (inner, np.concatenate([low + [0, dy] for dy in (-1, 0, 1, 2)])))
    dark = edge[edge.mean(axis=1) <= np.percentile(edge.mean(axis=1), 40)]
    return np.asarray(np.median(seen, axis=0)), np.asarray(np.median(dark, axis=0))


def _at(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    x, y = np.clip(places.round().astype(int), 0, np.array(image.shape[1::-1]) - 1).T
    return image[y, x].astype(float)


def _hex(colour: np.ndarray) -> str:
    return "#" + "".join(f"{int(np.clip(round(float(level)), 0, 255)):02x}" for level in colour)
