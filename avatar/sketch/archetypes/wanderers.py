"""Animals of plains and shores: llama, kangaroo, swan, jellyfish."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.animals import combed, pale
from personify.avatar.sketch.archetypes.fauna import DARK, PINK, WHITE, side_ears
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, leaf, lobes, mirrored, shaggy, stroke


@archetype(
    "animals",
    mains=("#e8dcc8", "#f2ece0", "#8a6a4a", "#c9a06a", "#d9c0a0", "#6b5344"),
    seconds=("#d0484a", "#3f8fa5", "#e0a03f", "#8a55a5"),
    material="coat",
)
def llama(look: Look) -> Figure:
    """A tall woolly neck, ears like bananas, a fringe of curls, a band of pompons; a camel's humps and bare neck."""
    look = combed(look)
    camel = called(look, "camel", "dromedary")
    w, cy = look.vary(0.46, 0.49), -0.1
    light = pale(look, 0.55)
    head = mirrored([(0, cy - 0.54), (w * 0.56, cy - 0.5), (w * 0.96, cy - 0.26), (w, cy + 0.04), (w * 0.9, cy + 0.34),
        (w * 0.78, cy + 0.54), (w * 0.46, cy + 0.68), (0, cy + 0.71)])  # fmt: skip
    neck = mirrored([(0, cy), (0.34, cy + 0.3), (0.36, 0.6), (0.56, 0.86), (0.62, 1.2), (0, 1.25)])
    if not camel:
        neck = shaggy(neck, 44, 0.07, look.rng)
    humps = both(Part(curve([(0.3, 1.1), (0.42, 0.7), (0.62, 0.34), (0.82, 0.42), (0.94, 0.8), (1.0, 1.1)]), look.main,
        look.material, puff=0.6))  # fmt: skip
    ear = curve([(w * 0.36, cy - 0.4), (w * 0.44, -0.8), (w * 0.66, -0.97), (w * 0.92, -0.84), (w * 0.86, -0.62),
        (w * 0.9, cy - 0.34)])  # fmt: skip
    inside = (ear - ear.mean(0)) * (0.5, 0.72) + ear.mean(0) + (0.0, 0.02)
    ears = both(Part(ear, look.main, look.material, puff=0.5),
        Part(inside, colours.mix(look.main, PINK, 0.5), "felt", puff=-0.2, lift=0.0))  # fmt: skip
    if camel:
        ears = side_ears(look, w * 0.78, cy - 0.34, 0.24, 0.09, 62, colours.mix(look.main, PINK, 0.5))
    return Figure(
        body=(*(humps if camel else ()), Part(neck, look.main, look.material, puff=0.6), *ears,
            Part(head, look.main, look.material, puff=0.7, lift=0.07)),
        face=FaceSpot(0, cy - 0.1, look.vary(0.35, 0.365), muzzle=light, nose=colours.mix(light, DARK, 0.45),
            hair=look.main * 0.4),
        front=(*_curls(look, cy), *(() if look.brief.accessories else _tassels(look, cy + 0.72))),
        crown=(0, cy - 0.5, w * 0.6),
        neck=(0, cy + 0.78),
    )  # fmt: skip


def _curls(look: Look, cy: float) -> tuple[Part, ...]:
    """A fringe over the forehead."""
    tone = colours.shade(look.main, light=0.03)
    spots = ((-0.2, -0.46, 0.12), (0.2, -0.46, 0.12), (-0.08, -0.54, 0.14), (0.1, -0.53, 0.13), (0.0, -0.46, 0.11))
    parts = []
    for x, y, r in spots:
        bumps = [(0.4 * r * np.cos(a), 0.4 * r * np.sin(a), 0.66 * r) for a in np.arange(5) * 1.257 + x * 9]
        parts.append(Part(lobes(x, cy + y, bumps, n=80), tone, "plush", puff=0.6, lift=0.02))
    return tuple(parts)


def _tassels(look: Look, y: float) -> tuple[Part, ...]:
    """A woven band about the neck with pompons."""
    tones = (look.second if len(look.brief.colours) != 1 else look.one_of("#d0484a", "#3f8fa5"), look.one_of("#f2c23f",
        "#4fa57a", "#e07a9a"))  # fmt: skip
    band = stroke([(-0.38, y - 0.06), (0, y + 0.05), (0.38, y - 0.06)], 0.045)
    balls = tuple(Part(ellipse(x, y + 0.13 - 0.5 * x * x, 0.06, 0.06), tones[k % 2], "plush", puff=1.0, lift=0.02)
        for k, x in enumerate((-0.3, 0.3, -0.15, 0.15, 0.0)))  # fmt: skip
    return (Part(band, tones[0], "knit", puff=0.6, lift=0.02), *balls)


@archetype(
    "animals",
    mains=("#a5713f", "#b5804f", "#8a7a6a", "#96694a", "#c08a5a"),
    seconds=("#f0dec0", "#ecd6b5", "#f2e4cc"),
    material="coat",
)
def kangaroo(look: Look) -> Figure:
    """Tall soft ears, a long gentle face, a pouch with a joey's ears or small things in it, a thick tail, big feet."""
    look = combed(look)
    w, cy = look.vary(0.46, 0.49), -0.1
    s = 1 if look.chance(0.5) else -1
    light = look.second if colours.luminance(look.second) > 0.6 else pale(look, 0.65)
    head = mirrored([(0, cy - 0.52), (w * 0.56, cy - 0.48), (w * 0.96, cy - 0.24), (w, cy + 0.04),
        (w * 0.86, cy + 0.32), (w * 0.7, cy + 0.5), (w * 0.44, cy + 0.64), (0, cy + 0.68)])  # fmt: skip
    ears = both(Part(leaf(w * 0.62, cy - 0.34, look.vary(0.54, 0.6), 0.15, turn=look.vary(18, 28)), look.main,
        look.material, puff=0.5), Part(leaf(w * 0.63, cy - 0.37, 0.44, 0.085, turn=22),
        colours.mix(look.main, PINK, 0.6), "felt", puff=-0.2, lift=0.0))  # fmt: skip
    body = mirrored([(0, 0.2), (0.34, 0.36), (0.5, 0.62), (0.62, 0.86), (0.56, 1.1), (0, 1.2)])
    belly = mirrored([(0, 0.4), (0.22, 0.48), (0.34, 0.7), (0.4, 0.95), (0, 1.15)])
    tail = stroke([(s * 0.36, 0.98), (s * 0.7, 0.9), (s * 0.88, 0.66), (s * 0.96, 0.4)], [0.16, 0.14, 0.1, 0.03])
    pouch = mirrored([(0, 0.83), (0.24, 0.79), (0.34, 0.82), (0.3, 1.05), (0, 1.12)])
    joey = (
        *both(Part(leaf(0.07, 0.74, 0.22, 0.05, turn=20), look.main, look.material, lift=0.02)),
        Part(ellipse(0, 0.8, 0.14, 0.12), look.main, look.material, puff=0.8, lift=0.02),
    )
    arms = both(Part(stroke([(0.42, 0.6), (0.46, 0.74), (0.34, 0.8)], [0.085, 0.075, 0.06]), look.main * 0.92,
        look.material, puff=0.7, lift=0.04))  # fmt: skip
    return Figure(
        body=(Part(tail, look.main, look.material, puff=0.8), Part(body, look.main, look.material, puff=0.6),
            Part(belly, light, look.material, puff=0.3, lift=0.0), *joey,
            Part(pouch, colours.shade(light, light=-0.07), look.material, puff=0.4, lift=0.03), *arms, *ears,
            Part(head, look.main, look.material, puff=0.7, lift=0.07)),
        face=FaceSpot(0, cy - 0.1, look.vary(0.35, 0.365), muzzle=light, nose=DARK, hair=look.main * 0.4),
        crown=(0, cy - 0.46, w * 0.6),
        neck=(0, cy + 0.68),
    )  # fmt: skip


@archetype(
    "animals",
    mains=("#f4f2ee", "#f08aa5", "#f5a0b5", "#e8e6e2", "#8a98a5"),
    seconds=("#f08a2a", "#e8c04a", "#3a3438"),
    material="coat",
)
def swan(look: Look) -> Figure:
    """A head high on a neck that bends like an S from a body with raised wings, a flat bill; a flamingo on one leg, a
    pelican's pouch."""
    wader = called(look, "flamingo", "heron", "egret", "stork", "crane", "ostrich", "emu", "cassowary")
    s = 1 if look.chance(0.5) else -1
    x, cy, w = -s * 0.2, -0.34, look.vary(0.48, 0.51)
    bill = look.second if len(look.brief.colours) > 1 else look.one_of("#f08a2a", "#e8963a")
    dipped = Pattern("fade", DARK * 1.4, cy + 0.36, 1.0) if called(look, "flamingo") else None
    bill = colours.mix(look.main, WHITE, 0.75) if dipped else bill
    iod = look.vary(0.34, 0.355)
    head = mirrored([(0, cy - 0.52), (w * 0.56, cy - 0.46), (w * 0.95, cy - 0.2), (w, cy + 0.1), (w * 0.86, cy + 0.4),
        (w * 0.5, cy + 0.58), (0, cy + 0.62)]) + (x, 0)  # fmt: skip
    low = 0.0 if not wader else -0.12
    neck = [(s * -0.2, -0.1), (s * -0.34, 0.3 + low), (s * -0.4, 0.56 + low), (s * -0.16, 0.72 + low)]
    hull = curve([(s * a, b + low) for a, b in ((-0.56, 0.6), (-0.2, 0.44), (0.3, 0.34), (0.8, 0.3), (0.96, 0.36),
        (0.84, 0.64), (0.5, 0.88), (-0.1, 0.94), (-0.48, 0.82))])  # fmt: skip
    tone = colours.shade(look.main, light=-0.05)
    wing = tuple(Part(leaf(s * (0.02 + 0.1 * k), 0.66 + low, 0.86 - 0.13 * k, 0.15, turn=s * (52 + 12 * k),
        bend=-s * 0.08), colours.shade(tone, light=0.03 * k), "feathers", puff=0.5, lift=0.03)
        for k in range(4))  # fmt: skip
    flat = mirrored([(0, 0.3), (0.14, 0.36), (0.3, 0.6), (0.6, 0.82), (0.62, 1.08), (0.4, 1.3), (0, 1.4)]) * iod
    legs = tuple(Part(stroke([(s * a, 0.7), (s * (a + 0.02), 0.97)], 0.032), colours.mix(bill, PINK, 0.4), "waxy",
        puff=0.9) for a in (0.12, 0.3)) if wader else ()  # fmt: skip
    return Figure(
        body=(*legs, Part(hull, look.main, look.material, puff=0.6), *wing,
            Part(stroke(neck, [0.26, 0.2, 0.19, 0.2]), look.main, look.material, puff=0.7, lift=0.03),
            Part(head, look.main, look.material, puff=0.72, lift=0.06),
            Part(flat + (x, cy - 0.06), bill, "waxy", puff=0.3, lift=0.015, pattern=dipped)),
        face=FaceSpot(x, cy - 0.06, iod, nose=bill, hair=colours.mix(look.main, DARK, 0.7), eye_scale=1.1),
        front=() if wader else _ripples(look),
        crown=(x, cy - 0.46, w * 0.7),
        neck=(x, cy + 0.62),
    )  # fmt: skip


def _ripples(look: Look) -> tuple[Part, ...]:
    """The water it swims on."""
    water, parts = look.one_of("#5fa0c9", "#4f8fb5", "#6ab0c0"), []
    for k, y in enumerate((0.88, 0.97)):
        line = [(float(x), y + 0.022 * (-1) ** (i + k)) for i, x in enumerate(np.linspace(-1.1, 1.1, 11))]
        parts.append(
            Part(stroke(line, 0.06), colours.shade(water, light=0.06 - 0.07 * k), "glass", puff=0.5, lift=0.02)
        )
    return tuple(parts)


@archetype(
    "animals",
    mains=("#d9a5e0", "#a5d0f0", "#f0b5c4", "#9ab8f0", "#a5e0d5", "#f2c9a5"),
    seconds=("#f5dff5", "#e4f2fa", "#fae4ea"),
    material="waxy",
)
def jellyfish(look: Look) -> Figure:
    """A bell with a frilled rim and pale spots, ruffled arms below, long tentacles that drift to one side."""
    w, cy = look.vary(0.68, 0.74), -0.12
    light = colours.mix(look.main, WHITE, 0.55)
    bell = mirrored([(0, -0.86), (w * 0.5, -0.8), (w * 0.88, -0.5), (w, -0.1), (w * 0.98, 0.24), (w * 0.9, 0.42),
        (w * 0.5, 0.52), (0, 0.54)])  # fmt: skip
    drift = look.vary(-0.16, 0.16)
    threads = tuple(Part(stroke([(x, 0.4), (x * 0.96 + 0.05 * (-1) ** k, 0.62), (x + drift - 0.05 * (-1) ** k, 0.8),
        (x + drift * 1.4, 1.02)], [0.035, 0.032, 0.028, 0.02]), colours.shade(look.main, light=-0.05), "waxy", puff=0.8)
        for k, x in enumerate(np.linspace(-0.58, 0.58, 8)))  # fmt: skip
    routes = ([(x, 0.4), (x * 0.8 + drift * 0.4, 0.66), (x * 0.9 + drift, 0.94)] for x in (-0.26, 0.26, 0.0))
    arms = tuple(Part(shaggy(stroke(route, [0.13, 0.1, 0.03]), 16, 0.03, look.rng), light, "waxy", puff=0.7, lift=0.03)
        for route in routes)  # fmt: skip
    frill = tuple(Part(ellipse(x * w, 0.45 - 0.05 * x * x, 0.1, 0.085), light, "waxy", puff=0.8, lift=0.02)
        for x in np.linspace(-0.86, 0.86, 10))  # fmt: skip
    spots = both(*(Part(ellipse(x * w, y, r, r * 0.86), light, "waxy", puff=0.3, lift=0.0)
        for x, y, r in ((0.24, -0.7, 0.075), (0.56, -0.54, 0.06), (0.78, -0.28, 0.05), (0.86, 0.02, 0.04),
            (0.4, -0.62, 0.03))))  # fmt: skip
    return Figure(
        body=(*threads, *arms, *frill, Part(bell, look.main, look.material, puff=0.7, lift=0.06,
                pattern=Pattern("fade", light, 0.3, 0.6)), *spots),
        face=FaceSpot(0, cy - 0.12, look.vary(0.38, 0.4), hair=look.main * 0.5, eye_scale=1.08),
        crown=(0, -0.74, w * 0.6),
        neck=(0, 0.5),
    )  # fmt: skip
