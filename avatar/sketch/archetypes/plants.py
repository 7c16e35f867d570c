"""Plants: cactus, flower, tree, mushroom, potted plant."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import (
    box,
    ellipse,
    leaf,
    mirrored,
    place,
    rounded,
    scalloped,
    star,
    stroke,
    superellipse,
    wobble,
)  # fmt: skip

_POTS = ("#b8643c", "#c9764a", "#a8553a", "#d9c3a0", "#5f7f8c", "#8a4f6a", "#e0e0d8")


def _pot(look: Look, top: float, half: float, colour: np.ndarray) -> tuple[Part, Part]:
    """A flower pot from `top` down to the picture's foot, with a thick rim."""
    wall = rounded([(-half * 0.92, top), (half * 0.92, top), (half * 0.7, 0.95), (-half * 0.7, 0.95)], 0.06)
    rim = box(0, top + 0.03, half, 0.085, 0.05)
    return Part(wall, colour, "clay", puff=0.55, lift=0.06), Part(rim, colours.shade(colour, light=0.05), "clay",
        puff=0.9)  # fmt: skip


def _spines(points: list[tuple[float, float]], colour: np.ndarray, look: Look) -> tuple[Part, ...]:
    return tuple(
        Part(star(x, y, 0.042, 0.009, 5, turn=look.vary(0, 70)), colour, "waxy", puff=0.3, lift=0.012) for x,
            y in points
    )  # fmt: skip


@archetype(
    "plants",
    mains=("#4f8f4a", "#5e9b57", "#3f8463", "#7a9e4a", "#6fa58a"),
    seconds=("#e8669a", "#f2b13c", "#e4573d", "#f4e2ea"),
    material="waxy",
)
def cactus(look: Look) -> Figure:
    """A stout ribbed column with two arms, spines, a flower on top and a pot below."""
    w = look.vary(0.42, 0.46)
    top = look.vary(-0.8, -0.74)
    dark, light = colours.shade(look.main, light=-0.1), colours.mix(look.main, np.array([1.0, 0.98, 0.8]), 0.75)
    ribs = Pattern("stripes", dark, w / 3.4, 0.34)
    trunk = superellipse(0, (top + 0.85) / 2, w, (0.85 - top) / 2, 2.9)
    high, low = look.vary(-0.42, -0.22), look.vary(-0.12, 0.08)
    side = 1 if look.chance(0.5) else -1
    arms = [
        stroke([(s * w * 0.8, y + 0.34), (s * (w + 0.22), y + 0.32), (s * (w + 0.3), y + 0.1),
            (s * (w + 0.29), y - 0.14)], 0.115)
        for s, y in ((side, high), (-side, low))
    ]  # fmt: skip
    spots = [(s * w * k, y) for s in (-1, 1) for k, y in ((0.84, -0.44), (0.9, -0.08), (0.88, 0.28))]
    spots += [(-w * 0.45, top + 0.14), (w * 0.45, top + 0.15), (0, top + 0.24)]
    spots += [(s * (w + 0.28), y + d) for s, y in ((side, high), (-side, low)) for d in (-0.12, 0.1)]
    bloom = tuple(
        Part(leaf(look.vary(-0.02, 0.02), top + 0.07, 0.2, 0.06, turn=t),
            colours.shade(look.second, light=look.vary(-0.04, 0.06)), "leaf", puff=0.5, lift=0.02)
        for t in (-62, 62, -32, 32, 0)
    )  # fmt: skip
    pot = _pot(look, 0.58, look.vary(0.54, 0.6), look.one_of(*_POTS))
    return Figure(
        body=(
            *(Part(a, look.main, look.material, pattern=Pattern("stripes", dark, 0.07, 0.3), lift=0.03) for a in arms),
            *bloom,
            Part(trunk, look.main, look.material, puff=0.8, pattern=ribs),
            *_spines(spots, light, look),
        ),
        face=FaceSpot(0, -0.16, w * 0.76),
        front=pot,
        crown=(0, top + 0.06, w * 0.8),
        neck=(0, 0.5),
    )


@archetype(
    "plants",
    mains=("#f2b824", "#f4f0e6", "#e0568a", "#8d62c4", "#e8743b", "#5b86d6", "#f09ab8"),
    seconds=("#f3c64e", "#c98a3a", "#f0d48a", "#b5733f"),
    material="leaf",
)
def flower(look: Look) -> Figure:
    """A face in the disc of a blossom: two rings of petals, a stem and two leaves."""
    r, cy = look.vary(0.45, 0.48), -0.18
    count = int(look.rng.integers(9, 15))
    reach, wide = look.vary(0.74, 0.8), 2.6 / count
    back = colours.shade(look.main, light=-0.09)
    start, pointed = look.vary(0, 360), look.chance(0.4)

    def petal(length: float) -> np.ndarray:
        if pointed:
            return leaf(0, -r * 0.55, length * 1.06 - r * 0.55, wide * 0.78)
        return ellipse(0, -(r * 0.7 + length) / 2, wide * 0.72, (length - r * 0.7) / 2)

    def ring(colour: np.ndarray, offset: float, length: float) -> tuple[Part, ...]:
        return tuple(
            Part(place(petal(length), 0, cy, turn=start + (k + offset) * 360 / count),
                 colours.shade(colour, light=look.vary(-0.02, 0.03)), "leaf", puff=0.45, lift=0.025)
            for k in range(count)
        )  # fmt: skip

    green = look.one_of("#4f8f45", "#3f7f4c", "#6a9a3f")
    stem = stroke([(0, 0.3), (look.vary(-0.06, 0.06), 0.65), (0, 1.1)], 0.065)
    blades = tuple(
        Part(leaf(s * 0.03, y, look.vary(0.55, 0.66), 0.13, turn=s * 62, bend=-s * 0.16), green, "leaf", puff=0.5)
        for s, y in ((-1, 0.98), (1, look.vary(0.9, 1.0)))
    )
    rim = colours.shade(look.second, light=-0.13)
    return Figure(
        body=(
            Part(stem, green, "leaf", puff=0.8), *blades, *ring(back, 0.5, reach * 0.98), *ring(look.main, 0, reach),
            Part(scalloped(0, cy, r + 0.05, r + 0.05, 26, 0.05), rim, "felt", puff=0.5, lift=0.05),
            Part(ellipse(0, cy, r, r), look.second, "clay", puff=0.55, lift=0.02),
        ),
        face=FaceSpot(0, cy - 0.13, r * 0.74),
        crown=(0, cy - r, r * 0.8),
        neck=(0, 0.62),
    )  # fmt: skip


@archetype(
    "plants",
    mains=("#4c8b3f", "#6a9c3c", "#3f7a4f", "#d98a2f", "#c2502f", "#e59ab5", "#8aa83f"),
    seconds=("#8a6240", "#7a5638", "#9c7350", "#a88560"),
    material="leaf",
)
def tree(look: Look) -> Figure:
    """A broad old trunk with roots and branches under a crown of leaves."""
    w = look.vary(0.43, 0.47)
    bark = look.second
    trunk = mirrored(
        [(0, -0.7), (w * 0.9, -0.68), (w * 0.98, -0.3), (w * 1.02, 0.2), (w * 1.08, 0.55), (w * 1.5, 0.82),
            (w * 1.72, 0.95), (w * 0.9, 0.88), (w * 0.4, 0.96), (0, 0.9)]
    )  # fmt: skip
    arms = tuple(
        Part(stroke([(s * w * 0.7, y + 0.2), (s * (w + 0.14), y + 0.06), (s * (w + 0.26), y - 0.16)],
            [0.12, 0.08, 0.05]), bark, "bark")
        for s, y in ((-1, look.vary(-0.1, 0.1)), (1, look.vary(-0.1, 0.1)))
    )  # fmt: skip
    tones = [colours.shade(look.main, light=d) for d in (-0.1, -0.04, 0.02, 0.07)]
    tufts = tuple(_clump(look, s * (w + 0.3), look.vary(-0.26, -0.14), 0.2, tones[2]) for s in (-1, 1))
    behind = tuple(_clump(look, x, y, r, tones[0]) for x, y,
        r in ((-0.62, -0.38, 0.3), (0.62, -0.38, 0.3), (0, -0.62, 0.34)))  # fmt: skip
    crown = tuple(
        _clump(look, x, y, r, tones[k])
        for x, y, r, k in ((-0.36, -0.64, 0.29, 1), (0.38, -0.64, 0.29, 1), (-0.5, -0.52, 0.22, 2),
            (0.52, -0.52, 0.22, 2), (0, -0.66, 0.27, 3))
    )  # fmt: skip
    fruit_colour = look.one_of("#d8362f", "#f2b632", "#f4d3e0")
    fruit = tuple(
        Part(ellipse(x, y, 0.05, 0.052), fruit_colour, "peel", lift=0.03)
        for x, y in ((-0.55, -0.62), (-0.2, -0.76), (0.24, -0.68), (0.58, -0.55), (0.05, -0.62), (-0.7, -0.4))
    ) if look.chance(0.45) else ()  # fmt: skip
    knot = Part(ellipse(w * 0.55, 0.62, 0.1, 0.07, turn=15), colours.shade(bark, light=-0.16), "bark", puff=-0.5,
        lift=0.0)  # fmt: skip
    return Figure(
        body=(*behind, *arms, *tufts, Part(trunk, bark, "bark", puff=0.7), knot),
        face=FaceSpot(0, -0.1, w * 0.8, hair=colours.mix(look.main, bark, 0.5) * 0.35),
        front=(*crown, *fruit),
        crown=(0, -0.86, 0.5),
        neck=(0, 0.56),
    )


def _clump(look: Look, x: float, y: float, r: float, colour: np.ndarray) -> Part:
    """A bunch of leaves."""
    outline = scalloped(0, 0, r, r * 0.86, int(look.rng.integers(8, 11)), 0.16)
    return Part(place(outline, x, y, turn=look.vary(0, 90)), colour, "leaf", puff=0.7, lift=0.05)


@archetype(
    "plants",
    mains=("#cf3a2e", "#c9702f", "#8a4fa0", "#3f86a0", "#b5823f", "#d96a8a"),
    seconds=("#f6ead2", "#f2e3d0", "#efe0c8"),
    material="waxy",
)
def mushroom(look: Look) -> Figure:
    """A plump stem under a spotted cap, in a little grass."""
    wide, brim = look.vary(0.84, 0.93), look.vary(-0.2, -0.14)
    top = look.vary(-0.94, -0.86)
    stem = mirrored([(0, -0.5), (0.36, -0.46), (0.43, -0.1), (0.47, 0.3), (0.55, 0.68), (0.44, 0.9), (0, 0.95)])
    cap = mirrored(
        [(0, top), (wide * 0.5, top + 0.1), (wide * 0.9, top + 0.42), (wide, brim - 0.02), (wide * 0.86, brim + 0.08),
            (wide * 0.4, brim - 0.02), (0, brim - 0.05)]
    )  # fmt: skip
    gills = mirrored([(0, brim - 0.2), (wide * 0.84, brim - 0.05), (wide * 0.8, brim + 0.08), (wide * 0.4, brim + 0.05),
        (0, brim + 0.02)])  # fmt: skip
    pale = colours.mix(look.main, np.array([1.0, 0.97, 0.9]), 0.88)
    side = 1 if look.chance(0.5) else -1
    dots = [(0, top + 0.2, 0.13), (-wide * 0.46, top + 0.36, 0.12), (wide * 0.48, top + 0.34, 0.125),
        (-wide * 0.76, brim - 0.08, 0.09)]  # fmt: skip
    dots += [(wide * 0.76, brim - 0.1, 0.09), (wide * 0.2, brim - 0.2, 0.075), (-wide * 0.2, brim - 0.17, 0.06),
        (-wide * 0.24, top + 0.12, 0.05)]  # fmt: skip
    spots = tuple(
        Part(wobble(ellipse(side * x + look.vary(-0.04, 0.04), y + look.vary(-0.02, 0.02), r * look.vary(0.85, 1.1),
            r * 0.82), look.rng, 0.05), pale,
            "felt", puff=0.35, lift=0.012)
        for x, y, r in dots
    )  # fmt: skip
    grass = look.one_of("#5d9a45", "#4c8a4c", "#7fa845")
    blades = tuple(
        Part(leaf(x, 1.0, look.vary(0.2, 0.36), 0.035, turn=turn), colours.shade(grass, light=look.vary(-0.05, 0.06)),
            "leaf", puff=0.5, lift=0.02)
        for x, turn in ((-0.62, -24), (-0.52, 6), (-0.42, 24), (0.4, -20), (0.5, 4), (0.6, 22), (-0.3, -8), (0.28, 12))
    )  # fmt: skip
    return Figure(
        body=(*_little_one(look, pale), Part(gills, colours.shade(look.second, light=-0.2), "felt", puff=0.3,
            pattern=Pattern("stripes", look.second, 0.03, 0.6)), Part(stem, look.second, "waxy", puff=0.75)),
        face=FaceSpot(0, 0.12, 0.335),
        front=(Part(cap, look.main, look.material, puff=0.75, lift=0.06), *spots, *blades),
        crown=(0, top + 0.06, 0.4),
        neck=(0, 0.7),
    )  # fmt: skip


def _little_one(look: Look, pale: np.ndarray) -> tuple[Part, ...]:
    """A young mushroom at the big one's foot, now and then."""
    if look.chance(0.4):
        return ()
    x, y = look.vary(0.66, 0.74) * (1 if look.chance(0.5) else -1), look.vary(0.62, 0.72)
    stem = mirrored([(0, 0), (0.07, 0), (0.09, 0.2), (0.11, 0.34), (0, 0.36)])
    cap = mirrored([(0, -0.15), (0.12, -0.11), (0.2, 0.03), (0.1, 0.06), (0, 0.05)])
    return (
        Part(stem + (x, y - 0.06), look.second, "waxy", puff=0.8),
        Part(cap + (x, y), look.main, look.material, puff=0.8, lift=0.03),
        Part(ellipse(x - 0.05, y - 0.04, 0.035, 0.028), pale, "felt", puff=0.3, lift=0.005),
        Part(ellipse(x + 0.07, y - 0.01, 0.026, 0.02), pale, "felt", puff=0.3, lift=0.005),
    )


@archetype(
    "plants",
    mains=("#c0683f", "#d9885a", "#4f86a0", "#d8b45a", "#7a9a7f", "#c46a80", "#e6e0d2"),
    seconds=("#4f8f4a", "#3f7f55", "#6fa04a", "#5a8f70"),
    material="clay",
)
def potted_plant(look: Look) -> Figure:
    """A pot with a face and a head of leaves."""
    half = look.vary(0.58, 0.64)
    top = -0.09
    wall = rounded([(-half, top), (half, top), (half * 0.72, 0.93), (-half * 0.72, 0.93)], 0.14)
    rim = box(0, top, half + 0.06, 0.09, 0.06)
    kind = str(look.rng.choice(["blades", "broad", "fern"]))
    soil = Part(ellipse(0, top - 0.06, half * 0.9, 0.06), np.array([0.25, 0.17, 0.12]), "stone", puff=0.3)
    saucer = Part(box(0, 0.93, half * 0.86, 0.05, 0.05), colours.shade(look.main, light=-0.08), look.material)
    return Figure(
        body=(soil, *_foliage(look, kind, top), saucer, Part(wall, look.main, look.material, puff=0.7, lift=0.05),
              Part(rim, colours.shade(look.main, light=0.05), look.material, puff=0.8, lift=0.04)),
        face=FaceSpot(0, 0.2, half * 0.595),
        front=_vines(look, half, top) if look.chance(0.5) else (),
        crown=(0, top - 0.08, half * 0.8),
        neck=(0, 0.8),
    )  # fmt: skip


def _foliage(look: Look, kind: str, foot: float) -> tuple[Part, ...]:
    """Leaves above the pot: upright blades, broad hearts or fern fronds."""
    leaves = []
    count = {"blades": 7, "broad": 7, "fern": 11}[kind]
    order = sorted(range(count), key=lambda k: -abs(k - (count - 1) / 2) + 3.0 * (k % 2 == 0), reverse=True)
    for k in order:
        share = (k / (count - 1)) * 2 - 1
        tone = colours.shade(look.second, light=look.vary(-0.08, 0.07), hue=look.vary(-0.015, 0.015))
        if kind == "blades":
            edge = Pattern("bands", colours.shade(tone, light=-0.09), 0.05, 0.5)
            outline = leaf(share * 0.32, foot, look.vary(0.66, 0.86) - 0.12 * abs(share), 0.1, turn=share * 30,
                bend=share * 0.06)  # fmt: skip
            leaves.append(Part(outline, tone, "leaf", puff=0.5, pattern=edge))
        elif kind == "broad":
            outline = leaf(share * 0.2, foot, look.vary(0.7, 0.82), 0.19, turn=share * 70, bend=share * 0.12)
            leaves.append(Part(outline, tone, "leaf", puff=0.5))
            vein = leaf(share * 0.2, foot, 0.62, 0.014, turn=share * 70, bend=share * 0.09)
            leaves.append(Part(vein, colours.shade(tone, light=0.12), "leaf", puff=0.3, lift=0.0))
        else:
            outline = leaf(share * 0.12, foot, look.vary(0.74, 0.86), 0.085, turn=share * 82, bend=share * 0.34)
            leaves.append(Part(outline, tone, "leaf", puff=0.5, lift=0.04))
    return tuple(leaves)


def _vines(look: Look, half: float, top: float) -> tuple[Part, ...]:
    """A trailing vine over the rim on either side."""
    parts = []
    for s in (-1, 1):
        length = look.vary(0.4, 0.85)
        line = [(s * half * 0.84, top - 0.08), (s * (half + 0.06), top + 0.2), (s * (half + 0.02), top + 0.3 + length)]
        parts.append(Part(stroke(line, 0.018), look.second, "leaf", lift=0.03))
        for k in range(5):
            y = top + 0.04 + (0.28 + length) * k / 4.4
            tone = colours.shade(look.second, light=look.vary(-0.04, 0.09))
            parts.append(Part(leaf(s * (half + 0.04), y, 0.17, 0.062, turn=s * (130 if k % 2 else 215)), tone, "leaf",
                puff=0.5, lift=0.03))  # fmt: skip
    return tuple(parts)
