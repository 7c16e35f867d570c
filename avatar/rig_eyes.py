"""The eyes of an exported rig: irises that slide beneath a mesh in the shape of the eye's opening, and both lids.

What is on the meshes is drawn by the parts that draw Personify's own frames, and packed into the picture `parts`.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from personify.avatar.eyelids import Eyelid
from personify.avatar.eyes import GAZE_MOST, lid_follows
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import LEFT_EYE_LOWER, LEFT_EYE_UPPER, RIGHT_EYE_LOWER, RIGHT_EYE_UPPER
from personify.avatar.rig_atlas import Atlas, tile
from personify.avatar.rig_sampling import IrisLayers, LowerLidProbe
from personify.avatar.rig_sheets import Move, Sheet, cells, strip

EDGES = {
    "right": (RIGHT_EYE_UPPER, RIGHT_EYE_LOWER),
    "left": (LEFT_EYE_UPPER, LEFT_EYE_LOWER),
}
"""The landmarks along an eye's upper and lower edge, by the character's own side."""
GAZES = (-GAZE_MOST, -12.5, 12.5, GAZE_MOST)
"""Degrees at which a gaze is measured, beside the one at which irises reach the end of their way."""
_SQUINTS = (0.5, 1.0)
_COLUMNS = 11
_INSET, _SOFT = 0.012, 0.012
"""How far below its upper edge an opening shows its iris, and over how much it fades in, face units."""
_LID_BESIDE, _LID_ABOVE, _LID_BELOW = 0.07, 0.14, 0.03
"""How far beyond the eye a shut lid is drawn, ending softly beside it, face units."""
_LASHES = 0.085
"""How far above its edge a lid comes down as one piece, with its lashes."""
_FORMED = 0.12
"""So far shut a lid has its own height; before that it grows from the line of the lashes."""
_SKIN = (0.0, 0.03, 0.07, 0.12, 0.18, 0.24, 0.3)
"""Rows of the lower lid's mesh below its edge, face units."""
_BELOW_EDGE, _LINE = 0.014, 0.014
"""How far below the landmarks a lower lid's edge lies, and over how much it fades in, face units."""


@dataclass(frozen=True)
class _Eye:
    """One eye's edges (n, 2) in (u, v), from left to right."""

    upper: np.ndarray
    lower: np.ndarray

    @classmethod
    def of(cls, landmarks: np.ndarray, frame: FaceFrame, side: str) -> "_Eye":
        upper, lower = (frame.to_face(landmarks[list(numbers)]) for numbers in EDGES[side])
        return cls(upper[np.argsort(upper[:, 0])], lower[np.argsort(lower[:, 0])])

    def columns(self, count: int, beside: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """u, the edges' v there, and a bow that is 0 at the eye's corners and 1 in its middle, (count,) each; two more
        where columns `beside` the corners are asked for."""
        left, right = self.upper[0, 0], self.upper[-1, 0]
        u = np.linspace(left, right, count)
        if beside:
            u = np.array([left - beside, *u, right + beside])
        bow = np.sqrt(np.clip(1 - ((2 * u - left - right) / (right - left)) ** 2, 0, 1))
        return u, np.interp(u, *self.upper.T), np.interp(u, *self.lower.T), bow


def eye_sheets(image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame, atlas: Atlas) -> list[Sheet]:
    """For each eye its opening without an iris, the iris, its glint, the lower lid and the upper one, in the order in
    which they are painted; no irises where they can't be told from what is around them."""
    irises = {side: IrisLayers(image, landmarks, frame, side) for side in EDGES}
    moves = all(iris.found for iris in irises.values())
    sheets = []
    for side, iris in irises.items():
        eye = _Eye.of(landmarks, frame, side)
        if moves:
            sheets += _iris_sheets(side, eye, iris, image, frame, atlas)
        sheets.append(_lower_sheet(side, eye, LowerLidProbe(image, landmarks, frame, side), frame))
        follows = (
            {at: lid_follows(iris.way(0, at)[1], iris.height_px) for at in (GAZE_MOST / 2, GAZE_MOST)} if moves else {}
        )
        lid = Eyelid(image, landmarks, frame, side)
        sheets.append(_upper_sheet(side, lid, image, follows, frame, atlas))
    return sheets


def _iris_sheets(
    side: str, eye: _Eye, iris: IrisLayers, image: np.ndarray, frame: FaceFrame, atlas: Atlas
) -> list[Sheet]:
    """Three layers of one mesh; a texture slides against the way of what is on it."""
    u, top, bottom, _ = eye.columns(_COLUMNS)
    px = 1 / frame.unit_px
    soft = max(_SOFT, px)
    high = np.minimum(top + _INSET, bottom)
    full, ending = np.minimum(high + soft, bottom), np.maximum(bottom - soft, high)
    middle = (full + ending) / 2
    vertices = strip(frame, u, high, np.minimum(full, middle), np.maximum(ending, middle), bottom)
    alpha = np.repeat([0.0, 1.0, 1.0, 0.0], len(u))
    mesh = cells(4, len(u))
    centre, reach = iris.centre, iris.reach
    layers = iris.layers(image[iris.window])
    padded = tuple(slice(span.start - reach, span.stop + reach) for span in iris.window)
    sheets = []
    for name, (colours, cover) in layers.items():
        around = ((reach, reach), (reach, reach))
        part = tile(np.pad(colours, (*around, (0, 0))), np.pad(cover, around), (padded[0], padded[1]))
        offset = atlas.add(part)
        slides = []
        for channel, axis in (("gaze_x", 0), ("gaze_y", 1)):
            for angle in sorted({*GAZES, *(iris.ends if axis == 0 else ())}):
                way, scale = iris.placed(name, angle, axis)
                by = np.zeros_like(vertices)
                by[:, axis] = (vertices[:, axis] - centre[axis] - way) / scale + centre[axis] - vertices[:, axis]
                slides.append(Move(channel, angle, by))
        still = name == "eye"
        sheets.append(
            Sheet(
                f"{side}_{name}", "parts", vertices, mesh, vertices + offset, alpha, (), () if still else tuple(slides)
            )
        )
    return sheets


def _lower_sheet(side: str, eye: _Eye, probe: LowerLidProbe, frame: FaceFrame) -> Sheet:
    """The skin below the eye, which a squint raises; its rim fades into the eye."""
    u, _, bottom, bow = eye.columns(_COLUMNS, 0.06)
    edge = bottom + _BELOW_EDGE * bow
    vertices = strip(frame, u, edge - _LINE, *(edge + by for by in _SKIN))
    asked = strip(frame, u, edge + 0.004, *(edge + max(by, 0.004) for by in _SKIN))
    alpha = np.repeat([0.0, *(1.0 for _ in _SKIN[:-1]), 0.0], len(u))
    moves = tuple(Move("squint", at, probe.forward(at, frame, edge_v=(u, edge))(asked)) for at in _SQUINTS)
    return Sheet(f"{side}_lower_lid", "character", vertices, cells(len(_SKIN) + 1, len(u)), None, alpha, moves)


def _upper_sheet(
    side: str, lid: Eyelid, image: np.ndarray, follows: dict[float, float], frame: FaceFrame, atlas: Atlas
) -> Sheet:
    """The lid as it is drawn when shut. Open it is a line along the eye's upper edge without any height; from there it
    comes down, its lashes as one piece, the skin above them stretched. It follows a gaze downwards by `follows`."""
    pixels = np.ascontiguousarray(image[lid.window])
    u, top, bottom, bow = _Eye(*lid.edges).columns(_COLUMNS + 2, _LID_BESIDE)
    colours, cover = _shut(lid, pixels, frame, (u, (top + bottom) / 2))
    offset = atlas.add(tile(colours, cover, lid.window))
    edge = bottom + _LID_BELOW * bow
    held = np.minimum(_LASHES, 0.9 * _LID_ABOVE + edge - top)  # no fold where the eye ends
    rows = [top - _LID_ABOVE + share * (edge - held - top + _LID_ABOVE) for share in (0, 1 / 3, 2 / 3, 1)]
    shut = [*rows, edge, edge + _LID_BELOW]
    rest = strip(frame, u, *(top for _ in shut))

    def down(closed: float) -> np.ndarray:
        up = (1 - closed) * (edge - top)
        share = [0, 1 / 3, 2 / 3, 1, 1, 1]
        return strip(frame, u, *(row - part * up for row, part in zip(shut, share, strict=True))) - rest

    moves = [Move("blink", at, down(at)) for at in (_FORMED, 1.0)]
    if follows:
        least = max(follows.values())
        angles = sorted({GAZE_MOST * min(1.0, _FORMED / max(least, 1e-6)), *follows})
        shares = np.interp(angles, [0, *follows], [0, *follows.values()])
        moves += [
            Move("gaze_y", float(angle), down(share) if share >= _FORMED - 1e-3 else down(_FORMED) * share / _FORMED,
                 yields_to="blink")
            for angle, share in zip(angles, shares.tolist(), strict=True)
        ]  # fmt: skip
    ends = np.array([[span.start, span.stop - 1] for span in lid.window[::-1]])
    texture = np.clip(strip(frame, u, *shut), *ends.T) + offset
    alpha = np.tile([0.0, *(1.0 for _ in u[1:-1]), 0.0], len(shut))
    return Sheet(f"{side}_lid", "parts", rest, cells(len(shut), len(u)), texture, alpha, tuple(moves))


def _shut(
    lid: Eyelid, pixels: np.ndarray, frame: FaceFrame, middle: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """A shut lid's colours (h, w, 3) and how much it covers (h, w): in the lower half by how black and white shine
    through, in the upper one wherever it differs from the portrait."""
    u, v = frame.grid(lid.window)
    below = v > np.interp(u, *middle)
    black, white = (lid.draw(np.where(below[..., None], level, pixels).astype(np.uint8), 1.0) for level in (0, 255))
    through = (white.astype(np.float32) - black).mean(axis=2) / 255
    drawn = lid.draw(pixels, 1.0)
    differs = (np.abs(drawn.astype(int) - pixels).max(axis=2) > 2).astype(np.uint8)
    differs = cv2.morphologyEx(differs, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    cover = np.where(below, 1 - through, cv2.blur(differs.astype(np.float32), (3, 3)))
    own = black / np.maximum(cover, 0.02)[..., None]
    return np.where(below[..., None], own, drawn).astype(np.float32), cover.astype(np.float32)
