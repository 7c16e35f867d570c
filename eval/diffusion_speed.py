"""How fast diffusion experts draw: beside a direct call of diffusers on the CPU, and in full size on a CUDA device.

Models have published architectures and random weights, so that nothing is downloaded.
`python -m personify.eval.diffusion_speed [--device cuda] [--json]`
"""

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.catalogue import Catalogue, Control, ExpertEntry, Scheduler, Weights
from personify.avatar.diffusion.expert import DiffusionExpert
from personify.avatar.diffusion.pool import ModelPool
from personify.avatar.diffusion.steering import steps_to_ask
from personify.avatar.orders import Guide, Order, Steer
from personify.avatar.portrait import Guidance

OVERHEAD_MAX = 1.15
"""A draw may take this many times the pipeline's own call."""
_RUNS = 15
_PROMPT = "portrait of a grumpy teapot who loves astronomy with a face"


@dataclass(frozen=True)
class Row:
    """One measured setting: `seconds` for a portrait; `peak_mb` of the device's memory, models included; `ratio` to
    the pipeline called directly, where that was measured."""

    device: str
    architecture: str
    size: int
    steps: int
    batch: int
    guidance: Guidance
    seconds: float
    peak_mb: float | None = None
    ratio: float | None = None


def measure_overhead(folder: Path, *, runs: int = _RUNS, steps: int = 10) -> list[Row]:
    """A tiny expert's draw beside diffusers' own pipeline with the same settings, taking turns.

    On one thread and in processor time, which other programs on the machine don't change; the medians count.
    """
    import torch

    torch.set_num_threads(1)
    build("tiny", folder / "tiny", "cpu")
    expert = _expert(folder / "tiny", "tiny", 64, steps, ModelPool("cpu"))
    rows = []
    for guidance in ("none", "both"):
        steer, order = Steer(guidance), _order(1, 64)
        draw, direct = _draw(expert, [order], steer), _direct(folder / "tiny", expert, guidance)
        draw(), direct()
        clock = time.process_time
        ours, theirs = zip(*((_timed(draw, clock), _timed(direct, clock)) for _ in range(runs)), strict=True)
        ratio = statistics.median(ours) / statistics.median(theirs)
        rows.append(Row("cpu", "tiny", 64, steps, 1, guidance, statistics.median(ours), ratio=ratio))
    return rows


def measure_full(folder: Path, device: str, *, runs: int = 3) -> list[Row]:
    """Seconds per 512x512 portrait and peak memory of whole SD 1.5 and SDXL architectures: 25 steps with a guidance
    scale of 7, and 4 and 8 few-step ones without; alone and eight at once; unguided and fully guided."""
    import torch

    rows = []
    for architecture in ("sd15", "sdxl"):
        build(architecture, folder / architecture, device)
        pool = ModelPool(device)
        for steps in (25, 8, 4):
            expert = _expert(folder / architecture, architecture, 512, steps, pool)
            for batch in (1, 8):
                orders = [_order(seed, 512) for seed in range(batch)]
                for guidance in ("none", "both"):
                    draw = _draw(expert, orders, Steer(guidance))
                    draw()
                    torch.cuda.reset_peak_memory_stats()
                    seconds = statistics.median(_timed(draw) for _ in range(runs)) / batch
                    peak = torch.cuda.max_memory_allocated() / 1e6
                    rows.append(Row(device, architecture, 512, steps, batch, guidance, seconds, peak))
        pool.clear()
    return rows


def build(architecture: str, folder: Path, device: str) -> None:
    """Writes a checkpoint of an architecture with random weights, and its ControlNet in `controlnet`."""
    import diffusers
    import torch

    told = tomllib.loads(files("personify.eval").joinpath("diffusion_architectures.toml").read_text("utf-8"))
    settings = told[architecture]
    dtype = torch.float32 if device == "cpu" else torch.float16
    torch.manual_seed(0)
    with torch.device(device):
        unet = diffusers.UNet2DConditionModel(**settings["unet"])
        blocks = len(settings["vae"]["block_out_channels"])
        vae = diffusers.AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * blocks,
            up_block_types=("UpDecoderBlock2D",) * blocks,
            **settings["vae"],
        )
        net = diffusers.ControlNetModel.from_unet(unet, load_weights_from_unet=False, **settings["controlnet"])
        parts = {"vae": vae, "unet": unet, "text_encoder": _text_encoder(settings["text_encoder"], projects=False)}
        if "text_encoder_2" in settings:
            parts["text_encoder_2"] = _text_encoder(settings["text_encoder_2"], projects=True)
    net.to(dtype).save_pretrained(folder / "controlnet")
    parts = {name: part.to(dtype) for name, part in parts.items()}
    tables: dict[str, Any] = {"tokenizer": _tokenizer(), "scheduler": diffusers.DDIMScheduler(
        beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, clip_sample=False, steps_offset=1
    )}  # fmt: skip
    pipe: Any
    if "text_encoder_2" in parts:
        pipe = diffusers.StableDiffusionXLPipeline(**parts, **tables, tokenizer_2=_tokenizer())
    else:
        pipe = diffusers.StableDiffusionPipeline(
            **parts, **tables, safety_checker=None, feature_extractor=None, requires_safety_checker=False
        )
    pipe.save_pretrained(folder)


def _text_encoder(settings: dict[str, Any], *, projects: bool) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(bos_token_id=0, eos_token_id=1, pad_token_id=1, **settings)
    return (CLIPTextModelWithProjection if projects else CLIPTextModel)(config)


def _tokenizer() -> Any:
    """CLIP's way of cutting text, with single letters for its vocabulary."""
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import CLIPTokenizer

    letters = sorted(ByteLevel.alphabet())
    tokens = ["<|startoftext|>", "<|endoftext|>", *letters, *(letter + "</w>" for letter in letters)]
    return CLIPTokenizer(vocab={token: at for at, token in enumerate(tokens)}, merges=[], model_max_length=77)


def _expert(folder: Path, architecture: str, size: int, steps: int, pool: ModelPool) -> DiffusionExpert:
    few = steps < 10
    base = "sdxl" if architecture == "sdxl" else "sd15"
    entry = ExpertEntry(
        name=f"{architecture}-{steps}", title=architecture, description="random weights", styles=("test",),
        base=base, few_step=few, weights=Weights(folder=folder), controlnet="mesh", steps=steps,
        guidance_scale=1.0 if few else 7.0, size=size,
        scheduler=Scheduler(name="LCMScheduler") if few else None,
        template="portrait of {concept} with a face",
    )  # fmt: skip
    control = Control(folder=folder / "controlnet", base=base, draw="mediapipe-mesh")
    return DiffusionExpert(entry, Catalogue(experts={entry.name: entry}, controlnets={"mesh": control}), pool)


def _order(seed: int, size: int) -> Order:
    """Landmarks on a ring and a start of noise: what they show doesn't matter for speed."""
    image = np.random.default_rng(seed).integers(0, 255, (size, size, 3), np.uint8)
    angles = np.linspace(0, 2 * np.pi, 478)
    ring = (size / 2 + size / 3 * np.stack([np.cos(angles), np.sin(angles)], 1)).astype(np.float32)
    guide = Guide(image, ring, np.zeros(478, np.float32), None, np.arange(478))
    words = "a grumpy teapot who loves astronomy"
    return Order(AppearanceBrief(concept="teapot", words=words, category="any", archetype="teapot"), seed, guide, size)


def _draw(expert: DiffusionExpert, orders: list[Order], steer: Steer) -> Callable[[], Any]:
    return lambda: expert.draw(orders, steer)


def _direct(folder: Path, expert: DiffusionExpert, guidance: Guidance) -> Callable[[], Any]:
    """The same picture by diffusers alone, as somebody would write it who has a start picture and a control image."""
    import diffusers
    import torch
    from PIL import Image

    from personify.avatar.control import control_image
    from personify.avatar.diffusion.device import choose_device

    dtype = choose_device("cpu").dtype
    order, steer, entry = _order(1, 64), Steer(guidance), expert.entry
    assert order.guide is not None
    if guidance == "none":
        pipe = diffusers.StableDiffusionPipeline.from_pretrained(folder, dtype=dtype)
        given: dict[str, Any] = {"height": 64, "width": 64, "num_inference_steps": entry.steps}
    else:
        net = diffusers.ControlNetModel.from_pretrained(folder / "controlnet", dtype=dtype)
        pipe = diffusers.StableDiffusionControlNetImg2ImgPipeline.from_pretrained(folder, controlnet=net, dtype=dtype)
        mesh = control_image("mediapipe-mesh", order.guide.landmarks, of_size=64, size=64)
        given = {
            "image": Image.fromarray(order.guide.image), "control_image": Image.fromarray(mesh),
            "strength": steer.strength, "controlnet_conditioning_scale": steer.control_scale,
            "num_inference_steps": steps_to_ask(entry.steps, steer.strength, few_step=entry.few_step),
        }  # fmt: skip
    pipe.set_progress_bar_config(disable=True)
    return lambda: pipe(
        _PROMPT, guidance_scale=entry.guidance_scale, generator=torch.Generator().manual_seed(1), **given
    )


def _timed(call: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    started = clock()
    call()
    return clock() - started


def main(arguments: list[str] | None = None) -> int:
    """Prints the rows; 1 where the overhead on the CPU is over its target."""
    parser = argparse.ArgumentParser(description="Speed of diffusion experts, with random weights.")
    parser.add_argument("--device", default="cpu", help="cpu: overhead over diffusers; cuda: full-size portraits")
    parser.add_argument("--json", action="store_true", help="for machines")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        full = asked.device.startswith("cuda")
        rows = measure_full(Path(folder), asked.device) if full else measure_overhead(Path(folder))
    out = sys.stdout
    if asked.json:
        out.write(json.dumps({"machine": platform.platform(), "rows": [asdict(row) for row in rows]}, indent=2) + "\n")
    else:
        for row in rows:
            memory = f"  peak {row.peak_mb:.0f} MB" if row.peak_mb is not None else ""
            ratio = f"  {row.ratio:.3f} of a direct call (at most {OVERHEAD_MAX})" if row.ratio is not None else ""
            out.write(
                f"{row.device}  {row.architecture:5} {row.size} px  {row.steps:2} steps  batch {row.batch}"
                f"  {row.guidance:5} {row.seconds:8.3f} s a portrait{memory}{ratio}\n"
            )
    return int(any(row.ratio is not None and row.ratio > OVERHEAD_MAX for row in rows))


if __name__ == "__main__":
    sys.exit(main())
