"""What tests of batches share: files of rows, and an engine that makes whole bundles quickly, in this process."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from personify.pipelines.batch.outcomes import failed, made
from personify.pipelines.batch.store import Store, open_store
from personify.pipelines.batch.values import Failed, Outcome, Planned, Row
from personify.pipelines.bundle import RECORD, Avatar
from personify.voices.errors import PersonifyError


def write_csv(path: Path, rows: Iterable[dict]) -> Path:
    rows = list(rows)
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_jsonl(path: Path, rows: Iterable[dict]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_parquet(path: Path, rows: Iterable[dict]) -> Path:
    import pyarrow
    from pyarrow import parquet

    rows = list(rows)
    names = dict.fromkeys(name for row in rows for name in row)
    parquet.write_table(pyarrow.table({name: [row.get(name) for row in rows] for name in names}), path)
    return path


def wanted(name: str, number: int = 1) -> Row:
    return Row(number=number, id=name, description=f"a {name}", seed=5)


def put(store: Store, name: str, like: Avatar, **changes) -> None:
    """A whole bundle in the store: another avatar's files, with a record that is changed."""
    with store.bundle(name) as draft:
        draft.carry(like.folder, but={RECORD})
        draft.save(like.record.model_copy(update=changes), like.portrait, None, redrawn=False)


class Copying:
    """An engine that makes each bundle of another avatar's files: whole ones, in milliseconds.

    `on_row` is called before each row is made, and may raise: `PersonifyError` fails the row, others end the engine in
    the middle of it.
    """

    workers = 1

    def __init__(self, like: Avatar, on_row: Callable[[Planned], None] = lambda planned: None) -> None:
        self._like, self._on_row = like, on_row
        self.rows: list[str] = []

    def __call__(self, settings) -> "Copying":
        self._store = open_store(settings.store)
        return self

    def __enter__(self) -> "Copying":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def make(self, planned: Iterable[Planned | Failed]) -> Iterator[Outcome]:
        for one in planned:
            if isinstance(one, Failed):
                yield one
                continue
            self.rows.append(one.row.id)
            try:
                self._on_row(one)
                put(self._store, one.row.id, self._like, persona=one.persona, tone=one.tone, seed=one.seed)
            except PersonifyError as error:
                yield failed(one.row, "clip", error)
            else:
                yield made(one.row, self._store.record(one.row.id), one)
