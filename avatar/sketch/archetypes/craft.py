"""Vehicles of water, air and space: boat, airplane, rocket, hot-air balloon."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.archetypes.vehicles import CHROME, RUBBER, pane, puffs
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, leaf, mirrored, place, rounded, star, stroke

_GLASS = np.array([0.62, 0.82, 0.93])
_WOOD = ("#a8703f", "#8a5a34", "#b5824f", "#9c6a3f")
_CREAM = np.array([0.96, 0.94, 0.88])


def _porthole(x: float, y: float, r: float, ring: np.ndarray) -> tuple[Part, ...]:
    """A round window in a metal ring."""
    return (
        Part(ellipse(x, y, r, r), ring, "metal", puff=0.8, lift=0.02),
        Part(ellipse(x, y, r * 0.7, r * 0.7), _GLASS, "glass", puff=0.3, lift=0.0),
        Part(stroke([(x - r * 0.3, y + r * 0.12), (x + r * 0.05, y - r * 0.36)], r * 0.1), np.ones(3), "glass",
            puff=0.1, lift=0.0),
    )  # fmt: skip


def _slice(outline: np.ndarray, y: float, *, below: bool, sag: float) -> np.ndarray:
    """The part of a symmetric outline above or below y, cut along a curve that sags in the middle as a ring does."""
    kept = outline[(outline[:, 1] > y) == below]
    right, left = kept[kept[:, 0] >= 0], kept[kept[:, 0] < 0]
    half = float(right[0 if below else -1, 0])
    x = np.linspace(-half, half, 17)
    edge = np.stack([x, y + sag * (1 - (x / half) ** 2)], 1)
    return np.concatenate([right, left, edge] if below else [left, right, edge[::-1]])


@archetype(
    "vehicles",
    mains=("#c9463a", "#3f6f9a", "#a8703f", "#f0ece2", "#62b3a8", "#d99a3f"),
    seconds=("#f6f0e2", "#e4573d", "#f2c23f", "#5b8fc9", "#efe0c0"),
    material="clay",
)
def boat(look: Look) -> Figure:
    """A round-bellied boat on the waves, under sail; ships and steamers carry funnels instead."""
    w, deck = look.vary(0.86, 0.93), look.vary(-0.31, -0.26)
    rim_colour = look.one_of(*_WOOD) if look.chance(0.6) else colours.mix(look.main, _CREAM, 0.75)
    hull = mirrored([(0, deck + 0.02), (w * 0.6, deck), (w, deck - 0.06), (w * 0.95, deck + 0.3), (w * 0.76, 0.55),
        (w * 0.46, 0.82), (0, 0.9)])  # fmt: skip
    seams = tuple(
        Part(stroke([(s * w * x0, y), (s * w * x1, y - 0.02)], [0.005, 0.012]), colours.shade(look.main, light=-0.16),
            "clay", puff=0.2, lift=0.0)
        for s in (-1, 1) for x0, x1, y in ((0.6, 0.89, 0.17), (0.56, 0.83, 0.32), (0.52, 0.75, 0.47), (0.48, 0.64, 0.6))
    )  # fmt: skip
    rail = stroke([(-w - 0.03, deck - 0.06), (-w * 0.55, deck + 0.02), (0, deck + 0.04), (w * 0.55, deck + 0.02),
        (w + 0.03, deck - 0.06)], 0.06)  # fmt: skip
    steams = called(look, "ship", "steamer", "steamboat", "ferry", "tug", "tugboat", "cruise", "trawler")
    brass = look.one_of("#d9a93f", "#e2bd62", "#d0d2d6")
    sea = look.one_of("#4f93b5", "#3f8fa8", "#5aa0c4", "#3f7fa8")
    return Figure(
        body=(
            *(_funnels(look, deck) if steams else _sails(look, deck)),
            Part(hull, look.main, look.material, puff=0.6, lift=0.06), *seams,
            Part(rail, rim_colour, "wood", puff=0.8, lift=0.03),
            *(part for s in (-1, 1) for part in _porthole(s * w * 0.76, 0.0, 0.075, brass)),
        ),
        face=FaceSpot(0, 0.14, look.vary(0.39, 0.41), squeeze=0.92),
        front=_waves(look, sea),
        crown=(0, deck, 0.34),
        neck=(0, 0.72),
    )  # fmt: skip


def _waves(look: Look, sea: np.ndarray) -> tuple[Part, ...]:
    """Two rows of waves across the picture's foot."""
    parts = []
    for y, shift, light in ((0.8, 0.0, -0.03), (0.88, look.vary(0.1, 0.2), 0.05)):
        x = np.linspace(-1.06, 1.06, 97)
        crest = y - 0.055 * abs(np.sin((x + shift) * 6.2)) - 0.03 * x**2
        outline = np.concatenate([np.stack([x, crest], 1), [(1.06, 1.15), (-1.06, 1.15)]])
        parts.append(Part(outline, colours.shade(sea, light=light), "waxy", puff=0.35, lift=0.04))
    return tuple(parts)


def _sails(look: Look, deck: float) -> tuple[Part, ...]:
    """A mast with a mainsail, a jib and a pennant."""
    wood, side = look.one_of(*_WOOD), 1 if look.chance(0.5) else -1
    mast_x, top, foot = -side * 0.06, look.vary(-0.95, -0.9), deck - 0.1
    big = np.array([(side * x, y) for x, y in ((-0.03, top + 0.12), (0.4, -0.6), (0.78, foot), (-0.03, foot))])
    small = np.array([(side * x, y) for x, y in ((-0.1, top + 0.16), (-0.1, foot), (-0.7, foot), (-0.42, -0.56))])
    stripes = Pattern("bands", colours.mix(look.main, look.second, 0.1), 0.11, 0.9) if look.chance(0.5) else None
    flag = [(mast_x, top - 0.02), (mast_x - side * 0.26, top + 0.06), (mast_x, top + 0.13)]
    return (
        Part(stroke([(mast_x, top), (mast_x, deck + 0.1)], 0.032), wood, "wood"),
        Part(rounded(flag, 0.03), look.main, "fabric", puff=0.5),
        Part(rounded([tuple(p) for p in big], 0.06), look.second, "canvas", puff=0.5, pattern=stripes, lift=0.05),
        Part(rounded([tuple(p) for p in small], 0.06), colours.mix(look.second, _CREAM, 0.5), "canvas", puff=0.5),
        Part(stroke([(mast_x - side * 0.02, foot + 0.05), (side * 0.76, foot + 0.03)], 0.026), wood, "wood"),
    )


def _funnels(look: Look, deck: float) -> tuple[Part, ...]:
    """A white deckhouse with windows, two striped funnels and their smoke."""
    parts: list[Part] = []
    for x in (-0.22, 0.22):
        funnel = rounded([(x - 0.11, -0.78), (x + 0.11, -0.78), (x + 0.13, -0.4), (x - 0.13, -0.4)], 0.03)
        parts.append(puffs(look, x + 0.05, -0.84, 0.1, np.array([0.85, 0.86, 0.88])))
        parts.append(Part(funnel, look.second, "metal", puff=0.8))
        parts.append(Part(box(x, -0.75, 0.118, 0.055, 0.02), np.array([0.18, 0.18, 0.2]), "metal", puff=0.7, lift=0.01))
    parts.append(Part(box(0, -0.36, 0.56, 0.2, 0.06), _CREAM, "porcelain", bevel=0.06))
    parts += [p for x in (-0.36, -0.12, 0.12, 0.36) for p in pane(box(x, -0.42, 0.075, 0.07, 0.03))]
    return tuple(parts)


@archetype(
    "vehicles",
    mains=("#e9edf0", "#d8433b", "#3f86c9", "#f2b632", "#6aa88f", "#b5c4d4"),
    seconds=("#3f6fb5", "#e4573d", "#f2c23f", "#4f9a8a", "#5a5f9a"),
    material="porcelain",
)
def airplane(look: Look) -> Figure:
    """A plane that flies towards you: wings with propellers, a tail behind, cockpit windows for a fringe."""
    r, cy = look.vary(0.47, 0.5), 0.1
    top = cy - r * 1.04
    trim = look.second
    tilt = look.vary(-5, 5)
    wing = rounded([(-0.99, -0.24), (-0.9, -0.3), (-0.3, -0.1), (0.3, -0.1), (0.9, -0.3), (0.99, -0.24), (0.97, -0.06),
        (0.4, 0.4), (-0.4, 0.4), (-0.97, -0.06)], 0.07)  # fmt: skip
    tip = rounded([(0.8, -0.26), (0.9, -0.3), (0.99, -0.24), (0.97, -0.06), (0.78, 0.09)], 0.04)
    tail = rounded([(-0.52, -0.5), (-0.5, -0.57), (0, -0.48), (0.5, -0.57), (0.52, -0.5), (0.3, -0.3), (-0.3, -0.3)],
        0.05)  # fmt: skip
    lean = look.vary(0.03, 0.09) * (1 if look.chance(0.5) else -1)
    fin = rounded([(-0.1, -0.3), (lean - 0.06, -0.85), (lean, -0.91), (lean + 0.07, -0.88), (0.12, -0.3)], 0.05)
    gear = (
        Part(stroke([(0.2, 0.5), (0.26, 0.78)], 0.03), CHROME, "metal"),
        Part(box(0.27, 0.82, 0.065, 0.11, 0.05), RUBBER, "plastic", puff=0.7),
    )
    engine = (
        Part(ellipse(0.68, 0.06, 0.105, 0.115), trim, look.material, puff=0.8, lift=0.04),
        *_propeller(0.68, 0.06, look.vary(-40, 40), look.vary(0.27, 0.3)),
    )
    belly = Pattern("fade", colours.mix(look.main, _CREAM, 0.7), cy + 0.42, 0.8)
    windows = _cockpit(r, cy)
    eyes = place(np.array([(0.0, cy - 0.04)]), 0, 0, turn=tilt)[0]
    return Figure(
        body=tuple(_tilted(part, tilt) for part in (
            Part(tail, look.main, look.material, puff=0.7), Part(fin, trim, look.material, puff=0.8),
            Part(wing, look.main, look.material, puff=0.6), *both(Part(tip, trim, look.material, puff=0.6, lift=0.0)),
            *both(*engine), *both(*gear),
            Part(ellipse(0, cy, r, r * 1.04), look.main, look.material, puff=0.7, lift=0.09, pattern=belly), *windows,
        )),
        face=FaceSpot(float(eyes[0]), float(eyes[1]), r * 0.67, roll=tilt),
        crown=(0, top + 0.02, r * 0.6),
        neck=(0, cy + r * 0.94),
    )  # fmt: skip


def _tilted(part: Part, turn: float) -> Part:
    """The part turned clockwise about the picture's middle."""
    return Part(place(part.outline, 0, 0, turn=turn), part.colour, part.material, part.puff, part.bevel, part.lift,
        part.pattern, tuple(place(h, 0, 0, turn=turn) for h in part.holes))  # fmt: skip


def _propeller(x: float, y: float, turn: float, length: float) -> tuple[Part, ...]:
    """Two blades about a shining nose."""
    blade = np.array([0.56, 0.37, 0.22])
    return (
        *(Part(place(leaf(0, -0.02, length, 0.055), x, y, turn=turn + k * 180), blade, "wood", puff=0.6, lift=0.03)
            for k in range(2)),
        Part(ellipse(x, y, 0.055, 0.055), CHROME, "metal", puff=1.0, lift=0.02),
    )  # fmt: skip


def _cockpit(r: float, cy: float) -> tuple[Part, ...]:
    """Three panes that follow the roundness of the nose."""
    y0, y1 = cy - r * 0.92, cy - r * 0.7
    lean = 0.05
    panes: list[Part] = []
    for x0, x1 in ((-0.98, -0.36), (-0.31, 0.31), (0.36, 0.98)):
        a, b = x0 * r * 0.52, x1 * r * 0.52
        drop = [0.16 * v * v for v in (x0, x1)]
        corners = [(a, y0 + drop[0] * r + 0.02), (b, y0 + drop[1] * r + 0.02),
            (b * (1 + lean), y1 + drop[1] * r), (a * (1 + lean), y1 + drop[0] * r)]  # fmt: skip
        panes.extend(pane(rounded(corners, 0.03)))
    return tuple(panes)


@archetype(
    "vehicles",
    mains=("#e6e9ec", "#f0ece2", "#c9d4de", "#f2c23f", "#7fb5b0", "#b5a8d9"),
    seconds=("#d8433b", "#3f74b5", "#e8763f", "#8a4fa0", "#2f9e8f"),
    material="porcelain",
)
def rocket(look: Look) -> Figure:
    """A plump rocket on its flame: pointed nose, a porthole, three fins, smoke to both sides."""
    w, top = look.vary(0.46, 0.5), -0.97
    trim = look.second
    hull = mirrored([(0, top), (w * 0.4, -0.8), (w * 0.82, -0.46), (w, -0.06), (w * 0.97, 0.3), (w * 0.76, 0.58),
        (0, 0.62)])  # fmt: skip
    cone = _slice(hull, look.vary(-0.63, -0.58), below=False, sag=0.045)
    low = _slice(hull, 0.42, below=True, sag=0.05)
    fin = curve(
        [(w * 0.86, 0.06), (w + 0.2, 0.28), (w + 0.35, 0.56), (w + 0.32, 0.86), (w + 0.12, 0.68), (w * 0.6, 0.54)]
    )
    flame = tuple(
        Part(mirrored([(0, 0.62), (k * 0.9, 0.68), (k, 0.77), (k * 0.5, 0.9), (0, tip)]), look.one_of(*tones), "leaf",
            puff=0.6, lift=0.0)
        for k, tip, tones in ((0.28, 1.0, ("#f0662a", "#e4502f")), (0.19, 0.95, ("#ffb52e", "#ffa62a")),
            (0.1, 0.89, ("#fff0a8", "#ffe88a")))
    )  # fmt: skip
    smoke = tuple(
        puffs(look, s * x, y, size, np.array([0.9, 0.9, 0.92]))
        for s in (-1, 1) for x, y, size in ((0.24, 0.87, 0.1), (0.44, 0.86, 0.12))
    ) if look.chance(0.6) else ()  # fmt: skip
    ring = CHROME if look.chance(0.5) else trim
    rivets = tuple(
        Part(ellipse(x * w, 0.47 + 0.045 * (1 - x * x), 0.02, 0.02), CHROME, "metal", puff=1.0, lift=0.006)
        for x in np.linspace(-0.72, 0.72, 7)
    )
    return Figure(
        body=(
            *smoke, *flame, Part(rounded([(-0.2, 0.5), (0.2, 0.5), (0.25, 0.7), (-0.25, 0.7)], 0.04),
                np.array([0.35, 0.36, 0.4]), "metal", puff=0.7),
            *both(Part(fin, trim, look.material, puff=0.6)),
            Part(hull, look.main, look.material, puff=0.75, lift=0.07),
            Part(cone, trim, look.material, puff=0.75, lift=0.01), Part(low, trim, look.material, puff=0.4, lift=0.0),
            *rivets, *_porthole(0, -0.44, 0.105, ring),
            Part(leaf(0, 0.84, 0.34, 0.07), trim, look.material, puff=0.8, lift=0.03),
        ),
        face=FaceSpot(0, -0.08, w * 0.72, squeeze=0.95),
        crown=(0, top + 0.12, 0.2),
        neck=(0, 0.54),
    )  # fmt: skip


@archetype(
    "vehicles",
    mains=("#e4573d", "#f2b632", "#4f93c9", "#8a5fc0", "#4fa88f", "#e87fa5"),
    seconds=("#f6f0e2", "#f2c23f", "#3f6f9a", "#e4573d", "#fbe3c0"),
    material="fabric",
)
def hot_air_balloon(look: Look) -> Figure:
    """A balloon in gores of two colours, ropes, a wicker basket with sandbags, a cloud or two."""
    w, top = look.vary(0.74, 0.8), -0.97
    profile = [(0, top), (w * 0.55, top + 0.07), (w * 0.92, -0.62), (w, -0.3), (w * 0.86, 0.04), (w * 0.54, 0.32),
        (w * 0.26, 0.47), (0, 0.49)]  # fmt: skip
    other = look.second if abs(look.second - look.main).sum() > 0.4 else colours.mix(look.main, _CREAM, 0.8)
    rim = look.one_of("#e4573d", "#f2c23f", "#4f93c9", "#4fa88f", "#8a5fc0") if look.chance(0.5) else look.main
    envelope = mirrored(profile)
    gores = tuple(
        Part(envelope * (k, 1.0), tone, look.material, puff=0.5, lift=0.0)
        for k, tone in ((0.88, other), (0.72, look.main))
    )
    cap = _slice(envelope, top + 0.13, below=False, sag=0.05)
    foot = _slice(envelope, 0.32, below=True, sag=0.06)
    wicker = look.one_of(*_WOOD)
    basket = rounded([(-0.21, 0.7), (0.21, 0.7), (0.17, 0.96), (-0.17, 0.96)], 0.05)
    weave = Pattern("checks", colours.shade(wicker, light=-0.13), 0.035, 0.7)
    ropes = tuple(
        Part(stroke([(x * w * 0.3, 0.44), (x * 0.19, 0.72)], 0.011), colours.shade(wicker, light=-0.1), "fabric")
        for x in (-1, -0.4, 0.4, 1)
    )
    bag = (
        Part(stroke([(0.2, 0.73), (0.25, 0.79)], 0.01), colours.shade(wicker, light=-0.1), "fabric"),
        Part(ellipse(0.255, 0.84, 0.05, 0.065), np.array([0.82, 0.74, 0.6]), "canvas", puff=0.9, lift=0.02),
    )
    clouds = tuple(
        puffs(look, s * look.vary(0.7, 0.8), y, look.vary(0.12, 0.17), np.array([0.95, 0.96, 0.98]))
        for s, y in ((-1, look.vary(0.5, 0.75)), (1, look.vary(0.4, 0.7)))
    )
    badge = Part(star(0, top + 0.27, 0.07, 0.035, 5, soft=1), other, "felt", puff=0.3, lift=0.01)
    swags = tuple(
        Part(ellipse(x * w * 0.31, 0.34 + 0.045 * (1 - abs(x)), 0.125, 0.05, turn=-9 * x), other, look.material,
            puff=0.4, lift=0.015)
        for x in (-1, 1, 0)
    )  # fmt: skip
    return Figure(
        body=(
            *(clouds if look.chance(0.7) else ()), *ropes,
            Part(mirrored([(0, 0.52), (0.05, 0.58), (0.035, 0.66), (0, 0.67)]), np.array([1.0, 0.72, 0.25]), "leaf"),
            Part(basket, wicker, "wood", puff=0.6, pattern=weave),
            Part(box(0, 0.715, 0.23, 0.035, 0.03), wicker, "wood", puff=0.9, lift=0.02), *both(*bag),
            Part(envelope, rim, look.material, puff=0.75, lift=0.07), *gores,
            Part(foot, other, look.material, puff=0.5, lift=0.01), *swags, Part(cap, other, look.material, puff=0.4,
                lift=0.0), badge,
        ),
        face=FaceSpot(0, -0.36, w * 0.48),
        crown=(0, top + 0.03, 0.4),
        neck=(0, 0.44),
    )  # fmt: skip
