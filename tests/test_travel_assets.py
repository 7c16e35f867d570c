"""The pictures and sounds of a card: they come along in its JSON, leave beside it, and what isn't there isn't named."""

import base64
import io
import json
import zipfile
from pathlib import Path

import pytest
from card_parts import FAIRY, charx, picture, png_card

from personify.pipelines import open_avatar
from personify.pipelines.services import Services
from personify.pipelines.travel import card_assets
from personify.pipelines.travel.cards import card_from, card_of, read_card
from personify.pipelines.travel.exporting import export_card
from personify.pipelines.travel.importing import requested, written
from personify.pipelines.travel.png_text import png_texts, with_texts

FIRST = Path(__file__).parent / "data" / "version1" / "a-child-who-loves-tea"
ELSEWHERE = {"type": "background", "uri": "https://a.invalid/b.png", "name": "wood", "ext": "png"}
WITHIN = {"type": "background", "uri": "data:image/png;base64,AAAA", "name": "hall", "ext": "png"}


def emotion(uri, name="happy"):
    return {"type": "emotion", "uri": uri, "name": name, "ext": "png"}


def with_assets(*assets):
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": FAIRY["data"] | {"assets": list(assets)}}


def png(card, **beside):
    texts = {f"chara-ext-asset_{name}": base64.b64encode(content) for name, content in beside.items()}
    return with_texts(png_card(card, key="ccv3"), texts)


def kept(card):
    """(the uri of each asset in the JSON that a bundle keeps, what its persona notes of them)."""
    persona = written(requested(card), Services())
    data = json.loads(card.whole_json)["data"]
    return [asset["uri"] for asset in data["assets"]], [note for note in persona.notes if "stay behind" in note]


def uri(content):
    return f"data:application/octet-stream;base64,{base64.b64encode(content).decode()}"


def test_what_lies_beside_a_card_comes_into_its_json_and_the_rest_stays_as_it_is():
    card = with_assets(emotion("__asset:0"), emotion("embeded://b/1", "sad"), ELSEWHERE, WITHIN, "odd", {"uri": 3})
    found = card_from(png(card, **{"0": b"smile", ":b/1": b"tear"}), "it")
    data = json.loads(found.whole_json)["data"]
    assert data["assets"] == [
        emotion(uri(b"smile")),
        emotion(uri(b"tear"), "sad"),
        ELSEWHERE,
        WITHIN,
        "odd",
        {"uri": 3},
    ]
    assert {key: value for key, value in data.items() if key != "assets"} == FAIRY["data"]
    assert json.loads(found.own_json) == card


def test_a_charx_keeps_its_pictures():
    found = card_from(charx(FAIRY, picture()), "it")
    assert found.picture == picture() and kept(found) == ([uri(picture())], [])


def test_what_is_named_and_isn_t_there_is_left_out_and_said():
    card = with_assets(emotion("__asset:0"), emotion("__asset:1"), emotion("embeded://../../etc/passwd"), ELSEWHERE)
    uris, notes = kept(card_from(png(card, **{"0": b"smile", "1": b"###"}), "it"))
    assert uris == [uri(b"smile"), uri(b"###"), ELSEWHERE["uri"]]
    assert notes == ["Of its pictures and sounds 1 aren't in the card's file, or are too large, and stay behind."]
    uris, notes = kept(card_from(json.dumps(card).encode(), "it"))
    assert uris == [ELSEWHERE["uri"]] and "3 aren't" in notes[0]
    broken = with_texts(png_card(card, key="ccv3"), {"chara-ext-asset_:0": b"###"})
    assert kept(card_from(broken, "it"))[0] == [ELSEWHERE["uri"]]


def test_no_more_is_kept_than_a_card_may_have():
    many = [emotion(f"__asset:{number}") for number in range(card_assets.MOST + 5)]
    uris, notes = kept(card_from(png(with_assets(*many), **{str(n): b"x" for n in range(len(many))}), "it"))
    assert len(uris) == card_assets.MOST and "5 aren't" in notes[0]
    large = {"0": bytes(card_assets.LARGEST - 90), "1": bytes(200), "2": bytes(8)}
    uris, notes = kept(card_from(png(with_assets(*many[:3]), **large), "it"))
    assert uris == [uri(large["0"]), uri(large["2"])] and "1 aren't" in notes[0]


def test_what_is_named_often_counts_as_often():
    often = [emotion("__asset:0", name) for name in "abcdefghij"]
    uris, notes = kept(card_from(png(with_assets(*often), **{"0": bytes(card_assets.LARGEST // 4)}), "it"))
    assert len(uris) == 4 and "6 aren't" in notes[0]


def test_the_mask_of_a_portrait_comes_with_any_number_of_others():
    mask = {"type": card_assets.MASK, "uri": "__asset:personify_mask", "name": "mask", "ext": "png"}
    many = [emotion(f"__asset:{number}") for number in range(card_assets.MOST)]
    beside = {str(number): b"x" for number in range(len(many))} | {"personify_mask": b"white"}
    found = card_from(png(with_assets(*many, mask), **beside), "it")
    assert card_assets.mask_in(found.listed_assets, found.assets) == b"white"
    assert card_assets.missing(found.listed_assets, found.assets) == 0
    masks = [mask | {"uri": f"__asset:{number}"} for number in range(card_assets.MOST + 5)]
    beside = {str(number): b"x" for number in range(len(masks))}
    assert len(card_from(png(with_assets(*masks), **beside), "it").assets) == card_assets.MOST + 1


def test_a_card_with_more_pictures_than_are_kept_is_no_hostile_card():
    many = [emotion(f"__asset:{number}") for number in range(26)]
    uris, notes = kept(card_from(png(with_assets(*many), **{str(n): bytes(2**20 - 99) for n in range(26)}), "it"))
    assert len(uris) == 8 and "18 aren't" in notes[0]


@pytest.mark.parametrize("form", ["bomb", "broken"])
def test_a_charx_whose_pictures_are_hostile_keeps_none_of_them(form):
    held = io.BytesIO()
    names = [f"assets/{number}.png" for number in range(40)]
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED if form == "bomb" else zipfile.ZIP_STORED) as packed:
        packed.writestr("card.json", json.dumps(with_assets(*(emotion(f"embeded://{name}") for name in names))))
        for name in names:
            packed.writestr(name, bytes(card_assets.LARGEST + 1) if form == "bomb" else b"a" * 500)
    data = held.getvalue().replace(b"a" * 500, b"b" * 500)
    uris, notes = kept(card_from(data, "it"))
    assert uris == [] and "40 aren't" in notes[0]


def avatar_of(card, folder):
    """The bundle of version 1 with this card as the one it came from."""
    for file in FIRST.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    record = json.loads((folder / "avatar.json").read_bytes())
    record["files"] |= {"card": "card.json"}
    (folder / "avatar.json").write_text(json.dumps(record))
    (folder / "card.json").write_bytes(card)
    return open_avatar(folder)


def test_they_leave_again_beside_the_card_and_come_back(tmp_path):
    icon = {"type": "icon", "uri": "__asset:icon", "name": "main", "ext": "png"}
    came = png(with_assets(emotion("__asset:0"), ELSEWHERE, icon), **{"0": b"smile", "icon": picture()})
    (tmp_path / "bundle").mkdir()
    avatar = avatar_of(card_from(came, "it").whole_json, tmp_path / "bundle")
    found = read_card(export_card(avatar, tmp_path / "out.png"))
    mask = {"type": "x_personify_mask", "uri": "__asset:personify_mask", "name": "mask", "ext": "png"}
    portrait = {"type": "icon", "uri": "ccdefault:", "name": "main", "ext": "png"}
    others = [emotion("__asset:0"), ELSEWHERE, icon | {"uri": "__asset:1", "name": "original"}]
    assert found.listed_assets == [portrait, *others, mask]
    assert found.assets == {"0": b"smile", "1": picture(), "personify_mask": (FIRST / "mask.png").read_bytes()}
    again = json.loads(found.whole_json)["data"]["assets"]
    assert [asset["uri"] for asset in again] == ["ccdefault:", uri(b"smile"), ELSEWHERE["uri"], uri(picture())]
    assert card_assets.missing(found.listed_assets, found.assets) == 0


def test_a_card_that_was_kept_without_its_pictures_names_none_that_it_lacks(tmp_path):
    """As those were that came in before pictures were kept."""
    old = json.dumps(with_assets(emotion("embeded://assets/happy.png"), emotion("__asset:0"), WITHIN)).encode()
    (tmp_path / "bundle").mkdir()
    out = export_card(avatar_of(old, tmp_path / "bundle"), tmp_path / "out.png")
    assert [asset["type"] for asset in read_card(out).listed_assets] == ["icon", "background", "x_personify_mask"]
    assert "assets" not in json.loads(base64.b64decode(png_texts(out.read_bytes(), "it")["chara"]))["data"]


def test_a_list_that_is_none_stays_as_it_came():
    card = {"spec": "chara_card_v3", "data": FAIRY["data"] | {"assets": "none"}}
    assert json.loads(card_of(card, "it").whole_json) == card
