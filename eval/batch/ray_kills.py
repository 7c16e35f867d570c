"""Whether a batch on Ray survives: `python -m personify.eval.batch.ray_kills [--kills 20] [--rows 12] [--json]`.

A cluster of two nodes runs on this machine, and a batch on it by the command line, while its driver, one of its actors
or a whole node is ended by SIGKILL at random moments. A driver is started again, and a node gets a successor. A batch
that is finished is followed by another one, until there were so many kills; what is looked at afterwards, see `kills`.
"""

import argparse
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from personify.eval.batch.kills import SEED, Torment, check, conclude, environment, wait, write_rows
from personify.pipelines.batch.ray_cluster import need_ray

LONGEST_S = 20.0
"""A kill comes within so many seconds after the one before, once there are actors."""
RUN_LIMIT_S = 1800.0
"""A batch of some rows takes a minute or two; Ray needs half a minute to see that a node is gone."""


class Nodes:
    """The head, which the driver is on, and another node that may die."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self._cluster: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        self._second = self._cluster.add_node(num_cpus=1)
        self.address: str = self._cluster.address

    def lose_one(self) -> None:
        """Kills the second node with all that runs on it, and starts another one."""
        self._cluster.remove_node(self._second, allow_graceful=False)
        self._second = self._cluster.add_node(num_cpus=1)

    def close(self) -> None:
        """Ends both."""
        self._cluster.shutdown()


def torment(folder: Path, nodes: Nodes, *, kills: int, rows: int, rng: random.Random) -> Torment:
    """Kills so many times, in as many batches of so many rows as that takes, and looks at each afterwards.

    Raises `RuntimeError` where a batch ends by itself in another way than it should, or doesn't end.
    """
    told = Torment()
    file = folder / "rows.csv"
    write_rows(file, rows, "sketch")
    while sum(told.kills.values()) < kills or not told.batches:
        out = folder / f"batch-{told.batches}"
        command = [
            sys.executable, "-m", "personify.ui.cli", "batch", str(file), "--out", str(out), "--seed", str(SEED),
            "--engine", "ray", "--address", nodes.address, "--workers", "2", "--llm", "builtin", "--json",
        ]  # fmt: skip
        until = time.monotonic() + RUN_LIMIT_S
        while not _run(command, told, nodes, kills, rng, until):
            pass
        told.batches += 1
        told.rows += rows
        check(file, out, told)
    return told


def _run(command: list[str], told: Torment, nodes: Nodes, kills: int, rng: random.Random, until: float) -> bool:
    """Starts the command, and kills now and then; whether it came to its end."""
    with tempfile.TemporaryFile("w+") as err:
        driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=err, env=environment())
        try:
            while sum(told.kills.values()) < kills and driver.poll() is None:
                if time.monotonic() > until:
                    raise RuntimeError("the batch doesn't end")
                if not _actors():
                    wait(driver, 0.5)
                    continue
                wait(driver, rng.uniform(0, LONGEST_S))
                if driver.poll() is None and _kill(driver, told, nodes, rng):
                    driver.wait()
                    return False
            code = driver.wait(max(1.0, until - time.monotonic()))
        finally:
            driver.kill()
            driver.wait()
        err.seek(0)
        said = err.read()[-2000:].strip()
        if code not in (0, 1) or "personify: " in said or "Traceback" in said:
            raise RuntimeError(f"the batch ended with {code}: {said}")
    return True


def _kill(driver: "subprocess.Popen[bytes]", told: Torment, nodes: Nodes, rng: random.Random) -> bool:
    """Kills somebody; whether it was the driver."""
    import psutil

    whom = rng.choice(("driver", "actor", "actor", "node"))
    if whom == "driver":
        driver.kill()
    elif whom == "node":
        nodes.lose_one()
    else:
        actors = _actors()
        if not actors:
            return False
        with contextlib.suppress(psutil.Error):
            rng.choice(actors).kill()
    told.kills[whom] += 1
    return whom == "driver"


def _actors() -> "list[Any]":
    """The actors of batches on the nodes, which are children of this process."""
    import psutil

    found = []
    for child in psutil.Process(os.getpid()).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "".join(child.cmdline()[:1]).startswith("ray::MapWorker"):
                found.append(child)
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=12, help="of each batch")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and victims")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    need_ray()
    nodes = Nodes()
    try:
        with tempfile.TemporaryDirectory(prefix="personify-ray-kills-") as folder:
            told = torment(Path(folder), nodes, kills=asked.kills, rows=asked.rows, rng=random.Random(asked.seed))
    finally:
        nodes.close()
    victims = {f"kills of the {whom}": whom for whom in ("actor", "node", "driver")}
    conclude(told, victims, asked.kills, as_json_too=asked.json)


if __name__ == "__main__":
    main()
