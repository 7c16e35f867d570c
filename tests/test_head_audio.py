"""`personify say --audio`: any usable recording is spoken, with its text or without; others are refused in a line."""

import itertools
import json
import wave

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from personify.ui.cli import app
from personify.voices import load_tones, speak

WORDS = "Mama may buy a boat."


@pytest.fixture(scope="module")
def spoken():
    """A recording of another tone than the avatar's: float32 samples at 22,050 Hz."""
    return speak(WORDS, load_tones()[min(load_tones())])


@pytest.fixture
def say(teapot):
    def call(*arguments):
        return CliRunner().invoke(app, ["say", str(teapot.folder), *map(str, arguments)])

    return call


def write_wav(path, samples, rate_hz, *, channels=1, width=2):
    data = np.repeat(np.clip(samples, -1, 1)[:, None], channels, axis=1)
    whole = ((data * 127 + 128).astype("u1")) if width == 1 else (data * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(whole.tobytes())
    return path


def clip_seconds(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["seconds"]


def mouths_open(path):
    """How much the lower half of the picture moves from frame to frame."""
    with av.open(str(path)) as film:
        frames = [frame.to_ndarray(format="gray")[::4, ::4].astype(int) for frame in film.decode(video=0)]
    return np.mean([np.abs(a - b).mean() for a, b in itertools.pairwise(frames)])


@pytest.mark.parametrize("text", [(WORDS,), ()], ids=["with its text", "alone"])
def test_a_recording_is_spoken(say, spoken, tmp_path, text):
    sound = write_wav(tmp_path / "hello.wav", spoken.samples, spoken.sample_rate_hz)
    result = say(*text, "--audio", sound, "--out", tmp_path / "clip.mp4", "--json")
    assert clip_seconds(result) == pytest.approx(spoken.duration_s, abs=0.1)
    assert mouths_open(tmp_path / "clip.mp4") > 0.05


@pytest.mark.parametrize("kind", ["8-bit", "stereo", "96 kHz", "clipped"])
def test_odd_recordings_are_spoken_too(say, spoken, tmp_path, kind):
    samples, rate_hz = spoken.samples, spoken.sample_rate_hz
    if kind == "96 kHz":
        samples = np.interp(np.arange(0, len(samples), rate_hz / 96000), np.arange(len(samples)), samples)
        rate_hz = 96000
    sound = write_wav(
        tmp_path / "odd.wav",
        samples * (20 if kind == "clipped" else 1),
        rate_hz,
        channels=2 if kind == "stereo" else 1,
        width=1 if kind == "8-bit" else 2,
    )
    result = say("--audio", sound, "--out", tmp_path / "clip.mp4", "--json")
    assert clip_seconds(result) == pytest.approx(spoken.duration_s, abs=0.1)


def test_the_clip_is_named_after_the_recording(teapot, say, spoken, tmp_path):
    sound = write_wav(tmp_path / "Good Morning.wav", spoken.samples, spoken.sample_rate_hz)
    result = say("--audio", sound, "--json", "--force")
    assert json.loads(result.stdout)["clip"].endswith(f"{teapot.folder.name}--good-morning.mp4")


BAD = {
    "missing": lambda path, spoken: None,
    "empty": lambda path, spoken: path.write_bytes(b""),
    "no samples": lambda path, spoken: write_wav(path, np.zeros(0), 22050),
    "silent": lambda path, spoken: write_wav(path, np.zeros(44100), 22050),
    "not audio": lambda path, spoken: path.write_text("To whom it may concern: this is a letter. " * 50),
    "a folder": lambda path, spoken: path.mkdir(),
    "truncated": lambda path, spoken: path.write_bytes(
        write_wav(path, spoken.samples, spoken.sample_rate_hz).read_bytes()[:9000]
    ),
    "two hours": lambda path, spoken: write_wav(path, np.zeros(2 * 3600 * 1000), 1000, width=1),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_spoken_is_one_line(say, spoken, tmp_path, left_in, kind):
    sound = tmp_path / "bad.wav"
    BAD[kind](sound, spoken)
    result = say("--audio", sound, "--out", tmp_path / "out" / "clip.mp4")
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("personify: ")
    assert result.stderr.count("\n") == 1
    assert "bad.wav" in result.stderr
    assert not result.stdout
    assert left_in(tmp_path / "out") == []


def test_neither_text_nor_recording(say, tmp_path):
    result = say("--out", tmp_path / "clip.mp4")
    assert result.exit_code == 2
    assert "nothing to say; give a text" in result.stderr
