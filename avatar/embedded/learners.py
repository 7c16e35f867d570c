"""The denoiser's stages: the base from captions, the ControlNet from meshes, and a LoRA for one style."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from personify.avatar.embedded import nets, runs, samples
from personify.avatar.embedded.codec import write_png
from personify.avatar.embedded.denoise import Examples, Question, ask
from personify.avatar.embedded.latents import Latents
from personify.avatar.embedded.runs import Run
from personify.avatar.embedded.shards import Library
from personify.avatar.embedded.tokens import load_tokens
from personify.voices.errors import PersonifyError

if TYPE_CHECKING:
    import torch
    from diffusers import UNet2DConditionModel

    from personify.avatar.embedded.stages import Workshop

_SHOWN = 8
_COUNTED = 24


@dataclass(frozen=True)
class Desk:
    """What the three stages share: drawings with their latents, words and noise schedule."""

    shop: "Workshop"

    @cached_property
    def library(self) -> Library:
        """The drawings to learn from."""
        return Library(self.shop.work / "shards")

    @cached_property
    def latents(self) -> Latents:
        """Their latents."""
        found = Latents(self.library, self.shop.work / "latents")
        if not found.numbers:
            raise PersonifyError("no drawing is encoded yet; run `--stage latents` first")
        return found

    @cached_property
    def tokenizer(self) -> Any:
        """The words' numbers."""
        return load_tokens(self.shop.model("tokens"))

    @cached_property
    def scheduler(self) -> Any:
        """The noise schedule."""
        return nets.build_scheduler(self.shop.nets)

    @cached_property
    def signal(self) -> "torch.Tensor":
        """The signal's share of the variance at every time, float32 (T,)."""
        return self.scheduler.alphas_cumprod.to(self.shop.device)

    def examples(self, recipe: dict[str, Any], *, mesh: bool = False, style: str | None = None) -> Examples:
        """Batches; with `mesh` only of drawings whose landmarks are known, and maybe of one style."""
        notes = self.library.notes
        fit = [
            i
            for i in self.latents.numbers
            if (not mesh or notes[i].landmarks is not None) and style in {None, notes[i].style}
        ]
        if not fit:
            raise PersonifyError(f"no encoded drawing fits (style {style}, mesh {mesh}); make more with `--stage data`")
        said = [note.caption for note in notes] + [""]
        words = self.tokenizer(said, padding="max_length", truncation=True, return_tensors="np").input_ids
        return Examples(self.latents, notes, words, np.array(fit), recipe, self.shop.seed, mesh)

    def studio(self, text: Any, unet: Any, control: Any = None) -> samples.Studio:
        """What draws samples."""
        from diffusers import AutoencoderKL

        vae = AutoencoderKL.from_pretrained(self.shop.model("vae")).to(self.shop.device)
        return samples.Studio(vae, self.tokenizer, self.scheduler, text, unet, control)

    def show(self, run: Run, studio: samples.Studio, style: str | None = None) -> None:
        """A sample sheet, and at the end of the budget the count of usable faces."""
        held = Library.to_show(self.shop.work / "shards")
        last = run.progress >= 1
        tried = samples.Tried.of(held, _COUNTED if last else _SHOWN, style)
        if not tried.captions:
            return
        ways = samples.draw_ways(studio, tried)
        write_png(samples.sheet(tried, ways), run.folder / f"sheet-{run.step:06d}.png")
        samples.write_counts(samples.faces_found(tried, ways), run.step, run.folder / "faces.csv")

    def question(self, batch: "dict[str, torch.Tensor]", run: Run, recipe: dict[str, Any], step: int) -> Question:
        """The step's question about a batch."""
        latents = batch["latents"].to(self.shop.device, non_blocking=True).float()
        return ask(latents, self.signal, recipe, run.generator(step))


def base(shop: "Workshop") -> None:
    """Trains the text encoder and the denoiser."""
    import torch

    shop.ready()
    desk, recipe = Desk(shop), shop.recipe["base"]
    text = nets.build_text(shop.nets, vocabulary=len(desk.tokenizer)).to(shop.device)
    unet = nets.build_unet(shop.nets).to(shop.device, memory_format=torch.channels_last)
    run = Run(shop.work / "base", {"unet": unet, "text": text}, recipe, shop.budget, shop.seed, shop.device)

    def loss(step: int, batch: Any) -> dict[str, Any]:
        asked = desk.question(batch, run, recipe, step)
        with torch.autocast(shop.device, torch.bfloat16):
            words = text(batch["words"].to(shop.device))[0]
            said = unet(asked.noisy, asked.times, words).sample
        return {"loss": asked.loss(said)}

    def keep(at: Run) -> None:
        runs.save_model(unet, _inside(at.folder, "unet"))
        runs.save_model(text, at.folder / "model" / "text_encoder")
        desk.show(at, desk.studio(text, unet))

    run.train(loss, shop.loaded(desk.examples(recipe), run.step), after_save=keep)


def control(shop: "Workshop") -> None:
    """Trains the ControlNet for the landmark mesh on the finished base."""
    import torch

    shop.ready()
    desk, recipe = Desk(shop), shop.recipe["control"]
    unet, text = load_base(shop)
    net = nets.build_control(unet, shop.nets).to(shop.device, memory_format=torch.channels_last)
    run = Run(shop.work / "control", {"control": net}, recipe, shop.budget, shop.seed, shop.device)

    def loss(step: int, batch: Any) -> dict[str, Any]:
        asked = desk.question(batch, run, recipe, step)
        mesh = batch["mesh"].to(shop.device).float() / 255
        with torch.autocast(shop.device, torch.bfloat16):
            with torch.no_grad():
                words = text(batch["words"].to(shop.device))[0]
            down, middle = net(asked.noisy, asked.times, words, mesh, return_dict=False)
            said = unet(
                asked.noisy, asked.times, words, down_block_additional_residuals=down,
                mid_block_additional_residual=middle,
            ).sample  # fmt: skip
        return {"loss": asked.loss(said)}

    def keep(at: Run) -> None:
        runs.save_model(net, at.folder / "model")
        desk.show(at, desk.studio(text, unet, net))

    run.train(loss, shop.loaded(desk.examples(recipe, mesh=True), run.step), after_save=keep)


def lora(shop: "Workshop") -> None:
    """Trains a LoRA on the finished base for each style, one after the other."""
    for style in shop.styles:
        _lora(shop.with_minutes(shop.minutes / len(shop.styles)), style)


def _lora(shop: "Workshop", style: str) -> None:
    import torch
    from peft import LoraConfig

    shop.ready()
    desk, recipe = Desk(shop), shop.recipe["lora"]
    unet, text = load_base(shop)
    settings = shop.nets["lora"]
    unet.add_adapter(
        LoraConfig(r=settings["rank"], lora_alpha=settings["rank"], target_modules=settings["targets"]), style
    )
    run = Run(shop.work / f"lora-{style}", {"unet": unet}, recipe, shop.budget, shop.seed, shop.device)

    def loss(step: int, batch: Any) -> dict[str, Any]:
        asked = desk.question(batch, run, recipe, step)
        with torch.autocast(shop.device, torch.bfloat16):
            with torch.no_grad():
                words = text(batch["words"].to(shop.device))[0]
            said = unet(asked.noisy, asked.times, words).sample
        return {"loss": asked.loss(said)}

    def keep(at: Run) -> None:
        _save_lora(unet, style, at.folder)
        desk.show(at, desk.studio(text, unet), style)

    run.train(loss, shop.loaded(desk.examples(recipe, style=style), run.step), after_save=keep)


def load_base(shop: "Workshop") -> "tuple[UNet2DConditionModel, Any]":
    """The finished denoiser and text encoder, frozen."""
    import torch
    from diffusers import UNet2DConditionModel
    from transformers import CLIPTextModel

    folder = shop.model("base")
    unet = UNet2DConditionModel.from_pretrained(folder / "unet")
    text = CLIPTextModel.from_pretrained(folder / "text_encoder")
    for part in (unet, text):
        part.requires_grad_(False).eval().to(shop.device)
    return unet.to(memory_format=torch.channels_last), text


def _save_lora(unet: "UNet2DConditionModel", style: str, folder: Path) -> None:
    """The LoRA in diffusers' format, whole or not at all."""
    from diffusers import StableDiffusionPipeline
    from peft.utils import get_peft_model_state_dict

    weights = get_peft_model_state_dict(unet, adapter_name=style)
    draft, target = folder / ".model-draft", folder / "model"
    StableDiffusionPipeline.save_lora_weights(draft, unet_lora_layers=weights, weight_name=f"{style}.safetensors")
    runs.replace_folder(draft, target)


def _inside(folder: Path, name: str) -> Path:
    """The place of one part of a stage's model."""
    (folder / "model").mkdir(parents=True, exist_ok=True)
    return folder / "model" / name
