"""Turns: how many avatars may be in a stage at once, so that one user's slow work holds up nobody's quick work."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from personify.voices.stopping import Stop

if TYPE_CHECKING:
    from personify.pipelines import Stage

OnWait = Callable[[int | None], None]
"""Told how many are before, each time that changes, and None once the wait is over."""

_LOOKS_EVERY_S = 0.1
"""How often who waits looks whether it is still wanted."""


class Turns:
    """So many at once in each stage, in the order they came: `Turns({"portrait": 1})`. What isn't named is free."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._limits = dict(limits)
        self._running = dict.fromkeys(limits, 0)
        self._queues: dict[str, deque[Gate]] = {name: deque() for name in limits}
        self._changed = threading.Condition()

    def gate(self, stop: Stop | None = None, on_wait: OnWait | None = None) -> "Gate":
        """One job's way through the stages: an `on_stage` callback, and a context manager around the job."""
        return Gate(self, stop, on_wait)

    def waiting(self, stage: str) -> int:
        """How many wait for that stage."""
        with self._changed:
            return len(self._queues.get(stage, ()))

    def running(self, stage: str) -> int:
        """How many are in that stage."""
        with self._changed:
            return self._running.get(stage, 0)

    def _take(self, stage: str, gate: "Gate") -> None:
        """Waits until it is this one's turn. Raises `Stopped` if it is to stop before."""
        with self._changed:
            self._queues[stage].append(gate)
        told: int | None = None
        try:
            while (before := self._before(stage, gate, told)) is not None:
                if before != told:
                    gate.tell(before)
                told = before
                gate.check()
        except BaseException:
            with self._changed:
                self._queues[stage].remove(gate)
                self._changed.notify_all()
            raise
        if told is not None:
            gate.tell(None)

    def _before(self, stage: str, gate: "Gate", told: int | None) -> int | None:
        """How many are before this one; None once it has its turn. Waits a little where that is no news."""
        with self._changed:
            queue = self._queues[stage]
            for _ in range(2):
                before = queue.index(gate)
                if before < self._limits[stage] - self._running[stage]:
                    queue.remove(gate)
                    self._running[stage] += 1
                    self._changed.notify_all()
                    return None
                if before != told:
                    break
                self._changed.wait(_LOOKS_EVERY_S)
            return before

    def _give(self, stage: str) -> None:
        with self._changed:
            self._running[stage] -= 1
            self._changed.notify_all()


class Gate:
    """Called as stages begin and end, in the thread that works, so that waiting here is the queue."""

    def __init__(self, turns: Turns, stop: Stop | None, on_wait: OnWait | None) -> None:
        self._turns, self._stop, self._on_wait = turns, stop, on_wait
        self._held: str | None = None

    def __call__(self, stage: "Stage") -> None:
        """As a stage begins, advances or ends. Raises `Stopped` where the job is no longer wanted."""
        self.check()
        if stage.name != self._held:
            self._release()
            if stage.share < 1 and stage.name in self._turns._limits:
                self._turns._take(stage.name, self)
                self._held = stage.name
        elif stage.share >= 1:
            self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def tell(self, before: int | None) -> None:
        """Says how many are before."""
        if self._on_wait is not None:
            self._on_wait(before)

    def check(self) -> None:
        """Raises `Stopped` where the job is no longer wanted."""
        if self._stop is not None:
            self._stop.check()

    def _release(self) -> None:
        if self._held is not None:
            self._turns._give(self._held)
            self._held = None
