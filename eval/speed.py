"""How fast and how large Personify is on this machine, each figure beside its target.

Warm figures are taken in this process after one unmeasured round; cold ones in fresh processes. The median of several
runs counts.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

DESCRIPTION = "a grumpy teapot who loves astronomy"
THREE_SECONDS = "The stars are late tonight, and so is my tea."
"""About 3 s of speech in an ordinary tone, the length that the targets speak of."""


@dataclass(frozen=True)
class Figure:
    """One measured thing: the median of `runs`, and the most that it may be, in `unit`."""

    what: str
    value: float
    unit: str
    target: float | None = None
    note: str = ""
    runs: tuple[float, ...] = ()

    @property
    def met(self) -> bool:
        """Whether it is within its target, if it has one."""
        return self.target is None or self.value <= self.target


def measure(runs: int = 5) -> list[Figure]:
    """Measures everything. The cold figures come first: a child's peak memory starts from what its parent holds."""
    return [*_cold(runs), *_parts(runs), *_voices(runs), *_warm(runs)]


def _cold(runs: int) -> list[Figure]:
    """Fresh processes: from the command to the finished bundle, its peak memory, an import and a help text."""
    importing = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"
    found = []
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "personify.ui.cli", "create", DESCRIPTION, "--seed", "7", "--json", "--force"]
        whole = [_run([*command, "--out", folder]) for _ in range(min(runs, 3))]  # a few seconds each
        found.append(_figure("cold process to finished bundle", [run.seconds for run in whole], "s", 10.0))
        found.append(_figure("peak memory of it", [run.peak_mb for run in whole], "MB", 1500.0))
    imports = [float(_run([sys.executable, "-c", importing.format("personify.pipelines")]).said) for _ in range(runs)]
    studio = [
        float(_run([sys.executable, "-c", importing.format("personify.pipelines.studio")]).said) for _ in range(runs)
    ]
    helps = [_run([sys.executable, "-m", "personify.ui.cli", "--help"]).seconds for _ in range(runs)]
    found.append(_figure("import personify.pipelines", imports, "s", 0.3))
    found.append(_figure("the same with Studio", studio, "s"))
    found.append(_figure("personify --help", helps, "s", 0.5))
    return found


def _parts(runs: int) -> list[Figure]:
    """The parts alone, warm."""
    from personify.avatar.detector import FaceMeshDetector
    from personify.avatar.experts import SKETCH, SketchExpert
    from personify.avatar.orders import Order, Steer
    from personify.pipelines.services import Services

    services, detector = Services(), FaceMeshDetector()
    persona = services.write(DESCRIPTION, seed=7)
    tone = services.choose(persona.voice).name
    image = services.draw(persona.appearance, seed=7, expert=SKETCH).image
    spoken = services.speak(THREE_SECONDS, tone, voice=persona.voice).duration_s
    note = f"{spoken:.1f} s of sound"
    sketch, orders = SketchExpert(), [Order(persona.appearance, 7, None, 512)]
    return [
        _timed("one sketch", lambda: sketch.draw(orders, Steer("none")), runs, 0.15),
        _timed("landmarks of a picture", lambda: detector.find(image), 4 * runs, 0.015),
        _timed("speech", lambda: services.speak(THREE_SECONDS, tone, voice=persona.voice), runs, 0.05, note),
    ]


def _voices(runs: int) -> list[Figure]:
    """espeak-ng with effects, the slowest of every eighth tone that has some: processor time, which a busy machine
    doesn't lengthen."""
    from personify.voices import load_tones, speak, speak_stream

    tones = [tone for tone in load_tones().values() if tone.model == "espeak" and tone.effects][::8]
    reply = [f"{THREE_SECONDS} ", "And", " more."]
    shares: list[list[float]] = []
    firsts: list[list[float]] = []
    for tone in tones:
        length_s = speak(THREE_SECONDS, tone).duration_s  # the first time warms up
        whole, first = partial(speak, THREE_SECONDS, tone), partial(_first, speak_stream, reply, tone)
        shares.append([_cpu_s(whole) / length_s for _ in range(runs)])
        firsts.append([_cpu_s(first) for _ in range(runs)])
    note = f"processor time, the slowest of {len(tones)} tones with effects"
    return [
        _figure(
            "espeak-ng with effects, as a share of the speech", max(shares, key=statistics.median), "x", 0.02, note
        ),
        _figure("first sound of a reply after its first sentence", max(firsts, key=statistics.median), "s", 0.06, note),
    ]


def _first(stream: Callable[..., Iterator[Any]], *arguments: Any) -> Any:
    return next(stream(*arguments))


def _cpu_s(work: Callable[[], Any]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _warm(runs: int) -> list[Figure]:
    """Whole avatars by a warm studio, and its stages."""
    from personify.pipelines import STAGES, Studio

    studio = Studio()
    seconds: list[float] = []
    stages: list[dict[str, float]] = []
    lengths: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for run in range(runs + 1):
            started = time.perf_counter()
            avatar = studio.create(DESCRIPTION, seed=7, out=folder, force=True)
            if run:  # the first warms up
                seconds.append(time.perf_counter() - started)
                stages.append(avatar.record.seconds)
                lengths.append(_wav_seconds(avatar.files["greeting"]))
    note = f"a greeting of {statistics.median(lengths):.1f} s"
    found = [_figure("warm create", seconds, "s", 3.0, note)]
    for name in STAGES:
        took = [stage[name] for stage in stages if name in stage]
        if name == "clip":
            ratio = [mine / length for mine, length in zip(took, lengths, strict=True)]
            found.append(_figure("  clip", took, "s"))
            found.append(_figure("  clip, as a share of the speech", ratio, "x", 1.0))
        elif took:
            found.append(_figure(f"  {name}", took, "s"))
    return found


def as_report(figures: list[Figure]) -> dict[str, Any]:
    """What `--json` prints: the machine, the versions and every figure with its runs."""
    from personify.avatar.diffusion.device import usable_cores
    from personify.pipelines.bundle import library_versions, now

    return {
        "measured": now(),
        "machine": {"system": platform.platform(), "cpus": usable_cores(), "processor": platform.processor()},
        "versions": library_versions(),
        "all_met": all(figure.met for figure in figures),
        "figures": [asdict(figure) | {"met": figure.met} for figure in figures],
    }


def write_report(path: Path, figures: list[Figure]) -> None:
    """Writes the report as JSON, whole or not at all."""
    from personify.pipelines.draft import draft_file

    with draft_file(path.absolute(), force=True) as work:
        work.write_text(json.dumps(as_report(figures), indent=2) + "\n", encoding="utf-8")


def rows(figures: list[Figure]) -> list[tuple[str, str, str, str]]:
    """The report as table rows."""
    return [
        (
            figure.what,
            _said(figure.value, figure.unit) + (f" ({figure.note})" if figure.note else ""),
            "" if figure.target is None else f"<= {_said(figure.target, figure.unit)}",
            "" if figure.target is None else ("ok" if figure.met else "MISSED"),
        )
        for figure in figures
    ]


def tell(figures: list[Figure], *, as_json: bool) -> None:
    """Prints a benchmark's figures, the end of its command; exit code 1 where a target is missed."""
    if as_json:
        print(json.dumps(as_report(figures), indent=2))  # noqa: T201 - an entry point
    else:
        for what, value, target, state in rows(figures):
            print(f"{what:<52} {value:<50} {target:<12} {state}")  # noqa: T201 - an entry point
    if not all(figure.met for figure in figures):
        raise SystemExit(1)


@dataclass(frozen=True)
class _Run:
    seconds: float
    peak_mb: float
    said: str


def _run(command: list[str]) -> _Run:
    """A fresh process: its wall time, the most memory it held at once, and what it said."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err)
        peak_mb, code = _wait(process)
        seconds = time.perf_counter() - started
        out.seek(0)
        err.seek(0)
        if code:
            raise RuntimeError(f"{' '.join(command)} failed with {code}: {err.read()[-500:]}")
        return _Run(seconds, peak_mb, out.read())


def _wait(process: "subprocess.Popen[bytes]") -> tuple[float, int]:
    if not hasattr(os, "wait4"):
        return _watch(process)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # so that Popen doesn't wait for what is gone
    per_mb = 2**20 if sys.platform == "darwin" else 2**10  # bytes on macOS, KiB on Linux
    return usage.ru_maxrss / per_mb, process.returncode


def _watch(process: "subprocess.Popen[bytes]") -> tuple[float, int]:
    """Windows has no wait4; psutil asks the process while it runs."""
    import psutil

    peak = 0
    child = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            peak = max(peak, child.memory_info().rss)
        except psutil.Error:
            break
        time.sleep(0.02)
    return peak / 2**20, process.wait()


def _timed(what: str, work: Callable[[], Any], runs: int, target: float, note: str = "") -> Figure:
    work()  # the first time warms up
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return _figure(what, seconds, "s", target, note)


def _figure(what: str, runs: list[float], unit: str, target: float | None = None, note: str = "") -> Figure:
    return Figure(what, round(statistics.median(runs), 4), unit, target, note, tuple(round(run, 4) for run in runs))


def _said(value: float, unit: str) -> str:
    if unit == "s" and value < 1:
        return f"{value * 1000:.0f} ms"
    if unit == "x" and value < 0.1:
        return f"{value:.4f} {unit}"
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.2f} {unit}"


def _wav_seconds(path: Path) -> float:
    import wave

    with wave.open(str(path)) as sound:
        return sound.getnframes() / sound.getframerate()
