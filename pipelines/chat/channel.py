"""A bounded channel between threads, which either side may end: a writer that is waiting for room, or a reader that is
waiting for more, wakes at once."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Closed(Exception):
    """Nobody reads any more."""


class Channel(Generic[T]):
    """Values in the order in which they were put, `room` of them at most at a time."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._values: deque[T] = deque()
        self._changed = threading.Condition()
        self._ended = self._closed = False

    def put(self, value: T) -> None:
        """Adds a value, once there is room. Raises `Closed` where nobody reads any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._values) < self._room)
            if self._closed:
                raise Closed
            self._values.append(value)
            self._changed.notify_all()

    def end(self) -> None:
        """No more values come; those that wait are still read."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody reads any more; what waits is dropped."""
        with self._changed:
            self._closed = True
            self._values.clear()
            self._changed.notify_all()

    def __iter__(self) -> Iterator[T]:
        """The values, until the writer ends or anybody closes."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._values or self._ended or self._closed)
                if not self._values:
                    return
                value = self._values.popleft()
                self._changed.notify_all()
            yield value
