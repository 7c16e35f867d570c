"""Loading a checkpoint's parts with diffusers, and putting parts together as one of its eight pipelines."""

import importlib.util
import inspect
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from personify.avatar.catalogue import Scheduler
from personify.avatar.diffusion.conditioning import keep_embedding
from personify.avatar.diffusion.device import is_out_of_memory
from personify.avatar.diffusion.layout import Kind, Layout, Part
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.stopping import check_stop, heed_between_parts

if TYPE_CHECKING:
    import torch

_log = logging.getLogger(__name__)
_PIPELINES: dict[tuple[Kind, bool, bool], str] = {
    ("sd", False, False): "StableDiffusionPipeline",
    ("sd", False, True): "StableDiffusionImg2ImgPipeline",
    ("sd", True, False): "StableDiffusionControlNetPipeline",
    ("sd", True, True): "StableDiffusionControlNetImg2ImgPipeline",
    ("sdxl", False, False): "StableDiffusionXLPipeline",
    ("sdxl", False, True): "StableDiffusionXLImg2ImgPipeline",
    ("sdxl", True, False): "StableDiffusionXLControlNetPipeline",
    ("sdxl", True, True): "StableDiffusionXLControlNetImg2ImgPipeline",
}
"""By layout, ControlNet and start picture."""
_TABLES = ("tokenizer", "tokenizer_2", "scheduler", "feature_extractor")
_OPTIONS = ("force_zeros_for_empty_prompt", "requires_aesthetics_score")


@dataclass(frozen=True)
class Tables:
    """A checkpoint's small parts (tokenizers, scheduler, feature extractor) and options, which no two share."""

    parts: dict[str, Any]
    options: dict[str, Any]


def load(
    layout: Layout,
    parts: dict[str, Part],
    there: dict[str, Any],
    tables: Tables | None,
    *,
    dtype: "torch.dtype",
    device: str,
    variant: str | None,
) -> tuple[dict[str, Any], Tables]:
    """The models among `parts` that are not `there` yet, on the device, and the checkpoint's tables.

    Only safetensors are read, only from disk. Raises `PersonifyError` that names the folder where diffusers can't.
    """
    import torch
    from safetensors import SafetensorError

    folder = layout.folder
    try:
        loaded: dict[str, Any] = {
            name: _load_part(parts[name], dtype)
            for name in ("controlnet", "vae")
            if name in parts and name not in there and parts[name] is not layout.parts.get(name)
        }
        handed = {name: model for name, model in (there | loaded).items() if name != "controlnet"}
        if "safety_checker" not in parts:
            handed |= {"safety_checker": None, "requires_safety_checker": False} if layout.kind == "sd" else {}
        if tables is not None:
            handed |= {name: part for name, part in tables.parts.items() if part is not None}
        check_stop()
        with quietly():
            folder_pipe = _pipeline_class(layout.kind, control=False, pixel=False).from_pretrained(
                str(folder), dtype=dtype, variant=variant, use_safetensors=True, local_files_only=True, **handed
            )
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        if is_out_of_memory(error):
            raise
        said = str(error).strip().partition("\n")[0][:300]
        raise PersonifyError(f"{folder} can't be loaded ({type(error).__name__}: {said}); fetch it again") from error
    for name in parts:
        if name not in there and name not in loaded:
            loaded[name] = getattr(folder_pipe, name)
    for model in loaded.values():
        model.to(device=torch.device(device)).eval().requires_grad_(False)
        if dtype != torch.float16 and getattr(model.config, "force_upcast", False):
            model.register_to_config(force_upcast=False)  # only float16 has too little range for SDXL's autoencoder
        heed_between_parts(model)
    if "controlnet" in loaded:
        keep_embedding(loaded["controlnet"])
    return loaded, Tables(
        {name: getattr(folder_pipe, name) for name in _TABLES if name in folder_pipe.components},
        {name: folder_pipe.config[name] for name in _OPTIONS if name in folder_pipe.config},
    )


def assemble(kind: Kind, tables: Tables, models: dict[str, Any], scheduler: Scheduler | None, *, pixel: bool) -> Any:
    """The pipeline of these models, which it shares with every other one; a ControlNet among them makes it guided."""
    chosen = _pipeline_class(kind, control="controlnet" in models, pixel=pixel)
    accepted = inspect.signature(chosen.__init__).parameters
    given = {**tables.parts, **tables.options, **models, "scheduler": make_scheduler(tables, scheduler)}
    if kind == "sd":
        given.setdefault("safety_checker", None)
        given["requires_safety_checker"] = given["safety_checker"] is not None
    with quietly():
        pipe = chosen(**{name: part for name, part in given.items() if name in accepted})
    pipe.set_progress_bar_config(disable=True)
    return pipe


def make_scheduler(tables: Tables, wanted: Scheduler | None) -> Any:
    """The checkpoint's own scheduler, or the wanted one with the checkpoint's configuration and its own settings.

    Raises `BadInput` for a class that diffusers doesn't have or a setting that it doesn't take.
    """
    import diffusers

    own = tables.parts["scheduler"]
    if wanted is None:
        return type(own).from_config(own.config)
    found = getattr(diffusers, wanted.name, None)
    if found is None or not hasattr(found, "from_config"):
        raise BadInput(f"diffusers has no scheduler {wanted.name!r}; see its documentation for the names")
    unknown = sorted(set(wanted.settings) - set(inspect.signature(found.__init__).parameters))
    if unknown:
        raise BadInput(f"the scheduler {wanted.name} takes no setting {', '.join(unknown)}")
    return found.from_config(own.config, **wanted.settings)


def use_xformers(pipe: Any) -> None:
    """Switches to xformers' attention where it is installed; torch's own is used otherwise."""
    if importlib.util.find_spec("xformers") is None:
        return
    try:
        pipe.enable_xformers_memory_efficient_attention()
    except (ImportError, ValueError, RuntimeError, NotImplementedError) as error:
        _log.warning("xformers is installed but can't be used (%s): torch's own attention is", error)


@contextmanager
def quietly() -> Iterator[None]:
    """Without diffusers' and transformers' bars and hints: what goes wrong is raised, and the rest was asked for."""
    from diffusers.utils import logging as of_diffusers
    from transformers.utils import logging as of_transformers

    before = [(library, library.get_verbosity()) for library in (of_diffusers, of_transformers)]
    bars = of_diffusers.is_progress_bar_enabled(), of_transformers.is_progress_bar_enabled()
    try:
        for library, _ in before:
            library.set_verbosity_error()
            library.disable_progress_bar()
        yield
    finally:
        for (library, verbosity), bar in zip(before, bars, strict=True):
            library.set_verbosity(verbosity)
            if bar:
                library.enable_progress_bar()


def _pipeline_class(kind: Kind, *, control: bool, pixel: bool) -> Any:
    import diffusers

    return getattr(diffusers, _PIPELINES[kind, control, pixel])


def _load_part(part: Part, dtype: "torch.dtype") -> Any:
    """A model that isn't the checkpoint's own, of the class that its configuration names."""
    import diffusers

    found = getattr(diffusers, str(part.config.get("_class_name")), None)
    if found is None:
        raise BadInput(f"{part.folder} is of a kind that diffusers doesn't know: {part.config.get('_class_name')}")
    return found.from_pretrained(
        str(part.folder), dtype=dtype, variant=part.variant, use_safetensors=True, local_files_only=True
    )
