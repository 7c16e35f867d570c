"""Sessions and what belongs to one alone: files, limits, owners, logins, settings, the process's temporary folder."""

import math
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from chat_parts import studio, teapot
from hypothesis import given
from hypothesis import strategies as st

from personify.pipelines.memory.pair import PairMemory
from personify.ui.web import logins as logins_module
from personify.ui.web import sessions as sessions_module
from personify.ui.web import tidying
from personify.ui.web.context import Context
from personify.ui.web.files import URL, Files
from personify.ui.web.limits import Rates, TooQuick
from personify.ui.web.logins import Logins, Throttle, hash_password, read_logins
from personify.ui.web.owners import COOKIE, LOGIN_HEADER, login_header, login_of, new_secret, owner_of
from personify.ui.web.scratch import PREFIX, Scratch, sweep
from personify.ui.web.sessions import Sessions
from personify.ui.web.settings import Limits, WebSettings, read_settings
from personify.ui.web.tidying import Tidier
from personify.ui.web.turns import Turns
from personify.voices.errors import BadInput
from personify.voices.stopping import Stop

posix = pytest.mark.skipif(os.name != "posix", reason="locks and signals")


def settings_of(**limits):
    return WebSettings(memory=False, limits=Limits(**limits))


@pytest.fixture
def make_sessions(tmp_path):
    made = []

    def make(**limits):
        made.append(Sessions(settings_of(**limits), studio(), tmp_path / "sessions"))
        return made[-1]

    yield make
    for sessions in made:
        sessions.close_all()


# files


def parts(url):
    """Token and name of a file's address."""
    assert url.startswith(f"{URL}/")
    return url.removeprefix(f"{URL}/").split("/", 1)


def test_a_file_has_one_address_until_it_changes(tmp_path):
    files, path = Files(tmp_path), tmp_path / "portrait.png"
    path.write_bytes(b"one")
    first = files.put(path)
    assert files.put(path) == first and files.find(*parts(first)).path == path
    path.write_bytes(b"another")
    assert files.put(path) != first


def test_the_same_bytes_have_one_address(tmp_path):
    files = Files(tmp_path)
    first = files.put_bytes(b"x", "a.png")
    assert files.put_bytes(b"x", "a.png") == first != files.put_bytes(b"y", "a.png")
    assert files.find(*parts(first)).path.read_bytes() == b"x" and files.find(*parts(first)).type == "image/png"


def test_a_folder_s_files_lie_side_by_side(tmp_path):
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "rig.json").write_text("{}")
    (tmp_path / "live" / "plate.png").write_bytes(b"p")
    (tmp_path / "secret").write_text("s")
    token, rest = parts(Files(tmp_path).put_folder(tmp_path / "live"))
    files = Files(tmp_path)
    token, rest = parts(files.put_folder(tmp_path / "live"))
    assert rest == "" and files.find(token, "rig.json").type == "application/json"
    assert files.find(token, "plate.png") and not files.find(token, "../secret") and not files.find(token, "secret")


@given(name=st.text(max_size=300))
def test_whatever_a_file_is_called_its_address_is_plain(tmp_path_factory, name):
    files = Files(tmp_path_factory.getbasetemp())
    url = files.put_bytes(b"same", name)
    token, called = parts(url)
    assert urlsplit(url).path == url and "/" not in called and called not in ("", ".", "..") and called.isascii()
    assert len(called) <= 120 and files.find(token, called)


def test_cleared_files_are_found_no_more(tmp_path):
    files = Files(tmp_path)
    url = files.put_bytes(b"x", "a.txt")
    files.clear()
    assert files.find(*parts(url)) is None


# sessions


def test_a_page_has_one_session_and_its_folder_goes_with_it(make_sessions):
    sessions = make_sessions()
    session = sessions.open("hash", "owner")
    assert sessions.open("hash", "owner") is session and sessions.of(session.token) is session
    session.files.put_bytes(b"x", "x.txt")
    folder = session.folder
    assert folder.is_dir() and stat_mode(folder) == 0o700
    sessions.close(session.token)
    assert not folder.exists() and sessions.of(session.token) is None and len(sessions) == 0


def stat_mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_another_owner_with_the_same_hash_gets_a_session_of_their_own(make_sessions):
    sessions = make_sessions()
    mine, theirs = sessions.open("hash", "me"), sessions.open("hash", "them")
    assert mine is not theirs and mine.token != theirs.token and mine.folder != theirs.folder
    assert sessions.by_hash("hash", "me") is mine and sessions.by_hash("hash", "nobody") is None


def test_tokens_can_t_be_guessed(make_sessions):
    sessions = make_sessions()
    tokens = {sessions.open(str(number), "o").token for number in range(50)}
    assert len(tokens) == 50 and all(len(token) >= 22 for token in tokens)  # 128 bits
    assert sessions.of("") is None and sessions.of("x" * 22) is None


def test_a_file_is_found_while_its_session_is_open(make_sessions):
    sessions = make_sessions()
    session = sessions.open("a", "o")
    url = session.files.put_bytes(b"x", "x.txt")
    assert sessions.file(*parts(url))
    sessions.close(session.token)
    assert sessions.file(*parts(url)) is None


def test_idle_sessions_end_by_themselves_and_busy_ones_don_t(make_sessions):
    sessions = make_sessions(idle_minutes=0.2 / 60)
    idle, busy = sessions.open("idle", "o"), sessions.open("busy", "o")
    busy.stop = Stop()
    until = time.monotonic() + 10
    while idle.folder.exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    assert sessions.of(idle.token) is None and sessions.of(busy.token) is busy


def test_meeting_opens_a_chat_that_answers_and_closes_the_one_before(make_sessions):
    session = make_sessions().open("a", "o")
    first = session.meet(teapot())
    assert session.avatar is not None and first.reply("Who are you?").text
    second = session.meet(teapot())
    with pytest.raises(BadInput, match="closed"):
        first.stream("Hello?")
    assert session.chat is second and [turn.text for turn in second.history[:1]] == ["Who are you?"]  # the talk goes on


def test_closing_stops_the_work_and_the_chat(make_sessions):
    sessions = make_sessions()
    session = sessions.open("a", "o")
    chat = session.meet(teapot())
    session.stop = stop = Stop()
    sessions.close_all()
    assert stop.asked and session.chat is None
    with pytest.raises(BadInput, match="closed"):
        chat.stream("Hello?")


def test_a_chat_that_opens_while_its_session_closes_is_closed_too(make_sessions):
    session = make_sessions().open("a", "o")
    session.close()
    chat = session.meet(teapot())
    with pytest.raises(BadInput, match="closed"):
        chat.stream("Hello?")
    assert session.chat is None


def test_one_session_that_can_t_end_keeps_no_other_from_it(make_sessions, caplog):
    sessions = make_sessions()
    stuck, fine = sessions.open("a", "o"), sessions.open("b", "o")
    entered = threading.Event()

    def hang():
        entered.set()
        time.sleep(1.0)

    stuck.leave = hang
    began = time.monotonic()
    sessions.close_all(within_s=0.2)
    assert entered.is_set() and time.monotonic() - began < 0.9 and not fine.folder.exists()


def test_nobody_remembers_another_s_talk(tmp_path, monkeypatch):
    monkeypatch.setenv("PERSONIFY_MEMORY", str(tmp_path / "memory.db"))
    sessions = Sessions(WebSettings(), studio(), tmp_path / "sessions")
    try:
        first = sessions.open("1", "owner-a", "ada")
        first.meet(teapot()).reply("My name is Ada.")
        first.leave()
        again = sessions.open("2", "owner-a", "ada").meet(teapot()).reply("What is my name?")
        other = sessions.open("3", "owner-b", "bob").meet(teapot()).reply("What is my name?")
    finally:
        sessions.close_all()
    assert "Ada" in again.text and "Ada" not in other.text


def test_a_talk_that_goes_on_with_another_face_is_remembered_once(tmp_path, monkeypatch):
    monkeypatch.setenv("PERSONIFY_MEMORY", str(tmp_path / "memory.db"))
    kept = []
    close = PairMemory.close_session
    monkeypatch.setattr(
        PairMemory, "close_session", lambda pair, *told, **how: kept.append(how["turns"]) or close(pair, *told, **how)
    )
    sessions = Sessions(WebSettings(), studio(), tmp_path / "sessions")
    try:
        session = sessions.open("1", "owner", "ada")
        session.meet(teapot()).reply("My name is Ada.")
        session.meet(teapot()).reply("I like tea.")
    finally:
        sessions.close_all()
    assert kept == [4]


class Asking:
    """A request, as far as it tells who asks."""

    def __init__(self, session_hash=None, **headers):
        self.session_hash, self.headers = session_hash, headers
        self.cookies = {COOKIE: headers["cookie"]} if "cookie" in headers else {}


@pytest.mark.parametrize(
    ("told", "one_user"),
    [({}, True), ({"private": True}, False), ({"host": "0.0.0.0"}, False), ({"login": "x"}, False)],
)
def test_alone_on_this_machine_everybody_is_me_and_elsewhere_nobody_is(tmp_path, told, one_user):
    context = Context(WebSettings(**told), studio(), None, Turns({}), None, None)
    asking = [Asking("h", cookie=new_secret()), Asking("h", cookie=new_secret()), Asking("a"), Asking("b")]
    asking.append(Asking(None, Authorization="Bearer a-secret-of-my-own"))
    found = [context.who(each) for each in asking]
    assert len({owner for owner, _ in found}) == len(found)
    assert {user for _, user in found} == ({"me"} if one_user else {owner for owner, _ in found})


def test_whoever_ends_a_session_those_who_asked_hear_of_it(make_sessions, monkeypatch):
    monkeypatch.setattr(sessions_module, "_EVICTED_AFTER_S", 0.0)
    sessions, heard = make_sessions(sessions=1, idle_minutes=10), []
    sessions.when_closed(lambda session: 1 / 0)
    sessions.when_closed(lambda session: heard.append(session.hash))
    sessions.close(sessions.open("closed", "o").token)
    sessions.open("evicted", "o")
    sessions.open("last", "o")
    until = time.monotonic() + 10
    while len(heard) < 2:
        assert time.monotonic() < until
        time.sleep(0.01)
    sessions.close_all()
    assert heard == ["closed", "evicted", "last"]


def test_who_leaves_together_is_tidied_up_after_together(make_sessions, monkeypatch):
    monkeypatch.setattr(tidying, "AFTER_S", 0.2)
    forgotten, done = [], threading.Event()
    tidier = Tidier(forgotten.append)
    monkeypatch.setattr(tidying, "_trim", done.set)
    sessions = make_sessions()
    sessions.when_closed(tidier.left)
    for name in ("a", "b"):
        sessions.close(sessions.open(name, "o").token)
    assert forgotten == [] and done.wait(5) and forgotten == ["a", "b"]


# how often


def test_one_too_many_is_told_when_to_come_again_and_isn_t_counted():
    rates = Rates({"reply": (2, 0.3)})
    rates.allow("reply")
    rates.allow("reply")
    for _ in range(3):
        with pytest.raises(TooQuick, match="2 times") as caught:
            rates.allow("reply")
        assert caught.value.retry_after_s == 1
    time.sleep(0.35)
    rates.allow("reply")
    rates.allow("other")


@pytest.mark.parametrize(("told", "most"), [({}, None), ({"login": "x"}, 30), ({"host": "0.0.0.0"}, 30)])
def test_making_is_limited_where_others_can_reach_the_app(told, most):
    assert WebSettings(**told).makes_per_hour == most
    assert WebSettings(**told, limits=Limits(makes_per_hour=3)).makes_per_hour == 3


# owners


def test_owners_are_told_apart_and_their_secrets_can_t_be_found():
    secret, other = new_secret(), new_secret()
    mine = owner_of({COOKIE: secret}, {})
    assert mine == owner_of({COOKIE: secret}, {}) != owner_of({COOKIE: other}, {})
    assert secret not in mine and mine.replace("-", "").isalnum()
    program = owner_of({}, {"authorization": "Bearer a-secret-of-my-own"})
    assert program == owner_of({}, {"authorization": "bearer a-secret-of-my-own"}) != mine
    assert owner_of({}, {}, "session") == owner_of({}, {}, "session") != owner_of({}, {}, "another")
    assert owner_of({}, {}) != owner_of({}, {})  # who can't be told from others shares with nobody
    assert owner_of({COOKIE: "short"}, {"authorization": "Bearer short"}) != owner_of({COOKIE: "short"}, {})


def test_a_login_is_one_owner_in_every_browser():
    header, value = login_header("Zoë: x")
    headers = {header.decode(): value.decode()}
    assert login_of(headers) == "Zoë: x"
    assert owner_of({COOKIE: new_secret()}, headers) == owner_of({}, headers) == owner_of({}, dict(headers), "h")
    assert login_of({LOGIN_HEADER: ""}) is None


# logins


@pytest.fixture
def cheap(monkeypatch):
    monkeypatch.setattr(logins_module, "_N", 2**14)
    monkeypatch.setattr(logins_module, "_P", 1)


def test_a_password_is_known_by_its_hash_alone(cheap, tmp_path):
    (tmp_path / "logins").write_text(f"# who may\n\nada:{hash_password('lace')}\nbo:b:{hash_password('ü')}\n", "utf-8")
    logins = read_logins(tmp_path / "logins")
    assert logins.check("ada", "lace") and logins.check("bo:b", "ü")
    assert not logins.check("ada", "Lace") and not logins.check("nobody", "lace") and not logins.check("ada", "")
    assert not logins.check("ada", "x" * 10_000) and not logins.check("a" * 10_000, "x")
    assert hash_password("lace") != hash_password("lace") and "lace" not in hash_password("lace")


def test_a_name_that_nobody_has_takes_as_long(cheap):
    logins = Logins({"ada": hash_password("lace")})

    def fastest(name):
        took = []
        for _ in range(5):
            began = time.perf_counter()
            assert not logins.check(name, "wrong")
            took.append(time.perf_counter() - began)
        return min(took)

    assert 0.4 < fastest("ada") / fastest("nobody") < 2.5


def test_tokens_hold_until_they_are_ended_or_old(cheap, monkeypatch):
    logins = Logins({"ada": hash_password("lace")})
    token, other = logins.begin("ada"), logins.begin("bob")
    assert logins.name_of(token) == "ada" and logins.name_of(other) == "bob" and logins.name_of("x") is None
    logins.end(token)
    assert logins.name_of(token) is None and logins.name_of(other) == "bob"
    monkeypatch.setattr(logins_module, "LASTS_S", 0.0)
    assert logins.name_of(logins.begin("ada")) is None


def test_a_program_s_password_is_asked_for_once(cheap, monkeypatch):
    logins = Logins({"ada": hash_password("lace")})
    asked = []
    monkeypatch.setattr(logins, "check", lambda name, password: asked.append(name) or password == "lace")
    assert logins.check_again("ada", "lace") and logins.check_again("ada", "lace")
    assert not logins.check_again("ada", "wrong") and not logins.check_again("ada", "wrong")
    assert asked == ["ada", "ada", "ada"]


def test_who_fails_waits_longer_and_longer_and_is_forgiven(monkeypatch):
    throttle = Throttle()
    for _ in range(4):
        throttle.failed("here")
    assert throttle.wait_s("here") == 0.0
    waits = []
    for _ in range(8):
        throttle.failed("here")
        waits.append(math.ceil(throttle.wait_s("here")))  # some of it is over by now
    assert waits == sorted(waits) and 0 < waits[0] <= 1.0 and 31 < waits[5] <= 60.0 and waits[-1] <= 60.0
    assert throttle.wait_s("there") == 0.0
    throttle.succeeded("here")
    assert throttle.wait_s("here") == 0.0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "names nobody"),
        ("ada", "line 1"),
        ("ada:plain-password", "personify ui --hash"),
        ("ada:scrypt$2$8$1$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43, "no password hash"),
        (":scrypt$16384$8$1$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43, "line 1"),
    ],
)
def test_a_file_of_logins_that_is_wrong_is_refused_by_line_without_telling_it(tmp_path, content, says):
    path = tmp_path / "logins"
    path.write_text(content)
    with pytest.raises(BadInput, match=says) as caught:
        read_logins(path)
    assert "plain-password" not in str(caught.value)
    with pytest.raises(BadInput, match="can't be read"):
        read_logins(tmp_path / "none")


# settings


def test_options_go_before_the_file_and_the_file_before_the_defaults(tmp_path, monkeypatch):
    path = tmp_path / "personify.toml"
    path.write_text('[web]\nport = 9000\nshelf = "mine"\nallow_host = ["a.example"]\n[web.limits]\nsaid_chars = 7\n')
    monkeypatch.setenv("PERSONIFY_CONFIG", str(path))
    settings = read_settings(port=9001, shelf=None, mcp=True)
    assert (settings.port, settings.shelf, settings.mcp, settings.host) == (9001, "mine", True, "127.0.0.1")
    assert settings.limits.said_chars == 7 and settings.limits.sessions == 100 and settings.turns.portrait == 1


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[web]\ncolour = 1", "colour"),
        ("[web]\nport = 99999", "port"),
        ("[web.limits]\nsessions = 0", "limits.sessions"),
    ],
)
def test_a_wrong_setting_is_refused_by_file_and_key(tmp_path, monkeypatch, toml, says):
    path = tmp_path / "personify.toml"
    path.write_text(toml)
    monkeypatch.setenv("PERSONIFY_CONFIG", str(path))
    with pytest.raises(BadInput, match=says) as caught:
        read_settings()
    assert str(path) in str(caught.value)
    path.write_text("")
    with pytest.raises(BadInput, match="port"):
        read_settings(port=-1)


@pytest.mark.parametrize(
    ("told", "loopback", "private"),
    [
        ({}, True, False),
        ({"host": "localhost"}, True, False),
        ({"host": "::1"}, True, False),
        ({"host": "0.0.0.0"}, False, True),
        ({"host": "0.0.0.0", "private": False}, False, False),
        ({"login": "file"}, True, True),
        ({"private": True}, True, True),
    ],
)
def test_shelves_are_apart_where_others_can_reach_the_app(told, loopback, private):
    settings = WebSettings(**told)
    assert (settings.is_loopback, settings.is_private) == (loopback, private)


# the process's temporary folder


@posix
def test_what_killed_processes_left_is_removed_and_what_running_ones_use_stays(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code = (
        "from personify.ui.web.scratch import Scratch; import time\n"
        "s = Scratch(); (s.make('gradio') / 'x').write_text('x'); print(s.folder, flush=True); time.sleep(60)"
    )
    env = os.environ | {"TMPDIR": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=env)
    try:
        folder = Path(process.stdout.readline().strip())
        stray = tmp_path / f"{PREFIX}stray"
        stray.mkdir()
        (tmp_path / "another").mkdir()
        assert folder.parent == tmp_path and sweep() == [] and (folder / "gradio" / "x").exists()
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        scratch = Scratch()
        assert not folder.exists() and stray.exists() and (tmp_path / "another").exists()
        scratch.close()
        assert not scratch.folder.exists()
        scratch.close()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
