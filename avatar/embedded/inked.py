"""Comic: bold ink of varying weight, flat colour held in three tones, hatching along the form, dots on the ground."""

import cv2
import numpy as np

from personify.avatar.embedded.figures import Laid
from personify.avatar.embedded.grounds import Ground, grey_of, noise, places, softened
from personify.avatar.embedded.lights import Rig, throw
from personify.avatar.embedded.painted import brushed
from personify.avatar.sketch import relief
from personify.avatar.sketch.canvas import Layers, Window, threefold
from personify.avatar.sketch.styles import light

_INK = np.array([0.055, 0.045, 0.085], np.float32)


def comic(laid: Laid, ground: Ground, rig: Rig, rng: np.random.Generator) -> np.ndarray:
    """The figure inked and coloured before a printed ground."""
    layers = laid.layers
    at = light.seen(layers)
    size = layers.size
    scale = size / 512
    smooth = _simplified(layers, at, 4.0 * scale)
    lit = throw(smooth, laid.fine, at, rig, bulge=0.85, rough=0.0, wrap=0.2)
    level = cv2.GaussianBlur(lit.key, (0, 0), 1.8 * scale)
    face = _face_share(laid)[at]
    flat = _vivid(flattened(layers, at, scale), float(rng.uniform(1.04, 1.2)))
    shade = light.step(0.3 + 0.06 * face - level, 0.0, 0.05 + 0.07 * face)
    deep = light.step(0.13 - level, 0.0, 0.06) * (1 - 0.8 * face)
    bright = light.step(level - (0.78 + 0.1 * face), 0.0, 0.06) * 0.5
    rim = light.step(sum(lit.diffuse[c] for c in range(3)) / 3 - lit.key - 0.5, 0.0, 0.1)
    tint = np.array([0.66, 0.56, 0.74], np.float32)
    colour = flat * (1 - threefold(0.85 * shade) * (1 - tint)) * (1 - threefold(0.45 * deep))
    colour = colour + (np.minimum(colour * 1.12 + 0.1, 1) - colour) * threefold(bright)
    colour = colour + (1 - colour) * threefold(0.6 * rim * (1 - face))
    shine = light.step(np.maximum(lit.shine[0], lit.shine[2]), 0.32, 0.08)
    colour = colour + (1 - colour) * threefold(0.8 * shine)
    ink = _ink(laid, at, level, face, rig, scale)
    ink = np.maximum(ink, _hatching(smooth, at, level, size, rng) * (1 - face) * layers.cover[at])
    picture = _printed(ground, rng, scale)
    behind = picture[at]
    colour = colour + (_INK - colour) * threefold(np.clip(ink, 0, 1))
    behind += (colour - behind) * threefold(layers.cover[at])
    outline = _outline(layers, at, rig, scale)
    behind += (_INK - behind) * threefold(outline)
    return picture


def _simplified(layers: Layers, at: Window, sigma: float) -> Layers:
    """The layers with the surface's small forms gone: a pen simplifies."""
    sx, sy = (relief.blurred(plane, sigma) for plane in (layers.slope_x, layers.slope_y))
    return Layers(layers.albedo, sx, sy, layers.cover, layers.open, layers.gloss, layers.soft, layers.line)


def _face_share(laid: Laid) -> np.ndarray:
    """1 on the face, soft at its edge, 0 elsewhere or where no face is drawn."""
    size = laid.layers.size
    if laid.landmarks is None:
        return np.clip(relief.blurred(laid.fine.still, 6.0) * 2, 0, 1)
    from personify.avatar.landmarks import OVAL

    mask = np.zeros((size, size), np.uint8)
    cv2.fillPoly(mask, [np.round(laid.landmarks[list(OVAL)]).astype(np.int32)], (255,))
    return relief.blurred(mask.astype(np.float32) / 255, 0.08 * max(laid.face_px[2], 6.0))


def flattened(layers: Layers, at: Window, scale: float) -> np.ndarray:
    """The colours without mottling, features as they were drawn."""
    albedo = np.clip(layers.albedo[at], 0, 1)
    flat = cv2.medianBlur(np.round(albedo * 255).astype(np.uint8), 5).astype(np.float32) * np.float32(1 / 255)
    flat = cv2.cvtColor(flat, cv2.COLOR_RGB2Lab)
    own = cv2.cvtColor(albedo, cv2.COLOR_RGB2Lab)
    keep = light.step(cv2.GaussianBlur(np.abs(flat[..., 0] - own[..., 0]), (0, 0), 1.0 * scale), 4.0, 4.0)
    return np.clip(cv2.cvtColor(flat + (own - flat) * threefold(keep), cv2.COLOR_Lab2RGB), 0, 1)


def _vivid(colour: np.ndarray, by: float) -> np.ndarray:
    grey = threefold(grey_of(colour))
    return np.clip(grey + (colour - grey) * np.float32(by) + np.float32(0.015), 0, 1)


def _ink(laid: Laid, at: Window, level: np.ndarray, face: np.ndarray, rig: Rig, scale: float) -> np.ndarray:
    """Lines along parts and features, heavier in the shade, lighter where light falls."""
    dark = np.clip(1.05 - 1.5 * level, 0, 1)
    line = cv2.GaussianBlur(laid.layers.line[at], (0, 0), 1.15 * scale)
    dense = np.clip(relief.blurred(laid.layers.line[at], 4.5 * scale) - 0.36, 0, 0.3)
    pen = light.step(line, 0.45 - 0.24 * dark * (1 - face) + 1.3 * dense, 0.15)
    return pen * (0.94 - 0.2 * face)


def _outline(layers: Layers, at: Window, rig: Rig, scale: float) -> np.ndarray:
    """The silhouette's contour, three times as heavy away from the light."""
    cover = cv2.copyMakeBorder(layers.cover[at], 12, 12, 12, 12, cv2.BORDER_REPLICATE)
    fx, fy = rig.shadows_from
    move = np.array([[1, 0, -fx * 2.6 * scale], [0, 1, -fy * 2.6 * scale]], np.float32)
    heavy = cv2.warpAffine(cover, move, (cover.shape[1], cover.shape[0]), borderMode=cv2.BORDER_REPLICATE)
    body = np.maximum(cv2.GaussianBlur(heavy, (0, 0), 1.3 * scale), cv2.GaussianBlur(cover, (0, 0), 2.2 * scale) * 1.25)
    wide = light.step(body, 0.42, 0.2)
    inner = light.step(cv2.GaussianBlur(cover, (0, 0), 1.3 * scale), 0.78, 0.2)
    return np.clip(wide - inner, 0, 1)[12:-12, 12:-12]


def _hatching(layers: Layers, at: Window, level: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Strokes across the form in half shade, crossed in deep shade; they bend with the surface."""
    x, y = places(size)
    sx, sy = (np.clip(relief.blurred(p[at], 5.0), -1.5, 1.5) for p in (layers.slope_x, layers.slope_y))
    a = float(rng.uniform(0.5, 0.9))
    pitch = size * 0.0105
    along = (x[at] * np.float32(np.cos(a)) + y[at] * np.float32(np.sin(a))) * np.float32(size / pitch)
    across = (x[at] * np.float32(-np.sin(a)) + y[at] * np.float32(np.cos(a))) * np.float32(size / pitch)
    wobble = noise(size, 12, rng)[at] * 0.35
    first = 0.5 + 0.5 * np.cos(2 * np.pi * (along + 0.9 * (sx + sy) + wobble))
    second = 0.5 + 0.5 * np.cos(2 * np.pi * (across + 0.9 * (sx - sy) + wobble))
    tone = np.clip((0.3 - level) / 0.3, 0, 1)
    strokes = light.step(first, 1.02 - 0.5 * tone, 0.22) * (tone > 0)
    return np.maximum(strokes, light.step(second, 1.45 - 0.75 * tone, 0.22) * (tone > 0.4)) * 0.85


def _printed(ground: Ground, rng: np.random.Generator, scale: float) -> np.ndarray:
    """The ground in flat inked shapes, or bold rays of colour; with a screen of dots that thickens downwards."""
    size = ground.picture.shape[0]
    x, y = places(size)
    if ground.scene == "studio":
        flat = _burst(ground.picture, rng) if rng.random() < 0.6 else ground.picture.copy()
    else:
        flat = brushed(brushed(softened(ground, 0.0025), 4), 4)
        flat = _vivid(flat, 1.18)
        grey = grey_of(flat)
        step = np.abs(cv2.GaussianBlur(grey, (0, 0), 0.9) - cv2.GaussianBlur(grey, (0, 0), 2.2))
        drawn = light.step(step, 0.05, 0.03) * 0.6
        flat = flat * threefold(1 - drawn) + _INK * threefold(drawn)
    pitch = np.float32(np.pi * 2 / (9.0 * scale) * size / np.sqrt(2))
    screen = 0.5 + 0.25 * (np.cos((x + y) * pitch) + np.cos((x - y) * pitch))
    top_down = y if rng.random() < 0.6 else 1 - y
    dots = light.step(0.55 * (top_down - 0.35) - screen + 0.12, 0.0, 0.16)
    return flat * threefold(1 - 0.2 * dots)


def _burst(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rays of two tones of the ground's colour from behind the figure."""
    size = picture.shape[0]
    x, y = places(size)
    turn = np.arctan2(y - 0.5, x - 0.5) * int(rng.integers(9, 15)) + rng.uniform(0, 6.28)
    rays = light.step(np.sin(turn).astype(np.float32), 0.0, 0.1)
    mean = picture.mean((0, 1))
    pale = np.minimum(mean * 1.35 + 0.12, 1)
    flat = _vivid(np.broadcast_to(mean, picture.shape).astype(np.float32), 1.5)
    light_ = _vivid(np.broadcast_to(pale, picture.shape).astype(np.float32), 1.5)
    return flat + (light_ - flat) * threefold(rays)
