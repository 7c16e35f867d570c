"""In whose style is a picture? A small convolutional network that learns from drawings and has seen them worn.

It sees crops of held-out rich drawings, blurred, sharpened, mottled, grainy and recoloured at random, since a style is
more than its sharpness and its palette; never an expert's pictures, so that an expert can't teach its own judge.
Strided convolutions with batch normalisation (Ioffe and Szegedy 2015), then the mean and the deviation of every feature
over the picture: statistics of texture, as in Gatys, Ecker and Bethge 2015.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

_WIDTHS = ((24, 2), (24, 1), (48, 2), (96, 2), (128, 2))
"""Features and stride of each convolution."""
_EPOCHS = 40
_BATCH = 32
_CROP = 0.6
"""The share of a picture's side that one lesson shows."""
_PEAK_RATE = 4e-3
_LOOK = 16
"""So many pictures are judged at once."""


@dataclass(frozen=True)
class StyleJudge:
    """What was learnt: `classes` (k,) names, and the network's `weights` by name."""

    classes: np.ndarray
    weights: dict[str, np.ndarray]

    def predict(self, images: np.ndarray) -> np.ndarray:
        """The style of each picture, uint8 RGB (m, S, S, 3), S as in its lessons."""
        import torch

        net = _network(len(self.classes))
        net.load_state_dict({name: torch.from_numpy(value) for name, value in self.weights.items()})
        net.eval()
        with torch.inference_mode():
            scores = [net(_pixels(images[at : at + _LOOK])) for at in range(0, len(images), _LOOK)]
        found: np.ndarray = self.classes[torch.cat(scores).argmax(1).numpy()]
        return found


def train_styles(images: np.ndarray, styles: Sequence[str], *, steps: int | None = None, seed: int = 0) -> StyleJudge:
    """A judge that has learnt from pictures, uint8 RGB (n, S, S, 3), and the style of each.

    `steps` of training, by default forty times through all pictures. Same arguments, versions and number of threads,
    same judge; torch's own random numbers are left as they were.
    """
    import torch

    classes, answers = np.unique(np.asarray(styles, np.str_), return_inverse=True)
    many = steps or max(10, math.ceil(len(images) * _EPOCHS / _BATCH))
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = _network(len(classes)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimizer = torch.optim.AdamW(net.parameters(), weight_decay=0.02)
        rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, _PEAK_RATE, total_steps=many)
        for _ in range(many):
            chosen = rng.choice(len(images), _BATCH, replace=len(images) < _BATCH)
            seen = _worn(_pixels(_crops(images, chosen, rng))).contiguous(memory_format=torch.channels_last)
            answer = torch.from_numpy(answers[chosen])
            loss = torch.nn.functional.cross_entropy(net(seen), answer, label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rates.step()
    return StyleJudge(classes, {name: value.contiguous().numpy() for name, value in net.state_dict().items()})


def _network(classes: int) -> "torch.nn.Module":
    from torch import nn

    layers: list[nn.Module] = []
    before = 3
    for width, stride in _WIDTHS:
        layers += [nn.Conv2d(before, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        before = width
    return nn.Sequential(*layers, _statistics(), nn.Dropout(0.3), nn.Linear(2 * before, classes))


def _statistics() -> "torch.nn.Module":
    import torch

    class Statistics(torch.nn.Module):
        """Means and standard deviations over the picture, (n, c, h, w) to (n, 2 c)."""

        def forward(self, features: torch.Tensor) -> torch.Tensor:
            return torch.cat([features.mean((2, 3)), features.std((2, 3))], 1)

    return Statistics()


def _pixels(images: np.ndarray) -> "torch.Tensor":
    """float32 (n, 3, H, W) in [0, 1]."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 255


def _crops(images: np.ndarray, chosen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A square of each chosen picture, somewhere in it, mirrored every other time."""
    whole = images.shape[1]
    side = min(whole, max(16, int(whole * _CROP) // 16 * 16))
    crops = []
    for index in chosen:
        y, x = rng.integers(0, whole - side + 1, 2)
        crop = images[index, y : y + side, x : x + side]
        crops.append(crop[:, ::-1] if rng.random() < 0.5 else crop)
    return np.stack(crops)


def _worn(pictures: "torch.Tensor") -> "torch.Tensor":
    """Blurred or sharpened, mottled and grainy in fields of several sizes, and recoloured; eight at a time alike."""
    import torch

    worn = []
    for some in pictures.split(8):
        soft = _blurred(some, _between(0, 1.4))
        spoilt = soft + _mottle(soft)
        if _between(0, 1) < 0.3:
            spoilt = spoilt + _between(0.2, 0.8) * (spoilt - torch.nn.functional.avg_pool2d(spoilt, 3, 1, 1))
        gain, lift = (torch.randn(len(some), 3, 1, 1) for _ in range(2))
        worn.append(((spoilt - 0.5) * (1 + 0.15 * gain) + 0.5 + 0.07 * lift).clamp(0, 1))
    return torch.cat(worn)


def _mottle(pictures: "torch.Tensor") -> "torch.Tensor":
    """Noise in fields of 1 to 16 px, mostly coloured, some sizes of it and more or less of each."""
    import torch

    count, _, height, width = pictures.shape
    noise = torch.zeros_like(pictures)
    for field in (1, 2, 4, 8, 16):
        if _between(0, 1) < 0.6:
            channels = 3 if _between(0, 1) < 0.7 else 1
            small = torch.randn(count, channels, max(height // field, 2), max(width // field, 2))
            large = torch.nn.functional.interpolate(small, (height, width), mode="bilinear")
            noise = noise + _between(0, 0.05) * large
    return noise


def _blurred(pictures: "torch.Tensor", sigma: float, reach: int = 3) -> "torch.Tensor":
    """By a Gaussian of `sigma` pixels; below 0.3 there is nothing to see."""
    import torch

    if sigma < 0.3:
        return pictures
    bell = torch.exp(-(torch.arange(-reach, reach + 1.0) ** 2) / (2 * sigma**2))
    bell = (bell / bell.sum()).expand(3, 1, 1, -1)
    padded = torch.nn.functional.pad(pictures, (reach,) * 4, mode="reflect")
    along = torch.nn.functional.conv2d(padded, bell, groups=3)
    return torch.nn.functional.conv2d(along, bell.transpose(2, 3), groups=3)


def _between(low: float, high: float) -> float:
    """By torch's random numbers."""
    import torch

    return low + (high - low) * float(torch.rand(()))
