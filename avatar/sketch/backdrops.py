"""Backdrops: a calm ground behind the figure that lets its colour stand out."""

import colorsys

import cv2
import numpy as np

from personify.avatar.sketch import colours


def backdrop(size: int, main: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A soft studio wall and floor in a colour that suits `main`, float32 RGB (size, size, 3) in [0, 1]."""
    wall = _beside(main, rng)
    low = 64
    y, x = np.mgrid[0:low, 0:low].astype(np.float32) / low
    cx, cy = rng.uniform(0.3, 0.7), rng.uniform(0.28, 0.45)
    glow = np.exp(-(((x - cx) / 0.5) ** 2) - ((y - cy) / 0.5) ** 2)
    tone = 0.72 + 0.36 * glow - 0.12 * y
    floor = 1 / (1 + np.exp(-(y - 0.86) * 26))
    tone = tone * (1 - 0.12 * floor) + 0.06 * floor
    blotch = cv2.resize(rng.standard_normal((5, 5)).astype(np.float32), (low, low), interpolation=cv2.INTER_CUBIC)
    tone = tone + 0.025 * blotch
    picture = np.clip(tone[..., None] * np.float32(wall), 0, 1)
    picture = cv2.resize(picture, (size, size), interpolation=cv2.INTER_CUBIC)
    return np.clip(picture, 0, 1)


def ground_shadow(picture: np.ndarray, cover: np.ndarray, strength: float = 0.4) -> np.ndarray:
    """The picture with the figure's soft shadow on the wall and floor behind it; `cover` float32 (H, W)."""
    size = cover.shape[0]
    small = cv2.resize(cover, (128, 128), interpolation=cv2.INTER_AREA)
    moved = cv2.warpAffine(small, np.array([[1, 0, 5], [0, 1, 5]], np.float32), (128, 128))
    soft = cv2.resize(cv2.GaussianBlur(moved, (0, 0), 6), (size, size), interpolation=cv2.INTER_LINEAR)
    return picture * cv2.merge([1 - soft * (strength * tint) for tint in (1.0, 0.96, 0.88)])


def _beside(main: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A quiet colour across the wheel from the main one, light behind dark figures and darker behind light ones."""
    hue, _, saturation = colorsys.rgb_to_hls(*map(float, main))
    turn = rng.choice([0.5, 0.42, 0.58, 0.33]) if saturation > 0.15 else rng.uniform(0, 1)
    lum = 0.7 if colours.luminance(main) < 0.45 else 0.56
    return np.array(colorsys.hls_to_rgb((hue + turn + rng.uniform(-0.04, 0.04)) % 1, lum, rng.uniform(0.14, 0.3)))
