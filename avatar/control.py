"""Control images: a face's landmarks drawn in the way in which a ControlNet was trained to read them.

The colours, widths and point tables are data in `control.toml`, with their sources. Knows nothing of ControlNets.
"""

import math
import tomllib
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, get_args

import numpy as np

from personify.avatar.catalogue import ControlKind
from personify.avatar.landmarks import CONTOURS, COUNT
from personify.voices.errors import unknown_name

_WHITE = (255, 255, 255)


def control_image(kind: ControlKind, landmarks: np.ndarray, *, of_size: int, size: int) -> np.ndarray:
    """The landmarks drawn on black as `kind` wants them, uint8 RGB (size, size, 3).

    `landmarks`: float (478, 2 or 3) pixels of a square picture of `of_size` pixels. They are drawn at the final size,
    so that lines and dots have the width that the ControlNet knows. A point outside the picture takes its lines and
    its dot with it. Raises `BadInput` for an unknown kind, `ValueError` for another shape or sizes below 1.
    """
    if kind not in get_args(ControlKind):
        raise unknown_name("control drawing", kind, list(get_args(ControlKind)))
    points = np.asarray(landmarks, np.float64)
    if points.ndim != 2 or points.shape[0] != COUNT or points.shape[1] < 2:
        raise ValueError(f"landmarks are ({COUNT}, 2) pixels, not {points.shape}")
    if of_size < 1 or size < 1:
        raise ValueError(f"sizes are pixels from 1 up, not of_size={of_size}, size={size}")
    shares = points[:, :2] / of_size
    if kind == "mediapipe-mesh":
        return _mesh(shares, size)
    if kind == "openpose-face":
        return _openpose_dots(points_68(shares, pupils=True), size)
    return _dots(points_68(shares), size)


def points_68(points: np.ndarray, *, pupils: bool = False) -> np.ndarray:
    """iBUG's 68 points (68, 2) from MediaPipe's (478, 2), in their own order and unit; `pupils` adds the right and the
    left one, as OpenPose does."""
    table = [group for name, groups in _styles()["points-68"].items() if name != "pupils" for group in groups]
    if pupils:
        table += _styles()["points-68"]["pupils"]
    return np.array([np.asarray(points, np.float64)[group, :2].mean(axis=0) for group in table])


@lru_cache(maxsize=1)
def _styles() -> dict[str, Any]:
    return tomllib.loads(files("personify.avatar").joinpath("control.toml").read_text(encoding="utf-8"))


def _mesh(shares: np.ndarray, size: int) -> np.ndarray:
    """The contours and pupils as MediaPipe's `draw_landmarks` and CrucibleAI's annotator draw them."""
    import cv2

    style = _styles()["mediapipe-mesh"]
    image = np.zeros((size, size, 3), np.uint8)
    places = [_pixel(point, size) for point in shares]
    for part in style["parts"]:
        for start, end in _edges(part):
            a, b = places[start], places[end]
            if a is not None and b is not None:
                cv2.line(image, a, b, part["colour"], style["line_px"])
    half = style["pupil_half_px"]
    for pupil in style["pupils"]:
        x, y = shares[pupil["point"]]
        if 0 <= x < 1 and 0 <= y < 1:
            x, y = int(x * size), int(y * size)
            image[max(0, y - half) : y + half, max(0, x - half) : x + half] = pupil["colour"]
    return image


def _edges(part: dict[str, Any]) -> list[tuple[int, int]]:
    """The part's lines as pairs of landmark numbers, in the direction in which MediaPipe draws them."""
    lines = [CONTOURS[name] for name in part.get("open", ())]
    lines += [(*CONTOURS[name], CONTOURS[name][0]) for name in part.get("closed", ())]
    return [edge for line in lines for edge in pairwise(line)]


def _pixel(share: np.ndarray, size: int) -> tuple[int, int] | None:
    """The pixel of a point given as shares of the picture, or None outside it (NaN is outside)."""
    x, y = map(float, share)
    if not (0 <= x <= 1 and 0 <= y <= 1):
        return None
    return min(math.floor(x * size), size - 1), min(math.floor(y * size), size - 1)


def _openpose_dots(shares: np.ndarray, size: int) -> np.ndarray:
    """Filled circles, as OpenPose's annotator draws a face."""
    import cv2

    image = np.zeros((size, size, 3), np.uint8)
    for share in shares:
        place = _pixel(share, size)
        if place is not None:
            cv2.circle(image, place, _styles()["dots"]["openpose-face"], _WHITE, thickness=-1)
    return image


def _dots(shares: np.ndarray, size: int) -> np.ndarray:
    """Filled ellipses of Pillow's, whose radius may be half a pixel."""
    from PIL import Image, ImageDraw

    radius = _styles()["dots"]["dots-68"]
    image = Image.new("RGB", (size, size))
    pen = ImageDraw.Draw(image)
    for share in shares:
        place = _pixel(share, size)
        if place is not None:
            x, y = place
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_WHITE)
    return np.asarray(image).copy()
