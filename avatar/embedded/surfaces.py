"""Surfaces: a canvas that also keeps what only a rich rendering shows: fine relief, and shadows of any light.

The sketch's own layers stay as they are, so that one figure is drawn once and rendered twice.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from personify.avatar.sketch import relief
from personify.avatar.sketch.canvas import Canvas
from personify.avatar.sketch.figure import FaceSpot, Part
from personify.avatar.sketch.materials import texture


@dataclass
class Fine:
    """Float32 (H, W) each: `slope_x`, `slope_y` of the fine relief; `mottle` by which it varies the colour, about 0;
    `cast` 1 where the chosen light is not blocked; `still` 1 where features are that nothing may roughen."""

    slope_x: np.ndarray
    slope_y: np.ndarray
    mottle: np.ndarray
    cast: np.ndarray
    still: np.ndarray

    @classmethod
    def empty(cls, size: int) -> "Fine":
        """Planes of a picture with nothing on them."""
        planes = [np.zeros((size, size), np.float32) for _ in range(4)]
        return cls(planes[0], planes[1], planes[2], np.ones((size, size), np.float32), planes[3])


class RichCanvas(Canvas):
    """A canvas with fine planes; `light_from` is where the chosen light stands in the picture plane."""

    def __init__(
        self, size: int, rng: np.random.Generator, calm: FaceSpot, light_from: tuple[float, float], seed: int
    ) -> None:
        super().__init__(size, rng, calm=calm)
        self.fine = Fine.empty(size)
        self._from = np.array(light_from)
        self._fine_seed = seed

    def add(self, part: Part) -> None:
        """See `Canvas.add`; also lays the part's fine relief."""
        super().add(part)
        self._cast(part)
        at = self.window(part.outline, margin=0.012)
        if at is None:
            return
        m = self.mask(part.outline, at, part.holes).astype(np.float32) / 255
        kept, to = 1 - m, self.fine
        height, mottle = _grain_of(part.material, (m.shape[0], m.shape[1]), self.px(1.0), self._fine_seed)
        if height is None:
            planes: tuple[tuple[np.ndarray, np.ndarray | float], ...] = (
                (to.slope_x, 0.0), (to.slope_y, 0.0), (to.mottle, 0.0), (to.cast, 1.0), (to.still, 0.0))  # fmt: skip
        else:
            sx, sy = relief.slopes(height)
            planes = ((to.slope_x, sx), (to.slope_y, sy), (to.mottle, mottle), (to.cast, 1.0), (to.still, 0.0))
        for plane, value in planes:
            there = plane[at]
            there *= kept
            there += m * value

    def _cast(self, part: Part) -> None:
        """The part's shadow by the chosen light, on what lies behind."""
        if part.lift <= 0:
            return
        offset = -self._from * part.lift * 1.1
        at = self.window(part.outline + offset, margin=part.lift * 1.6)
        if at is None:
            return
        shadow = self.mask(part.outline + offset, at, tuple(h + offset for h in part.holes))
        shadow = relief.blurred(shadow, max(1.0, self.px(part.lift) * 0.5))
        self.fine.cast[at] *= 1 - shadow.astype(np.float32) * np.float32(0.7 / 255)


_COARSE: dict[str, tuple[str, float, float, float]] = {
    # material: grain, its size in picture units, depth in picture units, mottle
    "clay": ("cloud", 0.05, 0.004, 0.03), "porcelain": ("cloud", 0.09, 0.0006, 0.02), "knit": ("weave", 0.05, 0.006, 0.1),
    "wool": ("weave", 0.05, 0.006, 0.1), "fabric": ("weave", 0.022, 0.002, 0.05), "felt": ("grain", 0.014, 0.0025, 0.08),
    "velvet": ("grain", 0.01, 0.002, 0.06), "leather": ("pores", 0.018, 0.003, 0.05), "peel": ("pores", 0.016, 0.0022, 0.03),
    "bark": ("wood", 0.04, 0.012, 0.15), "wood": ("wood", 0.03, 0.0022, 0.12), "metal": ("brushed", 0.02, 0.0008, 0.04),
    "stone": ("cloud", 0.022, 0.006, 0.08), "fur": ("fur", 0.016, 0.004, 0.1), "feathers": ("fur", 0.03, 0.005, 0.08),
    "skin": ("pores", 0.01, 0.0008, 0.02), "paper": ("grain", 0.012, 0.0008, 0.02), "hair": ("fur", 0.03, 0.005, 0.12),
}  # fmt: skip


def _grain_of(material: str, shape: tuple[int, int], unit_px: float, seed: int) -> tuple[np.ndarray | None, np.ndarray]:
    """The fine height in pixels and the mottle of one material."""
    if material not in _COARSE:
        return None, np.zeros((1, 1), np.float32)
    kind, grain, depth, mottle = _COARSE[material]
    tile = texture(kind, shape, grain * unit_px, seed)
    return tile * np.float32(depth * unit_px), tile * np.float32(mottle)


def calm_features(canvas: RichCanvas, outlines: list[np.ndarray], strength: float = 1.0) -> None:
    """Marks areas (outlines in picture units) as features: eyes and lips stay smooth and crisp."""
    for outline in outlines:
        at = canvas.window(outline, 0.02)
        if at is not None:
            m = cv2.GaussianBlur(canvas.mask(outline, at), (0, 0), 1.5).astype(np.float32) / 255 * np.float32(strength)
            canvas.fine.still[at] = np.maximum(canvas.fine.still[at], m)


def dents(size: int, rng: np.random.Generator, face_px: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Slopes that fingers and tools leave in clay, float32 (size, size) each; gentle on the face."""
    tile_x, tile_y = _dented(int(rng.integers(4)))
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    fx, fy, unit = face_px
    away = np.clip(np.hypot((x - fx) / unit, (y - fy) / unit) - 1.0, 0, 1) * 0.75 + 0.25
    left, top = rng.uniform(0, 256, 2).astype(np.float32)
    zoom = np.float32(512 / size / 1.6)
    at_x, at_y = (x * zoom + left) % 255, (y * zoom + top) % 255
    return tuple(cv2.remap(tile, at_x, at_y, cv2.INTER_LINEAR) * away for tile in (tile_x, tile_y))  # type: ignore[return-value]


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
        print_ = np.exp(-((u / r) ** 2 + (v / (0.7 * r)) ** 2) ** 2)
        ridges = 0.14 * np.sin(np.hypot(u - 0.5 * r, 0.8 * v) * 1.9) if rng.random() < 0.5 else 0.0
        height -= print_ * (1.0 + ridges) * np.float32(rng.uniform(0.5, 1.2))
    for _ in range(14):
        cx, cy, a = rng.uniform(0, 256), rng.uniform(0, 256), rng.uniform(0, np.pi)
        dx, dy = (x - cx + 128) % 256 - 128, (y - cy + 128) % 256 - 128
        u, v = dx * np.cos(a) + dy * np.sin(a), -dx * np.sin(a) + dy * np.cos(a)
        height -= 0.8 * np.exp(-((v / 1.6) ** 2)) / (1 + np.exp((np.abs(u) - 12) / 2))
    lumps = cv2.GaussianBlur(np.tile(rng.standard_normal((256, 256)).astype(np.float32), (3, 3)), (0, 0), 5.0)[256:512, 256:512]
    height += lumps / lumps.std() * 0.5
    sx, sy = relief.slopes(height)
    return sx * np.float32(0.42), sy * np.float32(0.42)
