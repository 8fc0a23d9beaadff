"""What is measured: the floor server and danwad, each started afresh for one measurement."""

import contextlib
import os
import subprocess
import tempfile

from harness.cluster import running
from harness.over_postgres import over_postgres
from harness.paths import DANWAD, ROOT
from harness.waiting import until

FLOOR = ROOT / "build" / "fast" / "tests" / "danwa_floor_server"
TICKS = os.sysconf("SC_CLK_TCK")


class Servers:
    """Running processes: HTTP addresses and process ids; those of database servers, whose children count as well."""

    def __init__(self, addresses, pids, databases=()):
        self.addresses = addresses
        self.pids = pids
        self.databases = databases

    def cpu_seconds(self):
        """User and system time of all processes so far."""
        return sum(cpu_seconds(pid) for pid in self.pids)

    def database_seconds(self):
        """The same of the database servers; 0 when the database is inside the nodes."""
        return sum(cpu_seconds(pid) for root in self.databases for pid in [root, *children(root)])


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as told:
        return [int(child) for child in told.read().split()]


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()  # behind the name, which may hold anything
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextlib.asynccontextmanager
async def floor(*arguments):
    """The floor server, for the length of a `with` block."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([str(FLOOR), *arguments], stdout=output, stdin=subprocess.DEVNULL)
        try:
            def address():
                output.seek(0)
                said = output.read().decode()
                return said.endswith("\n") and said.split()[-1]

            yield Servers([await until(address, 10, "the floor server listens")], [process.pid])
        finally:
            process.kill()
            process.wait()


@contextlib.asynccontextmanager
async def two_floors():
    """Two floor servers that send each other their posts."""
    async with floor() as first, floor("--link", first.addresses[0].rsplit(":", 1)[1]) as second:
        yield Servers(first.addresses + second.addresses, first.pids + second.pids)


@contextlib.asynccontextmanager
async def danwad(size, directory, program=DANWAD):
    """`size` nodes on one database in a new folder below `directory`. They take the longest comments there are.
    A single node has a bus as well: without one it publishes nothing, and watchers wait for the next poll of the log."""
    with tempfile.TemporaryDirectory(prefix="danwa-ratios-", dir=directory) as folder:
        options = {"size": size, "bus": "caf", "directory": folder, "program": program}
        async with running(settings={"limits.content_max": "10000"}, **options) as cluster:
            yield Servers([node.http for node in cluster.nodes], [node.pid for node in cluster.nodes])


@contextlib.asynccontextmanager
async def danwad_on_postgres(size, directory, **servers):
    """`size` nodes on one PostgreSQL, which keeps what it has committed through a power cut."""
    options = {"size": size, "bus": "caf", "durable": True, "directory": directory, **servers}
    async with over_postgres(**options) as (cluster, postgres):
        databases = [server.process.pid for server in (postgres.primary, postgres.standby) if server]
        yield Servers([node.http for node in cluster.nodes], [node.pid for node in cluster.nodes], databases)


FLOORS = {"floor": floor, "gathering floor": lambda: floor("--gather"), "two floors": two_floors}
