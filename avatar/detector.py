"""MediaPipe Face Mesh behind one small interface: an image in, 478 points out, and not a word on stderr."""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from personify.avatar.landmarks import COUNT


class FaceMeshDetector:
    """Finds one face in an image. Builds its graph on first use; safe to share between threads (they take turns)."""

    def __init__(self, min_confidence: float = 0.5) -> None:
        self._min_confidence = min_confidence
        self._mesh: Any = None
        self._seen_a_face = False
        self._lock = threading.Lock()

    def find(self, image: np.ndarray) -> np.ndarray | None:
        """The face's landmarks as float32 (478, 3) pixels, depth last on the scale of x, or None if there is no face.

        `image`: uint8 RGB (H, W, 3).
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(f"an image is uint8 (H, W, 3), not {image.dtype} {image.shape}")
        with self._lock:
            faces = self._process(np.ascontiguousarray(image))
        if not faces:
            return None
        height, width = image.shape[:2]
        points = np.array([(p.x, p.y, p.z) for p in faces[0].landmark], np.float32)
        assert points.shape == (COUNT, 3)
        return points * np.array([width, height, width], np.float32)

    def _process(self, image: np.ndarray) -> Any:
        """The faces of one image; the native part logs while it is built and when it sees its first face."""
        if self._seen_a_face and self._mesh is not None:
            return self._mesh.process(image).multi_face_landmarks
        with _quiet_stderr():
            if self._mesh is None:
                self._mesh = self._build()
            faces = self._mesh.process(image).multi_face_landmarks
        self._seen_a_face = bool(faces)
        return faces

    def _build(self) -> Any:
        from mediapipe.python.solutions.face_mesh import FaceMesh

        return FaceMesh(
            static_image_mode=True,
            max_num_faces=1,
            refine_landmarks=True,
            min_detection_confidence=self._min_confidence,
        )


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Sends file descriptor 2 to nowhere: MediaPipe's C++ part and TensorFlow Lite log there, whatever Python says."""
    try:
        stderr = sys.__stderr__.fileno() if sys.__stderr__ else 2
    except (OSError, ValueError):
        stderr = 2
    saved = os.dup(stderr)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stderr)
        yield
    finally:
        os.dup2(saved, stderr)
        os.close(saved)
        os.close(nowhere)
