"""How well the built-in chat engine understands: questions in natural wordings, by the intent a person would expect.

`python -m personify.eval.builtin_chat` prints the share that is understood as expected, each part of the questions
apart (`prompts/chat_questions.toml` says how they were written), and how long replies take. `--wrong` lists what was
misunderstood.
"""

import argparse
import json
import statistics
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from personify.eval.gallery import in_turn
from personify.pipelines.chat.builtin.engine import BuiltinEngine
from personify.pipelines.chat.builtin.talk import understood
from personify.pipelines.chat.builtin.tongue import tongue
from personify.pipelines.chat.engine import Context, Turn, Usage
from personify.pipelines.writers import persona_writer

PARTS = ("seen", "held_out", "odd", "odder", "fresh")
_CHARACTERS = 10


@dataclass(frozen=True)
class Asked:
    """One question, the intents that a person would accept for it, and the one that was understood."""

    part: str
    text: str
    expected: tuple[str, ...]
    heard: str

    @property
    def is_right(self) -> bool:
        """Whether it was understood as expected."""
        return self.heard in self.expected


def questions() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(part, question, accepted intents) of `prompts/chat_questions.toml`."""
    table = tomllib.loads(files("personify.eval").joinpath("prompts/chat_questions.toml").read_text(encoding="utf-8"))
    for part in PARTS:
        for expected, texts in table[part].items():
            for text in texts:
                yield part, text, tuple(expected.split("|"))


def ask_all() -> list[Asked]:
    """Every question as the engine understands it at the start of a talk."""
    own = tongue("en")
    asked = []
    for part, text, expected in questions():
        name = understood(text, own)[1].intent
        intent = own.intents.get(name)
        asked.append(Asked(part, text, expected, (intent.counts_as if intent else "") or name))
    return asked


def reply_times_ms() -> list[float]:
    """How long each reply took, every question asked of several characters in one long talk each."""
    engine, times = BuiltinEngine(), []
    for seed, description in enumerate(in_turn(_CHARACTERS)):
        persona = persona_writer("builtin").write(description, seed=seed)
        turns: tuple[Turn, ...] = ()
        for _, text, _ in questions():
            began = time.perf_counter()
            reply = "".join(engine.reply(text, Context(persona, turns[-24:], seed=seed), Usage()))
            times.append(1000 * (time.perf_counter() - began))
            turns = (*turns, Turn("user", text), Turn("character", reply))
    return times


def measure() -> dict[str, float]:
    """The shares understood, the number of questions, and the reply times in ms."""
    asked = ask_all()
    times = sorted(reply_times_ms())
    figures: dict[str, float] = {"questions": len(asked), "understood": _share(asked)}
    for part in PARTS:
        own = [one for one in asked if one.part == part]
        figures |= {f"{part}_questions": len(own), f"{part}_understood": _share(own)}
    return figures | {
        "reply_ms_median": round(statistics.median(times), 2),
        "reply_ms_p99": round(times[int(0.99 * (len(times) - 1))], 2),
        "reply_ms_worst": round(times[-1], 2),
    }


def _share(asked: list[Asked]) -> float:
    return round(sum(one.is_right for one in asked) / len(asked), 4)


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", choices=[*PARTS, "all"], help="list the questions of a part that were misunderstood")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    if options.wrong:
        for one in ask_all():
            if not one.is_right and options.wrong in (one.part, "all"):
                print(f"{one.part}: {one.text!r} is {'|'.join(one.expected)}, heard as {one.heard}")  # noqa: T201
        return
    figures = measure()
    if options.json:
        print(json.dumps(figures))  # noqa: T201
        return
    for name, value in figures.items():
        print(f"{name:24} {value:.1%}" if name.endswith("understood") else f"{name:24} {value:g}")  # noqa: T201


if __name__ == "__main__":
    main()
