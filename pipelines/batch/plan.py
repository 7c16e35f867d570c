"""The words of a batch: who each row's character is, how it sounds, and who draws it, in the order of the rows.

It proposes, validates, revises, stratifies and deduplicates, as HACHIMI does (Jiang et al. 2026, arXiv 2603.04855):
quotas say what a row that leaves it open is to be; a persona that comes out otherwise, or too much like another, is
drawn anew; the best of a few is kept, and what could not be had is told in its notes. A language model is asked about
several rows at once; whoever came before decides all the same, so the same batch comes out alike.
"""

import hashlib
import random
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from personify.pipelines.batch.likeness import TOO_ALIKE, Index, fingerprint
from personify.pipelines.batch.outcomes import Unreached, failed
from personify.pipelines.batch.quotas import ATTRIBUTES, Quotas, Strata, attributes_of
from personify.pipelines.batch.values import Failed, FailedAt, Made, Planned, Row
from personify.pipelines.batch.varying import Option, options, vary
from personify.pipelines.builtin import Reading
from personify.pipelines.builtin import read_description as read_words
from personify.pipelines.builtin.cleaning import fold
from personify.pipelines.builtin.names import another_name
from personify.pipelines.builtin.wanting import taken_up
from personify.pipelines.bundle import UsageRecord
from personify.pipelines.chat.engine import Usage
from personify.pipelines.create import read_description, used
from personify.pipelines.persona import Persona
from personify.pipelines.services import Services
from personify.pipelines.wanted import NOTHING, Wanted
from personify.pipelines.writing.merging import renamed
from personify.voices.errors import PersonifyError
from personify.voices.stopping import Stopped, check_stop

if TYPE_CHECKING:
    from personify.pipelines.writing.asking import Asker

TRIES_BY_RULES = 6
TRIES_BY_MODEL = 2
"""So often a row is written at most, the first time counted."""

MOST_UNREACHED = 10
"""When so many rows in a row had no answer from the language model's server, there is no use in asking on. Rows
that are asked about at the same time fail at the same time, so it is more where those are many."""
PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
"""A server that has answered before is given time: so long is waited after a row without an answer, twice as long after
each further one. Until a batch gives up it takes minutes, and a server that is restarted ends none."""

_OF_THE_SERVER = frozenset({401, 402, 403, 404, 407, 408, 425, 429})
"""Refusals that are no row's: of the key, the account, the address, or for now. Those from 500 on are too."""


@dataclass
class _Task:
    """A row on its way: what its description says, and what the quotas want of it."""

    row: Row
    description: str
    reading: Reading
    again: bool
    """Whether another row of the batch has the same description."""
    option: Option | None = None
    expected: dict[str, str] | None = None
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class _Written:
    planned: Planned
    unmet: tuple[str, ...]
    """The attributes that a quota wants otherwise."""


class Planner:
    """Plans the rows of one batch with `services`' language model, or by rules.

    `seed`: the batch's, which settles what chance would. With `distinct` near-duplicates are drawn anew and no two
    bear the same name, unless their descriptions say so. `at_once`: of how many rows the model is asked at a time.
    `before`: the lines of those that are made already: they count for quotas, names and likeness.

    Raises as `Services.model` where there is no such model. Where `MOST_UNREACHED` rows in a row had no answer from
    its server, `plan` raises `Unreached`.
    """

    def __init__(
        self,
        services: Services,
        *,
        seed: int,
        quotas: Quotas | None = None,
        distinct: bool = True,
        at_once: int = 8,
        before: Iterable[Made] = (),
    ) -> None:
        self._services, self._seed, self._distinct = services, seed, distinct
        self._asks = services.model is not None
        self._at_once = max(1, at_once) if self._asks else 1
        self._strata = Strata(quotas or Quotas({}), seed=seed)
        self._index = Index()
        self._names: set[str] = set()
        self._described: set[bytes] = set()
        for line in before:
            self.remember(line)

    def remember(self, line: Made) -> None:
        """One more that is made already, as those of `before` are; to be called before anything is planned."""
        self._strata.add({name: getattr(line, name) for name in ATTRIBUTES})
        self._names.add(line.name)
        self._described.add(_key(line.description))
        if self._distinct:
            self._index.add(line.id, line.fingerprint)

    def plan(self, rows: Iterable[Row]) -> Iterator[Planned | Failed]:
        """Each row's plan, or why it has none, in their order; `at_once` of them are read ahead."""
        unreached, answered = 0, False
        for outcome in self._planned(rows):
            yield outcome
            if isinstance(outcome, Planned) or outcome.kind == "failed":
                unreached, answered = 0, True
            if isinstance(outcome, Planned) or outcome.kind != "unreached":
                continue
            unreached += 1
            if unreached >= (max(MOST_UNREACHED, 2 * self._at_once + 1) if answered else MOST_UNREACHED):
                why = outcome.problem.rstrip(".")
                raise Unreached(
                    f"the batch stopped, since {unreached} rows in a row had no answer: {why}. What was made is kept; "
                    "once that is mended, the same command goes on, with these rows too"
                )
            if answered:
                _wait(min(LONGEST_PAUSE_S, PAUSE_S * 2 ** (unreached - 1)))

    def _planned(self, rows: Iterable[Row]) -> Iterator[Planned | Failed]:
        waiting: deque[tuple[_Task | Failed, Future[_Written | Failed] | None]] = deque()
        with ExitStack() as stack:
            pool = stack.enter_context(_Pool(self._at_once)) if self._asks else None
            for row in rows:
                task = self._begin(row)
                heeding = copy_context()  # what this thread heeds, such as a request to stop
                asked = pool.submit(heeding.run, self._write, task, 0) if pool and isinstance(task, _Task) else None
                waiting.append((task, asked))
                if len(waiting) >= self._at_once:
                    yield self._finish(*waiting.popleft())
            while waiting:
                yield self._finish(*waiting.popleft())

    # --- before it is written -----------------------------------------------------------------------------------------

    def _begin(self, row: Row) -> _Task | Failed:
        """Reads the description, and takes a place among the quotas for it."""
        try:
            description = read_description(row.description)
            reading = read_words(description)
        except Exception as error:  # noqa: BLE001 - one row's, whatever it is
            return failed(row, "persona", error)
        key = _key(reading.text)  # as the persona has it, and with it the line
        task = _Task(row, description, reading, again=key in self._described)
        self._described.add(key)
        if self._strata.quotas and not row.seeded:
            those = options(reading, self._strata.quotas)
            cell = self._strata.next(those, row.id)
            if cell is not None:
                task.option = those[cell]
                task.expected = dict(zip(self._strata.quotas.attributes, cell, strict=True))
                self._strata.add(task.expected)
        return task

    def _wanted(self, task: _Task, turn: int) -> Wanted:
        """What is wanted beyond the description at a turn of the tries; nothing of a row with a seed of its own."""
        if task.row.seeded:
            return NOTHING
        chance = random.Random(hashlib.sha256(f"{task.row.seed}\n{turn}\nwanted".encode()).digest())
        wanted = task.option.wanted(chance) if task.option else NOTHING
        if self._distinct and (task.again or turn):
            wanted = vary(wanted, task.reading, chance)
        return taken_up(task.reading, wanted)

    # --- writing ------------------------------------------------------------------------------------------------------

    def _write(self, task: _Task, turn: int) -> _Written | Failed:
        """One try at a row: persona, tone and expert. Called from several threads."""
        row, services = task.row, self._services
        seed = row.seed if turn == 0 else _seed_of(row.seed, turn)
        wanted = self._wanted(task, turn)
        asker = services.asker(task.usage, seed=seed)
        if self._distinct and asker is None and not row.seeded:
            wanted = replace(wanted, taken=self._names)
        seconds: dict[str, float] = {}
        stage: FailedAt = "persona"
        try:
            with _timed(seconds, "persona"):
                persona = services.write(task.description, seed=seed, depth=row.depth, asker=asker, wanted=wanted)
                if asker is not None and asker.broken:
                    raise PersonifyError(" ".join(persona.notes) or "the language model could not be asked")
            stage = "tone"
            with _timed(seconds, "tone"):
                tone = services.choose(
                    persona.voice, name=row.tone, strict=row.strict, about=task.description, asker=asker
                )
            stage = "portrait"
            choice = services.pick(persona.appearance, name=row.expert, asker=asker)
            if gone := _unreached(asker):  # rules would have chosen instead
                raise gone
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - one row's, whatever it is: the others go on
            why = (_unreached(asker) if stage == "persona" else None) or error
            return failed(row, stage, why, attempts=turn + 1)
        unmet = self._unmet(task, persona)
        persona = _noted(persona, _told(task, wanted, persona, unmet))
        return _Written(
            Planned(
                row=row, seed=seed, persona=persona, tone=tone, expert=choice, usage=used(asker),
                fingerprint=fingerprint(persona), seconds=seconds,
            ),
            unmet,
        )  # fmt: skip

    def _unmet(self, task: _Task, persona: Persona) -> tuple[str, ...]:
        if task.expected is None:
            return ()
        came = attributes_of(persona)
        return tuple(name for name, value in task.expected.items() if value and came[name] != value)

    # --- choosing -----------------------------------------------------------------------------------------------------

    def _finish(self, task: _Task | Failed, asked: "Future[_Written | Failed] | None") -> Planned | Failed:
        """The best of a few tries, now that all rows before it are settled."""
        if isinstance(task, Failed):
            return task
        if task.expected is not None:
            self._strata.add(task.expected, times=-1)  # what comes is counted below
        written = asked.result() if asked is not None else self._write(task, 0)
        if isinstance(written, Failed):
            return written
        best, alike = written, self._alike(written)
        tries = 1 if task.row.seeded else TRIES_BY_MODEL if self._asks else TRIES_BY_RULES
        for turn in range(1, tries):
            if _fine(best, alike):
                break
            other = self._write(task, turn)
            if isinstance(other, _Written):
                likeness = self._alike(other)
                if _badness(other, likeness) < _badness(best, alike):
                    best, alike = other, likeness
        return self._settle(task, replace(best.planned, nearest=alike, usage=_all_used(best.planned.usage, task.usage)))

    def _alike(self, written: _Written) -> tuple[str, float] | None:
        return self._index.nearest(written.planned.fingerprint) if self._distinct else None

    def _settle(self, task: _Task, planned: Planned) -> Planned:
        """Names it apart from all before it, and remembers it for all after it."""
        persona = planned.persona
        if self._distinct and not task.row.seeded and persona.name in self._names and not task.reading.name:
            chance = random.Random(hashlib.sha256(f"{planned.seed}\nname".encode()).digest())
            name = another_name(persona.language, persona.social.gender, chance, self._names)
            told = f"It is called {name}, since the batch has a {persona.name} already."
            planned = replace(planned, persona=_noted(renamed(persona, name), (told,)))
        self._names.add(planned.persona.name)
        self._strata.add(attributes_of(planned.persona))
        if self._distinct:
            self._index.add(planned.row.id, planned.fingerprint)
        return planned


def _unreached(asker: "Asker | None") -> Unreached | None:
    """What is wrong with the server that the language model is on, if that is why there was no answer."""
    from personify.voices.exchange import Refused

    if asker is None or not asker.broken:
        return None
    try:
        asker.ask("", "", {})  # raises again what broke it, and asks nobody
    except Refused as refused:
        if refused.status < 500 and refused.status not in _OF_THE_SERVER:
            return None
        return Unreached(str(refused))
    except PersonifyError as error:
        return Unreached(str(error))
    return None


def _wait(seconds: float) -> None:
    """Until then, or until somebody wants it to stop."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        check_stop()
        time.sleep(min(left, 0.2))


class _Pool(ThreadPoolExecutor):
    """Threads that ask; what waits is not begun any more where the planner is left early."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads, thread_name_prefix="batch-words")

    def __exit__(self, *error: object) -> bool | None:
        self.shutdown(wait=True, cancel_futures=True)
        return None


class _timed:
    """Adds how long its block took to `seconds[stage]`."""

    def __init__(self, seconds: dict[str, float], stage: str) -> None:
        self._seconds, self._stage = seconds, stage

    def __enter__(self) -> None:
        self._begun = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        self._seconds[self._stage] = round(time.perf_counter() - self._begun, 4)


def _all_used(record: UsageRecord | None, usage: Usage) -> UsageRecord | None:
    """What all tries took, those that were not kept too."""
    if record is None:
        return None
    told = {
        "requests": usage.requests,
        "tokens_in": usage.tokens_in,
        "tokens_out": usage.tokens_out,
        "cost": usage.cost,
    }
    return record.model_copy(update=told)


def _fine(written: _Written, alike: tuple[str, float] | None) -> bool:
    return not written.unmet and (alike is None or alike[1] < TOO_ALIKE)


def _badness(written: _Written, alike: tuple[str, float] | None) -> tuple[int, float]:
    return len(written.unmet), alike[1] if alike else 0.0


def _told(task: _Task, wanted: Wanted, persona: Persona, unmet: tuple[str, ...]) -> tuple[str, ...]:
    """What was added to the description, and what of it did not come about."""
    notes = [f"Beyond the description: {', '.join(words)}."] if (words := wanted.words()) else []
    came = attributes_of(persona)
    notes += [f"The quota asked for {name} {(task.expected or {})[name]}; it came out {came[name]}." for name in unmet]
    return tuple(notes)


def _noted(persona: Persona, notes: tuple[str, ...]) -> Persona:
    return persona.model_copy(update={"notes": (*persona.notes, *notes)}) if notes else persona


def _seed_of(seed: int, turn: int) -> int:
    """32 bits of chance of a row's later tries."""
    return int.from_bytes(hashlib.sha256(f"{seed}\n{turn}".encode()).digest()[:4], "big")


def _key(description: str) -> bytes:
    """What tells descriptions apart, in 8 bytes however long they are."""
    return hashlib.sha256(" ".join(fold(description).split()).encode("utf-8", "replace")).digest()[:8]
