"""Which tone speaks: only one that is ready, in a language that it can speak; and who chooses."""

import json

import pytest
from typer.testing import CliRunner

from personify.pipelines import Studio
from personify.pipelines.services import Services
from personify.ui.cli import app
from personify.voices import Tone, VoiceBrief, choose_tone, load_tones
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.languages import language_of_text
from personify.voices.matching import rank
from personify.voices.measuring import measure

TONES = load_tones()
GERMAN = Tone.model_validate({**TONES["girl"].model_dump(), "name": "madchen", "languages": ("de",)})
UNREADY = Tone.model_validate({**TONES["girl"].model_dump(), "name": "cloned", "model": "xtts", "languages": ("de",)})
OWN = """
[[tone]]
name = "madchen"
title = "The German girl"
description = "A girl who speaks nothing but German."
speaker = "anikaRobot"
gender = "feminine"
age = "child"
timbre = ["young", "bright"]
languages = ["de"]
"""


@pytest.fixture
def own_tone(tmp_path, monkeypatch):
    """A tone of the user's own that speaks only German."""
    path = tmp_path / "personify.toml"
    path.write_text(OWN)
    monkeypatch.setenv("PERSONIFY_CONFIG", str(path))


# ---- ready or not


def test_only_tones_whose_model_is_ready_are_candidates():
    best = VoiceBrief(gender="feminine", age="child", timbre=TONES["girl"].timbre, language="de")
    both = {**TONES, "cloned": UNREADY}
    assert choose_tone(best, both).tone.name == "girl"
    assert "cloned" not in {tone.name for tone in rank(best, both)}
    assert choose_tone(best, both) == choose_tone(best, TONES)


def test_a_named_tone_that_is_not_ready_says_the_way_to_it():
    with pytest.raises(PersonifyError, match=r"tone 'cloned' can't be heard yet: .*(pip install|personify tones pull)"):
        choose_tone(VoiceBrief(language="de"), {**TONES, "cloned": UNREADY}, name="cloned")


def test_where_only_tones_that_are_not_ready_speak_a_language_the_way_to_one_is_said():
    with pytest.raises(PersonifyError, match=r"no tone that is here speaks German; .*(pip install|personify tones)"):
        choose_tone(VoiceBrief(language="de"), {"cloned": UNREADY})
    with pytest.raises(BadInput, match="no tone speaks Spanish"):
        choose_tone(VoiceBrief(language="es"), {"madchen": GERMAN})


# ---- a language that the tone can't speak


def test_another_tone_speaks_and_the_note_says_so():
    both = {**TONES, "madchen": GERMAN}
    brief = VoiceBrief(gender="feminine", age="child", language="es")
    choice = choose_tone(brief, both, name="madchen")
    assert choice.tone == choose_tone(brief, TONES).tone
    assert choice.note == f"The girl can't speak Spanish, so {choice.tone.title} speaks instead."
    with pytest.raises(BadInput, match=r"tone 'madchen' can't speak Spanish; choose one of: .*girl"):
        choose_tone(brief, both, name="madchen", strict=True)
    assert choose_tone(VoiceBrief(language="de-AT"), both, name="madchen", strict=True).note is None


@pytest.mark.parametrize(
    ("text", "tag", "language"),
    [
        ("Hello, how are you?", "en", "en"),
        ("Hola, amigo.", "en", "en"),
        ("The word 茶 means tea.", "en", "en"),
        ("我们一起喝杯茶好吗？", "en", "zh"),
        ("今夜は星が遅いです。", "de", "ja"),
        ("Звёзды сегодня опаздывают.", "en-GB", "ru"),
        ("Звёзды сегодня опаздывают.", "ru", "ru"),
        ("Hello there.", "zh", "zh"),
        ("42!", "fr", "fr"),
    ],
)
def test_a_text_is_in_the_language_asked_for_unless_that_can_not_read_it(text, tag, language):
    assert language_of_text(text, tag) == language


def test_a_tone_is_tried_in_a_language_that_it_lacks(own_tone, tmp_path):
    heard = Studio().try_tone("madchen", "Hola.", language="es", out=tmp_path / "a.wav")
    assert heard.tone != "madchen" and "The German girl can't speak Spanish" in heard.note
    assert load_tones()[heard.tone].gender == "feminine" and heard.path.is_file()
    assert Studio().try_tone("madchen", "Hallo.", language="de", out=tmp_path / "b.wav").note is None
    with pytest.raises(BadInput, match="'madchen' can't speak Spanish"):
        Studio().try_tone("madchen", "Hola.", language="es", out=tmp_path / "c.wav", strict=True)
    assert not (tmp_path / "c.wav").exists()


def test_the_command_line_says_so_or_refuses(own_tone, tmp_path):
    def play(*more):
        return CliRunner().invoke(app, ["tones", "play", "madchen", "Hola.", "--language", "es", *map(str, more)])

    said = play("--out", tmp_path / "a.wav")
    assert said.exit_code == 0 and "The German girl can't speak Spanish, so" in said.stdout
    found = json.loads(play("--out", tmp_path / "b.wav", "--json").stdout)
    assert found["tone"] != "madchen" and "can't speak Spanish" in found["note"]
    refused = play("--out", tmp_path / "c.wav", "--strict")
    assert refused.exit_code == 2 and "can't speak Spanish" in refused.stderr


def test_an_avatar_is_made_with_another_tone_and_its_record_says_so(own_tone, tmp_path):
    studio = Studio()
    avatar = studio.create("a cheerful apple", seed=7, tone="madchen", expert="sketch", out=tmp_path)
    assert avatar.tone != "madchen" and "can't speak English" in avatar.record.tone.note
    record = json.loads(avatar.files["record"].read_text("utf-8"))
    assert record["tone"]["note"] == avatar.record.tone.note
    with pytest.raises(BadInput, match="can't speak English"):
        studio.create("a cheerful pear", seed=7, tone="madchen", expert="sketch", out=tmp_path, strict=True)
    assert not (tmp_path / "a-cheerful-pear").exists()
    # An avatar with a tone of one language says something in another.
    german = studio.create("ein fröhlicher Apfel", seed=7, tone="madchen", expert="sketch", out=tmp_path)
    assert german.tone == "madchen" and german.record.tone.note is None
    clip = studio.say(german, "Hola.", language="es")
    assert "can't speak Spanish" in clip.note
    assert studio.say(german, "Hallo.").note is None
    assert "can't speak Chinese" in studio.say(german, "你好！", out=tmp_path / "x.mp4").note
    with pytest.raises(BadInput, match="can't speak Spanish"):
        studio.say(german, "Hola.", language="es", force=True, strict=True)


# ---- who chooses


class Model:
    """A language model as the services use it: asked, it answers the same every time."""

    def __init__(self, text):
        self.text = text
        self.asked = []

    def ask(self, system, user, schema):
        self.asked.append((system, user, schema))
        return self.text


def test_a_language_model_chooses_where_there_is_one():
    brief = VoiceBrief(gender="feminine", age="elderly")
    model = Model('{"letters": ["B"], "reason": "She bakes."}')
    chosen = Services().choose(brief, about="a kind grandmother", asker=model)
    assert chosen.name == rank(brief, TONES)[1].name and chosen.reason == "She bakes." and chosen.note is None
    assert "a kind grandmother" in model.asked[0][1]
    assert Services().choose(brief, name="giant", asker=model).name == "giant"
    lost = Services().choose(brief, asker=Model("I don't know."))
    assert lost.name == rank(brief, TONES)[0].name and "were of no use" in lost.note
    assert Services().choose(brief).note is None


def test_whoever_speaks_for_a_persona_uses_its_own_prosody():
    services = Services()
    low, high = (
        measure(services.speak("We sail tonight.", "neighbour", voice=VoiceBrief.model_validate({"own": own}))).pitch_hz
        for own in ({"pitch_semitones": -2}, {"pitch_semitones": 2})
    )
    assert high / low == pytest.approx(2 ** (4 / 12), rel=0.04)
