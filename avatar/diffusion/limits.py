"""What a container leaves of its machine: the cores' time and the memory that Linux's control groups (cgroup v2 and v1)
allow this process. Elsewhere, and without a container, there is no limit.

`root` is where `proc` and `sys` lie.
"""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/")


def core_quotas(root: Path = ROOT) -> Iterator[float]:
    """How many cores' time each group that this process is in may take, where that is limited."""
    for group in _groups(root, "cpu"):
        told = _words(group / "cpu.max") or [
            *_words(group / "cpu.cfs_quota_us"),
            *_words(group / "cpu.cfs_period_us"),
        ]
        if len(told) == 2 and all(word.isdecimal() for word in told) and int(told[1]):
            yield int(told[0]) / int(told[1])


def memory_left_bytes(root: Path = ROOT) -> Iterator[int]:
    """How much more memory each of those groups may take, where that is limited; files that it has read lately and that
    the system would drop for it count as free."""
    for group in _groups(root, "memory"):
        for most, used, dropped in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            told = [*_words(group / most), *_words(group / used)]
            if len(told) == 2 and all(word.isdecimal() for word in told):
                stat = _words(group / "memory.stat")
                spare = dict(zip(stat[::2], stat[1::2], strict=False)).get(dropped, "0")
                yield max(0, int(told[0]) - int(told[1]) + (int(spare) if spare.isdecimal() else 0))


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """The folder of each group that this process is in, the innermost first, that a controller is of. In a container
    those above it may not be seen, or the mount begins with its own."""
    for line in _words(root / "proc/self/cgroup", "\n"):
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers and controller not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / (controller if controllers else "")
        inner = top / path.strip("/")
        for group in (inner, *inner.parents):
            yield group
            if group == top:
                break


def _words(file: Path, between: str | None = None) -> list[str]:
    """The words of a small file, or its lines; none where it can't be read."""
    try:
        return file.read_text().strip().split(between)
    except (OSError, ValueError):
        return []
