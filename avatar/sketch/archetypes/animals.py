"""Animals with fur: cat, dog, bear, rabbit, fox, and the kin that share their heads."""

from dataclasses import replace

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.fauna import furry
from personify.avatar.sketch.archetypes.kin import kind_of_bear
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, leaf, lobes, mirrored, rounded, shaggy, stroke

_PINK = np.array([0.86, 0.52, 0.52])
_DARK = np.array([0.16, 0.13, 0.13])
_WHITE = np.array([0.97, 0.95, 0.91])


def pale(look: Look, share: float = 0.72) -> np.ndarray:
    """The lighter colour of muzzle and chest."""
    return colours.mix(look.main, _WHITE, share)


def combed(look: Look) -> Look:
    """The look with short fur where it has fur: long hair would run over the features."""
    return replace(look, material="coat") if look.material == "fur" else look


def chest(look: Look, colour: np.ndarray, bib: np.ndarray, width: float = 0.56) -> tuple[Part, ...]:
    """Shoulders, front paws and a bib of fur below the head."""
    body = mirrored([(0, 0.3), (0.34, 0.38), (width * 0.92, 0.62), (width, 0.9), (width * 0.9, 1.2), (0, 1.25)])
    tuft = shaggy(mirrored([(0, 0.4), (0.26, 0.46), (0.24, 0.74), (0, 0.92)]), 15, 0.05, look.rng)
    legs = both(Part(stroke([(width * 0.42, 0.78), (width * 0.44, 1.15)], [0.13, 0.15]), colour, look.material,
        puff=0.5, lift=0.02))  # fmt: skip
    return (Part(body, colour, look.material, puff=0.6), *legs, Part(tuft, bib, look.material, puff=0.5, lift=0.02))


def _collar(look: Look, y: float, half: float) -> tuple[Part, ...]:
    """A collar with a bell or a tag, for some."""
    if look.brief.accessories or not look.chance(0.55):
        return ()
    colour, gold = look.one_of("#c0392f", "#2f6fa8", "#3f8f6a", "#7a4a9a", "#d98a2f"), look.one_of("#e2b84a", "#cfd2d6")
    band = stroke([(-half, y - 0.07), (0, y + 0.02), (half, y - 0.07)], 0.042)
    tag = (
        Part(ellipse(0, y + 0.09, 0.07, 0.07), gold, "metal", puff=0.9, lift=0.03),
        Part(stroke([(-0.045, y + 0.1), (0.045, y + 0.1)], 0.008), gold * 0.5, "metal", puff=0.2, lift=0.0),
    )
    return (Part(band, colour, "leather", puff=0.8, lift=0.03), *tag)


def whiskers(spot: FaceSpot, reach: float, colour: np.ndarray) -> tuple[Part, ...]:
    """Three hairs on either side of the mouth, starting clear of it."""
    x, y = spot.iod * 0.86, spot.cy + spot.iod * 0.78
    return tuple(
        Part(stroke([(s * x, y + 0.035 * k), (s * (x + reach * 0.55), y + 0.035 * k + 0.045 * k - 0.025),
            (s * (x + reach), y + 0.11 * k + 0.01)], [0.008, 0.0065, 0.002]), colour, "hair", puff=0.3, lift=0.008)
        for s in (-1, 1) for k in (-1, 0, 1)
    )  # fmt: skip


@archetype(
    "animals",
    mains=("#d98a3d", "#8a8a92", "#4a4a52", "#e8d8c3", "#b58a5a", "#a5a09a", "#f0ece4"),
    seconds=("#5a4030", "#3a3a42", "#8a5a35"),
    material="coat",
)
def cat(look: Look) -> Figure:
    """Pointed ears, whiskers, tufted cheeks, a tail; tabby, patched or plain; a tiger's stripes, a leopard's
    spots and the round ears of great cats."""
    look = combed(look)
    tiger, spotted = called(look, "tiger"), called(look, "leopard", "cheetah", "jaguar", "ocelot")
    big = tiger or spotted or called(look, "panther", "puma", "cougar", "lion", "lioness")
    w, cy = look.vary(0.68, 0.73), -0.1
    spot = FaceSpot(0, cy - 0.06, look.vary(0.36, 0.385), muzzle=pale(look, 0.5), nose=_PINK, hair=look.main * 0.2,
        eye_scale=1.0)  # fmt: skip
    crown = [(0, cy - 0.62), (w * 0.34, cy - 0.59), (w * 0.68, cy - 0.43), (w * 0.9, cy - 0.16), (w * 0.97, cy + 0.1)]
    chin = [(w * 0.78, cy + 0.46), (w * 0.44, cy + 0.6), (0, cy + 0.65)]
    tips = [(w * 1.2, cy + 0.22), (w * 0.99, cy + 0.25), (w * 1.14, cy + 0.38), (w * 0.88, cy + 0.38)]
    if big and not tiger:
        tips = [(w * 1.01, cy + 0.2), (w * 0.95, cy + 0.34)]
    head = furry(crown, tips, chin)
    tip = (w * look.vary(0.84, 0.94), look.vary(-0.97, -0.92))
    ear = both(
        Part(rounded([(w * 0.2, cy - 0.46), tip, (w * 0.94, cy - 0.12)], 0.08), look.main, look.material, puff=0.5),
        Part(rounded([(w * 0.42, cy - 0.46), (tip[0] - 0.02, tip[1] + 0.13), (w * 0.84, cy - 0.2)], 0.06),
            colours.mix(look.main, _PINK, 0.7), "felt", puff=-0.3, lift=0.0),
    )  # fmt: skip
    s = 1 if look.chance(0.5) else -1
    tail = Part(stroke([(s * 0.42, 1.0), (s * 0.78, 0.86), (s * 0.84, 0.56), (s * look.vary(0.7, 0.92), 0.34)],
        [0.1, 0.1, 0.09, 0.07]), look.main, look.material)  # fmt: skip
    stripe = look.second if big or len(look.brief.colours) > 1 else colours.shade(look.main, light=-0.16)
    tabby = tiger or (not big and look.chance(0.6))
    patch = None if tabby or big or not look.chance(0.6) else Pattern("patches", look.second, 0.42, 0.38)
    if spotted:
        patch = Pattern("spots", look.second, 0.13, 0.6)
    if big:
        ear = _round_ears(look, w * 0.74, cy - 0.46, 0.19, look.main, colours.mix(look.main, _WHITE, 0.6))
    jowls = [(0, spot.cy + 0.22), (0.16, spot.cy + 0.2), (w * 0.62, cy + 0.2), (w * 0.86, cy + 0.16)]
    cheeks = furry(jowls, tips, chin) * (0.99, 0.995)
    return Figure(
        body=(tail, *chest(look, look.main, pale(look)), *(() if big else _collar(look, 0.58, 0.4)), *ear,
            Part(head, look.main, look.material, puff=0.75, lift=0.07, pattern=patch),
            *((Part(cheeks, _WHITE * 0.99, look.material, puff=0.08, lift=0.0),) if tiger else ()),
            *(_tabby(w, cy, stripe, look) if tabby else ())),
        face=spot,
        front=whiskers(spot, 0.5, _WHITE if colours.luminance(look.main) < 0.8 else _DARK * 2.5),
        crown=(0, cy - 0.48, w * 0.6),
        neck=(0, 0.62),
    )  # fmt: skip


def _tabby(w: float, cy: float, stripe: np.ndarray, look: Look) -> tuple[Part, ...]:
    """Three marks on the forehead and two on each cheek, tapering inwards."""
    marks = [[(x, cy - 0.56 + 0.05 * abs(x)), (x * 0.95, cy - 0.44), (x * 0.8, cy - 0.33)] for x in (-0.15, 0.0, 0.15)]
    marks += [[(s * w * 1.0, cy + y), (s * w * 0.86, cy + y + 0.015), (s * w * 0.7, cy + y - 0.01)] for s in (-1, 1)
        for y in (0.02, 0.16)]  # fmt: skip
    marks += [[(s * 0.34, cy - 0.54), (s * 0.42, cy - 0.45), (s * 0.46, cy - 0.37)] for s in (-1, 1)]
    return tuple(
        Part(stroke(mark, [0.036 * look.vary(0.8, 1.15), 0.03, 0.004]), stripe, look.material, puff=0.1, lift=0.0)
        for mark in marks
    )


def _round_ears(look: Look, x: float, y: float, r: float, outer: np.ndarray, inner: np.ndarray) -> tuple[Part, ...]:
    """Round ears with a shallow hollow."""
    return both(
        Part(ellipse(x, y, r, r * 1.02), outer, look.material, puff=0.7),
        Part(ellipse(x - 0.01, y + 0.02, r * 0.62, r * 0.64), inner, "felt", puff=-0.4, lift=0.0),
    )


@archetype(
    "animals",
    mains=("#b57a45", "#d9b48a", "#6a4a35", "#e8dcc8", "#c98a4a", "#8a8078"),
    seconds=("#6b4428", "#3a2a22", "#8a5a35"),
    material="coat",
)
def dog(look: Look) -> Figure:
    """Hanging or tipped ears, a dark nose, perhaps patches or a blaze; a dalmatian's spots, a poodle's curls, a pug's
    dark muzzle."""
    look = combed(look)
    poodle, pug, spotted = called(look, "poodle"), called(look, "pug"), called(look, "dalmatian")
    w, cy = look.vary(0.6, 0.65), -0.06
    own = look.second if len(look.brief.colours) > 1 else colours.shade(look.main, light=-0.14)
    muzzle = colours.mix(look.main, _DARK, 0.6) if pug else pale(look, 0.6)
    spot = FaceSpot(0, cy - 0.1, look.vary(0.365, 0.385), muzzle=muzzle, nose=_DARK, hair=look.main * 0.35)
    head = mirrored([(0, cy - 0.66), (w * 0.52, cy - 0.57), (w * 0.9, cy - 0.28), (w, cy + 0.12), (w * 0.86, cy + 0.42),
        (w * 0.5, cy + 0.64), (0, cy + 0.7)])  # fmt: skip
    patch = Pattern("patches", own, 0.5, 0.85) if not (poodle or pug) and look.chance(0.4) else None
    if spotted:
        patch = Pattern("spots", own, 0.17, 0.9)
    tuft = tuple(Part(leaf(x * 0.6, cy - 0.58, 0.19, 0.05, turn=x * 320, bend=x * 0.5), look.main, look.material,
        lift=0.02) for x in (-0.12, 0.12, 0.0))  # fmt: skip
    blaze = curve([(0, cy - 0.6), (0.1, cy - 0.4), (0.06, cy - 0.1), (0.1, cy + 0.2), (-0.1, cy + 0.2),
        (-0.06, cy - 0.1), (-0.1, cy - 0.4)])  # fmt: skip
    blazed = not (poodle or pug or spotted) and colours.luminance(look.main) < 0.75 and look.chance(0.35)
    return Figure(
        body=(*_wag(look, own), *chest(look, look.main, pale(look, 0.6)), *_collar(look, 0.66, 0.4),
            Part(head, look.main, look.material, puff=0.75, lift=0.07, pattern=patch),
            *((Part(blaze, pale(look, 0.6), look.material, puff=0.05, lift=0.0),) if blazed else ())),
        face=spot,
        front=_pompons(look, w, cy) if poodle else (*_dog_ears(look, w, cy, own), *tuft),
        crown=(0, cy - 0.58, w * 0.6),
        neck=(0, 0.68),
    )  # fmt: skip


def _pompons(look: Look, w: float, cy: float) -> tuple[Part, ...]:
    """A poodle's topknot and ears: balls of curls."""
    curls = []
    for x, y, r in ((w + 0.06, -0.28, 0.17), (w + 0.12, -0.06, 0.18), (w + 0.1, 0.16, 0.19), (0.26, -0.58, 0.16),
        (0.1, -0.7, 0.19)):  # fmt: skip
        bumps = [(0.42 * r * np.cos(a), 0.42 * r * np.sin(a), 0.62 * r) for a in np.arange(6) * 1.047 + x * 9]
        tone = colours.shade(look.main, light=look.vary(-0.03, 0.02))
        curls.append(Part(lobes(x, cy + y, bumps, n=80), tone, "plush", puff=0.6, lift=0.03))
    return both(*curls)


def _wag(look: Look, colour: np.ndarray) -> tuple[Part, ...]:
    s = 1 if look.chance(0.5) else -1
    line = [(s * 0.45, 0.98), (s * 0.74, 0.8), (s * 0.88, 0.52)]
    return (Part(stroke(line, [0.1, 0.09, 0.04]), colours.mix(look.main, colour, 0.4), look.material),)


def _dog_ears(look: Look, w: float, cy: float, colour: np.ndarray) -> tuple[Part, ...]:
    """Ears that hang down from beside the crown, or short ones whose tips fold over."""
    if look.chance(0.6):
        out, drop = look.vary(0.16, 0.24), look.vary(0.34, 0.5)
        flap = curve([(w * 0.6, cy - 0.52), (w * 0.84, cy - 0.5), (w + 0.1, cy - 0.28), (w + out, cy + 0.06),
            (w + out - 0.01, cy + drop - 0.1), (w + 0.06, cy + drop), (w - 0.05, cy + drop - 0.14),
            (w - 0.07, cy + 0.02), (w * 0.76, cy - 0.26)])  # fmt: skip
        return both(Part(flap, colour, look.material, puff=0.5, lift=0.05))
    x, y = w * look.vary(0.96, 1.06), cy - look.vary(0.36, 0.44)
    base = rounded([(w * 0.26, cy - 0.5), (w * 0.46, cy - 0.86), (w * 0.9, cy - 0.84), (w * 0.92, cy - 0.24)], 0.1)
    fold = rounded([(w * 0.4, cy - 0.78), (w * 0.52, cy - 0.9), (w * 0.94, cy - 0.88), (w + 0.1, cy - 0.68), (x, y),
        (w * 0.72, cy - 0.6)], 0.09)  # fmt: skip
    return both(Part(base, look.main, look.material, puff=0.5, lift=0.02),
        Part(fold, colour, look.material, puff=0.6, lift=0.04))  # fmt: skip


@archetype(
    "animals",
    mains=("#7a5030", "#8a5a35", "#5a4030", "#a5754a", "#b08560"),
    seconds=("#d9b48a", "#e8d0a8", "#c9a070"),
    material="coat",
)
def bear(look: Look) -> Figure:
    """A broad head with small round ears; kin.py tells what a panda, koala, sloth or otter has instead."""
    look = combed(look)
    kin = kind_of_bear(look)
    w, cy = look.vary(0.7, 0.75), -0.06
    muzzle = kin.muzzle if kin.muzzle is not None else pale(look, 0.5)
    spot = FaceSpot(0, cy - 0.08, look.vary(0.375, 0.4), muzzle=muzzle, nose=_DARK, hair=look.main * 0.35)
    head = mirrored([(0, cy - 0.64), (w * 0.5, cy - 0.56), (w * 0.88, cy - 0.28), (w, cy + 0.14), (w * 0.84, cy + 0.46),
        (w * 0.46, cy + 0.66), (0, cy + 0.7)])  # fmt: skip
    if look.material == "coat":
        head = shaggy(head, 64, 0.02, look.rng)
    return Figure(
        body=(*chest(look, kin.body, muzzle, 0.64), *_collar(look, 0.66, 0.42), *kin.ears,
            Part(head, look.main, look.material, puff=0.75, lift=0.07), *kin.marks),
        face=spot,
        front=whiskers(spot, 0.42, _WHITE * 0.95) if kin.whiskers else (),
        crown=(0, cy - 0.56, w * 0.6),
        neck=(0, 0.68),
    )  # fmt: skip


@archetype(
    "animals",
    mains=("#c9b29b", "#f0ebe2", "#9a8a7a", "#b5b0aa", "#d9b890", "#7a6a5f"),
    seconds=("#f4ece0", "#e8dcc8"),
    material="coat",
)
def rabbit(look: Look) -> Figure:
    """Long ears, upright or one bent over, round cheeks, whiskers, perhaps a white blaze."""
    look = combed(look)
    w, cy = look.vary(0.64, 0.69), 0.17
    spot = FaceSpot(0, cy - 0.07, look.vary(0.37, 0.385), muzzle=pale(look), nose=_PINK, hair=look.main * 0.4)
    head = mirrored([(0, cy - 0.56), (w * 0.46, cy - 0.52), (w * 0.82, cy - 0.28), (w, cy + 0.08),
        (w * 0.99, cy + 0.36), (w * 0.56, cy + 0.59), (0, cy + 0.63)])  # fmt: skip
    blaze = mirrored([(0, cy - 0.555), (0.035, cy - 0.5), (0.06, cy - 0.3), (0.1, cy - 0.02), (0.2, cy + 0.2),
        (0, cy + 0.3)])  # fmt: skip
    tuft = shaggy(ellipse(0, cy - 0.54, 0.15, 0.07), 9, 0.06, look.rng)
    marked = look.chance(0.45) and colours.luminance(look.main) < 0.75
    return Figure(
        body=(*_long_ears(look, cy), *chest(look, look.main, pale(look), 0.54), *_collar(look, 0.84, 0.3),
            Part(head, look.main, look.material, puff=0.72, lift=0.07),
            *((Part(blaze, pale(look, 0.85), look.material, puff=0.03, lift=0.0),) if marked else ())),
        face=spot,
        front=(Part(tuft, pale(look, 0.4), look.material, puff=0.6, lift=0.02),
            *whiskers(spot, 0.44, _WHITE * 0.97 if colours.luminance(look.main) < 0.75 else _DARK * 3)),
        crown=(0, cy - 0.5, w * 0.6),
        neck=(0, 0.84),
    )  # fmt: skip


def _long_ears(look: Look, cy: float) -> tuple[Part, ...]:
    """A rabbit's ears: narrow at the root, broad above; one may fold half way up, its tip hanging outwards."""
    inner = colours.mix(look.main, np.array([0.95, 0.6, 0.62]), 0.65)
    lean, bent = look.vary(0.0, 0.1), look.chance(0.35)
    folded = 1 if look.chance(0.5) else -1
    root = (0.2, cy - 0.38)
    parts: list[Part] = []
    for side in (-1, 1):
        middle, tip = (0.25 + lean * 0.6, -0.62), (0.29 + lean * 1.4, -0.88)
        fold = bent and side == folded
        end = (0.34, -0.76) if fold else tip
        line = [(side * x, y) for x, y in (root, middle, end)]
        wide, narrow = (
            ([0.085, 0.16, 0.15], [0.03, 0.095, 0.085]) if fold else ([0.085, 0.165, 0.085], [0.03, 0.1, 0.03])
        )
        parts += [Part(stroke(line, wide), look.main, look.material, puff=0.5),
            Part(stroke(line, narrow), inner, "felt", puff=-0.15, lift=0.0)]  # fmt: skip
        if fold:
            flop = curve([(side * x, y) for x, y in ((0.2, -0.84), (0.36, -0.94), (0.56, -0.88), (0.7, -0.66),
                (0.74, -0.42), (0.6, -0.44), (0.46, -0.62))])  # fmt: skip
            parts.append(Part(flop, colours.shade(look.main, light=-0.02), look.material, puff=0.6, lift=0.06))
    return tuple(parts)


@archetype(
    "animals",
    mains=("#d2691e", "#c9602f", "#b7510e", "#d9803a", "#c25a2a"),
    seconds=("#f7f0e6", "#f4e8d8"),
    material="coat",
)
def fox(look: Look) -> Figure:
    """Large ears with dark tips, white cheeks that end in tufts and meet in a pointed muzzle, a brush with a white
    tip."""
    look = combed(look)
    w, cy = look.vary(0.67, 0.72), -0.06
    white = look.second if colours.luminance(look.second) > 0.6 else pale(look, 0.75)
    spot = FaceSpot(0, cy - 0.09, look.vary(0.365, 0.38), muzzle=white, nose=_DARK, hair=look.main * 0.4)
    crown = [(0, cy - 0.6), (w * 0.4, cy - 0.55), (w * 0.74, cy - 0.34), (w * 0.93, cy - 0.06)]
    tips = [(w * 1.24, cy + 0.2), (w * 1.02, cy + 0.23), (w * 1.13, cy + 0.38), (w * 0.86, cy + 0.37)]
    chin = [(w * 0.78, cy + 0.47), (w * 0.42, cy + 0.61), (w * 0.2, cy + 0.72), (0, cy + 0.75)]
    mask = [
        (0, spot.cy + 0.2),
        (0.06, spot.cy + 0.16),
        (0.17, spot.cy + 0.2),
        (w * 0.5, cy + 0.13),
        (w * 0.82, cy + 0.02),
    ]
    dark_ears = not called(look, "coyote", "jackal", "dingo", "ferret", "bat")
    ear = both(
        Part(rounded([(w * 0.12, cy - 0.44), (w * 0.84, -0.98), (w * 0.9, cy - 0.14)], 0.08), look.main,
            look.material, puff=0.5, pattern=Pattern("fade_up", _DARK, -0.74, 0.95) if dark_ears else None),
        Part(rounded([(w * 0.38, cy - 0.46), (w * 0.79, -0.82), (w * 0.8, cy - 0.22)], 0.07), white,
            look.material, puff=-0.2, lift=0.0),
    )  # fmt: skip
    return Figure(
        body=(*_brush(look, white), *chest(look, look.main, white), *_collar(look, 0.7, 0.34), *ear,
            Part(furry(crown, tips, chin), look.main, look.material, puff=0.72, lift=0.07),
            Part(furry(mask, tips, chin) * (0.99, 1.0), white, look.material, puff=0.1, lift=0.0)),
        face=spot,
        crown=(0, cy - 0.52, w * 0.6),
        neck=(0, 0.72),
    )  # fmt: skip


def _brush(look: Look, tip: np.ndarray) -> tuple[Part, ...]:
    """A fox's tail, raised at one side."""
    s = 1 if look.chance(0.5) else -1
    brush = curve([(s * x, y) for x, y in ((0.3, 1.05), (0.6, 0.98), (0.9, 0.76), (0.95, 0.44), (0.84, 0.16),
        (0.66, 0.4), (0.52, 0.64), (0.3, 0.8))])  # fmt: skip
    return (Part(shaggy(brush, 20, 0.05, look.rng), look.main, look.material, puff=0.6,
        pattern=Pattern("fade_up", tip, 0.36, 1.0)),)  # fmt: skip
