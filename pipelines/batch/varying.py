"""What a row's character may be beyond its description: who fits a quota, and what tells it from others like it."""

import itertools
import random
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from personify.pipelines.batch.quotas import Cell, Quotas
from personify.pipelines.builtin.gender import said_age, said_gender
from personify.pipelines.builtin.lexicon import ARCHETYPES, Concept, Temperament, lexicon
from personify.pipelines.builtin.reading import Reading
from personify.pipelines.builtin.wanting import left_open
from personify.pipelines.wanted import Wanted

_CONTRARY = -0.02
"""Two tempers whose shifts of the five factors point further apart than this are no pair."""
_GROWN = ("adult", "young", "elderly")


@dataclass(frozen=True)
class Body:
    """One way to have an archetype: a human being, the costume of a role, or one of some concepts.

    `genders` and `ages` are those that it can be, the likeliest first; empty for any.
    """

    archetype: str
    category: str
    concepts: tuple[Concept, ...] = ()
    role: str | None = None
    genders: tuple[str, ...] = ()
    ages: tuple[str, ...] = ()

    def fitting(self, gender: str | None, age: str | None) -> tuple[Concept, ...]:
        """The concepts that may have this gender and age."""
        return tuple(
            concept
            for concept in self.concepts
            if concept.gender in ("", gender or concept.gender) and concept.age in ("", age or concept.age)
        )

    def allows(self, gender: str | None, age: str | None) -> bool:
        """Whether it may have this gender and age, where None is any."""
        if (gender and self.genders and gender not in self.genders) or (age and self.ages and age not in self.ages):
            return False
        return not self.concepts or bool(self.fitting(gender, age))


@dataclass(frozen=True)
class Option:
    """How a row can come to be in a cell; None where nothing needs to be wanted for it."""

    body: Body
    gender: str | None
    age: str | None

    def wanted(self, chance: random.Random) -> Wanted:
        """What to want, a concept drawn by `chance` where several would do."""
        concepts = self.body.fitting(self.gender, self.age)
        kind = chance.choice(concepts).word if concepts else None
        return Wanted(gender=self.gender, age=self.age, kind=kind, role=self.body.role)  # type: ignore[arg-type]


def options(reading: Reading, quotas: Quotas) -> dict[Cell, Option]:
    """Each cell of the quotas that the description allows, and how."""
    free = left_open(reading)
    looks = bool({"archetype", "category"} & set(quotas.attributes))
    if "kind" not in free or not looks:
        bodies = _as_said(reading)
    else:
        bodies = (*_HUMAN, *(_costumes() if "role" in free else ()), *_things())
    return _options(bodies, said_gender(reading), said_age(reading), _Frozen(quotas))


class _Frozen:
    """Quotas as the key of a cache, told apart by what they are."""

    def __init__(self, quotas: Quotas) -> None:
        self.shares = {name: tuple(shares) for name, shares in quotas.shares.items()}
        self._key = tuple(self.shares.items())

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and self._key == other._key


@cache
def _options(bodies: tuple[Body, ...], gender: str, age: str, quotas: _Frozen) -> dict[Cell, Option]:
    shares = quotas.shares
    bodies = tuple(b for b in bodies if b.archetype in shares.get("archetype", (b.archetype,))) or bodies
    bodies = tuple(b for b in bodies if b.category in shares.get("category", (b.category,))) or bodies
    genders: tuple[str | None, ...] = (gender,) if gender else shares.get("gender", (None,))
    ages: tuple[str | None, ...] = (age,) if age else shares.get("age", (None,))
    found: dict[Cell, Option] = {}
    for body, his, old in itertools.product(bodies, genders, ages):
        if not body.allows(his, old):
            continue
        whole = {
            "archetype": body.archetype,
            "category": body.category,
            "gender": his or next(iter(body.genders), None),
            "age": old or next(iter(body.ages), None),
        }
        cell = tuple(whole[name] or "" for name in shares)
        found.setdefault(cell, Option(body, whole["gender"], whole["age"]))
    return found


_HUMAN = (
    Body("woman", "people", genders=("feminine", "neutral"), ages=_GROWN),
    Body("man", "people", genders=("masculine", "neutral"), ages=_GROWN),
    Body("child", "people", ages=("child",)),
)


@cache
def _things() -> tuple[Body, ...]:
    """The animals, plants and things of the lexicon, by drawing and category."""
    kinds: dict[tuple[str, str], list[Concept]] = {}
    for concept in lexicon().concepts.values():
        if concept.category != "people":
            kinds.setdefault((concept.archetype, concept.category), []).append(concept)
    return tuple(Body(archetype, category, tuple(of)) for (archetype, category), of in kinds.items())


@cache
def _costumes() -> tuple[Body, ...]:
    drawn = [role for role in lexicon().roles.values() if role.archetype in ARCHETYPES]
    return tuple(
        Body(role.archetype, "people", role=role.word, genders=(role.gender,) if role.gender else (), ages=_GROWN)
        for role in drawn
    )


def _as_said(reading: Reading) -> tuple[Body, ...]:
    """The body that the description gives: a thing's, a costume's, or a human being of what gender and age is open."""
    if reading.category != "people":
        return (Body(reading.archetype, reading.category),)
    role, concept = reading.role, reading.concept
    if role and role.archetype in ARCHETYPES and not concept:
        return (Body(role.archetype, "people", genders=(role.gender,) if role.gender else ()),)
    if concept and concept.archetype == "child" and said_age(reading) == "young":
        return (Body("child", "people"),)
    return _HUMAN


def vary(wanted: Wanted, reading: Reading, chance: random.Random) -> Wanted:
    """The wishes with tempers, something to love and a place to live, drawn by `chance`: what makes two of the same
    description two characters. A temper that the description has is kept, and gets a second one that goes with it."""
    tempers = _tempers()
    first = next(iter(reading.temperaments), None) or chance.choice(tempers)
    seconds = [temper for temper in tempers if temper.group != first.group and _agree(first, temper)]
    pair = (first.word, chance.choice(seconds).word) if seconds else (first.word,)
    return replace(
        wanted, tempers=pair, interest=chance.choice(list(lexicon().interests)), place=chance.choice(_table()["places"])
    )


def _agree(one: Temperament, other: Temperament) -> bool:
    return sum(a * b for a, b in zip(one.big_five, other.big_five, strict=True)) >= _CONTRARY


@cache
def _tempers() -> tuple[Temperament, ...]:
    return tuple(temper for word, temper in lexicon().temperaments.items() if word not in _table()["no_tempers"])


@cache
def _table() -> dict[str, list[str]]:
    return tomllib.loads(files("personify.pipelines.batch").joinpath("variety.toml").read_text("utf-8"))
