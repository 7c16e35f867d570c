"""Things for shopping: shopping bag, coin purse."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both, veined_leaf
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, ellipse, lobes, mirrored, place, rounded, star, stroke


@archetype(
    "bags",
    mains=("#e0566a", "#5fb0a8", "#f0b84a", "#8a6fc0", "#f2ede0", "#e88fb0", "#5f94c9", "#c9a070"),
    seconds=("#f7f2e4", "#e2b84a", "#c43f5a", "#3f6a8a"),
    material="paper",
)
def shopping_bag(look: Look) -> Figure:
    """A paper bag with cord handles, a folded side, tissue or shopping that peeps out, a label on a thread."""
    w, top, low = look.vary(0.56, 0.62), -0.46, 0.92
    dark = colours.shade(look.main, light=-0.1)
    side = 1 if look.chance(0.5) else -1
    face_x = -side * 0.1
    front = np.array([(face_x - w, top), (face_x + w, top), (face_x + w, low), (face_x - w, low)])
    edge = face_x + side * w
    near = np.array([(edge, top), (edge + side * 0.13, top + 0.04), (edge + side * 0.13, low - 0.12), (edge, low)])
    far = np.array([(edge + side * 0.12, top + 0.04), (edge + side * 0.25, top), (edge + side * 0.25, low - 0.06),
        (edge + side * 0.12, low - 0.12)])  # fmt: skip
    inside = np.array([(face_x - w, top), (edge, top), (edge + side * 0.25, top), (edge + side * 0.22, top - 0.07),
        (face_x - side * (w - 0.16), top - 0.07)])  # fmt: skip

    def cord(dx: float, dy: float, shade: float) -> Part:
        line = [(face_x - 0.27 + dx, top + dy), (face_x - 0.25 + dx, -0.76 + dy), (face_x + dx, -0.91 + dy),
            (face_x + 0.25 + dx, -0.76 + dy), (face_x + 0.27 + dx, top + dy)]  # fmt: skip
        return Part(stroke(line, 0.026), colours.shade(look.second, light=shade), "fabric", puff=0.9, lift=0.02)

    brass = np.array([0.8, 0.78, 0.7])
    eyelets = tuple(
        Part(
            ellipse(face_x + s * 0.27, top + 0.08, 0.042, 0.042),
            brass,
            "metal",
            puff=0.8,
            lift=0.01,
        )
        for s in (-1, 1)
    )
    hem = ((0.79, 0.045), (0.875, 0.012))
    bands = tuple(Part(box(face_x, y, w, h, 0.002), look.second, "paper", puff=0.0, lift=0.0) for y, h in hem)
    return Figure(
        body=(
            cord(side * 0.1, -0.03, -0.1),
            Part(inside, dark * 0.6, "paper", puff=0.1),
            *_goods(look, face_x, top),
            Part(far, colours.shade(look.main, light=-0.06), look.material, puff=0.06),
            Part(near, dark, look.material, puff=0.06, lift=0.0),
            Part(front, look.main, look.material, bevel=0.02, lift=0.03),
            *bands,
        ),
        face=FaceSpot(face_x, -0.0, w * 0.64),
        front=(cord(0, 0.06, 0), *eyelets, *_label(look, face_x + side * 0.27, top + 0.1, side)),
        crown=(face_x, top, w * 0.8),
        neck=(face_x, 0.68),
    )


def _goods(look: Look, x: float, top: float) -> tuple[Part, ...]:
    """Crumpled tissue, or bread and greens."""
    if look.chance(0.55):
        tissue = look.one_of("#f7f2f4", "#f5d9e2", "#e2f0ee", "#f7ecc9", "#e6def5")
        tips = ((-0.4, 0.27, -16), (-0.16, 0.4, 2), (0.1, 0.32, -6), (0.36, 0.36, 14))
        return tuple(
            Part(
                place(_tip(h), x + dx, top, turn=turn + look.vary(-6, 6)),
                colours.shade(tissue, light=-0.02 * (k % 2)),
                "paper",
                puff=0.5,
                lift=0.02,
            )
            for k, (dx, h, turn) in enumerate(tips)
        )
    green = look.one_of("#6fae4f", "#5f9a4a", "#8ab84f")
    crust = np.array([0.82, 0.56, 0.28])
    loaf = place(box(0, 0, 0.1, 0.4, 0.1), x + 0.4, top - 0.12, turn=16)
    cuts = tuple(
        Part(place(stroke([(-0.06, y + 0.03), (0.06, y - 0.03)], 0.016), x + 0.4, top - 0.12, turn=16),
             crust * 1.15, "bread", puff=0.3, lift=0.0)
        for y in (-0.28, -0.16, -0.04)
    )  # fmt: skip
    leaves = tuple(p for dx, turn in ((-0.44, -24), (-0.34, -2), (-0.22, 20)) for p in
        veined_leaf(x + dx, top + 0.08, 0.42, 0.13, turn, green))  # fmt: skip
    orange = Part(
        ellipse(x + 0.06, top - 0.04, 0.17, 0.17), look.one_of("#e88a2f", "#d8433b", "#f0c23a"), "peel", puff=1.0
    )
    return (*leaves, Part(loaf, crust, "bread", puff=0.9, lift=0.03), *cuts, orange)


def _tip(h: float) -> np.ndarray:
    """A peak of crumpled tissue, h high, about its foot."""
    return np.array([(-0.2, 0.1), (-0.07, -h + 0.05), (0.02, -h), (0.07, -h * 0.8), (0.2, 0.1)])


def _label(look: Look, x: float, y: float, side: int) -> tuple[Part, ...]:
    """A price tag on a thread."""
    hue = look.one_of("#f2efe6", "#f0c86a", "#a9d0d9")
    tag = rounded([(0, 0), (0.08, 0.07), (0.08, 0.24), (-0.08, 0.24), (-0.08, 0.07)], 0.02)
    turn = -side * look.vary(8, 26)
    at = (x + side * 0.05, y + 0.0)
    return (
        Part(place(tag, *at, turn=turn), hue, "paper", puff=0.1, lift=0.025),
        Part(place(ellipse(0, 0.07, 0.018, 0.018), *at, turn=turn), hue * 0.4, "paper", puff=0.0, lift=0.0),
        Part(place(star(0, 0.16, 0.05, 0.024, 5), *at, turn=turn), look.main * 0.85, "paper", puff=0.0, lift=0.0),
    )


@archetype(
    "bags",
    mains=("#c43f5a", "#3f8f8a", "#7a5aa0", "#e0a94a", "#4f7fb0", "#d9708f", "#8a9a4f", "#a8503f"),
    seconds=("#e2bd62", "#d9d9de", "#d0a05a"),
    material="felt",
)
def coin_purse(look: Look) -> Figure:
    """A round purse with a kiss clasp: a bowed metal frame, gathers below it, coins before it, a short chain."""
    w, cy = look.vary(0.74, 0.8), 0.22
    metal, dark = look.second, colours.shade(look.main, light=-0.1)
    pouch = mirrored([(0, -0.46), (w * 0.66, -0.36), (w * 0.96, 0.0), (w * 1.02, 0.32), (w * 0.84, 0.68),
        (w * 0.45, 0.86), (0, 0.9)])  # fmt: skip
    a = np.radians(np.linspace(-164, -16, 15))
    bow = [(float(w * 0.8 * np.cos(t)), float(-0.06 + 0.48 * np.sin(t))) for t in a]
    hinges = both(Part(ellipse(bow[-1][0], bow[-1][1], 0.065, 0.065), metal, "metal", puff=1.0, lift=0.02))
    kiss = tuple(
        part
        for s in (-1, 1)
        for part in (
            Part(stroke([(s * 0.02, -0.54), (s * 0.07, -0.64)], 0.035), metal, "metal", puff=0.9, lift=0.02),
            Part(ellipse(-s * 0.065, -0.7, 0.095, 0.095), metal, "metal", puff=1.0, lift=0.03),
        )
    )
    gathers = both(
        *(
            Part(
                stroke([(x * w, y), (x * w * 1.06, y + 0.12)], [0.014, 0.004]), dark, look.material, puff=-0.5, lift=0.0
            )
            for x, y in ((0.3, -0.45), (0.47, -0.4), (0.62, -0.31), (0.74, -0.18))
        )
    )
    links = tuple(
        Part(ellipse(-w * 0.86 - 0.035 * k, -0.08 + 0.11 * k, 0.05, 0.062), metal, "metal", puff=0.9, lift=0.02,
             holes=(ellipse(-w * 0.86 - 0.035 * k, -0.08 + 0.11 * k, 0.026, 0.038),))
        for k in range(-4, 1)
    )  # fmt: skip
    spots = Pattern("spots", look.one_of("#f7f0e0", "#f0c86a", "#f2d0dc"), look.vary(0.15, 0.2), 0.75)
    flowers = _posy(look, w) if look.chance(0.5) else ()
    return Figure(
        body=(
            *links[::-1],
            Part(pouch, look.main, look.material, puff=0.85, lift=0.06, pattern=None if flowers else spots),
            *gathers,
            *flowers,
        ),
        face=FaceSpot(0, cy - 0.14, look.vary(0.38, 0.4)),
        front=(Part(stroke(bow, 0.055), metal, "metal", puff=0.9, lift=0.03), *hinges, *kiss, *_coins(look)),
        crown=(0, -0.56, w * 0.6),
        neck=(0, 0.76),
    )


def _posy(look: Look, w: float) -> tuple[Part, ...]:
    """Embroidered flowers low on both sides."""
    hue, eye = look.one_of("#f7f0e0", "#f2c0d0", "#f0c86a"), look.one_of("#e0a02f", "#f7f0e0")
    spots = ((w * 0.66, 0.5, 0.1), (w * 0.82, 0.2, 0.07), (-w * 0.7, 0.46, 0.1), (-w * 0.82, 0.16, 0.065))
    return tuple(
        part
        for x, y, r in spots
        for part in (
            Part(lobes(x, y, [(r * 0.6 * np.cos(t), r * 0.6 * np.sin(t), r * 0.45) for t in np.arange(5) * 1.2566]),
                 hue, "felt", puff=0.5, lift=0.008),
            Part(ellipse(x, y, r * 0.28, r * 0.28), eye, "felt", puff=0.8, lift=0.0),
        )
    )  # fmt: skip


def _coins(look: Look) -> tuple[Part, ...]:
    """Coins that have rolled out."""
    gold, silver = colours.parse("#e2b33c"), np.array([0.8, 0.82, 0.85])
    spots = [(0.5, 0.88, 0.11, gold), (0.7, 0.9, 0.09, silver), (-0.6, 0.89, 0.1, gold), (-0.76, 0.84, 0.08, gold)]
    keep = spots if look.chance(0.6) else spots[:3]
    return tuple(
        part
        for x, y, r, metal in keep
        for part in (
            Part(ellipse(x, y, r, r), metal, "metal", bevel=0.025, lift=0.03),
            Part(star(x, y, r * 0.55, r * 0.26, 5, turn=look.vary(0, 72)), metal * 0.8, "metal", puff=0.3, lift=0.0),
        )
    )
