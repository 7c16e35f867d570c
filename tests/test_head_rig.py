"""The rig: at rest it is the portrait; lips part without folds, lids shut, the background stays still."""

import dataclasses

import numpy as np
import pytest
from head_parts import portrait_of, speech_of

from personify.avatar.animation import animate
from personify.avatar.experts import shared_detector
from personify.avatar.eyes import EyeShape
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import inter_ocular
from personify.avatar.mouth import MouthShape
from personify.avatar.pose import Pose, PoseShape
from personify.avatar.rig import FaceShape, build_rig
from personify.voices.errors import PersonifyError

ARCHETYPES = ("teapot", "woman", "robot")
LARGEST = PoseShape(yaw=4, pitch=-4, roll=2.5, shift_x=0.03, shift_y=0.02, breath=1)


def gap(image):
    points = shared_detector().find(image)
    return float(np.linalg.norm(points[14, :2] - points[13, :2])) / inter_ocular(points)


def changed(image, portrait):
    return np.abs(image.astype(int) - portrait.image).max(axis=2)


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_at_rest_it_is_the_portrait_to_the_byte(archetype):
    portrait = portrait_of(archetype)
    assert np.array_equal(build_rig(portrait).draw(FaceShape()), portrait.image)


def test_leaving_rest_does_not_pop():
    portrait = portrait_of("woman")
    frame = build_rig(portrait).draw(FaceShape(pose=PoseShape(yaw=0.001)))
    assert changed(frame, portrait).mean() < 0.3
    assert changed(frame, portrait).max() < 40


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_a_detector_sees_the_lips_part_as_they_are_meant_to(archetype):
    rig = build_rig(portrait_of(archetype))
    jaws = np.linspace(0, 1, 6)
    seen = [gap(rig.draw(FaceShape(MouthShape(jaw=float(jaw))))) for jaw in jaws]
    assert np.corrcoef(jaws, seen)[0, 1] > 0.95
    assert seen[-1] > 0.2


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_pressed_lips_leave_no_gap(archetype):
    rig = build_rig(portrait_of(archetype))
    widest = gap(rig.draw(FaceShape(MouthShape(jaw=1))))
    assert gap(rig.draw(FaceShape(MouthShape(press=1, upper_lip=0.5)))) < 0.1 * widest


def test_the_mouth_opens_onto_dark_and_teeth_not_onto_stretched_lips():
    portrait = portrait_of("woman")
    frame = build_rig(portrait).draw(FaceShape(MouthShape(jaw=0.9)))
    x, y = portrait.landmarks[[13, 14]].mean(axis=0)
    reach = int(0.3 * inter_ocular(portrait.landmarks))
    column = frame[int(y) - 4 : int(y) + reach, int(x)].astype(int)
    assert column.min(axis=0).sum() < 160, "a dark cavity"
    assert column.min(axis=1).max() > 110, "teeth, lit like the face"


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_shut_lids_hide_the_eyes(archetype):
    portrait = portrait_of(archetype)
    frame = build_rig(portrait).draw(FaceShape(eyes=EyeShape(blink=1)))
    skin = portrait.image[tuple(portrait.landmarks[[50, 280]].round().astype(int).T[::-1])].astype(int)
    for eye in (468, 473):
        x, y = portrait.landmarks[eye].round().astype(int)
        lid = frame[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).mean(axis=0)
        assert np.abs(lid - skin).max(axis=1).min() < 75, "the lid has the skin's colour"
        assert changed(frame, portrait)[y - 3 : y + 4, x - 3 : x + 4].max() > 40, "the iris is gone"


def test_a_lid_on_white_skin_does_not_wrap_around():
    white = portrait_of("ghost")
    frame = build_rig(white).draw(FaceShape(eyes=EyeShape(blink=1))).astype(int)
    for eye in (468, 473):
        x, y = white.landmarks[eye].round().astype(int)
        patch = frame[y - 8 : y + 9, x - 8 : x + 9]
        assert np.ptp(patch, axis=2).max() < 120, "no garish pixel"


@pytest.mark.parametrize("sign", [1, -1])
def test_the_warp_never_folds(sign):
    """Where pixels come from always grows along both axes: measured by moving a picture of its own coordinates."""
    portrait = portrait_of("teapot")
    turned = PoseShape(*(sign * value for value in dataclasses.astuple(LARGEST)))
    pose = Pose(portrait.image, portrait.landmarks, portrait.depth, None, FaceFrame.of(portrait.landmarks))
    for axis, coordinate in enumerate(np.mgrid[0:512, 0:512].astype(np.float32)):
        came_from = pose.move(coordinate, turned)[48:-48, 48:-48]
        slope = np.diff(came_from, axis=axis)
        assert slope.min() > 0.4
        assert slope.max() < 1.8


def test_away_from_the_character_nothing_moves():
    import cv2

    portrait = portrait_of("teapot")
    reach = int(0.25 * inter_ocular(portrait.landmarks)) * 2 + 1
    away = cv2.dilate(portrait.mask, np.ones((reach, reach), np.uint8)) == 0
    frame = build_rig(portrait).draw(FaceShape(MouthShape(jaw=1), LARGEST, EyeShape(blink=1)))
    assert away.any()
    assert changed(frame, portrait)[away].max() <= 2


@pytest.mark.parametrize("size", [(512, 512), (400, 512), (511, 403)])
def test_any_size_of_picture(size):
    portrait = portrait_of("woman")
    rows, columns = size
    cut = dataclasses.replace(portrait, image=portrait.image[:rows, :columns], mask=portrait.mask[:rows, :columns])
    assert build_rig(cut).draw(FaceShape(MouthShape(jaw=1), LARGEST, EyeShape(blink=0.5))).shape == (rows, columns, 3)


@pytest.mark.parametrize("size", [256, 1024])
def test_small_and_large_portraits_speak(size):
    rig = build_rig(portrait_of("robot", size))
    assert gap(rig.draw(FaceShape(MouthShape(jaw=1)))) > 0.2


def test_without_mask_and_depth_it_still_speaks():
    bare = dataclasses.replace(portrait_of("teapot"), mask=None, depth=None)
    frame = build_rig(bare).draw(FaceShape(MouthShape(jaw=1), LARGEST, EyeShape(blink=1)))
    assert gap(frame) > 0.2
    assert changed(frame, bare)[:4].max() <= 2


def test_a_portrait_without_landmarks_is_refused_before_the_first_frame():
    faceless = dataclasses.replace(portrait_of("teapot"), landmarks=None, depth=None)
    with pytest.raises(PersonifyError, match="no landmarks"):
        animate(faceless, speech_of(), seed=0)


def test_landmarks_of_another_picture_are_refused():
    portrait = portrait_of("teapot")
    with pytest.raises(PersonifyError, match="outside"):
        build_rig(dataclasses.replace(portrait, landmarks=portrait.landmarks * 3))


def test_frames_come_one_by_one_and_a_rig_serves_many_clips():
    portrait, speech = portrait_of("teapot"), speech_of()
    rig = build_rig(portrait)
    one, again, other = (list(animate(rig, speech, seed=seed)) for seed in (1, 1, 2))
    assert len(one) == np.ceil(speech.duration_s * 25)
    assert np.array_equal(one[0], portrait.image)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(one, other, strict=True))
