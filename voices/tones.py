"""The catalogue of tones: every voice that can be chosen, over all engines, on the voice brief's scales.

The entries lie in `catalogue/`, what was measured of them in `measured.toml`: an entry says what a tone is, never how
high or fast it sounds.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from personify.voices.brief import Age, Gender
from personify.voices.effects import Effect, stretch_of
from personify.voices.errors import BadInput
from personify.voices.measured import Traits, own_traits, packaged_traits
from personify.voices.measuring import energy_level, pace_level, pitch_level
from personify.voices.models import are_spoken, language_tags
from personify.voices.own_tones import own_tones

CATALOGUE = Path(__file__).with_name("catalogue")

BUILT_IN = "espeak"
"""The model that every installation has."""

ORDINARY_PITCH_HZ = {"masculine": 110.0, "feminine": 190.0, "neutral": 150.0}
"""Medians of men and women, and half-way between (Titze 1994)."""
CHILD_PITCH_HZ = 260.0
"""Of girls and boys before puberty (Titze 1994)."""
ORDINARY_PACE_WPM = 204.0
"""12 phonemes a second without pauses, as in conversation (Crystal and House 1990)."""

Level = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class Prosody(BaseModel):
    """How the engine speaks, on espeak-ng's own scales."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pitch: int = Field(default=50, ge=0, le=99, description="0 lowest, 50 the speaker's own, 99 highest")
    range: int = Field(default=50, ge=0, le=99, description="0 monotone, 50 the speaker's own")
    rate_wpm: int = Field(default=170, ge=80, le=450, description="words per minute, as heard")
    volume: int = Field(default=100, ge=25, le=150, description="percent of the common loudness")


class Blend(BaseModel):
    """A second speaker of the same model, and how far the voice has gone from the first to that one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    speaker: str
    share: Annotated[float, Field(gt=0, lt=1)]


class Tone(BaseModel):
    """One selectable voice. The traits are what a listener hears, effects included, on `VoiceBrief`'s scales.

    `model` names an entry of `models.toml`, and `speaker` one of its voices, which `blend` mixes with another; a model
    that can clone takes a `sample` instead, a recording of somebody who consents to it. `timbre` holds the words for
    its sound, `special` the natures that only this tone fits ("robot", "ghost"); a tone with special words is chosen
    only for who asks for one of them.
    `languages` is "any" or the tags the engine can speak in this tone. `energy` is a listener's judgement, the measured
    figures' where nobody judged, 0.5 where neither is known. `traits` are the measured figures, None where its model
    was never here to be measured.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    title: Annotated[str, Field(min_length=1, max_length=40)]
    description: Annotated[str, Field(min_length=1, max_length=200)]
    model: str = "espeak"
    speaker: str = ""
    blend: Blend | None = None
    sample: Path | None = None
    gender: Gender
    age: Age
    energy: Level = 0.5
    timbre: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    accent: str | None = None
    languages: tuple[str, ...] | str = "any"
    prosody: Prosody = Prosody()
    effects: tuple[Effect, ...] = ()
    traits: Traits | None = None

    _tags = field_validator("languages", mode="before")(language_tags)

    @property
    def measured(self) -> bool:
        """Whether its pitch and pace were heard; otherwise they are what is ordinary for its gender and age."""
        return self.traits is not None

    @property
    def pitch_hz(self) -> float:
        """The median pitch; for a whisper, which has none, what is ordinary for its gender and age."""
        if self.traits and self.traits.pitch_hz:
            return self.traits.pitch_hz
        return CHILD_PITCH_HZ if self.age == "child" else ORDINARY_PITCH_HZ[self.gender]

    @property
    def pace_wpm(self) -> float:
        """English words a minute, pauses left out."""
        return self.traits.pace_wpm if self.traits else ORDINARY_PACE_WPM

    @property
    def pitch(self) -> float:
        """0 lowest, 1 highest: see `measuring.pitch_level`."""
        return pitch_level(self.pitch_hz)

    @property
    def pace(self) -> float:
        """0 very slow, 1 very fast: see `measuring.pace_level`."""
        return pace_level(self.pace_wpm)

    @property
    def stretch(self) -> float:
        """How many times longer the effects make the speech; the engine speaks that much faster."""
        return stretch_of(self.effects)

    def speaks(self, language: str) -> bool:
        """Whether it can be used for the BCP 47 tag `language`."""
        return are_spoken(self.languages, language)


def load_tones(path: Path | None = None, *, measured: bool = True) -> dict[str, Tone]:
    """The catalogue by name, in its files' order: the built-in one with what was measured of it and then the user's own
    tones, or that of `path` alone.

    `path` is a TOML file or a folder of them; without `measured` the figures are left out. Some tones may belong to
    models that can't speak yet: see `ready_tones`.
    Raises `BadInput` that names the entry and what is wrong with it.
    """
    tones = _read(path) if path else own_tones(_read(CATALOGUE))
    if not measured:
        return dict(tones)
    figures, own = packaged_traits(), own_traits()
    return {name: _heard(tone, own.get(tone.model, {}).get(name) or figures.get(name)) for name, tone in tones.items()}


def tones_of(model: str) -> dict[str, Tone]:
    """The catalogue's tones of one model."""
    return {name: tone for name, tone in load_tones().items() if tone.model == model}


def ready_tones(tones: Mapping[str, Tone] | None = None) -> dict[str, Tone]:
    """Those of `tones`, by default of the whole catalogue, whose model can speak now."""
    from personify.voices.engines import status_of
    from personify.voices.models import load_models

    models = load_models()
    tones = load_tones() if tones is None else tones
    ready = {name for name in {tone.model for tone in tones.values()} & set(models) if status_of(models[name]).ready}
    return {name: tone for name, tone in tones.items() if tone.model in ready}


@cache
def _heard(tone: Tone, traits: Traits | None) -> Tone:
    """The tone with what was measured of it, and the energy of that where the entry says none."""
    if traits is None:
        return tone
    update: dict[str, Any] = {"traits": traits}
    if "energy" not in tone.model_fields_set:
        update["energy"] = round(energy_level(traits.pace_wpm, traits.loudness_lufs, traits.brightness_hz), 2)
    return tone.model_copy(update=update)


@cache
def _read(path: Path) -> dict[str, Tone]:
    tones: dict[str, Tone] = {}
    for file in sorted(path.glob("*.toml")) if path.is_dir() else [path]:
        for entry in _entries(file):
            try:
                tone = Tone.model_validate(entry)
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"])
                raise BadInput(f"tone {entry.get('name')!r} in {file}: {where}: {first['msg']}") from error
            if tone.name in tones:
                raise BadInput(f"tone {tone.name!r} occurs twice in {path}")
            tones[tone.name] = tone
    return tones


def _entries(file: Path) -> list[dict[str, Any]]:
    """The file's `[[tone]]` entries; what `[common]` says holds for each of them that doesn't say otherwise."""
    try:
        content = tomllib.loads(file.read_text("utf-8"))
        return [content.get("common", {}) | entry for entry in content["tone"]]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise BadInput(f"the tone catalogue {file} can't be read: {error}") from error
