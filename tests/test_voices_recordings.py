"""Recordings: every usual format becomes the same samples, and what can't be used is refused in one line."""

from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personify.voices.errors import BadInput
from personify.voices.recordings import LONGEST_S, SAMPLE_RATE_HZ, read_recording

TONE_HZ = 220.0
ENCODINGS = {
    "plain.wav": ("pcm_s16le", 44100, 1),
    "eight-bit.wav": ("pcm_u8", 8000, 1),
    "studio.wav": ("pcm_s24le", 96000, 2),
    "stereo.mp3": ("libmp3lame", 44100, 2),
    "phone.ogg": ("libopus", 48000, 1),
    "stereo.flac": ("flac", 48000, 2),
    "phone.m4a": ("aac", 44100, 1),
}


def write(path: Path, codec: str, rate_hz: int, channels: int = 1, *, seconds=2.0, peak=0.4) -> Path:
    """A tone of 220 Hz, the same in every channel."""
    times = np.arange(int(rate_hz * seconds)) / rate_hz
    tone = (peak * np.sin(2 * np.pi * TONE_HZ * times)).astype(np.float32)
    layout = "stereo" if channels == 2 else "mono"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        stream.codec_context.open()
        fitting = av.AudioResampler(
            stream.codec_context.format, layout, rate_hz, frame_size=stream.codec_context.frame_size or 1024
        )
        frame = av.AudioFrame.from_ndarray(np.tile(tone, (channels, 1)), "fltp", layout)
        frame.sample_rate = rate_hz
        for part in (*fitting.resample(frame), *fitting.resample(None)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def pitch_hz(samples: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(samples)).argmax() * SAMPLE_RATE_HZ / len(samples))


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_usual_format_gives_the_same_tone(tmp_path, name):
    samples, rate_hz = read_recording(write(tmp_path / name, *ENCODINGS[name]))
    assert rate_hz == SAMPLE_RATE_HZ
    assert samples.dtype == np.float32 and samples.ndim == 1
    assert len(samples) / rate_hz == pytest.approx(2.0, abs=0.06)
    assert pitch_hz(samples) == pytest.approx(TONE_HZ, abs=1)
    assert np.sqrt((samples**2).mean()) == pytest.approx(0.4 / np.sqrt(2), rel=0.07), "the loudness is left alone"


def test_the_sound_of_a_video(tmp_path):
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=25)
        picture.width = picture.height = 64
        picture.pix_fmt = "yuv420p"
        sound = container.add_stream("aac", rate=44100, layout="mono")
        for _ in range(25):
            container.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")))
        container.mux(picture.encode(None))
        for i in range(43):
            tone = 0.3 * np.sin(2 * np.pi * TONE_HZ * (np.arange(1024) + 1024 * i) / 44100)
            frame = av.AudioFrame.from_ndarray(tone[None].astype(np.float32), "fltp", "mono")
            frame.sample_rate, frame.pts = 44100, 1024 * i
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    assert pitch_hz(read_recording(path).samples) == pytest.approx(TONE_HZ, abs=2)


def test_channels_that_differ_are_averaged(tmp_path):
    path = tmp_path / "left.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=22050, layout="stereo")
        sides = np.zeros((1, 2 * 22050), np.int16)
        sides[0, ::2] = 16384
        frame = av.AudioFrame.from_ndarray(sides, "s16", "stereo")
        frame.sample_rate = 22050
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert np.median(read_recording(path).samples) == pytest.approx(0.25, abs=1e-3)


def test_what_is_too_loud_is_clipped_and_kept(tmp_path):
    samples = read_recording(write(tmp_path / "loud.wav", "pcm_f32le", 22050, peak=5.0)).samples
    assert samples.max() == 1 and samples.min() == -1


def test_what_is_left_of_a_broken_file_is_taken_if_it_is_most_of_it(tmp_path):
    for name in ("plain.wav", "stereo.mp3", "stereo.flac"):
        whole = write(tmp_path / name, *ENCODINGS[name]).read_bytes()
        (tmp_path / f"most-{name}").write_bytes(whole[: len(whole) * 4 // 5])
        samples, rate_hz = read_recording(tmp_path / f"most-{name}")
        assert 1.3 < len(samples) / rate_hz < 1.7


@pytest.mark.parametrize("name", ["plain.wav", "stereo.flac", "phone.m4a"])
def test_too_little_left_of_a_broken_file_is_refused(tmp_path, name):
    whole = write(tmp_path / name, *ENCODINGS[name]).read_bytes()
    (tmp_path / f"cut-{name}").write_bytes(whole[: len(whole) * 3 // 10])
    with pytest.raises(BadInput, match=r"can be read"):
        read_recording(tmp_path / f"cut-{name}")


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        read_recording(path)
    message = str(caught.value)
    assert "\n" not in message and len(message) < 300
    return message


def test_what_is_no_recording_is_refused(tmp_path):
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.wav").write_text("not a sound, only words. " * 40)
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:2,\nplain.wav\n")
    (tmp_path / "list.ffconcat").write_text("ffconcat version 1.0\nfile plain.wav\n")
    write(tmp_path / "plain.wav", "pcm_s16le", 22050)
    assert "is empty" in refusal(tmp_path / "empty.wav")
    for name in ("text.wav", "list.m3u8", "list.ffconcat"):
        assert "no recording" in refusal(tmp_path / name)
    assert "is a folder" in refusal(tmp_path)
    assert "there is no file" in refusal(tmp_path / "missing.wav")
    assert "there is no file" in refusal(Path("http://example.org/a.mp3"))
    assert "can't be opened" in refusal(Path("a\0b"))


def test_silence_and_a_blink_of_sound_are_refused(tmp_path):
    assert "is silent" in refusal(write(tmp_path / "silent.flac", "flac", 22050, peak=0.0))
    assert "holds no sound" in refusal(write(tmp_path / "short.wav", "pcm_s16le", 22050, seconds=0.02))


def test_a_video_without_sound_is_refused(tmp_path):
    with av.open(str(tmp_path / "mute.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")))
        container.mux(stream.encode(None))
    assert "no sound in mute.mp4" in refusal(tmp_path / "mute.mp4")


def test_two_hours_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    def decode(*_):
        raise AssertionError("decoded")

    path = write(tmp_path / "lecture.flac", "flac", 8000, seconds=LONGEST_S + 30)
    monkeypatch.setattr("personify.voices.recordings._decode", decode)
    assert "longer than 30 minutes" in refusal(path)


def test_a_file_that_hides_its_length_is_refused_while_decoding(tmp_path, monkeypatch):
    monkeypatch.setattr("personify.voices.recordings.LONGEST_S", 1.0)
    monkeypatch.setattr("personify.voices.recordings._promised_s", lambda *_: 0.0)
    assert "longer than" in refusal(write(tmp_path / "long.wav", "pcm_s16le", 22050))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["plain.wav", "stereo.mp3", "stereo.flac", "phone.ogg"]), st.integers(0, 2**32), st.floats(0, 1))
def test_damage_never_gives_more_than_an_error(tmp_path, name, seed, where):
    path = tmp_path / name
    whole = bytearray((path if path.exists() else write(path, *ENCODINGS[name])).read_bytes())
    at = int(where * len(whole))
    whole[at : at + 200] = np.random.default_rng(seed).bytes(min(200, len(whole) - at))
    (tmp_path / f"hurt-{name}").write_bytes(whole)
    try:
        samples, _ = read_recording(tmp_path / f"hurt-{name}")
    except BadInput:
        return
    assert np.isfinite(samples).all() and np.abs(samples).max() <= 1
