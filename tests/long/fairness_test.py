"""A conversation with very many watchers takes no time from the others."""

import asyncio
import statistics
import unittest

from harness.bench import bench
from harness.cluster import running
from harness.waiting import until

WATCHERS = 10_000
ROUNDS = 3
QUIET_P99_US = 20_000


class Fairness(unittest.IsolatedAsyncioTestCase):
    async def quiet_p99(self, *crowd):
        """Microseconds from a post to its watcher in 100 quiet conversations, beside a crowd at full speed."""
        async with running(size=1) as cluster:
            node = cluster.nodes[0]
            load = asyncio.create_task(asyncio.to_thread(
                bench, cluster.nodes, "--watchers", str(WATCHERS), "--conversations", "1", "--posters", "4",
                "--seconds", "12", "--settle", "100", *crowd))

            async def fans_out():
                return (await node.metrics())["danwa_frames_delivered_total"] > 5 * WATCHERS

            await until(fans_out, 60, "a fan-out")
            status, quiet = await asyncio.to_thread(
                bench, cluster.nodes, "--watchers", "100", "--conversations", "100", "--posters", "4",
                "--rate", "100", "--seconds", "5")
            self.assertEqual(status, 0, quiet)
            self.assertFalse(load.done(), "the crowd was not there to the end")
            status, result = await load
            self.assertEqual(status, 0, result)
            return quiet["deliveries"]["send_to_socket_us"]["p99"]

    async def quiet_ones_keep_their_time(self, *crowd):
        p99 = [await self.quiet_p99(*crowd) for _ in range(ROUNDS)]
        print(f"p99 of 100 quiet conversations, us: {p99}")
        self.assertLess(statistics.median(p99), QUIET_P99_US)

    async def test_10000_watchers_that_get_all_at_once_leave_100_quiet_conversations_their_time(self):
        await self.quiet_ones_keep_their_time("--in-flight", "16")

    async def test_posts_faster_than_10000_watchers_can_read_leave_100_quiet_conversations_their_time(self):
        await self.quiet_ones_keep_their_time()


if __name__ == "__main__":
    unittest.main()
