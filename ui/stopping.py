"""Ctrl-C and a polite kill: both raise `KeyboardInterrupt`, and are remembered in case a library swallows it."""

import signal
from types import FrameType

_asked: list[int] = []
"""The numbers of the signals that came."""


def listen() -> None:
    """From here on SIGINT, unless it is ignored, and SIGTERM are requests to stop."""
    _asked.clear()
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)


def heed() -> None:
    """Raises `KeyboardInterrupt` if there was a request: an exception in a callback from C, say, reaches nobody."""
    if _asked:
        raise KeyboardInterrupt


def is_final() -> bool:
    """Whether it was a kill: where Ctrl-C interrupts what is being said, that still ends the program."""
    return signal.SIGTERM in _asked


def settle() -> None:
    """Tells Python that the request is dealt with.

    Where it met an `exec`, such as a dataclass being made, CPython remembers it as unhandled and ends the process by
    SIGINT after all, instead of with the exit code it was given; every further `exec` makes it forget.
    """
    _asked.clear()
    exec("pass")


def _stop(number: int, frame: FrameType | None) -> None:
    _asked.append(number)
    raise KeyboardInterrupt
