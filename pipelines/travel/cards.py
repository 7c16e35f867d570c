"""Character cards, V1 to V3, as SillyTavern and others keep them: read from a PNG, JSON or CHARX file, and written.

V2: https://github.com/malfoyslastname/character-card-spec-v2, V3: https://github.com/kwaroran/character-card-spec-v3.
A card is text from a stranger: it is bounded and typed here; what it says is read in `card_persona.py`.
"""

import base64
import binascii
import io
import json
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from personify.avatar.png_tags import ASSET
from personify.pipelines.safe_json import read_json
from personify.pipelines.travel import card_assets
from personify.pipelines.travel.png_text import MAGIC, png_texts, with_texts
from personify.voices.errors import BadInput

Form = Literal["chara_card_v1", "chara_card_v2", "chara_card_v3"]

LARGEST_BYTES = 40_000_000
"""Of a card with its picture."""
LARGEST_JSON = 4 * 2**20
LARGEST_KEPT = 2 * LARGEST_JSON + 3 * card_assets.LARGEST // 2
"""Of a card's JSON as it lies in a bundle, with its assets in it."""
EXTENSION = "personify"
"""Where a card that was written here holds its record, among its extensions."""
SAID = "said"
"""There too: the name and the first words as they left, by which it is seen whether somebody changed them."""
MOST_ENTRIES = 2000
"""Of a list in a card, such as its lorebook's entries."""
CHARA, CCV3 = "chara", "ccv3"
"""Keywords of a PNG's texts that are cards; those of its assets begin with `ASSET`."""
LONGEST_LIST = 2**18
"""Bytes of the list of a CHARX file's contents: some three thousand pictures."""
_CHUNK = 1 << 16
_KNOWN: tuple[Form, ...] = ("chara_card_v1", "chara_card_v2", "chara_card_v3")
_TEXTS = (
    "name", "char_name", "description", "char_persona", "personality", "scenario", "world_scenario", "first_mes",
    "char_greeting", "mes_example", "example_dialogue", "creator_notes", "creator", "character_version",
    "system_prompt", "post_history_instructions", "nickname", "spec", "spec_version",
)  # fmt: skip
_LISTS = ("alternate_greetings", "tags", "group_only_greetings", "source")
_HOLDERS = ("data", "card", "character", "chara_card")
_V3_ONLY = ("nickname", "group_only_greetings", "assets", "source", "creator_notes_multilingual", "creation_date",
            "modification_date")  # fmt: skip
_CHARX_JSON = "card.json"
_CHARX_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError)


@dataclass(frozen=True)
class Card:
    """A card's texts, each a text and never more than the card's JSON; `raw` is its JSON as it came.

    `picture`: the bytes of the picture that came with it, or None. `assets`: what else came with it, by its name there.
    """

    form: Form
    name: str
    description: str = ""
    personality: str = ""
    scenario: str = ""
    first_mes: str = ""
    mes_example: str = ""
    creator_notes: str = ""
    creator: str = ""
    character_version: str = ""
    nickname: str = ""
    alternate_greetings: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    extensions: dict[str, Any] = field(default_factory=dict)
    book: tuple[tuple[tuple[str, ...], str], ...] = ()
    """The lorebook: (keys, content) of each entry that is switched on."""
    raw: dict[str, Any] = field(default_factory=dict)
    picture: bytes | None = None
    assets: dict[str, bytes] = field(default_factory=dict)

    @property
    def called(self) -> str:
        """What {{char}} stands for."""
        return self.nickname.strip() or self.name

    @cached_property
    def listed_assets(self) -> Any:
        """The list of its assets, if it has one."""
        return _inner(self.raw).get("assets")

    @cached_property
    def own_json(self) -> bytes:
        """Its JSON as it came, but for what Personify put into it. Raises `BadInput` where that is too large."""
        return _written(_theirs(self.raw))

    @cached_property
    def whole_json(self) -> bytes:
        """The same with its assets in it; those that didn't come are no longer named."""
        if not isinstance(self.listed_assets, list):
            return self.own_json
        theirs = _theirs(self.raw)
        told = {"assets": card_assets.taken_in(self.listed_assets, self.assets)}
        data = theirs.get("data")
        return _written(theirs | ({"data": data | told} if isinstance(data, dict) else told))


def read_card(path: Path) -> Card:
    """The card in a PNG, JSON or CHARX file, told by its first bytes. Raises `BadInput` that says what is wrong."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise BadInput(f"can't read {path}: {getattr(error, 'strerror', None) or error}") from error
    return card_from(data, path.name)


def card_from(data: bytes, name: str) -> Card:
    """As `read_card`, from the file's bytes; `name` is what messages call it."""
    if len(data) > LARGEST_BYTES:
        raise BadInput(f"{name} is larger than {LARGEST_BYTES // 1_000_000} MB, which no card needs")
    if data.startswith(MAGIC):
        return _from_png(data, name)
    if data.startswith(b"PK\x03\x04"):
        return _from_charx(data, name)
    if data[:3] == b"\xff\xd8\xff" or data[:4] in (b"RIFF", b"GIF8"):
        raise BadInput(f"{name} is a picture that is no PNG, and only those hold cards; save the card as PNG or JSON")
    return card_of(read_json(data, name, largest_bytes=LARGEST_JSON), name)


def card_of(value: Any, name: str) -> Card:
    """The card that a JSON value is."""
    from tavern_card import parse_card

    if not isinstance(value, dict):
        raise BadInput(f"{name} is no character card: it must hold one JSON object")
    typed = _typed(value)
    if isinstance(typed.get("data"), dict) and typed.get("spec") not in _KNOWN:
        typed["spec"] = "chara_card_v2"
    try:
        plain = parse_card(typed)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput(f"{name} is no character card: {str(error)[:160]}") from error
    told: dict[str, Any] = plain["data"]
    inner = _inner(typed)
    return Card(
        form=plain["spec"] if plain["spec"] in _KNOWN else "chara_card_v2",
        **{key: told[key] for key in ("name", "description", "personality", "scenario", "first_mes", "mes_example",
                                      "creator_notes", "creator", "character_version", "extensions")},
        nickname=str(inner.get("nickname", "")),
        alternate_greetings=tuple(told["alternate_greetings"]),
        tags=tuple(told["tags"]),
        book=_book(told["character_book"]),
        raw=value,
    )  # fmt: skip


def card_png(picture: bytes, v2: dict[str, Any], v3: dict[str, Any], assets: dict[str, bytes]) -> bytes:
    """The picture, a PNG, as a card of both versions."""
    from tavern_card import write_png_card

    texts: dict[str, bytes | None] = {CHARA: None, CCV3: _base64(v3)}
    texts |= {f"{ASSET}:{key}": base64.b64encode(content) for key, content in assets.items()}
    return write_png_card(v2, with_texts(picture, texts))


def plain_v2(data: dict[str, Any]) -> dict[str, Any]:
    """What of a V3 card's data a V2 card has."""
    return {key: value for key, value in data.items() if key not in _V3_ONLY}


def _theirs(raw: dict[str, Any]) -> dict[str, Any]:
    """A card without what Personify put into it."""
    data = raw.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("extensions"), dict):
        return raw
    kept = {key: value for key, value in data["extensions"].items() if key != EXTENSION}
    return raw | {"data": data | {"extensions": kept}}


def _written(card: dict[str, Any]) -> bytes:
    """The JSON that lies in a bundle."""
    data = json.dumps(card, ensure_ascii=False).encode("utf-8", "replace")
    if len(data) > LARGEST_KEPT:  # numbers may take more room than they came in
        raise BadInput(f"the card is larger than {LARGEST_KEPT / 2**20:g} MB once it is written out")
    return data


def _base64(card: dict[str, Any]) -> bytes:
    return base64.b64encode(json.dumps(card, ensure_ascii=False).encode("utf-8", "replace"))


def _from_png(data: bytes, name: str) -> Card:
    texts = png_texts(data, name)
    problem: BadInput | None = None
    for key in (CCV3, CHARA):
        if key not in texts:
            continue
        try:
            card = card_of(read_json(_decoded(texts[key], name), name, largest_bytes=LARGEST_JSON), name)
        except BadInput as error:
            problem = problem or error
            continue
        return replace(card, picture=data, assets=_assets_of_png(card, texts))
    raise problem or BadInput(
        f"{name} is a picture without a character card in it; to make a character that looks like it:"
        " personify create DESCRIPTION --image FILE"
    )


def _assets_of_png(card: Card, texts: dict[str, bytes]) -> dict[str, bytes]:
    found = {key.removeprefix(ASSET).removeprefix(":"): text for key, text in texts.items() if key.startswith(ASSET)}

    def size_of(name: str) -> int | None:
        return len(found[name]) * 3 // 4 if name in found else None

    def read(name: str) -> bytes | None:
        try:
            return base64.b64decode(found[name], validate=True)
        except (binascii.Error, ValueError):
            return None

    return card_assets.gathered(card.listed_assets, size_of, read)


def _decoded(text: bytes, name: str) -> bytes:
    """A card in base64, or plain as some programs write it."""
    if text.lstrip()[:1] == b"{":
        return text
    if len(text) > 2 * LARGEST_JSON:
        raise BadInput(f"the card in {name} is larger than {LARGEST_JSON >> 20} MB")
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput(f"the card in {name} can't be read ({error})") from None


def _from_charx(data: bytes, name: str) -> Card:
    """A zip with `card.json` and its assets beside it; nothing is unpacked but what that names."""
    try:
        with zipfile.ZipFile(_Sparing(data)) as packed:
            card = card_of(
                read_json(_member(packed, _CHARX_JSON, LARGEST_JSON), name, largest_bytes=LARGEST_JSON), name
            )
            icon = _icon(_inner(_typed(card.raw)))
            picture = _member(packed, icon, LARGEST_BYTES) if icon in packed.NameToInfo else None
            assets = _assets_of_charx(card, packed)
    except KeyError:
        raise BadInput(f"{name} holds neither a character's bundle nor a card") from None
    except _CHARX_BROKEN as error:
        raise BadInput(f"{name} is no zip that can be opened ({str(error)[:120]})") from error
    return replace(card, picture=picture, assets=assets)


def _assets_of_charx(card: Card, packed: zipfile.ZipFile) -> dict[str, bytes]:
    def size_of(name: str) -> int | None:
        return packed.NameToInfo[name].file_size if name in packed.NameToInfo else None

    def read(name: str) -> bytes | None:
        try:
            return _member(packed, name, card_assets.LARGEST)
        except (*_CHARX_BROKEN, BadInput):
            return None

    return card_assets.gathered(card.listed_assets, size_of, read)


def _member(packed: zipfile.ZipFile, name: str, most: int) -> bytes:
    data = bytearray()
    if packed.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others know no bounds
        raise BadInput(f"{name[:80]!r} in it is packed in a way that isn't read here; pack it as a plain zip")
    with packed.open(name) as source:
        while chunk := source.read(_CHUNK):
            data += chunk
            if len(data) > most:
                raise BadInput(f"{name[:80]!r} in it is larger than {most / 2**20:.0f} MB")
    return bytes(data)


class _Sparing(io.BytesIO):
    """A zip whose list of files is not read where it is longer than a card's could be."""

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any file."""
        if size is not None and size > LONGEST_LIST:
            raise zipfile.BadZipFile("it lists more files than a card has")
        return super().read(size)


def _icon(data: dict[str, Any]) -> str:
    """Where a CHARX keeps its main picture."""
    assets = data.get("assets")
    for asset in assets[:MOST_ENTRIES] if isinstance(assets, list) else ():
        name = card_assets.name_of(asset)
        if name is not None and asset.get("type") == "icon":
            return name
    return ""


def _inner(typed: dict[str, Any]) -> dict[str, Any]:
    """Where the fields stand: in `data`, or in the root of a V1 card."""
    data = typed.get("data")
    return data if isinstance(data, dict) else typed


def _typed(value: dict[str, Any]) -> dict[str, Any]:
    """A copy whose known fields are what the specifications say; what can't be is left out."""
    kept = dict(value)
    for key in _TEXTS:
        if key in kept:
            kept[key] = _text(kept[key])
    for key in _LISTS:
        if key in kept:
            items = kept[key] if isinstance(kept[key], list) else [kept[key]]
            kept[key] = [item for item in items[:MOST_ENTRIES] if isinstance(item, str) and item.strip()]
    for key in ("extensions", "character_book"):
        if key in kept and not isinstance(kept[key], dict):
            kept.pop(key)
    for key in _HOLDERS:
        if isinstance(kept.get(key), dict):
            kept[key] = _typed(kept[key])
    return kept


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(item for item in value[:MOST_ENTRIES] if isinstance(item, str))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _book(book: Any) -> tuple[tuple[tuple[str, ...], str], ...]:
    entries = book.get("entries") if isinstance(book, dict) else None
    if isinstance(entries, dict):  # as SillyTavern's own files of worlds have them
        entries = list(entries.values())
    found = []
    for entry in entries[:MOST_ENTRIES] if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or entry.get("enabled") is False or not isinstance(entry.get("content"), str):
            continue
        keys = entry.get("keys", entry.get("key"))
        told = tuple(key for key in keys[:20] if isinstance(key, str)) if isinstance(keys, list) else ()
        found.append((told, entry["content"]))
    return tuple(found)
