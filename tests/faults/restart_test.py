"""A rolling restart under load: three nodes drain and come back one by one; nothing is lost or repeated."""

import asyncio
import unittest

from harness.cluster import running
from harness.load import Load, MovingWatcher, check_log
from harness.waiting import ended

CONVERSATIONS = [f"rolling-{i}" for i in range(4)]


class RollingRestart(unittest.IsolatedAsyncioTestCase):
    async def test_three_nodes_restarted_one_by_one_lose_and_repeat_nothing(self):
        async with running(settings={"http.drain_window_ms": 1000}) as cluster:
            load = Load(cluster.nodes, CONVERSATIONS)
            watchers = [MovingWatcher(cluster.nodes, conversation) for conversation in CONVERSATIONS for _ in range(5)]
            tasks = [asyncio.create_task(watcher.run()) for watcher in watchers]

            async def restart_all():
                for node in cluster.nodes:
                    before = len(load.acknowledged)
                    self.assertEqual(await node.terminate(20), 0, "drained")
                    await node.start()
                    await cluster.meshed()
                    self.assertGreater(len(load.acknowledged), before, "the others serve on")

            await load.run(restart_all)
            for watcher in watchers:
                await watcher.saw_all(await check_log(self, cluster.nodes[0].port, load, watcher.conversation))
            self.assertGreater(sum(watcher.moves for watcher in watchers), 0)
            for task in tasks:
                self.assertFalse(task.done(), "a watcher failed")
            await ended(*tasks)
            print(f"{len(load.acknowledged)} acknowledged")
