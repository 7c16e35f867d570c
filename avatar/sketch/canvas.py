"""The canvas: parts become layers of colour, slope, gloss and shadow, which a style lights afterwards.

Nothing here decides what the light does; that is why one drawing can be rendered in several styles.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from personify.avatar.sketch import relief
from personify.avatar.sketch.figure import FaceSpot, Part
from personify.avatar.sketch.materials import MATERIALS, texture
from personify.avatar.sketch.patterns import SOFT_KINDS, pattern_mask

_SUBPIXEL_BITS = 5
_NEXT_TO = np.ones((3, 3), np.uint8)
Window = tuple[slice, slice]
LIGHT_FROM = (-0.5, -0.62)
"""Where the key light stands in the picture plane; shadows fall the other way."""
_HIGHEST = 0.95
"""How far above the middle a hat may reach, in half pictures, before the view steps back."""
_FURTHEST = 0.88
"""The smallest scale it steps back to: detectors miss small faces under large hats."""

_SHADE = (1 - 0.55 * np.arange(256, dtype=np.float32) / 255).astype(np.float32)
"""What a cast shadow leaves of the light, by the shadow's density from 0 to 255."""


@dataclass
class Layers:
    """What is known of each pixel, all float32 (H, W) but `albedo` (H, W, 3) and `line` (H, W).

    `albedo` sRGB in [0, 1]; `slope_x`, `slope_y` of the surface; `cover` 1 on the character; `open` 1 where light
    reaches, 0 in deep shadow; `gloss` 0 matt to 1 mirror; `soft` 1 where light shines through (skin, petals);
    `line` 1 where a pen would draw.
    """

    albedo: np.ndarray
    slope_x: np.ndarray
    slope_y: np.ndarray
    cover: np.ndarray
    open: np.ndarray
    gloss: np.ndarray
    soft: np.ndarray
    line: np.ndarray

    @classmethod
    def empty(cls, size: int) -> "Layers":
        """Layers of a picture of size x size pixels with nothing on them."""
        plane = [np.zeros((size, size), np.float32) for _ in range(6)]
        return cls(
            albedo=np.zeros((size, size, 3), np.float32), slope_x=plane[0], slope_y=plane[1], cover=plane[2],
            open=np.ones((size, size), np.float32), gloss=plane[3], soft=plane[4], line=plane[5],
        )  # fmt: skip

    @property
    def size(self) -> int:
        """Pixels along each side."""
        return self.cover.shape[0]


class Canvas:
    """Takes parts from back to front; `layers` is what has been drawn so far."""

    def __init__(self, size: int, rng: np.random.Generator, calm: FaceSpot | None = None) -> None:
        """`calm`: where a face will stand; patterns fade out there, so that they don't compete with it."""
        self.size = size
        self._calm = calm
        self.layers = Layers.empty(size)
        self._texture_seed = int(rng.integers(1 << 16))
        self._step_back(1.0)

    def make_room(self, parts: tuple[Part, ...]) -> None:
        """Steps back, keeping the ground where it is, until these parts' tops are in the picture; call it first."""
        top = min((float(part.outline[:, 1].min()) for part in parts), default=0.0)
        self._step_back(min(1.0, max(_FURTHEST, (1 + _HIGHEST) / (1 - top))))

    def _step_back(self, zoom: float) -> None:
        """Shows everything `zoom` times as large about the middle of the picture's lower edge."""
        self._zoom = zoom
        self._scale_px = zoom * self.size / 2
        self._origin_px = np.array([self.size / 2 - 0.5, self.size - self._scale_px - 0.5])

    def to_px(self, points: np.ndarray) -> np.ndarray:
        """Picture units to pixels."""
        return points * self._scale_px + self._origin_px

    def px(self, length: float) -> float:
        """A length in pixels."""
        return length * self._zoom * self.size / 2

    def units(self, at: Window) -> tuple[np.ndarray, np.ndarray]:
        """x and y of the window's pixels in picture units, float32."""
        x, y = grid(self.size)
        if self._zoom == 1:
            return x[at], y[at]
        zoom = np.float32(self._zoom)
        return x[at] / zoom, (y[at] - (1 - zoom)) / zoom

    def mask(self, outline: np.ndarray, at: Window, holes: tuple[np.ndarray, ...] = ()) -> np.ndarray:
        """The area inside the outline (picture units), uint8 like the window, anti-aliased."""
        rows, columns = at
        corner = np.array([columns.start, rows.start], np.int32) << _SUBPIXEL_BITS
        out = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
        cv2.fillPoly(out, [self._fixed(outline) - corner], (255,), cv2.LINE_AA, _SUBPIXEL_BITS)
        for hole in holes:
            cv2.fillPoly(out, [self._fixed(hole) - corner], (0,), cv2.LINE_AA, _SUBPIXEL_BITS)
        return out

    def window(self, outline: np.ndarray, margin: float = 0.04) -> Window | None:
        """The pixels around an outline, or None where it lies outside the picture."""
        p = self.to_px(outline)
        pad = self.px(margin) + 2
        (left, top), (right, bottom) = p.min(0).tolist(), p.max(0).tolist()
        x0, y0 = (min(self.size, max(0, math.floor(edge - pad))) for edge in (left, top))
        x1, y1 = (min(self.size, max(0, math.ceil(edge + pad))) for edge in (right, bottom))
        return (slice(y0, y1), slice(x0, x1)) if x1 - x0 > 1 and y1 - y0 > 1 else None

    def add(self, part: Part) -> None:
        """Draws one part over what is there."""
        self.throw_shadow(part)
        at = self.window(part.outline, margin=0.012)
        if at is None:
            return
        full = self.mask(part.outline, at, part.holes)
        m = (full / np.float32(255)).astype(np.float32)
        material = MATERIALS[part.material]
        height = (
            relief.bevelled(full, self.px(part.bevel)) if part.bevel is not None else relief.inflate(full) * part.puff
        )
        tint = part.colour.astype(np.float32)
        albedo: np.ndarray
        if material.texture == "none":
            albedo = cv2.merge([np.full_like(m, channel) for channel in tint])
        else:
            grain = texture(material.texture, (m.shape[0], m.shape[1]), self.px(material.grain), self._texture_seed)
            height = height + grain * np.float32(self.px(material.bump))
            grain = 1 + grain * np.float32(material.mottle)
            albedo = cv2.merge([grain * channel for channel in tint])
        sx, sy = relief.slopes(height)
        if part.pattern is not None:
            p = pattern_mask(part.pattern, self.units(at), self._texture_seed) * part.pattern.strength
            p = (p * self._away_from_face(at, part.pattern.kind)).astype(np.float32)
            albedo += (part.pattern.colour.astype(np.float32) - albedo) * threefold(p)
        self._lay(at, m, np.clip(albedo, 0, 1, out=albedo), sx, sy, material.gloss, material.soft)

    def _lay(
        self, at: Window, m: np.ndarray, albedo: np.ndarray, sx: np.ndarray, sy: np.ndarray, gloss: float, soft: float
    ) -> None:
        to, kept = self.layers, 1 - m
        ground = to.albedo[at]
        ground *= threefold(kept)
        ground += np.multiply(albedo, threefold(m), out=albedo)
        for plane, value in ((to.slope_x, sx), (to.slope_y, sy), (to.gloss, gloss), (to.soft, soft), (to.open, 1.0)):
            there = plane[at]
            there *= kept
            there += m * value
        to.cover[at] = np.maximum(to.cover[at], m)
        rim = cv2.morphologyEx(m, cv2.MORPH_GRADIENT, _NEXT_TO)
        to.line[at] = np.maximum(to.line[at] * kept, rim)

    def throw_shadow(self, part: Part) -> None:
        """A soft shadow on what lies behind, away from the light, the softer the further away it falls."""
        if part.lift <= 0:
            return
        offset = -np.array(LIGHT_FROM) * part.lift * 0.9
        at = self.window(part.outline + offset, margin=part.lift * 1.6)
        if at is None:
            return
        shadow = self.mask(part.outline + offset, at, tuple(h + offset for h in part.holes))
        shadow = relief.blurred(shadow, max(1.0, self.px(part.lift) * 0.55))
        self.layers.open[at] *= _SHADE[shadow]

    def _away_from_face(self, at: Window, kind: str) -> np.ndarray | float:
        """0 on the face and 1 away from it, for patterns that would compete with features."""
        if self._calm is None or kind in SOFT_KINDS:
            return 1.0
        x, y = self.units(at)
        r = np.hypot(
            (x - self._calm.cx) / 1.15, (y - self._calm.cy) / (1.3 * self._calm.squeeze) - 0.33 * self._calm.iod
        )
        return np.clip((r / self._calm.iod - 0.75) / 0.35, 0.06, 1)

    def _fixed(self, outline: np.ndarray) -> np.ndarray:
        return np.round(self.to_px(outline) * (1 << _SUBPIXEL_BITS)).astype(np.int32)


def threefold(plane: np.ndarray) -> np.ndarray:
    """The plane (h, w) three times, (h, w, 3): much faster to multiply colours by than a broadcast one."""
    return cv2.merge((plane, plane, plane))


def overlap(a: Window, b: Window) -> Window | None:
    """The pixels that two windows share, or None."""
    rows, columns = (slice(max(p.start, q.start), min(p.stop, q.stop)) for p, q in zip(a, b, strict=True))
    return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None


@lru_cache(maxsize=4)
def grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    """x and y of every pixel's centre in picture units, float32 (size, size) each."""
    line = ((np.arange(size, dtype=np.float32) + 0.5) / size) * 2 - 1
    x, y = np.meshgrid(line, line)
    x.flags.writeable = y.flags.writeable = False
    return x, y
