"""Recordings: any file with sound in it, as samples that a face can speak to.

Decodes through PyAV (FFmpeg in a wheel, BSD-3-Clause). Knows nothing of words; the loudness is left alone.
"""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np

from personify.voices.errors import BadInput

if TYPE_CHECKING:
    from av import AudioFrame, AudioResampler
    from av.audio.stream import AudioStream
    from av.container import InputContainer

SAMPLE_RATE_HZ = 22050
"""What every recording is brought to: espeak-ng's own rate, so that alignment compares like with like, and enough for
the hiss of an s. A clip's sound is encoded from it too."""
LONGEST_S = 30 * 60.0
"""The longest recording that is taken: 160 MB of samples, and longer than anybody watches a face speak."""
SHORTEST_S = 0.1
_SILENT = 10 ** (-70 / 20)
"""A recording that never rises above this (-70 dBFS) is silence with hiss."""
_RATES_HZ = (2000, 1_600_000)
"""What a header may call a sample rate; anything else is damage."""
_MOST = 0.5
"""Of a damaged file, what can be read is taken if it is more than this share of what the file promises."""
_GUESSED = ("mp3", "aac", "amr", "mpegts", "mpeg")
"""Formats whose length FFmpeg guesses from the bit rate when no header says it."""
_FORMATS = (
    "wav,w64,rf64,aiff,caf,au,mp3,aac,flac,ogg,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,asf,amr,amrnb,amrwb,ape,wv,"
    "mpegts,mpeg,ac3,eac3,dts,tta,voc,mpc,mpc8"
)
"""What FFmpeg may take the file for: sound and video, but no playlist, which would make it open other files."""


class Recording(NamedTuple):
    """`samples` float32 (n,), mono, within [-1, 1]; `sample_rate_hz` is `SAMPLE_RATE_HZ`."""

    samples: np.ndarray
    sample_rate_hz: int


def read_recording(path: str | Path) -> Recording:
    """The sound of a file: WAV, MP3, Ogg, FLAC, M4A or the sound of a video, of any sample rate and number of channels.

    Channels are averaged. A damaged or broken-off file gives what can be read of it, if that is most of it. Raises
    `BadInput`, in one line with the way out, for a file that is missing, holds no sound, only silence or more than
    `LONGEST_S`, or that can't be read.
    """
    path = Path(path)
    with _file(path) as file:
        return _read(file, path.name)


def read_sound(sound: bytes, name: str) -> Recording:
    """The same of a file that is in memory; messages call it `name`."""
    if not sound:
        raise BadInput(f"{name} is empty; record or export it again")
    return _read(io.BytesIO(sound), name)


def _read(file: IO[bytes], name: str) -> Recording:
    missing = _missing(file)
    with _opened(file, name) as (container, stream):
        promised_s = _promised_s(container, stream) * missing
        sure = container.format.name.split(",")[0] not in _GUESSED
        if promised_s > LONGEST_S * (1 if sure else 2):
            raise _too_long(name)
        decoded = _decode(container, stream, name)
    samples = np.clip(np.nan_to_num(decoded.samples, nan=0.0, posinf=1.0, neginf=-1.0), -1, 1).astype(np.float32)
    length_s = len(samples) / SAMPLE_RATE_HZ
    if (sure or decoded.damaged) and length_s < _MOST * promised_s:
        raise BadInput(
            f"only {length_s:.1f} of {promised_s:.1f} s of {name} can be read: the file is damaged or broken off; "
            "copy or export it again"
        )
    if length_s < SHORTEST_S:
        raise BadInput(f"{name} holds no sound ({length_s:.2f} s); give at least {SHORTEST_S:g} s of speech")
    if np.abs(samples).max() < _SILENT:
        raise BadInput(f"{name} is silent from beginning to end; record it again with the microphone on")
    return Recording(samples, SAMPLE_RATE_HZ)


@contextmanager
def _opened(file: IO[bytes], name: str) -> "Iterator[tuple[InputContainer, AudioStream]]":
    """The file's container and its first sound track."""
    import av

    try:
        container = av.open(file, "r", options={"format_whitelist": _FORMATS})
    except (av.error.FFmpegError, ValueError) as error:
        raise BadInput(
            f"{name} is no recording that can be read; give WAV, MP3, Ogg, FLAC, M4A or a video with sound"
        ) from error
    with container:
        if not container.streams.audio:
            raise BadInput(f"there is no sound in {name}; give a recording or a video with a sound track")
        yield container, container.streams.audio[0]


def _file(path: Path) -> IO[bytes]:
    """The file, open. FFmpeg gets no path, which it might take for a network address or a list of other files."""
    if path.is_dir():
        raise BadInput(f"{path} is a folder; give one file in it")
    try:
        if path.stat().st_size == 0:
            raise BadInput(f"{path.name} is empty; record or export it again")
        return path.open("rb")
    except FileNotFoundError as error:
        raise BadInput(f"there is no file {path}; check its name") from error
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} can't be opened: {getattr(error, 'strerror', None) or error}") from error


def _promised_s(container: "InputContainer", stream: "AudioStream") -> float:
    """How long the file says that its sound lasts; 0 if it doesn't say."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / 1e6


def _missing(file: IO[bytes]) -> float:
    """How many times as long a WAV file is by its header, at least 1; FFmpeg believes the bytes that are there."""
    there = file.seek(0, io.SEEK_END)
    file.seek(0)
    kind, size = struct.unpack("<4sI", file.read(8).ljust(8, b"\0"))
    file.seek(0)
    streamed = size >= 0xFFFF0000  # whoever writes into a pipe doesn't know the size yet
    return max(1.0, (size + 8) / there) if kind == b"RIFF" and not streamed else 1.0


@dataclass(frozen=True)
class _Decoded:
    samples: np.ndarray
    damaged: bool


def _decode(container: "InputContainer", stream: "AudioStream", name: str) -> _Decoded:
    """Everything that can be decoded, mono at `SAMPLE_RATE_HZ`, until the file ends or the first damage that can't be
    stepped over."""
    import av

    mono = _Mono()
    pieces: list[np.ndarray] = []
    length, damaged = 0, False
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            frames = [] if packet is None else packet.decode()
            new = mono.finish() if packet is None else [piece for frame in frames for piece in mono.push(frame)]
        except av.error.InvalidDataError:  # one bad packet: the next may be whole again
            if damaged and not pieces:
                break
            damaged = True
            continue
        except (av.error.FFmpegError, OSError, ValueError):
            damaged = True
            break
        pieces += new
        length += sum(map(len, new))
        if length > LONGEST_S * SAMPLE_RATE_HZ:
            raise _too_long(name)
        if packet is None:
            break
    return _Decoded(np.concatenate([np.zeros(0, np.float32), *pieces]), damaged)


class _Mono:
    """Frames of any format, averaged over their channels and resampled. FFmpeg's own way to mono makes them louder."""

    def __init__(self) -> None:
        self._format: tuple[str, str, int] | None = None
        self._planes: AudioResampler | None = None
        self._rate: AudioResampler | None = None

    def push(self, frame: "AudioFrame") -> list[np.ndarray]:
        """What of the frame comes out at once, (n,) each."""
        import av

        if not _RATES_HZ[0] <= frame.sample_rate <= _RATES_HZ[1]:
            raise ValueError(f"{frame.sample_rate} Hz is no sample rate of sound")
        ready: list[np.ndarray] = []
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if kind != self._format:  # a stream may change in the middle, as radio does
            ready += self.finish()
            self._format = kind
            self._planes = av.AudioResampler(format="fltp", layout=frame.layout.name, rate=frame.sample_rate)
            self._rate = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE_HZ)
        assert self._planes and self._rate
        for planes in self._planes.resample(frame):
            average = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(planes.to_ndarray().mean(axis=0, keepdims=True), np.float32), "flt", "mono"
            )
            average.sample_rate = frame.sample_rate
            ready += [piece.to_ndarray()[0] for piece in self._rate.resample(average)]
        return ready

    def finish(self) -> list[np.ndarray]:
        """What was still in the resampler."""
        if self._rate is None:
            return []
        rest = [piece.to_ndarray()[0] for piece in self._rate.resample(None)]
        self._rate = self._planes = None
        return rest


def _too_long(name: str) -> BadInput:
    return BadInput(f"{name} is longer than {LONGEST_S / 60:g} minutes; cut it into shorter recordings")
