"""LoRAs on shared models: loaded once, switched on for the expert that wears them and off for all others."""

import hashlib
import warnings
from collections import OrderedDict
from pathlib import Path
from typing import Any

from personify.avatar.diffusion.device import is_out_of_memory
from personify.avatar.diffusion.loading import quietly
from personify.avatar.diffusion.merging import merge, part
from personify.voices.errors import MissingExtra, PersonifyError

_MOST = 8
"""LoRAs kept at once beyond those in use; one takes a few per cent of its base."""
_WEARERS = ("unet", "text_encoder", "text_encoder_2")


class Wardrobe:
    """Which LoRAs lie on which models, and which are on. One for each pool, under its lock."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[Any, ...]] = OrderedDict()
        """The models that each LoRA was loaded onto, the one used longest ago first."""

    def wear(self, pipe: Any, serials: dict[str, int], loras: tuple[tuple[Path, float], ...]) -> bool:
        """Switches on just these LoRAs, files with weights, on the pipeline's models; loads those that are new, and
        says whether there were any.

        `serials` tell the loaded models apart, so that a LoRA is loaded again with a model that was. Raises
        `PersonifyError` for a LoRA of which nothing fits the models.
        """
        models = [getattr(pipe, name) for name in _WEARERS if getattr(pipe, name, None) is not None]
        weights: dict[str, float] = {}
        before = set(self._known)
        for file, weight in loras:
            name = _name(file, [serials[part] for part in _WEARERS if part in serials])
            if name not in self._known:
                for model in models:
                    _take_off(model)
                self._load(pipe, models, file, name)
            self._known.move_to_end(name)
            weights[name] = weight
        while len(self._known) > max(_MOST, len(weights)):
            self._discard(next(iter(self._known)))
        for model in models:
            _switch(model, weights)
        return set(self._known) != before

    def forget(self, model: Any) -> None:
        """Lets go of what lies on a model that is let go itself."""
        for name in [name for name, models in self._known.items() if any(each is model for each in models)]:
            self._discard(name)

    def _load(self, pipe: Any, models: list[Any], file: Path, name: str) -> None:
        try:
            import peft  # noqa: F401 - only to see whether it is there
        except ImportError as error:
            raise MissingExtra("LoRAs need peft: pip install peft") from error
        try:
            with quietly(), warnings.catch_warnings():  # several on one base are what this is for
                warnings.filterwarnings("ignore", "Already found a `peft_config` attribute")
                pipe.load_lora_weights(
                    file.parent, weight_name=file.name, adapter_name=name, use_safetensors=True, local_files_only=True
                )
        except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError) as error:
            _delete(models, name)
            if is_out_of_memory(error):
                raise
            raise PersonifyError(f"the LoRA {file} can't be loaded: {_first_line(error)}") from error
        if not any(name in (getattr(model, "peft_config", None) or {}) for model in models):
            raise PersonifyError(f"the LoRA {file.name} changes nothing: none of its tensors is named as this base's")
        self._known[name] = tuple(models)

    def _discard(self, name: str) -> None:
        _delete(list(self._known.pop(name)), name)


def _name(file: Path, serials: list[int]) -> str:
    """A name for peft, which allows no dots: of the file's place and state, and of the models it lies on."""
    real = file.resolve()
    state = real.stat()
    told = f"{real}\n{state.st_size}\n{state.st_mtime_ns}\n{serials}"
    return "lora_" + hashlib.sha256(told.encode()).hexdigest()[:12]


def _switch(model: Any, weights: dict[str, float]) -> None:
    """On are those of these LoRAs that lie on the model, at their weights; all others are off."""
    from diffusers.utils.peft_utils import set_adapter_layers, set_weights_and_activate_adapters

    there = getattr(model, "peft_config", None) or {}
    own = {name: weight for name, weight in weights.items() if name in there}
    if not there or getattr(model, "_personify_worn", None) == own:
        return
    _take_off(model)
    set_adapter_layers(model, enabled=bool(own))
    if own:
        set_weights_and_activate_adapters(model, list(own), list(own.values()))
        merge(model)
    model._personify_worn = own


def _take_off(model: Any) -> None:
    """The model's own weights, whatever it wore; what it wears is not known any more."""
    if getattr(model, "peft_config", None):
        part(model)
        model._personify_worn = None


def _delete(models: list[Any], name: str) -> None:
    from diffusers.utils.peft_utils import delete_adapter_layers

    for model in models:
        if name in (getattr(model, "peft_config", None) or {}):
            _take_off(model)
            delete_adapter_layers(model, name)
            if getattr(model, "peft_config", None):
                model.peft_config.pop(name, None)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__
