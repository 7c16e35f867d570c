"""The run: a plan's batches in this process or in several, each finished one kept, so that a killed run goes on.

A run's folder holds `settings.json`, `parts/` (the rows of each finished batch), `pictures/`, and at the end
`results.csv` and, of the trade-off, `sweep.csv`.
"""

import json
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

from personify.avatar.diffusion.device import usable_cores
from personify.eval.detection.drawing import PARTS, PICTURES, Desk, part_file
from personify.eval.detection.plan import Batch, Settings
from personify.eval.detection.prepare import prepare
from personify.eval.detection.rows import Row, read_rows, write_rows
from personify.voices.errors import BadInput, PersonifyError

_log = logging.getLogger(__name__)
RESULTS, SWEEP, SETTINGS = "results.csv", "sweep.csv", "settings.json"
_PLACES = frozenset({"prompts", "config"})
"""Settings that say where something lies; what lies there is told by the digests."""

_BEGINNINGS = frozenset({PARTS, PICTURES, f".{SETTINGS}.part"})
"""What is there when a run is killed before it has written its settings."""

_WORKER_BYTES = 3_000_000_000
"""Memory that a machine should have for each drawing process; one with the embedded experts takes half of it."""

OnBatch = Callable[[int, int, list[Row]], None]
"""Hears how many batches are done, of how many, and the rows that came; first of all those that were there already."""


def run(settings: Settings, out: Path, *, workers: int | None = None, on_batch: OnBatch | None = None) -> list[Row]:
    """The rows of the whole table, in the order of the plan; the folder `out` holds them, those of the sweep, and the
    pictures.

    `workers`: processes that draw; 0 and 1 draw in this one, None takes `default_workers`. Another number of them may
    change a picture's last bits, as another number of threads does. What `out` holds already of the same run is not
    drawn again. Raises `BadInput` for settings that can't be and for a folder that holds something else or a run with
    other settings, and `PersonifyError` where a batch fails; finished batches are kept in any case.
    """
    if workers is not None and workers < 0:
        raise BadInput(f"{workers} workers were asked for; ask for 0 or more")
    job = prepare(settings)
    _check_folder(out, job.settings)
    for note in job.plan.notes:
        _log.warning(note)
    tell = on_batch or _tell_nobody
    done = {batch.number: read_rows(part_file(out, batch.number)) for batch in job.batches if _is_done(out, batch)}
    tell(len(done), len(job.batches), [row for rows in done.values() for row in rows])
    left = [batch for batch in job.batches if batch.number not in done]
    with closing(_draw(left, job.settings, out, workers)) as drawn:
        for batch, rows in drawn:
            done[batch.number] = rows
            tell(len(done), len(job.batches), rows)
    table = [row for batch in job.batches if not batch.sweep for row in done[batch.number]]
    if job.settings.sweep:
        write_rows((row for batch in job.batches if batch.sweep for row in done[batch.number]), out / SWEEP)
    write_rows(table, out / RESULTS)
    return table


def default_workers() -> int:
    """How many processes draw where nobody says: one where torch sees an accelerator, else one a core, as far as there
    is memory for their models in this machine: as many whatever else it does, because pictures depend on how many
    threads each process has.

    Two processes of one thread each draw a seventh more than one of two: what is not torch runs beside what is.
    """
    try:
        import torch
    except ImportError:
        return usable_cores()
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        return 1
    import psutil

    return max(1, min(usable_cores(), psutil.virtual_memory().total // _WORKER_BYTES))


def _tell_nobody(done: int, of: int, rows: list[Row]) -> None:
    pass


# ---- the folder


def _check_folder(out: Path, settings: Settings) -> None:
    """Refuses a folder that holds anything but this very run."""
    file = out / SETTINGS
    if file.exists():
        _check_same(file, settings)
    elif out.exists() and not out.is_dir():
        raise BadInput(f"{out} is not a folder; give another --out")
    elif out.exists() and any(path.name not in _BEGINNINGS for path in out.iterdir()):
        raise BadInput(f"{out} holds something else than a run of this benchmark; give another --out or empty it")


def _begin_folder(out: Path, settings: Settings) -> None:
    for folder in (PARTS, PICTURES):
        (out / folder).mkdir(parents=True, exist_ok=True)
    file = out / SETTINGS
    if not file.exists():
        _draft(file).write_text(settings.model_dump_json(indent=2) + "\n", encoding="utf-8")
        _draft(file).replace(file)


def _check_same(file: Path, settings: Settings) -> None:
    try:
        there = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PersonifyError(f"{file} can't be read: {error}; give another --out") from error
    if not isinstance(there, dict):
        raise PersonifyError(f"{file} holds no settings; give another --out")
    here = json.loads(settings.model_dump_json())
    for key in here | there:
        if key not in _PLACES and there.get(key) != here.get(key):
            raise BadInput(
                f"{file.parent} holds a run with other settings: {key} is {_short(there.get(key))} there and"
                f" {_short(here.get(key))} now; give another --out, or the settings of that run"
            )


def _draft(file: Path) -> Path:
    return file.with_name(f".{file.name}.part")


def _short(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=False)
    return said if len(said) <= 300 else said[:297] + "..."


def _is_done(out: Path, batch: Batch) -> bool:
    return part_file(out, batch.number).exists()


# ---- drawing


def _draw(
    batches: Sequence[Batch], settings: Settings, out: Path, workers: int | None
) -> Generator[tuple[Batch, list[Row]], None, None]:
    """Each batch with its rows, as they are finished."""
    if not batches:
        return
    desk = Desk(settings, out)
    desk.warm()
    _begin_folder(out, settings)
    many = default_workers() if workers is None else workers
    if many > 1:  # also for the last batch: in this process it would be drawn with more threads than the others
        del desk
        yield from _in_processes(batches, settings, out, many)
        return
    for batch in batches:
        try:
            rows = desk.finish(batch)
        except PersonifyError as error:
            raise _failed(batch, out, error) from error
        yield batch, rows


def _in_processes(
    batches: Sequence[Batch], settings: Settings, out: Path, workers: int
) -> Iterator[tuple[Batch, list[Row]]]:
    before = set(multiprocessing.active_children())
    threads = max(1, usable_cores() // workers)
    many = min(workers, len(batches))
    pool = ProcessPoolExecutor(many, multiprocessing.get_context("spawn"), _begin, (threads,))
    try:
        told = settings.model_dump_json()
        waiting = {pool.submit(_finish, told, out, batch): batch for batch in batches}
        for future in as_completed(waiting):
            yield waiting[future], _rows_of(future, waiting[future], out)
    except (KeyboardInterrupt, GeneratorExit):
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()  # a batch may take a minute, and nobody waits for it any more
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _rows_of(future: Future[list[Row]], batch: Batch, out: Path) -> list[Row]:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise PersonifyError(
            "a drawing process was ended from outside, most likely for want of memory; what is finished is kept in"
            f" {out}: run the same again with fewer --workers"
        ) from error
    except PersonifyError as error:
        raise _failed(batch, out, error) from error


def _failed(batch: Batch, out: Path, error: PersonifyError) -> PersonifyError:
    return PersonifyError(
        f"batch {batch.number} ({batch.title}) failed: {error}; what is finished is kept in {out}, and the same run"
        " goes on from there"
    )


# ---- in another process


def _begin(threads: int) -> None:
    """Shares the cores out, leaves Ctrl-C to the process that began this one, and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):  # read by torch when it is imported, which takes seconds
        os.environ.setdefault(name, str(threads))
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that is killed can't tell its children, and they would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _finish(settings: str, out: Path, batch: Batch) -> list[Row]:
    return _desk(settings, out).finish(batch)


@lru_cache(maxsize=1)
def _desk(settings: str, out: Path) -> Desk:
    """This process's own, with its experts and detectors."""
    return Desk(Settings.model_validate_json(settings), out)
