"""Furniture with legs: chair, stool, bench, table, desk."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import Outline, box, curve, ellipse, mirrored, rounded, stroke

_WOODS = ("#b5763f", "#8a5a35", "#c99a5f", "#a06a3a", "#6b4a2f", "#d9b88a")
_PAINTS = ("#d9695a", "#4f8f97", "#e0b04a", "#7aa86a", "#8a7ab5")
_BRASS = np.array([0.85, 0.7, 0.35])
_WHITE = np.array([0.96, 0.95, 0.91])


def _leg(x: float, top: float, low: float, lean: float, tone: np.ndarray, half: float = 0.06) -> Part:
    """A turned leg that leans outwards by `lean`."""
    line = [(x, top), (x + lean * 0.5, (top + low) / 2), (x + lean, low)]
    return Part(stroke(line, [half, half * 1.15, half * 0.75]), tone, "wood", puff=0.8, lift=0.03)


@archetype("household", mains=(*_WOODS, *_PAINTS), seconds=("#c9564a", "#3f6f8a", "#e9dcc0", "#5f8a5a"),
    material="wood")  # fmt: skip
def chair(look: Look) -> Figure:
    """A wooden chair: two posts with knobs, a broad back that holds the face, a cushion on its seat, four legs."""
    w, top, seat = look.vary(0.56, 0.61), look.vary(-0.84, -0.8), 0.36
    tone, dark = look.main, colours.shade(look.main, light=-0.1)
    rail = look.vary(0.08, 0.16)
    back = mirrored([(0, top - rail * 0.5), (w * 0.6, top - rail * 0.2), (w * 0.95, top + 0.08), (w * 0.97, -0.3),
        (w * 0.92, 0.14), (w * 0.5, 0.2), (0, 0.21)])  # fmt: skip
    post = (
        Part(stroke([(w + 0.03, top + 0.06), (w, -0.3), (w - 0.03, seat)], 0.065), dark, look.material, puff=0.8),
        Part(ellipse(w + 0.03, top - 0.02, 0.085, 0.085), tone, look.material, puff=0.9, lift=0.02),
    )
    slab = rounded([(-w - 0.04, seat - 0.06), (w + 0.04, seat - 0.06), (w + 0.17, seat + 0.12), (-w - 0.17,
        seat + 0.12)], 0.06)  # fmt: skip
    cushion = rounded([(-w + 0.02, seat - 0.09), (w - 0.02, seat - 0.09), (w + 0.08, seat + 0.07), (-w - 0.08,
        seat + 0.07)], 0.09)  # fmt: skip
    return Figure(
        body=(
            *both(_leg(w - 0.12, seat, 0.8, 0.02, colours.shade(dark, light=-0.06)), *post),
            Part(box(0, 0.28, w * 0.95, 0.035, 0.02), dark, look.material, puff=0.8),
            Part(back, tone, look.material, bevel=0.09, lift=0.04),
            Part(stroke([(-w * 0.86, 0.66), (w * 0.86, 0.66)], 0.03), dark, look.material, puff=0.8),
            *both(_leg(w + 0.04, seat + 0.12, 0.95, 0.06, tone, 0.07)),
            Part(box(0, seat + 0.15, w + 0.15, 0.055, 0.03), dark, look.material, puff=0.6, lift=0.02),
            Part(slab, tone, look.material, puff=0.3, lift=0.03),
            Part(cushion, look.second, "fabric", puff=0.8, lift=0.03),
        ),
        face=FaceSpot(0, -0.4, w * 0.64, squeeze=0.97),
        crown=(0, top - rail * 0.4, w * 0.7),
        neck=(0, seat - 0.1),
    )


@archetype("household", mains=("#c9564a", "#4f8f97", "#e0b04a", "#7a5a8a", "#5f8a5a", "#d98aa0"),
    seconds=_WOODS, material="leather")  # fmt: skip
def stool(look: Look) -> Figure:
    """A stool: a fat round padded seat with a studded rim that holds the face, on three or four splayed legs."""
    w, top, low = look.vary(0.7, 0.75), look.vary(-0.62, -0.56), 0.36
    wood, dark = look.second, colours.shade(look.second, light=-0.1)
    bar = look.vary(0.62, 0.7)
    pad = curve([(0, top), (w * 0.6, top + 0.02), (w * 0.96, top + 0.17), (w * 1.0, -0.1), (w * 0.93, low - 0.08),
        (w * 0.5, low), (0, low + 0.02), (-w * 0.5, low), (-w * 0.93, low - 0.08), (-w * 1.0, -0.1),
        (-w * 0.96, top + 0.17), (-w * 0.6, top + 0.02)], n=8)  # fmt: skip
    studs = tuple(
        Part(ellipse(x, low + 0.02 + 0.03 * (1 - (x / w) ** 2), 0.03, 0.03), _BRASS, "metal", lift=0.01)
        for x in np.linspace(-w * 0.84, w * 0.84, 13)
    )
    middle = (_leg(0, low, 0.9, 0.0, dark),) if look.chance(0.5) else both(_leg(0.2, low, 0.86, 0.08, dark))
    return Figure(
        body=(
            *middle,
            Part(stroke([(-0.6, bar), (0.6, bar)], 0.035), dark, "wood", puff=0.8),
            *both(_leg(w * 0.72, low, 0.95, 0.18, wood, 0.08)),
            Part(rounded([(-w * 0.9, low - 0.1), (w * 0.9, low - 0.1), (w * 0.82, low + 0.1), (-w * 0.82, low + 0.1)],
                0.06), wood, "wood", puff=0.6, lift=0.03),
            Part(pad, look.main, look.material, puff=0.6, lift=0.05), *studs,
            Part(ellipse(0, top + 0.1, 0.035, 0.03), colours.shade(look.main, light=-0.12), look.material, lift=0.01),
        ),
        face=FaceSpot(0, -0.22, look.vary(0.37, 0.39), squeeze=0.9),
        crown=(0, top + 0.02, w * 0.7),
        neck=(0, low + 0.02),
    )  # fmt: skip


@archetype("household", mains=("#6f9a5a", "#b5763f", "#4f8f97", "#8a5a35", "#c9564a"),
    seconds=("#3a3f45", "#4a4a4a", "#5a4a3a"), material="wood")  # fmt: skip
def bench(look: Look) -> Figure:
    """A park bench: a broad plank back between curled iron ends, a slatted seat; sometimes a bird or leaves on it."""
    w, top = 0.8, look.vary(-0.66, -0.6)
    iron = look.second
    planks = (
        Part(box(0, top + 0.05, w, 0.07, 0.04), look.main, "wood", puff=0.5),
        Part(box(0, -0.13, w, 0.4, 0.06), look.main, look.material, bevel=0.06, lift=0.03),
    )
    end = (
        Part(stroke([(w - 0.06, top - 0.06), (w, -0.2), (w - 0.02, 0.5)], 0.05), iron, "metal", puff=0.8),
        Part(stroke([(w - 0.02, 0.36), (w + 0.03, 0.7), (w + 0.12, 0.95)], 0.055), iron, "metal", puff=0.8),
        Part(stroke([(w - 0.05, 0.08), (w + 0.1, 0.05), (w + 0.16, 0.14), (w + 0.12, 0.42)], 0.05), iron, "metal",
            puff=0.8, lift=0.03),
    )  # fmt: skip
    slats = tuple(
        Part(box(0, y, w + d, 0.05, 0.025), colours.shade(look.main, light=0.02 * (-1) ** k), "wood", puff=0.6,
            lift=0.03)
        for k, (y, d) in enumerate(((0.39, 0.02), (0.5, 0.05), (0.61, 0.08)))
    )  # fmt: skip
    bolts = both(*(Part(ellipse(w - 0.08, y, 0.025, 0.025), iron, "metal", lift=0.01) for y in (-0.4, 0.12)))
    return Figure(
        body=(
            *both(*end[:2]), *planks, *bolts,
            *both(_leg(0.66, 0.6, 0.86, 0.0, iron * 0.8, 0.045)), *slats, *both(end[2]),
        ),
        face=FaceSpot(0, -0.24, 0.325, squeeze=0.95),
        crown=(0, top, 0.5),
        neck=(0, 0.34),
    )  # fmt: skip


@archetype("household", mains=("#e9dcc8", "#d9695a", "#7fa8c9", "#e0b45a", "#9ac09a", "#c9a0c0"),
    seconds=("#8a5a35", "#a06a3a", "#6b4a2f", "#c99a5f"), material="canvas")  # fmt: skip
def table(look: Look) -> Figure:
    """A table laid for tea: a cloth that hangs down in front and holds the face, wooden legs, things upon it."""
    w, top, hem = look.vary(0.8, 0.84), look.vary(-0.42, -0.38), look.vary(0.5, 0.56)
    wood, trim = look.second, colours.mix(look.main, look.one_of("#c9433a", "#3f6f9a", "#4f8a5f", "#fdf6e6"), 0.7)
    u = np.linspace(-1, 1, 120)
    waves = hem + 0.05 * np.cos(u * np.pi * look.vary(4.5, 6.5)) * abs(u) ** 0.6
    front = np.concatenate([[(-w, top + 0.12), (w, top + 0.12)], np.stack([u * (w + 0.06), waves], 1)[::-1]])
    border = np.concatenate([
        np.stack([u * (w + 0.05), waves - 0.1], 1), np.stack([u * (w + 0.055), waves - 0.045], 1)[::-1],
    ])  # fmt: skip
    board = rounded([(-w + 0.12, top - 0.08), (w - 0.12, top - 0.08), (w + 0.03, top + 0.15), (-w - 0.03, top + 0.15)],
        0.05)  # fmt: skip
    light = colours.shade(look.main, light=0.05)
    return Figure(
        body=(
            *both(_leg(0.54, 0.2, 0.8, 0.0, colours.shade(wood, light=-0.12), 0.06), _leg(w - 0.1, 0.3, 0.95, 0.02,
                wood, 0.075)),
            Part(board, light, look.material, puff=0.15, pattern=Pattern("checks", trim, 0.1, 0.35)),
            *_laid(look, top - 0.02),
            Part(front, look.main, look.material, puff=0.35, lift=0.04),
            Part(border, trim, look.material, puff=0.3, lift=0.0),
            *(Part(stroke([(x, hem - 0.3), (x * 1.03, hem - 0.03)], [0.006, 0.016]), colours.shade(look.main,
                light=-0.1), look.material, puff=-0.3, lift=0.0) for x in (-0.68, -0.52, 0.54, 0.7)),
        ),
        face=FaceSpot(0, -0.06, look.vary(0.34, 0.36), squeeze=0.94),
        crown=(0, top - 0.05, 0.5),
        neck=(0, hem - 0.05),
    )  # fmt: skip


def _laid(look: Look, y: float) -> tuple[Part, ...]:
    """What stands on the table: a vase of flowers, and a teapot or a bowl of fruit, and a cup."""
    china, bloom = look.one_of("#f4f0e6", "#8fb5c9", "#e8a5b0", "#d9b45a"), look.one_of("#e4553f", "#f0b429", "#e87fa5")
    green, s = np.array([0.36, 0.58, 0.32]), 1 if look.chance(0.5) else -1
    x = s * 0.42
    stems = tuple(
        part for dx, dy in ((-0.13, -0.46), (0.02, -0.53), (0.15, -0.44)) for part in (
            Part(stroke([(x, y - 0.15), (x + dx * 0.6, y + dy * 0.7), (x + dx, y + dy)], 0.014), green, "leaf"),
            Part(ellipse(x + dx, y + dy, 0.075, 0.07), bloom, "leaf", puff=0.8, lift=0.02),
            Part(ellipse(x + dx, y + dy, 0.028, 0.026), _WHITE, "felt", lift=0.01))
    )  # fmt: skip
    pot = mirrored([(0, -0.24), (0.07, -0.23), (0.05, -0.14), (0.12, -0.02), (0.08, 0.08), (0, 0.08)]) + (x, y)
    fruit = tuple(
        Part(ellipse(-x + dx, y - 0.13 + dy, 0.085, 0.082), colours.parse(tone), "peel", puff=0.9, lift=0.02)
        for dx, dy, tone in ((-0.11, 0.0, "#d8433b"), (0.11, 0.01, "#f0a53a"), (0.0, -0.06, "#8fb54a"))
    )
    bowl = mirrored([(0, -0.1), (0.25, -0.11), (0.22, 0.02), (0.1, 0.08), (0, 0.08)]) + (-x, y)
    return (*stems, Part(pot, china, "porcelain", puff=0.9), *fruit, Part(bowl, china, "porcelain", puff=0.7,
        lift=0.03))  # fmt: skip


@archetype("office", mains=_WOODS, seconds=("#d9b45a", "#c4c9d0", "#3a3f45"), material="wood")
def desk(look: Look) -> Figure:
    """A writing desk: a broad top with a lamp and books, drawers on both sides, the face on the panel between."""
    w, top, low = look.vary(0.84, 0.88), look.vary(-0.36, -0.32), 0.9
    dark, light = colours.shade(look.main, light=-0.1), colours.shade(look.main, light=0.05)
    board = rounded([(-w + 0.08, top - 0.1), (w - 0.08, top - 0.1), (w + 0.06, top + 0.08), (-w - 0.06, top + 0.08)],
        0.04)  # fmt: skip
    drawers = tuple(
        part for y in (0.0, 0.28, 0.56) for part in both(
            Part(box(w - 0.19, y, 0.155, 0.115, 0.03), light, look.material, bevel=0.03, lift=0.015),
            Part(ellipse(w - 0.19, y, 0.035, 0.035), look.second, "metal", puff=1.0, lift=0.02))
    )  # fmt: skip
    return Figure(
        body=(
            *_lamp_and_books(look, top),
            *both(_leg(w - 0.12, 0.6, 0.96, 0.02, dark, 0.07)),
            Part(box(0, 0.24, w * 0.7, 0.5, 0.05), look.main, look.material, bevel=0.05),
            *both(Part(box(w - 0.19, 0.27, 0.21, 0.46, 0.04), dark, look.material, bevel=0.03, lift=0.03)), *drawers,
            Part(board, light, look.material, puff=0.15, lift=0.03),
            Part(box(0, top + 0.1, w + 0.06, 0.05, 0.03), look.main, look.material, puff=0.6, lift=0.04),
        ),
        face=FaceSpot(0, 0.11, 0.34, squeeze=0.93),
        crown=(0, top - 0.06, 0.45),
        neck=(0, low - 0.14),
    )  # fmt: skip


def _lamp_and_books(look: Look, y: float) -> tuple[Part, ...]:
    """A reading lamp at one end of a desk's top, a pile of books at the other."""
    s, shade = (1 if look.chance(0.5) else -1), look.one_of("#4f8f6a", "#d9564a", "#e0b04a", "#3f6f9a")
    x = s * 0.56
    hood: Outline = rounded([(x - s * 0.06, y - 0.5), (x - s * 0.3, y - 0.56), (x - s * 0.42, y - 0.26), (x + s * 0.04,
        y - 0.28)], 0.06)  # fmt: skip
    books = tuple(
        Part(box(-x + look.vary(-0.03, 0.03), y - 0.05 - 0.1 * k, 0.24 - 0.02 * k, 0.05, 0.02), look.one_of("#b5483f",
            "#3f6f8a", "#d9b45a", "#5f8a5a", "#7a5a8a"), "leather", puff=0.5)
        for k in range(int(look.rng.integers(2, 5)))
    )  # fmt: skip
    return (
        *books,
        Part(stroke([(x + s * 0.06, y), (x + s * 0.16, y - 0.26), (x - s * 0.06, y - 0.46)], 0.025), _BRASS, "metal"),
        Part(ellipse(x + s * 0.06, y, 0.14, 0.05), _BRASS, "metal", puff=0.7),
        Part(ellipse(x - s * 0.19, y - 0.27, 0.1, 0.06), np.array([1.0, 0.93, 0.65]), "glass", puff=0.8),
        Part(hood, shade, "metal", puff=0.7, lift=0.03),
    )
