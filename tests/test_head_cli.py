"""Talking heads on the command line: listed, chosen by name, and refused early by name."""

import json
import sys

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from personify.ui.cli import app

ENGINE = """
from personify.avatar.heads import DrawnHead


class Still:
    name = "still"
    description = "shows the portrait and nothing else"

    def prepare(self, portrait):
        return DrawnHead(lambda shape: portrait.image)


def broken():
    raise RuntimeError("its model is missing")
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package as pip would lay it down: an engine by its own name and by another, and one that can't be made."""
    site = tmp_path / "site"
    info = site / "personify_still-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "standing_still.py").write_text(ENGINE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: personify-still\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[personify.heads]\n"
        "still = standing_still:Still\nunmoved = standing_still:Still\nworn = standing_still:broken\n"
    )
    monkeypatch.syspath_prepend(site)
    yield
    sys.modules.pop("standing_still", None)


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_installed_heads_are_listed(installed):
    cards = {card["name"]: card for card in json.loads(run("heads", "list", "--json").stdout)}
    assert list(cards) == ["builtin", "still", "unmoved", "worn"]
    assert cards["still"] == {"name": "still", "description": "shows the portrait and nothing else", "usable": True}
    assert not cards["worn"]["usable"]
    shown = run("heads", "list")
    assert shown.exit_code == 0
    assert "can't be used" in shown.stdout


def test_an_avatar_speaks_with_the_head_that_is_named(installed, teapot, tmp_path):
    clip = tmp_path / "still.mp4"
    result = run("say", teapot.folder, "Good evening.", "--head", "still", "--out", clip, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["clip"] == str(clip)
    with av.open(clip) as film:
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(video=0)]
    assert len(frames) > 10
    assert max(np.abs(frame - frames[0]).mean() for frame in frames) < 2


@pytest.mark.parametrize("name", ["still", "unmoved"])
def test_the_record_says_with_which_head_the_clip_was_made(installed, teapot, tmp_path, name):
    """By the name that asks for it again."""
    result = run("create", "a pear", "--expert", "sketch", "--head", name, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "a-pear" / "avatar.json").read_text())["head"] == name
    assert teapot.record.head == "builtin"


@pytest.mark.parametrize(
    ("name", "said", "code"),
    [("kazoo", "unknown talking head 'kazoo'; choose one of: builtin, still", 2), ("worn", "its model is missing", 1)],
)
def test_a_head_that_cannot_be_had_is_refused_before_anything_is_made(
    installed, teapot, tmp_path, left_in, name, said, code
):
    out = tmp_path / "out"
    for command in (("create", "a pear", "--out", out), ("say", teapot.folder, "Hello.", "--out", out / "c.mp4")):
        result = run(*command, "--head", name)
        assert result.exit_code == code, result.output
        assert said in result.stderr
        assert "Traceback" not in result.stderr
    assert left_in(out) == []
