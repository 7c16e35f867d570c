"""Photo: light as a camera sees it: a large lamp, light scattered under soft surfaces, contact shadows, grain."""

import cv2
import numpy as np

from personify.avatar.sketch import relief
from personify.avatar.sketch.canvas import Layers, Window, grid, threefold
from personify.avatar.sketch.materials import texture
from personify.avatar.sketch.styles import light
from personify.avatar.sketch.styles.light import FILL, KEY, Normal, Painted


def paint(layers: Layers, backdrop: np.ndarray, seed: int) -> Painted:
    """See the module; `backdrop` float32 RGB (H, W, 3) goes out of focus and lights the character from the sides."""
    at = light.seen(layers)
    scale = layers.size / 512
    soft = layers.soft[at]
    normal = _finely(layers, at, scale, seed)
    hidden = _occlusion(layers, at, scale)
    open_ = layers.open[at] * hidden
    fill = np.maximum(light.dot(normal, FILL), 0) * hidden
    ambient = (0.5 - 0.3 * normal[1]) * (0.3 + 0.7 * open_) * hidden
    lens = _lens(layers.size, seed)
    wall, bounce = _out_of_focus(backdrop, scale)
    shine = cv2.GaussianBlur(_shine(normal, layers.gloss[at], open_), (0, 0), 1.3 * scale)
    edge = cv2.pow(np.clip(1 - normal[2], 0, 1), 4) * (0.05 + 0.25 * layers.gloss[at]) * hidden
    cosine = light.dot(normal, KEY)

    def exposed(albedo: np.ndarray, channel: int) -> np.ndarray:
        reach, key_tint, sky_tint = ((0.62, 1.08, 0.9), (0.26, 1.0, 0.98), (0.14, 0.88, 1.12))[channel]
        wrap = soft * reach + 0.1  # red light travels furthest under a surface
        key = np.clip((cosine + wrap) / (1 + wrap), 0, 1)
        key = key * (0.35 + 0.65 * key)  # energy that reaches around is missing in front (Brinck and Maximov)
        level = key * open_ * (1.22 * key_tint) + ambient * (0.36 * sky_tint) + fill * (0.26 * float(bounce[channel]))
        return _film(cv2.pow(albedo, 2.2) * level + shine * key_tint + edge * float(bounce[channel]))

    planes = [exposed(albedo, c) for c, albedo in enumerate(cv2.split(layers.albedo[at]))]
    grey = 0.3 * planes[0] + 0.59 * planes[1] + 0.11 * planes[2]  # film is a little paler than the drawing's colours
    planes = [np.clip((0.86 * p + 0.14 * grey) * lens[0][at] + lens[1][at], 0, 1) for p in planes]
    return Painted(np.clip(wall * threefold(lens[0]) + threefold(lens[1]), 0, 1), planes, at)


def _finely(layers: Layers, at: Window, scale: float, seed: int) -> Normal:
    """Normals with a fine tooth that no drawing has and every surface does."""
    shape = layers.cover[at].shape
    tooth = texture("grain", (shape[0], shape[1]), 3.2 * scale, seed) * (0.15 * scale)
    tooth += texture("cloud", (shape[0], shape[1]), 9.0 * scale, seed + 1) * (0.22 * scale)
    sx, sy = relief.slopes(tooth * (1 - 0.85 * np.maximum(layers.gloss[at], layers.soft[at])))
    return light.normals_of(layers.slope_x[at] + sx, layers.slope_y[at] + sy, 0.95)


def _occlusion(layers: Layers, at: Window, scale: float) -> np.ndarray:
    """How much of the room each point sees: less in hollows and where parts touch."""
    hollow = -relief.slopes(layers.slope_x[at])[0] - relief.slopes(layers.slope_y[at])[1]
    deep = relief.blurred(np.clip(-hollow, -0.05, 0.12) * layers.cover[at], 3.0 * scale)
    touch = relief.blurred(layers.line[at] * layers.cover[at], 3.5 * scale)
    return np.clip(1 - 2.2 * scale * np.maximum(deep, 0) - 0.5 * touch, 0.35, 1)


def _shine(normal: Normal, gloss: np.ndarray, open_: np.ndarray) -> np.ndarray:
    """A window and a strip light mirrored in the surface: broad and faint on matt, crisp on glossy."""
    rx, ry = 2 * normal[2] * normal[0], 2 * normal[2] * normal[1]
    blur = 0.56 - 0.4 * gloss
    x, y = np.abs(rx + 0.6), np.abs(ry + 0.7)
    window = light.step(0.3 - x, 0.0, blur) * light.step(0.26 - y, 0.0, blur)
    strip = light.step(0.07 - np.abs(rx - 0.88), 0.0, blur) * light.step(0.5 - np.abs(ry), 0.0, blur)
    return gloss * (0.1 + 0.75 * gloss * gloss) * (window + 0.25 * strip) * (0.4 + 0.6 * open_)


def _out_of_focus(backdrop: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """The backdrop behind the plane of focus, and its mean linear colour, which it throws on the character."""
    size = backdrop.shape[0]
    small = cv2.resize(backdrop, (96, 96), interpolation=cv2.INTER_AREA)
    far = cv2.resize(cv2.GaussianBlur(small, (0, 0), 1.6), (size, size), interpolation=cv2.INTER_CUBIC)
    mean = np.power(np.clip(small.mean((0, 1)), 0.02, 1), 2.2)
    return far, 0.5 + 0.5 * mean / mean.max()


def _lens(size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """What the camera adds: a vignette to multiply by, and grain to add; float32 (size, size) each."""
    x, y = grid(size)
    vignette = 1.02 - 0.13 * np.square(x * x + y * y) * 0.5
    grain = texture("grain", (size, size), 4.0, seed + 2) * 0.012
    return vignette, grain


def _film(linear: np.ndarray) -> np.ndarray:
    """Narkowicz's fit of the ACES film curve, then sRGB's gamma."""
    x = linear * 0.85
    return cv2.pow(np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1), 1 / 2.2)
