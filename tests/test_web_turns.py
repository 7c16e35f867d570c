"""Turns: no more at once than allowed, in the order they came, told how long the queue is, and nobody waits in vain."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from chat_parts import studio
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.pipelines import Stage
from personify.ui.web.turns import Turns
from personify.voices.stopping import Stop, Stopped


def begin(gate, name):
    gate(Stage(name, 0.0, 0.0))


def end(gate, name):
    gate(Stage(name, 1.0, 0.0))


def until(true, within_s=5.0):
    """Waits for what is to become true."""
    at = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < at, "it never became true"
        time.sleep(0.005)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as threads:
        yield threads


def test_who_comes_first_is_served_first_and_hears_of_the_queue(pool):
    turns, order, heard = Turns({"portrait": 1}), [], {"b": [], "c": []}
    first = turns.gate()
    begin(first, "portrait")

    def work(name):
        with turns.gate(on_wait=heard[name].append) as gate:
            begin(gate, "portrait")
            order.append(name)
            end(gate, "portrait")

    second = pool.submit(work, "b")
    until(lambda: turns.waiting("portrait") == 1)
    third = pool.submit(work, "c")
    until(lambda: heard["b"] == [0] and heard["c"] == [1])
    end(first, "portrait")
    second.result(5)
    third.result(5)
    assert order == ["b", "c"]
    assert heard["b"] == [0, None] and heard["c"][0] == 1 and heard["c"][-1] is None
    assert turns.waiting("portrait") == turns.running("portrait") == 0


def test_who_needn_t_wait_hears_nothing():
    heard = []
    with Turns({"clip": 1}).gate(on_wait=heard.append) as gate:
        begin(gate, "clip")
        end(gate, "clip")
        begin(gate, "bundle")
    assert heard == []


def test_a_stage_without_a_limit_is_free():
    turns = Turns({"portrait": 1})
    gates = [turns.gate() for _ in range(5)]
    for gate in gates:
        begin(gate, "tone")
    assert turns.running("tone") == 0


def test_a_job_that_fails_gives_its_turn_back(pool):
    turns = Turns({"clip": 1})
    with pytest.raises(ZeroDivisionError), turns.gate() as gate:
        begin(gate, "clip")
        assert turns.running("clip") == 1
        raise ZeroDivisionError
    assert turns.running("clip") == 0
    with turns.gate() as gate:
        pool.submit(begin, gate, "clip").result(5)


def test_the_next_stage_gives_back_the_turn_of_the_one_before():
    turns = Turns({"speech": 1, "clip": 1})
    with turns.gate() as gate:
        begin(gate, "speech")
        begin(gate, "clip")  # as where an end was never told
        assert (turns.running("speech"), turns.running("clip")) == (0, 1)


def test_who_is_stopped_while_waiting_leaves_the_queue_at_once(pool):
    turns, stop = Turns({"portrait": 1}), Stop()
    first = turns.gate()
    begin(first, "portrait")
    waiting = pool.submit(begin, turns.gate(stop), "portrait")
    until(lambda: turns.waiting("portrait") == 1)
    asked = time.monotonic()
    stop.ask()
    with pytest.raises(Stopped):
        waiting.result(5)
    assert time.monotonic() - asked < 1.0 and turns.waiting("portrait") == 0
    end(first, "portrait")
    assert turns.running("portrait") == 0


def test_a_stopped_job_begins_no_stage():
    stop = Stop()
    stop.ask()
    with pytest.raises(Stopped):
        begin(Turns({}).gate(stop), "persona")


def test_what_hears_of_the_queue_may_fail_without_blocking_it():
    turns = Turns({"clip": 1})
    first = turns.gate()
    begin(first, "clip")

    def broken(before):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        begin(turns.gate(on_wait=broken), "clip")
    assert turns.waiting("clip") == 0
    end(first, "clip")
    begin(turns.gate(), "clip")


@settings(max_examples=15)
@given(
    limits=st.dictionaries(st.sampled_from(["persona", "portrait", "clip"]), st.integers(1, 3), min_size=1),
    jobs=st.integers(1, 8),
)
def test_never_more_at_once_than_allowed_and_all_get_through(limits, jobs):
    turns, lock, inside, most = Turns(limits), threading.Lock(), dict.fromkeys(limits, 0), dict.fromkeys(limits, 0)

    def work():
        with turns.gate() as gate:
            for name in limits:
                begin(gate, name)
                with lock:
                    inside[name] += 1
                    most[name] = max(most[name], inside[name])
                time.sleep(0.001)
                with lock:
                    inside[name] -= 1
                end(gate, name)

    with ThreadPoolExecutor(jobs) as threads:
        for done in [threads.submit(work) for _ in range(jobs)]:
            done.result(20)
    assert all(most[name] <= limits[name] for name in limits)
    assert all(turns.running(name) == turns.waiting(name) == 0 for name in limits)


def test_avatars_made_at_once_take_turns(tmp_path, pool):
    turns, lock = Turns({"persona": 4, "portrait": 1, "speech": 1, "clip": 1}), threading.Lock()
    inside, most = {}, {}

    def make(number):
        with turns.gate() as gate:

            def on_stage(stage):
                gate(stage)
                with lock:
                    inside.setdefault(stage.name, set())
                    (inside[stage.name].discard if stage.share >= 1 else inside[stage.name].add)(number)
                    most[stage.name] = max(most.get(stage.name, 0), len(inside[stage.name]))

            return studio().create(
                "a shy owl", seed=number, expert="sketch", out=tmp_path / str(number), on_stage=on_stage
            )

    made = [done.result(60) for done in [pool.submit(make, number) for number in range(2)]]
    assert len({avatar.folder for avatar in made}) == 2
    assert most["portrait"] == most["speech"] == most["clip"] == 1
