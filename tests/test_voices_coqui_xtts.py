"""XTTS of real classes and random numbers: speakers by name, between two, cloned from a recording, and in a stream."""

import numpy as np
import pytest
from coqui_parts import own_models, recording, tone

from personify.voices.engines import get_engine
from personify.voices.errors import BadInput, MissingExtra

pytest.importorskip("TTS", reason="coqui-tts is not installed: pip install -e '.[coqui]'")
tiny = pytest.importorskip("tiny_xtts")

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("models", "one_thread")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, one_thread):
    return tiny.save_xtts(tmp_path_factory.mktemp("models") / "xtts")


@pytest.fixture
def models(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PERSONIFY_CONFIG", str(own_models(tmp_path / "personify.toml", tiny=folder)))


def say(text="Hello there.", *, language="en", **fields):
    fields = fields if "sample" in fields else {"speaker": "Ana Florence", **fields}
    return get_engine("coqui").speak(text, tone(**fields), language=language, accent=None)


def test_a_speaker_by_name_at_24_khz_with_phonemes_and_the_same_again():
    import torch

    before = torch.get_rng_state()
    speech = say()
    assert torch.equal(torch.get_rng_state(), before)
    assert speech.sample_rate_hz == 24000 and speech.samples.dtype == np.float32
    assert 0.001 < np.abs(speech.samples).max() <= 1
    assert [p.symbol for p in speech.phonemes if p.symbol][:4] == ["h", "ə", "l", "oʊ"]
    assert speech.phonemes[-1].end_s <= speech.duration_s + 1e-6
    assert np.array_equal(say().samples, speech.samples)


def test_blends_and_clones_are_other_voices(tmp_path):
    own = say()
    blend = say(blend={"speaker": "Damien Black", "share": 0.5})
    sample = recording(tmp_path / "me.wav", (7.0, 0.5))
    clone = say(sample=sample)
    voices = [own.samples, blend.samples, clone.samples]
    assert not any(np.array_equal(a, b) for i, a in enumerate(voices) for b in voices[i + 1 :])


def test_sound_streams_before_it_is_all_there():
    pieces = list(get_engine("coqui").stream("Hello there.", tone(speaker="Ana Florence"), language="en", accent=None))
    assert len(pieces) == 2
    assert "".join(p.symbol for piece in pieces for p in piece.phonemes) == "həloʊðɛɹ"
    for piece in pieces:
        assert piece.phonemes[-1].end_s == pytest.approx(piece.duration_s, abs=1e-6)


def stream(text="Hello there.", *, model="tiny", language="en"):
    return get_engine("coqui").stream(text, tone(model, speaker="Ana Florence"), language=language, accent=None)


def test_a_stream_is_the_same_whoever_uses_the_model_in_between(tmp_path, monkeypatch):
    long = tiny.save_xtts(tmp_path / "long", audio_tokens=100)
    monkeypatch.setenv("PERSONIFY_CONFIG", str(own_models(tmp_path / "long.toml", long=long)))
    alone = list(stream(model="long"))
    first, second = stream(model="long"), stream("Who is there, and why?", model="long")
    mixed = [next(first)]
    next(second)
    say("Hi.", model="long")
    mixed += first
    assert len(alone) == len(mixed) > 3
    for one, other in zip(alone, mixed, strict=True):
        assert np.array_equal(one.samples, other.samples)


def test_a_stream_that_lacks_a_library_says_what_to_install(monkeypatch):
    from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer

    def lacking(*_, **__):
        raise ImportError("Chinese requires: pypinyin")

    monkeypatch.setattr(VoiceBpeTokenizer, "encode", lacking)
    with pytest.raises(MissingExtra, match=r"tiny needs more to speak 'zh' .*pip install 'coqui-tts\[zh,ja,ko\]'"):
        list(stream(language="zh"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"speaker": "Nobody"}, "unknown speaker of tiny 'Nobody'; choose one of: Ana Florence, Damien Black"),
        ({"language": "sv"}, "can't speak 'sv', only: de, en, es, zh-cn"),
        ({"sample": "me.wav", "speaker": "Ana Florence"}, "has a sample, so it can't have a speaker"),
        ({"sample": "nobody.wav"}, "there is no file nobody.wav"),
    ],
)
def test_what_it_cannot_do_is_refused_by_name(fields, said):
    with pytest.raises(BadInput, match=said):
        say(**fields)


def test_too_short_a_sample_is_refused_with_the_seconds_seen(tmp_path):
    with pytest.raises(BadInput, match=r"holds 2\.0 s of speech"):
        say(sample=recording(tmp_path / "me.wav", (2.0, 0.5)))
