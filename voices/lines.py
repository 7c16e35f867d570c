"""A line to a server: the connection of one request, which another thread may cut while the one that reads it waits.

Closing a stream from the thread that reads it needs no line. Who was interrupted needs one: that thread is waiting for
bytes that may be a minute away, and wakes only when its socket is shut under it.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

_in_use: ContextVar["Line | None"] = ContextVar("line", default=None)


class Line:
    """One request's connection. `cut` may be called from any thread, at any time, more than once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._cut = threading.Event()

    @property
    def is_cut(self) -> bool:
        """Whether nobody wants the answer any more."""
        return self._cut.is_set()

    def cut(self) -> None:
        """Hangs up: whoever reads gets an end or an error at once, and a connection that is being made is shut when
        it stands."""
        with self._lock:
            self._cut.set()
            self._shut()

    def wait(self, seconds: float) -> None:
        """Returns after so long, or as soon as it is cut."""
        self._cut.wait(seconds)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Requests that this thread begins within the block are on this line."""
        token = _in_use.set(self)
        try:
            yield
        finally:
            _in_use.reset(token)

    def heed(self, event: str, info: dict[str, Any]) -> None:
        """Hears from the transport, as its `trace`, which socket it is."""
        stream = info.get("return_value")
        tell = getattr(stream, "get_extra_info", None)
        if tell is None:
            return
        found = tell("socket")
        with self._lock:
            if isinstance(found, socket.socket):
                self._socket = found
            if self._cut.is_set():
                self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it is gone already
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # of TLS too: the plain socket under it


def line_in_use() -> Line | None:
    """The line that this thread's requests are on."""
    return _in_use.get()
