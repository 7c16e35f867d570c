"""Baked food: donut, cookie, bread."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.toppings import apart, away, sprinkle
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, dripping, ellipse, leaf, lobes, mirrored, place, stroke

_DOUGH = ("#c9905a", "#d9a566", "#b87f4a")


@archetype(
    "food",
    mains=("#e88ab0", "#7a4a2f", "#f4e8d4", "#a88ad9", "#7fc4c9", "#f0b84a", "#9ac96a"),
    seconds=_DOUGH,
    material="porcelain",
)
def donut(look: Look) -> Figure:
    """A ring of dough seen from a little above, the hole over the face; icing with a wavy hem, sprinkles, a bite."""
    w, h, cy = look.vary(0.86, 0.9), look.vary(0.78, 0.82), 0.08
    hole_y = cy - h * 0.585
    hole = ellipse(0, hole_y, 0.22, 0.105)
    iced_hole = ellipse(0, hole_y, 0.265, 0.145)
    spot = FaceSpot(0, cy - 0.03, 0.4)
    icing = _hem(look, w * 0.955, h * 0.9, cy - 0.045)
    side = 1 if look.chance(0.5) else -1
    teeth = lobes(0, 0, [(0, 0, 0.19), (0.12, 0.11, 0.12), (-0.11, 0.12, 0.12), (0.16, -0.06, 0.1)])
    bite_at = (side * w * 0.8, cy - h * 0.6)
    bitten = look.chance(0.5)
    cut = (place(teeth, *bite_at),) if bitten else ()
    shown = (place(teeth, *bite_at, scale=1.28),) if bitten else ()
    sweets: list[Part] = []
    for x, y in apart(look.rng.uniform((-0.8, -0.75), (0.8, 0.8), (420, 2)), 0.105):
        on = math.hypot(x / (w * 0.85), (y - cy + 0.05) / (h * 0.78)) < 1
        off_hole = math.hypot(x / 0.36, (y - hole_y) / 0.26) > 1
        whole = not bitten or math.hypot(x - bite_at[0], y - bite_at[1]) > 0.38
        if on and off_hole and whole and away(x, y, spot) > 1.1:
            sweets.append(sprinkle(look, x, y))
    if look.chance(0.25):
        sweets = _zigzag(look, w, h, cy, spot)
    return Figure(
        body=(
            Part(ellipse(0, cy, w, h), look.second, "clay", puff=0.6, holes=(hole, *cut)),
            Part(icing, look.main, look.material, puff=0.5, lift=0.03, holes=(iced_hole, *shown)),
            *sweets,
        ),
        face=spot,
        crown=(0, cy - h, w * 0.5),
        neck=(0, 0.82),
    )  # fmt: skip


def _hem(look: Look, rx: float, ry: float, cy: float) -> np.ndarray:
    """An oval with a wavy edge, as icing sets."""
    a = np.linspace(0, 2 * math.pi, 260, endpoint=False)
    start, waves = look.vary(0, 6.28), int(look.rng.integers(11, 15))
    r = 1 + 0.03 * np.sin(waves * a + start) + 0.015 * np.sin(5 * a + 2 * start) - 0.03
    return np.stack([rx * r * np.cos(a), cy + ry * r * np.sin(a)], 1)


def _zigzag(look: Look, w: float, h: float, cy: float, spot: FaceSpot) -> list[Part]:
    """Lines of sugar across the icing on both sides of the face."""
    sugar = look.one_of("#f7f0e4", "#f2b8c6", "#6b3a22")
    parts = []
    for s in (-1, 1):
        points = [(s * w * x, cy + h * y) for x, y in ((0.34, -0.8), (0.64, -0.62), (0.6, -0.46), (0.82, -0.32),
            (0.7, -0.14), (0.88, 0.0), (0.71, 0.18), (0.82, 0.34), (0.62, 0.46), (0.62, 0.63), (0.38,
                0.7))]  # fmt: skip
        parts.append(Part(stroke(points, 0.026), sugar, "porcelain", puff=0.8, lift=0.012))
    return parts


@archetype(
    "food",
    mains=("#d9a05a", "#c98a48", "#e0b06a", "#a8683a", "#e8c080"),
    seconds=("#4a2818", "#5c331c", "#3a2014", "#6b3a1c"),
)
def cookie(look: Look) -> Figure:
    """A bumpy round biscuit with chunks of chocolate, cracks, a bite out of its rim and crumbs below."""
    r, cy = look.vary(0.8, 0.84), -0.02
    spot = FaceSpot(0, cy - 0.13, 0.42)
    angles = np.linspace(0, 2 * math.pi, 13, endpoint=False) + look.vary(0, 1)
    rim = lobes(0, cy, [(0, 0, r * 0.93), *((0.66 * r * math.cos(a), 0.66 * r * math.sin(a), r * look.vary(0.31, 0.36))
        for a in angles)])  # fmt: skip
    side = 1 if look.chance(0.5) else -1
    bite_at = (side * r * 0.72, cy - r * 0.72)
    bite = place(lobes(0, 0, [(0, 0, 0.2), (0.16, 0.12, 0.13), (-0.14, -0.1, 0.13), (-0.06, 0.16, 0.12)]), *bite_at)
    edge = colours.shade(look.main, light=-0.1)
    chips: list[Part] = []
    for ring, count in ((0.86, 13), (0.66, 9)):
        for k in range(count):
            a = 2 * math.pi * (k + look.vary(-0.25, 0.25)) / count + ring * 9
            x, y = ring * r * math.cos(a), cy + ring * r * math.sin(a)
            if away(x, y, spot) > 1.16 and math.hypot(x - bite_at[0], y - bite_at[1]) > 0.36:
                chips += _chip(look, x, y, look.vary(0.045, 0.075))
    crumbs = tuple(
        Part(ellipse(x, y, c, c * 0.9), look.main, "stone", puff=0.9, lift=0.02)
        for x, y, c in ((side * 0.72, 0.9, 0.04), (side * 0.83, 0.93, 0.025), (side * 0.6, 0.94, 0.02))
    )
    return Figure(
        body=(
            *crumbs, Part(rim, edge, "stone", puff=0.5, holes=(bite,)),
            Part(place(rim - (0, cy), 0, cy - 0.012, scale=0.965), look.main, "crumb", puff=0.42, lift=0.0,
                holes=(bite + (-side * 0.025, 0.03),)),
            *chips,
        ),
        face=spot,
        crown=(0, cy - r, r * 0.6),
        neck=(0, cy + r * 0.85),
    )  # fmt: skip


def _chip(look: Look, x: float, y: float, r: float) -> tuple[Part, ...]:
    """A chunk of chocolate that sits in the dough."""
    turn = look.vary(0, 90)
    chunk = curve([(x + r * look.vary(0.8, 1.15) * math.cos(a), y + r * look.vary(0.75, 1.1) * math.sin(a))
        for a in np.linspace(0, 2 * math.pi, 6, endpoint=False) + turn], n=6)  # fmt: skip
    gleam = ellipse(x - r * 0.3, y - r * 0.35, r * 0.26, r * 0.14, turn=-30)
    return (
        Part(chunk, look.second, "waxy", puff=0.9, lift=0.012),
        Part(gleam, colours.mix(look.second, np.ones(3), 0.35), "waxy", puff=0.2, lift=0.0),
    )


@archetype(
    "food",
    mains=("#f0dcb0", "#e8cc98", "#d9b480", "#f4e6c4", "#b98a5a"),
    seconds=("#a8642f", "#b8743a", "#8a4f28", "#c98a4a"),
    material="crumb",
)
def bread(look: Look) -> Figure:
    """A tin loaf cut open: the slice's crumb carries the face, crust all round, the loaf behind; butter or honey."""
    w, top, turn = look.vary(0.68, 0.73), look.vary(-0.74, -0.7), look.vary(-3, 3)
    s = 1 if look.chance(0.5) else -1

    def at(outline: np.ndarray) -> np.ndarray:
        return place(outline, -s * 0.08, 0.02, turn=turn)

    outer, inner = _slice(w, top, 0.84), _slice(w * 0.92, top + 0.065, 0.775)
    dark = colours.shade(look.second, light=-0.07)
    depth = tuple(
        Part(
            at(outer + (s * d, -d * 0.32)),
            colours.shade(dark if k % 2 else look.second, light=-0.01 * k),
            "crumb",
            bevel=0.12,
            lift=0.02,
        )
        for k, d in enumerate((0.24, 0.16, 0.08))
    )
    spot = FaceSpot(-s * 0.08, -0.05, 0.4, roll=turn)
    seeds = tuple(
        Part(leaf(x, y, 0.05, 0.014, turn=look.vary(0, 180)), look.one_of("#7a4a2a", "#f4e6c4", "#4a3424"), "waxy",
            puff=0.8, lift=0.006)
        for x, y in apart(look.rng.uniform((-w, top + 0.1), (w, 0.8), (140, 2)), 0.12)
        if abs(x) < w * 0.8 and away(x - s * 0.08, y, spot) > 1.1 and -0.5 < y < 0.72
    ) if look.chance(0.4) else ()  # fmt: skip
    return Figure(
        body=(
            *depth, Part(at(outer), look.second, "crumb", bevel=0.06, lift=0.03),
            Part(at(inner), look.main, look.material, bevel=0.06, lift=0.0,
                pattern=Pattern("patches", colours.shade(look.main, light=0.04), 0.16, 0.5)),
            *(Part(at(p.outline), p.colour, p.material, p.puff, p.bevel, p.lift) for p in (*_spread(look, w, top),
                *seeds)),
        ),
        face=spot,
        crown=(-s * 0.08, top + 0.05, w * 0.8),
        neck=(0, 0.72),
    )  # fmt: skip


def _slice(w: float, top: float, low: float) -> np.ndarray:
    """The outline of a slice of tin loaf: a wide two-humped head over a straight body."""
    return mirrored([(0, top + 0.035), (w * 0.45, top - 0.02), (w * 0.92, top + 0.07), (w * 1.16, top + 0.3),
        (w * 1.1, top + 0.52), (w * 0.97, top + 0.68), (w * 0.96, 0.3), (w * 0.97, low - 0.1), (w * 0.88, low),
        (w * 0.4, low + 0.01), (0, low + 0.01)])  # fmt: skip


def _spread(look: Look, w: float, top: float) -> tuple[Part, ...]:
    """What lies on top: a melting pat of butter, honey or jam that runs down the sides; or nothing."""
    kind = int(look.rng.integers(4))
    if kind == 0:
        return ()
    if kind == 1:
        pool = lobes(w * 0.36, top + 0.13, [(0, 0, 0.12), (0.14, 0.02, 0.08), (-0.15, 0.0, 0.09), (-0.2, 0.06, 0.04)])
        return (Part(pool, np.array([0.98, 0.85, 0.42]), "porcelain", puff=0.25, lift=0.008),
            Part(place(box(0, 0, 0.125, 0.075, 0.03), w * 0.36, top + 0.1, turn=look.vary(-12, 12)),
                np.array([0.99, 0.89, 0.53]), "waxy", bevel=0.05, lift=0.03))  # fmt: skip
    colour = look.one_of("#d98a1f", "#b82f3f", "#5a3320", "#8a3a7a", "#e0a02f")
    runs = [(-w * 0.86, 0.075, look.vary(0.2, 0.5)), (-w * 0.58, 0.075, look.vary(0.06, 0.16)), (-w * 0.2, 0.09, 0.03),
        (w * 0.24, 0.1, 0.04), (w * 0.6, 0.075, look.vary(0.06, 0.16)), (w * 0.87, 0.07, look.vary(0.2,
            0.5))]  # fmt: skip
    return (Part(dripping(w * 1.0, top + 0.17, top + 0.17, runs, rise=0.13, sag=-0.03), colour, "porcelain", puff=0.3,
        lift=0.015),)  # fmt: skip
