"""A character's own prosody: what is asked for is heard, phonemes keep their place, and two of one tone differ."""

import json

import numpy as np
import pytest
from pydantic import ValidationError

from personify.pipelines.persona import Persona
from personify.pipelines.services import Services
from personify.pipelines.writers import persona_writer
from personify.voices import Speech, load_tones, speak
from personify.voices.brief import VoiceBrief
from personify.voices.measuring import measure
from personify.voices.own_prosody import OwnProsody, fit, moved

TONES = load_tones()
TEXT = "The stars are late tonight, and the kettle is warm. Shall we have a cup of tea together?"
ORDINARY = ("gentleman", "hostess", "librarian", "queen", "granny", "girl", "kid", "telephone")
"""Voices with a pitch that can be measured to a tenth of a semitone."""


def semitones_between(speech: Speech, other: Speech) -> float:
    return 12 * np.log2(measure(speech).pitch_hz / measure(other).pitch_hz)


def pace_against(speech: Speech, other: Speech) -> float:
    return measure(speech).pace_hz / measure(other).pace_hz


@pytest.mark.parametrize("name", ORDINARY)
@pytest.mark.parametrize(("semitones", "pace"), [(-1.5, 0.92), (1.2, 1.08), (0.6, 1.0), (-4, 0.8), (5, 1.3)])
def test_pitch_and_pace_come_out_as_asked(name, semitones, pace):
    own = OwnProsody(pitch_semitones=semitones, pace=pace)
    plain, moved_ = speak(TEXT, TONES[name]), speak(TEXT, TONES[name], own=own)
    assert semitones_between(moved_, plain) == pytest.approx(semitones, abs=0.4)
    assert pace_against(moved_, plain) == pytest.approx(pace, rel=0.05)


@pytest.mark.parametrize("name", ["hostess", "girl", "cave"])
@pytest.mark.parametrize(("semitones", "pace"), [(-1.5, 0.92), (5.0, 1.3)])
def test_phonemes_stay_with_the_sound(name, semitones, pace):
    """Stressed vowels are far louder than the pause in the middle, wherever they have moved to."""
    speech = speak(TEXT, TONES[name], own=OwnProsody(pitch_semitones=semitones, pace=pace))
    plain = speak(TEXT, TONES[name])
    assert [p.symbol for p in speech.phonemes] == [p.symbol for p in plain.phonemes]
    assert speech.phonemes[-1].end_s == pytest.approx(speech.duration_s, abs=0.001)
    assert speech.phonemes[0].end_s == pytest.approx(0.15, abs=0.005)

    def level(start_s: float, end_s: float) -> float:
        part = speech.samples[round(start_s * speech.sample_rate_hz) : round(end_s * speech.sample_rate_hz)]
        return float(np.sqrt(np.mean(part**2)))

    vowels = np.median([level(p.start_s, p.end_s) for p in speech.phonemes if p.stress == 2])
    pause = next(p for p in speech.phonemes[1:-1] if not p.symbol)
    assert vowels > 1.7 * level(pause.end_s - 0.08, pause.end_s)


def test_what_an_engine_can_not_do_itself_is_done_to_its_sound():
    """Engines that promise no exact rate or pitch: Rubber Band moves what they said, and its phonemes."""
    tone, own = TONES["hostess"], OwnProsody(pitch_semitones=2.5, pace=1.2)
    fitted = fit(own, tone, "another")
    assert fitted.tone.prosody == tone.prosody and fitted.tone.stretch == tone.stretch
    plain = speak(TEXT, tone)
    speech = fitted.after_engine(plain)
    assert speech.duration_s == pytest.approx(plain.duration_s / 1.2, rel=0.001)
    assert speech.phonemes[-1].end_s == pytest.approx(speech.duration_s, abs=0.001)
    assert semitones_between(speech, plain) == pytest.approx(2.5, abs=0.3)
    assert speech.samples.dtype == np.float32 and moved(plain, 0.0) is plain


def test_an_own_effect_follows_those_of_the_tone():
    own = OwnProsody.model_validate({"effects": [{"effect": "reverb", "room": 0.8, "wet": 0.5}]})
    plain, ringing = speak(TEXT, TONES["hostess"]), speak(TEXT, TONES["hostess"], own=own)
    assert ringing.duration_s > plain.duration_s + 0.3
    larger = OwnProsody.model_validate({"effects": [{"effect": "size", "factor": 1.2}]})
    assert pace_against(speak(TEXT, TONES["hostess"], own=larger), plain) == pytest.approx(1.0, abs=0.05)


def test_a_rate_that_the_engine_does_not_take_is_made_up_for_after_it():
    slowest = TONES["giant"]
    own = OwnProsody(pace=0.7)
    tone = slowest.model_copy(update={"prosody": slowest.prosody.model_copy(update={"rate_wpm": 90}), "effects": ()})
    assert fit(own, tone, "espeak").tone.prosody.rate_wpm == 80
    assert pace_against(speak(TEXT, tone, own=own), speak(TEXT, tone)) == pytest.approx(0.7, rel=0.06)


def test_no_own_prosody_changes_nothing_and_the_same_one_sounds_the_same():
    plain = speak(TEXT, TONES["hostess"])
    assert np.array_equal(speak(TEXT, TONES["hostess"], own=OwnProsody()).samples, plain.samples)
    own = OwnProsody(pitch_semitones=3.0, pace=0.9)
    once, again = (speak(TEXT, TONES["hostess"], own=own) for _ in range(2))
    assert np.array_equal(once.samples, again.samples)


@pytest.mark.parametrize(
    "wrong", [{"pitch_semitones": 7}, {"pace": 0.5}, {"effects": [{"effect": "reverb"}] * 4}, {"volume": 1}]
)
def test_what_is_out_of_range_or_unknown_is_refused(wrong):
    with pytest.raises(ValidationError):
        OwnProsody.model_validate(wrong)


def test_two_characters_with_one_tone_differ_and_one_stays_itself():
    writer, services = persona_writer(), Services()
    briefs = [writer.write("a kind grandmother who bakes bread", seed=seed).voice for seed in range(12)]
    assert writer.write("a kind grandmother who bakes bread", seed=3).voice == briefs[3]
    assert len({brief.own for brief in briefs}) == len(briefs)
    for brief in briefs:
        assert abs(brief.own.pitch_semitones) <= 1.5 and abs(brief.own.pace - 1) <= 0.08 and not brief.own.effects
    low, high = (pick(briefs, key=lambda brief: brief.own.pitch_semitones) for pick in (min, max))
    speeches = [services.speak(TEXT, "granny", voice=brief) for brief in (low, high)]
    asked = high.own.pitch_semitones - low.own.pitch_semitones
    assert asked > 1 and semitones_between(speeches[1], speeches[0]) == pytest.approx(asked, abs=0.4)


def test_a_brief_from_before_it_had_its_own_prosody_still_opens():
    persona = persona_writer().write("a wise owl", seed=1)
    record = json.loads(persona.model_dump_json())
    del record["voice"]["own"]
    assert Persona.model_validate(record).voice.own == OwnProsody()
    assert VoiceBrief().own == OwnProsody()
