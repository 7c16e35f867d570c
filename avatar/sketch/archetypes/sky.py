"""Lights of the sky: sun, moon, planet."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import Outline, ellipse, lobes, place, rounded, star, stroke, wobble

_GOLD = np.array([0.98, 0.82, 0.36])


def sparkles(look: Look, places: tuple[tuple[float, float, float], ...], colour: np.ndarray) -> tuple[Part, ...]:
    """Little four-pointed stars, (x, y, size) each; the seed leaves some of them out."""
    return tuple(
        Part(star(x, y, size, size * 0.28, 4, turn=look.vary(-12, 12)), colours.mix(colour, np.ones(3), 0.35), "waxy",
            puff=0.5, lift=0.01)
        for x, y, size in places if look.chance(0.8)
    )  # fmt: skip


def puff_of_cloud(look: Look, x: float, y: float, r: float, colour: np.ndarray) -> Part:
    """A small cloud."""
    heap = [(-1.1, 0.1, 0.62), (-0.4, -0.25, 0.75), (0.4, -0.15, 0.7), (1.1, 0.15, 0.5), (0, 0.2, 0.55)]
    return Part(lobes(x, y, [(r * px, r * py, r * pr * look.vary(0.92, 1.06)) for px, py, pr in heap]), colour, "cloud",
        puff=0.7, lift=0.05)  # fmt: skip


@archetype(
    "weather",
    mains=("#f7c13a", "#f5a93a", "#f2d04f", "#f08f3a", "#f7d86f"),
    seconds=("#f08a2f", "#f5b53f", "#e8603a", "#f7d04f"),
    material="waxy",
)
def sun(look: Look) -> Figure:
    """A glowing disc in a crown of straight, flaming or rounded rays, perhaps with a cloud passing below."""
    r, count = look.vary(0.54, 0.58), int(look.rng.integers(10, 15))
    kind, turn = str(look.rng.choice(["points", "flames", "rods"])), look.vary(0, 30)
    bend, far = look.vary(0.07, 0.13) * (1 if look.chance(0.5) else -1), look.vary(0.9, 0.97)
    rays: list[Part] = []
    for k in range(count):
        length = far if k % 2 == 0 or kind == "flames" else far * look.vary(0.84, 0.9)
        tone = colours.mix(look.second, look.main, 0.12 if k % 2 == 0 else 0.5)
        half = math.pi * r / count
        if kind == "points":
            outline = rounded([(-half * 0.94, -r * 0.9), (0, -length), (half * 0.94, -r * 0.9)], 0.035)
        elif kind == "flames":
            outline = stroke([(0, -r * 0.85), (bend, -r - (length - r) * 0.35), (-bend * 0.3, -r - (length - r) * 0.72),
                (bend * 0.5, -length)], [half, half * 0.78, half * 0.4, 0.008])  # fmt: skip
        else:
            outline = stroke([(0, -r - 0.12), (0, -length + half * 0.4)], half * 0.46)
        rays.append(Part(place(outline, 0, 0, turn=turn + k * 360 / count), tone, look.material, puff=0.6, lift=0.02))
    halo = Part(ellipse(0, 0, r + 0.055, r + 0.055), colours.mix(look.second, look.main, 0.4), look.material, puff=0.4,
        lift=0.03)  # fmt: skip
    glow = Pattern("fade_up", colours.mix(look.main, np.ones(3), 0.4), -0.4, 0.7)
    white = np.array([0.95, 0.97, 0.99])
    side = 1 if look.chance(0.5) else -1
    clouds = (puff_of_cloud(look, side * 0.52, 0.7, 0.24, white),) if look.chance(0.5) else ()
    return Figure(
        body=(*rays, *(() if kind == "rods" else (halo,)),
            Part(ellipse(0, 0, r, r), look.main, look.material, puff=0.6, lift=0.03, pattern=glow)),
        face=FaceSpot(0, -0.14, r * 0.71),
        front=clouds,
        crown=(0, -r + 0.02, r * 0.7),
        neck=(0, r * 0.84),
    )  # fmt: skip


@archetype(
    "weather",
    mains=("#f2e2a0", "#f5ecc4", "#d9dde8", "#f0d07a", "#c9d4ec"),
    seconds=("#f7e08a", "#f2f0e0", "#a9c4f0"),
    material="stone",
)
def moon(look: Look) -> Figure:
    """A fat crescent with craters that looks out of its bulge, hung with stars, resting on a cloud or in a nightcap."""
    side, r, cy = 1 if look.chance(0.5) else -1, look.vary(0.86, 0.9), 0.02
    capped = look.chance(0.4)
    if capped:
        r, cy = 0.84, 0.09
    body = _crescent(0.0, cy, r, 0.66, cy - 0.24, look.vary(0.56, 0.6))
    body[:, 0] *= side
    spot = FaceSpot(-side * 0.26, cy - 0.0, look.vary(0.345, 0.36), roll=side * look.vary(2, 6))
    pits: list[Part] = []
    for x, y, size in ((-0.05, 0.7, 0.1), (0.3, 0.62, 0.075), (-0.4, 0.6, 0.06), (-0.36, -0.66, 0.09), (0.52, 0.5,
        0.05),
        (-0.05, -0.76, 0.065), (-0.76, 0.2, 0.05), (0.16, 0.82, 0.04), (-0.74, -0.28, 0.065)):  # fmt: skip
        pits += _crater(look, side * x, cy + y, size)
    hangs = []
    for x, drop, size in ((0.56, 0.14, 0.12), (0.79, -0.12, 0.085), (0.4, -0.1, 0.07)):
        y = cy - 0.72 + 0.6 * abs(x - 0.2)
        hangs += [
            Part(stroke([(side * x, y - 0.5), (side * x, drop - size)], 0.006), look.second, "waxy", lift=0.01),
            Part(rounded([tuple(p) for p in star(side * x, drop, size, size * 0.5, 5, turn=look.vary(-10, 10))], 0.02),
                look.second, "waxy", puff=0.6, lift=0.03),
        ] if look.chance(0.75) and y < drop - 0.2 else []  # fmt: skip
    front = _nightcap(look, side, cy, r) if capped else ()
    white = np.array([0.93, 0.94, 0.97])
    if look.chance(0.45):
        front += (
            puff_of_cloud(look, -side * 0.34, 0.86, 0.22, white),
            puff_of_cloud(look, side * 0.3, 0.92, 0.17, white),
        )
    glints = (
        (side * 0.86, -0.8, 0.07),
        (side * 0.9, 0.62, 0.06),
        (-side * 0.86, -0.84, 0.06),
        (-side * 0.9, 0.78, 0.045),
    )
    return Figure(
        body=(*sparkles(look, glints, look.second), *hangs,
            Part(body, look.main, look.material, puff=0.6, lift=0.06,
                pattern=Pattern("patches", colours.shade(look.main, light=-0.1), 0.35, 0.4)), *pits),
        face=spot,
        front=front,
        crown=(-side * 0.28, cy - r + 0.16, 0.36),
        neck=(-side * 0.2, cy + 0.56),
    )  # fmt: skip


def _crescent(cx: float, cy: float, r: float, bx: float, by: float, br: float) -> Outline:
    """A disc (cx, cy, r) without what another one (bx, by, br) covers; its horns are a little blunt."""
    dx, dy = bx - cx, by - cy
    away = math.hypot(dx, dy)
    along = (away**2 + r**2 - br**2) / (2 * away)
    open_, facing = math.acos(along / r), math.atan2(dy, dx)
    inner = math.acos((away - along) / br)
    outer = np.linspace(facing + open_, facing + 2 * math.pi - open_, 90)
    back = np.linspace(facing + math.pi + inner, facing + math.pi - inner, 60)
    rim = np.stack([cx + r * np.cos(outer), cy + r * np.sin(outer)], 1)
    bite = np.stack([bx + br * np.cos(back), by + br * np.sin(back)], 1)
    return np.concatenate([rim, bite])


def _crater(look: Look, x: float, y: float, size: float) -> tuple[Part, Part]:
    """A shallow pit with a raised rim."""
    rim = wobble(ellipse(x, y, size, size * 0.86, n=40), look.rng, 0.05)
    pit = wobble(ellipse(x + 0.008, y + 0.008, size * 0.76, size * 0.62, n=40), look.rng, 0.05)
    return (
        Part(rim, colours.shade(look.main, light=0.04), "stone", puff=0.5, lift=0.012),
        Part(pit, colours.shade(look.main, light=-0.12), "stone", puff=-0.6, lift=0.0),
    )


def _nightcap(look: Look, side: int, cy: float, r: float) -> tuple[Part, ...]:
    """A striped cap on the upper horn's shoulder, its tip with a bobble hanging outside."""
    cloth = look.one_of("#5a6ab5", "#b5506a", "#4f8f8a", "#8a5fb5")
    pale = colours.mix(cloth, np.ones(3), 0.7)
    top = cy - r
    cap = stroke([(-side * 0.2, top + 0.2), (-side * 0.42, top + 0.08), (-side * 0.7, top + 0.18),
        (-side * 0.86, top + 0.46)], [0.23, 0.2, 0.11, 0.04])  # fmt: skip
    brim = stroke([(-side * 0.5, top + 0.4), (-side * 0.22, top + 0.34), (side * 0.04, top + 0.31)], 0.06)
    return (
        Part(cap, cloth, "knit", puff=0.7, lift=0.04, pattern=Pattern("bands", pale, 0.07, 0.85)),
        Part(brim, pale, "plush", puff=0.8, lift=0.03),
        Part(ellipse(-side * 0.87, top + 0.5, 0.075, 0.075), pale, "plush", puff=0.9, lift=0.03),
    )


@archetype(
    "weather",
    mains=("#d9a05f", "#6f9ad9", "#b56fc4", "#4fa59a", "#d9705f", "#8a78d9", "#7aa84f"),
    seconds=("#f0d9a0", "#c4d9f2", "#f2b5a0", "#e0c4f0", "#a0e0c9"),
    material="clay",
)
def planet(look: Look) -> Figure:
    """A world in bands or patches with a tilted ring about its waist, a moon or two, and far stars."""
    r, cy, tilt = look.vary(0.64, 0.68), -0.06, look.vary(9, 17) * (1 if look.chance(0.5) else -1)
    ring = colours.mix(look.second, look.main, 0.15)
    banded = look.chance(0.6)
    weather = Pattern("bands" if banded else "patches", colours.mix(look.main, look.second, 0.6),
        look.vary(0.15, 0.2) if banded else 0.4, 0.45)  # fmt: skip
    moons = []
    for x, y, size in ((0.76, -0.66, 0.13), (-0.8, 0.72, 0.085)):
        tone = colours.shade(look.second, hue=look.vary(-0.2, 0.2), light=-0.06)
        s = math.copysign(1, tilt)
        moons += [
            Part(ellipse(s * x, y, size, size), tone, "stone", puff=0.9, lift=0.03),
            Part(ellipse(s * x - size * 0.3, y - size * 0.2, size * 0.26, size * 0.22), tone * 0.82, "stone", puff=-0.5,
                lift=0.0),
            Part(ellipse(s * x + size * 0.34, y + size * 0.3, size * 0.18, size * 0.15), tone * 0.82, "stone",
                puff=-0.5,
                lift=0.0),
        ] if look.chance(0.75) else []  # fmt: skip
    glints = ((-0.82, -0.7, 0.08), (0.86, 0.66, 0.07), (-0.55, -0.9, 0.05), (0.2, 0.9, 0.05), (-0.4, 0.86, 0.04),
        (0.36, -0.88, 0.04))  # fmt: skip
    flip = math.copysign(1, tilt)
    stars = sparkles(look, tuple((flip * x, y, size) for x, y, size in glints), look.one_of("#f7e08a", "#ffffff"))
    return Figure(
        body=(
            *stars,
            *moons,
            *_ring(ring, tilt, cy + 0.2),
            Part(ellipse(0, cy, r, r), look.main, look.material, puff=0.85, lift=0.04, pattern=weather),
        ),
        face=FaceSpot(0, cy - 0.2, look.vary(0.365, 0.385)),
        front=_ring(ring, tilt, cy + 0.2, before=r),
        crown=(0, cy - r + 0.04, r * 0.66),
        neck=(0, cy + 0.52),
    )


def _ring(colour: np.ndarray, tilt: float, cy: float, before: float | None = None) -> tuple[Part, ...]:
    """A planet's three rings; of a planet that reaches `before` from (0, cy - 0.2), the arcs that pass in front."""
    parts = []
    for k, (outer, inner) in enumerate(((0.98, 0.9), (0.885, 0.77), (0.755, 0.7))):
        a = np.linspace(0, 2 * math.pi, 240, endpoint=False)
        edges = [place(np.stack([q * np.cos(a), q * 0.4 * np.sin(a)], 1), 0, cy, turn=tilt) for q in (outer, inner)]
        tone = colours.shade(colour, light=(0.04, -0.04, -0.11)[k])
        if before is None:
            parts.append(Part(edges[0], tone, "waxy", puff=0.3, lift=0.02, holes=(edges[1],)))
            continue
        middle = (edges[0] + edges[1]) / 2 - (0, cy - 0.2)
        front = (np.hypot(*middle.T) < before) & (np.sin(a) > 0)
        arc = np.concatenate([edges[0][front], edges[1][front][::-1]])
        parts.append(Part(arc, tone, "waxy", puff=0.3, lift=0.02))
    return tuple(parts)
