"""Many who talk at once: visitors without a browser, each at the pace of somebody who listens to the whole answer."""

import random
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from personify.eval.chat import CHARACTERS, QUESTIONS
from personify.eval.speed import Figure
from personify.eval.web.process import AppProcess
from personify.eval.web.visitor import Visitor
from personify.pipelines import Studio

SESSIONS, SECONDS = 20, 180.0
FIRST_S, GROWN_MB = 2.0, 50.0
_THINKS_S = (0.5, 3.0)
"""How long somebody takes to go on talking once they have heard the answer."""
_SETTLES_S = 5.0


@dataclass
class Talked:
    """What all visitors met: seconds to each first sound, how many replies, and what went wrong."""

    first_s: list[float] = field(default_factory=list)
    replies: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Load:
    """How it went: `p95_s` to the first sound, `grown_mb` once all had left, files that were left, what failed."""

    sessions: int
    seconds: float
    replies: int
    median_s: float
    p95_s: float
    worst_s: float
    peak_mb: float
    grown_mb: float
    left: tuple[str, ...]
    errors: tuple[str, ...]


def measure(
    sessions: int = SESSIONS,
    seconds: float = SECONDS,
    *,
    beside: Callable[[str], list[float]] | None = None,
    bundle: Path | None = None,
) -> Load:
    """So many visitors, each for so long. `beside` may look at the same app meanwhile, from its address, with a real
    browser: its seconds to the first sound count too. All meet the character in `bundle`, if given."""
    with AppProcess(warm=bundle is None) as app:
        keys = furnish(app) if bundle is None else [shutil.copytree(bundle, app.shelf / bundle.name).name]
        visit(app.url, keys, min(3, sessions), min(4.0, seconds))  # what is loaded once
        app.leave_alone(60)
        time.sleep(min(_SETTLES_S, seconds))
        before_mb = app.memory_mb
        peak = _Peak(app)
        with ThreadPoolExecutor(1) as pool:
            looking = pool.submit(beside, app.url) if beside else None
            talked = visit(app.url, keys, sessions, seconds)
            if looking is not None:
                try:
                    talked.first_s += looking.result()
                except Exception as error:  # noqa: BLE001 - whatever fails there is a finding
                    talked.errors.append(f"in the browser: {error}")
        peak.end()
        app.leave_alone(60)
        time.sleep(min(_SETTLES_S, seconds))
        grown_mb, left = app.memory_mb - before_mb, app.left_files()
        firsts = sorted(talked.first_s) or [float("inf")]
        return Load(
            sessions + (beside is not None),
            seconds,
            talked.replies,
            round(firsts[len(firsts) // 2], 3),
            round(firsts[min(len(firsts) - 1, int(0.95 * len(firsts)))], 3),
            round(firsts[-1], 3),
            round(peak.mb, 1),
            round(grown_mb, 1),
            tuple(left),
            tuple(talked.errors),
        )


def furnish(app: AppProcess) -> list[str]:
    """Puts characters onto the app's shelf; returns their keys."""
    studio = Studio(llm="builtin")
    return [studio.create(who, seed=7, expert="sketch", out=app.shelf).folder.name for who in CHARACTERS]


def visit(url: str, keys: Sequence[str], sessions: int, seconds: float) -> Talked:
    """So many visitors at once, each talking with one of the characters for so long."""
    talked, lock = Talked(), threading.Lock()

    def one(number: int) -> None:
        dice = random.Random(number)
        try:
            with Visitor(url) as visitor:
                visitor.open(keys[number % len(keys)])
                until = time.monotonic() + seconds
                while time.monotonic() < until:
                    answer = visitor.say(dice.choice(QUESTIONS))
                    with lock:
                        talked.replies += 1
                        talked.errors += answer.troubles
                        if answer.first_s is None:
                            talked.errors.append(f"no sound came with {answer.text!r}")
                        else:
                            talked.first_s.append(answer.first_s)
                    listens_s = max(0.0, answer.sound_s - answer.took_s) + dice.uniform(*_THINKS_S)
                    time.sleep(min(listens_s, max(0.0, until - time.monotonic())))
        except Exception as error:  # noqa: BLE001 - whatever fails is a finding
            with lock:
                talked.errors.append(f"visitor {number}: {type(error).__name__}: {error}")

    with ThreadPoolExecutor(sessions) as pool:
        list(pool.map(one, range(sessions)))
    return talked


class _Peak:
    """The most memory that an app held at once."""

    def __init__(self, app: AppProcess) -> None:
        self.mb = app.memory_mb
        self._app, self._ended = app, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """No longer looks."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.5):
            self.mb = max(self.mb, self._app.memory_mb)


def figures(load: Load) -> list[Figure]:
    """What was measured, beside what it may be."""
    what = f"{load.sessions} sessions, {load.seconds:g} s: "
    said = f"{load.replies} replies, median {1000 * load.median_s:.0f} ms, worst {1000 * load.worst_s:.0f} ms"
    return [
        Figure(f"{what}errors", float(len(load.errors)), "", 0.0, "; ".join(load.errors[:3])),
        Figure(f"{what}to the first sound, 95th percentile", load.p95_s, "s", FIRST_S, said),
        Figure(f"{what}growth after they left", load.grown_mb, "MB", GROWN_MB, f"{load.peak_mb:.0f} MB at most"),
        Figure(f"{what}temporary files left", float(len(load.left)), "", 0.0, ", ".join(load.left[:3])),
    ]
