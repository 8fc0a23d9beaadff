"""Exploration and simulation notice every fault made by hand in the delivery classes (tests/support/run_mutants.py)."""

import subprocess
import unittest

from harness.paths import ROOT


class Mutants(unittest.TestCase):
    def test_none_survives(self):
        support = ROOT / "tests/support"
        subprocess.run([support / "build", "fast", "danwa_exploration", "danwa_simulation"], check=True)
        done = subprocess.run([support / "run_mutants.py", ROOT / "build/fast"], check=False)
        self.assertEqual(done.returncode, 0)
