"""`personify tones`: what is listed of models and tones, and a model that is fetched, agreed to, measured and heard."""

import json
import zipfile

import pytest
from coqui_parts import Server
from typer.testing import CliRunner

from personify.pipelines import Studio
from personify.ui.cli import app
from personify.voices.errors import BadInput
from personify.voices.licences import agreed
from personify.voices.models import load_models
from personify.voices.settings import data_folder

pytest.importorskip("TTS", reason="coqui-tts is not installed: pip install -e '.[coqui]'")
tiny = pytest.importorskip("tiny_vits")

pytestmark = pytest.mark.usefixtures("one_thread")

FAR = """
[[voice_model]]
name = "far"
engine = "coqui"
title = "Far away"
licence = "The Far Licence"
terms = "It asks you to smile."
languages = ["en"]
archive = "{url}"
"""
TONE = """
[[tone]]
name = "far-{speaker}"
title = "A voice from afar"
description = "Random numbers."
model = "far"
speaker = "{speaker}"
gender = "neutral"
age = "adult"
timbre = ["plain", "clear"]
"""


@pytest.fixture(scope="module")
def packed(tmp_path_factory, one_thread):
    folder = tiny.save_vits(tmp_path_factory.mktemp("models") / "tiny")
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"tiny/{file.name}")
    return path.read_bytes()


@pytest.fixture
def server(packed, tmp_path, monkeypatch):
    server = Server(packed)
    speakers = "".join(TONE.format(speaker=speaker) for speaker in ("p225", "p226", "p999"))
    (tmp_path / "personify.toml").write_text(FAR.format(url=server.url) + speakers)
    monkeypatch.setenv("PERSONIFY_CONFIG", str(tmp_path / "personify.toml"))
    monkeypatch.chdir(tmp_path)
    yield server
    server.http.shutdown()
    server.http.server_close()


def run(*words, answer=None):
    return CliRunner().invoke(app, ["tones", *words], input=answer)


def test_every_tone_is_listed_with_its_model_languages_licence_and_state(server):
    listed = json.loads(run("list", "--json").stdout)
    told = {tone["name"]: tone for tone in listed}
    assert told["far-p225"]["licence"] == "The Far Licence" and told["far-p225"]["languages"] == ["en"]
    assert not told["far-p225"]["ready"] and "personify tones pull far" in told["far-p225"]["lacks"]
    assert told["narrator"]["ready"] and told["narrator"]["languages"] == "any"
    assert told["vctk-p225"]["download_mb"] == 150 and told["vctk-p225"]["commercial"]
    shown = run("list").stdout
    assert "personify tones pull vctk (150 MB)" in shown and "(not for sale)" in shown
    ready = json.loads(run("list", "--ready", "--json").stdout)
    assert ready and all(tone["ready"] for tone in ready) and len(ready) < len(listed)


def test_a_model_is_agreed_to_fetched_measured_and_heard(server):
    asked = run("pull", "far", answer="y\n")
    assert asked.exit_code == 0, asked.output
    assert "The Far Licence" in asked.stdout and "smile" in asked.stdout
    assert "2 of its tones measured" in asked.stdout
    assert "far-p999 could not be measured: unknown speaker of far 'p999'" in asked.stdout
    assert (data_folder() / "measured" / "far.toml").is_file() and agreed(load_models()["far"])
    told = {tone["name"]: tone for tone in json.loads(run("list", "--json").stdout)}
    assert told["far-p225"]["ready"] and told["far-p225"]["traits"] and not told["far-p999"]["traits"]
    played = run("play", "far-p226", "Hello there.", "--json")
    assert played.exit_code == 0, played.output
    assert json.loads(played.stdout)["tone"] == "far-p226"
    again = json.loads(run("pull", "far", "--json").stdout)
    assert again == {"model": "far", "measured": 0, "failed": {}, "ready": True} and len(server.ranges) == 1


@pytest.mark.parametrize("answer", ["n\n", None])
def test_without_agreement_nothing_is_fetched(server, answer):
    refused = run("pull", "far", answer=answer)
    assert refused.exit_code == 2
    assert "The Far Licence" in refused.stderr and "personify tones pull far --agree" in refused.stderr
    assert server.ranges == [] and not data_folder().exists()


def test_scripts_agree_with_an_option_and_programs_with_an_argument(server):
    with pytest.raises(BadInput, match=r"Studio\(\)\.pull_voices\('far', agreed=True\)"):
        Studio().pull_voices("far")
    done = run("pull", "far", "--agree", "--no-measure", "--json")
    assert json.loads(done.stdout)["ready"], done.output
    told = []
    assert Studio().pull_voices("far", measure=True, on_measured=lambda *count: told.append(count)).measured == 2
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_studio_forgets_what_it_knew_of_tones_once_they_are_measured(server):
    studio = Studio()
    assert not next(tone for tone in studio.tones() if tone.name == "far-p225").measured
    studio.pull_voices("far", agreed=True)
    assert next(tone for tone in studio.tones() if tone.name == "far-p225").measured


def test_an_unknown_model_lists_the_choices():
    result = run("pull", "siri")
    assert result.exit_code == 2 and "unknown voice model 'siri'; choose one of: espeak" in result.stderr


def test_nothing_is_claimed_of_a_model_that_still_cant_speak(monkeypatch):
    monkeypatch.delenv("PERSONIFY_SPEECH_URL", raising=False)
    result = run("pull", "kokoro")
    assert result.exit_code == 1 and "kokoro can't speak yet: " in result.stderr
    assert "PERSONIFY_SPEECH_URL=" in result.stderr and result.stdout.strip() == ""
