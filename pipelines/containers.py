"""Which format a file has, told by its first bytes, and who reads and writes its tags."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from personify.voices.errors import BadInput
from personify.voices.tags import Found, Tags


@dataclass(frozen=True)
class Container:
    """A format whose tags can be written."""

    name: str
    mime: str
    write_tags: Callable[[Path, Tags], None]
    read_tags: Callable[[Path], Found]


def container_of(path: Path) -> Container:
    """The format of a PNG, WAV or MP4. Raises `BadInput` for any other file, and for one that can't be read."""
    from personify.avatar import clip_tags, png_tags
    from personify.voices import wav_tags

    head = head_of(path)
    if head.startswith(png_tags.MAGIC):
        return Container("PNG picture", "image/png", png_tags.write_tags, png_tags.read_tags)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return Container("WAV sound", "audio/wav", wav_tags.write_tags, wav_tags.read_tags)
    if head[4:8] == b"ftyp" and head[8:12] not in (b"avif", b"avis", b"heic", b"mif1", b"heix"):
        return Container("MP4 clip", "video/mp4", clip_tags.write_tags, clip_tags.read_tags)
    raise BadInput(f"{path.name} is neither a PNG, nor a WAV, nor an MP4")


def head_of(path: Path, count: int = 64) -> bytes:
    """The first bytes of a file. Raises `BadInput` where it can't be read."""
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as error:
        raise BadInput(f"can't read {path}: {error.strerror}") from error
