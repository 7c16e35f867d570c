"""The files that one session shows its page: each has a random address, which dies with the session."""

import hashlib
import mimetypes
import re
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path

URL = "/personify/files"

_TYPES = {
    ".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".wav": "audio/wav", ".ogg": "audio/ogg",
    ".mp4": "video/mp4", ".json": "application/json", ".zip": "application/zip", ".html": "text/html; charset=utf-8",
}  # fmt: skip
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Shown:
    """A file with the name and type that the browser is told."""

    path: Path
    name: str
    type: str


class Files:
    """What a session has put out; safe to share between threads. `folder` is where bytes without a file go."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shown: dict[str, dict[str, Shown]] = {}
        self._tokens: dict[tuple[str, str, int, int], str] = {}
        self._lock = threading.Lock()

    def put(self, path: Path, name: str | None = None) -> str:
        """The address of a file where it lies; the same file has the same address until it changes."""
        called = _file_name(name or path.name)
        facts = path.stat()
        key = (str(path), called, facts.st_mtime_ns, facts.st_size)
        with self._lock:
            token = self._tokens.get(key)
            if token is None:
                token = self._tokens[key] = secrets.token_urlsafe(16)
                self._shown[token] = {called: Shown(path, called, _type(called))}
        return f"{URL}/{token}/{called}"

    def put_bytes(self, data: bytes, name: str, type: str | None = None) -> str:
        """The address of a file with this content; the same content has the same address."""
        called = _file_name(name)
        key = (hashlib.sha256(data).hexdigest(), called, 0, len(data))
        with self._lock:
            token = self._tokens.get(key)
            if token is None:
                token = self._tokens[key] = secrets.token_urlsafe(16)
                path = self._folder / token
                path.write_bytes(data)
                self._shown[token] = {called: Shown(path, called, type or _type(called))}
        return f"{URL}/{token}/{called}"

    def put_folder(self, folder: Path) -> str:
        """The address, with a slash at its end, below which the files that lie in the folder now are found by name."""
        shown = {path.name: Shown(path, path.name, _type(path.name)) for path in folder.iterdir() if path.is_file()}
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._shown[token] = shown
        return f"{URL}/{token}/"

    def find(self, token: str, name: str) -> Shown | None:
        """The file at an address, if it is one of this session's."""
        with self._lock:
            return self._shown.get(token, {}).get(name)

    def clear(self) -> None:
        """None of the addresses leads anywhere any more."""
        with self._lock:
            self._shown.clear()
            self._tokens.clear()


def _file_name(name: str) -> str:
    """A name that is safe in an address and on every disk."""
    kept = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[-_LONGEST_NAME:]
    return kept or "file"


def _type(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return _TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
