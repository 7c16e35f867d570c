"""Pieces of a reply as they go to a browser: JSON values, with the sound as Opus in Ogg, or as WAV."""

import base64
import io
from typing import Any, Literal

import numpy as np

from personify.pipelines.chat.pieces import Piece, SpeechPiece
from personify.pipelines.provenance import VOICE_MADE
from personify.voices.speech import Speech

Sound = Literal["opus", "wav"]

OPUS_HZ = 48_000
"""The only rate at which Opus in Ogg counts."""
OPUS_BITS_PER_S = 32_000
"""For one voice no difference is heard from more (RFC 7587, section 3.1.1, names 28-40 kbit/s for fullband speech)."""


def told(piece: Piece, sound: Sound) -> dict[str, Any]:
    """A piece as plain values; a speech piece carries its sound as `audio`."""
    if isinstance(piece, SpeechPiece):
        return piece.to_json(sound=False) | {"audio": audio(piece.speech, sound)}
    return piece.to_json()


def audio(speech: Speech, sound: Sound) -> dict[str, str]:
    """The sound as `{"type": MIME type, "data": base64}`."""
    if sound == "opus":
        kind, data = "audio/ogg; codecs=opus", opus(speech)
    else:
        kind, data = "audio/wav", SpeechPiece(speech, "", 0, 0.0).wav()
    return {"type": kind, "data": base64.b64encode(data).decode("ascii")}


def opus(speech: Speech) -> bytes:
    """The sound as Opus in Ogg, mono, exactly as long as the speech to the sample at 48 kHz."""
    import av

    samples = _at_opus_rate(speech)
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as container:
        container.metadata["comment"] = VOICE_MADE
        options = {"application": "voip", "frame_duration": "20"}
        track = container.add_stream("libopus", rate=OPUS_HZ, layout="mono", options=options)
        track.bit_rate = OPUS_BITS_PER_S
        frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        frame.sample_rate, frame.pts = OPUS_HZ, 0
        for packet in (*track.encode(frame), *track.encode(None)):
            container.mux(packet)
    return file.getvalue()


def _at_opus_rate(speech: Speech) -> np.ndarray:
    """The samples, float32 (n,), at 48 kHz."""
    import av

    samples = np.ascontiguousarray(np.clip(speech.samples, -1, 1), np.float32)
    wanted = max(1, round(speech.duration_s * OPUS_HZ))
    if speech.sample_rate_hz != OPUS_HZ and len(samples):
        resampler = av.AudioResampler(format="flt", layout="mono", rate=OPUS_HZ)
        frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        frame.sample_rate = speech.sample_rate_hz
        parts = [part.to_ndarray()[0] for part in (*resampler.resample(frame), *resampler.resample(None))]
        samples = np.concatenate([samples[:0], *parts]).astype(np.float32)
    return np.ascontiguousarray(np.pad(samples, (0, max(0, wanted - len(samples))))[:wanted])
