"""The voice benchmark: its cases are sound, it judges as a listener would, and it reports what it found."""

import json
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from typer.testing import CliRunner

from personify.eval.rates import rows
from personify.eval.voices import bench
from personify.eval.voices.cases import Case, Cases, load_cases
from personify.eval.voices.distinct import distinctness, features, tone_features
from personify.eval.voices.hearing import TRAITS, Heard, hear, judge
from personify.eval.voices.quickness import quickness
from personify.pipelines.services import Services
from personify.ui.cli import app
from personify.voices import load_tones, speak
from personify.voices.errors import BadInput
from personify.voices.languages import has_accent

CASES = load_cases()
TONES = load_tones()
TEXT = CASES.sentences["en"]
OLD_MAN = Heard("grandpa", "masculine", "elderly", 110.0, 10.0, "en", (), ("old", "warm"), None)


def case(**traits) -> Case:
    return Case(say="an old man", **traits)


def wrong(heard: Heard, **traits) -> tuple[str, ...]:
    return judge(case(**traits), heard, CASES).wrong


# ---- the project's own cases


def test_there_are_many_descriptions_of_all_kinds_and_in_many_languages():
    said = [each.say for each in CASES.cases]
    assert len(said) >= 120 and len(set(said)) == len(said)
    assert {each.group for each in CASES.cases} >= {"people", "animals", "objects", "creatures", "machines", "accents"}
    foreign = [each for each in CASES.cases if each.language != ("en",)]
    assert len(foreign) >= 15 and len({each.language for each in foreign}) >= 6


def test_every_trait_is_asked_for_often_enough_to_say_something():
    for trait in ("gender", "age", "pitch", "pace", "special"):
        assert sum(getattr(each, trait) is not None for each in CASES.cases) >= 40, trait
    for each in CASES.cases:
        for accent in each.accent or ():
            assert has_accent(each.language[0], accent), each.say
        assert sum(getattr(each, trait) is not None for trait in TRAITS) >= 2, each.say


def test_bands_are_bands():
    for low, high in (*CASES.pitch_hz.values(), *CASES.pace_hz.values()):
        assert 0 < low < high


# ---- judging


def test_only_traits_with_an_opinion_count():
    judged = judge(case(gender=("masculine",)), OLD_MAN, CASES)
    assert judged.right == {"gender": True, "language": True} and judged.wrong == ()


@pytest.mark.parametrize(
    ("change", "traits", "objections"),
    [
        ({}, {"gender": ("feminine", "neutral")}, ("gender",)),
        ({}, {"age": ("adult", "elderly")}, ()),
        ({"age": "adult"}, {"age": ("elderly",)}, ("age",)),
        ({}, {"pitch": "man"}, ()),
        ({"pitch_hz": 240.0}, {"pitch": "man"}, ("pitch",)),
        ({"pitch_hz": math.nan}, {"pitch": "man"}, ("pitch",)),
        ({}, {"pace": "quick"}, ("pace",)),
        ({"language": "de"}, {}, ("language",)),
        ({"language": "en-GB"}, {}, ()),
        ({}, {"special": ("ordinary",)}, ()),
        ({"special": ("ghost",)}, {"special": ("ordinary",)}, ("special",)),
        ({"special": ("ghost",)}, {"special": ("ordinary", "ghost")}, ()),
        ({}, {"special": ("robot", "metallic")}, ("special",)),
        ({"timbre": ("metallic",)}, {"special": ("robot", "metallic")}, ()),
        ({}, {"accent": ("scottish",)}, ("accent",)),
        ({"accent": "scottish"}, {"accent": ("scottish",)}, ()),
        ({"accent": "gb"}, {"accent": ("british",)}, ()),
    ],
)
def test_a_voice_is_judged_as_a_listener_would(change, traits, objections):
    heard = replace(OLD_MAN, **change)
    assert wrong(heard, **traits) == objections
    judged = judge(case(**traits), heard, CASES)
    for trait in objections:
        assert judged.told(trait).startswith("an old man (grandpa): ")


def test_what_is_heard_is_the_real_voice_with_its_own_prosody():
    services = Services()
    one, again = (hear(case(), CASES, services, 3) for _ in range(2))
    assert one == again and one.tone in TONES and one.gender == TONES[one.tone].gender
    assert 60 < one.pitch_hz < 200 and 5 < one.pace_hz < 16
    paces = {round(hear(case(), CASES, services, seed).pace_hz, 2) for seed in range(4)}
    assert len(paces) > 1
    assert hear(Case(say="una abuela", language=("es",)), CASES, services, 3).language == "es"


def test_accuracy_counts_opinions_and_names_every_miss_once():
    judged = [
        judge(case(gender=("masculine",), age=("elderly",)), OLD_MAN, CASES),
        judge(case(gender=("feminine",)), OLD_MAN, CASES),
    ]
    found = {rate.what: rate for rate in bench.accuracy(judged)}
    assert (found["traits right"].value, found["traits right"].cases) == (0.8, 5)
    assert found["gender right"].value == 0.5 and found["gender right"].misses == (
        "an old man (grandpa): masculine, not feminine",
    )
    assert found["gender right"].low < 0.5 < found["gender right"].high and not found["gender right"].met
    assert found["language right"].met and "pitch right" not in found
    assert found["all traits of a description right"].value == 0.5 and found["all traits of a description right"].met
    assert any("(0.376 to 0.964)" in cell for row in rows(found.values()) for cell in row)


# ---- the tones


def test_a_tone_is_nearest_to_what_sounds_like_it():
    two = speak(TEXT, TONES["hostess"]), speak("Shall we have tea together? The stars are late.", TONES["hostess"])
    others = [speak(TEXT, TONES[name]) for name in ("giant", "robot", "girl", "ghost")]
    found = distinctness({str(i): features(speech) for i, speech in enumerate((*two, *others))})
    assert {found.closest[0].first, found.closest[0].second} == {"0", "1"}
    assert found.least == found.closest[0].distance <= found.median and found.tones == 6
    assert all(a.distance <= b.distance for a, b in pairwise(found.closest))


def test_features_are_finite_and_leave_pauses_and_loudness_out():
    speech = speak(TEXT, TONES["neighbour"])
    quieter = replace(speech, samples=speech.samples * np.float32(0.5))
    assert features(speech).shape == (57,) and np.isfinite(features(speech)).all()
    assert features(quieter) == pytest.approx(features(speech), rel=0.02, abs=0.5)


@pytest.mark.slow
def test_a_tone_of_another_language_is_heard_in_its_own():
    spanish = TONES["girl"].model_copy(update={"name": "nina", "languages": ("es",)})
    klingon = TONES["girl"].model_copy(update={"name": "qej", "languages": ("eo",)})
    told = []
    found = tone_features([TONES["girl"], spanish, klingon], CASES.sentences, lambda done, of: told.append((done, of)))
    assert list(found) == ["girl", "nina"] and told[-1] == (3, 3)


def test_engines_are_timed():
    (espeak,) = quickness([TONES["girl"], TONES["giant"]], CASES.sentences)
    assert espeak.engine == "espeak" and espeak.tones == 2 and 0 < espeak.cpu < 0.05 and espeak.wall > 0


# ---- the command

FEW = """
[pitch_hz]
child = [190, 500]
[pace_hz]
brisk = [10, 24]
[sentences]
en = "The stars are late tonight."
[cases]
people = [
  { say = "a cheerful little girl", gender = ["feminine"], age = ["child"], pitch = "child" },
  { say = "a grumpy old man", gender = ["feminine"] },
]
"""


@pytest.mark.slow
def test_a_run_measures_and_reports(tmp_path):
    path = tmp_path / "few.toml"
    path.write_text(FEW)
    steps = []
    result = bench.run(7, path=path, on_step=lambda *step: steps.append(step))
    report = json.loads(bench.write_report(tmp_path / "out", result).read_text("utf-8"))
    assert report == json.loads(json.dumps(bench.as_report(result)))
    assert [each["wrong"] for each in report["cases"]] == [[], ["gender"]]
    assert not report["met"] and not result.met
    by_name = {figure["what"]: figure for figure in report["figures"]}
    assert by_name["traits right"]["value"] == pytest.approx(5 / 6) and by_name["traits right"]["least"] == 0.95
    assert by_name["espeak: processor time for a second of speech, s"]["most"] == 0.02
    assert by_name["nearest other tone, least distance"]["cases"] >= 60 and len(report["closest tones"]) == 10
    assert ("descriptions", 2, 2) in steps


def test_the_command_is_there():
    said = CliRunner().invoke(app, ["bench", "voices", "--help"])
    assert said.exit_code == 0 and "--out" in said.stdout and "--json" in said.stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[cases]", "[case]"), "can't be read: 'cases'"),
        (("pitch = ", "pich = "), r"cases\.0\.pich"),
        (('pitch = "child"', 'pitch = "shrill"'), "names the band 'shrill'; there are: child"),
        (('"feminine"', '"female"'), "gender"),
        (("en = ", "de = "), "there is no sentence in that"),
    ],
)
def test_cases_with_a_mistake_name_it(tmp_path, change, said):
    path = tmp_path / "few.toml"
    path.write_text(FEW.replace(*change, 1))
    with pytest.raises(BadInput, match=said):
        load_cases(path)


def test_cases_are_values():
    assert isinstance(CASES, Cases)
    with pytest.raises(ValueError, match="frozen"):
        CASES.cases[0].say = "x"
