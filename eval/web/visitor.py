"""A visitor without a browser: asks the web app for what its page asks for, over HTTP, and notes when answers come."""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from personify.voices.errors import PersonifyError


@dataclass(frozen=True)
class Answer:
    """A whole reply: seconds until its first sound came (None where none did) and until its end, the seconds of its
    sound, its bytes on the wire, and what went wrong."""

    first_s: float | None
    took_s: float
    sound_s: float
    bytes: int
    text: str
    troubles: tuple[str, ...]


class Visitor:
    """`with Visitor(url) as visitor: visitor.open(key); visitor.say("Hello")`. One page in one browser."""

    def __init__(self, url: str) -> None:
        import httpx

        self._http: httpx.Client = httpx.Client(base_url=url, timeout=60)
        self._hash = uuid.uuid4().hex

    def __enter__(self) -> Self:
        self._http.get("/").raise_for_status()
        self._config = self._http.get("/config").raise_for_status().json()
        request = self._http.build_request("GET", f"/gradio_api/heartbeat/{self._hash}")
        self._alive = self._http.send(request, stream=True)
        self._beats = self._alive.iter_raw()
        next(self._beats)
        self.scene = self._ask("load", None)
        if not self.scene.get("session"):
            raise PersonifyError(f"the page has no session: {self.scene.get('trouble')}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._alive.close()
        self._http.close()

    def open(self, key: str) -> None:
        """Meets an avatar of the shelf."""
        scene = self._ask("open", {"key": key, "sound": "opus"})
        if scene.get("trouble"):
            raise PersonifyError(str(scene["trouble"]))

    def say(self, said: str) -> Answer:
        """Says something and takes the whole reply."""
        began_s = time.monotonic()
        first_s: float | None = None
        sound_s, size, text = 0.0, 0, ""
        troubles: list[str] = []
        for line in self._lines(said):
            size += len(line) + 1
            piece = json.loads(line)
            if piece.get("piece") == "speech":
                first_s = time.monotonic() - began_s if first_s is None else first_s
                sound_s += piece["seconds"]
            elif piece.get("piece") == "said":
                text = piece["text"]
            elif "error" in piece or piece.get("piece") == "trouble":
                troubles.append(piece.get("error") or piece["message"])
        return Answer(first_s, time.monotonic() - began_s, sound_s, size, text, tuple(troubles))

    def _lines(self, said: str) -> Iterator[str]:
        headers = {"X-Personify-Session": self.scene["session"]}
        body = {"said": said, "sound": "opus"}
        with self._http.stream("POST", "/personify/reply", json=body, headers=headers) as answer:
            yield from answer.iter_lines()

    def _ask(self, event: str, data: Any) -> dict[str, Any]:
        """Triggers an event of the page, as its script does; returns the last scene that comes of it."""
        index = next(one["id"] for one in self._config["dependencies"] if event in [name for _, name in one["targets"]])
        body = {"data": [], "fn_index": index, "session_hash": self._hash, "event_data": data}
        joined = self._http.post("/gradio_api/queue/join", json=body).raise_for_status().json()
        with self._http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self._hash}) as stream:
            for line in stream.iter_lines():
                told = json.loads(line[5:]) if line.startswith("data:") else {}
                if told.get("msg") == "process_completed" and told.get("event_id") == joined["event_id"]:
                    return _scene(told)
        raise PersonifyError(f"the app did not answer to {event!r}")


def _scene(told: dict[str, Any]) -> dict[str, Any]:
    if not told.get("success"):
        raise PersonifyError(str(told.get("output", {}).get("error") or "an event failed"))
    value = told["output"]["data"][0]
    return {name: json.loads(text) for name, text in value.items()} if isinstance(value, dict) else {}
