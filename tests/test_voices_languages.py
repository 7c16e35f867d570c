"""Languages: short descriptions find theirs, and every language and accent finds a voice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.voices import Tone, detect_language, load_tones, speak
from personify.voices.errors import BadInput
from personify.voices.languages import espeak_voice, has_accent, language_of, languages

DESCRIPTIONS = {
    "en": [
        "a cheerful lemon chef",
        "a grumpy teapot who loves astronomy",
        "wise owl professor",
        "the last dragon of the north",
        "grumpy lemon",
        "tiny robot gardener",
        "an old leather bag with a secret",
        "regal pineapple queen",
        "a banana",
        "a shy stapler that writes poetry",
        "pirate parrot",
        "sleepy avocado",
        "a chef",
        "detective cat in a trench coat",
        "my grandmother's umbrella",
        "Sir Reginald the toaster",
    ],
    "es": [
        "un limón alegre que ama la cocina",
        "una vieja tetera gruñona",
        "el búho sabio",
        "un robot jardinero muy tímido",
        "una bruja que vive en el bosque",
        "un gato detective",
        "la reina de las manzanas",
        "un dragón pequeño",
    ],
    "fr": [
        "un chat philosophe",
        "une théière grincheuse qui aime les étoiles",
        "un vieux hibou professeur",
        "la reine des pommes",
        "le petit robot jardinier",
        "un chien détective très courageux",
        "une sorcière qui habite dans la forêt",
    ],
    "de": [
        "ein mürrischer Teekessel, der die Sterne liebt",
        "eine weise alte Eule",
        "der kleine Roboter",
        "ein fröhlicher Zitronenkoch",
        "eine Hexe aus dem Wald",
        "ein Hund als Detektiv",
        "die Königin der Äpfel",
    ],
    "it": [
        "una vecchia strega che ama la luna",
        "un gatto filosofo che vive in una biblioteca",
        "il gufo saggio",
        "una teiera scontrosa",
        "un piccolo robot giardiniere",
        "la regina delle mele",
        "un limone allegro che ama cucinare",
    ],
    "pt": [
        "uma coruja velha que ama as estrelas",
        "um limão alegre",
        "uma bruxa que vive na floresta",
        "o gato filósofo",
        "um robô jardineiro muito tímido",
        "uma menina que não gosta de dormir",
    ],
    "nl": [
        "een oude uil die van de sterren houdt",
        "een vrolijke citroen",
        "de kleine robot",
        "een heks uit het bos",
        "een mopperige theepot",
    ],
    "pl": [
        "stara sowa, która kocha gwiazdy",
        "zrzędliwy czajniczek",
        "mały robot ogrodnik",
        "wesoła cytryna",
        "kot, który jest detektywem",
    ],
    "tr": [
        "yıldızları seven yaşlı bir baykuş",
        "küçük bir robot",
        "neşeli bir limon",
        "huysuz bir çaydanlık",
    ],
    "sv": ["en gammal uggla som älskar stjärnorna", "en glad citron som lagar mat", "en liten häxa från skogen"],
    "ru": ["старая сова, которая любит звёзды", "весёлый лимон", "ворчливый чайник", "кот-детектив"],
    "uk": ["стара сова, яка любить зірки", "веселий їжак"],
    "zh": ["喜欢天文学的猫头鹰教授", "一只脾气暴躁的茶壶", "爱做饭的柠檬", "喜欢 Python 的猫"],
    "ja": ["星が大好きなふくろう", "怒りっぽいティーポット", "小さなロボット"],
    "ko": ["별을 사랑하는 늙은 부엉이", "심술궂은 찻주전자", "작은 로봇"],
    "ar": ["بومة عجوز تحب النجوم", "إبريق شاي غاضب"],
    "hi": ["एक बूढ़ा उल्लू जो तारों से प्यार करता है", "एक हँसमुख नींबू"],
    "el": ["μια γριά κουκουβάγια που αγαπά τα αστέρια"],
    "he": ["ינשוף זקן שאוהב כוכבים"],
    "th": ["นกฮูกแก่ที่รักดวงดาว"],
    "fa": ["جغد پیری که ستاره‌ها را دوست دارد"],
}
CASES = [(tag, text) for tag, texts in DESCRIPTIONS.items() for text in texts]


@pytest.fixture(scope="module")
def tone() -> Tone:
    return load_tones()["companion"]


@pytest.mark.parametrize(("tag", "text"), CASES)
def test_a_short_description_finds_its_language(tag, text):
    assert detect_language(text) == tag


def test_known_english_words_decide_where_nothing_else_does():
    assert detect_language("lemon chef", english_words={"lemon", "chef"}) == "en"
    assert detect_language("un chat philosophe", english_words={"chat"}) == "fr"


@pytest.mark.parametrize("text", ["", "   ", "123", "🫖🤖", "?!", "x", "\u202e\u0000"])
def test_without_letters_it_is_english(text):
    assert detect_language(text) == "en"


def test_a_stray_word_of_another_script_decides_nothing():
    assert detect_language("AA0\u092e") == "en"


@given(st.text(max_size=80))
def test_any_text_gets_a_language_that_can_be_spoken(text):
    assert detect_language(text) in languages()


def test_regions_and_accents_choose_the_voice():
    assert espeak_voice("en") == "en-us"
    assert espeak_voice("en-GB") == "en"
    assert espeak_voice("en", "Scottish") == "en-gb-scotland"
    assert espeak_voice("en-US", "scottish") == "en-gb-scotland"
    assert espeak_voice("pt") == "pt-br"
    assert espeak_voice("pt-PT") == "pt"
    assert espeak_voice("zh-Hans-CN") == "cmn"
    assert espeak_voice("zh-HK") == "yue"
    assert espeak_voice("fr", "scottish") == "fr"
    assert has_accent("en", "scottish")
    assert not has_accent("fr", "scottish")


def test_an_unknown_language_lists_the_choices():
    with pytest.raises(BadInput, match=r"unknown language 'tlh'.*de \(German\).*zh \(Chinese\)"):
        language_of("tlh")


@pytest.mark.parametrize("tag", sorted(languages()))
def test_every_language_and_accent_has_a_voice_that_sounds(tag, tone):
    for accent in {None, *languages()[tag].accents}:
        assert speak("2, 3.", tone, language=tag, accent=accent).duration_s > 0.8


def test_the_statistical_model_is_loaded_once_whatever_is_between_languages(monkeypatch):
    from py3langid.langid import LanguageIdentifier

    from personify.voices import languages as module

    loads, load = [], LanguageIdentifier.from_pickled_model
    monkeypatch.setattr(LanguageIdentifier, "from_pickled_model", lambda *a, **k: loads.append(a) or load(*a, **k))
    module._identifier.cache_clear()
    for text in ("gato", "kot", "björn", "la reina", "o rei", "ein", "der de la", "vlk", "медвед", "стара вежа"):
        detect_language(text)
    assert len(loads) == 1
