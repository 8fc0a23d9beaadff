"""`danwa bench` against running nodes."""

import json
import subprocess

from .paths import DANWA


def bench(nodes, *arguments, timeout=180):
    """Its exit status and its JSON result."""
    command = [str(DANWA), "bench"]
    for node in nodes:
        command += ["--node", node.http]
    done = subprocess.run(command + list(arguments), capture_output=True, timeout=timeout, check=False)
    lines = done.stdout.decode().strip().splitlines()
    assert lines, done.stderr.decode()[-2000:]
    return done.returncode, json.loads(done.stdout.decode()[done.stdout.decode().index("{"):])
