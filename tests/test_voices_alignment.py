"""Alignment: phonemes are found where they are spoken, whoever speaks, and a text of something else is refused."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.eval.alignment import MEDIAN_MS, MOST_MS, errors_ms, spoil
from personify.voices import load_tones, speak
from personify.voices.alignment import align
from personify.voices.errors import BadInput
from personify.voices.speech import SILENCE, Speech

TEXT = "The stars are late tonight, and my kettle is cold. Would you mind waiting a little?"
TONES = load_tones()


def spoken_by(name: str, text: str = TEXT, language: str = "en", **prosody) -> Speech:
    tone = TONES[name]
    tone = tone.model_copy(update={"prosody": tone.prosody.model_copy(update=prosody), "accent": None})
    return speak(text, tone, language=language)


def aligned(speech: Speech, language: str = "en") -> Speech:
    return align(speech.samples, speech.sample_rate_hz, speech.text, language)


def well_formed(speech: Speech) -> None:
    phonemes = speech.phonemes
    assert phonemes[0].start_s == 0
    assert phonemes[-1].end_s == pytest.approx(speech.duration_s)
    for before, after in pairwise(phonemes):
        assert before.start_s < before.end_s == pytest.approx(after.start_s)
        assert not before.symbol == after.symbol == SILENCE


@pytest.mark.parametrize(
    ("name", "language", "text", "rate_wpm"),
    [
        ("narrator", "en", TEXT, 120),
        ("elder", "en", TEXT, 260),
        ("alien", "en", TEXT, 170),
        ("herald", "de", "Guten Abend, mein lieber Freund. Der Tee ist kalt.", 150),
        ("sailor", "ru", "Добрый вечер, дорогой друг. Чай остыл.", 200),
        ("neighbour", "zh", "晚上好,我亲爱的朋友。茶也凉了。", 170),
        ("neighbour", "hi", "नमस्ते, मेरे प्यारे दोस्त। चाय ठंडी हो गई है।", 170),
    ],
)
def test_phonemes_are_found_where_they_are_spoken(name, language, text, rate_wpm):
    truth = spoken_by(name, text, language, rate_wpm=rate_wpm)
    found = aligned(truth, language)
    well_formed(found)
    errors, missed = errors_ms(truth, found)
    assert missed == 0
    assert np.median(np.abs(errors)) <= MEDIAN_MS
    assert np.percentile(np.abs(errors), 95) <= MOST_MS


@pytest.mark.parametrize("kind", ["noise", "room", "telephone", "quiet"])
def test_a_spoilt_recording_is_aligned_too(kind):
    truth = spoken_by("narrator")
    found = aligned(spoil(truth, kind))
    well_formed(found)
    errors, _ = errors_ms(truth, found)
    assert np.median(np.abs(errors)) <= MEDIAN_MS
    assert np.percentile(np.abs(errors), 95) <= MOST_MS


def test_pauses_are_where_nothing_is_said():
    truth = spoken_by("narrator")
    rate = truth.sample_rate_hz
    gap = np.zeros(2 * rate, np.float32)
    at = round(next(p.end_s for p in truth.phonemes[1:] if p.symbol == SILENCE) * rate)
    late = replace(truth, samples=np.concatenate([gap, truth.samples[:at], gap, truth.samples[at:], gap]))
    found = aligned(late)
    well_formed(found)
    pauses = [p for p in found.phonemes if p.symbol == SILENCE and p.end_s - p.start_s > 1.9]
    assert len(pauses) == 3
    errors, _ = errors_ms(
        replace(
            truth,
            phonemes=tuple(
                replace(p, start_s=p.start_s + (2 if p.end_s * rate <= at + 1 else 4), end_s=0) for p in truth.phonemes
            ),
        ),
        found,
    )
    assert np.percentile(np.abs(errors), 95) <= MOST_MS


def test_stress_comes_along():
    found = aligned(spoken_by("narrator"))
    assert sum(p.stress == 2 for p in found.phonemes) >= 5


@pytest.mark.parametrize("rate_hz", [8000, 16000, 48000])
def test_any_sample_rate_will_do(rate_hz):
    truth = spoken_by("narrator")
    times = np.arange(int(truth.duration_s * rate_hz)) / rate_hz
    samples = np.interp(times, np.arange(len(truth.samples)) / truth.sample_rate_hz, truth.samples).astype(np.float32)
    errors, _ = errors_ms(truth, align(samples, rate_hz, TEXT))
    assert np.median(np.abs(errors)) <= MEDIAN_MS


def test_what_cant_be_aligned_is_refused():
    speech = spoken_by("narrator")
    with pytest.raises(BadInput, match="nothing but silence"):
        align(np.zeros(22050, np.float32), 22050, TEXT)
    with pytest.raises(BadInput, match="nothing but silence"):
        align(np.zeros(0, np.float32), 22050, TEXT)
    with pytest.raises(BadInput, match="nothing to say"):
        align(speech.samples, speech.sample_rate_hz, "…")
    with pytest.raises(BadInput, match="unknown language"):
        align(speech.samples, speech.sample_rate_hz, TEXT, "xx")
    with pytest.raises(BadInput, match="the text has"):
        align(speech.samples, speech.sample_rate_hz, TEXT * 30)
    with pytest.raises(BadInput, match="the text has"):
        align(speech.samples, speech.sample_rate_hz, "Oh.")
    with pytest.raises(BadInput, match="too dull"):
        align(speech.samples, 4000, TEXT)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.3, 4), st.floats(-60, 0), st.sampled_from([TEXT, "Oh dear.", "12"]))
def test_any_sound_with_any_text_gives_speech_or_a_refusal(seed, seconds, level_db, text):
    rng = np.random.default_rng(seed)
    samples = np.clip(rng.normal(0, 10 ** (level_db / 20), int(seconds * 22050)), -1, 1).astype(np.float32)
    samples *= rng.random(len(samples) // 2000 + 1).round().repeat(2000)[: len(samples)].astype(np.float32)
    try:
        well_formed(align(samples, 22050, text))
    except BadInput:
        return
