"""Who can draw: the sketch and every diffusion expert of the catalogue, built when first asked for and kept warm.

Knows nothing of personas, and nothing of how often an expert is asked again: that is `portraits.py`.
"""

import threading
import time
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from personify.avatar.brief import AppearanceBrief
from personify.avatar.orders import Expert, Order, Proposal, Steer
from personify.avatar.portrait import Guidance
from personify.voices.errors import BadInput, unknown_name

if TYPE_CHECKING:
    from personify.avatar.catalogue import Catalogue
    from personify.avatar.detector import FaceMeshDetector
    from personify.avatar.diffusion.pool import ModelPool
    from personify.avatar.mixture import ExpertCard, ExpertChoice, ExpertRanker
    from personify.avatar.weights import OnBytes

SKETCH = "sketch"

_LATELY_S = 5.0
"""So long it is remembered whose weights are here: looking takes ten milliseconds, and a batch chooses often."""


class SketchExpert:
    """The drawing itself as the portrait: quick, offline, with landmarks known exactly."""

    name = SKETCH
    description = "characters in clay, gouache, ink or photo-like; draws anything at once, needs no weights"
    guidances: tuple[Guidance, ...] = ("none",)
    sketch_style: str | None = None

    def schedule(self, guidance: Guidance, attempts: int) -> tuple[Steer, ...]:
        """One try: a second would draw the same."""
        return (Steer(guidance),)

    def draw(self, orders: list[Order], steer: Steer) -> list[Proposal]:
        """See `Expert.draw`; guides are not looked at."""
        from personify.avatar.guides import sketch_guide

        drawn = [sketch_guide(order.brief, seed=order.seed, size=order.size) for order in orders]
        return [Proposal(guide.image, guide.mask, guide.landmarks, guide.depth, guide.known) for guide in drawn]


class Experts:
    """Every expert that can be asked for. `settings`: a `personify.toml` to read instead of the user's own;
    `precision`: in which numbers models draw, see `ModelPool`.

    Safe to share between threads; models are loaded when an expert first draws.
    """

    def __init__(self, settings: Path | None = None, *, precision: str | None = None) -> None:
        self._settings, self._precision = settings, precision
        self._lock = threading.Lock()
        self._built: dict[str, Expert] = {SKETCH: SketchExpert()}
        self._looked: tuple[float, list[ExpertCard]] | None = None

    @cached_property
    def catalogue(self) -> "Catalogue":
        """The diffusion experts that are known, whether their weights are here or not."""
        from personify.avatar.catalogue import load_catalogue

        return load_catalogue(self._settings)

    @cached_property
    def pool(self) -> "ModelPool":
        """The models that are loaded."""
        from personify.avatar.diffusion.pool import ModelPool

        return ModelPool(precision=self._precision)

    def names(self) -> list[str]:
        """What can be asked for by name, the sketch first."""
        return [SKETCH, *self.catalogue.experts]

    def cards(self) -> "list[ExpertCard]":
        """What each expert draws, under which licence, and whether its weights are here; the sketch first."""
        from personify.avatar.mixture import cards_of

        return [_sketch_card(), *cards_of(self.catalogue)]

    def pull(self, name: str, on_bytes: "OnBytes") -> None:
        """Fetches the weights of the expert of that name; see `weights.pull`."""
        from personify.avatar.weights import pull

        if name == SKETCH:
            raise BadInput("the sketch has no weights to fetch; it draws by itself")
        pull(self.catalogue.expert(name), self.catalogue, on_bytes)
        self._looked = None

    def choose(
        self, brief: AppearanceBrief, *, name: str | None = None, ranker: "ExpertRanker | None" = None
    ) -> "ExpertChoice":
        """The expert that fits the brief best among those that are ready here, or the one named.

        Large ones are ready where their weights are here and there is a GPU to run them, since a laptop's CPU takes
        minutes; then they alone are compared, for they draw better. Else it is among Personify's own small ones. Where
        those are missing too the sketch draws.
        """
        from personify.avatar.mixture import ExpertChoice, choose_expert

        if name == SKETCH:
            return ExpertChoice(SKETCH, "The sketch was asked for by name.", ())
        if name is not None and name not in self.catalogue.experts:
            raise unknown_name("expert", name, self.names())
        cards = self._cards_lately()[1:]
        if name is not None:
            return choose_expert(brief, cards, name=name, ranker=ranker)
        here = [card for card in cards if card.here]
        small = [card for card in here if self._is_small(card.name)]
        large = [card for card in here if card not in small]
        if large and self.pool.device.kind != "cpu":
            return choose_expert(brief, large, ranker=ranker)
        if small:
            return choose_expert(brief, small, ranker=ranker)
        why = "needs a GPU to be quick, or --expert to insist" if here else "has its weights here"
        return ExpertChoice(SKETCH, f"The sketch draws, since {'every' if here else 'no'} other expert {why}.", ())

    def _cards_lately(self) -> "list[ExpertCard]":
        looked = self._looked
        if looked is None or time.monotonic() - looked[0] > _LATELY_S:
            self._looked = looked = time.monotonic(), self.cards()
        return looked[1]

    def _is_small(self, name: str) -> bool:
        """Whether it is one of Personify's own, which any machine runs."""
        return self.catalogue.experts[name].base == "embedded"

    def get(self, name: str) -> Expert:
        """The expert of that name; `BadInput` that lists the choices for an unknown one."""
        if name not in self._built and name not in self.catalogue.experts:
            raise unknown_name("expert", name, self.names())
        with self._lock:
            if name not in self._built:
                from personify.avatar.diffusion.expert import DiffusionExpert

                self._built[name] = DiffusionExpert(self.catalogue.experts[name], self.catalogue, self.pool)
            return self._built[name]


def _sketch_card() -> "ExpertCard":
    from personify.avatar.mixture import ExpertCard

    return ExpertCard(
        name=SKETCH, title="Sketch", description=SketchExpert.description,
        styles=("clay", "storybook", "comic", "photo-like"), suits=(), few_step=True, licence="apache-2.0",
        commercial=True, size=512, download_gb=0.0, here=True, guidances=SketchExpert.guidances,
    )  # fmt: skip


@lru_cache(maxsize=1)
def shared_detector() -> "FaceMeshDetector":
    """The process's landmark detector, built when first asked for; building it takes most of a second."""
    from personify.avatar.detector import FaceMeshDetector

    return FaceMeshDetector()
