"""Guides carry a face that the detector finds: the sketch's, the user's own, or one grafted onto the user's picture."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from personify.avatar.brief import AppearanceBrief
from personify.avatar.experts import shared_detector
from personify.avatar.graft import graft_face, places, subject_mask
from personify.avatar.guides import picture_guide, sketch_guide
from personify.avatar.landmarks import LEFT_IRIS, RIGHT_IRIS, inter_ocular
from personify.avatar.plausibility import judge
from personify.avatar.sketch.draw import draw
from personify.avatar.upload import read_picture

SIZE = 256


def brief(archetype="teapot", category="kitchen", **said):
    return AppearanceBrief(concept=archetype, category=category, archetype=archetype, **said)


def verdict(guide):
    return judge(shared_detector().find(guide.image), guide.image, (guide.known, guide.landmarks[guide.known]))


def noise(blur, seed=1):
    grain = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, (300, 400, 3)), (0, 0), blur)
    return np.clip(128 + 50 * grain / grain.std(), 0, 255).astype(np.uint8)


def gradient():
    x, y = np.linspace(0, 1, 640)[None, :, None], np.linspace(0, 1, 480)[:, None, None]
    return np.clip((1 - x) * (240, 180, 120) + x * (40, 60, 140) - 60 * y, 0, 255).astype(np.uint8)


def disc(colour, ground, at=(300, 220)):
    picture = np.full((440, 600, 3), ground, np.uint8)
    return cv2.circle(picture, at, 150, colour, cv2.FILLED, cv2.LINE_AA)


def checks():
    y, x = np.mgrid[:320, :320]
    return np.where(((x // 26 + y // 26) % 2)[..., None], (30, 30, 30), (230, 230, 220)).astype(np.uint8)


FACELESS = {
    "gradient": gradient(),
    "soft noise": noise(12),
    "fine noise": noise(1),
    "checks": checks(),
    "blue disc": disc((70, 90, 200), (220, 215, 190)),
    "green disc": disc((40, 200, 60), (120, 120, 160)),
    "dark disc": disc((40, 30, 60), (20, 20, 25)),
    "white": np.full((300, 500, 3), 255, np.uint8),
    "black": np.zeros((400, 300, 3), np.uint8),
    **{
        name: draw(brief(name, "any"), seed=9, size=SIZE, face=False).image
        for name in ("teapot", "owl", "apple", "mug", "cactus", "robot", "cat")
    },
}


@pytest.fixture(scope="module")
def grafted():
    return {name: picture_guide(picture, brief(), seed=3, size=SIZE) for name, picture in FACELESS.items()}


def test_the_sketch_guides_with_what_it_knows():
    guide = sketch_guide(brief(), seed=7, size=SIZE)
    drawing = draw(brief(), seed=7, size=SIZE)
    assert guide.source == "sketch" and guide.landmarks.shape == (478, 2) and guide.depth.shape == (478,)
    assert np.array_equal(guide.image, drawing.image) and np.array_equal(guide.mask, drawing.mask)
    assert np.array_equal(guide.landmarks[guide.known], drawing.points)
    assert verdict(guide).plausible


def test_pictures_without_a_face_get_one_that_is_found(grafted):
    verdicts = {name: verdict(guide) for name, guide in grafted.items()}
    found = [name for name, said in verdicts.items() if said.plausible]
    assert len(found) >= 0.9 * len(verdicts), {name: v.reasons for name, v in verdicts.items() if not v.plausible}
    assert np.mean([verdicts[name].error for name in found]) < 0.08


def test_a_grafted_guide_has_the_shapes_it_promises(grafted):
    for guide in grafted.values():
        assert guide.image.shape == (SIZE, SIZE, 3) and guide.image.dtype == np.uint8
        assert guide.landmarks.shape == (478, 2) and guide.landmarks.dtype == guide.depth.dtype == np.float32
        assert guide.mask is None and guide.source == "image"
        assert {RIGHT_IRIS[0], LEFT_IRIS[0]} <= set(guide.known.tolist()) and len(guide.known) < 478
        assert (guide.landmarks[guide.known] >= 0).all() and (guide.landmarks[guide.known] < SIZE).all()
        eyes = inter_ocular(guide.landmarks) / SIZE
        assert 0.22 < 2.3 * eyes < 0.6


def test_the_picture_stays_itself_around_the_face(grafted):
    picture = FACELESS["apple"]
    changed = np.abs(grafted["apple"].image.astype(int) - picture).max(axis=2) > 3
    assert 0.05 < changed.mean() < 0.35
    low, high = grafted["apple"].landmarks.min(axis=0), grafted["apple"].landmarks.max(axis=0)
    outside = np.ones((SIZE, SIZE), bool)
    pad = 0.35 * inter_ocular(grafted["apple"].landmarks)
    x0, y0, x1, y1 = (int(edge) for edge in (*np.maximum(low - pad, 0), *(high + pad)))
    outside[y0:y1, x0:x1] = False
    assert not changed[outside].any()


@pytest.mark.parametrize("name", ["apple", "blue disc", "dark disc", "green disc"])
def test_the_face_takes_the_subjects_colour(grafted, name):
    """The cheeks differ less from the ground than a pasted skin would."""
    guide = grafted[name]
    cheeks = guide.landmarks[[50, 280, 151]].round().astype(int)
    seen = guide.image[cheeks[:, 1], cheeks[:, 0]].mean(axis=0)
    ground = {
        "apple": (215, 60, 50),
        "blue disc": (70, 90, 200),
        "green disc": (40, 200, 60),
        "dark disc": (40, 30, 60),
    }
    assert np.argmax(seen) == np.argmax(ground[name])


def test_the_same_seed_gives_the_same_bytes_and_another_another_face():
    one, same, other = (picture_guide(FACELESS["mug"], brief(), seed=seed, size=SIZE) for seed in (1, 1, 2))
    assert np.array_equal(one.image, same.image) and np.array_equal(one.landmarks, same.landmarks)
    assert not np.array_equal(one.image, other.image)


def test_the_expression_is_the_briefs():
    happy, sad = (
        picture_guide(FACELESS["teapot"], brief(expression=mood), seed=1, size=SIZE) for mood in ("happy", "sad")
    )
    corners = [guide.landmarks[[61, 291], 1].mean() - guide.landmarks[[13, 14], 1].mean() for guide in (happy, sad)]
    assert corners[0] < corners[1]


def scene_with_face(width, height, face_at, face_size):
    picture = np.full((height, width, 3), (150, 165, 180), np.uint8)
    drawing = draw(brief("apple", "fruits"), seed=4, size=face_size, style="clay").image
    x, y = face_at
    picture[y : y + face_size, x : x + face_size] = drawing
    return picture


@pytest.mark.parametrize(
    ("width", "height", "at", "across"),
    [(512, 512, (0, 0), 512), (1200, 500, (650, 0), 500), (900, 900, (80, 120), 300), (500, 1300, (20, 700), 450)],
)
def test_a_face_that_is_there_is_kept_with_all_its_landmarks(width, height, at, across):
    guide = picture_guide(scene_with_face(width, height, at, across), brief(), seed=3, size=512)
    assert guide.source == "image" and guide.mask is None and guide.known.tolist() == list(range(478))
    again = shared_detector().find(guide.image)
    assert np.abs(again[:, :2] - guide.landmarks).max() < 1
    wide = np.ptp(guide.landmarks[:, 0]) / 512
    assert 0.22 <= wide <= 0.6
    assert (guide.landmarks >= 0).all() and (guide.landmarks < 512).all()


def test_a_photographed_face_is_kept_whatever_is_around_it():
    """Grace Hopper's portrait (public domain), which comes with matplotlib, itself a dependency of mediapipe."""
    import matplotlib

    photo = read_picture(Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg")
    wide = cv2.copyMakeBorder(photo, 200, 0, 900, 100, cv2.BORDER_REPLICATE)
    for picture in (photo, wide, photo // 3):
        guide = picture_guide(picture, brief(), seed=1, size=SIZE)
        assert len(guide.known) == 478 and judge(guide.landmarks, guide.image).plausible
        assert 0.22 <= np.ptp(guide.landmarks[:, 0]) / SIZE <= 0.6


def test_a_face_too_small_to_use_counts_as_none():
    guide = picture_guide(scene_with_face(700, 700, (300, 300), 70), brief(), seed=3, size=SIZE)
    assert len(guide.known) < 478


def test_the_subject_is_found_off_centre_and_the_square_goes_to_it():
    right = disc((200, 40, 40), (225, 225, 215), at=(430, 220))
    mask = subject_mask(right)
    assert np.nonzero(mask)[1].mean() / mask.shape[1] == pytest.approx(430 / 600, abs=0.04)
    guide = picture_guide(right, brief(), seed=3, size=SIZE)
    x, y = guide.landmarks[4].round().astype(int)
    assert guide.image[y, x, 0] > guide.image[y, x, 1] + 30  # the nose stands on red


def test_places_lie_in_the_picture_best_first():
    for picture in FACELESS.values():
        found = places(cv2.resize(picture, (SIZE, SIZE)))
        assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)
        for place in found:
            assert place.eye_distance < place.x < 1 - place.eye_distance and 0.1 < place.y < 0.9
            assert place.y + 1.6 * place.eye_distance < 1


def test_calm_and_pale_grounds_change_only_the_face():
    picture = cv2.resize(FACELESS["fine noise"], (SIZE, SIZE))
    place = places(picture)[0]
    rough, calm = (graft_face(picture, brief(), place, seed=1, calm=amount) for amount in (0.0, 1.0))
    assert np.array_equal(rough.points, calm.points)
    assert np.array_equal(rough.image[-8:], calm.image[-8:])
    cheek = [
        int(v) for v in (np.array([place.x, place.y]) + (0.75 * place.eye_distance, 0.5 * place.eye_distance)) * SIZE
    ]
    patch = (slice(cheek[1] - 8, cheek[1] + 8), slice(cheek[0] - 8, cheek[0] + 8))
    assert calm.image[patch].std() < 0.5 * rough.image[patch].std()


def test_what_is_no_picture_is_refused():
    for wrong in (np.zeros((64, 64), np.uint8), np.zeros((64, 64, 3)), np.zeros((64, 4, 3), np.uint8)):
        with pytest.raises(ValueError, match="uint8"):
            picture_guide(wrong, brief(), seed=1)
