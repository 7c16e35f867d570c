"""What was measured of the tones: the packaged figures are what is heard, and a user's own models keep theirs."""

import json
import subprocess
import sys

import pytest
from platformdirs import user_data_path

from personify.voices import Tone, load_tones
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.measured import Traits, measure_tone, own_traits, packaged_traits, remember
from personify.voices.measuring import energy_level, pace_level, pitch_level
from personify.voices.tones import tones_of

TONES = load_tones()
BUILT_IN = tones_of("espeak")
TRAITS = Traits(pitch_hz=200, pitch_spread=5, pace_wpm=204, brightness_hz=900, loudness_lufs=-18)


def test_every_built_in_tone_was_measured_and_nothing_else():
    assert list(packaged_traits()) == list(BUILT_IN), "run: python -m personify.eval.tones --write"
    assert all(tone.measured for tone in BUILT_IN.values())


@pytest.mark.parametrize("name", list(BUILT_IN)[::7])
def test_the_figures_are_what_is_heard(name):
    """A tenth of a semitone, a word a minute: what another machine's rounding may change."""
    heard, kept = measure_tone(BUILT_IN[name]), packaged_traits()[name]
    assert (heard.pitch_hz is None) == (kept.pitch_hz is None)
    if kept.pitch_hz:
        assert heard.pitch_hz == pytest.approx(kept.pitch_hz, rel=0.006)
        assert heard.pitch_spread == pytest.approx(kept.pitch_spread, abs=0.2)
    assert heard.pace_wpm == pytest.approx(kept.pace_wpm, abs=1)
    assert heard.brightness_hz == pytest.approx(kept.brightness_hz, rel=0.01)
    assert heard.loudness_lufs == pytest.approx(kept.loudness_lufs, abs=0.1)


def test_the_scales_of_pitch_and_pace():
    assert [pitch_level(hz) for hz in (30, 60, 400, 900)] == [0, 0, 1, 1]
    assert pitch_level(155) == pytest.approx(0.5, abs=0.01)
    assert [pace_level(wpm) for wpm in (50, 107, 392, 900)] == pytest.approx([0, 0, 1, 1], abs=0.01)
    assert pace_level(204) == pytest.approx(0.5, abs=0.01)


def test_energy_rises_with_pace_loudness_and_brightness():
    ordinary = energy_level(204, -18, 800)
    assert 0.35 < ordinary < 0.65
    assert min(energy_level(260, -18, 800), energy_level(204, -16, 800), energy_level(204, -18, 1600)) > ordinary
    assert energy_level(400, 0, 8000) == 1 and energy_level(80, -40, 200) == 0


def test_a_tone_that_was_never_measured_has_what_is_ordinary():
    def tone(**traits: str) -> Tone:
        return Tone.model_validate({"name": "x", "title": "X", "description": "Somebody.", **traits})

    man, woman = tone(gender="masculine", age="adult"), tone(gender="feminine", age="adult")
    child = tone(gender="neutral", age="child")
    assert not man.measured
    assert (man.pitch_hz, woman.pitch_hz, child.pitch_hz) == (110, 190, 260)
    assert man.pace == pytest.approx(0.5, abs=0.01)
    assert man.energy == 0.5


def test_what_was_measured_here_reaches_the_catalogue():
    name = next(iter(BUILT_IN))
    before = load_tones()[name]
    remember("espeak", {name: TRAITS})
    assert load_tones()[name].pitch_hz == 200 != before.pitch_hz
    remember("espeak", {name: TRAITS.model_copy(update={"pitch_hz": 210.0})})
    assert load_tones()[name].pitch_hz == 210, "a second measurement replaces the first"
    remember("another", {name: TRAITS})
    assert load_tones()[name].pitch_hz == 210, "another model's tones are another's"


def test_a_whisper_keeps_its_missing_pitch():
    remember("some", {"a-b": TRAITS.model_copy(update={"pitch_hz": None, "pitch_spread": None})})
    assert own_traits() == {"some": {"a-b": TRAITS.model_copy(update={"pitch_hz": None, "pitch_spread": None})}}


def test_nothing_is_left_of_a_measurement_that_cant_be_kept(left_in):
    folder = user_data_path("personify", appauthor=False) / "measured"
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    with pytest.raises(PersonifyError, match="what was measured of some can't be kept"):
        remember("some", {"x": TRAITS})
    folder.unlink()
    remember("some", {"x": TRAITS})
    assert left_in(folder) == ["some.toml"]


@pytest.mark.parametrize("name", ["../some", "", "Some One", "a/b"])
def test_names_that_are_no_names_are_refused(name):
    with pytest.raises(BadInput, match="can't be remembered"):
        remember(name, {"x": TRAITS})
    with pytest.raises(BadInput, match="can't be remembered"):
        remember("some", {name: TRAITS})


@pytest.mark.parametrize(
    "content", ["tones = [", "[tones]\nx = { pitch_hz = -3 }\n", "[tones]\nx = 3\n", "", "tones = 3"]
)
def test_a_damaged_file_names_itself_and_the_way_out(content):
    folder = user_data_path("personify", appauthor=False) / "measured"
    folder.mkdir(parents=True)
    (folder / "some.toml").write_text(content)
    with pytest.raises(BadInput, match=r"some\.toml can't be read .*delete it"):
        load_tones()


def test_a_tone_must_speak_a_language_that_has_a_text():
    tone = next(iter(BUILT_IN.values())).model_copy(update={"languages": ("is",)})
    with pytest.raises(BadInput, match="can't be measured; it speaks none of these: en, es"):
        measure_tone(tone)


def test_a_tone_without_english_is_measured_in_its_own_language():
    tone = TONES["neighbour"].model_copy(update={"languages": ("ja",)})
    assert 90 < measure_tone(tone).pitch_hz < 150


@pytest.mark.slow
def test_the_script_prints_the_figures_of_every_ready_tone():
    done = subprocess.run(
        [sys.executable, "-m", "personify.eval.tones", "--json"],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert list(json.loads(done.stdout)) == list(BUILT_IN)
