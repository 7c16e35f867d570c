"""The autoencoder's training: crops of drawings, half of them around eyes and lips, to latents and back.

Loss: absolute differences of pixels and of their gradients at two scales; a little noise on the latents and some steps
at half their size (after EQ-VAE, Kouzelis et al. 2025) make them smooth enough for a small denoiser; each channel is
kept near mean 0 and variance 1 over a batch.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from personify.avatar.embedded.shards import SIZE_PX, Library
from personify.avatar.landmarks import LEFT_IRIS, LIPS_INNER_UPPER, RIGHT_IRIS

if TYPE_CHECKING:
    import torch
    from diffusers import AutoencoderKL

_FOCI = (RIGHT_IRIS[0], LEFT_IRIS[0], LIPS_INNER_UPPER[5])
_SURE = -10.0
"""The logarithm of the latents' variance: samples of the encoder's distribution are its mean, nearly."""


@dataclass(frozen=True)
class Crops:
    """Batches by step number: uint8 (n, 3, side, side); the same seed and step give the same batch."""

    library: Library
    settings: dict[str, Any]
    seed: int

    def __getitem__(self, step: int) -> "torch.Tensor":
        rng = np.random.default_rng([self.seed, step, 1])
        side, count = self.settings["crops"][rng.choice(len(self.settings["crops"]), p=self.settings["crop_shares"])]
        return self._batch(rng, side, count)

    def of_side(self, side: int, count: int) -> "torch.Tensor":
        """A batch of crops of one size, of no step's."""
        return self._batch(np.random.default_rng([self.seed, 3]), side, count)

    def _batch(self, rng: np.random.Generator, side: int, count: int) -> "torch.Tensor":
        import torch

        crops = np.stack([self._crop(rng, side) for _ in range(count)])
        return torch.from_numpy(crops).permute(0, 3, 1, 2)

    def _crop(self, rng: np.random.Generator, side: int) -> np.ndarray:
        index = int(rng.integers(len(self.library)))
        marks = self.library.notes[index].landmarks
        which = "plain" if rng.random() < self.settings["plain_share"] else "rich"
        picture = self.library.picture(index, which)
        most = SIZE_PX - side
        if marks is not None and rng.random() < self.settings["face_share"]:
            focus = marks[_FOCI[int(rng.integers(len(_FOCI)))]] + rng.normal(0, side / 8, 2)
            x, y = np.clip(np.round(focus - side / 2), 0, most).astype(int)
        else:
            x, y = (int(v) for v in rng.integers(0, most + 1, 2))
        crop = picture[y : y + side, x : x + side]
        return crop[:, ::-1] if rng.random() < 0.5 else crop


def fresh(vae: "AutoencoderKL") -> "AutoencoderKL":
    """The autoencoder with its variance fixed near zero; it is never trained."""
    import torch

    channels = vae.config.latent_channels
    last = vae.encoder.conv_out
    with torch.no_grad():
        last.weight[channels:] = 0
        last.bias[channels:] = _SURE
    return vae


def as_input(pictures: "torch.Tensor | np.ndarray", device: str) -> "torch.Tensor":
    """uint8 (n, 3, H, W) as float32 in [-1, 1] on the device."""
    import torch

    return torch.as_tensor(pictures).to(device, non_blocking=True).float() / 127.5 - 1


def as_picture(output: "torch.Tensor") -> np.ndarray:
    """Float (n, 3, H, W) in [-1, 1] as uint8 (n, H, W, 3)."""
    rows = (output.detach().float().clamp(-1, 1) + 1) * 127.5
    return rows.round().byte().permute(0, 2, 3, 1).cpu().numpy()


def codec_loss(
    vae: "AutoencoderKL", pictures: "torch.Tensor", settings: dict[str, Any], generator: "torch.Generator"
) -> "dict[str, torch.Tensor]":
    """The loss of one batch, float32 (n, 3, H, W) in [-1, 1], with its parts."""
    import torch
    from torch.nn import functional

    with torch.autocast(pictures.device.type, torch.bfloat16):
        mean = vae.encode(pictures).latent_dist.mean.float()
        latents, target = mean, pictures
        chances = torch.rand(1 + len(mean), generator=generator, device=generator.device)
        if chances[0] < settings["halved_share"]:
            latents, target = functional.avg_pool2d(latents, 2), functional.avg_pool2d(target, 2)
        noise = torch.randn(latents.shape, generator=generator, device=generator.device)
        most = settings["latent_noise"]
        latents = latents + noise * ((2 * chances[1:] - 1).clamp(min=0) * most)[:, None, None, None]
        output = vae.decode(latents).sample.float()
    parts = picture_loss(output, target, settings)
    over = mean.transpose(0, 1).flatten(1)
    moments = over.mean(1).square().mean() + (over.var(1).clamp(min=1e-4).log()).square().mean()
    loss = parts["loss"] + settings["moment_weight"] * moments
    return parts | {"loss": loss, "moments": moments}


def picture_loss(output: "torch.Tensor", target: "torch.Tensor", settings: dict[str, Any]) -> "dict[str, torch.Tensor]":
    """Absolute differences of pixels and of their gradients at two scales, in [-1, 1]."""
    from torch.nn import functional

    pixels = (output - target).abs().mean()
    gradients = _gradient_gap(output, target) + _gradient_gap(*(functional.avg_pool2d(p, 2) for p in (output, target)))
    return {"loss": pixels + settings["gradient_weight"] * gradients, "pixels": pixels, "gradients": gradients}


def _gradient_gap(output: "torch.Tensor", target: "torch.Tensor") -> "torch.Tensor":
    gap = output - target
    return (gap[..., 1:, :] - gap[..., :-1, :]).abs().mean() + (gap[..., 1:] - gap[..., :-1]).abs().mean()


def finished(vae: "AutoencoderKL", library: Library, device: str, count: int = 64) -> "AutoencoderKL":
    """A copy whose latents have variance 1 in every channel, as measured on `count` drawings, with the scales folded
    into its weights: diffusers' pipelines know only one `scaling_factor` for all, which stays 1."""
    import copy

    import torch

    done = copy.deepcopy(vae).eval()
    seen = [
        done.encode(as_input(library.picture(i, "rich").transpose(2, 0, 1)[None].copy(), device)).latent_dist.mean
        for i in np.linspace(0, len(library) - 1, min(count, len(library))).astype(int)
    ]
    scale = torch.cat(seen).std((0, 2, 3)).clamp(min=1e-3)
    last, first, width = done.encoder.conv_out, done.decoder.conv_in, len(scale)
    last.weight[:width] /= scale[:, None, None, None]
    last.bias[:width] /= scale
    first.weight *= scale[None, :, None, None]
    done.register_to_config(scaling_factor=1.0)
    return done


def reconstructions(vae: "AutoencoderKL", library: Library, device: str, count: int = 8) -> np.ndarray:
    """A sheet, uint8 RGB: whole drawings in the first column and their faces at full size, each above what comes out of
    the autoencoder."""
    rows = []
    for index in range(min(count, len(library))):
        which = "plain" if index % 4 == 3 else "rich"
        picture = library.picture(index, which)
        output = as_picture(vae(as_input(picture.transpose(2, 0, 1)[None].copy(), device)).sample)[0]
        marks = library.notes[index].landmarks
        x, y = np.clip((marks[:468].mean(0) if marks is not None else np.full(2, 256)) - 128, 0, 256).astype(int)
        small = [p[::2, ::2] for p in (picture, output)]
        rows.append(np.hstack([*small, *(p[y : y + 256, x : x + 256] for p in (picture, output))]))
    half = -(-len(rows) // 2)
    rows += [np.zeros_like(rows[0])] * (2 * half - len(rows))
    return np.hstack([np.vstack(rows[:half]), np.vstack(rows[half:])])


def write_png(picture: np.ndarray, path: Path) -> None:
    """A PNG, whole or not at all."""
    from PIL import Image

    draft = path.with_name(f".{path.name}")
    Image.fromarray(picture).save(draft, "PNG")
    draft.replace(path)
