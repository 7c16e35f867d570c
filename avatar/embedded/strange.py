"""Strange faces: what a detector can't use and generators like to draw: dots and a smile, beaks and snouts."""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.face import Face
from personify.avatar.sketch.figure import Part
from personify.avatar.sketch.shapes import ellipse, stroke


def strange_parts(kind: str, face: Face, ground: np.ndarray, rng: np.random.Generator) -> tuple[Part, ...]:
    """The parts of a face of that kind in the place of a human's, back to front; none for "none"."""
    if kind == "dots":
        return _dots(face, ground, rng)
    if kind == "beak":
        return _beak(face, ground, rng) if rng.random() < 0.5 else _snout(face, ground, rng)
    return ()


def _at(face: Face, outline: np.ndarray) -> np.ndarray:
    return face.to_picture(outline)


def _dark(ground: np.ndarray) -> np.ndarray:
    """Ink on light grounds, chalk on very dark ones."""
    return np.array([0.09, 0.07, 0.08]) if colours.luminance(ground) > 0.16 else np.array([0.93, 0.92, 0.88])


def _dots(face: Face, ground: np.ndarray, rng: np.random.Generator) -> tuple[Part, ...]:
    ink, apart = _dark(ground), rng.uniform(0.32, 0.5)
    r, tall = rng.uniform(0.06, 0.13), rng.uniform(1.0, 1.7)
    parts = [Part(_at(face, ellipse(s * apart, 0.05, r, r * tall)), ink, "plastic", puff=0.3, lift=0) for s in (-1, 1)]
    y, half, bend = rng.uniform(0.35, 0.62), rng.uniform(0.14, 0.36), rng.uniform(-0.05, 0.2)
    kind = rng.random()
    if kind < 0.7:
        curve = [(half * t, y + bend * (1 - t * t)) for t in np.linspace(-1, 1, 9)]
        parts.append(Part(_at(face, stroke(curve, rng.uniform(0.018, 0.035))), ink, "plastic", puff=0.1, lift=0))
    elif kind < 0.9:
        t = np.linspace(0, np.pi, 21)
        mouth = np.stack([half * 0.8 * np.cos(t), y + 0.3 * np.sin(t)], 1)
        parts.append(Part(_at(face, mouth), np.array([0.45, 0.1, 0.12]), "plastic", puff=0.05, lift=0))
    if rng.random() < 0.4:
        pink = colours.mix(ground, np.array([0.95, 0.4, 0.45]), 0.55)
        parts += [
            Part(_at(face, ellipse(s * (apart + 0.18), 0.3, 0.13, 0.08)), pink, puff=0.1, lift=0) for s in (-1, 1)
        ]
    return tuple(parts)


def _round_eyes(face: Face, rng: np.random.Generator) -> list[Part]:
    """Eyes that are round all over, some set in white or yellow."""
    parts, apart, r = [], rng.uniform(0.58, 0.95), rng.uniform(0.09, 0.2)
    ring = colours.parse(str(rng.choice(["#f7f2e2", "#f2c23a", "#e88a2a", "#ffffff"])))
    bare = rng.random() < 0.4
    for s in (-1, 1):
        if not bare:
            parts.append(
                Part(_at(face, ellipse(s * apart, 0, r * 1.35, r * 1.35)), ring, "plastic", puff=0.3, lift=0.01)
            )
        parts.append(
            Part(_at(face, ellipse(s * apart, 0, r * 0.8, r * 0.8)), np.array([0.06, 0.05, 0.06]), "porcelain", lift=0)
        )
    return parts


def _beak(face: Face, ground: np.ndarray, rng: np.random.Generator) -> tuple[Part, ...]:
    horn = colours.parse(str(rng.choice(["#e8952a", "#d8a82a", "#3a3430", "#c8642a", "#e3c26a"])))
    w, top, tip = rng.uniform(0.3, 0.62), rng.uniform(0.0, 0.25), rng.uniform(0.8, 1.3)
    upper = np.array(
        [
            (-w, top + 0.12),
            (-w * 0.5, top),
            (0, top - 0.05),
            (w * 0.5, top),
            (w, top + 0.12),
            (w * 0.3, 0.7 * tip),
            (0, tip),
            (-w * 0.3, 0.7 * tip),
        ]
    )
    lower = np.array([(-w * 0.6, top + 0.3), (w * 0.6, top + 0.3), (0.0, tip + 0.12)])
    return (
        *_round_eyes(face, rng),
        Part(_at(face, lower), horn * 0.7, "waxy", lift=0.01), Part(_at(face, upper), horn, "waxy", lift=0.03),
    )  # fmt: skip


def _snout(face: Face, ground: np.ndarray, rng: np.random.Generator) -> tuple[Part, ...]:
    pale = colours.mix(ground, np.array([0.96, 0.86, 0.76]), rng.uniform(0.2, 0.7))
    nose = colours.parse(str(rng.choice(["#2a2022", "#d98a8a", "#4a2f2a"])))
    w, h, y = rng.uniform(0.55, 0.85), rng.uniform(0.42, 0.62), rng.uniform(0.6, 0.85)
    parts = [*_round_eyes(face, rng), Part(_at(face, ellipse(0, y, w, h)), pale, "clay", puff=0.9, lift=0.03)]
    parts.append(Part(_at(face, ellipse(0, y - 0.5 * h, 0.36 * w, 0.24 * w)), nose, "plastic", puff=0.8, lift=0.01))
    line = [(0.0, y - 0.2 * h), (0.0, y + 0.2 * h)]
    parts.append(Part(_at(face, stroke(line, 0.02)), nose * 0.6, puff=0.1, lift=0))
    for s in (-1, 1) if rng.random() < 0.5 else ():
        curl = [(0.0, y + 0.2 * h), (s * 0.14, y + 0.34 * h), (s * 0.28, y + 0.2 * h)]
        parts.append(Part(_at(face, stroke(curl, 0.02)), nose * 0.6, puff=0.1, lift=0))
    return tuple(parts)
