"""Figures: the colours, letters and frames that the benchmark's plots are drawn with, and how they become PNG.

Colours are Okabe and Ito's (2008, "Color Universal Design"), told apart by the colour-blind; every kind of guidance has
a marker of its own besides, so that the plots read in black and white. Figures are built without pyplot: nothing is
left open, and no setting outlives a plot.
"""

import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from personify.voices.errors import MissingExtra

DPI = 160
COLOURS = 96
"""A PNG keeps so many: enough for smooth edges, and a third of the bytes."""
MARKERS: dict[str, str] = {"none": "o", "control": "s", "pixel": "^", "both": "D"}
LONGEST_LABEL = 26


@dataclass(frozen=True)
class Theme:
    """The colours of one kind of page."""

    name: str
    paper: str
    ink: str
    muted: str
    grid: str
    guidance: dict[str, str]
    series: tuple[str, ...]
    """For lines that stand for something else than guidance."""


LIGHT = Theme(
    "light", "#ffffff", "#1d2126", "#5c6570", "#e3e6ea",
    {"none": "#4d545c", "control": "#0072b2", "pixel": "#d55e00", "both": "#009e73"},
    ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#4d545c", "#e69f00"),
)  # fmt: skip
DARK = Theme(
    "dark", "#181b20", "#e8eaed", "#a3abb5", "#2f353d",
    {"none": "#c3c8ce", "control": "#56b4e9", "pixel": "#e69f00", "both": "#1fbf92"},
    ("#56b4e9", "#e69f00", "#1fbf92", "#cc79a7", "#c3c8ce", "#f0e442"),
)  # fmt: skip


def panels(down: int, across: int, width: float, height: float, *, sharey: bool = False) -> tuple[Any, list[Any]]:
    """A figure of width x height inches, and its axes row by row."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(down, across, sharey=sharey, squeeze=False).ravel())


def legend(figure: Any, entries: Sequence[tuple[Any, str, bool]], theme: Theme, dashes: str | None = None) -> None:
    """Above the panels. An entry: a guidance or (colour, marker) or None for ink, its name, whether it is hollow."""
    from matplotlib.lines import Line2D

    handles = []
    for kind, label, hollow in entries:
        colour, marker = (
            kind if isinstance(kind, tuple) else (theme.guidance.get(kind, theme.ink), MARKERS.get(kind, "o"))
        )
        fill, edge = (theme.paper, colour) if hollow else (colour, theme.paper)
        shape, across = ("o", 9) if marker == "ring" else (marker, 6)
        handles.append(Line2D([], [], ls="", marker=shape, ms=across, mfc=fill, mec=edge, mew=1.2, label=label))
    if dashes:
        handles.append(Line2D([], [], color=theme.muted, lw=0.9, ls=(0, (4, 3)), label=dashes))
    figure.legend(handles=handles, loc="outside upper left", ncols=min(len(handles), 6), handletextpad=0.4)


def short(text: str, longest: int = LONGEST_LABEL) -> str:
    """One line without what can't be printed, cut to so many characters."""
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def png(make: Callable[[Theme], Any], theme: Theme) -> bytes | None:
    """What `make` draws as PNG bytes, the same for the same figures; None where it has nothing to show."""
    from PIL import Image

    with style(theme):
        figure = make(theme)
        if figure is None:
            return None
        raw = io.BytesIO()
        figure.savefig(raw, dpi=DPI, format="png", metadata={"Software": None})
    small = io.BytesIO()
    with Image.open(raw) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


@contextmanager
def style(theme: Theme) -> Iterator[None]:
    """The theme's colours while a plot is drawn; what the font lacks (emoji, say) shows as boxes without a warning."""
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingExtra("plots need matplotlib; run: pip install 'personify[bench]'") from error
    settings: dict[Any, Any] = {
        "figure.facecolor": theme.paper, "axes.facecolor": theme.paper, "savefig.facecolor": theme.paper,
        "text.color": theme.ink, "axes.labelcolor": theme.ink, "xtick.color": theme.muted, "ytick.color": theme.ink,
        "axes.edgecolor": theme.grid, "axes.titlecolor": theme.ink, "font.family": ["DejaVu Sans"], "font.size": 9,
        "axes.titlesize": 9.5, "axes.titleweight": "bold", "axes.titlepad": 8, "xtick.labelsize": 8,
        "ytick.labelsize": 9, "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False,
        "axes.axisbelow": True, "xtick.major.size": 0, "ytick.major.size": 0, "legend.frameon": False,
        "legend.fontsize": 8.5, "legend.borderaxespad": 0.2, "text.usetex": False,
    }  # fmt: skip
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        yield
