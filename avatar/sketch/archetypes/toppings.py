"""Toppings that several foods and candles share: cherries, sugar strands, flames, and keeping clear of the face."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import FaceSpot, Look, Part
from personify.avatar.sketch.shapes import box, ellipse, mirrored, place, stroke

_SPRINKLES = ("#e4553f", "#f0b429", "#4fa06a", "#3f86c9", "#f4f0e6", "#e87fa5", "#8a5fc0")
_WICK = np.array([0.2, 0.16, 0.14])


def cherry(x: float, y: float, r: float, lean: float) -> tuple[Part, ...]:
    """A glazed cherry with its stalk."""
    red = np.array([0.78, 0.1, 0.16])
    return (
        Part(stroke([(x, y - r * 0.7), (x + lean * 0.5, y - r * 1.7), (x + lean, y - r * 2.2)], [0.016, 0.013, 0.02]),
            np.array([0.36, 0.42, 0.16]), "leaf", lift=0.01),
        Part(ellipse(x, y, r, r * 0.95), red, "porcelain", puff=0.95, lift=0.03),
        Part(ellipse(x - r * 0.32, y - r * 0.4, r * 0.2, r * 0.13, turn=-35), colours.mix(red, np.ones(3), 0.75),
            "porcelain", puff=0.2, lift=0.0),
    )  # fmt: skip


def sprinkle(look: Look, x: float, y: float) -> Part:
    """One sugar strand, turned anyhow."""
    bar = box(0, 0, 0.036, 0.0125, 0.012)
    return Part(place(bar, x, y, turn=look.vary(0, 180)), look.one_of(*_SPRINKLES), "plastic", puff=0.8, lift=0.01)


def away(x: float, y: float, spot: FaceSpot) -> float:
    """How far from the middle of the face, in face units: above 1.1 nothing disturbs it."""
    return math.hypot((x - spot.cx) / 1.1, (y - spot.cy) / (1.3 * spot.squeeze) - 0.33 * spot.iod) / spot.iod


def flame(x: float, foot: float, height: float) -> tuple[Part, ...]:
    """A candle's flame that stands on (x, foot), with its wick and bright heart."""

    def tongue(scale: float) -> np.ndarray:
        h = height * scale
        return mirrored([(x, foot - h), (x + h * 0.2, foot - h * 0.55), (x + h * 0.29, foot - h * 0.26),
            (x + h * 0.16, foot - h * 0.03), (x, foot)], cx=x)  # fmt: skip

    return (
        Part(stroke([(x, foot + height * 0.14), (x, foot - height * 0.12)], height * 0.035), _WICK, "felt",
            lift=0.0),
        Part(tongue(1.0), np.array([0.98, 0.56, 0.14]), "cloud", puff=0.3, lift=0.0),
        Part(tongue(0.66), np.array([1.0, 0.86, 0.4]), "cloud", puff=0.2, lift=0.0),
    )  # fmt: skip


def apart(points: np.ndarray, distance: float) -> list[tuple[float, float]]:
    """Those of the points (n, 2) that keep this distance from all before them: scattered, yet evenly."""
    kept: list[tuple[float, float]] = []
    for x, y in points.tolist():
        if all(math.hypot(x - a, y - b) > distance for a, b in kept):
            kept.append((x, y))
    return kept
