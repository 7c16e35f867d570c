"""Cycles and wheels: bicycle, motorcycle, unicycle, wheel."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.archetypes.vehicles import CHROME, RUBBER
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, rounded, stroke

_DARK = np.array([0.2, 0.2, 0.22])


def _spoked(x: float, y: float, r: float, hub: float, spokes: int, tyre: np.ndarray, spoke: np.ndarray,
    thin: float = 0.012) -> tuple[Part, ...]:  # fmt: skip
    """A wheel from the side: tyre, bright rim, spokes that show the wall behind them."""
    rim = r * 0.86
    rays = tuple(
        Part(stroke([(x + hub * math.cos(a), y + hub * math.sin(a)), (x + rim * math.cos(a + t), y + rim * math.sin(
            a + t))], thin), spoke, "metal", puff=0.8, lift=0.01)
        for k, a in enumerate(np.linspace(0, 2 * math.pi, spokes, endpoint=False)) for t in (0.1 * (-1) ** k,)
    )  # fmt: skip
    return (
        *rays,
        Part(ellipse(x, y, r, r), tyre, "plastic", puff=0.9, holes=(ellipse(x, y, r * 0.87, r * 0.87),)),
        Part(ellipse(x, y, r * 0.885, r * 0.885), spoke, "metal", puff=0.9, lift=0.0,
            holes=(ellipse(x, y, r * 0.81, r * 0.81),)),
    )  # fmt: skip


@archetype(
    "vehicles",
    mains=("#d8433b", "#3f86c9", "#4fa08a", "#f0b42f", "#e88ab0", "#8a6ab5", "#5a9a4f"),
    seconds=("#f2e6c8", "#dfe6ea", "#f0d29a", "#d9ecf2"),
    material="porcelain",
)
def bicycle(look: Look) -> Figure:
    """A bicycle with a great front wheel whose disc holds the face: frame, saddle, pedals, handlebars with a bell."""
    s = 1 if look.chance(0.5) else -1
    fx, fy, fr = -s * 0.24, 0.32, look.vary(0.63, 0.65)
    rx, rr = s * 0.66, look.vary(0.32, 0.34)
    ry = fy + fr - rr
    disc = colours.mix(look.second, look.main, 0.12)
    bar_y, saddle = -0.64, (s * 0.52, -0.3)
    crank = (s * 0.36, 0.58)
    bars = stroke([(fx + s * 0.06, bar_y + 0.14), (fx - s * 0.02, bar_y - 0.06), (fx - s * 0.3, bar_y - 0.12),
        (fx - s * 0.42, bar_y + 0.06)], 0.035)  # fmt: skip
    far_bars = stroke([(fx, bar_y - 0.04), (fx + s * 0.2, bar_y - 0.14), (fx + s * 0.36, bar_y - 0.02)], 0.032)
    head = (fx + s * 0.08, -0.4)
    return Figure(
        body=(
            *_spoked(rx, ry, rr, 0.05, 14, RUBBER, CHROME),
            Part(far_bars, CHROME * 0.85, "metal"),
            Part(stroke([(fx + s * 0.33, bar_y - 0.05), (fx + s * 0.42, bar_y + 0.02)], 0.05), _DARK, "plastic"),
            _tube(look, (saddle[0], saddle[1] + 0.05), (rx, ry), 0.03), _tube(look, crank, (rx, ry), 0.03),
            _tube(look, (saddle[0] - s * 0.01, saddle[1] + 0.02), crank), _tube(look, head, _joint(saddle, s)),
            _tube(look, (fx + s * 0.1, -0.26), crank),
            Part(ellipse(rx, ry, 0.06, 0.06), CHROME, "metal", puff=0.9, lift=0.02),
            *_crank(crank, s),
            Part(curve([(saddle[0] - s * 0.2, saddle[1] - 0.03), (saddle[0] - s * 0.02, saddle[1] - 0.08),
                (saddle[0] + s * 0.17, saddle[1] - 0.13), (saddle[0] + s * 0.2, saddle[1] + 0.0),
                (saddle[0] + s * 0.04, saddle[1] + 0.04)]), look.one_of("#5a3a24", "#3a3036", "#8a5a3a"), "leather",
                puff=0.9, lift=0.03),
            Part(stroke([(fx + s * 0.1, -0.24), (fx + s * 0.06, bar_y + 0.04)], 0.06), look.main, look.material,
                puff=0.9, lift=0.03),
            Part(bars, CHROME, "metal", puff=0.9, lift=0.03),
            Part(stroke([(fx - s * 0.4, bar_y + 0.0), (fx - s * 0.43, bar_y + 0.12)], 0.055), _DARK, "plastic",
                puff=0.9),
            *_spoked(fx, fy, fr, 0.4, 22, RUBBER, CHROME),
            Part(_mudguard(fx, fy, fr, s), look.main, look.material, puff=0.9, lift=0.04),
            Part(ellipse(fx, fy, fr * 0.75, fr * 0.75), look.main, look.material, puff=0.4, lift=0.04),
            Part(ellipse(fx, fy, fr * 0.7, fr * 0.7), disc, look.material, puff=0.45, lift=0.01),
            *_bell(fx + s * 0.1, bar_y),
        ),
        face=FaceSpot(fx, fy - 0.1, fr * 0.54),
        crown=(fx, fy - fr, 0.34),
        neck=(fx, fy + fr * 0.7),
    )  # fmt: skip


def _tube(look: Look, a: tuple[float, float], b: tuple[float, float], half: float = 0.042) -> Part:
    """A straight tube of the frame."""
    return Part(stroke([a, b], half), look.main, look.material, puff=0.9, lift=0.03)


def _joint(saddle: tuple[float, float], s: int) -> tuple[float, float]:
    """Where the top tube meets the seat tube, under the saddle."""
    return saddle[0] - s * 0.02, saddle[1] + 0.14


def _mudguard(x: float, y: float, r: float, s: int) -> np.ndarray:
    a = np.linspace(-0.62 * math.pi, -0.28 * math.pi, 14)
    return stroke([(x - s * (r + 0.03) * math.cos(t) * -1, y + (r + 0.03) * math.sin(t)) for t in a], 0.035)


def _crank(at: tuple[float, float], s: int) -> tuple[Part, ...]:
    """The toothed wheel with its pedals."""
    x, y = at
    return (
        Part(stroke([(x, y), (x + s * 0.1, y - 0.16)], 0.025), CHROME * 0.8, "metal"),
        Part(box(x + s * 0.12, y - 0.18, 0.085, 0.03, 0.02), _DARK, "plastic"),
        Part(ellipse(x, y, 0.12, 0.12), CHROME, "metal", puff=0.4, lift=0.03,
            holes=tuple(ellipse(x + 0.07 * math.cos(a), y + 0.07 * math.sin(a), 0.025, 0.025)
                for a in np.linspace(0, 6.28, 5, endpoint=False))),
        Part(stroke([(x, y), (x - s * 0.02, y + 0.2)], 0.028), CHROME, "metal", puff=0.9, lift=0.03),
        Part(box(x - s * 0.02, y + 0.22, 0.1, 0.035, 0.02), _DARK, "plastic", puff=0.7, lift=0.02),
    )  # fmt: skip


def _bell(x: float, y: float) -> tuple[Part, ...]:
    return (Part(ellipse(x, y - 0.02, 0.085, 0.075), np.array([0.88, 0.72, 0.36]), "metal", puff=1.0, lift=0.03),)


@archetype(
    "vehicles",
    mains=("#c8332b", "#3f6fa8", "#4a4f58", "#e0902f", "#4fa08a", "#e0b04a"),
    seconds=("#f6efd4", "#f2e6c8", "#eef0e6"),
    material="porcelain",
)
def motorcycle(look: Look) -> Figure:
    """A motorcycle from the front: its great headlamp holds the face; bars, mirrors, fork, a fat tyre."""
    r, cy = look.vary(0.52, 0.55), -0.18
    scooter = called(look, "scooter", "moped", "vespa")
    lamp = colours.mix(look.second, np.array([1.0, 0.95, 0.75]), 0.3)
    body = colours.within(look.main, 0.24, 0.85)
    dark = colours.shade(body, light=-0.1)
    bar = stroke([(0.2, -0.56), (0.46, -0.72), (0.72, -0.66), (0.84, -0.5)], 0.045)
    mirror = (
        Part(stroke([(0.6, -0.7), (0.7, -0.86)], 0.02), CHROME * 0.8, "metal"),
        Part(ellipse(0.74, -0.88, 0.13, 0.09), CHROME, "metal", puff=0.5, lift=0.02),
        Part(ellipse(0.74, -0.88, 0.1, 0.065), np.array([0.7, 0.82, 0.9]), "glass", puff=0.1, lift=0.0),
    )
    shield = curve([(0, 0.04), (0.5, 0.02), (0.66, 0.3), (0.62, 0.72), (0.36, 0.84), (0, 0.86), (-0.36, 0.84), (-0.62,
        0.72), (-0.66, 0.3), (-0.5, 0.02)], n=8)  # fmt: skip
    middle = (
        (Part(shield, body, look.material, puff=0.5), Part(stroke([(0, 0.4), (0, 0.84)], 0.03), CHROME, "metal"))
        if scooter
        else both(
            Part(box(0.42, 0.46, 0.17, 0.16, 0.05), CHROME * 0.75, "metal", puff=0.6),
            *(Part(box(0.46, y, 0.2, 0.022, 0.015), CHROME, "metal", puff=0.8, lift=0.02) for y in (0.36, 0.44, 0.52)),
            Part(stroke([(0.5, 0.62), (0.66, 0.8), (0.7, 0.9)], [0.06, 0.075, 0.085]), CHROME, "metal", puff=0.9),
        )
    )
    return Figure(
        body=(
            *both(*mirror, Part(bar, CHROME, "metal", puff=0.9, lift=0.03)),
            *both(Part(stroke([(0.78, -0.62), (0.88, -0.44)], 0.06), _DARK, "plastic", puff=0.9, lift=0.02)),
            *middle,
            *both(Part(ellipse(0.7, -0.2, 0.1, 0.1), np.array([0.98, 0.65, 0.2]), "glass", puff=0.8),
                Part(stroke([(0.55, -0.2), (0.64, -0.2)], 0.025), CHROME, "metal")),
            Part(box(0, 0.66, 0.19, 0.33, 0.15), RUBBER, "plastic", puff=0.7, lift=0.04,
                pattern=Pattern("bands", RUBBER * 0.6, 0.035, 0.8)),
            *both(Part(stroke([(0.26, -0.1), (0.25, 0.76)], 0.05), CHROME, "metal", puff=0.9, lift=0.03)),
            Part(curve([(-0.25, 0.66), (-0.24, 0.44), (0, 0.36), (0.24, 0.44), (0.25, 0.66), (0, 0.54)], n=8), body,
                look.material, puff=0.8, lift=0.04),
            Part(ellipse(0, cy, r * 1.1, r * 1.1), dark, look.material, puff=0.6, lift=0.06),
            Part(ellipse(0, cy, r, r), CHROME, "metal", puff=0.5, lift=0.02),
            Part(ellipse(0, cy, r * 0.89, r * 0.89), lamp, "porcelain", puff=0.4, lift=0.0),
        ),
        face=FaceSpot(0, cy - 0.13, r * 0.66, squeeze=0.97),
        crown=(0, cy - r, r * 0.7),
        neck=(0, cy + r),
    )  # fmt: skip


@archetype(
    "vehicles",
    mains=("#d8433b", "#3f6fb5", "#f0b42f", "#8a6ab5", "#4fa08a"),
    seconds=("#f2e6c8", "#f0d29a", "#dfe6ea", "#f4c4c4"),
    material="porcelain",
)
def unicycle(look: Look) -> Figure:
    """A unicycle: a wheel whose disc holds the face, a fork over it, a saddle on a post, two pedals."""
    r, cy = look.vary(0.64, 0.66), 0.3
    disc = colours.mix(look.second, look.main, 0.12)
    fork = [(-0.12, -0.56), (-0.3, -0.44), (-0.44, -0.2), (-0.5, 0.3)]
    seat = curve([(-0.34, -0.86), (-0.1, -0.8), (0.14, -0.8), (0.36, -0.9), (0.34, -0.7), (0.1, -0.66), (-0.14, -0.66),
        (-0.34, -0.72)])  # fmt: skip
    pedal = (
        Part(box(-r - 0.1, cy + 0.24, 0.15, 0.045, 0.03), _DARK, "plastic", puff=0.8),
        Part(box(r + 0.1, cy - 0.1, 0.15, 0.045, 0.03), _DARK, "plastic", puff=0.8),
    )
    return Figure(
        body=(
            *pedal, *_spoked(0, cy, r, 0.4, 24, RUBBER, CHROME),
            Part(stroke([(0, -0.42), (0, -0.7)], 0.055), CHROME, "metal", puff=0.9),
            Part(stroke([*fork, *((-x, y) for x, y in reversed(fork))], 0.045), look.main, look.material, puff=0.9,
                lift=0.05),
            Part(seat, look.one_of("#5a3a24", "#3a3036", "#a8433a"), "leather", puff=0.8, lift=0.03),
            Part(ellipse(0, cy, r * 0.75, r * 0.75), look.main, look.material, puff=0.4, lift=0.04),
            Part(ellipse(0, cy, r * 0.7, r * 0.7), disc, look.material, puff=0.45, lift=0.01),
        ),
        face=FaceSpot(0, cy - 0.1, r * 0.54),
        crown=(0, -0.78, 0.3),
        neck=(0, cy + r * 0.7),
    )  # fmt: skip


@archetype(
    "vehicles",
    mains=("#8a5a35", "#a06a3a", "#6b4a2f", "#5a6068"),
    seconds=("#e0c08a", "#c99a5f", "#c4c9d0", "#d9b45a"),
    material="wood",
)
def wheel(look: Look) -> Figure:
    """A wheel: a cart's with wooden spokes, a motor's with a fat tyre, or a cog with teeth; the face on its hub."""
    r, rubber, cog = look.vary(0.84, 0.88), called(look, "tyre", "tire"), called(look, "cog", "gear")
    hub = colours.within(look.main * 1.15 if cog else look.second, 0.35, 0.85)
    if cog:
        outer = tuple(
            Part(rounded([(-0.13, -r - 0.08), (0.13, -r - 0.08), (0.19, -r + 0.2), (-0.19, -r + 0.2)], 0.04) @ np.array(
                [[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]]), CHROME * 0.85, "metal", bevel=0.05)
            for a in np.arange(10) * math.pi / 5
        ) + (Part(ellipse(0, 0, r * 0.88, r * 0.88), CHROME * 0.85, "metal", bevel=0.08, lift=0.0),)  # fmt: skip
    else:
        outer = _spoked(0, 0, r, 0.3, 12 if not rubber else 10, RUBBER if rubber else look.main * 0.75,
            CHROME if rubber else look.main, 0.06 if not rubber else 0.075)  # fmt: skip
        if rubber:
            outer += (Part(ellipse(0, 0, r + 0.04, r + 0.04), RUBBER, "plastic", puff=0.9,
                holes=(ellipse(0, 0, r * 0.8, r * 0.8),)),)  # fmt: skip
    return Figure(
        body=(
            *outer,
            Part(ellipse(0, 0, 0.57, 0.57), colours.shade(hub, light=-0.14), "metal", puff=0.4, lift=0.05),
            Part(ellipse(0, 0, 0.52, 0.52), hub, look.material, puff=0.45, lift=0.02),
        ),
        face=FaceSpot(0, -0.12, 0.375),
        crown=(0, -r, 0.5),
        neck=(0, 0.55),
    )
