"""Backdrops: which ground stands behind a figure, and how it is lit so that the figure stands out."""

import colorsys

import cv2
import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.sketch import colours
from personify.avatar.sketch.canvas import Layers
from personify.avatar.sketch.scenery import LOW, SCENES, paint_scene
from personify.voices.errors import unknown_name

STUDIO = "studio"
_GREY = np.array([0.2126, 0.7152, 0.0722], np.float32)
_STUDIO_SHARE = 1 / 3
_APART = 0.24
"""How far in luminance the ground keeps from the figure's rim."""
_DARKEST = 0.1
"""How dark the ground may become."""
_LIT = 0.85
"""How light a rim is beside its colour: lit from one side only, it is a little darker."""


def settings() -> list[str]:
    """The names of all scenes that a brief's `setting` can ask for."""
    return [STUDIO, *SCENES]


def choose_scene(brief: AppearanceBrief, rng: np.random.Generator) -> str:
    """The brief's own setting; else, for two of three seeds, a scene by its words or its category; else the studio.

    A setting is a scene's name or says one in its words ("a dark forest"); any other is `BadInput`.
    """
    if brief.setting is not None:
        return _named(brief.setting)
    plain, pick = rng.random(), rng.random()
    said = _words_of(brief)
    fitting = [name for name, scene in SCENES.items() if said & scene.words]
    fitting = fitting or [name for name, scene in SCENES.items() if brief.category in scene.categories]
    if plain < _STUDIO_SHARE or not fitting:
        return STUDIO
    return fitting[int(pick * len(fitting))]


def backdrop(layers: Layers, scene: str, main: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The scene with the shadow of the figure in `layers`, whose main colour is `main`; float32 RGB (H, W, 3)."""
    cover = cv2.resize(layers.cover, (LOW, LOW), interpolation=cv2.INTER_AREA)
    if scene == STUDIO:
        low = _shadowed(_studio(main, rng), cover, 0.4)
    else:
        low = _calmed(paint_scene(SCENES[scene], rng), SCENES[scene].colour)
        low = _shadowed(low, cover, SCENES[scene].shadow)
        low = _set_apart(low, cover, cv2.resize(layers.albedo, (LOW, LOW), interpolation=cv2.INTER_NEAREST))
    return np.clip(cv2.resize(low, (layers.size, layers.size), interpolation=cv2.INTER_CUBIC), 0, 1)


def _named(setting: str) -> str:
    scene = scene_of(setting)
    if scene is None:
        raise unknown_name("setting", setting, settings())
    return scene


def scene_of(setting: str) -> str | None:
    """The scene that a setting names, by its name or a word for it ("library" is the study); None where none is."""
    said = _words(setting)
    by_name = [name for name in settings() if name in said or name.replace("_", " ") in setting.lower()]
    by_word = [name for name, scene in SCENES.items() if said & scene.words]
    if not by_name + by_word:
        return None
    return max(by_name, key=len) if by_name else by_word[0]


def _words_of(brief: AppearanceBrief) -> set[str]:
    texts = (brief.concept, brief.archetype, *brief.style_words, *brief.accessories, *brief.materials, *brief.features)
    return {word for text in texts for word in _words(text)}


def _words(text: str) -> set[str]:
    """The text in lower case, whole and word by word."""
    return {text.lower(), *text.lower().replace("_", " ").split()}


def _studio(main: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A soft studio wall and floor in a colour that suits `main`."""
    wall = _beside(main, rng)
    y, x = np.mgrid[0:LOW, 0:LOW].astype(np.float32) / LOW
    cx, cy = rng.uniform(0.3, 0.7), rng.uniform(0.28, 0.45)
    glow = np.exp(-(((x - cx) / 0.5) ** 2) - ((y - cy) / 0.5) ** 2)
    tone = 0.72 + 0.36 * glow - 0.12 * y
    floor = 1 / (1 + np.exp(-(y - 0.86) * 26))
    tone = tone * (1 - 0.12 * floor) + 0.06 * floor
    blotch = cv2.resize(rng.standard_normal((5, 5)).astype(np.float32), (LOW, LOW), interpolation=cv2.INTER_CUBIC)
    tone = tone + 0.025 * blotch
    return np.clip(tone[..., None] * wall.astype(np.float32), 0, 1)


def _calmed(low: np.ndarray, colour: float) -> np.ndarray:
    """The small picture of a scene, quieter behind the head, its saturation scaled by `colour`."""
    y, x = np.mgrid[0:LOW, 0:LOW].astype(np.float32) / LOW
    quiet = 0.62 * np.exp(-(((x - 0.5) / 0.36) ** 2) - ((y - 0.42) / 0.4) ** 2)
    broad = cv2.resize(low, (40, 40), interpolation=cv2.INTER_AREA)
    broad = cv2.resize(cv2.GaussianBlur(broad, (0, 0), 40 / 14), (LOW, LOW), interpolation=cv2.INTER_LINEAR)
    low = low + (broad - low) * quiet[..., None]
    grey = (low @ _GREY)[..., None]
    return np.clip(grey + (low - grey) * np.float32(colour), 0, 1)


def _set_apart(low: np.ndarray, cover: np.ndarray, albedo: np.ndarray) -> np.ndarray:
    """The small picture lighter or darker, as far as the rim of the figure (`cover`, `albedo` likewise small) needs."""
    brush = np.ones((9, 9), np.uint8)
    around = np.maximum(cv2.dilate(cover, brush) - cover, 0)
    edge = np.maximum(cover - cv2.erode(cover, brush), 0)
    rim = _LIT * _mean_luminance(albedo, edge)
    wall = _mean_luminance(low, around)
    colourful = _mean(low.max(2) - low.min(2), around) - _mean(albedo.max(2) - albedo.min(2), edge)
    apart = _APART * (1 - 0.4 * float(np.clip(7 * colourful, 0, 1)))  # red stands out from black without being light
    darker = max(_DARKEST, rim - apart)
    aims = [aim for aim in (darker, rim + apart) if abs(aim - rim) >= 0.6 * apart and aim <= 0.88]
    if abs(wall - rim) >= apart or not aims:
        return low
    aim = min(aims, key=lambda candidate: abs(candidate - wall))
    for _ in range(2):  # the mean of powers isn't the power of the mean
        exponent = np.float32(np.log(aim) / np.log(np.clip(wall, 0.03, 0.97)))
        low = np.clip(low, 0.004, 1)
        strong = low * cv2.pow(low @ _GREY, float(exponent) - 1)[..., None]  # keeps colours as strong as they were
        low = np.clip(0.5 * (np.power(low, exponent) + strong), 0, 1)
        wall = _mean_luminance(low, around)
    return low


def _mean_luminance(picture: np.ndarray, weight: np.ndarray) -> float:
    return _mean(picture @ _GREY, weight)


def _mean(plane: np.ndarray, weight: np.ndarray) -> float:
    return float((plane * weight).sum() / max(float(weight.sum()), 1e-6))


def _shadowed(low: np.ndarray, cover: np.ndarray, strength: float) -> np.ndarray:
    """The small picture with the figure's soft shadow on what is behind and under it; `cover` likewise small."""
    moved = cv2.warpAffine(cover, np.array([[1, 0, 6], [0, 1, 6]], np.float32), (LOW, LOW))
    shadow = strength * cv2.GaussianBlur(moved, (0, 0), 7.5) + min(0.5, 1.4 * strength) * _contact(cover)
    return low * cv2.merge([1 - shadow * tint for tint in (1.0, 0.96, 0.88)])


def _contact(small: np.ndarray) -> np.ndarray:
    """The dark line under what stands on the ground within the picture; `small` is its cover, float32 (h, w)."""
    shadow = np.zeros_like(small)
    height = small.shape[0]
    foot = int(np.flatnonzero(small.max(1) > 0.5).max(initial=0))
    under = np.flatnonzero(small[max(0, foot - height // 20) : foot + 1].max(0) > 0.5)
    if 0.8 * height < foot < height - 2 and len(under) > 2:
        half = (int(under[-1] - under[0]) // 2 + 2, height // 42)
        cv2.ellipse(shadow, (int(under[0] + under[-1]) // 2 + 1, foot), half, 0, 0, 360, (1.0,), -1)
    return cv2.GaussianBlur(shadow, (0, 0), 2.2)


def _beside(main: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A quiet colour across the wheel from the main one, light behind dark figures and darker behind light ones."""
    hue, _, saturation = colorsys.rgb_to_hls(*map(float, main))
    turn = rng.choice([0.5, 0.42, 0.58, 0.33]) if saturation > 0.15 else rng.uniform(0, 1)
    lum = 0.7 if colours.luminance(main) < 0.45 else 0.56
    return np.array(colorsys.hls_to_rgb((hue + turn + rng.uniform(-0.04, 0.04)) % 1, lum, rng.uniform(0.14, 0.3)))
