"""The web app as a process of its own, as users run it, with a folder for everything that it writes."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from personify.voices.errors import PersonifyError

_STARTS_S, _ENDS_S = 240.0, 20.0


class AppProcess:
    """`with AppProcess() as app: app.url`; `shelf` is its shelf, `scratch` what it takes for the temporary folder.

    It belongs to nobody else: it listens on this machine alone, at a port that is free, and remembers nothing. It has
    loaded what the first visitor needs, unless not to be `warm`. `options` are those of `personify ui` besides.
    """

    def __init__(self, *options: str, warm: bool = True) -> None:
        self._options, self._warm = options, warm
        self._home = tempfile.TemporaryDirectory(prefix="personify-bench-")
        home = Path(self._home.name)
        self.shelf, self.scratch = home / "shelf", home / "tmp"
        self.scratch.mkdir()
        self.shelf.mkdir()

    def __enter__(self) -> Self:
        home = Path(self._home.name)
        command = [sys.executable, "-m", "personify.ui.cli", "ui", "--port", "0", "--json", "--no-memory", "--shared"]
        command += ["--shelf", str(self.shelf), *self._options]
        config = home / "personify.toml"
        config.write_text(f"[web]\nwarm = {str(self._warm).lower()}\n", encoding="utf-8")
        own = {"TMPDIR": str(self.scratch), "PERSONIFY_CONFIG": str(config), "PERSONIFY_LLM": "builtin"}
        with (home / "log").open("w") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=os.environ | own)
        self.pid = self._process.pid
        try:
            self._address()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._home.cleanup()

    @property
    def log(self) -> str:
        """What it said on standard error."""
        return (Path(self._home.name) / "log").read_text(encoding="utf-8", errors="replace")

    @property
    def memory_mb(self) -> float:
        """What it holds now."""
        import psutil

        return float(psutil.Process(self.pid).memory_info().rss) / 1e6

    def health(self) -> dict[str, Any]:
        """What `/health` says."""
        with urllib.request.urlopen(f"{self.url}/health", timeout=30) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found

    def leave_alone(self, seconds: float) -> None:
        """Waits until nobody is there any more. Raises `PersonifyError` where somebody stays."""
        until = time.monotonic() + seconds
        while self.health()["sessions"]:
            if time.monotonic() > until:
                raise PersonifyError(f"{self.health()['sessions']} sessions are still open after {seconds:g} s")
            time.sleep(0.2)

    def left_files(self) -> list[str]:
        """Temporary files that lie there, but for the lock of the process itself."""
        files = (path for path in self.scratch.rglob("*") if path.is_file() and path.name != "lock")
        return sorted(str(path.relative_to(self.scratch)) for path in files)

    def stop(self) -> float:
        """Ends it as Ctrl-C does; returns how long that took, in seconds."""
        began_s = time.monotonic()
        self._process.send_signal(signal.SIGINT)
        self._process.wait(_ENDS_S)
        return time.monotonic() - began_s

    def _address(self) -> None:
        """Told by the first line, once it is ready."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise PersonifyError(f"the web app did not start: {self.log[-800:]}")
        self.url = str(json.loads(line)["url"])
        until = time.monotonic() + _STARTS_S
        while not self._ready():
            if time.monotonic() > until:
                raise PersonifyError(f"the web app was not ready after {_STARTS_S:g} s: {self.log[-800:]}")
            time.sleep(0.1)

    def _ready(self) -> bool:
        try:
            told = self.health()
        except (urllib.error.URLError, TimeoutError):
            return False
        return told["status"] == "ok" and (bool(told["warm"]) or not self._warm)

    def _end(self) -> None:
        if self._process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
