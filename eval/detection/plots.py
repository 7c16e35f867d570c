"""Plots: a run's rates, categories, trade-off and spread, each for light and for dark pages."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from personify.avatar.portrait import Guidance
from personify.eval.detection.figures import DARK, LIGHT, LONGEST_LABEL, MARKERS, Theme, legend, panels, png, short
from personify.eval.detection.rows import Row
from personify.eval.detection.statistics import Measured
from personify.eval.detection.summary import OVERALL, Group, Point, Summary
from personify.eval.detection.tables import words

RING = 13
"""Points across; drawn around the default."""


@dataclass(frozen=True)
class Plot:
    """One plot as PNG bytes for both kinds of page. `size`: width and height in the page's pixels, at half the dots."""

    name: str
    light: bytes
    dark: bytes
    size: tuple[int, int]


def draw_plots(summary: Summary, rows: Sequence[Row]) -> dict[str, Plot]:
    """The plots that the run has figures for, by name: rates, categories, tradeoff, spread."""
    makers: dict[str, Callable[[Theme], Any]] = {
        "rates": lambda theme: _rates(summary, theme),
        "categories": lambda theme: _categories(summary, theme),
        "tradeoff": lambda theme: _tradeoff(summary.tradeoff, theme),
        "spread": lambda theme: _spread(rows, theme),
    }
    found = {}
    for name, make in makers.items():
        drawn = [png(make, theme) for theme in (LIGHT, DARK)]
        if drawn[0] is not None and drawn[1] is not None:
            width, height = int.from_bytes(drawn[0][16:20]), int.from_bytes(drawn[0][20:24])
            found[name] = Plot(name, drawn[0], drawn[1], (width // 2, height // 2))
    return found


def write_plots(plots: Iterable[Plot], folder: Path) -> None:
    """`<name>.png` and `<name>-dark.png`, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for plot in plots:
        for name, data in ((plot.name, plot.light), (f"{plot.name}-dark", plot.dark)):
            draft = folder / f".{name}.png.part"
            draft.write_bytes(data)
            draft.replace(folder / f"{name}.png")


# ---- the four plots


def _rates(summary: Summary, theme: Theme) -> Any:
    """Found and plausible, for every expert and guidance: filled on the first attempt, hollow after the schedule."""
    groups = [group for group in summary.groups if group.category == OVERALL]
    kinds = {"Found by the detector": ("found_first", "found"), "Plausible": ("plausible_first", "plausible")}
    if not any(name in group.measures for group in groups for pair in kinds.values() for name in pair):
        return None
    figure, frames = panels(1, 2, 7.6, 1.05 + 0.58 * len(groups), sharey=True)
    published = [words()["published"][key] for key in ("without", "with")]
    everything = [m for g in groups for pair in kinds.values() for name in pair if (m := g.measures.get(name))]
    for panel, (title, names) in zip(frames, kinds.items(), strict=True):
        for at, group in enumerate(groups):
            for name, side in zip(names, (-1, 1), strict=True):
                if name in group.measures:
                    _dot(panel, group.measures[name], at + 0.13 * side, group.guidance, theme, hollow=side > 0)
                    _value(panel, group.measures[name], at + 0.33 * side, theme)
        _share_axis(panel, [m.low for m in everything] + published[:1], theme)
        panel.set_title(title, loc="left")
    for share in published:
        frames[0].axvline(share, color=theme.muted, lw=0.9, ls=(0, (4, 3)), zorder=1)
        frames[0].text(
            share - 0.006, len(groups) - 0.48, f"{100 * share:.1f}", color=theme.muted, fontsize=7, ha="right",
            va="bottom",
        )  # fmt: skip
    _rows(frames[0], _names(groups))
    entries = [(None, "first attempt", False), (None, "after every attempt", True)]
    legend(figure, entries, theme, dashes=words()["published"]["name"])
    return figure


def _categories(summary: Summary, theme: Theme) -> Any:
    """A panel for each expert and measure: categories down, guidance side by side."""
    groups = [group for group in summary.groups if group.category != OVERALL]
    names = {"plausible_first": "Plausible, first attempt", "like": "Told as what was asked for"}
    shown = [name for name in names if any(name in group.measures for group in groups)]
    categories, experts, ways = (
        list(dict.fromkeys(picked)) for picked in zip(*((g.category, g.asked, g.guidance) for g in groups), strict=True)
    ) if groups else ([], [], [])  # fmt: skip
    if len(categories) < 2 or not shown:
        return None
    height = 0.7 + len(categories) * (0.2 + 0.1 * len(ways))
    figure, frames = panels(
        len(experts), len(shown), 7.6, 0.5 + (height + 0.2 * (len(experts) > 1)) * len(experts), sharey=True
    )
    for number, panel in enumerate(frames):
        expert, name = experts[number // len(shown)], shown[number % len(shown)]
        mine = [group for group in groups if group.asked == expert and name in group.measures]
        for group in mine:
            shift = (ways.index(group.guidance) - (len(ways) - 1) / 2) * min(0.2, 0.76 / len(ways))
            _dot(panel, group.measures[name], categories.index(group.category) + shift, group.guidance, theme, size=5.2)
        for at in range(0, len(categories), 2):
            panel.axhspan(at - 0.5, at + 0.5, color=theme.grid, alpha=0.45, lw=0, zorder=0)
        _share_axis(panel, [g.measures[n].low for g in groups for n in shown if n in g.measures], theme)
        title = names[name] if len(experts) == 1 else f"{short(expert)}\n{names[name].lower()}"
        panel.set_title(title, loc="left", parse_math=False)
        _rows(panel, categories)
    legend(figure, [(way, way, False) for way in ways], theme)
    return figure


def _tradeoff(points: Sequence[Point], theme: Theme) -> Any:
    """Likeness against plausibility: a line for each control scale, its points named by strength."""
    x = "like" if any("like" in point.measures for point in points) else "clip"
    shown = [point for point in points if x in point.measures and "plausible_first" in point.measures]
    if len(shown) < 2:
        return None
    figure, (panel,) = panels(1, 1, 7.6, 4.6)
    scales = sorted({point.control_scale for point in shown})
    entries: list[tuple[Any, str, bool]] = []
    lines: list[tuple[list[Point], np.ndarray, str]] = []
    for number, scale in enumerate(scales):
        line = sorted((point for point in shown if point.control_scale == scale), key=lambda point: point.strength)
        colour = theme.series[number % len(theme.series)]
        marker = "osD^vP"[number % 6]
        for point in line:
            if point.default:
                across, up = point.measures[x], point.measures["plausible_first"]
                panel.plot([across.low, across.high], [up.value] * 2, color=colour, lw=1, zorder=1)
                panel.plot([across.value] * 2, [up.low, up.high], color=colour, lw=1, zorder=1)
        at = np.array([[p.measures[x].value, p.measures["plausible_first"].value] for p in line])
        panel.plot(at[:, 0], at[:, 1], color=colour, lw=1.2, alpha=0.6, zorder=2)
        wide = max(4.0, 8 - number)  # points that coincide are seen one inside the other
        panel.plot(at[:, 0], at[:, 1], marker, ms=wide, color=colour, mec=theme.paper, mew=0.8, zorder=4)
        entries.append(((colour, marker), f"control scale {scale:g}", False))
        lines.append((line, at, colour))
    _limits(panel, shown, x)
    _name_points(figure, panel, lines, theme)
    panel.set_xlabel("Told as what was asked for" if x == "like" else "CLIP score")
    panel.set_ylabel("Plausible, first attempt")
    for axis in (panel.xaxis,) * (x == "like") + (panel.yaxis,):
        axis.set_major_formatter(lambda value, _: f"{100 * value:.4g} %")
    panel.grid(True, color=theme.grid, lw=0.8)
    default = next((point for point in shown if point.default), None)
    if default is not None:
        entries.append(((theme.ink, "ring"), f"default: {default.strength:g}, scale {default.control_scale:g}", True))
    legend(figure, entries, theme)
    return figure


def _spread(rows: Sequence[Row], theme: Theme) -> Any:
    """Sharpness and seconds of first attempts: the middle nine tenths thin, the middle half thick, the median a dot."""
    first = [row for row in rows if row.attempt == 0]
    wanted = {"sharp_eyes": "Sharpness, eyes", "sharp_lips": "Sharpness, lips", "seconds": "Seconds an attempt"}
    keys = list(dict.fromkeys((row.asked, row.guidance) for row in first))
    values = {
        name: [
            [v for r in first if (r.asked, r.guidance) == key and (v := getattr(r, name)) is not None] for key in keys
        ]
        for name in wanted
    }
    shown = [name for name in wanted if any(values[name])]
    if not shown:
        return None
    figure, frames = panels(1, len(shown), 7.6, 0.95 + 0.3 * len(keys), sharey=True)
    for panel, name in zip(frames, shown, strict=True):
        for at, ((_, guidance), found) in enumerate(zip(keys, values[name], strict=True)):
            if not found:
                continue
            low, left, middle, right, high = np.percentile(found, (5, 25, 50, 75, 95))
            colour = theme.guidance[guidance]
            panel.plot([low, high], [at, at], color=colour, lw=1.2, zorder=2, solid_capstyle="butt")
            panel.plot([left, right], [at, at], color=colour, lw=5, alpha=0.45, zorder=2, solid_capstyle="butt")
            panel.plot(middle, at, MARKERS[guidance], ms=6, color=colour, mec=theme.paper, mew=0.8, zorder=3)
        panel.set_xlim(left=0)
        panel.grid(True, axis="x", color=theme.grid, lw=0.8)
        panel.set_title(wanted[name], loc="left")
    _rows(frames[0], _key_names(keys))
    return figure


# ---- their parts


def _dot(
    panel: Any, measured: Measured, y: float, guidance: Guidance, theme: Theme, *, hollow: bool = False, size: float = 6
) -> None:
    colour = theme.guidance[guidance]
    panel.plot([measured.low, measured.high], [y, y], color=colour, lw=1.4, zorder=2, solid_capstyle="butt")
    fill, edge = (theme.paper, colour) if hollow else (colour, theme.paper)
    panel.plot(
        measured.value, y, MARKERS[guidance], ms=size, mfc=fill, mec=edge, mew=1.3 if hollow else 0.6, zorder=3,
        clip_on=False,
    )  # fmt: skip


def _value(panel: Any, measured: Measured, y: float, theme: Theme) -> None:
    from matplotlib.patheffects import withStroke

    panel.text(
        measured.value, y, f"{100 * measured.value:.1f}", color=theme.muted, fontsize=7, ha="center", va="center",
        path_effects=[withStroke(linewidth=2.5, foreground=theme.paper)],
    )  # fmt: skip


def _share_axis(panel: Any, shown: Sequence[float], theme: Theme) -> None:
    """Shares from a round tenth below all that is shown up to 100 %."""
    start = max(0.0, min(0.8, np.floor(min(shown, default=0.0) * 10 - 0.2) / 10))
    panel.set_xlim(start - 0.01, 1 + 0.03 * (1 - start))
    step = 0.05 if start >= 0.75 else 0.1 if start >= 0.5 else 0.2
    panel.set_xticks(np.arange(np.ceil(start / step) * step, 1.001, step))
    panel.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    panel.grid(True, axis="x", color=theme.grid, lw=0.8)


def _rows(panel: Any, labels: Sequence[str]) -> None:
    panel.set_yticks(range(len(labels)), [short(label) for label in labels], parse_math=False)
    panel.set_ylim(len(labels) - 0.45, -0.55)
    panel.tick_params(axis="y", length=0)


def _names(groups: Sequence[Group]) -> list[str]:
    return _key_names([(group.asked, group.guidance) for group in groups])


def _key_names(keys: Sequence[tuple[str, Guidance]]) -> list[str]:
    """The guidance alone where there is but one expert."""
    if len({asked for asked, _ in keys}) == 1:
        return [guidance for _, guidance in keys]
    return [f"{short(asked, LONGEST_LABEL - 10)}, {guidance}" for asked, guidance in keys]


def _limits(panel: Any, shown: Sequence[Point], x: str) -> None:
    """Around the points and the default's intervals."""
    for name, setter in ((x, panel.set_xlim), ("plausible_first", panel.set_ylim)):
        seen = [point.measures[name] for point in shown]
        low = min(m.low if point.default else m.value for m, point in zip(seen, shown, strict=True))
        high = max(m.high if point.default else m.value for m, point in zip(seen, shown, strict=True))
        room = 0.08 * max(high - low, 0.02)
        setter(low - room, high + room)


def _name_points(figure: Any, panel: Any, lines: Sequence[tuple[list[Point], np.ndarray, str]], theme: Theme) -> None:
    """Each point's strength beside it where there is most room, and a ring around the default.

    `lines`: points with their places (n, 2) on the axes, and the colour of each line.
    """
    from matplotlib.patheffects import withStroke

    figure.draw_without_rendering()
    taken: list[np.ndarray] = []
    named = []
    for points, places, colour in lines:
        at = panel.transData.transform(places) * 72 / figure.dpi
        named += list(zip(points, places, at, [colour] * len(points), strict=True))
        for start, end in pairwise(at):
            pieces = max(2, int(np.hypot(*(end - start)) / 6))
            taken += list(start + np.linspace(0, 1, pieces, endpoint=False)[:, None] * (end - start))
        taken.append(at[-1])
    for point, place, at, colour in sorted(named, key=lambda one: not one[0].default):
        if point.default:
            panel.plot(*place, "o", ms=RING, mfc="none", mec=theme.ink, mew=1.3, zorder=5)
        reach = 14 if point.default else 10
        spots = [np.array([cos * (reach + 3), sin * reach]) * far for far in (1, 1.7) for cos, sin in _AROUND]
        spot = spots[int(np.argmax([min(9, round(_room(at + spot, taken))) for spot in spots]))]
        taken += [at + spot + (shift, 0) for shift in (-6, 0, 6)]
        panel.annotate(
            f"{point.strength:g}", place, spot, textcoords="offset points", ha="center", va="center", fontsize=7.5,
            zorder=6, color=theme.ink if point.default else colour, fontweight="bold" if point.default else "normal",
            path_effects=[withStroke(linewidth=2, foreground=theme.paper)],
        )  # fmt: skip


def _room(spot: np.ndarray, taken: Sequence[np.ndarray]) -> float:
    """The distance in points from a number of three digits to the nearest place that is taken."""
    away = np.abs(np.array(taken) - spot)
    return float(np.hypot(np.maximum(away[:, 0] - 7, 0), away[:, 1]).min())


_AROUND = [(np.cos(turn), np.sin(turn)) for turn in np.radians(range(60, 420, 30))]
