"""The work of a batch: a worker draws the portraits of planned rows, several at once, and finishes one avatar after
another into the store.

It knows nothing of processes: engines decide where workers live. Whatever is wrong with a row becomes its `Failed`.
"""

import gc
import platform
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from personify.avatar.portrait import Portrait
from personify.avatar.portraits import Sitting, draw_portraits
from personify.pipelines.batch.cores import hold_threads
from personify.pipelines.batch.outcomes import failed, made, whole
from personify.pipelines.batch.store import open_store
from personify.pipelines.batch.values import Drawn, Failed, FailedAt, Outcome, Planned
from personify.pipelines.create import Clock, Settled, Stage, finish
from personify.pipelines.credentials import CERTIFICATE, KEY, find_credentials
from personify.pipelines.model_settings import BUILTIN
from personify.pipelines.services import Services
from personify.voices.errors import PersonifyError
from personify.voices.libraries import settle_libraries
from personify.voices.stopping import Stopped

SIGN_EVERYWHERE = (
    f"set {CERTIFICATE} and {KEY} where every worker runs, or leave them out here too, and nothing is signed"
)
"""The way out where a worker can't sign."""


@dataclass(frozen=True)
class WorkSettings:
    """What a worker is made of; can be pickled.

    `store`: where the output is, as `open_store` reads it. `head`: the talking head by name. `threads`: how many a
    worker's libraries may use. `batch`: how many portraits it draws at once. `signs`: whether what it makes must bear
    content credentials; certificate and key are the worker's own to find, and never travel.
    """

    store: str
    head: str = "builtin"
    threads: int = 1
    batch: int = 4
    signs: bool = False


class Worker:
    """Makes planned rows, one call after another, with everything it needs kept warm.

    Raises `PersonifyError` where it is to sign and has nothing to sign with.
    """

    def __init__(self, settings: WorkSettings) -> None:
        settle_libraries()
        hold_threads(settings.threads)
        if settings.signs and find_credentials() is None:
            raise PersonifyError(
                f"this batch is signed, and there is nothing to sign with on {platform.node()}; {SIGN_EVERYWHERE}"
            )
        self._settings = settings
        self._services = Services(BUILTIN, settings.head)  # words are settled before: no worker asks a language model
        self._services.head()  # an unknown one ends the batch before it begins
        self._store = open_store(settings.store)

    def make(self, planned: Sequence[Planned]) -> Iterator[Outcome]:
        """The outcome of each row, as they come: a bundle in the store, or why there is none."""
        missing = []
        for one in planned:
            there = self._there(one)
            if there is None:
                missing.append(one)
            else:
                yield there
        for drawn in self.draw(missing):
            yield drawn if isinstance(drawn, Failed) else self.finish(drawn)

    def draw(self, planned: Sequence[Planned]) -> Iterator[Drawn | Failed]:
        """The rows with their portraits, drawn in batches of those by one expert with one guidance."""
        for group in batches(planned, self._settings.batch):
            yield from self._draw(group)

    def finish(self, drawn: Drawn) -> Outcome:
        """Lets the portrait speak, and puts the bundle into the store; one that is there already stays."""
        planned, row = drawn.planned, drawn.planned.row
        at = _Where("bundle")
        try:
            if there := whole(self._store, planned):
                return there
            clock = Clock(at)
            clock.seconds.update(drawn.seconds)
            settled = Settled(
                planned.persona, planned.tone, planned.expert, drawn.portrait, seed=planned.seed,
                own_picture=row.image is not None, usage=planned.usage,
            )  # fmt: skip
            with self._store.bundle(row.id) as bundle:
                avatar = finish(settled, self._services, bundle, clock)
            return made(row, avatar.record, planned)
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - one row that fails never stops the others
            return failed(row, at.stage, error)

    def _there(self, planned: Planned) -> Outcome | None:
        """What became of a row whose worker died just after its bundle was published."""
        try:
            return whole(self._store, planned)
        except Exception as error:  # noqa: BLE001 - as above
            return failed(planned.row, "bundle", error)

    def _draw(self, group: Sequence[Planned]) -> Iterator[Drawn | Failed]:
        """One batch; where it can't be drawn, each row by itself, so that one that is poisoned spoils no other."""
        started = time.perf_counter()
        try:
            portraits = self._portraits(group)
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            if len(group) == 1:
                yield failed(group[0].row, "portrait", error)
                return
            portraits = None
        if portraits is None:
            gc.collect()  # the error is gone, and with it what it kept alive: memory may have been what it lacked
            for one in group:
                yield from self._draw([one])
            return
        took = round((time.perf_counter() - started) / len(group), 4)
        for one, portrait in zip(group, portraits, strict=True):
            yield Drawn(one, portrait, one.seconds | {"portrait": took})

    def _portraits(self, group: Sequence[Planned]) -> list[Portrait]:
        from personify.avatar.upload import read_picture

        sittings = [
            Sitting(
                one.persona.appearance,
                one.seed,
                None if one.row.image is None else read_picture(Path(one.row.image)),
            )
            for one in group
        ]
        expert = self._services.experts().get(group[0].expert.name)
        return draw_portraits(sittings, expert=expert, guidance=group[0].row.guidance)


def batches(planned: Iterable[Planned], most: int) -> Iterator[list[Planned]]:
    """Rows that can be drawn at once, `most` of them or fewer: of one expert and guidance, in their order."""
    alike: dict[tuple[str, str | None], list[Planned]] = {}
    for one in planned:
        group = alike.setdefault(kind(one), [])
        group.append(one)
        if len(group) == most:
            yield alike.pop(kind(one))
    yield from alike.values()


def kind(planned: Planned) -> tuple[str, str | None]:
    """What rows must have in common to be drawn at once."""
    return planned.expert.name, planned.row.guidance


class _Where:
    """Remembers which stage was begun last."""

    def __init__(self, stage: FailedAt) -> None:
        self.stage = stage

    def __call__(self, stage: Stage) -> None:
        self.stage = cast(FailedAt, stage.name)
