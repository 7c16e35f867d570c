"""A Ray cluster of two nodes on this machine: each has a raylet, an object store and workers of its own."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import psutil


class TwoNodes:
    """`address` joins it. `workers()` are the actors of a batch that live now, of either node; `lose_node()` kills the
    second node with all that runs on it, `second_node()` gives it another one."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self._cluster: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        self._second: Any = None
        self.second_node()

    @property
    def address(self) -> str:
        return self._cluster.address

    def second_node(self) -> None:
        if self._second is None:
            self._second = self._cluster.add_node(num_cpus=1)

    def lose_node(self) -> None:
        self._cluster.remove_node(self._second, allow_graceful=False)
        self._second = None

    def workers(self) -> list[psutil.Process]:
        return batch_actors(psutil.Process())

    def close(self) -> None:
        self._cluster.shutdown()


def batch_actors(process: psutil.Process) -> list[psutil.Process]:
    """The actors of Ray Data below a process: what they are called says what they do."""
    found = []
    for child in process.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if child.cmdline()[:1] and child.cmdline()[0].startswith("ray::MapWorker"):
                found.append(child)
    return found


@contextlib.contextmanager
def two_nodes() -> Iterator[TwoNodes]:
    """The nodes inherit the environment as it is now."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    nodes = TwoNodes()
    try:
        yield nodes
    finally:
        nodes.close()
