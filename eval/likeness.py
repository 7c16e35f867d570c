"""Likeness: is a portrait still the thing that was asked for, and in whose style is it? Told by machine.

Two classifiers learn from held-out rich drawings alone, never from an expert's pictures, so that an expert can't teach
its own judge. Shapes: a linear one on HOG (Dalal and Triggs 2005) and a coarse colour histogram. Styles: one on random
features of a Gaussian kernel (Rahimi and Recht 2007) over the energy of fine detail in several bands, local binary
patterns (Ojala et al. 2002) and the spread of lightness and colour; it sees each drawing worn as well (blurred,
mottled, grainy, compressed), for a style is more than its sharpness.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.sketch.registry import archetypes
from personify.voices.errors import MissingExtra

OnDrawn = Callable[[int, int], None]
"""Hears how many archetypes are drawn, and of how many."""
SIZE_PX = 128
_WORN = 2
"""How often the judge of style sees each drawing worn, beside how it is."""
_COMPONENTS = 3000
FIRST_SEED = 5_000_000
"""Drawings from here on are seen by no training of experts."""


@dataclass(frozen=True)
class Likeness:
    """The trained judges. Pictures are uint8 RGB (H, W, 3) of any size."""

    by_shape: Any
    by_style: Any

    def archetypes(self, images: Sequence[np.ndarray]) -> list[str]:
        """What each picture shows, as one of the sketch's archetypes."""
        if not images:
            return []
        return [str(name) for name in self.by_shape.predict(np.stack([shape_features(image) for image in images]))]

    def styles(self, images: Sequence[np.ndarray]) -> list[str]:
        """In which of the embedded experts' styles each picture is drawn."""
        if not images:
            return []
        return [str(name) for name in self.by_style.predict(np.stack([style_features(image) for image in images]))]


def train_likeness(
    seeds: int = 12,
    *,
    first: int = FIRST_SEED,
    draw_px: int = 192,
    among: Sequence[str] | None = None,
    on_drawn: OnDrawn | None = None,
) -> Likeness:
    """Judges trained on `seeds` rich drawings of every archetype, or of those in `among`, styles in turn.

    Raises `MissingExtra` without scikit-learn or scikit-image.
    """
    try:
        import skimage.feature  # noqa: F401 - missed here rather than after minutes of drawing
        from sklearn.kernel_approximation import RBFSampler
        from sklearn.linear_model import RidgeClassifier
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError as error:
        raise MissingExtra(
            "the judges of likeness need scikit-learn and scikit-image: pip install 'personify[bench]'"
        ) from error

    images, names, styles = drawings(seeds, first=first, draw_px=draw_px, among=among, on_drawn=on_drawn)
    shape = make_pipeline(StandardScaler(), RidgeClassifier(alpha=300.0))
    shape.fit(np.stack([shape_features(image) for image in images]), names)
    seen = [style_features(each) for at, image in enumerate(images) for each in _as_seen(image, at)]
    kernel = RBFSampler(gamma=0.5 / len(seen[0]), n_components=_COMPONENTS, random_state=0)
    style = make_pipeline(StandardScaler(), kernel, RidgeClassifier(alpha=1.0))
    style.fit(np.stack(seen), np.repeat(styles, 1 + _WORN))
    return Likeness(shape, style)


def _as_seen(image: np.ndarray, number: int) -> list[np.ndarray]:
    """A picture as it is, and worn in several ways."""
    return [image, *(_worn(image, np.random.default_rng([number, k])) for k in range(_WORN))]


def _worn(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The picture a little blurred, mottled and grainy, and often compressed."""
    import cv2

    height, width = image.shape[:2]
    blurred = cv2.GaussianBlur(image.astype(np.float32), (0, 0), float(rng.uniform(0.1, 1.1)))
    mottle = rng.normal(0, rng.uniform(0, 9), (24, 24, 3)).astype(np.float32)
    speck = cv2.GaussianBlur(rng.normal(0, 1, (height, width, 3)).astype(np.float32), (0, 0), rng.uniform(0.3, 1.2))
    worn = blurred + cv2.resize(mottle, (width, height), interpolation=cv2.INTER_CUBIC) + speck * rng.uniform(0, 5)
    pixels = np.clip(worn, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        return pixels
    _, packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(55, 95))])
    return cv2.imdecode(packed, cv2.IMREAD_COLOR)


def drawings(
    seeds: int,
    *,
    first: int = FIRST_SEED,
    draw_px: int = 192,
    among: Sequence[str] | None = None,
    on_drawn: OnDrawn | None = None,
) -> tuple[list[np.ndarray], list[str], list[str]]:
    """Rich drawings of every archetype, or of those in `among`, with their archetypes and styles."""
    from personify.avatar.embedded.drawings import STYLES, draw_rich

    images, names, styles = [], [], []
    asked = [each for each in enumerate(archetypes().items()) if among is None or each[1][0] in among]
    for done, (number, (name, archetype)) in enumerate(asked, start=1):
        for k in range(seeds):
            style = STYLES[(number + k) % len(STYLES)]
            seed = first + number * 1000 + k
            brief = AppearanceBrief(concept=name.replace("_", " "), category=archetype.category, archetype=name)
            drawn = draw_rich(seed, size=draw_px, style=style, kind="face", brief=brief)
            images.append(drawn.image)
            names.append(name)
            styles.append(style)
        if on_drawn is not None:
            on_drawn(done, len(asked))
    return images, names, styles


def shape_features(image: np.ndarray) -> np.ndarray:
    """HOG on 128 px and hue-saturation histograms of the four quarters, float32 (n,)."""
    import cv2

    small = cv2.resize(image, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_AREA)
    hog = cv2.HOGDescriptor((SIZE_PX, SIZE_PX), (32, 32), (16, 16), (16, 16), 9).compute(small)
    half = SIZE_PX // 2
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    colours = [
        cv2.calcHist([hsv[y : y + half, x : x + half]], [0, 1], None, [8, 3], [0, 180, 0, 256]).ravel() / half**2
        for y in (0, half)
        for x in (0, half)
    ]
    return np.concatenate([np.ravel(hog), *colours]).astype(np.float32)


def style_features(image: np.ndarray) -> np.ndarray:
    """How strong detail is in four bands, how dark lines are, how flat and how saturated areas are, of what patterns
    they consist, and how lightness and colour are spread, float32 (n,). What is drawn matters little."""
    import cv2

    small = cv2.resize(image, (192, 192), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(np.float32)
    tones = np.percentile(lab, (2, 10, 25, 50, 75, 90, 98), axis=0).ravel() / 255
    return np.concatenate([_detail(small), *_patterns(small), tones]).astype(np.float32)


def _patterns(small: np.ndarray) -> list[np.ndarray]:
    """Square roots of the shares of uniform local binary patterns at four scales, (10,) each."""
    import cv2

    try:
        from skimage.feature import local_binary_pattern
    except ImportError as error:
        raise MissingExtra("the judge of style needs scikit-image: pip install 'personify[bench]'") from error
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    found = []
    for radius, sigma in ((1, 0.0), (2, 0.8), (4, 1.6), (8, 3.2)):
        smooth = cv2.GaussianBlur(grey, (0, 0), sigma) if sigma else grey
        codes = local_binary_pattern(smooth, 8, radius, method="uniform").astype(int)
        found.append(np.sqrt(np.bincount(codes.ravel(), minlength=10) / codes.size))
    return found


def _detail(small: np.ndarray) -> np.ndarray:
    """Measured on 8 x 8 fields and summed up by quantiles, with how the measures go together."""
    import cv2

    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV).astype(np.float32)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    planes: list[np.ndarray] = []
    last: np.ndarray = grey
    for sigma in (0.7, 1.4, 2.8, 5.6):
        smooth = cv2.GaussianBlur(grey, (0, 0), sigma)
        planes.append(np.abs(last - smooth))
        last = smooth
    dark = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((7, 7), np.uint8))
    planes += [dark, hsv[..., 1], hsv[..., 2]]
    fields = [cv2.resize(plane, (24, 24), interpolation=cv2.INTER_AREA).ravel() for plane in planes]
    marks = (5, 15, 30, 50, 70, 85, 95)
    shared = [np.corrcoef(fields[a], fields[b])[0, 1] for a in range(4) for b in range(a + 1, 7)]
    spread = [np.percentile(np.log1p(field), marks) for field in fields]
    return np.nan_to_num(np.concatenate([*spread, shared]))
