"""Where the programs under test are."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("DANWA_TEST_BUILD", ROOT / "build" / "release"))
DANWAD = BUILD / "danwad"
DANWA = BUILD / "danwa"
# A program of the tests: a build that ships has none, then it is the one of the preset dev.
CHECK = BUILD / "danwa_check"
if not CHECK.exists():
    CHECK = ROOT / "build" / "dev" / "danwa_check"
