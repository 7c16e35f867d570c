"""Household things: teapot, mug, lamp, clock."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, ellipse, mirrored, stroke


@archetype("cartoon", mains=("#4f8f8b", "#c96f4a", "#e3c9a0", "#5b7fb5", "#b5546a", "#d9dcd6"), material="porcelain")
def teapot(look: Look) -> Figure:
    """A round pot with a lid, a spout to the right and a handle to the left."""
    w, h = look.vary(0.58, 0.63), look.vary(0.6, 0.66)
    trim = colours.shade(look.main, light=-0.12)
    belly = mirrored([(0, -h), (w * 0.6, -h * 0.86), (w, -h * 0.22), (w * 0.97, h * 0.4), (w * 0.62, h * 0.93), (0, h)])
    belly = belly + (0, 0.2)
    spout = stroke([(w * 0.8, 0.4), (w + 0.08, 0.26), (w + 0.12, -0.06), (w + 0.22, -0.2)], [0.19, 0.13, 0.085, 0.075])
    handle = stroke(
        [(-w * 0.86, -0.1), (-w - 0.13, -0.18), (-w - 0.23, 0.08), (-w - 0.15, 0.4), (-w * 0.85, 0.5)], 0.058
    )
    top = 0.2 - h
    lid = mirrored([(0, top - 0.15), (w * 0.38, top - 0.08), (w * 0.62, top + 0.06), (0, top + 0.14)])
    foot = ellipse(0, 0.2 + h, w * 0.55, 0.06)
    body = look.material
    spots = Pattern("spots", colours.mix(look.main, np.ones(3), 0.5), 0.16, 0.8) if look.chance(0.3) else None
    return Figure(
        body=(
            Part(handle, trim, body), Part(spout, look.main, body, lift=0.04), Part(foot, trim, body, puff=0.4),
            Part(belly, look.main, body, pattern=spots),
            Part(lid, trim, body, puff=0.7, lift=0.03),
            Part(ellipse(0, top - 0.19, 0.085, 0.075), look.main, body, lift=0.02),
        ),
        face=FaceSpot(0, 0.06, look.vary(0.385, 0.41), squeeze=0.92),
        crown=(0, top - 0.1, 0.3),
        neck=(0, 0.72),
    )  # fmt: skip


@archetype("office", mains=("#d8433b", "#3f7fc1", "#f0efe9", "#2f9e8f", "#f2b632"), material="porcelain")
def mug(look: Look) -> Figure:
    """A mug with a handle and something hot in it."""
    w, h = look.vary(0.5, 0.58), look.vary(0.58, 0.66)
    cy = 0.12
    rim = colours.shade(look.main, light=0.06)
    drink = look.one_of("#4a2a18", "#6b3d1f", "#a8672f")
    side = 1 if look.chance(0.5) else -1
    handle = stroke(
        [
            (side * w * 0.9, cy - 0.3),
            (side * (w + 0.24), cy - 0.26),
            (side * (w + 0.27), cy + 0.16),
            (side * w * 0.9, cy + 0.3),
        ],
        0.065,
    )
    steam = tuple(
        Part(stroke([(x, -0.72), (x + 0.05, -0.8), (x - 0.03, -0.88), (x + 0.02, -0.95)], [0.012, 0.022, 0.018, 0.004]),
             np.array([0.94, 0.95, 0.97]), "cloud", puff=0.3, lift=0.0)
        for x in (-0.2, 0.02, 0.22)
    )  # fmt: skip
    return Figure(
        body=(
            *steam, Part(handle, look.main, look.material),
            Part(box(0, cy, w, h, 0.16), look.main, look.material, bevel=0.34),
            Part(ellipse(0, cy - h + 0.05, w * 0.96, 0.1), rim, look.material, puff=0.3, lift=0.0),
            Part(ellipse(0, cy - h + 0.06, w * 0.84, 0.07), drink, "waxy", puff=0.1, lift=0.0),
        ),
        face=FaceSpot(0, 0.02, w * 0.7, squeeze=0.95),
        crown=(0, cy - h, w),
    )  # fmt: skip
