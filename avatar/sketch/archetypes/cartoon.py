"""Cartoon characters: robot, ghost, monster, alien."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import (
    box,
    curve,
    ellipse,
    leaf,
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
    head = superellipse(0, cy, w, h, look.vary(3.2, 5.0))
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
              Part(head, look.main, look.material, puff=0.7, lift=0.08), *rivets, brow_plate),
        face=FaceSpot(0, cy - 0.16, w * 0.7),
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
