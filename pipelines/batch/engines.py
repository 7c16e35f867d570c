"""What an engine of batches is: planned rows go in, outcomes come out, on however many workers.

`local.py` starts processes on this machine, `on_ray.py` actors on a cluster.
"""

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Protocol, Self

from personify.pipelines.batch.values import Failed, Outcome, Planned


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
