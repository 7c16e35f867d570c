"""What the embedded experts learn from: deterministic, captioned, its landmarks where the detector finds them."""

import numpy as np
import pytest

from personify.avatar.brief import AppearanceBrief
from personify.avatar.embedded.captions import LEAST_WORDS, MOST_WORDS, caption, colour_name, describe
from personify.avatar.embedded.drawings import KINDS, STYLES, draw_rich, held_out, sheet
from personify.avatar.embedded.plans import make_plan, tables
from personify.avatar.embedded.poses import Bend, Pose
from personify.avatar.experts import shared_detector
from personify.avatar.landmarks import CONTOURS, COUNT
from personify.avatar.plausibility import judge
from personify.avatar.sketch.backdrops import settings
from personify.avatar.sketch.figure import FaceSpot
from personify.avatar.sketch.registry import archetypes
from personify.voices.errors import BadInput

DRAWN_NUMBERS = np.array(sorted({number for contour in CONTOURS.values() for number in contour}))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_drawing():
    first, again, other = (draw_rich(seed, size=128) for seed in (5, 5, 6))
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.plain, again.plain)
    assert first.caption == again.caption
    assert not np.array_equal(first.image, other.image)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", KINDS)
def test_style_and_kind_are_honoured(style, kind):
    drawn = draw_rich(3, size=128, style=style, kind=kind)
    assert (drawn.style, drawn.kind) == (style, kind)
    for image in (drawn.image, drawn.plain):
        assert image.shape == (128, 128, 3)
        assert image.dtype == np.uint8
        assert image.std() > 5
    assert (drawn.landmarks is not None) == (kind == "face")


@pytest.mark.parametrize("style", STYLES)
def test_the_detector_finds_the_faces_where_the_landmarks_are(style):
    errors = []
    for seed in range(40, 43):
        drawn = draw_rich(seed, size=320, style=style, kind="face")
        assert drawn.landmarks.shape == (COUNT, 2)
        assert drawn.landmarks.dtype == np.float32
        for image in (drawn.image, drawn.plain):
            verdict = judge(shared_detector().find(image), image, (DRAWN_NUMBERS, drawn.landmarks[DRAWN_NUMBERS]))
            assert verdict.plausible, (seed, verdict)
            errors.append(verdict.error)
    assert np.mean(errors) < 0.08


def test_most_strange_faces_are_no_use_to_a_detector():
    plausible = []
    for kind in KINDS[1:]:
        for seed in range(60, 63):
            image = draw_rich(seed, size=256, kind=kind).image
            plausible.append(judge(shared_detector().find(image), image).plausible)
    assert np.mean(plausible) < 0.35


def test_a_given_brief_is_drawn_and_named():
    brief = AppearanceBrief(concept="teapot", category="household", archetype="teapot", colours=("#3f6fb5",))
    drawn = draw_rich(1, size=96, brief=brief)
    assert drawn.archetype == "teapot"
    assert "teapot" in drawn.caption


def test_captions_keep_their_bounds_and_name_the_style_mostly():
    plans = [make_plan(seed, None, None, None) for seed in range(600)]
    captions = [caption(plan) for plan in plans]
    for text in captions:
        assert LEAST_WORDS <= len(text.split()) <= MOST_WORDS, text
        assert text == text.lower()
        assert text.isascii(), text
        assert "{" not in text
        assert "_" not in text
    styled = [
        any(words in text for words in tables("captions")["styles"][plan.style])
        for plan, text in zip(plans, captions, strict=True)
    ]
    assert 0.7 < np.mean(styled) < 0.97
    assert len(set(captions)) > 580


def test_about_half_of_the_strange_kinds_are_not_told():
    told = tables("captions")["faces"]
    plans = [make_plan(seed, None, None, None) for seed in range(1500)]
    strange = [plan for plan in plans if plan.kind != "face"]
    assert 0.22 < len(strange) / len(plans) < 0.38
    said = [any(phrase in caption(plan) for phrase in told[plan.kind]) for plan in strange]
    assert 0.35 < np.mean(said) < 0.65
    others = [phrase for kind, phrases in told.items() if kind != "human" for phrase in phrases]
    for plan in plans:
        if plan.kind == "face":
            assert not caption(plan).endswith(tuple(f", {phrase}" for phrase in others))


def test_every_word_is_drawable_and_every_setting_has_words():
    assert {entry["archetype"] for entry in tables("concepts")["concepts"].values()} <= set(archetypes())
    assert set(settings()) <= set(tables("captions")["settings"])
    assert set(tables("captions")["donors"]) <= set(archetypes())


def test_colours_are_called_by_name():
    assert colour_name("#d8332b") == "red"
    assert colour_name("ivory") in {"white", "cream"}


def test_a_bend_takes_points_where_it_takes_pixels():
    pose = Pose(12, -15, 8, 0.95, (0.03, -0.02), ((1.5, -1.0, 0.4, 0.01, 0.008),))
    bend = Bend(pose, FaceSpot(), np.array([128.0, 110.0]), 45.0, 256)
    source_x, source_y = bend.sources()
    pixels = np.array([(90, 100), (128, 128), (170, 150), (60, 200)])
    sources = np.stack([source_x[pixels[:, 1], pixels[:, 0]], source_y[pixels[:, 1], pixels[:, 0]]], 1)
    assert np.abs(bend.points(sources) - pixels).max() < 0.15


def test_four_of_a_hundred_seeds_are_held_out():
    assert 0.03 < np.mean([held_out(seed) for seed in range(5000)]) < 0.05
    assert held_out(7) == held_out(7)


def test_what_is_unknown_is_refused_by_name():
    with pytest.raises(BadInput, match="style 'oil'"):
        draw_rich(1, style="oil")
    with pytest.raises(BadInput, match="kind of face 'mask'"):
        draw_rich(1, kind="mask")
    with pytest.raises(ValueError, match="64 or more"):
        draw_rich(1, size=32)


def test_a_sheet_holds_every_drawing():
    assert sheet(3, columns=2, cell_px=64).shape == (2 * (64 + 30), 2 * 64, 3)


def test_a_brief_is_described_in_the_words_of_captions():
    teapot = AppearanceBrief(
        concept="teapot", words="une théière", category="household", archetype="teapot", expression="grumpy",
        colours=("#b5523b", "gold"), materials=("porcelain",), accessories=("top hat", "spectacles"), setting="sea",
    )  # fmt: skip
    assert describe(teapot) == "a grumpy red porcelain teapot wearing a top hat and spectacles at sea"
    sailor = AppearanceBrief(
        concept="sailor", category="people", archetype="man", age="elderly", colours=("#f1c9a9",), materials=("skin",)
    )
    assert describe(sailor) == "an elderly sailor"
    unheard = AppearanceBrief(concept="samovar 3000", category="household", archetype="alarm_clock")
    assert describe(unheard) == "an alarm clock"
