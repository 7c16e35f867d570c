"""The built-in chat engine: rules over the persona's own facts; not a language model."""

from personify.pipelines.chat.builtin.engine import BuiltinEngine
from personify.pipelines.chat.builtin.facts import find_facts

__all__ = ["BuiltinEngine", "find_facts"]
