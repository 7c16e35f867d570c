"""`personify create --expert NAME --guidance MODE` on a local diffusers folder, as a user of it would."""

import json
from pathlib import Path

import numpy as np
import pytest
import tiny_models as tiny
from PIL import Image
from typer.testing import CliRunner

from personify.pipelines import Studio
from personify.ui.cli import app
from personify.voices.errors import BadInput, PersonifyError

SETTINGS = """
[[expert]]
name = "mine"
title = "My own"
description = "A checkpoint of my own in a folder."
styles = ["clay"]
base = "sd15"
controlnet = "mesh"
template = "portrait of {concept}"
steps = 2
guidance_scale = 3.0
size = 64
[expert.weights]
folder = "checkpoint"

[controlnet.mesh]
folder = "control"
base = "sd15"
draw = "mediapipe-mesh"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory, one_thread):
    at = tmp_path_factory.mktemp("home")
    tiny.save_sd(at / "checkpoint")
    tiny.save_control(at / "control")
    (at / "personify.toml").write_text(SETTINGS, encoding="utf-8")
    return at


@pytest.fixture
def run(home, tmp_path, monkeypatch):
    monkeypatch.setenv("PERSONIFY_CONFIG", str(home / "personify.toml"))
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, list(words))


@pytest.mark.parametrize("guidance", ["none", "control", "pixel", "both"])
def test_every_mode_draws_and_is_recorded(run, guidance):
    result = run("create", "a grumpy teapot", "--expert", "mine", "--guidance", guidance, "--seed", "7", "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)["portrait"]
    asked = [attempt for attempt in made["attempts"] if attempt["expert"] == "mine"]
    assert asked and all(attempt["guidance"] == guidance for attempt in asked)
    assert [attempt["strength"] is not None for attempt in asked] == [guidance in ("pixel", "both")] * len(asked)
    assert "asked for by name" in made["reason"]
    # Random weights draw no face, so the sketch stands in, and the record says so.
    assert made["expert"] == "sketch" and "mine" in made["stand_in"]


def test_a_picture_of_ones_own_guides(run, tmp_path):
    own = tmp_path / "own.png"
    Image.fromarray(np.full((200, 300, 3), 128, np.uint8)).save(own)
    result = run("create", "a teapot", "--expert", "mine", "--image", str(own), "--seed", "7", "--json")
    assert result.exit_code == 0, result.output
    assert "mine" in json.loads(result.stdout)["portrait"]["stand_in"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--image", "missing.png"], "missing.png"),
        (["--expert", "sketch", "--guidance", "both"], "can't be guided by 'both'"),
        (["--expert", "min"], "unknown expert 'min'"),
    ],
)
def test_bad_wishes_are_refused_before_anything_is_made(run, tmp_path, words, said):
    result = run("create", "a teapot", *words)
    assert result.exit_code == 2 and said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_is_none_is_refused(run, tmp_path):
    Path("own.png").write_bytes(b"not a picture")
    result = run("create", "a teapot", "--expert", "mine", "--image", "own.png")
    assert result.exit_code == 2 and "own.png" in result.stderr


def test_experts_are_listed_with_licence_size_and_whereabouts(run):
    shown = run("experts", "list").stdout
    assert "mine" in shown and "here" in shown and "personify experts pull" in shown
    cards = json.loads(run("experts", "list", "--json").stdout)
    by_name = {card["name"]: card for card in cards}
    assert by_name["mine"]["here"] and not by_name["dreamshaper-lcm"]["here"]


def test_weights_that_are_not_here_name_both_ways_out(run):
    result = run("create", "a teapot", "--expert", "dreamshaper-lcm")
    assert result.exit_code == 1
    assert "personify experts pull dreamshaper-lcm" in result.stderr and "folder" in result.stderr


def test_the_hub_out_of_reach_is_said_in_a_line(run, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(PersonifyError):
        Studio().pull_expert("dreamshaper-lcm")


def test_an_unknown_expert_cannot_be_pulled(run):
    result = run("experts", "pull", "dall-e")
    assert result.exit_code == 2 and "unknown expert 'dall-e'" in result.stderr
    with pytest.raises(BadInput):
        Studio().pull_expert("dall-e")
