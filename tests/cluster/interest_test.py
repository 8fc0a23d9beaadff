"""An update goes to the nodes through which somebody watches, and costs the others next to nothing."""

import asyncio
import pathlib
import unittest

from harness.bench import bench
from harness.cluster import running

NODES = 8
RATE = 500  # posts a second
SECONDS = 8


def cpu_ns(node):
    """CPU time of all threads of the node."""
    total = 0
    for thread in pathlib.Path(f"/proc/{node.pid}/task").iterdir():
        total += int((thread / "schedstat").read_text().split()[0])
    return total


class Interest(unittest.IsolatedAsyncioTestCase):
    async def test_six_of_eight_nodes_take_no_part_in_a_conversation_of_two(self):
        async with running(size=NODES) as cluster:
            two, others = cluster.nodes[:2], cluster.nodes[2:]
            before = [cpu_ns(node) for node in others]
            await asyncio.sleep(SECONDS)
            idle = [cpu_ns(node) - cpu for node, cpu in zip(others, before)]
            heard = [(await node.metrics())["danwa_bus_events_in_total"] for node in others]
            before = [cpu_ns(node) for node in others]
            status, result = await asyncio.to_thread(
                bench, two, "--watchers", "2", "--conversations", "1", "--posters", "4", "--rate", str(RATE),
                "--seconds", str(SECONDS), "--post-to-first", "--settle", "2")
            self.assertEqual(status, 0, result)
            posts = result["posts"]["acknowledged"]
            self.assertGreater(posts, RATE * SECONDS * 0.9)
            spent = [(cpu_ns(node) - cpu - still) / 1000 / posts for node, cpu, still in zip(others, before, idle)]
            print("us of CPU a post on a node that nobody watches through:", [round(us, 1) for us in spent])
            for node, events in zip(others, heard):
                self.assertEqual((await node.metrics())["danwa_bus_events_in_total"], events, node.name)
            self.assertGreaterEqual((await two[1].metrics())["danwa_bus_events_in_total"], posts * 0.9)
            self.assertLess(sorted(spent)[len(spent) // 2], 10, "at most 10 us of CPU a post")
