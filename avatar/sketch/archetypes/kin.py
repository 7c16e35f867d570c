"""Kin: the ears, marks, horns and spines of the relatives of bear and dog, chosen by the concept's own word."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import Look, Part
from personify.avatar.sketch.shapes import curve, ellipse, leaf, shaggy, stroke

_DARK = np.array([0.17, 0.14, 0.14])
_PINK = np.array([0.88, 0.55, 0.56])
_HORN = np.array([0.9, 0.85, 0.72])


@dataclass(frozen=True)
class Kin:
    """The parts in which one kind of bear-like animal differs from another; `body` colours the shoulders."""

    body: np.ndarray
    ears: tuple[Part, ...]
    muzzle: np.ndarray | None = None
    nose: np.ndarray | None = None
    behind: tuple[Part, ...] = ()
    marks: tuple[Part, ...] = ()
    front: tuple[Part, ...] = ()
    whiskers: bool = False


def kind_of_bear(look: Look) -> Kin:
    """The concept's kind: mouse, hamster, pig, panda, koala, hedgehog, monkey, elephant, or a plain bear."""
    build = next((make for names, make in _KINDS if called(look, *names)), _plain)
    return build(look)


def _own(look: Look, otherwise: np.ndarray) -> np.ndarray:
    """The brief's second colour, where it has one."""
    return look.second if len(look.brief.colours) > 1 else otherwise


def _plain(look: Look) -> Kin:
    inner = colours.mix(look.main, look.second, 0.6)
    return Kin(look.main, _ears(look, 0.54, -0.56, look.vary(0.19, 0.23), look.main, inner), None, _DARK)


def _mouse(look: Look) -> Kin:
    ears = _ears(look, 0.62, -0.54, 0.35, look.main, colours.mix(look.main, _PINK, 0.75))
    return Kin(look.main, ears, None, _PINK, whiskers=True)


def _hamster(look: Look) -> Kin:
    """Small ears and full, pale cheeks."""
    white = _own(look, colours.mix(look.main, np.ones(3), 0.75))
    fluff = colours.mix(look.main, white, 0.6)
    cheeks = both(Part(ellipse(0.49, 0.26, 0.25, 0.24), fluff, look.material, puff=0.35, lift=0.0))
    ears = _ears(look, 0.52, -0.58, 0.15, look.main, colours.mix(look.main, _PINK, 0.7))
    return Kin(look.main, ears, white, _PINK, marks=cheeks, whiskers=True)


def _pig(look: Look) -> Kin:
    snout = colours.mix(look.main, _PINK, 0.6)
    return Kin(look.main, _pig_ears(look), colours.mix(look.main, _PINK, 0.35), colours.shade(snout, light=-0.06))


def _koala(look: Look) -> Kin:
    ears = _ears(look, 0.7, -0.4, 0.28, look.main, colours.mix(look.main, np.ones(3), 0.7), tufts=True)
    return Kin(look.main, ears, None, _DARK)


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


def _pig_ears(look: Look) -> tuple[Part, ...]:
    flap = curve([(0.26, -0.62), (0.46, -0.9), (0.74, -0.9), (0.8, -0.62), (0.72, -0.36), (0.5, -0.46)])
    inner = curve([(0.42, -0.62), (0.54, -0.8), (0.7, -0.8), (0.72, -0.62), (0.66, -0.46), (0.52, -0.52)])
    return both(Part(flap, look.main, look.material, puff=0.6),
        Part(inner, colours.mix(look.main, _PINK, 0.8), "felt", puff=-0.2, lift=0.0))  # fmt: skip


def _panda(look: Look) -> Kin:
    """Dark ears, shoulders and patches about the eyes."""
    dark = _own(look, _DARK)
    patch = both(Part(ellipse(0.25, -0.12, 0.17, 0.145, turn=28), colours.mix(dark, look.main, 0.2), look.material,
        puff=0.05, lift=0.0))  # fmt: skip
    return Kin(dark, _ears(look, 0.58, -0.56, 0.21, dark, dark * 1.3), look.main, _DARK, marks=patch)


def _hedgehog(look: Look) -> Kin:
    """A coat of spines around a paler face."""
    own = _own(look, colours.mix(look.main, np.array([0.95, 0.88, 0.76]), 0.6))
    spines: list[Part] = []
    for r, count, light in ((0.7, 22, -0.06), (0.58, 19, 0.03)):
        for k in range(count):
            turn = -128 + 256 * (k + look.vary(0.2, 0.8)) / count
            a = np.radians(turn)
            foot = (float(np.sin(a)) * r * 0.98, -0.04 - float(np.cos(a)) * r * 0.86)
            spines.append(Part(leaf(*foot, 0.28, 0.055, turn=turn), colours.shade(look.main, light=light - 0.04),
                "hair", puff=0.6, lift=0.02))  # fmt: skip
    face = ellipse(0, 0.05, 0.56, 0.56)
    mark = Part(face, own, look.material, puff=0.3, lift=0.02)
    ears = _ears(look, 0.5, -0.46, 0.13, own, colours.mix(own, _PINK, 0.6))
    return Kin(look.main, (), own, _DARK, behind=tuple(spines), marks=(*ears, mark))


def _monkey(look: Look) -> Kin:
    """Ears at the sides and a bare, paler face."""
    bare = _own(look, colours.mix(look.main, np.array([0.95, 0.8, 0.66]), 0.72))
    face = curve([(0, -0.42), (0.26, -0.52), (0.5, -0.36), (0.53, -0.06), (0.58, 0.26), (0.4, 0.54), (0, 0.6),
        (-0.4, 0.54), (-0.58, 0.26), (-0.53, -0.06), (-0.5, -0.36), (-0.26, -0.52)])  # fmt: skip
    tuft = tuple(Part(leaf(x, -0.58, 0.24, 0.06, turn=40 * x / 0.08 * 0.5), look.main, look.material, lift=0.02)
        for x in (-0.08, 0.08, 0.0))  # fmt: skip
    return Kin(look.main, _ears(look, 0.76, -0.06, 0.2, look.main, bare), bare, colours.shade(bare, light=-0.12),
        marks=(Part(face, bare, "skin", puff=0.25, lift=0.01),), front=tuft)  # fmt: skip


def _elephant(look: Look) -> Kin:
    """Wide ears and two small tusks beside the chin."""
    ear = [(0.46, -0.5), (0.72, -0.66), (0.96, -0.46), (0.97, 0.0), (0.86, 0.36), (0.6, 0.4), (0.5, 0.1)]
    inner = [(0.56 + (x - 0.5) * 0.72, -0.08 + (y + 0.1) * 0.78) for x, y in ear]
    ears = both(Part(curve(ear), look.main, look.material, puff=0.4),
        Part(curve(inner), colours.mix(look.main, _PINK, 0.4),
        "felt", puff=0.1, lift=0.0))  # fmt: skip
    tusk = both(Part(stroke([(0.3, 0.42), (0.37, 0.6), (0.34, 0.76)], [0.06, 0.05, 0.012]),
        np.array([0.96, 0.93, 0.84]), "porcelain", lift=0.04))  # fmt: skip
    return Kin(look.main, ears, look.main, look.main, front=tusk)


def hoofed_ears(look: Look, w: float, cy: float) -> tuple[Part, ...]:
    """Leaf-shaped ears that stand out to the sides."""
    up = called(look, "horse", "pony", "donkey", "zebra", "llama")
    x, y, turn, length = (w * 0.6, cy - 0.42, 20.0, 0.42) if up else (w * 0.8, cy - 0.3, 76.0, 0.42)
    inner = colours.mix(look.main, _PINK, 0.6)
    return both(Part(leaf(x, y, length, 0.13, turn=turn), look.main, look.material, puff=0.5),
        Part(leaf(x, y - 0.02, length * 0.84, 0.07, turn=turn), inner, "felt", puff=-0.2, lift=0.0))  # fmt: skip


def antlers_or_horns(look: Look, w: float, cy: float) -> tuple[Part, ...]:
    """What grows on the forehead: antlers, horns, stubs with knobs, or a forelock."""
    top = cy - 0.54
    if called(look, "deer", "stag", "moose", "reindeer"):
        horn = np.array([0.5, 0.36, 0.24])
        beams = [([(0.2, top), (0.36, top - 0.14), (0.5, top - 0.32)], (0.045, 0.036, 0.016)),
            ([(0.33, top - 0.1), (0.46, top - 0.14), (0.58, top - 0.22)], (0.03, 0.026, 0.012)),
            ([(0.4, top - 0.18), (0.37, top - 0.28), (0.38, top - 0.34)], (0.028, 0.022, 0.012))]  # fmt: skip
        return both(*(Part(stroke(line, widths), horn, "bark", lift=0.02) for line, widths in beams))
    if called(look, "giraffe"):
        return both(Part(stroke([(0.2, top + 0.04), (0.25, top - 0.2)], 0.045), look.main, look.material, lift=0.02),
            Part(ellipse(0.255, top - 0.23, 0.075, 0.07), colours.shade(look.main, light=-0.25), "fur", lift=0.02),
        )  # fmt: skip
    if called(look, "cow", "bull", "goat"):
        reach = 0.34 if called(look, "goat") else 0.2
        line = [(0.3, top + 0.06), (0.46, top - reach * 0.5), (0.44, top - reach)]
        return (
            *both(Part(stroke(line, [0.08, 0.06, 0.014]), _HORN, "porcelain", lift=0.02)),
            *_forelock(look, top, 0.1),
        )
    return _forelock(look, top, 0.24)


def _forelock(look: Look, top: float, reach: float) -> tuple[Part, ...]:
    """Hair that falls between the ears."""
    hair = _own(look, colours.shade(look.main, light=-0.2))
    return tuple(
        Part(leaf(x, top - 0.06, reach * look.vary(0.8, 1.1) + 0.04, 0.06, turn=180 - x * 160), hair, "hair", lift=0.02)
        for x in (-0.12, 0.12, -0.05, 0.06)
    )


_KINDS: tuple[tuple[tuple[str, ...], Callable[[Look], Kin]], ...] = (
    (("mouse", "mice", "rat"), _mouse),
    (("hamster", "guinea pig", "chipmunk"), _hamster),
    (("pig", "piglet", "boar", "hippo", "hippopotamus"), _pig),
    (("panda",), _panda),
    (("koala",), _koala),
    (("hedgehog", "porcupine"), _hedgehog),
    (("monkey", "ape", "gorilla", "chimpanzee", "orangutan"), _monkey),
    (("elephant", "mammoth"), _elephant),
)
