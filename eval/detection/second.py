"""Second detectors: does another, unrelated detector see a face where MediaPipe does?

OpenCV's cascades come with it; others by their file, or as a plug-in: a package whose entry point in the group
`personify.second_detectors` names a callable that takes what follows the "=" ("" for nothing) and returns a `Second`.
"""

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from personify.avatar.landmarks import OVAL
from personify.voices.errors import BadInput, MissingExtra, PersonifyError, unknown_name

GROUP = "personify.second_detectors"
LIKE_SIZE = 0.4
"""The least intersection over union of a box and MediaPipe's face. Detectors disagree on where a face ends (with or
without forehead, ears, chin). On 180 of the project's drawings the cascades' boxes of the face overlap by 0.47 to 0.91,
and of anything else, such as a feature or a whole figure, by less than 0.39."""
LEAST_FACE = 0.1
"""Of a picture's shorter side: smaller ones are none that could be animated (see `plausibility.MIN_EYE_DISTANCE`), and
looking for them would take most of the cascades' time."""
_YUNET_SCORE = 0.6
"""As OpenCV's own demonstration of YuNet sets it."""


class Second(Protocol):
    """A detector of faces. `name` is one word."""

    name: str

    def find(self, image: np.ndarray) -> np.ndarray:
        """The boxes of the faces in a picture (uint8 RGB (H, W, 3)): float (n, 4), x, y, width, height in pixels."""


@dataclass(frozen=True)
class _Kind:
    """A detector that Personify knows: how it is built from its file, or from None if it needs none."""

    build: Callable[[Path | None], Second]
    suffix: str | None = None
    origin: str = ""


def second_detectors(wanted: Sequence[str]) -> list[Second]:
    """The detectors asked for, such as "haar" or "yunet=FILE.onnx", in that order.

    Raises `BadInput` for an unknown name, one asked for twice, and a file that is missing, isn't wanted or isn't a
    model; `MissingExtra` for a library that isn't installed.
    """
    found = [_detector(word) for word in wanted]
    names = [second.name for second in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(f"the second detector {twice[0]!r} is asked for twice")
    return found


def agrees(second: Second, image: np.ndarray, landmarks: np.ndarray) -> bool:
    """Whether a box of the second detector holds the middle of MediaPipe's face and is of a like size.

    `image`: uint8 RGB (H, W, 3); `landmarks`: (478, 2) or (478, 3) pixels, whose bounding square is MediaPipe's face.
    """
    oval = np.asarray(landmarks, np.float64)[list(OVAL), :2]
    low, high = oval.min(0), oval.max(0)
    middle, side = (low + high) / 2, float((high - low).max())
    if not np.isfinite(side) or side <= 0:
        return False
    face = np.array([*(middle - side / 2), side, side])
    boxes = np.asarray(second.find(image), np.float64).reshape(-1, 4)
    return any(_holds(box, middle) and _overlap(box, face) >= LIKE_SIZE for box in boxes)


def _holds(box: np.ndarray, point: np.ndarray) -> bool:
    return bool((box[:2] <= point).all() and (point <= box[:2] + box[2:]).all())


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two boxes (4,)."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[:2] + one[2:], other[:2] + other[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    return shared / max(float(np.prod(one[2:]) + np.prod(other[2:])) - shared, 1e-9)


def _detector(word: str) -> Second:
    name, _, argument = (part.strip() for part in word.partition("="))
    if name in _KINDS:
        kind = _KINDS[name]
        return kind.build(_file(name, kind, argument))
    plugins = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in plugins:
        raise unknown_name("second detector", name, [*_choices(), *plugins])
    return _plugin(plugins[name], argument)


def _choices() -> Iterator[str]:
    for name, kind in _KINDS.items():
        yield f"{name}=FILE{kind.suffix}" if kind.suffix else name


def _file(name: str, kind: _Kind, argument: str) -> Path | None:
    if kind.suffix is None:
        if argument:
            raise BadInput(f"the second detector {name!r} takes no file; it was given {argument!r}")
        return None
    if not argument:
        raise BadInput(f"the second detector {name!r} needs its model: {name}=FILE{kind.suffix}, from {kind.origin}")
    path = Path(argument).expanduser()
    if not path.is_file():
        raise BadInput(f"the second detector {name!r} needs {path}, which is not there; it comes from {kind.origin}")
    return path


def _plugin(entry: EntryPoint, argument: str) -> Second:
    where = f"the second detector {entry.name!r}, a plug-in at {entry.value!r},"
    try:
        second: Second = entry.load()(argument)
    except PersonifyError:
        raise
    except Exception as error:  # a plug-in may raise whatever it likes; it is named
        raise PersonifyError(f"{where} can't be used: {type(error).__name__}: {error}") from error
    name = getattr(second, "name", None)
    if not isinstance(name, str) or len(name.split()) != 1 or not callable(getattr(second, "find", None)):
        raise PersonifyError(f"{where} is none: it needs a name of one word (it has {name!r}) and a method find(image)")
    return second


class _Haar:
    """OpenCV's frontal cascades (Viola and Jones 2001; Lienhart's trees), both with OpenCV's own defaults."""

    name = "haar"

    def __init__(self, _: Path | None) -> None:
        import cv2
        import cv2.data

        folder = Path(cv2.data.haarcascades)
        names = ("haarcascade_frontalface_alt2.xml", "haarcascade_frontalface_default.xml")
        self._cascades = [cv2.CascadeClassifier(str(folder / name)) for name in names]
        if any(cascade.empty() for cascade in self._cascades):
            raise PersonifyError(f"OpenCV's cascades are not in {folder}; reinstall opencv-contrib-python")

    def find(self, image: np.ndarray) -> np.ndarray:
        """The boxes of both cascades."""
        import cv2

        grey = cv2.equalizeHist(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY))
        least = round(LEAST_FACE * min(grey.shape))
        found = [
            np.reshape(cascade.detectMultiScale(grey, minSize=(least, least)), (-1, 4)) for cascade in self._cascades
        ]
        return np.concatenate(found).astype(np.float32)


class _YuNet:
    """YuNet (Wu et al. 2023), a small convolutional detector that OpenCV runs."""

    name = "yunet"

    def __init__(self, file: Path | None) -> None:
        import cv2

        try:
            self._model = cv2.FaceDetectorYN.create(str(file), "", (320, 320), _YUNET_SCORE)
            self.find(np.zeros((320, 320, 3), np.uint8))
        except cv2.error as error:
            raise _broken(self.name, file, error) from error

    def find(self, image: np.ndarray) -> np.ndarray:
        """The boxes of the network at the picture's own size."""
        import cv2

        self._model.setInputSize((image.shape[1], image.shape[0]))
        _, faces = self._model.detect(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2BGR))
        return np.zeros((0, 4), np.float32) if faces is None else np.asarray(faces, np.float32)[:, :4]


class _Dlib:
    """dlib's HOG detector with its 68 points (King 2009; Kazemi and Sullivan 2014); a box goes around the points."""

    name = "dlib"

    def __init__(self, file: Path | None) -> None:
        try:
            dlib: Any = importlib.import_module("dlib")
        except ImportError as error:
            raise MissingExtra("the second detector 'dlib' needs the library of that name: pip install dlib") from error
        self._faces = dlib.get_frontal_face_detector()
        try:
            self._points = dlib.shape_predictor(str(file))
        except RuntimeError as error:
            raise _broken(self.name, file, error) from error

    def find(self, image: np.ndarray) -> np.ndarray:
        """The bounding squares of the points of each face."""
        pixels = np.ascontiguousarray(image)
        shapes = [self._points(pixels, face).parts() for face in self._faces(pixels, 0)]
        return _squares([np.array([(point.x, point.y) for point in shape], np.float64) for shape in shapes])


class _Task:
    """MediaPipe's newer face landmarker (Apache-2.0); related to the first detector, so it agrees more easily."""

    name = "mediapipe-task"

    def __init__(self, file: Path | None) -> None:
        from mediapipe.tasks import python as tasks
        from mediapipe.tasks.python import vision

        options = vision.FaceLandmarkerOptions(base_options=tasks.BaseOptions(model_asset_path=str(file)), num_faces=4)
        try:
            self._model = vision.FaceLandmarker.create_from_options(options)
        except (RuntimeError, ValueError) as error:
            raise _broken(self.name, file, error) from error

    def find(self, image: np.ndarray) -> np.ndarray:
        """The bounding squares of the ovals of each face."""
        import mediapipe as mp

        picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(image))
        size = np.array([image.shape[1], image.shape[0]])
        faces = self._model.detect(picture).face_landmarks
        return _squares([np.array([(face[at].x, face[at].y) for at in OVAL]) * size for face in faces])


def _squares(faces: Sequence[np.ndarray]) -> np.ndarray:
    """The bounding square of each face's points, float32 (n, 4)."""
    boxes = []
    for points in faces:
        low, high = points.min(0), points.max(0)
        side = float((high - low).max())
        boxes.append([*((low + high - side) / 2), side, side])
    return np.array(boxes, np.float32).reshape(-1, 4)


def _broken(name: str, file: Path | None, error: Exception) -> BadInput:
    said = str(error).strip().splitlines()
    origin = _KINDS[name].origin
    return BadInput(f"{file} is no model for {name!r} ({said[0] if said else 'no reason given'}); get it from {origin}")


_KINDS = {
    "haar": _Kind(_Haar),
    "yunet": _Kind(_YuNet, ".onnx", "github.com/opencv/opencv_zoo, models/face_detection_yunet (MIT)"),
    "dlib": _Kind(_Dlib, ".dat", "dlib.net/files/shape_predictor_68_face_landmarks.dat.bz2 (not for commercial use)"),
    "mediapipe-task": _Kind(_Task, ".task", "ai.google.dev/edge/mediapipe, Face Landmarker (Apache-2.0)"),
}
"""What can be asked for by name; a plug-in of the same name is not looked at."""
