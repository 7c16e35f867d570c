"""Small creatures that creep: spider, crab, snake, ladybug, caterpillar."""

import math
from dataclasses import replace

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.fauna import DARK, WHITE
from personify.avatar.sketch.archetypes.pieces import both, called, moved
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, leaf, mirrored, path, rounded, shaggy, stroke


@archetype(
    "animals",
    mains=("#4a4048", "#6b5340", "#3f4458", "#5a4a6a", "#7a5a45"),
    seconds=("#d9533f", "#e8b04a", "#c97fb5", "#8fb5c9", "#d98a5a"),
    material="plush",
)
def spider(look: Look) -> Figure:
    """A furry head before a round abdomen with a mark on it, eight bent legs with bands, small extra eyes, a thread."""
    look = replace(look, material="plush") if look.material == "shell" else look
    w, cy = look.vary(0.5, 0.53), 0.14
    banded = look.chance(0.6) or called(look, "tarantula")
    mark = look.second if colours.luminance(look.second) > 0.2 else np.array([0.85, 0.3, 0.25])
    head = shaggy(mirrored([(0, cy - 0.5), (w * 0.56, cy - 0.45), (w * 0.95, cy - 0.2), (w, cy + 0.1),
        (w * 0.86, cy + 0.42), (w * 0.48, cy + 0.6), (0, cy + 0.64)]), 60, 0.025, look.rng)  # fmt: skip
    abdomen = ellipse(0, -0.44, look.vary(0.56, 0.62), 0.44)
    beads = both(*(Part(ellipse(x, cy + y, r, r), DARK * 0.7, "glass", puff=1.0, lift=0.01)
        for x, y, r in ((0.09, -0.42, 0.042), (0.25, -0.38, 0.034))))  # fmt: skip
    sheen = both(*(Part(ellipse(x - 0.012, cy + y - 0.012, 0.011, 0.011), WHITE, "cloud", puff=0.1, lift=0.0)
        for x, y in ((0.09, -0.42), (0.25, -0.38))))  # fmt: skip
    fangs = both(Part(stroke([(0.12, cy + 0.6), (0.11, cy + 0.7), (0.07, cy + 0.76)], [0.065, 0.055, 0.01]),
        colours.shade(look.main, light=-0.08), "waxy", puff=0.9, lift=0.02))  # fmt: skip
    return Figure(
        body=(Part(stroke([(0, -1.2), (0, -0.8)], 0.008), WHITE * 0.95, "hair", lift=0.0),
            *_eight_legs(look, mark, banded),
            Part(shaggy(abdomen, 60, 0.025, look.rng), colours.shade(look.main, light=-0.03), look.material, puff=0.8),
            *_mark(look, mark), *fangs, Part(head, look.main, look.material, puff=0.74, lift=0.08), *beads, *sheen),
        face=FaceSpot(0, cy - 0.04, look.vary(0.355, 0.375), hair=look.main * 0.5, eye_scale=1.06),
        crown=(0, cy - 0.44, w * 0.7),
        neck=(0, cy + 0.6),
    )  # fmt: skip


def _mark(look: Look, tone: np.ndarray) -> tuple[Part, ...]:
    """What the abdomen wears: an hourglass, a cross of dots, or chevrons."""
    kind = int(look.rng.integers(3))
    if called(look, "black widow") or kind == 0:
        shapes = [mirrored([(0, -0.8), (0.13, -0.8), (0.03, -0.66), (0.12, -0.53), (0, -0.53)], n=6)]
    elif kind == 1:
        dots = ((0, -0.8), (0, -0.68), (0, -0.56), (-0.13, -0.68), (0.13, -0.68))
        shapes = [ellipse(x, y, 0.045, 0.045) for x, y in dots]
    else:
        shapes = [stroke([(-0.16, y), (0, y - 0.08), (0.16, y)], [0.012, 0.028, 0.012]) for y in (-0.72, -0.61, -0.5)]
    return tuple(Part(shape, tone, look.material, puff=0.2, lift=0.0) for shape in shapes)


def _eight_legs(look: Look, band: np.ndarray, banded: bool) -> tuple[Part, ...]:
    """Four legs a side: up to a knee, then down to a foot."""
    routes = (
        ((0.3, -0.16), (0.56, -0.56), (0.7, -0.82), (0.86, -0.62), (0.95, -0.34)),
        ((0.36, 0.02), (0.62, -0.28), (0.8, -0.36), (0.92, -0.1), (0.96, 0.16)),
        ((0.38, 0.26), (0.64, 0.08), (0.82, 0.1), (0.9, 0.4), (0.94, 0.66)),
        ((0.32, 0.5), (0.52, 0.42), (0.66, 0.52), (0.68, 0.76), (0.74, 0.95)),
    )
    tone = colours.shade(look.main, light=0.04)
    parts = []
    for route in routes:
        bent = [(x + look.vary(-0.02, 0.01), y + look.vary(-0.03, 0.03)) for x, y in route]
        parts.append(Part(stroke(bent, [0.085, 0.08, 0.072, 0.058, 0.035]), tone, look.material, puff=0.9, lift=0.04))
        if banded:
            line = path(bent)
            for at in (0.42, 0.66, 0.86):
                k = int(at * len(line))
                piece = [tuple(p) for p in line[k : k + 5]]
                parts.append(Part(stroke(piece, 0.074 - 0.04 * at * at), band, look.material, puff=0.9, lift=0.0))
    return both(*parts)


@archetype(
    "animals",
    mains=("#d9502f", "#e0653f", "#c9453a", "#e8824a", "#c95a6a", "#4f7fb0"),
    seconds=("#f5d9b0", "#f2e4c4", "#f7e8d8"),
    material="waxy",
)
def crab(look: Look) -> Figure:
    """A broad shell with a knobbly rim, two great claws raised, six jointed legs, feelers; a lobster's fan and whips,
    a scorpion's sting."""
    lobster = called(look, "lobster", "crayfish", "crawfish", "shrimp", "prawn", "krill")
    scorpion = called(look, "scorpion")
    wide = 0.56 if lobster or scorpion else look.vary(0.68, 0.74)
    cy = 0.14
    light = colours.mix(look.main, np.array([0.98, 0.88, 0.7]), 0.55)
    shell = mirrored([(0, cy - 0.5), (wide * 0.5, cy - 0.47), (wide * 0.9, cy - 0.26), (wide, cy),
        (wide * 0.86, cy + 0.3), (wide * 0.6, cy + 0.54), (wide * 0.3, cy + 0.63), (0, cy + 0.65)])  # fmt: skip
    knobs = both(*(Part(ellipse(x * wide, cy + y, r, r), look.main, look.material, puff=0.9, lift=0.01)
        for x, y, r in ((0.3, -0.49, 0.06), (0.62, -0.43, 0.06), (0.88, -0.26, 0.06))))  # fmt: skip
    spots = both(*(Part(ellipse(x * wide, cy + y, r, r * 0.9), light, look.material, puff=0.2, lift=0.0)
        for x, y, r in ((0.84, 0.02, 0.05), (0.76, -0.18, 0.035), (0.8, 0.2, 0.03), (0.2, -0.42, 0.03))))  # fmt: skip
    feelers = both(Part(stroke([(0.16, cy - 0.44), (0.2, cy - 0.6), (0.16, cy - 0.72)], [0.045, 0.038, 0.032]),
        look.main, look.material, puff=0.9), Part(ellipse(0.155, cy - 0.75, 0.065, 0.065), DARK, "glass", puff=1.0,
        lift=0.02), Part(ellipse(0.135, cy - 0.775, 0.018, 0.018), WHITE, "cloud", lift=0.0))  # fmt: skip
    whip = stroke([(0.1, cy - 0.44), (0.16, -0.7), (0.34, -0.92), (0.6, -0.97)], [0.035, 0.026, 0.018, 0.008])
    antennae = both(Part(whip, look.main, look.material, puff=0.9)) if lobster else () if scorpion else feelers
    behind = (*(_tail_fan(look) if lobster else ()), *(_sting(look) if scorpion else ()))
    return Figure(
        body=(*behind, *_jointed_legs(look, wide, cy), *_claws(look, wide, cy, light), *antennae, *knobs,
            Part(shell, look.main, look.material, puff=0.66, lift=0.07,
                pattern=Pattern("fade", light, cy + 0.55, 0.85)), *spots),
        face=FaceSpot(0, cy - 0.08, look.vary(0.375, 0.395), hair=look.main * 0.45, eye_scale=1.06, squeeze=0.92),
        crown=(0, cy - 0.46, wide * 0.6),
        neck=(0, cy + 0.6),
    )  # fmt: skip


def _claws(look: Look, wide: float, cy: float, light: np.ndarray) -> tuple[Part, ...]:
    """An arm on each side with a pincer, open to the top; one may be larger."""
    large = look.vary(1.0, 1.2)
    parts: list[Part] = []
    for s, size in ((-1, large), (1, 2.1 - large)):
        x, y = 0.7, -0.5 + look.vary(-0.04, 0.06)
        arm = [(s * a, b) for a, b in ((wide * 0.8, cy - 0.1), (0.9, cy - 0.16), (0.84, y + 0.3), (x + 0.02, y + 0.16))]
        outer = [(-0.1, 0.24), (-0.24, 0.04), (-0.23, -0.2), (-0.1, -0.42), (-0.06, -0.2), (0.02, -0.06), (0.1, -0.16),
            (0.2, -0.36), (0.26, -0.1), (0.2, 0.12), (0.08, 0.25)]  # fmt: skip
        claw = curve([(s * (x + a * size), y + b * size) for a, b in outer], n=8)
        parts += [Part(stroke(arm, [0.085, 0.095, 0.085, 0.07]), look.main, look.material, puff=0.9, lift=0.03),
            Part(claw, look.main, look.material, puff=0.75, lift=0.05,
                pattern=Pattern("fade_up", light, y - 0.16, 0.6))]  # fmt: skip
    return tuple(parts)


def _jointed_legs(look: Look, wide: float, cy: float) -> tuple[Part, ...]:
    """Three pointed legs a side."""
    tone = colours.shade(look.main, light=-0.05)
    routes = [
        [(wide * 0.7, cy + 0.22 + 0.14 * k), (0.86 - 0.1 * k, cy + 0.14 + 0.2 * k),
            (0.95 - 0.12 * k, cy + 0.44 + 0.17 * k), (0.88 - 0.14 * k, cy + 0.58 + 0.12 * k)] for k in range(3)
    ]  # fmt: skip
    shapes = [stroke(route, [0.075, 0.07, 0.055, 0.012]) for route in routes]
    return both(*(Part(shape, tone, look.material, puff=0.9, lift=0.03) for shape in shapes))


def _tail_fan(look: Look) -> tuple[Part, ...]:
    """A lobster's tail: plates one over another, then a fan of five blades."""
    tone = colours.shade(look.main, light=-0.04)
    blades = tuple(Part(leaf(0.0, 0.82, 0.34, 0.12, turn=180 + t), tone, look.material, puff=0.4, lift=0.02)
        for t in (-66, 66, -34, 34, 0))  # fmt: skip
    plates = tuple(Part(ellipse(0, 0.86 - 0.07 * k, 0.24 + 0.06 * k, 0.1), colours.shade(tone, light=0.02 * k),
        look.material, puff=0.6, lift=0.02) for k in range(3))  # fmt: skip
    return (*blades, *plates)


def _sting(look: Look) -> tuple[Part, ...]:
    """A scorpion's tail of beads that arches over the head, with the sting."""
    s = 1 if look.chance(0.5) else -1
    beads = [(s * x, y, r) for x, y, r in ((0.0, -0.2, 0.24), (s * 0.0, -0.44, 0.19), (-0.05, -0.62, 0.155),
        (0.02, -0.76, 0.13), (0.16, -0.83, 0.115))]  # fmt: skip
    tip = stroke([(s * 0.24, -0.82), (s * 0.38, -0.76), (s * 0.42, -0.6)], [0.1, 0.07, 0.008])
    return (
        *(Part(ellipse(x, y, r, r * 0.86), look.main, look.material, puff=0.9, lift=0.03) for x, y, r in beads),
        Part(tip, colours.shade(look.main, light=-0.14), "waxy", puff=0.9, lift=0.03),
    )


@archetype(
    "animals",
    mains=("#4f8a4f", "#6a9a3f", "#8a7a3f", "#c9803a", "#3f7f7a", "#b5533f"),
    seconds=("#e8d98a", "#2f3a2a", "#d9b04a", "#f0e6b0", "#4a2f24"),
    material="waxy",
)
def snake(look: Look) -> Figure:
    """Coils heaped one on another with diamonds along them, a head raised on its neck, a forked tongue; a cobra's hood,
    a worm's rings."""
    worm, cobra = called(look, "worm", "earthworm"), called(look, "cobra")
    w, cy = look.vary(0.52, 0.56), -0.26
    light = colours.mix(look.main, np.array([0.97, 0.94, 0.72]), 0.65)
    second = look.second if abs(colours.luminance(look.second) - colours.luminance(look.main)) > 0.08 else light
    flare = 1.0 if worm else 1.22
    head = mirrored([(0, cy - 0.5), (w * 0.4, cy - 0.46), (w * 0.78, cy - 0.28), (w * 0.95, cy - 0.02),
        (w * flare, cy + 0.24), (w * flare * 0.9, cy + 0.44), (w * 0.5, cy + 0.6), (0, cy + 0.64)])  # fmt: skip
    neck = mirrored([(0, cy), (0.3, cy + 0.2), (0.26, 0.46), (0.34, 0.74), (0, 0.8)])
    belly = mirrored([(0, cy), (0.17, cy + 0.2), (0.15, 0.46), (0.13, 0.68), (0, 0.76)])
    scales = None if worm else Pattern("bands", colours.shade(light, light=-0.1), 0.05, 0.6)
    hood = mirrored([(0, cy - 0.6), (0.46, cy - 0.5), (0.82, cy - 0.14), (0.88, cy + 0.24), (0.6, cy + 0.62),
        (0.34, 0.66), (0, 0.7)])  # fmt: skip
    marks = both(*(Part(ellipse(x * w, cy + y, r, r * 0.8, turn=t), second, look.material, puff=0.1, lift=0.0)
        for x, y, r, t in ((0.8, -0.2, 0.055, 50), (1.05, 0.2, 0.055, 70), (0.5, -0.39, 0.05, 25))))  # fmt: skip
    return Figure(
        body=(*((Part(hood, look.main, look.material, puff=0.4, pattern=Pattern("bands", second, 0.09, 0.5)),) if cobra
                else ()), *_coils(look, second, light, worm), Part(neck, look.main, look.material, puff=0.7, lift=0.05),
            Part(belly, light, look.material, puff=0.2, lift=0.0, pattern=scales),
            Part(head, look.main, look.material, puff=0.66, lift=0.08,
                pattern=Pattern("bands", colours.shade(look.main, light=-0.06), 0.07, 0.6) if worm else None),
            *(() if worm else marks)),
        face=FaceSpot(0, cy - 0.06, look.vary(0.38, 0.4), hair=look.main * 0.5, eye_scale=1.06,
            muzzle=None if worm else colours.mix(look.main, light, 0.5)),
        front=() if worm else _tongue(cy + 0.5),
        crown=(0, cy - 0.48, w * 0.6),
        neck=(0, cy + 0.72),
    )  # fmt: skip


def _coils(look: Look, second: np.ndarray, light: np.ndarray, worm: bool) -> tuple[Part, ...]:
    """Three rings of the body, the widest below, and the tip of the tail beside them."""
    s = 1 if look.chance(0.5) else -1
    tip = stroke([(s * 0.5, 0.9), (s * 0.8, 0.9), (s * 0.93, 0.74), (s * 0.84, 0.56)], [0.15, 0.13, 0.09, 0.012])
    parts = [Part(tip, look.main, look.material, puff=0.9)]
    for y, half, thick in ((0.83, 0.72, 0.155), (0.62, 0.62, 0.15), (0.43, 0.5, 0.14)):
        line = [(half * x, y + 0.05 - 0.09 * abs(x) ** 2) for x in (-1, -0.5, 0, 0.5, 1)]
        ring = stroke(line, [thick * 0.92, thick, thick * 1.04, thick, thick * 0.92])
        pattern = Pattern("stripes", colours.shade(look.main, light=-0.07), 0.06, 0.6) if worm else None
        parts.append(Part(ring, look.main, look.material, puff=0.9, lift=0.05, pattern=pattern))
        if worm:
            continue
        count = round(half * 9)
        for x in np.linspace(-half * 0.95, half * 0.95, count):
            r = thick * 0.62
            gem = rounded([(x - r, y), (x, y - r * 0.9), (x + r, y), (x, y + r * 0.9)], 0.03)
            parts += [Part(gem, second, look.material, puff=0.1, lift=0.0),
                Part(ellipse(x, y, r * 0.36, r * 0.32), colours.mix(second, look.main, 0.7), look.material, puff=0.1,
                    lift=0.0)]  # fmt: skip
    return tuple(parts)


def _tongue(y: float) -> tuple[Part, ...]:
    """A forked tongue that hangs below the lips."""
    red = np.array([0.85, 0.16, 0.24])
    stem = stroke([(0, y - 0.03), (0.01, y + 0.1), (0, y + 0.19)], [0.022, 0.02, 0.018])
    forks = both(Part(stroke([(0, y + 0.18), (0.03, y + 0.25), (0.09, y + 0.29)], [0.017, 0.014, 0.004]), red, "waxy",
        puff=0.8, lift=0.02))  # fmt: skip
    return (Part(stem, red, "waxy", puff=0.8, lift=0.03), *forks)


@archetype(
    "animals",
    mains=("#d8332b", "#e0483a", "#e8822f", "#c92f45", "#e8b53f"),
    seconds=("#2a2529", "#2f2a33", "#3a2a24"),
    material="porcelain",
)
def ladybug(look: Look) -> Figure:
    """A shining dome in two halves with round spots, a dark head with pale cheeks before it, feelers, six legs; plain
    wing cases on a beetle."""
    spotted = called(look, "ladybug", "ladybird", "lady beetle")
    dark = look.second if colours.luminance(look.second) < 0.35 else DARK
    shell = look.main if spotted or colours.luminance(look.main) > 0.12 else colours.shade(look.main, light=0.12)
    skin = colours.mix(dark, np.array([0.98, 0.86, 0.74]), 0.86 if spotted else 0.6)
    w, cy = look.vary(0.47, 0.5), 0.16
    dome = mirrored([(0, -0.84), (0.42, -0.77), (0.76, -0.5), (0.91, -0.1), (0.86, 0.36), (0.62, 0.68), (0, 0.76)])
    head = mirrored([(0, cy - 0.5), (w * 0.56, cy - 0.45), (w * 0.95, cy - 0.2), (w, cy + 0.12), (w * 0.84, cy + 0.42),
        (w * 0.46, cy + 0.58), (0, cy + 0.62)])  # fmt: skip
    hood = (head - (0, cy)) * (1.16, 1.1) + (0, cy - 0.05)
    dots = both(*(Part(ellipse(x * look.vary(0.95, 1.05), y, r, r * 0.95), dark, look.material, puff=0.1, lift=0.0)
        for x, y, r in ((0.34, -0.58, 0.11), (0.64, -0.32, 0.1), (0.76, 0.06, 0.105),
            (0.68, 0.42, 0.085))))  # fmt: skip
    legs = both(*(Part(stroke([(0.56, y), (0.84, y + 0.06), (0.95, y + 0.2)], [0.06, 0.055, 0.03]), dark, "waxy",
        puff=0.9) for y in (0.2, 0.46, 0.68)))  # fmt: skip
    feeler = stroke([(0.16, cy - 0.5), (0.24, cy - 0.68), (0.4, cy - 0.8)], [0.03, 0.026, 0.022])
    feelers = both(Part(feeler, dark, "waxy", puff=0.9, lift=0.04),
        Part(ellipse(0.41, cy - 0.81, 0.055, 0.055), dark, "waxy", puff=1.0, lift=0.04))  # fmt: skip
    seam = Part(stroke([(0, -0.82), (0, -0.3)], 0.014), dark, look.material, puff=0.1, lift=0.0)
    return Figure(
        body=(*legs, Part(dome, shell, look.material, puff=0.7, lift=0.05), seam, *(dots if spotted else ()),
            Part(hood, dark, "waxy", puff=0.5, lift=0.05), *feelers, Part(head, skin, "skin", puff=0.66, lift=0.04)),
        face=FaceSpot(0, cy - 0.06, look.vary(0.345, 0.36), hair=dark, eye_scale=1.08),
        crown=(0, cy - 0.52, w * 0.8),
        neck=(0, cy + 0.62),
    )  # fmt: skip


@archetype(
    "animals",
    mains=("#8fbf3f", "#a5c94a", "#6faf4f", "#c9cf4a", "#5fb58a"),
    seconds=("#e8903a", "#f2d04a", "#d9605a", "#2f3a2a", "#7a5ab0"),
    material="plush",
)
def caterpillar(look: Look) -> Figure:
    """A round head with feelers, and behind it a row of round segments that arches up and away on stubby feet."""
    s = 1 if look.chance(0.5) else -1
    x, cy, w = -s * 0.36, 0.1, look.vary(0.5, 0.53)
    head = ellipse(x, cy, w, w * 1.06)
    rise = look.vary(0.2, 0.42)
    legs, segments = [], []
    many = called(look, "centipede", "millipede")
    for k in range(5, -1, -1):
        t = k / 5
        cx, y = x + s * (0.2 + 1.06 * t), 0.5 - rise * math.sin(math.pi * t * 0.9) + 0.12 * t
        r = 0.36 - 0.13 * t
        tone = colours.shade(look.main, light=0.04 * (-1) ** k)
        for d in (-0.1, 0.1) if many else (0.0,):
            legs.append(Part(stroke([(cx + d, y + r * 0.7), (cx + d * 1.4, y + r + 0.12)], [0.07, 0.06]), look.second,
                "waxy", puff=0.9))  # fmt: skip
        segments += [
            Part(ellipse(cx, y, r, r * 1.04), tone, look.material, puff=0.85, lift=0.04),
            Part(ellipse(cx - s * 0.02, y - r * 0.6, r * 0.3, r * 0.2), look.second, look.material, puff=0.3, lift=0.0),
        ]
    end = (look.vary(0.3, 0.38), cy - 0.85)
    feeler = stroke([(0.16, cy - 0.44), (0.22, cy - 0.66), end], [0.035, 0.03, 0.024])
    feelers = both(Part(feeler, look.second, "waxy", puff=0.9),
        Part(ellipse(*end, 0.075, 0.075), look.second, look.material, puff=1.0, lift=0.02))  # fmt: skip
    green = look.one_of("#4f8f45", "#5f9a3f")
    leaf_below = Part(stroke([(-0.98, 0.97), (0, 0.94), (0.98, 0.97)], [0.04, 0.09, 0.03]), green, "leaf", puff=0.5)
    return Figure(
        body=(leaf_below, *legs, *segments, *(moved(p, x) for p in feelers),
            Part(head, colours.shade(look.main, light=0.03), look.material, puff=0.75, lift=0.08)),
        face=FaceSpot(x, cy - 0.14, look.vary(0.355, 0.37), hair=look.main * 0.4, eye_scale=1.08),
        crown=(x, cy - 0.46, w * 0.7),
        neck=(x, cy + 0.52),
    )  # fmt: skip
