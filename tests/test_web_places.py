"""Places and rates, where more is asked for than there is: who makes room for whom, and what many sessions may do."""

import time
from types import SimpleNamespace

import pytest
from chat_parts import studio

from personify.ui.web import sessions as sessions_module
from personify.ui.web.context import Context
from personify.ui.web.limits import TooBusy, TooQuick
from personify.ui.web.owners import COOKIE, new_secret
from personify.ui.web.sessions import Sessions
from personify.ui.web.settings import Limits, WebSettings
from personify.ui.web.turns import Turns
from personify.voices.stopping import Stop


@pytest.fixture
def make(tmp_path):
    """The services of an app with these limits."""
    made = []

    def make(host="0.0.0.0", login=None, **limits):
        settings = WebSettings(memory=False, host=host, login=login, limits=Limits(**limits))
        sessions = Sessions(settings, studio(), tmp_path / "sessions")
        made.append(Context(settings, studio(), sessions, Turns({}), None, None))
        return made[-1]

    yield make
    for context in made:
        context.sessions.close_all()


class Page:
    """The request of a browser's page."""

    def __init__(self, session_hash, address="192.0.2.1", **headers):
        self.session_hash, self.headers = session_hash, headers
        self.cookies, self.client = {COOKIE: new_secret()}, SimpleNamespace(host=address)


class Call(Page):
    """The request of a program that keeps no cookie and names itself by nothing, as MCP clients do."""

    def __init__(self, address="192.0.2.1", **headers):
        super().__init__(None, address, **headers)
        self.cookies = {}


def until_gone(*sessions):
    at = time.monotonic() + 10
    while any(session.folder.exists() for session in sessions):
        assert time.monotonic() < at, "it never went"
        time.sleep(0.01)


def called(context, call):
    return context.open(call, "api:mcp", *context.who(call))


def test_when_all_places_are_taken_the_longest_idle_makes_room(make, monkeypatch):
    sessions = make(sessions=2).sessions
    first, second = sessions.open("1", "o"), sessions.open("2", "o")
    with pytest.raises(TooBusy, match="2 places"):
        sessions.open("3", "o")
    monkeypatch.setattr(sessions_module, "_EVICTED_AFTER_S", 0.0)
    second.touch()
    sessions.open("3", "o")
    assert sessions.of(first.token) is None and sessions.of(second.token) is second
    until_gone(first)


def test_calls_of_nobody_in_particular_take_no_page_s_place(make, monkeypatch):
    monkeypatch.setattr(sessions_module, "_FETCHED_AFTER_S", 0.0)
    context = make(host="127.0.0.1", sessions=3)
    page = context.session(Page("page"))
    calls = [called(context, Call()) for _ in range(10)]
    another = context.session(Page("another"))
    assert len(context.sessions) == 3 and len({call.token for call in calls}) == 10
    assert context.sessions.of(page.token) is page and context.sessions.of(another.token) is another
    until_gone(*calls[:-1])


def test_calls_that_name_themselves_come_back_to_their_session(make, monkeypatch):
    monkeypatch.setattr(sessions_module, "_FETCHED_AFTER_S", 0.0)
    context = make(sessions=1)
    mine = called(context, Call(Authorization="Bearer a-secret-of-my-own"))
    assert called(context, Call(Authorization="Bearer a-secret-of-my-own")) is mine and not mine.fleeting
    with pytest.raises(TooBusy):
        called(context, Call())


def test_who_takes_most_places_makes_room_for_others_but_not_for_themselves(make):
    context = make(sessions=5)
    other = context.session(Page("other", "192.0.2.2"))
    greedy = [context.session(Page(f"{number}")) for number in range(4)]
    for session in greedy[1:]:
        session.stop = Stop()
    with pytest.raises(TooBusy):
        context.session(Page("one more"))
    found = [context.session(Page("a", "192.0.2.3")), context.session(Page("b", "192.0.2.4"))]
    assert context.sessions.of(greedy[0].token) is None and context.sessions.of(other.token) is other
    assert sum(context.sessions.of(one.token) is not None for one in greedy) == 2
    with pytest.raises(TooBusy):  # nobody has more than half any more
        context.session(Page("c", "192.0.2.5"))
    assert all(context.sessions.of(one.token) is one for one in found)


def test_each_session_has_its_own_rate(make):
    context = make(replies_per_minute=1)
    mine, theirs = context.session(Page("a")), context.session(Page("b"))
    mine.allow("reply")
    with pytest.raises(TooQuick):
        mine.allow("reply")
    theirs.allow("reply")


@pytest.mark.parametrize(
    ("told", "pages", "shared"),
    [
        ({}, [Page(f"{number}") for number in range(12)], True),
        ({}, [Page(f"{number}", f"2001:db8::{number:x}") for number in range(12)], True),
        ({}, [Page(f"{number}", f"192.0.2.{number}") for number in range(12)], False),
        (
            {"login": "x"},
            [Page(f"{n}", f"192.0.2.{n}", **{"x-personify-login": "ada"}) for n in range(12)],
            True,
        ),
        ({"login": "x"}, [Page(f"{n}", **{"x-personify-login": f"user-{n}"}) for n in range(12)], False),
        ({"host": "127.0.0.1"}, [Page(f"{number}", "127.0.0.1") for number in range(12)], False),
    ],
)
def test_many_sessions_from_one_place_are_counted_together(make, told, pages, shared):
    context, done = make(replies_per_minute=1, **told), 0
    for page in pages:
        session = context.session(page)
        try:
            session.allow("reply")
            done += 1
        except TooQuick:
            pass
        context.sessions.close(session.token)  # leaving changes nothing
    assert done == (10 if shared else 12)
