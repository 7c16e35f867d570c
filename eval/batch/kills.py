"""Whether a batch survives being killed: `python -m personify.eval.batch.kills [--kills 20] [--rows 24] [--json]`.

A real batch runs by the command line while its driver, or one of its workers, is ended by SIGKILL at random moments;
where it was the driver the same command goes on. A batch that is finished is followed by another one, until there were
so many kills. Afterwards each row of each batch must have one whole bundle or one failure, never both, never twice.
"""

import argparse
import contextlib
import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from personify.eval.batch.parts import descriptions, tell
from personify.eval.rates import Rate
from personify.pipelines import open_avatar
from personify.pipelines.batch.outcomes import FOLDER
from personify.pipelines.batch.rows import read_rows
from personify.voices.errors import PersonifyError

SEED = 7
LONGEST_S = 15.0
"""A kill comes within so many seconds after the one before, or after the command was started."""
RUN_LIMIT_S = 900.0
"""A batch of some rows takes seconds to minutes."""
LEAVE_S = 30.0
"""Workers end within milliseconds of their driver; a machine may be busy."""


@dataclass
class Torment:
    """What happened: the kills by whom they hit, the batches and their rows, and what was found wrong afterwards."""

    kills: Counter[str] = field(default_factory=Counter)
    batches: int = 0
    rows: int = 0
    made: int = 0
    failed: int = 0
    wrong: list[str] = field(default_factory=list)


def torment(
    folder: Path,
    *,
    kills: int,
    rows: int,
    rng: random.Random,
    longest_s: float = LONGEST_S,
    workers: int = 2,
    head: str = "builtin",
    expert: str | None = "sketch",
) -> Torment:
    """Kills so many times, in as many batches of so many rows as that takes, and looks at each afterwards.

    Raises `RuntimeError` where a batch ends by itself in another way than it should, or doesn't end.
    """
    told = Torment()
    file = folder / "rows.csv"
    write_rows(file, rows, expert)
    while sum(told.kills.values()) < kills or not told.batches:
        out = folder / f"batch-{told.batches}"
        command = [
            sys.executable, "-m", "personify.ui.cli", "batch", str(file), "--out", str(out), "--seed", str(SEED),
            "--workers", str(workers), "--head", head, "--llm", "builtin", "--json",
        ]  # fmt: skip
        while not _run(command, told, kills, rng, longest_s):
            pass
        told.batches += 1
        told.rows += rows
        check(file, out, told)
    return told


def write_rows(file: Path, rows: int, expert: str | None) -> None:
    """The file of a batch of so many rows."""
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("description", "expert"))
        writer.writerows((text, expert or "") for text in islice(descriptions(), rows))


def _run(command: list[str], told: Torment, kills: int, rng: random.Random, longest_s: float) -> bool:
    """Starts the command and kills it or its workers now and then; whether it came to its end."""
    with tempfile.TemporaryFile("w+") as err:
        driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=err, env=environment())
        workers: set[int] = set()
        try:
            until = time.monotonic() + RUN_LIMIT_S
            while sum(told.kills.values()) < kills:
                wait(driver, rng.uniform(0, longest_s))
                if driver.poll() is not None:
                    break
                workers |= set(_workers(driver.pid))
                if _kill(driver, rng, told):
                    driver.wait()
                    _see_out(workers)
                    return False
            code = driver.wait(max(1.0, until - time.monotonic()))
        finally:
            driver.kill()
            driver.wait()
        if code not in (0, 1):
            err.seek(0)
            raise RuntimeError(f"the batch ended with {code}: {err.read()[-2000:]}")
        _see_out(workers)
    return True


def _kill(driver: "subprocess.Popen[bytes]", rng: random.Random, told: Torment) -> bool:
    """Kills the driver or one of its workers; whether it was the driver."""
    victims = _workers(driver.pid)
    if not victims or rng.random() < 0.4:
        driver.kill()
        told.kills["driver"] += 1
        return True
    try:
        os.kill(rng.choice(victims), signal.SIGKILL)
    except ProcessLookupError:  # it has just ended
        return False
    told.kills["worker"] += 1
    return False


def _workers(driver: int) -> list[int]:
    import psutil

    try:
        children = psutil.Process(driver).children()
        return [child.pid for child in children if "spawn_main" in " ".join(child.cmdline())]
    except psutil.Error:
        return []


def _see_out(workers: set[int]) -> None:
    """Workers end when their driver does; raises `RuntimeError` where one lives on."""
    until = time.monotonic() + LEAVE_S
    while any(map(_lives, workers)):
        if time.monotonic() > until:
            raise RuntimeError(f"workers outlive their driver: {sorted(workers)}")
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait(driver: "subprocess.Popen[bytes]", seconds: float) -> None:
    """So long, or until it has ended."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        driver.wait(seconds)


def environment() -> Mapping[str, str]:
    """That of a command that finds what this process finds."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def check(file: Path, out: Path, told: Torment) -> None:
    """Each row exactly one whole bundle with its line, or one failure."""
    ids = [row.id for row in read_rows(file, seed=SEED)]
    lines = {name: _lines(out / f"{name}.jsonl", told) for name in ("manifest", "failures")}
    counted = Counter(line["id"] for found in lines.values() for line in found)
    told.wrong += [f"{out.name}: {name} has no line" for name in ids if not counted[name]]
    told.wrong += [f"{out.name}: {name} has {count} lines" for name, count in counted.items() if count > 1]
    told.wrong += [f"{out.name}: {name} is in no row" for name in counted if name not in ids]
    there = sorted(path.name for path in (out / FOLDER).iterdir())
    if there != sorted(line["id"] for line in lines["manifest"]):
        told.wrong.append(f"{out.name}: the folders are not those of the lines")
    for name in there:
        try:
            avatar = open_avatar(out / FOLDER / name)
        except PersonifyError as error:
            told.wrong.append(f"{out.name}: {name} is not whole: {error}")
            continue
        missing = [path.name for path in avatar.files.values() if not path.is_file() or not path.stat().st_size]
        told.wrong += [f"{out.name}: {name} lacks {file}" for file in missing]
    told.made += len(lines["manifest"])
    told.failed += len(lines["failures"])


def _lines(file: Path, told: Torment) -> list[dict]:
    if not file.exists():
        return []
    found = []
    for line in file.read_bytes().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            told.wrong.append(f"{file.parent.name}: {file.name} has a torn line")
    return found


def conclude(told: Torment, victims: Mapping[str, str], kills: int, *, as_json_too: bool) -> None:
    """Tells what became of all, `victims` by what their kills are called; exit code 1 where anything was wrong."""
    rates = [
        *(Rate(what, told.kills[whom], kills) for what, whom in victims.items()),
        Rate("bundles", told.made, told.rows),
        Rate("failures", told.failed, told.rows),
        Rate("rows lost, told twice or half made", len(told.wrong), told.rows, tuple(told.wrong[:10]), most=0),
    ]
    tell(rates, {"batches": told.batches, "wrong": told.wrong}, as_json_too=as_json_too)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=24, help="of each batch")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--expert", default="sketch", help="who draws; any for the one that fits")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and victims")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    expert = None if asked.expert == "any" else asked.expert
    with tempfile.TemporaryDirectory(prefix="personify-kills-") as folder:
        told = torment(
            Path(folder), kills=asked.kills, rows=asked.rows, workers=asked.workers, expert=expert,
            rng=random.Random(asked.seed),
        )  # fmt: skip
    conclude(told, {"kills of workers": "worker", "kills of the driver": "driver"}, asked.kills, as_json_too=asked.json)


if __name__ == "__main__":
    main()
