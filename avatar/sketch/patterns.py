"""Patterns: where a part's second colour goes, as masks over picture coordinates."""

from collections.abc import Callable

import cv2
import numpy as np

from personify.avatar.sketch.figure import Pattern
from personify.voices.errors import unknown_name

SOFT_KINDS = ("blush", "fade", "fade_up", "patches")
"""Patterns without sharp small shapes; a face reads well on them."""

Grid = tuple[np.ndarray, np.ndarray]


def pattern_mask(pattern: Pattern, grid: Grid, seed: int) -> np.ndarray:
    """0 where the part keeps its colour, 1 where the pattern's shows; float32 like the grid (x, y in picture units)."""
    if pattern.kind not in _KINDS:
        raise unknown_name("pattern", pattern.kind, list(_KINDS))
    return np.clip(_KINDS[pattern.kind](*grid, pattern.scale, seed), 0, 1).astype(np.float32)


def _stripes(x: np.ndarray, y: np.ndarray, scale: float, seed: int) -> np.ndarray:
    return _edge(np.sin(x / scale * np.pi), 0.25)


def _bands(x: np.ndarray, y: np.ndarray, scale: float, seed: int) -> np.ndarray:
    return _edge(np.sin(y / scale * np.pi), 0.25)


def _checks(x: np.ndarray, y: np.ndarray, scale: float, seed: int) -> np.ndarray:
    return 0.5 * _edge(np.sin(x / scale * np.pi), 0.25) + 0.5 * _edge(np.sin(y / scale * np.pi), 0.25)


def _spots(x: np.ndarray, y: np.ndarray, scale: float, seed: int) -> np.ndarray:
    """Round spots on a jittered grid whose every second row is shifted."""
    row = np.floor(y / scale)
    fx = np.mod(x / scale + 0.5 * np.mod(row, 2), 1) - 0.5
    fy = np.mod(y / scale, 1) - 0.5
    column = np.floor(x / scale + 0.5 * np.mod(row, 2))
    jitter = np.mod(np.sin(row * 12.9898 + column * 78.233 + seed) * 43758.5453, 1)
    radius = 0.2 + 0.14 * jitter
    return _edge(radius - np.hypot(fx + 0.15 * (jitter - 0.5), fy), 0.05)


def _pores(x: np.ndarray, y: np.ndarray, scale: float, seed: int) -> np.ndarray:
    """Small dots strewn without order, some cells empty, as on the skin of pears and apples."""
    column, row = np.floor(x / scale), np.floor(y / scale)
    a = np.mod(np.sin(row * 12.9898 + column * 78.233 + seed) * 43758.5453, 1)
    b = np.mod(np.sin(row * 39.3468 + column * 11.135 + seed) * 24634.6345, 1)
    size = np.mod(7.13 * a + 3.71 * b, 1)
    r = np.hypot(np.mod(x / scale, 1) - 0.18 - 0.64 * a, np.mod(y / scale, 1) - 0.18 - 0.64 * b)
    return _edge(np.where(size > 0.3, 0.05 + 0.12 * size, -1) - r, 0.06)


def _seeds(x: np.ndarray, y: np.ndarray, scale: float, seed: int) -> np.ndarray:
    """Drop-shaped seeds as on a strawberry."""
    row = np.floor(y / scale)
    fx = np.mod(x / scale + 0.5 * np.mod(row, 2), 1) - 0.5
    fy = np.mod(y / scale, 1) - 0.5
    return _edge(0.14 - np.hypot(fx * 1.9, fy), 0.06)


def _diamonds(x: np.ndarray, y: np.ndarray, scale: float, seed: int) -> np.ndarray:
    """A lattice of thin crossing lines as on a pineapple."""
    a = abs(np.sin((x + 0.8 * y) / scale * np.pi))
    b = abs(np.sin((x - 0.8 * y) / scale * np.pi))
    return _edge(0.22 - np.minimum(a, b), 0.2)


def _patches(x: np.ndarray, y: np.ndarray, scale: float, seed: int) -> np.ndarray:
    """Large soft blotches, as on cows and calico cats."""
    return _edge(_noise(x, y, scale, seed) - 0.35, 0.2)


def _blush(x: np.ndarray, y: np.ndarray, scale: float, seed: int) -> np.ndarray:
    """A soft second colour towards one side, as on apples and peaches."""
    n = _noise(x, y, max(scale, 0.2), seed)
    return 1 / (1 + np.exp(-((x * 0.8 - y * 0.6) * 3.0 + 0.5 * n - 0.4)))


def _fade(x: np.ndarray, y: np.ndarray, scale: float, seed: int) -> np.ndarray:
    """A soft second colour from below."""
    return 1 / (1 + np.exp(-(y - scale) * 5.0))


def _fade_up(x: np.ndarray, y: np.ndarray, scale: float, seed: int) -> np.ndarray:
    """A soft second colour from above."""
    return 1 / (1 + np.exp((y - scale) * 9.0))


def _noise(x: np.ndarray, y: np.ndarray, scale: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    cells = max(4, int(2.4 / scale) + 3)
    coarse = rng.standard_normal((cells, cells)).astype(np.float32)
    u = ((x + 1.2) / scale).astype(np.float32)
    v = ((y + 1.2) / scale).astype(np.float32)
    return cv2.remap(coarse, u, v, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def _edge(value: np.ndarray, softness: float) -> np.ndarray:
    return np.clip(value / softness + 0.5, 0, 1)


_KINDS: dict[str, Callable[[np.ndarray, np.ndarray, float, int], np.ndarray]] = {
    "stripes": _stripes, "bands": _bands, "checks": _checks, "spots": _spots, "pores": _pores, "seeds": _seeds,
    "diamonds": _diamonds, "patches": _patches, "blush": _blush, "fade": _fade, "fade_up": _fade_up,
}  # fmt: skip
