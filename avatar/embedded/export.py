"""Export: the finished parts as the package's weights: the base pipeline, ControlNet, LoRAs and model card, in 16 bits.

Layout: `base/` is what `StableDiffusionPipeline.from_pretrained` loads, `controlnet/` what
`ControlNetModel.from_pretrained` does, `loras/STYLE.safetensors` what `load_lora_weights` does, `README.md` the card.
"""

import csv
import json
import shutil
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personify.avatar.embedded import nets
from personify.avatar.embedded.runs import replace_folder
from personify.avatar.embedded.shards import SHARD, list_shards
from personify.voices.errors import PersonifyError

if TYPE_CHECKING:
    from personify.avatar.embedded.stages import Workshop

MOST_BYTES = 48 * 1024**2


def export(shop: "Workshop") -> None:
    """Writes the weights folder, whole or not at all. A ControlNet or LoRA that isn't trained yet is left out and
    named; more than 48 MiB is an error."""
    target = shop.weights or Path(__file__).with_name("weights")
    draft = target.with_name(f".{target.name}-draft")
    shutil.rmtree(draft, ignore_errors=True)
    _write_base(shop, draft / "base")
    missing = _write_extras(shop, draft)
    size = sum(file.stat().st_size for file in draft.rglob("*") if file.is_file())
    if size > MOST_BYTES:
        raise PersonifyError(
            f"the weights take {size / 2**20:.1f} MiB; at most {MOST_BYTES / 2**20:.0f} may be shipped"
        )
    (draft / "README.md").write_text(_card(shop, draft, size), encoding="utf-8")
    replace_folder(draft, target)
    told = f" (not trained yet, left out: {', '.join(missing)})" if missing else ""
    print(f"{size / 2**20:.1f} MiB in {target}{told}")  # noqa: T201 - progress of a command


def _write_base(shop: "Workshop", folder: Path) -> None:
    import torch
    from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextModel

    from personify.avatar.embedded.tokens import load_tokens

    trained = shop.model("base")
    pipeline = StableDiffusionPipeline(
        vae=AutoencoderKL.from_pretrained(
            shop.model("decoder" if (shop.work / "decoder" / "model").exists() else "vae")
        ),
        text_encoder=CLIPTextModel.from_pretrained(trained / "text_encoder"),
        tokenizer=load_tokens(shop.model("tokens")),
        unet=UNet2DConditionModel.from_pretrained(trained / "unet"),
        scheduler=nets.build_scheduler(shop.nets),
        safety_checker=None,  # it can only draw what it was shown: drawings of our own
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.to(torch.float16).save_pretrained(folder)


def _write_extras(shop: "Workshop", draft: Path) -> list[str]:
    """The ControlNet and the LoRAs; the names of those that aren't there."""
    import torch
    from diffusers import ControlNetModel
    from safetensors.torch import load_file, save_file

    from personify.avatar.embedded.drawings import STYLES

    missing = []
    if (shop.work / "control" / "model").exists():
        net = ControlNetModel.from_pretrained(shop.work / "control" / "model")
        net.to(torch.float16).save_pretrained(draft / "controlnet")
    else:
        missing.append("controlnet")
    (draft / "loras").mkdir()
    for style in STYLES:
        weights = shop.work / f"lora-{style}" / "model" / f"{style}.safetensors"
        if weights.exists():
            halved = {key: value.to(torch.float16).contiguous() for key, value in load_file(weights).items()}
            save_file(halved, draft / "loras" / weights.name, metadata={"format": "pt"})
        else:
            missing.append(f"lora {style}")
    return missing


def _card(shop: "Workshop", draft: Path, size: int) -> str:
    text = tomllib.loads(files(__package__).joinpath("card.toml").read_text(encoding="utf-8"))["text"]
    config: dict[str, Any] = json.loads((draft / "base" / "vae" / "config.json").read_text(encoding="utf-8"))
    return (
        str(text)
        .format(
            drawings=len(list_shards(shop.work / "shards")) * SHARD,
            machine=" and ".join(shop.machines) or "an unknown machine",
            stages=", ".join(_sittings(shop)) or "unknown",
            seed=shop.seed,
            size_mib=size / 2**20,
            numbers_m=size / 2e6,
            kind="float16",
            channels=config["latent_channels"],
            length=shop.nets["text"]["max_position_embeddings"],
        )
        .lstrip()
    )


def _sittings(shop: "Workshop") -> list[str]:
    """How long each stage was trained, from its curve."""
    told = []
    for curve in sorted(shop.work.glob("*/curve.csv")):
        with curve.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if rows:
            told.append(f"{curve.parent.name} {float(rows[-1]['seconds']) / 60:.0f} minutes ({rows[-1]['step']} steps)")
    return told
