"""Vehicles on roads, rails and fields, seen from the front: car, bus, train, tractor."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, ellipse, lobes, mirrored, rounded, stroke

RUBBER = np.array([0.2, 0.2, 0.22])
CHROME = np.array([0.8, 0.82, 0.85])
GLASS = np.array([0.66, 0.82, 0.9])
_WHITE = np.array([0.96, 0.96, 0.94])
_DARK = np.array([0.17, 0.18, 0.21])
_SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")
_SEGMENT_LINES = {
    "a": ((-1, -2), (1, -2)), "b": ((1, -2), (1, 0)), "c": ((1, 0), (1, 2)), "d": ((1, 2), (-1, 2)),
    "e": ((-1, 2), (-1, 0)), "f": ((-1, 0), (-1, -2)), "g": ((-1, 0), (1, 0)),
}  # fmt: skip


def pane(outline: np.ndarray) -> tuple[Part, Part]:
    """A window and the slanting light on it, for outlines about as wide as high or wider."""
    (x0, y0), (x1, y1) = outline.min(0), outline.max(0)
    x, dx, dy = x0 + 0.3 * (x1 - x0), 0.09 * (y1 - y0), 0.32 * (y1 - y0)
    y = (y0 + y1) / 2
    gleam = stroke([(x - dx, y + dy), (x + dx, y - dy)], 0.1 * (y1 - y0))
    return (
        Part(outline, GLASS, "glass", puff=0.12, lift=0.0, pattern=Pattern("fade", GLASS * 0.62, y, 0.8)),
        Part(gleam, colours.mix(GLASS, _WHITE, 0.6), "glass", puff=0.1, lift=0.0),
    )


def puffs(look: Look, x: float, y: float, r: float, tone: np.ndarray) -> Part:
    """A small cloud of steam or smoke."""
    k = look.vary(0.9, 1.1)
    heap = [(0, 0, r * 0.8), (r * 0.7, 0.1 * r, r * 0.6 * k), (-r * 0.65, 0.15 * r, r * 0.6), (0.1 * r, -r * 0.5,
        r * 0.62 * k)]  # fmt: skip
    return Part(lobes(x, y, heap), tone, "cloud", puff=0.7, lift=0.02)


def _lamp(x: float, y: float, r: float, ring: np.ndarray) -> tuple[Part, ...]:
    """A headlamp whose glass is too pale and plain to pass for an eye."""
    warm = np.array([0.99, 0.95, 0.78])
    return (
        Part(ellipse(x, y, r, r), ring, "metal", puff=0.8, lift=0.02),
        Part(ellipse(x, y, r * 0.76, r * 0.76), warm, "glass", puff=0.5, lift=0.0),
    )


def _tyre(x: float, y: float, rx: float, ry: float) -> tuple[Part, ...]:
    """A tyre seen from the front, with its tread."""
    tread = Pattern("bands", RUBBER * 0.6, 0.028, 0.85)
    return (Part(box(x, y, rx, ry, 0.07), RUBBER, "plastic", puff=0.6, pattern=tread),)


def _number(text: str, x: float, y: float, high: float, ink: np.ndarray) -> tuple[Part, ...]:
    """Digits in seven segments, `high` tall, about (x, y)."""
    step, unit = high * 0.8, high / 4
    start = x - step * (len(text) - 1) / 2
    return tuple(
        Part(stroke([(start + k * step + px * unit, y + py * unit) for px, py in _SEGMENT_LINES[s]], high * 0.085),
            ink, "plastic", puff=0.2, lift=0.0)
        for k, digit in enumerate(text) for s in _SEGMENTS[int(digit)]
    )  # fmt: skip


@archetype(
    "vehicles",
    mains=("#d8433b", "#3f86c9", "#f2b632", "#5fa88f", "#e88a4a", "#8fb8d9", "#c9566f", "#7a9a4a"),
    seconds=("#f4efe2", "#e9dcb8", "#3a4450", "#c9d4d9"),
    material="porcelain",
)
def car(look: Look) -> Figure:
    """A small round car: windscreen, wings with headlamps, a bumper with its plate, mirrors for ears."""
    w, wide = look.vary(0.5, 0.55), look.vary(0.6, 0.66)
    dark = colours.shade(look.main, light=-0.08)
    top = look.vary(-0.74, -0.68)
    roof_colour = look.second if look.chance(0.4) else look.main
    roof = mirrored([(0, top), (wide * 0.62, top + 0.03), (wide * 0.9, top + 0.2), (wide * 1.06, -0.24), (wide, 0.1),
        (0, 0.1)])  # fmt: skip
    screen = rounded([(-wide * 0.66, top + 0.1), (wide * 0.66, top + 0.1), (wide * 0.88, -0.24), (-wide * 0.88, -0.24)],
        0.11)  # fmt: skip
    bonnet = mirrored([(0, -0.37), (w * 0.62, -0.33), (w * 0.95, -0.1), (w * 1.04, 0.28), (w * 0.94, 0.58), (0, 0.62)])
    wing = mirrored([(0, -0.12), (0.16, -0.06), (0.25, 0.14), (0.27, 0.5), (0.2, 0.62), (0, 0.63)], cx=0.0) + (0.68, 0)
    plate = str(look.rng.integers(100, 1000))
    mirror = (
        Part(stroke([(wide * 0.95, -0.2), (wide + 0.2, -0.26)], 0.025), CHROME, "metal"),
        Part(ellipse(wide + 0.2, -0.3, 0.085, 0.1), look.main, look.material, puff=0.9),
    )
    wipers = tuple(
        Part(stroke([(x, -0.25), (x - 0.16, -0.42)], [0.014, 0.01]), _DARK, "plastic", lift=0.01) for x in (-0.1, 0.34)
    )
    bumper = Part(stroke([(-0.9, 0.61), (-0.5, 0.66), (0.5, 0.66), (0.9, 0.61)], 0.068), CHROME, "metal", puff=1.0,
        lift=0.05)  # fmt: skip
    return Figure(
        body=(
            *both(*_tyre(0.69, 0.74, 0.17, 0.19)), *both(*mirror), *_load(look, top, wide),
            Part(roof, roof_colour, look.material, puff=0.6), *pane(screen), *wipers,
            *both(Part(wing, dark, look.material, puff=0.9, lift=0.05)),
            Part(bonnet, look.main, look.material, puff=0.7, lift=0.07),
            *(lamp for s in (-1, 1) for lamp in _lamp(s * 0.7, 0.14, 0.15, CHROME)), bumper,
            *both(Part(box(0.4, 0.66, 0.045, 0.115, 0.04), CHROME, "metal", puff=0.9, lift=0.02)),
            Part(box(0, 0.71, 0.24, 0.1, 0.03), _WHITE, "paper", bevel=0.02, lift=0.03),
            *_number(plate, 0, 0.71, 0.11, _DARK),
        ),
        face=FaceSpot(0, -0.01, w * 0.66),
        crown=(0, top + 0.02, wide * 0.7),
        neck=(0, 0.62),
    )  # fmt: skip


def _load(look: Look, top: float, wide: float) -> tuple[Part, ...]:
    """What stands on the roof: a taxi's sign, a blue light, luggage, or nothing."""
    if called(look, "taxi", "cab"):
        return (Part(box(0, top - 0.04, 0.26, 0.1, 0.05), np.array([0.99, 0.85, 0.3]), "glass", puff=0.5),)
    if called(look, "police", "ambulance", "fire"):
        return (Part(box(0, top - 0.01, 0.13, 0.1, 0.09), np.array([0.25, 0.5, 0.95]), "glass", puff=0.9),)
    if not look.chance(0.35):
        return ()
    case, strap = look.one_of("#b5763f", "#8a4f3a", "#5f7f6a", "#c98b5a"), look.one_of("#4a3428", "#e2bd62")
    rails = tuple(Part(stroke([(s * wide * 0.6, top - 0.03), (s * wide * 0.6, top + 0.06)], 0.022), CHROME, "metal")
        for s in (-1, 1))  # fmt: skip
    return (
        Part(stroke([(-0.07, top - 0.18), (0, top - 0.225), (0.07, top - 0.18)], 0.02), strap, "leather"),
        Part(box(0, top - 0.1, wide * 0.52, 0.095, 0.04), case, "leather", bevel=0.05),
        *both(Part(box(wide * 0.28, top - 0.1, 0.03, 0.098, 0.01), strap, "leather", puff=0.4, lift=0.01)),
        *rails, Part(stroke([(-wide * 0.68, top - 0.01), (wide * 0.68, top - 0.01)], 0.022), CHROME, "metal"),
    )  # fmt: skip


@archetype(
    "vehicles",
    mains=("#cf3a32", "#f2b52c", "#3f7fb5", "#4f9a6a", "#e8763f", "#8a5fa8"),
    seconds=("#f4efe2", "#f2d9a0", "#e3e6e8"),
    material="porcelain",
)
def bus(look: Look) -> Figure:
    """A tall bus, with one deck or two: windows, a lit number, mirrors on long arms."""
    w, top = look.vary(0.66, 0.72), look.vary(-0.92, -0.88)
    double = look.chance(0.5)
    foot, trim = 0.8, look.second
    shell = rounded([(-w * 0.96, top), (w * 0.96, top), (w, foot), (-w, foot)], 0.2)
    upper = box(0, top + 0.25, w * 0.86, 0.155, 0.06) if double else box(0, top + 0.36, w * 0.86, 0.17, 0.06)
    sign_y = top + 0.5 if double else top + 0.105
    amber = look.one_of("#ffb02e", "#ffd45a", "#ff9a3f")
    route = str(look.rng.integers(1, 100))
    mirror = (
        Part(stroke([(w * 0.95, -0.5), (w + 0.13, -0.52), (w + 0.15, -0.36)], 0.022), _DARK, "plastic"),
        Part(box(w + 0.15, -0.24, 0.075, 0.145, 0.05), _DARK, "plastic", puff=0.8),
    )
    skirt = rounded([(-w, 0.58), (w, 0.58), (w, foot), (-w, foot)], 0.08)
    school = called(look, "school")
    warning = both(Part(ellipse(w * 0.78, sign_y, 0.05, 0.05), np.array([0.9, 0.25, 0.15]), "glass", lift=0.02))
    return Figure(
        body=(
            *both(*_tyre(w * 0.74, 0.84, 0.16, 0.13)), *both(*mirror),
            Part(shell, look.main, look.material, bevel=0.17, lift=0.06),
            *pane(upper),
            Part(box(0, float(upper[:, 1].mean()), 0.022, 0.17, 0.01), look.main, look.material, puff=0.4, lift=0.0),
            Part(box(0, sign_y, w * 0.6, 0.085, 0.04), _DARK, "plastic", bevel=0.02, lift=0.0),
            *_number(route, w * 0.36, sign_y, 0.115, amber),
            *(Part(box(x * w, sign_y, 0.045, 0.02, 0.01), amber, "plastic", puff=0.2, lift=0.0)
                for x in (-0.46, -0.28, -0.1, 0.08)),
            *(warning if school else ()),
            Part(skirt, trim, look.material, bevel=0.1, lift=0.0),
            Part(stroke([(-w, 0.58), (w, 0.58)], 0.018), CHROME, "metal", lift=0.01),
            *(lamp for s in (-1, 1) for lamp in _lamp(s * w * 0.76, 0.5, 0.095, CHROME)),
            Part(box(0, 0.79, w + 0.04, 0.06, 0.05), CHROME, "metal", puff=1.0, lift=0.04),
            Part(box(0, 0.69, 0.2, 0.07, 0.02), _WHITE, "paper", bevel=0.02, lift=0.01),
            *_number(str(look.rng.integers(100, 1000)), 0, 0.69, 0.085, _DARK),
        ),
        face=FaceSpot(0, look.vary(-0.04, -0.01) + (0.02 if double else 0), w * 0.53, squeeze=0.94),
        crown=(0, top + 0.02, w * 0.8),
        neck=(0, 0.58),
    )  # fmt: skip


@archetype(
    "vehicles",
    mains=("#3f6fa8", "#3f8a5f", "#c2412f", "#e0a02f", "#5a5f6a", "#7a4f8f", "#2f8f97"),
    seconds=("#c9392f", "#d9a93f", "#e0c080", "#3a3f48"),
    material="clay",
)
def train(look: Look) -> Figure:
    """A steam engine from the front: the boiler's door for a face, chimney and steam, cab, buffers, cowcatcher."""
    r, cy = look.vary(0.55, 0.58), -0.06
    dark, iron = colours.shade(look.main, light=-0.1), np.array([0.24, 0.25, 0.28])
    brass = look.one_of("#d9a93f", "#e2bd62", "#c9953a")
    pale = colours.mix(look.main, _WHITE, look.vary(0.5, 0.62))
    top = cy - r
    chimney = rounded([(-0.12, top + 0.12), (-0.14, top - 0.17), (-0.2, top - 0.24), (0.2, top - 0.24),
        (0.14, top - 0.17), (0.12, top + 0.12)], 0.03)  # fmt: skip
    side = 1 if look.chance(0.5) else -1
    steam = tuple(
        puffs(look, side * x, y, s, np.array([0.93, 0.94, 0.96]))
        for x, y, s in ((0.72, -0.82, 0.17), (0.36, -0.86, 0.13))
    )
    cab = rounded([(-0.8, -0.5), (0.8, -0.5), (0.84, 0.56), (-0.84, 0.56)], 0.07)
    roof = rounded([(-0.88, -0.46), (-0.8, -0.56), (-0.3, -0.64), (0.3, -0.64), (0.8, -0.56), (0.88, -0.46)], 0.05)
    catcher = rounded([(-0.46, 0.68), (0.46, 0.68), (0.62, 0.97), (-0.62, 0.97)], 0.04)
    bars = brass if colours.luminance(look.second) < 0.35 else look.second
    slats = tuple(
        Part(stroke([(x * 0.8, 0.73), (x * 1.12, 0.94)], 0.026), bars, "metal", lift=0.01)
        for x in np.linspace(-0.45, 0.45, 7)
    )  # fmt: skip
    buffer = (
        Part(box(0.66, 0.6, 0.1, 0.1, 0.04), iron, "metal", puff=0.7),
        Part(ellipse(0.66, 0.6, 0.135, 0.135), CHROME * 0.9, "metal", puff=0.5, lift=0.04),
    )
    hinges = tuple(
        Part(stroke([(-side * r * 0.98, cy + y), (-side * r * 0.84, cy + y)], 0.035), iron, "metal", lift=0.015)
        for y in (-0.18, 0.14)
    )
    bolts = tuple(
        Part(ellipse((r + 0.045) * np.cos(a), cy + (r + 0.045) * np.sin(a), 0.022, 0.022), brass, "metal", puff=1.0,
            lift=0.008)
        for a in np.linspace(0, 2 * np.pi, 18, endpoint=False)
    )  # fmt: skip
    return Figure(
        body=(
            *steam, *both(Part(ellipse(0.6, 0.82, 0.2, 0.16), iron, "metal", puff=0.4)),
            Part(cab, look.main, look.material, bevel=0.06), Part(roof, dark, look.material, puff=0.6),
            *both(*pane(box(0.69, -0.28, 0.085, 0.125, 0.05))), Part(chimney, iron, "metal", puff=0.8),
            Part(box(0, top - 0.25, 0.22, 0.045, 0.03), brass, "metal", puff=0.9, lift=0.02),
            Part(ellipse(0, cy, r + 0.09, r + 0.09), iron, "metal", puff=0.35, lift=0.06), *bolts,
            Part(ellipse(0, cy, r, r), pale, look.material, puff=0.42, lift=0.03), *hinges,
            Part(catcher, iron, "metal", bevel=0.04), *slats,
            Part(box(0, 0.61, 0.86, 0.1, 0.04), look.second, "clay", bevel=0.05, lift=0.06), *both(*buffer),
            *(lamp for s in (-1, 1) for lamp in _lamp(s * 0.36, 0.6, 0.07, brass)),
        ),
        face=FaceSpot(0, cy - 0.14, r * 0.68),
        crown=(0, top - 0.22, 0.24),
        neck=(0, 0.56),
    )  # fmt: skip


@archetype(
    "vehicles",
    mains=("#3f8f4a", "#c9392f", "#3f74b5", "#e88a2f", "#4fa08a", "#d9b03a"),
    seconds=("#f2c83a", "#f0ece0", "#e8763f", "#d9d4c4"),
    material="porcelain",
)
def tractor(look: Look) -> Figure:
    """A tractor from the front: great ribbed hind wheels with mudguards, a bonnet, a cab and a smoking pipe."""
    w, top = look.vary(0.44, 0.48), look.vary(-0.9, -0.85)
    dark = colours.shade(look.main, light=-0.09)
    wheel_x, wheel_top = look.vary(0.73, 0.76), look.vary(-0.34, -0.26)
    wheel_y, wheel_h = (wheel_top + 0.92) / 2, (0.92 - wheel_top) / 2
    ribs = tuple(
        Part(stroke([(wheel_x - 0.19, y + 0.05), (wheel_x, y - 0.05), (wheel_x + 0.19, y + 0.05)], 0.035),
            RUBBER * 1.35, "plastic", puff=0.8, lift=0.015)
        for y in np.arange(wheel_top + 0.14, 0.9, 0.155)
    )  # fmt: skip
    guard = rounded([(wheel_x - 0.27, wheel_top + 0.34), (wheel_x - 0.25, wheel_top - 0.08),
        (wheel_x + 0.2, wheel_top - 0.08), (wheel_x + 0.24, wheel_top + 0.12), (wheel_x - 0.17, wheel_top + 0.1),
        (wheel_x - 0.2, wheel_top + 0.36)], 0.07)  # fmt: skip
    cab = rounded([(-0.42, top + 0.08), (0.42, top + 0.08), (0.5, 0.0), (-0.5, 0.0)], 0.05)
    glass = rounded([(-0.35, top + 0.12), (0.35, top + 0.12), (0.4, -0.2), (-0.4, -0.2)], 0.04)
    bonnet = mirrored([(0, -0.45), (w * 0.7, -0.42), (w, -0.26), (w * 1.02, 0.3), (w * 0.97, 0.66), (0, 0.68)])
    side = 1 if look.chance(0.5) else -1
    pipe = stroke([(side * (w + 0.06), 0.05), (side * (w + 0.06), -0.5), (side * (w + 0.1), -0.62)], 0.042)
    smoke = tuple(
        puffs(look, side * (w + d), y, r, np.array([0.8, 0.8, 0.82]))
        for d, y, r in ((0.19, -0.74, 0.085), (0.34, -0.88, 0.11))
    )
    grille = tuple(
        Part(box(0, y, w * 0.56, 0.02, 0.02), _DARK, "metal", puff=0.5, lift=0.0) for y in (0.5, 0.555, 0.61)
    )
    beacon = Part(box(-side * 0.2, top - 0.03, 0.06, 0.07, 0.05), np.array([0.98, 0.6, 0.15]), "glass", puff=0.9)
    return Figure(
        body=(
            *smoke, *((beacon,) if look.chance(0.5) else ()),
            *both(Part(box(wheel_x, wheel_y, 0.205, wheel_h, 0.12), RUBBER, "plastic", puff=0.6), *ribs,
                Part(guard, look.second, look.material, puff=0.7, lift=0.05)),
            Part(cab, dark, look.material, bevel=0.04), *pane(glass),
            Part(box(0, top + 0.04, 0.5, 0.075, 0.06), look.second, look.material, puff=0.8, lift=0.04),
            Part(box(0, 0.76, 0.5, 0.05, 0.04), _DARK, "metal", puff=0.8),
            *both(*_tyre(0.38, 0.8, 0.13, 0.16)), Part(pipe, CHROME * 0.8, "metal", lift=0.04),
            Part(bonnet, look.main, look.material, puff=0.65, lift=0.07), *grille,
            *(lamp for s in (-1, 1) for lamp in _lamp(s * w * 0.78, 0.555, 0.08, look.second)),
        ),
        face=FaceSpot(0, -0.1, w * 0.76),
        crown=(0, top + 0.02, 0.42),
        neck=(0, 0.66),
    )  # fmt: skip
