"""Where the programs under test are."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("DANWA_TEST_BUILD", ROOT / "build" / "release"))
DANWAD = BUILD / "danwad"
DANWA = BUILD / "danwa"
CHECK = BUILD / "danwa_check"
