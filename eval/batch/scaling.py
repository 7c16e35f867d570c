"""How a batch scales, and what a million avatars take.

`python -m personify.eval.batch.scaling [--workers 1 2 4] [--ray 1 2] [--rows 24] [--rounds 3] [--json]`

Each engine makes the same descriptions for each of so many workers, in turns with the others. Its rate is counted from
the end of everyone's first chunk, so that what a start takes, told apart, doesn't count; the driver's own work does.
The million is arithmetic on the figures of one local worker; prices are yours to fill in (docs/scaling.md).
"""

import argparse
import contextlib
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING

from personify.eval.batch.parts import descriptions, planned, tell
from personify.eval.batch.planning import rows_of
from personify.eval.rates import Rate
from personify.pipelines.batch.local import LocalEngine
from personify.pipelines.batch.on_ray import RayEngine
from personify.pipelines.batch.outcomes import FOLDER
from personify.pipelines.batch.plan import Planner
from personify.pipelines.batch.values import Made
from personify.pipelines.batch.work import WorkSettings
from personify.pipelines.services import Services

if TYPE_CHECKING:
    from personify.pipelines.batch.engines import Engine

MILLION = 1_000_000
_PLANNED = 200
"""Rows that are planned to see how many a second one driver feeds."""


@dataclass(frozen=True)
class Turn:
    """One engine's turn: avatars a minute once it is going, the seconds until the first one, and the megabytes that its
    workers hold, each the mean of all."""

    rate: float
    first_s: float
    worker_mb: float


@dataclass
class Measured:
    """The turns by engine and workers, the seconds of each stage of avatars that a worker had for itself, and the bytes
    of each file of an avatar."""

    turns: dict[tuple[str, int], list[Turn]] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    planned_a_second: float = 0.0


@dataclass(frozen=True)
class Million:
    """What a million avatars take: hours of one core, gigabytes kept, requests that put objects, and the hours that one
    driver needs to plan them."""

    core_hours: float
    gigabytes: float
    puts: int
    driver_hours: float
    cores_fed: float


def measure(settings: Mapping[str, list[int]], *, rows: int, rounds: int, batch: int, expert: str | None) -> Measured:
    """All engines in turns. `settings`: the numbers of workers to try by engine, `local` or `ray`."""
    told = Measured(planned_a_second=_planning())
    seconds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="personify-scaling-") as folder:
        work = WorkSettings(folder, batch=batch)
        for turn in range(rounds):
            for engine, numbers in settings.items():
                for workers in numbers:
                    name = f"{engine}-{workers}-{turn}"
                    with _engine(engine, work, workers) as made_by:
                        took, made = _turn(made_by, name, rows=rows, batch=batch, expert=expert)
                    told.turns.setdefault((engine, workers), []).append(took)
                    if workers == 1 and engine == "local":
                        for one in made:
                            for stage, s in one.seconds.items():
                                seconds.setdefault(stage, []).append(s)
        told.stages = {stage: median(values) for stage, values in seconds.items()}
        told.files = _bytes(Path(folder) / FOLDER)
    return told


def million(*, seconds: float, kilobytes: float, files: int, planned_a_second: float) -> Million:
    """The arithmetic, from what one avatar takes of one core and of the store."""
    return Million(
        core_hours=MILLION * seconds / 3600,
        gigabytes=MILLION * kilobytes / 1e6,
        puts=MILLION * files,
        driver_hours=MILLION / planned_a_second / 3600,
        cores_fed=planned_a_second * seconds,
    )


def _engine(name: str, settings: WorkSettings, workers: int) -> "Engine":
    if name == "ray":
        return RayEngine(settings, workers=workers)
    return LocalEngine(settings, workers=workers)


def _turn(engine: "Engine", name: str, *, rows: int, batch: int, expert: str | None) -> tuple[Turn, list[Made]]:
    count = rows * engine.workers
    started, times, made = time.perf_counter(), [], []
    held = 0.0
    for outcome in engine.make(planned(rows, name=name, each=engine.workers, expert=expert)):
        if not isinstance(outcome, Made):
            raise RuntimeError(f"{outcome.description} could not be made: {outcome.problem}")
        times.append(time.perf_counter())
        made.append(outcome)
        if len(made) > count // 2:
            held = max(held, _worker_mb(engine.workers))
    return Turn(_rate(times, skipped=batch * engine.workers), times[0] - started, held), made


def _rate(times: Sequence[float], *, skipped: int) -> float:
    """Avatars a minute by when each was done; those of a chunk are done at once, so whole chunks are left out."""
    return 60 * (len(times) - skipped) / max(times[-1] - times[skipped - 1], 1e-9)


def _worker_mb(workers: int) -> float:
    """The mean of the largest processes below this one, so many as there are workers."""
    import psutil

    sizes = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            sizes.append(child.memory_info().rss / 2**20)
    return mean(sorted(sizes)[-workers:]) if sizes else 0.0


def _bytes(folder: Path) -> dict[str, int]:
    """The mean size of each file of a bundle."""
    sizes: Counter[str] = Counter()
    bundles = list(folder.iterdir())
    for bundle in bundles:
        for file in bundle.iterdir():
            sizes[file.name] += file.stat().st_size
    return {name: round(size / len(bundles)) for name, size in sorted(sizes.items())}


def _planning() -> float:
    """Rows a second that one driver plans by rules, each unlike those before."""
    services = Services("builtin")
    list(Planner(services, seed=0).plan(rows_of(["a warm-up"], 0)))  # loads what all need
    rows = list(rows_of(list(islice(descriptions(), _PLANNED)), 0))
    started = time.perf_counter()
    count = sum(1 for _ in Planner(services, seed=0).plan(rows))
    return count / (time.perf_counter() - started)


def _rates(told: Measured) -> list[Rate]:
    alone = median(turn.rate for turn in told.turns["local", 1])
    rates = []
    for (engine, workers), turns in told.turns.items():
        rate = median(turn.rate for turn in turns)
        name = f"{engine}, {workers} worker{'s' if workers > 1 else ''}"
        rates += [
            Rate(f"{name}: avatars a minute", rate, len(turns)),
            Rate(f"{name}: times one local worker", rate / alone, len(turns)),
            Rate(f"{name}: s to the first", median(turn.first_s for turn in turns), len(turns)),
            Rate(f"{name}: MB a worker", median(turn.worker_mb for turn in turns), len(turns)),
        ]
    rates += [Rate(f"s of {stage}", seconds, len(told.turns["local", 1])) for stage, seconds in told.stages.items()]
    rates += [Rate(f"KB of {name}", size / 1000, 1) for name, size in told.files.items()]
    rates.append(Rate("rows a second that a driver plans", told.planned_a_second, _PLANNED))
    whole = _million(told, alone)
    return rates + [Rate(f"a million: {what.replace('_', ' ')}", value, 1) for what, value in asdict(whole).items()]


def _million(told: Measured, rate: float) -> Million:
    return million(
        seconds=60 / rate,
        kilobytes=sum(told.files.values()) / 1000,
        files=len(told.files),
        planned_a_second=told.planned_a_second,
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--workers", type=int, nargs="+", default=[1, 2, 4], help="of the local engine; 1 is among them"
    )
    parser.add_argument("--ray", type=int, nargs="*", default=[1, 2], help="of Ray on this machine")
    parser.add_argument("--rows", type=int, default=24, help="for each worker in a turn; whole batches, two or more")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=4, help="portraits that are drawn at once")
    parser.add_argument("--expert", help="who draws; by default the one that fits")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if min(*asked.workers, *asked.ray, asked.rows, asked.rounds, asked.batch, MILLION) < 1 or 1 not in asked.workers:
        parser.error("all numbers are 1 or more, and 1 is among the --workers")
    if asked.rows % asked.batch or asked.rows < 2 * asked.batch:
        parser.error(
            "--rows is a multiple of --batch, twice as many or more: the first one of each worker doesn't count"
        )
    settings = {"local": sorted(set(asked.workers)), "ray": sorted(set(asked.ray))}
    told = measure(settings, rows=asked.rows, rounds=asked.rounds, batch=asked.batch, expert=asked.expert)
    turns = {f"{engine}-{workers}": [asdict(t) for t in all_] for (engine, workers), all_ in told.turns.items()}
    details = {"turns": turns, "stages_s": told.stages, "bytes": told.files}
    tell(_rates(told), details, as_json_too=asked.json)


if __name__ == "__main__":
    main()
