"""Blends: a voice between two speakers, by ear and by the numbers."""

import shutil
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import espeakng_loader
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.voices import SILENCE, Speech, Tone, load_tones, speak
from personify.voices.blending import blended
from personify.voices.engines.espeak_blend import as_text, blend, blended_variant, read_variant
from personify.voices.errors import BadInput
from personify.voices.measured import measure_tone
from personify.voices.measuring import measure

TONES = load_tones()
TEXT = "The stars are late tonight, and the kettle is warm. Shall we have a cup of tea together?"
DATA = Path(espeakng_loader.get_data_path())
VARIANTS = sorted(path.name for path in (DATA / "voices" / "!v").iterdir())
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


def tone(first: str, second: str = "", share: float = 0.0) -> Tone:
    """The plainest tone, in a speaker or between two; 0 and 1 are the speakers themselves."""
    mixed = {"speaker": second, "share": share} if 0 < share < 1 else None
    speaker = second if share == 1 else first
    return Tone.model_validate(
        {**TONES["neighbour"].model_dump(), "name": "x", "effects": [], "speaker": speaker, "blend": mixed}
    )


def levels(speech: Speech) -> np.ndarray:
    """Level in dB in half octaves from 200 Hz to 6.4 kHz, (10,)."""
    power = np.abs(np.fft.rfft(speech.samples)) ** 2
    hz = np.fft.rfftfreq(len(speech.samples), 1 / speech.sample_rate_hz)
    edges = 200 * 2 ** (np.arange(11) / 2)
    return 10 * np.log10([power[(hz >= low) & (hz < high)].sum() / power.sum() + 1e-9 for low, high in pairwise(edges)])


def first_formant(speech: Speech) -> float:
    """Median of the first formant in Hz over the stressed vowels: the lowest resonance of a linear prediction that is
    sharp enough (order 12 at 8 kHz)."""
    from scipy.linalg import solve_toeplitz
    from scipy.signal import resample_poly

    samples = resample_poly(speech.samples.astype(np.float64), 8000, speech.sample_rate_hz)
    found = []
    for p in speech.phonemes:
        part = samples[round(p.start_s * 8000) : round(p.end_s * 8000)]
        if p.symbol == SILENCE or p.stress == 0 or len(part) < 400:
            continue
        part = np.append(part[0], part[1:] - 0.97 * part[:-1]) * np.hanning(len(part))
        similar = np.correlate(part, part, "full")[len(part) - 1 :][:13]
        roots = np.roots(np.append(1, -solve_toeplitz(similar[:12], similar[1:])))
        roots = roots[(roots.imag > 0) & (np.abs(roots) > 0.8)]
        hz = np.sort(np.angle(roots)) * 8000 / (2 * np.pi)
        found += list(hz[hz > 220][:1])
    return float(np.median(found))


@pytest.mark.parametrize(("first", "second"), [("f2", "m3"), ("m3", "f3"), ("croak", "zac"), ("", "linda")])
def test_the_pitch_moves_from_one_speaker_to_the_other(first, second):
    heard = [measure(speak(TEXT, tone(first, second, share))).pitch_hz for share in SHARES]
    steps = np.diff(heard) * np.sign(heard[-1] - heard[0])
    assert (steps > 0).all(), heard
    assert heard[2] == pytest.approx(np.sqrt(heard[0] * heard[-1]), rel=0.06), "half-way, as pitch is heard"


@pytest.mark.parametrize(("first", "second"), [("m8", "boris"), ("m7", "f4"), ("m1", "m8"), ("f5", "Alicia")])
def test_the_formants_move_too(first, second):
    heard = [first_formant(speak("Father, far away. " * 3, tone(first, second, share))) for share in (0.0, 0.5, 1.0)]
    low, high = sorted((heard[0], heard[2]))
    assert high / low > 1.08, "two speakers whose formants differ"
    assert low * 1.02 < heard[1] < high / 1.02, heard


@pytest.mark.parametrize(("first", "second"), [("m8", "boris"), ("m1", "m8"), ("f2", "marcelo"), ("Alicia", "shelby")])
def test_the_spectrum_lies_between(first, second):
    """Nearer to each end than the ends are to each other, and the more so the larger its share."""
    spectra = [levels(speak(TEXT, tone(first, second, share))) for share in SHARES]
    away = [float(np.mean(np.abs(spectrum - spectra[0]))) for spectrum in spectra]
    left = [float(np.mean(np.abs(spectrum - spectra[-1]))) for spectrum in spectra]
    assert away[0] < away[2] < away[4] and left[4] < left[2] < left[0]
    assert away[1] < away[3] and left[3] < left[1]


def test_a_hundredth_of_another_is_hardly_heard():
    for name in ("f2", "m7", "Alicia", "travis", "quincy"):
        own, nearly = (speak(TEXT, tone(name, "m3", share)) for share in (0.0, 0.01))
        assert np.abs(levels(own) - levels(nearly)).mean() < 1.0, name
        assert measure(nearly).pitch_hz == pytest.approx(measure(own).pitch_hz, rel=0.02), name


def test_what_a_file_leaves_out_is_the_librarys_default():
    """A file that spells out every default sounds like no file at all."""
    spelt = speak(TEXT, tone("", "john", 0.001))
    assert np.abs(levels(spelt) - levels(speak(TEXT, tone("")))).mean() < 0.3


def test_the_same_blend_is_the_same_sound_and_eight_threads_dont_mix():
    jobs = [tone(first, second, 0.4) for first, second in [("f2", "m3"), ("m3", "f2"), ("zac", "boris"), ("f5", "m8")]]
    alone = [speak("The kettle is warm.", job).samples for job in jobs]
    together: dict[int, np.ndarray] = {}

    def work(i: int) -> None:
        together[i] = speak("The kettle is warm.", jobs[i % 4]).samples

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(together[i], alone[i % 4]) for i in range(8))


def test_each_blend_has_its_own_variants(capfd):
    """The library lists at most 350 voices, and says so where there are more; a folder of all blends would be full."""
    folders = [blended_variant("f2", "m3", i / 20, DATA) for i in range(1, 5)]
    for name, folder in folders:
        assert [path.name for path in (folder / "voices" / "!v").iterdir()] == [name]
    assert len(speak("Hello.", tone("f2", "m3", 0.5)).phonemes) == 6
    assert capfd.readouterr().err == ""


def test_klatt_and_unknown_speakers_are_refused_by_name():
    for first, second in (("david", "m3"), ("m3", "klatt4")):
        with pytest.raises(BadInput, match=r"the Klatt voice '\w+' can't be blended .* choose one of: Alex, .*m3"):
            speak("Hello.", tone(first, second, 0.5))
    with pytest.raises(BadInput, match="unknown espeak-ng speaker 'm33'; choose one of"):
        speak("Hello.", tone("m3", "m33", 0.5))
    with pytest.raises(BadInput, match=r"unknown espeak-ng speaker '\.\./f2'"):
        speak("Hello.", tone("m3", "../f2", 0.5))


@pytest.mark.parametrize("share", [0, 1, -0.5, 2])
def test_a_share_lies_between_the_two(share):
    with pytest.raises(ValueError, match=r"blend\.share"):
        Tone.model_validate({**tone("m3").model_dump(), "blend": {"speaker": "f2", "share": share}})
    with pytest.raises(BadInput, match="share lies between 0 and 1"):
        blended(TONES["storyteller"], TONES["hostess"], share)


def test_a_folder_that_was_tidied_away_is_made_again():
    _, folder = blended_variant("f2", "m3", 0.5, DATA)
    shutil.rmtree(folder.parent)
    assert len(speak("Hello.", tone("f2", "m3", 0.5)).phonemes) == 6


def test_nothing_is_left_in_the_temporary_folder(tmp_path):
    program = (
        "from personify.voices import Tone, load_tones, speak\n"
        "tone = load_tones()['neighbour'].model_dump()\n"
        "tone['blend'] = {'speaker': 'f2', 'share': 0.5}\n"
        "import pathlib, sys\n"
        "speak('Hello.', Tone.model_validate(tone))\n"
        "assert list(pathlib.Path(sys.argv[1]).iterdir())\n"
    )
    environment = {"TMPDIR": str(tmp_path), "TEMP": str(tmp_path), "TMP": str(tmp_path)}
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], check=True, timeout=60, env={**environment, "PATH": ""}
    )
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=60)
@given(st.sampled_from(VARIANTS), st.sampled_from(VARIANTS), st.floats(0.01, 0.99))
def test_any_two_files_make_one_that_can_be_read(first, second, share):
    ours, theirs = (read_variant((DATA / "voices" / "!v" / name).read_text("utf-8")) for name in (first, second))
    mixed = blend(ours, theirs, share)
    assert read_variant(as_text("x", mixed)) == {key: [float(f"{n:.0f}") for n in of] for key, of in mixed.items()}
    assert len(mixed.get("tone", [])) <= 10
    for key in {*ours, *theirs} & set(mixed):
        if key.startswith("formant"):
            ends = [of.get(key, [100])[0] for of in (ours, theirs)]
            assert min(n or 1e9 for n in ends) - 1e-6 <= mixed[key][0] <= max(ends) + 1e-6 or not any(ends)


# ---- tones between tones


def test_a_tone_between_two_tones():
    first, second = TONES["storyteller"], TONES["hostess"]
    middle = blended(first, second, 0.5)
    assert (middle.speaker, middle.blend.speaker, middle.blend.share) == (first.speaker, second.speaker, 0.5)
    assert middle.gender == "neutral"
    assert first.prosody.rate_wpm < middle.prosody.rate_wpm < second.prosody.rate_wpm
    heard = [measure_tone(each).pitch_hz for each in (first, middle, second)]
    assert heard[0] * 1.1 < heard[1] < heard[2] / 1.1
    assert not middle.measured
    assert (blended(first, second, 0.1).gender, blended(first, second, 0.9).gender) == ("masculine", "feminine")


def test_the_body_lies_between_too():
    boy = blended(TONES["storyteller"], TONES["boy"], 0.5)
    assert boy.stretch == pytest.approx(TONES["boy"].stretch ** 0.5)
    assert boy.age == "young"


def test_tones_that_cant_be_blended():
    first = TONES["storyteller"]
    with pytest.raises(BadInput, match="they are voices of espeak and vctk"):
        blended(first, first.model_copy(update={"model": "vctk"}), 0.5)
    with pytest.raises(BadInput, match="is a blend already; blend 'm3' or 'f2'"):
        blended(first, blended(first, TONES["hostess"], 0.5), 0.5)
    cloned = first.model_copy(update={"sample": Path("me.wav")})
    for pair in ((first, cloned), (cloned, first)):
        with pytest.raises(BadInput, match="is cloned from a recording and can't be blended"):
            blended(*pair, 0.5)
    german, spanish = (TONES["hostess"].model_copy(update={"languages": (tag,)}) for tag in ("de", "es"))
    with pytest.raises(BadInput, match="no language in common"):
        blended(german, spanish, 0.5)
    assert blended(first, german, 0.5).languages == ("de",)
    austrian = first.model_copy(update={"languages": ("fr", "de-AT")})
    assert blended(austrian, german, 0.5).languages == ("de-AT",)


def test_espeak_clones_nobody():
    with pytest.raises(BadInput, match="is cloned from a recording, which 'espeak' can't"):
        speak("Hello.", TONES["storyteller"].model_copy(update={"sample": Path("me.wav")}))
