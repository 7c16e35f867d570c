"""Clips: frames and speech as an MP4 that browsers play (H.264 yuv420p and AAC, index at the front)."""

import contextlib
import errno
import itertools
import os
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from personify.avatar.yuv import yuv420p
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.speech import Speech

if TYPE_CHECKING:
    from av import AudioFrame
    from av.container import OutputContainer

T = TypeVar("T")

_AUDIO_RATE_HZ = 48000
_SOUND_EVERY = 6
"""After how many frames their sound is encoded: a few larger calls keep the drawing waiting less."""
_FRAMES_AHEAD = 3
"""How many frames may wait for the encoder, which works beside whoever draws them."""
CRF = 19
"""x264's constant rate factor: 0 keeps everything, 51 nothing; six more halve a file, about."""
X264 = {"preset": "superfast", "tune": "animation", "x264-params": "b-adapt=0:subme=2:ref=2"}
"""A head moves smoothly, so looking for the best places of B-frames costs time and gains nothing; the time goes into
finer motion instead. As fast as the preset alone, a quarter fewer bytes at the same quality (docs/talking-head.md)."""
_X264_THREADS = 1
"""Fixed, so that the same frames give the same file on every machine. One, as whoever draws them keeps a core busy
too: of two cores both then do a tenth more frames a second than with two threads that push the drawing aside."""
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_AAC = {"aac_coder": "fast"}
"""At 128 kbit/s for one channel nearer to the sound than FFmpeg's "twoloop" (39 dB against 31 on speech), a tenth
smaller, and in a third of the time."""
MACHINE_MADE = "made by a machine with Personify"


@dataclass(frozen=True)
class Clip:
    """A finished video file; `note` is what else the user should know of it."""

    path: Path
    frames: int
    seconds: float
    fps: float
    width: int
    height: int
    note: str | None = None


def write_clip(
    path: Path, frames: Iterable[np.ndarray], speech: Speech | Iterable[Speech], *, fps: float = 25.0, crf: int = CRF
) -> Clip:
    """Encodes `frames` (uint8 RGB (H, W, 3), even sizes or cut to them) with the speech's sound.

    `crf` is x264's constant rate factor, 0 to 51: more makes a smaller file that looks worse.

    Frames are taken as they come, in the caller's thread, and encoded in another, so memory stays flat; a frame must
    not be changed once it is handed over. A process that keeps to one core, as OpenCV was told, does both in one. Of
    a speech in pieces the next one is taken within some frames of its first; where the frames are made from the same
    pieces, `itertools.tee` gives each its own. The file appears whole or not at all.
    Raises `BadInput` for another `crf`, `PersonifyError` if there are no frames or the file can't be written.
    """
    if not 0 <= crf <= 51:
        raise BadInput(f"a constant rate factor is 0 to 51, not {crf}")
    path = Path(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.mp4")
    try:
        clip = _encode(draft, iter(frames), _Pieces(speech, fps), fps, crf)
        draft.replace(path)
    except OSError as error:  # PyAV's errors are OSErrors too, and say which file could not be written
        way_out = "; free some room or choose another folder" if error.errno in _DISK_FULL else ""
        raise PersonifyError(f"the clip {path} could not be written: {error.strerror or error}{way_out}") from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    return Clip(path, clip.frames, clip.seconds, clip.fps, clip.width, clip.height)


def _encode(path: Path, frames: Iterator[np.ndarray], pieces: "_Pieces", fps: float, crf: int) -> Clip:
    import av

    first = next(frames, None)
    if first is None:
        raise PersonifyError("there are no frames to make a clip of; the speech is empty")
    with (
        av.open(os.fspath(path), "w", options={"movflags": "+faststart"}) as container,
        _encoder() as encoder,
    ):
        container.metadata["comment"] = MACHINE_MADE
        tracks = _Tracks(container, first.shape, fps, crf, pieces.rate_hz)
        waiting: deque[Future[None]] = deque()
        count = 0
        for index, frame in enumerate(itertools.chain([first], frames)):
            count += 1
            sound = pieces.until(count / fps) if count % _SOUND_EVERY == 0 else []
            waiting.append(encoder.submit(tracks.write, index, frame, sound))
            if len(waiting) > _FRAMES_AHEAD:
                waiting.popleft().result()
        for written in waiting:
            written.result()
        tracks.finish(pieces.rest())
        return Clip(path, count, count / fps, fps, tracks.picture.width, tracks.picture.height)


def _encoder() -> Executor:
    """Works beside whoever draws the frames; where this process has one core to itself, in their place."""
    import cv2

    return ThreadPoolExecutor(1, thread_name_prefix="clip") if cv2.getNumThreads() > 1 else _Here()


class _Here(Executor):
    """Does what it is given at once, in the thread that gives it."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - told to whoever asks for the result, as threads do
            done.set_exception(error)
        return done


class _Pieces:
    """The speech's samples in the order of the frames, from one speech or from pieces that are still being made."""

    def __init__(self, speech: Speech | Iterable[Speech], fps: float) -> None:
        self._next = iter([speech] if isinstance(speech, Speech) else speech)
        self._have: deque[np.ndarray] = deque()
        self._given, self._known = 0, 0
        first = next(self._next, None)
        self.rate_hz = _AUDIO_RATE_HZ if first is None else first.sample_rate_hz
        if first is not None:
            self._add(first)

    def until(self, seconds: float) -> list[np.ndarray]:
        """What wasn't given yet of the samples up to that moment, float32 (n,) each."""
        end = int(seconds * self.rate_hz)
        while self._known < end:
            piece = next(self._next, None)
            if piece is None:
                break
            self._add(piece)
        found = []
        while self._have and self._given < end:
            samples, wanted = self._have.popleft(), end - self._given
            found.append(samples[:wanted])
            if len(samples) > wanted:
                self._have.appendleft(samples[wanted:])
            self._given += len(found[-1])
        return found

    def rest(self) -> list[np.ndarray]:
        """All that wasn't given yet."""
        for piece in self._next:
            self._add(piece)
        found, self._have = list(self._have), deque()
        return found

    def _add(self, piece: Speech) -> None:
        if piece.sample_rate_hz != self.rate_hz:
            raise BadInput(
                f"a piece of the speech has {piece.sample_rate_hz} samples a second and the first one {self.rate_hz};"
                " all must have the same"
            )
        if len(piece.samples):
            self._have.append(np.ascontiguousarray(piece.samples, np.float32))
            self._known += len(piece.samples)


class _Tracks:
    """Picture and sound of one file, interleaved as players like it; used by one thread."""

    def __init__(
        self, container: "OutputContainer", shape: tuple[int, ...], fps: float, crf: int, rate_hz: int
    ) -> None:
        self.picture, self._sound = _Picture(container, shape, fps, crf), _Sound(container, rate_hz)
        self._broken = False

    def write(self, index: int, frame: np.ndarray, samples: list[np.ndarray]) -> None:
        """One frame and the sound that goes with it."""
        if self._broken:  # FFmpeg's muxer crashes when it is used again after a failed write
            return
        try:
            self.picture.write(index, frame)
            for piece in samples:
                self._sound.write(piece)
        except BaseException:
            self._broken = True
            raise

    def finish(self, samples: list[np.ndarray]) -> None:
        """What is left of the sound, and what the encoders still hold."""
        self.picture.finish()
        for piece in samples:
            self._sound.write(piece)
        self._sound.finish()


class _Picture:
    """The video track: BT.709 colours in limited range, said so in the file so that players agree."""

    def __init__(self, container: "OutputContainer", shape: tuple[int, ...], fps: float, crf: int) -> None:
        import av

        self._av, self._container = av, container
        self._shape = shape
        self.height, self.width = shape[0] // 2 * 2, shape[1] // 2 * 2
        rate = Fraction(fps).limit_denominator(1001)
        self._tick = 1 / rate
        self._stream = container.add_stream("libx264", rate=rate, options=X264 | {"crf": str(crf)})
        self._stream.width, self._stream.height, self._stream.pix_fmt = self.width, self.height, "yuv420p"
        context = self._stream.codec_context
        context.thread_count, context.thread_type = _X264_THREADS, "FRAME"
        context.color_range = 1
        context.colorspace = context.color_primaries = context.color_trc = 1

    def write(self, index: int, frame: np.ndarray) -> None:
        if frame.shape != self._shape:
            raise PersonifyError(f"frame {index} has the size {frame.shape}, but the first one had {self._shape}")
        planes = yuv420p(frame[: self.height, : self.width])
        # without a copy PyAV (18.1) loses a row of colours where the height is no multiple of 4
        read = self._av.VideoFrame.from_ndarray if self.height % 4 else self._av.VideoFrame.from_numpy_buffer
        picture = read(planes, format="yuv420p")
        picture.pts, picture.time_base = index, self._tick
        self._container.mux(self._stream.encode(picture))

    def finish(self) -> None:
        self._container.mux(self._stream.encode())


class _Sound:
    """The audio track, written piece by piece beside the frames."""

    def __init__(self, container: "OutputContainer", rate_hz: int) -> None:
        import av

        self._av, self._container, self._rate_hz = av, container, rate_hz
        self._stream = container.add_stream("aac", rate=_AUDIO_RATE_HZ, layout="mono", bit_rate=128_000, options=_AAC)
        self._resampler = av.AudioResampler(format="fltp", layout="mono", rate=_AUDIO_RATE_HZ, frame_size=1024)
        self._sent = 0

    def write(self, samples: np.ndarray) -> None:
        frame = self._av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        frame.sample_rate, frame.pts = self._rate_hz, self._sent
        frame.time_base = Fraction(1, self._rate_hz)
        self._sent += len(samples)
        self._encode(frame)

    def finish(self) -> None:
        self._encode(None)
        self._container.mux(self._stream.encode(None))

    def _encode(self, frame: "AudioFrame | None") -> None:
        if frame is None and not self._sent:
            return  # a resampler that got nothing has nothing to give
        for ready in self._resampler.resample(frame):
            self._container.mux(self._stream.encode(ready))
