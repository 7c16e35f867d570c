"""The face of a reply: what it does for each sentence, on one time line, as the sentences come."""

from dataclasses import dataclass, field

import numpy as np

from personify.pipelines.chat.pieces import FacePiece
from personify.voices.speech import Speech


@dataclass
class FaceStream:
    """Viseme and motion tracks of a reply that is still being spoken; `seed` decides how the head and eyes move."""

    seed: int
    expression: str
    fps: float = 25.0
    _lips: list[np.ndarray] = field(default_factory=list)
    _life: list[np.ndarray] = field(default_factory=list)
    _given: int = 0

    def __post_init__(self) -> None:
        from personify.avatar.motion import MotionStream
        from personify.avatar.visemes import VisemeStream

        self._visemes, self._motion = VisemeStream(self.fps), MotionStream(self.seed, self.fps, self.expression)

    def push(self, speech: Speech) -> FacePiece:
        """Takes the next sentence; the frames that are certain now."""
        return self._ready(self._visemes.push(speech).weights, self._motion.push(speech).values)

    def end(self) -> FacePiece:
        """The frames that were held back."""
        return self._ready(self._visemes.end().weights, self._motion.end().values)

    def _ready(self, lips: np.ndarray, life: np.ndarray) -> FacePiece:
        from personify.avatar.animation import SHAPE_CHANNELS

        self._lips, self._life = [*self._lips, lips], [*self._life, life]
        all_lips, all_life = np.concatenate(self._lips), np.concatenate(self._life)
        count = min(len(all_lips), len(all_life))
        values = np.concatenate([all_lips[:count], all_life[:count]], axis=1)
        self._lips, self._life = [all_lips[count:]], [all_life[count:]]
        piece = FacePiece(self.fps, self._given, SHAPE_CHANNELS, values)
        self._given += count
        return piece
