"""The wardrobe: the table that accessories are entered in, and the measurements of the wearer they are fitted to."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.face import Face
from personify.avatar.sketch.figure import Figure, Look, Part
from personify.avatar.sketch.shapes import place

Kind = Literal["hat", "eyewear", "neckwear", "trinket"]
"""A character wears at most one hat, one piece of eyewear and one of neckwear, and any number of trinkets."""


@dataclass(frozen=True)
class Fit:
    """The wearer's measures. Lengths are picture units; `u` units are the face's (1: between the eyes' centres)."""

    figure: Figure
    face: Face
    look: Look
    rng: np.random.Generator = field(repr=False)

    @property
    def iod(self) -> float:
        """The distance between the eyes' centres."""
        return self.face.spot.iod

    @cached_property
    def brow_top(self) -> float:
        """The highest y of the brows: hats end above it."""
        brows = [self.face.contours[f"{side}_brow_upper"] for side in ("right", "left")]
        return float(self.face.to_picture(np.concatenate(brows))[:, 1].min())

    @cached_property
    def crown(self) -> tuple[float, float, float]:
        """x, y and half width of the top of the head."""
        spot = self.face.spot
        return self.figure.crown or (spot.cx, spot.cy - 0.95 * spot.iod * spot.squeeze, 0.9 * spot.iod)

    @cached_property
    def neck(self) -> tuple[float, float, float]:
        """x, y and half width of the place for scarves and ties."""
        spot = self.face.spot
        chin = spot.cy + 1.55 * spot.iod * spot.squeeze
        x, y = self.figure.neck or (spot.cx, chin + 0.12 * spot.iod)
        y = max(min(y, self._end - 0.3 * spot.iod), chin - 0.14 * spot.iod)
        left, right = self.span(x, y) or (x - 0.8 * spot.iod, x + 0.8 * spot.iod)
        half = min((right - left) / 2, 1.35 * spot.iod)
        return x, y, max(half, 0.5 * spot.iod)

    @cached_property
    def head(self) -> tuple[float, float]:
        """The head's left and right end at the height of the ears, no further out than a head can be."""
        spot = self.face.spot
        left, right = self.span(spot.cx, spot.cy + 0.2 * spot.iod) or (
            spot.cx - 1.2 * spot.iod,
            spot.cx + 1.2 * spot.iod,
        )
        return max(left, spot.cx - 1.6 * spot.iod), min(right, spot.cx + 1.6 * spot.iod)

    def drop(self, least: float, most: float) -> float:
        """How far, in eye distances, something may hang from the neck before it reaches past the body's end."""
        return float(np.clip((self._end - self.neck[1]) / self.iod - 0.1, least, most))

    @cached_property
    def _end(self) -> float:
        """The lowest y of the body."""
        return max(float(part.outline[:, 1].max()) for part in self.figure.body)

    def span(self, x: float, y: float) -> tuple[float, float] | None:
        """The left and right end, at that height, of the foremost body part that holds the point."""
        for part in reversed(self.figure.body):
            ends = _crossings(part.outline, y)
            left, right = ends[ends <= x], ends[ends > x]
            if len(left) % 2 and len(right):
                return float(left[-1]), float(right[0])
        return None

    def on_face(self, points: np.ndarray) -> np.ndarray:
        """Face units to picture units."""
        return self.face.to_picture(points)

    def colour(self, *choices: str) -> np.ndarray:
        """One of the choices (CSS name or #rrggbb), among those that stand out from the wearer's own colour."""
        options = [colours.parse(choice) for choice in choices]
        apart = [float(np.linalg.norm(option - self.look.main)) for option in options]
        clear = [option for option, gap in zip(options, apart, strict=True) if gap > 0.35]
        return clear[int(self.rng.integers(len(clear)))] if clear else options[int(np.argmax(apart))]

    def seat(
        self, parts: tuple[Part, ...], *, sink: float = 0.2, scale: float = 1.0, tilt: float = 5.0
    ) -> tuple[Part, ...]:
        """Puts a hat on the head. Its parts come with the origin in the middle of the hat's lower edge and 1 as the
        head's half width; `sink` is how deep it sits, `scale` its size, `tilt` how far it may lean, in degrees."""
        x, y, half = self.crown
        human = self.face.spot.human
        half = min(half, 1.5 * self.iod) * 1.12 if human else min(0.92 * half, 1.05 * self.iod)
        y += half * sink * (1.5 if human else 0.6)
        turn = self.face.spot.roll + float(self.rng.uniform(-tilt, tilt))
        size = half * scale
        parts = tuple(
            replace(
                part,
                outline=place(part.outline, x, y, scale=size, turn=turn),
                holes=tuple(place(hole, x, y, scale=size, turn=turn) for hole in part.holes),
                bevel=None if part.bevel is None else part.bevel * size,
                lift=part.lift * size,
            )
            for part in parts
        )
        return self._above_brows(parts)

    def _above_brows(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """The parts raised until nothing of them hangs over the brows, or lowered as far as that allows where they
        would stick out of the picture."""
        points = np.concatenate([part.outline for part in parts])
        over = abs(points[:, 0] - self.face.spot.cx) < 1.15 * self.iod
        room = self.brow_top - 0.16 * self.iod - points[over, 1].max(initial=-9.0)
        sticking_out = max(0.0, -1.16 - float(points[:, 1].min()))
        if self.face.spot.human:
            sticking_out = min(sticking_out, 0.05)  # any lower and the hair comes out on top
        return tuple(moved(part, 0, min(room, sticking_out)) for part in parts)


Make = Callable[[Fit], tuple[Part, ...]]


@dataclass(frozen=True)
class Accessory:
    """One accessory that can be drawn: its name, where it is worn, and the function that makes its parts."""

    name: str
    kind: Kind
    make: Make


TABLE: dict[str, Accessory] = {}
"""Every accessory by name and by synonym."""


def accessory(kind: Kind, name: str, *also: str) -> Callable[[Make], Make]:
    """Enters a function in the table under its name and its synonyms, all in lower case with single spaces."""

    def enter(make: Make) -> Make:
        for word in (name, *also):
            if word in TABLE:
                raise ValueError(f"two accessories are called {word!r}")
            TABLE[word] = Accessory(name, kind, make)
        return make

    return enter


def moved(part: Part, dx: float, dy: float) -> Part:
    """The part moved by that much, holes and all."""
    by = np.array([dx, dy])
    return replace(part, outline=part.outline + by, holes=tuple(hole + by for hole in part.holes))


def _crossings(outline: np.ndarray, y: float) -> np.ndarray:
    """Where the closed outline crosses the horizontal at y, x in ascending order."""
    a, b = outline, np.roll(outline, -1, 0)
    crosses = (a[:, 1] <= y) != (b[:, 1] <= y)
    a, b = a[crosses], b[crosses]
    return np.sort(a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0]))
