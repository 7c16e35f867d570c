"""Things of fire and storm: flame and lightning."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.vehicles import puffs
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, rounded, stroke

_GOLD = np.array([1.0, 0.84, 0.36])


@archetype(
    "weather",
    mains=("#f0702f", "#ea5a2a", "#f2882f", "#e04a35"),
    seconds=("#ffc94a", "#ffd970", "#ffb84a"),
    material="porcelain",
)
def flame(look: Look) -> Figure:
    """A flame: tongues that lick upwards round a bright heart with the face, on two crossed logs, with sparks."""
    s = 1 if look.chance(0.5) else -1
    w, tip = look.vary(0.66, 0.71), look.vary(-0.97, -0.93)
    outer = curve([(s * 0.08, tip), (s * 0.26, -0.62), (s * 0.34, -0.34), (s * 0.5, -0.62), (s * 0.62, -0.2), (s * w,
        0.22), (s * 0.56, 0.66), (s * 0.26, 0.84), (-s * 0.26, 0.84), (-s * 0.56, 0.66), (-s * w, 0.22), (-s * 0.64,
        -0.14), (-s * 0.56, -0.44), (-s * 0.4, -0.22), (-s * 0.26, -0.48), (-s * 0.12, -0.7)], n=9)  # fmt: skip
    middle = (outer - (0, 0.84)) * (0.86, 0.8) + (0, 0.84)
    heart = curve([(s * 0.02, -0.42), (s * 0.3, -0.22), (s * 0.5, 0.12), (s * 0.48, 0.5), (s * 0.26, 0.74), (-s * 0.26,
        0.74), (-s * 0.48, 0.5), (-s * 0.5, 0.12), (-s * 0.28, -0.2)], n=9)  # fmt: skip
    glow = look.second
    log, ring = look.one_of("#6b4630", "#7a5238", "#5a3a28"), np.array([0.85, 0.68, 0.46])
    logs = tuple(
        part for k in (-1, 1) for part in (
            Part(stroke([(-k * 0.66, 0.93), (k * 0.6, 0.8)], 0.085), log, "bark", puff=0.9, lift=0.04),
            Part(ellipse(k * 0.64, 0.795, 0.06, 0.085), ring, "wood", puff=0.3, lift=0.02))
    )  # fmt: skip
    sparks = tuple(
        Part(ellipse(x, y, r, r), _GOLD, "porcelain", puff=0.9)
        for x, y, r in ((s * 0.46, -0.82, 0.035), (-s * 0.5, -0.72, 0.03), (s * 0.78, -0.36, 0.025), (-s * 0.8, -0.2,
            0.035), (-s * 0.28, -0.9, 0.022))
    )  # fmt: skip
    return Figure(
        body=(
            *sparks, Part(outer, look.main, look.material, puff=0.5,
                pattern=Pattern("fade", colours.shade(look.main, light=-0.07), 0.5, 0.8)),
            Part(middle, colours.mix(look.main, glow, 0.45), look.material, puff=0.3, lift=0.01),
            Part(heart, glow, look.material, puff=0.4, lift=0.01), *logs,
        ),
        face=FaceSpot(0, 0.07, look.vary(0.37, 0.385), squeeze=0.92),
        crown=(0, -0.46, 0.4),
        neck=(0, 0.7),
    )  # fmt: skip


@archetype(
    "weather",
    mains=("#ffd23f", "#ffc22f", "#ffe066", "#f2b53f", "#8fd0f2"),
    seconds=("#8a94a8", "#a5adbd", "#7a86a0"),
    material="porcelain",
)
def lightning(look: Look) -> Figure:
    """A bolt of lightning: a broad zigzag with the face on its upper half, out of a dark cloud, with small flashes."""
    s = 1 if look.chance(0.5) else -1
    bolt = [(-0.42, -0.9), (0.62, -0.9), (0.44, -0.3), (0.82, -0.28), (-0.3, 0.97), (-0.06, 0.36), (-0.68, 0.38)]
    shape = rounded([(s * x, y) for x, y in bolt], 0.06)
    rim = shape * 1.045
    small = [(0.0, -0.12), (0.1, -0.12), (0.06, -0.02), (0.13, -0.02), (-0.04, 0.16), (0.0, 0.03), (-0.07, 0.03)]
    flashes = tuple(
        Part(rounded([(x + s * u * k, y + v * k) for u, v in small], 0.008), look.main, look.material, puff=0.4)
        for x, y, k in ((-s * 0.72, 0.7, 1.3), (s * 0.7, 0.4, 1.5))
    )
    cloud = tuple(
        puffs(look, x, y, r, colours.shade(look.second, light=d))
        for x, y, r, d in ((-0.66, -0.78, 0.24, -0.03), (0.7, -0.78, 0.24, -0.03), (-0.36, -0.86, 0.2, 0.03), (0.4,
            -0.86, 0.2, 0.03), (0.0, -0.9, 0.2, 0.05))
    )  # fmt: skip
    return Figure(
        body=(
            *flashes, *cloud[:2], Part(rim, colours.mix(look.main, np.array([0.85, 0.5, 0.1]), 0.5), look.material,
                puff=0.3),
            Part(shape, look.main, look.material, puff=0.3, lift=0.01), *cloud[2:],
        ),
        face=FaceSpot(-s * 0.02, -0.26, look.vary(0.34, 0.355), squeeze=0.93),
        crown=(0, -0.88, 0.5),
        neck=(-s * 0.1, 0.4),
    )  # fmt: skip
