"""Real diffusers models at tiny size with random weights, written as the folders that experts load.

Two layers, widths of 32: a checkpoint takes under 2 MB and a picture of 64x64 some tens of milliseconds.
"""

from pathlib import Path

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.catalogue import Catalogue, Control, ExpertEntry, Lora, SharedVae, Weights
from personify.avatar.orders import Guide, Order

SIZE = 64
WIDTH = {"sd15": 32, "sd21": 40, "sdxl": 64}


def brief(**more):
    told = {"concept": "teapot", "category": "household", "archetype": "teapot"}
    return AppearanceBrief(**told | more)


def guide(seed=0, size=96):
    """A picture with a face of landmarks on a circle: what steers is not judged here."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 255, (6, 6, 3), np.uint8).repeat(size // 6, 0).repeat(size // 6, 1)
    angles = np.linspace(0, 6.28, 478)
    landmarks = (size / 2 + size / 3 * np.stack([np.cos(angles), np.sin(angles)], 1)).astype(np.float32)
    return Guide(image, landmarks, np.zeros(478, np.float32), None, np.arange(478))


def order(seed=7, *, guided=True, size=SIZE, of=None, **more):
    return Order(of or brief(**more), seed, guide(seed) if guided else None, size)


def entry(folder, name="tiny", base="sd15", **more):
    told = {
        "title": name, "description": "tiny", "styles": ("test",), "weights": Weights(folder=folder), "steps": 2,
        "guidance_scale": 3.0, "size": SIZE, "template": "portrait of {concept} with a face", "negative": "blurry",
    }  # fmt: skip
    return ExpertEntry(name=name, base=base, **told | more)


def catalogue(*entries, control=None, vae=None, base="sd15"):
    return Catalogue(
        experts={each.name: each for each in entries},
        controlnets={"mesh": Control(folder=control, base=base, draw="mediapipe-mesh")} if control else {},
        vaes={"shared": SharedVae(folder=vae, base=base)} if vae else {},
    )


def lora(file, weight=1.0):
    return Lora(folder=file.parent, file=file.name, weight=weight)


def save_sd(folder: Path, *, seed=0, base="sd15", checker=None, tiny_vae=False, text_seed=None) -> Path:
    """The layout of Stable Diffusion 1.x and 2.x; `checker` is None, "calm" (flags nothing) or "alarmed" (all)."""
    from diffusers import StableDiffusionPipeline

    extra = _checker(checker == "alarmed") if checker else {"safety_checker": None, "feature_extractor": None}
    text = _text_encoder(seed if text_seed is None else text_seed, width=WIDTH[base])
    StableDiffusionPipeline(
        vae=_tiny_vae(seed) if tiny_vae else _vae(seed),
        text_encoder=text,
        tokenizer=_tokenizer(),
        unet=_unet(seed, WIDTH[base]),
        scheduler=_scheduler(),
        requires_safety_checker=checker is not None,
        **extra,
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def save_sdxl(folder: Path, *, seed=0) -> Path:
    from diffusers import StableDiffusionXLPipeline

    StableDiffusionXLPipeline(
        vae=_vae(seed),
        text_encoder=_text_encoder(seed, projected=False),
        text_encoder_2=_text_encoder(seed + 1, projected=True),
        tokenizer=_tokenizer(),
        tokenizer_2=_tokenizer(),
        unet=_unet(seed, WIDTH["sdxl"], xl=True),
        scheduler=_scheduler(),
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def save_control(folder: Path, *, seed=0, base="sd15") -> Path:
    """A ControlNet whose last layers are not zero, as they are before training, so that it steers."""
    import torch
    from diffusers import ControlNetModel

    _seeded(seed)
    net = ControlNetModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        in_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        cross_attention_dim=WIDTH[base],
        conditioning_embedding_out_channels=(8, 8, 16),
        **(_xl_settings() if base == "sdxl" else {"attention_head_dim": 2}),
    )
    for parameter in net.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.3)
    net.save_pretrained(folder, safe_serialization=True)
    return folder


def save_vae(folder: Path, *, seed=0, tiny=False) -> Path:
    (_tiny_vae(seed) if tiny else _vae(seed)).save_pretrained(folder, safe_serialization=True)
    return folder


def save_lora(folder: Path, checkpoint: Path, *, seed=0, text_encoder=False, name="lora.safetensors") -> Path:
    """A LoRA of rank 2 whose second half is not zero, so that it changes pictures."""
    import torch
    from diffusers import DiffusionPipeline
    from diffusers.utils import convert_state_dict_to_diffusers
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    pipe = DiffusionPipeline.from_pretrained(checkpoint, safety_checker=None)
    _seeded(seed)
    layers = {}
    wearers = {"unet": ["to_k", "to_q", "to_v"], "text_encoder": ["k_proj", "q_proj"]}
    for part in ("unet", "text_encoder") if text_encoder else ("unet",):
        model = getattr(pipe, part)
        model.add_adapter(LoraConfig(r=2, lora_alpha=2, target_modules=wearers[part]))
        for key, parameter in model.named_parameters():
            if "lora_B" in key:
                torch.nn.init.normal_(parameter, std=0.5)
        layers[f"{part}_lora_layers"] = convert_state_dict_to_diffusers(get_peft_model_state_dict(model))
    type(pipe).save_lora_weights(folder, weight_name=name, safe_serialization=True, **layers)
    return folder / name


def _seeded(seed):
    import torch

    torch.manual_seed(seed)


def _scheduler():
    """As Stable Diffusion's own checkpoints have it."""
    from diffusers import DDIMScheduler

    return DDIMScheduler(
        beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, clip_sample=False, set_alpha_to_one=False,
        steps_offset=1,
    )  # fmt: skip


def _unet(seed, width, *, xl=False):
    from diffusers import UNet2DConditionModel

    _seeded(seed)
    return UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=SIZE // 4,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=width,
        **(_xl_settings() if xl else {"attention_head_dim": 2}),
    )


def _xl_settings():
    return {
        "attention_head_dim": (2, 4),
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 8,
        "transformer_layers_per_block": (1, 2),
        "projection_class_embeddings_input_dim": 80,
    }


def _vae(seed):
    from diffusers import AutoencoderKL

    _seeded(seed)
    return AutoencoderKL(
        block_out_channels=(8, 8, 16),
        norm_num_groups=4,
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        latent_channels=4,
        sample_size=SIZE,
    )


def _tiny_vae(seed):
    from diffusers import AutoencoderTiny

    _seeded(seed)
    return AutoencoderTiny(
        encoder_block_out_channels=(8, 8, 8),
        decoder_block_out_channels=(8, 8, 8),
        num_encoder_blocks=(1, 1, 1),
        num_decoder_blocks=(1, 1, 1),
    )


def _text_encoder(seed, *, width=32, projected=None):
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    _seeded(seed)
    config = CLIPTextConfig(
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
        hidden_size=width,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=len(_vocabulary()),
        projection_dim=32,
    )
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config).eval()


def _vocabulary():
    """Two marks, then every byte alone and at the end of a word, as CLIP writes them."""
    from tokenizers.pre_tokenizers import ByteLevel

    letters = sorted(ByteLevel.alphabet())
    return {
        token: number
        for number, token in enumerate(
            ["<|startoftext|>", "<|endoftext|>", *letters, *(letter + "</w>" for letter in letters)]
        )
    }


def _tokenizer():
    from transformers import CLIPTokenizer

    return CLIPTokenizer(vocab=_vocabulary(), merges=[], model_max_length=77)


def _checker(alarmed):
    import torch
    from diffusers.pipelines.stable_diffusion import StableDiffusionSafetyChecker
    from transformers import CLIPConfig, CLIPImageProcessor

    _seeded(0)
    vision = {
        "hidden_size": 32, "intermediate_size": 37, "num_attention_heads": 4, "num_hidden_layers": 2,
        "image_size": 32, "patch_size": 8, "projection_dim": 16,
    }  # fmt: skip
    checker = StableDiffusionSafetyChecker(CLIPConfig(vision_config=vision, projection_dim=16))
    with torch.no_grad():  # a picture is flagged where its likeness to a concept exceeds the concept's threshold
        checker.concept_embeds_weights.fill_(-2.0 if alarmed else 2.0)
        checker.special_care_embeds_weights.fill_(2.0)
    size = {"height": 32, "width": 32}
    return {
        "safety_checker": checker,
        "feature_extractor": CLIPImageProcessor(size=size, crop_size=size),
    }
