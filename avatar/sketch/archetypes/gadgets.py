"""Gadgets: camera, radio, loudspeaker, gamepad."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, mirrored, place, rounded, stroke, superellipse

_STEEL = np.array([0.77, 0.79, 0.82])
_DARK = np.array([0.17, 0.18, 0.2])
_WHITE = np.array([0.96, 0.95, 0.92])


def _knob(x: float, y: float, r: float, tone: np.ndarray, turn: float) -> tuple[Part, ...]:
    """A round knob with its pointer at `turn` degrees."""
    mark = place(box(0, -0.6 * r, 0.1 * r, 0.28 * r, 0.02), x, y, turn=turn)
    return (
        Part(ellipse(x, y, r * 1.12, r * 1.12), tone * 0.6, "metal", puff=0.3, lift=0.02),
        Part(ellipse(x, y, r, r), tone, "metal", puff=0.5, lift=0.03),
        Part(mark, tone * 0.35, "plastic", puff=0.2, lift=0.0),
    )


@archetype(
    "office",
    mains=("#3f4650", "#8a4f35", "#c9564a", "#4f8f97", "#d9a03f", "#7a6aa8", "#5f8f5f"),
    seconds=("#c9ccd2", "#e2d9c4", "#d9b45a"),
    material="leather",
)
def camera(look: Look) -> Figure:
    """A camera: leather body, bright top plate with finder, flash and dials, and a great lens that holds the face."""
    w, top, low = look.vary(0.85, 0.9), look.vary(-0.5, -0.46), look.vary(0.66, 0.7)
    cy, r = 0.12, look.vary(0.55, 0.58)
    s = 1 if look.chance(0.5) else -1
    plate, cover = look.second, colours.within(look.main, 0.26, 0.7)
    hump = rounded([(-0.27, top + 0.02), (-0.2, top - 0.25), (0.2, top - 0.25), (0.27, top + 0.02)], 0.06)
    glass = colours.mix(look.one_of("#8fb5d9", "#a9a0dc", "#8fcfd0", "#b5c9e0"), cover, 0.15)
    strap = both(Part(stroke([(w - 0.03, top + 0.12), (w + 0.07, 0.05), (w + 0.05, 0.5), (w - 0.1, 0.95)], 0.04),
        colours.shade(cover, light=-0.08), "leather", puff=0.4))  # fmt: skip
    ring = tuple(
        Part(box(0, 0, 0.012, 0.03, 0.008) @ _turned(a) + (r * 1.035 * math.sin(a), cy - r * 1.035 * math.cos(a)),
            _STEEL * 0.75, "metal", puff=0.5, lift=0.0)
        for a in np.linspace(0, 2 * math.pi, 36, endpoint=False)
    )  # fmt: skip
    return Figure(
        body=(
            *strap,
            Part(hump, plate, "metal", bevel=0.05),
            Part(box(0, top - 0.12, 0.14, 0.075, 0.03), np.array([0.4, 0.5, 0.6]), "glass", puff=0.2, lift=0.0),
            Part(box(s * 0.62, top - 0.05, 0.13, 0.09, 0.03), plate * 0.85, "metal", puff=0.5),
            Part(box(-s * 0.62, top - 0.03, 0.08, 0.09, 0.03), np.array([0.85, 0.3, 0.25]), "plastic", puff=0.6),
            Part(box(0, (top + low) / 2, w, (low - top) / 2, 0.14), cover, "leather", bevel=0.1),
            Part(_cap(w, top), plate, "metal", bevel=0.05, lift=0.03),
            Part(box(-s * 0.63, top + 0.1, 0.15, 0.065, 0.02), _WHITE, "glass", puff=0.2, lift=0.02),
            Part(ellipse(s * 0.68, top + 0.1, 0.045, 0.045), np.array([0.3, 0.4, 0.5]), "glass", puff=0.6, lift=0.02),
            Part(ellipse(0, cy, r * 1.1, r * 1.1), _DARK * 1.5, "metal", puff=0.5, lift=0.08), *ring,
            Part(ellipse(0, cy, r * 0.97, r * 0.97), plate * 0.95, "metal", puff=0.4, lift=0.05),
            Part(ellipse(0, cy, r * 0.9, r * 0.9), _DARK, "plastic", puff=-0.2, lift=0.0),
            Part(ellipse(0, cy, r * 0.83, r * 0.83), glass, "porcelain", puff=0.4, lift=0.0),
        ),
        face=FaceSpot(0, cy - 0.135, r * 0.62, squeeze=0.97),
        crown=(0, top - 0.23, 0.24),
        neck=(0, low - 0.02),
    )  # fmt: skip


def _turned(a: float) -> np.ndarray:
    return np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])


def _cap(w: float, top: float) -> np.ndarray:
    """The top plate: as wide as the body, rounded above."""
    return rounded([(-w, top + 0.22), (-w, top), (w, top), (w, top + 0.22)], 0.1)


@archetype(
    "office",
    mains=("#b5723f", "#c9564a", "#4f8f86", "#e0b04a", "#8a5a35", "#7aa0b5", "#d98a6a", "#8aa86a"),
    seconds=("#f0e2c0", "#e9d9b0", "#f4ead4"),
    material="wood",
)
def radio(look: Look) -> Figure:
    """A table radio: a rounded cabinet with a lit dial, a cloth front, two knobs, a handle and an aerial."""
    w, top, low = look.vary(0.82, 0.87), look.vary(-0.58, -0.52), 0.72
    s = 1 if look.chance(0.5) else -1
    dark, cloth = colours.shade(look.main, light=-0.12), colours.within(look.second, 0.5, 0.9)
    tone = look.one_of("#f2e2b0", "#ffe39a", "#e8f0d0")
    slit = tuple(
        Part(box(side * 0.665 * w / 0.85, y, 0.1, 0.014, 0.012), dark * 0.7, "wood", puff=-0.2, lift=0.0)
        for side in (-1, 1) for y in (-0.02, 0.05, 0.12, 0.19)
    )  # fmt: skip
    ticks = tuple(
        Part(box(x, top + 0.16, 0.007, 0.025 if k % 3 else 0.042, 0.003), np.array([0.4, 0.25, 0.15]), "plastic",
            puff=0.0, lift=0.0)
        for k, x in enumerate(np.linspace(-w * 0.72, w * 0.72, 19))
    )  # fmt: skip
    handle = stroke([(-0.5, top + 0.04), (-0.5, top - 0.16), (0.5, top - 0.16), (0.5, top + 0.04)], 0.035)
    return Figure(
        body=(
            Part(stroke([(s * w * 0.8, top + 0.05), (s * (w + 0.08), -0.97)], 0.016), _STEEL, "metal"),
            Part(ellipse(s * (w + 0.08), -0.95, 0.035, 0.035), _STEEL, "metal", lift=0.01),
            Part(handle, dark, "leather", puff=0.8),
            *both(Part(box(0.58, low + 0.02, 0.12, 0.06, 0.03), dark * 0.7, "wood", puff=0.6)),
            Part(box(0, (top + low) / 2, w, (low - top) / 2, 0.2), look.main, look.material, bevel=0.11),
            Part(box(0, top + 0.17, w * 0.84, 0.095, 0.06), dark, look.material, puff=0.3, lift=0.015),
            Part(box(0, top + 0.17, w * 0.8, 0.07, 0.04), tone, "glass", puff=0.1, lift=0.0), *ticks,
            Part(box(look.vary(-0.4, 0.4), top + 0.17, 0.012, 0.066, 0.005), np.array([0.85, 0.2, 0.15]), "plastic",
                puff=0.5, lift=0.01),
            Part(superellipse(0, 0.185, 0.5, 0.48, 2.5), dark, look.material, puff=0.3, lift=0.015),
            Part(superellipse(0, 0.185, 0.465, 0.445, 2.5), cloth, "canvas", puff=0.3, lift=0.0), *slit,
            *_knob(-0.67, 0.44, 0.125, cloth, look.vary(-120, 120)), *_knob(0.67, 0.44, 0.125, cloth, look.vary(-120,
                120)),
        ),
        face=FaceSpot(0, 0.06, 0.355, squeeze=0.93),
        crown=(0, top - 0.02, w * 0.7),
        neck=(0, low - 0.04),
    )  # fmt: skip


@archetype(
    "office",
    mains=("#4a4550", "#8a5a35", "#3f5f7a", "#c9564a", "#d9a03f", "#5a4a6a"),
    seconds=("#d9d2c4", "#e9b86a", "#9ab5c9", "#d98a7a"),
    material="wood",
)
def loudspeaker(look: Look) -> Figure:
    """A loudspeaker: a tall cabinet, a tweeter above, and a great cone with the face where the sound comes out."""
    w, top, low = look.vary(0.64, 0.7), -0.93, 0.9
    r, cy = w * 0.87, 0.2
    cover = colours.within(look.main, 0.22, 0.8)
    cone = colours.within(look.second, 0.4, 0.85)
    bolts = tuple(
        Part(ellipse(r * 0.96 * math.cos(a), cy + r * 0.96 * math.sin(a), 0.025, 0.025), _STEEL, "metal", lift=0.01)
        for a in np.linspace(0.4, 0.4 + 2 * math.pi, 8, endpoint=False)
    )
    waves = tuple(
        part for k, reach in enumerate((0.1, 0.2)) for part in both(
            Part(stroke([(w + reach, cy - 0.2 - 0.08 * k), (w + reach + 0.07, cy), (w + reach, cy + 0.2 + 0.08 * k)],
                0.018), colours.mix(cone, look.main, 0.2), "clay", puff=0.7))
    ) if look.chance(0.6) else ()  # fmt: skip
    return Figure(
        body=(
            *waves,
            *both(Part(box(w * 0.7, low + 0.03, 0.1, 0.05, 0.03), _DARK, "plastic", puff=0.6)),
            Part(box(0, (top + low) / 2, w, (low - top) / 2, 0.1), cover, look.material, bevel=0.08),
            Part(ellipse(0, -0.64, 0.2, 0.2), _STEEL * 0.9, "metal", puff=0.5, lift=0.02),
            Part(ellipse(0, -0.64, 0.16, 0.16), _DARK, "plastic", puff=-0.4, lift=0.0),
            Part(ellipse(0, -0.64, 0.08, 0.08), _STEEL, "metal", puff=0.8, lift=0.01),
            *both(Part(ellipse(w * 0.72, -0.76, 0.055, 0.055), _DARK, "plastic", puff=-0.4, lift=0.0)),
            Part(ellipse(0, cy, r * 1.05, r * 1.05), _STEEL * 0.7, "metal", puff=0.4, lift=0.03), *bolts,
            Part(ellipse(0, cy, r * 0.9, r * 0.9), _DARK * 1.2, "plastic", puff=0.9, lift=0.02),
            Part(ellipse(0, cy, r * 0.76, r * 0.76), cone, "paper", puff=0.5, lift=0.0),
        ),
        face=FaceSpot(0, cy - 0.13, r * 0.58, squeeze=0.97),
        crown=(0, top, w * 0.85),
        neck=(0, low - 0.08),
    )  # fmt: skip


@archetype(
    "office",
    mains=("#5a6a8a", "#d9564a", "#e8e4dc", "#6aa88a", "#8a6ab5", "#e0a83f", "#4f9ab5"),
    seconds=("#2f3540", "#f0ece2", "#3a3a4a"),
    material="plastic",
)
def gamepad(look: Look) -> Figure:
    """A game controller: two grips, a cross, four bright buttons, two sticks, and the face between."""
    top, bottom = look.vary(-0.56, -0.52), look.vary(0.76, 0.82)
    body = mirrored([(0, top + 0.02), (0.42, top), (0.76, top + 0.08), (0.93, -0.1), (0.97, 0.4), (0.88, bottom),
        (0.68, bottom - 0.04), (0.52, 0.5), (0.3, 0.5), (0, 0.52)])  # fmt: skip
    dark = _DARK * 1.3 if colours.luminance(look.main) > 0.25 else _WHITE * 0.8
    buttons = tuple(
        Part(ellipse(0.71 + dx, -0.12 + dy, 0.055, 0.055), colours.parse(tone), "plastic", puff=0.8, lift=0.02)
        for dx, dy, tone in ((0, -0.105, "#f2c83a"), (0.105, 0, "#d8433b"), (0, 0.105, "#4fa05a"), (-0.105, 0,
            "#3f86c9"))
    )  # fmt: skip
    sticks = both(
        Part(ellipse(0.66, 0.26, 0.125, 0.125), dark * 0.7, "plastic", puff=0.3, lift=0.01),
        Part(ellipse(0.66, 0.25, 0.09, 0.09), dark, "plastic", puff=0.6, lift=0.05),
    )
    cable = stroke([(0, top + 0.05), (0.04, -0.72), (-0.12, -0.84), (0.06, -0.99)], 0.025)
    return Figure(
        body=(
            Part(cable, dark, "plastic") if look.chance(0.6) else Part(box(0, top, 0.09, 0.04, 0.03), dark, "plastic"),
            *both(Part(curve([(0.36, top + 0.02), (0.5, top - 0.1), (0.74, top - 0.06), (0.84, top + 0.12)]),
                colours.shade(look.main, light=-0.12), "plastic", puff=0.7)),
            Part(body, look.main, look.material, puff=0.55, lift=0.05),
            Part(box(-0.71, -0.12, 0.055, 0.15, 0.02), dark, "plastic", puff=0.6, lift=0.02),
            Part(box(-0.71, -0.12, 0.15, 0.055, 0.02), dark, "plastic", puff=0.6, lift=0.0),
            *buttons, *sticks,
        ),
        face=FaceSpot(0, -0.17, look.vary(0.33, 0.35), squeeze=0.98),
        crown=(0, top + 0.02, 0.5),
        neck=(0, 0.48),
    )  # fmt: skip
