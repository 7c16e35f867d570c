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
_MOST = 2
"""So many tempers, and so many loves, make one character."""
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


def taken_up(reading: Reading, wanted: Wanted) -> Wanted:
    """What of the wishes the description leaves open; one with one temper or one love leaves a second open."""
    free = left_open(reading)
    said = [temper.word for temper in reading.temperaments]
    tempers = tuple(word for word in wanted.tempers if word not in said)[: _MOST - len(said)]
    loves = {*reading.loves, *(interest.word for interest in reading.interests)}
    interest = wanted.interest if len(loves) < _MOST and wanted.interest not in loves else None
    return replace(
        wanted,
        gender=wanted.gender if "gender" in free else None,
        age=wanted.age if "age" in free else None,
        kind=wanted.kind if "kind" in free else None,
        role=wanted.role if "role" in free else None,
        place=wanted.place if "place" in free else None,
        tempers=tempers,
        interest=interest,
    )


def with_wanted(reading: Reading, wanted: Wanted) -> Reading:
    """The reading of a description that had said what is wanted too; what it says otherwise stays."""
    if not wanted.adds:
        return reading
    lex, wanted = lexicon(), taken_up(reading, wanted)
    if wanted.tempers:
        tempers = tuple(lex.temperaments[word] for word in wanted.tempers)
        reading = replace(reading, temperaments=(*reading.temperaments, *tempers))
    reading = replace(reading, age=wanted.age or reading.age, gender=wanted.gender or reading.gender)
    if wanted.role:
        role = lex.roles[wanted.role]
        costume = role.archetype in ARCHETYPES and _any_kind(reading)
        concept = None if costume else reading.concept
        reading = replace(reading, role=role, role_word=wanted.role, concept=concept)
    if wanted.kind:
        reading = _of_kind(reading, wanted.kind)
    if wanted.interest:
        interests = (*reading.interests, lex.interests[wanted.interest])
        reading = replace(reading, interests=interests, loves=(*reading.loves, wanted.interest))
    if wanted.place:
        reading = replace(reading, place=wanted.place)
    return replace(reading, beyond=_in_words(wanted))


def _in_words(wanted: Wanted) -> str:
    """What can be seen of it, such as "a dreamy elderly owl who loves tea"."""
    told = [*wanted.tempers]
    told += [wanted.age] if wanted.age and wanted.age != "adult" else []
    told += [wanted.gender] if wanted.gender and wanted.gender != "neutral" else []
    noun = [word for word in (wanted.kind, wanted.role) if word]
    if not noun:
        return listing([*told, *([f"fond of {wanted.interest}"] if wanted.interest else [])])
    return article(" ".join([*told, *noun])) + (f" who loves {wanted.interest}" if wanted.interest else "")


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
    nature = kind
    if reading.role is None and reading.concept is not None and reading.concept.word != "person":
        nature = f"{kind} {reading.nature}"[:48]  # an owl villager; an owl that is a detective is an owl
    role_word = reading.role_word or (reading.role.word if reading.role else "")
    return replace(
        reading, nature=nature, role_word=role_word, concept=concept, category=concept.category,
        archetype=concept.archetype,
    )  # fmt: skip
