"""The command line as users and programs meet it: exit codes, one clear line, JSON alone, nothing half-written."""

import filecmp
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from personify.ui.cli import app
from personify.ui.terminal import plain

TEAPOT = "a grumpy teapot who loves astronomy"
PERSONIFY = [sys.executable, "-m", "personify.ui.cli"]


@pytest.fixture
def run():
    def call(*arguments):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return call


def refused(result, said: str, code: int = 2) -> None:
    assert result.exit_code == code, result.output
    assert re.search(said, result.stderr), result.stderr
    assert "Traceback" not in result.stderr
    assert not result.stdout


def test_create_shows_what_was_made(run, tmp_path):
    result = run("create", TEAPOT, "--seed", 7, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    folder = tmp_path / "a-grumpy-teapot-who-loves-astronomy"
    for word in ("name", "tone", "expert", "clay", "landmarks", "found, plausible", "seconds", "clip", str(folder)):
        assert word in result.stdout
    assert not result.stderr  # no bars where no one watches
    refused(run("create", TEAPOT, "--out", tmp_path), "exists.*--force")
    again = run("create", TEAPOT, "--seed", 8, "--out", tmp_path, "--force", "--json")
    said, saved = json.loads(again.stdout), json.loads((folder / "avatar.json").read_text("utf-8"))
    assert {key: said[key] for key in saved} == saved
    assert saved["seed"] == 8
    assert {Path(path).name for path in said["paths"].values()} == {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([""], "empty"),
        (["   "], "empty"),
        (["a" * 10_000], "10,000 characters"),
        (["a pear", "--tone", "kazoo"], "unknown tone 'kazoo'; the nearest of "),
        (["a pear", "--expert", "leonardo"], "unknown expert 'leonardo'; choose one of: .*sketch"),
        (["a pear", "--guidance", "telepathy"], "none"),
        (["a pear", "--expert", "sketch", "--guidance", "pixel"], "sketch"),
        (["a pear", "--seed", "seven"], "(?i)integer"),
        (["a pear", "--seed", "-1"], "between 0 and"),
        ([], "(?i)missing argument"),
        (["a pear", "--sed", "1"], "(?i)no such option"),
    ],
)
def test_create_refuses_bad_input(run, tmp_path, left_in, arguments, said):
    refused(run("create", *arguments, "--out", tmp_path / "out"), said)
    assert left_in(tmp_path) == []


def test_create_refuses_a_folder_that_cannot_be_written(run, tmp_path):
    (tmp_path / "file").write_text("")
    refused(run("create", "a pear", "--out", tmp_path / "file"), "can't write .*a-pear", code=1)


def test_say_makes_a_clip(run, teapot, tmp_path):
    clip = tmp_path / "clip.mp4"
    result = run("say", teapot.folder, "The stars are late tonight.", "--out", clip, "--json")
    assert json.loads(result.stdout)["clip"] == str(clip)
    assert clip.stat().st_size > 1000
    refused(run("say", teapot.folder, "Again.", "--out", clip), "--force")
    refused(run("say", teapot.folder, " ", "--out", tmp_path / "other.mp4"), "nothing to say")
    refused(run("say", tmp_path, "Hello."), "no avatar at")
    refused(run("say", teapot.folder, "nuqneH", "--language", "tlh", "--out", tmp_path / "tlh.mp4"), "tlh")


def test_tones_are_listed_and_played(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tones = json.loads(run("tones", "list", "--json").stdout)
    assert len(tones) >= 24
    assert tones[0]["name"] in run("tones", "list").stdout
    assert run("tones", "play", tones[0]["name"]).exit_code == 0
    assert (tmp_path / f"{tones[0]['name']}.wav").read_bytes().startswith(b"RIFF")
    refused(run("tones", "play", tones[0]["name"]), "--force")
    refused(run("tones", "play", "kazoo"), "unknown tone 'kazoo'")


def test_experts_are_listed(run):
    assert "sketch" in run("experts", "list").stdout
    assert json.loads(run("experts", "list", "--json").stdout)[0]["name"] == "sketch"


def test_the_doctor_tries_everything(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("doctor", "--json")
    findings = {finding["what"]: finding for finding in json.loads(result.stdout)}
    assert set(findings) == {"python", "libraries", "disk", "voice", "face", "film", "language model"}
    assert all(finding["ok"] for finding in findings.values()), findings
    assert result.exit_code == 0
    assert run("doctor").stdout.count("ok") >= 6


@pytest.mark.slow
def test_bench_speed_measures_what_is_promised(run, tmp_path):
    report = tmp_path / "speed.json"
    result = run("bench", "speed", "--runs", 1, "--json", "--out", report)
    assert result.exit_code in {0, 1}, result.output  # whether the targets are met is for a quiet machine to say
    said = json.loads(result.stdout)
    assert said["figures"] == json.loads(report.read_text())["figures"]
    promised = [figure["what"].strip() for figure in said["figures"] if figure["target"] is not None]
    assert len(promised) == 11
    assert said["all_met"] == all(figure["met"] for figure in said["figures"])
    assert result.exit_code == (not said["all_met"])


def test_help_and_version(run):
    assert "create" in run("--help").stdout
    assert run().exit_code == 2
    assert re.fullmatch(r"personify \d+\.\d+\.\d+\n", run("--version").stdout)
    refused(run("[red]dance[/red]"), r"\[red\]dance\[/red\]")


def test_help_imports_nothing_heavy():
    heavy = "numpy cv2 mediapipe av scipy pedalboard PIL"
    code = f"""
import sys
from typer.testing import CliRunner
from personify.ui.cli import app
assert CliRunner().invoke(app, ["create", "--help"]).exit_code == 0
import personify.pipelines
print([name for name in "{heavy}".split() if name in sys.modules])
from personify.pipelines import Studio
Studio()
print([name for name in "cv2 mediapipe av scipy pedalboard PIL".split() if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n[]\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("[bold]loud[/bold]", "[bold]loud[/bold]"),
        ("a\nb", "a b"),
        ("\u202eabc", "\\u202eabc"),
        ("\udcff", "\\udcff"),
        ("茶壶 🫖 é", "茶壶 🫖 é"),
    ],
)
def test_text_from_outside_commands_nothing(text, shown):
    assert plain(text) == shown


def test_hostile_words_are_shown_as_they_are(run, tmp_path):
    result = run("create", "[bold]a teapot[/bold]", "--seed", 1, "--out", tmp_path, "--tone", "\x1b[31m[red]")
    refused(result, re.escape("[red]"))
    assert "\x1b" not in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_leaves_nothing(tmp_path, left_in, number):
    out = tmp_path / "out"
    running = subprocess.Popen(
        [*PERSONIFY, "create", TEAPOT, "--out", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 120  # a busy machine takes its time to import
    while not left_in(out) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.2)
    running.send_signal(number)
    said, complained = running.communicate(timeout=60)
    assert (running.returncode, said) == (130, "")
    assert complained == "personify: stopped; nothing was kept\n"
    assert left_in(tmp_path) == []


@pytest.mark.slow
def test_two_runs_into_the_same_folder_at_once(tmp_path, left_in, teapot):
    command = [*PERSONIFY, "create", TEAPOT, "--seed", "7", "--out", tmp_path, "--json"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=180) for process in both]
    codes = [process.returncode for process in both]
    assert codes.count(0) == 1, told
    lost = told[codes.index(next(code for code in codes if code))]
    assert not lost[0]
    assert re.fullmatch(r"personify: .*(another run|exists).*\n", lost[1])
    assert left_in(tmp_path) == ["a-grumpy-teapot-who-loves-astronomy"]
    made = tmp_path / "a-grumpy-teapot-who-loves-astronomy"
    assert left_in(made) == left_in(teapot.folder)
    for name in ("portrait.png", "landmarks.json"):  # another process, the same bytes
        assert filecmp.cmp(made / name, teapot.folder / name, shallow=False), name  # a diff of bytes takes hours


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="limits of a process")
def test_a_file_that_may_not_grow_leaves_nothing(tmp_path, left_in):
    import resource

    limit = 20_000
    done = subprocess.run(
        [*PERSONIFY, "create", TEAPOT, "--out", tmp_path / "out"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 1
    assert re.fullmatch(r"personify: no room to write .*teapot.*\n", done.stderr)
    assert left_in(tmp_path) == []
