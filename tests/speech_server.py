"""A speech server on this machine that speaks OpenAI's protocol, well and badly.

`POST /v1/audio/speech` answers with espeak-ng's voice saying the input, in whatever format and at whatever rate a test
wants; `GET /v1/audio/voices` tells its voices as Kokoro-FastAPI does. It keeps a log of what it was sent.
"""

import io
import json
import struct
import threading
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from personify.voices.engines.espeak import EspeakEngine
from personify.voices.tones import load_tones

KINDS = {
    "wav": "audio/wav",
    "pcm": "audio/pcm",
    "mp3": "audio/mpeg",
    "opus": "audio/opus",
    "flac": "audio/flac",
    "aac": "audio/aac",
}


@dataclass(frozen=True)
class Heard:
    """One request."""

    path: str
    host: str
    authorization: str | None
    body: dict
    headers: dict[str, str]


@dataclass
class Behaviour:
    """How it answers; `statuses` are given out one a request before it begins to work.

    `make` gives (body, Content-Type) for what it was sent. `drop_after`: the connection is lost after so many bytes.
    `hang_s`: so long it says nothing, once the headers are out if `hang_in_body`. `redirect`: to this address.
    `endless`: a status with a body that never ends, `hang_s` between its pieces.
    """

    make: Callable[[dict], tuple[bytes, str]]
    statuses: list[int] = field(default_factory=list)
    refusal: dict | str = field(default_factory=lambda: {"error": {"message": "no such luck", "type": "x"}})
    headers: dict[str, str] = field(default_factory=dict)
    drops: int = 0
    drop_after: int = 1000
    hang_s: float = 0.0
    hang_in_body: bool = False
    redirect: str | None = None
    endless: int = 0
    chunked: bool = False
    voices: object = field(default_factory=lambda: {"voices": ["af_heart", "bm_george"]})


class SpeechServer:
    """Serves at `url` until `close`; `behaviour` may be changed between requests."""

    def __init__(self) -> None:
        self.behaviour = Behaviour(make=said())
        self.heard: list[Heard] = []
        self.sent = 0
        self.closing = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def behave(self, **changes) -> None:
        for name, value in changes.items():
            assert hasattr(self.behaviour, name)
            setattr(self.behaviour, name, value)

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


def said(rate_hz: int = 24_000, channels: int = 1, form: str | None = None) -> Callable[[dict], tuple[bytes, str]]:
    """The input in espeak-ng's voice, in the format that the request asks for, or in `form`; padded with silence."""

    def make(body: dict) -> tuple[bytes, str]:
        speech = EspeakEngine().speak(body["input"], load_tones()["neighbour"], language="en", accent=None)
        silence = np.zeros(speech.sample_rate_hz // 5, np.float32)
        samples = resampled(np.concatenate([silence, speech.samples, silence]), speech.sample_rate_hz, rate_hz)
        kind = form or body["response_format"]
        return encoded(samples, rate_hz, kind, channels), KINDS[kind]

    return make


def resampled(samples: np.ndarray, rate_hz: int, wanted_hz: int) -> np.ndarray:
    at = np.arange(int(len(samples) / rate_hz * wanted_hz)) / wanted_hz
    return np.interp(at, np.arange(len(samples)) / rate_hz, samples).astype(np.float32)


def encoded(samples: np.ndarray, rate_hz: int, form: str, channels: int = 1) -> bytes:
    """float32 (n,) in [-1, 1] as a file, or as raw samples for "pcm"."""
    whole = np.repeat((np.clip(samples, -1, 1) * 32767).astype("<i2")[:, None], channels, axis=1)
    if form == "pcm":
        return whole.tobytes()
    file = io.BytesIO()
    if form == "wav":
        with wave.open(file, "wb") as wav:
            wav.setnchannels(channels)
            wav.setsampwidth(2)
            wav.setframerate(rate_hz)
            wav.writeframes(whole.tobytes())
        return file.getvalue()
    import av

    codec, container = {"mp3": ("libmp3lame", "mp3"), "opus": ("libopus", "ogg"), "flac": ("flac", "flac"),
                        "aac": ("aac", "adts")}[form]  # fmt: skip
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate_hz, layout="mono" if channels == 1 else "stereo")
        frame = av.AudioFrame.from_ndarray(whole.reshape(1, -1), "s16", "mono" if channels == 1 else "stereo")
        frame.sample_rate = rate_hz
        frame.pts = 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)
    return file.getvalue()


def streaming_header(wav: bytes, size: int = 0xFFFFFFFF) -> bytes:
    """The same WAV as who writes into a pipe makes it: with lengths that nobody knew yet."""
    at = wav.index(b"data") + 4
    return wav[:4] + struct.pack("<I", size) + wav[8:at] + struct.pack("<I", size) + wav[at + 4 :]


def _handler(speech: SpeechServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_) -> None:
            pass

        def do_GET(self) -> None:
            self.note({})
            if not self.path.startswith("/v1/audio/voices") or speech.behaviour.voices is None:
                self.refuse(404)
                return
            self.whole(json.dumps(speech.behaviour.voices).encode(), "application/json")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.note(body)
            how = speech.behaviour
            if how.redirect:
                self.send_response(307)
                self.send_header("Location", how.redirect)
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif how.endless:
                self.go_on(how.endless)
            elif how.statuses and (status := how.statuses.pop(0)) != 200:
                self.refuse(status)
            elif self.path != "/v1/audio/speech":
                self.refuse(404)
            else:
                self.speak(body)

        def go_on(self, status: int) -> None:
            sent, piece = 0, b"x" * (1 if speech.behaviour.hang_s else 65536)
            self.send_response(status)
            self.send_header("Location", "/v1/elsewhere")
            self.send_header("Content-Type", "text/plain")
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                while sent < 200_000_000 and not speech.closing.wait(speech.behaviour.hang_s):
                    self.wfile.write(piece)
                    sent += len(piece)
                    speech.sent = max(speech.sent, sent)
            except OSError:
                pass
            self.close_connection = True

        def speak(self, body: dict) -> None:
            how = speech.behaviour
            if not how.hang_in_body:
                speech.closing.wait(how.hang_s)
            sound, kind = how.make(body)
            if how.drops > 0:
                how.drops -= 1
                self.whole(sound, kind, until=how.drop_after)
                self.close_connection = True
            elif how.chunked or how.hang_in_body:
                self.in_chunks(sound, kind)
            else:
                self.whole(sound, kind)

        def in_chunks(self, sound: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                for start in range(0, len(sound), 4096):
                    part = sound[start : start + 4096]
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                    self.wfile.flush()
                    if speech.behaviour.hang_in_body:
                        speech.closing.wait(speech.behaviour.hang_s)
                    else:
                        time.sleep(0)
                self.wfile.write(b"0\r\n\r\n")
            except OSError:  # whoever asked has gone
                self.close_connection = True

        def whole(self, body: bytes, kind: str, until: int | None = None) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body[:until])
            except OSError:
                self.close_connection = True

        def refuse(self, status: int) -> None:
            refusal = speech.behaviour.refusal
            body = (refusal if isinstance(refusal, str) else json.dumps(refusal)).encode()
            self.send_response(status)
            for name, value in speech.behaviour.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "text/html" if isinstance(refusal, str) else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def note(self, body: dict) -> None:
            speech.heard.append(
                Heard(self.path, self.headers["Host"], self.headers["Authorization"], body, dict(self.headers))
            )

    return Handler


def write_settings(folder: Path, monkeypatch: pytest.MonkeyPatch, **table) -> None:
    """Writes `[speech]` into a `personify.toml` in the folder, which is then the user's own."""
    path = folder / "personify.toml"
    path.write_text("\n".join(["[speech]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]))
    monkeypatch.setenv("PERSONIFY_CONFIG", str(path))
