"""Clay and photo: renderings that go by light: what a hand models and what a camera sees."""

import math
from dataclasses import replace

import cv2
import numpy as np

from personify.avatar.embedded.figures import Laid
from personify.avatar.embedded.grains import dents
from personify.avatar.embedded.grounds import Ground, grey_of, noise, out_of_focus, places, softened
from personify.avatar.embedded.inked import flattened
from personify.avatar.embedded.lights import Lit, Rig, throw
from personify.avatar.embedded.surfaces import Fine
from personify.avatar.sketch import relief
from personify.avatar.sketch.canvas import Layers, Window, threefold
from personify.avatar.sketch.styles import light

Planes = list[np.ndarray]


def clay(laid: Laid, ground: Ground, rig: Rig, rng: np.random.Generator) -> np.ndarray:
    """Modelling clay under lamps: dents of fingers, soft light in the stuff, a miniature set behind."""
    layers = laid.layers
    at = light.seen(layers)
    size = layers.size
    pressed = dents(size, rng, laid.face_px)
    fine = Fine(
        laid.fine.slope_x * 0.4 + pressed[0], laid.fine.slope_y * 0.4 + pressed[1], laid.fine.mottle, laid.fine.cast,
        laid.fine.still,
    )  # fmt: skip
    lit = throw(_smoothed(laid), fine, at, rig, bulge=1.1, rough=0.85, wrap=0.06)
    albedo = [channel * (1 + 0.3 * fine.mottle[at]) for channel in cv2.split(flattened(layers, at, size / 512))]
    soft = layers.soft[at]
    sheen = cv2.pow(np.clip(1 - lit.normal[2], 0, 1), 3) * (0.05 + 0.1 * soft) * lit.hidden
    meter = _metered(albedo, lit, layers.cover[at]) * rig.exposure
    planes = []
    for channel, (own, falling, shine) in enumerate(zip(albedo, lit.diffuse, lit.shine, strict=True)):
        colour = cv2.pow(np.clip(own, 0, 1), 2.2)
        glow = cv2.sqrt(colour) * colour * soft * (1 - lit.key) * (0.16, 0.09, 0.06)[channel]
        linear = colour * falling + glow + (0.5 * shine + sheen * float(rig.sky[channel]) * 2)
        planes.append(light.display(linear * np.float32(1.12 * meter)))
    wall = softened(ground, 0.0045) if ground.scene != "studio" else ground.picture
    wall = _pressed_wall(wall, pressed, rng)
    picture = _over(wall, planes, layers.cover, at)
    return _lensed(_richer(picture, 1.12), rng, vignette=0.2, grain=0.0015)


def _smoothed(laid: Laid) -> Layers:
    """The layers as a thumb leaves them: hairs and threads are gone, features are sharp."""
    layers, keep = laid.layers, np.maximum(laid.fine.still, 0.3)
    sigma = 2.4 * layers.size / 512
    soft = [cv2.GaussianBlur(plane, (0, 0), sigma) for plane in (layers.slope_x, layers.slope_y)]
    sx, sy = layers.slope_x, layers.slope_y
    return replace(layers, slope_x=soft[0] + (sx - soft[0]) * keep, slope_y=soft[1] + (sy - soft[1]) * keep)


def photo(laid: Laid, ground: Ground, rig: Rig, rng: np.random.Generator) -> np.ndarray:
    """Before a camera: scattered light under soft surfaces, a shallow plane of focus, film, grain."""
    layers = laid.layers
    at = light.seen(layers)
    scale = layers.size / 512
    lit = throw(layers, laid.fine, at, rig, bulge=1.05, rough=1.0, wrap=0.0)
    diffuse = _scattered(lit, layers.soft[at], scale)
    uneven = 1 + 0.05 * noise(layers.size, 22, rng)[at] * (1 - laid.fine.still[at])
    wall = out_of_focus(ground, float(rng.uniform(0.012, 0.03)))
    albedo = cv2.split(layers.albedo[at])
    meter = _metered(list(albedo), lit, layers.cover[at]) * rig.exposure
    planes = []
    for own, falling, shine in zip(albedo, diffuse, lit.shine, strict=True):
        colour = cv2.pow(np.clip(own * (1 + laid.fine.mottle[at]) * uneven, 0, 1), 2.2)
        planes.append(_film((colour * falling * 1.12 + shine * 1.6) * np.float32(meter)))
    cover = cv2.GaussianBlur(layers.cover, (0, 0), 0.7 * scale)
    picture = _over(wall, planes, cover, at)
    picture = _focused(picture, laid)
    picture = _wrapped_by(picture, wall, layers.cover, 0.2)
    return _lensed(_graded(_richer(picture, 1.04, 0.14), rng), rng, vignette=0.3, grain=0.004)


def _metered(albedo: Planes, lit: Lit, cover: np.ndarray) -> float:
    """The factor by which a camera's meter opens or closes the lens: whites keep their modelling."""
    sparse = (slice(None, None, 8), slice(None, None, 8))
    seen = cv2.pow(np.clip(albedo[1][sparse], 0, 1), 2.2) * lit.diffuse[1][sparse]
    on = cover[sparse] > 0.5
    bright = float(np.percentile(seen[on], 85)) if on.any() else 0.4
    return float(np.clip((0.5 / max(bright, 1e-3)) ** 0.55, 0.68, 1.4))


def _scattered(lit: Lit, soft: np.ndarray, scale: float) -> Planes:
    """The light after its way under the surface: red spreads furthest."""
    spread = np.clip(soft * 0.9, 0, 0.75)
    return [
        plane + (relief.blurred(plane, sigma * scale) - plane) * spread * share
        for plane, sigma, share in zip(lit.diffuse, (4.5, 2.4, 1.4), (0.8, 0.6, 0.5), strict=True)
    ]


def _over(wall: np.ndarray, planes: Planes, cover: np.ndarray, at: Window) -> np.ndarray:
    """The figure on its ground; a new picture."""
    out: np.ndarray = wall.copy()
    behind = out[at]
    behind += (cv2.merge(planes) - behind) * threefold(cover[at])
    return out


def _pressed_wall(wall: np.ndarray, pressed: tuple[np.ndarray, np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """The ground as if it were a clay or cardboard set: gently dented."""
    emboss = 1 + np.float32(0.4) * (pressed[0] * 0.6 + pressed[1] * 0.8)
    return wall * threefold(np.clip(emboss, 0.8, 1.2))


def _focused(picture: np.ndarray, laid: Laid) -> np.ndarray:
    """Sharp around the face, a little soft far from it."""
    size = picture.shape[0]
    x, y = places(size)
    fx, fy, unit = laid.face_px
    far = np.hypot(x * size - fx, y * size - fy) / max(unit, 1.0)
    share = np.clip((far - 2.1) / 1.6, 0, 1)
    soft = cv2.GaussianBlur(picture, (0, 0), 1.7 * size / 512)
    return picture + (soft - picture) * threefold(share)


def _wrapped_by(picture: np.ndarray, wall: np.ndarray, cover: np.ndarray, strength: float) -> np.ndarray:
    """Light from behind that spills over the figure's edge, and a bloom around what is bright."""
    size = picture.shape[0]
    small = cv2.resize(wall * threefold(1 - cover), (96, 96), interpolation=cv2.INTER_AREA)
    spill = cv2.resize(cv2.GaussianBlur(small, (0, 0), 2.2), (size, size), interpolation=cv2.INTER_LINEAR)
    bright = np.clip(cv2.resize(picture, (96, 96), interpolation=cv2.INTER_AREA) - 0.75, 0, 1)
    bloom = cv2.resize(cv2.GaussianBlur(bright, (0, 0), 3.0), (size, size), interpolation=cv2.INTER_LINEAR)
    return picture + spill * threefold(cover) * np.float32(strength) * (1 - picture) + bloom * np.float32(0.35)


def _richer(picture: np.ndarray, by: float, contrast: float = 0.07) -> np.ndarray:
    """More colour and a little more contrast."""
    grey = threefold(grey_of(picture))
    out = grey + (picture - grey) * np.float32(by)
    return out + (out - np.float32(0.45)) * np.float32(contrast)


def _film(linear: np.ndarray) -> np.ndarray:
    """Narkowicz's fit of the ACES film curve, then sRGB's gamma."""
    x = linear * np.float32(0.9)
    return cv2.pow(np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1), 1 / 2.2)


def _graded(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A film's response: shadows and lights tinted apart, a little less colour."""
    warm = float(rng.normal(0.012, 0.012))
    grey = grey_of(picture)
    tilt = (grey - np.float32(0.45)) * np.float32(warm * 3)
    tint = cv2.merge([tilt, tilt * np.float32(0.25), -tilt])
    kept = np.float32(rng.uniform(0.84, 1.0))
    g = threefold(grey)
    return g + (picture - g) * kept + tint


def _lensed(picture: np.ndarray, rng: np.random.Generator, *, vignette: float, grain: float) -> np.ndarray:
    """Darker corners and grain."""
    size = picture.shape[0]
    x, y = places(size)
    r = (x - 0.5) ** 2 + (y - 0.48) ** 2
    fall = 1.02 - np.float32(vignette * 2 / math.sqrt(2)) * r
    out = picture * threefold(fall)
    speck = rng.standard_normal((size, size)).astype(np.float32)
    speck = cv2.GaussianBlur(speck, (0, 0), 0.6) * np.float32(1.6 * grain)
    return out + threefold(speck)
