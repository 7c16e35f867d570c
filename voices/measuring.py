"""What a voice sounds like in numbers: pitch, brightness and pace, measured from the sound, not from its settings."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from personify.voices.speech import SILENCE, Speech

PITCH_HZ = (60.0, 400.0)
"""What is 0 and 1 on the scale of pitch."""
PHONEMES_A_WORD = 3.37
"""Of English text: the mean of "The North Wind and the Sun" (Handbook of the IPA, 1999), spoken by espeak-ng."""
PACE_WPM = (6 * 60 / PHONEMES_A_WORD, 22 * 60 / PHONEMES_A_WORD)
"""What is 0 and 1 on the scale of pace."""

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
    in semitones between the 10th and 90th percentile of those within an octave of it; `brightness_hz` the spectral
    centroid; `pace_hz` phonemes per second; `loudness_dbfs` the RMS.
    """

    pitch_hz: float
    pitch_spread: float
    brightness_hz: float
    pace_hz: float
    loudness_dbfs: float

    @property
    def pace_wpm(self) -> float:
        """The pace as English words a minute, pauses left out, in whatever language was spoken."""
        return self.pace_hz * 60 / PHONEMES_A_WORD

    @property
    def pitch(self) -> float:
        """On `VoiceBrief`'s scale, as `pitch_level`."""
        return pitch_level(self.pitch_hz)

    @property
    def pace(self) -> float:
        """On `VoiceBrief`'s scale, as `pace_level`."""
        return pace_level(self.pace_wpm)


def pitch_level(hz: float) -> float:
    """A pitch on `VoiceBrief`'s scale: logarithmic from 60 Hz (0) to 400 Hz (1), so that 0.5 is 155 Hz."""
    return _level(hz, *PITCH_HZ)


def pace_level(wpm: float) -> float:
    """Words a minute, as spoken between pauses, on `VoiceBrief`'s scale: logarithmic from 107 (0) to 392 (1).

    These are 6 and 22 phonemes a second; espeak-ng's own rate is 0.5.
    """
    return _level(wpm, *PACE_WPM)


def energy_level(pace_wpm: float, loudness_lufs: float, brightness_hz: float) -> float:
    """How lively a voice sounds, from what rises with arousal: rate, loudness and high frequencies (Banse and Scherer
    1996).

    Its weights are a least-squares fit to a listener's judgement of 68 tones: r = 0.83, 0.80 for a tone that the fit
    hasn't seen, off by 0.10 on average. It doesn't hear what is acted (a diva's melody, a dragon's menace), so that a
    listener's word goes before it.
    """
    level = 2.115 + 0.957 * pace_level(pace_wpm) + 0.164 * loudness_lufs + 0.142 * float(np.log(brightness_hz))
    return float(np.clip(level, 0, 1))


@lru_cache(4096)
def _level(value: float, low: float, high: float) -> float:
    return float(np.clip(np.log(value / low) / np.log(high / low), 0, 1))


def measure(speech: Speech) -> Measured:
    """Measure the spoken parts of `speech`."""
    rate_hz = speech.sample_rate_hz
    spoken = [p for p in speech.phonemes if p.symbol != SILENCE]
    parts = [speech.samples[round(p.start_s * rate_hz) : round(p.end_s * rate_hz)] for p in spoken]
    voice = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    pitches = _pitches(voice, rate_hz)
    middle = float(np.median(pitches)) if len(pitches) else np.nan
    near = pitches[np.abs(np.log2(pitches / middle)) < 1]  # a frame an octave off is a mistake
    low, high = np.percentile(near, [10, 90]) if len(near) else (np.nan, np.nan)
    power = np.abs(np.fft.rfft(voice)) ** 2
    hz = np.fft.rfftfreq(len(voice), 1 / rate_hz)
    return Measured(
        pitch_hz=middle,
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
