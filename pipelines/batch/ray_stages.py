"""What of a batch runs inside a Ray cluster: the feed that the driver fills, and the stages that its actors do.

A Ray Data row is one chunk: its number and its few planned rows, drawn rows or outcomes, pickled. Chunks keep Ray from
looking into portraits, and make one task of what is drawn together. Import it only where Ray is installed.
"""

import asyncio
import os
import pickle
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa  # type: ignore[import-untyped]
import ray
from ray.data import Datasource
from ray.data.block import BlockMetadata
from ray.data.datasource import ReadTask

from personify.pipelines.batch.values import Drawn, Failed, Planned

if TYPE_CHECKING:
    from personify.pipelines.batch.work import WorkSettings

COLUMN = "chunk"

PATIENCE_S = 300.0
"""So long no actor has begun a chunk, and the feed hands on another one: what waits may have died with its actor."""


def packed(number: int, items: Sequence[Any]) -> bytes:
    """A chunk as its bytes."""
    return pickle.dumps((number, list(items)), protocol=pickle.HIGHEST_PROTOCOL)


def unpacked(table: pa.Table) -> Iterator[tuple[int, list[Any]]]:
    """The chunks of a block: their number, and what is in them. They come from our own driver and actors alone."""
    for chunk in table.column(COLUMN).to_pylist():
        yield pickle.loads(chunk)


class Feed:
    """Where the driver hands chunks over and the pipeline takes them: at most `ahead` of them wait for an actor.

    An actor of its own, with async methods: who has to wait costs no thread. It counts how often each chunk was begun,
    which tells a row that killed its worker from one that was lost on the way. It is read once, from its beginning.
    A chunk that went to an actor which died before it began waits no longer than `patience_s` for it.
    """

    def __init__(self, ahead: int, patience_s: float = PATIENCE_S) -> None:
        self._ahead, self._patience_s = ahead, patience_s
        self._chunks: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        self._opened = False
        self._taken = 0
        self._waiting: set[int] = set()
        self._begun: dict[int, int] = {}
        self._actors: list[Any] = []
        self._change = asyncio.Condition()

    async def open(self) -> bool:
        """Whether the caller is the first to read; Ray begins a reader that died again, from what it has read."""
        first, self._opened = not self._opened, True
        return first

    async def put(self, chunk: bytes | None) -> None:
        """Waits until there is room; None says that it was the last."""
        await self._chunks.put(chunk)

    async def take(self) -> bytes | None:
        """Waits until fewer than `ahead` chunks are under way to an actor, and for the next one."""
        try:
            await asyncio.wait_for(self._room(), self._patience_s)
        except TimeoutError:
            self._waiting.discard(min(self._waiting, default=-1))
        chunk = await self._chunks.get()
        if chunk is not None:
            self._waiting.add(self._taken)  # the driver numbers them like this
            self._taken += 1
        return chunk

    async def _room(self) -> None:
        async with self._change:
            await self._change.wait_for(lambda: len(self._waiting) < self._ahead)

    async def begin(self, number: int) -> None:
        """An actor says that it has this chunk in its hands."""
        async with self._change:
            self._waiting.discard(number)
            self._change.notify_all()
            self._begun[number] = self._begun.get(number, 0) + 1

    async def join(self, actor: Any) -> None:
        """An actor says that it is there."""
        self._actors.append(actor)

    async def actors(self) -> list[Any]:
        """Those that said so."""
        return self._actors

    async def begun(self, numbers: Sequence[int]) -> dict[int, int]:
        """How often each of these chunks was begun; it is forgotten then."""
        return {number: self._begun.pop(number, 0) for number in numbers}


class FeedSource(Datasource):
    """The feed as what Ray Data reads: one task, which hands on each chunk as it comes."""

    def __init__(self, feed: Any) -> None:
        super().__init__()
        self._feed = feed

    def estimate_inmemory_data_size(self) -> int | None:
        """Not known: it is still being planned."""
        return None

    def get_read_tasks(self, parallelism: int, *_: Any, **__: Any) -> list[ReadTask]:
        """The one task."""
        metadata = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
        return [ReadTask(_reader(self._feed), metadata)]


def _reader(feed: Any) -> Callable[[], Iterator[pa.Table]]:
    def read() -> Iterator[pa.Table]:
        if not ray.get(feed.open.remote()):
            raise RuntimeError("the reader died; what it had in its hands is made again")
        while (chunk := ray.get(feed.take.remote())) is not None:
            yield _table(chunk)

    return read


class _Stage:
    """One actor of a pool: it builds its worker once, and keeps it warm.

    An actor whose memory is full, or that takes longer than `row_limit_s` for a row, ends itself: only a fresh one can
    be relied on, and Ray starts that.
    """

    def __init__(self, settings: "WorkSettings", row_limit_s: float, feed: Any) -> None:
        from personify.pipelines.batch.work import Worker

        self._worker = Worker(settings)
        self._row_limit_s = row_limit_s
        self._feed = feed
        feed.join.remote(ray.get_runtime_context().current_actor)

    def __call__(self, table: pa.Table) -> Iterator[pa.Table]:
        """A chunk for each chunk."""
        for number, items in unpacked(table):
            late = threading.Timer(self._row_limit_s * len(items), os._exit, (1,))
            late.daemon = True
            late.start()
            try:
                done = self._done(number, items)
            finally:
                late.cancel()
            if any(isinstance(item, Failed) and item.kind == "died" for item in done):
                os._exit(1)
            yield _table(packed(number, done))

    def _done(self, number: int, items: list[Any]) -> list[Any]:
        raise NotImplementedError


class Making(_Stage):
    """Planned rows become outcomes in one actor."""

    def _done(self, number: int, items: list[Planned]) -> list[Any]:
        ray.get(self._feed.begin.remote(number))
        return list(self._worker.make(items))


class Drawing(_Stage):
    """Planned rows become drawn ones: the stage for a GPU."""

    def _done(self, number: int, items: list[Planned]) -> list[Any]:
        ray.get(self._feed.begin.remote(number))
        return list(self._worker.draw(items))


class Finishing(_Stage):
    """Drawn rows become outcomes: speech, clip and bundle, on a CPU core."""

    def _done(self, number: int, items: list[Drawn | Failed]) -> list[Any]:
        return [self._worker.finish(item) if isinstance(item, Drawn) else item for item in items]


def _table(chunk: bytes) -> pa.Table:
    return pa.table({COLUMN: pa.array([chunk], pa.large_binary())})
