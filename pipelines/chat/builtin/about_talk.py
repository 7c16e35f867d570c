"""Answers about the two of them and the talk: what the user told, what was said before, and where it goes on."""

import re
from dataclasses import replace

from personify.pipelines.chat.builtin import wording
from personify.pipelines.chat.builtin.answering import Answer, Handler, answer
from personify.pipelines.chat.builtin.character import stems
from personify.pipelines.chat.builtin.composing import split
from personify.pipelines.chat.builtin.facts import find
from personify.pipelines.chat.builtin.hearing import Heard, tidy
from personify.pipelines.chat.builtin.talk import Talk, echo, understood
from personify.pipelines.chat.builtin.tongue import LANGUAGES

_QUOTED_LONGEST = 120


def _user_fact(talk: Talk, heard: Heard) -> Answer:
    asked = talk.asked.fact if talk.asked else ""
    found = find(talk.said, talk.tongue.code, asked=asked) or find(heard.clause.text, LANGUAGES[0])
    if not found:
        return Answer(("brief_user_fact", "unknown"))
    fact, value = found[-1].fact, echo(found[-1].value, talk.tongue)
    told = wording.second(fact.text) if talk.tongue.code == "en" else ""
    fields = {"told": (told,)} if told else {}
    if value:
        fields["x"] = (value,)
    groups: tuple[str, ...] = ("fact",)
    if fact.key in ("likes", "dislikes"):
        own = talk.character.liking(found[-1].value)
        if own:
            groups = (f"fact_{'same' if own[0] == fact.key else 'other'}", *groups)
    return Answer((*groups[:-1], f"fact_{fact.key}", "fact") if fact.key else ("remember",), fields)


def _remember(talk: Talk, heard: Heard) -> Answer:
    found = find(talk.said, talk.tongue.code)
    told = wording.second(found[-1].fact.text) if found else ""
    that = told.removeprefix("you asked to remember that ").strip()
    return Answer(("remember",), {"that": (that,)} if that and len(that) <= _QUOTED_LONGEST else {})


def _recall(talk: Talk, heard: Heard) -> Answer:
    """What the user told, by the intent's key, by a word of the question, or all of it; always as told by them."""
    key = talk.intent(heard.intent).key
    known = list(talk.known)
    if key == "name" and talk.partner:
        return Answer(("recall_name",), {"x": (talk.partner,)})
    if key == "remember":
        known = [item for item in known if item[1].startswith("The user asked to ")]
    elif key and key != "x":
        known = [item for item in known if item[0] == key]
    elif key == "x":
        wanted = stems(heard.slot() or heard.clause.plain, talk.tongue)
        near = [item for item in known if wanted & stems(item[1], talk.tongue)]
        if not near:
            memories = [line for line in talk.context.memories if wanted & stems(line, talk.tongue)]
            lines = [line for line in (_told(line, talk) for line in memories) if line]
            if lines:
                return Answer(("recall",), {"told": tuple(lines)})
        if {"called", "name"} & set(heard.clause.plain.split()):  # only what holds a name answers that
            near = [item for item in near if re.search(r" called |(?:,|and) [A-Z]", item[1])]
        known = near
    told = [line for line in (_told(text, talk, key, value) for key, text, value in reversed(known)) if line]
    if told:
        values = tuple(echo(value, talk.tongue) for *_, value in reversed(known) if value)
        several = {"several": (_joined(told[:3], talk),)} if len(told) > 1 and not key else {}
        return Answer(
            ("recall_all", "recall") if several else ("recall",), {"told": tuple(told[:8]), "x": values} | several
        )
    return Answer((f"recall_no_{key}", "recall_none"))


def _joined(lines: list[str], talk: Talk) -> str:
    last = talk.tongue.table("words").get("and", "and")
    return f"{', '.join(lines[:-1])} {last} {lines[-1]}"


def _told(text: str, talk: Talk, key: str = "", value: str = "") -> str:
    """A fact about the user in the second person, to be said after "you told me that"; "" where it can't be."""
    own = talk.tongue.table("told")
    if own:
        told = str(own.get(key or "remember", "")).format(x=value)
        return told if value and len(told) <= _QUOTED_LONGEST else ""
    told = wording.second(text, talk.partner or talk.context.partner).removeprefix("you asked to remember that ")
    told = told.replace("you asked to be reminded ", "you want to be reminded ")
    return told if told and len(told) <= _QUOTED_LONGEST else ""


def _earlier(talk: Talk, heard: Heard) -> Answer:
    if not talk.user_turns:
        return Answer(("earlier_none",))
    quoted = _quote(talk.user_turns[-1])
    return Answer(("earlier",), {"quote": (quoted,)}) if quoted else Answer(("earlier_unclear",))


def _quote(text: str) -> str:
    said = " ".join(tidy(text).split()).replace('"', "'").rstrip(".!?… ")
    parts = split(said)
    said = parts[-1].rstrip(".!?… ") if parts else ""
    return said if said and len(said) <= _QUOTED_LONGEST and any(char.isalnum() for char in said) else ""


def _topics(talk: Talk, heard: Heard) -> Answer:
    """What this talk was about, by the names that the tables give to its intents."""
    names = talk.tongue.table("topics_own")
    mains = [understood(text, talk.tongue)[1].intent for text in talk.user_turns]
    spoken = list(dict.fromkeys(str(names[name]) for name in mains if name in names))[-3:]
    if not spoken:
        return Answer(("earlier_none",))
    last = str(talk.tongue.table("words").get("and", "and"))
    return Answer(("topics",), {"topics": (_list(spoken, last),)})


def _list(items: list[str], last: str) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"


def _repeat(talk: Talk, heard: Heard) -> Answer:
    if not talk.last_reply:
        return Answer(("repeat_none",))
    leads = talk.tongue.table("repeat_leads").get("words", [])
    said = max(split(talk.last_reply), key=len)
    for lead in leads:
        said = said.removeprefix(lead).strip()
    return Answer(("repeat",), {"again": (said[:1].lower() + said[1:] if _lowers(said, talk) else said,)})


def _lowers(said: str, talk: Talk) -> bool:
    first = said.split(maxsplit=1)[0] if said.split() else ""
    return talk.tongue.code == "en" and first.lower() in talk.tongue.table("lowers").get("words", [])


def _more(talk: Talk, heard: Heard) -> Answer:
    topic = talk.topic
    if topic is None:
        return answer(talk, Heard("story", 1.0, heard.clause))
    again = answer(talk, topic)
    return replace(again, groups=(f"more_{topic.intent}", *again.groups))


def _why(talk: Talk, heard: Heard) -> Answer:
    topic = talk.topic
    fields: dict[str, tuple[str, ...]] = {}
    said = talk.last_reply.casefold()
    asked = stems(heard.slot(), talk.tongue)
    if asked:
        said = ""
    for kind in ("like", "dislike"):
        named = tuple(
            item
            for item in talk.character.fields.get(kind, ())
            if item.casefold() in said or asked & stems(item, talk.tongue)
        )
        if named:
            fields[f"said_{kind}"] = named
    groups = [f"why_{kind}" for kind in ("like", "dislike") if f"said_{kind}" in fields]
    return Answer((*groups, *([f"why_{topic.intent}"] if topic else []), "why"), fields)


def _and_you(talk: Talk, heard: Heard) -> Answer:
    """ "And you?": what the character had asked, else what the user just told, else what was spoken of."""
    if talk.asked and talk.asked.after:
        return answer(talk, Heard(talk.asked.after[0], 1.0, heard.clause))
    found = find(talk.said, talk.tongue.code) or (
        find(talk.user_turns[-1], talk.tongue.code) if talk.user_turns else ()
    )
    backs = talk.tongue.table("thrown_back")
    keys = [item.fact.key for item in found if item.fact.key in backs]
    if keys:
        name = keys[0] if "yours" in heard.clause.plain.split() else keys[-1]
        return answer(talk, Heard(str(backs[name or ""]), 1.0, heard.clause))
    others = [one for one in talk.heard if one.intent in backs]
    if others:
        return answer(talk, Heard(str(backs[others[-1].intent]), 1.0, heard.clause))
    return _more(talk, heard) if talk.topic else Answer(("who",))


def _yes(talk: Talk, heard: Heard) -> Answer:
    return _agreed(talk, heard, "yes")


def _no(talk: Talk, heard: Heard) -> Answer:
    return _agreed(talk, heard, "no")


def _agreed(talk: Talk, heard: Heard, word: str) -> Answer:
    """A yes or no to its own question: an offer taken up is carried out."""
    if talk.asked is None:
        return Answer((word,))
    then = talk.asked.yes if word == "yes" else talk.asked.no
    if not then:
        return Answer((f"{word}_{talk.asked.name}", word))
    return answer(talk, Heard(then, 1.0, heard.clause)) if then in talk.tongue.intents else Answer((then, word))


HANDLERS: dict[str, Handler] = {
    "user_fact": _user_fact,
    "remember": _remember,
    "recall": _recall,
    "earlier": _earlier,
    "topics": _topics,
    "repeat": _repeat,
    "more": _more,
    "why": _why,
    "and_you": _and_you,
    "yes": _yes,
    "no": _no,
}
