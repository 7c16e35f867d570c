"""What stands out of doors and gives shelter or light: lighthouse, tent, circus tent, igloo, toilet."""

from itertools import pairwise

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import Outline, box, curve, ellipse, mirrored, path, rounded, scalloped, stroke

_IRON = np.array([0.3, 0.31, 0.34])


@archetype("vehicles", mains=("#f2efe6", "#f4e8d4", "#e4eaee"), seconds=("#cf4036", "#3f6fa8", "#3a4048", "#3f8a7a"),
    material="clay")  # fmt: skip
def lighthouse(look: Look) -> Figure:
    """A lighthouse: a banded tower on rocks, a gallery, a lit lantern under a dome, and its beam."""
    top, low, red = -0.44, 0.84, look.second
    narrow, wide = look.vary(0.43, 0.46), look.vary(0.58, 0.62)

    def half(y: float) -> float:
        return narrow + (wide - narrow) * (y - top) / (low - top)

    def band(a: float, b: float) -> Outline:
        sag = 0.035
        xs = np.linspace(-1, 1, 24)
        upper = np.stack([xs * half(a), a + sag * (1 - xs**2)], 1)
        lower = np.stack([xs * half(b), b + sag * (1 - xs**2)], 1)
        return np.concatenate([upper, lower[::-1]])

    tower = band(top, low)
    lamp = np.array([1.0, 0.9, 0.5])
    beam = rounded([(0.12, -0.68), (0.99, -0.86), (0.99, -0.42), (0.12, -0.58)], 0.02)
    rocks = tuple(
        Part(scalloped(x, 0.9, r, r * 0.6, 7, 0.12), colours.shade(np.array([0.5, 0.48, 0.47]), light=look.vary(-0.06,
            0.06)), "stone", puff=0.8, lift=0.03)
        for x, r in ((-0.66, 0.24), (0.68, 0.26), (-0.36, 0.18), (0.34, 0.17), (0.0, 0.18))
    )  # fmt: skip
    return Figure(
        body=(
            *both(Part(beam, np.array([1.0, 0.95, 0.72]), "cloud", puff=0.05, lift=0.0)),
            Part(box(0, -0.63, 0.21, 0.16, 0.03), lamp, "glass", puff=0.6),
            Part(ellipse(0, -0.63, 0.1, 0.11), np.array([1.0, 0.98, 0.85]), "porcelain", puff=1.0, lift=0.0),
            *(Part(box(x, -0.63, 0.014, 0.16, 0.005), _IRON, "metal", puff=0.6, lift=0.01) for x in (-0.2, -0.1, 0.1,
                0.2)),
            Part(mirrored([(0, -0.96), (0.05, -0.93), (0.18, -0.87), (0.28, -0.77), (0, -0.76)]), red, "clay",
                puff=0.8, lift=0.03),
            Part(ellipse(0, -0.95, 0.035, 0.035), _IRON, "metal", puff=1.0),
            *rocks[:2], Part(tower, look.main, look.material, puff=0.55, lift=0.04),
            Part(band(-0.42, -0.27), red, look.material, puff=0.2, lift=0.0),
            Part(band(0.46, 0.66), red, look.material, puff=0.2, lift=0.0),
            Part(box(0, -0.46, narrow + 0.12, 0.045, 0.03), _IRON, "metal", puff=0.7, lift=0.05),
            *(Part(box(x, -0.54, 0.01, 0.05, 0.004), _IRON, "metal", lift=0.01)
                for x in np.linspace(-narrow - 0.08, narrow + 0.08, 11)),
            Part(box(0, -0.59, narrow + 0.1, 0.013, 0.01), _IRON, "metal", puff=0.8, lift=0.01),
            *rocks[2:],
            *(Part(ellipse(x, 0.97, 0.2, 0.05), np.array([0.75, 0.88, 0.94]), "cloud", puff=0.6, lift=0.03)
                for x in (-0.7, -0.3, 0.12, 0.52, 0.84)),
        ),
        face=FaceSpot(0, -0.0, look.vary(0.345, 0.36), squeeze=0.93),
        crown=(0, -0.9, 0.26),
        neck=(0, 0.5),
    )  # fmt: skip


@archetype("household", mains=("#d9803f", "#4f8f6a", "#3f86b5", "#e0b04a", "#c9564a", "#8a9a5a"),
    seconds=("#f4ead4", "#e0c080", "#8a5a35"), material="canvas")  # fmt: skip
def tent(look: Look) -> Figure:
    """A tent: crossed poles, canvas sides with guy ropes and pegs, a flap turned back under the chin."""
    w, apex, low = look.vary(0.88, 0.92), -0.78, 0.82
    dark, light = colours.shade(look.main, light=-0.12), colours.shade(look.main, light=0.05)
    shape = curve([(-0.06, apex), (0.06, apex), (0.3, -0.42), (0.56, 0.05), (0.76, 0.5), (w, low), (0, low + 0.04),
        (-w, low), (-0.76, 0.5), (-0.56, 0.05), (-0.3, -0.42)], n=8)  # fmt: skip
    wood = np.array([0.62, 0.43, 0.26])
    poles = tuple(Part(stroke([(s * 0.12, -0.97), (-s * 0.08, -0.62)], 0.024), wood, "wood") for s in (-1, 1))
    ropes = both(
        Part(stroke([(0.62, 0.24), (0.98, low + 0.06)], 0.009), np.array([0.9, 0.85, 0.72]), "fabric"),
        Part(stroke([(0.98, low), (0.95, low + 0.12)], 0.022), wood, "wood"),
    )
    seams = both(
        Part(curve([(0.12, apex + 0.06), (0.42, -0.2), (0.7, 0.4), (w - 0.04, low), (w * 0.72, low), (0.54, 0.4),
            (0.36, -0.1)], n=6), dark, look.material, puff=0.2, lift=0.0),
    )  # fmt: skip
    flap = rounded([(0.0, 0.56), (0.2, low + 0.02), (-0.2, low + 0.02)], 0.02)
    fold = rounded([(0.0, 0.56), (0.2, low + 0.02), (0.34, low + 0.02), (0.24, 0.68)], 0.03)
    return Figure(
        body=(
            *poles, *ropes, Part(shape, look.main, look.material, puff=0.4), *seams,
            Part(flap, np.array([0.25, 0.18, 0.14]), "fabric", puff=-0.1, lift=0.0),
            *both(Part(fold, light, look.material, puff=0.3, lift=0.02)),
        ),
        face=FaceSpot(0, 0.06, look.vary(0.325, 0.34), squeeze=0.92),
        crown=(0, apex + 0.05, 0.22),
        neck=(0, 0.56),
    )  # fmt: skip


@archetype("household", mains=("#f6ead2", "#f4e4c4", "#f2efe6"), seconds=("#d8433b", "#3f86c9", "#e0a02f", "#4f9a6a",
    "#8a5fb0"), material="canvas")  # fmt: skip
def circus_tent(look: Look) -> Figure:
    """A circus tent: a striped pointed roof with scalloped hem and flag, and the face on its wall above the entry."""
    w, apex, eave, low = look.vary(0.74, 0.78), -0.82, -0.26, 0.88
    red, pale = look.second, look.main

    def slope(u: float) -> list[tuple[float, float]]:
        """From the top down to the hem, at the share u of the half width."""
        return [(0.0, apex), (u * 0.24 * w, apex + 0.24), (u * 0.62 * w, eave - 0.14), (u * (w + 0.15), eave + 0.03)]

    edges = np.linspace(-1, 1, 10)
    gores = tuple(
        Part(np.concatenate([path(slope(a)), path(slope(b))[::-1]]), red if k % 2 == 0 else pale, look.material,
            puff=0.15, lift=0.0)
        for k, (a, b) in enumerate(pairwise(edges))
    )  # fmt: skip
    roof = np.concatenate([path(slope(-1)), path(slope(1))[::-1]])
    hem = tuple(
        Part(ellipse(x, eave + 0.03, (w + 0.11) / 9 * 1.03, 0.1), pale if k % 2 == 0 else red, look.material, puff=0.4,
            lift=0.04)
        for k, x in enumerate((edges[:-1] + edges[1:]) / 2 * (w + 0.11))
    )  # fmt: skip
    stripe = Part(box(w * 0.86, 0.32, 0.085, 0.56, 0.01), red, look.material, puff=0.2, lift=0.0)
    dark = np.array([0.3, 0.16, 0.16])
    entry = curve([(0, 0.58), (0.1, 0.68), (0.24, low), (-0.24, low), (-0.1, 0.68)], n=8)
    drape = curve([(0.0, 0.57), (0.18, 0.66), (0.36, low), (0.2, low), (0.1, 0.74)], n=8)
    return Figure(
        body=(
            Part(rounded([(0, -0.99), (0.26, -0.94), (0, -0.88)], 0.01), look.one_of("#f0b42f", "#3f86c9", "#d8433b"),
                "fabric"),
            Part(stroke([(0, -0.99), (0, apex)], 0.018), np.array([0.62, 0.43, 0.26]), "wood"),
            Part(rounded([(-w, eave), (w, eave), (w * 1.03, low), (-w * 1.03, low)], 0.03), pale, look.material,
                puff=0.35), *both(stripe),
            Part(entry, dark, "fabric", puff=-0.1, lift=0.0),
            *both(Part(drape, red, look.material, puff=0.6, lift=0.02)), *hem,
            Part(roof, red, look.material, puff=0.5, lift=0.05), *gores,
            Part(ellipse(0, apex, 0.045, 0.045), np.array([0.9, 0.75, 0.35]), "metal", lift=0.02),
        ),
        face=FaceSpot(0, 0.13, look.vary(0.36, 0.38), squeeze=0.9),
        crown=(0, apex + 0.06, 0.25),
        neck=(0, 0.6),
    )  # fmt: skip


@archetype("household", mains=("#e4eff5", "#d9e8f2", "#eef4f4"), seconds=("#8fb5d0", "#a9c4d9", "#7fa8c4"),
    material="snow")  # fmt: skip
def igloo(look: Look) -> Figure:
    """An igloo: a dome of snow blocks around the face, and a low arched entry under it."""
    w, top, low = look.vary(0.86, 0.9), look.vary(-0.82, -0.76), 0.82
    line = colours.mix(look.main, look.second, 0.75)
    a = np.linspace(np.pi, 0, 60)
    dome = np.concatenate(
        [np.stack([w * np.cos(a) * (1 - 0.04 * np.sin(a)), low + (top - low) * np.sin(a) ** 0.85], 1)]
    )
    courses = []
    for share in (0.42, 0.6, 0.78, 0.92):
        y = low + (top - low) * share
        half = w * np.sqrt(max(0.0, 1 - share**2.2)) * 0.98
        inner = 0.0 if y < -0.5 else 0.5
        spans = ((-half, half),) if half < 0.5 or inner == 0.0 else ((-half, -inner), (inner, half))
        courses += [
            Part(stroke([(x0, y), ((x0 + x1) / 2, y - 0.02), (x1, y)], 0.014), line, "snow", puff=-0.3, lift=0.0)
            for x0, x1 in spans
        ]
    joints = tuple(
        Part(stroke([(x, y), (x * 0.97, y - d)], 0.013), line, "snow", puff=-0.3, lift=0.0)
        for x, y, d in ((-0.62, 0.14, 0.28), (0.6, 0.14, 0.28), (-0.72, 0.42, 0.28), (0.73, 0.42, 0.28), (-0.2, -0.44,
            0.2), (0.22, -0.44, 0.2), (-0.55, 0.7, 0.25), (0.56, 0.7, 0.25), (0.0, -0.65, 0.13))
    )  # fmt: skip

    def arch(half: float, head: float) -> Outline:
        t = np.linspace(np.pi, 0, 30)
        curved = np.stack([half * np.cos(t), head + 0.2 * (1 - np.sin(t))], 1)
        return np.concatenate([curved, [(half, low + 0.06), (-half, low + 0.06)]])

    drift = tuple(
        Part(ellipse(x, low + 0.06, r, 0.09), colours.shade(look.main, light=0.03), "snow", puff=0.8, lift=0.03)
        for x, r in ((-0.7, 0.26), (0.72, 0.24), (-0.42, 0.16), (0.44, 0.17))
    )
    return Figure(
        body=(
            Part(dome, look.main, look.material, puff=0.6), *courses, *joints,
            Part(arch(0.34, 0.52), colours.shade(look.main, light=0.02), "snow", puff=0.6, lift=0.06),
            Part(arch(0.22, 0.63), np.array([0.24, 0.34, 0.46]), "clay", puff=-0.2, lift=0.0), *drift,
        ),
        face=FaceSpot(0, -0.12, look.vary(0.37, 0.39), squeeze=0.93),
        crown=(0, top + 0.04, w * 0.55),
        neck=(0, 0.5),
    )  # fmt: skip


@archetype("household", mains=("#f2f2ee", "#e8eef2", "#f4e4e0", "#dceae4"), seconds=("#a8713f", "#f4f2ee", "#d9a0a8",
    "#7fa8b5"), material="porcelain")  # fmt: skip
def toilet(look: Look) -> Figure:
    """A toilet: the face on its cistern, a lever, a seat and lid, the bowl below, and paper on a holder."""
    w, top, low = look.vary(0.6, 0.64), -0.8, 0.22
    pale, s = look.main, 1 if look.chance(0.5) else -1
    roll = np.array([0.98, 0.97, 0.95])
    shade = colours.shade(pale, light=-0.08)
    bowl = mirrored([(0, 0.42), (0.5, 0.42), (0.52, 0.56), (0.4, 0.74), (0.28, 0.84), (0.34, 0.95), (0, 0.96)])
    return Figure(
        body=(
            Part(ellipse(s * 0.84, 0.32, 0.13, 0.13), roll, "paper", puff=0.4),
            Part(ellipse(s * 0.84, 0.32, 0.045, 0.045), np.array([0.7, 0.58, 0.45]), "paper", puff=-0.2, lift=0.0),
            Part(rounded([(s * 0.72, 0.34), (s * 0.95, 0.34), (s * 0.95, 0.66), (s * 0.72, 0.62)], 0.02), roll, "paper",
                puff=0.2, lift=0.02),
            Part(rounded([(-w, top + 0.12), (w, top + 0.12), (w * 0.92, low), (-w * 0.92, low)], 0.1), pale,
                look.material, bevel=0.11),
            Part(box(0, top + 0.08, w + 0.06, 0.08, 0.05), colours.shade(pale, light=0.02), look.material, puff=0.6,
                lift=0.04),
            Part(stroke([(-s * w * 0.82, -0.54), (-s * (w * 0.82 - 0.15), -0.5)], [0.035, 0.025]), np.array([0.8, 0.82,
                0.85]), "metal", lift=0.03),
            Part(bowl, pale, look.material, puff=0.8, lift=0.04),
            Part(ellipse(0, 0.38, 0.58, 0.17), look.second, "plastic", puff=0.6, lift=0.04),
            Part(ellipse(0, 0.385, 0.43, 0.105), shade * 0.75, look.material, puff=-0.4, lift=0.0),
            Part(ellipse(0, 0.415, 0.34, 0.065), np.array([0.62, 0.83, 0.93]), "glass", puff=0.2, lift=0.0,
                pattern=Pattern("fade", np.array([0.5, 0.75, 0.9]), 0.42, 0.6)),
        ),
        face=FaceSpot(0, -0.34, w * 0.59, squeeze=0.88),
        crown=(0, top + 0.02, w * 0.8),
        neck=(0, low),
    )  # fmt: skip
