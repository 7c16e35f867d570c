"""The lip-sync benchmark: clips over all categories and six tones, and the figures beside their targets."""

import json
import os
import platform
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

import numpy as np

from personify.eval.lipsync.score import Score, measure
from personify.eval.lipsync.speed import memory_growth_mb

HEADINGS = ("what", "measured", "target", "")
TONES = 6
_FLAT_MB = 8.0
"""Less than this is the allocator's own noise over a long speech; what grew with it would be hundreds."""


@dataclass(frozen=True)
class Check:
    """One line of the report: a figure over all clips, and whether it meets its target, if it has one."""

    what: str
    value: float
    target: str
    met: bool


def bench(
    clips: int = 40,
    seed: int = 7,
    *,
    expert: str | None = None,
    rounds: int = 1,
    on_clip: Callable[[int, int, str], None] | None = None,
) -> list[Score]:
    """Scores of `clips` clips: the gallery's eight categories, six tones and seven sentences of four languages in turn.

    Each portrait is drawn by the expert that fits its description, as in `create`, or by the `expert` named. `on_clip`
    is told how many are done, of how many, and the next one's name.
    """
    from personify.avatar.detector import FaceMeshDetector
    from personify.avatar.experts import Experts
    from personify.avatar.portraits import draw_portrait
    from personify.eval.gallery import appearance_of, in_turn
    from personify.voices import speak
    from personify.voices.tones import ready_tones

    experts, tones = Experts(), ready_tones()
    chosen = sorted(tones)[:: max(1, len(tones) // TONES)][:TONES]
    sentences = tomllib.loads(files("personify.eval").joinpath("prompts/lipsync.toml").read_text("utf-8"))["sentence"]
    detector = FaceMeshDetector()
    scores = []
    for i, prompt in enumerate(in_turn(clips)):
        tone = chosen[i % len(chosen)]
        sentence = sentences[i % len(sentences)]
        name = f"{prompt} ({tone}, {sentence['language']})"
        if on_clip:
            on_clip(i, clips, name)
        look = appearance_of(prompt, seed)
        portrait = draw_portrait(look, seed=seed, expert=experts.get(experts.choose(look, name=expert).name))
        speech = speak(sentence["text"], tones[tone], language=sentence["language"])
        if portrait.landmarks is not None:
            scores.append(
                measure(portrait, speech, detector, name=name, seed=seed + i, expression=look.expression, rounds=rounds)
            )
    if on_clip:
        on_clip(clips, clips, "memory")
    return scores


def checks(scores: Sequence[Score], growth_mb: float | None = None) -> list[Check]:
    """The figures over all clips beside their targets; the means count, and for `found` every frame."""

    def mean(key: str) -> float:
        values = [getattr(s, key) for s in scores if getattr(s, key) is not None]
        return float(np.nanmean(values)) if values else float("nan")

    def pace(key: str) -> float:
        return float(np.median([getattr(s.pace, key) for s in scores]))

    minutes = sum(s.seconds for s in scores) / 60
    rate = sum(s.blinks for s in scores) / minutes
    share = float(np.median([s.pace.frames_per_s / s.pace.encoder_per_s for s in scores]))
    folds = min(s.least_area for s in scores)
    found = [
        _least("frames in which the face is found", mean("found"), 0.99),
        _least("correlation of the lips' gap, seen and meant", mean("correlation"), 0.9),
        _most("gap at p, b, m, of the largest", mean("closure_gap"), 0.1),
        _most("gap in silence, of the largest", mean("silence_gap"), 0.05),
        _most("mouth against sound, ms", float(np.nanmedian([abs(s.lag_ms) for s in scores])), 40),
        _most("identity's error, eye distances", mean("identity"), 0.03),
        _most("change of the background, levels", max((s.background or 0 for s in scores), default=0), 2),
        Check("least area left of a pixel by the warp", round(folds, 3), "> 0", folds > 0),
        Check("blinks a minute", round(rate, 1), "8 to 25", 8 <= rate <= 25),
        _least("lids at a blink's peak, 1 shut", min(s.shut for s in scores), 0.98),
        _least("frames a second, drawn and encoded", pace("frames_per_s"), 200),
        _least("the same, of the encoder alone", share, 0.5),
        _most("first frame after the first piece, ms", pace("first_frame_ms"), 80),
        Check("CPU ms a frame, drawn and encoded", pace("cpu_ms"), "", True),
        Check("CPU ms a frame of the encoder alone", pace("encoder_cpu_ms"), "", True),
    ]
    if growth_mb is not None:
        found.append(_most("memory's growth over a long speech, MiB", growth_mb, _FLAT_MB))
    return found


def _most(what: str, value: float, limit: float) -> Check:
    return Check(what, round(value, 4), f"<= {limit:g}", value <= limit)


def _least(what: str, value: float, limit: float) -> Check:
    return Check(what, round(value, 4), f">= {limit:g}", value >= limit)


def run(
    clips: int, seed: int, *, expert: str | None = None, rounds: int = 1, minutes: float = 10.0,
    on_clip: Callable[[int, int, str], None] | None = None,
) -> tuple[list[Score], list[Check]]:  # fmt: skip
    """The whole benchmark; with 0 `minutes` memory isn't measured."""
    scores = bench(clips, seed, expert=expert, rounds=rounds, on_clip=on_clip)
    return scores, checks(scores, memory_growth_mb(minutes) if minutes else None)


def rows(found: Sequence[Check]) -> list[tuple[str, str, str, str]]:
    """The report as table rows."""
    return [(check.what, f"{check.value:g}", check.target, _told(check)) for check in found]


def _told(check: Check) -> str:
    return "" if not check.target else "ok" if check.met else "MISSED"


def as_report(scores: Sequence[Score], found: Sequence[Check]) -> dict[str, Any]:
    """What `--json` prints: the machine, the checks and every clip's score."""
    report = {
        "machine": {"system": platform.platform(), "cpus": os.cpu_count(), "processor": platform.processor()},
        "clips": len(scores),
        "all_met": all(check.met for check in found),
        "checks": [asdict(check) for check in found],
        "scores": [asdict(score) for score in scores],
    }
    return dict(json.loads(json.dumps(report, default=float), parse_constant=lambda name: None))  # JSON knows no NaN
