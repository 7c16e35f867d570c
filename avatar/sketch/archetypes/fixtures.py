"""What a room has on and by its walls: door, window, picture frame, mirror, bed."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.archetypes.vehicles import pane
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import Outline, box, curve, ellipse, petals, rounded, stroke

_BRASS = np.array([0.86, 0.7, 0.34])
_WHITE = np.array([0.96, 0.95, 0.91])
_GLASS = np.array([0.72, 0.86, 0.93])


@archetype("household", mains=("#3f7a6a", "#b5432f", "#3f6a9a", "#e0b04a", "#7a5a8a", "#a06a3a", "#6fa8b5"),
    seconds=("#f4f0e6", "#e0d4bc", "#4a4f57"), material="wood")  # fmt: skip
def door(look: Look) -> Figure:
    """A front door in its frame: a fanlight or small panes above the face, letterbox, panels, knob, step and mat."""
    w, top, low = look.vary(0.54, 0.58), look.vary(-0.78, -0.74), 0.86
    dark, rim = colours.shade(look.main, light=-0.1), look.second
    s, round_headed = (1 if look.chance(0.5) else -1), look.chance(0.5)

    def slab(grow: float) -> Outline:
        if not round_headed:
            return box(0, (top + low) / 2, w + grow, (low - top) / 2 + grow, 0.02)
        a = np.linspace(np.pi, 0, 30)
        arch = np.stack([(w + grow) * np.cos(a), top + 0.22 - (0.34 + grow) * np.sin(a)], 1)
        return np.concatenate([arch, [(w + grow, low), (-w - grow, low)]])

    panes = tuple(
        part for x in (-0.3, 0, 0.3) for part in pane(box(x * w / 0.56, top + 0.13, 0.115, 0.085, 0.02))
    )  # fmt: skip
    panels = both(
        Part(box(w * 0.47, 0.68, w * 0.3, 0.12, 0.02), dark, look.material, bevel=0.03, lift=0.0),
    )
    return Figure(
        body=(
            Part(slab(0.13), rim, "wood", bevel=0.05), Part(slab(0.02), rim * 0.6, "wood", puff=-0.1, lift=0.0),
            Part(slab(0.0), look.main, look.material, bevel=0.05, lift=0.03), *panes, *panels,
            Part(box(0, 0.47, 0.19, 0.05, 0.02), _BRASS, "metal", puff=0.5, lift=0.02),
            Part(box(0, 0.475, 0.14, 0.015, 0.01), _BRASS * 0.4, "metal", puff=-0.2, lift=0.0),
            Part(ellipse(s * w * 0.84, 0.36, 0.055, 0.055), _BRASS, "metal", puff=1.0, lift=0.04),
            *(Part(box(-s * w * 0.97, y, 0.03, 0.07, 0.01), _BRASS, "metal", puff=0.6, lift=0.02) for y in (-0.5, 0.6)),
            Part(box(0, low + 0.06, w + 0.22, 0.065, 0.03), np.array([0.7, 0.68, 0.64]), "stone", puff=0.6, lift=0.04),
            Part(rounded([(-0.34, low + 0.02), (0.34, low + 0.02), (0.42, low + 0.11), (-0.42, low + 0.11)], 0.02),
                look.one_of("#8a6a4a", "#a8433a", "#4f6a5a"), "felt", puff=0.4, lift=0.02),
        ),
        face=FaceSpot(0, -0.21, w * 0.64, squeeze=0.95),
        crown=(0, top - (0.12 if round_headed else 0.0), w * 0.8),
        neck=(0, 0.45),
    )  # fmt: skip


@archetype("household", mains=("#f4f0e6", "#a8713f", "#4f8f97", "#d9695a", "#e0b04a"),
    seconds=("#d9564a", "#e8c46a", "#7fb08a", "#e8a5b0", "#7a8fc2"), material="wood")  # fmt: skip
def window(look: Look) -> Figure:
    """A window: a big pane that holds the face, small panes above, curtains drawn aside, flowers on the sill."""
    w, top, low = look.vary(0.68, 0.72), -0.78, 0.66
    frame, cloth = look.main, look.second
    sky = look.one_of("#bfe0f0", "#a9d4ea", "#f2d0a9", "#c9d4f0", "#b5e0d4")
    stained = called(look, "stained")
    tints = ("#d9564a", "#e8c46a", "#4f9a6a", "#4f74c9")
    small = tuple(
        Part(box(x * w, top + 0.14, w * 0.2, 0.1, 0.015),
            colours.parse(tints[k]) if stained else sky, "glass", puff=0.15, lift=0.0)
        for k, x in enumerate((-0.69, -0.23, 0.23, 0.69))
    )  # fmt: skip
    drape = curve([(w + 0.14, top - 0.08), (w * 0.5, top - 0.08), (w * 0.66, -0.3), (w * 0.78, 0.12), (w * 0.92, 0.3),
        (w * 0.84, 0.52), (w * 0.86, low + 0.04), (w + 0.2, low + 0.04), (w + 0.13, 0.3)], n=8)  # fmt: skip
    folds = Pattern("stripes", colours.shade(cloth, light=-0.1), 0.05, 0.6)
    tie = Part(stroke([(w * 0.84, 0.28), (w + 0.15, 0.3)], 0.035), colours.shade(cloth, light=-0.2), "silk", puff=0.8,
        lift=0.02)  # fmt: skip
    rod = Part(stroke([(-w - 0.2, top - 0.07), (w + 0.2, top - 0.07)], 0.032), _BRASS, "metal", puff=0.9, lift=0.04)
    bloom = look.one_of("#e4553f", "#f0b429", "#e87fa5", "#f4f0e6", "#a88ad9")
    return Figure(
        body=(
            Part(box(0, (top + low) / 2, w + 0.08, (low - top) / 2 + 0.06, 0.03), frame, look.material, bevel=0.04),
            Part(box(0, (top + 0.26 + low) / 2, w * 0.94, (low - top - 0.26) / 2, 0.02), sky, "porcelain", puff=0.12,
                lift=0.0), *small,
            *(Part(stroke([(x - 0.06, y + 0.1), (x + 0.06, y - 0.1)], [0.008, 0.016]), _WHITE, "glass", puff=0.1,
                lift=0.0) for x, y in ((-0.46, -0.3), (0.48, 0.36))),
            *both(Part(drape, cloth, "fabric", puff=0.6, lift=0.04, pattern=folds), tie), rod,
            *both(Part(ellipse(w + 0.21, top - 0.07, 0.055, 0.055), _BRASS, "metal", lift=0.02)),
            Part(box(0, low + 0.07, w + 0.2, 0.06, 0.03), frame, look.material, puff=0.5, lift=0.05),
            *_pots(look, low, bloom),
        ),
        face=FaceSpot(0, -0.06, look.vary(0.36, 0.38), squeeze=0.93),
        crown=(0, top - 0.08, w * 0.8),
        neck=(0, low - 0.02),
    )  # fmt: skip


def _pots(look: Look, y: float, bloom: np.ndarray) -> tuple[Part, ...]:
    """Three pots of flowers that hang below the sill's edge."""
    clay, green = look.one_of("#c9704a", "#b5603f", "#e0d4bc"), np.array([0.36, 0.58, 0.32])
    parts: list[Part] = []
    for x in (-0.52, 0.0, 0.52):
        parts += [Part(ellipse(x + d, y + 0.1, 0.09, 0.08), green, "leaf", puff=0.8) for d in (-0.08, 0.08)]
        parts += [
            Part(ellipse(x + d, y + 0.06 + abs(d) * 0.4, 0.06, 0.056), bloom, "leaf", puff=0.9, lift=0.02)
            for d in (-0.12, 0.0, 0.12)
        ]
    return (*parts, Part(box(0, y + 0.21, 0.68, 0.085, 0.03), clay, "clay", bevel=0.04, lift=0.05))


@archetype("household", mains=("#d9b04a", "#8a5a35", "#c9ccd2", "#b5432f", "#3f6a6a"),
    seconds=("#b5cfa0", "#a9c4d9", "#e0b890", "#d9a5a5", "#c9b5d9", "#e8d4a0"), material="wood")  # fmt: skip
def picture_frame(look: Look) -> Figure:
    """A framed picture: a carved frame with rosettes at its corners, a mount, and a painting that is somebody."""
    w, h = look.vary(0.7, 0.76), look.vary(0.82, 0.86)
    gold, paint = look.main, look.second
    kind = "metal" if colours.luminance(gold) > 0.45 else look.material
    hills = tuple(
        Part(curve([(-w + 0.2, y), (-0.2, y - d), (0.15, y + 0.02), (w - 0.2, y - d * 0.6), (w - 0.2, h - 0.2),
            (-w + 0.2, h - 0.2)], n=8), colours.mix(paint, tone, 0.5), "clay", puff=0.1, lift=0.0)
        for y, d, tone in ((0.5, 0.04, np.array([0.35, 0.5, 0.4])), (0.58, -0.02, np.array([0.3, 0.42, 0.3])))
    )  # fmt: skip
    bars = (
        Part(box(0, 0, w + 0.14, h + 0.1, 0.04), colours.shade(gold, light=-0.1), kind, puff=0.4),
        Part(box(0, 0, w + 0.08, h + 0.04, 0.03), gold, kind, bevel=0.1, lift=0.02),
        Part(box(0, 0, w - 0.1, h - 0.13, 0.02), colours.shade(gold, light=-0.16), kind, puff=-0.1, lift=0.0),
        Part(box(0, 0, w - 0.13, h - 0.16, 0.01), _WHITE, "paper", bevel=0.02, lift=0.0),
    )
    corners = both(*(
        part for y in (-h - 0.01, h + 0.01) for part in (
            Part(petals(w + 0.04, y, 0.13, 0.08, 6), colours.shade(gold, light=0.05), kind, puff=0.7, lift=0.03),
            Part(ellipse(w + 0.04, y, 0.04, 0.04), gold, kind, puff=1.0, lift=0.02))
    ))  # fmt: skip
    beads = tuple(
        Part(ellipse(x, y, 0.028, 0.028), colours.shade(gold, light=0.08), kind, lift=0.01)
        for x, y in (
            *((s * (w + 0.01), v) for s in (-1, 1) for v in np.linspace(-h + 0.2, h - 0.2, 11)),
            *((v, s * (h - 0.03)) for s in (-1, 1) for v in np.linspace(-w + 0.2, w - 0.2, 9)),
        )
    ) if look.chance(0.6) else ()  # fmt: skip
    return Figure(
        body=(
            *bars, *beads, *corners,
            Part(box(0, 0, w - 0.19, h - 0.22, 0.01), paint, "canvas", puff=0.05, lift=0.0,
                pattern=Pattern("fade", colours.shade(paint, light=-0.12), 0.5, 0.8)), *hills,
        ),
        face=FaceSpot(0, -0.2, w * 0.56),
        crown=(0, -h + 0.22, w * 0.6),
        neck=(0, 0.5),
    )  # fmt: skip


@archetype("household", mains=("#d9b04a", "#c4c9d0", "#8a5a35", "#c9809a", "#5f9a9a"),
    seconds=("#cfe2ea", "#d9e4f0", "#c9dcd9", "#e4dcea"), material="metal")  # fmt: skip
def mirror(look: Look) -> Figure:
    """A mirror: an oval of silvered glass with slanting light in a carved frame, on a foot or with a handle."""
    lens = called(look, "magnifying", "loupe")
    w, h, cy = look.vary(0.6, 0.64), look.vary(0.7, 0.74), -0.16
    if lens:
        h, cy = w, -0.28
    gold, dark = look.main, colours.shade(look.main, light=-0.12)
    kind = "wood" if colours.luminance(gold) < 0.42 else "metal"
    glass = look.second
    gleams = tuple(
        Part(stroke([(x - 0.07, y + 0.1), (x + 0.07, y - 0.1)], [0.012, 0.026]), np.array([0.98, 0.99, 1.0]), "glass",
            puff=0.1, lift=0.0)
        for x, y in ((-w * 0.6, cy - h * 0.44), (w * 0.55, cy + h * 0.5), (w * 0.66, cy + h * 0.34))
    )  # fmt: skip
    crest = tuple(
        Part(petals(x, y, r, r * 0.6, n), colours.shade(gold, light=0.05), kind, puff=0.7, lift=0.03)
        for x, y, r, n in ((0, cy - h - 0.07, 0.15, 7), (-0.2, cy - h - 0.0, 0.09, 5), (0.2, cy - h - 0.0, 0.09, 5))
    )
    foot = (
        Part(stroke([(0, cy + h), (0, 0.72), (0, 0.95)], [0.11, 0.085, 0.12]), dark, kind, puff=0.8),
        Part(ellipse(0, 0.72, 0.1, 0.05), gold, kind, puff=0.9, lift=0.02),
    ) if look.chance(0.5) or called(look, "hand") or lens else (
        Part(stroke([(0, cy + h), (0, 0.84)], 0.06), dark, kind, puff=0.9),
        Part(curve([(-0.1, 0.74), (0.1, 0.74), (0.46, 0.88), (0.44, 0.95), (-0.44, 0.95), (-0.46, 0.88)]), gold, kind,
            puff=0.7, lift=0.03),
    )  # fmt: skip
    return Figure(
        body=(
            *foot, *(() if lens else crest), Part(ellipse(0, cy, w + 0.12, h + 0.12), dark, kind, puff=0.5, lift=0.04),
            Part(ellipse(0, cy, w + 0.08, h + 0.08), gold, kind, bevel=0.06, lift=0.02),
            Part(ellipse(0, cy, w, h), dark, kind, puff=-0.2, lift=0.0),
            Part(ellipse(0, cy, w * 0.96, h * 0.97), glass, "porcelain", puff=0.12, lift=0.0,
                pattern=Pattern("fade", colours.shade(glass, light=-0.08), cy + 0.2, 0.8)), *gleams,
        ),
        face=FaceSpot(0, cy - 0.14, w * 0.62),
        crown=(0, cy - h - 0.06, w * 0.6),
        neck=(0, cy + h + 0.04),
    )  # fmt: skip


@archetype("household", mains=("#7fa8d4", "#d9807a", "#8fbf8a", "#e8c46a", "#a88ac9", "#5f9a9a"),
    seconds=("#8a5a35", "#b5763f", "#e9dcc8", "#6b4a2f"), material="plush")  # fmt: skip
def bed(look: Look) -> Figure:
    """A bed seen from its foot: a tall headboard, a plump pillow that holds the face, a quilt, a footboard."""
    w, top = look.vary(0.78, 0.83), look.vary(-0.84, -0.78)
    wood, dark = look.second, colours.shade(look.second, light=-0.09)
    arch = curve([(-w, top + 0.2), (-w * 0.5, top + 0.06), (0, top), (w * 0.5, top + 0.06), (w, top + 0.2), (w, 0.4),
        (-w, 0.4)], n=8)  # fmt: skip
    post = (
        Part(box(w + 0.04, 0.1, 0.07, 0.78, 0.04), dark, "wood", puff=0.8, lift=0.03),
        Part(ellipse(w + 0.04, -0.7, 0.1, 0.1), wood, "wood", puff=1.0, lift=0.03),
    )
    pillow = curve([(-0.64, -0.58), (0, -0.62), (0.64, -0.58), (0.7, -0.1), (0.64, 0.4), (0, 0.44), (-0.64, 0.4),
        (-0.7, -0.1)], n=10)  # fmt: skip
    linen = colours.mix(_WHITE, look.main, look.vary(0.06, 0.16))
    kind = ("checks", "spots", "diamonds")[int(look.rng.integers(3))]
    quilt = Pattern(kind, colours.mix(look.main, np.ones(3), 0.45), 0.15, 0.7)
    return Figure(
        body=(
            Part(arch, wood, "wood", bevel=0.06), *both(*post),
            Part(box(0, 0.3, w * 0.96, 0.3, 0.1), colours.shade(linen, light=-0.06), "fabric", puff=0.6),
            Part(pillow, linen, "fabric", puff=0.5, lift=0.06),
            Part(curve([(-w - 0.02, 0.46), (-w * 0.4, 0.4), (w * 0.4, 0.4), (w + 0.02, 0.46), (w + 0.05, 0.86),
                (-w - 0.05, 0.86)], n=8), look.main, look.material, puff=0.7, lift=0.06, pattern=quilt),
            Part(stroke([(-w, 0.48), (-w * 0.4, 0.43), (w * 0.4, 0.43), (w, 0.48)], 0.06), _WHITE, "fabric", puff=0.8,
                lift=0.03),
            Part(box(0, 0.88, w + 0.06, 0.085, 0.05), wood, "wood", puff=0.6, lift=0.05),
            *both(Part(box(w + 0.02, 0.84, 0.08, 0.14, 0.05), dark, "wood", puff=0.8, lift=0.03)),
        ),
        face=FaceSpot(0, -0.2, look.vary(0.37, 0.39), squeeze=0.94),
        crown=(0, -0.58, 0.5),
        neck=(0, 0.44),
    )  # fmt: skip
