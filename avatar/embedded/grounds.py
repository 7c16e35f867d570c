"""Grounds: what stands behind a figure, painted finer than the sketch's scenes but in their places and tones.

A scene is painted crisp, its edges are made organic by noise, its broad tones are taken from the sketch's own ground
(which keeps apart from the figure and carries its shadow), and what belongs to the place is added: rays, foliage,
clouds, stars, lamps, grain of wood or plaster.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from personify.avatar.embedded.figures import Laid
from personify.avatar.sketch.canvas import threefold
from personify.avatar.sketch.scenery import SCENES, paint_scene

_LEAVES = {"forest": (0.0, 0.5), "garden": (0.45, 0.85), "orchard": (0.05, 0.5), "meadow": (0.72, 1.0)}
_CLOUDS = {"sky": 1.0, "sea": 0.5, "beach": 0.45, "meadow": 0.5, "sunset": 0.5, "snow": 0.35, "night_sky": 0.3}
_RAYS = {"forest": 0.2, "study": 0.14, "stage": 0.22, "sunset": 0.12, "parlour": 0.1, "orchard": 0.12, "workshop": 0.12}
_LAMPS = {"lights": 40, "city": 16, "stage": 8, "night_sky": 0, "kitchen": 5, "parlour": 7, "study": 5, "wardrobe": 5}
_WALLS = {"studio", "kitchen", "parlour", "study", "workshop", "wardrobe", "stage"}


Spot = tuple[float, float, float, tuple[float, float, float]]
"""A small light: x, y and radius in pixels, and its colour."""


@dataclass(frozen=True)
class Ground:
    """`picture` float32 RGB (H, W, 3) in focus; `scene` its name; `lamps`: centres, radii in pixels and colours of
    small lights, which become discs out of focus."""

    picture: np.ndarray
    scene: str
    lamps: tuple[Spot, ...]


def lay_ground(scene: str, wall: np.ndarray, laid: Laid, rng: np.random.Generator) -> Ground:
    """The scene behind the figure, as large as `wall`, laid out as the sketch's own where `rng` is the same."""
    size = wall.shape[0]
    more = np.random.default_rng(rng.bit_generator.state["state"]["state"] % (1 << 63))
    if scene in SCENES:
        low = paint_scene(replace(SCENES[scene], blur=0.55), rng)
        picture = cv2.resize(low, (size, size), interpolation=cv2.INTER_CUBIC)
        picture = _organic(picture, more, 0.011 if scene not in _WALLS else 0.0025)
        picture = _toned(picture, wall)
    else:
        picture = wall.copy()
    if scene in _CLOUDS:
        picture = _with_clouds(picture, more, _CLOUDS[scene])
    if scene in _LEAVES:
        picture = _with_leaves(picture, more, *_LEAVES[scene])
    if scene in _WALLS:
        picture = _with_plaster(picture, more)
    if scene == "night_sky":
        picture = _with_stars(picture, more)
    if scene in _RAYS:
        picture = _with_rays(picture, more, _RAYS[scene])
    picture = _with_shadow(picture, laid)
    return Ground(np.clip(picture, 0, 1), scene, _lamps(scene, size, more))


def noise(size: int, cells: int, rng: np.random.Generator, octaves: int = 4) -> np.ndarray:
    """Smooth noise of about [-1, 1], float32 (size, size): octaves of cubic noise, each twice as fine."""
    key = int(rng.integers(6))
    turn, flip = int(rng.integers(4)), int(rng.integers(2))
    plane = np.rot90(_noise(size, cells, octaves, key), turn)
    return np.ascontiguousarray(plane[:, ::-1] if flip else plane)


@lru_cache(maxsize=128)
def _noise(size: int, cells: int, octaves: int, key: int) -> np.ndarray:
    rng = np.random.default_rng([key, cells, octaves])
    total: np.ndarray = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        n = min(size, cells * 2**octave + 3)
        coarse = rng.standard_normal((n, n)).astype(np.float32)
        total += cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC) * np.float32(0.6**octave)
    plane: np.ndarray = np.clip(total / (2.0 * total.std()), -1.5, 1.5)
    plane.flags.writeable = False
    return plane


def grey_of(picture: np.ndarray) -> np.ndarray:
    """The lightness (H, W) of an RGB picture (H, W, 3), by Rec. 601."""
    grey: np.ndarray = cv2.transform(picture, np.array([[0.299, 0.587, 0.114]], np.float32))
    return grey


@lru_cache(maxsize=4)
def places(size: int) -> tuple[np.ndarray, np.ndarray]:
    """x and y of each pixel from 0 to 1, float32 (size, size)."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    return x, y


def _organic(picture: np.ndarray, rng: np.random.Generator, amount: float) -> np.ndarray:
    """The picture with every edge made uneven."""
    size = picture.shape[0]
    x, y = places(size)
    dx, dy = (noise(size, 14, rng) * np.float32(amount * size) for _ in range(2))
    return cv2.remap(picture, x * size + dx, y * size + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def _toned(picture: np.ndarray, wall: np.ndarray) -> np.ndarray:
    """The picture with the broad tones of the wall."""
    size = picture.shape[0]

    def broad(image: np.ndarray) -> np.ndarray:
        small = cv2.GaussianBlur(cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA), (0, 0), 2.6)
        return cv2.resize(small, (size, size), interpolation=cv2.INTER_LINEAR)

    ratio = np.clip((broad(wall) + 0.02) / (broad(picture) + 0.02), 0.25, 3.0)
    return np.clip(picture * ratio, 0, 1)


def _with_clouds(picture: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Clouds with lit tops in the upper part."""
    size = picture.shape[0]
    _, y = places(size)
    density = noise(size, 3, rng, 6)
    stretched = cv2.resize(density[: size // 2], (size, size), interpolation=cv2.INTER_LINEAR)
    veil = np.clip(stretched * 0.9 + 0.1, 0, 1) * np.clip(1.15 - 1.7 * y, 0, 1) * np.float32(strength)
    lit = np.clip(stretched - np.roll(stretched, -size // 40, axis=0), -0.4, 0.4) + 0.55
    top = np.minimum(picture.reshape(-1, 3).max(0) * 1.12, 1.0)
    cloud = np.clip(threefold(lit) * np.float32(1.5) * top.astype(np.float32), 0, 1)
    return picture + (cloud - picture) * threefold(veil * 0.85)


@lru_cache(maxsize=4)
def _leaf_tile(key: int) -> np.ndarray:
    """Leaf-shaped strokes as lightness in [-1, 1], float32 (256, 256), that tile."""
    rng = np.random.default_rng(key)
    tile = np.zeros((256, 256), np.float32)
    for tone in np.linspace(-1, 1, 420):
        x, y, a, r = rng.uniform(0, 256), rng.uniform(0, 256), rng.uniform(0, 180), rng.uniform(5, 12)
        for ox in (-256, 0, 256):
            for oy in (-256, 0, 256):
                if -20 < x + ox < 276 and -20 < y + oy < 276:
                    centre = (round((x + ox) * 8), round((y + oy) * 8))
                    axes = (round(r * 8), round(r * 3.4))
                    cv2.ellipse(tile, centre, axes, a, 0, 360, (float(tone + rng.normal(0, 0.25)),), -1, cv2.LINE_AA, 3)
    return np.clip(tile, -1, 1)


def _with_leaves(picture: np.ndarray, rng: np.random.Generator, top: float, bottom: float) -> np.ndarray:
    """Foliage in clumps between two heights, its light and dark leaves in the picture's own greens."""
    size = picture.shape[0]
    x, y = places(size)
    fit = 256 * rng.uniform(0.8, 1.3)
    leaves = cv2.remap(
        _leaf_tile(int(rng.integers(3))), (x * fit * 1.5 + 13) % 255, (y * fit * 1.5 + 7) % 255, cv2.INTER_LINEAR
    )
    band = np.clip((y - top + 0.12) / 0.1, 0, 1) * np.clip((bottom + 0.12 - y) / 0.12, 0, 1)
    clump = np.clip(noise(size, 6, rng) * 1.6 + 0.7, 0, 1) * band
    gain = 1 + leaves * np.float32(0.42) * clump
    sun = np.clip(leaves - 0.55, 0, 1) * clump * np.float32(0.5)
    return picture * threefold(gain) + threefold(sun) * np.array([0.5, 0.55, 0.2], np.float32)


def _with_plaster(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A wall's mottling, light that falls off from one side, and a floor's shine."""
    size = picture.shape[0]
    x, y = places(size)
    side, steep = (1 if rng.random() < 0.4 else -1), rng.uniform(0.1, 0.4)
    fall = 1 + np.float32(side * steep) * (x - 0.5) - np.float32(0.12) * (y - 0.3)
    mottle = 1 + np.float32(rng.uniform(0.02, 0.07)) * noise(size, 5, rng, 5)
    return picture * threefold(fall * mottle)


def _with_stars(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Stars of many sizes over a faint band of light."""
    size = picture.shape[0]
    _, y = places(size)
    band = np.clip(noise(size, 2, rng, 6), 0, 1) * np.clip(1 - y, 0, 1)
    sky = picture + threefold(band) * np.array([0.12, 0.08, 0.2], np.float32)
    stars = np.zeros((size, size), np.uint8)
    for _ in range(150):
        at = int(rng.uniform(0, size) * 16), int(rng.uniform(0, 0.8 * size) * 16)
        cv2.circle(stars, at, int(rng.exponential(6) + 6), (int(rng.uniform(90, 255)),), -1, cv2.LINE_AA, 4)
    return sky + threefold(stars.astype(np.float32) / 255) * np.array([0.8, 0.85, 0.9], np.float32)


def _with_rays(picture: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Beams of light from above one side."""
    size = picture.shape[0]
    x, y = places(size)
    from_x = rng.uniform(-0.3, 0.2)
    angle = (x - from_x) / (y + 0.45)
    row = cv2.resize(rng.standard_normal((1, 14)).astype(np.float32), (256, 1), interpolation=cv2.INTER_CUBIC)[0]
    beams = np.clip(np.interp(np.clip(angle / 2.5, 0, 1), np.linspace(0, 1, 256), row).astype(np.float32), 0, 1.5)
    light = threefold(beams * np.clip(1.1 - y, 0, 1) * np.float32(strength)) * np.array([1.0, 0.92, 0.7], np.float32)
    return picture + light * (1.05 - picture)


def _with_shadow(picture: np.ndarray, laid: Laid) -> np.ndarray:
    """Darker around the figure's foot, where ground and thing hide each other's light."""
    size = picture.shape[0]
    small = cv2.resize(laid.layers.cover, (96, 96), interpolation=cv2.INTER_AREA)
    near = (
        cv2.GaussianBlur(np.roll(small, 2, axis=0), (0, 0), 4.5) * np.linspace(0.05, 0.5, 96, dtype=np.float32)[:, None]
    )
    return picture * threefold(1 - cv2.resize(near, (size, size), interpolation=cv2.INTER_CUBIC))


def _lamps(scene: str, size: int, rng: np.random.Generator) -> tuple[Spot, ...]:
    """Small lights for the scenes that have them."""
    shades = ((1.0, 0.78, 0.42), (1.0, 0.6, 0.3), (0.6, 0.75, 1.0), (1.0, 0.5, 0.55), (0.8, 1.0, 0.7), (1.0, 0.95, 0.8))
    many = len(shades) if scene == "lights" else 2
    count = int(_LAMPS.get(scene, 3 if rng.random() < 0.3 else 0) * rng.uniform(0.5, 1.2))
    return tuple(
        (float(rng.uniform(0, size)), float(rng.uniform(0, 0.8 * size)), float(rng.uniform(0.012, 0.045) * size),
         shades[int(rng.integers(many))]) for _ in range(count)
    )  # fmt: skip


def out_of_focus(ground: Ground, blur: float) -> np.ndarray:
    """The ground behind the plane of focus, float32 RGB: bright spots become discs; `blur` is the disc's radius as a
    share of the picture."""
    size = ground.picture.shape[0]
    half = size // 2
    linear = cv2.pow(np.clip(cv2.resize(ground.picture, (half, half), interpolation=cv2.INTER_AREA), 0, 1), 2.2)
    squared = linear * linear
    linear = linear + np.float32(0.5) * squared * squared
    for x, y, r, colour in ground.lamps:
        bright = [5 * float(c) for c in colour]
        cv2.circle(linear, (round(x * 8), round(y * 8)), round(r * 3), bright, -1, cv2.LINE_AA, 4)
    radius = max(1, round(blur * half))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)).astype(np.float32)
    linear = _convolved(linear, disc / disc.sum())
    linear = cv2.pow(np.maximum(linear, 0), 1 / 2.2)
    return np.clip(cv2.resize(linear, (size, size), interpolation=cv2.INTER_CUBIC), 0, 1)


def _convolved(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """cv2.filter2D, which takes the Fourier transform for large kernels."""
    return cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_REFLECT)


def softened(ground: Ground, sigma: float) -> np.ndarray:
    """The ground a little out of focus, with its lamps glowing; `sigma` as a share of the picture."""
    size = ground.picture.shape[0]
    picture = cv2.GaussianBlur(ground.picture, (0, 0), max(0.4, sigma * size))
    if ground.lamps:
        glow = np.zeros((size // 4, size // 4, 3), np.float32)
        for x, y, r, colour in ground.lamps:
            cv2.circle(glow, (round(x * 4), round(y * 4)), round(r * 3.2), colour, -1, cv2.LINE_AA, 4)
        glow = cv2.GaussianBlur(glow, (0, 0), 2.0) * 0.8 + cv2.GaussianBlur(glow, (0, 0), 9.0)
        picture = picture + cv2.resize(glow, (size, size), interpolation=cv2.INTER_LINEAR) * (1 - picture) * 0.75
    return np.clip(picture, 0, 1)
