"""Character cards: what is read of them in whatever file and form, and what is refused."""

import base64
import io
import json
import zipfile
import zlib

import pytest
from card_parts import DETECTIVE, ELF, FAIRY, ROBOT, charx, picture, png_card
from hypothesis import given
from hypothesis import strategies as st
from tavern_card import parse_png_card

from personify.pipelines.services import Services
from personify.pipelines.travel.card_persona import CardReading, settled
from personify.pipelines.travel.card_text import describe, dialogue, first_sentences, spoken, told
from personify.pipelines.travel.cards import card_from, card_png
from personify.pipelines.travel.importing import requested, written
from personify.pipelines.travel.png_text import png_texts, with_texts
from personify.voices.errors import BadInput


def persona_of(card):
    asked = requested(card_from(json.dumps(card).encode(), "card.json"))
    return written(asked, Services())


def test_a_card_is_the_same_in_every_file():
    plain = card_from(json.dumps(FAIRY).encode(), "it")
    held = [card_from(png_card(FAIRY), "it"), card_from(png_card(FAIRY, key="ccv3"), "it")]
    packed = card_from(charx(FAIRY, picture()), "it")
    for card in (*held, packed):
        assert (card.name, card.first_mes, card.tags, card.book) == (
            plain.name,
            plain.first_mes,
            plain.tags,
            plain.book,
        )
        assert card.picture is not None
    assert packed.picture == picture() and packed.form == "chara_card_v3"
    assert plain.picture is None and plain.raw == FAIRY
    assert plain.book == ((("brook",), "The brook sings at night."),)


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt"])
def test_packed_and_international_texts_are_read(kind):
    text = base64.b64encode(json.dumps(FAIRY).encode())
    body = b"chara\0" + (b"\0" if kind == b"zTXt" else b"\1\0en\0key\0") + zlib.compress(text)
    chunk = len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)
    png = picture()
    assert card_from(png[:33] + chunk + png[33:], "it").name == "Ondine"


def test_of_two_cards_in_one_picture_the_newer_version_counts_unless_it_is_broken():
    other = json.loads(json.dumps(FAIRY))
    other["data"]["name"] = "Other"
    both = with_texts(png_card(FAIRY), {"ccv3": base64.b64encode(json.dumps(other).encode())})
    assert card_from(both, "it").name == "Other"
    assert card_from(with_texts(png_card(FAIRY), {"ccv3": b"broken"}), "it").name == "Ondine"


def test_what_is_written_the_library_and_others_read():
    v3 = FAIRY | {"spec": "chara_card_v3", "spec_version": "3.0"}
    v3["data"] = FAIRY["data"] | {"assets": [{"type": "emotion", "uri": "__asset:0", "name": "happy", "ext": "png"}]}
    png = card_png(png_card(DETECTIVE), FAIRY, v3, {"0": b"smile", "1": b"named nowhere"})
    assert parse_png_card(png)["data"]["name"] == "Ondine"
    texts = png_texts(png, "it")
    assert json.loads(base64.b64decode(texts["chara"])) == FAIRY  # the old one is gone
    assert json.loads(base64.b64decode(texts["ccv3"])) == v3
    assert card_from(png, "it").assets == {"0": b"smile"}


def test_a_bracketed_list_and_quoted_speech():
    fairy = persona_of(FAIRY)
    assert (fairy.name, fairy.social.nature, fairy.social.gender) == ("Ondine", "fairy", "feminine")
    assert fairy.speaking.greeting == "Ah, you're awake at last. I was so worried. How do you feel?"
    assert fairy.personal.traits == ("caring", "protective", "gentle", "healing")
    assert "I am the guardian of this glade, little one." in fairy.speaking.sample_lines
    assert "pink" in fairy.appearance.colours
    profile = {attribute.path: attribute.text for attribute in fairy.profile}
    assert profile["card/lore/brook"] == "The brook sings at night."
    assert profile["card/scenario"] == "the user wakes up in Ondine's glade."
    assert any("somebody" in note for note in fairy.notes)


def test_prose():
    rex = persona_of(DETECTIVE)
    assert (rex.name, rex.social.gender, rex.social.age) == ("Rex Marlow", "masculine", "adult")
    assert rex.appearance.category == "people" and rex.social.occupation == "detective"
    assert rex.speaking.greeting == "You're late. Sit down. Mind the cat."
    assert rex.speaking.sample_lines[:3] == (
        "The butler. It's always the butler.", "I'm never really sure, kid.", "Ask me tomorrow.",
    )  # fmt: skip
    assert rex.life.backstory.startswith("Rex is a 45-year-old detective")
    assert "life.routine" in rex.filled and "speaking.greeting" not in rex.filled


def test_attributes_in_two_notations():
    elf, robot = persona_of(ELF), persona_of(ROBOT)
    assert (elf.name, elf.social.nature, elf.social.gender, elf.social.age) == ("Lyra", "elf", "feminine", "young")
    assert elf.social.occupation.lower() == "librarian" and elf.personal.likes[:2] == ("tea", "rain")
    assert elf.speaking.greeting == "Oh! H-hello... I didn't see you there."
    assert (robot.name, robot.social.nature) == ("Unit-7", "robot")
    assert robot.personal.traits == ("cheerful", "precise", "proud") and robot.social.home == "Mars"
    assert robot.life.backstory.startswith("Unit-7 runs the smallest kitchen on Mars.")


@pytest.mark.parametrize("age", ["2,000 years old", "1,500", "2.000 years", "2 000", "3 centuries", "ageless"])
@pytest.mark.parametrize("form", ["Age: {}\nSpecies: elf", '[character("Ly") {{ Age("{}") Species("elf") }}]'])
def test_the_old_are_no_children(form, age):
    card = {"name": "Ly", "description": form.format(age)}
    assert CardReading(card_from(json.dumps(card).encode(), "it")).age is None
    assert persona_of(card).social.age != "child"


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Anne Marie " * 9, "Anne Marie Anne Marie Anne Marie Anne Marie Anne Marie Anne"),
        ("Bo " + "y" * 90, "Bo"),
        ("y" * 90, "y" * 60),
    ],
)
def test_a_long_name_is_shortened_at_a_word(name, called):
    assert persona_of(DETECTIVE | {"name": name}).name == called


@pytest.mark.parametrize("description", ["a teapot named Bo", "a teapot"])
def test_a_name_that_makes_texts_too_long_is_an_error(description):
    """The rules' own name stands in one text more often than the card's longer one fits."""
    before = Services().write(description, seed=1)
    manner = f"{before.name} " * (600 // (len(before.name) + 1))
    before = before.model_copy(update={"speaking": before.speaking.model_copy(update={"manner": manner})})
    reading = CardReading(card_from(json.dumps(DETECTIVE | {"name": "Anne Marie " * 5}).encode(), "it"))
    with pytest.raises(BadInput, match=r"no character can be made of the card: speaking\.manner"):
        settled(before, reading)


@pytest.mark.parametrize(
    ("name", "description", "greeting", "language"),
    [
        ("Юки", "Юки — тихая библиотекарь, которая любит книги и дождь.", "*улыбается* Здравствуй, {{user}}!", "ru"),
        (
            "ゆき",
            "ゆきは静かな図書館の司書です。本が好きです。",
            "「こんにちは、{{user}}さん。本を読みますか。」",
            "ja",
        ),
        ("小猫", "一只喜欢喝茶的猫,住在图书馆里。", "你好,{{user}}!我们喝茶吧。", "zh"),
    ],
)
def test_other_languages_speak_their_own(name, description, greeting, language):
    persona = persona_of({"name": name, "description": description, "first_mes": greeting})
    assert persona.name == name and persona.language == persona.voice.language == language
    assert "user" not in persona.speaking.greeting and "speaking.greeting" not in persona.filled


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("*waves* Hello there, {{user}}!", "Hello there!"),
        ("{{user}}! Come in, come in.", "Come in, come in."),
        ("Is that {{user}}'s hat?", "Is that your hat?"),
        ("I have *never* seen that.", "I have never seen that."),
        ('I like "tea" most of all things.', 'I like "tea" most of all things.'),
        ("She nods. “Well met,” she says, “stranger.”", "Well met. stranger."),
        ("((OOC: hi)) Good day. ![x](https://a.b/c.png) <b>Sit</b>.", "Good day. Sit."),
        ("{{random:Hello,Bye}} my {{// no}} friend", "Hello my friend"),
        ("*only an action*", ""),
        ("<USER>, this is <BOT>.", "This is Ann."),
    ],
)
def test_what_is_said_aloud(message, said):
    assert spoken(message, "Ann") == said


def test_macros_and_markup_in_what_is_told():
    assert told("**{{char}}** meets {{user}} and {{roll:d6}} [x](https://a.b)", "Ann").split() == [
        "Ann", "meets", "the", "user", "and", "x",
    ]  # fmt: skip
    taken = describe("[Ann: kind, shy; Hobbies: tea + maps]\nJust prose: with a colon.", "Ann", "Ann")
    assert [(each.key, each.values) for each in taken.attributes] == [
        ("personality", ("kind", "shy")), ("Hobbies", ("tea", "maps")),
    ]  # fmt: skip
    assert taken.prose == "Just prose: with a colon."
    fenced = describe("```yaml\nSpecies: elf\nAge: 25\nPersonality: shy, kind\n```\n<!-- Age: 90 -->", "Ann", "Ann")
    assert [each.values for each in fenced.attributes] == [("elf",), ("25",), ("shy", "kind")]
    assert spoken("```\nHP: 3\n```\nHello there.", "Ann") == "Hello there."
    lines = list(dialogue("{{user}}: hi\n{{char}}: a\nb\n<START>\n{{user}}: x\nAnn: c", "Ann", "Ann"))
    assert lines == ["a\nb", "c"]


def test_long_messages_end_with_a_sentence():
    persona = persona_of(DETECTIVE | {"first_mes": "This is a sentence of mine. " * 40})
    assert len(persona.speaking.greeting) <= 240 and persona.speaking.greeting.endswith("mine.")
    assert first_sentences("word " * 100, 20) == "word word word word…"


def test_a_first_message_without_speech_is_written_and_says_so():
    persona = persona_of(DETECTIVE | {"first_mes": "*He stares at the rain.*"})
    assert "speaking.greeting" in persona.filled and persona.speaking.greeting
    assert any("first message" in note for note in persona.notes)


def test_addresses_and_paths_are_not_spoken():
    persona = persona_of(DETECTIVE | {"first_mes": "Look at C:\\Windows\\evil.exe and ../../etc/passwd now, friend."})
    assert "passwd" not in persona.speaking.greeting and "speaking.greeting" in persona.filled


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (picture(), "without a character card in it; to make .* personify create"),
        (b"\x89PNG\r\n\x1a\n", "without a character card"),
        (with_texts(picture(), {"chara": b"###"}), "can't be read"),
        (with_texts(picture(), {"chara": base64.b64encode(b"[" * 9000)}), "nested too deeply|no JSON"),
        (b"\xff\xd8\xff\xe0", "picture that is no PNG"),
        (b'{"spec": "chara_card_v2", "data": {}}', "missing 'name'"),
        (b'{"name": "..."}', "has no letters"),
        (b'{"name": 5}', "has no letters"),
        (b"[]", "must hold one JSON object"),
        (b"PK\x03\x04rubbish", "no zip that can be opened"),
        (b"hello", "no JSON"),
    ],
)
def test_what_is_no_card_is_refused(content, problem):
    with pytest.raises(BadInput, match=problem):
        requested(card_from(content, "it"))


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("member", ["card.json", "assets/main.png"])
def test_what_is_packed_in_ways_that_know_no_bounds_is_refused(kind, member):
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(charx(FAIRY, picture()))) as plain, zipfile.ZipFile(held, "w") as packed:
        for name in ("card.json", "assets/main.png"):
            packed.writestr(name, plain.read(name), kind if name == member else zipfile.ZIP_STORED)
    with pytest.raises(BadInput, match=f"'{member}' in it is packed in a way that isn't read here"):
        card_from(held.getvalue(), "it")


def test_texts_that_fill_the_memory_are_refused():
    bomb = zlib.compress(b"a" * (64 << 20))
    body = b"chara\0\0" + bomb
    chunk = len(body).to_bytes(4) + b"zTXt" + body + b"\0\0\0\0"
    with pytest.raises(BadInput, match="more packed text than any card"):
        card_from(picture()[:33] + chunk + picture()[33:], "it")
    broken = zlib.compress(bytes(8 << 20))[:-4] + b"abcd"
    for times in (200, 300):
        body = b"x\0\0" + (broken if times == 200 else zlib.compress(b"a"))
        many = (len(body).to_bytes(4) + b"zTXt" + body + b"\0\0\0\0") * times
        with pytest.raises(BadInput, match="more packed text than any card" if times == 200 else "256 packed texts"):
            card_from(picture()[:33] + many + png_card(FAIRY)[33:], "it")
    with pytest.raises(BadInput, match="20,000 parts"):
        card_from(picture()[:33] + b"\0\0\0\0tIMEcrc_" * 20_001, "it")
    with pytest.raises(BadInput, match="larger than 4 MB"):
        card_from(b'{"name": "' + b"a" * (5 << 20) + b'"}', "it")


@given(st.text(max_size=300), st.text(alphabet='*"“”{}[]()<>_:;+,.! ab\nchar user', max_size=300))
def test_any_texts_give_a_persona_or_an_error(name, text):
    card = {"name": name, "description": text, "personality": text, "first_mes": text, "mes_example": f"{name}: {text}"}
    try:
        persona = persona_of(card)
    except BadInput as error:
        assert "name" in str(error)
    else:
        assert 0 < len(persona.speaking.greeting) <= 600 and "\ue000" not in persona.model_dump_json()


@given(st.binary(max_size=400))
def test_texts_written_into_a_picture_come_out_again(content):
    assert png_texts(with_texts(picture(64), {"chara": content, "x": b"y"}), "it")["chara"] == content
