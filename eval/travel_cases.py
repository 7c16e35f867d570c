"""Hostile files for `travel_fuzz`: real cards, bundles and records that were damaged at random, and rubbish like them.

A case is a number: the same one gives the same bytes, whatever was made before it.
"""

import base64
import copy
import io
import json
import random
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from personify.avatar.png_tags import ASSET
from personify.pipelines.bundle import CARD, CLIP, GREETING, LANDMARKS, MASK, PICTURE, RECORD, Avatar, open_avatar
from personify.pipelines.travel.exporting import card_of_avatar
from personify.pipelines.travel.png_text import with_texts

EVIL = "personify-evil"
"""What no file may be called outside: names in zips that lead out of the folder end with it."""
_SIDE_PX = 64
"""Of the corpus's pictures: small ones, so that the damage is done to what is read."""

_WORDS = (
    "", " ", "\0", "\ud800", "\u202e", "../../../etc/passwd", "{{char}}", "{{random:a,b}}", "<script>alert(1)</script>",
    "*waves*", '"Hi," she said.', "[X: a; y: b]", "[character(\"A\"){Mind(\"b\" + \"c\")}]", "a" * 5000, "（" * 300,
    "<START>\n{{user}}: a\n{{char}}: b", "((((" * 200, "[[[[" * 200, "{{" * 500, "*" * 999, '"' * 999, "__" * 500,
    "![](" * 300, "Name: b\n" * 300, "\n" * 5000, "a\u0301" * 500, "🫖" * 200, "https://a.b/c", "-" * 4000, "a." * 3000,
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 10**30, -(2**63), [], {}, [[]], {"": ""}, [None], [1, "a", {}], *_WORDS,
)  # fmt: skip
_NAMES = (
    f"../{EVIL}", f"../../{EVIL}", f"../../../../../../../../../{EVIL}", f"../../../../../../../../../../tmp/{EVIL}",
    f"/etc/{EVIL}", f"/tmp/{EVIL}", f"~/{EVIL}", f"a/../../{EVIL}", f"..\\..\\{EVIL}", f"C:\\{EVIL}", f"/{EVIL}",
    "a/b/c/avatar.json", "avatar.json/", "AVATAR.JSON", "a/../avatar.json", "./avatar.json", "x" * 300 + "/avatar.json",
    "card.json", "avatar.json\0.png", "nul", "inner.zip",
)  # fmt: skip
_UNITS = (
    "<!--", "```", "<a", "((", "[a:", "{{", '"a', "“a", "* ", "_a ", "![](", "[a](b", "https://a ", "Ann: b\n",
    "a\u0301", "A(\"b\"", "Key: a\n", "\\\"", "word ", ". ", "\n",
)  # fmt: skip


@dataclass
class Corpus:
    """What is damaged: the files of a bundle by name, and the JSON of cards and their picture."""

    bundle: dict[str, bytes]
    cards: list[dict[str, Any]]
    picture: bytes


def corpus(avatar: Avatar) -> Corpus:
    """Of an avatar, made small."""
    from PIL import Image

    files = {path.name: path.read_bytes() for path in avatar.files.values()}
    share = _SIDE_PX / avatar.portrait.image.shape[0]
    for name in {PICTURE, MASK} & files.keys():
        small = io.BytesIO()
        with Image.open(io.BytesIO(files[name])) as picture:
            picture.resize((_SIDE_PX, _SIDE_PX)).save(small, "PNG")
        files[name] = small.getvalue()
    points = json.loads(files[LANDMARKS])
    points |= {"width": _SIDE_PX, "height": _SIDE_PX, "points": [[x * share, y * share] for x, y in points["points"]]}
    files |= {LANDMARKS: json.dumps(points).encode(), GREETING: files[GREETING][:400], CLIP: files[CLIP][:400]}
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        v2, v3, _ = card_of_avatar(open_avatar(folder))
    foreign = json.loads(json.dumps(v2))
    foreign["data"]["extensions"] = {"depth_prompt": {"prompt": "", "depth": 4}}
    foreign["data"]["character_book"] = {"entries": [{"keys": ["tea"], "content": "Tea is hot.", "enabled": True}]}
    flat = {key: foreign["data"][key] for key in ("name", "description", "personality", "first_mes", "mes_example")}
    listed = flat | {"description": '[character("Ly") { Species("Elf") Age("24") Mind("kind" + "shy") }]'}
    pictured = json.loads(json.dumps(foreign)) | {"spec": "chara_card_v3", "spec_version": "3.0"}
    pictured["data"]["assets"] = [
        {"type": "icon", "uri": "embeded://assets/icon/image/main.png", "name": "main", "ext": "png"},
        {"type": "emotion", "uri": "__asset:0", "name": "happy", "ext": "png"},
        {"type": "emotion", "uri": "https://a.invalid/b.png", "name": "sad", "ext": "png"},
        {"type": "background", "uri": "data:image/png;base64,AAAA", "name": "main", "ext": "png"},
    ]
    return Corpus(files, [v2, v3, foreign, flat, listed, pictured], files[PICTURE])


def damaged(seed: int, stuff: Corpus) -> tuple[str, bytes]:
    """(form, content) of the case of that number, always the same."""
    rng = random.Random(seed)
    form: Callable[[random.Random, Corpus], bytes] = rng.choices(_FORMS, _OFTEN)[0]
    data = form(rng, stuff)
    for _ in range(rng.choice((0, 0, 0, 0, 1, 3))):
        data = _bytes_damaged(rng, data)
    return form.__name__.strip("_"), data


def _json_card(rng: random.Random, stuff: Corpus) -> bytes:
    return _said(rng, _damaged_value(rng, rng.choice(stuff.cards)))


def _png_card(rng: random.Random, stuff: Corpus) -> bytes:
    card = base64.b64encode(_said(rng, _damaged_value(rng, rng.choice(stuff.cards))))
    texts: dict[str, bytes | None] = {rng.choice(("chara", "ccv3")): card}
    for number in range(rng.choice((0, 1, 1, 3))):
        asset = base64.b64encode(rng.choice((stuff.picture, b"", rng.randbytes(50))))
        texts[f"{ASSET}{rng.choice((':', ''))}{number}"] = rng.choice((asset, asset, b"###"))
    return with_texts(stuff.picture, texts)


def _charx(rng: random.Random, stuff: Corpus) -> bytes:
    return _zipped(rng, {CARD: _json_card(rng, stuff), "assets/icon/image/main.png": stuff.picture})


def _bundle(rng: random.Random, stuff: Corpus) -> bytes:
    files = dict(stuff.bundle)
    hit = rng.choice(sorted(files))
    if rng.random() < 0.4:
        files[hit] = _said(rng, _damaged_value(rng, json.loads(files[hit]))) if hit.endswith("json") else files[hit]
    elif rng.random() < 0.5:
        files[hit] = _bytes_damaged(rng, files[hit])
    return _zipped(rng, {f"{rng.choice(('who/', ''))}{name}": content for name, content in files.items()})


def _record(rng: random.Random, stuff: Corpus) -> bytes:
    return _said(rng, _damaged_value(rng, json.loads(stuff.bundle[RECORD])))


def _rubbish(rng: random.Random, stuff: Corpus) -> bytes:
    start = rng.choice(
        (b"", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"{", b'{"data":', b"\xff\xd8\xff", b"\xef\xbb\xbf{}")
    )
    kind = rng.randrange(4)
    if kind == 0:
        return start + rng.randbytes(rng.randrange(2000))
    if kind == 1:
        return b"[" * rng.randrange(1, 200_000)
    if kind == 2:
        return b'{"a":' * rng.randrange(1, 20_000)
    return b'{"name": ' + b"9" * rng.randrange(1, 6000) + b"}"


def _flood(rng: random.Random, stuff: Corpus) -> bytes:
    """A card as large as may be, whose texts are the same few characters over and over."""
    card = json.loads(json.dumps(rng.choice(stuff.cards)))
    data = card.get("data", card)
    fields = rng.sample(("description", "personality", "scenario", "first_mes", "mes_example"), rng.randrange(1, 6))
    for name in fields:
        unit = rng.choice(_UNITS)
        data[name] = unit * (rng.choice((20_000, 200_000, 700_000)) // len(unit.encode()))
    if rng.random() < 0.3:
        data["alternate_greetings"] = [data[fields[0]][:20_000]] * 10
    if rng.random() < 0.3:
        data["character_book"] = {"entries": [{"keys": ["k"], "content": data[fields[0]][:2500]}] * 500}
    return json.dumps(card).encode()


def _holders(rng: random.Random, stuff: Corpus) -> bytes:
    """A card that is full of lists, objects or numbers."""
    unit = rng.choice(("[]", "{}", "[[]]", '{"a":[1]}', "1", "1e9", "1e15", '"a"', "[1,2,3,4,5,6,7,8,9]"))
    many = f"[{','.join([unit] * (rng.choice((1000, 90_000, 3_500_000)) // (len(unit) + 1)))}]"
    place = rng.choice(("own", "extensions", "assets", "tags", "character_book", "alternate_greetings"))
    within = {"character_book": f'{{"entries": {many}}}', "extensions": f'{{"x": {many}}}'}.get(place, many)
    data = f'{{"name": "Ann", "description": "a pot", "{place}": {within}}}'
    return f'{{"spec": "chara_card_v3", "data": {data}}}'.encode()


def _texts(rng: random.Random, stuff: Corpus) -> bytes:
    """A PNG of many texts, packed so that they grow, whole and broken."""
    packed = zlib.compress(bytes(rng.choice((10, 1000, 1 << 20, 8 << 20))))
    packed = packed if rng.random() < 0.5 else packed[:-2] + b"ab"
    body = rng.choice((b"chara\0\0", b"x\0\0", b"ccv3\0\0")) + packed
    chunk = len(body).to_bytes(4) + b"zTXt" + body + zlib.crc32(b"zTXt" + body).to_bytes(4)
    many = chunk * min(rng.choice((3, 200, 5000, 30_000)), (8 << 20) // len(chunk) + 1)
    return stuff.picture[:33] + many + _png_card(rng, stuff)[33:]


_FORMS = (_json_card, _png_card, _charx, _bundle, _record, _rubbish, _flood, _holders, _texts)
_OFTEN = (10, 10, 10, 10, 10, 10, 2, 2, 2)


def _said(rng: random.Random, value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=rng.random() < 0.5)
    if rng.random() < 0.05:
        text = text.replace(":", rng.choice((': NaN, "x":', ': 1e999, "x":', "::", ":")), 1)
    return text.encode("utf-8", "surrogatepass" if rng.random() < 0.1 else "replace")


def _zipped(rng: random.Random, files: dict[str, bytes]) -> bytes:
    """A zip of the files, with tricks."""
    held = io.BytesIO()
    names = [(name, content) for name, content in files.items() if rng.random() > 0.03]
    if rng.random() < 0.3:
        names.append((rng.choice(_NAMES), rng.choice((b"x", b"{}", _bomb(rng)))))
    if rng.random() < 0.1 and names:
        names.append(rng.choice(names))
    with zipfile.ZipFile(held, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as packed:
        for name, content in names:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED))
            if rng.random() < 0.05:
                entry.compress_type = rng.choice((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
            if rng.random() < 0.05:
                entry.external_attr = 0o120777 << 16  # a link
            with _quiet():
                packed.writestr(entry, content)
    return held.getvalue()


def _bomb(rng: random.Random) -> bytes:
    """What is packed to next to nothing."""
    return b"\0" * rng.choice((1, 1 << 20, 3 << 20))


class _quiet:
    """A zip that holds a name twice says so aloud."""

    def __enter__(self) -> None:
        import warnings

        self._held = warnings.catch_warnings()
        self._held.__enter__()
        warnings.simplefilter("ignore")

    def __exit__(self, *told: object) -> None:
        self._held.__exit__(None, None, None)


def _damaged_value(rng: random.Random, value: Any) -> Any:
    """The JSON value with a few of its places changed."""
    value = json.loads(json.dumps(value))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 6))):
        holder, key = _place(rng, value)
        if holder is None:
            return copy.deepcopy(rng.choice(_VALUES))
        kind = rng.randrange(6)
        if kind == 0 and isinstance(holder, dict):
            del holder[key]
        elif kind == 1 and isinstance(holder, dict):
            holder[rng.choice((*_WORDS[:6], "name", "data", "spec", "extensions"))] = holder.pop(key)
        elif kind == 2:
            for _ in range(rng.choice((3, 62, 70))):
                holder[key] = [holder[key]] if rng.random() < 0.5 else {"data": holder[key]}
        elif kind == 3 and isinstance(holder[key], str):
            holder[key] = "".join(rng.sample((*_WORDS, holder[key], holder[key]), 5))
        elif kind == 4 and isinstance(holder[key], list):
            holder[key] = holder[key] * rng.choice((0, 2, 400))
        else:
            holder[key] = copy.deepcopy(rng.choice(_VALUES))
    return value


def _place(rng: random.Random, value: Any) -> tuple[Any, Any]:
    holder: Any = None
    key: Any = None
    while isinstance(value, dict | list) and value and (holder is None or rng.random() < 0.75):
        holder = value
        key = rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
        value = holder[key]
    return holder, key


def _bytes_damaged(rng: random.Random, data: bytes) -> bytes:
    """Bytes flipped, cut, repeated, put in, or replaced by numbers at the edge."""
    if not data:
        return rng.randbytes(20)
    at, other, length = rng.randrange(len(data)), rng.randrange(len(data)), rng.choice((1, 4, 60))
    before, here, after = data[:at], data[at : at + length], data[at + length :]
    edge = rng.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\1\0\0"))
    return rng.choice(
        (
            before + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :],
            before,
            before + here * rng.choice((2, 50)) + after,
            before + rng.randbytes(length) + data[at:],
            before + edge + data[at + len(edge) :],
            before + data[other : other + length] + after,
        )
    )
