"""What the styles share: normals, Lambert's and Blinn's terms, soft steps; knows nothing of any one style."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from personify.avatar.sketch.canvas import Layers, Window, threefold

KEY = np.array([-0.5, -0.62, 0.62]) / np.linalg.norm([-0.5, -0.62, 0.62])
FILL = np.array([0.75, 0.1, 0.55]) / np.linalg.norm([0.75, 0.1, 0.55])
_HALF = (KEY + [0, 0, 1]) / np.linalg.norm(KEY + [0, 0, 1])

Normal = tuple[np.ndarray, np.ndarray, np.ndarray]
"""x, y and z of unit normals, float32 (h, w) each: planes are several times faster to work on than (h, w, 3)."""


@dataclass(frozen=True)
class Painted:
    """What a style makes of layers: the `ground` behind, float32 RGB (H, W, 3) that may be written to, and the
    character's colour `planes` (three, (h, w) each) in the window `at`."""

    ground: np.ndarray
    planes: list[np.ndarray]
    at: Window

    def over(self, cover: np.ndarray) -> np.ndarray:
        """The character laid over the ground by its cover (H, W); writes into the ground and returns it."""
        behind = self.ground[self.at]
        behind += (cv2.merge(self.planes) - behind) * threefold(cover[self.at])
        return self.ground


def seen(layers: Layers) -> Window:
    """The window that holds the character and a little around it: nothing else needs light."""
    x, y, width, height = cv2.boundingRect((layers.cover > 0).astype(np.uint8))
    pad = 4
    return slice(max(0, y - pad), y + height + pad), slice(max(0, x - pad), x + width + pad)


def normals(layers: Layers, at: Window, relief: float) -> Normal:
    """Unit normals of the surface, its slopes exaggerated by `relief`."""
    return normals_of(layers.slope_x[at], layers.slope_y[at], relief)


def normals_of(slope_x: np.ndarray, slope_y: np.ndarray, relief: float) -> Normal:
    """Unit normals from slopes, which are exaggerated by `relief`."""
    x, y = -slope_x * relief, -slope_y * relief
    z = 1 / cv2.sqrt(x * x + y * y + 1)
    return x * z, y * z, z


def dot(normal: Normal, direction: np.ndarray) -> np.ndarray:
    """The cosine between normals and one direction."""
    a, b, c = map(float, direction)
    return normal[0] * a + normal[1] * b + normal[2] * c


def wrapped(normal: Normal, direction: np.ndarray, wrap: np.ndarray | float) -> np.ndarray:
    """Lambert's cosine that reaches around the edge by `wrap`, as light does in soft stuff."""
    return np.clip((dot(normal, direction) + wrap) / (1 + wrap), 0, 1)


def highlight(normal: Normal, layers: Layers, at: Window, strength: float) -> np.ndarray:
    """Blinn and Phong's highlight, sharper the glossier."""
    gloss = layers.gloss[at]
    cosine = np.clip(dot(normal, _HALF), 0, 1)
    return strength * gloss * cv2.exp((8 + 70 * gloss) * (cosine - 1)) * (0.35 + 0.65 * layers.open[at])


def display(linear: np.ndarray) -> np.ndarray:
    """Linear light to sRGB-like values with a soft shoulder."""
    return cv2.pow(np.clip((1 - cv2.exp(-1.45 * linear)) * (1 / (1 - math.exp(-1.75))), 0, 1), 1 / 2.2)


def step(value: np.ndarray, at: float | np.ndarray, softness: float | np.ndarray) -> np.ndarray:
    """0 below `at`, 1 above, smooth over `softness` around it."""
    t = np.clip((value - at) / softness + 0.5, 0, 1)
    return t * t * (3 - 2 * t)
