"""Order and completeness under load, slow readers, vanishing readers."""

import asyncio
import json
import unittest

from harness import http
from harness.bench import bench
from harness.cluster import running
from harness.waiting import until
from harness.websocket import Watcher


class UnderLoad(unittest.IsolatedAsyncioTestCase):
    async def test_200_watchers_of_20_conversations_see_10000_comments_once_and_in_order(self):
        async with running() as cluster:
            status, result = await asyncio.to_thread(
                bench, cluster.nodes, "--watchers", "200", "--conversations", "20", "--posters", "8",
                "--posts", "10000")
            print(json.dumps(result))
            self.assertEqual(status, 0, result)


class SlowReader(unittest.IsolatedAsyncioTestCase):
    async def overflow(self, node, delivery):
        """A watcher that reads nothing until updates slid out of its buffer; then all its frames."""
        watcher = await Watcher(node.port, "room", receive_buffer=4096, delivery=delivery, after=0).open()
        before = (await node.metrics())["danwa_ring_drops_total"]
        text = "x" * 3900
        connection = await http.Connection(node.port).open()
        posted = 0
        while (await node.metrics())["danwa_ring_drops_total"] < before + 20:
            self.assertLess(posted, 3000, "the drop counter does not rise")
            for _ in range(50):
                answer = await connection.request("POST", "/v1/comments",
                                                  {"content": text, "conversationKey": "room"}, http.bearer("u"))
                self.assertEqual(answer.status, 201)
                posted += 1
        connection.close()
        frames = await watcher.collect(posted, 60)
        watcher.vanish()
        return posted, frames

    async def test_complete_reads_on_and_gets_all_in_order(self):
        async with running(size=1) as cluster:
            posted, frames = await self.overflow(cluster.nodes[0], "complete")
            self.assertEqual([frame["payload"]["seq"] for frame in frames], list(range(1, posted + 1)))

    async def test_latest_reads_on_and_ranges_plus_received_are_all(self):
        async with running(size=1) as cluster:
            posted, frames = await self.overflow(cluster.nodes[0], "latest")
            told = []
            for frame in frames:
                if frame["type"] == "updates-missed":
                    told += range(frame["payload"]["fromSeq"], frame["payload"]["toSeq"] + 1)
                else:
                    told.append(frame["payload"]["seq"])
            self.assertEqual(told, list(range(1, posted + 1)))
            self.assertTrue(any(frame["type"] == "updates-missed" for frame in frames))


class Vanishing(unittest.IsolatedAsyncioTestCase):
    mostly_waits = True

    GAUGES = ("danwa_sockets", "danwa_websockets", "danwa_subscriber_actors", "danwa_router_entries")

    async def gauges(self, node):
        figures = await node.metrics()
        return {name: figures[name] for name in self.GAUGES}

    async def at_rest(self, node):
        """The figures, when no earlier connection is counted any more."""
        figures = await self.gauges(node)
        return figures if figures["danwa_sockets"] == 1 else None

    async def test_1000_watchers_that_vanish_leave_nothing_behind(self):
        async with running(size=1) as cluster:
            node = cluster.nodes[0]
            before = await until(lambda: self.at_rest(node), 5, "no connection but the one that asks")
            resident = []
            for _ in range(5):
                watchers = []
                for i in range(1000):
                    watchers.append(await Watcher(node.port, f"room-{i % 50}").open())
                await http.post(node.port, "to some of them", "room-7")
                for i, watcher in enumerate(watchers):
                    if i % 2:
                        watcher.vanish()
                await asyncio.gather(*(watcher.close() for i, watcher in enumerate(watchers) if i % 2 == 0))

                async def as_before():
                    return await self.gauges(node) == before

                await until(as_before, 15, "every figure is back")
                resident.append(node.resident_kib())
            print("resident KiB after each round:", resident)
            self.assertLess(resident[4] - resident[1], 2048)
