"""The landmark detector is quiet and exact about its input; the verdict tells faces from what only looks like one."""

import subprocess
import sys

import cv2
import numpy as np
import pytest

from personify.avatar import landmarks as marks
from personify.avatar.brief import AppearanceBrief
from personify.avatar.experts import shared_detector
from personify.avatar.plausibility import judge
from personify.avatar.sketch.draw import Drawing, draw


def teapot(**more: object) -> Drawing:
    return draw(AppearanceBrief(concept="teapot", category="any", archetype="teapot"), seed=7, style="clay", **more)


def two_dots_and_a_smile() -> np.ndarray:
    image = np.full((512, 512, 3), (90, 60, 40), np.uint8)
    cv2.circle(image, (256, 256), 190, (240, 196, 90), -1, cv2.LINE_AA)
    for x in (196, 316):
        cv2.circle(image, (x, 216), 16, (30, 20, 20), -1, cv2.LINE_AA)
    cv2.ellipse(image, (256, 290), (80, 60), 0, 20, 160, (30, 20, 20), 8, cv2.LINE_AA)
    return image


def test_contours_name_each_landmark_within_the_convention():
    for name, numbers in marks.CONTOURS.items():
        assert len(set(numbers)) == len(numbers), name
        assert all(0 <= n < marks.COUNT for n in numbers), name


def test_a_drawn_face_is_found_where_it_was_drawn():
    drawing = teapot()
    found = shared_detector().find(drawing.image)
    verdict = judge(found, drawing.image, (drawing.numbers, drawing.points))
    assert verdict.plausible, verdict
    assert verdict.error < 0.08


def test_bare_metal_has_no_face():
    assert shared_detector().find(teapot(face=False).image) is None


def test_two_dots_and_a_smile_are_not_a_face_even_when_the_detector_says_so():
    image = two_dots_and_a_smile()
    mesh = shared_detector().find(teapot().image)  # any face's landmarks, as a detector would bend them over the dots
    verdict = judge(mesh, image)
    assert not verdict.plausible
    assert any(reason.startswith("there is no nose") for reason in verdict.reasons), verdict


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda p: p * 0.02 + 5, "too small"),
        (lambda p: p + 400, "outside the picture"),
        (lambda p: (p - 256) * (1, -1) + 256, "not in order"),
        (lambda p: (p - 256) @ np.array([[0.5, 0.87], [-0.87, 0.5]]) + 256, "rolled"),
    ],
)
def test_useless_landmarks_are_told_apart_with_a_reason(spoil, said):
    drawing = teapot()
    found = spoil(shared_detector().find(drawing.image)[:, :2])
    assert said in " ".join(judge(found, drawing.image).reasons)


def test_landmarks_far_from_the_drawing_are_not_believed():
    drawing = teapot()
    found = shared_detector().find(drawing.image)
    verdict = judge(found, drawing.image, (drawing.numbers, drawing.points + 30))
    assert not verdict.plausible
    assert "where the face was drawn" in verdict.reasons[0]


def test_nothing_found_is_said_so():
    assert judge(None, teapot().image).reasons == ("no face was found",)


@pytest.mark.parametrize(
    "image", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3), float), np.zeros((8, 8, 4), np.uint8)]
)
def test_the_detector_refuses_what_is_not_an_rgb_image(image):
    with pytest.raises(ValueError, match="uint8"):
        shared_detector().find(image)


def test_the_detector_says_nothing_on_stderr():
    script = """
import numpy as np
from personify.avatar.brief import AppearanceBrief
from personify.avatar.detector import FaceMeshDetector
from personify.avatar.sketch.draw import draw
brief = AppearanceBrief(concept="teapot", category="any", archetype="teapot")
detector = FaceMeshDetector()
assert detector.find(np.zeros((64, 64, 3), np.uint8)) is None
assert detector.find(draw(brief, seed=7, style="clay").image) is not None
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
