"""Tags of a PNG: text chunks beside the picture, written and read without decoding it (PNG 1.2, chapter 11.3.4).

Knows nothing of what they say.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from personify.voices.errors import BadInput
from personify.voices.tags import LONGEST_TEXT, LONGEST_XMP, MOST_PARTS, Found, Tags, at, copy, rewritten, text_of

MAGIC = b"\x89PNG\r\n\x1a\n"
XMP = b"XML:com.adobe.xmp"
RECORD = b"personify"
CREDENTIALS = b"caBX"
"""The chunk of a C2PA manifest (C2PA 2.1, appendix A.3.3)."""
ASSET = "chara-ext-asset_"
"""How the keyword of a text begins that is a picture or sound of a character card; its name follows, behind a colon as
the specification has it, or without."""
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_LONGEST_KEYWORD = 79


def write_tags(path: Path, tags: Tags) -> None:
    """Puts the tags right after the header, in place of any of the same keywords; all other chunks stay as they are.

    Content credentials that the file had so far are taken out, since they would no longer hold. Raises `BadInput` where
    it is no PNG.
    """
    texts = {
        b"Title": tags.title, b"Comment": tags.comment, b"Software": tags.software, RECORD: tags.record, XMP: tags.xmp,
    }  # fmt: skip
    if tags.date:
        texts[b"Creation Time"] = tags.date
    with rewritten(path) as (before, after):
        after.write(MAGIC)
        for number, (kind, start, length) in enumerate(_chunks(before, path.name)):
            if kind == CREDENTIALS or (kind in _TEXTS and _keyword(before, start, length) in texts):
                continue
            copy(before, after, start - 8, length + 12)
            if number == 0:
                for keyword, text in texts.items():
                    after.write(_text_chunk(keyword, text))


def read_tags(path: Path) -> Found:
    """What the chunks say; of a broken file what comes before the break. Raises `BadInput` where it is no PNG."""
    found = Found()
    with path.open("rb") as file:
        try:
            for kind, start, length in _chunks(file, path.name):
                if kind == CREDENTIALS:
                    found.has_credentials = True
                if kind in _TEXTS:
                    _read_text(found, kind, at(file, start, min(length, LONGEST_XMP + 256)))
        except EOFError as error:
            found.problem = str(error)
    return found


def _chunks(file: BinaryIO, name: str) -> Iterator[tuple[bytes, int, int]]:
    """Kind, place and length of each chunk's data, to the end of the picture."""
    file.seek(0)
    if file.read(8) != MAGIC:
        raise BadInput(f"{name} is no PNG")
    place = 8
    for _ in range(MOST_PARTS):
        file.seek(place)
        head = file.read(8)
        if len(head) < 8:
            raise EOFError("the picture ends too early")
        length, kind = struct.unpack(">I4s", head)
        yield kind, place + 8, length
        if kind == b"IEND":
            return
        place += length + 12
    raise EOFError(f"the picture has more than {MOST_PARTS:,} chunks")


def _keyword(file: BinaryIO, start: int, length: int) -> bytes:
    return at(file, start, min(length, _LONGEST_KEYWORD + 1)).partition(b"\0")[0]


def _text_chunk(keyword: bytes, text: str) -> bytes:
    """As Latin-1 where that can hold it, which the oldest readers know, else as UTF-8."""
    latin = None if keyword in (XMP, RECORD) else _latin(text)
    if latin is not None:
        kind, data = b"tEXt", keyword + b"\0" + latin
    else:
        kind, data = b"iTXt", keyword + b"\0\0\0\0\0" + text.replace("\0", "").encode("utf-8", "replace")
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _latin(text: str) -> bytes | None:
    try:
        return text.replace("\0", "").encode("latin-1")
    except UnicodeEncodeError:
        return None


def _read_text(found: Found, kind: bytes, data: bytes) -> None:
    keyword, _, rest = data.partition(b"\0")
    name = text_of(keyword[:_LONGEST_KEYWORD], "latin-1")
    if name.startswith(ASSET):
        return
    had = {XMP: found.xmp, RECORD: found.record}
    if had[keyword] is not None if keyword in had else not found.takes(name):
        return
    encoding = "latin-1"
    if kind == b"zTXt":
        rest = _inflated(rest[1:])
    elif kind == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].split(b"\0", 2)[-1]
        rest = _inflated(rest) if packed else rest
        encoding = "utf-8"
    if keyword == XMP:
        found.xmp = rest[:LONGEST_XMP].decode("utf-8", "replace")
    elif keyword == RECORD:
        found.record = text_of(rest, encoding)
    else:
        found.add(name, text_of(rest, encoding))


def _inflated(data: bytes) -> bytes:
    """At most so many bytes of what was compressed; nothing where that is broken."""
    try:
        return zlib.decompressobj().decompress(data, LONGEST_TEXT)
    except zlib.error:
        return b""
