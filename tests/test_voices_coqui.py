"""Coqui's engine on VITS models of real classes and random numbers: speakers, times, blends, chance and threads."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from coqui_parts import HELLO, own_models, tone

from personify.voices.engines import StreamingEngine, get_engine
from personify.voices.errors import BadInput
from personify.voices.speech import SILENCE

pytest.importorskip("TTS", reason="coqui-tts is not installed: pip install -e '.[coqui]'")
tiny = pytest.importorskip("tiny_vits")

pytestmark = pytest.mark.usefixtures("models", "one_thread")


@pytest.fixture(scope="module")
def folders(tmp_path_factory, one_thread):
    root = tmp_path_factory.mktemp("models")
    return {
        "tiny": tiny.save_vits(root / "tiny"),
        "letters": tiny.save_vits(root / "letters", phonemes=False, rate=16000),
        "single": tiny.save_vits(root / "single", speakers=()),
        "chancy": tiny.save_vits(root / "chancy", sdp=True),
        "speedy": tiny.save_speedy(root / "speedy"),
    }


@pytest.fixture
def models(folders, tmp_path, monkeypatch):
    monkeypatch.setenv("PERSONIFY_CONFIG", str(own_models(tmp_path / "personify.toml", **folders)))


def say(text=HELLO, *, language="en", **fields):
    return get_engine("coqui").speak(text, tone(**{"speaker": "p225", **fields}), language=language, accent=None)


def test_speech_is_float32_mono_at_the_models_own_rate():
    speech = say()
    assert speech.samples.dtype == np.float32 and speech.samples.ndim == 1
    assert speech.sample_rate_hz == 22050 and speech.text == HELLO
    assert 0.001 < np.abs(speech.samples).max() <= 1
    assert say("Hello.", model="letters").sample_rate_hz == 16000


def test_the_models_own_durations_time_the_phonemes():
    speech = say()
    sounds = [p.symbol for p in speech.phonemes if p.symbol != SILENCE]
    assert sounds[:5] == ["h", "ə", "l", "oʊ", "ð"] and sounds[-1] == "uː"
    assert {p.symbol: p.stress for p in speech.phonemes}["ɜː"] == 2
    starts, ends = [p.start_s for p in speech.phonemes], [p.end_s for p in speech.phonemes]
    assert starts[0] == 0 and starts[1:] == pytest.approx(ends[:-1])
    assert ends[-1] == pytest.approx(speech.duration_s, abs=1 / 22050)
    assert all(end > start for start, end in zip(starts, ends, strict=True))


def test_a_model_of_letters_is_aligned():
    speech = say("Hello there.", model="letters")
    assert [p.symbol for p in speech.phonemes if p.symbol != SILENCE][:3] == ["h", "ə", "l"]
    assert speech.phonemes[-1].end_s <= speech.duration_s + 1e-6


def test_a_model_of_another_kind_speaks_through_coquis_own_synthesizer():
    speech = say("Hello there.", model="speedy", speaker="")
    assert speech.sample_rate_hz == 16000 and np.abs(speech.samples).max() > 0.001
    assert [p.symbol for p in speech.phonemes if p.symbol != SILENCE][:3] == ["h", "ə", "l"]
    with pytest.raises(BadInput, match="speedy can neither blend speakers nor clone"):
        say(model="speedy", speaker="", sample="me.wav")


def test_speakers_differ_and_a_blend_lies_between_them():
    first, second = say("Hello."), say("Hello.", speaker="p226")
    blends = [say("Hello.", blend={"speaker": "p226", "share": share}) for share in (0.1, 0.9)]
    # One embedding moves everything, durations included: the spectra are compared, not the samples.
    shapes = [_spectrum(speech.samples) for speech in (first, *blends, second)]
    distances = [float(np.abs(shape - shapes[0]).sum()) for shape in shapes]
    assert 0 < distances[1] < distances[2]
    assert float(np.abs(shapes[2] - shapes[3]).sum()) < float(np.abs(shapes[1] - shapes[3]).sum())
    assert np.array_equal(say("Hello.").samples, first.samples), "a blend must leave the speaker as it was"


def _spectrum(samples):
    power = np.abs(np.fft.rfft(samples, 1 << 17)) ** 2
    bands = np.add.reduceat(power, np.arange(0, len(power), 64))
    return bands / bands.sum()


def test_the_same_text_and_tone_give_the_same_samples_and_leave_torchs_numbers_alone():
    import torch

    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = say("Hello.", model="chancy").samples
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(6)
    assert np.array_equal(say("Hello.", model="chancy").samples, first)


def test_eight_threads_mix_no_audio():
    wanted = [("Hello.", "p225"), ("How are you?", "p226"), ("Good night.", "p227"), ("Hello.", "p226")] * 2
    alone = [say(text, speaker=who).samples for text, who in wanted]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda each: say(each[0], speaker=each[1]).samples, wanted))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_a_longer_effect_is_spoken_faster():
    plain, stretched = say(), say(effects=[{"effect": "size", "factor": 1.4}])
    assert stretched.duration_s < plain.duration_s


def test_long_text_is_cut_at_sentences_and_joined():
    text = "This is one sentence of many. " * 16
    speech = say(text)
    assert sum(p.symbol == "m" for p in speech.phonemes) == 16
    assert speech.phonemes[-1].end_s == pytest.approx(speech.duration_s, abs=1e-3)


def test_more_models_than_are_kept_speak_in_turn():
    first = say("Hello.").samples
    say("Hello.", model="letters")
    say("Hello.", model="single", speaker="")
    assert np.array_equal(say("Hello.").samples, first)


def test_sentences_stream_where_the_model_can_do_no_better():
    engine = get_engine("coqui")
    assert isinstance(engine, StreamingEngine)
    text = "This is one sentence of many. " * 15
    pieces = list(engine.stream(text, tone(speaker="p225"), language="en", accent=None))
    assert len(pieces) > 1
    assert all(piece.phonemes[-1].end_s == pytest.approx(piece.duration_s, abs=1e-3) for piece in pieces)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"speaker": "p999"}, "unknown speaker of tiny 'p999'; choose one of: p225, p226, p227"),
        ({"speaker": ""}, "choose one of: p225, p226, p227"),
        ({"blend": {"speaker": "nobody", "share": 0.5}}, "unknown speaker of tiny 'nobody'"),
        ({"model": "single"}, "single has one alone; leave it out"),
        ({"model": "single", "speaker": "", "blend": {"speaker": "p226", "share": 0.5}}, "has one alone"),
        ({"sample": "me.wav"}, "can't clone"),
        ({"model": "nowhere"}, "unknown voice model 'nowhere'"),
    ],
)
def test_what_a_model_cannot_do_is_refused_by_name(fields, said):
    with pytest.raises(BadInput, match=said.replace("'", ".")):
        say(**fields)


@pytest.mark.parametrize("text", ["", " \n", "🙂🙂", "\x07\x1b"])
def test_there_must_be_something_to_say(text):
    with pytest.raises(BadInput, match="nothing to say"):
        say(text)


@pytest.mark.parametrize("text", ["<speak>Hi & <break/></speak>", "a\x00b", "naïve — “quotes” 日本"])
def test_markup_and_strange_characters_are_text(text):
    assert say(text).duration_s > 0.1


def test_a_language_that_the_model_lacks_is_refused():
    with pytest.raises(BadInput, match="vctk can't speak 'es', only: en"):
        say("Hola.", model="vctk", language="es")


def test_stdout_stays_clean(tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from coqui_parts import tone\n"
        "from personify.voices.engines import get_engine\n"
        "get_engine('coqui').speak('Hello.', tone(speaker='p225'), language='en', accent=None)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(__file__.rsplit("/", 1)[0])], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""


def test_a_missing_extra_is_one_pip_line():
    code = (
        "import sys\n"
        "class Without:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'TTS': raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Without())\n"
        "from personify.voices.engines import get_engine, status_of\n"
        "from personify.voices.models import model_of\n"
        "print(status_of(model_of('vctk')).lacks)\n"
        "try: get_engine('coqui')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    way = "the coqui voices need TTS; install them with: pip install 'personify[coqui]'"
    assert done.stdout.splitlines() == [way, f"MissingExtra {way}"]
