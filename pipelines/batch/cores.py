"""How many workers a machine bears, and how each keeps to its own share of the cores.

Libraries read how many threads to start as they are loaded, so the environment has to say it before; what can still be
told afterwards is told then.
"""

import sys
from pathlib import Path

from personify.avatar.diffusion.device import usable_cores
from personify.avatar.diffusion.limits import ROOT, memory_left_bytes

WORKER_BYTES = 1_200_000_000
"""What a worker takes with the embedded experts at its peak, four portraits at once, and something to spare:
`python -m personify.eval.batch.memory` measures it."""

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)


def default_workers(root: Path = ROOT) -> int:
    """A worker for each core, as far as the free memory goes, of the machine and of the container; at least one.
    `root`: see `avatar.diffusion.limits`."""
    import psutil

    free = min([psutil.virtual_memory().available, *memory_left_bytes(root)])
    return max(1, min(usable_cores(root), int(free // WORKER_BYTES)))


def thread_environment(threads: int) -> dict[str, str]:
    """What a process must find in its environment so that libraries start no more than so many threads each."""
    return {name: str(threads) for name in _THREADS} | {"MALLOC_ARENA_MAX": "2"}


def hold_threads(threads: int) -> None:
    """Keeps this process to so many threads, where its libraries don't read the environment, or have read it before."""
    import cv2

    cv2.setNumThreads(threads)
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(threads)
