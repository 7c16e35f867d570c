"""The built-in engine: words of a character by rules over its own facts; no language model, no network, no state."""

import hashlib
import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime

from personify.pipelines.chat.builtin import summing
from personify.pipelines.chat.builtin.answering import Answer, answer
from personify.pipelines.chat.builtin.character import Character, character
from personify.pipelines.chat.builtin.composing import Candidate, Composer, split
from personify.pipelines.chat.builtin.hearing import SERIOUS, Clause, Heard, tidy
from personify.pipelines.chat.builtin.talk import Talk, foreign, last_turns, understood
from personify.pipelines.chat.builtin.tongue import LANGUAGES, tongue
from personify.pipelines.chat.engine import Context, Noted, Turn, Usage

MOST_SENTENCES = 4


class BuiltinEngine:
    """Answers as the character by rules. It is not a language model, and says so when asked.

    `clock` tells the hour, for what the character is doing now. The same persona, turns, seed and hour give the same
    reply.
    """

    name = "builtin"
    is_language_model = False

    def __init__(self, clock: Callable[[], datetime] = datetime.now) -> None:
        self._clock = clock
        for code in LANGUAGES:  # read now, so that the first message in another language waits no longer than the rest
            tongue(code)

    def reply(self, said: str, context: Context, usage: Usage) -> Iterator[str]:
        """The reply, a sentence at a time, four at most; never one of the last reply's. Raises nothing."""
        text = self._words(said, context)
        for at, sentence in enumerate(split(text)):
            yield f" {sentence}" if at else sentence

    def note(self, turns: tuple[Turn, ...], context: Context, usage: Usage) -> Noted:
        """What was spoken of and what the user told, by rules: one to three sentences, and the facts."""
        return summing.note(turns, context)

    def _words(self, said: str, context: Context) -> str:
        speaker = character(context.persona)
        rng = _chance(said, context)
        composer = Composer(context.turns, rng, long=speaker.longest_sentence)
        before = next((turn.text for turn in reversed(context.turns) if turn.who == "character"), "")
        heard, main = understood(said, speaker.tongue, before)
        main = _beside_words(said, main, speaker)
        talk = Talk(said, heard, main, speaker, context, composer, rng, self._clock(), speaker.fields)
        parts = [*_preface(talk), *_body(talk)]
        return " ".join(_bounded(parts)) or speaker.persona.name


def _chance(said: str, context: Context) -> random.Random:
    """Drawn from the avatar's seed and all that was said, so that a chat can be repeated."""
    told = "\n".join([str(context.seed), context.persona.name, *(turn.text for turn in context.turns), said[:2000]])
    return random.Random(hashlib.sha256(told.encode("utf-8", "replace")).digest())


def _beside_words(said: str, main: Heard, speaker: Character) -> Heard:
    """What has no words that the character reads: silence, emoji, another script or another language."""
    text = tidy(said)
    letters = [char for char in text if char.isalpha()]
    if not letters:
        kind = "emoji" if any(unicodedata.category(char) == "So" for char in text) else "silence"
        return main if any(char.isdigit() for char in text) else Heard(kind, 1.0, Clause("", "", False))
    latin = sum("LATIN" in unicodedata.name(char, "") for char in letters[:200])
    if latin * 2 < len(letters[:200]):
        return Heard("unreadable", 1.0, main.clause)
    if main.intent == "unknown" and foreign(text, speaker.tongue):
        return Heard("foreign", 1.0, main.clause)
    return main


def _body(talk: Talk) -> list[str]:
    found = answer(talk, talk.main)
    chosen = _fresh(talk, found)
    parts = split(talk.composer.take(chosen))
    serious = talk.intent(talk.main.intent).rank >= SERIOUS
    if serious:
        return parts
    opener = _opener(talk, found, chosen.is_liked)
    tail = "" if found.ends or len(parts) > 2 else _tail(talk)
    return [*opener, *parts, *([tail] if tail else [])]


def _fresh(talk: Talk, found: Answer) -> Candidate:
    """The first group's best that wasn't said lately, else that there is nothing new to say."""
    seen: list[Candidate] = []
    for group in (*found.groups, "spent", "spent_more"):
        candidate = _from_group(talk, group, found)
        if candidate:
            if candidate.is_fresh:
                return candidate
            seen.append(candidate)
    return min(seen, key=lambda one: one.cost)


def _from_group(talk: Talk, group: str, found: Answer) -> Candidate | None:
    table = talk.tongue.replies.get(group)
    if table is None:
        return None
    own = table.get(talk.character.mood.name, ())
    partner = {"partner": (talk.partner,)} if talk.partner else {}
    fields = {**talk.fields, **partner, **found.fields}
    return talk.composer.pick((*table.get("say", ()), *own), fields, liked=own)


def _preface(talk: Talk) -> list[str]:
    """A word about what else was said in the message: a greeting answered, a fact heard, thanks returned."""
    parts: list[str] = []
    if talk.character.is_foreign and not any("English" in turn.text for turn in last_turns(talk.context.turns, 1000)):
        candidate = _from_group(talk, "only_english", Answer(("only_english",)))
        if candidate:
            parts.append(talk.composer.take(candidate))
    others = [one for one in talk.heard if one is not talk.main and one.intent != talk.main.intent]
    if talk.intent(talk.main.intent).rank >= SERIOUS:
        return parts
    for other in others[:1]:
        found = answer(talk, other) if other.intent in ("user_fact", "remember") else Answer(())
        candidate = _from_group(talk, f"brief_{other.intent}", found)
        if candidate and candidate.is_fresh:
            parts.append(talk.composer.take(candidate))
    return parts


def _opener(talk: Talk, found: Answer, in_mood: bool) -> list[str]:
    """Now and then a word in the mood's own voice before the answer; children speak without."""
    recent = " ".join(turn.text for turn in last_turns(talk.context.turns, 3))
    openers = [line for line in talk.character.mood.openers if line not in recent]
    plain = not _is_chatty(talk) or found.groups[0] in ("profile_line", "recollection")
    if not openers or plain or in_mood or talk.rng.random() > 0.25 or talk.composer.said[:-1]:
        return []
    return [talk.rng.choice(openers)]


def _is_chatty(talk: Talk) -> bool:
    """Whether the answer is of the kind that bears a word in front and a remark behind."""
    intent = talk.tongue.intents.get(talk.main.intent)
    return intent is not None and intent.topic and intent.rank >= 9


def _tail(talk: Talk) -> str:
    """Now and then a question back, a remark in its mood, or a pun on what it is; mostly nothing."""
    recent = last_turns(talk.context.turns, 2)
    chance = talk.rng.random()
    sociable = 0.2 + 0.3 * talk.character.persona.personal.big_five.extraversion
    if chance < sociable and not any("?" in turn.text for turn in recent) and "?" not in "".join(talk.composer.said):
        asked = _question(talk)
        if asked:
            return asked
    elif not _is_chatty(talk):
        return ""
    elif chance > 0.93 and talk.character.mood.remarks:
        candidate = talk.composer.pick(talk.character.mood.remarks, talk.fields)
        if candidate and candidate.cost < 10:
            return candidate.text
    elif chance > 0.88 and talk.fields.get("pun"):
        candidate = talk.composer.pick(("{pun}",), talk.fields)
        if candidate and candidate.cost < 10:
            return candidate.text
    return ""


def _question(talk: Talk) -> str:
    known = {key for key, *_ in talk.known} | ({"name"} if talk.partner else set())
    said = " ".join(turn.text for turn in talk.context.turns if turn.who == "character")
    lines = [
        line
        for question in talk.tongue.questions.values()
        if talk.main.intent in question.after and not (question.fact and question.fact in known)
        and not any(ask in said for ask in question.ask)
        for line in question.ask
    ]  # fmt: skip
    return talk.rng.choice(lines) if lines else ""


def _bounded(parts: list[str]) -> list[str]:
    """Four sentences at most, each speakable; where there are more the first ones of the answer are kept."""
    said = [part for text in parts for part in split(text)]
    said = [" ".join(re.sub(r"[\x00-\x1f\x7f]", " ", part).split()) for part in said]
    return [part for part in said if any(char.isalnum() for char in part)][:MOST_SENTENCES]
