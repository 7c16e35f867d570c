"""A run of the benchmark: its rows and files, and how it goes on after whatever ended it."""

import filecmp
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest
import tiny_models as tiny

from personify.eval.detection.plan import Settings
from personify.eval.detection.rows import TIMED, read_rows, write_rows
from personify.eval.detection.runner import default_workers, run
from personify.voices.errors import BadInput, PersonifyError

THINGS = "a grumpy teapot\na wise owl\na rosy apple\n[people]\nan old baker\na young dancer\n"
CONFIG = """
[[expert]]
name = "tiny"
title = "Tiny"
description = "tiny"
styles = ["test"]
base = "sd15"
controlnet = "mesh"
steps = 2
guidance_scale = 3.0
size = 64
strength = 0.5
control_scale = 1.0
[expert.weights]
folder = "sd"
[controlnet.mesh]
folder = "{control}"
base = "sd15"
draw = "mediapipe-mesh"
"""
SCRIPT = """
import sys
from pathlib import Path
from personify.eval.detection.plan import Settings
from personify.eval.detection.runner import run
if __name__ == "__main__":
    run(Settings.model_validate_json(sys.argv[1]), Path(sys.argv[2]), workers=int(sys.argv[3]))
"""


@pytest.fixture(scope="module")
def things(tmp_path_factory):
    path = tmp_path_factory.mktemp("prompts") / "things.txt"
    path.write_text(THINGS)
    return path


@pytest.fixture(scope="module")
def asked(things):
    """The sketch alone, which needs no weights: five portraits in three batches."""
    return Settings(experts=("sketch",), guidances=("none",), prompts=things, judge=False, batch=2)


@pytest.fixture(scope="module")
def finished(asked, tmp_path_factory):
    """The run that nothing disturbed; tests read it and never change it."""
    out = tmp_path_factory.mktemp("whole") / "run"
    return run(asked, out, workers=1), out


@pytest.fixture(scope="module")
def diffusion(tmp_path_factory, one_thread):
    """The file of a catalogue with one tiny expert."""
    folder = tmp_path_factory.mktemp("diffusion")
    tiny.save_sd(folder / "sd")
    tiny.save_control(folder / "control")
    tiny.save_control(folder / "other", base="sd21")
    for control in ("control", "other"):
        (folder / f"{control}.toml").write_text(CONFIG.format(control=control))
    return folder


def untimed(rows):
    return [replace(row, **dict.fromkeys(TIMED, 0.0)) for row in rows]


def begin(script, settings, out, workers):
    file = script / "bench.py"
    file.write_text(SCRIPT)
    given = [sys.executable, str(file), settings.model_dump_json(), str(out), str(workers)]
    return subprocess.Popen(given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


# ---- what a run leaves behind


def test_a_row_for_each_portrait_with_its_picture(finished):
    from PIL import Image

    rows, out = finished
    assert [(row.category, row.prompt) for row in rows] == [
        ("things", "a grumpy teapot"), ("things", "a wise owl"), ("things", "a rosy apple"), ("people", "an old baker"),
        ("people", "a young dancer"),
    ]  # fmt: skip
    assert [row.archetype for row in rows][:3] == ["teapot", "owl", "apple"]
    for row in rows:
        assert (row.asked, row.expert, row.guidance, row.attempt, row.seed) == ("sketch", "sketch", "none", 0, 7)
        assert row.found and row.plausible and row.error < 0.15 and row.reasons == ""
        assert row.sharp_eyes > 0 and row.sharp_lips > 0 and row.seconds > 0
        assert {row.agreed, row.missed} == {"haar", ""}
        assert row.told == "" and row.clip is None and row.strength is None and row.like is None
        assert "personify 0" in row.versions and "mediapipe 0.10.21" in row.versions
        with Image.open(out / row.picture) as picture:
            assert picture.size == (512, 512) and picture.format == "JPEG"


def test_the_folder_holds_the_table_its_parts_and_the_settings(finished, left_in):
    rows, out = finished
    assert left_in(out) == ["parts", "pictures", "results.csv", "settings.json"]
    assert left_in(out / "parts") == ["00000.csv", "00001.csv", "00002.csv"]
    assert read_rows(out / "results.csv") == rows
    saved = Settings.model_validate_json((out / "settings.json").read_text())
    assert saved.versions == rows[0].versions and len(saved.prompts_sha256) == len(saved.plan_sha256) == 64
    assert saved.device == "" and saved.weights_sha256 == {}


def test_two_processes_draw_the_same(asked, finished, tmp_path):
    heard = []
    rows = run(asked, tmp_path / "run", workers=2, on_batch=lambda done, of, new: heard.append((done, of, len(new))))
    assert untimed(rows) == untimed(finished[0])
    assert [told[:2] for told in heard] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert sorted(told[2] for told in heard) == [0, 1, 2, 2]
    for row in rows:
        assert filecmp.cmp(tmp_path / "run" / row.picture, finished[1] / row.picture, shallow=False), row.picture


# ---- going on


def test_what_is_finished_is_not_drawn_again(asked, tmp_path):
    out, heard = tmp_path / "run", []
    rows = run(asked, out, workers=0)
    marked = [replace(row, reasons="kept") for row in read_rows(out / "parts/00001.csv")]
    write_rows(marked, out / "parts/00001.csv")
    (out / "parts/00002.csv").unlink()
    (out / "parts/.00002.csv.part").write_text("protocol,ver")
    (out / rows[4].picture).write_bytes(b"\xff\xd8 half a picture")
    again = run(asked, out, workers=0, on_batch=lambda done, of, new: heard.append((done, of, len(new))))
    assert heard == [(2, 3, 4), (3, 3, 1)]
    assert untimed(again) == untimed([*rows[:2], *marked, rows[4]])
    assert (out / rows[4].picture).stat().st_size > 5000


@pytest.mark.slow
def test_a_killed_run_goes_on_and_ends_with_the_same_table(asked, tmp_path):
    slow = asked.model_copy(update={"batch": 1, "seeds": 2})
    out = tmp_path / "run"
    parts = out / "parts"
    process = begin(tmp_path, slow, out, 2)
    wait_for(lambda: process.poll() is not None or any(parts.glob("*.csv")))
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate(timeout=60)
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert not alive, "drawing processes outlive the run"
    kept = sorted(path.name for path in parts.glob("*.csv"))
    assert 1 <= len(kept) < 10 and not (out / "results.csv").exists()
    rows = run(slow, out, workers=1)
    assert untimed(rows) == untimed(run(slow, tmp_path / "fresh", workers=1))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_ends_promptly_and_keeps_what_is_finished(asked, tmp_path):
    slow = asked.model_copy(update={"batch": 1, "seeds": 40})
    out = tmp_path / "run"
    process = begin(tmp_path, slow, out, 2)
    wait_for(lambda: process.poll() is not None or any((out / "parts").glob("*.csv")))
    workers = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode != 0 and b"KeyboardInterrupt" in said.splitlines()[-1]
    assert not psutil.wait_procs(workers, timeout=60)[1]
    assert 1 <= len(list((out / "parts").glob("*.csv"))) < 200
    for part in (out / "parts").glob("*.csv"):
        assert len(read_rows(part)) == 1


def test_a_folder_of_another_run_is_refused_by_what_differs(asked, finished, tmp_path):
    _, out = finished
    before = (out / "results.csv").read_bytes()
    for more, said in (
        ({"seeds": 2}, "seeds is 1 there and 2 now; give another --out"),
        ({"second": ()}, r"second is \[\"haar\"\] there and \[\] now"),
        ({"per_category": 1}, "per_category is null there and 1 now"),
    ):
        with pytest.raises(BadInput, match=said):
            run(asked.model_copy(update=more), out)
    elsewhere = tmp_path / "things.txt"
    elsewhere.write_text("# Moved.\n" + THINGS)
    moved = asked.model_copy(update={"prompts": elsewhere})
    assert len(run(moved, out)) == 5  # what the file says counts, not where it is
    elsewhere.write_text(THINGS + "an old sailor\n")
    with pytest.raises(BadInput, match=r"prompts_sha256 is .* there and"):
        run(moved, out)
    assert (out / "results.csv").read_bytes() == before


def test_a_folder_of_something_else_is_left_alone(asked, tmp_path, left_in):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(BadInput, match="holds something else"):
        run(asked, tmp_path)
    with pytest.raises(BadInput, match="is not a folder"):
        run(asked, tmp_path / "letter.txt")
    assert left_in(tmp_path) == ["letter.txt"]


def test_what_cannot_be_is_refused_before_anything_is_written(asked, tmp_path):
    for more, said in (
        ({"experts": ("dall-e",)}, "unknown expert 'dall-e'"),
        ({"second": ("eagle",)}, "unknown second detector 'eagle'; choose one of: .*haar"),
        ({"guidances": ("both",)}, "guidance none alone"),
        ({"prompts": tmp_path / "no.txt"}, "there is no file"),
        ({"experts": ("dreamshaper-lcm",)}, "dreamshaper-lcm"),  # its weights are not here
    ):
        with pytest.raises(PersonifyError, match=said):
            run(asked.model_copy(update=more), tmp_path / "run")
    with pytest.raises(BadInput, match="-1 workers"):
        run(asked, tmp_path / "run", workers=-1)
    assert not (tmp_path / "run").exists()


# ---- diffusion experts


@pytest.mark.slow
def test_a_diffusion_expert_is_asked_again_and_the_sketch_stands_in(diffusion, asked, tmp_path, left_in):
    (tmp_path / "one.txt").write_text("a grumpy teapot")
    settings = asked.model_copy(
        update={"experts": ("tiny",), "guidances": ("none", "both"), "attempts": 2, "sweep": True,
                "prompts": tmp_path / "one.txt", "config": diffusion / "control.toml"},
    )  # fmt: skip
    out = tmp_path / "run"
    rows = run(settings, out, workers=1)
    assert [(row.guidance, row.attempt, row.expert, row.strength, row.control_scale) for row in rows] == [
        (guidance, *attempt)
        for guidance, attempts in (
            ("none", [(0, "tiny", None, None), (1, "tiny", None, None), (2, "sketch", None, None)]),
            ("both", [(0, "tiny", 0.5, 1.0), (1, "tiny", 0.38, 1.15), (2, "sketch", None, None)]),
        )
        for attempt in attempts
    ]
    assert {row.asked for row in rows} == {"tiny"}
    assert all(row.plausible == (row.expert == "sketch") for row in rows)
    assert all(bool(row.agreed or row.missed) == (row.sharp_eyes is not None) == row.found for row in rows)
    swept = read_rows(out / "sweep.csv")
    assert {(row.strength, row.control_scale) for row in swept} == {
        (strength, scale) for strength in (0.3, 0.45, 0.5, 0.6, 0.75, 0.9) for scale in (0.0, 0.5, 1.0, 1.5)
    }
    assert len(swept) == 24 and {(row.attempt, row.expert, row.guidance) for row in swept} == {(0, "tiny", "both")}
    assert len(left_in(out / "pictures")) == len({row.picture for row in [*rows, *swept]}) == 30
    saved = Settings.model_validate_json((out / "settings.json").read_text())
    assert (saved.default_strength, saved.default_control_scale) == (0.5, 1.0)
    assert saved.device.startswith(("cpu", "cuda", "mps")) and list(saved.weights_sha256) == ["tiny"]


def test_other_weights_under_the_same_name_are_another_run(diffusion, asked, tmp_path):
    import shutil

    own = tmp_path / "own"
    shutil.copytree(diffusion, own)
    settings = asked.model_copy(
        update={"experts": ("tiny",), "per_category": 1, "attempts": 1, "config": own / "control.toml"}
    )
    out = tmp_path / "run"
    run(settings, out, workers=1)
    assert len(run(settings.model_copy(update={"config": diffusion / "control.toml"}), out)) == 4
    tiny.save_sd(own / "sd", seed=1)
    with pytest.raises(BadInput, match="weights_sha256 is"):
        run(settings, out)


def test_a_batch_that_fails_is_named_and_the_others_are_kept(diffusion, asked, tmp_path, left_in):
    settings = asked.model_copy(
        update={"experts": ("tiny",), "guidances": ("none", "control"), "per_category": 1, "attempts": 1,
                "config": diffusion / "other.toml"},
    )  # fmt: skip
    with pytest.raises(PersonifyError, match=r"batch 1 \(tiny, guidance control\) failed: .*what is finished is kept"):
        run(settings, tmp_path / "run", workers=1)
    assert left_in(tmp_path / "run/parts") == ["00000.csv"]
    assert not (tmp_path / "run/results.csv").exists()


def test_the_mixture_needs_an_expert(asked, tmp_path, monkeypatch):
    monkeypatch.setattr("personify.avatar.mixture.whereabouts", lambda entry, catalogue: "absent")
    with pytest.raises(PersonifyError, match="the mixture has no expert to choose"):
        run(asked.model_copy(update={"experts": ("mixture",)}), tmp_path / "run")


def test_at_least_one_process_draws():
    assert 1 <= default_workers() <= (os.cpu_count() or 1)
