"""One entry of the catalogue as an expert that draws: prompt, settings and guide in, pictures out."""

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from personify.avatar.catalogue import Catalogue, Control, ExpertEntry, Weights
from personify.avatar.diffusion import detail, encoding, steering
from personify.avatar.diffusion.layout import Part, read_layout, read_part
from personify.avatar.diffusion.pool import ModelPool, Recipe
from personify.avatar.diffusion.prompts import fill, said, write_prompt
from personify.avatar.orders import Guide, Order, Proposal, Steer
from personify.avatar.portrait import Guidance
from personify.avatar.steps import step_done
from personify.voices.errors import BadInput, unknown_name

if TYPE_CHECKING:
    from PIL.Image import Image

_log = logging.getLogger(__name__)
_FLAGGED = "the checkpoint's safety checker flagged the picture"
_NOT_NUMBERS = (
    "the picture came out as no numbers: its autoencoder overflows in this precision; give the expert another"
)
_BASES = {"sd": ("sd15", "sd21", "embedded"), "sdxl": ("sdxl", "embedded")}


@dataclass(frozen=True)
class _Job:
    """One order on its way: its prompt, its embeddings where the prompt is long, and its seed."""

    order: Order
    prompt: str
    encoded: encoding.Encoded | None
    seed: int

    @property
    def length(self) -> int:
        """Tokens of its embeddings, 0 where the pipeline encodes the prompt itself."""
        return self.encoded.length if self.encoded else 0


class DiffusionExpert:
    """Draws by one catalogue entry with models from a pool. Building one loads nothing and reads no file.

    Raises `BadInput` at once where the entry names a ControlNet or autoencoder that the catalogue lacks or that is
    made for another base.
    """

    def __init__(self, entry: ExpertEntry, catalogue: Catalogue, pool: ModelPool) -> None:
        self.entry = entry
        self.name = entry.name
        self.description = entry.description
        self.guidances: tuple[Guidance, ...] = entry.guidances
        self.sketch_style: str | None = entry.sketch_style
        self._pool = pool
        self._control: Control | None = _named(entry, "controlnet", catalogue.controlnets)
        self._vae: Weights | None = _named(entry, "vae", catalogue.vaes)
        self._recipes: dict[bool, Recipe] = {}

    def schedule(self, guidance: Guidance, attempts: int) -> tuple[Steer, ...]:
        """See `Expert.schedule` and `steering.schedule`, which states the numbers."""
        return steering.schedule(self.entry, guidance, attempts)

    def draw(self, orders: list[Order], steer: Steer) -> list[Proposal]:
        """See `Expert.draw`. A batch shares each step; the seed of each order alone decides its noise.

        Raises `BadInput` for a guidance that the expert doesn't have or an order without a guide to follow, and
        `PersonifyError` for weights that are missing, broken or too large for the memory.
        """
        self._check(orders, steer)
        if not orders:
            return []
        control, pixel = steer.guidance in ("control", "both"), steer.guidance in ("pixel", "both")

        def use(pipe: Any, frugal: bool) -> list[Proposal]:
            jobs = [self._job(pipe, order, steer) for order in orders]
            drawn: dict[int, Proposal] = {}
            for batch in _batches(jobs, 1 if frugal else len(jobs)):
                pictures = self._draw_batch(pipe, [jobs[i] for i in batch], steer, frugal)
                drawn |= dict(zip(batch, pictures, strict=True))
            return [drawn[i] for i in range(len(jobs))]

        return self._pool.run(self.recipe(control), use, control=control, pixel=pixel)

    def recipe(self, control: bool = True) -> Recipe:
        """What it draws with, on this disk, checked to be whole and of one base before anything is loaded.

        Without `control` the ControlNet is left out, and need not be here. Weights that are not here are refused by
        `weights.place`.
        """
        if control not in self._recipes:
            self._recipes[control] = self._find(control)
        return self._recipes[control]

    def _check(self, orders: list[Order], steer: Steer) -> None:
        if steer.guidance not in self.guidances:
            raise BadInput(
                f"the expert {self.name!r} can't be guided by {steer.guidance!r}; choose one of:"
                f" {', '.join(self.guidances)}"
            )
        if steer.guidance != "none" and any(order.guide is None for order in orders):
            raise BadInput(
                f"guidance {steer.guidance!r} needs a sketch or a picture to steer towards, and there is none"
            )

    def _find(self, with_control: bool) -> Recipe:
        from personify.avatar.weights import check_control_fits, check_lora_fits, place

        entry = self.entry
        layout = read_layout(place(entry.weights, expert=entry.name), entry.weights.variant)
        if entry.base not in _BASES[layout.kind]:
            raise BadInput(
                f"the expert {self.name!r} says base {entry.base!r}, but {layout.folder} is of the"
                f" {'SDXL' if layout.kind == 'sdxl' else 'Stable Diffusion 1.x and 2.x'} layout"
            )
        loras = tuple((place(lora, expert=entry.name), lora.weight) for lora in entry.loras)
        for file, _ in loras:
            check_lora_fits(file, layout.folder)
        control = None
        if with_control and self._control is not None:
            control = read_part(place(self._control, expert=entry.name), self._control.variant)
            check_control_fits(control.folder, layout.folder)
        return Recipe(
            name=entry.name,
            layout=layout,
            variant=entry.weights.variant,
            vae=self._find_vae(),
            control=control,
            loras=loras,
            scheduler=entry.scheduler,
            safety_checker=entry.safety_checker,
        )

    def _find_vae(self) -> Part | None:
        from personify.avatar.weights import place

        if self._vae is None:
            return None
        part = read_part(place(self._vae, expert=self.name), self._vae.variant)
        called = str(part.config.get("_class_name"))
        if not called.startswith("Autoencoder"):
            raise BadInput(f"{part.folder} is not an autoencoder of diffusers: its configuration is of {called}")
        return part

    def _job(self, pipe: Any, order: Order, steer: Steer) -> _Job:
        seed = steering.derive(order.seed, steer.attempt)
        template, brief = self.entry.template, order.brief
        if self.entry.reads == "looks":
            from personify.avatar.embedded.captions import describe

            return _Job(order, fill(template, describe(brief), []), None, seed)
        bare = fill(template, said(brief), [])
        if encoding.fits(pipe, bare):
            return _Job(order, write_prompt(template, brief, lambda text: encoding.fits(pipe, text)), None, seed)
        words = encoding.bounded(pipe, said(brief), fill(template, "", []))
        if len(words) < len(said(brief)):
            _log.warning("%s reads only the first %d characters of the description", self.name, len(words))
        prompt = fill(template, words, [])
        encoded = encoding.encode_long(pipe, prompt, self.entry.negative, with_negative=self._guides_by_text)
        return _Job(order, prompt, encoded, seed)

    @property
    def _guides_by_text(self) -> bool:
        """Whether the pipeline compares with the negative prompt; at a scale of 1 and below it doesn't."""
        return self.entry.guidance_scale > 1

    def _draw_batch(self, pipe: Any, jobs: list[_Job], steer: Steer, frugal: bool) -> list[Proposal]:
        import torch

        slices = pipe.vae.enable_slicing if len(jobs) > 1 or frugal else pipe.vae.disable_slicing
        slices()  # one picture at a time through the autoencoder, which takes the most memory of all
        generators = [torch.Generator("cpu").manual_seed(job.seed % 2**63) for job in jobs]
        settings: dict[str, Any] = {
            "guidance_scale": self.entry.guidance_scale,
            "generator": generators,
            "output_type": "np",
            **self._text(jobs),
            **self._guided(pipe, jobs, steer, generators),
        }
        result = pipe(**settings, callback_on_step_end=_told_step if len(jobs) > 1 or frugal else _seen_step)
        pictures = result.images
        if self.entry.keeps_detail and steer.guidance in ("pixel", "both"):
            pictures = np.clip(
                pictures + detail.share(steer.strength) * detail.lost_detail(pipe, settings["image"]), 0, 1
            )
        flagged = getattr(result, "nsfw_content_detected", None) or [False] * len(jobs)
        return [
            _proposal(picture, bool(flag), job.order.size, self._outline(job.order, steer))
            for picture, flag, job in zip(pictures, flagged, jobs, strict=True)
        ]

    def _outline(self, order: Order, steer: Steer) -> np.ndarray | None:
        """The guide's mask where the picture keeps to it."""
        if order.guide is None or steer.guidance not in ("pixel", "both") or not self.entry.keeps_outline:
            return None
        return order.guide.mask

    def _text(self, jobs: list[_Job]) -> dict[str, Any]:
        """Prompts as text where the pipeline reads them itself, else as embeddings."""
        encoded = [job.encoded for job in jobs if job.encoded]
        if encoded:
            return encoding.joined(encoded)
        negative = [self.entry.negative] * len(jobs) if self.entry.negative and self._guides_by_text else None
        return {"prompt": [job.prompt for job in jobs], "negative_prompt": negative}

    def _guided(self, pipe: Any, jobs: list[_Job], steer: Steer, generators: list[Any]) -> dict[str, Any]:
        """What the guidance adds to a call: start pictures, control images, their strengths, steps, and size."""
        import torch

        size = self.entry.size
        guides = [job.order.guide for job in jobs if job.order.guide is not None]
        added: dict[str, Any] = {"num_inference_steps": self.entry.steps}
        controls = [self._control_picture(guide) for guide in guides] if steer.guidance in ("control", "both") else []
        if controls:
            added["controlnet_conditioning_scale"] = float(steer.control_scale)
        if steer.guidance in ("pixel", "both"):
            added["image"] = [_resized(guide.image, size) for guide in guides]
            added["strength"] = steer.strength
            added["num_inference_steps"] = self._steps(pipe, steer.strength)
            return added | ({"control_image": controls} if controls else {})
        if controls:
            added["image"] = controls
        side = size // pipe.vae_scale_factor
        shape = (1, pipe.unet.config.in_channels, side, side)
        # Drawn in float32 whatever the models' precision, so that a seed means the same noise on every device.
        noise = torch.cat([torch.randn(shape, generator=generator) for generator in generators])
        return added | {"height": size, "width": size, "latents": noise.to(pipe.unet.dtype)}

    def _steps(self, pipe: Any, strength: float) -> int:
        """Steps to ask for, within what the scheduler was trained with."""
        asked = steering.steps_to_ask(self.entry.steps, strength, few_step=self.entry.few_step)
        most = pipe.scheduler.config.get("original_inference_steps") or pipe.scheduler.config.num_train_timesteps
        return min(asked, int(most))

    def _control_picture(self, guide: Guide) -> "Image":
        from PIL import Image

        from personify.avatar.control import control_image

        assert self._control is not None, "only an expert with a ControlNet offers control"
        drawn = control_image(self._control.draw, guide.landmarks, of_size=guide.image.shape[0], size=self.entry.size)
        return Image.fromarray(drawn)


def _named(entry: ExpertEntry, field: str, table: dict[str, Any]) -> Any:
    """The catalogue's entry that the expert names, checked to be of its base; None where it names none."""
    name = getattr(entry, field)
    if name is None:
        return None
    if name not in table:
        raise unknown_name(f"{field} of the expert {entry.name!r}", name, list(table))
    if table[name].base != entry.base:
        raise BadInput(
            f"the {field} {name!r} is made for {table[name].base} and the expert {entry.name!r} is {entry.base};"
            " choose one for the same base"
        )
    return table[name]


def _batches(jobs: list[_Job], most: int) -> list[list[int]]:
    """Numbers of jobs that can share a call: those whose prompts take equally many tokens, at most `most` at once."""
    alike: dict[int, list[int]] = {}
    for number, job in enumerate(jobs):
        alike.setdefault(job.length, []).append(number)
    return [numbers[i : i + most] for numbers in alike.values() for i in range(0, len(numbers), most)]


def _told_step(pipe: Any, number: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
    """After each step of a pipeline, the first being 0; changes nothing of it."""
    step_done((number + 1) / max(1, pipe.num_timesteps))
    return tensors


def _seen_step(pipe: Any, number: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
    """The same for one picture, which can be looked at."""
    step_done((number + 1) / max(1, pipe.num_timesteps), partial(_look, pipe, tensors["latents"]))
    return tensors


def _look(pipe: Any, latents: Any) -> np.ndarray:
    """What the autoencoder sees in latents that are still noisy, at half their resolution, which halves the noise too:
    uint8 RGB (h, w, 3)."""
    import torch

    vae = pipe.vae
    with torch.no_grad():
        small = torch.nn.functional.avg_pool2d(latents[:1].float(), 2).to(vae.dtype)
        small = small / vae.config.scaling_factor + (getattr(vae.config, "shift_factor", None) or 0)
        seen = vae.decode(small, return_dict=False)[0][0].float()
    seen = torch.nan_to_num((seen / 2 + 0.5).clamp(0, 1)) * 255
    return seen.round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()


def _resized(image: np.ndarray, size: int) -> "Image":
    from PIL import Image

    picture = Image.fromarray(image)
    return picture if picture.size == (size, size) else picture.resize((size, size), Image.Resampling.LANCZOS)


def _proposal(picture: np.ndarray, flagged: bool, size: int, mask: np.ndarray | None) -> Proposal:
    """A pipeline's picture, float (H, W, 3) in [0, 1], as uint8 of the size that was ordered, like its mask."""
    whole = bool(np.isfinite(picture).all())
    pixels = np.round(np.nan_to_num(picture) * 255).astype(np.uint8)
    refused = _FLAGGED if flagged else None if whole else _NOT_NUMBERS
    outline = None if mask is None else np.asarray(_resized(mask, size))
    return Proposal(np.asarray(_resized(pixels, size)), outline, refused=refused)
