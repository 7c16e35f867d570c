"""What a denoiser learns from one batch: noisy latents, what to say of them, and how much each sample counts.

With a and s the signal's and the noise's share at time t (a^2 + s^2 = 1), the denoiser sees x = a z + s e and says
v = a e - s z, from which z = a x - s v follows.

Pixel guidance begins with a plain sketch p at some time t0, x0 = a0 p + s0 e, and must end at the rich drawing z. A
sampler that always believes in z holds e' = (x0 - a0 z) / s0 for the noise and passes, at any later t, through

    x = a z + s e' = a (z + k (p - z)) + s e,    k = (s / a) (a0 / s0),

so those are the points that are learned: the sketch itself at t = t0, where k = 1, and its remains that fade with the
noise. What must be said is v = a e' - s z = (a x - z) / s, whatever x is, so that the same z follows.

Errors of v count as min(1 + SNR, limit) / (1 + SNR): min-SNR weighting (Hang et al. 2023) that doesn't vanish where
the signal does, since the schedule begins with pure noise.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from personify.avatar.embedded.latents import PLAIN, RICH, Latents
from personify.avatar.embedded.shards import SIZE_PX, Note

if TYPE_CHECKING:
    import torch

_GUIDED_LEAST = 0.25
"""Guidance never begins later than this share of the schedule: nothing would change."""
_FIRST_SHARE = 0.5
"""Of the guided samples, the sketch itself at the start of its way."""


@dataclass(frozen=True)
class Examples:
    """Batches by step number, each a dict of tensors: `latents` float16 (n, 2, channels, h, w), `words` int64 (n,
    length), and with `mesh` the drawn landmarks as uint8 (n, 3, 512, 512). `numbers` are the drawings that may come."""

    latents: Latents
    notes: list[Note]
    words: np.ndarray
    """Token numbers of every caption; the last row is the empty one."""
    numbers: np.ndarray
    settings: dict[str, Any]
    seed: int
    mesh: bool = False

    def __getitem__(self, step: int) -> "dict[str, torch.Tensor]":
        import torch

        rng = np.random.default_rng([self.seed, step, 2])
        chosen = self.numbers[rng.integers(len(self.numbers), size=self.settings["batch"])]
        words = self.words[np.where(rng.random(len(chosen)) < self.settings["caption_dropout"], -1, chosen)]
        batch = {"latents": torch.from_numpy(self.latents.get(chosen)), "words": torch.from_numpy(words)}
        if self.mesh:
            batch["mesh"] = torch.from_numpy(np.stack([mesh_of(self.notes[i]) for i in chosen]))
        return batch


def mesh_of(note: Note, size: int = SIZE_PX) -> np.ndarray:
    """A drawing's landmarks as the ControlNet reads them, uint8 (3, size, size)."""
    from personify.avatar.control import control_image

    assert note.landmarks is not None
    return control_image("mediapipe-mesh", note.landmarks, of_size=SIZE_PX, size=size).transpose(2, 0, 1).copy()


@dataclass(frozen=True)
class Question:
    """What a denoiser is asked: `noisy` latents at `times`; the right `answer` (v); what each sample's error counts."""

    noisy: "torch.Tensor"
    times: "torch.Tensor"
    answer: "torch.Tensor"
    weight: "torch.Tensor"

    def loss(self, said: "torch.Tensor") -> "torch.Tensor":
        """The weighted mean square error."""
        return ((said.float() - self.answer).square().mean((1, 2, 3)) * self.weight).mean()


def ask(
    latents: "torch.Tensor", signal: "torch.Tensor", settings: dict[str, Any], generator: "torch.Generator"
) -> Question:
    """Questions about a batch of latents float32 (n, 2, channels, h, w); `signal` is a^2 at every time (the
    scheduler's `alphas_cumprod`, float32 (T,))."""
    import torch

    n, steps = len(latents), len(signal)
    device = latents.device
    rich, plain = latents[:, RICH], latents[:, PLAIN]
    chance = torch.rand(4, n, generator=generator, device=device)
    guided = chance[0] < settings["guided_share"]
    share = torch.where(guided, chance[1] * settings["guided_most"], chance[1])
    least = share.clamp(min=_GUIDED_LEAST)
    start = least + chance[2] * (settings["guided_most"] - least).clamp(min=0)
    start = torch.where(chance[3] < _FIRST_SHARE, least, start)
    times = (share * steps).long()
    a, s = _shares(signal, times)
    a0, s0 = _shares(signal, torch.maximum((start * steps).long(), times))
    remains = torch.where(guided, ((s / a.clamp(min=1e-6)) * (a0 / s0)).clamp(max=1), 0)
    a, s, remains = (value[:, None, None, None] for value in (a, s, remains))
    noise = torch.randn(rich.shape, generator=generator, device=device)
    noisy = a * (rich + remains * (plain - rich)) + s * noise
    answer = (a * noisy - rich) / s
    worth = (1 + (a / s).square()).flatten()  # an error of v, counted as an error of z, times this
    return Question(noisy, times, answer, worth.clamp(max=settings["snr_limit"]) / worth)


def _shares(signal: "torch.Tensor", times: "torch.Tensor") -> "tuple[torch.Tensor, torch.Tensor]":
    """The signal's and the noise's share at some times."""
    return signal[times].sqrt(), (1 - signal[times]).sqrt()
