"""Steps of a drawing: who draws in steps says after each how far it is, and whoever listens in this thread hears it.

A picture that can be looked at before it is done is made only if the listener asks for it.

After each step is also where a drawing that nobody wants any more ends.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from personify.voices.stopping import check_stop

Look = Callable[[], np.ndarray]
"""The picture as far as it is, uint8 RGB (h, w, 3), smaller than it will be. It takes a moment to make, and can be
asked for only while its listener is called."""
OnStep = Callable[[float, Look | None], None]
"""Hears of the share of one drawing that is done, 0 to 1, and of the look that can be had of it."""

_listening: ContextVar[OnStep | None] = ContextVar("personify_steps", default=None)


@contextmanager
def hearing(on_step: OnStep) -> Iterator[None]:
    """Within the block, in this thread, `on_step` hears of every step."""
    token = _listening.set(on_step)
    try:
        yield
    finally:
        _listening.reset(token)


def step_done(share: float, look: Look | None = None) -> None:
    """A step was made, with which so much of the drawing is done. Raises `Stopped` where it is no longer wanted."""
    check_stop()
    on_step = _listening.get()
    if on_step is not None:
        on_step(share, look)
