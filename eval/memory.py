"""How much memory this process has held."""

import sys
from pathlib import Path


def peak_bytes() -> int:
    """The most memory that this process held at once so far.

    On Linux it is counted from the program's own start; `ru_maxrss`, which stands in on other Unixes, begins there at
    what the parent held. Windows has no `resource`; there it is the peak of the working set.
    """
    status = Path("/proc/self/status")
    if status.exists():
        _, found, rest = status.read_text().partition("VmHWM:")
        if found:
            return int(rest.split()[0]) * 2**10
    try:
        import resource
    except ImportError:
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 2**10  # bytes on macOS, KiB elsewhere
