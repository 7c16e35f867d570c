"""Scenery: scenes as data, painted small and out of focus, far things first; knows nothing of figures.

A scene is a list of motifs in `scenes.toml`; each motif names its brush here. Places run from 0 (left, top) to 1.
"""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import cv2
import numpy as np

from personify.avatar.sketch import colours

LOW = 160
"""Pixels along each side of a scene: it is out of focus, so nothing finer would be seen."""


@dataclass(frozen=True)
class Scene:
    """`words` and `categories` say whom it suits; `motifs` are painted in order; `blur` (in pixels of LOW) is how far
    out of focus it is; `colour` scales its saturation; `shadow` is how strongly the figure's shadow falls on it."""

    words: frozenset[str]
    categories: frozenset[str]
    motifs: tuple[dict[str, Any], ...]
    blur: float = 2.2
    colour: float = 0.8
    shadow: float = 0.25


def paint_scene(scene: Scene, rng: np.random.Generator) -> np.ndarray:
    """The scene, float32 RGB (LOW, LOW, 3) in [0, 1]."""
    picture = np.zeros((LOW, LOW, 3), np.uint8)
    for motif in scene.motifs:
        settings = dict(motif)
        _BRUSHES[settings.pop("kind")](picture, rng, **settings)
    return cv2.GaussianBlur(picture.astype(np.float32) / 255, (0, 0), scene.blur)


def _sky(picture: np.ndarray, rng: np.random.Generator, *, stops: list[str]) -> None:
    """Colours from top to bottom over the whole picture."""
    told = np.array([colours.parse(stop) for stop in stops]) * 255
    at = np.linspace(0, len(stops) - 1, LOW)
    column = np.stack([np.interp(at, np.arange(len(stops)), told[:, c]) for c in range(3)], 1)
    picture[:] = np.round(column)[:, None].astype(np.uint8)


def _disc(
    picture: np.ndarray, rng: np.random.Generator, *, x: list[float], y: list[float], r: float, colour: str, glow: float
) -> None:
    """A sun, a moon or a lamp: a disc somewhere in the ranges x and y with light around it, `glow` wide."""
    cx, cy = _between(rng, x), _between(rng, y)
    rows, columns = np.mgrid[0:LOW, 0:LOW].astype(np.float32) / LOW
    distance = np.hypot(columns - cx, rows - cy)
    light = np.maximum(np.clip((r - distance) * LOW + 0.5, 0, 1), 0.55 * np.exp(-np.square(distance / glow)))
    paint = np.float32(colours.parse(colour) * 255)
    picture[:] = np.round(picture + (paint - picture) * light[..., None]).astype(np.uint8)


def _dots(
    picture: np.ndarray, rng: np.random.Generator, *,
    count: int, y: list[float], r: list[float], shades: list[str], x: Sequence[float] = (0.0, 1.0),
) -> None:  # fmt: skip
    """Stars, snow, blossoms, lights: discs scattered over the ranges, their radii between the two of `r`."""
    for _ in range(count):
        centre = (_fixed(_between(rng, x)), _fixed(_between(rng, y)))
        radius = max(12, _fixed(_between(rng, r)))
        cv2.circle(picture, centre, radius, _paint(shades, rng), -1, cv2.LINE_AA, 4)


def _clouds(
    picture: np.ndarray, rng: np.random.Generator, *, count: int, y: list[float], size: float, colour: str
) -> None:
    """Heaps of discs with a flat foot."""
    for _ in range(count):
        cx, cy = rng.uniform(0, 1), _between(rng, y)
        for k in range(7):
            dx = (k - 3) / 3 * size
            r = size * (0.42 - 0.1 * abs(k - 3) / 3) * rng.uniform(0.7, 1.1)
            cv2.circle(
                picture, (_fixed(cx + dx), _fixed(cy - r * 0.6)), _fixed(r), _paint([colour], rng), -1, cv2.LINE_AA, 4
            )


def _ridge(
    picture: np.ndarray, rng: np.random.Generator, *, y: float, rough: float, colour: str, waves: float = 2.0
) -> None:
    """Hills, dunes, a far wood or, with `rough` 0, a level horizon: everything below an uneven line."""
    x = np.linspace(0, 1, 65)
    line = sum(
        np.sin(x * 2 * np.pi * waves * f + rng.uniform(0, 6.28)) * rough / f for f in (1.0, 2.3, 5.1, 11.0)
    )  # the higher, the smaller
    points = np.concatenate([np.stack([x, y + line], 1), [(1, 1.1), (0, 1.1)]])
    _fill(picture, points, _paint([colour], rng))


def _pines(
    picture: np.ndarray, rng: np.random.Generator, *,
    count: int, y: float, height: list[float], shades: list[str],
) -> None:  # fmt: skip
    """Conifers that stand at y."""
    for cx in (np.arange(count) + rng.uniform(0.1, 0.9, count)) / count:
        h = _between(rng, height)
        w = h * 0.22
        outline = [(cx, y - h), (cx + w, y), (cx - w, y)]
        _fill(picture, np.array(outline), _paint(shades, rng))


def _bars(
    picture: np.ndarray, rng: np.random.Generator, *,
    top: list[float], bottom: float, width: list[float], gap: list[float], shades: list[str],
    x: Sequence[float] = (0.0, 1.0),
) -> None:  # fmt: skip
    """Trunks, books, houses, fence posts: upright bars side by side, their tops between the two of `top`."""
    at = x[0] + rng.uniform(-0.02, 0.02)
    while at < x[1]:
        w = _between(rng, width)
        y = _between(rng, top)
        _fill(picture, np.array([(at, y), (at + w, y), (at + w, bottom), (at, bottom)]), _paint(shades, rng))
        at += w + _between(rng, gap)


def _shelves(
    picture: np.ndarray, rng: np.random.Generator, *, rows: int, plank: str, shades: list[str], fill: float
) -> None:
    """Shelves from top to bottom, each with things on it over the share `fill` of its length."""
    step = 1 / rows
    for row in range(rows):
        foot = (row + 1) * step
        at = 0.0
        while at < 1:
            length = rng.uniform(0.15, 0.4)
            if rng.random() < fill:
                _bars(
                    picture, rng, top=[foot - 0.82 * step, foot - 0.58 * step], bottom=foot, width=[0.016, 0.045],
                    gap=[0.0, 0.004], shades=shades, x=[at, at + length],
                )  # fmt: skip
            at += length + 0.03
        _fill(picture, _box(0, foot - 0.018, 1, foot + 0.018), _paint([plank], rng))


def _box_of(
    picture: np.ndarray, rng: np.random.Generator, *, box: list[float], shades: list[str], shift: float = 0.0
) -> None:
    """A window, a board, a table top: left, top, right, bottom; moved sideways by up to `shift`."""
    move = rng.uniform(-shift, shift)
    left, top, right, bottom = box
    _fill(picture, _box(left + move, top, right + move, bottom), _paint(shades, rng))


def _folds(
    picture: np.ndarray, rng: np.random.Generator, *, x: list[float], count: int, light: str, dark: str, foot: float
) -> None:
    """A curtain between two places, down to `foot`."""
    start, end = int(x[0] * LOW), int(x[1] * LOW)
    t = np.linspace(0, count * 2 * np.pi, end - start) + rng.uniform(0, 6.28)
    wave = (0.5 + 0.5 * np.sin(t + 0.6 * np.sin(t * 0.37)))[None, :, None]
    cloth = colours.parse(dark) + (colours.parse(light) - colours.parse(dark)) * wave
    picture[: int(foot * LOW), start:end] = np.round(cloth * 255).astype(np.uint8)


def _ripples(
    picture: np.ndarray, rng: np.random.Generator, *, count: int, y: list[float], length: list[float],
    shades: list[str],
) -> None:  # fmt: skip
    """Glitter on water, boards of a floor, clods of a field: short level strokes, wider towards the viewer."""
    for _ in range(count):
        depth = rng.random()
        cy = y[0] + (y[1] - y[0]) * depth
        half = _between(rng, length) * (0.4 + 0.6 * depth) / 2
        cx = rng.uniform(0, 1)
        _fill(picture, _box(cx - half, cy, cx + half, cy + 0.006 + 0.014 * depth), _paint(shades, rng))


def _between(rng: np.random.Generator, low_high: Sequence[float]) -> float:
    return float(rng.uniform(low_high[0], low_high[1]))


def _fixed(place: float) -> int:
    return round(place * LOW * 16)


def _box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def _fill(picture: np.ndarray, outline: np.ndarray, colour: tuple[int, int, int]) -> None:
    cv2.fillPoly(picture, [np.round(outline * LOW * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)


def _paint(names: list[str], rng: np.random.Generator) -> tuple[int, int, int]:
    """One of the colours, a little varied."""
    red, green, blue = colours.parse(names[int(rng.random() * len(names))]) * 255 + rng.uniform(-6, 6)
    return int(np.clip(red, 0, 255)), int(np.clip(green, 0, 255)), int(np.clip(blue, 0, 255))


_BRUSHES: dict[str, Callable[..., None]] = {
    "sky": _sky, "disc": _disc, "dots": _dots, "clouds": _clouds, "ridge": _ridge, "pines": _pines, "bars": _bars,
    "shelves": _shelves, "box": _box_of, "folds": _folds, "ripples": _ripples,
}  # fmt: skip


def _load() -> dict[str, Scene]:
    tables = tomllib.loads(files(__package__).joinpath("scenes.toml").read_text(encoding="utf-8"))
    return {name: _scene(**entry) for name, entry in tables.items()}


def _scene(words: list[str], motifs: list[dict[str, Any]], categories: list[str], **more: float) -> Scene:
    return Scene(frozenset(words), frozenset(categories), tuple(motifs), **more)


SCENES: dict[str, Scene] = _load()
