"""The text chunks of a PNG, read within limits and written before its end; knows nothing of what the texts say.

W3C, Portable Network Graphics (third edition), 11.3.3: tEXt is a keyword, NUL and the text; zTXt has it deflated; iTXt
has a language between them and may have it deflated.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping

from personify.voices.errors import BadInput

MAGIC = b"\x89PNG\r\n\x1a\n"
LARGEST_TEXT = 24 * 2**20
"""Of all packed texts together, unpacked: a card in both versions and its assets. Others are as long as the file."""
MOST_CHUNKS = 20_000
MOST_PACKED = 256
"""Of texts that are packed; what is unpacked of broken ones counts too."""
_HEAD = 8
_STEP = 2**20


def png_texts(data: bytes, name: str) -> dict[str, bytes]:
    """The texts of a PNG by keyword, as they stand; of several with one keyword the first. What is broken is left out.

    Raises `BadInput` for what is no PNG, and for texts that are larger or more than any card's.
    """
    if not data.startswith(MAGIC):
        raise BadInput(f"{name} is no PNG")
    found: dict[str, bytes] = {}
    left, packed_texts = LARGEST_TEXT, 0
    for kind, at, length in _chunks(data, name):
        if kind not in (b"tEXt", b"zTXt", b"iTXt"):
            continue
        key = _keyword(data, at, length)
        packed, text = _laid_bare(kind, data[at + len(key) + 1 : at + length])
        size = 0
        if packed and text is not None:
            packed_texts += 1
            if packed_texts > MOST_PACKED:
                raise BadInput(f"{name} holds more than {MOST_PACKED} packed texts, which no card needs")
            text, size = _inflated(text, left)
        left -= size
        if left <= 0:
            raise BadInput(f"{name} holds more packed text than any card; {LARGEST_TEXT >> 20} MB are the most")
        if text is not None:
            found.setdefault(key, text)
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


def _laid_bare(kind: bytes, rest: bytes) -> tuple[bool, bytes | None]:
    """(whether it is packed, the text after its keyword and what stands between them); None where that is broken."""
    if kind == b"tEXt":
        return False, rest
    if kind == b"zTXt":
        return True, rest[1:]
    parts = rest[2:].split(b"\0", 2)
    return rest[:1] not in (b"", b"\0"), parts[2] if len(parts) == 3 else None


def _inflated(packed: bytes, most: int) -> tuple[bytes | None, int]:
    """(the text, or None where it is broken; how many bytes were unpacked for it)."""
    inflater, parts, size = zlib.decompressobj(), [], 0
    packed = packed[: most + _STEP]
    try:
        while packed and size < most:
            parts.append(inflater.decompress(packed, _STEP))
            size += len(parts[-1])
            packed = inflater.unconsumed_tail
    except zlib.error:
        return None, size + _STEP
    return b"".join(parts), size
