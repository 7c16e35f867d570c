"""Hostile files through import: `python -m personify.eval.travel_fuzz --count 10000` makes and imports that many.

Each goes all the way, as `personify import` takes it: what must come of it is an error of Personify's or a valid avatar
in its folder, soon, with nothing changed but that. The sketch draws, small, and one character in five gets a face of
its own; clips have a few frames. One case in two hundred goes through the command line itself, with nothing made
smaller, and with no limit but that it ends. How long reading a file takes, and how long making its character, is told
apart.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personify.avatar.diffusion.device import usable_cores
from personify.eval.travel_cases import EVIL, Corpus, corpus, damaged
from personify.pipelines.bundle import RECORD, Avatar, open_avatar
from personify.pipelines.persona import Persona
from personify.pipelines.services import Services
from personify.pipelines.travel.arrival import Arrival
from personify.pipelines.travel.importing import import_file
from personify.pipelines.travel.zips import is_bundle
from personify.voices.errors import PersonifyError
from personify.voices.speech import Speech

if TYPE_CHECKING:
    from personify.avatar.mixture import ExpertChoice
    from personify.avatar.portrait import Portrait
    from personify.avatar.video import Clip

SLOW_S = 2.0
"""What reading a file may take, by the clock and of the processor; making its character isn't counted."""
LOST_S = 600.0
"""By the clock: a case that takes longer, in all and on however busy a machine, is ended from outside."""
_ONE_IN = 200
"""Of so many cases one goes through the command line."""
_AGAIN = 2
"""So often a case is run again that took long by the clock alone: perhaps something else kept the machine busy."""
_SMALL_PX = 128
_FEW_FPS = 2.0
_OWN_FACE = 5
"""Of so many portraits one is drawn; the others are the one before."""
_DRAWER = "sketch"
_MINE = "mine.txt"
_TIMES = tuple[float, float]
"""Seconds by the clock, and of the processor."""


class Making(Services):
    """The services as they are, with the quickest expert and small pictures; `spent` is what making took."""

    def __init__(self) -> None:
        super().__init__()
        self.spent: _TIMES = 0.0, 0.0
        self._portrait: Portrait | None = None
        self._asked = 0

    def pick(self, brief: Any, **asked: Any) -> "ExpertChoice":
        """The sketch."""
        return super().pick(brief, name=_DRAWER)

    def draw(self, brief: Any, **asked: Any) -> "Portrait":
        """The portrait, small, or the one before."""
        if self._portrait is None or self._asked % _OWN_FACE == 0:
            self._portrait = self._timed(super().draw, brief, **asked | {"size": _SMALL_PX})
        self._asked += 1
        return self._portrait

    def speak(self, text: str, tone: str, **asked: Any) -> Any:
        """As ever."""
        return self._timed(super().speak, text, tone, **asked)

    def film(self, portrait: "Portrait", speech: Speech, path: Path, *, seed: int, expression: str, **_: Any) -> "Clip":
        """A few frames."""
        from personify.avatar.video import write_clip

        def filmed() -> "Clip":
            frames = self.head().prepare(portrait).animate(speech, seed=seed, fps=_FEW_FPS, expression=expression)
            return write_clip(path, frames, speech, fps=_FEW_FPS)

        return self._timed(filmed)

    def _timed(self, work: Any, *given: Any, **asked: Any) -> Any:
        began = _now()
        try:
            return work(*given, **asked)
        finally:
            self.spent = _sum(self.spent, _since(began))


@dataclass(frozen=True)
class Result:
    """What came of one case."""

    number: int
    form: str
    outcome: str
    reading: _TIMES = (0.0, 0.0)
    making: _TIMES = (0.0, 0.0)
    faults: tuple[str, ...] = ()


@dataclass
class Report:
    """What came of the cases: how often each outcome, the slowest of them, and what went wrong."""

    outcomes: Counter[str] = field(default_factory=Counter)
    results: list[Result] = field(default_factory=list)
    """The slowest, in reading or in making."""
    faults: list[str] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Counts one case."""
        self.outcomes[f"{result.form}: {result.outcome}"] += 1
        self.faults += [f"case {result.number} ({result.form}): {fault}" for fault in result.faults]
        held = [*self.results, result]
        self.results = list(dict.fromkeys([*_slowest(held, "reading"), *_slowest(held, "making")]))

    def lines(self) -> list[str]:
        """For people."""
        told = [f"{count:7,}  {outcome}" for outcome, count in sorted(self.outcomes.items())]
        for how, words in (
            ("refused", "refused with an error of Personify's"),
            ("avatar", "came in as a valid avatar"),
        ):
            count = sum(count for outcome, count in self.outcomes.items() if outcome.split(": ")[1].startswith(how))
            told.append(f"{count:7,}  in all {words}")
        told.append(f"{len(self.faults):7,}  faults: other errors, slow cases, what was written elsewhere")
        for what in ("reading", "making"):
            for each in _slowest(self.results, what):
                wall, own = getattr(each, what)
                told.append(f"slowest in {what}: {wall:.2f} s, {own:.2f} s of CPU: case {each.number}, {each.form}")
        return told + [f"FAULT {fault}" for fault in self.faults]


def run_case(number: int, stuff: Corpus, home: Path, services: Making) -> Result:
    """Makes a case, imports it in a folder of its own below `home`, and looks at what came of it."""
    result = _run(number, stuff, home, services)
    for _ in range(_AGAIN):
        if result.reading[1] > SLOW_S or result.reading[0] <= SLOW_S:
            break
        result = min(result, _run(number, stuff, home, services), key=lambda each: each.reading[0])
    slow = [f"took {_told(result.reading)} to be read"] if max(result.reading) > SLOW_S else []
    return replace(result, faults=(*result.faults, *slow))


def _run(number: int, stuff: Corpus, home: Path, services: Making) -> Result:
    form, data = damaged(number, stuff)
    sand = home / f"case-{number}" / "a" / "b" / "c"
    out = sand / "out"
    out.mkdir(parents=True)
    for folder in (home, *out.relative_to(home).parents, out.relative_to(home)):
        (home / folder / _MINE).write_text(f"mine {folder}", "utf-8")
    path = _laid(form, data, stuff, sand)
    by_command = number % _ONE_IN == 0
    before, faults = _seen(home, out), []
    services.spent = 0.0, 0.0
    began = _now()
    try:
        outcome = _by_command(path, out) if by_command else _valid(import_file(path, Arrival(out), services), out)
    except PersonifyError as error:
        outcome, said = f"refused ({type(error).__name__})", str(error)
        if not said or str(sand) in said.replace(str(path), "").replace(str(path.parent), ""):
            faults.append(f"says {said[:200]!r}")
        if sorted(each.name for each in out.iterdir()) != [_MINE]:
            faults.append("was refused, and left something")
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        outcome = f"{type(error).__name__}"
        faults.append(f"{outcome}: {str(error)[:200]}")
    whole = _since(began)
    changed = sorted(str(path) for path, _ in before ^ _seen(home, out))
    if changed:
        faults.append(f"changed {changed[:3]}")
    escaped = [str(path) for path in _outside() if os.path.lexists(path)]
    if escaped:
        faults.append(f"wrote {escaped}")
    shutil.rmtree(home / f"case-{number}")
    if by_command:  # what its libraries take to load isn't known apart
        services.spent = whole
    reading = max(0.0, whole[0] - services.spent[0]), max(0.0, whole[1] - services.spent[1])
    return Result(number, form, outcome, reading, services.spent, tuple(faults))


def _laid(form: str, data: bytes, stuff: Corpus, sand: Path) -> Path:
    """The file that is imported: a bundle's folder of which the record is damaged, or the case as it is."""
    if form != "record":
        (sand / "file").write_bytes(data)
        return sand / "file"
    (sand / "bundle").mkdir()
    for name, content in (stuff.bundle | {RECORD: data}).items():
        (sand / "bundle" / name).write_bytes(content)
    return sand / "bundle" / RECORD


def _by_command(path: Path, out: Path) -> str:
    """As users get it, in a process of its own: what came of it. Raises what the command says."""
    whole = path.name == RECORD or is_bundle(path)
    told = subprocess.run(
        [
            sys.executable, "-m", "personify.ui.cli", "import", str(path), "--out", str(out), "--json",
            *([] if whole else ["--expert", _DRAWER]),
        ],
        capture_output=True, encoding="utf-8", errors="replace", stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if told.returncode in (1, 2) and "Traceback" not in told.stderr:
        raise PersonifyError(told.stderr.strip().removeprefix("personify: "))
    if told.returncode != 0:
        raise AssertionError(f"ended with {told.returncode}: {told.stderr[-200:]}")
    return f"{_valid(open_avatar(json.loads(told.stdout)['folder']), out)}, by the command line"


def _valid(avatar: Avatar, out: Path) -> str:
    """What an avatar is called that stands whole in its folder, and alone. Raises `AssertionError` where it doesn't."""
    entries = sorted(each.name for each in out.iterdir())
    if entries != sorted((_MINE, avatar.folder.name)):
        raise AssertionError(f"the folder holds {entries}")
    if any(each.is_symlink() or not each.is_file() for each in avatar.folder.iterdir()):
        raise AssertionError("the avatar's folder holds what is no plain file")
    again = open_avatar(avatar.folder)
    if again.record != avatar.record or not all(path.is_file() for path in again.files.values()):
        raise AssertionError("the avatar isn't found as it was made")
    Persona.model_validate_json(again.persona.model_dump_json())
    return f"avatar {'of a card' if again.record.source is not None else 'as it was'}"


def _seen(home: Path, out: Path) -> set[tuple[Path, str]]:
    """All that lies below `home` but for what is in `out`, with its content; and what of ours lies in `out`."""
    files = (path for path in home.rglob("*") if path == out / _MINE or not path.is_relative_to(out))
    return {(path, _content(path)) for path in files}


def _content(path: Path) -> str:
    if path.is_symlink():
        return f"-> {path.readlink()}"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"


def _outside() -> tuple[Path, ...]:
    """Where the zips that lead out of the folder would write."""
    folders = (Path("/"), Path("/etc"), Path("/tmp"), Path.home(), Path.cwd(), Path.cwd().parent)
    return (*(folder / EVIL for folder in folders), Path(f"C:\\{EVIL}"))


def _now() -> _TIMES:
    return time.perf_counter(), time.process_time()


def _since(began: _TIMES) -> _TIMES:
    now = _now()
    return now[0] - began[0], now[1] - began[1]


def _sum(one: _TIMES, other: _TIMES) -> _TIMES:
    return one[0] + other[0], one[1] + other[1]


def _told(times: _TIMES) -> str:
    return f"{times[0]:.1f} s ({times[1]:.1f} s of CPU)"


def _slowest(results: list[Result], what: str) -> list[Result]:
    return sorted(results, key=lambda each: max(getattr(each, what)), reverse=True)[:4]


# --- Several processes, each of which can be ended where a case doesn't end ----------------------------------------


def _work(numbers: range, stuff: Corpus, home: Path, told: Connection) -> None:
    """Runs these cases, telling of each as it begins and as it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who reports
    user, scratch = home / "user", home.with_name(f"{home.name}-scratch")
    for folder in (user / ".cache", scratch):
        folder.mkdir(parents=True)
    os.environ |= {"HOME": str(user), "XDG_CACHE_HOME": str(user / ".cache"), "TMPDIR": str(scratch)}
    tempfile.tempdir = None
    services = Making()
    _warmed(stuff, home, services)
    for number in numbers:
        told.send(number)
        told.send(run_case(number, stuff, home, services))


def _warmed(stuff: Corpus, home: Path, services: Making) -> None:
    """Libraries are loaded, and lay down what they keep, before anybody looks."""
    card = home / "warm.json"
    card.write_text(json.dumps(stuff.cards[3]), "utf-8")
    import_file(card, Arrival(home / "warm"), services)
    shutil.rmtree(home / "warm")
    card.unlink()


@dataclass
class _Worker:
    """One process; `number` is the case in hand, None before its first, and `silent_s` how long nothing was heard."""

    numbers: range
    home: Path
    process: BaseProcess
    told: Connection
    silent_s: float = 0.0
    number: int | None = None


def run_cases(numbers: range, stuff: Corpus, home: Path, jobs: int) -> Report:
    """Runs the cases in so many processes; one that hangs is ended, and the rest goes on. Ctrl-C ends it with what
    came so far."""
    report = Report()
    workers = [_started(numbers[first::jobs], stuff, home / str(first)) for first in range(min(jobs, len(numbers)))]
    try:
        while workers:
            began = time.monotonic()
            wait([worker.told for worker in workers], timeout=1)
            passed_s = min(2.0, time.monotonic() - began)  # a machine that slept is no case that hangs
            for worker in list(workers):
                worker.silent_s += passed_s
                if not _hear(worker, report):
                    workers.remove(worker)
                    workers += _after(worker, stuff, report)
    except KeyboardInterrupt:
        report.faults.append("it was ended before all cases were run")
        for worker in workers:
            worker.process.kill()
            worker.process.join()
    return report


def _started(numbers: range, stuff: Corpus, home: Path) -> _Worker:
    home.mkdir(parents=True)
    context = multiprocessing.get_context("spawn")
    heard, told = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(numbers, stuff, home, told), daemon=True)
    process.start()
    told.close()
    return _Worker(numbers, home, process, heard)


def _hear(worker: _Worker, report: Report) -> bool:
    """Takes what a worker tells; False where it tells no more."""
    try:
        while worker.told.poll():
            said = worker.told.recv()
            worker.silent_s = 0.0
            if isinstance(said, Result):
                report.add(said)
            else:
                worker.number = said
    except EOFError:
        return False
    return worker.silent_s < LOST_S


def _after(worker: _Worker, stuff: Corpus, report: Report) -> list[_Worker]:
    """Whoever goes on after a worker that ended, in the middle of a case perhaps."""
    worker.process.join(timeout=5)
    done = worker.process.exitcode == 0
    if not done:
        worker.process.kill()
        worker.process.join()
    for folder in (worker.home, worker.home.with_name(f"{worker.home.name}-scratch")):
        shutil.rmtree(folder, ignore_errors=True)
    if done:
        return []
    if worker.number is None:
        raise RuntimeError(f"no case could be begun: the process ended with {worker.process.exitcode}")
    why = f"ended its process ({worker.process.exitcode}), or had to be ended after {LOST_S:g} s"
    report.add(Result(worker.number, damaged(worker.number, stuff)[0], "lost", faults=(why,)))
    left = worker.numbers[worker.numbers.index(worker.number) + 1 :]
    return [_started(left, stuff, worker.home)] if left else []


def main() -> None:
    """Reads the arguments, runs the cases and prints what came of them."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=1000)
    asked.add_argument("--start", type=int, default=0, help="the number of the first case")
    asked.add_argument("--bundle", type=Path, help="an avatar to damage; one is made without it")
    asked.add_argument("--jobs", type=int, default=usable_cores(), help="processes at once")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if told.bundle is None:
            from personify.pipelines import Studio

            avatar = Studio(llm="builtin").create("a shy sheep who loves tea", seed=1, expert=_DRAWER, out=folder)
        else:
            avatar = open_avatar(told.bundle)
        began = time.perf_counter()
        numbers = range(told.start, told.start + told.count)
        report = run_cases(numbers, corpus(avatar), Path(folder) / "home", told.jobs)
    run = sum(report.outcomes.values())
    lines = [f"{run:,} cases in {time.perf_counter() - began:.0f} s, {told.jobs} at once", *report.lines()]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(1 if report.faults else 0)


if __name__ == "__main__":
    main()
