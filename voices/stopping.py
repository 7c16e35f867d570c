"""Work that can be stopped from outside: whoever does it asks now and then whether it is still wanted.

On the lowest floor, because voices, faces and pipelines all ask. What is running belongs to the thread that runs it: a
thread that is started on the way is handed `current_stop()`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from personify.voices.errors import PersonifyError

_current: ContextVar["Stop | None"] = ContextVar("personify_stop", default=None)


class Stopped(PersonifyError):
    """The work was stopped by who asked for it; nothing of it was kept."""


class Stop:
    """A request to stop that may come at any moment, from any thread."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        """From now on the work is no longer wanted."""
        self._asked.set()

    @property
    def asked(self) -> bool:
        """Whether it is to stop."""
        return self._asked.is_set()

    def check(self) -> None:
        """Raises `Stopped` once it is to stop."""
        if self._asked.is_set():
            raise Stopped("stopped; nothing was kept")


@contextmanager
def stoppable(stop: Stop | None) -> Iterator[None]:
    """Within the block, in this thread, `check_stop` heeds `stop`."""
    token = _current.set(stop)
    try:
        yield
    finally:
        _current.reset(token)


def current_stop() -> Stop | None:
    """What this thread's work heeds, for handing on to threads of its own."""
    return _current.get()


def check_stop() -> None:
    """Raises `Stopped` where what is being done here is no longer wanted."""
    stop = _current.get()
    if stop is not None:
        stop.check()
