"""Animals that browse: deer, giraffe, goat."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.animals import combed, pale
from personify.avatar.sketch.archetypes.fauna import DARK, HORN, PINK, WHITE, hooves, side_ears
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import Outline, curve, ellipse, leaf, mirrored, rounded, shaggy, stroke


def _long_head(w: float, cy: float) -> Outline:
    """A head that narrows from the cheeks to a soft, blunt mouth."""
    return mirrored([(0, cy - 0.52), (w * 0.56, cy - 0.48), (w * 0.94, cy - 0.26), (w, cy + 0.0), (w * 0.9, cy + 0.26),
        (w * 0.74, cy + 0.48), (w * 0.5, cy + 0.64), (0, cy + 0.69)])  # fmt: skip


def _neck(look: Look, light: np.ndarray, top: float = 0.3) -> tuple[Part, ...]:
    """Neck and shoulders, a pale throat, two legs."""
    body = mirrored([(0, top), (0.32, top + 0.06), (0.42, 0.62), (0.58, 0.84), (0.6, 1.2), (0, 1.25)])
    throat = shaggy(mirrored([(0, top + 0.1), (0.22, top + 0.2), (0.2, 0.72), (0.08, 0.92), (0, 0.98)]), 15, 0.05,
        look.rng)  # fmt: skip
    return (
        Part(body, look.main, look.material, puff=0.6),
        Part(throat, light, look.material, puff=0.3, lift=0.01),
        *hooves(look, 0.32, 0.92, DARK * 1.6),
    )


@archetype(
    "animals",
    mains=("#a5713f", "#8a5a35", "#b5804a", "#96643a", "#c08a55"),
    seconds=("#f2e4cc", "#f5ecda", "#ecd9ba"),
    material="coat",
)
def deer(look: Look) -> Figure:
    """Branched antlers over a gentle face, ears like leaves to both sides, a dark nose, a pale throat; a fawn's spots,
    a moose's shovels, an antelope's lyre."""
    look = combed(look)
    fawn = called(look, "fawn", "doe", "bambi") or look.brief.age == "child"
    light = look.second if colours.luminance(look.second) > 0.6 else pale(look, 0.7)
    red = called(look, "rudolph")
    w, cy = look.vary(0.49, 0.52), 0.06 if not fawn else -0.06
    spot = FaceSpot(0, cy - 0.1, look.vary(0.355, 0.37), muzzle=light, hair=look.main * 0.35,
        nose=np.array([0.88, 0.16, 0.14]) if red else DARK)  # fmt: skip
    blaze = mirrored([(0, cy - 0.5), (0.16, cy - 0.46), (0.14, cy - 0.36), (0.08, cy - 0.28), (0, cy - 0.24)])
    dots = tuple(
        Part(ellipse(x, y, 0.034, 0.028), light, look.material, puff=0.1, lift=0.0)
        for x, y in ((-0.14, -0.46), (0.14, -0.46), (-0.26, -0.41), (0.26, -0.41), (0.0, -0.48))
    )  # fmt: skip
    return Figure(
        body=(*_neck(look, light, cy + 0.24), *_back_spots(light, fawn),
            *(() if fawn else _crown_of(look, cy - 0.44)),
            *side_ears(look, w * 0.8, cy - 0.34, look.vary(0.42, 0.46), 0.14, look.vary(72, 84),
                colours.mix(light, PINK, 0.5)),
            Part(_long_head(w, cy), look.main, look.material, puff=0.7, lift=0.07),
            Part(blaze, colours.shade(look.main, light=-0.09), look.material, puff=0.03, lift=0.0),
            *((Part(p.outline + (0, cy), p.colour, p.material, p.puff, lift=0.0) for p in dots) if fawn else ())),
        face=spot,
        front=_wisps(look, cy - 0.5),
        crown=(0, cy - 0.46, w * 0.6),
        neck=(0, cy + 0.66),
    )  # fmt: skip


def _wisps(look: Look, y: float) -> tuple[Part, ...]:
    """A tuft between the antlers."""
    return tuple(Part(leaf(x, y + 0.1, 0.2 - abs(x) * 0.5, 0.05, turn=x * 260), colours.shade(look.main, light=-0.04),
        look.material, puff=0.5, lift=0.02) for x in (-0.09, 0.09, 0.0))  # fmt: skip


def _back_spots(light: np.ndarray, fawn: bool) -> tuple[Part, ...]:
    """A fawn's pale spots on its shoulders."""
    if not fawn:
        return ()
    spots = ((0.36, 0.74), (0.46, 0.86), (0.34, 0.88), (0.52, 0.98), (0.42, 0.62))
    return both(*(Part(ellipse(x, y, 0.032, 0.028), light, "coat", puff=0.1, lift=0.0) for x, y in spots))


def _crown_of(look: Look, y: float) -> tuple[Part, ...]:
    """Antlers of a stag or reindeer, a moose's shovels, or an antelope's ringed horns."""
    bone = look.one_of("#b08a5a", "#9a7448", "#c2a070")
    if called(look, "moose", "elk"):
        palm = curve([(0.3, y - 0.06), (0.46, y - 0.12), (0.56, y - 0.34), (0.7, y - 0.5), (0.74, y - 0.36),
            (0.84, y - 0.48), (0.86, y - 0.3), (0.96, y - 0.36), (0.94, y - 0.14), (0.8, y + 0.02), (0.54, y + 0.04)],
            n=8)  # fmt: skip
        return both(Part(stroke([(0.14, y + 0.06), (0.3, y - 0.02), (0.46, y - 0.04)], [0.07, 0.065, 0.07]), bone,
            "bark", puff=0.8), Part(palm, bone, "bark", puff=0.5, lift=0.03))  # fmt: skip
    if called(look, "antelope", "gazelle", "impala"):
        line = [(0.15, y + 0.06), (0.22, y - 0.16), (0.34, y - 0.3), (0.28, y - 0.52)]
        return both(Part(stroke(line, [0.065, 0.058, 0.045, 0.01]), DARK * 2.2, "bark", puff=0.9,
            pattern=Pattern("bands", DARK, 0.035, 0.6)))  # fmt: skip
    wide, lean = look.vary(0.9, 1.08), look.vary(-0.03, 0.03)
    beam = [(0.13, 0.08), (0.24, -0.1), (0.42, -0.22), (0.52, -0.38), (0.48, -0.55)]
    tines = ([(0.24, -0.09), (0.25, -0.24), (0.2, -0.34)], [(0.42, -0.21), (0.6, -0.26), (0.68, -0.4)],
        [(0.36, -0.18), (0.37, -0.34), (0.33, -0.46)], [(0.51, -0.36), (0.62, -0.44), (0.66, -0.54)])  # fmt: skip
    grown = stroke([(x * wide + lean, y + b) for x, b in beam], [0.065, 0.056, 0.048, 0.038, 0.014])
    parts = [Part(grown, bone, "bark", puff=0.9, lift=0.03)]
    parts += [Part(stroke([(x * wide + lean, y + b) for x, b in tine], [0.042, 0.034, 0.01]), bone, "bark", puff=0.9,
        lift=0.01) for tine in tines]  # fmt: skip
    return both(*parts)


@archetype(
    "animals",
    mains=("#e0b050", "#d9a441", "#e8bd6a", "#d9a860", "#e2b878"),
    seconds=("#8a5a2b", "#9a5f2f", "#7a4a24", "#a5683a"),
    material="coat",
)
def giraffe(look: Look) -> Figure:
    """A long neck covered in plates of brown, a tufted mane, two knobbed horns, ears to the sides."""
    look = combed(look)
    w, cy = look.vary(0.45, 0.48), -0.26
    brown = look.second
    cream = colours.mix(look.main, WHITE, 0.6)
    s = 1 if look.chance(0.5) else -1
    neck = mirrored([(0, cy + 0.2), (0.25, cy + 0.3), (0.27, 0.4), (0.34, 0.74), (0.56, 0.98), (0.6, 1.2), (0, 1.25)])
    spot = FaceSpot(0, cy - 0.08, look.vary(0.335, 0.35), muzzle=cream, nose=brown * 0.8, hair=brown * 0.7)
    horns = both(Part(stroke([(0.16, cy - 0.4), (0.2, cy - 0.56), (0.23, -0.9)], [0.062, 0.05, 0.045]), look.main,
        look.material, puff=0.8), Part(ellipse(0.232, -0.9, 0.075, 0.068), brown * 0.7, "plush", puff=0.9,
        lift=0.02))  # fmt: skip
    mane = tuple(Part(leaf(s * (0.2 + 0.08 * t), 0.1 + 0.8 * t, 0.24, 0.075, turn=s * 68), brown * 0.9, "hair",
        puff=0.5, lift=0.01) for t in np.linspace(1, 0, 9))  # fmt: skip
    patches = both(*(Part(ellipse(x * w, cy + y, rx, ry, turn=t), brown, look.material, puff=0.03, lift=0.0)
        for x, y, rx, ry, t in ((0.86, 0.14, 0.05, 0.065, 10), (0.92, -0.04, 0.03, 0.05, 0), (0.8, 0.3, 0.035, 0.04, 0),
            (0.42, -0.45, 0.055, 0.035, 20))))  # fmt: skip
    return Figure(
        body=(*mane, Part(neck, look.main, look.material, puff=0.6), *_plates(look, brown), *horns,
            *side_ears(look, w * 0.84, cy - 0.32, look.vary(0.36, 0.4), 0.1, look.vary(76, 88), PINK),
            Part(_long_head(w, cy), look.main, look.material, puff=0.7, lift=0.07), *patches),
        face=spot,
        front=_wisps(look, cy - 0.48),
        crown=(0, cy - 0.46, w * 0.6),
        neck=(0, 0.5),
    )  # fmt: skip


def _plates(look: Look, brown: np.ndarray) -> tuple[Part, ...]:
    """Angular brown plates down the neck and over the shoulders, close together."""
    parts = []
    for row, y in enumerate(np.linspace(0.5, 0.98, 4)):
        half = float(np.interp(y, [0.3, 0.74, 1.0], [0.26, 0.34, 0.56]))
        count = 3 + row % 2 + (row == 3)
        for x in np.linspace(-half * 0.82, half * 0.82, count):
            r = half / count * 0.92
            corners = [
                (x + r * look.vary(0.8, 1.05) * np.cos(a), y + 0.072 * look.vary(0.85, 1.05) * np.sin(a))
                for a in row + np.arange(5) * 1.257
            ]
            tone = colours.shade(brown, light=look.vary(-0.03, 0.03))
            parts.append(Part(rounded(corners, 0.03), tone, look.material, puff=0.05, lift=0.0))
    return tuple(parts)


@archetype(
    "animals",
    mains=("#e8dcc8", "#c9b090", "#8a7a6a", "#f0ebe0", "#a58a6a", "#6b5a4a"),
    seconds=("#5a4636", "#f4ede0", "#8a6a4f", "#3a3230"),
    material="coat",
)
def goat(look: Look) -> Figure:
    """Ridged horns that sweep back and out, drooping ears, a narrow face, a beard, a bell."""
    look = combed(look)
    w, cy = look.vary(0.46, 0.49), -0.04
    light = pale(look, 0.6)
    sweep = look.vary(0.0, 0.14)
    horn = colours.mix(HORN, DARK, look.vary(0.2, 0.5))
    line = [(0.18, cy - 0.4), (0.3, cy - 0.68), (0.52 + sweep, -0.88), (0.78 + sweep, -0.72 + sweep)]
    horns = both(Part(stroke(line, [0.11, 0.1, 0.07, 0.012]), horn, "bark", puff=0.9,
        pattern=Pattern("stripes", horn * 0.7, 0.04, 0.6)))  # fmt: skip
    beard = tuple(Part(leaf(x, cy + 0.58 - abs(x), 0.4 - abs(x) * 1.2, 0.06, turn=180 - x * 160, bend=x * 0.3), light,
        "hair", puff=0.5, lift=0.02) for x in (-0.13, 0.13, -0.06, 0.06, 0.0))  # fmt: skip
    blaze = mirrored([(0, cy - 0.5), (0.1, cy - 0.44), (0.09, cy - 0.2), (0.12, cy + 0.14), (0, cy + 0.3)])
    own = colours.mix(look.main, look.second, 0.75)
    return Figure(
        body=(*_neck(look, light, cy + 0.3), *horns,
            *side_ears(look, w * 0.84, cy - 0.3, look.vary(0.42, 0.48), 0.12, look.vary(104, 118), PINK),
            Part(_long_head(w, cy), look.main, look.material, puff=0.7, lift=0.07),
            *((Part(blaze, own, look.material, puff=0.03, lift=0.0),) if look.chance(0.45) else ())),
        face=FaceSpot(0, cy - 0.1, look.vary(0.35, 0.365), muzzle=light, nose=colours.mix(look.main, PINK, 0.6) * 0.8,
            hair=look.main * 0.4),
        front=(*beard, *_wisps(look, cy - 0.46)),
        crown=(0, cy - 0.46, w * 0.6),
        neck=(0, 0.7),
    )  # fmt: skip
