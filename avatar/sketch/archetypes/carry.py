"""Things to carry things in: briefcase, duffel bag, sack."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, mirrored, place, rounded, star, stroke, wobble

_BRASS = ("#d9a93f", "#c9953a", "#d0d2d6", "#b8895a")
_PAPER = np.array([0.95, 0.94, 0.89])


@archetype(
    "bags",
    mains=("#8a5230", "#6b4226", "#a5703f", "#4a3a34", "#7a3f3a", "#3f4f5f", "#b5834f", "#5f6a4a"),
    seconds=("#d9a93f", "#c9ccd2", "#c9953a"),
    material="calf",
)
def briefcase(look: Look) -> Figure:
    """A satchel of a briefcase: bellows at the sides, a flap on two locked straps, papers that look out."""
    w, top, low = look.vary(0.74, 0.8), -0.42, 0.86
    dark, metal = colours.shade(look.main, light=-0.09), look.second
    bellows = rounded([(-w - 0.1, top + 0.14), (w + 0.1, top + 0.14), (w + 0.16, low), (-w - 0.16, low)], 0.08)
    front = rounded([(-w, top), (w, top), (w + 0.06, low), (-w - 0.06, low)], 0.14)
    flap = mirrored([(0, top - 0.06), (w * 0.9, top - 0.06), (w + 0.04, top + 0.04), (w * 0.98, top + 0.24),
        (w * 0.6, top + 0.3), (0, top + 0.29)])  # fmt: skip
    handle = stroke([(-0.27, top), (-0.25, top - 0.22), (-0.1, top - 0.29), (0.1, top - 0.29), (0.25, top - 0.22),
        (0.27, top)], 0.052)  # fmt: skip
    x = w * 0.76
    locks = both(
        Part(box(x, top + 0.24, 0.07, 0.3, 0.04), dark, look.material, puff=0.4, lift=0.02),
        Part(box(x, top + 0.44, 0.105, 0.09, 0.03), metal, "metal", puff=0.5, lift=0.02),
        Part(box(x, top + 0.45, 0.02, 0.035, 0.015), metal * 0.35, "metal", puff=0.0, lift=0.0),
    )
    seam = [(k * w * 0.9, low - 0.08) for k in np.linspace(-1, 1, 29)]
    stitches = tuple(
        Part(stroke([(a, b), (a + 0.03, b)], 0.008), colours.mix(look.main, np.ones(3), 0.5), "fabric", lift=0.004)
        for a, b in seam
    )
    corners = both(
        Part(rounded([(w + 0.05, low - 0.24), (w + 0.06, low), (w - 0.2, low)], 0.06), dark, look.material, puff=0.5,
             lift=0.015)
    )  # fmt: skip
    return Figure(
        body=(
            *_papers(look, top),
            Part(handle, dark, look.material, lift=0.03),
            Part(bellows, dark, look.material, puff=0.4, pattern=Pattern("stripes", dark * 0.7, 0.035, 0.6)),
            Part(front, look.main, look.material, bevel=0.16, lift=0.06),
            *corners,
            *stitches,
        ),
        face=FaceSpot(0, 0.16, look.vary(0.37, 0.39), squeeze=0.95),
        front=(
            Part(flap, colours.shade(look.main, light=0.03), look.material, puff=0.4, lift=0.035),
            *both(Part(ellipse(0.27, top - 0.02, 0.07, 0.06), metal, "metal", puff=0.9, lift=0.02)),
            *locks,
        ),
        crown=(0, top - 0.05, 0.55),
        neck=(0, 0.76),
    )


def _papers(look: Look, top: float) -> tuple[Part, ...]:
    """A newspaper or documents stick out at one side, a rolled plan at the other."""
    side = 1 if look.chance(0.5) else -1
    hue = look.one_of("#e08a5a", "#5fa5c9", "#7ab07a", "#e9c46a")
    roll = place(box(0, 0, 0.075, 0.3, 0.05), -side * 0.56, top - 0.18, turn=-side * look.vary(8, 20))
    return (
        Part(place(box(0, 0, 0.2, 0.3, 0.02), side * 0.5, top - 0.1, turn=side * 8), hue, "paper", puff=0.1),
        Part(place(box(0, 0, 0.19, 0.3, 0.02), side * 0.55, top - 0.04, turn=side * 12), _PAPER, "paper", puff=0.1,
             pattern=Pattern("bands", _PAPER * 0.7, 0.04, 0.7)),
        Part(roll, colours.mix(_PAPER, np.array([0.75, 0.85, 0.95]), 0.6), "paper", puff=0.9, lift=0.03),
    )  # fmt: skip


@archetype(
    "bags",
    mains=("#3f6f9a", "#c9493f", "#4f7f5a", "#e08a3a", "#5a5f6a", "#7a5a9a", "#4f9a9a", "#a87a4a"),
    seconds=("#e9dcb8", "#3a3f47", "#8a5a35", "#f0c24f"),
    material="canvas",
)
def duffel_bag(look: Look) -> Figure:
    """A roll of a sports bag: round ends, a zip along its back, two handles, a loose shoulder strap."""
    w, h, cy = look.vary(0.82, 0.88), look.vary(0.5, 0.54), 0.26
    trim, dark = look.second, colours.shade(look.main, light=-0.1)
    metal = look.one_of(*_BRASS)
    roll = rounded([(-w, cy - h), (w, cy - h), (w + 0.04, cy), (w, cy + h), (-w, cy + h), (-w - 0.04, cy)], 0.3)
    ends = both(
        Part(curve([(w * 0.86, cy - h * 0.98), (w + 0.02, cy - h * 0.8), (w + 0.09, cy), (w + 0.02, cy + h * 0.8),
            (w * 0.86, cy + h * 0.98), (w * 0.93, cy)]), dark, look.material, puff=0.5, lift=0.015)
    )  # fmt: skip
    x = w * 0.62

    def handle(dy: float, reach: float) -> np.ndarray:
        return stroke([(-x, cy - h + 0.04), (-x * 0.9, cy - h - 0.2 + dy), (-0.2, -reach), (0.2, -reach),
            (x * 0.9, cy - h - 0.2 + dy), (x, cy - h + 0.04)], 0.05)  # fmt: skip

    belts = both(Part(box(x, cy, 0.062, h + 0.01, 0.02), trim, "fabric", puff=0.35, lift=0.02))
    grip = Part(box(0, -0.69, 0.2, 0.072, 0.04), dark, "leather", puff=0.8, lift=0.03)
    strap = stroke([(-w * 0.98, cy - h * 0.5), (-w - 0.11, cy + 0.1), (-w * 0.9, cy + h + 0.09), (-0.2, cy + h + 0.13),
        (0.5, cy + h + 0.08)], 0.045)  # fmt: skip
    teeth = stroke([(-w * 0.85, cy - h + 0.045), (0, cy - h + 0.035), (w * 0.85, cy - h + 0.045)], 0.022)
    zip_line = Part(teeth, metal * 0.75, "metal", puff=0.6, lift=0.006)
    pull = Part(
        stroke([(w * 0.36, cy - h + 0.04), (w * 0.38, cy - h + 0.15)], [0.018, 0.034]), metal, "metal", lift=0.02
    )
    return Figure(
        body=(
            Part(handle(-0.1, 0.76), colours.shade(trim, light=-0.12), "fabric", puff=0.6),
            Part(strap, trim, "fabric", puff=0.5),
            Part(roll, look.main, look.material, puff=0.75, lift=0.06),
            *ends,
            *belts,
            *_side_tags(look, w, cy, h, metal),
        ),
        face=FaceSpot(0, cy - 0.16, h * 0.69),
        front=(zip_line, pull, Part(handle(0, 0.68), trim, "fabric", puff=0.6, lift=0.03), grip),
        crown=(0, cy - h, 0.5),
        neck=(0, cy + h * 0.86),
    )


def _side_tags(look: Look, w: float, cy: float, h: float, metal: np.ndarray) -> tuple[Part, ...]:
    """Rings for the shoulder strap, and a badge or a number beside a belt."""
    rings = both(
        Part(ellipse(w * 0.98, cy - h * 0.5, 0.065, 0.075), metal, "metal", puff=0.9, lift=0.02,
             holes=(ellipse(w * 0.98, cy - h * 0.5, 0.036, 0.046),))
    )  # fmt: skip
    hue = look.one_of("#f2efe6", "#f0c23a", "#e4573d", "#5fb0a8")
    side = 1 if look.chance(0.5) else -1
    badge = star(side * w * 0.84, cy + 0.1, 0.1, 0.05, 5, turn=look.vary(-15, 15), soft=1)
    return (*rings, Part(badge, hue, "felt", puff=0.4, lift=0.01))


@archetype(
    "bags",
    mains=("#c9a673", "#b8925f", "#d9bd8a", "#a8875a", "#c4b08a", "#b59a7a"),
    seconds=("#c9503f", "#4f7fa8", "#6f9a5a", "#e0b04a", "#8a5fa0"),
    material="fabric",
)
def sack(look: Look) -> Figure:
    """A sack of coarse cloth: a frilled mouth tied with rope, sagging corners, patches sewn on."""
    w = look.vary(0.7, 0.76)
    rope = look.one_of("#8a6a3f", "#a5854f", "#6b4a2f", "#c9503f")
    dark = colours.shade(look.main, light=-0.1)
    body = mirrored([(0, -0.5), (0.2, -0.48), (w * 0.72, -0.3), (w, 0.16), (w * 1.08, 0.6), (w * 0.98, 0.88),
        (w * 0.6, 0.9), (0, 0.92)])  # fmt: skip
    body = wobble(body, look.rng, 0.012)
    frill = mirrored([(0, -0.78), (0.12, -0.88), (0.24, -0.8), (0.38, -0.9), (0.46, -0.78), (0.3, -0.6), (0.2, -0.48),
        (0, -0.46)])  # fmt: skip
    mouth = mirrored([(0, -0.84), (0.2, -0.9), (0.4, -0.88), (0.34, -0.76), (0, -0.7)])
    pleats = tuple(
        Part(stroke([(x, y0), (x * k, y1)], [0.006, 0.018, 0.006][:2]), dark, look.material, puff=-0.5, lift=0.0)
        for x, y0, k, y1 in ((-0.14, -0.52, 2.2, -0.34), (0.14, -0.52, 2.2, -0.34), (0.06, -0.52, 2.0, -0.38),
            (-0.07, -0.52, 2.0, -0.38), (-0.12, -0.58, 2.2, -0.74), (0.0, -0.58, 1.0, -0.7), (0.13, -0.58, 2.1, -0.75))
    )  # fmt: skip
    side = 1 if look.chance(0.5) else -1
    tie = (
        *(Part(stroke([(-0.24, y), (0, y + 0.035), (0.24, y)], 0.036), rope, "fabric", puff=0.9, lift=0.015)
          for y in (-0.57, -0.51)),
        *(Part(stroke([(side * 0.14, -0.52), *end], 0.028), rope, "fabric", lift=0.03)
          for end in (((side * 0.3, -0.42), (side * 0.34, -0.2)), ((side * 0.42, -0.5), (side * 0.5, -0.3)))),
        Part(ellipse(side * 0.15, -0.53, 0.07, 0.06), rope, "fabric", puff=1.0, lift=0.02),
    )  # fmt: skip
    return Figure(
        body=(
            *(Part(ellipse(s * w * 1.0, 0.84, 0.1, 0.12, turn=s * 40), dark, look.material, puff=0.7) for s in (-1, 1)),
            Part(mouth, dark * 0.55, look.material, puff=-0.2),
            Part(frill, look.main, look.material, puff=0.55),
            Part(body, look.main, look.material, puff=0.8, lift=0.04),
            *pleats,
            *_patch(look, side * w * 0.74, 0.62),
            *_print(look, -side * w * 0.72, 0.64),
        ),
        face=FaceSpot(0, 0.1, look.vary(0.37, 0.39)),
        front=tie,
        crown=(0, -0.8, 0.4),
        neck=(0, 0.74),
    )


def _patch(look: Look, x: float, y: float) -> tuple[Part, ...]:
    """A square of other cloth on coarse stitches."""
    turn = look.vary(-14, 14)
    thread = look.second * 0.45
    stitches = tuple(
        Part(place(box(dx, dy, *half, 0.004), x, y, turn=turn), thread, "fabric", puff=0.5, lift=0.004)
        for k in (-0.08, 0.0, 0.08)
        for dx, dy, half in (
            (k, -0.13, (0.008, 0.03)),
            (k, 0.13, (0.008, 0.03)),
            (-0.13, k, (0.03, 0.008)),
            (0.13, k, (0.03, 0.008)),
        )
    )
    weave = Pattern(str(look.rng.choice(["checks", "spots", "stripes"])), np.array([0.97, 0.94, 0.86]), 0.07, 0.6)
    return (
        Part(
            place(box(0, 0, 0.13, 0.13, 0.015), x, y, turn=turn),
            look.second,
            "fabric",
            puff=0.15,
            lift=0.01,
            pattern=weave,
        ),
        *stitches,
    )


def _print(look: Look, x: float, y: float) -> tuple[Part, ...]:
    """A faded stamp: three bars or a star in a ring."""
    ink = colours.mix(look.main, look.second * 0.6, 0.65)
    if look.chance(0.5):
        ring = ellipse(x, y, 0.12, 0.12)
        return (Part(ring, ink, "felt", puff=0.0, lift=0.0, holes=(ellipse(x, y, 0.098, 0.098),)),
            Part(star(x, y, 0.075, 0.034, 5), ink, "felt", puff=0.0, lift=0.0))  # fmt: skip
    return tuple(
        Part(box(x, y + dy, r, 0.018, 0.005), ink, "felt", puff=0.0, lift=0.0)
        for dy, r in ((-0.07, 0.13), (0, 0.1), (0.07, 0.12))
    )
