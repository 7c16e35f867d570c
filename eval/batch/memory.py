"""Whether a worker's memory stays flat: `python -m personify.eval.batch.memory [--count 500] [--json]`.

One worker makes so many avatars; after each its resident memory is read. The growth is from the median of the ten
around the 50th to that of the last ten.
"""

import argparse
import tempfile
from statistics import median
from typing import Any

import numpy as np

from personify.eval.batch.parts import planned, tell
from personify.eval.rates import Rate
from personify.pipelines.batch.local import LocalEngine
from personify.pipelines.batch.values import Failed
from personify.pipelines.batch.work import WorkSettings

SETTLED = 50
"""By then everything is loaded, and caches hold what they will."""
MOST_GROWTH = 0.05


def resident_mb(count: int, *, expert: str | None = None, batch: int = 4) -> list[float]:
    """The megabytes that a worker held as each of so many avatars was done."""
    import psutil

    held: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="personify-memory-") as out,
        LocalEngine(WorkSettings(out, batch=batch), workers=1) as engine,
    ):
        worker = None
        for outcome in engine.make(planned(count, name="m", expert=expert)):
            if isinstance(outcome, Failed):
                raise RuntimeError(f"{outcome.description} could not be made: {outcome.problem}")
            if worker not in (None, *engine.pids):
                raise RuntimeError(
                    f"the worker {worker} died after {len(held)} avatars; another one's memory says nothing"
                )
            worker = engine.pids[0]
            held.append(psutil.Process(worker).memory_info().rss / 2**20)
    return held


def growth(held: list[float], settled: int = SETTLED) -> float:
    """By which share it grew from the settled one to the last."""
    before, after = median(held[settled - 5 : settled + 5]), median(held[-10:])
    return after / before - 1


def slope_mb(held: list[float], settled: int = SETTLED) -> float:
    """Megabytes more for each hundred avatars, by least squares from the settled one on."""
    rest = held[settled:]
    return float(np.polyfit(np.arange(len(rest)), rest, 1)[0]) * 100


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500, help=f"avatars, more than {SETTLED + 20}")
    parser.add_argument("--expert", help="who draws; by default the one that fits")
    parser.add_argument("--batch", type=int, default=4, help="portraits that are drawn at once")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.count < SETTLED + 20:
        parser.error(f"--count must be {SETTLED + 20} or more")
    held = resident_mb(asked.count, expert=asked.expert, batch=asked.batch)
    rates = [
        Rate(f"growth from the {SETTLED}th to the {asked.count}th", growth(held), asked.count, most=MOST_GROWTH),
        Rate("MB more for each hundred", slope_mb(held), asked.count - SETTLED),
        Rate("MB at the end", median(held[-10:]), 10),
        Rate("MB at most", max(held), asked.count),
    ]
    details: dict[str, Any] = {"resident_mb": [round(mb, 1) for mb in held]}
    tell(rates, details, as_json_too=asked.json)


if __name__ == "__main__":
    main()
