"""How fast a character remembers: recalls and writes with 10,000 memories of one user, and with 100 pairs of 1,000.

`python -m personify.eval.memory_speed [--url URL] [--json]`; without a URL in an SQLite file of its own. With one,
a user named "memory speed" is filled in there and forgotten again.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from personify.eval.speed import Figure, tell
from personify.pipelines.chat.engine import Fact
from personify.pipelines.memory import PairMemory, open_memory
from personify.pipelines.memory.relevance import FRESH

MEMORIES, PAIRS, EACH, RECALLS = 10_000, 100, 1_000, 400
TARGET_MS = 20.0

_USER, _AVATAR = "memory speed", "5eed5eed5eed5eed"
_FACT_SHARE = 0.25
_FACTS = ("The user likes {}.", "The user is afraid of {}.", "The user's aunt has {}.", "The user dreamt of {}.")
_PLACES = ("at the harbour", "in the old school", "on the roof", "at the night market", "by the river", "on the train")


def measure(
    url: str | None = None, memories: int = MEMORIES, pairs: int = PAIRS, each: int = EACH, recalls: int = RECALLS
) -> list[Figure]:
    """Fills a memory, measures it, and forgets what it filled in."""
    with tempfile.TemporaryDirectory() as folder:
        where = url or str(Path(folder) / "memory.db")
        return [*_one_user(where, memories, recalls), *_many_pairs(where, pairs, each, recalls)]


def _one_user(where: str, memories: int, recalls: int) -> Iterator[Figure]:
    """One user with a whole life."""
    draw = random.Random(memories)
    topics = _topics()
    with open_memory(where) as store:
        pair = store.between(_USER, _AVATAR, "Terrence")
        learnt, closed = _fill(pair, memories, topics, draw)
    yield _figure("learn one fact", learnt, note="a transaction each")
    yield _figure("close a session", closed, note="a transaction each")
    with open_memory(where) as store:
        pair = store.between(_USER, _AVATAR, "Terrence")
        kept = sum(card.facts + card.events for card in store.pairs(_USER))
        first = _ms(lambda: pair.recall(_question(topics, draw)))
        yield _figure("first recall after opening", [first], note=f"{kept} memories read, index built, bm25s loaded")
        found = [_ms(lambda: pair.recall(_question(topics, draw))) for _ in range(recalls)]
        yield _share("recall", found, 50, kept)
        yield _share("recall", found, 95, kept, TARGET_MS)
        after, writes = [], []
        for number in range(recalls):
            fact = Fact("user", f"The user counted {number} of {draw.choice(topics)} today.")
            writes.append(_ms(lambda fact=fact: pair.learn((fact,))))  # type: ignore[misc]
            after.append(_ms(lambda: pair.recall(_question(topics, draw))))
        yield _share("recall after something was learnt", after, 95, kept, TARGET_MS)
        yield _figure("learn, with the index kept up to date", writes)
        pair.learn(tuple(Fact("user", f"The user sang {number} songs.") for number in range(FRESH - recalls)))
        last = Fact("user", "The user sang the last song.")
        yield _figure(f"  the one of {FRESH} that builds it anew", [_ms(lambda: pair.learn((last,)))])
        yield _figure("forget everything of this user", [_ms(pair.forget)])


def _many_pairs(where: str, count: int, each: int, recalls: int) -> Iterator[Figure]:
    """Many users and avatars in one process, such as a server's; here one user with many avatars."""
    draw = random.Random(count)
    topics = _topics()
    with open_memory(where) as store:
        for number in range(count):
            facts = _told(each, topics, draw)
            store.between(_USER, f"{number:016x}").learn(tuple(Fact("user", text) for text in facts))
    with open_memory(where) as store:
        pairs = [store.between(_USER, f"{number:016x}") for number in range(count)]
        firsts = [_ms(lambda pair=pair: pair.recall(_question(topics, draw))) for pair in pairs]  # type: ignore[misc]
        yield _share(f"first recall of each of {count} pairs", firsts, 95, each)
        again = [_ms(lambda: draw.choice(pairs).recall(_question(topics, draw))) for _ in range(recalls)]
        yield _share(f"recall, {count} pairs in turn", again, 50, each)
        yield _share(f"recall, {count} pairs in turn", again, 95, each, TARGET_MS)
        yield _figure(f"forget one of {count} pairs", [_ms(pairs[0].forget)])
        yield _figure("forget the others at once", [_ms(lambda: store.forget(_USER))])


def _fill(pair: PairMemory, memories: int, topics: list[str], draw: random.Random) -> tuple[list[float], list[float]]:
    """Facts and sessions of two years; gives how long each write took, in ms."""
    learnt, closed = [], []
    facts = _told(int(memories * _FACT_SHARE), topics, draw)
    for text in facts:
        learnt.append(_ms(lambda text=text: pair.learn((Fact("user", text),))))  # type: ignore[misc]
    sessions = memories - len(facts)
    began = datetime.now(UTC) - timedelta(days=730)
    for number in range(sessions):
        started = began + timedelta(days=730 * number / sessions)
        one, other, third = draw.sample(topics, 3)
        summary = (
            f"The user told of {one} {draw.choice(_PLACES)} and asked about {other}. Terrence compared it to {third}; "
            f"they laughed {draw.randint(2, 99)} times."
        )
        ended = started + timedelta(minutes=9)
        write = _Closing(pair, summary, started, ended)
        closed.append(_ms(write))
    return learnt, closed


class _Closing:
    """The end of a session, to be timed."""

    def __init__(self, pair: PairMemory, summary: str, started: datetime, ended: datetime) -> None:
        self._pair, self._summary, self._started, self._ended = pair, summary, started, ended

    def __call__(self) -> None:
        self._pair.close_session(self._summary, started=self._started, ended=self._ended, turns=20)


def _told(count: int, topics: list[str], draw: random.Random) -> list[str]:
    """So many different facts."""
    found: dict[str, None] = {}
    while len(found) < count:
        text = draw.choice(_FACTS).format(f"{draw.choice(topics)} {draw.choice(_PLACES)}")
        found[text] = None
    return list(found)


def _question(topics: list[str], draw: random.Random) -> str:
    return f"Do you remember what I told you about {draw.choice(topics)} {draw.choice(_PLACES)}?"


def _topics() -> list[str]:
    """The benchmark's 400 descriptions: things that characters are made of."""
    folder = files("personify.eval") / "prompts"
    lines = [line for file in folder.iterdir() if file.name.endswith(".txt") for line in _lines(file)]
    return sorted(line for line in lines if line and not line.startswith("#"))


def _lines(file: Any) -> list[str]:
    return [line.strip() for line in file.read_text("utf-8").splitlines()]


def _ms(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _figure(what: str, ms: list[float], note: str = "") -> Figure:
    """The median of times in milliseconds."""
    return Figure(what, round(float(np.median(ms)), 2), "ms", note=note)


def _share(what: str, ms: list[float], percent: int, kept: int, target: float | None = None) -> Figure:
    note = f"{kept} memories, {len(ms)} times"
    return Figure(f"{what}, p{percent}", round(float(np.percentile(ms, percent)), 2), "ms", target, note)


def main() -> None:
    """The command line; exit code 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a database to measure in, such as postgresql://...; else an SQLite file")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    tell(measure(options.url), as_json=options.json)


if __name__ == "__main__":
    main()
