"""`avatar.json` of every version ever written becomes today's: a chain of steps, each from one version to the next.

Each step is a pure function from plain JSON to plain JSON, and is never changed once a release wrote its result. Knows
nothing of what the record is read as afterwards; how a step is added is in `docs/travel.md`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from personify.voices.errors import BadInput

CURRENT = 2
"""What Personify writes today."""

Plain = dict[str, Any]
Step = Callable[[Plain], Plain]


def source_is_told(record: Plain) -> Plain:
    """1 to 2: characters may have come from elsewhere; those of version 1 were all made from their description."""
    return record | {"source": None}


STEPS: Mapping[int, Step] = {1: source_is_told}
"""By the version that each step starts from."""


def migrated(record: Any, name: str) -> Plain:
    """The record as version `CURRENT`, whatever version wrote it; what was given stays as it is.

    Raises `BadInput` for what is no record of any version, and for one that a newer Personify wrote.
    """
    if not isinstance(record, dict):
        raise BadInput(f"{name} is no avatar: it must hold one JSON object")
    version = record.get("schema_version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise BadInput(f"{name} is no avatar: its schema_version must be a number from 1 to {CURRENT}")
    if version > CURRENT:
        raise BadInput(
            f"{name} was made by a newer Personify (its schema_version is {version}, this one reads up to {CURRENT});"
            " upgrade with: pip install --upgrade personify"
        )
    told = dict(record)
    for before in range(version, CURRENT):
        told = STEPS[before](told) | {"schema_version": before + 1}
    return told
