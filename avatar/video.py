"""Clips: frames and speech as an MP4 that browsers play (H.264 yuv420p and AAC, index at the front)."""

import contextlib
import itertools
import os
import secrets
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from personify.voices.errors import PersonifyError
from personify.voices.speech import Speech

if TYPE_CHECKING:
    from av import AudioFrame
    from av.container import OutputContainer

_AUDIO_RATE_HZ = 48000
_FRAMES_AHEAD = 3
"""How many frames may wait for the encoder, which works beside whoever draws them."""
MACHINE_MADE = "made by a machine with Personify"


@dataclass(frozen=True)
class Clip:
    """A finished video file."""

    path: Path
    frames: int
    seconds: float
    fps: float
    width: int
    height: int


def write_clip(path: Path, frames: Iterable[np.ndarray], speech: Speech, *, fps: float = 25.0) -> Clip:
    """Encodes `frames` (uint8 RGB (H, W, 3), even sizes or cut to them) with the speech's sound.

    Frames are taken as they come, in the caller's thread, and encoded in another, so memory stays flat; a frame must
    not be changed once it is handed over. The file appears whole or not at all.
    Raises `PersonifyError` if there are no frames or the file can't be written.
    """
    path = Path(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.mp4")
    try:
        clip = _encode(draft, frames, speech, fps)
        draft.replace(path)
    except OSError as error:  # PyAV's errors are OSErrors too, and say which file could not be written
        raise PersonifyError(f"the clip {path} could not be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    return Clip(path, clip.frames, clip.seconds, clip.fps, clip.width, clip.height)


def _encode(path: Path, frames: Iterable[np.ndarray], speech: Speech, fps: float) -> Clip:
    import av

    stream_of = iter(frames)
    first = next(stream_of, None)
    if first is None:
        raise PersonifyError("there are no frames to make a clip of; the speech is empty")
    with (
        av.open(os.fspath(path), "w", options={"movflags": "+faststart"}) as container,
        ThreadPoolExecutor(1, thread_name_prefix="clip") as encoder,
    ):
        container.metadata["comment"] = MACHINE_MADE
        picture, sound = _Picture(container, first.shape, fps), _Sound(container, speech)

        broken = False

        def write(index: int, frame: np.ndarray) -> None:
            nonlocal broken
            if broken:  # FFmpeg's muxer crashes when it is used again after a failed write
                return
            try:
                picture.write(index, frame)
                sound.write_until((index + 1) / fps)
            except BaseException:
                broken = True
                raise

        waiting: deque[Future[None]] = deque()
        count = 0
        for index, frame in enumerate(itertools.chain([first], stream_of)):
            waiting.append(encoder.submit(write, index, frame))
            count += 1
            if len(waiting) > _FRAMES_AHEAD:
                waiting.popleft().result()
        for written in waiting:
            written.result()
        picture.finish()
        sound.finish()
    return Clip(path, count, count / fps, fps, picture.width, picture.height)


class _Picture:
    """The video track: BT.709 colours in limited range, said so in the file so that players agree."""

    def __init__(self, container: "OutputContainer", shape: tuple[int, ...], fps: float) -> None:
        import av

        self._av, self._container = av, container
        self._shape = shape
        self.height, self.width = shape[0] // 2 * 2, shape[1] // 2 * 2
        rate = Fraction(fps).limit_denominator(1001)
        self._tick = 1 / rate
        self._stream = container.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "19"})
        self._stream.width, self._stream.height, self._stream.pix_fmt = self.width, self.height, "yuv420p"
        context = self._stream.codec_context
        context.thread_count, context.thread_type = 2, "FRAME"
        context.color_range = 1
        context.colorspace = context.color_primaries = context.color_trc = 1

    def write(self, index: int, frame: np.ndarray) -> None:
        if frame.shape != self._shape:
            raise PersonifyError(f"frame {index} has the size {frame.shape}, but the first one had {self._shape}")
        even = np.ascontiguousarray(frame[: self.height, : self.width])
        picture = self._av.VideoFrame.from_ndarray(even, format="rgb24")
        picture.pts, picture.time_base = index, self._tick
        picture = picture.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
        self._container.mux(self._stream.encode(picture))

    def finish(self) -> None:
        self._container.mux(self._stream.encode())


class _Sound:
    """The audio track, written piece by piece beside the frames so that the file is interleaved as players like it."""

    def __init__(self, container: "OutputContainer", speech: Speech) -> None:
        import av

        self._av, self._container = av, container
        self._stream = container.add_stream("aac", rate=_AUDIO_RATE_HZ, layout="mono", bit_rate=128_000)
        self._resampler = av.AudioResampler(format="fltp", layout="mono", rate=_AUDIO_RATE_HZ, frame_size=1024)
        self._speech, self._sent = speech, 0

    def write_until(self, seconds: float) -> None:
        end = min(len(self._speech.samples), int(seconds * self._speech.sample_rate_hz))
        if end <= self._sent:
            return
        piece = np.ascontiguousarray(self._speech.samples[None, self._sent : end], np.float32)
        frame = self._av.AudioFrame.from_ndarray(piece, format="flt", layout="mono")
        frame.sample_rate, frame.pts = self._speech.sample_rate_hz, self._sent
        frame.time_base = Fraction(1, self._speech.sample_rate_hz)
        self._sent = end
        self._encode(frame)

    def finish(self) -> None:
        self.write_until(float("inf") if not len(self._speech.samples) else self._speech.duration_s + 1)
        self._encode(None)
        self._container.mux(self._stream.encode(None))

    def _encode(self, frame: "AudioFrame | None") -> None:
        for ready in self._resampler.resample(frame):
            self._container.mux(self._stream.encode(ready))
