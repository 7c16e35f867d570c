"""The irises: found in the drawn eye, cut out, and moved within its opening as the gaze turns.

What lies behind is filled with the eye's own white, the glint stays nearly where the light put it, and lids and lashes
keep what is theirs. An eye whose iris can't be told from its surroundings is left alone.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from personify.avatar.easing import smooth_step
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import (
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    LEFT_IRIS,
    RIGHT_EYE_LOWER,
    RIGHT_EYE_UPPER,
    RIGHT_IRIS,
)
from personify.avatar.mouth_interior import eye_white
from personify.avatar.pixelwise import threefold

_PARTS = {
    "right": (RIGHT_EYE_UPPER, RIGHT_EYE_LOWER, RIGHT_IRIS),
    "left": (LEFT_EYE_UPPER, LEFT_EYE_LOWER, LEFT_IRIS),
}
EYEBALL = 2.05
"""The eyeball's radius in radii of the iris: 12 mm to 5.85 mm (Bekerman et al. 2014; Ruefer et al. 2005)."""
_TOLD = 24.0
"""Levels of colour by which an iris must differ from what is around it."""
GLINT_FOLLOWS = 0.3
"""The part of the iris's way that its glint goes: a mirror image in a ball moves less than the ball's surface."""
_LASHES = 0.012
"""How far below the upper lid's edge its line of lashes reaches, face units."""


@dataclass(frozen=True)
class Disc:
    """A circle in pixels, and by how many levels its inside differs from its outside."""

    x: float
    y: float
    radius: float
    contrast: float


class Iris:
    """The iris of one eye; `side` is the character's own."""

    def __init__(self, image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame, side: str) -> None:
        upper, lower, numbers = _PARTS[side]
        edges = [frame.to_face(landmarks[list(edge)]) for edge in (upper, lower)]
        both = np.concatenate(edges)
        low, high = both.min(axis=0) - 0.06, both.max(axis=0) + 0.06
        self.window = frame.window(
            (float(low[0]), float(low[1])), (float(high[0]), float(high[1])), (image.shape[0], image.shape[1])
        )
        """The pixels (rows, columns) that a gaze may change."""
        pixels = image[self.window].astype(np.float32)
        u, v = frame.grid(self.window)
        top, bottom = (np.interp(u, *edge[np.argsort(edge[:, 0])].T) for edge in edges)
        px = 1 / frame.unit_px
        self.opening = (
            smooth_step((v - top - _LASHES) / max(_LASHES, px)) * smooth_step((bottom - v) / max(0.012, px))
        ).astype(np.float32)
        self.opening *= (u > both[:, 0].min()) & (u < both[:, 0].max())
        """How far each pixel of the window is within the eye's opening, float32 (h, w) in [0, 1]."""
        corner = np.array([self.window[1].start, self.window[0].start])
        places = landmarks[list(numbers)] - corner
        white = eye_white(image, landmarks)
        self.disc = find_disc(pixels, self.opening, places, white)
        """Where the iris is in the window, or None where it can't be told."""
        self._ends = sorted((landmarks[[upper[0], upper[-1]], 0] - corner[0]).tolist())
        self.height_px = float((edges[1][:, 1].max() - edges[0][:, 1].min()) * frame.unit_px)
        """How far the eye is open, pixels."""
        if self.found:
            self._cut(pixels, white)

    @property
    def found(self) -> bool:
        """Whether there is an iris that can be moved."""
        return self.disc is not None

    def way(self, gaze_x: float, gaze_y: float) -> tuple[float, float]:
        """How far the iris goes in pixels for a gaze in degrees; it stays within the eye's opening."""
        if self.disc is None:
            return 0.0, 0.0
        dx, dy = (EYEBALL * self.disc.radius * math.sin(math.radians(a)) for a in (gaze_x, gaze_y))
        least = self._ends[0] + 0.5 * self.disc.radius - self.disc.x
        most = self._ends[1] - 0.5 * self.disc.radius - self.disc.x
        return min(max(dx, min(least, 0.0)), max(most, 0.0)), dy

    def draw(self, pixels: np.ndarray, gaze_x: float, gaze_y: float) -> np.ndarray:
        """The window's pixels (uint8 RGB, not changed) with the iris turned by degrees right and down."""
        dx, dy = self.way(gaze_x, gaze_y)
        if self.disc is None or math.hypot(dx, dy) < 0.02:
            return pixels
        size = pixels.shape[1], pixels.shape[0]
        # a disc seen from the side is narrower
        sx, sy = (math.cos(math.radians(min(abs(a), 30.0))) for a in (gaze_x, gaze_y))
        x, y = self.disc.x, self.disc.y
        move = np.array([[sx, 0, x - sx * x + dx], [0, sy, y - sy * y + dy]])
        iris = cv2.warpAffine(self.layer, move, size, flags=cv2.INTER_LINEAR)
        cover = threefold(cv2.extractChannel(iris, 3))
        eye = self._blank * (1 - cover) + cv2.cvtColor(iris, cv2.COLOR_RGBA2RGB)
        glint = np.array([[1, 0, GLINT_FOLLOWS * dx], [0, 1, GLINT_FOLLOWS * dy]])
        shine = cv2.warpAffine(self.glint, glint, size, flags=cv2.INTER_LINEAR)
        eye *= 1 - threefold(cv2.extractChannel(shine, 3)) * cover
        eye += cv2.cvtColor(shine, cv2.COLOR_RGBA2RGB) * cover
        gone = min(1.0, math.hypot(dx, dy) / (0.08 * self.disc.radius))  # leaves rest without a jump
        below = pixels.astype(np.float32)
        below += (eye - below) * (self._free * np.float32(gone))
        return (below + np.float32(0.5)).astype(np.uint8)

    def _cut(self, pixels: np.ndarray, white: np.ndarray) -> None:
        """The iris, `layer`, and its `glint`, float32 RGBA (h, w, 4) with colours multiplied by alpha; and the eye
        without them."""
        disc = self.disc
        assert disc is not None
        ys, xs = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
        away = np.hypot(xs - disc.x, ys - disc.y).astype(np.float32)
        soft = max(0.8, 0.07 * disc.radius)
        seen = self.opening > 0.9
        behind = _white_behind(pixels, seen & (away > disc.radius + 1.5 * soft), white, 0.35 * disc.radius)
        was = smooth_step((disc.radius + 2.2 * soft - away) / (1.2 * soft)).astype(np.float32)[..., None]
        self._blank = pixels + (behind - pixels) * was
        self._free = threefold(self.opening)
        rings = _rings(pixels, away, seen, disc.radius - soft)
        bright, usual = pixels.mean(axis=2), rings.mean(axis=2)
        shine = smooth_step((bright - usual - 28) / 30) * (bright > 140) * (away < 0.85 * disc.radius) * self.opening
        shine = cv2.GaussianBlur(shine.astype(np.float32), (0, 0), max(0.5, 0.04 * disc.radius))[..., None]
        shine = np.clip(shine * 1.3, 0, 1)
        around = cv2.dilate(shine, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(soft) + 3,) * 2))
        around = cv2.GaussianBlur(np.minimum(around * 3, 1), (0, 0), 0.6)[..., None]
        own = (self.opening * (away < disc.radius - 0.5 * soft))[..., None] * (1 - around)
        texture = rings + (pixels - rings) * own
        alpha = smooth_step((disc.radius + soft - away) / (2 * soft)).astype(np.float32)[..., None]
        self.layer = np.concatenate([texture * alpha, alpha], -1).astype(np.float32)
        self.glint = np.concatenate([pixels * shine, shine], -1).astype(np.float32)


def find_disc(pixels: np.ndarray, opening: np.ndarray, places: np.ndarray, white: np.ndarray) -> Disc | None:
    """The iris near its landmarks, or None where none can be told from its surroundings.

    `pixels` float32 RGB (h, w, 3); `opening` (h, w) in [0, 1]; `places` (5, 2) pixels: the iris's centre and rim. The
    circle is the one across which the colour comes nearest to the eye's `white` (3,), after Daugman's (1993)
    integro-differential operator.
    """
    centre, near = places[0], float(np.linalg.norm(places[1:] - places[0], axis=1).mean())
    if near < 2 or not (0 <= centre[0] < pixels.shape[1] and 0 <= centre[1] < pixels.shape[0]):
        return None
    radii = near * np.linspace(0.66, 1.4, 20)
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    rim = np.stack([np.cos(angles), np.sin(angles)], -1)
    layers = np.concatenate([cv2.GaussianBlur(pixels, (0, 0), 0.7), opening[..., None]], -1).astype(np.float32)
    best = None
    for dx in np.linspace(-0.24, 0.24, 5) * near:
        for dy in np.linspace(-0.24, 0.24, 5) * near:
            scores = _steps(layers, centre + (dx, dy), radii[:, None, None] * rim, 0.12 * near * rim, white)
            scores *= 1 - 0.9 * (radii / near - 1) ** 2 - 0.6 * (np.hypot(dx, dy) / near) ** 2
            at = int(scores.argmax())
            if best is None or scores[at] > best.contrast:
                best = Disc(float(centre[0] + dx), float(centre[1] + dy), float(radii[at]), float(scores[at]))
    return best if best is not None and best.contrast >= _TOLD else None


def _steps(
    layers: np.ndarray, centre: np.ndarray, circles: np.ndarray, width: np.ndarray, white: np.ndarray
) -> np.ndarray:
    """By how many levels the mean colour comes nearer to white across circles (n, m, 2) around a centre, where the eye
    is open, (n,)."""
    values = []
    for side in (-width, width):
        places = (centre + circles + side).astype(np.float32)
        values.append(cv2.remap(layers, places, np.empty(0, np.float32), cv2.INTER_LINEAR))
    seen = np.minimum(values[0][..., 3], values[1][..., 3])
    total = np.maximum(seen.sum(axis=1), 1e-3)[:, None]
    far = [np.linalg.norm((v[..., :3] * seen[..., None]).sum(axis=1) / total - white, axis=1) for v in values]
    return np.asarray((far[0] - far[1]) / np.sqrt(3) * (total[:, 0] > 0.18 * circles.shape[1]))


def _rings(pixels: np.ndarray, away: np.ndarray, seen: np.ndarray, radius: float) -> np.ndarray:
    """The usual colour at each distance from the iris's middle, as a picture; float32 like `pixels`."""
    n = 14
    ring = np.clip((away / radius * n).astype(int), 0, n - 1)
    within = seen & (away < radius)
    usual = np.median(pixels[within], axis=0) if within.any() else np.zeros(3)
    middles = [
        np.median(pixels[at], axis=0) if np.count_nonzero(at := within & (ring == i)) > 2 else usual for i in range(n)
    ]
    place = np.clip(away / radius * n - 0.5, 0, n - 1)
    colours = np.array(middles, np.float32)
    return np.stack([np.interp(place, np.arange(n), colours[:, c]) for c in range(3)], -1).astype(np.float32)


def _white_behind(pixels: np.ndarray, known: np.ndarray, white: np.ndarray, spread_px: float) -> np.ndarray:
    """The eye without its iris, float32 RGB: the white beside it, row by row, so that the lid's shadow goes on."""
    # what is darker than the white is a lid's shadow or its lashes and counts little
    weight = known * np.clip(pixels.mean(axis=2) / float(white.mean()), 0, 1.1).astype(np.float32) ** 6
    out, total = white.astype(np.float32) * 0.01, np.full(weight.shape, 0.01, np.float32)
    for across, along, trust in ((4.0, 0.35, 1.0), (6.0, 1.5, 0.1)):
        wide, high = max(1.0, across * spread_px), max(0.6, along * spread_px)
        out = out + trust * cv2.GaussianBlur(pixels * weight[..., None], (0, 0), sigmaX=wide, sigmaY=high)
        total = total + trust * cv2.GaussianBlur(weight, (0, 0), sigmaX=wide, sigmaY=high)
    return np.asarray(out / total[..., None], np.float32)
