"""Grains: the fine relief of materials, as tiles that repeat: stitches, crackle, bark, pores, brushing, dented clay."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import cv2
import numpy as np

from personify.avatar.sketch import relief

_CELLS = 192


@dataclass(frozen=True)
class Surface:
    """A material's fine relief: one of `GRAINS`, the `period` after which it repeats and its `depth`, in picture units,
    and how much it varies the colour."""

    grain: str
    period: float
    depth: float
    mottle: float


def _load() -> dict[str, Surface]:
    tables = tomllib.loads(files(__package__).joinpath("surfaces.toml").read_text(encoding="utf-8"))
    return {name: Surface(**entry) for name, entry in tables.items()}


def _noise(rng: np.random.Generator, sigma_x: float, sigma_y: float) -> np.ndarray:
    """Smooth noise that repeats, standard deviation 0.5, clipped to [-1, 1]."""
    wide = np.tile(rng.standard_normal((_CELLS, _CELLS)).astype(np.float32), (3, 3))
    smooth = cv2.GaussianBlur(wide, (0, 0), sigmaX=sigma_x, sigmaY=sigma_y)[_CELLS : 2 * _CELLS, _CELLS : 2 * _CELLS]
    return np.clip(smooth / (2 * smooth.std()), -1, 1)


def _grid() -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[0:_CELLS, 0:_CELLS].astype(np.float32)
    return x, y


def _stitches(rng: np.random.Generator) -> np.ndarray:
    """Columns of V-shaped stitches, as knitting shows them."""
    x, y = _grid()
    column, row = 16.0, 12.0
    u = np.mod(x, column) / column - 0.5
    v = np.mod(y + np.abs(u) * 1.4 * row, row) / row - 0.5
    round_ = np.sqrt(np.clip(1 - (np.abs(np.abs(u) - 0.25) * 4) ** 2, 0, 1))
    return (np.cos(np.pi * v) * round_).astype(np.float32) - 0.5


def _crackle(rng: np.random.Generator) -> np.ndarray:
    """A glaze's net of hair-thin cracks between cells, and its gentle waves."""
    points = rng.uniform(0, _CELLS, (46, 2))
    x, y = _grid()
    near = np.full((2, _CELLS, _CELLS), 1e9, np.float32)
    for px, py in points:
        dx = (x - px + _CELLS / 2) % _CELLS - _CELLS / 2
        dy = (y - py + _CELLS / 2) % _CELLS - _CELLS / 2
        d = np.hypot(dx, dy).astype(np.float32)
        near[1] = np.minimum(near[1], np.maximum(near[0], d))
        near[0] = np.minimum(near[0], d)
    return -np.exp(-np.square((near[1] - near[0]) / 0.9)).astype(np.float32) * 0.5 + 0.5 * _noise(rng, 16, 16)


def _ridges(rng: np.random.Generator) -> np.ndarray:
    """Deep upright furrows, as in bark."""
    return 1 - 2 * np.abs(_noise(rng, 3.0, 14.0)) + 0.3 * _noise(rng, 1.2, 3.0)


def _rings(rng: np.random.Generator) -> np.ndarray:
    """Wood's grain: wavering upright lines."""
    x, _ = _grid()
    return np.sin(x * np.float32(2 * np.pi * 12 / _CELLS) + 2.2 * _noise(rng, 6, 40)) * 0.4 + 0.5 * _noise(rng, 0.9, 18)


def _pores(rng: np.random.Generator) -> np.ndarray:
    """Small pits."""
    return -np.maximum(_noise(rng, 1.7, 1.7) - 0.25, 0) * 2


def _pebbles(rng: np.random.Generator) -> np.ndarray:
    """Leather's grain: pebbles between creases."""
    return np.minimum(np.abs(_noise(rng, 2.6, 2.6)), np.abs(_noise(rng, 3.4, 3.4))) * 3 - 0.6


def _fur(rng: np.random.Generator) -> np.ndarray:
    """Hairs that lie downwards, in tufts."""
    return 0.65 * _noise(rng, 0.9, 7.0) + 0.5 * _noise(rng, 4.0, 9.0)


def _weave(rng: np.random.Generator) -> np.ndarray:
    """Threads over and under each other."""
    x, y = _grid()
    a, b = np.sin(x * np.float32(np.pi / 3)), np.sin(y * np.float32(np.pi / 3))
    over = (np.floor(x / 3) + np.floor(y / 3)) % 2
    return (np.abs(a) * over + np.abs(b) * (1 - over)).astype(np.float32) - 0.6 + 0.2 * _noise(rng, 1, 1)


GRAINS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "stitches": _stitches, "crackle": _crackle, "ridges": _ridges, "rings": _rings, "pores": _pores,
    "pebbles": _pebbles, "fur": _fur, "weave": _weave, "brushed": lambda rng: _noise(rng, 14.0, 0.8),
    "nap": lambda rng: _noise(rng, 0.9, 0.9), "lumps": lambda rng: _noise(rng, 5.0, 5.0),
}  # fmt: skip
SURFACES: dict[str, Surface] = _load()


def dents(size: int, rng: np.random.Generator, face_px: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Slopes that fingers and tools leave in clay, float32 (size, size) each; gentle on the face."""
    tile_x, tile_y = _dented(int(rng.integers(4)))
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    fx, fy, unit = face_px
    away = np.clip(np.hypot((x - fx) / unit, (y - fy) / unit) - 1.0, 0, 1) * 0.75 + 0.25
    left, top = rng.uniform(0, 256, 2).astype(np.float32)
    zoom = np.float32(512 / size / 1.6)
    at_x, at_y = (x * zoom + left) % 255, (y * zoom + top) % 255
    moved = [cv2.remap(tile, at_x, at_y, cv2.INTER_LINEAR) * away for tile in (tile_x, tile_y)]
    return moved[0], moved[1]


@lru_cache(maxsize=4)
def _dented(key: int) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of a tile of clay, (256, 256) each: shallow thumb prints with their ridges, strokes of a tool, lumps."""
    rng = np.random.default_rng(key)
    y, x = np.mgrid[0:256, 0:256].astype(np.float32)
    height = np.zeros((256, 256), np.float32)
    for _ in range(46):
        cx, cy, a, r = rng.uniform(0, 256), rng.uniform(0, 256), rng.uniform(0, np.pi), rng.uniform(9, 17)
        dx, dy = (x - cx + 128) % 256 - 128, (y - cy + 128) % 256 - 128
        u, v = dx * np.cos(a) + dy * np.sin(a), -dx * np.sin(a) + dy * np.cos(a)
        print_ = np.exp(-(((u / r) ** 2 + (v / (0.7 * r)) ** 2) ** 2))
        ridges = 0.14 * np.sin(np.hypot(u - 0.5 * r, 0.8 * v) * 1.9) if rng.random() < 0.5 else 0.0
        height -= print_ * (1.0 + ridges) * np.float32(rng.uniform(0.5, 1.2))
    for _ in range(14):
        cx, cy, a = rng.uniform(0, 256), rng.uniform(0, 256), rng.uniform(0, np.pi)
        dx, dy = (x - cx + 128) % 256 - 128, (y - cy + 128) % 256 - 128
        u, v = dx * np.cos(a) + dy * np.sin(a), -dx * np.sin(a) + dy * np.cos(a)
        height -= 0.8 * np.exp(-((v / 1.6) ** 2)) / (1 + np.exp((np.abs(u) - 12) / 2))
    wide = np.tile(rng.standard_normal((256, 256)).astype(np.float32), (3, 3))
    lumps = cv2.GaussianBlur(wide, (0, 0), 5.0)[256:512, 256:512]
    height += lumps / lumps.std() * 0.5
    sx, sy = relief.slopes(height)
    return sx * np.float32(0.62), sy * np.float32(0.62)
