"""Surfaces: a canvas that also keeps what only a rich rendering shows: fine relief, and shadows of any light.

The sketch's own layers stay as they are, so that one figure is drawn once and rendered twice.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from personify.avatar.embedded.grains import GRAINS, SURFACES
from personify.avatar.sketch import relief
from personify.avatar.sketch.canvas import Canvas
from personify.avatar.sketch.figure import FaceSpot, Part


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
        self._known: dict[str, tuple[np.ndarray, ...]] = {}

    def add(self, part: Part) -> None:
        """See `Canvas.add`; also lays the part's fine relief."""
        super().add(part)
        self._cast(part)
        at = self.window(part.outline, margin=0.012)
        if at is None:
            return
        m = self.mask(part.outline, at, part.holes).astype(np.float32) / 255
        kept, to = 1 - m, self.fine
        fine = self._fine_of(part.material)
        values = [0.0, 0.0, 0.0] if fine is None else [plane[at] for plane in fine]
        planes = zip((to.slope_x, to.slope_y, to.mottle, to.cast, to.still), (*values, 1.0, 0.0), strict=True)
        for plane, value in planes:
            there = plane[at]
            there *= kept
            there += m * value

    def _fine_of(self, material: str) -> tuple[np.ndarray, ...] | None:
        """The fine planes of a material over the whole picture; None where it is smooth."""
        if material not in SURFACES:
            return None
        if material not in self._known:
            period = max(24, round(SURFACES[material].period * self.px(1.0)))
            tiles = _tiles(material, period, self.px(1.0), self._fine_seed % 3)
            times, shift = -(-self.size // period) + 1, self._fine_seed % period
            inner = slice(shift, shift + self.size)
            self._known[material] = tuple(np.tile(tile, (times, times))[inner, inner] for tile in tiles)
        return self._known[material]

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


@lru_cache(maxsize=96)
def _tiles(material: str, period: int, unit_px: float, key: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes along x and y and mottle of one material, (period, period) each; they repeat without a seam."""
    surface = SURFACES[material]
    cells = GRAINS[surface.grain](np.random.default_rng(key))
    tile = cv2.resize(np.tile(cells, (3, 3)), (3 * period, 3 * period), interpolation=cv2.INTER_CUBIC)
    sx, sy = relief.slopes(tile * np.float32(surface.depth * unit_px))
    inner = slice(period, 2 * period)
    return sx[inner, inner], sy[inner, inner], tile[inner, inner] * np.float32(surface.mottle)


def calm_skin(canvas: RichCanvas, outline: np.ndarray, strength: float) -> None:
    """Takes back the fine relief under a face (its oval in picture units): cheeks are smoother than what is around."""
    at = canvas.window(outline, 0.1)
    if at is None:
        return
    mask = relief.blurred(canvas.mask(outline, at).astype(np.float32), canvas.px(0.05))
    kept = 1 - mask * np.float32(strength / 255)
    for plane in (canvas.fine.slope_x, canvas.fine.slope_y, canvas.fine.mottle):
        plane[at] *= kept


def calm_features(canvas: RichCanvas, outlines: list[np.ndarray], strength: float = 1.0) -> None:
    """Marks areas (outlines in picture units) as features: eyes and lips stay smooth and crisp."""
    for outline in outlines:
        at = canvas.window(outline, 0.02)
        if at is not None:
            m = cv2.GaussianBlur(canvas.mask(outline, at), (0, 0), 1.5).astype(np.float32) / 255 * np.float32(strength)
            canvas.fine.still[at] = np.maximum(canvas.fine.still[at], m)
