"""The head's form: how far each spot of a portrait stands out to the viewer, and how much of the head it belongs to.

Both are known in the nodes of a coarse grid, in face units. Knows nothing of poses and pixels' colours.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from personify.avatar.easing import smooth_step
from personify.avatar.faceframe import FaceFrame

_SHARP, _WIDE = 0.13, 0.55
"""Reach of a landmark's depth, face units: over the face itself, and over hair, ears and hats around it."""
_WIDE_SHARE, _FLAT = 0.03, 0.45
"""Weight of the wide reach beside the sharp one, and of the plane that everything lies in far from the face."""
_STEEPEST = 1.7
"""The slope of the relief is smoothed down to this: a turn by 15 degrees squeezes by a quarter of it."""
_SIDES, _CHIN, _CROWN = (234, 454), 152, 10
_BORDER_REACH = 1.6
"""Over how much, in face units, a character that the picture's border cuts off gets free of it."""


@dataclass(frozen=True)
class HeadForm:
    """The form in a grid of nodes; float32 (rows, columns) each, lengths in face units.

    `u`, `v`: the nodes' places. `relief`: nearness to the viewer, 0 in the plane of the ears. `follow`: the share of
    the head's movement, 1 on the head. `free_x`, `free_y`: the share of a movement along the picture's x or y that the
    border allows, 0 on a border that cuts the character off. `inside`: bool, true on and next to the character.
    `pivot`: (u, v) of the point about which the head tilts.
    """

    u: np.ndarray
    v: np.ndarray
    relief: np.ndarray
    follow: np.ndarray
    free_x: np.ndarray
    free_y: np.ndarray
    inside: np.ndarray
    pivot: tuple[float, float]


def head_form(
    nodes: np.ndarray, landmarks: np.ndarray, depth: np.ndarray | None, mask: np.ndarray | None, frame: FaceFrame,
    size: tuple[int, int],
) -> HeadForm:  # fmt: skip
    """The form in `nodes`, float32 (rows, columns, 2) pixels, of a portrait of `size` (H, W) pixels.

    `landmarks` (478, 2), `depth` (478,) or None and `mask` uint8 (H, W) or None are the portrait's.
    """
    u, v = np.moveaxis(frame.to_face(nodes), -1, 0).astype(np.float32)
    uv = frame.to_face(landmarks)
    spacing = float(nodes[0, 1, 0] - nodes[0, 0, 0]) / frame.unit_px
    relief = _relief(u, v, uv, depth, frame.unit_px, spacing)
    chin, middle = float(uv[_CHIN, 1]), float(uv[[_CROWN, _CHIN], 0].mean())
    if mask is None:
        free_x, free_y = _borders(np.full(size, 255, np.uint8), nodes, frame.unit_px, size)
        follow = _head_only(u, v, middle, float(uv[_CROWN, 1] + chin) / 2)
        return HeadForm(u, v, relief, follow, free_x, free_y, np.ones(u.shape, bool), (middle, chin - 0.7))
    cover = _in_nodes(mask, nodes)
    free_x, free_y = _borders(mask, nodes, frame.unit_px, size)
    follow = _follow(v, cover > 0.5, chin, standing=float((mask[-2:] > 127).mean()) > 0.02)
    inside = cv2.dilate((cover > 0.02).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return HeadForm(u, v, relief, follow, free_x, free_y, inside, (middle, chin + 0.45))


def _relief(
    u: np.ndarray, v: np.ndarray, uv: np.ndarray, depth: np.ndarray | None, unit_px: float, spacing: float
) -> np.ndarray:
    """The landmarks' depth spread over the grid, smoothed until nowhere too steep; `spacing` between nodes."""
    if depth is None:  # an egg, as high as a human nose and forehead are
        return (1.25 * np.exp(-((u / 0.95) ** 2) - ((v - 0.45) / 1.25) ** 2)).astype(np.float32)
    height = (depth[list(_SIDES)].mean() - depth) / unit_px
    relief = np.zeros_like(u)
    close = (np.abs(u) < 3.2) & (v > -2.8) & (v < 4)  # the wide reach gives nothing beyond
    away = np.square(u[close, None] - uv[:, 0], dtype=np.float32) + np.square(
        v[close, None] - uv[:, 1], dtype=np.float32
    )
    weight = np.exp(away / (-2 * _SHARP**2)) + _WIDE_SHARE * np.exp(away / (-2 * _WIDE**2))
    relief[close] = np.maximum((weight @ height.astype(np.float32)) / (weight.sum(axis=-1) + _FLAT), 0)
    for _ in range(40):
        slope = np.hypot(*np.gradient(relief, spacing))
        if slope.max() <= _STEEPEST:
            break
        relief = cv2.GaussianBlur(relief, (0, 0), max(0.05 / spacing, 0.5))
    return relief


def _head_only(u: np.ndarray, v: np.ndarray, middle: float, centre: float) -> np.ndarray:
    """Follow where no mask tells head from background: the head, fading out around it."""
    r = np.hypot((u - middle) / 1.75, (v - centre) / 2.0)
    return smooth_step((1.42 - r) / 0.82).astype(np.float32)


def _follow(v: np.ndarray, character: np.ndarray, chin: float, *, standing: bool) -> np.ndarray:
    """The head wholly; below the chin less and less, least for shoulders that stand on the picture's lower edge."""
    low = float(v[character].max()) if character.any() else float(v.max())
    body = low - chin
    lowest = np.interp(body, [0.2, 1.0, 2.2], [1, 0.4, 0.12] if standing else [1, 0.85, 0.5])
    start = min(chin + 0.05, low - 1.1)
    return (1 - (1 - lowest) * smooth_step((v - start) / max(low - start, 1.1)).astype(np.float32)).astype(np.float32)


def _borders(
    mask: np.ndarray, nodes: np.ndarray, unit_px: float, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """How freely each node moves along x and y where the picture's border cuts the character off."""
    x, y = nodes[0, :, 0], nodes[:, 0, 1]
    height, width = size
    reach = _BORDER_REACH * unit_px
    free = [np.ones(nodes.shape[:2], np.float32), np.ones(nodes.shape[:2], np.float32)]
    sides = (
        (0, mask[:, :2].max(axis=1), y, x), (0, mask[:, -2:].max(axis=1), y, width - 1 - x),
        (1, mask[:2].max(axis=0), x, y), (1, mask[-2:].max(axis=0), x, height - 1 - y),
    )  # fmt: skip
    for axis, strip, along, into in sides:
        touched = (strip > 127).astype(np.float32)[None]
        if touched.sum() < 3:
            continue
        around = cv2.dilate(touched, np.ones((1, int(1.2 * unit_px) | 1), np.uint8))
        near = cv2.GaussianBlur(around, (0, 0), 0.4 * unit_px, borderType=cv2.BORDER_REPLICATE)[0]
        cut = np.interp(along, np.arange(len(near)), near)
        kept = 1 - smooth_step(into / reach).astype(np.float32)
        free[axis] *= 1 - (cut[:, None] * kept[None, :] if axis == 0 else kept[:, None] * cut[None, :])
    return free[0], free[1]


def _in_nodes(mask: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """The mask's mean around each node, 0 to 1; beyond the border it goes on as it ends."""
    step = float(nodes[0, 1, 0] - nodes[0, 0, 0])
    cover = cv2.blur(mask, (int(step), int(step))).astype(np.float32) / 255
    return cv2.remap(cover, nodes[..., 0], nodes[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
