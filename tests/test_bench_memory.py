"""A process's peak memory is its own, whatever its parent holds."""

import subprocess
import sys

import pytest

BEGIN = "from personify.eval.memory import peak_bytes; before = peak_bytes()"
HELD_BYTES = 300 * 2**20


def told(program):
    return int(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)


def test_the_peak_is_kept_of_what_was_held():
    program = f"{BEGIN}; held = bytearray(b'x') * {HELD_BYTES}; del held; print(peak_bytes() - before)"
    assert HELD_BYTES - 2**20 <= told(program) < 1.2 * HELD_BYTES


@pytest.mark.skipif(sys.platform not in {"linux", "win32"}, reason="ru_maxrss stands in")
def test_a_fresh_process_does_not_begin_at_what_its_parent_holds():
    held = bytearray(b"x") * HELD_BYTES
    assert told(f"{BEGIN}; print(before)") < HELD_BYTES / 2 < len(held)
