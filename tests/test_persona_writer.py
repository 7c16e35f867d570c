"""The built-in writer: whole, coherent, new with each seed, the same for the same seed, in the user's language."""

import re
import time

import pytest

from personify.avatar.brief import EXPRESSIONS
from personify.pipelines.builtin.lexicon import ARCHETYPES, lexicon
from personify.pipelines.persona import Persona
from personify.pipelines.writers import WRITERS, persona_writer
from personify.voices.errors import BadInput

TEAPOT = "a grumpy teapot who loves astronomy"
TIMBRE = {
    "warm",
    "bright",
    "metallic",
    "robotic",
    "hoarse",
    "raspy",
    "booming",
    "whispering",
    "echoing",
    "squeaky",
    "gentle",
    "breathy",
    "nasal",
    "crisp",
    "deep",
    "tiny",
    "giant",
    "ghostly",
    "radio",
    "underwater",
    "growling",
    "regal",
    "cheerful",
    "sleepy",
    "wise",
    "old",
    "young",
    "calm",
    "stern",
}


@pytest.fixture(scope="module")
def writer():
    return persona_writer("builtin")


def prose(persona: Persona) -> str:
    personal, life, speaking = persona.personal, persona.life, persona.speaking
    parts = [
        *personal.traits,
        *personal.values,
        *personal.likes,
        *personal.dislikes,
        life.backstory,
        persona.social.home,
    ]
    parts += [moment.activity for moment in life.routine]
    return "\n".join([*parts, speaking.manner, *speaking.sample_lines, speaking.greeting, persona.name])


def debris(text: str) -> list[str]:
    rules = [
        r"[{}]",
        r"  ",
        r"\bNone\b",
        r"\.\.",
        r"[,;]\.",
        r"\?\.",
        r"!\.",
        r" [,.!?](?!\.)",
        r"\b[Aa] [aeio][a-z]",
        r"\b[Aa]n [bcdfgjklmnpqrstvwyz][a-z]",
        r"\b(\w+) \1\b",
    ]
    allowed = re.compile(r"\b[Aa] one\b|and then, and then")
    return [
        match.group()
        for rule in rules
        for match in re.finditer(rule, text)
        if not allowed.search(text[match.start() : match.end() + 3])
    ]


def test_the_same_description_and_seed_give_the_same_persona(writer):
    assert writer.write(TEAPOT, seed=7) == persona_writer().write(TEAPOT, seed=7)


def test_seeds_differ(writer):
    personas = [writer.write(TEAPOT, seed=seed) for seed in range(20)]
    assert len({persona.life.backstory for persona in personas}) == 20
    assert len({persona.speaking.greeting for persona in personas}) >= 15
    assert len({persona.name for persona in personas}) >= 12


def test_a_wise_owl_professor_is_all_three(writer):
    persona = writer.write("a wise owl professor", seed=1)
    lex = lexicon()
    assert (persona.social.nature, persona.social.occupation, persona.social.category) == (
        "owl",
        "professor",
        "animals",
    )
    assert set(lex.temperaments["wise"].traits) <= set(persona.personal.traits)
    assert any(fact in persona.life.backstory for fact in lex.concepts["owl"].facts)
    assert any(fact in persona.life.backstory for fact in lex.roles["professor"].facts)
    assert "wise" in persona.voice.timbre
    assert (
        set(persona.appearance.accessories) <= {"spectacles", "graduation cap", "bow tie"}
        and persona.appearance.accessories
    )


def test_interest_is_woven_in(writer):
    for seed in range(5):
        persona = writer.write(TEAPOT, seed=seed)
        assert "astronomy" in persona.personal.likes and "astronomy" in persona.life.backstory
        assert persona.appearance.expression == "grumpy"


def test_every_concept_reads_without_debris(writer):
    for seed, word in enumerate(lexicon().concepts):
        persona = writer.write(f"a {word}" if word[0] not in "aeiou" else f"an {word}", seed=seed)
        assert persona.social.nature == word
        assert debris(prose(persona)) == [], (word, prose(persona))
        assert persona.not_understood == ()


@pytest.mark.parametrize("table", ["roles", "temperaments", "interests"])
def test_every_role_temper_and_interest_reads_without_debris(writer, table):
    frames = {"roles": "a cheerful cat {}", "temperaments": "a {} robot", "interests": "a shy lamp who loves {}"}
    for seed, word in enumerate(getattr(lexicon(), table)):
        persona = writer.write(frames[table].format(word), seed=seed)
        assert debris(prose(persona)) == [], (word, prose(persona))
        assert persona.not_understood == ()


def test_greetings_are_short_and_say_the_name(writer):
    for seed, word in enumerate(lexicon().concepts):
        persona = writer.write(f"a shy {word}", seed=seed)
        assert persona.name in persona.speaking.greeting
        assert 8 <= len(persona.speaking.greeting.split()) <= 17, persona.speaking.greeting


def test_likes_and_dislikes_never_meet(writer):
    for seed in range(40):
        persona = writer.write("a cat who loves closed doors and hates cardboard boxes", seed=seed)
        assert not set(persona.personal.likes) & set(persona.personal.dislikes)
        assert "closed doors" in persona.personal.likes and "cardboard boxes" in persona.personal.dislikes
        assert len(persona.personal.likes) >= 2 and len(persona.personal.dislikes) >= 2


def test_routine_runs_through_the_day(writer):
    for seed in range(20):
        times = [moment.time for moment in writer.write("a pirate penguin", seed=seed).life.routine]
        assert times == sorted(times) and len(times) >= 5


@pytest.mark.parametrize(
    ("description", "language", "nature", "concept"),
    [
        ("una tetera gruñona que ama la astronomía", "es", "tetera", "teapot"),
        ("une théière grincheuse", "fr", "théière", "teapot"),
        ("eine mürrische Teekanne", "de", "Teekanne", "teapot"),
        ("una teiera scorbutica", "it", "teiera", "teapot"),
        ("um bule rabugento", "pt", "bule", "teapot"),
        ("一个脾气暴躁的茶壶", "zh", "茶壶", "teapot"),
        ("ворчливый чайник", "ru", "чайник", "teapot"),
    ],
)
def test_a_grumpy_teapot_in_its_own_language(writer, description, language, nature, concept):
    for seed in range(8):
        persona = writer.write(description, seed=seed)
        assert (persona.language, persona.voice.language) == (language, language)
        assert (persona.social.nature, persona.appearance.concept) == (nature, concept)
        assert persona.appearance.expression == "grumpy" and persona.not_understood == ()
        assert persona.name in persona.speaking.greeting
        assert not re.search(r"[{}]|None|  ", prose(persona))


def test_a_language_without_templates_is_written_in_english_and_says_so(writer):
    persona = writer.write("가나다라 마바사 아자차카 타파하", seed=1)
    assert persona.language == persona.voice.language == "en"
    assert any("written in English" in note for note in persona.not_understood)


def test_voice_follows_size_gender_and_age(writer):
    mouse, bear = (writer.write(f"a male {word}", seed=3).voice for word in ("mouse", "bear"))
    assert mouse.pitch > bear.pitch + 0.2
    assert writer.write("an old woman", seed=3).voice.age == "elderly"
    assert writer.write("a little girl", seed=3).voice.gender == "feminine"
    assert writer.write("a Scottish robot", seed=3).voice.accent == "scottish"
    assert {"robotic", "metallic"} <= set(writer.write("a robot", seed=3).voice.timbre)


def test_every_table_keeps_to_the_shared_words():
    lex = lexicon()
    assert (
        len(lex.concepts) >= 130 and len(lex.roles) >= 36 and len(lex.temperaments) >= 36 and len(lex.interests) >= 40
    )
    for concept in lex.concepts.values():
        assert concept.archetype in ARCHETYPES and len(concept.facts) >= 3 and len(concept.habits) == 3, concept.word
        assert concept.colours and concept.home and concept.size in lex.words["pitch_of_size"], concept.word
    for temperament in lex.temperaments.values():
        assert temperament.expression in EXPRESSIONS and set(temperament.timbre) <= TIMBRE, temperament.word
        assert (
            temperament.group in lex.tongues["es"].groups
            and len(temperament.big_five) == 5
            and len(temperament.voice) == 3
        )
    for role in lex.roles.values():
        assert set(role.accessories) <= set(lex.words["accessories"].values()) and set(role.timbre) <= TIMBRE, role.word
        assert set(role.tempers) <= lex.temperaments.keys() and len(role.routine) == 2, role.word
    timbre = lex.words["timbre_of_material"].values()
    assert set(timbre) <= TIMBRE
    for kind, table in (("concepts", lex.concepts), ("roles", lex.roles), ("temperaments", lex.temperaments)):
        assert lex.translations[kind].keys() <= table.keys()


def test_writing_is_quick_when_warm(writer):
    writer.write(TEAPOT, seed=0)
    started = time.perf_counter()
    for seed in range(20):
        writer.write(TEAPOT, seed=seed)
    assert (time.perf_counter() - started) / 20 < 0.02


def test_an_unknown_writer_lists_the_choices():
    with pytest.raises(BadInput, match="builtin"):
        persona_writer("shakespeare")
    assert "builtin" in WRITERS
