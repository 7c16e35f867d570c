"""Orders and proposals: what an expert is asked for and what it hands back, and the guide that steers it.

Values only: they hold no model and no open file.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.portrait import Guidance


@dataclass(frozen=True)
class Guide:
    """What guidance steers towards: a picture with its landmarks.

    `image`: uint8 RGB (S, S, 3), the start of pixel guidance. `landmarks`: float32 (478, 2) pixels of that picture,
    drawn as the control image; `depth` float32 (478,) like them. `mask`: uint8 (S, S), 255 on the character, where it
    is known. `known`: numbers of the landmarks that are exact rather than fitted. `source`: the sketch or the user's
    own picture.
    """

    image: np.ndarray
    landmarks: np.ndarray
    depth: np.ndarray
    mask: np.ndarray | None
    known: np.ndarray
    source: Literal["sketch", "image"] = "sketch"


@dataclass(frozen=True)
class Steer:
    """How strongly a guide steers one attempt.

    `strength`: how much of the start may change under `pixel` and `both`, 0 nothing to 1 everything (diffusers'
    `strength`). `control_scale`: how much the ControlNet adds under `control` and `both` (its
    `controlnet_conditioning_scale`).
    """

    guidance: Guidance
    strength: float = 0.6
    control_scale: float = 1.0
    attempt: int = 0
    """Which try this is, from 0; each draws from a seed of its own, the first from the order's."""


@dataclass(frozen=True)
class Order:
    """One picture that is wanted: of whom, from which seed, towards which guide (None for guidance `none`), of
    `size` x `size` pixels."""

    brief: AppearanceBrief
    seed: int
    guide: Guide | None
    size: int = 512


@dataclass(frozen=True)
class Proposal:
    """What an expert draws: `image` uint8 RGB (size, size, 3), and where it knows them the character's `mask` uint8
    (size, size) and landmarks (478, 2) with depth (478,); `known` are the numbers of those that are exact."""

    image: np.ndarray
    mask: np.ndarray | None = None
    landmarks: np.ndarray | None = None
    depth: np.ndarray | None = None
    known: np.ndarray | None = None
    refused: str | None = None
    """Why the picture must not be shown, such as the checkpoint's safety checker; None where nothing speaks against."""


class Expert(Protocol):
    """An image generator. `guidances` are the ways it can be steered, its default first; `sketch_style` is the style of
    the sketch that guides it, None for the one that the brief asks for."""

    name: str
    description: str
    guidances: tuple[Guidance, ...]
    sketch_style: str | None

    def schedule(self, guidance: Guidance, attempts: int) -> tuple[Steer, ...]:
        """How strongly each attempt is guided, the first one first; at most `attempts` long."""

    def draw(self, orders: list[Order], steer: Steer) -> list[Proposal]:
        """One picture for each order, drawn as one batch where the expert can.

        The same order and steer give the same picture on the same machine, whoever shares the batch.
        """
