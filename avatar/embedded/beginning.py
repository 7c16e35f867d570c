"""A beginning for the autoencoder: weights with which it is a linear transform fitted to the drawings.

From random weights a deep autoencoder spends thousands of steps on blurs. Here its downward convolutions begin as the
principal components of 2 x 2 cells, level by level, its upward ones as least-squares fits of the level below, and the
branches of its residual blocks as nothing, so that training starts from sharp pictures and only has to refine them.
Two tricks keep the ends linear although they pass a norm and SiLU: silu(x) - silu(-x) = x, and a large constant in
one channel, against which the contrast of a picture no longer matters to the norm (of one group).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from diffusers import AutoencoderKL
    from torch import nn

_CONSTANT = 40.0
_RIDGE = 1e-3
_ROWS = 30_000
"""How many places a fit looks at."""


def begin(vae: "AutoencoderKL", pictures: "torch.Tensor", seed: int) -> None:
    """Sets the weights from pictures, float32 (n, 3, side, side) in [-1, 1] whose side the autoencoder can halve as
    often as it does; on the CPU."""
    import torch

    if vae.config.norm_num_groups != 1:
        raise ValueError(f"the beginning wants norm_num_groups = 1, not {vae.config.norm_num_groups}")
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        _quieten(vae)
        levels = _begin_encoder(vae, pictures, generator)
        latents = vae.encode(pictures).latent_dist.mean
        _begin_decoder(vae, latents, levels, generator)


def _quieten(vae: "AutoencoderKL") -> None:
    """Residual branches add nothing, and what leads past them carries every channel on."""
    from diffusers.models.resnet import ResnetBlock2D
    from torch import nn

    for block in vae.modules():
        if isinstance(block, ResnetBlock2D):
            nn.init.zeros_(block.conv2.weight)
            nn.init.zeros_(block.conv2.bias)
            if block.conv_shortcut is not None:
                nn.init.dirac_(block.conv_shortcut.weight)
                nn.init.zeros_(block.conv_shortcut.bias)


def _begin_encoder(
    vae: "AutoencoderKL", pictures: "torch.Tensor", generator: "torch.Generator"
) -> "list[torch.Tensor]":
    """Sets the encoder; what it carries at each level, finest first, as the decoder's aims."""
    import torch
    from torch import nn

    encoder: Any = vae.encoder
    width = vae.config.latent_channels
    nn.init.zeros_(encoder.conv_in.weight)
    nn.init.zeros_(encoder.conv_in.bias)
    for colour in range(3):
        encoder.conv_in.weight[colour, colour, 1, 1] = 1
    carried, levels = pictures, [pictures]
    for block in encoder.down_blocks[:-1]:
        conv = block.downsamplers[0].conv
        last = block is encoder.down_blocks[-2]
        cells = _cells(carried)
        basis, middle = _components(cells, conv.out_channels - (width + 1 if last else 0), generator)
        rows = torch.cat([basis[:width], -basis[:width], basis[width:]]) if last else basis
        _set_cells(conv, rows, middle)
        carried = _carried(cells, basis, middle)
        levels.append(carried)
    _end_linearly(encoder, encoder.mid_block.resnets[-1], width)
    return levels


def _begin_decoder(
    vae: "AutoencoderKL", latents: "torch.Tensor", levels: "list[torch.Tensor]", generator: "torch.Generator"
) -> None:
    """Sets the decoder: each convolution on its way up fits the encoder's level of its size."""
    from torch.nn import functional

    decoder: Any = vae.decoder
    _fit(decoder.conv_in, latents, levels[-1], generator)
    at = decoder.conv_in(latents)
    aims = levels[:-1][::-1]
    for block in decoder.up_blocks:
        for resnet in block.resnets:
            at = resnet(at, None)
        if block.upsamplers:
            above = functional.interpolate(at, scale_factor=2.0, mode="nearest")
            conv = block.upsamplers[0].conv
            _fit(conv, above, aims.pop(0), generator)
            at = conv(above)
    last = decoder.up_blocks[-1].resnets[0]
    if last.conv_shortcut is not None:
        last.conv_shortcut.weight[3:6] = -last.conv_shortcut.weight[:3]
    _end_linearly(decoder, decoder.up_blocks[-1].resnets[-1], 3)


def _cells(carried: "torch.Tensor") -> "torch.Tensor":
    """2 x 2 cells as rows of channels: (n, 4 c, h / 2, w / 2), channel by channel."""
    from torch.nn import functional

    return functional.pixel_unshuffle(carried, 2)


def _components(cells: "torch.Tensor", most: int, generator: "torch.Generator") -> "tuple[torch.Tensor, torch.Tensor]":
    """The principal components with variance 1, strongest first, (k, channels), and the mean (channels,)."""
    import torch

    rows = _some(cells, generator)
    middle = rows.mean(0)
    spread, axes = torch.linalg.eigh((rows - middle).T @ (rows - middle) / len(rows))
    axes, spread = axes.flip(1)[:, :most], spread.flip(0)[:most]
    return (axes / (spread.clamp(min=1e-6) + 1e-4).sqrt()).T, middle


def _set_cells(conv: "nn.Conv2d", basis: "torch.Tensor", middle: "torch.Tensor") -> None:
    """A convolution of 3 x 3, every second pixel, that gives the components of 2 x 2 cells."""
    from torch import nn

    nn.init.zeros_(conv.weight)
    assert conv.bias is not None
    nn.init.zeros_(conv.bias)
    known = basis.shape[1] // 4
    conv.weight[: len(basis), :known, :2, :2] = basis.reshape(-1, known, 2, 2)
    conv.bias[: len(basis)] = -basis @ middle


def _carried(cells: "torch.Tensor", basis: "torch.Tensor", middle: "torch.Tensor") -> "torch.Tensor":
    import torch

    return torch.einsum("kc,nchw->nkhw", basis, cells - middle[:, None, None])


def _fit(conv: "nn.Conv2d", given: "torch.Tensor", aim: "torch.Tensor", generator: "torch.Generator") -> None:
    """Ridge regression of the aim's channels on the 3 x 3 neighbourhoods of what is given; what is left of the
    convolution's outputs keeps its random weights."""
    import torch
    from torch.nn import functional

    patches = functional.unfold(given, 3, padding=1).reshape(len(given), -1, *aim.shape[2:])
    both = _some(torch.cat([patches, aim], 1), generator)
    x, y = both[:, : patches.shape[1]], both[:, patches.shape[1] :]
    x_mean, y_mean = x.mean(0), y.mean(0)
    x, y = (x - x_mean).double(), (y - y_mean).double()
    square = x.T @ x / len(x)
    square += torch.eye(len(square)) * (_RIDGE * square.diagonal().mean())
    weights = torch.linalg.solve(square, x.T @ y / len(x)).float().T
    assert conv.bias is not None
    conv.weight[: len(weights)] = weights.reshape(-1, conv.in_channels, 3, 3)
    conv.bias[: len(weights)] = y_mean - weights @ x_mean


def _some(maps: "torch.Tensor", generator: "torch.Generator") -> "torch.Tensor":
    """Some of the places of maps (n, c, h, w) as rows (m, c)."""
    import torch

    rows = maps.permute(0, 2, 3, 1).flatten(0, 2)
    return rows[torch.randperm(len(rows), generator=generator)[:_ROWS]]


def _end_linearly(half: Any, last: Any, count: int) -> None:
    """Makes norm, SiLU and the last convolution hand on the first `count` channels, whose negatives follow them.

    With the constant K in one of C channels the norm subtracts K / C and divides by K sqrt(C - 1) / C, nearly; its
    shift takes back the former and the last convolution the latter.
    """
    from torch import nn

    channels = half.conv_norm_out.num_channels
    last.conv2.bias[channels - 1] = _CONSTANT
    nn.init.constant_(half.conv_norm_out.bias, (channels - 1) ** -0.5)
    scale = _CONSTANT * (channels - 1) ** 0.5 / channels
    nn.init.zeros_(half.conv_out.weight[:count])
    nn.init.zeros_(half.conv_out.bias[:count])
    for channel in range(count):
        half.conv_out.weight[channel, channel, 1, 1] = scale
        half.conv_out.weight[channel, channel + count, 1, 1] = -scale
