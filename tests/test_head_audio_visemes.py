"""Visemes from the sound alone: the jaw follows the voice, pauses are shut, and it doesn't matter how sound is cut."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.avatar.audio_visemes import SoundStream, speech_from_sound
from personify.avatar.coarticulation import known_shapes
from personify.avatar.visemes import viseme_track
from personify.eval.hearing import measure
from personify.voices import load_tones, speak
from personify.voices.errors import BadInput
from personify.voices.speech import SILENCE

RATE_HZ = 22050


@pytest.fixture(scope="module")
def spoken():
    return speak("Papa may move the boat. Who has seen my teapot, far away?", load_tones()["neighbour"])


def test_the_jaw_follows_the_voice_and_rests_in_pauses(spoken):
    figures = measure(spoken)
    assert figures["jaw"] >= 0.6
    assert figures["pause"] <= 0.05


@pytest.mark.parametrize("gain", [0.02, 1.0])
def test_loudness_changes_little(spoken, gain):
    usual = viseme_track(speech_from_sound(spoken.samples, RATE_HZ)).channel("jaw")
    other = viseme_track(speech_from_sound(spoken.samples * np.float32(gain), RATE_HZ)).channel("jaw")
    assert np.corrcoef(usual, other)[0, 1] > 0.85


def test_the_guess_is_whole_speech(spoken):
    heard = speech_from_sound(spoken.samples, RATE_HZ)
    assert heard.duration_s == spoken.duration_s
    assert heard.phonemes[0].start_s == 0 and heard.phonemes[0].symbol == SILENCE
    assert heard.phonemes[-1].end_s == pytest.approx(heard.duration_s, abs=0.011)
    assert {p.symbol for p in heard.phonemes} <= {SILENCE, *known_shapes()}
    assert any(p.stress for p in heard.phonemes)
    for before, after in pairwise(heard.phonemes):
        assert before.start_s < before.end_s == pytest.approx(after.start_s, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=8))
def test_it_doesnt_matter_where_the_sound_is_cut(spoken, moments):
    edges = [0, *sorted(int(m * len(spoken.samples)) for m in moments), len(spoken.samples)]
    stream, pieces = SoundStream(), []
    for low, high in pairwise(edges):
        pieces.append(stream.push(spoken.samples[low:high], RATE_HZ))
        given_s = sum(piece.duration_s for piece in pieces)
        assert high / RATE_HZ - given_s <= 0.5
    pieces.append(stream.end())
    assert np.array_equal(np.concatenate([piece.samples for piece in pieces]), spoken.samples)
    whole = speech_from_sound(spoken.samples, RATE_HZ)
    at, starts = 0.0, []
    for piece in pieces:
        starts += [(p.symbol, round(p.start_s + at, 6)) for p in piece.phonemes if p.symbol != SILENCE]
        at += piece.duration_s
    assert starts == [(p.symbol, round(p.start_s, 6)) for p in whole.phonemes if p.symbol != SILENCE]


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(RATE_HZ, np.float32), np.zeros(100, np.float32)])
def test_silence_is_a_pause(samples):
    heard = speech_from_sound(samples, RATE_HZ)
    assert all(p.symbol == SILENCE for p in heard.phonemes)
    assert heard.duration_s == len(samples) / RATE_HZ
    assert not viseme_track(heard).weights.any()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 30000), st.floats(-90, 0), st.sampled_from([8000, 16000, 22050, 48000]))
def test_any_sound_gives_a_track(seed, length, level_db, rate):
    samples = np.random.default_rng(seed).normal(0, 10 ** (level_db / 20), length).clip(-1, 1).astype(np.float32)
    weights = viseme_track(speech_from_sound(samples, rate)).weights
    assert len(weights) == np.ceil(length / rate * 25)
    assert ((weights >= 0) & (weights <= 1)).all()


def test_sound_that_cant_be_followed_is_refused():
    stream = SoundStream()
    stream.push(np.zeros(1000, np.float32), 22050)
    with pytest.raises(BadInput, match="resample it"):
        stream.push(np.zeros(1000, np.float32), 44100)
    with pytest.raises(BadInput, match="too dull"):
        SoundStream().push(np.zeros(1000, np.float32), 4000)
