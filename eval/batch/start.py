"""How soon a batch begins: `python -m personify.eval.batch.start`, with `--json` for other programs.

For each format a file of so many rows is read by a fresh process: the seconds until its first row, until that is
planned, until the last one was read, and what the process holds by then. Then a batch in which as many rows are done
goes on: the seconds until its lists agree with its bundles and the planner knows who is there, and until the first row
that is new is planned.
"""

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROWS = 100_000
FORMATS = ("csv", "jsonl", "parquet", "txt")
SEED = 7

_LINKED = 10_000  # file systems allow some 60,000 names of a file

_WHO = ("baker", "smith", "owl", "teapot", "robot", "queen", "fox", "lamp", "wizard", "captain", "cactus", "kettle")
_HOW = ("grumpy", "shy", "wise", "tiny", "brave", "old", "cheerful", "sleepy", "proud", "curious", "stern")
_LOVES = ("astronomy", "rain", "chess", "old maps", "brass bands", "tea", "gardening", "riddles", "the sea", "trains")


def descriptions(rows: int) -> Iterator[str]:
    """So many descriptions; they come round again after a while, as in a file of townspeople."""
    for number in range(rows):
        how, who, loves = _HOW[number % 11], _WHO[number // 11 % 12], _LOVES[number // 132 % 10]
        yield f"a {how} {who} who loves {loves}"


def write(path: Path, rows: int) -> None:
    """A file of so many rows, of the kind that its name says."""
    if path.suffix == ".parquet":
        import pyarrow  # type: ignore[import-untyped]
        from pyarrow import parquet

        parquet.write_table(pyarrow.table({"description": list(descriptions(rows))}), path)
        return
    with path.open("w", newline="", encoding="utf-8") as handle:
        if path.suffix == ".csv":
            writer = csv.writer(handle)
            writer.writerow(["description"])
            writer.writerows([text] for text in descriptions(rows))
        elif path.suffix == ".jsonl":
            handle.writelines(json.dumps({"description": text}) + "\n" for text in descriptions(rows))
        else:
            handle.writelines(text + "\n" for text in descriptions(rows))


def read(path: Path) -> dict[str, float]:
    """Reads a file as a batch does; seconds from before anything is imported."""
    started = time.perf_counter()
    from personify.pipelines.batch.plan import Planner
    from personify.pipelines.batch.rows import read_rows
    from personify.pipelines.batch.values import Row
    from personify.pipelines.services import Services

    rows = read_rows(path, seed=SEED)
    first = next(rows)
    first_s = time.perf_counter() - started
    assert isinstance(first, Row)
    next(Planner(Services("builtin"), seed=SEED).plan(iter([first])))
    planned_s = time.perf_counter() - started
    before_mb, before_s = _held_mb(), time.perf_counter()
    count = 1 + sum(1 for _ in rows)
    return {
        "rows": count,
        "first row (s)": first_s,
        "first row planned (s)": planned_s,
        "all the others read (s)": time.perf_counter() - before_s,
        "processor time of all this (s)": time.process_time(),
        "grown by (MB)": _held_mb() - before_mb,
    }


def done(folder: Path, file: Path) -> None:
    """A batch in which every row of the file is done: the same record in a folder for each, and a line."""
    from personify.pipelines.batch.ledger import MANIFEST
    from personify.pipelines.batch.likeness import fingerprint
    from personify.pipelines.batch.outcomes import FOLDER, made
    from personify.pipelines.batch.rows import read_rows
    from personify.pipelines.batch.values import Row
    from personify.pipelines.bundle import RECORD
    from personify.pipelines.studio import Studio

    avatar = Studio(llm="builtin").create("a grumpy teapot", seed=SEED, expert="sketch", out=folder / "made")
    avatars = folder / "batch" / FOLDER
    avatars.mkdir(parents=True)
    print_of = fingerprint(avatar.persona)
    with (folder / "batch" / MANIFEST).open("w", encoding="utf-8") as manifest:
        for row in read_rows(file, seed=SEED):
            assert isinstance(row, Row)
            line = made(row, avatar.record).model_copy(update={"fingerprint": print_of, "name": row.id})
            manifest.write(line.model_dump_json() + "\n")
            (avatars / row.id).mkdir()
            record = avatars / row.id / RECORD
            if row.number % _LINKED == 1:
                first = record
                record.write_bytes((avatar.folder / RECORD).read_bytes())
            else:
                record.hardlink_to(first)


def go_on(folder: Path, file: Path) -> dict[str, float]:
    """Goes on with such a batch whose file has one more row."""
    started = time.perf_counter()
    from personify.pipelines.batch.ledger import Ledger
    from personify.pipelines.batch.plan import Planner
    from personify.pipelines.batch.rows import read_rows
    from personify.pipelines.batch.store import open_store
    from personify.pipelines.batch.values import Row
    from personify.pipelines.services import Services

    planner = Planner(Services("builtin"), seed=SEED)
    with Ledger.open(open_store(folder / "batch"), retry_failed=False, on_made=planner.remember) as ledger:
        opened_s = time.perf_counter() - started
        rows = (row for row in read_rows(file, seed=SEED) if isinstance(row, Row) and not ledger.settle(row))
        next(planner.plan(rows))
        return {
            "rows done": ledger.made,
            "lists read and agreed (s)": opened_s,
            "first new row planned (s)": time.perf_counter() - started,
            "processor time of all this (s)": time.process_time(),
            "peak (MB)": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def measure(rows: int = ROWS) -> dict[str, dict[str, float]]:
    """The figures, each from a fresh process."""
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in FORMATS:
            write(folder / f"rows.{kind}", rows)
            found[kind] = _fresh("read", folder / f"rows.{kind}")
        file = folder / "rows.txt"
        done(folder, file)
        with file.open("a", encoding="utf-8") as handle:
            handle.write("a newcomer\n")
        found["going on"] = _fresh("go_on", folder, file)
    return found


def _fresh(what: str, *given: Path) -> dict[str, float]:
    call = f"{what}({', '.join(f'Path({str(path)!r})' for path in given)})"
    script = f"import json; from pathlib import Path; from personify.eval.batch.start import {what}; "
    run = subprocess.run(
        [sys.executable, "-c", f"{script}print(json.dumps({call}))"], capture_output=True, text=True, check=True
    )
    said: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return {name: round(value, 2) for name, value in said.items()}


def _held_mb() -> float:
    import psutil

    return float(psutil.Process().memory_info().rss) / 2**20


def main() -> None:
    """The entry point."""
    from personify.eval.batch.parts import machine

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(given.rows)
    if given.json:
        print(json.dumps({"machine": machine()} | found, indent=2))  # noqa: T201 - an entry point
        return
    for what, figures in found.items():
        print(what)  # noqa: T201 - likewise
        for name, value in figures.items():
            print(f"  {name:32} {value:10,.2f}")  # noqa: T201 - likewise


if __name__ == "__main__":
    main()
