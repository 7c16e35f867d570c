"""The rows of a file as they stand there: CSV, JSON Lines, Parquet and plain lines, each row's cells by their column.

Files come from outside and may be of any size: they are read as a stream, lines within a limit. It knows nothing of
what the columns mean, beyond their names.
"""

import codecs
import csv
import io
import itertools
import json
import math
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any, TextIO

from personify.voices.errors import BadInput, MissingExtra

COLUMNS = ("description", "id", "count", "seed", "tone", "expert", "guidance", "image", "depth", "strict")

STDIN = "-"

MOST_CHARS = 2**20
"""Of one line; what is longer is cut, and its row is a bad one."""

_MOST_CELL = 2**17  # the csv module's own limit, which is the whole process's and stays as it is
_MOST_HEADER = 2**16
_FIRST_LINES = 100  # the first whole object of JSON Lines is looked for in so many
_ROWS_AT_ONCE = 32  # of Parquet; cells may be large
_SHOWN = 1000
_BUFFER = 2**20
_DELIMITERS = ",;\t"
_NOT_UTF8 = re.compile("[\udc80-\udcff]")  # how undecodable bytes are kept until someone looks
_SUFFIXES = {
    ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".parquet": "parquet", ".pq": "parquet", ".txt": "lines",
}  # fmt: skip


@dataclass(frozen=True)
class Cells:
    """One row: its number, what stands in its columns, and what keeps it from being read, if anything does.

    `number`: from 1; of lines and JSON Lines that of the line, else that of the row after the header. `cells` holds no
    empty ones. `raw` is what stands there, or as much of it as tells it from others.
    """

    number: int
    cells: dict[str, Any]
    problem: str | None = None
    raw: str = ""


def read_cells(path: Path) -> Iterator[Cells]:
    """The rows of a file by its name: .csv, .tsv, .jsonl, .ndjson, .parquet, .pq, .txt, or `-` for lines from stdin.

    Raises `BadInput` at once for a file that isn't there, is of another kind, has columns that aren't known, or no
    `description`; `MissingExtra` where Parquet's library isn't installed.
    """
    if str(path) == STDIN:
        return _lines(_text(_stdin()), "stdin")
    kind = _kind(path)
    if kind == "parquet":
        return _parquet(path)
    try:
        handle = path.open("rb")
    except OSError as error:
        raise BadInput(f"can't read {path}: {error.strerror}") from error
    readers: dict[str, Callable[[TextIO, str], Iterator[Cells]]] = {"csv": _csv, "jsonl": _jsonl, "lines": _lines}
    try:
        _refuse_utf16(handle, path)
        return readers[kind](_text(handle), str(path))
    except OSError as error:
        handle.close()
        raise BadInput(f"can't read {path}: {error.strerror}") from error
    except BadInput:
        handle.close()
        raise


def _stdin() -> IO[bytes]:
    """Standard input, opened anew: Python aborts when it ends while a thread still waits in its own."""
    try:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    except OSError:  # it is no file, as in a notebook
        return sys.stdin.buffer


def _kind(path: Path) -> str:
    kind = _SUFFIXES.get(path.suffix.lower())
    try:
        if path.is_dir():
            raise BadInput(f"{path} is a folder; name a file with a description a row")
        if not path.exists():
            raise BadInput(f"there is no {path}; name a file with a description a row")
    except (OSError, ValueError) as error:  # a name that is too long, or holds a NUL
        raise BadInput(f"can't read {str(path)[:200]!r}: {error}") from error
    if kind is None:
        hint = "; JSON with one object a line is .jsonl" if path.suffix.lower() == ".json" else ""
        raise BadInput(f"{path.name} is of an unknown kind; choose one of: {', '.join(_SUFFIXES)}{hint}")
    return kind


def _refuse_utf16(handle: io.BufferedReader, path: Path) -> None:
    start = handle.peek(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadInput(f"{path} is UTF-16; save it as UTF-8")


def _text(handle: IO[bytes]) -> TextIO:
    return io.TextIOWrapper(handle, encoding="utf-8-sig", errors="surrogateescape", newline=None)


class _Bounded:
    """The lines of a text, each cut to what may be read of it; `problem` says what was wrong with those since it was
    last taken."""

    def __init__(self, text: TextIO, most: int = MOST_CHARS) -> None:
        self._text, self._most = text, most
        self._problem: str | None = None

    def __iter__(self) -> Iterator[str]:
        with self._text as text:
            while line := text.readline(self._most):
                if len(line) == self._most and not line.endswith("\n"):
                    self._problem = f"a line is longer than {self._most:,} characters"
                    while rest := text.readline(self._most):
                        if rest.endswith("\n"):
                            break
                    line = line[:_SHOWN].replace('"', " ") + "\n"  # an open quotation would take in the next rows
                if _NOT_UTF8.search(line):
                    self._problem = self._problem or "it isn't UTF-8; save the file as UTF-8"
                yield line

    def take_problem(self) -> str | None:
        """What was wrong, once."""
        problem, self._problem = self._problem, None
        return problem


def _lines(text: TextIO, name: str) -> Iterator[Cells]:
    """A description a line; blank ones and those that begin with `#` are none."""
    lines = _Bounded(text)

    def rows() -> Iterator[Cells]:
        for number, line in enumerate(lines, 1):
            problem = lines.take_problem()
            clean = line.strip()
            if clean and not clean.startswith("#"):
                yield Cells(number, {"description": clean}, problem, clean)

    return rows()


def _csv(text: TextIO, name: str) -> Iterator[Cells]:
    lines = _Bounded(text)
    source = iter(lines)
    head = next((line for line in source if line.strip()), "")
    if not head:
        raise BadInput(f"{name} is empty; its first line names the columns, such as: description,seed")
    delimiter, columns = _header(head, name, lines.take_problem())
    reader = csv.reader(source, delimiter=delimiter, strict=True)

    def rows() -> Iterator[Cells]:
        for number in itertools.count(1):
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                lines.take_problem()
                yield Cells(number, {}, _csv_problem(str(error)))
                continue
            yield _csv_row(number, columns, values, lines.take_problem())

    return (row for row in rows() if row.cells or row.problem)


def _csv_problem(error: str) -> str:
    """What a reader of CSV that is strict said, for who wrote the file."""
    if "limit" in error:
        return f"a cell is longer than {_MOST_CELL:,} characters; is a quotation mark missing?"
    if "end of data" in error:
        return "its quotation mark is never closed, so this row and all after it can't be told apart; close it"
    return "a quotation mark ends within a cell; a cell that holds some stands in quotation marks, and has each doubled"


def _csv_row(number: int, columns: list[str], values: list[str], problem: str | None) -> Cells:
    cells = {column: value for column, value in zip(columns, values, strict=False) if value.strip()}
    if any(value.strip() for value in values[len(columns) :]):
        problem = problem or (
            f"it has {len(values)} cells, and the first line names {len(columns)}; a cell that holds the delimiter "
            "stands in double quotes"
        )
    return Cells(number, cells, problem, "\x1f".join(values)[:MOST_CHARS])


def _header(line: str, name: str, problem: str | None) -> tuple[str, list[str]]:
    """The delimiter, the one that makes most known columns of the first line, and these."""
    if problem or len(line) > _MOST_HEADER:
        raise BadInput(f"the first line of {name} can't be read: {problem or 'it is too long to name columns'}")
    found: list[tuple[int, str, list[str]]] = []
    for delimiter in _DELIMITERS:
        cells = next(csv.reader([line], delimiter=delimiter), [])
        columns = [cell.strip().lower() for cell in cells]
        while columns and not columns[-1]:
            columns.pop()
        found.append((sum(column in COLUMNS for column in columns), delimiter, columns))
    _, delimiter, columns = max(found, key=lambda one: one[0])
    _check_columns(columns, name, "its first line names them")
    return delimiter, columns


def _check_columns(columns: list[str], name: str, where: str) -> None:
    """Raises `BadInput` for columns that aren't known, are there twice, or lack the description."""
    unknown = [column for column in columns if column not in COLUMNS]
    near = get_close_matches(unknown[0][:40], COLUMNS, n=1) if unknown else []
    if unknown and len(unknown) == len(columns) and not near:
        raise BadInput(
            f"{name} has no column that is known ({where}): {_quoted(unknown)}; one must be description; others: "
            f"{', '.join(COLUMNS[1:])}; a file of descriptions alone, one a line, is .txt"
        )
    if unknown:
        meant = f"did you mean {near[0]!r}? " if near else ""
        raise BadInput(f"{name} has unknown columns: {_quoted(unknown)}; {meant}choose of: {', '.join(COLUMNS)}")
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice:
        raise BadInput(f"{name} has the column {twice!r} twice; leave one")
    if "description" not in columns:
        raise BadInput(f"{name} has no column 'description' ({where}); it says who each one is")


def _quoted(names: list[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:5])
    return f"{shown} and {len(names) - 5:,} more" if len(names) > 5 else shown


def _jsonl(text: TextIO, name: str) -> Iterator[Cells]:
    lines = _Bounded(text)
    rows = (_jsonl_row(number, line, lines.take_problem()) for number, line in enumerate(lines, 1) if line.strip())
    first: list[Cells] = []
    for row in itertools.islice(rows, _FIRST_LINES):
        first.append(row)
        if row.problem is None:
            _check_columns(list(row.cells), name, "its first object names them")
            break
    else:
        said = f"its first line: {first[0].problem}" if first else "it is empty"
        raise BadInput(f'{name} has no line that is a JSON object; {said}; each is such as {{"description": "an owl"}}')
    return itertools.chain(first, (_known(row) for row in rows))


def _jsonl_row(number: int, line: str, problem: str | None) -> Cells:
    if problem:
        return Cells(number, {}, problem, line)
    try:
        found = json.loads(line, object_pairs_hook=_object, parse_constant=_no_number)
    except RecursionError:
        return Cells(number, {}, "it is nested too deeply", line)
    except ValueError as error:
        return Cells(number, {}, f"it isn't JSON: {error}", line)
    if not isinstance(found, dict):
        return Cells(number, {}, f"it is {_what(found)}, not a JSON object", line)
    return Cells(number, {key: value for key, value in found.items() if key not in COLUMNS or given(value)}, None, line)


def _known(row: Cells) -> Cells:
    """The row, a bad one where it has columns that aren't known."""
    unknown = [column for column in row.cells if column not in COLUMNS]
    if row.problem is None and unknown:
        return Cells(row.number, row.cells, f"unknown columns: {_quoted(unknown)}", row.raw)
    return row


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")


def _what(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    return "text" if isinstance(value, str) else f"{value!r:.40}"


def _parquet(path: Path) -> Iterator[Cells]:
    try:
        from pyarrow import parquet  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra(f"{path.name} needs pyarrow; install it with: pip install 'personify[batch]'") from error
    try:
        file = parquet.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER)
        columns, total = list(file.schema_arrow.names), int(file.metadata.num_rows)
    except MemoryError as error:
        raise BadInput(f"{path} needs more memory than there is") from error
    except Exception as error:  # hostile bytes make a decoder raise anything
        raise BadInput(f"{path} is not a readable Parquet file: {_first_line(error)}") from error
    _check_columns(columns, str(path), "its schema names them")

    def rows() -> Iterator[Cells]:
        number = 0
        with file:
            try:
                for batch in file.iter_batches(_ROWS_AT_ONCE, use_threads=False):
                    for values in batch.to_pylist():
                        number += 1
                        yield _parquet_row(number, values)
            except GeneratorExit:
                raise
            except Exception as error:  # noqa: BLE001
                problem = f"this row and all after it, {max(total - number, 1):,}, can't be read: {_first_line(error)}"
                yield Cells(number + 1, {}, problem)

    return rows()


def _parquet_row(number: int, values: dict[str, Any]) -> Cells:
    cells = {column: value for column, value in values.items() if given(value)}
    return Cells(number, cells, None, repr(sorted(cells.items(), key=lambda pair: pair[0]))[:MOST_CHARS])


def given(value: object) -> bool:
    """Whether a cell holds something: not null, no text, or the NaN that numbers with gaps are written with."""
    return not (value is None or value == "" or (isinstance(value, float) and math.isnan(value)))


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:300]


def count_rows(path: Path, count_of: Callable[[dict[str, Any]], int]) -> int | None:
    """How many avatars a file asks for, by the number that one row does; None where it can be read but once."""
    if str(path) == STDIN or not path.is_file():
        return None
    return sum(1 if row.problem else count_of(row.cells) for row in read_cells(path))
