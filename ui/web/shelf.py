"""The shelf: where avatars are kept between sessions, in a folder or in an object store.

A folder holds bundles as `personify create` makes them, and they are used in place. An object store holds two objects
for each: `KEY.zip`, its bundle, and `KEY.card.json`, what a list of them shows; whatever has a card is whole.
"""

import base64
import contextlib
import io
import logging
import re
import secrets
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from personify.pipelines.bundle import PICTURE, RECORD, Avatar, folder_name, now, open_avatar, read_record
from personify.pipelines.draft import draft_folder, full_path
from personify.pipelines.travel.zips import pack, unpack
from personify.voices.errors import BadInput, MissingExtra, PersonifyError

_LOG = logging.getLogger(__name__)
MOST_LISTED = 200
THUMB_PX = 256
THUMB_TYPE = "image/webp"

_CARD, _ZIP = ".card.json", ".zip"
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_TRIES = 50


@dataclass(frozen=True)
class ShelfEntry:
    """What a list shows of an avatar. `picture` is a small WebP; `made` is UTC, ISO 8601."""

    key: str
    name: str
    description: str
    picture: bytes
    made: str


class Shelf(Protocol):
    """Where avatars are kept; each has a key. Keys come from users: what is none is unknown, never a path."""

    def list(self) -> list[ShelfEntry]:
        """Who is on it, the newest first, at most `MOST_LISTED`."""

    def keep(self, avatar: Avatar) -> Avatar:
        """Puts an avatar on it, whole or not at all, under a key that is free; its folder is then called like that."""

    def replace(self, avatar: Avatar, key: str | None = None) -> Avatar:
        """Puts it in the place of the one with that key, by default its folder's name; or else keeps it."""

    def open(self, key: str, into: Path) -> Avatar:
        """The avatar of that key; copied to `into` where it doesn't lie in a folder. Raises `BadInput` for an unknown
        key."""

    def remove(self, key: str) -> None:
        """Takes it off, for good. Raises `BadInput` for an unknown key."""


def open_shelf(where: str, owner: str | None = None) -> Shelf:
    """The shelf in a folder, or at a URL that fsspec knows; with `owner` their own part of it.

    Raises `BadInput` for a URL that it doesn't know, and `MissingExtra` where its library isn't installed.
    """
    if "://" not in where:
        folder = full_path(where)
        return FolderShelf(folder / owner if owner else folder)
    import fsspec  # type: ignore[import-untyped]

    scheme = where.partition("://")[0]
    try:
        system, root = fsspec.url_to_fs(where)
    except ImportError as error:
        raise MissingExtra(f"a shelf at {scheme}:// needs another library: {error}") from error
    except ValueError as error:
        raise BadInput(f"no shelf can be at {where!r}: {error}") from error
    root = root.rstrip("/")
    return StoreShelf(system, f"{root}/{owner}" if owner else root)


class FolderShelf:
    """Bundles side by side in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def list(self) -> list[ShelfEntry]:
        """See `Shelf`. What can't be read is left out, and the log says why."""
        if not self._folder.is_dir():
            return []
        found = []
        for record in self._folder.glob(f"*/{RECORD}"):
            if _KEY.fullmatch(record.parent.name):
                with contextlib.suppress(FileNotFoundError):  # it was just removed
                    found.append((record.stat().st_mtime_ns, record))
        entries = (self._entry(record, changed) for changed, record in sorted(found, reverse=True)[:MOST_LISTED])
        return [entry for entry in entries if entry is not None]

    def keep(self, avatar: Avatar) -> Avatar:
        """See `Shelf`."""
        if avatar.folder.parent == self._folder:
            return avatar
        name = folder_name(avatar.persona.description)
        for count in range(1, _TRIES):
            target = self._folder / (name if count == 1 else f"{name}-{count}")
            try:
                if not target.exists():
                    return _copied(avatar, target)
            except PersonifyError:
                if not target.exists():  # else another session was quicker
                    raise
        return _copied(avatar, self._folder / f"{name}-{secrets.token_hex(4)}")

    def replace(self, avatar: Avatar, key: str | None = None) -> Avatar:
        """See `Shelf`."""
        target = self._find(key or avatar.folder.name)
        if target is None:
            return self.keep(avatar)
        return avatar if target == avatar.folder else _copied(avatar, target, force=True)

    def open(self, key: str, into: Path) -> Avatar:
        """See `Shelf`; it is used where it lies."""
        return open_avatar(self._found(key))

    def remove(self, key: str) -> None:
        """See `Shelf`."""
        folder = self._found(key)
        hidden = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.old")
        try:
            folder.rename(hidden)  # at once for all who list it
            shutil.rmtree(hidden)
        except OSError as error:
            raise PersonifyError(f"{key} can't be removed ({error.strerror})") from error

    def _entry(self, record: Path, changed_ns: int) -> ShelfEntry | None:
        try:
            return _card_of(record.parent, changed_ns).entry(record.parent.name)
        except PersonifyError as error:
            _LOG.warning("left out of the shelf: %s", error)
            return None

    def _find(self, key: str) -> Path | None:
        folder = self._folder / key
        if not _KEY.fullmatch(key) or folder.is_symlink() or not (folder / RECORD).is_file():
            return None
        return folder

    def _found(self, key: str) -> Path:
        folder = self._find(key)
        if folder is None:
            raise _unknown(key)
        return folder


class StoreShelf:
    """Bundles as objects below one root; several processes may use it at once."""

    def __init__(self, system: Any, root: str) -> None:
        self._system, self._root = system, root

    def list(self) -> list[ShelfEntry]:
        """See `Shelf`."""
        with _store_errors(self._root):
            self._system.invalidate_cache()
            try:
                listed = self._system.ls(self._root, detail=False)
            except FileNotFoundError:
                return []
            cards = [path for path in listed if path.endswith(_CARD)]
            read = self._system.cat(cards, on_error="omit") if cards else {}
        found = []
        for path, content in (read if isinstance(read, dict) else {cards[0]: read}).items():
            try:
                card = _Card.model_validate_json(content)
                found.append(card.entry(path.rpartition("/")[2].removesuffix(_CARD)))
            except ValidationError as error:
                _LOG.warning("left out of the shelf: %s (%s)", path, error.errors(include_input=False)[0]["msg"])
        return sorted(found, key=lambda entry: entry.made, reverse=True)[:MOST_LISTED]

    def keep(self, avatar: Avatar) -> Avatar:
        """See `Shelf`. It is copied to a folder beside its own, which is called like its key."""
        if self._has(avatar.folder.name):
            return avatar
        return self._put(avatar, f"{folder_name(avatar.persona.description)}-{secrets.token_hex(3)}")

    def replace(self, avatar: Avatar, key: str | None = None) -> Avatar:
        """See `Shelf`."""
        key = key or avatar.folder.name
        return self._put(avatar, key) if self._has(key) else self.keep(avatar)

    def open(self, key: str, into: Path) -> Avatar:
        """See `Shelf`."""
        if not self._has(key):
            raise _unknown(key)
        own = into / f"opened-{secrets.token_hex(4)}"  # one that was opened before may still be in use
        own.mkdir(parents=True)
        fetched = own / f"{key}{_ZIP}"
        try:
            with _store_errors(self._root):
                self._system.get_file(f"{self._root}/{key}{_ZIP}", str(fetched))
            return unpack(fetched, own, name=key)
        finally:
            fetched.unlink(missing_ok=True)

    def remove(self, key: str) -> None:
        """See `Shelf`."""
        if not self._has(key):
            raise _unknown(key)
        with _store_errors(self._root):
            for suffix in (_CARD, _ZIP):  # without a card nobody finds it any more
                with contextlib.suppress(FileNotFoundError):
                    self._system.rm_file(f"{self._root}/{key}{suffix}")

    def _has(self, key: str) -> bool:
        with _store_errors(self._root):
            return bool(_KEY.fullmatch(key)) and bool(self._system.exists(f"{self._root}/{key}{_CARD}"))

    def _put(self, avatar: Avatar, key: str) -> Avatar:
        if avatar.folder.name != key:
            avatar = _copied(avatar, avatar.folder.with_name(key), force=True)
        packed = avatar.folder.with_name(f".{key}.{secrets.token_hex(4)}{_ZIP}")
        try:
            pack(avatar, packed)
            card = _card_of(avatar.folder, 0, fresh=True)
            with _store_errors(self._root):
                self._write(f"{self._root}/{key}{_ZIP}", packed.read_bytes())
                self._write(f"{self._root}/{key}{_CARD}", card.model_dump_json().encode())
        except PersonifyError:
            with contextlib.suppress(PersonifyError):
                self._tidy(key)
            raise
        finally:
            packed.unlink(missing_ok=True)
        return avatar

    def _tidy(self, key: str) -> None:
        """A bundle without a card is nobody's."""
        if not self._has(key):
            with _store_errors(self._root):
                self._system.rm_file(f"{self._root}/{key}{_ZIP}")

    def _write(self, path: str, content: bytes) -> None:
        """An object store shows an object once it is whole; on a disk that takes a second name."""
        self._system.makedirs(self._root, exist_ok=True)
        if "file" not in _protocols(self._system):
            self._system.pipe_file(path, content)
            return
        draft = f"{path}.{secrets.token_hex(4)}.part"
        self._system.pipe_file(draft, content)
        self._system.mv(draft, path)


class _Card(BaseModel):
    """`KEY.card.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(max_length=500)
    description: str = Field(max_length=5000)
    made: str = Field(max_length=40)
    thumb: str = Field(max_length=200_000)
    """The picture in base64."""

    def entry(self, key: str) -> ShelfEntry:
        """The card of that key."""
        return ShelfEntry(key, self.name, self.description, base64.b64decode(self.thumb), self.made)


def _card_of(folder: Path, changed_ns: int, *, fresh: bool = False) -> _Card:
    """The card of a bundle in a folder. Raises `BadInput` for one that can't be read."""
    return _read_card(folder, changed_ns) if not fresh else _read_card.__wrapped__(folder, changed_ns)


@lru_cache(4 * MOST_LISTED)
def _read_card(folder: Path, changed_ns: int) -> _Card:
    from PIL import Image

    try:
        record = read_record(folder / RECORD)
        with Image.open(folder / PICTURE, formats=("PNG",)) as picture:
            small = picture.convert("RGB")
        small.thumbnail((THUMB_PX, THUMB_PX))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise BadInput(f"{folder} can't be read: {error}") from error
    file = io.BytesIO()
    small.save(file, "WEBP", quality=80)
    persona = record.persona
    thumb = base64.b64encode(file.getvalue()).decode("ascii")
    return _Card(name=persona.name, description=persona.description, made=record.created or now(), thumb=thumb)


def _copied(avatar: Avatar, target: Path, *, force: bool = False) -> Avatar:
    """A bundle copied to another folder, whole or not at all."""
    with draft_folder(target, marker=RECORD, force=force) as work:
        for file in avatar.files.values():
            shutil.copyfile(file, work / file.name)
    return Avatar(target, avatar.record, avatar.portrait)


@contextlib.contextmanager
def _store_errors(root: str) -> Any:
    """What a store's library raises, in one sentence; its messages may hold keys, so only their kind is told."""
    try:
        yield
    except PersonifyError:
        raise
    except Exception as error:
        _LOG.warning("the shelf at %s failed: %s", root, type(error).__name__)
        raise PersonifyError(f"the shelf can't be reached ({type(error).__name__}); try again in a moment") from error


def _protocols(system: Any) -> tuple[str, ...]:
    return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)


def _unknown(key: str) -> BadInput:
    return BadInput(f"there is no {key[:80]!r} on this shelf; it may have been removed")
