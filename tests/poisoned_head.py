"""A talking head as a package adds one, which shows the portrait and nothing else, and does to rows of some seeds what
can go wrong inside of a worker."""

import os
import signal
import time
from itertools import repeat
from pathlib import Path

import numpy as np

from personify.voices.errors import PersonifyError

BUG, CANT, KILLS, HANGS, EXHAUSTS, LEAVES = 90001, 90002, 90003, 90004, 90005, 90006
"""Seeds, by what they do."""
NAME = "poisoned"
STARTS = "POISONED_HEAD_STARTS"
"""In the environment: with "breaks" no worker can start."""


def install(site) -> None:
    """Lays the package down as pip would; `site` must be on the path."""
    info = site / "personify_poisoned-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: personify-poisoned\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[personify.heads]\n{NAME} = poisoned_head:Poisoned\n")


class Poisoned:
    name = NAME
    description = "shows the portrait and nothing else, where nothing goes wrong"

    def __init__(self) -> None:
        if os.environ.get(STARTS) == "breaks":
            raise ValueError("this machine lacks something")

    def prepare(self, portrait):
        return _Still(portrait.image)


class _Still:
    def __init__(self, image) -> None:
        self._image = image

    def animate(self, speech, *, seed, fps=25.0, expression="neutral"):
        if seed == BUG:
            raise ValueError(f"no such thing in {Path.home()}/secret <b>")
        if seed == CANT:
            raise PersonifyError("this face can't be moved; draw another one")
        if seed == KILLS:
            os.kill(os.getpid(), signal.SIGKILL)
        if seed == HANGS:
            time.sleep(3600)
        if seed == EXHAUSTS:
            np.zeros(2**52, np.uint8)
        if seed == LEAVES:
            os._exit(3)
        return repeat(self._image, int(np.ceil(speech.duration_s * fps)))

    def idle(self, seconds, *, seed, fps=25.0, expression="neutral", loop=True):
        return repeat(self._image, int(np.ceil(seconds * fps)))
