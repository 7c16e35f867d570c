"""The appearance brief: what a persona wants to look like; the input of the mixture of diffusers and of the sketch."""

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Expression = Literal[
    "neutral",
    "happy",
    "grumpy",
    "sad",
    "surprised",
    "sleepy",
    "proud",
    "shy",
    "mischievous",
    "stern",
    "dreamy",
    "worried",
]
EXPRESSIONS: tuple[str, ...] = get_args(Expression)

Gender = Literal["feminine", "masculine", "neutral"]
Age = Literal["child", "young", "adult", "elderly"]


class AppearanceBrief(BaseModel):
    """A look in words.

    `concept` is the thing in the user's own word ("teapot"); `archetype` names the sketch's drawing that fits it best.
    `colours` are CSS colour names or `#rrggbb`, the main one first; empty means the archetype's own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    concept: str = Field(min_length=1)
    words: str = Field("", description="the user's own words in English, for experts that read prompts; may be empty")
    category: str
    archetype: str
    gender: Gender = "neutral"
    age: Age = "adult"
    colours: tuple[str, ...] = ()
    materials: tuple[str, ...] = Field((), description="such as porcelain, leather, fur, felt, metal, wood, skin, peel")
    features: tuple[str, ...] = Field((), description="such as freckles, moustache, long lashes, wrinkles, beard")
    expression: Expression = "neutral"
    accessories: tuple[str, ...] = Field((), description="such as spectacles, monocle, top hat, crown, scarf, bow tie")
    style_words: tuple[str, ...] = Field((), description="such as cosy, dramatic, comic, painterly")
    setting: str | None = Field(
        None, description="the scene behind, such as study, forest, stage, sea, studio; None: one that suits"
    )
