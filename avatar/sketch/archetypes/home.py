"""Things that make a home: candle, vase, cushion, armchair."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.archetypes.toppings import away, flame
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import (
    box,
    curve,
    dripping,
    ellipse,
    leaf,
    mirrored,
    petals,
    place,
    rounded,
    stroke,
)  # fmt: skip

_GREENS = ("#4f8f45", "#5f9e3f", "#3f7f4c", "#6a9a3f")
_WOODS = ("#6b4226", "#8a5a35", "#4a3428", "#b07f4a")


@archetype(
    "household",
    mains=("#f4ead0", "#e8d4a8", "#d9594a", "#8fb5c9", "#c9a0c9", "#9ac2a0", "#f2c48a"),
    seconds=("#c9953a", "#b8bcc4", "#8a5a35", "#3f5f7a", "#a8553a"),
    material="waxy",
)
def candle(look: Look) -> Figure:
    """A stout candle with a flame, wax that has run down its sides, in a dish with a ring to carry it by."""
    w, top = look.vary(0.45, 0.49), look.vary(-0.5, -0.46)
    low, s = 0.74, 1 if look.chance(0.5) else -1
    metal = look.second
    kind = "metal" if look.chance(0.6) else "porcelain"
    column = np.concatenate([
        [(w * math.cos(a), top - 0.07 * math.sin(a)) for a in np.linspace(0, math.pi, 30)],
        [(-w, low), (w, low)],
    ])  # fmt: skip
    pool = colours.mix(look.main, np.array([1.0, 0.9, 0.6]), 0.5)
    glow = Pattern("fade_up", colours.mix(look.main, np.array([1.0, 0.86, 0.5]), 0.65), top + 0.12, 0.85)
    runs = [
        (-w * 0.86, 0.075, look.vary(0.35, 0.85)),
        (w * 0.86, 0.075, look.vary(0.25, 0.8)),
        (-w * 0.55, 0.06, look.vary(0.06, 0.13)),
        (w * 0.56, 0.06, look.vary(0.06, 0.13)),
        (0.0, 0.07, 0.02),
    ]
    melted = dripping(w + 0.025, top, top + 0.02, runs, rise=0.085, sag=0.06)
    ring = ellipse(s * 0.78, 0.76, 0.15, 0.14)
    dish = mirrored([(0, 0.66), (0.62, 0.7), (0.72, 0.74), (0.68, 0.84), (0.5, 0.93), (0, 0.95)])
    blobs = tuple(
        Part(ellipse(x, 0.73, look.vary(0.08, 0.13), 0.04), look.main, look.material, puff=0.7, lift=0.02)
        for x in (-w * 1.05, w * 1.02, look.vary(-0.2, 0.2))
    )
    return Figure(
        body=(
            Part(ring, metal, kind, puff=0.9, holes=(ellipse(s * 0.78, 0.76, 0.09, 0.08),)),
            Part(dish, metal, kind, puff=0.5),
            Part(ellipse(0, 0.73, 0.64, 0.06), colours.shade(metal, light=-0.1), kind, puff=-0.3, lift=0.0),
            Part(column, look.main, look.material, bevel=0.3, lift=0.05, pattern=glow), *blobs,
            Part(melted, colours.shade(look.main, light=0.05), look.material, puff=0.4, lift=0.025),
            Part(ellipse(0, top - 0.012, w * 0.82, 0.05), pool, "porcelain", puff=-0.2, lift=0.0),
            *flame(0, top - 0.03, look.vary(0.38, 0.43)),
        ),
        face=FaceSpot(0, -0.02, w * 0.79),
        front=(Part(stroke([(-0.68, 0.79), (-0.3, 0.845), (0.3, 0.845), (0.68, 0.79)], 0.045), metal, kind, puff=0.9,
            lift=0.02),),
        crown=(0, top, w * 0.8),
        neck=(0, 0.66),
    )  # fmt: skip


@archetype(
    "household",
    mains=("#3f6fa8", "#c9705a", "#e8e0d0", "#5f9a8a", "#8a5a9a", "#d9a84a", "#4a5a6a", "#d98aa0"),
    seconds=("#f2e8d4", "#e2bd62", "#2f4f7a", "#a8432f", "#f4f0ea"),
    material="porcelain",
)
def vase(look: Look) -> Figure:
    """An urn with a slender neck, flared lip, two curled handles and bands of ornament, full of cut flowers."""
    w, cy = look.vary(0.56, 0.61), 0.24
    neck, lip_y = look.vary(0.24, 0.28), -0.42
    body = mirrored([(0, lip_y), (neck + 0.12, lip_y), (neck + 0.02, lip_y + 0.1), (neck + 0.03, lip_y + 0.2),
        (w * 0.8, -0.1), (w, cy - 0.06), (w * 0.92, cy + 0.24), (w * 0.56, 0.7), (w * 0.4, 0.8), (w * 0.52, 0.88),
        (w * 0.54, 0.94), (0, 0.95)])  # fmt: skip
    trim = look.second
    handle = Part(stroke([(neck + 0.02, lip_y + 0.12), (neck + 0.26, lip_y + 0.03), (w + 0.12, lip_y + 0.18),
        (w + 0.1, -0.04),
        (w * 0.86, 0.06)], [0.03, 0.042, 0.045, 0.04, 0.032]), trim, look.material)  # fmt: skip
    bands = (
        Part(stroke([(-neck - 0.09, lip_y + 0.02), (0, lip_y + 0.045), (neck + 0.09, lip_y + 0.02)], 0.04), trim,
            look.material,
            puff=0.9, lift=0.015),
        Part(stroke([(-neck - 0.02, lip_y + 0.2), (0, lip_y + 0.225), (neck + 0.02, lip_y + 0.2)], 0.022), trim,
            look.material,
            puff=0.6, lift=0.01),
        Part(stroke([(-w * 0.4, 0.81), (0, 0.835), (w * 0.4, 0.81)], 0.03), trim, look.material, puff=0.8, lift=0.01),
    )  # fmt: skip
    spot = FaceSpot(0, 0.1, w * 0.655, squeeze=0.9)
    return Figure(
        body=(
            *_bunch(look, neck, lip_y), *both(handle), Part(body, look.main, look.material, puff=0.65, lift=0.06),
                *bands,
            *_ornament(look, w, cy, trim),
        ),
        face=spot,
        crown=(0, lip_y, neck + 0.15),
        neck=(0, 0.72),
    )  # fmt: skip


def _ornament(look: Look, w: float, cy: float, tone: np.ndarray) -> tuple[Part, ...]:
    """Painted leaves or dots on the flanks, beside the face."""
    if look.chance(0.5):
        row = [
            (w * 0.86, cy - 0.2, 25),
            (w * 0.93, cy - 0.02, 5),
            (w * 0.9, cy + 0.17, -15),
            (w * 0.78, cy + 0.33, -30),
        ]
        return tuple(
            part for x, y, a in row for part in both(
                Part(leaf(x - 0.03, y + 0.06, 0.13, 0.034, turn=a), tone, look.material, puff=0.1, lift=0.0))
        )  # fmt: skip
    row = [(w * 0.8, cy - 0.24, 0), (w * 0.91, cy - 0.1, 0), (w * 0.93, cy + 0.05, 0), (w * 0.87, cy + 0.2, 0),
        (w * 0.75,
        cy + 0.33, 0)]  # fmt: skip
    return tuple(
        part for x, y, _ in row for part in both(Part(ellipse(x, y, 0.026, 0.034), tone, look.material, puff=0.2,
            lift=0.0))
    )  # fmt: skip


def _bunch(look: Look, neck: float, y: float) -> tuple[Part, ...]:
    """Cut flowers in a vase's mouth: tulips, daisies or sprays of round blossoms, with leaves between."""
    green, kind = look.one_of(*_GREENS), int(look.rng.integers(3))
    tones = [look.one_of("#e4553f", "#f0b429", "#e87fa5", "#f4f0e6", "#a88ad9", "#f2a65a") for _ in range(2)]
    parts = [
        Part(leaf(s * neck * 0.5, y + 0.06, 0.42, 0.075, turn=s * a, bend=s * 0.06), green, "leaf", puff=0.5)
        for s in (-1, 1) for a in (68, 34)
    ]  # fmt: skip
    for k, turn in enumerate((-48, 46, -20, 22, 0)):
        reach = look.vary(0.38, 0.44) + 0.02 * (k % 3)
        a = math.radians(turn)
        x, top = 0.1 * math.sin(a) * 2 + reach * math.sin(a), y + 0.03 - reach * math.cos(a)
        parts.append(Part(stroke([(0.3 * neck * math.sin(a), y + 0.1), (x * 0.7, (y + top) / 2), (x, top)], 0.017),
            green,
            "leaf", lift=0.02))  # fmt: skip
        parts += _blossom(kind, x, top, turn, colours.shade(tones[k % 2], light=look.vary(-0.03, 0.03)))
    return tuple(parts)


def _blossom(kind: int, x: float, y: float, turn: float, tone: np.ndarray) -> list[Part]:
    """One flower head at (x, y)."""
    if kind == 0:
        cup = mirrored([(0, -0.12), (0.06, -0.08), (0.11, -0.14), (0.12, 0.02), (0.07, 0.11), (0, 0.13)])
        heart = leaf(0, 0.12, 0.26, 0.075)
        return [Part(place(cup, x, y, turn=turn), tone, "leaf", puff=0.7, lift=0.03),
            Part(place(heart, x, y, turn=turn), colours.shade(tone, light=0.06), "leaf", puff=0.5,
                lift=0.01)]  # fmt: skip
    if kind == 1:
        return [Part(petals(x, y, 0.145, 0.06, 9, turn=turn), tone, "leaf", puff=0.4, lift=0.03),
            Part(ellipse(x, y, 0.055, 0.052), np.array([0.93, 0.7, 0.22]), "felt", puff=0.9, lift=0.012)]  # fmt: skip
    rose = [Part(petals(x, y, r, r * 0.78, n, turn=turn + 40 * n), colours.shade(tone, light=d), "leaf", puff=0.6,
        lift=0.015)
        for r, n, d in ((0.14, 6, -0.05), (0.1, 5, 0.0), (0.055, 4, 0.05))]  # fmt: skip
    return rose


@archetype(
    "household",
    mains=("#e0806a", "#7fb0d4", "#e8c46a", "#8fbf9f", "#c29ad0", "#e8a5b0", "#d4c2a8", "#8fc2c9"),
    seconds=("#f4ead6", "#f2c84a", "#3f4f6a", "#d9594a", "#f0f0ea", "#8a4a5f"),
    material="canvas",
)
def cushion(look: Look) -> Figure:
    """A plump square with drawn-in sides: piping, tassels or bobbles, stripes or spots around the face."""
    half, pinch, turn = look.vary(0.72, 0.76), look.vary(0.05, 0.09), look.vary(-4, 4)
    corner, mid = half, half - pinch
    points = []
    for k in range(4):
        a = math.radians(90 * k)
        c, s = math.cos(a), math.sin(a)
        for x, y in ((corner, -corner + 0.045), (mid + 0.02, -corner * 0.45), (mid, 0.0), (mid + 0.02, corner * 0.45),
            (corner, corner - 0.045), (corner - 0.045, corner)):  # fmt: skip
            points.append((x * c - y * s, x * s + y * c))
    shape = place(curve(points, n=10), 0, 0.02, turn=turn)
    kind = ("stripes", "spots", "checks", "diamonds")[int(look.rng.integers(4))]
    scale = {"spots": 0.2, "diamonds": 0.26}.get(kind, 0.11)
    rim = colours.shade(look.second, light=-0.04)
    ends = [place(np.array([(sx * corner * 0.985, sy * corner * 0.985)]), 0, 0.02, turn=turn)[0] for sx in (-1,
        1) for sy in (-1,
        1)]  # fmt: skip
    trimming = tuple(
        part for x, y in ends for part in (
            _tassel(x, y, rim) if look.material != "leather" else ())
    ) if look.chance(0.7) else _bobbles(shape, rim)  # fmt: skip
    return Figure(
        body=(
            *trimming, Part(place(shape - (0, 0.02), 0, 0.02, scale=1.035), rim, "fabric", puff=0.5),
            Part(shape, look.main, look.material, puff=0.4, lift=0.015,
                pattern=Pattern(kind, colours.mix(look.main, look.second, 0.45), scale, 0.9)),
        ),
        face=FaceSpot(0, -0.12, 0.41, roll=turn),
        crown=(0, -mid, half * 0.7),
        neck=(0, 0.62),
    )  # fmt: skip


def _tassel(x: float, y: float, tone: np.ndarray) -> tuple[Part, ...]:
    """A tassel that points away from the middle, from a corner at (x, y)."""
    turn = math.degrees(math.atan2(x, -y))
    skirt = rounded([(-0.03, -0.05), (0.03, -0.05), (0.075, -0.19), (-0.075, -0.19)], 0.02)
    return (
        Part(place(skirt, x, y, turn=turn), tone, "fur", puff=0.7, pattern=Pattern("checks", tone * 0.75, 0.02, 0.6)),
        Part(
            place(ellipse(0, -0.035, 0.042, 0.042), x, y, turn=turn), colours.shade(tone, light=0.05), "felt", lift=0.02
        ),
    )


def _bobbles(shape: np.ndarray, tone: np.ndarray) -> tuple[Part, ...]:
    """Wool balls all along the seam."""
    step = max(1, len(shape) // 30)
    centre = shape.mean(0)
    return tuple(
        Part(ellipse(float(x), float(y), 0.052, 0.052), tone, "plush", lift=0.02)
        for x, y in (shape[::step] - centre) * 1.06 + centre
    )


@archetype(
    "household",
    mains=("#a8483f", "#4f7a6a", "#5f7fa8", "#c98a4a", "#7a5a8a", "#b5a58a", "#3f5a6a", "#c9708a"),
    seconds=("#e8d4a8", "#d9b45a", "#f0e8da", "#8fb5b0", "#e4a05a"),
    material="felt",
)
def armchair(look: Look) -> Figure:
    """A wing chair: buttoned back with ears, rolled arms, a fat seat cushion, turned feet."""
    w, top = look.vary(0.54, 0.58), look.vary(-0.88, -0.84)
    dark, light = colours.shade(look.main, light=-0.07), colours.shade(look.main, light=0.04)
    wood = look.one_of(*_WOODS)
    back = mirrored(
        [(0, top), (w * 0.5, top + 0.03), (w * 0.95, top + 0.14), (w * 1.02, top + 0.42), (w, 0.5), (0, 0.55)]
    )
    wing = curve([(w * 0.8, top + 0.12), (w * 1.1, top + 0.12), (w * 1.4, top + 0.32), (w * 1.38, top + 0.62),
        (w * 1.22, 0.06),
        (w * 1.1, 0.4), (w * 0.9, 0.2), (w * 0.94, -0.3)], n=8)  # fmt: skip
    arm = curve([(w * 1.0, 0.14), (w * 1.2, 0.04), (w * 1.5, 0.08), (w * 1.62, 0.24), (w * 1.52, 0.4), (w * 1.5, 0.82),
        (w * 1.1, 0.84), (w * 1.04, 0.42)], n=8)  # fmt: skip
    scroll = Part(ellipse(w * 1.31, 0.22, 0.13, 0.13), light, look.material, puff=0.5, lift=0.012)
    hub = Part(ellipse(w * 1.31, 0.22, 0.035, 0.035), look.second, "metal", lift=0.01)
    foot = Part(rounded([(w * 1.12, 0.8), (w * 1.42, 0.8), (w * 1.34, 0.97), (w * 1.22, 0.97)], 0.03), wood, "wood")
    seat = box(0, 0.52, w * 1.06, 0.12, 0.1)
    apron = box(0, 0.72, w * 1.1, 0.13, 0.05)
    spot = FaceSpot(0, -0.3, 0.365)
    buttons = tuple(
        Part(ellipse(x * w, y, 0.03, 0.028), look.second, "felt", puff=0.9, lift=0.012)
        for x, y in ((0, top + 0.13), (-0.5, top + 0.17), (0.5, top + 0.17), (-0.84, top + 0.34), (0.84, top + 0.34),
            (-0.84, 0.08), (0.84, 0.08), (-0.55, 0.28), (0.55, 0.28))
        if away(x * w, y, spot) > 1.0
    )  # fmt: skip
    cover = Pattern("stripes", colours.mix(look.main, look.second, 0.3), 0.11, 0.9)
    return Figure(
        body=(
            *both(foot, Part(wing, dark, look.material, puff=0.6)),
            Part(back, look.main, look.material, puff=0.55, lift=0.05, pattern=cover if look.chance(0.35) else None),
                *buttons,
            Part(apron, dark, look.material, puff=0.4, lift=0.04),
            Part(seat, light, look.material, puff=0.7, lift=0.05),
            Part(stroke([(-w * 1.0, 0.585), (0, 0.6), (w * 1.0, 0.585)], 0.013), look.second, "fabric", puff=0.8,
                lift=0.0),
            *both(Part(arm, look.main, look.material, puff=0.7, lift=0.05), scroll, hub), *_throw(look, w),
        ),
        face=spot,
        crown=(0, top, w * 0.85),
        neck=(0, 0.36),
    )  # fmt: skip


def _throw(look: Look, w: float) -> tuple[Part, ...]:
    """Sometimes a blanket over one arm, with a fringe."""
    if look.chance(0.45):
        return ()
    s = 1 if look.chance(0.5) else -1
    wool, low = look.one_of("#e8d4a8", "#d9594a", "#5f9a8a", "#f0b84a", "#7a8fc2"), look.vary(0.5, 0.6)
    cloth = rounded([(s * w * 1.1, 0.05), (s * w * 1.56, 0.06), (s * w * 1.66, 0.24), (s * w * 1.58, low),
        (s * w * 1.08,
        low)], 0.05)  # fmt: skip
    fringe = tuple(
        Part(stroke([(s * x, low - 0.01), (s * x, low + 0.07)], 0.016), wool, "fabric", lift=0.01)
        for x in np.linspace(w * 1.11, w * 1.55, 8)
    )
    plaid = Pattern("checks", colours.shade(wool, light=-0.2), 0.07, 0.8)
    return (*fringe, Part(cloth, wool, "knit", puff=0.4, lift=0.03, pattern=plaid))
