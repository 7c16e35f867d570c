"""The door of an app with a login, on a real port: what is closed, how one gets in, and that guessing is slow."""

import base64
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from chat_parts import studio

from personify.ui.web import logins as logins_module
from personify.ui.web.logins import hash_password
from personify.ui.web.serving import Running
from personify.ui.web.settings import WebSettings


def until(true, within_s=5.0):
    at = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < at, "it never became true"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """An app with a login, MCP too."""
    folder = tmp_path_factory.mktemp("locked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logins_module, "_N", 2**14)
        patch.setattr(logins_module, "_P", 1)
        (folder / "logins").write_text(f"ada:{hash_password('lace')}\nbob:{hash_password('by')}\n")
        told = WebSettings(
            port=0,
            shelf=str(folder / "shelf"),
            llm="builtin",
            asr="none",
            memory=False,
            mcp=True,
            login=folder / "logins",
            allow_host=("chat.example",),
        )
        with Running(told, studio=studio()) as running:
            yield running


@pytest.fixture
def door(locked):
    with httpx.Client(base_url=locked.url, timeout=20) as client:
        yield client


def log_in(door, name="ada", password="lace", **headers):
    return door.post("/login", data={"username": name, "password": password}, headers=headers)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/config"),
        ("GET", "/personify/live/rig.js"),
        ("POST", "/personify/reply"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/mcp/"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/file=x"),
        ("GET", "/gradio_api/heartbeat/x"),
        ("GET", "/assets/x"),
    ],
)
def test_without_a_login_everything_is_closed(door, method, path):
    answer = door.request(method, path, headers={"X-Personify-Login": "ada"})
    assert answer.status_code == 401 and answer.json() == {"error": "log in first"}
    assert door.get("/health").status_code == 200


def test_a_browser_is_led_to_the_login_and_back(door):
    page = {"Accept": "text/html"}
    away = door.get("/", headers=page)
    assert away.status_code == 303 and away.headers["location"] == "/login"
    assert "<form" in door.get("/login", headers=page).text
    wrong = log_in(door, password="x", **page)
    assert (
        wrong.status_code == 401 and "go together" in wrong.text and "set-cookie" not in wrong.headers
    )  # it has the owner's by now
    right = log_in(door, **page)
    cookie = right.headers["set-cookie"]
    assert right.status_code == 303 and right.headers["location"] == "/"
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    assert door.get("/").status_code == 200
    assert door.get("/logout").status_code == 303
    assert door.get("/config").status_code == 401


def test_programs_log_in_by_their_client_or_with_each_request(door, locked):
    assert log_in(door, password="x").status_code == 401
    assert log_in(door).json() == {"success": True}
    for told, status in ((("ada", "lace"), 200), (("ada", "x"), 401), (("eve", "lace"), 401)):
        assert httpx.get(f"{locked.url}/config", auth=told).status_code == status
    for broken in ("Basic", "Basic !", "Basic " + base64.b64encode(b"ada").decode(), "Bearer ada-lace-ada-lace"):
        assert httpx.get(f"{locked.url}/config", headers={"Authorization": broken}).status_code == 401


def test_who_guesses_is_slowed_down(locked):
    with httpx.Client(base_url=locked.url, headers={"X-Forwarded-For": "192.0.2.7"}) as guesser:  # as through a proxy
        codes = [log_in(guesser, password=str(number)).status_code for number in range(7)]
        assert codes[:5] == [401] * 5 and 429 in codes[5:]
        late = log_in(guesser)
        assert late.status_code == 429 and int(late.headers["retry-after"]) >= 1
    with httpx.Client(base_url=locked.url, headers={"X-Forwarded-For": "192.0.2.8"}) as other:
        assert log_in(other).status_code == 200


def test_who_guesses_many_at_once_is_slowed_down_too(locked):
    def guess(number):
        return log_in(guesser, password=str(number)).status_code

    here = {"X-Forwarded-For": "192.0.2.10"}
    with httpx.Client(base_url=locked.url, headers=here) as guesser, ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(guess, range(12)))
    assert set(codes) == {401, 429} and 5 <= codes.count(401) <= 7  # five, and what is asked at once with the fifth


def test_addresses_of_one_line_count_as_one(locked):
    codes = []
    for number in range(8):
        headers = {"X-Forwarded-For": f"2001:db8:0:7::{number:x}"}
        codes.append(httpx.post(f"{locked.url}/login", data={"username": "ada"}, headers=headers).status_code)
    assert 429 in codes
    assert httpx.post(f"{locked.url}/login", data={}, headers={"X-Forwarded-For": "2001:db8:0:8::1"}).status_code == 401


def test_a_program_that_is_known_isn_t_kept_out_by_others_guesses(locked):
    with httpx.Client(base_url=locked.url, headers={"X-Forwarded-For": "192.0.2.11"}) as shared:
        assert shared.get("/config", auth=("ada", "lace")).status_code == 200
        while log_in(shared, password="x").status_code == 401:
            pass
        assert shared.get("/config", auth=("ada", "lace")).status_code == 200
        assert shared.get("/config", auth=("bob", "by")).status_code == 401


@pytest.mark.parametrize(
    "body", [b"", b"username=ada", b"\xff\xfe=%", b"&" * 5000, b"username=ada&password=" + b"x" * 9000]
)
def test_a_form_that_is_none_logs_nobody_in(locked, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": "192.0.2.9"}
    answer = httpx.post(f"{locked.url}/login", content=body, headers=headers)
    assert answer.status_code in (401, 429) and "personify_login" not in answer.headers.get("set-cookie", "")


def test_a_name_given_with_allow_host_is_one_of_its_own(door):
    assert door.get("/login", headers={"Host": "chat.example"}).status_code == 200
    headers = {"Origin": "https://chat.example", "Host": "localhost"}
    assert door.post("/login", data={}, headers=headers).status_code in (401, 429)
    assert door.get("/login", headers={"Host": "other.example"}).status_code == 421
    assert door.get("/health", headers={"Host": "app1:7860"}).status_code == 200  # as a proxy asks


def test_the_owner_is_the_login_whatever_the_cookie(locked):
    seen = set()
    for _ in range(2):
        with httpx.Client(base_url=locked.url) as page:
            log_in(page)
            page.get("/")
            body = {"data": [], "session_hash": f"h{len(page.cookies)}"}
            assert page.cookies.get("personify_owner")
            config = page.get("/config").json()
            load = next(each["id"] for each in config["dependencies"] if any(t[1] == "load" for t in each["targets"]))
            page.post("/gradio_api/queue/join", json={**body, "fn_index": load})
            until(locked.context.sessions.all)
            seen |= {(session.owner, session.user) for session in locked.context.sessions.all()}
    assert len(seen) == 1 and next(iter(seen))[1] == "ada"
