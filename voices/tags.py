"""What a file says of itself, whatever its format: the tags that are written into it, and those that are found.

What is found comes from anybody: so much is read and no more, and nothing of it is trusted.
"""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

MOST_TEXTS = 48
LONGEST_TEXT = 2**16
"""Bytes of one text; what is longer is cut."""
LONGEST_XMP = 2**18
MOST_PARTS = 20_000
"""Chunks or boxes that are looked at; a file with more is none of ours."""
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Tags:
    """What is to be written: texts for people and players, `record` as JSON for programs, and an XMP packet."""

    title: str
    comment: str
    software: str
    record: str
    xmp: str
    date: str | None = None
    """ISO 8601; None where the same seed must give the same bytes."""


@dataclass
class Found:
    """What a file says: texts by their keyword, Personify's own record, the XMP packet, and what is wrong with it."""

    texts: dict[str, str] = field(default_factory=dict)
    record: str | None = None
    xmp: str | None = None
    has_credentials: bool | None = False
    """Whether there is a C2PA manifest in it, which nobody has checked yet; None where nobody has looked for one."""
    problem: str | None = None

    def add(self, keyword: str, text: str) -> None:
        """One more text; the first of a keyword counts, and so many of them."""
        if self.takes(keyword):
            self.texts[keyword] = text

    def takes(self, keyword: str) -> bool:
        """Whether a text of that keyword would count, so that no other needs to be unpacked."""
        return bool(keyword) and keyword not in self.texts and len(self.texts) < MOST_TEXTS


@contextlib.contextmanager
def rewritten(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The file to read from and the one that takes its place when the block ends well."""
    draft = path.with_name(f".{secrets.token_hex(6)}.part")
    try:
        with path.open("rb") as before, draft.open("xb") as after:
            yield before, after
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def at(file: BinaryIO, start: int, count: int) -> bytes:
    """So many bytes from there on, fewer where the file ends."""
    file.seek(start)
    return file.read(max(count, 0))


def copy(before: BinaryIO, after: BinaryIO, start: int, count: int) -> None:
    """So many bytes from there on, a block at a time; `EOFError` where there are fewer."""
    before.seek(start)
    while count:
        block = before.read(min(count, _BLOCK))
        if not block:
            raise EOFError("the file ends too early")
        after.write(block)
        count -= len(block)


def text_of(data: bytes, encoding: str = "utf-8") -> str:
    """Text from outside, bounded; what isn't in that encoding becomes a replacement character."""
    return data[:LONGEST_TEXT].decode(encoding, "replace")
