"""What a language model is told for one reply: rules, who it is, what matters of its profile, and what is remembered.

All of it within a budget, whatever the persona, the user and the memory hold; everything from outside is data: one JSON
string each, without line breaks and without the markers of chat templates.
"""

import json
import math
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from personify.pipelines.chat.engine import Context, Turn
from personify.pipelines.memory.text import one_line, tokens_of, words_of
from personify.pipelines.persona import Attribute, Persona

Role = Literal["user", "assistant"]

LONGEST_SAID = 2000
"""Characters of one turn that a model is told."""
PROFILE_TOKENS, MEMORY_TOKENS, FACT_TOKENS = 220, 300, 200
_LISTED, _LONGEST_LINE, _LONGEST_STORY = 8, 160, 900
"""Entries of a list, characters of an entry, characters of the backstory."""
_PLACEHOLDER = re.compile(r"\{\w+\}")


@cache
def prompts() -> dict[str, Any]:
    """`prompts.toml`."""
    return tomllib.loads(files("personify.pipelines.chat").joinpath("prompts.toml").read_text(encoding="utf-8"))


def system_prompt(said: str, context: Context, *, answer: str | None = None) -> str:
    """What the model is to be, and all that it may use; `answer` is what it is to voice, if that is found already."""
    persona = context.persona
    told = prompts()
    parts = [
        told["system"].strip().format(
            name=_plain(persona.name, 80),
            language=language_name(persona.language),
            reading=told["reading"][persona.speaking.reading_level],
            knows=_json_words(persona.personal.knows) or "your own life",
        ),
        told["about"].format(about=_json(about(persona, _asked_about(said, context)))),
    ]  # fmt: skip
    if context.partner:
        parts.append(told["talking_to"].format(partner=_json(_plain(context.partner, 80))))
    if context.earlier:
        parts.append(told["earlier"].format(earlier=_json(_plain(context.earlier, 900))))
    memories = remembered(context)
    if memories:
        parts.append(told["memories"].format(memories=_json(memories)))
    if answer is not None:
        parts.append(told["voiced"].strip().format(answer=_json(_plain(answer, 800))))
    return "\n".join(parts)


def neutral_prompt(language: str) -> str:
    """What a model is told that answers without a persona."""
    return str(prompts()["neutral"]).strip().format(language=language_name(language))


def note_prompt(persona: Persona) -> str:
    """What a model is told that sums up a conversation."""
    told = str(prompts()["note"]).strip()
    return told.format(name=_plain(persona.name, 80), language=language_name(persona.language))


def deflection(language: str) -> str:
    """What is said instead of what must not be."""
    told: dict[str, str] = prompts()["deflection"]
    return told.get(language.split("-", maxsplit=1)[0], told["en"])


def messages(turns: Sequence[Turn]) -> list[tuple[Role, str]]:
    """The turns in the protocol's roles, which take turns and begin with the user."""
    found: list[tuple[Role, str]] = []
    for turn in turns:
        role: Role = "user" if turn.who == "user" else "assistant"
        text = heard(turn.text) + (" —" if turn.cut_off else "")
        if found and found[-1][0] == role:
            found[-1] = (role, f"{found[-1][1]}\n{text}")
        else:
            found.append((role, text))
    return found[1:] if found and found[0][0] == "assistant" else found


def heard(text: str) -> str:
    """What somebody said, as a model is told it: one line, of bounded length, without the markers of chat templates."""
    return one_line(text, LONGEST_SAID)


def about(persona: Persona, asked: str) -> dict[str, Any]:
    """Who the character is, in short, with the attributes of its profile that matter for what was `asked`."""
    social, inner, life, style = persona.social, persona.personal, persona.life, persona.speaking
    known: dict[str, Any] = {
        "name": social.name,
        "nature": social.nature,
        "age": social.age,
        "gender": social.gender,
        "occupation": social.occupation,
        "home": social.home,
        "traits": inner.traits,
        "values": inner.values,
        "likes": inner.likes,
        "dislikes": inner.dislikes,
        "story": _plain(life.backstory, _LONGEST_STORY),
        "day": [f"{moment.time} {moment.activity}" for moment in life.routine],
        "manner": style.manner,
        "sounds like": style.sample_lines,
        "more": {one.path: one.text for one in matching(persona.profile, asked)},
    }
    return {name: _short(value) for name, value in known.items() if value}


def matching(profile: Sequence[Attribute], asked: str, budget: int = PROFILE_TOKENS) -> list[Attribute]:
    """The attributes that share words with what was asked, rarer words counting more, within so many tokens; in the
    profile's order."""
    wanted = set(words_of(asked))
    if not wanted or not profile:
        return []
    words = [set(words_of(f"{one.path.replace('/', ' ').replace('_', ' ')} {one.text}")) for one in profile]
    common = Counter(word for each in words for word in each)
    scores = [sum(math.log(1 + len(profile) / common[word]) for word in wanted & each) for each in words]
    chosen: list[int] = []
    for i in sorted(range(len(profile)), key=lambda i: (-scores[i], i)):
        cost = tokens_of(profile[i].path) + tokens_of(profile[i].text[:_LONGEST_LINE])
        if scores[i] > 0 and cost <= budget:
            chosen.append(i)
            budget -= cost
    return [profile[i] for i in sorted(chosen)]


def remembered(context: Context) -> list[str]:
    """What is recalled of earlier sessions, then what is known of the user and the character, the newest first."""
    lines: list[str] = []
    facts = [fact.text for fact in reversed(context.facts)]
    for budget, found in ((MEMORY_TOKENS, context.memories), (FACT_TOKENS, facts)):
        left = budget
        for line in found:
            text = _plain(line, 2 * _LONGEST_LINE)
            left -= tokens_of(text)
            if left < 0:
                break
            if text and text not in lines:
                lines.append(text)
    return lines


def instructions() -> list[str]:
    """The stretches of the rules that are the same for every character, to be known again where a model repeats
    them."""
    told = prompts()
    texts = [told[name] for name in ("system", "voiced", "neutral", "note")] + list(told["reading"].values())
    return [part for text in texts for line in text.splitlines() for part in _PLACEHOLDER.split(line) if part.strip()]


def language_name(tag: str) -> str:
    """How models call a language."""
    from personify.voices.errors import BadInput
    from personify.voices.languages import language_of

    try:
        return language_of(tag).name
    except BadInput:
        return tag


def _asked_about(said: str, context: Context) -> str:
    """What was said now, and what the user said last: "and for dinner?" goes on with that."""
    before = [turn.text for turn in context.turns if turn.who == "user"][-1:]
    return " ".join([said[:LONGEST_SAID], *before])


def _plain(text: str, longest: int) -> str:
    return one_line(text, longest)


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value, _LONGEST_STORY)
    if isinstance(value, dict):
        return {name: one_line(text, _LONGEST_LINE) for name, text in value.items()}
    return [one_line(str(each), _LONGEST_LINE) for each in list(value)[:_LISTED]]


def _json_words(words: Sequence[str]) -> str:
    return ", ".join(_json(one_line(word, 80)) for word in list(words)[:_LISTED])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
