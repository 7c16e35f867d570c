"""Pages for the tests of ui/live: its scripts, the unit tests in tests/live and what a test puts there, on loopback."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from browser import faults_of

import personify.ui

LIVE = Path(personify.ui.__file__).with_name("live")
SCRIPTS = Path(__file__).with_name("live")
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
}
BLANK = b'<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Blank</title>'

Body = bytes | Iterable[bytes]
"""What is answered: whole, or piece by piece as an iterable gives it."""
Answer = Callable[[bytes, dict[str, str]], tuple[int, str, Body]]
"""From a request's body and headers (names in small letters) to status, content type and body."""


@dataclass
class Pages:
    """What the server has. `folders`: from the start of a path to a folder; `routes`: from method and path to what
    answers; both may grow while it runs."""

    url: str = ""
    folders: dict[str, Path] = field(default_factory=lambda: {"/personify/live/": LIVE, "/tests/": SCRIPTS})
    routes: dict[tuple[str, str], Answer] = field(default_factory=dict)

    def put(self, path: str, data: bytes | str, kind: str | None = None) -> str:
        """Serves `data` at a path, for GET; returns its address."""
        raw = data.encode() if isinstance(data, str) else data
        kind = kind or TYPES[Path(path).suffix]
        self.routes["GET", path] = lambda body, headers: (200, kind, raw)
        return self.url + path

    def answer(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str, Body]:
        """What a request gets."""
        if (method, path) in self.routes:
            return self.routes[method, path](body, headers)
        if method == "GET":
            for start, folder in self.folders.items():
                name = path.removeprefix(start)
                if name != path and "/" not in name and (folder / name).is_file():
                    return 200, TYPES[Path(name).suffix], (folder / name).read_bytes()
            if path == "/":
                return 200, TYPES[".html"], BLANK
        return 404, "text/plain", f"nothing at {path}".encode()


class _Handler(BaseHTTPRequestHandler):
    """Each answer ends with its connection, so that one made of pieces needs no length."""

    def __init__(self, pages: Pages, *rest):
        self._pages = pages
        super().__init__(*rest)

    def _reply(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, kind, data = self._pages.answer(self.command, unquote(urlsplit(self.path).path), body, headers)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        try:
            for piece in [data] if isinstance(data, bytes) else data:
                self.wfile.write(piece)
                self.wfile.flush()
        except ConnectionError:  # the page has gone
            pass

    do_GET = do_POST = _reply

    def log_message(self, *told):
        """Nothing of a test's own pages is worth a line."""


@contextmanager
def serving() -> Iterator[Pages]:
    """A server on a free port while the block runs."""
    pages = Pages()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, pages))
    server.daemon_threads = True
    pages.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield pages
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def blank_page(browser, pages: Pages, **context):
    """A page of its own at the server's address, from which `import("/personify/live/rig.js")` works; its uncaught
    errors are in `page.faults`. `context`: what Playwright's `new_context` takes."""
    room = browser.new_context(**context)
    try:
        page = room.new_page()
        page.faults = faults_of(page)
        page.goto(pages.url + "/")
        yield page
    finally:
        room.close()


def names_in(file: Path) -> list[str]:
    """The names of the tests of a script, as `test("name", ...)` at the start of a line gives them."""
    return re.findall(r'^test\("([^"\n]+)"', file.read_text("utf-8"), re.MULTILINE)


def outcomes(browser, file: Path) -> dict[str, str | None]:
    """Runs a script of tests in a page of its own: each test's failure, or None."""
    with serving() as pages, blank_page(browser, pages) as page:
        return page.evaluate(
            """async (script) => {
              const { run } = await import("/tests/harness.js");
              await import(script);
              return await run();
            }""",
            f"/tests/{file.name}",
        )
