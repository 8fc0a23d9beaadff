"""danwad as an operator calls it."""

import subprocess

from .node import clean_environment
from .paths import DANWAD


def danwad(database, *command, program=DANWAD):
    """Exit status and what was printed."""
    done = subprocess.run([program, *command, "--set", f"database.master={database}"], capture_output=True, text=True,
                          timeout=60, env=clean_environment())
    return done.returncode, done.stdout + done.stderr
