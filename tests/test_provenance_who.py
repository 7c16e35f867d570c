"""Who wrote, drew, moved and spoke: what files name is what was at work, and not what was asked or stood by."""

import html
import json
import re
import sys
from dataclasses import replace

import pytest
from card_parts import DETECTIVE, png_card
from test_inspect_cli import ask
from test_schema import FIRST
from test_studio_llm import casting

from personify.pipelines import Studio
from personify.pipelines.bundle import ToneRecord
from personify.pipelines.containers import container_of
from personify.pipelines.inspecting import inspect_file
from personify.pipelines.provenance import Provenance, notice_of, of, of_cast, sentence, words_by
from personify.pipelines.xmp import packet, source_type_in
from personify.ui.page import page_html, spoken_lines

ENGINES = """
from personify.avatar.heads import DrawnHead

class Still:
    name, description, trained = "still", "moves nothing", False
    def prepare(self, portrait):
        return DrawnHead(lambda shape: portrait.image)

class Neural(Still):
    name, description, trained = "neural", "says nothing of how it moves", None
"""
KEPT = "its motion is synthetic, the picture came with a character card; the voice is synthetic"


@pytest.fixture(scope="module")
def pear(studio, tmp_path_factory):
    """An avatar that is made quickly; tests read it and never change it."""
    return studio.create("a cheerful pear", seed=3, expert="sketch", out=tmp_path_factory.mktemp("avatars"))


@pytest.fixture(scope="module")
def kept(studio, tmp_path_factory):
    """One whose picture is that of the card it came from."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "card.png").write_bytes(png_card(DETECTIVE, (FIRST / "portrait.png").read_bytes()))
    return studio.import_file(folder / "card.png", keep_picture=True, out=folder)


@pytest.fixture
def heads(tmp_path, monkeypatch):
    """A package with two talking heads, as pip would lay it down."""
    (tmp_path / "stills.py").write_text(ENGINES)
    info = tmp_path / "stills-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stills\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[personify.heads]\nstill = stills:Still\nneural = stills:Neural\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("stills", None)


def said_by(path):
    return Provenance.model_validate_json(container_of(path).read_tags(path).record)


def said_on(page):
    return Provenance.model_validate_json(html.unescape(re.search(r'name="personify" content="([^"]*)"', page)[1]))


def written(record, writer):
    return record.model_copy(update={"persona": record.persona.model_copy(update={"writer": writer})})


def tone(name, model="espeak"):
    return ToneRecord(name=name, reason="", voice_model=model, licence="mit", commercial=True)


# ---- who wrote


@pytest.mark.parametrize(
    ("writer", "by"),
    [
        ("builtin", None),
        ("language model qwen3", "qwen3"),
        ("character card, builtin", None),
        ("character card, language model qwen3", "qwen3"),
        ("a writer of one's own", "a writer of one's own"),
        ("", None),
    ],
)
def test_who_wrote_is_who_the_persona_names(pear, writer, by):
    record = written(pear.record, writer)
    assert words_by(record) == by and of(record, "clip").words_by == by
    assert of(record, "portrait").words_by is None


def test_a_model_that_was_asked_and_wrote_nothing_is_not_named(server, tmp_path):
    server.behave(reply=lambda body: "I would rather not.")
    made = Studio(llm=f"{server.url}#tiny").create("a shy robot", seed=3, expert="sketch", out=tmp_path)
    assert made.record.usage.requests and made.persona.writer == "builtin"
    assert said_by(made.clip).words_by is None
    assert "rules, not a language model" in ask(made.folder)
    server.behave(reply=casting(["B"]))
    made = Studio(llm=f"{server.url}#tiny").create("a grumpy teapot", seed=3, expert="sketch", out=tmp_path)
    assert said_by(made.clip).words_by == "tiny"


def test_a_folder_says_who_wrote(pear, kept, tmp_path):
    assert "a character card, and rules, not a language model" in " ".join(ask(kept.folder).split())
    record = tmp_path / "avatar.json"
    record.write_text(json.dumps(written(pear.record, "somebody").model_dump(mode="json")), "utf-8")
    assert "somebody" in ask(tmp_path)


def test_several_in_one_clip_name_all_who_wrote(pear):
    cast = [(written(pear.record, f"language model {name}"), (pear.record.tone,)) for name in ("a", "b", "a")]
    assert of_cast(cast, "clip", head="builtin").words_by == "a, b"


def test_names_from_outside_of_any_length_are_cut(pear):
    long = written(pear.record, "x" * 5000)
    long = long.model_copy(update={"head": "y" * 5000, "tone": tone("z" * 5000, "m" * 5000)})
    said = of(long, "clip")
    assert max(len(said.words_by), len(said.head), len(said.characters[0].spoken.tone)) <= 600


# ---- what moved


def test_a_clip_names_the_head_that_drew_it(heads, pear, tmp_path):
    assert said_by(pear.clip).head == "builtin"
    for name, term in (("still", "algorithmicMedia"), ("neural", "trainedAlgorithmicMedia")):
        other = Studio(head=name)
        said = other.say(pear, "Hello.", out=tmp_path / f"{name}.mp4").path
        assert (said_by(said).head, said_by(said).source_type) == (name, term)
        xmp = container_of(said).read_tags(said).xmp
        assert source_type_in(xmp) == term and re.search(rf'AISystemUsed="[^"]*\b{name}"', xmp)
        with other.chat(pear, memory=False) as chat:
            chat.reply("Who are you?")
            assert said_by(chat.film(tmp_path / f"{name}-reply.mp4").path).head == name
            assert chat.provenance("speech").head is None
            assert chat.provenance("speech").source_type == "algorithmicMedia"


def test_a_talk_names_the_head_that_drew_it(heads, pear, kept, tmp_path):
    made = Studio(head="still").talk([pear, kept], topic="tea", turns=2, out=tmp_path / "talk.mp4")
    said = said_by(made.clip.path)
    assert said.head == "still" and said.source_type == "compositeSynthetic"
    assert "a picture came with a character card" in said.notice


def test_a_head_that_is_not_here_counts_as_trained(pear):
    said = of(pear.record.model_copy(update={"head": "gone"}), "clip")
    assert (said.head, said.source_type) == ("gone", "trainedAlgorithmicMedia")


def test_a_page_is_moved_by_the_browsers_own_head(pear):
    other = pear.record.model_copy(update={"head": "gone"})
    speeches, _, tones = spoken_lines(pear, [])
    said = said_on(page_html(replace(pear, record=other), speeches, tones))
    assert (said.head, said.source_type) == ("builtin", "algorithmicMedia")


# ---- a picture that came along


def test_a_picture_that_was_kept_is_nowhere_said_to_be_made_by_a_machine(kept):
    assert KEPT in kept.record.notice and KEPT in json.loads((kept.folder / "avatar.json").read_text("utf-8"))["notice"]
    page = page_html(kept, spoken_lines(kept, [])[0])
    assert f"<footer>{html.escape(kept.record.notice)}</footer>" in page and said_on(page).notice == kept.record.notice
    told = " ".join(ask(kept.folder).split())
    assert KEPT in told and "its face and its voice are synthetic" not in told
    assert json.loads(ask(kept.folder, "--json"))["notice"] == kept.record.notice
    assert inspect_file(kept.picture).machine_made is None and inspect_file(kept.clip).machine_made
    assert "came with a character card" in said_by(kept.picture).notice


def test_the_sound_of_a_picture_that_was_kept_says_nothing_of_its_face(kept):
    said = said_by(kept.folder / kept.record.files["greeting"])
    assert said.notice == "Made by a machine: this voice is synthetic." and said.what == "speech"


def test_a_record_from_elsewhere_tells_of_its_day_at_any_length(pear):
    long = pear.record.model_copy(update={"created": "2026-11-30 " * 200})
    assert of(long, "clip").created.startswith("2026-11-30") and notice_of(long) == pear.record.notice


def test_an_avatar_that_was_kept_before_is_told_of_rightly(kept):
    older = kept.record.model_copy(update={"notice": "Made by a machine: this character, its face, its voice"})
    assert notice_of(older) == kept.record.notice


def test_another_face_in_the_place_of_a_kept_one_is_made_by_a_machine(studio, kept, tmp_path):
    drawn = studio.revise(kept, seed=3, expert="sketch", out=tmp_path)
    assert drawn.record.notice == "Made by a machine: this character, its face and its voice are synthetic."


def test_a_kept_picture_that_moves_without_a_sound_is_still_a_clip(pear, kept):
    said = of_cast([(kept.record, ())], "clip", head="builtin")
    assert said.source_type == "compositeSynthetic" and "its motion is synthetic" in said.notice


# ---- who spoke


def test_where_another_tone_stands_in_that_one_is_named(studio, pear, tmp_path):
    """Alloy speaks English alone, and isn't here."""
    persona = pear.persona
    voice = persona.voice.model_copy(update={"language": "ru"})
    speaking = persona.speaking.model_copy(update={"greeting": "Добрый вечер."})
    persona = persona.model_copy(update={"language": "ru", "voice": voice, "speaking": speaking})
    record = pear.record.model_copy(update={"persona": persona, "tone": tone("kokoro-af-alloy", "kokoro")})
    russian = replace(pear, record=record)
    clip = said_by(studio.say(russian, "Тихая ночь.", out=tmp_path / "night.mp4").path)
    speeches, notes, tones = spoken_lines(russian, ["Тихая ночь."])
    page = said_on(page_html(russian, speeches, tones))
    assert "can't speak Russian" in notes[0]
    for said in (clip, page):
        (voice,) = said.characters[0].voices
        assert (voice.tone, voice.voice_model) == (tones[0].name, "espeak") and voice.tone != "kokoro-af-alloy"


def test_a_page_names_every_tone_that_speaks(pear, tmp_path):
    speeches, _, _ = spoken_lines(pear, [])
    page = page_html(pear, speeches, [tone("kettle"), tone("crystal", "vctk"), tone("kettle")])
    (shown,) = said_on(page).characters
    assert [each.tone for each in shown.voices] == ["kettle", "crystal"]
    assert said_on(page).source_type == "trainedAlgorithmicMedia"
    path = tmp_path / "page.html"
    path.write_text(page, "utf-8")
    assert "crystal, of vctk" in ask(path) and "kettle, of espeak" in ask(path)
    assert "spoken by crystal (vctk: mit)" in sentence(said_on(page)) and "vctk" in packet(said_on(page))


def test_a_chat_names_the_tone_that_spoke(studio, pear):
    other = "kettle" if pear.tone != "kettle" else "owl"
    moved = pear.record.model_copy(update={"tone": pear.record.tone.model_copy(update={"name": other})})
    with studio.chat(replace(pear, record=moved), memory=False) as chat:
        chat.reply("Who are you?")
        assert chat.provenance("speech").characters[0].spoken.tone == other


def test_who_says_nothing_in_a_talk_is_not_said_to_speak(pear):
    said = of_cast([(pear.record, (pear.record.tone,)), (pear.record, ())], "clip", head="builtin")
    assert [each.spoken is None for each in said.characters] == [False, True]
