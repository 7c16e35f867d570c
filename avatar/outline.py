"""The outline: which pixels of a picture are the character, found from the picture and where its face is.

Two guesses are made firm by GrabCut (Rother, Kolmogorov and Blake 2004): MediaPipe's selfie segmentation, which knows
people and, as it turns out, most things with a face; and the colours that the picture's rim lacks. The largest one
whose edge is an edge of the picture is handed over, with soft edges; none where nothing is sure.
"""

import threading
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from personify.avatar.detector import _quiet_stderr  # MediaPipe's C++ part logs whatever Python says
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import OVAL

_LONG_PX = 256
"""The longer side of the picture while the character is looked for."""
_SURE = 0.5
"""The least score of a guess that is believed: how plainly its edge is one in the picture, times how well it fits."""
_NEARLY = 0.85
"""A guess with this share of the best score is as good."""
_HEAD = 1.6
"""A head is at least so many times as large as its face's oval; less is a face on something larger."""
_GENEROUS = 1.0
"""How much wider than it was found the outline is handed over, in pixels of the small picture."""
_COLOURS = 8
_LOCK = threading.Lock()


def outline(image: np.ndarray, landmarks: np.ndarray) -> np.ndarray | None:
    """The character's mask, uint8 (H, W), 255 on it and 0 on the background with soft edges; None if it isn't clear.

    `image`: uint8 RGB (H, W, 3); `landmarks`: (478, 2) pixels of the face in it. The same picture gives the same mask.
    """
    height, width = image.shape[:2]
    scale = min(1.0, _LONG_PX / max(height, width))
    size = max(2, round(width * scale)), max(2, round(height * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else np.ascontiguousarray(image)
    points = np.asarray(landmarks, np.float64)[:, :2] * (size[0] / width, size[1] / height)
    face = _Face(points, small.shape[:2])
    firm = [_firm(small, guess, face) for guess in (_selfie(small), _unlike_the_rim(small, face))]
    guesses = [guess for guess in firm if guess is not None]
    guesses += [guesses[0] | guesses[1]] if len(guesses) == 2 else []
    scores = [_score(small, guess, face) for guess in guesses]
    best = max(scores, default=0.0)
    if best < _SURE:
        return None
    # what is left out stands still beside a moving head, which is seen more than some background that moves with it
    good = [guess for guess, score in zip(guesses, scores, strict=True) if score >= _NEARLY * best]
    return _at_full_size(image, max(good, key=lambda guess: guess.sum()))


class _Face:
    """Where the face is in the small picture: its `oval` (bool, h, w) and each pixel's distance `away` from the
    middle, 1 on the rim of a head with hair or ears."""

    def __init__(self, points: np.ndarray, shape: tuple[int, ...]) -> None:
        frame = FaceFrame.of(points)
        u, v = frame.grid((slice(0, shape[0]), slice(0, shape[1])))
        middle = frame.to_face(points[list(OVAL)]).mean(axis=0)
        filled = np.zeros(shape[:2], np.uint8)
        cv2.fillPoly(filled, [np.round(points[list(OVAL)]).astype(np.int32)], (1,))
        self.oval = filled > 0
        self.away = np.hypot((u - middle[0]) / 1.6, (v - middle[1]) / 1.9)
        self.below = (v > middle[1]) & (np.abs(u - middle[0]) < 2.2)
        self.unit_px = frame.unit_px


def _selfie(picture: np.ndarray) -> np.ndarray:
    """What the segmentation of people takes for one, float32 (h, w) in [0, 1]."""
    with _LOCK:
        found = _segmenter().process(picture).segmentation_mask
    return np.asarray(found, np.float32)


@lru_cache(maxsize=1)
def _segmenter() -> Any:
    with _quiet_stderr():
        from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation

        segmenter = SelfieSegmentation(model_selection=0)
        segmenter.process(np.zeros((64, 64, 3), np.uint8))  # its first picture is the last thing it logs of
    return segmenter


def _unlike_the_rim(picture: np.ndarray, face: _Face) -> np.ndarray:
    """How much each pixel differs from the colours along the picture's upper and side rims, and how near to the face
    it is, float32 (h, w) in [0, 1]."""
    lab = cv2.cvtColor(cv2.GaussianBlur(picture, (0, 0), 1.2), cv2.COLOR_RGB2LAB).astype(np.float32)
    rim = _rim(picture.shape) & ~face.oval & ~face.below
    samples = lab[rim][:: max(1, int(rim.sum()) // 1500)]
    if len(samples) < _COLOURS:
        return np.clip(1.5 - face.away, 0, 1).astype(np.float32)
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    _, _, centres = cv2.kmeans(samples, _COLOURS, np.empty(0, np.int32), stop, 2, cv2.KMEANS_PP_CENTERS)
    unlike = np.min([np.linalg.norm(lab - centre, axis=2) for centre in centres], axis=0)
    strange = np.clip((unlike - 8) / 28, 0, 1)
    near = np.clip(1.35 - 0.45 * face.away, 0.1, 1)
    return np.where(face.oval, 1, strange * near).astype(np.float32)


def _rim(shape: tuple[int, ...]) -> np.ndarray:
    """The picture's outermost pixels at its top and sides, without the lowest part of these."""
    rim = np.zeros(shape[:2], bool)
    thick = max(2, round(0.02 * max(shape[:2])))
    rim[:thick] = True
    rim[: int(0.8 * shape[0]), :thick] = rim[: int(0.8 * shape[0]), -thick:] = True
    return rim


def _firm(picture: np.ndarray, guess: np.ndarray, face: _Face) -> np.ndarray | None:
    """The guess cut along the picture's colours: bool (h, w), one piece with the face; None if nothing is left."""
    marks = np.where(guess > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[_rim(picture.shape) & (guess < 0.35)] = cv2.GC_BGD
    far = cv2.distanceTransform((guess <= 0.5).astype(np.uint8), cv2.DIST_L2, 3) > 0.5 * face.unit_px
    marks[far & (guess < 0.1)] = cv2.GC_BGD
    marks[face.oval] = cv2.GC_FGD
    if not (marks % 2 == 0).any():  # GrabCut wants some of both
        return None
    cv2.setRNGSeed(0)
    behind, front = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(picture), marks, (0, 0, 1, 1), behind, front, 3, cv2.GC_INIT_WITH_MASK)
    cut = (marks % 2 == 1).astype(np.uint8)
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    cut = cv2.morphologyEx(cut, cv2.MORPH_CLOSE, around)
    _, parts, _, _ = cv2.connectedComponentsWithStats(cut, connectivity=4)
    mine = np.bincount(parts[face.oval]).argmax() if face.oval.any() else 0
    if mine == 0:
        return None
    kept = (parts == mine).astype(np.uint8)
    _, holes, sizes, _ = cv2.connectedComponentsWithStats(1 - kept, connectivity=4)
    small = [at for at in range(1, len(sizes)) if sizes[at, cv2.CC_STAT_AREA] < 0.015 * kept.size]
    return (kept > 0) | np.isin(holes, small)


def _score(picture: np.ndarray, character: np.ndarray, face: _Face) -> float:
    """How far a guess is to be believed, 0 to 1: its edge is an edge of the picture, it holds the face and is neither
    the face alone nor nearly the whole picture."""
    share = float(character.mean())
    if character[face.oval].mean() < 0.97 or share > 0.93 or character.sum() < _HEAD * face.oval.sum():
        return 0.0
    if character[_rim(picture.shape)].mean() > 0.6:
        return 0.0
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    inner, outer = (_means_along(lab, m) for m in (character, ~character))
    edge = cv2.morphologyEx(character.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    contrast = np.linalg.norm(inner - outer, axis=2)[edge]
    return float((contrast > 9).mean()) if contrast.size else 0.0


def _means_along(lab: np.ndarray, where: np.ndarray) -> np.ndarray:
    """The mean colour of the pixels near each that are in `where`, float32 (h, w, 3)."""
    weight = where.astype(np.float32)
    total = cv2.blur(weight, (7, 7))[..., None]
    return np.asarray(cv2.blur(lab * weight[..., None], (7, 7)) / np.maximum(total, 1e-3))


def _at_full_size(image: np.ndarray, character: np.ndarray) -> np.ndarray:
    """The mask at the picture's size, its edge drawn to the picture's by a guided filter (He, Sun and Tang 2010)."""
    height, width = image.shape[:2]
    large = cv2.resize(character.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    step = max(height, width) / max(character.shape)
    radius = max(2, round(2.5 * step))
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    mean_i, mean_p = (cv2.blur(x, (2 * radius + 1,) * 2) for x in (grey, large))
    over = cv2.blur(grey * large, (2 * radius + 1,) * 2) - mean_i * mean_p
    spread = cv2.blur(grey * grey, (2 * radius + 1,) * 2) - mean_i * mean_i
    slope = over / (spread + 1e-3)
    offset = mean_p - slope * mean_i
    soft = cv2.blur(slope, (2 * radius + 1,) * 2) * grey + cv2.blur(offset, (2 * radius + 1,) * 2)
    soft = np.clip((soft - 0.5) * 2.2 + 0.5, 0, 1)
    band = cv2.GaussianBlur(large, (0, 0), step)
    soft = np.where(band > 0.97, 1, np.where(band < 0.03, 0, soft))
    # a line of ink or a rim of light left outside would stand still where the head was: rather too much than too little
    size = 2 * max(1, round(_GENEROUS * step)) + 1
    soft = cv2.dilate(soft, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    return np.round(255 * soft).astype(np.uint8)
