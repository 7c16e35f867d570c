"""How a batch shows that it goes on: a bar where somebody looks, a plain line now and then where a log is kept."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from personify.ui.stopping import heed
from personify.ui.terminal import console

if TYPE_CHECKING:
    from personify.pipelines.batch.batch import Progress

OnProgress = Callable[["Progress"], None]

LINE_EVERY_S = 10.0


@contextlib.contextmanager
def run_progress(*, shown: bool) -> Iterator[OnProgress]:
    """Yields who is to be told of the progress; it tells on stderr, and hears of a request to stop that got lost."""
    if not shown:
        yield lambda progress: heed()
    elif sys.stderr.isatty():
        with _bar() as tell:
            yield tell
    else:
        yield _lines()


@contextlib.contextmanager
def _bar() -> Iterator[OnProgress]:
    from rich import progress as bars

    columns = (
        bars.SpinnerColumn(),
        bars.BarColumn(),
        bars.TextColumn("{task.fields[told]}"),
    )
    with bars.Progress(*columns, console=console(sys.stderr), transient=True) as shown:
        task = shown.add_task("batch", total=None, told="getting ready")

        def tell(progress: "Progress") -> None:
            heed()
            done = progress.made + progress.failed + progress.skipped
            shown.update(task, completed=done, total=progress.total, told=told(progress))

        yield tell


def _lines() -> OnProgress:
    last = time.monotonic()

    def tell(progress: "Progress") -> None:
        nonlocal last
        heed()
        if time.monotonic() - last >= LINE_EVERY_S:
            last = time.monotonic()
            print(f"personify: {told(progress)}", file=sys.stderr, flush=True)  # noqa: T201 - this is the entry point

    return tell


def told(progress: "Progress") -> str:
    """The progress in words: how many of how many, how quick, and how much longer."""
    of = "" if progress.total is None else f" of {progress.total - progress.skipped:,}"
    parts = [f"{progress.made:,}{of} made"]
    if progress.failed:
        parts.append(f"{progress.failed:,} failed")
    if progress.skipped:
        parts.append(f"{progress.skipped:,} there before")
    if progress.per_minute:
        parts.append(f"{progress.per_minute:.1f} a minute")
    if progress.eta_s is not None:
        parts.append(f"{spell(progress.eta_s)} left")
    parts.append(f"{progress.workers} {'worker' if progress.workers == 1 else 'workers'}")
    return ", ".join(parts)


def spell(seconds: float) -> str:
    """A time as people say it: `40 s`, `12 min`, `3 h 20 min`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60:,} h {minutes % 60} min"
