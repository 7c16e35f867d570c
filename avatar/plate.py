"""The plate: what lies behind a character, and how the moved character is put back over it.

Only bands of tiles that the character reaches are drawn; everything else is the plate, which there is the portrait.
"""

import cv2
import numpy as np

TILE = 32
"""The side of a tile, px."""

_NO_SECOND_MAP = np.empty(0, np.float32)
_EDGE = 8
"""Cover, of 255, from which on a pixel isn't the background's own."""
_SEAM_PX, _SEAM_STRENGTH = (5.0, 1.5), 2.0
"""How far the background's own colours reach in behind the character, and how much they count there."""
_THIN = 0.2
"""Cover below which a pixel's colour says nothing of the character: what is behind it is known to a few levels only."""


class Plate:
    """The background of one portrait; `mask` uint8 (H, W) is 255 on the character, `step` the pixels between nodes."""

    def __init__(self, image: np.ndarray, mask: np.ndarray, step: int) -> None:
        self._behind = _behind(image, mask)
        self._mask = np.ascontiguousarray(mask)
        self.character = _character(image, mask.astype(np.float32) / 255, self._behind)
        """What is to be moved, uint8 RGB (H, W, 3): the picture with the character's own colours up to its edge."""
        self._per_tile = TILE // step
        self._away = cv2.distanceTransform((mask == 0).astype(np.uint8), cv2.DIST_L2, 3)
        """How far each pixel lies from all cover, 0 on it."""
        self._near = 1.25 * step
        """A node whose pixel lies farther away than this speaks for its whole cell, stretched by the pose."""

    def put(self, pixels: np.ndarray, nodes: np.ndarray) -> np.ndarray:
        """The whole picture with the character moved, uint8 RGB (H, W, 3).

        `nodes` float32 (rows, columns, 2) says from which pixel the middle of each cell comes, x first; on each side
        there is one row of cells more than the tiles have.
        """
        layer = cv2.insertChannel(self._mask, cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA), 3)
        out = self._behind.copy()
        places = enlarged(nodes, TILE // self._per_tile)[: out.shape[0], : out.shape[1]]
        for row, (start, end) in enumerate(self._reached(nodes)):
            if start < end:
                band = slice(row * TILE, (row + 1) * TILE), slice(start * TILE, end * TILE)
                _lay(sampled(layer, places[band]), out[band])
        return out

    def _reached(self, nodes: np.ndarray) -> list[tuple[int, int]]:
        """For each row of tiles the first that the character reaches and the one after the last."""
        away = sampled(self._away, nodes[1:-1, 1:-1])
        rows, columns = away.shape[0] // self._per_tile, away.shape[1] // self._per_tile
        near = away.reshape(rows, self._per_tile, columns, self._per_tile).min(axis=(1, 3)) < self._near
        first, last = near.argmax(axis=1), columns - near[:, ::-1].argmax(axis=1)
        ends = np.where(near.any(axis=1), (first, last), 0)
        return [(start, end) for start, end in ends.T.tolist()]


def enlarged(nodes: np.ndarray, step: int) -> np.ndarray:
    """What is known in the middles of cells of `step` pixels, for all pixels of all cells but the outermost."""
    rows, columns = nodes.shape[0] * step, nodes.shape[1] * step
    return cv2.resize(nodes, (columns, rows), interpolation=cv2.INTER_LINEAR)[step:-step, step:-step]


def sampled(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The image's values at `places`, float32 (h, w, 2) pixels, x first; beyond its border it goes on as it ends."""
    return cv2.remap(image, places, _NO_SECOND_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _lay(moved: np.ndarray, target: np.ndarray) -> None:
    """Puts `moved`, uint8 RGBA (h, w, 4), over `target`, uint8 RGB (h, w, 3), which is changed."""
    own, cover = cv2.cvtColor(moved, cv2.COLOR_RGBA2RGB), cv2.extractChannel(moved, 3)
    alpha = cv2.cvtColor(cover, cv2.COLOR_GRAY2RGB)
    own = cv2.multiply(own, alpha, scale=1 / 255)
    target[:] = cv2.add(own, cv2.multiply(target, cv2.bitwise_not(alpha), scale=1 / 255))


def _character(image: np.ndarray, cover: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """The colours that make `image` again when laid over `behind` by `cover`; beyond the edge, those next to it."""
    a = cover[..., None]
    own = np.clip(behind + (image.astype(np.float32) - behind) / np.maximum(a, _THIN), 0, 255)
    known = (a >= _THIN).astype(np.float32)
    near = cv2.blur(own * known, (7, 7)) / np.maximum(cv2.blur(known, (7, 7)), 1e-3)[..., None]
    return np.round(np.where(known > 0, own, np.where(near > 0, near, image))).astype(np.uint8)


def _behind(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The background as it would be without the character, uint8 RGB.

    Where there is no character it is the picture to the byte, but for a pixel along the antialiased edge; behind it,
    it is filled in from around it.
    """
    known = (cv2.dilate(mask, np.ones((3, 3), np.uint8)) < _EDGE).astype(np.float32)
    filled = _filled(image, known)
    # grain and slopes at the seam: what the fill misses there fades out inwards
    missed = (image - filled) * known[..., None]
    for sigma in _SEAM_PX:
        near = cv2.GaussianBlur(known, (0, 0), sigma)
        around = cv2.GaussianBlur(missed, (0, 0), sigma) / np.maximum(near, 1e-3)[..., None]
        filled += around * np.clip(near * _SEAM_STRENGTH, 0, 1)[..., None]
        missed = (image - filled) * known[..., None]
    return np.where(known[..., None] > 0, image, np.clip(np.round(filled), 0, 255)).astype(np.uint8)


def _filled(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    """A smooth picture of what is `known` (float32, 0 or 1) and between it, float32 RGB: from near to far, what is
    still empty takes the colour of a wider neighbourhood."""
    height, width = known.shape
    small = max(1, max(height, width) // 128)
    size = max(2, width // small), max(2, height // small)
    seen = cv2.resize(image.astype(np.float32) * known[..., None], size, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    filled, total = np.array(seen, np.float32), np.array(weight, np.float32)
    for sigma in (2, 5, 12, 30):
        empty = np.clip(1 - total, 0, 1)
        around = cv2.GaussianBlur(seen, (0, 0), sigma)
        amount = cv2.GaussianBlur(weight, (0, 0), sigma)
        good = empty * np.clip(amount * 8, 0, 1)
        filled += around / np.maximum(amount, 1e-4)[..., None] * good[..., None]
        total += good
    filled /= np.maximum(total, 1e-4)[..., None]
    return cv2.resize(filled, (width, height), interpolation=cv2.INTER_CUBIC)
