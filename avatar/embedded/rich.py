"""Rich renderings of a laid figure, one for each style."""

import numpy as np

from personify.avatar.embedded.figures import Laid
from personify.avatar.embedded.lights import Rig
from personify.avatar.embedded.plans import Plan
from personify.avatar.sketch.styles import render


def render_rich(plan: Plan, laid: Laid, wall: np.ndarray, rig: Rig) -> np.ndarray:
    """The picture, float32 RGB (size, size, 3) in [0, 1]."""
    return render(laid.layers, wall, plan.style, plan.seed % (1 << 16))
