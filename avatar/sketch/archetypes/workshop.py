"""Tools with a blade or a jaw: shovel, saw, wrench, and the headphones that one wears over them."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import box, curve, ellipse, mirrored, rounded, stroke

_STEELS = ("#b5bac2", "#9fa6b0", "#c4c9d0", "#a8b0b5")
_WOODS = ("#b57f4a", "#a06a3a", "#c99a5f", "#8a5a35")


@archetype("household", mains=_WOODS, seconds=(*_STEELS, "#5f8a6a", "#c8594a"), material="wood")
def shovel(look: Look) -> Figure:
    """A shovel stood on its point: the face on the blade, a long shaft with a grip, earth on its tip."""
    w, top, low = look.vary(0.62, 0.66), look.vary(-0.38, -0.34), 0.94
    steel = colours.within(look.second, 0.44, 0.85)
    dark = colours.shade(steel, light=-0.12)
    blade = mirrored([(0, top), (w * 0.7, top), (w * 0.97, top + 0.04), (w * 1.0, top + 0.3), (w * 0.97, 0.38),
        (w * 0.7, 0.7), (w * 0.28, low - 0.06), (0, low)])  # fmt: skip
    tip = mirrored([(0, low - 0.17), (w * 0.3, low - 0.2), (w * 0.52, low - 0.17), (w * 0.28, low - 0.04),
        (0, low + 0.02)])  # fmt: skip
    grip = stroke([(-0.02, -0.62), (-0.2, -0.78), (-0.19, -0.93), (0.19, -0.93), (0.2, -0.78), (0.02, -0.62)], 0.045)
    return Figure(
        body=(
            Part(stroke([(0, -0.68), (0, top + 0.1)], 0.07), look.main, "wood", puff=0.9), Part(grip, look.main,
                "wood", puff=0.9), Part(box(0, -0.93, 0.2, 0.05, 0.045), dark, "metal", puff=0.9, lift=0.02),
            Part(blade, steel, "metal", bevel=0.09, lift=0.05),
            Part(rounded([(-0.1, top - 0.16), (0.1, top - 0.16), (0.15, top + 0.1), (0, top + 0.18), (-0.15,
                top + 0.1)], 0.04), dark, "metal", puff=0.8, lift=0.03),
            *(Part(box(s * w * 0.62, top + 0.0, w * 0.34, 0.035, 0.03), dark, "metal", puff=0.8, lift=0.02)
                for s in (-1, 1)),
            Part(tip, look.one_of("#5a3d28", "#6b4a30", "#4a3424"), "bark", puff=0.6, lift=0.02),
        ),
        face=FaceSpot(0, 0.03, w * 0.57, squeeze=0.97),
        crown=(0, -0.9, 0.25),
        neck=(0, 0.62),
    )  # fmt: skip


@archetype("household", mains=_WOODS, seconds=_STEELS, material="wood")
def saw(look: Look) -> Figure:
    """A handsaw: a broad blade with a row of teeth and the face near its wooden handle."""
    s = 1 if look.chance(0.5) else -1
    steel = colours.within(look.second, 0.4, 0.88)
    back, low, count = look.vary(-0.62, -0.58), 0.46, 20
    toe, heel = -0.95, 0.52
    xs = np.linspace(heel, toe, 2 * count + 1)
    teeth = [(s * x, low + (0.085 if k % 2 else 0.0) - 0.1 * (heel - x) / (heel - toe)) for k, x in enumerate(xs)]
    blade = np.array([(s * toe, 0.02), (s * (toe + 0.06), -0.12), (s * heel, back), *teeth])
    handle = curve([(s * 0.38, back + 0.06), (s * 0.62, back - 0.08), (s * 0.94, back + 0.02), (s * 0.98, 0.1),
        (s * 0.92, 0.46), (s * 0.7, 0.52), (s * 0.48, 0.44), (s * 0.52, 0.1)])  # fmt: skip
    hole = curve([(s * 0.68, -0.26), (s * 0.8, -0.28), (s * 0.84, 0.0), (s * 0.8, 0.24), (s * 0.68, 0.24),
        (s * 0.65, 0.0)])  # fmt: skip
    return Figure(
        body=(
            Part(blade, steel, "metal", bevel=0.03),
            Part(stroke([(s * (toe + 0.08), -0.1), (s * heel, back + 0.03)], 0.016), colours.mix(steel, np.ones(3),
                0.4), "metal", puff=0.6, lift=0.0),
            Part(handle, look.main, look.material, puff=0.7, lift=0.05, holes=(hole,)),
            *(Part(ellipse(s * x, y, 0.035, 0.035), np.array([0.85, 0.7, 0.36]), "metal", lift=0.02)
                for x, y in ((0.55, -0.34), (0.56, 0.34))),
        ),
        face=FaceSpot(s * 0.05, -0.1, 0.3, squeeze=0.93),
        crown=(s * 0.05, back + 0.12, 0.4),
        neck=(s * 0.05, low),
    )  # fmt: skip


@archetype("household", mains=_STEELS, seconds=("#d8433b", "#3f86c9", "#f0b42f", "#4a4f57"), material="metal")
def wrench(look: Look) -> Figure:
    """A spanner: an open jaw on top, the face on its broad cheek, a handle with a grip; pliers have red legs."""
    r, cy = look.vary(0.56, 0.6), -0.2
    tone, dark = look.main, colours.shade(look.main, light=-0.12)
    jaw = curve([(0.15, -0.62), (0.17, -0.93), (0.34, -0.97), (0.58, -0.72), (0.64, -0.3), (0.58, 0.06), (0.34, 0.4),
        (0, 0.47), (-0.34, 0.4), (-0.58, 0.06), (-0.64, -0.3), (-0.58, -0.72), (-0.34, -0.97), (-0.17, -0.93),
        (-0.15, -0.62)], n=8)  # fmt: skip
    legs = (
        (stroke([(-0.1, 0.3), (-0.2, 0.6), (-0.3, 0.95)], [0.13, 0.11, 0.12]),
         stroke([(0.1, 0.3), (0.2, 0.6), (0.3, 0.95)], [0.13, 0.11, 0.12]))
        if called(look, "plier", "pincer") else (stroke([(0, 0.3), (0, 0.6), (0, 0.93)], [0.15, 0.15, 0.18]),)
    )  # fmt: skip
    grips = (
        tuple(Part(leg, look.second, "plastic", puff=0.8) for leg in legs)
        if len(legs) == 2 or look.chance(0.5)
        else (
            Part(legs[0], tone, look.material, puff=0.7),
            Part(box(0, 0.68, 0.07, 0.2, 0.06), dark, look.material, puff=-0.3, lift=0.0),
            Part(ellipse(0, 0.97, 0.06, 0.05), dark * 0.5, look.material, puff=-0.3, lift=0.0),
        )
    )
    return Figure(
        body=(*grips, Part(jaw, tone, look.material, bevel=0.13, lift=0.05)),
        face=FaceSpot(0, cy - 0.04, r * 0.68, squeeze=0.95),
        crown=(0, -0.7, 0.5),
        neck=(0, 0.42),
    )


@archetype("office", mains=("#4a5566", "#d9564a", "#4f9ab5", "#e8b04a", "#8a6ab5", "#e88ab0", "#e8e4dc"),
    seconds=("#2f3540", "#f0ece2", "#8a5a3a"), material="plastic")  # fmt: skip
def headphones(look: Look) -> Figure:
    """Headphones turned to us: the near cup holds the face, a padded band arches to the far one, a lead."""
    s, r = (1 if look.chance(0.5) else -1), look.vary(0.56, 0.59)
    x, y = -s * 0.26, 0.22
    shell = colours.within(look.main, 0.28, 0.86)
    dark = colours.shade(look.main, light=-0.1)
    band = [(x - s * 0.02, y - r + 0.06), (x + s * 0.0, -0.62), (x + s * 0.3, -0.9), (x + s * 0.72, -0.84),
        (x + s * 0.96, -0.5), (x + s * 0.98, 0.0)]  # fmt: skip
    far = (x + s * 0.9, y + 0.02)
    lead = stroke([(x + s * 0.1, y + r - 0.04), (x + s * 0.16, 0.92), (x + s * 0.5, 0.86), (x + s * 0.72, 0.9),
        (x + s * 0.9, 0.74)], 0.022)  # fmt: skip
    steel = np.array([0.8, 0.82, 0.85])
    return Figure(
        body=(
            Part(lead, dark, "plastic"),
            Part(box(x + s * 0.92, 0.71, 0.035, 0.07, 0.02, turn=s * 25), steel, "metal"),
            Part(ellipse(far[0] + s * 0.08, far[1], 0.2, 0.36), dark, look.material, puff=0.7),
            Part(ellipse(far[0] - s * 0.04, far[1], 0.18, 0.36), look.second, "leather", puff=0.9, lift=0.02),
            Part(stroke(band, [0.06, 0.1, 0.12, 0.12, 0.1, 0.06]), look.main, look.material, puff=0.8, lift=0.04),
            Part(stroke([(px, py + 0.085) for px, py in band[1:5]], [0.05, 0.075, 0.075, 0.05]), look.second, "leather",
                puff=0.9, lift=0.02),
            Part(box(x - s * 0.01, y - r - 0.06, 0.07, 0.16, 0.04), steel, "metal", puff=0.8, lift=0.03),
            Part(ellipse(x + s * 0.06, y, r * 0.99, r * 1.06), look.second, "leather", puff=0.9, lift=0.04),
            Part(ellipse(x, y, r, r * 1.04), dark, look.material, puff=0.6, lift=0.04),
            Part(ellipse(x, y, r * 0.9, r * 0.94), steel, "metal", puff=0.4, lift=0.0),
            Part(ellipse(x, y, r * 0.85, r * 0.89), shell, look.material, puff=0.45, lift=0.01),
        ),
        face=FaceSpot(x, y - 0.13, r * 0.63),
        crown=(x + s * 0.3, -0.92, 0.4),
        neck=(x, y + r * 0.9),
    )  # fmt: skip
