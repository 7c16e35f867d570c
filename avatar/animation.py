"""The talking head: a portrait and a speech become frames, one at a time."""

from collections.abc import Iterator

import numpy as np

from personify.avatar.motion import MotionTrack, motion_track
from personify.avatar.mouth import MouthShape
from personify.avatar.portrait import Portrait
from personify.avatar.pose import PoseShape
from personify.avatar.rig import FaceShape, Rig, build_rig
from personify.avatar.visemes import CHANNELS, VisemeTrack, viseme_track
from personify.voices.speech import Speech


def animate(
    portrait: Portrait | Rig, speech: Speech, *, seed: int, fps: float = 25.0, expression: str = "neutral"
) -> Iterator[np.ndarray]:
    """Frames of the portrait speaking, uint8 RGB (H, W, 3), ceil(duration * fps) of them; the first is the portrait.

    Give a `Rig` instead of a portrait to make several clips with one. The same arguments give the same bytes.
    Raises `PersonifyError` for a portrait without landmarks, before the first frame is drawn.
    """
    rig = portrait if isinstance(portrait, Rig) else build_rig(portrait)
    visemes = viseme_track(speech, fps=fps)
    motion = motion_track(speech, seed=seed, fps=fps, expression=expression)
    return (rig.draw(shape) for shape in face_shapes(visemes, motion))


def face_shapes(visemes: VisemeTrack, motion: MotionTrack) -> Iterator[FaceShape]:
    """One face shape a frame from the two tracks."""
    for i in range(visemes.n_frames):
        mouth = MouthShape(**{name: float(w) for name, w in zip(CHANNELS, visemes.weights[i], strict=True)})
        pose = PoseShape(
            yaw=float(motion.yaw[i]), pitch=float(motion.pitch[i]), roll=float(motion.roll[i]),
            shift_x=float(motion.shift_x[i]), shift_y=float(motion.shift_y[i]),
            brow=float(motion.brow[i]), breath=float(motion.breath[i]),
        )  # fmt: skip
        yield FaceShape(mouth, pose, float(motion.blink[i]))
