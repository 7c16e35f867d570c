"""Styles: ways to light and paint the same layers, one file each, and which of them a brief asks for."""

import tomllib
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files

import numpy as np

from personify.avatar.sketch.canvas import Layers
from personify.avatar.sketch.styles import clay, comic, photo, storybook
from personify.avatar.sketch.styles.light import Painted
from personify.voices.errors import unknown_name

STYLES: dict[str, Callable[[Layers, np.ndarray, int], Painted]] = {
    "clay": clay.paint,
    "storybook": storybook.paint,
    "comic": comic.paint,
    "photo": photo.paint,
}


def render(layers: Layers, backdrop: np.ndarray, style: str, seed: int) -> np.ndarray:
    """The picture, float32 RGB (H, W, 3) in [0, 1]; `backdrop` likewise, it is left as it is."""
    return painted(layers, backdrop, style, seed).over(layers.cover)


def painted(layers: Layers, backdrop: np.ndarray, style: str, seed: int) -> Painted:
    """The character and the ground before one is laid over the other. An unknown style is `BadInput`."""
    if style not in STYLES:
        raise unknown_name("style", style, list(STYLES))
    return STYLES[style](layers, backdrop.copy(), seed)


def style_for(words: tuple[str, ...], chance: float) -> str:
    """The style that the first known of the style words asks for, else any; `chance` in [0, 1) picks among several."""
    said = [word.strip().lower() for word in words]
    asked = next((_known_words()[word] for word in said if word in _known_words()), tuple(STYLES))
    return asked[int(chance * len(asked))]


@lru_cache(maxsize=1)
def _known_words() -> dict[str, tuple[str, ...]]:
    table = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))["words"]
    return {word: tuple(names) for word, names in table.items()} | {name: (name,) for name in STYLES}
