"""Is what the detector found a face that can be animated? A bare detection is not enough.

MediaPipe also "finds" two dots and a smile, and a face in a wood grain, and then bends its average face over it. So the
landmarks are held against what a face must be: big enough, inside the picture, in order, symmetric, drawn there at all
(eyes, nose and lips stand out from the skin), and, where the true places are known, near them.
"""

from collections.abc import Iterator

import numpy as np

from personify.avatar.landmarks import (
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    LIPS_INNER_LOWER,
    LIPS_INNER_UPPER,
    LIPS_OUTER_LOWER,
    LIPS_OUTER_UPPER,
    NOSE_BASE,
    NOSE_TIP,
    OVAL,
    RIGHT_EYE_LOWER,
    RIGHT_EYE_UPPER,
    inter_ocular,
)  # fmt: skip
from personify.avatar.portrait import Verdict

MIN_EYE_DISTANCE = 0.045
"""Of the picture's height: below it lips are a few pixels and can't be moved."""
MAX_ROLL_DEG = 35.0
MAX_ASYMMETRY = 0.2
"""Mean distance of mirrored features from their partners, in inter-ocular distances."""
MIN_CONTRAST = 2.2
"""Mean absolute step in luminance from pixel to pixel (of 255, at a face 128 px between the eyes) inside a feature."""
MAX_ERROR = 0.15
"""Mean distance to known points, in inter-ocular distances; eyes and lips would slip off their drawing beyond it."""


def judge(
    found: np.ndarray | None,
    image: np.ndarray,
    known: tuple[np.ndarray, np.ndarray] | None = None,
    tolerance: float = MAX_ERROR,
) -> Verdict:
    """The verdict on landmarks `found` (478, 2 or 3) in `image` (uint8 RGB).

    `known`: landmark numbers (n,) and their true places (n, 2) in pixels, from a drawing; `tolerance`: how far from
    them the found ones may lie on average, in inter-ocular distances.
    """
    if found is None:
        return Verdict(found=False, plausible=False, reasons=("no face was found",))
    points = np.asarray(found, np.float64)[:, :2]
    eye_distance = inter_ocular(points)
    error = None
    reasons = list(_shape_faults(points, image.shape[0], image.shape[1], eye_distance))
    if known is not None:
        numbers, places = known
        truth = np.linalg.norm(places[list(numbers).index(473)] - places[list(numbers).index(468)])
        error = float(np.linalg.norm(points[numbers] - places, axis=1).mean() / max(truth, 1e-6))
        if error > tolerance:
            reasons.append(f"the landmarks lie {error:.2f} eye distances from where the face was drawn")
    if not reasons:
        reasons = list(_missing_features(points, image, eye_distance))
    return Verdict(found=True, plausible=not reasons, reasons=tuple(reasons), error=error)


def _shape_faults(points: np.ndarray, height: int, width: int, eye_distance: float) -> Iterator[str]:
    if eye_distance < MIN_EYE_DISTANCE * height:
        yield f"the face is too small: {eye_distance:.0f} px between the eyes in a picture {height} px high"
        return
    outside = ((points < 0) | (points > (width - 1, height - 1))).any(axis=1).mean()
    if outside > 0.08:
        yield f"{outside:.0%} of the face lies outside the picture"
    upright, roll_deg = _upright(points, eye_distance)
    if abs(roll_deg) > MAX_ROLL_DEG:
        yield f"the head is rolled by {roll_deg:.0f} degrees"
    eyes = 0.0
    nose, mouth, chin = upright[NOSE_TIP, 1], upright[[13, 14], 1].mean(), upright[152, 1]
    if not eyes + 0.15 < nose < mouth - 0.1 < chin - 0.15:
        yield "eyes, nose, mouth and chin are not in order"
    asymmetry = np.mean([np.abs(upright[right] * (-1, 1) - upright[left]).mean() for right, left in _PAIRS])
    if asymmetry > MAX_ASYMMETRY:
        yield f"the face is lopsided by {asymmetry:.2f} eye distances"
    mouth_width = np.linalg.norm(upright[291] - upright[61])
    if not 0.3 < mouth_width < 1.7:
        yield f"the mouth is {mouth_width:.2f} eye distances wide"


def _missing_features(points: np.ndarray, image: np.ndarray, eye_distance: float) -> Iterator[str]:
    """Names the features whose place is as flat as bare skin: the detector only imagined them."""
    import cv2

    scale = 128 / eye_distance
    x0, y0 = np.maximum(np.floor(points.min(0)).astype(int) - 2, 0)
    x1, y1 = np.ceil(points.max(0)).astype(int) + 3
    crop = np.ascontiguousarray(image[y0:y1, x0:x1])
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    size = max(8, round(grey.shape[1] * scale)), max(8, round(grey.shape[0] * scale))
    grey = cv2.GaussianBlur(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), (0, 0), 1.5).astype(np.float32)
    step = np.hypot(cv2.Sobel(grey, -1, 1, 0, scale=0.125), cv2.Sobel(grey, -1, 0, 1, scale=0.125))
    placed = (points - (x0, y0)) * (size[0] / crop.shape[1], size[1] / crop.shape[0])
    for name, numbers in _FEATURES.items():
        mask = np.zeros(step.shape, np.uint8)
        cv2.fillConvexPoly(mask, cv2.convexHull(np.round(placed[list(numbers)]).astype(np.int32)), (255,))
        around = cv2.dilate(mask, np.ones((9, 9), np.uint8)) > 0
        contrast = float(step[around].mean())
        if contrast < MIN_CONTRAST:
            yield f"there is no {name} where one was found (contrast {contrast:.1f} < {MIN_CONTRAST})"


def _upright(points: np.ndarray, eye_distance: float) -> tuple[np.ndarray, float]:
    """The points in face units (origin between the eyes, roll undone, 1 = eye distance), and the roll in degrees."""
    right, left = points[[33, 133]].mean(axis=0), points[[263, 362]].mean(axis=0)
    along = (left - right) / max(np.linalg.norm(left - right), 1e-6)
    across = np.array([-along[1], along[0]])
    turned = (points - (left + right) / 2) @ np.stack([along, across], 1) / max(eye_distance, 1e-6)
    return turned, float(np.degrees(np.arctan2(along[1], along[0])))


_PAIRS = (
    (list(RIGHT_EYE_UPPER), list(LEFT_EYE_UPPER)),
    (list(RIGHT_EYE_LOWER), list(LEFT_EYE_LOWER)),
    (list(LIPS_OUTER_UPPER[:5]), list(LIPS_OUTER_UPPER[:5:-1])),
    (list(LIPS_OUTER_LOWER[:5]), list(LIPS_OUTER_LOWER[:5:-1])),
    (list(OVAL[19:]), list(OVAL[17:0:-1])),
)
_FEATURES = {
    "right eye": RIGHT_EYE_UPPER + RIGHT_EYE_LOWER,
    "left eye": LEFT_EYE_UPPER + LEFT_EYE_LOWER,
    "nose": (*NOSE_BASE, NOSE_TIP),
    "mouth": LIPS_OUTER_UPPER + LIPS_OUTER_LOWER + LIPS_INNER_UPPER + LIPS_INNER_LOWER,
}
