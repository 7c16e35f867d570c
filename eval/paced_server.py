"""A language model's server on this machine that writes at a set pace and notes when each piece left.

For measuring what comes after the model: it speaks OpenAI's `POST /v1/chat/completions` and knows nothing.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

_PIECE = 4
"""Characters of a piece, about a token."""


@dataclass(frozen=True)
class Sent:
    """A piece of an answer, and when it left (`time.monotonic`)."""

    text: str
    at_s: float


class PacedServer:
    """Serves at `url` while it is open: `answer` makes the text from the request, `pieces_per_s` sets the pace of
    streams. `sent` holds the pieces of the last stream, `largest` the bytes of the largest request, `asked` their
    number."""

    def __init__(self, answer: Callable[[dict[str, Any]], str], pieces_per_s: float = 0.0) -> None:
        self.answer, self.pieces_per_s = answer, pieces_per_s
        self.sent: list[Sent] = []
        self.asked = self.largest = 0
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1#paced"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up is no error here."""


def _handler(paced: PacedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            paced.asked, paced.largest = paced.asked + 1, max(paced.largest, length)
            text = paced.answer(body)
            if body.get("stream"):
                self._stream(text)
            else:
                self._whole(text)

        def _whole(self, text: str) -> None:
            message = {"role": "assistant", "content": text}
            told = json.dumps(_chat("chat.completion", {"message": message, "finish_reason": "stop"})).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def _stream(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            paced.sent = []
            try:
                for start in range(0, len(text), _PIECE):
                    if paced.pieces_per_s:
                        time.sleep(1 / paced.pieces_per_s)
                    piece = text[start : start + _PIECE]
                    self._event(json.dumps(_chat("chat.completion.chunk", {"delta": {"content": piece}})))
                    paced.sent.append(Sent(piece, time.monotonic()))
                end = {"delta": {}, "finish_reason": "stop"}
                self._event(json.dumps(_chat("chat.completion.chunk", end)))
                self._event("[DONE]")
                self.wfile.write(b"0\r\n\r\n")
            except OSError:  # it was hung up on
                self.close_connection = True

        def _event(self, data: str) -> None:
            line = f"data: {data}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.wfile.flush()

    return Handler


def _chat(kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    whole = {"finish_reason": None, "index": 0, **choice}
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": "paced", "choices": [whole]}
