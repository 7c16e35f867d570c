"""Memory across sessions: events and facts of each user with each avatar, kept in a database and recalled.

Each name is imported when it is first used: the database's libraries cost more than `personify --help` may take.
"""

import importlib
from typing import TYPE_CHECKING, Any

from personify.pipelines.memory.users import ME, USER_VARIABLE, user_name

if TYPE_CHECKING:
    from personify.pipelines.memory.opening import open_memory as open_memory
    from personify.pipelines.memory.pair import PairMemory as PairMemory
    from personify.pipelines.memory.store import Forgotten as Forgotten
    from personify.pipelines.memory.store import MemoryStore as MemoryStore

_HOMES = {
    "open_memory": "personify.pipelines.memory.opening",
    "PairMemory": "personify.pipelines.memory.pair",
    "Forgotten": "personify.pipelines.memory.store",
    "MemoryStore": "personify.pipelines.memory.store",
}

__all__ = ["ME", "USER_VARIABLE", "Forgotten", "MemoryStore", "PairMemory", "open_memory", "user_name"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
