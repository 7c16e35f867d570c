"""A language model behind an OpenAI-compatible server: OpenAI, Ollama, vLLM, LM Studio, llama.cpp.

Knows nothing of characters: text goes in, text comes out, whole or in pieces. What a server doesn't take (a JSON
schema, a seed, `max_tokens`, counting a stream's tokens) is learnt from its refusal once and left out from then on.
"""

import json
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import BaseModel, Field

from personify.voices.errors import BadInput, PersonifyError
from personify.voices.exchange import Refused, Unwanted, attempt, exchange, parsed, told, too_much, too_slow
from personify.voices.lines import Line
from personify.voices.servers import Server, read_server
from personify.voices.stopping import Stopped

if TYPE_CHECKING:
    from openai import OpenAI

_log = logging.getLogger(__name__)

LLM_VARIABLE = "PERSONIFY_LLM"
MAX_TOKENS = 1500

History = Sequence[tuple[Literal["user", "assistant"], str]]
"""What was said before, oldest first: who, in the protocol's words, and what."""

_NAMED = 12
"""So many of a server's models are named in a message."""
_THOUGHTS = re.compile(r"^\s*<think>.*?</think>\s*", re.DOTALL)
_THINKS = "<think>"
_SHORTEST_KEY = 8
"""Shorter keys, such as "none" for a server that wants none, are words that an answer may hold."""
_NO_CHAT = (ValueError, AttributeError, TypeError, LookupError, RecursionError)
_CANT = frozenset({400, 404, 405, 415, 422, 501})
"""Answers that a server may give to being asked for a stream."""
_FORMS = ("json_schema", "json_object", "text")
"""The ways to ask for JSON, from the strictest on."""


class ModelServer(Server):
    """A server that speaks `POST /v1/chat/completions`."""

    what: ClassVar[str] = "the language model server"
    variable: ClassVar[str] = LLM_VARIABLE
    usual_key: ClassVar[str] = "PERSONIFY_LLM_KEY"

    timeout_s: float = Field(120.0, gt=0)
    """A laptop's model takes a minute or two for a whole persona."""
    max_bytes: int = 4_000_000
    price_in: float | None = Field(None, ge=0, allow_inf_nan=False)
    price_out: float | None = Field(None, ge=0, allow_inf_nan=False)
    """What a million tokens that go in, or come out, cost, in any currency."""

    def cost(self, tokens_in: int, tokens_out: int) -> float | None:
        """What so many tokens cost; None where no price is known."""
        if self.price_in is None and self.price_out is None:
            return None
        return (tokens_in * (self.price_in or 0.0) + tokens_out * (self.price_out or 0.0)) / 1e6


@dataclass(frozen=True)
class Answer:
    """What a model said. `tokens_in` and `tokens_out` are 0 where the server doesn't count; `seconds` is how long it
    took; `complete` is False where it ran into `max_tokens`."""

    text: str
    tokens_in: int
    tokens_out: int
    seconds: float
    model: str
    complete: bool = True


class _Unstreamed(Exception):
    """The server doesn't stream."""


class NoWords(PersonifyError):
    """The server answered properly, and the model said nothing; `answer`, if any, says what that took."""

    def __init__(self, message: str, answer: Answer | None = None) -> None:
        super().__init__(message)
        self.answer = answer


@dataclass(frozen=True)
class _Habits:
    """What this server takes: the strictest form of JSON, the name of the limit, and what it refuses to hear of."""

    form: str = _FORMS[0]
    limit: str = "max_tokens"
    without: frozenset[str] = frozenset()

    def after(self, refused: Refused, sent: dict[str, Any]) -> "_Habits | None":
        """What to do otherwise, told by the refusal of a request; None where it is about something else."""
        if refused.status not in (400, 422):
            return None
        reason = refused.reason.lower()
        form = _FORMS.index(self.form)
        if "response_format" in sent and re.search(r"response_format|json_schema|json_object|grammar", reason):
            return replace(self, form=_FORMS[form + 1])
        if self.limit in sent and "max_completion_tokens" in reason and self.limit != "max_completion_tokens":
            return replace(self, limit="max_completion_tokens")
        named = next(
            (name for name in ("temperature", "seed", "stream_options") if name in sent and name in reason), None
        )
        return replace(self, without=self.without | {named}) if named else None


@dataclass(frozen=True)
class _Question:
    """What a model is to answer."""

    system: str
    user: str
    history: tuple[tuple[str, str], ...] = ()
    schema: dict[str, Any] | None = None

    def messages(self, form: str) -> list[dict[str, str]]:
        """The messages; a schema that the server doesn't take itself is told to the model."""
        system = self.system
        if self.schema is not None and form != "json_schema":
            told_schema = json.dumps(self.schema, ensure_ascii=False)
            system += f"\n\nAnswer with one JSON object that fits this JSON Schema, and nothing else:\n{told_schema}"
        said = [("system", system), *self.history, ("user", self.user)]
        return [{"role": role, "content": text} for role, text in said]


@dataclass
class _Course:
    """How a stream goes: what the server counted, and whether it came to an end of its own."""

    tokens_in: int = 0
    tokens_out: int = 0
    complete: bool = False
    begun: bool = False
    """Whether anything came that is a piece of a chat."""

    def noted(self, pieces: Any) -> Iterator[str]:
        """The text of each piece."""
        for piece in pieces:
            usage = getattr(piece, "usage", None)
            counted = usage.model_dump() if isinstance(usage, BaseModel) else usage
            self.tokens_in = _count(counted, "prompt_tokens") or self.tokens_in
            self.tokens_out = _count(counted, "completion_tokens") or self.tokens_out
            if piece.choices:
                self.begun = True
                self.complete = self.complete or piece.choices[0].finish_reason not in (None, "length")
                yield _text(piece.choices[0].delta.content)


class LanguageModel:
    """One model on one server; safe to share between threads."""

    def __init__(self, server: ModelServer) -> None:
        self.server = server
        self._lock = threading.Lock()
        self._model = server.model
        self._habits = _Habits()
        self._streams = True
        """Whether answers can be heard as they come; the chat's streams know no other way."""

    @classmethod
    def connect(cls, where: str | None = None, *, key_env: str | None = None, **limits: Any) -> Self:
        """The model at "URL#model", such as "http://127.0.0.1:11434/v1#qwen3"; without `where`, at `$PERSONIFY_LLM`.

        The model may be left out where the server has only one. The key is read from the variable that `key_env` names,
        else from `PERSONIFY_LLM_KEY`, or for OpenAI's own server from `OPENAI_API_KEY`. `limits` are those of
        `voices.servers.Server`. Nothing is asked yet. Raises `BadInput` for what is no address.
        """
        where = where or os.environ.get(LLM_VARIABLE, "").strip()
        if not where:
            raise BadInput(
                f"no language model is named; give one as URL#model, such as http://127.0.0.1:11434/v1#qwen3, or set "
                f"{LLM_VARIABLE}"
            )
        url, _, model = where.partition("#")
        table = {"url": url, "model": model or None, "key_env": key_env, **limits}
        return cls(read_server(ModelServer, "", table, LLM_VARIABLE))

    def __repr__(self) -> str:
        return f"LanguageModel({self.address})"

    @property
    def address(self) -> str:
        """As users name it: the server's address and, once it is known, the model; never a key."""
        return f"{self.server.url}#{self._model}" if self._model else self.server.url

    def ask(
        self,
        system: str,
        user: str,
        *,
        history: History = (),
        schema: dict[str, Any] | None = None,
        max_tokens: int = MAX_TOKENS,
        temperature: float | None = 0.0,
        seed: int | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Answer:
        """What the model answers to `user`, after `history`. With a JSON `schema` it is asked for JSON of that form, as
        strictly as the server can; the text is what it said, and may still be something else. Thoughts before the
        answer are left out. `on_text` hears of the text as it comes, all that was said so far each time, and anew where
        a connection was lost.

        Raises `PersonifyError` where the server can't be reached, refuses, or says nothing.
        """
        began = time.monotonic()
        question = _Question(system, user, tuple(history), schema)
        wishes: dict[str, Any] = {"temperature": temperature, "seed": seed}
        if on_text is not None and self._streams:
            try:
                return self._heard(question, wishes, max_tokens, on_text)
            except _Unstreamed:
                _log.info("%s does not stream; its answers come whole", self.server.url)
                self._streams = False
        answer = self._adapting(
            lambda sent: parsed(self.server, exchange(self.server, lambda client: _post(client, sent))),
            question, wishes, max_tokens,
        )  # fmt: skip
        choice = self._choice(answer)
        message = choice.get("message") or {}
        text = _THOUGHTS.sub("", _text(message.get("content"))).strip()
        text = self.server.without_key(text, _SHORTEST_KEY)
        usage = answer.get("usage")
        said = Answer(
            text,
            _count(usage, "prompt_tokens"),
            _count(usage, "completion_tokens"),
            time.monotonic() - began,
            str(answer.get("model") or self.model),
            complete=choice.get("finish_reason") != "length",
        )
        if not text:
            why = message.get("refusal") or ("it ran out of tokens" if choice.get("finish_reason") == "length" else "")
            raise self._silent(said, why)
        return said

    def _heard(
        self, question: "_Question", wishes: dict[str, Any], max_tokens: int, on_text: Callable[[str], None]
    ) -> Answer:
        """The whole answer, told as it comes. Raises `_Unstreamed` where the server sends no stream."""
        began = time.monotonic()
        try:
            course, text = self._adapting(
                lambda sent: attempt(self.server, lambda client: self._listen(client, sent, on_text)),
                question, wishes | {"stream_options": {"include_usage": True}}, max_tokens,
            )  # fmt: skip
        except Refused as refused:
            if refused.status in _CANT and re.search(r"\bstream", refused.reason, re.IGNORECASE):
                raise _Unstreamed from None
            raise
        text = text.strip()
        seconds = time.monotonic() - began
        answer = Answer(text, course.tokens_in, course.tokens_out, seconds, self.model, course.complete)
        if not text:
            raise self._silent(answer, "" if course.complete else "it ran out of tokens")
        return answer

    def _listen(self, client: "OpenAI", sent: dict[str, Any], on_text: Callable[[str], None]) -> "tuple[_Course, str]":
        """One stream to its end, within the server's limits: how it went, and its text."""
        deadline = time.monotonic() + self.server.timeout_s
        course, text = _Course(), ""
        with client.chat.completions.create(**sent, stream=True) as pieces:
            for piece in _spoken(_chat_alone(course.noted(pieces))):
                text = self.server.without_key(text + piece, _SHORTEST_KEY)
                if len(text) > self.server.max_bytes:
                    raise too_much(self.server)
                if time.monotonic() > deadline:
                    raise too_slow(self.server)
                on_text(text)
        if not course.begun:
            raise _Unstreamed
        return course, text

    def _silent(self, answer: Answer, why: str) -> NoWords:
        said = f" ({why})" if why else ""
        return NoWords(
            f"the language model {self.model!r} at {self.server.url} said nothing{said}; ask again, or choose another "
            "model",
            answer,
        )

    def stream(
        self,
        system: str,
        user: str,
        *,
        history: History = (),
        max_tokens: int = MAX_TOKENS,
        temperature: float | None = 0.7,
        seed: int | None = None,
        on_end: Callable[[Answer], None] | None = None,
        line: Line | None = None,
    ) -> Iterator[str]:
        """The answer's text in pieces as they come, thoughts left out; `timeout_s` is for each piece here. Closing the
        iterator hangs up, and so does cutting the `line`, from any thread: the pieces end then without an error.
        `on_end` hears once what was said by the end, however it ended, with the tokens where the server counts them.
        Raises as `ask`, also in the middle."""
        began = time.monotonic()
        course = _Course()
        said: list[str] = []
        question = _Question(system, user, tuple(history))
        wishes = {"temperature": temperature, "seed": seed, "stream_options": {"include_usage": True}}
        line = line or Line()
        try:
            with line.held():
                pieces = self._adapting(
                    lambda sent: attempt(
                        self.server, lambda client: client.chat.completions.create(**sent, stream=True)
                    ),
                    question, wishes, max_tokens,
                )  # fmt: skip
        except Unwanted:
            return
        try:
            for text in self._pieces(pieces, course, line):
                said.append(text)
                yield text
        finally:
            if on_end is not None:
                seconds = time.monotonic() - began
                on_end(Answer("".join(said), course.tokens_in, course.tokens_out, seconds, self.model, course.complete))
        if not said and not line.is_cut:
            raise NoWords(f"the language model {self.model!r} at {self.server.url} said nothing; ask again")

    def _pieces(self, pieces: Any, course: "_Course", line: Line) -> Iterator[str]:
        """What is said in a stream, noting its course; hangs up when it is closed."""
        from httpx2 import HTTPError
        from openai import APIError

        with pieces:
            try:
                yield from _spoken(course.noted(pieces))
            except (APIError, HTTPError) as error:
                if not line.is_cut:
                    raise told(self.server, error) from None
            except _NO_CHAT:  # what comes is no JSON, or not of that shape
                if line.is_cut:
                    return
                raise PersonifyError(
                    f"{self.server.what} at {self.server.url} streams something else than a chat; see whether that is "
                    "the address of an OpenAI-compatible server"
                ) from None

    @property
    def model(self) -> str:
        """The model's name; where none was given, the server's only one. Raises `BadInput` that lists them."""
        if self._model:
            return self._model
        there = self.models()
        if len(there) != 1:
            raise BadInput(f"{self.server.what} at {self.server.url} has {_listed(there)}; name one as URL#model")
        with self._lock:
            self._model = there[0]
        return there[0]

    def models(self) -> tuple[str, ...]:
        """What the server calls its models."""
        answer = parsed(self.server, exchange(self.server, lambda client: client.models.with_streaming_response.list()))
        listed = answer.get("data") if isinstance(answer, dict) else None
        entries = listed if isinstance(listed, list) else []
        return tuple(str(entry["id"]) for entry in entries if isinstance(entry, dict) and entry.get("id"))

    def _adapting(
        self,
        send: Callable[[dict[str, Any]], Any],
        question: "_Question",
        wishes: dict[str, Any],
        max_tokens: int,
    ) -> Any:
        """What `send` brings, with whatever the server refuses to take done otherwise, and remembered."""
        while True:
            habits = self._habits
            sent: dict[str, Any] = {"model": self.model, "messages": question.messages(habits.form)}
            sent |= {k: v for k, v in wishes.items() if v is not None and k not in habits.without}
            sent[habits.limit] = max_tokens
            if question.schema is not None and habits.form != "text":
                sent["response_format"] = _response_format(question.schema, habits.form)
            try:
                return send(sent)
            except Refused as refused:
                better = habits.after(refused, sent)
                if better is None:
                    raise self._explained(refused) from None
                _log.info("%s takes it otherwise: %s", self.server.url, better)
                with self._lock:
                    self._habits = better

    def _explained(self, refused: Refused) -> PersonifyError:
        """The refusal, or, where it is the model that isn't there, which ones are."""
        if refused.status != 404 and not (refused.status == 400 and (self._model or "") in str(refused)):
            return refused
        try:
            there = self.models()
        except Stopped:
            raise
        except PersonifyError:
            return refused
        if not there or self._model in there:
            return refused
        return BadInput(
            f"{self.server.what} at {self.server.url} has no model {self._model!r}, it has {_listed(there)}; name one "
            "as URL#model"
        )

    def _choice(self, answer: Any) -> dict[str, Any]:
        choices = answer.get("choices") if isinstance(answer, dict) else None
        first = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(first, dict) or not isinstance(first.get("message") or {}, dict):
            raise PersonifyError(
                f"{self.server.what} at {self.server.url} answered something else than a chat; see whether that is the "
                "address of an OpenAI-compatible server"
            )
        return first


def _chat_alone(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces; what comes and is none is `_Unstreamed`."""
    try:
        yield from pieces
    except _NO_CHAT:
        raise _Unstreamed from None


def _post(client: "OpenAI", sent: dict[str, Any]) -> AbstractContextManager[Any]:
    return client.chat.completions.with_streaming_response.create(**sent)


def _response_format(schema: dict[str, Any], form: str) -> dict[str, Any]:
    if form == "json_object":
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}


def _text(content: Any) -> str:
    """The text of a message: a string, or the parts that some servers make of it."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _count(usage: Any, name: str) -> int:
    """A number of tokens; 0 where the server's count is none."""
    count = usage.get(name) if isinstance(usage, dict) else None
    return count if isinstance(count, int) and count > 0 else 0


def _spoken(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces without the thoughts that they may begin with, and without empty ones."""
    held, speaking = "", False
    for piece in pieces:
        if not speaking:
            held = _THOUGHTS.sub("", held + piece).lstrip()
            speaking = bool(held) and not held.startswith(_THINKS) and not _THINKS.startswith(held)
            if speaking:
                yield held
        elif piece:
            yield piece
    if not speaking and held and not held.startswith(_THINKS):
        yield held


def _listed(models: tuple[str, ...]) -> str:
    if not models:
        return "no models"
    more = f" and {len(models) - _NAMED} more" if len(models) > _NAMED else ""
    return f"{', '.join(models[:_NAMED])}{more}"
