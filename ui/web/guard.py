"""What stands before the whole app: who may ask by which name, from which page, how much, and what browsers are told.

Plain ASGI, so that nothing that streams is held back.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from personify.ui.web.owners import LOGIN_HEADER, cookie_for, has_cookie, new_secret
from personify.ui.web.policy import telling_policy
from personify.ui.web.settings import LOOPBACK_NAMES, WebSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}

_CLOSED = (
    "/gradio_api/proxy=",
    "/gradio_api/file=http:",
    "/gradio_api/file=https:",
    "/gradio_api/file/",
    "/gradio_api/component_server",
    "/gradio_api/custom_component",
    "/gradio_api/stream/",
    "/gradio_api/vibe",
    "/gradio_api/undo-vibe",
    "/gradio_api/process_recording",
    "/gradio_api/dev/",
    "/gradio_api/deep_link",
    "/gradio_api/token",
    "/monitoring",
)
"""What Gradio serves and this app has no use for: fetching from elsewhere, developing, links to states, parts that call
their server or stream by themselves."""
_UPLOAD = "/gradio_api/upload"
_KEPT_FREE = 512 * 2**20
"""Bytes, or a tenth of a small disk: uploads, which anybody may send, never take what everybody's work needs."""
_ENTRANCES = ("", "/login", "/config", "/gradio_api/mcp")
"""Where a browser, `gradio_client` and MCP clients come first."""


class Guard:
    """Wraps an ASGI app."""

    def __init__(self, app: "ASGIApp", settings: WebSettings) -> None:
        self._app, self._settings = app, settings
        named = {*LOOPBACK_NAMES, *settings.allow_host, settings.host}
        any_name = not settings.is_loopback and not settings.allow_host
        self._hosts = set() if any_name else {_bare(name) for name in named}
        """Empty where any name is good, which is so for an app that others reach by names it wasn't told."""
        self._most = settings.request_bytes

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Lets a request through, or answers it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != LOGIN_HEADER.encode()]}
        headers = headers_of(scope)
        refused = self._refused(scope, headers)
        if refused is not None:
            await _refuse(send, *refused)
            return
        cookie = self._cookie(scope, headers)
        await self._app(_unpacked(scope), _limited(receive, self._most), telling_policy(_telling(send, cookie)))

    def _refused(self, scope: "Scope", headers: dict[str, str]) -> tuple[int, str] | None:
        host = _bare(headers.get("host", ""))
        if self._hosts and host not in self._hosts and scope["path"] != "/health":
            return 421, f"this app isn't called {host[:80]!r}; if it is, start it with --allow-host {host[:80]}"
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and not self._same_site(headers, host):
            return 403, "another site's page may not ask for that"
        if any(scope["path"].startswith(closed) for closed in _CLOSED):
            return 404, "there is no such page"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._most:
            return 413, f"that is too large; {self._most / 2**20:.0f} MB are the most"
        if scope["path"].startswith(_UPLOAD) and scope["method"] == "POST" and not _has_room(self._most):
            return 507, "there is no room for files at the moment; try again later"
        return None

    def _same_site(self, headers: dict[str, str], host: str) -> bool:
        """Browsers say which page asks; other programs say nothing."""
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site", "none") in ("same-origin", "same-site", "none")
        asked = _bare(urlsplit(origin).netloc)
        return bool(asked) and (asked == host or asked in self._hosts)

    def _cookie(self, scope: "Scope", headers: dict[str, str]) -> str | None:
        """For a browser or program that comes for the first time."""
        if scope["path"].rstrip("/") not in _ENTRANCES or has_cookie(cookies_of(headers.get("cookie", ""))):
            return None
        return cookie_for(new_secret(), secure=scope["scheme"] == "https")


def headers_of(scope: "Scope") -> dict[str, str]:
    """The headers of a request, their names in lower case."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def cookies_of(header: str) -> dict[str, str]:
    """The cookies of a request; none of a header that is broken."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _has_room(size: int) -> bool:
    """Whether so many bytes can be put with temporary files."""
    disk = shutil.disk_usage(tempfile.gettempdir())
    return disk.free - size > min(_KEPT_FREE, disk.total // 10)


def _bare(host: str) -> str:
    """A host without its port, as it is compared."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host if host.count(":") > 1 else host.partition(":")[0]


def _unpacked(scope: "Scope") -> "Scope":
    """A page is asked for as plain text: its policy depends on what stands in it."""
    if scope["path"].count("/") > 1:
        return scope
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}


def _limited(receive: "Receive", most: int) -> "Receive":
    """Ends a request whose body grows past the limit, also where it didn't say so."""
    read = 0

    async def limited() -> "Message":
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        return {"type": "http.disconnect"} if read > most else message

    return limited


def _telling(send: "Send", cookie: str | None) -> "Send":
    """Adds the headers to the answer."""

    async def telling(message: "Message") -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            added = [(k.lower().encode(), v.encode()) for k, v in HEADERS.items() if k.lower().encode() not in given]
            if cookie is not None:
                added.append((b"set-cookie", cookie.encode()))
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return telling


async def _refuse(send: "Send", status: int, message: str) -> None:
    body = json.dumps({"error": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in _plain_headers()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _plain_headers() -> Iterable[tuple[str, str]]:
    return (HEADERS | {"Content-Security-Policy": "default-src 'none'"}).items()
