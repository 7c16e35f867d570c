"""Answers about itself: its facts, its day, its stories, what it likes and thinks, and what it can't know."""

import re

from personify.pipelines.chat.builtin import wording
from personify.pipelines.chat.builtin.answering import Answer, Handler
from personify.pipelines.chat.builtin.character import stems, thing
from personify.pipelines.chat.builtin.composing import Fields, split
from personify.pipelines.chat.builtin.hearing import Heard
from personify.pipelines.chat.builtin.talk import Talk, echo
from personify.pipelines.persona import DailyMoment

_KIND_WORDS = 2
"""Words that the kind of thing in "your favourite ..." may have to be said back."""
_STATEMENT_WORDS = 3
"""Words from which a message may tell something."""


def _say(talk: Talk, heard: Heard) -> Answer:
    return Answer((heard.intent,))


def _profiled(talk: Talk, heard: Heard) -> Answer:
    """A question about itself that the profile may answer more closely than the plain facts do."""
    table = talk.tongue.table("branches").get(heard.intent, {})
    within = tuple(table.get("within", ()))
    lines = talk.character.lines(within)
    found = from_profile(talk, heard.clause.plain, within, " ".join(table.get("own", ())))
    exact, fields = (found.groups, found.fields) if found else ((), {})
    if "before" in table:
        exact = (*exact, table["before"])
    if not lines:
        return Answer((*exact, heard.intent), fields)
    rest = ("profile_lines",) if table.get("first") else (heard.intent, "profile_lines")
    return Answer((*exact, *rest), {**fields, "lines": lines})


def from_profile(talk: Talk, question: str, within: tuple[str, ...] = (), own: str = "") -> Answer | None:
    """What the profile says to a question, if one of its attributes fits; see `Character.attribute`."""
    attribute = talk.character.attribute(question, within, own=own)
    if attribute is None:
        return None
    if wording.is_sentence(attribute.text):
        return Answer(("profile_line",), {"line": (wording.sentence(attribute.text),)})
    leaf = attribute.path.split("/")[-1].replace("_", " ")
    return Answer(("profile_thing",), {"leaf": (leaf,), "thing": (thing(attribute.text, talk.tongue),)})


def _like_x(talk: Talk, heard: Heard) -> Answer:
    subject = echo(heard.slot(), talk.tongue)
    if _is_pronoun(subject, talk):
        return Answer(("like_it", "opinion"))
    liking = talk.character.liking(subject or heard.slot())
    if liking:
        kind, item = liking
        return Answer((f"{kind}_x",), {"x": (item,)})
    found = from_profile(talk, heard.clause.plain)
    if found:
        return found
    recalled = talk.character.recollection(subject)
    if recalled:
        return Answer(("recollection",), {"line": (recalled,)})
    return Answer(("unsure_x", "opinion"), {"x": (subject,)} if subject else {})


def _is_pronoun(subject: str, talk: Talk) -> bool:
    return subject.casefold() in {word.casefold() for word in talk.tongue.table("pronouns").get("words", [])}


def _opinion(talk: Talk, heard: Heard) -> Answer:
    subject = echo(heard.slot(), talk.tongue)
    if _is_pronoun(subject, talk):
        return Answer(("opinion",))
    known = _like_x(talk, heard)
    if known.groups[0] != "unsure_x":
        return known
    return Answer(("opinion_x", "opinion") if subject else ("opinion",), {"x": (subject,)} if subject else {})


def _favourite(talk: Talk, heard: Heard) -> Answer:
    subject = echo(heard.slot(), talk.tongue)
    found = from_profile(talk, f"favourite {heard.slot() or heard.clause.plain}")
    if found:
        return found
    wanted = stems(heard.slot(), talk.tongue)
    fitting = tuple(item for item in talk.character.fields["like"] if wanted & stems(item, talk.tongue))
    if fitting:
        return Answer(("likes_x",), {"x": fitting})
    named = subject if len(subject.split()) <= _KIND_WORDS and not _is_pronoun(subject, talk) else ""
    return Answer(("favourite", "likes"), {"x": (named,)} if named and named != "thing" else {})


def _can_x(talk: Talk, heard: Heard) -> Answer:
    subject = echo(heard.slot(), talk.tongue)
    recalled = talk.character.recollection(subject) if subject else ""
    if recalled:
        return Answer(("recollection", "can"), {"line": (recalled,)})
    return Answer((heard.intent, "can") if subject else ("can",), {"x": (subject,)} if subject else {})


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
            elif name == "now":
                fields["now_occasion"] = (wording.thing(moment.activity),)
    return Answer(("now",), fields)


def _routine(talk: Talk, heard: Heard) -> Answer:
    """What it does at the part of the day that was asked for, or at its ends; else anything of its day."""
    routine = sorted(talk.character.persona.life.routine, key=lambda moment: moment.time)
    words = set(heard.clause.plain.split())
    parts = talk.tongue.table("dayparts")
    spans = [parts[word] for word in words if word in parts]
    ends = talk.tongue.table("day_ends")
    if spans:
        within = [moment for moment in routine if any(_is_within(moment.time, span) for span in spans)]
        return Answer(("routine_part", "routine"), _moments(talk, within)) if within else Answer(("routine",))
    for end, moment in (("first", routine[0]), ("last", routine[-1])):
        if words & set(ends.get(end, ())):
            return Answer(("routine_time", "routine"), _moments(talk, [moment]))
    return _profiled(talk, heard)


def _is_within(time: str, span: list[int]) -> bool:
    hour = int(time[:2]) + int(time[3:]) / 60
    return any(span[0] <= at < span[1] for at in (hour, hour + 24))


def _moments(talk: Talk, moments: list[DailyMoment]) -> Fields:
    """The values of one of these moments, the time with what is done then."""
    phrases = [(moment, wording.doing(moment.activity)) for moment in moments]
    if talk.tongue.code != "en":
        return {"moment": tuple(wording.sentence(moment.activity) for moment in moments)}
    able = [(moment, phrase) for moment, phrase in phrases if phrase][:1]
    if not able:
        return {"do": (), "i_do": (), "occasion": tuple(wording.thing(moment.activity) for moment in moments)}
    moment, phrase = able[0]
    return {"at": (moment.time.lstrip("0"),), "do": (phrase,), "i_do": (wording.i_do(phrase),)}


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


def _unknown(talk: Talk, heard: Heard) -> Answer:
    """What it can't place: an answer to its own question, something of its profile or its past, else a deflection."""
    if talk.asked and not heard.clause.asks:
        return Answer((f"heard_{talk.asked.name}", "heard"))
    plain = heard.clause.plain
    you = set(talk.tongue.table("you").get("words", []))
    if heard.clause.asks or set(plain.split()) & you:
        found = from_profile(talk, plain)
        if found:
            return found
        recalled = talk.character.recollection(plain)
        if recalled:
            return Answer(("recollection",), {"line": (recalled,)})
        return Answer(("unknown_you" if set(plain.split()) & you else "world",))
    return _told_something(talk, plain)


def _told_something(talk: Talk, plain: str) -> Answer:
    """A statement that no rule understands: it listens, by name to what is the user's."""
    table = talk.tongue.table("about_user")
    if table and re.match(table["request"], plain):
        return Answer(("can",))
    if not table or len(plain.split()) < _STATEMENT_WORDS or not re.search(rf"(?<!\w)(?:{table['of']})(?!\w)", plain):
        return Answer(("unknown",))
    own = re.match(
        r"(?:and |but |so )?my (\w{3,})(?= (?:is|was|has|had|does|did|are|were|will|can|\w+s|\w+ed)\b)", plain
    )
    if own and echo(own[1], talk.tongue):
        return Answer(("listening_x", "listening"), {"x": (own[1],)})
    return Answer(("listening",))


def _world(talk: Talk, heard: Heard) -> Answer:
    return Answer(("world",))


HANDLERS: dict[str, Handler] = {
    "say": _say,
    "profile": _profiled,
    "like_x": _like_x,
    "opinion": _opinion,
    "favourite": _favourite,
    "can_x": _can_x,
    "now": _now,
    "routine": _routine,
    "story": _story,
    "sing": _sing,
    "time": _time,
    "unknown": _unknown,
    "world": _world,
}
