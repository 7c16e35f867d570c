"""Stringed instruments, upright and a little aslant: guitar, violin."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, ellipse, mirrored, place, rounded, stroke

_EBONY = np.array([0.15, 0.12, 0.12])
_STEEL = np.array([0.86, 0.86, 0.84])
_SCALE, _DOWN = 0.94, 0.02
_CREAM = np.array([0.95, 0.9, 0.78])


def _aslant(parts: tuple[Part, ...], turn: float) -> tuple[Part, ...]:
    """The parts made a little smaller and turned clockwise, so that the whole stands in the picture."""
    return tuple(
        Part(place(p.outline, 0, _DOWN, scale=_SCALE, turn=turn), p.colour, p.material, p.puff, p.bevel, p.lift,
            p.pattern)
        for p in parts
    )  # fmt: skip


def _spot(y: float, iod: float, turn: float) -> FaceSpot:
    """A face on the axis of something that stands aslant."""
    x, y = _axis(y, turn)
    return FaceSpot(x, y, iod * _SCALE, roll=turn)


def _axis(y: float, turn: float) -> tuple[float, float]:
    """Where a point of the upright axis comes to lie."""
    x, y = place(np.array([(0.0, y)]), 0, _DOWN, scale=_SCALE, turn=turn)[0]
    return float(x), float(y)


def _strings(count: int, spread: tuple[float, float], y: tuple[float, float]) -> tuple[Part, ...]:
    """Thin strings that fan out from the nut to the bridge; `spread` holds the half widths at both ends."""
    share = np.linspace(-1, 1, count)
    return tuple(
        Part(
            stroke([(k * spread[0], y[0]), (k * spread[1], y[1])], 0.0036), _STEEL * 0.82, "metal", puff=0.5, lift=0.006
        )
        for k in share
    )


@archetype(
    "music",
    mains=("#d9954a", "#e2b06a", "#c9702f", "#b5502f", "#3f6f9a", "#c23a35", "#7a4a2f"),
    seconds=("#6b3a22", "#4a2c1e", "#8a4f2a", "#2f2a2c"),
    material="wood",
)
def guitar(look: Look) -> Figure:
    """Two round bouts, a sound hole, a bridge, a fretted neck, pegs; electric ones have horns and pickups."""
    w, turn = look.vary(0.6, 0.65), look.vary(3, 10) * (1 if look.chance(0.5) else -1)
    upper = w * look.vary(0.68, 0.74)
    electric = called(look, "electric", "rock", "bass")
    edge, board = look.second, np.array([0.24, 0.15, 0.12])
    horns = [(0, -0.26), (upper * 0.4, -0.28), (upper * 0.8, -0.5), (upper * 1.02, -0.44)]
    shoulders = [(0, -0.43), (upper * 0.62, -0.4), (upper, -0.22)]
    bouts = [(upper * 0.86, -0.01), (w * 0.86, 0.18), (w, 0.48), (w * 0.78, 0.82), (w * 0.36, 0.93), (0, 0.95)]
    body = mirrored((horns if electric else shoulders) + bouts)
    burst = Pattern("fade_up", colours.mix(look.main, look.second, 0.75), look.vary(-0.45, -0.3), 0.7)
    pickups = tuple(Part(box(0, y, 0.16, 0.035, 0.02), _EBONY, "plastic", lift=0.015) for y in (-0.2, -0.08))
    hole = pickups if electric else (
        Part(ellipse(0, -0.18, 0.18, 0.18), colours.mix(look.second, _CREAM, 0.55), "wood", puff=0.1, lift=0.0,
            pattern=Pattern("checks", look.second, 0.02, 0.8)),
        Part(ellipse(0, -0.18, 0.14, 0.14), np.array([0.16, 0.09, 0.06]), "felt", puff=-0.5, lift=0.0),
    )  # fmt: skip
    neck = rounded([(-0.07, -0.82), (0.07, -0.82), (0.085, -0.27), (-0.085, -0.27)], 0.01)
    head = rounded([(-0.08, -0.79), (-0.125, -0.97), (-0.05, -1.0), (0.05, -1.0), (0.125, -0.97), (0.08, -0.79)], 0.03)
    frets = tuple(
        Part(box(0, y, 0.075, 0.007, 0.003), _STEEL, "metal", puff=0.6, lift=0.0)
        for y in (-0.76, -0.69, -0.625, -0.56, -0.5, -0.44, -0.385)
    )
    pegs = both(
        *(Part(stroke([(0.05, y), (0.13, y)], 0.013), _STEEL, "metal") for y in (-0.95, -0.885, -0.82)),
        *(Part(ellipse(0.15, y, 0.042, 0.024), _CREAM, "plastic", puff=0.9) for y in (-0.95, -0.885, -0.82)),
    )
    bridge = (
        Part(box(0, 0.05, 0.22, 0.04, 0.03), edge, "wood", puff=0.8, lift=0.02),
        Part(box(0, 0.045, 0.15, 0.01, 0.005), _CREAM, "plastic", puff=0.5, lift=0.005),
    )
    knob = Part(ellipse(0, 0.955, 0.04, 0.035), edge, "wood")
    parts = (
        *_strap(look, w), knob, *pegs, Part(head, edge, "wood", bevel=0.03),
        Part(body * (1.035, 1.02) + (0.0, -0.005), edge, look.material, bevel=0.06),
        Part(body, look.main, look.material, puff=0.32, lift=0.01, pattern=burst if look.chance(0.6) else None),
        *hole, Part(neck, board, "wood", puff=0.4, lift=0.04), *frets, *bridge,
        *_strings(6 if not called(look, "ukulele", "bass") else 4, (0.052, 0.11), (-0.82, 0.04)),
    )  # fmt: skip
    return Figure(
        body=_aslant(parts, turn),
        face=_spot(0.37, w * 0.56, turn),
        crown=(*_axis(-0.97, turn), 0.16),
        neck=_axis(0.9, turn),
    )


def _strap(look: Look, w: float) -> tuple[Part, ...]:
    """A woven strap that hangs in a bow beside the body."""
    if look.chance(0.45):
        return ()
    side = 1 if look.chance(0.5) else -1
    cloth, stripe = (
        look.one_of("#b5403a", "#3f6f8a", "#4f8a5f", "#c98b2f", "#7a4a8a"),
        look.one_of("#f2e2b8", "#e2bd62"),
    )
    line = [(side * 0.1, -0.8), (side * (w - 0.06), -0.62), (side * (w + 0.16), -0.1), (side * (w + 0.15), 0.5),
        (side * 0.2, 0.95)]  # fmt: skip
    return (Part(stroke(line, 0.055), cloth, "fabric", puff=0.3, pattern=Pattern("bands", stripe, 0.045, 0.7)),)


@archetype(
    "music",
    mains=("#b5502a", "#a8431f", "#c9702f", "#8f3a22", "#d98a3f"),
    seconds=("#5a2a18", "#3a1f18", "#7a3a1f"),
    material="wood",
)
def violin(look: Look) -> Figure:
    """A violin: cornered waist, two f-holes, an ebony board, a scroll with four pegs, a bow behind."""
    w, turn = look.vary(0.55, 0.59), look.vary(-9, 9)
    upper = w * look.vary(0.78, 0.84)
    edge = look.second
    half = [(0, -0.46), (upper * 0.6, -0.44), (upper * 0.98, -0.3), (upper, -0.16), (upper * 1.02, -0.06),
        (upper * 0.78, 0.0), (w * 0.74, 0.1), (w * 0.98, 0.19), (w * 1.02, 0.28), (w, 0.5), (w * 0.78, 0.8),
        (w * 0.4, 0.92), (0, 0.94)]  # fmt: skip
    body = mirrored(half)
    parts = (
        *_fiddle_bow(look, edge), *_scroll(edge),
        Part(body * (1.05, 1.025) + (0.0, -0.005), edge, look.material, bevel=0.07),
        Part(body, look.main, look.material, puff=0.42, lift=0.01),
        *both(*_f_hole(w * 0.78, 0.34)),
        Part(rounded([(-0.05, -0.84), (0.05, -0.84), (0.085, -0.14), (-0.085, -0.14)], 0.02), _EBONY, "wood", puff=0.6,
            lift=0.05),
        Part(rounded([(-0.13, 0.02), (-0.1, -0.05), (0.1, -0.05), (0.13, 0.02)], 0.02), _CREAM * 0.9, "wood", puff=0.6,
            lift=0.03),
        *_strings(4, (0.032, 0.085), (-0.84, -0.03)),
        Part(rounded([(-0.1, 0.83), (0.1, 0.83), (0.06, 0.96), (-0.06, 0.96)], 0.03), _EBONY, "wood", puff=0.7,
            lift=0.04),
    )  # fmt: skip
    return Figure(
        body=_aslant(parts, turn),
        face=_spot(0.27, w * 0.56, turn),
        crown=(*_axis(-0.97, turn), 0.14),
        neck=_axis(0.88, turn),
    )


def _scroll(edge: np.ndarray) -> tuple[Part, ...]:
    """The curled head with its pegs."""
    peg = Part(stroke([(0.04, -0.86), (0.15, -0.87)], [0.016, 0.035]), _EBONY, "wood")
    return (
        *both(peg, Part(stroke([(0.04, -0.78), (0.15, -0.77)], [0.016, 0.035]), _EBONY, "wood")),
        Part(stroke([(0, -0.72), (0, -0.94)], [0.06, 0.065]), edge, "wood", puff=0.8),
        Part(ellipse(0, -0.95, 0.1, 0.06), edge, "wood", puff=0.9, lift=0.03),
        *both(Part(ellipse(0.075, -0.95, 0.035, 0.04), colours.shade(edge, light=0.06), "wood", puff=0.9, lift=0.01)),
    )


def _f_hole(x: float, y: float) -> tuple[Part, ...]:
    """One f-hole, the right one."""
    line = [(x - 0.07, y - 0.2), (x - 0.1, y - 0.15), (x - 0.05, y - 0.06), (x, y + 0.06), (x + 0.05, y + 0.15),
        (x + 0.01, y + 0.2)]  # fmt: skip
    return (
        Part(stroke(line, [0.016, 0.02, 0.02, 0.02, 0.02, 0.016]), _EBONY, "felt", puff=-0.4, lift=0.0),
        Part(ellipse(x - 0.062, y - 0.195, 0.028, 0.028), _EBONY, "felt", puff=-0.4, lift=0.0),
        Part(ellipse(x + 0.012, y + 0.195, 0.032, 0.032), _EBONY, "felt", puff=-0.4, lift=0.0),
    )


def _fiddle_bow(look: Look, wood: np.ndarray) -> tuple[Part, ...]:
    """The bow, aslant behind the body."""
    side = 1 if look.chance(0.5) else -1
    lean = look.vary(38, 48) * side
    hair = Part(place(stroke([(0.09, -1.05), (0.07, 1.0)], 0.016), 0, 0.05, turn=lean), _CREAM, "fabric", puff=0.3)
    stick = Part(place(stroke([(0.1, -1.08), (-0.0, -0.9), (-0.03, 0), (0, 1.05)], 0.026), 0, 0.05, turn=lean), wood,
        "wood", puff=0.9)  # fmt: skip
    frog = Part(place(box(0.04, 0.9, 0.055, 0.08, 0.02), 0, 0.05, turn=lean), _EBONY, "wood", puff=0.6)
    return hair, stick, frog
