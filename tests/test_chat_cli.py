"""`personify chat`: through pipes, as JSON, with a player of sound, and interrupted by Ctrl-C."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from chat_parts import teapot
from typer.testing import CliRunner

from personify.ui.cli import app
from personify.ui.playing import PLAYERS, Playback, Player, find_player
from personify.voices import load_tones, speak

PERSONIFY = [sys.executable, "-m", "personify.ui.cli"]
posix = pytest.mark.skipif(os.name != "posix", reason="signals and scripts")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("PERSONIFY_MEMORY", str(tmp_path / "memory.db"))

    def call(said, *arguments):
        return CliRunner().invoke(app, ["chat", str(teapot().folder), *map(str, arguments)], input=said)

    return call


def values(result):
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_chat_through_pipes_shows_who_it_is_and_what_answers(run):
    result = run("Who are you?\n", "--llm", "builtin", "--no-memory")
    assert result.exit_code == 0, result.output
    name = teapot().name
    assert name in result.stdout and "not a language model" in result.stdout
    assert teapot().persona.speaking.greeting in result.stdout
    assert result.stdout.count(f"{name}: ") == 2 and "\x1b" not in result.stdout


def test_json_is_one_value_a_line_and_without_the_sound(run):
    told = values(run("Who are you?\n\n/quit\nNever said.\n", "--llm", "builtin", "--json", "--no-memory"))
    assert told[0]["piece"] == "chat" and told[0]["language_model"] is False
    kinds = [each["piece"] for each in told[1:]]
    assert kinds[-1] == "said" and kinds.count("said") == 1 and {"text", "speech", "face"} <= set(kinds)
    assert "".join(each["text"] for each in told if each["piece"] == "text").strip() == told[-1]["text"]
    assert not any("wav" in each for each in told)


def test_what_was_said_is_remembered_by_user(run):
    run("My name is Ada.\n", "--llm", "builtin", "--user", "ada")
    again = run("What is my name?\n", "--llm", "builtin", "--user", "ada")
    other = run("What is my name?\n", "--llm", "builtin", "--user", "bob")
    assert "Ada" in again.stdout and "Ada" not in other.stdout


def test_a_folder_for_clips_that_can_be_none_is_refused_by_name(run, tmp_path):
    (tmp_path / "taken").write_text("mine")
    result = run("Hi\n", "--llm", "builtin", "--no-memory", "--out", tmp_path / "taken")
    assert result.exit_code == 2 and "taken" in result.stderr and "--out" in result.stderr


def test_a_clip_that_has_no_place_ends_no_chat(run):
    told = values(run("Who are you?\n/save a\0b.mp4\nHi\n", "--llm", "builtin", "--json", "--no-memory"))
    kinds = [each["piece"] for each in told]
    assert kinds.count("trouble") == 1 and kinds.count("said") == 2


@posix
def test_a_chat_whose_input_is_closed_ends_after_its_greeting():
    command = [*PERSONIFY, "chat", str(teapot().folder), "--llm", "builtin", "--no-memory"]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *command], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0 and done.stderr == "" and teapot().name in done.stdout


def test_each_reply_becomes_a_clip_with_out(run, tmp_path):
    result = run(
        f"Hello!\n/save {tmp_path / 'again.mp4'}\n",
        "--llm",
        "builtin",
        "--no-memory",
        "--out",
        tmp_path / "clips",
        "--json",
    )
    clips = [each for each in values(result) if each["piece"] in ("clip", "trouble")]
    assert [each["clip"] for each in clips] == [str(tmp_path / "clips" / "reply-001.mp4"), str(tmp_path / "again.mp4")]
    assert all(Path(each["clip"]).stat().st_size > 5000 for each in clips)


def test_save_says_what_it_needs(run, tmp_path):
    result = run(f"/save\n/save {tmp_path / 'early.mp4'}\n/help\n", "--llm", "builtin", "--no-memory")
    assert "/save FILE.mp4" in result.stderr and "no reply" in result.stderr and "/quit" in result.stdout
    assert not (tmp_path / "early.mp4").exists()


def test_a_model_streams_and_its_trouble_is_told(run, server):
    server.behave(reply=lambda body: "Good\x1b[31m evening. Mind the lid.")
    result = run("Hello!\n", "--llm", f"{server.url}#tiny", "--no-memory")
    assert "Good\\x1b[31m evening. Mind the lid." in result.stdout and "tiny" in result.stdout
    gone = run("Hello!\nStill there?\n", "--llm", "http://127.0.0.1:9/v1#tiny", "--no-memory")
    assert gone.exit_code == 0 and gone.stderr.count("can't be reached") == 2 and "Traceback" not in gone.output


def test_bad_usage_is_refused_before_anything_is_said(run):
    for arguments, said in ((("--llm", "gpt"), "gpt"), (("--user", ""), "blank"), (("--facts", "guessed"), "guessed")):
        result = run("Hello!\n", *arguments)
        assert result.exit_code == 2 and said in result.stderr and not result.stdout
    assert CliRunner().invoke(app, ["chat", "nowhere"]).exit_code == 2


@posix
def test_ctrl_c_interrupts_the_reply_and_the_chat_goes_on(server):
    server.behave(reply=lambda body: "I once saw a comet. It was green. " * 40, hang_s=0.05)
    command = [*PERSONIFY, "chat", str(teapot().folder), "--llm", f"{server.url}#tiny", "--no-memory", "--no-play"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as chat:
        chat.stdin.write("Tell me a story\n")
        chat.stdin.flush()
        watch = threading.Timer(60, chat.kill)  # a test that waits for what never comes must end
        watch.start()
        shown = ""
        while shown.count("It was green.") < 2:
            shown += chat.stdout.read(1) or pytest.fail(shown)
        began = time.monotonic()
        chat.send_signal(signal.SIGINT)
        assert server.hung_up.wait(1.0) and time.monotonic() - began < 1.0
        while not shown.endswith(")\n"):
            shown += chat.stdout.read(1) or pytest.fail(shown)
        assert "(interrupted after: I once saw a comet." in shown
        server.behave(reply=lambda body: "Very well.", hang_s=0.0)
        rest, _ = chat.communicate("Stop, please\n", timeout=60)
        watch.cancel()
        assert chat.returncode == 0 and "Very well." in rest
    assert server.asked[-1]["messages"][-2]["content"].startswith("I once saw a comet.")


@posix
def test_a_kill_ends_the_chat_also_while_it_speaks(server):
    server.behave(reply=lambda body: "I once saw a comet. " * 40, hang_s=0.05)
    command = [*PERSONIFY, "chat", str(teapot().folder), "--llm", f"{server.url}#tiny", "--no-memory"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as chat:
        chat.stdin.write(b"Tell me a story\n")
        chat.stdin.flush()
        watch = threading.Timer(60, chat.kill)
        watch.start()
        shown = b""
        while b"comet" not in shown:
            shown += chat.stdout.read(1) or pytest.fail(shown.decode())
        watch.cancel()
        chat.send_signal(signal.SIGTERM)
        assert chat.wait(20) == 130


@pytest.fixture
def player(tmp_path, monkeypatch):
    """A player of sound that keeps what it was given, for as long as the sound lasts."""

    def install(script):
        program = tmp_path / "bin" / "aplay"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
        return program.with_name("aplay.heard")

    return install


def _speech(text="I once saw a comet."):
    return speak(text, next(iter(load_tones().values())))


@posix
def test_sound_goes_to_the_player_whole_and_in_order(player):
    heard = player('cat > "$0.heard"')
    found = next(each for each in PLAYERS if each.name == "aplay")
    playback = Playback(found)
    one, two = _speech(), _speech("It was green.")
    began = time.monotonic()
    playback.play(one)
    playback.play(two)
    assert playback.heard_s < 0.2
    playback.wait()
    took = time.monotonic() - began
    assert heard.stat().st_size == 2 * (len(one.samples) + len(two.samples)) and playback.failed is None
    assert took > one.duration_s  # it is handed over in time, not at once


@posix
def test_stopping_is_at_once_and_says_how_much_was_heard(player):
    player("cat > /dev/null")
    playback = Playback(next(each for each in PLAYERS if each.name == "aplay"))
    speech = _speech("I once saw a comet, and it was green, and it was very late, and nobody was awake.")
    playback.play(speech)
    time.sleep(0.8)
    began = time.monotonic()
    heard_s = playback.stop()
    assert time.monotonic() - began < 0.3 and 0.5 < heard_s < 0.9 < speech.duration_s
    playback.play(speech)
    assert playback.heard_s <= heard_s + 0.5


@posix
@pytest.mark.parametrize("script", ["exit 3", "exec 0<&-; exit 1"])
def test_a_player_that_fails_is_told(player, script):
    player(script)
    playback = Playback(next(each for each in PLAYERS if each.name == "aplay"))
    playback.play(_speech())
    playback.wait()
    assert "aplay can't play sound here" in playback.failed


def test_a_player_that_is_not_there_is_told():
    playback = Playback(Player("no-such-player", ()))
    playback.play(_speech())
    playback.wait()
    assert "no-such-player can't play sound here" in playback.failed


@posix
def test_a_player_is_found_where_one_is(player, monkeypatch):
    player("cat > /dev/null")
    assert find_player().command(22050)[:3] == ["aplay", "-q", "-t"] and "22050" in find_player().command(22050)
    monkeypatch.setenv("PATH", "/nonexistent")
    assert find_player() is None
