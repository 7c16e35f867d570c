"""Shares that a batch is to keep of genders, ages, categories and archetypes, and who is next to be what.

The shares are met one row at a time, so that every beginning of the batch is near them: of all that a row may be, the
one that lags furthest behind its share is wanted. Each attribute counts by itself and all of them together, so that the
old are women as often as the young are.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from personify.pipelines.persona import Persona
from personify.voices.brief import Age, Gender
from personify.voices.errors import BadInput, unknown_name

ATTRIBUTES = ("archetype", "category", "gender", "age")
EVEN = "even"
_SAME = {"female": "feminine", "woman": "feminine", "male": "masculine", "man": "masculine", "old": "elderly"}
_MOST_WEIGHT = 1e6
_NO_SHARE = 1e9
"""So far ahead is a value that is to have no share: it comes last."""
_TIE = 1e-9
_HOW = "write --quota gender=female:50+male:50, age=even or the like"

Cell = tuple[str, ...]
"""A value of each attribute of the quotas, in their order."""


@dataclass(frozen=True)
class Quotas:
    """The share of each value of each attribute that has a quota, the shares of one adding up to 1."""

    shares: Mapping[str, Mapping[str, float]]

    def __bool__(self) -> bool:
        return bool(self.shares)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Those with a quota."""
        return tuple(self.shares)


def read_quotas(texts: Sequence[str]) -> Quotas:
    """Quotas such as `archetype=even,gender=female:50+male:40+neutral:10`; those of several texts are put together.

    Raises `BadInput` that names what can't be read, with the choices.
    """
    weights: dict[str, dict[str, float]] = {}
    for part in (part.strip() for text in texts for part in text.split(",")):
        attribute, equals, told = part.partition("=")
        attribute = attribute.strip().lower()
        if not equals or not told.strip():
            raise BadInput(f"the quota {part!r} says no shares; {_HOW}")
        if attribute not in ATTRIBUTES:
            raise unknown_name("attribute for a quota", attribute, list(ATTRIBUTES))
        if told.strip().lower() == EVEN:
            told = "+".join(values_of(attribute))
        mine = weights.setdefault(attribute, {})
        for value, weight in (_share(attribute, item) for item in told.split("+")):
            if value in mine:
                raise BadInput(f"the quotas give {attribute} {value!r} a share twice; give it one")
            mine[value] = weight
    return Quotas(
        {name: {value: weight / sum(mine.values()) for value, weight in mine.items()} for name, mine in weights.items()}
    )


def values_of(attribute: str) -> tuple[str, ...]:
    """What an attribute can be."""
    from personify.pipelines.builtin.lexicon import ARCHETYPES, lexicon

    if attribute == "archetype":
        return tuple(sorted(ARCHETYPES))
    if attribute == "category":
        return tuple(sorted({concept.category for concept in lexicon().concepts.values()}))
    return get_args(Gender if attribute == "gender" else Age)


def attributes_of(persona: Persona) -> dict[str, str]:
    """The attributes of a persona, as `Made` holds them too."""
    social = persona.social
    return {
        "archetype": persona.appearance.archetype,
        "category": social.category,
        "gender": social.gender,
        "age": social.age,
    }


def _share(attribute: str, item: str) -> tuple[str, float]:
    value, colon, told = (part.strip().lower() for part in item.partition(":"))
    value = _SAME.get(value, value) if attribute in ("gender", "age") else value.replace(" ", "_")
    if value not in values_of(attribute):
        raise unknown_name(attribute, value, list(values_of(attribute)))
    try:
        weight = float(told) if colon else 1.0
    except ValueError:
        weight = math.nan
    if not 0 < weight <= _MOST_WEIGHT:
        raise BadInput(f"the share of {attribute} {value!r} is {told!r}; give a number above 0, such as 40")
    return value, weight


class Strata:
    """Counts what has been made or is being made, and says what is wanted next.

    The rule is that of minimisation in clinical trials (Pocock & Simon 1975, Biometrics 31:103): whoever comes next
    gets what makes the totals most alike to the targets. Here the lag of a cell is the sum of its values' lags behind
    their shares, and its own behind the product of them; the seed settles ties.
    """

    def __init__(self, quotas: Quotas, *, seed: int) -> None:
        self.quotas, self._seed = quotas, seed
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in quotas.attributes}
        self._joint: Counter[Cell] = Counter()
        self._total = 0

    def add(self, attributes: Mapping[str, str], *, times: int = 1) -> None:
        """One more (or, with -1, one less) has these attributes."""
        for name, counts in self._counts.items():
            counts[attributes[name]] += times
        self._joint[tuple(attributes[name] for name in self._counts)] += times
        self._total += times

    def next(self, cells: Iterable[Cell], key: str) -> Cell | None:
        """Which of the cells that a row may be is wanted most; None where there is none. `key` tells rows apart."""
        after = self._total + 1
        lags = [
            {value: share * after - self._counts[name][value] for value, share in shares.items()}
            for name, shares in self.quotas.shares.items()
        ]
        best: list[Cell] = []
        most = -math.inf
        for cell in cells:
            lag = self._joint_lag(cell, after)
            for mine, value in zip(lags, cell, strict=True):
                lag += mine.get(value, -_NO_SHARE)
            if lag > most + _TIE:
                best, most = [cell], lag
            elif lag >= most - _TIE:
                best.append(cell)
        return max(best, key=lambda cell: self._lot(cell, key), default=None)

    def _joint_lag(self, cell: Cell, after: int) -> float:
        share = 1.0
        for shares, value in zip(self.quotas.shares.values(), cell, strict=True):
            share *= shares.get(value, 0.0)
        return share * after - self._joint[cell]

    def _lot(self, cell: Cell, key: str) -> bytes:
        return hashlib.sha256(f"{self._seed}\n{key}\n{cell}".encode("utf-8", "replace")).digest()[:8]
