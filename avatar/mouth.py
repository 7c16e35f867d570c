"""The mouth: lips that part along their line, close on it, spread and round, over an interior with teeth and tongue.

Lips are moved, not stretched: above the line pixels come from the upper lip, below it from the lower one, and what
opens between them is painted. At rest the result is the portrait itself, to the byte. Lengths are in face units.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import LIPS_INNER_LOWER, LIPS_INNER_UPPER, LIPS_OUTER_LOWER, LIPS_OUTER_UPPER

JAW_DROP = 0.34
"""How far the lower lip moves at the widest vowel."""
LIP_LIFT = 0.075
_TEETH_LOW = 0.105
_CHIN = 0.5
_LIFT_REACH = 0.3
"""How far below its edge the lower lip's skin gives way, and above its edge the upper one's."""
_T_END, _TABLE = 1.12, 1024
"""Places across the mouth, t, run from corner (-1) to corner (1) and a little beyond; so many are tabulated."""


@dataclass(frozen=True)
class MouthShape:
    """One frame's mouth; every value from 0 to 1, see visemes.CHANNELS."""

    jaw: float = 0.0
    press: float = 0.0
    wide: float = 0.0
    round: float = 0.0
    upper_lip: float = 0.0
    tuck: float = 0.0
    tongue: float = 0.0

    @property
    def at_rest(self) -> bool:
        """True if the portrait's own mouth is what is wanted."""
        return max(self.jaw, self.press, self.wide, self.round, self.upper_lip, self.tuck) < 1e-3

    @property
    def opening(self) -> tuple[float, float]:
        """How far the upper lip is lifted and the lower one dropped in the middle, face units; the gap is their sum."""
        hold = (1 - self.press) if self.jaw < 0.05 else 1.0
        lift = LIP_LIFT * (self.upper_lip + 0.45 * self.jaw + 0.75 * self.tuck)
        return hold * lift, hold * (JAW_DROP * self.jaw + 0.035 * self.tuck)


class Mouth:
    """The moving mouth of one portrait."""

    def __init__(self, image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame) -> None:
        upper, lower = (
            frame.to_face(landmarks[list(LIPS_INNER_UPPER)]),
            frame.to_face(landmarks[list(LIPS_INNER_LOWER)]),
        )
        outer = frame.to_face(landmarks[[61, 291]])
        self._centre = float(outer[:, 0].mean())
        self._half = max(0.12, float(outer[1, 0] - outer[0, 0]) / 2 * 0.97)
        ends = np.concatenate([outer[:1], upper, outer[1:]]), np.concatenate([outer[:1], lower, outer[1:]])
        self._ts = np.linspace(-_T_END, _T_END, _TABLE, dtype=np.float32)
        upper_edge, lower_edge = (np.polyval(np.polyfit(self._t(c[:, 0]), c[:, 1], 4), self._ts) for c in ends)
        self._line = ((upper_edge + lower_edge) / 2).astype(np.float32)
        half_gap = np.maximum(lower_edge - upper_edge, 0) / 2
        self._rest_half = np.where(half_gap > 0.02, half_gap, 0).astype(np.float32)  # lips that were drawn open
        top, bottom = frame.to_face(landmarks[list(LIPS_OUTER_UPPER)]), frame.to_face(landmarks[list(LIPS_OUTER_LOWER)])
        middle = float((ends[0][:, 1].mean() + ends[1][:, 1].mean()) / 2)
        self._lip = float(np.clip((bottom[:, 1].max() - top[:, 1].min()) / 2, 0.06, 0.4))
        low, high = (self._centre - 1.0, middle - 0.55), (self._centre + 1.0, middle + 1.55)
        self.window = frame.window(low, high, (image.shape[0], image.shape[1]))
        self._u, self._v = frame.grid(self.window)
        self._frame = frame
        self._ground = np.ascontiguousarray(image[self.window])
        self._colours = _interior_colours(self._ground, self._u, self._v, self._centre, self._half, middle)
        self._fade = self._edge_fade()
        self._x = x = self._u - np.float32(self._centre)
        self._near = np.exp(-((x / 0.5) ** 2) - ((self._v - middle) / 0.42) ** 2)
        self._near_line = self._near * np.exp(-(((self._v - middle) / 0.2) ** 2))
        self._across = np.exp(-((x / 0.85) ** 2))
        ys, xs = np.mgrid[0 : self._u.shape[0], 0 : self._u.shape[1]]
        self._xs, self._ys = xs.astype(np.float32), ys.astype(np.float32)

    def draw(self, shape: MouthShape) -> np.ndarray:
        """The window's pixels with that mouth, uint8 RGB like `window`."""
        if shape.at_rest:
            return self._ground
        moved_u, t, s, up, down, half = self._open(shape)
        upper = s < (down - up) / 2
        away = np.maximum(np.where(upper, -s - up, s - down), 0)  # from the lip's edge
        held = _smooth(1 - np.minimum(away * np.where(upper, np.float32(1 / _LIFT_REACH), np.float32(1 / _CHIN)), 1))
        source = away + np.where(upper, up, down) * (1 - held) + half * held
        if shape.jaw > 0:
            past_chin = _smooth(np.clip((1.35 - away) / (1.35 - _CHIN), 0, 1))
            source -= np.where(upper, 0, JAW_DROP * shape.jaw * 0.55 * self._across) * (1 - held) * past_chin
        if shape.press > 0 or shape.round > 0:
            source *= 1 + np.float32(0.28 * shape.press - 0.2 * shape.round) * self._near_line
        pixels = self._sample(moved_u * self._fade, (np.where(upper, -source, source) - s) * self._fade)
        gap = np.minimum(s + up, down - s) * np.float32(self._frame.unit_px)
        return self._paint_interior(pixels, np.clip(gap, 0, 1), t, s, up, down, shape)

    def _open(self, shape: MouthShape) -> tuple[np.ndarray, ...]:
        """How far across each pixel's source lies, the pixel's place t in [-1.12, 1.12] and s from the lip line, how
        far the lips are apart there, upwards and downwards, and half of what the portrait's own lips are."""
        moved_u = self._x * (np.float32(0.5 * shape.round - 0.15 * shape.wide) * self._near)
        t = np.clip((self._x + moved_u) * np.float32(1 / self._half), -_T_END, _T_END)
        at = ((t + _T_END) * np.float32((_TABLE - 1) / (2 * _T_END)) + np.float32(0.5)).astype(np.int32)
        profile = (np.clip(1 - self._ts**2, 0, 1) ** (0.62 + 0.25 * shape.round)).astype(np.float32)
        up, down = (np.float32(part) * profile for part in shape.opening)
        s = self._v - self._line[at]
        return moved_u, t, s, up[at], down[at], self._rest_half[at]

    def _t(self, u: np.ndarray) -> np.ndarray:
        return np.clip((u - self._centre) / self._half, -_T_END, _T_END)

    def _edge_fade(self) -> np.ndarray:
        """1 inside, falling to 0 at the window's rim, so that nothing can tear there."""
        rows, columns = self._u.shape
        y = np.minimum(np.arange(rows), np.arange(rows)[::-1]) / max(rows * 0.1, 1)
        x = np.minimum(np.arange(columns), np.arange(columns)[::-1]) / max(columns * 0.1, 1)
        fade = np.clip(np.minimum(y[:, None], x[None, :]), 0, 1)
        return (fade * fade * (3 - 2 * fade)).astype(np.float32)

    def _sample(self, moved_u: np.ndarray, moved_v: np.ndarray) -> np.ndarray:
        """The portrait's pixels at places moved by (u, v) in face units."""
        r, d, unit = self._frame.right, self._frame.down, self._frame.unit_px
        map_x = self._xs + (moved_u * np.float32(r[0] * unit) + moved_v * np.float32(d[0] * unit))
        map_y = self._ys + (moved_u * np.float32(r[1] * unit) + moved_v * np.float32(d[1] * unit))
        return cv2.remap(
            self._ground,
            map_x.astype(np.float32),
            map_y.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )

    def _paint_interior(
        self,
        pixels: np.ndarray,
        alpha: np.ndarray,
        t: np.ndarray,
        s: np.ndarray,
        up: np.ndarray,
        down: np.ndarray,
        shape: MouthShape,
    ) -> np.ndarray:
        inside = np.flatnonzero(alpha.ravel() > 0)
        if inside.size == 0:
            return pixels
        t, s, up, down, a = (x.ravel()[inside] for x in (t, s, up, down, alpha))
        depth = np.clip((s + up) / np.maximum(up + down, 1e-4), 0, 1)
        cavity, gum, teeth, tongue = self._colours
        colour = cavity * (0.55 + 0.6 * np.abs(depth - 0.5) + 0.25 * t * t)[:, None]
        colour = self._tongue(colour, tongue, t, s, down, shape)
        colour = self._teeth(colour, teeth, gum, t, s, 1 - 0.75 * shape.round)
        colour = self._lower_teeth(colour, teeth, t, s, down, shape)
        shade = 1 - 0.5 * np.exp(-np.maximum(s + up, 0) / 0.035) - 0.22 * np.clip(np.abs(t) - 0.55, 0, 1)
        colour = colour * shade[:, None]
        out = pixels.reshape(-1, 3)
        out[inside] = np.clip(out[inside] * (1 - a[:, None]) + colour * a[:, None], 0, 255)
        return pixels

    @staticmethod
    def _tongue(
        colour: np.ndarray, tongue: np.ndarray, t: np.ndarray, s: np.ndarray, down: np.ndarray, shape: MouthShape
    ) -> np.ndarray:
        top = JAW_DROP * shape.jaw * (0.58 - 0.4 * shape.tongue) + 0.1 * t * t
        body = np.clip((s - top) / 0.025, 0, 1) * np.clip((0.78 - np.abs(t)) / 0.12, 0, 1)
        lit = 0.82 + 0.3 * np.exp(-(((s - top - 0.06) / 0.05) ** 2)) - 0.18 * np.exp(-((t / 0.05) ** 2))
        return colour + (tongue * lit[:, None] - colour) * body[:, None]

    @staticmethod
    def _teeth(
        colour: np.ndarray, teeth: np.ndarray, gum: np.ndarray, t: np.ndarray, s: np.ndarray, show: float
    ) -> np.ndarray:
        """The upper row, fixed to the skull: it shows as the lips part."""
        width = 0.2 + 0.02 * np.abs(t)
        place = np.abs(t / width)
        within = np.abs((place + 0.5) % 1 - 0.5) * 2  # 0 in a gap's middle ... 1 in a tooth's
        within = 1 - within
        rounded = 0.014 * (1 - np.clip(within * 3, 0, 1)) + 0.04 * t * t
        low = _TEETH_LOW - rounded - 0.008 * ((place > 1) & (place < 2))
        body = np.clip((low - s) / 0.012, 0, 1) * np.clip((0.9 - np.abs(t)) / 0.15, 0, 1)
        lit = (0.86 + 0.14 * np.clip(within * 4, 0, 1)) * (1 - 0.3 * t * t)
        row = teeth * lit[:, None]
        row = row + (gum - row) * np.clip((-0.05 - s) / 0.02, 0, 1)[:, None]
        return colour + (row - colour) * (body * show)[:, None]

    @staticmethod
    def _lower_teeth(
        colour: np.ndarray, teeth: np.ndarray, t: np.ndarray, s: np.ndarray, down: np.ndarray, shape: MouthShape
    ) -> np.ndarray:
        """A sliver of the lower row, fixed to the jaw, on wide shapes."""
        show = np.clip(shape.wide * 1.4 * min(1.0, shape.jaw * 4), 0, 1)
        if show < 0.05:
            return colour
        edge = down - 0.045 * show + 0.05 * t * t
        body = np.clip((s - edge) / 0.012, 0, 1) * np.clip((0.62 - np.abs(t)) / 0.12, 0, 1) * show
        return colour + (teeth * 0.78 - colour) * body[:, None]


def _interior_colours(
    window: np.ndarray, u: np.ndarray, v: np.ndarray, centre: float, half: float, middle: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cavity, gums, teeth and tongue, float RGB (3,) in [0, 255], as bright as the face's own light makes its lips."""
    lips = window[(np.abs(u - centre) < half * 0.7) & (np.abs(v - middle) < 0.12)]
    around = window[(np.abs(u - centre) < half * 1.6) & (np.abs(v - middle) < 0.4)]
    lip = np.median(lips, axis=0) if len(lips) else np.array([150.0, 80, 80])
    light = float(np.clip(np.percentile(around.mean(axis=1), 80) / 210, 0.62, 1.06)) if len(around) else 0.9
    cavity = 0.78 * np.array([62.0, 16, 20]) * light + 0.1 * lip
    tongue = 0.72 * np.array([205.0, 88, 92]) * light + 0.2 * lip
    gum = 0.8 * np.array([190.0, 84, 88]) * light
    teeth = np.array([250.0, 245, 232]) * light
    return cavity, gum, np.minimum(teeth, 250), tongue


def _smooth(x: np.ndarray) -> np.ndarray:
    """From 0 at 0 to 1 at 1 without a corner; `x` within [0, 1]."""
    return x * x * (3 - 2 * x)
