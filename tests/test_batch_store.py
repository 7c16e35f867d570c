"""The store, in a folder and among objects: bundles whole or not at all, lists that grow by whole lines."""

import contextlib
import errno
import os
import pickle
import subprocess
import sys
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import fsspec
import pytest
from batch_copies import put

from personify.pipelines.batch.store import FolderStore, open_store
from personify.pipelines.bundle import RECORD, open_avatar
from personify.pipelines.draft import disk_errors
from personify.voices.errors import BadInput, MissingExtra, NotKept, PersonifyError


@pytest.fixture(params=["folder", "file", "memory"])
def store(request, tmp_path):
    where = {"folder": f"{tmp_path}/a batch", "file": f"file://{tmp_path}/batch", "memory": "memory://town/batch"}
    yield open_store(where[request.param])
    fsspec.filesystem("memory").store.clear()


def test_a_bundle_is_there_whole(store, teapot):
    assert store.ids() == set()
    assert not store.has("owl-1")
    put(store, "owl-1", teapot, seed=11)
    assert store.ids() == {"owl-1"}
    assert store.has("owl-1")
    assert store.record("owl-1").seed == 11
    assert store.picture("owl-1") == teapot.picture.read_bytes()


def test_a_bundle_that_fails_is_not_there(store, teapot):
    class Killed(BaseException):
        """As a kill would end it, at any line."""

    for error in (Killed, ValueError, PersonifyError):
        with pytest.raises(error), store.bundle("owl-1") as draft:
            draft.carry(teapot.folder, but={RECORD})
            raise error
        assert store.ids() == set()
    put(store, "owl-1", teapot)
    assert store.ids() == {"owl-1"}


def test_a_bundle_that_is_there_stays(store, teapot):
    put(store, "owl-1", teapot, seed=11)
    put(store, "owl-1", teapot, seed=12)
    assert store.record("owl-1").seed == 11
    with pytest.raises(ValueError, match="mine"), store.bundle("owl-1"):
        raise ValueError("mine")
    assert store.has("owl-1")


def test_of_two_who_make_the_same_bundle_the_first_wins_and_neither_fails(store, teapot):
    together = threading.Barrier(2, timeout=30)

    def make(seed):
        with store.bundle("owl-1") as draft:
            draft.carry(teapot.folder, but={RECORD})
            draft.save(teapot.record.model_copy(update={"seed": seed}), teapot.portrait, None, redrawn=False)
            together.wait()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(make, (11, 12)))
    assert store.ids() == {"owl-1"}
    assert store.record("owl-1").seed in {11, 12}


def test_the_bundles_of_a_folder_open_as_avatars(tmp_path, teapot):
    store = open_store(tmp_path / "batch")
    put(store, "owl-1", teapot)
    assert open_avatar(tmp_path / "batch" / "avatars" / "owl-1").persona == teapot.persona


def test_what_is_no_bundle_counts_as_none(tmp_path, teapot):
    store = open_store(tmp_path)
    put(store, "owl-1", teapot)
    avatars = tmp_path / "avatars"
    (avatars / "empty").mkdir()
    (avatars / "a-file").write_text("x")
    for name in (".owl-2.0123abcd.part", "Upper", "under_score", "owl..", "x" * 81, "-lead", "owl-1.old"):
        (avatars / name).mkdir()
        (avatars / name / RECORD).write_text("{}")
    (avatars / "deep" / "owl-3").mkdir(parents=True)
    (avatars / "deep" / "owl-3" / RECORD).write_text("{}")
    assert store.ids() == {"owl-1"}


def test_what_is_no_bundle_among_objects_counts_as_none(teapot):
    store = open_store("memory://town/b")
    try:
        put(store, "owl-1", teapot)
        system = fsspec.filesystem("memory")
        for path in (
            "owl-2/portrait.png",  # a killed upload
            "deep/owl-3/avatar.json",
            "Upper/avatar.json",
            "avatar.json",
            "owl-4/avatar.json.part",
        ):
            system.pipe_file(f"/town/b/avatars/{path}", b"{}")
        assert store.ids() == {"owl-1"}
        assert not store.has("owl-2")
        put(store, "owl-2", teapot)  # the next try makes it whole
        assert store.ids() == {"owl-1", "owl-2"}
    finally:
        fsspec.filesystem("memory").store.clear()


def test_killed_workers_leave_nothing(tmp_path, teapot):
    store = open_store(tmp_path)
    put(store, "owl-1", teapot)
    left = tmp_path / "avatars" / ".owl-2.0123abcd.part"
    left.mkdir()
    (left / "greeting.mp4").write_bytes(b"half")
    kept = tmp_path / "avatars" / ".mine"
    kept.mkdir()
    mine = tmp_path / ".notes.part.json"
    mine.write_text("mine")
    store.write("gallery/a.css", b"whole")
    drivers = [tmp_path / ".batch.0123abcd.part.json", tmp_path / "gallery" / ".a.0123abcd.part.css"]
    for file in drivers:
        file.write_bytes(b"half")
    store.sweep()
    assert not left.exists()
    assert not [file for file in drivers if file.exists()]
    assert kept.exists() and mine.exists()
    assert store.read("gallery/a.css") == b"whole"
    assert store.ids() == {"owl-1"}


@pytest.mark.parametrize("name", ["../owl", "", "a/b", "A", "a.b", "a" * 81, "a\n", "..", "/etc", "a\x00"])
def test_ids_are_never_paths(store, name):
    for use in (store.has, store.record, store.picture):
        with pytest.raises(BadInput, match="no id"):
            use(name)
    with pytest.raises(BadInput, match="no id"), store.bundle(name):
        pass


@pytest.mark.parametrize("name", ["../a.json", "", "/etc/a", "a//b", "avatars/x", "a/../b", ".hidden", "a\x00"])
def test_names_of_files_stay_below_the_batch(store, name):
    for use in (store.read, lambda name: store.write(name, b""), lambda name: store.append(name, [b"x"])):
        with pytest.raises(BadInput, match="no name"):
            use(name)


def test_files_of_the_batch_are_replaced_whole(store):
    assert store.read("gallery/a.css") is None
    store.write("gallery/a.css", b"one")
    store.write("gallery/a.css", b"two")
    assert store.read("gallery/a.css") == b"two"
    assert store.ids() == set()


def test_lists_grow_and_are_rewritten(store):
    assert list(store.lines("manifest.jsonl")) == []
    store.append("manifest.jsonl", [])
    for start in range(0, 60, 3):
        store.append("manifest.jsonl", [str(number).encode() for number in range(start, start + 3)])
    assert [int(line) for line in store.lines("manifest.jsonl")] == list(range(60))
    store.rewrite("manifest.jsonl", (line for line in store.lines("manifest.jsonl") if int(line) % 2))
    store.append("manifest.jsonl", [b"60"])
    store.join("manifest.jsonl")
    assert [int(line) for line in store.lines("manifest.jsonl")] == [*range(1, 60, 2), 60]
    assert store.read("manifest.jsonl").endswith(b"59\n60\n")


def test_a_list_whose_lines_can_not_be_had_stays_as_it_was(store):
    """What goes wrong with the lines is told as it is, not as a fault of this machine's disk."""
    store.append("manifest.jsonl", [b"1", b"2"])

    def lines():
        yield b"1"
        raise ConnectionResetError("the store has gone")

    with pytest.raises(ConnectionResetError, match="the store has gone"):
        store.rewrite("manifest.jsonl", lines())
    assert list(store.lines("manifest.jsonl")) == [b"1", b"2"]


def test_a_long_list_among_objects_is_never_held_whole():
    try:
        store, line = open_store("memory://town/batch"), b"x" * 10_000
        store.rewrite("manifest.jsonl", (line for _ in range(4000)))
        tracemalloc.start()
        assert sum(len(each) for each in store.lines("manifest.jsonl")) == 40_000_000
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        fsspec.filesystem("memory").store.clear()
    assert most < 20_000_000


def test_a_torn_line_spoils_no_other(tmp_path):
    store = open_store(tmp_path)
    (tmp_path / "manifest.jsonl").write_bytes(b"one\ntw")
    store.append("manifest.jsonl", [b"three"])
    assert list(store.lines("manifest.jsonl")) == [b"one", b"tw", b"three"]


def test_one_driver_at_a_time_in_a_folder(tmp_path):
    store = open_store(tmp_path)
    with store.lock(), pytest.raises(PersonifyError, match="another batch is writing"), open_store(tmp_path).lock():
        pass
    holder = subprocess.Popen(
        [sys.executable, "-c", f"""
import time
from personify.pipelines.batch.store import open_store
with open_store({str(tmp_path)!r}).lock():
    print("held", flush=True)
    time.sleep(600)
"""],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(PersonifyError, match="another batch is writing"), store.lock():
            pass
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    with store.lock():  # who was killed holds it no more
        assert (tmp_path / "avatars").is_dir()


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.EROFS, errno.ENODEV, errno.ENXIO, errno.ENOSPC])
def test_a_disk_that_is_broken_or_gone_takes_nothing_more(tmp_path, code):
    with pytest.raises(NotKept, match="choose another folder"), disk_errors(tmp_path / "owl"):
        raise OSError(code, os.strerror(code))
    with pytest.raises(FileNotFoundError), disk_errors(tmp_path / "owl"):
        raise FileNotFoundError(errno.ENOENT, "gone")


def test_workers_open_it_anew(store):
    again = pickle.loads(pickle.dumps(store))
    assert again.url == store.url
    assert open_store(store.url).url == store.url
    store.write("batch.json", b"{}")
    assert again.read("batch.json") == b"{}"


def test_a_place_that_nobody_knows_is_refused(monkeypatch):
    with pytest.raises(BadInput, match="Protocol not known"):
        open_store("bogus://town")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtra, match=r"personify\[batch\]"):
        open_store("memory://town")


def test_a_place_whose_library_is_not_installed_is_refused():
    """In a process of its own: fsspec keeps what one has opened once."""
    script = """
import sys
from personify.pipelines.batch.store import open_store
from personify.voices.errors import MissingExtra
sys.modules["s3fs"] = None
try:
    open_store("s3://town/batch")
except MissingExtra as error:
    print(error)
"""
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    ).stdout
    assert told.startswith("an output at s3:// needs another library") and "s3fs" in told


def test_a_folder_that_can_not_be_written_is_told(tmp_path, teapot):
    (tmp_path / "file").write_text("x")
    store = open_store(tmp_path / "file")
    assert store.ids() == set()
    for use in (
        lambda: store.write("batch.json", b"x"),
        lambda: store.append("manifest.jsonl", [b"x"]),
        lambda: put(store, "owl-1", teapot),
        lambda: store.lock().__enter__(),
    ):
        with pytest.raises(NotKept, match="can't write"):
            use()


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on files' sizes stands in for a full disk")
def test_a_full_disk_leaves_lists_whole(tmp_path):
    """The system writes as much as there is room for; what it wrote of the line is taken back."""
    script = f"""
import resource, signal
from personify.pipelines.batch.store import open_store
from personify.voices.errors import NotKept
store = open_store({str(tmp_path)!r})
store.append("manifest.jsonl", [b"one"])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
try:
    store.append("manifest.jsonl", [b"x" * 100])
except NotKept as error:
    print(error)
print(list(store.lines("manifest.jsonl")))
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "no room to write" in said
    assert said.endswith("[b'one']\n")


class Broken(fsspec.get_filesystem_class("memory")):
    """An object store whose requests fail, with a key in the message."""

    protocol = "broken"
    failures = 0

    def pipe_file(self, path, value, **kwargs):
        if Broken.failures:
            Broken.failures -= 1
            raise PermissionError("denied for key AKIA-SECRET") if Broken.failures > 50 else OSError("AKIA-SECRET")
        return super().pipe_file(path, value, **kwargs)


@pytest.fixture
def broken(monkeypatch):
    fsspec.register_implementation("broken", Broken, clobber=True)
    monkeypatch.setattr("personify.pipelines.batch.objects._WAITS_S", (0.0, 0.0))
    yield open_store("broken://town/batch")
    Broken.failures = 0
    Broken.store.clear()


def test_a_store_that_stumbles_is_asked_again(broken, teapot):
    Broken.failures = 2
    put(broken, "owl-1", teapot)
    assert broken.ids() == {"owl-1"}


def test_a_store_that_fails_is_told_without_its_keys(broken, teapot):
    for failures in (50, 1000):
        Broken.failures = failures
        with pytest.raises(NotKept, match="the output at broken://") as caught:
            put(broken, "owl-1", teapot)
        assert "SECRET" not in str(caught.value)
    Broken.failures = 0
    assert broken.ids() == set()


def test_a_record_that_can_not_be_read_is_told_by_its_id(store, teapot):
    put(store, "owl-1", teapot)
    if isinstance(store, FolderStore):
        (store._folder / "avatars" / "owl-1" / RECORD).write_bytes(os.urandom(100))
    else:
        fsspec.filesystem("memory").pipe_file("/town/batch/avatars/owl-1/avatar.json", os.urandom(100))
    with pytest.raises(BadInput, match="owl-1"):
        store.record("owl-1")
    with contextlib.suppress(BadInput):
        store.picture("owl-1")
    with pytest.raises(BadInput):
        store.picture("owl-2")
