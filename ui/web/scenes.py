"""The scene: what one page shows at a moment, as plain values for its script. It knows nothing of how things are made.

A scene is always whole, so that a page which misses one loses nothing. It holds no HTML: every text in it comes from
users or models, and the page shows it as text.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    from personify.avatar.portrait import Portrait
    from personify.pipelines.bundle import AvatarRecord, ToneRecord
    from personify.pipelines.persona import Persona

Step = Literal["describe", "making", "meet"]
LONGEST_LINE = 600
"""Characters of one text on a card; a model may write more than anybody reads there."""
_MOST_LINES = 12


@dataclass(frozen=True)
class Scene:
    """What the page shows; see `told` for what its script gets.

    `stage` is one of `pipelines.STAGES` while something is made, `share` how much of it is done, `waiting` how many are
    before it in the queue, `seconds` since it was asked for. `redoing` says what of a character that stands already is
    being made anew. `trouble` is one line for the user. `serial` tells scenes of a session apart.
    """

    session: str
    step: Step = "describe"
    stage: str | None = None
    share: float = 0.0
    waiting: int | None = None
    seconds: float = 0.0
    redoing: str | None = None
    description: str = ""
    persona: dict[str, Any] | None = None
    tone: dict[str, Any] | None = None
    portrait: dict[str, Any] | None = None
    live: dict[str, Any] | None = None
    greeting: dict[str, Any] | None = None
    downloads: tuple[dict[str, str], ...] = ()
    engine: dict[str, Any] = field(default_factory=dict)
    hearing: dict[str, Any] = field(default_factory=dict)
    shelf: tuple[dict[str, Any], ...] = ()
    key: str | None = None
    trouble: str | None = None
    notes: tuple[str, ...] = ()
    serial: int = 0

    def but(self, **changes: Any) -> Self:
        """The next scene: this one with changes."""
        return replace(self, serial=self.serial + 1, **changes)

    def empty(self, **changes: Any) -> Self:
        """The next scene without any character."""
        blank: dict[str, Any] = {
            "step": "describe", "stage": None, "share": 0.0, "waiting": None, "seconds": 0.0, "redoing": None,
            "persona": None, "tone": None, "portrait": None, "live": None, "greeting": None, "downloads": (),
            "key": None, "trouble": None, "notes": (),
        }  # fmt: skip
        return self.but(**(blank | changes))

    def told(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return told | {name: list(told[name]) for name in ("downloads", "shelf", "notes")}


def persona_card(persona: "Persona") -> dict[str, Any]:
    """What the page tells of a persona, and what of it can be edited there."""
    social, personal, speaking = persona.social, persona.personal, persona.speaking
    return {
        "whole": True,
        "name": _line(social.name),
        "nature": _line(social.nature),
        "occupation": None if social.occupation is None else _line(social.occupation),
        "home": _line(social.home),
        "traits": _lines(personal.traits),
        "likes": _lines(personal.likes),
        "dislikes": _lines(personal.dislikes),
        "backstory": persona.life.backstory[:4000],
        "manner": _line(speaking.manner),
        "greeting": _line(speaking.greeting),
        "language": persona.language,
        "writer": _line(persona.writer),
        "not_understood": _lines(persona.not_understood),
    }


def draft_card(draft: Any) -> dict[str, Any]:
    """What is known of a persona that is still being written: the fields of a `PersonaSoFar` that are there."""
    card: dict[str, Any] = {"whole": False}
    for name in ("name", "nature", "occupation", "home", "manner", "greeting"):
        value = getattr(draft, name, None)
        if isinstance(value, str) and value:
            card[name] = _line(value)
    for name in ("traits", "likes", "dislikes"):
        value = getattr(draft, name, None)
        if value:
            card[name] = _lines(value)
    backstory = getattr(draft, "backstory", None)
    return card | ({"backstory": str(backstory)[:4000]} if backstory else {})


def tone_card(tone: "ToneRecord", titles: dict[str, str]) -> dict[str, Any]:
    """Which voice was chosen, why, and who came next; `titles` are the tones' names for people."""
    return {
        "name": tone.name,
        "title": titles.get(tone.name, tone.name),
        "reason": _line(tone.reason),
        "note": None if tone.note is None else _line(tone.note),
        "runners_up": [
            {"name": other.name, "title": titles.get(other.name, other.name), "reason": _line(other.reason)}
            for other in tone.runners_up
        ],
    }


def portrait_card(portrait: "Portrait", url: str, sketch_url: str | None, titles: dict[str, str]) -> dict[str, Any]:
    """The picture, its landmarks in its pixels, and how it came to be."""
    height, width = portrait.image.shape[:2]
    points = None
    if portrait.landmarks is not None:
        points = [[round(float(x), 1), round(float(y), 1)] for x, y in portrait.landmarks[:, :2]]
    return {
        "url": url,
        "sketch_url": sketch_url,
        "landmarks": points,
        "width": width,
        "height": height,
        "expert": titles.get(portrait.expert, portrait.expert),
        "reason": None if portrait.stand_in is None else _line(portrait.stand_in),
        "attempts": max(1, len(portrait.attempts)),
        "whole": True,
    }


def notes_of(record: "AvatarRecord") -> tuple[str, ...]:
    """What the user should know of how the character came to be."""
    persona = record.persona
    told = [*persona.notes]
    if persona.not_understood:
        told.append("Not understood: " + ", ".join(persona.not_understood))
    return tuple(_lines(told))


def flat(told: dict[str, Any]) -> dict[str, str]:
    """The same with each value as JSON text, for Gradio, which goes through all that is in a value whenever any of it
    changes, on the server and in the page; with thousands of numbers in it that kept the page busy for seconds."""
    return {name: json.dumps(value, separators=(",", ":")) for name, value in told.items()}


def _line(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1] + "…"


def _lines(texts: Sequence[str]) -> list[str]:
    return [_line(str(text)) for text in texts[:_MOST_LINES]]
