"""The built-in persona writer: rules and a lexicon kept as data, no language model."""

from personify.pipelines.builtin.reading import Reading, read_description
from personify.pipelines.builtin.writer import BuiltinWriter

__all__ = ["BuiltinWriter", "Reading", "read_description"]
