"""Texture: how far the grain of a picture is from another's, wherever in it each brush stroke, dot and fibre lies.

Differences of pixels are least for the mean of all textures that could be meant, which is a blur. The sliced
Wasserstein distance of small patches (Rabin et al. 2011; for patches of pictures Elnekave and Weiss 2022, for textures
Heitz et al. 2021) compares what textures consist of instead: patches are projected onto random directions and sorted.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_PATCH = 5
_DIRECTIONS = 12
_WINDOW = 64
_LEVELS = 3


def texture_gap(output: "torch.Tensor", target: "torch.Tensor", generator: "torch.Generator") -> "torch.Tensor":
    """The distance between the local textures of two batches, float32 (n, 3, H, W); differentiable in `output`.

    At three scales, each half of the last, within windows of 64 pixels; directions come from the generator and have no
    mean, so that only contrasts count. Sides are at least 16; what does not fill a window is left out.
    """
    import torch
    from torch.nn import functional

    gaps = []
    for _ in range(_LEVELS):
        side = min(_WINDOW, *output.shape[-2:])
        filters = torch.randn((_DIRECTIONS, 3, _PATCH, _PATCH), generator=generator, device=generator.device)
        filters = filters.to(output.device) - filters.mean((1, 2, 3), keepdim=True).to(output.device)
        filters = filters / filters.flatten(1).norm(dim=1)[:, None, None, None]
        seen = [_sorted(functional.conv2d(_wide(p), filters), side) for p in (output, target)]
        gaps.append((seen[0] - seen[1]).abs().mean())
        output, target = functional.avg_pool2d(output, 2), functional.avg_pool2d(target, 2)
    return torch.stack(gaps).mean()


def _wide(pictures: "torch.Tensor") -> "torch.Tensor":
    from torch.nn import functional

    return functional.pad(pictures, [_PATCH // 2] * 4, mode="reflect")


def _sorted(seen: "torch.Tensor", side: int) -> "torch.Tensor":
    """Each direction's values within each whole window, in order: (n, directions, windows, side * side)."""
    n, k, height, width = seen.shape
    rows, columns = height // side, width // side
    cells = seen[..., : rows * side, : columns * side].reshape(n, k, rows, side, columns, side)
    return cells.permute(0, 1, 2, 4, 3, 5).reshape(n, k, rows * columns, side * side).sort(-1).values
