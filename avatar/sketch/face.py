"""The geometry of a face: every contour of the landmark convention, placed as a human's, before anything is painted.

Face units: the origin lies between the eyes, x grows to the right of the picture, y downwards, and 1 is the distance
between the centres of the eyes. The proportions are those that MediaPipe reports on drawn faces, so what is drawn and
what is found agree. Knows nothing of pixels, parts or light.
"""

import math
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.landmarks import CONTOURS
from personify.avatar.sketch.figure import FaceSpot

_EYE_T = np.array([0.0, 0.06, 0.14, 0.28, 0.45, 0.62, 0.8, 0.93, 1.0])
_LOWER_EYE_T = np.array([0.0, 0.07, 0.17, 0.32, 0.5, 0.67, 0.84, 0.95, 1.0])
_LIPS_OUTER_T = np.array([0.0, 0.04, 0.12, 0.22, 0.36, 0.5, 0.64, 0.78, 0.88, 0.96, 1.0])
_LIPS_INNER_T = np.array([0.0, 0.08, 0.16, 0.25, 0.37, 0.5, 0.63, 0.75, 0.84, 0.92, 1.0])
_BROW_T = np.array([0.0, 0.16, 0.38, 0.67, 1.0])


@dataclass(frozen=True)
class Traits:
    """What makes one face differ from another, in face units unless they are factors."""

    eye_half_width: float
    eye_open: float
    eye_tilt: float
    lid_arch: float
    """The upper lid's shape: about 0.6 round and wide awake, 0.75 almond, 0.9 drooping outwards."""
    iris: float
    brow_height: float
    brow_thick: float
    brow_arch: float
    nose_width: float
    nose_length: float
    mouth_half_width: float
    upper_lip: float
    lower_lip: float
    jaw: float
    lashes: float
    expression: dict[str, Any]

    def shift(self, name: str, default: float = 0.0) -> float:
        """What the expression adds to one feature, by its name in expressions.toml."""
        return float(self.expression.get(name, default))


@dataclass(frozen=True)
class Face:
    """Contours by the names of `landmarks.CONTOURS`, float (n, 2) in face units, with the traits they come from."""

    contours: dict[str, np.ndarray]
    traits: Traits
    spot: FaceSpot

    def to_picture(self, points: np.ndarray) -> np.ndarray:
        """Face units to picture units."""
        a = math.radians(self.spot.roll)
        rotation = np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
        squeezed = np.asarray(points, float) * (1, self.spot.squeeze)
        return squeezed @ rotation * self.spot.iod + (self.spot.cx, self.spot.cy)

    def to_face(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Picture units to face units, for whole grids."""
        a = math.radians(self.spot.roll)
        dx, dy = (x - self.spot.cx) / self.spot.iod, (y - self.spot.cy) / self.spot.iod
        return dx * math.cos(a) + dy * math.sin(a), (-dx * math.sin(a) + dy * math.cos(a)) / self.spot.squeeze

    def known_points(self) -> tuple[np.ndarray, np.ndarray]:
        """Landmark numbers (n,) and their places in picture units (n, 2), without repetition."""
        placed: dict[int, np.ndarray] = {}
        for name, contour in CONTOURS.items():
            for number, point in zip(contour, self.contours[name], strict=True):
                placed.setdefault(number, point)
        numbers = sorted(placed)
        return np.array(numbers), self.to_picture(np.array([placed[n] for n in numbers]))

    def eye(self, side: str) -> np.ndarray:
        """The eye's opening as a closed outline, face units; `side` is 'right' or 'left'."""
        upper, lower = self._lids(side)
        return np.concatenate([upper, lower[::-1][1:-1]])

    def upper_lid(self, side: str) -> np.ndarray:
        """The upper lid's edge from the outer corner to the inner one, a dense curve in face units."""
        return self._lids(side)[0]

    def lips(self, which: str) -> np.ndarray:
        """'upper' or 'lower' lip as a closed outline, face units."""
        t = np.linspace(0, 1, 61)
        line = _lip_line(self.traits, t)
        if which == "upper":
            return np.concatenate([_upper_lip(self.traits, t), line[::-1]])
        return np.concatenate([line, _lower_lip(self.traits, t)[::-1]])

    def lip_line(self) -> np.ndarray:
        """Where the lips meet, from the right corner to the left, face units (n, 2)."""
        return _lip_line(self.traits, np.linspace(0, 1, 61))

    def brow(self, side: str) -> np.ndarray:
        """A brow as a closed outline, face units."""
        t = np.linspace(0, 1, 24)
        upper, lower = _brow(self.traits, t, side)
        return np.concatenate([upper, lower[::-1]])

    def _lids(self, side: str) -> tuple[np.ndarray, np.ndarray]:
        t = np.linspace(0, 1, 41)
        return _sided(_upper_lid(self.traits, t), side), _sided(_lower_lid(self.traits, t), side)


def make_face(brief: AppearanceBrief, spot: FaceSpot, rng: np.random.Generator) -> Face:
    """A face for the brief: age, gender and expression set the proportions, the generator varies them."""
    traits = _traits(brief, spot, rng)
    contours = {
        "oval": _oval(traits),
        "nose_bridge": np.array([(0.0, y) for y in np.linspace(-0.1, 0.44 * traits.nose_length, 6)]),
        "nose_base": np.array(
            [(x * traits.nose_width, y * traits.nose_length)
             for x, y in ((-0.27, 0.59), (-0.13, 0.61), (0.0, 0.63), (0.13, 0.61), (0.27, 0.59))]
        ),
        "lips_outer_upper": _upper_lip(traits, _LIPS_OUTER_T),
        "lips_outer_lower": _lower_lip(traits, _LIPS_OUTER_T),
        "lips_inner_upper": _lip_line(traits, 0.06 + 0.88 * _LIPS_INNER_T),
        "lips_inner_lower": _lip_line(traits, 0.06 + 0.88 * _LIPS_INNER_T),
    }  # fmt: skip
    for side in ("right", "left"):
        upper, lower = _brow(traits, _BROW_T, side)
        contours |= {
            f"{side}_eye_upper": _sided(_upper_lid(traits, _EYE_T), side),
            f"{side}_eye_lower": _sided(_lower_lid(traits, _LOWER_EYE_T), side),
            f"{side}_iris": iris_points(traits, side),
            f"{side}_brow_upper": upper,
            f"{side}_brow_lower": lower,
        }
    return Face(contours, traits, spot)


def iris_centre(traits: Traits, side: str) -> np.ndarray:
    """The iris's centre, face units (2,)."""
    gaze = np.array(traits.expression.get("gaze", (0.0, 0.0))) * traits.iris
    return np.array([-0.5 if side == "right" else 0.5, -0.02]) + gaze


def iris_points(traits: Traits, side: str) -> np.ndarray:
    """Centre, +x, up, -x, down: the five iris landmarks, face units (5, 2)."""
    r = traits.iris
    return iris_centre(traits, side) + np.array([(0, 0), (r, 0), (0, -r), (-r, 0), (0, r)])


@lru_cache(maxsize=1)
def expressions() -> dict[str, dict[str, Any]]:
    """The expressions' shifts by name, from expressions.toml."""
    return tomllib.loads(files(__package__).joinpath("expressions.toml").read_text(encoding="utf-8"))


def _traits(brief: AppearanceBrief, spot: FaceSpot, rng: np.random.Generator) -> Traits:
    shifts = expressions()[brief.expression]
    feminine = {"feminine": 1.0, "masculine": -1.0, "neutral": float(rng.uniform(-0.4, 0.4))}[brief.gender]
    young = {"child": 1.0, "young": 0.4, "adult": 0.0, "elderly": -0.5}[brief.age]
    cute = 1.04 if spot.human else 1.22
    eye = spot.eye_scale * cute * (1 + 0.1 * max(young, 0)) * rng.uniform(0.95, 1.06)
    wide = float(shifts.get("wide", 1.0))
    full = float(shifts.get("full", 1.0)) * rng.uniform(0.9, 1.12)
    return Traits(
        eye_half_width=0.235 * eye,
        eye_open=0.135 * eye * float(shifts.get("lids", 1.0)),
        eye_tilt=0.018 + 0.02 * feminine + rng.uniform(-0.015, 0.015),
        lid_arch=rng.uniform(0.58, 0.78) + (0.1 if brief.age == "elderly" else 0.0),
        iris=0.122 * eye,
        brow_height=0.335 + 0.02 * feminine + rng.uniform(-0.02, 0.02),
        brow_thick=0.088 - 0.02 * feminine - 0.012 * max(young, 0) + rng.uniform(-0.008, 0.01),
        brow_arch=0.06 + 0.025 * feminine + rng.uniform(-0.02, 0.02),
        nose_width=1 - 0.09 * feminine - 0.06 * young + rng.uniform(-0.06, 0.08),
        nose_length=1 - 0.05 * max(young, 0) + rng.uniform(-0.03, 0.04),
        mouth_half_width=0.39 * wide * (1 - 0.05 * young) * rng.uniform(0.95, 1.06),
        upper_lip=(0.098 + 0.02 * feminine) * full * (0.8 if brief.age == "elderly" else 1),
        lower_lip=(0.13 + 0.022 * feminine) * full * (0.85 if brief.age == "elderly" else 1),
        jaw=1 - 0.05 * feminine - 0.06 * young,
        lashes=max(0.0, 0.35 + 0.65 * feminine),
        expression=shifts,
    )


def _upper_lid(traits: Traits, t: np.ndarray) -> np.ndarray:
    """The right eye's upper lid, from the outer corner (t = 0) to the inner one, before mirroring."""
    rise = traits.eye_open * np.sin(np.pi * t ** (1.14 - 0.3 * traits.lid_arch)) ** traits.lid_arch
    return np.stack([_eye_x(traits, t), _eye_axis(traits, t) - rise], 1)


def _lower_lid(traits: Traits, t: np.ndarray) -> np.ndarray:
    fall = max(0.04, 0.62 * traits.eye_open - traits.shift("squint")) * np.sin(np.pi * t**1.06) ** 0.85
    return np.stack([_eye_x(traits, t), _eye_axis(traits, t) + fall], 1)


def _eye_x(traits: Traits, t: np.ndarray) -> np.ndarray:
    return -0.5 - traits.eye_half_width + 2 * traits.eye_half_width * t


def _eye_axis(traits: Traits, t: np.ndarray) -> np.ndarray:
    return traits.eye_tilt * (2 * t - 1)


def _sided(points: np.ndarray, side: str) -> np.ndarray:
    return points if side == "right" else points * (-1, 1)


def _brow(traits: Traits, t: np.ndarray, side: str) -> tuple[np.ndarray, np.ndarray]:
    skew = traits.shift("skew") * (1 if side == "left" else -0.4)
    rise = traits.shift("brow_outer") * (1 - t) + traits.shift("brow_inner") * t + skew
    middle = -traits.brow_height - traits.brow_arch * np.sin(np.pi * (0.15 + 0.72 * t)) + 0.1 * (1 - t) ** 2 - rise
    half = (
        traits.brow_thick
        * 0.5
        * (0.3 + 0.7 * np.sin(np.pi * (0.08 + 0.62 * t)) ** 0.8)
        * (1 - 0.5 * np.clip(t - 0.8, 0, 1) / 0.2)
    )
    x = -0.86 + 0.64 * t
    upper = np.stack([x, middle - half], 1)
    lower = np.stack([x + 0.02, middle + half], 1)
    return _sided(upper, side), _sided(lower, side)


def _lip_line(traits: Traits, t: np.ndarray) -> np.ndarray:
    s = 2 * t - 1
    smile, skew = traits.shift("smile"), traits.shift("skew")
    y = 0.955 - smile * abs(s) ** 1.7 - skew * np.maximum(s, 0) + 0.35 * smile + 0.012 * np.exp(-((s / 0.16) ** 2))
    return np.stack([traits.mouth_half_width * s, y], 1)


def _upper_lip(traits: Traits, t: np.ndarray) -> np.ndarray:
    s = 2 * t - 1
    profile = np.clip(1 - abs(s) ** 1.9, 0, 1) ** 0.95 * (1 - 0.26 * np.exp(-((s / 0.15) ** 2)))
    return _lip_line(traits, t) - np.stack([0 * s, traits.upper_lip * profile * 1.1], 1)


def _lower_lip(traits: Traits, t: np.ndarray) -> np.ndarray:
    s = 2 * t - 1
    profile = np.clip(1 - abs(s) ** 2.4, 0, 1) ** 0.9
    return _lip_line(traits, t) + np.stack([0 * s, traits.lower_lip * profile], 1)


def _oval(traits: Traits) -> np.ndarray:
    """The face oval, clockwise from the forehead, as MediaPipe places it on drawn faces."""
    half = np.array(
        [(0.0, -0.79), (0.3, -0.785), (0.56, -0.745), (0.79, -0.66), (0.955, -0.52), (1.06, -0.335), (1.115, -0.145),
         (1.135, 0.09), (1.135, 0.315), (1.13, 0.53), (1.1, 0.77), (1.04, 1.0), (0.925, 1.185), (0.81, 1.315),
         (0.64, 1.435), (0.5, 1.485), (0.365, 1.54), (0.205, 1.59), (0.0, 1.61)]
    )  # fmt: skip
    narrowing = np.where(half[:, 1] > 0.5, 1 - (1 - traits.jaw) * (half[:, 1] - 0.5), 1.0)
    half = half * np.stack([narrowing, np.ones(len(half))], 1)
    return np.concatenate([half, half[-2:0:-1] * (-1, 1)])
