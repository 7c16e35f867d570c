"""The mouth's interior: teeth, gums and tongue over a dark cavity, lit as the face around it is lit.

Knows nothing of lips: it is asked for the colours of places between them. Lengths are in face units.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from personify.avatar.easing import smooth_step
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import LEFT_EYE_LOWER, LEFT_EYE_UPPER, RIGHT_EYE_LOWER, RIGHT_EYE_UPPER
from personify.avatar.pixelwise import share, step

_TOOTH_EDGES = np.array([0.0, 0.27, 0.48, 0.68, 0.85, 1.0])
"""Where the upper teeth meet, from the middle outwards, in halves of the mouth's width: two incisors, a canine and
premolars, ever narrower as the row bends away (mean widths after Wheeler's Dental Anatomy)."""
_LOWER_TOOTH = 0.17
"""The width of a lower front tooth in halves of the mouth's width."""
_TOOTH_LOW, _TOOTH_HIGH = 0.31, -0.3
"""The upper teeth's edge below the line between closed lips, and their gums' above it, in halves of the width."""

_ROW = 512
"""So many places across half of the upper row are reckoned beforehand."""
_LEAST_DROP = 1e-3
"""A jaw that is less far down shows no tongue."""


@dataclass(frozen=True)
class Gap:
    """Places (n,) between parted lips: `t` from corner (-1) to corner (1), `s` below the lips' line, `up` and `down`
    how far the lips are from that line there, `light` the face's light relative to its mean."""

    t: np.ndarray
    s: np.ndarray
    up: np.ndarray
    down: np.ndarray
    light: np.ndarray


@dataclass(frozen=True)
class Posture:
    """What teeth and tongue do, from 0 to 1 each: see `MouthShape`; `drop`: how far the jaw is down."""

    drop: float
    wide: float
    round: float
    tuck: float
    tongue: float


class MouthInterior:
    """One face's interior; `half` is half of the mouth's width, `window` the pixels that the mouth may change."""

    def __init__(
        self, image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame, window: tuple[slice, slice], half: float
    ) -> None:
        self._half = half
        ground = image[window]
        mouth = landmarks[[61, 291, 0, 17]]
        low, high = mouth.min(axis=0).astype(int), mouth.max(axis=0).astype(int) + 1
        lips = image[max(low[1], 0) : max(high[1], 1), max(low[0], 0) : max(high[0], 1)].reshape(-1, 3)
        lip = np.median(lips, axis=0) if len(lips) else np.array([150.0, 80, 80])
        white = eye_white(image, landmarks)
        bright = float(np.clip(white.max() / 230, 0.6, 1.04))
        ivory = np.array([250.0, 243, 228]) * bright
        self._teeth = np.minimum(0.7 * ivory + 0.3 * white * np.array([1.0, 0.985, 0.94]), 250).astype(np.float32)[
            :, None
        ]
        self._cavity = (np.array([58.0, 15, 18]) * bright * 0.8 + 0.06 * lip).astype(np.float32)[:, None]
        self._tongue = (0.74 * np.array([206.0, 90, 92]) * bright + 0.2 * lip).astype(np.float32)[:, None]
        self._gum = (0.7 * np.array([196.0, 96, 98]) * bright + 0.16 * lip).astype(np.float32)[:, None]
        self._row = self._upper_row()
        grey = cv2.blur(ground.mean(axis=2).astype(np.float32), (3, 3))
        wide = cv2.GaussianBlur(grey, (0, 0), max(0.5, 0.3 * frame.unit_px))
        self.light = np.clip(wide / max(float(np.median(wide)), 1.0), 0.8, 1.15)
        """The light on the face around each pixel of the window, relative to its mean, float32 (h, w)."""

    def colours(self, gap: Gap, posture: Posture) -> np.ndarray:
        """float32 RGB (3, n) in [0, 255] for each place."""
        across = gap.t * gap.t
        from_top = gap.s + gap.up
        depth = share(from_top / np.maximum(gap.up + gap.down, np.float32(1e-4)))
        colour = self._cavity * (np.float32(0.5) + np.float32(0.65) * depth * (1 - across))
        row = self._row[:, np.minimum((np.abs(gap.t) * np.float32(_ROW)).astype(np.intp), _ROW - 1)]
        if posture.drop > _LEAST_DROP:
            colour = self._add_tongue(colour, gap, across, posture)
        colour = self._add_lower_teeth(colour, gap, posture)
        colour = self._add_upper_teeth(colour, gap, row, posture)
        # the upper lip's shadow lies on what is close below it, and corners lie deep in the cheeks
        recess = 0.022 + 0.03 * posture.round
        shadow = np.exp(np.maximum(from_top, 0) * np.float32(-1 / recess))
        shade = (1 - np.float32(0.42 + 0.25 * posture.round) * shadow) * row[4]
        return np.asarray(colour * (shade * gap.light), np.float32)

    def _add_tongue(self, colour: np.ndarray, gap: Gap, across: np.ndarray, posture: Posture) -> np.ndarray:
        rest, raised = 0.6 * posture.drop, 0.16 * posture.drop
        top = rest + (raised - rest) * posture.tongue
        below = gap.s - np.float32(top) - np.float32((0.36 - 0.1 * posture.tongue) * self._half) * across
        if below.max() <= 0:
            return colour
        body = step(below * np.float32(1 / 0.03)) * step((np.float32(0.8) - np.abs(gap.t)) * np.float32(1 / 0.2))
        bulge = below * np.float32(1 / 0.05) - np.float32(0.07 / 0.05)
        rounded = np.float32(0.72 + 0.12 * posture.tongue) + np.float32(0.3) * np.exp(-bulge * bulge)
        groove = np.float32(0.15) * np.exp(across * np.float32(-1 / 0.07**2)) * step(below * np.float32(1 / 0.08))
        return _over(colour, self._tongue * (rounded - groove), body)

    def _upper_row(self) -> np.ndarray:
        """What depends on the place across the upper teeth alone, float32 (5, _ROW) over |t| from 0 to the mouth's
        corner: their lower edge, how far they are lit, their gums' edge, how far the row is there, and the light that
        comes past the cheeks."""
        t = (np.arange(_ROW) + 0.5) / _ROW
        number = np.clip(np.searchsorted(_TOOTH_EDGES, t, side="right") - 1, 0, len(_TOOTH_EDGES) - 2)
        inner, outer = _TOOTH_EDGES[number], _TOOTH_EDGES[number + 1]
        within = share((t - inner) / (outer - inner))  # 0 at a tooth's inner side, 1 at its outer one
        side = 2 * np.abs(within - 0.5)
        low = self._half * (_TOOTH_LOW - 0.045 * side**4 - 0.1 * t * t - 0.03 * (number == 1))
        lit = (1 - 0.16 * side**6) * (1 - 0.3 * t * t)
        gum = self._half * (_TOOTH_HIGH + 0.05 * side**2)
        there, open_to_light = smooth_step((0.97 - t) / 0.12), 1 - 0.75 * smooth_step((t - 0.5) / 0.5)
        return np.stack([low, lit, gum, there, open_to_light]).astype(np.float32)

    def _add_upper_teeth(self, colour: np.ndarray, gap: Gap, row: np.ndarray, posture: Posture) -> np.ndarray:
        """The upper row is fixed to the skull: it shows as the lips part. `row` is `_upper_row` at each place."""
        low, lit, gum_edge, there, _ = row
        # pushed-out lips leave the teeth far behind; on f and v they rest on the lower lip
        low = low * np.float32(1 - 0.75 * posture.round)
        if posture.tuck > 0.3:
            low = np.maximum(low, gap.down + np.float32(0.02))
        above = low - gap.s
        body = step(above * np.float32(1 / 0.014)) * there
        edge = np.float32(0.93) + np.float32(0.07) * step(above * np.float32(1 / 0.04))
        teeth = self._teeth * (lit * edge * np.float32(1 - 0.45 * posture.round))
        gum = gum_edge - gap.s
        if gum.max() > 0:
            cover = step(gum * np.float32(1 / 0.014))
            teeth = _over(teeth, self._gum * (1 - np.float32(0.2) * np.abs(gap.t)), cover)
        under = np.float32(0.55) * np.exp(np.minimum(above, 0) * np.float32(1 / 0.022)) * there
        return _over(colour * (1 - under), teeth, body)

    def _add_lower_teeth(self, colour: np.ndarray, gap: Gap, posture: Posture) -> np.ndarray:
        """A sliver of the lower row, fixed to the jaw, on spread lips."""
        show = min(max(1.5 * posture.wide * (1 - posture.round) * min(1.0, posture.drop * 12), 0.0), 1.0)
        if show < 0.05:
            return colour
        t = np.abs(gap.t)
        across = t * t
        side = t * np.float32(1 / _LOWER_TOOTH)
        side = 2 * np.abs(side - np.floor(side) - np.float32(0.5))
        side *= side
        fall = np.float32(0.17 * show) - np.float32(0.02) * side * side - np.float32(0.14) * across
        below = gap.s - gap.down + np.float32(self._half) * fall
        if below.max() <= 0:
            return colour
        body = step(below * np.float32(1 / 0.014)) * step((np.float32(0.72) - t) * np.float32(1 / 0.16))
        lit = (np.float32(0.8) - np.float32(0.14) * side * side * side) * (1 - np.float32(0.3) * across)
        return _over(colour, self._teeth * lit, body)


def eye_white(image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The colour of the whites of a face's eyes, float RGB (3,): what a white thing looks like in the picture's light.

    Where no white is seen in the eyes, it is guessed from the brightest of the face.
    """
    cover = np.zeros(image.shape[:2], np.uint8)
    for upper, lower in ((RIGHT_EYE_UPPER, RIGHT_EYE_LOWER), (LEFT_EYE_UPPER, LEFT_EYE_LOWER)):
        cv2.fillPoly(cover, [np.round(landmarks[[*upper, *lower[::-1]]]).astype(np.int32)], (255.0,))
    seen = image[cover > 0].astype(float)
    if len(seen) >= 8:
        grey = seen.mean(axis=1)
        white = seen[grey >= np.percentile(grey, 75)]
        white = white[np.ptp(white, axis=1) < 70]
        if len(white) and white.mean() > 120:
            return np.asarray(np.median(white, axis=0))
    low, high = (np.clip(edge(landmarks, axis=0), 0, image.shape[1::-1]).astype(int) for edge in (np.min, np.max))
    face = image[low[1] : high[1] + 1, low[0] : high[0] + 1]
    level = float(np.clip(np.percentile(face, 90), 150, 235)) if face.size else 210.0
    return np.full(3, level)


def _over(below: np.ndarray, above: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """Colours (3, n) laid over others by their cover (n,)."""
    return np.asarray(below + (above - below) * cover)
