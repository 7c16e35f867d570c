"""Clay: modelled and lit as in a studio: a warm key, a cool fill, a rim of light, soft shadows."""

import cv2
import numpy as np

from personify.avatar.sketch.canvas import Layers
from personify.avatar.sketch.styles import light
from personify.avatar.sketch.styles.light import FILL, KEY, Painted


def paint(layers: Layers, backdrop: np.ndarray, seed: int) -> Painted:
    """See the module; `backdrop` float32 RGB (H, W, 3) becomes the ground."""
    at = light.seen(layers)
    open_, soft = layers.open[at], layers.soft[at]
    normal = light.normals(layers, at, 0.92)
    key = light.wrapped(normal, KEY, soft * 0.3 + 0.06) * open_
    fill = np.maximum(light.dot(normal, FILL), 0)
    ambient = (0.36 - 0.1 * normal[1]) * (0.45 + 0.55 * open_)
    rim = np.maximum(1 - normal[2], 0) ** 3 * np.clip(normal[0] * 0.6 - normal[1] * 0.5 + 0.35, 0, 1)
    rim = rim * layers.cover[at] * 0.16
    glow = soft * (1 - key) * 0.1
    shine = light.highlight(normal, layers, at, 0.5)

    def lit(albedo: np.ndarray, tint: tuple[float, float, float, float, float]) -> np.ndarray:
        of_key, of_ambient, of_fill, of_glow, of_rim = tint
        level = key * of_key + ambient * of_ambient + fill * of_fill
        through = albedo * cv2.sqrt(albedo) * glow
        return light.display(cv2.pow(albedo, 2.2) * level + through * of_glow + shine + rim * of_rim)

    tints = ((1.02, 0.9, 0.1, 1.1, 0.85), (0.96, 0.97, 0.13, 0.55, 0.95), (0.86, 1.1, 0.2, 0.4, 1.0))
    planes = [lit(albedo, tint) for albedo, tint in zip(cv2.split(layers.albedo[at]), tints, strict=True)]
    return Painted(backdrop, planes, at)
