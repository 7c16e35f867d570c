"""What a model's files must be, read without loading them: which ones a folder needs, whether they are whole and safe,
and which base they were made for.

Works on file names, JSON and the headers of safetensors files; imports no model library and never opens a pickle.
"""

import json
import re
import struct
from collections.abc import Collection
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from personify.avatar.catalogue import Base
from personify.voices.errors import BadInput, PersonifyError

INDEX = "model_index.json"
"""Diffusers' list of a pipeline's components."""
CONFIG = "config.json"
PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle")
MAX_HEADER_BYTES = 100_000_000
"""The limit of the safetensors format for its header."""
BASE_OF_WIDTH: dict[int, Base] = {768: "sd15", 1024: "sd21", 2048: "sdxl"}
"""The width of the text that a UNet, ControlNet or LoRA listens to (`cross_attention_dim`) tells the base."""
BASE_TITLES: dict[Base, str] = {"sd15": "SD 1.5", "sd21": "SD 2.1", "sdxl": "SDXL", "embedded": "the embedded models"}

_BYTES_OF_DTYPE = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E8M0": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
    "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8, "C64": 8,
}  # fmt: skip
_NEEDED_WITHOUT_WEIGHTS = {
    "Scheduler": ("scheduler_config.json",),
    "TokenizerFast": ("tokenizer.json",),
    "Tokenizer": ("vocab.json", "merges.txt"),
    "Processor": ("preprocessor_config.json",),
    "ProcessorFast": ("preprocessor_config.json",),  # transformers 5 names the backend of a processor
    "ProcessorPil": ("preprocessor_config.json",),
    "Extractor": ("preprocessor_config.json",),
}
"""Components without weights, by how their class is called, with the files that they can't do without."""
_STEMS = "diffusion_pytorch_model", "model"
"""What diffusers and transformers call a component's weights."""


@dataclass(frozen=True)
class Needs:
    """What has to be there of a model: `files` by their path in it, and `missing` in words."""

    files: tuple[str, ...]
    missing: tuple[str, ...]


def needs(index: dict[str, Any] | None, names: Collection[str], variant: str | None) -> Needs:
    """What a diffusers model needs of the files called `names` (paths with slashes, from the model's root).

    `index` is its model_index.json, or None for a single model (a ControlNet, an autoencoder). Of each component's
    weights only safetensors count: those of `variant`, else those without one.
    """
    if index is None:
        return _model_needs("", names, variant)
    files = [INDEX]
    missing: list[str] = []
    for component, kind in components(index).items():
        found = _component_needs(component, kind, names, variant)
        files += found.files
        missing += found.missing
    return Needs(tuple(files), tuple(missing))


def components(index: dict[str, Any]) -> dict[str, str]:
    """The components that model_index.json lists, with the names of their classes."""
    return {
        name: value[1]
        for name, value in index.items()
        if not name.startswith("_") and isinstance(value, list) and len(value) == 2 and isinstance(value[1], str)
    }


def _component_needs(component: str, kind: str, names: Collection[str], variant: str | None) -> Needs:
    for ending, files in _NEEDED_WITHOUT_WEIGHTS.items():
        if kind.endswith(ending):
            own = tuple(
                name
                for name in names
                if name.startswith(f"{component}/") and name.endswith((".json", ".txt", ".model"))
            )
            given = any({f"{component}/{file}" for file in choice} <= set(own) for choice in (files, _FAST))
            return Needs(own, () if given else (f"{component}/{files[0]}",))
    return _model_needs(f"{component}/", names, variant)


_FAST = _NEEDED_WITHOUT_WEIGHTS["TokenizerFast"]


def _model_needs(prefix: str, names: Collection[str], variant: str | None) -> Needs:
    config = f"{prefix}{CONFIG}"
    missing = [] if config in names else [config]
    weights = weight_files(prefix, names, variant) or (weight_files(prefix, names, None) if variant else ())
    if not any(name.endswith(".safetensors") for name in weights):
        missing.append(f"{prefix}*.safetensors")
    missing += _missing_shards(weights)
    return Needs((config, *weights), tuple(missing))


def weight_files(prefix: str, names: Collection[str], variant: str | None) -> tuple[str, ...]:
    """The safetensors of one component, with the index of their shards where there is one."""
    tag = re.escape(f".{variant}") if variant else ""
    shard = r"-\d{5}-of-\d{5}"
    stem = rf"{re.escape(prefix)}(?:{'|'.join(_STEMS)})"
    pattern = re.compile(
        rf"{stem}(?:{tag}|{tag}{shard}|{shard}{tag})\.safetensors|{stem}\.safetensors\.index{tag}\.json"
    )
    return tuple(sorted(name for name in names if pattern.fullmatch(name)))


def _missing_shards(weights: Collection[str]) -> list[str]:
    """A shard's name says how many there are: the names of those that aren't there."""
    missing = []
    for first, last, count, rest in {
        (match[1], match[3], int(match[3]), match[4])
        for name in weights
        if (match := re.fullmatch(r"(.*-)(\d{5})-of-(\d{5})(.*)", name))
    }:
        wanted = (f"{first}{number:05d}-of-{last}{rest}" for number in range(1, min(count, 999) + 1))
        missing += [name for name in wanted if name not in weights]
    return sorted(missing)


def names_in(folder: Path) -> tuple[str, ...]:
    """The files of a model folder, as `needs` takes them; broken links don't count."""
    return tuple(
        path.relative_to(folder).as_posix()
        for pattern in ("*", "*/*")
        for path in folder.glob(pattern)
        if path.is_file()
    )


def index_of(folder: Path) -> dict[str, Any] | None:
    """A folder's model_index.json, or None where it has none."""
    return read_json(folder / INDEX) if (folder / INDEX).is_file() else None


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file that holds an object; `PersonifyError` names it where it doesn't."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise PersonifyError(f"{path} can't be read as JSON ({error}); fetch or copy it again") from error
    if not isinstance(value, dict):
        raise PersonifyError(f"{path} holds no JSON object; fetch or copy it again")
    return value


def refuse_pickles(folder: Path) -> None:
    """Raises `BadInput` for a folder (or a file) whose weights are pickles and nothing else.

    Each component counts by itself: a UNet with a .bin alone is refused though the text encoder has safetensors, and a
    .ckpt beside a whole diffusers model is let be, since nothing loads it.
    """
    paths = [folder] if folder.is_file() else [folder / name for name in names_in(folder)]
    safe = {path.parent for path in paths if path.suffix == ".safetensors"}
    pickles = [path for path in paths if path.suffix.lower() in PICKLES and path.parent not in safe]
    if (folder / INDEX).is_file():
        pickles = [path for path in pickles if path.parent != folder]
    if pickles:
        raise BadInput(
            f"{pickles[0]} is refused: {pickles[0].suffix} weights are pickles, which can run any code when they are"
            " loaded; convert them to .safetensors (diffusers: save_pretrained(..., safe_serialization=True))"
        )


def check_safetensors(path: Path) -> dict[str, Any]:
    """The header of a sound safetensors file: its tensors' names with dtype, shape and place.

    `path` may also be the index of a sharded model: then every shard is checked, and the headers are returned as one.
    Raises `PersonifyError` that names the file and what is wrong: cut off, longer than its tensors, or no header.
    """
    if path.name.endswith(".json"):
        return _check_shards(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else -1
            if not 2 <= length <= min(MAX_HEADER_BYTES, size - 8):
                raise _unsound(path, "it has no header that fits into it")
            header = json.loads(file.read(length))
    except OSError as error:
        raise PersonifyError(f"{path} can't be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise _unsound(path, "its header can't be read") from error
    if not isinstance(header, dict):
        raise _unsound(path, "its header is not a table of tensors")
    header.pop("__metadata__", None)
    ends = _ends(path, header)
    expected = 8 + length + ends
    if size != expected:
        raise _unsound(path, f"it has {size:,} bytes where its header tells of {expected:,}")
    return header


def _ends(path: Path, header: dict[str, Any]) -> int:
    """Where the tensors end; they must lie one after another without a gap, each as long as its shape says."""
    spans = []
    for name, tensor in header.items():
        try:
            begin, end = (int(place) for place in tensor["data_offsets"])
            count = prod(int(side) for side in tensor["shape"])
            each = _BYTES_OF_DTYPE.get(tensor["dtype"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise _unsound(path, f"the place of its tensor {name[:80]!r} can't be read") from error
        if begin < 0 or end < begin or (each is not None and end - begin != each * count):
            raise _unsound(path, f"its tensor {name[:80]!r} is not as long as its shape says")
        spans.append((begin, end))
    reached = 0
    for begin, end in sorted(spans):
        if begin != reached:
            raise _unsound(path, "its tensors overlap or leave gaps")
        reached = end
    return reached


def _check_shards(index: Path) -> dict[str, Any]:
    shards = read_json(index).get("weight_map")
    if not isinstance(shards, dict) or not shards:
        raise _unsound(index, "it has no weight_map that names the shards")
    header: dict[str, Any] = {}
    for name in sorted({str(value) for value in shards.values()}):
        if "/" in name or "\\" in name or not name.endswith(".safetensors"):
            raise _unsound(index, f"it names {name!r}, which is no .safetensors file beside it")
        header |= check_safetensors(index.with_name(name))
    absent = sorted(set(shards) - set(header))
    if absent:
        raise _unsound(index, f"no shard holds its tensor {absent[0][:80]!r}")
    return header


def _unsound(path: Path, what: str) -> PersonifyError:
    return PersonifyError(
        f"{path} is damaged or cut off: {what}; fetch it again with `personify experts pull NAME`, or copy it again"
        " from where it came"
    )


def text_width(folder: Path) -> int | None:
    """The width of the text that the UNet or ControlNet in `folder` listens to; None where it has no single one."""
    width = read_json(folder / CONFIG).get("cross_attention_dim")
    return width if isinstance(width, int) and not isinstance(width, bool) else None


def control_base(folder: Path) -> Base | None:
    """The base that a ControlNet was made for, or None where its width is of none that is known.

    Raises `BadInput` where the folder holds something else than a ControlNet.
    """
    if not (folder / CONFIG).is_file():
        raise BadInput(f"{folder} is not a ControlNet of diffusers: it has no {CONFIG}")
    kind = read_json(folder / CONFIG).get("_class_name")
    if not isinstance(kind, str) or not kind.startswith("ControlNet"):
        raise BadInput(f"{folder} is not a ControlNet: its {CONFIG} is of {kind or 'no class that it names'}")
    return BASE_OF_WIDTH.get(text_width(folder) or 0)


def lora_width(path: Path) -> int | None:
    """The width of the text that a LoRA's layers listen to, from its header; None where it changes none of them.

    Raises `BadInput` for a file that is no LoRA, or one for models that are not Stable Diffusion.
    """
    header = check_safetensors(path)
    if not any(re.search(r"lora|hada_|lokr_", name) for name in header):
        raise BadInput(f"{path} is not a LoRA: none of its {len(header)} tensors is one of a LoRA's")
    downs = re.compile(r"attn2[._](processor[._])?to_[kv].*(lora_A|lora[._]down|\bdown\b)")
    for name, tensor in header.items():
        if downs.search(name) and len(tensor["shape"]) >= 2:
            return int(tensor["shape"][1])
    if any(name.startswith(("transformer.", "lora_transformer_")) for name in header):
        raise BadInput(
            f"{path} is a LoRA for a model that is not Stable Diffusion; it fits none of Personify's experts"
        )
    return None


def lora_base(path: Path) -> Base | None:
    """The base that a LoRA was made for, or None where its header doesn't tell; errors as in `lora_width`."""
    return BASE_OF_WIDTH.get(lora_width(path) or 0)


def check_lora_fits(path: Path, model: Path) -> None:
    """Raises `BadInput` where the LoRA in `path` was made for another base than the diffusers model in `model`."""
    _check_fits("LoRA", path, lora_width(path), model)


def check_control_fits(folder: Path, model: Path) -> None:
    """Raises `BadInput` where the ControlNet in `folder` was made for another base than the diffusers model."""
    control_base(folder)
    _check_fits("ControlNet", folder, text_width(folder), model)


def _check_fits(kind: str, path: Path, width: int | None, model: Path) -> None:
    own = text_width(model / "unet")
    if width is not None and own is not None and width != own:
        raise BadInput(
            f"the {kind} {path} is for {_title(width)}, and the model {model} is {_title(own)};"
            f" choose a {kind} for {_title(own)}"
        )


def _title(width: int) -> str:
    base = BASE_OF_WIDTH.get(width)
    return BASE_TITLES[base] if base else f"a base whose text is {width} wide"
