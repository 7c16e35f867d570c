"""A batch's store in an object store (S3, GCS, Azure, ...) or wherever else fsspec reaches.

Objects there appear whole and can't grow or be renamed. So a bundle's `avatar.json` is put last, and is what makes it
whole; and a list is one object, with what was added since in parts below `ledger/`, which are joined when it is
rewritten.
"""

import contextlib
import logging
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from personify.pipelines.batch.outcomes import FOLDER
from personify.pipelines.batch.store import ID, checked_id, checked_name, joined, open_store
from personify.pipelines.bundle import PICTURE, RECORD, AvatarRecord, BundleDraft, open_bundle, read_record
from personify.pipelines.draft import disk_errors
from personify.voices.errors import BadInput, NotKept, PersonifyError

_LOG = logging.getLogger(__name__)
PARTS = "ledger"

_WAITS_S = (0.5, 3.0)
"""Between the tries at one request, on top of what the store's own library tries."""

_READ_AT_ONCE = 20
"""So many parts of a list are read together; each is a few hundred kilobytes at most."""

_BLOCK_BYTES = 4 * 2**20
"""A list is read so much at a time: that of a million avatars is two gigabytes."""

_PIPED_BYTES = 16 * 2**20
"""A list that is longer is put from a file, in pieces."""

_TYPE_ARGUMENTS = {"s3": "ContentType", "s3a": "ContentType", "gs": "content_type", "gcs": "content_type"}
"""What the libraries of some stores call the argument that says what an object is; others are told nothing."""

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".wav": "audio/wav",
    ".webp": "image/webp",
}
"""What a browser must be told of a bundle's and the gallery's files, by their ending: a page that is
`application/octet-stream` is saved and not shown."""


class ObjectStore:
    """Below `root` of an fsspec file system; any number of machines may write bundles at once, one driver the lists."""

    def __init__(self, system: Any, root: str, url: str) -> None:
        self._system, self._root = system, root
        self.url = url
        self._part = 0
        protocols = [system.protocol] if isinstance(system.protocol, str) else system.protocol
        self._type_argument = next((_TYPE_ARGUMENTS[name] for name in protocols if name in _TYPE_ARGUMENTS), None)

    def __reduce__(self) -> tuple[Any, ...]:
        return open_store, (self.url,)

    def ids(self) -> set[str]:
        """See `Store`: a list of all objects, a request for each thousand of them."""
        top = f"{self._root}/{FOLDER}"
        with self._errors():
            self._system.invalidate_cache()
            try:
                found = self._system.find(top)
            except FileNotFoundError:
                return set()
        return {name for name in map(_whole, found) if name}

    def has(self, name: str) -> bool:
        """See `Store`."""
        with self._errors():
            self._system.invalidate_cache(self._bundle(name))
            return bool(self._system.exists(f"{self._bundle(name)}/{RECORD}"))

    @contextlib.contextmanager
    def bundle(self, name: str) -> Iterator[BundleDraft]:
        """See `Store`. It is made in a folder of this machine and then put there."""
        checked_id(name)
        with tempfile.TemporaryDirectory(prefix="personify-") as scratch:
            made = Path(scratch) / "made" / name
            with open_bundle(made) as draft:
                yield draft
            if not self.has(name):
                self._put(made, name)

    def record(self, name: str) -> AvatarRecord:
        """See `Store`."""
        return read_record(self._of(name, RECORD), f"the {RECORD} of {name}")

    def picture(self, name: str) -> bytes:
        """See `Store`."""
        return self._of(name, PICTURE)

    def read(self, name: str) -> bytes | None:
        """See `Store`."""
        with self._errors():
            return self._tried(self._cat, f"{self._root}/{checked_name(name)}")

    def write(self, name: str, data: bytes) -> None:
        """See `Store`."""
        self._pipe(f"{self._root}/{checked_name(name)}", data)

    def lines(self, name: str) -> Iterator[bytes]:
        """See `Store`; no more of it is held than a block."""
        yield from _split(self._blocks(f"{self._root}/{checked_name(name)}"))
        parts = self._parts(name)
        for start in range(0, len(parts), _READ_AT_ONCE):
            some = parts[start : start + _READ_AT_ONCE]
            with self._errors():
                read = self._system.cat(some)
            for path in some:
                yield from _split([read[path] if isinstance(read, dict) else read])

    def append(self, name: str, lines: Iterable[bytes]) -> None:
        """See `Store`."""
        whole = joined(lines)
        if whole:
            self._part += 1
            stamp = f"{time.time_ns():020d}-{self._part:06d}"
            self._pipe(f"{self._root}/{PARTS}/{checked_name(name)}/{stamp}.jsonl", whole)

    def rewrite(self, name: str, lines: Iterable[bytes]) -> None:
        """See `Store`. Whoever reads between the new list and the end of its parts finds lines twice, none lost."""
        target = f"{self._root}/{checked_name(name)}"
        with tempfile.TemporaryDirectory(prefix="personify-") as scratch:
            file = Path(scratch) / "list"
            with disk_errors(file):
                handle = file.open("wb")
            with handle:
                for line in lines:  # from the old list and its parts, perhaps: the store's errors are not the disk's
                    with disk_errors(file):
                        handle.write(line + b"\n")
                with disk_errors(file):
                    handle.flush()
            parts = self._parts(name)
            self._put_list(file, target)
        if parts:
            with self._errors():
                self._tried(self._remove, parts)

    def join(self, name: str) -> None:
        """See `Store`."""
        if self._parts(name):
            self.rewrite(name, self.lines(name))

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """See `Store`. Object stores have none in common: two drivers at once waste work, and spoil no bundle."""
        yield

    def sweep(self) -> None:
        """See `Store`: what was put without its `avatar.json` counts as nothing, and the next try puts it again."""

    def _bundle(self, name: str) -> str:
        return f"{self._root}/{FOLDER}/{checked_id(name)}"

    def _of(self, name: str, file: str) -> bytes:
        with self._errors():
            data = self._tried(self._cat, f"{self._bundle(name)}/{file}")
        if data is None:
            raise BadInput(f"there is no {file} of {name} in this batch")
        return data

    def _put(self, made: Path, name: str) -> None:
        """Everything, and what makes it a bundle last; of two workers the first to come so far has made it."""
        files = sorted(path for path in made.rglob("*") if path.is_file() and path != made / RECORD)
        for file in files:
            self._pipe(f"{self._bundle(name)}/{file.relative_to(made).as_posix()}", file.read_bytes())
        if not self.has(name):
            self._pipe(f"{self._bundle(name)}/{RECORD}", (made / RECORD).read_bytes())

    def _parts(self, name: str) -> list[str]:
        with self._errors():
            self._system.invalidate_cache()
            try:
                return sorted(self._system.find(f"{self._root}/{PARTS}/{checked_name(name)}"))
            except FileNotFoundError:
                return []

    def _put_list(self, file: Path, path: str) -> None:
        if file.stat().st_size <= _PIPED_BYTES:
            self._pipe(path, file.read_bytes())
            return
        with self._errors():
            self._tried(self._put_once, file, path)

    def _put_once(self, file: Path, path: str) -> None:
        self._system.put_file(str(file), path, **self._type_of(path))

    def _type_of(self, path: str) -> dict[str, str]:
        """What the store's library is told of an object's type, if it can be."""
        kind = _TYPES.get(PurePosixPath(path).suffix)
        return {self._type_argument: kind} if self._type_argument and kind else {}

    def _blocks(self, path: str) -> Iterator[bytes]:
        """The pieces of an object; none where there is no such object."""
        with self._errors():
            size = self._tried(self._size, path)
        for start in range(0, size, _BLOCK_BYTES):
            with self._errors():
                block = self._tried(self._piece, path, start, min(start + _BLOCK_BYTES, size))
            yield block

    def _size(self, path: str) -> int:
        self._system.invalidate_cache(path)
        try:
            return int(self._system.info(path)["size"])
        except FileNotFoundError:
            return 0

    def _piece(self, path: str, start: int, end: int) -> bytes:
        return bytes(self._system.cat_file(path, start=start, end=end))

    def _pipe(self, path: str, data: bytes) -> None:
        with self._errors():
            self._tried(self._pipe_once, path, data)

    def _pipe_once(self, path: str, data: bytes) -> None:
        if getattr(self._system, "async_impl", False) is False:  # real folders want to be there first
            self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
        self._system.pipe_file(path, data, **self._type_of(path))

    def _remove(self, paths: list[str]) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._system.rm(paths)

    def _cat(self, path: str) -> bytes | None:
        try:
            return bytes(self._system.cat_file(path))
        except FileNotFoundError:
            return None

    def _tried(self, call: Any, *given: Any) -> Any:
        """The call's result, tried again where the store stumbles."""
        for wait_s in _WAITS_S:
            try:
                return call(*given)
            except (PermissionError, PersonifyError):
                raise
            except Exception as error:  # noqa: BLE001 - each store's library has errors of its own
                _LOG.info("the batch's store stumbled: %s", type(error).__name__)
                time.sleep(wait_s)
        return call(*given)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """What a store's library raises, in one sentence; its messages may hold keys, so only their kind is told."""
        try:
            yield
        except PersonifyError:
            raise
        except Exception as error:
            _LOG.warning("the batch's store failed: %s", type(error).__name__)
            raise NotKept(
                f"the output at {self.url.partition('://')[0]}:// can't be used ({type(error).__name__}); look at its "
                "address, its rights and its network"
            ) from error


def _whole(path: str) -> str | None:
    """The id of the bundle whose record lies at the path."""
    parts = path.rsplit("/", 3)
    whole = len(parts) == 4 and parts[1] == FOLDER and parts[3] == RECORD and ID.fullmatch(parts[2])
    return parts[2] if whole else None


def _split(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of what comes in pieces, without their ends."""
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    if rest:
        yield rest
