"""What growing things share: gleams on skin, tendrils, blades of grass, a stalk, and marks that keep off the face."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import FaceSpot, Look, Part
from personify.avatar.sketch.shapes import ellipse, leaf, stroke

GREENS = ("#4f8f45", "#5f9e3f", "#3f7f4c", "#6a9a3f")
STALKS = ("#6b4a2f", "#7a5a35", "#5a4028")
SOIL = np.array([0.33, 0.23, 0.17])


def gleam(x: float, y: float, rx: float, ry: float, turn: float, ground: np.ndarray, share: float = 0.6) -> Part:
    """A spot of reflected light on glossy skin."""
    return Part(ellipse(x, y, rx, ry, turn=turn), colours.mix(ground, np.ones(3), share), "porcelain", puff=0.1, lift=0)


def tendril(x: float, y: float, size: float, way: int, green: np.ndarray, half: float = 0.02) -> Part:
    """A curl that sets out from (x, y) upwards and to the side that `way` says, and winds up."""
    turns = np.linspace(0, 2 * math.pi * 1.35, 16)
    radius = size * (1 - 0.75 * turns / turns[-1])
    curl = [(x + way * (size * 1.1 - r * math.cos(t)), y - 0.8 * size - r * math.sin(t)) for t, r in
        zip(turns, radius, strict=True)]  # fmt: skip
    return Part(stroke([(x, y), (x + way * size * 0.02, y - size * 0.4), *curl], half), green, "leaf", lift=0.02)


def stalk(points: list[tuple[float, float]], widths: list[float], colour: np.ndarray) -> Part:
    """A woody or green stalk along the points."""
    return Part(stroke(points, widths), colour, "bark", puff=0.9, lift=0.03)


def blades(look: Look, foot: float, green: np.ndarray, places: list[tuple[float, float]]) -> tuple[Part, ...]:
    """Blades of grass: (x, lean in degrees) each."""
    return tuple(
        Part(leaf(x, foot, look.vary(0.18, 0.32), 0.034, turn=turn), colours.shade(green, light=look.vary(-0.05, 0.06)),
            "leaf", puff=0.5, lift=0.02)
        for x, turn in places
    )  # fmt: skip


def off_face(x: float, y: float, spot: FaceSpot) -> float:
    """How far a mark stands from the middle of the face, in face units: at 1.05 and above it disturbs nothing."""
    return math.hypot((x - spot.cx) / 1.12, (y - spot.cy) / (1.28 * spot.squeeze) - 0.36 * spot.iod / 1.28) / spot.iod
