"""LoRAs added into the layers that they change, and those layers given back to the last bit.

A LoRA that runs beside its layer costs a small network a quarter of its time. Merged it costs nothing, but taking it
off by subtraction would leave rounding behind, and pictures would depend on what was drawn before: the layer's own
weights are kept instead.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_KEPT = "personify_kept"


def merge(model: Any) -> None:
    """Adds the LoRAs that are on into the model's linear and convolutional layers of float32; `part` takes them off.

    In narrower precisions a sum would lose what is small beside a weight, so LoRAs stay beside their layers there, as
    do those of other kinds than the plain one.
    """
    for layer in _layers(model):
        if _KEPT not in layer._buffers and _can_merge(layer):
            layer.register_buffer(_KEPT, _short(layer.get_base_layer().weight.data), persistent=False)
            layer.merge()


def part(model: Any) -> None:
    """Gives every layer that `merge` changed its own weights back."""
    for layer in _layers(model):
        if _KEPT in layer._buffers:
            layer.get_base_layer().weight.data.copy_(layer._buffers.pop(_KEPT))
            layer._non_persistent_buffers_set.discard(_KEPT)
            layer.merged_adapters.clear()


def _layers(model: Any) -> Iterator[Any]:
    from peft.tuners.lora import LoraLayer

    return (module for module in model.modules() if isinstance(module, LoraLayer))


def _can_merge(layer: Any) -> bool:
    import torch
    from peft.tuners.lora import Conv2d, Linear

    if type(layer) not in (Linear, Conv2d) or layer.get_base_layer().weight.dtype != torch.float32:
        return False
    on = [] if layer.disable_adapters else [name for name in layer.active_adapters if name in layer.lora_A]
    return bool(on) and not any(layer.lora_bias.get(name) or name in layer.lora_variant for name in on)


def _short(weights: "torch.Tensor") -> "torch.Tensor":
    """A copy, in half the bytes where float16 holds the same numbers: most checkpoints are kept on the disk in it."""
    import torch

    half = weights.to(torch.float16)
    return half if torch.equal(half.to(weights.dtype), weights) else weights.clone()
