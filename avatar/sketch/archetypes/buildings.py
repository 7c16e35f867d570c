"""Buildings, seen from the front: house and castle."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.archetypes.vehicles import puffs
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import Outline, box, ellipse, rounded, scalloped, stroke

_BRASS = np.array([0.85, 0.68, 0.3])
_WHITE = np.array([0.96, 0.95, 0.91])
_LIT = np.array([0.99, 0.87, 0.5])


@archetype(
    "household",
    mains=("#ecd3a6", "#e9b48f", "#a9c6d6", "#b7cfa5", "#f0e6d2", "#e5c0c0", "#d9b58a"),
    seconds=("#b5432f", "#8a4632", "#4a6a86", "#5a6a4a", "#7a4a6a"),
)
def house(look: Look) -> Figure:
    """A small house: a tiled roof with a smoking chimney, a front door with steps, windows with flower boxes."""
    w, eave, low = look.vary(0.66, 0.71), look.vary(-0.37, -0.33), 0.9
    gabled = look.chance(0.55)
    ridge = look.vary(-0.87, -0.83)
    side = 1 if look.chance(0.5) else -1
    haunted = called(look, "haunted")
    wood = look.one_of("#7a4a2c", "#3f6f8f", "#8f3f35", "#3f7a5a", "#c98a35")
    wall = [(-w, eave), (w, eave), (w, low), (-w, low)]
    if gabled:
        wall.insert(1, (0.0, ridge + 0.06))
    plinth = colours.shade(look.main, light=-0.22, saturation=-0.15)
    return Figure(
        body=(
            *_chimney(look, side * 0.46, eave, ridge),
            Part(rounded(wall, 0.03), look.main, look.material, bevel=0.06),
            *(_gable(look, w, eave, ridge) if gabled else _hipped(look, w, eave, ridge)),
            *_plants(look, w, low),
            *both(*_window(look, 0.46, 0.675, _LIT if haunted else np.array([0.66, 0.83, 0.92]), wood)),
            Part(box(0, low, w + 0.03, 0.055, 0.03), plinth, "stone", puff=0.5, lift=0.02),
            *_door(0, 0.55, low, wood),
        ),
        face=FaceSpot(0, eave + 0.36, w * 0.52, squeeze=0.94),
        crown=(0, eave + 0.02, w * 0.8) if not gabled else (0, ridge + 0.05, w * 0.5),
        neck=(0, 0.5),
    )


def _gable(look: Look, w: float, eave: float, ridge: float) -> tuple[Part, ...]:
    """Two slopes of a roof seen end on, and a round window under the ridge."""
    out = w + 0.2
    drop = eave + 0.13
    slope = rounded([(0, ridge - 0.05), (out, drop), (out - 0.1, drop + 0.09), (0, ridge + 0.17), (-out + 0.1,
        drop + 0.09), (-out, drop)], 0.04)  # fmt: skip
    shadow = rounded([(0, ridge + 0.13), (w, eave + 0.06), (w, eave + 0.15), (0, ridge + 0.24), (-w, eave + 0.15),
        (-w, eave + 0.06)], 0.03)  # fmt: skip
    y = ridge + 0.4
    return (
        Part(shadow, colours.shade(look.main, light=-0.13), look.material, puff=0.0, lift=0.0),
        Part(ellipse(0, y, 0.1, 0.1), _WHITE, "wood", puff=0.6, lift=0.015),
        Part(ellipse(0, y, 0.072, 0.072), np.array([0.55, 0.74, 0.86]), "glass", puff=-0.2, lift=0.0),
        Part(box(0, y, 0.012, 0.075, 0.005), _WHITE, "wood", puff=0.4, lift=0.0),
        Part(box(0, y, 0.075, 0.012, 0.005), _WHITE, "wood", puff=0.4, lift=0.0),
        Part(slope, look.second, "clay", puff=0.55, lift=0.07),
    )


def _hipped(look: Look, w: float, eave: float, ridge: float) -> tuple[Part, ...]:
    """A broad roof seen from its long side, in rows of round tiles."""
    rows, out = 4, w + 0.17
    top = ridge + 0.08
    step = (eave + 0.06 - top) / rows
    parts = []
    for k in reversed(range(rows)):
        y = top + k * step
        half_high, half_low = (0.42 + (out - 0.42) * (y + d - top) / (rows * step) for d in (0.0, step))
        tone = colours.shade(look.second, light=0.03 * (-1) ** k, hue=look.vary(-0.01, 0.01))
        parts.append(Part(_tiled(half_high, half_low, y - 0.03, y + step), tone, "clay", puff=0.35, lift=0.025))
    cap = Part(box(0, top - 0.02, 0.45, 0.045, 0.04), colours.shade(look.second, light=-0.07), "clay", lift=0.03)
    return (*parts, cap)


def _tiled(half_high: float, half_low: float, y: float, low: float) -> Outline:
    """A row of tiles: straight above, scalloped below."""
    u = np.linspace(-1, 1, 90)
    hem = low + 0.045 * np.sqrt(abs(np.sin(u * half_low / 0.085 * np.pi / 2)))
    return np.concatenate([[(-half_high, y), (half_high, y)], np.stack([u * half_low, hem], 1)[::-1]])


def _chimney(look: Look, x: float, eave: float, ridge: float) -> tuple[Part, ...]:
    """A brick chimney with a pot and three puffs of smoke."""
    brick = look.one_of("#a85a42", "#8f5a4a", "#b07a5a")
    top = ridge + 0.07
    smoke = np.array([0.93, 0.93, 0.95])
    return (
        *(puffs(look, x + dx, top + dy, r, smoke) for dx, dy, r in ((0.04, -0.1, 0.05), (0.15, -0.13, 0.07))),
        Part(box(x, (top + eave) / 2, 0.1, (eave - top) / 2, 0.015), brick, "clay", bevel=0.03,
            pattern=Pattern("checks", brick * 0.75, 0.055, 0.5)),
        Part(box(x, top, 0.135, 0.04, 0.02), colours.shade(brick, light=-0.08), "clay", puff=0.7, lift=0.02),
    )  # fmt: skip


def _window(look: Look, x: float, y: float, glass: np.ndarray, wood: np.ndarray) -> tuple[Part, ...]:
    """A small window with crossed bars above a box of flowers."""
    blooms = look.one_of("#e4553f", "#f0b429", "#e87fa5", "#f4f0e6", "#a88ad9")
    return (
        Part(box(x, y, 0.135, 0.12, 0.02), _WHITE, "wood", puff=0.5, lift=0.02),
        Part(box(x, y, 0.105, 0.09, 0.01), glass, "glass", puff=-0.15, lift=0.0),
        Part(box(x, y, 0.011, 0.09, 0.005), _WHITE, "wood", puff=0.4, lift=0.0),
        Part(box(x, y, 0.105, 0.011, 0.005), _WHITE, "wood", puff=0.4, lift=0.0),
        *(Part(ellipse(x + dx, y + 0.11, 0.045, 0.04), tone, "leaf", puff=0.9, lift=0.02)
            for dx, tone in ((-0.1, blooms), (-0.035, np.array([0.35, 0.58, 0.3])), (0.035, blooms), (0.1, blooms))),
        Part(box(x, y + 0.155, 0.155, 0.03, 0.015), wood, "wood", puff=0.6, lift=0.03),
    )  # fmt: skip


def _door(x: float, top: float, low: float, wood: np.ndarray) -> tuple[Part, ...]:
    """A round-headed door in a white frame, with a step."""

    def arch(half: float, head: float) -> Outline:
        a = np.linspace(np.pi, 0, 24)
        curve = np.stack([x + half * np.cos(a), head + half - half * np.sin(a)], 1)
        return np.concatenate([curve, [(x + half, low), (x - half, low)]])

    return (
        Part(arch(0.175, top), _WHITE, "wood", puff=0.4, lift=0.03),
        Part(arch(0.135, top + 0.04), wood, "wood", bevel=0.03, lift=0.0),
        Part(ellipse(x + 0.085, top + 0.24, 0.022, 0.022), _BRASS, "metal", puff=1.0, lift=0.015),
        Part(box(x, low + 0.02, 0.25, 0.035, 0.02), np.array([0.7, 0.68, 0.64]), "stone", puff=0.7, lift=0.03),
    )


def _plants(look: Look, w: float, low: float) -> tuple[Part, ...]:
    """Bushes at the corners."""
    green = look.one_of("#4f8f45", "#5f9e3f", "#3f7f4c", "#7fa84a")
    return tuple(
        Part(scalloped(s * (w + 0.02), low - 0.04, r, r * 0.85, 9, 0.16), colours.shade(green, light=look.vary(-0.04,
            0.04)), "leaf", puff=0.8, lift=0.04)
        for s, r in ((-1, look.vary(0.12, 0.2)), (1, look.vary(0.12, 0.2)))
    )  # fmt: skip


@archetype(
    "household",
    mains=("#b5b0a6", "#c4b79c", "#a6adb8", "#cbb3a0", "#d4cdb8", "#a9b0a0"),
    seconds=("#b0413a", "#3f6a9a", "#6a4f8f", "#3f7f6a", "#c98a35"),
    material="stone",
)
def castle(look: Look) -> Figure:
    """A castle: a keep with battlements, two round towers with pointed roofs and flags, and a gate."""
    w, top, low = look.vary(0.52, 0.56), look.vary(-0.56, -0.5), 0.92
    tower_x, tower_top = look.vary(0.71, 0.74), look.vary(-0.34, -0.26)
    stone = Pattern("checks", colours.shade(look.main, light=-0.05), 0.12, 0.35)
    back = Part(_crenellated(0.3, -0.78, -0.2, 3), colours.shade(look.main, light=-0.07), look.material, bevel=0.04)
    tops = both(*_tower(look, tower_x, tower_top, low))
    return Figure(
        body=(
            *_flag(look, 0, -0.8), back, *tops,
            Part(_crenellated(w, top, low, 5), look.main, look.material, bevel=0.05, lift=0.05, pattern=stone),
            Part(box(0, top + 0.17, w + 0.015, 0.03, 0.02), colours.shade(look.main, light=0.07), look.material,
                puff=0.7, lift=0.02),
            *_gate(0.56, low), *_stones(look, w),
        ),
        face=FaceSpot(0, top + 0.48, w * 0.69, squeeze=0.94),
        crown=(0, top, w * 0.9),
        neck=(0, 0.5),
    )  # fmt: skip


def _crenellated(half: float, top: float, low: float, merlons: int) -> Outline:
    """A wall with that many merlons along its upper edge."""
    step = 2 * half / (2 * merlons - 1)
    edge = []
    for k in range(merlons):
        x = -half + 2 * k * step
        edge += [(x, top + 0.11), (x, top), (x + step, top), (x + step, top + 0.11)]
    return rounded([*edge[1:-1], (half, low), (-half, low)], 0.015)


def _tower(look: Look, x: float, top: float, low: float) -> tuple[Part, ...]:
    """A round tower at x with a cone for a roof, a slit of light and a ring of stone."""
    tone = colours.shade(look.main, light=0.02)
    roof = rounded([(x, -0.84), (x + 0.27, top + 0.03), (x + 0.2, top + 0.07), (x - 0.2, top + 0.07), (x - 0.27,
        top + 0.03)], 0.03)  # fmt: skip
    return (
        *(() if not look.chance(0.6) else _flag(look, x, -0.82)),
        Part(rounded([(x - 0.18, top), (x + 0.18, top), (x + 0.2, low), (x - 0.2, low)], 0.03), tone, look.material,
            puff=0.9),
        Part(roof, look.second, "clay", puff=0.6, lift=0.04),
        Part(box(x + 0.02, top + 0.3, 0.035, 0.085, 0.035), np.array([0.25, 0.23, 0.25]), "clay", puff=-0.2, lift=0.0),
        Part(box(x + 0.02, top + 0.75, 0.035, 0.085, 0.035), np.array([0.25, 0.23, 0.25]), "clay", puff=-0.2, lift=0.0),
    )  # fmt: skip


def _flag(look: Look, x: float, foot: float) -> tuple[Part, ...]:
    """A pennant on a pole."""
    tone, s = look.one_of("#d8433b", "#f2b632", "#3f86c9"), 1 if x <= 0 else -1
    cloth = rounded([(x, foot - 0.15), (x + s * 0.2, foot - 0.1), (x, foot - 0.04)], 0.01)
    return (
        Part(cloth, tone, "fabric", puff=0.4),
        Part(stroke([(x, foot + 0.06), (x, foot - 0.16)], 0.012), np.array([0.4, 0.32, 0.25]), "wood", lift=0.01),
    )


def _gate(top: float, low: float) -> tuple[Part, ...]:
    """A round-headed gate of planks behind a raised portcullis."""

    def arch(half: float, head: float) -> Outline:
        a = np.linspace(np.pi, 0, 24)
        curve = np.stack([half * np.cos(a), head + half * (1 - np.sin(a))], 1)
        return np.concatenate([curve, [(half, low), (-half, low)]])

    iron = np.array([0.22, 0.21, 0.22])
    return (
        Part(arch(0.25, top - 0.04), np.array([0.82, 0.78, 0.7]), "stone", puff=0.4, lift=0.03),
        Part(arch(0.19, top + 0.02), np.array([0.43, 0.28, 0.17]), "wood", puff=-0.1, lift=0.0,
            pattern=Pattern("stripes", np.array([0.33, 0.2, 0.12]), 0.04, 0.7)),
        *(Part(box(0, y, 0.185, 0.014, 0.005), iron, "metal", puff=0.5, lift=0.01) for y in (0.72, 0.84)),
        *(Part(ellipse(s * 0.04, 0.79, 0.022, 0.022), np.array([0.85, 0.7, 0.35]), "metal", lift=0.01)
            for s in (-1, 1)),
    )  # fmt: skip


def _stones(look: Look, w: float) -> tuple[Part, ...]:
    """A few single blocks that show in the wall, away from the face, and ivy on one corner."""
    blocks = [(-0.86, 0.66), (0.84, 0.74), (-0.78, 0.84), (0.88, 0.56)]
    return tuple(
        Part(box(x * w, y, 0.06, 0.028, 0.015), colours.shade(look.main, light=look.vary(-0.1, 0.06)), look.material,
            puff=0.6, lift=0.0)
        for x, y in blocks
    )  # fmt: skip
