"""The benchmark's cases: descriptions and what a listener accepts as their voices, read from `prompts/voices.toml`."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from personify.voices.brief import Age, Gender
from personify.voices.errors import BadInput

Band = tuple[float, float]
Words = Annotated[tuple[str, ...], Field(min_length=1)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Case(_Record):
    """One description. Of each trait all acceptable values; None where a listener has no opinion.

    `pitch` and `pace` name bands of `Cases`; `special` holds words, "ordinary" for a tone without special ones.
    """

    say: Annotated[str, Field(min_length=1)]
    gender: Annotated[tuple[Gender, ...], Field(min_length=1)] | None = None
    age: Annotated[tuple[Age, ...], Field(min_length=1)] | None = None
    pitch: str | None = None
    pace: str | None = None
    language: Words = ("en",)
    special: Words | None = None
    accent: Words | None = None
    group: str = ""


class Cases(_Record):
    """All of them, with the bands that they name: in Hz, and in phonemes a second without pauses.

    `sentences` is what a voice says to be measured, by language.
    """

    pitch_hz: dict[str, Band]
    pace_hz: dict[str, Band]
    sentences: dict[str, str]
    cases: tuple[Case, ...]


def load_cases(path: Path | None = None) -> Cases:
    """The cases of `path`, or the project's. Raises `BadInput` that names the file and what is wrong with it."""
    source = files("personify.eval").joinpath("prompts/voices.toml") if path is None else path
    try:
        content = tomllib.loads(source.read_text("utf-8"))
        groups = content.pop("cases")
        listed = [{**case, "group": group} for group, cases in groups.items() for case in cases]
        found = Cases.model_validate(content | {"cases": listed})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError) as error:
        raise BadInput(f"the voice benchmark's cases in {source} can't be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{source}: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error
    for case in found.cases:
        for band, bands in ((case.pitch, found.pitch_hz), (case.pace, found.pace_hz)):
            if band is not None and band not in bands:
                raise BadInput(f"{source}: {case.say!r} names the band {band!r}; there are: {', '.join(bands)}")
        for language in case.language:
            if language not in found.sentences:
                raise BadInput(f"{source}: {case.say!r} is in {language!r}, and there is no sentence in that")
    return found
