"""`python -m personify.eval.lipsync [CLIPS]`: the benchmark's table; `personify bench lipsync` has the options."""

import sys

from personify.eval.lipsync.bench import rows, run

for row in rows(run(int(sys.argv[1]) if len(sys.argv) > 1 else 40, 7)[1]):
    print("{:50} {:>10}  {:9} {}".format(*row))  # noqa: T201 - an entry point
