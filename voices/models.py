"""The voice models: which engine speaks with what, in which languages, under which licence; read from `models.toml`.

Data alone: it imports no engine. A tone names its model, a model its engine.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from personify.voices.errors import BadInput, unknown_name

PACKAGED = Path(__file__).with_name("models.toml")


class VoiceModel(BaseModel):
    """One set of voices that an engine speaks with.

    `languages` is "any" or BCP 47 tags; `download_mb` is 0 where nothing is fetched; `commercial` says whether the
    licence lets its sound be sold.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    engine: str
    title: Annotated[str, Field(min_length=1, max_length=80)]
    licence: Annotated[str, Field(min_length=1)]
    commercial: bool = False
    languages: tuple[str, ...] | str = "any"
    download_mb: float = Field(default=0.0, ge=0)


def load_models(path: Path | None = None) -> dict[str, VoiceModel]:
    """The models by name, in the file's order; `BadInput` that names the entry and what is wrong with it."""
    return dict(_read(path or PACKAGED))


def model_of(name: str) -> VoiceModel:
    """The model of that name; `BadInput` that lists the choices for an unknown one."""
    models = _read(PACKAGED)
    if name not in models:
        raise unknown_name("voice model", name, list(models))
    return models[name]


@cache
def _read(path: Path) -> dict[str, VoiceModel]:
    try:
        entries = tomllib.loads(path.read_text("utf-8"))["model"]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise BadInput(f"the voice models {path} can't be read: {error}") from error
    models: dict[str, VoiceModel] = {}
    for entry in entries:
        try:
            model = VoiceModel.model_validate(entry)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise BadInput(f"voice model {entry.get('name')!r} in {path}: {where}: {first['msg']}") from error
        models[model.name] = model
    return models
