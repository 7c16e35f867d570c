"""Appliances of kitchen and laundry: kettle, toaster, fridge, washing machine."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.archetypes.toppings import apart
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, lobes, mirrored, place, rounded, star, stroke

_STEEL = np.array([0.78, 0.79, 0.81])
_DARK = np.array([0.2, 0.2, 0.22])
_WHITE = np.array([0.95, 0.96, 0.97])


@archetype(
    "household",
    mains=("#c9ccd1", "#d9473f", "#3f8f9a", "#d98a4a", "#4a5a6a", "#e2b84a", "#8fb5a8", "#b87348"),
    seconds=("#2f2a2c", "#8a5a35", "#3a4a5c", "#f0e8da"),
    material="porcelain",
)
def kettle(look: Look) -> Figure:
    """A stove kettle: a broad-bottomed dome, a bail handle over the lid, a whistle on its spout, steam."""
    w, top, low = look.vary(0.66, 0.69), look.vary(-0.34, -0.3), 0.86
    s = 1 if look.chance(0.5) else -1
    trim = colours.shade(look.main, light=-0.1)
    body = mirrored([(0, top), (w * 0.42, top + 0.02), (w * 0.72, top + 0.2), (w * 0.93, 0.26), (w * 1.02, 0.62),
        (w, low - 0.07), (w * 0.9, low), (0, low + 0.01)])  # fmt: skip
    spout = rounded([(s * w * 0.66, 0.34), (s * w * 0.64, -0.02), (s * (w + 0.08), -0.32), (s * (w + 0.18), -0.24),
        (s * w * 1.0, 0.44)], 0.05)  # fmt: skip
    whistle = place(box(0, -0.03, 0.095, 0.06, 0.04), s * (w + 0.14), -0.3, turn=s * 38)
    rise = look.vary(-0.9, -0.84)
    bail = stroke([(-w * 0.66, top + 0.2), (-w * 0.7, rise + 0.26), (-w * 0.46, rise + 0.05), (0, rise + 0.01),
        (w * 0.46, rise + 0.05), (w * 0.7, rise + 0.26), (w * 0.66, top + 0.2)], 0.036)  # fmt: skip
    grip = stroke([(-w * 0.44, rise + 0.055), (-w * 0.2, rise + 0.01), (0, rise), (w * 0.2, rise + 0.01),
        (w * 0.44, rise + 0.055)], [0.055, 0.072, 0.07, 0.072, 0.055])  # fmt: skip
    lid = mirrored(
        [(0, top - 0.1), (w * 0.28, top - 0.06), (w * 0.46, top + 0.02), (w * 0.44, top + 0.06), (0, top + 0.09)]
    )
    rivets = both(Part(ellipse(w * 0.655, top + 0.19, 0.06, 0.06), trim, "metal", lift=0.02),
        Part(ellipse(w * 0.655, top + 0.19, 0.024, 0.024), _STEEL, "metal", lift=0.01))  # fmt: skip
    hem = [(-w * 0.97, low - 0.045), (0, low - 0.02), (w * 0.97, low - 0.045)]
    return Figure(
        body=(
            *_steam(look, s * (w + 0.13), -0.44, s), Part(bail, trim, "metal"), Part(grip, look.second, "wood",
                puff=0.9, lift=0.03),
            Part(spout, look.main, look.material, puff=0.7), Part(whistle, look.second, "plastic", lift=0.02),
            Part(body, look.main, look.material, puff=0.62, lift=0.06), Part(stroke(hem, 0.04), trim, "metal",
                puff=0.8, lift=0.01),
            Part(lid, trim, "metal", puff=0.8, lift=0.02), *rivets,
            Part(ellipse(0, top - 0.13, 0.085, 0.07), look.second, "plastic", lift=0.03),
        ),
        face=FaceSpot(0, 0.13, look.vary(0.375, 0.39), squeeze=0.95),
        crown=(0, top - 0.06, 0.34),
        neck=(0, low - 0.08),
    )  # fmt: skip


def _steam(look: Look, x: float, y: float, s: int) -> tuple[Part, ...]:
    """A puff or two of steam that drifts away from (x, y)."""
    puffs = [(0.0, 0.0, 0.05), (-0.05, -0.13, 0.08), (-0.02, -0.31, 0.11)]
    return tuple(
        Part(lobes(x + s * dx, y + dy, [(0, 0, r), (r * 0.8, 0.01, r * 0.7), (-r * 0.8, 0.02, r * 0.66)]), _WHITE,
            "cloud",
            puff=0.5, lift=0.0)
        for dx, dy, r in puffs[: int(look.rng.integers(1, 4))]
    )  # fmt: skip


@archetype(
    "household",
    mains=("#c9d4d9", "#d9594a", "#8fc2b8", "#f0d9a0", "#5f8fb5", "#e8a5b0", "#d9d4c9", "#4a4f5a"),
    seconds=("#c98a48", "#d9a05a", "#b8743a"),
    material="porcelain",
)
def toaster(look: Look) -> Figure:
    """A round-shouldered toaster with two slices up, a lever and a dial on its flanks, a cord and feet."""
    w, top, low = look.vary(0.74, 0.8), look.vary(-0.34, -0.3), 0.78
    s = 1 if look.chance(0.5) else -1
    trim = colours.shade(look.main, light=-0.12)
    body = mirrored([(0, top), (w * 0.6, top), (w * 0.86, top + 0.07), (w, top + 0.3), (w * 1.02, 0.3), (w * 1.03,
        low - 0.07),
        (w * 0.97, low), (0, low)])  # fmt: skip
    slices = tuple(
        part for k, x in enumerate((-0.3, 0.3)) for part in _toast(look, x * w / 0.76, look.vary(-0.86, -0.76), 0.25, k)
    )
    slots = Part(box(0, top + 0.0, w * 0.72, 0.045, 0.04), _DARK, "metal", puff=-0.4, lift=0.0)
    base = Part(
        box(0, low - 0.01, w * 1.04, 0.075, 0.05), trim if look.chance(0.5) else _DARK, "plastic", puff=0.7, lift=0.02
    )
    feet = both(Part(box(w * 0.7, low + 0.09, 0.12, 0.045, 0.03), _DARK, "plastic"))
    lever = (
        Part(box(s * (w * 1.02 + 0.02), 0.2, 0.03, 0.22, 0.02), trim, "metal", puff=0.4),
        Part(box(s * (w * 1.02 + 0.07), look.vary(0.04, 0.34), 0.1, 0.055, 0.04), _DARK, "plastic", lift=0.03),
    )
    x = -s * w * 0.8
    dial = (
        Part(ellipse(x, low - 0.2, 0.085, 0.085), _STEEL, "metal", puff=0.5, lift=0.02),
        Part(
            place(box(0, -0.04, 0.012, 0.035, 0.01), x, low - 0.2, turn=look.vary(-80, 80)), _DARK, "plastic", lift=0.0
        ),
    )
    keys = tuple(
        Part(box(s * w * 0.8, low - 0.25 + 0.1 * k, 0.06, 0.033, 0.03), tone, "plastic", lift=0.012)
        for k, tone in enumerate((look.one_of("#d9594a", "#e8e4da"), _STEEL))
    )
    cord = Part(
        stroke([(-s * w * 0.9, low), (-s * (w + 0.12), low + 0.12), (-s * (w + 0.2), low + 0.08)], 0.02),
        _DARK,
        "plastic",
    )
    shine = Part(stroke([(-w * 0.84, top + 0.26), (-w * 0.74, top + 0.13), (-w * 0.55, top + 0.075)], [0.004, 0.022,
        0.004]),
        colours.mix(look.main, np.ones(3), 0.6), look.material, puff=0.3, lift=0.0)  # fmt: skip
    return Figure(
        body=(
            *slices, cord, *lever, *feet, Part(body, look.main, look.material, bevel=0.3, lift=0.06), slots, base,
                *dial, *keys,
            shine,
        ),
        face=FaceSpot(0, 0.08, look.vary(0.37, 0.39), squeeze=0.95),
        crown=(0, top, w * 0.8),
        neck=(0, low - 0.04),
    )  # fmt: skip


def _toast(look: Look, x: float, top: float, half: float, k: int) -> tuple[Part, ...]:
    """A slice of toast that stands in a slot."""
    outline = mirrored([(x, top + 0.03), (x + half * 0.5, top), (x + half * 1.05, top + 0.08), (x + half * 1.1,
        top + 0.2),
        (x + half * 0.98, top + 0.28), (x + half * 0.96, -0.1), (x, -0.1)], cx=x)  # fmt: skip
    centre = np.array([x, -0.4])
    crumb = colours.mix(look.second, np.array([0.98, 0.88, 0.66]), 0.5)
    toasted = Pattern("patches", colours.shade(look.second, light=-0.02), 0.14, 0.6)
    return (
        Part(outline, colours.shade(look.second, light=-0.12 - 0.02 * k), "crumb", bevel=0.05),
        Part((outline - centre) * (0.84, 0.86) + centre, crumb, "crumb", bevel=0.03, lift=0.0, pattern=toasted),
    )


@archetype(
    "household",
    mains=("#8fc9c2", "#e8796a", "#f0e4c4", "#9cc4e6", "#d9dcdf", "#e8b84a", "#e8a5b8", "#4f7a9a", "#b5cf9a"),
    seconds=("#d9dce0", "#c9ccd1", "#d9b45a"),
    material="porcelain",
)
def fridge(look: Look) -> Figure:
    """A round-shouldered fridge: freezer door above, the face on the large door, long handles, magnets and notes."""
    w, top, low = look.vary(0.58, 0.62), -0.93, 0.88
    s = 1 if look.chance(0.5) else -1
    seam = look.vary(-0.56, -0.52)
    side, chrome = colours.shade(look.main, light=-0.09), look.second
    shell = box(0, (top + low) / 2, w + 0.035, (low - top) / 2, 0.2)
    upper = _door(w, top + 0.03, seam - 0.012, 0.17, 0.05)
    lower = _door(w, seam + 0.012, low - 0.05, 0.05, 0.08)
    feet = both(Part(box(w * 0.72, low + 0.03, 0.1, 0.05, 0.03), _DARK, "plastic"))
    x = s * (w - 0.075)
    handles = tuple(
        part for y, reach in (((top + seam) / 2 + 0.04, 0.1), (seam + 0.4, 0.24)) for part in (
            Part(box(x, y, 0.03, reach, 0.03), chrome, "metal", puff=0.9, lift=0.045),
            *(Part(ellipse(x, y + d * reach * 0.86, 0.04, 0.03), colours.shade(chrome, light=-0.08), "metal",
                lift=0.02) for d in (-1, 1)),
        )
    )  # fmt: skip
    badge = Part(box(-s * w * 0.3, (top + seam) / 2 + 0.02, 0.15, 0.035, 0.03), chrome, "metal", puff=0.6, lift=0.015)
    spot = FaceSpot(-s * 0.03, seam + 0.42, w * 0.64)
    return Figure(
        body=(
            *feet, Part(shell, side, look.material, bevel=0.1), Part(upper, look.main, look.material, bevel=0.1,
                lift=0.03),
            Part(lower, look.main, look.material, bevel=0.1, lift=0.03), *handles, badge, *_magnets(look, w, s, 0.58),
        ),
        face=spot,
        crown=(0, top, w * 0.8),
        neck=(0, 0.42),
    )  # fmt: skip


def _door(w: float, top: float, low: float, above: float, below: float) -> np.ndarray:
    """A door from `top` to `low` with corners of these radii above and below."""
    a = np.linspace(0, math.pi / 2, 9)
    c, s = np.cos(a), np.sin(a)
    right = np.concatenate([
        np.stack([w - above + above * s, top + above - above * c], 1),
        np.stack([w - below + below * c, low - below + below * s], 1),
    ])  # fmt: skip
    return np.concatenate([right, right[::-1] * (-1, 1)])


def _magnets(look: Look, w: float, s: int, y: float) -> tuple[Part, ...]:
    """A note, a child's drawing and bright magnets below the face."""
    paper, ink = look.one_of("#f7f2e0", "#f4e06a", "#f2b8c6", "#c9e0f0"), look.one_of("#3f6f94", "#d9594a", "#4f8060")
    x, turn = -s * w * look.vary(0.38, 0.5), look.vary(-9, 9)
    parts = [Part(place(box(0, 0, 0.13, 0.15, 0.01), x, y + 0.06, turn=turn), paper, "paper", puff=0.05, lift=0.012)]
    if look.chance(0.5):
        parts += [Part(place(stroke([(-0.085, d), (0.085 - 0.03 * k, d)], 0.009), x, y + 0.06, turn=turn), ink,
            "paper", puff=0.0,
            lift=0.0) for k, d in enumerate((-0.05, 0.0, 0.05, 0.1))]  # fmt: skip
    else:
        parts += [Part(place(star(0, 0.0, 0.08, 0.036, 5), x, y + 0.07, turn=turn), ink, "paper", puff=0.0, lift=0.0)]
    spots = apart(look.rng.uniform((-w * 0.75, y - 0.05), (w * 0.75, y + 0.2), (40, 2)), 0.17)
    for k, (mx, my) in enumerate([(x, y - 0.08), *((a, b) for a, b in spots if abs(a - x) > 0.21)][:4]):
        tone, r = look.one_of("#e4553f", "#f0b429", "#4fa06a", "#3f86c9", "#e87fa5", "#8a5fc0"), 0.04
        shape = (
            ellipse(mx, my, r, r)
            if k % 2 == 0
            else place(star(0, 0, 0.06, 0.03, 5, soft=1), mx, my, turn=look.vary(0, 70))
        )
        parts.append(Part(shape, tone, "plastic", lift=0.015))
    return tuple(parts)


@archetype(
    "household",
    mains=("#eef0f2", "#e4e6ea", "#c9d4d9", "#a9c4cf", "#f0e4d0", "#b8bcc4"),
    seconds=("#8fc9e0", "#a9d4d9", "#b9c4f0", "#c9e4d4", "#9ab8e0"),
    material="porcelain",
)
def washing_machine(look: Look) -> Figure:
    """A front loader: the face in the round window over the suds, a panel of dials above, bubbles, a sock."""
    w, top, low = look.vary(0.76, 0.8), look.vary(-0.9, -0.87), 0.88
    bar = top + 0.3
    cx, cy, r = 0.0, 0.27, 0.52
    chrome = look.one_of("#c9ccd1", "#b8bcc4", "#4a4f5a", "#d9dce0")
    accent = look.one_of("#3f86c9", "#e4553f", "#4fa06a", "#f0b429", "#8a5fc0")
    case = box(0, (top + low) / 2, w, (low - top) / 2, 0.1)
    panel = Part(box(0, (top + bar) / 2 + 0.01, w - 0.05, 0.115, 0.05), colours.shade(look.main, light=-0.07),
        "plastic", bevel=0.03,
        lift=0.01)  # fmt: skip
    y = (top + bar) / 2 + 0.01
    s = 1 if look.chance(0.5) else -1
    drawer = (
        Part(box(-s * (w - 0.3), y, 0.2, 0.085, 0.03), look.main, look.material, bevel=0.03, lift=0.02),
        Part(box(-s * (w - 0.3), y + 0.035, 0.11, 0.018, 0.015), _DARK, "plastic", puff=-0.4, lift=0.0),
    )
    dial = (
        Part(ellipse(s * 0.16, y, 0.095, 0.095), chrome, "metal", puff=0.6, lift=0.03),
        Part(
            place(box(0, -0.055, 0.013, 0.035, 0.01), s * 0.16, y, turn=look.vary(-90, 90)), accent, "plastic", lift=0.0
        ),
    )
    screen = Part(
        box(s * (w - 0.26), y - 0.03, 0.15, 0.05, 0.02), np.array([0.12, 0.2, 0.22]), "glass", puff=0.1, lift=0.0
    )
    lamps = tuple(
        Part(
            ellipse(s * (w - 0.38 + 0.08 * k), y + 0.065, 0.022, 0.022),
            accent if k == 1 else chrome,
            "plastic",
            lift=0.01,
        )
        for k in range(4)
    )
    glass = Part(ellipse(cx, cy, r, r), look.second, "plastic", puff=0.45, lift=0.0)
    rings = (
        Part(ellipse(cx, cy, r + 0.105, r + 0.105), chrome, "metal", puff=0.5, lift=0.04),
        Part(ellipse(cx, cy, r + 0.025, r + 0.025), colours.shade(chrome, light=-0.2), "metal", puff=-0.3, lift=0.0),
    )
    clip = Part(box(s * (r + 0.085), cy, 0.045, 0.11, 0.03), colours.shade(chrome, light=-0.05), "metal", lift=0.02)
    kick = Part(
        box(0, low - 0.015, w - 0.02, 0.035, 0.02), colours.shade(look.main, light=-0.1), "plastic", puff=0.3, lift=0.0
    )
    feet = both(Part(box(w * 0.76, low + 0.045, 0.1, 0.045, 0.03), _DARK, "plastic"))
    return Figure(
        body=(*feet, Part(case, look.main, look.material, bevel=0.09), panel, *drawer, *dial, screen, *lamps, kick,
            *rings, glass,
            clip),
        face=FaceSpot(cx, cy - 0.12, 0.36),
        front=_suds(look, cx, cy, r, s),
        crown=(0, top, w * 0.7),
        neck=(0, low - 0.02),
    )  # fmt: skip


def _suds(look: Look, cx: float, cy: float, r: float, s: int) -> tuple[Part, ...]:
    """Foam at the foot of the window, bubbles that rise beside the machine, and sometimes a sock that hangs out."""
    a = np.linspace(0.27 * math.pi, 0.73 * math.pi, 24)
    rim = [(cx + 0.985 * r * math.cos(t), cy + 0.985 * r * math.sin(t)) for t in a]
    n = 7
    crest = [
        (cx + (k / (n - 1) - 0.5) * 2 * rim[0][0], cy + r * (0.74 if k % 2 else 0.68) + look.vary(-0.01, 0.01))
        for k in range(n)
    ]
    foam = curve([*rim, *crest[1:-1]], n=5)
    parts = [Part(foam, _WHITE, "cloud", puff=0.7, lift=0.012)]
    spots = [(-0.9, 0.5), (0.9, 0.3), (-0.88, -0.1), (0.91, -0.3), (-0.91, -0.55)]
    for x, y in spots[: int(look.rng.integers(2, 6))]:
        size, tone = look.vary(0.03, 0.075), colours.mix(look.second, np.ones(3), 0.4)
        parts.append(Part(ellipse(x + look.vary(-0.03, 0.03), y + look.vary(-0.14, 0.14), size, size), tone, "glass",
            puff=0.95, lift=0.03))  # fmt: skip
    if look.chance(0.5):
        parts += _sock(look, -s * r * 0.86, cy + r * 0.62)
    return tuple(parts)


def _sock(look: Look, x: float, y: float) -> list[Part]:
    """A striped sock caught in the door at (x, y)."""
    wool, band = look.one_of("#e4553f", "#4fa06a", "#f0b429", "#8a5fc0", "#3f86c9"), look.one_of("#f4f0e6", "#2f3e4e")
    leg = stroke([(x, y), (x + 0.015, y + 0.16), (x - 0.07, y + 0.27)], [0.07, 0.075, 0.068])
    return [Part(leg, wool, "knit", puff=0.6, lift=0.03, pattern=Pattern("bands", band, 0.05, 0.9))]
