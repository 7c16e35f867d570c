"""Great swimmers: whale, seal."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.animals import whiskers
from personify.avatar.sketch.archetypes.fauna import DARK, WHITE
from personify.avatar.sketch.archetypes.pieces import both, called
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part, Pattern
from personify.avatar.sketch.registry import archetype
from personify.avatar.sketch.shapes import curve, ellipse, mirrored, stroke

_SEA = ("#5fa0c9", "#4f8fb5", "#4a7fb5", "#5fb0b5")


@archetype(
    "animals",
    mains=("#4f6f8f", "#5a7fa5", "#3f5a75", "#6f8a9f", "#5f86b5", "#7a98a8"),
    seconds=("#e4edf2", "#eef2f0", "#dbe6ea"),
    material="waxy",
)
def whale(look: Look) -> Figure:
    """A great round head with a pleated pale throat, a tail whose flukes rise from the sea, a spout; an orca's patches
    and fin, a dolphin's beak, a narwhal's tusk."""
    orca, dolphin = called(look, "orca", "killer whale"), called(look, "dolphin", "porpoise")
    s = 1 if look.chance(0.5) else -1
    x, cy = -s * 0.22, 0.02
    light = look.second if colours.luminance(look.second) > 0.6 else colours.mix(look.main, WHITE, 0.8)

    def out(points: list[tuple[float, float]]) -> np.ndarray:
        return curve([(s * a, b) for a, b in points])

    body = out([(-0.9, 0.2), (-0.84, -0.2), (-0.58, -0.5), (-0.2, -0.58), (0.18, -0.46), (0.44, -0.16), (0.62, -0.06),
        (0.73, -0.24), (0.79, -0.44), (0.9, -0.4), (0.93, -0.04), (0.84, 0.42), (0.56, 0.8), (0.1, 1.0),
        (-0.5, 0.98), (-0.82, 0.7)])  # fmt: skip
    fluke = out([(0.82, -0.34), (0.72, -0.5), (0.5, -0.58), (0.56, -0.74), (0.76, -0.74), (0.87, -0.62), (0.96, -0.8),
        (1.0, -0.6), (0.94, -0.44)])  # fmt: skip
    throat = out([(-0.86, 0.34), (-0.66, 0.46), (-0.3, 0.54), (0.1, 0.44), (0.46, 0.3), (0.7, 0.28), (0.74, 0.46),
        (0.5, 0.8), (0.1, 0.99), (-0.5, 0.97), (-0.8, 0.7)])  # fmt: skip
    fin = out([(0.36, 0.34), (0.54, 0.36), (0.66, 0.62), (0.6, 0.86), (0.42, 0.72)])
    sail = out([(-0.02, -0.44), (0.06, -0.74), (0.18, -0.93), (0.26, -0.7), (0.36, -0.2)])
    pleats = () if dolphin or orca else tuple(
        Part(stroke([(s * (-0.66 + 0.07 * k), 0.56 + 0.075 * k), (s * -0.2, 0.64 + 0.075 * k),
            (s * (0.44 - 0.06 * k), 0.5 + 0.085 * k)], [0.004, 0.011, 0.004]), colours.mix(light, look.main, 0.45),
            look.material, puff=-0.4, lift=0.0) for k in range(4)
    )  # fmt: skip
    tall = orca or dolphin
    return Figure(
        body=(*(() if tall else _spout(look, x)), *((Part(sail, look.main, look.material, puff=0.5),) if tall else ()),
            Part(fluke, look.main, look.material, puff=0.5), Part(body, look.main, look.material, puff=0.6, lift=0.06),
            Part(throat, light, look.material, puff=0.1, lift=0.0), *pleats, *(_patches(x, s, light) if orca else ()),
            Part(fin, colours.shade(look.main, light=-0.05), look.material, puff=0.5, lift=0.04)),
        face=FaceSpot(x, cy - 0.08, look.vary(0.38, 0.4), hair=look.main * 0.5, eye_scale=1.06,
            muzzle=colours.mix(look.main, light, 0.8) if dolphin else None),
        front=(*(_tusk(x) if called(look, "narwhal") else ()), *_waves(look)),
        crown=(x, -0.5, 0.36),
        neck=(x, 0.62),
    )  # fmt: skip


def _spout(look: Look, x: float) -> tuple[Part, ...]:
    """Water from the blowhole: a stem that parts into falling plumes with drops."""
    water, high = np.array([0.72, 0.88, 0.97]), look.vary(-0.92, -0.86)
    jets = both(Part(stroke([(0.0, -0.5), (0.03, high + 0.14), (0.14, high), (0.26, high + 0.06), (0.3, high + 0.2)],
        [0.05, 0.055, 0.055, 0.05, 0.02]), water, "glass", puff=0.8, lift=0.02))  # fmt: skip
    drops = both(Part(ellipse(0.31, high + 0.3, 0.026, 0.036), water, "glass", puff=0.9))
    middle = Part(stroke([(0, -0.5), (0, high + 0.02)], [0.05, 0.03]), water, "glass", puff=0.8)
    return tuple(Part(p.outline + (x, 0), p.colour, p.material, p.puff, lift=p.lift) for p in (*jets, *drops, middle))


def _patches(x: float, s: int, white: np.ndarray) -> tuple[Part, ...]:
    """An orca's white patches, above and behind the eyes."""
    return tuple(
        Part(ellipse(x + d * 0.47, -0.22, 0.13, 0.075, turn=d * 34), white, "waxy", puff=0.1, lift=0.0) for d in (-1, 1)
    )


def _tusk(x: float) -> tuple[Part, ...]:
    """A narwhal's tusk, straight up from the brow, wound about with a groove."""
    ivory = np.array([0.97, 0.93, 0.82])
    horn = stroke([(x, -0.44), (x + 0.01, -0.7), (x + 0.02, -0.98)], [0.07, 0.045, 0.006])
    return (Part(horn, ivory, "porcelain", puff=0.9, lift=0.03, pattern=Pattern("bands", ivory * 0.78, 0.035, 0.7)),)


def _waves(look: Look) -> tuple[Part, ...]:
    """The sea it lies in."""
    water = look.one_of(*_SEA)
    parts = []
    for k, y in enumerate((0.9, 0.99)):
        xs = np.linspace(-1.1, 1.1, 12)
        line = [(float(x), y + 0.026 * (-1) ** (i + k)) for i, x in enumerate(xs)]
        parts.append(
            Part(stroke(line, 0.075), colours.shade(water, light=0.06 - 0.07 * k), "glass", puff=0.5, lift=0.02)
        )
    return tuple(parts)


@archetype(
    "animals",
    mains=("#7f8890", "#8f9590", "#a5a098", "#6a7078", "#8a7a70"),
    seconds=("#d9dcdc", "#e4e0d6", "#c9ccc9"),
    material="waxy",
)
def seal(look: Look) -> Figure:
    """A smooth head on a sleek body with flippers, whiskered cheeks, spots on the crown; a walrus's tusks."""
    walrus = called(look, "walrus")
    w, cy = look.vary(0.56, 0.6), -0.16
    s = 1 if look.chance(0.5) else -1
    light = colours.mix(look.main, WHITE, 0.55)
    body = mirrored([(0, cy), (0.44, cy + 0.2), (0.62, 0.5), (0.78, 0.8), (0.7, 1.0), (0, 1.1)])
    belly = mirrored([(0, 0.3), (0.26, 0.42), (0.44, 0.8), (0.46, 1.05), (0, 1.1)])
    head = mirrored([(0, cy - 0.6), (w * 0.5, cy - 0.54), (w * 0.9, cy - 0.28), (w, cy + 0.08), (w * 0.94, cy + 0.38),
        (w * 0.6, cy + 0.6), (0, cy + 0.66)])  # fmt: skip
    flipper = both(Part(curve([(0.5, 0.56), (0.66, 0.58), (0.86, 0.76), (0.97, 0.95), (0.8, 0.97), (0.62, 0.86)]),
        colours.shade(look.main, light=-0.05), look.material, puff=0.5, lift=0.05))  # fmt: skip
    tail = tuple(Part(curve([(s * a, b) for a, b in points]), colours.shade(look.main, light=-0.07), look.material,
        puff=0.5) for points in (((0.5, 0.9), (0.72, 0.72), (0.8, 0.42), (0.92, 0.5), (0.9, 0.8), (0.7, 1.0)),
        ((0.6, 0.9), (0.8, 0.72), (0.98, 0.56), (0.99, 0.74), (0.86, 0.95))))  # fmt: skip
    dots = both(*(Part(ellipse(x * w, cy + y, r, r * 0.85), colours.shade(look.main, light=-0.09), look.material,
        puff=0.1, lift=0.0) for x, y, r in ((0.5, -0.46, 0.045), (0.78, -0.3, 0.035), (0.25, -0.52, 0.03),
        (0.9, -0.08, 0.03))))  # fmt: skip
    spot = FaceSpot(0, cy - 0.06, look.vary(0.37, 0.39), muzzle=light, nose=DARK, hair=look.main * 0.4, eye_scale=1.08)
    tusks = both(Part(stroke([(0.14, cy + 0.5), (0.17, cy + 0.72), (0.15, cy + 0.95)], [0.06, 0.052, 0.012]),
        np.array([0.97, 0.94, 0.85]), "porcelain", puff=0.9, lift=0.04))  # fmt: skip
    return Figure(
        body=(*tail, Part(body, look.main, look.material, puff=0.65),
            Part(belly, light, look.material, puff=0.2, lift=0.0), *flipper,
            Part(head, look.main, look.material, puff=0.72, lift=0.05), *dots),
        face=spot,
        front=(*(tusks if walrus else ()), *whiskers(spot, 0.36, WHITE)),
        crown=(0, cy - 0.52, w * 0.7),
        neck=(0, cy + 0.66),
    )  # fmt: skip
