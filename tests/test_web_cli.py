"""`personify ui`: how it starts, what it says, and that it ends within seconds whatever still streams."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from chat_parts import studio, teapot
from typer.testing import CliRunner

from personify.ui.cli import app
from personify.ui.web import serving
from personify.ui.web.logins import read_logins
from personify.ui.web.scratch import PREFIX
from personify.ui.web.serving import Running
from personify.ui.web.settings import WebSettings, read_settings

posix = pytest.mark.skipif(os.name != "posix", reason="signals")


def until(true, within_s=20.0):
    at = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < at, "it never became true"
        time.sleep(0.01)


@pytest.fixture
def run():
    return lambda *arguments, **more: CliRunner().invoke(app, ["ui", *map(str, arguments)], **more)


@posix
@pytest.mark.parametrize(("how", "warm", "within_s"), [(signal.SIGINT, "false", 3.0), (signal.SIGTERM, "true", 15.0)])
def test_it_ends_within_seconds_while_pages_listen_and_leaves_nothing(tmp_path, how, warm, within_s):
    """Also while it still loads: what it imports just then it has to import first."""
    (tmp_path / "personify.toml").write_text(
        f"[web]\nwarm = {warm}\nport = 0\nshelf = '{tmp_path}/shelf'\nasr = 'none'\n"
    )
    env = os.environ | {"TMPDIR": str(tmp_path), "PERSONIFY_CONFIG": str(tmp_path / "personify.toml")}
    process = subprocess.Popen(
        [sys.executable, "-m", "personify.ui.cli", "ui", "--llm", "builtin", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env,
    )  # fmt: skip
    listening, ended = threading.Event(), threading.Event()
    try:
        url = json.loads(process.stdout.readline())["url"]
        assert httpx.get(f"{url}/health", timeout=20).json()["status"] == "ok"
        assert len(list(tmp_path.glob(f"{PREFIX}*"))) == 1

        def listen():
            with httpx.stream("GET", f"{url}/gradio_api/heartbeat/page", timeout=None) as answer:
                listening.set()
                with suppress(httpx.HTTPError):
                    for _ in answer.iter_raw():
                        pass
            ended.set()

        threading.Thread(target=listen, daemon=True).start()
        assert listening.wait(20)
        asked = time.monotonic()
        process.send_signal(how)
        assert process.wait(30) == 0
        took = time.monotonic() - asked
    finally:
        process.kill()
        rest, errors = process.communicate()
    assert took < within_s
    assert rest == "" and errors == ""
    assert ended.wait(5)
    assert list(tmp_path.glob("personify-*")) == []


def test_a_running_app_and_its_threads_end_together(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "UPLOADS_KEPT_S", (1, 1))
    before = {thread.name for thread in threading.enumerate()}
    told = WebSettings(port=0, shelf=str(tmp_path), llm="builtin", asr="none", memory=False)
    with Running(told, studio=studio()) as running:
        session = running.context.sessions.open("x", "o")
        session.meet(teapot())
        scratch = running.context.scratch.folder
        assert scratch.is_dir()
        (upload,) = httpx.post(f"{running.url}/gradio_api/upload", files={"files": ("a.zip", b"x")}).json()
        until(lambda: not Path(upload).exists())  # what nobody reads isn't kept
    assert not scratch.exists() and session.chat is None
    until(lambda: not {t.name for t in threading.enumerate() if t.name.startswith("web-server")} - before)


def test_a_port_that_is_taken_is_named_with_the_way_out(run, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("--port", port, "--shelf", tmp_path)
    assert result.exit_code == 2 and str(port) in result.stderr and "--port" in result.stderr


def test_an_address_that_isn_t_ours_is_named_with_the_way_out(run, tmp_path):
    result = run("--host", "nowhere.invalid", "--port", "0", "--shelf", tmp_path)
    assert result.exit_code == 2 and "nowhere.invalid" in result.stderr and "--host" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--login", "none"), "can't be read"),
        (("--llm", "nonsense"), "nonsense"),
        (("--shelf", "nonsense://x"), "nonsense"),
        (("--asr", ""), "--asr"),
    ],
)
def test_what_can_t_be_is_refused_before_anything_is_served(run, tmp_path, arguments, says, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = run("--port", "0", *arguments)
    assert result.exit_code in (1, 2) and says in result.stderr and "Traceback" not in result.stderr
    assert list(tmp_path.glob(f"{PREFIX}*")) == []


def test_without_the_extra_it_says_how_to_get_it(run, monkeypatch):
    monkeypatch.setattr(serving, "find_spec", lambda name: None)
    result = run("--port", "0")
    assert result.exit_code == 1 and "pip install 'personify[ui]'" in result.stderr


def test_a_hash_comes_from_a_pipe_and_opens_the_door(run, tmp_path):
    result = run("--hash", input="lace\n")
    assert result.exit_code == 0 and "lace" not in result.stdout
    (tmp_path / "logins").write_text(f"ada:{result.stdout.strip()}\n")
    assert read_logins(tmp_path / "logins").check("ada", "lace")
    assert run("--hash", input="").exit_code == 2


def test_help_costs_nothing_of_the_web_app():
    code = (
        "import sys; sys.argv = ['personify', 'ui', '--help']\n"
        "try:\n    from personify.ui.cli import main; main()\nexcept SystemExit: pass\n"
        "print({'gradio', 'fastapi', 'uvicorn', 'cv2', 'torch'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert told.stdout.strip().endswith("set()")


def test_what_the_guide_names_exists(tmp_path, monkeypatch, run):
    guide = (Path(__file__).parents[1] / "docs" / "serving.md").read_text("utf-8")
    known = run("--help", env={"COLUMNS": "200"}).stdout
    named = set(re.findall(r"`(--[a-z-]+)", guide)) | set(re.findall(r"personify ui[^\n#]*?(--[a-z-]+)", guide))
    assert len(named) > 10 and not [option for option in named if option not in known]
    (tmp_path / "personify.toml").write_text(re.search(r"```toml\n(.*?)```", guide, re.DOTALL)[1])
    monkeypatch.setenv("PERSONIFY_CONFIG", str(tmp_path / "personify.toml"))
    settings = read_settings()
    usual = WebSettings()
    assert settings.turns == usual.turns
    assert settings.limits == usual.limits.model_copy(update={"makes_per_hour": 30})
