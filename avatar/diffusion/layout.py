"""What a diffusers folder is made of, read before anything is loaded: its layout, its parts, their weights and content.

`avatar/checkpoints.py` says whether the files are whole and safe; here is which of them make up which part.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from personify.avatar.checkpoints import CONFIG, INDEX, components, names_in, read_json, weight_files
from personify.voices.errors import BadInput, PersonifyError

Kind = Literal["sd", "sdxl"]
_MODELS = ("unet", "vae", "text_encoder", "text_encoder_2", "safety_checker")
"""Parts with weights; a pipeline's other parts are tables of a few kilobytes."""
_NEEDED = {"sd": ("unet", "vae", "text_encoder"), "sdxl": ("unet", "vae", "text_encoder", "text_encoder_2")}
_NAMED_BY_CONTENT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Part:
    """One model's folder: its weight `files` and `config`; `variant` where the files are of one."""

    folder: Path
    files: tuple[Path, ...]
    config: dict[str, Any]
    variant: str | None = None

    @property
    def file_bytes(self) -> int:
        """Size of the weights on disk."""
        return sum(file.stat().st_size for file in self.files)

    def fingerprint(self) -> str:
        """The same for two parts of the same configuration and bytes, wherever they lie."""
        config = {name: value for name, value in self.config.items() if name != "_name_or_path"}
        told = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
        for file in self.files:
            told.update(_content_of(file).encode())
        return told.hexdigest()


@dataclass(frozen=True)
class Layout:
    """A diffusers folder: `sd` for Stable Diffusion 1.x and 2.x, `sdxl`; its parts with weights by name."""

    folder: Path
    kind: Kind
    parts: dict[str, Part]


def read_layout(folder: Path, variant: str | None = None) -> Layout:
    """What a diffusers folder holds; weights are the variant's where it has them.

    Raises `BadInput` for a folder that is not a Stable Diffusion or SDXL model in diffusers' layout.
    """
    if not (folder / INDEX).is_file():
        raise BadInput(f"{folder} is not a diffusers model: it has no {INDEX}")
    index = read_json(folder / INDEX)
    called = str(index.get("_class_name", ""))
    if not called.startswith("StableDiffusion"):
        raise BadInput(
            f"{folder} is a {called or 'model without a class name'}; experts are Stable Diffusion 1.x, 2.x and SDXL"
            " models in diffusers' layout"
        )
    kind: Kind = "sdxl" if "XL" in called else "sd"
    names = [name for name in _MODELS if name in components(index)]
    missing = [name for name in _NEEDED[kind] if name not in names]
    if missing:
        raise BadInput(f"{folder} is not a whole {called}: its {INDEX} lists no {', '.join(missing)}")
    return Layout(folder, kind, {name: read_part(folder / name, variant) for name in names})


def read_part(folder: Path, variant: str | None = None) -> Part:
    """One model's folder: a UNet, autoencoder, text encoder, ControlNet or safety checker.

    Raises `BadInput` without a configuration and `PersonifyError` without safetensors.
    """
    if not (folder / CONFIG).is_file():
        raise BadInput(f"{folder} is not a diffusers model: it has no {CONFIG}")
    names = names_in(folder)
    own = weight_files("", names, variant) if variant else ()
    files = tuple(folder / name for name in own or weight_files("", names, None) if name.endswith(".safetensors"))
    if not files:
        raise PersonifyError(f"{folder} has no .safetensors weights; fetch or copy it again")
    return Part(folder, files, read_json(folder / CONFIG), variant if own else None)


def _content_of(file: Path) -> str:
    """The file's SHA-256; the hub's cache names large files by it, so they needn't be read."""
    real = file.resolve()
    if _NAMED_BY_CONTENT.fullmatch(real.name):
        return real.name
    state = real.stat()
    return _digest(real, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=1024)
def _digest(path: Path, size: int, changed_ns: int) -> str:
    """By path, size and time of change, so that a file is read once as long as it stays the same."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
