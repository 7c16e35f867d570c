"""Birds of the trees: parrot, songbird, eagle."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.fauna import DARK, WHITE
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import Outline, curve, ellipse, leaf, mirrored, shaggy, stroke


def _perch(look: Look, claw: np.ndarray, y: float = 0.88, x: float = 0.2) -> tuple[Part, ...]:
    """A branch with a leaf, and the toes that hold it."""
    bark, s = look.one_of("#6b4a2f", "#7a5a3a", "#5f4a3f"), 1 if look.chance(0.5) else -1
    toes = both(*(Part(stroke([(x + d, y - 0.09), (x + d, y + 0.06)], [0.036, 0.02]), claw, "waxy", lift=0.02)
        for d in (-0.07, 0.07, 0.0)))  # fmt: skip
    branch = stroke([(-0.96, y + 0.04), (-0.3, y), (0.3, y + 0.03), (0.96, y - 0.02)], [0.045, 0.06, 0.055, 0.035])
    sprig = leaf(s * 0.78, y, 0.22, 0.065, turn=s * 36)
    return (
        Part(sprig, look.one_of("#5f8f45", "#7a9a4a"), "leaf", lift=0.02),
        Part(branch, bark, "bark", puff=0.8),
        *toes,
    )


def _bill(cy: float, iod: float, half: Sequence[tuple[float, float]]) -> Outline:
    """A bill's outline from its right half in face units, on which nose and lips are then drawn."""
    return mirrored([(x * iod, cy + y * iod) for x, y in half])


@archetype(
    "animals",
    mains=("#d0342c", "#3fa34d", "#2f7fd0", "#e8b02f", "#d94f3a", "#2fa5a0"),
    seconds=("#2f5fc0", "#f2c23f", "#e8c23a", "#3f9f5a"),
    material="feathers",
)
def parrot(look: Look) -> Figure:
    """A large hooked beak between bare pale cheeks, wings banded in other colours, a long tail below the perch; a
    cockatoo's crest, a budgie's bars, a toucan's great bill."""
    toucan, cockatoo, budgie = called(look, "toucan"), called(look, "cockatoo"), called(look, "budgie", "parakeet")
    w, cy = look.vary(0.58, 0.62), -0.22
    second = look.second if len(look.brief.colours) != 1 else colours.shade(look.main, hue=0.5)
    third = look.one_of("#f2c23f", "#3f9fd0", "#4fae5a", "#f2efe4") if not (cockatoo or budgie) else second
    horn = look.one_of("#3a3638", "#f0dcae", "#2f2b2e", "#e8c89a") if not budgie else np.array([0.93, 0.78, 0.42])
    horn = look.second if toucan else np.array([0.32, 0.3, 0.32]) if cockatoo else horn
    iod = look.vary(0.38, 0.395)
    cheek = colours.mix(look.main, WHITE, 0.85) if not budgie else second
    head = mirrored([(0, cy - 0.6), (w * 0.52, cy - 0.54), (w * 0.92, cy - 0.26), (w, cy + 0.1), (w * 0.9, cy + 0.42),
        (w * 0.5, cy + 0.62), (0, cy + 0.66)])  # fmt: skip
    body = mirrored([(0, cy), (0.5, cy + 0.3), (0.62, 0.36), (0.56, 0.66), (0.34, 0.86), (0, 0.92)])
    patch = both(Part(mirrored([(0, -0.3), (0.2, -0.24), (0.29, 0.0), (0.22, 0.26), (0, 0.34)]) * (0.95, 0.92)
        + (0.27, cy + 0.04), cheek, "felt", puff=0.15, lift=0.0))  # fmt: skip
    half = [(0, 0.02), (0.14, 0.1), (0.36, 0.42), (0.56, 0.78), (0.52, 1.1), (0.3, 1.34), (0.1, 1.56), (0, 1.62)]
    if toucan:
        half = [(0, 0.0), (0.2, 0.06), (0.5, 0.4), (0.84, 0.8), (0.88, 1.12), (0.56, 1.44), (0.2, 1.6), (0, 1.62)]
    tip = DARK if toucan else colours.shade(horn, light=-0.1)
    beak = Part(_bill(cy - 0.06, iod, half), horn, "waxy", puff=0.35, lift=0.02,
        pattern=Pattern("fade", tip, cy + 0.5, 0.9))  # fmt: skip
    bars = Pattern("bands", DARK, 0.035, 0.5) if budgie else None
    return Figure(
        body=(*_long_tail(look, second, third), *_perch(look, colours.mix(horn, DARK, 0.4)),
            *(_crest(second) if cockatoo else _cap(look, cy)), Part(body, look.main, look.material, puff=0.65),
            *_banded_wings(look, second, third, bars), Part(head, look.main, look.material, puff=0.72, lift=0.06),
            *patch, beak),
        face=FaceSpot(0, cy - 0.06, iod, hair=colours.mix(look.main, DARK, 0.6), eye_scale=1.08,
            nose=colours.shade(horn, light=-0.06)),
        crown=(0, cy - 0.5, w * 0.7),
        neck=(0, cy + 0.66),
    )  # fmt: skip


def _cap(look: Look, cy: float) -> tuple[Part, ...]:
    """A few short feathers that stand up on the crown."""
    return tuple(Part(leaf(0.05 * k, cy - 0.52, 0.24 - 0.03 * abs(k), 0.05, turn=k * 22), look.main, look.material,
        puff=0.5, lift=0.02) for k in (-2, 2, -1, 1, 0))  # fmt: skip


def _crest(tone: np.ndarray) -> tuple[Part, ...]:
    """A fan of long feathers that curl at their ends."""
    return tuple(Part(leaf(0.05 * k, -0.66, 0.33 - 0.02 * abs(k), 0.06, turn=k * 17, bend=0.05 * np.sign(k)), tone,
        "feathers", puff=0.5, lift=0.02) for k in (-4, 4, -3, 3, -2, 2, -1, 1, 0))  # fmt: skip


def _long_tail(look: Look, second: np.ndarray, third: np.ndarray) -> tuple[Part, ...]:
    """Tail feathers that hang below the branch."""
    tones = (second, third, look.main)
    return tuple(Part(leaf(0.07 * k, 0.7, 0.55, 0.08, turn=180 - 7 * k), tones[abs(k) % 3], look.material, puff=0.5,
        lift=0.02) for k in (-2, 2, -1, 1, 0))  # fmt: skip


def _banded_wings(look: Look, second: np.ndarray, third: np.ndarray, bars: Pattern | None) -> tuple[Part, ...]:
    """Folded wings: long quills in one colour, coverts in another, shoulders in the body's own."""
    parts = [Part(leaf(0.62 + 0.03 * k, 0.3 + 0.02 * k, 0.62 - 0.06 * k, 0.1, turn=184 - 9 * k), tone, look.material,
        puff=0.5, lift=0.03) for k, tone in enumerate((second, colours.shade(second, light=0.05), second))]  # fmt: skip
    parts += [Part(leaf(0.54 + 0.08 * k, 0.22, 0.36, 0.1, turn=190 - 8 * k), third, look.material, puff=0.5,
        lift=0.02) for k in range(3)]  # fmt: skip
    shoulder = curve([(0.42, 0.02), (0.62, 0.0), (0.78, 0.16), (0.76, 0.36), (0.58, 0.4), (0.44, 0.26)])
    parts.append(Part(shoulder, look.main, look.material, puff=0.6, lift=0.03, pattern=bars))
    return both(*parts)


@archetype(
    "animals",
    mains=("#8a6a4a", "#5a8fd0", "#f0cf4a", "#7a8a5a", "#b5704a", "#6a7f95"),
    seconds=("#e07a3f", "#f0e2c4", "#d9a05a", "#e8d8c0", "#d96a4a"),
    material="coat",
)
def songbird(look: Look) -> Figure:
    """A round small bird: a coloured breast that reaches up to the face, a short beak, folded wings, a tail that cocks
    to one side, thin legs; a peacock's fan, a cardinal's or jay's crest."""
    look = replace(look, material="coat") if look.material == "feathers" else look
    peacock = called(look, "peacock", "peahen")
    crested = called(look, "cardinal", "jay", "woodpecker", "kingfisher", "titmouse")
    w = look.vary(0.7, 0.75) if not peacock else 0.6
    s = 1 if look.chance(0.5) else -1
    crow = called(look, "crow", "raven", "blackbird")
    breast = (
        colours.mix(look.main, WHITE, 0.1)
        if crow
        else look.second
        if len(look.brief.colours) != 1
        else colours.mix(look.main, WHITE, 0.5)
    )
    if not crow and abs(colours.luminance(breast) - colours.luminance(look.main)) < 0.05:
        breast = colours.mix(breast, WHITE, 0.35)
    beak = DARK * 1.7 if crow else look.one_of("#e8a23a", "#d98a2f", "#5a4f48", "#e2b84a")
    iod, top = look.vary(0.36, 0.38), -0.74
    body = mirrored([(0, top), (w * 0.44, top + 0.06), (w * 0.78, -0.46), (w * 0.9, -0.1), (w * 1.02, 0.26),
        (w * 0.92, 0.6), (w * 0.5, 0.8), (0, 0.84)])  # fmt: skip
    bib = mirrored([(0, -0.02), (0.12, -0.2), (0.34, -0.2), (0.5, -0.02), (0.56, 0.26), (0.5, 0.56), (0.26, 0.76),
        (0, 0.8)])  # fmt: skip
    if peacock:
        bib = bib * (0.84, 0.5) + (0, 0.42)
    wing = both(*(Part(leaf(w * 0.8, 0.02 + 0.03 * k, 0.74 - 0.16 * k, 0.15, turn=186 - 6 * k, bend=-0.05),
        colours.shade(look.main, light=-0.09 + 0.06 * k), "feathers", puff=0.5, lift=0.04)
        for k in range(3)))  # fmt: skip
    tail = tuple(Part(leaf(s * 0.4, 0.62, 0.7, 0.08, turn=s * (62 + 11 * k)), colours.shade(look.main, light=-0.05 * k),
        "feathers", puff=0.5, lift=0.02) for k in range(3))  # fmt: skip
    bill = _bill(-0.2, iod, [(0, 0.16), (0.13, 0.24), (0.3, 0.46), (0.3, 0.62), (0.16, 0.76), (0, 0.82)])
    return Figure(
        body=(*(_train(look, breast) if peacock else tail), *_perch(look, colours.mix(beak, DARK, 0.3)),
            *_tuft(look, top, crested), Part(shaggy(body, 70, 0.018, look.rng), look.main, look.material, puff=0.76,
                lift=0.06), Part(bib, breast, look.material, puff=0.25, lift=0.0), *wing,
            Part(bill, beak, "waxy", puff=0.5, lift=0.02)),
        face=FaceSpot(0, -0.2, iod, hair=colours.mix(look.main, DARK, 0.6), nose=beak, eye_scale=1.12,
            muzzle=colours.mix(look.main, WHITE, 0.5) if peacock else None),
        crown=(0, top + 0.1, w * 0.5),
        neck=(0, 0.46),
    )  # fmt: skip


def _tuft(look: Look, top: float, tall: bool) -> tuple[Part, ...]:
    """Feathers on the crown: a pointed crest, or three short ones."""
    length, half = (0.34, 0.085) if tall else (0.17, 0.04)
    tone = look.second if tall and called(look, "woodpecker") else look.main
    return tuple(Part(leaf(0.05 * k, top + 0.08, min(length, 1.02 + top) - 0.03 * abs(k), half, turn=k * 20 + 6), tone,
        look.material, puff=0.5, lift=0.02) for k in (-1, 1, 0))  # fmt: skip


def _train(look: Look, tone: np.ndarray) -> tuple[Part, ...]:
    """A peacock's fan: rows of long feathers, each with an eye of gold and blue at its end."""
    gold, blue = np.array([0.88, 0.7, 0.25]), np.array([0.13, 0.3, 0.62])
    parts = []
    for r, count in ((0.95, 13), (0.76, 11)):
        for turn in np.linspace(-104, 104, count):
            a = np.radians(turn)
            x, y = r * float(np.sin(a)), 0.02 - r * float(np.cos(a)) * 0.98
            tint = colours.shade(tone, light=look.vary(-0.05, 0.04))
            quill = stroke([(0, 0.1), (x * 0.9, 0.1 + (y - 0.1) * 0.9)], [0.03, 0.1])
            parts.append(Part(quill, tint, "feathers", puff=0.4, lift=0.02))
            parts += [Part(ellipse(x * k, y * k, rx, ry, turn=turn), colour, "feathers", puff=0.3, lift=0.0)
                for k, rx, ry, colour in ((0.9, 0.075, 0.085, gold), (0.88, 0.042, 0.05, blue))]  # fmt: skip
    return tuple(parts)


@archetype(
    "animals",
    mains=("#6b4a2b", "#5f4636", "#7a5a3a", "#4f4038", "#8a6038"),
    seconds=("#f6f2ea", "#f2ece0", "#efe6d4"),
    material="feathers",
)
def eagle(look: Look) -> Figure:
    """A pale head of pointed feathers with stern brow ridges and a golden hooked beak, broad dark wings half raised,
    talons on a rock; a hawk's barred breast, a vulture's bare head and ruff."""
    vulture, hawk = called(look, "vulture", "condor"), called(look, "hawk", "falcon", "kestrel", "osprey", "buzzard")
    w, cy = look.vary(0.52, 0.56), -0.24
    white = look.second if colours.luminance(look.second) > 0.5 or vulture else colours.mix(look.main, WHITE, 0.8)
    crown_tone = colours.mix(look.main, WHITE, 0.12) if hawk else white
    gold = look.one_of("#f0b02f", "#e8a52f", "#f2bc45")
    iod = look.vary(0.36, 0.375)
    head = mirrored([(0, cy - 0.58), (w * 0.52, cy - 0.53), (w * 0.92, cy - 0.28), (w, cy + 0.06), (w * 0.9, cy + 0.4),
        (w * 0.5, cy + 0.6), (0, cy + 0.64)])  # fmt: skip
    body = mirrored([(0, cy), (0.5, cy + 0.3), (0.6, 0.4), (0.5, 0.76), (0, 0.92)])
    beak = Part(_bill(cy - 0.06, iod, [(0, 0.06), (0.13, 0.14), (0.32, 0.44), (0.5, 0.78), (0.5, 1.06), (0.28, 1.3),
        (0.08, 1.5), (0, 1.54)]), gold, "waxy", puff=0.35, lift=0.02,
        pattern=Pattern("fade", colours.shade(gold, light=-0.18), cy + 0.56, 0.8))  # fmt: skip
    ruff = tuple(Part(leaf(x, cy + 0.42 - 0.3 * abs(x), 0.36, 0.09, turn=180 - x * 60), white, look.material, puff=0.5,
        lift=0.025) for x in sorted(np.linspace(-w * 0.95, w * 0.95, 13), key=lambda x: -abs(x)))  # fmt: skip
    return Figure(
        body=(*_raised_wings(look), *_rock(look, gold), Part(body, look.main, look.material, puff=0.65,
                pattern=Pattern("bands", white, 0.06, 0.55) if hawk else None), *(() if hawk else ruff),
            *(() if vulture else _tuft(look, cy - 0.6, False)),
            Part(head, crown_tone, "skin" if vulture else look.material, puff=0.72, lift=0.06), beak),
        face=FaceSpot(0, cy - 0.06, iod, hair=look.main * 0.6, nose=gold, eye_scale=1.02),
        crown=(0, cy - 0.5, w * 0.7),
        neck=(0, cy + 0.66),
    )  # fmt: skip


def _raised_wings(look: Look) -> tuple[Part, ...]:
    """Wings lifted from the body: long fingers outside, rows of coverts towards the shoulder."""
    parts = []
    for k, turn in enumerate((64, 84, 104, 124, 144)):
        tone = colours.shade(look.main, light=-0.06 + 0.015 * k)
        parts.append(Part(leaf(0.5 - 0.02 * k, 0.16 + 0.07 * k, 0.58 - 0.03 * k, 0.11, turn=turn, bend=-0.05), tone,
            look.material, puff=0.5, lift=0.03))  # fmt: skip
    for k, turn in enumerate((74, 102, 130)):
        parts.append(Part(leaf(0.42, 0.16 + 0.1 * k, 0.4, 0.1, turn=turn), colours.shade(look.main, light=0.04),
            look.material, puff=0.5, lift=0.02))  # fmt: skip
    return both(*parts)


def _rock(look: Look, claw: np.ndarray) -> tuple[Part, ...]:
    """A crag under its talons."""
    stone = look.one_of("#8a8782", "#7a7672", "#94897c")
    crag = curve([(-0.7, 1.1), (-0.62, 0.94), (-0.3, 0.84), (0.1, 0.87), (0.44, 0.83), (0.7, 0.96), (0.8, 1.1)])
    toes = both(*(Part(stroke([(0.2 + 0.5 * d, 0.78), (0.2 + d, 0.9), (0.2 + d, 0.96)], [0.045, 0.042, 0.008]), claw,
        "waxy", lift=0.02) for d in (-0.1, 0.1, 0.0)))  # fmt: skip
    return (Part(crag, stone, "stone", puff=0.6), *toes)
