"""Characters who take turns: all of them last equally long, and one speaks at a time."""

import itertools

import numpy as np
import pytest

from personify.eval.talk import PAUSE_S, in_turn
from personify.voices.speech import SILENCE, Speech, TimedPhoneme


def speech(seconds: float, rate: int = 8000) -> Speech:
    return Speech("ah", np.full(round(seconds * rate), 0.5, np.float32), rate, (TimedPhoneme("a", 0.0, seconds),))


def test_one_speaks_at_a_time_and_all_last_equally_long():
    turns = in_turn([speech(1.0), speech(0.5), speech(2.0)])
    assert {len(turn.samples) for turn in turns} == {round((3.5 + 4 * PAUSE_S) * 8000)}
    assert np.sum([turn.samples for turn in turns], axis=0).max() == 0.5
    spoken = [next(p for p in turn.phonemes if p.symbol == "a") for turn in turns]
    assert [p.end_s - p.start_s for p in spoken] == pytest.approx([1.0, 0.5, 2.0])
    assert all(b.start_s - a.end_s == pytest.approx(PAUSE_S) for a, b in itertools.pairwise(spoken))
    for turn in turns:
        assert turn.phonemes[0] == TimedPhoneme(SILENCE, 0.0, turn.phonemes[1].start_s)
        assert turn.phonemes[-1].end_s == pytest.approx(turn.duration_s)


def test_sample_rates_are_not_mixed():
    with pytest.raises(ValueError, match="several sample rates"):
        in_turn([speech(1.0), speech(1.0, 16000)])
