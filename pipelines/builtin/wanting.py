"""What is wanted beyond a description, put into its reading as if the description had said it, where that is open."""

from dataclasses import replace

from personify.pipelines.builtin.gender import said_age, said_gender
from personify.pipelines.builtin.grammar import article, listing
from personify.pipelines.builtin.lexicon import ARCHETYPES, lexicon
from personify.pipelines.builtin.reading import Reading
from personify.pipelines.wanted import Wanted

ANYBODY = frozenset({"neighbour", "person", "passenger", "orphan", "millionaire", "bookworm", "gamer"})
"""Concepts that say what somebody is to others, and not that it is a human being: a villager may be an owl."""
_HUMAN = frozenset({"human", "person", "individual", "figure"})
"""The words of these concepts that do say so."""
_ALL = frozenset({"gender", "age", "kind", "role", "temper", "interest", "place"})


def left_open(reading: Reading) -> frozenset[str]:
    """Which of gender, age, kind, role, temper, interest and place the description leaves to chance."""
    closed = {
        "gender": said_gender(reading),
        "age": said_age(reading),
        "kind": not _any_kind(reading),
        "role": reading.role,
        "temper": reading.temperaments,
        "interest": reading.interests or reading.loves,
        "place": reading.place,
    }
    return frozenset(_ALL - {name for name, said in closed.items() if said})


def with_wanted(reading: Reading, wanted: Wanted) -> Reading:
    """The reading of a description that had said what is wanted too; what it says otherwise stays."""
    if not wanted.adds:
        return reading
    lex, free = lexicon(), left_open(reading)
    told: list[str] = []
    if wanted.tempers and "temper" in free:
        tempers = tuple(lex.temperaments[word] for word in wanted.tempers)
        reading = replace(reading, temperaments=tempers)
        told += wanted.tempers
    if wanted.age and "age" in free:
        reading = replace(reading, age=wanted.age)
        told += [wanted.age] if wanted.age != "adult" else []
    if wanted.gender and "gender" in free:
        reading = replace(reading, gender=wanted.gender)
        told += [wanted.gender] if wanted.gender != "neutral" else []
    if wanted.role and "role" in free:
        reading = replace(reading, role=lex.roles[wanted.role], role_word=wanted.role)
    if wanted.kind and "kind" in free:
        reading = _of_kind(reading, wanted.kind)
    noun = [word for word, chosen in ((wanted.kind, "kind"), (wanted.role, "role")) if word and chosen in free]
    beyond = article(" ".join([*told, *noun])) if noun else listing(told)
    if wanted.interest and "interest" in free:
        interest = lex.interests[wanted.interest]
        reading = replace(reading, interests=(interest,), loves=(wanted.interest,))
        beyond = f"{beyond} who loves {wanted.interest}" if noun else listing([*told, f"fond of {wanted.interest}"])
    if wanted.place and "place" in free:
        reading = replace(reading, place=wanted.place)
    return replace(reading, beyond=beyond)


def _any_kind(reading: Reading) -> bool:
    """Whether it may be an animal or a thing as well as a human being: a villager or a detective, no queen, no man."""
    if reading.category != "people" or reading.nature.lower() in _HUMAN:
        return False
    if reading.concept is not None:
        return reading.concept.word in ANYBODY
    role = reading.role
    return role is not None and role.archetype not in ARCHETYPES and not role.gender


def _of_kind(reading: Reading, kind: str) -> Reading:
    concept = lexicon().concepts[kind]
    about = {"concept": concept, "category": concept.category, "archetype": concept.archetype}
    if reading.role is not None:  # an owl that is a detective
        return replace(reading, nature=kind, role_word=reading.role_word or reading.role.word, **about)
    own = "" if reading.concept is None or reading.concept.word == "person" else f" {reading.nature}"
    return replace(reading, nature=f"{kind}{own}"[:48], **about)
