"""Sharpness falls with blur and with nothing else."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from personify.avatar.portraits import draw_portrait
from personify.eval.detection.measures import VEIL_PX, sharpness
from personify.eval.gallery import appearance_of

TEXTS = ("an elderly fisherman with a white beard", "a wise owl", "a sour lemon", "a grumpy alarm clock")


@pytest.fixture(scope="module")
def drawn():
    return [draw_portrait(appearance_of(text, 7), seed=7) for text in TEXTS]


def blurred(image, sigma):
    return cv2.GaussianBlur(image, (0, 0), sigma) if sigma else image


def test_it_falls_steadily_with_blur(drawn):
    for portrait in drawn:
        measured = np.array([sharpness(blurred(portrait.image, s), portrait.landmarks) for s in (0, 0.5, 1, 2, 3, 4)])
        assert (np.diff(measured, axis=0) < 0).all()
        assert (measured[-1] < 0.65 * measured[0]).all()


@pytest.mark.parametrize("change", [lambda x: 0.8 * x, lambda x: 1.2 * x, lambda x: x + 25, lambda x: 0.8 * x + 25.6])
def test_brightness_and_contrast_do_not_matter(drawn, change):
    for portrait in drawn:
        other = np.clip(change(portrait.image.astype(float)), 0, 255).astype(np.uint8)
        assert sharpness(other, portrait.landmarks) == pytest.approx(sharpness(portrait.image, portrait.landmarks), 0.1)


def test_the_picture_s_size_does_not_matter(drawn):
    for text, portrait in zip(TEXTS, drawn, strict=True):
        large = draw_portrait(appearance_of(text, 7), seed=7, size=1024)
        assert sharpness(large.image, large.landmarks) == pytest.approx(
            sharpness(portrait.image, portrait.landmarks), rel=0.1
        )


def test_all_drawings_are_about_as_sharp(drawn):
    """What is drawn matters little beside how: a lemon in gouache and a bearded man alike."""
    measured = np.array([sharpness(portrait.image, portrait.landmarks) for portrait in drawn])
    assert (measured.max(0) < 1.25 * measured.min(0)).all()
    soft = np.array([sharpness(blurred(portrait.image, 2), portrait.landmarks) for portrait in drawn])
    assert (soft.max(0) < measured.min(0)).all()


@pytest.mark.parametrize("sigma", [0.5, 2.0, 4.0])
def test_it_is_the_width_of_a_straight_edge(face, sigma):
    """On an upright edge blurred by sigma px the value follows from the edge's whole width by Pythagoras."""
    edge = np.full((512, 512, 3), 60, np.uint8)
    edge[:, 256:] = 200
    edge = cv2.GaussianBlur(edge.astype(np.float32), (0, 0), sigma).round().astype(np.uint8)
    _, lips = sharpness(edge, face)  # the middle of the lips lies on the edge
    assert lips == pytest.approx(VEIL_PX / np.hypot(VEIL_PX, sigma), rel=0.06)


def test_nothing_drawn_is_not_sharp(face):
    flat = np.full((512, 512, 3), 128, np.uint8)
    assert sharpness(flat, face) == (0.0, 0.0)


def test_landmarks_that_are_no_face_are_not_sharp(drawn):
    image, good = drawn[0].image, drawn[0].landmarks
    huge = good.copy()
    huge[61], huge[291] = (-9000, 100), (9000, 100)
    assert sharpness(image, huge)[1] == 0.0 and sharpness(image, huge)[0] > 0
    assert sharpness(image, np.zeros((478, 2))) == (0.0, 0.0)
    assert sharpness(image, np.full((478, 2), np.nan)) == (0.0, 0.0)


@settings(max_examples=30)
@given(
    arrays(np.float32, (478, 3), elements=st.floats(-200, 700, width=32)),
    st.integers(16, 80), st.integers(16, 80), st.integers(0, 255),
)  # fmt: skip
def test_any_landmarks_in_any_picture_give_two_numbers(landmarks, height, width, seed):
    image = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    assert all(np.isfinite(value) and value >= 0 for value in sharpness(image, landmarks))


@pytest.fixture
def face():
    """Landmarks of a face with 128 px between the eyes, its middle at x = 256."""
    portrait = draw_portrait(appearance_of("a man", 1), seed=1)
    points = portrait.landmarks.astype(np.float64)
    right, left = points[[33, 133]].mean(0), points[[263, 362]].mean(0)
    scale = 128 / np.linalg.norm(left - right)
    moved = points * scale
    return moved + (256 - moved[13, 0], 200 - moved[[33, 263], 1].mean())
