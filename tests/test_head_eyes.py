"""The eyes: lids shut wholly, a gaze goes where it is asked to, spectacles stay, blank eyes are left alone."""

import dataclasses

import cv2
import numpy as np
import pytest
from head_parts import lined, portrait_of
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from personify.avatar.brief import AppearanceBrief
from personify.avatar.experts import shared_detector
from personify.avatar.eyes import Eyes, EyeShape
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import LEFT_EYE_LOWER, LEFT_EYE_UPPER, RIGHT_EYE_LOWER, RIGHT_EYE_UPPER
from personify.avatar.sketch.draw import draw

ARCHETYPES = ("teapot", "woman", "robot")
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
OPENINGS = ((*RIGHT_EYE_UPPER, *RIGHT_EYE_LOWER[::-1]), (*LEFT_EYE_UPPER, *LEFT_EYE_LOWER[::-1]))
SHAPES = st.builds(
    EyeShape,
    blink=st.floats(0, 1), squint=st.floats(0, 1), gaze_x=st.floats(-25, 25), gaze_y=st.floats(-25, 25),
)  # fmt: skip


def eyes_of(image, landmarks):
    return Eyes(image, landmarks, FaceFrame.of(landmarks))


def drawn(portrait, **shape):
    picture = portrait.image.copy()
    eyes_of(portrait.image, portrait.landmarks).draw(picture, EyeShape(**shape))
    return picture


def opening(portrait, grown_px=0):
    """Where the eyes are open, bool (H, W)."""
    cover = np.zeros(portrait.image.shape[:2], np.uint8)
    for numbers in OPENINGS:
        cv2.fillPoly(cover, [portrait.landmarks[list(numbers)].round().astype(np.int32)], (1.0,))
    return cv2.dilate(cover, np.ones((2 * grown_px + 1,) * 2, np.uint8)) > 0


def irises(image):
    """A detector's iris centres against the eyes' corners, in radii of the iris, right in the picture and down."""
    points = shared_detector().find(image)[:, :2]
    frame = FaceFrame.of(points)
    found = []
    for iris, corners in ((468, (33, 133)), (473, (263, 362))):
        radius = np.linalg.norm(points[iris + 1 : iris + 5] - points[iris], axis=1).mean() / frame.unit_px
        found.append(frame.to_face(points[iris] - points[list(corners)].mean(axis=0) + frame.origin) / radius)
    return np.mean(found, axis=0)


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_at_rest_nothing_changes(archetype):
    assert np.array_equal(drawn(portrait_of(archetype)), portrait_of(archetype).image)


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_shut_lids_leave_no_white_and_no_iris(archetype):
    portrait = portrait_of(archetype)
    shut = drawn(portrait, blink=1)
    within = cv2.erode(opening(portrait).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    lids = shut[within].astype(int)
    skin = portrait.image[tuple(portrait.landmarks[[50, 280]].round().astype(int).T[::-1])].astype(int).max(axis=0)
    assert (lids <= skin + 45).all(), "nothing brighter than lit skin"
    colourful = np.abs(lids - np.median(lids, axis=0)).max(axis=1) > 60
    assert (colourful & (lids.min(axis=1) > 90)).mean() < 0.02, "what isn't lid is lashes"


@pytest.mark.parametrize("wider", [0.0, 0.08])
def test_a_thick_line_comes_down_with_the_lid(wider):
    """Also where it goes on beyond the eye's corners."""
    portrait = portrait_of("teapot")
    dark = lined(portrait, wider)
    shut = drawn(dark, blink=1)
    line_px = (dark.image != portrait.image).any(axis=2) & (dark.image.max(axis=2) < 40) & ~opening(portrait, 1)
    assert line_px.sum() > 100
    assert (shut[line_px].max(axis=1) < 70).mean() < 0.25, "little of it is where it was, but at its ends"
    assert (shut.max(axis=2) < 70)[opening(portrait, 3)].mean() > 0.05, "it lies along the shut lids"


@pytest.mark.parametrize("archetype", ARCHETYPES)
@pytest.mark.parametrize("thick", [0.03, 0.08])
@pytest.mark.parametrize("slope", [-0.3, 0.0, 0.3])
def test_what_goes_on_beside_an_eye_stays_as_it_is(archetype, thick, slope):
    """The strap of a mask, the arm of spectacles or hair that touches the eye's outer corner isn't part of it."""
    portrait = portrait_of(archetype)
    unit = FaceFrame.of(portrait.landmarks).unit_px
    barred, beyond = portrait.image.copy(), np.zeros(portrait.image.shape[:2], bool)
    for corner, outward in ((33, -1), (263, 1)):
        start = portrait.landmarks[corner].astype(float)
        ends = np.stack([start, start + np.array([outward, slope]) * 0.45 * unit]).round().astype(int)
        cv2.line(barred, tuple(ends[0]), tuple(ends[1]), (14, 12, 20), round(thick * unit), cv2.LINE_AA)
        beyond |= outward * (np.arange(portrait.image.shape[1]) - start[0]) > 0.025 * unit
    bar = beyond & (barred != portrait.image).any(axis=2)
    shut = drawn(dataclasses.replace(portrait, image=barred), blink=1)
    away = np.abs(shut.astype(int) - barred).max(axis=2)
    dark = bar & (barred.max(axis=2) < 40)
    assert dark.sum() > 100
    assert away[dark].max() < 25
    assert np.percentile(away[bar], 98) < 25, "its rim neither"
    assert np.abs(drawn(portrait, blink=1).astype(int) - shut).max(axis=2)[opening(portrait)].mean() < 12, "the lid is"


@pytest.mark.parametrize("archetype", ARCHETYPES)
@pytest.mark.parametrize("apart", [0.0, 0.03])
def test_hair_beside_an_eye_stays_as_it_is(archetype, apart):
    """A curtain of it, or a hood, that hangs down close to the eye's outer corner."""
    portrait = portrait_of(archetype)
    unit = FaceFrame.of(portrait.landmarks).unit_px
    haired = portrait.image.copy()
    within = np.ones(haired.shape[:2], bool)
    for corner, outward in ((33, -1), (263, 1)):
        away = outward * (np.arange(haired.shape[1]) - portrait.landmarks[corner, 0])
        haired[:, away > apart * unit] = (30, 20, 16)
        within &= away <= max(apart, 0.02) * unit + 2
    away = np.abs(drawn(dataclasses.replace(portrait, image=haired), blink=1).astype(int) - haired).max(axis=2)
    assert away[~within].max() < 25
    assert away[opening(portrait)].mean() > 40, "while the lids are shut"


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_a_detector_sees_the_gaze_that_was_asked_for(archetype):
    portrait = portrait_of(archetype)
    rest = irises(portrait.image)
    asked = np.array([-20, -10, 10, 20])
    across = [irises(drawn(portrait, gaze_x=float(a)))[0] - rest[0] for a in asked]
    meant = 2.05 * np.sin(np.radians(asked))
    assert np.corrcoef(across, meant)[0, 1] > 0.97
    assert 0.6 < np.polyfit(meant, across, 1)[0] < 1.4
    up, down = (irises(drawn(portrait, gaze_y=a))[1] - rest[1] for a in (-12.0, 12.0))
    assert up < 0 < down


def test_a_gaze_moves_only_what_is_in_the_eyes_opening():
    portrait = portrait_of("woman")
    changed = (drawn(portrait, gaze_x=18.0) != portrait.image).any(axis=2)
    assert changed[opening(portrait)].any()
    assert not changed[~opening(portrait, 2)].any()


def test_the_upper_lid_follows_a_look_down():
    portrait = portrait_of("woman")
    above = (drawn(portrait, gaze_y=15.0) != portrait.image).any(axis=2)[~opening(portrait, 2)]
    assert above.sum() > 50


def test_eyes_without_an_iris_are_left_alone():
    portrait = portrait_of("woman")
    image = portrait.image.copy()
    image[opening(portrait, 3)] = (70, 70, 74)
    eyes = eyes_of(image, portrait.landmarks)
    assert not eyes.gaze_moves
    picture = image.copy()
    eyes.draw(picture, EyeShape(gaze_x=20.0, gaze_y=10.0))
    assert np.array_equal(picture, image)


def test_a_squint_raises_the_lower_lid_and_leaves_the_upper_one():
    portrait = portrait_of("woman")
    squint = (drawn(portrait, squint=1.0) != portrait.image).any(axis=2)
    for upper, lower in ((159, 145), (386, 374)):
        (x, top), (_, bottom) = portrait.landmarks[[upper, lower]].round().astype(int)
        assert squint[bottom - (bottom - top) // 5 : bottom, x].all()
        assert not squint[: top + (bottom - top) // 4, x].any()


def test_spectacles_stay_where_they_are():
    def brief(*worn):
        return AppearanceBrief(
            concept="woman", category="people", archetype="woman", gender="feminine", accessories=worn
        )

    plain, spectacled = (draw(brief(*worn), seed=9, style="comic") for worn in ((), ("glasses",)))
    landmarks = shared_detector().find(spectacled.image)[:, :2]
    rims = np.abs(plain.image.astype(int) - spectacled.image).max(axis=2) > 60
    eye_zone = np.zeros(rims.shape, np.uint8)
    for eye in OPENINGS:
        cv2.fillPoly(eye_zone, [landmarks[list(eye)].round().astype(np.int32)], (1.0,))
    rims &= cv2.dilate(eye_zone, np.ones((17, 17), np.uint8)) == 0
    picture = spectacled.image.copy()
    eyes_of(picture, landmarks).draw(picture, EyeShape(blink=1.0))
    moved = np.abs(picture.astype(int) - spectacled.image).max(axis=2) > 40
    assert rims.sum() > 100
    assert moved[rims].mean() < 0.08


def test_closing_is_smooth_from_the_first_to_the_last_frame():
    portrait = portrait_of("teapot")
    last = portrait.image.astype(int)
    for blink in np.linspace(0.1, 1, 10):
        picture = drawn(portrait, blink=float(blink)).astype(int)
        assert np.abs(picture - last).mean() < 2.0
        last = picture


@settings(max_examples=12, deadline=None, phases=NO_SHRINKING)
@given(shape=SHAPES, dx=st.integers(-150, 150), dy=st.integers(-150, 150))
def test_any_shape_changes_only_its_windows(shape, dx, dy):
    portrait = portrait_of("robot")
    landmarks = portrait.landmarks + np.float32([dx, dy])
    eyes = eyes_of(portrait.image, landmarks)
    picture = portrait.image.copy()
    eyes.draw(picture, shape)
    for window in eyes.windows:
        picture[window] = portrait.image[window]
    assert np.array_equal(picture, portrait.image)
