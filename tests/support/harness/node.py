"""One danwad process."""

import asyncio
import json
import os
import signal
import subprocess

from . import http
from .paths import DANWAD
from .ports import free_port
from .waiting import stop_whole, until


def clean_environment():
    """This process's environment without the names that danwad would take for settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DANWA_")}


class Node:
    """Starts danwad with `settings` (key -> value) and reads its addresses from its log; for the port 0 it has
    one that is its own over restarts."""

    def __init__(self, name, settings, log_path, environment=None, prefix=(), program=DANWAD):
        self.name = name
        self.settings = {key: f"127.0.0.1:{free_port()}" if value == "127.0.0.1:0" else value
                         for key, value in settings.items()}
        self.log_path = log_path
        self.environment = environment or {}
        self.prefix = list(prefix)
        self.program = program
        self.folder = None  # where it is started
        self.arguments = []  # more of them
        self.process = None
        self.http = None
        self.cluster = None
        self.grpc = None

    async def start(self, seconds=15):
        command = self.prefix + [str(self.program), *self.arguments, "--set", f"node.name={self.name}"]
        for key, value in self.settings.items():
            command += ["--set", f"{key}={value}"]
        offset = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder,
                env={**clean_environment(), **self.environment})
        started = await until(lambda: self._started_line(offset), seconds, f"{self.name} starts")
        self.http = started["http"]
        self.cluster = started.get("cluster") or None
        self.grpc = started.get("grpc") or None
        return self

    def _started_line(self, offset):
        if self.process.poll() is not None:
            with open(self.log_path, errors="replace") as log:
                log.seek(offset)
                raise AssertionError(f"{self.name} ended with {self.process.returncode}: {log.read()[-2000:]}")
        with open(self.log_path, "rb") as log:
            log.seek(offset)
            for line in log:
                if line.endswith(b"\n") and b'"node.started"' in line:
                    return json.loads(line)
        return None

    def logged(self, event):
        """The lines of its log for `event`, as they were written."""
        with open(self.log_path, errors="replace") as log:
            lines = [json.loads(line) for line in log if line.startswith("{")]
        return [line for line in lines if event in line.values()]

    @property
    def pid(self):
        return self.process.pid

    @property
    def host(self):
        """Where its port is; a name has this address among others."""
        host = self.http.rsplit(":", 1)[0]
        return host if host.startswith("127.") else "127.0.0.1"

    @property
    def port(self):
        return int(self.http.rsplit(":", 1)[1])

    @property
    def cluster_port(self):
        return int(self.cluster.rsplit(":", 1)[1])

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        if self.alive:
            self.process.send_signal(number)

    def kill(self):
        """SIGKILL: nothing is finished, nothing is flushed."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def pause(self):
        stop_whole(self.pid)

    def resume(self):
        self.signal(signal.SIGCONT)

    async def terminate(self, seconds=20):
        """SIGTERM and the exit status."""
        self.signal(signal.SIGTERM)
        await until(lambda: self.process.poll() is not None, seconds, f"{self.name} drains")
        return self.process.returncode

    def resident_kib(self):
        with open(f"/proc/{self.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        raise AssertionError("no VmRSS")

    async def metrics(self):
        """Every figure of /metrics without labels: name -> value."""
        answer = await http.request(self.port, "GET", "/metrics", host=self.host)
        figures = {}
        for line in answer.body.decode().splitlines():
            if line and not line.startswith("#") and "{" not in line:
                name, value = line.split()[:2]
                figures[name] = float(value)
        return figures

    async def ready(self):
        try:
            return (await http.request(self.port, "GET", "/readyz", timeout=2, host=self.host)).status == 200
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
            return False
