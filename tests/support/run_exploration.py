#!/usr/bin/env python3
"""run_exploration.py PROGRAM: explores every delivery schedule up to some bounds, several at a time.

Each bound with each kind of watcher counts as one test: it is a process of its own, prints the number of its states,
and ends at the first broken promise with the schedule that leads there.

Environment: DANWA_TEST_JOBS: how many at a time; DANWA_TEST_LONG=1: the higher bounds too.
"""

import concurrent.futures
import os
import subprocess
import sys

LONG = os.environ.get("DANWA_TEST_LONG", "0") == "1"
JOBS = int(os.environ.get("DANWA_TEST_JOBS", len(os.sched_getaffinity(0))))
BOUNDS = [(4, 3)] + ([(5, 2)] if LONG else [])  # updates, faults: at most so many
KINDS = ["KeepsEveryPromiseInEverySchedule", "TellsLatestWatchersWhatTheyMissInEverySchedule"]


def run(program, updates, faults, kind):
    """True when every promise was kept; prints what the program says."""
    environment = {**os.environ, "DANWA_TEST_EXPLORATION_UPDATES": str(updates),
                   "DANWA_TEST_EXPLORATION_FAULTS": str(faults)}
    environment.pop("GTEST_OUTPUT", None)
    done = subprocess.run([program, "--gtest_brief=1", f"--gtest_filter=*.{kind}"], env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    said = done.stdout.decode(errors="replace")
    good = done.returncode == 0 and "[  PASSED  ] 1 test." in said and " states at rest" in said
    counted = next((line for line in said.splitlines() if line.endswith(" states at rest")), said)
    print(f"{'ok     ' if good else 'FAILED '} {kind}: {counted if good else said}", flush=True)
    return good


def main(program):
    runs = [(updates, faults, kind) for updates, faults in reversed(BOUNDS) for kind in KINDS]
    with concurrent.futures.ThreadPoolExecutor(max(1, JOBS)) as pool:
        good = list(pool.map(lambda one: run(program, *one), runs))
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed, 0 skipped")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else __doc__)
