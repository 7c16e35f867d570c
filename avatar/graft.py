"""Grafting: a drawn face set into a picture that has none, where its subject is, in its own colours and light.

The picture is the surface: `FacePainter` sculpts and paints on it as on any drawing, and of the drawing's light only
the change that the face makes is carried over (a ratio image, as in Liu, Shan and Zhang, "Expressive expression mapping
with ratio images", 2001). Knows nothing of detectors.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from personify.avatar.brief import AppearanceBrief

if TYPE_CHECKING:
    from personify.avatar.sketch.canvas import Canvas
    from personify.avatar.sketch.face import Face

_LOOK_PX = 128
"""The subject is looked for on a copy whose longer side is this long."""
_EYE_DISTANCES = (0.18, 0.16, 0.14, 0.12, 0.1)
"""Sizes that a face may have, as shares of the picture's width; a face is about 2.3 eye distances wide."""
_MARGIN = 0.02
_WHOLE = 0.22
"""The share of the picture from which on what stands out is taken for the whole subject."""
_SKIN = (0.89, 0.72, 0.6)


@dataclass(frozen=True)
class Place:
    """Where a face may stand, in shares of a square picture's side: the point between the eyes and the distance
    between them. `score` is the higher the better, 1 on a calm subject that holds the whole face."""

    x: float
    y: float
    eye_distance: float
    score: float


@dataclass(frozen=True)
class Grafted:
    """`image` uint8 RGB (S, S, 3) with the face; the `numbers` (n,) of the landmarks that are known exactly and their
    `points` float32 (n, 2) in pixels."""

    image: np.ndarray
    numbers: np.ndarray
    points: np.ndarray


def subject_mask(picture: np.ndarray) -> np.ndarray:
    """What the picture is of, uint8 (h, w) with 255 on it, at most 128 px long.

    Colours that the rim of the picture lacks, near the middle, are taken for the subject and made firm by GrabCut
    (Rother, Kolmogorov and Blake 2004). Where nothing stands out, an ellipse in the middle.
    """
    import cv2

    small = _shrunk(picture)
    height, width = small.shape[:2]
    centred = _centred(height, width)
    guess = cv2.GaussianBlur(_unlike_the_rim(small), (0, 0), 2) * centred
    level, _ = cv2.threshold(np.round(255 * guess).astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    marks = np.where(guess * 255 > max(level, 12), cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[_rim(height, width) & (guess < 0.3)] = cv2.GC_BGD
    if 0.02 < (marks == cv2.GC_PR_FGD).mean() < 0.98:
        cv2.setRNGSeed(0)
        behind, front = np.zeros((1, 65)), np.zeros((1, 65))
        nowhere = (0, 0, 1, 1)  # the marks say it all
        cv2.grabCut(np.ascontiguousarray(small), marks, nowhere, behind, front, 3, cv2.GC_INIT_WITH_MASK)
        subject = _main_part((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD), centred)
        if 0.04 < subject.mean() < 0.85:
            return subject.astype(np.uint8) * 255
    return (centred > 0.5).astype(np.uint8) * 255


def places(picture: np.ndarray, most: int = 3) -> list[Place]:
    """Where a face fits into a square picture, uint8 RGB (S, S, 3), best first: on its subject, on calm ground, large,
    a little above the subject's middle."""
    import cv2

    subject = subject_mask(picture).astype(np.float32) / 255
    size = subject.shape[0]
    busy = _busyness(_shrunk(picture))
    rows, columns = np.nonzero(subject > 0.5)
    middle_x, middle_y = columns.mean(), rows.mean() - 0.06 * (rows.max() - rows.min())
    trust = float(np.clip(subject.mean() / _WHOLE, 0.3, 1))  # a small part is perhaps a patch or a door of the subject
    middle_x, middle_y = (trust * m + (1 - trust) * size / 2 for m in (middle_x, middle_y))
    subject = trust * subject + (1 - trust) * _centred(size, size)
    y, x = np.mgrid[:size, :size]
    found: list[Place] = []
    for share in _EYE_DISTANCES:
        iod = share * size
        oval = _oval(iod)
        inside = cv2.filter2D(subject, -1, oval, borderType=cv2.BORDER_CONSTANT)
        noise = cv2.filter2D(busy, -1, oval, borderType=cv2.BORDER_CONSTANT)
        away = np.hypot(x - middle_x, y - middle_y) / size
        score = inside - 0.55 * np.clip(noise, 0, 1) - 0.8 * away + 2.5 * (share - _EYE_DISTANCES[0])
        reach = [half / 2 + _MARGIN * size for half in oval.shape]
        fits = (y >= reach[0]) & (y < size - reach[0]) & (x >= reach[1]) & (x < size - reach[1])
        best = int(np.where(fits, score, -np.inf).argmax())
        row, column = divmod(best, size)
        eyes_y = row + 0.5 - 0.4 * iod  # the oval's middle lies below the eyes
        found.append(Place((column + 0.5) / size, eyes_y / size, share, float(score[row, column])))
    return sorted(found, key=lambda place: -place.score)[:most]


def graft_face(
    picture: np.ndarray, brief: AppearanceBrief, place: Place, *, seed: int, calm: float = 0.75, pale: float = 0.0
) -> Grafted:
    """The picture, uint8 RGB (S, S, 3), with the brief's face at `place`.

    `calm` in [0, 1]: how much of the picture's own texture is smoothed away under the face, that features be seen;
    `pale` in [0, 1]: how far its colour is brought towards a light skin's, for grounds on which no feature shows.
    The same arguments give the same bytes.
    """
    from personify.avatar.sketch.canvas import Canvas
    from personify.avatar.sketch.face import make_face
    from personify.avatar.sketch.features import FacePainter
    from personify.avatar.sketch.figure import FaceSpot
    from personify.avatar.sketch.layering import copied, face_cover
    from personify.avatar.sketch.styles.clay import paint

    size = picture.shape[0]
    spot = FaceSpot(2 * place.x - 1, 2 * place.y - 1, 2 * place.eye_distance, human=brief.category == "people")
    rng = np.random.default_rng([seed, 478])
    face = make_face(brief, spot, rng)
    canvas = Canvas(size, rng)
    cover = face_cover(canvas, face)
    ground = _calmed(picture, cover, place.eye_distance * size, calm)
    ground += (np.array(_SKIN, np.float32) - ground) * (pale * cover)[..., None]
    canvas.layers.albedo[:] = ground
    canvas.layers.cover[:] = 1
    canvas.layers.soft[:] = 0.25
    before = copied(canvas.layers)
    painter = FacePainter(canvas, face, _colour_under(ground, canvas, face), brief, rng)
    painter.paint()
    if _light_from_right(picture):
        canvas.layers.slope_x *= -1  # the drawing's lamp hangs on the left
    nothing = np.zeros_like(ground)
    lit, unlit = (paint(layers, nothing, seed).over(layers.cover).copy() for layers in (canvas.layers, before))
    image = ground + (lit - unlit) * (ground + 0.04) / (unlit + 0.04)
    _add_glints(image, canvas.to_px(face.to_picture(np.array([at for at, _ in painter.glints]))),
                [radius * place.eye_distance * size for _, radius in painter.glints])  # fmt: skip
    numbers, points = face.known_points()
    return Grafted(np.round(np.clip(image, 0, 1) * 255).astype(np.uint8), numbers,
                   canvas.to_px(points).astype(np.float32))  # fmt: skip


# ---- where


def _shrunk(picture: np.ndarray) -> np.ndarray:
    import cv2

    scale = _LOOK_PX / max(picture.shape[:2])
    size = max(8, round(picture.shape[1] * scale)), max(8, round(picture.shape[0] * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def _rim(height: int, width: int) -> np.ndarray:
    """True on the outermost 4 % of the picture but the bottom, where subjects stand, bool (height, width)."""
    edge = max(2, round(0.04 * min(height, width)))
    rim = np.ones((height, width), bool)
    rim[edge:, edge:-edge] = False
    rim[round(0.85 * height) :] = False
    return rim


@lru_cache(maxsize=8)
def _centred(height: int, width: int) -> np.ndarray:
    """1 in the middle, falling to about 0.2 in the corners, float32 (height, width)."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    r = np.hypot((x + 0.5) / width - 0.5, (y + 0.5) / height - 0.5)
    return np.exp(-((r / 0.55) ** 2)).astype(np.float32)


def _unlike_the_rim(small: np.ndarray) -> np.ndarray:
    """How far each colour is from the nearest of the rim's main ones, [0, 1] (h, w); distances in CIE Lab.

    Of the rim's four clusters one that holds less than a tenth of it is a tail or a branch that reaches over.
    """
    import cv2

    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    rim = lab[_rim(*small.shape[:2])]
    cv2.setRNGSeed(0)
    stop = cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 1.0
    _, labels, means = cv2.kmeans(rim, 4, None, stop, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    means = means[np.bincount(labels.ravel(), minlength=4) >= 0.1 * len(rim)]
    apart = np.linalg.norm(lab[:, :, None] - means, axis=3).min(axis=2)
    return np.clip(apart / max(float(np.percentile(apart, 98)), 20.0), 0, 1)


def _main_part(mask: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The connected part that weighs most, its holes and narrow gaps filled, bool like the mask."""
    import cv2

    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, labels = cv2.connectedComponents(closed)
    if count < 2:
        return np.zeros_like(mask)
    weights = np.bincount(labels.ravel(), weight.ravel(), count)
    part = (labels == 1 + weights[1:].argmax()).astype(np.uint8)
    outlines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(part, outlines, -1, (1,), cv2.FILLED) > 0


def _busyness(small: np.ndarray) -> np.ndarray:
    """How much happens around each pixel, about 1 where it would drown a face, float32 (h, w)."""
    import cv2

    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (0, 0), 1).astype(np.float32)
    step = np.hypot(cv2.Sobel(grey, -1, 1, 0, scale=0.125), cv2.Sobel(grey, -1, 0, 1, scale=0.125))
    return np.clip(step / 24, 0, 1.5).astype(np.float32)


def _oval(iod: float) -> np.ndarray:
    """A face's oval as a filter that averages, float32, of odd sizes."""
    import cv2

    half = max(2, round(1.16 * iod)), max(2, round(1.24 * iod))
    oval = np.zeros((2 * half[1] + 1, 2 * half[0] + 1), np.float32)
    cv2.ellipse(oval, half, half, 0, 0, 360, (1.0,), cv2.FILLED)
    return oval / oval.sum()


# ---- how


def _calmed(picture: np.ndarray, cover: np.ndarray, iod: float, calm: float) -> np.ndarray:
    """The picture with its texture faded under the face, float32 RGB in [0, 1]; light and colour stay."""
    import cv2

    colours = picture.astype(np.float32) / 255
    smooth = cv2.GaussianBlur(colours, (0, 0), 0.22 * iod)
    if calm > 0.9:
        smooth = cv2.GaussianBlur(smooth, (0, 0), 0.5 * iod)
    return colours + (smooth - colours) * (calm * cover)[..., None]


def _colour_under(ground: np.ndarray, canvas: "Canvas", face: "Face") -> np.ndarray:
    """The median colour under the face's oval, RGB float (3,)."""
    x, y = np.meshgrid(np.linspace(-0.8, 0.8, 9), np.linspace(-0.3, 1.2, 9))
    points = canvas.to_px(face.to_picture(np.stack([x.ravel(), y.ravel()], 1)))
    column, row = np.clip(np.round(points).astype(int), 0, ground.shape[0] - 1).T
    return np.median(ground[row, column], axis=0).astype(float)


def _light_from_right(picture: np.ndarray) -> bool:
    """Whether the subject's right half is clearly lighter than its left one."""
    small, subject = _shrunk(picture).mean(axis=2), subject_mask(picture) > 0
    column = np.broadcast_to(np.arange(small.shape[1]), small.shape)
    right = subject & (column > column[subject].mean())
    left = subject & ~right
    return bool(right.any() and left.any() and small[right].mean() > small[left].mean() + 12)


def _add_glints(image: np.ndarray, centres: np.ndarray, radii: list[float]) -> None:
    """Small windows of light on the eyes, written into the float picture."""
    import cv2

    for (x, y), radius in zip(centres, radii, strict=True):
        spot = np.zeros(image.shape[:2], np.float32)
        cv2.circle(spot, (round(x * 16), round(y * 16)), round(radius * 16), (1.0,), cv2.FILLED, cv2.LINE_AA, 4)
        image += (0.97 - image) * (0.9 * cv2.GaussianBlur(spot, (0, 0), 0.6))[..., None]
