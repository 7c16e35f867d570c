"""Loudness: everything is as loud as the standard says it should be, however short, quiet or peaky, and never clips."""

import math

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.voices.loudness import PEAK, TARGET_LUFS, level, limited, loudness_lufs

RATE = 22050


def noise(seconds: float, scale: float = 0.1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(round(seconds * RATE)).astype(np.float32) * np.float32(scale)


def sine(seconds: float, hz: float, scale: float, rate: int = RATE) -> np.ndarray:
    return (scale * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize("rate", [16000, 22050, 24000, 48000])
def test_the_standards_own_tone(rate):
    """BS.1770-4: a full-scale sine of 997 Hz in one channel reads -3.01 LKFS."""
    assert loudness_lufs(sine(2, 997, 1.0, rate), rate) == pytest.approx(-3.01, abs=0.15)


@pytest.mark.parametrize("seconds", [0.5, 3.0, 59.9, 60.3, 130.0])
def test_in_windows_as_in_one(seconds):
    sound = noise(seconds) * np.linspace(0.01, 1, round(seconds * RATE), dtype=np.float32)
    assert loudness_lufs(sound, RATE) == pytest.approx(pyloudnorm.Meter(RATE).integrated_loudness(sound), abs=0.02)


@pytest.mark.parametrize("seconds", [0.002, 0.05, 0.2, 0.39, 0.4, 0.41])
def test_a_short_sound_is_as_loud_as_a_long_one_like_it(seconds):
    assert loudness_lufs(sine(seconds, 1000, 0.2), RATE) == pytest.approx(
        loudness_lufs(sine(3, 1000, 0.2), RATE), abs=0.5
    )


def test_silence_is_left_alone():
    assert loudness_lufs(np.zeros(RATE, np.float32), RATE) == -math.inf
    assert loudness_lufs(np.zeros(0, np.float32), RATE) == -math.inf
    for quiet in (np.zeros(RATE, np.float32), np.zeros(0, np.float32), noise(1, 1e-7)):
        before = quiet.copy()
        level(quiet, RATE)
        assert np.array_equal(quiet, before)


@pytest.mark.parametrize("volume", [0.25, 0.5, 1.0, 1.5])
def test_volume_scales_it(volume):
    sound = noise(2)
    level(sound, RATE, volume=volume)
    assert loudness_lufs(sound, RATE) == pytest.approx(TARGET_LUFS + 20 * math.log10(volume), abs=0.3)


def test_what_the_limiter_takes_is_given_back():
    """Clicks of a fortieth of the time: without it they would be far too quiet."""
    sound = noise(3) * (np.arange(3 * RATE) % 2205 < 55)
    level(sound, RATE)
    assert np.abs(sound).max() <= PEAK
    assert loudness_lufs(sound, RATE) == pytest.approx(TARGET_LUFS, abs=1.0)


def test_the_part_that_speaks_counts():
    sound = np.concatenate([np.zeros(RATE, np.float32), noise(0.3), np.zeros(RATE, np.float32)])
    level(sound, RATE, part=slice(RATE, round(1.3 * RATE)))
    assert loudness_lufs(sound[RATE : round(1.3 * RATE)], RATE) == pytest.approx(TARGET_LUFS, abs=0.3)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 30_000), st.floats(-6, 1), st.floats(0.25, 1.5), st.integers(0, 9))
def test_nothing_ever_clips(length, magnitude, volume, seed):
    sound = np.random.default_rng(seed).standard_cauchy(length).astype(np.float32) * np.float32(10**magnitude)
    level(sound, RATE, volume=volume)
    assert np.isfinite(sound).all() and np.abs(sound).max() <= PEAK


def test_the_limiter_is_smooth():
    ramp = np.linspace(-4, 4, 100_001, dtype=np.float32)
    bent = limited(ramp.copy())
    assert np.array_equal(bent[np.abs(ramp) <= 0.7], ramp[np.abs(ramp) <= 0.7])
    assert (np.diff(bent) >= 0).all() and np.abs(np.diff(bent)).max() <= 8.2e-5
