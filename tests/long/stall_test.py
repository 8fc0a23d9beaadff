"""Readers who stop for a while: the others do not notice, the node stays small, and nobody loses a thing."""

import asyncio
import statistics
import unittest

from harness.bench import bench
from harness.cluster import running

READERS = 1000
STALLED = 100
SECONDS = 20
ROUNDS = 5
MIB = 1024  # KiB


async def largest(node, task):
    """KiB that the node had resident at most until `task` was done."""
    most = 0
    while not task.done():
        most = max(most, node.resident_kib())
        await asyncio.sleep(0.1)
    return most


class Stalled(unittest.IsolatedAsyncioTestCase):
    async def run_with(self, stalled):
        """The result of a load on a fresh node, and the most memory of that node."""
        async with running(size=1, settings={"limits.content_max": "8192"}) as cluster:
            node = cluster.nodes[0]
            load = asyncio.create_task(asyncio.to_thread(
                bench, cluster.nodes, "--watchers", str(READERS), "--posters", "8", "--rate", "20", "--seconds",
                str(SECONDS), "--text-size", "8192", "--settle", "30", "--stall", str(stalled)))
            resident = await largest(node, load)
            status, result = await load
            self.assertEqual(status, 0, "one was cut or lost something: " + str(result))
            self.assertEqual(result["deliveries"]["count"], READERS * result["posts"]["acknowledged"])
            drops = (await node.metrics())["danwa_ring_drops_total"]
            self.assertEqual(drops > 0, stalled > 0, "updates slide out of the buffers of those who do not read")
            return result["deliveries"], resident

    async def test_100_of_1000_readers_stop_for_20_seconds_and_the_others_do_not_notice(self):
        p99, resident = {0: [], STALLED: []}, {0: [], STALLED: []}
        for _ in range(ROUNDS):
            for stalled in (0, STALLED):
                deliveries, kib = await self.run_with(stalled)
                p99[stalled].append(deliveries["send_to_socket_us"]["p99"])
                resident[stalled].append(kib)
                waited = deliveries["stalled_send_to_socket_us"]["max"] / 1e6
                self.assertEqual(waited > SECONDS * 0.9, stalled > 0, f"they read on after {waited} s")
        print(f"p99 of the others, us: {p99}; most memory, KiB: {resident}")
        without, beside = (statistics.median(p99[stalled]) for stalled in (0, STALLED))
        self.assertLessEqual(beside, 1.3 * without)
        self.assertLessEqual(max(resident[STALLED]) - min(resident[0]), 64 * MIB)


if __name__ == "__main__":
    unittest.main()
