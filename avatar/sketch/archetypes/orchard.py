"""Fruits that come in bunches, halves and slices: grapes, watermelon, cherry, avocado, coconut."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.growth import GREENS, STALKS, gleam, off_face, stalk, tendril
from personify.avatar.sketch.archetypes.pieces import veined_leaf
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, leaf, mirrored, petals, place, shaggy, stroke, wobble


@archetype(
    "fruits",
    mains=("#6b3f8f", "#5a3a86", "#8fae4a", "#a9bf5a", "#8a2f55", "#3f4a86"),
    seconds=("#4f8f45", "#6a9a3f", "#8a9a3f"),
    material="waxy",
)
def grapes(look: Look) -> Figure:
    """A bunch that narrows downwards; the face is on the plumpest grape in its middle."""
    r, cy, side = look.vary(0.5, 0.53), -0.03, 1 if look.chance(0.5) else -1
    rows = ((-0.47, 5, 0.31), (-0.2, 6, 0.31), (0.08, 6, 0.3), (0.34, 5, 0.29), (0.58, 4, 0.27), (0.77, 2, 0.25))
    berries: list[Part] = []
    for y, count, step in rows:
        for k in range(count):
            x = (k - (count - 1) / 2) * step + look.vary(-0.03, 0.03)
            berries += _berry(look, x, y + look.vary(-0.03, 0.03), look.vary(0.165, 0.195))
    low = [p for x, y in ((-0.21, 0.55), (0.21, 0.56), (0.0, 0.63)) for p in _berry(look, x, y, look.vary(0.17, 0.19))]
    wood = look.one_of(*STALKS)
    twig = stalk([(0, -0.5), (0.02 * side, -0.75), (0.12 * side, -0.93)], [0.05, 0.04, 0.05], wood)
    return Figure(
        body=(
            tendril(-0.04 * side, -0.66, look.vary(0.12, 0.15), -side, colours.shade(look.second, light=0.08)), twig,
            *berries,
            Part(ellipse(0, cy, r, r * 1.03), look.main, look.material, puff=0.85, lift=0.07),
        ),
        face=FaceSpot(0, cy - 0.12, r * 0.71),
        front=(*_vine_leaf(look, side * 0.3, -0.62, side * look.vary(24, 40)), *low),
        crown=(0, -0.54, 0.42),
        neck=(0, cy + r + 0.04),
    )  # fmt: skip


def _berry(look: Look, x: float, y: float, r: float) -> tuple[Part, Part]:
    """One grape with its gleam."""
    skin = colours.shade(look.main, light=look.vary(-0.07, 0.05), hue=look.vary(-0.015, 0.015))
    return (
        Part(ellipse(x, y, r, r * 1.04), skin, look.material, puff=0.95, lift=0.04),
        gleam(x - 0.35 * r, y - 0.42 * r, 0.24 * r, 0.14 * r, -35, skin),
    )


def _vine_leaf(look: Look, x: float, y: float, turn: float) -> tuple[Part, ...]:
    """A five-lobed leaf with veins."""
    lobed = [(0, 0.1), (0.2, 0.2), (0.27, 0.02), (0.37, -0.1), (0.23, -0.2), (0.2, -0.33), (0.08, -0.3), (0, -0.44)]
    shape = [*lobed, *[(-px, py) for px, py in reversed(lobed[1:-1])]]
    size = look.vary(0.84, 0.98)
    veins = [stroke([(0, 0.06), (vx * 0.5, vy * 0.5), (vx, vy)], [0.014, 0.01, 0.003])
        for vx, vy in ((0, -0.36), (0.18, -0.23), (-0.18, -0.23), (0.24, -0.06), (-0.24, -0.06))]  # fmt: skip
    pale = colours.shade(look.second, light=0.13)
    return (
        Part(place(curve(shape, n=8), x, y, scale=size, turn=turn), look.second, "leaf", puff=0.4, lift=0.05),
        *(Part(place(v, x, y, scale=size, turn=turn), pale, "leaf", puff=0.3, lift=0.0) for v in veins),
    )


@archetype(
    "fruits",
    mains=("#e0474f", "#d93a4a", "#e85a52", "#f0604f", "#f2b63f"),
    seconds=("#3f8a4a", "#2f7a45", "#4f9a4f", "#5a8f3f"),
    material="waxy",
)
def watermelon(look: Look) -> Figure:
    """A deep slice, flesh, pith and rind, full of pips, before the striped melon that it was cut from."""
    w, top, low = look.vary(0.86, 0.93), look.vary(-0.44, -0.38), look.vary(0.88, 0.93)
    side = 1 if look.chance(0.5) else -1
    pith, deep = np.array([0.93, 0.95, 0.76]), colours.shade(look.second, light=-0.13)

    def bowl(inset: float, drop: float) -> np.ndarray:
        a = np.linspace(0, math.pi, 60)
        arc = np.stack([(w - inset) * np.cos(a), top + drop + (low - inset - top - drop) * np.sin(a) ** 0.9], 1)
        return np.concatenate([arc, [(-(w - inset), top + drop - 0.012), (w - inset, top + drop - 0.012)]])

    spot = FaceSpot(0, -0.11, look.vary(0.375, 0.395), squeeze=0.94)
    flesh = bowl(0.15, 0.0)
    pips = _pips(look, spot, w - 0.15, low - 0.15, top)
    ball = ellipse(side * 0.06, -0.2, 0.76, 0.72, turn=side * 12)
    bitten = side * look.vary(0.54, 0.6)
    bite = tuple(ellipse(bitten + dx, top - 0.02, 0.11, dy) for dx, dy in ((-0.13, 0.11), (0.04, 0.15)))
    bite = bite if look.chance(0.4) else ()
    twig = stalk([(side * 0.1, -0.86), (side * 0.14, -0.93), (side * 0.24, -0.96)], [0.045, 0.035, 0.04],
        look.one_of(*GREENS))  # fmt: skip
    return Figure(
        body=(
            twig,
            Part(ball, look.second, "peel", puff=0.8, pattern=Pattern("stripes", deep, 0.115, 0.95)),
            Part(bowl(0.0, 0.0), look.second, "peel", puff=0.35, lift=0.08, holes=bite,
                pattern=Pattern("stripes", deep, 0.09, 0.9)),
            Part(bowl(0.075, 0.0), pith, "felt", puff=0.1, lift=0.0, holes=bite),
            Part(flesh, look.main, look.material, puff=0.3, lift=0.0, holes=bite),
            *pips,
        ),
        face=spot,
        crown=(side * 0.06, -0.84, 0.42),
        neck=(0, 0.7),
    )  # fmt: skip


def _pips(look: Look, spot: FaceSpot, w: float, low: float, top: float) -> tuple[Part, ...]:
    """Dark pips in rings around the face, each pointing to the middle of the slice's edge."""
    dark, parts = look.one_of("#2a1a16", "#33221a", "#1f1614"), []
    for ring, count in ((0.84, 17), (0.64, 12)):
        for a in np.linspace(0.16, math.pi - 0.16, count):
            x, y = ring * w * math.cos(a), top + ring * (low - top) * math.sin(a) ** 0.9
            if off_face(x, y, spot) < 1.06 or y < top + 0.1:
                continue
            turn = math.degrees(math.atan2(x, y - top)) * -1 + look.vary(-10, 10)
            pip = leaf(0, 0.045, 0.09, 0.028)
            parts.append(Part(place(pip, x, y, turn=turn), dark, "porcelain", puff=0.8, lift=0.005))
    return tuple(parts)


@archetype(
    "fruits",
    mains=("#b5182f", "#9a1230", "#c92a35", "#7a1230", "#d9403f"),
    seconds=("#5f8a3f", "#7a8a45", "#6f7a35"),
    material="porcelain",
)
def cherry(look: Look) -> Figure:
    """Two cherries on long stalks that meet under a leaf; the greater one has the face."""
    side, r = 1 if look.chance(0.5) else -1, look.vary(0.55, 0.59)
    x, y = -side * look.vary(0.24, 0.28), look.vary(0.3, 0.34)
    small, sx, sy = look.vary(0.36, 0.41), side * look.vary(0.5, 0.55), look.vary(0.42, 0.52)
    knot = (side * look.vary(0.08, 0.2), -0.88)
    stems = [
        stalk([knot, ((knot[0] + bx) / 2 + bend, -0.5), (bx, by)], [0.04, 0.026, 0.036], look.second)
        for bx, by, bend in ((x, y - r * 0.8, -side * 0.08), (sx, sy - small * 0.8, side * 0.13))
    ]  # fmt: skip
    green = look.one_of(*GREENS)
    leaves = veined_leaf(*knot, look.vary(0.5, 0.6), 0.17, side * look.vary(95, 118), green)
    if look.chance(0.5):
        leaves += veined_leaf(*knot, look.vary(0.36, 0.44), 0.13, -side * look.vary(80, 105), green)
    return Figure(
        body=(*_cherry(sx, sy, small, colours.shade(look.main, light=-0.03), look.material), stems[1],
            *_cherry(x, y, r, look.main, look.material)),
        face=FaceSpot(x, y - 0.14, r * 0.69),
        front=(stems[0], Part(ellipse(*knot, 0.075, 0.06), look.second, "bark", lift=0.03), *leaves),
        crown=(x, y - r + 0.06, r * 0.62),
        neck=(x, y + r * 0.82),
    )  # fmt: skip


def _cherry(x: float, y: float, r: float, red: np.ndarray, material: str) -> tuple[Part, ...]:
    """A heart-shaped ball with a dimple above and a gleam."""
    ball = mirrored([(0, -0.84), (0.22, -0.95), (0.62, -0.88), (0.97, -0.36), (0.94, 0.28), (0.56, 0.83), (0, 1.0)])
    return (
        Part(place(ball, x, y, scale=r), red, material, puff=0.8, lift=0.06),
        Part(ellipse(x, y - 0.8 * r, 0.26 * r, 0.08 * r), red * 0.62, "felt", puff=-0.4, lift=0.0),
        gleam(x - 0.66 * r, y - 0.5 * r, 0.14 * r, 0.07 * r, -50, red, 0.7),
    )


@archetype(
    "fruits",
    mains=("#3f5a2f", "#35502f", "#4a6a35", "#4a3f35", "#2f4a35"),
    seconds=("#7a4a2a", "#6b3f24", "#8a5a35", "#94622f"),
    material="leather",
)
def avocado(look: Look) -> Figure:
    """Half an avocado leans a little: dark knobbly rind, a green edge, buttery flesh, the stone like a round belly."""
    w, side = look.vary(0.66, 0.72), 1 if look.chance(0.5) else -1
    turn, green = side * look.vary(1, 6), look.one_of("#a3bf4f", "#94b545", "#b5c95a")
    flesh = look.one_of("#efe6a0", "#f0e8b0", "#e9e294")
    half = [(0, -0.93), (0.25, -0.89), (0.46, -0.66), (w * 0.76, -0.2), (w, 0.34), (w * 0.86, 0.74), (0.36, 0.93),
        (0, 0.96)]  # fmt: skip
    shape = mirrored(half)
    layers = [place(shape, 0, dy, scale=k, turn=turn) for k, dy in ((1.0, 0.0), (0.925, 0.01), (0.83, 0.02))]
    back = place(wobble(shape, look.rng, 0.02), side * 0.26, -0.02, scale=0.95, turn=side * look.vary(15, 21))
    ink = colours.shade(look.main, light=-0.06)
    knobs = Pattern("spots", colours.shade(look.main, light=0.09), 0.055, 0.8)
    stone_x, stone_y = map(float, place(np.array([[0.0, 0.52]]), 0, 0, turn=turn)[0])
    pit = look.vary(0.25, 0.27)
    leaves = veined_leaf(side * 0.34, -0.8, look.vary(0.36, 0.44), 0.13, side * look.vary(50, 75),
        look.one_of(*GREENS)) if look.chance(0.55) else ()  # fmt: skip
    return Figure(
        body=(
            *leaves, Part(back, ink, look.material, puff=0.8, lift=0.03, pattern=knobs),
            Part(layers[0], look.main, look.material, puff=0.45, lift=0.06),
            Part(layers[1], green, "waxy", puff=0.12, lift=0.0), Part(layers[2], flesh, "waxy", puff=0.35, lift=0.0),
        ),
        face=FaceSpot(-side * 0.02, -0.27, look.vary(0.325, 0.345), roll=turn * 0.5),
        front=(
            Part(ellipse(stone_x, stone_y + 0.01, pit + 0.035, pit + 0.03), colours.shade(flesh, light=-0.16), "waxy",
                puff=-0.3, lift=0.0),
            Part(ellipse(stone_x, stone_y, pit, pit * 0.98), look.second, "waxy", puff=1.0, lift=0.03),
            gleam(stone_x - 0.09, stone_y - 0.12, 0.05, 0.028, -35, look.second),
        ),
        crown=(side * 0.04, -0.86, 0.36),
        neck=(0, 0.24),
    )  # fmt: skip


@archetype(
    "fruits",
    mains=("#8a5f3c", "#7a5232", "#96683f", "#6f4a2f", "#a0764a"),
    seconds=("#e4553f", "#3f9ac9", "#f2b63f", "#e87fa5", "#4fa06a"),
    material="fur",
)
def coconut(look: Look) -> Figure:
    """A hairy shell cut open on top, milk and white flesh in it, with a straw and a paper umbrella or a flower."""
    w, cy, top = look.vary(0.72, 0.77), 0.24, -0.36
    side = 1 if look.chance(0.5) else -1
    shell = mirrored([(0, top), (w * 0.84, top), (w, 0.02), (w * 0.99, 0.34), (w * 0.74, 0.76), (0.3, 0.93), (0, 0.95)])
    hairy = shaggy(shell, 64, 0.04, look.rng)
    white, milk = np.array([0.97, 0.95, 0.9]), np.array([0.93, 0.93, 0.89])
    fibres = tuple(
        Part(stroke([(x, y), (x + x * 0.06, y + 0.07), (x + x * 0.09, y + look.vary(0.12, 0.2))],
            [0.003, 0.009, 0.002]), colours.shade(look.main, light=look.vary(-0.07, 0.12)), "hair", puff=0.5, lift=0.0)
        for x, y in ((look.vary(-w, w) * 0.9, look.vary(-0.3, 0.7)) for _ in range(44))
        if off_face(x, y + 0.08, FaceSpot(0, 0.1, 0.43)) > 1.05 and abs(x) < w * math.sqrt(max(0.0, 1 - (y - 0.2) ** 2))
    )  # fmt: skip
    straw = Part(stroke([(side * 0.12, top + 0.02), (side * 0.34, -0.72), (side * 0.4, -0.82), (side * 0.62, -0.92)],
        0.042), white, "plastic", lift=0.03, pattern=Pattern("bands", look.second, 0.05, 0.95))  # fmt: skip
    extra = _umbrella(look, -side) if look.chance(0.55) else _hibiscus(look, -side * 0.46, top - 0.06)
    return Figure(
        body=(
            Part(ellipse(0, top, w * 0.86, 0.15), look.main * 0.8, "bark", puff=0.4, lift=0.02),
            Part(ellipse(0, top, w * 0.8, 0.125), white, "felt", puff=0.4, lift=0.0),
            Part(ellipse(0, top + 0.02, w * 0.64, 0.085), milk * 0.9, "felt", puff=-0.2, lift=0.0),
            Part(ellipse(0, top + 0.035, w * 0.6, 0.07), milk, "porcelain", puff=0.05, lift=0.0),
            straw, *(extra if len(extra) < 9 else ()),
            Part(_below_rim(hairy, w * 0.86, top), look.main, look.material, puff=0.7, lift=0.0), *fibres,
        ),
        face=FaceSpot(0, cy - 0.14, look.vary(0.395, 0.415)),
        front=extra if len(extra) >= 9 else (),
        crown=(0, top - 0.02, w * 0.7),
        neck=(0, 0.82),
    )  # fmt: skip


def _below_rim(shell: np.ndarray, rx: float, top: float) -> np.ndarray:
    """The shell without what stands above the front of its round opening."""
    x, y = shell.T
    rim = top + 0.14 * np.sqrt(np.maximum(0, 1 - (x / rx) ** 2))
    return np.stack([x, np.where(y < 0.0, np.maximum(y, rim), y)], 1)


def _umbrella(look: Look, side: int) -> tuple[Part, ...]:
    """A cocktail umbrella of paper in eight gores, seen from the side."""
    stick = stroke([(side * 0.14, -0.34), (side * 0.42, -0.88)], 0.014)
    gores = []
    for k, a in enumerate(np.linspace(-1, 1, 5)[:-1]):
        fan = np.array([(0, -0.26), (a * 0.4, 0.02 + 0.08 * (1 - a * a)), (a * 0.4 + 0.1, 0.075 * (1 - a * a) + 0.05),
            ((a + 0.5) * 0.4, 0.02 + 0.08 * (1 - (a + 0.5) ** 2))])  # fmt: skip
        tone = look.second if k % 2 else colours.mix(look.second, np.ones(3), 0.75)
        gores.append(Part(place(fan, side * 0.4, -0.74, turn=side * 24), tone, "paper", puff=0.3, lift=0.02))
    return (Part(stick, np.array([0.8, 0.66, 0.45]), "wood", lift=0.02), *gores)


def _hibiscus(look: Look, x: float, y: float) -> tuple[Part, ...]:
    """A broad five-petalled blossom on the rim, with leaves and a yellow pistil."""
    green, turn = look.one_of(*GREENS), look.vary(0, 72)
    flesh = colours.mix(look.second, np.ones(3), 0.15)
    ring = tuple(
        Part(place(ellipse(0, -0.14, 0.11, 0.13), x, y, turn=turn + 72 * k),
            colours.shade(flesh, light=look.vary(-0.03, 0.04)), "leaf", puff=0.5, lift=0.025) for k in range(5)
    )  # fmt: skip
    hearts = Part(place(petals(0, 0, 0.09, 0.03, 5), x, y, turn=turn + 36), flesh * 0.6, "leaf", puff=0.2, lift=0.0)
    foliage = veined_leaf(x, y, 0.36, 0.1, -60, green) + veined_leaf(x, y, 0.34, 0.1, 75, green)
    pistil = stroke([(x, y), (x + 0.05, y - 0.1)], [0.014, 0.026])
    return (*foliage, *ring, hearts, Part(pistil, np.array([0.96, 0.8, 0.3]), "felt", lift=0.02))
