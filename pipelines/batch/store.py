"""The store: where a batch's bundles and lists are kept, in a folder or in an object store, alike for who uses it.

Workers share nothing but it. A bundle in it is whole or isn't there; a list (`NAME.jsonl`) grows by whole lines.
"""

import contextlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from personify.pipelines.batch.outcomes import FOLDER
from personify.pipelines.bundle import PICTURE, RECORD, AvatarRecord, BundleDraft, open_bundle, read_record
from personify.pipelines.draft import disk_errors, draft_file, draft_folder, full_path
from personify.voices.errors import BadInput, MissingExtra, PersonifyError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
"""The names of bundles, as `values.Id` says; whatever else lies beside them is none of the batch's."""

LOCK = ".batch.lock"

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_HALF_MADE = re.compile(rf"\.{ID.pattern}\.[0-9a-f]{{8}}\.part")
_HALF_WRITTEN = re.compile(r"\.[A-Za-z0-9_][A-Za-z0-9._-]*\.[0-9a-f]{8}\.part(\.[a-z0-9]+)?")  # see `draft_file`


class Store(Protocol):
    """The output of one batch. Ids and names are the batch's own; what is none is an error, never a path.

    Everything that writes raises `NotKept` where the output takes nothing more. Can be pickled: a worker opens it anew.
    """

    url: str
    """Where it is: `open_store(url)` opens it anew, in another process or on another machine."""

    def ids(self) -> set[str]:
        """Of whom there is a whole bundle."""

    def has(self, name: str) -> bool:
        """Whether there is a whole bundle of that id."""

    def bundle(self, name: str) -> contextlib.AbstractContextManager[BundleDraft]:
        """A bundle that is there once the block ends well, or not at all. One that is already there stays as it is, and
        what the block makes is dropped; that is no error."""

    def record(self, name: str) -> AvatarRecord:
        """The record of a bundle. Raises `BadInput` where there is none, or it can't be read."""

    def picture(self, name: str) -> bytes:
        """The portrait of a bundle, a PNG. Raises `BadInput` where there is none."""

    def read(self, name: str) -> bytes | None:
        """A file of the batch itself, such as `batch.json`; None where it isn't there."""

    def write(self, name: str, data: bytes) -> None:
        """Writes such a file, which is there whole or as it was; `gallery/a.css` lies one folder below."""

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a list, without their ends; nothing where there is none. The last one may be torn."""

    def append(self, name: str, lines: Iterable[bytes]) -> None:
        """Adds lines to a list and returns once they would survive a power cut."""

    def rewrite(self, name: str, lines: Iterable[bytes]) -> None:
        """Puts these lines in the place of a list, which has all of them or is as it was."""

    def join(self, name: str) -> None:
        """Makes a list that is in parts one file."""

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Within the block no other driver of this kind writes to it, where that can be told; raises `PersonifyError`
        if one does."""

    def sweep(self) -> None:
        """Removes what killed workers and drivers left half made. To be called while no worker runs."""


def open_store(where: str | Path) -> Store:
    """The store in a folder, or at a URL that fsspec knows, such as `s3://bucket/batch`.

    Raises `BadInput` for a URL that it doesn't know, and `MissingExtra` where its library isn't installed.
    """
    text = str(where)
    scheme, found, _ = text.partition("://")
    if not found:
        return FolderStore(full_path(text))
    if scheme in ("file", "local"):
        return FolderStore(full_path(unquote(urlsplit(text).path) or "/"))
    try:
        import fsspec  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra(
            f"an output at {scheme}:// needs fsspec; install it with: pip install 'personify[batch]'"
        ) from error
    from personify.pipelines.batch.objects import ObjectStore

    try:
        system, root = fsspec.url_to_fs(text)
    except ImportError as error:
        raise MissingExtra(f"an output at {scheme}:// needs another library: {error}") from error
    except ValueError as error:
        raise BadInput(
            f"no output can be at {scheme}://…: {error}; name a folder, or a URL such as s3://bucket/batch"
        ) from error
    return ObjectStore(system, root.rstrip("/"), text)


class FolderStore:
    """A folder on a disk that this machine sees: bundles appear by a rename, lists grow at their end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = str(folder)

    def __reduce__(self) -> tuple[Any, ...]:
        return open_store, (self.url,)

    def ids(self) -> set[str]:
        """See `Store`."""
        bundles = str(self._folder / FOLDER)
        try:
            with os.scandir(bundles) as entries:
                names = [entry.name for entry in entries if ID.fullmatch(entry.name) and entry.is_dir()]
        except (FileNotFoundError, NotADirectoryError):
            return set()
        return {name for name in names if os.path.isfile(f"{bundles}/{name}/{RECORD}")}  # noqa: PTH113 - 100,000 of them

    def has(self, name: str) -> bool:
        """See `Store`."""
        return (self._bundle(name) / RECORD).is_file()

    @contextlib.contextmanager
    def bundle(self, name: str) -> Iterator[BundleDraft]:
        """See `Store`."""
        target = self._bundle(name)
        finished = False
        try:
            with contextlib.ExitStack() as stack:
                try:
                    draft = stack.enter_context(open_bundle(target))
                except BadInput:
                    if not self.has(name):
                        raise
                    draft = stack.enter_context(dropped(target))
                yield draft
                finished = True
        except PersonifyError:
            if not (finished and self.has(name)):  # else another worker has just been quicker, with the same
                raise

    def record(self, name: str) -> AvatarRecord:
        """See `Store`."""
        return read_record(self._of(name, RECORD), f"the {RECORD} of {name}")

    def picture(self, name: str) -> bytes:
        """See `Store`."""
        return self._of(name, PICTURE)

    def read(self, name: str) -> bytes | None:
        """See `Store`."""
        with disk_errors(self._file(name)), contextlib.suppress(FileNotFoundError):
            return self._file(name).read_bytes()
        return None

    def write(self, name: str, data: bytes) -> None:
        """See `Store`."""
        with draft_file(self._file(name), force=True) as draft:
            draft.write_bytes(data)

    def lines(self, name: str) -> Iterator[bytes]:
        """See `Store`."""
        try:
            with self._file(name).open("rb") as handle:
                for line in handle:
                    yield line.rstrip(b"\n")
        except FileNotFoundError:
            return

    def append(self, name: str, lines: Iterable[bytes]) -> None:
        """See `Store`."""
        file = self._file(name)
        whole = joined(lines)
        if not whole:
            return
        with disk_errors(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a+b", buffering=0) as handle:
                before = handle.seek(0, os.SEEK_END)
                if before:
                    handle.seek(before - 1)
                    whole = whole if handle.read(1) == b"\n" else b"\n" + whole  # a power cut tore the last one
                try:
                    while whole:
                        whole = whole[handle.write(whole) :]
                    os.fsync(handle.fileno())
                except OSError:  # a disk that is nearly full takes half a line, which must not meet the next one
                    with contextlib.suppress(OSError):
                        os.ftruncate(handle.fileno(), before)
                    raise

    def rewrite(self, name: str, lines: Iterable[bytes]) -> None:
        """See `Store`."""
        with draft_file(self._file(name), force=True) as draft, draft.open("wb") as handle:
            handle.writelines(line + b"\n" for line in lines)

    def join(self, name: str) -> None:
        """See `Store`; it is."""

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """See `Store`. The system gives the lock back when its holder dies, however it does."""
        file = self._folder / LOCK
        with disk_errors(file):
            (self._folder / FOLDER).mkdir(parents=True, exist_ok=True)  # else a row that fails takes it from others
            handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if fcntl:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise PersonifyError(
                        f"another batch is writing to {self._folder}; wait until it ends, or choose another --out"
                    ) from None
                except OSError:  # files can't be locked here, as on some network drives
                    pass
            yield
        finally:
            os.close(handle)

    def sweep(self) -> None:
        """See `Store`."""
        for path in _matching(self._folder / FOLDER, _HALF_MADE):
            shutil.rmtree(path, ignore_errors=True)
        for path in (*_matching(self._folder, _HALF_WRITTEN), *_matching(self._folder / "gallery", _HALF_WRITTEN)):
            with contextlib.suppress(OSError):
                path.unlink()

    def _bundle(self, name: str) -> Path:
        return self._folder / FOLDER / checked_id(name)

    def _file(self, name: str) -> Path:
        return self._folder / checked_name(name)

    def _of(self, name: str, file: str) -> bytes:
        path = self._bundle(name) / file
        try:
            return path.read_bytes()
        except OSError as error:
            raise BadInput(f"can't read {path}: {error.strerror}") from error


def _matching(folder: Path, pattern: re.Pattern[str]) -> list[Path]:
    """What lies in a folder, if there is one, under such names."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        return [Path(entry.path) for entry in entries if pattern.fullmatch(entry.name)]
    return []


@contextlib.contextmanager
def dropped(target: Path) -> Iterator[BundleDraft]:
    """A draft as of `target` that nobody keeps."""
    import tempfile

    with (
        tempfile.TemporaryDirectory(prefix="personify-") as scratch,
        draft_folder(Path(scratch) / "made" / target.name, marker=RECORD) as work,
    ):
        yield BundleDraft(target, work)


def joined(lines: Iterable[bytes]) -> bytes:
    """Lines as one piece, each with its end."""
    return b"".join(line + b"\n" for line in lines)


def checked_id(name: str) -> str:
    """The id, which is one: it becomes part of a path."""
    if not ID.fullmatch(name):
        raise BadInput(f"{name[:100]!r} is no id of a row; ids are lower-case letters, digits and hyphens")
    return name


def checked_name(name: str) -> str:
    """The name of a file of the batch, which stays below it."""
    if not _NAME.fullmatch(name) or name.split("/", 1)[0] == FOLDER:
        raise BadInput(f"{name[:100]!r} is no name of a file of a batch")
    return name
