"""How often one user may ask: a window that slides. It knows nothing of who asks, or for what."""

import math
import threading
import time
from collections import deque
from collections.abc import Mapping

from personify.voices.errors import PersonifyError


class TooQuick(PersonifyError):
    """Asked more often than allowed; `retry_after_s` is when to ask again."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class TooBusy(PersonifyError):
    """Everybody's places are taken; `retry_after_s` is when to ask again."""

    retry_after_s = 5


class Rates:
    """So many requests of each kind within so many seconds: `{"reply": (30, 60.0)}`; what isn't named is free."""

    def __init__(self, allowed: Mapping[str, tuple[int, float]]) -> None:
        self._allowed = dict(allowed)
        self._asked: dict[str, deque[float]] = {kind: deque() for kind in allowed}
        self._lock = threading.Lock()

    def allow(self, kind: str) -> None:
        """Counts one request. Raises `TooQuick` where it is one too many; that one isn't counted."""
        if kind not in self._allowed:
            return
        count, window_s = self._allowed[kind]
        with self._lock:
            asked, now = self._asked[kind], time.monotonic()
            while asked and asked[0] <= now - window_s:
                asked.popleft()
            if len(asked) >= count:
                wait_s = max(1, math.ceil(asked[0] + window_s - now))
                raise TooQuick(f"that was {count} times within {_span(window_s)}; go on in {wait_s} s", wait_s)
            asked.append(now)


def _span(seconds: float) -> str:
    return {60.0: "a minute", 3600.0: "an hour"}.get(seconds, f"{seconds:g} s")
