"""How each kind of intent is answered: which replies of the tables, with what values; one small function a kind."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from personify.pipelines.chat.builtin import wording
from personify.pipelines.chat.builtin.character import stems
from personify.pipelines.chat.builtin.composing import Fields, split
from personify.pipelines.chat.builtin.facts import find
from personify.pipelines.chat.builtin.hearing import Heard
from personify.pipelines.chat.builtin.talk import Talk, echo
from personify.pipelines.chat.builtin.tongue import LANGUAGES

_QUOTED_LONGEST = 120


@dataclass(frozen=True)
class Answer:
    """Groups of replies to try in turn, with values for their slots; `ends` where nothing should follow it."""

    groups: tuple[str, ...]
    fields: Fields = field(default_factory=dict)
    ends: bool = False


Handler = Callable[[Talk, Heard], Answer]


def answer(talk: Talk, heard: Heard) -> Answer:
    """What answers one understood clause."""
    known = talk.tongue.intents.get(heard.intent)
    return _HANDLERS.get(known.how if known else heard.intent, _say)(talk, heard)


def _say(talk: Talk, heard: Heard) -> Answer:
    return Answer((heard.intent,))


def _profiled(talk: Talk, heard: Heard) -> Answer:
    """A question about itself that the profile may answer more closely than the plain facts do."""
    found = _from_profile(talk, heard.clause.plain)
    plain = Answer((heard.intent,))
    return Answer((*found.groups, *plain.groups), found.fields) if found else plain


def _from_profile(talk: Talk, question: str) -> Answer | None:
    attribute = talk.character.attribute(question)
    if attribute is None:
        return None
    if wording.is_sentence(attribute.text):
        return Answer(("profile_line",), {"line": (wording.sentence(attribute.text),)})
    leaf = attribute.path.split("/")[-1].replace("_", " ")
    return Answer(("profile_thing",), {"leaf": (leaf,), "thing": (wording.thing(attribute.text),)})


def _like_x(talk: Talk, heard: Heard) -> Answer:
    subject = echo(heard.slot(), talk.tongue)
    liking = talk.character.liking(subject or heard.slot())
    if liking:
        kind, item = liking
        return Answer((f"{kind}_x",), {"x": (item,)})
    found = _from_profile(talk, heard.clause.plain)
    if found:
        return found
    recalled = talk.character.recollection(subject)
    if recalled:
        return Answer(("recollection",), {"line": (recalled,)})
    return Answer(("unsure_x", "opinion"), {"x": (subject,)} if subject else {})


def _opinion(talk: Talk, heard: Heard) -> Answer:
    subject = echo(heard.slot(), talk.tongue)
    if subject.lower() in talk.tongue.table("pronouns").get("words", []):
        return Answer(("opinion",))
    known = _like_x(talk, heard)
    if known.groups[0] != "unsure_x":
        return known
    return Answer(("opinion_x", "opinion") if subject else ("opinion",), {"x": (subject,)} if subject else {})


def _favourite(talk: Talk, heard: Heard) -> Answer:
    subject = echo(heard.slot(), talk.tongue)
    found = _from_profile(talk, f"favourite {heard.slot() or heard.clause.plain}")
    if found:
        return found
    wanted = stems(heard.slot(), talk.tongue)
    fitting = [item for item in talk.character.persona.personal.likes if wanted & stems(item, talk.tongue)]
    if fitting:
        return Answer(("likes_x",), {"x": tuple(wording.thing(item) for item in fitting)})
    return Answer(("favourite", "likes"), {"x": (subject,)} if subject else {})


def _can_x(talk: Talk, heard: Heard) -> Answer:
    subject = echo(heard.slot(), talk.tongue)
    recalled = talk.character.recollection(subject) if subject else ""
    if recalled:
        return Answer(("recollection", "can"), {"line": (recalled,)})
    return Answer(("can_x", "can") if subject else ("can",), {"x": (subject,)} if subject else {})


def _now(talk: Talk, heard: Heard) -> Answer:
    """What the routine has it do at this hour: the last moment that has come, before the first one the day's last."""
    routine = sorted(talk.character.persona.life.routine, key=lambda moment: moment.time)
    clock = talk.now.strftime("%H:%M")
    at = max((i for i, moment in enumerate(routine) if moment.time <= clock), default=len(routine) - 1)
    after = routine[(at + 1) % len(routine)]
    fields: dict[str, tuple[str, ...]] = {"now_line": (wording.sentence(routine[at].activity),)}
    if talk.tongue.code == "en":
        for name, moment in (("now", routine[at]), ("next", after)):
            phrase = wording.doing(moment.activity)
            if phrase:
                fields |= {name: (phrase,), f"i_{name}": (wording.i_do(phrase),)}
    return Answer(("now",), fields)


def _story(talk: Talk, heard: Heard) -> Answer:
    """The next story that it hasn't told; when all are told it says so."""
    fresh = [story for story in talk.character.stories if not talk.composer.was_said(story)]
    if fresh:
        return Answer(("story",), {"story": tuple(fresh[:1])}, ends=len(split(fresh[0])) > 1)
    return Answer(("tale", "no_story"))


def _sing(talk: Talk, heard: Heard) -> Answer:
    return Answer(("sing",), ends=True)


def _time(talk: Talk, heard: Heard) -> Answer:
    return Answer(("time",), {"clock": (f"{talk.now.hour}:{talk.now.minute:02}",)})


def _user_fact(talk: Talk, heard: Heard) -> Answer:
    asked = talk.asked.fact if talk.asked else ""
    found = find(talk.said, talk.tongue.code, asked=asked) or find(heard.clause.text, LANGUAGES[0])
    if not found:
        return Answer(("brief_user_fact", "unknown"))
    fact, value = found[-1].fact, echo(found[-1].value, talk.tongue)
    told = wording.second(fact.text)
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
    if key and key != "x":
        known = [item for item in known if item[0] == key]
    elif key == "x":
        wanted = stems(heard.slot(), talk.tongue)
        near = [item for item in known if wanted & stems(item[1], talk.tongue)]
        if not near:
            memories = [line for line in talk.context.memories if wanted & stems(line, talk.tongue)]
            lines = [line for line in (_told(line, talk) for line in memories) if line]
            if lines:
                return Answer(("recall",), {"told": tuple(lines)})
        known = near
    told = [line for line in (_told(text, talk) for _, text, _ in reversed(known)) if line]
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


def _told(text: str, talk: Talk) -> str:
    """A fact about the user in the second person, to be said after "you told me that"; "" where it can't be."""
    told = wording.second(text, talk.partner or talk.context.partner).removeprefix("you asked to remember that ")
    told = told.replace("you asked to be reminded ", "you want to be reminded ")
    return told if told and len(told) <= _QUOTED_LONGEST else ""


def _earlier(talk: Talk, heard: Heard) -> Answer:
    if not talk.user_turns:
        return Answer(("earlier_none",))
    quoted = _quote(talk.user_turns[-1])
    return Answer(("earlier",), {"quote": (quoted,)}) if quoted else Answer(("earlier_unclear",))


def _quote(text: str) -> str:
    from personify.pipelines.chat.builtin.hearing import tidy

    said = " ".join(tidy(text).split()).replace('"', "'").rstrip(".!?… ")
    parts = split(said)
    said = parts[-1].rstrip(".!?… ") if parts else ""
    return said if said and len(said) <= _QUOTED_LONGEST and any(char.isalnum() for char in said) else ""


def _topics(talk: Talk, heard: Heard) -> Answer:
    """What this talk was about, by the names that the tables give to its intents."""
    names = talk.tongue.table("topics_own")
    from personify.pipelines.chat.builtin.talk import understood

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
    for kind in ("like", "dislike"):
        named = tuple(item for item in talk.character.fields.get(kind, ()) if item.casefold() in said)
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
    if found and (found[-1].fact.key or "") in backs:
        return answer(talk, Heard(str(backs[found[-1].fact.key or ""]), 1.0, heard.clause))
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


def _unknown(talk: Talk, heard: Heard) -> Answer:
    """What it can't place: an answer to its own question, something of its profile or its past, else a deflection."""
    if talk.asked and not heard.clause.asks:
        return Answer((f"heard_{talk.asked.name}", "heard"))
    plain = heard.clause.plain
    you = set(talk.tongue.table("you").get("words", []))
    if heard.clause.asks or set(plain.split()) & you:
        found = _from_profile(talk, plain)
        if found:
            return found
        recalled = talk.character.recollection(plain)
        if recalled:
            return Answer(("recollection",), {"line": (recalled,)})
        return Answer(("unknown_you" if set(plain.split()) & you else "world",))
    return Answer(("unknown",))


def _world(talk: Talk, heard: Heard) -> Answer:
    return Answer(("world",))


_HANDLERS: dict[str, Handler] = {
    "say": _say, "profile": _profiled, "like_x": _like_x, "opinion": _opinion, "favourite": _favourite,
    "can_x": _can_x, "now": _now, "story": _story, "sing": _sing, "time": _time, "user_fact": _user_fact,
    "remember": _remember, "recall": _recall, "earlier": _earlier, "topics": _topics, "repeat": _repeat,
    "more": _more, "why": _why, "and_you": _and_you, "yes": _yes, "no": _no, "unknown": _unknown, "world": _world,
}  # fmt: skip
