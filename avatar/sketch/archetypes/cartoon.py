"""Cartoon characters: robot, ghost, monster, alien, snowman, star, cloud."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import (
    box,
    curve,
    ellipse,
    leaf,
    lobes,
    mirrored,
    place,
    rounded,
    shaggy,
    stroke,
    superellipse,
)
from personify.avatar.sketch.shapes import star as star_outline

_BULBS = ("#e4573d", "#f2c23f", "#5fc97a", "#5fb0e4", "#e87fb5")
_WHITE = np.array([0.96, 0.96, 0.94])


@archetype(
    "cartoon",
    mains=("#9fb4c4", "#d9a45a", "#7fb5a8", "#c9776a", "#b5b8bf", "#8a9fd0", "#d9d0b5"),
    seconds=("#e4573d", "#3f7fa8", "#f2b63f", "#4a5560", "#5fb08a"),
    material="metal",
)
def robot(look: Look) -> Figure:
    """A tin robot: a riveted head with an antenna and ear caps, a ringed neck, a chest with a dial and lamps."""
    w, h, cy = look.vary(0.56, 0.62), look.vary(0.52, 0.56), -0.14
    trim, dark = look.second, colours.shade(look.main, light=-0.13)
    head = superellipse(0, cy, w, h, look.vary(3.6, 6.0))
    top = cy - h
    antenna = _antenna(look, top, look.one_of(*_BULBS), dark)
    ears = tuple(
        part for s in (-1, 1) for part in (
            Part(box(s * (w + 0.05), cy, 0.09, 0.17, 0.05), trim, look.material, puff=0.7),
            Part(ellipse(s * (w + 0.15), cy, 0.055, 0.1), dark, look.material, puff=0.9, lift=0.02),
        )
    )  # fmt: skip
    neck = Part(box(0, cy + h + 0.06, 0.24, 0.12, 0.03), dark, look.material, puff=0.6,
        pattern=Pattern("bands", dark * 0.6, 0.035, 0.8))  # fmt: skip
    chest_y = cy + h + 0.14
    chest = rounded([(-0.62, chest_y), (0.62, chest_y), (0.72, chest_y + 0.16), (0.7, 1.2), (-0.7, 1.2),
        (-0.72, chest_y + 0.16)], 0.12)  # fmt: skip
    arms = tuple(
        Part(stroke([(s * 0.68, chest_y + 0.16), (s * 0.86, chest_y + 0.24), (s * 0.9, 1.1)], 0.1), dark, look.material,
            puff=0.8, pattern=Pattern("bands", dark * 0.6, 0.05, 0.7))
        for s in (-1, 1)
    )  # fmt: skip
    rivets = tuple(
        Part(ellipse(sx * w * 0.82, cy + sy * h * 0.8, 0.032, 0.032), dark, look.material, puff=1.0, lift=0.012)
        for sx in (-1, 1) for sy in (-1, 1)
    ) + tuple(Part(ellipse(s * w * 0.88, cy, 0.026, 0.026), dark, look.material, puff=1.0,
        lift=0.01) for s in (-1, 1))  # fmt: skip
    brow_plate = Part(rounded([(-0.2, top - 0.02), (0.2, top - 0.02), (0.15, top + 0.1), (-0.15, top + 0.1)], 0.04),
        trim, look.material, puff=0.5, lift=0.02)  # fmt: skip
    return Figure(
        body=(*antenna, *arms, neck, Part(chest, look.main, look.material, bevel=0.12, lift=0.05),
            *_panel(look, chest_y + 0.2, trim), *ears,
              Part(head, look.main, look.material, puff=0.6, lift=0.08), *rivets, brow_plate),
        face=FaceSpot(0, cy - 0.13, w * 0.62),
        crown=(0, top + 0.03, w * 0.8),
        neck=(0, cy + h + 0.08),
    )  # fmt: skip


def _antenna(look: Look, top: float, bulb: np.ndarray, metal: np.ndarray) -> tuple[Part, ...]:
    """One antenna with a bulb, or two that lean outwards."""
    roots = ((0.0, 0.0),) if look.chance(0.6) else ((-0.22, -0.12), (0.22, 0.12))
    return tuple(
        part for x, lean in roots for part in (
            Part(stroke([(x, top + 0.05), (x + lean, top - 0.19)], 0.022), metal, "metal", puff=0.9),
            Part(ellipse(x + lean, top - 0.22, 0.065, 0.065), bulb, "glass", puff=1.0, lift=0.02),
        )
    )  # fmt: skip


def _panel(look: Look, y: float, trim: np.ndarray) -> tuple[Part, ...]:
    """The chest's panel: a dial and three lamps."""
    parts = [Part(box(0, y + 0.05, 0.46, 0.16, 0.05), trim, "metal", puff=0.2, lift=0.01)]
    parts.append(Part(ellipse(-0.27, y + 0.05, 0.115, 0.115), _WHITE, "paper", puff=0.2, lift=0.01))
    needle = place(np.array([(-0.012, 0.02), (0.012, 0.02), (0.0, -0.1)]), -0.27, y + 0.06, turn=look.vary(-60, 60))
    parts.append(Part(needle, np.array([0.8, 0.2, 0.15]), "plastic", puff=0.2, lift=0.0))
    for k in range(3):
        parts.append(Part(ellipse(0.0 + 0.155 * k, y + 0.05, 0.058, 0.058), look.one_of(*_BULBS), "glass", puff=1.0,
            lift=0.012))  # fmt: skip
    return tuple(parts)


@archetype(
    "cartoon",
    mains=("#f1f2f7", "#e3ecf5", "#efe6f5", "#dff2e6", "#f5ead9", "#cfd9f0"),
    seconds=("#b5a0d9", "#8fc4d9", "#f2b5c4"),
    material="cloud",
)
def ghost(look: Look) -> Figure:
    """A sheet of a ghost: round on top, a fluttering hem, two little arms."""
    w, top = look.vary(0.56, 0.62), look.vary(-0.92, -0.86)
    sway = look.vary(-0.12, 0.12)
    waves = int(look.rng.integers(3, 5))
    hem = []
    for k in range(2 * waves + 1):
        x = w * 1.16 * (1 - k / waves)
        hem.append((x + sway * 1.2, (0.93 if k % 2 == 0 else 0.72) + look.vary(-0.04, 0.03)))
    right = [(0.0, top), (w * 0.62, top + 0.1), (w * 0.97, top + 0.45), (w * 1.02, 0.05), (w * 1.08 + sway * 0.5, 0.5)]
    left = [(-x + sway * (1.0 if y > 0.3 else 0.0) * 1.0, y) for x, y in reversed(right[1:])]
    sheet = curve([*right, *hem, *left])
    arms = tuple(
        Part(stroke([(s * w * 0.75, 0.3), (s * (w + 0.16), 0.26 + lift), (s * (w + 0.3), 0.12 + 2 * lift)],
            [0.15, 0.115, 0.075]), look.main, look.material, puff=0.8)
        for s, lift in ((-1, look.vary(-0.14, 0.1)), (1, look.vary(-0.14, 0.1)))
    )  # fmt: skip
    glow = Pattern("fade", colours.mix(look.main, look.second, 0.6), 0.75, 0.8)
    return Figure(
        body=(*arms, Part(sheet, look.main, look.material, puff=0.7, lift=0.06, pattern=glow)),
        face=FaceSpot(0, -0.28, w * 0.64, hair=colours.mix(look.second, np.array([0.2, 0.18, 0.3]), 0.75)),
        crown=(0, top + 0.04, w * 0.8),
        neck=(0, 0.36),
    )


@archetype(
    "cartoon",
    mains=("#6fae4f", "#8a5fc0", "#4fa0b5", "#e08a3f", "#d9608f", "#5f78c9", "#c9564a"),
    seconds=("#f2d9a0", "#f2efe0", "#e9c46a", "#d9a06a"),
    material="plush",
)
def monster(look: Look) -> Figure:
    """A shaggy monster: horns or ears, a paler belly, paws with claws, teeth that peep below the lip."""
    w = look.vary(0.62, 0.68)
    body = mirrored([(0, -0.66), (w * 0.6, -0.6), (w * 0.96, -0.26), (w * 1.02, 0.3), (w * 0.98, 0.75), (w * 0.6, 0.93),
        (0, 0.94)])  # fmt: skip
    coat = shaggy(body, int(look.rng.integers(34, 46)), 0.07, look.rng)
    horn = look.second
    dark = colours.shade(look.main, light=-0.1)
    spots = Pattern("spots", dark, look.vary(0.2, 0.28), 0.45) if look.chance(0.4) else None
    arms = tuple(
        Part(shaggy(stroke([(s * w * 0.9, 0.22), (s * (w + 0.14), 0.42), (s * (w + 0.12), 0.68)], [0.1, 0.13, 0.14]),
            18, 0.05, look.rng), look.main, look.material, puff=0.7)
        for s in (-1, 1)
    )  # fmt: skip
    feet = tuple(Part(shaggy(ellipse(s * 0.34, 0.87, 0.24, 0.1), 14, 0.04, look.rng), dark, look.material,
        puff=0.8) for s in (-1, 1))  # fmt: skip
    claws = tuple(Part(leaf(s * 0.34 + d, 0.88, -0.09, 0.032), horn, "waxy", puff=0.9, lift=0.015) for s in (-1,
        1) for d in (-0.12, 0.0, 0.12))  # fmt: skip
    nails = tuple(Part(leaf(s * (w + 0.12) + d, 0.75, -0.09, 0.026), horn, "waxy", puff=0.9, lift=0.015) for s in (-1,
        1) for d in (-0.08, 0.0, 0.08))  # fmt: skip
    belly = Part(shaggy(ellipse(0, 0.64, w * 0.52, 0.19), 26, 0.04, look.rng),
        colours.mix(look.main, np.array([1.0, 0.96, 0.82]), 0.5), look.material, puff=0.25, lift=0.0)  # fmt: skip
    tufts = tuple(
        Part(leaf(x, -0.58, look.vary(0.18, 0.26), 0.05, turn=turn), look.main, look.material, puff=0.5, lift=0.02)
        for x, turn in ((-0.1, -28), (0.1, 26), (0, 4))
    )
    return Figure(
        body=(*_horns(look, w, horn, dark), *tufts, Part(coat, look.main, look.material, puff=0.7, lift=0.06,
            pattern=spots), belly, *feet, *claws, *arms, *nails),
        face=FaceSpot(0, -0.16, w * 0.58),
        crown=(0, -0.62, w * 0.7),
        neck=(0, 0.48),
    )  # fmt: skip


def _horns(look: Look, w: float, horn: np.ndarray, dark: np.ndarray) -> tuple[Part, ...]:
    """Curved horns, round ears, or both eyestalk-like knobs of a friendlier beast."""
    parts: list[Part] = []
    kind = str(look.rng.choice(["horns", "ears", "antlers"]))
    for s in (-1, 1):
        if kind == "horns":
            line = [(s * w * 0.5, -0.44), (s * w * 0.92, -0.66), (s * w * 0.86, -0.94)]
            parts.append(Part(stroke(line, [0.12, 0.085, 0.02]), horn, "waxy", puff=0.9,
                pattern=Pattern("bands", colours.shade(horn, light=-0.14), 0.045, 0.6)))  # fmt: skip
        elif kind == "ears":
            parts.append(Part(shaggy(ellipse(s * w * 0.74, -0.58, 0.2, 0.23), 16, 0.05, look.rng), look.main,
                look.material, puff=0.7))  # fmt: skip
            parts.append(Part(ellipse(s * w * 0.76, -0.56, 0.11, 0.14),
                colours.mix(look.main, np.array([1.0, 0.7, 0.7]), 0.55), "felt", puff=-0.3, lift=0.0))  # fmt: skip
        else:
            parts.append(Part(stroke([(s * w * 0.4, -0.5), (s * w * 0.56, -0.72), (s * w * 0.5, -0.86)],
                [0.07, 0.05, 0.045]), dark, "clay", puff=0.9))  # fmt: skip
            parts.append(Part(ellipse(s * w * 0.5, -0.88, 0.085, 0.08), horn, "waxy", puff=1.0, lift=0.02))
    return tuple(parts)


@archetype(
    "cartoon",
    mains=("#7fc46a", "#6ab8b0", "#9f8fd9", "#b5d05a", "#8fb0e0", "#d98fc0"),
    seconds=("#5a5f9a", "#3f6a7a", "#8a4f8a", "#c9ccd6", "#d9763f"),
    material="waxy",
)
def alien(look: Look) -> Figure:
    """A visitor with a great domed head, feelers and a collared suit."""
    w, top = look.vary(0.62, 0.68), -0.74
    head = mirrored([(0, top), (w * 0.62, top + 0.08), (w, top + 0.42), (w * 0.93, -0.04), (w * 0.72, 0.28),
        (w * 0.42, 0.51), (0, 0.58)])  # fmt: skip
    dark, pale = colours.shade(look.main, light=-0.1), colours.mix(look.main, np.ones(3), 0.35)
    bulb = look.one_of(*_BULBS)
    feelers = tuple(
        part for s in (-1, 1) for part in (
            Part(stroke([(s * 0.24, top + 0.12), (s * 0.34, top - 0.08), (s * 0.48, top - 0.13)], [0.045, 0.03, 0.025]),
                dark, look.material),
            Part(ellipse(s * 0.5, top - 0.13, 0.075, 0.075), bulb, "glass", puff=1.0, lift=0.02),
        )
    )  # fmt: skip
    ears = tuple(Part(leaf(s * w * 0.82, -0.04, look.vary(0.34, 0.42), 0.1, turn=s * 66, bend=s * 0.06), dark,
        look.material, puff=0.6) for s in (-1, 1))  # fmt: skip
    suit = mirrored([(0, 0.56), (0.2, 0.58), (0.46, 0.66), (0.62, 0.8), (0.68, 1.1), (0, 1.2)])
    collar = Part(ellipse(0, 0.66, 0.36, 0.105), colours.mix(look.second, np.ones(3), 0.4), "metal", puff=0.9,
        lift=0.02)  # fmt: skip
    neck = Part(box(0, 0.56, 0.15, 0.14, 0.06), dark, look.material, puff=0.7, lift=0.02)
    badge = (Part(ellipse(0, 0.88, 0.1, 0.1), colours.mix(look.second, np.ones(3), 0.4), "metal", puff=0.5, lift=0.015),
        Part(star_outline(0, 0.88, 0.07, 0.03, 5), bulb, "plastic", puff=0.4, lift=0.0))  # fmt: skip
    freckles = tuple(
        Part(ellipse(x * w, y, r, r * 0.9), pale, look.material, puff=0.2, lift=0.0)
        for x, y, r in ((-0.5, top + 0.26, 0.045), (-0.34, top + 0.2, 0.028), (0.52, top + 0.27, 0.04),
            (0.4, top + 0.18, 0.026), (-0.64, top + 0.36, 0.026), (0.0, top + 0.12, 0.036))
    )  # fmt: skip
    return Figure(
        body=(*feelers, Part(suit, look.second, "plastic", puff=0.6), *badge, collar, neck, *ears,
            Part(head, look.main, look.material, puff=0.75, lift=0.07), *freckles),
        face=FaceSpot(0, -0.2, w * 0.58, eye_scale=1.14, hair=dark),
        crown=(0, top + 0.04, w * 0.7),
        neck=(0, 0.7),
    )  # fmt: skip


@archetype(
    "cartoon",
    mains=("#f3f6fa", "#eef3f8", "#f6f4ee"),
    seconds=("#c9393f", "#3f7fb0", "#3f9a6a", "#e0a03f", "#8a5fb5"),
    material="snow",
)
def snowman(look: Look) -> Figure:
    """Two balls of snow with twigs for arms, coals for buttons, a carrot-coloured nose, a scarf and a hat."""
    r = look.vary(0.52, 0.56)
    cy, coal = -0.16, np.array([0.16, 0.16, 0.18])
    twig = look.one_of("#6b4a2f", "#7a5538", "#573c28")
    arms = []
    for s in (-1, 1):
        rise = look.vary(-0.1, 0.16)
        hand = (s * 0.93, 0.34 - rise)
        arms.append(Part(stroke([(s * 0.5, 0.66), (s * 0.72, 0.52 - rise * 0.3), hand], [0.035, 0.028, 0.018]), twig,
            "bark"))  # fmt: skip
        for dx, dy in ((0.02, -0.12), (-0.1, -0.08)):
            arms.append(Part(stroke([(s * 0.84, 0.43 - rise * 0.7), (hand[0] + s * dx, hand[1] + dy)], [0.02, 0.01]),
                twig, "bark", lift=0.02))  # fmt: skip
    body = ellipse(0, 0.78, 0.68, 0.44)
    buttons = tuple(Part(ellipse(look.vary(-0.015, 0.015), y, 0.05, 0.046), coal, "stone", puff=0.9,
        lift=0.02) for y in (0.72, 0.88))  # fmt: skip
    scarf = Part(mirrored([(0, 0.34), (0.3, 0.3), (0.46, 0.3), (0.5, 0.4), (0.36, 0.5), (0, 0.54)]), look.second,
        "knit", puff=0.8, lift=0.04)  # fmt: skip
    side = 1 if look.chance(0.5) else -1
    end = Part(rounded([(side * 0.2, 0.4), (side * 0.4, 0.38), (side * 0.46, 0.8), (side * 0.26, 0.84)], 0.03),
        look.second, "knit", puff=0.5, lift=0.04, pattern=Pattern("bands", colours.mix(look.second, np.ones(3), 0.6),
        0.07, 0.9))  # fmt: skip
    return Figure(
        body=(*arms, Part(body, look.main, look.material, puff=0.85, lift=0.05), *buttons,
            Part(ellipse(0, cy, r, r * 0.98), look.main, look.material, puff=0.8, lift=0.06)),
        face=FaceSpot(0, cy - 0.12, r * 0.66, nose=look.one_of("#f08a2f", "#e8762f", "#f29a3f"), hair=coal),
        front=(end, scarf, *_snow_hat(look, cy - r)),
        crown=(0, cy - r - 0.02, r * 0.8),
    )  # fmt: skip


def _snow_hat(look: Look, top: float) -> tuple[Part, ...]:
    """A stovepipe hat, a bobble hat or a bucket."""
    kind = str(look.rng.choice(["stovepipe", "bobble", "bucket"]))
    if kind == "stovepipe":
        black = np.array([0.2, 0.2, 0.23])
        tall = rounded([(-0.31, top - 0.24), (0.31, top - 0.24), (0.28, top + 0.1), (-0.28, top + 0.1)], 0.04)
        return (
            Part(tall, black, "felt", puff=0.6, lift=0.03),
                Part(box(0, top + 0.035, 0.29, 0.055, 0.02), look.second, "fabric", puff=0.5, lift=0.01),
            Part(ellipse(0, top + 0.11, 0.46, 0.065), black, "felt", puff=0.7, lift=0.03),
        )  # fmt: skip
    if kind == "bobble":
        dome = mirrored([(0, top - 0.2), (0.22, top - 0.15), (0.38, top + 0.05), (0.42, top + 0.17), (0, top + 0.13)])
        fold = mirrored([(0, top + 0.06), (0.24, top + 0.08), (0.44, top + 0.14), (0.46, top + 0.24),
            (0.24, top + 0.18), (0, top + 0.16)])  # fmt: skip
        pale = colours.mix(look.second, np.ones(3), 0.6)
        return (
            Part(dome, look.second, "knit", puff=0.7, lift=0.03),
                Part(fold, pale, "knit", puff=0.8, lift=0.03,
                pattern=Pattern("stripes", colours.mix(look.second, pale, 0.55), 0.04, 0.7)),
            Part(shaggy(ellipse(0, top - 0.2, 0.1, 0.095), 16, 0.03, look.rng), pale, "fur", puff=0.9, lift=0.03),
        )  # fmt: skip
    tin = np.array([0.68, 0.71, 0.74])
    pail = rounded([(-0.25, top - 0.2), (0.25, top - 0.2), (0.37, top + 0.14), (-0.37, top + 0.14)], 0.03)
    return (
        Part(pail, tin, "metal", puff=0.6, lift=0.03), Part(box(0, top + 0.13, 0.39, 0.035, 0.03), tin * 0.9, "metal",
            puff=0.9, lift=0.02),
        Part(box(0, top - 0.06, 0.3, 0.014, 0.01), tin * 0.8, "metal", puff=0.9, lift=0.0),
    )  # fmt: skip


@archetype(
    "cartoon",
    mains=("#f7c93f", "#f5b54f", "#f2dc7a", "#9fc4f0", "#f0a5c0", "#c4aaf0"),
    seconds=("#f7e6a8", "#ffffff", "#f0a54f"),
    material="waxy",
)
def star(look: Look) -> Figure:
    """A plump five-pointed star with a few sparks around it, or with a shooting star's tail."""
    turn = look.vary(-7, 7)
    plump = look.vary(0.5, 0.54)
    outline = rounded([(x, y) for x, y in star_outline(0, 0.07, 0.98, plump, 5, turn=turn)], 0.24, n=12)
    glow = Pattern("fade_up", colours.mix(look.main, np.ones(3), 0.45), -0.55, 0.8)
    parts: list[Part] = []
    if look.chance(0.4):
        for k, tone in enumerate(("#f2a05f", "#f2c86a", "#f7ecc0")):
            tail = stroke([(-0.98 - 0.02 * k, -0.86 + 0.02 * k), (-0.7, -0.68), (-0.2, -0.2)],
                [0.02, 0.16 - 0.045 * k, 0.4 - 0.11 * k])  # fmt: skip
            parts.append(Part(tail, colours.mix(colours.parse(tone), look.main, 0.25), "cloud", puff=0.3, lift=0.02))
    for x, y, size in (
        (0.78, -0.72, 0.1),
        (-0.84, 0.6, 0.075),
        (0.86, 0.58, 0.06),
        (-0.66, -0.74, 0.06),
        (0.55, -0.9, 0.045),
    ):
        if look.chance(0.8) and not (parts and len(parts) < 4 and x < 0 and y < 0):
            spark = star_outline(x, y, size, size * 0.28, 4, turn=look.vary(-12, 12))
            parts.append(Part(spark, colours.mix(look.second, np.ones(3), 0.3), "waxy", puff=0.5, lift=0.02))
    return Figure(
        body=(*parts, Part(outline, look.main, look.material, puff=0.55, lift=0.07, pattern=glow)),
        face=FaceSpot(0, -0.07, look.vary(0.345, 0.365), roll=turn * 0.6),
        crown=(math.sin(math.radians(turn)) * 0.5, -0.56, 0.24),
        neck=(0, 0.52),
    )


@archetype(
    "cartoon",
    mains=("#eef3fa", "#dce8f5", "#f7e4ea", "#c9d4e2", "#e6e0f5", "#aab6c9"),
    seconds=("#6fb0e8", "#8fc4f0", "#5f9ad9"),
    material="cloud",
)
def cloud(look: Look) -> Figure:
    """A heap of a cloud with its weather: rain, snow, lightning, the sun or a rainbow."""
    cy, side = look.vary(-0.08, -0.02), (1 if look.chance(0.5) else -1)

    def heap(circles: tuple[tuple[float, float, float], ...], about: tuple[float, float]) -> np.ndarray:
        return lobes(*about, [(side * x, y, r * look.vary(0.94, 1.05)) for x, y, r in circles])

    far = heap(((-0.4, 0.02, 0.28), (0.42, 0.0, 0.27), (0.04, -0.12, 0.34), (0, 0, 0.3)), (side * 0.06, cy - 0.4))
    near = heap(
        ((0, -0.02, 0.54), (-0.5, -0.18, 0.32), (0.52, -0.1, 0.34), (-0.66, 0.18, 0.25), (0.66, 0.2, 0.26),
            (-0.36, 0.36, 0.26), (0.36, 0.36, 0.27), (0, 0.4, 0.25), (0.2, -0.36, 0.32), (-0.22, -0.34, 0.3)),
        (0, cy + 0.06),
    )  # fmt: skip
    kinds = ["storm", "rain"] if colours.luminance(look.main) < 0.75 else ["rain", "rainbow", "sun", "snow"]
    behind, below = _weather(look, str(look.rng.choice(kinds)), side, cy)
    return Figure(
        body=(*behind, *below, Part(far, colours.shade(look.main, light=-0.03), look.material, puff=0.7),
            Part(near, look.main, look.material, puff=0.75, lift=0.05)),
        face=FaceSpot(0, cy - 0.06, look.vary(0.36, 0.38)),
        crown=(0, cy - 0.78, 0.34),
        neck=(0, cy + 0.52),
    )  # fmt: skip


def _weather(look: Look, kind: str, side: int, cy: float) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """What stands behind a cloud, and what falls from it."""
    gold = np.array([0.98, 0.78, 0.25])
    if kind == "storm":
        bolt = np.array([(0.08, -0.3), (-0.12, 0.04), (0.0, 0.05), (-0.08, 0.34), (0.16, -0.05), (0.04, -0.06),
            (0.16, -0.3)])  # fmt: skip
        return (), tuple(Part(place(bolt, x, cy + 0.74, scale=k), gold, "waxy", puff=0.4, lift=0.02) for x,
            k in ((-0.36, 0.72), (0.04, 1.0), (0.42, 0.66)))  # fmt: skip
    behind: tuple[Part, ...] = ()
    if kind == "rainbow":
        arch = [(side * (0.3 + 0.64 * math.sin(t)), cy + 0.1 - 0.94 * math.cos(t)) for t in np.linspace(-1.3, 1.9, 9)]
        tones = ("#e4604f", "#f2a04f", "#f2d65f", "#6fc07a", "#5fa0e0")
        behind = tuple(
            Part(stroke([(side * 0.3 + (x - side * 0.3) * (1 - 0.1 * k), y * (1 - 0.075 * k)) for x, y in arch], 0.042),
                colours.parse(c), "waxy", puff=0.3, lift=0.0)
            for k, c in enumerate(tones)
        )  # fmt: skip
    if kind == "sun":
        rays = star_outline(side * 0.5, cy - 0.5, 0.46, 0.33, 14, turn=look.vary(0, 20))
        behind = (Part(rays, colours.mix(gold, np.ones(3), 0.3), "waxy", puff=0.3, lift=0.0),
            Part(ellipse(side * 0.5, cy - 0.5, 0.3, 0.3), gold, "waxy", puff=0.6, lift=0.02))  # fmt: skip
    below = []
    for k, x in enumerate((-0.56, -0.28, 0.0, 0.28, 0.56)):
        y = cy + look.vary(0.76, 0.82) + (0.12 if k % 2 else 0.0)
        if kind == "snow":
            below += [Part(place(box(0, 0, 0.075, 0.012, 0.01), x, y - 0.03, turn=60 * j + 15 * k), _WHITE, "snow",
                puff=0.4, lift=0.005) for j in range(3)]  # fmt: skip
        elif kind == "rain":
            below.append(Part(leaf(x, y + 0.06, look.vary(0.19, 0.24), 0.06), look.second, "glass", puff=1.0,
                lift=0.02))  # fmt: skip
    return behind, tuple(below)
