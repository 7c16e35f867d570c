"""The plate: what lies behind a character, and how the moved character is put back over it.

Only the tiles that the character's edge can reach are blended; inside it the moved picture is taken, outside the plate.
"""

import cv2
import numpy as np

TILE = 32
"""The side of a tile, px."""


_NO_SECOND_MAP = np.empty(0, np.float32)
_THIN = 0.06
"""Cover below which a pixel's colour says nothing of the character."""


class Plate:
    """The background of one portrait; `mask` uint8 (H, W) is 255 on the character, `step` the pixels between nodes."""

    def __init__(self, image: np.ndarray, mask: np.ndarray, step: int) -> None:
        self._behind = _behind(image, mask)
        self._cover = mask.astype(np.float32) / 255
        self.character = _character(image, self._cover, self._behind)
        """What is to be moved, uint8 RGB (H, W, 3): the picture with the character's own colours up to its edge."""
        self._per_tile = TILE // step
        inside, outside = (cv2.distanceTransform(m, cv2.DIST_L2, 3) for m in _sure(mask))
        self._depth = inside - outside
        """How far each pixel lies within the wholly covered part, below 0 outside of all cover, 0 along the edge."""
        self._near = 1.25 * step
        """A node whose pixel lies deeper than this speaks for its whole cell, stretched by the pose."""

    def put(self, pixels: np.ndarray, nodes: np.ndarray) -> np.ndarray:
        """The whole picture with the character moved, uint8 RGB (H, W, 3).

        `nodes` float32 (rows, columns, 2) says from which pixel the middle of each cell comes, x first; on each side
        there is one row of cells more than the tiles have.
        """
        depth = sampled(self._depth, nodes[1:-1, 1:-1])
        tiles = depth.reshape(depth.shape[0] // self._per_tile, self._per_tile, -1, self._per_tile)
        inside, outside = tiles.min(axis=(1, 3)) > self._near, tiles.max(axis=(1, 3)) < -self._near
        full, partial = _runs(inside), _runs(~outside & ~inside)
        out = self._behind.copy()
        for row in range(len(inside)):  # a row of tiles at a time stays in the processor's cache
            if not full[row] and not partial[row]:
                continue
            target, cell = out[row * TILE : (row + 1) * TILE], row * self._per_tile
            places = enlarged(nodes[cell : cell + self._per_tile + 2], TILE // self._per_tile)
            places = places[: target.shape[0], : target.shape[1]]
            for run in partial[row]:
                moved, alpha = sampled(pixels, places[:, run]), sampled(self._cover, places[:, run])
                target[:, run] = cv2.blendLinear(moved, target[:, run], alpha, 1 - alpha)
            for run in full[row]:
                target[:, run] = sampled(pixels, places[:, run])
        return out


def enlarged(nodes: np.ndarray, step: int) -> np.ndarray:
    """What is known in the middles of cells of `step` pixels, for all pixels of all cells but the outermost."""
    rows, columns = nodes.shape[0] * step, nodes.shape[1] * step
    return cv2.resize(nodes, (columns, rows), interpolation=cv2.INTER_LINEAR)[step:-step, step:-step]


def sampled(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The image's values at `places`, float32 (h, w, 2) pixels, x first; beyond its border it goes on as it ends."""
    return cv2.remap(image, places, _NO_SECOND_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _sure(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the character covers everything, and where nothing of it is."""
    return (mask == 255).astype(np.uint8), (mask == 0).astype(np.uint8)


def _runs(tiles: np.ndarray) -> list[list[slice]]:
    """The tiles that are true, joined along their rows: for each row, slices of pixels."""
    padded = np.pad(tiles.astype(np.int8), ((0, 0), (1, 1)))
    rows, edges = np.nonzero(np.diff(padded, axis=1))
    runs: list[list[slice]] = [[] for _ in tiles]
    for row, start, end in zip(rows[::2].tolist(), edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        runs[row].append(slice(start * TILE, end * TILE))
    return runs


def _character(image: np.ndarray, cover: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """The colours that make `image` again when laid over `behind` by `cover`; beyond the edge, those next to it."""
    a = cover[..., None]
    own = np.clip(behind + (image.astype(np.float32) - behind) / np.maximum(a, _THIN), 0, 255)
    known = (a >= _THIN).astype(np.float32)
    near = cv2.blur(own * known, (7, 7)) / np.maximum(cv2.blur(known, (7, 7)), 1e-3)[..., None]
    return np.round(np.where(known > 0, own, np.where(near > 0, near, image))).astype(np.uint8)


def _behind(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The background as it would be without the character, uint8 RGB: filled in from around it."""
    height, width = mask.shape
    small = max(1, max(height, width) // 128)
    size = max(2, width // small), max(2, height // small)
    away = (cv2.dilate(mask, np.ones((9, 9), np.uint8)) < 8).astype(np.float32)
    seen = cv2.resize(image.astype(np.float32) * away[..., None], size, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(away, size, interpolation=cv2.INTER_AREA)
    filled, total = np.array(seen), np.array(weight)
    for sigma in (2, 5, 12, 30):  # from near to far: what is still empty takes the colour of a wider neighbourhood
        empty = np.clip(1 - total, 0, 1)
        around = cv2.GaussianBlur(seen, (0, 0), sigma)
        amount = cv2.GaussianBlur(weight, (0, 0), sigma)
        good = empty * np.clip(amount * 8, 0, 1)
        filled = filled + around / np.maximum(amount, 1e-4)[..., None] * good[..., None]
        total = total + good
    far = cv2.resize(filled / np.maximum(total, 1e-4)[..., None], (width, height), interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(away, (0, 0), 2.0)[..., None] * away[..., None]
    plate = image * soft + far * (1 - soft)
    return np.clip(plate, 0, 255).astype(np.uint8)
