"""PersonaGym's five tasks (Samuel et al. 2024, arXiv 2407.18416): their questions for a persona, and the verdicts of a
judge on the answers.

Templates filled from the persona ask the same kind of question of everybody; a judge that can writes questions of its
own instead, and what it fails to write the templates ask.
"""

import json
import random
import re
import threading
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from personify.eval.detection.statistics import Measured, bootstrap
from personify.eval.persona.interview import add_usage, ask, stopping
from personify.eval.persona.judge import Judging, Verdict, judge
from personify.pipelines.chat.engine import ChatEngine, Context, Usage
from personify.pipelines.create import read_text
from personify.pipelines.persona import Persona
from personify.voices.errors import PersonifyError

TASKS = (
    "expected action",
    "action justification",
    "linguistic habits",
    "persona consistency",
    "toxicity control",
)
_LONGEST_QUESTION = 300
_FAILURES_IN_A_ROW = 5

OnPersona = Callable[[int, int], None]


@dataclass(frozen=True)
class Judged:
    """One question of a task to one persona, the answer, and the verdict. `shuffled`: another persona answered the same
    question. `written_by` is "template" or "judge"."""

    persona: int
    task: str
    question: str
    written_by: str
    answer: str
    verdict: Verdict
    shuffled: bool = False


@dataclass(frozen=True)
class _Asked:
    """A question of a task, who wrote it, the answer, and, of the first question, another persona's answer to it."""

    task: str
    question: str
    written_by: str
    answer: str
    others: str | None


@dataclass(frozen=True)
class TaskFigures:
    """A task's mean score from 1 to 5, None where nothing was scored, and how many verdicts were of which state."""

    task: str
    score: Measured | None
    counts: dict[str, int]


@cache
def gym_data() -> dict[str, Any]:
    """The tables of `prompts/persona_judge.toml`."""
    source = files("personify.eval").joinpath("prompts/persona_judge.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def templates(persona: Persona, task: str, count: int, seed: int) -> list[str]:
    """So many of a task's questions, filled from the persona, drawn by the seed; fewer where there are no more."""
    rng = random.Random(f"{seed} {task} {persona.name}")
    moment = rng.choice(persona.life.routine)
    values = {
        "name": persona.name,
        "nature": persona.social.nature,
        "home": persona.social.home,
        "like": rng.choice(persona.personal.likes),
        "dislike": rng.choice(persona.personal.dislikes),
        "value": rng.choice(persona.personal.values),
        "trait": rng.choice(persona.personal.traits),
        "moment": f"{moment.time} you {moment.activity[:1].lower()}{moment.activity[1:].rstrip('.')}.",
        "job": persona.social.occupation or persona.social.nature,
    }
    wordings = next(entry for entry in gym_data()["tasks"] if entry["name"] == task)["questions"]
    chosen = rng.sample(wordings, min(count, len(wordings)))
    return [_filled(wording, values) for wording in chosen]


def run_gym(
    engine: ChatEngine,
    personas: Sequence[Persona],
    model: Judging,
    *,
    per_task: int,
    usage: Usage,
    seed: int = 7,
    own_questions: bool = True,
    workers: int = 4,
    on_persona: OnPersona = lambda done, of: None,
) -> list[Judged]:
    """All tasks for all personas, judged; and the first question of each task judged with the answer that the next
    persona gives to it.

    Raises `PersonifyError` where the engine fails again and again. A judge that fails does so in the verdicts.
    """

    stop = threading.Event()

    def answered(at: int) -> tuple[list[_Asked], Usage]:
        own, pair = Usage(), (personas[at], personas[(at + 1) % len(personas)])
        return _answered(engine, model, pair, per_task, seed + at, own, stop, own_questions=own_questions), own

    def judged(at: int) -> list[Judged]:
        return _judged(model, personas[at], sets[at], at, stop)

    with ThreadPoolExecutor(workers, thread_name_prefix="judge") as pool, stopping(stop):
        sets = []
        for rows, own in pool.map(answered, range(len(personas))):
            sets.append(rows)
            add_usage(usage, own)
        found: list[Judged] = []
        for done, rows_judged in enumerate(pool.map(judged, range(len(personas))), 1):
            found += rows_judged
            on_persona(done, len(personas))
    return found


def task_figures(judged: Sequence[Judged], *, shuffled: bool, seed: int = 0) -> list[TaskFigures]:
    """The figures of every task; the interval is over personas, as one's verdicts depend on one another."""
    found = []
    for task in TASKS:
        counts = dict.fromkeys(("scored", "unsure", "unreadable", "failed"), 0)
        scores: dict[int, list[int]] = {}
        for one in judged:
            if one.task == task and one.shuffled == shuffled:
                counts[one.verdict.state] += 1
                if one.verdict.score is not None:
                    scores.setdefault(one.persona, []).append(one.verdict.score)
        means = [sum(own) / len(own) for own in scores.values()]
        found.append(TaskFigures(task, bootstrap(means, seed=seed) if means else None, counts))
    return found


def _answered(
    engine: ChatEngine,
    model: Judging,
    pair: tuple[Persona, Persona],
    per_task: int,
    seed: int,
    usage: Usage,
    stop: threading.Event,
    *,
    own_questions: bool,
) -> list[_Asked]:
    """What the first of a pair answered, and the second to the same questions, where those are compared; each question
    begins a conversation of its own."""
    persona, other = pair
    rows: list[_Asked] = []
    failures = 0
    for task in TASKS:
        if stop.is_set():
            break
        asked = _written(model, persona, task, per_task) if own_questions else []
        listed = [(question, "judge") for question in asked]
        listed += [(question, "template") for question in templates(persona, task, per_task, seed)]
        compared = False
        for question, by in listed[:per_task]:
            try:
                answer = ask(engine, question, Context(persona=persona, seed=seed), usage)
                others = None if compared else ask(engine, question, Context(persona=other, seed=seed), usage)
            except PersonifyError as error:
                failures += 1
                if failures == _FAILURES_IN_A_ROW:
                    raise PersonifyError(f"the tasks of {persona.name} can't go on: {error}") from error
                continue
            failures, compared = 0, True
            rows.append(_Asked(task, question, by, answer, others))
    return rows


def _judged(model: Judging, persona: Persona, asked: Sequence[_Asked], at: int, stop: threading.Event) -> list[Judged]:
    found: list[Judged] = []
    for one in asked:
        for answer, shuffled in ((one.answer, False), (one.others, True)):
            if answer is not None and not stop.is_set():
                verdict = _verdict(model, persona, one.task, one.question, answer)
                found.append(Judged(at, one.task, one.question, one.written_by, answer, verdict, shuffled))
    return found


def _verdict(model: Judging, persona: Persona, task: str, question: str, answer: str) -> Verdict:
    data = gym_data()
    entry = next(entry for entry in data["tasks"] if entry["name"] == task)
    values = {
        "persona": _as_data(persona),
        "question": _fenced(question),
        "answer": _fenced(answer),
        "task": entry["task"],
        "scale": entry["scale"],
    }
    return judge(model, data["system"], _filled(data["ask"], values))


def _written(model: Judging, persona: Persona, task: str, count: int) -> list[str]:
    """Questions that the judge writes; none where it can't."""
    data = gym_data()
    entry = next(entry for entry in data["tasks"] if entry["name"] == task)
    prompt = _filled(data["write"], {"persona": _as_data(persona), "count": str(count), "about": entry["about"]})
    try:
        text = model.ask(data["system"], prompt, schema=None, max_tokens=120 * count, temperature=0.0).text
    except PersonifyError:
        return []
    listed = re.search(r"\[.*\]", text[:20_000], re.DOTALL)
    try:
        questions = json.loads(listed[0]) if listed else []
    except (ValueError, RecursionError):
        return []
    clean = [read_text(one) for one in questions if isinstance(one, str)]
    usable = [one for one in clean if len(one.split()) >= 3 and len(one) <= _LONGEST_QUESTION]
    return list(dict.fromkeys(usable))[:count]


def _as_data(persona: Persona) -> str:
    """The parts of the record that a judge needs, as JSON."""
    parts = persona.model_dump(mode="json", include={"social", "personal", "life", "speaking"})
    return _fenced(json.dumps(parts, ensure_ascii=False, indent=1))


def _fenced(text: str) -> str:
    """Text that can't end the block that it stands in."""
    return text.replace("<<<", "‹‹‹").replace(">>>", "›››")


def _filled(wording: str, values: dict[str, str]) -> str:
    """The wording with each {name} replaced; braces of other kinds stay."""
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), wording)
