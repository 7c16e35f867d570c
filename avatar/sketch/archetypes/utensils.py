"""Utensils whose head is big enough for a face: spoon, fork, knife, frying pan."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, ellipse, mirrored, rounded, stroke

_STEEL = np.array([0.76, 0.78, 0.81])
_METALS = ("#c4c9d2", "#dcc27a", "#b5bcc4", "#d0d4d9", "#aeb9c9")


def _rivets(xs: float, ys: tuple[float, ...], r: float) -> tuple[Part, ...]:
    return tuple(Part(ellipse(xs, y, r, r), np.array([0.85, 0.78, 0.6]), "metal", lift=0.01) for y in ys)


@archetype("household", mains=_METALS, seconds=("#8a5a35", "#3f6f8a", "#c9564a", "#f0e8d8"), material="metal")
def spoon(look: Look) -> Figure:
    """A spoon, bowl up: the face in the bowl, a slender handle with an ornamented end."""
    w, cy = look.vary(0.49, 0.52), -0.36
    ry = look.vary(0.57, 0.6)
    wooden = called(look, "wooden") or look.material == "wood"
    tone, material = (look.one_of("#c98f55", "#b57a45", "#d9a56a"), "wood") if wooden else (look.main, look.material)
    bowl = mirrored([(0, cy - ry), (w * 0.48, cy - ry * 0.86), (w * 0.88, cy - ry * 0.4), (w, cy + 0.12),
        (w * 0.8, cy + ry * 0.62), (w * 0.34, cy + ry * 0.92), (0.09, cy + ry + 0.1),
        (0, cy + ry + 0.12)])  # fmt: skip
    dip = mirrored([(0, cy - ry), (w * 0.48, cy - ry * 0.86), (w * 0.88, cy - ry * 0.4), (w, cy + 0.12),
        (w * 0.8, cy + ry * 0.62), (w * 0.34, cy + ry * 0.9), (0, cy + ry * 0.95)])  # fmt: skip
    dip = (dip - (0, cy)) * 0.93 + (0, cy)
    gleam = stroke(
        [(-w * 0.62, cy - ry * 0.2), (-w * 0.5, cy - ry * 0.5), (-w * 0.26, cy - ry * 0.7)], [0.012, 0.028, 0.01]
    )
    handle = stroke([(0, cy + ry - 0.1), (0, 0.5), (0, 0.9)], [0.07, 0.055, 0.13])
    ornament = (
        Part(ellipse(0, 0.9, 0.075, 0.06), colours.shade(tone, light=0.08), material, puff=0.5, lift=0.01),
        *both(Part(stroke([(0.03, 0.7), (0.045, 0.78)], 0.012), tone * 0.7, material, puff=-0.2, lift=0.0)),
    )
    return Figure(
        body=(
            Part(handle, colours.shade(tone, light=-0.02), material, puff=0.8), *ornament,
            Part(bowl, tone, material, puff=0.35, lift=0.06),
            Part(dip, colours.shade(tone, light=0.04), material, puff=-0.3, lift=0.0),
            Part(gleam, colours.mix(tone, np.ones(3), 0.55), material, puff=0.2, lift=0.0),
        ),
        face=FaceSpot(0, cy - 0.11, w * 0.69, squeeze=0.97),
        crown=(0, cy - ry + 0.03, w * 0.7),
        neck=(0, cy + ry + 0.08),
    )  # fmt: skip


@archetype("household", mains=_METALS, seconds=("#8a5a35", "#3f6f8a", "#c9564a", "#f0e8d8"), material="metal")
def fork(look: Look) -> Figure:
    """A fork, tines up like a spiky haircut: the face on its broad palm, a slender handle below."""
    w, top, tips = look.vary(0.53, 0.57), look.vary(-0.48, -0.44), -0.95
    tines = 4 if not called(look, "pitchfork", "spork") else 3
    head = mirrored([(0, top), (w * 0.6, top - 0.02), (w * 0.98, top + 0.02), (w * 1.05, -0.1), (w * 1.02, 0.24),
        (w * 0.6, 0.46), (0.1, 0.57), (0, 0.58)])  # fmt: skip
    spread = np.linspace(-w * 0.85, w * 0.85, tines)
    prongs = tuple(
        Part(stroke([(x, top + 0.18), (x * 1.02, top - 0.1), (x * 1.04, tips)], [0.085, 0.082, 0.045]), look.main,
            look.material, puff=0.8)
        for x in spread
    )  # fmt: skip
    handle = stroke([(0, 0.45), (0, 0.68), (0, 0.92)], [0.08, 0.06, 0.115])
    return Figure(
        body=(
            Part(handle, colours.shade(look.main, light=-0.02), look.material, puff=0.8),
            Part(ellipse(0, 0.9, 0.075, 0.06), colours.shade(look.main, light=0.08), look.material, puff=0.5,
                lift=0.01),
            *prongs, Part(head, look.main, look.material, bevel=0.16, lift=0.02),
        ),
        face=FaceSpot(0, -0.14, w * 0.69, squeeze=0.96),
        crown=(0, tips + 0.06, w * 0.8),
        neck=(0, 0.54),
    )  # fmt: skip


@archetype("household", mains=("#c9cdd4", "#d4d8dc", "#bfc6cf"), seconds=("#8a5a35", "#5a3422", "#3a4450", "#a8432f"),
    material="metal")  # fmt: skip
def knife(look: Look) -> Figure:
    """A broad kitchen knife standing on its handle; a sword or dagger gets two edges and a guard."""
    blade_low, tip = 0.4, -0.95
    wood = look.second
    w = look.vary(0.46, 0.5)
    sword = called(look, "sword", "dagger", "sabre", "katana")
    if sword:
        blade = rounded([(0, tip - 0.03), (w * 0.9, tip + 0.42), (w * 0.97, blade_low), (-w * 0.97, blade_low),
            (-w * 0.9, tip + 0.42)], 0.05)  # fmt: skip
        edge: tuple[Part, ...] = (
            Part(
                stroke([(0, tip + 0.1), (0, tip + 0.3)], [0.006, 0.014]), look.main * 0.7, "metal", puff=-0.3, lift=0.0
            ),
        )
    else:
        blade = rounded([(-w, blade_low), (-w, -0.5), (-w * 0.55, -0.8), (w * 0.45, tip), (w * 0.9, -0.86),
            (w, blade_low)], 0.16)  # fmt: skip
        edge = (Part(stroke([(-w * 0.93, blade_low - 0.06), (-w * 0.93, -0.46), (-w * 0.52, -0.74), (w * 0.4, -0.9)],
            0.022), colours.mix(look.main, np.ones(3), 0.6), "metal", puff=0.2, lift=0.0),)  # fmt: skip
    guard = (
        (Part(stroke([(-w * 1.6, blade_low - 0.08), (-w, blade_low + 0.02), (w, blade_low + 0.02), (w * 1.6,
            blade_low - 0.08)],
            [0.085, 0.06, 0.06, 0.085]), np.array([0.85, 0.68, 0.3]), "metal", puff=0.9, lift=0.04),
         Part(ellipse(0, 0.93, 0.11, 0.07), np.array([0.85, 0.68, 0.3]), "metal", puff=0.9, lift=0.03))
        if sword else
        (Part(box(0, blade_low + 0.03, 0.17, 0.06, 0.03), _STEEL * 0.75, "metal", puff=0.8, lift=0.03),)
    )  # fmt: skip
    grip = rounded([(-0.14, blade_low), (0.14, blade_low), (0.17, 0.97), (-0.17, 0.97)], 0.08)
    return Figure(
        body=(
            Part(grip, wood, "leather" if sword else "wood", puff=0.8), *_rivets(0, (0.56, 0.7, 0.84), 0.03),
            Part(blade, look.main, look.material, bevel=0.07, lift=0.04), *edge, *guard,
        ),
        face=FaceSpot(0, -0.2 if sword else -0.3, w * (0.67 if sword else 0.7), squeeze=0.94),
        crown=(0, -0.84, w * 0.6),
        neck=(0, blade_low + 0.04),
    )  # fmt: skip


@archetype("household", mains=("#4a4f57", "#5a4a44", "#c8563f", "#4f6f8a", "#7a8a6a"),
    seconds=("#8a5a35", "#2f3238", "#b5763f"), material="metal")  # fmt: skip
def frying_pan(look: Look) -> Figure:
    """A frying pan hung by its handle: the face in the round of the pan, sometimes an egg beside it."""
    r, cy = look.vary(0.62, 0.66), 0.3
    tone = colours.within(look.main, 0.27, 0.75)
    grip = stroke([(0, cy - r + 0.02), (0, -0.6), (0, -0.88)], [0.1, 0.085, 0.11])
    hole = ellipse(0, -0.88, 0.035, 0.045)
    egg = (
        Part(ellipse(0.0, cy - r * 0.76, 0.21, 0.1), np.array([0.98, 0.97, 0.94]), "porcelain", puff=0.5, lift=0.02),
        Part(ellipse(0.02, cy - r * 0.77, 0.085, 0.06), np.array([0.98, 0.75, 0.2]), "porcelain", puff=0.9, lift=0.01),
    ) if look.chance(0.6) else ()  # fmt: skip
    return Figure(
        body=(
            Part(grip, look.second, "wood", puff=0.8, holes=(hole,)),
            Part(box(0, cy - r - 0.02, 0.11, 0.07, 0.03), _STEEL * 0.8, "metal", puff=0.7, lift=0.02),
            *_rivets(0, (cy - r - 0.04,), 0.025),
            Part(ellipse(0, cy, r, r), colours.shade(tone, light=-0.06), look.material, puff=0.5, lift=0.05),
            Part(ellipse(0, cy, r * 0.92, r * 0.92), tone * 0.7, look.material, puff=-0.4, lift=0.0),
            Part(ellipse(0, cy + 0.02, r * 0.87, r * 0.87), tone, look.material, puff=0.12, lift=0.0), *egg,
        ),
        face=FaceSpot(0, cy - 0.1, r * 0.58),
        crown=(0, cy - r + 0.03, r * 0.6),
        neck=(0, cy + r - 0.05),
    )  # fmt: skip
