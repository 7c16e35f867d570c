"""Batches on Ray: a small cluster on this machine, its actors, nodes and driver killed while they work."""

import asyncio
import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

import psutil
import pytest
from batch_parts import planned
from own_loop import run

from personify.pipelines import open_avatar
from personify.pipelines.batch.batch import run_batch
from personify.pipelines.batch.on_ray import RayEngine, _judged, _Run
from personify.pipelines.batch.store import open_store
from personify.pipelines.batch.values import Failed, Made
from personify.pipelines.batch.work import Worker, WorkSettings
from personify.pipelines.bundle import now
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.stopping import Stop, Stopped, stoppable

pytest.importorskip("ray", reason="Ray is not installed")


def rows_file(folder, count, *extra):
    path = folder / "rows.csv"
    lines = ["id,description,expert,seed,tone"]
    lines += [f"row-{n},a small teapot number {n},sketch,{n}," for n in range(count)]
    path.write_text("\n".join([*lines, *extra]) + "\n", encoding="utf-8")
    return path


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def assert_exactly_once(out, ids, *, failed=()):
    """Every row has one whole bundle and one line, or one failure; nothing half made lies about."""
    made = [line["id"] for line in lines_of(out / "manifest.jsonl")]
    lost = [line["id"] for line in lines_of(out / "failures.jsonl")]
    assert sorted(made) == sorted(set(ids) - set(failed))
    assert sorted(lost) == sorted(failed)
    assert {path.name for path in (out / "avatars").iterdir()} == set(made)
    for name in made:
        assert open_avatar(out / "avatars" / name).persona.description


@pytest.fixture(scope="module")
def nodes():
    from ray_cluster import two_nodes

    with two_nodes() as cluster:
        yield cluster


def on(nodes, **more):
    nodes.second_node()
    return lambda settings: RayEngine(settings, workers=2, address=nodes.address, **more)


def listening(processes):
    """The addresses that they take connections at."""
    found = set()
    for process in processes:
        with contextlib.suppress(psutil.Error):
            found |= {each.laddr.ip for each in process.net_connections() if each.status == psutil.CONN_LISTEN}
    return found


class Once:
    """Does something once so many avatars are made, while others are being made."""

    def __init__(self, made, act):
        self._made, self._act = made, act
        self.done = False

    def __call__(self, progress):
        if progress.made >= self._made and not self.done:
            self.done = True
            self._act()


# What needs no cluster


def test_no_workers_are_refused(tmp_path):
    with pytest.raises(BadInput, match="0 workers make nothing"):
        RayEngine(WorkSettings(str(tmp_path)), workers=0)


def test_a_cluster_that_is_not_there_is_told(tmp_path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and doesn't listen
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        engine = RayEngine(WorkSettings(str(tmp_path)), workers=1, address=address)
        with pytest.raises(PersonifyError, match=f"can't join the Ray cluster at '{address}': nobody answers"), engine:
            pass


@pytest.mark.parametrize("address", ["", "head", "ray://head:10001", "head:port", "head:", ":6379", "head:²"])
def test_what_is_no_address_is_refused(address, tmp_path):
    engine = RayEngine(WorkSettings(str(tmp_path)), workers=1, address=address)
    with pytest.raises(BadInput, match="is no address of a Ray cluster"), engine:
        pass


def test_a_feed_lets_no_more_wait_than_it_should():
    from personify.pipelines.batch.ray_stages import Feed

    async def fill_and_take():
        feed = Feed(ahead=2)
        put = asyncio.create_task(_all(feed.put, [b"0", b"1", b"2", None]))
        taken = [await feed.take(), await feed.take()]
        third = asyncio.create_task(feed.take())
        done, _ = await asyncio.wait({third}, timeout=0.1)
        assert not done  # two wait for an actor
        await feed.begin(0)
        await feed.begin(0)
        taken.append(await third)
        await feed.begin(1)
        taken.append(await feed.take())
        await put
        return taken, await feed.begun([0, 1, 2]), await feed.begun([0])

    assert run(fill_and_take()) == ([b"0", b"1", b"2", None], {0: 2, 1: 1, 2: 0}, {0: 0})


async def _all(call, items):
    for item in items:
        await call(item)


def test_a_feed_is_read_once():
    """Ray begins a reader that died again from its beginning, which is gone."""
    from personify.pipelines.batch.ray_stages import Feed

    async def open_twice():
        feed = Feed(ahead=1)
        return await feed.open(), await feed.open()

    assert run(open_twice()) == (True, False)


def test_what_died_before_it_was_begun_does_not_stop_a_feed():
    from personify.pipelines.batch.ray_stages import Feed

    async def lose_all():
        feed = Feed(ahead=1, patience_s=0.05)
        put = asyncio.create_task(_all(feed.put, [b"0", b"1", b"2"]))
        taken = [await feed.take(), await feed.take()]  # the actor of the first never said that it has it
        await feed.begin(0)  # or was only slow: that makes no more room
        feed_is_full = asyncio.create_task(feed.take())
        done, _ = await asyncio.wait({feed_is_full}, timeout=0.01)
        assert not done
        taken.append(await feed_is_full)
        await put
        return taken

    assert run(lose_all(), 10) == [b"0", b"1", b"2"]


def refused(row=1):
    return Failed(
        row=row, id=f"row-{row}", description="a teapot", stage="input", kind="refused", problem="it can't be read",
        at=now(),
    )  # fmt: skip


def test_what_planning_refuses_is_told_while_the_planner_goes_on(tmp_path):
    going_on = threading.Event()

    def planner():
        yield refused()
        going_on.wait(60)

    outcomes = RayEngine(WorkSettings(str(tmp_path)), workers=1).make(planner())
    assert next(outcomes).problem == "it can't be read"
    going_on.set()
    assert list(outcomes) == []


def test_a_wait_for_the_planner_can_be_stopped(tmp_path):
    stop, going_on = Stop(), threading.Event()

    def planner():
        stop.ask()
        going_on.wait(60)
        yield refused()

    try:
        with stoppable(stop), pytest.raises(Stopped):
            list(RayEngine(WorkSettings(str(tmp_path)), workers=1).make(planner()))
    finally:
        going_on.set()


def test_a_bundle_that_is_whole_is_no_failure(tmp_path):
    """An actor that dies after its bundle was published has done its work; of another row nothing is there."""
    there, missing = planned(1), planned(2)
    (made,) = Worker(WorkSettings(str(tmp_path))).make([there])
    run = _Run([], {})
    run.lost = [([there], 2), ([missing], 2)]
    told = list(_judged(run, Counter(), open_store(str(tmp_path))))
    assert told[0] == made
    assert (told[1].id, told[1].kind) == (missing.row.id, "died")
    assert len(told) == 2


# On a cluster of two nodes


@pytest.mark.slow
@pytest.mark.cluster
def test_a_batch_is_what_the_local_engine_makes(nodes, tmp_path):
    """Pools of their own for portraits and for the rest, and one for both, make the same avatars."""
    file = rows_file(tmp_path, 3, "row-bad,a teapot,sketch,7,no-such-tone")
    made = {}
    for name, engine in {"local": "local", "joined": on(nodes), "split": on(nodes, split=True)}.items():
        out = tmp_path / name
        summary = run_batch(file, out, engine=engine, workers=1, seed=5)
        assert (summary.made, summary.failed) == (3, 1)
        assert_exactly_once(out, ["row-0", "row-1", "row-2", "row-bad"], failed=["row-bad"])
        made[name] = {
            path.name: ((path / "portrait.png").read_bytes(), open_avatar(path).persona, open_avatar(path).tone)
            for path in (out / "avatars").iterdir()
        }
    assert made["local"] == made["joined"] == made["split"]


@pytest.mark.slow
@pytest.mark.cluster
@pytest.mark.parametrize("what", ["worker", "node"])
def test_what_dies_with_a_worker_or_a_node_is_made_again(what, nodes, tmp_path):
    def kill():
        if what == "node":
            nodes.lose_node()
        else:
            random.choice(nodes.workers()).kill()

    once = Once(2, kill)
    summary = run_batch(rows_file(tmp_path, 6), tmp_path / "out", engine=on(nodes), seed=5, batch=1, on_progress=once)
    assert once.done
    assert (summary.made, summary.failed) == (6, 0)
    assert_exactly_once(tmp_path / "out", [f"row-{n}" for n in range(6)])


@pytest.mark.slow
@pytest.mark.cluster
def test_a_row_that_takes_too_long_costs_no_other(nodes, tmp_path):
    """A limit that no row can meet: each actor ends itself over its row, twice, and the failure says so."""
    engine = on(nodes, row_limit_s=0.01)
    summary = run_batch(rows_file(tmp_path, 2), tmp_path / "out", engine=engine, seed=5, batch=1)
    assert (summary.made, summary.failed, summary.kinds) == (0, 2, {"died": 2})
    lines = lines_of(tmp_path / "out" / "failures.jsonl")
    assert all(line["attempts"] >= 2 and "died over it" in line["problem"] for line in lines)


@pytest.mark.slow
@pytest.mark.cluster
def test_the_reader_of_the_feed_may_die(nodes, tmp_path):
    def kill():
        for child in psutil.Process().children(recursive=True):
            if child.is_running() and child.cmdline()[:1] and "ReadFeedSource" in child.cmdline()[0]:
                child.kill()

    once = Once(2, kill)
    summary = run_batch(rows_file(tmp_path, 8), tmp_path / "out", engine=on(nodes), seed=5, batch=1, on_progress=once)
    assert once.done
    assert (summary.made, summary.failed) == (8, 0)
    assert_exactly_once(tmp_path / "out", [f"row-{n}" for n in range(8)])


@pytest.mark.slow
@pytest.mark.cluster
def test_a_node_that_does_not_see_the_folder_is_named(nodes, tmp_path, monkeypatch):
    from personify.pipelines.batch import ray_cluster

    ray_cluster.need_ray()
    import ray

    ray.init(nodes.address, log_to_driver=False)
    try:
        ray_cluster.check_nodes(str(tmp_path))
        monkeypatch.setattr(ray_cluster, "version", lambda _: "9.9.9")
        with pytest.raises(BadInput, match=r"Personify is 9\.9\.9 here"):
            ray_cluster.check_nodes(str(tmp_path))
    finally:
        ray.shutdown()


@pytest.mark.slow
@pytest.mark.cluster
def test_a_node_that_dies_while_it_is_asked_is_asked_no_more(nodes, tmp_path, monkeypatch):
    """It is killed while it thinks about its answer; the other one's word is enough."""
    from personify.pipelines.batch import ray_cluster

    ray_cluster.need_ray()
    import ray

    nodes.second_node()
    ray.init(nodes.address, log_to_driver=False)
    here, asks = ray.get_runtime_context().get_node_id(), ray_cluster.what_is_asked()
    thinks = str(tmp_path / "thinks")

    def slow_there(token, signs):
        import ray

        if ray.get_runtime_context().get_node_id() != here:
            with open(thinks, "x"):  # noqa: PTH123 - pathlib would travel too
                time.sleep(600)
        return asks(token, signs)

    def lose_it_then():
        until = time.monotonic() + 100
        while not os.path.exists(thinks) and time.monotonic() < until:  # noqa: PTH110
            time.sleep(0.05)
        nodes.lose_node()

    monkeypatch.setattr(ray_cluster, "what_is_asked", lambda: slow_there)
    killer = threading.Thread(target=lose_it_then)
    killer.start()
    try:
        ray_cluster.check_nodes(str(tmp_path / "out"))
        assert (tmp_path / "thinks").exists()
    finally:
        killer.join()
        ray.shutdown()


# A cluster that the engine starts itself


@pytest.mark.slow
@pytest.mark.cluster
def test_a_driver_that_is_killed_leaves_nothing_running_and_goes_on(tmp_path):
    file, out = rows_file(tmp_path, 6), tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "personify.ui.cli",
        "batch",
        file,
        "--out",
        out,
        "--engine",
        "ray",
        "--workers",
        "2",
    ]
    driver = subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    threading.Thread(target=driver.stdout.read, daemon=True).start()
    until = time.monotonic() + 300
    while sum(1 for _ in (out / "avatars").glob("row-*/avatar.json")) < 2:
        assert driver.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.1)
    theirs = psutil.Process(driver.pid).children(recursive=True)
    assert listening(theirs)
    assert all(ip.removeprefix("::ffff:") in {"127.0.0.1", "::1"} for ip in listening(theirs))
    driver.kill()
    driver.wait()
    _, alive = psutil.wait_procs(theirs, timeout=180)  # Ray's agents look for their raylet now and then
    assert not alive
    done = subprocess.run(command, env=os.environ, capture_output=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr
    assert_exactly_once(out, [f"row-{n}" for n in range(6)])


@pytest.mark.slow
@pytest.mark.cluster
def test_what_the_planner_refuses_passes_through(tmp_path):
    """No pipeline is started for it."""
    line = refused()
    with RayEngine(WorkSettings(str(tmp_path)), workers=1) as engine:
        assert list(engine.make(iter([line]))) == [line]


@pytest.mark.slow
@pytest.mark.cluster
def test_portraits_are_drawn_where_the_gpus_are(tmp_path):
    """A GPU that only Ray believes in: its actor takes no core from the one that finishes."""
    from personify.pipelines.batch.ray_cluster import need_ray

    need_ray()
    import ray

    ray.init("local", num_cpus=1, num_gpus=1, include_dashboard=False, log_to_driver=False)
    try:
        with RayEngine(WorkSettings(str(tmp_path)), workers=1) as engine:
            outcomes = list(engine.make([planned(1), planned(2)]))
    finally:
        ray.shutdown()
    assert [type(outcome) for outcome in outcomes] == [Made, Made]
