"""Database hosts that are given by name, whose name server has gone silent."""

import contextlib
import os
import socket
import tempfile
import time
import unittest

from harness import http
from harness.cluster import running
from harness.postgres import DATABASE, USER, postgres_servers
from harness.websocket import Watcher

NAME_SERVER = "127.53.53.53"


@contextlib.contextmanager
def silent_name_server():
    """How to start a program whose name server hears everything and says nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as resolver, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((NAME_SERVER, 53))
        resolver.write(f"nameserver {NAME_SERVER}\noptions timeout:20 attempts:1\n")
        resolver.flush()
        script = f"mount --bind {resolver.name} /etc/resolv.conf && exec \"$@\""
        yield server, ["unshare", "--mount", "--propagation", "slave", "sh", "-c", script, "sh"]


class Names(unittest.IsolatedAsyncioTestCase):
    async def test_a_server_is_found_by_its_name_whichever_of_its_addresses_answers(self):
        async with postgres_servers() as postgres:
            url = f"postgres://{USER}@localhost:{postgres.primary.port}/{DATABASE}"  # serves 127.0.0.1, not ::1
            async with running(size=1, bus="none", settings={"database.master": url,
                                                             "database.replica": url}) as cluster:
                node = cluster.nodes[0]
                self.assertEqual((await http.post(node.port, "text", "room")).status, 201)
                self.assertEqual(len(await http.read_log(node.port, "room")), 1)


class SilentNameServer(unittest.IsolatedAsyncioTestCase):
    mostly_waits = True

    @unittest.skipUnless(os.geteuid() == 0, "needs root for a name server of its own")
    async def test_a_replica_that_cannot_be_looked_up_holds_up_nobody(self):
        with silent_name_server() as (names, prefix):
            async with postgres_servers() as postgres, \
                    running(size=1, bus="none", settings={
                        "database.master": f"postgres://{USER}@127.0.0.1:{postgres.primary.port}/{DATABASE}",
                        "database.replica": f"postgres://{USER}@replica.test:{postgres.primary.port}/{DATABASE}",
                    }, prefix=prefix) as cluster:
                node = cluster.nodes[0]
                watcher = await Watcher(node.port, "room").open()
                names.settimeout(20)
                self.assertIn(b"replica", names.recv(4096))
                slowest = 0  # over several attempts to connect to the replica; the tail finds each within 200 ms
                for i in range(1, 26):
                    start = time.monotonic()
                    self.assertEqual((await http.post(node.port, f"text {i}", "room")).status, 201)
                    self.assertEqual((await watcher.next(2))["payload"]["seq"], i)
                    slowest = max(slowest, time.monotonic() - start)
                self.assertLess(slowest, 1)
                start = time.monotonic()
                self.assertEqual(await node.terminate(), 0)
                self.assertLess(time.monotonic() - start, 8)


if __name__ == "__main__":
    unittest.main()
