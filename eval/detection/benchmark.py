"""The whole benchmark: the run, its summary and its report, all in one folder."""

from importlib.util import find_spec
from pathlib import Path

from personify.eval.detection.judge import judge
from personify.eval.detection.plan import Settings
from personify.eval.detection.rows import read_rows
from personify.eval.detection.runner import SETTINGS, SWEEP, OnBatch, run
from personify.eval.detection.summary import OVERALL, Summary, summarise, write_summary
from personify.eval.likeness import OnDrawn
from personify.voices.errors import MissingExtra

SUMMARY = "summary.json"
HEADINGS = ("asked", "guidance", "what", "measured", "95 % interval", "of")


def benchmark(
    settings: Settings,
    out: Path,
    *,
    workers: int | None = None,
    on_batch: OnBatch | None = None,
    on_lesson: OnDrawn | None = None,
) -> Summary:
    """Runs what is not done yet and writes `results.csv`, `summary.json`, `report.html` and `report.md` into `out`.

    `on_lesson` hears of the drawings that the likeness classifier learns from, where it has to. Raises what
    `runner.run` raises, and `MissingExtra` before the first picture where libraries are missing.
    """
    from personify.eval.detection.report import write_report

    _need_libraries()
    if settings.judge:
        judge(on_drawn=on_lesson)  # once, before several processes ask for it
    table = run(settings, out, workers=workers, on_batch=on_batch)
    told = Settings.model_validate_json((out / SETTINGS).read_text(encoding="utf-8"))
    sweep = read_rows(out / SWEEP) if told.sweep else []
    summary = summarise(table, sweep, told.model_dump(mode="json"))
    write_summary(summary, out / SUMMARY)
    write_report(out)
    return summary


def rows(summary: Summary) -> list[tuple[str, ...]]:
    """The overall figures as rows of a table; `HEADINGS` are its columns."""
    return [
        (
            group.asked,
            group.guidance,
            name,
            f"{found.value:.4g}",
            f"{found.low:.4g} to {found.high:.4g}",
            str(found.cases),
        )
        for group in summary.groups
        if group.category == OVERALL
        for name, found in group.measures.items()
    ]


def _need_libraries() -> None:
    missing = [name for name in ("jinja2", "matplotlib", "sklearn") if find_spec(name) is None]
    if missing:
        raise MissingExtra(f"the benchmark needs {', '.join(missing)}: pip install 'personify[bench]'")
