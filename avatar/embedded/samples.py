"""Samples: pictures by the experts as they are so far, through diffusers' own pipelines, for sheets and for counting
the faces that can be used."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from personify.avatar.embedded.shards import SIZE_PX, Library

if TYPE_CHECKING:
    from diffusers import ControlNetModel, UNet2DConditionModel
    from transformers import CLIPTextModel

STEPS = 12
SCALE = 2.5
STRENGTHS = (0.65, 0.5)
_BATCH = 8
_COLUMNS = 16


@dataclass(frozen=True)
class Studio:
    """The parts that draw: the finished autoencoder, tokenizer and scheduler, and what is being trained."""

    vae: Any
    tokenizer: Any
    scheduler: Any
    text: "CLIPTextModel"
    unet: "UNet2DConditionModel"
    control: "ControlNetModel | None" = None

    def draw(
        self,
        captions: list[str],
        *,
        starts: list[np.ndarray] | None = None,
        strength: float = 0.6,
        meshes: list[np.ndarray] | None = None,
        control_scale: float = 1.0,
        steps: int = STEPS,
        scale: float = SCALE,
        seed: int = 0,
    ) -> list[np.ndarray]:
        """A picture for each caption, uint8 RGB (512, 512, 3).

        `starts`: uint8 pictures that pixel guidance begins with; `meshes`: the drawn landmarks, uint8 (512, 512, 3).
        """
        import torch
        from diffusers import pipelines
        from PIL import Image

        kind = f"StableDiffusion{'ControlNet' if meshes else ''}{'Img2Img' if starts else ''}Pipeline"
        parts: dict[str, Any] = {
            "vae": self.vae, "text_encoder": self.text, "tokenizer": self.tokenizer, "unet": self.unet,
            "scheduler": self.scheduler, "safety_checker": None, "feature_extractor": None,
        }  # fmt: skip
        if meshes:
            parts["controlnet"] = self.control
        pipeline = getattr(pipelines, kind)(**parts, requires_safety_checker=False)
        pipeline.set_progress_bar_config(disable=True)
        drawn: list[np.ndarray] = []
        for at in range(0, len(captions), _BATCH):
            some = slice(at, at + _BATCH)
            words = captions[some]
            asked: dict[str, Any] = {"num_inference_steps": steps, "guidance_scale": scale, "output_type": "np"}
            if starts:
                asked |= {"image": [Image.fromarray(p) for p in starts[some]], "strength": strength}
            if meshes:
                images = [Image.fromarray(p) for p in meshes[some]]
                asked |= {"control_image" if starts else "image": images}
                asked["controlnet_conditioning_scale"] = control_scale
            if not starts:
                asked |= {"height": SIZE_PX, "width": SIZE_PX}
            asked["generator"] = [torch.Generator().manual_seed(seed + at + i) for i in range(len(words))]
            with torch.no_grad(), torch.autocast(self.unet.device.type, torch.bfloat16):
                found = pipeline(prompt=words, **asked).images
            drawn += [np.round(picture * 255).astype(np.uint8) for picture in found]
        return drawn


@dataclass(frozen=True)
class Tried:
    """Drawings that were never trained on, as tasks: captions, plain starts, meshes, and the rich drawings."""

    captions: list[str]
    plain: list[np.ndarray]
    rich: list[np.ndarray]
    meshes: list[np.ndarray]
    landmarks: list[np.ndarray]

    @classmethod
    def of(cls, library: Library, count: int, style: str | None = None) -> "Tried":
        """The first `count` with a usable face (of one style)."""
        from personify.avatar.embedded.denoise import mesh_of

        fit = [
            i for i, n in enumerate(library.notes) if n.landmarks is not None and style in {None, n.style}
        ][:count]  # fmt: skip
        notes = [library.notes[i] for i in fit]
        return cls(
            [note.caption for note in notes],
            [library.picture(i, "plain") for i in fit],
            [library.picture(i, "rich") for i in fit],
            [mesh_of(note).transpose(1, 2, 0) for note in notes],
            [note.landmarks for note in notes if note.landmarks is not None],
        )


def draw_ways(studio: Studio, tried: Tried) -> dict[str, list[np.ndarray]]:
    """The tasks drawn in every way: without guidance, from pixels at each strength, and with the mesh where there is a
    ControlNet."""
    ways = {"none": studio.draw(tried.captions)}
    for strength in STRENGTHS:
        ways[f"pixel {strength}"] = studio.draw(tried.captions, starts=tried.plain, strength=strength)
    if studio.control is not None:
        ways["control"] = studio.draw(tried.captions, meshes=tried.meshes)
        ways["both 0.65"] = studio.draw(tried.captions, starts=tried.plain, strength=0.65, meshes=tried.meshes)
    return ways


def sheet(tried: Tried, ways: dict[str, list[np.ndarray]], cell_px: int = 256) -> np.ndarray:
    """uint8 RGB: a column for each of the first tasks; rows: the plain sketch, the rich drawing, and every way."""
    import cv2

    rows = [row[:_COLUMNS] for row in (tried.plain, tried.rich, *ways.values())]
    size = (cell_px, cell_px)
    return np.vstack([np.hstack([cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in row]) for row in rows])


def faces_found(tried: Tried, ways: dict[str, list[np.ndarray]]) -> dict[str, dict[str, float]]:
    """For the plain and the rich drawings and each way: the share whose face is found plausibly, and, where the face's
    place was given, the share that also lies there and the mean error in inter-ocular distances."""
    from personify.avatar.detector import FaceMeshDetector
    from personify.avatar.plausibility import judge

    detector = FaceMeshDetector()
    found: dict[str, dict[str, float]] = {}
    numbers = np.arange(478)
    for way, pictures in {"plain": tried.plain, "rich": tried.rich, **ways}.items():
        seen = [detector.find(picture) for picture in pictures]
        plausible = [judge(marks, picture).plausible for marks, picture in zip(seen, pictures, strict=True)]
        found[way] = {"plausible": float(np.mean(plausible))}
        if way != "none":
            there = [
                judge(marks, picture, (numbers, known))
                for marks, picture, known in zip(seen, pictures, tried.landmarks, strict=True)
            ]
            errors = [verdict.error for verdict in there if verdict.error is not None]
            found[way]["in place"] = float(np.mean([verdict.plausible for verdict in there]))
            found[way]["error"] = float(np.mean(errors)) if errors else float("nan")
    return found


def write_counts(found: dict[str, dict[str, float]], step: int, path: Path) -> None:
    """Adds a line for each way to a CSV file."""
    import csv

    fresh = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if fresh:
            writer.writerow(["step", "way", "plausible", "in_place", "error"])
        for way, counts in found.items():
            told = [counts.get(name, float("nan")) for name in ("plausible", "in place", "error")]
            writer.writerow([step, way, *(f"{value:.4g}" for value in told)])
