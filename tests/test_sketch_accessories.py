"""What is worn: which names are known, what goes together, and that no accessory hides the face."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.avatar.brief import AppearanceBrief
from personify.avatar.sketch.accessories import ACCESSORIES, chosen, drawable, wear
from personify.avatar.sketch.draw import draw
from personify.avatar.sketch.face import Face, make_face
from personify.avatar.sketch.figure import FaceSpot, Figure, Look, Part
from personify.avatar.sketch.registry import find_archetype

PROMISED = (
    "spectacles", "monocle", "sunglasses", "top hat", "crown", "bow tie", "tie", "scarf", "headphones", "eyepatch",
    "flower", "chef hat", "wizard hat", "pirate hat", "graduation cap", "beret", "sailor cap", "party hat",
    "stethoscope", "necklace", "helmet", "bow", "earrings", "bandana",
)  # fmt: skip
HATS = ("top hat", "crown", "wizard hat", "pirate hat", "graduation cap", "beret", "helmet", "bandana", "party hat")
SIZE = 400


def dressed(archetype="man", seed=3, expression="neutral", age="adult", **brief):
    """The figure, its face and what the brief makes it wear."""
    kind = find_archetype(archetype)
    asked = AppearanceBrief(
        concept=archetype, category=kind.category, archetype=archetype, expression=expression, age=age, **brief
    )
    rng = np.random.default_rng(seed)
    look = Look(asked, rng, np.array([0.4, 0.6, 0.5]), np.array([0.3, 0.2, 0.1]), kind.material)
    figure = kind.build(look)
    face = make_face(asked, figure.face, rng)
    return figure, face, wear(asked, figure, face, look)


def area(outline, holes=()):
    """The pixels inside an outline."""
    out = np.zeros((SIZE, SIZE), np.uint8)
    for points, value in ((outline, 1), *((hole, 0) for hole in holes)):
        cv2.fillPoly(out, [np.round((np.asarray(points) * 0.5 + 0.5) * SIZE).astype(np.int32)], value)
    return out


def hidden(parts: tuple[Part, ...], face: Face, outline) -> float:
    """Which share of an outline in face units the parts cover."""
    seen = area(face.to_picture(outline)).astype(bool)
    over = np.zeros_like(seen)
    for part in parts:
        over |= area(part.outline, part.holes).astype(bool)
    return float(over[seen].mean())


@pytest.mark.parametrize("name", PROMISED)
def test_every_promised_accessory_is_drawable_and_makes_parts(name):
    assert drawable(name)
    assert name in ACCESSORIES
    assert dressed(accessories=(name,))[2]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Glasses", "spectacles"), (" mortarboard ", "graduation cap"), ("TOP  HAT", "top hat"), ("bow-tie", "bow tie"),
        ("a crown", "crown"), ("Bow_Tie", "bow tie"), ("scarfs", "scarf"), ("witch hat", "wizard hat"),
    ],
)  # fmt: skip
def test_names_match_whatever_the_case_spacing_and_synonym(said, meant):
    assert drawable(said)
    assert [entry.name for entry in chosen((said,))] == [meant]


@given(st.text(max_size=60))
def test_hostile_names_are_known_or_not_but_never_fail(name):
    assert drawable(name) == bool(chosen((name,)))


def test_what_cannot_be_drawn_is_reported_and_skipped():
    assert not drawable("jetpack")
    assert dressed(accessories=("jetpack",))[2] == ()
    assert len(dressed(accessories=("jetpack", "tie"))[2]) == len(dressed(accessories=("tie",))[2])


def test_one_hat_one_neckwear_one_eyewear_and_any_number_of_trinkets():
    asked = ("crown", "top hat", "tie", "scarf", "monocle", "spectacles", "flower", "earrings", "flower", "headphones")
    assert sorted(entry.name for entry in chosen(asked)) == sorted(
        ("crown", "tie", "monocle", "flower", "earrings", "headphones")
    )


def test_a_hat_lies_over_everything_else():
    assert [entry.kind for entry in chosen(("crown", "spectacles", "flower", "tie"))][-1] == "hat"


@pytest.mark.parametrize("archetype", ["man", "teapot", "mug"])
def test_no_accessory_hides_eyes_or_lips(archetype):
    for name in ACCESSORIES:
        _, face, parts = dressed(archetype, accessories=(name,), expression="surprised")
        for outline in (face.eye("right"), face.eye("left"), face.lips("upper"), face.lips("lower")):
            assert hidden(parts, face, outline) == 0, name


@pytest.mark.parametrize("name", HATS)
@pytest.mark.parametrize("archetype", ["woman", "teapot"])
def test_hats_leave_the_brows_free(archetype, name):
    for expression in ("surprised", "grumpy"):
        _, face, parts = dressed(archetype, accessories=(name,), expression=expression)
        assert hidden(parts, face, face.brow("right")) == 0
        assert hidden(parts, face, face.brow("left")) == 0


@pytest.mark.parametrize("features", [("moustache",), ("beard",), ("goatee",), ("a long white beard", "moustache")])
@pytest.mark.parametrize("expression", ["neutral", "surprised", "happy", "grumpy", "mischievous"])
def test_hair_on_the_face_leaves_the_lips_free(features, expression):
    for archetype in ("man", "teapot"):
        for seed in range(3):
            _, face, parts = dressed(archetype, seed, expression, features=features)
            assert parts
            assert max(hidden(parts, face, face.lips(lip)) for lip in ("upper", "lower")) < 0.02


def test_faces_stay_smooth_unless_the_brief_names_hair():
    assert dressed(features=("freckles", "wrinkles"))[2] == ()


def test_a_figure_without_crown_and_neck_wears_hat_and_tie_around_its_face():
    spot = FaceSpot(0.1, 0.05, 0.3)
    brief = AppearanceBrief(concept="blob", category="cartoon", archetype="teapot", accessories=("top hat", "tie"))
    look = Look(brief, np.random.default_rng(0), np.full(3, 0.5), np.full(3, 0.2))
    disc = np.stack([np.cos(np.linspace(0, 6.2, 60)), np.sin(np.linspace(0, 6.2, 60))], 1) * 0.8
    face = make_face(brief, spot, look.rng)
    parts = wear(brief, Figure((Part(disc, np.full(3, 0.5)),), spot), face, look)
    tops, ends = min(p.outline[:, 1].min() for p in parts), max(p.outline[:, 1].max() for p in parts)
    assert tops < spot.cy - spot.iod
    assert ends > spot.cy + 1.4 * spot.iod


def test_tall_hats_stay_in_the_picture_and_the_landmarks_follow():
    bare, tall = (
        draw(AppearanceBrief(concept="man", category="people", archetype="man", accessories=worn), seed=5, size=256)
        for worn in ((), ("top hat",))
    )
    spread = [np.ptp(d.points[:, 0]) for d in (bare, tall)]
    assert 0.8 < spread[1] / spread[0] < 1
    assert tall.mask[:3].max() == 0


def test_the_same_seed_wears_the_same():
    brief = AppearanceBrief(concept="mug", category="office", archetype="mug", accessories=("scarf", "party hat"))
    assert np.array_equal(draw(brief, seed=9, size=128).image, draw(brief, seed=9, size=128).image)
