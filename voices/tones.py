"""The catalogue of tones: every voice that can be chosen, read from `tones.toml`, on the voice brief's scales."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from personify.voices.brief import Age, Gender
from personify.voices.effects import Effect, stretch_of
from personify.voices.errors import BadInput

Level = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class Prosody(BaseModel):
    """How the engine speaks, on espeak-ng's own scales."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pitch: int = Field(default=50, ge=0, le=99, description="0 lowest, 50 the speaker's own, 99 highest")
    range: int = Field(default=50, ge=0, le=99, description="0 monotone, 50 the speaker's own")
    rate_wpm: int = Field(default=170, ge=80, le=450, description="words per minute, as heard")
    volume: int = Field(default=100, ge=25, le=150, description="percent of the common loudness")


class Tone(BaseModel):
    """One selectable voice. The traits are what a listener hears, effects included, on `VoiceBrief`'s scales.

    `model` names an entry of `models.toml`, and `speaker` one of its voices. `timbre` holds the words for its sound,
    `special` the natures that only this tone fits ("robot", "ghost"); a tone with special words is chosen only for who
    asks for one of them.
    `languages` is "any" or the tags the engine can speak in this tone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    title: Annotated[str, Field(min_length=1, max_length=40)]
    description: Annotated[str, Field(min_length=1, max_length=200)]
    model: str = "espeak"
    speaker: str = ""
    gender: Gender
    age: Age
    pitch: Level
    pace: Level
    energy: Level
    timbre: tuple[str, ...] = Field(min_length=2)
    special: tuple[str, ...] = ()
    accent: str | None = None
    languages: tuple[str, ...] | str = "any"
    prosody: Prosody = Prosody()
    effects: tuple[Effect, ...] = ()

    @property
    def stretch(self) -> float:
        """How many times longer the effects make the speech; the engine speaks that much faster."""
        return stretch_of(self.effects)

    def speaks(self, language: str) -> bool:
        """Whether it can be used for the BCP 47 tag `language`."""
        return self.languages == "any" or language.split("-", maxsplit=1)[0] in self.languages


def load_tones(path: Path | None = None) -> dict[str, Tone]:
    """The catalogue by name, in the file's order; the built-in one unless `path` names another.

    Raises `BadInput` that names the entry and what is wrong with it.
    """
    return dict(_read(path or Path(__file__).with_name("tones.toml")))


@cache
def _read(path: Path) -> dict[str, Tone]:
    try:
        entries = tomllib.loads(path.read_text("utf-8"))["tone"]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise BadInput(f"the tone catalogue {path} can't be read: {error}") from error
    tones: dict[str, Tone] = {}
    for entry in entries:
        try:
            tone = Tone.model_validate(entry)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise BadInput(f"tone {entry.get('name')!r} in {path}: {where}: {first['msg']}") from error
        if tone.name in tones:
            raise BadInput(f"tone {tone.name!r} occurs twice in {path}")
        tones[tone.name] = tone
    return tones
