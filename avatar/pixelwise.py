"""Small arithmetic on the pixels of a window, in float32 from end to end; knows nothing of faces.

On windows of a few thousand pixels these are several times as fast as np.clip, as doubles, and as a layer that is
broadcast over three colours.
"""

import cv2
import numpy as np


def share(x: np.ndarray) -> np.ndarray:
    """`x` within [0, 1]."""
    return np.asarray(np.minimum(np.maximum(x, 0), 1))


def step(x: np.ndarray) -> np.ndarray:
    """`easing.smooth_step` in the type of `x`."""
    x = share(x)
    return np.asarray(x * x * (3 - 2 * x))


def bell(x: np.ndarray, width: float) -> np.ndarray:
    """exp(-(x / width)^2) in the type of `x`: 1 at 0, 1 / e at `width`."""
    return np.asarray(np.exp(x * x * np.float32(-1 / width**2)))


def threefold(layer: np.ndarray) -> np.ndarray:
    """A layer (h, w) for each of three colours, (h, w, 3)."""
    return cv2.merge([layer, layer, layer])
