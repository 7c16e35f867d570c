"""What an engine of batches is: planned rows go in, outcomes come out, on however many workers.

`local.py` starts processes on this machine, `on_ray.py` actors on a cluster.
"""

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Protocol, Self

from personify.pipelines.batch.values import Failed, Outcome, Planned
from personify.voices.errors import BadInput

ROW_LIMIT_S = 1800.0
"""A row may take so long: a large expert's three attempts on a laptop's processor take some minutes."""

LONGEST_LIMIT_S = 1e6
"""Nobody waits longer than eleven days for one row."""

MOST_DEATHS = 2
"""A row over which so many workers died has failed; it is the reason, as far as anybody can tell."""


class Engine(Protocol):
    """Workers that are there within a `with` block, and gone after it, whatever they were at."""

    workers: int
    """How many there are at most."""

    def make(self, planned: Iterable[Planned | Failed]) -> Iterator[Outcome]:
        """An outcome for each row, as they come, in no order; what has failed already passes through.

        `planned` is read a little ahead, in a thread of its own, since it may wait for a language model. Raises what it
        raises, `Stopped` where the work is no longer wanted, and `PersonifyError` where no worker can start.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def check_limits(workers: int | None, row_limit_s: float) -> None:
    """Raises `BadInput` for a number of workers or a limit that is none."""
    if workers is not None and workers < 1:
        raise BadInput(f"{workers} workers make nothing; choose 1 or more")
    if not 0 < row_limit_s <= LONGEST_LIMIT_S:
        raise BadInput(
            f"{row_limit_s:g} s is no time that a row can take; choose a limit above 0, up to {LONGEST_LIMIT_S:,.0f}"
        )
