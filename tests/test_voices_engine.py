"""The speech engine: any text is spoken as text, timed, the same every time and from many threads at once."""

import re
import signal
import subprocess
import sys
import threading
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.voices import SILENCE, Speech, Tone, load_tones, speak
from personify.voices.engines import get_engine
from personify.voices.errors import BadInput
from personify.voices.text.cleaning import clean, pieces, speakable

TONES = load_tones()
PLAIN = TONES["neighbour"]


def symbols(speech: Speech) -> str:
    return " ".join(p.symbol for p in speech.phonemes if p.symbol != SILENCE)


def well_formed(speech: Speech) -> None:
    samples, phonemes = speech.samples, speech.phonemes
    assert samples.dtype == np.float32 and samples.ndim == 1
    assert np.isfinite(samples).all() and np.abs(samples).max() <= 0.98
    assert phonemes[0].symbol == SILENCE and phonemes[-1].symbol == SILENCE
    assert phonemes[0].start_s == 0
    assert phonemes[-1].end_s == pytest.approx(speech.duration_s, abs=1e-3)
    assert phonemes[-1].end_s <= speech.duration_s + 1e-9
    for before, after in pairwise(phonemes):
        assert before.end_s == pytest.approx(after.start_s, abs=1e-6)
        assert before.start_s < before.end_s
        assert not (before.symbol == SILENCE and after.symbol == SILENCE)
    for p in phonemes:
        assert p.stress in (0, 1, 2)
        assert not set(p.symbol) & set("ˈˌ()?.-#^0123456789")


def test_hello_is_said_in_ipa_with_times_and_stress():
    speech = speak("Hello.", PLAIN)
    assert symbols(speech) == "h ə l oʊ"
    assert [p.stress for p in speech.phonemes if p.symbol == "oʊ"] == [2]
    assert 0.6 < speech.duration_s < 1.3
    well_formed(speech)


def test_it_is_silent_in_the_pauses_and_loud_in_the_vowels():
    speech = speak("Papa. Mama.", PLAIN)
    rate = speech.sample_rate_hz
    for p in speech.phonemes:
        part = speech.samples[round(p.start_s * rate) : round(p.end_s * rate)]
        level = float(np.sqrt(np.mean(part**2)))
        if p.symbol == SILENCE:
            assert np.sqrt(np.mean(part[len(part) // 2 :] ** 2)) < 0.005
        elif p.stress == 2:
            assert level > 0.05
    assert any(p.symbol == SILENCE for p in speech.phonemes[1:-1]), "a pause between the sentences"


def test_the_same_words_are_the_same_samples():
    first = speak("The same again, please.", TONES["cave"])
    speak("Something else, in between.", TONES["robot"])
    again = speak("The same again, please.", TONES["cave"])
    assert np.array_equal(first.samples, again.samples)
    assert first.phonemes == again.phonemes


def test_eight_threads_neither_crash_nor_mix():
    jobs = [(f"Number {i} is speaking now.", TONES[name]) for i, name in enumerate(list(TONES)[:8])]
    alone = [speak(text, tone).samples for text, tone in jobs]
    together: list[list[np.ndarray]] = [[] for _ in jobs]

    def work(i: int) -> None:
        for _ in range(6):
            together[i].append(speak(*jobs[i]).samples)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, takes in enumerate(together):
        assert len(takes) == 6
        assert all(np.array_equal(take, alone[i]) for take in takes)


def test_markup_is_spoken_and_never_obeyed():
    plain = symbols(speak("break time 5 s", PLAIN))
    marked = symbols(speak('<break time="5s"/>', PLAIN))
    assert "b ɹ eɪ k" in marked and "b ɹ eɪ k" in plain
    assert speak('<break time="5s"/>', PLAIN).duration_s < 4
    assert symbols(speak("[[h@loU]]", PLAIN)) != symbols(speak("hello", PLAIN))


def test_control_characters_are_not_commands():
    assert symbols(speak("Hel\x00lo \x01+50p there\x07.", PLAIN)).startswith("h")
    assert speak("Hello\x01 there.", PLAIN).duration_s == pytest.approx(
        speak("Hello there.", PLAIN).duration_s, abs=0.2
    )
    assert symbols(speak("caf\u0065\u0301", PLAIN)) == symbols(speak("café", PLAIN))
    assert symbols(speak("abc \ud800 def", PLAIN)) == symbols(speak("abc def", PLAIN))


@pytest.mark.parametrize("text", ["", "  \n ", "…!?", "***", "\x00\x01", "\u202e", "---", "<>"])
def test_nothing_to_say_is_an_error_that_shows_it(text):
    with pytest.raises(BadInput, match="there is nothing to say in"):
        speak(text, PLAIN)


def test_emoji_and_markdown_make_no_sound():
    assert symbols(speak("*Hello* 😀 **my** friend!!! 🎉", PLAIN)) == symbols(speak("Hello my friend!", PLAIN))


GREETINGS = {
    "zh": "你好,世界。",
    "ja": "こんにちは。",
    "ko": "안녕하세요.",
    "ar": "مرحبا بكم",
    "ru": "Привет, мир.",
    "hi": "नमस्ते दुनिया।",
    "es": "¡Hola, señor!",
    "de": "Schöne Grüße!",
    "he": "שלום עולם",
    "th": "สวัสดี",
}


@pytest.mark.parametrize("tag", GREETINGS)
def test_other_scripts_are_spoken(tag):
    speech = speak(GREETINGS[tag], PLAIN, language=tag)
    well_formed(speech)
    assert len(speech.phonemes) >= 6


def test_chinese_is_not_read_out_by_an_english_voice():
    speech = speak("你好", PLAIN, language="zh")
    assert speech.phonemes[1].symbol == "n"
    assert all(len(p.symbol) <= 4 for p in speech.phonemes)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent the POSIX way")
def test_ctrl_c_stops_a_long_text_at_once():
    program = (
        "from personify.voices import speak, load_tones\n"
        "tone = load_tones()['girl']\n"
        "speak('Ready.', tone)\n"
        "print('ready', flush=True)\n"
        "while True: speak('The kettle is warm. ' * 2000, tone)\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout is not None and running.stdout.readline() == "ready\n"
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    try:
        _, errors = running.communicate(timeout=5)
    finally:
        running.kill()  # it would speak for ever
    assert running.returncode != 0
    assert errors.rstrip().endswith("KeyboardInterrupt") and "ignored" not in errors


def test_a_foreign_name_is_read_by_a_voice_that_can():
    mixed = symbols(speak("My name is 小明, and I like tea.", PLAIN))
    assert "ɕ j ɑu m i ŋ" in mixed and mixed.endswith("l aɪ k t iː")
    assert "p aɪ θ" in symbols(speak("我喜欢 Python。", PLAIN, language="zh"))
    well_formed(speak("Привет 世界 hello שלום", PLAIN))


def test_a_long_path_to_the_data_is_no_obstacle(tmp_path):
    """The library cuts the path of its data at 160 bytes; a deep virtual environment must speak all the same."""
    program = (
        "import shutil, sys, pathlib, espeakng_loader\n"
        "deep = pathlib.Path(sys.argv[1]) / ('x' * 100) / ('y' * 100)\n"
        "deep.mkdir(parents=True)\n"
        "(deep / 'espeak-ng-data').symlink_to(espeakng_loader.get_data_path())\n"
        "espeakng_loader.get_data_path = lambda: str(deep / 'espeak-ng-data')\n"
        "from personify.voices import speak, load_tones\n"
        "assert len(speak('Hello.', load_tones()['girl']).phonemes) == 6\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, timeout=60)


@pytest.mark.slow
def test_fifty_thousand_characters():
    text = "The kettle is warm, and the stars are late tonight; who would like some tea? " * 650
    speech = speak(text[:50_000], PLAIN)
    assert speech.duration_s > 2000
    well_formed(speech)


@pytest.mark.parametrize("text", ["a" * 20_000, "word " * 1500, "7" * 5000, "你好" * 1000])
def test_long_text_without_sentences(text):
    well_formed(speak(text, PLAIN, language="zh" if text[0] == "你" else "en"))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_spoken_or_refused(text):
    try:
        well_formed(speak(text, PLAIN))
    except BadInput as error:
        assert "nothing to say" in str(error)


@given(st.text(max_size=400), st.integers(5, 50))
def test_cutting_loses_no_letter(text, limit):
    ready = clean(text)
    parts = pieces(ready, limit)
    assert all(len(part) <= limit for part in parts)
    letters = [c for c in ready if speakable(c)]
    assert [c for part in parts for c in part if speakable(c)] == letters


def test_text_is_cut_at_sentences():
    assert pieces("One two. Three four! Five six?", 22) == ["One two. Three four!", "Five six?"]


def test_an_unknown_engine_lists_the_choices():
    with pytest.raises(
        BadInput, match=re.escape("unknown speech engine 'nobody'; choose one of: coqui, espeak, openai")
    ):
        get_engine("nobody")


def test_a_tone_of_an_unknown_model_says_so():
    tone = Tone.model_validate({**PLAIN.model_dump(), "model": "nobody"})
    with pytest.raises(BadInput, match="unknown voice model 'nobody'"):
        speak("Hello.", tone)


def test_nothing_heavy_on_import_and_nothing_on_stderr():
    program = (
        "import sys, personify.voices\n"
        "assert not {'pedalboard', 'espeakng_loader', 'py3langid', 'scipy'} & set(sys.modules), 'heavy import'\n"
        "from personify.voices import speak, load_tones\n"
        "speak('Hello \\U0001fad6 there.', load_tones()['cave'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "" and done.stderr == ""
