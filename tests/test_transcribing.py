"""What is said becomes text: by a real (tiny) Whisper from real files, or a server that speaks the real protocol."""

import io
import os
import struct
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from speech_server import encoded
from transcribing_server import TranscribingServer

from personify.voices import load_tones, speak
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.stopping import Stop, Stopped, stoppable
from personify.voices.transcribing import LONGEST_S, MOST_BYTES, Hearing, NothingHears, find_transcriber
from personify.voices.transcribing.wav_sound import wav_sound

pytest.importorskip("faster_whisper")
pytest.importorskip("openai")

KEY = "sk-secret-0123456789"
RATE_HZ = 16_000
SAID = speak("The stars are late tonight, my friend.", load_tones()["neighbour"])


@pytest.fixture(scope="module")
def make_whisper(tmp_path_factory):
    from tiny_whisper import tiny_whisper

    def make(text: str, **how) -> Path:
        return tiny_whisper(tmp_path_factory.mktemp("whisper"), text, **how)

    return make


@pytest.fixture(scope="module")
def whisper(make_whisper) -> Path:
    """A model that hears German."""
    return make_whisper(" Wo ist der Mond?", language="de")


@pytest.fixture
def server(monkeypatch):
    made = TranscribingServer()
    monkeypatch.setenv("PERSONIFY_ASR", f"{made.url}#tiny")
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Writes the user's own file."""

    def write(text: str) -> None:
        path = tmp_path / "personify.toml"
        path.write_text(text, "utf-8")
        monkeypatch.setenv("PERSONIFY_CONFIG", str(path))

    return write


def in_cache(model: Path, repository: str) -> None:
    """Puts the model where the hub's own programs keep it."""
    folder = Path(os.environ["HF_HUB_CACHE"]) / f"models--{repository.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("0" * 40)
    (folder / "snapshots").mkdir()
    (folder / "snapshots" / ("0" * 40)).symlink_to(model)


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache of the hub; nobody may ask the hub itself."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    return tmp_path / "hub"


def wav(samples: np.ndarray = SAID.samples, rate_hz: int = SAID.sample_rate_hz, channels: int = 1) -> bytes:
    return encoded(samples, rate_hz, "wav", channels)


def noise(seconds: float, loud: float = 0.1) -> np.ndarray:
    return np.random.default_rng(3).normal(0, loud, round(seconds * RATE_HZ)).astype(np.float32)


class TestWhisper:
    def test_hears_what_is_said_and_in_which_language(self, whisper):
        hearing = find_transcriber(str(whisper))
        assert hearing.available
        assert hearing.how == "faster-whisper model on this machine"
        heard = hearing.hear_wav(wav())
        assert (heard.text, heard.language) == ("Wo ist der Mond?", "de")
        assert heard.seconds == pytest.approx(SAID.duration_s, abs=0.01)

    @pytest.mark.parametrize(
        ("told", "language"), [("fr", "fr"), ("pt-BR", "pt"), ("xx", "de"), ("../../etc", "de"), (None, "de")]
    )
    def test_is_told_the_language_or_finds_it_out(self, whisper, told, language):
        assert find_transcriber(str(whisper)).hear_wav(wav(), told).language == language

    @pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000])
    def test_any_sample_rate(self, whisper, rate_hz):
        n = round(SAID.duration_s * rate_hz)
        samples = np.interp(np.arange(n) / rate_hz, np.arange(len(SAID.samples)) / SAID.sample_rate_hz, SAID.samples)
        assert find_transcriber(str(whisper)).hear_wav(wav(samples, rate_hz, 2)).text == "Wo ist der Mond?"

    def test_nobody_speaks_in_noise_or_tones(self, whisper):
        hearing = find_transcriber(str(whisper))
        tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE_HZ) / RATE_HZ).astype(np.float32)
        for sound in (noise(3), noise(1, 0.01), tone):
            assert hearing.hear(sound, RATE_HZ).text == ""

    def test_what_it_takes_for_no_speech_itself_is_not_heard(self, make_whisper):
        model = make_whisper(" Thank you.", no_speech=1.0)
        heard = find_transcriber(str(model)).hear_wav(wav())
        assert (heard.text, heard.language) == ("", None)

    def test_what_goes_round_in_circles_is_not_heard(self, make_whisper):
        model = make_whisper(" you know", repeats=20)
        assert find_transcriber(str(model)).hear_wav(wav()).text == ""

    def test_once_loaded_for_any_number_of_threads(self, whisper):
        hearing = find_transcriber(str(whisper))
        hearing.warm()
        with ThreadPoolExecutor(4) as pool:
            texts = set(pool.map(lambda _: hearing.hear_wav(wav()).text, range(8)))
        assert texts == {"Wo ist der Mond?"}

    def test_stops_when_it_is_no_longer_wanted(self, whisper):
        hearing, stop = find_transcriber(str(whisper)), Stop()
        stop.ask()
        with stoppable(stop), pytest.raises(Stopped):
            hearing.hear_wav(wav())

    def test_damaged_weights_are_told_and_never_fetched(self, whisper, tmp_path, cache):
        for path in whisper.iterdir():
            (tmp_path / path.name).write_bytes(path.read_bytes())
        (tmp_path / "model.bin").write_bytes(b"\0" * 1000)
        with pytest.raises(PersonifyError, match=r"can't be loaded .* fetch it again"):
            find_transcriber(str(tmp_path)).hear_wav(wav())
        (tmp_path / "tokenizer.json").unlink()
        with pytest.raises(BadInput, match=r"lacks tokenizer\.json .* hf download Systran/faster-whisper-base"):
            find_transcriber(str(tmp_path))


class TestFinding:
    def test_nothing_here_says_how_to_get_it(self, cache):
        hearing = find_transcriber()
        assert not hearing.available
        assert "hf download Systran/faster-whisper-base" in hearing.how
        assert "--asr http" in hearing.how
        hearing.warm()
        with pytest.raises(NothingHears, match="hf download"):
            hearing.hear_wav(wav())

    def test_the_usual_model_where_it_is_here(self, whisper, cache):
        in_cache(whisper, "Systran/faster-whisper-small")
        hearing = find_transcriber()
        assert hearing.how == "faster-whisper small on this machine"
        assert hearing.hear_wav(wav()).text == "Wo ist der Mond?"

    def test_a_model_by_name_or_repository(self, whisper, cache):
        in_cache(whisper, "Systran/faster-whisper-tiny.en")
        in_cache(whisper, "someone/their-whisper")
        assert find_transcriber("tiny.en").hear_wav(wav()).text == "Wo ist der Mond?"
        assert find_transcriber("someone/their-whisper").hear_wav(wav()).text == "Wo ist der Mond?"

    def test_a_model_that_is_not_here_is_told_with_the_way_to_it(self, cache):
        with pytest.raises(
            PersonifyError, match=r"--asr: .*'medium' is not on this machine \(looked in .*hub\)"
        ) as told:
            find_transcriber("medium")
        assert "hf download Systran/faster-whisper-medium" in str(told.value)

    def test_an_interrupted_download_is_not_taken_for_a_model(self, whisper, tmp_path, cache):
        half = tmp_path / "half"
        half.mkdir()
        (half / "config.json").write_text("{}")
        in_cache(half, "Systran/faster-whisper-base")
        assert not find_transcriber().available
        with pytest.raises(BadInput, match=r"lacks model\.bin, tokenizer\.json, vocabulary\.txt"):
            find_transcriber("base")

    @pytest.mark.parametrize(
        ("told", "why"),
        [
            ("enormous", r"--asr: unknown Whisper model 'enormous'; choose one of: .*base"),
            ("./nowhere", r"--asr: there is no folder ./nowhere"),
            ("", r"--asr is empty"),
            ("ftp://host", r"--asr: it is no address"),
            ("http://user:pass@host", r"--asr: it may hold no user"),
            ("https://api.openai.com/v1", r"wants a key; put it into .*OPENAI_API_KEY.*--asr none"),
        ],
    )
    def test_nonsense_is_refused_by_name(self, told, why, cache, monkeypatch):
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        with pytest.raises(PersonifyError, match=why):
            find_transcriber(told)

    def test_option_before_environment_before_settings(self, whisper, server, settings, monkeypatch):
        settings(f'[asr]\nmodel = "{whisper}"\nlanguage = "es"')
        assert find_transcriber().how.startswith("the transcription server at http")
        assert find_transcriber(str(whisper)).how == "faster-whisper model on this machine"
        assert not find_transcriber("none").available
        monkeypatch.delenv("PERSONIFY_ASR")
        heard = find_transcriber().hear_wav(wav())
        assert (heard.text, heard.language) == ("Wo ist der Mond?", "es")
        settings('[asr]\nmodel = "none"')
        assert "switched off by" in find_transcriber().how

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("[asr]\nmodel = 5", r"\[asr\]: model"),
            ('[asr]\nmodel = "base"\nspeed = 3', r"\[asr\]: speed"),
            ('[asr]\nmodel = "base"\ndevice = "tpu"', r"\[asr\]: device"),
            ('[asr]\nurl = "http://127.0.0.1:9"\nkey_env = "sk-12 34"', r"\[asr\]: key_env.*never the key itself"),
        ],
    )
    def test_settings_are_checked(self, text, why, settings, cache):
        settings(text)
        with pytest.raises(BadInput, match=why) as told:
            find_transcriber()
        assert "sk-12" not in str(told.value)


class TestServer:
    def test_is_asked_as_the_protocol_says(self, server):
        heard = find_transcriber().hear_wav(wav(), "de-AT")
        assert (heard.text, heard.language) == ("The stars are late tonight.", "de")
        (asked,) = server.asked
        assert asked.path == "/v1/audio/transcriptions"
        assert asked.authorization is None
        assert asked.fields == {"model": "tiny", "response_format": "json", "language": "de"}
        assert asked.rate_hz == RATE_HZ
        assert asked.seconds == pytest.approx(SAID.duration_s, abs=0.01)
        assert asked.samples.std() == pytest.approx(SAID.samples.std(), rel=0.1)

    def test_silence_is_asked_nobody(self, server):
        for sound in (np.zeros(RATE_HZ), noise(2, 1e-4), np.full(RATE_HZ, 0.3), SAID.samples[:500]):
            assert find_transcriber().hear(sound.astype(np.float32), RATE_HZ).text == ""
        assert server.asked == []

    def test_passages_that_its_model_doubts_are_dropped(self, server, settings, monkeypatch):
        monkeypatch.delenv("PERSONIFY_ASR")
        settings(f'[asr]\nurl = "{server.url}/audio/transcriptions"\nformat = "verbose_json"')
        real = {"text": " Who are you?", "no_speech_prob": 0.7, "avg_logprob": -0.2}
        noise = {"text": " Thank you.", "no_speech_prob": 0.7, "avg_logprob": -1.3}
        server.answer = lambda asked: {
            "text": "Who are you? Thank you.", "language": "english", "segments": [real, noise]
        }  # fmt: skip
        heard = find_transcriber().hear_wav(wav())
        assert (heard.text, heard.language) == ("Who are you?", "en")
        assert server.asked[0].fields["response_format"] == "verbose_json"

    def test_its_text_is_taken_for_hostile(self, server):
        server.answer = lambda asked: {"text": "a\x1b[31m\u202eb\n\n<script>" + "you " * 5000, "language": ["x"]}
        text = find_transcriber().hear_wav(wav()).text
        assert text.startswith("a [31m b <script>you you")
        assert text.isprintable()
        assert len(text) <= 2000

    @pytest.mark.parametrize(
        ("answer", "why"),
        [
            (b"<html>", r"answered with no JSON"),
            (b"[1]", r"sent no transcription but"),
            (b'{"text": 5}', r"sent no transcription but"),
            (b'{"a":' * 50_000, r"answered with no JSON"),
            (b'{"text": "' + b"x" * 2_000_000 + b'"}', r"sent more than 1,000,000 bytes"),
        ],
    )
    def test_what_is_no_transcription_is_told(self, server, answer, why):
        server.answer = lambda asked: answer
        with pytest.raises(PersonifyError, match=why):
            find_transcriber().hear_wav(wav())

    def test_a_refusal_is_told_and_a_busy_server_asked_again(self, server):
        server.statuses = [503]
        assert find_transcriber().hear_wav(wav()).text
        assert len(server.asked) == 2
        server.statuses = [400]
        with pytest.raises(PersonifyError, match=r"the transcription server at .* \(400: no such luck\)"):
            find_transcriber().hear_wav(wav())

    def test_a_server_that_hangs_is_left(self, server, settings, monkeypatch):
        monkeypatch.delenv("PERSONIFY_ASR")
        settings(f'[asr]\nurl = "{server.url}"\ntimeout_s = 0.3\nretries = 0')
        server.hang_s = 20
        with pytest.raises(PersonifyError, match=r"did not finish within 0\.3 s"):
            find_transcriber().hear_wav(wav())

    def test_the_key_goes_to_the_server_alone(self, server, monkeypatch, caplog):
        monkeypatch.setenv("PERSONIFY_ASR_KEY", KEY)
        server.answer = lambda asked: {"text": f"your key is {KEY}"}
        hearing = find_transcriber()
        assert hearing.hear_wav(wav()).text == "your key is ***"
        assert server.asked[0].authorization == f"Bearer {KEY}"
        server.statuses, server.refusal = [401], {"error": {"message": f"bad key {KEY}"}}
        with pytest.raises(PersonifyError) as told:
            hearing.hear_wav(wav())
        assert KEY not in f"{told.value} {hearing!r} {hearing.how} {caplog.text}"


class TestWav:
    def test_is_read_as_it_was_written(self):
        sound = wav_sound(wav(SAID.samples, 22_050))
        assert sound.rate_hz == 22_050
        assert np.abs(sound.samples - SAID.samples).max() < 1e-3

    def test_channels_are_averaged(self):
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(2)
            out.setsampwidth(2)
            out.setframerate(RATE_HZ)
            out.writeframes(np.array([[1000, 3000], [-500, 500]], "<i2").tobytes())
        np.testing.assert_allclose(wav_sound(file.getvalue()).samples, [2000 / 32768, 0], atol=1e-6)

    @pytest.mark.parametrize(
        ("body", "why"),
        [
            (b"", "no WAV file"),
            (b"OggS" + b"\0" * 100, "no WAV file"),
            (wav()[:5000], "broken off"),
            (wav()[:30], "broken off"),
            (wav(np.zeros(100), 4_000), "at 4000 Hz"),
            (wav(np.zeros(100), 192_000), "at 192000 Hz"),
            (wav(np.zeros(100), 16_000, 3), "3 channels"),
            (wav(np.zeros(31 * 8_000), 8_000), r"31\.0 s of sound is more than is heard"),
            (b"\0" * (MOST_BYTES + 1), "more than 12,000,000"),
            (wav()[:12] + b"data" + struct.pack("<I", 0), "doesn't say what its samples are"),
            (wav().replace(b"data", b"junk"), "no sound in the WAV file"),
        ],
    )
    def test_anything_else_is_refused(self, body, why):
        with pytest.raises(BadInput, match=why):
            wav_sound(body)

    def test_float_samples_are_refused(self):
        body = bytearray(wav())
        struct.pack_into("<H", body, 20, 3)
        with pytest.raises(BadInput, match="format 3 with 16 bits"):
            wav_sound(bytes(body))

    @given(st.integers(12, 43), st.binary(min_size=1, max_size=8))
    def test_a_spoilt_header_is_read_or_refused(self, at, spoilt):
        """Never anything but sound within the limits, or a `BadInput` in one line."""
        whole = wav(SAID.samples[:2000])
        body = whole[:at] + spoilt + whole[at + len(spoilt) :]
        try:
            sound = wav_sound(body)
        except BadInput as error:
            assert "\n" not in str(error)
        else:
            assert 8_000 <= sound.rate_hz <= 96_000
            assert len(sound.samples) <= LONGEST_S * sound.rate_hz
            assert np.abs(sound.samples).max(initial=0) <= 1

    @given(st.binary(max_size=400))
    def test_any_bytes_are_read_or_refused(self, body):
        for candidate in (body, b"RIFF\0\0\0\0WAVE" + body, wav(SAID.samples[:50])[:36] + body):
            try:
                wav_sound(candidate)
            except BadInput as error:
                assert "\n" not in str(error)


class TestLimits:
    def hearing(self) -> Hearing:
        class Counting:
            name = "a counter"

            def warm(self) -> None:
                pass

            def hear(self, samples, rate_hz, *, language):
                from personify.voices.transcribing import Heard

                assert rate_hz == RATE_HZ
                return Heard(f"{len(samples)}", language, 0.0)

        return Hearing(Counting(), "a counter")

    def test_too_long_is_refused_before_it_is_heard(self):
        with pytest.raises(BadInput, match=r"31\.0 s of sound is more than is heard at once; say at most 30 s"):
            self.hearing().hear(noise(31), RATE_HZ)
        with pytest.raises(BadInput, match="at most 5 s"):
            self.hearing().hear(noise(6), RATE_HZ, longest_s=5)
        with pytest.raises(BadInput, match="at most 5 s"):
            self.hearing().hear_wav(wav(noise(6), RATE_HZ), longest_s=5)

    @pytest.mark.parametrize("bad", [np.zeros((10, 2), np.float32), np.zeros(10, np.int16)])
    def test_what_is_no_sound_is_refused(self, bad):
        with pytest.raises(BadInput, match="one row of numbers"):
            self.hearing().hear(bad, RATE_HZ)

    def test_broken_numbers_are_mended(self):
        sound = noise(1).astype(np.float64)
        sound[:3] = [np.nan, np.inf, -7]
        assert self.hearing().hear(sound, RATE_HZ).text == str(RATE_HZ)

    @given(st.integers(8_000, 96_000), st.floats(0.2, 2))
    def test_any_rate_comes_out_as_long_as_it_went_in(self, rate_hz, seconds):
        sound = np.sin(np.arange(round(rate_hz * seconds)) * 0.05).astype(np.float32)
        n = int(self.hearing().hear(sound, rate_hz).text)
        assert n == pytest.approx(len(sound) / rate_hz * RATE_HZ, abs=2)


def test_nothing_heavy_is_loaded_to_find_out(tmp_path):
    """The app starts with it; a model is loaded when it is wanted."""
    import subprocess
    import sys

    code = (
        "import sys; from personify.voices.transcribing import find_transcriber; find_transcriber('none');"
        "print([m for m in ('faster_whisper', 'ctranslate2', 'openai', 'torch', 'scipy', 'av') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
