"""The schedule by which attempts are guided more strongly, and how strength becomes steps; numbers only."""

import hashlib
import math

from personify.avatar.catalogue import ExpertEntry
from personify.avatar.orders import Steer
from personify.avatar.portrait import Guidance

STRENGTH_STEP, STRENGTH_MIN = 0.12, 0.25
"""Each further attempt changes less of the start picture, by this much, but at least a quarter of it: below that the
picture is the sketch with another grain."""
CONTROL_STEP, CONTROL_MAX = 0.15, 1.6
"""Each further attempt weighs the drawn landmarks more, by this much; beyond the maximum ControlNets burn the mesh's
lines into the picture."""
LEAST_STEPS = 8
"""A standard expert takes at least this many real steps (or all of its own, if fewer) however little may change."""


def schedule(entry: ExpertEntry, guidance: Guidance, attempts: int) -> tuple[Steer, ...]:
    """How each of `attempts` tries is guided: the first at the entry's own strength and control scale, each further
    one with `STRENGTH_STEP` less strength and `CONTROL_STEP` more control scale within their bounds. Guidance `none`
    has nothing to strengthen: its attempts differ by their seeds alone."""
    tries = range(max(0, attempts))
    if guidance == "none":
        return tuple(Steer("none", entry.strength, entry.control_scale, k) for k in tries)
    lowest = min(STRENGTH_MIN, entry.strength)
    highest = max(CONTROL_MAX, entry.control_scale)
    return tuple(
        Steer(
            guidance,
            round(max(lowest, entry.strength - STRENGTH_STEP * k), 4),
            round(min(highest, entry.control_scale + CONTROL_STEP * k), 4),
            k,
        )
        for k in tries
    )


def derive(seed: int, attempt: int) -> int:
    """The seed of attempt `attempt` (0 is the first, which draws from `seed` itself): 32 bits, the same everywhere."""
    if attempt == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}:{attempt}".encode()).digest()[:4])


def steps_to_ask(steps: int, strength: float, *, few_step: bool) -> int:
    """How many steps to ask an image-to-image pipeline for, which takes only `int(asked * strength)` of them.

    A few-step expert takes all of its `steps`: it was distilled for just that many, and two or three of them give mud.
    A standard one asks for `steps`, as diffusers does, so that a smaller change costs less, but for no fewer than give
    `LEAST_STEPS` real ones.
    """
    real = steps if few_step else min(steps, LEAST_STEPS)
    asked = math.ceil(real / strength)
    while int(asked * strength) < real:  # the product may fall a hair short of a whole number
        asked += 1
    return max(steps, asked)
