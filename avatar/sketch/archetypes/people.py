"""People: woman, man, child; heads and shoulders, their hair from coiffure.py."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes import coiffure
from personify.avatar.sketch.archetypes.coiffure import Hair, Head
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, mirrored, stroke

_CLOTHES = ("#3b5a7a", "#8a3d4f", "#4f7a57", "#c98b3a", "#5b4a7d", "#2f3e4e", "#b5544a", "#d8c7a8", "#407f86")
_SKULL = [(0, -1.38), (0.55, -1.23), (0.93, -0.7)]
"""The right half of a skull from its top to the temple, in heads; see coiffure.py."""


@archetype("people", mains=("#f3cdb0",), material="skin")
def woman(look: Look) -> Figure:
    """An oval face that tapers to the chin."""
    jaw, chin = look.vary(0.95, 1.04), look.vary(1.42, 1.48)
    rest = [(0.99, -0.05), (0.955, 0.4), (0.83 * jaw, 0.82), (0.57 * jaw, 1.19), (0.26, chin - 0.06), (0, chin)]
    head = _head(look, look.vary(0.435, 0.46))
    hair = coiffure.for_woman(look, head)
    return _person(look, head, rest, hair, neck=0.36, width=look.vary(0.66, 0.72))


@archetype("people", mains=("#e8b48f",), material="skin")
def man(look: Look) -> Figure:
    """A stronger jaw and neck, whose corners are still round."""
    jaw, chin = look.vary(0.9, 1.02), look.vary(1.45, 1.52)
    rest = [(1.0, -0.05), (0.975, 0.42), (0.9 * jaw, 0.85), (0.68 * jaw, 1.22), (0.34 * jaw, chin - 0.06), (0, chin)]
    head = _head(look, look.vary(0.44, 0.465))
    hair = coiffure.for_man(look, head)
    return _person(look, head, rest, hair, neck=0.46, width=look.vary(0.8, 0.88))


@archetype("people", mains=("#f0c4a4",), material="skin")
def child(look: Look) -> Figure:
    """A round head with full cheeks on a slender neck."""
    cheek = look.vary(0.97, 1.03)
    rest = [(1.0, -0.1), (1.02 * cheek, 0.36), (0.9 * cheek, 0.78), (0.6, 1.12), (0.28, 1.28), (0, 1.33)]
    head = _head(look, look.vary(0.48, 0.5))
    hair = coiffure.for_child(look, head)
    return _person(look, head, rest, hair, neck=0.3, width=look.vary(0.54, 0.6), face=(0.06, 0.8, 1.1))


def _head(look: Look, w: float) -> Head:
    by_chance = look.skin
    skin = look.main if look.brief.colours and _like_skin(look.main) else by_chance
    return Head(w, -0.08, skin, look.hair_for(skin))


def _like_skin(colour: np.ndarray) -> bool:
    """Whether a brief's first colour can be meant for skin: a jacket's navy or red can't."""
    red, green, blue = map(float, colour)
    warm = red > green > blue and 0.15 <= (green - blue) / (red - blue) <= 0.75
    return warm and 0.08 < red - blue < 0.55


def _person(
    look: Look, head: Head, jaw: list[tuple[float, float]], hair: Hair, *,
    neck: float, width: float, face: tuple[float, float, float] = (-0.08, 0.88, 1.0),
) -> Figure:  # fmt: skip
    """The parts put together. `jaw` goes on from the skull's temple; `neck` is its half width in heads; `face` says
    how far below the head's middle it is, the distance between the eyes, both in heads, and the eyes' scale."""
    chin = head.cy + jaw[-1][1] * head.w
    skull = Part(mirrored(head.at(_SKULL + jaw)), head.skin, "skin", puff=0.66, lift=0.07)
    return Figure(
        body=(*hair.behind, *_bust(look, head, neck * head.w, chin, width), *_ears(head), skull),
        face=FaceSpot(0, head.cy + face[0] * head.w, head.w * face[1], hair=head.hair, human=True, eye_scale=face[2]),
        front=hair.over,
        crown=(0, head.cy - 1.28 * head.w, head.w),
        neck=(0, chin + 0.2),
    )


def _ears(head: Head) -> tuple[Part, ...]:
    x, y = head.at([(1.0, 0.12)])[0]
    ear = Part(ellipse(x, y, 0.14 * head.w, 0.27 * head.w, turn=8), colours.shade(head.skin, light=-0.02), "skin", 0.6)
    fold = stroke(head.at([(1.08, 0.0), (1.09, 0.16), (1.03, 0.26)]), [0.02 * head.w, 0.035 * head.w, 0.015 * head.w])
    return both(ear, Part(fold, colours.shade(head.skin, light=-0.12), "skin", puff=-0.3, lift=0.0))


def _bust(look: Look, head: Head, neck: float, chin: float, width: float) -> tuple[Part, ...]:
    """Neck and shoulders in a garment of the seed's choice."""
    cloth = look.one_of(*_CLOTHES)
    y = chin + 0.12  # the collar bones
    shoulders = mirrored(
        [
            (0, y + 0.04),
            (neck * 1.3, y + 0.02),
            (width * 0.62, y + 0.11),
            (width * 0.94, y + 0.24),
            (width, 1.2),
            (0, 1.3),
        ]
    )
    throat = mirrored(
        [(0, chin - 0.2), (neck, chin - 0.18), (neck * 0.96, y - 0.08), (neck * 1.45, y + 0.06), (neck * 0.8, y + 0.14),
         (0, y + 0.17)]
    )  # fmt: skip
    skin = Part(throat, colours.shade(head.skin, light=-0.035), "skin", puff=0.5, lift=0.0)
    body = Part(shoulders, cloth, "fabric", puff=0.5, pattern=_weave(look, cloth))
    return (body, skin, *_collar(look, cloth, neck, y))


def _weave(look: Look, cloth: np.ndarray) -> Pattern | None:
    """Plain for most, stripes for some."""
    if not look.chance(0.25):
        return None
    return Pattern("stripes", colours.mix(cloth, np.ones(3), 0.45), scale=look.vary(0.07, 0.11))


def _collar(look: Look, cloth: np.ndarray, neck: float, y: float) -> tuple[Part, ...]:
    """A round neck, a shirt's collar, a hood or a roll neck."""
    kind = int(look.rng.integers(4))
    trim = colours.shade(cloth, light=0.1)
    if kind == 0:
        band = stroke([(-neck * 1.45, y), (-neck * 0.95, y + 0.12), (0, y + 0.175), (neck * 0.95, y + 0.12),
            (neck * 1.45, y)], 0.032)  # fmt: skip
        return (Part(band, trim, "fabric", lift=0.015),)
    if kind == 1:
        white = colours.mix(cloth, np.array([0.97, 0.96, 0.93]), 0.85)
        flap = curve([(neck * 1.1, y - 0.1), (neck * 1.6, y + 0.02), (neck * 1.25, y + 0.2), (0.1, y + 0.22),
            (0.01, y + 0.15), (neck * 0.8, y + 0.05)])  # fmt: skip
        return both(Part(flap, white, "fabric", puff=0.4, lift=0.02))
    if kind == 2:
        hood = stroke([(neck * 1.75, y - 0.04), (neck * 1.3, y + 0.1), (0.02, y + 0.22)], [0.07, 0.075, 0.045])
        cord = stroke([(0.07, y + 0.2), (0.08, y + 0.34)], 0.016)
        return both(
            Part(hood, trim, "fabric", lift=0.03), Part(cord, np.array([0.93, 0.91, 0.86]), "fabric", lift=0.01)
        )
    roll = mirrored(
        [
            (0, y - 0.07),
            (neck * 1.06, y - 0.09),
            (neck * 1.24, y),
            (neck * 1.6, y + 0.1),
            (neck * 0.9, y + 0.19),
            (0, y + 0.21),
        ]
    )
    return (Part(roll, trim, "wool", puff=0.5, lift=0.02),)
