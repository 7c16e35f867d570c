"""Animals of the water: turtle, fish, octopus."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.fauna import WHITE
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, mirrored, place, stroke

_CREAM = np.array([0.96, 0.93, 0.76])


@archetype(
    "animals",
    mains=("#8fae5f", "#7fa86a", "#a5b56a", "#6a9a70", "#b5b080", "#9aa55a"),
    seconds=("#7a5a35", "#5f6f3a", "#8a6a3f", "#4f6a4a", "#a5703f"),
    material="waxy",
)
def turtle(look: Look) -> Figure:
    """A head that looks out from a domed shell of plates with a paler rim, four stout legs."""
    w, cy = look.vary(0.48, 0.51), 0.06
    dark, rim = colours.shade(look.second, light=-0.07), colours.mix(look.second, _CREAM, 0.4)
    head = mirrored([(0, cy - 0.54), (w * 0.56, cy - 0.48), (w * 0.95, cy - 0.22), (w, cy + 0.1), (w * 0.86, cy + 0.4),
        (w * 0.48, cy + 0.57), (0, cy + 0.61)])  # fmt: skip
    shell = mirrored([(0, -0.93), (0.42, -0.86), (0.76, -0.58), (0.93, -0.16), (0.94, 0.3), (0.84, 0.6), (0.5, 0.76),
        (0, 0.8)])  # fmt: skip
    lip = mirrored([(0, 0.68), (0.46, 0.65), (0.76, 0.54), (0.9, 0.4), (0.96, 0.46), (0.93, 0.62), (0.72, 0.76),
        (0.36, 0.83), (0, 0.85)])  # fmt: skip
    legs = both(*(Part(stroke([(x - 0.1, 0.66), (x, 0.88)], [0.17, 0.16]), look.main * tone, look.material, puff=0.6)
        for x, tone in ((0.72, 0.88), (0.36, 1.0))), *(Part(ellipse(x + d, 0.965, 0.036, 0.042), _CREAM, "porcelain",
        puff=0.8, lift=0.01) for x in (0.72, 0.36) for d in (-0.085, 0.0, 0.085)))  # fmt: skip
    marks = both(*(Part(ellipse(w * x, cy + y, r, r * 0.85), colours.shade(look.main, light=-0.09), look.material,
        puff=0.2, lift=0.0) for x, y, r in ((0.5, -0.42, 0.045), (0.66, -0.36, 0.028), (0.3, -0.47, 0.026),
        (0.86, 0.24, 0.03), (0.8, 0.32, 0.022))))  # fmt: skip
    return Figure(
        body=(Part(shell, dark, "waxy", puff=0.5, lift=0.05), *_plates(look), *legs,
            Part(lip, rim, "waxy", puff=0.5, lift=0.03, pattern=Pattern("stripes", dark, 0.13, 0.35)),
            Part(ellipse(0, cy + 0.5, 0.42, 0.22), look.main * 0.85, look.material, puff=0.4),
            Part(head, look.main, look.material, puff=0.72, lift=0.09), *marks),
        face=FaceSpot(0, cy - 0.09, look.vary(0.345, 0.36), hair=look.main * 0.4,
            muzzle=colours.mix(look.main, _CREAM, 0.4)),
        crown=(0, cy - 0.48, w * 0.7),
        neck=(0, 0.66),
    )  # fmt: skip


def _plates(look: Look) -> tuple[Part, ...]:
    """Rings of rounded plates over the dome, each in its own shade, with a lighter middle."""
    parts = []
    for row, (radius, count, size) in enumerate(((0.76, 12, 0.165), (0.46, 9, 0.16))):
        for k in range(count):
            a = (k + 0.5 * row) * 2 * math.pi / count
            x, y = radius * math.sin(a), -0.06 - radius * math.cos(a) * 0.96
            if y > 0.56:
                continue
            tone = colours.shade(look.second, light=look.vary(0.0, 0.09), hue=look.vary(-0.02, 0.02))
            shape = place(box(0, 0, size, size * 0.92, 0.055), x, y, turn=math.degrees(a))
            core = place(box(0, 0, size * 0.5, size * 0.45, 0.04), x, y, turn=math.degrees(a))
            parts += [Part(shape, tone, "waxy", puff=0.35, lift=0.015),
                Part(core, colours.shade(tone, light=0.07), "waxy", puff=0.3, lift=0.0)]  # fmt: skip
    return tuple(parts)


@archetype(
    "animals",
    mains=("#f08a3a", "#4fa0d0", "#f2c040", "#e0605a", "#5fb5a0", "#d97ab0", "#8f9fd9"),
    seconds=("#f7f2e6", "#2f4f8a", "#f2d060", "#c9453a", "#f5e0c0"),
    material="waxy",
)
def fish(look: Look) -> Figure:
    """Seen from its side and smiling out of it: scales behind a gill, a sail of a fin, a forked tail, bubbles."""
    s = 1 if look.chance(0.5) else -1
    x, cy = -s * 0.24, 0.06
    fin = colours.mix(look.main, look.second, 0.45)
    shark, long = called(look, "shark", "whale", "dolphin"), look.vary(0.66, 0.72)

    def out(points: list[tuple[float, float]]) -> np.ndarray:
        return curve([(s * a, b) for a, b in points])

    body = out([(-0.93, 0.1), (-0.8, -0.28), (-0.46, -0.56), (0.0, -0.6), (0.36, -0.36), (0.58, -0.06), (0.66, 0.06),
        (0.58, 0.2), (0.34, 0.46), (-0.04, 0.68), (-0.48, 0.67), (-0.8, 0.44)])  # fmt: skip
    tail = out([(0.54, 0.06), (0.7, -0.2), (0.9, -0.46), (0.985, -0.4), (0.9, -0.08), (0.86, 0.08), (0.92, 0.26),
        (0.985, 0.54), (0.9, 0.6), (0.7, 0.34)])  # fmt: skip
    sail = out(
        [(-0.58, -0.42), (-0.46, -0.74), (-0.16, -0.92), (0.24, -long), (0.46, -0.5), (0.34, -0.28), (-0.1, -0.5)]
    )
    if shark:
        sail = out([(-0.34, -0.5), (-0.12, -0.7), (0.18, -0.97), (0.2, -0.7), (0.28, -0.4), (0.0, -0.45)])
    belly = out([(-0.3, 0.6), (-0.1, 0.62), (0.16, 0.9), (0.0, 0.94), (-0.24, 0.84)])
    stripes = () if shark else _scales(look, s)
    side_fin = out([(0.24, 0.24), (0.42, 0.16), (0.62, 0.3), (0.6, 0.46), (0.42, 0.44), (0.28, 0.36)])
    rays = [[(s * a, b), (s * c, d)] for a, b, c, d in ((0.34, 0.26, 0.55, 0.32), (0.33, 0.3, 0.53, 0.4))]
    rays += [[(s * a, b), (s * c, d)] for a, b, c, d in ((0.66, -0.02, 0.88, -0.32), (0.68, 0.05, 0.84, -0.04),
        (0.66, 0.12, 0.88, 0.44), (-0.3, -0.58, -0.2, -0.82), (-0.04, -0.6, 0.06, -0.78))]  # fmt: skip
    lines = tuple(Part(stroke(r, [0.013, 0.005]), colours.shade(fin, light=-0.13), look.material, puff=-0.4, lift=0.0)
        for r in (rays[:5] if shark else rays))  # fmt: skip
    return Figure(
        body=(Part(tail, fin, look.material, puff=0.4), *(Part(f, fin, look.material, puff=0.4) for f in (sail, belly)),
            *lines[2:], Part(body, look.main, look.material, puff=0.62, lift=0.06,
                pattern=Pattern("fade", colours.mix(look.main, WHITE, 0.75), 0.62, 0.9)), *stripes,
            Part(side_fin, fin, look.material, puff=0.4, lift=0.04), *lines[:2], *_bubbles(look, s)),
        face=FaceSpot(x - s * 0.12, cy - 0.14, look.vary(0.345, 0.365), hair=look.main * 0.4, eye_scale=1.06,
            squeeze=0.95),
        crown=(x, -0.5, 0.34),
        neck=(x, 0.6),
    )  # fmt: skip


def _scales(look: Look, s: int) -> tuple[Part, ...]:
    """Rows of overlapping scales from the tail forward to the gill, and the gill's edge."""
    parts = []
    for column in range(5):
        x = 0.5 - 0.09 * column
        reach = 0.09 + 0.088 * column
        for y in np.linspace(-reach, reach, 2 + column):
            tone = colours.mix(look.main, look.second, 0.3 + 0.3 * ((column + 1) % 2) + look.vary(-0.06, 0.06))
            parts.append(Part(ellipse(s * x, 0.05 + y, 0.085, 0.085), tone, look.material, puff=0.35, lift=0.01))
    gill = stroke(
        [(s * 0.12, -0.34), (s * 0.19, -0.04), (s * 0.15, 0.24), (s * 0.05, 0.44)], [0.02, 0.05, 0.045, 0.012]
    )
    return (*parts, Part(gill, colours.shade(look.main, light=-0.05), look.material, puff=0.9, lift=0.03))


def _bubbles(look: Look, s: int) -> tuple[Part, ...]:
    """Air on its way up, in front of the mouth."""
    spots = ((-0.86, -0.5, 0.07), (-0.74, -0.74, 0.05), (-0.9, -0.84, 0.035), (-0.62, -0.88, 0.028))
    parts = []
    for x, y, r in spots:
        a, b = s * x + look.vary(-0.03, 0.03), y + look.vary(-0.04, 0.04)
        parts += [Part(ellipse(a, b, r, r), np.array([0.78, 0.9, 0.97]), "glass", puff=0.9, lift=0.03),
            Part(ellipse(a - r * 0.35, b - r * 0.35, r * 0.22, r * 0.22), np.ones(3), "cloud", lift=0.0)]  # fmt: skip
    return tuple(parts)


@archetype(
    "animals",
    mains=("#c9605a", "#8f6ac0", "#e0855f", "#d0709a", "#5f8fc0", "#b5506a", "#4fa59a"),
    seconds=("#f2c4b5", "#e5c9e8", "#f5d9b8", "#f2d0d8"),
    material="waxy",
)
def octopus(look: Look) -> Figure:
    """A great round head above eight arms that curl out and up, with rows of suckers and a few spots."""
    w, cy = look.vary(0.56, 0.6), -0.2
    light = look.second if colours.luminance(look.second) > 0.4 else colours.mix(look.main, WHITE, 0.6)
    head = mirrored([(0, cy - 0.72), (w * 0.6, cy - 0.65), (w * 1.02, cy - 0.36), (w * 1.1, cy), (w * 0.93, cy + 0.34),
        (w * 0.78, cy + 0.54), (w * 0.5, cy + 0.66), (0, cy + 0.7)])  # fmt: skip
    dark = colours.shade(look.main, light=-0.1)
    spots = tuple(Part(ellipse(x * w, cy + y, r, r * 0.86), dark, look.material, puff=0.2, lift=0.0)
        for x, y, r in ((-0.62, -0.5, 0.07), (-0.36, -0.59, 0.04), (0.7, -0.42, 0.055), (0.45, -0.57, 0.035),
        (-0.85, -0.34, 0.032), (0.12, -0.62, 0.028), (0.9, -0.26, 0.028)))  # fmt: skip
    return Figure(
        body=(*_arms(look, light), Part(head, look.main, look.material, puff=0.72, lift=0.08), *spots),
        face=FaceSpot(0, cy - 0.04, look.vary(0.4, 0.42), hair=look.main * 0.45, eye_scale=1.06),
        crown=(0, cy - 0.64, w * 0.8),
        neck=(0, 0.5),
    )  # fmt: skip


def _arms(look: Look, light: np.ndarray) -> tuple[Part, ...]:
    """Four arms a side, those at the back first; suckers along those in front."""
    routes = (
        ((0.36, 0.2), (0.66, 0.3), (0.86, 0.12), (0.9, -0.14), (0.76, -0.22), (0.72, -0.08)),
        ((0.34, 0.34), (0.64, 0.52), (0.9, 0.44), (0.95, 0.24), (0.83, 0.2), (0.8, 0.3)),
        ((0.26, 0.4), (0.5, 0.72), (0.78, 0.82), (0.93, 0.7), (0.86, 0.58), (0.76, 0.64)),
        ((0.12, 0.42), (0.2, 0.74), (0.4, 0.92), (0.58, 0.9), (0.58, 0.76), (0.47, 0.76)),
    )
    widths = [0.15, 0.125, 0.095, 0.07, 0.05, 0.03]
    parts = []
    for k, route in enumerate(routes):
        for s in (-1, 1):
            line = [(s * (0.97 * x + look.vary(-0.025, 0.015)), y + look.vary(-0.03, 0.03)) for x, y in route]
            tone = colours.shade(look.main, light=-0.06 + 0.02 * k)
            parts.append(Part(stroke(line, widths), tone, look.material, puff=0.8, lift=0.04))
            for (ax, ay), (bx, by), r in zip(line[1:-1], line[2:], (0.042, 0.036, 0.03, 0.02), strict=True):
                for t in (0.0, 0.5):
                    x, y = ax + (bx - ax) * t, ay + (by - ay) * t
                    parts.append(Part(ellipse(x, y, r, r * 0.9), light, look.material, puff=0.6, lift=0.006))
    return tuple(parts)
