"""`personify bench persona` with the built-in engine, as CI runs it: small, offline, and above its own control."""

import json

import pytest
from PIL import Image
from typer.testing import CliRunner

from personify.ui.cli import app


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench") / "run"
    return folder, CliRunner().invoke(app, ["bench", "persona", "--personas", "12", "--out", str(folder), "--json"])


def test_the_builtin_engine_is_above_its_control(ran):
    folder, result = ran
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["engine"] == "builtin"
    assert told["judge"] is None
    by = {figure["what"]: figure for figure in told["figures"]}
    for what in ("consistency, all words: AUC", "adherence: hits at 1", "facts that agree with the record"):
        assert by[what]["told_apart"], by[what]
    assert by["facts that contradict the record"]["value"]["value"] <= 0.1
    assert by["adherence: hits at 1"]["value"]["value"] >= 0.7
    assert json.loads((folder / "report.json").read_text()) == told


def test_every_answer_is_kept(ran):
    folder, result = ran
    told = json.loads(result.stdout)
    answers = [json.loads(line) for line in (folder / "answers.jsonl").read_text().splitlines()]
    assert len(answers) == told["answers"]
    assert all(answer["answer"] for answer in answers)
    counted = sum(sum(counts.values()) for counts in told["facts"].values())
    assert sum(answer["verdict"] is not None for answer in answers) == counted
    assert (folder / "report.md").read_text().startswith("# Persona adherence")
    assert not (folder / "verdicts.jsonl").exists()
    with Image.open(folder / "report.png") as plot:
        assert plot.width > 600


def test_a_folder_that_is_none_is_refused_before_anything_is_measured(tmp_path):
    (tmp_path / "there").write_text("mine")
    result = CliRunner().invoke(app, ["bench", "persona", "--personas", "400", "--out", str(tmp_path / "there")])
    assert result.exit_code == 2
    assert "is a file" in result.stderr
    below = CliRunner().invoke(app, ["bench", "persona", "--personas", "400", "--out", str(tmp_path / "there" / "x")])
    assert below.exit_code == 1
    assert "there" in below.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--personas", "2"], "4 to 400"),
        (["--judge", "same"], "--judge same needs a language model"),
        (["--judge", "builtin"], "no language model"),
        (["--judge", "gpt"], "URL#model"),
        (["--llm", "gpt"], "URL#model"),
        (
            ["--llm", "http://127.0.0.1:9/v1#one", "--judge", "http://127.0.0.1:9/v1#one"],
            "would judge itself",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(options, message):
    result = CliRunner().invoke(app, ["bench", "persona", *options])
    assert result.exit_code == 2
    assert message in result.stderr
