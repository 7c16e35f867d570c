"""Small animals: mouse, bat, snail, bee, butterfly."""

import math
from itertools import pairwise

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.animals import chest, combed, pale, whiskers
from personify.avatar.sketch.archetypes.fauna import DARK, WHITE, round_ears
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import Outline, curve, ellipse, leaf, mirrored, place, rounded, shaggy, stroke


@archetype(
    "animals",
    mains=("#a09a98", "#b8a590", "#8a8078", "#d9d0c6", "#9a8a7a", "#c2b5b0"),
    seconds=("#e8a5a5", "#e0989f", "#eab5ac"),
    material="coat",
)
def mouse(look: Look) -> Figure:
    """Ears as large as plates, a narrow chin, whiskers, a long bare tail, two paws, perhaps with cheese; small ears on
    hamsters and beavers, and a beaver's paddle."""
    look = combed(look)
    beaver = called(look, "beaver")
    tailless = called(look, "hamster", "guinea pig", "capybara", "cavy", "mole")
    large = not (tailless or beaver or called(look, "gerbil", "meerkat"))
    rosy = look.second if len(look.brief.colours) > 1 else colours.mix(look.second, look.main, 0.15)
    w, cy = look.vary(0.5, 0.54), 0.02
    spot = FaceSpot(0, cy - 0.08, look.vary(0.34, 0.36), muzzle=pale(look, 0.6), nose=rosy * 0.92, hair=look.main * 0.4)
    head = mirrored([(0, cy - 0.52), (w * 0.5, cy - 0.48), (w * 0.92, cy - 0.24), (w, cy + 0.08), (w * 0.84, cy + 0.36),
        (w * 0.5, cy + 0.56), (0, cy + 0.62)])  # fmt: skip
    s = 1 if look.chance(0.5) else -1
    tail = stroke([(s * 0.3, 0.98), (s * 0.66, 0.96), (s * 0.88, 0.76), (s * 0.72, 0.52), (s * 0.86, 0.3)],
        [0.06, 0.05, 0.04, 0.03, 0.008])  # fmt: skip
    at = (look.vary(0.54, 0.6), cy - 0.5, look.vary(0.34, 0.385)) if large else (w * 0.8, cy - 0.44, 0.17)
    paddle = Part(ellipse(s * 0.68, 0.66, 0.2, 0.34, turn=s * 24), look.main * 0.6, "leather", puff=0.4,
        pattern=Pattern("diamonds", look.main * 0.4, 0.07, 0.8))  # fmt: skip
    behind = () if tailless else (paddle,) if beaver else (Part(tail, rosy, "skin", puff=0.8),)
    paws = both(Part(ellipse(0.14, 0.8, 0.085, 0.07), rosy, "skin", puff=0.8, lift=0.03), *(
        Part(ellipse(0.14 + dx, 0.855, 0.026, 0.036), rosy, "skin", puff=0.8, lift=0.01) for dx in (-0.05, 0.0, 0.05)
    ))  # fmt: skip
    return Figure(
        body=(*behind, *chest(look, look.main, pale(look, 0.6), 0.46),
            *(_cheese(look) if large and look.chance(0.5) else ()), *paws,
            *round_ears(look, *at, look.main, rosy),
            Part(head, look.main, look.material, puff=0.72, lift=0.07)),
        face=spot,
        front=whiskers(spot, 0.46, WHITE if colours.luminance(look.main) < 0.7 else DARK * 2.5),
        crown=(0, cy - 0.46, w * 0.6),
        neck=(0, 0.66),
    )  # fmt: skip


def _cheese(look: Look) -> tuple[Part, ...]:
    """A wedge of cheese with holes, between the paws."""
    gold = look.one_of("#f2c23f", "#eab03a", "#f5d06a")
    holes = ((-0.16, 0.9, 0.04), (0.0, 0.93, 0.03), (0.2, 0.9, 0.045), (0.09, 0.8, 0.025))
    return (
        Part(rounded([(-0.32, 0.84), (0.3, 0.7), (0.34, 0.98), (-0.32, 0.98)], 0.04), gold, "waxy", bevel=0.05),
        *(Part(ellipse(x, y, r, r * 0.9), gold * 0.75, "waxy", puff=-0.7, lift=0.0) for x, y, r in holes),
    )


@archetype(
    "animals",
    mains=("#5a4a4a", "#4a4048", "#6b5548", "#54506a", "#7a6258"),
    seconds=("#8a6a6a", "#3a3038", "#a5786f", "#4a3f55"),
    material="coat",
)
def bat(look: Look) -> Figure:
    """Tall ears, a furry head on a small round body, wings of skin stretched between long fingers."""
    look = combed(look)
    w, cy = look.vary(0.5, 0.54), 0.06
    skin = look.second if len(look.brief.colours) > 1 else colours.mix(look.main, look.second, 0.5)
    rosy = colours.mix(skin, np.array([0.85, 0.5, 0.5]), 0.5)
    head = shaggy(mirrored([(0, cy - 0.52), (w * 0.5, cy - 0.47), (w * 0.9, cy - 0.22), (w, cy + 0.1),
        (w * 0.84, cy + 0.4), (w * 0.46, cy + 0.56), (0, cy + 0.6)]), 56, 0.025, look.rng)  # fmt: skip
    tip = (look.vary(0.46, 0.56), -0.97)
    ears = both(
        Part(curve([(0.08, cy - 0.4), (0.2, -0.72), tip, (w + 0.06, -0.6), (w * 0.96, cy - 0.14)]), look.main,
            look.material, puff=0.5),
        Part(curve([(0.2, cy - 0.44), (0.3, -0.68), (tip[0] - 0.02, -0.84), (w - 0.04, -0.56), (w * 0.84, cy - 0.24)]),
            rosy, "felt", puff=-0.2, lift=0.0),
    )  # fmt: skip
    body = shaggy(mirrored([(0, 0.4), (0.3, 0.5), (0.38, 0.74), (0.22, 0.94), (0, 0.97)]), 26, 0.03, look.rng)
    fangs = both(Part(rounded([(0.06, cy + 0.37), (0.12, cy + 0.37), (0.09, cy + 0.46)], 0.012), WHITE, "porcelain",
        lift=0.01))  # fmt: skip
    spot = FaceSpot(0, cy - 0.08, look.vary(0.35, 0.365), muzzle=pale(look, 0.4), nose=rosy * 0.8, hair=look.main * 0.5)
    return Figure(
        body=(*_skin_wings(look, skin), Part(body, look.main, look.material, puff=0.7),
            Part(ellipse(0, 0.76, 0.2, 0.19), pale(look, 0.4), look.material, puff=0.3, lift=0.0), *ears,
            Part(head, look.main, look.material, puff=0.72, lift=0.07)),
        face=spot,
        front=fangs if called(look, "vampire bat") else (),
        crown=(0, cy - 0.46, w * 0.6),
        neck=(0, cy + 0.6),
    )  # fmt: skip


def _skin_wings(look: Look, skin: np.ndarray) -> tuple[Part, ...]:
    """Half-open wings: an arm with a thumb, three fingers, and the scalloped skin between them."""
    wrist = (0.8, -0.44 + look.vary(-0.1, 0.06))
    ends = ((0.98, 0.24), (0.8, 0.56), (0.52, 0.74))
    rim = [(0.3, 0.34), wrist]
    for (ax, ay), (bx, by) in pairwise((*ends, (0.2, 0.78))):
        rim += [(ax, ay), ((ax + bx) / 2 - 0.03, (ay + by) / 2 - 0.11)]
    web = rounded([*rim, (0.2, 0.78)], 0.05)
    bones = (
        Part(stroke([wrist, ((wrist[0] + x) / 2 + 0.03, (wrist[1] + y) / 2), (x, y)], [0.03, 0.022, 0.008]), look.main,
            "skin", puff=0.8, lift=0.01) for x, y in ends
    )  # fmt: skip
    arm = Part(stroke([(0.3, 0.4), (0.5, 0.12), wrist, (wrist[0] - 0.02, wrist[1] - 0.1)], [0.06, 0.05, 0.045, 0.012]),
        look.main, "skin", puff=0.9, lift=0.02)  # fmt: skip
    return both(Part(web, skin, "skin", puff=0.2, lift=0.04), *bones, arm)


@archetype(
    "animals",
    mains=("#c9a06a", "#d9b58a", "#b5a078", "#a8a58a", "#e0bfa0", "#9aa58a"),
    seconds=("#b5623a", "#8a5a8f", "#4f8a8f", "#d98a4f", "#a5483f", "#6a7fb5"),
    material="waxy",
)
def snail(look: Look) -> Figure:
    """A soft creature on a broad foot, a spiral of a house on its back, two feelers with knobs."""
    s = 1 if look.chance(0.5) else -1
    x = -s * 0.3
    light = colours.mix(look.main, WHITE, 0.45)
    foot = curve([(s * a, b) for a, b in ((-0.86, 0.86), (-0.72, 0.72), (-0.3, 0.66), (0.3, 0.68), (0.76, 0.76),
        (0.97, 0.92), (0.6, 0.96), (-0.3, 0.97), (-0.8, 0.96))])  # fmt: skip
    w = look.vary(0.46, 0.5)
    head = mirrored([(0, -0.5), (w * 0.55, -0.46), (w * 0.94, -0.22), (w, 0.08), (w * 0.92, 0.38), (w * 0.86, 0.64),
        (w * 0.9, 0.86), (0, 0.92)]) + (x, 0)  # fmt: skip
    feelers = tuple(
        part for d in (-1, 1) for part in (
            Part(stroke([(x + d * 0.17, -0.4), (x + d * 0.24, -0.62), (x + d * (0.3 + look.vary(-0.04, 0.06)), -0.82)],
                [0.062, 0.045, 0.036]), look.main, look.material, puff=0.8, lift=0.03),
            Part(ellipse(x + d * 0.31, -0.85, 0.085, 0.085), colours.shade(look.main, light=-0.1), look.material,
                puff=1.0, lift=0.02),
            Part(ellipse(x + d * 0.31 - 0.025, -0.875, 0.022, 0.022), WHITE, "cloud", puff=0.2, lift=0.0),
        )
    )  # fmt: skip
    sole = stroke([(s * -0.82, 0.93), (0, 0.95), (s * 0.9, 0.925)], [0.02, 0.045, 0.012])
    return Figure(
        body=(Part(foot, look.main, look.material, puff=0.6), Part(sole, light, look.material, puff=0.5, lift=0.0),
            *_house(look, s * 0.37, 0.1, look.vary(0.56, 0.6), s), *feelers,
            Part(head, look.main, look.material, puff=0.66, lift=0.07),
            Part(ellipse(x, 0.76, w * 0.56, 0.13), light, look.material, puff=0.2, lift=0.0)),
        face=FaceSpot(x, -0.06, look.vary(0.335, 0.35), hair=look.main * 0.4),
        crown=(x, -0.44, w * 0.7),
        neck=(x, 0.6),
    )  # fmt: skip


def _house(look: Look, cx: float, cy: float, r: float, s: int) -> tuple[Part, ...]:
    """The spiral shell: one coil wound on itself, with paler ridges."""
    ridge = colours.mix(look.second, WHITE, 0.42)
    turns = np.linspace(0, 4.6 * math.pi, 60)
    radius = r * 0.98 * np.exp(-0.125 * turns)
    line = np.stack([cx + s * radius * np.cos(turns + 0.5), cy + radius * np.sin(turns + 0.5)], 1)
    groove = stroke([(float(a), float(b)) for a, b in line], 0.045 * np.exp(-0.07 * turns))
    lip = stroke([(cx - s * r * 0.7, cy + r * 0.74), (cx, cy + r * 0.99), (cx + s * r * 0.72, cy + r * 0.72)], 0.06)
    return (
        Part(ellipse(cx, cy, r, r), look.second, "porcelain", puff=0.75, lift=0.05,
            pattern=Pattern("blush", colours.shade(look.second, light=-0.12), 0.5, 0.5)),
        Part(groove, ridge, "porcelain", puff=0.8, lift=0.01),
        Part(lip, ridge, "porcelain", puff=0.7, lift=0.02),
    )  # fmt: skip


@archetype(
    "animals",
    mains=("#f2c230", "#f5cc4a", "#e8b02a", "#f7d860", "#eab84a"),
    seconds=("#2f2722", "#3a2a20", "#26232a", "#4a3322"),
    material="plush",
)
def bee(look: Look) -> Figure:
    """A round yellow head on a striped, pointed body, clear wings, feelers, a fluffy collar."""
    w, cy = look.vary(0.54, 0.58), -0.2
    dark = look.second if colours.luminance(look.second) < 0.4 else DARK
    head = mirrored([(0, cy - 0.5), (w * 0.56, cy - 0.44), (w * 0.94, cy - 0.2), (w, cy + 0.1), (w * 0.84, cy + 0.4),
        (w * 0.46, cy + 0.56), (0, cy + 0.6)])  # fmt: skip
    abdomen = mirrored([(0, 0.1), (0.38, 0.2), (0.54, 0.44), (0.5, 0.66), (0.32, 0.83), (0.06, 0.92), (0, 0.96)])
    tone = np.array([0.86, 0.93, 0.97])
    wing = curve([(0.24, 0.22), (0.5, -0.02), (0.82, -0.14), (0.97, 0.04), (0.92, 0.3), (0.66, 0.42), (0.36, 0.4)])
    under = curve([(0.28, 0.38), (0.6, 0.36), (0.84, 0.46), (0.8, 0.66), (0.56, 0.68), (0.34, 0.56)])
    veins = [[(0.3, 0.26), (0.6, 0.16), (0.9, 0.06)], [(0.34, 0.32), (0.62, 0.3), (0.86, 0.26)]]
    feeler = both(
        Part(stroke([(0.16, cy - 0.42), (0.22, cy - 0.62), (look.vary(0.34, 0.42), -0.9)], [0.035, 0.028, 0.022]), dark,
            "coat", puff=0.8),
        Part(ellipse(0.38, -0.9, 0.065, 0.065), dark, "plush", puff=1.0, lift=0.02),
    )  # fmt: skip
    arms = both(Part(stroke([(0.4, 0.46), (0.54, 0.58), (0.46, 0.74)], [0.04, 0.04, 0.045]), dark, "coat", puff=0.8))
    collar = tuple(Part(ellipse(x, cy + 0.53 - 0.5 * x * x, 0.11, 0.1), colours.mix(look.main, WHITE, 0.5), "plush",
        puff=0.7, lift=0.03) for x in (-0.42, 0.42, -0.28, 0.28, -0.14, 0.14, 0.0))  # fmt: skip
    sting = Part(rounded([(-0.06, 0.86), (0.06, 0.86), (0.0, 1.02)], 0.02), dark, "waxy", puff=0.8)
    return Figure(
        body=(*both(Part(under, tone, "glass", puff=0.15, lift=0.03), Part(wing, tone, "glass", puff=0.15, lift=0.03),
                *(Part(stroke(v, [0.007, 0.01, 0.004]), tone * 0.75, "glass", puff=0.2, lift=0.0) for v in veins)),
            sting, *arms, *_striped(look, abdomen, dark), *feeler, *collar,
            Part(head, look.main, look.material, puff=0.75, lift=0.07)),
        face=FaceSpot(0, cy - 0.06, look.vary(0.355, 0.375), hair=dark, eye_scale=1.08),
        front=_fringe(look, cy - 0.48),
        crown=(0, cy - 0.42, w * 0.7),
        neck=(0, 0.44),
    )  # fmt: skip


def _striped(look: Look, abdomen: Outline, dark: np.ndarray) -> tuple[Part, ...]:
    """The abdomen with its dark belts."""
    belts = Pattern("bands", dark, look.vary(0.095, 0.12))
    return (Part(abdomen, look.main, look.material, puff=0.75, lift=0.05, pattern=belts),)


def _fringe(look: Look, y: float) -> tuple[Part, ...]:
    """A tuft between the feelers."""
    return tuple(Part(leaf(x, y + 0.06, 0.16 - 0.4 * abs(x), 0.045, turn=x * 300 + look.vary(-8, 8)), look.main,
        look.material, puff=0.6, lift=0.015) for x in (-0.09, 0.09, 0.0))  # fmt: skip


@archetype(
    "animals",
    mains=("#e8853a", "#5a8fd9", "#b56ac9", "#f2c23f", "#4fb5a5", "#e0608a", "#7a6fd0"),
    seconds=("#2f2a3a", "#3a2a3f", "#26303f", "#4a2a2a", "#f2efe4"),
    material="felt",
)
def butterfly(look: Look) -> Figure:
    """Four great wings with borders, veins and spots, a small body, curled feelers; a moth in duller dress."""
    moth = called(look, "moth")
    skin = colours.mix(look.main, np.array([0.98, 0.87, 0.75]), 0.92)
    dark = look.second
    w, cy = look.vary(0.46, 0.49), -0.1
    head = mirrored([(0, cy - 0.48), (w * 0.58, cy - 0.42), (w * 0.95, cy - 0.18), (w, cy + 0.1), (w * 0.82, cy + 0.38),
        (w * 0.46, cy + 0.54), (0, cy + 0.58)])  # fmt: skip
    abdomen = stroke([(0, 0.4), (0, 0.6), (0, 0.78), (0, 0.92)], [0.16, 0.17, 0.13, 0.05])
    s = [look.vary(0.9, 1.05) for _ in range(3)]
    feeler = [(0.1, cy - 0.4), (0.16, cy - 0.62), (0.3 * s[0], -0.9), (0.42 * s[0], -0.9), (0.42 * s[0], -0.82)]
    feelers = both(Part(stroke(feeler, [0.03, 0.026, 0.024, 0.026, 0.04]), dark * 0.9, "coat", puff=0.8))
    plumes = both(*(Part(leaf(0.08, cy - 0.42, 0.42, 0.06, turn=22 + t), dark, "feathers", puff=0.4) for t in (0, 12)))
    return Figure(
        body=(*_wings(look, s, dark), Part(abdomen, skin * 0.7, "coat", puff=0.8, pattern=Pattern("bands", dark, 0.07,
                0.8)), *(plumes if moth else feelers), Part(head, skin, "skin", puff=0.72, lift=0.08)),
        face=FaceSpot(0, cy - 0.06, look.vary(0.335, 0.35), hair=colours.mix(dark, DARK, 0.5), eye_scale=1.08),
        front=_curls(look, cy),
        crown=(0, cy - 0.42, w * 0.7),
        neck=(0, 0.46),
    )  # fmt: skip


def _curls(look: Look, cy: float) -> tuple[Part, ...]:
    """Soft down in the wings' colour over the forehead."""
    return tuple(Part(ellipse(x, cy - 0.46 + 0.5 * x * x, 0.1, 0.075), colours.shade(look.main, light=-0.04), "plush",
        puff=0.7, lift=0.02) for x in (-0.3, 0.3, -0.16, 0.16, 0.0))  # fmt: skip


def _wings(look: Look, size: list[float], dark: np.ndarray) -> tuple[Part, ...]:
    """The lower and the upper pair: a dark rim, the coloured field, veins and a row of spots."""
    upper = curve([(0.1, 0.16), (0.3, -0.4), (0.58, -0.82), (0.88, -0.84), (0.97, -0.54), (0.9, -0.12), (0.66, 0.2),
        (0.3, 0.3)])  # fmt: skip
    lower = curve([(0.08, 0.22), (0.44, 0.14), (0.76, 0.26), (0.84, 0.56), (0.64, 0.86 * size[1]),
        (0.4, 0.84 * size[1]), (0.18, 0.56)])  # fmt: skip
    second = colours.shade(look.main, light=look.vary(-0.08, 0.1), hue=look.vary(-0.08, 0.08))
    light = colours.mix(look.main, WHITE, 0.75)
    parts: list[Part] = []
    for wing, tone, tips in (
        (lower, second, ((0.68, 0.66), (0.72, 0.5), (0.56, 0.74))),
        (upper, look.main, ((0.9, -0.56), (0.84, -0.7), (0.86, -0.38), (0.76, -0.77), (0.78, -0.2))),
    ):
        root = np.array([0.2, 0.2])
        field = (wing - wing.mean(0)) * 0.8 + wing.mean(0) * 0.97 + root * 0.03
        parts += [Part(wing, dark, look.material, bevel=0.05, lift=0.05),
            Part(field, tone, look.material, puff=0.12, lift=0.0,
                pattern=Pattern("fade", colours.shade(tone, light=0.12), 0.1, 0.6))]  # fmt: skip
        middle = field.mean(0)
        eye = 0.12 * size[2]
        parts += [Part(place(ellipse(0, 0, eye * k, eye * 0.85 * k), *middle + (0.14, -0.02)), shade, look.material,
            puff=0.1, lift=0.0) for k, shade in ((1.0, light), (0.62, dark))]  # fmt: skip
        parts += [Part(ellipse(x, y, 0.035, 0.035), light, look.material, puff=0.1, lift=0.0) for x, y in tips]
    return both(*parts)
