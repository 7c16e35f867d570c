"""Work that can be stopped from outside: whoever does it asks now and then whether it is still wanted.

On the lowest floor, because voices, faces and pipelines all ask. What is running belongs to the thread that runs it: a
thread that is started on the way is handed `current_stop()`.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from personify.voices.errors import PersonifyError

_LOOK_S = 0.1
"""How often who waits for a lock looks whether to stop."""

_current: ContextVar["Stop | None"] = ContextVar("personify_stop", default=None)


class Stopped(PersonifyError):
    """The work was stopped by who asked for it; nothing of it was kept."""


class Stop:
    """A request to stop that may come at any moment, from any thread."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._calls: list[Callable[[], None]] = []

    def ask(self) -> None:
        """From now on the work is no longer wanted."""
        with self._lock:
            self._asked.set()
            calls = list(self._calls)
        for call in calls:
            call()

    @contextmanager
    def calling(self, call: Callable[[], None]) -> Iterator[None]:
        """Within the block `call` is called once it is to stop, by who asks, or at once if it is to stop already: for
        work that waits for something, such as a server, and can't ask meanwhile. It must be quick and not raise."""
        with self._lock:
            asked = self._asked.is_set()
            if not asked:
                self._calls.append(call)
        if asked:
            call()
        try:
            yield
        finally:
            with self._lock:
                if call in self._calls:
                    self._calls.remove(call)

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


@contextmanager
def holding(lock: "threading.Lock | threading.RLock") -> Iterator[None]:
    """Within the block the lock is held; who waits for it heeds a request to stop."""
    if _current.get() is None:
        lock.acquire()
    else:
        while not lock.acquire(timeout=_LOOK_S):
            check_stop()
    try:
        yield
    finally:
        lock.release()


def heed_between_parts(model: Any) -> None:
    """From now on a torch model looks before each of its parts runs whether what this thread does is still wanted.

    One run of a large one takes seconds on a processor. Looking takes a microsecond and changes nothing of what comes.
    """
    for part in model.modules():
        if next(part.children(), None) is not None:
            part.register_forward_pre_hook(_look)


def _look(part: Any, given: Any) -> None:
    check_stop()
