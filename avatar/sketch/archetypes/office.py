"""Office things: book, pencil, monitor, clock, lamp; the thin ones drawn stout enough to carry a face."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, ellipse, mirrored, place, rounded, stroke

_BRASS = ("#d9a93f", "#c9953a", "#e2bd62")
_PAPER = np.array([0.95, 0.92, 0.83])
_INK = np.array([0.16, 0.15, 0.17])


@archetype(
    "office",
    mains=("#94444a", "#3f6f94", "#4f8060", "#7a5aa0", "#b5703a", "#3a6a86", "#b8505f"),
    seconds=("#e2bd62", "#e9dcb8", "#d9a93f"),
    material="calf",
)
def book(look: Look) -> Figure:
    """A stout hardcover: spine with raised bands, gilt corners, pages, a ribbon."""
    w, h = look.vary(0.58, 0.64), look.vary(0.76, 0.82)
    turn = look.vary(-4, 4)
    dark, gilt = colours.shade(look.main, light=-0.09), look.second
    ribbon = look.one_of("#c0392f", "#d9a93f", "#3f7f9a", "#8a3f6a")

    def at(outline: np.ndarray) -> np.ndarray:
        return place(outline, -0.03, -0.04, turn=turn)

    corner = [(0, 0), (0.2, 0), (0, 0.2)]
    corners = tuple(
        Part(at(rounded([(x + (w * 0.97 - x if sx > 0 else -w * 0.68 - x) - sx * cx, sy * (h * 0.985 - cy)) for cx,
            cy in corner for x in (0,)], 0.025)), gilt, "metal", bevel=0.02, lift=0.015)
        for sx in (-1, 1) for sy in (-1, 1)
    )  # fmt: skip
    bands = tuple(
        Part(at(box(-w * 0.86, y, w * 0.155, 0.03, 0.02)), colours.shade(look.main, light=0.03), look.material,
            puff=0.7, lift=0.015)
        for y in (-0.55, -0.28, 0.28, 0.55)
    )  # fmt: skip
    pages = Pattern("bands", colours.mix(_PAPER, _INK, 0.3), 0.014, 0.55)
    edges = Pattern("stripes", colours.mix(_PAPER, _INK, 0.3), 0.012, 0.5)
    ribbon_x = look.vary(0.1, 0.3)
    tail = rounded([(ribbon_x, h), (ribbon_x + 0.11, h), (ribbon_x + 0.12, h + 0.19), (ribbon_x + 0.05, h + 0.13),
        (ribbon_x - 0.01, h + 0.2)], 0.015)  # fmt: skip
    title = Part(at(box(-w * 0.86, 0, w * 0.1, 0.16, 0.03)), gilt, "metal", puff=0.15, lift=0.008)
    return Figure(
        body=(
            Part(at(box(0.125, 0.045, w, h, 0.05)), dark, look.material, bevel=0.05),
            Part(at(tail), ribbon, "fabric", bevel=0.02),
            Part(at(box(0.06, 0.035, w * 0.985, h * 0.985, 0.02)), _PAPER, "paper", bevel=0.04, lift=0.02,
                pattern=edges if look.chance(0.5) else pages),
            Part(at(box(0, 0, w, h, 0.06)), look.main, look.material, bevel=0.07, lift=0.03),
            Part(at(box(-w * 0.86, 0, w * 0.15, h, 0.06)), dark, look.material, puff=0.5, lift=0.02),
            *bands, title, *corners,
        ),
        face=FaceSpot(0.1, -0.15, w * 0.6, roll=turn),
        crown=(0, -h, w * 0.9),
        neck=(0.06, 0.5),
    )  # fmt: skip


@archetype(
    "office",
    mains=("#f0b429", "#e4553f", "#3f86c9", "#4fa06a", "#8a5fc0", "#e87fa5"),
    seconds=("#ef9aa5", "#e4606a", "#f2f0ea", "#7fb0d9"),
    material="plastic",
)
def pencil(look: Look) -> Figure:
    """A stout pencil, point up: lead, a cone of wood with its scalloped edge, three facets, ferrule and rubber."""
    w, turn = look.vary(0.44, 0.48), look.vary(-7, 7)
    shoulder, foot = -0.36, 0.54
    lead = colours.mix(look.main, _INK, 0.8)
    wood = np.array([0.9, 0.74, 0.53])

    def at(outline: np.ndarray) -> np.ndarray:
        return place(outline, 0, 0, turn=turn)

    cone = rounded([(0, -0.97), (w, shoulder + 0.1), (-w, shoulder + 0.1)], 0.07)
    tip = rounded([(0, -0.975), (w * 0.31, -0.62), (w * 0.1, -0.66), (-w * 0.12, -0.6), (-w * 0.31, -0.63)], 0.05)
    facet = np.concatenate([np.array(_arch(-w * 0.72, w * 0.72, shoulder + 0.07, -0.13)),
        [(w * 0.72, foot), (-w * 0.72, foot)]])  # fmt: skip
    sides = [
        np.concatenate([np.array(_arch(x0, x1, shoulder + 0.1, -0.1)), [(x1, foot), (x0, foot)]])
        for x0, x1 in ((-w, -w * 0.7), (w * 0.7, w))
    ]  # fmt: skip
    metal = np.array([0.78, 0.77, 0.74]) if look.chance(0.6) else look.one_of(*_BRASS)
    ferrule = at(rounded([(-w, foot - 0.02), (w, foot - 0.02), (w * 0.97, foot + 0.18), (-w * 0.97, foot + 0.18)],
        0.03))  # fmt: skip
    rubber = at(box(0, foot + 0.25, w * 0.92, 0.15, 0.12))
    return Figure(
        body=(
            Part(rubber, look.second, "felt", puff=0.6),
            Part(at(cone), wood, "wood", puff=0.7, lift=0.02),
            Part(at(tip), lead, "waxy", puff=0.8, lift=0.01),
            Part(at(sides[0]), colours.shade(look.main, light=0.06), look.material, bevel=0.1, lift=0.02),
            Part(at(sides[1]), colours.shade(look.main, light=-0.1), look.material, bevel=0.1, lift=0.02),
            Part(at(facet), look.main, look.material, bevel=0.08, lift=0.02),
            Part(ferrule, metal, "metal", puff=0.35, lift=0.03, pattern=Pattern("bands", metal * 0.6, 0.045, 0.6)),
        ),
        face=FaceSpot(0, -0.06, w * 0.73, roll=turn),
        crown=(0, -0.8, w * 0.5),
        neck=(0, 0.52),
    )


def _arch(x0: float, x1: float, y: float, rise: float) -> list[tuple[float, float]]:
    """An arch from (x0, y) to (x1, y): where a sharpener cut a facet's paint."""
    t = np.linspace(0, 1, 20)
    return [(float(x0 + (x1 - x0) * s), float(y + rise * math.sin(math.pi * s))) for s in t]


@archetype(
    "office",
    mains=("#5fa8d9", "#4fb09a", "#8a8fd9", "#e0a05a", "#6fb86a", "#d98ab0", "#9ac2d9"),
    seconds=("#3a3f47", "#d9d6cc", "#e9e9ec", "#26292e", "#c9bfa5"),
    material="glass",
)
def monitor(look: Look) -> Figure:
    """A screen on a stand: flat, or an old deep one with a chin of buttons."""
    old = look.chance(0.45)
    case, screen = look.second, look.main
    rim = colours.shade(case, light=-0.07)
    h, cy = (0.7, -0.2) if old else (0.64, -0.22)
    w = 0.8 if old else 0.9
    window = box(0, cy - (0.04 if old else 0), w - 0.11, h - (0.14 if old else 0.08), 0.12 if old else 0.05)
    bar_y = cy - h + (0.165 if old else 0.14)
    left = -w + 0.2
    dots = tuple(
        Part(ellipse(left + 0.075 * k, bar_y, 0.024, 0.024), colours.parse(c), "plastic", puff=0.4, lift=0.0)
        for k, c in enumerate(("#e4553f", "#f0b429", "#4fa06a"))
    )
    bar = Part(box(0, bar_y, w - 0.13, 0.045, 0.04), colours.shade(screen, light=-0.13), "plastic", puff=0.1, lift=0.0)
    foot_y = 0.66
    neck = rounded([(-0.13, cy + h - 0.1), (0.13, cy + h - 0.1), (0.17, foot_y), (-0.17, foot_y)], 0.04)
    base = ellipse(0, foot_y, 0.42, 0.075)
    knobs = tuple(
        Part(ellipse(w - 0.2 - 0.11 * k, cy + h - 0.11, 0.032, 0.032), rim, "plastic", lift=0.015) for k in range(3)
    ) if old else (Part(ellipse(0, cy + h - 0.05, 0.02, 0.02), np.array([0.55, 0.9, 0.6]), "plastic",
        lift=0.0),)  # fmt: skip
    slot = (Part(box(-0.42, cy + h - 0.11, 0.2, 0.018, 0.015), rim * 0.6, "plastic", puff=-0.4,
        lift=0.0),) if old else ()  # fmt: skip
    back = (Part(box(0.07, cy - 0.05, w - 0.02, h, 0.16), rim, "plastic", bevel=0.1),) if old else ()
    return Figure(
        body=(
            Part(neck, rim, "plastic", puff=0.5), Part(base, case, "plastic", puff=0.6, lift=0.03), *back,
            Part(box(0, cy, w, h, 0.12 if old else 0.07), case, "plastic", bevel=0.06, lift=0.05), *slot, *knobs,
            Part(window, screen, look.material, puff=0.3, lift=0.0,
                pattern=Pattern("fade", colours.shade(screen, light=-0.1), 0.1, 0.7)), bar, *dots,
        ),
        face=FaceSpot(0, cy - 0.13, look.vary(0.365, 0.38)),
        front=_keyboard(look, case, foot_y + 0.15),
        crown=(0, cy - h, w * 0.7),
        neck=(0, cy + h),
    )  # fmt: skip


def _keyboard(look: Look, case: np.ndarray, y: float) -> tuple[Part, ...]:
    """A keyboard on the desk in front."""
    key = colours.mix(case, np.ones(3) if colours.luminance(case) < 0.5 else np.zeros(3), 0.28)
    board = rounded([(-0.62, y - 0.09), (0.62, y - 0.09), (0.7, y + 0.11), (-0.7, y + 0.11)], 0.05)
    rows = []
    for r in range(3):
        wide, yy = 0.56 + 0.035 * r, y - 0.048 + 0.062 * r
        rows += [Part(box(-wide + wide * 2 * (k + 0.5) / 11, yy, wide / 13, 0.021, 0.012), key, "plastic", puff=0.6,
            lift=0.0) for k in range(11)]  # fmt: skip
    return (Part(board, case, "plastic", bevel=0.04, lift=0.04), *rows)


@archetype(
    "office",
    mains=("#d8433b", "#3f86a8", "#e0a63a", "#4f9a7a", "#8a5fa8", "#e87f5f", "#c9a86a"),
    seconds=("#f4efe0", "#eef2f2", "#f6e6cf"),
    material="metal",
)
def clock(look: Look) -> Figure:
    """An alarm clock: a ringed dial with ticks, two bells, a hammer, feet."""
    r, cy = look.vary(0.68, 0.72), 0.14
    brass = look.one_of(*_BRASS, "#c9ccd1")
    dial = r * 0.86
    bell = mirrored([(0, -0.2), (0.2, -0.12), (0.28, 0.05), (0, 0.07)])
    bells = tuple(
        Part(place(bell, s * r * 0.66, cy - r * 0.98, turn=s * 34), brass, "metal", puff=0.9, lift=0.04) for s in (-1,
            1)
    )  # fmt: skip
    stems = tuple(Part(stroke([(s * r * 0.4, cy - r * 0.7), (s * r * 0.66, cy - r * 1.02)], 0.035), brass * 0.8,
        "metal") for s in (-1, 1))  # fmt: skip
    hammer = (Part(stroke([(0, cy - r), (0, cy - r - 0.16)], 0.025), brass * 0.8, "metal"),
        Part(box(0, cy - r - 0.17, 0.075, 0.05, 0.04), brass, "metal"))  # fmt: skip
    feet = tuple(
        Part(stroke([(s * r * 0.5, cy + r * 0.75), (s * r * 0.74, 0.93)], [0.08, 0.055]),
            colours.shade(look.main, light=-0.1), look.material)
        for s in (-1, 1)
    )  # fmt: skip
    ticks = []
    for k in range(12):
        big = k % 3 == 0
        turn = k * 30
        bar = box(0, -dial * 0.89, 0.024 if big else 0.015, 0.05 if big else 0.032, 0.01)
        ticks.append(Part(place(bar, 0, cy, turn=turn), _INK, "plastic", puff=0.2, lift=0.0))
    iod, hub = r * 0.5, cy - dial * 0.47
    hands = tuple(
        Part(place(_hand(length, half), 0, hub, turn=turn), look.main * 0.55, "metal", puff=0.4, lift=0.02)
        for length, half, turn in ((0.17, 0.028, look.vary(-72, -48)), (0.23, 0.022, look.vary(30, 62)))
    )
    return Figure(
        body=(
            *feet, *stems, *bells, *hammer, Part(ellipse(0, cy, r, r), look.main, look.material, puff=0.55),
            Part(ellipse(0, cy, dial, dial), look.second, "paper", puff=0.12, lift=0.0), *ticks, *hands,
            Part(ellipse(0, hub, 0.032, 0.032), brass, "metal", lift=0.01),
        ),
        face=FaceSpot(0, cy - 0.04, iod),
        crown=(0, cy - r, r * 0.6),
        neck=(0, cy + r * 0.9),
    )  # fmt: skip


def _hand(length: float, half: float) -> np.ndarray:
    """A clock's hand that points up from the origin."""
    return rounded([(-half * 0.6, 0.02), (-half, -length * 0.7), (0, -length), (half, -length * 0.7),
        (half * 0.6, 0.02)], 0.01)  # fmt: skip


@archetype(
    "office",
    mains=("#f0dcae", "#e4b06a", "#d9776a", "#8fb5b0", "#c9a5c9", "#f2e6d0", "#a9c27f"),
    seconds=("#7a4a30", "#b5803f", "#4f6a7a", "#d9d2c4", "#5a3f4f"),
    material="canvas",
)
def lamp(look: Look) -> Figure:
    """A table lamp whose shade is the head, on a turned foot."""
    top_w, low_w = look.vary(0.44, 0.54), look.vary(0.74, 0.84)
    top, low = -0.85, 0.4
    trim = look.second if look.chance(0.6) else colours.shade(look.main, light=-0.16)
    shade = mirrored(
        [(0, top - 0.02), (top_w * 0.9, top), (top_w + 0.01, top + 0.06), ((top_w + low_w) / 2 - 0.03, -0.3),
            (low_w, low - 0.06), (low_w * 0.9, low), (0, low + 0.03)]
    )  # fmt: skip
    glow = Pattern("fade", colours.mix(look.main, np.array([1.0, 0.93, 0.66]), 0.75), 0.35, 0.75)
    foot = mirrored([(0, 0.3), (0.09, 0.32), (0.08, 0.48), (0.2, 0.58), (0.22, 0.7), (0.1, 0.79), (0, 0.8)])
    plate = mirrored([(0, 0.76), (0.14, 0.78), (0.36, 0.88), (0.38, 0.95), (0, 0.97)])
    edge = [(-low_w, low - 0.045), (0, low + 0.02), (low_w, low - 0.045)]
    rim = [(-top_w, top + 0.035), (0, top + 0.015), (top_w, top + 0.035)]
    side = 1 if look.chance(0.5) else -1
    pull_x, pull_y = side * look.vary(0.3, 0.4), look.vary(0.56, 0.64)
    chain = (
        Part(stroke([(pull_x, 0.3), (pull_x + 0.01, pull_y)], 0.012), look.one_of(*_BRASS), "metal", lift=0.02),
        Part(ellipse(pull_x + 0.01, pull_y, 0.035, 0.045), look.one_of(*_BRASS), "metal", lift=0.02),
    )
    fringe = tuple(
        Part(stroke([(x, low - 0.03 - 0.02 * abs(x)), (x, low + 0.06 - 0.05 * abs(x))], 0.022), trim, "fabric",
            puff=0.6, lift=0.01)
        for x in np.linspace(-low_w + 0.05, low_w - 0.05, 21)
    ) if look.chance(0.4) else ()  # fmt: skip
    finial = Part(ellipse(0, top - 0.05, 0.05, 0.045), look.second, "metal")
    return Figure(
        body=(
            finial, *chain, Part(foot, look.second, "porcelain", puff=0.9),
                Part(plate, look.second, "porcelain", puff=0.7, lift=0.03),
            Part(shade, look.main, look.material, puff=0.6, lift=0.08, pattern=glow), *fringe,
            Part(stroke(edge, 0.035), trim, "fabric", puff=0.7, lift=0.015),
                Part(stroke(rim, 0.03), trim, "fabric", puff=0.7, lift=0.015),
        ),
        face=FaceSpot(0, -0.35, look.vary(0.36, 0.39)),
        crown=(0, top, top_w),
        neck=(0, 0.42),
    )  # fmt: skip
