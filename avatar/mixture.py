"""The mixture of diffusers: the expert that fits an appearance brief best, with the reason and who came next.

Knows nothing of models: it compares the brief's words with the experts' cards. Whoever can read cards can rank them,
the built-in `WordRanker` or a language model. The same brief and cards give the same choice.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from personify.avatar.brief import AppearanceBrief
from personify.avatar.catalogue import Catalogue, ExpertEntry
from personify.avatar.portrait import Guidance
from personify.avatar.weights import whereabouts
from personify.voices.errors import BadInput, PersonifyError, unknown_name
from personify.voices.stopping import Stopped

STYLE, SUITS, WORDS = 0.55, 0.3, 0.15
"""What the style asked for, the kind of thing, and words shared with the description add to a score; they sum to 1."""
FAMILY = 0.6
"""What a style of the same family counts against the very style."""
UNASKED = 0.5
"""What counts for style where the brief asks for none, and for suits where an expert draws anything."""
_RUNNERS_UP = 3
_COMMON = frozenset({"and", "the", "with", "for", "from", "style", "art", "look", "very", "old", "pictures"})


@dataclass(frozen=True)
class ExpertCard:
    """What a ranker reads of an expert. `suits`: categories of things, empty for anything. `size`: pixels of its
    pictures' side. `download_gb`: gigabytes of all its parts. `here`: whether they are on this machine."""

    name: str
    title: str
    description: str
    styles: tuple[str, ...]
    suits: tuple[str, ...]
    few_step: bool
    licence: str
    commercial: bool
    size: int
    download_gb: float
    here: bool
    guidances: tuple[Guidance, ...]


@dataclass(frozen=True)
class Ranked:
    """An expert with how well it fits, from 0 to 1, and why, in one sentence for the user."""

    name: str
    score: float
    reason: str

    def __post_init__(self) -> None:
        if not 0 <= self.score <= 1:
            raise ValueError(f"a score runs from 0 to 1; {self.name!r} has {self.score}")


@dataclass(frozen=True)
class ExpertChoice:
    """The expert, why in one sentence, and the next best with theirs, best first."""

    name: str
    reason: str
    runners_up: tuple[Ranked, ...]


class ExpertRanker(Protocol):
    """Whoever ranks experts.

    A language model can: show it `brief.model_dump_json()` and the cards (`dataclasses.asdict`), ask for a list of
    name, score and reason, best first, and build `Ranked` of what it says. Names that are on no card, or none at all,
    make `choose_expert` ask the built-in ranker instead; so does a `PersonifyError`, for a server that doesn't answer.
    """

    def rank(self, brief: AppearanceBrief, cards: Sequence[ExpertCard]) -> list[Ranked]:
        """The experts of `cards` that fit, each once, best first."""


def card_of(entry: ExpertEntry, catalogue: Catalogue) -> ExpertCard:
    """The card of one entry; looks whether its weights are here."""
    return ExpertCard(
        name=entry.name, title=entry.title, description=entry.description, styles=entry.styles, suits=entry.suits,
        few_step=entry.few_step, licence=" + ".join(catalogue.licences(entry)), commercial=catalogue.commercial(entry),
        size=entry.size, download_gb=catalogue.download_gb(entry), here=whereabouts(entry, catalogue) == "here",
        guidances=entry.guidances,
    )  # fmt: skip


def cards_of(catalogue: Catalogue) -> list[ExpertCard]:
    """The cards of all experts, in the catalogue's order."""
    return [card_of(entry, catalogue) for entry in catalogue.experts.values()]


def choose_expert(
    brief: AppearanceBrief, cards: Sequence[ExpertCard], *, name: str | None = None, ranker: ExpertRanker | None = None
) -> ExpertChoice:
    """The expert of `cards` that fits `brief` best by `ranker` (built-in: `WordRanker`), or the one called `name`.

    Give it the cards that may be used: those that are here, for one. Raises `BadInput` for an unknown name, which
    lists the choices, and where there are no cards.
    """
    if not cards:
        raise BadInput("there is no expert to choose from; fetch one with `personify experts pull NAME`")
    if name is not None and name not in {card.name for card in cards}:
        raise unknown_name("expert", name, [card.name for card in cards])
    ranking, note = _ranking(brief, cards, ranker)
    if name is None:
        return ExpertChoice(ranking[0].name, ranking[0].reason + note, tuple(ranking[1 : 1 + _RUNNERS_UP]))
    title = next(card.title for card in cards if card.name == name)
    others = [ranked for ranked in ranking if ranked.name != name]
    return ExpertChoice(name, f"{title} was asked for by name.{note}", tuple(others[:_RUNNERS_UP]))


def _ranking(
    brief: AppearanceBrief, cards: Sequence[ExpertCard], ranker: ExpertRanker | None
) -> tuple[list[Ranked], str]:
    """The ranking, and a note on it where it isn't by whom it was asked of."""
    if ranker is None:
        return WordRanker().rank(brief, cards), ""
    try:
        ranking = ranker.rank(brief, cards)
        fault = _fault(ranking, cards)
    except Stopped:
        raise
    except PersonifyError as error:
        ranking, fault = [], f"failed ({error})"
    if fault:
        return WordRanker().rank(brief, cards), f" (Chosen by the built-in matcher: the ranker that was asked {fault}.)"
    return ranking, ""


def _fault(ranking: list[Ranked], cards: Sequence[ExpertCard]) -> str:
    names = [ranked.name for ranked in ranking]
    unknown = [name for name in names if name not in {card.name for card in cards}]
    if unknown:
        return f"named {unknown[0][:60]!r}, which is no expert"
    if len(set(names)) < len(names):
        return "named an expert twice"
    return "" if names else "named none"


class WordRanker:
    """Ranks by words: the brief's style words against the experts' styles, its category against what they suit, and
    its other words against their descriptions. Equal scores: what is here first, then few steps, then pictures that
    may be sold, then by name."""

    def rank(self, brief: AppearanceBrief, cards: Sequence[ExpertCard]) -> list[Ranked]:
        """See `ExpertRanker.rank`; every card is ranked."""
        scored = sorted(
            ((score(brief, card), card) for card in cards),
            key=lambda pair: (-pair[0], not pair[1].here, not pair[1].few_step, not pair[1].commercial, pair[1].name),
        )
        return [Ranked(card.name, points, _reason(brief, card)) for points, card in scored]


def score(brief: AppearanceBrief, card: ExpertCard) -> float:
    """How well an expert fits, 0 to 1, rounded so that equal means equal on every machine.

    Of the style words the first counts most, the second half of it, the third a third.
    """
    likeness = {1 / place: _likeness(word, card) for place, word in enumerate(_asked(brief), start=1)}
    style = sum(share * like for share, like in likeness.items()) / sum(likeness) if likeness else UNASKED
    suits = float(brief.category in card.suits) if card.suits else UNASKED
    shared = len(_told(brief) & _words([card.description]))
    return round(STYLE * style + SUITS * suits + WORDS * min(1.0, shared / 2), 4)


def _likeness(word: str, card: ExpertCard) -> float:
    """1 for the expert's very style or a word of it, less for one of the same family, 0 otherwise."""
    styles = [_plain(style) for style in card.styles]
    if word in styles or any(set(word.split()) <= set(style.split()) - _COMMON for style in styles):
        return 1.0
    families = _families_of(word)
    return FAMILY if families and families & frozenset().union(*(_families_of(style) for style in styles)) else 0.0


def _families_of(style: str) -> frozenset[str]:
    """The families of a style, by the whole of it or, where it has none, by its words."""
    whole = _families().get(style)
    return whole or frozenset().union(*(_families().get(word, frozenset()) for word in style.split()))


@cache
def _families() -> dict[str, frozenset[str]]:
    """Word to the names of its families."""
    families = tomllib.loads(Path(__file__).with_name("styles.toml").read_text("utf-8"))["families"]
    found: dict[str, frozenset[str]] = {}
    for family, words in families.items():
        for word in words:
            found[word] = found.get(word, frozenset()) | {family}
    return found


def _asked(brief: AppearanceBrief) -> list[str]:
    """The brief's style words, each once."""
    return [word for word in dict.fromkeys(_plain(word) for word in brief.style_words) if word]


def _told(brief: AppearanceBrief) -> set[str]:
    """The brief's words that a description may take up."""
    return _words([brief.concept, brief.category, brief.setting or "", *brief.materials, *brief.style_words])


def _words(phrases: Iterable[str]) -> set[str]:
    """Single words of more than two letters, in their plain form."""
    found = re.findall(r"[^\W_]{3,}", " ".join(phrases).casefold())
    return {word.removesuffix("s") for word in found if word not in _COMMON}


def _plain(style: str) -> str:
    return " ".join(style.casefold().replace("-", " ").split())


def _reason(brief: AppearanceBrief, card: ExpertCard) -> str:
    """What speaks for the expert, and the first thing that speaks against it."""
    very = [word for word in _asked(brief) if _likeness(word, card) == 1]
    near = [word for word in _asked(brief) if 0 < _likeness(word, card) < 1]
    missed = [word for word in _asked(brief) if not _likeness(word, card)]
    merits = []
    if very or near:
        merits.append(f"draws in the {_listed(very)} style" if very else f"comes near to {_listed(near)}")
    if brief.category in card.suits:
        merits.append(f"suits {_THINGS.get(brief.category, brief.category)}")
    if card.few_step:
        merits.append("needs few steps")
    against = ""
    if missed and not very:
        against = f", though its style is {_listed(list(card.styles[:2]))} rather than {_listed(missed)}"
    elif not card.commercial:
        against = ", though its pictures may not be sold freely"
    return f"{card.title} {_listed(merits) if merits else 'draws general pictures'}{against}."


_THINGS = {"household": "household things", "office": "office things", "cartoon": "fantastic figures"}


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""
