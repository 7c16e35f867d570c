"""The figures of the persona benchmark as one picture: each with its interval, beside the control and chance."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personify.pipelines.draft import draft_file

if TYPE_CHECKING:
    from personify.eval.persona.bench import Figure

_OWN, _CONTROL, _CHANCE, _INK, _GRID = "#2f6fb3", "#c0653a", "#8a8f98", "#22252b", "#e3e5e9"
_ROW_IN, _MARGIN_IN = 0.34, 1.1


def write_plot(path: Path, figures: Sequence["Figure"]) -> None:
    """Writes a PNG: shares from 0 to 1 on the left, judged scores from 1 to 5, if any, on the right."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Picture

    judged = [figure for figure in figures if figure.what.startswith("judged: ")]
    shares = [figure for figure in figures if figure not in judged]
    groups = [(shares, (0.0, 1.0), "share, rank or AUC")] + (
        [(judged, (1.0, 5.0), "score by the judge")] * bool(judged)
    )
    picture = Picture(
        figsize=(7.4 * len(groups), _MARGIN_IN + _ROW_IN * max(len(rows) for rows, *_ in groups)), dpi=130
    )
    FigureCanvasAgg(picture)
    for panel, (rows, span, label) in zip(picture.subplots(1, len(groups), squeeze=False)[0], groups, strict=True):
        for at, figure in enumerate(rows):
            _dot(panel, at - 0.1, figure.value, "o", _OWN)
            _dot(panel, at + 0.16, figure.control, "D", _CONTROL)
            if figure.chance is not None:
                panel.plot(figure.chance, at, "|", ms=11, mew=1.6, color=_CHANCE, zorder=1)
        panel.set_yticks(range(len(rows)), [figure.what.removeprefix("judged: ") for figure in rows], color=_INK)
        panel.set_ylim(len(rows) - 0.4, -0.6)
        panel.set_xlim(span[0] - 0.02 * (span[1] - span[0]), span[1] + 0.02 * (span[1] - span[0]))
        panel.set_xlabel(label, color=_INK)
        panel.grid(True, axis="x", color=_GRID, lw=0.8)
        panel.tick_params(axis="y", length=0)
        for side in ("top", "right", "left"):
            panel.spines[side].set_visible(False)
    for marker, colour, name in (("o", _OWN, "measured"), ("D", _CONTROL, "shuffled"), ("|", _CHANCE, "chance")):
        picture.axes[0].plot([], [], marker, color=colour, ms=6, label=name)
    picture.axes[0].legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, frameon=False, borderaxespad=0.2)
    picture.tight_layout()
    with draft_file(path, force=True) as draft:
        picture.savefig(draft, format="png", metadata={"Software": "Personify"})


def _dot(panel: Any, y: float, measured: Any, marker: str, colour: str) -> None:
    if measured is None:
        return
    panel.plot([measured.low, measured.high], [y, y], color=colour, lw=1.4, zorder=2, solid_capstyle="butt")
    panel.plot(measured.value, y, marker, ms=5.5, color=colour, mec="white", mew=0.6, zorder=3)
