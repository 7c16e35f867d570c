"""The mouth: each shape does what it says on real drawn faces, and nothing moves that shouldn't."""

import dataclasses

import numpy as np
import pytest
from head_parts import portrait_of
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from personify.avatar.experts import shared_detector
from personify.avatar.faceframe import FaceFrame
from personify.avatar.mouth import Mouth, MouthShape
from personify.avatar.mouth_interior import eye_white
from personify.avatar.rig import FaceShape, build_rig

ARCHETYPES = ("teapot", "woman", "robot")
SHARE = st.floats(0, 1, width=32)
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
SHAPES = st.builds(
    MouthShape,
    jaw=SHARE, press=SHARE, wide=SHARE, round=SHARE, upper_lip=SHARE, tuck=SHARE, tongue=SHARE,
    smile=st.floats(-1, 1, width=32),
)  # fmt: skip


def mouth_of(portrait):
    return Mouth(portrait.image, portrait.landmarks, FaceFrame.of(portrait.landmarks))


def seen(portrait, **shape):
    """A detector's landmarks (478, 2) in face units of the portrait, on a frame with that mouth."""
    frame = build_rig(portrait).draw(FaceShape(MouthShape(**shape)))
    return FaceFrame.of(portrait.landmarks).to_face(shared_detector().find(frame)[:, :2])


def width(points):
    return points[291, 0] - points[61, 0]


def corners_above_middle(points):
    return points[[13, 14], 1].mean() - points[[61, 291], 1].mean()


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_at_rest_the_mouth_is_the_portraits_own(archetype):
    portrait = portrait_of(archetype)
    mouth = mouth_of(portrait)
    assert np.array_equal(mouth.draw(MouthShape()), portrait.image[mouth.window])


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_a_smile_lifts_the_corners_and_a_frown_lowers_them(archetype):
    portrait = portrait_of(archetype)
    sad, rest, glad = (corners_above_middle(seen(portrait, smile=smile)) for smile in (-1, 0, 1))
    assert glad > rest + 0.02
    assert sad < rest - 0.02


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_rounding_narrows_the_mouth_and_spreading_widens_it(archetype):
    portrait = portrait_of(archetype)
    rounded, rest, wide = width(seen(portrait, round=1, jaw=0.2)), width(seen(portrait)), width(seen(portrait, wide=1))
    assert rounded < 0.9 * rest
    assert wide > 1.01 * rest


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_pressed_lips_are_thinner(archetype):
    portrait = portrait_of(archetype)
    pressed, rest = (np.ptp(seen(portrait, press=press)[[0, 17], 1]) for press in (1, 0))
    assert pressed < 0.93 * rest


def test_on_f_the_teeth_rest_on_the_lower_lip():
    """Between the lips there are teeth down to the lower lip, and nothing dark below them."""
    portrait = portrait_of("woman")
    mouth = mouth_of(portrait)
    drawn = mouth.draw(MouthShape(tuck=1, jaw=0.04)).astype(int)
    rows, columns = mouth.window
    x, y = portrait.landmarks[[13, 14]].mean(axis=0).round().astype(int)
    column = drawn[y - rows.start - 6 : y - rows.start + 6, x - columns.start]
    teeth = np.flatnonzero(column.min(axis=1) > 110)
    assert teeth.size >= 2
    assert np.ptp(teeth) == teeth.size - 1, "one unbroken row"


@pytest.mark.parametrize("archetype", ["woman", "teapot", "robot", "pirate"])
def test_teeth_are_about_as_white_as_the_eyes(archetype):
    portrait = portrait_of(archetype)
    frame = build_rig(portrait).draw(FaceShape(MouthShape(jaw=0.5, wide=0.5)))
    changed = np.abs(frame.astype(int) - portrait.image).max(axis=2) > 12
    inside = frame[changed].astype(float)
    brightest = np.percentile(inside.min(axis=1), 99)
    white = eye_white(portrait.image, portrait.landmarks).mean()
    assert 0.6 * white < brightest < 1.1 * white


def test_a_mouth_that_was_drawn_open_shuts_when_it_must_and_stays_open_at_rest():
    opened = build_rig(portrait_of("woman")).draw(FaceShape(MouthShape(jaw=0.5)))
    points = shared_detector().find(opened)
    portrait = dataclasses.replace(portrait_of("woman"), image=opened, landmarks=points[:, :2], depth=points[:, 2])
    own = np.ptp(seen(portrait)[[13, 14], 1])
    assert own > 0.1
    assert np.ptp(seen(portrait, press=1)[[13, 14], 1]) < 0.25 * own
    mouth = mouth_of(portrait)
    barely = mouth.draw(MouthShape(jaw=0.004)).astype(int)
    assert np.abs(barely - opened[mouth.window]).mean() < 1.5, "no jump when speech begins"


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_small_steps_make_small_changes(archetype):
    mouth = mouth_of(portrait_of(archetype))
    last = mouth.draw(MouthShape()).astype(int)
    for jaw in np.linspace(0.05, 1, 20):
        drawn = mouth.draw(MouthShape(jaw=float(jaw))).astype(int)
        assert np.abs(drawn - last).mean() < 4
        last = drawn


@settings(max_examples=12, deadline=None, phases=NO_SHRINKING)
@given(shape=SHAPES)
def test_no_shape_reaches_the_windows_rim(shape):
    """The rim is the portrait's own, so no seam shows there; the same shape gives the same bytes."""
    portrait = portrait_of("teapot")
    mouth = mouth_of(portrait)
    drawn, own = mouth.draw(shape), portrait.image[mouth.window].astype(int)
    assert drawn.shape == own.shape
    assert drawn.dtype == np.uint8
    for rim in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        assert np.abs(drawn[rim] - own[rim]).max() <= 2
    assert np.array_equal(drawn, mouth_of(portrait_of("teapot")).draw(shape))


@settings(max_examples=12, deadline=None, phases=NO_SHRINKING)
@given(shape=SHAPES, dx=st.integers(-150, 150), dy=st.integers(-150, 150))
def test_a_face_that_leaves_the_picture_is_drawn_as_far_as_it_is_seen(shape, dx, dy):
    portrait = portrait_of("woman")
    landmarks = portrait.landmarks + np.float32([dx, dy])
    mouth = Mouth(portrait.image, landmarks, FaceFrame.of(landmarks))
    assert mouth.draw(shape).shape == portrait.image[mouth.window].shape


def test_what_was_drawn_before_makes_no_difference():
    portrait = portrait_of("woman")
    mouth, talk, smile = mouth_of(portrait), MouthShape(jaw=0.5, round=0.3), MouthShape(smile=0.5)
    first = [mouth.draw(shape).copy() for shape in (talk, smile, talk, talk)]
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(first[0], first[3])
    assert np.array_equal(first[1], mouth_of(portrait).draw(smile))
    assert not np.array_equal(first[0], first[1])
