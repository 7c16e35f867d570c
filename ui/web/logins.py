"""Names and passwords: a file of `name:hash` lines, what a hash is, and who is logged in by which random token.

Hashes are scrypt's (RFC 7914), with the cost that OWASP's password storage cheat sheet names for it, or a larger one.
"""

import base64
import hashlib
import hmac
import re
import secrets
import threading
import time
from pathlib import Path

from personify.voices.errors import BadInput

LONGEST_NAME, LONGEST_PASSWORD = 64, 256
LASTS_S = 12 * 3600.0
"""How long a login holds."""

_N, _R, _P = 2**15, 8, 3
"""32 MB and a tenth of a second: nothing to who knows the password."""
_MOST_N = 2**20
_HASH = re.compile(r"scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]{16,88})\$([A-Za-z0-9_-]{43})")
_REMEMBERED_S = 300.0
"""How long a program that sends its password each time is known without asking scrypt."""
_FREE_FAILURES, _LONGEST_WAIT_S, _FORGOTTEN_S, _MOST_KNOWN = 5, 60.0, 900.0, 10_000


def hash_password(password: str) -> str:
    """What stands in the file for a password. Raises `BadInput` for an empty or too long one."""
    if not 0 < len(password) <= LONGEST_PASSWORD:
        raise BadInput(f"the password has {len(password)} characters; 1 to {LONGEST_PASSWORD} can be used")
    salt = secrets.token_bytes(16)
    return f"scrypt${_N}${_R}${_P}${_told(salt)}${_told(_derive(password, salt, _N, _R, _P))}"


class Logins:
    """Who may log in, and who is. Safe to share between threads."""

    def __init__(self, hashes: dict[str, str]) -> None:
        self._hashes = hashes
        self._nobody = hash_password(secrets.token_urlsafe(16))
        self._key = secrets.token_bytes(32)
        self._tokens: dict[str, tuple[str, float]] = {}
        self._remembered: dict[bytes, float] = {}
        self._lock = threading.Lock()

    def check(self, name: str, password: str) -> bool:
        """Whether that is this user's password; as slow for a name that nobody has."""
        if len(name) > LONGEST_NAME or len(password) > LONGEST_PASSWORD:
            return False
        known = self._hashes.get(name)
        matches = _matches(password, known or self._nobody)
        return matches and known is not None

    def remembers(self, name: str, password: str) -> bool:
        """Whether `check_again` found them right some minutes ago."""
        with self._lock:
            return self._remembered.get(self._proof(name, password), 0.0) > time.monotonic()

    def check_again(self, name: str, password: str) -> bool:
        """Likewise, for programs that send it with every request: a right one is known for some minutes."""
        if self.remembers(name, password):
            return True
        if not self.check(name, password):
            return False
        with self._lock:
            now = time.monotonic()
            self._remembered = {known: until for known, until in self._remembered.items() if until > now}
            self._remembered[self._proof(name, password)] = now + _REMEMBERED_S
        return True

    def _proof(self, name: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{name}\n{password}".encode(), "sha256")

    def begin(self, name: str) -> str:
        """Logs a user in; the token that proves it."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            now = time.monotonic()
            self._tokens = {digest: held for digest, held in self._tokens.items() if held[1] > now}
            self._tokens[_digest(token)] = (name, now + LASTS_S)
        return token

    def end(self, token: str) -> None:
        """Logs out who holds that token."""
        with self._lock:
            self._tokens.pop(_digest(token), None)

    def name_of(self, token: str) -> str | None:
        """Who holds that token, while it holds."""
        with self._lock:
            name, until = self._tokens.get(_digest(token), ("", 0.0))
        return name if until > time.monotonic() else None


class Throttle:
    """Slows down who fails: after some failures, each doubles the wait."""

    def __init__(self) -> None:
        self._failed: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def wait_s(self, who: str) -> float:
        """How long they must wait before the next try; 0 if they needn't."""
        with self._lock:
            count, last = self._failed.get(who, (0, 0.0))
        if count < _FREE_FAILURES:
            return 0.0
        pause_s = min(_LONGEST_WAIT_S, 2.0 ** (count - _FREE_FAILURES))
        return max(0.0, last + pause_s - time.monotonic())

    def failed(self, who: str) -> None:
        """One more failure."""
        now = time.monotonic()
        with self._lock:
            count, last = self._failed.pop(who, (0, now))
            self._failed[who] = (1 if now - last > _FORGOTTEN_S else count + 1, now)
            if len(self._failed) > _MOST_KNOWN:
                del self._failed[next(iter(self._failed))]

    def succeeded(self, who: str) -> None:
        """Their failures are forgiven."""
        with self._lock:
            self._failed.pop(who, None)


def read_logins(path: Path) -> Logins:
    """The names and hashes in a file; empty lines and those that begin with # say nothing.

    Raises `BadInput` that names the file and the line; never what stands in it.
    """
    try:
        lines = path.expanduser().read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no UTF-8 text"
        raise BadInput(f"the logins in {path} can't be read ({reason}); name another file with --login") from None
    hashes: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, hashed = line.strip().rpartition(":")
        where = f"{path}, line {number}"
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise BadInput(f"{where}: write name:hash, with a name of 1 to {LONGEST_NAME} characters")
        if not _is_hash(hashed):
            raise BadInput(f"{where}: what stands for {name!r} is no password hash; make one with: personify ui --hash")
        if name in hashes:
            raise BadInput(f"{where}: {name!r} stands there twice")
        hashes[name] = hashed
    if not hashes:
        raise BadInput(f"{path} names nobody; add a line name:hash, with a hash from: personify ui --hash")
    return Logins(hashes)


def _is_hash(hashed: str) -> bool:
    found = _HASH.fullmatch(hashed)
    if not found:
        return False
    n, r, p = (int(found[part]) for part in (1, 2, 3))
    return 2**14 <= n <= _MOST_N and n & (n - 1) == 0 and 1 <= r <= 16 and 1 <= p <= 16


def _matches(password: str, hashed: str) -> bool:
    _, n, r, p, salt, wanted = hashed.split("$")
    derived = _derive(password, _read(salt), int(n), int(r), int(p))
    return hmac.compare_digest(derived, _read(wanted))


def _derive(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=256 * n * r, dklen=32)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _told(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode("ascii").rstrip("=")


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
