"""A bundle as one file: a zip to download, to keep in an object store, and to open again, from whoever it comes."""

import io
import os
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from personify.pipelines.bundle import (
    CARD,
    CLIP,
    GREETING,
    LANDMARKS,
    MASK,
    PICTURE,
    RECORD,
    Avatar,
    folder_name,
    open_avatar,
)
from personify.pipelines.draft import disk_errors, draft_file, draft_folder
from personify.pipelines.travel.cards import LARGEST_KEPT
from personify.voices.errors import BadInput, PersonifyError

LARGEST_BYTES = 60 * 2**20
LARGEST_SIDE_PX = 2048
"""Of a portrait that is opened: a small file can hold a picture that fills the memory."""

_NEEDED = {"portrait": PICTURE, "landmarks": LANDMARKS, "greeting": GREETING, "clip": CLIP}
_NAMED = _NEEDED | {"mask": MASK, "card": CARD}
"""What a record calls the files beside it."""
_NAMES = frozenset({RECORD, *_NAMED.values()})
_MOST = {RECORD: 2 * 2**20, LANDMARKS: 2**18, CARD: LARGEST_KEPT}
"""Bytes of what is read as JSON: several times what is ever written."""
_PACKED = {PICTURE, MASK, CLIP}
"""What packing makes no smaller."""
_IGNORED = (".DS_Store", "Thumbs.db", "desktop.ini")
_CHUNK = 1 << 16
_READ_AT_ONCE = 2 * _CHUNK
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)
"""What reading a broken zip raises."""


def pack(avatar: Avatar, path: Path, *, force: bool = True) -> Path:
    """Writes the bundle of an avatar as a zip that holds its folder. The same bundle gives the same bytes."""
    with draft_file(path, force=force) as work, zipfile.ZipFile(work, "w") as packed:
        for file in sorted(avatar.files.values()):
            entry = zipfile.ZipInfo(f"{avatar.folder.name}/{file.name}")
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if file.name in _PACKED else zipfile.ZIP_DEFLATED
            packed.writestr(entry, file.read_bytes())
    return path


def unpack(
    path: Path, into: Path, *, name: str | None = None, largest_bytes: int = LARGEST_BYTES, force: bool = False
) -> Avatar:
    """Opens a zip that holds one bundle, in a new folder in `into`: `name`, or one after its description.

    With `force` it takes the place of an avatar of that name, else it stands beside it. Only the files of a bundle are
    taken, by their names alone, and no more bytes than that. Raises `BadInput` that says what is wrong; nothing is left
    then.
    """
    return _settled(path, into, name, lambda work: _extract(path, work, largest_bytes), force=force)


def copy_in(folder: Path, into: Path, *, largest_bytes: int = LARGEST_BYTES, force: bool = False) -> Avatar:
    """A bundle's folder from anywhere as a new one in `into`, under the same checks as `unpack`; links are left."""
    return _settled(folder, into, None, lambda work: _copy_files(folder, work, largest_bytes), force=force)


def is_bundle(path: Path) -> bool:
    """Whether a zip has a record in it; False for what is no zip that can be read."""
    try:
        with _Sparing(path) as file, zipfile.ZipFile(file) as packed:
            return any(entry.filename.replace("\\", "/").rpartition("/")[2] == RECORD for entry in packed.infolist())
    except (*_BROKEN, OSError):
        return False


def _settled(source: Path, into: Path, name: str | None, fill: Callable[[Path], None], *, force: bool) -> Avatar:
    """A bundle that `fill` lays into a folder, checked, under a name that is free in `into`, or made so by force."""
    draft = into / f"opened-{secrets.token_hex(4)}"
    with draft_folder(draft, marker=RECORD) as work:
        fill(work)
        _check_pictures(work)
        try:
            avatar = open_avatar(work)
        except PersonifyError as error:
            raise BadInput(f"{source.name}: {str(error).replace(f'{work}/', '').replace(str(work), 'it')}") from error
        _check_files(source, avatar)
    target = into / (name or folder_name(avatar.persona.description))
    try:
        if force and os.path.lexists(target):
            _replace(target, draft)
        else:
            target = _free(target)
            with disk_errors(target):
                draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return open_avatar(target)


def _replace(target: Path, draft: Path) -> None:
    """Puts what lies in a draft into the place of an avatar."""
    with draft_folder(target, marker=RECORD, force=True) as work:
        for file in draft.iterdir():
            file.rename(work / file.name)
    draft.rmdir()


def _copy_files(folder: Path, work: Path, left: int) -> None:
    for name in sorted(_NAMES):
        file = folder / name
        if file.is_symlink() or not file.is_file():
            continue
        size = file.stat().st_size
        if size > _room(name, left):
            raise _too_large(folder, name, left)
        left -= size
        shutil.copyfile(file, work / name)
    if not (work / RECORD).exists():
        raise BadInput(f"{folder.name} holds no {RECORD}; name the folder of a character's bundle")


class _Sparing(io.FileIO):
    """A zip of which nothing large is read at once, as the list of its files would be; that of a bundle is short."""

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any file."""
        if size is not None and size > _READ_AT_ONCE:
            raise zipfile.BadZipFile("it lists more files than a bundle has")
        return super().read(size if size is not None else -1)


def _extract(path: Path, work: Path, largest_bytes: int) -> None:
    try:
        with _Sparing(path) as file, zipfile.ZipFile(file) as packed:
            left, seen = largest_bytes, set[str]()
            for entry in packed.infolist():
                name = _wanted(path, entry)
                if name is None:
                    continue
                if name in seen:
                    raise BadInput(f"{path.name} holds {name} twice; a bundle's zip holds one character")
                seen.add(name)
                left -= _copy(packed, entry, work / name, left, path)
    except _BROKEN as error:
        raise BadInput(f"{path.name} is no zip that can be opened ({error}); download the bundle again") from error
    except OSError as error:
        if isinstance(error, FileNotFoundError) or error.errno is None:
            raise BadInput(f"{path.name} can't be read as a zip ({error})") from error
        raise
    if RECORD not in seen:
        raise BadInput(f"{path.name} holds no {RECORD}; open the zip of a character's bundle")


def _wanted(path: Path, entry: zipfile.ZipInfo) -> str | None:
    """The plain name of a bundle's file; None for what other systems add. Folders count for nothing."""
    parts = [part for part in entry.filename.replace("\\", "/").split("/") if part not in ("", ".")]
    if entry.is_dir() or not parts or parts[0] == "__MACOSX" or parts[-1] in _IGNORED:
        return None
    if len(parts) > 2 or parts[-1] not in _NAMES:
        raise BadInput(f"{path.name} holds {entry.filename[:80]!r}, which is no part of a bundle")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadInput(f"{path.name} is packed in a way that isn't read here; pack it as a plain zip")
    if entry.flag_bits & 1:
        raise BadInput(f"{path.name} is locked with a password; pack it without one")
    return parts[-1]


def _copy(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int, path: Path) -> int:
    """Unpacks one file; returns its size, whatever the zip says that is."""
    size, room = 0, _room(target.name, left)
    with packed.open(entry) as source, target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > room:
                raise _too_large(path, target.name, left)
            file.write(chunk)
    return size


def _room(name: str, left: int) -> int:
    """How many bytes a file may have."""
    return min(left, _MOST.get(name, left))


def _too_large(path: Path, name: str, left: int) -> BadInput:
    most = _room(name, left)
    if most < left:
        return BadInput(f"{path.name} holds a {name} of more than {most / 2**20:g} MB, which no character needs")
    return BadInput(f"{path.name} holds more than a bundle may; its files are too large")


def _check_pictures(work: Path) -> None:
    from PIL import Image

    for name in (PICTURE, MASK):
        if not (work / name).exists():
            continue
        try:
            with Image.open(work / name, formats=("PNG",)) as picture:
                size = picture.size
        except Exception as error:  # a decoder that is fed hostile bytes may raise anything
            raise BadInput(f"its {name} is no PNG that can be read") from error
        if max(size) > LARGEST_SIDE_PX:
            raise BadInput(f"its {name} has {size[0]} x {size[1]} pixels; {LARGEST_SIDE_PX} a side are the most")


def _check_files(path: Path, avatar: Avatar) -> None:
    """The record names the files of a bundle, and all that it names is there."""
    told = avatar.record.files
    for what in _NEEDED | told:
        name = _NAMED.get(what)
        if name is None or told.get(what) != name:
            said = f"names {told[what]!r} as its {what[:40]}" if what in told else f"names no {what}"
            raise BadInput(f"{path.name} is no whole avatar: its {RECORD} {said}; export it again where it came from")
        if not (avatar.folder / name).is_file():
            raise BadInput(f"{path.name} lacks {name}, which its {RECORD} names")


def _free(target: Path) -> Path:
    """The path, or with a number the first like it that nothing stands at."""
    found, count = target, 1
    while os.path.lexists(found):
        count += 1
        found = target.with_name(f"{target.name}-{count}")
    return found
