"""How quick a chat is and how large it grows: `python -m personify.eval.chat [--llm URL#model] [--turns N] [--json]`.

Measured are the time from the end of the model's first sentence to its sound, against a local server that writes at a
set pace; the time from a question to the first sound with the built-in engine, and with a model of your own by `--llm`;
and the largest prompt and the growth of the process over many turns. Exit code 1 where a target is missed.
"""

import argparse
import gc
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from personify.eval.paced_server import PacedServer
from personify.eval.speed import Figure, tell
from personify.pipelines import Studio
from personify.pipelines.bundle import Avatar
from personify.pipelines.chat.chat import Chat
from personify.pipelines.chat.pieces import SpeechPiece

CHARACTERS = ("a grumpy teapot who loves astronomy", "a cheerful lighthouse keeper", "an old whispering owl")
QUESTIONS = (
    "Who are you?", "What do you like?", "Tell me a story.", "How was your day?", "Where do you live?",
    "What do you think of rain?", "Do you have a family?", "What are you afraid of?", "What are you doing now?",
    "My name is Ada.", "What is my name?", "Remember that my exam is on Friday.", "Are you a robot?",
    "What is the capital of France?", "Do you like tea?", "Why?", "Tell me more.", "Can you sing?", "Thank you!",
    "Goodbye.",
)  # fmt: skip
SENTENCES = (
    "Good evening.", "I was made on a rainy Tuesday.", "Hm, let me think about that for a moment, my friend.",
    "The stars are late tonight, and so am I.", "No.", "Oh, that is a long story!",
)  # fmt: skip
PACE = 30.0
"""Pieces of four characters a second, as a model of 7B parameters writes on a laptop's GPU."""
SENTENCE_MS, QUESTION_MS, TARGET_KB, TARGET_MB = 300.0, 400.0, 16.0, 20.0
_REST = "And then there is more to say about it, which goes on for a while. And a little more."
_WARM_TURNS = 200
"""After so many turns everything is loaded, the index of a large memory too: growth is counted from there."""


@dataclass(frozen=True)
class Size:
    """A long chat: its largest request, how many there were, how many MB the process grew by between the
    two-hundredth turn and the last, and how many turns were kept as they were said."""

    turns: int
    largest_request_kb: float
    requests: int
    grown_mb: float
    turns_kept: int


def after_the_sentence(avatars: Sequence[Avatar], pace: float = PACE) -> list[float]:
    """Seconds from when the last piece of the first sentence left the model until its sound was there, one a reply."""
    seconds = []
    with PacedServer(lambda body: "", pace) as server:
        studio = Studio(llm=server.url)
        for avatar in avatars:
            with studio.chat(avatar, memory=False) as chat:
                chat.warm()
                for sentence in SENTENCES:
                    server.answer = partial(_begins, sentence)
                    heard_s = _first_sound(chat, "Well?")
                    seconds.append(heard_s - _sent_s(server, sentence))
    return seconds


def after_the_question(avatars: Sequence[Avatar]) -> list[float]:
    """Seconds from a question until the first sound of the built-in engine's answer, one a question."""
    studio, seconds = Studio(llm="builtin"), []
    for avatar in avatars:
        with studio.chat(avatar, memory=False) as chat:
            chat.warm()
            for question in QUESTIONS:
                began_s = time.monotonic()
                seconds.append(_first_sound(chat, question, rest=True) - began_s)
    return seconds


def of_a_model(avatar: Avatar, llm: str, questions: int = 6) -> list[float]:
    """Seconds from a question until the first sound with a model of your own, its own time included."""
    seconds = []
    with Studio(llm=llm).chat(avatar, memory=False) as chat:
        chat.warm()
        for question in QUESTIONS[:questions]:
            began_s = time.monotonic()
            seconds.append(_first_sound(chat, question, rest=True) - began_s)
    return seconds


def size_over(avatar: Avatar, turns: int, memory: str | bool) -> Size:
    """A chat of so many turns with a model."""
    import bm25s  # type: ignore[import-untyped]  # noqa: F401 - 200 MB, once, as soon as a memory is large

    with PacedServer(_answer) as server, Studio(llm=server.url).chat(avatar, memory=memory) as chat:
        before = 0.0
        for turn in range(turns):
            if turn == min(_WARM_TURNS, turns // 2):
                before = _resident_mb()
            for _ in chat.stream(f"{QUESTIONS[turn % len(QUESTIONS)]} This is turn {turn}, and I have {turn} geese."):
                pass
        grown = round(_resident_mb() - before, 2)
        return Size(turns, server.largest / 1000, server.asked, grown, len(chat.history))


def _begins(sentence: str, body: dict[str, Any]) -> str:
    return f"{sentence} {_REST}"


def _answer(body: dict[str, Any]) -> str:
    if not body.get("stream"):
        return json.dumps({"summary": "They spoke of geese. " * 20, "facts": []})
    return f"There are many geese, {len(body['messages'])} at least."


def _first_sound(chat: Chat, said: str, *, rest: bool = False) -> float:
    """When the first sound of the reply was there; the rest is left, or waited for."""
    pieces: Iterator[Any] = chat.stream(said)
    at_s = next((time.monotonic() for piece in pieces if isinstance(piece, SpeechPiece)), time.monotonic())
    for _ in pieces if rest else ():
        pass
    close = getattr(pieces, "close", None)
    if close is not None:
        close()
    return at_s


def _sent_s(server: PacedServer, sentence: str) -> float:
    """When the last piece of the sentence left."""
    length = 0
    for piece in server.sent:
        length += len(piece.text)
        if length >= len(sentence):
            return piece.at_s
    raise RuntimeError("the sentence was spoken before it was written")


def _resident_mb() -> float:
    import psutil

    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6


def _figures(what: str, seconds: Sequence[float], target_ms: float | None = None) -> list[Figure]:
    """The median and the worst of times."""
    ms = [1000 * each for each in seconds]
    return [
        Figure(f"{what}, median", round(statistics.median(ms), 1), "ms", target_ms, f"{len(ms)} replies"),
        Figure(f"{what}, worst", round(max(ms), 1), "ms", target_ms),
    ]


def _sizes(size: Size) -> list[Figure]:
    what = f"{size.turns} turns: "
    return [
        Figure(f"{what}largest request", size.largest_request_kb, "kB", TARGET_KB, f"{size.requests} requests"),
        Figure(f"{what}growth of the process", size.grown_mb, "MB", TARGET_MB, f"{size.turns_kept} turns kept"),
    ]


def measure(llm: str | None = None, turns: int = 1000) -> list[Figure]:
    """All figures."""
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(llm="builtin")
        avatars = [studio.create(who, seed=7, expert="sketch", out=folder) for who in CHARACTERS]
        found = _figures("first sound after the model's first sentence", after_the_sentence(avatars), SENTENCE_MS)
        found += _figures("first sound after a question, built-in engine", after_the_question(avatars), QUESTION_MS)
        found += _sizes(size_over(avatars[0], turns, str(Path(folder) / "memory.db")))
        if llm:
            found += _figures("first sound after a question, your model", of_a_model(avatars[0], llm))
    return found


def main() -> None:
    """The command line; exit code 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--llm", metavar="URL#MODEL", help="a model of your own, measured too")
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    tell(measure(options.llm, options.turns), as_json=options.json)


if __name__ == "__main__":
    main()
