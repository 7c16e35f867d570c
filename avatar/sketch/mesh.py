"""All 478 landmarks of a drawing: the drawn ones as they are, the rest from a canonical mesh bent to fit them.

The canonical mesh is the median of what MediaPipe reports on our own drawings, in face units (origin between the eyes,
x to the right of the picture, y down, 1 = the distance between the irises; depth smaller = nearer). Make it anew with
`python -m personify.avatar.sketch.mesh`, which writes canonical.json.
"""

import json
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from personify.avatar.landmarks import COUNT, LEFT_IRIS, RIGHT_IRIS

_RIGHT, _LEFT = RIGHT_IRIS[0], LEFT_IRIS[0]


def full_landmarks(numbers: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Landmarks float32 (478, 2) in pixels and depth float32 (478,) on the same scale.

    `numbers` (n,) and `points` (n, 2) in pixels are the known ones, the irises among them. The rest follow by linear
    radial basis functions of the known points' displacements (scipy's RBFInterpolator).
    """
    from scipy.interpolate import RBFInterpolator

    mesh = canonical()
    order = {int(n): i for i, n in enumerate(numbers)}
    right, left = points[order[_RIGHT]].astype(float), points[order[_LEFT]].astype(float)
    along = left - right
    frame = np.stack([along, (-along[1], along[0])])
    placed = mesh[:, :2] @ frame + (right + left) / 2
    bend = RBFInterpolator(placed[numbers], points - placed[numbers], kernel="linear", degree=1)
    out = placed + bend(placed)
    out[numbers] = points
    return out.astype(np.float32), (mesh[:, 2] * np.linalg.norm(along)).astype(np.float32)


@lru_cache(maxsize=1)
def canonical() -> np.ndarray:
    """The canonical mesh, float64 (478, 3), face units."""
    return np.array(json.loads(files(__package__).joinpath("canonical.json").read_text(encoding="utf-8")))


def measure_canonical(seeds: int = 6) -> np.ndarray:
    """The median mesh over every archetype's drawings, made symmetric, (478, 3) in face units."""
    from personify.avatar.brief import AppearanceBrief
    from personify.avatar.detector import FaceMeshDetector
    from personify.avatar.sketch.draw import draw
    from personify.avatar.sketch.registry import archetypes

    detector, seen = FaceMeshDetector(), []
    for name, kind in archetypes().items():
        for seed in range(seeds):
            brief = AppearanceBrief(concept=name, category=kind.category, archetype=name)
            found = detector.find(draw(brief, seed=seed, style="clay").image)
            if found is not None:
                seen.append(_in_face_units(found.astype(float)))
    mesh = np.median(seen, axis=0)
    return (mesh + _mirror(mesh)) / 2


def _in_face_units(points: np.ndarray) -> np.ndarray:
    right, left = points[_RIGHT], points[_LEFT]
    along = (left - right)[:2]
    size = np.linalg.norm(along)
    frame = np.stack([along, (-along[1], along[0])], 1) / size**2
    return np.concatenate([(points[:, :2] - (right + left)[:2] / 2) @ frame, points[:, 2:] / size], 1)


def _mirror(mesh: np.ndarray) -> np.ndarray:
    """The mesh mirrored, its points renumbered by nearest partner so that right and left change places."""
    flipped = mesh * (-1, 1, 1)
    distance = np.linalg.norm(mesh[:, None] - flipped[None], axis=2)
    return flipped[distance.argmin(axis=1)]


if __name__ == "__main__":
    target = Path(__file__).with_name("canonical.json")
    result = measure_canonical()
    assert result.shape == (COUNT, 3)
    target.write_text(json.dumps(np.round(result, 4).tolist()) + "\n", encoding="utf-8")
