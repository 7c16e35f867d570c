"""Savoury food: pizza, burger, sushi."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.toppings import apart, away
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import (
    box,
    curve,
    dripping,
    ellipse,
    leaf,
    lobes,
    mirrored,
    place,
    rounded,
    stroke,
    superellipse,
    wobble,
)  # fmt: skip

_GREENS = ("#4f8f45", "#5f9e3f", "#3f7f4c", "#7aa83f")
_TOMATO = np.array([0.83, 0.2, 0.14])


@archetype(
    "food",
    mains=("#f2c864", "#f0b94f", "#f4d88a", "#e8a84a"),
    seconds=("#c9843f", "#b87034", "#d99a55"),
    material="waxy",
)
def pizza(look: Look) -> Figure:
    """A slice, point down: puffed crust above, cheese that drips over the sides, slices and leaves around the face."""
    wide, turn = look.vary(0.77, 0.82), look.vary(-5, 5)
    top, tip = -0.58, 0.9

    def at(outline: np.ndarray) -> np.ndarray:
        return place(outline, 0, 0.02, turn=turn)

    base = rounded([(-wide, top), (0, top - 0.14), (wide, top), (0.035, tip), (-0.035, tip)], 0.08)
    edges = []
    for s in (-1, 1):
        for share, length in ((0.24, look.vary(0.1, 0.2)), (0.5, look.vary(0.05, 0.14)), (0.72, 0.09)):
            x, y = s * wide * (1 - share) * 0.97, top + (tip - top) * share
            edges.append(Part(at(stroke([(x * 0.93, y - 0.02), (x, y + 0.04), (x - s * 0.01, y + 0.05 + length)],
                [0.07, 0.055, 0.045])), look.main, look.material, puff=0.8, lift=0.02))  # fmt: skip
    crust = stroke([(-wide - 0.02, top + 0.02), (-wide * 0.5, top - 0.13), (0, top - 0.17), (wide * 0.5, top - 0.13),
        (wide + 0.02, top + 0.02)], [0.13, 0.15, 0.145, 0.15, 0.13])  # fmt: skip
    roast = Pattern("patches", colours.shade(look.second, light=-0.14), 0.13, 0.8)
    iod = 0.345
    sauce = rounded([(-wide * 0.99, top + 0.02), (0, top - 0.12), (wide * 0.99, top + 0.02), (0.03, tip - 0.04),
        (-0.03, tip - 0.04)], 0.07)  # fmt: skip
    melt = _melt(look, wide * 0.93, top + 0.07, tip - 0.13)
    return Figure(
        body=(
            Part(at(base + (0.015, 0.045)), look.second, "crumb", bevel=0.05),
            Part(at(sauce), _TOMATO, "waxy", bevel=0.04, lift=0.01), *edges,
            Part(at(melt), look.main, look.material, bevel=0.09, lift=0.012), *_toppings(look, wide, top, turn),
            Part(at(crust), look.second, "crumb", puff=0.8, lift=0.05, pattern=roast),
        ),
        face=FaceSpot(0, -0.2, iod, roll=turn),
        crown=(0, top - 0.28, 0.6),
        neck=(0, 0.45),
    )  # fmt: skip


def _melt(look: Look, wide: float, top: float, tip: float) -> np.ndarray:
    """The cheese: the slice's triangle with a softly wavy rim."""
    down = np.linspace(0, 1, 9)
    right = [(wide * (1 - s) + look.vary(-0.012, 0.018) + 0.03 * s, top + (tip - top) * s) for s in down]
    ridge = [(0.0, top - 0.12)]
    left = [(-wide * (1 - s) + look.vary(-0.018, 0.012) - 0.03 * s, top + (tip - top) * s) for s in down[::-1]]
    return curve(right + left + ridge, n=8)


def _toppings(look: Look, wide: float, top: float, turn: float) -> tuple[Part, ...]:
    """Round slices in the corners and below the chin, leaves or olives between them."""
    red = look.one_of("#b5342a", "#a82c2c", "#c24a34")
    parts: list[Part] = []
    spots = ((-wide * 0.72, top + 0.18, 0.125), (wide * 0.71, top + 0.19, 0.13), (look.vary(-0.05, 0.05), 0.55, 0.12))
    for x, y, r in spots:
        dots = [(x + r * 0.5 * math.cos(a), y + r * 0.5 * math.sin(a)) for a in (0.4, 1.9, 3.4, 4.9)]
        parts += [
            Part(ellipse(x, y, r, r * 0.94), red, "waxy", bevel=0.03, lift=0.025),
            Part(ellipse(x, y, r * 0.82, r * 0.76), colours.shade(red, light=0.07), "waxy", puff=-0.15, lift=0.0),
            *(Part(ellipse(a, b, r * 0.11, r * 0.09), colours.shade(red, light=0.2), "waxy", puff=0.2, lift=0.0)
                for a, b in dots),
        ]  # fmt: skip
    green, small = look.one_of(*_GREENS), look.chance(0.5)
    for x, y, a in (
        (-0.41, 0.08, -50),
        (0.42, 0.06, 40),
        (0.09, 0.75, 20),
        (-0.3, top + 0.12, 70),
        (0.3, top + 0.1, -80),
    ):
        if small:
            parts.append(Part(ellipse(x, y, 0.045, 0.042), np.array([0.2, 0.18, 0.2]), "waxy", lift=0.02,
                holes=(ellipse(x, y, 0.019, 0.018),)))  # fmt: skip
        else:
            parts.append(Part(leaf(x, y + 0.05, 0.13, 0.045, turn=a, bend=0.02), green, "leaf", lift=0.02))
    return tuple(Part(place(p.outline, 0, 0.02, turn=turn), p.colour, p.material, p.puff, p.bevel, p.lift, p.pattern,
        tuple(place(h, 0, 0.02, turn=turn) for h in p.holes)) for p in parts)  # fmt: skip


@archetype(
    "food",
    mains=("#d99a4f", "#c98a44", "#e0aa64", "#b8733a"),
    seconds=("#6b3a24", "#5a3020", "#7a4630"),
    material="waxy",
)
def burger(look: Look) -> Figure:
    """A bun with sesame as the head; below it lettuce, tomato, melting cheese, meat and the lower bun."""
    w, top = look.vary(0.8, 0.84), look.vary(-0.86, -0.82)
    under = 0.3
    bun = mirrored([(0, top), (w * 0.55, top + 0.09), (w * 0.9, top + 0.42), (w, -0.02), (w * 0.97, under - 0.04),
        (w * 0.7, under + 0.06), (0, under + 0.08)])  # fmt: skip
    spot = FaceSpot(0, -0.27, 0.385, squeeze=0.97)
    crumb = colours.mix(look.main, np.array([0.98, 0.93, 0.78]), 0.55)
    green = look.one_of(*_GREENS, "#8fbf4a")
    seeds = tuple(
        Part(leaf(x, y, 0.06, 0.02, turn=look.vary(0, 180)), np.array([0.97, 0.92, 0.78]), "waxy", puff=0.9, lift=0.012)
        for x, y in _scatter(look, w, top, spot)
    )
    cheese = dripping(w * 0.97, 0.48, 0.52, [(-w * 0.62, 0.2, look.vary(0.08, 0.16)), (w * 0.1, 0.24, look.vary(0.08,
        0.15)), (w * 0.72, 0.16, look.vary(0.06, 0.15))])  # fmt: skip
    yellow = look.one_of("#f2b632", "#f4c850", "#f0a52c")
    rounds = tuple(
        Part(box(x, 0.43, 0.29, 0.055, 0.05), _TOMATO, "porcelain", puff=0.7, lift=0.02) for x in (-0.5, 0.08, 0.56)
    )
    return Figure(
        body=(
            Part(box(0, 0.8, w * 0.93, 0.125, 0.12), look.main, look.material, puff=0.7),
            Part(box(0, 0.7, w * 0.92, 0.04, 0.035), crumb, "crumb", puff=0.3, lift=0.0),
            Part(wobble(box(0, 0.61, w * 1.0, 0.105, 0.1), look.rng, 0.008), look.second, "stone", puff=0.8, lift=0.04),
            Part(cheese, yellow, "waxy", puff=0.5, lift=0.025), *rounds,
            Part(_frill(look, w * 1.06, 0.35), green, "leaf", puff=0.5, lift=0.04),
            Part(bun, look.main, look.material, puff=0.55, lift=0.06,
                pattern=Pattern("fade", colours.mix(look.main, crumb, 0.5), 0.45, 0.9)), *seeds, *_pick(look, top),
        ),
        face=spot,
        crown=(0, top, w * 0.55),
        neck=(0, 0.5),
    )  # fmt: skip


def _scatter(look: Look, w: float, top: float, spot: FaceSpot) -> list[tuple[float, float]]:
    """Where sesame lies: over the dome, apart from each other and clear of the face."""
    return [
        (x, y) for x, y in apart(look.rng.uniform((-w, top), (w, -0.05), (200, 2)), 0.115)
        if math.hypot(x / (w * 0.86), (y + 0.02) / (abs(top) * 0.9)) < 1 and away(x, y, spot) > 1.14
    ]  # fmt: skip


def _frill(look: Look, half: float, y: float) -> np.ndarray:
    """A leaf of lettuce that sticks out all along the bun with a ruffled edge."""
    x = np.linspace(-half, half, 120)
    start = look.vary(0, 6)
    low = y + 0.065 + 0.04 * np.sin(x * 21 + start) + 0.02 * np.sin(x * 9 + 2 * start)
    high = y - 0.09 + 0.02 * np.sin(x * 17 + start)
    return np.concatenate([np.stack([x, high], 1), np.stack([x, low], 1)[::-1]])


def _pick(look: Look, top: float) -> tuple[Part, ...]:
    """Sometimes a cocktail stick with an olive or a small flag."""
    if look.chance(0.5):
        return ()
    stick = Part(stroke([(0.0, top + 0.08), (0.0, top - 0.12)], 0.012), np.array([0.85, 0.7, 0.48]), "wood", lift=0.01)
    green = np.array([0.5, 0.6, 0.22])
    return (stick, Part(ellipse(0, top - 0.01, 0.075, 0.062), green, "porcelain", lift=0.02),
        Part(ellipse(0.03, top - 0.015, 0.02, 0.022), _TOMATO, "waxy", lift=0.0))  # fmt: skip


@archetype(
    "food",
    mains=("#f4f0e6", "#f2ead8", "#ece4d4"),
    seconds=("#f08a54", "#e4604a", "#f2c04a", "#f4a078", "#d9405a"),
    material="snow",
)
def sushi(look: Look) -> Figure:
    """A rice ball under a slab of fish or egg, belted with seaweed, on a board with wasabi and chopsticks."""
    w, top = look.vary(0.68, 0.73), -0.42
    rice = superellipse(0, 0.2, w, 0.61, 3.2)
    spot = FaceSpot(0, -0.06, 0.365)
    grains = tuple(
        Part(place(ellipse(0, 0, 0.042, 0.021), x, y, turn=look.vary(0, 180)),
            colours.shade(look.main, light=look.vary(-0.05, 0.03)), "snow", puff=0.9, lift=0.006)
        for x, y in apart(look.rng.uniform((-w, -0.2), (w, 0.78), (300, 2)), 0.085)
        if (abs(x) / w) ** 3.2 + (abs(y - 0.2) / 0.61) ** 3.2 < 0.84 and away(x, y, spot) > 1.05
    )  # fmt: skip
    slab = mirrored([(0, top - 0.3), (w * 0.6, top - 0.28), (w * 1.02, top - 0.06), (w * 1.16, top + 0.3),
        (w * 1.06, top + 0.36), (w * 0.86, top + 0.17), (w * 0.45, top + 0.1), (0, top + 0.08)])  # fmt: skip
    yellow = look.second[1] > 0.7
    fat = colours.mix(look.second, np.ones(3), 0.55)
    veins = () if yellow else tuple(
        Part(stroke([(x - 0.08, top - 0.26 + 0.2 * abs(x)), (x + 0.03, top - 0.1 + 0.2 * x * x),
            (x, top + 0.06 + 0.22 * x * x)], [0.006, 0.017, 0.01]), fat, look.material, puff=0.2, lift=0.0)
        for x in (-0.58, -0.36, -0.14, 0.08, 0.3, 0.52)
    )  # fmt: skip
    belt = np.array([0.1, 0.16, 0.13])
    seaweed = dripping(w * 0.93, 0.52, 0.66, [], rise=-0.03, sag=0.03)
    return Figure(
        body=(
            *_board(look), Part(rice, look.main, look.material, puff=0.6, lift=0.06), *grains, Part(slab, look.second,
                "porcelain", puff=0.6, lift=0.05), *veins,
        ),
        face=spot,
        front=(Part(seaweed, belt, "leather", puff=0.35, lift=0.02),),
        crown=(0, top - 0.26, w * 0.7),
        neck=(0, 0.56),
    )  # fmt: skip


def _board(look: Look) -> tuple[Part, ...]:
    """A wooden board on two feet, a pair of chopsticks behind, wasabi and pickled ginger beside."""
    wood, lacquer = (
        look.one_of("#b8834f", "#8a5a35", "#c9a06a", "#3a2a26"),
        look.one_of("#a8342a", "#2f2a2c", "#8a5a35"),
    )
    s = 1 if look.chance(0.5) else -1
    sticks = tuple(Part(stroke([(-s * 0.3, 0.42 + d), (s * (0.93 + d), -0.86 + d)], [0.034, 0.02]), lacquer, "wood")
        for d in (0.0, -0.13))  # fmt: skip
    paste = lobes(s * 0.84, 0.77, [(0, 0, 0.075), (0.06, 0.03, 0.06), (-0.06, 0.03, 0.06)])
    pink = np.array([0.95, 0.7, 0.66])
    petals = tuple(
        Part(ellipse(-s * 0.84 + dx, 0.78 + dy, 0.085, 0.05, turn=t), pink, "leaf", puff=0.6, lift=0.02)
        for dx, dy, t in ((-0.03, 0.0, 30), (0.04, 0.01, -35), (0.0, -0.035, 0))
    )
    return (
        *sticks,
        *(Part(box(x, 0.94, 0.09, 0.04, 0.02), colours.shade(wood, light=-0.07), "wood") for x in (-0.62, 0.62)),
        Part(box(0, 0.865, 0.95, 0.06, 0.03), wood, "wood", bevel=0.04, lift=0.03),
        Part(paste, np.array([0.56, 0.7, 0.32]), "crumb", puff=0.8, lift=0.02), *petals,
    )  # fmt: skip
