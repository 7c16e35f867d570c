"""Clothes: hat, boot, shirt, mitten."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, leaf, mirrored, place, rounded, star, stroke

_HATS = {"top": ("top hat", "topper"), "bowler": ("bowler", "cowboy", "straw"), "wizard": ("wizard", "witch", "magic")}
"""The kinds of hat, and the words that ask for one."""
_BRASS = ("#d9a93f", "#c9953a", "#d0d2d6")


@archetype(
    "clothes",
    mains=("#4a5568", "#7a3f4a", "#3f7a6a", "#6a4a9a", "#b5824a", "#3f6a9a", "#c9a87a", "#8a8f97"),
    seconds=("#c9393f", "#e2b23f", "#f0e6d0", "#3f8fa8", "#d9708f"),
    material="felt",
)
def hat(look: Look) -> Figure:
    """A hat with the face on its crown: a top hat, a bowler or a wizard's."""
    asked = [kind for kind, names in _HATS.items() if called(look, *names)]
    kind = str(look.rng.choice(asked or list(_HATS)))
    w, brim_y = look.vary(0.52, 0.57), 0.66
    crowns = {
        "top": [(0, -0.8), (w * 0.9, -0.79), (w * 1.08, -0.74), (w * 1.05, -0.4), (w * 0.96, 0.2), (w, brim_y),
            (0, brim_y + 0.06)],
        "bowler": [(0, -0.6), (w * 0.66, -0.52), (w * 1.12, -0.12), (w * 1.2, 0.3), (w * 1.08, brim_y),
            (0, brim_y + 0.06)],
        "wizard": [(0, -0.9), (w * 0.3, -0.76), (w * 0.66, -0.4), (w * 0.93, 0.0), (w * 1.02, 0.4), (w * 1.05, brim_y),
            (0, brim_y + 0.06)],
    }  # fmt: skip
    crown = mirrored(crowns[kind])
    parts: list[Part] = []
    if kind == "wizard":
        lean = look.vary(0.22, 0.4) * (1 if look.chance(0.5) else -1)
        crown = crown + np.stack([lean * np.clip((-0.42 - crown[:, 1]) / 0.5, 0, 1) ** 1.6, np.zeros(len(crown))], 1)
    if kind == "top":
        parts.append(Part(ellipse(0, -0.77, w * 1.05, 0.09), colours.shade(look.main, light=0.05), look.material,
            puff=0.15, lift=0.0))  # fmt: skip
    brim = mirrored([(0, brim_y - 0.05), (0.6, brim_y - 0.08), (0.9, brim_y - 0.02), (0.95, brim_y + 0.08),
        (0.7, brim_y + 0.2), (0, brim_y + 0.26)])  # fmt: skip
    girth = w * (1.12 if kind == "bowler" else 1.06)
    band = mirrored([(0, brim_y - 0.12), (w * 0.8, brim_y - 0.14), (girth, brim_y - 0.16), (w * 1.07, brim_y - 0.02),
        (w * 0.6, brim_y + 0.06), (0, brim_y + 0.08)])  # fmt: skip
    back = Part(ellipse(0, brim_y - 0.02, 0.88, 0.12), colours.shade(look.main, light=-0.12), look.material, puff=0.2)
    face_y = {"top": -0.2, "bowler": -0.04, "wizard": 0.02}[kind]
    return Figure(
        body=(back, Part(crown, look.main, look.material, puff=0.75), *parts, *_sky(look, kind, w)),
        face=FaceSpot(0, face_y, w * (0.56 if kind == "wizard" else 0.63)),
        front=(
            Part(brim, look.main, look.material, puff=0.5, lift=0.05),
                Part(band, look.second, "fabric", puff=0.4, lift=0.02),
            *_band_ornament(look, kind, w, brim_y),
        ),
        crown=(0, -0.7, w * 0.8),
        neck=(0, brim_y + 0.1),
    )  # fmt: skip


def _sky(look: Look, kind: str, w: float) -> tuple[Part, ...]:
    """Stars on a wizard's hat, clear of the face."""
    if kind != "wizard":
        return ()
    spots = ((0.05, -0.46, 0.085), (-w * 0.52, -0.26, 0.06), (w * 0.5, -0.3, 0.05), (-w * 0.72, 0.3, 0.06),
        (w * 0.76, 0.26, 0.07))  # fmt: skip
    return tuple(
        Part(star(x, y, r, r * 0.45, 5, turn=look.vary(-25, 25), soft=1), np.array([0.95, 0.78, 0.3]), "metal",
            puff=0.3, lift=0.01)
        for x, y, r in spots
    )  # fmt: skip


def _band_ornament(look: Look, kind: str, w: float, y: float) -> tuple[Part, ...]:
    """What the band wears: a buckle, a feather or a bow."""
    side = 1 if look.chance(0.5) else -1
    x, y = side * w * 0.72, y - 0.04
    if kind == "wizard":
        metal = look.one_of(*_BRASS)
        return (Part(box(0, y + 0.02, 0.13, 0.115, 0.03), metal, "metal", puff=0.9, lift=0.02,
            holes=(box(0, y + 0.02, 0.075, 0.06, 0.02),)),)  # fmt: skip
    if kind == "bowler":
        plume = look.one_of("#e4573d", "#3f9a8a", "#e2b23f", "#7a5ac0", "#f2efe6")
        return (
            Part(leaf(x, y + 0.05, 0.62, 0.085, turn=side * 24, bend=side * 0.12), plume, "feathers", puff=0.5,
                lift=0.03),
            Part(stroke([(x, y + 0.06), (x + side * 0.1, y - 0.2), (x + side * 0.3, y - 0.46)], 0.008), plume * 0.6,
                "feathers", lift=0.0),
            Part(ellipse(x, y + 0.02, 0.055, 0.055), look.one_of(*_BRASS), "metal", lift=0.02),
        )  # fmt: skip
    dark = colours.shade(look.second, light=-0.08)
    loops = tuple(Part(leaf(x, y, 0.2, 0.085, turn=turn), look.second, "fabric", puff=0.6, lift=0.025) for turn in (-78,
        78))  # fmt: skip
    return (*loops, Part(box(x, y, 0.045, 0.055, 0.03), dark, "fabric", lift=0.02))


@archetype(
    "clothes",
    mains=("#e0a02f", "#c4453f", "#3f7fa8", "#5f8a4a", "#9a6640", "#7a5aa0", "#d9708f", "#4f9a94"),
    seconds=("#f0e6d0", "#5a3a28", "#3a3f47", "#e2b23f"),
    material="waxy",
)
def boot(look: Look) -> Figure:
    """A boot in profile whose shaft looks at you: a rubber boot with a trim, or a laced one of leather."""
    laced = look.chance(0.5)
    w, cx = look.vary(0.47, 0.51), -0.26
    material = "calf" if laced and look.material == "waxy" else look.material
    sole = np.array([0.25, 0.2, 0.17]) if laced else colours.mix(look.second, np.array([0.2, 0.2, 0.2]), 0.25)
    toe = look.vary(0.84, 0.9)
    outline = curve(
        [(cx - w, -0.84), (cx, -0.87), (cx + w, -0.84), (cx + w * 0.97, -0.3), (cx + w * 1.02, 0.16),
            (cx + w * 1.3, 0.36), (toe - 0.22, 0.44),
         (toe - 0.05, 0.62), (toe - 0.04, 0.8), (cx, 0.84), (cx - w, 0.82), (cx - w * 1.02, 0.4), (cx - w * 0.96, -0.2)]
    )  # fmt: skip
    under = rounded([(cx - w * 1.06, 0.76), (toe + 0.03, 0.76), (toe + 0.04, 0.92), (cx + w * 0.9, 0.92),
        (cx + w * 0.84, 0.87), (cx + w * 0.5, 0.87), (cx + w * 0.45, 0.95), (cx - w * 1.06, 0.95)], 0.05)  # fmt: skip
    mouth = Part(ellipse(cx, -0.84, w * 0.92, 0.075), look.main * 0.35, "fabric", puff=-0.3, lift=0.0)
    rim = Part(ellipse(cx, -0.84, w * 1.02, 0.105), look.second if not laced else colours.shade(look.main, light=-0.08),
        material, puff=0.5, lift=0.02)  # fmt: skip
    cap = Part(curve([(toe - 0.34, 0.74), (toe - 0.25, 0.5), (toe - 0.1, 0.57), (toe - 0.05, 0.78), (toe - 0.2, 0.8)]),
        colours.shade(look.main, light=-0.1), material, puff=0.5, lift=0.01)  # fmt: skip
    extras = _laces(look, cx + w * 1.1, 0.3) if laced else _wellington(look, cx, w)
    loop = Part(stroke([(cx - w * 0.9, -0.6), (cx - w * 1.16, -0.74), (cx - w * 1.1, -0.95), (cx - w * 0.86, -0.86)],
        0.04), look.second, "fabric", puff=0.6)  # fmt: skip
    return Figure(
        body=(loop, Part(outline, look.main, material, puff=0.7, lift=0.06), rim, mouth, *((cap,) if laced else ())),
        face=FaceSpot(cx, -0.24, w * 0.7),
        front=(*extras, Part(under, sole, "plastic", bevel=0.05, lift=0.03)),
        crown=(cx, -0.86, w),
        neck=(cx, 0.4),
    )  # fmt: skip


def _laces(look: Look, x: float, y: float) -> tuple[Part, ...]:
    """Criss-crossed laces over the instep with a bow on top."""
    parts = []
    for k in range(3):
        dx, dy = 0.12 * k, 0.045 * k
        for a, b in (((-0.08, 0.1), (0.1, 0.0)), ((-0.02, -0.03), (0.05, 0.12))):
            parts.append(Part(stroke([(x + dx + a[0], y + dy + a[1]), (x + dx + b[0], y + dy + b[1])], 0.02),
                look.second, "fabric", lift=0.015))  # fmt: skip
    for turn in (-70, 40):
        parts.append(Part(leaf(x - 0.04, y + 0.02, 0.2, 0.055, turn=turn), look.second, "fabric", puff=0.6, lift=0.025,
            holes=()))  # fmt: skip
    parts.append(Part(ellipse(x - 0.04, y + 0.02, 0.035, 0.035), colours.shade(look.second, light=-0.06), "fabric",
        lift=0.02))  # fmt: skip
    return tuple(parts)


def _wellington(look: Look, cx: float, w: float) -> tuple[Part, ...]:
    """A rubber boot's ankle fold and a shine on the toe."""
    fold = stroke([(cx - w * 0.98, 0.42), (cx - w * 0.3, 0.5), (cx + w * 0.6, 0.44)], [0.008, 0.016, 0.006])
    drops = tuple(
        Part(leaf(x, y, 0.12, 0.042, turn=12), np.array([0.75, 0.9, 1.0]), "glass", puff=1.0, lift=0.015)
        for x, y in ((0.62, 0.68), (0.44, 0.62), (0.76, 0.74))
    ) if look.chance(0.5) else ()  # fmt: skip
    return (Part(fold, colours.shade(look.main, light=-0.12), "waxy", puff=0.4, lift=0.0), *drops)


@archetype(
    "clothes",
    mains=("#5f9fd0", "#e4705a", "#f2efe6", "#6ab08a", "#f0c24f", "#9a7fc9", "#e890ad", "#4f6f9a"),
    seconds=("#f4f1e8", "#c4453f", "#2f4f7a", "#3f8a7a", "#f0b43f"),
    material="fabric",
)
def shirt(look: Look) -> Figure:
    """A shirt on its hanger: buttoned with a collar, or a T-shirt with a ringed neck."""
    buttoned = look.chance(0.55)
    w, top = look.vary(0.55, 0.6), -0.56
    reach = look.vary(0.9, 0.96)
    dark, pale = colours.shade(look.main, light=-0.07), colours.shade(look.main, light=0.05)
    trunk = mirrored([(0, top + 0.02), (0.22, top), (w * 0.8, top + 0.07), (w + 0.05, top + 0.24), (w, 0.0),
        (w * 1.02, 0.5), (w * 1.06, 0.86), (w * 0.5, 0.89), (0, 0.9)])  # fmt: skip
    sleeve = rounded([(w * 0.6, top + 0.04), (w + 0.08, top + 0.14), (reach + 0.02, 0.12), (reach - 0.26, 0.28),
        (w * 0.84, -0.02)], 0.09)  # fmt: skip
    cuff = rounded([(reach + 0.035, 0.09), (reach - 0.01, 0.18), (reach - 0.24, 0.315), (reach - 0.285, 0.235)], 0.03)
    stripe = Pattern("bands", look.second, 0.075, 0.85) if look.chance(0.4) else None
    wood = np.array([0.66, 0.45, 0.27])
    hook = (
        Part(stroke([(-w * 0.8, top + 0.06), (0, top - 0.16), (w * 0.8, top + 0.06)], 0.045), wood, "wood"),
        Part(stroke([(0, top - 0.14), (0, top - 0.24), (0.075, top - 0.3), (0.05, top - 0.38), (-0.04, top - 0.38),
            (-0.07, top - 0.33)], 0.021), np.array([0.75, 0.76, 0.78]), "metal", puff=0.9),
    )  # fmt: skip
    arms = tuple(part for s in (1, -1) for part in (_side(
        Part(sleeve, look.main, look.material, puff=0.6, lift=0.03, pattern=stripe), s),
        _side(Part(cuff, look.second if not buttoned else pale, look.material, puff=0.7, lift=0.015), s)))  # fmt: skip
    neckline = Part(ellipse(0, top + 0.01, 0.24, 0.075), look.main * 0.45, look.material, puff=-0.3, lift=0.0)
    hem = Part(stroke([(-w * 1.03, 0.85), (0, 0.88), (w * 1.03, 0.85)], 0.03), look.second if not buttoned else dark,
        look.material, puff=0.6, lift=0.01)  # fmt: skip
    front = _collar(look, top, pale) if buttoned else (Part(
        stroke([(-0.25, top), (-0.14, top + 0.075), (0.14, top + 0.075), (0.25, top)], 0.04), look.second,
        look.material, puff=0.7, lift=0.015),)  # fmt: skip
    return Figure(
        body=(*hook, *arms, Part(trunk, look.main, look.material, puff=0.5, lift=0.05), neckline, hem),
        face=FaceSpot(0, -0.1, w * 0.63),
        front=(*front, *(_placket(look, dark) if buttoned else ())),
        crown=(0, top, 0.4),
        neck=(0, 0.56),
    )  # fmt: skip


def _side(part: Part, side: int) -> Part:
    return part if side > 0 else part.mirrored()


def _collar(look: Look, top: float, colour: np.ndarray) -> tuple[Part, ...]:
    """Two pointed leaves of a collar."""
    tip = look.vary(0.14, 0.18)
    wing = Part(rounded([(0.0, top + 0.06), (0.24, top - 0.05), (0.33, top + 0.04), (0.2, top + tip + 0.04)], 0.025),
        colour, look.material, puff=0.5, lift=0.025)  # fmt: skip
    return wing, wing.mirrored()


def _placket(look: Look, dark: np.ndarray) -> tuple[Part, ...]:
    """Buttons on their strip below the chin, and a breast pocket beside it."""
    button = look.second if colours.luminance(abs(look.second - look.main)) > 0.12 else dark * 0.6
    buttons = tuple(
        part for y in (0.62, 0.78) for part in (
            Part(ellipse(0, y, 0.042, 0.042), button, "plastic", puff=0.6, lift=0.012),
            Part(ellipse(0, y, 0.012, 0.012), button * 0.5, "plastic", puff=0.0, lift=0.0),
        )
    )  # fmt: skip
    return (Part(box(0, 0.73, 0.075, 0.16, 0.02), dark, look.material, puff=0.25, lift=0.008), *buttons)


@archetype(
    "clothes",
    mains=("#c9393f", "#3f7fb0", "#4f9a6a", "#e0a03f", "#8a5fb5", "#e0708f", "#4fa0a8"),
    seconds=("#f6f1e6", "#f0c24f", "#e9f2f6", "#2f4f6a"),
    material="knit",
)
def mitten(look: Look) -> Figure:
    """A knitted mitten: thumb, ribbed cuff, a border of snow stars, a cord."""
    w, side = look.vary(0.52, 0.57), (1 if look.chance(0.5) else -1)
    hand = mirrored([(0, -0.93), (w * 0.62, -0.83), (w * 0.98, -0.42), (w * 1.02, 0.1), (w * 0.94, 0.62), (0, 0.68)])
    thumb = stroke([(side * w * 0.7, 0.42), (side * (w + 0.12), 0.14), (side * (w + 0.24), -0.16)], [0.2, 0.17, 0.135])
    cuff = rounded([(-w * 1.0, 0.52), (w * 1.0, 0.52), (w * 1.04, 0.93), (-w * 1.04, 0.93)], 0.1)
    ribs = Pattern("stripes", colours.shade(look.second, light=-0.1), 0.05, 0.75)
    cord_x = -side * w * 0.95
    cord = Part(stroke([(cord_x, 0.74), (cord_x - side * 0.2, 0.6), (cord_x - side * 0.26, 0.2),
        (cord_x - side * 0.2, -0.1)], 0.028), look.second, "fabric", puff=0.8)  # fmt: skip
    pompom = Part(ellipse(cord_x - side * 0.2, -0.14, 0.1, 0.1), look.second, "fur", puff=0.9, lift=0.03)
    flakes = tuple(
        part for x, y, r in ((0, -0.7, 0.1), (-w * 0.48, -0.6, 0.065), (w * 0.48, -0.6, 0.065))
        for part in _flake(x, y, r, look.second, look.vary(0, 60))
    ) if look.chance(0.65) else tuple(
        Part(stroke([(-w * k, y), (0, y + 0.015), (w * k, y)], 0.028), look.second, look.material, puff=0.4, lift=0.006)
        for y, k in ((-0.62, 0.83), (-0.71, 0.74))
    )  # fmt: skip
    return Figure(
        body=(cord, pompom, Part(thumb, colours.shade(look.main, light=-0.02), look.material, puff=0.8),
            Part(hand, look.main, look.material, puff=0.7, lift=0.05), *flakes),
        face=FaceSpot(0, -0.17, w * 0.69),
        front=(Part(cuff, look.second, look.material, puff=0.6, lift=0.04, pattern=ribs),),
        crown=(0, -0.88, w * 0.7),
        neck=(0, 0.52),
    )  # fmt: skip


def _flake(x: float, y: float, r: float, colour: np.ndarray, turn: float) -> tuple[Part, ...]:
    """A snow star of three crossed bars."""
    return tuple(Part(place(box(0, 0, r, r * 0.13, 0.01), x, y, turn=turn + 60 * k), colour, "felt", puff=0.3,
        lift=0.004) for k in range(3))  # fmt: skip
