"""What every test stands on: a home of its own, and one warm studio for those that need a whole avatar."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from personify.voices.libraries import settle_libraries

settings.register_profile("patient", deadline=None)  # a busy machine is not a fault
settings.load_profile("patient")

TEAPOT = "a grumpy teapot who loves astronomy"


def pytest_configure() -> None:
    """What tests start must hear Ctrl-C, also where the tests themselves run in the background of a script, whose shell
    has them ignore it. Libraries are told how to behave as the product tells them, before any is loaded: tests that run
    beside one another would else wait for one another's spinning threads."""
    settle_libraries()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in _own_settings():  # no test, nor what they share, asks the developer's own language model
        del os.environ[name]


def _own_settings() -> list[str]:
    """Whatever of Personify's settings is in the environment: its memory, user, language model, prices, ..."""
    return [name for name in os.environ if name.startswith("PERSONIFY_")]


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """No test reads or writes the user's home, caches or settings."""
    home = tmp_path_factory.mktemp("home")
    for name in (
        "HOME",
        "USERPROFILE",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "APPDATA",
        "LOCALAPPDATA",
    ):
        monkeypatch.setenv(name, str(home))
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", *_own_settings()):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server():
    """A language model on this machine; see `llm_server.py`. Tests of other servers have a `server` of their own."""
    from llm_server import LlmServer

    llm = LlmServer()
    yield llm
    llm.close()


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests of a process; see `browser.py`. Each test opens a context or page of its own."""
    from browser import chromium

    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def studio():
    from personify.pipelines import Studio

    return Studio()


@pytest.fixture(scope="session")
def teapot(studio, tmp_path_factory, usual_threads):
    """An avatar on disk, as a fresh process makes it; tests read it and never change it."""
    with threads(usual_threads):
        return studio.create(TEAPOT, seed=7, out=tmp_path_factory.mktemp("avatars"))


@pytest.fixture(scope="session", autouse=True)
def usual_threads():
    """How many threads torch takes by itself, learnt before any test changes that."""
    import torch

    return torch.get_num_threads()


@pytest.fixture(scope="module", autouse=True)
def own_threads(usual_threads):
    """Pictures depend on the number of threads, and training sets it; no module leaves its own to the next."""
    with threads(usual_threads):
        yield


@pytest.fixture(scope="module")
def one_thread(own_threads):
    """Several test processes with a thread for each core wait for each other most of the time; what tiny models draw
    needs no more than one."""
    with threads(1):
        yield


@contextlib.contextmanager
def threads(count: int) -> Iterator[None]:
    """So many threads for torch, and afterwards as many as before."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@pytest.fixture
def left_in():
    """What lies in a folder, hidden files included."""

    def names(folder: Path) -> list[str]:
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    return names
