"""The table of voice models, the user's own models and tones, and samples that voices are cloned from."""

import re

import numpy as np
import pytest
from coqui_parts import recording

from personify.voices import load_tones
from personify.voices.cloning import read_sample
from personify.voices.engines import SPECS
from personify.voices.errors import BadInput
from personify.voices.models import load_models, model_of, ready_models

MODEL = '[[voice_model]]\nname = "mine"\nengine = "coqui"\ntitle = "Mine"\nlicence = "MIT"\n'
TONE = '[[tone]]\nname = "echo"\ntitle = "Echo"\ndescription = "My own."\ngender = "neutral"\nage = "adult"\n'


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Writes the user's personify.toml."""
    path = tmp_path / "personify.toml"
    monkeypatch.setenv("PERSONIFY_CONFIG", str(path))
    return lambda text: path.write_text(text, encoding="utf-8") and path


def test_every_packaged_model_tells_engine_licence_size_and_languages():
    for name, model in load_models().items():
        assert model.name == name and model.engine in SPECS and len(model.licence) > 3
    assert load_models()["vctk"].commercial and load_models()["vctk"].languages == ("en",)
    xtts = load_models()["xtts"]
    assert len(xtts.languages) == 17 and not xtts.commercial and "non-commercial" in xtts.terms
    assert xtts.download_mb > 1000 and xtts.speaks("zh-CN") and not xtts.speaks("sv")


def test_what_is_built_in_is_ready_and_the_rest_says_the_way():
    status = ready_models()
    assert status["espeak"].ready
    assert all(status[name].ready or "personify tones pull" in status[name].lacks or "pip install" in status[name].lacks
               for name in status if load_models()[name].engine == "coqui")  # fmt: skip


def test_users_add_models_of_their_own(own):
    path = own(MODEL + 'folder = "voices/mine"\nlanguages = ["de"]\n')
    model = model_of("mine")
    assert model.folder == path.parent / "voices/mine" and model.speaks("de-AT") and not model.speaks("en")
    assert list(load_models())[-1] == "mine"
    own(MODEL + 'source = "tts_models/de/thorsten/vits"\n')
    assert model_of("mine").source == "tts_models/de/thorsten/vits", "a changed file is read again"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MODEL, "a Coqui model needs source"),
        (MODEL + 'folder = "a"\nsource = "tts_models/en/a/b"\n', "source and folder are both given"),
        (MODEL + 'source = "../../etc"\n', "source"),
        (MODEL + 'archive = "ftp://x/y.zip"\n', "archive"),
        (MODEL + 'folder = "a"\nspeed = 2\n', "speed"),
        (MODEL + 'folder = "~nobodyx/a"\n', "folder: ~nobodyx/a begins with the home folder of nobody"),
        (MODEL + 'folder = "a"\nlanguages = "english"\n', "languages: 'english' is neither \"any\" nor a list"),
        (MODEL + 'folder = "a"\nlanguages = ["en", "german"]\n', "languages: 'german' is neither"),
        (MODEL + 'folder = "a"\nlanguages = 5\n', "languages"),
        (MODEL.replace("mine", "Mine!") + 'folder = "a"\n', "name"),
        (MODEL.replace("mine", "espeak") + 'folder = "a"\n', "voice model 'espeak' is Personify's own"),
        ((MODEL + 'folder = "a"\n') * 2, "voice model 'mine' occurs twice"),
        ("[voice_model]\nname = 1\n", "two brackets"),
        ("[[voice_model]\n", "not valid TOML"),
    ],
)
def test_what_is_wrong_with_an_own_model_is_named(own, text, said):
    path = own(text)
    with pytest.raises(BadInput, match=re.escape(said)) as caught:
        load_models()
    assert str(path) in str(caught.value)


def test_an_unknown_model_lists_the_choices():
    with pytest.raises(BadInput, match="unknown voice model 'siri'; choose one of: espeak"):
        model_of("siri")


def test_languages_are_tags_with_or_without_a_region(own):
    own(MODEL + 'folder = "a"\nlanguages = ["en-US", "zh-CN"]\n' + TONE + 'languages = ["pt-BR"]\n')
    model, tone = model_of("mine"), load_tones()["echo"]
    assert all(model.speaks(tag) for tag in ("en", "en-GB", "zh-TW", "EN")) and not model.speaks("e")
    assert tone.speaks("pt") and tone.speaks("pt-PT") and not tone.speaks("p")


def test_users_add_tones_of_their_own(own):
    path = own(TONE + 'model = "xtts"\nsample = "me.wav"\n')
    tone = load_tones()["echo"]
    assert tone.sample == path.parent / "me.wav" and tone.model == "xtts"
    own("")
    assert "echo" not in load_tones()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TONE.replace("echo", "narrator"), "tone 'narrator' is Personify's own"),
        (TONE * 2, "tone 'echo' occurs twice"),
        (TONE.replace('"adult"', '"ancient"'), "tone 'echo': age"),
        (TONE + "loud = true\n", "tone 'echo': loud"),
        (TONE + 'sample = "~nobodyx/a.wav"\n', "tone 'echo': sample: ~nobodyx/a.wav begins with the home folder"),
        (TONE + 'languages = "en"\n', "tone 'echo': languages: "),
    ],
)
def test_what_is_wrong_with_an_own_tone_is_named(own, text, said):
    path = own(text)
    with pytest.raises(BadInput, match=re.escape(said)) as caught:
        load_tones()
    assert str(path) in str(caught.value)


# Samples -------------------------------------------------------------------------------------------------------------


def test_a_sample_is_cut_free_of_the_silence_around_it(tmp_path):
    sample = read_sample(recording(tmp_path / "me.wav", (1.0, 0.0), (4.0, 0.5), (0.2, 0.0), (4.0, 0.5), (2.0, 0.0)))
    assert sample.rate_hz == 22050 and sample.samples.dtype == np.float32
    assert len(sample.samples) / 22050 == pytest.approx(8.2, abs=0.1)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([(3.0, 0.5)], "me.wav holds 3.0 s of speech, and a voice is cloned from at least 6 s"),
        ([(3.0, 0.5), (9.0, 0.0)], "holds 3.0 s of speech"),
        ([(9.0, 0.0)], "silent"),
    ],
)
def test_a_sample_that_is_too_short_or_silent_says_what_was_seen(tmp_path, parts, said):
    with pytest.raises(BadInput, match=re.escape(said)):
        read_sample(recording(tmp_path / "me.wav", *parts))


def test_a_sample_that_is_no_sound_is_refused(tmp_path):
    (tmp_path / "me.wav").write_text("not a sound")
    with pytest.raises(BadInput, match="no recording that can be read"):
        read_sample(tmp_path / "me.wav")
    with pytest.raises(BadInput, match="there is no file"):
        read_sample(tmp_path / "nobody.wav")
