"""Outlines: closed curves as float arrays (n, 2) in picture units; the canvas runs from -1 to 1, y grows downwards."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

Outline = np.ndarray
"""float64 (n, 2), closed (the last point joins the first)."""


@lru_cache(maxsize=512)
def _ramp(start: float, stop: float, n: int, endpoint: bool = True) -> np.ndarray:
    """`np.linspace`, made once for the few ramps that shapes are drawn along; read-only."""
    ramp = np.linspace(start, stop, n, endpoint=endpoint)
    ramp.flags.writeable = False
    return ramp


def ellipse(cx: float, cy: float, rx: float, ry: float, *, turn: float = 0.0, n: int = 96) -> Outline:
    """An ellipse about (cx, cy), turned by `turn` degrees clockwise."""
    a = _ramp(0, 2 * math.pi, n, endpoint=False)
    return place(np.stack([rx * np.cos(a), ry * np.sin(a)], 1), cx, cy, turn=turn)


def superellipse(
    cx: float, cy: float, rx: float, ry: float, power: float, *, turn: float = 0.0, n: int = 128
) -> Outline:
    """Between an ellipse (power 2) and a box (power large); see Lame curves."""
    a = _ramp(0, 2 * math.pi, n, endpoint=False)
    c, s = np.cos(a), np.sin(a)
    points = np.stack([rx * np.sign(c) * abs(c) ** (2 / power), ry * np.sign(s) * abs(s) ** (2 / power)], 1)
    return place(points, cx, cy, turn=turn)


def box(cx: float, cy: float, rx: float, ry: float, radius: float, *, turn: float = 0.0) -> Outline:
    """A rectangle of half sizes rx, ry with rounded corners."""
    radius = min(radius, rx, ry)
    a = _ramp(0, math.pi / 2, 9)
    corner = np.stack([np.cos(a), np.sin(a)], 1) * radius
    centres = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)]) * (rx - radius, ry - radius)
    turned = [corner @ _quarter(k) + centre for k, centre in enumerate(centres)]
    return place(np.concatenate(turned), cx, cy, turn=turn)


def curve(points: Sequence[tuple[float, float]], *, n: int = 14) -> Outline:
    """A smooth closed curve through the points (centripetal is not needed: they are spread evenly; Catmull-Rom)."""
    p = np.asarray(points, float)
    return _catmull_rom(np.roll(p, 1, 0), p, np.roll(p, -1, 0), np.roll(p, -2, 0), n)


def mirrored(points: Sequence[tuple[float, float]], *, cx: float = 0.0, n: int = 14) -> Outline:
    """A smooth closed curve that is symmetric about x = cx, given its right half from top to bottom."""
    right = [(x, y) for x, y in points]
    left = [(2 * cx - x, y) for x, y in reversed(points) if abs(x - cx) > 1e-6]
    return curve(right + left, n=n)


def path(points: Sequence[tuple[float, float]], *, n: int = 14) -> np.ndarray:
    """A smooth open curve through the points, (m, 2)."""
    p = np.asarray(points, float)
    if len(p) < 3:
        return p
    ends = np.concatenate([[2 * p[0] - p[1]], p, [2 * p[-1] - p[-2]]])
    body = _catmull_rom(ends[:-3], ends[1:-2], ends[2:-1], ends[3:], n)
    return np.concatenate([body, p[-1:]])


def stroke(points: Sequence[tuple[float, float]], widths: float | Sequence[float] | np.ndarray) -> Outline:
    """The outline of a round-ended brush stroke along a smooth path; `widths` are half widths at the given points."""
    line = path(points)
    given = np.full(len(points), widths) if isinstance(widths, float | int) else np.asarray(widths, float)
    half = np.interp(_ramp(0, 1, len(line)), _ramp(0, 1, len(given)), given)
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    left, right = line + across * half[:, None], line - across * half[:, None]
    return np.concatenate([left, _cap(line[-1], along[-1], half[-1]), right[::-1], _cap(line[0], -along[0], half[0])])


def star(cx: float, cy: float, r_out: float, r_in: float, tips: int, *, turn: float = 0.0, soft: int = 0) -> Outline:
    """A star; `soft` > 0 rounds its tips and notches."""
    a = np.arange(2 * tips) * math.pi / tips - math.pi / 2
    r = np.where(np.arange(2 * tips) % 2 == 0, r_out, r_in)
    points = np.stack([r * np.cos(a), r * np.sin(a)], 1)
    points = _chaikin(points, soft) if soft else points
    return place(points, cx, cy, turn=turn)


def petals(cx: float, cy: float, r_out: float, r_in: float, count: int, *, turn: float = 0.0) -> Outline:
    """A ring of rounded petals as one outline."""
    a = _ramp(0, 2 * math.pi, count * 24, endpoint=False)
    r = r_in + (r_out - r_in) * np.sqrt(abs(np.sin(a * count / 2)))
    return place(np.stack([r * np.cos(a), r * np.sin(a)], 1), cx, cy, turn=turn)


def scalloped(cx: float, cy: float, rx: float, ry: float, bumps: int, depth: float) -> Outline:
    """An ellipse with a bumpy rim, as of clouds, wool and leaves' crowns."""
    a = _ramp(0, 2 * math.pi, bumps * 16, endpoint=False)
    r = 1 - depth + depth * abs(np.sin(a * bumps / 2 + 0.5))
    return np.stack([cx + rx * r * np.cos(a), cy + ry * r * np.sin(a)], 1)


def place(points: np.ndarray, cx: float, cy: float, *, scale: float = 1.0, turn: float = 0.0) -> np.ndarray:
    """The points scaled, turned by `turn` degrees clockwise about the origin, then moved to (cx, cy)."""
    a = math.radians(turn)
    rotation = np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
    return np.asarray(points, float) * scale @ rotation + (cx, cy)


def flip(points: np.ndarray, cx: float = 0.0) -> np.ndarray:
    """The mirror image about x = cx."""
    return np.stack([2 * cx - points[:, 0], points[:, 1]], 1)


def wobble(points: Outline, rng: np.random.Generator, amount: float) -> Outline:
    """The outline with its radius varied smoothly by up to about `amount`, so that no two look stamped."""
    centre = points.mean(0)
    a = np.arctan2(*(points - centre).T[::-1])
    waves = sum(rng.normal() / k * np.cos(k * a + rng.uniform(0, 6.28)) for k in (2, 3, 4, 5))
    return centre + (points - centre) * (1 + amount * np.clip(waves, -1.5, 1.5))[:, None]


def _quarter(k: int) -> np.ndarray:
    c, s = ((1, 0), (0, 1), (-1, 0), (0, -1))[k]
    return np.array([[c, s], [-s, c]], float)


def _cap(centre: np.ndarray, along: np.ndarray, half: float) -> np.ndarray:
    a = _ramp(math.pi / 2, -math.pi / 2, 9)[1:-1]
    across = np.array([-along[1], along[0]])
    return centre + half * (np.cos(a)[:, None] * along + np.sin(a)[:, None] * across)


def _chaikin(points: np.ndarray, rounds: int) -> np.ndarray:
    for _ in range(rounds):
        following = np.roll(points, -1, 0)
        points = np.stack([0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], 1).reshape(-1, 2)
    return points


def _catmull_rom(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray, n: int) -> np.ndarray:
    t = _ramp(0, 1, n, endpoint=False)[None, :, None]
    a, b, c, d = (x[:, None, :] for x in (a, b, c, d))
    out = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return out.reshape(-1, 2)


def rounded(points: Sequence[tuple[float, float]], radius: float, *, n: int = 7) -> Outline:
    """A polygon whose corners are rounded from `radius` before to `radius` after each (quadratic Bezier curves)."""
    p = np.asarray(points, float)
    out = []
    for before, corner, after in zip(np.roll(p, 1, 0), p, np.roll(p, -1, 0), strict=True):
        start, end = (corner + (q - corner) * min(0.5, radius / _length(q - corner)) for q in (before, after))
        t = _ramp(0, 1, n)[:, None]
        out.append((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end)
    return np.concatenate(out)


def leaf(x: float, y: float, length: float, half_width: float, *, turn: float = 0.0, bend: float = 0.0) -> Outline:
    """A pointed leaf that grows up from its foot at (x, y), turned clockwise by `turn`; `bend` moves its tip aside."""
    t = _ramp(0, 1, 32)
    half = half_width * np.sin(np.pi * t**0.8) ** 0.85
    spine = bend * t**2
    points = np.concatenate(
        [np.stack([spine + half, -length * t], 1), np.stack([spine - half, -length * t], 1)[-2:0:-1]]
    )
    return place(points, x, y, turn=turn)


def shaggy(points: Outline, tufts: int, depth: float, rng: np.random.Generator) -> Outline:
    """The outline with about that many pointed tufts along it, each up to `depth` outwards, leaning a bit down."""
    closed = np.concatenate([points, points[:1]])
    gone = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    at = np.linspace(0, gone[-1], 2 * tufts, endpoint=False)
    at[1::2] += rng.uniform(-0.25, 0.25, tufts) * gone[-1] / (2 * tufts)
    base = np.stack([np.interp(at, gone, closed[:, k]) for k in (0, 1)], 1)
    outward = base - base.mean(0)
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
    base[1::2] += outward[1::2] * (depth * rng.uniform(0.6, 1.0, tufts))[:, None] + (0, 0.3 * depth)
    return _chaikin(base, 1)


def _length(v: np.ndarray) -> float:
    return max(float(np.linalg.norm(v)), 1e-9)


def lobes(cx: float, cy: float, circles: Sequence[tuple[float, float, float]], *, n: int = 240) -> Outline:
    """The outer rim of several circles (x, y, radius about (cx, cy)), seen from (cx, cy), as of a heap of clouds.

    Circles should hold the centre or stand close around it: of what overhangs, only the furthest edge is kept.
    """
    a = _ramp(0, 2 * math.pi, n, endpoint=False)[:, None]
    x, y, r = np.asarray(circles, float).T
    along = x * np.cos(a) + y * np.sin(a)
    inside = along**2 - (x * x + y * y - r * r)
    reach = np.where(inside > 0, along + np.sqrt(np.maximum(inside, 0)), 0).max(1)
    return np.stack([cx + reach * np.cos(a[:, 0]), cy + reach * np.sin(a[:, 0])], 1)


def dripping(
    half: float,
    top: float,
    hem: float,
    drops: Sequence[tuple[float, float, float]],
    *,
    rise: float = 0.0,
    sag: float = 0.0,
    cx: float = 0.0,
    n: int = 200,
) -> Outline:
    """A sheet of icing or wax, 2 * half wide, from `top` to `hem`, running down in drops (x, half width, length).

    `rise` arches its upper edge upwards and `sag` its lower edge downwards in the middle, as of a round thing seen
    from above.
    """
    u = _ramp(-1, 1, n)
    bow = np.sqrt(np.maximum(0.0, 1 - u * u))
    low = hem + sag * bow
    for x, wide, length in drops:
        t = np.clip(np.abs(u * half - x) / wide, 0, 1)
        low = np.maximum(low, hem + sag * np.sqrt(max(0.0, 1 - (x / half) ** 2)) + length * np.sqrt(1 - t**2.4))
    upper = np.stack([cx + half * u, top - rise * bow], 1)
    return np.concatenate([upper, np.stack([cx + half * u, low], 1)[::-1]])
