"""The voice part of the built-in writer: gender, age, nature and what a description says of the voice itself."""

import pytest

from personify.pipelines.builtin.reading import read_description
from personify.pipelines.writers import persona_writer

WRITER = persona_writer()


def voices(description):
    return [WRITER.write(description, seed=seed).voice for seed in range(4)]


@pytest.mark.parametrize(
    ("description", "gender"),
    [
        ("a rose who thinks she is the prettiest", "feminine"),
        ("a fairy who lost his wand", "masculine"),
        ("a Scottish fisherman", "masculine"),
        ("a posh countess with a lorgnette", "feminine"),
        ("a fire-breathing dragon", "masculine"),
        ("a female dragon", "feminine"),
        ("a stern headmaster", "masculine"),
        ("a stern headmistress", "feminine"),
        ("a brave firefighter named Laura", "feminine"),
        ("ein mürrischer alter Kapitän", "masculine"),
        ("un cuoco allegro", "masculine"),
        ("ein kleines Mädchen", "feminine"),
    ],
)
def test_gender_is_read_from_pronouns_names_trades_and_grammar(description, gender):
    assert {voice.gender for voice in voices(description)} == {gender}


def test_what_nobody_says_is_drawn():
    assert len({voice.gender for voice in (*voices("a human detective"), *voices("a human gardener"))}) > 1
    assert len({voice.gender for voice in voices("a shaman who lost his drum")}) == 1


@pytest.mark.parametrize(
    ("description", "age"),
    [
        ("a bossy seven-year-old girl", "child"),
        ("a 19 year old student", "young"),
        ("a forty-two-year-old baker", "adult"),
        ("a gardener aged 80", "elderly"),
        ("a 300-year-old oak", "elderly"),
        ("two old friends", "elderly"),
        ("a baker", "adult"),
    ],
)
def test_age_is_read_in_years_and_in_words(description, age):
    assert {voice.age for voice in voices(description)} == {age}


@pytest.mark.parametrize(
    "description", ["a six-year-old girl", "An 8 Year Old boy", "a thirty-year-old nurse", "a nurse aged 30"]
)
def test_years_are_an_age_and_no_temper(description):
    reading = read_description(description)
    assert reading.temperaments == () and reading.age == "" and reading.not_understood == ()
    assert [temper.word for temper in read_description("a 90-year-old baker").temperaments] == ["elderly"]


@pytest.mark.parametrize(
    ("description", "nature"),
    [
        ("a friendly robot who cooks", "robot"),
        ("ein freundlicher Roboter", "robot"),
        ("a church bell", "church bell"),
        ("a hamster who runs all night", "hamster"),
        ("a stern referee", "referee"),
    ],
)
def test_the_brief_says_what_it_is(description, nature):
    assert all(voice.nature[0] == nature and len(voice.nature) <= 5 for voice in voices(description))


def test_what_is_said_of_the_voice_is_heeded():
    plain, rough, fast, soft = (
        voices(f"a calm man{said}")[0]
        for said in ("", " with a deep, rough voice", " who talks much too fast", " who whispers")
    )
    assert rough.timbre[:2] == ("deep", "rough") and rough.pitch < plain.pitch - 0.1
    assert fast.pace > plain.pace + 0.15 and fast.timbre[0] == "fast"
    assert soft.energy < plain.energy - 0.1
    assert "whispers" not in voices("a calm man who never whispers")[0].timbre


def test_no_temper_lends_the_words_of_another_age():
    for seed in range(12):
        voice = WRITER.write("a curious professor", seed=seed).voice
        assert voice.age == "adult" and not {"young", "old"} & set(voice.timbre)
