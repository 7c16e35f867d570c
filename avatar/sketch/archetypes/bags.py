"""Bags: backpack, handbag, suitcase."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, ellipse, mirrored, place, rounded, star, stroke

_BRASS = ("#d9a93f", "#c9953a", "#d0d2d6", "#b8895a")


def _seam(points: list[tuple[float, float]], colour: np.ndarray, count: int) -> tuple[Part, ...]:
    """Stitches along a line through the points."""
    line = np.array(points)
    gone = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])

    def at(share: float) -> tuple[float, float]:
        return float(np.interp(share * gone[-1], gone, line[:, 0])), float(
            np.interp(share * gone[-1], gone, line[:, 1]))  # fmt: skip

    return tuple(
        Part(stroke([at((k + 0.15) / count), at((k + 0.65) / count)], 0.009), colour, "fabric", puff=0.6, lift=0.006)
        for k in range(count)
    )


def _buckle(x: float, y: float, half: float, metal: np.ndarray) -> Part:
    """A square buckle's frame."""
    return Part(box(x, y, half, half * 0.8, 0.02), metal, "metal", puff=0.9, lift=0.015,
        holes=(box(x, y, half * 0.6, half * 0.42, 0.012),))  # fmt: skip


@archetype(
    "bags",
    mains=("#3f7fb0", "#c9553f", "#4f8f6a", "#e0a63a", "#8a5fa8", "#b5704a", "#d9708f", "#5fa5a8"),
    seconds=("#8a5a35", "#e9c46a", "#f0ead8", "#7a4a2f", "#3a4a5c"),
    material="canvas",
)
def backpack(look: Look) -> Figure:
    """A round-shouldered rucksack: handle, flap, side pockets, a pocket with a zip under the chin."""
    w, top = look.vary(0.58, 0.64), look.vary(-0.78, -0.72)
    trim, metal = look.second, look.one_of(*_BRASS)
    dark, pale = colours.shade(look.main, light=-0.09), colours.mix(look.second, np.ones(3), 0.45)
    body = mirrored([(0, top), (w * 0.62, top + 0.05), (w * 0.95, top + 0.4), (w * 1.02, 0.2), (w * 0.98, 0.78),
        (w * 0.6, 0.92), (0, 0.93)])  # fmt: skip
    flap = mirrored([(0, top - 0.02), (w * 0.64, top + 0.03), (w * 0.97, top + 0.26), (w * 0.8, top + 0.34),
        (w * 0.4, top + 0.27), (0, top + 0.26)])  # fmt: skip
    loop = stroke([(-0.17, top + 0.06), (-0.15, top - 0.12), (0.15, top - 0.12), (0.17, top + 0.06)], 0.04)
    straps = tuple(
        Part(stroke([(s * w * 0.7, top + 0.2), (s * (w + 0.15), top + 0.5), (s * (w + 0.2), 0.25),
            (s * (w + 0.02), 0.72)], 0.075), trim, "fabric", puff=0.5)
        for s in (-1, 1)
    )  # fmt: skip
    sides = tuple(Part(box(s * (w + 0.02), 0.56, 0.17, 0.27, 0.12), dark, look.material, puff=0.7,
        lift=0.03) for s in (-1, 1))  # fmt: skip
    pocket_y = 0.74
    pocket = Part(box(0, pocket_y, w * 0.7, 0.19, 0.12), colours.shade(look.main, light=0.03), look.material, puff=0.6,
        lift=0.04)  # fmt: skip
    zip_line = Part(stroke([(-w * 0.5, pocket_y - 0.09), (w * 0.5, pocket_y - 0.09)], 0.02), metal * 0.8, "metal",
        puff=0.5, lift=0.008)  # fmt: skip
    pull = Part(stroke([(w * 0.42, pocket_y - 0.1), (w * 0.44, pocket_y + 0.02)], [0.016, 0.03]), trim, "leather",
        lift=0.02)  # fmt: skip
    badge = Part(star(-w * 0.3, pocket_y + 0.07, 0.085, 0.042, 5, turn=look.vary(-15, 15), soft=1),
        look.one_of("#f0c23a", "#e4573d", "#f2efe6", "#5fb0a8"), "felt", lift=0.012)  # fmt: skip
    tongue = (
        Part(box(0, top + 0.15, 0.062, 0.14, 0.03), trim, "leather", puff=0.5, lift=0.02),
        _buckle(0, top + 0.21, 0.085, metal),
    )
    return Figure(
        body=(*straps, Part(loop, trim, "fabric"), *sides, Part(body, look.main, look.material, puff=0.65, lift=0.07)),
        face=FaceSpot(0, -0.185, w * 0.62, squeeze=0.97),
        front=(
            Part(flap, dark, look.material, puff=0.45, lift=0.025), *_seam(_sag(w, top), pale, 15), *tongue,
            pocket, zip_line, pull, badge,
        ),
        crown=(0, top, w * 0.8),
        neck=(0, 0.46),
    )  # fmt: skip


def _sag(w: float, top: float) -> list[tuple[float, float]]:
    """The flap's hem, a little inside its edge."""
    return [(x * w, top + 0.215 + 0.055 * x * x) for x in np.linspace(-0.8, 0.8, 17)]


@archetype(
    "bags",
    mains=("#c43f4f", "#d98a5a", "#3f8f8a", "#7a5aa0", "#e0a9b5", "#4f7fb0", "#c9a25a", "#8a5a44"),
    seconds=("#e2bd62", "#d9d9de", "#c98a4a"),
    material="calf",
)
def handbag(look: Look) -> Figure:
    """A lady's bag: arched handle on rings, a frame with a kiss clasp, piping, a tassel or a scarf."""
    top, w, low = -0.26, look.vary(0.56, 0.64), look.vary(0.8, 0.86)
    metal, dark = look.second, colours.shade(look.main, light=-0.1)
    body = mirrored([(0, top), (w * 0.8, top), (w + 0.02, top + 0.12), ((w + low) / 2 + 0.03, 0.3), (low, 0.68),
        (low * 0.84, 0.86), (0, 0.9)])  # fmt: skip
    rise = look.vary(-0.94, -0.86)
    handle = stroke([(-w * 0.7, top), (-w * 0.66, rise + 0.3), (-w * 0.34, rise + 0.05), (w * 0.34, rise + 0.05),
        (w * 0.66, rise + 0.3), (w * 0.7, top)], 0.055)  # fmt: skip
    rings = tuple(Part(ellipse(s * w * 0.7, top - 0.06, 0.085, 0.085), metal, "metal", puff=0.9, lift=0.02,
        holes=(ellipse(s * w * 0.7, top - 0.06, 0.05, 0.05),)) for s in (-1, 1))  # fmt: skip
    frame = Part(stroke([(-w * 0.9, top + 0.06), (-w * 0.5, top), (w * 0.5, top), (w * 0.9, top + 0.06)], 0.05), metal,
        "metal", puff=0.9, lift=0.03)  # fmt: skip
    clasp = tuple(Part(ellipse(s * 0.05, top - 0.06, 0.06, 0.06), metal, "metal", puff=1.0, lift=0.03) for s in (-1, 1))
    feet = tuple(Part(ellipse(s * low * 0.6, 0.9, 0.07, 0.05), metal, "metal") for s in (-1, 1))
    corners = tuple(
        Part(rounded([(s * low * 0.985, 0.5), (s * low * 0.985, 0.885), (s * low * 0.5, 0.885)], 0.12), dark,
            look.material, puff=0.5, lift=0.02)
        for s in (-1, 1)
    )  # fmt: skip
    charm = _tassel(look, -w * 0.7, top, metal) if look.chance(0.5) else _kerchief(look, w * 0.66, rise + 0.34)
    line = [(x * low * 0.6, 0.78 + 0.03 * (1 - x * x)) for x in np.linspace(-1, 1, 15)]
    return Figure(
        body=(Part(handle, dark, look.material), *feet, Part(body, look.main, look.material, puff=0.65, lift=0.07),
            *corners,
              *_seam(line, colours.mix(look.main, np.ones(3), 0.5), 15)),
        face=FaceSpot(0, 0.13, look.vary(0.35, 0.37)),
        front=(frame, *rings, *clasp, *charm),
        crown=(0, top, w * 0.7),
        neck=(0, 0.8),
    )  # fmt: skip


def _tassel(look: Look, x: float, y: float, metal: np.ndarray) -> tuple[Part, ...]:
    """A tassel on a cord from (x, y)."""
    colour = look.one_of("#e4573d", "#f0c23a", "#3f8f8a", "#f2efe6", "#b5508f")
    skirt = rounded([(x - 0.16, y + 0.22), (x - 0.08, y + 0.22), (x - 0.05, y + 0.46), (x - 0.2, y + 0.46)], 0.02)
    return (
        Part(stroke([(x, y), (x - 0.12, y + 0.18)], 0.014), colour, "fabric", lift=0.02),
        Part(skirt, colour, "fur", puff=0.6, lift=0.03, pattern=Pattern("stripes", colour * 0.75, 0.016, 0.8)),
        Part(ellipse(x - 0.12, y + 0.22, 0.055, 0.045), metal, "metal", lift=0.02),
    )


def _kerchief(look: Look, x: float, y: float) -> tuple[Part, ...]:
    """A silk scarf knotted around the handle at (x, y)."""
    colour, dot = look.one_of("#f2efe6", "#f0c23a", "#e4573d", "#5fb0c9"), look.one_of("#c43f4f", "#2f5a7a", "#3f7a5a")
    spots = Pattern("spots", dot, 0.07, 0.9)
    tails = (((0, 0), (0.14, 0.14), (0.18, 0.34), (0.05, 0.3)), ((0, 0), (-0.08, 0.16), (-0.14, 0.3), (0.02, 0.33)))
    return (
        *(Part(rounded([(x + a, y + b) for a, b in tail], 0.05), colour, "fabric", puff=0.5, lift=0.03,
            pattern=spots) for tail in tails),
        Part(ellipse(x, y, 0.085, 0.07, turn=30), colour, "fabric", lift=0.03, pattern=spots),
    )  # fmt: skip


@archetype(
    "bags",
    mains=("#a8643f", "#3f8f9a", "#c9493f", "#5f7a4f", "#d9a24a", "#6a5a9a", "#8a9aa8", "#d98a9a"),
    seconds=("#6b4226", "#e0c9a0", "#4a3428", "#d9d4c6"),
    material="calf",
)
def suitcase(look: Look) -> Figure:
    """A travelling case: either an old one with straps, corners and stickers, or a ribbed one on wheels."""
    return _trolley(look) if look.chance(0.4) else _old_case(look)


def _old_case(look: Look) -> Figure:
    w, h, cy = look.vary(0.86, 0.92), look.vary(0.56, 0.62), 0.16
    metal, trim = look.one_of(*_BRASS), look.second
    case = box(0, cy, w, h, 0.14)
    corners = tuple(
        Part(rounded([(sx * w, cy + sy * (h - 0.2)), (sx * w, cy + sy * h), (sx * (w - 0.2), cy + sy * h)], 0.09), trim,
            "leather", bevel=0.04, lift=0.015)
        for sx in (-1, 1) for sy in (-1, 1)
    )  # fmt: skip
    belts = tuple(Part(box(s * w * 0.62, cy, 0.06, h + 0.012, 0.02), trim, "leather", puff=0.4, lift=0.02) for s in (-1,
        1))  # fmt: skip
    buckles = tuple(_buckle(s * w * 0.62, cy - h * 0.62, 0.095, metal) for s in (-1, 1))
    y = cy - h
    handle = stroke([(-0.24, y + 0.02), (-0.22, y - 0.16), (-0.1, y - 0.21), (0.1, y - 0.21), (0.22, y - 0.16),
        (0.24, y + 0.02)], 0.048)  # fmt: skip
    plates = tuple(Part(box(s * 0.24, y + 0.0, 0.075, 0.045, 0.03), metal, "metal", lift=0.02) for s in (-1, 1))
    lid = Part(stroke([(-w + 0.015, y + 0.2), (w - 0.015, y + 0.2)], 0.012), colours.shade(look.main, light=-0.16),
        "leather", puff=-0.5, lift=0.0)  # fmt: skip
    lock = Part(box(0, y + 0.14, 0.085, 0.065, 0.03), metal, "metal", puff=0.6, lift=0.02)
    feet = tuple(Part(ellipse(s * w * 0.7, cy + h, 0.09, 0.05), trim, "leather") for s in (-1, 1))
    return Figure(
        body=(Part(handle, trim, "leather"), *feet, Part(case, look.main, look.material, bevel=0.16, lift=0.07), lid,
            *corners, *belts, *buckles, *plates, lock,
              *_stickers(look, w * 0.83, cy, h)),
        face=FaceSpot(0, cy - 0.1, h * 0.59),
        crown=(0, y, 0.5),
        neck=(0, cy + h * 0.85),
    )  # fmt: skip


def _trolley(look: Look) -> Figure:
    w, top, low = look.vary(0.58, 0.64), -0.52, 0.84
    cy, h = (top + low) / 2, (low - top) / 2
    metal, dark = np.array([0.74, 0.76, 0.79]), colours.shade(look.main, light=-0.12)
    rods = tuple(Part(stroke([(s * 0.24, top + 0.05), (s * 0.24, -0.86)], 0.026), metal, "metal",
        puff=0.9) for s in (-1, 1))  # fmt: skip
    grip = Part(box(0, -0.88, 0.31, 0.06, 0.055), look.second, "plastic", puff=0.9, lift=0.03)
    wheels = tuple(
        part for s in (-1, 1) for part in (
            Part(box(s * w * 0.72, low + 0.02, 0.1, 0.06, 0.03), dark, "plastic"),
            Part(ellipse(s * w * 0.72, low + 0.075, 0.07, 0.075), np.array([0.2, 0.2, 0.22]), "plastic", lift=0.02),
            Part(ellipse(s * w * 0.72, low + 0.075, 0.03, 0.032), metal, "metal", lift=0.0),
        )
    )  # fmt: skip
    ribs = tuple(
        Part(stroke([(s * w * x, top + 0.12), (s * w * x, low - 0.12)], 0.032), colours.shade(look.main, light=0.03),
            "plastic", puff=0.8, lift=0.01)
        for s in (-1, 1) for x in (0.74, 0.87)
    )  # fmt: skip
    bumper = tuple(
        Part(rounded([(sx * (w + 0.01), cy + sy * (h - 0.24)), (sx * (w + 0.01), cy + sy * (h + 0.01)),
            (sx * (w - 0.24), cy + sy * (h + 0.01))], 0.12), dark, "plastic", bevel=0.05, lift=0.015)
        for sx in (-1, 1) for sy in (-1, 1)
    )  # fmt: skip
    tag_x = look.vary(0.3, 0.4)
    tag = rounded([(tag_x, top - 0.02), (tag_x + 0.1, top + 0.06), (tag_x + 0.16, top + 0.3), (tag_x + 0.0, top + 0.32),
        (tag_x - 0.06, top + 0.08)], 0.03)  # fmt: skip
    return Figure(
        body=(*rods, grip, *wheels, Part(box(0, cy, w, h, 0.17), look.main, "plastic", bevel=0.14, lift=0.06), *ribs,
            *bumper,
              Part(box(0, top - 0.01, 0.3, 0.045, 0.04), dark, "plastic", lift=0.02)),
        face=FaceSpot(0, -0.02, w * 0.6),
        front=(Part(tag, look.second, "leather", puff=0.4, lift=0.03),
            Part(ellipse(tag_x + 0.04, top + 0.05, 0.022, 0.022), metal, "metal", lift=0.0)),
        crown=(0, top, w * 0.8),
        neck=(0, 0.66),
    )  # fmt: skip


def _stickers(look: Look, x: float, cy: float, h: float) -> tuple[Part, ...]:
    """Labels from far places on both sides of the face."""
    parts: list[Part] = []
    for s in (-1, 1):
        ground, mark = look.one_of("#f2efe6", "#f0c86a", "#a9d0d9"), look.one_of("#c43f4f", "#2f6a8a", "#3f8a5a",
            "#e08a2f")  # fmt: skip
        y, turn = cy + look.vary(-0.02, 0.24) * h, look.vary(-20, 20)
        if look.chance(0.5):
            parts += [
                Part(ellipse(s * x, y, 0.105, 0.105), ground, "paper", puff=0.05, lift=0.005),
                Part(star(s * x, y, 0.075, 0.034, 5, turn=turn), mark, "paper", puff=0.05, lift=0.0),
            ]
        else:
            parts += [
                Part(place(box(0, 0, 0.12, 0.08, 0.02), s * x, y, turn=turn), mark, "paper", puff=0.05, lift=0.005),
                Part(place(box(0, 0, 0.12, 0.03, 0.005), s * x, y, turn=turn), ground, "paper", puff=0.05, lift=0.0),
            ]
    return tuple(parts)
