"""The taxonomy of a profile: its leaves, what may stand there by rules, and under which conditions.

After DeepPersona (Wang et al. 2025, arXiv 2511.07338): attributes are drawn one after the other from a tree, each
conditioned on what is known already. Data is in `taxonomy.toml` and `slots.toml`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

CONDITION = " | "


@dataclass(frozen=True)
class Option:
    """One way to fill a leaf or a slot: a text, and what must hold, "!" before what must not."""

    text: str
    conditions: tuple[str, ...]

    def holds(self, facts: frozenset[str]) -> bool:
        """Whether all conditions hold among the facts."""
        return all((name[1:] not in facts) if name.startswith("!") else name in facts for name in self.conditions)

    @property
    def weight(self) -> int:
        """What is written for somebody is likelier than what is written for anybody."""
        return 1 + 2 * len(self.conditions)


@dataclass(frozen=True)
class Slots:
    """What is drawn once for a character: names of people, pools by slot, categories and things that count as a kind,
    and what trades make true."""

    people: tuple[str, ...]
    aunts: tuple[str, ...]
    pools: Mapping[str, tuple[Option, ...]]
    kinds: Mapping[str, str]
    trades: Mapping[str, str]


@cache
def taxonomy() -> Mapping[str, tuple[Option, ...]]:
    """Every leaf by its path, such as "tastes/food/breakfast", with its options, in the order of the file."""
    tree = _read("taxonomy.toml")
    return {
        f"{branch}/{group}/{leaf}": _options(told)
        for branch, groups in tree.items()
        for group, leaves in groups.items()
        for leaf, told in leaves.items()
    }


@cache
def slots() -> Slots:
    """The slots, read once a process."""
    told = _read("slots.toml")
    pools = {name: _options(options) for name, options in told["pools"].items()}
    return Slots(tuple(told["people"]), tuple(told["aunts"]), pools, told["kinds"], told["trades"])


@cache
def branches() -> tuple[str, ...]:
    """The uppermost level, in order."""
    return tuple(dict.fromkeys(path.partition("/")[0] for path in taxonomy()))


def _options(told: list[str]) -> tuple[Option, ...]:
    parted = [text.rpartition(CONDITION) for text in told]
    return tuple(Option(text, tuple(conditions.split())) for conditions, _, text in parted)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("personify.pipelines.writing").joinpath(name).read_text("utf-8"))
