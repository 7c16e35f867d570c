"""What travels between the stages of a batch: plain values that can be pickled, kept as JSON lines, and hold nothing
open.

`row in the file -> Row -> Planned -> Drawn -> Made`, or `Failed` from any of them.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from personify.avatar.portrait import Guidance, Portrait
from personify.pipelines.bundle import ToneRecord, UsageRecord
from personify.pipelines.persona import Depth, Persona

if TYPE_CHECKING:
    from personify.avatar.mixture import ExpertChoice

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
"""What tells one row's avatar from all others of its batch, and the name of its folder."""

FailedAt = Literal["input", "persona", "tone", "portrait", "speech", "clip", "bundle", "worker"]
"""The stage that could not be done; `input` is the row itself, `worker` the process that died over it."""


@dataclass(frozen=True)
class Row:
    """One avatar that is wanted: what `Studio.create` is asked for, and where it stands.

    `number`: the row of the file, from 1, its header not counted. `copy`: which of a row's `count` avatars, from 0.
    `seed`: the row's own, or drawn from the batch's seed and `id`; `seeded` says which, since only a drawn one may be
    drawn again. `image`: an absolute path, or None.
    """

    number: int
    id: str
    description: str
    seed: int
    seeded: bool = False
    copy: int = 0
    tone: str | None = None
    expert: str | None = None
    guidance: Guidance | None = None
    image: str | None = None
    depth: Depth = "brief"
    strict: bool = False


@dataclass(frozen=True)
class BadRow:
    """A row that can't be read; `description` is what of it could be, shortened."""

    number: int
    id: str
    description: str
    problem: str


@dataclass(frozen=True)
class Planned:
    """A row whose words are written and chosen: all that a language model or the rest of the batch has a say in.

    `seed`: what it is made from, which is the row's unless another one had to be drawn. `fingerprint`: what its
    likeness to others is told by (`likeness.py`). `nearest`: the id of the most similar one before it, and how alike
    they are from 0 to 1, where that was looked for. `seconds`: how long each stage took.
    """

    row: Row
    seed: int
    persona: Persona
    tone: ToneRecord
    expert: "ExpertChoice"
    usage: UsageRecord | None = None
    fingerprint: str = ""
    nearest: tuple[str, float] | None = None
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Drawn:
    """A planned row with its portrait."""

    planned: Planned
    portrait: Portrait
    seconds: dict[str, float]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Made(_Line):
    """A line of `manifest.jsonl`: one whole bundle. `folder` is below the batch's."""

    row: int
    id: Id
    copy_number: int = 0
    folder: str
    description: str
    name: str
    nature: str
    language: str
    category: str
    archetype: str
    gender: str
    age: str
    tone: str
    expert: str
    seed: int
    found: bool
    plausible: bool
    stand_in: str | None = None
    greeting: str
    notes: tuple[str, ...] = ()
    nearest: tuple[str, float] | None = None
    fingerprint: str = ""
    seconds: dict[str, float]
    created: str


class Failed(_Line):
    """A line of `failures.jsonl`: one row that has no bundle, and why. `problem` is a sentence for the user.

    `kind`: `refused` for what can't be asked for, `failed` for what could not be done, `died` where the worker did,
    `bug` for an error that Personify doesn't know, `unreached` where the language model's server gave no answer, which
    says nothing of the row, so that the next run makes it, and `unkept` where the output takes nothing more
    (`NotKept`): the driver then ends the batch, and writes no such line.
    """

    row: int
    id: Id
    copy_number: int = 0
    description: str
    stage: FailedAt
    kind: Literal["refused", "failed", "died", "bug", "unreached", "unkept"]
    problem: str
    attempts: int = 1
    at: str


Outcome = Made | Failed
