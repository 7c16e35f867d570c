"""`personify bench persona`: an interview of many personas through one engine, measured without a model, and judged by
one where there is one; beside every figure what an engine would get that ignores whom it plays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from personify.eval.detection.statistics import Measured
from personify.eval.persona.authorship import Consistency, consistency, need_sklearn
from personify.eval.persona.cast import cast_of
from personify.eval.persona.facts import Checked, FactFigures, check_facts, fact_figures
from personify.eval.persona.gym import Judged, TaskFigures, run_gym, task_figures
from personify.eval.persona.interview import Answer, interview, shuffled
from personify.eval.persona.judge import Counted, Judging, need_judge
from personify.eval.persona.masking import name_mask
from personify.eval.persona.retrieval import Adherence, adherence
from personify.pipelines.chat.engine import ChatEngine, Usage
from personify.pipelines.persona import Persona

OnStep = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Figure:
    """One measured thing beside the control and chance; `higher` says which way is better."""

    what: str
    value: Measured | None
    control: Measured | None
    chance: float | None = None
    higher: bool = True

    @property
    def told_apart(self) -> bool | None:
        """Whether the whole interval is on the right side of the control's; None where either is missing."""
        if self.value is None or self.control is None:
            return None
        if self.higher:
            return self.value.low > self.control.high
        return self.value.high < self.control.low


@dataclass(frozen=True)
class Measurements:
    """What is measured without a model, of the engine's own answers or of the control's."""

    consistency: Consistency
    adherence: Adherence
    facts: FactFigures


@dataclass(frozen=True)
class Result:
    """All that was found. `judged` is empty without a judge; `notes` say what the reader should know."""

    engine: str
    judge: str | None
    seed: int
    personas: tuple[Persona, ...]
    answers: tuple[Answer, ...]
    checked: tuple[Checked, ...]
    own: Measurements
    control: Measurements
    judged: tuple[Judged, ...]
    usage: Usage
    judge_usage: Usage
    notes: tuple[str, ...]

    @property
    def figures(self) -> list[Figure]:
        """Every figure beside its control."""
        own, other = self.own, self.control
        count = len(self.personas)
        rows = [
            Figure("consistency, all words: accuracy", own.consistency.accuracy, other.consistency.accuracy, 1 / count),
            Figure("consistency, all words: AUC", own.consistency.auc, other.consistency.auc, 0.5),
            Figure(
                "consistency, style alone: accuracy",
                own.consistency.style_accuracy,
                other.consistency.style_accuracy,
                1 / count,
            ),
            Figure("consistency, style alone: AUC", own.consistency.style_auc, other.consistency.style_auc, 0.5),
            Figure("adherence: hits at 1", own.adherence.hits, other.adherence.hits, own.adherence.chance_hits),
            Figure(
                "adherence: mean reciprocal rank",
                own.adherence.reciprocal,
                other.adherence.reciprocal,
                own.adherence.chance_reciprocal,
            ),
            Figure("facts that agree with the record", own.facts.agrees, other.facts.agrees),
            Figure("facts that contradict the record", own.facts.contradicts, other.facts.contradicts, higher=False),
            Figure("facts told alike each time", own.facts.one_another, other.facts.one_another),
        ]
        controls = self.tasks(shuffled=True)
        for mine, theirs in zip(self.tasks(shuffled=False), controls, strict=True):
            rows.append(Figure(f"judged: {mine.task}", mine.score, theirs.score))
        return rows

    def tasks(self, *, shuffled: bool) -> list[TaskFigures]:
        """The judged tasks; none without a judge."""
        return task_figures(self.judged, shuffled=shuffled, seed=self.seed) if self.judged else []


def run(
    engine: ChatEngine,
    *,
    personas: int = 40,
    seed: int = 7,
    judge: Judging | None = None,
    judge_name: str | None = None,
    per_task: int = 2,
    own_questions: bool = True,
    workers: int = 1,
    notes: Sequence[str] = (),
    on_step: OnStep = lambda what, done, of: None,
) -> Result:
    """Interviews, measures and, with a judge, judges; `notes` are those that the reader should know beforehand.

    Raises `BadInput` for fewer than four personas, `MissingExtra` before anything is asked, and `PersonifyError` where
    the engine can't answer, or the judge can't be asked when it begins.
    """
    need_sklearn()
    cast = cast_of(personas, seed)
    usage, judge_usage = Usage(), Usage()
    counted = None if judge is None else Counted(judge)
    if counted is not None:
        judge_usage = counted.usage
        need_judge(counted)
    answers = interview(
        engine,
        cast,
        usage=usage,
        seed=seed,
        workers=workers,
        on_persona=lambda done, of: on_step("interviews", done, of),
    )
    control = shuffled(answers, len(cast), seed)
    checked = check_facts(answers, cast)
    judged: list[Judged] = []
    if counted is not None:
        judged = run_gym(
            engine,
            cast,
            counted,
            per_task=per_task,
            usage=usage,
            seed=seed,
            own_questions=own_questions,
            workers=workers,
            on_persona=lambda done, of: on_step("personas judged", done, of),
        )
    return Result(
        engine=engine.name,
        judge=judge_name if judge is not None else None,
        seed=seed,
        personas=tuple(cast),
        answers=tuple(answers),
        checked=tuple(checked),
        own=_measured(answers, cast, checked, seed),
        control=_measured(control, cast, check_facts(control, cast), seed),
        judged=tuple(judged),
        usage=usage,
        judge_usage=judge_usage,
        notes=(*notes, *_notes(answers, judged, usage)),
    )


def _measured(answers: list[Answer], cast: list[Persona], checked: list[Checked], seed: int) -> Measurements:
    mask = name_mask(cast)
    return Measurements(
        consistency(answers, len(cast), mask, seed),
        adherence(answers, cast, mask, seed),
        fact_figures(checked, len(cast), seed),
    )


def _notes(answers: list[Answer], judged: list[Judged], usage: Usage) -> list[str]:
    failed = [answer for answer in answers if answer.failed]
    notes = [f"{len(failed)} of {len(answers)} answers failed, first: {failed[0].failed}"] if failed else []
    lost = [one for one in judged if one.verdict.state in ("failed", "unreadable")]
    if lost:
        notes.append(f"{len(lost)} of {len(judged)} verdicts failed or could not be read; they are no scores")
    return [*notes, *usage.notes]


def as_json(result: Result) -> dict[str, Any]:
    """The figures for other programs, without the answers."""
    return {
        "engine": result.engine,
        "judge": result.judge,
        "seed": result.seed,
        "personas": len(result.personas),
        "answers": len(result.answers),
        "figures": [
            {
                "what": figure.what,
                "value": _measured_json(figure.value),
                "shuffled": _measured_json(figure.control),
                "chance": figure.chance,
                "told_apart": figure.told_apart,
            }
            for figure in result.figures
        ],
        "facts": result.own.facts.counts,
        "tasks": [
            {"task": task.task, **task.counts, "shuffled": control.counts}
            for task, control in zip(result.tasks(shuffled=False), result.tasks(shuffled=True), strict=True)
        ],
        "usage": _usage_json(result.usage),
        "judge_usage": _usage_json(result.judge_usage),
        "notes": list(result.notes),
    }


def _usage_json(usage: Usage) -> dict[str, float | None]:
    return {
        "tokens_in": usage.tokens_in,
        "tokens_out": usage.tokens_out,
        "requests": usage.requests,
        "cost": usage.cost,
    }


def _measured_json(measured: Measured | None) -> dict[str, float] | None:
    if measured is None:
        return None
    return {"value": measured.value, "low": measured.low, "high": measured.high, "cases": measured.cases}
