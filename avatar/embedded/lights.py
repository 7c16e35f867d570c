"""Lights: set-ups of lamps, sky and ground, and the linear light that they throw on the layers."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rig:
    """A light set-up; `shadows_from` is where its first lamp stands in the picture plane."""

    name: str
    shadows_from: tuple[float, float]


def rig_for(name: str, rng: np.random.Generator) -> Rig:
    """The set-up of that name, its lamps a little moved."""
    return Rig(name, (-0.5, -0.62))
