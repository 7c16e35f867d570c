"""`personify batch` as a user meets it: mistakes are named before anything begins, a batch is told of, goes on, and
can be stopped."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from personify.pipelines.batch.progress import Progress
from personify.ui.batch_progress import run_progress, spell, told
from personify.ui.cli import app

ROWS = """description,expert,seed,tone
a teapot,sketch,1,
an owl,sketch,x\x1b[2J,
a pear,sketch,2,no-such-tone
an apple,sketch,3,
"""


def run(*arguments, text=None):
    return CliRunner().invoke(app, ["batch", *map(str, arguments)], input=text)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    path.write_text(ROWS)
    return path


@pytest.fixture(scope="module")
def done(file, tmp_path_factory):
    """Where a batch lies, two of whose rows can't be made, and what its command told."""
    out = tmp_path_factory.mktemp("batches") / "fruit"
    return out, run(file, "--out", out, "--workers", 1, "--seed", 5)


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_batch_tells_what_became_of_it(done):
    out, result = done
    assert result.exit_code == 1
    assert "2 of 4 rows" in result.stdout
    assert "2 refused" in result.stdout
    assert "row 2" in result.stdout
    assert "seed is" in result.stdout
    assert "row 3" in result.stdout
    assert "unknown tone 'no-such-tone'" in result.stdout
    assert "--retry-failed" in result.stdout
    assert str(out / "index.html") in result.stdout
    assert "\x1b" not in result.stdout, "what the file says can't move the cursor"
    assert [line["description"] for line in sorted(lines(out / "manifest.jsonl"), key=lambda line: line["row"])] == [
        "a teapot",
        "an apple",
    ]
    assert (out / "index.html").is_file()


def test_the_same_command_goes_on(done, file):
    out, _ = done
    before = (out / "manifest.jsonl").read_bytes()
    again = run(file, "--out", out, "--workers", 1, "--json")
    facts = json.loads(again.stdout)
    assert again.exit_code == 1
    assert (facts["made"], facts["skipped"], facts["failed"], facts["kinds"]) == (0, 2, 2, {"refused": 2})
    assert facts["paths"]["gallery"] == str(out / "index.html")
    assert again.stderr == ""
    assert (out / "manifest.jsonl").read_bytes() == before


def test_failed_rows_are_tried_again_when_asked(done, file, tmp_path):
    out = shutil.copytree(done[0], tmp_path / "fruit")
    mended = tmp_path / "rows.csv"
    mended.write_text(ROWS.replace("no-such-tone", ""))
    result = run(mended, "--out", out, "--workers", 1, "--retry-failed", "--json")
    facts = json.loads(result.stdout)
    assert (facts["made"], facts["skipped"], facts["failed"]) == (1, 2, 1)
    assert [line["row"] for line in lines(out / "failures.jsonl")] == [2]


@pytest.mark.parametrize(
    ("name", "text", "arguments", "said"),
    [
        ("a.csv", "descripton,tone\nx,y\n", [], "did you mean 'description'"),
        ("a.csv", "tone\nx\n", [], "description"),
        ("a.docx", "x", [], "a.docx"),
        ("a.csv", None, [], "there is no"),
        ("", None, [], "is a folder"),
        ("a.txt", "an owl", ["--quota", "gendr=even"], "unknown attribute for a quota 'gendr'"),
        ("a.txt", "an owl", ["--quota", "gender=blue"], "blue"),
        ("a.txt", "an owl", ["--address", "auto"], "add --engine ray"),
        ("a.txt", "an owl", ["--workers", "0"], "--workers"),
        ("a.txt", "an owl", ["--engine", "slurm"], "--engine"),
        ("a.txt", "an owl", ["--row-limit", "0"], "choose a limit above 0"),
        ("a.txt", "an owl", ["--row-limit", "nan", "--engine", "ray"], "choose a limit above 0"),
        ("a.txt", "an owl", ["--head", "nobody"], "nobody"),
        ("a.txt", "an owl", ["--seed", "-1"], "--seed"),
    ],
)
def test_mistakes_are_named_before_anything_begins(tmp_path, name, text, arguments, said):
    file, out = tmp_path / name, tmp_path / "out"
    if text is not None:
        file.write_text(text)
    result = run(file, "--out", out, *arguments)
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert not out.exists()


def test_no_out_no_batch(file):
    result = run(file)
    assert result.exit_code == 2
    assert "--out" in result.stderr


def test_a_folder_with_another_batch_is_refused(done, file):
    out, _ = done
    for arguments, said in ((["--seed", 6], "begun with --seed 5"), (["--no-resume"], "holds a batch")):
        result = run(file, "--out", out, *arguments)
        assert result.exit_code == 2
        assert said in result.stderr


@pytest.mark.slow
def test_stopped_by_ctrl_c_it_goes_on(tmp_path):
    file, out = tmp_path / "rows.jsonl", tmp_path / "out"
    rows = [{"description": f"a pear number {i}", "id": f"pear-{i}", "expert": "sketch"} for i in range(4)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    personify = [sys.executable, "-m", "personify.ui.cli", "batch", str(file), "--out", str(out), "--workers", "1"]
    running = subprocess.Popen(personify, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 120
    manifest = out / "manifest.jsonl"
    while not (manifest.exists() and manifest.read_bytes().count(b"\n")):
        assert running.poll() is None and time.monotonic() < until, running.communicate()
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    told_out, told_err = running.communicate(timeout=60)
    assert running.returncode == 130, told_err
    assert "what was made is kept, and the same command goes on" in told_err
    assert "Traceback" not in told_err
    assert "so far" in told_out
    kept = len(lines(manifest))
    assert 1 <= kept < len(rows)
    assert not [path for path in (out / "avatars").iterdir() if path.name.startswith(".")], "no half avatar is left"
    again = subprocess.run(personify, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert f"{len(rows) - kept} of {len(rows)} rows" in again.stdout
    assert sorted(line["id"] for line in lines(manifest)) == [row["id"] for row in rows]


def test_stopped_while_it_waits_for_lines_it_ends_without_noise(tmp_path):
    out = tmp_path / "out"
    running = subprocess.Popen(
        [sys.executable, "-m", "personify.ui.cli", "batch", "-", "--out", str(out), "--workers", "1"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    running.stdin.write("a teapot\n")
    running.stdin.flush()
    until = time.monotonic() + 120
    manifest = out / "manifest.jsonl"
    while not (manifest.exists() and manifest.read_bytes().count(b"\n")):
        assert running.poll() is None and time.monotonic() < until
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    assert running.wait(60) == 130  # while its standard input is open still
    told_err = running.stderr.read()
    running.communicate()
    assert "the same command goes on" in told_err
    assert "leaked" not in told_err
    assert "Fatal" not in told_err


def progress(**changes):
    usual = {"made": 3, "failed": 0, "skipped": 0, "total": 10, "per_minute": 12.04, "eta_s": 35.2, "workers": 2}
    return Progress(**(usual | changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "3 of 10 made, 12.0 a minute, 35 s left, 2 workers"),
        ({"total": None, "eta_s": None}, "3 made, 12.0 a minute, 2 workers"),
        ({"failed": 1, "skipped": 4}, "3 of 6 made, 1 failed, 4 there before, 12.0 a minute, 35 s left, 2 workers"),
        ({"made": 0, "per_minute": None, "eta_s": None, "workers": 1}, "0 of 10 made, 1 worker"),
        ({"made": 1200, "total": 9999, "eta_s": 9e4}, "1,200 of 9,999 made, 12.0 a minute, 25 h 0 min left, 2 workers"),
    ],
)  # fmt: skip
def test_progress_in_words(changes, words):
    assert told(progress(**changes)) == words


def test_times_as_people_say_them():
    assert [spell(s) for s in (0.4, 99, 100, 3600, 5970, 6000, 8100)] == [
        "0 s", "99 s", "2 min", "60 min", "1 h 40 min", "1 h 40 min", "2 h 15 min",
    ]  # fmt: skip


def test_a_log_gets_a_line_now_and_then(monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr("personify.ui.batch_progress.time.monotonic", lambda: now[0])
    with run_progress(shown=True) as on_progress:
        for second in range(25):
            now[0] = float(second)
            on_progress(progress(made=second))
    told_lines = capsys.readouterr().err.splitlines()
    assert [line.split()[1] for line in told_lines] == ["10", "20"]


def test_nothing_is_told_where_it_is_not_wanted(capsys):
    with run_progress(shown=False) as on_progress:
        on_progress(progress())
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_a_terminal_gets_a_bar(monkeypatch):
    import pty

    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.setenv("COLUMNS", "100")
        with run_progress(shown=True) as on_progress:
            on_progress(progress())
    shown = b""
    while b"2 workers" not in shown:
        shown += os.read(master, 4096)
    os.close(master)
    text = shown.decode()
    assert "3 of 10 made, 12.0 a minute, 35 s left, 2 workers" in text
    assert "━" in text


def test_lines_come_from_a_pipe_too(tmp_path):
    out = tmp_path / "out"
    result = run("-", "--out", out, "--workers", 1, "--json", text="# nobody\n\n")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["rows"] == 0
    assert (out / "index.html").is_file()


def test_help_is_quick_and_loads_nothing_heavy():
    code = (
        "import sys, personify.ui.cli\n"
        "heavy = {'numpy', 'pydantic', 'ray', 'torch', 'gradio', 'rich.progress'} & set(sys.modules)\n"
        "sys.exit(f'loaded at import: {heavy}' if heavy else 0)"
    )
    checked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", ["class.csv", "townspeople.csv", "quest.jsonl"])
def test_the_examples_of_the_docs_can_be_read(name):
    from personify.pipelines.batch.rows import read_rows
    from personify.pipelines.batch.values import Row

    found = list(read_rows(Path(__file__).parents[1] / "docs" / "examples" / name, seed=1))
    assert found
    assert all(isinstance(row, Row) for row in found)
    assert len({row.id for row in found}) == len(found)
