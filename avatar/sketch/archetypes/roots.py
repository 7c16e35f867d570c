"""Vegetables of kitchen and cellar: broccoli, onion, potato."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.growth import GREENS, SOIL, gleam, off_face
from personify.avatar.sketch.archetypes.pieces import veined_leaf
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, leaf, lobes, mirrored, place, stroke, wobble


@archetype(
    "fruits",
    mains=("#3f7f3a", "#4a8f42", "#357040", "#5a8a35", "#6a5a86", "#efe9d2"),
    seconds=("#a9cc7a", "#b8d48a", "#9cc06f"),
    material="leaf",
)
def broccoli(look: Look) -> Figure:
    """A stout pale stalk that branches into a head of tight green buds."""
    w, brim = look.vary(0.42, 0.45), -0.34
    stem = mirrored([(0, -0.6), (0.6, -0.56), (0.56, -0.4), (w + 0.03, -0.22), (w, 0.1), (w * 0.97, 0.5),
        (w * 1.02, 0.8), (w * 0.9, 0.93), (0, 0.96)])  # fmt: skip
    cut = Part(ellipse(0, 0.91, w * 0.86, 0.055), colours.mix(look.second, np.ones(3), 0.4), "felt", puff=0.2, lift=0.0)
    arms = []
    for s in (-1, 1):
        y = look.vary(0.22, 0.42)
        hand = (s * look.vary(0.71, 0.76), y - 0.3)
        arms += [
            Part(stroke([(s * w * 0.8, y + 0.1), (s * 0.6, y), hand], [0.11, 0.085, 0.075]), look.second, "waxy",
                puff=0.8, lift=0.03),
            *_floret(look, hand[0], hand[1] - 0.1, look.vary(0.19, 0.22)),
        ]  # fmt: skip
    heap = ((-0.6, -0.46, 0.29), (0.6, -0.46, 0.29), (-0.3, -0.72, 0.28), (0.32, -0.72, 0.28), (0.02, -0.78, 0.26))
    behind = [p for x, y, r in heap for p in _floret(look, x + look.vary(-0.03, 0.03), y, r, -0.07)]
    before = [
        p for x, y, r in ((-0.42, -0.5, 0.25), (0.43, -0.5, 0.25), (0.0, -0.6, 0.27))
        for p in _floret(look, x, y + look.vary(-0.02, 0.02), r, 0.02)
    ]  # fmt: skip
    return Figure(
        body=(*behind, *arms, Part(stem, look.second, "waxy", puff=0.75, lift=0.05,
            pattern=Pattern("fade_up", colours.mix(look.second, look.main, 0.55), brim, 0.8)), cut),
        face=FaceSpot(0, 0.08, look.vary(0.345, 0.36)),
        front=tuple(before),
        crown=(0, -0.84, 0.5),
        neck=(0, 0.68),
    )  # fmt: skip


def _floret(look: Look, x: float, y: float, r: float, light: float = 0.0) -> tuple[Part, ...]:
    """A knob of buds: a bumpy mass and small beads all over it."""
    tone = colours.shade(look.main, light=light + look.vary(-0.02, 0.02))
    rim = [(0.72 * r * math.cos(a), 0.62 * r * math.sin(a), r * look.vary(0.26, 0.34))
        for a in np.linspace(0, 2 * math.pi, 11, endpoint=False)]  # fmt: skip
    parts = [Part(lobes(x, y, [(0, 0, 0.7 * r), *rim], n=160), tone, "leaf", puff=0.7, lift=0.045)]
    for a in np.linspace(0, 2 * math.pi, 9, endpoint=False) + look.vary(0, 0.6):
        for far, size in ((0.68, 0.17), (0.32, 0.18)):
            if far < 0.5 and math.sin(a * 4.5) < 0:
                continue
            bx, by = x + far * r * math.cos(a + far), y + far * 0.88 * r * math.sin(a + far)
            bead = colours.shade(tone, light=look.vary(0.0, 0.09))
            parts.append(Part(ellipse(bx, by, size * r, size * r * 0.95, n=20), bead, "leaf", puff=0.9, lift=0.012))
    return tuple(parts)


@archetype(
    "fruits",
    mains=("#d99a4a", "#c9853f", "#e0b06a", "#cf8f4a", "#8f2f5f", "#efe8da"),
    seconds=("#6fa545", "#5f9a50", "#84b04f"),
    material="waxy",
)
def onion(look: Look) -> Figure:
    """A papery bulb with lines from pole to pole, a twisted tip or green shoots above, and a beard of roots below."""
    w, h, cy = look.vary(0.8, 0.88), look.vary(0.62, 0.68), 0.14
    lean = look.vary(-0.08, 0.08)
    half = [(0, -1.42), (0.06, -1.41), (0.1, -1.2), (0.22, -1.0), (0.56, -0.84), (0.9, -0.46), (1.0, 0.04), (0.9, 0.5),
        (0.55, 0.86), (0.17, 1.0), (0, 1.02)]  # fmt: skip

    def swung(points: np.ndarray) -> np.ndarray:
        """From bulb units to the picture, its tip a little aside."""
        up = np.clip(-0.8 - points[:, 1], 0, 1)
        return points * (w, h) + (0, cy) + np.stack([lean * 3 * up**1.5, 0 * up], 1)

    spot = FaceSpot(0, cy - 0.13, look.vary(0.385, 0.405))
    dark, pale = colours.shade(look.main, light=-0.11), colours.shade(look.main, light=0.1)
    lines = []
    for a in (-0.9, -0.76, -0.6, 0.6, 0.76, 0.9, -0.36, -0.12, 0.14, 0.38):
        whole = abs(a) > 0.6
        reach = np.linspace(-1.16, 0.96, 9) if whole else np.linspace(-1.16, look.vary(-0.78, -0.68), 5)
        arc = [(a * np.interp(y, *np.array(half).T[::-1]) * 0.985, y) for y in reach]
        points = swung(np.array(arc))
        lines.append(Part(stroke([tuple(p) for p in points], [0.003, 0.011, 0.003]),
            dark if look.chance(0.6) else pale, "waxy", puff=-0.4, lift=0.0))  # fmt: skip
    foot = cy + h
    roots = tuple(
        Part(stroke([(x * 0.4, foot - 0.02), (x, foot + 0.06), (x * 1.7 + look.vary(-0.03, 0.03),
            foot + look.vary(0.1, 0.17))], [0.013, 0.01, 0.004]), np.array([0.86, 0.78, 0.6]), "hair", lift=0.01)
        for x in np.linspace(-0.15, 0.15, 8)
    )  # fmt: skip
    tip_y = cy - 1.3 * h
    shoots = tuple(
        Part(leaf(lean * 1.0 + s * 0.02, tip_y + 0.1, look.vary(0.36, 0.44), 0.055, turn=s * 26 + look.vary(-5, 5),
            bend=s * 0.1), colours.shade(look.second, light=0.05 * abs(s) - 0.03), "leaf", puff=0.6, lift=0.02)
        for s in (-1, 1, 0)
    ) if look.chance(0.5) else ()  # fmt: skip
    return Figure(
        body=(*roots, *shoots, Part(swung(mirrored(half)), look.main, look.material, puff=0.75,
            pattern=Pattern("fade_up", colours.mix(look.main, np.array([0.96, 0.9, 0.7]), 0.45), cy - h, 0.7)), *lines,
            gleam(-w * 0.6, cy - h * 0.44, 0.05, 0.12, 28, look.main, 0.4)),
        face=spot,
        crown=(lean * 0.3, cy - h * 0.92, 0.36),
        neck=(0, cy + h * 0.84),
    )  # fmt: skip


@archetype(
    "fruits",
    mains=("#c9a06a", "#b88a55", "#d4b07a", "#b5735a", "#c9b58a", "#8a6a7a"),
    seconds=("#8fb55a", "#7aa84f", "#a0c06a"),
    material="clay",
)
def potato(look: Look) -> Figure:
    """A lumpy tuber, dimpled with eyes, speckled, sprouting a little, with crumbs of earth about its foot."""
    side = 1 if look.chance(0.5) else -1
    w, h, turn = look.vary(0.72, 0.8), look.vary(0.84, 0.9), side * look.vary(8, 20)
    lumps = [(0, -1.0), (0.45, -0.93), (0.8, -0.62), (0.92, -0.15), (1.0, 0.32), (0.82, 0.8), (0.35, 1.0), (-0.2, 0.98),
        (-0.7, 0.82), (-0.98, 0.4), (-0.94, -0.1), (-0.85, -0.5), (-0.5, -0.9)]  # fmt: skip
    body = place(wobble(curve(lumps) * (w, h), look.rng, 0.025), 0, 0.08, turn=turn)
    spot = FaceSpot(0, -0.05, look.vary(0.385, 0.41), roll=turn * 0.15)
    dark = colours.mix(look.main, np.array([0.3, 0.17, 0.1]), 0.5)
    cloudy = Pattern("patches", colours.mix(look.main, dark, 0.4), 0.22, 0.45)
    marks: list[tuple[float, float]] = []
    for _ in range(40):
        a, far = look.vary(0, 2 * math.pi), look.vary(0.62, 0.9)
        x, y = far * w * math.cos(a), 0.08 + far * h * math.sin(a)
        apart = all(math.hypot(x - mx, y - my) > 0.2 for mx, my in marks)
        if off_face(x, y, spot) > 1.12 and apart and len(marks) < 9:
            marks.append((x, y))
    eyes = [p for x, y in marks for p in _dimple(look, x, y, dark)]
    specks = tuple(
        Part(ellipse(x, y, look.vary(0.006, 0.014), 0.008, turn=look.vary(0, 90), n=12), dark, "clay", puff=0, lift=0)
        for a, far in ((look.vary(0, 6.28), look.vary(0.5, 0.86)) for _ in range(34))
        for x, y in ((far * w * math.cos(a), 0.08 + far * h * math.sin(a)),) if off_face(x, y, spot) > 1.0
    )  # fmt: skip
    sprouts = [p for x, y, t in ((-side * 0.34, -0.68, -side * 16), (side * 0.42, -0.64, side * 22))
        for p in _sprout(look, x, y, t)]  # fmt: skip
    earth = tuple(
        Part(wobble(ellipse(look.vary(0.25, 0.86) * s, look.vary(0.91, 0.95), r, r * 0.7, n=24), look.rng, 0.1),
            colours.shade(SOIL, light=look.vary(-0.04, 0.08)), "stone", puff=0.8, lift=0.02)
        for s in (-1, 1) for r in (0.035, 0.055, 0.025)
    )  # fmt: skip
    tuft = veined_leaf(side * 0.1, -0.72, look.vary(0.26, 0.32), 0.1, side * 30, look.one_of(*GREENS))
    return Figure(
        body=(
            *(tuft if look.chance(0.4) else ()),
            Part(body, look.main, look.material, puff=0.6, pattern=cloudy),
            *specks,
            *eyes,
            *sprouts,
        ),
        face=spot,
        front=earth,
        crown=(side * 0.1, -0.74, 0.42),
        neck=(0, 0.74),
    )


def _dimple(look: Look, x: float, y: float, dark: np.ndarray) -> tuple[Part, Part]:
    """A potato's eye: a shallow pit under a small brow."""
    size, turn = look.vary(0.045, 0.07), look.vary(-30, 30)
    arc = [(-size, 0.01), (0, -size * 0.45), (size, 0.01)]
    brow = place(stroke(arc, [0.005, 0.014, 0.005]), x, y - 0.015, turn=turn)
    return (
        Part(ellipse(x, y, size, size * 0.5, turn=turn, n=24), look.main * 0.84, "clay", puff=-0.8, lift=0.0),
        Part(brow, dark, "clay", puff=0.4, lift=0.0),
    )


def _sprout(look: Look, x: float, y: float, turn: float) -> tuple[Part, ...]:
    """A pale shoot with two small leaves."""
    length = look.vary(0.12, 0.2)
    shoot = place(stroke([(0, 0.04), (0.01, -length * 0.5), (0, -length)], [0.04, 0.03, 0.02]), x, y, turn=turn)
    tip = place(np.array([[0.0, -length]]), x, y, turn=turn)[0]
    return (
        Part(shoot, colours.mix(look.second, np.array([0.97, 0.9, 0.85]), 0.5), "waxy", puff=0.8, lift=0.02),
        *(Part(leaf(float(tip[0]), float(tip[1]) + 0.02, 0.12, 0.04, turn=turn + s * 48), look.second, "leaf",
            puff=0.5, lift=0.015) for s in (-1, 1)),
    )  # fmt: skip
