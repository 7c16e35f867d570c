"""The networks of the embedded experts, built from `nets.toml` as diffusers' and transformers' own classes."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diffusers import AutoencoderKL, ControlNetModel, DDIMScheduler, UNet2DConditionModel
    from transformers import CLIPTextModel

Tables = dict[str, dict[str, Any]]


@cache
def tables() -> Tables:
    """`nets.toml`."""
    return tomllib.loads(files(__package__).joinpath("nets.toml").read_text(encoding="utf-8"))


def build_vae(of: Tables | None = None) -> "AutoencoderKL":
    """The autoencoder with fresh weights."""
    from diffusers import AutoencoderKL

    settings = (of or tables())["vae"]
    levels = len(settings["block_out_channels"])
    return AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * levels, up_block_types=["UpDecoderBlock2D"] * levels,
        use_quant_conv=False, use_post_quant_conv=False, **settings,
    )  # fmt: skip


def build_text(of: Tables | None = None, *, vocabulary: int | None = None) -> "CLIPTextModel":
    """The text encoder with fresh weights; `vocabulary`: how many tokens were learned, where it is fewer than planned.
    Token 0 begins a caption, token 1 ends and fills it (see tokens.py)."""
    from transformers import CLIPTextConfig, CLIPTextModel

    settings = dict((of or tables())["text"])
    settings["vocab_size"] = vocabulary or settings["vocab_size"]
    config = CLIPTextConfig(bos_token_id=0, eos_token_id=1, pad_token_id=1, **settings)
    return CLIPTextModel(config)


def build_unet(of: Tables | None = None) -> "UNet2DConditionModel":
    """The denoiser with fresh weights: plain convolutions at the finest level, attention to the caption below it."""
    from diffusers import UNet2DConditionModel

    settings = (of or tables())["unet"]
    below = len(settings["block_out_channels"]) - 1
    return UNet2DConditionModel(
        down_block_types=("DownBlock2D", *["CrossAttnDownBlock2D"] * below),
        up_block_types=(*["CrossAttnUpBlock2D"] * below, "UpBlock2D"),
        use_linear_projection=True,
        **settings,
    )


def build_control(unet: "UNet2DConditionModel", of: Tables | None = None) -> "ControlNetModel":
    """The ControlNet for a trained denoiser, beginning with copies of those of its weights that fit."""
    from diffusers import ControlNetModel

    settings = (of or tables())["control"]
    config = unet.config
    net = ControlNetModel(
        in_channels=config.in_channels,
        down_block_types=config.down_block_types,
        block_out_channels=config.block_out_channels,
        layers_per_block=config.layers_per_block,
        norm_num_groups=config.norm_num_groups,
        cross_attention_dim=config.cross_attention_dim,
        attention_head_dim=config.attention_head_dim,
        use_linear_projection=config.use_linear_projection,
        conditioning_embedding_out_channels=tuple(settings["conditioning_embedding_out_channels"]),
    )
    own = net.state_dict()
    net.load_state_dict({k: v for k, v in unet.state_dict().items() if k in own and own[k].shape == v.shape}, False)
    return net


def build_scheduler(of: Tables | None = None) -> "DDIMScheduler":
    """The noise schedule: v-prediction with zero terminal signal (Lin et al. 2024)."""
    from diffusers import DDIMScheduler

    return DDIMScheduler(**(of or tables())["scheduler"])
