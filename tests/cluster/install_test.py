"""`cmake --install`: both programs on a PATH, and nothing of the build folder is needed to run them."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from harness.node import clean_environment
from harness.paths import BUILD


class Install(unittest.TestCase):
    def test_puts_both_programs_on_the_path(self):
        with tempfile.TemporaryDirectory() as place:
            subprocess.run(["cmake", "--install", str(BUILD), "--prefix", place], check=True, capture_output=True)
            environment = {**clean_environment(), "PATH": f"{place}/bin:{os.environ['PATH']}"}

            def run(*command):
                return subprocess.run(command, env=environment, cwd=place, capture_output=True, text=True, timeout=30)

            for program in ("danwad", "danwa"):
                self.assertTrue(run("which", program).stdout.startswith(place))
                self.assertRegex(run(program, "--version").stdout, rf"^{program} \d+\.\d+\.\d+\n$")
            self.assertTrue((pathlib.Path(place) / "share/danwa/danwa.toml").is_file())
            database = f"{place}/danwa.db"
            made = run("danwa", "migrate", "--set", f"database.master=sqlite:{database}")
            self.assertEqual(made.returncode, 0, made.stderr)
            self.assertTrue(os.path.exists(database))


if __name__ == "__main__":
    unittest.main()
