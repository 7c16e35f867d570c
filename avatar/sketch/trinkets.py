"""Trinkets: spectacles, neckwear, jewellery and whatever else is worn that isn't a hat."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import Part, Pattern
from personify.avatar.sketch.shapes import box, curve, ellipse, petals, stroke, superellipse
from personify.avatar.sketch.wardrobe import Fit, accessory

_GOLD = "#d9a93a"


# ---- eyewear: clear glass, so that the eyes stay visible and findable


def _rim(
    fit: Fit, side: int, rx: float, ry: float, power: float, thick: float, colour: np.ndarray, material: str
) -> Part:
    outer = superellipse(side * 0.5, 0.045, rx, ry, power)
    inner = superellipse(side * 0.5, 0.045, rx - thick, ry - thick, power)
    return Part(
        fit.on_face(outer), colour, material, bevel=0.5 * thick * fit.iod, lift=0.016, holes=(fit.on_face(inner),)
    )


def _frame(
    fit: Fit, colour: np.ndarray, material: str, *, rx: float, ry: float, power: float, thick: float
) -> tuple[Part, ...]:
    """Two rims, a bridge over the nose and the beginnings of the arms."""
    gap = 0.5 - rx
    bridge = stroke([(-gap - 0.015, -0.02), (0, -0.075), (gap + 0.015, -0.02)], thick * 0.55)
    arms = [
        stroke([(s * (0.5 + rx - 0.02), -0.04), (s * (0.5 + rx + 0.2), -0.07)], [thick * 0.6, thick * 0.45])
        for s in (-1, 1)
    ]
    return (
        *(Part(fit.on_face(arm), colour, material, lift=0.008) for arm in arms),
        Part(fit.on_face(bridge), colour, material, lift=0.016),
        *(_rim(fit, s, rx, ry, power, thick, colour, material) for s in (-1, 1)),
    )


@accessory("eyewear", "spectacles", "glasses", "eyeglasses", "reading glasses", "round glasses", "pince nez")
def _spectacles(fit: Fit) -> tuple[Part, ...]:
    if fit.rng.random() < 0.5:
        return _frame(fit, fit.colour(_GOLD, "#3a3a42", "#8f969f"), "metal", rx=0.4, ry=0.385, power=2.0, thick=0.042)
    return _frame(
        fit, fit.colour("#4a2a18", "#26262c", "#7a2433"), "plastic", rx=0.405, ry=0.355, power=2.7, thick=0.052
    )


@accessory("eyewear", "sunglasses", "shades", "dark glasses")
def _sunglasses(fit: Fit) -> tuple[Part, ...]:
    """A heavy dark frame with clear glass: dark lenses would hide the eyes that make the face."""
    return _frame(
        fit, fit.colour("#1d1d22", "#b3253a", "#f0ead8"), "plastic", rx=0.425, ry=0.35, power=3.2, thick=0.082
    )


@accessory("eyewear", "monocle", "eyeglass")
def _monocle(fit: Fit) -> tuple[Part, ...]:
    gold = fit.colour(_GOLD, "#8f969f")
    side = 1 if fit.rng.random() < 0.5 else -1
    chain = stroke([(side * 0.86, 0.22), (side * 0.98, 0.6), (side * 1.02, 1.1), (side * 0.86, 1.6)], 0.014)
    return (
        Part(fit.on_face(chain), gold, "metal", lift=0.012),
        _rim(fit, side, 0.4, 0.39, 2.0, 0.055, gold, "metal"),
    )


@accessory("trinket", "eyepatch", "eye patch")
def _eyepatch(fit: Fit) -> tuple[Part, ...]:
    """Pushed up onto the forehead, between the brow and the hair: both eyes stay free."""
    black = fit.colour("#232127", "#5a2433")
    side = 1 if fit.rng.random() < 0.5 else -1
    top = (fit.brow_top - fit.face.spot.cy) / (fit.iod * fit.face.spot.squeeze)
    patch = curve([(-0.25, -0.2), (0, -0.25), (0.25, -0.2), (0.21, 0.06), (0, 0.18), (-0.21, 0.06)]) + (
        side * 0.42,
        top - 0.2,
    )
    strap = [stroke([(side * 0.42, top - 0.34), (side * a, top + b), (side * c, top + d)], 0.028)
             for a, b, c, d in ((0.85, -0.3, 1.16, -0.12), (-0.4, -0.48, -1.12, -0.42))]  # fmt: skip
    return (
        *(Part(fit.on_face(s), black, "leather", lift=0.008) for s in strap),
        Part(fit.on_face(patch), black, "leather", puff=0.5, lift=0.02),
    )


# ---- neckwear


def _collar(fit: Fit, reach: float, drop: float, thick: float) -> np.ndarray:
    """A band that hangs around the neck: `reach` in half widths of the neck, `drop` and `thick` in eye distances."""
    x, y, half = fit.neck
    sag, t = drop * fit.iod, thick * fit.iod
    ends = half * reach
    return stroke(
        [
            (x - ends, y - sag),
            (x - ends * 0.6, y - sag * 0.25),
            (x, y),
            (x + ends * 0.6, y - sag * 0.25),
            (x + ends, y - sag),
        ],
        t,
    )


@accessory("neckwear", "bow tie", "bowtie", "dickie bow")
def _bow_tie(fit: Fit) -> tuple[Part, ...]:
    cloth = fit.colour("#b3202c", "#1f2f5a", "#2a2a30", "#3f7a4a", "#6b3b8a")
    spots = (
        Pattern("spots", colours.mix(cloth, np.ones(3), 0.75), 0.11 * fit.iod, 0.9) if fit.rng.random() < 0.5 else None
    )
    return _bow(fit, fit.neck[0], fit.neck[1] + 0.08 * fit.iod, 0.62 * fit.iod, cloth, spots)


def _bow(
    fit: Fit, x: float, y: float, size: float, cloth: np.ndarray, spots: Pattern | None = None, turn: float = 0.0
) -> tuple[Part, ...]:
    wing = curve([(0.05, -0.1), (0.45, -0.36), (0.92, -0.4), (1.0, 0.0), (0.92, 0.4), (0.45, 0.34), (0.05, 0.1)], n=8)
    a = math.radians(turn)
    rotation = np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
    wings = [(w @ rotation) * size + (x, y) for w in (wing, wing * (-1, 1))]
    knot = box(0, 0, 0.17, 0.2, 0.09) @ rotation * size + (x, y)
    fold = [stroke([(s * 0.2, 0.0), (s * 0.55, 0.05)], [0.03, 0.008]) @ rotation * size + (x, y) for s in (-1, 1)]
    return (
        *(Part(w, cloth, "fabric", puff=0.6, lift=0.03, pattern=spots) for w in wings),
        *(Part(f, colours.shade(cloth, light=-0.12), "fabric", puff=0.3, lift=0.0) for f in fold),
        Part(knot, colours.shade(cloth, light=-0.04), "fabric", lift=0.02),
    )


@accessory("neckwear", "tie", "necktie", "neck tie")
def _tie(fit: Fit) -> tuple[Part, ...]:
    cloth = fit.colour("#8a1f2d", "#1f3f7a", "#2f5f4a", "#c9922f")
    stripes = (
        Pattern("bands", colours.mix(cloth, np.ones(3), 0.55), 0.16 * fit.iod, 0.8) if fit.rng.random() < 0.6 else None
    )
    x, y, _ = fit.neck
    u = fit.iod
    long = fit.drop(0.6, 1.2)
    blade = np.array([(-0.11, 0.12), (0.11, 0.12), (0.25, long - 0.24), (0.0, long), (-0.25, long - 0.24)]) * u + (x, y)
    knot = np.array([(-0.2, -0.12), (0.2, -0.12), (0.11, 0.17), (-0.11, 0.17)]) * u + (x, y)
    return (
        Part(_collar(fit, 0.92, 0.22, 0.07), colours.shade(cloth, light=-0.08), "fabric", lift=0.012),
        Part(blade, cloth, "fabric", puff=0.35, lift=0.03, pattern=stripes),
        Part(knot, cloth, "fabric", puff=0.7, lift=0.02),
    )  # fmt: skip


@accessory("neckwear", "scarf", "muffler", "shawl", "woolly scarf")
def _scarf(fit: Fit) -> tuple[Part, ...]:
    wool = fit.colour("#c23b3b", "#2f6f8f", "#d99a2b", "#4f7a4a", "#7a4a8a")
    other = colours.mix(wool, np.ones(3), 0.6)
    x, y, _ = fit.neck
    u = fit.iod
    side = 1 if fit.rng.random() < 0.5 else -1
    long = fit.drop(0.5, 0.95)
    tail = stroke(
        [(x + side * 0.3 * u, y), (x + side * 0.36 * u, y + 0.55 * long * u), (x + side * 0.32 * u, y + long * u)],
        [0.17 * u, 0.2 * u, 0.21 * u],
    )
    stripes = Pattern("stripes", other, 0.14 * u, 0.85)
    return (
        Part(tail, wool, "fabric", puff=0.6, lift=0.03, pattern=Pattern("bands", other, 0.14 * u, 0.85)),
        Part(_collar(fit, 1.02, 0.2, 0.19), wool, "fabric", puff=0.8, lift=0.04, pattern=stripes),
        Part(
            ellipse(x + side * 0.3 * u, y + 0.0, 0.22 * u, 0.21 * u),
            wool,
            "fabric",
            puff=0.7,
            lift=0.03,
            pattern=stripes,
        ),
    )


@accessory("neckwear", "necklace", "pearls", "pearl necklace", "beads", "pendant", "chain")
def _necklace(fit: Fit) -> tuple[Part, ...]:
    stone = fit.colour("#f1e9dc", "#c23b5a", "#3f9f9a", _GOLD)
    x, y, half = fit.neck
    reach, sag, n = half * 0.92, 0.42 * fit.iod, 13
    beads = []
    for k in range(n):
        t = 2 * k / (n - 1) - 1
        r = (0.058 + 0.03 * (1 - t * t)) * fit.iod
        beads.append(
            Part(ellipse(x + reach * t, y + 0.16 * fit.iod - sag * t * t, r, r, n=32), stone, "porcelain", lift=0.012)
        )
    return tuple(beads)


@accessory("neckwear", "stethoscope")
def _stethoscope(fit: Fit) -> tuple[Part, ...]:
    """Around the neck, its bell hanging to one side so that a bust shows it too."""
    rubber, steel = fit.colour("#2c3440", "#a12a3a", "#2f5f8f"), colours.parse("#c3cad2")
    x, y, half = fit.neck
    u = fit.iod
    side = 1 if fit.rng.random() < 0.5 else -1
    fork = [(x + s * half, y - 0.12 * u) for s in (-1, 1)]
    arms = [stroke([end, (x + (end[0] - x) * 0.62, y + 0.1 * u), (x, y + 0.22 * u)], 0.05 * u) for end in fork]
    bell = (x + side * 0.62 * u, y + 0.36 * u)
    tube = stroke(
        [(x, y + 0.2 * u), (x + side * 0.05 * u, y + 0.36 * u), (x + side * 0.3 * u, y + 0.42 * u), bell], 0.05 * u
    )
    return (
        Part(tube, rubber, "plastic", lift=0.02),
        *(Part(arm, rubber, "plastic", lift=0.02) for arm in arms),
        Part(ellipse(x, y + 0.22 * u, 0.08 * u, 0.09 * u), steel, "metal", lift=0.01),
        Part(ellipse(*bell, 0.19 * u, 0.19 * u), steel, "metal", puff=0.5, lift=0.03),
        Part(ellipse(*bell, 0.12 * u, 0.12 * u), colours.shade(steel, light=-0.25), "metal", puff=0.3, lift=0.0),
    )


# ---- on the head and in the hair


@accessory("trinket", "headphones", "headset", "earphones", "ear muffs", "earmuffs")
def _headphones(fit: Fit) -> tuple[Part, ...]:
    shell = fit.colour("#26262c", "#d8433b", "#f0efe9", "#3f7fc1")
    cushion = colours.shade(shell, light=-0.12) if colours.luminance(shell) > 0.3 else colours.shade(shell, light=0.16)
    left, right = fit.head
    cx, u = (left + right) / 2, fit.iod
    y = fit.face.spot.cy + 0.2 * u
    top = fit.crown[1] - (0.24 if fit.face.spot.human else 0.04)
    half = (right - left) / 2 + 0.1 * u
    a = np.linspace(math.pi, 2 * math.pi, 11)
    band = [(cx + half * math.cos(t), y - 0.1 * u + (y - 0.1 * u - top) * math.sin(t)) for t in a]
    cups = []
    for s in (-1, 1):
        cups += [
            Part(box(cx + s * (half - 0.06 * u), y, 0.15 * u, 0.42 * u, 0.14 * u), cushion, "leather", lift=0.03),
            Part(box(cx + s * (half + 0.1 * u), y, 0.17 * u, 0.35 * u, 0.16 * u), shell, "plastic", lift=0.02),
        ]
    return Part(stroke(band, 0.085 * u), shell, "plastic", lift=0.03), *cups


@accessory("trinket", "flower", "hair flower", "daisy", "rose")
def _flower(fit: Fit) -> tuple[Part, ...]:
    petal = fit.colour("#f4f0e6", "#e86a92", "#f2b632", "#8f6ad0", "#e0503f")
    heart = (
        colours.parse("#e5a823") if np.linalg.norm(petal - colours.parse("#f2b632")) > 0.2 else colours.parse("#7a4a20")
    )
    x, y, r = _beside_crown(fit, -1)
    leaf = curve([(0, 0), (0.9, -0.5), (1.5, -0.1), (0.8, 0.25)]) * r * (-1, 1) + (x, y)
    return (
        Part(leaf, colours.parse("#4f8a3f"), "leaf", puff=0.5, lift=0.02),
        Part(petals(x, y, r, r * 0.42, 6, turn=12), petal, "leaf", puff=0.5, lift=0.035),
        Part(ellipse(x, y, r * 0.32, r * 0.32), heart, "felt", lift=0.01),
    )


@accessory("trinket", "bow", "hair bow", "hair ribbon", "ribbon")
def _hair_bow(fit: Fit) -> tuple[Part, ...]:
    cloth = fit.colour("#d6336c", "#c22f2f", "#3f7fc1", "#f2b632", "#7a4fa3")
    x, y, r = _beside_crown(fit, 1)
    return _bow(fit, x, y, r * 1.25, cloth, turn=-14 if x < fit.face.spot.cx else 14)


def _beside_crown(fit: Fit, side: int) -> tuple[float, float, float]:
    """A place beside the top of the head, clear of the brows: x, y and a size."""
    x, y, half = fit.crown
    r = 0.42 * fit.iod
    human = fit.face.spot.human
    at = x + side * min(half, 1.25 * fit.iod) * (0.82 if human else 0.7)
    return at, min(y + (0.22 if human else 0.04), fit.brow_top - 1.15 * r), r


@accessory("trinket", "earrings", "earring", "ear rings")
def _earrings(fit: Fit) -> tuple[Part, ...]:
    metal, stone = colours.parse(_GOLD), fit.colour("#c23b5a", "#3f9f9a", "#f1e9dc", "#4f6fd0")
    left, right = fit.head
    u = fit.iod
    y = fit.face.spot.cy + 0.62 * u * fit.face.spot.squeeze
    out = 0.12 * u if fit.face.spot.human else -0.06 * u
    parts: list[Part] = []
    for x in (left - out, right + out):
        parts += [
            Part(ellipse(x, y + 0.1 * u, 0.05 * u, 0.12 * u, n=32), metal, "metal", lift=0.015),
            Part(ellipse(x, y + 0.3 * u, 0.1 * u, 0.13 * u, n=48), stone, "glass", lift=0.02),
        ]
    return tuple(parts)
