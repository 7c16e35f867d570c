"""What a page needs to let a character live in the browser: its rig, how it waits, its greeting with sound and face.

It makes values and files of one session; it knows nothing of scenes or of Gradio.
"""

import hashlib
import io
import secrets
import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from personify.ui.tracks import face_of, idle_loop
from personify.ui.web.files import Files
from personify.ui.web.wire import Sound, audio
from personify.voices.errors import PersonifyError

if TYPE_CHECKING:
    from personify.avatar.portrait import Portrait
    from personify.pipelines import Avatar
    from personify.voices.speech import Speech

_JPEG_QUALITY = 90
_RIGS_KEPT = 8


class _Rigs:
    """The rigs that were written last, by what they are made of: a character is often opened again, by many at once.

    One is written at a time: it is a hundred thousand numbers meanwhile, and many at once would be no sooner done.
    """

    def __init__(self) -> None:
        self._files: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, portrait: "Portrait") -> bytes:
        from personify.avatar.rig_export import export_rig

        made_of = _digest(portrait.image, portrait.landmarks, portrait.depth, portrait.mask)
        with self._lock:
            if made_of not in self._files:
                self._files[made_of] = export_rig(portrait).model_dump_json().encode()
            self._files.move_to_end(made_of)
            while len(self._files) > _RIGS_KEPT:
                self._files.popitem(last=False)
            return self._files[made_of]


def _digest(*arrays: np.ndarray | None) -> bytes:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(b"none" if array is None else f"{array.shape}{array.dtype}".encode() + array.tobytes())
    return digest.digest()


_rigs = _Rigs()


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
    return {
        "rig_url": files.put_bytes(live_face_json(portrait), "rig.json", "application/json"),
        "idle": idle_loop(seed=seed, expression=expression),
        "expression": expression,
        "seed": seed,
    }


def live_face_json(portrait: "Portrait") -> bytes:
    """The rig with its pictures inside, as one file; errors as above."""
    return _rigs.of(portrait)


def spoken(speech: "Speech", sentence: str, *, seed: int, expression: str, sound: Sound) -> dict[str, Any]:
    """A sentence that the live face can say at once: its sound, and how the face moves to it. `id` tells it apart."""
    return {
        "id": secrets.token_hex(6),
        "sentence": sentence,
        "seconds": round(speech.duration_s, 4),
        "audio": audio(speech, sound),
        "face": face_of(speech, seed=seed, expression=expression),
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
