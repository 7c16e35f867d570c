"""Under which licence an expert's pictures are: that of all models that it is made of, as the catalogue knows it."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple


class Licence(NamedTuple):
    """The licences of all parts, and whether every one lets the pictures be sold, under its conditions."""

    name: str
    commercial: bool


def licence_of(expert: str) -> Licence | None:
    """The licence of the expert of that name; None where nobody here knows the name."""
    from personify.voices.settings import own_file

    path = own_file()
    return _licences(path, path.stat().st_mtime_ns if path else 0).get(expert)


@lru_cache(4)
def _licences(path: Path | None, changed_ns: int) -> dict[str, Licence]:
    from personify.avatar.experts import Experts

    return {card.name: Licence(card.licence, card.commercial) for card in Experts(path).cards()}
