"""Eyelids: the skin above an eye, with its lashes, drawn down over the eye and back up; the lower one rises a little.

Lashes and fold are the portrait's own and come down as they are; behind them the skin between eye and brow stretches.
Whatever lies on that (the rim of spectacles, a brow) stays where it is. Lengths are in face units.
"""

import cv2
import numpy as np

from personify.avatar.easing import smooth_step
from personify.avatar.eyeground import WIDER, drawn_corners, eye_ground
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import (
    LEFT_BROW_LOWER,
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    RIGHT_BROW_LOWER,
    RIGHT_EYE_LOWER,
    RIGHT_EYE_UPPER,
)
from personify.avatar.pixelwise import bell, share, step, threefold

_CONTOURS = {
    "right": (RIGHT_EYE_UPPER, RIGHT_EYE_LOWER, RIGHT_BROW_LOWER),
    "left": (LEFT_EYE_UPPER, LEFT_EYE_LOWER, LEFT_BROW_LOWER),
}

_FOLD = 0.085
"""How far above its edge a lid moves as one piece."""
_OVERLAP = 0.032
"""How far a shut lid laps over the lower one: the eye bulges between the landmarks, and no white may show."""
_SEAM = 0.025
"""Over how much the lid's colour passes into the lashes below and the brow's skin above."""
_LINE = 0.011
"""Half the thickness of the line along the lid's edge, which closes gaps in lashes and shows where lashes are pale."""
_MARGIN = 0.07
"""Over how much beside an eye its lid comes down less and less."""
_CLOSING = 0.7
"""From here on what was drawn of the eye beyond its landmarks vanishes."""

_SQUINT = 0.45
"""The part of the eye's opening that a full squint covers from below."""
_LOWER_REACH, _LOWER_MARGIN = 0.26, 0.06
"""How far below the eye and beside it skin gives way to a squint."""
_SUM = np.ones((1, 3), np.float32)
_LOWER_LINE = 0.004
"""How much of the lower lid's line goes up with it."""


class Eyelid:
    """The upper lid of one eye; `side` is the character's own."""

    def __init__(self, image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame, side: str) -> None:
        upper, lower, brow = (frame.to_face(landmarks[list(numbers)]) for numbers in _CONTOURS[side])
        upper, lower = upper[np.argsort(upper[:, 0])], lower[np.argsort(lower[:, 0])]
        height = float(lower[:, 1].max() - upper[:, 1].min())
        room = float(np.clip(np.median(upper[2:-2, 1]) - brow[:, 1].max(), 0.08, 0.4))
        self._fold = min(_FOLD, 0.5 * room)
        self._reach = min(self._fold + 2 * _SEAM, 0.9 * room)
        low = (float(upper[0, 0]) - WIDER - _MARGIN, float(upper[:, 1].min()) - room)
        high = (float(upper[-1, 0]) + WIDER + _MARGIN, float(lower[:, 1].max()) + 0.3)
        self.window = frame.window(low, high, (image.shape[0], image.shape[1]))
        u, v = frame.grid(self.window)
        beside = (float(upper[0, 0]) - u, u - float(upper[-1, 0]))
        above, below = _height(upper, u) - v, v - _height(lower, u)
        ground = eye_ground(image[self.window], above, below, beside, room, frame.unit_px)
        upper, lower = (drawn_corners(ground.eye, u, v, edge, 1 / frame.unit_px) for edge in (upper, lower))
        self.edges = upper, lower
        """The upper and the lower edge (n, 2) in (u, v), from left to right, corner to corner of the eye as drawn."""
        left, right = float(upper[0, 0]), float(upper[-1, 0])
        top, bottom = _height(upper, u), _height(lower, u)
        self._edge = top - v
        across = np.clip((u - left) / (right - left), 0, 1)
        overlap = _OVERLAP * np.sqrt(np.clip(4 * across * (1 - across), 0, 1))
        self._fall = np.maximum(bottom + overlap - top, 0).astype(np.float32)
        self._thick = min(0.09 * height, 0.022)
        self._beside = np.ones((1, 2 * round(0.05 * frame.unit_px) + 1), np.uint8)
        inside = np.clip((u - left + _MARGIN) / _MARGIN, 0, 1) * np.clip((right + _MARGIN - u) / _MARGIN, 0, 1)
        self._inside = smooth_step(inside).astype(np.float32)
        self._open_here = np.clip(self._fall / 0.02, 0, 1)
        self._unit_px = np.float32(frame.unit_px)
        self._down_px = (frame.down * frame.unit_px).astype(np.float32)
        ys, xs = np.mgrid[0 : u.shape[0], 0 : u.shape[1]]
        self._xs, self._ys = xs.astype(np.float32), ys.astype(np.float32)
        self._skin_sum, self._dark_skin = ground.skin.sum(axis=2), np.float32(0.28) * ground.skin
        self._bare, self._eye = ground.bare, ground.eye
        kept = ground.foreign * smooth_step((self._edge - self._fold) / _SEAM)
        self._free = np.maximum(1 - kept, ground.eye).astype(np.float32)

    def draw(self, pixels: np.ndarray, closed: float) -> np.ndarray:
        """The window's pixels (uint8 RGB, not changed) with the lid down by `closed`, 0 open to 1 shut."""
        if closed < 1e-3:
            return pixels
        fall = self._fall * np.float32(closed)
        above = self._edge + fall  # how far a pixel lies above the lid's edge
        fallen = np.minimum(fall * np.float32(1 / 0.02), 1)
        fall_inside = fall * self._inside
        carried = self._brought_down(pixels, fall_inside).astype(np.float32)
        # a glint that touches the lashes leaves no hole in them: along the edge the darkest beside it counts
        lashes = cv2.erode(carried, self._beside)
        along = share(2 - np.abs(above) * np.float32(1 / self._thick)) * self._open_here
        carried += (lashes - carried) * threefold(along)
        # a closed lid bulges towards the light in its middle and darkens into its fold
        bulge = np.float32(0.96) + np.float32(0.06) * share(1 - above / (self._fold + fall))
        # of what is carried only lashes and creases count, which are dark, not the eye that was seen between them
        dark = share((self._skin_sum - cv2.transform(carried, _SUM)) * np.float32(1 / 150) - np.float32(0.1))
        own = dark * (1 - step((above - np.float32(self._fold - _SEAM)) * np.float32(1 / _SEAM)))
        own = np.where(fallen < 1, 1 - (1 - own) * fallen, own)
        stretch = 1 - share(above / (fall + np.float32(self._reach)))
        lid = self._brought_down(self._bare, fall_inside * stretch)
        lid *= threefold(1 + (bulge - 1) * fallen)
        lid += (carried - lid) * threefold(own)
        away = (above - np.float32(0.004)) * np.float32(1 / _LINE)
        line = np.exp(-away * away) * fallen
        lid += (np.minimum(lid, self._dark_skin) - lid) * threefold(line)
        edge = share((above + np.float32(self._thick)) * self._unit_px + np.float32(0.5))
        edge = np.where(above < 0, np.maximum(edge * dark, line), edge)
        cover = edge * self._open_here + (1 - self._open_here) * (above > 0)
        beyond = step((above - fall - np.float32(self._reach - _SEAM)) * np.float32(1 / _SEAM))
        cover *= np.maximum((1 - beyond) * self._inside, self._eye) * self._free
        below = pixels.astype(np.float32)
        if closed > _CLOSING:  # what was drawn of the eye beyond its landmarks goes with it
            gone = self._eye * smooth_step((closed - _CLOSING) / (1 - _CLOSING))
            below += (self._bare - below) * threefold(gone.astype(np.float32))
        below += (lid - below) * threefold(cover)
        return np.asarray(np.minimum(np.maximum(below + np.float32(0.5), 0), 255).astype(np.uint8))

    def _brought_down(self, pixels: np.ndarray, fall: np.ndarray) -> np.ndarray:
        """The pixels moved down by `fall`."""
        map_x, map_y = self._xs - fall * self._down_px[0], self._ys - fall * self._down_px[1]
        return cv2.remap(pixels, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


class LowerLid:
    """The lower lid of one eye, which a squint raises; `side` is the character's own."""

    def __init__(self, image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame, side: str) -> None:
        upper, lower, _ = (frame.to_face(landmarks[list(numbers)]) for numbers in _CONTOURS[side])
        upper, lower = upper[np.argsort(upper[:, 0])], lower[np.argsort(lower[:, 0])]
        left, right = float(lower[0, 0]), float(lower[-1, 0])
        low = (left - _LOWER_MARGIN, float(upper[:, 1].min()))
        high = (right + _LOWER_MARGIN, float(lower[:, 1].max()) + _LOWER_REACH + 0.03)
        self.window = frame.window(low, high, (image.shape[0], image.shape[1]))
        """The pixels (rows, columns) that a squint may change."""
        u, v = frame.grid(self.window)
        top, bottom = (np.interp(u, *edge.T).astype(np.float32) for edge in (upper, lower))
        beyond = np.maximum(left - u, u - right)
        self._rise = (_SQUINT * np.maximum(bottom - top, 0) * (1 - _between(beyond, -0.04, 0.0))).astype(np.float32)
        across = np.clip((u - left) / (right - left), 0, 1)
        bulge = np.float32(_OVERLAP) * np.sqrt(4 * across * (1 - across))
        self._below = (v - bottom - bulge + np.float32(_LOWER_LINE)).astype(np.float32)
        self._unit_px = np.float32(frame.unit_px)
        self._down_px = (frame.down * frame.unit_px).astype(np.float32)
        ys, xs = np.mgrid[0 : u.shape[0], 0 : u.shape[1]]
        self._xs, self._ys = xs.astype(np.float32), ys.astype(np.float32)

    def draw(self, pixels: np.ndarray, raised: float) -> np.ndarray:
        """The window's pixels (uint8 RGB, not changed) with the lid up by `raised`, 0 to 1."""
        if raised < 1e-3:
            return pixels
        rise = self._rise * np.float32(raised)
        away = self._below + rise
        shift = rise * (1 - step(away * np.float32(1 / _LOWER_REACH)))
        map_x, map_y = self._xs + shift * self._down_px[0], self._ys + shift * self._down_px[1]
        lid = cv2.remap(pixels, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
        line = bell(away, _LINE) * share(rise * np.float32(1 / 0.02))
        lid *= threefold(1 - np.float32(0.35) * line)
        below = pixels.astype(np.float32)
        below += (lid - below) * threefold(share(away * self._unit_px + np.float32(0.5)))
        return np.asarray((below + np.float32(0.5)).astype(np.uint8))


def _between(x: np.ndarray, low: np.ndarray | float, high: np.ndarray | float) -> np.ndarray:
    """0 up to `low`, 1 from `high` on, smooth between."""
    return smooth_step((x - low) / (high - low))


def _height(edge: np.ndarray, u: np.ndarray) -> np.ndarray:
    """v of a lid's edge (n, 2) at each u; beyond its ends as at them."""
    return np.interp(u, edge[:, 0], edge[:, 1]).astype(np.float32)
