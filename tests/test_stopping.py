"""A request to stop is heard even where a library swallows it, and ends the process with the code it is given."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest

from personify.ui import stopping


@pytest.fixture
def listening():
    usual = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    stopping.listen()
    yield
    for number, handler in usual.items():
        signal.signal(number, handler)


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_a_library_swallows_is_heard_later(listening, number):
    stopping.heed()
    with contextlib.suppress(BaseException):
        signal.raise_signal(number)  # to this thread, whichever others there are
    with pytest.raises(KeyboardInterrupt):
        stopping.heed()
    stopping.settle()
    stopping.heed()


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_an_interrupted_exec_ends_with_the_code_of_a_stop(tmp_path):
    script = """
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
import rich.console, rich.progress, rich.table  # or their import would run an exec of its own
from personify.ui.cli import main
import personify.pipelines.services as services
services.Services.write = lambda *a, **k: exec("import os, signal; os.kill(os.getpid(), signal.SIGINT)")
import sys
sys.argv = ["personify", "create", "an owl", "--out", sys.argv[1]]
main()
"""
    (tmp_path / "interrupted.py").write_text(script, encoding="utf-8")  # run as a module, as the command is
    command = [sys.executable, "-m", "interrupted", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (130, "personify: stopped; nothing was kept\n")
