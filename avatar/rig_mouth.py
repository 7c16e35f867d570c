"""The mouth of an exported rig: both lips with all that moves with them, over a cavity with teeth and a tongue."""

from collections.abc import Sequence

import numpy as np

from personify.avatar.easing import smooth_step
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import LIPS_INNER_LOWER, LIPS_INNER_UPPER
from personify.avatar.mouth import JAW_DROP, Mouth, MouthShape
from personify.avatar.rig_atlas import Atlas, tile
from personify.avatar.rig_sampling import MouthProbe
from personify.avatar.rig_sheets import Move, Sheet, cells, hexed, strip

Samples = dict[tuple[str, float], np.ndarray]
"""How far an edge's places move, (n, 2) pixels, by channel and value."""
_AWAY = (0.0, 0.015, 0.035, 0.06, 0.09, 0.13, 0.18, 0.25, 0.34, 0.45, 0.58, 0.8)
_BELOW = (*_AWAY, 1.0, 1.25, 1.55)
"""Rows of the lips' meshes: how far from the line, face units; close together at the lips."""
_ACROSS, _COLUMNS = 1.0, 33
_NEAR = 0.02
"""Nearer to the lips' line than this, a place moves as one so far from it: on the line itself two lips meet."""
_TONGUE, _TIP = (0.6, 0.16), (0.36, 0.26)
"""Where a resting tongue's top lies and a raised one's, as shares of the jaw's drop, and by how much of half the
mouth's width its sides lie lower."""
_TEETH_HIGH, _TEETH_LOW, _TEETH_WIDE = 0.3, 0.42, 0.95
"""The box of the upper teeth: above and below the lips' line and to either side, in halves of the mouth's width."""
_WIDE_OPEN = MouthShape(jaw=0.55, upper_lip=1)
"""Shows the upper teeth before a tongue that lies low."""


def mouth_sheets(
    image: np.ndarray,
    landmarks: np.ndarray,
    frame: FaceFrame,
    probe: MouthProbe,
    mouths: Sequence[tuple[str, float, MouthShape]],
    atlas: Atlas,
) -> list[Sheet]:
    """Cavity, tongue and teeth, then the lips with all that moves with them, above their line and below it."""
    line = lip_line(landmarks, frame)
    centre, half = float(line[[0, -1], 0].mean()), float(np.ptp(line[:, 0]) / 2)
    # columns meet the corners, and lie closer between them than beyond
    u = centre + np.interp(np.linspace(-1, 1, _COLUMNS), [-1, -0.6, 0.6, 1], [-_ACROSS, -half, half, _ACROSS])
    v = np.interp(u, line[:, 0], line[:, 1])

    def above(places: np.ndarray) -> np.ndarray:
        uv = frame.to_face(places)
        return np.asarray(uv[:, 1] < np.interp(uv[:, 0], line[:, 0], line[:, 1]))

    lips = []
    for name, rows, sign in (("upper_lip", _AWAY, -1.0), ("lower_lip", _BELOW, 1.0)):
        vertices, asked = (
            np.clip(strip(frame, u, *(v + sign * max(by, least) for by in rows)), 0, np.array(image.shape[1::-1]) - 1)
            for least in (0, _NEAR)
        )
        sheet = Sheet(name, "character", vertices, cells(len(rows), len(u)))
        side = above if sign < 0 else (lambda places: ~above(places))
        forwards = ((channel, at, probe.forward(shape, side)) for channel, at, shape in mouths)
        lips.append(sheet.moved_by(Move(channel, at, forward(asked)) for channel, at, forward in forwards))
    inside = np.flatnonzero(np.abs(u - centre) <= half + 1e-6)
    for upper, lower in ((one.by, other.by) for one, other in zip(lips[0].moves, lips[1].moves, strict=True)):
        joined = np.setdiff1d(np.arange(len(u)), inside[1:-1])  # from the corners on there is no gap
        upper[joined] = lower[joined] = (upper[joined] + lower[joined]) / 2
    return [*_interior(image, landmarks, frame, probe, (u, v), inside, lips, atlas), *lips]


def _interior(
    image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame, probe: MouthProbe,
    line: tuple[np.ndarray, np.ndarray], inside: np.ndarray, lips: list[Sheet], atlas: Atlas,
) -> list[Sheet]:  # fmt: skip
    """Cavity and tongue hang on the lips' edges, teeth stay with the skull; colours are those the mouth is drawn in."""
    u, v = line[0][inside], line[1][inside]
    edges = [{(move.channel, move.value): move.by[inside] for move in sheet.moves} for sheet in lips]
    mouth = Mouth(image, landmarks, frame)
    dark, tongue = _inner_colours(mouth, frame, probe)
    thin = 0.006
    cavity = Sheet("cavity", hexed(dark), strip(frame, u, v - thin, v + thin), cells(2, len(u))).moved_by(
        Move(name, at, np.concatenate([edges[0][name, at], edges[1][name, at]])) for name, at in edges[0]
    )
    teeth = _teeth(mouth, frame, (u, v), edges, atlas, (dark, tongue))
    return [cavity, _tongue(hexed(tongue), frame, (u, v), edges), *teeth]


def _tongue(colour: str, frame: FaceFrame, line: tuple[np.ndarray, np.ndarray], edges: list[Samples]) -> Sheet:
    """At rest it lies behind the lower lip; it sinks with the jaw, and where it is raised it stays up."""
    t = np.linspace(-1, 1, len(line[0]))
    some = np.abs(t) <= 0.8
    u, v, t = (part[some] for part in (*line, t))
    half = float(np.ptp(line[0]) / 2)
    rim = 0.03
    top = v + _TIP[0] * half * t**2
    bottom = np.maximum(top + 2 * rim, v + 0.5 * half)
    rest = strip(frame, u, top, top + rim, bottom)
    n = len(u)

    def lower(by: np.ndarray, root: np.ndarray | float = 0.0) -> np.ndarray:
        """The whole tongue by `by` (u, v), its root by `root` more."""
        return np.repeat([by, by, by + np.array([0, root])], n, axis=0) @ axes

    axes = np.stack([frame.right, frame.down]) * frame.unit_px
    rise = np.concatenate([np.tile((_TONGUE[1] - _TONGUE[0]) * JAW_DROP, 2 * n), np.zeros(n)])
    flat = np.tile((_TIP[1] - _TIP[0]) * half * t**2, 3)
    aside = []
    for name, at in edges[0]:
        if name in ("wide", "round"):
            along = (edges[0][name, at] + edges[1][name, at])[some] / 2 @ frame.right
            aside.append(Move(name, at, np.tile(along[:, None] * frame.right, (3, 1))))
    cover = np.concatenate([np.zeros(n), np.tile(np.clip((0.8 - np.abs(t)) / 0.2, 0, 1), 2)])
    moves = [
        Move("jaw", 1.0, lower(np.array([0, _TONGUE[0] * JAW_DROP]), JAW_DROP)),
        Move("tongue", 1.0, rise[:, None] * axes[1], scaled_by="jaw"),
        Move("tongue", 1.0, flat[:, None] * axes[1]),
        *aside,
    ]
    return Sheet("tongue", colour, rest, cells(3, n), None, cover, tuple(moves))


def _teeth(
    mouth: Mouth, frame: FaceFrame, line: tuple[np.ndarray, np.ndarray], edges: list[Samples], atlas: Atlas,
    around: tuple[np.ndarray, ...],
) -> list[Sheet]:  # fmt: skip
    """The upper row as a wide open mouth shows it: what has far less colour than cavity and tongue, in any light."""
    u, v = line
    half, middle = float(np.ptp(u) / 2), float(u.mean())
    open_mouth = mouth.draw(_WIDE_OPEN).astype(np.float32)
    across, down = frame.grid(mouth.window)
    t = (across - middle) / half
    s = (down - np.interp(across, u, v)) / half
    lift = -_WIDE_OPEN.opening[0] / half
    between = (s > np.maximum(-_TEETH_HIGH, lift * (1 - t**2))) & (s < _TEETH_LOW) & (np.abs(t) < _TEETH_WIDE)
    if not between.any():
        return []
    pale, other = _paleness(open_mouth), max(float(_paleness(colour)) for colour in around)
    ivory = float(np.percentile(pale[between], 90))
    cover = smooth_step((pale - other - 0.3 * (ivory - other)) / max(0.4 * (ivory - other), 0.05)) * between
    box = slice(*_span(between, 1)), slice(*_span(between, 0))
    window = tuple(
        slice(part.start + whole.start, part.stop + whole.start) for part, whole in zip(box, mouth.window, strict=True)
    )
    offset = atlas.add(tile(open_mouth[box], cover[box], (window[0], window[1])))
    some = np.abs(u - middle) <= _TEETH_WIDE * half + 1e-6
    u, v = u[some], v[some]
    row = strip(frame, u, v - _TEETH_HIGH * half, v, v + _TEETH_LOW * half)
    # pushed-out lips leave the teeth far behind, in the dark under the upper lip
    behind = strip(frame, middle + 0.6 * (u - middle), *(v - by * half for by in (0.6, 0.3, 0.1)))
    moves = [Move("round", 1.0, behind - row)]
    for name, at in edges[0]:
        if name in ("wide", "smile"):  # a row of teeth shows as far as the lips bend and spread
            moves.append(Move(name, at, np.tile(((edges[0][name, at] + edges[1][name, at]) / 2)[some], (3, 1))))
    return [Sheet("teeth", "parts", row, cells(3, len(u)), row + offset, None, tuple(moves))]


def _paleness(colours: np.ndarray) -> np.ndarray:
    """The least of a colour's parts to its greatest: 1 for any grey; (..., 3) to (...)."""
    return np.asarray(colours.min(axis=-1) / np.maximum(colours.max(axis=-1), 1.0))


def _span(where: np.ndarray, axis: int) -> tuple[int, int]:
    hit = np.flatnonzero(where.any(axis=axis))
    return int(hit[0]), int(hit[-1]) + 1


def _inner_colours(mouth: Mouth, frame: FaceFrame, probe: MouthProbe) -> tuple[np.ndarray, np.ndarray]:
    """Cavity and tongue as a wide open mouth shows them, RGB (3,) each."""
    wide = MouthShape(jaw=1)
    drawn = mouth.draw(wide).astype(float)
    painted = ~probe.sources(wide)[1]
    places = np.argwhere(painted)
    if len(places) < 12:
        return np.array([45.0, 15, 18]), np.array([165.0, 75, 78])
    seen = drawn[painted]
    light = seen.mean(axis=1)
    down = frame.to_face(places[:, ::-1] + [probe.window[1].start, probe.window[0].start])[:, 1]
    lower = seen[down > np.percentile(down, 70)]
    return (
        np.asarray(np.median(seen[light <= np.percentile(light, 30)], axis=0)),
        np.asarray(np.percentile(lower, 65, axis=0)),
    )


def lip_line(landmarks: np.ndarray, frame: FaceFrame) -> np.ndarray:
    """Where the lips part, in (u, v), from corner to corner."""
    upper, lower = (frame.to_face(landmarks[list(n)]) for n in (LIPS_INNER_UPPER, LIPS_INNER_LOWER))
    corners = frame.to_face(landmarks[[61, 291]])
    points = np.concatenate([corners[:1], (upper + lower) / 2, corners[1:]])
    return points[np.argsort(points[:, 0])]
