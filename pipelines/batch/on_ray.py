"""The engine for more than one machine: a Ray Data pipeline of actor pools, fed by the driver.

`feed -> draw (an actor a GPU) -> finish (an actor a CPU core) -> outcomes`; without GPUs one pool of actors does both,
each with its own core. The pools live as long as the batch; only a few chunks are under way at a time. What Ray loses
on the way, a killed actor's or node's rows, is made again in the end, row by row, and the bundles say what is there.
"""

import contextlib
import gc
import queue
import threading
import time
import warnings
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from personify.pipelines.batch.ahead import ReadAhead
from personify.pipelines.batch.cores import default_workers, thread_environment
from personify.pipelines.batch.engines import MOST_DEATHS, ROW_LIMIT_S, check_limits
from personify.pipelines.batch.outcomes import given_up
from personify.pipelines.batch.ray_cluster import check_nodes, cluster, resources
from personify.pipelines.batch.store import Store, open_store
from personify.pipelines.batch.values import Failed, Outcome, Planned
from personify.voices.errors import PersonifyError
from personify.voices.stopping import check_stop

if TYPE_CHECKING:
    from personify.pipelines.batch.work import WorkSettings

AHEAD = 2
"""So many chunks wait for each worker: none stands idle, and a batch that is stopped has planned little for nothing."""

PATIENCE = 3
"""So many pipelines in a row may break without one outcome; then something is wrong with all of them."""

_LOOK_S = 0.2
"""How often the engine looks whether it is still wanted while nothing happens."""

Chunks = Callable[[threading.Event], list[Planned] | None]
"""The next few planned rows, None at the end; waits no longer than until the event is set."""


class RayEngine:
    """Makes planned rows on a Ray cluster: the one at `address`, or one on this machine that ends with the engine.

    `workers` actors finish avatars, by default one for each core that the cluster has when the engine starts, or this
    machine bears; where there are GPUs, each gets an actor that draws. `split` draws and finishes in pools of their own
    on CPUs too, half a core for an actor. `row_limit_s`: how long one row may take before its actor ends itself.
    """

    def __init__(
        self,
        settings: "WorkSettings",
        *,
        workers: int | None = None,
        address: str | None = None,
        split: bool = False,
        row_limit_s: float = ROW_LIMIT_S,
    ) -> None:
        check_limits(workers, row_limit_s)
        self._settings, self._row_limit_s = settings, row_limit_s
        self._address, self._split = address, split
        self._asked = workers
        self._gpus = 0
        self._open = contextlib.ExitStack()
        self.workers = workers or default_workers()

    def __enter__(self) -> "RayEngine":
        with contextlib.ExitStack() as opening:
            opening.enter_context(cluster(self._address, workers=self.workers))
            cores, self._gpus = resources()
            if self._address is not None:
                check_nodes(self._settings.store, signs=self._settings.signs)
                self.workers = self._asked or max(1, cores - self._gpus)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def make(self, planned: Iterable[Planned | Failed]) -> Iterator[Outcome]:
        """The outcome of each row, as they come; `planned` is read a little ahead, in a thread of its own.

        Raises what `planned` raises, and `PersonifyError` where Ray can't do the work at all.
        """
        rows = self._settings.batch
        deaths: Counter[str] = Counter()
        store = open_store(self._settings.store)
        with ReadAhead(planned, most=2 * rows) as ahead:
            # 1. All rows, a chunk at a time, through pools that stay,
            lost: list[Planned] = []
            broken = 0
            while (first := (yield from _waiting(ahead, rows))) is not None:
                run = _Run(self._pools(), self._stage())
                for outcome in run.outcomes(_following(first, ahead, rows)):
                    yield from ahead.passed()
                    yield outcome
                lost += yield from _judged(run, deaths, store)
                broken = _bear(broken, run)
            yield from ahead.passed()
            ahead.check()
            # 2. then those whose chunk never came back, each by itself.
            broken = 0
            while lost:
                run = _Run(self._pools(), self._stage())
                rest = deque(lost)
                yield from run.outcomes(_each(rest))
                lost = [*(yield from _judged(run, deaths, store)), *rest]
                broken = _bear(broken, run)

    def _stage(self) -> dict[str, Any]:
        """What every actor is made of."""
        return {"settings": self._settings, "row_limit_s": self._row_limit_s}

    def _pools(self) -> "list[_Pool]":
        from personify.pipelines.batch.ray_stages import Drawing, Finishing, Making

        if self._gpus:
            return [_Pool(Drawing, self._gpus, cpus=0, gpus=1), _Pool(Finishing, self.workers, cpus=1)]
        if self._split:
            return [_Pool(Drawing, self.workers, cpus=0.5), _Pool(Finishing, self.workers, cpus=0.5)]
        return [_Pool(Making, self.workers, cpus=1)]


class _Pool:
    """A stage of the pipeline: what its actors do, how many there are, and what each takes of its node."""

    def __init__(self, stage: type, size: int, *, cpus: float, gpus: float = 0) -> None:
        self.stage, self.size, self.cpus, self.gpus = stage, size, cpus, gpus


class _Run:
    """One pipeline from its feed to its end.

    Afterwards `lost` holds the chunks that have no outcome, with how often an actor had begun each, `made` how many
    rows have one, and `error` what broke the pipeline as a whole, if anything did.
    """

    def __init__(self, pools: list[_Pool], stage: dict[str, Any]) -> None:
        self._pools, self._stage = pools, stage
        self._given: dict[int, list[Planned]] = {}
        self._ended = threading.Event()
        self.lost: list[tuple[list[Planned], int]] = []
        self.made = 0
        self.error: Exception | None = None

    def outcomes(self, chunks: Chunks) -> Iterator[Outcome]:
        """The outcomes as they come, until the chunks are over and nothing is under way."""
        import ray

        from personify.pipelines.batch.ray_stages import Feed, unpacked

        actor = ray.remote(num_cpus=0, label_selector={"ray.io/node-id": _node()})(Feed)
        feed: Any = actor.remote(ahead=AHEAD * self._pools[0].size)
        filler = threading.Thread(target=self._fill, args=(feed, chunks), name="personify-ray-feed", daemon=True)
        filler.start()
        try:
            for table in self._tables(self._pipeline(feed)):
                for number, outcomes in unpacked(table):
                    if self._given.pop(number, None) is not None:  # a chunk that was done twice counts once
                        feed.begun.remote([number])
                        self.made += len(outcomes)
                        yield from outcomes
            begun = self._begun(feed)
        finally:
            self._ended.set()
            _end(feed)
        filler.join()  # which may have taken one more chunk, that nobody began
        self.lost = [(rows, begun.get(number, 0)) for number, rows in sorted(self._given.items())]

    def _tables(self, dataset: Any) -> Iterator[Any]:
        """The blocks as they come, read in a thread of its own, so that a wait for one can be stopped.

        A pipeline that breaks ends like one that is over, with its `error`. One that is left before its end lacks its
        feed, so it ends by itself once what is under way is done.
        """
        came: queue.SimpleQueue[Any] = queue.SimpleQueue()

        def read() -> None:
            try:
                for table in dataset.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
                    came.put(table)
                    if self._ended.is_set():
                        return
            except Exception as error:  # noqa: BLE001 - Ray's errors are of many kinds, and all mean: begin anew
                self.error = error.with_traceback(None)  # which holds on to actors
            finally:
                came.put(None)

        threading.Thread(target=read, name="personify-ray-outcomes", daemon=True).start()
        while True:
            check_stop()
            with contextlib.suppress(queue.Empty):
                if (table := came.get(timeout=_LOOK_S)) is None:
                    return
                yield table

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

    def _begun(self, feed: Any) -> dict[int, int]:
        import ray

        begun: dict[int, int] = {}
        with contextlib.suppress(ray.exceptions.RayError):
            begun = ray.get(feed.begun.remote(list(self._given)), timeout=10)
        return begun

    def _pipeline(self, feed: Any) -> Any:
        import ray.data

        from personify.pipelines.batch.ray_stages import FeedSource

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
                    fn_constructor_kwargs=self._stage | {"feed": feed},
                    batch_size=1,  # a chunk; with GPUs Ray Data wants a number
                    batch_format="pyarrow",
                    compute=ray.data.ActorPoolStrategy(size=pool.size, max_tasks_in_flight_per_actor=1),
                    num_cpus=pool.cpus,
                    num_gpus=pool.gpus or None,
                    runtime_env={"env_vars": thread_environment(self._stage["settings"].threads)},
                    ray_remote_args_fn=_mended,
                )
        return dataset


def _end(feed: Any) -> None:
    """Ends the actors of a pipeline, and its feed.

    Ray ends an actor when nobody holds on to it any more. Where one has died, an error may; and the actor holds on to
    its core, which the next pipeline waits for.
    """
    import ray

    with contextlib.suppress(ray.exceptions.RayError):
        for actor in ray.get(feed.actors.remote(), timeout=10):
            ray.kill(actor)
    ray.kill(feed)
    gc.collect()  # and with it those that have never started


def _waiting(ahead: ReadAhead, rows: int) -> Generator[Outcome, None, list[Planned] | None]:
    """The next chunk, if there is one: pools aren't started for nothing. What fails in planning is told meanwhile."""
    while not ahead.over:
        check_stop()
        yield from ahead.passed()
        if first := ahead.ready(rows):
            return first
        time.sleep(_LOOK_S)
    return None


def _following(first: list[Planned], ahead: ReadAhead, rows: int) -> Chunks:
    taken = False

    def chunks(ended: threading.Event) -> list[Planned] | None:
        nonlocal taken
        if taken:
            return ahead.take(rows, ended)
        taken = True
        return first

    return chunks


def _each(left: deque[Planned]) -> Chunks:
    """Takes from those that are left; a pipeline that ends before its time leaves some."""
    return lambda ended: [left.popleft()] if left and not ended.is_set() else None


def _judged(run: _Run, deaths: Counter[str], store: Store) -> Generator[Outcome, None, list[Planned]]:
    """The rows that are to be made again; of those over which their actor died too often, the failure, unless it had
    put the bundle into the store before it died."""
    again = []
    for rows, begun in run.lost:
        for planned in rows:
            deaths[planned.row.id] += begun if len(rows) == 1 else 0  # among others it may not have been the reason
            if (times := deaths[planned.row.id]) >= MOST_DEATHS:
                problem = (
                    f"its worker died over it {times} times; probably it takes more memory than there is, or longer "
                    "than --row-limit"
                )
                yield given_up(store, planned, problem, attempts=times)
            else:
                again.append(planned)
    return again


def _bear(broken: int, run: _Run) -> int:
    """How many pipelines in a row have led nowhere, this one included. Raises `PersonifyError` after `PATIENCE`."""
    tried = any(begun and len(rows) == 1 for rows, begun in run.lost)  # a death counts, so this comes to an end
    if run.made or tried or not run.lost:
        return 0
    if broken + 1 >= PATIENCE:
        raise PersonifyError(f"Ray can't do the work: {_told(run.error)}") from run.error
    return broken + 1


def _told(error: Exception | None) -> str:
    if error is None:
        return "its workers die before they have made anything; see the logs of the Ray session"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:500]


def _mended() -> dict[str, Any]:
    """An actor that dies is begun again, once there is room; what it had in its hands doesn't wait for that.

    On a cluster that has lost a node there may be none, and whoever waited would wait for ever.
    """
    return {"max_restarts": -1, "max_task_retries": 0}


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
        with warnings.catch_warnings():  # retries have no other name yet, and go with Ray 2.64
            warnings.filterwarnings("ignore", message=".*ray_remote_args_fn.* is deprecated")
            yield
    finally:
        for name, value in theirs.items():
            setattr(context, name, value)
