"""One character's questions to a language model: counted, and ended at once where the server is of no help.

Knows nothing of what is asked.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from personify.pipelines.chat.engine import Usage
from personify.voices import multiple_choice
from personify.voices.errors import PersonifyError
from personify.voices.stopping import Stopped

if TYPE_CHECKING:
    from personify.pipelines.language_model import Answer, LanguageModel

NOTE_LENGTH = 300


class Asker:
    """Asks `model` on behalf of one avatar; `usage` is added to.

    Where the server can't be reached, hangs or refuses, its client has been patient already: the first such error is
    raised again for every later question, so that a server that hangs is waited for once.
    """

    def __init__(self, model: "LanguageModel", usage: Usage | None = None, *, seed: int | None = None) -> None:
        self.model = model
        self.usage = usage if usage is not None else Usage()
        self._seed = seed
        self._broken: PersonifyError | None = None

    @property
    def name(self) -> str:
        """What the model is called; never raises, and asks nobody who was of no help."""
        if self._broken is not None:
            return one_line(self.model.server.model or "", 60) or "the language model"
        try:
            return one_line(self.model.model, 60)
        except PersonifyError:
            return "the language model"

    @property
    def broken(self) -> bool:
        """Whether there is no use in asking on."""
        return self._broken is not None

    def ask(
        self,
        system: str,
        user: str,
        schema: dict[str, Any],
        *,
        max_tokens: int = 1500,
        temperature: float = 0.0,
        on_text: Callable[[str], None] | None = None,
    ) -> str:
        """The answer's text; `on_text` hears of it as it comes, all that was said so far each time.

        Raises `PersonifyError` where there is none; `NoWords` where the model said nothing.
        """
        from personify.pipelines.language_model import NoWords

        if self._broken is not None:
            raise self._broken
        self.usage.requests += 1
        try:
            answer = self.model.ask(
                system, user, schema=schema, max_tokens=max_tokens, temperature=temperature, seed=self._seed,
                on_text=on_text,
            )  # fmt: skip
        except NoWords as silent:  # which costs what its thoughts took
            if silent.answer is not None:
                self._count(silent.answer)
            raise
        except Stopped:
            raise
        except PersonifyError as error:
            self._broken = error
            raise
        self._count(answer)
        return answer.text

    def _count(self, answer: "Answer") -> None:
        self.usage.tokens_in += answer.tokens_in
        self.usage.tokens_out += answer.tokens_out
        cost = self.model.server.cost(answer.tokens_in, answer.tokens_out)
        if cost is not None:
            self.usage.cost = (self.usage.cost or 0.0) + cost


def one_line(text: str, length: int = NOTE_LENGTH) -> str:
    """What came from outside, on one line that moves no cursor and holds no markup, of bounded length."""
    plain = re.sub(r"<[^<>]{0,300}>?", " ", text[: 20 * length])
    return multiple_choice.one_line(plain.replace(">", " "), length)
