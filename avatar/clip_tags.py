"""Tags of an MP4: what players show, a record for programs, and XMP, without touching picture and sound.

The boxes are those of ISO/IEC 14496-12; what players read lies in `moov/udta/meta/ilst` as in QuickTime's files. The
index says where in the file each piece of picture and sound is, so it moves along. Knows nothing of what the tags say.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from personify.voices.errors import BadInput
from personify.voices.tags import LONGEST_TEXT, LONGEST_XMP, MOST_PARTS, Found, Tags, at, copy, rewritten, text_of

XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""Adobe's XMP specification, part 3, 1.2.6: the user type of the box that holds a packet."""
CREDENTIALS = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""C2PA 2.1, appendix A.5.1: likewise of a manifest."""
_LARGEST_INDEX = 64 * 2**20
"""Bytes of `moov`: that of an hour's clip has about 2 MB."""
_NAMES = {
    b"\xa9nam": "title",
    b"\xa9cmt": "comment",
    b"\xa9too": "software",
    b"\xa9day": "date",
    b"desc": "description",
}
_OWN = ("personify", "provenance")
"""Domain and name of Personify's record among the free tags."""
_WITHIN = (b"trak", b"mdia", b"minf", b"stbl")
_TEXT = 1
_TO_THE_END = b"\0\0\0\0"
"""The size of a box that goes on to the end of what it is in."""


class Box(NamedTuple):
    """A box: where it begins, where its content does, and where it ends; `user` is the type of a `uuid`."""

    kind: bytes
    start: int
    body: int
    end: int
    user: bytes = b""


def write_tags(path: Path, tags: Tags) -> None:
    """Puts the tags in place of those that are there.

    Content credentials that the file had so far are taken out, since they would no longer hold. Raises `BadInput` where
    it is no MP4, or its last box has no size and is too large to get one, and `EOFError` for a damaged one.
    """
    with rewritten(path) as (before, after):
        kept = [box for box in _boxes(before, path.name) if box.user not in (XMP, CREDENTIALS)]
        index = next((box for box in kept if box.kind == b"moov"), None)
        if index is None or index.end - index.start > _LARGEST_INDEX:
            raise BadInput(f"{path.name} is no MP4 with an index")
        moov = _tagged(at(before, index.body, index.end - index.body), tags)
        moved, place = list[tuple[int, int]](), 0
        for box in kept:
            moved.append((box.start, place - box.start))
            place += len(moov) + 8 if box is index else box.end - box.start
        _move(moov, moved)
        for box in kept:
            if box is index:
                after.write(_box(b"moov", bytes(moov)))
            else:
                _copy_box(before, after, box, path.name)
        after.write(_box(b"uuid", XMP + tags.xmp.encode("utf-8", "replace")))


def read_tags(path: Path) -> Found:
    """What its boxes say; of a broken file what comes before the break. Raises `BadInput` where it is no MP4."""
    found = Found()
    with path.open("rb") as file:
        try:
            for box in _boxes(file, path.name):
                if box.user == CREDENTIALS:
                    found.has_credentials = True
                elif box.user == XMP:
                    found.xmp = at(file, box.body, min(box.end - box.body, LONGEST_XMP)).decode("utf-8", "replace")
                elif box.kind == b"moov":
                    _read_list(found, at(file, box.body, min(box.end - box.body, _LARGEST_INDEX)))
        except EOFError as error:
            found.problem = str(error)
    return found


def _boxes(file: BinaryIO, name: str) -> Iterator[Box]:
    """Those of the file itself, in order."""
    end = file.seek(0, 2)
    if at(file, 4, 4) != b"ftyp":
        raise BadInput(f"{name} is no MP4")
    place = 0
    for _ in range(MOST_PARTS):
        if place >= end:
            return
        head = at(file, place, 32)
        if len(head) < 8:
            raise EOFError("the clip ends too early")
        size, kind = struct.unpack_from(">I4s", head)
        body = 8
        if size == 1 and len(head) >= 16:
            size, body = struct.unpack_from(">Q", head, 8)[0], 16
        elif size == 0:
            size = end - place
        if size < body or place + size > end:
            raise EOFError("the clip ends too early")
        user = head[body : body + 16] if kind == b"uuid" else b""
        yield Box(kind, place, place + body + len(user), place + size, user)
        place += size
    raise EOFError(f"the clip has more than {MOST_PARTS:,} boxes")


def _copy_box(before: BinaryIO, after: BinaryIO, box: Box, name: str) -> None:
    """Copies a box of the file; one that goes on to its end gets a size, since something comes behind it now."""
    size = box.end - box.start
    if at(before, box.start, 4) != _TO_THE_END:
        copy(before, after, box.start, size)
        return
    if size >= 2**32:
        raise BadInput(
            f"the last box of {name} has no size and is larger than 4 GiB; write it anew with: "
            "ffmpeg -i OLD -c copy -movflags +faststart NEW"
        )
    after.write(struct.pack(">I", size))
    copy(before, after, box.start + 4, size - 4)


def _inside(data: bytes | bytearray, start: int, end: int) -> Iterator[Box]:
    """The boxes within a part of the index, up to one whose size can't be."""
    for _ in range(MOST_PARTS):
        if start + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", data, start)
        body = 8
        if size == 1 and start + 16 <= end:
            size, body = struct.unpack_from(">Q", data, start + 8)[0], 16
        elif size == 0:
            size = end - start
        if size < body or start + size > end:
            return
        yield Box(kind, start, start + body, start + size)
        start += size


def _kept(data: bytes, start: int, end: int) -> Iterator[tuple[Box, bytes]]:
    """Each box within a part of the index and its bytes, with a size where it had none and went on to the end. Raises
    `EOFError` where a rest would be lost."""
    place = start
    for box in _inside(data, start, end):
        content = data[box.start : box.end]
        if content.startswith(_TO_THE_END):
            content = struct.pack(">I", len(content)) + content[4:]
        yield box, content
        place = box.end
    if end - place >= 8:
        raise EOFError("a box of the index has a size that can't be")


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _tagged(moov: bytes, tags: Tags) -> bytearray:
    """The content of the index with these tags and without those that it had."""
    kept, others = bytearray(), b""
    for box, content in _kept(moov, 0, len(moov)):
        if box.kind == b"udta":
            others += b"".join(one for part, one in _kept(moov, box.body, box.end) if part.kind != b"meta")
        else:
            kept += content
    return kept + _box(b"udta", others + _list(tags))


def _list(tags: Tags) -> bytes:
    texts = {b"\xa9nam": tags.title, b"\xa9cmt": tags.comment, b"\xa9too": tags.software}
    if tags.date:
        texts[b"\xa9day"] = tags.date
    items = b"".join(_box(kind, _data(text)) for kind, text in texts.items())
    domain, name = (struct.pack(">I", 0) + word.encode() for word in _OWN)
    items += _box(b"----", _box(b"mean", domain) + _box(b"name", name) + _data(tags.record))
    handler = _box(b"hdlr", struct.pack(">II4s4s8xB", 0, 0, b"mdir", b"appl", 0))
    return _box(b"meta", struct.pack(">I", 0) + handler + _box(b"ilst", items))


def _data(text: str) -> bytes:
    return _box(b"data", struct.pack(">II", _TEXT, 0) + text.encode("utf-8", "replace"))


def _move(moov: bytearray, moved: list[tuple[int, int]]) -> None:
    """Corrects where the index says that pieces are: `moved` holds where each box began, and how far it went."""
    starts = [start for start, _ in moved]
    for table in _tables(moov, 0, len(moov)):
        wide = table.kind == b"co64"
        count = min(
            struct.unpack_from(">I", moov, table.body + 4)[0], (table.end - table.body - 8) // (8 if wide else 4)
        )
        layout = f">{count}{'Q' if wide else 'I'}"
        places = struct.unpack_from(layout, moov, table.body + 8)
        there = [place + moved[max(bisect_right(starts, place) - 1, 0)][1] for place in places]
        struct.pack_into(layout, moov, table.body + 8, *there)


def _tables(moov: bytearray, start: int, end: int) -> Iterator[Box]:
    """The tables of chunk offsets."""
    for box in _inside(moov, start, end):
        if box.kind in (b"stco", b"co64") and box.end - box.body >= 8:
            yield box
        elif box.kind in _WITHIN:
            yield from _tables(moov, box.body, box.end)


def _read_list(found: Found, moov: bytes) -> None:
    for part in _inside(moov, 0, len(moov)):
        if part.kind != b"udta":
            continue
        for meta in _inside(moov, part.body, part.end):
            if meta.kind != b"meta":
                continue
            for items in _inside(moov, meta.body + 4, meta.end):
                if items.kind == b"ilst":
                    for item in _inside(moov, items.body, items.end):
                        _read_item(found, moov, item)


def _read_item(found: Found, moov: bytes, item: Box) -> None:
    parts = {
        box.kind: moov[box.body : min(box.end, box.body + LONGEST_TEXT)] for box in _inside(moov, item.body, item.end)
    }
    data = parts.get(b"data", b"")
    if struct.unpack(">I", data[:4].rjust(4, b"\0"))[0] != _TEXT:
        return
    if item.kind == b"----":
        named = tuple(text_of(parts.get(kind, b"")[4:]) for kind in (b"mean", b"name"))
        if named == _OWN:
            found.record = found.record or text_of(data[8:])
        else:
            found.add(":".join(named)[:80], text_of(data[8:]))
    else:
        found.add(_NAMES.get(item.kind, text_of(item.kind, "latin-1")), text_of(data[8:]))
