"""The benchmarks from the command line: one command draws, measures and reports; two runs are compared."""

import json
import re

import pytest
from typer.testing import CliRunner

from personify.eval.embedded import cost
from personify.ui.cli import app

PROMPTS = "[fruits]\na cheerful pear\n[animals]\na wise owl\n"


def run(*arguments):
    return CliRunner().invoke(app, ["bench", *(str(argument) for argument in arguments)])


def asked(tmp_path, *more):
    file = tmp_path / "prompts.txt"
    file.write_text(PROMPTS)
    return ("detection", "--experts", "sketch", "--guidance", "none", "--prompts", file, "--no-judge", *more)


def test_one_command_draws_measures_and_reports_and_another_compares(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    said = run(*asked(tmp_path, "--workers", 0, "--out", first))
    assert said.exit_code == 0, said.output
    assert "plausible_first" in said.stdout and str(first / "report.html") in said.stdout
    assert {path.name for path in first.iterdir()} >= {"results.csv", "summary.json", "report.html", "report.md"}
    summary = json.loads(run(*asked(tmp_path, "--workers", 0, "--out", first, "--json")).stdout)
    assert summary == json.loads((first / "summary.json").read_text("utf-8"))
    assert run(*asked(tmp_path, "--workers", 0, "--out", second, "--first-seed", 8)).exit_code == 0
    compared = json.loads(run("compare", first, first, "--json").stdout)
    assert compared["portraits"] == 2 and compared["won"] == compared["lost"] == 0
    apart = run("compare", first, second)
    assert apart.exit_code != 0 or "0 portraits are in both" in apart.stdout


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--experts", "leonardo"), "unknown expert 'leonardo'"),
        (("--guidance", "telepathy"), "telepathy"),
        (("--guidance", "both"), "sketch"),
        (("--second", "owl"), "owl"),
        (("--seeds", "0"), "seeds"),
    ],
)
def test_what_can_not_be_measured_is_refused_before_anything_is_drawn(tmp_path, more, said):
    refused = run(*asked(tmp_path, "--out", tmp_path / "run", *more))
    assert refused.exit_code == 2
    assert re.search(said, refused.stderr), refused.stderr
    assert not (tmp_path / "run").exists()


def test_runs_that_are_none_can_not_be_compared(tmp_path):
    refused = run("compare", tmp_path, tmp_path / "nowhere")
    assert refused.exit_code in {1, 2} and str(tmp_path) in refused.stderr


def test_the_embedded_experts_are_missed_by_name_where_they_are_missing(monkeypatch):
    monkeypatch.setattr("personify.eval.embedded.embedded_names", lambda experts: [])
    refused = run("embedded", "--per-category", 1)
    assert refused.exit_code == 1 and "no embedded expert has its weights here" in refused.stderr


def test_an_experts_cost_is_labelled_with_the_numbers_that_it_was_drawn_in():
    """Those of the process that draws, where this machine's best device takes others than its CPU would."""
    labels = [rate.what for rate in cost("sketch", "none", 2, processes=1, precision="bfloat16")]
    assert "megabytes added at most, libraries included, bfloat16" in labels
    assert not [label for label in labels if "the same in" in label]
