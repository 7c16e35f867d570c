"""What workers add: `python -m personify.eval.batch.throughput [--workers 2] [--rounds 3] [--json]`.

The same descriptions for each worker are made by one and by so many, in turns, each with everything loaded before.
The driver's own work, planning by rules and hearing of what became of rows, counts.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from personify.avatar.diffusion.device import usable_cores
from personify.eval.batch.parts import planned, tell
from personify.eval.rates import Rate
from personify.pipelines.batch.local import LocalEngine
from personify.pipelines.batch.values import Made
from personify.pipelines.batch.work import WorkSettings

LEAST = 0.85
"""Of what so many workers would do if none was in another's way: two make 1.7 times as much as one."""
ROWS = 12
"""For each worker in a round."""


@dataclass(frozen=True)
class Round:
    """Avatars a minute by one worker and by all."""

    one: float
    all: float

    @property
    def gain(self) -> float:
        """How many times as many all make."""
        return self.all / self.one


def measure(workers: int, rounds: int, *, rows: int = ROWS, batch: int = 4, expert: str | None = None) -> list[Round]:
    """The rates of so many rounds."""
    with tempfile.TemporaryDirectory(prefix="personify-throughput-") as out:
        settings = WorkSettings(str(Path(out)), batch=batch)
        with LocalEngine(settings, workers=1) as one, LocalEngine(settings, workers=workers) as several:
            _rate(one, 1, "warm-one", batch, expert)
            _rate(several, workers, "warm-all", batch, expert)
            return [
                Round(_rate(one, 1, f"one-{n}", rows, expert), _rate(several, workers, f"all-{n}", rows, expert))
                for n in range(rounds)
            ]


def _rate(engine: LocalEngine, workers: int, name: str, rows: int, expert: str | None) -> float:
    """Avatars a minute."""
    started = time.perf_counter()
    outcomes = list(engine.make(planned(rows, name=name, each=workers, expert=expert)))
    took = time.perf_counter() - started
    failures = [outcome for outcome in outcomes if not isinstance(outcome, Made)]
    if failures:
        raise RuntimeError(f"{failures[0].description} could not be made: {failures[0].problem}")
    return 60 * len(outcomes) / took


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=usable_cores())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=ROWS, help="for each worker in a round")
    parser.add_argument("--batch", type=int, default=4, help="portraits that are drawn at once")
    parser.add_argument("--expert", help="who draws; by default the one that fits")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if min(asked.workers, asked.rounds, asked.rows, asked.batch) < 1:
        parser.error("all numbers are 1 or more")
    rounds = measure(asked.workers, asked.rounds, rows=asked.rows, batch=asked.batch, expert=asked.expert)
    rates = [
        Rate("avatars a minute, one worker", median(each.one for each in rounds), asked.rounds),
        Rate(f"avatars a minute, {asked.workers} workers", median(each.all for each in rounds), asked.rounds),
        Rate(
            f"gain of {asked.workers} workers", median(each.gain for each in rounds), asked.rounds,
            least=LEAST * asked.workers if asked.workers > 1 else None,
        ),
    ]  # fmt: skip
    tell(rates, {"rounds": [{"one": e.one, "all": e.all, "gain": e.gain} for e in rounds]}, as_json_too=asked.json)


if __name__ == "__main__":
    main()
