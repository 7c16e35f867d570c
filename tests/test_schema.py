"""`avatar.json` over the versions: what the first one wrote opens for ever, and what a newer one wrote is refused."""

import copy
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.eval.avatar_schema import text
from personify.pipelines.bundle import AvatarRecord, open_avatar, read_record
from personify.pipelines.migrations import CURRENT, STEPS, migrated
from personify.pipelines.safe_json import DEEPEST, read_json
from personify.ui.web.shelf import FolderShelf
from personify.voices.errors import BadInput

ROOT = Path(__file__).parents[1]
FIRST = ROOT / "tests" / "data" / "version1" / "a-child-who-loves-tea"
"""As `personify create` of version 1 of the record wrote it, and never touched since; only its clip was pressed smaller
for the repository."""


@pytest.fixture
def first(tmp_path):
    folder = tmp_path / "shelf" / FIRST.name
    shutil.copytree(FIRST, folder)
    return folder


def test_a_bundle_of_the_first_version_opens(first):
    told = json.loads((first / "avatar.json").read_text("utf-8"))
    assert told["schema_version"] == 1
    avatar = open_avatar(first)
    assert (avatar.name, avatar.tone, avatar.seed) == ("Max", told["tone"]["name"], 36)
    assert avatar.record.schema_version == CURRENT and avatar.record.source is None
    assert avatar.portrait.landmarks is not None and avatar.portrait.mask is not None
    assert _holds(avatar.record.model_dump(mode="json") | {"schema_version": 1}, told)


def _holds(read, told):
    """Whether nothing of what was told is lost or taken otherwise."""
    if isinstance(told, dict):
        return all(key in read and _holds(read[key], value) for key, value in told.items())
    if isinstance(told, list):
        return len(read) == len(told) and all(map(_holds, read, told))
    return read == told


def test_a_bundle_of_the_first_version_is_alive(first, studio):
    """It chats, speaks, is listed, and is revised into one of today's."""
    with studio.chat(first, memory=False) as chat:
        assert any(piece.text for piece in chat.stream("Who are you?") if hasattr(piece, "text"))
    (entry,) = FolderShelf(first.parent).list()
    assert entry.name == "Max"
    revised = studio.revise(first, tone=next(tone.name for tone in studio.tones() if tone.name != entry.key))
    assert json.loads((first / "avatar.json").read_text("utf-8"))["schema_version"] == CURRENT
    assert open_avatar(first).record == revised.record


def test_every_version_has_a_way_to_today_s():
    assert sorted(STEPS) == list(range(1, CURRENT))
    assert AvatarRecord.model_fields["schema_version"].default == CURRENT


def test_migrating_leaves_what_it_was_given():
    told = json.loads((FIRST / "avatar.json").read_text("utf-8"))
    before = copy.deepcopy(told)
    record = migrated(told, "it")
    assert told == before and record["schema_version"] == CURRENT
    assert migrated(record, "it") == record


def test_a_newer_one_is_refused_with_the_way_out(first):
    told = json.loads((first / "avatar.json").read_text("utf-8")) | {"schema_version": CURRENT + 1}
    (first / "avatar.json").write_text(json.dumps(told), "utf-8")
    with pytest.raises(BadInput, match=r"made by a newer Personify .* pip install --upgrade"):
        open_avatar(first)


@pytest.mark.parametrize("version", [None, 0, -1, True, "2", 1.0, [1], {}])
def test_no_version_is_no_avatar(version):
    told = json.loads((FIRST / "avatar.json").read_text("utf-8")) | {"schema_version": version}
    with pytest.raises(BadInput, match="schema_version must be a number from 1"):
        read_record(json.dumps(told).encode())


def test_the_published_schema_is_today_s():
    published = (ROOT / "docs" / "avatar.schema.json").read_text("utf-8")
    assert published == text(), "write it anew with: python -m personify.eval.avatar_schema"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "nested too deeply"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": -Infinity}', "Infinity is no number"),
        (b'{"a": 1e999}', "1e999 is too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "is no JSON"),
        (b'{"a": "\xff"}', "no text in UTF-8"),
        (b'{"a": 1', "is no JSON"),
        (b"", "is no JSON"),
        (b" " * (9 << 20), "larger than 8 MB"),
        (b"[1]", "must hold one JSON object"),
        (b"null", "must hold one JSON object"),
    ],
)
def test_what_is_no_record_is_refused(content, problem):
    with pytest.raises(BadInput, match=problem):
        read_record(content)


def test_depth_is_allowed_up_to_the_limit():
    fits = "[" * DEEPEST + "]" * DEEPEST
    assert read_json(fits, "it")
    with pytest.raises(BadInput, match="nested too deeply"):
        read_json(f"[{fits}]", "it")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


@given(st.data())
def test_a_record_with_anything_in_any_place_is_an_error_or_valid(data):
    told = json.loads((FIRST / "avatar.json").read_text("utf-8"))
    holder = told
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(holder[key], dict | list) and holder[key] and data.draw(st.booleans()):
            holder = holder[key]
            continue
        holder[key] = data.draw(_JSON)
        break
    try:
        record = read_record(json.dumps(told).encode())
    except BadInput as error:
        assert str(error).startswith("avatar.json ")
    else:
        assert read_record(record.model_dump_json().encode()) == record
