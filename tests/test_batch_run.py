"""A whole batch: each row ends with one bundle or one failure, whatever stops it on the way, and however often."""

import io
import json
import random
import sys
import threading
import time
from pathlib import Path

import fsspec
import pytest
from batch_copies import Copying, write_csv
from llm_server import LlmServer, error
from test_writing_model import GOOD as PERSONA

from personify.pipelines.batch import plan as plan_module
from personify.pipelines.batch.ahead import ReadAhead
from personify.pipelines.batch.batch import run_batch
from personify.pipelines.batch.options import keep_options, settle_options
from personify.pipelines.batch.outcomes import Unreached
from personify.pipelines.batch.rows import read_rows
from personify.pipelines.batch.store import open_store
from personify.pipelines.bundle import open_avatar
from personify.voices.errors import BadInput, NotKept, PersonifyError
from personify.voices.stopping import Stop

TOWN = [
    {"description": "a shy baker", "count": 3},
    {"description": "a wise owl", "tone": "nobody"},
    {"description": "", "tone": "owl"},
    {"description": "a grumpy teapot", "seed": 5, "id": "teapot"},
    {"description": "a brave fox", "id": "../fox"},
    {"description": "!!!"},
    {"description": "a tall robot"},
]
GOOD, BAD = 5, 4


@pytest.fixture
def town(tmp_path):
    return write_csv(tmp_path / "town.csv", TOWN)


def lines(out, name) -> list[dict]:
    return [json.loads(line) for line in open_store(out).lines(name)]


def check_once(out: Path, file: Path) -> None:
    """Each row has one whole bundle with one line, or one failure."""
    seed = json.loads((out / "batch.json").read_text())["seed"]
    ids = [row.id for row in read_rows(file, seed=seed)]
    made, failed = ([line["id"] for line in lines(out, name)] for name in ("manifest.jsonl", "failures.jsonl"))
    assert sorted(made + failed) == sorted(ids)
    assert sorted(path.name for path in (out / "avatars").iterdir()) == sorted(made)
    for line in lines(out, "manifest.jsonl"):
        avatar = open_avatar(out / line["folder"])
        assert (avatar.name, avatar.seed) == (line["name"], line["seed"])


def test_every_row_becomes_a_bundle_or_a_failure(town, tmp_path, teapot):
    out, told = tmp_path / "out", []
    summary = run_batch(town, out, engine=Copying(teapot), seed=7, on_progress=told.append)
    assert (summary.rows, summary.made, summary.failed, summary.skipped) == (GOOD + BAD, GOOD, BAD, 0)
    assert (summary.kinds, summary.exit_code, summary.stopped) == ({"refused": BAD}, 1, False)
    check_once(out, town)
    failures = {line["row"]: line for line in lines(out, "failures.jsonl")}
    assert {row: line["stage"] for row, line in failures.items()} == {2: "tone", 3: "input", 5: "input", 6: "persona"}
    assert "'nobody'" in failures[2]["problem"]
    assert "'fox'" in failures[5]["problem"]
    assert {line["seed"] for line in lines(out, "manifest.jsonl") if line["id"] == "teapot"} == {5}
    for name in ("index.html", "diversity.json", "batch.json"):
        assert (out / name).is_file()
    last = told[-1]
    assert (last.made, last.failed, last.skipped, last.workers) == (GOOD, BAD, 0, 1)
    assert [step.made for step in told] == sorted(step.made for step in told)


def test_a_batch_that_is_done_has_nothing_left_to_do(town, tmp_path, teapot):
    out = tmp_path / "out"
    run_batch(town, out, engine=Copying(teapot), seed=7)
    before = (out / "manifest.jsonl").read_bytes(), (out / "failures.jsonl").read_bytes()
    again = Copying(teapot)
    summary = run_batch(town, out, engine=again)
    assert (summary.made, summary.failed, summary.skipped, summary.exit_code) == (0, BAD, GOOD, 1)
    assert again.rows == []
    assert ((out / "manifest.jsonl").read_bytes(), (out / "failures.jsonl").read_bytes()) == before


def test_the_same_seed_gives_the_same_characters(town, tmp_path, teapot):
    for name in ("one", "two"):
        run_batch(town, tmp_path / name, engine=Copying(teapot), seed=7)
    one, two = ({line["id"]: (line["name"], line["seed"]) for line in lines(tmp_path / name, "manifest.jsonl")}
                for name in ("one", "two"))  # fmt: skip
    assert one == two


def test_failures_are_tried_again_when_asked(town, tmp_path, teapot):
    out = tmp_path / "out"

    def refuse(planned):
        raise PersonifyError("not today")

    summary = run_batch(town, out, engine=Copying(teapot, refuse), seed=7)
    assert (summary.made, summary.failed, summary.kinds) == (0, GOOD + BAD, {"refused": BAD, "failed": GOOD})
    assert run_batch(town, out, engine=Copying(teapot)).made == 0
    summary = run_batch(town, out, engine=Copying(teapot), retry_failed=True)
    assert (summary.made, summary.failed) == (GOOD, BAD)
    check_once(out, town)


def test_a_corrected_row_is_made_and_its_failure_forgotten(town, tmp_path, teapot):
    out = tmp_path / "out"
    run_batch(town, out, engine=Copying(teapot), seed=7)
    mended = [
        row | {"tone": "", "description": row["description"].strip("!") or "an elf", "id": ""} for row in TOWN[:3]
    ]
    write_csv(town, [*mended, TOWN[3], {"description": "a late guest"}, TOWN[6]])
    summary = run_batch(town, out, engine=Copying(teapot))
    assert (summary.made, summary.failed, summary.skipped) == (3, 0, GOOD)
    check_once(out, town)
    assert summary.exit_code == 0


class Killed(BaseException):
    """As a kill would end the driver, in the middle of a row."""


def test_a_batch_that_is_ended_anywhere_goes_on(tmp_path, teapot):
    file = write_csv(tmp_path / "a.csv", [{"description": "a villager", "count": 20}, {"description": "!"}])
    out, dice, ends = tmp_path / "out", random.Random(3), 0

    def perhaps(planned):
        if dice.random() < 0.3:
            raise Killed

    class Late(Copying):
        """Ends sometimes between the bundle and its line, too."""

        def make(self, planned):
            for outcome in super().make(planned):
                perhaps(None)
                yield outcome

    while True:
        try:
            summary = run_batch(file, out, engine=Late(teapot, perhaps), seed=7)
        except Killed:
            ends += 1
        else:
            break
    assert ends > 3
    assert summary.made + summary.skipped == 20
    check_once(out, file)
    assert len({line["name"] for line in lines(out, "manifest.jsonl")}) == 20


def test_who_was_made_and_not_told_of_counts_for_quotas_names_and_likeness(tmp_path, teapot):
    """A driver that is killed leaves bundles without a line; whoever comes after them knows them all the same."""
    rows = [{"description": "a villager", "id": f"villager-{n}"} for n in range(12)]
    file, quotas = write_csv(tmp_path / "a.csv", rows), ["gender=even,age=even"]
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    run_batch(file, whole, engine=Copying(teapot), seed=7, quotas=quotas)
    write_csv(file, rows[:7])
    run_batch(file, killed, engine=Copying(teapot), seed=7, quotas=quotas)
    (killed / "manifest.jsonl").unlink()
    write_csv(file, [*rows[7:], *rows[:7]])  # nothing has told of them yet when the first new one is planned
    summary = run_batch(file, killed, engine=Copying(teapot))
    assert (summary.made, summary.skipped) == (5, 7)
    one, other = (
        {line["id"]: (line["name"], line["gender"], line["age"]) for line in lines(out, "manifest.jsonl")}
        for out in (whole, killed)
    )
    assert one == other


@pytest.mark.parametrize("how", ["stop", "ctrl-c"])
def test_a_batch_that_is_stopped_keeps_what_it_made(tmp_path, teapot, how):
    file = write_csv(tmp_path / "a.csv", [{"description": "a villager", "count": 10}])
    out, stop = tmp_path / "out", Stop()

    class Stopping(Copying):
        def make(self, planned):
            from personify.voices.stopping import check_stop

            for number, outcome in enumerate(super().make(planned), 1):
                yield outcome
                if number == 4 and how == "ctrl-c":
                    raise KeyboardInterrupt
                if number == 4:
                    stop.ask()
                check_stop()

    summary = run_batch(file, out, engine=Stopping(teapot), seed=7, stop=stop)
    assert (summary.made, summary.stopped, summary.exit_code) == (4, True, 130)
    assert len(lines(out, "manifest.jsonl")) == 4
    summary = run_batch(file, out, engine=Copying(teapot))
    assert (summary.made, summary.skipped, summary.exit_code) == (6, 4, 0)
    check_once(out, file)


def test_a_full_disk_ends_the_batch_with_one_sentence_and_no_failures(tmp_path, teapot):
    file = write_csv(tmp_path / "a.csv", [{"description": "a villager", "count": 50}])
    out = tmp_path / "out"

    def full(planned):
        if planned.row.copy == 3:
            raise NotKept("no room to write it (No space left on device)")

    engine = Copying(teapot, full)
    with pytest.raises(NotKept, match=r"row 1: no room .* the same command goes on"):
        run_batch(file, out, engine=engine, seed=7)
    assert len(engine.rows) == 4
    assert len(lines(out, "manifest.jsonl")) == 3
    assert lines(out, "failures.jsonl") == []
    assert run_batch(file, out, engine=Copying(teapot)).made == 47


def test_a_batch_goes_on_as_it_began(town, tmp_path, teapot):
    out = tmp_path / "out"
    quotas = ["gender=feminine:50+masculine:50"]
    run_batch(town, out, engine=Copying(teapot), seed=7, quotas=quotas, llm="builtin")
    begun = json.loads((out / "batch.json").read_text())
    assert (begun["seed"], begun["quotas"], begun["file"], begun["llm"]) == (7, quotas, "town.csv", "builtin")
    for other, said in (
        ({"seed": 8}, "--seed 7"),
        ({"quotas": ["age=even"]}, "--quota gender"),
        ({"distinct": False}, "distinct"),
        ({"llm": "http://127.0.0.1:9/v1#tiny"}, "--llm builtin"),
        ({"resume": False}, "holds a batch"),
    ):
        with pytest.raises(BadInput, match=said):
            run_batch(town, out, engine=Copying(teapot), **other)
    assert run_batch(town, out, engine=Copying(teapot), seed=7).skipped == GOOD
    (out / "batch.json").write_text('{"version": 2}')
    with pytest.raises(BadInput, match=r"batch\.json"):
        run_batch(town, out, engine=Copying(teapot))


def test_what_isn_t_a_batch_is_never_written_over(town, tmp_path, teapot):
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("mine")
    with pytest.raises(BadInput, match=r"index\.html"):
        run_batch(town, site, engine=Copying(teapot))
    assert [path.name for path in site.iterdir()] == ["index.html"]
    run_batch(town, tmp_path, engine=Copying(teapot), resume=False)  # other files may lie there
    assert town.is_file()


@pytest.mark.parametrize(
    "wrong",
    [
        {"engine": "cloud"}, {"workers": 0, "engine": "local"}, {"seed": -1}, {"quotas": ["shoes=even"]},
        {"head": "nobody"}, {"llm": "nowhere"}, {"out": "bogus://x"}, {"file": "missing.csv"},
    ],
)  # fmt: skip
def test_what_can_not_be_asked_for_is_refused_before_anything_begins(town, tmp_path, teapot, wrong):
    given = {"file": town, "out": str(tmp_path / "out"), "engine": Copying(teapot)} | wrong
    with pytest.raises(PersonifyError) as caught:
        run_batch(given.pop("file"), given.pop("out"), **given)
    assert caught.value.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_folder_without_a_file_of_rows_that_is_good_is_not_begun(tmp_path, teapot):
    file = write_csv(tmp_path / "a.csv", [{"descripton": "a typing error"}])
    with pytest.raises(BadInput, match="did you mean 'description'"):
        run_batch(file, tmp_path / "out", engine=Copying(teapot))
    assert not (tmp_path / "out").exists()


def test_one_may_look_while_it_runs(tmp_path, teapot, monkeypatch):
    monkeypatch.setattr("personify.pipelines.batch.batch.GALLERY_EVERY_S", 0.0)
    file, out = write_csv(tmp_path / "a.csv", [{"description": "a villager", "count": 3}]), tmp_path / "out"
    seen = []
    run_batch(file, out, engine=Copying(teapot, lambda planned: seen.append((out / "index.html").exists())), seed=7)
    assert seen[0] is False
    assert seen[-1] is True


def test_progress_counts_the_workers_that_there_are(tmp_path, teapot):
    """A cluster says how many it has once it is joined, and some may be lost on the way."""

    class Growing(Copying):
        def __enter__(self):
            self.workers = 3
            return self

        def make(self, planned):
            for outcome in super().make(planned):
                yield outcome
                self.workers = 2

    file, told = write_csv(tmp_path / "a.csv", [{"description": "a villager", "count": 3}]), []
    run_batch(file, tmp_path / "out", engine=Growing(teapot), seed=7, on_progress=told.append)
    assert [step.workers for step in told] == [3, 2, 2]


def test_a_batch_among_objects(town, teapot):
    where = "memory://town/batch"
    try:
        summary = run_batch(town, where, engine=Copying(teapot), seed=7)
        assert (summary.made, summary.failed, summary.out) == (GOOD, BAD, where)
        store = open_store(where)
        assert store.ids() == {line["id"] for line in lines(where, "manifest.jsonl")}
        assert len(lines(where, "manifest.jsonl")) == GOOD
        assert not [path for path in fsspec.filesystem("memory").find("/town/batch") if "/ledger/" in path]
        assert run_batch(town, where, engine=Copying(teapot)).skipped == GOOD
    finally:
        fsspec.filesystem("memory").store.clear()


def test_a_batch_by_workers_of_this_machine(tmp_path):
    rows = [{"description": "a wise owl", "expert": "sketch"}, {"description": "a shy robot", "expert": "nobody"}]
    file = write_csv(tmp_path / "a.csv", rows)
    summary = run_batch(file, tmp_path / "out", workers=1, seed=7)
    assert (summary.made, summary.failed) == (1, 1)
    check_once(tmp_path / "out", file)


def test_of_two_that_begin_at_once_one_is_refused(tmp_path):
    store = open_store(tmp_path)
    usual = {"file": "a.csv", "llm": None, "head": "builtin", "quotas": (), "distinct": True, "resume": True}
    one, other = (settle_options(store, seed=seed, **usual) for seed in (1, 2))
    keep_options(store, one)
    with pytest.raises(BadInput, match="another batch has just begun"):
        keep_options(store, other)
    keep_options(store, settle_options(store, seed=1, **usual))


def test_what_came_through_a_pipe_before_stays_told(tmp_path, teapot, monkeypatch):
    for number, text in enumerate(("an owl\n!!!\n", "a fox\n???\n"), 1):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        summary = run_batch("-", tmp_path, engine=Copying(teapot), seed=7)
        assert (summary.made, summary.failed) == (1, 1)
        assert len(lines(tmp_path, "failures.jsonl")) == number


def test_once_it_is_stopped_no_further_rows_are_read(tmp_path, teapot):
    class Leaving(Copying):
        def make(self, planned):
            self.planned = planned
            yield next(super().make([next(planned)]))
            raise KeyboardInterrupt

    engine = Leaving(teapot)
    file = write_csv(tmp_path / "a.csv", [{"description": "a villager", "count": 10}])
    assert run_batch(file, tmp_path / "out", engine=engine, seed=7).stopped
    assert next(engine.planned, None) is None


def test_a_batch_goes_on_with_the_model_that_it_was_begun_with(tmp_path, teapot, monkeypatch):
    """Whoever named it, and whatever names another one, or none, now."""
    server = LlmServer()
    server.behave(reply=lambda body: json.dumps(PERSONA))
    file, out = write_csv(tmp_path / "a.csv", [{"description": "a villager"}]), tmp_path / "out"
    try:
        monkeypatch.setenv("PERSONIFY_LLM", f"{server.url}#tiny")
        assert run_batch(file, out, engine=Copying(teapot), seed=7, distinct=False).made == 1
        asked = len(server.asked)
        monkeypatch.delenv("PERSONIFY_LLM")
        write_csv(file, [{"description": "a villager"}, {"description": "a baker"}])
        assert run_batch(file, out, engine=Copying(teapot)).made == 1
        assert len(server.asked) > asked > 0
        with pytest.raises(BadInput, match="--llm"):
            run_batch(file, out, engine=Copying(teapot), llm="builtin")
    finally:
        server.close()


def test_a_language_model_that_goes_in_the_middle_ends_the_batch_and_costs_no_row(tmp_path, teapot, monkeypatch):
    monkeypatch.setattr(plan_module, "PAUSE_S", 0.0)
    server = LlmServer()
    refusing = threading.Event()
    server.behave(
        reply=lambda body: json.dumps(PERSONA), refuse=lambda body: (401, error("no")) if refusing.is_set() else None
    )
    file = write_csv(tmp_path / "a.csv", [{"description": f"a villager number {n}"} for n in range(16)])
    usual = {"llm": f"{server.url}#tiny", "distinct": False, "at_once": 1}

    def gone(planned):
        if planned.row.number == 3:
            refusing.set()

    out = tmp_path / "out"
    try:
        with pytest.raises(Unreached, match=f"10 rows in a row .*{server.url}.* the same command goes on"):
            run_batch(file, out, engine=Copying(teapot, gone), seed=7, **usual)
        assert len(lines(out, "manifest.jsonl")) == 3
        assert {line["kind"] for line in lines(out, "failures.jsonl")} == {"unreached"}
        assert (out / "index.html").is_file()
        refusing.clear()
        summary = run_batch(file, out, engine=Copying(teapot), **usual)
        assert (summary.made, summary.failed, summary.skipped) == (13, 0, 3)
        assert lines(out, "failures.jsonl") == []
    finally:
        server.close()


def test_once_it_is_stopped_nothing_waits_for_a_language_model(tmp_path, teapot):
    server = LlmServer()
    server.behave(hang_s=3600.0)

    class Waiting(Copying):
        def make(self, planned):
            with ReadAhead(planned, most=4):
                until = time.monotonic() + 60
                while len(server.asked) < 2 and time.monotonic() < until:
                    time.sleep(0.01)
                raise KeyboardInterrupt
            yield

    file = write_csv(tmp_path / "a.csv", [{"description": "a villager", "count": 10}])
    stop = Stop()
    try:
        assert run_batch(
            file, tmp_path / "out", engine=Waiting(teapot), seed=7, llm=f"{server.url}#tiny", at_once=2, stop=stop
        ).stopped
        asking = [thread for thread in threading.enumerate() if thread.name.startswith("batch-words")]
        for thread in asking:
            thread.join(20)
        assert not [thread for thread in asking if thread.is_alive()]
        assert len(server.asked) == 2
        assert not stop.asked
    finally:
        server.close()
