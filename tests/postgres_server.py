"""A PostgreSQL of the tests' own on this machine: made in a temporary folder, reached through a Unix socket, and gone
with the tests. It doesn't run as root; there it is started as another user.
"""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import pytest

_PATIENCE_S = 30.0
_SAFE = ("-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
         "-c", "max_connections=40", "-c", "shared_buffers=16MB", "-c", "autovacuum=off")  # fmt: skip


def programs() -> Path | None:
    """The folder with initdb and postgres: on the PATH, else the newest of Debian's; None where there is none."""
    on_path = [Path(found).parent for name in ("initdb", "postgres") if (found := shutil.which(name))]
    if len(on_path) == 2:
        return on_path[0]
    packaged = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").is_file()]
    return max(packaged, key=lambda folder: float(folder.parent.name), default=None)


def another_user() -> str | None:
    """Whom root starts it as; None for others, who start it themselves."""
    if os.geteuid() != 0:
        return None
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


class PostgresServer:
    """Runs until `close`; `new_database` makes an empty one and gives its URL. Raises `RuntimeError` where it can't."""

    def __init__(self, bin_folder: Path) -> None:
        self.bin = bin_folder
        self.user = another_user()
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path is 107 bytes at most
        self.data = self.folder / "data"
        self.count = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.log = self.folder / "log.txt"
        self.log.touch()
        if self.user:
            for path in (self.folder, self.log):
                shutil.chown(path, self.user)
        self.password = self.folder / "password"
        self.password.write_text("s3cret-pass")
        self.password.chmod(0o644)
        try:
            self._run("initdb", "-D", self.data, "-U", "personify", "-E", "UTF8", "--locale=C", "--no-sync",
                      "--auth=scram-sha-256", f"--pwfile={self.password}")  # fmt: skip
            self._start()
        except BaseException:
            self.close()
            raise

    def url(self, database: str = "postgres", password: str = "s3cret-pass") -> str:
        return f"postgresql://personify:{password}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        import psycopg

        self.count += 1
        name = f"memory_{self.count}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def close(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: object) -> None:
        done = subprocess.run(
            [str(self.bin / program), *map(str, words)], user=self.user, cwd="/", env=self._environment(),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {(done.stderr or done.stdout)[-500:]}")

    def _start(self) -> None:
        import psycopg

        words = [str(self.bin / "postgres"), "-D", str(self.data), "-k", str(self.folder), *_SAFE]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                words,
                user=self.user,
                cwd="/",
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if self.process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"postgres doesn't start: {error}\n{self.log.read_text()[-500:]}") from error
                time.sleep(0.05)
            else:
                return

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.bin}:{os.environ.get('PATH', '')}",
            "LC_ALL": "C",
            "TZ": "UTC",
            "HOME": str(self.folder),
        }


@cache
def shared() -> PostgresServer:
    """The one server of this test process, started when it is first wanted; skips the test where there is none."""
    found = programs()
    if found is None:
        pytest.skip("no PostgreSQL here: initdb is neither on the PATH nor in /usr/lib/postgresql")
    if os.name != "posix" or (os.geteuid() == 0 and another_user() is None):
        pytest.skip("PostgreSQL doesn't run as root, and there is no user postgres or nobody to start it as")
    server = PostgresServer(found)
    atexit.register(server.close)
    return server


def new_memory(kind: str, folder: Path) -> str:
    """The address of a memory that isn't there yet: a file in the folder, or an empty database."""
    return str(folder / "memory.db") if kind == "sqlite" else shared().new_database()
