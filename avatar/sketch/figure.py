"""A figure: what an archetype hands to the drawing: parts from back to front, and the spot where the face goes.

Lengths are in picture units (the canvas runs from -1 to 1, y downwards). Colours are sRGB floats in [0, 1], shape (3,).
"""

from dataclasses import dataclass, field, replace

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.sketch import colours
from personify.avatar.sketch.shapes import Outline, flip


@dataclass(frozen=True)
class Pattern:
    """A second colour on a part: `kind` is one of patterns.py's, `scale` its size in picture units."""

    kind: str
    colour: np.ndarray
    scale: float = 0.1
    strength: float = 1.0


@dataclass(frozen=True)
class Part:
    """One piece of a figure.

    `puff` says how far it bulges (1: as deep as it is wide, 0: flat); with `bevel` it is a slab with a rounded rim of
    that width instead. `lift` is its distance from what lies behind it, which sets the shadow it throws.
    """

    outline: Outline
    colour: np.ndarray
    material: str = "clay"
    puff: float = 0.8
    bevel: float | None = None
    lift: float = 0.05
    pattern: Pattern | None = None
    holes: tuple[Outline, ...] = ()

    def mirrored(self, cx: float = 0.0) -> "Part":
        """The same part on the other side of x = cx."""
        return replace(self, outline=flip(self.outline, cx), holes=tuple(flip(h, cx) for h in self.holes))


@dataclass(frozen=True)
class FaceSpot:
    """Where the face goes and what it is made of.

    `iod` is the distance between the centres of the eyes; a face covers about 2.3 of it across and 2.4 down, from
    0.8 above the eyes to 1.6 below. `roll` is in degrees, clockwise. `muzzle` tints the ground around nose and mouth,
    `nose` the nose itself (a cat's, a beak's); `hair` colours the brows.
    """

    cx: float = 0.0
    cy: float = 0.0
    iod: float = 0.36
    roll: float = 0.0
    muzzle: np.ndarray | None = None
    nose: np.ndarray | None = None
    hair: np.ndarray | None = None
    human: bool = False
    eye_scale: float = 1.0
    squeeze: float = 1.0
    """Shortens (below 1) or lengthens the face's height to fit low or tall things."""


@dataclass(frozen=True)
class Figure:
    """Parts from back to front: first those behind and under the face, then those that may cover it."""

    body: tuple[Part, ...]
    face: FaceSpot
    front: tuple[Part, ...] = ()
    crown: tuple[float, float, float] | None = None
    """Where a hat sits: x, y and half width of the top of the head; None: above the face."""
    neck: tuple[float, float] | None = None
    """Where a scarf or tie sits: x, y; None: under the chin."""


@dataclass(frozen=True)
class Look:
    """What an archetype may draw upon: the brief, its colours as RGB, and the seed's generator."""

    brief: AppearanceBrief
    rng: np.random.Generator
    main: np.ndarray
    second: np.ndarray
    material: str = "clay"
    extra: dict[str, np.ndarray] = field(default_factory=dict)

    def vary(self, low: float, high: float) -> float:
        """A number from the seed."""
        return float(self.rng.uniform(low, high))

    def chance(self, probability: float) -> bool:
        """True with that probability."""
        return bool(self.rng.random() < probability)

    def one_of(self, *choices: str) -> np.ndarray:
        """One of several colours, by CSS name or #rrggbb."""
        return colours.parse(str(self.rng.choice(choices)))

    def hair_for(self, skin: np.ndarray) -> np.ndarray:
        """A hair colour that fits the age and goes with the skin."""
        if self.brief.age == "elderly":
            return self.one_of("#d9d6d2", "#bfbcb8", "#efece6", "#a9a39b")
        dark = ("#2a1c15", "#1c1a1e", "#3a251a", "#4a2d1c")
        if colours.luminance(skin) < 0.5:
            return self.one_of(*dark)
        return self.one_of(*dark, "#7a4a26", "#b0793a", "#d9b36a", "#8e3b22", "#5d4334")

    @property
    def skin(self) -> np.ndarray:
        """A human skin colour."""
        return self.one_of("#f3cdb0", "#e8b48f", "#d79c72", "#c0845a", "#9b6642", "#7a4c30", "#5e3a26", "#f0c4a4")
