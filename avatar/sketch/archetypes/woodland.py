"""Animals of the woods: squirrel, hedgehog, raccoon, wolf."""

from itertools import pairwise

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.animals import chest, combed, pale, whiskers
from personify.avatar.sketch.archetypes.fauna import DARK, PINK, WHITE, furry, round_ears
from personify.avatar.sketch.archetypes.pieces import both, called, moved
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, leaf, mirrored, path, rounded, shaggy, stroke


@archetype(
    "animals",
    mains=("#b5622f", "#a5552a", "#8a8580", "#c9743a", "#7a4a30", "#9a8f86"),
    seconds=("#f4e6cc", "#f7efe0", "#efdcc0"),
    material="coat",
)
def squirrel(look: Look) -> Figure:
    """A tail like a plume that curls over behind, tufted ears, full cheeks, an acorn in the paws; a chipmunk's
    stripes."""
    look = combed(look)
    striped = called(look, "chipmunk")
    s = 1 if look.chance(0.5) else -1
    x, w, cy = -s * 0.24, look.vary(0.55, 0.58), -0.08
    light = look.second if colours.luminance(look.second) > 0.6 else pale(look, 0.7)
    crown = [(0, cy - 0.56), (w * 0.46, cy - 0.5), (w * 0.84, cy - 0.26), (w * 0.98, cy + 0.08)]
    tips = [(w * 1.14, cy + 0.28), (w * 0.98, cy + 0.3), (w * 1.06, cy + 0.42), (w * 0.84, cy + 0.42)]
    chin = [(w * 0.76, cy + 0.48), (w * 0.4, cy + 0.6), (0, cy + 0.64)]
    cheeks = furry([(0, cy + 0.1), (0.2, cy + 0.12), (w * 0.6, cy + 0.2), (w * 0.84, cy + 0.2)], tips, chin)
    ear = (
        Part(leaf(w * 0.62, cy - 0.36, look.vary(0.42, 0.48), 0.15, turn=16), look.main, look.material, puff=0.5),
        *(Part(leaf(w * 0.62 + 0.1, cy - 0.72, 0.2, 0.035, turn=t), colours.shade(look.main, light=-0.1), "hair",
            puff=0.4, lift=0.01) for t in (-6, 26, 10)),
        Part(leaf(w * 0.63, cy - 0.4, 0.28, 0.08, turn=16), colours.mix(look.main, PINK, 0.6), "felt", puff=-0.2,
            lift=0.0),
    )  # fmt: skip
    spot = FaceSpot(x, cy - 0.1, look.vary(0.35, 0.365), muzzle=light, nose=DARK, hair=look.main * 0.4)
    at_head = [*both(*ear), Part(furry(crown, tips, chin), look.main, look.material, puff=0.72, lift=0.07),
        Part(cheeks * (0.985, 0.995), light, look.material, puff=0.1, lift=0.0),
        *(_head_stripes(w, cy) if striped else ())]  # fmt: skip
    at_body = [*chest(look, look.main, light, 0.5), *_acorn(look), *_paws(look)]
    return Figure(
        body=(*_plume(look, s, striped), *(moved(p, x) for p in (*at_body, *at_head))),
        face=spot,
        front=tuple(moved(p, x) for p in whiskers(FaceSpot(0, spot.cy, spot.iod), 0.34, WHITE)),
        crown=(x, cy - 0.48, w * 0.6),
        neck=(x, 0.64),
    )  # fmt: skip


def _plume(look: Look, s: int, striped: bool) -> tuple[Part, ...]:
    """The tail: up behind the back, broadest above, its end curled outwards; a lighter rim of long hairs."""
    line = [(0.16, 1.0), (0.6, 0.86), (0.66, 0.42), (0.52, -0.06), (0.5, -0.46), (0.68, -0.7), (0.86, -0.56)]
    line = [(s * a, b) for a, b in line]
    wide = np.array([0.16, 0.2, 0.25, 0.28, 0.25, 0.18, 0.07])
    rim = colours.mix(look.main, WHITE, 0.3)
    middle = colours.shade(look.main, light=-0.1)
    return (
        Part(shaggy(stroke(line, wide), 44, 0.05, look.rng), rim, "hair", puff=0.5),
        Part(shaggy(stroke(line, wide * 0.76), 36, 0.04, look.rng), look.main, "hair", puff=0.5, lift=0.01),
        *((Part(stroke(line[1:], wide[1:] * 0.2), middle, "hair", puff=0.3, lift=0.0),) if striped else ()),
    )


def _head_stripes(w: float, cy: float) -> tuple[Part, ...]:
    """A chipmunk's dark and pale lines from brow to crown and across the cheeks."""
    lines = []
    for x, tone in ((0.0, DARK * 1.6), (0.15, WHITE), (0.27, DARK * 1.6)):
        line = [(x * 0.7, cy - 0.55 + 0.2 * x), (x, cy - 0.44), (x * 1.1, cy - 0.34)]
        mark = Part(stroke(line, [0.03, 0.034, 0.004]), tone, "coat", puff=0.1, lift=0.0)
        lines += [mark] if x == 0 else [mark, mark.mirrored()]
    return tuple(lines)


def _acorn(look: Look) -> tuple[Part, ...]:
    """An acorn before the chest."""
    nut, cap = look.one_of("#c98a3f", "#b5773a", "#d99a4f"), look.one_of("#6b4a2f", "#7a5636")
    return (
        Part(mirrored([(0, 0.68), (0.12, 0.7), (0.145, 0.8), (0.09, 0.92), (0, 0.98)]), nut, "waxy", puff=0.9),
        Part(mirrored([(0, 0.6), (0.1, 0.62), (0.17, 0.7), (0.15, 0.77), (0, 0.79)]), cap, "bark", puff=0.8, lift=0.02),
        Part(stroke([(0, 0.62), (0.02, 0.54)], [0.022, 0.014]), cap * 0.8, "bark", lift=0.01),
    )


def _paws(look: Look) -> tuple[Part, ...]:
    """Arms that hold something before the chest."""
    arm = stroke([(0.4, 0.72), (0.34, 0.86), (0.16, 0.84)], [0.1, 0.095, 0.075])
    return both(Part(arm, colours.shade(look.main, light=0.02), look.material, puff=0.7, lift=0.03))


@archetype(
    "animals",
    mains=("#7a5a3d", "#6b5340", "#5f4636", "#8a6a4a", "#75604f"),
    seconds=("#ecd6b2", "#f0dcc0", "#e2c49c"),
    material="coat",
)
def hedgehog(look: Look) -> Figure:
    """A ball of spines with a pale heart of a face, a pale belly, small paws and feet; a porcupine's long quills."""
    look = combed(look)
    quills = called(look, "porcupine", "echidna")
    light = look.second if colours.luminance(look.second) > 0.5 else colours.mix(look.main, WHITE, 0.6)
    cy = 0.0
    face = mirrored([(0, cy - 0.36), (0.14, cy - 0.5), (0.34, cy - 0.52), (0.52, cy - 0.34), (0.58, cy - 0.02),
        (0.56, cy + 0.28), (0.4, cy + 0.54), (0.16, cy + 0.66), (0, cy + 0.67)])  # fmt: skip
    belly = mirrored([(0, 0.5), (0.34, 0.54), (0.48, 0.76), (0.34, 0.94), (0, 0.96)])
    feet = both(Part(ellipse(0.26, 0.93, 0.17, 0.07, turn=-8), colours.shade(light, light=-0.16), "skin", puff=0.8))
    paws = both(Part(stroke([(0.46, 0.66), (0.4, 0.78), (0.27, 0.8)], [0.08, 0.075, 0.06]),
        colours.shade(light, light=-0.1), "skin", puff=0.8, lift=0.03))  # fmt: skip
    ears = round_ears(look, 0.54, cy - 0.38, 0.135, light, colours.mix(light, PINK, 0.6))
    return Figure(
        body=(*_spines(look, quills), Part(belly, light, look.material, puff=0.5, lift=0.02), *feet, *paws, *ears,
            Part(face, light, look.material, puff=0.6, lift=0.05)),
        face=FaceSpot(0, cy - 0.1, look.vary(0.4, 0.42), nose=DARK, hair=look.main * 0.5),
        crown=(0, -0.66, 0.5),
        neck=(0, 0.66),
    )  # fmt: skip


def _spines(look: Look, quills: bool) -> tuple[Part, ...]:
    """Rings of spines over a dome, the outer first, each with a paler tip."""
    dome = ellipse(0, 0.14, 0.74, 0.74)
    dark = colours.shade(look.main, light=-0.07)
    tip = colours.mix(look.main, WHITE, 0.75 if quills else 0.35)
    parts = [Part(dome, dark, "hair", puff=0.5)]
    length, half = (0.42, 0.03) if quills else (0.29, 0.05)
    for r, count in ((0.68, 33), (0.58, 30), (0.46, 25)):
        for k in range(count):
            turn = -138 + 276 * (k + look.vary(0.25, 0.75)) / count
            a = np.radians(turn)
            x, y = float(np.sin(a)) * r, 0.1 - float(np.cos(a)) * r
            fits = min(length, 0.96 - float(np.hypot(x, y - 0.02)))
            tone = colours.shade(look.main, light=look.vary(-0.06, 0.03))
            lean = turn + look.vary(-8, 8)
            parts += [Part(leaf(x, y, fits, half, turn=lean), tone, "hair", puff=0.6, lift=0.015)]
            b = np.radians(lean)
            foot = (x + float(np.sin(b)) * fits * 0.62, y - float(np.cos(b)) * fits * 0.62)
            parts += [Part(leaf(*foot, fits * 0.37, half * 0.5, turn=lean), tip, "hair", puff=0.4, lift=0.0)]
    return tuple(parts)


@archetype(
    "animals",
    mains=("#8a8c92", "#7a7a80", "#9a9690", "#6f6f76", "#94897c"),
    seconds=("#2f2d33", "#26262b", "#3a3430"),
    material="coat",
)
def raccoon(look: Look) -> Figure:
    """A dark mask about the eyes under pale brows, round ears with pale rims, a ringed tail, nimble dark paws; a red
    panda's, a badger's and a skunk's marks."""
    look = combed(look)
    badger, skunk, red = called(look, "badger"), called(look, "skunk"), called(look, "red panda", "firefox")
    w, cy = look.vary(0.64, 0.69), -0.08
    dark = look.second if colours.luminance(look.second) < 0.4 else DARK * 1.2
    white = pale(look, 0.86)
    spot = FaceSpot(0, cy - 0.08, look.vary(0.37, 0.385), muzzle=white, nose=DARK, hair=dark * 0.8)
    crown = [(0, cy - 0.58), (w * 0.46, cy - 0.53), (w * 0.84, cy - 0.3), (w * 0.98, cy - 0.02)]
    tips = [(w * 1.2, cy + 0.2), (w * 1.0, cy + 0.23), (w * 1.12, cy + 0.36), (w * 0.86, cy + 0.37)]
    chin = [(w * 0.76, cy + 0.46), (w * 0.42, cy + 0.6), (0, cy + 0.65)]
    rim = furry([(0, cy - 0.26), (0.16, cy - 0.34), (w * 0.62, cy - 0.32), (w * 0.9, cy - 0.1)], tips, chin)
    cheeks = furry([(0, cy + 0.14), (0.2, cy + 0.2), (w * 0.6, cy + 0.34), (w * 0.8, cy + 0.34)], tips[-1:], chin)
    mask = curve([(0.03, spot.cy - 0.02), (0.12, spot.cy - 0.1), (0.3, spot.cy - 0.12), (w * 0.82, cy + 0.0),
        (w * 1.08, cy + 0.24), (w * 0.78, cy + 0.26), (0.34, spot.cy + 0.2), (0.12, spot.cy + 0.12)])  # fmt: skip
    marks = (Part(rim * (0.985, 1.0), white, look.material, puff=0.08, lift=0.0),
        *both(Part(mask, colours.mix(dark, look.main, 0.3), look.material, puff=0.05, lift=0.0)))  # fmt: skip
    if badger:
        marks = _badger_marks(w, cy)
    if skunk:
        blaze = mirrored([(0, cy - 0.575), (0.2, cy - 0.55), (0.13, cy - 0.44), (0.05, cy - 0.22), (0, cy - 0.05)])
        marks = (Part(blaze, white, look.material, puff=0.1, lift=0.0),)
    if red:
        marks = (Part(cheeks * (0.985, 0.995), white, look.material, puff=0.08, lift=0.0), *_brow_spots(white, spot))
    tail = () if badger else _skunk_tail(look) if skunk else _ringed_tail(look, dark)
    return Figure(
        body=(*tail, *chest(look, look.main, white if not red else dark, 0.56),
            *_dark_paws(dark), *round_ears(look, w * 0.78, cy - 0.47, 0.2, white, dark),
            Part(furry(crown, tips, chin), look.main, look.material, puff=0.72, lift=0.07), *marks),
        face=spot,
        front=whiskers(spot, 0.4, WHITE),
        crown=(0, cy - 0.5, w * 0.6),
        neck=(0, 0.66),
    )  # fmt: skip


def _badger_marks(w: float, cy: float) -> tuple[Part, ...]:
    """A white head with two dark bands, from the crown through the eyes to the cheeks."""
    white = mirrored([(0, cy - 0.57), (w * 0.44, cy - 0.52), (w * 0.86, cy - 0.2), (w * 0.97, cy + 0.1),
        (w * 0.8, cy + 0.44), (w * 0.4, cy + 0.6), (0, cy + 0.64)])  # fmt: skip
    band = stroke([(0.2, cy - 0.54), (0.24, cy - 0.3), (0.27, cy - 0.05), (0.42, cy + 0.2)], [0.1, 0.13, 0.13, 0.03])
    return (
        Part(white, WHITE * 0.98, "coat", puff=0.1, lift=0.0),
        *both(Part(band, DARK * 1.5, "coat", puff=0.05, lift=0.0)),
    )


def _brow_spots(white: np.ndarray, spot: FaceSpot) -> tuple[Part, ...]:
    """Pale spots over the eyes and tears of fur beside the nose."""
    x, y = spot.iod * 0.52, spot.cy - spot.iod * 0.62
    return both(Part(ellipse(x, y, 0.11, 0.06, turn=14), white, "coat", puff=0.1, lift=0.0))


def _dark_paws(dark: np.ndarray) -> tuple[Part, ...]:
    """Two paws with fingers at the foot of the picture."""
    return both(*(Part(stroke([(0.26, 0.84), (0.26 + d, 0.95)], [0.06, 0.035]), dark, "coat", puff=0.8, lift=0.01)
        for d in (-0.09, 0.09, -0.03, 0.03)))  # fmt: skip


def _skunk_tail(look: Look) -> tuple[Part, ...]:
    """A great plume with a white stripe down its middle, raised in warning."""
    s = 1 if look.chance(0.5) else -1
    line = [(s * x, y) for x, y in ((0.4, 1.0), (0.78, 0.8), (0.82, 0.3), (0.74, -0.2))]
    half = np.array([0.12, 0.19, 0.21, 0.12])
    return (
        Part(shaggy(stroke(line, half), 30, 0.06, look.rng), look.main, "hair", puff=0.5),
        Part(shaggy(stroke(line, half * 0.4), 24, 0.03, look.rng), WHITE, "hair", puff=0.3, lift=0.0),
    )


def _ringed_tail(look: Look, dark: np.ndarray) -> tuple[Part, ...]:
    """A thick tail with rings across it and a dark tip."""
    s = 1 if look.chance(0.5) else -1
    line = path([(s * 0.36, 1.0), (s * 0.72, 0.96), (s * 0.84, 0.66), (s * 0.8, 0.3)])
    half = np.interp(np.linspace(0, 1, len(line)), [0, 0.5, 0.9, 1], [0.13, 0.17, 0.14, 0.07])
    at = np.linspace(0, len(line) - 1, 10).astype(int)
    rings = []
    for k, (a, b) in enumerate(pairwise(at)):
        tone = dark if k % 2 == 0 else colours.mix(look.main, WHITE, 0.2)
        piece = stroke([tuple(p) for p in line[a : b + 1]], half[a : b + 1])
        rings.append(Part(shaggy(piece, 10, 0.02, look.rng), tone, look.material, puff=0.5, lift=0.01))
    return tuple(rings)


@archetype(
    "animals",
    mains=("#7a8088", "#5f656d", "#94979a", "#4f545c", "#8a8076", "#d9dde0"),
    seconds=("#eef0f2", "#e4e2dc", "#f2efe8"),
    material="coat",
)
def wolf(look: Look) -> Figure:
    """A dark cap that runs down between the eyes over a pale face, a thick ruff of fur, ears that stand
    apart."""
    look = combed(look)
    w, cy = look.vary(0.6, 0.64), -0.04
    light = look.second if colours.luminance(look.second) > 0.55 else pale(look, 0.7)
    spot = FaceSpot(0, cy - 0.08, look.vary(0.365, 0.38), muzzle=light, nose=DARK, hair=look.main * 0.4)
    crown = [(0, cy - 0.58), (w * 0.42, cy - 0.54), (w * 0.8, cy - 0.34), (w * 0.98, cy - 0.04)]
    tips = [(w * 1.3, cy + 0.08), (w * 1.06, cy + 0.16), (w * 1.36, cy + 0.34), (w * 1.02, cy + 0.35),
        (w * 1.14, cy + 0.56), (w * 0.8, cy + 0.5)]  # fmt: skip
    chin = [(w * 0.66, cy + 0.58), (w * 0.36, cy + 0.66), (w * 0.18, cy + 0.74), (0, cy + 0.76)]
    inner = mirrored([(0, cy + 0.02), (0.05, cy - 0.12), (0.13, cy - 0.3), (0.3, cy - 0.38), (w * 0.74, cy - 0.24),
        (w * 0.86, cy + 0.04), (w * 0.98, cy + 0.3), (w * 0.66, cy + 0.54), (w * 0.3, cy + 0.69), (0, cy + 0.73)],
        n=8)  # fmt: skip
    ear = both(
        Part(rounded([(w * 0.3, cy - 0.46), (w * 0.92, -0.97), (w * 1.04, cy - 0.14)], 0.06), look.main, look.material,
            puff=0.5, pattern=Pattern("fade_up", DARK * 1.3, -0.8, 0.7)),
        Part(rounded([(w * 0.5, cy - 0.46), (w * 0.88, -0.8), (w * 0.94, cy - 0.24)], 0.05),
            colours.mix(light, PINK, 0.35), look.material, puff=-0.2, lift=0.0),
    )  # fmt: skip
    ruff = shaggy(ellipse(0, cy + 0.32, w * 1.16, 0.56), 34, 0.12, look.rng)
    shade = colours.shade(look.main, light=-0.06)
    return Figure(
        body=(*_bush(look, light), *chest(look, look.main, light, 0.6), Part(ruff, shade, look.material, puff=0.4),
            *ear,
            Part(furry(crown, tips, chin), look.main, look.material, puff=0.7, lift=0.07),
            Part(shaggy(inner, 40, 0.02, look.rng), light, look.material, puff=0.1, lift=0.0)),
        face=spot,
        crown=(0, cy - 0.52, w * 0.6),
        neck=(0, 0.74),
    )  # fmt: skip


def _bush(look: Look, tip: np.ndarray) -> tuple[Part, ...]:
    """A bushy tail that hangs to one side, dark at its end."""
    s = 1 if look.chance(0.5) else -1
    brush = curve([(s * x, y) for x, y in ((0.4, 0.9), (0.7, 0.62), (0.88, 0.6), (0.97, 0.8), (0.9, 1.1), (0.5, 1.1))])
    return (Part(shaggy(brush, 18, 0.06, look.rng), colours.shade(look.main, light=-0.04), look.material, puff=0.6,
        pattern=Pattern("fade", tip, 0.95, 0.5)),)  # fmt: skip
