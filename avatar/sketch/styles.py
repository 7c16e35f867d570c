"""Styles: ways to light the same layers. Each takes what the canvas knows and gives a picture."""

from collections.abc import Callable

import cv2
import numpy as np

from personify.avatar.sketch.canvas import Layers
from personify.avatar.sketch.materials import texture
from personify.voices.errors import unknown_name

_LIGHT = np.array([-0.5, -0.62, 0.62]) / np.linalg.norm([-0.5, -0.62, 0.62])
_FILL = np.array([0.75, 0.1, 0.55]) / np.linalg.norm([0.75, 0.1, 0.55])
_HALF = (_LIGHT + [0, 0, 1]) / np.linalg.norm(_LIGHT + [0, 0, 1])


def render(layers: Layers, backdrop: np.ndarray, style: str, seed: int) -> np.ndarray:
    """The picture, float32 RGB (H, W, 3) in [0, 1]; `backdrop` likewise."""
    if style not in STYLES:
        raise unknown_name("style", style, list(STYLES))
    return STYLES[style](layers, backdrop, seed)


def _clay(layers: Layers, backdrop: np.ndarray, seed: int) -> np.ndarray:
    """Modelled and lit as in a studio: a warm key, a cool fill, a rim of light, soft shadows."""
    normal = _normals(layers, 0.92)
    key = _wrapped(normal, _LIGHT, layers.soft * 0.3 + 0.06) * layers.open
    fill = np.clip(_dot(normal, _FILL), 0, 1)
    sky = 0.5 - 0.5 * normal[..., 1]
    ambient = (0.26 + 0.2 * sky) * (0.45 + 0.55 * layers.open)
    light = (
        key[..., None] * np.array([1.02, 0.96, 0.86], np.float32)
        + ambient[..., None] * np.array([0.9, 0.97, 1.1], np.float32)
        + fill[..., None] * np.array([0.1, 0.13, 0.2], np.float32)
    )
    colour = (layers.albedo**2.2) * light
    glow = layers.soft * (1 - key) * 0.1
    colour += (layers.albedo**1.5) * glow[..., None] * np.array([1.1, 0.55, 0.4], np.float32)
    colour += _highlight(normal, layers, 0.5)[..., None]
    rim = np.clip(1 - normal[..., 2], 0, 1) ** 3 * np.clip(normal[..., 0] * 0.6 - normal[..., 1] * 0.5 + 0.35, 0, 1)
    colour += (0.16 * rim * layers.cover)[..., None] * np.array([0.85, 0.95, 1.0], np.float32)
    return _over(_display(colour), backdrop, layers.cover)


def _storybook(layers: Layers, backdrop: np.ndarray, seed: int) -> np.ndarray:
    """Gouache on paper: broad washes of light and cool shade, a coloured pencil along the edges, the paper's tooth."""
    normal = _normals(layers, 0.7)
    key = _wrapped(normal, _LIGHT, 0.25) * (0.4 + 0.6 * layers.open)
    tooth = texture("grain", key.shape, 3.2 * layers.size / 512, seed)
    wash = texture("cloud", key.shape, 40.0 * layers.size / 512, seed + 1)
    level = key + 0.05 * wash
    tone = 0.4 * _step(level, 0.24, 0.1) + 0.32 * _step(level, 0.55, 0.12) + 0.28 * np.clip(level, 0, 1)
    shadow = layers.albedo**1.25 * np.array([0.56, 0.5, 0.66], np.float32)
    lit = np.clip(layers.albedo * 1.04 + 0.05, 0, 1) * np.array([1.03, 1.0, 0.94], np.float32)
    colour = shadow + (lit - shadow) * tone[..., None]
    colour += (_highlight(normal, layers, 0.22))[..., None]
    colour *= 1 + 0.035 * tooth[..., None] + 0.03 * wash[..., None]
    ink = layers.albedo**1.6 * np.array([0.3, 0.24, 0.26], np.float32)
    pencil = np.clip(cv2.GaussianBlur(layers.line, (0, 0), 0.9 * layers.size / 512) * 1.25, 0, 1) * (
        0.72 + 0.25 * tooth
    )
    colour += (ink - colour) * np.clip(pencil, 0, 0.9)[..., None]
    paper = np.clip(backdrop * (1 + 0.03 * tooth[..., None] + 0.05 * wash[..., None]) + 0.03, 0, 1)
    return _over(np.clip(colour, 0, 1), paper, layers.cover)


def _normals(layers: Layers, relief: float) -> np.ndarray:
    x, y = -layers.slope_x * relief, -layers.slope_y * relief
    length = np.sqrt(x * x + y * y + 1)
    return np.stack([x / length, y / length, 1 / length], -1)


def _dot(normal: np.ndarray, direction: np.ndarray) -> np.ndarray:
    return normal @ direction.astype(np.float32)


def _wrapped(normal: np.ndarray, direction: np.ndarray, wrap: np.ndarray | float) -> np.ndarray:
    """Lambert's cosine that reaches around the edge by `wrap`, as light does in soft stuff."""
    return np.clip((_dot(normal, direction) + wrap) / (1 + wrap), 0, 1)


def _highlight(normal: np.ndarray, layers: Layers, strength: float) -> np.ndarray:
    """Blinn and Phong's highlight, sharper the glossier."""
    cosine = np.clip(_dot(normal, _HALF.astype(np.float32)), 0, 1)
    sharp = 8 + 70 * layers.gloss
    return strength * layers.gloss * np.exp(sharp * (cosine - 1)) * (0.35 + 0.65 * layers.open)


def _display(linear: np.ndarray) -> np.ndarray:
    """Linear light to sRGB-like values with a soft shoulder."""
    return np.clip((1 - np.exp(-1.45 * linear)) / (1 - np.exp(-1.75)), 0, 1) ** (1 / 2.2)


def _step(value: np.ndarray, at: float, softness: float) -> np.ndarray:
    t = np.clip((value - at) / softness + 0.5, 0, 1)
    return t * t * (3 - 2 * t)


def _over(front: np.ndarray, back: np.ndarray, cover: np.ndarray) -> np.ndarray:
    return back + (front - back) * cover[..., None]


STYLES: dict[str, Callable[[Layers, np.ndarray, int], np.ndarray]] = {"clay": _clay, "storybook": _storybook}
