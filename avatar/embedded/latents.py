"""Latents on disk: every drawing, rich and plain, through the autoencoder once; float16, one file a shard."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from personify.avatar.embedded.codec import as_input
from personify.avatar.embedded.shards import Library

if TYPE_CHECKING:
    from diffusers import AutoencoderKL

RICH, PLAIN = 0, 1


def encode_library(vae: "AutoencoderKL", weights: Path, library: Library, folder: Path, device: str, batch: int) -> int:
    """Writes what is missing: a file (n, 2, channels, h, w) for each shard's n drawings, scaled to variance 1; rich,
    then plain. Latents of another autoencoder (`weights` is its folder) are removed first. How many files are new."""
    _same_autoencoder(weights, folder)
    new = 0
    for path, span in library.spans:
        target = latents_of(folder, path)
        if target.exists() or not span:
            continue
        pictures = [library.picture(i, which) for i in span for which in ("rich", "plain")]
        stacked = np.stack(pictures).transpose(0, 3, 1, 2)
        parts = [_encode(vae, stacked[at : at + batch], device) for at in range(0, len(stacked), batch)]
        latents = np.concatenate(parts)
        draft = target.with_name(f".{target.name}")
        np.save(draft, latents.reshape(-1, 2, *latents.shape[1:]))
        draft.replace(target)
        new += 1
    return new


def latents_of(folder: Path, shard: Path) -> Path:
    """Where a shard's latents are."""
    return folder / f"{shard.stem}.npy"


class Latents:
    """The latents of a library's drawings, by the same numbers; those whose shard isn't encoded yet are missing."""

    def __init__(self, library: Library, folder: Path) -> None:
        self._files: list[np.ndarray] = []
        self._places: dict[int, tuple[int, int]] = {}
        for path, span in library.spans:
            file = latents_of(folder, path)
            if not file.exists():
                continue
            found = np.load(file, mmap_mode="r")
            if len(found) != len(span):
                raise ValueError(f"{file} has {len(found)} latents for {len(span)} drawings; remove it and encode anew")
            self._places |= {i: (len(self._files), at) for at, i in enumerate(span)}
            self._files.append(found)

    @property
    def numbers(self) -> list[int]:
        """The drawings that are encoded."""
        return sorted(self._places)

    def get(self, numbers: np.ndarray) -> np.ndarray:
        """float16 (n, 2, channels, h, w): rich, then plain."""
        return np.stack([self._files[file][at] for file, at in (self._places[int(i)] for i in numbers)])


def _encode(vae: "AutoencoderKL", pictures: np.ndarray, device: str) -> np.ndarray:
    import torch

    with torch.no_grad(), torch.autocast(device, torch.bfloat16):
        mean: torch.Tensor = vae.encode(as_input(np.ascontiguousarray(pictures), device)).latent_dist.mean
    return (mean.float() * vae.config.scaling_factor).half().cpu().numpy()


def _same_autoencoder(weights: Path, folder: Path) -> None:
    """Empties the folder if it was filled by other weights."""
    digest = hashlib.sha256()
    for file in sorted(weights.iterdir()):
        digest.update(file.read_bytes())
    mark = folder / "autoencoder.json"
    if mark.exists() and json.loads(mark.read_text())["sha256"] != digest.hexdigest():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps({"sha256": digest.hexdigest()}))
