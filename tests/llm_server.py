"""A language model on this machine that speaks OpenAI's protocol: `/v1/chat/completions`, whole or as server-sent
events, and `/v1/models`. What it says and what it refuses is up to the test; it keeps a log of what it was sent.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Refusal = tuple[int, object]
"""A status and a body, as JSON unless it is a string."""


def error(message: str) -> dict:
    return {"error": {"message": message, "type": "invalid_request_error", "code": None}}


@dataclass
class Behaviour:
    """`reply` makes the answer's text from the request; `refuse` may say no to it instead.

    `raw`: the whole answer, in place of a chat completion. `drops`: so many answers break off. `hang_s`: it waits so
    long first, or between the events of a stream if it is one.
    """

    reply: Callable[[dict], str] = lambda body: f"You said: {body['messages'][-1]['content']}"
    refuse: Callable[[dict], Refusal | None] = lambda body: None
    models: list[str] = field(default_factory=lambda: ["tiny", "large"])
    raw: bytes | None = None
    message: dict = field(default_factory=dict)
    finish: str = "stop"
    drops: int = 0
    hang_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


class LlmServer:
    """Serves at `url` until `close`; `behaviour` may be changed between requests."""

    def __init__(self) -> None:
        self.behaviour = Behaviour()
        self.asked: list[dict] = []
        self.keys: list[str | None] = []
        self.hung_up = threading.Event()
        self.closing = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def behave(self, **changes) -> None:
        for name, value in changes.items():
            assert hasattr(self.behaviour, name)
            setattr(self.behaviour, name, value)

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


def _handler(llm: LlmServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_) -> None:
            pass

        def do_GET(self) -> None:
            if self.path == "/v1/models":
                models = [{"id": name, "object": "model", "owned_by": "me"} for name in llm.behaviour.models]
                self.answer(200, {"object": "list", "data": models})
            else:
                self.answer(404, error("no such page"))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            llm.asked.append(body)
            llm.keys.append(self.headers["Authorization"])
            how = llm.behaviour
            refusal = how.refuse(body)
            if refusal:
                self.answer(*refusal)
            elif self.path != "/v1/chat/completions":
                self.answer(404, error("no such page"))
            elif body.get("stream"):
                self.stream(how.reply(body))
            else:
                llm.closing.wait(how.hang_s)
                self.answer(200, how.raw.decode() if how.raw is not None else self.completion(body))

        def completion(self, body: dict) -> dict:
            text = llm.behaviour.reply(body)
            message = {"role": "assistant", "content": text, **llm.behaviour.message}
            return {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1,
                "model": body["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": llm.behaviour.finish}],
                "usage": {"prompt_tokens": 11, "completion_tokens": len(text.split()), "total_tokens": 99},
            }

        def stream(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                self.event({"choices": [{"index": 0, "delta": {"role": "assistant"}, "finish_reason": None}]})
                for start in range(0, len(text), 4):
                    delta = {"content": text[start : start + 4]}
                    self.event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
                    if llm.behaviour.drops > 0 and start >= 8:
                        llm.behaviour.drops -= 1
                        self.close_connection = True
                        return
                    llm.closing.wait(llm.behaviour.hang_s)
                if llm.behaviour.raw is not None:
                    self.chunk(llm.behaviour.raw)
                self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": llm.behaviour.finish}]})
                self.event({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 3}})
                self.chunk(b"data: [DONE]\n\n")
                self.chunk(b"")
            except OSError:
                llm.hung_up.set()
                self.close_connection = True

        def event(self, value: dict) -> None:
            whole = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "tiny", **value}
            self.chunk(f"data: {json.dumps(whole)}\n\n".encode())

        def chunk(self, data: bytes) -> None:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

        def answer(self, status: int, value: object) -> None:
            body = (value if isinstance(value, str) else json.dumps(value)).encode()
            self.send_response(status)
            for name, said in llm.behaviour.headers.items():
                self.send_header(name, said)
            self.send_header("Content-Type", "text/html" if isinstance(value, str) else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            cut = len(body) // 2 if status == 200 and llm.behaviour.drops > 0 else None
            if cut is not None:
                llm.behaviour.drops -= 1
                self.close_connection = True
            try:
                self.wfile.write(body[:cut])
            except OSError:  # whoever asked has gone
                self.close_connection = True

    return Handler
