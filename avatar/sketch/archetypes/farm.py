"""Animals of the farm: pig, cow, sheep, horse."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.animals import combed, pale
from personify.avatar.sketch.archetypes.fauna import DARK, HORN, PINK, WHITE, hooves, side_ears, tufted_tail
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, leaf, lobes, mirrored, rounded, stroke


@archetype(
    "animals",
    mains=("#f0a8a8", "#eeb5a5", "#e89a9f", "#f2bcae", "#d98f8f", "#f5c4bc"),
    seconds=("#8a5a4a", "#4a3a3a", "#7a5a40"),
    material="skin",
)
def pig(look: Look) -> Figure:
    """Round and rosy: pointed ears that flop forward, a snout like a button, trotters, a corkscrew tail, mud."""
    w, cy = look.vary(0.7, 0.76), -0.1
    deep = colours.mix(look.main, np.array([0.86, 0.38, 0.42]), 0.45)
    iod = look.vary(0.375, 0.4)
    head = mirrored([(0, cy - 0.56), (w * 0.5, cy - 0.5), (w * 0.88, cy - 0.26), (w, cy + 0.12), (w * 0.9, cy + 0.42),
        (w * 0.52, cy + 0.64), (0, cy + 0.7)])  # fmt: skip
    out, low = look.vary(0.0, 0.08), look.vary(-0.5, -0.4)
    flap = curve([(w * 0.3, cy - 0.48), (w * 0.5, -0.84), (w * 0.78, -0.9), (w + 0.04, -0.76), (w + 0.1 + out, low),
        (w * 0.92, cy - 0.26), (w * 0.64, cy - 0.36)])  # fmt: skip
    fold = curve([(w * 0.52, cy - 0.46), (w * 0.66, -0.75), (w * 0.92, -0.74), (w + 0.05 + out, low - 0.03),
        (w * 0.86, cy - 0.32)])  # fmt: skip
    s = 1 if look.chance(0.5) else -1
    curl = [(s * (0.52 + 0.07 * t + 0.07 * np.sin(5.2 * t)), 0.86 - 0.09 * t + 0.07 * np.cos(5.2 * t))
        for t in np.linspace(0, 4.2, 26)]  # fmt: skip
    body = mirrored([(0, 0.3), (0.5, 0.4), (0.74, 0.7), (0.72, 1.05), (0, 1.25)])
    disc = ellipse(0, cy - 0.06 + iod * 0.48, iod * 0.46, iod * 0.25)
    snout = Part(disc, colours.mix(deep, look.main, 0.2), look.material, puff=0.35, lift=0.01)
    dirty = look.chance(0.4)
    mud = Pattern("patches", look.second, 0.34, 0.85) if dirty else None
    freckled = Pattern("patches", look.second, 0.5, 0.3) if dirty else None
    return Figure(
        body=(*(Part(stroke(curl[k : k + 8], 0.036), deep, look.material, puff=0.9, lift=0.01) for k in (0, 6, 12, 18)),
            Part(body, look.main, look.material, puff=0.6, pattern=mud),
            Part(ellipse(0, 0.92, 0.4, 0.34), pale(look, 0.4), look.material, puff=0.3, lift=0.0),
            *hooves(look, 0.42, 0.86, deep * 0.62),
            Part(head, look.main, look.material, puff=0.72, lift=0.07, pattern=freckled), snout),
        face=FaceSpot(0, cy - 0.06, iod, nose=deep, hair=look.main * 0.5),
        front=both(Part(flap, look.main, look.material, puff=0.5, lift=0.06),
            Part(fold, deep, "felt", puff=-0.15, lift=0.0)),
        crown=(0, cy - 0.5, w * 0.6),
        neck=(0, 0.66),
    )  # fmt: skip


@archetype(
    "animals",
    mains=("#f2efe8", "#efe6d8", "#a5643a", "#f4f2ee", "#8a5030", "#d9c0a0"),
    seconds=("#2f2a2a", "#5a3a2a", "#3a3434", "#7a4a2f", "#f2ece2"),
    material="coat",
)
def cow(look: Look) -> Figure:
    """Patches, horns, ears that stand straight out, a broad rosy muzzle, a bell on a strap, a tag in one ear."""
    look = combed(look)
    w, cy = look.vary(0.54, 0.58), -0.08
    patch_colour = look.second
    if abs(colours.luminance(patch_colour) - colours.luminance(look.main)) < 0.2:
        patch_colour = WHITE if colours.luminance(look.main) < 0.4 else colours.shade(look.main, light=-0.3)
    rosy = colours.mix(np.array([0.93, 0.68, 0.64]), look.main, 0.12)
    spot = FaceSpot(0, cy - 0.14, look.vary(0.35, 0.37), muzzle=rosy, nose=rosy * 0.8,
        hair=DARK * 1.6)  # fmt: skip
    head = mirrored([(0, cy - 0.66), (w * 0.6, cy - 0.6), (w * 0.98, cy - 0.36), (w * 0.97, cy - 0.1),
        (w * 0.8, cy + 0.13), (w * 0.94, cy + 0.3), (w * 0.97, cy + 0.48), (w * 0.74, cy + 0.65),
        (w * 0.36, cy + 0.72), (0, cy + 0.72)])  # fmt: skip
    s = 1 if look.chance(0.5) else -1
    eye_patch = Part(curve([(s * x, cy + y) for x, y in ((0.06, -0.66), (0.4, -0.66), (w, -0.34), (w * 0.99, 0.0),
        (0.36, 0.1), (0.1, -0.08), (0.06, -0.36))]), patch_colour, look.material, puff=0.02, lift=0.0)  # fmt: skip
    ears = side_ears(look, w * 0.82, cy - 0.36, look.vary(0.44, 0.5), 0.15, look.vary(94, 108), PINK)
    tuft = tuple(Part(leaf(x, cy - 0.66, 0.24, 0.075, turn=180 - x * 190, bend=-x * 0.2), patch_colour, "hair",
        puff=0.5, lift=0.02) for x in (-0.13, 0.13, 0.0))  # fmt: skip
    return Figure(
        body=(*tufted_tail(look, -s, patch_colour), *_cow_body(look, patch_colour), *_horns(look, w, cy), *ears,
            *_ear_tag(look, s * (w + 0.3), cy - 0.26),
            Part(head, look.main, look.material, puff=0.72, lift=0.07, pattern=Pattern("fade", rosy, cy + 0.14, 1.0)),
            *((eye_patch,) if look.chance(0.75) else ())),
        face=spot,
        front=(*tuft, *_bell(look)),
        crown=(0, cy - 0.6, w * 0.8),
        neck=(0, 0.7),
    )  # fmt: skip


def _cow_body(look: Look, patch: np.ndarray) -> tuple[Part, ...]:
    """A broad chest with patches, and hooves."""
    body = mirrored([(0, 0.3), (0.42, 0.42), (0.66, 0.64), (0.7, 1.0), (0, 1.25)])
    return (
        Part(body, look.main, look.material, puff=0.6, pattern=Pattern("patches", patch, 0.4, 0.95)),
        *hooves(look, 0.36, 0.88, DARK * 1.4),
    )


def _horns(look: Look, w: float, cy: float) -> tuple[Part, ...]:
    """Short horns that turn upwards, darker at their tips; longer ones for a bull."""
    grown = 1.22 if called(look, "bull", "ox", "buffalo", "bison") else look.vary(0.85, 1.1)
    line = [
        (w * 0.5, cy - 0.54),
        (w * 0.5 + 0.2 * grown, cy - 0.64),
        (w * 0.5 + 0.24 * grown, cy - 0.66 - 0.19 * grown),
    ]
    return both(Part(stroke(line, [0.095, 0.075, 0.018]), HORN, "porcelain", puff=0.9,
        pattern=Pattern("fade_up", DARK * 2, cy - 0.78, 0.7)))  # fmt: skip


def _ear_tag(look: Look, x: float, y: float) -> tuple[Part, ...]:
    """A yellow tag in the ear, for some."""
    if not look.chance(0.6):
        return ()
    tag = rounded([(x - 0.05, y - 0.02), (x + 0.05, y - 0.02), (x + 0.07, y + 0.14), (x - 0.07, y + 0.14)], 0.03)
    return (Part(tag, np.array([0.96, 0.78, 0.2]), "plastic", bevel=0.02, lift=0.02),)


def _bell(look: Look) -> tuple[Part, ...]:
    """A strap with a bell, unless something else is worn."""
    if look.brief.accessories:
        return ()
    strap = stroke([(-0.42, 0.6), (-0.2, 0.7), (0, 0.73), (0.2, 0.7), (0.42, 0.6)], 0.04)
    bell = mirrored([(0, 0.72), (0.08, 0.74), (0.1, 0.85), (0.15, 0.93), (0, 0.95)])
    gold = look.one_of("#d9a83f", "#e2bd5a", "#b5b8bd")
    return (
        Part(strap, look.one_of("#8a3a2a", "#6b4a2f", "#3f5f8a"), "calf", puff=0.6, lift=0.02),
        Part(ellipse(0, 0.95, 0.04, 0.04), gold * 0.6, "metal"),
        Part(bell, gold, "metal", puff=0.9, lift=0.03),
    )


@archetype(
    "animals",
    mains=("#f3eee2", "#efe8da", "#f6f3ec", "#e5dccb", "#d9cfc0", "#8a7a6f"),
    seconds=("#e8cdb5", "#3f3838", "#d9b89a", "#5a4a44", "#f0d9c5"),
    material="plush",
)
def sheep(look: Look) -> Figure:
    """A cloud of wool with a smooth face, ears that droop to both sides, a woolly cap, thin legs."""
    w, cy = look.vary(0.46, 0.5), -0.06
    skin = colours.within(look.second, 0.1, 0.85)
    ram = called(look, "ram")
    face = mirrored([(0, cy - 0.54), (w * 0.6, cy - 0.5), (w, cy - 0.24), (w * 0.97, cy + 0.1), (w * 0.82, cy + 0.42),
        (w * 0.5, cy + 0.64), (0, cy + 0.7)])  # fmt: skip
    ears = both(Part(leaf(w * 0.84, cy - 0.3, look.vary(0.38, 0.46), 0.12, turn=look.vary(104, 122), bend=0.05), skin,
        "coat", puff=0.5, lift=0.05), Part(leaf(w * 0.9, cy - 0.29, 0.3, 0.065, turn=112, bend=0.04),
        colours.mix(skin, PINK, 0.6), "felt", puff=-0.2, lift=0.0))  # fmt: skip
    legs = both(*(Part(stroke([(x, 0.8), (x, 0.93)], [0.075, 0.08]), skin * tone, "coat", puff=0.6)
        for x, tone in ((0.46, 0.75), (0.22, 0.95))))  # fmt: skip
    return Figure(
        body=(*legs, *_fleece(look), *ears, *(_ram_horns() if ram else ()),
            Part(face, skin, "coat", puff=0.7, lift=0.06)),
        face=FaceSpot(0, cy - 0.12, look.vary(0.345, 0.36), nose=colours.mix(skin, PINK, 0.5) * 0.8, hair=skin * 0.5),
        front=_cap(look, cy - 0.52),
        crown=(0, cy - 0.66, w * 0.8),
        neck=(0, 0.7),
    )  # fmt: skip


def _fleece(look: Look) -> tuple[Part, ...]:
    """Curls heaped about the face and over the body, those below in front of those above."""
    curls = []
    for y, reach, count, r in (
        (-0.3, 0.52, 4, 0.24),
        (0.02, 0.64, 5, 0.25),
        (0.34, 0.68, 6, 0.24),
        (0.62, 0.58, 6, 0.22),
    ):
        for x in np.linspace(-reach, reach, count):
            size = r * look.vary(0.88, 1.1)
            tone = colours.shade(look.main, light=look.vary(-0.03, 0.02))
            bumps = [(0.42 * size * np.cos(a), 0.42 * size * np.sin(a), 0.6 * size) for a in np.arange(5) * 1.257 + x]
            curls.append(Part(lobes(x, y + look.vary(-0.03, 0.03), bumps, n=80), tone, look.material, puff=0.6,
                lift=0.025))  # fmt: skip
    base = ellipse(0, 0.22, 0.72, 0.62)
    return (Part(base, colours.shade(look.main, light=-0.06), look.material, puff=0.4), *curls)


def _cap(look: Look, y: float) -> tuple[Part, ...]:
    """Curls over the forehead, above the brows."""
    spots = ((-0.3, 0.02, 0.15), (0.3, 0.02, 0.15), (-0.15, -0.1, 0.18), (0.16, -0.1, 0.18), (0.0, -0.02, 0.16))
    return tuple(
        Part(lobes(x + look.vary(-0.02, 0.02), y + dy, [(0.4 * r * np.cos(a), 0.4 * r * np.sin(a), 0.66 * r)
            for a in np.arange(5) * 1.257 + x * 9], n=80), colours.shade(look.main, light=look.vary(-0.02, 0.02)),
            look.material, puff=0.6, lift=0.03)
        for x, dy, r in spots
    )  # fmt: skip


def _ram_horns() -> tuple[Part, ...]:
    """Horns that curl round beside the face."""
    turns = np.linspace(0, 5.4, 28)
    line = [(0.68 - 0.3 * np.cos(t) * (1 - 0.11 * t), -0.26 - 0.3 * np.sin(t) * (1 - 0.11 * t)) for t in turns]
    half = np.linspace(0.13, 0.03, 28)
    ridges = Pattern("bands", HORN * 0.55, 0.05, 0.5)
    return both(*(Part(stroke(line[k : k + 9], half[k : k + 9]), HORN * 0.85, "stone", puff=0.9, lift=0.02,
        pattern=ridges) for k in (0, 7, 14, 20)))  # fmt: skip


@archetype(
    "animals",
    mains=("#8a5230", "#6b4028", "#b5774a", "#4a3a34", "#c9a070", "#b5b0aa", "#9a5f35"),
    seconds=("#2f221c", "#4a2f20", "#e8d9b8", "#3a302c"),
    material="coat",
)
def horse(look: Look) -> Figure:
    """A long head with a blaze, upright ears, a mane that falls to one side, a bridle of straps and rings."""
    look = combed(look)
    w, cy = look.vary(0.46, 0.5), -0.06
    s = 1 if look.chance(0.5) else -1
    mane, zebra = look.second, called(look, "zebra")
    if abs(colours.luminance(mane) - colours.luminance(look.main)) < 0.06:
        mane = colours.shade(look.main, light=-0.2 if colours.luminance(look.main) > 0.15 else 0.3)
    blaze = mirrored(
        [(0, cy - 0.5), (0.08, cy - 0.42), (0.075, cy - 0.1), (0.13, cy + 0.2), (0.1, cy + 0.32), (0, cy + 0.36)]
    )
    return Figure(
        body=(*horse_neck(look, s, [mane, look.main] if zebra else [mane]),
            *side_ears(look, w * 0.6, -0.56, 0.36, 0.1, 12, PINK * 0.8),
            Part(horse_head(w, cy), look.main, look.material, puff=0.66, lift=0.07,
                pattern=Pattern("fade", colours.shade(look.main, light=-0.14), 0.5, 0.7)),
            *(_stripes(look, w, cy) if zebra else
                (Part(blaze, WHITE, look.material, puff=0.02, lift=0.0),) if look.chance(0.65) else ())),
        face=FaceSpot(0, cy - 0.17, look.vary(0.345, 0.36), squeeze=1.05, nose=look.main * 0.6, hair=mane * 0.8),
        front=(*_bridle(look, w, cy), *forelock(look, cy, s, [mane])),
        crown=(0, -0.62, w * 0.8),
        neck=(0, 0.72),
    )  # fmt: skip


def _stripes(look: Look, w: float, cy: float) -> tuple[Part, ...]:
    """A zebra's stripes: from the sides of the head inwards, down the forehead, and across the neck."""
    dark = look.second if colours.luminance(look.second) < 0.3 else DARK
    sides = [[(w * 1.04, cy + y), (w * 0.9, cy + y + 0.03), (w * 0.78, cy + y + 0.02)]
        for y in (-0.34, -0.2, -0.06, 0.08, 0.22, 0.36, 0.5)]  # fmt: skip
    brow = [[(x, cy - 0.6), (x * 0.9, cy - 0.5), (x * 0.5, cy - 0.4)] for x in (0.07, 0.17, 0.28)]
    neck = [[(0.66 - 0.04 * k, 0.98 - 0.14 * k), (0.5, 0.94 - 0.13 * k), (0.26, 0.96 - 0.1 * k)] for k in range(3)]
    return both(*(Part(stroke(line, [0.035, 0.034, 0.004]), dark, look.material, puff=0.1, lift=0.0)
        for line in (*sides, *brow, *neck)))  # fmt: skip


def horse_head(w: float, cy: float) -> np.ndarray:
    """A long head: broad at the eyes, slim below the cheeks, wide again at the soft mouth."""
    return mirrored([(0, cy - 0.62), (w * 0.6, cy - 0.58), (w, cy - 0.34), (w * 1.02, cy - 0.02), (w * 0.88, cy + 0.26),
        (w * 0.84, cy + 0.46), (w * 0.84, cy + 0.62), (w * 0.56, cy + 0.78), (0, cy + 0.82)])  # fmt: skip


def horse_neck(look: Look, s: int, tones: list[np.ndarray]) -> tuple[Part, ...]:
    """An arched neck and chest, with locks of the mane in these tones, in turn, down one side."""
    neck = curve([(-0.3, -0.4), (0.0, -0.56), (0.34, -0.46), (0.52, -0.1), (0.6, 0.4), (0.72, 0.8), (0.74, 1.2),
        (-0.62, 1.2), (-0.56, 0.8), (-0.4, 0.4)])  # fmt: skip
    neck = neck * (s, 1) if s > 0 else (neck * (s, 1))[::-1]
    locks = []
    for k, y in enumerate(np.linspace(-0.6, 0.5, 8)):
        x = 0.2 + 0.4 * np.sin(min(1.0, (y + 0.6) / 0.9) * 1.3)
        out, fall = look.vary(0.24, 0.36), look.vary(0.36, 0.5)
        line = [(x - 0.14, y), (x + 0.1, y + 0.04), (x + out * 0.8, y + 0.5 * fall), (x + out, y + fall)]
        lock = stroke([(s * a, b) for a, b in line], [0.08, 0.12, 0.08, 0.006])
        locks.append(Part(lock, tones[k % len(tones)], "hair", puff=0.6, lift=0.03))
    return (Part(neck, colours.shade(look.main, light=-0.03), look.material, puff=0.6), *locks)


def forelock(look: Look, cy: float, s: int, tones: list[np.ndarray]) -> tuple[Part, ...]:
    """Locks that fall from between the ears to one side of the forehead, clear of the brows."""
    ends = ((-0.2, -0.46), (0.26, -0.42), (-0.06, -0.44), (0.12, -0.42))
    return tuple(
        Part(stroke([(s * 0.02, cy - 0.68), (s * x * 0.6, cy - 0.66), (s * x, cy + y + look.vary(-0.03, 0.0))],
            [0.07, 0.075, 0.008]), tones[k % len(tones)], "hair", puff=0.6, lift=0.025)
        for k, (x, y) in enumerate(ends)
    )  # fmt: skip


def _bridle(look: Look, w: float, cy: float) -> tuple[Part, ...]:
    """Cheek straps outside the face, with rings; none for a wild horse or one that wears something else."""
    if called(look, "wild", "mustang", "zebra") or not look.chance(0.8):
        return ()
    strap, ring = look.one_of("#7a2f24", "#3f2c22", "#2f4f7a", "#8a5a2a"), look.one_of("#d9b04a", "#c5c8cd")
    band = stroke([(-w * 0.92, cy - 0.33), (-0.2, cy - 0.44), (0.2, cy - 0.44), (w * 0.92, cy - 0.33)], 0.026)
    return Part(band, strap, "calf", puff=0.5, lift=0.015), *both(
        Part(stroke([(w * 0.88, cy - 0.4), (w * 0.96, cy + 0.1), (w * 0.8, cy + 0.54)], 0.028), strap, "calf", puff=0.5,
            lift=0.015),
        Part(ellipse(w * 0.82, cy + 0.55, 0.075, 0.075), ring, "metal", puff=0.9, lift=0.02,
            holes=(ellipse(w * 0.82, cy + 0.55, 0.045, 0.045),)),
        Part(ellipse(w * 0.93, cy - 0.3, 0.05, 0.05), ring, "metal", puff=0.7, lift=0.02),
    )  # fmt: skip
