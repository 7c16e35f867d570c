"""What users tell of themselves: found as facts, and nothing else taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.eval.builtin_chat import PARTS, ask_all
from personify.pipelines.chat.builtin import BuiltinEngine, find_facts
from personify.pipelines.chat.engine import Context, Turn, Usage
from personify.pipelines.writers import persona_writer

TEAPOT = persona_writer("builtin").write("a grumpy teapot who loves astronomy", seed=7)


def told(text, language="en", asked=""):
    return [(fact.key, fact.text) for fact in find_facts(text, language, asked=asked)]


@pytest.mark.parametrize(
    ("text", "key", "sentence"),
    [
        ("my name is tom", "name", "The user's name is Tom."),
        ("Hi, I'm Anna.", "name", "The user's name is Anna."),
        ("People call me Maggie", "name", "The user's name is Maggie."),
        ("I like strawberry jam", "likes", "The user likes strawberry jam."),
        ("I really love old trains, too", "likes", "The user likes old trains."),
        ("I don't like tea", "dislikes", "The user doesn't like tea."),
        ("I can't stand olives!", "dislikes", "The user doesn't like olives."),
        ("I live in Lisbon", "home", "The user lives in Lisbon."),
        ("I'm 34 years old", "age", "The user is 34 years old."),
        ("I work as a nurse", "job", "The user's job: a nurse."),
        ("I'm a teacher", "job", "The user's job: a teacher."),
        ("I have a dog called Rex", "pet", "The user has a dog called Rex."),
        ("my cat's name is Mia", "pet", "The user has a cat called Mia."),
        ("I've got two cats", "pet", "The user has two cats."),
        ("I have a sister", "family", "The user has a sister."),
        ("my wife is called Ada", "family", "The user's wife is called Ada."),
        ("my favourite band is Queen", "favourite", "The user's favourite band is Queen."),
        ("I come from Norway", "origin", "The user comes from Norway."),
        ("remember that my exam is on Friday", None, "The user asked to remember that their exam is on Friday."),
        ("don't forget that I'm allergic to nuts", None, "The user asked to remember that they are allergic to nuts."),
    ],
)
def test_what_is_told_is_kept_in_the_third_person(text, key, sentence):
    assert told(text) == [(key, sentence)]


@pytest.mark.parametrize(
    "text",
    [
        "do I like tea?",
        "what's my name?",
        "do you like tea?",
        "my name is not Tom",
        "if I had a dog I'd call it Rex",
        "I wish I had a cat",
        "he said I like tea",
        "I would like a cup of tea",
        "do you remember my dog?",
        "can you remember my name?",
        "I like you",
        "I love it",
        "I'm tired",
        "I'm sorry",
        "I'm so sad today",
        "I don't have a dog",
        "I'm not a nurse",
        "I used to like tea",
        "your name is Tom",
        "I like <script>alert(1)</script>",
        "I like http://example.org/x",
        "I'm 30 minutes late",
        "",
        "😀",
    ],
)
def test_what_is_no_fact_is_left(text):
    assert told(text) == []


def test_several_facts_in_one_message():
    text = "Hello! I'm Tom and I live in Rome. I like chess, but I don't like tea."
    assert told(text) == [
        ("name", "The user's name is Tom."),
        ("home", "The user lives in Rome."),
        ("likes", "The user likes chess."),
        ("dislikes", "The user doesn't like tea."),
    ]


def test_a_short_answer_is_understood_with_its_question():
    assert told("Tom", asked="name") == [("name", "The user's name is Tom.")]
    assert told("chess", asked="likes") == [("likes", "The user likes chess.")]
    assert told("nothing", asked="likes") == []
    assert told("why do you ask?", asked="name") == []
    assert told("Tom") == []


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("de", "Ich heiße Anna und ich mag Erdbeeren", ["The user's name is Anna.", "The user likes Erdbeeren."]),
        ("de", "Ich mag keinen Tee", ["The user doesn't like Tee."]),
        ("fr", "Je m'appelle Zoé et j'adore le chocolat", ["The user's name is Zoé.", "The user likes le chocolat."]),
        ("fr", "Je n'aime pas le thé", ["The user doesn't like le thé."]),
        ("es", "Me llamo Ana y me gusta el chocolate", ["The user's name is Ana.", "The user likes el chocolate."]),
        ("es", "No me gusta el té", ["The user doesn't like el té."]),
        ("de", "Magst du Tee?", []),
    ],
)
def test_facts_in_other_languages(language, text, found):
    assert [sentence for _, sentence in told(text, language)] == found


@given(st.text(max_size=400), st.sampled_from(["en", "de", "fr", "es", "xx"]))
def test_facts_are_short_clean_lines_whatever_comes(text, language):
    for fact in find_facts("I like " + text, language) + find_facts(text, language, asked="likes"):
        assert fact.about == "user"
        assert len(fact.text) < 250
        assert not set(fact.text) & set("\n\r\x00<>{}")


def test_huge_text_is_read_in_no_time():
    assert find_facts("I like tea. " * 20_000)[0].text == "The user likes tea."


def test_a_note_sums_up_and_keeps_facts():
    engine = BuiltinEngine()
    turns = (
        Turn("user", "I'm Tom. Where do you live?"),
        Turn("character", "Home is a shelf. What do you like?"),
        Turn("user", "chess"),
        Turn("character", "I see."),
        Turn("user", "do I like tea?"),
        Turn("character", "You haven't told me."),
    )
    noted = engine.note(turns, Context(TEAPOT), Usage())
    assert [fact.text for fact in noted.facts] == ["The user's name is Tom.", "The user likes chess."]
    assert "Tom" in noted.summary and TEAPOT.name in noted.summary
    assert "chess" in noted.summary and "home" in noted.summary
    assert noted.summary.count(". ") <= 2
    assert engine.note((), Context(TEAPOT), Usage()).facts == ()


def test_most_questions_are_understood_as_a_person_would():
    asked = ask_all()
    assert len([one for one in asked if one.part == "seen"]) >= 150
    for part in PARTS:
        own = [one for one in asked if one.part == part]
        assert len(own) >= 50
        right = sum(one.is_right for one in own) / len(own)
        assert right >= (0.8 if part == "fresh" else 0.95), part


def test_the_questions_of_the_benchmark_are_no_copies_of_one_another():
    texts = [one.text.casefold().strip("?!. ") for one in ask_all()]
    assert len(texts) == len(set(texts))


def test_a_record_in_other_shapes_still_makes_sentences():
    record = TEAPOT.model_dump()
    record["social"] |= {"name": "Lumen", "nature": "brass lantern", "home": "I live on Gull Rock.", "occupation": None}
    record["personal"] |= {
        "traits": ["Steadfast", "Hums when nervous", "Has a dry sense of humour"],
        "likes": ["The smell of oil", "to be polished", "I love the first ship at dawn."],
        "dislikes": ["Fog", "Moths"],
    }
    record["life"] = {
        "backstory": "Lumen was forged in a harbour town. Lumen guides ships.",
        "routine": [
            {"time": "06:00", "activity": "Wakes up with the tide"},
            {"time": "13:00", "activity": "Morning tea with the gulls"},
            {"time": "20:00", "activity": "Polishing the lens"},
        ],
    }
    persona, engine = type(TEAPOT).model_validate(record), BuiltinEngine()
    asked = ["what are you like?", "what do you like?", "what do you hate?", "tell me a story", "where do you live?"]
    asked += ["what do you do in the morning?", "what do you do in the evening?"]
    said = ""
    for seed in range(12):
        turns = ()
        for question in asked:
            reply = "".join(engine.reply(question, Context(persona, turns, seed=seed), Usage()))
            turns = (*turns, Turn("user", question), Turn("character", reply))
            said += reply + "\n"
    for wanted in (
        "I'm steadfast",
        "I hum when nervous",
        "I have a dry sense",
        "being polished",
        "I live on Gull Rock.",
    ):
        assert wanted in said
    for wanted in ("I was forged", "I guide ships", "I wake up with the tide", "I'm polishing the lens"):
        assert wanted in said
    for wrong in ("to be polished", "I'm has", "I'm hums", "Lumen was", "I polishing", "I wakes"):
        assert wrong not in said
