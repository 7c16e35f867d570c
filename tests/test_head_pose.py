"""The pose: what stands out moves more, nothing folds however far the head turns, and the background stays."""

import dataclasses
from functools import cache
from itertools import product

import cv2
import numpy as np
import pytest
from head_parts import portrait_of
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.avatar.experts import shared_detector
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import NOSE_TIP, inter_ocular
from personify.avatar.pose import Pose, PoseShape
from personify.avatar.rig import FaceShape, build_rig

ARCHETYPES = ("teapot", "woman", "robot", "fox", "apple", "cactus", "book", "ghost")
EXTREMES = [PoseShape(15 * y, 15 * p, 15 * r, 0.1 * y, 0.1 * p, 1) for y, p, r in product((-1, 0, 1), repeat=3)]
RIGHT_CHEEK, LEFT_CHEEK, FOREHEAD, CHIN = 234, 454, 10, 152


@cache
def pose_of(archetype, masked=True):
    portrait = portrait_of(archetype)
    mask = portrait.mask if masked else None
    return Pose(portrait.image, portrait.landmarks, portrait.depth, mask, FaceFrame.of(portrait.landmarks))


def areas(pose, shape, mask=None):
    """How large each pixel is where it comes from, for those that come from `mask`."""
    places = pose.sources(shape)
    dy, dx = np.gradient(places, axis=(0, 1))
    area = dx[..., 0] * dy[..., 1] - dx[..., 1] * dy[..., 0]
    if mask is None:
        return area
    return area[cv2.remap(mask, places, None, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE) > 0]


def moves(pose, landmarks, shape):
    """How far each landmark moves, (478, 2) eye distances: looked up in where pixels come from."""
    frame = FaceFrame.of(landmarks)
    places = pose.sources(shape)
    to = landmarks.astype(np.float32)
    for _ in range(30):
        to = to - (cv2.remap(places, to[None], None, cv2.INTER_LINEAR)[0] - landmarks)
    return frame.to_face(to) - frame.to_face(landmarks)


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_no_extreme_pose_folds_or_smears_the_character(archetype, masked):
    mask = portrait_of(archetype).mask if masked else None
    for shape in EXTREMES:
        area = areas(pose_of(archetype, masked), shape, mask)
        assert area.min() > 0.15
        assert area.max() < 4


@settings(max_examples=40, deadline=None)
@given(*[st.floats(-60, 60)] * 3, *[st.floats(-0.15, 0.15)] * 2, st.floats(-1, 1))
def test_no_pose_at_all_folds(yaw, pitch, roll, shift_x, shift_y, breath):
    shape = PoseShape(yaw, pitch, roll, shift_x, shift_y, breath)
    assert areas(pose_of("fox"), shape, portrait_of("fox").mask).min() > 0.1


@pytest.mark.parametrize("archetype", ["teapot", "woman"])
def test_what_stands_out_moves_more(archetype):
    landmarks = portrait_of(archetype).landmarks
    turned, nodded = (moves(pose_of(archetype), landmarks, s) for s in (PoseShape(yaw=12), PoseShape(pitch=12)))
    assert turned[NOSE_TIP, 0] > 0.15, "to the picture's right"
    assert turned[NOSE_TIP, 0] > 1.3 * turned[[33, 263], 0].mean() > 0
    assert abs(turned[[RIGHT_CHEEK, LEFT_CHEEK], 0].mean()) < 0.5 * turned[NOSE_TIP, 0]
    assert nodded[NOSE_TIP, 1] < 1.15 * nodded[[33, 263], 1].mean() < 0, "chin up"


def test_a_roll_turns_the_head_clockwise_by_its_angle():
    landmarks = portrait_of("teapot").landmarks
    after = landmarks + moves(pose_of("teapot"), landmarks, PoseShape(roll=10)) * FaceFrame.of(landmarks).unit_px
    before, now = (p[CHIN] - p[FOREHEAD] for p in (landmarks, after))
    turn = np.degrees(np.arctan2(*now[::-1]) - np.arctan2(*before[::-1]))
    assert turn == pytest.approx(10, abs=2)


def test_angles_stop_at_fifteen_degrees():
    pose = pose_of("teapot")
    assert np.array_equal(pose.sources(PoseShape(yaw=15)), pose.sources(PoseShape(yaw=80)))


@pytest.mark.parametrize("archetype", ["woman", "teapot", "fox"])
def test_a_detector_sees_the_head_turn(archetype):
    """The nose, seen from between the cheeks, follows the yaw; seen from between brow and chin, the pitch."""
    rig = build_rig(portrait_of(archetype))

    def nose(shape):
        points = shared_detector().find(rig.draw(FaceShape(pose=shape)))[:, :2]
        middle = points[[RIGHT_CHEEK, LEFT_CHEEK, FOREHEAD, CHIN]].mean(axis=0)
        return (points[NOSE_TIP] - middle) / inter_ocular(points)

    yaws = [nose(PoseShape(yaw=yaw))[0] for yaw in (-15, -5, 5, 15)]
    pitches = [nose(PoseShape(pitch=pitch))[1] for pitch in (15, 5, -5, -15)]
    assert yaws == sorted(yaws)
    assert pitches == sorted(pitches)
    assert yaws[-1] - yaws[0] > 0.15
    assert pitches[-1] - pitches[0] > 0.1


@pytest.mark.parametrize("archetype", ["woman", "fox", "bear"])
def test_shoulders_follow_less_than_hats_and_ears(archetype):
    portrait, pose = portrait_of(archetype), pose_of(archetype)
    rows = np.flatnonzero((portrait.mask > 200).any(axis=1))
    here = np.stack(np.meshgrid(*(np.arange(n) for n in portrait.mask.shape[::-1])), -1)
    away = np.linalg.norm(pose.sources(PoseShape(yaw=10, roll=10)) - here, axis=2) * (portrait.mask > 200)
    assert away[rows[-1] - 4].max() < 0.5 * away[rows[0] + 12].max()


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_away_from_the_character_nothing_moves(archetype):
    portrait, rig = portrait_of(archetype), build_rig(portrait_of(archetype))
    for shape in (PoseShape(3, -3, 2, 0.03, 0.02, 1), PoseShape(-3, 3, -2, -0.03, -0.02, -1)):
        reach = int(0.25 * inter_ocular(portrait.landmarks)) * 2 + 1
        away = cv2.dilate(portrait.mask, np.ones((reach, reach), np.uint8)) == 0
        change = np.abs(rig.draw(FaceShape(pose=shape)).astype(int) - portrait.image).max(axis=2)
        assert change[away].max(initial=0) <= 2


def test_extreme_poses_leave_the_far_background_alone():
    portrait = portrait_of("teapot")
    reach = int(1.3 * inter_ocular(portrait.landmarks)) * 2 + 1
    away = cv2.dilate(portrait.mask, np.ones((reach, reach), np.uint8)) == 0
    rig = build_rig(portrait)
    for shape in EXTREMES[::2]:
        change = np.abs(rig.draw(FaceShape(pose=shape)).astype(int) - portrait.image).max(axis=2)
        assert change[away].max(initial=0) <= 2


def test_without_depth_it_turns_all_the_same():
    flat = dataclasses.replace(portrait_of("teapot"), depth=None)
    frame = build_rig(flat).draw(FaceShape(pose=PoseShape(yaw=12)))
    assert shared_detector().find(frame) is not None
