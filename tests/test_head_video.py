"""Clips: they play in browsers, sound and picture agree, and what goes wrong leaves nothing behind."""

import threading
import weakref

import av
import numpy as np
import pytest
from head_parts import RATE_HZ, speech_of

from personify.avatar.video import write_clip
from personify.voices.errors import PersonifyError
from personify.voices.speech import Speech


def flash_and_click(seconds=1.0, at=0.52, fps=25):
    """A white frame and a click at the same moment."""
    samples = np.zeros(round(seconds * RATE_HZ), np.float32)
    samples[round(at * RATE_HZ) : round((at + 1 / fps) * RATE_HZ)] = 0.8
    frames = [np.full((64, 80, 3), 255 * (i == int(at * fps)), np.uint8) for i in range(round(seconds * fps))]
    return frames, Speech("", samples, RATE_HZ, ())


def decoded(path):
    with av.open(str(path)) as container:
        pictures = [(float(f.time), f.to_ndarray(format="rgb24")) for f in container.decode(video=0)]
    with av.open(str(path)) as container:
        sound = [(float(f.time), f.to_ndarray()[0], f.sample_rate) for f in container.decode(audio=0)]
    return pictures, sound


def test_a_clip_is_what_browsers_play(tmp_path):
    frames, speech = flash_and_click()
    clip = write_clip(tmp_path / "clip.mp4", frames, speech, fps=25)
    assert (clip.frames, clip.width, clip.height, clip.fps) == (25, 80, 64, 25)
    assert clip.seconds == pytest.approx(1.0)
    with av.open(str(clip.path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.pix_fmt, video.average_rate) == ("h264", "yuv420p", 25)
        assert audio.codec_context.name == "aac"
        assert audio.rate in (44100, 48000)
    data = clip.path.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat"), "the index comes first"


def test_sound_and_picture_agree_within_a_frame(tmp_path):
    frames, speech = flash_and_click()
    pictures, sound = decoded(write_clip(tmp_path / "clip.mp4", frames, speech, fps=25).path)
    flash = max(pictures, key=lambda p: p[1].mean())[0]
    rate = sound[0][2]
    heard = np.concatenate([piece for _, piece, _ in sound])
    click = sound[0][0] + np.flatnonzero(np.abs(heard) > 0.4)[0] / rate
    assert abs(click - flash) <= 0.04
    assert len(pictures) == 25


def test_colours_survive(tmp_path):
    colours = np.array([[200, 40, 40], [40, 160, 60], [50, 60, 200], [230, 220, 210]], np.uint8)
    frame = np.repeat(np.repeat(colours.reshape(2, 2, 3), 32, 0), 32, 1)
    pictures, _ = decoded(write_clip(tmp_path / "c.mp4", [frame] * 5, speech_of((("a", 0.2, 0),)), fps=25).path)
    with av.open(str(tmp_path / "c.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_range) == (1, 1), "BT.709, limited range"
    assert pictures[-1][1].shape == frame.shape


def test_odd_sizes_are_cut_to_even_ones(tmp_path):
    clip = write_clip(tmp_path / "c.mp4", [np.zeros((65, 81, 3), np.uint8)] * 3, speech_of((("a", 0.12, 0),)))
    assert (clip.width, clip.height) == (80, 64)


def test_frames_are_taken_as_they_come(tmp_path):
    """Never more than a few are drawn ahead of the encoder, however long the speech."""

    class Frame(np.ndarray):
        """An array that can be watched."""

    def frames():
        drawn = []
        for _ in range(200):
            frame = np.zeros((64, 64, 3), np.uint8).view(Frame)
            drawn.append(weakref.ref(frame))
            most.append(sum(one() is not None for one in drawn))
            yield frame
            del frame

    most: list[int] = []
    write_clip(tmp_path / "c.mp4", frames(), speech_of((("a", 8.0, 0),)))
    assert max(most) < 12


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_what_goes_wrong_while_drawing_leaves_nothing(tmp_path, error):
    def frames():
        yield from [np.zeros((64, 64, 3), np.uint8)] * 20
        raise error("stop")

    with pytest.raises(error):
        write_clip(tmp_path / "c.mp4", frames(), speech_of())
    assert list(tmp_path.iterdir()) == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("clip")]


def test_an_old_clip_survives_a_failed_one(tmp_path):
    path = tmp_path / "c.mp4"
    path.write_bytes(b"old")

    def frames():
        yield np.zeros((64, 64, 3), np.uint8)
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_clip(path, frames(), speech_of())
    assert path.read_bytes() == b"old"


def test_errors_are_named(tmp_path):
    frame = np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(PersonifyError, match="no frames"):
        write_clip(tmp_path / "c.mp4", [], speech_of())
    with pytest.raises(PersonifyError, match="could not be written"):
        write_clip(tmp_path / "missing" / "c.mp4", [frame], speech_of())
    assert list(tmp_path.iterdir()) == []


def test_frames_of_another_size_are_refused(tmp_path):
    frames = [np.zeros((64, 64, 3), np.uint8), np.zeros((32, 32, 3), np.uint8)]
    with pytest.raises(PersonifyError, match="size"):
        write_clip(tmp_path / "c.mp4", frames, speech_of())
    assert list(tmp_path.iterdir()) == []
