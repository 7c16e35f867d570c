"""Broken answers of 20 kinds over real HTTP: every persona is valid, nothing raises, and the result says what happened.

`python -m personify.eval.persona.broken` does the same with 500.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.eval.persona import broken
from personify.pipelines.writers import persona_writer
from personify.pipelines.writing.answers import read_answer
from personify.pipelines.writing.draft import FIELDS, read_fields
from personify.pipelines.writing.model_writer import guard_of
from personify.pipelines.writing.sense import check
from personify.voices.patient_json import LONGEST, flat, json_values

pytest.importorskip("openai")


@pytest.mark.parametrize("kind", broken.KINDS)
def test_every_kind_of_broken_answer_ends_in_a_persona_that_says_so(kind):
    (tally,) = broken.measure(2, kinds=(kind,))
    assert (tally.answers, tally.exceptions, tally.invalid, tally.silent) == (2, 0, 0, 0), tally.faults
    assert tally.whole + tally.partly + tally.by_rules == 2


def test_depth_survives_them_too():
    for kind in ("cut", "refusal", "hang", "injection"):
        (tally,) = broken.measure(1, kinds=(kind,), depth="full")
        assert (tally.exceptions, tally.invalid, tally.silent) == (0, 0, 0), tally.faults


def test_the_measure_can_fail():
    persona = persona_writer().write("a teapot", seed=1)
    assert broken.invalid(persona) == ""
    social = persona.social.model_copy(update={"home": "<b>here</b>"})
    assert "it holds" in broken.invalid(persona.model_copy(update={"social": social}))
    voice = persona.voice.model_copy(update={"language": "de"})
    assert broken.invalid(persona.model_copy(update={"voice": voice})) == "its parts don't agree"
    assert "filled" in broken.silent(persona, "a teapot", 1)


PERSONA = persona_writer().write("a grumpy teapot who loves astronomy", seed=1)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=12))
def test_no_value_of_any_field_is_an_error(values):
    kept, faults = read_fields(values, FIELDS)
    assert set(kept) | set(faults) == set(FIELDS) and not set(kept) & set(faults)
    for name, reason in check(kept, PERSONA, guard_of("persona", PERSONA, 1)).items():
        assert name in kept and reason


@settings(max_examples=80)
@given(st.text(max_size=400) | st.text(alphabet="{}[]\"'\\:,“ ab1/<", max_size=300))
def test_no_text_is_an_error(text):
    for value in json_values(text):
        flat(value, {"a", "b"})
    read_answer(text, FIELDS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'a': 'I'm here', b: 3,}", {"a": "I'm here", "b": 3.0}),
        ('{"a": "whole", "b": "cut in the mid', {"a": "whole"}),
        ('{"a": [1, 2, "cu', {"a": [1.0, 2.0]}),
        ('{"a": "He said "hi" to me"}', {"a": 'He said "hi" to me'}),
        ("Well: {“a”: “x”} there", {"a": "x"}),
        ('{"a": True, "b": None, "c": 50%}', {"a": True, "b": None, "c": 0.5}),
        ('{"a": 1 // why\n, "b": "x\ny"}', {"a": 1.0, "b": "x\ny"}),
    ],
)
def test_what_is_nearly_json_is_read(text, value):
    assert list(json_values(text))[-1] == value


@pytest.mark.parametrize("unit", ["{", "[", '{"a":[', "{'a':", '"x ', "// \n", "/* ", '{"a": "\\', ":{"])
def test_a_long_text_is_read_in_no_time(unit):
    import time

    began = time.process_time()
    list(json_values("{" + unit * LONGEST))
    assert time.process_time() - began < 3.0


@pytest.mark.parametrize(
    "said",
    [
        "<think>" * 28_000,
        "choice" + " " * 19_900 + "xx",
        "letter:" + " " * 19_900 + "1",
        '{"letter": "voice' + " " * 9000 + '1"}',
    ],
)
def test_a_choice_in_a_long_text_is_read_in_no_time(said):
    import time

    from personify.voices import multiple_choice

    began = time.process_time()
    list(json_values(said))
    assert isinstance(multiple_choice.read_answer(said, []), str)
    assert time.process_time() - began < 1.0


def test_a_day_of_much_space_is_read_in_no_time():
    import time

    began = time.process_time()
    kept, _ = read_answer(json.dumps({"routine": ["1" + "\n" * 399] * 20}), ["routine"])
    assert not kept and time.process_time() - began < 1.0


def test_deep_nesting_is_no_error():
    kept, faults = read_answer('{"persona":' * 500 + '{"name": "Bo"}' + "}" * 500, FIELDS)
    assert kept in ({}, {"name": "Bo"}) and set(kept) | set(faults) == set(FIELDS)
