"""The web app's server on a real port: replies that stream and stop, errors, files, and what keeps others out."""

import base64
import json
import time
from contextlib import contextmanager, suppress

import httpx
import pytest
from browser import faults_of
from chat_parts import studio, teapot
from gradio import processing_utils
from hypothesis import given, settings
from hypothesis import strategies as st
from llm_server import LlmServer

from personify.eval.paced_server import PacedServer
from personify.pipelines import Studio
from personify.ui.web import tidying
from personify.ui.web.limits import Rates
from personify.ui.web.live_routes import HEADER
from personify.ui.web.serving import Running
from personify.ui.web.settings import Limits, WebSettings

LONG = " ".join(f"This is sentence number {number} of a long story about the moon." for number in range(1, 9))
AT_ONCE = 3


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The app with its pages, for all tests of this module; each opens sessions of its own."""
    limits = Limits(replies_per_minute=10_000, replies_at_once=AT_ONCE, bundle_mb=2, picture_mb=1, audio_mb=1)
    shelf = str(tmp_path_factory.mktemp("shelf"))
    told = WebSettings(port=0, shelf=shelf, llm="builtin", asr="none", memory=False, limits=limits)
    with Running(told, studio=studio()) as running:
        yield running


@pytest.fixture
def http(app):
    with httpx.Client(base_url=app.url, timeout=20) as client:
        yield client


@pytest.fixture
def session(app, request):
    """One open page that has met the teapot."""
    found = app.context.sessions.open(request.node.name, "somebody")
    found.meet(teapot())
    yield found
    app.context.sessions.close(found.token)


def told_by(session):
    return {HEADER: session.token}


def pieces_of(http, session, said, **more):
    """The pieces of a whole reply."""
    answer = http.post("/personify/reply", json={"said": said, **more}, headers=told_by(session))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson" and answer.headers["cache-control"] == "no-store"
    return [json.loads(line) for line in answer.text.splitlines()]


@contextmanager
def streaming(http, session, said="Tell me a long story."):
    """A reply that is on its way: its pieces, one by one."""
    body = {"said": said, "sound": "opus"}
    with http.stream("POST", "/personify/reply", json=body, headers=told_by(session)) as answer:
        assert answer.status_code == 200
        yield (json.loads(line) for line in answer.iter_lines())


def until(true, within_s=5.0):
    at = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < at, "it never became true"
        time.sleep(0.01)


@contextmanager
def storyteller(session, pieces_per_s=60.0, story=LONG):
    """The session's words come from a language model that writes at that pace."""
    with PacedServer(lambda body: story, pieces_per_s) as model:
        session.studio = Studio(llm=model.url)
        session.leave()
        session.meet(teapot())
        yield model


# replies


def test_a_reply_comes_piece_by_piece_and_ends_with_what_was_said(http, session):
    pieces = pieces_of(http, session, "Who are you?")
    kinds = [piece["piece"] for piece in pieces]
    assert kinds[0] == "text" and kinds[-1] == "said" and kinds.count("said") == 1
    assert {"speech", "face"} <= set(kinds) and "trouble" not in kinds
    for piece in pieces:
        if piece["piece"] == "speech":
            assert piece["audio"]["type"] == "audio/ogg; codecs=opus" and "wav" not in piece
            assert base64.b64decode(piece["audio"]["data"])[:4] == b"OggS"
    assert session.chat.history[-1].text == pieces[-1]["text"]


def test_sound_is_wav_where_the_browser_wants_it(http, session):
    sounds = [piece["audio"] for piece in pieces_of(http, session, "Hi!", sound="wav") if piece["piece"] == "speech"]
    assert sounds and all(base64.b64decode(sound["data"])[:4] == b"RIFF" for sound in sounds)


def test_the_first_sound_is_there_before_the_model_has_written_all(http, session):
    with storyteller(session, pieces_per_s=80) as model:
        began = time.monotonic()
        with streaming(http, session) as pieces:
            first = next(piece for piece in pieces if piece["piece"] == "speech")
            heard = time.monotonic() - began
            rest = list(pieces)
    assert first["index"] == 0 and rest[-1]["piece"] == "said" and not rest[-1]["cut_off"]
    assert began + heard < model.sent[-1].at_s  # the model was still writing


def test_who_hangs_up_stops_the_model_at_once(http, session):
    server = LlmServer()
    try:
        server.behave(reply=lambda body: LONG, hang_s=0.05)
        session.studio = Studio(llm=f"{server.url}#tiny")
        session.meet(teapot())
        with streaming(http, session) as pieces:
            next(pieces)
        assert server.hung_up.wait(3)
        until(lambda: session.replying == 0)
    finally:
        server.close()
    assert session.chat.history[-1].text != LONG


def test_an_interruption_ends_the_reply_and_keeps_what_was_heard(http, session):
    with storyteller(session), streaming(http, session) as pieces:
        speech = next(piece for piece in pieces if piece["piece"] == "speech")
        cut = http.post("/personify/interrupt", json={"spoken_s": speech["seconds"]}, headers=told_by(session))
        assert cut.status_code == 204 and cut.content == b""
        rest = list(pieces)
    heard = session.chat.history[-1]
    assert rest[-1]["piece"] == "said" and rest[-1]["cut_off"]
    assert heard.cut_off and heard.text and LONG.startswith(heard.text.rstrip("….")) and len(heard.text) < len(LONG) / 2


def test_an_interruption_counts_also_after_the_reply_has_come_whole(http, session):
    whole = pieces_of(http, session, "Who are you?")[-1]["text"]
    http.post("/personify/interrupt", json={"spoken_s": 0.0}, headers=told_by(session))
    assert session.chat.history[-1].text != whole


def test_interrupting_nothing_is_fine(http, app):
    empty = app.context.sessions.open("empty", "o")
    for spoken_s in (None, 0, 1.5):
        answer = http.post("/personify/interrupt", json={"spoken_s": spoken_s}, headers=told_by(empty))
        assert answer.status_code == 204
    app.context.sessions.close(empty.token)


def test_a_new_question_interrupts_the_reply_before(http, session):
    with storyteller(session) as model, streaming(http, session) as first:
        next(piece for piece in first if piece["piece"] == "speech")
        model.answer = lambda body: "Yes."
        assert pieces_of(http, session, "Are you there?")[-1]["text"] == "Yes."
        assert list(first)[-1]["cut_off"]


def test_more_replies_than_places_are_told_to_come_again(http, app, session):
    others = [app.context.sessions.open(f"other {number}", "o") for number in range(AT_ONCE)]
    with storyteller(session, pieces_per_s=15, story=5 * LONG) as model:
        for other in others:
            other.studio = Studio(llm=model.url)
            other.meet(teapot())
        readers = [streaming(http, other) for other in others]
        coming = [reader.__enter__() for reader in readers]
        assert all(next(pieces)["piece"] == "text" for pieces in coming)
        answer = http.post("/personify/reply", json={"said": "Hello?"}, headers=told_by(session))
        assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
        for other in others:
            app.context.sessions.close(other.token)
        for reader in readers:
            reader.__exit__(None, None, None)
        until(lambda: all(other.replying == 0 for other in others))
        session.studio = studio()
        session.meet(teapot())
        assert pieces_of(http, session, "Hello?")[-1]["text"]


def test_who_asks_too_often_is_told_when_to_come_again(http, session):
    session.limits = Rates({"reply": (1, 60.0)})
    pieces_of(http, session, "Hello?")
    answer = http.post("/personify/reply", json={"said": "Hello?"}, headers=told_by(session))
    assert answer.status_code == 429 and 0 < int(answer.headers["retry-after"]) <= 60
    assert "a minute" in answer.json()["error"]


def test_a_model_that_fails_is_one_line_among_the_pieces(http, session):
    server = LlmServer()
    try:
        server.behave(refuse=lambda body: (400, {"error": {"message": "<b>no</b>"}}))
        session.studio = Studio(llm=f"{server.url}#tiny")
        session.meet(teapot())
        pieces = pieces_of(http, session, "Hello?")
    finally:
        server.close()
    assert pieces[-1]["piece"] == "said"
    assert any(piece["piece"] == "trouble" and "\n" not in piece["message"] for piece in pieces)


# what is no good request


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("reply", {"json": {"said": "  \u200b "}}, 400),
        ("reply", {"json": {"said": "x" * 2001}}, 400),
        ("reply", {"json": {"said": 7}}, 400),
        ("reply", {"json": {"said": "x", "sound": "mp3"}}, 400),
        ("reply", {"json": {"said": "x", "voice": "y"}}, 400),
        ("reply", {"json": {}}, 400),
        ("reply", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ("reply", {"content": b"[" * 60_000, "headers": {"Content-Type": "application/json"}}, 400),
        ("reply", {"content": b'{"said": "x"}', "headers": {"Content-Type": "text/plain"}}, 415),
        ("reply", {"data": {"said": "x"}}, 415),
        ("reply", {"json": {"said": "x" * 70_000}}, 413),
        ("interrupt", {"json": {"spoken_s": -1}}, 400),
        ("interrupt", {"content": b'{"spoken_s": NaN}', "headers": {"Content-Type": "application/json"}}, 400),
        ("interrupt", {"json": {"spoken_s": "soon"}}, 400),
        ("try", {"json": {"tone": "nobody"}}, 400),
        ("try", {"json": {"tone": "x" * 300}}, 400),
        ("hear", {"content": b"RIFF", "headers": {"Content-Type": "audio/wav"}}, 501),
    ],
)
def test_a_request_that_is_none_is_one_line_with_a_status(http, session, path, sent, status):
    sent = {**sent, "headers": {**sent.get("headers", {}), **told_by(session)}}
    answer = http.post(f"/personify/{path}", **sent)
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error"] and "\n" not in answer.json()["error"] and answer.json()["error"]


@pytest.mark.parametrize("path", ["reply", "interrupt", "hear", "try"])
@pytest.mark.parametrize("token", ["", "x", "x" * 10_000, None])
def test_without_a_session_nothing_is_done(http, path, token):
    headers = {} if token is None else {HEADER: token}
    answer = http.post(f"/personify/{path}", json={"said": "x"}, headers=headers)
    assert answer.status_code == 401 and "reload" in answer.json()["error"]


def test_a_body_that_never_says_how_long_it_is_is_cut_off(http, session):
    def endless():
        for _ in range(100):
            yield b"x" * 10_000

    headers = {"Content-Type": "application/json", **told_by(session)}
    assert http.post("/personify/reply", content=endless(), headers=headers).status_code == 413


FIELDS = ["said", "sound", "spoken_s", "tone"]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner),
    max_leaves=6,
)


@settings(max_examples=25)
@given(path=st.sampled_from(["reply", "interrupt", "try"]), body=JSON)
def test_whatever_json_comes_it_never_breaks(app, path, body):
    nobody = app.context.sessions.open("nobody", "o")  # who has met nobody, so that nothing long is done
    content = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", HEADER: nobody.token}
    answer = httpx.post(f"{app.url}/personify/{path}", content=content, headers=headers)
    assert answer.status_code in (204, 400), (body, answer.text)


def test_a_tone_is_tried_with_the_greeting_before_there_is_an_avatar(http, app):
    making = app.context.sessions.open("making", "o")
    tone = next(iter(studio().tones())).name
    nobody = http.post("/personify/try", json={"tone": tone}, headers=told_by(making))
    assert nobody.status_code == 400
    making.persona = teapot().persona
    answer = http.post("/personify/try", json={"tone": tone, "sound": "opus"}, headers=told_by(making))
    assert answer.status_code == 200 and set(answer.json()) == {"audio", "seconds", "note"}
    assert answer.json()["seconds"] > 0.5 and base64.b64decode(answer.json()["audio"]["data"])[:4] == b"OggS"
    assert [path.name for path in making.folder.iterdir()] == ["files"]
    app.context.sessions.close(making.token)


# files


def test_scripts_come_with_their_type_packed_and_only_once(http):
    plain = http.get("/personify/live/rig.js", headers={"Accept-Encoding": "identity"})
    packed = http.get("/personify/live/rig.js", headers={"Accept-Encoding": "gzip"})
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8" and b"export" in plain.content
    assert packed.headers["content-encoding"] == "gzip" and packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content)
    assert plain.headers["cache-control"] == "no-cache"
    again = http.get("/personify/live/rig.js", headers={"If-None-Match": plain.headers["etag"]})
    assert again.status_code == 304 and again.content == b""


@pytest.mark.parametrize(
    "name", ["none.js", "..%2Fcli.py", "%2e%2e%2fcli.py", "..%5Ccli.py", "", ".", "rig.js%00", "~root"]
)
def test_no_other_file_is_found_among_the_scripts(http, name):
    answer = http.get(f"/personify/live/{name}")
    assert answer.status_code in (404, 405) and b"import" not in answer.content


def test_a_session_s_file_is_shown_downloaded_and_sought_in(http, session):
    url = session.files.put(teapot().clip)
    whole = http.get(url)
    assert whole.content == teapot().clip.read_bytes() and whole.headers["content-type"] == "video/mp4"
    assert whole.headers["content-disposition"].startswith("inline")
    assert "sandbox" in whole.headers["content-security-policy"]
    assert http.get(f"{url}?download").headers["content-disposition"].startswith("attachment")
    part = http.get(url, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206 and part.content == whole.content[10:20]
    assert "private" in whole.headers["cache-control"]


def test_pages_among_the_files_are_only_downloaded(http, session):
    answer = http.get(session.files.put_bytes(b"<script>alert(1)</script>", "page.html"))
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_file_dies_with_its_session_and_its_address_can_t_be_bent(http, app):
    one, other = app.context.sessions.open("one", "o"), app.context.sessions.open("two", "o")
    url = one.files.put_bytes(b"mine", "mine.txt")
    token = url.split("/")[3]
    for bent in (
        f"/personify/files/{token}/other.txt",
        f"/personify/files/{token}/..%2Fmine.txt",
        "/personify/files/x/mine.txt",
    ):
        assert http.get(bent).status_code == 404
    app.context.sessions.close(other.token)
    assert http.get(url).content == b"mine"
    app.context.sessions.close(one.token)
    assert http.get(url).status_code == 404


@pytest.mark.parametrize("path", ["/etc/passwd", "/proc/self/environ", "ui/web/serving.py", "~/.ssh/id_rsa"])
def test_gradio_hands_out_no_file_that_the_app_didn_t(http, path):
    assert http.get(f"/gradio_api/file={path}").status_code in (403, 404)


@pytest.mark.parametrize(
    "path", ["file=http://127.0.0.1:1/x", "file=https://a.example/x", "proxy=http://a.example", "file/http://a.example"]
)
def test_gradio_fetches_nothing_for_who_asks(http, path):
    answer = http.get(f"/gradio_api/{path}")
    assert answer.status_code == 404 and answer.json() == {"error": "there is no such page"}


def test_gradio_fetches_nothing_that_a_call_names(http, monkeypatch):
    fetched = []
    monkeypatch.setattr(processing_utils, "async_ssrf_protected_download", lambda url, **more: fetched.append(url))
    there = "http://a.example/x.png"
    sent = {"path": there, "url": there, "meta": {"_type": "gradio.FileData"}}
    answer = http.post("/gradio_api/run/try_tone", json={"data": [sent, "Hello.", "en"]})
    assert answer.status_code == 500 and "fetched" in answer.json()["error"] and fetched == []


def test_parts_of_gradio_that_nothing_here_uses_are_closed(http):
    asked = {"component_id": 99_999, "session_hash": "x", "fn_name": "x", "data": []}
    assert http.post("/gradio_api/component_server", json=asked).status_code == 404


# who may ask


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", ""])
def test_an_app_on_this_machine_answers_to_its_own_names_alone(http, app, host):
    answer = http.get("/", headers={"Host": host})
    assert answer.status_code in (400, 421)
    port = app.url.rpartition(":")[2]
    for good in (f"localhost:{port}", f"127.0.0.1:{port}", "[::1]:80", "LOCALHOST"):
        assert http.get("/personify/live/rig.js", headers={"Host": good}).status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_site_s_page_may_ask_for_nothing(http, session, said):
    for path in ("/personify/interrupt", "/gradio_api/queue/join", "/gradio_api/upload", "/login"):
        answer = http.post(path, json={}, headers={**said, **told_by(session)})
        assert answer.status_code == 403, path
    own = {"Origin": str(http.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    answer = http.post("/personify/interrupt", json={"spoken_s": None}, headers={**own, **told_by(session)})
    assert answer.status_code == 204


def test_an_upload_that_is_too_large_is_refused_whatever_it_says(http):
    big = b"x" * 4_000_000
    assert http.post("/gradio_api/upload", files={"files": ("a.zip", big)}).status_code == 413

    def unsaid():
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
        for _ in range(40):
            yield b"x" * 100_000
        yield b"\r\n--b--\r\n"

    with suppress(httpx.HTTPError):  # it may hang up in the middle
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        assert http.post("/gradio_api/upload", content=unsaid(), headers=headers).status_code >= 400


@pytest.mark.parametrize(
    "path", ["/", "/health", "/personify/live/rig.js", "/personify/live/none.js", "/config", "/nothing"]
)
def test_every_answer_tells_browsers_to_be_careful(http, path):
    answer = http.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["referrer-policy"] == "same-origin" and "server" not in answer.headers
    policy = answer.headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy.partition("script-src")[2] and "frame-ancestors 'self'" in policy
    assert "access-control-allow-origin" not in answer.headers


def test_a_browser_gets_a_secret_once_and_gradio_tells_nobody_of_the_app(http):
    first = http.get("/")
    cookie = first.headers["set-cookie"]
    assert "personify_owner=" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "set-cookie" not in http.get("/").headers
    assert http.get("/config").json()["analytics_enabled"] is False


def test_the_page_loads_in_chromium_with_scripts_of_its_own_alone(app, browser):
    context = browser.new_context()
    page = context.new_page()
    faults, asked = faults_of(page), []
    page.on("request", lambda request: asked.append(request.url))
    try:
        page.goto(app.url)
        page.wait_for_selector("#personify", state="attached")
        until(lambda: any("/personify/live/main.js" in url for url in asked))
        page.wait_for_function("document.querySelector('#personify textarea, #personify input')")
        assert faults == []
        assert [url for url in asked if not url.startswith((app.url, "data:", "blob:"))] == []
        page.evaluate(
            """() => {
              document.body.insertAdjacentHTML("beforeend", `<img src="x:" onerror="window.hacked = 1">`);
              const script = document.createElement("script");
              script.textContent = "window.hacked = 2";
              document.body.append(script);
            }"""
        )
        elsewhere = page.evaluate("fetch('http://localhost:9/').then(() => 'went', (error) => error.message)")
        page.wait_for_timeout(100)
        assert page.evaluate("window.hacked") is None and elsewhere == "Failed to fetch"
        assert sum("Content Security Policy" in fault for fault in faults) >= 3
    finally:
        context.close()


def test_health_tells_whether_it_runs(http, app):
    answer = http.get("/health")
    assert answer.status_code == 200 and answer.json()["status"] == "ok" and answer.json()["version"]
    app.context.life.state = "ending"
    try:
        assert http.get("/health").status_code == 503
    finally:
        app.context.life.state = "running"


def test_gradio_forgets_a_page_that_was_left(http, app, monkeypatch):
    monkeypatch.setattr(tidying, "AFTER_S", 0.1)
    holder = next(route.app.state_holder for route in app.app.routes if hasattr(getattr(route, "app", None), "blocks"))
    dependencies = http.get("/config").json()["dependencies"]
    load = next(each["id"] for each in dependencies if any(target[1] == "load" for target in each["targets"]))
    http.post("/gradio_api/queue/join", json={"data": [], "session_hash": "left", "fn_index": load})

    def opened():
        return [session for session in app.context.sessions.all() if session.hash == "left"]

    until(lambda: opened() and "left" in holder)
    app.context.sessions.close(opened()[0].token)
    until(lambda: "left" not in holder.session_data)
