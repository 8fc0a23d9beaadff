"""gRPC through HAProxy, which ends a stream that is silent for `timeout server`."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
import unittest

from harness.chat_rpc import Chat
from harness.cluster import running
from harness.ports import free_port
from harness.waiting import until

SILENCE = 2  # seconds; HAProxy's usual ones are 50
CONFIGURATION = """
defaults
  mode http
  timeout connect 2s
  timeout client {silence}s
  timeout server {silence}s
listen grpc
  bind 127.0.0.1:{port} proto h2
  server node {node} proto h2
"""


@contextlib.asynccontextmanager
async def haproxy(node):
    with tempfile.TemporaryDirectory(prefix="danwa-test-") as directory:
        port = free_port()
        path = os.path.join(directory, "haproxy.cfg")
        with open(path, "w") as file:
            file.write(CONFIGURATION.format(silence=SILENCE, port=port, node=node))
        process = subprocess.Popen(["haproxy", "-db", "-f", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        async def listens():
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return False
            writer.close()
            return True

        try:
            await until(listens, 10, "HAProxy listens")
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


class SilentStreams(unittest.IsolatedAsyncioTestCase):
    async def test_a_stream_that_asks_for_heartbeats_outlives_the_proxys_patience(self):
        if not shutil.which("haproxy"):
            if os.environ.get("CI") == "true":
                self.fail("needs haproxy")
            self.skipTest("needs haproxy")
        async with running(size=1, settings={"grpc.listen": "127.0.0.1:0"}) as cluster:
            async with haproxy(cluster.nodes[0].grpc) as address:
                silent = await Chat(address, "ann", "room").open()
                beating = await Chat(address, "bob", "room", danwa_heartbeat="1").open()
                watching = await Chat(address, "cid", watch={1: "room", 4: 1}).open()
                self.assertIsNotNone(await silent.ended(2 * SILENCE + 2), "HAProxy has no patience")
                for chat in (beating, watching):
                    for _ in range(SILENCE + 1):
                        told = await chat.next(3)
                        while told.kind == "presence-changed":
                            told = await chat.next(3)
                        self.assertEqual(told.kind, "heartbeat")
                await beating.send("still here")
                for chat in (beating, watching):
                    told = await chat.next(3)
                    while told.kind in ("heartbeat", "presence-changed"):
                        told = await chat.next(3)
                    self.assertEqual(told.message, "still here")

    async def test_a_heartbeat_that_is_no_number_of_seconds_is_refused(self):
        async with running(size=1, settings={"grpc.listen": "127.0.0.1:0"}) as cluster:
            for wrong in ("0", "often", "3601"):
                end = await Chat(cluster.nodes[0].grpc, "ann", danwa_heartbeat=wrong).ended()
                self.assertEqual(end.code().name, "INVALID_ARGUMENT")
                self.assertIn("heartbeat-invalid", end.details())


if __name__ == "__main__":
    unittest.main()
