"""The report of the persona benchmark: table rows, `report.md`, and every answer and verdict as JSON lines."""

import json
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from personify.eval.detection.statistics import Measured
from personify.eval.persona.bench import Figure, Result, as_json
from personify.eval.persona.facts import VERDICTS
from personify.eval.persona.plot import write_plot
from personify.pipelines.draft import disk_errors, draft_file
from personify.voices.errors import BadInput, MissingExtra

HEADINGS = ("what", "measured", "shuffled", "chance", "told apart")
PLOT = "report.png"
STATES = ("scored", "unsure", "unreadable", "failed")
_EXAMPLES = 12


def rows(figures: Iterable[Figure]) -> list[tuple[str, str, str, str, str]]:
    """Table rows: what, its value with the interval, the control's, chance, and whether the two are told apart."""
    verdict = {None: "", True: "yes", False: "no"}
    return [
        (
            figure.what,
            _shown(figure.value),
            _shown(figure.control),
            "" if figure.chance is None else f"{figure.chance:.3f}",
            verdict[figure.told_apart],
        )
        for figure in figures
    ]


def check_folder(folder: Path) -> None:
    """Makes the folder, before anything is measured in vain. Raises `PersonifyError` where that can't be, and
    `MissingExtra` where there is nothing to plot with."""
    if find_spec("matplotlib") is None:
        raise MissingExtra("the report's plot needs matplotlib; install it with: pip install 'personify[bench]'")
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{folder} is a file; name a folder with --out")
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)


def write_report(folder: Path, result: Result) -> list[Path]:
    """Writes report.json, report.md, its plot, answers.jsonl and, where there was a judge, verdicts.jsonl into the
    folder; each replaces the one of an earlier run, whose verdicts go too, and appears whole. Raises `PersonifyError`
    where it can't be written."""
    texts = {
        "report.json": json.dumps(as_json(result), ensure_ascii=False, indent=2) + "\n",
        "report.md": markdown(result),
        "answers.jsonl": _lines(_answers(result)),
    }
    if result.judged:
        texts["verdicts.jsonl"] = _lines(_verdicts(result))
    for name, text in texts.items():
        with draft_file(folder / name, force=True) as draft:
            draft.write_text(text, encoding="utf-8")
    if not result.judged:
        with disk_errors(folder):
            (folder / "verdicts.jsonl").unlink(missing_ok=True)
    write_plot(folder / PLOT, result.figures)
    return [*(folder / name for name in texts), folder / PLOT]


def markdown(result: Result) -> str:
    """The report to read: figures, facts, tasks, and some contradictions to look at."""
    judged_by = f", judged by {_cell(result.judge)}" if result.judge else ""
    parts = [
        "# Persona adherence",
        f"Engine {_cell(result.engine)}{judged_by}; {len(result.personas)} personas, seed {result.seed}, "
        f'{len(result.answers)} answers. 95 % intervals in brackets. "Shuffled": the same figures where every answer '
        "is another persona's.",
        *[f"- {_cell(note)}" for note in result.notes],
        _table(HEADINGS, rows(result.figures)),
        f"![The figures beside those of the control]({PLOT})",
        "## Facts, asked three times each",
        _table(("fact", *VERDICTS), [(fact, *counts.values()) for fact, counts in result.own.facts.counts.items()]),
    ]
    if result.judged:
        tasks = zip(result.tasks(shuffled=False), result.tasks(shuffled=True), strict=True)
        parts += [
            "## The judge's verdicts",
            _table(
                ("task", *STATES, *(f"shuffled: {state}" for state in STATES)),
                [(own.task, *own.counts.values(), *control.counts.values()) for own, control in tasks],
            ),
        ]
    wrong = [one for one in result.checked if one.verdict == "contradicts"][:_EXAMPLES]
    if wrong:
        parts += [
            "## Contradictions",
            _table(
                ("persona", "question", "answer"),
                [(result.personas[w.answer.persona].name, w.answer.question.text, w.answer.text[:200]) for w in wrong],
            ),
        ]
    return "\n\n".join(parts) + "\n"


def _shown(measured: Measured | None) -> str:
    if measured is None:
        return "-"
    return f"{measured.value:.3f} ({measured.low:.3f} to {measured.high:.3f})"


def _table(headings: Iterable[object], lines: Iterable[Iterable[object]]) -> str:
    heads = list(headings)
    table: list[list[object]] = [heads, ["---"] * len(heads), *map(list, lines)]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in table)


def _cell(text: object) -> str:
    """Text that stays within its cell and is no markup, whoever wrote it."""
    plain = " ".join(str(text).split())
    for mark in "\\|`<>[]*_":
        plain = plain.replace(mark, f"\\{mark}")
    return plain


def _answers(result: Result) -> Iterable[dict[str, Any]]:
    verdicts = {id(one.answer): one.verdict for one in result.checked}
    for answer in result.answers:
        question = answer.question
        yield {
            "persona": result.personas[answer.persona].name,
            "description": result.personas[answer.persona].description,
            "conversation": question.conversation,
            "question": question.text,
            "answer": answer.text,
            "failed": answer.failed or None,
            "fact": question.fact,
            "verdict": verdicts.get(id(answer)),
        }


def _verdicts(result: Result) -> Iterable[dict[str, Any]]:
    for one in result.judged:
        yield {
            "persona": result.personas[one.persona].name,
            "task": one.task,
            "question": one.question,
            "written_by": one.written_by,
            "answer": one.answer,
            "shuffled": one.shuffled,
            "state": one.verdict.state,
            "score": one.verdict.score,
            "reason": one.verdict.reason,
            "said": one.verdict.said or None,
        }


def _lines(values: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)
