"""Attempts: what is not found is drawn again with more guidance, and the sketch stands in where nothing helps."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from personify.avatar.brief import AppearanceBrief
from personify.avatar.experts import SKETCH, Experts
from personify.avatar.mixture import Ranked
from personify.avatar.orders import Proposal, Steer
from personify.avatar.portraits import Sitting, draw_portrait, draw_portraits
from personify.avatar.sketch.draw import draw
from personify.voices.errors import BadInput


def brief(concept="teapot"):
    return AppearanceBrief(concept=concept, category="household", archetype="teapot")


class Copyist:
    """An expert that copies its guide from its `good`th try on, and draws noise before; it keeps what it was asked."""

    name = "copyist"
    description = "copies"
    guidances = ("pixel", "none")

    def __init__(self, good=0, refuses=False, sketch_style=None):
        self.good, self.refuses, self.asked, self.sketch_style = good, refuses, [], sketch_style

    def schedule(self, guidance, attempts):
        return tuple(Steer(guidance, 0.6 - 0.1 * k, 1.0, k) for k in range(attempts))

    def draw(self, orders, steer):
        self.asked.append([order.seed for order in orders])
        return [self._one(order, steer) for order in orders]

    def _one(self, order, steer):
        late = steer.attempt < self.good or (order.seed % 2 and steer.attempt < self.good + 1)
        if late or order.guide is None:
            noise = np.random.default_rng(order.seed).integers(0, 255, (order.size, order.size, 3), np.uint8)
            return Proposal(noise, refused="it may not be shown" if self.refuses else None)
        return Proposal(order.guide.image)


@pytest.mark.parametrize(("style", "drawn"), [("comic", "comic"), ("photo", "photo"), (None, "clay")])
def test_the_sketch_that_guides_is_in_the_experts_style_or_the_briefs(style, drawn):
    asked = brief().model_copy(update={"style_words": ("clay",)})
    portrait = draw_portrait(asked, seed=4, expert=Copyist(sketch_style=style))
    assert np.array_equal(portrait.image, draw(asked, seed=4, style=drawn).image)


def test_the_first_attempt_that_is_found_is_the_portrait():
    portrait = draw_portrait(brief(), seed=2, expert=Copyist(good=1))
    assert [attempt.verdict.plausible for attempt in portrait.attempts] == [False, True]
    assert [attempt.strength for attempt in portrait.attempts] == pytest.approx([0.6, 0.5])
    assert portrait.expert == "copyist" and portrait.stand_in is None and portrait.verdict.plausible
    assert portrait.verdict.error < 0.15
    assert portrait.landmarks.shape == (478, 2) and portrait.depth.shape == (478,)


def test_the_sketch_stands_in_and_says_why():
    portrait = draw_portrait(brief(), seed=2, expert=Copyist(good=9), attempts=2)
    assert portrait.expert == SKETCH and portrait.guidance == "none" and portrait.verdict.plausible
    assert "copyist (guidance pixel) gave no face" in portrait.stand_in and "2 attempts" in portrait.stand_in
    assert [attempt.expert for attempt in portrait.attempts] == ["copyist", "copyist", "sketch"]


def test_a_refused_picture_is_a_failed_attempt_with_its_reason():
    portrait = draw_portrait(brief(), seed=2, expert=Copyist(good=1, refuses=True))
    assert portrait.attempts[0].verdict.reasons == ("it may not be shown",)
    assert portrait.expert == "copyist"


def test_only_what_was_missed_is_drawn_again():
    artist = Copyist()
    portraits = draw_portraits([Sitting(brief(), seed) for seed in (2, 3, 4, 5)], expert=artist)
    assert artist.asked == [[2, 3, 4, 5], [3, 5]]
    assert [len(portrait.attempts) for portrait in portraits] == [1, 2, 1, 2]


def test_without_guidance_there_is_no_guide():
    portrait = draw_portrait(brief(), seed=2, expert=Copyist(), guidance="none", attempts=1)
    assert portrait.expert == SKETCH and "guidance none" in portrait.stand_in
    assert portrait.attempts[0].strength is None


def test_the_users_own_picture_guides():
    own = draw_portrait(brief(), seed=11, size=640).image
    portrait = draw_portrait(brief("lemon"), seed=2, expert=Copyist(), picture=own)
    assert portrait.verdict.plausible and portrait.expert == "copyist"
    assert np.abs(portrait.image.astype(int) - draw_portrait(brief("lemon"), seed=2).image).mean() > 5


def test_a_face_somewhere_else_is_not_the_one_that_was_meant():
    class Shifted(Copyist):
        def _one(self, order, steer):
            return Proposal(np.roll(order.guide.image, 90, axis=1))

    portrait = draw_portrait(brief(), seed=2, expert=Shifted(), attempts=1)
    assert portrait.expert == SKETCH
    assert any("eye distances" in reason or "no face" in reason for reason in portrait.attempts[0].verdict.reasons)


# ---- who can be asked


@pytest.fixture
def experts(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.chdir(tmp_path)
    return Experts()


def test_personifys_own_experts_draw_unless_larger_ones_can(experts):
    choice = experts.choose(brief().model_copy(update={"style_words": ("comic",)}))
    assert choice.name == "comic" and "comic" in choice.reason


def test_without_weights_the_sketch_is_chosen_and_says_so(experts, monkeypatch):
    bare = [replace(card, here=card.name == SKETCH) for card in experts.cards()]
    monkeypatch.setattr(experts, "cards", lambda: bare)
    choice = experts.choose(brief())
    assert choice.name == SKETCH and "no other expert has its weights here" in choice.reason


def test_names_are_obeyed_or_refused(experts):
    named = next(name for name in experts.names() if name != SKETCH)
    assert experts.choose(brief(), name=named).name == named
    assert experts.choose(brief(), name=SKETCH).name == SKETCH
    with pytest.raises(BadInput, match=r"unknown expert 'dall-e'; choose one of: .*sketch"):
        experts.choose(brief(), name="dall-e")
    with pytest.raises(BadInput, match="unknown expert 'dall-e'"):
        experts.get("dall-e")


def test_cards_begin_with_the_sketch(experts):
    cards = experts.cards()
    assert cards[0].name == SKETCH and cards[0].here
    assert len(cards) >= 11 and all(card.licence and card.styles for card in cards)


def test_a_language_model_may_rank(experts):
    class Oracle:
        def rank(self, brief, cards):
            return [Ranked(cards[-1].name, 0.9, "It said so.")]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Experts, "pool", SimpleNamespace(device=SimpleNamespace(kind="cuda")))
        patch.setattr("personify.avatar.mixture.whereabouts", lambda entry, catalogue: "here")
        large = [name for name, entry in experts.catalogue.experts.items() if entry.base != "embedded"]
        assert experts.choose(brief(), ranker=Oracle()).name == large[-1]


@pytest.mark.parametrize(("device", "expected"), [("cpu", "small"), ("cuda", "large")])
def test_large_experts_come_first_where_they_run(tmp_path, monkeypatch, device, expected):
    config = tmp_path / "personify.toml"
    config.write_text("\n".join(OWN.format(name=name, base=base) for name, base in OWN_NAMES))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(Experts, "pool", SimpleNamespace(device=SimpleNamespace(kind=device)))
    monkeypatch.setattr(
        "personify.avatar.mixture.whereabouts", lambda entry, _: "here" if entry.name in dict(OWN_NAMES) else "absent"
    )
    assert Experts(config).choose(brief()).name == expected


OWN_NAMES = (("small", "embedded"), ("large", "sd15"))
OWN = """
[[expert]]
name = "{name}"
title = "Own"
description = "Anything."
styles = ["plain"]
base = "{base}"
steps = 4
guidance_scale = 2.0
weights = {{ folder = "somewhere" }}
"""


def test_the_sketch_cannot_be_pulled(experts):
    with pytest.raises(BadInput, match="draws by itself"):
        experts.pull(SKETCH, lambda here, total: None)
