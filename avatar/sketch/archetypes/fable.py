"""Creatures of fable: unicorn, dragon."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.animals import combed
from personify.avatar.sketch.archetypes.farm import forelock, horse_head, horse_neck
from personify.avatar.sketch.archetypes.fauna import HORN, PINK, WHITE, side_ears
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, leaf, mirrored, place, rounded, star, stroke

_MANES = (
    ("#f08fb5", "#b58fe0", "#7fb5e8", "#8fd9c4", "#f5d98a"),
    ("#e86fa0", "#f2a05f", "#f5d060", "#7fc98a", "#6fa5e0", "#a57fd9"),
    ("#b5a0e8", "#8fc4f0", "#f5b5d9"),
    ("#6fc9c0", "#8fe0b0", "#7fa5e8"),
)


@archetype(
    "cartoon",
    mains=("#f7f3f2", "#f5e9f2", "#eaf0fa", "#f9f1e4", "#efe6f7"),
    seconds=("#e8c25a", "#f0cf7a", "#d9b5e0"),
    material="coat",
)
def unicorn(look: Look) -> Figure:
    """A pale horse with a spiral horn of gold, a mane in many colours, stars on its coat."""
    look = combed(look)
    w, cy = look.vary(0.47, 0.5), 0.02
    s = 1 if look.chance(0.5) else -1
    if len(look.brief.colours) > 1:
        tones = [colours.shade(look.second, light=d) for d in (0.0, 0.09, -0.07)]
    else:
        tones = [colours.parse(c) for c in _MANES[int(look.rng.integers(len(_MANES)))]]
    gold = look.one_of("#e8c25a", "#f0cf7a", "#e5b5c9", "#c9d0e8")
    horn = rounded([(-0.095, cy - 0.52), (0.095, cy - 0.52), (0.0, look.vary(-1.0, -0.96))], 0.03)
    grooves = tuple(
        Part(stroke([(-0.105 * t, cy - 0.55 - 0.4 * (1 - t)), (0.105 * t, cy - 0.6 - 0.4 * (1 - t))], 0.011),
            gold * 0.72, "metal", puff=-0.5, lift=0.0)
        for t in (0.86, 0.64, 0.44, 0.24)
    )  # fmt: skip
    stars = tuple(Part(star(s * x, y, r, r * 0.45, 5, turn=look.vary(0, 70), soft=1), tones[k % len(tones)], "felt",
        puff=0.3, lift=0.0) for k, (x, y, r) in enumerate(((-0.45, 0.86, 0.07), (-0.6, 0.95, 0.045),
        (0.44, 0.92, 0.055))))  # fmt: skip
    return Figure(
        body=(*horse_neck(look, s, tones), *stars,
            *side_ears(look, w * 0.66, -0.46, 0.34, 0.1, 16, colours.mix(look.main, PINK, 0.6)),
            Part(horse_head(w, cy), look.main, look.material, puff=0.66, lift=0.07,
                pattern=Pattern("fade", colours.mix(look.main, np.array([0.97, 0.72, 0.76]), 0.4), 0.62, 0.7))),
        face=FaceSpot(0, cy - 0.15, look.vary(0.345, 0.36), squeeze=1.05, hair=colours.shade(tones[0], light=-0.3),
            nose=colours.mix(look.main, PINK, 0.45), eye_scale=1.08),
        front=(*forelock(look, cy + 0.02, s, tones), Part(horn, gold, "metal", puff=0.9, lift=0.04), *grooves),
        crown=(0, cy - 0.54, w * 0.8),
        neck=(0, 0.78),
    )  # fmt: skip


@archetype(
    "cartoon",
    mains=("#5f9e58", "#c9503f", "#4f8fa8", "#7a5fb0", "#d98a3a", "#3f9a85", "#a5456a"),
    seconds=("#f2d9a0", "#f5c46a", "#e8e0b5", "#f0b58a"),
    material="waxy",
)
def dragon(look: Look) -> Figure:
    """Ridged horns, a crest of spikes, frilled ears, bat's wings, a belly of broad plates, a tail with a spade."""
    w, cy = look.vary(0.55, 0.59), -0.1
    light = look.second if colours.luminance(look.second) > 0.45 else colours.mix(look.main, WHITE, 0.6)
    dark = colours.shade(look.main, light=-0.12)
    spot = FaceSpot(0, cy - 0.08, look.vary(0.36, 0.375), muzzle=colours.mix(look.main, light, 0.35), hair=dark * 0.5)
    head = mirrored([(0, cy - 0.56), (w * 0.56, cy - 0.52), (w * 0.98, cy - 0.3), (w * 0.98, cy + 0.02),
        (w * 0.88, cy + 0.26), (w * 0.94, cy + 0.44), (w * 0.74, cy + 0.62), (w * 0.36, cy + 0.7), (0, cy + 0.71)],
        )  # fmt: skip
    horns = both(Part(stroke([(0.28, cy - 0.46), (0.4, -0.74), (0.46, -0.86), (look.vary(0.5, 0.64), -0.97)],
        [0.095, 0.07, 0.05, 0.012]), HORN, "porcelain", puff=0.9,
        pattern=Pattern("bands", HORN * 0.7, 0.045, 0.7)))  # fmt: skip
    crest = tuple(Part(rounded([(x - 0.07, cy - 0.44), (x * 1.1, -0.9 + 0.7 * abs(x)), (x + 0.07, cy - 0.44)], 0.03),
        light * 0.92, look.material, puff=0.6, lift=0.02) for x in (-0.17, 0.17, 0.0))  # fmt: skip
    scales = both(*(Part(ellipse(w * x, cy + y, r, r * 0.85), dark, look.material, puff=0.3, lift=0.0)
        for x, y, r in ((0.82, 0.24, 0.035), (0.86, 0.12, 0.026), (0.5, -0.44, 0.04), (0.68, -0.38, 0.03),
        (0.34, -0.47, 0.026))))  # fmt: skip
    return Figure(
        body=(*_bat_wings(look, dark, light), *_spade(look, light), *_plated(look, light), *_frills(look, w, cy, light),
            *horns, *crest, Part(head, look.main, look.material, puff=0.72, lift=0.07), *scales),
        face=spot,
        front=(*_fangs(spot), *_brow_plate(look, cy)),
        crown=(0, cy - 0.5, w * 0.6),
        neck=(0, 0.66),
    )  # fmt: skip


def _bat_wings(look: Look, bone: np.ndarray, skin: np.ndarray) -> tuple[Part, ...]:
    """Wings behind the shoulders: a skin with a scalloped hem, on bones that meet at the wrist."""
    lift = look.vary(-0.06, 0.1)
    wrist = (0.84, -0.36 - lift)
    tips = ((0.985, 0.06), (0.9, 0.42), (0.62, 0.6))
    skin_edge = curve([(0.3, 0.3), (0.6, -0.1 - lift), wrist, (0.93, -0.2), tips[0], (0.88, 0.2), tips[1],
        (0.74, 0.42), tips[2], (0.4, 0.54)], n=10)  # fmt: skip
    bones = [[(0.3, 0.36), (0.6, -0.02 - lift), wrist]]
    bones += [[wrist, ((wrist[0] + x) / 2 + 0.02, (wrist[1] + y) / 2), (x, y)] for x, y in tips]
    web = colours.mix(skin, look.main, 0.45)
    return both(
        Part(skin_edge, web, "leather", puff=0.15, lift=0.04),
        *(Part(stroke(b, [0.035, 0.03, 0.012]), bone, look.material, puff=0.8, lift=0.015) for b in bones),
        Part(leaf(wrist[0], wrist[1] + 0.03, 0.13, 0.035, turn=8), HORN, "porcelain", puff=0.8, lift=0.01),
    )


def _plated(look: Look, light: np.ndarray) -> tuple[Part, ...]:
    """Shoulders and arms, and a belly of overlapping plates, the lowest first."""
    body = mirrored([(0, 0.3), (0.36, 0.42), (0.56, 0.66), (0.6, 1.0), (0, 1.25)])
    plates = tuple(Part(mirrored([(0, y - 0.12), (0.26, y - 0.1), (0.3, y), (0.2, y + 0.08), (0, y + 0.1)]),
        colours.shade(light, light=-0.02 * k), look.material, puff=0.4, lift=0.02)
        for k, y in ((3, 0.98), (2, 0.86), (1, 0.74)))  # fmt: skip
    arm = Part(stroke([(0.46, 0.64), (0.5, 0.82), (0.4, 0.93)], [0.13, 0.12, 0.1]), look.main, look.material, puff=0.7,
        lift=0.03)  # fmt: skip
    claws = (Part(leaf(0.38 + d, 0.94, 0.1, 0.03, turn=180), HORN, "porcelain", puff=0.8, lift=0.01)
        for d in (-0.07, 0.0, 0.07))  # fmt: skip
    arms = both(arm, *claws)
    return (Part(body, look.main, look.material, puff=0.6), *plates, *arms)


def _frills(look: Look, w: float, cy: float, light: np.ndarray) -> tuple[Part, ...]:
    """Ears like fins: three spikes joined by a skin."""
    fin = curve([(w * 0.84, cy - 0.3), (w + 0.1, cy - 0.4), (w + 0.3, cy - 0.46), (w + 0.2, cy - 0.24),
        (w + 0.3, cy - 0.12), (w + 0.14, cy - 0.04), (w + 0.14, cy + 0.1), (w * 0.88, cy + 0.06)], n=10)  # fmt: skip
    ribs = [[(w * 0.9, cy - 0.2), (w + 0.28, cy - 0.44)], [(w * 0.92, cy - 0.14), (w + 0.27, cy - 0.13)]]
    return both(Part(fin, colours.mix(light, look.main, 0.35), "leather", puff=0.2, lift=0.04),
        *(Part(stroke(r, [0.03, 0.01]), look.main, look.material, puff=0.7, lift=0.01) for r in ribs))  # fmt: skip


def _spade(look: Look, light: np.ndarray) -> tuple[Part, ...]:
    """A tail that comes round one side and ends in a spade."""
    s = 1 if look.chance(0.5) else -1
    line = [(s * 0.4, 1.04), (s * 0.72, 1.0), (s * 0.88, 0.84), (s * 0.84, 0.68)]
    spade = place(rounded([(0, -0.2), (0.13, 0.03), (0.0, -0.01), (-0.13, 0.03)], 0.03), s * 0.83, 0.68, turn=-s * 10)
    return (Part(stroke(line, [0.11, 0.09, 0.06, 0.04]), look.main, look.material, puff=0.8),
        Part(spade, light * 0.92, look.material, puff=0.6, lift=0.03))  # fmt: skip


def _fangs(spot: FaceSpot) -> tuple[Part, ...]:
    """Two small teeth that stick up from the jaw, beside the mouth."""
    x, y = spot.iod * 0.66, spot.cy + spot.iod * 1.12
    return both(Part(leaf(x, y, 0.085, 0.026, turn=8), WHITE, "porcelain", puff=0.8, lift=0.01))


def _brow_plate(look: Look, cy: float) -> tuple[Part, ...]:
    """A jewel of a scale in the middle of the forehead."""
    gem = mirrored([(0, cy - 0.52), (0.06, cy - 0.46), (0, cy - 0.36)], n=6)
    return (Part(gem, look.one_of("#f2c24a", "#e86a4a", "#6ac9c0", "#f08fb0"), "glass", puff=0.7, lift=0.015),)
