"""What the tests of the Coqui engine share: tiny models on disk, tones that speak with them, a server and a sample."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from personify.voices.speech import Speech
from personify.voices.tones import Tone
from personify.voices.wav import write_wav

HELLO = "Hello there, big world. How are you?"


def tone(model: str = "tiny", **fields) -> Tone:
    told = {
        "name": "mine", "title": "Mine", "description": "A voice of random numbers.", "gender": "neutral",
        "age": "adult", "timbre": ("plain", "clear"), "model": model,
    }  # fmt: skip
    return Tone.model_validate(told | fields)


def own_models(path: Path, **folders: Path) -> Path:
    """A `personify.toml` with one Coqui model for each folder, by the names of the arguments."""
    tables = [
        f'[[voice_model]]\nname = "{name}"\nengine = "coqui"\ntitle = "Random"\nlicence = "MIT"\nfolder = "{folder}"\n'
        for name, folder in folders.items()
    ]
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


def recording(path: Path, *parts: tuple[float, float]) -> Path:
    """Parts of so many seconds and so much loudness, with the syllables of speech."""
    rng = np.random.default_rng(1)
    sound = []
    for seconds, level in parts:
        t = np.arange(round(seconds * 22050)) / 22050
        sound.append(level * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t)) * rng.normal(0, 0.3, len(t)))
    write_wav(path, Speech("", np.clip(np.concatenate(sound), -1, 1).astype(np.float32), 22050, ()), {})
    return path


class Server:
    """Serves one file, whole or from a range; hangs up after `hang_up_after` bytes, once.

    As servers do, it packs what is not asked for as it is, and has nothing past the end.
    """

    def __init__(self, body):
        self.body, self.hang_up_after, self.ranges = body, 0, []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                asked = self.headers.get("Range", "")
                server.ranges.append(asked)
                first = int(asked[6:-1]) if asked else 0
                body, packed = server.body, "gzip" in self.headers.get("Accept-Encoding", "")
                if asked and first >= len(body):
                    self.send_response(416)
                    self.send_header("Content-Range", f"bytes */{len(body)}")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if packed:
                    body = gzip.compress(body)
                self.send_response(206 if asked else 200)
                if packed:
                    self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(body) - first))
                self.end_headers()
                last = len(body)
                if server.hang_up_after:
                    last, server.hang_up_after = server.hang_up_after, 0
                self.wfile.write(body[first:last])

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/tiny.zip"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()
