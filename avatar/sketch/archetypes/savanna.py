"""Animals of warm countries: elephant, lion, monkey."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.animals import chest, combed, pale, whiskers
from personify.avatar.sketch.archetypes.fauna import PINK, WHITE, ring_of_locks, round_ears, run_on, tufted_tail
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, leaf, mirrored, shaggy, stroke

_IVORY = np.array([0.96, 0.92, 0.82])


@archetype(
    "animals",
    mains=("#8f97a3", "#a3a0a8", "#7f8a96", "#9a8f8a", "#a8b0bc", "#8a8f9f"),
    seconds=("#d9a0a0", "#c98f9a", "#d9b0a5"),
    material="clay",
)
def elephant(look: Look) -> Figure:
    """Ears like sails, a brow broad as a wall that runs down into a curling trunk, tusks on either side of it."""
    w, cy = look.vary(0.52, 0.56), -0.22
    s = 1 if look.chance(0.5) else -1
    inner = look.second if len(look.brief.colours) > 1 else colours.mix(look.main, look.second, 0.6)
    half = [(0, -0.83), (0.12, -0.87), (0.3, -0.86), (w * 0.86, -0.66), (w, -0.32), (w * 0.92, 0.0), (w * 0.78, 0.24),
        (w * 0.54, 0.4), (0.205, 0.5)]  # fmt: skip
    head = run_on(half, _trunk(look, s), [0.205, 0.19, 0.165, 0.14, 0.115, 0.1])
    tusk = both(Part(stroke([(0.3, 0.37), (0.36, 0.5), (0.45, 0.56), (0.54, 0.5)], [0.055, 0.055, 0.042, 0.012]),
        _IVORY, "porcelain", puff=0.9, lift=0.03))  # fmt: skip
    return Figure(
        body=(*_sails(look, w, inner), *_bulk(look), Part(head, look.main, look.material, puff=0.62, lift=0.08),
            *_folds(look, s)),
        face=FaceSpot(0, cy - 0.06, look.vary(0.36, 0.375), squeeze=0.95, hair=look.main * 0.45),
        front=(*_wisps(look), *(() if look.brief.age == "child" else tusk)),
        crown=(0, -0.78, w * 0.7),
        neck=(0, 0.56),
    )  # fmt: skip


def _wisps(look: Look) -> tuple[Part, ...]:
    """A few hairs on the top of the head."""
    return tuple(
        Part(stroke([(x * 0.5, -0.8), (x * 0.8, -0.88), (x * 1.6, -0.95 + abs(x) * 0.3)], [0.014, 0.011, 0.003]),
            look.main * 0.45, "hair", puff=0.5, lift=0.01)
        for x in (-0.09, -0.02, 0.06)
    )  # fmt: skip


def _trunk(look: Look, s: int) -> list[tuple[float, float]]:
    """The trunk's middle line from below the chin, curling up at one side."""
    up, out = look.vary(0.2, 0.46), look.vary(0.62, 0.72)
    return [(0, 0.48), (0, 0.66), (s * 0.12, 0.8), (s * 0.36, 0.85), (s * (out - 0.06), 0.74), (s * out, up)]


def _folds(look: Look, s: int) -> tuple[Part, ...]:
    """Creases across the trunk, and the nostrils at its end."""
    dark = colours.shade(look.main, light=-0.13)
    lines = [(-0.15, 0.58, 0.15, 0.58), (-0.15, 0.68, 0.16, 0.645)] if s > 0 else [
        (-0.15, 0.58, 0.15, 0.58), (-0.16, 0.645, 0.15, 0.68)]  # fmt: skip
    lines += [(s * 0.0, 0.86, s * 0.16, 0.69), (s * 0.18, 0.94, s * 0.23, 0.73), (s * 0.39, 0.93, s * 0.34, 0.76)]
    return tuple(
        Part(stroke([(a, b), ((a + c) / 2, (b + d) / 2 + 0.03), (c, d)], [0.004, 0.011, 0.004]), dark, look.material,
            puff=-0.4, lift=0.0)
        for a, b, c, d in lines
    )  # fmt: skip


def _sails(look: Look, w: float, inner: np.ndarray) -> tuple[Part, ...]:
    """The ears: broad above, drawn to a point below, paler inside."""
    out, low = look.vary(0.9, 0.97), look.vary(0.3, 0.44)
    rim = curve([(w * 0.6, -0.62), (w + 0.12, -0.82), (out - 0.06, -0.76), (out, -0.42), (out - 0.03, 0.0),
        (out - 0.18, low), (w + 0.06, low - 0.02), (w * 0.6, 0.06)])  # fmt: skip
    hollow = (rim - rim.mean(0)) * 0.76 + rim.mean(0) + (0.01, 0.0)
    return both(Part(rim, look.main, look.material, puff=0.3, lift=0.06),
        Part(hollow, inner, "felt", puff=-0.15, lift=0.0))  # fmt: skip


def _bulk(look: Look) -> tuple[Part, ...]:
    """The body and two pillars of legs with toenails."""
    trunk = mirrored([(0, 0.2), (0.46, 0.32), (0.7, 0.6), (0.72, 1.0), (0.66, 1.25), (0, 1.3)])
    dark = colours.shade(look.main, light=-0.07)
    legs = both(Part(stroke([(0.46, 0.66), (0.48, 0.92)], [0.17, 0.19]), dark, look.material, puff=0.5, lift=0.03))
    nails = both(*(Part(ellipse(0.48 + x, 0.965, 0.045, 0.042), _IVORY, "porcelain", puff=0.7, lift=0.01)
        for x in (-0.11, 0.0, 0.11)))  # fmt: skip
    return (Part(trunk, dark, look.material, puff=0.6), *legs, *nails)


@archetype(
    "animals",
    mains=("#d9a44f", "#e0b060", "#c99045", "#d9b070", "#e2bd7a"),
    seconds=("#8a4a1f", "#7a3f1f", "#a55a24", "#5f3520"),
    material="coat",
)
def lion(look: Look) -> Figure:
    """A face in a great mane of two rings of locks, round ears, a pale beard, a tail with a tuft; a lioness without."""
    look = combed(look)
    bare = called(look, "lioness", "cub")
    w, cy = look.vary(0.58, 0.62), -0.1
    dark = look.second
    spot = FaceSpot(0, cy - 0.06, look.vary(0.355, 0.375), muzzle=pale(look, 0.7), nose=PINK * 0.75,
        hair=dark * 0.6)  # fmt: skip
    head = mirrored([(0, cy - 0.56), (w * 0.5, cy - 0.5), (w * 0.9, cy - 0.26), (w, cy + 0.1), (w * 0.84, cy + 0.42),
        (w * 0.46, cy + 0.62), (0, cy + 0.67)])  # fmt: skip
    mane = () if bare else (
        Part(ellipse(0, cy + 0.02, 0.74, 0.7), colours.shade(dark, light=-0.03), "hair", puff=0.4),
        *ring_of_locks(look, 0, cy + 0.04, 0.6, 0.58, 26, 0.34, dark),
        *ring_of_locks(look, 0, cy + 0.04, 0.5, 0.5, 20, 0.3, colours.mix(dark, look.main, 0.35)),
    )  # fmt: skip
    forelock = tuple(Part(leaf(x, cy - 0.5, 0.24 - abs(x), 0.07, turn=180 + x * -200, bend=-x * 0.4),
        colours.mix(dark, look.main, 0.35), "hair", puff=0.5, lift=0.02) for x in (-0.1, 0.1, 0.0))  # fmt: skip
    dots = both(*(Part(ellipse(x, spot.cy + y, 0.013, 0.012), dark * 0.7, "felt", puff=0.2, lift=0.0)
        for x, y in ((0.3, 0.26), (0.36, 0.31), (0.3, 0.34))))  # fmt: skip
    ears = round_ears(look, w * 0.82, cy - 0.5, 0.155, look.main, colours.mix(look.main, PINK, 0.5))
    return Figure(
        body=(*tufted_tail(look, 1 if look.chance(0.5) else -1, dark), *chest(look, look.main, pale(look), 0.58),
            *mane, *ears, Part(head, look.main, look.material, puff=0.75, lift=0.07), *dots),
        face=spot,
        front=(*(() if bare else forelock), *whiskers(spot, 0.34, WHITE)),
        crown=(0, cy - 0.5, w * 0.7),
        neck=(0, 0.66),
    )  # fmt: skip


@archetype(
    "animals",
    mains=("#7a4f30", "#8a5f3a", "#5f4030", "#a5703f", "#6a4a3a", "#9a6a45"),
    seconds=("#e8c49a", "#f0d0a8", "#d9b08a", "#e5bd95"),
    material="coat",
)
def monkey(look: Look) -> Figure:
    """A heart-shaped bare face, ears that stand out at the height of the eyes, a curling tail, perhaps a banana."""
    look = combed(look)
    w, cy = look.vary(0.58, 0.62), -0.12
    face = look.second if colours.luminance(look.second) > 0.3 else colours.mix(look.second, WHITE, 0.5)
    inner = colours.mix(face, PINK, 0.4)
    head = mirrored([(0, cy - 0.62), (w * 0.55, cy - 0.55), (w * 0.94, cy - 0.26), (w, cy + 0.08),
        (w * 0.88, cy + 0.42), (w * 0.5, cy + 0.64), (0, cy + 0.68)])  # fmt: skip
    heart = mirrored([(0, cy - 0.3), (0.12, cy - 0.4), (0.3, cy - 0.43), (0.45, cy - 0.3), (0.46, cy - 0.06),
        (0.42, cy + 0.12), (0.5, cy + 0.32), (0.38, cy + 0.54), (0.18, cy + 0.62), (0, cy + 0.64)])  # fmt: skip
    tuft = tuple(Part(leaf(x, cy - 0.56, look.vary(0.2, 0.27), 0.06, turn=t, bend=t * 0.003), look.main, look.material,
        puff=0.5, lift=0.02) for x, t in ((-0.08, -34), (0.08, 30), (0.0, -4)))  # fmt: skip
    s = 1 if look.chance(0.5) else -1
    tail = Part(stroke([(s * 0.4, 1.0), (s * 0.78, 0.96), (s * 0.9, 0.68), (s * 0.76, 0.46), (s * 0.62, 0.56),
        (s * 0.7, 0.68)], [0.065, 0.065, 0.06, 0.055, 0.05, 0.04]), look.main, look.material)  # fmt: skip
    return Figure(
        body=(tail, *chest(look, look.main, face, 0.54),
            *round_ears(look, w + 0.1, cy - 0.04, look.vary(0.22, 0.25), look.main, inner), *tuft,
            Part(shaggy(head, 60, 0.02, look.rng), look.main, look.material, puff=0.72, lift=0.07),
            Part(heart, face, "skin", puff=0.3, lift=0.015)),
        face=FaceSpot(0, cy - 0.06, look.vary(0.355, 0.375), hair=look.main * 0.6),
        front=_banana(-s) if look.chance(0.55) else (),
        crown=(0, cy - 0.56, w * 0.7),
        neck=(0, 0.64),
    )  # fmt: skip


def _banana(s: int) -> tuple[Part, ...]:
    """A half-peeled banana in a fist, beside the chest."""
    yellow, x = np.array([0.95, 0.78, 0.22]), s * 0.72
    peel = tuple(Part(leaf(x, 0.62, 0.26, 0.075, turn=180 - s * t, bend=s * 0.04), yellow * shade, "peel", puff=0.4,
        lift=0.03) for t, shade in ((74, 0.95), (-66, 0.95), (8, 1.0)))  # fmt: skip
    return (
        Part(stroke([(x, 0.64), (x + s * 0.02, 0.46), (x + s * 0.06, 0.34)], [0.07, 0.07, 0.04]),
            np.array([0.98, 0.93, 0.75]), "felt", puff=0.8),
        Part(stroke([(x, 0.62), (x - s * 0.02, 0.8), (x - s * 0.1, 0.95)], [0.075, 0.08, 0.04]), yellow, "peel",
            puff=0.8),
        *peel,
    )  # fmt: skip
