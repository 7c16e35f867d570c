"""The mouth: lips that part along their line, close on it, spread, round and smile, over an interior.

Lips are moved, not stretched: a smooth field moves corners and cheeks, then pixels above the line come from the upper
lip and those below it from the lower one, and what opens between them is painted. At rest the result is the portrait
itself, to the byte. Lengths are in face units.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from personify.avatar.easing import smooth_step
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import LIPS_INNER_LOWER, LIPS_INNER_UPPER, LIPS_OUTER_LOWER, LIPS_OUTER_UPPER, OVAL
from personify.avatar.mouth_interior import Gap, MouthInterior, Posture
from personify.avatar.pixelwise import bell, share, step
from personify.avatar.plate import enlarged, sampled

JAW_DROP = 0.34
"""How far the lower lip moves at the widest vowel."""
LIP_LIFT = 0.075
_CHIN = 0.5
_LIFT_REACH = 0.3
"""How far below its edge the lower lip's skin gives way, and above its edge the upper one's."""
_CHIN_FOLLOWS = 0.55
"""How much of the jaw's drop the chin shows."""
_T_END, _TABLE = 1.12, 1024
"""Places across the mouth, t, run from corner (-1) to corner (1) and a little beyond; so many are tabulated."""
_CELL = 0.036
"""The side of a cell of the grid on which movements are reckoned before they are enlarged to pixels."""
_ENGAGED = 0.12
"""The strength of a shape from which on lips that were drawn open obey it wholly."""
_NO_ROLL = 1e-3
"""A roll of the lips below which none is reckoned."""
_RIM = 0.25
"""Over how much, inside the face's oval, cheeks give way less and less: its outline stays."""


@dataclass(frozen=True)
class MouthShape:
    """One frame's mouth: `smile` from -1 (corners down) to 1 (up), every other value from 0 to 1, see
    visemes.CHANNELS."""

    jaw: float = 0.0
    press: float = 0.0
    wide: float = 0.0
    round: float = 0.0
    upper_lip: float = 0.0
    tuck: float = 0.0
    tongue: float = 0.0
    smile: float = 0.0

    @property
    def at_rest(self) -> bool:
        """True if the portrait's own mouth is what is wanted."""
        return self._strongest < 1e-3 and abs(self.smile) < 1e-3

    @property
    def opening(self) -> tuple[float, float]:
        """How far the upper lip is lifted and the lower one dropped in the middle, face units; the gap is their sum."""
        hold = 1 - self.press * min(max((0.1 - self.jaw) / 0.05, 0.0), 1.0)
        lift = LIP_LIFT * (self.upper_lip + 0.45 * self.jaw + 0.62 * self.tuck)
        return hold * lift, hold * (JAW_DROP * self.jaw + 0.012 * self.tuck)

    @property
    def _strongest(self) -> float:
        return max(self.jaw, self.press, self.wide, self.round, self.upper_lip, self.tuck)

    @property
    def _engaged(self) -> float:
        """0 at rest to 1: how much lips that were drawn open leave their own opening. A smile alone keeps it."""
        return float(smooth_step(self._strongest / _ENGAGED))


class Mouth:
    """The moving mouth of one portrait."""

    def __init__(self, image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame) -> None:
        outer = frame.to_face(landmarks[[61, 291]])
        self._centre = float(outer[:, 0].mean())
        self._half = max(0.12, float(outer[1, 0] - outer[0, 0]) / 2 * 0.97)
        self._trace_lips(landmarks, frame, outer)
        middle = self._middle
        low, high = (self._centre - 1.0, middle - 0.8), (self._centre + 1.0, middle + 1.55)
        self.window = frame.window(low, high, (image.shape[0], image.shape[1]))
        """The pixels (rows, columns) that the mouth may change."""
        self._ground = np.ascontiguousarray(image[self.window])
        self._unit_px = np.float32(frame.unit_px)
        self._interior = MouthInterior(image, landmarks, frame, self.window, self._half)
        self._last = MouthShape(), self._ground
        """What was drawn last: somebody who listens holds the mouth still for seconds."""
        self._lay_grid(frame)
        self._fields = self._movements()
        self._box = rows, columns, cells = self._box_around_lips()
        top, left = self.window[0].start, self.window[1].start
        box = slice(rows.start + top, rows.stop + top), slice(columns.start + left, columns.stop + left)
        self._box_u, self._box_v = frame.grid(box)
        fade = enlarged(self._fade[cells], self._cell)
        self._box_fade = np.ascontiguousarray(fade[: rows.stop - rows.start, : columns.stop - columns.start])
        self._box_light = np.ascontiguousarray(self._interior.light[rows, columns])
        self._box_ground = np.ascontiguousarray(self._ground[rows, columns])

    def draw(self, shape: MouthShape) -> np.ndarray:
        """The window's pixels with that mouth, uint8 RGB like `window`; not to be written to."""
        if shape.at_rest:
            return self._ground
        last, pixels = self._last
        if shape != last:
            pixels = self._drawn(shape)
            self._last = shape, pixels
        return pixels

    def _drawn(self, shape: MouthShape) -> np.ndarray:
        along, across = self._moved(shape)
        tables = self._opened(shape)
        down_by = self._parted(self._u + along, self._v + across, tables, shape)[0]
        full = enlarged(self._to_pixels(along, across + down_by, self._fade), self._cell)
        full = np.ascontiguousarray(full[: self._ground.shape[0], : self._ground.shape[1]])
        # lips' edges are sharper than the grid: there every pixel is reckoned
        rows, columns, cells = self._box
        size = rows.stop - rows.start, columns.stop - columns.start
        along, across = (enlarged(moved[cells], self._cell)[: size[0], : size[1]] for moved in (along, across))
        down_by, t, s, up, down = self._parted(self._box_u + along, self._box_v + across, tables, shape)
        full[rows, columns] = self._to_pixels(along, across + down_by, self._box_fade)
        full += self._pixels
        pixels = sampled(self._ground, full)
        box = np.ascontiguousarray(pixels[rows, columns])
        box = self._lit(box, t, s, down, shape)
        self._paint(box, Gap(t, s, up, down, self._box_light), shape)
        pixels[rows, columns] = box
        return pixels

    def _trace_lips(self, landmarks: np.ndarray, frame: FaceFrame, outer: np.ndarray) -> None:
        """The lips' line, its own opening where it was drawn open, the lips' thickness, and the face around them."""
        self._oval = frame.to_face(landmarks[list(OVAL)])
        inner = [frame.to_face(landmarks[list(numbers)]) for numbers in (LIPS_INNER_UPPER, LIPS_INNER_LOWER)]
        self._ts = np.linspace(-_T_END, _T_END, _TABLE, dtype=np.float32)
        edges = []
        for edge in inner:
            points = np.concatenate([outer[:1], edge, outer[1:]])
            t = np.clip((points[:, 0] - self._centre) / self._half, -_T_END, _T_END)
            edges.append(np.polyval(np.polyfit(t, points[:, 1], 4), self._ts))
        self._line = ((edges[0] + edges[1]) / 2).astype(np.float32)
        half_gap = np.maximum(edges[1] - edges[0], 0) / 2
        self._rest_half = np.where(half_gap > 0.02, half_gap, 0).astype(np.float32)
        self._drawn_open = bool(self._rest_half.any())
        self._log_arch = np.log(np.clip(1 - self._ts**2, 1e-9, 1)).astype(np.float32)
        self._middle = float(np.concatenate([inner[0][:, 1], inner[1][:, 1], outer[:, 1]]).mean())
        top, bottom = (
            frame.to_face(landmarks[list(numbers)])[4:7, 1] for numbers in (LIPS_OUTER_UPPER, LIPS_OUTER_LOWER)
        )
        self._upper_thick = float(np.clip(np.median(inner[0][4:7, 1]) - np.median(top), 0.03, 0.25))
        self._lower_thick = float(np.clip(np.median(bottom) - np.median(inner[1][4:7, 1]), 0.04, 0.3))

    def _lay_grid(self, frame: FaceFrame) -> None:
        """The middles of cells that cover the window, with one cell more on each side."""
        rows, columns = self._ground.shape[:2]
        self._cell = cell = max(1, round(_CELL * frame.unit_px))
        ys, xs = ((np.arange(-(-n // cell) + 2) - 0.5) * cell - 0.5 for n in (rows, columns))
        nodes = np.stack(np.meshgrid(xs, ys), -1)
        corner = np.array([self.window[1].start, self.window[0].start])
        self._u, self._v = np.moveaxis(frame.to_face(nodes + corner), -1, 0).astype(np.float32)
        self._axes = (np.stack([frame.right, frame.down], 1) * frame.unit_px).astype(np.float32)
        self._pixels = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1).astype(np.float32)
        # nothing may tear at the window's rim
        y, x = ((np.minimum(a, n - 1 - a) - 0.5 * cell) / max(0.1 * n, 1) for a, n in ((ys, rows), (xs, columns)))
        fade = smooth_step(np.minimum(y[:, None], x[None, :])).astype(np.float32)
        self._fade = cv2.merge([fade, fade])

    def _movements(self) -> np.ndarray:
        """Smooth fields (5, 2 * rows, columns), along u and then along v: how much farther away the grid's nodes come
        from for each of `_moved`'s weights."""
        x, y = self._u - np.float32(self._centre), self._v - np.float32(self._middle)
        half = self._half
        out, side = np.abs(x), np.tanh(x / (0.5 * half))
        zero = np.zeros_like(x)

        def bump(a: np.ndarray, width: float, b: np.ndarray, height: float) -> np.ndarray:
            return np.asarray(np.exp(-((a / width) ** 2) - (b / height) ** 2))

        near = bump(x, 1.65 * half, y, 0.42)
        # a bow: nothing in the middle, most at the corners, so that the lips bend as a whole
        bow = (x / half) ** 2 * np.exp(1 - (x / half) ** 2) * np.exp(-((y / 0.3) ** 2))
        corner, cheek = bump(out - half, 0.24, y, 0.26), bump(out - half - 0.16, 0.26, y + 0.26, 0.2)
        jowl, lower = bump(out - half - 0.1, 0.28, y - 0.1, 0.3), bump(x, 0.8 * half, y - 0.1, 0.15)
        fields = [
            (0.16 * x * near, zero),
            (-0.58 * x * near, zero),
            (side * (0.055 * corner + 0.015 * cheek), -0.095 * bow - 0.045 * cheek),
            (-side * 0.01 * corner, 0.085 * bow + 0.03 * jowl - 0.015 * lower),
            (-side * 0.035 * corner, 0.065 * bow + 0.035 * jowl),
        ]
        fade = smooth_step(self._within_face() / _RIM).astype(np.float32)
        return -np.array([np.concatenate(field) for field in fields], np.float32) * np.concatenate([fade, fade])

    def _within_face(self) -> np.ndarray:
        """How far the grid's nodes lie inside the face's oval, along u; below 0 outside."""
        half = len(OVAL) // 2
        sides = self._oval[: half + 1], self._oval[[*range(half, len(OVAL)), 0]]
        edges = []
        for side in sides:
            falling = side[np.argsort(side[:, 1])]
            edges.append(np.interp(self._v, falling[:, 1], falling[:, 0]))
        return np.asarray(np.minimum(self._u - np.minimum(*edges), np.maximum(*edges) - self._u))

    def _moved(self, shape: MouthShape) -> tuple[np.ndarray, np.ndarray]:
        """By how much (u, v) the sources of the grid's nodes lie elsewhere as the whole mouth moves."""
        weights = (
            shape.wide * (1 - 0.5 * shape.round), shape.round, max(shape.smile, 0.0), max(-shape.smile, 0.0), shape.jaw
        )  # fmt: skip
        total = np.zeros_like(self._fields[0])
        for weight, field in zip(weights, self._fields, strict=True):
            if weight:
                total = cv2.scaleAdd(field, weight, total)  # not BLAS, whose threads would get in each other's way
        rows = len(total) // 2
        return total[:rows], total[rows:]

    def _box_around_lips(self) -> tuple[slice, slice, tuple[slice, slice]]:
        """The pixels (rows, columns) of the window in which lips may part, whole cells, and those cells with one more
        on each side."""
        x, y = np.abs(self._u - self._centre), self._v - self._middle
        spread = float(np.ptp(self._line))
        inside = (x < self._half + 0.18) & (y > -0.22 - spread) & (y < JAW_DROP + 0.2 + spread)
        spans = []
        for n, axis in ((self._ground.shape[0], 1), (self._ground.shape[1], 0)):
            hit = np.flatnonzero(inside[1:-1, 1:-1].any(axis=axis))
            first, last = (int(hit[0]), int(hit[-1]) + 1) if hit.size else (0, 1)
            spans.append((slice(first * self._cell, min(last * self._cell, n)), slice(first, last + 2)))
        return spans[0][0], spans[1][0], (spans[0][1], spans[1][1])

    def _opened(self, shape: MouthShape) -> np.ndarray:
        """A table over t (float32, _TABLE x 4): the lips' line, how far the upper lip is up and the lower one down, and
        half of their own gap at rest."""
        up, down = shape.opening
        power = 0.12 * shape.round
        table = np.empty((_TABLE, 4), np.float32)
        table[:, 0], table[:, 3] = self._line, self._rest_half
        table[:, 1] = up * np.exp(np.float32(0.75 + power) * self._log_arch)
        table[:, 2] = down * np.exp(np.float32(0.56 + power) * self._log_arch)
        if self._drawn_open:
            table[:, 1:3] += (self._rest_half * np.float32(1 - shape._engaged))[:, None]
        return table

    def _parted(
        self, u: np.ndarray, v: np.ndarray, table: np.ndarray, shape: MouthShape
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """For places (rows, columns each) by how much (v) their sources lie elsewhere, their place t across the mouth,
        s below its line, and how far the lips are up and down there."""
        t = (u - np.float32(self._centre)) * np.float32(1 / self._half)
        t = np.minimum(np.maximum(t, np.float32(-_T_END)), np.float32(_T_END))
        at = (t * np.float32((_TABLE - 1) / (2 * _T_END)) + np.float32((_TABLE - 1) / 2 + 0.5)).astype(np.intp)
        line, up, down, half = cv2.split(np.take(table, at, axis=0, mode="clip"))
        s = v - line
        by = self._lower_shift(s, t, down, half, shape)
        np.copyto(by, self._upper_shift(s, up, half, shape), where=s < (down - up) * np.float32(0.5))
        return by, t, s, up, down

    def _upper_shift(self, s: np.ndarray, up: np.ndarray, half: np.ndarray, shape: MouthShape) -> np.ndarray:
        """By how much (v) the source of each place on the upper lip and above it lies elsewhere: the skin gives way the
        less, the farther it is `away` from the lip's edge."""
        away = -s - up
        shift = (up - half if self._drawn_open else up) * _held(away, _LIFT_REACH)
        rolled = 0.75 * shape.press - 0.28 * shape.round + 0.15 * abs(shape.smile)
        return shift if abs(rolled) < _NO_ROLL else shift - _rolled_in(away, rolled, self._upper_thick)

    def _lower_shift(
        self, s: np.ndarray, t: np.ndarray, down: np.ndarray, half: np.ndarray, shape: MouthShape
    ) -> np.ndarray:
        """The same for the lower lip, chin and what is below it."""
        away = s - down
        held = _held(away, _CHIN)
        shift = (half - down if self._drawn_open else -down) * held
        if shape.jaw > 0:
            past_chin = _held(away - np.float32(_CHIN), 1.35 - _CHIN)
            across = np.exp(t * t * np.float32(-((self._half / 0.85) ** 2)))
            shift -= np.float32(JAW_DROP * shape.jaw * _CHIN_FOLLOWS) * across * (1 - held) * past_chin
        rolled = 0.75 * shape.press - 0.28 * shape.round + 0.6 * shape.tuck + 0.1 * abs(shape.smile)
        return shift if abs(rolled) < _NO_ROLL else shift + _rolled_in(away, rolled, self._lower_thick)

    def _to_pixels(self, along: np.ndarray, across: np.ndarray, fade: np.ndarray) -> np.ndarray:
        """Movements (u, v) as pixels (rows, columns, 2), x first."""
        return cv2.multiply(cv2.transform(cv2.merge([along, across]), self._axes), fade)

    def _lit(self, box: np.ndarray, t: np.ndarray, s: np.ndarray, down: np.ndarray, shape: MouthShape) -> np.ndarray:
        """Pushed-out lips catch the light below and throw a shadow; pressed ones darken where they meet."""
        out, shut = shape.round, shape.press * (1 - min(1.0, shape.jaw * 8))
        if max(out, shut) < 0.03:
            return box
        gain = np.ones_like(s)
        if out >= 0.01:
            away = (s - down) * np.float32(1 / self._lower_thick)
            lit = np.float32(0.16 * out) * bell(away - np.float32(0.55), 0.35) * (s > 0)
            lit -= np.float32(0.1 * out) * bell(away - np.float32(1.6), 0.5)
            gain += lit * bell(t, 0.6)
        if shut >= 0.01:
            within = share((np.float32(1.02) - np.abs(t)) * np.float32(10))
            gain -= np.float32(0.22 * shut) * bell(s, 0.02) * within
        return cv2.multiply(
            box, cv2.merge([gain, gain, gain]), dtype=cv2.CV_8U if box.dtype == np.uint8 else cv2.CV_32F
        )

    def _paint(self, box: np.ndarray, gap: Gap, shape: MouthShape) -> None:
        """The interior into the box's pixels, which are changed where the lips are apart."""
        alpha = np.minimum(gap.s + gap.up, gap.down - gap.s) * self._unit_px
        inside = np.flatnonzero(alpha > 0)
        if not inside.size:
            return
        places = Gap(*(part.ravel()[inside] for part in (gap.t, gap.s, gap.up, gap.down, gap.light)))
        posture = Posture(JAW_DROP * shape.jaw, shape.wide, shape.round, shape.tuck, shape.tongue)
        colour = self._interior.colours(places, posture)
        if self._drawn_open and shape._engaged < 1:  # then what was drawn between the lips shows until they are engaged
            own = self._box_ground.reshape(-1, 3)[inside].T
            colour = own + (colour - own) * np.float32(shape._engaged)
        below = box.reshape(-1, 3)[inside].T.astype(np.float32)
        below += (colour - below) * np.minimum(alpha.ravel()[inside], 1)
        box.reshape(-1, 3)[inside] = np.minimum(np.maximum(below + np.float32(0.5), 0), 255).T


def _held(away: np.ndarray, reach: float) -> np.ndarray:
    """1 on a lip's edge, smoothly less to 0 at `reach` away from it."""
    return step(1 - away * np.float32(1 / reach))


def _rolled_in(away: np.ndarray, amount: float, thick: float) -> np.ndarray:
    """How much further from the line the source lies when lips are rolled in (or, below 0, pushed out): a lip gets
    thinner by 1 + amount at its edge, and skin beyond it gives way. Its slope stays above -0.45 * amount: no folds."""
    return np.asarray(np.float32(amount) * away * bell(away, 1.5 * thick))
