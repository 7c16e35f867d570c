"""What people and programs see of a command: one progress line per stage, one closing table, or JSON alone.

Text from outside is shown as it is: never read as markup, never obeyed as a control sequence.
"""

import contextlib
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from personify.ui.stopping import heed

if TYPE_CHECKING:
    from rich.console import Console

    from personify.pipelines import Stage

_WIDE = 4096
_COMMANDS_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What `plain` escapes too, beyond what JSON itself escapes: DEL and C1, marks that turn the line, lone surrogates."""


def plain(text: object) -> str:
    """Text that can't move the cursor or turn the line: control and bidi characters become visible escapes."""
    return "".join(_escaped(char) if _commands(char) else char for char in str(text))


def print_json(value: Any) -> None:
    """The whole answer of a command with `--json`, on stdout; what commands a terminal is escaped, as JSON knows it."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    print(_COMMANDS_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text))  # noqa: T201 - this is the entry point


def print_line(text: str) -> None:
    """One line on stdout."""
    print(plain(text))  # noqa: T201 - this is the entry point


def print_error(text: str) -> None:
    """One line on stderr."""
    print(f"personify: {plain(text)}", file=sys.stderr)  # noqa: T201 - this is the entry point


def print_table(
    rows: Sequence[Sequence[object]], *, columns: Sequence[str] | None = None, title: str | None = None
) -> None:
    """A table on stdout; without `columns` the first column is the label."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=title, box=box.SIMPLE_HEAD if columns else None, show_header=bool(columns), title_justify="left"
    )
    for index, name in enumerate(columns or [""] * len(rows[0])):
        table.add_column(name, style="bold" if index == 0 else "", overflow="fold", no_wrap=index == 0)
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    console(sys.stdout).print(table)


@contextlib.contextmanager
def progress(stages: Sequence[str], *, shown: bool) -> Iterator["Callable[[Stage], None]"]:
    """A bar per stage on stderr while the block runs, of those that aren't named as they begin; none where stderr isn't
    a terminal.

    Whoever tells of a stage hears of a request to stop that got lost before it.
    """
    if not (shown and sys.stderr.isatty()):
        yield lambda stage: heed()
        return
    from rich.progress import BarColumn, Progress, TextColumn

    seconds = TextColumn("{task.fields[seconds]:6.2f} s")
    with Progress(TextColumn("{task.description:<9}"), BarColumn(), seconds, console=console(sys.stderr)) as bars:
        tasks = {name: bars.add_task(name, total=1.0, seconds=0.0) for name in stages}

        def on_stage(stage: "Stage") -> None:
            heed()
            if stage.name not in tasks:
                tasks[stage.name] = bars.add_task(stage.name, total=1.0, seconds=0.0)
            bars.update(tasks[stage.name], completed=stage.share, seconds=stage.seconds)

        yield on_stage


@contextlib.contextmanager
def byte_progress(what: str, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar of the bytes that are here, with rate and time left; none where stderr isn't a terminal."""
    if not (shown and sys.stderr.isatty()):
        yield lambda here, total: None
        return
    from rich import progress as bars

    columns = (
        bars.TextColumn("{task.description}"), bars.BarColumn(), bars.DownloadColumn(), bars.TransferSpeedColumn(),
        bars.TimeRemainingColumn(),
    )  # fmt: skip
    with bars.Progress(*columns, console=console(sys.stderr)) as shown_bars:
        task = shown_bars.add_task(plain(what), total=None)
        yield lambda here, total: shown_bars.update(task, completed=here, total=total)


@contextlib.contextmanager
def batch_progress(*, shown: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each kind of work, begun when it is first told of, with the time left; none where stderr isn't a
    terminal."""
    if not (shown and sys.stderr.isatty()):
        yield lambda what, done, of: None
        return
    from rich import progress as bars

    columns = (
        bars.TextColumn("{task.description}"), bars.BarColumn(), bars.MofNCompleteColumn(), bars.TimeElapsedColumn(),
        bars.TimeRemainingColumn(),
    )  # fmt: skip
    with bars.Progress(*columns, console=console(sys.stderr)) as shown_bars:
        tasks: dict[str, bars.TaskID] = {}

        def tell(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = shown_bars.add_task(plain(what), total=of)
            shown_bars.update(tasks[what], completed=done, total=of)

        yield tell


def console(stream: Any) -> "Console":
    """Where Rich prints: text is never markup, and what goes into a file or a pipe is not folded."""
    from rich.console import Console

    width = None if stream.isatty() else _WIDE
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def _commands(char: str) -> bool:
    return (
        unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}
        or char in "\u200e\u200f\u061c"
        or ("\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069")
    )


def _escaped(char: str) -> str:
    return " " if char in "\n\t" else char.encode("unicode_escape").decode()
