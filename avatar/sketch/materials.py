"""Materials: how a surface takes the light, as data, and the grains that roughen it."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import cv2
import numpy as np


@dataclass(frozen=True)
class Material:
    """`gloss` 0 matt to 1 mirror; `soft` how far light shines through; `texture` one of `GRAINS`; `grain` its size and
    `bump` its depth in picture units; `mottle` how much it varies the colour."""

    gloss: float = 0.2
    soft: float = 0.2
    texture: str = "none"
    grain: float = 0.03
    bump: float = 0.0
    mottle: float = 0.0


def _load() -> dict[str, Material]:
    tables = tomllib.loads(files(__package__).joinpath("materials.toml").read_text(encoding="utf-8"))
    aliases = tables.pop("aliases")
    known = {name: Material(**entry) for name, entry in tables.items()}
    return known | {word: known[name] for word, name in aliases.items()}


MATERIALS: dict[str, Material] = _load()
GRAINS = ("none", "cloud", "grain", "fur", "wood", "weave", "pores", "brushed")

_TILES = 5
"""So many tiles of each grain are made and kept; a seed takes one and begins somewhere on it."""


def texture(kind: str, shape: tuple[int, int], grain_px: float, seed: int) -> np.ndarray:
    """A grain of about [-1, 1], float32 of that shape; the same seed gives the same grain."""
    if kind == "none":
        return np.zeros(shape, np.float32)
    height, width = shape
    step = max(1.0, grain_px)
    x, y = np.meshgrid(_cells(width, step, seed * 61), _cells(height, step, seed * 37))
    return cv2.remap(_tile(kind, seed % _TILES), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)


def _cells(count: int, step: float, start: int) -> np.ndarray:
    """Where `count` pixels in a row lie on the tile, from cell `start` on."""
    return (np.arange(count, dtype=np.float32) / step * 4 + start % 255) % 255


@lru_cache(maxsize=64)
def _tile(kind: str, seed: int) -> np.ndarray:
    """256 x 256 cells of grain that repeat without a seam; four cells are one grain's size."""
    noise = np.random.default_rng(seed).standard_normal((256, 256)).astype(np.float32)
    sigmas = {
        "cloud": (7.0, 7.0), "grain": (1.0, 1.0), "fur": (0.8, 5.0), "wood": (1.2, 24.0),
        "pores": (1.6, 1.6), "brushed": (9.0, 0.7), "weave": (1.0, 1.0),
    }  # fmt: skip
    if kind == "weave":
        i = np.arange(256)
        return (np.sin(i * np.pi / 2)[:, None] * np.cos(i * np.pi / 2)[None, :]).astype(np.float32) + 0.1 * noise
    sigma_x, sigma_y = sigmas[kind]
    wrapped = cv2.copyMakeBorder(noise, 64, 64, 64, 64, cv2.BORDER_WRAP)
    smooth = cv2.GaussianBlur(wrapped, (0, 0), sigmaX=sigma_x, sigmaY=sigma_y)[64:-64, 64:-64]
    smooth = smooth / smooth.std()
    return np.clip(smooth if kind != "pores" else -np.maximum(smooth - 0.6, 0) * 2, -2, 2) / 2
