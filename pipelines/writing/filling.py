"""A profile by rules: each leaf of the taxonomy gets a sentence that suits the character, the same for the same seed.

Knows English only. Consistent by construction: who and what comes up twice was drawn once, and nothing that the persona
dislikes is drawn as something it likes, nor the other way round.
"""

import hashlib
import random
from collections.abc import Iterable

from personify.pipelines.builtin.cleaning import fold, tokens
from personify.pipelines.builtin.grammar import article, capital
from personify.pipelines.builtin.reading import read_description
from personify.pipelines.persona import Persona
from personify.pipelines.writing.consistency import contradiction
from personify.pipelines.writing.taxonomy import Option, slots, taxonomy

LANGUAGES = frozenset({"en"})
PEOPLE = ("friend", "sibling", "neighbour", "teacher", "colleague", "rival")
"""Slots that are names."""

_HIGH, _LOW = 0.6, 0.4
_FACTORS = {
    "O": "openness", "C": "conscientiousness", "E": "extraversion", "A": "agreeableness", "N": "neuroticism"
}  # fmt: skip
_UNLIKED = frozenset({"hated_food"})
"""Pools of what the character does not like."""


def fill(persona: Persona, paths: Iterable[str], *, seed: int) -> dict[str, str]:
    """A sentence for each of the paths; of a leaf it depends on the persona, the seed and the path alone."""
    facts = facts_of(persona)
    drawn = _drawn(persona, facts, seed)
    filled = {}
    for path in paths:
        options = _own_kind([option for option in taxonomy()[path] if option.holds(facts)], facts)
        texts = {capital(option.text.format_map(drawn)): option.weight for option in options}
        fit = {text: weight for text, weight in texts.items() if not contradiction(text, persona)} or texts
        filled[path] = _rng(persona, seed, path).choices(list(fit), list(fit.values()))[0]
    return filled


def _own_kind(options: list[Option], facts: frozenset[str]) -> list[Option]:
    """What is written for a child, or else for who has work, or else for things, is all that one may say there."""
    for kind in ("child", "work", "thing"):
        own = [option for option in options if kind in option.conditions]
        if own and kind in facts:
            return own
    return options


def facts_of(persona: Persona) -> frozenset[str]:
    """What conditions may ask for: the temper's group, the age, the kind, work and what it makes true, the hours that
    the day's routine keeps, and the factors far from 0.5."""
    social, kinds, trades = persona.social, slots().kinds, slots().trades
    found = {social.age, kinds.get(persona.appearance.concept, kinds.get(social.category, "thing"))}
    if social.occupation:
        found |= {"work", *(trades[word] for word in map(fold, tokens(social.occupation)) if word in trades)}
    found |= _rhythm(persona)
    found.update(temper.group for temper in read_description(persona.description).temperaments[:1])
    for letter, factor in _FACTORS.items():
        level = getattr(persona.personal.big_five, factor)
        if level >= _HIGH or level <= _LOW:
            found.add(f"{letter}{'+' if level >= _HIGH else '-'}")
    return frozenset(found)


def _rhythm(persona: Persona) -> set[str]:
    """Whether the day begins early and ends early, or late, by its routine; nothing where it is neither."""
    first, last = persona.life.routine[0].time, persona.life.routine[-1].time
    if "04:00" <= first <= "07:15" and last <= "22:30":
        return {"lark"}
    return {"late"} if first >= "08:30" or first < "04:00" or last >= "23:15" else set()


def _rng(persona: Persona, seed: int, what: str) -> random.Random:
    told = f"{seed}\n{persona.description}\n{what}".encode("utf-8", "replace")
    return random.Random(hashlib.sha256(told).digest())


def _drawn(persona: Persona, facts: frozenset[str], seed: int) -> dict[str, str]:
    """Every slot's text for this character."""
    social, personal = persona.social, persona.personal
    rng = _rng(persona, seed, "slots")
    own = {fold(word) for word in tokens(f"{persona.name} {persona.life.backstory}")}
    names = [name for name in slots().people if fold(name) not in own]
    drawn = dict(zip(PEOPLE, rng.sample(names, len(PEOPLE)), strict=True))
    drawn["aunt"] = rng.choice([name for name in slots().aunts if fold(name) not in own])
    for name, pool in slots().pools.items():
        chosen = _suiting(pool, facts, personal.likes if name in _UNLIKED else personal.dislikes, rng)
        drawn |= {name: chosen, f"a_{name}": article(chosen)}
    drawn |= {
        "name": persona.name, "nature": social.nature, "home": social.home,
        "like": personal.likes[0], "dislike": personal.dislikes[0], "value": personal.values[0],
        "know": personal.knows[0] if personal.knows else personal.likes[0],
        "occupation": social.occupation or social.nature, "a_occupation": article(social.occupation or social.nature),
        "Hated_food": capital(drawn["hated_food"]),
    }  # fmt: skip
    return drawn


def _suiting(pool: tuple[Option, ...], facts: frozenset[str], against: Iterable[str], rng: random.Random) -> str:
    """One of the pool that nothing speaks against; where something does against all, any."""
    unwanted = {stem for phrase in against for stem in _stems(phrase)}
    holding = [option.text for option in pool if option.holds(facts)]
    free = [text for text in holding if not unwanted & _stems(text)]
    return rng.choice(free or holding)


def _stems(phrase: str) -> set[str]:
    return {fold(word).rstrip("s") for word in tokens(phrase) if len(word) > 2}
