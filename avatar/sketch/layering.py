"""Layering: takes a picture apart into RGBA layers whose composition is the picture again."""

from dataclasses import dataclass, fields

import cv2
import numpy as np

from personify.avatar.sketch.canvas import Canvas, Layers
from personify.avatar.sketch.face import Face
from personify.avatar.sketch.figure import Part


@dataclass(frozen=True)
class PictureLayers:
    """A picture from back to front, uint8 RGBA (H, W, 4) each, alpha not multiplied in: the `background`, the `body`
    without features, the `face` (features and the skin around them) and the `front` (what covers it and what is worn).
    Behind each layer the next one is complete."""

    background: np.ndarray
    body: np.ndarray
    face: np.ndarray
    front: np.ndarray

    def composed(self) -> np.ndarray:
        """The layers over one another, uint8 RGB (H, W, 3): the picture again, within one level."""
        picture = np.zeros((*self.background.shape[:2], 3), np.float32)
        for layer in (self.background, self.body, self.face, self.front):
            picture += (layer[..., :3] - picture) * (layer[..., 3:] / np.float32(255))
        return np.round(picture).astype(np.uint8)


def copied(layers: Layers) -> Layers:
    """The layers as they are now, to be kept while the drawing goes on."""
    return Layers(**{field.name: getattr(layers, field.name).copy() for field in fields(layers)})


def shade(canvas: Canvas, layers: Layers, parts: tuple[Part, ...]) -> None:
    """Throws the shadows of parts on layers that those parts are not in."""
    current, canvas.layers = canvas.layers, layers
    for part in parts:
        canvas.throw_shadow(part)
    canvas.layers = current


def parts_cover(canvas: Canvas, parts: tuple[Part, ...]) -> np.ndarray:
    """How much parts cover together, float32 (H, W)."""
    free = np.ones((canvas.size, canvas.size), np.float32)
    for part in parts:
        at = canvas.window(part.outline)
        if at is not None:
            free[at] *= 1 - canvas.mask(part.outline, at, part.holes).astype(np.float32) / 255
    return 1 - free


def face_cover(canvas: Canvas, face: Face) -> np.ndarray:
    """The face's oval and a little around it, soft at the edge, float32 (H, W)."""
    oval = face.contours["oval"]
    middle = np.array([0.0, 0.4])
    whole = slice(0, canvas.size), slice(0, canvas.size)
    mask = canvas.mask(face.to_picture((oval - middle) * (1.02, 1.06) + middle), whole)
    sigma = max(0.8, 0.05 * canvas.px(face.spot.iod))
    return cv2.GaussianBlur(mask, (0, 0), sigma).astype(np.float32) / 255


def covers(parts: tuple[Part, ...], point: np.ndarray) -> bool:
    """Whether any of the parts lies over a point, both in picture units."""

    def inside(outline: np.ndarray) -> bool:
        return cv2.pointPolygonTest(outline.astype(np.float32), (float(point[0]), float(point[1])), False) > 0

    return any(inside(part.outline) and not any(inside(hole) for hole in part.holes) for part in parts)


def peel(pictures: tuple[np.ndarray, ...], steps: tuple[np.ndarray, ...]) -> PictureLayers:
    """Layers from float32 RGB pictures (background; with body; with face; whole) and what each step covers.

    From the top down: a layer's colour is what, over the picture without it, gives the picture with it. Where no colour
    can (an edge that light has changed as well), the picture below gives way, so that the composition stays exact.
    """
    whole = pictures[-1].astype(np.float64)
    layers = []
    for without, cover in zip(pictures[-2::-1], steps[::-1], strict=True):
        below = np.clip(without, 0, 1)
        alpha = np.round(_with_ink(np.clip(cover, 0, 1), np.abs(whole - below).max(2)) * 255)
        a = (alpha / 255)[..., None]
        top = np.clip((whole - (1 - a) * below) / np.maximum(a, 1 / 255), 0, 1)
        rest = np.clip((whole - a * top) / np.maximum(1 - a, 1 / 255), 0, 1)
        layers.append(_rgba(top, alpha))
        whole = np.where(a < 1, rest, below)
    front, face, body = layers
    return PictureLayers(_rgba(whole, np.full(whole.shape[:2], 255.0)), body, face, front)


def _with_ink(cover: np.ndarray, change: np.ndarray) -> np.ndarray:
    """The cover and, right around it, what it changed there: a pen's line spreads over the edge of what it draws."""
    reach = 2 * round(5 * cover.shape[0] / 512) + 1
    near = cv2.dilate(cover, np.ones((reach, reach), np.uint8))
    return np.maximum(cover, near * np.clip(8 * change - 0.15, 0, 1))


def _rgba(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    shown = np.where(alpha[..., None] > 0, colour * 255, 0)
    return np.dstack([np.round(shown), alpha]).astype(np.uint8)
