"""The counts of tests/run are right, also when something fails."""

import os
import pathlib
import subprocess
import tempfile
import time
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

    def test_a_whole_run_builds_ahead_and_ends_that_with_itself(self):
        with tempfile.TemporaryDirectory() as folder:
            pid = pathlib.Path(folder) / "pid"
            stages = {"tests/support/build_ahead": f"echo $$ > {pid}.part; mv {pid}.part {pid}; exec sleep 300",
                      "tests/stages/10-a": f"while [ ! -e {pid} ]; do sleep 0.02; done; echo '1 passed, 0 failed, 0 skipped'",
                      "tests/stages/20-b": "echo '1 passed, 0 failed, 0 skipped'"}
            self.assert_ends(self.run_stages(stages), "2 passed, 0 failed, 0 skipped", 0)
            status = pathlib.Path("/proc", pid.read_text().strip(), "stat")
            deadline = time.monotonic() + 10
            while status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z":
                self.assertLess(time.monotonic(), deadline, "it still runs")
                time.sleep(0.02)

    def test_named_stages_build_nothing_ahead(self):
        with tempfile.TemporaryDirectory() as folder:
            trace = pathlib.Path(folder) / "trace"
            stages = {"tests/support/build_ahead": f"touch {trace}",
                      "tests/stages/10-a": "sleep 0.5; echo '1 passed, 0 failed, 0 skipped'"}
            self.assert_ends(self.run_stages(stages, arguments=["a"]), "1 passed, 0 failed, 0 skipped", 0)
            self.assertFalse(trace.exists())


class Ahead(unittest.TestCase):
    """What builds ahead, and the lock that it and the stages share, over a forged cmake."""

    CMAKE = """#!/usr/bin/env bash
echo "begin $*" >> log
mkdir -p build/x; touch build/x/build.ninja
[[ $* != *slow* ]] || sleep 0.7
[[ $* != *slow* ]] || ps -o cls= -p $$ >> classes
echo "end $*" >> log
"""

    def test_a_stage_waits_for_the_step_in_progress_and_not_for_the_next(self):
        with tempfile.TemporaryDirectory() as folder:
            tree = pathlib.Path(folder)
            (tree / "tests/support").mkdir(parents=True)
            (tree / "tests/stages").mkdir()
            (tree / "bin").mkdir()
            for name, text in {"tests/support/build": (ROOT / "tests/support/build").read_text(),
                               "tests/support/build_ahead": (ROOT / "tests/support/build_ahead").read_text(),
                               "tests/stages/10-a": "#!/usr/bin/env bash\ncd \"$(dirname \"$0\")/../..\"\n"
                                                    "tests/support/build x slow1\ntests/support/build x slow2\n"
                                                    "[[ ${1:-} != --build ]] || exit 0\ntouch ran\n",
                               "tests/stages/20-b": "#!/usr/bin/env bash\ntouch ran\n",
                               "bin/cmake": self.CMAKE}.items():
                (tree / name).write_text(text)
                (tree / name).chmod(0o755)
            environment = {"PATH": f"{tree / 'bin'}:/usr/bin:/bin"}
            with subprocess.Popen(["chrt", "--idle", "0", tree / "tests/support/build_ahead"], env=environment) as ahead:
                log = tree / "log"
                deadline = time.monotonic() + 10
                while not log.exists() or "slow1" not in log.read_text():
                    self.assertLess(time.monotonic(), deadline)
                    time.sleep(0.02)
                run([tree / "tests/support/build", "x", "mine"], env=environment)
                ahead.wait()
            steps = [line.split(" -- ")[0] for line in log.read_text().splitlines() if "--build" in line]
            self.assertEqual(steps, [f"{edge} --build build/x --target {target}"
                                     for target in ("slow1", "mine", "slow2") for edge in ("begin", "end")])
            self.assertFalse((tree / "ran").exists(), "a stage ran, too")
            if os.geteuid() == 0:  # what somebody waits for is built in a hurry, the next step is not
                self.assertEqual((tree / "classes").read_text().split(), ["TS", "IDL"])


if __name__ == "__main__":
    unittest.main()
