"""A batch whose driver or workers are ended by kill -9, and what is there afterwards."""

import os
import random
import signal
import subprocess
import sys
import time

import poisoned_head
import psutil
import pytest
from batch_parts import install_head, planned, settings

from personify.eval.batch.kills import torment
from personify.pipelines import open_avatar
from personify.pipelines.batch.local import LocalEngine
from personify.pipelines.batch.values import Made

PATIENCE_S = 60

DRIVER = """
import sys
from batch_parts import planned, settings
from personify.pipelines.batch.local import LocalEngine

if __name__ == "__main__":
    with LocalEngine(settings(sys.argv[1]), workers=1) as engine:
        for outcome in engine.make([planned(1), planned(2, seed=int(sys.argv[2]))]):
            print(*engine.pids, flush=True)
"""


@pytest.fixture(autouse=True)
def head(tmp_path, monkeypatch):
    install_head(tmp_path, monkeypatch)


def lives(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced_and_its_rows_are_made(tmp_path):
    rows = [planned(number) for number in range(1, 6)]
    with LocalEngine(settings(tmp_path), workers=1) as engine:
        making = engine.make(rows)
        outcomes = [next(making)]  # of a batch of four, three are in the worker's hands
        (before,) = engine.pids
        os.kill(before, signal.SIGKILL)
        outcomes += making
        assert engine.pids != [before]
    assert sorted(outcome.id for outcome in outcomes) == [f"row-{number}" for number in range(1, 6)]
    for line in outcomes:
        assert isinstance(line, Made), line
        assert open_avatar(tmp_path / line.folder).name == line.name


def test_workers_end_with_a_driver_that_is_killed(tmp_path):
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    command = [sys.executable, str(script), str(tmp_path / "out"), str(poisoned_head.HANGS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout is not None
        (pid,) = map(int, driver.stdout.readline().split())
        assert lives(pid)  # it hangs in its second row
        driver.kill()
    until = time.monotonic() + PATIENCE_S
    while lives(pid):
        assert time.monotonic() < until, "the worker outlives its driver"
        time.sleep(0.02)


def test_a_script_that_starts_itself_anew_is_told_of(tmp_path):
    """Workers import the script that starts them; one without its guard starts a batch in each of them."""
    script = tmp_path / "driver.py"
    script.write_text(DRIVER.replace('if __name__ == "__main__":', "if True:"))
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "out"), "1"], capture_output=True, text=True, check=False
    )
    assert done.returncode
    assert '__name__ == "__main__"' in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_batch_that_is_killed_ends_with_one_bundle_or_one_failure_for_each_row(tmp_path):
    told = torment(tmp_path, kills=2, rows=8, rng=random.Random(3), longest_s=8, head=poisoned_head.NAME)
    assert sum(told.kills.values()) == 2
    assert told.wrong == []
    assert told.made + told.failed == told.rows


@pytest.mark.slow
def test_twenty_kills_lose_no_row_and_make_none_twice(tmp_path):
    told = torment(tmp_path, kills=20, rows=24, rng=random.Random(20))
    assert sum(told.kills.values()) == 20
    assert min(told.kills["driver"], told.kills["worker"]) > 0
    assert told.wrong == []
    assert told.made + told.failed == told.rows
