"""The interview: the same questions to every persona, through a chat engine, and what was answered.

The history is kept here and bounded; a persona's interview depends on nobody else's.
"""

import threading
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from personify.pipelines.chat.engine import ChatEngine, Context, Turn, Usage
from personify.pipelines.create import read_text
from personify.pipelines.persona import Persona
from personify.voices.errors import PersonifyError

HISTORY = 20
"""So many of the last turns an engine is told of."""
_LONGEST = 4000
"""Characters of an answer that are read."""
_FAILURES_IN_A_ROW = 5
FACTS = "facts"
"""The name of the conversation in which facts are asked again."""

OnPersona = Callable[[int, int], None]


@dataclass(frozen=True)
class Question:
    """One question, its place in its conversation, and the fact it asks for, if it does, in which of its wordings."""

    conversation: str
    place: int
    text: str
    fact: str | None = None
    wording: int = 0


@dataclass(frozen=True)
class Answer:
    """What one persona (its place in the cast) answered; `failed` says why there is no answer."""

    persona: int
    question: Question
    text: str
    failed: str = ""


@cache
def interview_data() -> dict[str, Any]:
    """The tables of `prompts/persona_interview.toml`."""
    source = files("personify.eval").joinpath("prompts/persona_interview.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def questions() -> tuple[tuple[Question, ...], ...]:
    """All conversations: the open ones, then the one in which each fact comes up three times."""
    data = interview_data()
    open_ones = [
        tuple(Question(entry["name"], place, text) for place, text in enumerate(entry["questions"]))
        for entry in data["conversations"]
    ]
    rounds = range(len(data["facts"][0]["questions"]))
    asked = [(fact["name"], wording, fact["questions"][wording]) for wording in rounds for fact in data["facts"]]
    facts = tuple(Question(FACTS, place, text, name, wording) for place, (name, wording, text) in enumerate(asked))
    return (*open_ones, facts)


def interview(
    engine: ChatEngine,
    personas: Sequence[Persona],
    *,
    usage: Usage,
    seed: int = 7,
    workers: int = 1,
    on_persona: OnPersona = lambda done, of: None,
) -> list[Answer]:
    """Every persona's answers to every question, in the order of the cast and the conversations.

    An answer that fails is kept as such; after five in a row of one persona `PersonifyError` says why.
    """

    stop = threading.Event()

    def one(at: int) -> tuple[list[Answer], Usage]:
        own = Usage()
        return _interviewed(engine, at, personas[at], seed + at, own, stop), own

    found: list[Answer] = []
    with ThreadPoolExecutor(workers, thread_name_prefix="interview") as pool, stopping(stop):
        for done, (answers, own) in enumerate(pool.map(one, range(len(personas))), 1):
            found += answers
            add_usage(usage, own)
            on_persona(done, len(personas))
    return found


@contextmanager
def stopping(stop: threading.Event) -> Iterator[None]:
    """Sets `stop` when it is left, however: threads ask nothing more when one of them fails, or the user leaves."""
    try:
        yield
    finally:
        stop.set()


def ask(engine: ChatEngine, said: str, context: Context, usage: Usage) -> str:
    """The whole reply, cleaned and of bounded length. Raises `PersonifyError` where there is none."""
    text = ""
    pieces = engine.reply(said, context, usage)
    try:
        for piece in pieces:
            text += piece
            if len(text) > _LONGEST:
                break
    finally:
        getattr(pieces, "close", lambda: None)()
    clean = read_text(text[:_LONGEST])
    if not clean:
        raise PersonifyError(f"{engine.name} said nothing to {said!r}")
    return clean


def shuffled(answers: Sequence[Answer], personas: int, seed: int) -> list[Answer]:
    """The control: to every question each persona gives the answer of another one, another for each question.

    That is how an engine would score that speaks well and ignores the persona.
    """
    rng = np.random.default_rng([seed, 0x7368])
    given = {(answer.persona, answer.question): answer for answer in answers}
    shift: dict[Question, int] = {}
    for answer in answers:
        if answer.question not in shift:
            shift[answer.question] = int(rng.integers(1, personas))
    return [
        replace(given[(answer.persona + shift[answer.question]) % personas, answer.question], persona=answer.persona)
        for answer in answers
    ]


def add_usage(total: Usage, more: Usage) -> None:
    """Adds what one part used to the whole."""
    total.tokens_in += more.tokens_in
    total.tokens_out += more.tokens_out
    total.requests += more.requests
    total.cost = more.cost if total.cost is None else total.cost + (more.cost or 0.0)
    total.notes += [note for note in more.notes if note not in total.notes]


def _interviewed(
    engine: ChatEngine, at: int, persona: Persona, seed: int, usage: Usage, stop: threading.Event
) -> list[Answer]:
    answers: list[Answer] = []
    failures = 0
    for conversation in questions():
        turns: list[Turn] = []
        for question in conversation:
            if stop.is_set():
                return answers
            context = Context(persona=persona, turns=tuple(turns[-HISTORY:]), seed=seed)
            try:
                text = ask(engine, question.text, context, usage)
            except PersonifyError as error:
                failures += 1
                if failures == _FAILURES_IN_A_ROW:
                    raise PersonifyError(f"the interview of {persona.name} can't go on: {error}") from error
                answers.append(Answer(at, question, "", str(error)))
                continue
            failures = 0
            answers.append(Answer(at, question, text))
            turns += [Turn("user", question.text), Turn("character", text)]
    return answers
