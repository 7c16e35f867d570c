"""Quotas: read from text with each mistake named, and met at every beginning of a batch as far as descriptions let."""

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.pipelines.batch.quotas import ATTRIBUTES, Quotas, Strata, attributes_of, read_quotas, values_of
from personify.pipelines.batch.varying import options, vary
from personify.pipelines.builtin import read_description
from personify.pipelines.wanted import NOTHING, Wanted
from personify.pipelines.writers import persona_writer
from personify.voices.errors import BadInput


def test_shares_are_read_from_several_texts():
    quotas = read_quotas(["gender=female:50+male:40+neutral:10, age=even", "category=animals+people:3"])
    assert quotas.attributes == ("gender", "age", "category")
    assert quotas.shares["gender"] == pytest.approx({"feminine": 0.5, "masculine": 0.4, "neutral": 0.1})
    assert quotas.shares["age"] == pytest.approx(dict.fromkeys(("child", "young", "adult", "elderly"), 0.25))
    assert quotas.shares["category"] == pytest.approx({"animals": 0.25, "people": 0.75})


def test_shares_of_one_attribute_add_up_over_options():
    assert read_quotas(["gender=female:30", "gender=male:70"]).shares["gender"]["masculine"] == pytest.approx(0.7)


def test_even_over_archetypes_is_over_all_that_can_be_drawn():
    shares = read_quotas(["archetype=even"]).shares["archetype"]
    assert set(shares) == set(values_of("archetype"))
    assert len(set(shares.values())) == 1


def test_no_quotas_are_none():
    assert not read_quotas([])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gendre=even", "gender"), ("gender", "says no shares"), ("gender=", "says no shares"), ("", "says no shares"),
        ("gender=purple", "neutral"), ("gender=female:0", "'0'"), ("gender=female:-1", "'-1'"),
        ("gender=female:nan", "'nan'"), ("gender=female:inf", "'inf'"), ("gender=female:lots", "'lots'"),
        ("gender=female,gender=female", "twice"), ("age=old+elderly", "twice"), ("archetype=balrog", "archetype"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(text, said):
    with pytest.raises(BadInput, match=said):
        read_quotas([text])


PIECE = st.sampled_from(
    [*ATTRIBUTES, "gender=", "age=even", "female", "owl", ":", "+", ",", "=", "1e400", "50", "-", "é"]
)


@given(st.lists(PIECE, max_size=8).map("".join) | st.text(max_size=40))
def test_any_text_is_quotas_or_bad_input(text):
    try:
        quotas = read_quotas([text])
    except BadInput:
        return
    assert all(math.isclose(sum(shares.values()), 1) for shares in quotas.shares.values())


WEIGHTS = st.lists(st.integers(1, 60), min_size=1, max_size=5)


@given(st.lists(WEIGHTS, min_size=1, max_size=3), st.integers(0, 9), st.integers(1, 120))
def test_every_beginning_is_near_the_quota(weights, seed, rows):
    shares = {
        f"attribute {a}": {f"value {v}": weight / sum(mine) for v, weight in enumerate(mine)}
        for a, mine in enumerate(weights)
    }
    strata = Strata(Quotas(shares), seed=seed)
    cells = [()]
    for mine in shares.values():
        cells = [(*cell, value) for cell in cells for value in mine]
    counts = {name: Counter() for name in shares}
    for row in range(1, rows + 1):
        cell = strata.next(cells, str(row))
        strata.add(dict(zip(shares, cell, strict=True)))
        for name, value in zip(shares, cell, strict=True):
            counts[name][value] += 1
        for name, mine in shares.items():
            assert all(abs(counts[name][value] - share * row) < 3 for value, share in mine.items())


def test_attributes_are_spread_over_one_another():
    quotas = read_quotas(["gender=female:50+male:40+neutral:10,age=even"])
    strata = Strata(quotas, seed=4)
    cells = [(g, a) for g in quotas.shares["gender"] for a in quotas.shares["age"]]
    seen = Counter()
    for row in range(200):
        cell = strata.next(cells, str(row))
        seen[cell] += 1
        strata.add(dict(zip(quotas.attributes, cell, strict=True)))
    for (gender, age), count in seen.items():
        assert abs(count - 200 * quotas.shares["gender"][gender] * quotas.shares["age"][age]) < 3
    assert len(seen) == 12


def test_what_is_there_already_is_made_up_for():
    strata = Strata(read_quotas(["gender=female+male"]), seed=0)
    for _ in range(10):
        strata.add({"gender": "feminine"})
    assert [strata.next([("feminine",), ("masculine",)], str(i)) for i in range(3)] == [("masculine",)] * 3


def test_a_value_without_a_share_comes_last_and_others_still_count():
    strata = Strata(read_quotas(["archetype=owl+cat,gender=female+male"]), seed=0)
    strata.add({"archetype": "owl", "gender": "feminine"})
    cells = [("teapot", "feminine"), ("teapot", "masculine")]
    assert strata.next(cells, "x") == ("teapot", "masculine")
    assert strata.next([*cells, ("owl", "feminine")], "x") == ("owl", "feminine")
    assert strata.next([], "x") is None


@pytest.mark.parametrize(
    ("description", "quota", "allowed"),
    [
        ("a queen", "gender=even", {("feminine",)}),
        ("a villager", "gender=even", {("feminine",), ("masculine",), ("neutral",)}),
        ("an old woman", "age=even", {("elderly",)}),
        ("a man", "archetype=owl+man", {("man",)}),
        ("a villager", "archetype=owl+man", {("owl",), ("man",)}),
        ("a bachelor", "archetype=woman+man,gender=even", {("man", "masculine")}),
        ("a teapot", "archetype=owl+cat", {("teapot",)}),
        ("a villager", "category=animals+fruits", {("animals",), ("fruits",)}),
        ("a detective", "archetype=owl", {("owl",)}),
        ("a seven-year-old girl", "age=even,gender=even", {("child", "feminine")}),
        ("a pirate", "archetype=even,gender=female", {("pirate", "feminine")}),
        ("a grumpy teapot called Rosalind", "gender=even", {("feminine",)}),
    ],
)  # fmt: skip
def test_only_what_the_description_leaves_open_is_free(description, quota, allowed):
    assert set(options(read_description(description), read_quotas([quota]))) == allowed


@pytest.mark.parametrize("description", ["a villager", "someone", "a detective", "a grumpy librarian who loves tea"])
def test_whoever_is_wanted_comes(description):
    reading = read_description(description)
    quotas = read_quotas(["archetype=even,age=even,gender=female+male"])
    those = options(reading, quotas)
    drawn = random.Random(7).sample(sorted(those), 60)
    costumes = {"pirate", "superhero", "wizard"} if reading.role else set()  # lives of their own
    assert {cell[0] for cell in those} == set(values_of("archetype")) - costumes
    for cell in drawn:
        wanted = those[cell].wanted(random.Random(1))
        persona = persona_writer().write(description, seed=3, wanted=wanted)
        came = attributes_of(persona)
        assert tuple(came[name] for name in quotas.attributes) == cell
        assert persona.description == description
        assert persona.voice.gender == persona.appearance.gender == persona.social.gender


def test_what_is_wanted_is_in_texts_face_and_voice():
    wanted = Wanted(gender="feminine", age="elderly", kind="owl", interest="tea", place="above the old bakery")
    persona = persona_writer().write("a villager", seed=1, wanted=wanted)
    assert persona.social.nature == "owl villager"
    assert persona.social.home == "above the old bakery"
    assert "above the old bakery" in persona.life.backstory
    assert "tea" in persona.personal.likes
    assert persona.voice.age == "elderly"
    assert persona.appearance.words == "a villager, an elderly feminine owl who loves tea"


def test_what_the_description_says_stays():
    wanted = Wanted(gender="masculine", age="child", kind="owl", place="in the bell tower")
    persona = persona_writer().write("an elderly queen in a castle", seed=1, wanted=wanted)
    plain = persona_writer().write("an elderly queen in a castle", seed=1)
    assert persona == plain


def test_nothing_wanted_changes_nothing():
    for seed in range(20):
        assert persona_writer().write("a wise owl", seed=seed, wanted=NOTHING) == persona_writer().write(
            "a wise owl", seed=seed
        )


def test_variety_keeps_the_temper_that_is_said():
    reading = read_description("a grumpy teapot")
    seen = {vary(NOTHING, reading, random.Random(seed)).tempers for seed in range(40)}
    assert {first for first, *_ in seen} == {"grumpy"}
    assert len(seen) > 5
    persona = persona_writer().write("a grumpy teapot", seed=1, wanted=vary(NOTHING, reading, random.Random(1)))
    assert persona.appearance.expression == "grumpy"


@pytest.mark.parametrize("description", ["a villager", "un aldeano", "ein Dorfbewohner", "деревенский житель", "村民"])
def test_names_that_are_taken_are_not_drawn(description):
    taken: set[str] = set()
    for seed in range(400):
        name = persona_writer().write(description, seed=seed % 50, wanted=Wanted(taken=taken)).name
        assert name not in taken
        assert 0 < len(name) <= 80
        taken.add(name)
