"""The outline: found as the drawing knows it, the same every time, and none where nothing is plain."""

import dataclasses

import cv2
import numpy as np
import pytest
from head_parts import portrait_of

from personify.avatar.landmarks import OVAL, inter_ocular
from personify.avatar.outline import outline
from personify.avatar.pose import PoseShape
from personify.avatar.rig import FaceShape, build_rig
from personify.eval.lipsync.seeing import Ground

ARCHETYPES = ("teapot", "woman", "robot", "fox", "apple", "cactus", "bear", "ghost", "man", "pear", "tulip", "clock")


def agreement(found, known):
    return ((found > 127) & (known > 127)).sum() / ((found > 127) | (known > 127)).sum()


def test_drawn_characters_are_found_as_they_were_drawn():
    pairs = [(outline(p.image, p.landmarks), p.mask) for p in map(portrait_of, ARCHETYPES)]
    scores = [0.0 if found is None else agreement(found, known) for found, known in pairs]
    assert np.median(scores) > 0.9, dict(zip(ARCHETYPES, scores, strict=True))
    assert min(score for score in scores if score) > 0.5


@pytest.mark.parametrize("size", [256, 1024])
def test_it_is_as_large_as_its_picture_with_soft_edges(size):
    portrait = portrait_of("woman", size)
    mask = outline(portrait.image, portrait.landmarks)
    assert mask.shape == portrait.mask.shape
    assert mask.dtype == np.uint8
    assert mask.max() == 255
    assert mask.min() == 0
    between = ((mask > 20) & (mask < 235)).mean()
    assert 0 < between < 0.05


def test_the_same_picture_gives_the_same_outline():
    portrait = portrait_of("fox")
    assert np.array_equal(*(outline(portrait.image, portrait.landmarks) for _ in range(2)))


def test_the_face_is_always_within():
    for portrait in map(portrait_of, ARCHETYPES):
        mask = outline(portrait.image, portrait.landmarks)
        face = cv2.fillPoly(np.zeros_like(portrait.mask), [portrait.landmarks[list(OVAL)].astype(np.int32)], (1,)) > 0
        assert mask is None or (mask[face] > 127).mean() > 0.95


def test_nothing_plain_gives_none():
    """A face upon noise has no outline, and the head moves all the same."""
    portrait = portrait_of("woman")
    x, y = portrait.landmarks[list(OVAL)].mean(axis=0).astype(int)
    reach = int(0.7 * inter_ocular(portrait.landmarks))
    noise = np.random.default_rng(0).integers(0, 256, portrait.image.shape, np.uint8)
    noise[y - reach : y + reach, x - reach : x + reach] = portrait.image[y - reach : y + reach, x - reach : x + reach]
    assert outline(noise, portrait.landmarks) is None
    on_noise = dataclasses.replace(portrait, image=noise, mask=None)
    frame = build_rig(on_noise).draw(FaceShape(pose=PoseShape(yaw=10)))
    assert (frame != noise)[y - reach : y + reach, x - reach : x + reach].any()


def test_without_a_mask_the_background_stays_still():
    portrait = portrait_of("woman")
    bare = dataclasses.replace(portrait, mask=None)
    frame = build_rig(bare).draw(FaceShape(pose=PoseShape(3, -3, 2, 0.03, 0.02)))
    reach = int(0.3 * inter_ocular(portrait.landmarks)) * 2 + 1
    away = cv2.dilate(portrait.mask, np.ones((reach, reach), np.uint8)) == 0
    assert np.abs(frame.astype(int) - portrait.image)[away].max() <= 2


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("archetype", ["robot", "fox"])
def test_nothing_outside_the_character_changes(archetype, bare):
    """Beyond the 2 px of the mask's antialiased edge, at rest and as moved; where the head was, no line of it stays."""
    portrait = dataclasses.replace(portrait_of(archetype), mask=None) if bare else portrait_of(archetype)
    ground, rig = Ground(portrait), build_rig(portrait)
    for pose in (PoseShape(14, 10, 12, 0.1, 0.1, 1), PoseShape(-14, -10, -12, -0.1, -0.1, -1), PoseShape(2, 1, -1)):
        change, area = ground.look(rig.draw(FaceShape(pose=pose)), pose)
        assert change is not None
        assert change <= 2
        assert area > 0


def test_a_found_outline_leaves_nothing_of_the_character_out():
    """What is left out would stand still beside the moving head."""
    for archetype in ("woman", "fox", "bear"):
        portrait = portrait_of(archetype)
        found = outline(portrait.image, portrait.landmarks)
        assert ((found < 8) & (portrait.mask > 247)).sum() < 0.02 * (portrait.mask > 127).sum()
