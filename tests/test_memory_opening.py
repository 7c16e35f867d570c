"""Where a memory is, how it is opened and brought up to date, and what is refused."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from postgres_server import new_memory, shared
from sqlalchemy import create_engine

from personify.pipelines.chat.engine import Fact
from personify.pipelines.memory import open_memory, opening
from personify.pipelines.memory.address import find_address
from personify.pipelines.memory.schema import HEAD, VERSION_TABLE, metadata
from personify.voices.errors import BadInput, MissingExtra, PersonifyError

AVATAR = "0123456789abcdef"
SECRET = "hunter2%40x"
TEA = (Fact("user", "The user likes tea."),)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    return new_memory(request.param, tmp_path)


@pytest.fixture(autouse=True)
def no_address(monkeypatch, tmp_path):
    for name in ("PERSONIFY_MEMORY", "PERSONIFY_CONFIG", "PERSONIFY_USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def engine_of(url):
    return create_engine(find_address(url).url)


def test_it_is_kept_from_one_opening_to_the_next(url):
    with open_memory(url) as store:
        store.between("me", AVATAR, "Terrence").learn(TEA)
    with open_memory(url) as store:
        assert store.between("me", AVATAR).facts() == TEA
        assert [(pair.name, pair.facts) for pair in store.pairs("me")] == [("Terrence", 1)]


def test_the_usual_place_is_the_users_own(own_home):
    with open_memory() as store:
        store.between("me", AVATAR).learn(TEA)
        files = sorted(path for path in find_address().file.parent.iterdir())
        assert {file.name for file in files} >= {"memory.db", "memory.db-wal"}
        assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
        assert os.environ["HOME"] in store.where


def test_an_argument_goes_before_the_environment_before_the_settings(tmp_path, monkeypatch):
    (tmp_path / "personify.toml").write_text('[memory]\nurl = "sqlite:///of-settings.db"\n')
    assert find_address().file == tmp_path / "of-settings.db"
    monkeypatch.setenv("PERSONIFY_MEMORY", str(tmp_path / "of environment.db"))
    assert find_address().file == tmp_path / "of environment.db"
    assert find_address("given.db").file == tmp_path / "given.db"


@pytest.mark.parametrize("told", ['place = "x"', "url = 3", 'url = " "'])
def test_settings_that_make_no_sense_are_named(tmp_path, told):
    (tmp_path / "personify.toml").write_text(f"[memory]\n{told}\n")
    with pytest.raises(BadInput, match=r"personify\.toml: \[memory\]"):
        open_memory()


@pytest.mark.parametrize(
    "where",
    ["", " ", "http://x", f"mysql://u:{SECRET}@h/db", "sqlite://", "sqlite:///:memory:", "sqlite:///a.db?mode=ro",
     f"postgresql://u:{SECRET}@h:port/db", f"postgresql:u:{SECRET}@h"],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_its_password(tmp_path, where):
    with pytest.raises(BadInput) as refused:
        open_memory(where)
    assert SECRET not in str(refused.value) and "hunter2" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_something_else_is_left_alone(tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear Ann, " * 500)
    with pytest.raises(BadInput, match=r"letter\.txt is no memory"):
        open_memory(str(file))
    assert file.read_text() == "Dear Ann, " * 500
    with pytest.raises(BadInput, match="is a folder"):
        open_memory(str(tmp_path))
    with pytest.raises(PersonifyError, match="can't be opened"):
        open_memory(str(file / "below.db"))


@pytest.mark.parametrize("where", ["a\0b.db", "~no-such-user/m.db", "sqlite:///~no-such-user/m.db"])
def test_what_is_no_files_name_is_refused(where):
    with pytest.raises(BadInput, match="the memory's address"):
        open_memory(where)


def test_what_can_not_be_opened_is_an_error_by_name(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for device in (tmp_path / "pipe", "/dev/null"):
        with pytest.raises(BadInput, match="is a device or a pipe"):
            open_memory(str(device))
    with pytest.raises(PersonifyError, match="can't be opened"):
        open_memory(str(tmp_path / ("x" * 300)))
    assert not Path("/dev/null-journal").exists()


OPEN_AS_NOBODY = """
import os, sys
from personify.pipelines.memory import open_memory, store, opening
from personify.voices.errors import PersonifyError
import alembic.command
import sqlalchemy.dialects.sqlite
if os.geteuid() == 0:
    os.setuid(65534)
try:
    open_memory(sys.argv[1])
except PersonifyError as error:
    print(error)
"""


def test_a_folder_that_is_locked_is_an_error_by_name(tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o000)
    words = [sys.executable, "-c", OPEN_AS_NOBODY, str(locked / "memory.db")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "can't be opened (Permission denied)" in done.stdout, done.stderr


def test_a_place_without_write_ahead_logs_is_an_error_and_no_wait(tmp_path, monkeypatch):
    """SQLite says nothing where a file system can't have one: the mode stays what it was."""

    class Stubborn(sqlite3.Connection):
        def execute(self, statement, *rest):
            return super().execute("PRAGMA journal_mode" if "=WAL" in statement else statement, *rest)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *words, **more: connect(*words, **more, factory=Stubborn))
    with pytest.raises(PersonifyError, match="no write-ahead log"):
        open_memory(str(tmp_path / "memory.db"))


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_can_not_hold_every_character_is_refused(encoding):
    import psycopg

    server, name = shared(), f"in_{encoding.lower()}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0")
    with pytest.raises(BadInput, match=f"{name} is a database in {encoding}.*--encoding UTF8"):
        open_memory(server.url(name))


FULL = """
import resource, signal, sys
from personify.pipelines.chat.engine import Fact
from personify.pipelines.memory import open_memory
from personify.voices.errors import PersonifyError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open_memory(sys.argv[1]) as store:
    pair = store.between("me", "0123456789abcdef")
    pair.learn((Fact("user", "The user likes tea."),))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
    try:
        pair.learn(tuple(Fact("user", f"{number} {'x' * 350}") for number in range(900)))
    except PersonifyError as error:
        print(error)
    assert [fact.text for fact in pair.facts()] == ["The user likes tea."] and pair.recall("tea")
    resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    pair.learn((Fact("user", "The user likes rain."),))
    assert len(pair.facts()) == 2
"""


def test_a_full_disk_is_an_error_by_name_and_spoils_nothing(tmp_path):
    words = [sys.executable, "-c", FULL, str(tmp_path / "memory.db")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "memory.db can't be written" in done.stdout, done.stderr


def test_a_damaged_file_is_an_error_by_name(tmp_path):
    file = tmp_path / "memory.db"
    with open_memory(str(file)) as store:
        store.between("me", AVATAR).learn(tuple(Fact("user", f"Fact {number} {'x' * 300}") for number in range(60)))
    content = bytearray(file.read_bytes())
    content[8192:] = b"\x5a" * (len(content) - 8192)
    file.write_bytes(content)
    with pytest.raises(PersonifyError, match=r"memory\.db"), open_memory(str(file)) as store:
        store.between("me", AVATAR).export()


def test_a_memory_of_a_newer_version_is_refused_and_left(url):
    open_memory(url).close()
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    for _ in range(2):
        with pytest.raises(PersonifyError, match=r"newer version of Personify .*'9999'.*'0001'"):
            open_memory(url)
    engine.dispose()


def test_the_migrations_make_what_the_code_uses(url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    open_memory(url).close()
    engine = engine_of(url)
    with engine.connect() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD
        with opening._migrations(connection) as config:
            assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    engine.dispose()


def test_a_migration_that_fails_leaves_nothing_half_done(url, monkeypatch):
    from alembic import command

    upgrade = command.upgrade

    def fails(config, revision):
        upgrade(config, revision)
        raise PersonifyError("the power went")

    monkeypatch.setattr(command, "upgrade", fails)
    with pytest.raises(PersonifyError, match="the power went"):
        open_memory(url)
    monkeypatch.undo()
    with open_memory(url) as store:
        store.between("me", AVATAR).learn(TEA)
        assert store.between("me", AVATAR).facts() == TEA


OPEN_AT_ONCE = """
import os, sys, traceback
import alembic.command, alembic.script, psycopg, sqlalchemy.dialects.postgresql, sqlalchemy.dialects.sqlite
import personify.pipelines.memory.learning, personify.pipelines.memory.pair
from personify.pipelines.chat.engine import Fact
from personify.pipelines.memory import open_memory

def open_it(number):
    os.close(go)
    os.read(gate, 1)  # until all are there
    with open_memory(sys.argv[1]) as store:
        store.between("me", "0123456789abcdef").learn((Fact("user", f"Process {number} was here."),))

gate, go = os.pipe()
children = []
for number in range(6):
    child = os.fork()
    if not child:
        try:
            open_it(number)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    children.append(child)
os.close(go)
sys.exit(sum(os.waitpid(child, 0)[1] != 0 for child in children))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes that have loaded everything are forked")
def test_processes_that_open_it_first_at_once_all_succeed(url):
    done = subprocess.run([sys.executable, "-c", OPEN_AT_ONCE, url], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with open_memory(url) as store:
        assert len(store.between("me", AVATAR).facts()) == 6


def test_reading_waits_for_no_writer_and_writers_wait_for_each_other(tmp_path):
    file = tmp_path / "memory.db"
    with open_memory(str(file)) as store, closing(sqlite3.connect(file, isolation_level=None)) as other:
        pair = store.between("me", AVATAR)
        pair.learn(TEA)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert pair.recall("tea") and pair.facts() == TEA
        assert time.monotonic() - began < 0.5
        writer = threading.Thread(target=pair.learn, args=((Fact("user", "The user likes rain."),),))
        writer.start()
        writer.join(0.3)
        assert writer.is_alive() and len(pair.facts()) == 1
        other.execute("COMMIT")
        writer.join(10)
        assert len(pair.facts()) == 2


def test_a_driver_that_is_not_there_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"pip install 'personify\[postgres\]'") as missing:
        open_memory(f"postgresql://u:{SECRET}@localhost/db")
    assert "hunter2" not in str(missing.value)


def test_passwords_show_up_nowhere():
    server = shared()
    for url in (
        server.url("nowhere"),
        server.url("postgres", password="hunter2"),
        "postgresql://u:hunter2@127.0.0.1:9/x",
    ):
        with pytest.raises(PersonifyError, match="can't be opened") as refused:
            open_memory(url)
        shown = f"{refused.value} {refused.value!r} {refused.value.__cause__}"
        assert "hunter2" not in shown and "s3cret" not in shown
    url = server.new_database()
    with open_memory(f"{url}&sslpassword=hunter2") as store:
        shown = f"{store!r} {store.where} {store.between('me', AVATAR)!r} {find_address(url)!r}"
        assert "s3cret" not in shown and "hunter2" not in shown and "postgresql://" in shown


def test_a_database_that_goes_away_is_an_error_by_name():
    import psycopg

    server = shared()
    url = server.new_database()
    name = url.rpartition("/")[0] and url.split("@/")[1].partition("?")[0]
    with open_memory(url) as store:
        pair = store.between("me", AVATAR)
        pair.learn(TEA)
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        with pytest.raises(PersonifyError, match=f"{name} can't be"):
            pair.learn(TEA)
        with pytest.raises(PersonifyError, match=f"{name} can't be"):
            pair.recall("tea")
