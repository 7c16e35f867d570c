"""Hats: each is a few parts drawn about the middle of its lower edge, in half widths of the head, then seated on it."""

import math

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.figure import Part, Pattern
from personify.avatar.sketch.shapes import curve, ellipse, mirrored, scalloped, star, stroke
from personify.avatar.sketch.wardrobe import Fit, accessory

_SAG = 0.13
"""How far a band around a head hangs down in the middle, seen from slightly above."""
_GOLD = "#e2b33c"


def _tube(
    bottom: float, top: float, low: float, high: float, *, sag: float = _SAG, rise: float | None = None
) -> np.ndarray:
    """A band or cylinder around the head: half widths at the bottom and the top, y of both; the lower edge hangs by
    `sag` and the upper one by minus `rise` (by default it is parallel to the lower one)."""
    a = np.linspace(-1, 1, 25)
    bow = np.sqrt(1 - a**2)
    lower = np.stack([a * bottom, low + sag * bow], 1)
    upper = np.stack([a * top, high + (sag if rise is None else -rise) * bow], 1)
    return np.concatenate([lower, upper[::-1]])


def _brim(rx: float, ry: float, y: float = 0.02) -> np.ndarray:
    return ellipse(0, y, rx, ry)


def _side(fit: Fit) -> int:
    return 1 if fit.rng.random() < 0.5 else -1


@accessory("hat", "top hat", "hat", "topper", "silk hat", "cylinder hat")
def _top_hat(fit: Fit) -> tuple[Part, ...]:
    felt = fit.colour("#25262e", "#3b2b4f", "#5a2433", "#1f3d4d")
    ribbon = fit.colour("#b3202c", "#e0b04a", "#7e4fa3", "#d9d2c2")
    return fit.seat((
        Part(_brim(1.42, 0.21), felt, "felt", puff=0.35, lift=0.12),
        Part(_tube(0.97, 1.08, -0.02, -1.2, rise=0.1), felt, "felt", puff=0.55, lift=0.04),
        Part(_tube(0.975, 0.995, -0.02, -0.26), ribbon, "fabric", puff=0.4, lift=0.015),
    ))  # fmt: skip


@accessory("hat", "bowler hat", "bowler", "derby", "derby hat", "detective hat")
def _bowler(fit: Fit) -> tuple[Part, ...]:
    felt = fit.colour("#2c2a2b", "#5a4632", "#4a5058")
    dome = mirrored([(0, -0.92), (0.62, -0.8), (0.95, -0.42), (0.98, 0.0), (0.6, 0.11), (0, 0.14)])
    return fit.seat((
        Part(_brim(1.36, 0.2), felt, "felt", puff=0.4, lift=0.12), Part(dome, felt, "felt", lift=0.04),
        Part(_tube(0.985, 0.985, -0.01, -0.2), colours.shade(felt, light=-0.08), "fabric", puff=0.4, lift=0.015),
    ))  # fmt: skip


@accessory("hat", "cowboy hat", "stetson", "explorer hat", "fedora")
def _cowboy(fit: Fit) -> tuple[Part, ...]:
    felt = fit.colour("#9b6b3f", "#c9a36b", "#5b3b25", "#e0d3b8")
    brim = mirrored([(0, -0.02), (0.9, -0.1), (1.5, -0.36), (1.72, -0.3), (1.35, 0.06), (0.7, 0.24), (0, 0.28)])
    top = mirrored([(0, -0.82), (0.28, -0.96), (0.62, -0.92), (0.84, -0.5), (0.95, 0.0), (0.55, 0.12), (0, 0.15)])
    return fit.seat((
        Part(brim, felt, "felt", puff=0.4, lift=0.12), Part(top, felt, "felt", puff=0.7, lift=0.04),
        Part(_tube(0.955, 0.92, 0.0, -0.18), colours.shade(felt, light=-0.2), "leather", puff=0.4, lift=0.015),
    ))  # fmt: skip


@accessory("hat", "straw hat", "sun hat", "sunhat", "gardening hat", "boater", "farmer hat")
def _straw_hat(fit: Fit) -> tuple[Part, ...]:
    straw = colours.parse("#e3c478")
    ribbon = fit.colour("#c23b4b", "#2f6f9f", "#4f8a4a")
    dome = mirrored([(0, -0.72), (0.6, -0.66), (0.9, -0.4), (0.96, 0.0), (0.6, 0.12), (0, 0.14)])
    return fit.seat((
        Part(_brim(1.62, 0.26), straw, "fabric", puff=0.3, lift=0.14),
        Part(dome, straw, "fabric", puff=0.7, lift=0.04),
        Part(_tube(0.965, 0.95, 0.0, -0.22), ribbon, "fabric", puff=0.4, lift=0.015),
    ))  # fmt: skip


@accessory("hat", "crown", "golden crown", "royal crown")
def _crown(fit: Fit) -> tuple[Part, ...]:
    gold = colours.parse(_GOLD)
    spikes = []
    for k, height in zip(range(-2, 3), (-0.66, -0.78, -0.86, -0.78, -0.66), strict=True):
        x = k * 0.46
        spikes.append((x, height + 0.08 * math.cos(k * 0.7)))
        if k < 2:
            spikes.append((x + 0.23, -0.3 + 0.1 * math.cos((k + 0.5) * 0.7)))
    lower = _tube(0.92, 1, 0, 0)[:25]
    outline = np.concatenate([lower, np.array(spikes)[::-1]])
    gems = [
        Part(ellipse(x, -0.1 + _SAG * math.sqrt(1 - (x / 0.95) ** 2), 0.085, 0.1), fit.colour(gem), "glass", lift=0.01)
        for x, gem in ((-0.56, "#2f6fd0"), (0.0, "#c4203a"), (0.56, "#2f9e5b"))
    ]
    tips = [
        Part(ellipse(x, y - 0.02, 0.075, 0.075), colours.shade(gold, light=0.12), "metal", lift=0.01)
        for x, y in spikes[::2]
    ]
    return fit.seat((
        Part(outline, gold, "metal", bevel=0.1, lift=0.08),
        Part(_tube(0.93, 0.945, 0.0, -0.07), colours.shade(gold, light=-0.1), "metal", puff=0.5, lift=0.01),
        *gems, *tips,
    ), sink=0.05, scale=0.86)  # fmt: skip


@accessory("hat", "tiara", "diadem", "circlet")
def _tiara(fit: Fit) -> tuple[Part, ...]:
    silver = colours.parse("#d5dbe6")
    arch = mirrored(
        [(0, -0.5), (0.16, -0.34), (0.34, -0.34), (0.6, -0.14), (0.86, -0.1), (0.9, 0.02), (0.45, 0.0), (0, 0.02)], n=6
    )
    stones = [Part(ellipse(x, y, r, r), fit.colour("#4fa3d9", "#c94f8f"), "glass", lift=0.01)
              for x, y, r in ((0, -0.24, 0.11), (-0.36, -0.14, 0.07), (0.36, -0.14, 0.07))]  # fmt: skip
    return fit.seat((Part(arch, silver, "metal", bevel=0.08, lift=0.05), *stones), sink=0.1, scale=0.85)


@accessory("hat", "chef hat", "chef's hat", "chefs hat", "toque", "baker hat", "cook hat")
def _chef_hat(fit: Fit) -> tuple[Part, ...]:
    white = colours.parse("#f4f2ee")
    puffs = [Part(ellipse(x, y, rx, ry), white, "fabric", puff=0.5, lift=0.03)
             for x, y, rx, ry in ((-0.78, -0.86, 0.5, 0.4), (0.78, -0.86, 0.5, 0.4), (-0.36, -1.08, 0.5, 0.42),
                                  (0.4, -1.08, 0.5, 0.42), (0.0, -0.9, 0.62, 0.5))]  # fmt: skip
    return fit.seat((
        *puffs, Part(_tube(0.94, 0.98, 0.0, -0.52), colours.shade(white, light=-0.03), "fabric", puff=0.4, lift=0.05),
        *(Part(stroke([(x, -0.44 + 0.06 * (1 - x * x)), (x * 0.98, 0.02 + 0.07 * (1 - x * x))], 0.012),
               colours.parse("#c9c6c2"), "fabric", puff=0.2, lift=0.0) for x in (-0.6, -0.2, 0.2, 0.6)),
    ))  # fmt: skip


@accessory("hat", "wizard hat", "witch hat", "wizard's hat", "witch's hat", "magician hat", "pointed hat", "pointy hat")
def _wizard_hat(fit: Fit) -> tuple[Part, ...]:
    cloth = fit.colour("#3f4fb0", "#6a3fa0", "#2f6f86", "#7a3f6b")
    gold = colours.parse(_GOLD)
    lean = _side(fit)
    cone = curve([
        (-0.98, 0.0), (-0.5, 0.1), (0, 0.13), (0.5, 0.1), (0.98, 0.0), (0.72, -0.5), (0.5, -0.92), (0.52, -1.22),
        (0.86, -1.4), (0.4, -1.48), (0.02, -1.3), (-0.34, -0.88), (-0.7, -0.45),
    ], n=10) * (lean, 1)  # fmt: skip
    sky = ((-0.3, -0.5, 0.15, 10), (0.26, -0.66, 0.12, -20), (0.08, -1.0, 0.1, 25), (0.5, -0.38, 0.07, 5))
    stars = [star(x * lean, y, r, r * 0.45, 5, turn=turn) for x, y, r, turn in sky]
    return fit.seat((
        Part(_brim(1.48, 0.23), cloth, "felt", puff=0.35, lift=0.14), Part(cone, cloth, "felt", puff=0.6, lift=0.04),
        Part(_tube(0.985, 0.9, 0.0, -0.2), colours.shade(cloth, light=-0.12), "leather", puff=0.4, lift=0.015),
        *(Part(outline, gold, "metal", puff=0.4, lift=0.0) for outline in stars),
        Part(_buckle(0.18), gold, "metal", bevel=0.04, lift=0.01, holes=(_buckle(0.09),)),
    ), tilt=3, scale=0.96)  # fmt: skip


def _buckle(half: float) -> np.ndarray:
    return np.array([(-half, -half), (half, -half), (half, half), (-half, half)]) * (1, 0.85) + (0, 0.03)


@accessory("hat", "pirate hat", "tricorne", "tricorn", "captain's hat", "captain hat", "bicorne")
def _pirate_hat(fit: Fit) -> tuple[Part, ...]:
    black = fit.colour("#26232a", "#3a2430", "#1f2f45")
    gold, bone = colours.parse(_GOLD), colours.parse("#f0ead8")
    flap = mirrored(
        [(0, -1.12), (0.55, -1.0), (1.0, -0.6), (1.52, -0.36), (1.6, -0.12), (1.1, 0.03), (0.5, 0.13), (0, 0.17)]
    )
    trim = mirrored(
        [(0, -1.2), (0.58, -1.08), (1.05, -0.68), (1.58, -0.44), (1.7, -0.12), (1.12, 0.08), (0.5, 0.17), (0, 0.2)]
    )
    skull = mirrored([(0, -0.82), (0.2, -0.76), (0.26, -0.56), (0.14, -0.42), (0.12, -0.32), (0, -0.31)], n=8)
    sockets = (ellipse(-0.1, -0.57, 0.065, 0.07, n=24), ellipse(0.1, -0.57, 0.065, 0.07, n=24))
    bones = [stroke([(-0.4 * s, -0.4), (0.4 * s, -0.12)], 0.045) for s in (-1, 1)]
    return fit.seat((
        Part(trim, gold, "metal", puff=0.3, lift=0.12), Part(flap, black, "felt", puff=0.45, lift=0.02),
        *(Part(b, bone, "clay", puff=0.5, lift=0.0) for b in bones),
        Part(skull, bone, "clay", puff=0.5, lift=0.01, holes=sockets),
    ), tilt=4)  # fmt: skip


@accessory("hat", "graduation cap", "mortarboard", "mortar board", "academic cap", "scholar cap", "graduation hat")
def _graduation_cap(fit: Fit) -> tuple[Part, ...]:
    black = fit.colour("#26262c", "#26305a", "#5a2433")
    gold = colours.parse(_GOLD)
    board = np.array([(-1.5, -0.6), (0.0, -0.98), (1.5, -0.6), (0.0, -0.26)])
    side = _side(fit)
    cord = stroke([(0, -0.62), (0.6 * side, -0.58), (1.12 * side, -0.5), (1.16 * side, -0.16)], 0.028)
    tassel = np.array([(-0.05, -0.2), (0.05, -0.2), (0.11, 0.12), (-0.11, 0.12)]) + (1.16 * side, 0)
    return fit.seat((
        Part(_tube(0.96, 0.92, 0.0, -0.6), black, "fabric", puff=0.5, lift=0.08),
        Part(board, colours.shade(black, light=0.05), "fabric", bevel=0.05, lift=0.1),
        Part(cord, gold, "fabric", lift=0.02), Part(ellipse(0, -0.63, 0.09, 0.06), gold, "fabric", lift=0.01),
        Part(tassel, gold, "hair", puff=0.5, lift=0.03),
        Part(ellipse(1.16 * side, -0.2, 0.07, 0.06), colours.shade(gold, light=-0.1), "fabric", lift=0.01),
    ))  # fmt: skip


@accessory("hat", "beret", "painter's hat", "artist hat")
def _beret(fit: Fit) -> tuple[Part, ...]:
    felt = fit.colour("#b3253a", "#2b2d3a", "#3f6b4f", "#7a3b78", "#c98b2f")
    side = _side(fit)
    disc = curve([(-1.02, -0.1), (-1.12, -0.46), (-0.5, -0.76), (0.4, -0.78), (1.2, -0.5), (1.46, -0.12), (1.25, 0.1),
                  (0.9, 0.0), (0.3, 0.08), (-0.4, 0.08)]) * (side, 1)  # fmt: skip
    stalk = stroke([(0.16 * side, -0.74), (0.2 * side, -0.9)], 0.035)
    return fit.seat((
        Part(stalk, felt, "felt"), Part(disc, felt, "felt", puff=0.6, lift=0.1),
        Part(_tube(1.0, 1.0, -0.02, -0.12), colours.shade(felt, light=-0.1), "leather", puff=0.4, lift=0.02),
    ), tilt=4)  # fmt: skip


@accessory("hat", "sailor cap", "sailor hat", "navy cap")
def _sailor_cap(fit: Fit) -> tuple[Part, ...]:
    white, navy = colours.parse("#f2f1ee"), colours.parse("#25355f")
    side = _side(fit)
    tails = [
        stroke([(0.86 * side, 0.0), (1.12 * side, 0.14), (x * side, 0.44)], [0.06, 0.09, 0.1]) for x in (1.1, 1.26)
    ]
    top = mirrored([(0, -0.84), (0.7, -0.78), (1.26, -0.46), (1.02, -0.1), (0, 0.05)])
    lines = [_tube(1.025, 1.027, y + 0.02, y - 0.02) for y in (-0.09, -0.2)]
    return fit.seat((
        *(Part(tail, navy, "fabric", lift=0.03) for tail in tails),
        Part(top, white, "fabric", puff=0.5, lift=0.08),
        Part(_tube(1.0, 1.03, 0.0, -0.3), navy, "fabric", puff=0.4, lift=0.03),
        *(Part(line, colours.parse(_GOLD), "fabric", puff=0.3, lift=0.0) for line in lines),
    ), tilt=7)  # fmt: skip


@accessory("hat", "party hat", "birthday hat", "cone hat")
def _party_hat(fit: Fit) -> tuple[Part, ...]:
    paper = fit.colour("#e8487a", "#2f9fd0", "#f2b632", "#55b04f")
    other = fit.colour("#fff3d0", "#ffd23f", "#ffffff")
    cone = np.concatenate([_tube(0.62, 1, 0, 0, sag=0.12)[:25], [(0.05, -1.24), (-0.05, -1.24)]])
    pompom = scalloped(0, -1.26, 0.2, 0.2, 11, 0.25)
    dots = Pattern("spots", other, 0.3 * fit.crown[2] * 0.9, 1.0)
    return fit.seat((
        Part(cone, paper, "paper", puff=0.7, lift=0.1, pattern=dots), Part(pompom, other, "fur", lift=0.03),
        Part(_tube(0.63, 0.62, 0.01, -0.07, sag=0.12), other, "felt", puff=0.5, lift=0.02),
    ), sink=-0.02, scale=0.95, tilt=12)  # fmt: skip


@accessory("hat", "helmet", "knight helmet", "armour", "armor")
def _helmet(fit: Fit) -> tuple[Part, ...]:
    steel = fit.colour("#a9b2bd", "#8a929c", "#c2a15a")
    brass = colours.parse("#b98a35")
    dome = mirrored([(0, -1.02), (0.6, -0.86), (0.98, -0.4), (1.06, 0.02), (0.6, 0.12), (0, 0.15)])
    plume = curve([
        (-0.1, -0.98), (-0.24, -1.3), (0.2, -1.5), (0.85, -1.4), (1.1, -0.96), (0.75, -1.1), (0.3, -1.06),
        (0.1, -0.98),
    ])  # fmt: skip
    rivets = [
        ellipse(x, -0.1 + _SAG * math.sqrt(1 - x * x / 1.2), 0.045, 0.045, n=24) for x in (-0.8, -0.42, 0.0, 0.42, 0.8)
    ]
    return fit.seat((
        Part(plume, fit.colour("#b3202c", "#2f5fb0", "#efe6d2"), "feathers", lift=0.03),
        Part(dome, steel, "metal", puff=0.7, lift=0.1),
        Part(stroke([(0, -1.03), (0.0, -0.5), (0.0, 0.02)], [0.05, 0.075, 0.08]), brass, "metal", lift=0.02),
        Part(_tube(1.07, 1.05, 0.02, -0.2), brass, "metal", puff=0.4, lift=0.02),
        *(Part(rivet, colours.shade(brass, light=0.2), "metal", lift=0.01) for rivet in rivets),
    ), tilt=2)  # fmt: skip


@accessory("hat", "hard hat", "builder's helmet", "safety helmet", "fire helmet", "firefighter helmet", "miner helmet")
def _hard_hat(fit: Fit) -> tuple[Part, ...]:
    shell = fit.colour("#f0b323", "#d8412f", "#f4f1ea")
    light = colours.shade(shell, light=0.04)
    dome = mirrored([(0, -0.92), (0.62, -0.78), (0.98, -0.36), (1.02, 0.0), (0.6, 0.1), (0, 0.13)])
    ridges = [stroke([(x * 0.6, -0.86 + 0.08 * abs(x)), (x, -0.45), (x * 1.1, -0.02)], 0.06) for x in (-0.4, 0.0, 0.4)]
    visor = mirrored([(0, -0.04), (0.8, -0.1), (1.14, -0.02), (0.8, 0.15), (0, 0.25)])
    return fit.seat((
        Part(dome, shell, "plastic", puff=0.75, lift=0.08),
        *(Part(ridge, light, "plastic", lift=0.01) for ridge in ridges),
        Part(visor, shell, "plastic", puff=0.4, lift=0.06),
    ), tilt=4)  # fmt: skip


@accessory("hat", "cap", "baseball cap", "police cap", "driver cap", "flat cap", "newsboy cap", "train driver cap")
def _cap(fit: Fit) -> tuple[Part, ...]:
    cloth = fit.colour("#2f5f9f", "#b3302f", "#3f7a4a", "#3a3d45", "#d99a2b")
    front = colours.shade(cloth, light=0.1)
    dome = mirrored([(0, -0.86), (0.62, -0.74), (0.98, -0.34), (1.02, 0.0), (0.6, 0.1), (0, 0.13)])
    visor = mirrored([(0, -0.06), (0.7, -0.1), (0.98, 0.0), (0.82, 0.2), (0, 0.3)])
    return fit.seat((
        Part(dome, cloth, "fabric", puff=0.75, lift=0.08),
        Part(mirrored([(0, -0.84), (0.34, -0.6), (0.52, 0.06), (0, 0.1)]), front, "fabric", puff=0.3, lift=0.01),
        Part(ellipse(0, -0.87, 0.08, 0.05), front, "fabric", lift=0.01),
        Part(visor, colours.shade(cloth, light=-0.06), "fabric", puff=0.5, lift=0.07),
    ), tilt=4)  # fmt: skip


@accessory("hat", "santa hat", "nightcap", "night cap", "elf hat", "sleeping cap")
def _santa_hat(fit: Fit) -> tuple[Part, ...]:
    cloth, white = fit.colour("#b8232f", "#2f5f8f", "#4b6b3f"), colours.parse("#f6f3ee")
    side = _side(fit)
    bag = curve([
        (-0.98, 0.0), (0, 0.1), (0.98, 0.0), (1.02, -0.5), (1.4, -0.5), (1.5, 0.02), (1.28, 0.05), (1.3, -0.7),
        (0.9, -1.0), (0.2, -1.1), (-0.5, -0.85), (-0.9, -0.4),
    ], n=10) * (side, 1)  # fmt: skip
    return fit.seat((
        Part(bag, cloth, "felt", puff=0.6, lift=0.08),
        Part(scalloped(1.4 * side, 0.12, 0.22, 0.22, 11, 0.2), white, "fur", lift=0.04),
        Part(_tube(1.08, 1.08, 0.02, -0.24), white, "fur", puff=0.7, lift=0.04),
    ), tilt=3)  # fmt: skip


@accessory("hat", "bandana", "kerchief", "headscarf", "head scarf")
def _bandana(fit: Fit) -> tuple[Part, ...]:
    cloth = fit.colour("#b3253a", "#2b4f8a", "#2f7a55", "#d08a2f")
    dots = Pattern("spots", colours.parse("#f4efe2"), 0.2 * fit.crown[2], 0.95)
    side = _side(fit)
    dome = mirrored([(0, -0.62), (0.6, -0.52), (0.96, -0.16), (1.03, 0.08), (0.6, 0.1), (0, 0.12)])
    tail = curve([(1.0, -0.02), (1.25, 0.1), (1.4, 0.34), (1.16, 0.3)])
    return fit.seat((
        *(Part((tail + by) * (side, 1), cloth, "fabric", lift=0.04) for by in ((0.06, -0.12), (-0.06, 0.06))),
        Part(dome, cloth, "fabric", puff=0.6, lift=0.06, pattern=dots),
        Part(_tube(1.03, 1.03, 0.02, -0.12), colours.shade(cloth, light=-0.07), "fabric", puff=0.5, lift=0.02),
        Part(ellipse(1.03 * side, 0.0, 0.12, 0.13), cloth, "fabric", lift=0.03),
    ), tilt=2)  # fmt: skip
