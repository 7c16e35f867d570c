"""What a page needs to let a character live in the browser: its rig, how it waits, and its greeting with sound and face.

It makes values and files of one session; it knows nothing of scenes or of Gradio.
"""

import io
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from personify.ui.web.files import Files
from personify.ui.web.wire import Sound, audio
from personify.voices.errors import PersonifyError

if TYPE_CHECKING:
    from personify.avatar.portrait import Portrait
    from personify.pipelines import Avatar
    from personify.voices.speech import Speech

FPS = 25.0
_IDLE_S = 12.0
"""How long the loop is in which a character waits; long enough that nobody sees it come again."""
_JPEG_QUALITY = 90


def show_picture(image: np.ndarray, files: Files, name: str) -> str:
    """The address of a picture, uint8 RGB (H, W, 3), as a JPEG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=_JPEG_QUALITY)
    return files.put_bytes(file.getvalue(), f"{name}.jpg", "image/jpeg")


def landmark_points(landmarks: np.ndarray | None) -> list[list[float]] | None:
    """The landmarks as plain pixels, to a tenth."""
    if landmarks is None:
        return None
    return [[round(float(x), 1), round(float(y), 1)] for x, y in landmarks[:, :2]]


def live_face(portrait: "Portrait", files: Files, *, seed: int, expression: str) -> dict[str, Any]:
    """The rig's address, the loop in which the face waits, and what its other motion is drawn from.

    Raises `PersonifyError` for a portrait that can't be animated.
    """
    from personify.avatar.rig_export import export_rig

    rig = export_rig(portrait).model_dump_json().encode()
    return {
        "rig_url": files.put_bytes(rig, "rig.json", "application/json"),
        "idle": _idle(seed, expression),
        "expression": expression,
        "seed": seed,
    }


def spoken(speech: "Speech", sentence: str, *, seed: int, expression: str, sound: Sound) -> dict[str, Any]:
    """A sentence that the live face can say at once: its sound, and how the face moves to it. `id` tells it apart."""
    from personify.avatar.motion import motion_track
    from personify.avatar.visemes import viseme_track

    lips = viseme_track(speech, fps=FPS)
    life = motion_track(speech, seed=seed, fps=FPS, expression=expression)
    values = np.concatenate([lips.weights, life.values], axis=1)
    return {
        "id": secrets.token_hex(6),
        "sentence": sentence,
        "seconds": round(speech.duration_s, 4),
        "audio": audio(speech, sound),
        "face": {"fps": FPS, "first": 0, "channels": _channels(), "values": _rows(values)},
    }


def greeting_speech(avatar: "Avatar") -> "Speech":
    """The sound of the avatar's greeting, its phonemes found by its text, or else by the sound alone."""
    from personify.voices.alignment import align
    from personify.voices.recordings import read_recording
    from personify.voices.text.preparing import prepare

    samples, rate_hz = read_recording(avatar.files["greeting"])
    text, language = avatar.persona.speaking.greeting, avatar.persona.voice.language
    try:
        return replace(align(samples, rate_hz, prepare(text, language).text or text, language), text=text)
    except PersonifyError:
        from personify.avatar.audio_visemes import speech_from_sound

        return speech_from_sound(samples, rate_hz)


def _idle(seed: int, expression: str) -> dict[str, Any]:
    from personify.avatar.motion import idle_track
    from personify.avatar.rig_export import export_track
    from personify.avatar.visemes import CHANNELS, VisemeTrack

    motion = idle_track(_IDLE_S, seed=seed, fps=FPS, expression=expression, loop=True)
    lips = VisemeTrack(FPS, np.zeros((motion.n_frames, len(CHANNELS)), np.float32))
    return export_track(lips, motion).model_dump(mode="json")


def _channels() -> list[str]:
    from personify.avatar.animation import SHAPE_CHANNELS

    return list(SHAPE_CHANNELS)


def _rows(values: np.ndarray) -> Sequence[Sequence[float]]:
    return [[round(value, 3) + 0.0 for value in row] for row in values.tolist()]
