"""Things on a desk: stapler, calculator, telephone, globe."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, mirrored, place, rounded, stroke

_STEEL = np.array([0.74, 0.76, 0.79])
_WHITE = np.array([0.95, 0.94, 0.9])
_INK = np.array([0.17, 0.18, 0.2])
_BRASS = ("#d9a93f", "#c9953a", "#b8895a", "#d0d2d6")


@archetype(
    "office",
    mains=("#d8433b", "#3f7fb0", "#4f9a6a", "#e0a63a", "#8a5fa8", "#e0708f", "#4fa0a8"),
    seconds=("#2f3640", "#4a4a52", "#3a4a5c"),
    material="plastic",
)
def stapler(look: Look) -> Figure:
    """A stout stapler in profile, its arm a little open: hinge, magazine, anvil, and a staple or two."""
    back = look.vary(-0.92, -0.88)
    gap = look.vary(0.02, 0.1)
    arm = curve(
        [(back, 0.14), (back + 0.03, -0.4), (-0.56, -0.68), (0.06, -0.72), (0.6, -0.58 - gap), (0.92, -0.22 - gap),
         (0.96, 0.02 - gap), (0.86, 0.13 - gap), (0.2, 0.3), (-0.5, 0.37), (back + 0.1, 0.34)]
    )  # fmt: skip
    nose = rounded([(0.7, 0.06 - gap), (0.95, 0.0 - gap), (0.95, 0.36 - gap), (0.74, 0.42 - gap)], 0.05)
    magazine = rounded([(back + 0.1, 0.28), (0.86, 0.14 - gap), (0.86, 0.36 - gap), (back + 0.1, 0.5)], 0.05)
    base = rounded([(back, 0.56), (0.9, 0.62), (0.96, 0.72), (0.94, 0.84), (back, 0.84)], 0.09)
    post = rounded([(back + 0.04, 0.2), (back + 0.36, 0.26), (back + 0.42, 0.66), (back + 0.02, 0.66)], 0.06)
    pad = rounded([(back + 0.02, 0.8), (0.92, 0.8), (0.9, 0.9), (back + 0.04, 0.9)], 0.04)
    shine = stroke([(-0.66, -0.54), (-0.34, -0.62), (0.04, -0.63)], [0.012, 0.026, 0.01])
    return Figure(
        body=(
            Part(pad, look.second * 0.7, "plastic", puff=0.4),
            Part(base, look.second, "plastic", bevel=0.07, lift=0.03),
            Part(rounded([(0.52, 0.58), (0.86, 0.6), (0.86, 0.67), (0.52, 0.66)], 0.03), _STEEL, "metal", puff=0.7),
            Part(post, _STEEL * 0.8, "metal", puff=0.5),
            Part(magazine, _STEEL, "metal", puff=0.5, lift=0.03),
            Part(nose, _STEEL * 0.92, "metal", puff=0.6, lift=0.02),
            Part(arm, look.main, look.material, puff=0.5, lift=0.06),
            Part(shine, colours.mix(look.main, np.ones(3), 0.6), "porcelain", puff=0.3, lift=0.0),
            Part(ellipse(back + 0.2, 0.16, 0.1, 0.1), _STEEL, "metal", puff=0.9, lift=0.02),
            Part(box(back + 0.2, 0.16, 0.06, 0.014, 0.01, turn=look.vary(-60, 60)), _INK, "metal", puff=0.0, lift=0.0),
            *_staples(look),
        ),
        face=FaceSpot(-0.13, -0.26, look.vary(0.36, 0.38), squeeze=0.97),
        crown=(-0.1, -0.68, 0.5),
        neck=(0.0, 0.44),
    )


def _staples(look: Look) -> tuple[Part, ...]:
    """Two staples that fell before the base."""
    staple = stroke(
        [(-0.09, 0.06), (-0.095, -0.01), (-0.08, -0.02), (0.08, -0.02), (0.095, -0.01), (0.09, 0.06)], 0.014
    )
    bent = place(staple, look.vary(-0.6, -0.1), 0.88, turn=look.vary(-30, 30))
    other = place(staple, look.vary(0.2, 0.7), 0.9, turn=look.vary(-170, 170))
    return (
        Part(bent, _STEEL, "metal", puff=0.9, lift=0.02),
        Part(other, _STEEL, "metal", puff=0.9, lift=0.02),
    )


@archetype(
    "office",
    mains=("#5f7f9a", "#d9c9a8", "#4f8f86", "#c9705a", "#8a86b5", "#9aa5ad", "#d98fa5", "#6f9a5f"),
    seconds=("#f2efe6", "#e9e2d0", "#3a3f4a"),
    material="plastic",
)
def calculator(look: Look) -> Figure:
    """A pocket calculator: a grey-green display with digits above the face, rows of keys below it."""
    w, top, low = look.vary(0.57, 0.63), -0.93, 0.93
    dark = colours.shade(look.main, light=-0.14)
    lcd = look.one_of("#b9c7a4", "#a9c0a8", "#c4cbb0")
    screen = box(0, -0.72, w * 0.83, 0.135, 0.03)
    bezel = box(0, -0.72, w * 0.9, 0.175, 0.05)
    keys = []
    accents = look.one_of("#e08a2f", "#d8433b", "#3f8fa8")
    for row, y in enumerate((0.44, 0.6, 0.76)):
        for column in range(5):
            x = w * (-0.72 + 0.36 * column)
            colour = accents if column == 4 or (row == 0 and column == 0) else look.second
            keys.append(Part(box(x, y, w * 0.145, 0.06, 0.03), colour, "plastic", puff=0.7, lift=0.02))
    return Figure(
        body=(
            Part(box(0.0, 0.03, w + 0.02, (low - top) / 2, 0.13), dark, look.material, bevel=0.08),
            Part(box(0, 0, w, (low - top) / 2, 0.12), look.main, look.material, bevel=0.1, lift=0.03),
            Part(bezel, _INK, "plastic", puff=0.1, lift=0.0),
            Part(screen, lcd, "glass", puff=-0.15, lift=0.0),
            *_digits(look, w),
            *keys,
        ),
        face=FaceSpot(0, -0.28, w * 0.61, squeeze=0.95),
        crown=(0, top, w * 0.9),
        neck=(0, 0.38),
    )


_SEGMENTS = {
    "1": "cf",
    "2": "acdeg",
    "3": "acdfg",
    "4": "bcdf",
    "5": "abdfg",
    "7": "acf",
    "8": "abcdefg",
    "0": "abcefg",
}


def _digits(look: Look, w: float) -> tuple[Part, ...]:
    """A number in seven segments, flush right."""
    number = [str(look.rng.choice(list(_SEGMENTS))) for _ in range(int(look.rng.integers(3, 6)))]
    bars = {"a": (0, -1, 0), "d": (0, 0, 0), "g": (0, 1, 0), "b": (-1, -0.5, 1), "c": (1, -0.5, 1), "e": (-1, 0.5, 1),
        "f": (1, 0.5, 1)}  # fmt: skip
    parts = []
    for k, digit in enumerate(reversed(number)):
        x = w * 0.7 - 0.15 * k
        for segment in _SEGMENTS[digit]:
            dx, dy, upright = bars[segment]
            half = (0.011, 0.034) if upright else (0.036, 0.011)
            parts.append(Part(box(x + dx * 0.042, -0.72 + dy * 0.08, *half, 0.01), _INK, "paper", puff=0, lift=0))
    return tuple(parts)


@archetype(
    "office",
    mains=("#c9393f", "#2f8f86", "#e0b24a", "#e9e2d0", "#4a6fa5", "#e08fa5", "#4a4a52", "#7a9a5a"),
    seconds=("#f2efe6", "#e9dcb8", "#d9a93f"),
    material="porcelain",
)
def telephone(look: Look) -> Figure:
    """A dial telephone: the receiver on its cradle, a curled cord, the face on the dial among the finger holes."""
    w, r, cy = look.vary(0.74, 0.8), look.vary(0.53, 0.56), 0.2
    dark = colours.shade(look.main, light=-0.08)
    body = mirrored([(0, -0.42), (0.42, -0.42), (0.54, -0.2), (w, 0.5), (w + 0.06, 0.84), (w * 0.7, 0.92), (0, 0.93)])
    receiver = mirrored([(0, -0.88), (0.5, -0.86), (0.84, -0.74), (0.93, -0.5), (0.88, -0.36), (0.6, -0.36),
        (0.52, -0.54), (0.3, -0.63), (0, -0.64)])  # fmt: skip
    prongs = both(Part(box(0.3, -0.5, 0.075, 0.15, 0.05), _STEEL, "metal", puff=0.9))
    turn = look.vary(-20, 20)
    angles = np.radians(turn + np.array([-150, -122, -94, -66, -38, -10, 18, 46, 190, 162]))
    holes = tuple(
        Part(ellipse(r * 0.84 * np.cos(a), cy + r * 0.84 * np.sin(a), 0.058, 0.058), dark * 0.6, "plastic", puff=-0.5,
             lift=0.0)
        for a in angles
    )  # fmt: skip
    stop = place(np.array(stroke([(0.0, 0.0), (0.0, 0.13)], [0.03, 0.02])), r * 0.66, cy + r * 0.7, turn=45)
    feet = both(Part(ellipse(w * 0.75, 0.92, 0.13, 0.045), _INK, "plastic"))
    bob = look.vary(-0.04, 0.04)
    cord = [(-0.84 + 0.05 * (-1) ** k, -0.3 + 0.09 * k + bob) for k in range(12)]
    return Figure(
        body=(
            Part(stroke(cord, 0.026), dark, "plastic", puff=0.9),
            *feet,
            *prongs,
            Part(body, look.main, look.material, puff=0.5, lift=0.06),
            Part(receiver, look.main, look.material, puff=0.75, lift=0.08),
            *both(Part(box(0.74, -0.37, 0.19, 0.05, 0.05), dark, look.material, puff=0.8, lift=0.02)),
            Part(ellipse(0, cy, r, r), _STEEL, "metal", puff=0.2, lift=0.03),
            Part(ellipse(0, cy, r * 0.96, r * 0.96), look.second, "porcelain", puff=0.14, lift=0.01),
            *holes,
            Part(stop, _STEEL, "metal", puff=0.9, lift=0.02),
        ),
        face=FaceSpot(0, cy - 0.12, r * 0.6, squeeze=0.95),
        crown=(0, -0.84, 0.6),
        neck=(0, 0.8),
    )


@archetype(
    "office",
    mains=("#5fa5d0", "#4f93b8", "#7ab8c9", "#d9c9a5", "#6a9fd9"),
    seconds=("#7ab05a", "#5f9a5f", "#c9a24f", "#a8b56a"),
    material="porcelain",
)
def globe(look: Look) -> Figure:
    """A school globe: seas and lands, a brass meridian that carries it, a turned foot."""
    r, cy = look.vary(0.6, 0.64), -0.18
    metal, wood = look.one_of(*_BRASS), look.one_of("#8a5a35", "#6b4226", "#a5703f", "#3a3030")
    lean = look.vary(14, 24)
    a = np.radians(np.linspace(-92, 95, 13) + lean)
    arc = [(float((r + 0.1) * np.cos(t)), float(cy + (r + 0.1) * np.sin(t))) for t in a]
    pole = (float(np.sin(np.radians(lean))), float(-np.cos(np.radians(lean))))
    pins = tuple(
        Part(ellipse(s * pole[0] * (r + 0.1), cy + s * pole[1] * (r + 0.1), 0.055, 0.055), metal, "metal", puff=1.0,
             lift=0.02)
        for s in (1, -1)
    )  # fmt: skip
    foot = mirrored([(0, 0.78), (0.2, 0.79), (0.42, 0.86), (0.5, 0.94), (0, 0.96)])
    stem = mirrored([(0, 0.5), (0.09, 0.52), (0.06, 0.64), (0.12, 0.72), (0.16, 0.82), (0, 0.84)])
    return Figure(
        body=(
            Part(stem, metal, "metal", puff=0.9),
            Part(foot, wood, "wood", puff=0.7, lift=0.03),
            Part(ellipse(0, cy, r, r), look.main, look.material, puff=0.95, lift=0.05),
            *_lands(look, r, cy),
            Part(stroke(arc, 0.045), metal, "metal", puff=0.8, lift=0.04),
            *pins,
        ),
        face=FaceSpot(0, cy - 0.14, r * 0.62),
        crown=(0, cy - r, r * 0.7),
        neck=(0, 0.54),
    )


_CONTINENTS = ((-142, 36, 0.4), (-50, 28, 0.38), (176, 26, 0.22), (10, 26, 0.24), (62, 28, 0.28), (124, 24, 0.26))
"""Where a continent lies on the rim (degrees clockwise from the right), half its length, how far it reaches inwards."""


def _lands(look: Look, r: float, cy: float) -> tuple[Part, ...]:
    """Continents around the face, cut off by the sphere's edge, and ice on the pole."""
    a = np.linspace(0, 2 * np.pi, 160, endpoint=False)
    rim = np.stack([np.cos(a), np.sin(a)], 1) * r
    parts = []
    for at, spread, reach in _CONTINENTS:
        mid = np.radians(at + look.vary(-10, 10))
        bay = np.clip(1 - (np.angle(np.exp(1j * (a - mid))) / np.radians(spread)) ** 2, 0, 1) ** 0.7
        coast = 1 - reach * look.vary(0.85, 1.15) * bay * (1 + 0.16 * np.sin(a * 9 + at) + 0.1 * np.sin(a * 17))
        on = bay > 0
        order = np.argsort(np.angle(np.exp(1j * (a[on] - mid))))
        outer, inner = rim[on][order] * 0.985, (rim * coast[:, None])[on][order]
        outline = np.concatenate([outer, inner[::-1]]) + (0, cy)
        parts.append(Part(outline, look.second, "felt", puff=0.15, lift=0.006))
    return tuple(parts)
