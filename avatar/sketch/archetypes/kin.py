"""Kin: the ears, marks and whiskers of a bear's relatives, chosen by the concept's own word."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import Look, Part
from personify.avatar.sketch.shapes import ellipse, mirrored, shaggy, stroke

_DARK = np.array([0.17, 0.14, 0.14])


@dataclass(frozen=True)
class Kin:
    """The parts in which one kind of bear-like animal differs from another; `body` colours the shoulders."""

    body: np.ndarray
    ears: tuple[Part, ...]
    muzzle: np.ndarray | None = None
    marks: tuple[Part, ...] = ()
    whiskers: bool = False


def kind_of_bear(look: Look) -> Kin:
    """The concept's kind: panda, koala, sloth, otter, or a plain bear."""
    build = next((make for names, make in _KINDS if called(look, *names)), _plain)
    return build(look)


def _plain(look: Look) -> Kin:
    inner = colours.mix(look.main, look.second, 0.6)
    return Kin(look.main, _ears(look, 0.54, -0.56, look.vary(0.19, 0.23), look.main, inner))


def _koala(look: Look) -> Kin:
    inner = colours.mix(look.main, np.ones(3), 0.7)
    return Kin(look.main, _ears(look, 0.7, -0.4, 0.28, look.main, inner, tufts=True))


def _panda(look: Look) -> Kin:
    """Dark ears, shoulders and patches about the eyes."""
    dark = look.second if len(look.brief.colours) > 1 else _DARK
    patch = both(Part(ellipse(0.25, -0.12, 0.17, 0.145, turn=28), colours.mix(dark, look.main, 0.2), look.material,
        puff=0.05, lift=0.0))  # fmt: skip
    return Kin(dark, _ears(look, 0.58, -0.56, 0.21, dark, dark * 1.3), look.main, marks=patch)


def _sloth(look: Look) -> Kin:
    """A pale face with a dark streak from each eye, hardly any ears."""
    pale = colours.mix(look.main, np.array([0.97, 0.9, 0.76]), 0.65)
    face = mirrored([(0, -0.46), (0.3, -0.48), (0.52, -0.28), (0.56, 0.06), (0.46, 0.4), (0.2, 0.56), (0, 0.58)])
    streak = stroke([(0.13, -0.16), (0.28, -0.12), (0.42, -0.04), (0.56, 0.1)], [0.07, 0.11, 0.1, 0.03])
    dark = colours.mix(look.main, _DARK, 0.5)
    marks = (Part(shaggy(face, 40, 0.03, look.rng), pale, look.material, puff=0.15, lift=0.0),
        *both(Part(streak, dark, look.material, puff=0.03, lift=0.0)))  # fmt: skip
    return Kin(look.main, (), pale, marks=marks)


def _otter(look: Look) -> Kin:
    """Small low ears, pale cheeks and throat, whiskers."""
    pale = colours.mix(look.main, np.array([0.97, 0.92, 0.82]), 0.6)
    cheeks = mirrored([(0, 0.08), (0.2, 0.12), (0.5, 0.12), (0.62, 0.26), (0.48, 0.5), (0.24, 0.61), (0, 0.63)])
    ears = _ears(look, 0.62, -0.4, 0.12, look.main, look.main * 0.7)
    mark = Part(shaggy(cheeks, 30, 0.02, look.rng), pale, look.material, puff=0.1, lift=0.0)
    return Kin(look.main, ears, pale, marks=(mark,), whiskers=True)


def _ears(
    look: Look, x: float, y: float, r: float, outer: np.ndarray, inner: np.ndarray, tufts: bool = False
) -> tuple[Part, ...]:
    rim = ellipse(x, y, r, r)
    hollow = ellipse(x - 0.02, y + 0.03, r * 0.66, r * 0.68)
    if tufts:
        rim, hollow = shaggy(rim, 18, 0.07, look.rng), shaggy(hollow, 12, 0.07, look.rng)
    return both(
        Part(rim, outer, look.material, puff=0.6), Part(hollow, inner, "felt", puff=-0.3, lift=0.0)
    )  # fmt: skip


_KINDS: tuple[tuple[tuple[str, ...], Callable[[Look], Kin]], ...] = (
    (("panda",), _panda),
    (("koala",), _koala),
    (("sloth",), _sloth),
    (("otter",), _otter),
)
