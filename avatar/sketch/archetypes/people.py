"""People: woman, man, child; heads and shoulders with hair."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import ellipse, mirrored, stroke

_CLOTHES = ("#3b5a7a", "#8a3d4f", "#4f7a57", "#c98b3a", "#5b4a7d", "#2f3e4e", "#b5544a", "#d8c7a8", "#407f86")


def _head(w: float, jaw: float) -> np.ndarray:
    return mirrored(
        [(0, -0.62), (w * 0.62, -0.54), (w, -0.2), (w * 0.97, 0.12), (w * 0.8 * jaw, 0.42), (w * 0.36, 0.63), (0, 0.68)]
    )


def _bust(look: Look, skin: np.ndarray, width: float) -> tuple[Part, ...]:
    cloth = look.one_of(*_CLOTHES)
    collar = colours.shade(cloth, light=0.12)
    shoulders = mirrored([(0, 0.72), (0.2, 0.74), (width * 0.7, 0.84), (width, 1.05), (width, 1.2), (0, 1.25)])
    neck = mirrored([(0, 0.4), (0.21, 0.42), (0.2, 0.7), (0.3, 0.84), (0, 0.95)])
    return (
        Part(shoulders, cloth, "fabric", puff=0.5),
        Part(neck, colours.shade(skin, light=-0.03), "skin", puff=0.7, lift=0.02),
        Part(stroke([(-0.3, 0.76), (-0.12, 0.92), (0, 0.99)], 0.05), collar, "fabric", lift=0.02),
        Part(stroke([(0.3, 0.76), (0.12, 0.92), (0, 0.99)], 0.05), collar, "fabric", lift=0.02),
    )


def _ears(skin: np.ndarray, w: float) -> tuple[Part, ...]:
    ear = Part(ellipse(w, 0.06, 0.075, 0.13, turn=-8), colours.shade(skin, light=-0.02), "skin", puff=0.6)
    return ear, ear.mirrored()


def _spot(look: Look, w: float, hair: np.ndarray) -> FaceSpot:
    return FaceSpot(0, -0.04, w * 0.88, hair=hair, human=True, eye_scale=1.0)


@archetype("people", mains=("#f3cdb0",), material="skin")
def woman(look: Look) -> Figure:
    """Long or bound hair, a soft jaw."""
    skin, w = look.skin, look.vary(0.455, 0.49)
    hair = look.hair_for(skin)
    long = look.vary(0.45, 0.95)
    back = mirrored(
        [(0, -0.84), (w * 0.6, -0.78), (w + 0.1, -0.46), (w + 0.16, 0.0), (w + 0.14, 0.4), (w + 0.08, long),
         (w * 0.8, long + 0.07), (w * 0.4, long - 0.02), (0, long - 0.04)]
    )  # fmt: skip
    part_x = look.vary(-0.2, 0.2)
    fringe_r = stroke([(part_x, -0.7), (w * 0.7, -0.56), (w + 0.02, -0.2), (w + 0.06, 0.2)], [0.1, 0.13, 0.085, 0.04])
    fringe_l = stroke(
        [(part_x, -0.7), (-w * 0.7, -0.56), (-w - 0.02, -0.2), (-w - 0.06, 0.2)], [0.1, 0.13, 0.085, 0.04]
    )
    return Figure(
        body=(
            Part(back, hair, "hair", puff=0.5), *_bust(look, skin, 0.72), *_ears(skin, w),
            Part(_head(w, 0.93), skin, "skin", puff=0.72, lift=0.06),
        ),
        face=_spot(look, w, hair),
        front=(Part(fringe_l, hair, "hair", lift=0.03), Part(fringe_r, hair, "hair", lift=0.03)),
        crown=(0, -0.66, w),
        neck=(0, 0.8),
    )  # fmt: skip


@archetype("people", mains=("#e8b48f",), material="skin")
def man(look: Look) -> Figure:
    """Short hair, a wider jaw, perhaps a beard."""
    skin, w = look.skin, look.vary(0.47, 0.5)
    hair = look.hair_for(skin)
    cap = mirrored(
        [(0, -0.8), (w * 0.7, -0.74), (w + 0.05, -0.4), (w + 0.025, -0.06), (w - 0.06, -0.2), (w * 0.76, -0.4),
         (w * 0.4, -0.55), (0, -0.53)]
    )  # fmt: skip
    tuft = stroke([(-w * 0.8, -0.5), (-0.1, -0.68), (w * 0.75, -0.56)], [0.07, 0.12, 0.06])
    bald = look.brief.age == "elderly" and look.chance(0.4)
    top = () if bald else (Part(cap, hair, "hair", puff=0.6, lift=0.02), Part(tuft, hair, "hair", puff=0.6, lift=0.02))
    return Figure(
        body=(*_bust(look, skin, 0.84), *_ears(skin, w), Part(_head(w, 1.06), skin, "skin", puff=0.72, lift=0.06)),
        face=_spot(look, w, hair),
        front=top,
        crown=(0, -0.62, w),
        neck=(0, 0.82),
    )


@archetype("people", mains=("#f0c4a4",), material="skin")
def child(look: Look) -> Figure:
    """A rounder head and a mop of hair."""
    skin, w = look.skin, look.vary(0.5, 0.53)
    hair = look.hair_for(skin)
    head = mirrored(
        [(0, -0.6), (w * 0.66, -0.52), (w, -0.12), (w * 0.98, 0.2), (w * 0.75, 0.46), (w * 0.36, 0.62), (0, 0.65)]
    )
    mop = mirrored(
        [
            (0, -0.86),
            (w * 0.7, -0.78),
            (w + 0.09, -0.4),
            (w + 0.06, 0.0),
            (w - 0.02, -0.2),
            (w * 0.7, -0.42),
            (w * 0.3, -0.5),
            (0, -0.46),
        ]
    )
    return Figure(
        body=(*_bust(look, skin, 0.62), *_ears(skin, w), Part(head, skin, "skin", puff=0.75, lift=0.06)),
        face=FaceSpot(0, 0.02, w * 0.8, hair=hair, human=True, eye_scale=1.1),
        front=(Part(mop, hair, "hair", puff=0.6, lift=0.03),),
        crown=(0, -0.66, w),
        neck=(0, 0.8),
    )
