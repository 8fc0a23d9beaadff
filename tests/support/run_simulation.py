#!/usr/bin/env python3
"""run_simulation.py PROGRAM: runs the delivery simulation over many seeds, split over the cores.

The seeds are cut into ranges of equal size, and each range counts as one test: it is a process of its own,
ends at the first broken promise, and says which seed broke it.

Environment: DANWA_TEST_SIMULATION_SEEDS, how many (60,000; with --long 400,000); DANWA_TEST_SIMULATION_FIRST,
from which on (1); DANWA_TEST_JOBS: how many at a time.
"""

import concurrent.futures
import os
import subprocess
import sys

RANGES = 12
LONG = os.environ.get("DANWA_TEST_LONG", "0") == "1"
SEEDS = int(os.environ.get("DANWA_TEST_SIMULATION_SEEDS", "400000" if LONG else "60000"))
FIRST = int(os.environ.get("DANWA_TEST_SIMULATION_FIRST", "1"))
JOBS = int(os.environ.get("DANWA_TEST_JOBS", len(os.sched_getaffinity(0))))


def run(program, first, count):
    """True when every promise was kept; prints what the program says when not."""
    environment = {**os.environ, "DANWA_TEST_SIMULATION_FIRST": str(first), "DANWA_TEST_SIMULATION_SEEDS": str(count)}
    environment.pop("GTEST_OUTPUT", None)
    done = subprocess.run([program, "--gtest_brief=1"], env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    said = done.stdout.decode(errors="replace")
    good = done.returncode == 0 and "[  PASSED  ] 1 test." in said
    print(f"{'ok     ' if good else 'FAILED '} seeds {first:,} to {first + count - 1:,}"
          + ("" if good else f": status {done.returncode}\n{said}"), flush=True)
    return good


def main(program):
    size = -(-SEEDS // RANGES)
    starts = range(FIRST, FIRST + RANGES * size, size)
    with concurrent.futures.ThreadPoolExecutor(max(1, JOBS)) as pool:
        good = list(pool.map(lambda first: run(program, first, size), starts))
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed, 0 skipped")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else __doc__)
