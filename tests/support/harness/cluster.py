"""Three nodes on one SQLite file; with DANWA_TEST_DATABASE=postgres on a PostgreSQL server of their own."""

import contextlib
import os
import shutil
import tempfile

from .node import Node
from .paths import DANWAD
from .postgres import postgres_servers
from .waiting import until

OVER_POSTGRES = os.environ.get("DANWA_TEST_DATABASE") == "postgres"


class Cluster:
    """`size` nodes over loopback; node i dials the ones before it."""

    def __init__(self, size=3, settings=None, per_node=None, directory=None, bus="caf", prefix=(),
                 prefixes=None, program=DANWAD):
        self.size = size
        self.settings = settings or {}
        self.per_node = per_node or {}
        self.owns_directory = directory is None
        self.directory = directory or tempfile.mkdtemp(prefix="danwa-test-")
        self.bus = bus
        self.prefix = prefix  # of the command that starts a node
        self.prefixes = prefixes or {}  # of single ones, by number
        self.program = program
        self.nodes = []
        self.resources = contextlib.AsyncExitStack()  # ends behind the nodes

    async def start(self):
        if OVER_POSTGRES and "database.master" not in self.settings:
            servers = await self.resources.enter_async_context(postgres_servers())
            self.settings = {**servers.settings, **self.settings}
        for i in range(self.size):
            node = self.make_node(i)
            self.nodes.append(node)
            await node.start()
        await self.meshed()
        return self

    def make_node(self, i):
        path = os.path.join(self.directory, "danwa.db")
        settings = {"http.listen": "127.0.0.1:0", "database.master": f"sqlite:{path}",
                    "database.replica": f"sqlite:{path}", "auth.mode": "development", "bus": self.bus,
                    "log.format": "json"}
        if self.bus == "caf":
            settings["cluster.listen"] = "127.0.0.1:0"
            settings["cluster.secret"] = "a secret of the tests"
            settings["cluster.seeds"] = " ".join(node.cluster for node in self.nodes)
        settings.update(self.settings)
        settings.update(self.per_node.get(i, {}))
        return Node(f"node-{i + 1}", settings, os.path.join(self.directory, f"node-{i + 1}.log"),
                    prefix=self.prefixes.get(i, self.prefix), program=self.program)

    async def meshed(self, seconds=15):
        """Every living node sees every other."""
        if self.bus != "caf":
            return
        living = [node for node in self.nodes if node.alive]

        async def all_linked():
            for node in living:
                if (await node.metrics()).get("danwa_cluster_peers") != len(living) - 1:
                    return False
            return True

        await until(all_linked, seconds, "full mesh")

    async def stop(self):
        for node in self.nodes:
            if node.alive:
                node.resume()
                node.kill()
        await self.resources.aclose()
        if self.owns_directory:
            shutil.rmtree(self.directory, ignore_errors=True)


@contextlib.asynccontextmanager
async def running(**options):
    """A cluster for the length of a `with` block."""
    cluster = Cluster(**options)
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.stop()
