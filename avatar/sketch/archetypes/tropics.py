"""Animals of rivers and hot countries: crocodile, lizard, hippo, rhino."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.fauna import DARK, HORN, PINK, round_ears, side_ears
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, leaf, mirrored, path, rounded, stroke

_IVORY = np.array([0.97, 0.94, 0.84])


@archetype(
    "animals",
    mains=("#5a7a3f", "#4a6b4a", "#6a8a4a", "#4f7a55", "#75804a"),
    seconds=("#e4dfae", "#ecdfb0", "#d9d8a0"),
    material="leather",
)
def crocodile(look: Look) -> Figure:
    """Eyes in two bumps, a jaw that widens downwards with teeth over its edge, a ridged back and a tail with a saw of
    scutes."""
    w, cy = look.vary(0.66, 0.7), -0.14
    s = 1 if look.chance(0.5) else -1
    light = look.second if colours.luminance(look.second) > 0.5 else colours.mix(look.main, _IVORY, 0.7)
    dark = colours.shade(look.main, light=-0.08)
    iod = look.vary(0.42, 0.44)
    head = mirrored([(0, cy - 0.46), (0.1, cy - 0.48), (0.22, cy - 0.6), (0.36, cy - 0.58), (0.46, cy - 0.38),
        (0.54, cy - 0.1), (w, cy + 0.2), (w * 1.06, cy + 0.42), (w * 0.84, cy + 0.62), (0, cy + 0.68)])  # fmt: skip
    jaw = mirrored([(0, cy + 0.5), (w * 0.8, cy + 0.44), (w * 1.03, cy + 0.4), (w * 0.98, cy + 0.62),
        (w * 0.6, cy + 0.8), (0, cy + 0.84)])  # fmt: skip
    teeth = both(*(Part(rounded([(x - 0.055, y), (x + 0.055, y), (x, y + 0.17)], 0.015), _IVORY, "porcelain", puff=0.8,
        lift=0.015) for x, y in ((w * 0.96, cy + 0.5), (w * 0.78, cy + 0.56), (w * 0.58, cy + 0.6))))  # fmt: skip
    body = mirrored([(0, 0.3), (0.42, 0.42), (0.56, 0.7), (0.58, 1.2), (0, 1.2)])
    belly = mirrored([(0, 0.4), (0.28, 0.5), (0.36, 0.8), (0.34, 1.2), (0, 1.2)])
    spots = both(*(Part(ellipse(x, cy + y, r, r * 0.8), dark, look.material, puff=0.4, lift=0.0)
        for x, y, r in ((0.6, 0.2, 0.035), (0.66, 0.32, 0.03), (0.56, 0.05, 0.028))))  # fmt: skip
    return Figure(
        body=(*_saw_tail(look, s, dark), *_feet(look), Part(body, look.main, look.material, puff=0.6),
            Part(belly, light, look.material, puff=0.3, lift=0.0,
                pattern=Pattern("bands", colours.shade(light, light=-0.12), 0.07, 0.7)),
            Part(jaw, light, look.material, puff=0.5, lift=0.04), *teeth,
            Part(head, look.main, look.material, puff=0.6, lift=0.06), *spots),
        face=FaceSpot(0, cy - 0.26, iod, squeeze=0.86, hair=dark * 0.5, eye_scale=1.02),
        crown=(0, cy - 0.42, 0.4),
        neck=(0, cy + 0.84),
    )  # fmt: skip


def _saw_tail(look: Look, s: int, dark: np.ndarray) -> tuple[Part, ...]:
    """A thick tail that curves up at one side, with a row of scutes along its back."""
    points = [(s * 0.4, 1.0), (s * 0.72, 0.9), (s * 0.88, 0.6), (s * 0.84, 0.26), (s * 0.92, 0.0)]
    line = path(points)
    scutes = []
    for k in range(12, len(line) - 4, 5):
        along = line[k + 1] - line[k]
        out = np.array([along[1], -along[0]]) * -s / max(float(np.hypot(*along)), 1e-9)
        turn = float(np.degrees(np.arctan2(out[0], -out[1])))
        reach = 0.2 * (1 - 0.6 * k / len(line))
        x, y = line[k] + out * reach * 0.3
        scutes.append(Part(leaf(float(x), float(y), reach, reach * 0.4, turn=turn), dark, look.material, puff=0.5))
    return (*scutes, Part(stroke(points, [0.18, 0.17, 0.13, 0.08, 0.012]), look.main, look.material, puff=0.7))


def _feet(look: Look) -> tuple[Part, ...]:
    """Short arms with three claws."""
    tone = colours.shade(look.main, light=-0.04)
    arm = Part(stroke([(0.5, 0.66), (0.62, 0.8), (0.52, 0.93)], [0.11, 0.1, 0.09]), tone, look.material, lift=0.03)
    claws = (Part(ellipse(0.5 + d, 0.965, 0.036, 0.045), _IVORY, "porcelain", lift=0.01) for d in (-0.08, 0.0, 0.08))
    return both(arm, *claws)


@archetype(
    "animals",
    mains=("#6b9a4a", "#5fae5a", "#8a9a4a", "#4fa0a0", "#c9923f", "#9ab04a"),
    seconds=("#e0c04a", "#d97a3f", "#3f7f6a", "#e8d98a"),
    material="waxy",
)
def lizard(look: Look) -> Figure:
    """A crest of spikes from brow to back, a wedge of a head, round toe tips, a tail that coils; a chameleon's helmet
    and spiral."""
    chameleon, smooth = called(look, "chameleon"), called(look, "gecko", "newt", "salamander", "axolotl", "skink")
    w, cy = look.vary(0.56, 0.6), -0.08
    s = 1 if look.chance(0.5) else -1
    light = colours.mix(look.main, np.array([0.97, 0.95, 0.74]), 0.6)
    head = mirrored([(0, cy - (0.66 if chameleon else 0.54)), (w * 0.44, cy - 0.5), (w * 0.84, cy - 0.32),
        (w * 1.0, cy - 0.02), (w * 1.12, cy + 0.26), (w * 0.8, cy + 0.52), (w * 0.4, cy + 0.64),
        (0, cy + 0.67)])  # fmt: skip
    spikes = () if smooth else tuple(
        Part(leaf(x, cy - 0.42 - 0.06 * (1 - abs(x) * 4), 0.36 - 0.9 * abs(x), 0.065, turn=x * 170), look.second,
            look.material, puff=0.5, lift=0.01) for x in (-0.24, 0.24, -0.16, 0.16, -0.08, 0.08, 0.0)
    )  # fmt: skip
    gills = both(*(Part(stroke([(w * 0.9, cy + y), (w + 0.16, cy + y - 0.1), (w + 0.3, cy + y - 0.06)],
        [0.05, 0.06, 0.015]), look.second, "plush", puff=0.8) for y in (-0.2, 0.0, 0.2)))  # fmt: skip
    turns = np.linspace(0, 7.2, 30)
    coil = [(s * (0.74 - 0.2 * np.cos(t) * (1 - 0.11 * t)), 0.5 - 0.2 * np.sin(t) * (1 - 0.11 * t)) for t in turns]
    tail = stroke([(s * 0.36, 1.0), (s * 0.5, 0.84), *coil], np.linspace(0.11, 0.022, 32))
    body = mirrored([(0, 0.3), (0.34, 0.4), (0.46, 0.72), (0.48, 1.2), (0, 1.2)])
    belly = mirrored([(0, 0.4), (0.22, 0.5), (0.28, 0.8), (0.26, 1.2), (0, 1.2)])
    hands = both(Part(stroke([(0.4, 0.62), (0.54, 0.76), (0.46, 0.9)], [0.08, 0.07, 0.055]), look.main, look.material,
        lift=0.03), *(Part(ellipse(0.46 + d, 0.95, 0.045, 0.042), colours.shade(look.main, light=0.06), look.material,
        puff=0.9, lift=0.02) for d in (-0.1, 0.1, 0.0)))  # fmt: skip
    dots = both(*(Part(ellipse(x * w, cy + y, r, r * 0.9), look.second, look.material, puff=0.2, lift=0.0)
        for x, y, r in ((0.94, 0.16, 0.045), (1.0, 0.3, 0.032), (0.84, -0.1, 0.03), (0.9, 0.4, 0.028))))  # fmt: skip
    return Figure(
        body=(Part(tail, look.main, look.material, puff=0.8), *spikes, *(gills if called(look, "axolotl") else ()),
            Part(body, look.main, look.material, puff=0.6), Part(belly, light, look.material, puff=0.3, lift=0.0),
            *hands, Part(head, look.main, look.material, puff=0.66, lift=0.07,
                pattern=Pattern("fade", light, cy + 0.6, 0.7)), *dots),
        face=FaceSpot(0, cy - 0.08, look.vary(0.37, 0.39), hair=look.main * 0.45, eye_scale=1.1),
        crown=(0, cy - 0.48, w * 0.6),
        neck=(0, cy + 0.68),
    )  # fmt: skip


@archetype(
    "animals",
    mains=("#8a7080", "#8a8088", "#7a6f80", "#94808a"),
    seconds=("#d99a9a", "#e0a8a0", "#d08f96"),
    material="skin",
)
def hippo(look: Look) -> Figure:
    """Small ears on a narrow brow, a muzzle as broad as a sofa with nostrils high on it, two blunt teeth, a barrel."""
    w, cy = look.vary(0.5, 0.53), -0.16
    rosy = colours.mix(look.main, look.second, 0.5)
    head = mirrored([(0, cy - 0.56), (w * 0.56, cy - 0.5), (w * 0.96, cy - 0.26), (w * 1.0, cy + 0.0),
        (w * 1.3, cy + 0.26), (w * 1.44, cy + 0.52), (w * 1.2, cy + 0.74),
        (w * 0.6, cy + 0.82), (0, cy + 0.83)])  # fmt: skip
    muzzle = mirrored([(0, cy + 0.16), (w * 0.7, cy + 0.14), (w * 1.2, cy + 0.26), (w * 1.38, cy + 0.52),
        (w * 1.14, cy + 0.72), (w * 0.6, cy + 0.79), (0, cy + 0.8)])  # fmt: skip
    nostril = ellipse(w * 0.98, cy + 0.3, 0.075, 0.045, turn=24)
    nostrils = both(Part(nostril, look.main * 0.55, look.material, puff=-0.6, lift=0.0))
    tooth = rounded([(w * 0.7, cy + 0.74), (w * 1.0, cy + 0.72), (w * 0.97, cy + 0.93), (w * 0.75, cy + 0.94)], 0.05)
    teeth = both(Part(tooth, _IVORY, "porcelain", puff=0.8, lift=0.03))
    return Figure(
        body=(*_barrel(look), *teeth, *round_ears(look, w * 0.82, cy - 0.52, 0.13, look.main, rosy),
            Part(head, look.main, look.material, puff=0.7, lift=0.07),
            Part(muzzle, rosy, look.material, puff=0.25, lift=0.0), *nostrils),
        face=FaceSpot(0, cy - 0.1, look.vary(0.36, 0.375), hair=look.main * 0.5),
        crown=(0, cy - 0.5, w * 0.6),
        neck=(0, cy + 0.8),
    )  # fmt: skip


def _barrel(look: Look) -> tuple[Part, ...]:
    """A round body on stout legs with toenails."""
    body = mirrored([(0, 0.2), (0.6, 0.34), (0.84, 0.66), (0.8, 1.0), (0, 1.2)])
    nails = both(*(Part(ellipse(0.46 + d, 0.965, 0.045, 0.042), _IVORY, "porcelain", puff=0.7, lift=0.01)
        for d in (-0.11, 0.0, 0.11)))  # fmt: skip
    leg = Part(stroke([(0.46, 0.74), (0.46, 0.92)], [0.17, 0.18]), look.main, look.material, puff=0.5, lift=0.03)
    return (Part(body, colours.shade(look.main, light=-0.04), look.material, puff=0.6), *both(leg), *nails)


@archetype(
    "animals",
    mains=("#7a7d80", "#8f8a84", "#858a8f", "#8a8580"),
    seconds=("#c9b8a8", "#bfb0a5", "#d0bfb0"),
    material="leather",
)
def rhino(look: Look) -> Figure:
    """Two horns one above the other on the brow, ears like trumpets, folds of heavy skin about the neck."""
    w, cy = look.vary(0.54, 0.57), 0.0
    dark = colours.shade(look.main, light=-0.09)
    head = mirrored([(0, cy - 0.5), (w * 0.56, cy - 0.46), (w * 0.96, cy - 0.24), (w, cy + 0.04), (w * 0.92, cy + 0.3),
        (w * 0.96, cy + 0.5), (w * 0.7, cy + 0.68), (0, cy + 0.74)])  # fmt: skip
    tall = curve([(-0.22, cy - 0.36), (-0.15, cy - 0.58), (-0.04, -0.86), (0.02, -0.88), (0.12, cy - 0.58),
        (0.22, cy - 0.36), (0, cy - 0.31)])  # fmt: skip
    ears = side_ears(look, w * 0.7, cy - 0.38, look.vary(0.36, 0.42), 0.13, look.vary(24, 38),
        colours.mix(look.main, PINK, 0.5))  # fmt: skip
    folds = both(*(Part(stroke([(w * 0.8, cy + y), (w + 0.1, cy + y + 0.1), (w + 0.26, cy + y + 0.34)],
        [0.05, 0.075, 0.03]), dark, look.material, puff=0.9, lift=0.02) for y in (0.36, 0.2)))  # fmt: skip
    bone = colours.mix(HORN, look.main, 0.4)
    return Figure(
        body=(*_barrel(look), *folds, *ears, Part(head, look.main, look.material, puff=0.68, lift=0.07)),
        face=FaceSpot(0, cy - 0.02, look.vary(0.35, 0.365), hair=DARK * 2),
        front=(Part(tall, bone, "stone", puff=0.9, lift=0.04, pattern=Pattern("fade", bone * 0.7, cy - 0.45, 0.8)),),
        crown=(0, cy - 0.44, w * 0.7),
        neck=(0, cy + 0.74),
    )  # fmt: skip
