"""Pieces that several archetypes share: a veined leaf, moved parts, and whether a concept goes by a name."""

import math
import re
from dataclasses import replace

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import Look, Part
from personify.avatar.sketch.shapes import leaf


def called(look: Look, *names: str) -> bool:
    """Whether the concept's own words hold one of these, singular or plural."""
    return re.search(rf"\b({'|'.join(names)})(e?s)?\b", look.brief.concept.lower()) is not None


def veined_leaf(x: float, y: float, length: float, half: float, turn: float, green: np.ndarray) -> tuple[Part, ...]:
    """A leaf with its midrib, from its foot at (x, y), turned clockwise by `turn` degrees."""
    bend = math.copysign(0.05, -turn)
    return (
        Part(leaf(x, y, length, half, turn=turn, bend=bend), green, "leaf", puff=0.55, lift=0.04),
        Part(leaf(x, y, length * 0.86, 0.011, turn=turn, bend=bend * 0.75), colours.shade(green, light=0.13), "leaf",
            puff=0.3, lift=0.0),
    )  # fmt: skip


def moved(part: Part, dx: float = 0.0, dy: float = 0.0) -> Part:
    """The part elsewhere."""
    return replace(part, outline=part.outline + (dx, dy), holes=tuple(h + (dx, dy) for h in part.holes))


def both(*parts: Part) -> tuple[Part, ...]:
    """The parts and their mirror images."""
    return tuple(p for part in parts for p in (part, part.mirrored()))
