"""Sweet food: cake, cupcake, ice cream."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.toppings import away, cherry, flame, sprinkle
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, dripping, ellipse, lobes, mirrored, place, rounded, scalloped, stroke


@archetype(
    "food",
    mains=("#f2b8c6", "#f4e2c4", "#a9d6c9", "#c9a0d9", "#f0cf8a", "#9a6238", "#9cc4e6"),
    seconds=("#6b3a22", "#f7efe2", "#e0567f", "#8a4a2a", "#f0b0c4"),
)
def cake(look: Look) -> Figure:
    """A birthday cake on a stand: icing that runs down its side, piped cream, candles and berries on top."""
    w, top, low = look.vary(0.66, 0.72), look.vary(-0.3, -0.26), 0.74
    side = Part(_drum(w, top, low, 0.1), look.main, look.material, bevel=0.3, lift=0.06)
    iod = 0.37
    spot = FaceSpot(0, top + 0.36, iod)
    drops = [(-w * 0.86, 0.075, look.vary(0.3, 0.55)), (-w * 0.6, 0.07, look.vary(0.1, 0.2)),
        (w * 0.86, 0.075, look.vary(0.3, 0.55)), (w * 0.62, 0.07, look.vary(0.1, 0.2)),
        (look.vary(-0.3, -0.22), 0.085, 0.03), (look.vary(0.2, 0.3), 0.085, 0.03)]  # fmt: skip
    icing = dripping(w + 0.012, top, top + 0.0, drops, rise=0.1, sag=0.07)
    stand_tone = look.one_of("#e9e6df", "#d9b0b8", "#a9c9d2", "#cdb58a")
    stand = (
        Part(mirrored([(0, 0.78), (0.12, 0.8), (0.14, 0.88), (0.34, 0.93), (0.3, 0.965), (0, 0.97)]), stand_tone,
            "porcelain", puff=0.7),
        Part(ellipse(0, low + 0.06, w + 0.2, 0.085), colours.shade(stand_tone, light=-0.05), "porcelain", puff=0.35),
        Part(ellipse(0, low + 0.045, w + 0.19, 0.07), stand_tone, "porcelain", puff=0.25, lift=0.0),
    )  # fmt: skip
    border = tuple(
        Part(ellipse(x, low + 0.035 + 0.05 * math.sqrt(max(0.0, 1 - (x / w) ** 2)), 0.072, 0.06),
            colours.shade(look.second, light=0.02), "waxy", puff=0.9, lift=0.015)
        for x in np.linspace(-w + 0.02, w - 0.02, 13)
    )  # fmt: skip
    dots = tuple(
        sprinkle(look, x, y)
        for x, y in look.rng.uniform((-w * 0.9, top + 0.25), (w * 0.9, low - 0.03), (46, 2))
        if away(x, y, spot) > 1.12
    ) if look.chance(0.6) else ()  # fmt: skip
    return Figure(
        body=(
            *stand, *_candles(look, top - 0.06), side, *dots, *border,
            Part(icing, look.second, "waxy", puff=0.25, lift=0.025), *_dollops(look, w, top),
        ),
        face=spot,
        crown=(0, top - 0.08, w * 0.8),
        neck=(0, low),
    )  # fmt: skip


def _drum(w: float, top: float, low: float, bow: float) -> np.ndarray:
    """The outline of an upright cylinder seen from a little above."""
    a = np.linspace(0, math.pi, 40)
    return np.concatenate([
        np.stack([w * np.cos(a), top - bow * np.sin(a)], 1),
        np.stack([-w * np.cos(a), low + bow * 0.9 * np.sin(a)], 1),
    ])  # fmt: skip


def _candles(look: Look, y: float) -> tuple[Part, ...]:
    """One to five burning candles in a row."""
    count = int(look.rng.integers(1, 6))
    parts: list[Part] = []
    for k in range(count):
        x = (k - (count - 1) / 2) * (0.19 if count > 3 else 0.26)
        top = y - look.vary(0.26, 0.31)
        wax = look.one_of("#e4553f", "#f0b429", "#4fa06a", "#3f86c9", "#e87fa5", "#f4f0e6")
        twist = Pattern("diamonds", colours.mix(wax, np.ones(3), 0.75), 0.075, 0.9)
        parts += [
            Part(box(x, (y + top) / 2, 0.035, (y - top) / 2 + 0.03, 0.02), wax, "waxy", pattern=twist),
            *flame(x, top - 0.01, 0.15),
        ]
    return tuple(parts)


def _dollops(look: Look, w: float, top: float) -> tuple[Part, ...]:
    """Whirls of cream along the cake's front edge, every second one with a berry."""
    berry = look.chance(0.6)
    cream = look.one_of("#f7f1e6", "#f7d9e0", "#f7efd0") if colours.luminance(look.second) < 0.75 else look.main
    parts: list[Part] = []
    for k, x in enumerate(np.linspace(-w * 0.86, w * 0.86, 7)):
        y = top - 0.02 + 0.05 * math.sqrt(1 - (x / w) ** 2)
        whirl = mirrored([(x, y - 0.15), (x + 0.045, y - 0.08), (x + 0.1, y), (x, y + 0.05)], cx=x)
        parts.append(Part(whirl, cream, "waxy", puff=0.9, lift=0.02))
        if berry and k % 2 == 0:
            parts += cherry(x, y - 0.13, 0.062, look.vary(-0.06, 0.06))
    return tuple(parts)


@archetype(
    "food",
    mains=("#f2a6c0", "#a8e0d0", "#f4e6cc", "#b79ae0", "#8a5634", "#f4d06a", "#9cc8f0"),
    seconds=("#c9905a", "#e0b070", "#d9708f", "#5fa5c9", "#f0ead8", "#8fbf6a", "#d9594a"),
    material="waxy",
)
def cupcake(look: Look) -> Figure:
    """A face on the pleated paper case, below three whirls of frosting with a cherry or candle on top."""
    wide, foot = look.vary(0.68, 0.72), look.vary(0.46, 0.49)
    top, low = -0.2, 0.92
    spot = FaceSpot(0, 0.2, 0.37, squeeze=0.95)
    case = look.second
    pleats = []
    for k in (0, 1, 2, 3, 11, 12, 13, 14):
        u0, u1 = (k - 7.5) / 7.5, (k - 6.5) / 7.5
        edge = [(u0 * wide, top), ((u0 + u1) / 2 * wide, top - 0.035), (u1 * wide, top)]
        tone = colours.shade(case, light=-0.07 if k % 2 else 0.05)
        pleats.append(Part(rounded([*edge, (u1 * foot, low), (u0 * foot, low)], 0.015), tone, "paper", puff=0.7,
            lift=0.0))  # fmt: skip
    folds = Pattern("stripes", colours.shade(case, light=-0.1), 0.065, 0.8)
    cup = rounded([(-wide, top - 0.02), (wide, top - 0.02), (foot, low), (-foot, low)], 0.05)
    whirls = [(0.77, 0.22, -0.25), (0.58, 0.19, -0.43), (0.37, 0.16, -0.6)]
    lean = look.vary(-0.05, 0.05)
    frosting = tuple(
        Part(_whirl(look, lean * k, y, rx, ry), colours.shade(look.main, light=0.015 * k), look.material, puff=0.75,
            lift=0.04)
        for k, (rx, ry, y) in enumerate(whirls)
    )  # fmt: skip
    tip = Part(mirrored([(lean * 3, -0.9), (lean * 3 + 0.08, -0.76), (lean * 3 + 0.18, -0.66), (lean * 3, -0.58)],
        cx=lean * 3), colours.shade(look.main, light=0.04), look.material, puff=0.8, lift=0.02)  # fmt: skip
    strands = tuple(
        sprinkle(look, x * rx * 0.9 + lean * k, y + look.vary(-0.4, 0.5) * ry)
        for k, (rx, ry, y) in enumerate(whirls) for x in np.linspace(-0.9, 0.9, 9 - 2 * k)
    ) if look.chance(0.65) else ()  # fmt: skip
    topping = cherry(lean * 2, -0.74, 0.1, look.vary(-0.14, 0.14)) if look.chance(0.65) else (tip,)
    return Figure(
        body=(Part(cup, case, "paper", puff=0.6, lift=0.06, pattern=folds), *pleats, *frosting, *strands, *topping),
        face=spot,
        crown=(0, -0.72, 0.4),
        neck=(0, 0.82),
    )  # fmt: skip


def _whirl(look: Look, cx: float, cy: float, rx: float, ry: float) -> np.ndarray:
    """One turn of piped frosting: a fat disc with soft knuckles along its edge."""
    return scalloped(cx, cy, rx, ry, int(look.rng.integers(9, 13)), 0.1)


@archetype(
    "food",
    mains=("#f4e2b8", "#f2a8bd", "#a9dcc0", "#8a5a3c", "#f4c65a", "#b9a3e0", "#e8607f", "#a8d4f0"),
    seconds=("#d9a058", "#c98f4a", "#e0b070"),
)
def ice_cream(look: Look) -> Figure:
    """A scoop on a waffle cone, melting over its rim; perhaps a second scoop, sauce, a wafer or a cherry on top."""
    double = look.chance(0.45)
    r, cy = (0.52, -0.1) if double else (look.vary(0.57, 0.61), -0.2)
    hem = cy + r * 0.72
    cone = rounded([(-r * 0.86, hem - 0.08), (r * 0.86, hem - 0.08), (0.03, 0.97), (-0.03, 0.97)], 0.05)
    waffle = Pattern("diamonds", colours.shade(look.second, light=-0.16), 0.15, 0.85)
    side = 1 if look.chance(0.5) else -1
    frill = dripping(r * 0.85, hem, hem + 0.03, [(-side * r * 0.62, 0.1, look.vary(0.14, 0.24)),
        (-side * r * 0.2, 0.09, 0.05), (side * r * 0.2, 0.1, look.vary(0.06, 0.14)), (side * r * 0.62, 0.09, 0.1)],
        rise=0.1, sag=0.05)  # fmt: skip
    ball = Part(ellipse(0, cy, r, r), look.main, look.material, puff=0.85, lift=0.05)
    spot = FaceSpot(0, cy - 0.13, r * 0.66)
    bits = _bits(look, cy, r, spot) if look.chance(0.4) else ()
    crest = cy - r
    ruff: tuple[Part, ...] = ()
    if double:
        other = look.one_of("#f4e2b8", "#f2a8bd", "#a9dcc0", "#8a5a3c", "#e8607f", "#b9a3e0")
        scoop = lobes(0, crest + 0.02, [(0, -0.02, 0.3), *((x, 0.09 - 0.1 * x * x, 0.08) for x in (-0.3, -0.17, 0.0,
            0.17, 0.3))])  # fmt: skip
        ruff = (Part(scoop, other, look.material, puff=0.8, lift=0.03),)
        crest -= 0.3
    elif look.chance(0.6):
        sauce = look.one_of("#6b3416", "#c22f4a", "#b8742a")
        cap = dripping(0.46, crest + 0.16, crest + 0.13, [(-0.4, 0.07, 0.24), (-0.22, 0.07, 0.06),
            (0.06, 0.08, 0.07), (0.26, 0.07, 0.05), (0.4, 0.065, 0.28)], rise=0.17, sag=0.02)  # fmt: skip
        ruff = (Part(cap, sauce, "porcelain", puff=0.4, lift=0.015),)
    return Figure(
        body=(
            *_stick(look, crest + (0.08 if double else 0)),
            Part(cone, look.second, "clay", puff=0.7, pattern=waffle),
            Part(frill, look.main, look.material, puff=0.6, lift=0.05), ball, *bits, *ruff,
            *(() if double or look.chance(0.4) else cherry(look.vary(-0.05, 0.05), crest - 0.03, 0.085, 0.06)),
        ),
        face=spot,
        crown=(0, crest + 0.05, 0.4),
        neck=(0, hem + 0.1),
    )  # fmt: skip


def _bits(look: Look, cy: float, r: float, spot: FaceSpot) -> tuple[Part, ...]:
    """Chips of chocolate or candied fruit in the ice around the face."""
    colour = look.one_of("#4a2818", "#5c331c", "#c23a4a", "#4f9a5a")
    return tuple(
        Part(ellipse(x, y, look.vary(0.02, 0.034), look.vary(0.014, 0.022), turn=look.vary(0, 180)), colour, "waxy",
            lift=0.008)
        for x, y in look.rng.uniform((-r, cy - r), (r, cy + r), (70, 2))
        if math.hypot(x, y - cy) < 0.92 * r and away(x, y, spot) > 1.08
    )  # fmt: skip


def _stick(look: Look, crest: float) -> tuple[Part, ...]:
    """A wafer or a rolled biscuit stuck into the top."""
    side = 1 if look.chance(0.5) else -1
    if look.chance(0.5):
        fan = rounded([(-0.02, 0.1), (0.02, 0.1), (0.17, -0.2), (0.0, -0.27), (-0.17, -0.2)], 0.04)
        grid = Pattern("checks", np.array([0.66, 0.42, 0.2]), 0.05, 0.9)
        return (Part(place(fan, side * 0.34, crest + 0.16, turn=side * 34), np.array([0.86, 0.64, 0.36]), "clay",
            puff=0.2, pattern=grid),)  # fmt: skip
    roll = stroke([(side * 0.2, crest + 0.22), (side * 0.38, crest - 0.09)], 0.055)
    turns = Pattern("bands", np.array([0.5, 0.28, 0.14]), 0.05, 0.85)
    return (Part(roll, np.array([0.85, 0.62, 0.34]), "clay", puff=0.8, pattern=turns),)
