"""Storybook: gouache and watercolour: broad light, strokes that follow the form, pigment at the edges, paper."""

import cv2
import numpy as np

from personify.avatar.embedded.figures import Laid
from personify.avatar.embedded.grounds import Ground, grey_of, noise, places, softened
from personify.avatar.embedded.lights import Rig, throw
from personify.avatar.sketch import relief
from personify.avatar.sketch.canvas import threefold
from personify.avatar.sketch.materials import texture
from personify.avatar.sketch.styles import light


def storybook(laid: Laid, ground: Ground, rig: Rig, rng: np.random.Generator) -> np.ndarray:
    """The figure and its ground painted on paper."""
    layers = laid.layers
    at = light.seen(layers)
    size = layers.size
    scale = size / 512
    lit = throw(layers, laid.fine, at, rig, bulge=0.85, rough=0.35, wrap=0.16)
    level = cv2.GaussianBlur(lit.key, (0, 0), 1.8 * scale)
    banded = 0.45 * light.step(level, 0.2, 0.26) + 0.3 * light.step(level, 0.5, 0.26) + 0.25 * np.clip(level, 0, 1)
    planes = []
    warm = float(rng.normal(0, 0.03))
    cool_shade, warm_light = (0.5, 0.47, 0.62), (1.07 + warm, 1.03, 0.93 - warm)
    for channel, own in enumerate(cv2.split(layers.albedo[at])):
        mixed = own * (1 + 0.8 * laid.fine.mottle[at])
        shadow = cv2.pow(np.clip(mixed, 0, 1), 1.22) * np.float32(cool_shade[channel])
        lighted = np.minimum(mixed * 1.05 + 0.05, 1.05) * np.float32(warm_light[channel])
        falling = lit.diffuse[channel] / np.float32(max(rig.sky[channel] + rig.lamps[0].colour[channel], 0.3))
        colour = shadow + (lighted - shadow) * banded
        colour = colour * (0.78 + 0.34 * np.clip(falling, 0, 1.4)) + 0.45 * np.minimum(lit.shine[channel], 0.7)
        planes.append(np.clip(colour, 0, 1))
    picture = softened(ground, 0.004)
    picture = 0.9 * picture + 0.08 * np.array([1.0, 0.96, 0.86], np.float32)
    behind = picture[at]
    behind += (cv2.merge(planes) - behind) * threefold(layers.cover[at])
    return _on_paper(picture, laid, rng, scale)


def _on_paper(picture: np.ndarray, laid: Laid, rng: np.random.Generator, scale: float) -> np.ndarray:
    """Brushes, pencil, pigment edges and paper, in this order; features stay as they were drawn."""
    size = picture.shape[0]
    keep = _near_features(laid)
    dabbed = _dragged(picture, laid, rng, scale)
    flat = brushed(dabbed, 3)
    picture = flat + (picture - flat) * threefold(keep)
    grey = grey_of(picture)
    edge = np.clip(cv2.GaussianBlur(grey, (0, 0), 4 * scale) - cv2.GaussianBlur(grey, (0, 0), 1.2 * scale), -0.03, 0.16)
    tooth = texture("grain", (size, size), 2.8 * scale, int(rng.integers(1 << 10)))
    wash = noise(size, 5, rng, 5)
    grain = 1 - 0.9 * np.maximum(edge, 0) * (1 - 0.6 * keep) + 0.05 * wash * (1 - 0.7 * keep)
    grain += tooth * (0.02 + 0.05 * (1 - grey)) * (1 - 0.5 * keep)  # pigment settles in the paper's valleys
    picture = picture * threefold(grain)
    line = cv2.GaussianBlur(laid.layers.line, (0, 0), 0.85 * scale)
    pressure = 0.62 + 0.3 * tooth + 0.2 * noise(size, 9, rng)
    pencil = np.clip(np.minimum(line * 1.3, 1) * pressure, 0, 0.85)
    ink = cv2.pow(np.clip(picture, 0.01, 1), 1.7) * np.array([0.42, 0.34, 0.36], np.float32)
    picture = picture + (ink - picture) * threefold(pencil)
    return _bordered(picture, rng) if rng.random() < 0.15 else picture


def _near_features(laid: Laid) -> np.ndarray:
    """1 on eyes, lips and brows and right around them, falling off over the face, (H, W)."""
    size = laid.layers.size
    unit = max(laid.face_px[2], 4.0)
    near = np.clip(relief.blurred(laid.fine.still, 0.06 * unit) * 1.8, 0, 1)
    x, y = places(size)
    u, v = (x * size - laid.face_px[0]) / unit, (y * size - laid.face_px[1]) / unit
    face = 0.35 * _plateau(u / 0.95, v / 1.15) if laid.landmarks is not None else 0.0
    return np.maximum(np.maximum(near, laid.fine.still), face).astype(np.float32)


def _plateau(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """About 1 inside the unit circle, 0 outside."""
    u2, v2 = u * u, v * v
    return cv2.exp(-(u2 * u2) - v2 * v2)


def _dragged(picture: np.ndarray, laid: Laid, rng: np.random.Generator, scale: float) -> np.ndarray:
    """Colours dragged along the form, as a bristle does: each pixel is taken from a little along its contour."""
    size = picture.shape[0]
    x, y = places(size)
    small = (128, 128)
    sx = cv2.GaussianBlur(cv2.resize(laid.layers.slope_x, small, interpolation=cv2.INTER_AREA), (0, 0), 2.5)
    sy = cv2.GaussianBlur(cv2.resize(laid.layers.slope_y, small, interpolation=cv2.INTER_AREA), (0, 0), 2.5)
    turn = noise(128, 3, rng) * 1.2
    bare = np.exp(-8 * (sx * sx + sy * sy))
    dx, dy = -sy + bare * np.cos(turn), sx + bare * np.sin(turn)
    length = np.sqrt(dx * dx + dy * dy) + 1e-3
    dx, dy = (cv2.resize(d / length, (size, size), interpolation=cv2.INTER_LINEAR) for d in (dx, dy))
    bristle = texture("grain", (size, size), 7.0 * scale, int(rng.integers(1 << 10))) * np.float32(2.6 * scale)
    return cv2.remap(
        picture, x * size + dx * bristle, y * size + dy * bristle, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )


def brushed(picture: np.ndarray, radius: int) -> np.ndarray:
    """Kuwahara's filter (1976): of four squares beside each pixel the mean of the calmest; float32 RGB (H, W, 3)."""
    grey = grey_of(picture)
    k = (radius + 1, radius + 1)
    mean = cv2.blur(picture, k, anchor=(0, 0))
    first, second = cv2.blur(grey, k, anchor=(0, 0)), cv2.blur(grey * grey, k, anchor=(0, 0))
    spread = second - first * first
    out, best = None, None
    for dx, dy in ((0, 0), (radius, 0), (0, radius), (radius, radius)):
        shifted, rough = _shifted(mean, dx, dy), _shifted(spread, dx, dy)
        if out is None or best is None:
            out, best = shifted.copy(), rough.copy()
            continue
        calmer = rough < best
        cv2.copyTo(shifted, calmer.astype(np.uint8), out)
        best = np.minimum(best, rough)
    assert out is not None
    return out


def _shifted(plane: np.ndarray, dx: int, dy: int) -> np.ndarray:
    """The plane moved to the right and down."""
    if not dx and not dy:
        return plane
    height, width = plane.shape[:2]
    padded = cv2.copyMakeBorder(plane, dy, 0, dx, 0, cv2.BORDER_REPLICATE)
    return padded[:height, :width]


def _bordered(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A ragged edge of bare paper around the painting."""
    size = picture.shape[0]
    x, y = places(size)
    inner = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
    ragged = inner + 0.016 * noise(size, 5, rng, 3) + 0.003 * noise(size, 40, rng, 2)
    paint = np.clip((ragged - 0.03) * 45, 0, 1)
    rim = np.clip(1 - np.abs(ragged - 0.05) * 40, 0, 1) * paint
    paper = np.array([0.965, 0.945, 0.9], np.float32)
    darker = picture * threefold(1 - 0.18 * rim)
    return paper + (darker - paper) * threefold(paint)
