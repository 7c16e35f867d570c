"""The text chunks of a PNG, read within limits and written before its end; knows nothing of what the texts say.

W3C, Portable Network Graphics (third edition), 11.3.3: tEXt is a keyword, NUL and the text; zTXt has it deflated; iTXt
has a language between them and may have it deflated.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping

from personify.voices.errors import BadInput

MAGIC = b"\x89PNG\r\n\x1a\n"
LARGEST_TEXT = 16 * 2**20
"""Of all texts together, unpacked."""
MOST_CHUNKS = 20_000
_HEAD = 8


def png_texts(data: bytes, name: str) -> dict[str, bytes]:
    """The texts of a PNG by keyword, as they stand; of several with one keyword the first. What is broken is left out.

    Raises `BadInput` for what is no PNG, and for texts that are larger than any card.
    """
    if not data.startswith(MAGIC):
        raise BadInput(f"{name} is no PNG")
    found: dict[str, bytes] = {}
    left = LARGEST_TEXT
    for kind, at, length in _chunks(data, name):
        if kind not in (b"tEXt", b"zTXt", b"iTXt"):
            continue
        body = data[at : at + length]
        key, _, rest = body[:80].partition(b"\0")
        rest = body[len(key) + 1 :]
        try:
            text = rest if kind == b"tEXt" else _unpacked(rest, left, international=kind == b"iTXt")
        except (zlib.error, IndexError):
            continue
        left -= len(text)
        if left <= 0:
            raise BadInput(f"{name} holds more text than any card; {LARGEST_TEXT >> 20} MB are the most")
        found.setdefault(key.decode("latin-1"), text)
    return found


def with_texts(data: bytes, texts: Mapping[str, bytes | None]) -> bytes:
    """The PNG with these texts as tEXt chunks, in the place of any that it has under these keywords; None is none."""
    parts, end = [MAGIC], b""
    for kind, at, length in _chunks(data, "the picture"):
        chunk = data[at - _HEAD : at + length + 4]
        if kind == b"IEND":
            end = chunk
        elif kind not in (b"tEXt", b"zTXt", b"iTXt") or _keyword(data, at, length) not in texts:
            parts.append(chunk)
    for key, text in texts.items():
        if text is None:
            continue
        body = key.encode("latin-1") + b"\0" + text
        parts.append(struct.pack(">I", len(body)) + b"tEXt" + body + struct.pack(">I", zlib.crc32(b"tEXt" + body)))
    return b"".join([*parts, end])


def _keyword(data: bytes, at: int, length: int) -> str:
    return data[at : at + min(length, 80)].partition(b"\0")[0].decode("latin-1")


def _chunks(data: bytes, name: str) -> Iterator[tuple[bytes, int, int]]:
    """(kind, where its content begins, its length) of each chunk up to the end; a cut one isn't given."""
    at = len(MAGIC)
    for _ in range(MOST_CHUNKS):
        if at + _HEAD > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, at)
        if at + _HEAD + length > len(data):
            return
        yield kind, at + _HEAD, length
        at += _HEAD + length + 4
        if kind == b"IEND":
            return
    raise BadInput(f"{name} has more than {MOST_CHUNKS:,} parts, which no picture needs")


def _unpacked(rest: bytes, most: int, *, international: bool) -> bytes:
    """The text after its keyword. Raises `IndexError` or `zlib.error` where it is broken."""
    if international:
        packed, _, texts = rest[0], rest[1], rest[2:]
        text = texts.split(b"\0", 2)[2]
        return _inflated(text, most) if packed else text
    return _inflated(rest[1:], most)


def _inflated(packed: bytes, most: int) -> bytes:
    return zlib.decompressobj().decompress(packed, most)
