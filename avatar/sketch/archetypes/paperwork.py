"""Things for paper: printer, envelope, scissors, notebook."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, ellipse, mirrored, petals, place, rounded, star, stroke

_STEEL = np.array([0.76, 0.78, 0.81])
_PAPER = np.array([0.96, 0.95, 0.91])
_INK = np.array([0.18, 0.19, 0.22])


@archetype(
    "office",
    mains=("#d9dcd9", "#8fb0c4", "#e9c9a8", "#9fb59a", "#b5a5c9", "#c9ccd2", "#e0a5a0"),
    seconds=("#4a5560", "#3f6f94", "#7a5a6a", "#4f7a70"),
    material="plastic",
)
def printer(look: Look) -> Figure:
    """A printer: sheets standing in the feeder, buttons and a lamp, a printed page sliding out below the chin."""
    w, top, low = look.vary(0.78, 0.84), -0.42, 0.7
    dark = colours.shade(look.main, light=-0.1)
    body = rounded([(-w * 0.9, top), (w * 0.9, top), (w, top + 0.2), (w, low), (-w, low)], 0.12)
    tray = rounded([(-0.5, -0.9), (0.5, -0.9), (0.56, top + 0.1), (-0.56, top + 0.1)], 0.06)
    sheets = tuple(
        Part(place(box(0, -0.72, 0.43, 0.24, 0.015), x, 0, turn=t), _PAPER * k, "paper", puff=0.05, lift=0.015)
        for x, t, k in ((0.03, look.vary(1, 4), 0.94), (0, look.vary(-2, 1), 1.0))
    )
    lid = rounded(
        [(-w * 0.94, top - 0.05), (w * 0.94, top - 0.05), (w * 0.97, top + 0.07), (-w * 0.97, top + 0.07)], 0.05
    )
    page = rounded([(-0.4, 0.62), (0.4, 0.62), (0.48, 0.95), (-0.48, 0.95)], 0.015)
    lamps = tuple(
        Part(ellipse(w * 0.78, -0.16 + 0.15 * k, 0.055, 0.05), colour, "glass", puff=0.9, lift=0.015)
        for k, colour in enumerate((look.one_of("#5fc97a", "#7ad05a"), look.one_of("#f2b63f", "#e4573d"), look.second))
    )
    panel = Part(box(-w * 0.78, -0.02, 0.085, 0.2, 0.04), look.second, "plastic", puff=0.2, lift=0.01)
    screen = Part(box(-w * 0.78, -0.11, 0.06, 0.075, 0.02), np.array([0.62, 0.85, 0.88]), "glass", puff=0.1, lift=0.0)
    return Figure(
        body=(
            Part(tray, look.second, "plastic", puff=0.2),
            *sheets,
            *both(Part(box(w * 0.7, low, 0.12, 0.05, 0.03), _INK, "plastic")),
            Part(body, look.main, look.material, bevel=0.16, lift=0.06),
            Part(lid, dark, look.material, puff=0.7, lift=0.03),
            panel,
            screen,
            Part(ellipse(-w * 0.78, 0.1, 0.04, 0.036), _PAPER, "plastic", puff=0.9, lift=0.01),
            *lamps,
        ),
        face=FaceSpot(0, -0.06, look.vary(0.37, 0.39), squeeze=0.93),
        front=(
            Part(box(0, 0.62, 0.56, 0.05, 0.045), _INK, "plastic", puff=-0.4, lift=0.0),
            Part(page, _PAPER, "paper", puff=0.08, lift=0.04),
            *_print(look),
        ),
        crown=(0, -0.46, 0.6),
        neck=(0, 0.6),
    )


def _print(look: Look) -> tuple[Part, ...]:
    """What has just been printed: bars of a chart, or lines of text and a picture."""
    hues = ("#e4573d", "#3f8fc9", "#f2b63f", "#5fb07a")
    if look.chance(0.5):
        return tuple(
            Part(rounded([(x, 0.91 - h), (x + 0.09, 0.91 - h), (x + 0.09, 0.91), (x, 0.91)], 0.01),
                 colours.parse(hues[k % 4]), "paper", puff=0.05, lift=0.0)
            for k, x in enumerate(np.linspace(-0.3, 0.2, 5)) for h in (look.vary(0.06, 0.22),)
        )  # fmt: skip
    lines = tuple(
        Part(box(-0.14, y, 0.18 * look.vary(0.8, 1.0), 0.012, 0.01), _INK, "paper", puff=0.0, lift=0.0)
        for y in (0.72, 0.77, 0.82, 0.87)
    )
    return (*lines, Part(box(0.24, 0.8, 0.11, 0.09, 0.01), look.one_of(*hues), "paper", puff=0.05, lift=0.0))


@archetype(
    "office",
    mains=("#ead9b5", "#e9b8a5", "#a9c9d9", "#d9c0a0", "#c4d4a9", "#d9b8d0", "#f0e6d2"),
    seconds=("#c9393f", "#b5304f", "#3f6fa8", "#8a4fa0"),
    material="paper",
)
def envelope(look: Look) -> Figure:
    """An open envelope: the flap up, a letter peeping out, air-mail edges or a stamp, a seal under the chin."""
    w, top, low = look.vary(0.86, 0.92), -0.34, 0.86
    inside = colours.mix(look.second, look.main, 0.45)
    flap = rounded([(-w, top + 0.02), (-0.05, -1.0), (0.05, -1.0), (w, top + 0.02)], 0.08)
    lining = rounded([(-w * 0.88, top + 0.02), (-0.04, -0.92), (0.04, -0.92), (w * 0.88, top + 0.02)], 0.06)
    letter = place(box(0, -0.36, w * 0.5, 0.3, 0.02), look.vary(-0.05, 0.05), 0, turn=look.vary(-2.5, 2.5))
    lines = tuple(
        Part(
            box(0.03 * k - 0.06, -0.57 + 0.08 * k, 0.22 + 0.03 * k, 0.011, 0.01),
            _INK + 0.25,
            "paper",
            puff=0.0,
            lift=0.0,
        )
        for k in range(3)
    )
    pocket = box(0, (top + low) / 2, w, (low - top) / 2, 0.05)
    y = 0.76
    heart = look.chance(0.4)
    folds = both(
        Part(stroke([(w * 0.97, low - 0.03), (0.56, 0.56)], 0.008), look.main * 0.78, "paper", puff=-0.4, lift=0.0)
    )
    if look.chance(0.5):
        edge = tuple(Part(o, p, "paper", puff=0.05, lift=0.0) for o, p in _airmail(w, top, low))
        mark: tuple[Part, ...] = ()
    else:
        edge, mark = (), _stamp(look, w * 0.76, top + 0.2)
    seal = star(0, y, 0.125, 0.112, 11, soft=2)
    crest = _heart(0, y, 0.07) if heart else star(0, y, 0.07, 0.032, 5)
    wax = look.second
    return Figure(
        body=(
            Part(flap, look.main, "paper", puff=0.12),
            Part(lining, inside, "paper", puff=0.05, lift=0.0, pattern=Pattern("diamonds", look.main, 0.12, 0.7)),
            Part(letter, _PAPER, "paper", puff=0.04, lift=0.03),
            *lines,
            Part(pocket, look.main, look.material, bevel=0.06, lift=0.05),
            *folds,
            *edge,
            *mark,
        ),
        face=FaceSpot(0, 0.08, look.vary(0.38, 0.4), squeeze=0.95),
        front=(Part(seal, wax, "waxy", puff=0.6, lift=0.02), Part(crest, wax * 0.75, "waxy", puff=0.6, lift=0.0)),
        crown=(0, -0.7, 0.4),
        neck=(0, 0.62),
    )


def _airmail(w: float, top: float, low: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Slanted bars in red and blue along the edges of air mail."""
    red, blue = colours.parse("#c9393f"), colours.parse("#2f5f9f")
    bars = []
    for k, x in enumerate(np.linspace(-w + 0.1, w - 0.19, 11)):
        for y in (top + 0.012, low - 0.072):
            slant = np.array([(0.04, 0), (0.13, 0), (0.09, 0.06), (0, 0.06)])
            bars.append((slant + (x, y), (red, blue)[k % 2]))
    for k, y in enumerate(np.linspace(top + 0.14, low - 0.2, 6)):
        for x in (-w + 0.012, w - 0.072):
            slant = np.array([(0, 0.04), (0.06, 0), (0.06, 0.08), (0, 0.12)])
            bars.append((slant + (x, y), (red, blue)[k % 2]))
    return bars


def _stamp(look: Look, x: float, y: float) -> tuple[Part, ...]:
    """A postage stamp in the corner and the waves of its postmark."""
    hue = look.one_of("#5fa5c9", "#e08a5a", "#7ab07a", "#c98fb5")
    size = 0.13
    teeth = petals(0, 0, 1, 0.9, 20)
    rim = np.clip(teeth * 1.5, -1, 1) * (size * 0.85, size) + (x, y)
    waves = tuple(
        Part(stroke([(x - 0.52 + 0.1 * k, dy + y + 0.02 * (-1) ** k) for k in range(4)], 0.008), _INK + 0.2, "paper",
             puff=0.0, lift=0.0)
        for dy in (-0.1, -0.05, 0.0)
    )  # fmt: skip
    motif = star(x, y, 0.06, 0.028, 5) if look.chance(0.5) else _heart(x, y, 0.05)
    return (
        Part(rim, _PAPER, "paper", puff=0.05, lift=0.008),
        Part(box(x, y, size * 0.66, size * 0.8, 0.01), hue, "paper", puff=0.05, lift=0.0),
        Part(motif, _PAPER, "paper", puff=0.05, lift=0.0),
        *waves,
    )


def _heart(x: float, y: float, r: float) -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    up = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([x + r * np.sin(t) ** 3, y - r * up / 16], 1)


@archetype(
    "office",
    mains=("#d8433b", "#e08a2f", "#3f8fb0", "#4f9a6a", "#8a5fb5", "#e0708f", "#e0b03f"),
    seconds=("#c9ccd2", "#d0d4da"),
    material="plastic",
)
def scissors(look: Look) -> Figure:
    """Scissors with open blades above a stout plastic joint that bears the face, and two finger loops below."""
    spread, w = look.vary(15, 22), look.vary(0.4, 0.43)
    steel = look.second
    blade = rounded([(-0.2, 0.3), (-0.19, -0.6), (0.02, -1.16), (0.1, -0.7), (0.18, 0.3)], 0.05)
    edge = np.array([(0.05, 0.2), (0.05, -0.66), (0.02, -1.13), (0.1, -0.7), (0.17, 0.2)])
    blades = tuple(
        Part(place(o * (s, 1), s * 0.02, 0.08, turn=s * spread), colour, "metal", puff=0.35, lift=lift)
        for s in (1, -1) for o, colour, lift in ((blade * (1, 0.92), steel, 0.05),
            (edge * (1, 0.92), colours.shade(steel, light=0.09), 0.0))
    )  # fmt: skip
    loops = both(
        Part(ellipse(0.45, 0.64, 0.38, 0.31, turn=-20), look.main, look.material, puff=0.55,
             holes=(ellipse(0.48, 0.65, 0.215, 0.16, turn=-20),), lift=0.04)
    )  # fmt: skip
    joint = mirrored(
        [(0, -0.4), (w * 0.62, -0.36), (w, -0.1), (w * 1.02, 0.2), (w * 0.82, 0.48), (w * 0.4, 0.6), (0, 0.6)]
    )
    screw = (
        Part(ellipse(0, -0.29, 0.06, 0.06), steel, "metal", puff=0.9, lift=0.015),
        Part(box(0, -0.29, 0.04, 0.011, 0.008, turn=look.vary(0, 90)), _INK, "metal", puff=0, lift=0),
    )
    return Figure(
        body=(*blades, *loops, Part(joint, look.main, look.material, puff=0.65, lift=0.05), *screw),
        face=FaceSpot(0, 0.04, w * 0.73),
        crown=(0, -0.4, w * 0.8),
        neck=(0, 0.52),
    )


@archetype(
    "office",
    mains=("#f4efdf", "#f2ecd0", "#eef1ea", "#f0e4ea", "#e6eef2"),
    seconds=("#c9503f", "#3f7fa8", "#4f9a7a", "#d99a3a", "#7a5aa8", "#d9708f"),
    material="paper",
)
def notebook(look: Look) -> Figure:
    """A spiral-bound pad of ruled paper: wire coils along the top, a coloured cover behind, a pencil tucked in."""
    w, top, low = look.vary(0.64, 0.7), -0.68, 0.86
    cy, h = (top + low) / 2, (low - top) / 2
    rule = Pattern("bands", look.one_of("#9fb8d9", "#a9c4d4", "#c4b5d9"), 0.055, 0.55)
    line = box(-w * 0.82, cy + 0.06, 0.007, h - 0.1, 0.005)
    margin = Part(line, look.one_of("#d9606a", "#e07a6a"), "paper", puff=0, lift=0)
    coils = []
    for x in np.linspace(-w * 0.86, w * 0.86, 12):
        coils.append(Part(ellipse(x, top + 0.12, 0.03, 0.026), _INK, "paper", puff=-0.2, lift=0.0))
        coil = stroke([(x, top + 0.12), (x - 0.035, top), (x - 0.01, top - 0.13), (x + 0.035, top - 0.06)], 0.019)
        coils.append(Part(coil, _STEEL, "metal", puff=0.9, lift=0.015))
    fold = 0.2
    page = rounded([(-w, top), (w, top), (w, low - fold), (w - fold, low), (-w, low)], 0.03)
    curl = rounded([(w - fold, low), (w - fold - 0.01, low - fold - 0.03), (w, low - fold)], 0.03)
    under = tuple(
        Part(box(d, cy + d, w, h, 0.03), _PAPER * k, "paper", puff=0.05, lift=0.01)
        for d, k in ((0.03, 0.9), (0.015, 0.95))
    )
    cover = box(0.03, cy + 0.02, w + 0.06, h + 0.06, 0.06)
    return Figure(
        body=(
            *_tucked(look, w),
            Part(cover, look.second, "calf", bevel=0.05),
            *under,
            Part(page, look.main, look.material, bevel=0.03, lift=0.015, pattern=rule),
            margin,
            Part(curl, look.main * 0.88, "paper", puff=0.4, lift=0.03),
            *coils,
        ),
        face=FaceSpot(0.02, -0.02, w * 0.58),
        front=_doodle(look, -w * 0.5, low - 0.13),
        crown=(0, top - 0.1, w * 0.8),
        neck=(0, 0.66),
    )


def _tucked(look: Look, w: float) -> tuple[Part, ...]:
    """A pencil behind the pad, its point and its rubber showing."""
    wood = look.one_of("#f2b63f", "#5fa5c9", "#e4705a", "#7ab07a")
    x = w + 0.13
    body = box(x, 0.05, 0.06, 0.62, 0.02)
    tip = rounded([(x - 0.06, -0.56), (x + 0.06, -0.56), (x, -0.82)], 0.02)
    return (
        Part(tip, np.array([0.87, 0.7, 0.5]), "wood", puff=0.7),
        Part(rounded([(x - 0.022, -0.73), (x + 0.022, -0.73), (x, -0.83)], 0.01), _INK, "waxy", lift=0.0),
        Part(body, wood, "waxy", puff=0.7),
        Part(box(x, 0.66, 0.062, 0.05, 0.015), _STEEL, "metal", puff=0.7, lift=0.01),
        Part(box(x, 0.75, 0.06, 0.06, 0.04), np.array([0.9, 0.55, 0.55]), "clay", puff=0.7, lift=0.01),
    )


def _doodle(look: Look, x: float, y: float) -> tuple[Part, ...]:
    """A heart, star or spiral scribbled in the corner."""
    ink = look.second
    outline = star(x, y, 0.09, 0.045, 5, turn=look.vary(-20, 20), soft=1) if look.chance(0.5) else _heart(x, y, 0.08)
    hollow = (outline - (x, y)) * 0.68 + (x, y)
    return (Part(outline, ink, "paper", puff=0.05, lift=0.0, holes=(hollow,)),)
