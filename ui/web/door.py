"""The door of an app with a login: nothing behind it is reached, Gradio's, MCP's or our own, by who isn't logged in.

Browsers log in on a page and carry a cookie; programs send name and password along (HTTP Basic). Plain ASGI.
"""

import asyncio
import base64
import json
import math
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool

from personify.ui.web.guard import cookies_of, headers_of
from personify.ui.web.logins import LASTS_S, Logins, Throttle
from personify.ui.web.owners import login_header, neighbourhood

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "personify_login"
_FORM_BYTES = 8192
_OPEN = ("/health",)
_CHECKS_AT_ONCE = 2
"""Each takes 32 MB and a core for a tenth of a second, which guesses mustn't take from everybody else."""
_FAILED = "This name and password don't go together."


class Door:
    """Wraps an ASGI app."""

    def __init__(self, app: "ASGIApp", logins: Logins) -> None:
        self._app, self._logins, self._throttle = app, logins, Throttle()
        self._turns = asyncio.Semaphore(_CHECKS_AT_ONCE)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Lets a request through, or answers it."""
        if scope["type"] != "http" or scope["path"] in _OPEN:
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        path = scope["path"].rstrip("/") or "/"
        if path == "/login":
            await self._log_in(scope, headers, receive, send)
        elif path == "/logout":
            self._logins.end(cookies_of(headers.get("cookie", "")).get(COOKIE, ""))
            await _answer(send, 303, b"", {"Location": "/login", "Set-Cookie": _cookie("", 0, scope)})
        else:
            name = await self._name(scope, headers)
            if name is None:
                await _send_away(send, scope, headers)
            else:
                scope = {**scope, "headers": [*scope["headers"], login_header(name)]}
                await self._app(scope, receive, send)

    async def _name(self, scope: "Scope", headers: dict[str, str]) -> str | None:
        """Who is logged in, by cookie or by what the request brings along."""
        token = cookies_of(headers.get("cookie", "")).get(COOKIE)
        found = self._logins.name_of(token) if token else None
        if found is not None:
            return found
        told = _basic(headers.get("authorization", ""))
        if told is None:
            return None
        if self._logins.remembers(*told) or await self._check(self._logins.check_again, scope, *told) == 0:
            return told[0]
        return None

    async def _check(self, check: Callable[[str, str], bool], scope: "Scope", name: str, password: str) -> float | None:
        """0 if they go together, None if not; or how many seconds to wait, because too many didn't."""
        who = _who(scope)
        async with self._turns:  # waiting takes no thread from others, and who guesses many at once is slowed down too
            wait_s = self._throttle.wait_s(who)
            if wait_s:
                return wait_s
            if await run_in_threadpool(check, name, password):
                self._throttle.succeeded(who)
                return 0
            self._throttle.failed(who)
            return None

    async def _log_in(self, scope: "Scope", headers: dict[str, str], receive: "Receive", send: "Send") -> None:
        browser = _wants_page(headers)
        if scope["method"] != "POST":
            await _answer(send, 200, _page(""), {"Content-Type": "text/html; charset=utf-8"})
            return
        name, password = await _form(receive)
        wait_s = await self._check(self._logins.check, scope, name, password)
        if wait_s is None:
            await _refuse(send, 401, _FAILED, {}, browser=browser)
            return
        if wait_s:
            seconds = math.ceil(wait_s)
            message = f"That failed too often; try again in {seconds} s."
            await _refuse(send, 429, message, {"Retry-After": str(seconds)}, browser=browser)
            return
        cookie = _cookie(self._logins.begin(name), int(LASTS_S), scope)
        if browser:
            await _answer(send, 303, b"", {"Location": "/", "Set-Cookie": cookie})
        else:
            kind = {"Content-Type": "application/json"}
            await _answer(send, 200, b'{"success": true}', {**kind, "Set-Cookie": cookie})


def _who(scope: "Scope") -> str:
    """Where a request comes from; behind a proxy that is what the proxy says."""
    client = scope.get("client")
    return neighbourhood(client[0]) if client else ""


def _wants_page(headers: dict[str, str]) -> bool:
    return "text/html" in headers.get("accept", "")


def _basic(header: str) -> tuple[str, str] | None:
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic" or len(value) > _FORM_BYTES:
        return None
    try:
        name, colon, password = base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError:
        return None
    return (name, password) if colon else None


async def _form(receive: "Receive") -> tuple[str, str]:
    """Name and password from the form; empty where it is none."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or len(body) > _FORM_BYTES:
            return "", ""
        if not message.get("more_body"):
            break
    try:
        fields = parse_qs(body.decode("utf-8"), max_num_fields=20)
    except ValueError:
        return "", ""
    return fields.get("username", [""])[0].strip(), fields.get("password", [""])[0]


def _cookie(token: str, seconds: int, scope: "Scope") -> str:
    secure = "; Secure" if scope["scheme"] == "https" else ""
    return f"{COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


@cache
def _template() -> str:
    return (files("personify.ui.web") / "login.html").read_text("utf-8")


def _page(trouble: str) -> bytes:
    """The page to log in on; `trouble` is one of our own sentences."""
    return _template().replace("TROUBLE", trouble).encode()


async def _send_away(send: "Send", scope: "Scope", headers: dict[str, str]) -> None:
    """A browser that opens a page goes to the login, everything else is told."""
    if _wants_page(headers) and scope["method"] in ("GET", "HEAD"):
        await _answer(send, 303, b"", {"Location": "/login"})
    else:
        told = {} if "sec-fetch-mode" in headers else {"WWW-Authenticate": 'Basic realm="Personify", charset="UTF-8"'}
        await _refuse(send, 401, "log in first", told, browser=False)


async def _refuse(send: "Send", status: int, message: str, headers: dict[str, str], *, browser: bool) -> None:
    if browser:
        kind = {"Content-Type": "text/html; charset=utf-8"}
        await _answer(send, status, _page(message), {**kind, **headers})
    else:
        kind = {"Content-Type": "application/json"}
        await _answer(send, status, json.dumps({"error": message}).encode(), {**kind, **headers})


async def _answer(send: "Send", status: int, body: bytes, headers: dict[str, str]) -> None:
    listed = {"Content-Length": str(len(body)), "Cache-Control": "no-store", **headers}
    told = [(name.lower().encode(), value.encode()) for name, value in listed.items()]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})
