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


def crowd_that_comes_back(nodes):
    """10,000 watchers of 100 conversations leave and come back, 256 at a time; its exit status and its JSON result."""
    status, result = bench(nodes, "--watchers", "10000", "--conversations", "100", "--posters", "8", "--posts", "2000",
                           "--reconnect", "256")
    print(json.dumps(result.get("reconnect")))
    return status, result
