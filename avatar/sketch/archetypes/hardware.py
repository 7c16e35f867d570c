"""Tools and ironmongery: hammer, axe, broom, key, padlock."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, petals, rounded, stroke

_STEEL = np.array([0.72, 0.75, 0.79])
_WOODS = ("#b57f4a", "#a06a3a", "#c99a5f", "#8a5a35")
_BRASSES = ("#d9b04a", "#c98f4a", "#c4c9d0", "#b5a35a", "#cf9a7a")


def _shaft(look: Look, top: float, low: float, half: float, tone: np.ndarray) -> tuple[Part, ...]:
    """A turned wooden handle, thicker at its grip."""
    outline = stroke([(0, top), (0, (top + low) / 2), (0, low - 0.2), (0, low)], [half * 0.85, half, half * 1.25,
        half * 1.1])  # fmt: skip
    return (
        Part(outline, tone, "wood", puff=0.8),
        Part(box(0, low - 0.07, half * 1.3, 0.03, 0.02), colours.shade(tone, light=-0.12), "wood", puff=0.5, lift=0.0),
    )


@archetype("household", mains=_WOODS, seconds=("#b5bac2", "#8f959f", "#9aa5b5", "#c4b8a4"), material="wood")
def hammer(look: Look) -> Figure:
    """A hammer: a great head with a striking face at one end and a claw at the other, on a wooden handle."""
    s = 1 if look.chance(0.5) else -1
    wooden = called(look, "mallet", "gavel")
    tone = look.one_of(*_WOODS) if wooden else colours.within(look.second, 0.35, 0.85)
    kind = "wood" if wooden else "metal"
    h, cy = look.vary(0.38, 0.41), -0.38
    cheek = box(0, cy, 0.53, h, 0.1)
    poll = (
        Part(rounded([(s * 0.46, cy - h * 0.72), (s * 0.66, cy - h * 0.62), (s * 0.66, cy + h * 0.62), (s * 0.46,
            cy + h * 0.72)], 0.03), colours.shade(tone, light=-0.08), kind, puff=0.6),
        Part(box(s * 0.76, cy, 0.13, h * 0.9, 0.05), tone, kind, puff=0.6, lift=0.04),
    )  # fmt: skip
    claw = (
        Part(box(-s * 0.72, cy, 0.2, h * 0.96, 0.06), tone, kind, puff=0.5),
        Part(box(-s * 0.58, cy, 0.05, h, 0.03), colours.shade(tone, light=-0.1), kind, puff=0.6),
    ) if wooden else (
        Part(curve([(-s * 0.44, cy - h * 0.8), (-s * 0.66, cy - h * 0.72), (-s * 0.86, cy - h * 0.2), (-s * 0.95,
            cy + h * 0.95), (-s * 0.8, cy + h * 0.45), (-s * 0.66, cy + h * 0.35), (-s * 0.44, cy + h * 0.6)]), tone,
            kind, puff=0.7),
        Part(curve([(-s * 0.44, cy - h * 0.9), (-s * 0.7, cy - h * 0.85), (-s * 0.96, cy - h * 0.4), (-s * 0.99,
            cy + h * 0.5), (-s * 0.87, cy), (-s * 0.66, cy - h * 0.2), (-s * 0.44, cy)]),
            colours.shade(tone, light=0.05), kind, puff=0.6, lift=0.02),
    )  # fmt: skip
    return Figure(
        body=(
            *_shaft(look, cy + h - 0.05, 0.95, 0.13, look.main),
            Part(box(0, cy + h + 0.04, 0.2, 0.07, 0.03), colours.shade(tone, light=-0.1), kind, puff=0.7),
            *poll, *claw, Part(cheek, tone, kind, bevel=0.09, lift=0.05),
            Part(box(0, cy - h - 0.01, 0.13, 0.035, 0.02), look.main, "wood", puff=0.6),
        ),
        face=FaceSpot(0, cy - 0.1, h * 0.79, squeeze=0.93),
        crown=(0, cy - h, 0.5),
        neck=(0, cy + h + 0.05),
    )  # fmt: skip


@archetype("household", mains=_WOODS, seconds=("#b5bac2", "#8f959f", "#c8594a", "#9aa5b5"), material="wood")
def axe(look: Look) -> Figure:
    """An axe: a broad bit with a bright edge and the face on its cheek, on a wooden handle."""
    s = 1 if look.chance(0.5) else -1
    tone = colours.within(look.second, 0.35, 0.85)
    bit = rounded([(s * 0.36, -0.8), (-s * 0.28, -0.8), (-s * 0.72, -0.94), (-s * 0.86, -0.4), (-s * 0.72, 0.2),
        (-s * 0.28, 0.02), (s * 0.36, -0.02)], 0.12)  # fmt: skip
    edge = stroke(
        [(-s * 0.7, -0.9), (-s * 0.83, -0.6), (-s * 0.86, -0.37), (-s * 0.83, -0.14), (-s * 0.7, 0.16)], 0.045
    )
    handle = stroke([(s * 0.18, -0.95), (s * 0.2, -0.3), (s * 0.24, 0.4), (s * 0.34, 0.93)], [0.1, 0.11, 0.11, 0.14])
    return Figure(
        body=(
            Part(handle, look.main, "wood", puff=0.8),
            Part(box(s * 0.42, -0.41, 0.12, 0.3, 0.06), colours.shade(tone, light=-0.08), "metal", puff=0.6),
            Part(bit, tone, "metal", bevel=0.08, lift=0.05),
            Part(edge, colours.mix(_STEEL, np.ones(3), 0.65), "metal", puff=0.4, lift=0.0),
        ),
        face=FaceSpot(-s * 0.22, -0.52, 0.32, squeeze=0.96),
        crown=(-s * 0.1, -0.8, 0.4),
        neck=(s * 0.22, 0.06),
    )  # fmt: skip


@archetype("household", mains=("#e0b85f", "#d9a54a", "#e8c987", "#c9984a"), seconds=("#c9433a", "#3f6f9a", "#7a4a2c",
    "#4f8a5f"), material="straw")  # fmt: skip
def broom(look: Look) -> Figure:
    """A besom: a flared skirt of straw bound with bands, the face in the straw, on a long stick; a mop has strings."""
    mop = called(look, "mop")
    tone = np.array([0.93, 0.9, 0.83]) if mop else look.main
    dark, low, w = colours.shade(tone, light=-0.14), 0.86, look.vary(0.66, 0.72)
    skirt = curve([(-0.24, -0.56), (0.24, -0.56), (0.44, -0.34), (0.58, 0.1), (w, 0.6), (w * 0.98, low - 0.04),
        (0.4, low + 0.03), (0, low), (-0.4, low + 0.03), (-w * 0.98, low - 0.04), (-w, 0.6), (-0.58, 0.1),
        (-0.44, -0.34)], n=8)  # fmt: skip
    ends = tuple(
        Part(stroke([(x * 0.86, 0.55), (x, low - 0.02), (x * 1.03 + look.vary(-0.02, 0.02), low + look.vary(0.03,
            0.1))], [0.035, 0.04, 0.05 if mop else 0.012]), colours.shade(tone, light=look.vary(-0.1, 0.03)),
            "fabric" if mop else "wood", puff=0.8, lift=0.01)
        for x in np.linspace(-w * 0.97, w * 0.97, 19)
    )  # fmt: skip
    straws = tuple(
        Part(stroke([(0.26 * u, -0.5), (0.5 * u, -0.1), (w * 0.96 * u, 0.7)], [0.008, 0.014, 0.01]), dark,
            "wood", puff=0.3, lift=0.0)
        for u in (-0.97, -0.9, -0.82, 0.82, 0.9, 0.97)
    )  # fmt: skip
    lower = tuple(
        Part(
            stroke([(0.56 * u, look.vary(0.55, 0.68)), (w * 0.96 * u, low - 0.02)], [0.004, 0.009]),
            dark,
            "wood",
            puff=0.3,
            lift=0.0,
        )
        for u in np.linspace(-0.75, 0.75, 9)
    )
    thread = tuple(
        Part(stroke([(-x, y), (0, y + 0.045), (x, y)], 0.035), look.second, "fabric", puff=0.9, lift=0.02)
        for x, y in ((0.25, -0.56), (0.32, -0.47))
    )
    return Figure(
        body=(
            *_shaft(look, -0.99, -0.38, 0.075, look.one_of(*_WOODS)), *ends,
            Part(skirt, tone, "fabric" if mop else "clay", puff=0.55, lift=0.05,
                pattern=Pattern("stripes", dark, 0.045, 0.22)),
            *straws, *lower, *thread,
        ),
        face=FaceSpot(0, -0.04, look.vary(0.38, 0.4), squeeze=0.92),
        crown=(0, -0.5, 0.36),
        neck=(0, 0.6),
    )  # fmt: skip


@archetype("household", mains=_BRASSES, seconds=("#c9433a", "#3f6f9a", "#4f8a5f", "#8a5fa8"), material="metal")
def key(look: Look) -> Figure:
    """An old key: the face on its round bow, a collared shaft, a bit with teeth, sometimes a ribbon."""
    r, cy, s = look.vary(0.54, 0.57), -0.36, 1 if look.chance(0.5) else -1
    dark = colours.shade(look.main, light=-0.1)
    fancy = look.chance(0.6)
    bow = petals(0, cy, r + 0.1, r * 0.97, 8, turn=22.5) if fancy else ellipse(0, cy, r + 0.05, r + 0.05)
    teeth = tuple(
        Part(box(s * (0.06 + reach / 2), y, reach / 2 + 0.06, 0.045, 0.02), look.main, look.material, bevel=0.03)
        for y, reach in ((0.66, 0.24), (0.78, look.vary(0.14, 0.2)), (0.9, 0.28))
    )
    ribbon = (
        (Part(stroke([(0, 0.28), (-s * 0.2, 0.42), (-s * 0.28, 0.66)], [0.03, 0.055, 0.06]), look.second, "silk",
            puff=0.5),
         Part(stroke([(0, 0.28), (-s * 0.32, 0.36), (-s * 0.46, 0.56)], [0.03, 0.05, 0.055]), look.second, "silk",
            puff=0.5))
        if look.chance(0.5) else ()
    )  # fmt: skip
    studs = tuple(
        Part(ellipse((r + 0.025) * math.sin(a), cy - (r + 0.025) * math.cos(a), 0.028, 0.028),
            colours.shade(look.main, light=0.12), look.material, puff=1.0, lift=0.01)
        for a in (np.arange(8) + 0.5) * math.pi / 4
    ) if fancy else ()  # fmt: skip
    return Figure(
        body=(
            *teeth, Part(box(0, 0.55, 0.085, 0.43, 0.05), look.main, look.material, puff=0.9, lift=0.03), *ribbon,
            *(Part(box(0, y, half, 0.04, 0.035), dark, look.material, puff=0.9, lift=0.02)
                for y, half in ((0.24, 0.19), (0.33, 0.14), (0.54, 0.12))),
            Part(bow, dark, look.material, puff=0.35, lift=0.04), *studs,
            Part(ellipse(0, cy, r * 0.92, r * 0.92), look.main, look.material, puff=0.4, lift=0.03),
        ),
        face=FaceSpot(0, cy - 0.12, r * 0.64),
        crown=(0, cy - r, r * 0.7),
        neck=(0, 0.24),
    )  # fmt: skip


@archetype("household", mains=_BRASSES, seconds=("#b5bac2", "#8f959f", "#c4c9d0"), material="metal")
def padlock(look: Look) -> Figure:
    """A padlock: a stout body with riveted corners, a steel shackle, and a keyhole under the chin."""
    w, top, low = look.vary(0.66, 0.72), look.vary(-0.28, -0.24), 0.9
    dark = colours.shade(look.main, light=-0.14)
    ry = look.vary(0.5, 0.6)
    a = np.linspace(math.pi, 0, 20)
    arch = [(0.4 * math.cos(t), top - 0.1 - ry * math.sin(t)) for t in a]
    shackle = stroke([(-0.4, top + 0.08), *arch, (0.4, top + 0.08)], 0.1)
    hole_y = 0.73
    corners = both(*(Part(ellipse(w - 0.09, y, 0.036, 0.036), colours.shade(look.main, light=0.1), look.material,
        lift=0.015) for y in (top + 0.1, low - 0.1)))  # fmt: skip
    return Figure(
        body=(
            Part(shackle, look.second, "metal", puff=0.9),
            *both(Part(box(0.4, top - 0.01, 0.135, 0.05, 0.03), dark, look.material, puff=0.7)),
            Part(box(0, (top + low) / 2, w, (low - top) / 2, 0.16), look.main, look.material, bevel=0.12, lift=0.05),
            *corners,
            Part(ellipse(0, hole_y - 0.02, 0.115, 0.14), colours.shade(look.main, light=0.06), look.material, puff=0.5,
                lift=0.01),
            Part(ellipse(0, hole_y - 0.05, 0.045, 0.045), np.array([0.12, 0.1, 0.1]), "clay", puff=0.0, lift=0.0),
            Part(rounded([(-0.018, hole_y - 0.05), (0.018, hole_y - 0.05), (0.035, hole_y + 0.07), (-0.035,
                hole_y + 0.07)], 0.01), np.array([0.12, 0.1, 0.1]), "clay", puff=0.0, lift=0.0),
        ),
        face=FaceSpot(0, 0.04, w * 0.56, squeeze=0.93),
        crown=(0, top - ry - 0.18, 0.45),
        neck=(0, low - 0.1),
    )  # fmt: skip
