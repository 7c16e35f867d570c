"""The engine for more than one machine: a Ray Data pipeline of actor pools, fed by the driver.

`feed -> draw (an actor a GPU) -> finish (an actor a CPU core) -> outcomes`; without GPUs one pool of actors does both,
each with its own core. The pools live as long as the batch; only a few chunks are under way at a time. What Ray loses
on the way, a killed actor's or node's rows, is made again in the end, row by row, and the bundles say what is there.
"""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from personify.pipelines.batch.ahead import ReadAhead
from personify.pipelines.batch.outcomes import died
from personify.pipelines.batch.ray_cluster import check_nodes, cluster, resources
from personify.pipelines.batch.values import Failed, Outcome, Planned
from personify.voices.errors import BadInput, PersonifyError

if TYPE_CHECKING:
    from personify.pipelines.batch.work import WorkSettings

AHEAD = 2
"""So many chunks wait for each worker: none stands idle, and a batch that is stopped has planned little for nothing."""

RETRIES = 1
"""How often Ray itself begins a chunk again whose actor died."""

DEATHS = 2
"""A row that was alone in its actor's hands so often when that died is the reason, as far as anybody can tell."""

PATIENCE = 3
"""So many pipelines in a row may break without one outcome; then something is wrong with all of them."""

Chunks = Callable[[threading.Event], list[Planned] | None]
"""The next few planned rows, None at the end; waits no longer than until the event is set."""


class RayEngine:
    """Makes planned rows on a Ray cluster: the one at `address`, or one on this machine that ends with the engine.

    `workers` actors finish avatars, by default one for each CPU core; where there are GPUs, each gets an actor that
    draws. `split` draws and finishes in pools of their own on CPUs too, half a core for an actor.
    """

    def __init__(
        self, settings: "WorkSettings", *, workers: int, address: str | None = None, split: bool = False
    ) -> None:
        if workers < 1:
            raise BadInput(f"{workers} workers can make nothing; give --workers 1 or more")
        self._settings = settings
        self._address = address
        self._split = split
        self._open = contextlib.ExitStack()
        self._gpus = 0
        self.workers = workers

    def __enter__(self) -> "RayEngine":
        with contextlib.ExitStack() as opening:
            opening.enter_context(cluster(self._address, workers=self.workers))
            if self._address is not None:
                check_nodes(self._settings.store)
            self._gpus = resources()[1]
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def make(self, planned: Iterable[Planned | Failed]) -> Iterator[Outcome]:
        """The outcome of each row, as they come; `planned` is read a little ahead, in a thread of its own.

        Raises what `planned` raises, and `PersonifyError` where Ray can't do the work at all.
        """
        rows = self._settings.batch
        with ReadAhead(planned, most=2 * rows) as ahead:
            # 1. All rows, a chunk at a time, through pools that stay,
            lost: list[Planned] = []
            broken = 0
            while (first := _waiting(ahead, rows)) is not None:
                run = _Run(self._settings, self._pools(), rows=rows)
                for outcome in run.outcomes(_following(first, ahead, rows)):
                    yield from ahead.passed()
                    yield outcome
                lost += [row for row, _ in run.lost]
                broken = _bear(broken, run)
            yield from ahead.passed()
            ahead.check()
            # 2. then those that were lost on the way, one by one.
            yield from self._alone(lost)

    def _alone(self, lost: list[Planned]) -> Iterator[Outcome]:
        """Rows whose chunk never came back, each a chunk of its own: one that kills its worker again is the reason."""
        deaths: Counter[str] = Counter()
        broken = 0
        while lost:
            run = _Run(self._settings, self._pools(), rows=1)
            yield from run.outcomes(_each(lost))
            lost = []
            for planned, begun in run.lost:
                deaths[planned.row.id] += begun
                if (times := deaths[planned.row.id]) >= DEATHS:
                    problem = f"its worker died over it {times} times; probably it takes more memory than there is"
                    yield died(planned.row, problem, attempts=times)
                else:
                    lost.append(planned)
            broken = _bear(broken, run)

    def _pools(self) -> "list[_Pool]":
        from personify.pipelines.batch.ray_stages import Drawing, Finishing, Making

        if self._gpus:
            return [_Pool(Drawing, self._gpus, cpus=1, gpus=1), _Pool(Finishing, self.workers, cpus=1)]
        if self._split:
            return [_Pool(Drawing, self.workers, cpus=0.5), _Pool(Finishing, self.workers, cpus=0.5)]
        return [_Pool(Making, self.workers, cpus=1)]


class _Pool:
    """A stage of the pipeline: what its actors do, how many there are, and what each takes of its node."""

    def __init__(self, stage: type, size: int, *, cpus: float, gpus: float = 0) -> None:
        self.stage, self.size, self.cpus, self.gpus = stage, size, cpus, gpus


class _Run:
    """One pipeline from its feed to its end.

    Afterwards `lost` holds the rows that have no outcome, with how often an actor had begun them, `made` how many have
    one, and `error` what broke the pipeline as a whole, if anything did.
    """

    def __init__(self, settings: "WorkSettings", pools: list[_Pool], *, rows: int) -> None:
        self._settings, self._pools, self._rows = settings, pools, rows
        self._given: dict[int, list[Planned]] = {}
        self._ended = threading.Event()
        self.lost: list[tuple[Planned, int]] = []
        self.made = 0
        self.error: Exception | None = None

    def outcomes(self, chunks: Chunks) -> Iterator[Outcome]:
        """The outcomes as they come, until the chunks are over and nothing is under way."""
        import ray

        from personify.pipelines.batch.ray_stages import Feed, unpacked

        actor = ray.remote(num_cpus=0, label_selector={"ray.io/node-id": _node()})(Feed)
        feed = actor.remote(ahead=AHEAD * self._pools[0].size)
        filler = threading.Thread(target=self._fill, args=(feed, chunks), name="personify-ray-feed", daemon=True)
        filler.start()
        try:
            with _tables(self._pipeline(feed)) as tables:
                for table in tables:
                    for number, outcomes in unpacked(table):
                        if self._given.pop(number, None) is not None:  # a chunk that was done twice counts once
                            feed.begun.remote([number])
                            self.made += len(outcomes)
                            yield from outcomes
        except Exception as error:  # noqa: BLE001 - Ray's errors are of many kinds, and all mean: begin anew
            self.error = error
        finally:
            self._ended.set()
            self._count(feed)
            ray.kill(feed)
        filler.join()

    def _fill(self, feed: Any, chunks: Chunks) -> None:
        import ray

        from personify.pipelines.batch.ray_stages import packed

        number = 0
        with contextlib.suppress(ray.exceptions.RayError):  # the feed is gone: so is the pipeline
            while (rows := chunks(self._ended)) is not None:
                self._given[number] = rows
                ray.get(feed.put.remote(packed(number, rows)))
                number += 1
            ray.get(feed.put.remote(None))

    def _count(self, feed: Any) -> None:
        import ray

        begun: dict[int, int] = {}
        with contextlib.suppress(ray.exceptions.RayError):
            begun = ray.get(feed.begun.remote(list(self._given)), timeout=10)
        self.lost = [(row, begun.get(number, 0)) for number, rows in sorted(self._given.items()) for row in rows]

    def _pipeline(self, feed: Any) -> Any:
        import ray.data

        from personify.pipelines.batch.ray_stages import FeedSource

        alone = 1 if self._rows == 1 else None  # who waits behind a row that kills would be taken for the reason
        with _settled():
            dataset = ray.data.read_datasource(
                FeedSource(feed),
                override_num_blocks=1,
                compute=ray.data.TaskPoolStrategy(1),
                num_cpus=0,
                label_selector={"ray.io/node-id": _node()},
            )
            for pool in self._pools:
                dataset = dataset.map_batches(
                    pool.stage,
                    fn_constructor_args=(self._settings, feed),
                    batch_size=None,
                    batch_format="pyarrow",
                    compute=ray.data.ActorPoolStrategy(size=pool.size, max_tasks_in_flight_per_actor=alone),
                    num_cpus=pool.cpus,
                    num_gpus=pool.gpus or None,
                    max_restarts=-1,
                    max_task_retries=RETRIES,
                )
        return dataset


def _waiting(ahead: ReadAhead, rows: int) -> list[Planned] | None:
    """The next chunk, if there is one: pools aren't started for nothing."""
    return ahead.take(rows, threading.Event())


def _following(first: list[Planned], ahead: ReadAhead, rows: int) -> Chunks:
    taken = False

    def chunks(ended: threading.Event) -> list[Planned] | None:
        nonlocal taken
        if taken:
            return ahead.take(rows, ended)
        taken = True
        return first

    return chunks


def _each(rows: list[Planned]) -> Chunks:
    left = iter(rows)
    return lambda _: [row] if (row := next(left, None)) is not None else None


def _bear(broken: int, run: _Run) -> int:
    """How many pipelines in a row have led nowhere, this one included. Raises `PersonifyError` after `PATIENCE`."""
    if run.made or not run.lost:
        return 0
    if broken + 1 >= PATIENCE:
        raise PersonifyError(f"Ray can't do the work: {_told(run.error)}") from run.error
    return broken + 1


def _told(error: Exception | None) -> str:
    if error is None:
        return "its workers die before they have made anything; see the logs of the Ray session"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:500]


def _node() -> str:
    """The driver's own, with which the feed would end anyway."""
    import ray

    return ray.get_runtime_context().get_node_id()


@contextlib.contextmanager
def _settled() -> Iterator[None]:
    """Ray Data's settings for the pipeline that is built in the block, which keeps a copy of them.

    Each chunk is a block of its own, a lost one is no end of the others, and the terminal is ours.
    """
    from ray.data import DataContext

    ours = {
        "target_max_block_size": 1,
        "max_errored_blocks": -1,
        "enable_progress_bars": False,
        "enable_operator_progress_bars": False,
    }
    context = DataContext.get_current()
    theirs = {name: getattr(context, name) for name in ours}
    try:
        for name, value in ours.items():
            setattr(context, name, value)
        yield
    finally:
        for name, value in theirs.items():
            setattr(context, name, value)


@contextlib.contextmanager
def _tables(dataset: Any) -> Iterator[Iterator[Any]]:
    """The blocks of a pipeline as they come; leaving the block ends the pipeline."""
    tables = iter(dataset.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0))
    try:
        yield tables
    finally:
        close = getattr(tables, "close", None)
        if close is not None:
            close()
