"""Gives memory back once pages were left: Gradio's copy of what they showed, and what the C library keeps."""

import ctypes
import gc
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from personify.ui.web.sessions import Session

AFTER_S = 2.0
"""How long after a page was left: what Gradio does at its end is over, and who leaves together goes together."""

_ARENA_MAX = -8
"""`M_ARENA_MAX` of glibc's malloc.h."""
_ARENAS = 2


class Tidier:
    """Tidies up after sessions that have ended; `forget` takes their hashes."""

    def __init__(self, forget: Callable[[str], None]) -> None:
        self._forget = forget
        self._left: list[str] = []
        self._lock = threading.Lock()

    def left(self, session: "Session") -> None:
        """A session has ended."""
        with self._lock:
            self._left.append(session.hash)
            first = len(self._left) == 1
        if first:
            timer = threading.Timer(AFTER_S, self.tidy)
            timer.daemon = True
            timer.start()

    def tidy(self) -> None:
        """Tidies up now."""
        with self._lock:
            left, self._left = self._left, []
        for hash_ in left:
            self._forget(hash_)
        gc.collect()
        _trim()


def settle_memory() -> None:
    """What is loaded by now stays, so that looking for garbage needn't go through it again each time."""
    gc.collect()
    gc.freeze()
    _trim()


def share_arenas() -> None:
    """Before threads are started: glibc otherwise gives each its own heap, and keeps what is freed in it."""
    libc = _glibc()
    if libc is not None:
        libc.mallopt(_ARENA_MAX, _ARENAS)


def _trim() -> None:
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    """The C library where it is glibc."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") and hasattr(libc, "malloc_trim") else None
