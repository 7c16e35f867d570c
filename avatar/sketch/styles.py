"""Styles: ways to light the same layers. Each takes what the canvas knows and gives a picture."""

import math
from collections.abc import Callable

import cv2
import numpy as np

from personify.avatar.sketch.canvas import Layers, Window, threefold
from personify.avatar.sketch.materials import texture
from personify.voices.errors import unknown_name

_LIGHT = np.array([-0.5, -0.62, 0.62]) / np.linalg.norm([-0.5, -0.62, 0.62])
_FILL = np.array([0.75, 0.1, 0.55]) / np.linalg.norm([0.75, 0.1, 0.55])
_HALF = (_LIGHT + [0, 0, 1]) / np.linalg.norm(_LIGHT + [0, 0, 1])


def render(layers: Layers, backdrop: np.ndarray, style: str, seed: int) -> np.ndarray:
    """The picture, float32 RGB (H, W, 3) in [0, 1]; `backdrop` likewise."""
    if style not in STYLES:
        raise unknown_name("style", style, list(STYLES))
    return STYLES[style](layers, backdrop.copy(), seed)


def _clay(layers: Layers, backdrop: np.ndarray, seed: int) -> np.ndarray:
    """Modelled and lit as in a studio: a warm key, a cool fill, a rim of light, soft shadows."""
    at = _seen(layers)
    open_, soft = layers.open[at], layers.soft[at]
    normal = _normals(layers, at, 0.92)
    key = _wrapped(normal, _LIGHT, soft * 0.3 + 0.06) * open_
    fill = np.maximum(_dot(normal, _FILL), 0)
    ambient = (0.36 - 0.1 * normal[1]) * (0.45 + 0.55 * open_)
    rim = np.maximum(1 - normal[2], 0) ** 3 * np.clip(normal[0] * 0.6 - normal[1] * 0.5 + 0.35, 0, 1)
    rim = rim * layers.cover[at] * 0.16
    glow = soft * (1 - key) * 0.1
    shine = _highlight(normal, layers, at, 0.5)

    def lit(albedo: np.ndarray, tint: tuple[float, float, float, float, float]) -> np.ndarray:
        of_key, of_ambient, of_fill, of_glow, of_rim = tint
        light = key * of_key + ambient * of_ambient + fill * of_fill
        through = albedo * cv2.sqrt(albedo) * glow
        return _display(cv2.pow(albedo, 2.2) * light + through * of_glow + shine + rim * of_rim)

    tints = ((1.02, 0.9, 0.1, 1.1, 0.85), (0.96, 0.97, 0.13, 0.55, 0.95), (0.86, 1.1, 0.2, 0.4, 1.0))
    planes = [lit(albedo, tint) for albedo, tint in zip(cv2.split(layers.albedo[at]), tints, strict=True)]
    return _over(planes, backdrop, layers, at)


def _storybook(layers: Layers, backdrop: np.ndarray, seed: int) -> np.ndarray:
    """Gouache on paper: broad washes of light and cool shade, a coloured pencil along the edges, the paper's tooth."""
    at = _seen(layers)
    size = (layers.size, layers.size)
    whole_tooth = texture("grain", size, 3.2 * layers.size / 512, seed)
    whole_wash = texture("cloud", size, 40.0 * layers.size / 512, seed + 1)
    tooth, wash = whole_tooth[at], whole_wash[at]
    normal = _normals(layers, at, 0.7)
    key = _wrapped(normal, _LIGHT, 0.25) * (0.4 + 0.6 * layers.open[at])
    broad = cv2.GaussianBlur(key, (0, 0), 2.2 * layers.size / 512)  # a brush doesn't follow every pore
    level = broad + 0.05 * wash
    tone = 0.4 * _step(level, 0.24, 0.1) + 0.32 * _step(level, 0.55, 0.12) + 0.28 * np.clip(level, 0, 1)
    shine = _highlight(normal, layers, at, 0.22)
    grain = 1 + 0.035 * tooth + 0.03 * wash
    line = cv2.GaussianBlur(layers.line[at], (0, 0), 0.9 * layers.size / 512)
    pencil = np.clip(np.minimum(line * 1.25, 1) * (0.72 + 0.25 * tooth), 0, 0.9)

    def painted(albedo: np.ndarray, of_shadow: float, of_light: float, of_ink: float) -> np.ndarray:
        shadow = cv2.pow(albedo, 1.25) * of_shadow
        colour = np.minimum(albedo * 1.04 + 0.05, 1) * of_light
        colour = (shadow + (colour - shadow) * tone + shine) * grain
        ink = cv2.pow(albedo, 1.6) * of_ink
        return np.clip(colour + (ink - colour) * pencil, 0, 1)

    tints = ((0.56, 1.03, 0.3), (0.5, 1.0, 0.24), (0.66, 0.94, 0.26))
    planes = [painted(albedo, *tint) for albedo, tint in zip(cv2.split(layers.albedo[at]), tints, strict=True)]
    paper = np.clip(backdrop * threefold(1 + 0.03 * whole_tooth + 0.05 * whole_wash) + 0.03, 0, 1)
    return _over(planes, paper, layers, at)


Normal = tuple[np.ndarray, np.ndarray, np.ndarray]
"""x, y and z of unit normals, float32 (h, w) each: planes are several times faster to work on than (h, w, 3)."""


def _seen(layers: Layers) -> Window:
    """The window that holds the character and a little around it: nothing else needs light."""
    x, y, width, height = cv2.boundingRect((layers.cover > 0).astype(np.uint8))
    pad = 4
    return slice(max(0, y - pad), y + height + pad), slice(max(0, x - pad), x + width + pad)


def _normals(layers: Layers, at: Window, relief: float) -> Normal:
    x, y = -layers.slope_x[at] * relief, -layers.slope_y[at] * relief
    z = 1 / cv2.sqrt(x * x + y * y + 1)
    return x * z, y * z, z


def _dot(normal: Normal, direction: np.ndarray) -> np.ndarray:
    a, b, c = map(float, direction)
    return normal[0] * a + normal[1] * b + normal[2] * c


def _wrapped(normal: Normal, direction: np.ndarray, wrap: np.ndarray | float) -> np.ndarray:
    """Lambert's cosine that reaches around the edge by `wrap`, as light does in soft stuff."""
    return np.clip((_dot(normal, direction) + wrap) / (1 + wrap), 0, 1)


def _highlight(normal: Normal, layers: Layers, at: Window, strength: float) -> np.ndarray:
    """Blinn and Phong's highlight, sharper the glossier."""
    gloss = layers.gloss[at]
    cosine = np.clip(_dot(normal, _HALF), 0, 1)
    return strength * gloss * cv2.exp((8 + 70 * gloss) * (cosine - 1)) * (0.35 + 0.65 * layers.open[at])


def _display(linear: np.ndarray) -> np.ndarray:
    """Linear light to sRGB-like values with a soft shoulder."""
    return cv2.pow(np.clip((1 - cv2.exp(-1.45 * linear)) * (1 / (1 - math.exp(-1.75))), 0, 1), 1 / 2.2)


def _step(value: np.ndarray, at: float, softness: float) -> np.ndarray:
    t = np.clip((value - at) / softness + 0.5, 0, 1)
    return t * t * (3 - 2 * t)


def _over(planes: list[np.ndarray], back: np.ndarray, layers: Layers, at: Window) -> np.ndarray:
    """The window's colour planes laid over a picture that may be written to."""
    behind = back[at]
    behind += (cv2.merge(planes) - behind) * threefold(layers.cover[at])
    return back


STYLES: dict[str, Callable[[Layers, np.ndarray, int], np.ndarray]] = {"clay": _clay, "storybook": _storybook}
