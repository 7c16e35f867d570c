"""A folder that appears whole or not at all; it knows nothing of what goes into it.

Everything is written to a hidden folder beside the target, and one rename makes it the target.
"""

import contextlib
import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from personify.voices.errors import BadInput, NotKept, PersonifyError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

NEEDED_BYTES = 8 * 2**20
"""An avatar takes less than a megabyte, a long clip a few; with less than this left, work isn't begun."""

PATIENCE_S = 30.0
"""How long to wait for another run that is moving its folder in, which takes milliseconds."""

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DISK_GONE = {errno.EIO, errno.ESTALE, errno.EROFS, errno.ENODEV, errno.ENXIO}

Identity = tuple[int, int]


def full_path(path: str | Path) -> Path:
    """The path from the root on, `~` and `~user` written out. Raises `BadInput` for a user who isn't known here."""
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError:
        raise BadInput(f"{str(path)!r} begins with a user who isn't known here; write the path in full") from None


@contextlib.contextmanager
def draft_folder(target: Path, *, marker: str, force: bool = False) -> Iterator[Path]:
    """Yields a temporary folder that becomes `target` when the block ends well and vanishes when it doesn't.

    `marker` is the file that proves that an existing `target` is ours: without it, even `force` replaces nothing.
    With `force` the old folder is moved aside, the new one in, and the old one deleted: a reader never sees half.
    Of two runs with the same target the first to finish wins.

    Raises `BadInput` if `target` exists, `PersonifyError` if it can't be written or another run was quicker.
    """
    before = _identity(target, marker)
    _check_free(target, before, force=force)
    work = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    made: list[Path] = []
    with disk_errors(target):
        try:
            made = _make_parents(target.parent)
            work.mkdir()
            _check_room(work)
            yield work
            for file in work.rglob("*"):
                if file.is_file():
                    _sync(file)
            with _one_at_a_time(target.parent):
                _publish(work, target, before, marker)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            for parent in made:
                with contextlib.suppress(OSError):  # someone else uses it by now
                    parent.rmdir()
            raise


@contextlib.contextmanager
def draft_file(target: Path, *, force: bool = False) -> Iterator[Path]:
    """Yields a temporary path beside `target` that becomes `target` when the block ends well, else vanishes.

    Raises `BadInput` if `target` exists and `force` is off, or is a folder or a device, `PersonifyError` if it can't be
    written.
    """
    work = target.with_name(f".{target.stem}.{secrets.token_hex(4)}.part{target.suffix}")
    with disk_errors(target):
        if target.is_dir():
            raise BadInput(f"{target} is a folder; name a file with --out")
        if target.exists() and not target.is_file():
            raise BadInput(f"{target} is a device or a pipe, which is never replaced; name a file with --out")
        if os.path.lexists(target) and not force:
            raise BadInput(f"{target} exists; choose another --out, or replace it with --force")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _check_room(target.parent)
            yield work
            _sync(work)
            if force:
                work.replace(target)
            else:
                _link_new(work, target)
        finally:
            work.unlink(missing_ok=True)


@contextlib.contextmanager
def disk_errors(target: Path) -> Iterator[None]:
    """Turns the errors of a full, closed or broken disk into a `NotKept` that names `target`; others pass."""
    try:
        yield
    except (OSError, PersonifyError) as error:
        fault = error.__cause__ if isinstance(error, PersonifyError) else error  # who named it named our hidden folder
        if not isinstance(fault, OSError):
            raise
        if fault.errno in _DISK_FULL:
            reason = os.strerror(fault.errno)
            raise NotKept(
                f"no room to write {target} ({reason}); free some or choose another folder with --out"
            ) from error
        path = Path(os.fsdecode(fault.filename)) if fault.filename else None
        if fault.errno in _DISK_GONE or (path and (path.is_relative_to(target.parent) or target.is_relative_to(path))):
            reason = fault.strerror or str(fault)
            raise NotKept(f"can't write {target} ({reason}); choose another folder with --out") from error
        raise


def _identity(folder: Path, marker: str) -> Identity | None:
    """What tells one bundle from the next at the same path: inode numbers alone are used again."""
    try:
        facts = (folder / marker).stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns


def _check_free(target: Path, before: Identity | None, *, force: bool) -> None:
    if not os.path.lexists(target):
        return
    if before is None or target.is_symlink():
        raise BadInput(
            f"{target} exists and is not an avatar, so it is never replaced; choose another folder with --out"
        )
    if not force:
        raise BadInput(f"{target} exists; choose another folder with --out, or replace the avatar with --force")


def _make_parents(folder: Path) -> list[Path]:
    """Makes `folder` and returns those that were missing, innermost first."""
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _check_room(folder: Path) -> None:
    if shutil.disk_usage(folder).free < NEEDED_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Keeps other runs, threads and processes alike, out of `folder`: moving aside and moving in are two renames.

    Where folders can't be locked (Windows, some network drives) the runs aren't kept apart. Raises `PersonifyError`
    if another run, one that was suspended in the middle say, keeps the lock for longer than any renaming takes.
    """
    handle = None
    try:
        if fcntl:
            with contextlib.suppress(OSError):
                handle = os.open(folder, os.O_RDONLY)
        if handle is not None:
            _lock(handle, folder)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise PersonifyError(
                    f"another run has kept {folder} locked for {PATIENCE_S:g} s; end it, or choose another --out"
                ) from None
            time.sleep(0.005)
        except OSError:  # folders can't be locked here
            return
        else:
            return


def _publish(work: Path, target: Path, before: Identity | None, marker: str) -> None:
    if before is None:
        _rename_new(work, target)
        return
    aside = work.with_suffix(".old")
    try:
        with contextlib.suppress(FileNotFoundError):  # a quicker run is between its two renames, or the user deleted it
            target.rename(aside)
        if aside.exists() and _identity(aside, marker) != before:
            raise _beaten(target)
        _rename_new(work, target)
    finally:
        if aside.exists() and not os.path.lexists(target):
            with contextlib.suppress(OSError):  # a third run was quicker
                aside.rename(target)
        if os.path.lexists(target):
            shutil.rmtree(aside, ignore_errors=True)


def _rename_new(work: Path, target: Path) -> None:
    """Renames to a name that must still be free."""
    if os.path.lexists(target):
        raise _beaten(target)
    try:
        work.rename(target)
    except OSError:
        if os.path.lexists(target):  # it came in between; a folder with something in it can't be renamed onto
            raise _beaten(target) from None
        raise


def _link_new(work: Path, target: Path) -> None:
    """Gives a file a second name that must still be free: unlike a rename, a link never overwrites."""
    try:
        target.hardlink_to(work)
    except FileExistsError:
        raise _beaten(target) from None
    except OSError:  # a file system without links, such as FAT
        _rename_new(work, target)


def _beaten(target: Path) -> PersonifyError:
    return PersonifyError(f"another run has just written {target}; it was kept, and nothing of this run was")


def _sync(file: Path) -> None:
    """Puts the bytes on the disk before the rename does, so that a power cut leaves no bundle of empty files."""
    with file.open("rb+") as handle:
        os.fsync(handle.fileno())
