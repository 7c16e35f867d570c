"""Cartoon characters of the sky and the weather: snowman, star, cloud."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, ellipse, leaf, lobes, mirrored, place, rounded, shaggy, stroke
from personify.avatar.sketch.shapes import star as star_outline

_WHITE = np.array([0.96, 0.96, 0.94])


@archetype(
    "cartoon",
    mains=("#f3f6fa", "#eef3f8", "#f6f4ee"),
    seconds=("#c9393f", "#3f7fb0", "#3f9a6a", "#e0a03f", "#8a5fb5"),
    material="snow",
)
def snowman(look: Look) -> Figure:
    """Two balls of snow with twigs for arms, coals for buttons, a carrot-coloured nose, a scarf and a hat."""
    r = look.vary(0.52, 0.56)
    cy, coal = -0.16, np.array([0.16, 0.16, 0.18])
    twig = look.one_of("#6b4a2f", "#7a5538", "#573c28")
    arms = []
    for s in (-1, 1):
        rise = look.vary(-0.1, 0.16)
        hand = (s * 0.93, 0.34 - rise)
        arms.append(Part(stroke([(s * 0.5, 0.66), (s * 0.72, 0.52 - rise * 0.3), hand], [0.035, 0.028, 0.018]), twig,
            "bark"))  # fmt: skip
        for dx, dy in ((0.02, -0.12), (-0.1, -0.08)):
            arms.append(Part(stroke([(s * 0.84, 0.43 - rise * 0.7), (hand[0] + s * dx, hand[1] + dy)], [0.02, 0.01]),
                twig, "bark", lift=0.02))  # fmt: skip
    body = ellipse(0, 0.78, 0.68, 0.44)
    buttons = tuple(Part(ellipse(look.vary(-0.015, 0.015), y, 0.05, 0.046), coal, "stone", puff=0.9,
        lift=0.02) for y in (0.72, 0.88))  # fmt: skip
    scarf = Part(mirrored([(0, 0.34), (0.3, 0.3), (0.46, 0.3), (0.5, 0.4), (0.36, 0.5), (0, 0.54)]), look.second,
        "knit", puff=0.8, lift=0.04)  # fmt: skip
    side = 1 if look.chance(0.5) else -1
    end = Part(rounded([(side * 0.2, 0.4), (side * 0.4, 0.38), (side * 0.46, 0.8), (side * 0.26, 0.84)], 0.03),
        look.second, "knit", puff=0.5, lift=0.04, pattern=Pattern("bands", colours.mix(look.second, np.ones(3), 0.6),
        0.07, 0.9))  # fmt: skip
    return Figure(
        body=(*arms, Part(body, look.main, look.material, puff=0.85, lift=0.05), *buttons,
            Part(ellipse(0, cy, r, r * 0.98), look.main, look.material, puff=0.8, lift=0.06)),
        face=FaceSpot(0, cy - 0.12, r * 0.66, nose=look.one_of("#f08a2f", "#e8762f", "#f29a3f"), hair=coal),
        front=(end, scarf, *_snow_hat(look, cy - r)),
        crown=(0, cy - r - 0.02, r * 0.8),
    )  # fmt: skip


def _snow_hat(look: Look, top: float) -> tuple[Part, ...]:
    """A stovepipe hat, a bobble hat or a bucket."""
    kind = str(look.rng.choice(["stovepipe", "bobble", "bucket"]))
    if kind == "stovepipe":
        black = np.array([0.2, 0.2, 0.23])
        tall = rounded([(-0.31, top - 0.24), (0.31, top - 0.24), (0.28, top + 0.1), (-0.28, top + 0.1)], 0.04)
        return (
            Part(tall, black, "felt", puff=0.6, lift=0.03),
                Part(box(0, top + 0.035, 0.29, 0.055, 0.02), look.second, "fabric", puff=0.5, lift=0.01),
            Part(ellipse(0, top + 0.11, 0.46, 0.065), black, "felt", puff=0.7, lift=0.03),
        )  # fmt: skip
    if kind == "bobble":
        dome = mirrored([(0, top - 0.2), (0.22, top - 0.15), (0.38, top + 0.05), (0.42, top + 0.17), (0, top + 0.13)])
        fold = mirrored([(0, top + 0.06), (0.24, top + 0.08), (0.44, top + 0.14), (0.46, top + 0.24),
            (0.24, top + 0.18), (0, top + 0.16)])  # fmt: skip
        pale = colours.mix(look.second, np.ones(3), 0.6)
        return (
            Part(dome, look.second, "knit", puff=0.7, lift=0.03),
                Part(fold, pale, "knit", puff=0.8, lift=0.03,
                pattern=Pattern("stripes", colours.mix(look.second, pale, 0.55), 0.04, 0.7)),
            Part(shaggy(ellipse(0, top - 0.2, 0.1, 0.095), 16, 0.03, look.rng), pale, "fur", puff=0.9, lift=0.03),
        )  # fmt: skip
    tin = np.array([0.68, 0.71, 0.74])
    pail = rounded([(-0.25, top - 0.2), (0.25, top - 0.2), (0.37, top + 0.14), (-0.37, top + 0.14)], 0.03)
    return (
        Part(pail, tin, "metal", puff=0.6, lift=0.03), Part(box(0, top + 0.13, 0.39, 0.035, 0.03), tin * 0.9, "metal",
            puff=0.9, lift=0.02),
        Part(box(0, top - 0.06, 0.3, 0.014, 0.01), tin * 0.8, "metal", puff=0.9, lift=0.0),
    )  # fmt: skip


@archetype(
    "cartoon",
    mains=("#f7c93f", "#f5b54f", "#f2dc7a", "#9fc4f0", "#f0a5c0", "#c4aaf0"),
    seconds=("#f7e6a8", "#ffffff", "#f0a54f"),
    material="waxy",
)
def star(look: Look) -> Figure:
    """A plump five-pointed star with a few sparks around it, or with a shooting star's tail."""
    turn = look.vary(-7, 7)
    plump = look.vary(0.5, 0.54)
    outline = rounded([(x, y) for x, y in star_outline(0, 0.07, 0.98, plump, 5, turn=turn)], 0.24, n=12)
    glow = Pattern("fade_up", colours.mix(look.main, np.ones(3), 0.45), -0.55, 0.8)
    parts: list[Part] = []
    if look.chance(0.4):
        for k, tone in enumerate(("#f2a05f", "#f2c86a", "#f7ecc0")):
            tail = stroke([(-0.98 - 0.02 * k, -0.86 + 0.02 * k), (-0.7, -0.68), (-0.2, -0.2)],
                [0.02, 0.16 - 0.045 * k, 0.4 - 0.11 * k])  # fmt: skip
            parts.append(Part(tail, colours.mix(colours.parse(tone), look.main, 0.25), "cloud", puff=0.3, lift=0.02))
    for x, y, size in (
        (0.78, -0.72, 0.1),
        (-0.84, 0.6, 0.075),
        (0.86, 0.58, 0.06),
        (-0.66, -0.74, 0.06),
        (0.55, -0.9, 0.045),
    ):
        if look.chance(0.8) and not (parts and len(parts) < 4 and x < 0 and y < 0):
            spark = star_outline(x, y, size, size * 0.28, 4, turn=look.vary(-12, 12))
            parts.append(Part(spark, colours.mix(look.second, np.ones(3), 0.3), "waxy", puff=0.5, lift=0.02))
    return Figure(
        body=(*parts, Part(outline, look.main, look.material, puff=0.45, lift=0.07, pattern=glow)),
        face=FaceSpot(0, -0.07, look.vary(0.36, 0.375), roll=turn * 0.6),
        crown=(math.sin(math.radians(turn)) * 0.5, -0.56, 0.24),
        neck=(0, 0.52),
    )


@archetype(
    "cartoon",
    mains=("#eef3fa", "#dce8f5", "#f7e4ea", "#c9d4e2", "#e6e0f5", "#aab6c9"),
    seconds=("#6fb0e8", "#8fc4f0", "#5f9ad9"),
    material="cloud",
)
def cloud(look: Look) -> Figure:
    """A heap of a cloud with its weather: rain, snow, lightning, the sun or a rainbow."""
    cy, side = look.vary(-0.08, -0.02), (1 if look.chance(0.5) else -1)
    kinds = ["storm", "rain"] if colours.luminance(look.main) < 0.75 else ["rain", "rainbow", "sun", "snow"]
    kind = str(look.rng.choice(kinds))
    wide = 0.88 if kind == "rainbow" else 1.0

    def heap(circles: tuple[tuple[float, float, float], ...], about: tuple[float, float]) -> np.ndarray:
        return lobes(*about, [(side * x * wide, y, r * wide * look.vary(0.94, 1.05)) for x, y, r in circles])

    far = heap(((-0.4, 0.02, 0.28), (0.42, 0.0, 0.27), (0.04, -0.12, 0.34), (0, 0, 0.3)), (side * 0.06, cy - 0.4))
    near = heap(
        ((0, -0.02, 0.54), (-0.5, -0.18, 0.32), (0.52, -0.1, 0.34), (-0.66, 0.18, 0.25), (0.66, 0.2, 0.26),
            (-0.36, 0.36, 0.26), (0.36, 0.36, 0.27), (0, 0.4, 0.25), (0.2, -0.36, 0.32), (-0.22, -0.34, 0.3)),
        (0, cy + 0.06),
    )  # fmt: skip
    behind, below = _weather(look, kind, side, cy)
    return Figure(
        body=(*behind, *below, Part(far, colours.shade(look.main, light=-0.03), look.material, puff=0.7),
            Part(near, look.main, look.material, puff=0.55, lift=0.05)),
        face=FaceSpot(0, cy - 0.06, look.vary(0.36, 0.38)),
        crown=(0, cy - 0.78, 0.34),
        neck=(0, cy + 0.52),
    )  # fmt: skip


def _weather(look: Look, kind: str, side: int, cy: float) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """What stands behind a cloud, and what falls from it."""
    gold = np.array([0.98, 0.78, 0.25])
    if kind == "storm":
        bolt = np.array([(0.08, -0.3), (-0.12, 0.04), (0.0, 0.05), (-0.08, 0.34), (0.16, -0.05), (0.04, -0.06),
            (0.16, -0.3)])  # fmt: skip
        return (), tuple(Part(place(bolt, x, cy + 0.74, scale=k), gold, "waxy", puff=0.4, lift=0.02) for x,
            k in ((-0.36, 0.72), (0.04, 1.0), (0.42, 0.66)))  # fmt: skip
    behind: tuple[Part, ...] = ()
    if kind == "rainbow":
        arch = [(side * (0.28 + 0.67 * math.sin(t)), cy + 0.14 - 0.98 * math.cos(t)) for t in np.linspace(-1.3, 1.9, 9)]
        tones = ("#e4604f", "#f2a04f", "#f2d65f", "#6fc07a", "#5fa0e0")
        behind = tuple(
            Part(stroke([(side * 0.28 + (x - side * 0.28) * (1 - 0.1 * k), y * (1 - 0.075 * k)) for x, y in arch],
                0.042), colours.parse(c), "waxy", puff=0.3, lift=0.0)
            for k, c in enumerate(tones)
        )  # fmt: skip
    if kind == "sun":
        rays = star_outline(side * 0.5, cy - 0.5, 0.46, 0.33, 14, turn=look.vary(0, 20))
        behind = (Part(rays, colours.mix(gold, np.ones(3), 0.3), "waxy", puff=0.3, lift=0.0),
            Part(ellipse(side * 0.5, cy - 0.5, 0.3, 0.3), gold, "waxy", puff=0.6, lift=0.02))  # fmt: skip
    below = []
    for k, x in enumerate((-0.56, -0.28, 0.0, 0.28, 0.56)):
        y = cy + look.vary(0.76, 0.82) + (0.12 if k % 2 else 0.0)
        if kind == "snow":
            below += [Part(place(box(0, 0, 0.075, 0.012, 0.01), x, y - 0.03, turn=60 * j + 15 * k), _WHITE, "snow",
                puff=0.4, lift=0.005) for j in range(3)]  # fmt: skip
        elif kind == "rain":
            below.append(Part(leaf(x, y + 0.06, look.vary(0.19, 0.24), 0.06), look.second, "glass", puff=1.0,
                lift=0.02))  # fmt: skip
    return behind, tuple(below)
