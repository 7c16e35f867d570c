"""Storybook: gouache on paper: broad washes of light and cool shade, coloured pencil along the edges, paper's tooth."""

import cv2
import numpy as np

from personify.avatar.sketch.canvas import Layers, threefold
from personify.avatar.sketch.materials import texture
from personify.avatar.sketch.styles import light
from personify.avatar.sketch.styles.light import KEY, Painted


def paint(layers: Layers, backdrop: np.ndarray, seed: int) -> Painted:
    """See the module; `backdrop` float32 RGB (H, W, 3) is painted on the same paper."""
    at = light.seen(layers)
    size = (layers.size, layers.size)
    whole_tooth = texture("grain", size, 3.2 * layers.size / 512, seed)
    whole_wash = texture("cloud", size, 40.0 * layers.size / 512, seed + 1)
    tooth, wash = whole_tooth[at], whole_wash[at]
    normal = light.normals(layers, at, 0.7)
    key = light.wrapped(normal, KEY, 0.25) * (0.4 + 0.6 * layers.open[at])
    broad = cv2.GaussianBlur(key, (0, 0), 2.2 * layers.size / 512)  # a brush doesn't follow every pore
    level = broad + 0.05 * wash
    tone = 0.4 * light.step(level, 0.22, 0.24) + 0.32 * light.step(level, 0.55, 0.24) + 0.28 * np.clip(level, 0, 1)
    shine = light.highlight(normal, layers, at, 0.22)
    grain = 1 + 0.035 * tooth + 0.03 * wash
    line = cv2.GaussianBlur(layers.line[at], (0, 0), 0.9 * layers.size / 512)
    pencil = np.clip(np.minimum(line * 1.25, 1) * (0.72 + 0.25 * tooth), 0, 0.9)

    def painted(albedo: np.ndarray, of_shadow: float, of_light: float, of_ink: float) -> np.ndarray:
        shadow = cv2.pow(albedo, 1.25) * of_shadow
        colour = np.minimum(albedo * 1.04 + 0.05, 1) * of_light
        colour = (shadow + (colour - shadow) * tone + shine) * grain
        ink = cv2.pow(albedo, 1.6) * of_ink
        return np.clip(colour + (ink - colour) * pencil, 0, 1)

    tints = ((0.56, 1.03, 0.3), (0.5, 1.0, 0.24), (0.66, 0.94, 0.26))
    planes = [painted(albedo, *tint) for albedo, tint in zip(cv2.split(layers.albedo[at]), tints, strict=True)]
    paper = np.clip(backdrop * threefold(1 + 0.03 * whole_tooth + 0.05 * whole_wash) + 0.03, 0, 1)
    return Painted(paper, planes, at)
