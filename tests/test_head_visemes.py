"""The viseme track: lips close when they must, rest in silence, and every language's sounds have a shape."""

import numpy as np
import pytest
from head_parts import SENTENCE, speech_of
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.avatar.visemes import CHANNELS, split_symbol, viseme_track
from personify.voices.speech import SILENCE


def at(track, seconds):
    return min(int(seconds * track.fps), track.n_frames - 1)


def spoken(*sounds):
    return speech_of(((SILENCE, 0.2, 0), *((symbol, seconds, 0) for symbol, seconds in sounds), (SILENCE, 0.2, 0)))


@pytest.mark.parametrize("fps", [24, 25, 29.97, 60])
def test_as_many_frames_as_the_speech_is_long(fps):
    speech = speech_of()
    track = viseme_track(speech, fps=fps)
    assert track.n_frames == np.ceil(speech.duration_s * fps)
    assert track.weights.shape == (track.n_frames, len(CHANNELS))
    assert track.weights.dtype == np.float32
    assert track.weights.min() >= 0
    assert track.weights.max() <= 1


@pytest.mark.parametrize("fps", [12.5, 25, 60])
def test_lips_meet_on_every_closure_even_one_shorter_than_a_frame(fps):
    speech = speech_of()
    track = viseme_track(speech, fps=fps)
    times = (np.arange(track.n_frames) + 0.5) / fps
    for phoneme in speech.phonemes:
        if phoneme.symbol not in ("p", "b", "m"):
            continue
        near = np.abs(times - (phoneme.start_s + phoneme.end_s) / 2) <= max(
            0.501 / fps, (phoneme.end_s - phoneme.start_s) / 2
        )
        assert track.channel("jaw")[near].min() == 0
        assert track.channel("press")[near].max() == pytest.approx(1)


def test_the_mouth_rests_in_silence():
    speech = speech_of()
    track = viseme_track(speech)
    times = (np.arange(track.n_frames) + 0.5) / track.fps
    for phoneme in speech.phonemes:
        if phoneme.symbol == SILENCE:
            resting = (times > phoneme.start_s + 0.08) & (times < phoneme.end_s - 0.08)
            assert resting.any()
            assert track.weights[resting].max() < 0.02


@pytest.mark.parametrize(
    ("symbol", "channel"),
    [
        ("f", "tuck"),
        ("v", "tuck"),
        ("uː", "round"),
        ("w", "round"),
        ("iː", "wide"),
        ("θ", "tongue"),
        ("l", "tongue"),
        ("ɑː", "jaw"),
    ],
)
def test_each_sound_has_its_shape(symbol, channel):
    track = viseme_track(spoken((symbol, 0.25)))
    assert track.channel(channel)[at(track, 0.325)] > 0.45


def test_open_vowels_open_wider_than_close_ones():
    openness = [viseme_track(spoken((vowel, 0.25))).channel("jaw").max() for vowel in ("i", "e", "a")]
    assert openness == sorted(openness)
    assert openness[2] > 2 * openness[0]


def test_sounds_colour_their_neighbours():
    """The s of "soon" is said with rounder lips than the s of "seen"."""
    soon, seen = (viseme_track(spoken(("s", 0.12), (vowel, 0.2))) for vowel in ("uː", "iː"))
    assert soon.channel("round")[at(soon, 0.28)] > seen.channel("round")[at(seen, 0.28)] + 0.1


def test_louder_speech_opens_wider():
    quiet_then_loud = speech_of(((SILENCE, 0.2, 0), ("a", 0.4, 0), ("t", 0.1, 0), ("a", 0.4, 0), (SILENCE, 0.2, 0)))
    quiet_then_loud.samples[: len(quiet_then_loud.samples) // 2] *= 0.1
    jaw = viseme_track(quiet_then_loud).channel("jaw")
    assert jaw[at(viseme_track(quiet_then_loud), 0.9)] > 1.1 * jaw[at(viseme_track(quiet_then_loud), 0.4)]


def test_symbols_fall_into_letters_with_their_shares_of_time():
    assert [letter for letter, _ in split_symbol("t͡ʃ")] == ["t", "ʃ"]
    assert [letter for letter, _ in split_symbol("ɔ̃ː")] == ["ɔ"]
    assert split_symbol("aː")[0][1] > split_symbol("a")[0][1]


@pytest.mark.parametrize("sounds", [(), ((SILENCE, 0.5, 0),), (("a", 0.01, 0),), (("1", 0.2, 0), ("?", 0.1, 0))])
def test_odd_speech_gives_a_track(sounds):
    speech = speech_of(sounds)
    assert viseme_track(speech).n_frames == np.ceil(speech.duration_s * 25)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=5), st.floats(0.001, 0.4), st.integers(0, 2)), max_size=12))
def test_any_symbols_give_weights_within_bounds(sounds):
    weights = viseme_track(speech_of(sounds)).weights
    assert np.isfinite(weights).all()
    assert ((weights >= 0) & (weights <= 1)).all()


def test_the_sentence_covers_every_channel():
    weights = viseme_track(speech_of(SENTENCE)).weights
    assert dict(zip(CHANNELS, weights.max(axis=0) > 0.15, strict=True)) == dict.fromkeys(CHANNELS, True)
