"""Hairwork: moustaches, beards and goatees, grown on any face and cut so that the lips stay free."""

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.sketch import colours
from personify.avatar.sketch.face import Face
from personify.avatar.sketch.figure import Look, Part
from personify.avatar.sketch.shapes import curve, flip


def facial_hair(brief: AppearanceBrief, face: Face, look: Look) -> tuple[Part, ...]:
    """The parts of what the brief's features name of beard, goatee and moustache, back to front."""
    words = {word for feature in brief.features for word in feature.lower().replace("-", " ").split()}
    words |= {word[:-1] for word in words if word.endswith("s")}
    if not words & {"moustache", "mustache", "beard", "goatee"}:
        return ()
    colour = _colour(face, look)
    parts: tuple[Part, ...] = ()
    if "beard" in words:
        parts += _beard(face, colour)
    elif "goatee" in words:
        parts += _goatee(face, colour)
    if words & {"moustache", "mustache", "beard"}:
        parts += _moustache(
            face, colours.shade(colour, light=0.03 if "beard" in words else 0.0), big="beard" not in words
        )
    return parts


def _colour(face: Face, look: Look) -> np.ndarray:
    """The hair's own colour; on things a darker or, with age, a white one that stands out from them."""
    hair = face.spot.hair
    if hair is not None:
        return hair
    if look.brief.age == "elderly":
        return np.array([0.93, 0.92, 0.9]) if colours.luminance(look.main) < 0.7 else np.array([0.62, 0.6, 0.58])
    dark = colours.within(look.main * 0.34, 0.05, 0.22)
    return dark if colours.luminance(look.main) > 0.3 else np.array([0.86, 0.8, 0.72])


def _mouth_hole(face: Face) -> np.ndarray:
    """A little more than the lips, face units: hair never grows into it."""
    upper, lower = face.contours["lips_outer_upper"], face.contours["lips_outer_lower"]
    lips = np.concatenate([upper, lower[::-1][1:-1]])
    middle = lips.mean(0)
    away = lips - middle
    return lips + away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9) * 0.05


def _beard(face: Face, colour: np.ndarray) -> tuple[Part, ...]:
    """From the sideburns around the jaw; on things, which have no ears to grow it from, it begins on the cheeks."""
    jaw = face.traits.jaw
    hole = _mouth_hole(face)
    corner, top = float(hole[:, 0].max()), float(hole[:, 1].min()) - 0.02
    sideburn = [(1.05 * jaw, 0.16), (1.13 * jaw, 0.12)] if face.spot.human else [(0.98 * jaw, 0.62), (1.04 * jaw, 0.66)]
    right = [
        (0.0, top - 0.01), (corner * 0.62, top), (corner + 0.1, 0.85), (corner + 0.28, 0.86), (0.9 * jaw, 0.74),
        *sideburn, (1.13 * jaw, 0.88), (1.0 * jaw, 1.26), (0.72, 1.62), (0.34, 1.84), (0.0, 1.92),
    ]  # fmt: skip
    left = [(-x, y) for x, y in reversed(right) if x > 1e-6]
    outline = curve([*right, *left], n=8)
    return (Part(face.to_picture(outline), colour, "hair", puff=0.35, lift=0.03, holes=(face.to_picture(hole),)),)


def _goatee(face: Face, colour: np.ndarray) -> tuple[Part, ...]:
    top = float(_mouth_hole(face)[:, 1].max()) + 0.02
    right = [(0.0, top), (0.16, top + 0.02), (0.3, 1.42), (0.2, 1.72), (0.0, 1.9)]
    left = [(-x, y) for x, y in reversed(right) if x > 1e-6]
    return (Part(face.to_picture(curve([*right, *left], n=8)), colour, "hair", puff=0.5, lift=0.03),)


def _moustache(face: Face, colour: np.ndarray, *, big: bool) -> tuple[Part, ...]:
    """Two locks between nose and upper lip whose lower edges follow the lip."""
    nose = float(face.contours["nose_base"][:, 1].max())
    lip = face.contours["lips_outer_upper"]
    x = lip[:, 0]
    half = float(x.max())
    order = np.argsort(x)

    def above(at: float) -> float:
        return float(np.interp(at, x[order], lip[order, 1])) - 0.025

    middle = min(nose + 0.03, above(0) - 0.07)
    reach = max(half * 1.28, 0.5) if big else half * 1.12
    tip = above(half) + (-0.06 if big else 0.1)
    lock = [
        (0.0, middle + 0.01), (0.16, middle - 0.015), (half * 0.7, middle + 0.06), (reach * 0.95, tip - 0.05),
        (reach, tip), (half * 1.02, above(half) - 0.005), (half * 0.6, above(half * 0.6)),
        (half * 0.25, above(half * 0.25)), (0.0, above(0)),
    ]  # fmt: skip
    outline = curve(lock, n=8)
    # Catmull-Rom may swing below its points: the lips stay free whatever the curve does.
    inside = abs(outline[:, 0]) < half
    outline[inside, 1] = np.minimum(outline[inside, 1], np.interp(outline[inside, 0], x[order], lip[order, 1]) - 0.02)
    sides = (outline, flip(outline))
    return tuple(Part(face.to_picture(side), colour, "hair", puff=0.7, lift=0.025) for side in sides)
