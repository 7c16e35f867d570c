"""The voice models: which engine speaks with what, in which languages, under which licence; read from `models.toml`.

Data alone: it loads no engine before it is asked which models are ready. A tone names its model, a model its engine.
Users add models of their own as `[[voice_model]]` in their `personify.toml`.
"""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from personify.voices.errors import BadInput, unknown_name
from personify.voices.settings import own_tables

if TYPE_CHECKING:
    from personify.voices.engines import Status

PACKAGED = Path(__file__).with_name("models.toml")


_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def language_tags(languages: Any) -> Any:
    """Checks the languages of a table; `ValueError` for words and what else is no BCP 47 tag."""
    listed = languages if isinstance(languages, (list, tuple)) else ()
    wrong = [tag for tag in listed if isinstance(tag, str) and not _TAG.fullmatch(tag)]
    if isinstance(languages, str) and languages != "any":
        wrong = [languages]
    if wrong:
        raise ValueError(f'{wrong[0]!r} is neither "any" nor a list of BCP 47 tags such as ["en", "pt-BR"]')
    return languages


def are_spoken(languages: tuple[str, ...] | str, language: str) -> bool:
    """Whether the BCP 47 tag `language` is among them, regions left aside."""
    return languages == "any" or _primary(language) in map(_primary, languages)


def _primary(tag: str) -> str:
    return tag.split("-", maxsplit=1)[0].lower()


class VoiceModel(BaseModel):
    """One set of voices that an engine speaks with.

    `languages` is "any" or BCP 47 tags; `download_mb` (10^6 bytes) is 0 where nothing is fetched; `commercial` says
    whether the licence lets its sound be sold. `terms` is what must be agreed to before it is fetched, where its
    makers ask for that. A Coqui model is found by `source`, Coqui's own name for it, or lies in a local `folder`, or
    comes as a ZIP file from the address `archive`. `quick` models speak faster than a listener hears, also without a
    GPU, so that their tones are measured as soon as they are fetched.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    engine: str
    title: Annotated[str, Field(min_length=1, max_length=80)]
    licence: Annotated[str, Field(min_length=1)] = "unknown"
    commercial: bool = False
    terms: str = ""
    languages: tuple[str, ...] | str = "any"
    download_mb: float = Field(default=0.0, ge=0)
    source: Annotated[str, Field(pattern=r"^(tts_models(/[\w.-]+){3})?$")] = ""
    folder: Path | None = None
    archive: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    quick: bool = True

    _tags = field_validator("languages", mode="before")(language_tags)

    @field_validator("folder")
    @classmethod
    def _from_its_file(cls, folder: Path | None, info: ValidationInfo) -> Path | None:
        """A relative folder counts from the file that it is written in."""
        if folder is None:
            return None
        try:
            return Path((info.context or {}).get("folder", ""), folder.expanduser())
        except RuntimeError as error:
            raise ValueError(f"{folder} begins with the home folder of nobody on this machine") from error

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        given = [key for key in ("source", "folder", "archive") if getattr(self, key)]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are both given; a model is found in one place")
        if self.engine == "coqui" and not given:
            raise ValueError("a Coqui model needs source (such as tts_models/en/vctk/vits), folder or archive")
        return self

    def speaks(self, language: str) -> bool:
        """Whether it can be used for the BCP 47 tag `language`, whatever its region."""
        return are_spoken(self.languages, language)


def load_models(path: Path | None = None) -> dict[str, VoiceModel]:
    """The models by name, in the file's order, then the user's own; those of `path` alone where it is given.

    Raises `BadInput` that names the entry and what is wrong with it.
    """
    if path is not None:
        return dict(_read(path))
    packaged = _read(PACKAGED)
    own = own_tables("voice_model")
    found = _checked(own.tables, own.path) if own.path else {}
    for name in found.keys() & packaged.keys():
        raise BadInput(f"{own.path}: voice model {name!r} is Personify's own; give yours another name: 'my-{name}'")
    return {**packaged, **found}


def model_of(name: str) -> VoiceModel:
    """The model of that name; `BadInput` that lists the choices for an unknown one."""
    packaged = _read(PACKAGED)
    if name in packaged:
        return packaged[name]
    models = load_models()
    if name not in models:
        raise unknown_name("voice model", name, list(models))
    return models[name]


def ready_models() -> "dict[str, Status]":
    """Every model by name with whether it can speak now. Looks at the disk; loads nothing and asks no network."""
    from personify.voices.engines import status_of

    return {name: status_of(model) for name, model in load_models().items()}


@cache
def _read(path: Path) -> dict[str, VoiceModel]:
    try:
        entries = tomllib.loads(path.read_text("utf-8"))["model"]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise BadInput(f"the voice models {path} can't be read: {error}") from error
    return _checked(entries, path)


def _checked(entries: Iterable[dict[str, Any]], path: Path) -> dict[str, VoiceModel]:
    models: dict[str, VoiceModel] = {}
    for entry in entries:
        try:
            model = VoiceModel.model_validate(entry, context={"folder": path.parent})
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            said = first["msg"].removeprefix("Value error, ")
            raise BadInput(
                f"voice model {entry.get('name')!r} in {path}: {f'{where}: ' if where else ''}{said}"
            ) from error
        if model.name in models:
            raise BadInput(f"voice model {model.name!r} occurs twice in {path}; give one of them another name")
        models[model.name] = model
    return models
