"""A rig and its tracks as JSON for a renderer elsewhere: layers of triangles whose vertices each channel moves.

What a vertex does is measured on the very parts that draw Personify's own frames; see rig_sampling.py, and
rig_format.py for what is written.
"""

import base64
import itertools
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from personify.avatar.animation import SHAPE_CHANNELS
from personify.avatar.brows import Brows, BrowShape
from personify.avatar.faceframe import FaceFrame
from personify.avatar.motion import MotionTrack
from personify.avatar.mouth import MouthShape
from personify.avatar.outline import outline
from personify.avatar.plate import background
from personify.avatar.portrait import Portrait
from personify.avatar.pose import Pose, PoseShape
from personify.avatar.rig import checked_landmarks
from personify.avatar.rig_atlas import Atlas
from personify.avatar.rig_eyes import EDGES, eye_sheets
from personify.avatar.rig_format import Curves, Frame, Head, Layer, Movement, Pictures, Point, RigFile, TrackFile, Turn
from personify.avatar.rig_mouth import lip_line, mouth_sheets
from personify.avatar.rig_sampling import Forward, MouthProbe, brows_forward, pose_forward
from personify.avatar.rig_sheets import Move, Sheet, grid_sheet, nodes
from personify.avatar.visemes import VisemeTrack

TURNS = {"yaw": 15.0, "pitch": 15.0, "roll": 15.0, "shift_x": 0.1, "shift_y": 0.1, "breath": 1.0}
"""The head's channels and their units: each is measured at one unit either way, and angles at one unit in pairs."""
_ANGLES = ("yaw", "pitch", "roll")
BROWS: Mapping[str, tuple[float, ...]] = {"lift": (-1, 1), "inner": (-1, 1)}
MOUTHS: Mapping[str, tuple[float, ...]] = {
    "jaw": (0.25, 0.6, 1), "press": (1,), "wide": (1,), "round": (0.5, 1), "upper_lip": (1,), "tuck": (1,),
    "smile": (-1, 1),
}  # fmt: skip
"""At which values each channel is measured."""
Poses = dict[tuple[tuple[str, float], ...], Forward]
"""Channels with their values, in units, to how places move then."""
_CELLS = 28
"""Cells of the head's grid and the character's mesh along the picture's longer side."""
_BROW_CELL = 0.07
"""Of the mesh over the brows, eye distances."""
_LEAST_PX = 0.1
"""Vertices that move less are left out."""


def export_rig(portrait: Portrait, *, pictures: Pictures | None = None) -> RigFile:
    """The rig of a portrait.

    `pictures` names the files as they will lie beside the JSON (`rig_pictures` gives them); without it they are within
    it, as data URIs. Raises `PersonifyError` for a portrait that can't be animated.
    """
    made = _Making(portrait)
    return made.rig(pictures or Pictures(**{name: _uri(image) for name, image in made.pictures().items()}))


def rig_pictures(portrait: Portrait) -> dict[str, np.ndarray]:
    """The pictures that a rig needs, uint8 (H, W, 3 or 4): `character` RGBA, `plate` RGB and `parts` RGBA."""
    return _Making(portrait).pictures()


def write_rig(folder: str | Path, portrait: Portrait) -> Path:
    """Writes `rig.json`, `character.png`, `plate.png` and `parts.png` into a folder that is there; returns the JSON's
    path."""
    folder, made = Path(folder), _Making(portrait)
    names = {}
    for name, image in made.pictures().items():
        names[name] = f"{name}.png"
        _write(folder / names[name], _png(image))
    path = folder / "rig.json"
    _write(path, (made.rig(Pictures(**names)).model_dump_json() + "\n").encode())
    return path


def export_track(visemes: VisemeTrack, motion: MotionTrack) -> TrackFile:
    """The two tracks of a speech as one, with a value a frame for each of `SHAPE_CHANNELS`, to three digits."""
    both = np.concatenate([visemes.weights, motion.values], axis=1)
    rows = tuple(tuple(round(float(value), 3) + 0.0 for value in row) for row in both)
    return TrackFile(fps=visemes.fps, channels=SHAPE_CHANNELS, values=rows)


class _Making:
    """One portrait's rig while it is made: its parts, measured, and the pictures that they are painted with."""

    def __init__(self, portrait: Portrait) -> None:
        self._image, self._depth = np.ascontiguousarray(portrait.image), portrait.depth
        self._landmarks = landmarks = checked_landmarks(portrait)
        self._frame = frame = FaceFrame.of(landmarks)
        self._mask = outline(self._image, landmarks) if portrait.mask is None else portrait.mask
        self._pose = Pose(self._image, landmarks, portrait.depth, self._mask, frame)
        self._size = height, width = (self._image.shape[0], self._image.shape[1])
        self._box = (0.0, 0.0, width - 1.0, height - 1.0)
        self._cell = max(self._size) / _CELLS
        self._atlas = Atlas(max(256, width))
        self._sheets = self._measured(self._pose.character)

    def _measured(self, character: np.ndarray) -> list[Sheet]:
        landmarks, frame = self._landmarks, self._frame
        probe = MouthProbe(self._size, landmarks, frame)
        mouths = [(name, at, MouthShape(**{name: at})) for name, values in MOUTHS.items() for at in values]
        return [
            grid_sheet("character", self._box, self._cell),
            *mouth_sheets(character, landmarks, frame, probe, mouths, self._atlas),
            _brow_sheet(Brows(character, landmarks, frame), self._size, frame),
            *eye_sheets(character, landmarks, frame, self._atlas),
        ]

    def pictures(self) -> dict[str, np.ndarray]:
        """See `rig_pictures`."""
        mask, character = self._mask, self._pose.character
        alpha = np.full(self._size, 255, np.uint8) if mask is None else mask
        behind = self._image if mask is None else background(self._image, mask)
        return {"character": np.dstack([character, alpha]), "plate": behind, "parts": self._atlas.picture()}

    def rig(self, pictures: Pictures) -> RigFile:
        """What is written."""
        frame, landmarks, depth = self._frame, self._landmarks, self._depth
        grid = nodes(self._box, self._cell)
        return RigFile(
            width=self._size[1],
            height=self._size[0],
            frame=Frame(
                origin=_pair(frame.origin), right=_pair(frame.right), down=_pair(frame.down), unit_px=frame.unit_px
            ),
            landmarks=_points(landmarks, 2),
            depth=None if depth is None else tuple(round(float(z), 2) for z in depth),
            pictures=pictures,
            curves=Curves(**{name: _points(points, 2) for name, points in _curves(landmarks, frame).items()}),
            head=Head(columns=grid.shape[1], rows=grid.shape[0], turns=_turns(grid.reshape(-1, 2), _poses(self._pose))),
            layers=tuple(_layer(sheet) for sheet in self._sheets),
        )


def _curves(landmarks: np.ndarray, frame: FaceFrame) -> dict[str, np.ndarray]:
    """The contours that a rig file names, (n, 2) pixels each, from the picture's left to its right."""
    found = {"lip_line": frame.to_px(lip_line(landmarks, frame))}
    for side, (upper, lower) in EDGES.items():
        for edge, numbers in (("upper", upper), ("lower", lower)):
            uv = frame.to_face(landmarks[list(numbers)])
            found[f"{side}_lid_{edge}"] = frame.to_px(uv[np.argsort(uv[:, 0])])
    return found


def _brow_sheet(brows: Brows, size: tuple[int, int], frame: FaceFrame) -> Sheet:
    """A finer mesh over the brows, at whose rim nothing moves."""
    rows, columns = brows.windows[0]
    box = (columns.start, rows.start, columns.stop - 1, rows.stop - 1)
    sheet = grid_sheet("brows", box, _BROW_CELL * frame.unit_px)
    return sheet.moved_by(
        Move(name, at, brows_forward(brows, size, BrowShape(**{name: at}))(sheet.vertices))
        for name, values in BROWS.items()
        for at in values
    )


def _layer(sheet: Sheet) -> Layer:
    """What is written of a sheet."""
    return Layer(
        name=sheet.name,
        paint=sheet.paint,
        vertices=_points(sheet.vertices),
        triangles=tuple(map(tuple, sheet.triangles.tolist())),
        texture=() if sheet.texture is None else _points(sheet.texture),
        alpha=() if sheet.alpha is None else tuple(np.round(sheet.alpha.astype(float), 2).tolist()),
        movements=tuple(_movement(move) for move in sheet.moves),
        slides=tuple(_movement(move) for move in sheet.slides),
    )


def _poses(pose: Pose) -> Poses:
    """How places move in each pose that is measured."""
    wanted: list[tuple[tuple[str, float], ...]] = [((name, sign),) for name in TURNS for sign in (1.0, -1.0)]
    signs = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)]
    wanted += [((a, x), (b, y)) for a, b in itertools.combinations(_ANGLES, 2) for x, y in signs]
    return {at: pose_forward(pose, PoseShape(**{name: value * TURNS[name] for name, value in at})) for at in wanted}


def _turns(vertices: np.ndarray, pose: Poses) -> tuple[Turn, ...]:
    """The head's movements as a polynomial of the second degree in its channels, exact but for third powers."""

    def moved(**at: float) -> np.ndarray:
        return pose[tuple(at.items())](vertices)

    terms: list[tuple[tuple[str, ...], np.ndarray]] = []
    for name in TURNS:
        up, down = moved(**{name: 1}), moved(**{name: -1})
        terms.append(((name,), (up - down) / 2))
        if name in _ANGLES:
            terms.append(((name, name), (up + down) / 2))
    for one, other in itertools.combinations(_ANGLES, 2):
        alike, apart = moved(**{one: 1, other: 1}), moved(**{one: 1, other: -1})
        back, away = moved(**{one: -1, other: 1}), moved(**{one: -1, other: -1})
        terms.append(((one, other), (alike - apart - back + away) / 4))
    return tuple(
        Turn(factors=tuple((name, TURNS[name]) for name in names), by=_points(by))
        for names, by in terms
        if np.abs(by).max(initial=0) >= _LEAST_PX
    )


def _movement(move: Move) -> Movement:
    seen = np.flatnonzero(np.abs(move.by).max(axis=1) >= _LEAST_PX)
    return Movement(
        channel=move.channel,
        value=move.value,
        vertices=tuple(seen.tolist()),
        by=_points(move.by[seen]),
        scaled_by=move.scaled_by,
        yields_to=move.yields_to,
    )


def _points(places: np.ndarray, digits: int = 1) -> tuple[Point, ...]:
    return tuple((x, y) for x, y in (np.round(places.astype(float), digits) + 0.0).tolist())


def _pair(vector: np.ndarray) -> Point:
    return round(float(vector[0]), 5), round(float(vector[1]), 5)


def _write(path: Path, data: bytes) -> None:
    """A file, whole or not at all."""
    draft = path.with_name(f".{path.name}")
    draft.write_bytes(data)
    draft.replace(path)


def _uri(image: np.ndarray) -> str:
    return "data:image/png;base64," + base64.b64encode(_png(image)).decode("ascii")


def _png(image: np.ndarray) -> bytes:
    code = cv2.COLOR_RGBA2BGRA if image.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return bytes(cv2.imencode(".png", cv2.cvtColor(image, code))[1])
