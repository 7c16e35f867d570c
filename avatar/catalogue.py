"""The catalogue of diffusion experts: what each draws, from which weights, with which prompt and settings.

Data alone: it imports no model library. Entries come from `catalogue.toml`; a user's `personify.toml` adds to them.
"""

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from personify.avatar.portrait import Guidance
from personify.voices.errors import BadInput, unknown_name
from personify.voices.settings import TALK_TABLES, VOICE_TABLES, own_file

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PACKAGED = Path(__file__).with_name("catalogue.toml")
RESERVED = frozenset({"sketch"})
"""Names of experts that are not in the catalogue and can't be taken."""

Base = Literal["sd15", "sd21", "sdxl", "embedded"]
"""The family that decides which LoRAs and ControlNets fit; `embedded` are Personify's own small models."""
SketchStyle = Literal["clay", "storybook", "comic", "photo"]
"""The sketch's own styles, as in `sketch/styles`."""
ControlKind = Literal["mediapipe-mesh", "openpose-face", "dots-68"]
"""How a ControlNet wants the landmarks drawn; see `control.py`."""
SLOT = "{concept}"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_T = TypeVar("_T", bound=_Entry)


class Weights(_Entry):
    """Where a model is: a hub id with its revision, or a local folder; `file` where it is one file of those."""

    repo: str | None = Field(None, pattern=r"^[\w.-]+/[\w.-]+$")
    folder: Path | None = None
    revision: str = "main"
    subfolder: str = Field("", pattern=r"^([\w.-]+(/[\w.-]+)*)?$")
    variant: str | None = None
    file: str | None = None
    licence: str = "unknown"
    commercial: bool = Field(False, description="whether the licence lets its pictures be sold, under its conditions")
    download_gb: float = Field(0.0, ge=0)

    @field_validator("folder")
    @classmethod
    def _from_its_file(cls, folder: Path | None, info: ValidationInfo) -> Path | None:
        """A relative folder counts from the file that it is written in."""
        if folder is None:
            return None
        return Path((info.context or {}).get("folder", ""), folder.expanduser())

    @field_validator("revision")
    @classmethod
    def _a_name(cls, revision: str) -> str:
        """It becomes part of a path in the cache."""
        if not re.fullmatch(r"[\w.-]+(/[\w.-]+)*", revision) or ".." in revision:
            raise ValueError(f"{revision!r} is not a revision; give a commit, a branch or a tag")
        return revision

    @field_validator("file")
    @classmethod
    def _safe(cls, file: str | None) -> str | None:
        if file is not None and not re.fullmatch(r"[^/\\]+\.safetensors", file):
            raise ValueError(
                f"{file!r} is not the name of a .safetensors file; other checkpoints can hold code that runs when they"
                " are loaded, and are refused"
            )
        return file

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.repo is None) == (self.folder is None):
            raise ValueError("give either repo (a hub id such as owner/name) or folder (a local one)")
        if ".." in self.subfolder.split("/"):
            raise ValueError(f"subfolder {self.subfolder!r} leads out of the model")
        return self

    @property
    def title(self) -> str:
        """Where it is, in words for the user: the hub id or folder, with the subfolder and the file."""
        place = self.repo or str(self.folder)
        return "/".join(part for part in (place, self.subfolder, self.file) if part)


class Control(Weights):
    """A ControlNet that takes drawn face landmarks."""

    base: Base
    draw: ControlKind


class SharedVae(Weights):
    """An autoencoder that several experts use instead of their own."""

    base: Base


class Lora(Weights):
    """A LoRA on top of an expert's base."""

    weight: float = 1.0

    @model_validator(mode="after")
    def _one_file(self) -> Self:
        if self.file is None:
            raise ValueError("file is missing: the name of the LoRA's .safetensors file")
        return self


class Scheduler(_Entry):
    """A diffusers scheduler by its class name, with what differs from the checkpoint's own configuration."""

    name: str = Field(pattern=r"^\w+Scheduler$")
    settings: dict[str, Any] = {}


class ExpertEntry(_Entry):
    """One selectable image generator."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    description: str
    styles: tuple[str, ...] = Field(min_length=1)
    suits: tuple[str, ...] = Field((), description="categories of things that it draws well; empty: anything")
    base: Base
    few_step: bool = False
    weights: Weights
    loras: tuple[Lora, ...] = ()
    controlnet: str | None = Field(None, description="a name in the catalogue's table of ControlNets")
    vae: str | None = Field(None, description="a name in the catalogue's table of shared autoencoders")
    template: str = "{concept}"
    reads: Literal["words", "looks"] = Field(
        "words", description="what fills the template: the user's own words, or the brief's looks in a caption's words"
    )
    negative: str = ""
    scheduler: Scheduler | None = None
    steps: int = Field(ge=1, le=200)
    guidance_scale: float = Field(ge=0, le=50)
    size: int = Field(512, ge=64, le=2048, multiple_of=8)
    strength: float = Field(0.6, gt=0, le=1)
    control_scale: float = Field(1.0, ge=0, le=2)
    guidance: Guidance = "both"
    sketch_style: SketchStyle | None = Field(
        None, description="the style of the sketch that guides it; None: the one that the brief asks for"
    )
    keeps_outline: bool = Field(
        False, description="whether pixel guidance leaves the guide's outline in place, so that its mask stays true"
    )
    keeps_detail: bool = Field(
        False, description="whether pixel guidance gives back the guide's fine detail that the autoencoder loses"
    )
    safety_checker: bool = Field(True, description="false leaves out the checkpoint's own check for unsafe pictures")

    @field_validator("template")
    @classmethod
    def _one_slot(cls, template: str) -> str:
        if template.count(SLOT) != 1 or "{" in template.replace(SLOT, ""):
            raise ValueError(f"the prompt template needs exactly one slot {SLOT}")
        return template

    @property
    def guidances(self) -> tuple[Guidance, ...]:
        """The ways it can be steered, its default first."""
        able: tuple[Guidance, ...] = ("both", "pixel", "control", "none") if self.controlnet else ("pixel", "none")
        default = self.guidance if self.guidance in able else able[0]
        return (default, *(way for way in able if way != default))


class Part(NamedTuple):
    """One thing that an expert is made of: the kind of it, in words, and where it is."""

    kind: str
    weights: Weights


class Catalogue(_Entry):
    """Experts with the ControlNets and autoencoders that they share, all by name."""

    experts: dict[str, ExpertEntry]
    controlnets: dict[str, Control] = {}
    vaes: dict[str, SharedVae] = {}

    def expert(self, name: str) -> ExpertEntry:
        """The entry of that name; `BadInput` that lists the choices where there is none."""
        if name not in self.experts:
            raise unknown_name("expert", name, list(self.experts))
        return self.experts[name]

    def parts(self, entry: ExpertEntry) -> tuple[Part, ...]:
        """All that the expert is made of: its checkpoint, LoRAs, autoencoder and ControlNet, in that order."""
        parts = [Part("checkpoint", entry.weights), *(Part("LoRA", lora) for lora in entry.loras)]
        if entry.vae is not None:
            parts.append(Part("autoencoder", self.vaes[entry.vae]))
        if entry.controlnet is not None:
            parts.append(Part("ControlNet", self.controlnets[entry.controlnet]))
        return tuple(parts)

    def download_gb(self, entry: ExpertEntry) -> float:
        """What fetching all its parts takes, in gigabytes (10^9 bytes)."""
        return round(sum(part.weights.download_gb for part in self.parts(entry)), 2)

    def licences(self, entry: ExpertEntry) -> tuple[str, ...]:
        """The licences of its parts, each once, the checkpoint's first; all of them apply."""
        return tuple(dict.fromkeys(part.weights.licence for part in self.parts(entry)))

    def commercial(self, entry: ExpertEntry) -> bool:
        """Whether every licence lets the pictures be sold, under its conditions."""
        return all(part.weights.commercial for part in self.parts(entry))


def load_catalogue(extra: Path | None = None) -> Catalogue:
    """The packaged experts, and those of the user's own file: `extra`, or the one that `own_file` finds.

    Relative folders in a file count from that file. Raises `BadInput` that names the file, the entry, the key, the
    value seen and what was expected.
    """
    packaged = _read(PACKAGED)
    path = extra or own_file()
    if path is None:
        return packaged
    own = _read(path, packaged)
    return Catalogue(
        experts=packaged.experts | own.experts,
        controlnets=packaged.controlnets | own.controlnets,
        vaes=packaged.vaes | own.vaes,
    )


def _read(path: Path, known: Catalogue | None = None) -> Catalogue:
    """The entries of one file; they may refer to those already `known`, and may not take their names."""
    tables = _toml(path)
    unknown = sorted(set(tables) - {"expert", "controlnet", "vae", *VOICE_TABLES, *TALK_TABLES})
    if unknown:
        raise BadInput(
            f"{path}: {unknown[0]!r} is not a table of this file; it holds [[expert]], [controlnet.NAME], [vae.NAME],"
            " [[voice_model]], [[tone]], [speech], [llm], [chat], [memory], [web] and [c2pa]"
        )
    found = Catalogue(
        experts=_experts(path, tables.get("expert", [])),
        controlnets=_named(path, "controlnet", tables.get("controlnet", {}), Control),
        vaes=_named(path, "vae", tables.get("vae", {}), SharedVae),
    )
    _check_names(path, found, known)
    _check_references(path, found, known)
    return found


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:  # its message ends with the line and column
        raise BadInput(f"{path} is not valid TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not a UTF-8 text file: byte {error.start} can't be read") from error
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}") from error


def _experts(path: Path, tables: Any) -> dict[str, ExpertEntry]:
    if not isinstance(tables, list):
        raise BadInput(f"{path}: an expert is a table of its own; write [[expert]] with two brackets")
    experts: dict[str, ExpertEntry] = {}
    for number, table in enumerate(tables, start=1):
        name = table.get("name") if isinstance(table, dict) else None
        entry = _checked(ExpertEntry, table, path, f"expert {name!r}" if isinstance(name, str) else f"expert {number}")
        if entry.name in experts:
            raise BadInput(f"{path}: expert {entry.name!r} occurs twice; give one of them another name")
        experts[entry.name] = entry
    return experts


def _named(path: Path, kind: str, tables: Any, model: type[_T]) -> dict[str, _T]:
    if not isinstance(tables, dict):
        raise BadInput(f"{path}: {kind!r} holds tables by name; write [{kind}.NAME]")
    return {name: _checked(model, table, path, f"{kind} {name!r}") for name, table in tables.items()}


def _checked(model: type[_T], table: Any, path: Path, entry: str) -> _T:
    try:
        return model.model_validate(table, context={"folder": path.parent})
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{path}: {entry}: {_said(first)}{_and_more(error.error_count() - 1)}") from error


def _said(fault: "ErrorDetails") -> str:
    """One of Pydantic's errors as a sentence: key, what was expected, value seen."""
    key = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "missing":
        return f"{key} is missing"
    if fault["type"] == "extra_forbidden":
        return f"{key} is not a key of this table; check its spelling"
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "value_error":
        return f"{key}: {message}" if key else message
    seen = repr(fault["input"])
    return f"{key} is {seen if len(seen) <= 60 else seen[:57] + '...'}: {message[0].lower()}{message[1:]}"


def _and_more(others: int) -> str:
    return f" (and {others} more {'faults' if others > 1 else 'fault'} in this entry)" if others else ""


def _check_names(path: Path, found: Catalogue, known: Catalogue | None) -> None:
    if known is None:
        return
    for kind, own, packaged in (
        ("expert", found.experts, known.experts),
        ("controlnet", found.controlnets, known.controlnets),
        ("vae", found.vaes, known.vaes),
    ):
        for name in own.keys() & packaged.keys():
            raise BadInput(f"{path}: {kind} {name!r} is Personify's own; give yours another name, such as 'my-{name}'")
    for name in found.experts.keys() & RESERVED:
        raise BadInput(f"{path}: expert {name!r} is Personify's own; give yours another name, such as 'my-{name}'")


def _check_references(path: Path, found: Catalogue, known: Catalogue | None) -> None:
    """Every ControlNet and autoencoder that an expert names is there and of its base."""
    controlnets = (known.controlnets if known else {}) | found.controlnets
    vaes = (known.vaes if known else {}) | found.vaes
    for entry in found.experts.values():
        for key, name, choices in (("controlnet", entry.controlnet, controlnets), ("vae", entry.vae, vaes)):
            if name is None:
                continue
            fitting = sorted(choice for choice, value in choices.items() if value.base == entry.base)
            advice = f"choose one of: {', '.join(fitting)}" if fitting else f"leave {key} out"
            where = f"{path}: expert {entry.name!r}: {key} is {name!r}"
            if name not in choices:
                raise BadInput(f"{where}, and there is none of that name; {advice}")
            if choices[name].base != entry.base:
                raise BadInput(f"{where}, which is for {choices[name].base}, but the expert is {entry.base}; {advice}")
