"""How fast a clip is made, beside the encoder alone on the same frames, and what a long speech costs in memory.

The two are timed in turn, so that whatever else the machine does falls on both.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from personify.avatar.animation import animate
from personify.avatar.portrait import Portrait
from personify.avatar.rig import build_rig
from personify.avatar.video import write_clip
from personify.eval.memory import peak_bytes
from personify.voices.speech import Speech

_SETTLED = 0.1
"""The share of a long speech after which everything that is kept has been made."""


@dataclass(frozen=True)
class Pace:
    """How fast one clip was made; the medians of several rounds."""

    frames_per_s: float
    """Drawing and encoding, with the rig there."""
    encoder_per_s: float
    """The encoder alone on the same frames."""
    first_frame_ms: float
    """From the first piece of speech to the first frame, with the rig there."""
    rig_ms: float
    """Making the rig of the portrait."""
    cpu_ms: float
    """CPU time of one frame, drawn and encoded, on all cores together; other work on the machine hardly changes it."""
    encoder_cpu_ms: float
    """The same of the encoder alone."""


def pace_of(portrait: Portrait, speech: Speech, *, seed: int, expression: str = "neutral", rounds: int = 3) -> Pace:
    """How fast a clip of the portrait is made, from `rounds` rounds of everything in turn."""
    rigs: list[float] = []
    first: list[float] = []
    whole: list[float] = []
    alone: list[float] = []
    whole_cpu: list[float] = []
    alone_cpu: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        for _ in range(rounds):
            with _timed(rigs):
                rig = build_rig(portrait)
            with _timed(first):
                next(animate(rig, iter([speech]), seed=seed, expression=expression))
            with _timed(whole, whole_cpu):
                write_clip(path, animate(rig, speech, seed=seed, expression=expression), speech)
            drawn = list(animate(rig, speech, seed=seed, expression=expression))
            with _timed(alone, alone_cpu):
                write_clip(path, drawn, speech)
    frames = len(drawn)

    def each_ms(seconds: list[float], count: int = 1) -> float:
        return round(float(np.median(seconds)) * 1000 / count, 2)

    return Pace(
        frames_per_s=round(frames / float(np.median(whole)), 1),
        encoder_per_s=round(frames / float(np.median(alone)), 1),
        first_frame_ms=each_ms(first),
        rig_ms=each_ms(rigs),
        cpu_ms=each_ms(whole_cpu, frames),
        encoder_cpu_ms=each_ms(alone_cpu, frames),
    )


@contextmanager
def _timed(wall: list[float], cpu: list[float] | None = None) -> Iterator[None]:
    """Adds the seconds that its body takes: on the clock, and of the CPU in all threads."""
    started, worked = time.perf_counter(), time.process_time()
    yield
    wall.append(time.perf_counter() - started)
    if cpu is not None:
        cpu.append(time.process_time() - worked)


def memory_growth_mb(minutes: float = 10.0) -> float:
    """By how much the peak memory grows over a speech of so many minutes in pieces, MiB, in a process of its own.

    Counted from the moment a tenth of it is done.
    """
    command = [sys.executable, "-m", "personify.eval.lipsync.speed", str(minutes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)["growth_mb"])


def _grow(minutes: float) -> float:
    """Films a long speech into a file that is thrown away."""
    from personify.avatar.brief import AppearanceBrief
    from personify.avatar.portraits import draw_portrait
    from personify.voices import load_tones, speak

    tone = next(iter(load_tones().values()))
    sentence = speak("Bob may buy five very big blue vases for my mother. You know?", tone)
    brief = AppearanceBrief(concept="teapot", category="cartoon", archetype="teapot")
    rig = build_rig(draw_portrait(brief, seed=3, size=256))
    count = max(10, round(minutes * 60 / sentence.duration_s))
    peaks: list[int] = []

    def pieces() -> Iterator[Speech]:
        for _ in range(count):
            peaks.append(peak_bytes())
            yield sentence

    with tempfile.TemporaryDirectory() as folder:
        frames = animate(rig, pieces(), seed=1)
        write_clip(Path(folder) / "long.mp4", frames, (sentence for _ in range(count)))
    return (peak_bytes() - peaks[int(_SETTLED * count)]) / 2**20


if __name__ == "__main__":
    print(json.dumps({"growth_mb": _grow(float(sys.argv[1]))}))  # noqa: T201 - an entry point
