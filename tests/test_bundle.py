"""A bundle is whole or absent, is never replaced unasked, and is read back as it was written."""

import errno
import json
import os
import shutil
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from personify.pipelines import BadInput, PersonifyError, open_avatar
from personify.pipelines.bundle import folder_name
from personify.pipelines.draft import draft_file, draft_folder

MARKER = "avatar.json"


def make(target: Path, text: str = "one", force: bool = False) -> None:
    with draft_folder(target, marker=MARKER, force=force) as work:
        (work / MARKER).write_text(text)


@pytest.fixture
def eager_threads():
    """Threads take turns a hundred times as often as they do by themselves."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 100)
    yield
    sys.setswitchinterval(usual)


def test_a_draft_appears_whole(tmp_path, left_in):
    target = tmp_path / "a" / "b" / "owl"
    with draft_folder(target, marker=MARKER) as work:
        (work / MARKER).write_text("one")
        assert not target.exists()
    assert (target / MARKER).read_text() == "one"
    assert left_in(target.parent) == ["owl"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_a_draft_that_fails_leaves_nothing(tmp_path, left_in, error):
    with pytest.raises(error), draft_folder(tmp_path / "new" / "deep" / "owl", marker=MARKER) as work:
        (work / MARKER).write_text("one")
        raise error
    assert left_in(tmp_path) == []


def test_an_existing_bundle_is_kept(tmp_path, left_in):
    make(tmp_path / "owl")
    with pytest.raises(BadInput, match="--force"):
        make(tmp_path / "owl", "two")
    assert (tmp_path / "owl" / MARKER).read_text() == "one"
    assert left_in(tmp_path) == ["owl"]


def test_force_replaces_a_bundle(tmp_path, left_in):
    make(tmp_path / "owl")
    (tmp_path / "owl" / "old.txt").write_text("old")
    make(tmp_path / "owl", "two", force=True)
    assert left_in(tmp_path / "owl") == [MARKER]
    assert left_in(tmp_path) == ["owl"]


def test_force_that_fails_keeps_the_old_bundle(tmp_path, left_in):
    make(tmp_path / "owl")
    with pytest.raises(KeyboardInterrupt), draft_folder(tmp_path / "owl", marker=MARKER, force=True):
        raise KeyboardInterrupt
    assert (tmp_path / "owl" / MARKER).read_text() == "one"
    assert left_in(tmp_path) == ["owl"]


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_force_never_replaces_what_is_not_an_avatar(tmp_path, kind):
    target = tmp_path / "photos"
    if kind == "folder":
        target.mkdir()
        (target / "wedding.jpg").write_text("precious")
    elif kind == "file":
        target.write_text("precious")
    else:
        make(tmp_path / "elsewhere")
        target.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadInput, match="not an avatar"):
        make(target, force=True)
    assert os.path.lexists(target)


@pytest.mark.parametrize("force", [False, True])
def test_of_two_runs_the_first_to_finish_wins(tmp_path, left_in, force):
    target = tmp_path / "owl"
    if force:
        make(target, "old")
    with pytest.raises(PersonifyError, match="another run"), draft_folder(target, marker=MARKER, force=force) as work:
        (work / MARKER).write_text("slow")
        make(target, "quick", force=force)
    assert (target / MARKER).read_text() == "quick"
    assert left_in(tmp_path) == ["owl"]


def test_of_many_forced_runs_one_bundle_is_left(tmp_path, left_in, eager_threads):
    for _ in range(30):  # who meets whom between which two steps is chance
        target = tmp_path / "owl"
        make(target, force=True)
        outcomes = []

        def run(number: int, target=target, outcomes=outcomes) -> None:
            try:
                make(target, str(number), force=True)
                outcomes.append("won")
            except PersonifyError:
                outcomes.append("lost")

        threads = [threading.Thread(target=run, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert "won" in outcomes and len(outcomes) == 16
        assert left_in(tmp_path) == ["owl"]
        assert left_in(target) == [MARKER]


@pytest.mark.skipif(os.name != "posix", reason="folders are locked there")
def test_a_run_that_never_ends_is_not_waited_for(tmp_path, left_in, monkeypatch):
    import fcntl

    monkeypatch.setattr("personify.pipelines.draft.PATIENCE_S", 0.1)
    held = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(PersonifyError, match=r"another run has kept .* locked .* end it"):
        make(tmp_path / "owl")
    assert left_in(tmp_path) == []
    os.close(held)
    make(tmp_path / "owl")


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PersonifyError, match=r"can't write .*file/owl"):
        make(tmp_path / "file" / "owl")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_closed_folder_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PersonifyError, match="Permission denied"):
        make(tmp_path / "owl")


def test_a_disk_that_fills_up_is_named(tmp_path, left_in):
    with pytest.raises(PersonifyError, match=r"no room to write .*owl"), draft_folder(tmp_path / "owl", marker=MARKER):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert left_in(tmp_path) == []


def test_errors_of_other_files_are_not_blamed_on_the_disk(tmp_path):
    with pytest.raises(FileNotFoundError), draft_folder(tmp_path / "owl", marker=MARKER):
        Path("/nowhere/lexicon.toml").read_text()


def test_a_file_is_not_replaced_unasked(tmp_path, left_in):
    target = tmp_path / "clip.mp4"
    target.write_text("old")
    with pytest.raises(BadInput, match="--force"), draft_file(target) as work:
        work.write_text("new")
    with draft_file(target, force=True) as work:
        assert work.suffix == ".mp4"
        work.write_text("new")
    assert target.read_text() == "new"
    assert left_in(tmp_path) == ["clip.mp4"]


def test_a_device_is_never_replaced_and_a_name_may_be_too_long(tmp_path, left_in):
    os.mkfifo(tmp_path / "pipe")
    for force in (True, False):
        with pytest.raises(BadInput, match="a device or a pipe"), draft_file(tmp_path / "pipe", force=force):
            pass
    with pytest.raises(PersonifyError, match="File name too long"), draft_file(tmp_path / ("x" * 300)):
        pass
    assert left_in(tmp_path) == ["pipe"]


def test_of_two_files_the_first_wins(tmp_path, left_in):
    target = tmp_path / "clip.mp4"
    with pytest.raises(PersonifyError, match="another run"), draft_file(target) as work:
        work.write_text("slow")
        target.write_text("quick")
    assert target.read_text() == "quick"
    assert left_in(tmp_path) == ["clip.mp4"]


@pytest.mark.parametrize(
    ("description", "folder"),
    [
        ("A grumpy Teapot, who loves astronomy!", "a-grumpy-teapot-who-loves-astronomy"),
        ("../../etc", "etc"),
        ("..", "avatar"),
        ("C:\\Windows\\System32", "c-windows-system32"),
        ("🫖🫖", "avatar"),
        ("", "avatar"),
        ("CON", "con-avatar"),
        ("lpt1", "lpt1-avatar"),
        ("一只猫", "yi-zhi-mao"),
    ],
)
def test_folder_names(description, folder):
    assert folder_name(description) == folder


@given(st.text(max_size=300))
@example("a/" * 100)
@example("\0")
def test_a_folder_name_is_never_a_path(description):
    name = folder_name(description)
    assert 1 <= len(name) <= 60
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not name.startswith("-")


def test_a_bundle_is_read_back_as_it_was_made(teapot):
    again = open_avatar(teapot.folder)
    assert again.record == teapot.record
    assert np.array_equal(again.portrait.image, teapot.portrait.image)
    assert np.array_equal(again.portrait.landmarks, teapot.portrait.landmarks)
    assert again.portrait.landmarks.dtype == np.float32
    assert again.portrait.verdict == teapot.portrait.verdict
    assert open_avatar(teapot.folder / "avatar.json").record == teapot.record


def test_a_bundle_says_that_a_machine_made_it(teapot):
    with Image.open(teapot.picture) as picture:
        assert "machine" in picture.text["Comment"]
    assert "machine" in json.loads((teapot.folder / "avatar.json").read_text("utf-8"))["notice"]
    assert b"machine" in teapot.files["greeting"].read_bytes()


def test_every_file_of_a_bundle_is_listed(teapot, left_in):
    assert left_in(teapot.folder) == sorted(path.name for path in teapot.files.values())
    assert all(path.stat().st_size for path in teapot.files.values())


@pytest.mark.parametrize(
    ("file", "damage", "said"),
    [
        ("avatar.json", lambda text: text[: len(text) // 2], "avatar.json"),
        ("avatar.json", lambda text: text.replace('"head": ', '"heads": '), "head"),
        ("avatar.json", lambda text: text.replace('"seed"', '"sead"', 1), "sead|seed"),
        ("avatar.json", lambda text: text.replace('"verdict": {', '"verdict": {"more": 1,'), "more"),
        ("avatar.json", lambda text: text.replace('"portrait.png"', '"../../etc/passwd"'), "files"),
        ("landmarks.json", lambda text: text.replace('"width": 512', '"width": 511'), "another size"),
        ("landmarks.json", lambda text: text.replace('"points": [[', '"points": [[1, 2], ['), r"\(478, 2\)"),
        ("portrait.png", lambda text: "not a picture", "readable PNG"),
    ],
)
def test_a_damaged_bundle_is_refused_by_name(teapot, tmp_path, file, damage, said):
    folder = Path(shutil.copytree(teapot.folder, tmp_path / "copy"))
    text = (folder / file).read_bytes().decode("utf-8", "replace")
    (folder / file).write_text(damage(text), "utf-8")
    with pytest.raises(BadInput, match=said):
        open_avatar(folder)


@pytest.mark.parametrize("path", ["~no-such-user/owl", "x" * 300])
def test_what_names_no_folder_is_refused(path):
    with pytest.raises(BadInput, match=path[:20]):
        open_avatar(path)


def test_a_missing_bundle_is_named(tmp_path):
    with pytest.raises(BadInput, match="personify create"):
        open_avatar(tmp_path / "nobody")
