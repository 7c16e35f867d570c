"""The decoder's last lessons: latents as the experts draw them become the rich drawing that was meant.

A small denoiser's latents are a little off and a little smooth, and the decoder has only seen true ones. Here it learns
to make crisp pictures of such latents too, with the brush strokes, dots and paper that no latent has room for; the
encoder, and so the meaning of a latent, stays as it is.
"""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from personify.avatar.embedded import codec, runs
from personify.avatar.embedded.denoise import mesh_of
from personify.avatar.embedded.drawings import STYLES
from personify.avatar.embedded.latents import PLAIN, RICH
from personify.avatar.embedded.learners import Desk, load_base
from personify.avatar.embedded.runs import Run
from personify.avatar.embedded.shards import SIZE_PX, Library
from personify.avatar.embedded.texture import texture_gap
from personify.voices.errors import PersonifyError

if TYPE_CHECKING:
    import torch

    from personify.avatar.embedded.stages import Workshop

_BATCH = 16
_SHOWN = 8


def decoder(shop: "Workshop") -> None:
    """Lets the experts draw some of the drawings that they learned from, once, and trains the decoder on what came."""
    import torch
    from diffusers import AutoencoderKL

    shop.ready()
    desk, recipe = Desk(shop), shop.recipe["decoder"]
    folder = shop.work / "decoder"
    numbers, drawn = _drawn_once(desk, folder, recipe)
    net = AutoencoderKL.from_pretrained(shop.model("vae")).to(shop.device)
    before = AutoencoderKL.from_pretrained(shop.model("vae")).to(shop.device)
    net.requires_grad_(False).decoder.requires_grad_(True)
    run = Run(folder, {"decoder": net.decoder}, recipe, shop.budget, shop.seed, shop.device)

    def loss(step: int, batch: Any) -> dict[str, Any]:
        latents, target = batch["latents"].to(shop.device), codec.as_input(batch["pictures"], shop.device)
        with torch.autocast(shop.device, torch.bfloat16):
            output = net.decode(latents.float()).sample.float()
        parts = codec.picture_loss(output, target, recipe)
        texture = texture_gap(output, target, torch.Generator().manual_seed(step))
        return parts | {"loss": parts["loss"] + recipe["texture_weight"] * texture, "texture": texture}

    def keep(at: Run) -> None:
        runs.save_model(net, folder / "model")
        codec.write_png(_sheet(desk, numbers, drawn, [before, net], shop.device), folder / f"sheet-{at.step:06d}.png")

    lessons = Lessons(desk.library, desk.latents, numbers, drawn, recipe, shop.seed)
    run.train(loss, shop.loaded(lessons, run.step), after_save=keep)


@dataclass(frozen=True)
class Lessons:
    """Batches by step number: `latents` float16 (n, channels, side / 16, side / 16) and the `pictures` that they should
    become, uint8 (n, 3, side, side). A share shows the experts' latents, the others true ones, so that nothing is
    forgotten."""

    library: Library
    latents: Any
    numbers: np.ndarray
    drawn: np.ndarray
    """The experts' latents of the drawings `numbers`, float16 (n, channels, h, w)."""
    settings: dict[str, Any]
    seed: int

    def __getitem__(self, step: int) -> "dict[str, torch.Tensor]":
        import torch

        rng = np.random.default_rng([self.seed, step, 5])
        side, count = self.settings["crops"][rng.choice(len(self.settings["crops"]), p=self.settings["crop_shares"])]
        pairs = [self._crop(rng, side) for _ in range(count)]
        return {
            "latents": torch.from_numpy(np.stack([latent for latent, _ in pairs])),
            "pictures": torch.from_numpy(np.stack([picture for _, picture in pairs])).permute(0, 3, 1, 2),
        }

    def _crop(self, rng: np.random.Generator, side: int) -> tuple[np.ndarray, np.ndarray]:
        at = int(rng.integers(len(self.numbers)))
        number = int(self.numbers[at])
        which, latent = "rich", self.drawn[at]
        if rng.random() >= self.settings["drawn_share"]:
            kind = PLAIN if rng.random() < self.settings["plain_share"] else RICH
            which, latent = ("plain" if kind == PLAIN else "rich"), self.latents.get(np.array([number]))[0, kind]
        cell = SIZE_PX // latent.shape[-1]
        x, y = self._corner(rng, number, side, cell)
        picture = self.library.picture(number, which)[y * cell : y * cell + side, x * cell : x * cell + side]
        return latent[:, y : y + side // cell, x : x + side // cell], picture

    def _corner(self, rng: np.random.Generator, number: int, side: int, cell: int) -> tuple[int, int]:
        """The crop's upper left corner in latents, around the face as often as the settings say."""
        most = (SIZE_PX - side) // cell
        marks = self.library.notes[number].landmarks
        if marks is None or rng.random() >= self.settings["face_share"]:
            x, y = rng.integers(0, most + 1, 2)
        else:
            middle = marks[:468].mean(0) + rng.normal(0, side / 8, 2)
            x, y = np.clip(np.round((middle - side / 2) / cell), 0, most)
        return int(x), int(y)


def _drawn_once(desk: Desk, folder: Path, recipe: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Which drawings the experts drew, (n,), and their latents, float16 (n, channels, h, w); kept in the folder. What
    other weights or settings left there is removed, and so is the decoder that learned from it."""
    kept, made_of = folder / "drawn.npz", _made_of(desk.shop, recipe)
    if kept.exists():
        with np.load(kept) as found:
            if str(found["made_of"]) == made_of:
                return found["numbers"], found["latents"]
        shutil.rmtree(folder)
    rng = np.random.default_rng([desk.shop.seed, 6])
    notes = desk.library.notes
    fit = np.array([i for i in desk.latents.numbers if notes[i].landmarks is not None])
    if not len(fit):
        raise PersonifyError("no encoded drawing has a face that a detector finds; make more with `--stage data`")
    chosen = np.sort(rng.permutation(fit)[: recipe["drawings"]])
    numbers, latents = [], []
    for style in sorted({notes[i].style for i in chosen}):
        some = np.array([i for i in chosen if notes[i].style == style])
        numbers.append(some)
        latents.append(_draw(desk, some, style, recipe, rng))
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / ".drawn.npz"
    np.savez(draft, numbers=np.concatenate(numbers), latents=np.concatenate(latents), made_of=made_of)
    draft.replace(kept)
    return np.concatenate(numbers), np.concatenate(latents)


def _made_of(shop: "Workshop", recipe: dict[str, Any]) -> str:
    """A hash of all that the drawn latents depend on."""
    whole = hashlib.sha256(repr((shop.seed, recipe["drawings"], recipe["strengths"], recipe["steps"])).encode())
    for stage in ("tokens", "vae", "base", "control", *(f"lora-{style}" for style in STYLES)):
        for file in sorted((shop.work / stage / "model").rglob("*")):
            if file.is_file():
                whole.update(f"{stage}/{file.name}".encode() + file.read_bytes())
    return whole.hexdigest()


def _draw(desk: Desk, numbers: np.ndarray, style: str, recipe: dict[str, Any], rng: np.random.Generator) -> np.ndarray:
    """Latents by the style's expert, or by the base where its LoRA isn't trained, from the plain sketch and the mesh,
    at strengths of the recipe's range."""
    import torch

    shop = desk.shop
    unet, text = load_base(shop)
    adapter = shop.work / f"lora-{style}" / "model"
    if adapter.exists():
        unet.load_lora_adapter(adapter, weight_name=f"{style}.safetensors", prefix="unet")
    control = _control(shop)
    drawn = []
    for at in range(0, len(numbers), _BATCH):
        some = numbers[at : at + _BATCH]
        notes = [desk.library.notes[i] for i in some]
        ids = desk.tokenizer(
            [note.caption for note in notes], padding="max_length", truncation=True, return_tensors="pt"
        ).input_ids
        meshes = np.stack([mesh_of(note) for note in notes]) if control is not None else None
        plain = torch.from_numpy(desk.latents.get(some)[:, PLAIN]).to(shop.device).float()
        strength = rng.uniform(*recipe["strengths"])
        generator = torch.Generator(shop.device).manual_seed(int(rng.integers(2**31)))
        with torch.no_grad(), torch.autocast(shop.device, torch.bfloat16):
            words = text(ids.to(shop.device))[0]
            drawn.append(_walk(desk, unet, control, plain, words, meshes, strength, recipe["steps"], generator))
    return np.concatenate(drawn)


def _walk(
    desk: Desk, unet: Any, control: Any, plain: "torch.Tensor", words: "torch.Tensor", meshes: np.ndarray | None,
    strength: float, steps: int, generator: "torch.Generator",
) -> np.ndarray:  # fmt: skip
    """Image to image as diffusers' pipelines do it, without a guidance scale: float16 (n, channels, h, w)."""
    import torch

    scheduler = desk.scheduler
    scheduler.set_timesteps(steps, device=plain.device)
    times = scheduler.timesteps[steps - max(1, int(steps * strength)) :]
    noise = torch.randn(plain.shape, generator=generator, device=plain.device)
    latents = scheduler.add_noise(plain, noise, times[:1].expand(len(plain)))
    seen = None if meshes is None else torch.from_numpy(meshes).to(plain.device).float() / 255
    for time in times:
        extras: dict[str, Any] = {}
        if control is not None:
            down, middle = control(latents, time, words, seen, return_dict=False)
            extras = {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}
        said = unet(latents, time, words, **extras).sample.float()
        latents = scheduler.step(said, time, latents).prev_sample
    return latents.half().cpu().numpy()


def _control(shop: "Workshop") -> Any:
    """The trained ControlNet, if there is one."""
    import torch
    from diffusers import ControlNetModel

    folder = shop.work / "control" / "model"
    if not folder.exists():
        return None
    return ControlNetModel.from_pretrained(folder).eval().to(shop.device, memory_format=torch.channels_last)


def _sheet(desk: Desk, numbers: np.ndarray, drawn: np.ndarray, nets: list[Any], device: str) -> np.ndarray:
    """A column a drawing: the rich one, and the expert's latents through each autoencoder; uint8 RGB."""
    import torch

    columns = []
    for at in np.linspace(0, len(numbers) - 1, min(_SHOWN, len(numbers))).astype(int):
        latent = torch.from_numpy(drawn[at][None]).to(device).float()
        with torch.no_grad():
            made = [codec.as_picture(net.decode(latent).sample)[0] for net in nets]
        columns.append(np.vstack([desk.library.picture(int(numbers[at]), "rich"), *made]))
    return np.hstack(columns)
