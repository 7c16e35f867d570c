"""The endpoints that others call, through the real `gradio_client` and the real `mcp` client."""

import asyncio
import base64
import contextlib
import json
import time
import urllib.error
import urllib.request
import uuid
import zipfile
from functools import partial
from pathlib import Path

import av
import httpx
import own_loop
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError, AuthenticationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from personify.pipelines import STAGES, Stage
from personify.pipelines.bundle import open_avatar
from personify.ui.web.logins import hash_password
from personify.ui.web.serving import Running
from personify.ui.web.settings import read_settings

OWL = "a wise owl professor"
QUICK = {"expert": "sketch", "seed": 3}
ENDPOINTS = {
    "create_avatar", "list_avatars", "persona", "portrait", "greeting", "bundle", "say", "chat", "revise_avatar",
    "remove_avatar", "list_tones", "try_tone", "list_experts",
}  # fmt: skip


@pytest.fixture(scope="module")
def running(studio, tmp_path_factory):
    """An app with a shelf for everybody, which offers MCP."""
    told = read_settings(port=0, shelf=str(tmp_path_factory.mktemp("shelf")), memory=False, mcp=True)
    with Running(told, studio=studio) as app:
        yield app


@pytest.fixture(scope="module")
def apart(studio, tmp_path_factory):
    """An app with a shelf for each browser, whose sessions may make one avatar an hour."""
    told = read_settings(
        port=0, shelf=str(tmp_path_factory.mktemp("shelves")), memory=False, private=True, mcp=True,
        limits={"makes_per_hour": 1},
    )  # fmt: skip
    with Running(told, studio=studio) as app:
        yield app


@pytest.fixture(scope="module")
def owl(running, tmp_path_factory):
    """What the API tells of an avatar on that shelf."""
    with client_of(running, tmp_path_factory.mktemp("made")) as client:
        return client.predict(OWL, api_name="/create_avatar", **QUICK)


@pytest.fixture
def client(running, tmp_path):
    with client_of(running, tmp_path) as found:
        yield found


@contextlib.contextmanager
def client_of(app, folder: Path, **more):
    found = Client(app.url, verbose=False, analytics_enabled=False, download_files=str(folder), **more)
    try:
        yield found
    finally:
        found.close()


def until(true, seconds: float = 10.0) -> None:
    """Waits for what must come true soon."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@contextlib.contextmanager
def all_turns_taken(app, stage: str):
    """Within the block everybody else waits before that stage."""
    gate = app.context.turns.gate()
    with gate:
        gate(Stage(stage, 0.0, 0.0))
        yield


class DyingCaller:
    """Speaks what `gradio_client` does on the wire, and can be gone from one moment to the next."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=10)
        self._config = self._http.get("/config").json()  # with the cookie that tells callers apart
        self._hash = uuid.uuid4().hex

    def __enter__(self):
        self._heartbeat = self._http.send(
            self._http.build_request("GET", f"/gradio_api/heartbeat/{self._hash}"), stream=True
        )
        self._beats = self._heartbeat.iter_raw()
        assert next(self._beats)
        return self

    def __exit__(self, *error) -> None:
        self.die()

    def ask(self, name: str, data: list) -> None:
        index = next(one["id"] for one in self._config["dependencies"] if one["api_name"] == name)
        body = {"data": data, "fn_index": index, "session_hash": self._hash}
        self._http.post("/gradio_api/queue/join", json=body).raise_for_status()

    def die(self) -> None:
        self._heartbeat.close()
        self._http.close()


def sessions_of_callers(app) -> list:
    return [session for session in app.context.sessions.all() if session.hash.startswith("api:")]


def test_the_documented_endpoints_are_the_public_ones(client):
    told = client.view_api(return_format="dict", print_info=False)
    assert {name.removeprefix("/") for name in told["named_endpoints"]} == ENDPOINTS
    assert told["unnamed_endpoints"] == {}
    documented = (Path(__file__).parents[1] / "docs" / "api.md").read_text("utf-8")
    assert all(f"`{name}`" in documented or f"`{name}(" in documented for name in ENDPOINTS)


def test_a_description_becomes_an_avatar_on_the_shelf(running, client, owl):
    assert owl["avatar"] == "a-wise-owl-professor" and owl["nature"] == "owl" and owl["expert"] == "sketch"
    assert owl["greeting"] and owl["tone_reason"] and owl["seed"] == 3
    listed = client.predict(api_name="/list_avatars")
    assert owl["avatar"] in [entry["avatar"] for entry in listed]
    persona = client.predict(owl["avatar"], api_name="/persona")
    assert persona["social"]["name"] == owl["name"] and persona["description"] == OWL
    kept = open_avatar(Path(running.context.settings.shelf) / owl["avatar"])
    assert kept.name == owl["name"]


def test_its_files_are_what_they_say(client, owl, tmp_path):
    with Image.open(client.predict(owl["avatar"], api_name="/portrait")) as picture:
        assert picture.size == (512, 512) and picture.format == "PNG"
    with av.open(client.predict(owl["avatar"], api_name="/greeting")) as clip:
        assert {stream.type for stream in clip.streams} == {"video", "audio"}
    packed = client.predict(owl["avatar"], api_name="/bundle")
    with zipfile.ZipFile(packed) as bundle:
        bundle.extractall(tmp_path / "unpacked")
    assert open_avatar(tmp_path / "unpacked" / owl["avatar"]).name == owl["name"]


def test_it_says_what_it_is_given_in_a_clip(client, owl):
    clip, told = client.predict(owl["avatar"], "The stars are late tonight.", api_name="/say")
    with av.open(clip) as film:
        assert film.duration / av.time_base == pytest.approx(told["seconds"], abs=0.1)
    assert told["note"] is None


def test_it_answers_and_knows_what_was_said_before(client, owl):
    told, sound = client.predict(owl["avatar"], "My name is Ada.", api_name="/chat")
    assert told["text"] and not told["is_language_model"] and told["words_by"] == "builtin"
    with av.open(sound) as voice:
        assert voice.duration > 0
    told, _ = client.predict(owl["avatar"], "What is my name?", api_name="/chat")
    assert "Ada" in told["text"]


def test_tones_are_listed_and_tried(client):
    tones = client.predict(api_name="/list_tones")
    assert {"tone", "title", "description", "languages"} <= set(tones[0])
    sound, told = client.predict(tones[0]["tone"], "Good evening.", api_name="/try_tone")
    assert told["tone"] == tones[0]["tone"]
    with av.open(sound) as voice:
        assert voice.duration / av.time_base == pytest.approx(told["seconds"], abs=0.05)
    assert "sketch" in [expert["expert"] for expert in client.predict(api_name="/list_experts")]


def test_an_avatar_gets_another_voice_and_name_and_is_removed(client):
    made = client.predict("a cheerful turnip", api_name="/create_avatar", **QUICK)
    other = next(tone["tone"] for tone in client.predict(api_name="/list_tones") if tone["tone"] != made["tone"])
    revised = client.predict(made["avatar"], tone=other, name="Gundula", api_name="/revise_avatar")
    assert (revised["avatar"], revised["tone"], revised["name"]) == (made["avatar"], other, "Gundula")
    assert revised["face_seed"] == made["face_seed"]
    assert client.predict(made["avatar"], api_name="/persona")["social"]["name"] == "Gundula"
    client.predict(made["avatar"], api_name="/remove_avatar")
    with pytest.raises(AppError, match="removed"):
        client.predict(made["avatar"], api_name="/persona")


def test_the_stages_are_told_as_they_come(client):
    job = client.submit("a patient snail", api_name="/create_avatar", **QUICK)
    seen = []
    while not job.done():
        found = job.status().progress_data
        if found and (not seen or seen[-1] != found[0].desc):
            seen.append(found[0].desc)
        time.sleep(0.005)
    job.result()
    stages = [name for name in seen if name in STAGES]
    assert len(stages) >= 2 and stages == sorted(stages, key=STAGES.index)


def test_cancelling_a_job_stops_the_work(running, client):
    before = client.predict(api_name="/list_avatars")
    with all_turns_taken(running, "portrait"):
        job = client.submit("a dragon that is not wanted", api_name="/create_avatar", **QUICK)
        until(lambda: running.context.turns.waiting("portrait") == 1)
        until(lambda: "before you" in str(job.status().progress_data))
        job.cancel()
        until(lambda: running.context.turns.waiting("portrait") == 0)
        until(lambda: all(session.stop is None for session in sessions_of_callers(running)))
    assert not [path for session in sessions_of_callers(running) for path in session.folder.glob("making/*")]
    assert client.predict(api_name="/list_avatars") == before


def test_a_caller_who_is_gone_leaves_no_work_and_no_files(running):
    known = {session.token for session in sessions_of_callers(running)}
    with all_turns_taken(running, "portrait"), DyingCaller(running.url) as dying:
        dying.ask("try_tone", ["narrator", "Good evening.", "en"])
        until(lambda: {session.token for session in sessions_of_callers(running)} - known)
        mine = next(session for session in sessions_of_callers(running) if session.token not in known)
        until(lambda: list(mine.folder.glob("handed-out/*/*")))
        dying.ask("create_avatar", ["a dragon that nobody waits for", 3, None, "sketch", None, "brief"])
        until(lambda: running.context.turns.waiting("portrait") == 1)
        dying.die()
        until(lambda: running.context.turns.waiting("portrait") == 0)
        until(lambda: not mine.folder.exists())


def test_what_cannot_be_asked_for_is_refused_in_one_line(client, owl):
    for name, arguments, why in (
        ("/create_avatar", ("x" * 1001,), "1,001 characters; 1,000 are the most"),
        ("/create_avatar", ("  ",), "empty"),
        ("/create_avatar", ("an owl", -1), "seed"),
        ("/create_avatar", ("an owl", 1, "no-such-tone"), "no-such-tone"),
        ("/say", (owl["avatar"], "x" * 2001), "2,001 characters"),
        ("/chat", (owl["avatar"], "\x00\u202e"), "nothing to answer"),
        ("/persona", ("nobody",), "nobody"),
    ):
        with pytest.raises(AppError) as refused:
            client.predict(*arguments, api_name=name)
        assert why in str(refused.value) and "\n" not in str(refused.value)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.one_of(st.text(max_size=120), st.sampled_from(["..", "../x", "/etc/passwd", "a/../b", "~", "."])))
def test_a_key_from_outside_is_never_a_path(client, key):
    with pytest.raises(AppError, match="shelf"):
        client.predict(key, api_name="/persona")


def test_what_one_browser_made_nobody_else_can_name(apart, tmp_path):
    with client_of(apart, tmp_path) as ann, client_of(apart, tmp_path) as ben:
        made = ann.predict(OWL, api_name="/create_avatar", **QUICK)
        assert [entry["avatar"] for entry in ann.predict(api_name="/list_avatars")] == [made["avatar"]]
        assert ben.predict(api_name="/list_avatars") == []
        for name in ("/persona", "/portrait", "/bundle", "/remove_avatar"):
            with pytest.raises(AppError, match="shelf"):
                ben.predict(made["avatar"], api_name=name)
        again = {"cookies": ann.cookies}
        with client_of(apart, tmp_path, httpx_kwargs=again) as later:  # the same browser, another day
            assert later.predict(made["avatar"], api_name="/persona")["description"] == OWL
        asked = partial(with_mcp, apart, lambda mcp: mcp.call_tool("list_avatars", {}))
        assert json.loads(own_loop.run(asked()).content[0].text) == []


def test_an_agent_that_brings_a_secret_finds_what_it_made(apart):
    mine, other = ({"headers": {"Authorization": f"Bearer {secret * 8}"}} for secret in ("mine", "other"))
    asked = {"description": OWL, **QUICK}
    own_loop.run(with_mcp(apart, lambda mcp: mcp.call_tool("create_avatar", asked), **mine))
    for who, count in ((mine, 1), (other, 0), ({}, 0)):
        found = own_loop.run(with_mcp(apart, lambda mcp: mcp.call_tool("list_avatars", {}), **who))
        assert len(json.loads(found.content[0].text)) == count
    short = {"headers": {"Authorization": "Bearer short"}}
    refused = own_loop.run(with_mcp(apart, lambda mcp: mcp.call_tool("list_avatars", {}), **short))
    assert refused.isError and "16 characters" in refused.content[0].text


def test_a_session_may_ask_so_often(apart, tmp_path):
    with client_of(apart, tmp_path) as client:
        with pytest.raises(AppError, match="seed"):  # what is refused counts too
            client.predict(OWL, -1, api_name="/create_avatar")
        with pytest.raises(AppError, match="1 times within an hour"):
            client.predict(OWL, api_name="/create_avatar", **QUICK)
        assert client.predict(api_name="/list_avatars") == []


def test_with_a_login_only_who_is_named_can_call(studio, tmp_path):
    logins = tmp_path / "logins"
    logins.write_text(f"ada:{hash_password('lovelace')}\n")
    told = read_settings(port=0, shelf=str(tmp_path / "shelf"), memory=False, login=logins, mcp=True)
    basic = {"headers": {"Authorization": f"Basic {base64.b64encode(b'ada:lovelace').decode()}"}}
    with Running(told, studio=studio) as app:
        for wrong in (None, ("ada", "byron")):
            with pytest.raises((AuthenticationError, ValueError)), client_of(app, tmp_path, auth=wrong):
                pass
        with client_of(app, tmp_path, auth=("ada", "lovelace")) as ada:
            made = ada.predict(OWL, api_name="/create_avatar", **QUICK)
            assert Path(ada.predict(made["avatar"], api_name="/portrait")).is_file()
        found = own_loop.run(with_mcp(app, lambda mcp: mcp.call_tool("list_avatars", {}), **basic))
        assert [entry["avatar"] for entry in json.loads(found.content[0].text)] == [made["avatar"]]
        with pytest.raises(ExceptionGroup):
            own_loop.run(with_mcp(app, lambda mcp: mcp.list_tools()))


def test_no_agent_is_served_unless_that_was_asked_for(studio, tmp_path):
    with Running(read_settings(port=0, shelf=str(tmp_path), memory=False), studio=studio) as app:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{app.url}/gradio_api/mcp/")
        assert refused.value.code == 404


async def with_mcp(app, work, **more):
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with (
        httpx.AsyncClient(timeout=30, **more) as http,
        streamable_http_client(f"{app.url}/gradio_api/mcp/", http_client=http) as (reading, writing, _),
        ClientSession(reading, writing) as session,
    ):
        await session.initialize()
        return await work(session)


def test_an_agent_reads_what_each_tool_does(running):
    found = own_loop.run(with_mcp(running, lambda mcp: mcp.list_tools())).tools
    tools = {tool.name: tool for tool in found}
    assert set(tools) == ENDPOINTS
    create = tools["create_avatar"]
    assert "character" in create.description and create.inputSchema["required"] == ["description"]
    for tool in tools.values():
        told = tool.inputSchema["properties"]
        assert "request" not in told and all(value["description"] for value in told.values()), tool.name


def test_an_agent_makes_an_avatar_and_makes_it_speak(running):
    told_of = []

    async def work(mcp):
        async def on_progress(done, of, message):
            told_of.append((done, of, message))

        made = await mcp.call_tool(
            "create_avatar", {"description": "a shy lantern", **QUICK}, progress_callback=on_progress
        )
        avatar = json.loads(made.content[0].text)
        clip = await mcp.call_tool("say", {"avatar": avatar["avatar"], "text": "It is dark tonight."})
        picture = await mcp.call_tool("portrait", {"avatar": avatar["avatar"]})
        reply = await mcp.call_tool("chat", {"avatar": avatar["avatar"], "said": "Who are you?"})
        return avatar, clip, picture, reply

    avatar, clip, picture, reply = own_loop.run(with_mcp(running, work))
    assert avatar["nature"] == "lantern"
    assert {"persona", "clip"} <= {message for _, _, message in told_of}
    url, told = (content.text for content in clip.content)
    assert json.loads(told)["seconds"] > 0.5
    with urllib.request.urlopen(url) as answer:
        assert answer.headers["Content-Type"] == "video/mp4" and b"ftyp" in answer.read()[:64]
    assert picture.content[0].type == "image" and picture.content[0].mimeType == "image/png"
    assert json.loads(reply.content[0].text)["text"]


def test_an_agent_is_told_in_one_line_what_is_wrong(running):
    told = own_loop.run(with_mcp(running, lambda mcp: mcp.call_tool("persona", {"avatar": "nobody"})))
    assert told.isError and "nobody" in told.content[0].text and "\n" not in told.content[0].text


def test_an_agent_who_hangs_up_stops_the_work(running):
    async def work(mcp):
        asked = asyncio.create_task(mcp.call_tool("create_avatar", {"description": "a forgotten dragon", **QUICK}))
        while not running.context.turns.waiting("portrait"):
            await asyncio.sleep(0.02)
        asked.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asked

    with all_turns_taken(running, "portrait"):
        own_loop.run(with_mcp(running, work))
        until(lambda: running.context.turns.waiting("portrait") == 0)
