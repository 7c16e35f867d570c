"""The expert that fits a brief is chosen with a reason, by words or by whoever else can rank cards."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.avatar.brief import AppearanceBrief
from personify.avatar.catalogue import load_catalogue
from personify.avatar.mixture import ExpertCard, Ranked, WordRanker, cards_of, choose_expert, score
from personify.voices.errors import BadInput, PersonifyError

CARDS = cards_of(load_catalogue())
NAMES = {card.name for card in CARDS}


def brief(*style_words: str, concept: str = "teapot", category: str = "household") -> AppearanceBrief:
    return AppearanceBrief(concept=concept, category=category, archetype=concept, style_words=style_words)


@pytest.mark.parametrize(
    ("asked", "category", "expected"),
    [
        (("anime",), "people", "anime-fast"),
        (("manga", "dramatic"), "people", "anime-fast"),
        (("photorealistic",), "people", "realistic-fast"),
        (("pixel art",), "food", "pixel-art-xl"),
        (("Pixel-Art",), "food", "pixel-art-xl"),
        (("3D animation",), "animals", "animation-3d-fast"),
        (("papercut",), "plants", "papercut-xl"),
        (("dramatic", "ornate"), "cartoon", "openjourney"),
        (("painterly", "classic"), "music", "dreamshaper-lcm"),
        (("hand-drawn",), "animals", "ghibli-diffusion"),
        (("toy",), "bags", "game-icon-fast"),
    ],
)
def test_the_style_asked_for_decides(asked, category, expected):
    choice = choose_expert(brief(*asked, category=category), CARDS)
    assert choice.name == expected
    assert choice.reason.endswith(".")
    assert len(choice.runners_up) == 3
    assert choice.name not in {ranked.name for ranked in choice.runners_up}


def test_a_thing_goes_to_an_expert_that_suits_it():
    choice = choose_expert(brief(concept="apple", category="fruits"), CARDS)
    assert "fruits" in next(card.suits for card in CARDS if card.name == choice.name)
    assert "suits fruits" in choice.reason


def test_every_style_that_the_built_in_writer_asks_for_means_something():
    from personify.pipelines.builtin.lexicon import lexicon

    for words in lexicon().words["style_of_group"].values():
        for word in words:
            assert len({score(brief(word), card) for card in CARDS}) > 1, word


def test_the_reason_tells_what_was_asked_and_what_is_missing():
    reason = choose_expert(brief("anime"), [card for card in CARDS if card.name == "realistic-fast"]).reason
    assert reason.startswith("Fast realistic photos suits household things")
    assert "photo and realistic rather than anime" in reason


def test_ties_prefer_what_is_here_then_few_steps_then_what_may_be_sold():
    plain = {
        "title": "T", "description": "", "styles": ("photo",), "suits": (), "licence": "mit", "size": 512,
        "download_gb": 1.0, "guidances": ("none",),
    }  # fmt: skip
    cards = [
        ExpertCard(name="a-sold", few_step=False, commercial=True, here=False, **plain),
        ExpertCard(name="b-quick", few_step=True, commercial=False, here=False, **plain),
        ExpertCard(name="c-quick-and-sold", few_step=True, commercial=True, here=False, **plain),
        ExpertCard(name="d-here", few_step=False, commercial=False, here=True, **plain),
        ExpertCard(name="e-none", few_step=False, commercial=False, here=False, **plain),
    ]
    ranked = [one.name for one in WordRanker().rank(brief("photo"), cards)]
    assert ranked == ["d-here", "c-quick-and-sold", "b-quick", "a-sold", "e-none"]


def test_a_name_overrules():
    choice = choose_expert(brief("anime"), CARDS, name="sd-turbo")
    assert choice.name == "sd-turbo"
    assert choice.reason == "SD Turbo was asked for by name."
    assert "anime-fast" in {ranked.name for ranked in choice.runners_up}
    with pytest.raises(BadInput, match="unknown expert 'dali'; choose one of: animagine-xl-4, "):
        choose_expert(brief(), CARDS, name="dali")
    with pytest.raises(BadInput, match="no expert to choose from"):
        choose_expert(brief(), [])


class Fixed:
    """A ranker that always says the same; a language model's place in the interface."""

    def __init__(self, *ranking: Ranked, error: PersonifyError | None = None) -> None:
        self.ranking, self.error = list(ranking), error

    def rank(self, brief, cards):
        if self.error:
            raise self.error
        return self.ranking


def test_another_ranker_decides():
    said = Fixed(Ranked("papercut-xl", 0.9, "Paper suits a teapot."), Ranked("sd-turbo", 0.2, "Plain."))
    choice = choose_expert(brief("anime"), CARDS, ranker=said)
    assert (choice.name, choice.reason) == ("papercut-xl", "Paper suits a teapot.")
    assert [ranked.name for ranked in choice.runners_up] == ["sd-turbo"]


@pytest.mark.parametrize(
    ("ranker", "said"),
    [
        (Fixed(), "named none"),
        (Fixed(Ranked("dali", 1.0, "")), "named 'dali', which is no expert"),
        (Fixed(Ranked("sd-turbo", 1.0, ""), Ranked("sd-turbo", 0.5, "")), "named an expert twice"),
        (Fixed(error=PersonifyError("no answer")), "failed (no answer)"),
    ],
)
def test_one_that_does_not_answer_is_replaced_and_told_of(ranker, said):
    choice = choose_expert(brief("anime", category="people"), CARDS, ranker=ranker)
    assert choice.name == "anime-fast"
    assert said in choice.reason
    assert "built-in matcher" in choice.reason


def test_a_card_has_no_model_and_no_file():
    card = dataclasses.asdict(next(card for card in CARDS if card.name == "dreamshaper-lcm"))
    assert card["here"] is False
    assert card["licence"] == "creativeml-openrail-m + openrail++ + openrail"
    assert all(isinstance(value, str | bool | int | float | tuple) for value in card.values())
    with pytest.raises(ValueError, match="0 to 1"):
        Ranked("a", 1.5, "")


@given(st.lists(st.text(max_size=12), max_size=4), st.text(max_size=8), st.text(min_size=1, max_size=12))
def test_no_words_break_the_choice(words, category, concept):
    asked = brief(*words, concept=concept, category=category)
    choice = choose_expert(asked, CARDS)
    assert choice == choose_expert(asked, list(reversed(CARDS)))
    assert choice.name in NAMES
    assert all(0 <= score(asked, card) <= 1 for card in CARDS)
