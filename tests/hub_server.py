"""A model hub on this machine that speaks the real one's protocol, as far as fetching goes.

`GET /api/models/ID/revision/REV` tells the commit, `GET /api/models/ID/tree/COMMIT` the files, and `resolve` serves
them with the headers ETag and X-Repo-Commit, whole or from a Range, large ones by way of another host. It keeps a log,
and can hang up in mid-file.
"""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

BIG = 2000
"""Files of this size and more count as large ones (Git LFS), whose ETag is their SHA-256."""


class Hub:
    """Serves `root/OWNER/NAME/...`; files are told by their path in the repository.

    `hang_up_after`: the connection is closed after so many bytes of a file, once. `garble`: the last byte comes wrong.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log: list[str] = []  # every request
        self.served: list[tuple[str, str]] = []  # path and range
        self.hang_up_after: dict[str, int] = {}
        self.garble: set[str] = set()
        self.trusted: set[str] = set()  # hosts that were shown a token
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def commit(self, repo: str) -> str:
        """The repository's commit, which changes with its files."""
        told = [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in self.files(repo)]
        return hashlib.sha1("\n".join(told).encode(), usedforsecurity=False).hexdigest()

    def files(self, repo: str) -> list[Path]:
        return sorted(path for path in (self.root / repo).rglob("*") if path.is_file())

    def fetched(self, ending: str) -> list[str]:
        """The ranges that were served of files whose path ends so; "" is the whole file."""
        return [span for path, span in self.served if path.endswith(ending)]


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def log_message(self, *_) -> None:
            pass

        def answer(self) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.log.append(f"{self.command} {path}")
            if "Authorization" in self.headers:
                hub.trusted.add(self.headers["Host"].split(":")[0])
            parts = path.strip("/").split("/")
            if parts[:2] == ["api", "models"]:
                self.api("/".join(parts[2:4]), parts[4], parts[5])
            elif len(parts) > 4 and parts[2] == "resolve":
                self.file("/".join(parts[:2]), parts[3], "/".join(parts[4:]))
            elif parts[0] == "cdn":
                self.file("/".join(parts[1:3]), parts[3], "/".join(parts[4:]))
            else:
                self.refuse(404, "EntryNotFound")

        def api(self, repo: str, what: str, revision: str) -> None:
            if not (hub.root / repo).is_dir():
                self.refuse(404, "RepoNotFound")
            elif revision not in ("main", hub.commit(repo)):
                self.refuse(404, "RevisionNotFound")
            elif what == "revision":
                self.json({"id": repo, "modelId": repo, "sha": hub.commit(repo), "siblings": []})
            else:
                self.json([self.listed(repo, path) for path in hub.files(repo)])

        def listed(self, repo: str, path: Path) -> dict:
            body = path.read_bytes()
            entry = {
                "type": "file",
                "path": path.relative_to(hub.root / repo).as_posix(),
                "size": len(body),
                "oid": _git_id(body),
            }
            if len(body) >= BIG:
                entry["lfs"] = {"oid": hashlib.sha256(body).hexdigest(), "size": len(body), "pointerSize": 130}
            return entry

        def file(self, repo: str, revision: str, name: str) -> None:
            path = hub.root / repo / name
            if not path.is_file():
                self.refuse(404, "EntryNotFound")
                return
            if revision not in ("main", hub.commit(repo)):
                self.refuse(404, "RevisionNotFound")
                return
            body = path.read_bytes()
            etag = hashlib.sha256(body).hexdigest() if len(body) >= BIG else _git_id(body)
            if len(body) >= BIG and not self.path.startswith("/cdn/"):
                self.redirect(f"/cdn/{repo}/{revision}/{name}", etag, len(body), hub.commit(repo))
                return
            start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
            self.send_response(206 if start else 200)
            self.send_header("ETag", f'"{etag}"')
            self.send_header("X-Repo-Commit", hub.commit(repo))
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(body) - start))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.end_headers()
            if self.command == "GET":
                hub.served.append((f"{repo}/{name}", self.headers.get("Range", "")))
                self.body(name, body, start)

        def redirect(self, path: str, etag: str, size: int, commit: str) -> None:
            """Large files lie elsewhere: `localhost` is another host than 127.0.0.1."""
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{hub.server.server_port}{path}")
            self.send_header("X-Repo-Commit", commit)
            self.send_header("X-Linked-ETag", f'"{etag}"')
            self.send_header("X-Linked-Size", str(size))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def body(self, name: str, body: bytes, start: int) -> None:
            if name in hub.garble:
                body = body[:-1] + bytes([body[-1] ^ 1])
            until = hub.hang_up_after.pop(name, None)
            self.wfile.write(body[start : until if until is not None else len(body)])
            if until is not None:
                self.wfile.flush()
                self.close_connection = True

        def json(self, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def refuse(self, status: int, code: str) -> None:
            self.send_response(status)
            self.send_header("X-Error-Code", code)
            self.send_header("X-Error-Message", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

    return Handler


def _git_id(body: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()
