"""The work of a batch in this process: its bundles are those of `create`, and no row spoils another."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import poisoned_head
import pytest
from batch_parts import install_head, planned, settings
from PIL import Image

from personify.pipelines import open_avatar
from personify.pipelines.batch.outcomes import failed, shortened
from personify.pipelines.batch.values import Failed, Made
from personify.pipelines.batch.work import Worker, WorkSettings, batches
from personify.voices.errors import BadInput, PersonifyError

EXPERT = "storybook"


@pytest.fixture
def head(tmp_path, monkeypatch):
    install_head(tmp_path, monkeypatch)


@pytest.fixture
def worker(tmp_path, head):
    return Worker(settings(tmp_path / "out"))


def made_by(worker, rows):
    outcomes = {outcome.id: outcome for outcome in worker.make(rows)}
    assert set(outcomes) == {row.row.id for row in rows}
    return outcomes


def without_times(record):
    told = record.model_dump(mode="json", exclude={"created", "seconds"})
    for attempt in told["portrait"]["attempts"]:
        del attempt["seconds"]
    return told


def test_a_bundle_of_a_batch_is_the_one_that_create_makes(studio, tmp_path, one_thread):
    text = "a wise owl"
    single = studio.create(text, seed=5, expert="sketch", out=tmp_path / "single")
    worker = Worker(WorkSettings(str(tmp_path / "batch")))
    (line,) = worker.make([planned(3, text, seed=5, id="owl")])
    assert isinstance(line, Made), line
    avatar = open_avatar(tmp_path / "batch" / line.folder)
    assert without_times(avatar.record) == without_times(single.record)
    assert list(avatar.record.seconds) == list(single.record.seconds)
    assert set(avatar.files) == set(single.files)
    for what in ("portrait", "landmarks", "greeting", "clip"):
        assert avatar.files[what].read_bytes()[:64] == single.files[what].read_bytes()[:64]
    assert np.array_equal(avatar.portrait.image, single.portrait.image)
    assert np.array_equal(avatar.portrait.landmarks, single.portrait.landmarks)
    assert (line.row, line.name, line.tone, line.seed) == (3, avatar.name, avatar.tone, 5)
    assert line.greeting == avatar.persona.speaking.greeting


def test_pictures_that_are_drawn_together_are_those_that_are_drawn_alone(tmp_path, head, one_thread):
    rows = [planned(number, expert=EXPERT) for number in (1, 2)]
    worker = Worker(settings(tmp_path / "out"))
    together = list(worker.draw(rows))
    alone = [drawn for row in rows for drawn in worker.draw([row])]
    for one, other in zip(together, alone, strict=True):
        assert one.planned.row == other.planned.row
        assert one.portrait.expert == other.portrait.expert
        apart = np.abs(one.portrait.image.astype(int) - other.portrait.image.astype(int))
        assert apart.mean() < 1  # of 255: the order of additions differs, and with it the last bits


def test_rows_of_one_expert_and_guidance_are_drawn_together():
    rows = [planned(1), planned(2, expert=EXPERT), planned(3), planned(4, guidance="none"), planned(5)]
    assert [[row.row.number for row in group] for group in batches(rows, 2)] == [[1, 3], [2], [4], [5]]


def picture(path, size=(80, 80)):
    Image.new("RGB", size, "tomato").save(path)
    return str(path)


def bomb(path):
    """A PNG whose header says that it is far too large, as those that are made to fill memories do."""
    picture(path)
    data = bytearray(path.read_bytes())
    data[16:24] = (60000).to_bytes(4, "big") * 2
    path.write_bytes(data)
    return str(path)


def test_a_row_that_is_poisoned_spoils_no_other(worker, tmp_path, left_in):
    (tmp_path / "words.png").write_text("not a picture")
    unknown = planned(7)
    bad = {
        "missing": planned(1, image=str(tmp_path / "none.png"), id="missing"),
        "no-picture": planned(2, image=str(tmp_path / "words.png"), id="no-picture"),
        "bomb": planned(3, image=bomb(tmp_path / "bomb.png"), id="bomb"),
        "unguided": planned(4, image=picture(tmp_path / "red.png"), id="unguided"),
        "guidance": planned(5, guidance="pixel", id="guidance"),
        "cant": planned(6, seed=poisoned_head.CANT, id="cant"),
        "tone": replace(
            unknown, row=replace(unknown.row, id="tone"), tone=unknown.tone.model_copy(update={"name": "x"})
        ),
        "bug": planned(8, seed=poisoned_head.BUG, id="bug"),
        "memory": planned(9, seed=poisoned_head.EXHAUSTS, id="memory"),
    }
    good = [planned(number) for number in (10, 11)]
    outcomes = made_by(worker, [good[0], *bad.values(), good[1]])
    assert all(isinstance(outcomes[row.row.id], Made) for row in good)
    told = {name: (outcomes[name].stage, outcomes[name].kind) for name in bad}
    assert told == {
        "missing": ("portrait", "refused"),
        "no-picture": ("portrait", "refused"),
        "bomb": ("portrait", "refused"),
        "unguided": ("portrait", "refused"),
        "guidance": ("portrait", "refused"),
        "cant": ("clip", "failed"),
        "tone": ("speech", "refused"),
        "bug": ("clip", "bug"),
        "memory": ("clip", "died"),
    }
    assert "can't be moved" in outcomes["cant"].problem
    assert "ValueError" in outcomes["bug"].problem
    assert str(Path.home()) not in outcomes["bug"].problem
    assert "memory" in outcomes["memory"].problem
    assert left_in(tmp_path / "out" / "avatars") == ["row-10", "row-11"]


def test_a_bundle_that_is_there_stays_and_is_told_of(worker, tmp_path):
    row = planned(1)
    (first,) = worker.make([row])
    record = tmp_path / "out" / first.folder / "avatar.json"
    before = record.stat()
    (again,) = worker.make([row])
    assert again == first
    assert record.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounts a small file system")
def test_a_full_disk_is_told_of_each_row_and_leaves_no_half_bundle(tmp_path, head, left_in):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=9m", "none", small], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        worker = Worker(settings(small))
        outcomes = []
        for number in range(1, 9):  # an avatar takes a few hundred kB, and 8 MB must be free to begin one
            outcomes += worker.make([planned(number)])
        assert isinstance(outcomes[0], Made)
        last = outcomes[-1]
        assert isinstance(last, Failed)
        assert (last.stage, last.kind) == ("bundle", "unkept")
        assert "no room" in last.problem
        left = left_in(small / "avatars")
        assert left == sorted(outcome.id for outcome in outcomes if isinstance(outcome, Made))
        for name in left:
            open_avatar(small / "avatars" / name)
        shutil.rmtree(small / "avatars")
        (freed,) = worker.make([planned(9)])
        assert isinstance(freed, Made)
    finally:
        subprocess.run(["umount", small], check=True)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (BadInput("no such tone"), "refused"),
        (PersonifyError("can't be done"), "failed"),
        (MemoryError(), "died"),
        (RuntimeError("CUDA error: out of memory"), "died"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"), "died"),
        (OSError(12, "Cannot allocate memory"), "died"),
        (KeyError("x"), "bug"),
    ],
)
def test_what_kind_of_failure_an_error_is(error, kind):
    line = failed(planned().row, "clip", error, attempts=2)
    assert (line.kind, line.stage, line.attempts) == (kind, "clip", 2)
    assert line.problem


def test_a_line_is_bounded_and_holds_nothing_that_cant_be_seen():
    row = replace(planned().row, description="a\x00\n\u202etree " * 100_000)
    line = failed(row, "persona", BadInput("too\r\nlong \x1b[31m" * 10_000))
    assert len(line.description) <= 600
    assert len(line.problem) <= 600
    assert not set("\x00\n\r\x1b\u202e") & set(line.description + line.problem)
    assert shortened("short") == "short"
