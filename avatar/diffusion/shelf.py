"""The loaded models by their content, with their sizes: what is there, and what was used longest ago; loads nothing."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any


@dataclass(frozen=True)
class Held:
    """One loaded model. `key`: its content; `label`: for people; `serial`: another for every time it is loaded."""

    key: str
    label: str
    model: Any
    serial: int


class Shelf:
    """Models in the order of their last use. Not safe between threads by itself: its pool locks."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._bytes: dict[str, int] = {}
        self._serials = count()

    def __contains__(self, key: str) -> bool:
        return key in self._held

    def __len__(self) -> int:
        return len(self._held)

    def put(self, key: str, label: str, model: Any) -> Held:
        """Keeps a model that was just loaded."""
        self._held[key] = held = Held(key, label, model, next(self._serials))
        self._bytes[key] = bytes_of(model)
        return held

    def take(self, key: str) -> Held:
        """A model for use now, which makes it the last one to be let go."""
        self._held.move_to_end(key)
        return self._held[key]

    def drop(self, key: str) -> Held:
        """Lets one model go."""
        del self._bytes[key]
        return self._held.pop(key)

    def oldest(self, keep: Iterable[str]) -> str | None:
        """The key of what was used longest ago and isn't to be kept."""
        kept = set(keep)
        return next((key for key in self._held if key not in kept), None)

    def measure(self) -> None:
        """Takes the sizes again, after something was added to models."""
        self._bytes = {key: bytes_of(held.model) for key, held in self._held.items()}

    @property
    def used_bytes(self) -> int:
        """What all models take together, as last measured."""
        return sum(self._bytes.values())

    def contents(self) -> dict[str, int]:
        """Labels with bytes, the one used longest ago first."""
        return {f"{held.label}#{held.serial}": self._bytes[key] for key, held in self._held.items()}


def bytes_of(model: Any) -> int:
    """Bytes of a model's weights and buffers, LoRAs that it carries included."""
    tensors = [*model.parameters(), *model.buffers()]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
