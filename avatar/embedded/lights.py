"""Lights: set-ups of lamps, sky and ground, and the linear light that they throw on the layers; knows no style.

Directions are (x to the right, y down, z towards the viewer); light is linear RGB, about 1 where a lamp falls squarely.
"""

import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np

from personify.avatar.embedded.surfaces import Fine
from personify.avatar.sketch import relief
from personify.avatar.sketch.canvas import Layers, Window
from personify.avatar.sketch.styles import light
from personify.avatar.sketch.styles.light import Normal


@dataclass(frozen=True)
class Lamp:
    """A lamp far away: unit `towards` (3,), `colour` (3,) with its power in it; `box`: half width and height of what
    is mirrored of it."""

    towards: np.ndarray
    colour: np.ndarray
    box: tuple[float, float]


@dataclass(frozen=True)
class Rig:
    """A light set-up: its `lamps`, the first of which throws shadows; light from above (`sky`) and below (`ground`),
    (3,) each; `exposure` of the camera."""

    name: str
    lamps: tuple[Lamp, ...]
    sky: np.ndarray
    ground: np.ndarray
    exposure: float = 1.0

    @property
    def shadows_from(self) -> tuple[float, float]:
        """Where the first lamp stands in the picture plane."""
        x, y, _ = self.lamps[0].towards
        scale = 0.8 / max(0.35, float(np.hypot(x, y)))
        return float(x) * scale, float(y) * scale


@dataclass(frozen=True)
class Lit:
    """What falls on each point of a window `at`: `diffuse` and `shine`, three planes (h, w) each, linear; the unit
    `normal`, how `hidden` (1: open to all light) it is, and `key`, the first lamp's share alone with its shadow."""

    at: Window
    diffuse: list[np.ndarray]
    shine: list[np.ndarray]
    normal: Normal
    hidden: np.ndarray
    key: np.ndarray


def rig_for(name: str, rng: np.random.Generator) -> Rig:
    """The set-up of that name in lights.toml, its lamps a little moved, warmer or cooler."""
    told = _rigs()[name]
    lamps = tuple(_lamp(entry, rng) for entry in told["lamps"])
    warm = float(rng.normal(0, 0.03))
    tint = np.array([1 + warm, 1.0, 1 - warm])
    return Rig(
        name, tuple(replace(lamp, colour=lamp.colour * tint) for lamp in lamps), np.array(told["sky"]),
        np.array(told["ground"]), told.get("exposure", 1.0) * float(np.exp(rng.normal(0, 0.05))),
    )  # fmt: skip


def among(rig: Rig, wall: np.ndarray) -> Rig:
    """The set-up in a place that looks like `wall` (float32 RGB (H, W, 3)): its colours tint sky and ground."""
    small = np.power(np.clip(cv2.resize(wall, (8, 8), interpolation=cv2.INTER_AREA), 0.02, 1), 2.2)
    above, below = small[:4].mean((0, 1)), small[5:].mean((0, 1))
    return replace(rig, sky=_tinted(rig.sky, above, 0.45), ground=_tinted(rig.ground, below, 0.75))


def throw(layers: Layers, fine: Fine, at: Window, rig: Rig, *, bulge: float, rough: float, wrap: float) -> Lit:
    """The set-up's light on the layers. `bulge` exaggerates the surface's slopes, `rough` its fine relief, and light
    reaches around soft edges by `wrap` more than the stuff itself lets it."""
    scale = layers.size / 512
    calm = (1 - 0.92 * fine.still[at]) * np.float32(rough)
    sx = layers.slope_x[at] * np.float32(bulge) + fine.slope_x[at] * calm
    sy = layers.slope_y[at] * np.float32(bulge) + fine.slope_y[at] * calm
    normal = light.normals_of(sx, sy, 1.0)
    hidden = _hidden(layers, at, scale)
    cast = np.clip(fine.cast[at], 0.12, 1)
    soft, gloss = layers.soft[at], layers.gloss[at]
    down = 0.5 + 0.5 * normal[1]
    open_ = hidden * (0.55 + 0.45 * cast)
    diffuse = [(float(s) + (float(g) - float(s)) * down) * open_ for s, g in zip(rig.sky, rig.ground, strict=True)]
    reach = (0.55, 0.3, 0.2)  # red light travels furthest under a surface
    key = np.zeros_like(soft)
    for number, lamp in enumerate(rig.lamps):
        cosine = light.dot(normal, lamp.towards)
        blocked = cast if number == 0 else hidden
        for channel in range(3):
            around = soft * np.float32(reach[channel]) + np.float32(wrap)
            seen = np.clip((cosine + around) / (1 + around), 0, 1)
            seen = seen * (0.4 + 0.6 * seen) * blocked
            diffuse[channel] += seen * np.float32(lamp.colour[channel])
            if number == 0 and channel == 1:
                key = seen
    shine = _mirrored(normal, gloss, 0.35 * hidden + 0.65 * cast * hidden, rig)
    edge = cv2.pow(np.clip(1 - normal[2], 0, 1), 4) * (0.03 + 0.3 * gloss + 0.1 * soft) * hidden
    return Lit(
        at, diffuse, [s + edge * np.float32(t) for s, t in zip(shine, rig.sky, strict=True)], normal, hidden, key
    )


def _hidden(layers: Layers, at: Window, scale: float) -> np.ndarray:
    """How much of the room each point sees: less in hollows, where parts touch, and low down."""
    hollow = -relief.slopes(layers.slope_x[at])[0] - relief.slopes(layers.slope_y[at])[1]
    small = relief.blurred(np.clip(-hollow, -0.05, 0.12) * layers.cover[at], 3.0 * scale)
    large = relief.blurred(np.clip(-hollow, -0.04, 0.06) * layers.cover[at], 11.0 * scale)
    touch = relief.blurred(layers.line[at] * layers.cover[at], 3.5 * scale)
    shut = 2.0 * scale * np.maximum(small, 0) + 3.0 * scale * np.maximum(large, 0) + 0.5 * touch
    return np.clip(1 - shut, 0.35, 1) * (0.4 + 0.6 * np.minimum(layers.open[at] * 1.15, 1))


def _mirrored(normal: Normal, gloss: np.ndarray, open_: np.ndarray, rig: Rig) -> list[np.ndarray]:
    """Every lamp's box and a bright sky mirrored in the surface: broad and faint on matt stuff, crisp on glossy."""
    rx, ry = 2 * normal[2] * normal[0], 2 * normal[2] * normal[1]
    blur = np.float32(0.6) - np.float32(0.46) * gloss
    strength = gloss * (0.08 + 0.75 * gloss * gloss) * open_
    horizon = light.step(-ry, 0.25, 0.9) * light.step(-ry, 0.25, 0.9) * gloss * gloss * 0.22 * open_
    planes = [horizon * np.float32(c) for c in rig.sky]
    for lamp in rig.lamps:
        x, y, z = (float(c) for c in lamp.towards)
        if z < 0:
            continue
        half_x, half_y = lamp.box
        box = light.step(half_x - np.abs(rx - x), 0.0, blur) * light.step(half_y - np.abs(ry - y), 0.0, blur)
        box *= strength
        planes = [plane + box * np.float32(colour) for plane, colour in zip(planes, lamp.colour, strict=True)]
    return planes


def _lamp(entry: dict[str, Any], rng: np.random.Generator) -> Lamp:
    towards = np.array(entry["towards"]) + rng.normal(0, entry.get("moved", 0.12), 3)
    return Lamp(towards / np.linalg.norm(towards), np.array(entry["colour"]), tuple(entry.get("box", (0.2, 0.2))))


def _tinted(colour: np.ndarray, by: np.ndarray, share: float) -> np.ndarray:
    hue = by / max(float(by @ (0.2126, 0.7152, 0.0722)), 1e-3)
    return colour * (1 - share + share * np.clip(hue, 0.3, 2.2))


@lru_cache(maxsize=1)
def _rigs() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("lights.toml").read_text(encoding="utf-8"))
