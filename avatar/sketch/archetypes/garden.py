"""Vegetables that grow round or long: pumpkin, carrot, tomato, eggplant, corn."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.growth import GREENS, gleam, off_face, stalk, tendril
from personify.avatar.sketch.archetypes.pieces import veined_leaf
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import Outline, ellipse, leaf, mirrored, place, stroke, superellipse


@archetype(
    "fruits",
    mains=("#e0782a", "#d9692a", "#e88f35", "#c95f2a", "#e0a04a", "#d9c9a0"),
    seconds=("#5f7a3a", "#6f7a45", "#4f6f3a"),
    material="waxy",
)
def pumpkin(look: Look) -> Figure:
    """Fat ribs beside each other, a woody stalk, a curl and a leaf; the face is on the foremost rib."""
    w, h, cy = look.vary(0.86, 0.94), look.vary(0.6, 0.66), 0.24
    side = 1 if look.chance(0.5) else -1
    deep = colours.shade(look.main, light=-0.06, hue=-0.01)
    back = [Part(superellipse(x * w, cy - 0.14, 0.3, h * 0.86, 2.3), deep * 0.86, look.material, puff=0.7, lift=0.02)
        for x in (-0.42, 0.42, 0.0)]  # fmt: skip
    ribs = [
        Part(superellipse(s * x * w, cy, rx, h * k, 2.3, turn=s * turn), colours.mix(look.main, deep, dark),
            look.material, puff=0.8, lift=0.045)
        for x, rx, k, dark, turn in ((0.72, 0.27, 0.82, 1.0, 7), (0.48, 0.34, 0.93, 0.55, 4)) for s in (-1, 1)
    ]  # fmt: skip
    front = Part(superellipse(0, cy + 0.02, 0.47, h, 2.35), look.main, look.material, puff=0.6, lift=0.05)
    top = cy - h
    bend = side * look.vary(0.1, 0.2)
    stem = Part(stroke([(0, top + 0.1), (bend * 0.2, top - 0.12), (bend, top - 0.26)], [0.13, 0.075, 0.095]),
        look.second, "bark", puff=0.8, lift=0.04,
        pattern=Pattern("stripes", look.second * 0.75, 0.03, 0.6))  # fmt: skip
    cut = Part(ellipse(bend, top - 0.33, 0.085, 0.035, turn=side * 22), colours.shade(look.second, light=0.16), "wood",
        puff=0.2, lift=0.0)  # fmt: skip
    green = look.one_of(*GREENS)
    foliage = veined_leaf(-side * 0.06, top + 0.04, look.vary(0.5, 0.58), 0.17, -side * look.vary(62, 84), green)
    curl = tendril(side * 0.1, top + 0.06, look.vary(0.13, 0.17), side, green)
    return Figure(
        body=(*back, *ribs, front),
        face=FaceSpot(0, cy - 0.11, look.vary(0.37, 0.39)),
        front=(curl, *foliage, stem, cut),
        crown=(0, top + 0.04, 0.46),
        neck=(0, cy + h * 0.86),
    )


@archetype(
    "fruits",
    mains=("#e8812f", "#e0702a", "#f0933f", "#d9622f", "#f08a35", "#8a4a7a"),
    seconds=("#4f8f45", "#5f9e3f", "#3f8550"),
    material="waxy",
)
def carrot(look: Look) -> Figure:
    """A root that tapers to a point, with its rings, under a plume of feathery leaves."""
    w, top, lean = look.vary(0.47, 0.51), look.vary(-0.46, -0.42), look.vary(-0.09, 0.09)
    half = [(0, top), (w * 0.6, top + 0.0), (w * 0.96, top + 0.15), (w, top + 0.38), (w * 0.87, 0.3), (w * 0.6, 0.62),
        (0.13, 0.87), (0.035, 0.96), (0, 0.97)]  # fmt: skip
    root = mirrored(half)
    root = root + np.stack([lean * np.clip(root[:, 1], 0, 1) ** 2, 0 * root[:, 1]], 1)
    spot = FaceSpot(0, -0.13, look.vary(0.345, 0.365))
    dark = colours.shade(look.main, light=-0.12)
    rings = []
    for y in (-0.3, -0.05, 0.17, 0.36, 0.5, 0.61, 0.72, 0.8):
        x0, x1 = _span(root, y)
        x0, x1 = x0 + 0.022, x1 - 0.022
        s, far = (1 if look.chance(0.5) else -1), look.vary(0.18, 0.34)
        edge = x1 if s > 0 else x0
        reach = min(far * (x1 - x0), 0.17)
        line = [(edge - s * 0.012, y), (edge - s * reach * 0.5, y + 0.022), (edge - s * reach, y + 0.018)]
        rings.append(Part(stroke(line, [0.014, 0.011, 0.003]), dark, "waxy", puff=-0.6, lift=0.0))
    hairs = tuple(stalk([(lean + s * 0.02, 0.93 - k), (lean + s * 0.1, 0.95 - k)], [0.01, 0.004], dark)
        for s, k in ((1, 0.1), (-1, 0.16)))  # fmt: skip
    plume = sorted(np.linspace(-1, 1, int(look.rng.integers(5, 8))), key=lambda s: -abs(s))
    fronds = [p for s in plume for p in _frond(look, s * 0.2, top + 0.06, s * 46 + look.vary(-5, 5),
        look.vary(0.48, 0.58) - 0.06 * abs(s))]  # fmt: skip
    collar = Part(ellipse(0, top + 0.045, w * 0.5, 0.05), colours.shade(look.second, light=-0.04), "leaf", puff=0.4,
        lift=0.0)  # fmt: skip
    return Figure(
        body=(*hairs, Part(root, look.main, look.material, puff=0.8), *rings, collar, *fronds,
            gleam(-w * 0.66, top + 0.17, 0.026, 0.075, 24, look.main, 0.45)),
        face=spot,
        crown=(0, top + 0.02, w * 0.8),
        neck=(lean * 0.2, 0.44),
    )  # fmt: skip


def _span(outline: Outline, y: float) -> tuple[float, float]:
    """The least and greatest x of an outline near a height."""
    x = outline[abs(outline[:, 1] - y) < 0.025, 0]
    return float(x.min()), float(x.max())


def _frond(look: Look, x: float, y: float, turn: float, length: float) -> tuple[Part, ...]:
    """A stem with pairs of leaflets that grow smaller towards its tip."""
    tone = colours.shade(look.second, light=look.vary(-0.06, 0.07))
    parts = [Part(place(stroke([(0, 0), (0.01, -length * 0.5), (0, -length * 0.9)], [0.03, 0.02, 0.008]), x, y,
        turn=turn), colours.shade(tone, light=0.07), "leaf", lift=0.02)]  # fmt: skip
    for k, t in enumerate(np.linspace(0.3, 0.98, 5)):
        size = 0.2 - 0.024 * k
        for s in (-1, 1):
            blade = leaf(0, -length * t + 0.03, size, size * 0.27, turn=s * (46 - 4 * k), bend=-s * 0.02)
            parts.append(Part(place(blade, x, y, turn=turn), tone, "leaf", puff=0.5, lift=0.015))
    parts.append(Part(place(leaf(0, -length * 0.86, 0.16, 0.045), x, y, turn=turn), tone, "leaf", puff=0.5, lift=0.015))
    return tuple(parts)


@archetype(
    "fruits",
    mains=("#d9382c", "#cf2a2a", "#e0502f", "#e8a02f", "#b5302f", "#c9402f"),
    seconds=("#4f8f45", "#3f7f40", "#5f9a3f"),
    material="waxy",
)
def tomato(look: Look) -> Figure:
    """A broad flat ball with soft shoulders and a star of thin green sepals, perhaps with a little one on its vine."""
    w, h, cy = look.vary(0.88, 0.94), look.vary(0.68, 0.73), 0.2
    side = 1 if look.chance(0.5) else -1
    ball = mirrored([(0, -0.9), (0.2, -0.93), (0.34, -1.0), (0.62, -0.92), (0.93, -0.5), (1.0, 0.02), (0.9, 0.5),
        (0.6, 0.88), (0.26, 1.0), (0, 0.97)])  # fmt: skip
    ball = ball * (w, h) + (0, cy)
    top = cy - 0.9 * h
    count = int(look.rng.integers(5, 8))
    star = []
    for a in sorted(np.linspace(0, 360, count, endpoint=False) + look.vary(0, 50), key=lambda a: np.cos(np.radians(a))):
        far = 0.3 if np.cos(np.radians(a)) < -0.3 else 0.36
        tip = leaf(0, 0.03, far * look.vary(0.95, 1.15), 0.062, bend=look.vary(-0.1, 0.1))
        star.append(Part(place(place(tip, 0, 0, turn=a) * (1.15, 0.5), 0, top + 0.03),
            colours.shade(look.second, light=look.vary(-0.05, 0.06)), "leaf", puff=0.5, lift=0.03))  # fmt: skip
    stem = stalk([(0, top + 0.05), (side * 0.03, top - 0.12), (side * 0.12, top - 0.24)], [0.05, 0.036, 0.05],
        look.second)  # fmt: skip
    dip = Part(ellipse(0, top + 0.03, 0.26, 0.06), look.main * 0.7, "felt", puff=-0.4, lift=0.0)
    ripe = Pattern("fade_up", colours.mix(look.main, np.array([0.93, 0.66, 0.25]), 0.55), top + 0.14, 0.7)
    little = _on_the_vine(look, side, top) if look.chance(0.5) else ()
    return Figure(
        body=(Part(ball, look.main, look.material, puff=0.62, pattern=ripe), dip,
            gleam(-w * 0.62, cy - h * 0.5, 0.11, 0.045, -38, look.main, 0.62)),
        face=FaceSpot(0, cy - 0.12, look.vary(0.4, 0.43), squeeze=0.96),
        front=(*star, stem, *little),
        crown=(0, top + 0.02, w * 0.56),
        neck=(0, cy + h * 0.84),
    )  # fmt: skip


def _on_the_vine(look: Look, side: int, top: float) -> tuple[Part, ...]:
    """A cherry tomato that hangs from the same vine."""
    x, y, r = side * 0.68, top - 0.02, look.vary(0.16, 0.19)
    red = colours.shade(look.main, light=0.03)
    return (
        stalk([(side * 0.1, top - 0.2), (side * 0.4, top - 0.32), (x, y - r)], [0.03, 0.026, 0.024], look.second),
        Part(ellipse(x, y, r, r), red, look.material, puff=0.9, lift=0.05),
        *(Part(leaf(x, y - r * 0.85, 0.12, 0.026, turn=t), look.second, "leaf", lift=0.015) for t in (120, 180, 240)),
        gleam(x - 0.06, y - 0.02, 0.035, 0.02, -35, red),
    )


@archetype(
    "fruits",
    mains=("#5a2f6b", "#4a2a5f", "#6b3a7a", "#7a4a8f", "#8a5a9a", "#e6dfe6"),
    seconds=("#5a8f45", "#6a9a4a", "#4f7f4a", "#5f7a55"),
    material="waxy",
)
def eggplant(look: Look) -> Figure:
    """A glossy club, slender above and heavy below, under a green cap with points and a bent stalk."""
    w, side = look.vary(0.6, 0.65), 1 if look.chance(0.5) else -1
    top, lean = -0.6, side * look.vary(0.03, 0.1)
    half = [(0, top), (0.28, top + 0.04), (0.4, top + 0.22), (0.455, -0.16), (w * 0.87, 0.14), (w, 0.46),
        (w * 0.86, 0.78), (0.34, 0.95), (0, 0.98)]  # fmt: skip

    def swung(points: Outline) -> Outline:
        """Bent aside towards the top."""
        return points + np.stack([lean * np.clip(0.3 - points[:, 1], 0, 2) ** 1.5, 0 * points[:, 1]], 1)

    def cap_leaf(s: float) -> Part:
        outline = leaf(s * 0.2, top + 0.0, look.vary(0.38, 0.46) * (1 - 0.18 * (1 - abs(s))), 0.125,
            turn=180 - s * 20, bend=s * 0.03)  # fmt: skip
        return Part(swung(outline), colours.shade(look.second, light=look.vary(-0.05, 0.04)), "leaf", puff=0.6,
            lift=0.035)  # fmt: skip

    bonnet = mirrored([(0, top - 0.12), (0.19, top - 0.09), (0.31, top + 0.04), (0.35, top + 0.16), (0.18, top + 0.12),
        (0, top + 0.13)])  # fmt: skip
    stem = stroke([(0, top - 0.06), (side * 0.02, top - 0.2), (side * 0.14, top - 0.33)], [0.1, 0.07, 0.09])
    faint = 1 - 0.6 * colours.luminance(look.main)
    shine = [Part(swung(stroke(line, widths)), colours.mix(look.main, np.ones(3), share * faint), "porcelain",
        puff=0.1, lift=0.0)
        for line, widths, share in (([(-w * 0.8, 0.28), (-w * 0.86, 0.5), (-w * 0.74, 0.7)], [.01, .035, .01], 0.45),
            ([(w * 0.66, 0.76), (w * 0.5, 0.86), (w * 0.36, 0.9)], [0.006, 0.018, 0.006], 0.25))]  # fmt: skip
    return Figure(
        body=(
            Part(swung(mirrored(half)), look.main, look.material, puff=0.85,
                pattern=Pattern("fade_up", colours.shade(look.main, light=0.13), -0.5, 0.6)), *shine,
        ),
        face=FaceSpot(lean * 0.3, 0.06, look.vary(0.36, 0.38)),
        front=(*(cap_leaf(s) for s in (-1.2, 1.2, -0.65, 0.65, 0)), Part(swung(bonnet), look.second, "leaf", puff=0.7,
            lift=0.02), Part(swung(stem), colours.shade(look.second, light=-0.04), "bark", puff=0.9, lift=0.03)),
        crown=(lean, top + 0.04, 0.36),
        neck=(0, 0.66),
    )  # fmt: skip


@archetype(
    "fruits",
    mains=("#f2c53f", "#f0d05a", "#e8b52f", "#f2c84a", "#e09a3f", "#6b4a7a"),
    seconds=("#6fa545", "#5f9a45", "#84b04f", "#93ad55"),
    material="waxy",
)
def corn(look: Look) -> Figure:
    """A cob with rows of kernels around the face, silk on top and husks that open on both sides."""
    w, top = look.vary(0.47, 0.51), look.vary(-0.81, -0.76)
    half = [(0, top), (w * 0.42, top + 0.06), (w * 0.78, top + 0.3), (w * 0.98, -0.2), (w, 0.2), (w * 0.94, 0.6),
        (w * 0.7, 0.9), (0, 0.94)]  # fmt: skip
    cob = mirrored(half)
    spot = FaceSpot(0, -0.14, look.vary(0.35, 0.37))
    silk = tuple(
        Part(stroke([(x * 0.3, top + 0.12), (x * 0.9, top - 0.02), (x * 1.6 + look.vary(-0.05, 0.05), top - 0.1),
            (x * 2.1, top - look.vary(-0.04, 0.1))], [0.016, 0.013, 0.011, 0.004]),
            look.one_of("#c98a4a", "#b5743f", "#e0b86a"), "hair", lift=0.01)
        for x in np.linspace(-0.14, 0.14, 9)
    )  # fmt: skip
    husks: list[Part] = []
    for s, x, length, turn, bend in ((-1, 0.26, 1.24, 19, 0.13), (1, 0.26, 1.18, 21, 0.15), (-1, 0.2, 0.94, 36, 0.17),
        (1, 0.2, 0.9, 38, 0.16)):  # fmt: skip
        aslant, tone = s * (turn + look.vary(-4, 4)), colours.shade(look.second, light=look.vary(-0.07, 0.05))
        outline = leaf(s * x, 0.98, length * look.vary(0.92, 1.0), 0.22, turn=aslant, bend=s * bend)
        vein = leaf(s * x, 0.94, length * 0.82, 0.014, turn=aslant, bend=s * bend * 0.75)
        husks += [Part(outline, tone, "leaf", puff=0.5, lift=0.04),
            Part(vein, colours.shade(tone, light=0.11), "leaf", puff=0.3, lift=0.0)]  # fmt: skip
    wraps = []
    for s, tip in ((-1, -15.0), (1, 16.0), (0, look.vary(-4, 4))):
        tone = colours.shade(look.second, light=look.vary(-0.02, 0.07))
        length = look.vary(0.74, 0.84) if s else look.vary(0.5, 0.54)
        wraps.append(Part(leaf(s * 0.36, 1.0, length, 0.2 if s else 0.26, turn=tip, bend=s * 0.05), tone, "leaf",
            puff=0.5, lift=0.04))  # fmt: skip
    return Figure(
        body=(*silk, *husks, Part(cob, look.main, look.material, puff=0.75, lift=0.06), *_kernels(look, cob, spot)),
        face=spot,
        front=tuple(wraps),
        crown=(0, top + 0.08, w * 0.6),
        neck=(0, 0.5),
    )


def _kernels(look: Look, cob: Outline, spot: FaceSpot) -> tuple[Part, ...]:
    """Plump kernels in rows that close up towards the cob's sides; none on the face."""
    parts = []
    for row, y in enumerate(np.arange(cob[:, 1].min() + 0.09, 0.84, 0.108)):
        _, half = _span(cob, float(y))
        half = min(half, 0.5) * 0.97
        for a in np.linspace(-1.36, 1.36, 9) + (0.0 if row % 2 else 0.03):
            x, wide = half * np.sin(a), 0.16 * half / 0.5 * max(0.3, np.cos(a)) * 0.62
            if off_face(float(x), float(y), spot) < 1.03:
                continue
            tone = colours.shade(look.main, light=look.vary(-0.04, 0.06), hue=look.vary(-0.012, 0.012))
            parts.append(Part(superellipse(float(x), float(y), wide, 0.05, 2.8, n=24), tone, look.material, puff=0.9,
                lift=0.014))  # fmt: skip
    return tuple(parts)
