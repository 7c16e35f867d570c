"""A batch in an object store: a real S3 server on this machine, reached by the same URL that a user gives."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time

import pytest
from s3_server import s3_server

from personify.pipelines.batch.batch import run_batch
from personify.pipelines.batch.store import open_store
from personify.voices.errors import NotKept

pytest.importorskip("moto", reason="moto is not installed")
pytest.importorskip("s3fs", reason="s3fs is not installed")


@pytest.fixture(scope="module")
def s3():
    with s3_server() as server:
        yield server


def put(store, name, avatar):
    with store.bundle(name) as draft:
        draft.carry(avatar.folder, but=())


def rows_file(folder, count):
    lines = ["id,description,expert,seed"]
    lines += [f"row-{n},a small teapot number {n},sketch,{n}" for n in range(count)]
    path = folder / "rows.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def manifest(store):
    return [json.loads(line)["id"] for line in store.lines("manifest.jsonl")]


def test_a_bundle_comes_back_as_it_was_put(s3, teapot):
    store = open_store(s3.bucket())
    assert store.ids() == set()
    assert not store.has("teapot")
    put(store, "teapot", teapot)
    assert store.ids() == {"teapot"}
    assert store.record("teapot") == teapot.record
    assert store.picture("teapot") == teapot.picture.read_bytes()


def test_every_file_of_a_bundle_is_in_the_bucket(s3, teapot):
    import fsspec

    where = s3.bucket()
    put(open_store(where), "teapot", teapot)
    system, root = fsspec.url_to_fs(where)
    there = {path.removeprefix(f"{root}/avatars/teapot/"): system.cat_file(path) for path in system.find(root)}
    assert there == {path.name: path.read_bytes() for path in teapot.folder.iterdir()}


def test_who_is_there_already_stays(s3, teapot, tmp_path):
    store = open_store(s3.bucket())
    put(store, "teapot", teapot)
    with store.bundle("teapot") as draft:
        draft.carry(teapot.folder, but=("portrait.png",))
        draft.clip.with_name("portrait.png").write_bytes(b"another")
    assert store.picture("teapot") == teapot.picture.read_bytes()


def test_lists_grow_and_are_written_anew(s3):
    where = s3.bucket()
    store = open_store(where)
    store.append("manifest.jsonl", [b"1", b"2"])
    open_store(where).append("manifest.jsonl", [b"3"])
    assert list(store.lines("manifest.jsonl")) == [b"1", b"2", b"3"]
    store.rewrite("manifest.jsonl", [b"2", b"3"])
    store.append("manifest.jsonl", [b"4"])
    assert list(open_store(where).lines("manifest.jsonl")) == [b"2", b"3", b"4"]


def test_a_list_that_is_long_goes_and_comes_in_pieces(s3, monkeypatch):
    monkeypatch.setattr("personify.pipelines.batch.objects._BLOCK_BYTES", 1000)
    monkeypatch.setattr("personify.pipelines.batch.objects._PIPED_BYTES", 5000)
    store, lines = open_store(s3.bucket()), [b"%d " % number + b"x" * (number % 777) for number in range(300)]
    store.append("manifest.jsonl", lines[:100])
    store.join("manifest.jsonl")
    assert list(store.lines("manifest.jsonl")) == lines[:100]
    store.append("manifest.jsonl", lines[100:])
    assert list(store.lines("manifest.jsonl")) == lines
    store.join("manifest.jsonl")
    assert list(open_store(store.url).lines("manifest.jsonl")) == lines
    store.rewrite("manifest.jsonl", [])
    assert list(store.lines("manifest.jsonl")) == []


def test_a_browser_is_told_what_each_object_is(s3, teapot, monkeypatch):
    monkeypatch.setattr("personify.pipelines.batch.objects._PIPED_BYTES", 10)
    import s3fs

    store = open_store(s3.bucket())
    put(store, "teapot", teapot)
    for name in ("index.html", "gallery/wall-0001.js", "gallery/faces/teapot.webp", "diversity.json"):
        store.write(name, b"x")
    store.append("failures.jsonl", [b"short"])
    store.rewrite("manifest.jsonl", [b"longer than what is piped"])
    system = s3fs.S3FileSystem(skip_instance_cache=True)
    paths = [path for path in system.find(store.url) if "/ledger/" not in path]
    assert {path.partition("/town/")[2]: system.info(path, refresh=True)["ContentType"] for path in paths} == {
        "avatars/teapot/avatar.json": "application/json",
        "avatars/teapot/greeting.mp4": "video/mp4",
        "avatars/teapot/greeting.wav": "audio/wav",
        "avatars/teapot/landmarks.json": "application/json",
        "avatars/teapot/mask.png": "image/png",
        "avatars/teapot/portrait.png": "image/png",
        "diversity.json": "application/json",
        "gallery/faces/teapot.webp": "image/webp",
        "gallery/wall-0001.js": "text/javascript; charset=utf-8",
        "index.html": "text/html; charset=utf-8",
        "manifest.jsonl": "application/x-ndjson",
    }


def test_a_store_travels_to_another_process(s3):
    store = open_store(s3.bucket())
    store.write("batch.json", b"{}")
    assert pickle.loads(pickle.dumps(store)).read("batch.json") == b"{}"
    assert store.read("other.json") is None


def test_a_bucket_that_is_not_there_is_told_without_keys(s3, teapot):
    store = open_store("s3://no-such-bucket/town")
    with pytest.raises(NotKept) as caught:
        put(store, "teapot", teapot)
    assert "test-secret" not in str(caught.value)


KILLED = """
import os, signal, sys
from pathlib import Path
from personify.pipelines.batch.store import open_store

where, folder, after = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
store = open_store(where)
put, done = store._system.pipe_file, []

def pipe_file(path, data, **more):
    if len(done) == after:
        os.kill(os.getpid(), signal.SIGKILL)
    put(path, data, **more)
    done.append(path)

store._system.pipe_file = pipe_file
with store.bundle("teapot") as draft:
    draft.carry(folder, but=())
"""


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0], ids=["before the first file", "in the middle", "before the record"])
def test_an_upload_that_is_killed_leaves_no_bundle(share, s3, teapot):
    """The record comes last of all, so what lies there before it counts as nothing, and the next try puts it again."""
    where = s3.bucket()
    after = round(share * (len(list(teapot.folder.iterdir())) - 1))
    died = subprocess.run([sys.executable, "-c", KILLED, where, teapot.folder, str(after)], timeout=120, check=False)
    assert died.returncode == -signal.SIGKILL
    store = open_store(where)
    assert store.ids() == set()
    assert not store.has("teapot")
    put(store, "teapot", teapot)
    assert store.ids() == {"teapot"}
    assert store.record("teapot") == teapot.record


def test_a_batch_goes_to_a_bucket_and_goes_on_there(s3, tmp_path):
    where = s3.bucket()
    first = run_batch(rows_file(tmp_path, 2), where, workers=1, seed=1)
    assert (first.made, first.failed, first.skipped) == (2, 0, 0)
    again = run_batch(rows_file(tmp_path, 3), where, workers=1)
    assert (again.made, again.failed, again.skipped) == (1, 0, 2)
    store = open_store(where)
    assert store.ids() == {"row-0", "row-1", "row-2"}
    assert sorted(manifest(store)) == ["row-0", "row-1", "row-2"]
    assert store.read("index.html")
    assert store.record("row-2").seed == 2


@pytest.mark.slow
@pytest.mark.cluster
@pytest.mark.parametrize("engine", ["local", "ray"])
def test_a_batch_whose_driver_is_killed_goes_on(engine, s3, tmp_path):
    if engine == "ray":
        pytest.importorskip("ray", reason="Ray is not installed")
    where, file = s3.bucket(), rows_file(tmp_path, 6)
    store = open_store(where)
    command = [
        sys.executable,
        "-m",
        "personify.ui.cli",
        "batch",
        file,
        "--out",
        where,
        "--engine",
        engine,
        "--workers",
        "2",
    ]
    driver = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 300
    while len(store.ids()) < 2:
        assert driver.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.2)
    driver.kill()
    driver.wait()
    assert subprocess.run(command, env=os.environ, stdout=subprocess.DEVNULL, timeout=500, check=False).returncode == 0
    assert store.ids() == {f"row-{n}" for n in range(6)}
    assert sorted(manifest(store)) == [f"row-{n}" for n in range(6)]
    assert list(store.lines("failures.jsonl")) == []
