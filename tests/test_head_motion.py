"""The motion track: seeded, at rest at first, with full blinks at a natural rate and accents on stress."""

import numpy as np
import pytest
from head_parts import SENTENCE, speech_of

from personify.avatar.brief import EXPRESSIONS
from personify.avatar.motion import motion_track

LIMITS = {"yaw": 4.5, "pitch": 4.5, "roll": 3, "shift_x": 0.04, "shift_y": 0.04, "brow": 1.3, "breath": 1.0}


def minutes(n: float):
    return speech_of(SENTENCE * round(n * 60 / sum(seconds for _, seconds, _ in SENTENCE)), rate_hz=2000)


def blinks(track):
    edges = np.flatnonzero(np.diff(np.concatenate([[0], track.blink > 0.02, [0]]).astype(int)))
    return [track.blink[a:b] for a, b in edges.reshape(-1, 2)]


def test_the_same_seed_gives_the_same_motion_and_another_a_different_one():
    speech = speech_of()
    one, same, other = (motion_track(speech, seed=seed) for seed in (5, 5, 6))
    for name in LIMITS:
        assert np.array_equal(getattr(one, name), getattr(same, name))
    assert not np.array_equal(one.yaw, other.yaw)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_motion_starts_at_rest_and_stays_small_and_smooth(expression):
    track = motion_track(minutes(0.3), seed=1, expression=expression)
    for name, limit in LIMITS.items():
        values = getattr(track, name)
        assert abs(values[0]) < 0.01 * limit
        assert np.abs(values).max() <= limit
        assert np.abs(np.diff(values)).max() < 0.5 * limit


def test_eyes_blink_at_a_natural_rate_and_shut_fully():
    speech = minutes(3)
    found = [blink for seed in range(3) for blink in blinks(motion_track(speech, seed=seed))]
    assert 8 <= len(found) / 3 / (speech.duration_s / 60) <= 25
    assert min(blink.max() for blink in found) > 0.99


def test_lids_close_faster_than_they_open():
    for blink in blinks(motion_track(minutes(1), seed=2, fps=100)):
        shut = np.flatnonzero(blink > 0.99)
        assert shut[0] < len(blink) - 1 - shut[-1]


def test_stress_moves_brows_and_head():
    stressed, even = speech_of(SENTENCE * 5), speech_of([(symbol, seconds, 0) for symbol, seconds, _ in SENTENCE * 5])
    a, b = motion_track(stressed, seed=4), motion_track(even, seed=4)
    assert a.brow.max() > b.brow.max() + 0.2
    assert np.abs(a.pitch - b.pitch).max() > 0.5


def test_no_sound_no_frames():
    assert motion_track(speech_of(()), seed=0).n_frames == 0
