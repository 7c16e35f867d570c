"""The viseme track: from timed phonemes to the mouth's shape over time, all at once or as the speech comes.

Two things are not left to the blending of sounds: the lips meet on p, b and m, and the mouth is shut in silence.
Knows nothing of pictures.
"""

from collections import deque
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from personify.avatar.coarticulation import (
    CHANNELS,
    REACH_S,
    Shape,
    Sound,
    blend,
    closeness,
    shape_of,
    sounds_in,
    split_symbol,
)
from personify.voices.errors import BadInput
from personify.voices.speech import SILENCE, Speech, TimedPhoneme

__all__ = [
    "CHANNELS",
    "Shape",
    "VisemeStream",
    "VisemeTrack",
    "shape_of",
    "split_symbol",
    "viseme_track",
]

LOOK_AHEAD_S = REACH_S
"""A frame is handed out once the speech is known until so long after it."""
_SHUT_AFTER_S, _SHUT_BEFORE_S = 0.07, 0.04
"""In a pause the mouth is shut from so long after its beginning until so long before its end."""
_FADED_S = 0.6
"""A sound that ended so long ago can't be felt or heard in any later frame."""
_BIN_S = 0.005
"""Loudness is kept in bins of this length, whatever the sample rate."""
_DIVIDED_S = 0.001
"""Two halves of one sound meet at a cut within so much, which is several samples."""
_HEARD_S = 0.03
"""A frame is as loud as the sound from so long before it until so long after."""
_USUAL_RMS = 0.15
"""The loud parts of Personify's own voices, which is what a stream expects before it has heard any."""
_FORGET_S = 4.0
"""The time in which a stream forgets how loud the speech has been to 1 / e."""
_BLOCK = 256
"""Frames that are worked out at a time, to spare memory in long speech."""


@dataclass(frozen=True)
class VisemeTrack:
    """Mouth shapes: `weights` float32 (n_frames, len(CHANNELS)) in [0, 1]; frame i shows the moment (i + 0.5) / fps."""

    fps: float
    weights: np.ndarray

    @property
    def n_frames(self) -> int:
        """How many frames there are."""
        return len(self.weights)

    def channel(self, name: str) -> np.ndarray:
        """One channel over time, (n_frames,)."""
        return self.weights[:, CHANNELS.index(name)]


def viseme_track(speech: Speech, *, fps: float = 25.0) -> VisemeTrack:
    """The viseme track of a speech: ceil(duration * fps) frames."""
    stream = VisemeStream(fps)
    pieces = [stream.push(speech), stream.end()]
    return VisemeTrack(fps, np.concatenate([piece.weights for piece in pieces]))


class VisemeStream:
    """The viseme track of a speech that comes in pieces, on one time line.

    Each piece holds whole phonemes, a pause may be cut anywhere; then the frames don't depend on where. A phoneme that
    was cut none the less is joined again, too late only for frames that are out. Memory stays flat.
    """

    def __init__(self, fps: float = 25.0) -> None:
        if not 1 <= fps <= 240:
            raise BadInput(f"{fps:g} frames a second can't be drawn; choose a rate from 1 to 240, such as 25")
        self._fps = fps
        self._lengths: dict[int, int] = {}
        self._frames = 0
        self._sounds: deque[Sound] = deque()
        self._spoken: deque[tuple[float, float]] = deque()
        self._last: TimedPhoneme | None = None
        self._loudness = _Loudness(fps)
        self._ended = False

    @property
    def duration_s(self) -> float:
        """How much speech has come so far."""
        return sum(length / rate_hz for rate_hz, length in self._lengths.items())

    def push(self, speech: Speech) -> VisemeTrack:
        """The frames that are certain now: all but those of the last `LOOK_AHEAD_S`."""
        if self._ended:
            raise BadInput("this viseme stream has ended; begin a new one for more speech")
        offset_s = self.duration_s
        self._loudness.push(speech.samples, speech.sample_rate_hz, offset_s)
        self._lengths[speech.sample_rate_hz] = self._lengths.get(speech.sample_rate_hz, 0) + len(speech.samples)
        for phoneme in speech.phonemes:
            if phoneme.symbol != SILENCE:
                moved = replace(phoneme, start_s=_at(phoneme.start_s + offset_s), end_s=_at(phoneme.end_s + offset_s))
                self._add(self._joined(moved, offset_s))
        return self._until(int(np.floor(_at(self.duration_s - LOOK_AHEAD_S) * self._fps + 0.5)))

    def end(self) -> VisemeTrack:
        """The frames that were held back; the stream takes no more speech."""
        self._ended = True
        return self._until(int(np.ceil(self.duration_s * self._fps)))

    def _joined(self, phoneme: TimedPhoneme, cut_s: float) -> TimedPhoneme:
        """The phoneme, whole again if it was divided at `cut_s`."""
        last = self._last
        divided = last and last.symbol == phoneme.symbol and abs(phoneme.start_s - cut_s) < _DIVIDED_S
        if not (last and divided and abs(last.end_s - cut_s) < _DIVIDED_S):
            return phoneme
        while self._sounds and self._sounds[-1].start_s >= last.start_s:
            self._sounds.pop()
        self._spoken.pop()
        return replace(phoneme, start_s=last.start_s)

    def _add(self, phoneme: TimedPhoneme) -> None:
        self._sounds.extend(sounds_in([phoneme]))
        self._spoken.append((phoneme.start_s, phoneme.end_s))
        self._last = phoneme

    def _until(self, end: int) -> VisemeTrack:
        blocks = [np.zeros((0, len(CHANNELS)), np.float32)]
        while self._frames < end:
            last = min(end, self._frames + _BLOCK)
            blocks.append(self._draw((np.arange(self._frames, last) + 0.5) / self._fps))
            self._frames = last
        return VisemeTrack(self._fps, np.concatenate(blocks))

    def _draw(self, times: np.ndarray) -> np.ndarray:
        """The weights at those times, which follow on the last ones."""
        self._forget(times[0] - _FADED_S)
        sounds = list(takewhile(lambda sound: sound.start_s < times[-1] + REACH_S, self._sounds))
        weights = blend(times, sounds)
        weights[:, CHANNELS.index("jaw")] *= self._loudness.factor(times)
        weights *= 1 - self._shut(times)[:, None]
        closed = closeness(times, sounds, 1 / self._fps)
        parted = [CHANNELS.index(name) for name in ("jaw", "tuck", "upper_lip")]
        press = CHANNELS.index("press")
        weights[:, parted] *= 1 - closed[:, None]
        weights[:, press] = np.maximum(weights[:, press], closed)
        return np.clip(weights, 0, 1).astype(np.float32)

    def _shut(self, times: np.ndarray) -> np.ndarray:
        """How far the mouth is shut by silence, (n,): whatever lies between two spoken sounds is silent."""
        near = takewhile(lambda edge: edge[0] < times[-1] + REACH_S, self._spoken)
        edges = np.array(list(near)).reshape(-1, 2)
        starts, ends = np.concatenate([edges[:, 0], [np.inf]]), np.concatenate([[-np.inf], edges[:, 1]])
        place = np.searchsorted(starts, times, side="right")
        since, until = times - ends[place], starts[np.minimum(place, len(starts) - 1)] - times
        shut = np.minimum(np.clip(since / _SHUT_AFTER_S, 0, 1), np.clip(until / _SHUT_BEFORE_S, 0, 1))
        return np.where(since + until > _SHUT_AFTER_S + _SHUT_BEFORE_S, shut, 0.6 * shut)

    def _forget(self, before_s: float) -> None:
        """Let go of what can't be felt any more. The last sound spoken stays: it is where the pause begins."""
        while self._sounds and self._sounds[0].end_s <= before_s:
            self._sounds.popleft()
        while len(self._spoken) > 1 and self._spoken[1][0] <= before_s:
            self._spoken.popleft()
        self._loudness.forget(before_s)


class _Loudness:
    """How wide loudness opens the jaw, judged only by what has been heard so far."""

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self._first = 0
        self._energy = np.zeros((0, 2))
        self._usual = _USUAL_RMS

    def push(self, samples: np.ndarray, rate_hz: int, offset_s: float) -> None:
        if not len(samples):
            return
        at = ((offset_s + np.arange(len(samples)) / rate_hz) / _BIN_S + 1e-6).astype(np.int64) - self._first
        missing = int(at[-1]) + 1 - len(self._energy)
        self._energy = np.concatenate([self._energy, np.zeros((max(missing, 0), 2))])
        size = len(self._energy)
        self._energy[:, 0] += np.bincount(at, samples.astype(np.float64) ** 2, size)
        self._energy[:, 1] += np.bincount(at, minlength=size)

    def factor(self, times: np.ndarray) -> np.ndarray:
        """A factor for the jaw around 1 at each time, (n,): louder speech opens wider."""
        low, high = (
            np.clip(np.floor((times + d) / _BIN_S + 0.5).astype(int) - self._first, 0, len(self._energy))
            for d in (-_HEARD_S, _HEARD_S)
        )
        total = np.concatenate([np.zeros((1, 2)), np.cumsum(self._energy[: high.max()], axis=0)])
        energy, count = (total[high] - total[low]).T
        rms = np.round(np.sqrt(np.maximum(energy, 0) / np.maximum(count, 1)), 7)
        keep = np.exp(-1 / (self._fps * _FORGET_S))
        factors = np.empty(len(times))
        for i, level in enumerate(rms):
            if level > 0.03 * self._usual:  # a pause says nothing about how loud somebody speaks
                self._usual = max(level, self._usual * keep, 1e-5)
            factors[i] = np.clip(0.7 + 0.4 * level / self._usual, 0.7, 1.1)
        return factors

    def forget(self, before_s: float) -> None:
        gone = min(int(before_s / _BIN_S) - self._first, len(self._energy))
        if gone > 0:
            self._energy, self._first = self._energy[gone:], self._first + gone


def _at(seconds: float) -> float:
    """To the microsecond, so that a time doesn't depend on how often it was shifted."""
    return round(seconds, 6)
