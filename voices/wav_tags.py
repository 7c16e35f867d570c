"""Tags of a WAV: an INFO list for players, and chunks of their own for programs (Microsoft's RIFF specification, 1991).

Knows nothing of what they say.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from personify.voices.errors import BadInput
from personify.voices.tags import LONGEST_TEXT, LONGEST_XMP, MOST_PARTS, Found, Tags, at, copy, rewritten, text_of

INFO_KEYS = {"title": b"INAM", "artist": b"IART", "comment": b"ICMT", "software": b"ISFT", "date": b"ICRD"}
XMP = b"_PMX"
"""Adobe's XMP specification, part 3, 2.3.1."""
RECORD = b"prsf"
CREDENTIALS = b"C2PA"
_LARGEST_LIST = 2**20


def write_tags(path: Path, tags: Tags) -> None:
    """Puts the tags behind the sound, in place of those that are there; all else stays as it is.

    Content credentials that the file had so far are taken out, since they would no longer hold. Raises `BadInput` where
    it is no WAV.
    """
    info = {"title": tags.title, "comment": tags.comment, "software": tags.software}
    if tags.date:
        info["date"] = tags.date
    with rewritten(path) as (before, after):
        after.write(b"RIFF\0\0\0\0WAVE")
        for kind, start, length in _chunks(before, path.name):
            if kind in (XMP, RECORD, CREDENTIALS) or (kind == b"LIST" and at(before, start, 4) == b"INFO"):
                continue
            after.write(struct.pack("<4sI", kind, length))
            copy(before, after, start, length)
            after.write(b"\0" * (length % 2))
        after.write(info_chunk(info))
        after.write(_chunk(RECORD, tags.record.encode("utf-8", "replace")))
        after.write(_chunk(XMP, tags.xmp.encode("utf-8", "replace")))
        size = after.tell()
        after.seek(4)
        after.write(struct.pack("<I", size - 8))


def read_tags(path: Path) -> Found:
    """What its chunks say; of a broken file what comes before the break. Raises `BadInput` where it is no WAV."""
    found = Found()
    with path.open("rb") as file:
        try:
            for kind, start, length in _chunks(file, path.name):
                if kind == CREDENTIALS:
                    found.has_credentials = True
                elif kind == b"LIST" and at(file, start, 4) == b"INFO":
                    _read_info(found, at(file, start + 4, min(length - 4, _LARGEST_LIST)))
                elif kind == XMP:
                    found.xmp = at(file, start, min(length, LONGEST_XMP)).decode("utf-8", "replace")
                elif kind == RECORD:
                    found.record = text_of(at(file, start, min(length, LONGEST_TEXT)))
        except EOFError as error:
            found.problem = str(error)
    return found


def info_chunk(tags: dict[str, str]) -> bytes:
    """A LIST chunk of the tags, by the names of `INFO_KEYS`."""
    body = b"".join(_chunk(INFO_KEYS[key], text.encode("utf-8", "replace") + b"\0") for key, text in tags.items())
    return _chunk(b"LIST", b"INFO" + body)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _chunks(file: BinaryIO, name: str) -> Iterator[tuple[bytes, int, int]]:
    """Kind, place and length of each chunk's data."""
    file.seek(0)
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise BadInput(f"{name} is no WAV")
    place, end = 12, file.seek(0, 2)
    for _ in range(MOST_PARTS):
        if place + 8 > end:
            return
        kind, length = struct.unpack("<4sI", at(file, place, 8))
        if place + 8 + length > end:
            raise EOFError("the sound ends too early")
        yield kind, place + 8, length
        place += 8 + length + length % 2
    raise EOFError(f"the sound has more than {MOST_PARTS:,} chunks")


def _read_info(found: Found, body: bytes) -> None:
    names = {key: name for name, key in INFO_KEYS.items()}
    place = 0
    while place + 8 <= len(body) and len(found.texts) < MOST_PARTS:
        key, length = struct.unpack_from("<4sI", body, place)
        data = body[place + 8 : place + 8 + min(length, LONGEST_TEXT)]
        found.add(names.get(key, text_of(key, "latin-1")), text_of(data.rstrip(b"\0")))
        place += 8 + length + length % 2
