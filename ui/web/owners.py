"""Whose shelf and memories: who is logged in, or else the browser or program that brings a secret, or nobody else."""

import hashlib
import ipaddress
import re
import secrets
from collections.abc import Mapping
from urllib.parse import quote, unquote

COOKIE = "personify_owner"
LOGIN_HEADER = "x-personify-login"
"""Set by the door (`door.py`) for what is behind it; what comes from outside under this name is dropped."""
GUEST = "guest-"
"""How owners begin who are known by nothing but their session."""
MAX_AGE_S = 365 * 24 * 3600

_SECRET = re.compile(r"[A-Za-z0-9_-]{22,64}")
_BEARER = re.compile(r"bearer +([!-~]{16,200})", re.IGNORECASE)


def new_secret() -> str:
    """What a browser that is new here gets as its cookie: 128 random bits."""
    return secrets.token_urlsafe(16)


def owner_of(cookies: Mapping[str, str], headers: Mapping[str, str], session_hash: str = "") -> str:
    """A name for the owner that is safe in a path: of the login, else of the browser's cookie, else of the secret that
    a program brings as `Authorization: Bearer`, else of the session alone. No secret can be found from it.
    """
    login = login_of(headers)
    if login is not None:
        return f"user-{_digest('login', login)}"
    if has_cookie(cookies):
        return f"visitor-{_digest('cookie', cookies[COOKIE])}"
    bearer = _BEARER.fullmatch(headers.get("authorization", "").strip())
    if bearer:
        return f"program-{_digest('bearer', bearer[1])}"
    return f"{GUEST}{_digest('session', session_hash or secrets.token_hex(16))}"


def login_of(headers: Mapping[str, str]) -> str | None:
    """The name that is logged in, as the door found it."""
    said = headers.get(LOGIN_HEADER)
    return unquote(said) if said else None


def login_header(name: str) -> tuple[bytes, bytes]:
    """What the door adds to a request."""
    return LOGIN_HEADER.encode(), quote(name).encode()


def cookie_for(secret: str, *, secure: bool) -> str:
    """The header that hands it out; no script can read it, and no other site sends it along."""
    return f"{COOKIE}={secret}; Path=/; Max-Age={MAX_AGE_S}; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"


def has_cookie(cookies: Mapping[str, str]) -> bool:
    """Whether there is one that is ours by its looks."""
    return bool(_SECRET.fullmatch(cookies.get(COOKIE, "")))


def neighbourhood(address: str) -> str:
    """Whom an address stands for where it is counted: itself, or all of its network where it is one of the 2^64 of IPv6
    that one line has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(found.ipv4_mapped or ipaddress.ip_network((found.packed, 64), strict=False))


def _digest(kind: str, value: str) -> str:
    return hashlib.sha256(f"personify {kind} {value}".encode()).hexdigest()[:24]
