"""The ledger of a batch: what has become of which row, in two lists beside the bundles.

The bundles are the truth, the lists tell of them. Opened after whatever came before, a killed driver or an edited file,
the ledger makes them agree again: a row has a whole bundle and a line in `manifest.jsonl`, or a line in
`failures.jsonl`, or neither because it is still to be made.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from pydantic import ValidationError

from personify.pipelines.batch.outcomes import failed, made
from personify.pipelines.batch.store import Store
from personify.pipelines.batch.values import Failed, Made, Outcome, Row
from personify.voices.errors import BadInput, NotKept

MANIFEST = "manifest.jsonl"
FAILURES = "failures.jsonl"

_LOG = logging.getLogger(__name__)
_MOST_WAITING = 200
_LONGEST_WAIT_S = 1.0
"""Lines go to the store in groups. A power cut costs those of one: bundles are found again, failures tried again."""

Line = TypeVar("Line", Made, Failed)


class Ledger:
    """What became of each row; safe to share between threads. Close it, or use it as a context manager.

    Each row is taken once: what comes for one that has an outcome already is no news.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._made: set[str] = set()
        self._failed: dict[str, str] = {}
        self._untold: set[str] = set()
        self._unseen: set[str] = set()
        self._waiting: dict[str, list[bytes]] = {MANIFEST: [], FAILURES: []}
        self._timer: threading.Timer | None = None
        self._problem: Exception | None = None
        self._closed = False

    @classmethod
    def open(cls, store: Store, *, retry_failed: bool, on_made: Callable[[Made], None] | None = None) -> "Ledger":
        """The ledger of what the store holds, with lists that agree with its bundles.

        Lines that are torn, none, there twice, or of bundles that are gone are taken out; with `retry_failed` so are
        all failures, and without it those that say nothing of their row, which is made again. Bundles that no line
        tells of get theirs once their row is known; see `settle`. `on_made` hears of each bundle that is there, told of
        or not: the list is read once, however long it is.
        """
        ledger = cls(store)
        whole = store.ids()
        ledger._made = set(ledger._read(MANIFEST, Made, lambda line: line.id in whole, on_made))
        ledger._untold = whole - ledger._made
        ledger._failed = ledger._read(
            FAILURES, Failed, lambda line: not retry_failed and line.kind != "unreached" and line.id not in whole
        )
        ledger._unseen = set(ledger._failed)
        if on_made is not None:
            for name in sorted(ledger._untold):
                with contextlib.suppress(BadInput):  # told once its row comes by
                    on_made(_retold(Row(number=0, id=name, description="", seed=0), store))
        return ledger

    def has(self, name: str) -> bool:
        """Whether the row of that id is done, one way or the other, and told of."""
        return name in self._made or name in self._failed

    def settle(self, row: Row) -> bool:
        """Whether the row is done; tells of its bundle where nothing did yet, since whoever made it was killed."""
        if self._closed:
            return self.has(row.id)
        self._unseen.discard(row.id)
        if self.has(row.id):
            return True
        if row.id not in self._untold:
            return False
        try:
            outcome: Outcome = _retold(row, self._store)
        except BadInput as error:
            outcome = failed(
                row, "bundle", BadInput(f"{error}; it is in the way: remove it, and run with --retry-failed")
            )
        self.take(outcome)
        return True

    def kind_of(self, name: str) -> str | None:
        """The `kind` of a row's failure; None where it has none."""
        return self._failed.get(name)

    @property
    def made(self) -> int:
        """How many rows have a bundle that is told of."""
        return len(self._made)

    @property
    def failed(self) -> int:
        """How many rows have none, and why is told."""
        return len(self._failed)

    def take(self, outcome: Outcome) -> bool:
        """Writes down what became of a row, soon; False where that was known, or once it is closed."""
        with self._lock:
            if self._closed:
                return False
            self._unseen.discard(outcome.id)
            if self.has(outcome.id):
                return False
            self._untold.discard(outcome.id)
            if isinstance(outcome, Made):
                self._made.add(outcome.id)
            else:
                self._failed[outcome.id] = outcome.kind
            self._waiting[MANIFEST if isinstance(outcome, Made) else FAILURES].append(
                outcome.model_dump_json().encode()
            )
            if self._problem or sum(map(len, self._waiting.values())) >= _MOST_WAITING:
                self.flush()
            elif self._timer is None:
                self._timer = threading.Timer(_LONGEST_WAIT_S, self._flush_in_time)
                self._timer.daemon = True
                self._timer.start()
        return True

    def flush(self) -> None:
        """Writes what waits."""
        with self._lock:
            if self._timer:
                self._timer.cancel()
                self._timer = None
            if self._problem:
                problem, self._problem = self._problem, None
                raise problem
            waiting, self._waiting = self._waiting, {MANIFEST: [], FAILURES: []}  # interrupted here, none comes twice
            for name, lines in waiting.items():
                self._store.append(name, lines)

    def forget_unseen(self) -> None:
        """Takes out the failures of rows that did not come by since it was opened: they were corrected or removed."""
        self.flush()
        with self._lock:
            if self._unseen:
                unseen, self._unseen = self._unseen, set()
                self._failed = self._read(FAILURES, Failed, lambda line: line.id not in unseen)

    def _flush_in_time(self) -> None:
        """Writes what waits, since nothing may come for long; what goes wrong is raised by who writes next."""
        with self._lock:
            if self._closed:
                return
            try:
                self.flush()
            except Exception as error:  # noqa: BLE001 - whatever it is, the batch ends with it
                self._problem = error

    def lines(self) -> Iterator[Made]:
        """What was made, as it came, as of now."""
        self.flush()
        return _parsed(self._store, MANIFEST, Made)

    def failures(self) -> Iterator[Failed]:
        """What could not be made, as it came, as of now."""
        self.flush()
        return _parsed(self._store, FAILURES, Failed)

    def close(self) -> None:
        """Writes what waits, and joins what the store holds in parts; whatever comes later is not taken."""
        with self._lock:
            self._closed = True
            self.flush()
        for name in (MANIFEST, FAILURES):
            self._store.join(name)

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self.close()
        except NotKept:
            if kind is None:  # else what ended the batch is told
                raise

    def _read(
        self,
        name: str,
        model: type[Line],
        wanted: Callable[[Line], bool],
        on_line: Callable[[Line], None] | None = None,
    ) -> dict[str, str]:
        """The ids of a list's lines that are whole and wanted, with their kind; it is rewritten where it has others.
        `on_line` hears of each that is kept."""
        found: dict[str, str] = {}
        dropped = 0
        for raw in self._store.lines(name):
            line = _line(raw, model)
            if line is None or line.id in found or not wanted(line):
                dropped += 1
            else:
                found[line.id] = line.kind if isinstance(line, Failed) else "made"
                if on_line is not None:
                    on_line(line)
        if dropped:
            _LOG.info("%s: %d lines kept, %d taken out", name, len(found), dropped)
            self._store.rewrite(name, self._wanted(name, model, wanted))
        return found

    def _wanted(self, name: str, model: type[Line], wanted: Callable[[Line], bool]) -> Iterator[bytes]:
        found: set[str] = set()
        for raw in self._store.lines(name):
            line = _line(raw, model)
            if line is not None and line.id not in found and wanted(line):
                found.add(line.id)
                yield raw


def _retold(row: Row, store: Store) -> Made:
    """The line of a bundle, from its record. Raises `BadInput` where that can't be read."""
    from personify.pipelines.batch.likeness import fingerprint

    record = store.record(row.id)
    return made(row, record).model_copy(update={"fingerprint": fingerprint(record.persona)})


def _parsed(store: Store, name: str, model: type[Line]) -> Iterator[Line]:
    for raw in store.lines(name):
        line = _line(raw, model)
        if line is not None:
            yield line


def _line(raw: bytes, model: type[Line]) -> Line | None:
    try:
        return model.model_validate_json(raw)
    except ValidationError:
        return None
