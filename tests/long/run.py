#!/usr/bin/env python3
"""Long runs, for `tests/run --long`. Arguments select tests by a part of their name."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

os.environ["DANWA_TEST_LONG"] = "1"  # also by hand: no test of 10 minutes is taken for one that hangs

from harness import runner  # noqa: E402

sys.exit(runner.run(pathlib.Path(__file__).parent))
