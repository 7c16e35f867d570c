"""Clips: they play in browsers, sound and picture agree, and what goes wrong leaves nothing behind."""

import itertools
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import av
import numpy as np
import pytest
from head_parts import RATE_HZ, speech_of

from personify.avatar.video import write_clip
from personify.avatar.yuv import yuv420p
from personify.voices.errors import BadInput, PersonifyError
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


@pytest.mark.parametrize(("height", "width"), [(64, 66), (66, 64), (66, 66), (546, 1534), (70, 90)])
def test_colours_stay_where_they_are_at_any_even_size(tmp_path, height, width):
    frame = np.zeros((height, width, 3), np.uint8)
    frame[:, : width // 2], frame[:, width // 2 :] = (200, 30, 30), (30, 30, 200)
    write_clip(tmp_path / "clip.mp4", [frame] * 3, Speech("", np.zeros(4800, np.float32), 48000, ()))
    shown = decoded(tmp_path / "clip.mp4")[0][0][1]
    apart = np.abs(shown.astype(int) - frame).max(axis=2)
    apart[:, width // 2 - 3 : width // 2 + 3] = 0  # chroma is half as fine
    assert apart.max() < 25


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


def test_a_higher_rate_factor_makes_a_smaller_file(tmp_path):
    rng = np.random.default_rng(0)
    frames = [np.clip(128 + 40 * rng.standard_normal((128, 128, 3)), 0, 255).astype(np.uint8) for _ in range(12)]
    sizes = [write_clip(tmp_path / f"{crf}.mp4", frames, speech_of(), crf=crf).path.stat().st_size for crf in (15, 35)]
    assert sizes[1] < 0.6 * sizes[0]
    for crf in (-1, 52):
        with pytest.raises(BadInput, match=f"0 to 51, not {crf}"):
            write_clip(tmp_path / "c.mp4", frames, speech_of(), crf=crf)
    assert not (tmp_path / "c.mp4").exists()


def test_frames_of_another_size_are_refused(tmp_path):
    frames = [np.zeros((64, 64, 3), np.uint8), np.zeros((32, 32, 3), np.uint8)]
    with pytest.raises(PersonifyError, match="size"):
        write_clip(tmp_path / "c.mp4", frames, speech_of())
    assert list(tmp_path.iterdir()) == []


FULL_DISK = """
import signal, sys, threading
import resource
from pathlib import Path
import numpy as np
from head_parts import speech_of
from personify.avatar.video import write_clip
from personify.voices.errors import PersonifyError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the kernel then says "too large" instead of ending the process
folder, limit = Path(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
rng = np.random.default_rng(0)
drawn = 0

def frames():
    global drawn
    for drawn in range(65):
        yield rng.integers(0, 255, (128, 128, 3), dtype=np.uint8)

try:
    write_clip(folder / "c.mp4", frames(), speech_of())
except PersonifyError as error:
    print(error, drawn, list(folder.iterdir()), threading.active_count())
"""


def _noise_bytes(folder):
    """The size of the clip that `FULL_DISK` writes."""
    rng = np.random.default_rng(0)
    frames = (rng.integers(0, 255, (128, 128, 3), dtype=np.uint8) for _ in range(65))
    clip = write_clip(folder / "whole.mp4", frames, speech_of())
    size = clip.path.stat().st_size
    clip.path.unlink()
    return size


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit to set on a file's size")
@pytest.mark.parametrize("share", [0, 0.3, 0.999], ids=["at once", "half-way", "while the index is moved"])
def test_a_disk_that_fills_up_is_an_error_and_leaves_nothing(tmp_path, share):
    """A limit on the size of files, a share of what the clip needs, stands in for the full disk."""
    room = int(share * _noise_bytes(tmp_path))
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path), str(room)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent, check=True)
    assert "could not be written: File too large; free some room" in done.stdout
    assert done.stdout.strip().endswith("[] 1"), "no file and no thread is left"


def test_a_speech_in_pieces_makes_the_same_file(tmp_path):
    frames, speech = flash_and_click()
    cuts = [0, 1, 9000, 9001, len(speech.samples)]
    pieces = (Speech("", speech.samples[a:b], RATE_HZ, ()) for a, b in itertools.pairwise(cuts))
    whole = write_clip(tmp_path / "whole.mp4", frames, speech)
    parts = write_clip(tmp_path / "parts.mp4", frames, pieces)
    for (_, one, _), (_, other, _) in zip(decoded(whole.path)[1], decoded(parts.path)[1], strict=True):
        assert np.abs(one - other).max() < 1e-3


def test_a_piece_is_taken_when_its_frames_come(tmp_path):
    frames, speech = flash_and_click()
    half = len(speech.samples) // 2
    taken = []

    def pieces():
        for number, samples in enumerate((speech.samples[:half], speech.samples[half:])):
            taken.append(number)
            yield Speech("", samples, RATE_HZ, ())

    def watched():
        for number, frame in enumerate(frames):
            most[number] = len(taken)
            yield frame

    most: dict[int, int] = {}
    write_clip(tmp_path / "c.mp4", watched(), pieces())
    assert (most[0], most[12]) == (1, 1)
    assert most[12 + 8] == 2


def test_pieces_of_different_rates_are_refused(tmp_path):
    pieces = [Speech("", np.zeros(800, np.float32), rate, ()) for rate in (16000, 22050)]
    with pytest.raises(BadInput, match=r"22050.*16000"):
        write_clip(tmp_path / "c.mp4", [np.zeros((64, 64, 3), np.uint8)] * 5, pieces)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("colour", "expected"),
    [((0, 0, 0), (16, 128, 128)), ((255, 255, 255), (235, 128, 128)), ((255, 0, 0), (63, 102, 240)),
     ((0, 255, 0), (173, 42, 26)), ((0, 0, 255), (32, 240, 118))],
)  # fmt: skip
def test_colours_become_those_of_bt_709(colour, expected):
    """The values that ITU-R BT.709 gives for black, white and the primaries in 8 bits."""
    planes = yuv420p(np.full((4, 6, 3), colour, np.uint8))
    y, u, v = planes[:4], *planes[4:].reshape(2, 2, 3)
    for plane, value in zip((y, u, v), expected, strict=True):
        assert np.abs(plane.astype(int) - value).max() <= 1
