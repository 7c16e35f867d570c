"""The plan: what a run's settings ask for, cut into batches; a function of the settings alone, that draws nothing.

A batch's company may change a picture's last bit, so batches never depend on what is done already.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from personify.avatar.experts import SKETCH
from personify.avatar.portrait import Guidance
from personify.eval.detection.prompts import Prompt
from personify.eval.detection.rows import PROTOCOL
from personify.voices.errors import BadInput

MIXTURE = "mixture"
"""Who is asked where the expert that fits each description draws it."""
STRENGTHS = (0.3, 0.45, 0.6, 0.75, 0.9)
CONTROL_SCALES = (0.0, 0.5, 1.0, 1.5)
"""What the sweep tries, besides the experts' own defaults."""
SWEPT_PROMPTS = 4
"""Of each category, in the sweep."""

Choose = Callable[[Prompt, int], str]
"""The name of the expert that the mixture picks for a description and seed."""
_Item = TypeVar("_Item")


class Settings(BaseModel):
    """What a run is asked for, and with what it is done; saved beside its results as `settings.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    experts: tuple[str, ...] = Field((MIXTURE,), min_length=1)
    """Names, or "mixture"."""
    guidances: tuple[Guidance, ...] = Field(("none", "control", "pixel", "both"), min_length=1)
    prompts: Path | None = None
    """A file or folder of descriptions; None: the project's own."""
    per_category: int | None = Field(None, ge=1)
    """The first so many descriptions of each category; None: all."""
    seeds: int = Field(1, ge=1, le=10_000)
    """How many portraits of each description."""
    first_seed: int = Field(7, ge=0, lt=2**31)
    attempts: int = Field(3, ge=1, le=16)
    sweep: bool = False
    """Whether the trade-off between detection and likeness is drawn too."""
    second: tuple[str, ...] = ("haar",)
    """The second detectors; see `second_detectors`."""
    judge: bool = True
    """Whether the likeness classifier is asked."""
    clip: str | None = None
    """Where a CLIP checkpoint is: a folder or a hub id."""
    batch: int = Field(8, ge=1, le=64)
    """Portraits in a batch."""
    config: Path | None = None
    """A `personify.toml` with further experts, to read instead of the user's own."""

    # What `prepare` fills in, so that a run goes on only with what it began with.
    protocol: str = PROTOCOL
    versions: str = ""
    device: str = ""
    """Where experts draw and in which precision; empty where only the sketch does."""
    default_strength: float | None = None
    default_control_scale: float | None = None
    """The point of the sweep that users get; None where there is no sweep or its experts differ."""
    weights_sha256: dict[str, str] = {}
    """Of each expert's entry and weights."""
    prompts_sha256: str = ""
    plan_sha256: str = ""

    @field_validator("experts", "guidances", "second")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"{twice!r} is named twice")
        return names


def settings_of(**asked: Any) -> Settings:
    """The settings of these names; `BadInput` with the name, the value seen and what is allowed for a wrong one."""
    try:
        return Settings.model_validate(asked)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise BadInput(f"{key} is {first['input']!r}: {said[0].lower()}{said[1:]}") from error


@dataclass(frozen=True)
class Skill:
    """What the plan needs to know of an expert: its guidances, and its own strength and control scale (None where
    nothing sets one)."""

    guidances: tuple[Guidance, ...]
    strength: float | None = None
    control_scale: float | None = None


@dataclass(frozen=True)
class Sitter:
    """One portrait that is wanted."""

    prompt: Prompt
    seed: int


@dataclass(frozen=True)
class Batch:
    """Portraits that one expert draws together under one guidance.

    `asked`: the expert's name or "mixture". `strength` and `control_scale`: set for the sweep, which draws one attempt
    with each of its pairs; the latter is None for an expert without a ControlNet.
    """

    number: int
    asked: str
    expert: str
    guidance: Guidance
    sitters: tuple[Sitter, ...]
    strength: float | None = None
    control_scale: float | None = None

    @property
    def sweep(self) -> bool:
        """Whether it belongs to the trade-off rather than to the table."""
        return self.strength is not None

    @property
    def title(self) -> str:
        """What it is, in words for the user."""
        steered = f", strength {self.strength:g}" if self.strength is not None else ""
        scaled = f", control scale {self.control_scale:g}" if self.control_scale is not None else ""
        return f"{self.expert}, guidance {self.guidance}{steered}{scaled}"


@dataclass(frozen=True)
class Plan:
    """The batches by number from 0, the table's before the sweep's; what is left out and why, for the user; and the
    sweep's default point, None where its experts differ in it."""

    batches: tuple[Batch, ...]
    notes: tuple[str, ...]
    default_strength: float | None = None
    default_control_scale: float | None = None

    @property
    def sha256(self) -> str:
        """Of all batches, in hexadecimal; on which lines their descriptions stand doesn't count."""
        told = [
            (each.number, each.asked, each.expert, each.guidance, each.strength, each.control_scale,
             [(one.prompt.category, one.prompt.text, one.seed) for one in each.sitters])
            for each in self.batches
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def plan(settings: Settings, prompts: Sequence[Prompt], choose: Choose, skill_of: Callable[[str], Skill]) -> Plan:
    """The batches of a run.

    `choose` is asked for the mixture alone; `skill_of` knows experts by name. Raises `BadInput` for a guidance that an
    expert lacks; the sketch, which draws without any, has the others left out with a note.
    """
    sitters = [Sitter(prompt, settings.first_seed + k) for prompt in prompts for k in range(settings.seeds)]
    groups = [_Group(asked, name, skill_of(name), tuple(theirs))
              for asked in settings.experts for name, theirs in _by_expert(asked, sitters, choose)]  # fmt: skip
    drafts = [draft for group in groups for draft in _table(group, settings)]
    swept = [group for group in groups if settings.sweep and group.skill.strength is not None]
    drafts += list(_sweep(swept, settings, _first_of_each(prompts)))
    return Plan(
        tuple(Batch(number, *draft) for number, draft in enumerate(drafts)),
        tuple(dict.fromkeys(note for group in groups for note in _notes(group, settings))),
        _common({group.skill.strength for group in swept}),
        _common({group.skill.control_scale for group in swept}),
    )


@dataclass(frozen=True)
class _Group:
    """What one expert draws of what was asked of it or of the mixture."""

    asked: str
    expert: str
    skill: Skill
    sitters: tuple[Sitter, ...]


_Draft = tuple[str, str, Guidance, tuple[Sitter, ...], float | None, float | None]
"""A batch without its number."""


def _by_expert(asked: str, sitters: Sequence[Sitter], choose: Choose) -> list[tuple[str, list[Sitter]]]:
    if asked != MIXTURE:
        return [(asked, list(sitters))]
    found: dict[str, list[Sitter]] = {}
    for sitter in sitters:
        found.setdefault(choose(sitter.prompt, sitter.seed), []).append(sitter)
    return list(found.items())


def _table(group: _Group, settings: Settings) -> Iterator[_Draft]:
    for guidance in _guidances(group, settings):
        for sitters in _cut(group.sitters, settings.batch):
            yield group.asked, group.expert, guidance, sitters, None, None


def _guidances(group: _Group, settings: Settings) -> list[Guidance]:
    able = [guidance for guidance in settings.guidances if guidance in group.skill.guidances]
    if group.expert == SKETCH:
        if not able:
            raise BadInput("the sketch draws with guidance none alone; add none to the guidances, or leave it out")
        return able
    lacking = next((guidance for guidance in settings.guidances if guidance not in able), None)
    if lacking is not None:
        chosen = ", which the mixture chooses," if group.asked == MIXTURE else ""
        raise BadInput(
            f"the expert {group.expert!r}{chosen} can't be guided by {lacking!r}; choose among:"
            f" {', '.join(group.skill.guidances)}"
        )
    return able


def _sweep(groups: Sequence[_Group], settings: Settings, prompts: set[Prompt]) -> Iterator[_Draft]:
    """One grid for all, with everybody's default in it, so that every point stands for the same descriptions."""
    strengths = sorted({*STRENGTHS} | {g.skill.strength for g in groups if g.skill.strength is not None})
    scales = sorted({*CONTROL_SCALES} | {g.skill.control_scale for g in groups if g.skill.control_scale is not None})
    for group in groups:
        sitters = [one for one in group.sitters if one.prompt in prompts and one.seed == settings.first_seed]
        controlled = group.skill.control_scale is not None
        guidance: Literal["both", "pixel"] = "both" if controlled else "pixel"
        for strength in strengths:
            for scale in scales if controlled else [None]:
                for part in _cut(sitters, settings.batch):
                    yield group.asked, group.expert, guidance, part, strength, scale


def _first_of_each(prompts: Sequence[Prompt]) -> set[Prompt]:
    found: dict[str, list[Prompt]] = {}
    for prompt in prompts:
        found.setdefault(prompt.category, []).append(prompt)
    return {prompt for each in found.values() for prompt in each[:SWEPT_PROMPTS]}


def _notes(group: _Group, settings: Settings) -> Iterator[str]:
    left_out = [guidance for guidance in settings.guidances if guidance not in group.skill.guidances]
    if left_out:
        yield f"The {group.expert} draws without guidance; {', '.join(left_out)} are left out for it."
    if settings.sweep and group.skill.strength is None:
        yield f"The {group.expert} can't be guided, and is left out of the trade-off."


def _cut(items: Sequence[_Item], size: int) -> Iterator[tuple[_Item, ...]]:
    for at in range(0, len(items), size):
        yield tuple(items[at : at + size])


def _common(values: set[float | None]) -> float | None:
    return next(iter(values)) if len(values) == 1 else None
