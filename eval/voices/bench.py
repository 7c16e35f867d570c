"""`personify bench voices`: every description is heard and judged, the tones are compared, the engines timed."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from personify.eval.detection.statistics import wilson
from personify.eval.rates import Rate, as_json
from personify.eval.voices.cases import Cases, load_cases
from personify.eval.voices.distinct import Distinctness, distinctness, need_librosa, tone_features
from personify.eval.voices.hearing import TRAITS, Judged, hear, judge
from personify.eval.voices.quickness import Quickness, quickness
from personify.pipelines.draft import draft_file
from personify.pipelines.services import Services

ACCURACY = 0.95
"""Of the traits that listeners have an opinion on."""
REAL_TIME = 0.02
"""espeak-ng's processor time for a second of speech: the clock's time is longer where the machine is busy."""
REPORT = "voices.json"

OnStep = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Result:
    """All that was found: every case, the figures beside their targets, the tones' distances, the engines' speed."""

    seed: int
    judged: tuple[Judged, ...]
    rates: tuple[Rate, ...]
    distinct: Distinctness
    quick: tuple[Quickness, ...]

    @property
    def met(self) -> bool:
        """Whether every figure with a target reaches it."""
        return all(rate.met for rate in self.rates)


def run(seed: int = 7, *, path: Path | None = None, on_step: OnStep = lambda what, done, of: None) -> Result:
    """Hears the cases of `path`, by default the project's, with the tones that are ready.

    `on_step` is told what is being done, how much of it is, and of how much. Raises `BadInput` for a file of cases that
    can't be used and `MissingExtra` without librosa.
    """
    from personify.voices.tones import ready_tones

    need_librosa()
    cases, services = load_cases(path), Services()
    judged = judge_all(cases, services, seed, on_step)
    ready = list(ready_tones(services.tones()).values())
    quick = quickness(ready, cases.sentences)
    distinct = distinctness(tone_features(ready, cases.sentences, lambda done, of: on_step("tones", done, of)))
    rates = (*accuracy(judged), *_distances(distinct), *(rate for each in quick for rate in _speed(each)))
    return Result(seed, judged, rates, distinct, tuple(quick))


def judge_all(cases: Cases, services: Services, seed: int, on_step: OnStep) -> tuple[Judged, ...]:
    """Every case, heard and judged."""
    judged = []
    for done, case in enumerate(cases.cases):
        on_step("descriptions", done, len(cases.cases))
        judged.append(judge(case, hear(case, cases, services, seed), cases))
    on_step("descriptions", len(cases.cases), len(cases.cases))
    return tuple(judged)


def accuracy(judged: Sequence[Judged]) -> list[Rate]:
    """The share of acceptable traits, over all of them, of each, and of descriptions with nothing to object to."""
    found = []
    for what, traits in (("traits right", TRAITS), *((f"{trait} right", (trait,)) for trait in TRAITS)):
        opinions = [(each, trait) for each in judged for trait in traits if trait in each.right]
        if opinions:
            wrong = [each.told(trait) for each, trait in opinions if not each.right[trait]]
            found.append(_share(what, len(opinions), wrong, named=len(traits) == 1).held_to(least=ACCURACY))
    objected = [f"{each.case.say} ({each.heard.tone}): {', '.join(each.wrong)}" for each in judged if each.wrong]
    return [*found, _share("all traits of a description right", len(judged), objected)]


def _share(what: str, cases: int, wrong: Sequence[str], *, named: bool = True) -> Rate:
    """The share with its interval; what is wrong is `named` once, not again in the sum over all traits."""
    share = wilson(cases - len(wrong), cases)
    return Rate(what, share.value, cases, tuple(wrong) if named else (), low=share.low, high=share.high)


def _distances(distinct: Distinctness) -> list[Rate]:
    near = tuple(f"{pair.first} and {pair.second}: {pair.distance:.2f}" for pair in distinct.closest)
    return [
        Rate("nearest other tone, median distance", distinct.median, distinct.tones),
        Rate("nearest other tone, least distance", distinct.least, distinct.tones, near),
    ]


def _speed(quick: Quickness) -> list[Rate]:
    cpu = Rate(f"{quick.engine}: processor time for a second of speech, s", quick.cpu, quick.tones)
    wall = Rate(f"{quick.engine}: the same by the clock, s", quick.wall, quick.tones)
    return [cpu.held_to(most=REAL_TIME) if quick.engine == "espeak" else cpu, wall]


def as_report(result: Result) -> dict[str, Any]:
    """The whole result for other programs: the figures, and each description with its voice."""
    return {
        "seed": result.seed,
        "met": result.met,
        "figures": as_json(result.rates),
        "closest tones": [asdict(pair) for pair in result.distinct.closest],
        "cases": [
            {"say": each.case.say, "group": each.case.group, "wrong": list(each.wrong), **_plain(each)}
            for each in result.judged
        ],
    }


def _plain(judged: Judged) -> dict[str, Any]:
    """The voice as JSON knows it: a whisper's pitch is null."""
    heard = asdict(judged.heard)
    return heard | {"pitch_hz": None if judged.heard.pitch_hz != judged.heard.pitch_hz else heard["pitch_hz"]}


def write_report(out: Path, result: Result) -> Path:
    """`as_report` in the folder `out`, in place of an earlier one."""
    target = out.expanduser().absolute() / REPORT
    with draft_file(target, force=True) as work:
        work.write_text(json.dumps(as_report(result), ensure_ascii=False, indent=2) + "\n", "utf-8")
    return target
