"""The catalogue of diffusion experts: what each draws, from which weights, with which prompt and settings.

Data alone: it imports no model library. Entries come from `catalogue.toml`; a user's `personify.toml` adds to them.
"""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from personify.avatar.portrait import Guidance

Base = Literal["sd15", "sd21", "sdxl", "embedded"]
"""The family that decides which LoRAs and ControlNets fit; `embedded` are Personify's own small models."""
ControlKind = Literal["mediapipe-mesh", "openpose-face", "dots-68"]
"""How a ControlNet wants the landmarks drawn; see `control.py`."""
SLOT = "{concept}"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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

    @model_validator(mode="after")
    def _one_place(self) -> "Weights":
        if (self.repo is None) == (self.folder is None):
            raise ValueError("give either repo (a hub id such as owner/name) or folder (a local one)")
        return self


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
    negative: str = ""
    scheduler: Scheduler | None = None
    steps: int = Field(ge=1, le=200)
    guidance_scale: float = Field(ge=0, le=50)
    size: int = Field(512, ge=64, le=2048, multiple_of=8)
    strength: float = Field(0.6, gt=0, le=1)
    control_scale: float = Field(1.0, ge=0, le=2)
    guidance: Guidance = "both"

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


class Catalogue(_Entry):
    """Experts with the ControlNets and autoencoders that they share, all by name."""

    experts: dict[str, ExpertEntry]
    controlnets: dict[str, Control] = {}
    vaes: dict[str, SharedVae] = {}
