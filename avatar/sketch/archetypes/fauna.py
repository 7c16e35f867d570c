"""Pieces that animals of several families share: heads that run on into a trunk, ears, locks of a mane, tails."""

from collections.abc import Sequence

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import Look, Part
from personify.avatar.sketch.shapes import Outline, curve, ellipse, leaf, path, stroke

PINK = np.array([0.88, 0.54, 0.54])
DARK = np.array([0.17, 0.14, 0.14])
WHITE = np.array([0.97, 0.95, 0.91])
HORN = np.array([0.9, 0.84, 0.7])

Points = Sequence[tuple[float, float]]


def run_on(right: Points, spine: Points, widths: Sequence[float]) -> Outline:
    """A head, given its right half from the top down, that runs on into a trunk along `spine` as one skin."""
    limb = stroke(spine, widths)
    n = len(path(spine))
    left_edge, end, right_edge = limb[:n], limb[n : n + 7], limb[n + 7 : 2 * n + 7][::-1]
    side = path(list(right))
    return np.concatenate([side, right_edge, end[::-1], left_edge[::-1], (side * (-1, 1))[::-1][:-1]])


def furry(crown: Points, tips: Points, chin: Points) -> Outline:
    """A head whose cheeks end in tufts of fur: its right half from the top down, smooth above and below, pointed
    between: `tips` runs from notch to tip to notch."""
    tufts = np.concatenate([[crown[-1]], np.asarray(tips, float), [chin[0]]])
    before, after = tufts[:-1], tufts[1:]
    soft = np.stack([0.8 * before + 0.2 * after, 0.2 * before + 0.8 * after], 1).reshape(-1, 2)
    side = np.concatenate([path(list(crown)), soft, path(list(chin))])
    return np.concatenate([side, (side * (-1, 1))[::-1]])


def round_ears(look: Look, x: float, y: float, r: float, outer: np.ndarray, inner: np.ndarray) -> tuple[Part, ...]:
    """Round ears on both sides with a shallow hollow."""
    return both(
        Part(ellipse(x, y, r, r * 1.03), outer, look.material, puff=0.6),
        Part(ellipse(x - 0.015, y + 0.02, r * 0.66, r * 0.68), inner, "felt", puff=-0.3, lift=0.0),
    )


def side_ears(
    look: Look, x: float, y: float, length: float, half: float, turn: float, inner: np.ndarray
) -> tuple[Part, ...]:
    """Leaf-shaped ears that stand off to both sides, from their root at (x, y), turned clockwise from upright."""
    return both(
        Part(leaf(x, y, length, half, turn=turn, bend=0.04), look.main, look.material, puff=0.55, lift=0.04),
        Part(leaf(x + 0.02, y, length * 0.8, half * 0.6, turn=turn, bend=0.03), inner, "felt", puff=-0.2, lift=0.0),
    )


def ring_of_locks(
    look: Look, cx: float, cy: float, rx: float, ry: float, count: int, length: float, tone: np.ndarray
) -> tuple[Part, ...]:
    """Pointed locks all round an ellipse, the lowest drawn last, each a little different."""
    spread = np.linspace(0, 2 * np.pi, count, endpoint=False) + look.vary(-0.1, 0.1)
    angles = sorted(map(float, spread), key=lambda a: -np.cos(a))
    return tuple(
        Part(
            leaf(cx + rx * np.sin(a), cy - ry * np.cos(a), length * look.vary(0.82, 1.12), length * 0.36,
                turn=float(np.degrees(a)) + look.vary(-9, 9), bend=look.vary(-0.06, 0.06)),
            colours.shade(tone, light=look.vary(-0.035, 0.035)), "hair", puff=0.5, lift=0.025,
        )
        for a in angles
    )  # fmt: skip


def tufted_tail(look: Look, side: int, tuft: np.ndarray, half: float = 0.05) -> tuple[Part, ...]:
    """A thin tail to one side with a tuft at its end, as of lions and cows."""
    x = side * look.vary(0.8, 0.86)
    line = [(side * 0.4, 1.04), (side * 0.72, 0.92), (side * 0.84, 0.66), (x, look.vary(0.42, 0.52))]
    end = line[-1]
    locks = tuple(
        Part(leaf(end[0], end[1] + 0.07, 0.25, 0.07, turn=side * t, bend=0.03), tuft, "hair", puff=0.5, lift=0.02)
        for t in (-26, 24, 0)
    )
    return (Part(stroke(line, half), look.main, look.material), *locks)


def hooves(look: Look, x: float, y: float, colour: np.ndarray) -> tuple[Part, ...]:
    """Two front legs that end in cloven hooves at the foot of the picture."""
    hoof = curve([(x - 0.12, y), (x + 0.12, y), (x + 0.14, y + 0.12), (x + 0.02, y + 0.12), (x, y + 0.05),
        (x - 0.02, y + 0.12), (x - 0.14, y + 0.12)])  # fmt: skip
    return both(
        Part(stroke([(x, y - 0.26), (x, y + 0.02)], [0.13, 0.115]), look.main, look.material, puff=0.5, lift=0.02),
        Part(hoof, colour, "waxy", puff=0.6, lift=0.01),
    )
