"""A transcription server on this machine that speaks OpenAI's protocol: it takes the multipart form that clients send,
reads the sound in it, and answers what a test wants."""

import contextlib
import email
import email.policy
import io
import json
import threading
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np


@dataclass(frozen=True)
class Asked:
    """One request: its path and key, the form's fields, and the sound as float32 (n,) at `rate_hz`."""

    path: str
    authorization: str | None
    fields: dict[str, str]
    samples: np.ndarray
    rate_hz: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate_hz


@dataclass
class TranscribingServer:
    """Serves at `url` until `close`. `answer`: what it says, JSON or raw bytes, to a request; `statuses` are given out
    first, one a request."""

    answer: Callable[[Asked], dict | bytes] = lambda asked: {"text": "The stars are late tonight."}
    statuses: list[int] = field(default_factory=list)
    refusal: dict = field(default_factory=lambda: {"error": {"message": "no such luck"}})
    hang_s: float = 0.0
    asked: list[Asked] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


def sound_in(wav: bytes) -> tuple[np.ndarray, int]:
    """A WAV file's samples, float32 (n,), and their rate; it must be 16-bit mono."""
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / np.float32(32768), file.getframerate()


def _form(kind: str, body: bytes) -> dict[str, bytes]:
    """The parts of multipart/form-data by name (RFC 7578)."""
    message = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP)
    return {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
        for part in message.iter_parts()
    }


def _handler(server: TranscribingServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_) -> None:
            pass

        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):  # whoever asked has gone
                super().handle()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            parts = _form(self.headers["Content-Type"], body)
            sound, rate_hz = sound_in(parts.pop("file"))
            fields = {name: value.decode() for name, value in parts.items()}
            asked = Asked(self.path, self.headers["Authorization"], fields, sound, rate_hz)
            server.asked.append(asked)
            server.closing.wait(server.hang_s)
            status = server.statuses.pop(0) if server.statuses else 200
            answer = server.answer(asked) if status == 200 else server.refusal
            raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    return Handler
