"""This process's own temporary folder, and the removal of those that killed processes left behind."""

import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PREFIX = "personify-ui-"
_LOCK = "lock"


class Scratch:
    """A folder that only this user can read. Its lock is held while the process lives, so another one can tell."""

    def __init__(self) -> None:
        sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock: Any = (self.folder / _LOCK).open("w")
        self._lock.write(str(os.getpid()))
        self._lock.flush()
        if fcntl:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._closing = threading.Lock()

    def make(self, name: str) -> Path:
        """A folder of that name in it."""
        path = self.folder / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    def close(self) -> None:
        """Removes it with all that is in it. Once."""
        with self._closing:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._lock.close()


def sweep() -> list[Path]:
    """Removes what processes left that were killed; returns those folders. Those of running ones and of other users
    stay."""
    gone = []
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if not folder.is_symlink() and _is_mine(folder) and _is_left(folder / _LOCK):
            shutil.rmtree(folder, ignore_errors=True)
            gone.append(folder)
    return gone


def _is_mine(folder: Path) -> bool:
    try:
        return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
    except OSError:
        return False


def _is_left(lock: Path) -> bool:
    """Whether the process whose lock it is has ended. Without a lock it may just be beginning."""
    try:
        with lock.open("r+") as held:
            if fcntl:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return bool(held.read())
            import psutil

            return not psutil.pid_exists(int(held.read()))
    except (OSError, ValueError):
        return False
