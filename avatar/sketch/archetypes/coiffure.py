"""Coiffure: how people wear their hair, as parts behind the head and parts over it.

Points are in heads: the origin is the middle of the face, 1 is half a head's width, y grows downwards; the chin is
near 1.45 and the top of the skull near -1.3. The hairline stays above -0.75, so that brows are free.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import Look, Part
from personify.avatar.sketch.shapes import curve, ellipse, lobes, mirrored, stroke

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Head:
    """Where a head is, picture units, and the colours on it."""

    w: float
    cy: float
    skin: np.ndarray
    hair: np.ndarray

    def at(self, points: Points) -> list[tuple[float, float]]:
        """Heads to picture units."""
        return [(x * self.w, self.cy + y * self.w) for x, y in points]

    def lock(self, points: Points, widths: Sequence[float], light: float = 0.0, lift: float = 0.02) -> Part:
        """A lock of hair along a path; `widths` are half widths in heads."""
        tone = colours.shade(self.hair, light=light)
        return Part(stroke(self.at(points), [v * self.w for v in widths]), tone, "hair", puff=0.6, lift=lift)

    def mass(self, points: Points, light: float = 0.0, puff: float = 0.55, lift: float = 0.03) -> Part:
        """A closed mass of hair through the points."""
        return Part(curve(self.at(points)), colours.shade(self.hair, light=light), "hair", puff=puff, lift=lift)


@dataclass(frozen=True)
class Hair:
    """One haircut: parts behind everything, and parts over the face's rim."""

    behind: tuple[Part, ...] = ()
    over: tuple[Part, ...] = ()


def for_woman(look: Look, head: Head) -> Hair:
    """A haircut by age and seed."""
    if look.brief.age == "elderly":
        return _pick(look, _bun, _set_curls, _bob)(look, head)
    return _pick(look, _long, _waves, _bob, _bun, _ponytail, _curls)(look, head)


def for_man(look: Look, head: Head) -> Hair:
    """A haircut by age and seed; some old men have none on top."""
    if look.brief.age == "elderly":
        return _pick(look, _fringe_of_baldness, _side_part, _swept_back)(look, head)
    return _pick(look, _side_part, _quiff, _crop, _short_curls, _swept_back)(look, head)


def for_child(look: Look, head: Head) -> Hair:
    """A haircut by gender and seed."""
    if look.brief.gender == "feminine":
        return _pick(look, _pigtails, _page_boy, _curls, _ponytail)(look, head)
    if look.brief.gender == "masculine":
        return _pick(look, _mop, _tousled, _short_curls)(look, head)
    return _pick(look, _mop, _tousled, _short_curls, _page_boy, _pigtails)(look, head)


def _pick(look: Look, *cuts: Callable[[Look, Head], Hair]) -> Callable[[Look, Head], Hair]:
    return cuts[int(look.rng.integers(len(cuts)))]


# ---- long


def _curtains(look: Look, head: Head, foot: float, out: float = 1.14) -> tuple[Part, ...]:
    """Hair parted on top that falls beside the face to y = `foot`, with a few locks on it."""
    x = look.vary(-0.45, 0.45)
    parts = []
    for side in (-1, 1):
        px, reach = side * x, min(foot, 0.15)
        line = [
            (px - 0.06, -1.5), (0.12 + 0.5 * px, -1.58), (0.64, -1.42), (1.02, -1.04),
            (out + 0.02, -0.5), (out + 0.02, reach), (out - 0.02, foot),
            (out - 0.14, foot - 0.1), (0.99, reach - 0.1), (0.94, -0.42), (0.74, -0.76), (0.42 + 0.3 * px, -0.98),
            (px + 0.02, -1.16),
        ]  # fmt: skip
        parts.append(head.mass([(side * a, b) for a, b in line], light=look.vary(-0.015, 0.015)))
        for k, light in ((0.0, 0.035), (0.1, -0.03)):
            way = [(px + 0.05, -1.4 + k), (0.55 - k, -1.28 + k), (0.9 - 0.6 * k, -0.9 + k), (1.05 - 0.3 * k, -0.35)]
            parts.append(head.lock([(side * a, b) for a, b in way], (0.03, 0.07, 0.06, 0.015), light, lift=0.008))
    return tuple(parts)


def _fall(head: Head, foot: float, wide: float, wave: float = 0.0) -> Part:
    """The hair behind the head and neck, down to y = `foot`."""
    top = [(0, -1.58), (0.62, -1.44), (1.08, -0.98), (wide, -0.2)]
    rows = np.linspace(0.3, foot - 0.1, max(3, round((foot + 0.4) / 0.42)))
    sides = [(wide + wave * (-1) ** k, float(y)) for k, y in enumerate(rows)]
    outline = mirrored(head.at([*top, *sides, (wide * 0.72, foot + 0.06), (0.3, foot), (0, foot)]))
    return Part(outline, colours.shade(head.hair, light=-0.035), "hair", puff=0.45)


def _long(look: Look, head: Head) -> Hair:
    foot = look.vary(1.75, 2.3)
    strands = both(
        head.lock([(1.12, 0.0), (1.2, 0.7), (1.12, 1.3), (1.02, foot)], (0.06, 0.14, 0.16, 0.05), 0.01, lift=0.03)
    )
    return Hair((_fall(head, foot, 1.28),), (*strands, *_curtains(look, head, look.vary(0.5, 0.9))))


def _waves(look: Look, head: Head) -> Hair:
    foot = look.vary(1.6, 2.1)
    parts: list[Part] = []
    for k, light in enumerate((-0.02, 0.03, 0.0)):
        x = 1.1 + 0.13 * k
        way = [(x, -0.1), (x + 0.16, 0.35), (x - 0.02, 0.8), (x + 0.14, 1.25), (x - 0.05, foot - 0.1 * k)]
        parts += both(head.lock(way, (0.06, 0.13, 0.13, 0.12, 0.03), light, lift=0.02))
    return Hair((_fall(head, foot, 1.36, 0.07),), (*parts, *_curtains(look, head, 0.3, 1.18)))


def _bob(look: Look, head: Head) -> Hair:
    foot = look.vary(0.95, 1.35)
    line = [(1.02, -0.4), (1.22, -0.1), (1.25, 0.5), (1.14, foot), (0.98, foot - 0.02), (1.04, 0.5), (1.0, 0.0)]
    return Hair((_fall(head, foot, 1.25),), (*both(head.mass(line, 0.012)), *_curtains(look, head, 0.2, 1.17)))


def _bun(look: Look, head: Head) -> Hair:
    r = look.vary(0.36, 0.46)
    knot = Part(lobes(0, head.cy - 1.5 * head.w - r * 0.4 * head.w, [
        (0, 0, r * head.w), (-0.12 * head.w, 0.05, 0.8 * r * head.w), (0.12 * head.w, 0.05, 0.8 * r * head.w)]),
        head.hair, "hair", puff=0.8)  # fmt: skip
    wisps = both(head.lock([(0.97, -0.5), (1.06, -0.05), (1.0, 0.42)], (0.05, 0.05, 0.012), 0.02))
    return Hair((knot, _fall(head, 0.3, 1.1)), (*wisps, *_curtains(look, head, -0.12, 1.1)))


def _ponytail(look: Look, head: Head) -> Hair:
    side = -1 if look.chance(0.5) else 1
    tail = [(0.85, -0.95), (1.5, -0.7), (1.72, 0.0), (1.55, 0.75), (1.62, 1.3)]
    way = [(side * x, y) for x, y in tail]
    band = Part(stroke(head.at([(side * 1.02, -1.14), (side * 1.2, -0.78)]), 0.07 * head.w),
        look.one_of("#c2413f", "#3f6f9c", "#d9a53a", "#7a4f8c"), "fabric", lift=0.02)  # fmt: skip
    return Hair(
        (head.lock(way, (0.14, 0.3, 0.34, 0.26, 0.05), -0.02, lift=0.04), band, _fall(head, 0.25, 1.09)),
        _curtains(look, head, -0.1, 1.1),
    )


def _pigtails(look: Look, head: Head) -> Hair:
    drop = look.vary(0.7, 1.15)
    tie = look.one_of("#d94f6a", "#3f7fbf", "#f0b93a", "#5fa05a")
    tail = head.lock([(1.05, -0.45), (1.5, -0.3), (1.62, 0.25), (1.45, drop)], (0.1, 0.25, 0.27, 0.04), -0.01)
    knot = Part(stroke(head.at([(1.14, -0.62), (1.22, -0.3)]), 0.09 * head.w), tie, "fabric", lift=0.02)
    return Hair(
        (*both(tail, knot), _fall(head, 0.1, 1.06)), (*_curtains(look, head, -0.3, 1.08), *_strands(look, head, 3))
    )


def _page_boy(look: Look, head: Head) -> Hair:
    """A straight fringe and sides to the jaw."""
    foot = look.vary(0.7, 1.05)
    line = [(0, -1.6), (0.6, -1.46), (1.08, -1.02), (1.24, -0.3), (1.25, 0.4), (1.12, foot), (0.97, foot - 0.04),
        (1.02, 0.2), (0.96, -0.42), (0.84, -0.68), (0.45, -0.74), (0, -0.76)]  # fmt: skip
    return Hair(
        (_fall(head, foot, 1.22),),
        (Part(mirrored(head.at(line)), head.hair, "hair", puff=0.55, lift=0.03), *_strands(look, head, 5, -0.82)),
    )


# ---- curls


def _ringlets(look: Look, head: Head, inner: float, reach: float, foot: float, count: int) -> tuple[Part, ...]:
    """Round curls in an arc around the head, from `foot` on one side over the top to the other."""
    parts = []
    low = np.degrees(np.arctan2(1.0, -foot))
    for k in np.random.default_rng(int(look.rng.integers(1 << 16))).permutation(count):
        a = np.radians(-low + 2 * low * k / (count - 1))
        x, y = float(np.sin(a)) * (inner + 0.02), -0.06 - float(np.cos(a)) * (inner + 0.12)
        r = reach * look.vary(0.85, 1.15)
        spot = head.at([(x, y)])[0]
        tone = colours.shade(head.hair, light=look.vary(-0.025, 0.04))
        parts.append(Part(ellipse(*spot, r * head.w, 0.92 * r * head.w, n=32), tone, "felt", puff=0.75, lift=0.025))
    return tuple(parts)


def _curls(look: Look, head: Head) -> Hair:
    """A cloud of curls."""
    size = look.vary(1.36, 1.5)
    rim = [(size * 0.6 * np.sin(a), -0.35 - size * 0.62 * np.cos(a), size * 0.5) for a in np.linspace(-2.2, 2.2, 11)]
    cloud = lobes(0, head.cy, [(x * head.w, y * head.w, r * head.w) for x, y, r in [(0.0, -0.3, size * 0.85), *rim]])
    back = Part(cloud, colours.shade(head.hair, light=-0.03), "felt", puff=0.5)
    outer = _ringlets(look, head, size * 0.86, 0.3, 0.3, 15)
    return Hair((back, *outer), _ringlets(look, head, 1.12, 0.27, 0.0, 13))


def _set_curls(look: Look, head: Head) -> Hair:
    """Short, set curls."""
    return Hair(
        (_fall(head, 0.3, 1.14),),
        (*_ringlets(look, head, 1.2, 0.27, 0.0, 11), *_ringlets(look, head, 1.04, 0.26, 0.0, 11)),
    )


def _short_curls(look: Look, head: Head) -> Hair:
    cap = _cap(head, 1.38, 1.06, -0.98)
    return Hair((), (cap, *_ringlets(look, head, 1.2, 0.24, -0.3, 9), *_ringlets(look, head, 1.04, 0.23, -0.4, 10)))


# ---- short


def _cap(head: Head, top: float, side: float, line: float, foot: float = -0.12, light: float = -0.01) -> Part:
    """Short hair: `top` and `side` say how far it stands out, `line` is the hairline's middle."""
    right = [(0, -top - 0.06), (0.58, -top + 0.07), (side - 0.08, -1.0), (side + 0.02, -0.5), (side - 0.02, foot),
        (0.985, foot - 0.02), (0.95, -0.5), (0.8, -0.8), (0.4, line - 0.01), (0, line)]  # fmt: skip
    return Part(mirrored(head.at(right)), colours.shade(head.hair, light=light), "hair", puff=0.5, lift=0.02)


def _strands(look: Look, head: Head, count: int, foot: float = -1.0) -> tuple[Part, ...]:
    """Locks from the crown down to the hairline."""
    parts = []
    for k in range(count):
        x = -0.7 + 1.4 * (k + 0.5) / count
        way = [(x * 0.35, -1.42), (x * 0.85, -1.24), (x * 1.05 + look.vary(-0.04, 0.04), foot - 0.1 * x * x)]
        parts.append(head.lock(way, (0.03, 0.13, 0.05), look.vary(-0.03, 0.04), lift=0.006))
    return tuple(parts)


def _side_part(look: Look, head: Head) -> Hair:
    side, rise = (-1 if look.chance(0.5) else 1), look.vary(0.0, 0.12)
    parts = [_cap(head, 1.42, 1.07, -0.98)]
    for k, light in ((0, -0.02), (1, 0.03), (2, 0.0)):
        d = 0.13 * k
        way = [(-0.6, -1.12 - d), (-0.1, -1.22 - d - rise), (0.5, -1.12 - d - rise), (0.96, -0.74 - 0.5 * d)]
        parts.append(head.lock([(side * x, y) for x, y in way], (0.05, 0.16, 0.16, 0.05), light))
    return Hair((), tuple(parts[:1] + parts[1:][::-1]))


def _quiff(look: Look, head: Head) -> Hair:
    side, rise = (-1 if look.chance(0.5) else 1), look.vary(0.0, 0.12)
    parts = [_cap(head, 1.4, 1.05, -1.0)]
    for x, light in ((0.7, -0.02), (0.44, 0.025), (0.16, -0.01), (-0.14, 0.03), (-0.44, 0.0)):
        up = rise + 0.14 * (1 - (x - 0.1) ** 2)
        way = [(x, -0.97 - 0.05 * (1 - x * x)), (x - 0.14, -1.18), (x - 0.1, -1.38 - up), (x + 0.12, -1.44 - up)]
        parts.append(head.lock([(side * a, b) for a, b in way], (0.14, 0.22, 0.2, 0.08), light, lift=0.008))
    return Hair((), tuple(parts))


def _crop(_: Look, head: Head) -> Hair:
    """Hair cut close to the skull."""
    close = colours.mix(head.hair, head.skin, 0.16)
    right = [(0, -1.43), (0.58, -1.3), (0.97, -0.95), (1.035, -0.5), (1.015, 0.0), (0.97, -0.04), (0.94, -0.52),
        (0.8, -0.78), (0.46, -0.95), (0, -0.99)]  # fmt: skip
    return Hair((), (Part(mirrored(head.at(right)), close, "felt", puff=0.45, lift=0.01),))


def _swept_back(look: Look, head: Head) -> Hair:
    parts = [_cap(head, 1.42, 1.1, -1.04, foot=look.vary(-0.05, 0.3))]
    for x, light in ((0.7, -0.02), (-0.7, 0.0), (0.42, 0.03), (-0.42, -0.025), (0.14, 0.0), (-0.14, 0.03)):
        way = [(x * 0.95, -0.99 + 0.22 * x * x), (x * 1.12, -1.2 + 0.14 * x * x), (x * 0.9, -1.4 + 0.24 * x * x)]
        parts.append(head.lock(way, (0.1, 0.17, 0.08), light, lift=0.006))
    return Hair((_fall(head, 0.5, 1.12),), tuple(parts))


def _mop(look: Look, head: Head) -> Hair:
    """Hair combed down over the forehead, uncombed all the same."""
    parts = [_cap(head, 1.46, 1.12, -0.95, foot=look.vary(-0.1, 0.15))]
    side = -1 if look.chance(0.5) else 1
    for k, light in enumerate((-0.02, 0.03, 0.0, 0.035, -0.01)):
        x = -0.62 + 0.3 * k
        way = [(x * 0.4, -1.4), (x - 0.05, -1.12), (x + 0.2, -0.8 - 0.03 * (k % 2))]
        parts.append(head.lock([(side * a, b) for a, b in way], (0.12, 0.2, 0.03), light, lift=0.012))
    return Hair((), tuple(parts))


def _tousled(look: Look, head: Head) -> Hair:
    """Tufts that stand in all directions."""
    parts = [_cap(head, 1.4, 1.1, -0.95)]
    for k in range(7):
        x = -0.9 + 0.3 * k
        lean = x * 0.4 + look.vary(-0.18, 0.18)
        foot = -0.9 - 0.2 * (1 - x * x)
        way = [(x * 0.85, foot), (x + lean * 0.4, foot - 0.36), (x + lean, foot - 0.54 - 0.16 * (1 - x * x))]
        parts.append(head.lock(way, (0.16, 0.2, 0.02), look.vary(-0.03, 0.035), lift=0.012))
    return Hair((), tuple(parts))


def _fringe_of_baldness(_: Look, head: Head) -> Hair:
    """Bald on top, with hair above the ears."""
    parts: list[Part] = []
    for k, light in enumerate((-0.03, 0.02, 0.0)):
        x, y = 0.03 * k, 0.2 * k
        way = [(0.93 + x, -0.72 + y), (1.07 + 1.6 * x, -0.46 + y), (1.06 + x, -0.1 + y)]
        parts += both(head.lock(way, (0.03, 0.11, 0.05), light, lift=0.008))
    return Hair(tuple(parts), both(head.lock([(0.93, -0.62), (1.03, -0.36), (1.02, -0.06)], (0.03, 0.08, 0.05), 0.02)))
