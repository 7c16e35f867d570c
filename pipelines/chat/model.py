"""The engine with a language model: it answers as the character, and questions of fact it doesn't act.

A persona makes a model worse at facts. So what asks for one (`routing.py`) is answered first without a persona, and
that answer is voiced in character afterwards. Where the voice has lost a number or a name of it (`survival.py`), the
answer is said as it is.
"""

import contextlib
import threading
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Literal, cast

from personify.pipelines.chat.engine import Context, Noted, Turn, Usage
from personify.pipelines.chat.guard import Leaked, guarded, without_labels
from personify.pipelines.chat.noting import note
from personify.pipelines.chat.prompting import deflection, heard, messages, neutral_prompt, system_prompt
from personify.pipelines.chat.routing import is_of_fact, stands_alone
from personify.pipelines.chat.survival import invented, lost
from personify.voices.errors import PersonifyError
from personify.voices.lines import Line
from personify.voices.servers import client_of

if TYPE_CHECKING:
    from personify.pipelines.language_model import Answer, LanguageModel

Facts = Literal["neutral", "acted"]
"""Who answers questions of fact: the model without a persona first, or the character alone."""

REPLY_TOKENS, NEUTRAL_TOKENS = 400, 160
_LONGEST_TOKEN = 8
"""Characters that a token has at most, over a whole reply: a server that doesn't heed the limit is hung up on there."""
_LONGEST_ANSWER = 600
_CLOSING = '.!?…。！？"”»)'


class ModelEngine:
    """Words of a character from one language model; safe to share between threads."""

    is_language_model = True

    def __init__(self, model: "LanguageModel", *, facts: Facts = "neutral") -> None:
        self.model = model
        self.facts: Facts = facts
        self.name = model.server.model or "language model"
        """The model's name, as far as it is known without asking."""

    def warm(self) -> None:
        """Loads the client, so that the first reply needn't wait for it. Nothing is asked."""
        client_of(self.model.server, keeps=False)

    def reply(self, said: str, context: Context, usage: Usage) -> "Words":
        """See `ChatEngine.reply`; its `close` hangs up from any thread."""
        line = Line()
        return Words(_Answering(self.model, self.facts, line, context, usage).answer(said), line)

    def note(self, turns: tuple[Turn, ...], context: Context, usage: Usage) -> Noted:
        """See `ChatEngine.note`."""
        return note(self.model, turns, context, usage)


class Words:
    """The pieces of a reply. `close` hangs up on the server at once, from whatever thread."""

    def __init__(self, pieces: Iterator[str], line: Line) -> None:
        self._pieces, self._line = pieces, line
        self._turn = threading.Lock()

    def __iter__(self) -> "Words":
        return self

    def __next__(self) -> str:
        with self._turn:
            return next(self._pieces)

    def close(self) -> None:
        """No piece comes any more."""
        self._line.cut()
        if self._turn.acquire(blocking=False):  # nobody is waiting for a piece, who would see the end himself
            try:
                close = getattr(self._pieces, "close", None)
                if close is not None:
                    close()
            finally:
                self._turn.release()


class _Answering:
    """One reply on its way."""

    def __init__(self, model: "LanguageModel", facts: Facts, line: Line, context: Context, usage: Usage) -> None:
        self._model, self._facts, self._line = model, facts, line
        self._context, self._usage = context, usage
        self._language = context.persona.language

    def answer(self, said: str) -> Iterator[str]:
        """The reply's pieces."""
        known = self._neutral(said) if self._facts == "neutral" and is_of_fact(said, self._context) else None
        written = self._in_character(said) if known is None else self._voiced(said, known)
        text = ""
        try:
            for piece in written:
                text += piece
                yield piece
        except Leaked:
            self._usage.notes.append("the model began to repeat its instructions, and was cut off")
            text = text.rstrip()
            yield f"{'' if not text or text[-1] in _CLOSING else '…'}{' ' if text else ''}{deflection(self._language)}"

    def _in_character(self, said: str, answer: str | None = None) -> Iterator[str]:
        persona, context = self._context.persona, self._context
        system = system_prompt(said, context, answer=answer)
        warmth = 0.7 if answer is None else 0.3
        pieces = self._stream(system, said, context.turns, REPLY_TOKENS, temperature=warmth)
        with contextlib.closing(pieces):
            yield from guarded(without_labels(pieces, persona.name, context.partner))

    def _neutral(self, said: str) -> str | None:
        """The answer without a persona; None where the model has none."""
        # What the character said would draw it into the role: only a question that needs the one before hears that.
        before = () if stands_alone(said, self._context) else self._context.turns[-2:]
        pieces = self._stream(neutral_prompt(self._language), said, before, NEUTRAL_TOKENS, temperature=0.0)
        with contextlib.closing(pieces):
            try:
                return heard("".join(guarded(pieces)))[:_LONGEST_ANSWER] or None
            except (PersonifyError, Leaked) as error:
                why = str(error) or "there was no neutral answer"
                self._usage.notes.append(f"the question was answered in character alone: {why}")
                return None

    def _voiced(self, said: str, answer: str) -> Iterator[str]:
        """The answer in the character's words, sentence by sentence; as it is, where they lose it."""
        from personify.voices.text.sentences import SentenceStream

        self._usage.route = "voiced"
        known = f"{answer}\n{said}"
        sentences = SentenceStream(self._language)
        spoken: list[str] = []

        def kept(found: list[str]) -> Iterator[str]:
            for sentence in found:
                if not invented(sentence, known):
                    yield f" {sentence}" if spoken else sentence
                    spoken.append(sentence)

        try:
            for piece in self._in_character(said, answer):
                yield from kept(sentences.feed(piece))
            yield from kept(sentences.end())
        except (PersonifyError, Leaked) as error:
            self._usage.notes.append(f"the answer is said as it is: {error or 'it was not voiced'}")
        if self._line.is_cut:
            return
        missing = lost(answer, " ".join(spoken), said, self._language)
        if missing or not spoken:
            self._usage.route = "neutral"
            yield f" {answer}" if spoken else answer

    def _stream(
        self, system: str, said: str, turns: tuple[Turn, ...], tokens: int, *, temperature: float
    ) -> Generator[str, None, None]:
        self._usage.requests += 1
        *history, (_, asked) = messages([*turns, Turn("user", said)])
        pieces = self._model.stream(
            system, asked, history=history, max_tokens=tokens, temperature=temperature,
            on_end=self._count, line=self._line,
        )  # fmt: skip
        left = tokens * _LONGEST_TOKEN
        with contextlib.closing(cast("Generator[str, None, None]", pieces)):
            for piece in pieces:
                yield piece[:left]
                left -= len(piece)
                if left <= 0:
                    self._usage.notes.append(f"the model went on beyond {tokens} tokens, and was cut off")
                    return

    def _count(self, answer: "Answer") -> None:
        self._usage.tokens_in += answer.tokens_in
        self._usage.tokens_out += answer.tokens_out
        cost = self._model.server.cost(answer.tokens_in, answer.tokens_out)
        if cost is not None:
            self._usage.cost = (self._usage.cost or 0.0) + cost
