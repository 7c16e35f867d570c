"""Eyelids: the skin above an eye, with its lashes, drawn down over the eye and back up.

The lid is the portrait's own skin between brow and eye, so its colour, light and lashes are the character's.
"""

import cv2
import numpy as np

from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import (
    LEFT_BROW_LOWER,
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    RIGHT_BROW_LOWER,
    RIGHT_EYE_LOWER,
    RIGHT_EYE_UPPER,
)

_CONTOURS = {
    "right": (RIGHT_EYE_UPPER, RIGHT_EYE_LOWER, RIGHT_BROW_LOWER),
    "left": (LEFT_EYE_UPPER, LEFT_EYE_LOWER, LEFT_BROW_LOWER),
}

_FOLD = 0.085
"""How far above its edge a lid moves as one piece, face units."""

_OVERLAP = 0.02
"""How far a shut lid laps over the lower one, face units: the eye bulges between the landmarks, and no white may show."""


class Eyelid:
    """The upper lid of one eye; `side` is the character's own."""

    def __init__(self, image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame, side: str) -> None:
        upper, lower, brow = (frame.to_face(landmarks[list(numbers)]) for numbers in _CONTOURS[side])
        upper, lower = upper[np.argsort(upper[:, 0])], lower[np.argsort(lower[:, 0])]
        left, right = float(upper[0, 0]), float(upper[-1, 0])
        height = float(lower[:, 1].max() - upper[:, 1].min())
        room = float(np.median(upper[2:-2, 1]) - brow[:, 1].max())
        self._reach = float(np.clip(room * 0.8, 0.06, 0.3))
        margin = 0.07
        low = (left - margin, float(upper[:, 1].min()) - self._reach - 0.02)
        high = (right + margin, float(lower[:, 1].max()) + margin)
        self.window = frame.window(low, high, (image.shape[0], image.shape[1]))
        u, v = frame.grid(self.window)
        self._v, self._frame = v, frame
        self._top = np.interp(u, upper[:, 0], upper[:, 1]).astype(np.float32)
        bottom = np.interp(u, lower[:, 0], lower[:, 1]).astype(np.float32)
        across = np.clip((u - left) / (right - left), 0, 1)
        overlap = _OVERLAP * np.sqrt(np.clip(4 * across * (1 - across), 0, 1))
        self._fall = np.maximum(bottom + overlap - self._top, 0)
        self._thick = min(0.09 * height, 0.022)
        inside = np.clip((u - left + margin) / margin, 0, 1) * np.clip((right + margin - u) / margin, 0, 1)
        self._inside = (inside * inside * (3 - 2 * inside)).astype(np.float32)
        ys, xs = np.mgrid[0 : u.shape[0], 0 : u.shape[1]]
        self._xs, self._ys = xs.astype(np.float32), ys.astype(np.float32)

    def draw(self, pixels: np.ndarray, closed: float) -> np.ndarray:
        """The window's pixels (uint8 RGB, not changed) with the lid down by `closed`, 0 open to 1 shut."""
        if closed < 1e-3:
            return pixels
        fall = self._fall * np.float32(closed)
        edge = self._top + fall
        above = edge - self._v  # how far a pixel lies above the lid's edge
        whole = min(_FOLD, 0.6 * self._reach)  # lashes and fold come along as they are, the skin above them stretches
        stretched = whole + (above - whole) * (self._reach - whole) / (self._reach - whole + fall)
        source_v = self._top - np.where(above < whole, above, stretched)
        source_v = np.where(above > self._reach + fall, self._v, source_v)
        source_v = np.where(above < 0, self._v - fall, source_v)  # the lashes hang on below the edge
        moved = (source_v - self._v) * self._inside
        d = self._frame.down * self._frame.unit_px
        lid = cv2.remap(
            pixels,
            self._xs + moved * np.float32(d[0]),
            self._ys + moved * np.float32(d[1]),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        skin = np.clip((above + self._thick) * np.float32(self._frame.unit_px) + 0.5, 0, 1)
        skin = skin * np.clip(self._fall / 0.02, 0, 1) + (1 - np.clip(self._fall / 0.02, 0, 1)) * (above > 0)
        mixed = pixels + (lid.astype(np.float32) - pixels) * skin[..., None]
        return np.round(mixed).astype(np.uint8)
