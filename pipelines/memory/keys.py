"""Which facts have one value, so that a later one takes the earlier one's place: `keys.toml`, read once."""

import tomllib
from functools import cache
from importlib.resources import files


def has_one_value(key: str | None) -> bool:
    """Whether a later fact of this key takes the earlier one's place."""
    if not key:
        return False
    single, each = _told()
    return key in single or key.replace("/", " ").partition(" ")[0] in each


def single_keys() -> frozenset[str]:
    """The keys with one value, without those that begin with "favourite"."""
    return _told()[0]


@cache
def _told() -> tuple[frozenset[str], frozenset[str]]:
    """Keys with one value, and beginnings of such keys."""
    told = tomllib.loads((files("personify.pipelines.memory") / "keys.toml").read_text("utf-8"))
    return frozenset(told["single"]), frozenset(told["single_each"])
