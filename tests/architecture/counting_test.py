"""The counts of tests/run are right, also when something fails."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
REPORT = """<?xml version="1.0"?><testsuites><testsuite>
<testcase name="Good" status="run" result="completed" classname="Some"/>
<testcase name="Bad" status="run" result="completed" classname="Some"><failure message="x"/></testcase>
<testcase name="Left" status="run" result="skipped" classname="Some"><skipped message="no root"/></testcase>
</testsuite></testsuites>
"""
GOOD = REPORT.replace("<failure message=\"x\"/>", "")


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


class Counting(unittest.TestCase):
    def count(self, *reports):
        with tempfile.TemporaryDirectory() as folder:
            for number, report in enumerate(reports):
                (pathlib.Path(folder) / f"{number}.xml").write_text(report)
            return run([ROOT / "tests/support/count_gtest.py", folder])

    def test_failed_and_skipped_are_told_apart(self):
        counted = self.count(REPORT, GOOD)
        self.assertEqual(counted.stdout.splitlines()[-1], "3 passed, 1 failed, 2 skipped")
        self.assertEqual(counted.returncode, 1)
        self.assertIn("failed: Some.Bad", counted.stdout)

    def test_nothing_failed_is_success(self):
        self.assertEqual(self.count(GOOD).returncode, 0)


class Runner(unittest.TestCase):
    """The Python tests that mostly wait run in a process of their own, and count all the same."""

    MODULE = """
import os, unittest
class Works(unittest.TestCase):
    def test_beside(self):
        {work}
class Sleeps(unittest.TestCase):
    mostly_waits = True
    def test_sleep(self):
        {sleep}
"""

    def ends(self, work="pass", sleep="pass", wanted=""):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "some_test.py").write_text(self.MODULE.format(work=work, sleep=sleep))
            script = pathlib.Path(folder) / "run.py"
            script.write_text(f"import sys; sys.path.insert(0, {str(ROOT / 'tests/support')!r})\n"
                              f"from harness import runner; sys.exit(runner.run({folder!r}))\n")
            done = run(["python3", str(script), *wanted.split()])
            return done.stdout.splitlines()[-1], done.returncode

    def test_both_are_counted(self):
        self.assertEqual(self.ends(), ("2 passed, 0 failed, 0 skipped", 0))
        self.assertEqual(self.ends(sleep="self.fail()"), ("1 passed, 1 failed, 0 skipped", 1))
        self.assertEqual(self.ends(work="self.fail()", sleep="self.skipTest('no root')"),
                         ("0 passed, 1 failed, 1 skipped", 1))

    def test_each_is_found_alone(self):
        for wanted in ("Works", "Sleeps"):
            self.assertEqual(self.ends(wanted=wanted), ("1 passed, 0 failed, 0 skipped", 0))
        self.assertEqual(self.ends(wanted="Nothing"), ("0 passed, 0 failed, 0 skipped", 1))

    def test_a_process_that_dies_has_failed(self):
        self.assertEqual(self.ends(sleep="os._exit(0)"), ("1 passed, 1 failed, 0 skipped", 1))


class Stages(unittest.TestCase):
    """tests/run over forged stages in a tree of its own."""

    def run_stages(self, stages, environment=None, arguments=()):
        with tempfile.TemporaryDirectory() as folder:
            tree = pathlib.Path(folder)
            for path, text in {"config/install-packages": "exit 0", **stages}.items():
                file = tree / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(f"#!/usr/bin/env bash\n{text}\n")
                file.chmod(0o755)
            (tree / "tests/run").write_bytes((ROOT / "tests/run").read_bytes())
            clean = {"PATH": "/usr/bin:/bin", **(environment or {})}
            return run(["bash", str(tree / "tests/run"), *arguments], env=clean)

    def assert_ends(self, done, line, status):
        self.assertEqual((done.stdout.splitlines()[-1], done.returncode), (line, status), done.stdout)

    def test_counts_are_summed_over_stages(self):
        done = self.run_stages({"tests/stages/10-a": "echo '2 passed, 0 failed, 1 skipped'",
                                "tests/stages/20-b": "echo '3 passed, 0 failed, 0 skipped'"})
        self.assert_ends(done, "5 passed, 0 failed, 1 skipped", 0)

    def test_a_stage_that_dies_without_counts_has_failed(self):
        done = self.run_stages({"tests/stages/10-a": "exit 3",
                                "tests/stages/20-b": "echo '3 passed, 0 failed, 0 skipped'"})
        self.assert_ends(done, "3 passed, 1 failed, 0 skipped", 1)

    def test_a_stage_that_fails_beside_its_counts_has_failed(self):
        done = self.run_stages({"tests/stages/10-a": "echo '3 passed, 0 failed, 0 skipped'; exit 1"})
        self.assert_ends(done, "3 passed, 1 failed, 0 skipped", 1)

    def test_a_broken_build_ends_the_run(self):
        done = self.run_stages({"tests/stages/10-build": "exit 1",
                                "tests/stages/20-b": "echo '3 passed, 0 failed, 0 skipped'"})
        self.assert_ends(done, "0 passed, 1 failed, 0 skipped", 1)

    def test_skips_fail_in_ci(self):
        done = self.run_stages({"tests/stages/10-a": "echo '2 passed, 0 failed, 1 skipped'"}, {"CI": "true"})
        self.assert_ends(done, "2 passed, 1 failed, 0 skipped", 1)

    def test_named_stages_run_alone(self):
        done = self.run_stages({"tests/stages/10-a": "echo '2 passed, 0 failed, 0 skipped'",
                                "tests/stages/20-b": "exit 1"}, arguments=["a"])
        self.assert_ends(done, "2 passed, 0 failed, 0 skipped", 0)


if __name__ == "__main__":
    unittest.main()
