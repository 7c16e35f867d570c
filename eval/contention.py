"""What drawing costs while another program draws too: `python -m personify.eval.contention`.

Portraits by the default expert are drawn by one process alone and by two at once, as when two avatars are made at the
same time, or a game runs beside; once as Personify sets its libraries up and once as they are by themselves. Each
process loads everything first and they begin together.
"""

import os
import subprocess
import sys
from statistics import median

from personify.voices.libraries import settle_libraries

PORTRAITS = 4
_BY_THEMSELVES = {"GOMP_SPINCOUNT": "300000"}
"""What libgomp does where nothing is set."""

_DRAW = """
import sys, time
from personify.pipelines import Studio
studio = Studio(llm="builtin")
studio.portrait("a lamp", seed=1)
print("ready", flush=True)
sys.stdin.readline()
for seed in range({count}):
    began = time.perf_counter()
    studio.portrait("a grumpy teapot", seed=seed)
    print(time.perf_counter() - began, flush=True)
"""


def seconds(at_once: int, environment: dict[str, str] | None = None, count: int = PORTRAITS) -> float:
    """The median seconds of a portrait where so many processes draw at once."""
    settle_libraries()
    command = [sys.executable, "-c", _DRAW.format(count=count)]
    running = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | (environment or {})
        )
        for _ in range(at_once)
    ]
    try:
        for process in running:
            assert process.stdout is not None
            process.stdout.readline()
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        took = [float(line) for process in running for line in (process.stdout or ())]
    finally:
        for process in running:
            process.kill()
            process.wait()
    return median(took)


def main() -> None:
    """The command line."""
    for what, environment in (("as Personify sets them", {}), ("as they are by themselves", _BY_THEMSELVES)):
        alone, beside = seconds(1, environment), seconds(2, environment)
        print(f"{what:<26} alone {alone:5.2f} s   two at once {beside:6.2f} s each   {beside / alone:5.1f} x")  # noqa: T201 - an entry point


if __name__ == "__main__":
    main()
