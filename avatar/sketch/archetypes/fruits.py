"""Fruits: apple, lemon, pear, strawberry, and the cousins that share their shapes."""

import math
from dataclasses import replace

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import called, moved, veined_leaf
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import Outline, curve, ellipse, leaf, lobes, mirrored, petals, place, stroke

_GREENS = ("#4f8f45", "#5f9e3f", "#3f7f4c", "#6a9a3f")
_STALKS = ("#6b4a2f", "#7a5a35", "#5a4028")
_CREAM = np.array([0.98, 0.94, 0.8])
_CITRUS = ("orange", "tangerine", "mandarin", "grapefruit", "clementine", "pomelo")
_ROUND = (*_CITRUS, "melon", "watermelon", "cantaloupe", "blueberry", "blueberrie", "coconut", "lychee")


def _sepals(look: Look, y: float, count: int, length: float, spread: float, green: np.ndarray) -> tuple[Part, ...]:
    """A ruff of small leaves that lies over the shoulders of a fruit, the middle ones last."""
    shares = sorted(np.linspace(-1, 1, count), key=lambda s: -abs(s))
    return tuple(
        Part(leaf(s * 0.1, y - 0.02, length * look.vary(0.9, 1.1) * (0.62 + 0.38 * abs(s)), 0.085,
            turn=180 - s * spread, bend=s * 0.06), colours.shade(green, light=look.vary(-0.05, 0.05)), "leaf",
            puff=0.5, lift=0.03)
        for s in shares
    )  # fmt: skip


def _slice(look: Look, x: float, y: float, r: float, turn: float) -> tuple[Part, ...]:
    """A cut round of a citrus fruit: rind, pith and eight segments."""
    juice = colours.mix(look.main, np.array([1.0, 0.9, 0.5]), 0.25)
    wedge = curve([(0, -0.06), (0.2, -0.5), (0.24, -0.72), (0, -0.8), (-0.24, -0.72), (-0.2, -0.5)], n=6)
    return (
        Part(ellipse(x, y, r, r), look.main, "peel", puff=0.4, lift=0.06),
        Part(ellipse(x, y, r * 0.9, r * 0.9), _CREAM, "felt", puff=0.05, lift=0.0),
        *(Part(place(wedge, x, y, scale=r, turn=turn + k * 45), juice, "waxy", puff=0.5, lift=0.0) for k in range(8)),
    )


@archetype(
    "fruits",
    mains=("#c9302c", "#d8432f", "#b5243a", "#8fb53f", "#a9c24a", "#c94a3f"),
    seconds=("#f0c23a", "#e8a83f", "#f2d46a", "#c9402f"),
    material="waxy",
)
def apple(look: Look) -> Figure:
    """A round fruit with a dent, a stalk and a leaf; an orange, tomato, peach or cherry by small changes."""
    citrus, tomato = called(look, *_CITRUS), called(look, "tomato", "pumpkin", "persimmon")
    ball = citrus or called(look, *_ROUND)
    w, cy = look.vary(0.8, 0.86), 0.16
    green = look.one_of(*_GREENS)
    plain = not (ball or tomato or called(look, "cherry", "peach", "apricot", "plum", "nectarine"))
    narrow = 0.94 if tomato else look.vary(0.8, 1.04) if plain else 1.0
    body = _ball(w * 0.94, cy) if ball else _apple_body(w, cy, narrow, look.vary(-0.05, 0.05))
    dip_y = cy - (0.71 if ball else 0.6)
    blush = None if ball or tomato else _apple_skin(look)
    side = 1 if look.chance(0.5) else -1
    tall = 0.4 if called(look, "cherry") else look.vary(0.24, 0.3)
    lean = side * look.vary(0.02, 0.09)
    stalk = Part(stroke([(0, dip_y + 0.06), (lean * 0.3, dip_y - tall * 0.5), (lean, dip_y - tall)],
        [0.03, 0.03, 0.045]), green if tomato else look.one_of(*_STALKS), "bark", lift=0.03)  # fmt: skip
    leaves = veined_leaf(lean * 0.3, dip_y - 0.08, look.vary(0.44, 0.54), look.vary(0.12, 0.15),
        side * look.vary(48, 68), green)  # fmt: skip
    if look.chance(0.35) and not tomato:
        leaves += veined_leaf(lean * 0.3, dip_y - 0.06, look.vary(0.3, 0.36), 0.09, -side * look.vary(55, 75), green)
    dip = Part(ellipse(0, dip_y + 0.05, 0.17, 0.045), look.main * 0.8, "felt", puff=-0.35, lift=0.0)
    top = _sepals(look, dip_y + 0.06, 7, 0.36, 104, green) if tomato else (dip,)
    cut = _slice(look, -side * 0.68, 0.72, 0.23, look.vary(0, 45)) if citrus and look.chance(0.5) else ()
    crease = _crease(body, cy) if called(look, "peach", "apricot", "plum", "nectarine") else ()
    material = "peel" if ball and look.material == "waxy" else look.material
    fruit: tuple[Part, ...] = (Part(body, look.main, material, puff=0.66, pattern=blush),)
    guest: tuple[Part, ...] = ()
    if plain and look.chance(0.28):
        fruit = _bitten(fruit[0], look, side * (w * narrow + 0.1), cy + look.vary(-0.02, 0.2))
    elif plain and look.chance(0.3):
        guest = _caterpillar(look, -side * w * 0.72, cy - 0.5, -side)
    return Figure(
        body=(*fruit, *crease, *top),
        face=FaceSpot(0, cy - 0.1, look.vary(0.42, 0.46)),
        front=(stalk, *(() if tomato else leaves), *cut, *guest),
        crown=(0, dip_y - 0.02, w * 0.6),
        neck=(0, 0.78),
    )


def _apple_skin(look: Look) -> Pattern | None:
    """One cheek of another colour, a paler foot or crown, or one colour with pale pores."""
    kind = int(look.rng.integers(4))
    if kind == 0:
        return Pattern("blush", look.second, look.vary(0.3, 0.7), look.vary(0.35, 0.7))
    if kind == 1:
        return Pattern("fade", look.second, look.vary(0.55, 0.8), look.vary(0.4, 0.65))
    if kind == 2:
        return Pattern("fade_up", look.second, look.vary(-0.5, -0.3), look.vary(0.4, 0.7))
    return Pattern("pores", colours.mix(look.main, _CREAM, 0.6), look.vary(0.075, 0.11), 0.7)


def _bitten(fruit: Part, look: Look, x: float, y: float) -> tuple[Part, ...]:
    """The fruit with a bite out of its side at (x, y): flesh first, then the skin around it."""
    teeth = [(x - math.copysign(0.06, x) * (k % 2), y + (k - 1) * 0.13, 0.17) for k in range(3)]
    cx, cy = teeth[1][0], teeth[1][1]
    flesh, skin = (
        lobes(cx, cy, [(a - cx, b - cy, r + grow) for a, b, r in teeth]) for grow in (0.0, look.vary(0.05, 0.07))
    )
    return (
        replace(fruit, colour=np.array([0.97, 0.93, 0.76]), material="crumb", pattern=None, holes=(flesh,)),
        replace(fruit, holes=(skin,), lift=0.0),
    )


def _caterpillar(look: Look, x: float, y: float, side: int) -> tuple[Part, ...]:
    """A small green guest that looks out of its hole."""
    green = look.one_of("#9cc24a", "#b5c94f", "#7fb56a", "#d9b84f")
    hole = Part(ellipse(x, y + 0.03, 0.075, 0.055), np.array([0.3, 0.16, 0.1]), "felt", puff=-0.4, lift=0.0)
    rings = tuple(Part(ellipse(x + side * 0.03 * k * k * 0.6, y - 0.055 * k, 0.06, 0.055), colours.shade(green,
        light=0.03 * (k % 2)), "plastic", puff=0.9, lift=0.01) for k in range(4))  # fmt: skip
    hx, hy = x + side * 0.162, y - 0.2
    head = Part(ellipse(hx, hy, 0.075, 0.07), green, "plastic", puff=0.9, lift=0.02)
    eyes = tuple(Part(ellipse(hx + d, hy - 0.01, 0.014, 0.018), np.array([0.1, 0.09, 0.08]), "plastic", lift=0.0)
        for d in (-0.026, 0.03))  # fmt: skip
    return (hole, *rings, head, *eyes)


def _apple_body(w: float, cy: float, narrow: float, tilt: float) -> Outline:
    """Broad shoulders, a dent between them, a narrower foot with a hint of lobes."""
    half = [(0, -0.6), (0.16, -0.69), (0.42, -0.73), (w * 0.87, -0.5), (w, -0.08), (w * 0.93 * narrow, 0.32),
        (w * 0.68 * narrow, 0.66), (0.3, 0.8), (0.12, 0.785), (0, 0.765)]  # fmt: skip
    if narrow < 1:
        half = [(x, y * 0.94) for x, y in half]
    return place(mirrored(half), 0, cy, turn=tilt * 60)


def _ball(w: float, cy: float) -> Outline:
    """A sphere a little flat at the poles."""
    return mirrored([(0, -0.73), (w * 0.5, -0.66), (w * 0.94, -0.3), (w * 0.98, 0.15), (w * 0.66, 0.62), (0, 0.77)],
        ) + (0, cy)  # fmt: skip


def _crease(body: Outline, cy: float) -> tuple[Part, ...]:
    """The fold at the top and foot of a stone fruit."""
    dark = np.array([0.45, 0.16, 0.14])
    return tuple(Part(stroke([(0, cy + a), (0.03, cy + (a + b) / 2), (0, cy + b)], [0.004, 0.013, 0.003]), dark, "felt",
        puff=-0.5, lift=0.0) for a, b in ((-0.55, -0.42),))  # fmt: skip


@archetype(
    "fruits",
    mains=("#f2cf2f", "#f4d84a", "#e8c42a", "#f0dc5a", "#a9c23f"),
    seconds=("#f7f2e2", "#fbeff2"),
    material="peel",
)
def lemon(look: Look) -> Figure:
    """An oval with a nub at either end, aslant, with leaves, a blossom or a cut round."""
    w, side = look.vary(0.7, 0.74), 1 if look.chance(0.5) else -1
    turn = side * look.vary(18, 36)
    green = look.one_of(*_GREENS)
    body = mirrored([(0, -0.87), (0.11, -0.85), (0.17, -0.77), (0.3, -0.67), (w * 0.78, -0.46), (w, -0.08),
        (w * 0.92, 0.3), (w * 0.62, 0.6), (0.27, 0.75), (0.16, 0.86), (0.08, 0.94), (0, 0.95)])  # fmt: skip
    x, y = map(float, place(np.array([[0.0, -0.84]]), 0, 0.08, turn=turn)[0])
    collar = Part(place(petals(0, 0, 0.1, 0.06, 5), x, y), colours.shade(green, light=-0.06), "leaf", puff=0.5,
        lift=0.02)  # fmt: skip
    stalk = Part(stroke([(x, y), (x + side * 0.02, y - 0.1)], [0.032, 0.026]), green, "bark", lift=0.02)
    leaves = veined_leaf(x, y, look.vary(0.46, 0.54), look.vary(0.13, 0.16), -side * look.vary(62, 84), green)
    if look.chance(0.5):
        leaves += veined_leaf(
            x, y, look.vary(0.3, 0.36), 0.1, side * look.vary(100, 125), colours.shade(green, light=0.04)
        )
    extra = _slice(look, -side * 0.66, 0.68, 0.26, look.vary(0, 45)) if look.chance(0.5) else _blossom(look, x, y, side)
    return Figure(
        body=(Part(place(body, 0, 0.08, turn=turn), look.main, look.material, puff=0.7,
            pattern=Pattern("fade", colours.shade(look.main, hue=-0.012, light=-0.02), 0.6, 0.5)), stalk),
        face=FaceSpot(0, -0.02, look.vary(0.39, 0.42), roll=side * look.vary(1, 4)),
        front=(*leaves, collar, *extra),
        crown=(x * 0.6, y + 0.18, 0.36),
        neck=(0, 0.66),
    )  # fmt: skip


def _blossom(look: Look, x: float, y: float, side: int) -> tuple[Part, ...]:
    """A white five-petalled blossom beside the stalk."""
    cx, cy = x - side * 0.12, y + 0.1
    turn = look.vary(0, 72)
    bloom = tuple(Part(place(leaf(0, 0, 0.17, 0.062), cx, cy, turn=turn + k * 72), look.second, "leaf", puff=0.5,
        lift=0.02) for k in range(5))  # fmt: skip
    return (*bloom, Part(ellipse(cx, cy, 0.045, 0.045), np.array([0.95, 0.76, 0.25]), "felt", lift=0.015))


@archetype(
    "fruits",
    mains=("#b5c24a", "#c9c45a", "#9ab53f", "#d9b84f", "#c98a4a", "#a8b84a"),
    seconds=("#c9643f", "#d98a4a", "#b5703f", "#e0a05a"),
    material="peel",
)
def pear(look: Look) -> Figure:
    """A slender neck on a broad belly, freckled and blushing; an avocado is cut open, an aubergine wears a cap."""
    if called(look, "avocado"):
        return _avocado(look)
    w, lean = look.vary(0.72, 0.78), look.vary(-0.06, 0.06)
    aubergine, fig = called(look, "aubergine", "eggplant"), called(look, "fig")
    top = -0.66
    body = mirrored([(0, top), (0.19, top + 0.03), (0.32, top + 0.18), (0.36, -0.3), (w * 0.68, -0.06),
        (w * 0.98, 0.32), (w * 0.92, 0.7), (0.42, 0.92), (0.13, 0.94), (0, 0.91)])  # fmt: skip
    body = body + np.stack([lean * np.clip(-body[:, 1], 0, 1) * 1.6, 0 * body[:, 1]], 1)
    head = lean * 0.62 * 1.6
    green = look.one_of(*_GREENS)
    side = 1 if look.chance(0.5) else -1
    stalk = Part(stroke([(head, top + 0.08), (head + side * 0.03, top - 0.08), (head + side * 0.09, top - 0.22)],
        [0.036, 0.03, 0.042]), green if aubergine else look.one_of(*_STALKS), "bark", lift=0.03)  # fmt: skip
    cap = _sepals(look, top + 0.05, 5, 0.34, 62, green) if aubergine else ()
    leaves = () if aubergine or fig else veined_leaf(head + side * 0.03, top - 0.05, look.vary(0.42, 0.5), 0.13,
        side * look.vary(62, 84), green)  # fmt: skip
    skin = Pattern("blush", look.second, 0.4, look.vary(0.25, 0.55))
    if aubergine:
        skin = Pattern("fade_up", colours.shade(look.main, light=0.12), -0.5, 0.5)
    elif look.chance(0.6):
        brown = colours.mix(look.main, np.array([0.42, 0.26, 0.12]), look.vary(0.4, 0.6))
        skin = Pattern("pores", brown, look.vary(0.06, 0.1), look.vary(0.5, 0.8))
    return Figure(
        body=(stalk, Part(body, look.main, "waxy" if aubergine else look.material, puff=0.75, pattern=skin)),
        face=FaceSpot(0, 0.22, look.vary(0.37, 0.39)),
        front=(*(moved(p, head) for p in cap), *leaves),
        crown=(head, top + 0.05, 0.32),
        neck=(0, 0.8),
    )


def _avocado(look: Look) -> Figure:
    """Half an avocado: dark rind, a green edge, buttery flesh with the face, the stone like a round belly."""
    w = look.vary(0.68, 0.73)
    body = mirrored([(0, -0.92), (0.26, -0.88), (0.46, -0.66), (w * 0.78, -0.16), (w, 0.34), (w * 0.86, 0.74),
        (0.36, 0.94), (0, 0.97)])  # fmt: skip
    rind = colours.within(colours.shade(look.main, light=-0.22), 0.1, 0.28)
    flesh = np.array([0.93, 0.9, 0.6])
    stone = look.one_of("#7a4a2a", "#6b3f24", "#8a5a35")
    inner = [place(body, 0, 0.0, scale=k) + (0, 0.02) for k in (0.93, 0.84)]
    return Figure(
        body=(
            Part(body, rind, "leather", puff=0.5, lift=0.06),
            Part(inner[0], np.array([0.66, 0.76, 0.34]), "waxy", puff=0.12, lift=0.0),
            Part(inner[1], flesh, "waxy", puff=0.3, lift=0.0),
        ),
        face=FaceSpot(0, -0.27, look.vary(0.33, 0.35)),
        front=(
            Part(ellipse(0, 0.56, 0.285, 0.275), colours.shade(flesh, light=-0.14), "waxy", puff=-0.3, lift=0.0),
            Part(ellipse(0, 0.56, 0.255, 0.25), stone, "waxy", puff=1.0, lift=0.02),
        ),
        crown=(0, -0.86, 0.36),
        neck=(0, 0.34),
    )


@archetype(
    "fruits",
    mains=("#d62f3a", "#e0434a", "#c9273f", "#e85a5f"),
    seconds=("#f2d46a", "#f4e2a0", "#e8b84a"),
    material="waxy",
)
def strawberry(look: Look) -> Figure:
    """A heart that comes to a point, sunken seeds all round the face, a green ruff on top."""
    w, top = look.vary(0.78, 0.84), -0.56
    body = mirrored([(0, top), (0.36, top - 0.04), (w * 0.82, -0.42), (w, -0.08), (w * 0.9, 0.3), (w * 0.6, 0.68),
        (0.24, 0.92), (0, 0.97)])  # fmt: skip
    green = look.one_of(*_GREENS)
    ruff = _sepals(look, top - 0.02, 9, 0.46, 100, green)
    up = tuple(Part(leaf(s * 0.07, top, look.vary(0.2, 0.27), 0.07, turn=s * look.vary(36, 56), bend=s * 0.05),
        colours.shade(green, light=-0.05), "leaf", puff=0.5) for s in (-1, 1))  # fmt: skip
    bow = look.vary(-0.12, 0.12)
    stalk = Part(stroke([(0, top + 0.02), (bow * 0.3, top - 0.16), (bow, top - 0.28)], [0.04, 0.032, 0.04]),
        colours.shade(green, light=0.06), "leaf", lift=0.03)  # fmt: skip
    spot = FaceSpot(0, -0.06, look.vary(0.385, 0.41))
    pale = Pattern("fade_up", colours.mix(look.main, _CREAM, 0.55), -0.62, 0.7)
    return Figure(
        body=(*up, Part(body, look.main, look.material, puff=0.8, pattern=pale), *_seeds(look, body, spot)),
        face=spot,
        front=(*ruff, stalk),
        crown=(0, top + 0.02, w * 0.6),
        neck=(0, 0.66),
    )  # fmt: skip


def _seeds(look: Look, body: Outline, spot: FaceSpot) -> tuple[Part, ...]:
    """Sunken seeds in staggered rows, none on the face."""
    parts = []
    for row, y in enumerate(np.arange(-0.45, 0.88, 0.155)):
        half = float(body[abs(body[:, 1] - y) < 0.07, 0].max()) - 0.075
        for x in np.arange(-0.825 + 0.11 * (row % 2), 0.85, 0.22):
            away = math.hypot((x - spot.cx) / 1.12, (y - spot.cy - 0.36 * spot.iod) / 1.3) / spot.iod
            if abs(x) > half or away < 1.0:
                continue
            turn = -x * 24 + look.vary(-6, 6)
            dimple, seed = ellipse(0, 0, 0.034, 0.047, n=20), leaf(0, 0.033, 0.061, 0.019)
            parts.append(Part(place(dimple, x, y, turn=turn), look.main * 0.66, "waxy", puff=-0.5, lift=0.0))
            parts.append(Part(place(seed, x, y, turn=turn), look.second, "waxy", puff=0.7, lift=0.0))
    return tuple(parts)
