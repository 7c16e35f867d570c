"""Fruits of warm countries: banana and pineapple."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, leaf, mirrored, stroke

_FLESH = np.array([0.97, 0.9, 0.68])


@archetype(
    "fruits",
    mains=("#f2c82f", "#f4d44a", "#e8bc2a", "#f0d24f", "#c9c94a"),
    seconds=("#6b4a2a", "#5a4028", "#7a5a35"),
    material="waxy",
)
def banana(look: Look) -> Figure:
    """A stout banana: whole and bent, or half peeled with the face in the flesh."""
    return _peeled(look) if look.chance(0.5) else _whole(look)


def _whole(look: Look) -> Figure:
    """A crescent with a stalk, a dark tip, the edges of its facets and flecks of ripeness."""
    s, fat = 1 if look.chance(0.5) else -1, look.vary(0.97, 1.05)
    outer = [(0.34, -0.72), (0.08, -0.64), (-0.26, -0.44), (-0.5, -0.1), (-0.5, 0.24), (-0.28, 0.6), (0.1, 0.83)]
    inner = [
        (0.46, 0.9),
        (0.56, 0.83),
        (0.5, 0.66),
        (0.44, 0.4),
        (0.42, 0.05),
        (0.48, -0.3),
        (0.6, -0.54),
        (0.56, -0.7),
    ]
    body = curve([(x * fat, y) for x, y in outer + inner])
    dark, light = colours.shade(look.main, light=-0.09, hue=-0.012), colours.shade(look.main, light=0.1)
    facet = curve([(0.52, 0.84), (0.46, 0.66), (0.4, 0.4), (0.375, 0.05), (0.43, -0.3), (0.54, -0.6), (0.575, -0.54),
        (0.47, -0.3), (0.415, 0.05), (0.435, 0.4), (0.495, 0.66)])  # fmt: skip
    edge = [(x * fat * 0.86 + 0.03, y * 0.92) for x, y in outer[1:-1]]
    stalk = stroke([(0.44, -0.62), (0.53, -0.76), (0.64, -0.88)], [0.17, 0.09, 0.075])
    green = Pattern("fade_up", colours.mix(look.main, np.array([0.6, 0.72, 0.25]), 0.6), -0.6, 0.7)
    ripe = tuple(
        Part(ellipse(x + look.vary(-0.05, 0.05), y + look.vary(-0.03, 0.03), 0.017, look.vary(0.02, 0.045),
            turn=look.vary(-40, 40)), colours.mix(look.main, look.second, 0.55), "felt", puff=0.1, lift=0.0)
        for x, y in ((0.2, -0.56), (0.36, -0.5), (0.02, 0.62), (0.2, 0.72), (0.3, 0.62), (-0.2, 0.54))
    )  # fmt: skip
    parts = (
        Part(stalk, colours.mix(look.main, np.array([0.6, 0.66, 0.25]), 0.45), look.material, puff=0.8),
        Part(stroke([(0.63, -0.86), (0.67, -0.92)], 0.082), look.second, "bark", lift=0.02),
        Part(stroke([(0.48, 0.86), (0.55, 0.9)], [0.085, 0.055]), look.second, "bark", lift=0.02),
        Part(body, look.main, look.material, puff=0.75, pattern=green),
        Part(facet * (fat, 1), dark, look.material, puff=0.4, lift=0.0),
        Part(stroke(edge, [0.002, 0.012, 0.014, 0.012, 0.002]), light, look.material, puff=0.6, lift=0.0), *ripe,
    )  # fmt: skip
    return Figure(
        body=tuple(p if s > 0 else p.mirrored() for p in parts),
        face=FaceSpot(-0.03 * s, -0.06, look.vary(0.37, 0.385), roll=-4 * s),
        crown=(0.3 * s, -0.66, 0.24),
        neck=(0.04 * s, 0.56),
    )


def _peeled(look: Look) -> Figure:
    """Flesh above, peel below, strips of peel hanging out over it."""
    w = look.vary(0.45, 0.48)
    flesh = mirrored([(0, -0.92), (0.14, -0.9), (w * 0.66, -0.76), (w * 0.97, -0.4), (w, 0.1), (w * 0.94, 0.6),
        (0, 0.64)])  # fmt: skip
    sleeve = mirrored([(0, 0.36), (w * 0.98, 0.36), (w * 1.02, 0.56), (w * 0.78, 0.8), (0.17, 0.92), (0, 0.93)])
    inside = colours.mix(look.main, np.array([1.0, 0.96, 0.82]), 0.72)
    dark = colours.shade(look.main, light=-0.07, hue=-0.01)
    foot = Part(stroke([(0, 0.9), (0.01, 0.95)], [0.1, 0.075]), look.second, "bark")
    strips: tuple[Part, ...] = ()
    for s in (-1, 1):
        drop, out = look.vary(0.78, 0.92), look.vary(0.36, 0.42)
        line = [
            (s * w * 0.62, 0.62),
            (s * (w + 0.01), 0.34),
            (s * (w + 0.2), 0.23),
            (s * (w + out), 0.42),
            (s * (w + out + 0.03), drop),
        ]
        lining = [(x, y - 0.045) for x, y in line[1:-1]]
        strips += (
            Part(stroke(lining, [0.16, 0.17, 0.06]), inside, "felt", puff=0.6, lift=0.03),
            Part(stroke(line, [0.16, 0.19, 0.165, 0.12, 0.014]), look.main, look.material, puff=0.65, lift=0.04),
        )
    tongue = leaf(look.vary(-0.06, 0.06), 0.37, look.vary(0.46, 0.54), 0.25, turn=180, bend=look.vary(-0.08, 0.08))
    shine = colours.shade(look.main, light=0.02)
    return Figure(
        body=(foot, Part(flesh, _FLESH, "clay", puff=0.8), Part(sleeve, dark, look.material, puff=0.7)),
        face=FaceSpot(0, -0.24, w * 0.8),
        front=(*strips, Part(tongue, shine, look.material, puff=0.6, lift=0.03)),
        crown=(0, -0.84, w * 0.8),
        neck=(0, 0.36),
    )


@archetype(
    "fruits",
    mains=("#d9962f", "#e0a83f", "#c98a2a", "#e8b84a", "#c9a23f"),
    seconds=("#4f8a4a", "#3f7f5a", "#6a9a45"),
    material="waxy",
)
def pineapple(look: Look) -> Figure:
    """A barrel of bosses with a spiky tuft of leaves on top."""
    w, top = look.vary(0.6, 0.65), -0.42
    body = mirrored([(0, top), (w * 0.6, top + 0.04), (w * 0.94, -0.1), (w, 0.28), (w * 0.9, 0.66), (w * 0.56, 0.93),
        (0, 0.97)])  # fmt: skip
    spot = FaceSpot(0, 0.1, look.vary(0.365, 0.385))
    lattice = Pattern("diamonds", colours.mix(look.main, np.array([0.42, 0.22, 0.08]), 0.6), 0.19, 0.85)
    return Figure(
        body=(*_tuft(look, top), Part(body, look.main, look.material, puff=0.75, lift=0.07, pattern=lattice),
            *_bosses(look, w, top, spot)),
        face=spot,
        front=tuple(Part(leaf(s * 0.2, top + 0.05, 0.24, 0.075, turn=s * look.vary(50, 70), bend=s * 0.06),
            colours.shade(look.second, light=0.02), "leaf", puff=0.5, lift=0.03) for s in (-1, 1, -0.35, 0.35)),
        crown=(0, top, w * 0.7),
        neck=(0, 0.76),
    )  # fmt: skip


def _tuft(look: Look, foot: float) -> tuple[Part, ...]:
    """Sword-shaped leaves in three tiers, the outer ones arching."""
    leaves = []
    for tier, (count, length, spread) in enumerate(((5, 0.54, 24), (6, 0.5, 52), (6, 0.36, 74))):
        for share in sorted(np.linspace(-1, 1, count), key=lambda s: -abs(s)):
            tone = colours.shade(look.second, light=0.05 * tier - 0.06 + look.vary(-0.025, 0.025))
            outline = leaf(share * 0.16, foot + 0.08, length * look.vary(0.92, 1.06), 0.075, bend=share * 0.2,
                turn=share * spread + look.vary(-4, 4))  # fmt: skip
            leaves.append(Part(outline, tone, "leaf", puff=0.55, lift=0.03))
    return tuple(leaves)


def _bosses(look: Look, w: float, top: float, spot: FaceSpot) -> tuple[Part, ...]:
    """A small thorn in the middle of each field of the lattice that the face leaves free."""
    thorn = colours.mix(look.main, np.array([0.4, 0.24, 0.1]), 0.62)
    parts = []
    for row, y in enumerate(np.arange(top + 0.16, 0.92, 0.11875)):
        half = w * math.sqrt(max(0.0, 1 - ((y - 0.26) / 0.78) ** 2)) * 0.9
        for x in np.arange(-0.665 + 0.095 * (row % 2), 0.7, 0.19):
            away = math.hypot((x - spot.cx) / 1.15, (y - spot.cy - 0.36 * spot.iod) / 1.3) / spot.iod
            if abs(x) < half and away > 1.06:
                parts.append(Part(leaf(x, y + 0.025, 0.06, 0.02, turn=look.vary(-12, 12)), thorn, "leaf", lift=0.008))
    return tuple(parts)
