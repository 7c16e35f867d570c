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
from personify.avatar.plate import Plate
from personify.avatar.portrait import Portrait
from personify.avatar.pose import Pose, PoseShape
from personify.avatar.rig import build_rig
from personify.avatar.rig_format import Curves, Frame, Layer, Movement, Pictures, Point, RigFile, TrackFile, Turn
from personify.avatar.rig_parts import Sheet, curves_of, eyelid_sheets, grid_sheet, mouth_sheets
from personify.avatar.rig_sampling import Forward, MouthProbe, brows_forward, pose_forward
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
_CELLS = 48
"""Cells of the character's mesh along the picture's longer side."""
_BROW_CELL = 0.07
"""Of the mesh over the brows, eye distances."""
_LEAST_PX = 0.05
"""Vertices that move less are left out."""
_DEPTH_REACH = 0.16
"""How far a landmark's depth reaches, eye distances."""


def export_rig(portrait: Portrait, *, pictures: Pictures | None = None) -> RigFile:
    """The rig of a portrait.

    `pictures` names the files `character` and `plate` as they will lie beside the JSON (`rig_pictures` gives them);
    without it both are within it, as data URIs. Raises `PersonifyError` for a portrait without landmarks of its own.
    """
    build_rig(portrait)  # refuses what can't be animated
    landmarks = portrait.landmarks
    assert landmarks is not None
    height, width = size = (portrait.image.shape[0], portrait.image.shape[1])
    frame = FaceFrame.of(landmarks)
    pose = Pose(portrait.image, landmarks, portrait.depth, portrait.mask, frame)
    brows, probe = Brows(pose.character, landmarks, frame), MouthProbe(size, landmarks, frame)
    poses = _poses(pose)
    mouths = [(name, at, MouthShape(**{name: at})) for name, values in MOUTHS.items() for at in values]
    sheets = [
        grid_sheet("character", (0, 0, width - 1, height - 1), max(size) / _CELLS),
        _brow_sheet(brows, size, frame),
        *eyelid_sheets(pose.character, landmarks, frame),
        *mouth_sheets(pose.character, landmarks, frame, probe, mouths),
    ]
    depth = None if portrait.depth is None else tuple(round(float(z), 2) for z in portrait.depth)
    uris = pictures or Pictures(**{name: _uri(image) for name, image in rig_pictures(portrait).items()})
    return RigFile(
        width=width,
        height=height,
        frame=Frame(
            origin=_pair(frame.origin), right=_pair(frame.right), down=_pair(frame.down), unit_px=frame.unit_px
        ),
        landmarks=_points(landmarks),
        depth=depth,
        pictures=uris,
        curves=Curves(**{name: _points(points) for name, points in curves_of(landmarks, frame).items()}),
        layers=tuple(_layer(sheet, poses, landmarks, portrait.depth, frame) for sheet in sheets),
    )


def rig_pictures(portrait: Portrait) -> dict[str, np.ndarray]:
    """The pictures that a rig needs, uint8: `character` RGBA and `plate` RGB (H, W)."""
    image, mask = np.ascontiguousarray(portrait.image), portrait.mask
    if mask is None:
        return {"character": np.dstack([image, np.full(image.shape[:2], 255, np.uint8)]), "plate": image}
    plate = Plate(image, mask, 8)
    bare = np.unravel_index(
        int(cv2.distanceTransform((mask == 0).astype(np.uint8), cv2.DIST_L2, 3).argmax()), mask.shape
    )
    rows, columns = (-(-n // 32) * 4 + 2 for n in mask.shape)
    nowhere = np.broadcast_to(np.array(bare[::-1], np.float32), (rows, columns, 2))
    behind = plate.put(plate.character, np.ascontiguousarray(nowhere))  # as if all of it came from where nobody stands
    return {"character": np.dstack([plate.character, mask]), "plate": behind}


def export_track(visemes: VisemeTrack, motion: MotionTrack) -> TrackFile:
    """The two tracks of a speech as one, with a value a frame for each of `SHAPE_CHANNELS`, to three digits."""
    both = np.concatenate([visemes.weights, motion.values], axis=1)
    rows = tuple(tuple(round(float(value), 3) + 0.0 for value in row) for row in both)
    return TrackFile(fps=visemes.fps, channels=SHAPE_CHANNELS, values=rows)


def write_rig(folder: str | Path, portrait: Portrait) -> Path:
    """Writes `rig.json`, `character.png` and `plate.png` into a folder that is there; returns the JSON's path."""
    folder = Path(folder)
    for name, image in rig_pictures(portrait).items():
        (folder / f"{name}.png").write_bytes(_png(image))
    rig = export_rig(portrait, pictures=Pictures(character="character.png", plate="plate.png"))
    path = folder / "rig.json"
    path.write_text(rig.model_dump_json() + "\n", encoding="utf-8")
    return path


def _brow_sheet(brows: Brows, size: tuple[int, int], frame: FaceFrame) -> Sheet:
    """A finer mesh over the brows, at whose rim nothing moves."""
    rows, columns = brows.windows[0]
    box = (columns.start, rows.start, columns.stop - 1, rows.stop - 1)
    sheet = grid_sheet("brows", box, _BROW_CELL * frame.unit_px)
    return sheet.moved_by(
        (name, at, brows_forward(brows, size, BrowShape(**{name: at}))(sheet.vertices))
        for name, values in BROWS.items()
        for at in values
    )


def _layer(
    sheet: Sheet,
    pose: Poses,
    landmarks: np.ndarray,
    depth: np.ndarray | None,
    frame: FaceFrame,
) -> Layer:
    """What is written of a sheet: its own movements and the head's."""
    return Layer(
        name=sheet.name,
        paint=sheet.paint,
        vertices=_points(sheet.vertices),
        triangles=tuple(map(tuple, sheet.triangles.tolist())),
        depth=() if depth is None or sheet.paint != "picture" else _depths(sheet.vertices, landmarks, depth, frame),
        movements=tuple(_movement(*move) for move in sheet.moves),
        turns=_turns(sheet.vertices, pose),
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
        Turn(factors=tuple((name, TURNS[name]) for name in names), by=_points(by, 1))
        for names, by in terms
        if np.abs(by).max(initial=0) >= _LEAST_PX
    )


def _movement(channel: str, value: float, by: np.ndarray) -> Movement:
    seen = np.flatnonzero(np.abs(by).max(axis=1) >= _LEAST_PX)
    return Movement(channel=channel, value=value, vertices=tuple(seen.tolist()), by=_points(by[seen], 1))


def _depths(vertices: np.ndarray, landmarks: np.ndarray, depth: np.ndarray, frame: FaceFrame) -> tuple[float, ...]:
    """How far vertices stand out, eye distances: the landmarks' depth around them, fading to 0 away from the face."""
    near = np.exp(-((np.linalg.norm(vertices[:, None] - landmarks, axis=2) / (frame.unit_px * _DEPTH_REACH)) ** 2) / 2)
    height = (np.percentile(depth, 80) - depth) / frame.unit_px
    return tuple(np.round(near @ height / (near.sum(axis=1) + 1.5), 3).tolist())


def _points(places: np.ndarray, digits: int = 2) -> tuple[Point, ...]:
    return tuple((x, y) for x, y in (np.round(places.astype(float), digits) + 0.0).tolist())


def _pair(vector: np.ndarray) -> Point:
    return round(float(vector[0]), 5), round(float(vector[1]), 5)


def _uri(image: np.ndarray) -> str:
    return "data:image/png;base64," + base64.b64encode(_png(image)).decode("ascii")


def _png(image: np.ndarray) -> bytes:
    code = cv2.COLOR_RGBA2BGRA if image.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return bytes(cv2.imencode(".png", cv2.cvtColor(image, code))[1])
