"""`personify memory`, as a user of it would, and the benchmark of its speed at a small size."""

import json
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime

import numpy as np
import pytest
from postgres_server import shared
from typer.testing import CliRunner

from personify.avatar.portrait import Portrait, Verdict
from personify.avatar.video import write_clip
from personify.eval.memory_speed import measure
from personify.pipelines.bundle import AvatarRecord, PortraitRecord, ToneRecord, now, open_bundle
from personify.pipelines.chat.engine import Fact
from personify.pipelines.memory import open_memory
from personify.pipelines.writers import persona_writer
from personify.ui.cli import app
from personify.voices.speech import Speech

AVATAR, OTHER = "0123456789abcdef", "fedcba9876543210"


@pytest.fixture(autouse=True)
def own_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("PERSONIFY_MEMORY", str(tmp_path / "memory.db"))
    monkeypatch.delenv("PERSONIFY_USER", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def teapot(tmp_path_factory):
    """An avatar on disk whose face and voice are of no matter here."""
    verdict = Verdict(found=False, plausible=False)
    portrait = Portrait(np.zeros((8, 8, 3), np.uint8), None, None, "sketch", 7, "none", verdict)
    made = PortraitRecord(expert="sketch", seed=7, guidance="none", verdict=verdict)
    persona = persona_writer().write("a grumpy teapot who loves astronomy", seed=7)
    record = AvatarRecord(
        persona=persona, tone=ToneRecord(name="m1", reason="any"), portrait=made, seed=7, versions={}, created=now(),
        seconds={}, files={},
    )  # fmt: skip
    said = Speech("Hello.", np.zeros(1280, np.float32), 16_000, ())
    with open_bundle(tmp_path_factory.mktemp("avatars") / "teapot") as draft:
        write_clip(draft.clip, [np.zeros((64, 64, 3), np.uint8)] * 2, said)
        avatar = draft.save(record, portrait, said)
    return avatar


def run(*words, answer=None):
    return CliRunner().invoke(app, ["memory", *map(str, words)], input=answer)


def fill(avatar=AVATAR, user=None, name="Terrence", text="The user likes tea."):
    moment = datetime.now(UTC)
    with open_memory() as store:
        pair = store.between(user, avatar, name)
        pair.learn((Fact("user", text), Fact("character", f"{name} fears \x1b[31m[bold]limescale[/bold].")))
        pair.close_session(f"They talked about {text[:-1]}", started=moment, ended=moment, turns=4)


def known(user=None):
    with open_memory() as store:
        return {pair.avatar for pair in store.pairs(user)}


def test_an_avatars_folder_says_whose_memories(teapot):
    fill(teapot.key, name=teapot.name)
    fill(OTHER, name="Olga")
    shown = run("show", teapot.folder)
    assert shown.exit_code == 0 and "The user likes tea." in shown.output and "Olga" not in shown.output
    assert "\x1b" not in shown.output and "[bold]limescale[/bold]" in shown.output
    content = json.loads(run("show", teapot.folder, "--json").stdout)
    assert [avatar["avatar"] for avatar in content["avatars"]] == [teapot.key]
    forgotten = run("forget", teapot.folder, "--yes")
    assert forgotten.exit_code == 0 and f"forgot 2 facts and 1 session of 'me' with {teapot.name}" in forgotten.output
    assert known() == {OTHER}
    assert "nothing is remembered" in run("show", teapot.folder).output


def test_show_lists_who_remembers_and_keys_name_them():
    assert "nothing is remembered of 'me'" in run("show").output
    fill()
    fill(OTHER, name="Olga")
    listed = run("show").output
    assert AVATAR in listed and OTHER in listed and "Olga" in listed
    told = json.loads(run("show", "--json").stdout)
    assert {avatar["avatar"]: (avatar["facts"], avatar["events"]) for avatar in told["avatars"]} == {
        AVATAR: (2, 1),
        OTHER: (2, 1),
    }
    assert "Terrence fears" in run("show", AVATAR).output
    everything = run("show", "--all").output
    assert "Terrence fears" in everything and "Olga fears" in everything


def test_times_are_those_of_the_users_clock(monkeypatch):
    moment = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)
    with open_memory() as store:
        store.between(None, AVATAR).close_session("They talked.", started=moment, ended=moment, turns=2)
    try:
        with monkeypatch.context() as there:
            there.setenv("TZ", "Asia/Tokyo")
            time.tzset()
            assert "2026-03-02 05:30" in run("show").output and "2026-03-02 05:30" in run("show", AVATAR).output
            (known,) = json.loads(run("show", AVATAR, "--json").stdout)["avatars"]
            assert known["events"][0]["ended"] == "2026-03-01T20:30:00.000+00:00"
    finally:
        time.tzset()


def test_forget_asks_first():
    fill()
    refused = run("forget", AVATAR, answer="n\n")
    assert refused.exit_code == 1 and "Forget 2 facts and 1 session of 'me'" in refused.output and known() == {AVATAR}
    assert run("forget", AVATAR, answer="").exit_code == 1 and known() == {AVATAR}
    asked = run("forget", AVATAR, "--json")
    assert asked.exit_code == 2 and "--yes" in asked.output and known() == {AVATAR}
    assert run("forget", AVATAR, answer="y\n").exit_code == 0 and known() == set()
    again = run("forget", AVATAR)
    assert again.exit_code == 0 and "nothing was remembered" in again.output


def test_all_of_one_user_and_nobody_else(tmp_path):
    fill(user="Ann")
    fill(OTHER, user="Ann")
    fill(user="Ben", text="The user likes gravel.")
    gone = json.loads(run("forget", "--all", "--user", "Ann", "--yes", "--json").stdout)
    assert gone == {"user": "Ann", "avatars": 2, "facts": 4, "events": 2}
    assert known("Ann") == set() and known("Ben") == {AVATAR}
    held = b"".join(file.read_bytes() for file in tmp_path.glob("memory.db*"))
    assert b"likes tea" not in held and b"gravel" in held


@pytest.mark.parametrize("words", [("forget", "--yes"), ("export",), ("forget", AVATAR, "--all", "--yes"),
                                   ("show", "no-such-folder"), ("show", "--user", "a\tb"),
                                   ("show", "~no-such-user/owl"),
                                   ("export", "--all", "--out", "~no-such-user/m.json")])  # fmt: skip
def test_what_is_unclear_is_refused(words):
    fill()
    refused = run(*words)
    assert refused.exit_code == 2 and refused.output.startswith("personify: ") and known() == {AVATAR}


def test_export_is_complete_and_whole_or_not_at_all(tmp_path, left_in):
    fill()
    fill(OTHER, name="Olga")
    file = tmp_path / "out" / "mine.json"
    assert run("export", "--all", "--out", file).exit_code == 0
    content = json.loads(file.read_text("utf-8"))
    assert content["version"] == 1 and content["user"] == "me" and len(content["avatars"]) == 2
    fact, event = content["avatars"][0]["facts"][0], content["avatars"][0]["events"][0]
    assert set(fact) == {"about", "key", "text", "first", "last", "seen", "session"}
    assert set(event) == {"started", "ended", "turns", "text", "first", "last", "seen", "session"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and left_in(file.parent) == ["mine.json"]
    before = file.read_bytes()
    assert run("export", AVATAR, "--out", file).exit_code == 2 and file.read_bytes() == before
    forced = run("export", AVATAR, "--out", file, "--force", "--json")
    assert json.loads(forced.stdout) == {"file": str(file), "user": "me", "facts": 2, "events": 1}
    assert json.loads(run("export", AVATAR).stdout)["avatars"] == json.loads(file.read_text("utf-8"))["avatars"]


def test_it_works_on_postgresql_by_the_environment(monkeypatch):
    monkeypatch.setenv("PERSONIFY_MEMORY", shared().new_database())
    fill()
    assert "The user likes tea." in run("show", AVATAR).output
    assert run("forget", "--all", "--yes").exit_code == 0
    assert "nothing is remembered of 'me' in postgresql://" in run("show").output


def test_a_memory_that_is_not_opened_loads_no_database():
    code = "import sys, personify.ui.memory; from personify.pipelines.memory import ME, user_name; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"sqlalchemy", "alembic", "bm25s"} & set(loaded)


def test_a_small_memory_is_recalled_without_the_ranking_library(tmp_path):
    """bm25s takes the better part of a second to load."""
    fill()
    code = f"""
import sys
from personify.pipelines.memory import open_memory
print(open_memory().between(None, {AVATAR!r}).recall("tea"))
print("alembic" in sys.modules, "bm25s" in sys.modules)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "likes tea" in said and said.endswith("False False\n")


def test_the_speed_benchmark_runs_small_and_leaves_nothing(tmp_path):
    file = tmp_path / "bench.db"
    figures = measure(str(file), memories=60, pairs=3, each=8, recalls=20)
    assert len(figures) == 14 and all(figure.value > 0 for figure in figures)
    assert [figure.target for figure in figures].count(20.0) == 3
    with open_memory(str(file)) as store:
        assert store.pairs() == []
