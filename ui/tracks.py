"""What the live avatar in a browser needs beside its rig: the loop in which it waits, and how it moves to a speech."""

from typing import Any

import numpy as np

from personify.voices.speech import Speech

FPS = 25.0
IDLE_S = 16.0
"""How long the loop is: long enough that nobody sees it begin anew."""


def idle_loop(*, seed: int, expression: str, seconds: float = IDLE_S) -> dict[str, Any]:
    """A personify-track of somebody who waits, as plain values; its first frame may follow its last."""
    from personify.avatar.motion import idle_track
    from personify.avatar.rig_export import export_track
    from personify.avatar.visemes import CHANNELS, VisemeTrack

    motion = idle_track(seconds, seed=seed, fps=FPS, expression=expression)
    lips = VisemeTrack(FPS, np.zeros((motion.n_frames, len(CHANNELS)), np.float32))
    return export_track(lips, motion).model_dump(mode="json")


def face_of(speech: Speech, *, seed: int, expression: str) -> dict[str, Any]:
    """How a face moves for a whole speech: `fps`, `first` (0), `channels` and `values`, as in a face piece of a
    reply."""
    from personify.avatar.motion import motion_track
    from personify.avatar.rig_export import export_track
    from personify.avatar.visemes import viseme_track

    motion = motion_track(speech, seed=seed, fps=FPS, expression=expression)
    track = export_track(viseme_track(speech, fps=FPS), motion).model_dump(mode="json")
    return {"fps": FPS, "first": 0, "channels": track["channels"], "values": track["values"]}
