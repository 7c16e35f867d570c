"""The motion track: seeded, at rest at first, unhurried, with natural blinks, and the same however speech is cut."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from head_parts import SENTENCE, speech_of
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.avatar.brief import EXPRESSIONS
from personify.avatar.motion import MOTION, MotionStream, idle_track, motion_track
from personify.voices import load_tones, speak
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.speech import SILENCE, Speech

LIMITS = {
    "squint": 0.6, "gaze_x": 20, "gaze_y": 16, "lift": 1.0, "inner": 1.0, "smile": 0.7,
    "yaw": 12, "pitch": 10, "roll": 8, "shift_x": 0.07, "shift_y": 0.06, "breath": 1.0,
}  # fmt: skip
HEAD_DEG_S, HEAD_DEG_S2 = 40, 400
LOOKAHEAD_S = 0.25


def minutes(n: float):
    return speech_of(SENTENCE * round(n * 60 / sum(seconds for _, seconds, _ in SENTENCE)), rate_hz=2000)


def said(text: str, sounds=SENTENCE) -> Speech:
    return replace(speech_of(sounds, rate_hz=2000), text=text)


def joined(pieces: list[Speech]) -> Speech:
    """The pieces as one speech."""
    phonemes, at = [], 0.0
    for piece in pieces:
        phonemes += [replace(p, start_s=p.start_s + at, end_s=p.end_s + at) for p in piece.phonemes]
        at += piece.duration_s
    text = " ".join(piece.text for piece in pieces if piece.text)
    return Speech(text, np.concatenate([p.samples for p in pieces]), pieces[0].sample_rate_hz, tuple(phonemes))


def cut(speech: Speech, after: list[int]) -> list[Speech]:
    """The speech in pieces that end with the phonemes of those numbers."""
    rate = speech.sample_rate_hz
    ends = [speech.phonemes[i].end_s for i in sorted(set(after))]
    samples = [0, *(round(end * rate) for end in ends), len(speech.samples)]
    pieces, start = [], 0
    for number, (first, last) in enumerate(pairwise(samples)):
        stop = sorted(set(after))[number] + 1 if number < len(ends) else len(speech.phonemes)
        moved = [
            replace(p, start_s=p.start_s - first / rate, end_s=p.end_s - first / rate)
            for p in speech.phonemes[start:stop]
        ]
        pieces.append(Speech("", speech.samples[first:last], rate, tuple(moved)))
        start = stop
    return pieces


def streamed(pieces: list[Speech], **how) -> np.ndarray:
    stream = MotionStream(**how)
    return np.concatenate([*(stream.push(piece).values for piece in pieces), stream.end().values])


def blinks(track):
    edges = np.flatnonzero(np.diff(np.concatenate([[0], track.blink > 0.02, [0]]).astype(int)))
    return [track.blink[a:b] for a, b in edges.reshape(-1, 2)]


def mean_over_time(speech: Speech, name: str, *, start_s: float = 0, end_s: float = 1e9) -> float:
    """A channel's mean over some seeds between two moments."""
    tracks = [motion_track(speech, seed=seed).channel(name) for seed in range(6)]
    return float(np.mean(tracks, axis=0)[round(start_s * 25) : round(min(end_s, speech.duration_s) * 25)].mean())


def test_the_same_seed_gives_the_same_motion_and_another_a_different_one():
    one, same, other = (motion_track(speech_of(), seed=seed) for seed in (5, 5, 6))
    assert np.array_equal(one.values, same.values)
    assert not np.array_equal(one.yaw, other.yaw)
    assert one.values.shape == (one.n_frames, len(MOTION))
    assert one.values.dtype == np.float32
    with pytest.raises(AttributeError, match="yaw"):
        _ = one.jaw


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_motion_starts_at_rest_and_stays_within_bounds(expression):
    track = motion_track(said("Wow! Ha ha, why? 😢", SENTENCE * 6), seed=1, expression=expression)
    assert not track.values[0].any()
    assert np.abs(track.values[1]).max() < 0.02
    for name, limit in LIMITS.items():
        assert np.abs(track.channel(name)).max() <= limit


@pytest.mark.parametrize("seed", range(4))
def test_the_head_is_never_hurried_and_moves_below_three_hertz(seed):
    fps = 50.0
    tracks = [
        motion_track(minutes(0.7), seed=seed, fps=fps, expression="happy"),
        idle_track(24, seed=seed, fps=fps, expression="mischievous"),
    ]
    for track in tracks:
        for name in ("yaw", "pitch", "roll"):
            values = track.channel(name).astype(float)
            speed = np.diff(values) * fps
            assert np.abs(speed).max() <= HEAD_DEG_S
            assert np.abs(np.diff(speed)).max() * fps <= HEAD_DEG_S2
            power = np.abs(np.fft.rfft((values - values.mean()) * np.hanning(len(values)))) ** 2
            hz = np.fft.rfftfreq(len(values), 1 / fps)
            assert power[hz > 3].sum() < 0.01 * power.sum()


def test_eyes_jump_and_rest():
    track = motion_track(minutes(2), seed=3)
    # against the room: what the head turns, the eyes turn back
    room = np.stack([track.gaze_x + track.yaw, track.gaze_y - track.pitch], 1)[30:]
    step = np.linalg.norm(np.diff(room, axis=0), axis=1)
    moving = np.flatnonzero(step > 0.3)
    runs = np.split(moving, np.flatnonzero(np.diff(moving) > 1) + 1)
    assert len(runs) > 40
    assert np.mean([len(run) <= 2 for run in runs]) > 0.9
    assert np.median(step) < 0.01


def test_who_talks_looks_away_more_than_who_listens():
    def away(track):
        return np.mean(np.hypot(track.gaze_x + track.yaw, track.gaze_y - track.pitch) > 2.5)

    talking = np.mean([away(motion_track(minutes(1), seed=seed)) for seed in range(4)])
    listening = np.mean([away(idle_track(60, seed=seed)) for seed in range(4)])
    assert 0.08 < talking < 0.5
    assert listening < 0.6 * talking


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_eyes_blink_at_a_natural_rate_and_shut_fully(expression):
    tracks = [motion_track(minutes(2), seed=4, expression=expression), idle_track(60, seed=4, expression=expression)]
    for track in tracks:
        found = blinks(track)
        assert 8 <= len(found) / (track.n_frames / track.fps / 60) <= 25
        assert min(blink.max() for blink in found) > 0.999


@pytest.mark.parametrize("fps", [12.0, 24.0, 29.97, 60.0])
def test_lids_shut_fully_and_fall_faster_than_they_rise(fps):
    for blink in blinks(motion_track(minutes(1), seed=2, fps=fps)):
        assert blink.max() > 0.999
        shut = np.flatnonzero(blink > 0.99)
        assert shut[0] <= len(blink) - 1 - shut[-1]


def test_blinks_are_drawn_into_pauses():
    speech = minutes(2)
    pauses = [(p.start_s, p.end_s) for p in speech.phonemes if p.symbol == SILENCE]
    share = sum(end - start for start, end in pauses) / speech.duration_s
    onsets = []
    for seed in range(3):
        lids = motion_track(speech, seed=seed).blink
        onsets += list((np.flatnonzero((lids[1:] > 0.02) & (lids[:-1] <= 0.02)) + 1.5) / 25)
    within = np.mean([any(start - 0.05 <= t <= end + 0.05 for start, end in pauses) for t in onsets])
    assert within > 1.7 * share


def test_stress_moves_brows_and_head():
    stressed, even = speech_of(SENTENCE * 5), speech_of([(symbol, seconds, 0) for symbol, seconds, _ in SENTENCE * 5])
    a, b = motion_track(stressed, seed=4), motion_track(even, seed=4)
    assert a.brow.max() > b.brow.max() + 0.2
    assert np.abs(np.diff(a.pitch)).sum() > 1.5 * np.abs(np.diff(b.pitch)).sum()


def test_the_chest_breathes_in_pauses_and_at_a_natural_rate():
    track = motion_track(minutes(2), seed=1)
    drawn = np.flatnonzero((np.diff(track.breath)[1:] > 0.01) & (np.diff(track.breath)[:-1] <= 0.01))
    assert 6 <= len(drawn) / (track.n_frames / 25 / 60) <= 18
    idle = idle_track(60, seed=1)
    drawn = np.flatnonzero((np.diff(idle.breath)[1:] > 0.01) & (np.diff(idle.breath)[:-1] <= 0.01))
    assert 12 <= len(drawn) <= 18


def test_moods_and_words_show_in_the_face():
    neutral = minutes(0.3)
    for expression, name, sign in (("happy", "smile", 1), ("sad", "inner", 1), ("grumpy", "inner", -1)):
        track = motion_track(neutral, seed=3, expression=expression)
        assert sign * track.channel(name)[50:].mean() > 0.1
    plain = said("The kettle is on the table", SENTENCE * 2)
    for text, name, sign in (
        ("I am so happy to see you", "smile", 1),
        ("Ha ha ha, the kettle fell down", "smile", 1),
        ("哈哈哈，你好", "smile", 1),
        ("The kettle is on the table 😀", "smile", 1),
        ("I am sorry for the old kettle", "inner", 1),
        ("Wow, what a table", "lift", 1),
        ("Is the kettle on the table?", "lift", 1),
        ("¿Está la tetera en la mesa?", "lift", 1),
        ("Perhaps the kettle is there", "squint", 1),
        ("I am furious about this kettle", "inner", -1),
    ):
        more = mean_over_time(said(text, SENTENCE * 2), name) - mean_over_time(plain, name)
        assert sign * more > 0.05, text
    refused = mean_over_time(said("The kettle is not happy today", SENTENCE * 2), "smile")
    assert refused == pytest.approx(mean_over_time(plain, "smile"), abs=1e-6)


def test_a_feeling_comes_with_its_sentence_and_goes_after_it():
    speech = joined(
        [said("The table is old."), said("How lovely!"), said("The wall is white."), said("It has a door.")]
    )
    length = speech.duration_s / 4
    before, during, after = (
        mean_over_time(speech, "smile", start_s=a * length, end_s=b * length)
        for a, b in ((0.2, 0.8), (1.4, 1.8), (2.9, 3.9))
    )
    assert before == pytest.approx(0, abs=0.02)
    assert during > 0.2
    assert after == pytest.approx(0, abs=0.02)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, len(SENTENCE) * 4 - 2), max_size=12), st.integers(0, 2**32), st.sampled_from([24.0, 25.0])
)
def test_however_speech_is_cut_its_motion_is_the_same(after, seed, fps):
    speech = speech_of(SENTENCE * 4, rate_hz=8000)
    whole = motion_track(speech, seed=seed, fps=fps)
    assert np.array_equal(streamed(cut(speech, after), seed=seed, fps=fps), whole.values)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 40000), max_size=8))
def test_a_recording_without_phonemes_is_followed_by_ear_however_it_is_cut(places):
    speech = replace(speech_of(SENTENCE * 3, rate_hz=4000), phonemes=())
    bounds = [0, *sorted({min(place, len(speech.samples)) for place in places}), len(speech.samples)]
    pieces = [replace(speech, samples=speech.samples[a:b]) for a, b in pairwise(bounds)]
    assert np.array_equal(streamed(pieces, seed=2), motion_track(speech, seed=2).values)


def test_loud_syllables_of_a_recording_move_the_head_and_silence_does_not():
    tone = load_tones()["narrator"]
    recording = replace(
        speak("The keeper opens the roof, turns the great wheel and waits for the moon.", tone), phonemes=()
    )
    quiet = replace(recording, samples=np.zeros_like(recording.samples))
    moved, still = (motion_track(speech, seed=5) for speech in (recording, quiet))
    assert np.abs(np.diff(moved.pitch)).sum() > 1.3 * np.abs(np.diff(still.pitch)).sum()
    assert moved.lift.max() > still.lift.max() + 0.1


def test_sentences_in_pieces_move_as_the_whole_text_does():
    texts = ("Hello there!", "I am sorry, the old wooden kettle fell off the table.", "Why?", "Nobody knows 😀")
    tone = load_tones()["narrator"]
    pieces = [speak(text, tone) for text in texts]
    assert np.array_equal(streamed(pieces, seed=8), motion_track(joined(pieces), seed=8).values)


def test_a_stream_holds_back_no_more_than_its_look_ahead():
    stream, given_s, shown = MotionStream(1), 0.0, 0
    for piece in cut(speech_of(SENTENCE * 3), list(range(0, 40, 3))):
        shown += stream.push(piece).n_frames
        given_s += piece.duration_s
        assert given_s - LOOKAHEAD_S - 1 / 25 <= shown / 25 <= given_s
    stream.end()
    with pytest.raises(PersonifyError, match="has ended"):
        stream.push(speech_of())


@pytest.mark.parametrize("seconds", [0.04, 1, 3, 4.5, 8, 20])
@pytest.mark.parametrize("expression", ["neutral", "sleepy", "mischievous"])
def test_an_idle_loop_closes(seconds, expression):
    track = idle_track(seconds, seed=6, expression=expression)
    assert track.n_frames == round(seconds * 25)
    assert track.blink[0] == track.blink[-1] == 0
    if seconds < 1:
        return
    # across the seam both value and speed go on as they do elsewhere
    twice = np.concatenate([track.values, track.values]).astype(float)
    seam = slice(track.n_frames - 3, track.n_frames + 3)
    for name, still in (("yaw", 0.5), ("pitch", 0.5), ("roll", 0.5), ("gaze_x", 0.6), ("gaze_y", 0.6), ("lift", 0.03),
                        ("smile", 0.01), ("breath", 0.06), ("shift_x", 0.005)):  # fmt: skip
        values = twice[:, MOTION.index(name)]
        assert np.abs(np.diff(values[seam])).max() < still
        assert np.abs(np.diff(values[seam], n=2)).max() < still / 2


def test_one_track_takes_over_from_another():
    last = idle_track(8, seed=1, expression="shy").values[100]
    for track in (motion_track(speech_of(), seed=2, start=last), idle_track(5, seed=2, loop=False, start=last)):
        assert np.allclose(track.values[0], last, atol=1e-5)
        assert np.abs(np.diff(track.yaw)).max() * 25 < HEAD_DEG_S


def test_an_idle_track_that_is_no_loop_begins_at_rest():
    track = idle_track(6, seed=1, loop=False, expression="proud")
    assert track.n_frames == 150
    assert not track.values[0].any()
    assert track.smile[-1] > 0.05


def test_no_sound_no_frames():
    assert motion_track(speech_of(()), seed=0).n_frames == 0
    assert idle_track(0, seed=0, loop=False).n_frames == 0


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_borne(text):
    track = motion_track(said(text), seed=0)
    assert np.isfinite(track.values).all()
    assert track.n_frames == motion_track(said(""), seed=0).n_frames


def test_senseless_orders_are_refused_by_name():
    with pytest.raises(BadInput, match="'cross'; choose one of: dreamy"):
        motion_track(speech_of(), seed=0, expression="cross")
    with pytest.raises(BadInput, match="seed -1"):
        idle_track(3, seed=-1)
    with pytest.raises(BadInput, match=r"0\.0 frames"):
        MotionStream(0, 0.0)
    with pytest.raises(BadInput, match="-2 s"):
        idle_track(-2, seed=0)
