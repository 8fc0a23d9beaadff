"""What a stranger can do at the cluster port: nothing."""

import asyncio
import os
import struct
import time
import unittest

from harness import http
from harness.cluster import running
from harness.node import Node
from harness.websocket import Watcher

# CAF's BASP: a client_handshake header with payload length 0 (32 bytes), and one that claims 4 GiB.
BASP_EMPTY = bytes([1, 0, 0, 0]) + bytes(28)
BASP_HUGE = bytes([1, 0, 0, 0]) + struct.pack("!I", 0xFFFFFFFF) + bytes(24)


class ClusterPort(unittest.IsolatedAsyncioTestCase):
    async def check_unharmed(self, cluster):
        watchers = [await Watcher(node.port, "after").open() for node in cluster.nodes]
        answer = await http.post(cluster.nodes[0].port, "still here", "after")
        self.assertEqual(answer.status, 201)
        for watcher in watchers:
            await watcher.collect(answer.json()["seq"], 5)
            watcher.vanish()
        for node in cluster.nodes:
            self.assertEqual((await node.metrics())["danwa_cluster_peers"], len(cluster.nodes) - 1)

    async def test_garbage_crash_packets_and_huge_lengths_are_refused_within_5_seconds(self):
        async with running() as cluster:
            target = cluster.nodes[0]
            before = target.resident_kib()
            for packet in (os.urandom(4096), BASP_EMPTY, BASP_HUGE, b"\xff" * 64, b"GET / HTTP/1.1\r\n\r\n", b"\0"):
                started = time.monotonic()
                _, closed = await http.raw(target.cluster_port, packet, timeout=6)
                self.assertTrue(closed, packet[:40])
                self.assertLess(time.monotonic() - started, 5)
            self.assertLess(target.resident_kib() - before, 16 * 1024)
            await self.check_unharmed(cluster)

    async def test_200_idle_connections_are_closed_within_5_seconds(self):
        async with running() as cluster:
            target = cluster.nodes[0]
            before = target.resident_kib()
            started = time.monotonic()
            answers = await asyncio.gather(*(http.raw(target.cluster_port, b"", timeout=6) for _ in range(200)))
            self.assertTrue(all(closed for _, closed in answers))
            self.assertLess(time.monotonic() - started, 5.5)
            self.assertLess(target.resident_kib() - before, 16 * 1024)
            await self.check_unharmed(cluster)

    async def test_a_peer_with_a_wrong_secret_stays_outside(self):
        async with running() as cluster:
            stranger = Node("stranger", {**cluster.nodes[0].settings, "http.listen": "127.0.0.1:0",
                                         "cluster.listen": "127.0.0.1:0", "cluster.secret": "another secret",
                                         "cluster.seeds": cluster.nodes[0].cluster},
                            os.path.join(cluster.directory, "stranger.log"))
            refused = (await cluster.nodes[0].metrics())["danwa_cluster_refused_total"]
            try:
                await stranger.start()
                await asyncio.sleep(3)  # some dials long
                self.assertEqual((await stranger.metrics())["danwa_cluster_peers"], 0)
                self.assertGreater((await cluster.nodes[0].metrics())["danwa_cluster_refused_total"], refused)
            finally:
                stranger.kill()
            await self.check_unharmed(cluster)
