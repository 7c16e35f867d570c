"""People of tales: wizard, pirate, vampire; told by hat, hair and dress rather than by the face."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.folk import face_spot, head, neck, pointed_ears, round_ears, shoulders
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, leaf, mirrored, rounded, star, stroke

_GOLD = np.array([0.9, 0.72, 0.26])
_WHITE = np.array([0.96, 0.95, 0.92])
_BLACK = np.array([0.14, 0.13, 0.16])


@archetype(
    "cartoon",
    mains=("#4a55b5", "#6a3fa0", "#2f6f86", "#3f7a5a", "#8a3f5a", "#3a4a8a"),
    seconds=("#e9e6df", "#d9d5cc", "#c9b8a0", "#b5b2b0"),
)
def wizard(look: Look) -> Figure:
    """A mage: a bent, starry hat with a wide brim, long hair and a beard below the lips, a staff."""
    skin, w, hair = look.skin, look.vary(0.43, 0.46), look.second
    lean = 1 if look.chance(0.5) else -1
    dark = colours.shade(look.main, light=-0.1)
    iod = w * 0.84
    cy = 0.06
    cone = curve([(-w * 1.06, -0.34), (0, -0.28), (w * 1.06, -0.34), (w * 0.72, -0.66), (w * 0.5, -0.84), (w * 0.62,
        -0.96),
        (w * 0.2, -0.98), (-w * 0.24, -0.84), (-w * 0.7, -0.56)]) * (lean, 1)  # fmt: skip
    brim = mirrored([(0, -0.46), (w, -0.48), (w * 1.86, -0.36), (w * 1.9, -0.27), (w * 1.1, -0.27), (0, -0.26)])
    band = stroke([(-w * 1.0, -0.42), (0, -0.37), (w * 1.0, -0.42)], 0.05)
    chin = cy + 1.28 * iod
    beard = curve([(w * 1.02, -0.02), (w * 1.1, 0.34), (w * 0.98, 0.72), (w * 0.5, 1.0), (0.0, 1.12), (-w * 0.5, 1.0),
        (-w * 0.98, 0.72), (-w * 1.1, 0.34), (-w * 1.02, -0.02), (-w * 0.86, 0.2), (-w * 0.74, chin - 0.12),
        (-w * 0.4, chin + 0.02), (0, chin + 0.03), (w * 0.4, chin + 0.02), (w * 0.74, chin - 0.12), (w * 0.86,
            0.2)])  # fmt: skip
    locks = tuple(
        Part(stroke([(x * w, chin + 0.1), (x * w * 0.92, 0.82), (x * w * 0.5, 1.0)], [0.006, 0.016, 0.006]),
             colours.shade(hair, light=-0.13), "hair", puff=-0.4, lift=0.0)
        for x in (-0.62, -0.22, 0.2, 0.6)
    )  # fmt: skip
    mane = both(
        Part(stroke([(w * 0.9, -0.3), (w * 1.2, 0.1), (w * 1.3, 0.6)], [0.1, 0.13, 0.07]), hair, "hair", puff=0.6)
    )
    sky = ((-0.1, -0.56, 0.075), (0.24, -0.7, 0.055), (0.3, -0.52, 0.04), (-0.28, -0.5, 0.035))
    stars = tuple(
        Part(star(x * lean, y, r, r * 0.45, 5, turn=look.vary(-20, 20), soft=1), _GOLD, "metal", puff=0.3, lift=0.005)
        for x, y, r in sky
    )
    return Figure(
        body=(
            *_staff(look, -lean * 0.82),
            *mane,
            shoulders(0.74, look.main, "felt"),
            *both(Part(star(0.58, 0.95, 0.06, 0.027, 5, soft=1), _GOLD, "metal", puff=0.3, lift=0.004)),
            neck(skin),
            *round_ears(skin, w),
            Part(head(w), skin, "skin", puff=0.72, lift=0.06),
        ),
        face=face_spot(look, w, hair * 0.85, y=cy),
        front=(
            Part(beard, hair, "hair", puff=0.6, lift=0.04),
            *locks,
            Part(cone, look.main, "felt", puff=0.6, lift=0.03),
            Part(brim, look.main, "felt", puff=0.5, lift=0.05),
            Part(band, dark, "leather", puff=0.4, lift=0.01),
            *stars,
            Part(box(0, -0.385, 0.085, 0.07, 0.02), _GOLD, "metal", puff=0.8, lift=0.015,
                 holes=(box(0, -0.385, 0.045, 0.034, 0.01),)),
        ),
        crown=(0, -0.4, w),
        neck=(0, 0.8),
    )  # fmt: skip


def _staff(look: Look, x: float) -> tuple[Part, ...]:
    """A knotty staff with a glowing stone."""
    glow = look.one_of("#7fd9f2", "#a5f29f", "#f29fd0", "#f2d97f", "#c09ff2")
    wood = np.array([0.45, 0.31, 0.2])
    return (
        Part(stroke([(x, 1.1), (x + 0.02, 0.5), (x - 0.01, 0.1)], 0.042), wood, "bark", puff=0.9),
        Part(
            stroke([(x - 0.01, 0.12), (x - 0.13, 0.0), (x - 0.1, -0.15)], [0.04, 0.034, 0.014]), wood, "bark", puff=0.9
        ),
        Part(
            stroke([(x - 0.01, 0.12), (x + 0.12, 0.0), (x + 0.1, -0.15)], [0.04, 0.034, 0.014]), wood, "bark", puff=0.9
        ),
        Part(ellipse(x, -0.06, 0.1, 0.1), glow, "glass", puff=1.0, lift=0.03),
    )


@archetype(
    "cartoon",
    mains=("#3a3036", "#7a2f33", "#2f4a5f", "#4a3a2a", "#3f5a4a"),
    seconds=("#c9393f", "#3f6fa8", "#2f8a7a", "#e0a03f"),
)
def pirate(look: Look) -> Figure:
    """A pirate: a cocked hat with skull and bones, a kerchief, a ringed ear, a striped shirt, a parrot or a cutlass."""
    skin, w = look.skin, look.vary(0.46, 0.49)
    hair = look.hair_for(skin)
    side = 1 if look.chance(0.5) else -1
    trim = _GOLD if look.chance(0.7) else _WHITE
    hat = mirrored([(0, -0.97), (w * 0.5, -0.9), (w * 0.86, -0.72), (w * 1.5, -0.66), (w * 1.74, -0.5), (w * 1.3,
        -0.42),
        (w * 0.7, -0.44), (0, -0.48)])  # fmt: skip
    edge = stroke([(-w * 1.72, -0.52), (-w * 1.3, -0.42), (-w * 0.7, -0.44), (0, -0.48), (w * 0.7, -0.44), (w * 1.3,
        -0.42),
        (w * 1.72, -0.52)], 0.028)  # fmt: skip
    kerchief = mirrored(
        [(0, -0.56), (w * 0.8, -0.52), (w * 1.03, -0.3), (w * 0.98, -0.16), (w * 0.6, -0.37), (0, -0.42)]
    )
    knot = tuple(
        Part(leaf(-side * (w + 0.0), -0.22, 0.3, 0.07, turn=-side * t), look.second, "fabric", puff=0.5)
        for t in (128, 160)
    )
    mane = both(Part(stroke([(w * 0.96, -0.2), (w * 1.14, 0.2), (w * 1.06, 0.6), (w * 1.2, 0.72)], [0.1, 0.13, 0.12,
        0.03]),
        hair, "hair", puff=0.6))  # fmt: skip
    stripes = Pattern("bands", look.second, 0.05, 0.9)
    coat = both(Part(rounded([(0.26, 0.72), (0.6, 0.78), (0.9, 1.0), (0.9, 1.2), (0.3, 1.2), (0.2, 0.95)], 0.05),
        look.main,
        "leather", puff=0.5, lift=0.04),
        Part(rounded([(0.22, 0.7), (0.38, 0.7), (0.5, 0.86), (0.3, 1.05)], 0.03), colours.shade(look.main, light=0.06),
        "leather", puff=0.5, lift=0.03))  # fmt: skip
    ring = Part(ellipse(side * (w + 0.04), 0.24, 0.075, 0.085), _GOLD, "metal", puff=0.9, lift=0.02,
        holes=(ellipse(side * (w + 0.04), 0.24, 0.046, 0.055),))  # fmt: skip
    mate = _parrot(look, side * 0.76) if look.chance(0.6) else _cutlass(side * 0.84)
    return Figure(
        body=(
            *mane,
            *knot,
            Part(shoulders(0.66, _WHITE).outline, _WHITE, "fabric", puff=0.5, pattern=stripes),
            neck(skin),
            *coat,
            *mate,
            *round_ears(skin, w),
            Part(head(w, 1.04), skin, "skin", puff=0.72, lift=0.06),
        ),
        face=face_spot(look, w, hair, y=0.03),
        front=(
            ring,
            Part(kerchief, look.second, "fabric", puff=0.5, lift=0.02, pattern=Pattern("spots", _WHITE, 0.1, 0.8)),
            Part(hat, look.main, "felt", puff=0.5, lift=0.05),
            Part(edge, trim, "metal", puff=0.8, lift=0.01),
            *_skull(-0.68),
        ),
        crown=(0, -0.52, w),
        neck=(0, 0.8),
    )


def _skull(y: float) -> tuple[Part, ...]:
    """A skull above two crossed bones."""
    bones = tuple(
        Part(
            stroke([(s * -0.19, y + 0.13), (s * 0.19, y - 0.02)], [0.022, 0.022]),
            _WHITE,
            "porcelain",
            puff=0.7,
            lift=0.01,
        )
        for s in (-1, 1)
    )
    knobs = tuple(
        Part(ellipse(sx * 0.2, y + 0.055 + sy * 0.085 + d, 0.026, 0.026), _WHITE, "porcelain", puff=0.8, lift=0.0)
        for sx in (-1, 1) for sy in (-1, 1) for d in (-0.018, 0.018)
    )  # fmt: skip
    cranium = mirrored(
        [(0, y - 0.12), (0.085, y - 0.09), (0.11, y), (0.07, y + 0.07), (0.055, y + 0.13), (0, y + 0.135)]
    )
    eyes = both(Part(ellipse(0.045, y, 0.028, 0.032), _BLACK, "felt", puff=0.0, lift=0.0))
    nose = Part(
        rounded([(0, y + 0.04), (0.016, y + 0.07), (-0.016, y + 0.07)], 0.006), _BLACK, "felt", puff=0.0, lift=0.0
    )
    return (*bones, *knobs, Part(cranium, _WHITE, "porcelain", puff=0.7, lift=0.015), *eyes, nose)


def _parrot(look: Look, x: float) -> tuple[Part, ...]:
    """A parrot on the shoulder."""
    hue, wing = look.one_of("#4fae4f", "#d8433b", "#3f8fd0"), look.one_of("#f0c23a", "#3f6fc9", "#2f9e8f")
    s = 1 if x > 0 else -1
    body = curve([(x, 0.28), (x + 0.15, 0.36), (x + 0.16, 0.6), (x + 0.08, 0.86), (x - 0.08, 0.86), (x - 0.15, 0.6),
        (x - 0.14, 0.36)])  # fmt: skip
    beak = curve(
        [(x - s * 0.09, 0.38), (x - s * 0.2, 0.41), (x - s * 0.19, 0.52), (x - s * 0.13, 0.47), (x - s * 0.07, 0.48)]
    )
    return (
        Part(leaf(x + s * 0.05, 0.8, 0.36, 0.07, turn=s * 160), wing, "feathers", puff=0.5),
        Part(leaf(x + s * 0.02, 0.32, 0.13, 0.04, turn=s * 30), wing, "feathers", puff=0.5),
        Part(body, hue, "feathers", puff=0.9, lift=0.04),
        Part(leaf(x + s * 0.08, 0.52, -0.34, 0.09, turn=-s * 4), wing, "feathers", puff=0.5, lift=0.015),
        Part(beak, np.array([0.95, 0.75, 0.35]), "waxy", puff=0.8, lift=0.015),
        Part(ellipse(x - s * 0.05, 0.4, 0.036, 0.036), _WHITE, "waxy", puff=0.6, lift=0.0),
        Part(ellipse(x - s * 0.055, 0.4, 0.018, 0.018), _BLACK, "waxy", puff=0.6, lift=0.0),
    )


def _cutlass(x: float) -> tuple[Part, ...]:
    """A curved blade held upright beside the shoulder."""
    s = 1 if x > 0 else -1
    blade = curve([(x - 0.05, 0.6), (x - 0.04, 0.2), (x + s * 0.02, -0.14), (x + s * 0.12, -0.3), (x + s * 0.11, 0.1),
        (x + 0.06, 0.6)])  # fmt: skip
    return (
        Part(blade, np.array([0.8, 0.82, 0.85]), "metal", puff=0.5, lift=0.03),
        Part(stroke([(x, 0.66), (x, 0.92)], 0.045), np.array([0.35, 0.22, 0.15]), "leather", puff=0.9),
        Part(stroke([(x - 0.14, 0.64), (x, 0.6), (x + 0.14, 0.64)], 0.035), _GOLD, "metal", puff=0.9, lift=0.02),
        Part(ellipse(x, 0.93, 0.05, 0.05), _GOLD, "metal", puff=1.0, lift=0.02),
    )


@archetype(
    "cartoon",
    mains=("#e6e0e6", "#dfe3ea", "#e3ded3", "#d9d6e6", "#cfd9cf"),
    seconds=("#a8202f", "#7a1f4a", "#5a2f8a", "#8a1f2a"),
    material="skin",
)
def vampire(look: Look) -> Figure:
    """A count or countess: sleek hair with a widow's peak, pointed ears, a winged and lined collar, a jewel, bats."""
    skin, w = look.main, look.vary(0.45, 0.48)
    hair = look.one_of("#1c1a20", "#24202c", "#2a1c22", "#3a3440")
    cloak = np.array([0.13, 0.12, 0.16])
    wing = [(0.12, 1.2), (0.16, 0.86), (0.46, 0.5), (0.66, 0.06), (0.94, -0.2), (0.93, 0.3), (0.86, 0.8), (0.9, 1.2)]
    lining = [
        (0.1, 1.2),
        (0.14, 0.88),
        (0.44, 0.56),
        (0.64, 0.16),
        (0.86, -0.06),
        (0.84, 0.34),
        (0.72, 0.82),
        (0.6, 1.2),
    ]
    collar = both(
        Part(rounded(wing, 0.06), cloak, "felt", puff=0.4, lift=0.04),
        Part(rounded(lining, 0.05), look.second, "felt", puff=0.3, lift=0.01),
    )
    back = mirrored([(0, -0.72), (w * 0.8, -0.64), (w * 1.12, -0.3), (w * 1.08, 0.12), (0, 0.2)])
    cap = mirrored([(0, -0.76), (w * 0.7, -0.68), (w * 1.06, -0.36), (w * 1.04, -0.02), (w * 0.94, -0.2), (w * 0.7,
        -0.44),
        (w * 0.3, -0.52), (0, -0.36)], n=8)  # fmt: skip
    sheen = both(Part(stroke([(0.08, -0.64), (w * 0.5, -0.62), (w * 0.84, -0.42)], [0.006, 0.016, 0.006]),
        hair + 0.22, "hair",
        puff=0.3, lift=0.0))  # fmt: skip
    jabot = tuple(
        Part(mirrored([(0, y), (r, y + 0.02), (r * 1.1, y + 0.15), (r * 0.5, y + 0.12), (0, y + 0.17)]), _WHITE * k,
            "fabric",
             puff=0.5, lift=0.02)
        for y, r, k in ((0.9, 0.16, 0.95), (0.78, 0.14, 1.0))
    )  # fmt: skip
    jewel = (
        Part(ellipse(0, 0.78, 0.085, 0.085), _GOLD, "metal", puff=0.8, lift=0.02),
        Part(ellipse(0, 0.78, 0.056, 0.056), look.second, "glass", puff=1.0, lift=0.0),
    )
    return Figure(
        body=(
            *_bats(look),
            shoulders(0.9, cloak, "felt"),
            *collar,
            neck(skin),
            *jabot,
            *jewel,
            Part(back, hair, "hair", puff=0.5),
            *pointed_ears(skin, w, 0.2),
            Part(head(w, 0.92, 0.68), skin, "skin", puff=0.72, lift=0.06),
        ),
        face=face_spot(look, w, hair, y=0.0),
        front=(Part(cap, hair, "hair", puff=0.6, lift=0.03), *sheen),
        crown=(0, -0.66, w),
        neck=(0, 0.8),
    )


def _bats(look: Look) -> tuple[Part, ...]:
    """One or two bats in the air."""
    spots = [(-0.74, -0.66, 0.2), (0.76, -0.56, 0.16)]
    parts = []
    for x, y, r in spots if look.chance(0.6) else spots[:1]:
        half = [(0, -0.12), (0.12, -0.3), (0.2, -0.1), (0.6, -0.36), (1.0, 0.0), (0.76, -0.02), (0.6, 0.16), (0.4,
            0.04),
            (0.2, 0.2), (0, 0.4)]  # fmt: skip
        wings = np.array(half + [(-a, b) for a, b in reversed(half[1:-1])]) * r + (x, y)
        parts.append(Part(wings, _BLACK + 0.08, "felt", puff=0.4))
    return tuple(parts)
