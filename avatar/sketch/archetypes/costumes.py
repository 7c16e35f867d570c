"""People in costume and of pastry: fairy, superhero, gingerbread man."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.folk import face_spot, head, neck, pointed_ears, shoulders
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, leaf, mirrored, petals, rounded, star, stroke

_GOLD = np.array([0.9, 0.72, 0.26])


@archetype(
    "cartoon",
    mains=("#e890b5", "#8fc46a", "#a98fe0", "#f0b84a", "#7ab8e0", "#e8a07a"),
    seconds=("#bfe6f2", "#e6d0f5", "#d9f2d0", "#f7e3b5", "#f5cfe0"),
)
def fairy(look: Look) -> Figure:
    """A fairy: two pairs of veined wings, pointed ears, a wreath, a bun, a dress of petals, a wand with a star."""
    skin, w = look.skin, look.vary(0.43, 0.46)
    hair = look.one_of("#d9b36a", "#b0793a", "#8e3b22", "#4a2d1c", "#e8a0c0", "#7ab0a8", "#a98fd0", "#2a1c15")
    side = 1 if look.chance(0.5) else -1
    pale = colours.mix(look.second, np.ones(3), 0.5)
    upper = curve([(0.2, 0.4), (0.5, -0.1), (0.8, -0.56), (0.98, -0.6), (0.99, -0.2), (0.86, 0.2), (0.5, 0.5)])
    lower = curve([(0.2, 0.5), (0.6, 0.4), (0.88, 0.5), (0.86, 0.8), (0.6, 0.9), (0.3, 0.8)])
    veins = tuple(
        Part(stroke(line, [0.014, 0.01, 0.004]), pale, "glass", puff=0.5, lift=0.0)
        for line in ([(0.4, 0.3), (0.7, -0.1), (0.92, -0.5)], [(0.4, 0.34), (0.74, 0.04), (0.94, -0.16)],
            [(0.4, 0.5), (0.62, 0.58), (0.8, 0.72)])
    )  # fmt: skip
    glow = Pattern("fade_up", colours.mix(look.second, look.main, 0.5), -0.2, 0.7)
    wings = both(
        Part(lower, look.second, "glass", puff=0.4), Part(upper, look.second, "glass", puff=0.4, pattern=glow), *veins
    )
    bun = (
        Part(ellipse(0, -0.76, 0.2, 0.17), hair, "hair", puff=0.9),
        Part(box(0, -0.63, 0.11, 0.03, 0.03), look.main, "fabric"),
    )
    fringe = both(Part(stroke([(0.02, -0.62), (w * 0.66, -0.52), (w * 1.0, -0.22), (w * 1.06, 0.16)], [0.08, 0.11,
        0.08, 0.02]),
        hair, "hair", lift=0.03))  # fmt: skip
    dress = tuple(
        Part(leaf(x, 1.26, 0.56, 0.17, turn=t), colours.shade(look.main, light=0.03 * k), "leaf", puff=0.6, lift=0.03)
        for x, t, k in ((-0.34, -20, -1), (0.34, 20, -1), (-0.16, -8, 0), (0.16, 8, 0), (0, 0, 1))
    )
    return Figure(
        body=(
            *wings,
            *bun,
            shoulders(0.46, skin, "skin"),
            neck(skin),
            *dress,
            *_wand(look, side),
            *pointed_ears(skin, w, 0.2),
            Part(head(w, 0.9), skin, "skin", puff=0.72, lift=0.06),
        ),
        face=face_spot(look, w, colours.shade(hair, light=-0.08), y=0.0),
        front=(*fringe, *_wreath(look, w)),
        crown=(0, -0.6, w),
        neck=(0, 0.8),
    )


def _wand(look: Look, side: int) -> tuple[Part, ...]:
    """A wand with a star and a few sparks."""
    x, y = side * 0.72, 0.34
    sparks = tuple(
        Part(star(x + dx, y + dy, r, r * 0.3, 4), _GOLD + 0.08, "metal", puff=0.4, lift=0.0)
        for dx, dy, r in ((0.17, -0.14, 0.05), (-0.15, -0.2, 0.04), (0.16, 0.16, 0.035))
    )
    stick = Part(
        stroke([(side * 0.46, 1.04), (x, y)], 0.022), np.array([0.95, 0.92, 0.85]), "porcelain", puff=0.9, lift=0.03
    )
    tip = Part(star(x, y, 0.16, 0.075, 5, turn=look.vary(-15, 15), soft=1), _GOLD, "metal", puff=0.7, lift=0.03)
    return (stick, tip, *sparks)


def _wreath(look: Look, w: float) -> tuple[Part, ...]:
    """Leaves and blossoms around the top of the head."""
    green, eye = look.one_of("#6fae4f", "#5f9a4a", "#8ab84f"), _GOLD
    parts = []
    for x in np.linspace(-0.92, 0.92, 9):
        y = -0.58 + 0.2 * x * x
        parts.append(
            Part(leaf(x * w, y + 0.05, 0.15, 0.05, turn=x * 60 + look.vary(-25, 25)), green, "leaf", lift=0.02)
        )
    for x in (-0.75, -0.38, 0.0, 0.38, 0.75):
        y, r = -0.58 + 0.2 * x * x, look.vary(0.07, 0.09)
        parts.append(
            Part(petals(x * w, y, r, r * 0.5, 5, turn=look.vary(0, 72)), look.main, "leaf", puff=0.5, lift=0.02)
        )
        parts.append(Part(ellipse(x * w, y, r * 0.3, r * 0.3), eye, "felt", puff=0.9, lift=0.0))
    return tuple(parts)


@archetype(
    "cartoon",
    mains=("#2f5fb5", "#c9303f", "#3f8a5a", "#6a3fa8", "#e08a2f", "#3a4050", "#2f8f9a"),
    seconds=("#e0303a", "#f2c23a", "#f0efe9", "#3f8fe0", "#2a2f3a"),
)
def superhero(look: Look) -> Figure:
    """A hero: a cowl with fins that leaves the face open, a suit with an emblem, a cape that flies to one side."""
    skin, w = look.skin, look.vary(0.45, 0.48)
    side = 1 if look.chance(0.5) else -1
    cape_colour = look.second
    dark = colours.shade(look.main, light=-0.1)
    cape = curve([(-0.5, 0.7), (0, 0.6), (0.52, 0.62), (0.8, 0.3), (0.98, 0.42), (0.94, 0.8), (1.0, 1.2), (-0.86, 1.2),
        (-0.7, 0.9)]) * (side, 1)  # fmt: skip
    folds = tuple(
        Part(stroke([(side * a, 0.6), (side * b, 0.8), (side * c, 1.1)], [0.006, 0.02, 0.01]), cape_colour * 0.75,
            "fabric",
             puff=-0.4, lift=0.0)
        for a, b, c in ((0.72, 0.82, 0.86), (0.86, 0.9, 0.92))
    )  # fmt: skip
    cowl = mirrored([(0, -0.78), (w * 0.66, -0.7), (w * 1.1, -0.32), (w * 1.12, 0.14), (w * 0.98, 0.46), (w * 0.5,
        0.74),
        (0, 0.8)])  # fmt: skip
    window = mirrored([(0, -0.34), (w * 0.14, -0.42), (w * 0.7, -0.44), (w * 0.92, -0.24), (w * 0.92, 0.2),
        (w * 0.8, 0.46), (w * 0.4, 0.68), (0, 0.72)])  # fmt: skip
    trim = mirrored([(0, -0.36), (w * 0.14, -0.45), (w * 0.72, -0.48), (w * 0.98, -0.26), (w * 0.98, 0.22),
        (w * 0.84, 0.5), (w * 0.42, 0.72), (0, 0.76)])  # fmt: skip
    badge = _emblem(look, cape_colour)
    muscles = both(Part(stroke([(0.12, 1.06), (0.34, 1.04), (0.56, 0.92)], [0.006, 0.018, 0.006]), dark, "plastic",
        puff=-0.4,
        lift=0.0))  # fmt: skip
    knots = both(Part(ellipse(0.44, 0.8, 0.09, 0.07, turn=30), _GOLD, "metal", puff=0.9, lift=0.03))
    drape = both(Part(stroke([(0.14, 0.72), (0.32, 0.72), (0.52, 0.84)], [0.05, 0.075, 0.06]), cape_colour, "fabric",
        puff=0.7,
        lift=0.03))  # fmt: skip
    return Figure(
        body=(
            Part(cape, cape_colour, "fabric", puff=0.5),
            *folds,
            shoulders(0.8, look.main, "plastic"),
            *muscles,
            *badge,
            neck(dark),
            *drape,
            *knots,
            *_fins(look, w),
            Part(head(w, 1.05, 0.72), skin, "skin", puff=0.72, lift=0.06),
        ),
        face=face_spot(look, w, look.hair_for(skin), y=0.05),
        front=(
            Part(cowl, look.main, "plastic", puff=0.5, lift=0.03, holes=(window,)),
            Part(trim, cape_colour, "plastic", puff=0.6, lift=0.01, holes=(window,)),
            *_crest(look, w),
        ),
        crown=(0, -0.66, w),
        neck=(0, 0.84),
    )


def _fins(look: Look, w: float) -> tuple[Part, ...]:
    """What the cowl wears at the temples: pointed ears, wings, or discs."""
    kind = str(look.rng.choice(["ears", "wings", "discs"]))
    if kind == "ears":
        return both(
            Part(rounded([(w * 0.5, -0.5), (w * 0.98, -0.98), (w * 1.12, -0.2)], 0.05), look.main, "plastic", puff=0.5)
        )
    if kind == "wings":
        feathers = [(-0.32, 0.44, 40), (-0.2, 0.38, 54), (-0.08, 0.3, 68)]
        return both(*(Part(leaf(w * 1.0, y, n, 0.085, turn=t), look.second, "feathers", puff=0.6, lift=0.02)
            for y, n, t in feathers))  # fmt: skip
    return both(
        Part(ellipse(w * 1.12, 0.02, 0.09, 0.16), look.second, "metal", puff=0.8),
        Part(ellipse(w * 1.17, 0.02, 0.05, 0.1), colours.shade(look.second, light=0.12), "metal", puff=0.9, lift=0.01),
    )


def _crest(look: Look, w: float) -> tuple[Part, ...]:
    """A bolt, star or stripe on the cowl's forehead."""
    kind = str(look.rng.choice(["bolt", "star", "stripe"]))
    if kind == "bolt":
        return (Part(_bolt(0, -0.57, 0.13), look.second, "plastic", puff=0.5, lift=0.01),)
    if kind == "star":
        return (Part(star(0, -0.57, 0.12, 0.055, 5), look.second, "plastic", puff=0.5, lift=0.01),)
    stripe = rounded([(-0.05, -0.77), (0.05, -0.77), (0.075, -0.42), (0, -0.37), (-0.075, -0.42)], 0.02)
    return (Part(stripe, look.second, "plastic", puff=0.5, lift=0.01),)


def _bolt(x: float, y: float, r: float) -> np.ndarray:
    """A flash of lightning about (x, y)."""
    points = [(0.2, -1.0), (-0.6, 0.15), (-0.05, 0.15), (-0.3, 1.0), (0.6, -0.25), (0.08, -0.25), (0.5, -1.0)]
    return np.array(points) * r + (x, y)


def _emblem(look: Look, colour: np.ndarray) -> tuple[Part, ...]:
    """A shield on the chest with a sign of its own."""
    ground = mirrored([(0, 0.84), (0.2, 0.86), (0.24, 0.94), (0.14, 1.08), (0, 1.2)])
    sign = _bolt(0, 0.96, 0.1) if look.chance(0.5) else star(0, 0.95, 0.1, 0.045, 5)
    return (
        Part(ground, colour, "plastic", puff=0.4, lift=0.015),
        Part(
            sign, _GOLD if colours.luminance(abs(colour - _GOLD)) > 0.15 else look.main, "metal", puff=0.4, lift=0.005
        ),
    )


@archetype(
    "cartoon",
    mains=("#b5763f", "#c4854a", "#a5662f", "#b88050"),
    seconds=("#d8433b", "#4f9a5a", "#3f8fc9", "#8a5fb5", "#e0708f"),
    material="bread",
)
def gingerbread_man(look: Look) -> Figure:
    """A biscuit in the shape of a man: round head, stubby arms and legs, piped icing, sweets for buttons."""
    r, cy = look.vary(0.5, 0.53), -0.4
    icing = np.array([0.97, 0.95, 0.92])
    lift = look.vary(-0.06, 0.06)
    limb = colours.shade(look.main, light=-0.01)
    arms = tuple(
        Part(stroke([(s * 0.2, 0.3), (s * 0.56, 0.28 + s * lift), (s * 0.8, 0.2 + s * lift * 2)], [0.15, 0.155,
            0.15]), limb,
             look.material, puff=0.5)
        for s in (-1, 1)
    )  # fmt: skip
    legs = both(
        Part(stroke([(0.14, 0.56), (0.28, 0.72), (0.36, 0.82)], [0.17, 0.165, 0.16]), limb, look.material, puff=0.5)
    )
    trunk = mirrored([(0, 0.04), (0.26, 0.1), (0.34, 0.3), (0.34, 0.62), (0.24, 0.78), (0, 0.74)])
    zigzag = tuple(
        Part(stroke(line, 0.02), icing, "waxy", puff=0.9, lift=0.01)
        for s in (-1, 1)
        for line in (
            [(s * (0.7 + 0.045 * (-1) ** k), 0.11 + 0.052 * k + s * lift * 1.5) for k in range(6)],
            [(s * (0.2 + 0.042 * k + 0.022 * (-1) ** k), 0.83 - 0.034 * k + 0.028 * (-1) ** k) for k in range(6)],
        )
    )
    buttons = tuple(
        part for y in (0.34, 0.52) for part in (
            Part(ellipse(0, y, 0.068, 0.064), look.second, "waxy", puff=0.9, lift=0.015),
            Part(ellipse(-0.02, y - 0.02, 0.018, 0.014), icing, "waxy", puff=0.2, lift=0.0),
        )
    )  # fmt: skip
    a = np.radians(np.linspace(-166, -14, 24))
    curl = [
        (float((r - 0.07) * np.cos(t)), float(cy + (r - 0.06) * np.sin(t) + 0.012 * (-1) ** k)) for k, t in enumerate(a)
    ]
    return Figure(
        body=(
            *legs,
            *arms,
            Part(trunk, look.main, look.material, puff=0.5, lift=0.02),
            *zigzag,
            *buttons,
            Part(ellipse(0, cy, r, r * 0.98), look.main, look.material, puff=0.7, lift=0.05),
            Part(stroke(curl, 0.019), icing, "waxy", puff=0.9, lift=0.01),
            *_bow(look, cy + r - 0.02),
        ),
        face=FaceSpot(0, cy - 0.11, r * 0.62, squeeze=0.95),
        crown=(0, cy - r, r * 0.8),
        neck=(0, 0.12),
    )


def _bow(look: Look, y: float) -> tuple[Part, ...]:
    """A bow tie of icing below the chin."""
    loops = tuple(Part(leaf(0, y, 0.2, 0.08, turn=t), look.second, "waxy", puff=0.8, lift=0.02) for t in (-84, 84))
    return (
        *loops,
        Part(ellipse(0, y, 0.05, 0.05), colours.shade(look.second, light=-0.1), "waxy", puff=0.9, lift=0.02),
    )
