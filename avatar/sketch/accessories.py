"""Accessories: spectacles, hats, scarves and the like, as parts fitted to a face and a figure."""

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.sketch.face import Face
from personify.avatar.sketch.figure import Figure, Look, Part


def wear(brief: AppearanceBrief, figure: Figure, face: Face, look: Look) -> tuple[Part, ...]:
    """The parts of every accessory in the brief that can be drawn, back to front."""
    return ()


_ = np
