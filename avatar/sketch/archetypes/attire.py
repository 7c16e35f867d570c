"""More things to wear: sneaker, scarf, crown, umbrella."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, mirrored, rounded, stroke

_RUBBER = np.array([0.95, 0.94, 0.9])
_SABLE = np.array([0.15, 0.13, 0.13])
_GEMS = ("#c4203a", "#2f6fd0", "#2f9e5b", "#8a4fc0", "#e08a2f")


@archetype(
    "clothes",
    mains=("#c9393f", "#3f6fa8", "#3a3f4a", "#4f9a6a", "#e0a03f", "#7a5ab0", "#e0708f", "#4fa0a8"),
    seconds=("#f4f1e8", "#f0c24f", "#f2a0b0", "#9fd0d9"),
    material="canvas",
)
def sneaker(look: Look) -> Figure:
    """A gym shoe in profile: rubber sole with a line, white toe cap, tongue, laces that cross over the instep."""
    heel = look.vary(-0.9, -0.86)
    line = look.second if colours.luminance(look.second) < 0.8 else look.main
    upper = curve(
        [(heel + 0.02, -0.52), (heel + 0.3, -0.5), (-0.3, -0.56), (0.06, -0.62), (0.2, -0.5), (0.42, -0.1),
         (0.66, 0.08), (0.9, 0.3), (0.93, 0.62), (0.4, 0.72), (heel + 0.1, 0.72), (heel - 0.02, 0.5),
         (heel + 0.02, 0.0)]
    )  # fmt: skip
    tongue = curve([(-0.16, -0.5), (-0.02, -0.84), (0.18, -0.88), (0.28, -0.7), (0.36, -0.3), (0.1, -0.36)])
    hollow = curve(
        [(heel + 0.06, -0.52), (-0.4, -0.62), (0.04, -0.62), (0.1, -0.54), (-0.35, -0.46), (heel + 0.3, -0.44)]
    )
    collar = stroke([(heel + 0.04, -0.5), (heel + 0.3, -0.44), (-0.3, -0.48), (0.08, -0.58)], 0.05)
    toe = curve([(0.62, 0.66), (0.58, 0.36), (0.72, 0.18), (0.88, 0.26), (0.95, 0.48), (0.93, 0.68)])
    guard = curve([(heel, 0.66), (heel + 0.02, 0.28), (heel + 0.16, 0.32), (heel + 0.24, 0.5), (heel + 0.26, 0.66)])
    sole = rounded([(heel - 0.05, 0.6), (0.5, 0.62), (0.97, 0.56), (0.98, 0.86), (heel - 0.05, 0.86)], 0.09)
    stripe = stroke([(heel - 0.04, 0.71), (0.5, 0.72), (0.97, 0.68)], 0.018)
    side = colours.shade(look.main, light=-0.08)
    tab = Part(box(heel + 0.03, -0.44, 0.045, 0.13, 0.03), look.second, "fabric", puff=0.6, lift=0.015)
    return Figure(
        body=(
            Part(tongue, colours.shade(look.main, light=0.05), look.material, puff=0.6),
            Part(hollow, look.main * 0.4, "fabric", puff=-0.3, lift=0.0),
            Part(upper, look.main, look.material, puff=0.7, lift=0.05),
            Part(collar, side, look.material, puff=0.8, lift=0.015),
            Part(guard, look.second, "leather", puff=0.4, lift=0.01),
            Part(toe, _RUBBER, "plastic", puff=0.6, lift=0.02),
            tab,
        ),
        face=FaceSpot(-0.25, -0.13, look.vary(0.36, 0.38), squeeze=0.98),
        front=(
            *_crossed(look),
            Part(sole, _RUBBER, "plastic", bevel=0.07, lift=0.03),
            Part(stripe, line, "plastic", puff=0.4, lift=0.0),
            *(Part(box(x, 0.81, 0.012, 0.04, 0.008), _RUBBER * 0.8, "plastic", puff=-0.4, lift=0)
              for x in np.linspace(heel + 0.1, 0.86, 14)),
        ),
        crown=(-0.3, -0.55, 0.4),
        neck=(-0.25, 0.5),
    )  # fmt: skip


def _crossed(look: Look) -> tuple[Part, ...]:
    """Laces across the instep, the eyelets beside them, a bow on top."""
    lace = look.second if colours.luminance(abs(look.second - look.main)) > 0.15 else _RUBBER
    parts = []
    for x, y in ((0.24, -0.42), (0.33, -0.25), (0.44, -0.1), (0.57, 0.01)):
        parts.append(
            Part(ellipse(x - 0.1, y + 0.13, 0.032, 0.032), np.array([0.8, 0.81, 0.83]), "metal", puff=0.8, lift=0.01)
        )
        parts.append(
            Part(stroke([(x - 0.1, y + 0.13), (x + 0.06, y - 0.06)], 0.03), lace, "fabric", puff=0.8, lift=0.02)
        )
    x, y = 0.24, -0.56
    for outline in (
        [(x, y), (x + 0.1, y - 0.16), (x + 0.27, y - 0.17), (x + 0.24, y - 0.04), (x, y)],
        [(x, y), (x + 0.18, y + 0.03), (x + 0.33, y + 0.12), (x + 0.24, y + 0.17), (x, y)],
    ):
        parts.append(Part(stroke(outline, 0.026), lace, "fabric", puff=0.8, lift=0.03))
    parts.append(Part(stroke([(x, y), (x + 0.28, y - 0.02), (x + 0.42, y + 0.06)], 0.022), lace, "fabric", lift=0.03))
    parts.append(Part(ellipse(x, y, 0.05, 0.05), lace, "fabric", puff=1.0, lift=0.02))
    return tuple(parts)


@archetype(
    "clothes",
    mains=("#c9393f", "#3f7fb0", "#4f9a6a", "#e0a03f", "#8a5fb5", "#e0708f", "#4fa0a8", "#a8704a"),
    seconds=("#f6f1e6", "#f0c24f", "#2f4f6a", "#e9b8c4"),
    material="knit",
)
def scarf(look: Look) -> Figure:
    """A thick scarf wound about an unseen neck: a roll behind, the face on the fold in front, two fringed tails."""
    w = look.vary(0.76, 0.82)
    dark = colours.shade(look.main, light=-0.08)
    side = 1 if look.chance(0.5) else -1
    size = look.vary(0.09, 0.13)
    kind = str(look.rng.choice(["bands", "checks"]))
    striped = Pattern(kind, look.second, size, 0.9)
    ring = mirrored([(0, -0.92), (w * 0.55, -0.88), (w * 0.92, -0.7), (w * 0.86, -0.4), (0, -0.34)])
    hollow = ellipse(0, -0.74, w * 0.5, 0.1)
    wrap = curve(
        [(-w * 0.92, -0.62), (-w * 0.5, -0.55), (0, -0.52), (w * 0.5, -0.55), (w * 0.92, -0.62), (w * 1.03, -0.3),
         (w * 0.98, 0.16), (w * 0.7, 0.42), (0, 0.5), (-w * 0.7, 0.42), (-w * 0.98, 0.16), (-w * 1.03, -0.3)]
    )  # fmt: skip
    tails = (
        *_tail(look, side * 0.16, 0.3, 0.21, 0.8, side * 4, striped, dark),
        *_tail(look, side * 0.5, 0.2, 0.22, look.vary(0.6, 0.72), -side * 9, striped, look.main),
    )
    across = Pattern("checks", look.second, size, 0.45) if kind == "checks" else None
    roll = stroke(
        [(-w * 0.82, -0.7), (-w * 0.5, -0.6), (0, -0.55), (w * 0.5, -0.6), (w * 0.82, -0.7)],
        [0.06, 0.11, 0.11, 0.11, 0.06],
    )
    sling = stroke(
        [(-w * 0.9, 0.12), (-w * 0.55, 0.36), (0, 0.46), (w * 0.55, 0.36), (w * 0.9, 0.12)],
        [0.03, 0.11, 0.13, 0.11, 0.03],
    )
    knot = (
        Part(ellipse(side * 0.32, 0.46, 0.2, 0.17, turn=side * 20), look.main, look.material, puff=0.9, lift=0.05),
        Part(stroke([(side * 0.22, 0.37), (side * 0.33, 0.45), (side * 0.38, 0.57)], [0.006, 0.016, 0.006]), dark,
             look.material, puff=-0.6, lift=0.0),
    )  # fmt: skip
    folds = both(
        Part(stroke([(w * 0.9, -0.46), (w * 0.82, -0.1), (w * 0.62, 0.22)], [0.006, 0.02, 0.006]), dark, look.material,
             puff=-0.7, lift=0.0),
        Part(stroke([(w * 0.99, -0.24), (w * 0.9, 0.06), (w * 0.74, 0.26)], [0.004, 0.014, 0.004]), dark, look.material,
             puff=-0.7, lift=0.0),
    )  # fmt: skip
    return Figure(
        body=(
            Part(ring, dark, look.material, puff=0.7, pattern=striped),
            Part(hollow, look.main * 0.3, look.material, puff=-0.3, lift=0.0),
            *tails,
            Part(wrap, look.main, look.material, puff=0.6, lift=0.07),
            *folds,
            Part(roll, look.main, look.material, puff=0.9, lift=0.04, pattern=across),
        ),
        front=(Part(sling, look.main, look.material, puff=0.9, lift=0.05, pattern=across), *knot),
        face=FaceSpot(0, -0.2, look.vary(0.37, 0.39), squeeze=0.95),
        crown=(0, -0.86, w * 0.6),
        neck=(0, 0.36),
    )


def _tail(
    look: Look, x: float, y: float, half: float, low: float, turn: float, pattern: Pattern, colour: np.ndarray
) -> tuple[Part, ...]:
    """One hanging end with its fringe."""
    lean = np.tan(np.radians(turn)) * (low - y)
    strands = tuple(
        Part(stroke([(x - lean + k * half, low - 0.02), (x - lean + k * half * 1.08, low + look.vary(0.12, 0.15))],
             [0.028, 0.018]), look.second, "fabric", puff=0.8, lift=0.015)
        for k in np.linspace(-0.86, 0.86, 7)
    )  # fmt: skip
    end = rounded([(x - half, y), (x + half, y), (x - lean + half, low), (x - lean - half, low)], 0.04)
    return (*strands, Part(end, colour, look.material, puff=0.4, lift=0.04, pattern=pattern))


def _gilt(colour: np.ndarray) -> np.ndarray:
    """Yellow as gold is: deeper and less like a lemon; other colours stay."""
    yellow = float(np.clip(2.2 * (min(colour[0], colour[1]) - colour[2]) - 0.4, 0, 1))
    return colours.mix(colour, np.array([0.8, 0.55, 0.2]), 0.75 * yellow)


@archetype(
    "clothes",
    mains=("#e2b33c", "#d9a52f", "#e6c25a", "#cfd4dc", "#d9a08a"),
    seconds=("#a8283f", "#5a2f8a", "#2f4f9a", "#2f7a5a"),
    material="plastic",
)
def crown(look: Look) -> Figure:
    """A royal crown: high points with pearls, a velvet cap behind them, gems, a rim of ermine."""
    w, base = look.vary(0.7, 0.76), 0.6
    metal = _gilt(look.main)
    polished = (
        "porcelain" if look.material in ("metal", "gold") else look.material
    )  # brushed metal would be harder to read
    gem = [look.one_of(*_GEMS) for _ in range(3)]
    bright, dark = colours.shade(metal, light=0.1), colours.shade(metal, light=-0.12)
    points = [(-1.12, -0.66), (-0.6, -0.76), (0.0, -0.86), (0.6, -0.76), (1.12, -0.66)]
    dips = [(-0.82, -0.3), (-0.3, -0.36), (0.3, -0.36), (0.82, -0.3)]
    rim = [p for pair in zip(points, dips, strict=False) for p in pair] + [points[-1]]
    band = rounded([*((w * x, y) for x, y in rim), (w * 1.0, base), (w * 0.5, base + 0.12), (-w * 0.5, base + 0.12),
        (-w * 1.0, base)], 0.05)  # fmt: skip
    velvet = tuple(
        Part(ellipse(x * w, -0.38, 0.33 * w, 0.3, turn=t), look.second, "felt", puff=0.8, lift=0.02)
        for x, t in ((-0.56, -14), (0.56, 14), (0.0, 0))
    )
    ball = 0.088 if look.chance(0.5) else 0.072
    tips = tuple(
        Part(ellipse(w * x, y - 0.03, ball, ball), bright, "porcelain", puff=1.0, lift=0.02) for x, y in points
    )
    jewels = both(
        Part(ellipse(w * 0.82, 0.02, 0.075, 0.1), dark, "metal", puff=0.5, lift=0.01),
        Part(ellipse(w * 0.82, 0.02, 0.055, 0.078), gem[0], "glass", puff=1.0, lift=0.01),
        Part(ellipse(w * 0.56, -0.42, 0.05, 0.05), gem[1], "glass", puff=1.0, lift=0.015),
    )
    top_gem = (
        Part(
            rounded([(0, -0.68), (0.075, -0.56), (0, -0.44), (-0.075, -0.56)], 0.015),
            dark,
            "metal",
            puff=0.4,
            lift=0.01,
        ),
        Part(
            rounded([(0, -0.655), (0.055, -0.56), (0, -0.465), (-0.055, -0.56)], 0.01),
            gem[2],
            "glass",
            puff=0.9,
            lift=0.0,
        ),
    )
    ermine = mirrored([(0, base + 0.02), (w * 0.6, base - 0.02), (w * 1.08, base - 0.16), (w * 1.16, base - 0.02),
        (w * 1.08, base + 0.16), (w * 0.6, base + 0.31), (0, base + 0.35)])  # fmt: skip
    flecks = tuple(
        Part(stroke([(w * x, base + dy), (w * x + 0.008, base + dy + 0.075)], [0.008, 0.024]), _SABLE, "fur",
            puff=0.4, lift=0.0)
        for x in np.linspace(-0.96, 0.96, 7)
        for dy in (0.17 - 0.2 * x * x,)
    )  # fmt: skip
    return Figure(
        body=(*velvet, Part(band, metal, polished, puff=0.55, lift=0.05), *tips, *jewels, *top_gem),
        face=FaceSpot(0, -0.1, look.vary(0.38, 0.4)),
        front=(Part(ermine, np.array([0.95, 0.94, 0.91]), "plush", puff=0.8, lift=0.04), *flecks),
        crown=(0, -0.6, w * 0.7),
        neck=(0, base + 0.1),
    )


@archetype(
    "clothes",
    mains=("#c9393f", "#3f7fb0", "#f0b84a", "#4f9a8a", "#8a5fb5", "#e0708f", "#e08a4a", "#5f9a5a"),
    seconds=("#f6f1e6", "#2f3f5a", "#f0c24f", "#9fd0d9"),
    material="fabric",
)
def umbrella(look: Look) -> Figure:
    """An open umbrella: panels of two colours with pointed ribs, a ferrule on top, a crooked handle, rain."""
    w, top, hem = look.vary(0.88, 0.93), -0.76, 0.26
    side = 1 if look.chance(0.5) else -1
    wood = look.one_of("#8a5a35", "#6b4226", "#a5703f", "#3a3f47")
    steel = np.array([0.75, 0.77, 0.8])
    tips = [(-1.0, 0.2), (-0.62, 0.27), (0.62, 0.27), (1.0, 0.2)]
    scallops = [(0.86, 0.15), (0.62, 0.27), (0.3, 0.2), (0.0, 0.19), (-0.3, 0.2), (-0.62, 0.27), (-0.86, 0.15)]
    dome = curve(
        [(0, top), (w * 0.4, top + 0.06), (w * 0.78, top + 0.34), (w * 0.97, -0.06), (w, hem - 0.06),
         *((w * x, y) for x, y in scallops), (-w, hem - 0.06), (-w * 0.97, -0.06), (-w * 0.78, top + 0.34),
         (-w * 0.4, top + 0.06)], n=10,
    )  # fmt: skip
    panel = both(
        Part(curve([(0.1, top + 0.02), (w * 0.4, top + 0.08), (w * 0.78, top + 0.34), (w * 0.97, -0.04),
            (w * 0.99, hem - 0.08),
            (w * 0.86, 0.16), (w * 0.63, 0.26), (w * 0.64, -0.1), (w * 0.48, -0.5)]), look.second, look.material,
            puff=0.5, lift=0.0)
    )  # fmt: skip
    dark = colours.shade(look.main, light=-0.09)
    ribs = both(
        Part(stroke([(0.06, top + 0.02), (w * 0.48, -0.5), (w * 0.64, -0.1), (w * 0.62, 0.26)], 0.011), dark,
             look.material, puff=0.8, lift=0.008)
    )  # fmt: skip
    points = tuple(Part(ellipse(w * x, y + 0.01, 0.028, 0.034), steel, "metal", puff=1.0, lift=0.01) for x, y in tips)
    under = Part(ellipse(0, 0.18, w * 0.94, 0.1), look.main * 0.4, look.material, puff=-0.2)
    hook = stroke([(0, 0.62), (0, 0.8), (side * 0.05, 0.92), (side * 0.17, 0.93), (side * 0.24, 0.82),
        (side * 0.24, 0.74)], 0.046)  # fmt: skip
    drops = tuple(
        Part(curve([(x, y - 0.1), (x + 0.035, y), (x, y + 0.035), (x - 0.035, y)]), np.array([0.72, 0.86, 0.96]),
             "glass", puff=1.0, lift=0.02)
        for x, y in ((-0.86, -0.66 + look.vary(-0.08, 0.08)), (0.84, -0.7), (-0.56, -0.84),
            (0.6, -0.86 + look.vary(0, 0.08)),
            (-0.5, 0.6), (0.6, 0.56), (-0.8, 0.5 + look.vary(-0.05, 0.1)))
    ) if look.chance(0.6) else ()  # fmt: skip
    return Figure(
        body=(
            *drops,
            under,
            Part(stroke([(0, 0.1), (0, 0.7)], 0.026), steel, "metal", puff=0.9),
            Part(hook, wood, "wood", puff=0.9, lift=0.03),
            Part(stroke([(0, top + 0.03), (0, top - 0.17)], [0.04, 0.022]), wood, "wood", puff=0.9),
            Part(dome, look.main, look.material, puff=0.7, lift=0.06),
            *panel,
            *ribs,
            *points,
            Part(ellipse(0, top + 0.01, 0.1, 0.04), dark, look.material, puff=0.7, lift=0.015),
        ),
        face=FaceSpot(0, -0.32, look.vary(0.36, 0.38), squeeze=0.93),
        crown=(0, top + 0.02, w * 0.5),
        neck=(0, 0.3),
    )
