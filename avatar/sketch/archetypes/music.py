"""Musical instruments that are struck or blown: piano, drum, trumpet, bell."""

from collections.abc import Callable

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, leaf, mirrored, place, rounded, stroke

_BRASS = ("#d9a93f", "#e2bd62", "#c9953a")
_IVORY = np.array([0.97, 0.95, 0.89])
_EBONY = np.array([0.13, 0.12, 0.13])
_PALE_WOOD = ("#e2c08a", "#d9b078", "#ecd2a4")


@archetype(
    "music",
    mains=("#8a4f2f", "#6b3a26", "#5a545e", "#a8703f", "#7a2f2f", "#f0ece4", "#4f6f66"),
    seconds=("#d9a93f", "#e2bd62", "#c9953a"),
    material="wood",
)
def piano(look: Look) -> Figure:
    """An upright piano: a keyboard below the face, sheet music or candles above, legs, pedals."""
    w, top = look.vary(0.78, 0.84), look.vary(-0.65, -0.6)
    dark, pale = colours.shade(look.main, light=-0.07), colours.shade(look.main, light=0.06)
    lacquered = look.material == "wood" and np.ptp(look.main) < 0.14
    finish = "porcelain" if lacquered else look.material
    shelf, foot = 0.5, 0.93
    case = box(0, (top + foot) / 2, w * 0.93, (foot - top) / 2, 0.05)
    panel = box(0, (top + 0.4) / 2 + 0.02, w * 0.8, (0.34 - top) / 2, 0.06)
    lid = box(0, top - 0.02, w, 0.06, 0.04)
    bed = box(0, shelf + 0.06, w + 0.05, 0.085, 0.04)
    count = 14
    step = 2 * w * 0.94 / count
    keys = tuple(
        Part(box(-w * 0.94 + (k + 0.5) * step, shelf - 0.03, step * 0.47, 0.115, 0.018), _IVORY, "porcelain",
            bevel=0.02, lift=0.008)
        for k in range(count)
    )  # fmt: skip
    blacks = tuple(
        Part(box(-w * 0.94 + k * step, shelf - 0.075, step * 0.3, 0.072, 0.014), _EBONY, "porcelain", bevel=0.02,
            lift=0.02)
        for k in range(1, count) if k % 7 not in {0, 3}
    )  # fmt: skip
    cheek = Part(box(w * 0.99, shelf - 0.04, 0.06, 0.15, 0.04), dark, finish, puff=0.7, lift=0.02)
    leg = Part(mirrored([(0, 0.6), (0.07, 0.62), (0.045, 0.74), (0.065, 0.86), (0.05, 0.97), (0, 0.98)]) + (w * 0.93,
        0), dark, finish, puff=0.9, lift=0.04)  # fmt: skip
    pedals = tuple(
        Part(ellipse(x, 0.92, 0.035, 0.055), look.second, "metal", puff=0.9, lift=0.03) for x in (-0.1, 0, 0.1)
    )
    return Figure(
        body=(
            *_on_the_piano(look, top), Part(case, dark, finish, bevel=0.05),
            Part(panel, look.main, finish, bevel=0.09, lift=0.0),
            Part(lid, pale, finish, puff=0.8, lift=0.04), *_candles(look, w),
            Part(box(0, 0.76, w * 0.72, 0.11, 0.03), look.main, finish, bevel=0.04, lift=0.0), *pedals,
            Part(bed, pale, finish, puff=0.6, lift=0.06),
            Part(box(0, shelf - 0.04, w * 0.96, 0.13, 0.02), _EBONY, "felt", puff=0.1, lift=0.0), *keys,
            *blacks,
            *both(cheek, leg),
        ),
        face=FaceSpot(0, -0.2, look.vary(0.35, 0.37), squeeze=0.88),
        crown=(0, top - 0.04, 0.4),
        neck=(0, 0.34),
    )  # fmt: skip


def _on_the_piano(look: Look, top: float) -> tuple[Part, ...]:
    """A sheet of music that leans on the lid, or a metronome, or a vase."""
    kind = str(look.rng.choice(["sheet", "metronome", "flowers"]))
    if kind == "sheet":
        lines = Pattern("bands", np.array([0.4, 0.38, 0.4]), 0.026, 0.6)
        return tuple(
            Part(box(x, top - 0.15, 0.19, 0.17, 0.02, turn=turn), _IVORY, "paper", bevel=0.015, pattern=lines)
            for x, turn in ((-0.17, -6), (0.18, 5))
        )
    x = look.vary(0.3, 0.5) * (1 if look.chance(0.5) else -1)
    if kind == "metronome":
        case = rounded([(x - 0.07, top - 0.3), (x + 0.07, top - 0.3), (x + 0.14, top), (x - 0.14, top)], 0.03)
        arm = stroke([(x, top - 0.04), (x + 0.06, top - 0.25)], 0.011)
        return Part(case, look.one_of("#b5723f", "#7a3f2a"), "wood", puff=0.6), Part(arm, look.second, "metal")
    petals = ("#e4573d", "#e87fa5", "#f2c23f", "#f4f0e6")
    return (
        *(Part(ellipse(x + dx, top - 0.24 + dy, 0.065, 0.06), look.one_of(*petals), "leaf", puff=0.7)
            for dx, dy in ((-0.08, 0.03), (0.08, 0.04), (0, -0.03))),
        Part(mirrored([(0, -0.18), (0.06, -0.18), (0.05, -0.13), (0.1, -0.05), (0.06, 0.02), (0, 0.02)]) + (x, top),
            look.one_of("#3f7fb5", "#8fc4b5", "#f0ece4"), "porcelain", puff=0.9),
    )  # fmt: skip


def _candles(look: Look, w: float) -> tuple[Part, ...]:
    """Candles in brass holders on both sides of the panel."""
    if look.chance(0.35):
        return ()
    x, y = w * 0.74, -0.02
    return both(
        Part(stroke([(x - 0.03, y + 0.12), (x + 0.05, y + 0.13), (x + 0.06, y)], 0.022), look.second, "metal"),
        Part(box(x + 0.06, y - 0.13, 0.035, 0.12, 0.02), _IVORY, "waxy", puff=0.9, lift=0.03),
        Part(ellipse(x + 0.06, y, 0.07, 0.028), look.second, "metal", puff=0.8, lift=0.02),
        Part(leaf(x + 0.06, y - 0.23, 0.13, 0.035), np.array([1.0, 0.76, 0.25]), "leaf", puff=0.6, lift=0.0),
    )


@archetype(
    "music",
    mains=("#c9392f", "#3f6fb5", "#4f9a5f", "#e0a02f", "#8a4fa0", "#e87f5a"),
    seconds=("#e2bd62", "#d9a93f", "#f0e2b8", "#d9dce0"),
    material="plastic",
)
def drum(look: Look) -> Figure:
    """A parade drum: a pale skin, two hoops with zigzag cords, a pair of sticks."""
    w, top, foot = look.vary(0.7, 0.76), look.vary(-0.44, -0.38), look.vary(0.74, 0.8)
    sag = 0.13
    skin = np.array([0.95, 0.92, 0.83])

    def ring(y: float, half: float) -> np.ndarray:
        return stroke([(-w, y - sag * 0.6), (-w * 0.72, y + sag * 0.2), (0, y + sag * 0.65), (w * 0.72, y + sag * 0.2),
            (w, y - sag * 0.6)], [half * 0.5, half, half, half, half * 0.5])  # fmt: skip

    front = np.array([(w * x, sag * 0.65 * (1 - x * x) - sag * 0.6 * x * x) for x in np.linspace(-1, 1, 25)])
    shell = np.concatenate([front + (0, top), (front + (0, foot))[::-1]])
    cords = tuple(
        Part(stroke([(s * w * a, top + 0.13), (s * w * b, foot - 0.06), (s * w * c, top + 0.14)], 0.016), skin,
            "fabric", lift=0.015)
        for s in (-1, 1) for a, b, c in ((0.99, 0.86, 0.66),)
    )  # fmt: skip
    tugs = tuple(
        Part(rounded([(s * w * 0.83 - 0.06, 0.3), (s * w * 0.83 + 0.06, 0.3), (s * w * 0.83 + 0.035, 0.46),
            (s * w * 0.83 - 0.035, 0.46)], 0.02), np.array([0.36, 0.22, 0.14]), "leather", puff=0.5, lift=0.02)
        for s in (-1, 1)
    )  # fmt: skip
    return Figure(
        body=(
            Part(shell, look.main, look.material, puff=0.6), *cords, *tugs,
            Part(ellipse(0, top - 0.02, w * 1.03, sag + 0.05), colours.shade(look.second, light=-0.05), "metal",
                puff=0.4, lift=0.03),
            Part(ellipse(0, top - 0.04, w * 0.95, sag), skin, "paper", puff=0.15, lift=0.0), *_sticks(look, top),
            Part(ring(top + 0.04, 0.075), look.second, "metal", puff=0.9, lift=0.04),
            Part(ring(foot - 0.04, 0.075), look.second, "metal", puff=0.9, lift=0.04),
        ),
        face=FaceSpot(0, (top + foot) / 2 - 0.05, w * 0.52, squeeze=0.95),
        crown=(0, top - 0.06, w * 0.7),
        neck=(0, foot - 0.06),
    )  # fmt: skip


def _sticks(look: Look, top: float) -> tuple[Part, ...]:
    """Two sticks that bounce on the skin, crossed or apart."""
    wood = look.one_of("#c98f4f", "#b5763f", "#d9a96a")
    spread = 1 if look.chance(0.5) else -1
    parts = []
    for s in (-1, 1):
        reach, high = look.vary(0.62, 0.74), look.vary(-0.95, -0.88)
        tip = (s * spread * 0.16, top - 0.05)
        parts.append(Part(stroke([tip, (s * reach, high)], [0.02, 0.036]), wood, "wood", puff=0.9, lift=0.05))
        parts.append(Part(ellipse(*tip, 0.055, 0.045), colours.shade(wood, light=0.06), "wood", puff=1.0, lift=0.03))
    return tuple(parts)


@archetype(
    "music",
    mains=("#e0a83a", "#d9a02f", "#e6bd5a", "#c9953a", "#d0d4d9", "#d98f4f"),
    seconds=("#b5303a", "#3f5fa8", "#5a8f5f", "#8a5a9a"),
    material="metal",
)
def trumpet(look: Look) -> Figure:
    """A trumpet that turns its bell to you: valves with pearl buttons, the long loop of its tube, a mouthpiece."""
    r, turn = look.vary(0.5, 0.53), look.vary(-47, -40)
    cx, cy = -0.37, 0.36
    side = 1 if look.chance(0.5) else -1
    dark, pale = colours.shade(look.main, light=-0.1), colours.mix(look.main, _IVORY, 0.18)
    pearl = np.array([0.96, 0.95, 0.93])

    def at(outline: np.ndarray) -> np.ndarray:
        spot = place(outline, cx, cy, turn=turn)
        return spot if side == 1 else spot * (-1, 1)

    flare = [(-0.1, -r * 0.8), (0.16, -r * 0.93), (0.34, -r * 0.7), (0.52, -r * 0.45), (0.7, -r * 0.26), (0.9, -0.09),
        (1.2, -0.075)]  # fmt: skip
    cone = curve(flare + [(x, -y) for x, y in reversed(flare)], n=8)
    loop = stroke(
        [(1.16, 0.0), (1.31, 0.04), (1.37, 0.16), (1.31, 0.29), (1.16, 0.32), (0.7, 0.32), (0.5, 0.28)], 0.058
    )
    lead = stroke([(0.5, 0.16), (1.44, 0.16)], 0.042)
    valves = tuple(
        part for x in (0.83, 0.985, 1.14) for part in (
            Part(at(box(x, -0.24, 0.02, 0.1, 0.01)), dark, "metal", puff=0.9),
            Part(at(ellipse(x, -0.33, 0.062, 0.035)), pearl, "porcelain", puff=0.8, lift=0.02),
            Part(at(box(x, 0.09, 0.068, 0.25, 0.03)), pale, look.material, puff=0.9, lift=0.04),
            Part(at(box(x, -0.155, 0.08, 0.035, 0.02)), dark, look.material, puff=0.9, lift=0.02),
            Part(at(box(x, 0.33, 0.078, 0.035, 0.02)), dark, look.material, puff=0.9, lift=0.02),
        )
    )  # fmt: skip
    mouth = mirrored([(0, -0.1), (0.05, -0.08), (0.045, 0.0), (0.09, 0.08), (0.1, 0.12), (0, 0.13)])
    centre = (cx if side == 1 else -cx, cy)
    return Figure(
        body=(
            Part(at(lead), look.main, look.material, puff=0.9),
            Part(at(place(mouth, 1.42, 0.16, turn=-90)), pale, look.material, puff=0.9, lift=0.03),
            Part(at(loop), look.main, look.material, puff=0.9, lift=0.04), *valves,
            Part(at(cone), look.main, look.material, puff=0.8, lift=0.05),
            *_cord(look, at),
            Part(ellipse(*centre, r + 0.045, r + 0.045), dark, look.material, puff=0.6, lift=0.06),
            Part(ellipse(*centre, r, r), pale, look.material, puff=-0.3, lift=0.0),
        ),
        face=FaceSpot(centre[0], cy - 0.13, r * 0.68),
        crown=(centre[0], cy - r + 0.02, r * 0.6),
        neck=(centre[0], cy + r * 0.86),
    )  # fmt: skip


def _cord(look: Look, at: Callable[[np.ndarray], np.ndarray]) -> tuple[Part, ...]:
    """A tassel tied to the tube, now and then."""
    if look.chance(0.4):
        return ()
    return (Part(at(stroke([(0.66, -0.15), (0.67, 0.15)], 0.032)), look.second, "fabric", puff=0.8, lift=0.02),)


@archetype(
    "music",
    mains=("#e0b040", "#d9a02f", "#c98a4a", "#d0d4d9", "#e6bd5a", "#b5763f"),
    seconds=("#c9302f", "#3f8a4f", "#3f5fa8", "#8a3f6a", "#e87f3f"),
    material="metal",
)
def bell(look: Look) -> Figure:
    """A bell with a rolled lip and its clapper, hung by a crown, from a beam, or tied with a bow."""
    w = look.vary(0.8, 0.88)
    hung = "handle" if called(look, "hand", "school") else str(look.rng.choice(["ring", "yoke", "handle"]))
    top = -0.6 if hung == "handle" else -0.68
    dark, pale = colours.shade(look.main, light=-0.1), colours.shade(look.main, light=0.06)
    waist = look.vary(0.54, 0.58)
    body = mirrored([(0, top), (0.26, top + 0.03), (waist * 0.86, top + 0.26), (waist, -0.1), (waist + 0.06, 0.3),
        (w * 0.9, 0.6), (w, 0.72), (0, 0.74)])  # fmt: skip
    lip = stroke([(-w, 0.68), (-w * 0.5, 0.75), (0, 0.77), (w * 0.5, 0.75), (w, 0.68)], 0.07)
    band = stroke([(-waist - 0.12, 0.5), (0, 0.56), (waist + 0.12, 0.5)], 0.022)
    shoulder = stroke([(-waist * 0.82, top + 0.22), (0, top + 0.27), (waist * 0.82, top + 0.22)], 0.02)
    clapper = (
        Part(box(0, 0.8, 0.03, 0.08, 0.02), dark, "metal"),
        Part(ellipse(0, 0.88, 0.12, 0.1), dark, "metal", puff=0.9),
    )
    return Figure(
        body=(
            *clapper, *_hanger(look, hung, top, dark), Part(body, look.main, look.material, puff=0.75, lift=0.05),
            Part(shoulder, pale, look.material, puff=0.9, lift=0.01), Part(band, pale, look.material, puff=0.9,
                lift=0.01), Part(lip, pale, look.material, puff=0.9, lift=0.04), *_bow(look, top),
        ),
        face=FaceSpot(0, -0.08, waist * 0.68),
        crown=(0, top + 0.02, 0.3),
        neck=(0, 0.54),
    )  # fmt: skip


def _hanger(look: Look, kind: str, top: float, dark: np.ndarray) -> tuple[Part, ...]:
    """A ring, or a yoke of wood between iron straps, or the handle of a hand bell."""
    wood = look.one_of("#8a5a34", "#7a4a2a", "#a8703f")
    if kind == "handle":
        grip = mirrored([(0, -0.99), (0.1, -0.96), (0.11, -0.87), (0.06, -0.74), (0.12, top + 0.02), (0, top + 0.06)])
        return (Part(grip, wood, "wood", puff=0.9),)
    if kind == "yoke":
        return (
            Part(box(0, top - 0.04, 0.09, 0.12, 0.03), dark, "metal", puff=0.8),
            Part(box(0, top - 0.15, 0.52, 0.075, 0.03), wood, "wood", bevel=0.04, lift=0.03),
            *both(Part(box(0.26, top - 0.15, 0.035, 0.085, 0.02), np.array([0.3, 0.3, 0.33]), "metal", lift=0.01)),
        )
    return (Part(ellipse(0, top - 0.09, 0.13, 0.13), dark, "metal", puff=0.8,
        holes=(ellipse(0, top - 0.1, 0.065, 0.065),)),)  # fmt: skip


def _bow(look: Look, top: float) -> tuple[Part, ...]:
    """A ribbon's bow at the top."""
    if look.chance(0.45):
        return ()
    y = top + 0.05
    loop = curve([(0.02, y), (0.16, y - 0.1), (0.34, y - 0.1), (0.36, y + 0.04), (0.2, y + 0.07)])
    tail = rounded([(0.02, y), (0.09, y - 0.02), (0.3, y + 0.2), (0.2, y + 0.2), (0.17, y + 0.26)], 0.02)
    dark = colours.shade(look.second, light=-0.05)
    return (
        *both(Part(tail, dark, "fabric", puff=0.5, lift=0.02), Part(loop, look.second, "fabric", puff=0.8, lift=0.03)),
        Part(ellipse(0, y, 0.07, 0.075), dark, "fabric", puff=0.9, lift=0.03),
    )
