"""What a voice sounds like in numbers: pitch, brightness and pace, measured from the sound, not from its settings."""

from dataclasses import dataclass

import numpy as np

from personify.voices.speech import SILENCE, Speech

_FRAME_S, _HOP_S = 0.06, 0.02
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 500.0
_VOICED = 0.5
"""Autocorrelation from which a frame counts as voiced."""
_VOICED_SHARE = 0.35
"""With fewer voiced frames it is a whisper, and what pitch they seem to have is chance."""


@dataclass(frozen=True)
class Measured:
    """The spoken parts of a speech, pauses left out.

    `pitch_hz` is the median of the voiced frames, NaN where there are too few (a whisper); `pitch_spread` the distance
    between their 10th and 90th percentile in semitones; `brightness_hz` the spectral centroid; `pace_hz` phonemes per
    second; `loudness_dbfs` the RMS.
    """

    pitch_hz: float
    pitch_spread: float
    brightness_hz: float
    pace_hz: float
    loudness_dbfs: float

    @property
    def pitch(self) -> float:
        """On `VoiceBrief`'s scale: logarithmic from 60 Hz (0) to 400 Hz (1), so that 0.5 is 155 Hz."""
        return float(np.clip(np.log(self.pitch_hz / 60) / np.log(400 / 60), 0, 1))

    @property
    def pace(self) -> float:
        """On `VoiceBrief`'s scale: logarithmic from 6 phonemes a second (0) to 22 (1); espeak-ng's own rate is 0.5."""
        return float(np.clip(np.log(self.pace_hz / 6) / np.log(22 / 6), 0, 1))


def measure(speech: Speech) -> Measured:
    """Measure the spoken parts of `speech`."""
    rate_hz = speech.sample_rate_hz
    spoken = [p for p in speech.phonemes if p.symbol != SILENCE]
    parts = [speech.samples[round(p.start_s * rate_hz) : round(p.end_s * rate_hz)] for p in spoken]
    voice = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    pitches = _pitches(voice, rate_hz)
    low, middle, high = np.percentile(pitches, [10, 50, 90]) if len(pitches) else (np.nan, np.nan, np.nan)
    power = np.abs(np.fft.rfft(voice)) ** 2
    hz = np.fft.rfftfreq(len(voice), 1 / rate_hz)
    return Measured(
        pitch_hz=float(middle),
        pitch_spread=float(12 * np.log2(high / low)),
        brightness_hz=float((power * hz).sum() / power.sum()),
        pace_hz=len(spoken) / sum(p.end_s - p.start_s for p in spoken),
        loudness_dbfs=float(10 * np.log10(np.mean(voice**2) + 1e-12)),
    )


def _pitches(voice: np.ndarray, rate_hz: int) -> np.ndarray:
    """Pitch in Hz of each voiced frame: the highest peak of the autocorrelation, normalised as in Boersma (1993)."""
    frame, hop = round(_FRAME_S * rate_hz), round(_HOP_S * rate_hz)
    if len(voice) < frame:
        return np.zeros(0)
    window = np.hanning(frame)
    frames = np.lib.stride_tricks.sliding_window_view(voice, frame)[::hop]
    frames = (frames - frames.mean(axis=1, keepdims=True)) * window
    size = 1 << (2 * frame - 1).bit_length()
    similarity = np.fft.irfft(np.abs(np.fft.rfft(frames, size)) ** 2)[:, :frame]
    of_window = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2)[:frame]
    similarity = similarity / np.maximum(similarity[:, :1], 1e-9) / np.maximum(of_window / of_window[0], 1e-3)
    shortest, longest = round(rate_hz / _HIGHEST_HZ), round(rate_hz / _LOWEST_HZ)
    searched = similarity[:, shortest:longest]
    # Every multiple of the period is a peak too: of those nearly as high, the first is the period.
    best = searched.max(axis=1, keepdims=True)
    near_best = searched >= best - 0.1 * np.abs(best)
    lags = np.array([_first_peak(row, near) for row, near in zip(searched, near_best, strict=True)])
    loud = (frames**2).sum(axis=1) > 0.05 * np.median((frames**2).sum(axis=1))
    voiced = (best[:, 0] > _VOICED) & loud
    if voiced.mean() < _VOICED_SHARE:
        return np.zeros(0)
    return np.asarray(rate_hz / (shortest + lags[voiced]))


def _first_peak(row: np.ndarray, near: np.ndarray) -> int:
    """The top of the first stretch of lags that are near the best."""
    first = int(np.argmax(near))
    after = np.flatnonzero(~near[first:])
    end = first + int(after[0]) if len(after) else len(row)
    return first + int(np.argmax(row[first:end]))
