"""Detail: stitches, fibres and lashes of the guide that an autoencoder has no room for, given back to a picture that
keeps to the guide."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

FULL_STRENGTH = 0.5
"""Up to this strength all of the detail comes back; beyond it ever less, since the picture leaves the guide."""


def lost_detail(pipe: Any, guides: "list[Image]") -> np.ndarray:
    """What each guide has and its way through the pipeline's autoencoder loses: float32 (n, H, W, 3), in shares of
    white. Guides are of one size, whose sides are multiples of the autoencoder's factor."""
    import torch
    from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_img2img import retrieve_latents

    lost = []
    with torch.inference_mode():
        for guide in guides:
            given = pipe.image_processor.preprocess(guide).to(pipe.vae.device, pipe.vae.dtype)
            latents = retrieve_latents(pipe.vae.encode(given), sample_mode="argmax")
            lost.append((given - pipe.vae.decode(latents).sample)[0].float().permute(1, 2, 0).cpu().numpy() / 2)
    return np.nan_to_num(np.stack(lost))


def share(strength: float) -> float:
    """How much of the lost detail comes back to a picture of which that share may have changed."""
    return float(np.clip((1 - strength) / (1 - FULL_STRENGTH), 0, 1))
