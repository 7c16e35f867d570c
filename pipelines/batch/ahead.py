"""Reading planned rows a little ahead of the workers, in a thread of its own: a planner may wait for a model."""

import contextvars
import queue
import threading
import time
from collections.abc import Iterable, Iterator

from personify.pipelines.batch.values import Failed, Planned

_TICK_S = 0.1
"""How long a wait lasts before it looks whether it is still wanted."""

_FULL_CHUNK_S = 0.25
"""How long to wait for the rest of a chunk: rules plan a row in milliseconds, and for a language model none waits."""


class ReadAhead:
    """The planned rows of an iterator, at most `most` of them read and not yet taken; failures go by the side.

    Leave the block to end the thread: it stops after the row that it waits for.
    """

    def __init__(self, planned: Iterable[Planned | Failed], *, most: int) -> None:
        self._planned = planned
        self._rows: queue.Queue[Planned | None] = queue.Queue(max(1, most))
        self._passed: queue.SimpleQueue[Failed] = queue.SimpleQueue()
        self._error: BaseException | None = None
        self._closed = threading.Event()
        self._over = False
        heeding = contextvars.copy_context()  # what the caller's work heeds, such as a request to stop
        self._thread = threading.Thread(
            target=heeding.run, args=(self._read,), name="personify-read-ahead", daemon=True
        )

    def __enter__(self) -> "ReadAhead":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()

    def take(self, most: int, ended: threading.Event) -> list[Planned] | None:
        """The next rows, `most` of them where they come quickly; None when all were taken, or once `ended` is set."""
        rows: list[Planned] = []
        until = None
        while len(rows) < most and not self._over and not (ended.is_set() and not rows):
            if until is not None and time.monotonic() > until:
                break
            try:
                row = self._rows.get(timeout=_TICK_S)
            except queue.Empty:
                continue
            if row is None:
                self._over = True
            else:
                rows.append(row)
                until = until or time.monotonic() + _FULL_CHUNK_S
        return rows or None

    def ready(self, most: int) -> list[Planned]:
        """The next rows among those that have been read, `most` of them or fewer; never waits."""
        rows: list[Planned] = []
        while len(rows) < most and not self._over:
            try:
                row = self._rows.get_nowait()
            except queue.Empty:
                break
            if row is None:
                self._over = True
            else:
                rows.append(row)
        return rows

    @property
    def over(self) -> bool:
        """Whether all rows were taken."""
        return self._over

    def passed(self) -> Iterator[Failed]:
        """The failures that were read among the rows since the last call."""
        for _ in range(self._passed.qsize()):  # more may come meanwhile, without end
            yield self._passed.get()

    def check(self) -> None:
        """Raises what the iterator raised, if it did."""
        if self._error is not None:
            raise self._error

    def _read(self) -> None:
        try:
            for row in self._planned:
                if isinstance(row, Failed):
                    self._passed.put(row)
                elif not self._offer(row):
                    return
                if self._closed.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - it is raised again where the rows are taken
            self._error = error
        self._offer(None)

    def _offer(self, row: Planned | None) -> bool:
        while not self._closed.is_set():
            try:
                self._rows.put(row, timeout=_TICK_S)
            except queue.Full:
                continue
            return True
        return False
