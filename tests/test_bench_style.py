"""The judge of style: learns textures, tells them worn and recoloured, and is the same judge every time."""

import cv2
import numpy as np
import pytest
import torch

from personify.eval.style import train_styles

pytestmark = pytest.mark.slow

STYLES = ("dotted", "flat", "striped")


def picture(style: str, seed: int) -> np.ndarray:
    """64 px of a texture in any two colours, uint8 RGB."""
    rng = np.random.default_rng([STYLES.index(style), seed])
    y, x = np.mgrid[:64, :64] + rng.integers(0, 8)
    striped, dotted = x // 4 % 2, (x // 4 % 2) * (y // 4 % 2)
    over = {"striped": striped, "dotted": dotted, "flat": (x + y) // 64 % 2}[style]
    two = rng.integers(40, 216, (2, 3))
    return np.where(over[..., None] > 0, two[0], two[1]).astype(np.uint8)


def lessons(count: int, first: int = 0) -> tuple[np.ndarray, list[str]]:
    names = [STYLES[k % 3] for k in range(count)]
    return np.stack([picture(name, first + k) for k, name in enumerate(names)]), names


@pytest.fixture(scope="module")
def trained():
    return train_styles(*lessons(96), steps=150)


def test_textures_are_told_whatever_their_colours(trained):
    images, names = lessons(60, first=1000)
    assert np.mean(trained.predict(images) == names) >= 0.9


def test_they_are_told_when_soft_and_mottled(trained):
    images, names = lessons(60, first=2000)
    noise = np.random.default_rng(0).normal(0, 8, images.shape)
    worn = np.stack([cv2.GaussianBlur(image, (0, 0), 1.0) for image in images]) + noise
    assert np.mean(trained.predict(np.clip(worn, 0, 255).astype(np.uint8)) == names) >= 0.8


def test_the_same_lessons_make_the_same_judge_and_touch_nobody_s_chance(one_thread):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, second = (train_styles(*lessons(12), steps=10) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all((first.weights[name] == second.weights[name]).all() for name in first.weights)
