"""Runs the unittest modules of a folder and ends with the counts that tests/run adds up.

A class with `mostly_waits = True` spends its time asleep; all of these run, one after another, in a process of their
own beside the others."""

import faulthandler
import logging
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

WAITING = "DANWA_TEST_WAITING"  # set: this is the process of the tests that mostly wait
LIMIT_SECONDS = 3600 if os.environ.get("DANWA_TEST_LONG", "0") == "1" else 420  # of one test, which hangs then


class Result(unittest.TextTestResult):
    def startTest(self, test):
        super().startTest(test)
        self.started_at = time.monotonic()
        faulthandler.dump_traceback_later(LIMIT_SECONDS, exit=True)

    def stopTest(self, test):
        faulthandler.cancel_dump_traceback_later()
        super().stopTest(test)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.stream.writeln(f"  ({time.monotonic() - self.started_at:.1f} s)")


def find(folder, pattern):
    """The tests that the arguments select by a part of their name: those that work, those that mostly wait."""
    wanted = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    loader = unittest.TestLoader()
    sys.path.insert(0, str(folder))
    suites = unittest.TestSuite(), unittest.TestSuite()
    for path in sorted(pathlib.Path(folder).glob(pattern)):
        for group in loader.loadTestsFromName(path.stem):
            for test in group:
                if not wanted or any(word in test.id() for word in wanted):
                    suites[getattr(test, "mostly_waits", False)].addTest(test)
    return suites


def counts_of(suite):
    """Runs it. Passed, failed, skipped."""
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Result).run(suite)
    failed = len(result.failures) + len(result.errors)
    return result.testsRun - failed - len(result.skipped), failed, len(result.skipped)


def counts_in(output, tests):
    """What the process of the waiting tests counted; without its last line it hung or died."""
    found = re.findall(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", output, re.MULTILINE)
    return tuple(map(int, found[-1])) if found else (0, tests, 0)


def run(folder, pattern="*_test.py"):
    """Exit status 0 when all passed."""
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # its debug mode warns of every slow callback
    working, waiting = find(folder, pattern)
    if WAITING in os.environ:
        counts = counts_of(waiting)
    elif not waiting.countTestCases() or not working.countTestCases():
        counts = counts_of(working if working.countTestCases() else waiting)
    else:
        with tempfile.TemporaryFile("w+") as output:
            beside = subprocess.Popen([sys.executable, *sys.argv], stdout=output, stderr=subprocess.STDOUT,
                                      env={**os.environ, WAITING: "1"})
            counts = counts_of(working)
            beside.wait()
            output.seek(0)
            text = output.read()
        print(f"\nbeside these, what mostly waits:\n{text}")
        counts = tuple(map(sum, zip(counts, counts_in(text, waiting.countTestCases()))))
    passed, failed, skipped = counts
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 0 if failed == 0 and sum(counts) > 0 else 1
