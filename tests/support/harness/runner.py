"""Runs the unittest modules of a folder and ends with the counts that tests/run adds up."""

import faulthandler
import logging
import os
import pathlib
import sys
import time
import unittest

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


def run(folder, pattern="*_test.py"):
    """Exit status 0 when all passed; arguments select tests by a part of their name."""
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # its debug mode warns of every slow callback
    suite = unittest.TestSuite()
    wanted = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    loader = unittest.TestLoader()
    sys.path.insert(0, str(folder))
    for path in sorted(pathlib.Path(folder).glob(pattern)):
        for group in loader.loadTestsFromName(path.stem):
            for test in group:
                if not wanted or any(word in test.id() for word in wanted):
                    suite.addTest(test)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Result).run(suite)
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print(f"{result.testsRun - failed - skipped} passed, {failed} failed, {skipped} skipped", flush=True)
    return 0 if failed == 0 and result.testsRun > 0 else 1
