"""The archetypes by name: each is one small function from a look to a figure, entered here by a decorator."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from personify.avatar.sketch.figure import Figure, Look
from personify.voices.errors import unknown_name

Build = Callable[[Look], Figure]


@dataclass(frozen=True)
class Archetype:
    """One drawing that Personify knows: its category, its own colours (any of `mains`, with `second` beside it)."""

    name: str
    category: str
    build: Build
    mains: tuple[str, ...]
    seconds: tuple[str, ...]
    material: str


_ARCHETYPES: dict[str, Archetype] = {}


def archetype(
    category: str, *, mains: tuple[str, ...], seconds: tuple[str, ...] = ("#6b4a2f",), material: str = "clay"
) -> Callable[[Build], Build]:
    """Enters a function under its own name; colours are CSS names or #rrggbb."""

    def enter(build: Build) -> Build:
        name = build.__name__
        if name in _ARCHETYPES:
            raise ValueError(f"two archetypes are called {name!r}")
        _ARCHETYPES[name] = Archetype(name, category, build, mains, seconds, material)
        return build

    return enter


def archetypes() -> dict[str, Archetype]:
    """All archetypes by name."""
    if not _ARCHETYPES:
        from personify.avatar.sketch import archetypes as rooms

        for module in pkgutil.iter_modules(rooms.__path__):
            importlib.import_module(f"{rooms.__name__}.{module.name}")
    return dict(sorted(_ARCHETYPES.items()))


def find_archetype(name: str) -> Archetype:
    """The archetype of that name, or `BadInput` with the choices."""
    known = archetypes()
    if name not in known:
        raise unknown_name("archetype", name, list(known))
    return known[name]
