"""A worker in a process of its own: started, given rows, heard, timed and, where it must be, killed.

Driver and worker share one pipe and nothing else, so a worker that is killed at any moment leaves nothing locked. It
ends by itself when its driver does, however that ends.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from personify.pipelines.batch.cores import thread_environment
from personify.pipelines.batch.outcomes import shortened
from personify.pipelines.batch.values import Failed, Outcome, Planned
from personify.pipelines.batch.work import Worker, WorkSettings
from personify.voices.errors import PersonifyError

_PR_SET_PDEATHSIG = 1  # prctl(2)
_LEAVE_S = 5.0
"""How long a process may take to go once it was killed."""


@dataclass(frozen=True)
class Ready:
    """The worker can be given rows: it has started, or its last ones are done."""


@dataclass(frozen=True)
class Broken:
    """The worker can't start, and why."""

    problem: str


@dataclass
class Job:
    """A row on its way: how often it was begun, and how often its worker died meanwhile."""

    planned: Planned
    tries: int = 0
    deaths: int = 0


class WorkerProcess:
    """One worker process, seen from the driver. Making one starts it; it says that it is `Ready` by itself."""

    def __init__(self, settings: WorkSettings, *, start_limit_s: float, row_limit_s: float) -> None:
        spawn = multiprocessing.get_context("spawn")  # a fork of a process in which torch runs threads waits for ever
        self.pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(
            target=_work, args=(theirs, settings, os.getpid()), name="personify-worker", daemon=True
        )
        with _environment(thread_environment(settings.threads)), _deaf_to_interrupts():
            self._process.start()
        theirs.close()  # the worker has the only one, so the pipe ends when the worker does
        self._row_limit_s = row_limit_s
        self._deadline = time.monotonic() + start_limit_s
        self._gone = False
        self.started = False
        self.overdue = False
        self.idle = False
        self.blameless = False
        """Whether the rows it holds are not why it ends: another one, which it told of, has filled its memory, or it
        was gone before they came."""
        self.alone = False
        """Whether it was given one row alone."""
        self.jobs: dict[str, Job] = {}
        """What it was given and isn't done with, by the rows' ids."""

    @property
    def pid(self) -> int | None:
        """The number of the process."""
        return self._process.pid

    @property
    def sentinel(self) -> int:
        """What can be waited for to learn that the process has ended."""
        return self._process.sentinel

    @property
    def gone(self) -> bool:
        """Whether the process has ended and all it said was heard."""
        return self._gone

    def give(self, jobs: Sequence[Job]) -> None:
        """Lets it begin these rows; to be called while it is idle."""
        self.jobs = {job.planned.row.id: job for job in jobs}
        self.alone, self.idle = len(jobs) == 1, False
        self._deadline = time.monotonic() + self._row_limit_s * len(jobs)
        try:
            self.pipe.send([job.planned for job in jobs])
        except OSError:  # it has died while it waited, which is heard next
            self.blameless = True
        else:
            for job in jobs:
                job.tries += 1

    def heard(self) -> Iterator[Outcome | Broken]:
        """What it has said since the last call; afterwards `gone` tells whether there will be no more."""
        while not self._gone:
            try:
                if not self.pipe.poll():
                    break
                message = self.pipe.recv()
            except (EOFError, OSError):
                self._gone = True
                break
            if isinstance(message, Ready):
                self.started = self.idle = True
            else:
                self._deadline = time.monotonic() + self._row_limit_s * max(1, len(self.jobs) - 1)
                yield message

    def check_time(self) -> None:
        """Kills it where what it does takes too long, which `overdue` then tells."""
        if not self.idle and not self.overdue and time.monotonic() > self._deadline:
            self.overdue = True
            self._process.kill()

    def ended_by(self) -> str:
        """How it ended, as a part of a sentence; to be asked once it is `gone`."""
        self._process.join(_LEAVE_S)
        code = self._process.exitcode
        if code is None:  # it has closed its pipe and lives on
            self._process.kill()
            return "stopped to answer"
        if code >= 0:
            return f"ended with exit code {code}"
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        why = ", probably because memory was full" if name == "SIGKILL" else ""
        return f"was ended by {name}{why}"

    def kill(self) -> None:
        """Ends it at once, whatever it is at."""
        self._process.kill()

    def close(self) -> None:
        """Lets go of it, once it was killed or is gone."""
        self._process.join(_LEAVE_S)
        self.pipe.close()
        with contextlib.suppress(ValueError):  # it is still about to end
            self._process.close()


def changed(processes: Sequence[WorkerProcess], timeout_s: float) -> None:
    """Waits until one of them has something to say, or for so long."""
    wait([one for process in processes for one in (process.pipe, process.sentinel)], timeout_s)


def _work(pipe: Connection, settings: WorkSettings, driver: int) -> None:
    """The life of a worker process."""
    _end_with_driver(driver)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's to hear
    _share_no_locks()
    with contextlib.suppress(OSError, EOFError):  # the driver is gone
        try:
            worker = Worker(settings)
        except Exception as error:  # noqa: BLE001 - whatever it is, the driver tells it
            told = str(error) if isinstance(error, PersonifyError) else f"{type(error).__name__}: {error}"
            pipe.send(Broken(shortened(told)))
            return
        while True:
            pipe.send(Ready())
            for outcome in worker.make(pipe.recv()):
                pipe.send(outcome)
                if isinstance(outcome, Failed) and outcome.kind == "died":
                    return  # its memory was full: what comes next gets a fresh one


def _share_no_locks() -> None:
    """Progress bars make a lock that processes share, of which Python complains where its maker is killed."""
    with contextlib.suppress(ImportError):
        from tqdm import tqdm

        tqdm.set_lock(threading.RLock())


def _end_with_driver(driver: int) -> None:
    """Ends this process when its driver ends, also by `kill -9`, and also in the middle of a long computation."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent is None or os.getppid() != driver:
        os._exit(1)
    threading.Thread(target=_follow, args=(parent,), name="personify-driver", daemon=True).start()


def _follow(parent: Any) -> None:
    parent.join()
    os._exit(1)


@contextlib.contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    """Within the block processes that are started find these in their environment."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Within the block Ctrl-C waits; a process that is started inherits that, and never hears one."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
