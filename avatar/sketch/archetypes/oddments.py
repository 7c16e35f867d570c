"""Small things that everybody names: light bulb, dice, traffic light, mailbox, hourglass, battery, bookshelf."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, mirrored, rounded, stroke

_DARK = np.array([0.2, 0.21, 0.24])
_STEEL = np.array([0.75, 0.77, 0.8])
_WHITE = np.array([0.97, 0.96, 0.93])


@archetype("household", mains=("#ffe08a", "#ffd45f", "#fff0b8", "#ffcf8a", "#f2f0c9"), seconds=("#b5bac2", "#c9a85a"),
    material="porcelain")  # fmt: skip
def light_bulb(look: Look) -> Figure:
    """A light bulb: a round glowing glass, a screw cap with its contact, and rays of light."""
    r, cy = look.vary(0.6, 0.64), -0.22
    glass = mirrored([(0, cy - r), (r * 0.62, cy - r * 0.82), (r * 0.98, cy - r * 0.22), (r * 0.9, cy + r * 0.46),
        (r * 0.56, cy + r * 0.95), (0.27, 0.56), (0, 0.57)])  # fmt: skip
    rays = tuple(
        Part(stroke([(np.sin(a) * (r + 0.1), cy - np.cos(a) * (r + 0.1)), (np.sin(a) * (r + 0.22),
            cy - np.cos(a) * (r + 0.22))], 0.028), np.array([1.0, 0.86, 0.4]), "clay", puff=0.8)
        for a in np.radians((-115, -85, -55, 55, 85, 115))
    )  # fmt: skip
    thread = tuple(
        Part(stroke([(-0.24 + d, y + 0.03), (0, y), (0.24 - d, y - 0.03)], 0.05), look.second, "metal", puff=0.9,
            lift=0.02)
        for y, d in ((0.62, 0.0), (0.71, 0.005), (0.8, 0.02))
    )  # fmt: skip
    shine = stroke([(-r * 0.74, cy - r * 0.1), (-r * 0.62, cy - r * 0.46), (-r * 0.36, cy - r * 0.72)], [0.012, 0.035,
        0.012])  # fmt: skip
    return Figure(
        body=(
            *rays, Part(box(0, 0.7, 0.22, 0.16, 0.05), look.second * 0.7, "metal", puff=0.7), *thread,
            Part(rounded([(-0.17, 0.85), (0.17, 0.85), (0.08, 0.95), (-0.08, 0.95)], 0.03), _DARK, "plastic", puff=0.7),
            Part(glass, look.main, look.material, puff=0.6, lift=0.04,
                pattern=Pattern("fade", colours.mix(look.main, np.array([0.95, 0.6, 0.2]), 0.4), 0.35, 0.8)),
            Part(shine, np.array([1.0, 1.0, 0.96]), "glass", puff=0.2, lift=0.0),
        ),
        face=FaceSpot(0, cy - 0.06, r * 0.6),
        crown=(0, cy - r + 0.03, r * 0.7),
        neck=(0, 0.58),
    )  # fmt: skip


@archetype("cartoon", mains=("#f4f0e6", "#d8433b", "#3f86c9", "#4f9a6a", "#8a5fb0", "#f0b42f"), seconds=("#2f3238",
    "#f6f2e8"), material="plastic")  # fmt: skip
def dice(look: Look) -> Figure:
    """A die seen from above a corner: the face on its front, pips on its top and side and around the face."""
    s, pip = (1 if look.chance(0.5) else -1), look.second
    if abs(colours.luminance(pip) - colours.luminance(look.main)) < 0.3:
        pip = _DARK if colours.luminance(look.main) > 0.5 else _WHITE
    half, y = look.vary(0.63, 0.66), 0.22
    x = -s * 0.14
    dx, dy = s * 0.32, -0.34
    top = rounded([(x - half, y - half), (x - half + dx, y - half + dy), (x + half + dx, y - half + dy), (x + half,
        y - half)], 0.08)  # fmt: skip
    side = rounded([(x + s * half, y - half), (x + s * half + dx, y - half + dy), (x + s * half + dx, y + half + dy),
        (x + s * half, y + half)], 0.08)  # fmt: skip
    dots = [(u * 0.8, v * 0.8) for u in (-1, 1) for v in (-1, 1)]
    front = tuple(
        Part(ellipse(x + u * half, y + v * half, 0.075, 0.075), pip, "plastic", puff=-0.3, lift=0.0) for u, v in dots
    )
    above = tuple(
        Part(ellipse(x + dx / 2 + u * half * 0.55 - s * v * 0.14, y - half + dy / 2 + v * 0.1, 0.085, 0.045), pip,
            "plastic", puff=-0.3, lift=0.0)
        for u, v in ((-1, -1), (0, 0), (1, 1))[: int(look.rng.integers(2, 4))]
    )  # fmt: skip
    beside = tuple(
        Part(ellipse(x + s * half + dx * k, y + dy * k + v * half * 0.5, 0.045, 0.085), pip, "plastic", puff=-0.3,
            lift=0.0)
        for k, v in ((0.5, 0.0), (0.3, -0.85), (0.7, 0.85))
    )  # fmt: skip
    return Figure(
        body=(
            Part(top, colours.shade(look.main, light=0.05), look.material, bevel=0.06),
            Part(side, colours.shade(look.main, light=-0.1), look.material, bevel=0.06, lift=0.0),
            Part(box(x, y, half, half, 0.12), look.main, look.material, bevel=0.12, lift=0.02), *front, *above, *beside,
        ),
        face=FaceSpot(x, y - 0.14, half * 0.58),
        crown=(x + dx / 2, y - half + dy * 0.6, half * 0.8),
        neck=(x, y + half),
    )  # fmt: skip


@archetype("vehicles", mains=("#e8b02f", "#4a545c", "#3f7a5f", "#5a6a7a"), seconds=("#3a4048", "#e8b02f"),
    material="metal")  # fmt: skip
def traffic_light(look: Look) -> Figure:
    """A traffic light: a housing with hoods over red, amber and green, of which the middle one is the face."""
    w, r = look.vary(0.56, 0.6), 0.47
    case = colours.within(look.main, 0.24, 0.8)

    def lamp(y: float, radius: float, tone: str) -> tuple[Part, ...]:
        glass = colours.parse(tone)
        hood = curve([(-radius - 0.07, y + 0.03), (-radius * 0.8, y - radius * 0.75), (0, y - radius - 0.11),
            (radius * 0.8, y - radius * 0.75), (radius + 0.07, y + 0.03), (0, y + 0.02)], n=8)  # fmt: skip
        return (
            Part(hood, _DARK, "metal", puff=0.5, lift=0.05),
            Part(ellipse(0, y, radius + 0.035, radius + 0.035), _DARK * 0.8, "metal", puff=0.2, lift=0.0),
            Part(ellipse(0, y, radius, radius), glass, "porcelain", puff=0.5, lift=0.0),
        )

    fins = both(*(
        Part(rounded([(w - 0.02, y - 0.12), (w + 0.16, y - 0.1), (w - 0.02, y + 0.1)], 0.02), _DARK, "metal", puff=0.4)
        for y in (-0.7, 0.0, 0.7)
    ))  # fmt: skip
    return Figure(
        body=(
            *fins, Part(box(0, 0.0, w, 0.95, 0.16), case, look.material, bevel=0.08),
            *lamp(-0.7, 0.16, "#e4463a"), *lamp(0.71, 0.16, "#4fb86a"), *lamp(0.03, r, "#f8c24a"),
        ),
        face=FaceSpot(0, -0.07, r * 0.7, squeeze=0.93),
        crown=(0, -0.93, w * 0.8),
        neck=(0, 0.5),
    )  # fmt: skip


@archetype("household", mains=("#cf4036", "#3f6fa8", "#f0b42f", "#4f8f6a", "#d98aa0"), seconds=("#f4f0e6", "#d9b45a"),
    material="metal")  # fmt: skip
def mailbox(look: Look) -> Figure:
    """A mailbox on a post: an arched front that holds the face, a slot with a letter, a raised flag, grass below."""
    w, top, low, s = look.vary(0.6, 0.63), -0.8, 0.58, 1 if look.chance(0.5) else -1

    def arch(grow: float, dx: float) -> np.ndarray:
        a = np.linspace(np.pi, 0, 40)
        half = w + grow
        over = np.stack([dx + half * np.cos(a), -0.22 - (0.6 + grow) * np.sin(a)], 1)
        return np.concatenate([over, [(dx + half, low + grow), (dx - half, low + grow)]])

    dark, wood = colours.shade(look.main, light=-0.12), np.array([0.56, 0.38, 0.24])
    blades = tuple(
        Part(stroke([(x, 0.99), (x + look.vary(-0.05, 0.05), 0.86 + abs(x) * 0.1)], [0.025, 0.006]),
            np.array([0.4, 0.62, 0.3]), "leaf", puff=0.7)
        for x in np.linspace(-0.4, 0.4, 11)
    )  # fmt: skip
    flag = (
        Part(box(s * (w + 0.17), -0.34, 0.035, 0.36, 0.02), np.array([0.9, 0.3, 0.22]), "metal", puff=0.6, lift=0.04),
        Part(
            box(s * (w + 0.23), -0.62, 0.1, 0.1, 0.02),
            np.array([0.9, 0.3, 0.22]),
            "metal",
            puff=0.5,
            lift=0.02,
        ),
    )
    letter = (
        Part(box(0, 0.4, 0.3, 0.14, 0.01, turn=s * 4), _WHITE, "paper", puff=0.1, lift=0.03),
        Part(stroke([(-0.27, 0.32), (0, 0.44), (0.27, 0.32)], 0.008), _WHITE * 0.75, "paper", puff=0.1, lift=0.0),
    )
    return Figure(
        body=(
            *blades, Part(box(0, 0.78, 0.14, 0.22, 0.03), wood, "wood", puff=0.7),
            Part(arch(0.02, s * 0.15), dark, look.material, bevel=0.1), *flag,
            Part(arch(0.0, 0.0), look.main, look.material, bevel=0.1, lift=0.04),
            Part(box(0, low + 0.01, w + 0.04, 0.04, 0.03), dark, look.material, puff=0.6, lift=0.03),
            *letter, Part(box(0, 0.5, 0.36, 0.055, 0.02), look.second, "metal", puff=0.5, lift=0.03),
            Part(box(0, 0.475, 0.31, 0.016, 0.01), _DARK, "metal", puff=-0.2, lift=0.0),
        ),
        face=FaceSpot(0, -0.28, w * 0.6, squeeze=0.93),
        crown=(0, top, w * 0.7),
        neck=(0, 0.36),
    )  # fmt: skip


@archetype("household", mains=("#f0c987", "#e8b58f", "#9fc4d9", "#c9b5e0", "#e0d49a"), seconds=("#8a5a35", "#c9a85a",
    "#6b4a2f"), material="porcelain")  # fmt: skip
def hourglass(look: Look) -> Figure:
    """An hourglass: turned caps and pillars, a big bulb below that holds the face, a small one with the last sand."""
    wood, sand = look.second, look.main
    glass = colours.mix(sand, np.array([0.86, 0.94, 0.98]), 0.45)
    w = look.vary(0.58, 0.62)
    lower = mirrored([(0, -0.3), (0.07, -0.29), (0.3, -0.2), (w * 0.86, -0.02), (w, 0.3), (w * 0.86, 0.68), (0, 0.74)])
    upper = mirrored([(0, -0.76), (0.42, -0.76), (0.46, -0.62), (0.3, -0.42), (0.06, -0.31), (0, -0.28)])
    grains = mirrored([(0, -0.56), (0.35, -0.55), (0.27, -0.43), (0.05, -0.31), (0, -0.29)])
    heap = mirrored([(0, 0.56), (w * 0.5, 0.58), (w * 0.88, 0.63), (w * 0.82, 0.7), (0, 0.73)])
    pillar = (
        Part(stroke([(0.72, -0.8), (0.7, -0.3), (0.72, 0.0), (0.7, 0.4), (0.72, 0.8)], [0.055, 0.045, 0.065, 0.045,
            0.055]), wood, "wood", puff=0.9),
    )  # fmt: skip
    return Figure(
        body=(
            *both(*pillar), Part(upper, glass, "glass", puff=0.5), Part(grains, sand, "sugar", puff=0.4, lift=0.0),
            Part(lower, glass, look.material, puff=0.5, lift=0.04), Part(heap, sand, "sugar", puff=0.4, lift=0.0),
            Part(stroke([(-0.3, -0.64), (-0.26, -0.52)], [0.014, 0.006]), _WHITE, "glass", puff=0.1, lift=0.0),
            *(Part(box(0, y, 0.86, 0.07, 0.06), wood, "wood", puff=0.7, lift=0.04) for y in (-0.83, 0.81)),
            *(Part(box(0, y, 0.74, 0.05, 0.04), colours.shade(wood, light=-0.08), "wood", puff=0.7, lift=0.02)
                for y in (-0.93, 0.92)),
        ),
        face=FaceSpot(0, 0.15, w * 0.59, squeeze=0.93),
        crown=(0, -0.96, 0.5),
        neck=(0, 0.72),
    )  # fmt: skip


@archetype("office", mains=("#3f7a5f", "#d8433b", "#3f6fa8", "#e0902f", "#5a4f8a"), seconds=("#d9a54a", "#c4c9d0",
    "#f0d25a"), material="plastic")  # fmt: skip
def battery(look: Look) -> Figure:
    """A battery: a metal nub and shoulder, a coloured jacket that holds the face, plus and minus, a charge bar."""
    w, top, low = look.vary(0.54, 0.58), -0.72, 0.92
    band = -0.42
    jacket = rounded([(-w, band), (w, band), (w, low), (-w, low)], 0.1)
    shell = rounded([(-w, top), (w, top), (w, 0.0), (-w, 0.0)], 0.1)
    bolt = rounded([(0.05, 0.55), (-0.13, 0.73), (-0.02, 0.73), (-0.06, 0.88), (0.13, 0.68), (0.02, 0.68)], 0.01)
    main = colours.within(look.main, 0.26, 0.8)
    return Figure(
        body=(
            Part(box(0, -0.82, 0.2, 0.13, 0.05), _STEEL, "metal", puff=0.8),
            Part(shell, look.second, "metal", puff=0.6, lift=0.03),
            *(
                Part(box(0, -0.575, *size, 0.01), _DARK, "plastic", puff=0.1, lift=0.0)
                for size in ((0.1, 0.024), (0.024, 0.1))
            ),
            Part(jacket, main, look.material, puff=0.6, lift=0.03),
            Part(bolt, look.second, "plastic", puff=0.3, lift=0.02),
            *(Part(box(s * 0.3, 0.72, 0.075, 0.02, 0.01), look.second, "plastic", puff=0.2, lift=0.0) for s in (-1, 1)),
        ),
        face=FaceSpot(0, -0.02, w * 0.63, squeeze=0.9),
        crown=(0, -0.93, 0.25),
        neck=(0, 0.56),
    )


@archetype("household", mains=("#a06a3a", "#8a5a35", "#6b4a2f", "#c99a5f", "#f0e8d8"), seconds=("#5a3a24", "#8a6a4a"),
    material="wood")  # fmt: skip
def bookshelf(look: Look) -> Figure:
    """A bookcase: rows of books above and below, and one broad board across the middle that holds the face."""
    w, top, low = look.vary(0.7, 0.74), -0.92, 0.92
    dark = colours.shade(look.main, light=-0.12)
    spines = ("#b5483f", "#3f6f8a", "#d9b45a", "#5f8a5a", "#7a5a8a", "#e0d4bc", "#c9704a", "#4f8f97")

    def row(floor: float, high: float) -> tuple[Part, ...]:
        books, x = [], -w + 0.1
        while x < w - 0.14:
            wide, tall = look.vary(0.035, 0.06), high * look.vary(0.72, 0.97)
            tone = look.one_of(*spines)
            books.append(Part(box(x + wide, floor - tall / 2, wide, tall / 2, 0.015), tone, "leather", puff=0.5,
                lift=0.02))  # fmt: skip
            books.append(Part(box(x + wide, floor - tall * 0.75, wide * 0.95, 0.012, 0.004), colours.mix(tone, _WHITE,
                0.55), "paper", puff=0.2, lift=0.0))  # fmt: skip
            x += 2 * wide + 0.012
        return tuple(books)

    return Figure(
        body=(
            Part(box(0, (top + low) / 2, w, (low - top) / 2, 0.05), look.main, look.material, bevel=0.05),
            *(Part(box(0, (a + b) / 2, w - 0.07, (b - a) / 2, 0.02), look.second * 0.6, "wood", puff=-0.1, lift=0.0)
                for a, b in ((-0.83, -0.42), (0.44, 0.84))),
            *row(-0.42, 0.38), *row(0.84, 0.38),
            Part(box(0, 0.01, w - 0.02, 0.42, 0.05), look.main, look.material, bevel=0.07, lift=0.03),
            Part(box(0, -0.92, w + 0.07, 0.05, 0.03), dark, look.material, puff=0.7, lift=0.04),
            Part(box(0, 0.91, w + 0.05, 0.05, 0.03), dark, look.material, puff=0.7, lift=0.04),
        ),
        face=FaceSpot(0, -0.1, look.vary(0.335, 0.345), squeeze=0.94),
        crown=(0, top, w * 0.8),
        neck=(0, 0.42),
    )  # fmt: skip
