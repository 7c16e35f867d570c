"""Reading a description: every part finds its place, hostile text becomes data, and nothing is lost in silence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.pipelines.builtin import BuiltinWriter, read_description
from personify.voices.errors import BadInput


def test_all_parts_of_a_full_description():
    reading = read_description(
        "Sir Toastalot, an old Scottish wooden teapot wizard with a monocle, "
        "who loves astronomy but hates mornings and is afraid of water"
    )
    assert reading.name == "Sir Toastalot"
    assert reading.concept and reading.concept.word == "teapot"
    assert reading.role and reading.role.word == "wizard"
    assert (reading.age, reading.accent, reading.materials, reading.accessories) == (
        "elderly",
        "scottish",
        ("wood",),
        ("monocle",),
    )
    assert (reading.loves, reading.hates, reading.fears) == (("astronomy",), ("mornings",), ("water",))
    assert [interest.word for interest in reading.interests] == ["astronomy"]
    assert reading.not_understood == ()


@pytest.mark.parametrize(
    ("description", "name"),
    [
        ("Bob, a grumpy teapot", "Bob"),
        ("a robot named Zix", "Zix"),
        ("Ada Lovelace is a clever owl", "Ada Lovelace"),
        ("a cat called Mr. Pickles who sings", "Mr. Pickles"),
        ("un gato llamado Félix", "Félix"),
        ("一只名叫小白的猫", "小白"),
        ("Zoë the brave hedgehog", "Zoë"),
        ("a grumpy teapot", None),
        ("Teapot, a grumpy one", None),
    ],
)
def test_names(description, name):
    assert read_description(description).name == name


@pytest.mark.parametrize(
    ("description", "nature", "category", "archetype"),
    [
        ("an orange", "orange", "fruits", "apple"),
        ("an orange cat", "cat", "animals", "cat"),
        ("a grumpy thistle", "thistle", "plants", "flower"),
        ("a lavender robot", "robot", "cartoon", "robot"),
        ("a strawberry monster", "strawberry monster", "cartoon", "monster"),
        ("a pair of old boots", "boot", "clothes", "boot"),
        ("two grumpy teapots", "teapot", "household", "teapot"),
        ("a kitten in a top hat", "kitten", "animals", "cat"),
        ("a polar bear pirate", "polar bear", "animals", "bear"),
        ("a retired sailor", "sailor", "people", None),
        ("a moonberry", "moonberry", "fruits", "strawberry"),
        ("a flumph", "flumph", "cartoon", None),
        ("🐱", "cat", "animals", "cat"),
        ("🤖 who loves jazz", "robot", "cartoon", "robot"),
        ("grumpy", "person", "people", None),
    ],
)
def test_what_it_is(description, nature, category, archetype):
    reading = read_description(description)
    assert (reading.nature, reading.category) == (nature, category)
    assert archetype in (None, reading.archetype)


def test_misspelt_words_are_read_and_noted():
    reading = read_description("a grumpy tepot detectiv")
    assert reading.concept and reading.concept.word == "teapot"
    assert reading.role and reading.role.word == "detective"
    assert "tepot (read as teapot)" in reading.not_understood


@pytest.mark.parametrize("word", ["boat", "goat", "coat", "moon", "mouse", "house", "pear", "bear"])
def test_near_words_are_not_mixed_up(word):
    reading = read_description(f"a {word}")
    assert reading.nature == word and reading.misspelt == ()


def test_what_was_not_understood_is_listed_and_kept():
    reading = read_description("a zorbly flumph")
    assert "flumph" in reading.nature and "flumph" in reading.not_understood


def test_places_and_deeds_part_ways():
    reading = read_description("a mug who lives in a train station and speaks only in rhymes")
    assert (reading.place, reading.deeds) == ("in a train station", ("I speak only in rhymes",))


def test_a_bare_name_is_a_person():
    reading = read_description("Albert Einstein")
    assert (reading.name, reading.category, reading.not_understood) == ("Albert Einstein", "people", ())


def test_clauses_become_deeds_in_the_first_person():
    reading = read_description("a mug who lost its handle and a lamp")
    assert any(deed.startswith("I lost my handle") for deed in reading.deeds)


@pytest.mark.parametrize("text", ["", "   ", "\n\t\u200b", "\x00\x07", "!!!", "12345 ?"])
def test_nothing_to_read_is_a_clear_error(text):
    with pytest.raises(BadInput, match="description"):
        read_description(text)


def test_too_long_names_the_length_and_the_limit():
    with pytest.raises(BadInput, match=r"10,000.*2,000"):
        read_description("a" * 10_000)


@pytest.mark.parametrize(
    "text",
    [
        "../../etc/passwd",
        "{name} {0} %s",
        "<script>alert(1)</script>",
        "ا قطة \u202e لطيفة",
        "a teapot\x00\x1b[31m",
        "a cat; DROP TABLE cats",
        "\ud800 cat",
    ],
)
def test_hostile_text_becomes_a_persona(text):
    persona = BuiltinWriter().write(text, seed=1)
    assert not any(ord(letter) < 32 for letter in persona.model_dump_json())


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=200), st.integers(0, 3))
def test_any_text_gives_a_persona_or_a_clear_error(text, seed):
    try:
        persona = BuiltinWriter().write(text, seed=seed)
    except BadInput as error:
        assert "description" in str(error)
    else:
        assert persona.name and persona.speaking.greeting and persona.appearance.archetype


WORDS = [
    "a",
    "the",
    "grumpy",
    "teapot",
    "cat",
    "who",
    "loves",
    "hates",
    "and",
    "is",
    "afraid",
    "of",
    "stars",
    "named",
    "Bob",
]
WORDS += [",", "with", "in", "red", "old", "professor"]
WORDS += ["flumph's", "who", "(", "that", "猫", "🐱", "которая", "la", "théière"]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14))
def test_any_order_of_words_gives_a_persona_or_a_clear_error(words):
    try:
        persona = BuiltinWriter().write(" ".join(words), seed=1)
    except BadInput:
        return
    assert "{" not in persona.speaking.greeting
