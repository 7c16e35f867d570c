"""Guides: what steers a diffusion expert, from the sketch or from the user's own picture.

A picture with a face keeps it, cropped so that the face is neither lost nor filling the frame; one without gets the
sketch's face grafted onto its subject.
"""

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.graft import Grafted, graft_face, places, subject_mask
from personify.avatar.landmarks import COUNT, inter_ocular
from personify.avatar.orders import Guide
from personify.avatar.plausibility import judge

MIN_FACE, MAX_FACE = 0.22, 0.6
"""How wide a face should be in the guide, as shares of its width."""
MIN_FACE_PX = 48
"""A face of fewer pixels in the user's picture is a smudge once enlarged; it counts as none."""
_AGREE = 0.15
"""How far, in eye distances, a face may move when it is looked for again in the crop: a face imagined in a texture
does not stay where it is."""
_GROUNDS: tuple[dict[str, float], ...] = ({"calm": 0.75}, {"calm": 0.92, "pale": 0.2}, {"calm": 1.0, "pale": 0.5})
"""How the ground under a grafted face is prepared, the least change first; see `graft_face`."""


def sketch_guide(brief: AppearanceBrief, *, seed: int, size: int = 512, style: str | None = None) -> Guide:
    """The sketch of the brief with its landmarks, `size` x `size` pixels; without a `style`, in one that the brief asks
    for. Raises `BadInput` for names in the brief that the sketch doesn't know."""
    from personify.avatar.sketch.draw import draw
    from personify.avatar.sketch.mesh import full_landmarks

    drawing = draw(brief, seed=seed, size=size, style=style)
    landmarks, depth = full_landmarks(drawing.numbers, drawing.points)
    return Guide(drawing.image, landmarks, depth, drawing.mask, drawing.numbers, "sketch")


def picture_guide(picture: np.ndarray, brief: AppearanceBrief, *, seed: int, size: int = 512) -> Guide:
    """The user's picture, uint8 RGB (H, W, 3), as a guide of `size` x `size` pixels.

    Where the detector finds a plausible face, its 478 landmarks, and a square crop in which the face is between 22 %
    and 60 % of the width, as far as the picture allows. Else the square around the picture's subject, with the brief's
    face grafted onto it; the places and the calming of the ground that the detector likes best are kept. Raises
    `ValueError` for another kind of array.
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or min(picture.shape[:2]) < 16:
        raise ValueError(
            f"a picture is uint8 (H, W, 3) of at least 16 x 16 pixels, not {picture.dtype} {picture.shape}"
        )
    own = own_face(picture, size)
    if own is not None:
        image, found = own
        return Guide(image, found[:, :2], found[:, 2], None, np.arange(COUNT), "image")
    return _with_grafted_face(_around_subject(picture, size), brief, seed)


# ---- a face that is there


def own_face(picture: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray] | None:
    """The crop around the picture's own face, uint8 (size, size, 3), and its landmarks (478, 3) in it, or None."""
    from personify.avatar.experts import shared_detector

    for left, top, width, height in _windows(picture.shape[1], picture.shape[0]):
        found = shared_detector().find(picture[top : top + height, left : left + width])
        if found is None:
            continue
        seen = found[:, :2] + (left, top)
        if np.ptp(seen[:, 0]) < MIN_FACE_PX:
            continue
        x, y, side = _face_square(seen, picture.shape[1], picture.shape[0])
        image = _resized(picture[y : y + side, x : x + side], size)
        again = shared_detector().find(image)
        if again is None or not judge(again, image).plausible:
            continue
        moved = np.linalg.norm(again[:, :2] * (side / size) + (x, y) - seen, axis=1).mean()
        if moved < _AGREE * inter_ocular(seen):
            return image, again
    return None


def _windows(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Where to look: the whole picture, then squares along its longer side, then nearer ones; x, y, width, height."""
    side = min(width, height)
    squares = [(0, 0, width, height)]
    for zoom in (1.0, 0.6):
        edge = max(1, round(side * zoom))
        for top in _steps(height, edge):
            squares += [(left, top, edge, edge) for left in _steps(width, edge)]
    return list(dict.fromkeys(squares))


def _steps(length: int, edge: int) -> list[int]:
    """Starts of windows that cover a length, each overlapping the next by a third or more, at most seven."""
    count = 1 if length == edge else min(7, 1 + -(-(length - edge) * 3 // (2 * edge)))
    return [round((length - edge) * at / max(1, count - 1)) for at in range(count)]


def _face_square(points: np.ndarray, width: int, height: int) -> tuple[int, int, int]:
    """The square to cut out around a face: x, y and side in pixels. As much of the picture as a face of at least
    `MIN_FACE` of the width allows; the face is inside and a little above the middle."""
    low, high = points.min(axis=0), points.max(axis=0)
    across, down = high - low
    side = int(min(width, height, max(across / (MIN_FACE * 1.15), down * 1.3)))
    x = (low[0] + high[0]) / 2 - side / 2
    y = (low[1] + high[1]) / 2 - 0.46 * side
    return int(np.clip(x, 0, width - side)), int(np.clip(y, 0, height - side)), side


# ---- a face that is not


def _around_subject(picture: np.ndarray, size: int) -> np.ndarray:
    """The largest square of the picture, around the middle of its subject."""
    height, width = picture.shape[:2]
    side = min(height, width)
    mask = subject_mask(picture)
    rows, columns = np.nonzero(mask)
    scale = max(height, width) / max(mask.shape)
    x = int(np.clip(columns.mean() * scale - side / 2, 0, width - side))
    y = int(np.clip(rows.mean() * scale - side / 2, 0, height - side))
    return _resized(picture[y : y + side, x : x + side], size)


def _with_grafted_face(square: np.ndarray, brief: AppearanceBrief, seed: int) -> Guide:
    """The first grafted face that is found plausibly where it was put; if none is, the one that came nearest."""
    from personify.avatar.experts import shared_detector
    from personify.avatar.sketch.mesh import full_landmarks

    tries: list[tuple[bool, float, int, Grafted]] = []
    where = places(square)
    for ground in _GROUNDS:
        for place in where:
            grafted = graft_face(square, brief, place, seed=seed, **ground)
            known = grafted.numbers, grafted.points
            verdict = judge(shared_detector().find(grafted.image), grafted.image, known)
            error = float("inf") if verdict.error is None else verdict.error
            tries.append((not verdict.plausible, error, len(tries), grafted))
            if verdict.plausible:
                break
        if not tries[-1][0]:
            break
    best = min(tries)[3]
    landmarks, depth = full_landmarks(best.numbers, best.points)
    return Guide(best.image, landmarks, depth, None, best.numbers, "image")


def _resized(picture: np.ndarray, size: int) -> np.ndarray:
    import cv2

    way = cv2.INTER_AREA if picture.shape[0] > size else cv2.INTER_CUBIC
    return np.ascontiguousarray(cv2.resize(picture, (size, size), interpolation=way))
