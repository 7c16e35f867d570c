"""The picture `parts` of an exported rig: small pictures of what a portrait doesn't show, packed into one.

Knows nothing of faces. Colours go on under what is transparent, so that no renderer mixes in a dark fringe.
"""

from dataclasses import dataclass

import cv2
import numpy as np

_GAP = 2
"""Pixels between tiles, so that none bleeds into another."""


@dataclass(frozen=True)
class Tile:
    """One part: `pixels` uint8 RGBA (h, w, 4), and where its first pixel lies in the portrait, (x, y) pixels."""

    pixels: np.ndarray
    corner: tuple[int, int]


def tile(colours: np.ndarray, alpha: np.ndarray, window: tuple[slice, slice]) -> Tile:
    """The tile of a window (rows, columns) of the portrait; `colours` (h, w, 3) in [0, 255], `alpha` (h, w) in [0, 1].

    Where alpha is next to nothing the colour is taken from beside it.
    """
    weight = np.clip(alpha, 0, 1).astype(np.float32)
    known = np.ascontiguousarray(colours, np.float32) * weight[..., None]
    filled, total = known.copy(), weight.copy()
    for size in (3, 9, 31):
        around, amount = cv2.blur(known, (size, size)), cv2.blur(weight, (size, size))
        empty = np.clip(1 - total / 0.02, 0, 1) * np.clip(amount * 1e3, 0, 1)
        filled += around / np.maximum(amount, 1e-6)[..., None] * empty[..., None]
        total += empty
    colour = filled / np.maximum(total, 1e-6)[..., None]
    rgba = np.concatenate([colour, 255 * weight[..., None]], -1)
    pixels = np.clip(np.round(rgba), 0, 255).astype(np.uint8)
    return Tile(pixels, (int(window[1].start), int(window[0].start)))


class Atlas:
    """Tiles in rows, in the order in which they came."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._placed: list[tuple[Tile, int, int]] = []
        self._left = self._top = _GAP
        self._high = 0

    def add(self, part: Tile) -> np.ndarray:
        """Packs a tile; returns what leads from a place in the portrait to the same in `picture`, (2,) pixels."""
        high, wide = part.pixels.shape[:2]
        if self._left + wide + _GAP > self._width and self._placed:
            self._left, self._top, self._high = _GAP, self._top + self._high + _GAP, 0
        self._placed.append((part, self._left, self._top))
        there = np.array([self._left, self._top]) - part.corner
        self._left += wide + _GAP
        self._high = max(self._high, high)
        return there.astype(float)

    def picture(self) -> np.ndarray:
        """All tiles, uint8 RGBA (H, W, 4); transparent between them."""
        if not self._placed:
            return np.zeros((2, 2, 4), np.uint8)
        width = max(left + part.pixels.shape[1] for part, left, _ in self._placed) + _GAP
        height = max(top + part.pixels.shape[0] for part, _, top in self._placed) + _GAP
        out = np.zeros((height, width, 4), np.uint8)
        for part, left, top in self._placed:
            rows, columns = part.pixels.shape[:2]
            out[top : top + rows, left : left + columns] = part.pixels
        return out
