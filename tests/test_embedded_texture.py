"""Texture: another grain of the same kind is near, a blur of the very same grain is far."""

import pytest
import torch
from torch.nn import functional

from personify.avatar.embedded.texture import texture_gap


def gap(output, target, seed=0):
    return float(texture_gap(output, target, torch.Generator().manual_seed(seed)).detach())


def grain(seed, side=128):
    return 0.2 * torch.randn((2, 3, side, side), generator=torch.Generator().manual_seed(seed))


def test_another_draw_of_the_same_grain_is_nearer_than_its_blur():
    target = grain(1)
    blurred = functional.avg_pool2d(target, 3, stride=1, padding=1)
    assert gap(target, target) == 0
    assert gap(grain(2), target) < 0.2 * gap(blurred, target)


def test_it_is_where_the_grain_lies_that_counts():
    calm = grain(3) * (torch.arange(128) < 64)
    assert gap(calm.flip(-1), calm) > 5 * gap(grain(4) * (torch.arange(128) < 64), calm)


def test_colours_as_a_whole_do_not_count():
    target = grain(5)
    assert gap(target + 0.5, target) == pytest.approx(0, abs=1e-5)


def test_a_blur_is_led_back_to_grain():
    target = grain(6, 64)
    picture = functional.avg_pool2d(target, 3, stride=1, padding=1).requires_grad_(True)
    optimiser, first = torch.optim.Adam([picture], 0.02), gap(picture, target)
    for step in range(20):
        optimiser.zero_grad()
        texture_gap(picture, target, torch.Generator().manual_seed(step)).backward()
        optimiser.step()
    assert gap(picture, target, seed=99) < 0.5 * first


@pytest.mark.parametrize("size", [(16, 16), (48, 80), (256, 512)])
def test_any_size_is_taken(size):
    assert gap(torch.zeros(1, 3, *size), torch.ones(1, 3, *size)) == pytest.approx(0, abs=1e-5)


def test_the_same_directions_give_the_same_distance():
    assert gap(grain(7), grain(8), seed=3) == gap(grain(7), grain(8), seed=3) != gap(grain(7), grain(8), seed=4)
