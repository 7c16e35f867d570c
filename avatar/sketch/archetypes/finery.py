"""Precious things: gem and ring."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, ellipse, rounded, star

_WHITE = np.array([1.0, 1.0, 1.0])
_STONES = {
    "ruby": "#d9304f", "garnet": "#b02a44", "emerald": "#3fb57a", "jade": "#6fb58a", "sapphire": "#3f74d0",
    "amethyst": "#9a62cc", "topaz": "#f0b040", "amber": "#e8982f", "opal": "#d9e4e8", "pearl": "#f0e8e0",
}  # fmt: skip


def _stone(look: Look) -> np.ndarray:
    """The colour of the stone: the one it is named after, else the look's own."""
    named = next((tone for word, tone in _STONES.items() if called(look, word)), None)
    return colours.within(colours.parse(named) if named else look.main, 0.3, 0.86)


def _facet(points: list[tuple[float, float]], tone: np.ndarray, light: float) -> Part:
    light -= 0.22 * float(colours.luminance(tone) > 0.7)
    deep = colours.shade(tone, saturation=0.15) * (1 + light)
    shade = colours.mix(tone, _WHITE, light) if light > 0 else deep
    return Part(rounded(points, 0.008), shade, "glass", bevel=0.02, lift=0.0)


def _brilliant(cx: float, cy: float, w: float, high: float, tone: np.ndarray, face_half: float) -> tuple[Part, ...]:
    """A brilliant seen from its side: a flat table, crown facets, and a point; the middle is one calm plane."""
    top, girdle, low = cy - 0.36 * high, cy - 0.1 * high, cy + 0.64 * high
    t, f = w * 0.62, face_half
    outline = rounded([(cx - t, top), (cx + t, top), (cx + w, girdle), (cx, low), (cx - w, girdle)], 0.03)
    facets = [
        _facet([(cx - t, top), (cx - f * 0.7, top), (cx - f, girdle), (cx - w, girdle)], tone, 0.35),
        _facet([(cx + t, top), (cx + f * 0.7, top), (cx + f, girdle), (cx + w, girdle)], tone, 0.12),
        _facet([(cx - w, girdle), (cx - f, girdle), (cx - f * 0.62, cy + 0.3 * high)], tone, 0.05),
        _facet([(cx + w, girdle), (cx + f, girdle), (cx + f * 0.62, cy + 0.3 * high)], tone, -0.18),
        _facet([(cx - w, girdle), (cx - f * 0.62, cy + 0.3 * high), (cx, low)], tone, 0.22),
        _facet([(cx + w, girdle), (cx + f * 0.62, cy + 0.3 * high), (cx, low)], tone, -0.1),
    ]
    return (Part(outline, tone, "glass", bevel=0.05, lift=0.06), *facets)


def _step_cut(w: float, h: float, cut: float, tone: np.ndarray) -> tuple[Part, ...]:
    """A step cut seen from above: an octagon, a slanting rim of eight planes, and a calm table."""

    def ring(k: float) -> list[tuple[float, float]]:
        a, b, c = w * k, h * k, cut * k
        return [(-a + c, -b), (a - c, -b), (a, -b + c), (a, b - c), (a - c, b), (-a + c, b), (-a, b - c), (-a, -b + c)]

    parts = [Part(rounded(ring(1.0), 0.02), tone, "glass", bevel=0.03, lift=0.06)]
    lights = (0.4, 0.15, -0.05, -0.22, -0.28, -0.12, 0.12, 0.5)
    for outer, inner, dim in ((0.985, 0.87, 1.0), (0.87, 0.75, 0.55)):
        big, small = ring(outer), ring(inner)
        parts += [
            _facet([big[k], big[(k + 1) % 8], small[(k + 1) % 8], small[k]], tone, light * dim)
            for k, light in enumerate(lights)
        ]
    return (*parts, Part(rounded(ring(0.75), 0.02), colours.mix(tone, _WHITE, 0.14), "glass", puff=0.1, lift=0.0))


def _sparkle(x: float, y: float, r: float) -> Part:
    return Part(star(x, y, r, r * 0.16, 4), np.array([1.0, 1.0, 0.96]), "porcelain", puff=0.1, lift=0.0)


@archetype(
    "household",
    mains=("#bfe4f4", "#d9304f", "#3fb57a", "#3f74d0", "#9a62cc", "#f0b040", "#f2a5c4"),
    seconds=("#ffffff", "#d9b45a"),
    material="glass",
)
def gem(look: Look) -> Figure:
    """A cut stone: a brilliant from the side, or a step cut from above, with sparkles."""
    tone = _stone(look)
    brilliant = called(look, "diamond") or (look.chance(0.5) and not called(look, "emerald", "ruby"))
    if brilliant:
        w = look.vary(0.9, 0.94)
        stone, spot = _brilliant(0, -0.22, w, 1.78, tone, 0.54), FaceSpot(0, -0.36, 0.37, squeeze=0.98)
        top = -0.86
    else:
        w, h = look.vary(0.7, 0.8), look.vary(0.84, 0.88)
        stone, spot, top = _step_cut(w, h, look.vary(0.26, 0.34), tone), FaceSpot(0, -0.14, w * 0.54), -h
    side = 1 if look.chance(0.5) else -1
    return Figure(
        body=stone,
        face=spot,
        front=(
            _sparkle(side * 0.78, -0.66, 0.15),
            _sparkle(-side * 0.62, -0.74, 0.09),
            _sparkle(side * 0.5, 0.66, 0.1),
        ),
        crown=(0, top, w * 0.6),
        neck=(0, 0.5),
    )


@archetype(
    "clothes",
    mains=("#bfe4f4", "#d9304f", "#3fb57a", "#5f8ad9", "#a872d4", "#f2a5c4"),
    seconds=("#e0b84a", "#d0d4da", "#e0a588"),
    material="glass",
)
def ring(look: Look) -> Figure:
    """A finger ring: a band of gold below, claws, and a great stone above that holds the face."""
    tone, gold = _stone(look), look.second
    r, cy = look.vary(0.5, 0.54), 0.42
    hole = ellipse(0, cy, r * 0.8, r * 0.8)
    x, y = look.vary(0.66, 0.72), -0.3
    claws = tuple(
        Part(box(side * dx, y + dy, 0.05, 0.1, 0.045, turn=side * turn), gold, "metal", puff=0.9, lift=0.04)
        for side in (-1, 1) for dx, dy, turn in ((x * 0.98, 0.12, 8), (x * 0.62, 0.5, 48), (x * 0.8, -0.38, -40))
    )  # fmt: skip
    angles = (np.arange(10) + 0.5) * 2 * math.pi / 10
    sizes = (x * 0.98, 0.62)
    rim = [(sizes[0] * math.sin(a), y - sizes[1] * math.cos(a)) for a in angles]
    table = [(px * 0.76, y + (py - y) * 0.78) for px, py in rim]
    lights = (0.2, 0.0, -0.15, -0.22, -0.26, -0.2, -0.06, 0.12, 0.3, 0.45)
    facets = tuple(
        _facet([rim[k], rim[(k + 1) % 10], table[(k + 1) % 10], table[k]], tone, lights[(k + 1) % 10])
        for k in range(10)
    )
    return Figure(
        body=(
            Part(ellipse(0, cy, r, r), gold, "metal", puff=0.9, holes=(hole,)),
            Part(rounded([(-0.36, y + 0.35), (0.36, y + 0.35), (0.2, y + 0.72), (-0.2, y + 0.72)], 0.06), gold, "metal",
                puff=0.8, lift=0.03),
            Part(rounded([(px * 1.05, y + (py - y) * 1.05) for px, py in rim], 0.04), gold, "metal", puff=0.5,
                lift=0.04),
            Part(rounded(rim, 0.02), tone, "glass", bevel=0.02, lift=0.02), *facets,
            Part(rounded(table, 0.03), colours.mix(tone, _WHITE, 0.14), "glass", puff=0.12, lift=0.0),
            *claws,
        ),
        face=FaceSpot(0, y - 0.12, 0.37, squeeze=0.9),
        front=(_sparkle(0.6, -0.82, 0.14), _sparkle(-0.72, 0.5, 0.09)),
        crown=(0, y - 0.6, 0.45),
        neck=(0, y + 0.6),
    )  # fmt: skip
