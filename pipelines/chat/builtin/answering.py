"""Which function answers which kind of intent: a kind is named by `how` in the tables, and each has one handler."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from personify.pipelines.chat.builtin.composing import Fields
from personify.pipelines.chat.builtin.hearing import Heard
from personify.pipelines.chat.builtin.talk import Talk


@dataclass(frozen=True)
class Answer:
    """Groups of replies to try in turn, with values for their slots; `ends` where nothing should follow it."""

    groups: tuple[str, ...]
    fields: Fields = field(default_factory=dict)
    ends: bool = False


Handler = Callable[[Talk, Heard], Answer]


def answer(talk: Talk, heard: Heard) -> Answer:
    """What answers one understood clause."""
    handlers = _handlers()
    known = talk.tongue.intents.get(heard.intent)
    is_own = known is not None and known.topic and known.counts_as not in ("recall", "earlier")
    if is_own and heard.clause.asks and not heard.by_pattern and heard.clause.plain:
        from personify.pipelines.chat.builtin.about_self import from_profile

        found = from_profile(talk, heard.clause.plain)
        if found:  # a guess at the question is worth less than an attribute that fits it
            return found
    return handlers.get(known.how if known else heard.intent, handlers["say"])(talk, heard)


@cache
def _handlers() -> Mapping[str, Handler]:
    """All handlers; the modules that hold them call `answer` in turn, so they are imported here."""
    from personify.pipelines.chat.builtin import about_self, about_talk

    return {**about_self.HANDLERS, **about_talk.HANDLERS}
