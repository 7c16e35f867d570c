"""Birds of the yard: chicken, duck."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.fauna import DARK, WHITE
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, leaf, mirrored, stroke


@archetype(
    "animals",
    mains=("#f2ede0", "#b5673a", "#d9a05a", "#8a4a30", "#e8d5b5", "#c9803f", "#4a4448"),
    seconds=("#3f5a4f", "#5a3020", "#2f3a4a", "#8a3a2a", "#d9b070"),
    material="feathers",
)
def chicken(look: Look) -> Figure:
    """A hen: red comb and wattles, a ruff of pointed feathers, folded wings, tail fanned behind; a rooster's plumes."""
    rooster = called(look, "rooster", "cock", "cockerel")
    chick = called(look, "chick", "chicks")
    w, cy = look.vary(0.5, 0.53), -0.2
    red, beak = look.one_of("#cf2f2a", "#d8433a", "#b8283a"), look.one_of("#e8a838", "#f0b84a", "#d9923a")
    head = mirrored([(0, cy - 0.52), (w * 0.56, cy - 0.46), (w * 0.95, cy - 0.2), (w, cy + 0.12), (w * 0.9, cy + 0.4),
        (w * 0.6, cy + 0.58), (0, cy + 0.64)])  # fmt: skip
    body = mirrored([(0, 0.1), (0.44, 0.2), (0.66, 0.42), (0.7, 0.66), (0.56, 0.84), (0.3, 0.92), (0, 0.93)])
    wattles = both(Part(curve([(0.02, cy + 0.56), (0.09, cy + 0.56), (0.15, cy + 0.7), (0.11, cy + 0.8),
        (0.03, cy + 0.75), (0.01, cy + 0.64)]), red, "waxy", puff=0.7, lift=0.03))  # fmt: skip
    lobes = both(Part(ellipse(w * 0.86, cy + 0.26, 0.06, 0.085), red, "waxy", puff=0.4, lift=0.01))
    return Figure(
        body=(*_fan(look, rooster), *_feet(beak, 0.2),
            *(() if chick or called(look, "turkey") else _comb(look, cy - 0.44, red, rooster)),
            Part(body, look.main, look.material, puff=0.65), *_breast(look), *_folded(look), *_ruff(look, w, cy),
            Part(head, look.main, "coat", puff=0.72, lift=0.06),
            *(() if chick else lobes)),
        face=FaceSpot(0, cy - 0.06, look.vary(0.35, 0.37), nose=beak, hair=colours.mix(look.main, DARK, 0.75),
            eye_scale=1.06),
        front=() if chick else wattles,
        crown=(0, cy - 0.46, w * 0.7),
        neck=(0, 0.52),
    )  # fmt: skip


def _comb(look: Look, y: float, red: np.ndarray, tall: bool) -> tuple[Part, ...]:
    """The comb's five points, the middle one highest."""
    rise = 0.295 if tall else look.vary(0.24, 0.29)
    lean = look.vary(-0.06, 0.06)
    points = ((-0.24, 0.6), (-0.13, 0.85), (0.0, 1.0), (0.13, 0.85), (0.24, 0.6))
    base = Part(ellipse(0, y, 0.3, 0.13), red, "waxy", puff=0.5)
    return (base, *(Part(stroke([(x * 0.8, y + 0.02), (x + lean * h, y - rise * h)], [0.09, 0.06]), red, "waxy",
        puff=0.7, lift=0.02) for x, h in points))  # fmt: skip


def _fan(look: Look, rooster: bool) -> tuple[Part, ...]:
    """Tail feathers behind the body: short and even, or a rooster's long arched plumes to one side."""
    s = 1 if look.chance(0.5) else -1
    if rooster:
        sheen = look.second if len(look.brief.colours) > 1 else look.one_of("#2f5a4f", "#2f3f5f", "#4a2f4a", "#5a3020")
        plumes = []
        for k in (4, 3, 2, 1, 0):
            line = [(0.36, 0.6), (0.56 + 0.04 * k, 0.14 - 0.13 * k), (0.8 + 0.02 * k, -0.04 - 0.12 * k),
                (0.94 + 0.008 * k, 0.3 - 0.14 * k)]  # fmt: skip
            plume = stroke([(s * x, y) for x, y in line], [0.11, 0.115, 0.09, 0.008])
            tone = colours.shade(sheen, light=0.05 * (k % 2), hue=0.02 * k)
            plumes.append(Part(plume, tone, look.material, puff=0.6, lift=0.03))
        return tuple(plumes)
    if called(look, "turkey"):
        return tuple(Part(leaf(0.0, 0.1, look.vary(0.92, 0.98), 0.16, turn=t, bend=0.02), tone, look.material, puff=0.4,
            lift=0.03, pattern=Pattern("bands", colours.mix(tone, WHITE, 0.4), 0.07, 0.5))
            for t, tone in zip((*range(-105, 0, 15), *range(105, -1, -15)), [look.main, look.main * 0.75] * 8,
                strict=False))  # fmt: skip
    return both(*(
        Part(leaf(0.3, 0.62, look.vary(0.66, 0.74), 0.13, turn=t), colours.mix(look.main, look.second, m),
            look.material, puff=0.5, lift=0.03) for t, m in ((34, 0.75), (52, 0.55), (70, 0.65))
    ))  # fmt: skip


def _breast(look: Look) -> tuple[Part, ...]:
    """Rows of small rounded feathers over the breast, upper ones over lower ones."""
    light = colours.mix(look.main, WHITE, 0.35)
    parts = []
    for row in (2, 1, 0):
        for x in np.linspace(-0.3 + 0.04 * row, 0.3 - 0.04 * row, 5 - row % 2):
            tone = colours.mix(light, look.second, look.vary(0.02, 0.1) + 0.07 * row)
            parts.append(
                Part(leaf(x, 0.46 + 0.12 * row, 0.26, 0.09, turn=180), tone, look.material, puff=0.4, lift=0.015)
            )
    return tuple(parts)


def _folded(look: Look) -> tuple[Part, ...]:
    """Wings folded at the sides, with a row of long feathers."""
    dark = colours.mix(look.main, look.second, 0.45)
    cover = curve([(0.5, 0.26), (0.74, 0.34), (0.82, 0.56), (0.7, 0.72), (0.54, 0.62), (0.46, 0.42)])
    quills = tuple(Part(leaf(0.6 + 0.05 * k, 0.5 - 0.02 * k, 0.38, 0.075, turn=186 - 14 * k), dark * (0.9 + 0.05 * k),
        look.material, puff=0.5, lift=0.02) for k in range(3))  # fmt: skip
    return both(*quills, Part(cover, colours.mix(look.main, look.second, 0.2), look.material, puff=0.6, lift=0.03))


def _ruff(look: Look, w: float, cy: float) -> tuple[Part, ...]:
    """Pointed feathers that hang from the neck all round."""
    tone = colours.mix(look.main, look.one_of("#e8b04a", "#f5ead0", "#a5582a"), 0.35)
    xs = sorted(np.linspace(-w * 0.95, w * 0.95, 11), key=lambda x: -abs(x))
    return tuple(
        Part(leaf(x, cy + 0.42 - 0.22 * abs(x), 0.36 + look.vary(-0.03, 0.04), 0.085, turn=180 - x * 46),
            colours.shade(tone, light=look.vary(-0.04, 0.04)), look.material, puff=0.5, lift=0.025)
        for x in xs
    )  # fmt: skip


def _feet(colour: np.ndarray, x: float) -> tuple[Part, ...]:
    """Thin legs with three toes each."""
    toes = [[(x, 0.93), (x + d, 0.97)] for d in (-0.13, 0.13, 0.0)]
    return both(Part(stroke([(x, 0.8), (x, 0.95)], 0.035), colour, "waxy", puff=0.7),
        *(Part(stroke(t, [0.032, 0.022]), colour, "waxy", puff=0.7, lift=0.01) for t in toes))  # fmt: skip


@archetype(
    "animals",
    mains=("#f5d24a", "#f4f1e8", "#f2c93a", "#3f7a5a", "#e8dfc8", "#8a6a4a"),
    seconds=("#6a4a34", "#f0e4c4", "#d9c9a5", "#5f6f7a"),
    material="coat",
)
def duck(look: Look) -> Figure:
    """Afloat: a round head on a boat of a body, a broad orange bill about the mouth, an upturned tail, ripples."""
    look_wings = colours.shade(look.main, light=-0.07) if len(look.brief.colours) < 2 else look.second
    drake = colours.luminance(look.main) < 0.35
    hull_tone = colours.mix(look.second, WHITE, 0.35) if drake else look.main
    s = 1 if look.chance(0.5) else -1
    w, cy = look.vary(0.52, 0.55), -0.2
    bill = look.one_of("#f08c2e", "#e87f24", "#f2a03a")
    iod = look.vary(0.36, 0.375)
    head = mirrored([(0, cy - 0.56), (w * 0.56, cy - 0.5), (w * 0.96, cy - 0.22), (w * 1.02, cy + 0.12),
        (w * 0.92, cy + 0.4), (w * 0.6, cy + 0.6), (0, cy + 0.66)])  # fmt: skip
    hull = mirrored([(0, 0.1), (0.4, 0.22), (0.72, 0.4), (0.84, 0.62), (0.78, 0.84), (0.5, 0.92), (0, 0.93)])
    tail = curve(
        [(s * x, y) for x, y in ((0.6, 0.44), (0.78, 0.22), (0.96, 0.1), (0.95, 0.34), (0.9, 0.6), (0.7, 0.66))]
    )
    ring = stroke([(-0.4, 0.38), (-0.2, 0.45), (0, 0.47), (0.2, 0.45), (0.4, 0.38)], 0.045)
    wings = both(*(Part(leaf(0.6 + dx, y, length, half, turn=158 + t, bend=0.05), tone, "feathers", puff=0.5, lift=0.03)
        for dx, y, length, half, t, tone in ((0.0, 0.36, 0.6, 0.19, 0, look_wings * 0.92),
        (0.0, 0.36, 0.44, 0.17, 8, look_wings))))  # fmt: skip
    crest = tuple(Part(leaf(x, cy - 0.5, 0.22 - abs(x), 0.05, turn=x * 330 + s * 14, bend=s * 0.05), look.main,
        look.material, puff=0.5) for x in (-0.08, 0.08, 0.0))  # fmt: skip
    return Figure(
        body=(Part(tail, hull_tone, "feathers", puff=0.5), *crest, Part(hull, hull_tone, "feathers", puff=0.6,
                pattern=Pattern("fade", colours.mix(hull_tone, WHITE, 0.5), 0.7, 0.6)), *wings,
            *((Part(ring, WHITE, "coat", puff=0.5, lift=0.02),) if drake else ()),
            Part(head, look.main, look.material, puff=0.74, lift=0.07), *_bill(cy - 0.06, iod, bill)),
        face=FaceSpot(0, cy - 0.06, iod, nose=bill, hair=colours.mix(look.main, DARK, 0.7), eye_scale=1.08),
        front=_ripples(look),
        crown=(0, cy - 0.5, w * 0.7),
        neck=(0, 0.46),
    )  # fmt: skip


def _bill(cy: float, iod: float, colour: np.ndarray) -> tuple[Part, ...]:
    """A broad bill, low and smooth, on which nose and lips are drawn."""
    half = [(0, 0.42), (0.16, 0.46), (0.34, 0.64), (0.66, 0.78), (0.84, 0.96), (0.7, 1.22), (0.36, 1.38), (0, 1.42)]
    shape = mirrored([(x * iod, cy + y * iod) for x, y in half])
    return (Part(shape, colour, "waxy", puff=0.3, lift=0.015),)


def _ripples(look: Look) -> tuple[Part, ...]:
    """The water it swims on."""
    water = look.one_of("#5fa0c9", "#4f8fb5", "#6ab0c0", "#5f8fd0")
    parts = []
    for k, (y, half) in enumerate(((0.85, 0.93), (0.92, 0.97), (0.99, 0.99))):
        xs = np.linspace(-half, half, 9)
        line = [(float(x), y + 0.022 * (-1) ** (i + k)) for i, x in enumerate(xs)]
        tone = colours.shade(water, light=0.08 - 0.06 * k)
        parts.append(Part(stroke(line, [0.01, *[0.055] * 7, 0.01]), tone, "glass", puff=0.5, lift=0.02))
    return tuple(parts)
