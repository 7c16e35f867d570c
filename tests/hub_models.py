"""Small checkpoints as the hub keeps them, of real safetensors: what the tests of weights find, check and fetch."""

import json
import struct
from pathlib import Path

PICKLE = b"\x80\x04K\x01."
CLIP_WORDS = {"<|startoftext|>": 0, "<|endoftext|>": 1, "a": 2, "a</w>": 3}


def safetensors(path: Path, tensors: dict[str, tuple[int, ...]]) -> Path:
    """A real file of zeros in float16."""
    header, place_of = {}, 0
    for name, shape in tensors.items():
        size = 2
        for side in shape:
            size *= side
        header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [place_of, place_of + size]}
        place_of += size
    text = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(place_of))
    return path


def model_folder(root: Path, *, variant: str | None = None, width: int = 768) -> Path:
    """A diffusers model by its files, as the hub keeps them: with pickles and other things that nobody needs."""
    tag = f".{variant}" if variant else ""
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": "0.42.1",
        "scheduler": ["diffusers", "PNDMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
        "feature_extractor": ["transformers", "CLIPImageProcessor"],
        "image_encoder": [None, None],
    }
    for folder, stem, size in (
        ("unet", "diffusion_pytorch_model", 60_000),
        ("vae", "diffusion_pytorch_model", 3_000),
        ("text_encoder", "model", 5_000),
        ("safety_checker", "model", 4_000),
    ):
        safetensors(root / folder / f"{stem}{tag}.safetensors", {"weight": (size,)})
        (root / folder / "config.json").write_text(json.dumps({"cross_attention_dim": width}))
        (root / folder / f"{'pytorch_model' if stem == 'model' else stem}.bin").write_bytes(PICKLE * 500)
    safetensors(root / "unet" / "diffusion_pytorch_model.non_ema.safetensors", {"weight": (9,)})
    for name, text in (
        ("model_index.json", json.dumps(index)),
        ("scheduler/scheduler_config.json", "{}"),
        ("tokenizer/vocab.json", json.dumps(CLIP_WORDS)),
        ("tokenizer/merges.txt", "#version: 0.2\n"),
        ("tokenizer/tokenizer_config.json", "{}"),
        ("feature_extractor/preprocessor_config.json", "{}"),
        ("README.md", "a model"),
        ("model.ckpt", "pickle"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root
