"""Food from the larder: cheese, egg, bottle."""

import math
from itertools import pairwise

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import called
from personify.avatar.sketch.archetypes.toppings import away
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, ellipse, mirrored, place, rounded, stroke

_CLOSED_BY = {
    "foil": ("milk",),
    "nozzle": ("ketchup", "mustard", "sauce"),
    "crown": ("beer", "soda", "cola"),
    "cork": ("wine", "potion", "message", "oil"),
}


@archetype(
    "food",
    mains=("#f4c84a", "#f2b93a", "#f6d978", "#e89a3a", "#f4e4b0"),
    seconds=("#c9452f", "#d98a2f", "#a8342a", "#e0c060", "#4a4a48"),
    material="waxy",
)
def cheese(look: Look) -> Figure:
    """A wedge seen from its cut side: holes along the edges, the top drawn back to the rind."""
    s = 1 if look.chance(0.5) else -1
    low, tall, back = 0.84, look.vary(-0.34, -0.28), look.vary(-0.78, -0.7)
    near, far = -0.9, 0.86
    front = rounded([(s * near, tall + 0.12), (s * far, tall - 0.06), (s * far, low - 0.03), (s * near, low)], 0.06)
    top = rounded([(s * near, tall + 0.12), (s * 0.5, back), (s * far, back + 0.13), (s * far, tall - 0.05)], 0.05)
    rind = rounded([(s * (far - 0.03), tall - 0.06), (s * (far - 0.03), back + 0.1), (s * (far + 0.075), back + 0.16),
        (s * (far + 0.075), low - 0.09), (s * (far - 0.03), low - 0.02)], 0.04)  # fmt: skip
    spot = FaceSpot(s * 0.03, tall + 0.45, 0.395, roll=-s * 3)
    hollow = colours.shade(look.main, light=-0.13)
    holes: list[Part] = []
    for x, y, r in ((-0.72, 0.12, 0.1), (-0.66, 0.6, 0.13), (-0.46, 0.73, 0.05), (0.68, -0.14, 0.11), (0.7, 0.36,
        0.075),
        (0.58, 0.64, 0.115), (-0.52, -0.06, 0.055), (0.76, 0.62, 0.04)):  # fmt: skip
        at_x, at_y = s * (x + look.vary(-0.02, 0.02)), y + look.vary(-0.02, 0.02)
        if away(at_x, at_y, spot) > 1.02:
            holes += _hole(at_x, at_y, r * look.vary(0.8, 1.1), r * look.vary(0.8, 1.0), hollow, look.main)
    for x, y, r in ((0.3, -0.5, 0.1), (0.62, -0.46, 0.075), (-0.2, -0.36, 0.06)):
        holes += _hole(s * x, y, r, r * 0.5, hollow, look.main)
    return Figure(
        body=(
            Part(rind, look.second, "waxy", puff=0.6),
            Part(top, colours.shade(look.main, light=0.055), look.material, bevel=0.03, lift=0.03),
            Part(front, look.main, look.material, bevel=0.05, lift=0.02), *holes,
        ),
        face=spot,
        crown=(s * 0.15, tall - 0.16, 0.5),
        neck=(0, 0.72),
    )  # fmt: skip


def _hole(x: float, y: float, rx: float, ry: float, hollow: np.ndarray, lit: np.ndarray) -> tuple[Part, ...]:
    """A hollow with its shaded upper and bright lower edge."""
    return (
        Part(ellipse(x, y, rx, ry), colours.shade(lit, light=0.1), "waxy", puff=-0.3, lift=0.0),
        Part(ellipse(x - rx * 0.05, y - ry * 0.07, rx * 0.93, ry * 0.91), hollow, "waxy", puff=-0.8, lift=0.0),
    )


@archetype(
    "food",
    mains=("#f2e6d2", "#e0b890", "#c98f64", "#b5d4d0", "#f4ece0", "#d9c0a0"),
    seconds=("#4f8fb5", "#d9594a", "#f0b84a", "#5fa57a", "#e8e4da", "#8a6ab0"),
    material="porcelain",
)
def egg(look: Look) -> Figure:
    """A boiled egg in a cup: speckled, cracked on top or plain; a spoon leans beside it."""
    w, top, low = look.vary(0.57, 0.61), look.vary(-0.88, -0.84), 0.7
    shell = mirrored([(0, top), (w * 0.46, top + 0.09), (w * 0.84, top + 0.43), (w, -0.02), (w * 0.93, 0.32),
        (w * 0.6, 0.6), (0, low)])  # fmt: skip
    spot = FaceSpot(0, -0.22, 0.385)
    cup = mirrored([(0, 0.4), (w * 0.98, 0.36), (w * 1.0, 0.44), (w * 0.84, 0.62), (w * 0.42, 0.74), (0.13, 0.8),
        (0.14, 0.85), (w * 0.62, 0.9), (w * 0.66, 0.95), (0, 0.97)])  # fmt: skip
    decor = ("spots", "stripes", "bands", "checks")[int(look.rng.integers(4))]
    pale = np.array([0.97, 0.95, 0.91]) if colours.luminance(look.second) < 0.7 else look.one_of("#4f8fb5", "#d9594a")
    tone = colours.shade(look.main, light=-0.22)
    flecks = tuple(
        Part(ellipse(x, y, look.vary(0.01, 0.026), look.vary(0.01, 0.018), turn=look.vary(0, 90)), tone, "felt",
            puff=0.1, lift=0.0)
        for x, y in look.rng.uniform((-w, top), (w, 0.45), (80, 2))
        if math.hypot(x / w, (y + 0.06) / 0.76) < 0.9 and away(x, y, spot) > 1.08
    ) if look.chance(0.5) else ()  # fmt: skip
    lip = [(x * w, 0.44 + 0.0 * x) for x in (-1, 1)]
    return Figure(
        body=(*_spoon(look, w), Part(shell, look.main, look.material, puff=0.75, lift=0.06), *flecks,
            *(_crack(look, w, top) if look.chance(0.5) else ())),
        face=spot,
        front=(
            Part(cup, look.second, "porcelain", puff=0.6, lift=0.05, pattern=Pattern(decor, pale, 0.11, 0.85)),
            Part(stroke([lip[0], (0, 0.475), lip[1]], 0.04), pale, "porcelain", puff=0.8, lift=0.015),
        ),
        crown=(0, top + 0.06, w * 0.7),
        neck=(0, 0.6),
    )  # fmt: skip


def _spoon(look: Look, w: float) -> tuple[Part, ...]:
    """A spoon that stands in the cup, on either side."""
    s = 1 if look.chance(0.5) else -1
    metal = look.one_of("#c9ccd1", "#d9b45a", "#b8bcc4")
    at_x = s * (w + 0.2)
    bowl = mirrored([(0, -0.17), (0.1, -0.1), (0.115, 0.0), (0.06, 0.13), (0, 0.17)])
    dent = mirrored([(0, -0.13), (0.07, -0.08), (0.08, 0.0), (0.04, 0.09), (0, 0.12)])
    return (
        Part(stroke([(s * w * 0.7, 0.6), (s * (w + 0.16), -0.06)], [0.03, 0.024]), metal, "metal"),
        Part(place(bowl, at_x, -0.2, turn=s * 14), metal, "metal", puff=0.6, lift=0.03),
        Part(place(dent, at_x, -0.205, turn=s * 14), colours.shade(metal, light=-0.06), "metal", puff=-0.7, lift=0.0),
    )


def _crack(look: Look, w: float, top: float) -> tuple[Part, ...]:
    """A zigzag crack round the top, with a chip of shell missing."""
    dark = colours.shade(look.main, light=-0.32)
    y, n = top + 0.27, 9
    xs = np.linspace(-w * 0.62, w * 0.62, n)
    line = [(float(x), float(y + (0.04 if k % 2 else -0.035) + 0.06 * (1 - (x / w) ** 2))) for k, x in enumerate(xs)]
    bits = [Part(stroke([a, b], 0.009), dark, "felt", puff=0.2, lift=0.0) for a, b in pairwise(line)]
    side = 1 if look.chance(0.5) else -1
    bits.append(Part(stroke([line[n // 2 + side * 2], (side * w * 0.3, top + 0.12), (side * w * 0.2, top + 0.07)],
        [0.009, 0.007, 0.002]), dark, "felt", puff=0.2, lift=0.0))  # fmt: skip
    return tuple(bits)


@archetype(
    "food",
    mains=("#3f8f6a", "#4f7fb5", "#8a4a34", "#f2f0ea", "#c9d9d4", "#7a5aa0", "#c93f34", "#d99a3f"),
    seconds=("#f2e6c8", "#d9b45a", "#e4553f", "#f0ead8", "#a8c4d9"),
    material="glass",
)
def bottle(look: Look) -> Figure:
    """A stout bottle with a label below the face; corked, crown-capped, foil-capped or with a nozzle."""
    w = look.vary(0.5, 0.55)
    neck, slope, brink = look.vary(0.15, 0.18), look.vary(-0.34, -0.28), look.vary(-0.74, -0.7)
    body = mirrored([(0, brink), (neck, brink), (neck, brink + 0.1), (neck + 0.03, slope - 0.12), (w * 0.8,
        slope + 0.06),
        (w, slope + 0.26), (w, 0.3), (w, 0.78), (w * 0.86, 0.92), (0, 0.94)])  # fmt: skip
    level = Pattern("fade", colours.shade(look.main, light=-0.14), look.vary(-0.4, 0.0), 0.5)
    tag_top, tag_low = 0.56, 0.85
    tag = np.concatenate([[(x * w * 1.005, tag_top + 0.03 * (1 - x * x)) for x in np.linspace(-1, 1, 20)],
        [(x * w * 1.005, tag_low + 0.03 * (1 - x * x)) for x in np.linspace(1, -1, 20)]])  # fmt: skip
    mark = look.one_of("#c43f4f", "#2f5a7a", "#3f7a5a", "#7a4a2f")
    if colours.luminance(look.second) < 0.5:
        mark = look.one_of("#f2efe6", "#f0c86a")
    lines = tuple(
        Part(stroke([(-w * 0.99, y), (0, y + 0.03), (w * 0.99, y)], 0.012), mark, "paper", puff=0.1, lift=0.0)
        for y in (tag_top + 0.045, tag_low - 0.045)
    )
    emblem = (Part(ellipse(0, 0.725, 0.095, 0.075), mark, "paper", puff=0.1, lift=0.0),
        Part(ellipse(0, 0.725, 0.06, 0.046), look.second, "paper", puff=0.1, lift=0.0))  # fmt: skip
    shine = tuple(
        Part(stroke(points, [0.006, 0.026, 0.006]), colours.mix(look.main, np.ones(3), 0.55), look.material, puff=0.3,
            lift=0.0)
        for points in ([(-w * 0.88, slope + 0.3), (-w * 0.91, 0.1), (-w * 0.9, 0.38)],
            [(-neck * 0.66, brink + 0.08), (-neck * 0.66, brink + 0.16), (-neck * 0.76, brink + 0.22)])
    )  # fmt: skip
    return Figure(
        body=(
            *_stopper(look, neck, brink),
            Part(body, look.main, look.material, puff=0.6, lift=0.06, pattern=level), *shine,
            Part(box(0, brink + 0.035, neck + 0.035, 0.045, 0.04), colours.shade(look.main, light=0.03), look.material,
                puff=0.9, lift=0.02),
        ),
        face=FaceSpot(0, 0.0, w * 0.655),
        front=(Part(tag, look.second, "paper", puff=0.4, lift=0.012), *lines, *emblem),
        crown=(0, brink - 0.06, neck + 0.12),
        neck=(0, 0.5),
    )  # fmt: skip


def _stopper(look: Look, neck: float, y: float) -> tuple[Part, ...]:
    """What closes a bottle: by the concept's name or by chance."""
    kind = ("cork", "crown", "foil", "nozzle")[int(look.rng.integers(4))]
    for name, words in _CLOSED_BY.items():
        kind = name if called(look, *words) else kind
    if kind == "cork":
        return (Part(rounded([(-neck * 0.8, y + 0.02), (neck * 0.8, y + 0.02), (neck * 0.9, y - 0.17), (-neck * 0.9,
            y - 0.17)], 0.04), np.array([0.78, 0.6, 0.4]), "crumb", puff=0.6),)  # fmt: skip
    if kind == "nozzle":
        red = look.one_of("#f2efe6", "#e4553f", "#f0b429", "#3f7a5a")
        return (Part(rounded([(-neck * 1.05, y + 0.03), (neck * 1.05, y + 0.03), (neck * 0.75, y - 0.07), (0.04,
            y - 0.25),
            (-0.04, y - 0.25), (-neck * 0.75, y - 0.07)], 0.04), red, "plastic", puff=0.8),)  # fmt: skip
    metal = look.one_of("#c9ccd1", "#d9b45a", "#e4553f", "#4f7fb5")
    ridges = Pattern("stripes", metal * 0.72, 0.032, 0.7)
    tall = 0.05 if kind == "crown" else 0.085
    return (Part(box(0, y - tall * 0.7, neck * 1.22, tall, 0.04), metal, "metal", puff=0.6, pattern=ridges),)
