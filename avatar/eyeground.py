"""What was drawn around an eye, told apart: skin, the eye itself as far as it goes, and what lies on the skin.

Lengths are in face units.
"""

from dataclasses import dataclass

import cv2
import numpy as np

_FOREIGN = 36.0
"""A difference in colour, in levels, at which something on the skin counts as half foreign to it."""
_SPREAD, _COARSEST = 0.05, 8
"""How far skin gives its colour to what is beside it, and by how many times that where no skin is near."""
_TRUST = 0.05
"""The share of skin near by at which its colour counts as much as that of the skin further off."""
_BELOW, WIDER = 0.09, 0.1
"""How far below its landmarks and beside them an eye may have been drawn."""
_WORN, _CLOSE = 0.15, 0.04
"""What hangs together with the eye and goes on below it, over more than this share of the opening, is worn before it
(spectacles); then only what is as close as this to the opening counts as the eye. What goes on beside it, so much
further than an eye is drawn, is worn too (an arm of spectacles, a strap) or hair; there the eye ends at its corner."""


@dataclass(frozen=True)
class EyeGround:
    """Pictures of one window: float32, (h, w, 3) in levels and (h, w) in shares."""

    skin: np.ndarray
    """The colour of the skin, also where there is none."""
    bare: np.ndarray
    """The window without all that isn't skin."""
    foreign: np.ndarray
    """How little a pixel is of the skin."""
    eye: np.ndarray
    """How much a pixel belongs to the eye as it was drawn, lashes and all: the opening between the landmarks, and what
    is foreign to the skin and hangs together with it."""


def eye_ground(
    pixels: np.ndarray,
    above: np.ndarray,
    below: np.ndarray,
    beside: tuple[np.ndarray, np.ndarray],
    room: float,
    unit_px: float,
) -> EyeGround:
    """The ground of the eye in `pixels` (uint8 RGB, (h, w, 3)).

    `above`, `below` and `beside` (h, w): how far each pixel lies above the upper lid's edge, below the lower one's and
    beyond each of the two corners; `room`: how far it is to the brow.
    """
    lid = (above > 0.3 * room) & (above < room - 0.02)
    skin = _skin(pixels, lid | ((below > 0.06) & (below < 0.3)), _SPREAD * unit_px)
    foreign = np.linalg.norm(pixels - skin, axis=2) / _FOREIGN
    foreign = (foreign**4 / (1 + foreign**4)).astype(np.float32)
    bare = pixels + (skin - pixels) * foreign[..., None]
    opening = (above < 0) & (below < 0)
    near, close = ((above < up) & (below < down) for up, down in ((room - 0.01, _BELOW), (_CLOSE, _CLOSE)))
    whole = _connected(opening, foreign > 0.5)
    worn = (whole & (below > _BELOW)).sum() > _WORN * opening.sum()
    eye = whole & (close if worn else near)
    level = _connected(opening, whole & (above < _BELOW) & (below < _BELOW))
    for beyond in beside:
        if (level & (beyond > WIDER + _CLOSE)).any():
            eye &= beyond < 0
    return EyeGround(skin, bare, foreign, _soft(_connected(opening, eye)))


def drawn_corners(eye: np.ndarray, u: np.ndarray, v: np.ndarray, edge: np.ndarray, pixel: float) -> np.ndarray:
    """A lid's edge (n, 2), sorted by u, with the corners of the eye as it was drawn where those lie further out.

    `eye`: see `EyeGround`; `u`, `v`: the places of its pixels, (h, w) each; `pixel`: the size of one.
    """
    points = [edge]
    for corner, outward in ((edge[0], -1.0), (edge[-1], 1.0)):
        away = outward * (u - corner[0])
        mine = (eye > 0.5) & (away > pixel) & (away < WIDER) & (np.abs(v - corner[1]) < WIDER)
        if mine.any():
            last = mine & (away > away[mine].max() - 1.5 * pixel)
            tip = np.array([[u[last].mean(), v[last].mean()]], edge.dtype)
            points = [tip, *points] if outward < 0 else [*points, tip]
    return np.concatenate(points)


def _connected(opening: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The opening and those of the others that hang together with it (bool, h, w)."""
    candidates = opening | others
    _, labels = cv2.connectedComponents(candidates.astype(np.uint8), connectivity=4)
    return candidates & np.isin(labels, np.unique(labels[opening]))


def _soft(mask: np.ndarray) -> np.ndarray:
    """The mask, a pixel wider, as shares with soft borders."""
    grown = cv2.dilate(mask.astype(np.float32), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.GaussianBlur(grown, (0, 0), 0.8), np.float32)


def _skin(pixels: np.ndarray, around: np.ndarray, spread_px: float) -> np.ndarray:
    """The skin's colour everywhere in the window, float32 RGB (h, w, 3).

    It is that of the pixels `around` the eye (bool, h, w), each place having it from those near by, where what differs
    much from most of them counts little.
    """
    values = pixels.astype(np.float32)
    if not around.any():
        return values
    usual = np.median(values[around], axis=0).astype(np.float32)
    strange = np.linalg.norm(values - usual, axis=2) / _FOREIGN
    weight = (around / (1 + strange**4)).astype(np.float32)
    weighted, filled = values * weight[..., None], np.broadcast_to(usual, values.shape)
    times = _COARSEST
    while times:  # the middle of the eye has its colour from afar, its rim from right beside it
        near = cv2.GaussianBlur(weighted, (0, 0), times * spread_px)
        total = cv2.GaussianBlur(weight, (0, 0), times * spread_px)[..., None]
        filled = (near + filled * np.float32(_TRUST)) / (total + np.float32(_TRUST))
        times //= 2
    return np.asarray(filled, np.float32)
