"""What travels between the steps of an import: what is wished of it, and what a card asks for."""

from dataclasses import dataclass
from pathlib import Path

from personify.avatar.portrait import Guidance
from personify.pipelines.bundle import AvatarRecord
from personify.pipelines.travel.cards import Card
from personify.pipelines.travel.zips import LARGEST_BYTES as LARGEST_BUNDLE


@dataclass(frozen=True)
class Arrival:
    """What is wished of what is imported; None lets the card, or Personify, choose.

    `keep_picture`: the card's picture itself is the portrait, instead of guiding one. `largest_bytes`: of a bundle.
    """

    out: Path
    seed: int | None = None
    force: bool = False
    tone: str | None = None
    expert: str | None = None
    guidance: Guidance | None = None
    keep_picture: bool = False
    largest_bytes: int = LARGEST_BUNDLE

    @property
    def asks(self) -> bool:
        """Whether it asks for something that only a card's character can be given."""
        return self.keep_picture or any(wish is not None for wish in (self.seed, self.tone, self.expert, self.guidance))


@dataclass(frozen=True)
class Requested:
    """A card's character before anything is drawn or spoken: who it is and from what.

    `record`: what the card says of a character that was made here, else None.
    """

    card: Card
    seed: int
    description: str
    record: AvatarRecord | None
