"""The way through a batch: a file of descriptions becomes a store of avatars, in seven steps.

It can be stopped, or killed, at any moment: what was made is kept, and the same call goes on.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from personify.pipelines.batch.diversity import report
from personify.pipelines.batch.engines import ROW_LIMIT_S
from personify.pipelines.batch.formats import STDIN
from personify.pipelines.batch.gallery import write_gallery
from personify.pipelines.batch.ledger import Ledger
from personify.pipelines.batch.options import keep_options, settle_options
from personify.pipelines.batch.outcomes import Unreached
from personify.pipelines.batch.plan import Planner
from personify.pipelines.batch.progress import Meter, OnProgress, Progress
from personify.pipelines.batch.quotas import Quotas, read_quotas
from personify.pipelines.batch.rows import read_rows
from personify.pipelines.batch.store import Store, open_store
from personify.pipelines.batch.values import BadRow, Failed, Made, Outcome, Row
from personify.pipelines.batch.work import WorkSettings
from personify.pipelines.bundle import now
from personify.pipelines.credentials import find_credentials
from personify.pipelines.services import Services
from personify.voices.errors import NotKept, PersonifyError, unknown_name
from personify.voices.libraries import settle_libraries
from personify.voices.stopping import Stop, Stopped, stoppable

if TYPE_CHECKING:
    from personify.pipelines.batch.engines import Engine

__all__ = ["Progress", "Summary", "run_batch"]

DIVERSITY = "diversity.json"
GALLERY_EVERY_S = 180.0
GALLERY_SHARE = 0.03
"""Of the time, at most so much goes into writing the gallery while a batch runs."""

ENGINES = ("local", "ray")
EngineMaker = Callable[[WorkSettings], "Engine"]


@dataclass(frozen=True)
class Summary:
    """How a batch ended. Of `rows` that came by, `made` have a bundle now, `skipped` had one before, and `failed` have
    none, now or from before; `kinds` counts these by `Failed.kind`. `out` is the store's address."""

    rows: int
    made: int
    failed: int
    skipped: int
    seconds: float
    kinds: dict[str, int]
    out: str
    stopped: bool = False

    @property
    def exit_code(self) -> int:
        """0 where all have a bundle, 1 where some have none, 130 where it was stopped."""
        return 130 if self.stopped else int(self.failed > 0)


def run_batch(
    file: str | Path,
    out: str | Path,
    *,
    engine: "str | EngineMaker" = "local",
    workers: int | None = None,
    address: str | None = None,
    seed: int | None = None,
    llm: str | None = None,
    head: str = "builtin",
    resume: bool = True,
    retry_failed: bool = False,
    quotas: Sequence[str] = (),
    distinct: bool = True,
    at_once: int = 8,
    batch: int = 4,
    row_limit_s: float | None = None,
    stop: Stop | None = None,
    on_progress: OnProgress | None = None,
) -> Summary:
    """Makes an avatar of every row of a file that has none yet: each row ends with a whole bundle, or with a failure
    that says why, never both, never twice.

    `file`: see `read_cells`. `out`: a folder, or a URL that fsspec knows. `engine`: "local" for `workers` processes on
    this machine, "ray" for a cluster at `address`, or what makes an `Engine` of work settings. `seed`: the batch's; the
    same one gives the same avatars. `llm`, `head`: as for `Studio`. `quotas`: see `read_quotas`. `distinct`: who is too
    much like another one is drawn again. `at_once`: how many rows a language model is asked for at a time. `batch`: how
    many portraits are drawn together. `row_limit_s`: how long a worker may take over one row; `ROW_LIMIT_S` if left
    out. Once `stop` is asked, or at Ctrl-C, it ends soon, with what was made.

    Raises `BadInput` before anything is begun, `NotKept` where the output takes nothing more, `Unreached`
    where the language model's server has gone, and `PersonifyError` where no worker can start.
    """
    # 1. What is asked for is looked at before anything begins.
    started, file = time.monotonic(), Path(file)
    gone: Unreached | None = None
    settle_libraries()
    signs = find_credentials() is not None
    store = open_store(out)
    options = settle_options(
        store, file=file.name, seed=seed, llm=llm, head=head, quotas=tuple(quotas), distinct=distinct,
        resume=resume,
    )  # fmt: skip
    shares = read_quotas(options.quotas)
    rows = read_rows(file, seed=options.seed)
    services = Services(options.llm, options.head)
    services.head()
    planner = Planner(services, seed=options.seed, quotas=shares, distinct=options.distinct, at_once=at_once)
    settings = WorkSettings(store.url, options.head, batch=batch, signs=signs)
    made_by = _engine(engine, settings, workers=workers, address=address, row_limit_s=row_limit_s)
    with store.lock():
        # 2. What an earlier run left is taken stock of.
        keep_options(store, options)
        store.sweep()
        heard = planner.remember if shares or options.distinct else None
        with Ledger.open(store, retry_failed=retry_failed, on_made=heard) as ledger:
            run = _Run(store, ledger, Meter(file), made_by, on_progress)
            try:
                with _stopped_with(stop) as run.over, stoppable(run.over), made_by:
                    # 3. Rows come in, and those that are done are passed over.
                    wanted = run.wanted(rows)
                    # 4. Their words are written and chosen, in the order of the rows.
                    planned = planner.plan(wanted)
                    # 5. Workers do the work, and what becomes of each row is written down.
                    for outcome in made_by.make(planned):
                        run.take(outcome)
                # 6. Failures of rows that are no longer in the file are forgotten.
                if options.file == file.name != STDIN:
                    ledger.forget_unseen()
            except (Stopped, KeyboardInterrupt):
                run.stopped = True
            except Unreached as error:  # raised again once what was made is there to see
                gone = error
            # 7. Who they are, and how different, is there to see.
            store.sweep()
            run.show(shares, options.seed)
    if gone is not None:
        raise gone
    return run.summary(time.monotonic() - started)


class _Run:
    """What one call keeps account of."""

    def __init__(
        self, store: Store, ledger: Ledger, meter: Meter, engine: "Engine", on_progress: OnProgress | None
    ) -> None:
        self.stopped, self.over = False, Stop()
        self._store, self._ledger, self._meter = store, ledger, meter
        self._engine, self._on_progress = engine, on_progress
        self._show_at = time.monotonic() + GALLERY_EVERY_S

    def wanted(self, rows: Iterable[Row | BadRow]) -> Iterator[Row]:
        """The rows that are still to be made; what keeps a bad one from it is written down. Runs in whichever thread
        asks for them."""
        for row in _readable(rows):
            if self.over.asked:
                return
            if isinstance(row, BadRow):
                refused = _refused(row)
                self._ledger.take(refused)
                self._meter.fail(refused.kind)
            elif not self._ledger.settle(row):
                yield row
            elif kind := self._ledger.kind_of(row.id):
                self._meter.fail(kind)
            else:
                self._meter.skip()

    def take(self, outcome: Outcome) -> None:
        """Writes down what became of a row. Raises `NotKept` where nothing more can be kept."""
        if isinstance(outcome, Failed) and outcome.kind == "unkept":
            raise NotKept(
                f"the batch stopped at row {outcome.row}: {outcome.problem}. What was made is kept: make room, and the "
                "same command goes on"
            )
        if self._ledger.take(outcome):
            if isinstance(outcome, Made):
                self._meter.make()
            else:
                self._meter.fail(outcome.kind)
        if self._on_progress:
            self._on_progress(self._meter.progress(self._engine.workers))  # a cluster, or deaths, may change that
        if time.monotonic() > self._show_at:
            self._show_so_far()

    def show(self, quotas: Quotas, seed: int) -> None:
        """Writes the diversity report and the gallery; who doesn't wait for them has those of before."""
        try:
            diversity = report(self._ledger.lines(), self._store.picture, quotas=quotas, seed=seed)
            self._store.write(DIVERSITY, diversity.model_dump_json(indent=2).encode() + b"\n")
            write_gallery(self._store, self._ledger.lines(), self._ledger.failures(), diversity)
        except KeyboardInterrupt:
            self.stopped = True

    def _show_so_far(self) -> None:
        """Writes the gallery, so that one may look meanwhile; a large one more seldom, since workers wait for it."""
        started = time.monotonic()
        write_gallery(self._store, self._ledger.lines(), self._ledger.failures())
        took_s = time.monotonic() - started
        self._show_at = time.monotonic() + max(GALLERY_EVERY_S, took_s / GALLERY_SHARE)

    def summary(self, seconds: float) -> Summary:
        """How it ended."""
        meter = self._meter
        return Summary(
            rows=meter.made + meter.failed + meter.skipped,
            made=meter.made,
            failed=meter.failed,
            skipped=meter.skipped,
            seconds=round(seconds, 3),
            kinds=dict(meter.kinds),
            out=self._store.url,
            stopped=self.stopped,
        )


@contextmanager
def _stopped_with(stop: Stop | None) -> Iterator[Stop]:
    """A request to stop that is made once `stop` is, and at the end of the block however it ends: what still runs
    then in other threads, such as a request to a language model, is of no use any more."""
    own = Stop()
    try:
        with stop.calling(own.ask) if stop else nullcontext():
            yield own
    finally:
        own.ask()


def _readable(rows: Iterable[Row | BadRow]) -> Iterator[Row | BadRow]:
    """The rows. Raises `PersonifyError` where their file can't be read any further."""
    try:
        yield from rows
    except OSError as error:
        raise PersonifyError(f"the rows can't be read any further: {error.strerror}; run it again") from error


def _engine(
    engine: "str | EngineMaker",
    settings: WorkSettings,
    *,
    workers: int | None,
    address: str | None,
    row_limit_s: float | None,
) -> "Engine":
    """The engine of that name. Raises `BadInput` for an unknown one, and for what it refuses."""
    if callable(engine):
        return engine(settings)
    limit_s = ROW_LIMIT_S if row_limit_s is None else row_limit_s
    if engine == "local":
        from personify.pipelines.batch.local import LocalEngine

        return LocalEngine(settings, workers=workers, row_limit_s=limit_s)
    if engine == "ray":
        from personify.pipelines.batch.on_ray import RayEngine

        return RayEngine(settings, workers=workers, address=address, row_limit_s=limit_s)
    raise unknown_name("engine", engine, list(ENGINES))


def _refused(row: BadRow) -> Failed:
    return Failed(
        row=row.number, id=row.id, description=row.description, stage="input", kind="refused", problem=row.problem,
        at=now(),
    )  # fmt: skip
