"""What a user tells of themselves, found by rules and kept as sentences in the third person; no persona, no model.

Questions, suppositions and other people's words are no facts; a negation turns a liking about and drops the rest. What
a user asks to have remembered is kept as what they asked for, never as something that is so.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from personify.pipelines.chat.builtin.hearing import Clause, clauses, tidy, understand
from personify.pipelines.chat.builtin.tongue import LANGUAGES, FactRule, Tongue, tongue
from personify.pipelines.chat.builtin.wording import third
from personify.pipelines.chat.engine import Fact, Turn

_LONGEST, _MOST_WORDS = 80, 12
_REMEMBERED_LONGEST = 160
_SURELY_MEANT = 0.9
"""The score of an intent from which a bare answer is no answer: "more" after "What do you like?"."""
_UNSAFE = re.compile(r"[<>{}\[\]\\|@#$%^*_=~]|https?|www\.|//")


@dataclass(frozen=True)
class Found:
    """A fact with the user's own words in it."""

    fact: Fact
    value: str


def find_facts(text: str, language: str = "en", *, asked: str = "") -> tuple[Fact, ...]:
    """The facts that a user's message tells, in order. `asked` is the key of what they were just asked ("name"), so
    that a bare answer is understood."""
    return tuple(found.fact for found in find(text, language, asked=asked))


def find(text: str, language: str = "en", *, asked: str = "") -> tuple[Found, ...]:
    """As `find_facts`, with the values apart."""
    return _find(tidy(text), language if language in LANGUAGES else LANGUAGES[0], asked)


@lru_cache(maxsize=1024)
def _find(said: str, language: str, asked: str) -> tuple[Found, ...]:
    own = tongue(language)
    parts = clauses(said, language)
    found = [fact for clause in parts for fact in _of_clause(clause, own)]
    if asked and not found and len(parts) == 1:
        found = _bare_answer(parts[0], own, asked)
    unique = {(item.fact.key, item.fact.text.casefold()): item for item in found}
    return tuple(unique.values())


def find_in(turns: tuple[Turn, ...], language: str) -> tuple[Found, ...]:
    """The facts of a stretch of conversation, the newest last; a short answer is read with the question before it."""
    found: dict[str, Found] = {}
    asked = ""
    for turn in turns:
        if turn.who == "character":
            asked = asked_for(turn.text, language)
            continue
        for item in find(turn.text, language, asked=asked):
            found.pop(item.fact.text.casefold(), None)
            found[item.fact.text.casefold()] = item
        asked = ""
    return tuple(found.values())


def asked_for(reply: str, language: str) -> str:
    """The key of the fact that a reply of the character asks for, or ""."""
    own = tongue(language if language in LANGUAGES else LANGUAGES[0])
    return next(
        (question.fact for question in own.questions.values() if any(line in reply for line in question.ask)), ""
    )


def value_of(fact: Fact, language: str = "en") -> str:
    """The user's own words in a fact that was found by these rules, or ""."""
    own = tongue(language if language in LANGUAGES else LANGUAGES[0])
    for rule in own.facts:
        if rule.key == (fact.key or "remember"):
            before, _, after = rule.text.partition("{x}")
            if "{" not in before + after and fact.text.startswith(before) and fact.text.endswith(after):
                return fact.text[len(before) : len(fact.text) - len(after)]
    return ""


def _of_clause(clause: Clause, own: Tongue) -> list[Found]:
    limits = own.table("fact_limits")
    told = clause.text
    if re.search(rf"(?<!\w)(?:{limits['remember_lead']})", clause.plain):
        found = _first(own, clause, told, only="remember")
        if found:
            return found
    if clause.asks or re.search(rf"(?<!\w)(?:{limits['not_told']})(?!\w)", clause.plain):
        return []
    parts = re.split(limits["parts"], told, flags=re.IGNORECASE)
    return [found for part in parts for found in _first(own, clause, part)]


def _first(own: Tongue, clause: Clause, told: str, only: str = "") -> list[Found]:
    for rule in own.facts:
        if only and rule.key != only:
            continue
        for pattern in rule.patterns:
            match = pattern.search(told)
            if match and not (rule.unless and rule.unless.search(told)):
                found = _kept(rule, match.groupdict(), own)
                if found:
                    return [found]
    return []


def _kept(rule: FactRule, slots: dict[str, str | None], own: Tongue) -> Found | None:
    limits = own.table("fact_limits")
    longest = _REMEMBERED_LONGEST if rule.key == "remember" else _LONGEST
    value = slots.get("x") or ""
    if rule.key != "remember":
        value = re.split(limits["value_ends"], value, maxsplit=1, flags=re.IGNORECASE)[0]
        for _ in range(2):
            value = re.sub(rf"[\s,]+(?:{limits['value_tail']})$", "", value.strip(" ,:;-'\""), flags=re.IGNORECASE)
    value = value.strip(" ,:;-'\"")
    words = value.lower().split()
    if not words or len(value) > longest or _UNSAFE.search(value) or not any(char.isalnum() for char in value):
        return None
    if rule.key != "remember" and (len(words) > _MOST_WORDS or words[0] in limits["value_never"]):
        return None
    if rule.key == "name":
        if any(word in limits["name_never"] for word in words) or re.search(r"\d", value):
            return None
        value = " ".join(word[:1].upper() + word[1:] for word in value.split())
    turned = third(value) if own.code == "en" else value
    text = rule.text.format(x=turned, kind=slots.get("kind") or "")
    return Found(Fact("user", text, None if rule.key == "remember" else rule.key), value)


def _bare_answer(clause: Clause, own: Tongue, asked: str) -> list[Found]:
    """ "Tom" after "What should I call you?"; an answer of more than a few words isn't taken for a value."""
    limits = own.table("fact_limits")
    words = clause.plain.split()
    rule = next((rule for rule in own.facts if rule.key == asked and "{kind}" not in rule.text), None)
    no_answer = re.search(rf"(?<!\w)(?:{limits['no_answer']})(?!\w)", clause.plain)
    if rule is None or clause.asks or not words or len(words) > 5 or no_answer:
        return []
    meant = understand(clause, own)
    if meant.by_pattern and meant.score >= _SURELY_MEANT:
        return []
    value = re.sub(rf"^(?:{limits['answer_lead']})\s+", "", clause.text, flags=re.IGNORECASE)
    found = _kept(rule, {"x": value}, own)
    return [found] if found else []
