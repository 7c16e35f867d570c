"""The ledger: whatever came before, each row has a whole bundle and a line, or a failure, or neither; never both."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import fsspec
import pytest
from batch_copies import put, wanted

from personify.pipelines.batch.ledger import Ledger
from personify.pipelines.batch.likeness import fingerprint
from personify.pipelines.batch.outcomes import Unreached, failed, made
from personify.pipelines.batch.store import open_store
from personify.voices.errors import BadInput, NotKept


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path):
    yield open_store(tmp_path / "batch" if request.param == "folder" else "memory://town/batch")
    fsspec.filesystem("memory").store.clear()


@pytest.fixture
def make(store, teapot):
    """Makes a bundle and its line."""

    def make_one(name, number=1):
        put(store, name, teapot)
        return made(wanted(name, number), store.record(name))

    return make_one


def fail(name, number=1, problem="no"):
    return failed(wanted(name, number), "persona", BadInput(problem))


def opened(store, *, retry_failed=False):
    """What a new driver finds: ids of the manifest and of the failures, as the files say too."""
    with Ledger.open(store, retry_failed=retry_failed) as ledger:
        lines, failures = [line.id for line in ledger.lines()], [line.id for line in ledger.failures()]
        assert (ledger.made, ledger.failed) == (len(lines), len(failures))
        assert all(ledger.has(name) for name in lines + failures)
    assert [json.loads(line)["id"] for line in store.lines("manifest.jsonl")] == lines
    assert [json.loads(line)["id"] for line in store.lines("failures.jsonl")] == failures
    return lines, failures


def test_outcomes_are_kept(store, make):
    with Ledger.open(store, retry_failed=False) as ledger:
        assert not ledger.has("owl")
        assert ledger.take(make("owl"))
        assert ledger.take(fail("fox", 2))
        assert ledger.has("owl") and ledger.has("fox")
        assert (ledger.made, ledger.failed) == (1, 1)
        assert ledger.kind_of("fox") == "refused"
    assert opened(store) == (["owl"], ["fox"])


def test_a_row_is_taken_once(store, make):
    owl = make("owl")
    with Ledger.open(store, retry_failed=False) as ledger:
        assert ledger.take(owl)
        assert not ledger.take(owl)
        assert not ledger.take(fail("owl"))
        assert ledger.take(fail("fox"))
        assert not ledger.take(fail("fox"))
        assert not ledger.take(make("fox"))
    assert opened(store)[0] == ["owl"]


def test_a_bundle_that_no_line_tells_of_gets_its_line_once_its_row_comes(store, teapot, make):
    line = make("owl", 4)
    with Ledger.open(store, retry_failed=False) as ledger:
        assert not ledger.has("owl")
        assert ledger.settle(wanted("owl", 4))
        assert ledger.settle(wanted("owl", 4))
        assert not ledger.settle(wanted("fox"))
        (found,) = ledger.lines()
    assert found == line.model_copy(update={"fingerprint": fingerprint(teapot.persona)})
    assert opened(store) == (["owl"], [])


def test_who_is_there_already_is_heard_of_with_and_without_a_line(store, teapot, make):
    with Ledger.open(store, retry_failed=False) as ledger:
        for number, name in enumerate(("owl", "fox")):
            ledger.take(make(name, number))
    make("hen")
    put(store, "cat", teapot)
    store.append("manifest.jsonl", [b"torn", make("gone").model_dump_json().replace('"gone"', '"nobody"').encode()])
    heard = []
    with Ledger.open(store, retry_failed=False, on_made=heard.append) as ledger:
        assert [line.id for line in heard] == ["owl", "fox", "cat", "gone", "hen"]
        assert ledger.made == 2
    for line in heard[2:]:
        assert (line.name, line.fingerprint) == (teapot.name, fingerprint(teapot.persona))


def test_a_bundle_that_can_not_be_read_is_not_heard_of(tmp_path, teapot):
    store, heard = open_store(tmp_path), []
    put(store, "owl", teapot)
    (tmp_path / "avatars" / "owl" / "avatar.json").write_text("{")
    with Ledger.open(store, retry_failed=False, on_made=heard.append):
        assert heard == []


def test_a_bundle_beats_the_failure_of_its_row(store, make):
    with Ledger.open(store, retry_failed=False) as ledger:
        ledger.take(fail("owl"))
    make("owl")
    with Ledger.open(store, retry_failed=False) as ledger:
        assert ledger.failed == 0
        assert ledger.settle(wanted("owl"))
    assert opened(store) == (["owl"], [])


def test_a_bundle_that_is_gone_is_made_again(tmp_path, teapot):
    store = open_store(tmp_path)
    with Ledger.open(store, retry_failed=False) as ledger:
        for name in ("owl", "fox"):
            put(store, name, teapot)
            ledger.take(made(wanted(name), store.record(name)))
    (tmp_path / "avatars" / "owl" / "avatar.json").unlink()
    assert opened(store) == (["fox"], [])


def test_a_bundle_that_can_not_be_read_is_a_failure_that_says_so(tmp_path, teapot):
    store = open_store(tmp_path)
    put(store, "owl", teapot)
    (tmp_path / "avatars" / "owl" / "avatar.json").write_text("{")
    with Ledger.open(store, retry_failed=False) as ledger:
        assert ledger.settle(wanted("owl"))
        (failure,) = ledger.failures()
        assert ledger.made == 0
    assert "in the way" in failure.problem


@pytest.mark.parametrize("cut", [1, 10, 200])
def test_a_torn_line_is_dropped_and_its_bundle_found_again(store, make, cut):
    with Ledger.open(store, retry_failed=False) as ledger:
        for number, name in enumerate(("owl", "fox", "hen")):
            ledger.take(make(name, number))
    store.write("manifest.jsonl", store.read("manifest.jsonl")[:-cut])
    with Ledger.open(store, retry_failed=False) as ledger:
        assert ledger.settle(wanted("hen", 2))
        assert [line.id for line in ledger.lines()] == ["owl", "fox", "hen"]
    assert opened(store) == (["owl", "fox", "hen"], [])


def test_a_list_that_was_edited_by_hand_is_put_right(store, make):
    with Ledger.open(store, retry_failed=False) as ledger:
        for number, name in enumerate(("owl", "fox")):
            ledger.take(make(name, number))
        ledger.take(fail("hen"))
    owl, fox = store.lines("manifest.jsonl")
    (hen,) = store.lines("failures.jsonl")
    stranger = owl.replace(b'"owl"', b'"../owl"')
    store.write("manifest.jsonl", b"\n".join((owl, b"", owl, b"not json", stranger, hen, b"\xff\xfe", b"[]", fox)))
    store.write("failures.jsonl", b"\n".join((hen, fox, hen, hen.replace(b'"hen"', b'"owl"'))) + b"\n")
    assert opened(store) == (["owl", "fox"], ["hen"])


def test_failures_stay_until_they_are_to_be_tried_again(store, make):
    with Ledger.open(store, retry_failed=False) as ledger:
        ledger.take(make("owl"))
        ledger.take(fail("fox"))
    assert opened(store) == (["owl"], ["fox"])
    assert opened(store, retry_failed=True) == (["owl"], [])


def test_what_says_nothing_of_its_row_is_tried_again_by_itself(store, make):
    with Ledger.open(store, retry_failed=False) as ledger:
        ledger.take(fail("fox"))
        ledger.take(failed(wanted("owl"), "persona", Unreached("nobody answers")))
        assert ledger.kind_of("owl") == "unreached"
    with Ledger.open(store, retry_failed=False) as ledger:
        assert not ledger.settle(wanted("owl"))
        assert ledger.settle(wanted("fox"))
        assert ledger.take(make("owl"))
    assert opened(store) == (["owl"], ["fox"])


def test_failures_of_rows_that_came_by_no_more_are_forgotten(store):
    with Ledger.open(store, retry_failed=False) as ledger:
        for name in ("owl", "fox", "hen"):
            ledger.take(fail(name))
    with Ledger.open(store, retry_failed=False) as ledger:
        assert ledger.settle(wanted("owl"))
        assert not ledger.take(fail("fox"))
        ledger.take(fail("cat"))
        ledger.forget_unseen()
        assert ledger.failed == 3
    assert opened(store) == ([], ["owl", "fox", "cat"])


def test_threads_share_it(store):
    names = [f"row-{number}" for number in range(300)]
    with Ledger.open(store, retry_failed=False) as ledger, ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda name: ledger.take(fail(name)), names * 3))
    assert sum(taken) == 300
    assert sorted(opened(store)[1]) == sorted(names)


def test_lines_wait_no_longer_than_a_group(tmp_path, monkeypatch):
    store = open_store(tmp_path)
    ledger = Ledger.open(store, retry_failed=False)
    for number in range(450):
        ledger.take(fail(f"row-{number}"))
    assert 200 <= len(list(store.lines("failures.jsonl"))) <= 450
    ledger.flush()
    monkeypatch.setattr("personify.pipelines.batch.ledger._LONGEST_WAIT_S", 0.05)
    ledger.take(fail("last"))  # nothing comes after it
    until = time.monotonic() + 30
    while len(list(store.lines("failures.jsonl"))) < 451:
        assert time.monotonic() < until
        time.sleep(0.01)
    (tmp_path / "failures.jsonl").unlink()
    (tmp_path / "failures.jsonl").mkdir()
    ledger.take(fail("unkept"))
    with pytest.raises(NotKept, match="failures"):  # what goes wrong meanwhile ends the batch all the same
        for number in range(10_000):
            ledger.take(fail(f"late-{number}"))
            time.sleep(0.01)


def test_what_comes_after_it_is_closed_is_not_taken(store):
    with Ledger.open(store, retry_failed=False) as ledger:
        ledger.take(fail("owl"))
    assert not ledger.take(fail("fox"))
    assert not ledger.settle(wanted("fox"))
    assert ledger.failed == 1
    assert opened(store) == ([], ["owl"])


def test_what_ended_a_batch_is_told_and_not_that_its_list_can_not_be_written_either(tmp_path):
    store = open_store(tmp_path)
    with pytest.raises(NotKept, match="failures"), Ledger.open(store, retry_failed=False) as ledger:
        ledger.take(fail("owl"))
        (tmp_path / "failures.jsonl").mkdir()
    with pytest.raises(KeyboardInterrupt), Ledger.open(open_store(tmp_path / "b"), retry_failed=False) as ledger:
        ledger.take(fail("owl"))
        (tmp_path / "b").mkdir(exist_ok=True)
        (tmp_path / "b" / "failures.jsonl").mkdir()
        raise KeyboardInterrupt
