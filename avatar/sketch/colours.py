"""Colours as sRGB floats in [0, 1], shape (3,): parsing by name, and the few mixtures that drawing needs."""

import colorsys
from functools import lru_cache

import numpy as np

from personify.voices.errors import BadInput


def parse(name: str) -> np.ndarray:
    """A CSS colour name or `#rrggbb` as RGB."""
    return np.array(_parse(name.strip().lower().replace(" ", "")))


@lru_cache(maxsize=512)
def _parse(name: str) -> tuple[float, float, float]:
    from PIL import ImageColor

    try:
        rgb = ImageColor.getrgb(name)
    except ValueError as error:
        raise BadInput(f"unknown colour {name!r}; give a CSS colour name or #rrggbb") from error
    return rgb[0] / 255, rgb[1] / 255, rgb[2] / 255


def mix(a: np.ndarray, b: np.ndarray, share: float) -> np.ndarray:
    """`a` with that share of `b`."""
    return a * (1 - share) + b * share


def shade(colour: np.ndarray, *, light: float = 0.0, hue: float = 0.0, saturation: float = 0.0) -> np.ndarray:
    """The colour moved in lightness, hue (turns) and saturation."""
    h, lum, s = colorsys.rgb_to_hls(*map(float, colour))
    return np.array(colorsys.hls_to_rgb((h + hue) % 1, _unit(lum + light), _unit(s + saturation)))


def luminance(colour: np.ndarray) -> float:
    """Relative luminance as by Rec. 709, on the sRGB values themselves."""
    return float(colour @ (0.2126, 0.7152, 0.0722))


def within(colour: np.ndarray, low: float, high: float) -> np.ndarray:
    """The colour made lighter or darker until its luminance lies within bounds: light must be able to shape it."""
    seen = luminance(colour)
    if seen < low:
        return mix(colour, np.ones(3), (low - seen) / max(1 - seen, 1e-6))
    if seen > high:
        return colour * (high / seen)
    return colour


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
