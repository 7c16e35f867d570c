"""How far a batch is: counts, the rate of late, and the time that is left."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from personify.pipelines.batch.rows import total_rows
from personify.voices.errors import PersonifyError

_LATE = 200
"""The rate is that of so many avatars."""
_BEGUN = 10
"""After so many, the time that workers took to start counts no more."""


@dataclass(frozen=True)
class Progress:
    """What has become of the rows so far: `made` in this run, `skipped` because their bundle was there before, `failed`
    now or before. `total` of them are in the file, None where that isn't known yet. `per_minute` and `eta_s` are None
    until there is something to tell them by."""

    made: int
    failed: int
    skipped: int
    total: int | None
    per_minute: float | None
    eta_s: float | None
    workers: int


OnProgress = Callable[[Progress], None]


class Meter:
    """Counts what becomes of rows; safe to share between threads."""

    def __init__(self, file: Path) -> None:
        self.made = self.failed = self.skipped = 0
        self.kinds: dict[str, int] = {}
        self._lock = threading.Lock()
        self._times: deque[float] = deque([time.monotonic()], maxlen=_LATE)
        self._total: int | None = None
        threading.Thread(target=self._count, args=(file,), daemon=True, name="rows of the batch").start()

    def skip(self) -> None:
        """A row whose bundle was there before."""
        with self._lock:
            self.skipped += 1

    def fail(self, kind: str) -> None:
        """A row that has none, now or before."""
        with self._lock:
            self.failed += 1
            self.kinds[kind] = self.kinds.get(kind, 0) + 1

    def make(self) -> None:
        """A row whose bundle was made."""
        with self._lock:
            self.made += 1
            self._times.append(time.monotonic())
            if self.made == _BEGUN:
                self._times.popleft()

    def progress(self, workers: int) -> Progress:
        """As of now, when there are so many workers."""
        with self._lock:
            took_s = self._times[-1] - self._times[0]
            a_second = (len(self._times) - 1) / took_s if took_s > 0 else None
            left = None if self._total is None else self._total - self.made - self.failed - self.skipped
            return Progress(
                made=self.made,
                failed=self.failed,
                skipped=self.skipped,
                total=self._total,
                per_minute=None if a_second is None else 60 * a_second,
                eta_s=None if a_second is None or left is None else max(left, 0) / a_second,
                workers=workers,
            )

    def _count(self, file: Path) -> None:
        try:
            self._total = total_rows(file)
        except (PersonifyError, OSError):  # whoever reads the rows tells of it
            return
