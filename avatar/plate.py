"""The plate: what lies behind a character, and how the moved character is put back over it.

Only bands that the character reaches are drawn, each small enough to stay in a core's cache from its first step to its
last; everything else is the plate, which there is the portrait.
"""

import cv2
import numpy as np

BAND = 64
"""The height of a band, px."""
_TILE = 32
"""What the ends of a band are rounded to, px."""

Window = tuple[slice, slice]
EVERYWHERE: Window = (slice(None), slice(None))
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
        self._behind = background(image, mask)
        self._mask = np.ascontiguousarray(mask)
        self.character = _character(image, mask.astype(np.float32) / 255, self._behind)
        """What is to be moved, uint8 RGB (H, W, 3): the picture with the character's own colours up to its edge."""
        self._cover = cv2.merge([self._mask] * 4)
        self._layer = _covered(self.character, self._cover)
        self._step = step
        away = cv2.distanceTransform((mask == 0).astype(np.uint8), cv2.DIST_L2, 3)
        self._near = (away < 1.25 * step).astype(np.uint8)
        """Where cover is so near that a node whose pixel lies elsewhere speaks for its whole cell, stretched by the
        pose."""

    def put(self, pixels: np.ndarray, nodes: np.ndarray, changed: Window = EVERYWHERE) -> np.ndarray:
        """The whole picture with the character moved, uint8 RGB (H, W, 3).

        `pixels` is `character`, drawn upon within `changed` (rows, columns). `nodes` float32 (rows, columns, 2) says
        from which pixel the middle of each cell comes, x first: as many cells as fill the bands, and on each side one
        row of cells more.
        """
        layer = self._layer.copy()
        layer[changed] = _covered(pixels[changed], self._cover[changed])
        out = self._behind.copy()
        cells = BAND // self._step
        for row, (start, end) in enumerate(self._reached(nodes)):
            if start < end:
                target = out[row * BAND : (row + 1) * BAND, start:end]
                around = nodes[row * cells : (row + 1) * cells + 2, start // self._step : end // self._step + 2]
                places = enlarged(around, self._step)[: target.shape[0], : target.shape[1]]
                _lay(sampled(layer, places), target)
        return out

    def _reached(self, nodes: np.ndarray) -> list[tuple[int, int]]:
        """For each band the first column of pixels that the character reaches and the one after the last, in tiles."""
        near = sampled(self._near, nodes[1:-1, 1:-1])
        high, wide = BAND // self._step, _TILE // self._step
        near = near.reshape(-1, high, near.shape[1]).max(axis=1)
        near = near.reshape(len(near), -1, wide).max(axis=2) > 0
        first, last = near.argmax(axis=1), near.shape[1] - near[:, ::-1].argmax(axis=1)
        ends = np.where(near.any(axis=1), (first, last), 0) * _TILE
        return [(start, end) for start, end in ends.T.tolist()]


def enlarged(nodes: np.ndarray, step: int) -> np.ndarray:
    """What is known in the middles of cells of `step` pixels, for all pixels of all cells but the outermost."""
    rows, columns = nodes.shape[0] * step, nodes.shape[1] * step
    return cv2.resize(nodes, (columns, rows), interpolation=cv2.INTER_LINEAR)[step:-step, step:-step]


def sampled(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The image's values at `places`, float32 (h, w, 2) pixels, x first; beyond its border it goes on as it ends."""
    return cv2.remap(image, places, _NO_SECOND_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _covered(pixels: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """Pixels, uint8 RGB (h, w, 3), as a layer that can be moved and laid over another, uint8 RGBA with the colours
    multiplied by alpha; `cover` (h, w, 4) is alpha in every channel."""
    layer = cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA)
    return layer if cover.min(initial=255) == 255 else cv2.multiply(layer, cover, scale=1 / 255)


def _lay(layer: np.ndarray, target: np.ndarray) -> None:
    """Puts a layer, see `_covered`, over `target`, uint8 RGB (h, w, 3), which is changed."""
    clear = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(layer, 3)), cv2.COLOR_GRAY2RGB)
    behind = cv2.multiply(target, clear, scale=1 / 255)
    cv2.add(cv2.cvtColor(layer, cv2.COLOR_RGBA2RGB), behind, dst=target)


def _character(image: np.ndarray, cover: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """The colours that make `image` again when laid over `behind` by `cover`; beyond the edge, those next to it."""
    a = cover[..., None]
    own = np.clip(behind + (image.astype(np.float32) - behind) / np.maximum(a, _THIN), 0, 255)
    known = (a >= _THIN).astype(np.float32)
    near = cv2.blur(own * known, (7, 7)) / np.maximum(cv2.blur(known, (7, 7)), 1e-3)[..., None]
    return np.round(np.where(known > 0, own, np.where(near > 0, near, image))).astype(np.uint8)


def background(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
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
