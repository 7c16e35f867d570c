"""The portrait: a picture, where its face is, and how it came to be."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Guidance = Literal["none", "control", "pixel", "both"]


@dataclass(frozen=True)
class Verdict:
    """What the landmark detector and the plausibility rules say of a picture."""

    found: bool
    plausible: bool
    reasons: tuple[str, ...] = ()
    """Why it is not plausible, in words; empty when it is."""
    error: float | None = None
    """Mean distance to the known points, as a share of the inter-ocular distance; None where none are known."""


@dataclass(frozen=True)
class Attempt:
    """One try of an expert at the portrait."""

    seed: int
    guidance: Guidance
    verdict: Verdict
    seconds: float
    expert: str | None = None
    strength: float | None = None
    """How much of the start could change, where the guidance has one."""
    control_scale: float | None = None
    """How much the ControlNet added, where the guidance has one."""


@dataclass(frozen=True)
class Portrait:
    """An avatar's face.

    `image`: uint8 RGB (H, W, 3). `landmarks`: float32 (478, 2) pixels, see `avatar/landmarks.py`, or None where no
    face was found. `depth`: float32 (478,) pixels on the scale of x, smaller is nearer to the viewer; None like
    `landmarks`. `attempts`: every try, the last one being the portrait's. `mask`: uint8 (H, W), 255 on the character
    and 0 on the background, or None where it isn't known.
    """

    image: np.ndarray
    landmarks: np.ndarray | None
    depth: np.ndarray | None
    expert: str
    seed: int
    guidance: Guidance
    verdict: Verdict
    attempts: tuple[Attempt, ...] = field(default=())
    mask: np.ndarray | None = None
    stand_in: str | None = None
    """Why the sketch stands in for the expert that was asked; None where it doesn't."""
