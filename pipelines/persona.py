"""The persona: who the character is, as one validated record that every writer fills and every stage reads.

Grouped as the three parts of the self-concept in SPeCtrum (Lee et al., 2025, arXiv 2502.08599): social identity,
personal identity and personal life context; beside them the two briefs that the mixtures of voices and diffusers read.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from personify.avatar.brief import AppearanceBrief
from personify.voices.brief import Age, Gender, VoiceBrief

Line = Annotated[str, Field(min_length=1, max_length=600)]
Depth = Literal["brief", "full"]
"""How much of a persona is written: the groups alone, or several hundred attributes of its profile too."""
ReadingLevel = Literal["child", "plain", "learned"]
Trait = Annotated[float, Field(ge=0, le=1)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BigFive(_Record):
    """The five factors of personality, each from 0 to 1 with 0.5 as the average (Goldberg 1990)."""

    openness: Trait
    conscientiousness: Trait
    extraversion: Trait
    agreeableness: Trait
    neuroticism: Trait


class SocialIdentity(_Record):
    """What others would say first."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    nature: Line = Field(description="the kind of thing it is, such as 'teapot'")
    category: str
    gender: Gender
    age: Age
    occupation: str | None = None
    home: Line


class Attribute(_Record):
    """One attribute of a persona's profile: a place in the taxonomy, such as "tastes/food/breakfast", and what is so
    there, as a sentence or a few words."""

    path: Annotated[str, Field(pattern=r"^[a-z0-9_]+(/[a-z0-9_]+){0,4}$", max_length=120)]
    text: Line


class PersonalIdentity(_Record):
    """What it is like inside."""

    big_five: BigFive
    traits: Annotated[tuple[Line, ...], Field(min_length=3)]
    values: Annotated[tuple[Line, ...], Field(min_length=1)]
    likes: Annotated[tuple[Line, ...], Field(min_length=2)]
    dislikes: Annotated[tuple[Line, ...], Field(min_length=2)]
    knows: tuple[Line, ...] = Field((), description="what it knows well and may be asked about, such as 'tea'")


class DailyMoment(_Record):
    """One point of the daily routine."""

    time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    activity: Line


class LifeContext(_Record):
    """Where it comes from and how it spends its days."""

    backstory: Annotated[str, Field(min_length=1, max_length=4000)]
    routine: Annotated[tuple[DailyMoment, ...], Field(min_length=3)]


class SpeakingStyle(_Record):
    """How it talks."""

    manner: Line
    sample_lines: Annotated[tuple[Line, ...], Field(min_length=3)]
    reading_level: ReadingLevel = Field("plain", description="how hard its words and sentences are")
    greeting: Line = Field(description="the first thing it says, in the first person, ready to be spoken")


class Persona(_Record):
    """A whole character. `not_understood` lists the words of the description that the writer could not use.

    `profile` holds what it is beyond the groups, by a taxonomy; `filled` names the fields that the built-in writer
    filled in because the language model's were of no use, and `notes` say what happened, for the user.
    """

    description: str
    language: str
    social: SocialIdentity
    personal: PersonalIdentity
    life: LifeContext
    speaking: SpeakingStyle
    voice: VoiceBrief
    appearance: AppearanceBrief
    writer: str = Field(description="who wrote it, such as 'builtin'")
    not_understood: tuple[str, ...] = ()
    profile: tuple[Attribute, ...] = ()
    filled: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called."""
        return self.social.name
