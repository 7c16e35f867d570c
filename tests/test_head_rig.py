"""The rig: at rest it is the portrait; lips part without folds, lids shut, the background stays still."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from head_parts import portrait_of, speech_of

from personify.avatar.animation import animate
from personify.avatar.brows import BrowShape
from personify.avatar.experts import shared_detector
from personify.avatar.eyes import EyeShape
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import inter_ocular
from personify.avatar.mouth import MouthShape
from personify.avatar.pose import PoseShape
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


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p: {"image": np.dstack([p.image, p.mask])}, "alpha"),
        (lambda p: {"image": p.image[..., 0]}, "uint8 RGB"),
        (lambda p: {"image": p.image / 255}, "float64"),
        (lambda p: {"landmarks": p.landmarks[:68]}, "478 points"),
        (lambda p: {"landmarks": p.landmarks * np.float32(np.nan)}, "finite"),
        (lambda p: {"landmarks": p.landmarks * 0.02 + 200}, "too small"),
        (lambda p: {"landmarks": p.landmarks[:, :] * (1, -1) + (0, 512)}, "no face"),
        (lambda p: {"depth": p.depth[:100]}, "depth"),
        (lambda p: {"mask": p.mask[:100]}, "mask"),
        (lambda p: {"mask": p.mask > 127}, "mask"),
    ],
)
def test_parts_that_do_not_belong_together_are_refused_by_name(spoil, message):
    portrait = portrait_of("teapot")
    with pytest.raises(PersonifyError, match=message):
        build_rig(dataclasses.replace(portrait, **spoil(portrait)))


def in_a_picture(portrait, size, share, degrees, *, masked):
    """The character in a picture of (width, height), its face that share of the height, rolled by so many degrees."""
    face = portrait.landmarks[152] - portrait.landmarks[10]
    scale = share * size[1] / float(np.hypot(*face))
    middle = portrait.landmarks[[10, 152]].mean(axis=0)
    place = cv2.getRotationMatrix2D(tuple(map(float, middle)), degrees, scale)
    place[:, 2] += np.array(size) / 2 - middle
    image, mask = (cv2.warpAffine(x, place, size, flags=cv2.INTER_AREA) for x in (portrait.image, portrait.mask))
    ground = np.full_like(image, (120, 150, 170))
    cover = mask[..., None] / 255
    return dataclasses.replace(
        portrait,
        image=np.round(image * cover + ground * (1 - cover)).astype(np.uint8),
        landmarks=(portrait.landmarks @ place[:, :2].T + place[:, 2]).astype(np.float32),
        depth=portrait.depth * np.float32(scale),
        mask=mask if masked else None,
    )


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize(
    ("archetype", "size", "share", "degrees"),
    [
        ("woman", (512, 512), 0.9, 0), ("teapot", (301, 257), 0.6, 20), ("robot", (1024, 700), 0.12, 0),
        ("woman", (333, 511), 0.4, -20), ("fox", (256, 256), 0.12, 10), ("teapot", (1024, 1024), 0.3, -15),
    ],
)  # fmt: skip
def test_small_large_and_rolled_faces_move_and_speak(archetype, size, share, degrees, masked):
    portrait = in_a_picture(portrait_of(archetype), size, share, degrees, masked=masked)
    rig = build_rig(portrait)
    assert np.array_equal(rig.draw(FaceShape()), portrait.image)
    frame = rig.draw(FaceShape(MouthShape(jaw=0.8), PoseShape(10, -5, 5, 0.05, 0.05, 1), EyeShape(blink=1)))
    assert frame.shape == portrait.image.shape
    assert frame.dtype == np.uint8
    x, y = portrait.landmarks[[13, 14]].mean(axis=0).astype(int)
    reach = max(3, int(0.3 * inter_ocular(portrait.landmarks)))
    assert changed(frame, portrait)[y - reach : y + reach, x - reach : x + reach].max() > 60, "the mouth opens"
    edges = frame.astype(int) - portrait.image
    assert share > 0.2 or np.abs(edges[[0, -1]]).max() <= 2, "far from a small face all is still"


def test_frames_come_one_by_one_and_a_rig_serves_many_clips():
    portrait, speech = portrait_of("teapot"), speech_of()
    rig = build_rig(portrait)
    one, again, other = (list(animate(rig, speech, seed=seed)) for seed in (1, 1, 2))
    assert len(one) == np.ceil(speech.duration_s * 25)
    assert np.array_equal(one[0], portrait.image)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_window_beyond_the_picture_is_a_pixel_of_its_border():
    frame = FaceFrame(np.array([300.0, -80.0]), np.array([1.0, 0.0]), np.array([0.0, 1.0]), 40.0)
    rows, columns = frame.window((-1, -1), (1, 1), (100, 200))
    assert (rows.start, rows.stop, columns.start, columns.stop) == (0, 1, 199, 200)


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_all_that_was_drawn_upon_moves_with_the_head(archetype):
    """A frame is the same whether the rig tells the pose where the face changed or the pose takes in everything."""
    portrait = portrait_of(archetype)
    rig, shape = build_rig(portrait), FaceShape(MouthShape(jaw=0.6), LARGEST, EyeShape(blink=0.6, gaze_x=9.0))
    everywhere = build_rig(portrait)
    everywhere._face = slice(None), slice(None)
    assert np.array_equal(rig.draw(shape), everywhere.draw(shape))


def test_frames_may_be_drawn_in_several_threads():
    rig = build_rig(portrait_of("teapot", 256))
    shapes = [FaceShape(MouthShape(jaw=i / 8), PoseShape(yaw=i), EyeShape(blink=i / 8)) for i in range(1, 9)] * 2
    one_by_one = [rig.draw(shape) for shape in shapes]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(rig.draw, shapes))
    assert all(np.array_equal(a, b) for a, b in zip(one_by_one, together, strict=True))


def test_a_frame_does_not_depend_on_what_was_drawn_before_it():
    portrait = portrait_of("woman")
    used = build_rig(portrait)
    shapes = [
        FaceShape(MouthShape(jaw=jaw, smile=0.8), PoseShape(yaw=2), EyeShape(blink, 0.6, gaze, 1), BrowShape(lift, 0.2))
        for jaw, blink, gaze, lift in ((0.5, 0, 3, 0.4), (0.5, 0, 3, 0.4), (0.2, 0.7, 3, 0.4), (0, 0.7, -8, -0.3))
    ]
    frames = [used.draw(shape) for shape in [*shapes, FaceShape(), *shapes[::-1]]]
    for shape, there, back in zip(shapes, frames[:4], frames[:4:-1], strict=True):
        assert np.array_equal(there, back)
        assert np.array_equal(there, build_rig(portrait).draw(shape))
    rest = build_rig(portrait).draw(FaceShape(MouthShape(jaw=0.5, smile=0.8), PoseShape(yaw=2)))
    assert np.abs(frames[0].astype(int) - rest).max() > 60, "brows and eyes moved, under a mouth that speaks"
