"""What it costs to let a bundle's files say how they were made, and to sign them: processor time and bytes.

    python -m personify.eval.stamping AVATAR [--runs 20]

Signing is measured where a certificate is configured (docs/provenance.md).
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from personify.pipelines.provenance import What

PARTS: "dict[str, What]" = {"portrait": "portrait", "greeting": "speech", "clip": "clip"}


def measure(avatar: Path, runs: int) -> list[tuple[str, float, int]]:
    """(what, median milliseconds of processor time, bytes more than without any tags) of each file, and of signing."""
    from personify.pipelines.bundle import open_avatar
    from personify.pipelines.containers import container_of
    from personify.pipelines.credentials import find_credentials
    from personify.pipelines.provenance import of, tags_of
    from personify.voices.tags import Tags

    opened, credentials = open_avatar(avatar), find_credentials()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for what, kind in PARTS.items():
            said = of(opened.record, kind)
            path = Path(shutil.copy(opened.files[what], folder))
            write = container_of(path).write_tags
            write(path, Tags("", "", "", "", ""))
            bare = path.stat().st_size
            taken = [_timed(partial(write, path, tags_of(said))) for _ in range(runs)]
            tagged = path.stat().st_size
            rows.append((f"tags of {path.name}", statistics.median(taken), tagged - bare))
            if credentials is not None:
                taken = []
                for _ in range(runs):
                    write(path, tags_of(said))
                    taken.append(_timed(partial(credentials.sign, path, said)))
                rows.append((f"signing {path.name}", statistics.median(taken), path.stat().st_size - tagged))
    return rows


def _timed(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return 1000 * (time.process_time() - begun)


def main(argv: list[str] | None = None) -> None:
    """Prints a line for each."""
    parser = argparse.ArgumentParser(prog="python -m personify.eval.stamping", description=__doc__)
    parser.add_argument("avatar", type=Path)
    parser.add_argument("--runs", type=int, default=20)
    told = parser.parse_args(argv)
    for what, milliseconds, size in measure(told.avatar, told.runs):
        sys.stdout.write(f"{what}: {milliseconds:.1f} ms, {size:+,} bytes\n")


if __name__ == "__main__":
    main()
