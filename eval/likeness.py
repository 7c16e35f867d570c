"""Likeness: is a portrait still the thing that was asked for, and in whose style is it? Told by machine.

Two judges learn from held-out rich drawings alone, never from an expert's pictures, so that an expert can't teach its
own judge: a linear classifier of archetypes on HOG (Dalal and Triggs 2005) and a coarse colour histogram, and `style`'s
small network of styles.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.sketch.registry import archetypes
from personify.eval.style import StyleJudge, train_styles
from personify.voices.errors import MissingExtra

OnDrawn = Callable[[int, int], None]
"""Hears how many archetypes are drawn, and of how many."""
SIZE_PX = 128
SEEN_PX = 256
"""A picture is shrunk to this before it is looked at."""
_DRAW_PX = 512
"""As large as portraits are: paper, dots and stitches of other pictures shrink to other textures."""
_FEW = 48
"""So many drawings are made sooner here than another process starts."""
FIRST_SEED = 5_000_000
"""Drawings from here on are seen by no training of experts."""


@dataclass(frozen=True)
class Likeness:
    """The trained judges. Pictures are uint8 RGB (H, W, 3) of any size."""

    by_shape: Any
    """Predicts from rows of `shape_features`."""
    by_style: StyleJudge

    def archetypes(self, images: Sequence[np.ndarray]) -> list[str]:
        """What each picture shows, as one of the sketch's archetypes."""
        if not images:
            return []
        return [str(name) for name in self.by_shape.predict(np.stack([shape_features(image) for image in images]))]

    def styles(self, images: Sequence[np.ndarray]) -> list[str]:
        """In which of the embedded experts' styles each picture is drawn."""
        if not images:
            return []
        return [str(name) for name in self.by_style.predict(np.stack([_seen(image) for image in images]))]


def train_likeness(
    seeds: int = 12,
    *,
    first: int = FIRST_SEED,
    draw_px: int = _DRAW_PX,
    among: Sequence[str] | None = None,
    on_drawn: OnDrawn | None = None,
) -> Likeness:
    """Judges trained on `seeds` rich drawings of every archetype, or of those in `among`, styles in turn.

    Raises `MissingExtra` without scikit-learn.
    """
    try:
        from sklearn.linear_model import RidgeClassifier
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError as error:
        raise MissingExtra("the judges of likeness need scikit-learn: pip install 'personify[bench]'") from error

    images, names, styles = drawings(seeds, first=first, draw_px=draw_px, among=among, on_drawn=on_drawn)
    shape = make_pipeline(StandardScaler(), RidgeClassifier(alpha=300.0))
    shape.fit(np.stack([shape_features(image) for image in images]), names)
    return Likeness(shape, train_styles(np.stack(images), styles))


def drawings(
    seeds: int,
    *,
    first: int = FIRST_SEED,
    draw_px: int = _DRAW_PX,
    among: Sequence[str] | None = None,
    on_drawn: OnDrawn | None = None,
) -> tuple[list[np.ndarray], list[str], list[str]]:
    """Rich drawings of every archetype, or of those in `among`, with their archetypes and styles.

    Drawn at `draw_px` on every core and shrunk to `SEEN_PX`. Raises `MissingExtra` without joblib.
    """
    try:
        from joblib import Parallel, delayed
    except ImportError as error:
        raise MissingExtra("drawing on every core needs joblib: pip install 'personify[bench]'") from error

    images, names, styles = [], [], []
    asked = [each for each in enumerate(archetypes()) if among is None or each[1] in among]
    pool = Parallel(n_jobs=1 if seeds * len(asked) <= _FEW else -1, return_as="generator")
    made = pool(delayed(_drawings_of)(name, number, seeds, first, draw_px) for number, name in asked)
    for done, (drawn, (_, name)) in enumerate(zip(made, asked, strict=True), start=1):
        images += [image for image, _ in drawn]
        names += [name] * seeds
        styles += [style for _, style in drawn]
        if on_drawn is not None:
            on_drawn(done, len(asked))
    return images, names, styles


def _drawings_of(name: str, number: int, seeds: int, first: int, draw_px: int) -> list[tuple[np.ndarray, str]]:
    """Shrunk pictures of one archetype with their styles, which take turns."""
    from personify.avatar.embedded.drawings import STYLES, draw_rich

    brief = AppearanceBrief(concept=name.replace("_", " "), category=archetypes()[name].category, archetype=name)
    drawn = []
    for k in range(seeds):
        style = STYLES[(number + k) % len(STYLES)]
        rich = draw_rich(first + number * 1000 + k, size=draw_px, style=style, kind="face", brief=brief)
        drawn.append((_seen(rich.image), style))
    return drawn


def _seen(image: np.ndarray) -> np.ndarray:
    import cv2

    small: np.ndarray = cv2.resize(image, (SEEN_PX, SEEN_PX), interpolation=cv2.INTER_AREA)
    return small


def shape_features(image: np.ndarray) -> np.ndarray:
    """HOG on 128 px and hue-saturation histograms of the four quarters, float32 (n,)."""
    import cv2

    small = cv2.resize(_seen(image), (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_AREA)
    hog = cv2.HOGDescriptor((SIZE_PX, SIZE_PX), (32, 32), (16, 16), (16, 16), 9).compute(small)
    half = SIZE_PX // 2
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    colours = [
        cv2.calcHist([hsv[y : y + half, x : x + half]], [0, 1], None, [8, 3], [0, 180, 0, 256]).ravel() / half**2
        for y in (0, half)
        for x in (0, half)
    ]
    return np.concatenate([np.ravel(hog), *colours]).astype(np.float32)
