"""Sharpness: how crisply a picture draws its face's eyes and lips, whatever its size, brightness and contrast.

The ratio of two focus measures, the energy of the Laplacian over that of the gradient (Pech-Pacheco et al. 2000,
"Diatom autofocusing in brightfield microscopy"; LAP1 and GRA6 in Pertuz et al. 2013, "Analysis of focus measure
operators for shape-from-focus"). Either alone grows with contrast and with how much is drawn; their ratio only with how
steep the edges are: across an edge blurred by a Gaussian of standard deviation s it is 1 / (2 s^2), so it says how
wide the edges are.
"""

from collections.abc import Sequence

import numpy as np

from personify.avatar.landmarks import (
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    LIPS_INNER_LOWER,
    LIPS_INNER_UPPER,
    LIPS_OUTER_LOWER,
    LIPS_OUTER_UPPER,
    RIGHT_EYE_LOWER,
    RIGHT_EYE_UPPER,
    inter_ocular,
)

EYE_DISTANCE_PX = 128
"""Faces are looked at in this size."""
VEIL_PX = 2.0
"""Standard deviation of the blur that everything is looked at through, in pixels at that size: what is finer tells more
of the picture's size and grain than of the drawing."""
AROUND_PX = 6
"""How far around lids and lips is looked at, in pixels at that size."""
FAINTEST_STEP = 0.25
"""Of 255, from pixel to pixel: where steps are fainter nothing is drawn that could be sharp."""
_MARGIN_PX = 16
_MOST_BEFORE = 2.0
"""Up to this enlargement the veil is laid before it, so that interpolation can't cost sharpness; beyond it the veil
would be narrower than a pixel."""
_MAX_CROP_PX = 1024
"""An eye or a mouth so large at that size is not one."""
_EYES = (RIGHT_EYE_UPPER + RIGHT_EYE_LOWER, LEFT_EYE_UPPER + LEFT_EYE_LOWER)
_LIPS = (LIPS_OUTER_UPPER + LIPS_OUTER_LOWER + LIPS_INNER_UPPER + LIPS_INNER_LOWER,)


def sharpness(image: np.ndarray, landmarks: np.ndarray) -> tuple[float, float]:
    """How sharp the eyes and the lips are: 1 is a perfect straight edge, less is wider, 0 is nothing drawn at all.

    An edge blurred by s pixels, at a face 128 px between the eyes, reads `VEIL_PX / hypot(VEIL_PX, s)`; thin lines read
    up to sqrt(3) times that, and grain too looks sharp. `image`: uint8 RGB (H, W, 3). `landmarks`: (478, 2) or
    (478, 3) pixels. A face of few pixels can't be sharp: what an enlargement lacks counts as blur.
    """
    import cv2

    points = np.asarray(landmarks, np.float64)[:, :2]
    eye_distance = inter_ocular(points)
    if not np.isfinite(points).all() or eye_distance < 1:
        return 0.0, 0.0
    scale = EYE_DISTANCE_PX / eye_distance
    grey: np.ndarray = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY).astype(np.float32)
    if scale <= _MOST_BEFORE:
        grey = cv2.GaussianBlur(grey, (0, 0), VEIL_PX / scale)
    return _sharp(grey, points, scale, _EYES), _sharp(grey, points, scale, _LIPS)


def _sharp(grey: np.ndarray, points: np.ndarray, scale: float, features: Sequence[tuple[int, ...]]) -> float:
    bends = steps = 0.0
    for numbers in features:
        energies = _energies(grey, points[list(numbers)], scale)
        if energies is None:
            return 0.0
        bends, steps = bends + energies[0], steps + energies[1]
    return float(VEIL_PX * np.sqrt(2 * bends / steps))


def _energies(grey: np.ndarray, outline: np.ndarray, scale: float) -> tuple[float, float] | None:
    """The summed squares of the Laplacian and of the gradient around one feature; None where it can't be one."""
    import cv2

    corner = outline.min(0) - _MARGIN_PX / scale
    width, height = np.ceil((outline.max(0) - corner) * scale).astype(int) + _MARGIN_PX
    if max(width, height) > _MAX_CROP_PX:
        return None
    matrix = np.array([[scale, 0, -corner[0] * scale], [0, scale, -corner[1] * scale]])
    size = int(width), int(height)
    crop = cv2.warpAffine(grey, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    if scale > _MOST_BEFORE:
        crop = cv2.GaussianBlur(crop, (0, 0), VEIL_PX)
    mask = np.zeros(crop.shape, np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round((outline - corner) * scale).astype(np.int32)), (255,))
    near = cv2.dilate(mask, np.ones((2 * AROUND_PX + 1, 2 * AROUND_PX + 1), np.uint8)) > 0
    bend = cv2.Laplacian(crop, cv2.CV_32F)[near]
    across = cv2.Sobel(crop, cv2.CV_32F, 1, 0, scale=0.125)[near]
    down = cv2.Sobel(crop, cv2.CV_32F, 0, 1, scale=0.125)[near]
    steps = across**2 + down**2 + FAINTEST_STEP**2
    return float((bend**2).sum()), float(steps.sum())
