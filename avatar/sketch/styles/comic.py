"""Comic: flat colours in three tones under ink that swells on the shadow side, with dots in the half-shade."""

import cv2
import numpy as np

from personify.avatar.sketch import relief
from personify.avatar.sketch.canvas import Layers, Window, grid
from personify.avatar.sketch.styles import light
from personify.avatar.sketch.styles.light import KEY, Painted

_INK = (0.07, 0.055, 0.1)


def paint(layers: Layers, backdrop: np.ndarray, seed: int) -> Painted:
    """See the module; `backdrop` float32 RGB (H, W, 3) is printed in a few tones."""
    at = light.seen(layers)
    scale = layers.size / 512
    normal = _smooth(layers, at, 4.5 * scale)  # a pen simplifies: no pore throws a shadow
    turned = light.wrapped(normal, KEY, 0.24)
    level = cv2.GaussianBlur(turned * (0.45 + 0.55 * layers.open[at]), (0, 0), 2.0 * scale)
    away = light.wrapped(_smooth(layers, at, 14 * scale), KEY, 0.24)
    form = _form(layers, at, scale)
    # The deepest shade has a crisp edge; that of half-shade is soft, as it may cross a cheek.
    lit, deep = light.step(level, 0.26, 0.17), light.step(-away, -0.08, 0.05)
    dots = light.step(np.clip((0.62 - level) / 0.36, 0, 0.55) - _halftone(layers.size, 5.5 * scale)[at], 0.0, 0.16)
    shine = light.step(light.highlight(normal, layers, at, 1.0), 0.4, 0.06) * 0.7
    ink = _ink(layers, level, at, scale)
    flat = _flattened(layers, at, scale)
    tone = np.clip(
        (0.72 * lit + 0.36 * np.clip(level, 0, 0.8)) * (1 - 0.16 * dots) * (1 - 0.55 * light.step(-form, 0.08, 0.11)),
        0,
        1,
    )
    deep = np.maximum(deep, 0.8 * light.step(-form, 0.21, 0.1) * lit)
    glow = 0.16 * light.step(form, 0.08, 0.12) * lit

    def printed(albedo: np.ndarray, of_shade: float, of_deep: float, of_ink: float) -> np.ndarray:
        shade = albedo * of_shade
        colour = shade + (np.minimum(albedo * 1.08 + 0.03, 1) - shade) * tone
        colour += (albedo * of_deep - colour) * deep
        colour += (1 - colour) * np.maximum(shine, glow)
        return np.clip(colour + (of_ink - colour) * ink, 0, 1)

    tints = ((0.75, 0.52, _INK[0]), (0.69, 0.44, _INK[1]), (0.8, 0.58, _INK[2]))
    planes = [printed(albedo, *tint) for albedo, tint in zip(cv2.split(flat), tints, strict=True)]
    return Painted(_printed_wall(backdrop, scale), planes, at)


def _smooth(layers: Layers, at: Window, sigma: float) -> light.Normal:
    """Normals of the surface without its small forms."""
    return light.normals_of(relief.blurred(layers.slope_x[at], sigma), relief.blurred(layers.slope_y[at], sigma), 0.85)


def _form(layers: Layers, at: Window, scale: float) -> np.ndarray:
    """How much darker (below 0) or lighter a small form is than what it stands on: a nose's flank, a chin's foot."""
    fine = [cv2.GaussianBlur(slope[at], (0, 0), 1.4 * scale) for slope in (layers.slope_x, layers.slope_y)]
    key = light.wrapped(light.normals_of(fine[0], fine[1], 0.95), KEY, 0.15) * layers.open[at]
    return cv2.GaussianBlur(key, (0, 0), 1.1 * scale) - relief.blurred(key, 20 * scale)


def _flattened(layers: Layers, at: Window, scale: float) -> np.ndarray:
    """The albedo without its mottling, as a printer's flat inks; what the pen drew keeps its edges."""
    albedo = np.clip(layers.albedo[at], 0, 1)
    bytes_ = cv2.medianBlur(np.round(albedo * 255).astype(np.uint8), 5 if scale < 1.5 else 7)
    flat = bytes_.astype(np.float32) * np.float32(1 / 255)
    fine = np.abs(cv2.split(flat)[1] - cv2.split(albedo)[1])
    keep = light.step(cv2.GaussianBlur(fine, (0, 0), 1.2 * scale), 0.05, 0.04)
    return flat + (albedo - flat) * cv2.merge((keep, keep, keep))


def _ink(layers: Layers, level: np.ndarray, at: Window, scale: float) -> np.ndarray:
    """Where there is ink: along parts and features, wider in the shade, and around the silhouette."""
    dark = np.clip(1.1 - 1.6 * level, 0, 1)
    line = cv2.GaussianBlur(layers.line[at], (0, 0), 1.2 * scale)
    dense = np.clip(relief.blurred(layers.line[at], 4.5 * scale) - 0.36, 0, 0.3)  # where both rims of thin parts meet
    pen = light.step(line, 0.46 - 0.26 * dark + 1.4 * dense, 0.18)
    cover = layers.cover[at]
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (round(8 * scale) | 1,) * 2)
    thin = cv2.GaussianBlur(cover - cv2.morphologyEx(cover, cv2.MORPH_OPEN, brush), (0, 0), 1.5 * scale)
    outline = light.step(
        -cv2.GaussianBlur(cover, (0, 0), 2.6 * scale), -(0.7 + 0.22 * dark) * (1 - 0.5 * np.clip(thin, 0, 1)), 0.14
    )
    return np.maximum(pen * 0.78, outline)


def _halftone(size: int, pitch_px: float) -> np.ndarray:
    """A screen of dots at 45 degrees: the share of tone above which a point is printed, [0, 1] (size, size)."""
    x, y = grid(size)
    turn = np.float32(np.pi * size / 2 / pitch_px / np.sqrt(2))
    return 0.5 + 0.25 * (np.cos((x + y) * turn) + np.cos((x - y) * turn))


def _printed_wall(backdrop: np.ndarray, scale: float) -> np.ndarray:
    """The backdrop in flatter colour, with a screen of dots that thickens downwards."""
    size = backdrop.shape[0]
    _, y = grid(size)
    screen = light.step(0.36 * (y + 0.75) - _halftone(size, 9 * scale), 0.0, 0.16)
    tones = 6
    level = backdrop.mean(2) * tones
    base = np.floor(level)
    stepped = (base + light.step(level - base, 0.5, 0.5)) / np.maximum(level, 1e-3)
    gain = (0.5 + 0.5 * stepped) * (1.03 - 0.06 * screen)
    return np.clip(backdrop * cv2.merge((gain, gain, gain)), 0, 1)
