"""The pieces of cartoon people that their archetypes share: head, ears, neck and shoulders, and where the face goes.

All are drawn about a head whose middle is (0, 0) and whose half width is about half the picture's quarter.
"""

import numpy as np

from personify.avatar.sketch import colours
from personify.avatar.sketch.archetypes.pieces import both
from personify.avatar.sketch.figure import FaceSpot, Look, Part
from personify.avatar.sketch.shapes import curve, ellipse, mirrored, stroke


def head(w: float, jaw: float = 1.0, chin: float = 0.66) -> np.ndarray:
    """A head of half width w; `jaw` above 1 is broad, below 1 pointed; `chin` is its lowest y."""
    return mirrored(
        [(0, -0.6), (w * 0.62, -0.53), (w, -0.2), (w * 0.97, 0.12), (w * 0.8 * jaw, 0.42), (w * 0.38 * jaw,
            chin - 0.06),
         (0, chin)]
    )  # fmt: skip


def round_ears(skin: np.ndarray, w: float) -> tuple[Part, ...]:
    """Human ears."""
    return both(Part(ellipse(w, 0.06, 0.075, 0.13, turn=-8), colours.shade(skin, light=-0.02), "skin", puff=0.6))


def pointed_ears(skin: np.ndarray, w: float, reach: float) -> tuple[Part, ...]:
    """Ears that end in a point, `reach` beyond the head."""
    ear = curve([(w - 0.06, -0.06), (w + reach * 0.5, -0.16), (w + reach, -0.26), (w + reach * 0.62, 0.02),
        (w + 0.08, 0.2),
        (w - 0.06, 0.18)])  # fmt: skip
    inner = stroke([(w + 0.03, 0.1), (w + reach * 0.4, -0.06), (w + reach * 0.78, -0.2)], [0.03, 0.028, 0.008])
    return both(
        Part(ear, skin, "skin", puff=0.6), Part(inner, colours.shade(skin, light=-0.12), "skin", puff=-0.4, lift=0)
    )


def neck(skin: np.ndarray) -> Part:
    """A neck that vanishes in the clothes."""
    outline = mirrored([(0, 0.4), (0.21, 0.42), (0.2, 0.7), (0.28, 0.84), (0, 0.95)])
    return Part(outline, colours.shade(skin, light=-0.04), "skin", puff=0.7, lift=0.02)


def shoulders(width: float, cloth: np.ndarray, material: str = "fabric") -> Part:
    """Shoulders in a garment, cut off by the picture's lower edge."""
    outline = mirrored([(0, 0.7), (0.2, 0.72), (width * 0.7, 0.81), (width, 1.02), (width, 1.2), (0, 1.25)])
    return Part(outline, cloth, material, puff=0.5)


def face_spot(look: Look, w: float, hair: np.ndarray, *, y: float = -0.04) -> FaceSpot:
    """Where a person's face goes on such a head."""
    return FaceSpot(0, y, w * 0.87, hair=hair, human=True, eye_scale=1.06)
