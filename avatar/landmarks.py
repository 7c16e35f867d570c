"""The landmark convention, said once: MediaPipe Face Mesh's 478 points, in pixels, origin at the top left.

468 points are the face, 468-477 the two irises. x grows to the right and y downwards in the picture; "right" and
"left" are the character's own, so the right eye is on the left of the picture. Depth is in pixels on the scale of x,
smaller is nearer to the viewer. Index lists follow the topology that MediaPipe publishes
(`mediapipe/python/solutions/face_mesh_connections.py`, Apache-2.0). Knows nothing of detectors.
"""

import numpy as np

COUNT = 478

OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""The face oval, clockwise in the picture from the middle of the forehead."""

RIGHT_EYE_UPPER = (33, 246, 161, 160, 159, 158, 157, 173, 133)
RIGHT_EYE_LOWER = (33, 7, 163, 144, 145, 153, 154, 155, 133)
LEFT_EYE_UPPER = (263, 466, 388, 387, 386, 385, 384, 398, 362)
LEFT_EYE_LOWER = (263, 249, 390, 373, 374, 380, 381, 382, 362)
"""Eyelid edges, outer corner to inner corner; the corners belong to both."""

RIGHT_IRIS = (468, 469, 470, 471, 472)
LEFT_IRIS = (473, 474, 475, 476, 477)
"""Centre, then the edge of the iris towards +x, up, -x and down in the picture."""

RIGHT_BROW_UPPER = (70, 63, 105, 66, 107)
RIGHT_BROW_LOWER = (46, 53, 52, 65, 55)
LEFT_BROW_UPPER = (300, 293, 334, 296, 336)
LEFT_BROW_LOWER = (276, 283, 282, 295, 285)
"""Brow edges, outer end to inner end."""

NOSE_BRIDGE = (168, 6, 197, 195, 5, 4)
NOSE_TIP = 4
NOSE_BASE = (98, 97, 2, 326, 327)
"""The bridge from top to tip; the base from the right wing to the left."""

LIPS_OUTER_UPPER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LIPS_OUTER_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
LIPS_INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LIPS_INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
"""Lip edges from the right corner (left in the picture) to the left one; the corners belong to both."""

CONTOURS: dict[str, tuple[int, ...]] = {
    "oval": OVAL,
    "right_eye_upper": RIGHT_EYE_UPPER,
    "right_eye_lower": RIGHT_EYE_LOWER,
    "left_eye_upper": LEFT_EYE_UPPER,
    "left_eye_lower": LEFT_EYE_LOWER,
    "right_iris": RIGHT_IRIS,
    "left_iris": LEFT_IRIS,
    "right_brow_upper": RIGHT_BROW_UPPER,
    "right_brow_lower": RIGHT_BROW_LOWER,
    "left_brow_upper": LEFT_BROW_UPPER,
    "left_brow_lower": LEFT_BROW_LOWER,
    "nose_bridge": NOSE_BRIDGE,
    "nose_base": NOSE_BASE,
    "lips_outer_upper": LIPS_OUTER_UPPER,
    "lips_outer_lower": LIPS_OUTER_LOWER,
    "lips_inner_upper": LIPS_INNER_UPPER,
    "lips_inner_lower": LIPS_INNER_LOWER,
}
"""Every contour that a drawing knows exactly, by name."""


def inter_ocular(points: np.ndarray) -> float:
    """The distance between the centres of the two eyes, in pixels; `points` is (478, 2) or (478, 3)."""
    right = points[[33, 133], :2].mean(axis=0)
    left = points[[263, 362], :2].mean(axis=0)
    return float(np.linalg.norm(left - right))
