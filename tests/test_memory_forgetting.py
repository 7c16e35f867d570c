"""Forgetting is complete, for one avatar or all, in every program with the memory open, down to the files' bytes."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from chat_parts import persona
from postgres_server import new_memory, shared

from personify.pipelines.chat.builtin import BuiltinEngine
from personify.pipelines.chat.engine import Fact, Turn, Usage
from personify.pipelines.chat.keeping import Keeper
from personify.pipelines.memory import Forgotten, forgetting, open_memory
from personify.voices.errors import PersonifyError

AVATAR, OTHER = "0123456789abcdef", "fedcba9876543210"
NOW = datetime.now(UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    return new_memory(request.param, tmp_path)


@pytest.fixture
def store(url):
    with open_memory(url) as opened:
        yield opened


def fill(store, user, avatar, mark):
    pair = store.between(user, avatar, "Terrence")
    for number in range(30):
        pair.learn((Fact("user", f"{mark} fact {number} {'of a long story ' * 12}", f"key {mark}"),))
        pair.close_session(f"{mark} session {number}", started=NOW, ended=NOW, turns=2)
    return pair


def held(url: str, folder: Path) -> bytes:
    """All that the database's files hold."""
    if url.startswith("postgresql"):
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            mine = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()[0]
        return b"".join(path.read_bytes() for path in (shared().data / "base" / str(mine)).iterdir())
    return b"".join(path.read_bytes() for path in sorted(folder.glob("memory.db*")))


def test_one_avatars_memories_go_and_no_others(store, url, tmp_path):
    pair = fill(store, "Annabel Quux", AVATAR, "aubergine")
    fill(store, "Annabel Quux", OTHER, "beetroot")
    fill(store, "Ben", AVATAR, "cauliflower")
    assert b"aubergine fact 7" in held(url, tmp_path) and b"aubergine session" in held(url, tmp_path)
    assert pair.recall("aubergine")
    assert pair.forget() == Forgotten(pairs=1, events=30, facts=30)
    assert pair.recall("aubergine") == () and pair.facts() == ()
    assert b"aubergine" not in held(url, tmp_path)
    assert store.between("Annabel Quux", OTHER).recall("beetroot") and store.between("Ben", AVATAR).recall(
        "cauliflower"
    )
    assert pair.forget() == Forgotten()


def test_a_user_is_forgotten_with_all_avatars(store, url, tmp_path):
    fill(store, "Annabel Quux", AVATAR, "aubergine")
    fill(store, "Annabel Quux", OTHER, "beetroot")
    fill(store, "Ben", AVATAR, "cauliflower")
    assert store.forget("Annabel Quux") == Forgotten(pairs=2, events=60, facts=60)
    found = held(url, tmp_path)
    assert not any(word in found for word in (b"Annabel", b"Quux", b"aubergine", b"beetroot"))
    assert b"cauliflower" in found
    assert [pair.user for pair in store.pairs()] == ["Ben"]


def test_what_was_replaced_is_gone_with_the_rest(store, url, tmp_path):
    pair = store.between("Annabel Quux", AVATAR)
    for name in ("Aubergine", "Beetroot"):
        pair.learn((Fact("user", f"The user's name is {name}.", "name"),))
    pair.forget()
    assert not any(word in held(url, tmp_path) for word in (b"Aubergine", b"Beetroot", b"Annabel"))


def test_another_program_sees_what_was_learnt_replaced_and_forgotten(store, url):
    mine = store.between("Ann", AVATAR)
    mine.learn((Fact("user", "The user's home is Rome.", "home"), Fact("user", "The user likes owls.")))
    with open_memory(url) as another:
        theirs = another.between("Ann", AVATAR)
        assert len(theirs.recall("the user's home and owls")) == 2
        mine.learn((Fact("user", "The user's home is Oslo.", "home"), Fact("user", "The user fears owls.")))
        lines = theirs.recall("the user's home and owls")
        assert any("Oslo" in line for line in lines) and any("fears" in line for line in lines)
        assert not any("Rome" in line for line in lines)
        mine.forget()
        assert theirs.recall("the user's home and owls") == ()
        mine.learn((Fact("user", "The user is back with owls."),))
        assert [line.partition(": ")[2] for line in theirs.recall("home owls")] == ["The user is back with owls."]


def test_a_reader_that_keeps_old_pages_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr(forgetting, "PATIENCE_S", 0.2)
    file = tmp_path / "memory.db"
    with open_memory(str(file)) as store:
        fill(store, "Ann", AVATAR, "aubergine")
        with closing(sqlite3.connect(file, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM personify_memories").fetchone()
            with pytest.raises(PersonifyError, match="another program reads"):
                store.forget("Ann")
            assert store.pairs() == []
        assert store.forget("Ann") == Forgotten()
        assert b"aubergine" not in held(str(file), tmp_path)


def test_an_old_transaction_that_keeps_rows_is_told_of(monkeypatch):
    """PostgreSQL's VACUUM leaves what an older transaction may still see, whatever that reads, and says nothing."""
    import psycopg

    monkeypatch.setattr(forgetting, "PATIENCE_S", 0.2)
    url = shared().new_database()
    with open_memory(url) as store:
        fill(store, "Ann", AVATAR, "aubergine")
        with psycopg.connect(url) as reader:
            reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            reader.execute("SELECT 1").fetchone()
            with pytest.raises(PersonifyError, match="another program reads"):
                store.forget("Ann")
            assert store.pairs() == []
        assert store.forget("Ann") == Forgotten()
        assert b"aubergine" not in held(url, Path())


def test_what_is_over_does_not_come_back_after_a_forgetting(store, url, tmp_path):
    """A chat in another window goes on: what it notes of earlier turns, and the user's name, stay forgotten."""
    mine = store.between("Annabel Quux", AVATAR, "Terrence")
    mine.learn((Fact("user", "The user likes aubergines."),))
    with open_memory(url) as another:
        another.forget("Annabel Quux")
    mine.learn((Fact("user", "The user likes aubergines."),), earlier=True)
    mine.close_session("They talked of aubergines.", started=NOW, ended=NOW, turns=2)
    assert store.pairs() == [] and b"Annabel" not in held(url, tmp_path)
    mine.learn((Fact("user", "The user likes beetroot."),), earlier=True)  # the next session
    assert [fact.text for fact in mine.facts()] == ["The user likes beetroot."]


def test_a_chat_that_goes_on_does_not_bring_back_what_was_forgotten(store):
    """The whole of it: the chat's keeper, the notes of the built-in engine and the memory."""
    keeper = Keeper(persona(), BuiltinEngine(), store.between("Ann", AVATAR), None, 7)
    keeper.hear("I have a dog called Rex.", Usage())
    keeper.history.add(Turn("user", "I have a dog called Rex."), Turn("character", "Good."))
    assert store.pairs("Ann")
    store.forget("Ann")
    keeper.close()
    assert store.pairs("Ann") == []
