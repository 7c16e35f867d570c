"""Animals without fur: owl, penguin, frog, and the birds that share their shapes."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, leaf, mirrored, shaggy, stroke

_WHITE = np.array([0.96, 0.95, 0.92])
_BEAK = ("#e8a23a", "#d98a2f", "#e2b84a", "#c9803a")


@archetype(
    "animals",
    mains=("#8a6a4a", "#b08d5b", "#7a6a60", "#a5714a", "#8f8a86", "#6b5a4f"),
    seconds=("#f0e4cc", "#e8d4ae", "#f4eee2"),
    material="feathers",
)
def owl(look: Look) -> Figure:
    """A barrel of feathers: ear tufts, heart-shaped facial disc, wings, scaled breast, talons on a branch."""
    w = look.vary(0.66, 0.71)
    light = look.second
    if colours.luminance(light) < colours.luminance(look.main) - 0.1:
        light = colours.mix(look.main, light, 0.22)
    if abs(colours.luminance(light) - colours.luminance(look.main)) < 0.12:
        light = colours.mix(look.main, _WHITE, 0.66)
    beak, dark = look.one_of(*_BEAK), colours.shade(look.main, light=-0.12)
    body = mirrored([(0, -0.8), (w * 0.52, -0.74), (w * 0.92, -0.46), (w, -0.06), (w * 0.97, 0.34), (w * 0.78, 0.72),
        (w * 0.3, 0.9), (0, 0.92)])  # fmt: skip
    disc = mirrored([(0, -0.44), (0.2, -0.58), (0.42, -0.55), (0.555, -0.32), (0.54, -0.02), (0.38, 0.27),
        (0.16, 0.42), (0, 0.46)])  # fmt: skip
    rim = shaggy(mirrored([(0, -0.5), (0.2, -0.64), (0.46, -0.6), (0.61, -0.34), (0.59, 0.0), (0.42, 0.32),
        (0.18, 0.47), (0, 0.51)]), 44, 0.03, look.rng)  # fmt: skip
    tufts = both(
        Part(leaf(w * 0.6, -0.6, look.vary(0.34, 0.4), 0.12, turn=look.vary(22, 34), bend=0.05), dark, look.material),
        Part(leaf(w * 0.5, -0.6, 0.28, 0.07, turn=24, bend=0.04), look.main, look.material, lift=0.02),
    )
    wing = both(*(Part(leaf(w * 0.86 + dx, y, length, 0.2, turn=180 + turn, bend=-0.06), tone, look.material, puff=0.5,
        lift=0.04) for dx, y, length, turn, tone in ((0.04, -0.02, 0.86, 2, dark),
        (0.06, -0.06, 0.66, 0, look.main))))  # fmt: skip
    return Figure(
        body=(*tufts, *_perch(look, beak), Part(body, look.main, look.material, puff=0.75, lift=0.06),
            *_breast(look, w, light, dark), *wing,
            Part(rim, dark, look.material, puff=0.3, lift=0.03),
            Part(disc, light, "felt", puff=0.35, lift=0.02)),
        face=FaceSpot(0, -0.21, look.vary(0.36, 0.38), nose=beak, hair=dark * 0.5, eye_scale=1.16),
        front=tuple(Part(leaf(0.04 * k, -0.66, 0.2, 0.05, turn=180 - 14 * k), colours.shade(dark, light=0.03 * abs(k)),
            look.material, lift=0.02) for k in (-1, 1, 0)),
        crown=(0, -0.72, w * 0.6),
        neck=(0, 0.5),
    )  # fmt: skip


def _breast(look: Look, w: float, light: np.ndarray, dark: np.ndarray) -> tuple[Part, ...]:
    """Rows of scale-like feathers under the face, the lowest first."""
    parts = []
    for row in range(3, -1, -1):
        y = 0.37 + 0.135 * row
        count = 4 if row % 2 else 5
        reach = w * (0.62 - 0.09 * row)
        for x in np.linspace(-reach, reach, count):
            tone = colours.mix(light, dark, 0.14 + (0.16 if row % 2 else 0.0) + look.vary(0, 0.06))
            feather = mirrored([(0, -0.12), (0.115, -0.06), (0.115, 0.04), (0, 0.115)], n=6)
            parts.append(Part(feather + (x, y), tone, look.material, puff=0.4, lift=0.015))
    return tuple(parts)


def _perch(look: Look, claw: np.ndarray) -> tuple[Part, ...]:
    """A branch and the toes that hold it."""
    bark = look.one_of("#6b4a2f", "#7a5a3a", "#5f4a3f")
    y = 0.9
    toes = both(*(Part(stroke([(x, y - 0.1), (x + 0.01, y + 0.0), (x, y + 0.07)], [0.04, 0.042, 0.018]), claw, "waxy",
        lift=0.02) for x in (0.17, 0.25, 0.33)))  # fmt: skip
    branch = stroke([(-0.94, y + 0.03), (-0.3, y - 0.01), (0.3, y + 0.02), (0.94, y - 0.03)], [0.05, 0.065, 0.06, 0.04])
    s = 1 if look.chance(0.5) else -1
    sprig = Part(
        leaf(s * 0.8, y, 0.2, 0.06, turn=s * 30), look.one_of("#5f8f45", "#7a9a4a", "#b5803a"), "leaf", lift=0.02
    )
    return (sprig, Part(branch, bark, "bark", puff=0.8), *toes)


@archetype(
    "animals",
    mains=("#2c2f3a", "#2f3a55", "#3a3f4a", "#26262b", "#3f4f6f"),
    seconds=("#f4f2ec", "#eef0f2", "#f2ead8"),
    material="coat",
)
def penguin(look: Look) -> Figure:
    """An upright egg with a white face and belly, flippers, webbed feet, perhaps a golden patch
    or plumes; a puffin's bright bill."""
    puffin = called(look, "puffin")
    w = look.vary(0.64, 0.69)
    beak = look.one_of("#e8962f", "#f0a83a", "#e2792f")
    white = look.second if colours.luminance(look.second) > 0.6 else _WHITE
    top = -0.88
    body = mirrored([(0, top), (w * 0.5, top + 0.06), (w * 0.88, -0.54), (w * 0.96, -0.14), (w * 1.02, 0.3),
        (w * 0.9, 0.7), (w * 0.5, 0.92), (0, 0.94)])  # fmt: skip
    mask = mirrored([(0, -0.5), (0.16, -0.63), (0.36, -0.64), (0.52, -0.46), (0.555, -0.14), (0.5, 0.16), (0.5, 0.42),
        (0.52, 0.62), (0.36, 0.82), (0, 0.88)])  # fmt: skip
    bill = Part(mirrored([(0, -0.12), (0.08, -0.1), (0.15, 0.06), (0.15, 0.24), (0.08, 0.36), (0, 0.4)]), beak, "waxy",
        puff=0.3, lift=0.01, pattern=Pattern("fade_up", np.array([0.36, 0.4, 0.5]), 0.0, 0.9))  # fmt: skip
    feet = both(Part(curve([(0.12, 0.84), (0.3, 0.83), (0.46, 0.9), (0.44, 0.97), (0.32, 0.95), (0.22, 0.985),
        (0.12, 0.95)]), beak, "waxy", puff=0.6, lift=0.03))  # fmt: skip
    lift = look.vary(0.02, 0.2)
    flipper = both(Part(stroke([(w * 0.88, 0.06), (w + 0.14, 0.3 - lift * 0.4), (w + 0.2 + lift * 0.3, 0.62 - lift)],
        [0.13, 0.12, 0.035]), colours.shade(look.main, light=0.02), look.material, puff=0.5, lift=0.04))  # fmt: skip
    glow = np.array([0.98, 0.8, 0.34])
    royal = not puffin and look.chance(0.5)
    patches = (
        both(Part(ellipse(0.53, 0.06, 0.09, 0.2, turn=8), glow, look.material, puff=0.1, lift=0.0)) if royal else ()
    )
    return Figure(
        body=(*flipper, Part(body, look.main, look.material, puff=0.75, lift=0.06),
            *feet, *patches, Part(mask, white, "felt", puff=0.45, lift=0.0,
                pattern=Pattern("fade", colours.mix(white, glow, 0.35), 0.2, 0.3) if royal else None),
            *((bill,) if puffin else ())),
        face=FaceSpot(0, -0.23, look.vary(0.36, 0.385), nose=beak, hair=look.main * 0.8,
            eye_scale=1.08),
        front=_topknot(look, glow) if not puffin and look.chance(0.4) else (),
        crown=(0, -0.78, w * 0.6),
        neck=(0, 0.28),
    )  # fmt: skip


def _topknot(look: Look, glow: np.ndarray) -> tuple[Part, ...]:
    """A few feathers on the crown: short ones, or a rockhopper's yellow ones."""
    gold = look.chance(0.5)
    tone = glow if gold else look.main
    if gold:
        return both(*(Part(leaf(0.3, -0.68, 0.34 - 0.05 * k, 0.035, turn=62 + 20 * k, bend=0.05), tone, "hair",
            lift=0.02)
            for k in range(3)))  # fmt: skip
    return tuple(
        Part(leaf(0, -0.84, 0.14 - 0.02 * abs(k), 0.03, turn=k * 26, bend=0.02 * k), tone, "hair") for k in (-1, 1, 0)
    )


@archetype(
    "animals",
    mains=("#5f9e3f", "#4f8f45", "#8aa83f", "#3f8f6a", "#7ab04a", "#6fae3a"),
    seconds=("#e4ecb0", "#f0eec4", "#d9e8a0"),
    material="waxy",
)
def frog(look: Look) -> Figure:
    """A wide head whose eyes stand in two bumps, a pale throat and belly, hands with round finger tips, spots."""
    w = look.vary(0.82, 0.88)
    light = (
        look.second
        if colours.luminance(look.second) > 0.55
        else colours.mix(look.main, np.array([0.95, 0.95, 0.72]), 0.7)
    )
    dark = colours.shade(look.main, light=-0.1)
    iod = look.vary(0.5, 0.53)
    head = mirrored([(0, -0.56), (0.1, -0.6), (0.2, -0.74), (0.36, -0.8), (0.52, -0.68), (0.6, -0.46),
        (w * 0.88, -0.24), (w, 0.06), (w * 0.84, 0.32), (w * 0.5, 0.47), (0, 0.52)])  # fmt: skip
    body = mirrored([(0, 0.2), (0.42, 0.3), (0.62, 0.6), (0.68, 0.98), (0, 1.2)])
    belly = mirrored([(0, 0.36), (0.32, 0.42), (0.42, 0.7), (0.4, 1.0), (0, 1.2)])
    spots = [
        (s * x * w, y, r) for s in (-1, 1) for x, y, r in ((0.86, -0.02, 0.05), (0.78, -0.14, 0.03), (0.92, 0.1, 0.028))
    ]
    marks = tuple(Part(ellipse(x + look.vary(-0.02, 0.02), y + look.vary(-0.02, 0.02), r, r * 0.9), dark, look.material,
        puff=0.3, lift=0.0) for x, y, r in spots)  # fmt: skip
    return Figure(
        body=(
            *both(Part(ellipse(0.72, 0.82, 0.24, 0.2, turn=-24), dark, look.material, puff=0.7)),
            Part(body, look.main, look.material, puff=0.6), Part(belly, light, look.material, puff=0.3, lift=0.0),
            Part(head, look.main, look.material, puff=0.65, lift=0.07), *marks,
        ),
        face=FaceSpot(0, -0.42, iod, squeeze=0.78, muzzle=colours.mix(look.main, light, 0.55), hair=dark * 0.5,
            eye_scale=1.06),
        front=_hands(look, dark),
        crown=(0, -0.6, 0.4),
        neck=(0, 0.56),
    )  # fmt: skip


def _hands(look: Look, colour: np.ndarray) -> tuple[Part, ...]:
    """Arms to the ground, each with three fingers that end in discs."""
    arm = Part(
        stroke([(0.44, 0.62), (0.52, 0.78), (0.44, 0.92)], [0.09, 0.08, 0.06]), look.main, look.material, lift=0.03
    )
    fingers = []
    for dx, dy in ((-0.11, 0.03), (0.0, 0.055), (0.11, 0.03)):
        fingers.append(Part(stroke([(0.44, 0.9), (0.44 + dx, 0.9 + dy)], 0.03), look.main, look.material, lift=0.02))
        fingers.append(
            Part(
                ellipse(0.44 + dx, 0.9 + dy, 0.045, 0.04),
                colours.shade(look.main, light=0.05),
                look.material,
                lift=0.02,
            )
        )
    return both(arm, *fingers)
