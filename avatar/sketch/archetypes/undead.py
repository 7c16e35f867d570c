"""Those who walk again: zombie, mummy."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.folk import face_spot, head, neck, round_ears, shoulders
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import Figure, Look, Part
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, ellipse, leaf, mirrored, path, place, rounded, shaggy, stroke

_BONE = np.array([0.94, 0.91, 0.82])


@archetype(
    "cartoon",
    mains=("#9fbf7a", "#8fb59a", "#a9b88a", "#8aa8a0", "#b5c46a", "#a59fb8"),
    seconds=("#5a6a8a", "#8a4f3f", "#4f6a4f", "#6a5a7a", "#9a7a3f"),
    material="skin",
)
def zombie(look: Look) -> Figure:
    """The walking dead: a bald patch with brains or a stitch, wild tufts, torn clothes, arms held out in front."""
    skin, w = look.main, look.vary(0.46, 0.49)
    hair = look.one_of("#3a3028", "#4a4238", "#2a2a30", "#5f4a2f", "#6a6a62")
    side = 1 if look.chance(0.5) else -1
    dark = colours.mix(skin, np.array([0.2, 0.24, 0.18]), 0.5)
    sides = [(0, -0.5), (w * 0.9, -0.56), (w * 1.2, -0.24), (w * 1.22, 0.16), (w * 1.04, 0.34), (0, 0.3)]
    mop = shaggy(mirrored(sides), int(look.rng.integers(26, 34)), 0.16, look.rng)
    moss = tuple(
        Part(ellipse(x * w, y, rx, ry, turn=t), dark, "skin", puff=0.0, lift=0.0)
        for x, y, rx, ry, t in ((side * 0.86, 0.3, 0.05, 0.07, 20), (-side * 0.82, -0.3, 0.06, 0.05, 10))
    )
    bolt = both(
        Part(box(0.24, 0.66, 0.07, 0.035, 0.01), np.array([0.66, 0.68, 0.7]), "metal", puff=0.8),
        Part(box(0.31, 0.66, 0.03, 0.065, 0.015), np.array([0.6, 0.62, 0.65]), "metal", puff=0.8, lift=0.01),
    ) if look.chance(0.4) else ()  # fmt: skip
    return Figure(
        body=(
            Part(mop, hair, "hair", puff=0.6),
            shoulders(0.8, look.second),
            *_rags(look),
            neck(skin),
            *bolt,
            *round_ears(skin, w),
            Part(head(w, 1.02, 0.68), skin, look.material, puff=0.72, lift=0.06),
            *moss,
            *(_brains(look, w) if look.chance(0.6) else ()),
            *_stitches(side * w * 0.56, -0.46, 66 * side, 0.2, dark),
            *_stitches(-side * w * 0.82, 0.34, -side * 70, 0.13, dark),
        ),
        face=face_spot(look, w, hair, y=0.03),
        front=_hands(look, skin),
        crown=(0, -0.62, w),
        neck=(0, 0.8),
    )


def _brains(look: Look, w: float) -> tuple[Part, ...]:
    """The brain, open to the sky."""
    pink = look.one_of("#e890a0", "#d97f95", "#e8a5a0")
    lump = shaggy(ellipse(0, -0.66, w * 0.62, 0.15), 9, 0.02, look.rng)
    rim = shaggy(ellipse(0, -0.55, w * 0.68, 0.055), 14, 0.02, look.rng)
    grooves = tuple(
        Part(stroke([(x - 0.07, -0.7), (x - 0.02, -0.74), (x + 0.02, -0.66), (x + 0.07, -0.7)], 0.014), pink * 0.72,
            "waxy",
             puff=-0.5, lift=0.0)
        for x in (-0.18, -0.02, 0.15)
    )  # fmt: skip
    return (Part(lump, pink, "waxy", puff=0.9, lift=0.02), *grooves,
        Part(rim, look.main * 0.86, "skin", puff=0.5, lift=0.01))  # fmt: skip


def _stitches(x: float, y: float, turn: float, half: float, thread: np.ndarray) -> tuple[Part, ...]:
    """A sewn cut and its cross stitches."""
    dark = thread * 0.6
    cut = Part(place(box(0, 0, 0.011, half, 0.01), x, y, turn=turn), dark, "fabric", puff=0.2, lift=0.0)
    ties = tuple(
        Part(place(box(0, k * half, 0.05, 0.011, 0.01), x, y, turn=turn), dark, "fabric", puff=0.4, lift=0.004)
        for k in (-0.75, -0.25, 0.25, 0.75)
    )
    return (cut, *ties)


def _rags(look: Look) -> tuple[Part, ...]:
    """A torn collar, a loose tie, a patch."""
    tie = look.one_of("#a8303a", "#3f5a8a", "#7a5a2f")
    shirt = colours.mix(look.second, np.ones(3), 0.6)
    tatters = both(Part(np.array([(0.1, 0.74), (0.34, 0.7), (0.44, 0.88), (0.36, 0.86), (0.32, 0.98), (0.24, 0.88),
        (0.16, 1.0)]),
        shirt, "fabric", puff=0.3, lift=0.03))  # fmt: skip
    knot = Part(rounded([(-0.08, 0.84), (0.08, 0.86), (0.05, 0.96), (-0.04, 0.96)], 0.02), tie, "fabric", lift=0.02)
    tail = Part(
        rounded([(-0.04, 0.94), (0.05, 0.94), (0.16, 1.2), (-0.04, 1.2)], 0.02), tie, "fabric", puff=0.5, lift=0.015
    )
    return (*tatters, tail, knot)


def _hands(look: Look, skin: np.ndarray) -> tuple[Part, ...]:
    """Two hands that reach out of the picture's lower corners, nails and all."""
    parts = []
    for s in (-1, 1):
        x, y = s * 0.74, 0.66 + look.vary(-0.05, 0.05)
        parts.append(
            Part(stroke([(s * 0.84, 1.14), (x, y + 0.16)], [0.15, 0.12]), look.second, "fabric", puff=0.8, lift=0.05)
        )
        for k, turn in enumerate((-34, -12, 10, 32)):
            a = np.radians(turn + s * 4)
            tip = (x + 0.25 * float(np.sin(a)), y - 0.25 * float(np.cos(a)) + 0.02 * abs(k - 1.5))
            parts.append(
                Part(stroke([(x + 0.06 * (k - 1.5), y + 0.04), tip], [0.042, 0.036]), skin, "skin", puff=0.9, lift=0.03)
            )
            parts.append(Part(ellipse(*tip, 0.022, 0.028, turn=turn), _BONE * 0.8, "waxy", puff=0.7, lift=0.0))
        parts.append(Part(ellipse(x, y + 0.06, 0.125, 0.11), skin, "skin", puff=0.8, lift=0.02))
    return tuple(parts)


@archetype(
    "cartoon",
    mains=("#e6d8b5", "#d9cba8", "#e9e0c9", "#cfc0a0", "#dccfb8"),
    seconds=("#a58a6a", "#8a7a66", "#b59a78", "#7a6a5a"),
    material="skin",
)
def mummy(look: Look) -> Figure:
    """Wrapped in linen from head to chest: strips that cross about an open face, a loose end in the wind, a scarab."""
    w = look.vary(0.5, 0.53)
    skin = colours.mix(look.second, np.array([0.86, 0.68, 0.52]), 0.55)
    linen = look.main
    flutter = 1 if look.chance(0.5) else -1
    skull = mirrored([(0, -0.78), (w * 0.64, -0.7), (w * 1.04, -0.3), (w * 1.04, 0.14), (w * 0.86, 0.5), (w * 0.44,
        0.78),
        (0, 0.84)])  # fmt: skip
    bust = mirrored([(0, 0.66), (0.26, 0.7), (0.62, 0.8), (0.84, 1.0), (0.88, 1.2), (0, 1.25)])
    f, drop = flutter, look.vary(0.2, 0.4)
    end = _ribbon(
        [(f * w * 0.86, -0.34), (f * (w + 0.14), -0.3), (f * (w + 0.24), -0.08), (f * (w + 0.2), drop)], 0.062
    )
    lower = _ribbon([(-f * w * 0.8, 0.36), (-f * (w + 0.14), 0.46), (-f * (w + 0.32), 0.4)], 0.06)
    weave = "canvas"
    return Figure(
        body=(
            Part(end, colours.shade(linen, light=-0.03), weave, bevel=0.022),
            Part(lower, colours.shade(linen, light=-0.06), weave, bevel=0.022),
            Part(bust, colours.shade(linen, light=-0.18), weave, puff=0.5),
            *_strips(look, _CHEST, linen),
            *_scarab(look),
            Part(skull, colours.shade(linen, light=-0.2), weave, puff=0.6, lift=0.06),
            Part(head(w * 0.93, 1.06, 0.7), skin, "skin", puff=0.5, lift=0.0),
        ),
        face=face_spot(look, w * 0.92, colours.shade(skin, light=-0.25), y=0.05),
        front=_strips(look, [[(x * w / 0.5, y) for x, y in strip] for strip in _HEAD], linen),
        crown=(0, -0.7, w),
        neck=(0, 0.84),
    )


_HEAD = [
    [(-0.26, -0.68), (0.05, -0.72), (0.28, -0.66)],
    [(-0.5, 0.2), (-0.47, 0.0), (-0.46, -0.2), (-0.4, -0.4)],
    [(0.5, 0.22), (0.48, 0.02), (0.47, -0.18), (0.4, -0.42)],
    [(-0.46, 0.42), (-0.44, 0.2), (-0.49, -0.06)],
    [(0.46, 0.44), (0.45, 0.24), (0.49, -0.04)],
    [(-0.44, 0.5), (-0.1, 0.79), (0.3, 0.74), (0.46, 0.42)],
    [(-0.48, 0.34), (-0.34, 0.66), (0.05, 0.8), (0.3, 0.72)],
    [(-0.4, -0.5), (-0.05, -0.62), (0.38, -0.54)],
    [(-0.5, -0.3), (-0.2, -0.45), (0.2, -0.5), (0.46, -0.46)],
    [(-0.46, -0.46), (-0.1, -0.52), (0.26, -0.47), (0.51, -0.28)],
]
"""Where the strips about the head run, for a half width of 0.5; they keep clear of brows, eyes, nose and lips."""

_CHEST = [
    [(-0.36, 0.78), (0.0, 0.86), (0.36, 0.78)],
    [(-0.66, 0.9), (-0.1, 0.92), (0.5, 0.8)],
    [(-0.5, 0.8), (0.1, 0.98), (0.7, 0.9)],
    [(-0.86, 1.08), (-0.2, 1.0), (0.6, 1.02), (0.88, 1.08)],
]


def _strips(look: Look, lines: list[list[tuple[float, float]]], linen: np.ndarray) -> tuple[Part, ...]:
    """Bandages along these lines, each of a slightly different shade."""
    return tuple(
        Part(
            _ribbon(line, look.vary(0.072, 0.086)),
            colours.shade(linen, light=look.vary(-0.09, 0.03)),
            "canvas",
            bevel=0.022,
            lift=0.035,
        )
        for line in lines
    )


def _ribbon(points: list[tuple[float, float]], half: float) -> np.ndarray:
    """A strip of even width along a smooth line, cut off square at both ends."""
    line = path(points)
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    across = np.stack([-along[:, 1], along[:, 0]], 1) * half
    return np.concatenate([line + across, (line - across)[::-1]])


def _scarab(look: Look) -> tuple[Part, ...]:
    """A beetle of blue glaze on a golden disc."""
    gold, glaze = np.array([0.88, 0.7, 0.28]), look.one_of("#2f8fa8", "#2f6fb5", "#3f9a7a")
    wings = both(Part(leaf(0.06, 0.98, 0.26, 0.06, turn=72), glaze * 0.85, "glass", puff=0.6, lift=0.02))
    return (
        *wings,
        Part(ellipse(0, 0.96, 0.12, 0.11), gold, "metal", puff=0.6, lift=0.03),
        Part(ellipse(0, 0.97, 0.07, 0.08), glaze, "glass", puff=1.0, lift=0.01),
        Part(ellipse(0, 0.885, 0.04, 0.03), glaze * 0.8, "glass", puff=1.0, lift=0.0),
    )
