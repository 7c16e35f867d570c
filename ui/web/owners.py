"""Whose shelf and memories: who is logged in, or else the browser, which a random cookie tells from others."""

import hashlib
import re
import secrets
from collections.abc import Mapping

COOKIE = "personify_owner"
MAX_AGE_S = 365 * 24 * 3600

_SECRET = re.compile(r"[A-Za-z0-9_-]{22,64}")


def new_secret() -> str:
    """What a browser that is new here gets as its cookie: 128 random bits."""
    return secrets.token_urlsafe(16)


def owner_of(cookies: Mapping[str, str], login: str | None, session_hash: str = "") -> str:
    """A name for the owner that is safe in a path: of the login, else of the cookie, else of the session alone.

    The cookie is a secret and can't be found from it.
    """
    if login is not None:
        return f"user-{_digest('login', login)}"
    secret = cookies.get(COOKIE, "")
    if _SECRET.fullmatch(secret):
        return f"visitor-{_digest('cookie', secret)}"
    return f"guest-{_digest('session', session_hash or secrets.token_hex(16))}"


def cookie_for(secret: str, *, secure: bool) -> str:
    """The header that hands it out; no script can read it, and no other site sends it along."""
    return f"{COOKIE}={secret}; Path=/; Max-Age={MAX_AGE_S}; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"


def has_cookie(cookies: Mapping[str, str]) -> bool:
    """Whether the browser has one that is ours by its looks."""
    return bool(_SECRET.fullmatch(cookies.get(COOKIE, "")))


def _digest(kind: str, value: str) -> str:
    return hashlib.sha256(f"personify {kind} {value}".encode()).hexdigest()[:24]
