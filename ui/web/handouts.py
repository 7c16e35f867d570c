"""Files that the API hands out: each at a path that nobody can guess, gone with the session that they belong to."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradio.data_classes import FileData

from personify.ui.web.sessions import Session

MOST = 32
"""So many of one session are kept; the oldest goes first."""


def place(session: Session, name: str) -> Path:
    """Where a file of that name may be written to be handed out."""
    places = session.folder / "handed-out"
    places.mkdir(exist_ok=True)
    for old in sorted(places.iterdir(), key=lambda path: path.stat().st_mtime)[: 1 - MOST]:
        shutil.rmtree(old, ignore_errors=True)
    folder = places / secrets.token_urlsafe(16)
    folder.mkdir()
    return folder / name


def copied(session: Session, path: Path) -> FileData:
    """A copy of a file, handed out."""
    return file(Path(shutil.copyfile(path, place(session, path.name))))


def file(path: Path) -> FileData:
    """A file at its `place`, as Gradio hands it out."""
    return FileData(path=str(path), orig_name=path.name, size=path.stat().st_size)


@contextmanager
def workplace(session: Session) -> Iterator[Path]:
    """A folder for something in the making; nothing of it is left."""
    folder = session.folder / "making" / secrets.token_hex(8)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
