"""The engine on one machine: worker processes that are replaced when they die.

A row whose worker died is tried once more, alone in a fresh worker; one that is alone when that dies too has failed.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Self

from personify.pipelines.batch.ahead import ReadAhead
from personify.pipelines.batch.cores import default_workers
from personify.pipelines.batch.engines import MOST_DEATHS, ROW_LIMIT_S, check_limits
from personify.pipelines.batch.outcomes import given_up
from personify.pipelines.batch.processes import Broken, Job, WorkerProcess, changed
from personify.pipelines.batch.store import open_store
from personify.pipelines.batch.values import Failed, Outcome, Planned
from personify.pipelines.batch.work import WorkSettings, kind
from personify.voices.errors import PersonifyError
from personify.voices.stopping import check_stop

START_LIMIT_S = 300.0
"""A worker may take so long to start, which takes seconds, on a machine that has too much to do too."""

MOST_FAILED_STARTS = 3
"""When so many workers in a row die before they have started, no more ever will: those that live go on alone."""

_LOOK_S = 0.2
"""How often the engine looks whether it is still wanted while nothing happens."""

_HUNGRY_S = 0.02
"""How often it looks for rows that have just been planned while a worker waits for them."""


class LocalEngine:
    """Makes planned rows with so many worker processes, by default one for each core as far as memory goes.

    `row_limit_s`: how long one row may take before its worker is killed. Use it from one thread; on Linux the workers
    end with that thread. Raises `BadInput` for a number of workers or a limit that is none.
    """

    def __init__(self, settings: WorkSettings, *, workers: int | None = None, row_limit_s: float = ROW_LIMIT_S) -> None:
        check_limits(workers, row_limit_s)
        self.workers = workers or default_workers()
        self._settings, self._row_limit_s = settings, row_limit_s
        self._store = open_store(settings.store)
        self._processes: list[WorkerProcess] = []
        self._waiting: deque[Job] = deque()
        self._again: deque[Job] = deque()
        self._failed_starts = 0

    @property
    def pids(self) -> list[int]:
        """The numbers of the worker processes that live now."""
        return [process.pid for process in self._processes if process.pid is not None]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end(self._processes)

    def make(self, planned: Iterable[Planned | Failed]) -> Iterator[Outcome]:
        """See `Engine`."""
        most = 2 * self.workers * self._settings.batch
        try:
            with ReadAhead(planned, most=most) as ahead:
                while True:
                    check_stop()
                    self._waiting.extend(map(Job, ahead.ready(most - len(self._waiting))))
                    yield from ahead.passed()
                    self._hand_out()
                    if ahead.over and not self._under_way():
                        break
                    changed(self._processes, _HUNGRY_S if self._hungry(ahead) else _LOOK_S)
                    for process in list(self._processes):
                        yield from self._hear(process)
                yield from ahead.passed()
                ahead.check()
        finally:  # who left early wants none of what is under way
            self._waiting.clear()
            self._again.clear()
            self._end([process for process in self._processes if process.jobs])

    def _under_way(self) -> bool:
        return bool(self._waiting or self._again or any(process.jobs for process in self._processes))

    def _hungry(self, ahead: ReadAhead) -> bool:
        """Whether more rows could be begun at once if there were any."""
        return not ahead.over and not self._waiting and any(process.idle for process in self._processes)

    def _hand_out(self) -> None:
        """Gives those who wait something to do, and starts more workers while there are rows for them."""
        for process in self._processes:
            if process.idle and (jobs := self._next()):
                process.give(jobs)
        starting = sum(not process.started for process in self._processes)
        wanted = -(-len(self._waiting) // self._settings.batch) + len(self._again) - starting
        for _ in range(min(wanted, self.workers - len(self._processes))):
            self._processes.append(
                WorkerProcess(self._settings, start_limit_s=START_LIMIT_S, row_limit_s=self._row_limit_s)
            )

    def _next(self) -> list[Job]:
        """What to begin next: a row whose worker died, alone, or else the oldest and those that are drawn like it."""
        if self._again:
            return [self._again.popleft()]
        if not self._waiting:
            return []
        like = kind(self._waiting[0].planned)
        jobs = [job for job in self._waiting if kind(job.planned) == like][: self._settings.batch]
        for job in jobs:
            self._waiting.remove(job)
        return jobs

    def _hear(self, process: WorkerProcess) -> Iterator[Outcome]:
        """What a worker has made; and where it has ended, what becomes of the rest."""
        had_started = process.started
        for message in process.heard():
            if isinstance(message, Broken):
                self._check_any_lives(message.problem)
                continue
            outcome = self._settle(process, message)
            if outcome is not None:
                yield outcome
        if process.started and not had_started:
            self._failed_starts = 0
        process.check_time()
        if process.gone:
            yield from self._bury(process)

    def _settle(self, process: WorkerProcess, outcome: Outcome) -> Outcome | None:
        """An outcome as it counts; None where the row is to be tried again, since memory was full."""
        job = process.jobs.pop(outcome.id)
        if isinstance(outcome, Failed):
            if outcome.kind == "died":
                process.blameless = True
                process.kill()  # what is left of it may take long to end
                job.deaths += 1
                if job.deaths < MOST_DEATHS:
                    self._again.append(job)
                    return None
            return outcome.model_copy(update={"attempts": job.tries})
        return outcome

    def _bury(self, process: WorkerProcess) -> Iterator[Outcome]:
        """Takes a worker that has ended off the list; its rows are tried again, or have failed."""
        self._processes.remove(process)
        how = process.ended_by()
        process.close()
        if not process.started:
            self._failed_starts += 1
            if self._failed_starts >= MOST_FAILED_STARTS:
                self._check_any_lives(
                    f"the last one {how}; where a script of your own starts the batch, keep that below: "
                    'if __name__ == "__main__":'
                )
                self.workers = len(self._processes)
        for job in process.jobs.values():
            job.deaths += 0 if process.blameless else 1
            if process.overdue and process.alone:
                problem = f"it took longer than {self._row_limit_s:g} s; give rows more with --row-limit"
                yield self._give_up(job, problem)
            elif job.deaths >= MOST_DEATHS:
                yield self._give_up(job, f"its worker died over it {job.deaths} times: the last one {how}")
            else:
                self._again.append(job)

    def _check_any_lives(self, problem: str) -> None:
        """Raises `PersonifyError` where no worker ever will start; where others have, those go on without it."""
        if not any(process.started for process in self._processes):
            raise PersonifyError(f"no worker can start: {problem}")

    def _give_up(self, job: Job, problem: str) -> Outcome:
        return given_up(self._store, job.planned, problem, attempts=job.tries)

    def _end(self, processes: Iterable[WorkerProcess]) -> None:
        ending = list(processes)
        for process in ending:
            process.kill()
        for process in ending:
            process.close()
            self._processes.remove(process)
