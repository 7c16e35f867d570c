"""The meshes of an exported rig before they are written: vertices at rest, what they are painted with, what moves them.

Layers are painted one over the other, so nothing needs clipping: teeth lie under both lips and show where they part,
and a mesh in the shape of an eye's opening holds its iris, which slides beneath it as a texture.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from personify.avatar.faceframe import FaceFrame


@dataclass(frozen=True)
class Move:
    """A channel, its value, and how far each vertex (or its place in the texture) goes then, `by` (n, 2) pixels; times
    the value of `scaled_by` and 1 less that of `yields_to`."""

    channel: str
    value: float
    by: np.ndarray
    scaled_by: str | None = None
    yields_to: str | None = None


@dataclass(frozen=True)
class Sheet:
    """A mesh at rest: `vertices` (n, 2) pixels, `triangles` (m, 3) numbers; the rest as in `rig_format.Layer`."""

    name: str
    paint: str
    vertices: np.ndarray
    triangles: np.ndarray
    texture: np.ndarray | None = None
    alpha: np.ndarray | None = None
    moves: tuple[Move, ...] = ()
    slides: tuple[Move, ...] = ()

    def moved_by(self, moves: Iterable[Move]) -> "Sheet":
        """The same with further movements."""
        return replace(self, moves=(*self.moves, *moves))


def grid_sheet(name: str, box: tuple[float, float, float, float], step: float) -> Sheet:
    """A grid over the box (left, top, right, bottom; pixels) with cells of about `step` pixels, of the picture."""
    places = nodes(box, step)
    return Sheet(name, "character", places.reshape(-1, 2), cells(*places.shape[:2]))


def nodes(box: tuple[float, float, float, float], step: float) -> np.ndarray:
    """Evenly spaced places from corner to corner of a box, (rows, columns, 2) pixels."""
    left, top, right, bottom = box
    xs = np.linspace(left, right, max(2, round((right - left) / step) + 1))
    ys = np.linspace(top, bottom, max(2, round((bottom - top) / step) + 1))
    return np.stack(np.meshgrid(xs, ys), -1)


def rows_of(u: np.ndarray, *edges: np.ndarray) -> np.ndarray:
    """Vertices (rows * n, 2) in (u, v), row by row: each of `edges` (n,) is a row's v."""
    return np.concatenate([np.stack([u, edge], -1) for edge in edges])


def strip(frame: FaceFrame, u: np.ndarray, *edges: np.ndarray) -> np.ndarray:
    """The same in pixels."""
    return frame.to_px(rows_of(u, *edges))


def cells(rows: int, columns: int) -> np.ndarray:
    """Two triangles for each cell of a grid of vertices."""
    at = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (part.ravel() for part in (at[:-1, :-1], at[:-1, 1:], at[1:, :-1], at[1:, 1:]))
    return np.concatenate([np.stack([a, b, c], -1), np.stack([b, d, c], -1)])


def hexed(colour: np.ndarray) -> str:
    """An RGB colour (3,) as `#rrggbb`."""
    return "#" + "".join(f"{int(np.clip(round(float(level)), 0, 255)):02x}" for level in colour)
