"""Things that hold things: barrel, bucket, treasure chest, box, gift."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, rounded, stroke

_IRON = np.array([0.42, 0.43, 0.46])
_BRASS = np.array([0.85, 0.68, 0.3])


@archetype("household", mains=("#a5723f", "#8a5a30", "#b5834f", "#96663a"), seconds=("#4a4c52", "#7a6a4a", "#8f939a"),
    material="wood")  # fmt: skip
def barrel(look: Look) -> Figure:
    """A barrel: bulging staves, iron hoops above and below the face, a bung or a tap."""
    w, end, top, low = look.vary(0.72, 0.77), look.vary(0.54, 0.58), -0.84, 0.9

    def half(y: float) -> float:
        t = (y - top) / (low - top)
        return end + (w - end) * np.sin(np.pi * t) ** 0.9

    ys = np.linspace(top, low, 30)
    right = np.array([(half(y), y) for y in ys])
    body = np.concatenate([right, [(0.3, low + 0.05), (-0.3, low + 0.05)], (right * (-1, 1))[::-1]])
    dark = colours.shade(look.main, light=-0.16)
    seams = tuple(
        Part(stroke([(u * half(y), y) for y in (a, (a + b) / 2, b)], 0.009), dark, "wood", puff=-0.3, lift=0.0)
        for a, b in ((top, -0.5), (0.56, low)) for u in (-0.72, -0.38, 0, 0.38, 0.72)
    ) + tuple(
        Part(stroke([(u * half(y), y) for y in (-0.5, 0.0, 0.56)], 0.008), dark, "wood", puff=-0.3, lift=0.0)
        for u in (-0.74, 0.74)
    )  # fmt: skip
    hoops = tuple(
        Part(stroke([(-half(y) - 0.005, y - 0.02), (0, y + 0.045), (half(y) + 0.005, y - 0.02)], thick), look.second,
            "metal", puff=0.6, lift=0.02)
        for y, thick in ((-0.76, 0.05), (-0.53, 0.045), (0.59, 0.045), (0.82, 0.05))
    )  # fmt: skip
    lid = ellipse(0, top, end, 0.09)
    return Figure(
        body=(
            Part(body, look.main, look.material, puff=0.7), *seams, *hoops,
            Part(lid, colours.shade(look.main, light=-0.06), look.material, puff=-0.2, lift=0.0,
                pattern=Pattern("stripes", dark, 0.13, 0.4)),
        ),
        face=FaceSpot(0, -0.12, w * 0.52, squeeze=0.95),
        crown=(0, top, end * 0.9),
        neck=(0, 0.58),
    )  # fmt: skip


@archetype("household", mains=("#b5bdc6", "#d8563f", "#3f86c9", "#e0b04a", "#5fa86a", "#d98ab5"),
    seconds=("#8a5a35", "#c4c9d0", "#f0e8d8"), material="plastic")  # fmt: skip
def bucket(look: Look) -> Figure:
    """A bucket: a tapering pail with a rolled rim and a hoop, a bail with a wooden grip, and what it holds."""
    w, foot, top, low = look.vary(0.68, 0.73), look.vary(0.46, 0.5), -0.4, 0.9
    side = rounded([(-w, top), (w, top), (foot, low), (-foot, low)], 0.07)
    rise = look.vary(0.42, 0.5)
    a = np.linspace(np.pi, 0, 24)
    bail = stroke([(w * np.cos(t), top + 0.06 - rise * np.sin(t)) for t in a], 0.022)
    fill = look.one_of("#8fc4e0", "#8fc4e0", "#e8cf96") if not called(look, "sand") else colours.parse("#e8cf96")
    tone = colours.within(look.main, 0.34, 0.88)
    at = low - 0.12
    half = foot + (w - foot) * (low - at) / (low - top)
    return Figure(
        body=(
            Part(bail, _IRON * 1.3, "metal", puff=0.9),
            Part(box(0, top + 0.06 - rise, 0.17, 0.05, 0.045), look.second, "wood", puff=0.9, lift=0.02),
            Part(side, tone, look.material, bevel=0.22),
            Part(ellipse(0, top, w + 0.03, 0.12), colours.shade(tone, light=0.07), look.material, puff=0.5,
                lift=0.03),
            Part(ellipse(0, top, w * 0.94, 0.09), tone * 0.5, look.material, puff=-0.3, lift=0.0),
            Part(ellipse(0, top + 0.02, w * 0.88, 0.07), fill, "glass", puff=0.25, lift=0.0),
            *both(Part(ellipse(w * 0.97, top + 0.1, 0.06, 0.075), _IRON * 1.3, "metal", puff=0.8, lift=0.03)),
            Part(stroke([(-half, at), (0, at + 0.05), (half, at)], 0.032), colours.shade(tone, light=-0.08),
                look.material, puff=0.8, lift=0.02),
            *(Part(ellipse(x, 0.99 - 0.02 * abs(x), r, r * 0.4), fill, "glass", puff=0.7)
                for x, r in ((look.vary(0.5, 0.7), 0.09), (-look.vary(0.5, 0.7), 0.06))),
        ),
        face=FaceSpot(0, 0.03, w * 0.545, squeeze=0.94),
        crown=(0, top, w * 0.8),
        neck=(0, 0.7),
    )  # fmt: skip


@archetype("bags", mains=("#8a5433", "#a06a3a", "#7a4a2a", "#96603f"), seconds=("#d9ad45", "#c4a05a", "#b5bac2"),
    material="wood")  # fmt: skip
def treasure_chest(look: Look) -> Figure:
    """A treasure chest, a little open: a domed lid with iron bands, gold and jewels, a lock under the chin."""
    w, gap = look.vary(0.8, 0.84), look.vary(0.1, 0.15)
    trim, dark = look.second, colours.shade(look.main, light=-0.12)
    base = rounded([(-w, -0.2), (w, -0.2), (w * 0.94, 0.9), (-w * 0.94, 0.9)], 0.06)
    y = -0.2 - gap
    lid = rounded([(-w - 0.02, y), (-w, y - 0.3), (-w * 0.75, y - 0.5), (0, y - 0.56), (w * 0.75, y - 0.5), (w,
        y - 0.3), (w + 0.02, y)], 0.14)  # fmt: skip
    strap = both(
        Part(stroke([(w * 0.62, y - 0.5), (w * 0.7, y - 0.3), (w * 0.7, y - 0.02)], 0.06), trim, "metal", puff=0.5,
            lift=0.02),
    )  # fmt: skip
    low = both(Part(box(w * 0.72, 0.36, 0.06, 0.54, 0.02), trim, "metal", puff=0.5, lift=0.02))
    rivets = both(*(Part(ellipse(w * 0.71, v, 0.024, 0.024), trim * 0.7, "metal", lift=0.01)
        for v in (y - 0.28, y - 0.1, 0.0, 0.3, 0.6)))  # fmt: skip
    coins = tuple(
        Part(ellipse(x, -0.2 - look.vary(0.0, gap), 0.085, 0.065), colours.shade(_BRASS, light=look.vary(-0.02, 0.1)),
            "metal", puff=0.5, lift=0.02)
        for x in np.linspace(-w * 0.82, w * 0.82, 13)
    )  # fmt: skip
    jewels = tuple(
        Part(ellipse(x, -0.24 - gap * 0.4, 0.06, 0.055), look.one_of("#d8335a", "#3fae6a", "#3f86d9", "#f4f0ea"),
            "glass", puff=0.9, lift=0.03)
        for x in (look.vary(-0.6, -0.3), look.vary(0.0, 0.2), look.vary(0.4, 0.6))
    )  # fmt: skip
    return Figure(
        body=(
            Part(rounded([(-w, y - 0.1), (w, y - 0.1), (w, 0.0), (-w, 0.0)], 0.03), dark * 0.5, "wood", puff=-0.2),
            Part(lid, look.main, look.material, puff=0.5, lift=0.04, pattern=Pattern("bands", dark, 0.11, 0.35)),
            *strap, Part(box(0, y - 0.02, w + 0.04, 0.045, 0.03), trim, "metal", puff=0.8, lift=0.02),
            *coins, *jewels,
            Part(base, look.main, look.material, bevel=0.08, lift=0.05), *low,
            Part(box(0, -0.19, w + 0.03, 0.04, 0.03), trim, "metal", puff=0.8, lift=0.02),
            Part(box(0, 0.88, w * 0.96, 0.045, 0.03), trim, "metal", puff=0.8, lift=0.02), *rivets,
            Part(box(0, y + 0.02, 0.1, 0.1, 0.03), trim, "metal", puff=0.7, lift=0.04),
            Part(ellipse(0, y + 0.02, 0.028, 0.035), np.array([0.15, 0.12, 0.1]), "clay", puff=0.0, lift=0.0),
        ),
        face=FaceSpot(0, 0.19, look.vary(0.37, 0.39), squeeze=0.94),
        crown=(0, y - 0.53, 0.6),
        neck=(0, 0.86),
    )  # fmt: skip


@archetype("bags", mains=("#c99a66", "#bd8f5c", "#d4a876"), seconds=("#e6d3a8", "#d9c08a", "#b5483f"), material="paper")
def cardboard_box(look: Look) -> Figure:
    """A cardboard box with its flaps open, parcel tape, a label and arrows; sometimes something peeps out."""
    w, top, low = look.vary(0.72, 0.77), -0.42, 0.9
    dark, light = colours.shade(look.main, light=-0.09), colours.shade(look.main, light=0.06)
    ink = look.one_of("#5a3a22", "#3a4a5a", "#8a3a2f")
    back = rounded([(-w * 0.86, top - 0.22), (w * 0.86, top - 0.22), (w, top + 0.02), (-w, top + 0.02)], 0.02)
    flap = rounded([(w - 0.02, top + 0.01), (w * 0.86, top - 0.2), (w + 0.2, top - 0.33), (w + 0.26, top - 0.08)], 0.03)
    lean = rounded([(-w * 0.86, top - 0.2), (w * 0.86, top - 0.2), (w * 0.8, top - 0.46), (-w * 0.8, top - 0.46)], 0.03)
    y = 0.72
    arrows = tuple(
        Part(place, ink, "paper", puff=0.0, lift=0.0)
        for x in (0.4, 0.54) for place in (
            rounded([(x - 0.05, y - 0.03), (x, y - 0.11), (x + 0.05, y - 0.03)], 0.01), box(x, y + 0.03, 0.018, 0.06,
                0.005))
    )  # fmt: skip
    return Figure(
        body=(
            Part(lean, light, look.material, puff=0.15), Part(back, dark * 0.62, look.material, puff=-0.2),
            *_stuffing(look, top), *both(Part(flap, light, look.material, puff=0.15, lift=0.03)),
            Part(box(0, (top + low) / 2, w, (low - top) / 2, 0.04), look.main, look.material, bevel=0.05, lift=0.05),
            Part(box(0, top + 0.06, 0.12, 0.08, 0.01), look.second, "paper", puff=0.1, lift=0.0),
            Part(box(0, low - 0.08, 0.12, 0.09, 0.01), look.second, "paper", puff=0.1, lift=0.0),
            Part(box(-0.46, y, 0.17, 0.1, 0.01), np.array([0.97, 0.96, 0.93]), "paper", puff=0.1, lift=0.01),
            *(Part(box(-0.46, y + d, 0.12, 0.011, 0.004), ink, "paper", puff=0.0, lift=0.0) for d in (-0.04, 0, 0.04)),
            *arrows,
        ),
        face=FaceSpot(0, 0.06, w * 0.51, squeeze=0.93),
        crown=(0, top - 0.02, w * 0.8),
        neck=(0, 0.62),
    )  # fmt: skip


def _stuffing(look: Look, top: float) -> tuple[Part, ...]:
    """A ball, or crumpled paper, or nothing, that peeps out of a box."""
    if look.chance(0.35):
        return ()
    if look.chance(0.5):
        return tuple(
            Part(ellipse(x, top - look.vary(0.02, 0.1), 0.14, 0.12), np.array([0.97, 0.95, 0.9]), "paper", puff=0.8,
                lift=0.02)
            for x in (-0.45, -0.2, 0.05, 0.3, 0.5)
        )  # fmt: skip
    tone = look.one_of("#d8433b", "#3f86c9", "#f0b429", "#5fa86a")
    return (
        Part(ellipse(look.vary(-0.3, 0.3), top - 0.1, 0.24, 0.22), tone, "plastic", puff=1.0,
            pattern=Pattern("stripes", np.array([0.97, 0.95, 0.9]), 0.12, 0.9)),
    )  # fmt: skip


@archetype("bags", mains=("#d8564a", "#4f9ac9", "#8fbf6a", "#e8a5c0", "#9a7ac9", "#f0c24a"),
    seconds=("#f4e2a0", "#f4f0ea", "#d9a93f", "#c9334a"), material="paper")  # fmt: skip
def gift(look: Look) -> Figure:
    """A wrapped present: a box with a lid, ribbon round it and a great bow on top like a hair-do."""
    w, top, low = look.vary(0.68, 0.73), -0.36, 0.92
    ribbon, dark = look.second, colours.shade(look.second, light=-0.12)
    kind = ("spots", "stripes", "diamonds")[int(look.rng.integers(3))]
    paper = Pattern(kind, colours.mix(look.main, np.ones(3), 0.4), {"spots": 0.17, "stripes": 0.09}.get(kind, 0.2), 0.6)
    loop = curve(
        [(0.03, top - 0.17), (0.2, top - 0.48), (0.5, top - 0.56), (0.6, top - 0.34), (0.38, top - 0.17)], n=10
    )
    inner = curve([(0.14, top - 0.22), (0.27, top - 0.4), (0.44, top - 0.44), (0.48, top - 0.33), (0.34, top - 0.22)],
        n=10)  # fmt: skip
    tail = rounded([(0.02, top - 0.18), (0.12, top - 0.2), (0.4, top - 0.06), (0.3, top + 0.04)], 0.03)
    return Figure(
        body=(
            Part(rounded([(-w, top), (w, top), (w * 0.97, low), (-w * 0.97, low)], 0.04), look.main, look.material,
                bevel=0.05, pattern=paper),
            Part(box(0, 0.81, 0.11, 0.11, 0.01), ribbon, "silk", puff=0.3, lift=0.015),
            *both(Part(box(w * 0.88, 0.34, 0.055, 0.56, 0.01), ribbon, "silk", puff=0.3, lift=0.015)),
            Part(box(0, top + 0.01, w + 0.07, 0.14, 0.04), colours.shade(look.main, light=0.04), look.material,
                bevel=0.04, lift=0.05),
            Part(box(0, top + 0.01, 0.11, 0.14, 0.01), ribbon, "silk", puff=0.3, lift=0.015),
            *both(Part(tail, dark, "silk", puff=0.4, lift=0.03), Part(loop, ribbon, "silk", puff=0.7, lift=0.03),
                Part(inner, dark, "silk", puff=-0.3, lift=0.0)),
            Part(box(0, top - 0.2, 0.1, 0.1, 0.06), ribbon, "silk", puff=0.9, lift=0.04),
        ),
        face=FaceSpot(0, 0.15, w * 0.51, squeeze=0.97),
        crown=(0, top - 0.12, w * 0.8),
        neck=(0, 0.74),
    )  # fmt: skip
