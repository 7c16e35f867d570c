"""Trees of their own kind: palm and bonsai."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.growth import GREENS
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, ellipse, leaf, lobes, mirrored, petals, place, rounded, star, stroke


@archetype(
    "plants",
    mains=("#b58a55", "#a87f50", "#c49a64", "#9a7450"),
    seconds=("#4f9a45", "#3f8a4a", "#6aa83f", "#3f8f5f"),
    material="bark",
)
def palm(look: Look) -> Figure:
    """A stout ringed trunk under a crown of drooping fronds with coconuts, on a little island of sand."""
    w, top = look.vary(0.41, 0.44), -0.47
    trunk = mirrored([(0, top), (w * 0.82, top), (w * 0.92, -0.3), (w, 0.1), (w * 1.04, 0.5), (w * 1.2, 0.8),
        (w * 1.3, 0.98), (0, 1.0)])  # fmt: skip
    dark = colours.shade(look.main, light=-0.1)
    rings = []
    for y in (-0.34, -0.18, -0.02, 0.14, 0.3, 0.47, 0.61, 0.75):
        half = float(np.interp(y, [-0.47, 0.1, 0.5, 0.8], [w * 0.82, w, w * 1.04, w * 1.2]))
        for s in (-1, 1):
            reach = half * (0.14 if y < 0.45 else 0.98)
            line = [
                (s * (half - 0.01), y - 0.01),
                (s * (half - reach * 0.5), y + 0.02),
                (s * (half - reach), y + 0.035),
            ]
            rings.append(Part(stroke(line, [0.016, 0.014, 0.008]), dark, "bark", puff=-0.5, lift=0.0))
    far = [
        p for t in (-100, 100, -56, 56, -16, 20) for p in _frond(look, t + look.vary(-8, 8), top - 0.04, 1.08, -0.06)
    ]
    near = [p for t in (-82, 80, -38, 42) for p in _frond(look, t + look.vary(-8, 8), top - 0.06, 1.02, 0.03)]
    nuts = tuple(
        Part(ellipse(x + look.vary(-0.02, 0.02), y, 0.115, 0.12), colours.shade(np.array([0.43, 0.28, 0.17]),
            light=look.vary(-0.04, 0.05)), "fur", puff=0.9, lift=0.04)
        for x, y in ((-0.27, top + 0.05), (0.28, top + 0.06), (0.1, top - 0.03))
    )  # fmt: skip
    sand = look.one_of("#ecd6a0", "#e6cc94", "#f0dfb5")
    island = mirrored([(0, 0.75), (0.42, 0.77), (0.76, 0.85), (0.95, 0.97), (0.9, 1.08), (0, 1.1)])
    return Figure(
        body=(*far, Part(trunk, look.main, look.material, puff=0.7, lift=0.05), *rings),
        face=FaceSpot(0, 0.05, look.vary(0.34, 0.355), hair=dark * 0.45),
        front=(*nuts, *near, Part(island, sand, "stone", puff=0.5, lift=0.04), *_shore(look)),
        crown=(0, top - 0.16, 0.4),
        neck=(0, 0.62),
    )


def _frond(look: Look, turn: float, foot: float, length: float, light: float) -> tuple[Part, ...]:
    """A palm leaf from the trunk's head: a rib that droops, and a toothed blade along it."""
    tone = colours.shade(look.second, light=light + look.vary(-0.03, 0.04))
    rad = math.radians(turn)
    size = length * look.vary(0.9, 1.0) * (0.6 + 0.4 * abs(math.sin(rad)))
    t = np.linspace(0, 1, 15)
    x = size * t * math.sin(rad) * (1 - 0.12 * t)
    y = (
        foot
        - size * t * math.cos(rad) * 0.56
        + size * 0.4 * abs(math.sin(rad)) * t**2.4
        - 0.2 * abs(math.sin(rad)) * np.sin(np.pi * t)
    )
    spine = np.stack([x, y], 1)
    along = np.gradient(spine, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], 1) / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    half = 0.15 * np.sin(np.pi * np.clip(t * 0.94 + 0.06, 0, 1)) ** 0.7
    half[1::2] *= 0.42
    drop = np.stack([0 * t, 0.25 * half], 1) + along * 0.5
    one, two = spine + across * half[:, None] + drop, spine - across * half[:, None] + drop
    blade = np.concatenate([one, two[::-1]])
    rib = stroke([tuple(p) for p in spine[::3]], [0.018, 0.015, 0.013, 0.01, 0.004])
    return (
        Part(blade, tone, "leaf", puff=0.5, lift=0.045),
        Part(rib, colours.shade(tone, light=0.13), "leaf", puff=0.5, lift=0.0),
    )


def _shore(look: Look) -> tuple[Part, ...]:
    """A starfish and a shell on the sand."""
    side, coral = 1 if look.chance(0.5) else -1, look.one_of("#e8704f", "#f0935f", "#d9608f")
    fish = rounded([tuple(p) for p in star(side * 0.62, 0.9, 0.09, 0.042, 5, turn=look.vary(0, 60))], 0.02)
    shell = place(petals(0, 0, 0.07, 0.05, 7), -side * 0.66, 0.92)
    return (
        Part(fish, coral, "felt", puff=0.7, lift=0.02),
        Part(shell, np.array([0.97, 0.9, 0.85]), "porcelain", puff=0.7, lift=0.02,
            pattern=Pattern("stripes", np.array([0.86, 0.62, 0.58]), 0.025, 0.6)),
    )  # fmt: skip


@archetype(
    "plants",
    mains=("#5a8f3f", "#4a803f", "#6f9a45", "#c9543a", "#e59ab5", "#3f7a55"),
    seconds=("#3f6a8a", "#7a4a3a", "#4f7a6a", "#8a3f3f", "#5a5a6a", "#c9b48a"),
    material="leaf",
)
def bonsai(look: Look) -> Figure:
    """A cushion of leaves with the face and smaller ones beside it, on a bent old trunk in a shallow glazed tray."""
    side = 1 if look.chance(0.5) else -1
    wood = look.one_of("#7a5638", "#6b4a32", "#8a6240")
    cy = -0.28
    trunk = stroke([(side * 0.16, 0.78), (side * 0.3, 0.56), (side * 0.1, 0.4), (-side * 0.1, 0.26), (0, -0.1)],
        [0.17, 0.125, 0.11, 0.1, 0.09])  # fmt: skip
    roots = tuple(
        Part(stroke([(side * 0.16, 0.66), (side * 0.16 + dx * 0.6, 0.73), (side * 0.16 + dx, 0.79)], [0.09, 0.05,
            0.02]),
            wood, "bark", puff=0.8, lift=0.01) for dx in (-0.3, 0.28, -0.13)
    )  # fmt: skip
    boughs = [
        Part(stroke([(side * 0.22, 0.5), (side * 0.5, 0.44), (side * 0.7, 0.34)], [0.07, 0.05, 0.035]), wood, "bark"),
        Part(stroke([(-side * 0.06, 0.3), (-side * 0.42, 0.36), (-side * 0.62, 0.27)], [0.07, 0.05, 0.03]), wood,
            "bark"),
    ]  # fmt: skip
    tones = [colours.shade(look.main, light=d) for d in (-0.09, -0.03, 0.0)]
    pads = [
        *_pad(look, side * 0.7, look.vary(0.24, 0.32), 0.27, 0.15, tones[1]),
        *_pad(look, -side * 0.66, look.vary(0.14, 0.22), 0.3, 0.16, tones[1]),
        *_pad(look, -side * 0.52, -0.44, 0.36, 0.26, tones[0]), *_pad(look, side * 0.54, -0.36, 0.36, 0.26, tones[0]),
        *_pad(look, side * look.vary(0.02, 0.12), -0.68, 0.42, 0.24, tones[0]),
    ]  # fmt: skip
    main = lobes(0, cy, [(0.5 * math.cos(a), 0.43 * math.sin(a), look.vary(0.105, 0.14)) for a in
        np.linspace(0, 2 * math.pi, 20, endpoint=False)] + [(0, 0, 0.45)])  # fmt: skip
    spot = FaceSpot(0, cy - 0.12, look.vary(0.355, 0.375))
    return Figure(
        body=(*boughs, Part(trunk, wood, "bark", puff=0.8, lift=0.04), *roots, *pads,
            Part(main, look.main, look.material, puff=0.6, lift=0.06), *_tufts(look, 0, cy, 0.56, 0.49, tones[2], 26)),
        face=spot,
        front=_tray(look),
        crown=(0, cy - 0.5, 0.42),
        neck=(0, cy + 0.56),
    )  # fmt: skip


def _pad(look: Look, x: float, y: float, rx: float, ry: float, tone: np.ndarray) -> tuple[Part, ...]:
    """A flat cushion of leaves."""
    around = [(rx * 0.72 * math.cos(a), ry * 0.68 * math.sin(a), ry * look.vary(0.36, 0.48)) for a in
        np.linspace(0, 2 * math.pi, 13, endpoint=False)]  # fmt: skip
    hull = lobes(x, y, [(0, 0, ry * 0.8), *around], n=160)
    return (Part(hull, tone, "leaf", puff=0.7, lift=0.05), *_tufts(look, x, y, rx * 0.85, ry * 0.8, tone, 9))


def _tufts(look: Look, x: float, y: float, rx: float, ry: float, tone: np.ndarray, count: int) -> tuple[Part, ...]:
    """Little leaves along the rim of a cushion, or blossoms where it is pink."""
    pink = tone[0] > tone[1] + 0.15 and tone[2] > 0.5
    parts = []
    for a in np.linspace(0, 2 * math.pi, count, endpoint=False) + look.vary(0, 0.3):
        px, py = x + rx * math.cos(a) * look.vary(0.93, 1.02), y + ry * math.sin(a) * look.vary(0.93, 1.02)
        shade = colours.shade(tone, light=look.vary(-0.04, 0.1))
        shape = (
            place(petals(0, 0, 0.05, 0.022, 5), px, py, turn=look.vary(0, 72))
            if pink
            else leaf(px, py, 0.085, 0.032, turn=math.degrees(a) + 90 + look.vary(-35, 35))
        )
        parts.append(Part(shape, shade, "leaf", puff=0.5, lift=0.012))
    return tuple(parts)


def _tray(look: Look) -> tuple[Part, ...]:
    """A shallow glazed dish on feet, heaped with moss."""
    w, glaze = look.vary(0.7, 0.78), look.second
    moss = look.one_of(*GREENS)
    heap = mirrored([(0, 0.72), (0.3, 0.73), (w * 0.9, 0.81), (0, 0.86)])
    dish = rounded([(-w * 0.95, 0.79), (w * 0.95, 0.79), (w * 0.82, 0.955), (-w * 0.82, 0.955)], 0.05)
    feet = tuple(Part(box(s * w * 0.62, 0.965, 0.1, 0.03, 0.02), glaze * 0.8, "porcelain") for s in (-1, 1))
    return (
        Part(heap, moss, "felt", puff=0.6, lift=0.02), *feet, Part(dish, glaze, "porcelain", puff=0.6, lift=0.04),
        Part(box(0, 0.805, w, 0.04, 0.03), colours.shade(glaze, light=0.06), "porcelain", puff=0.8, lift=0.02),
    )  # fmt: skip
