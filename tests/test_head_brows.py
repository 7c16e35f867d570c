"""The brows: they go where they are asked to, without folds, and what lies over them stays."""

from functools import cache

import numpy as np
import pytest
from head_parts import portrait_of
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from personify.avatar.brief import AppearanceBrief
from personify.avatar.brows import Brows, BrowShape
from personify.avatar.experts import shared_detector
from personify.avatar.faceframe import FaceFrame
from personify.avatar.portraits import draw_portrait

ARCHETYPES = ("teapot", "woman", "robot")
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
SHAPES = st.builds(BrowShape, lift=st.floats(-1, 1), inner=st.floats(-1, 1))
CENTRES, INNER_ENDS, OUTER_ENDS = ([105, 52, 334, 282], [107, 55, 336, 285], [70, 46, 300, 276])


def brows_of(portrait):
    return Brows(portrait.image, portrait.landmarks, FaceFrame.of(portrait.landmarks))


@cache
def brows_of_woman():
    return brows_of(portrait_of("woman"))


def drawn(portrait, **shape):
    picture = portrait.image.copy()
    brows_of(portrait).draw(picture, BrowShape(**shape))
    return picture


def heights(portrait, numbers, **shape):
    """How high a detector sees those points above the eyes' line, eye distances."""
    points = shared_detector().find(drawn(portrait, **shape))[:, :2]
    return -FaceFrame.of(points).to_face(points[numbers])[:, 1].mean()


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_at_rest_nothing_changes(archetype):
    assert np.array_equal(drawn(portrait_of(archetype)), portrait_of(archetype).image)


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_a_detector_sees_brows_lift_and_sink(archetype):
    portrait = portrait_of(archetype)
    low, rest, high = (heights(portrait, CENTRES, lift=lift) for lift in (-1.0, 0.0, 1.0))
    assert low < rest - 0.01
    assert high > rest + 0.02


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_inner_ends_tilt_the_brows(archetype):
    portrait = portrait_of(archetype)

    def tilt(inner):
        return heights(portrait, INNER_ENDS, inner=inner) - heights(portrait, OUTER_ENDS, inner=inner)

    assert tilt(-1.0) < tilt(0.0) < tilt(1.0)
    assert tilt(1.0) - tilt(-1.0) > 0.03


@settings(max_examples=12, deadline=None, phases=NO_SHRINKING)
@given(shape=SHAPES)
def test_nothing_folds_and_only_the_window_changes(shape):
    """Where pixels come from always grows downwards: measured by moving a picture of its own coordinates."""
    rows_of_pixels = np.mgrid[0:512, 0:512][0].astype(np.float32)
    brows, came_from = brows_of_woman(), rows_of_pixels.copy()
    brows.draw(came_from, shape)
    window = brows.windows[0]
    assert np.diff(came_from[window], axis=0).min() > -0.05
    came_from[window] = rows_of_pixels[window]
    assert np.array_equal(came_from, rows_of_pixels)


def test_a_hat_over_the_brows_stays():
    portrait = draw_portrait(
        AppearanceBrief(concept="pirate", category="people", archetype="pirate", gender="masculine"), seed=10, size=512
    )
    frame = FaceFrame.of(portrait.landmarks)
    u, v = frame.grid((slice(0, 512), slice(0, 512)))
    top = frame.to_face(portrait.landmarks[[105, 334]])[:, 1].min()
    skin = np.median(portrait.image[(np.abs(u) < 0.4) & (v > top - 0.1) & (v < top - 0.05)].astype(int), axis=0)
    strange = np.abs(portrait.image.astype(int) - skin).max(axis=2) > 110
    hat = strange & (v < top - 0.15) & (v > top - 0.6)
    assert hat.any()
    moved = np.abs(drawn(portrait, lift=1.0).astype(int) - portrait.image).max(axis=2) > 40
    assert moved[hat].mean() < 0.03


def test_spectacles_against_the_brows_stay():
    portrait = draw_portrait(
        AppearanceBrief(concept="owl", category="animals", archetype="owl", accessories=("glasses",)), seed=6, size=512
    )
    moved = np.abs(drawn(portrait, lift=1.0).astype(int) - portrait.image).max(axis=2)
    eyes = portrait.landmarks[[159, 386]].round().astype(int)
    for x, y in eyes:
        assert moved[y - 25 : y, x - 12 : x + 12].max() < 60


@settings(max_examples=12, deadline=None, phases=NO_SHRINKING)
@given(shape=SHAPES, dx=st.integers(-150, 150), dy=st.integers(-150, 150))
def test_a_face_that_leaves_the_picture_is_drawn_as_far_as_it_is_seen(shape, dx, dy):
    portrait = portrait_of("robot")
    landmarks = portrait.landmarks + np.float32([dx, dy])
    picture = portrait.image.copy()
    Brows(portrait.image, landmarks, FaceFrame.of(landmarks)).draw(picture, shape)
    assert picture.shape == portrait.image.shape
