"""Where a speech server is said to be: in the user's settings or the environment, and what can't be one."""

from functools import partial

import pytest
from speech_server import write_settings

from personify.voices.errors import BadInput
from personify.voices.servers import SpeechServer as Settings
from personify.voices.servers import read_server, speech_server

KEY = "sk-secret-0123456789"


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Writes `[speech]` into the user's own file."""
    return partial(write_settings, tmp_path, monkeypatch)


class TestSettings:
    @pytest.mark.parametrize(
        ("url", "base"),
        [
            ("http://127.0.0.1:8880", "http://127.0.0.1:8880/v1"),
            ("http://127.0.0.1:8880/v1/", "http://127.0.0.1:8880/v1"),
            (" https://me.example/tts/v1/audio/speech ", "https://me.example/tts/v1"),
            ("http://[::1]:1/", "http://[::1]:1/v1"),
        ],
    )
    def test_understands_addresses(self, url, base):
        assert read_server(Settings, url, {}, "x").url == base

    @pytest.mark.parametrize(
        "url", ["", "kokoro", "ftp://x/v1", "http://", "http://me:sesame@x/v1", "http://x/v1?key=sesame"]
    )
    def test_refuses_others(self, url):
        with pytest.raises(BadInput) as caught:
            read_server(Settings, "", {"url": url}, "personify.toml")
        assert "sesame" not in str(caught.value)

    def test_names_the_fault(self, settings, monkeypatch):
        monkeypatch.delenv("PERSONIFY_SPEECH_URL", raising=False)
        settings(url="http://x", sped=1)
        with pytest.raises(BadInput, match=r"personify\.toml: sped"):
            speech_server()
        settings(url="http://x", key_env=KEY)
        with pytest.raises(BadInput, match="NAME of the environment variable") as caught:
            speech_server()
        assert KEY not in str(caught.value)
        settings(model="x")
        with pytest.raises(BadInput, match=r"personify\.toml: url"):
            speech_server()

    def test_variable_with_a_model(self, monkeypatch):
        monkeypatch.setenv("PERSONIFY_SPEECH_URL", "http://127.0.0.1:1/v1#piper")
        found = speech_server()
        assert (found.url, found.model) == ("http://127.0.0.1:1/v1", "piper")
