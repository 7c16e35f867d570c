"""Styles, scenes and layers: four ways to show one drawing, a ground that suits it, and the drawing taken apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.avatar.brief import AppearanceBrief
from personify.avatar.experts import shared_detector
from personify.avatar.plausibility import judge
from personify.avatar.sketch import backdrops
from personify.avatar.sketch.draw import draw, draw_layers
from personify.avatar.sketch.styles import STYLES, style_for
from personify.voices.errors import BadInput

STYLE_NAMES = list(STYLES)


def brief(archetype: str, **more: object) -> AppearanceBrief:
    return AppearanceBrief(**{"concept": archetype, "category": "cartoon", "archetype": archetype} | more)


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_every_style_draws_faces_that_are_found(style):
    missed = []
    for name in ("teapot", "owl", "lemon", "cat", "woman", "mug", "tree", "backpack"):
        drawing = draw(brief(name, expression="happy"), seed=4, size=384, style=style)
        verdict = judge(shared_detector().find(drawing.image), drawing.image, (drawing.numbers, drawing.points))
        missed += [] if verdict.plausible else [name]
    assert missed == []


def test_the_four_styles_show_the_same_drawing_in_four_ways():
    assert STYLE_NAMES == ["clay", "storybook", "comic", "photo"]
    drawings = [draw(brief("mug", setting="studio"), seed=5, size=256, style=style) for style in STYLES]
    for k, one in enumerate(drawings):
        for other in drawings[:k]:
            assert np.array_equal(one.points, other.points)
            assert np.array_equal(one.mask, other.mask)
            assert np.abs(one.image.astype(int) - other.image).mean() > 3, (one.style, other.style)


def test_a_style_by_name_is_the_style_by_choice():
    chosen = draw(brief("pear", style_words=("painterly",)), seed=9, size=192)
    named = draw(brief("pear"), seed=9, size=192, style="storybook")
    assert chosen.style == "storybook"
    assert np.array_equal(chosen.image, named.image)


@pytest.mark.parametrize(
    ("words", "style"),
    [(("realistic",), "photo"), (("Painterly",), "storybook"), (("unheard-of", "retro"), "comic"), (("toy",), "clay")],
)
def test_style_words_choose_the_style(words, style):
    assert {style_for(words, chance) for chance in (0.0, 0.5, 0.999)} == {style}


def test_without_words_the_seed_chooses_among_all_styles():
    assert {style_for((), chance / 10) for chance in range(10)} == set(STYLES)


@given(words=st.lists(st.text(max_size=20), max_size=4), chance=st.floats(0, 1, exclude_max=True))
def test_any_words_give_a_style(words, chance):
    assert style_for(tuple(words), chance) in STYLES


def test_an_unknown_style_or_setting_is_refused_with_the_choices():
    with pytest.raises(BadInput, match="unknown style 'cubist'; choose one of: clay, comic, photo, storybook"):
        draw(brief("mug"), seed=1, size=128, style="cubist")
    with pytest.raises(BadInput, match="unknown setting 'limbo'; choose one of: beach"):
        draw(brief("mug", setting="limbo"), seed=1, size=128)


@pytest.mark.parametrize("setting", backdrops.settings())
def test_a_setting_is_drawn_and_leaves_the_character_as_it_is(setting):
    plain = draw(brief("star", setting="studio"), seed=3, size=128, style="clay")
    placed = draw(brief("star", setting=setting), seed=3, size=128, style="clay")
    inside = plain.mask == 255
    assert placed.scene == setting
    assert np.array_equal(placed.image[inside], plain.image[inside])
    assert setting == "studio" or np.abs(placed.image.astype(int) - plain.image)[plain.mask == 0].mean() > 3


@pytest.mark.parametrize(
    ("said", "scene"),
    [("Forest", "forest"), ("a dark forest", "forest"), ("the night sky", "night_sky"), ("on a ship", "sea")],
)
def test_a_setting_may_be_said_in_words(said, scene):
    assert backdrops.choose_scene(brief("mug", setting=said), np.random.default_rng(1)) == scene


def test_the_studio_stands_behind_about_a_third_and_words_come_before_the_category():
    def scenes(**more: object) -> list[str]:
        return [backdrops.choose_scene(brief("wobble", **more), np.random.default_rng(seed)) for seed in range(300)]

    forest = scenes(concept="moss", category="food")
    assert set(forest) == {"studio", "forest"}
    assert 0.25 < forest.count("studio") / 300 < 0.42
    assert "study" in scenes(category="office")
    assert set(scenes(category="nowhere")) == {"studio"}


@pytest.mark.parametrize("colour", ["black", "white", "gray", "saddlebrown", "skyblue"])
@pytest.mark.parametrize("setting", ["forest", "night_sky", "study", "snow", "stage"])
def test_the_character_stands_out_from_the_scene(colour, setting):
    import cv2

    drawing = draw(brief("apple", colours=(colour,), setting=setting), seed=2, size=192, style="clay")
    grey = cv2.cvtColor(drawing.image, cv2.COLOR_RGB2GRAY).astype(float)
    brush = np.ones((13, 13), np.uint8)
    around = (cv2.dilate(drawing.mask, brush) > 127) & (drawing.mask == 0)
    within = (cv2.erode(drawing.mask, brush) < 127) & (drawing.mask == 255)
    assert abs(grey[around].mean() - grey[within].mean()) > 16


@settings(max_examples=8, deadline=None)
@given(
    style=st.sampled_from(STYLE_NAMES),
    seed=st.integers(0, 2**31),
    name=st.sampled_from(["teapot", "cat", "man", "cactus"]),
    worn=st.sampled_from([(), ("spectacles",), ("top hat", "monocle"), ("eyepatch", "scarf")]),
)
def test_layers_over_one_another_are_the_picture(style, seed, name, worn):
    asked = brief(name, accessories=worn)
    drawing, layers = draw_layers(asked, seed=seed, size=160, style=style)
    assert np.array_equal(drawing.image, draw(asked, seed=seed, size=160, style=style).image)
    assert np.abs(layers.composed().astype(int) - drawing.image).max() <= 1


def test_layers_are_complete_behind_one_another():
    drawing, layers = draw_layers(brief("teapot", accessories=("spectacles",)), seed=3, size=256, style="clay")
    place = dict(zip(drawing.numbers, np.round(drawing.points).astype(int), strict=True))
    for layer in (layers.background, layers.body, layers.face, layers.front):
        assert layer.shape == (256, 256, 4)
        assert layer.dtype == np.uint8
    x, y = place[468]
    assert layers.face[y, x, 3] == 255
    assert layers.body[y, x, 3] == 255
    assert layers.background[..., 3].min() == 255
    assert 0 < (layers.front[..., 3] > 127).sum() < 0.2 * (drawing.mask > 127).sum()
    skin, pupil = layers.body[y, x, :3].astype(int), layers.face[y, x, :3].astype(int)
    assert np.abs(skin - pupil).max() > 60, "the body is bare under the face"
