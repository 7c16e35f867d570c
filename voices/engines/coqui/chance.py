"""Chance for Coqui's models: they draw from torch's global numbers, which are lent here and given back as they were.

One model speaks at a time, because those numbers are one for the whole process; each already uses every core.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from personify.voices.stopping import holding

_one_speaker = threading.RLock()


@contextmanager
def chance(seed: int) -> Iterator[None]:
    """Inside, torch's random numbers follow from `seed` alone; outside, nothing of that is seen afterwards."""
    import torch

    with holding(_one_speaker), torch.random.fork_rng():
        torch.manual_seed(seed)
        yield
