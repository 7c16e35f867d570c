"""The voice brief: what a persona wants to sound like; the input of the mixture of voices."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from personify.voices.own_prosody import PLAIN, OwnProsody

Gender = Literal["feminine", "masculine", "neutral"]
Age = Literal["child", "young", "adult", "elderly"]


class VoiceBrief(BaseModel):
    """A voice in traits. The three levels run from 0 to 1, where 0.5 is an ordinary adult speaker."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gender: Gender = "neutral"
    age: Age = "adult"
    pitch: float = Field(default=0.5, ge=0, le=1, description="0 lowest, 1 highest, for any speaker")
    pace: float = Field(default=0.5, ge=0, le=1, description="0 very slow, 1 very fast")
    energy: float = Field(default=0.5, ge=0, le=1, description="0 drowsy, 1 bursting")
    timbre: tuple[str, ...] = Field(default=(), description="words such as warm, metallic, hoarse, booming, whispering")
    nature: tuple[str, ...] = Field(
        default=(),
        description="what it is in English, such as robot or teapot; of a person the trade; the most telling first",
    )
    accent: str | None = Field(
        default=None, description="a region such as scottish or american, if the character has one"
    )
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="BCP 47 tag")
    own: OwnProsody = Field(default=PLAIN, description="how far its pitch and pace lie from those of its tone")
