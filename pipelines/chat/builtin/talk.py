"""One reply in the making: what was said and understood, who answers, what was said before, what is known."""

import random
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from personify.pipelines.chat.builtin.character import Character
from personify.pipelines.chat.builtin.composing import Composer, Fields, split
from personify.pipelines.chat.builtin.facts import Found, asked_for, find_in, value_of
from personify.pipelines.chat.builtin.hearing import SERIOUS, THRESHOLD, Clause, Heard, hear, tidy
from personify.pipelines.chat.builtin.tongue import LANGUAGES, Intent, Question, Tongue
from personify.pipelines.chat.builtin.wording import flipped
from personify.pipelines.chat.engine import Context, Turn

_ECHO_LONGEST, _ECHO_WORDS = 48, 6
_UNSAFE = re.compile(r"[<>{}\[\]\\|@#$%^*_=~/:`\"]|\d{5}")


@dataclass(frozen=True, eq=False)
class Talk:
    """All that a handler may look at. `fields` are the character's values with those of this talk."""

    said: str
    heard: tuple[Heard, ...]
    main: Heard
    character: Character
    context: Context
    composer: Composer
    rng: random.Random
    now: datetime
    fields: Fields = field(default_factory=dict)

    @property
    def tongue(self) -> Tongue:
        """The language of the reply."""
        return self.character.tongue

    def intent(self, name: str) -> Intent:
        """An intent of the tables; one that they don't hold is a plain one of that name."""
        return self.tongue.intents.get(name, Intent(name, ()))

    @cached_property
    def asked(self) -> Question | None:
        """What the character's last turn asked, if it was one of its own questions."""
        return question_in(self.last_reply, self.tongue)

    @cached_property
    def last_reply(self) -> str:
        """The character's last turn, or ""."""
        return next((turn.text for turn in reversed(self.context.turns) if turn.who == "character"), "")

    @cached_property
    def user_turns(self) -> tuple[str, ...]:
        """What the user said before, the oldest first."""
        return tuple(turn.text for turn in self.context.turns if turn.who == "user")

    @cached_property
    def topic(self) -> Heard | None:
        """The last thing asked that "why?" and "tell me more" may go on with."""
        turns = self.context.turns
        for at in range(len(turns) - 1, -1, -1):
            if turns[at].who != "user":
                continue
            before = turns[at - 1].text if at else ""
            main = understood(turns[at].text, self.tongue, before)[1]
            if self.intent(main.intent).topic and main.intent != "unknown":
                return main
        return None

    @cached_property
    def known(self) -> tuple[tuple[str, str, str], ...]:
        """(key, sentence in the third person, the user's own words or "") of all that is known of the user, newest
        last; what was told in this talk counts at once."""
        facts = {fact.text.casefold(): fact for fact in self.context.facts if fact.about == "user"}
        values: dict[str, str] = {}
        for found in self.found_before:
            facts.pop(found.fact.text.casefold(), None)
            facts[found.fact.text.casefold()] = found.fact
            values[found.fact.text.casefold()] = found.value
        return tuple(
            (fact.key or "", fact.text, values.get(text) or value_of(fact, self.tongue.code))
            for text, fact in facts.items()
        )

    @cached_property
    def found_before(self) -> tuple[Found, ...]:
        """What the user told in this talk before now."""
        return find_in(self.context.turns, self.tongue.code)

    @property
    def partner(self) -> str:
        """What the user is called, or ""."""
        told = [value for key, _, value in self.known if key == "name" and value]
        return told[-1] if told else echo(self.context.partner or "", self.tongue)


def question_in(reply: str, own: Tongue) -> Question | None:
    """The question of the tables that a reply ends with or holds."""
    for question in own.questions.values():
        if any(line in reply for line in question.ask):
            return question
    return None


def understood(said: str, own: Tongue, before: str = "") -> tuple[tuple[Heard, ...], Heard]:
    """(every clause understood, the one to answer). English is understood by every character."""
    heard = hear(said, own.code)
    if own.code != LANGUAGES[0]:
        english = hear(said, LANGUAGES[0])
        if english and heard and max(one.score for one in english) * 0.9 > max(one.score for one in heard):
            heard = english
        heard = (*heard, *(one for one in english if _rank(one, own) >= SERIOUS and one not in heard))
    if not heard:
        return (), Heard("silence", 1.0, Clause("", "", False))
    asked = asked_for(before, own.code) if before else ""
    heard = tuple(_as_told(one, own, asked if len(heard) == 1 else "") for one in heard)
    heard = tuple(one for one in heard if one.intent != "unknown") or heard[:1]
    order = sorted(
        enumerate(heard),
        key=lambda at: (_rank(at[1], own), at[1].intent != "unknown", at[0]),
    )
    return heard, order[-1][1]


def _rank(heard: Heard, own: Tongue) -> int:
    intent = own.intents.get(heard.intent)
    return intent.rank if intent else 4 if heard.intent in ("user_fact", "remember") else 1


def _as_told(heard: Heard, own: Tongue, asked: str) -> Heard:
    """A clause that tells a fact, where no intent of its own fits it better."""
    from personify.pipelines.chat.builtin.facts import find

    certain = own.intents.get(heard.intent)
    if heard.intent != "unknown" and certain and heard.by_pattern and heard.score >= 0.72:
        return heard
    found = find(heard.clause.text + ("?" if heard.clause.asks else ""), own.code, asked=asked)
    if not found:
        return heard
    name = "remember" if found[-1].fact.key is None else "user_fact"
    return Heard(name, max(0.8, heard.score), heard.clause)


def foreign(said: str, own: Tongue) -> str:
    """The language of the tables in which a message is understood where the character's own doesn't."""
    for code in LANGUAGES:
        if code != own.code:
            heard = hear(said, code)
            if heard and max(one.score for one in heard) >= 0.85:
                return code
    return ""


def echo(text: str, own: Tongue) -> str:
    """The user's words as the character may say them back: short, letters and plain marks only, turned about; else
    "". What is echoed is named or asked about, never claimed."""
    said = tidy(text)
    if not said or len(said) > _ECHO_LONGEST or len(said.split()) > _ECHO_WORDS or _UNSAFE.search(said):
        return ""
    if not any(char.isalpha() for char in said) or split(said) != [said]:
        return ""
    said = re.sub(r"[^\w\s'&-]", "", said).strip()
    return flipped(said) if own.code == "en" else said


def last_turns(turns: tuple[Turn, ...], count: int) -> tuple[Turn, ...]:
    """The last so many turns of the character."""
    return tuple(turn for turn in turns if turn.who == "character")[-count:]


__all__ = ["THRESHOLD", "Talk", "echo", "foreign", "last_turns", "question_in", "understood"]
