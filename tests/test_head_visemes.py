"""The viseme track: lips close when they must, rest in silence, and every language's sounds have a shape."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from head_parts import SENTENCE, speech_of
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.avatar.coarticulation import known_shapes
from personify.avatar.visemes import CHANNELS, LOOK_AHEAD_S, VisemeStream, split_symbol, viseme_track
from personify.voices import load_tones, speak
from personify.voices.errors import BadInput
from personify.voices.speech import SILENCE, Speech


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


IPA = "pbtdʈɖcɟkɡqɢʔmɱnɳɲŋɴʙrʀⱱɾɽɸβfvθðszʃʒʂʐçʝxɣχʁħʕhɦɬɮʋɹɻjɰlɭʎʟʘǀǃǂǁɓɗʄɠʛʍwɥʜʢʡɕʑɺɧiyɨʉɯuɪʏʊeøɘɵɤoəɛœɜɞʌɔæɐaɶɑɒɚɝɫᵻ"
"""The letters of the IPA's chart (2020), and four that espeak-ng adds."""


def test_every_letter_of_the_ipa_has_a_shape_of_its_own():
    assert set(IPA) <= set(known_shapes())


@pytest.mark.parametrize("tag", ["en", "zh", "si", "ar", "hi", "ru", "sv", "sw", "ko"])
def test_every_sound_of_a_language_has_a_shape(tag):
    speech = speak("0 1 2 3 4 5 6 7 8 9 10 11 12 20 100 1000 ba fu ki ng", load_tones()["neighbour"], language=tag)
    letters = [letter for phoneme in speech.phonemes for letter, _ in split_symbol(phoneme.symbol)]
    assert set(letters) <= set(known_shapes())
    assert all(split_symbol(p.symbol) for p in speech.phonemes if p.symbol != SILENCE)


def test_raised_letters_are_seen_where_the_lips_make_them():
    assert [letter for letter, _ in split_symbol("kʷ")] == ["k", "w"]
    assert [letter for letter, _ in split_symbol("ᵐ")] == ["m"]
    assert [letter for letter, _ in split_symbol("tʰ")] == ["t"]


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


def cut(speech: Speech, places: list[int]) -> list[Speech]:
    """The speech in pieces that end at those samples, each with the phonemes that begin in it; pauses are divided."""
    rate, pieces = speech.sample_rate_hz, []
    edges = [0, *sorted(places), len(speech.samples)]
    for low, high in pairwise(edges):
        inside = []
        for p in speech.phonemes:
            start, end = max(p.start_s, low / rate), min(p.end_s, high / rate)
            if end > start + 1e-9:
                inside.append(replace(p, start_s=start - low / rate, end_s=end - low / rate))
        pieces.append(Speech("", speech.samples[low:high], rate, tuple(inside)))
    return pieces


def streamed(pieces, fps=25.0):
    stream = VisemeStream(fps)
    return [*(stream.push(piece) for piece in pieces), stream.end()]


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.integers(1, 2 * len(SENTENCE) - 1)),
    st.lists(st.floats(0, 1), max_size=5),
    st.sampled_from([25, 29.97, 60]),
)
def test_a_stream_gives_the_same_frames_however_the_speech_is_cut(sounds, moments, fps):
    speech = speech_of(SENTENCE * 2)
    spoken = [p for p in speech.phonemes if p.symbol != SILENCE]
    places = [round(speech.phonemes[i].start_s * speech.sample_rate_hz) for i in sounds]
    anywhere = [round(m * len(speech.samples)) for m in moments]
    inside = [any(p.start_s < n / speech.sample_rate_hz < p.end_s for p in spoken) for n in anywhere]
    places += [n for n, within in zip(anywhere, inside, strict=True) if not within]
    pieces = streamed(cut(speech, places), fps)
    whole = viseme_track(speech, fps=fps)
    assert np.abs(np.concatenate([piece.weights for piece in pieces]) - whole.weights).max() < 2e-3


def test_a_stream_holds_back_no_more_than_its_look_ahead():
    pieces = [spoken(("m", 0.1), ("a", 0.3))] * 4
    stream, frames, seconds = VisemeStream(25), 0, 0.0
    for piece in pieces:
        frames += stream.push(piece).n_frames
        seconds += piece.duration_s
        assert seconds * 25 - frames <= LOOK_AHEAD_S * 25 + 1
    assert frames + stream.end().n_frames == np.ceil(seconds * 25 - 1e-9)


def test_pieces_of_other_sample_rates_share_one_time_line():
    slow, fast = speech_of(), speech_of(rate_hz=48000)
    mixed = np.concatenate([track.weights for track in streamed([slow, fast])])
    same = np.concatenate([track.weights for track in streamed([slow, slow])])
    assert np.abs(mixed - same).mean() < 0.01


def test_a_stream_that_has_ended_takes_no_more():
    stream = VisemeStream()
    assert stream.end().n_frames == 0
    with pytest.raises(BadInput, match="has ended"):
        stream.push(speech_of())


def test_a_frame_rate_that_cant_be_drawn_is_refused():
    with pytest.raises(BadInput, match="from 1 to 240"):
        VisemeStream(0)
