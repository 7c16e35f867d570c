"""Things to wear: sock, dress, jacket, cap."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, leaf, mirrored, rounded, scalloped, star, stroke

_BRASS = ("#d9a93f", "#c9953a", "#d0d2d6")


@archetype(
    "clothes",
    mains=("#e4705a", "#5f9fd0", "#6ab08a", "#9a7fc9", "#f0b84a", "#e890ad", "#f0e9dc", "#4f9aa0"),
    seconds=("#f6f1e6", "#c9393f", "#2f4f7a", "#f0c24f", "#3f8a7a"),
    material="knit",
)
def sock(look: Look) -> Figure:
    """A knitted sock on the line: ribbed cuff, heel and toe of another colour, stripes or dots, a peg."""
    w, cx, toe = look.vary(0.48, 0.52), 0.24, look.vary(-0.92, -0.86)
    leg = curve(
        [(cx - w, -0.7), (cx, -0.73), (cx + w, -0.7), (cx + w * 0.98, -0.2), (cx + w * 1.04, 0.3),
         (cx + w * 1.02, 0.66), (cx + w * 0.62, 0.88), (cx - 0.2, 0.92), (toe + 0.3, 0.94), (toe + 0.05, 0.84),
         (toe + 0.02, 0.6),
         (toe + 0.2, 0.44), (cx - w * 1.25, 0.38), (cx - w * 1.03, 0.14), (cx - w * 0.97, -0.3)]
    )  # fmt: skip
    heel = curve([(cx + w * 1.03, 0.4), (cx + w * 1.02, 0.66), (cx + w * 0.62, 0.88), (cx + w * 0.2, 0.9),
        (cx + w * 0.34, 0.66), (cx + w * 0.7, 0.46)])  # fmt: skip
    tip = curve([(toe + 0.3, 0.945), (toe + 0.05, 0.84), (toe + 0.015, 0.62), (toe + 0.18, 0.45), (toe + 0.3, 0.5),
        (toe + 0.34, 0.7)])  # fmt: skip
    kind = str(look.rng.choice(["bands", "spots", "plain"]))
    size = {"bands": look.vary(0.09, 0.13), "spots": look.vary(0.16, 0.2)}.get(kind, 0.1)
    pattern = None if kind == "plain" else Pattern(kind, colours.mix(look.main, look.second, 0.75), size, 0.9)
    ribs = Pattern("stripes", colours.shade(look.second, light=-0.1), 0.05, 0.75)
    cuff = rounded(
        [(cx - w * 1.06, -0.86), (cx + w * 1.06, -0.86), (cx + w * 1.03, -0.56), (cx - w * 1.03, -0.56)], 0.08
    )
    darn = tuple(
        Part(stroke([(cx + w * a, 0.56 + k * 0.09), (cx + w * (a + 0.2), 0.6 + k * 0.09)], 0.01), look.second * 0.7,
             "fabric", puff=0.6, lift=0.003)
        for k, a in ((0, 0.66), (1, 0.58), (2, 0.5))
    )  # fmt: skip
    return Figure(
        body=(
            *_line(look),
            Part(leg, look.main, look.material, bevel=0.26, lift=0.06, pattern=pattern),
            Part(heel, look.second, look.material, puff=0.3, lift=0.004),
            Part(tip, look.second, look.material, puff=0.45, lift=0.004),
            *darn,
            Part(cuff, look.second, look.material, puff=0.55, lift=0.03, pattern=ribs),
            *_peg(look, cx),
        ),
        face=FaceSpot(cx - 0.02, -0.17, w * 0.74),
        crown=(cx, -0.84, w),
        neck=(cx, 0.4),
    )


def _line(look: Look) -> tuple[Part, ...]:
    """The clothes line that sags across the picture."""
    cord = stroke([(-1.1, -0.9), (0.24, -0.87), (1.1, -0.93)], 0.016)
    return (Part(cord, np.array([0.9, 0.88, 0.82]), "fabric", puff=0.8, lift=0.02),)


def _peg(look: Look, cx: float) -> tuple[Part, ...]:
    """A clothes peg of wood with its spring."""
    wood = look.one_of("#d9b07a", "#c99a5f", "#e0705a", "#5fa5c9", "#f0c24f")
    x = cx + look.vary(-0.08, 0.08)
    legs = tuple(
        Part(rounded([(x + s * a, y) for a, y in ((0.01, -0.99), (0.075, -0.98), (0.07, -0.68), (0.015, -0.68))],
            0.025),
             wood, "wood", puff=0.7, lift=0.03)
        for s in (-1, 1)
    )  # fmt: skip
    return (*legs, Part(box(x, -0.85, 0.075, 0.022, 0.01), np.array([0.76, 0.78, 0.8]), "metal", puff=0.8, lift=0.01))


@archetype(
    "clothes",
    mains=("#d9708f", "#7a9fd9", "#c9393f", "#f0c86a", "#8a6fc0", "#5fb0a0", "#e88a6a", "#f2d0dc"),
    seconds=("#f6f1e6", "#c9393f", "#3f5a8a", "#f0c24f", "#7a3f6a"),
    material="canvas",
)
def dress(look: Look) -> Figure:
    """A frock: puffed sleeves or straps, a sash with a bow at the waist, a wide skirt with a frilled hem."""
    waist, hem_w = -0.42, look.vary(0.86, 0.92)
    dark, pale = colours.shade(look.main, light=-0.08), colours.shade(look.main, light=0.06)
    kind = str(look.rng.choice(["spots", "checks", "plain", "flowers"]))
    pattern = (
        Pattern(kind, look.second, 0.15 if kind == "spots" else 0.09, 0.55) if kind in ("spots", "checks") else None
    )
    bodice = mirrored([(0, -0.72), (0.14, -0.78), (0.24, -0.9), (0.38, -0.88), (0.36, -0.66), (0.33, -0.5),
        (0.31, waist), (0, waist + 0.04)])  # fmt: skip
    skirt = mirrored([(0, waist - 0.03), (0.32, waist - 0.02), (0.58, -0.08), (0.74, 0.34), (hem_w * 0.97, 0.78),
        (hem_w * 0.6, 0.83), (0, 0.84)])  # fmt: skip
    u = np.linspace(-1, 1, 121)
    wave = 0.9 + 0.03 * abs(np.sin(u * 25)) - 0.05 * u**2
    frill = np.concatenate([np.stack([u * hem_w * 1.04, wave], 1), [(hem_w * 0.9, 0.66), (-hem_w * 0.9, 0.66)]])
    if look.chance(0.6):
        arms = both(
            Part(curve([(0.3, -0.88), (0.5, -0.96), (0.64, -0.8), (0.6, -0.6), (0.42, -0.56), (0.32, -0.66)]), pale,
                 look.material, puff=0.8, pattern=pattern),
            Part(stroke([(0.41, -0.56), (0.53, -0.57), (0.61, -0.62)], 0.035), look.second, look.material, lift=0.015),
        )  # fmt: skip
    else:
        arms = both(Part(stroke([(0.3, -0.8), (0.28, -0.93), (0.2, -0.99)], 0.04), look.second, look.material))
    pleats = both(
        *(
            Part(stroke([(x, y), (x * 1.16, 0.78)], [0.004, 0.014]), dark, look.material, puff=-0.4, lift=0.0)
            for x, y in ((0.6, 0.2), (0.42, 0.62))
        )
    )
    neckline = Part(curve([(-0.23, -0.9), (0, -0.72), (0.23, -0.9), (0, -0.83)]), dark * 0.5, look.material, puff=-0.3)
    lace = both(Part(leaf(0.03, -0.72, 0.22, 0.075, turn=62), look.second, look.material, puff=0.5, lift=0.02))
    return Figure(
        body=(
            Part(frill, look.second if kind != "plain" else pale, look.material, puff=0.5, lift=0.03),
            *arms,
            neckline,
            Part(bodice, look.main, look.material, puff=0.6, lift=0.04, pattern=pattern),
            *lace,
            Part(skirt, look.main, look.material, puff=0.6, lift=0.04, pattern=pattern),
            *pleats,
            *(_flowers(look) if kind == "flowers" else ()),
            *_sash(look, waist),
        ),
        face=FaceSpot(0, 0.13, look.vary(0.39, 0.41), squeeze=0.96),
        crown=(0, -0.8, 0.3),
        neck=(0, waist),
    )


def _sash(look: Look, y: float) -> tuple[Part, ...]:
    """A sash about the waist and its bow, somewhat to the side."""
    x = look.vary(-0.12, 0.12)
    dark = colours.shade(look.second, light=-0.1)
    tails = tuple(
        Part(rounded([(x, y), (x + s * 0.16, y + 0.02), (x + s * 0.34, y + 0.16), (x + s * 0.24, y + 0.2)], 0.02), dark,
             "fabric", puff=0.4, lift=0.02)
        for s in (-1, 1)
    )  # fmt: skip
    loops = tuple(
        Part(leaf(x, y, 0.27, 0.1, turn=turn), look.second, "fabric", puff=0.7, lift=0.025) for turn in (-76, 76)
    )
    band = stroke([(-0.31, y - 0.02), (0, y + 0.02), (0.31, y - 0.02)], 0.055)
    knot = Part(ellipse(x, y, 0.055, 0.06), dark, "fabric", puff=0.9, lift=0.02)
    return (Part(band, look.second, "fabric", puff=0.5, lift=0.015), *tails, *loops, knot)


def _flowers(look: Look) -> tuple[Part, ...]:
    """Printed flowers on the skirt, clear of the face."""
    eye = look.one_of("#f0c24f", "#f6f1e6", "#e08a2f")
    spots = (
        (0.64, 0.44),
        (-0.63, 0.4),
        (0.74, 0.68),
        (-0.74, 0.7),
        (0.4, 0.72),
        (-0.42, 0.71),
        (0.5, 0.2),
        (-0.5, 0.2),
    )
    return tuple(
        part
        for x, y in spots
        for part in (
            Part(scalloped(x, y, 0.075, 0.075, 5, 0.3), look.second, "felt", puff=0.1, lift=0.0),
            Part(ellipse(x, y, 0.024, 0.024), eye, "felt", puff=0.1, lift=0.0),
        )
    )


@archetype(
    "clothes",
    mains=("#3f6f9a", "#c9553f", "#4f7f5a", "#e0a63a", "#5a5f6a", "#7a5a9a", "#8a4a3a", "#3f8f8a"),
    seconds=("#e9dcb8", "#3a3f47", "#f0c24f", "#c9ccd2"),
    material="canvas",
)
def jacket(look: Look) -> Figure:
    """A zipped jacket with arms that hang at its sides: quilted with a furred hood, or ribbed like a bomber's."""
    quilted = look.chance(0.5)
    w, top = look.vary(0.56, 0.6), -0.62
    dark, metal = colours.shade(look.main, light=-0.09), look.one_of(*_BRASS)
    trunk = mirrored([(0, top), (0.26, top), (w * 0.86, top + 0.1), (w * 1.02, top + 0.34), (w, 0.2), (w * 1.03, 0.82),
        (0, 0.84)])  # fmt: skip
    arm = curve([(w * 0.7, top + 0.06), (w + 0.16, top + 0.22), (w + 0.32, 0.16), (w + 0.34, 0.62), (w + 0.14, 0.68),
        (w + 0.04, 0.4), (w * 0.86, -0.1)])  # fmt: skip
    sleeve = look.main if quilted else look.second
    rib = Pattern("stripes", dark * 0.75 if quilted else colours.shade(look.second, light=-0.16), 0.035, 0.6)
    cuffs = both(Part(box(w + 0.235, 0.68, 0.125, 0.07, 0.04), dark if quilted else look.second, "knit", puff=0.7,
        lift=0.02, pattern=rib))  # fmt: skip
    hem = rounded([(-w * 1.04, 0.76), (w * 1.04, 0.76), (w * 0.98, 0.92), (-w * 0.98, 0.92)], 0.05)
    quilts = both(
        *(Part(stroke([(w * 0.99, y), (w * 0.82, y + 0.02)], [0.014, 0.004]), dark, look.material, puff=-0.6, lift=0.0)
          for y in (-0.2, 0.06, 0.32)),
        *(Part(stroke([(w + 0.09 + k, y), (w + 0.3 + k, y - 0.06)], 0.012), dark, look.material, puff=-0.6, lift=0.0)
          for y, k in ((-0.18, -0.06), (0.08, 0), (0.34, 0.02))),
    ) if quilted else ()  # fmt: skip
    tape = dark * 0.6 if colours.luminance(look.main) > 0.4 else colours.shade(look.main, light=0.14)
    zipper = (
        Part(box(0, 0.67, 0.035, 0.2, 0.01), tape, "fabric", puff=0.1, lift=0.006),
        Part(box(0, 0.67, 0.014, 0.2, 0.008), metal, "metal", puff=0.8, lift=0.004),
        Part(rounded([(-0.028, 0.5), (0.028, 0.5), (0.036, 0.62), (-0.036, 0.62)], 0.015), metal, "metal", lift=0.02),
    )
    pockets = both(Part(stroke([(w * 0.58, 0.5), (w * 0.84, 0.68)], 0.024), tape, "fabric", puff=0.5, lift=0.01))
    return Figure(
        body=(
            *(_hood(look, top) if quilted else ()),
            *both(Part(arm, sleeve, look.material, puff=0.7)),
            *cuffs,
            Part(trunk, look.main, look.material, puff=0.6, lift=0.06),
            *quilts,
            *pockets,
            *(() if quilted else _letter(look, w)),
        ),
        face=FaceSpot(0, -0.15, w * 0.64),
        front=(*zipper, Part(hem, dark if quilted else look.second, "knit", puff=0.6, lift=0.02, pattern=rib),
            *_stand(look, top, dark if quilted else look.second, rib, metal)),
        crown=(0, top - 0.08, 0.36),
        neck=(0, 0.54),
    )  # fmt: skip


def _hood(look: Look, top: float) -> tuple[Part, ...]:
    """A hood that stands up behind the collar, edged with fur."""
    fur = look.one_of("#e9dcc4", "#c4a37a", "#f2efe8", "#8a6a4a")
    rim = scalloped(0, top - 0.06, 0.5, 0.34, 26, 0.1)
    inner = ellipse(0, top - 0.02, 0.36, 0.22)
    return (Part(rim, fur, "fur", puff=0.7), Part(inner, look.main * 0.55, "fabric", puff=-0.3, lift=0.0))


def _stand(look: Look, top: float, colour: np.ndarray, rib: Pattern, metal: np.ndarray) -> tuple[Part, ...]:
    """The standing collar, open at the zip's upper end."""
    inside = Part(ellipse(0, top - 0.06, 0.25, 0.08), look.main * 0.4, "fabric", puff=-0.3, lift=0.0)
    wing = Part(rounded([(0.02, top + 0.09), (0.28, top + 0.04), (0.31, top - 0.12), (0.2, top - 0.14),
        (0.04, top)], 0.04),
        colour, "knit", puff=0.7, lift=0.02, pattern=rib)  # fmt: skip
    snap = Part(ellipse(0, top + 0.1, 0.026, 0.026), metal, "metal", puff=1.0, lift=0.01)
    return inside, wing, wing.mirrored(), snap


def _letter(look: Look, w: float) -> tuple[Part, ...]:
    """A sewn-on star or bar on the chest of a bomber jacket."""
    side = 1 if look.chance(0.5) else -1
    x, y = side * w * 0.8, 0.3
    if look.chance(0.6):
        return (
            Part(star(x, y, 0.085, 0.04, 5, turn=look.vary(-12, 12), soft=1), look.second, "felt", puff=0.3, lift=0.01),
        )
    return tuple(
        Part(box(x, y + k, 0.07, 0.018, 0.01), look.second, "felt", puff=0.3, lift=0.01) for k in (-0.06, 0, 0.06)
    )


@archetype(
    "clothes",
    mains=("#c9393f", "#3f6fa8", "#4f8a5a", "#e0a03f", "#3a3f4a", "#7a5ab0", "#e0708f", "#4f9aa0"),
    seconds=("#f4f1e8", "#2f3a4a", "#f0c24f", "#c9393f"),
    material="canvas",
)
def cap(look: Look) -> Figure:
    """A baseball cap from the front: a panelled dome with button and eyelets, a long curved peak, stitched."""
    w, base = look.vary(0.74, 0.8), 0.36
    dark = colours.shade(look.main, light=-0.08)
    peak_colour = look.second if look.chance(0.75) else dark
    sway = look.vary(0.04, 0.12) * (1 if look.chance(0.5) else -1)
    dome = mirrored([(0, -0.76), (w * 0.4, -0.71), (w * 0.8, -0.42), (w, 0.06), (w * 1.02, base + 0.04),
        (w * 0.7, base + 0.2), (0, base + 0.26)])  # fmt: skip
    upper = [
        (-w * 0.99, base - 0.02),
        (-w * 0.5, base + 0.16),
        (0, base + 0.21),
        (w * 0.5, base + 0.16),
        (w * 0.99, base - 0.02),
    ]
    lower = [(1.04, 0.07), (0.94, 0.26), (0.5, 0.48), (0, 0.56), (-0.5, 0.48), (-0.94, 0.26), (-1.04, 0.07)]
    peak = curve([*upper, *((w * x + sway, base + y) for x, y in lower)])
    seams = both(
        Part(stroke([(0.02, -0.75), (w * 0.6, -0.42), (w * 0.8, 0.0), (w * 0.84, base)], [0.005, 0.01, 0.012, 0.008]),
             dark, look.material, puff=-0.5, lift=0.0)
    )  # fmt: skip
    holes = both(
        Part(ellipse(w * 0.3, -0.52, 0.034, 0.034), look.second, "fabric", puff=0.7, lift=0.005),
        Part(ellipse(w * 0.3, -0.52, 0.016, 0.016), dark * 0.5, "fabric", puff=-0.3, lift=0.0),
    )
    rows = tuple(
        Part(
            stroke([(-w * (1 - k) + sway * 0.7, base + 0.17 + 0.3 * k), (sway * 0.8, base + 0.32 + 0.55 * k),
                (w * (1 - k) + sway * 0.7, base + 0.17 + 0.3 * k)], 0.006),
            peak_colour * 0.82, "fabric", puff=-0.4, lift=0.0)
        for k in (0.04, 0.14, 0.24)
    )  # fmt: skip
    sides = None
    if look.chance(0.5):
        sides = Pattern("fade_up", colours.mix(look.main, look.second, 0.7), -0.5, 0.8)
    return Figure(
        body=(
            Part(ellipse(0, -0.76, 0.1, 0.055), peak_colour, "felt", puff=0.9, lift=0.02),
            Part(dome, look.main, look.material, puff=0.8, lift=0.05, pattern=sides),
            *seams,
            *holes,
        ),
        face=FaceSpot(0, -0.18, look.vary(0.37, 0.39), squeeze=0.97),
        front=(
            Part(peak + (0.0, 0.035), peak_colour * 0.6, "fabric", puff=0.2, lift=0.06),
            Part(peak, peak_colour, look.material, puff=0.3, lift=0.03),
            *rows,
        ),
        crown=(0, -0.74, w * 0.8),
        neck=(0, base + 0.2),
    )
