"""Wind, water, ice and stone: raindrop, snowflake, tornado, mountain."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.growth import gleam
from personify.avatar.sketch.archetypes.sky import puff_of_cloud
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import Outline, curve, ellipse, leaf, mirrored, place, rounded, stroke, wobble

_WHITE = np.array([0.96, 0.97, 0.99])


def _drop(x: float, y: float, size: float, turn: float = 0.0) -> Outline:
    """A drop whose round belly has about the radius `size`, its tip above."""
    half = [(0, -1.62), (0.07, -1.52), (0.26, -1.12), (0.6, -0.62), (0.9, -0.12), (1.0, 0.32), (0.88, 0.74), (0.5,
        1.04),
        (0, 1.14)]  # fmt: skip
    return place(mirrored(half), x, y, scale=size, turn=turn)


@archetype(
    "weather",
    mains=("#5fa8e0", "#4f98d9", "#7ac0e8", "#5f8fd9", "#6fc4d0"),
    seconds=("#bfe3f5", "#d0ecf7", "#a9d4f0"),
    material="glass",
)
def raindrop(look: Look) -> Figure:
    """A drop of water, bright below where the light leaves it, over the rings of a puddle with small drops about."""
    size, cy = look.vary(0.62, 0.66), 0.1
    tip = look.vary(-9, 9)
    body = _drop(0, cy, size, tip * 0.4)
    body[:, 0] += math.radians(tip) * np.clip(cy - 0.35 - body[:, 1], 0, 1) ** 1.6
    deep = colours.shade(look.main, light=-0.1)
    ripples = []
    for k, (rx, ry) in enumerate(((0.92, 0.13), (0.68, 0.095), (0.45, 0.06))):
        hole = ellipse(0, 0.88, rx - 0.045, ry - 0.02)
        tone = colours.mix(look.main, look.second, 0.3 + 0.2 * k)
        ripples.append(Part(ellipse(0, 0.88, rx, ry), tone, "glass", puff=0.4, lift=0.01, holes=(hole,)))
    pool = Part(ellipse(0, 0.88, 0.92, 0.13), colours.mix(look.main, look.second, 0.55), "glass", puff=0.1, lift=0.02)
    small = []
    for x, y, r in ((0.74, -0.5, 0.12), (-0.76, -0.3, 0.1), (0.82, 0.2, 0.08), (-0.66, -0.78, 0.075), (-0.84, 0.38,
        0.07),
        (0.48, -0.84, 0.06)):  # fmt: skip
        if look.chance(0.75):
            at_x, at_y = x + look.vary(-0.05, 0.05), y + look.vary(-0.06, 0.06)
            tone = colours.shade(look.main, light=look.vary(-0.02, 0.1))
            small += [Part(_drop(at_x, at_y, r, tip * 0.5), tone, "glass", puff=1.0, lift=0.02),
                gleam(at_x - 0.35 * r, at_y + 0.1 * r, 0.16 * r, 0.28 * r, 15, tone, 0.75)]  # fmt: skip
    splash = tuple(
        Part(_drop(s * x, y, 0.045, s * t), look.second, "glass", puff=1.0, lift=0.01)
        for s in (-1, 1) for x, y, t in ((0.5, 0.74, 40), (0.62, 0.8, 60)) if look.chance(0.7)
    )  # fmt: skip
    shine = stroke([(-size * 0.4, cy - size * 0.86), (-size * 0.66, cy - size * 0.46)], [0.014, 0.03])
    return Figure(
        body=(pool, *ripples, *small, Part(body, look.main, look.material, puff=0.75, lift=0.06,
                pattern=Pattern("fade", look.second, 0.55, 0.7)),
            Part(shine, colours.mix(look.main, np.ones(3), 0.75), "porcelain", puff=0.1, lift=0.0),
            gleam(size * 0.5, cy + size * 0.86, 0.11, 0.03, -36, look.second, 0.7)),
        face=FaceSpot(0, cy - 0.06, look.vary(0.36, 0.38), hair=deep * 0.4),
        front=splash,
        crown=(0, cy - size * 0.8, 0.34),
        neck=(0, cy + size * 0.86),
    )  # fmt: skip


@archetype(
    "weather",
    mains=("#cfe6f5", "#bcdcf2", "#dcecf7", "#c4d4f2", "#d4e8f0"),
    seconds=("#8fc4ea", "#7ab0e0", "#a0b5ea", "#8fd0e0"),
    material="glass",
)
def snowflake(look: Look) -> Figure:
    """A crystal with six feathered arms about a six-sided plate that carries the face."""
    turn, r = look.vary(-8, 8), look.vary(0.46, 0.48)
    twigs, kind = int(look.rng.integers(2, 4)), str(look.rng.choice(["tip", "diamond", "fork"]))
    deep = colours.mix(look.main, look.second, 0.65)
    reach, slant = look.vary(0.86, 0.91), look.vary(42, 60)
    arms: list[Part] = []
    for k in range(6):
        arms += [Part(place(o, 0, 0, turn=turn + 60 * k), tone, look.material, puff=0.6, lift=lift)
            for o, tone, lift in _arm(look.main, deep, reach, slant, twigs, kind)]  # fmt: skip
    plates = tuple(
        Part(place(leaf(0, -r * 0.7, 0.3, 0.13), 0, 0, turn=turn + 30 + 60 * k), look.second, look.material, puff=0.6,
            lift=0.02) for k in range(6)
    )  # fmt: skip
    hexagon = [(math.sin(math.radians(a)), -math.cos(math.radians(a))) for a in range(0, 360, 60)]
    rim = place(rounded([(x * (r + 0.12), y * (r + 0.12)) for x, y in hexagon], 0.07), 0, 0, turn=turn)
    plate = place(rounded([(x * (r + 0.06), y * (r + 0.06)) for x, y in hexagon], 0.12), 0, 0, turn=turn)
    flecks = tuple(
        Part(ellipse(x, y, size, size, n=20), _WHITE, "snow", puff=0.8, lift=0.01)
        for x, y, size in ((0.84, -0.36, 0.035), (-0.86, 0.1, 0.028), (0.5, 0.86, 0.03), (-0.56, -0.84, 0.025),
            (0.9, 0.42, 0.022), (-0.84, -0.5, 0.03), (-0.46, 0.9, 0.025)) if look.chance(0.7)
    )  # fmt: skip
    return Figure(
        body=(*flecks, *plates, *arms, Part(rim, look.second, look.material, puff=0.5, lift=0.04),
            Part(plate, look.main, "porcelain", puff=0.5, lift=0.01)),
        face=FaceSpot(0, -0.14, look.vary(0.345, 0.36), hair=look.second * 0.4, squeeze=0.96),
        crown=(0, -r, r * 0.8),
        neck=(0, r * 0.96),
    )  # fmt: skip


def _arm(
    pale: np.ndarray, deep: np.ndarray, reach: float, slant: float, twigs: int, kind: str
) -> list[tuple[Outline, np.ndarray, float]]:
    """One upright arm of a snowflake: (outline, colour, lift) of its twigs, its stem and its tip."""
    parts = []
    for j in range(twigs):
        y, length = -reach + 0.16 + j * 0.13, 0.13 + 0.045 * j
        for s in (-1, 1):
            dx, dy = s * length * math.sin(math.radians(slant)), -length * math.cos(math.radians(slant))
            parts.append((stroke([(0, y), (dx, y + dy)], [0.032, 0.022]), deep, 0.02))
    parts.append((stroke([(0, -0.3), (0, -reach)], [0.05, 0.036]), pale, 0.03))
    if kind == "diamond":
        gem = rounded([(0, -reach - 0.07), (0.075, -reach + 0.02), (0, -reach + 0.11), (-0.075, -reach + 0.02)], 0.02)
        parts.append((gem, deep, 0.02))
    elif kind == "fork":
        parts += [
            (stroke([(0, -reach + 0.03), (s * 0.075, -reach - 0.05)], [0.032, 0.022]), pale, 0.02) for s in (-1, 1)
        ]
    else:
        parts.append((ellipse(0, -reach, 0.055, 0.055), pale, 0.02))
    return parts


@archetype(
    "weather",
    mains=("#9aa6b8", "#8a94a5", "#a8b0a8", "#b5a58f", "#8f9ac0", "#7f9aa5"),
    seconds=("#6b5a48", "#5f6a4a", "#7a6a55", "#5a5f6a"),
    material="cloud",
)
def tornado(look: Look) -> Figure:
    """A funnel of wind in whirling coils, broad above, its foot in the dust, with things flying around it."""
    side = 1 if look.chance(0.5) else -1
    top, w = -0.68, look.vary(0.78, 0.86)
    pale, dark = colours.shade(look.main, light=0.1), colours.shade(look.main, light=-0.13)

    def at(y: float) -> tuple[float, float]:
        """The funnel's middle and half width at a height."""
        t = (y - top) / (0.9 - top)
        return side * (0.2 * math.sin(t * 4.2) * t), w * ((1 - t) ** 1.25) * 0.93 + 0.065

    heights = np.linspace(top, 0.9, 13)
    spans = [at(float(y)) for y in heights]
    right = [(m + h + 0.022 * (-1) ** k, float(y)) for k, (y, (m, h)) in enumerate(zip(heights, spans, strict=True))]
    left = [(m - h - 0.022 * (-1) ** k, float(y)) for k, (y, (m, h)) in enumerate(zip(heights, spans, strict=True))]
    funnel = curve(right + left[::-1], n=8)
    mouth = (
        Part(ellipse(0, top + 0.02, w + 0.04, 0.2, turn=side * 3.5), look.main, look.material, puff=0.6, lift=0.04),
        Part(ellipse(0, top - 0.01, w + 0.07, 0.175, turn=-side * 2.5), pale, look.material, puff=0.6, lift=0.03),
        Part(ellipse(side * 0.02, top - 0.01, w - 0.08, 0.135), dark, look.material, puff=-0.4, lift=0.0),
        Part(ellipse(side * 0.05, top + 0.015, w * 0.62, 0.08), colours.shade(dark, light=-0.06), look.material,
            puff=-0.4, lift=0.0),
    )  # fmt: skip
    spot = FaceSpot(side * 0.03, -0.2, look.vary(0.36, 0.375))
    coils = []
    for y in (-0.48, -0.3, -0.12, 0.06, 0.24, 0.35, 0.46, 0.57, 0.68, 0.79):
        middle, half = at(y)
        shares = (-1, 1) if y < 0.3 else (0,)
        for s in shares:
            a = np.linspace(-0.97, 0.97, 9) if s == 0 else np.linspace(0.74, 0.99, 4) * s
            line = [(middle + half * v, y + 0.085 * half * math.sqrt(max(0.0, 1 - v * v)) * 2.2) for v in a]
            coils.append(Part(stroke(line, (0.006, 0.022, 0.024, 0.02, 0.006)), pale if look.chance(0.5) else dark,
                look.material, puff=0.6, lift=0.01))  # fmt: skip
    dust = [puff_of_cloud(look, at(0.9)[0] + x, 0.88, r, colours.mix(look.second, look.main, 0.35 + 0.2 * k))
        for k, (x, r) in enumerate(((-0.26, 0.15), (0.28, 0.14), (0.02, 0.13)))]  # fmt: skip
    return Figure(
        body=(Part(funnel, look.main, look.material, puff=0.6, lift=0.05), *mouth, *coils, *_debris(look, side)),
        face=spot,
        front=tuple(dust),
        crown=(0, top, 0.5),
        neck=(at(0.34)[0], 0.36),
    )


def _debris(look: Look, side: int) -> tuple[Part, ...]:
    """What the wind has picked up: leaves, planks and pebbles."""
    parts = []
    for x, y in ((0.86, 0.1), (-0.84, 0.22), (0.6, 0.48), (-0.6, 0.56), (0.9, -0.22), (-0.92, -0.16), (0.42, 0.72)):
        px, py, turn = side * x + look.vary(-0.05, 0.05), y + look.vary(-0.05, 0.05), look.vary(0, 360)
        kind = look.vary(0, 1)
        if kind < 0.4:
            parts.append(Part(place(leaf(0, 0.07, 0.17, 0.05, bend=0.03), px, py, turn=turn),
                look.one_of("#6a9a3f", "#c9703a", "#d9a03f", "#4f8f45"), "leaf", puff=0.5, lift=0.03))  # fmt: skip
        elif kind < 0.7:
            plank = rounded([(-0.09, -0.025), (0.09, -0.03), (0.1, 0.025), (-0.085, 0.03)], 0.01)
            parts.append(Part(place(plank, px, py, turn=turn), look.one_of("#a8764a", "#8a5f3c"), "wood", puff=0.5,
                lift=0.03))  # fmt: skip
        else:
            stone = wobble(ellipse(px, py, 0.05, 0.042, turn=turn, n=24), look.rng, 0.12)
            parts.append(Part(stone, colours.shade(look.second, light=0.06), "stone", puff=0.8, lift=0.03))
    return tuple(parts)


@archetype(
    "weather",
    mains=("#7f8a99", "#8a7f78", "#6f7f8f", "#93806b", "#7a7390", "#8f6a5a"),
    seconds=("#4f7a4a", "#3f6f55", "#5f8a45", "#4a6a5a"),
    material="stone",
)
def mountain(look: Look) -> Figure:
    """A peak with a cap of snow and the face in its flank, lesser peaks behind, firs at its foot, a cloud or two."""
    lean = look.vary(-0.12, 0.12)
    top, side = look.vary(-0.95, -0.9), 1 if look.chance(0.5) else -1
    peak = [(lean - 0.05, top + 0.01), (lean + 0.07, top + 0.03), (lean + 0.2, top + 0.24), (0.4, -0.38), (0.5, -0.22),
        (0.66, 0.14), (0.78, 0.34), (0.95, 0.86), (0.96, 1.02), (-0.96, 1.02), (-0.95, 0.86), (-0.8, 0.36), (-0.64,
            0.1),
        (-0.52, -0.16), (-0.38, -0.4), (lean - 0.22, top + 0.26)]  # fmt: skip
    peak = [(x + look.vary(-0.02, 0.02), y + look.vary(-0.02, 0.02)) for x, y in peak]
    drip = [(0.43, -0.34), (0.31, -0.42), (0.24, -0.3), (0.12, -0.42), (0.0, -0.34), (-0.12, -0.44), (-0.25, -0.31),
        (-0.31, -0.43), (-0.42, -0.36)]  # fmt: skip
    cap = [*peak[15:16], *peak[0:4], *[(x, y + look.vary(-0.05, 0.02) - 0.04) for x, y in drip], peak[14]]
    far = [
        Part(rounded([(x - half, 1.0), (x, tip), (x + half, 1.0)], 0.09), colours.mix(look.main, tint, 0.4), "stone",
            puff=0.4, lift=0.02)
        for x, tip, half, tint in ((-side * 0.62, -0.36, 0.6, np.array([0.75, 0.8, 0.9])),
            (side * 0.7, -0.1, 0.5, np.array([0.7, 0.75, 0.85])))
    ]  # fmt: skip
    far_snow = Part(rounded([(-side * 0.62 - 0.13, -0.06), (-side * 0.62, -0.36), (-side * 0.62 + 0.13, -0.06),
        (-side * 0.62, -0.12)], 0.05), _WHITE, "snow", puff=0.5, lift=0.0)  # fmt: skip
    dark, pale = colours.shade(look.main, light=-0.1), colours.shade(look.main, light=0.08)
    cracks = tuple(
        Part(stroke(line, [0.004, 0.018, 0.004]), tone, "stone", puff=0.6, lift=0.0)
        for line, tone in (([(-0.6, 0.2), (-0.66, 0.4), (-0.62, 0.56)], dark), ([(0.62, 0.24), (0.6, 0.42), (0.72,
            0.6)],
            dark), ([(-0.5, 0.7), (-0.44, 0.8), (-0.5, 0.92)], pale), ([(0.46, 0.76), (0.52, 0.86), (0.46, 0.96)],
                pale))
    )  # fmt: skip
    firs = [p for x, size in ((-0.84, 0.36), (-0.64, 0.27), (0.8, 0.38), (0.6, 0.26), (-0.45, 0.2), (0.4, 0.19))
        for p in _fir(look, x + look.vary(-0.04, 0.04), 1.0, size * look.vary(0.9, 1.1))]  # fmt: skip
    clouds = tuple(puff_of_cloud(look, s * x, y, r, _WHITE) for s, x, y, r in ((side, 0.64, -0.6, 0.17),
        (-side, 0.72, -0.72, 0.12)) if look.chance(0.7))  # fmt: skip
    return Figure(
        body=(*far, far_snow, *clouds, Part(rounded(peak, 0.05), look.main, look.material, puff=0.55, lift=0.06),
            Part(rounded(cap, 0.045), _WHITE, "snow", puff=0.6, lift=0.02), *cracks),
        face=FaceSpot(0, 0.1, look.vary(0.4, 0.42), hair=dark * 0.5),
        front=tuple(firs),
        crown=(lean, top + 0.1, 0.24),
        neck=(0, 0.84),
    )  # fmt: skip


def _fir(look: Look, x: float, foot: float, size: float) -> tuple[Part, ...]:
    """A fir of three tiers on a short trunk."""
    tone = colours.shade(look.second, light=look.vary(-0.05, 0.05))
    trunk = rounded([(x - 0.1 * size, foot), (x - 0.08 * size, foot - 0.3 * size), (x + 0.08 * size, foot - 0.3 * size),
        (x + 0.1 * size, foot)], 0.01)  # fmt: skip
    tiers = []
    for k in range(3):
        low, half = foot - (0.16 + 0.26 * k) * size, (0.4 - 0.08 * k) * size
        tier = rounded([(x, low - 0.5 * size), (x + half, low), (x, low - 0.06 * size), (x - half, low)], 0.03 * size)
        tiers.append(Part(tier, colours.shade(tone, light=0.03 * k), "felt", puff=0.6, lift=0.02))
    return (Part(trunk, np.array([0.4, 0.28, 0.19]), "bark", lift=0.01), *tiers)
