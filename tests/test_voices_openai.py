"""A speech server: asked only when configured, decoded whatever it sends, and told in one sentence when it fails."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from speech_server import SpeechServer, encoded, said, streaming_header, write_settings

from personify.voices import load_tones, speak
from personify.voices.engines import get_engine, status_of
from personify.voices.engines.openai_speech import OpenAISpeechEngine
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.models import load_models
from personify.voices.servers import SpeechServer as Settings
from personify.voices.servers import read_server, speech_server
from personify.voices.speech import SILENCE, Speech
from personify.voices.text.cleaning import clean
from personify.voices.tones import Blend

pytest.importorskip("openai")

TEXT = "The stars are late tonight."
KEY = "sk-secret-0123456789"
TONE = load_tones()["neighbour"].model_copy(update={"model": "kokoro", "speaker": "bm_george", "effects": ()})


@pytest.fixture
def server(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    made = SpeechServer()
    monkeypatch.setenv("PERSONIFY_SPEECH_URL", made.url)
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Writes `[speech]` into the user's own file."""
    return partial(write_settings, tmp_path, monkeypatch)


def say(text: str = TEXT, language: str = "en", **changes) -> Speech:
    return OpenAISpeechEngine().speak(text, TONE.model_copy(update=changes), language=language, accent=None)


def well_formed(speech: Speech) -> None:
    assert speech.samples.dtype == np.float32
    assert np.abs(speech.samples).max() <= 1
    assert speech.phonemes[0].symbol != SILENCE != speech.phonemes[-1].symbol
    assert speech.phonemes[0].start_s == 0
    assert speech.phonemes[-1].end_s == pytest.approx(speech.duration_s, abs=1e-3)
    for before, after in pairwise(speech.phonemes):
        assert before.start_s < before.end_s == pytest.approx(after.start_s)


class TestAsks:
    def test_for_what_the_tone_says(self, server):
        rate = TONE.prosody.model_copy(update={"rate_wpm": 340})
        speech = say(prosody=rate)
        well_formed(speech)
        assert speech.text == TEXT
        (heard,) = server.heard
        assert heard.path == "/v1/audio/speech"
        assert heard.authorization is None
        assert heard.body == {
            "model": "kokoro",
            "input": TEXT,
            "voice": "bm_george",
            "response_format": "wav",
            "speed": 2.0,
        }

    def test_only_where_the_user_says_so(self, monkeypatch):
        monkeypatch.delenv("PERSONIFY_SPEECH_URL", raising=False)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        for name in ("kokoro", "openai"):
            status = status_of(load_models()[name])
            assert not status.ready
            assert "PERSONIFY_SPEECH_URL=" in status.lacks
        with pytest.raises(PersonifyError, match=r"asked only if you say where it is"):
            say()

    def test_whoever_is_configured(self, server, settings, monkeypatch):
        assert status_of(load_models()["kokoro"]).ready
        assert status_of(load_models()["openai"]).lacks.startswith("the speech server at http://127.0.0.1")
        monkeypatch.delenv("PERSONIFY_SPEECH_URL")
        settings(url=f"{server.url}/audio/speech", model="tiny", format="flac", voices=("openai",))
        assert status_of(load_models()["openai"]).ready
        say(model="openai", speaker="onyx")
        assert server.heard[-1].body["model"] == "tiny"
        assert server.heard[-1].body["response_format"] == "flac"
        with pytest.raises(PersonifyError, match=r"doesn't have the voices of 'kokoro'"):
            say()

    def test_openais_own_server_wants_its_key(self, settings, monkeypatch):
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        monkeypatch.delenv("PERSONIFY_SPEECH_URL", raising=False)
        settings(url="https://api.openai.com/v1")
        status = status_of(load_models()["openai"])
        assert not status.ready
        assert "OPENAI_API_KEY" in status.lacks
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        assert status_of(load_models()["openai"]).ready

    def test_through_the_registry_and_with_effects(self, server):
        speech = speak(TEXT, TONE)
        assert speech.phonemes[0].symbol == SILENCE
        assert isinstance(get_engine("openai"), OpenAISpeechEngine)

    def test_what_voices_there_are(self, server):
        engine = OpenAISpeechEngine()
        assert engine.voices() == ("af_heart", "bm_george")
        server.behave(voices={"voices": [{"id": "alloy", "name": "Alloy"}, {"name": "echo"}]})
        assert engine.voices() == ("alloy", "echo")
        server.behave(voices={"voices": 5})
        assert engine.voices() == ()
        server.behave(voices=None)
        assert engine.voices() == ()

    @pytest.mark.parametrize(
        "text",
        [
            '<speak>Hi <break time="9s"/> there</speak>',
            "a &lt;break time='9s'/&gt; b",
            "[pause:9s] one {two}\x07 three",
        ],
    )
    def test_markup_is_text(self, server, text):
        say(text)
        sent = server.heard[-1].body["input"]
        assert not any(f"<{c}" in sent for c in "sb/")
        assert "&lt;" not in sent
        assert not set("[]{}\x07") & set(sent)
        assert "9s" in sent if "9s" in text else True

    def test_long_texts_in_parts(self, server):
        text = " ".join(f"This is sentence number {n} of a long story." for n in range(60))
        speech = say(text)
        well_formed(speech)
        assert len(server.heard) == 3
        assert " ".join(heard.body["input"] for heard in server.heard) == clean(text)
        assert all(len(heard.body["input"]) <= 1200 for heard in server.heard)

    @pytest.mark.parametrize("text", ["", "…", "🙂🙂", "***"])
    def test_nothing_for_nothing(self, server, text):
        with pytest.raises(BadInput, match="nothing to say"):
            say(text)
        assert not server.heard

    @pytest.mark.parametrize(
        "changes", [{"blend": Blend(speaker="af_heart", share=0.5)}, {"sample": Path("me.wav")}], ids=str
    )
    def test_nothing_for_voices_that_it_cant_make(self, server, changes):
        with pytest.raises(BadInput, match="a speech server speaks only as its own voices"):
            say(**changes)
        with pytest.raises(BadInput, match="a speech server speaks only as its own voices"):
            OpenAISpeechEngine().stream(TEXT, TONE.model_copy(update=changes), language="en", accent=None)
        assert not server.heard

    def test_no_unknown_language(self, server):
        with pytest.raises(BadInput, match="unknown language"):
            say(language="xx")


class TestUnderstands:
    @pytest.mark.parametrize("form", ["wav", "pcm", "mp3", "opus", "flac"])
    def test_what_it_asked_for(self, server, settings, form):
        settings(url=server.url, format=form)
        truth = say()
        well_formed(truth)
        assert truth.duration_s == pytest.approx(1.5, abs=0.4)

    @pytest.mark.parametrize("form", ["mp3", "opus", "flac", "aac"])
    def test_what_it_did_not_ask_for(self, server, form):
        server.behave(make=said(48_000, form=form))
        well_formed(say())

    @pytest.mark.parametrize(("rate_hz", "channels"), [(8_000, 1), (16_000, 2), (22_050, 1), (44_100, 2), (48_000, 1)])
    def test_any_rate_and_channels(self, server, rate_hz, channels):
        usual = say()
        server.behave(make=said(rate_hz, channels))
        speech = say()
        well_formed(speech)
        assert speech.duration_s == pytest.approx(usual.duration_s, abs=0.1)

    @pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF, 0])
    def test_a_header_written_before_the_length_was_known(self, server, size):
        whole = say()
        server.behave(make=lambda body: (streaming_header(said()(body)[0], size), "audio/wav"), chunked=True)
        assert say().duration_s == pytest.approx(whole.duration_s, abs=0.02)

    def test_raw_samples_that_say_their_rate(self, server):
        whole = say()
        make = said(16_000, form="pcm")
        server.behave(make=lambda body: (make(body)[0] + b"\0", "audio/pcm;rate=16000"))
        assert say().duration_s == pytest.approx(whole.duration_s, abs=0.05)


class TestTells:
    def test_that_nobody_is_there(self, settings, server):
        server.close()
        settings(url=server.url, retries=0)
        with pytest.raises(
            PersonifyError, match=r"at http://127\.0\.0\.1:\d+/v1 can't be reached .*PERSONIFY_SPEECH_URL"
        ):
            say()

    @pytest.mark.parametrize("in_body", [False, True])
    def test_that_it_hangs(self, settings, server, in_body):
        settings(url=server.url, timeout_s=0.5)
        server.behave(hang_s=20, hang_in_body=in_body)
        with pytest.raises(PersonifyError, match=r"did not finish within 0\.5 s"):
            say()
        assert len(server.heard) == 1

    def test_that_it_trickles(self, settings, server):
        settings(url=server.url, timeout_s=0.6)
        server.behave(hang_s=0.1, hang_in_body=True)
        with pytest.raises(PersonifyError, match=r"did not finish within 0\.6 s"):
            say()

    def test_that_it_breaks_off(self, settings, server):
        settings(url=server.url, backoff_s=0.01)
        server.behave(drops=9)
        with pytest.raises(PersonifyError, match="broke off in the middle of its answer"):
            say()
        assert len(server.heard) == 3
        server.behave(drops=1)
        well_formed(say())

    def test_that_a_wav_is_shorter_than_it_says(self, server):
        server.behave(make=lambda body: (said()(body)[0][:-9000], "audio/wav"))
        with pytest.raises(PersonifyError, match="9,000 bytes of its sound are missing"):
            say()

    @pytest.mark.parametrize(
        ("status", "told"),
        [
            (401, r"refuses the key in PERSONIFY_SPEECH_KEY \(401\)"),
            (400, r"can't do what it was asked \(400: no such luck\)"),
            (404, r"knows no such thing \(404: no such luck\).*'kokoro'|knows no such thing"),
        ],
    )
    def test_a_no_at_once(self, server, status, told):
        server.behave(statuses=[status] * 5)
        with pytest.raises(PersonifyError, match=told):
            say()
        assert len(server.heard) == 1

    @pytest.mark.parametrize("status", [429, 500, 502, 503])
    def test_nothing_of_a_no_that_passes(self, settings, server, status):
        settings(url=server.url, backoff_s=0.01)
        server.behave(statuses=[status, status])
        well_formed(say())
        assert len(server.heard) == 3

    @pytest.mark.parametrize(("status", "told"), [(500, "failed"), (429, "takes no more requests for now")])
    def test_a_no_that_stays(self, settings, server, status, told):
        settings(url=server.url, backoff_s=0.01)
        server.behave(statuses=[status] * 9, refusal={"detail": {"error": "x", "message": "out of memory"}})
        with pytest.raises(PersonifyError, match=told):
            say()
        assert len(server.heard) == 3

    def test_no_wait_beyond_its_time(self, settings, server):
        settings(url=server.url, timeout_s=5)
        server.behave(statuses=[429] * 9, headers={"Retry-After": "90"})
        with pytest.raises(PersonifyError, match="takes no more requests"):
            say()
        assert len(server.heard) == 1

    @pytest.mark.parametrize(
        ("body", "kind", "told"),
        [
            (
                b"<html><body>Welcome to\x07 the router</body></html>",
                "text/html",
                r"no sound but '<html><body>Welcome to the",
            ),
            (b'{"error": "voice not found"}', "application/json", "voice not found"),
            (b'{"error": "' + b"x" * 300 + b'"}', "audio/wav", "…'; is that"),
            (b"all good", "text/plain", "no sound but 'all good'"),
            (b"", "audio/wav", "an empty answer"),
            (bytes(range(256)) * 20, "application/octet-stream", "that is no sound"),
            (b"RIFF\x24\0\0\0WAVEjunkjunkjunkjunkjunkjunkjunkjunk", "audio/wav", "sound that can't be used"),
        ],
    )
    def test_what_came_instead_of_sound(self, server, body, kind, told):
        server.behave(make=lambda _: (body, kind))
        with pytest.raises(PersonifyError, match=told) as caught:
            say()
        assert len(str(caught.value)) < 300
        assert str(caught.value).isprintable()

    def test_that_it_says_too_much(self, settings, server):
        settings(url=server.url, max_bytes=100_000)
        server.behave(make=lambda _: (encoded(np.ones(500_000), 24_000, "wav"), "audio/wav"))
        with pytest.raises(PersonifyError, match="more than 100,000 bytes"):
            say()

    @pytest.mark.parametrize("status", [400, 307])
    def test_a_no_without_end(self, server, status):
        server.behave(endless=status)
        with pytest.raises(PersonifyError):
            say()
        assert server.sent < 20_000_000

    @pytest.mark.parametrize("status", [400, 307])
    def test_a_no_that_trickles(self, settings, server, status):
        settings(url=server.url, timeout_s=0.6)
        server.behave(endless=status, hang_s=0.1)
        with pytest.raises(PersonifyError, match=r"did not finish within 0\.6 s"):
            say()

    def test_a_list_of_voices_that_is_too_long(self, settings, server):
        settings(url=server.url, max_bytes=1000)
        server.behave(voices={"voices": ["x" * 5000]})
        with pytest.raises(PersonifyError, match="more than 1,000 bytes"):
            OpenAISpeechEngine().voices()

    def test_that_it_is_silent(self, server):
        server.behave(make=lambda _: (encoded(np.zeros(24_000), 24_000, "wav"), "audio/wav"))
        with pytest.raises(PersonifyError, match="silent from beginning to end"):
            say()

    def test_that_it_said_something_else(self, server):
        server.behave(make=lambda body: said()({**body, "input": "Oh."}))
        with pytest.raises(PersonifyError, match="didn't speak the text"):
            say(TEXT * 8)


class TestKey:
    def test_goes_to_the_server_and_nowhere_else(self, server, settings, monkeypatch, caplog, capfd):
        caplog.set_level(logging.DEBUG)
        for name in ("httpx2", "httpcore2", "openai"):
            monkeypatch.setattr(logging.getLogger(name), "disabled", False)
        settings(url=server.url, key_env="MY_KEY", backoff_s=0.01)
        monkeypatch.setenv("MY_KEY", KEY)
        say()
        assert server.heard[-1].authorization == f"Bearer {KEY}"
        told = [repr(speech_server()), str(speech_server())]
        for refusal in ({"error": {"message": f"bad key {KEY}"}}, f"<b>bad key {KEY}</b>", {"detail": KEY}):
            for status in (400, 401, 404, 500):
                server.behave(statuses=[status] * 3, refusal=refusal)
                with pytest.raises(PersonifyError) as caught:
                    say()
                told.append(repr(caught.value) + str(caught.getrepr()))
        server.behave(statuses=[], make=lambda _: (b"<html>" + KEY.encode(), "text/html"))
        with pytest.raises(PersonifyError) as caught:
            say()
        told += [str(caught.value), caplog.text, *capfd.readouterr()]
        assert "asking http://127.0.0.1" in caplog.text
        assert not [text for text in told if KEY in text]

    def test_does_not_follow_to_another_host(self, server, settings, monkeypatch):
        other = SpeechServer()
        try:
            settings(url=server.url, key_env="MY_KEY")
            monkeypatch.setenv("MY_KEY", KEY)
            server.behave(redirect=f"http://localhost:{other.port}/v1/audio/speech")
            well_formed(say())
            assert server.heard[-1].authorization == f"Bearer {KEY}"
            assert other.heard[-1].authorization is None
        finally:
            other.close()

    def test_of_openai_is_for_openai(self, server, monkeypatch):
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        say()
        assert server.heard[-1].authorization is None
        monkeypatch.setenv("PERSONIFY_SPEECH_KEY", "another")
        say()
        assert server.heard[-1].authorization == "Bearer another"

    @pytest.mark.parametrize(
        ("at", "goes"),
        [("https://api.openai.com/v1", False), ("http://127.0.0.1:8881/v1", False), ("http://127.0.0.1:8880", True)],
    )
    def test_of_the_file_is_for_the_files_server(self, settings, monkeypatch, at, goes):
        settings(url=at, key_env="MY_KEY")
        monkeypatch.setenv("PERSONIFY_SPEECH_URL", "http://127.0.0.1:8880/v1")
        assert speech_server().key_env == ("MY_KEY" if goes else None)
        settings(key_env="MY_KEY")
        assert speech_server().key_env == "MY_KEY"

    def test_nor_anything_else_that_is_for_openai(self, server, monkeypatch):
        monkeypatch.setenv("OPENAI_ORG_ID", "my-org")
        monkeypatch.setenv("OPENAI_PROJECT_ID", "my-project")
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"X-Pass: {KEY}\nAuthorization: Bearer {KEY}\nContent-Type: text/x")
        say()
        told = {name.lower(): value for name, value in server.heard[-1].headers.items()}
        assert not {"openai-organization", "openai-project", "x-pass", "authorization"} & told.keys()
        assert KEY not in str(told)
        monkeypatch.setenv("PERSONIFY_SPEECH_KEY", "another")
        say()
        assert server.heard[-1].authorization == "Bearer another"

    def test_of_openai_never_in_clear_text(self):
        with pytest.raises(BadInput, match="over https alone"):
            read_server(Settings, "http://api.openai.com/v1", {}, "x")
        assert read_server(Settings, "https://api.openai.com/v1", {}, "x").hosted

    def test_that_is_missing(self, server, settings, monkeypatch):
        settings(url=server.url, key_env="MY_KEY")
        monkeypatch.delenv("MY_KEY", raising=False)
        with pytest.raises(PersonifyError, match="environment variable MY_KEY"):
            say()
        assert not server.heard


class TestStreams:
    TEXT = " ".join(f"This is sentence number {n}, and it goes on for long enough to stand alone." for n in range(12))

    def stream(self, text=TEXT):
        return OpenAISpeechEngine().stream(text, TONE, language="en", accent=None)

    def test_pieces_in_order_with_the_next_one_on_its_way(self, server):
        stream = self.stream()
        first = next(stream)
        well_formed(first)
        for _ in range(100):
            if len(server.heard) == 2:
                break
            threading.Event().wait(0.02)
        assert len(server.heard) == 2
        pieces = [first, *stream]
        assert [piece.text for piece in pieces] == [heard.body["input"] for heard in server.heard]
        assert " ".join(piece.text for piece in pieces) == self.TEXT
        assert not self.threads()

    def test_ends_when_it_is_closed(self, server):
        stream = self.stream()
        next(stream)
        server.behave(hang_in_body=True, hang_s=0.05)
        stream.close()
        assert not self.threads()
        assert len(server.heard) <= 2

    def test_raises_what_went_wrong_in_its_place(self, server):
        stream = self.stream()
        next(stream)
        server.behave(statuses=[400] * 9)
        with pytest.raises(PersonifyError):
            list(stream)
        assert not self.threads()

    def test_refuses_at_once(self, server):
        with pytest.raises(BadInput, match="nothing to say"):
            self.stream("…")

    def threads(self):
        return [thread for thread in threading.enumerate() if thread.name == "personify-speech"]


def test_eight_threads_get_their_own_sound(server):
    """Each text has its own pitch, which must be in the speech that its caller gets."""
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight"]

    def make(body: dict) -> tuple[bytes, str]:
        hz = 200 + 100 * words.index(body["input"].split()[-1])
        return encoded(0.5 * np.sin(2 * np.pi * hz * np.arange(36_000) / 24_000), 24_000, "wav"), "audio/wav"

    server.behave(make=make)
    engine = OpenAISpeechEngine()

    def heard_hz(word: str) -> float:
        speech = engine.speak(f"This is the number {word}", TONE, language="en", accent=None)
        spectrum = np.abs(np.fft.rfft(speech.samples))
        return float(spectrum.argmax() * speech.sample_rate_hz / len(speech.samples))

    with ThreadPoolExecutor(8) as pool:
        for word, hz in zip(words * 3, pool.map(heard_hz, words * 3), strict=True):
            assert hz == pytest.approx(200 + 100 * words.index(word), abs=5)
