"""Hostile files through import, some hundreds; for 10,000: `python -m personify.eval.travel_fuzz --count 10000`."""

import json
import re
import sys
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.eval.travel_cases import corpus
from personify.eval.travel_fuzz import SLOW_S, Making, Report, main, run_case
from personify.pipelines.bundle import open_avatar
from personify.pipelines.services import Services
from personify.pipelines.travel.arrival import Arrival
from personify.pipelines.travel.cards import card_from
from personify.pipelines.travel.importing import import_file, requested, written
from personify.voices.errors import BadInput

FIRST = Path(__file__).parent / "data" / "version1" / "a-child-who-loves-tea"


@pytest.fixture(scope="module")
def stuff():
    return corpus(open_avatar(FIRST))


@pytest.fixture(scope="module")
def making():
    return Making()


@pytest.fixture(scope="module")
def services():
    return Services()


def test_damaged_files_are_refused_or_valid_and_change_nothing_else(stuff, making, tmp_path):
    home, report = tmp_path / "home", Report()
    home.mkdir()
    for number in range(20_001, 20_061):
        report.add(run_case(number, stuff, home, making))
    assert report.faults == []
    assert sum(report.outcomes.values()) == 60
    arrived = {outcome for outcome in report.outcomes if "refused" not in outcome}
    assert {"bundle: avatar as it was", "json_card: avatar of a card", "charx: avatar of a card"} <= arrived


def test_a_portrait_with_a_broken_chunk_is_refused(stuff, tmp_path):
    """Pillow calls it a syntax error."""
    whole = stuff.bundle["portrait.png"]
    at = whole.index(b"IDAT")
    pixels = whole[at : at + 4 + int.from_bytes(whole[at - 4 : at]) // 2]
    picture = whole[: at - 4] + (len(pixels) - 4).to_bytes(4) + pixels + zlib.crc32(pixels).to_bytes(4)
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name, content in (stuff.bundle | {"portrait.png": picture + b"\0\0\0\0\x07\xfd\x8fG" * 3}).items():
        (folder / name).write_bytes(content)
    with pytest.raises(BadInput, match=r"portrait\.png is not a readable PNG: broken PNG"):
        import_file(folder, Arrival(tmp_path / "out"), Services())
    assert not (tmp_path / "out").exists()


def test_half_an_emoji_is_no_trouble(services):
    card = '{"name": "Ann\\ud83e", "description": "a teapot \\ud83e\\uded6 \\ud83e", "first_mes": "Hi there. \\udc00"}'
    persona = written(requested(card_from(card.encode(), "it")), services)
    assert persona.name == "Ann?" and persona.model_dump_json()


def test_it_tells_of_what_goes_wrong(stuff, making, tmp_path, monkeypatch):
    """A harness that can't fail finds nothing."""
    home = tmp_path / "home"
    home.mkdir()

    def careless(path, arrival, services):
        (arrival.out.parent / "evil").write_text("evil")
        (arrival.out.parent.parent / "mine.txt").write_text("yours")
        raise KeyError("evil")

    monkeypatch.setattr("personify.eval.travel_fuzz.import_file", careless)
    faults = run_case(1, stuff, home, making).faults
    assert "KeyError" in faults[0] and "changed" in faults[1] and "c/evil" in faults[1] and "b/mine.txt" in faults[1]


def test_it_tells_of_what_is_left_and_of_what_takes_long(stuff, making, tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()

    def slow(path, arrival, services):
        (arrival.out / "half").mkdir()
        until = time.process_time() + SLOW_S + 0.1
        while time.process_time() < until:
            pass
        raise BadInput("no")

    monkeypatch.setattr("personify.eval.travel_fuzz.import_file", slow)
    faults = run_case(1, stuff, home, making).faults
    assert "left something" in faults[0] and "to be read" in faults[1]


@pytest.mark.slow
def test_the_command_runs_cases_in_several_processes_and_prints_what_came_of_them(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["travel_fuzz", "--count", "20", "--jobs", "2", "--bundle", str(FIRST)])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().out
    assert ended.value.code == 0, told
    assert "20 cases in" in told and "slowest in reading:" in told and "slowest in making:" in told


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.sampled_from(
    [
        "name",
        "description",
        "personality",
        "scenario",
        "first_mes",
        "mes_example",
        "tags",
        "alternate_greetings",
        "extensions",
        "character_book",
        "creator",
        "nickname",
        "data",
        "spec",
        "assets",
    ]
)


@given(
    st.dictionaries(_FIELDS, _ANY, max_size=6), st.sampled_from(["", "data", "card", "character"]), st.text(max_size=9)
)
def test_a_card_of_any_shape_is_an_error_or_a_character(services, fields, within, spec):
    card = {within: fields, "spec": spec} if within else fields
    try:
        asked = requested(card_from(json.dumps(card).encode(), "it"))
        persona = written(asked, services)
    except BadInput as error:
        assert str(error)
    else:
        assert persona.name and persona.speaking.greeting


_LARGE = 3 << 20
_LONG = {
    "letters": "a" * _LARGE,
    "spaces": "a" + " " * _LARGE + "b",
    "lines": "x\n" * (_LARGE // 2),
    "empty lines": "\n" * _LARGE,
    "no end": "word " * (_LARGE // 5),
    "stops": "." * _LARGE,
    "stars": "* " * (_LARGE // 2),
    "quotes": '"a' * (_LARGE // 2),
    "open quotes": "“a" * (_LARGE // 4),
    "macros": "{{" * (_LARGE // 2),
    "macro of spaces": ("{{" + " " * 5000) * (_LARGE // 5002),
    "brackets": "[a:" * (_LARGE // 3),
    "parentheses": 'A("b"' * (_LARGE // 5),
    "one parenthesis": "A(" + '"b" + ' * (_LARGE // 6),
    "fences": "```a" * (_LARGE // 4),
    "comments": "<!--" * (_LARGE // 4),
    "tags": "<a" * (_LARGE // 2),
    "links": "![" * (_LARGE // 2),
    "colons": "Key: a\n" * (_LARGE // 7),
    "names": "Ann: b\n{{user}}: c\n" * (_LARGE // 20),
    "dashes": "-" * _LARGE,
    "marks": "a\u0301" * (_LARGE // 8),
}


@pytest.mark.parametrize("text", _LONG.values(), ids=list(_LONG))
@pytest.mark.parametrize("field", ["name", "description", "personality", "first_mes", "mes_example", "scenario"])
def test_the_longest_texts_take_no_longer_than_two_seconds(services, field, text):
    content = json.dumps({"name": "Ann", "description": "a teapot", field: text}).encode()
    began = time.process_time()
    try:
        written(requested(card_from(content, "it")), services)
    except BadInput as error:
        assert len(str(error)) < 400
    assert time.process_time() - began < SLOW_S


@pytest.mark.parametrize("text", ["<!--", "```a", "<a", "[a](b", "![](", "“a", "_a ", "https://a "])
def test_floods_in_all_fields_at_once_take_no_longer_than_two_seconds(services, text):
    long = text * (30_000 // len(text))
    fields = ("description", "personality", "first_mes", "mes_example", "scenario")
    data = dict.fromkeys(fields, long) | {"name": "Ann", "alternate_greetings": [long] * 10}
    data["character_book"] = {"entries": [{"keys": [f"k{n}"], "content": long[:2500]} for n in range(500)]}
    content = json.dumps({"spec": "chara_card_v2", "data": data}, ensure_ascii=False).encode()
    began = time.process_time()
    written(requested(card_from(content, "it")), services)
    assert time.process_time() - began < SLOW_S


@pytest.mark.parametrize("unit", ["[]", "{}", "[[[]]]", '{"a":[1]}'])
@pytest.mark.parametrize("field", ["own", "extensions", "assets"])
def test_lists_without_end_are_refused_before_they_are_built(unit, field):
    many = ",".join([unit] * ((4 << 20) // (len(unit) + 2)))
    value = f'{{"a": [{many}]}}' if field == "extensions" else f"[{many}]"
    content = f'{{"spec": "chara_card_v3", "data": {{"name": "Ann", "{field}": {value}}}}}'.encode()
    began = time.process_time()
    with pytest.raises(BadInput, match="100,000 lists and objects"):
        requested(card_from(content, "it"))
    assert time.process_time() - began < SLOW_S


@pytest.mark.parametrize("unit", ["1", "1e9", "1e15", '"a"', f"[{'1,' * 24}1]"])
def test_long_lists_of_numbers_take_no_longer_than_two_seconds(services, unit):
    many = ",".join([unit] * ((4 << 20) // (len(unit) + 2)))
    content = f'{{"spec": "chara_card_v3", "data": {{"name": "Ann", "description": "a pot", "own": [{many}]}}}}'
    began = time.process_time()
    try:
        asked = requested(card_from(content.encode(), "it"))
        assert written(asked, services).name == "Ann" and asked.card.whole_json
    except BadInput as error:
        assert re.search("larger than|400,000 values", str(error))
    assert time.process_time() - began < SLOW_S


@pytest.mark.parametrize("field", ["alternate_greetings", "tags", "book", "own"])
def test_the_longest_lists_take_no_longer_than_two_seconds(services, field):
    many = ['*a* "b c d." ' * 5] * 40_000
    data = {"name": "Ann", "description": "a teapot", field: many}
    if field == "book":
        data = data | {"character_book": {"entries": [{"keys": ["k"], "content": "c" * 1000}] * 3000}, "book": None}
    if field == "own":
        data = data | {"own": [[{"a": n}] for n in range(45_000)]}
    content = json.dumps({"spec": "chara_card_v2", "data": data}).encode()
    began = time.process_time()
    persona = written(requested(card_from(content, "it")), services)
    assert persona.name == "Ann" and time.process_time() - began < SLOW_S


@given(st.binary(max_size=300))
def test_any_bytes_are_an_error_or_a_card(content):
    for start in (b"", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"{"):
        with pytest.raises(BadInput):
            card_from(start + content, "it")
