"""The engine on one machine: every row has one outcome, whatever happens to the worker that has it."""

import math
import os
import signal
import threading
import time
from itertools import count
from types import SimpleNamespace

import poisoned_head
import psutil
import pytest
from batch_copies import put, write_csv
from batch_parts import install_head, planned, settings
from typer.testing import CliRunner

from personify.avatar.diffusion.device import usable_cores
from personify.pipelines import open_avatar
from personify.pipelines.batch.cores import default_workers, thread_environment
from personify.pipelines.batch.local import LocalEngine
from personify.pipelines.batch.outcomes import failed
from personify.pipelines.batch.store import open_store
from personify.pipelines.batch.values import Failed, Made
from personify.ui.cli import app
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.stopping import Stop, Stopped, stoppable

PATIENCE_S = 60


@pytest.fixture(autouse=True)
def head(tmp_path, monkeypatch):
    install_head(tmp_path, monkeypatch)


def gone(pids):
    """Waits until these processes are."""
    until = time.monotonic() + PATIENCE_S
    while alive := [pid for pid in pids if psutil.pid_exists(pid) and not ended(pid)]:
        assert time.monotonic() < until, f"{alive} live on"
        time.sleep(0.02)
    return True


def ended(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_each_row_has_one_outcome_and_the_workers_end_with_the_engine(tmp_path):
    rows = [planned(number) for number in range(1, 7)]
    unplanned = failed(planned(9).row, "persona", BadInput("the description is empty"))
    with LocalEngine(settings(tmp_path, batch=2), workers=2) as engine:
        making = engine.make([*rows[:3], unplanned, *rows[3:]])
        outcomes = []
        while not any(isinstance(outcome, Made) for outcome in outcomes):
            outcomes.append(next(making))
        pids = engine.pids
        assert len(pids) == 2
        for pid in pids:
            os.kill(pid, signal.SIGINT)  # Ctrl-C in a terminal reaches them too, and is the driver's alone to hear
        outcomes += making
        assert engine.pids == pids
        names = {name for pid in pids for name in psutil.Process(pid).environ()}
        assert set(thread_environment(1)) <= names
        again = list(engine.make([planned(7)]))  # the workers are warm still
        assert engine.pids == pids
    assert gone(pids)
    assert not set(thread_environment(1)) & (set(os.environ) - BEFORE)
    assert {f"row-{n}" for n in range(1, 7)} == {line.id for line in outcomes if isinstance(line, Made)}
    assert [line for line in outcomes if isinstance(line, Failed)] == [unplanned]
    assert len(outcomes) == 7
    for line in (*outcomes, *again):
        if isinstance(line, Made):
            assert open_avatar(tmp_path / line.folder).name == line.name


BEFORE = frozenset(os.environ)


@pytest.mark.slow
def test_rows_that_kill_or_exhaust_their_worker_fail_alone(tmp_path):
    troubles = {
        "killer": poisoned_head.KILLS,
        "leaver": poisoned_head.LEAVES,
        "glutton": poisoned_head.EXHAUSTS,
        "bug": poisoned_head.BUG,
    }
    rows = [planned(number) for number in range(1, 5)]
    rows[1:1] = [planned(8, id=name, seed=seed) for name, seed in troubles.items()]
    with LocalEngine(settings(tmp_path), workers=1) as engine:
        outcomes = {outcome.id: outcome for outcome in engine.make(rows)}
    assert {name for name, outcome in outcomes.items() if isinstance(outcome, Made)} == {
        f"row-{n}" for n in range(1, 5)
    }
    told = {name: (outcomes[name].stage, outcomes[name].kind, outcomes[name].attempts) for name in troubles}
    assert told == {
        "killer": ("worker", "died", 2),
        "leaver": ("worker", "died", 2),
        "glutton": ("clip", "died", 2),
        "bug": ("clip", "bug", told["bug"][2]),
    }
    assert "SIGKILL" in outcomes["killer"].problem
    assert "memory" in outcomes["killer"].problem
    assert "exit code 3" in outcomes["leaver"].problem
    assert "memory" in outcomes["glutton"].problem


def test_a_row_that_hangs_is_given_up(tmp_path):
    with LocalEngine(settings(tmp_path), workers=1, row_limit_s=2) as engine:
        (outcome,) = engine.make([planned(1, seed=poisoned_head.HANGS)])
    assert (outcome.stage, outcome.kind) == ("worker", "died")
    assert "longer than 2 s" in outcome.problem


def test_rows_are_read_a_little_ahead_and_whoever_leaves_early_leaves_nothing_running(tmp_path):
    read = []

    def endless():
        for number in count(1):
            read.append(number)
            yield planned(number)

    with LocalEngine(settings(tmp_path, batch=2), workers=1) as engine:
        making = engine.make(endless())
        first = [next(making), next(making)]
        assert all(isinstance(outcome, Made) for outcome in first)
        assert len(read) <= 4 * 2 * 2
        (pid,) = engine.pids
        making.close()
    assert gone([pid])
    stood_at = len(read)
    assert not [thread for thread in threading.enumerate() if thread.name == "personify-read-ahead" and
                (thread.join(PATIENCE_S) or thread.is_alive())]  # fmt: skip
    assert len(read) <= stood_at + 1


def test_what_planning_raises_comes_after_the_rows_before_it(tmp_path):
    def planning():
        yield planned(1)
        raise PersonifyError("the language model is gone")

    with LocalEngine(settings(tmp_path), workers=1) as engine:
        making = engine.make(planning())
        assert isinstance(next(making), Made)
        with pytest.raises(PersonifyError, match="is gone"):
            next(making)


def test_a_stop_ends_it_soon_wherever_the_worker_is(tmp_path):
    stop = Stop()
    with LocalEngine(settings(tmp_path), workers=1) as engine, stoppable(stop):
        making = engine.make([planned(1), planned(2, seed=poisoned_head.HANGS)])
        assert next(making).id == "row-1"
        pids = engine.pids
        stop.ask()
        with pytest.raises(Stopped):
            next(making)
        assert gone(pids)


def test_where_no_worker_can_start_that_is_an_error_at_once(tmp_path):
    with (
        LocalEngine(settings(tmp_path, head="nobody"), workers=2) as engine,
        pytest.raises(PersonifyError, match="no worker can start: unknown talking head 'nobody'"),
    ):
        list(engine.make([planned(1), planned(2)]))


@pytest.mark.parametrize(
    "given",
    [{"workers": 0}, {"workers": -1}, {"row_limit_s": 0}, {"row_limit_s": math.nan}, {"row_limit_s": math.inf}],
)
def test_what_is_no_number_of_workers_and_no_limit_is_refused(tmp_path, given):
    with pytest.raises(BadInput, match="choose"):
        LocalEngine(settings(tmp_path), **given)


def test_a_machine_bears_at_least_one_worker_and_no_more_than_it_has_cores():
    assert 1 <= default_workers() <= usable_cores()


@pytest.mark.parametrize(
    ("groups", "files", "cores"),
    [
        ("0::/\n", {"cpu.max": "max 100000\n"}, None),
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "20000 100000\n"}, 1),
        ("0::/a.slice/b\n", {"a.slice/cpu.max": "100000 100000\n", "a.slice/b/cpu.max": "max 100000\n"}, 1),
        ("4:memory:/x\n1:cpu,cpuacct:/x\n0::/\n",
         {"cpu/x/cpu.cfs_quota_us": "100000\n", "cpu/x/cpu.cfs_period_us": "100000\n"}, 1),
        ("1:cpu:/docker/abc\n", {"cpu/cpu.cfs_quota_us": "50000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1),
        ("1:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ("nonsense\n", {"cpu.max": "no number\n"}, None),
    ],
    ids=["v2 none", "v2 a part more", "v2 less than one", "v2 above", "v1", "v1 seen from within", "v1 none", "broken"],
)  # fmt: skip
def test_a_container_has_the_cores_of_its_quota(tmp_path, monkeypatch, groups, files, cores):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    contain(tmp_path, groups, files)
    assert usable_cores(tmp_path) == (cores or 8)


@pytest.mark.parametrize(
    ("groups", "files", "workers"),
    [
        ("0::/\n", {"memory.max": "max\n", "memory.current": "1\n"}, 8),
        ("0::/\n", {"memory.max": "4000000000\n", "memory.current": "1500000000\n"}, 2),
        ("0::/\n", {"memory.max": "4000000000\n", "memory.current": "1500000000\n",
                    "memory.stat": "anon 5\ninactive_file 1200000000\n"}, 3),
        ("0::/\n", {"memory.max": "1000000000\n", "memory.current": "999999999\n"}, 1),
        ("7:memory:/docker/abc\n", {"memory/memory.limit_in_bytes": "3000000000\n",
                                    "memory/memory.usage_in_bytes": "1000000000\n",
                                    "memory/memory.stat": "total_inactive_file 500000000\n"}, 2),
    ],
    ids=["v2 none", "v2", "v2 with files read", "v2 nearly full", "v1"],
)  # fmt: skip
def test_a_container_bears_the_workers_that_its_memory_does(tmp_path, monkeypatch, groups, files, workers):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=10**11))
    contain(tmp_path, groups, files)
    assert default_workers(tmp_path) == workers


def contain(root, groups, files):
    """The files by which a process knows the control groups that it is in."""
    texts = {"proc/self/cgroup": groups} | {f"sys/fs/cgroup/{name}": text for name, text in files.items()}
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_machine_without_control_groups_has_its_cores(tmp_path):
    assert usable_cores(tmp_path) >= usable_cores() >= 1


def test_how_long_a_row_may_take_can_be_asked_for(tmp_path):
    rows = [{"description": "an owl", "expert": "sketch", "seed": poisoned_head.HANGS}]
    file, out = write_csv(tmp_path / "rows.csv", rows), tmp_path / "out"
    asked = ["batch", file, "--out", out, "--workers", 1, "--head", poisoned_head.NAME, "--row-limit", 2]
    result = CliRunner().invoke(app, list(map(str, asked)))
    assert result.exit_code == 1
    (line,) = open_store(out).lines("failures.jsonl")
    assert "longer than 2 s; give rows more with --row-limit" in line.decode()


def test_a_worker_that_dies_while_it_waits_counts_against_no_row(tmp_path):
    with LocalEngine(settings(tmp_path), workers=1) as engine:
        (first,) = engine.make([planned(1)])
        assert isinstance(first, Made)
        (pid,) = engine.pids
        os.kill(pid, signal.SIGKILL)
        assert gone([pid])
        (line,) = engine.make([planned(2, seed=poisoned_head.LEAVES)])
    assert (line.kind, line.attempts) == ("died", 2)


def test_a_row_whose_bundle_is_whole_is_made_though_its_worker_ends(tmp_path, teapot):
    store = open_store(tmp_path)

    def publish():
        until = time.monotonic() + PATIENCE_S
        while not list(tmp_path.glob("avatars/.row-1.*.part")) and time.monotonic() < until:
            time.sleep(0.02)
        put(store, "row-1", teapot)

    publishing = threading.Thread(target=publish)
    publishing.start()
    with LocalEngine(settings(tmp_path), workers=1, row_limit_s=8) as engine:
        (outcome,) = engine.make([planned(1, seed=poisoned_head.HANGS)])
    publishing.join()
    assert isinstance(outcome, Made)
    assert outcome.name == teapot.name


def test_where_no_more_workers_can_start_those_that_live_go_on(tmp_path, monkeypatch):
    with LocalEngine(settings(tmp_path, batch=1), workers=2) as engine:
        outcomes = list(engine.make([planned(1)]))
        pids = engine.pids
        monkeypatch.setenv(poisoned_head.STARTS, "breaks")
        until = time.monotonic() + 2 * PATIENCE_S

        def rows():
            for number in count(2):
                if engine.workers == 1 or time.monotonic() > until:
                    return
                yield planned(number)

        outcomes += engine.make(rows())
        assert engine.workers == 1
        assert engine.pids == pids
    assert all(isinstance(outcome, Made) for outcome in outcomes)
