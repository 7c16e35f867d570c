"""Flowers and herbs: rose, tulip, clover, seedling."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.growth import GREENS, SOIL, blades, stalk
from personify.avatar.sketch.archetypes.pieces import both, veined_leaf
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, leaf, mirrored, place, stroke, wobble


@archetype(
    "plants",
    mains=("#c9253f", "#e0567a", "#f0b0bf", "#f4ead6", "#f2c24a", "#a8355a", "#e88a5a"),
    seconds=("#3f7f45", "#4f8f45", "#356f45"),
    material="leaf",
)
def rose(look: Look) -> Figure:
    """A bloom seen from the side: a spiral heart, petals that curl out, the foremost with the face; thorns below."""
    w, side = look.vary(0.5, 0.54), 1 if look.chance(0.5) else -1
    deep, light = colours.shade(look.main, light=-0.12), colours.shade(look.main, light=0.07)
    stem = stalk([(0, 0.4), (0.03 * side, 0.7), (-0.02 * side, 1.1)], [0.06, 0.055, 0.06], look.second)
    thorns = tuple(
        Part(leaf(s * 0.03, y, 0.12, 0.035, turn=s * 62), colours.shade(look.second, light=-0.05), "waxy", lift=0.01)
        for s, y in ((side, 0.78), (-side, 0.88))
    )  # fmt: skip
    foliage = veined_leaf(0, 0.92, look.vary(0.5, 0.6), 0.16, -side * look.vary(58, 72), look.second)
    foliage += veined_leaf(0, 0.97, look.vary(0.44, 0.52), 0.14, side * look.vary(54, 70), look.second)
    sepals = both(*(Part(leaf(0.05, 0.42, length, 0.085, turn=turn, bend=bend), look.second, "leaf", puff=0.5,
        lift=0.02)
        for length, turn, bend in ((0.42, 104, -0.1), (0.4, 132, -0.06))))  # fmt: skip
    wide = look.vary(0.9, 1.0)
    outer = both(
        Part(curve([(0.1, 0.5), (0.5, 0.46), (0.84 * wide, 0.16), (0.9 * wide, -0.22), (0.74 * wide, -0.42), (0.4,
            -0.2),
            (0.1, 0.1)]), colours.shade(look.main, light=-0.05), look.material, puff=0.5, lift=0.05),
    )  # fmt: skip
    rim = [(0.87 * wide, 0.04), (0.92 * wide, -0.2), (0.78 * wide, -0.4), (0.58, -0.32)]
    lips = both(Part(stroke(rim, [0.012, 0.05, 0.06, 0.016]), light, look.material, puff=0.7, lift=0.03))
    hem = [(0.05, 0.34), (0.34, 0.3), (0.54, 0.08), (0.72, -0.1), (0.83, 0.0)]
    low = both(
        Part(curve([*hem, (0.8, 0.26), (0.52, 0.55), (0.16, 0.62), (-0.06, 0.5)]),
            colours.shade(look.main, light=-0.03), look.material, puff=0.4, lift=0.06,
            pattern=Pattern("fade", deep, 0.42, 0.6)),
        Part(stroke(hem, [0.006, 0.026, 0.034, 0.03, 0.008]), light, look.material, puff=0.6, lift=0.0),
    )  # fmt: skip
    back = Part(curve([(-0.6, -0.2), (-0.62, -0.6), (-0.34, -0.86), (0, -0.92), (0.36, -0.85), (0.62, -0.58),
        (0.6, -0.2), (0, 0.2)]), deep, look.material, puff=0.5)  # fmt: skip
    front = curve([(-w, -0.1), (-w * 0.97, -0.4), (-w * 0.66, -0.54), (0.03 * side, -0.47), (w * 0.68, -0.55),
        (w * 0.98, -0.38), (w, -0.06), (w * 0.8, 0.34), (w * 0.4, 0.52), (0, 0.56), (-w * 0.4, 0.52),
        (-w * 0.8, 0.34)])  # fmt: skip
    return Figure(
        body=(
            stem, *thorns, *foliage, *sepals, *outer, back, *_heart(look, side, deep), *lips,
            Part(front, look.main, look.material, puff=0.6, lift=0.06,
                pattern=Pattern("fade", deep, 0.5, 0.6)),
        ),
        face=FaceSpot(0, -0.13, look.vary(0.365, 0.38)),
        front=low if side > 0 else (low[1], low[0], low[3], low[2]),
        crown=(0, -0.8, 0.4),
        neck=(0, 0.5),
    )  # fmt: skip


def _heart(look: Look, side: int, deep: np.ndarray) -> tuple[Part, ...]:
    """The rolled petals in a rose's middle: cups one in another, each turned a little further."""
    cups = []
    for k, (x, y, rx, ry) in enumerate(((0, -0.6, 0.5, 0.24), (-0.05, -0.64, 0.38, 0.19), (0.06, -0.67, 0.26, 0.14),
        (-0.01, -0.69, 0.14, 0.085))):  # fmt: skip
        tone = colours.shade(look.main, light=0.035 * k - 0.03 + look.vary(-0.01, 0.01))
        turn = side * (14 if k % 2 else -12)
        cups.append(Part(ellipse(side * x, y, rx, ry, turn=turn), tone, look.material, puff=0.6, lift=0.03))
        hollow = ellipse(side * (x + 0.015), y - ry * 0.12, rx * 0.82, ry * 0.72, turn=turn)
        cups.append(
            Part(hollow, colours.mix(tone, colours.shade(deep, light=-0.08), 0.85), look.material, puff=-0.3, lift=0.0)
        )
    return tuple(cups)


@archetype(
    "plants",
    mains=("#e0403f", "#f2b53f", "#e878a0", "#8a55b0", "#f2ece0", "#e8703a", "#6a3a6f"),
    seconds=("#5f9a4a", "#6fa555", "#4f8a55"),
    material="leaf",
)
def tulip(look: Look) -> Figure:
    """An upright cup of petals with pointed tips on a straight stem between two long leaves."""
    w, tip = look.vary(0.5, 0.54), look.vary(-0.9, -0.84)
    deep = colours.shade(look.main, light=-0.1)
    edge = colours.mix(look.main, look.one_of("#f7e6a8", "#ffffff", "#f2b53f"), look.vary(0.2, 0.7))
    stem = stalk([(0, 0.36), (0.02, 0.7), (0, 1.1)], [0.075, 0.07, 0.075], look.second)
    back = [Part(leaf(x, 0.3, 1.12, 0.26, turn=turn), deep * 0.92, look.material, puff=0.5, lift=0.02)
        for x, turn in ((-0.16, -9), (0.16, 9))]  # fmt: skip
    flare = look.vary(0.64, 0.74)
    sides = both(
        Part(curve([(0, 0.44), (0.34, 0.4), (w + 0.13, 0.12), (w + 0.17, -0.22), (flare, -0.56), (flare + 0.02,
            tip + 0.13),
            (flare - 0.2, tip + 0.26), (0.2, -0.3)]), deep, look.material, puff=0.55, lift=0.03,
            pattern=Pattern("fade_up", edge, -0.62, 0.6)),
    )  # fmt: skip
    front = mirrored([(0, tip + 0.03), (w * 0.2, tip + 0.15), (w * 0.62, -0.5), (w * 0.94, -0.2), (w, 0.08),
        (w * 0.8, 0.34), (w * 0.4, 0.5), (0, 0.54)])  # fmt: skip
    rib = Part(stroke([(0, tip + 0.1), (0.01, -0.62)], [0.004, 0.012]), deep, look.material, puff=0.4, lift=0.0)
    long = [
        Part(leaf(s * 0.1, 1.02, look.vary(0.8, 1.0), 0.14, turn=s * look.vary(26, 36), bend=s * look.vary(0.1, 0.2)),
            colours.shade(look.second, light=look.vary(-0.06, 0.04)), "leaf", puff=0.6, lift=0.03,
            pattern=Pattern("stripes", colours.shade(look.second, light=-0.06), 0.03, 0.3))
        for s in (-1, 1)
    ]  # fmt: skip
    fold = Part(leaf(0.03, 1.04, 0.44, 0.11, turn=look.vary(-14, 14)), colours.shade(look.second, light=0.05), "leaf",
        puff=0.6, lift=0.03)  # fmt: skip
    return Figure(
        body=(*long, stem, *back, *sides,
            Part(front, look.main, look.material, puff=0.65, lift=0.06, pattern=Pattern("fade_up", edge, -0.68, 0.7)),
                rib),
        face=FaceSpot(0, -0.16, look.vary(0.355, 0.375)),
        front=(fold,),
        crown=(0, tip + 0.18, 0.34),
        neck=(0, 0.5),
    )  # fmt: skip


@archetype(
    "plants",
    mains=("#4f9a45", "#3f8a4a", "#5fa84a", "#6aa03f", "#4a9a6a"),
    seconds=("#b5d98a", "#a5cf8f", "#c4e09a"),
    material="leaf",
)
def clover(look: Look) -> Figure:
    """Three or four heart-shaped leaflets with pale chevrons around the face, on a thin bent stalk."""
    count = 4 if look.chance(0.6) else 3
    cy, side, reach = (-0.12 if count == 4 else 0.0), (1 if look.chance(0.5) else -1), look.vary(0.88, 0.94)
    first = 45.0 if count == 4 else 0.0
    turns = [first + k * 360 / count + look.vary(-3, 3) for k in range(count)]
    wide = 1.0 if count == 4 else 1.14
    heart = np.array([(0, 0.05), (0.2, -0.16), (0.43, -0.5), (0.47, -0.78), (0.34, -0.96), (0.16, -0.97), (0, -0.84)])
    heart = curve([tuple(p) for p in [*heart, *[(-x, y) for x, y in heart[-2:0:-1]]]]) * (wide, 1.0)
    chevron = [(-0.36 * wide, -0.6), (-0.2 * wide, -0.76), (0, -0.69), (0.2 * wide, -0.76), (0.36 * wide, -0.6)]
    stem = stalk([(0, cy + 0.2), (side * 0.05, 0.56), (side * 0.2, 0.8), (side * 0.24, 0.99)], [.045, .045, .05, .055],
        colours.shade(look.main, light=0.05))  # fmt: skip
    leaves: list[Part] = []
    for t in turns:
        tone = colours.shade(look.main, light=look.vary(-0.05, 0.03))
        leaves += [
            Part(place(heart, 0, cy, scale=reach, turn=t), tone, look.material, puff=0.5, lift=0.05),
            Part(place(stroke(chevron, [0.008, 0.028, 0.026, 0.028, 0.008]), 0, cy, scale=reach, turn=t), look.second,
                look.material, puff=0.2, lift=0.0),
            Part(place(stroke([(0, -0.4), (0, -0.82)], [0.012, 0.004]), 0, cy, scale=reach, turn=t),
                colours.shade(tone, light=0.1), look.material, puff=0.3, lift=0.0),
        ]  # fmt: skip
    middle = wobble(ellipse(0, cy + 0.03, 0.44, 0.45), look.rng, 0.015)
    drops = tuple(
        Part(ellipse(x, y, 0.04, 0.036), np.array([0.82, 0.93, 0.96]), "glass", puff=1.0, lift=0.015)
        for x, y in ((side * 0.62, cy - 0.45), (-side * 0.6, cy + 0.5)) if look.chance(0.5)
    )  # fmt: skip
    grass = blades(look, 1.02, look.one_of(*GREENS), [(-0.5, -14), (-0.4, 12), (0.46, -10), (0.55, 14), (-0.6, -26)])
    return Figure(
        body=(stem, *leaves, *drops, Part(middle, look.main, look.material, puff=0.2, lift=0.0)),
        face=FaceSpot(0, cy - 0.08, look.vary(0.335, 0.35)),
        front=grass,
        crown=(0, cy - 0.5, 0.36),
        neck=(0, cy + 0.52),
    )


@archetype(
    "plants",
    mains=("#8fbf5a", "#a0c96a", "#7fb555", "#b0d07a"),
    seconds=("#4f9a45", "#5fa84a", "#3f8a50", "#6aa83f"),
    material="waxy",
)
def seedling(look: Look) -> Figure:
    """A plump young shoot that has just pushed two leaves out of a mound of earth."""
    w, top = look.vary(0.54, 0.58), look.vary(-0.34, -0.28)
    lean = look.vary(-0.05, 0.05)
    shoot = mirrored([(0, top - 0.08), (0.09, top - 0.05), (0.26, top + 0.06), (w * 0.84, top + 0.24), (w, 0.16),
        (w * 0.95, 0.5), (w * 0.72, 0.8), (w * 0.6, 1.0), (0, 1.0)])  # fmt: skip
    fork = (lean, top - 0.25)
    neck = Part(stroke([(0, top + 0.06), (lean * 0.2, top - 0.14), fork], [0.15, 0.07, 0.06]), look.main,
        look.material, puff=0.9, lift=0.02)  # fmt: skip
    leaves: list[Part] = []
    for s in (-1, 1):
        length, turn = look.vary(0.8, 0.88), s * look.vary(62, 80)
        tone = colours.shade(look.second, light=look.vary(-0.03, 0.05))
        blade = curve([(0, 0.02), (0.13, -0.14), (0.25, -0.42), (0.2, -0.74), (0, -0.98), (-0.17, -0.74), (-0.22,
            -0.42),
            (-0.11, -0.14)])  # fmt: skip
        leaves.append(Part(place(blade, *fork, scale=length, turn=turn), tone, "leaf", puff=0.55, lift=0.04))
        pale = colours.shade(tone, light=0.12)
        veins = [[(0, 0), (0, -0.5), (0.0, -0.9)]]
        veins += [[(0, -y), (q * 0.1, -y - 0.1), (q * 0.16, -y - 0.14)] for y in (0.25, 0.45, 0.62) for q in (-1, 1)]
        leaves += [Part(place(stroke(v, [0.016, 0.011, 0.003]), *fork, scale=length, turn=turn), pale, "leaf",
            puff=0.3, lift=0.0) for v in veins]  # fmt: skip
    bud = Part(leaf(lean, top - 0.21, look.vary(0.18, 0.26), 0.06, turn=look.vary(-10, 10)),
        colours.shade(look.second, light=0.12), "leaf", puff=0.7, lift=0.03)  # fmt: skip
    earth = colours.shade(SOIL, light=look.vary(-0.02, 0.1))
    mound = wobble(
        mirrored([(0, 0.68), (0.36, 0.7), (0.7, 0.78), (0.94, 0.93), (0.96, 1.06), (0, 1.1)]), look.rng, 0.02
    )
    crumbs = tuple(
        Part(wobble(ellipse(x, y, r, r * 0.75, n=20), look.rng, 0.12), colours.shade(earth, light=look.vary(-0.05,
            0.1)),
            "stone", puff=0.8, lift=0.02)
        for x, y, r in ((look.vary(-0.8, 0.8), look.vary(0.82, 0.96), look.vary(0.02, 0.045)) for _ in range(14))
    )  # fmt: skip
    return Figure(
        body=(neck, *leaves, bud, Part(shoot, look.main, look.material, puff=0.75, lift=0.05,
            pattern=Pattern("fade", colours.mix(look.main, np.array([0.96, 0.96, 0.8]), 0.55), 0.5, 0.7))),
        face=FaceSpot(0, 0.11, look.vary(0.365, 0.385)),
        front=(Part(mound, earth, "stone", puff=0.5, lift=0.04), *crumbs, *_ladybird(look)),
        crown=(0, top + 0.02, 0.36),
        neck=(0, 0.66),
    )  # fmt: skip


def _ladybird(look: Look) -> tuple[Part, ...]:
    """A ladybird on the earth beside the shoot, now and then."""
    if look.chance(0.5):
        return ()
    x, y = look.vary(0.52, 0.68) * (1 if look.chance(0.5) else -1), 0.8
    ink, red = np.array([0.13, 0.12, 0.13]), np.array([0.84, 0.2, 0.16])
    dots = [(-0.04, -0.015), (0.04, -0.015), (0.0, 0.03), (-0.035, 0.045), (0.035, 0.045)]
    return (
        Part(ellipse(x, y - 0.075, 0.05, 0.04), ink, "porcelain", lift=0.01),
        Part(ellipse(x, y, 0.085, 0.085), red, "porcelain", puff=0.9, lift=0.02),
        Part(stroke([(x, y - 0.08), (x, y + 0.08)], 0.006), ink, "porcelain", lift=0.0),
        *(Part(ellipse(x + math.copysign(abs(dx) + 0.005, dx), y + dy, 0.014, 0.014, n=16), ink, "porcelain", lift=0.0)
            for dx, dy in dots),
    )  # fmt: skip
