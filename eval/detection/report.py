"""The report: a finished run as one HTML file that can be mailed, and as Markdown with its plots beside it.

Everything that comes from a run (descriptions, categories, settings) is taken for hostile text and escaped.
"""

import base64
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personify.eval.detection import gallery, tables
from personify.eval.detection.cases import in_order
from personify.eval.detection.plots import Plot, draw_plots, write_plots
from personify.eval.detection.rows import Row, read_rows
from personify.eval.detection.summary import OVERALL, Pair, Summary, read_summary
from personify.voices.errors import MissingExtra, PersonifyError

if TYPE_CHECKING:
    from jinja2 import Environment

RESULTS, SWEEP, SUMMARY, PLOTS = "results.csv", "sweep.csv", "summary.json", "plots"
HTML, MARKDOWN, CSS = "report.html", "report.md", "report.css"
HEADLINE = "plausible_first"
FEW = 24
"""So many failures are shown at once; more are folded up."""
_MARKDOWN_MARKS = {mark: f"\\{mark}" for mark in "\\`*_[]|~$"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def write_report(folder: Path) -> None:
    """Writes `report.html`, `report.md` and `plots/*.png` into the folder of a finished run.

    Reads its `results.csv`, `summary.json`, `sweep.csv` (where the trade-off was drawn) and pictures. Raises
    `PersonifyError` where something is missing or can't be read, and `MissingExtra` without matplotlib or Jinja.
    """
    _check(folder)
    summary = read_summary(folder / SUMMARY)
    rows = read_rows(folder / RESULTS)
    swept = len(read_rows(folder / SWEEP)) if (folder / SWEEP).exists() else 0
    plots = draw_plots(summary, rows)
    told = _content(summary, rows, plots, swept)
    px, quality = gallery.size_for(len(gallery.failures(rows)))
    pictures = {
        "successes": [_card(one) for one in gallery.thumbnails(folder, gallery.successes(rows), px, quality)],
        "failures": list(_failures(folder, rows, px, quality)),
        "few": FEW,
    }
    write_plots(plots.values(), folder / PLOTS)
    _write(folder / HTML, _environment(html=True).get_template(HTML).render(told | pictures))
    lines = _environment(html=False).get_template(MARKDOWN).render(told)
    _write(folder / MARKDOWN, re.sub(r"\n{3,}", "\n\n", lines))


def _check(folder: Path) -> None:
    for name in (RESULTS, SUMMARY):
        if not (folder / name).is_file():
            raise PersonifyError(
                f"{folder} holds no finished run: {name} is missing; run `personify bench detection --out {folder}`"
                " to its end"
            )


# ---- what both forms tell


def _content(summary: Summary, rows: list[Row], plots: Mapping[str, Plot], swept: int) -> dict[str, Any]:
    portraits = {row.key for row in rows}
    return {
        "summary": summary,
        "counts": {
            "portraits": len(portraits),
            "pictures": len(rows),
            "descriptions": len({(row.category, row.prompt) for row in rows}),
            "categories": len({row.category for row in rows}),
            "stood_in": len({row.key for row in rows if gallery.stands_in(row)}),
            "swept": swept,
        },
        "headline": _headline(summary.pairs),
        "figures": _first_figures(summary),
        "overall": tables.overall(summary),
        "by_category": tables.by_category(summary),
        "paired": tables.paired(summary),
        "tradeoff": tables.tradeoff(summary),
        "reasons": tables.reasons(rows),
        "meanings": _meanings(summary),
        "settings": _settings(summary.settings),
        "command": command(summary.settings),
        "plots": plots,
        "said": tables.words()["plots"],
        "published": tables.words()["published"],
    }


@dataclass(frozen=True)
class Headline:
    """The run in one sentence: what guidance changed most."""

    guidance: str
    against: str
    asked: str
    difference: tables.Cell
    p: str


def _headline(pairs: Iterable[Pair]) -> Headline | None:
    best = max(
        (pair for pair in pairs if pair.measure == HEADLINE), key=lambda pair: pair.difference.value, default=None
    )
    if best is None:
        return None
    return Headline(best.guidance, best.against, best.asked, tables.points(best), tables.chance(best.p))


def _first_figures(summary: Summary) -> list[tuple[str, str, tables.Cell]]:
    """Who was asked, under which guidance, and how many first attempts were plausible."""
    groups = [group for group in summary.groups if group.category == OVERALL and HEADLINE in group.measures]
    return [(group.asked, group.guidance, tables.told(HEADLINE, group.measures[HEADLINE])) for group in groups]


def _meanings(summary: Summary) -> list[tuple[str, str]]:
    there = in_order(name for group in summary.groups for name in group.measures)
    about = tables.words()["measures"]
    return [(tables.label(name), about[name.partition(":")[0]]["meaning"]) for name in there]


def _settings(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """As words; what was left open is left out."""
    return [(name.replace("_", " "), _plain(value)) for name, value in settings.items() if value not in (None, "", {})]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_plain(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return str(value)


def command(settings: Mapping[str, Any]) -> str:
    """The line that draws the same run again, given the same weights."""
    words = ["personify", "bench", "detection", "--out", "bench-detection"]
    options = {
        "experts": "--experts", "guidances": "--guidance", "prompts": "--prompts", "per_category": "--per-category",
        "seeds": "--seeds", "first_seed": "--first-seed", "attempts": "--attempts", "second": "--second",
        "clip": "--clip",
    }  # fmt: skip
    for name, option in options.items():
        value = settings.get(name)
        if value is not None:
            words += [option, ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)]
    words += ["--sweep"] * (settings.get("sweep") is True) + ["--no-judge"] * (settings.get("judge") is False)
    return shlex.join(words)


# ---- pictures


@dataclass(frozen=True)
class Card:
    """One picture of the gallery, as data URIs, and what stands beneath it."""

    row: Row
    plain: str
    marked: str
    size: tuple[int, int]
    who: tuple[str, ...]
    """Line by line: in which category and how it was drawn, and by whom."""
    reasons: tuple[str, ...]
    note: str


def _card(small: gallery.Thumbnail) -> Card:
    row = small.row
    attempt = f"attempt {row.attempt + 1}" if row.attempt else ""
    who = "the sketch, standing in" if gallery.stands_in(row) else row.expert
    lines = (f"{row.category}, guidance {row.guidance}", f"{who}, seed {row.seed}", attempt)
    return Card(
        row, _data_uri(small.plain, "jpeg"), _data_uri(small.marked, "jpeg"), small.size,
        tuple(line for line in lines if line), tuple(part for part in row.reasons.split("; ") if part), small.note,
    )  # fmt: skip


def _failures(folder: Path, rows: list[Row], px: int, quality: int) -> Iterator[tuple[str, str, list[Card]]]:
    """Who was asked, under which guidance, and every attempt of theirs that failed."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in gallery.failures(rows):
        groups.setdefault((row.asked, row.guidance), []).append(row)
    for (asked, guidance), failed in groups.items():
        yield asked, guidance, [_card(one) for one in gallery.thumbnails(folder, failed, px, quality)]


def _data_uri(data: bytes | None, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}" if data else ""


# ---- templates


@cache
def _environment(*, html: bool) -> "Environment":
    """Jinja with everything escaped: for HTML by Jinja, for Markdown by `_markdown`, which Jinja takes as done."""
    try:
        from jinja2 import DictLoader, Environment, StrictUndefined
        from markupsafe import Markup
    except ImportError as error:
        raise MissingExtra("the report needs Jinja; run: pip install 'personify[bench]'") from error
    ours = {name: _template(name) for name in (HTML, MARKDOWN)}
    environment = Environment(
        loader=DictLoader(ours), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, finalize=_visible if html else _markdown,
    )  # fmt: skip
    environment.globals["css"] = Markup(_template(CSS))
    environment.filters["code"] = lambda text: Markup(" ".join(text.splitlines()))
    environment.globals["uri"] = lambda data: _data_uri(data, "png")
    return environment


def _template(name: str) -> str:
    return files("personify.eval.detection").joinpath(name).read_text(encoding="utf-8")


def _visible(value: Any) -> Any:
    """Text without control characters; anything else as it is."""
    from markupsafe import Markup

    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(mark if mark >= " " or mark in "\n\t" else "\N{REPLACEMENT CHARACTER}" for mark in value)


def _markdown(value: Any) -> Any:
    """One line of Markdown that shows the text as it is."""
    from markupsafe import Markup

    if isinstance(value, Markup):
        return value
    plain = " ".join(str(_visible(str(value))).split())
    return Markup("".join(_MARKDOWN_MARKS.get(mark, mark) for mark in plain))


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(text, encoding="utf-8", errors="replace")
    draft.replace(path)
